/* SPDX-License-Identifier: BSD-2-Clause */
/* RACK: loss seen by time, with room for reordering (RFC 8985 5 and 6). */
#ifndef HF_TCP_TX_RACK_H
#define HF_TCP_TX_RACK_H

#include "tcp/tx/sent.h"

/*
 * Theory of operation
 *
 * What was delivered last, of all in the order of sending, sets the clock: a segment that was sent
 * before it, and whose answer is late by more than the reordering window, is lost. That holds for
 * first transmissions and for retransmissions alike, so that a lost retransmission is found too.
 * The window is a quarter of the smallest RTT, grows with each round trip in which the peer
 * reports that something was sent again needlessly (DSACK), and falls back after 16 recoveries;
 * as long as the path was never seen to reorder it is zero in a recovery and past DupThresh.
 *
 * Pure: what is asked of the segments in flight is asked one by one, in the order of sending.
 */

/** Where RACK stands on what is in flight. */
typedef struct hf_rack {
	hf_time sent_at;     /**< RACK.xmit_ts */
	hf_ns rtt;           /**< RACK.rtt */
	hf_seq end;          /**< RACK.end_seq */
	hf_seq fack;         /**< RACK.fack: the highest that was delivered */
	hf_seq dsack_round;  /**< RACK.dsack_round */
	bool is_known;       /**< something was delivered: the first three mean something */
	bool in_dsack_round; /**< the window has grown already in this round trip */
	/* Of the acknowledgement that is being looked at: what was sent last of all it covers. */
	bool has_newest;
	bool has_late; /**< it covers something that was overtaken: that counts once */
	hf_seq newest_end;
	hf_time newest_at;
	hf_seq highest; /**< what fack will be */
} hf_rack;

/** What is learnt about reordering on the path; outlives what is in flight. All zero at first. */
typedef struct hf_reordering {
	bool seen;        /**< RACK.reordering_seen */
	uint8_t extra;    /**< RACK.reo_wnd_mult less one */
	uint8_t persist;  /**< RACK.reo_wnd_persist: recoveries until `extra` is forgotten */
	uint16_t degree;  /**< how far a segment was seen to be overtaken, in segments; 0: never */
	uint32_t counted; /**< acknowledgements that showed it */
} hf_reordering;

/** What an acknowledgement brings besides sequence numbers. */
typedef struct hf_rack_ack {
	hf_time now;
	hf_ns min_rtt;    /**< 0: not known */
	uint16_t mss;     /**< octets, for hf_reordering.degree */
	bool has_echo;    /**< it echoes a timestamp of ours */
	uint32_t echo_ms; /**< that timestamp: our clock, ms modulo 2^32 */
} hf_rack_ack;

/** Nothing is in flight, and nothing was delivered yet: `una` is SND.UNA. */
void hf_rack_init(hf_rack *r, hf_seq una);
/** The ACK covers `s`, by number or by SACK, for the first time (steps 2 and 3); in any order. */
void hf_rack_delivered(hf_rack *r, hf_reordering *o, const hf_rack_ack *a, const hf_sent *s);
/** All that it covers was told (end of step 2). */
void hf_rack_advance(hf_rack *r, hf_time now);
/** The peer has received something twice (step 4); tells only once in a round trip. */
void hf_rack_duplicate(hf_rack *r, hf_reordering *o, hf_seq nxt);
/** SND.UNA is at `una` now: perhaps the round trip is over. */
void hf_rack_round(hf_rack *r, hf_seq una);
/** A recovery has ended (step 4). */
void hf_rack_recovered(hf_reordering *o);
/** RACK.reo_wnd. `sacked`: segments SACKed at present; `in_recovery`: of either kind. */
hf_ns hf_rack_window(const hf_reordering *o, bool in_recovery, uint32_t sacked, hf_ns min_rtt,
		     hf_ns srtt);
/** From when on `s` is lost (step 5); HF_NEVER: nothing that was sent after it was delivered. */
hf_time hf_rack_deadline(const hf_rack *r, const hf_sent *s, hf_ns window);

#endif
