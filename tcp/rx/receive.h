/* SPDX-License-Identifier: BSD-2-Clause */
/* The receiving side of a connection: octets, the window, and when to acknowledge. */
#ifndef HF_TCP_RX_RECEIVE_H
#define HF_TCP_RX_RECEIVE_H

#include "base/ranges.h"
#include "base/ring.h"
#include "tcp/rx/duplicates.h"
#include "tcp/segment.h"

struct hf_tcb;
struct hf_tcp_env;
struct hf_effects;

/**
 * Exists while something is unread or there is a gap. The ring holds [rcv.read, rcv.nxt) and
 * `early`.
 */
typedef struct hf_rx {
	hf_ring ring;
	hf_ranges early; /**< what arrived ahead of a gap */
	hf_seq recent
		[3]; /**< a number inside the ranges that changed last, newest first (RFC 2018 4) */
	uint32_t recent_count;
	hf_duplicates duplicates; /**< still to be reported */
	hf_seq pushed;            /**< after the last octet that came with PSH, or before RCV.NXT */
} hf_rx;

/** Takes the text of an acceptable segment: in order, ahead of a gap, or neither; RCV.NXT moves. */
void hf_rx_take(struct hf_tcb *c, const struct hf_tcp_env *env, const hf_segment *g,
		struct hf_effects *fx);
/** Copies or, with `to` NULL, just releases up to `len` octets in order. Returns how many. */
uint32_t hf_rx_read(struct hf_tcb *c, const struct hf_tcp_env *env, void *to, size_t len);
/** Of the octets that can be read, those up to the last that came with PSH (RFC 9293 MAY-17). */
uint32_t hf_rx_pushed(const struct hf_tcb *c);
/** So many octets can be read as the application wants to be told of, or no more would come. */
bool hf_rx_is_worth_reading(const struct hf_tcb *c);
/** Gives the receiving side's memory back; what was unread is forgotten. */
void hf_rx_release(struct hf_tcb *c, const struct hf_tcp_env *env);
/**
 * Notes what of the segment's text was here before, to be reported, if SACK was agreed; without
 * memory it is not.
 */
void hf_rx_note_duplicate(struct hf_tcb *c, const struct hf_tcp_env *env, const hf_segment *g);
/**
 * Puts one such report before the SACK blocks of an ACK that carries no text (RFC 2883 4). True:
 * more wait.
 */
bool hf_rx_report_duplicate(struct hf_tcb *c, const struct hf_tcp_env *env, hf_tcp_options *o);
/** Fills in the SACK blocks to report, newest first (RFC 2018). */
void hf_rx_sack(const struct hf_tcb *c, hf_tcp_options *o);

/**
 * Moves the right edge as far as it may go (RFC 9293 3.8.6.2.2), and returns the window field to
 * announce.
 */
uint16_t hf_rx_announce(struct hf_tcb *c);
/**
 * The window of a SYN or SYN-ACK, never scaled: whole segments of our own MSS, as Linux announces.
 */
uint16_t hf_rx_syn_window(uint32_t buffer, uint16_t mss);
/** Announces it. */
uint16_t hf_rx_announce_syn(struct hf_tcb *c, uint16_t mss);
/** The application took octets: tells the peer of room worth telling. */
void hf_rx_opened(struct hf_tcb *c);
/** The shift that lets the header's 16 bits name a window of `buffer` octets (RFC 7323 2.3). */
uint8_t hf_rx_wscale(uint32_t buffer);

/** The connection opens: what is announced and measured begins. */
void hf_rx_tuning_begin(struct hf_tcb *c, const struct hf_tcp_env *env);
/** A segment with text was taken, `in_order` or ahead of a gap: the window may grow. */
void hf_rx_tuning_came(struct hf_tcb *c, const struct hf_tcp_env *env, const hf_segment *g,
		       bool in_order);
/** The application took octets: the buffer grows for a fast reader. */
void hf_rx_tuning_read(struct hf_tcb *c, const struct hf_tcp_env *env);

/** An acknowledgement must go out at once. */
void hf_ack_now(struct hf_tcb *c, hf_cause cause);
/** Text of so many octets arrived: how large are the peer's segments? */
void hf_ack_size(struct hf_tcb *c, uint32_t len);
/** Text arrived in order: size and delay follow. */
void hf_ack_came(struct hf_tcb *c, const struct hf_tcp_env *env, uint32_t len);
/** The same; it is acknowledged at once, or delayed (RFC 9293 3.8.6.3). */
void hf_ack_text(struct hf_tcb *c, const struct hf_tcp_env *env, uint32_t len);
/** The application took octets: a waiting acknowledgement may be due. */
void hf_ack_read(struct hf_tcb *c);
/** A delayed acknowledgement's time has come. */
void hf_ack_timed_out(struct hf_tcb *c, const struct hf_tcp_env *env);
/** We answer with text: acknowledgements may wait for such answers. */
void hf_ack_spoke(struct hf_tcb *c, const struct hf_tcp_env *env);
/** The next few acknowledgements go at once: the peer seems to wait for one. */
void hf_ack_quicken(struct hf_tcb *c, const struct hf_tcp_env *env);
/** HF_OPTION_QUICK_ACK: at once until text goes both ways again, or delayed from now on. */
void hf_ack_set_quick(struct hf_tcb *c, bool on);
/** A segment with an acknowledgement left: nothing is owed any more. */
void hf_ack_sent(struct hf_tcb *c, const struct hf_tcp_env *env);
/** An ACK in answer to something suspicious: at most one each half second (RFC 5961 7). */
void hf_ack_challenge(struct hf_tcb *c, const struct hf_tcp_env *env);

#endif
