/* SPDX-License-Identifier: BSD-2-Clause */
/* The sending side of a connection: queue, segments in flight, recovery, what to send next. */
#ifndef HF_TCP_TX_TRANSMIT_H
#define HF_TCP_TX_TRANSMIT_H

#include "base/ring.h"
#include "tcp/segment.h"
#include "tcp/tx/frto.h"
#include "tcp/tx/prr.h"
#include "tcp/tx/rack.h"
#include "tcp/tx/rate.h"
#include "tcp/tx/sent.h"
#include "tcp/tx/tlp.h"
#include "tcp/tx/undo.h"

struct hf_tcb;
struct hf_tcp_env;
struct hf_effects;

/** Where loss recovery stands. */
typedef enum hf_recovery {
	HF_RECOVERY_NONE,
	/** RFC 8985, or RFC 6582 without SACK: until `recover` is acknowledged */
	HF_RECOVERY_FAST,
	HF_RECOVERY_LOSS, /**< after a time-out (RFC 5681 3.1): until `recover` is acknowledged */
} hf_recovery;

#define HF_DUP_THRESH 3 /**< RFC 5681's DupThresh */

/** Exists while something is queued or in flight. The ring holds [snd.una, snd.end). */
typedef struct hf_tx {
	hf_ring ring;
	hf_sent_list sent; /**< [snd.una, snd.nxt) */
	uint32_t sacked, lost,
		retransmitted; /**< octets with these marks; lost counts retransmitted ones too */
	uint32_t sacked_segments;
	uint32_t duplicate_acks; /**< without SACK: in a row */
	/** segments that these can be about: what left after the first cannot have been answered */
	uint32_t answerable;
	uint32_t lent; /**< octets after snd.end that the application may be filling in */
	hf_recovery recovery;
	hf_frto frto;
	hf_rack rack;
	hf_tlp tlp;
	hf_prr prr;
	hf_undo undo;
	hf_time probe_at;   /**< PTO (RFC 8985 7.2); HF_NEVER: off */
	hf_time reorder_at; /**< when RACK must look again (RFC 8985 6.2); HF_NEVER: off */
	hf_rate rate;
	uint32_t most_in_flight; /**< octets, in the round trip that ends ... */
	hf_seq use_known_to;     /**< ... when this is acknowledged (HF_TCB_CWND_LIMITED) */
	bool has_left;           /**< new text, since it was last asked how much cwnd is used */
} hf_tx;

/** The sending side exists, or is made now. False: no memory. */
bool hf_tx_need(struct hf_tcb *c, const struct hf_tcp_env *env);
/** Gives the sending side's memory back; what was queued is forgotten. */
void hf_tx_release(struct hf_tcb *c, const struct hf_tcp_env *env);

/** Octets taken to be in the network (RFC 6675's pipe). */
uint32_t hf_tx_pipe(const struct hf_tcb *c);
/** Octets after the oldest that are known to have left the network for the peer. */
uint32_t hf_tx_departed(const struct hf_tcb *c);
/** Octets queued and not yet sent once. */
uint32_t hf_tx_unsent(const struct hf_tcb *c);
/** Octets and FIN sent and not acknowledged. */
uint32_t hf_tx_in_flight(const struct hf_tcb *c);
/**
 * SEG.SEQ of what has no text: SND.NXT. But behind the octet that probes a closed window it would
 * be outside the window, and dropped with what it acknowledges: then SND.UNA.
 */
hf_seq hf_tx_bare_seq(const struct hf_tcb *c);
/** The reset that ends this connection for its peer. */
hf_reset hf_tx_reset(const struct hf_tcb *c);

/**
 * An acceptable acknowledgement (una <= SEG.ACK <= nxt) arrived: SACK blocks, cumulative
 * acknowledgement, RTT sample, loss detection, congestion window, retransmission timer.
 * `window_changed`: it is no duplicate.
 */
void hf_tx_acked(struct hf_tcb *c, const struct hf_tcp_env *env, const hf_segment *g,
		 bool window_changed, struct hf_effects *fx);

/** Takes the i-th segment for lost, whether it was sent once or several times. */
void hf_tx_mark_lost(hf_tx *t, uint32_t i);
/** The peer no longer has what it had SACKed: the oldest segment says so (RFC 2018 8). */
bool hf_tx_reneged(const hf_tx *t);
/** After a time-out: takes everything for lost that is not SACKed, nor was sent just now. */
void hf_tx_mark_all_lost(struct hf_tcb *c, hf_time now);
/** The retransmission timer ran out (RFC 6298 5.4 to 5.6, RFC 5681 3.1, RFC 8985 6.3). */
void hf_tx_timed_out(struct hf_tcb *c, const struct hf_tcp_env *env);
/** RACK's timer ran out: what it waited for is lost. */
void hf_tx_reordering_over(struct hf_tcb *c, const struct hf_tcp_env *env);
/** The PTO ran out: a tail loss probe is due (RFC 8985 7.3). */
void hf_tx_probe_due(struct hf_tcb *c, const struct hf_tcp_env *env);
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
/** Short ends wait until more comes: corked, or the last SEND had no PUSH; and more can come. */
bool hf_tx_gathers(const struct hf_tcb *c);
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
/** New text has left: starts or restarts the PTO, or turns it off (RFC 8985 7.2). */
void hf_tx_arm_probe(struct hf_tcb *c, const struct hf_tcp_env *env);

#endif
