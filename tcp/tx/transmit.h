/* SPDX-License-Identifier: BSD-2-Clause */
/* The sending side of a connection: queue, segments in flight, recovery, what to send next. */
#ifndef HF_TCP_TX_TRANSMIT_H
#define HF_TCP_TX_TRANSMIT_H

#include "base/ring.h"
#include "tcp/segment.h"
#include "tcp/tx/rate.h"
#include "tcp/tx/sent.h"

struct hf_tcb;
struct hf_tcp_env;
struct hf_effects;

/** Where loss recovery stands. */
typedef enum hf_recovery {
	HF_RECOVERY_NONE,
	/** RFC 6675, or RFC 6582 without SACK: until `recover` is acknowledged */
	HF_RECOVERY_FAST,
	HF_RECOVERY_LOSS, /**< after a time-out (RFC 5681 3.1): until `recover` is acknowledged */
} hf_recovery;

#define HF_DUP_THRESH 3 /**< RFC 5681's and RFC 6675's DupThresh */

/** Exists while something is queued or in flight. The ring holds [snd.una, snd.end). */
typedef struct hf_tx {
	hf_ring ring;
	hf_sent_list sent; /**< [snd.una, snd.nxt) */
	uint32_t sacked, lost,
		retransmitted; /**< octets with these marks; lost counts retransmitted ones too */
	hf_recovery recovery;
	uint32_t duplicate_acks;       /**< in a row */
	hf_seq highest[HF_DUP_THRESH]; /**< starts of the highest SACKed segments, falling */
	uint32_t highest_count;
	hf_seq judged;          /**< what lies before has been marked as lost or SACKed */
	hf_seq retransmit_from; /**< nothing before waits to be retransmitted */
	hf_seq holes_from;      /**< RFC 6675 NextSeg rule (3) has seen to all before */
	bool rescued;           /**< RFC 6675 NextSeg rule (4) was used in this recovery */
	hf_rate rate;
	uint32_t most_in_flight; /**< octets, in the round trip that ends ... */
	hf_seq use_known_to;     /**< ... when this is acknowledged (HF_TCB_CWND_LIMITED) */
	bool ecn_marked;         /**< the ACK that is being looked at echoes a congestion mark */
	uint32_t lent;           /**< octets after snd.end that the application may be filling in */
} hf_tx;

/** The sending side exists, or is made now. False: no memory. */
bool hf_tx_need(struct hf_tcb *c, const struct hf_tcp_env *env);
/** Gives the sending side's memory back; what was queued is forgotten. */
void hf_tx_release(struct hf_tcb *c, const struct hf_tcp_env *env);

/** Octets taken to be in the network (RFC 6675's pipe). */
uint32_t hf_tx_pipe(const struct hf_tcb *c);
/** Octets queued and not yet sent once. */
uint32_t hf_tx_unsent(const struct hf_tcb *c);
/** Octets and FIN sent and not acknowledged. */
uint32_t hf_tx_in_flight(const struct hf_tcb *c);

/**
 * An acceptable acknowledgement (una <= SEG.ACK <= nxt) arrived: SACK blocks, cumulative
 * acknowledgement, RTT sample, loss detection, congestion window, retransmission timer.
 * `window_changed`: it is no duplicate.
 */
void hf_tx_acked(struct hf_tcb *c, const struct hf_tcp_env *env, const hf_segment *g,
		 bool window_changed, struct hf_effects *fx);

/** Notes the SACK blocks; returns octets newly SACKed. */
uint32_t hf_tx_note_sack(struct hf_tcb *c, const hf_tcp_options *o);
/** Marks what RFC 6675's IsLost says is lost. Returns true if the oldest segment is. */
bool hf_tx_judge(struct hf_tcb *c);
/** Marks one segment as lost. */
void hf_tx_mark_lost(hf_tx *t, hf_sent *s);
/**
 * After `octets` were newly acknowledged (0: a duplicate): enters, goes on with or leaves recovery.
 */
void hf_tx_recover(struct hf_tcb *c, uint32_t octets);
/**
 * The retransmission timer ran out: everything not SACKed is lost (RFC 6298 5.4 to 5.6, RFC 5681
 * 3.1).
 */
void hf_tx_timed_out(struct hf_tcb *c);
/**
 * Retransmits the oldest segment soon, whatever its marks, without judging the path: probes, an
 * opened window.
 */
void hf_tx_repeat_first(struct hf_tcb *c);
/**
 * Segments larger than SND.MSS were lost to the path's smaller MTU: marks them, congestion it was
 * not.
 */
void hf_tx_mtu_shrank(struct hf_tcb *c);
/** Octets that the application may add now. */
uint32_t hf_tx_room(const struct hf_tcb *c);
/** Who found too little room before may well be told. */
bool hf_tx_is_room_worthwhile(const struct hf_tcb *c);

/**
 * The one question: what is to be sent now? Fills `*out` and commits to it (numbers, timers,
 * marks), or returns false: nothing until input, a call, or hf_tcp_due. Asked again until it says
 * no.
 */
bool hf_tcp_next(struct hf_tcb *c, const struct hf_tcp_env *env, hf_sending *out);

/**
 * Starts or restarts the retransmission timer, or turns it off when nothing is in flight (RFC 6298
 * 5.1 to 5.3).
 */
void hf_tx_arm(struct hf_tcb *c, const struct hf_tcp_env *env);

#endif
