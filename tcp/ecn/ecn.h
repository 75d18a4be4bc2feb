/* SPDX-License-Identifier: BSD-2-Clause */
/* Explicit congestion notification on one connection: classic (RFC 3168), Accurate (RFC 9768). */
#ifndef HF_TCP_ECN_ECN_H
#define HF_TCP_ECN_ECN_H

#include "tcp/ecn/handshake.h"
#include "tcp/ecn/option.h"
#include "tcp/tcb.h"

/*
 * Theory of operation (RFC 9293 SHLD-8)
 *
 * A connection whose ends speak ECN has a hf_ecn; the others have none. What the two SYNs say is
 * decided in tcp/ecn/handshake.c. Afterwards there are two tasks:
 *
 * Receiver (received.c): marks of arriving packets are fed back. Classic: ECE on every ACK from the
 * first CE until a CWR comes. Accurate: a counter of packets in three header bits of every segment,
 * and counters of octets in an option when they have moved.
 *
 * Sender (feedback.c): what the peer feeds back halves the window, or whatever congestion control
 * makes of it, once a window of data. New text goes out with ECT(0): nothing else does, neither
 * SYNs and pure ACKs nor what is sent again nor probes (RFC 3168 6.1.4 to 6.1.6). RFC 5562 (ECT on
 * SYN-ACKs) and RFC 8311's experiment with ECT on control packets are not done: on many paths such
 * packets vanish, and a lost SYN-ACK costs a second.
 *
 * If the path mangles the bits, our packets go unmarked (HF_ECN_NEVER_ECT), and where the feedback
 * itself is in doubt it is not believed (HF_ECN_DEAF); the peer's marks are fed back all the same.
 */

#define HF_ECN_ACE_FIRST 5u /**< where both counters of packets start (RFC 9768 3.2.1) */

/** Bits of hf_ecn.flags. */
enum {
	HF_ECN_SEEN = 0x1,      /**< a packet with ECT or CE has come */
	HF_ECN_ECHO = 0x2,      /**< classic: every ACK has ECE */
	HF_ECN_CWR_DUE = 0x4,   /**< classic: the next new text has CWR */
	HF_ECN_NEVER_ECT = 0x8, /**< nothing that leaves is marked */
	HF_ECN_DEAF = 0x10,     /**< the peer's feedback means nothing */
	/** Accurate: the next pure ACK tells of the SYN-ACK's mark */
	HF_ECN_SYN_ACK_ECHO = 0x20,
	HF_ECN_ACE_CHECKED = 0x40,   /**< Accurate: a first ACE has come that was not zero */
	HF_ECN_ACE_UNSENT = 0x80,    /**< Accurate: our SYN-ACK went without its bits in the end */
	HF_ECN_OPTION_FALSE = 0x100, /**< Accurate: it was zeroed on the way: ignored */
	/** Accurate: the next ACK without text has the whole option, to test the path */
	HF_ECN_OPTION_TEST = 0x200,
	HF_ECN_OPTION_TEST_TEXT = 0x400,   /**< the first text has it */
	HF_ECN_OPTION_OFF = 0x800,         /**< Accurate: no option is sent */
	HF_ECN_MANGLING_BELIEVED = 0x1000, /**< setting: marks that cannot be do not matter */
	HF_ECN_MARKED_NOW = 0x2000,        /**< the present ACK tells of marks */
	HF_ECN_MARKED_ROUND = 0x4000,      /**< marks have reduced the window: until `until` */
	HF_ECN_OPTION_TOLD = 0x8000,       /**< Accurate: the last ACK had the option */
};

struct hf_ecn {
	uint8_t mode;          /**< hf_ecn_mode; in SYN-SENT: none yet */
	uint8_t asked;         /**< hf_ecn_mode: what our SYN asks for */
	uint8_t option;        /**< hf_ecn_option: the setting */
	uint8_t heard;         /**< hf_ip_ecn: of the peer's last SYN or SYN-ACK */
	uint8_t last;          /**< hf_ip_ecn: of the last packet */
	uint8_t waiting;       /**< packets with CE since the last ACK */
	uint16_t flags;        /**< HF_ECN_* */
	bool syn_came_again;   /**< the SYN-ACK has no option any more */
	uint8_t option_seen;   /**< hf_ecn_option_seen */
	uint8_t vain;          /**< options after which what they acknowledged came again */
	uint8_t rounds;        /**< in which all was marked, from the start; or ROUNDS_DIFFER */
	uint8_t changed, news; /**< HF_ECN_BIT of what came: ever; since the last option */
	hf_seq until;          /**< the window was reduced: not again before this is acknowledged */
	hf_seq round_end;      /**< the present round's */
	uint32_t ce_in, ce_out; /**< packets with CE that came; that the peer tells of */
	/** octets by mark that came; the peer's counters, as they stand (24 bits) */
	uint32_t octets_in[HF_ECN_COUNTERS], octets_out[HF_ECN_COUNTERS];
};

typedef struct hf_ecn hf_ecn;

static inline bool hf_ecn_is(const hf_tcb *c, hf_ecn_mode mode)
{
	return c->ecn && c->ecn->mode == mode;
}

/* ---- life.c: the handshake ---- */

/** Fresh, with no mode entered. NULL: no memory. */
hf_ecn *hf_ecn_new(const hf_tcp_env *env);
void hf_ecn_release(hf_tcb *c, const hf_tcp_env *env);
/** Enters a mode, having heard a SYN or SYN-ACK in a packet with this mark. */
void hf_ecn_enter(hf_ecn *e, hf_ecn_mode mode, hf_ip_ecn heard);
/** We open: asks for what the settings say. Without memory for it, for nothing. */
void hf_ecn_open(hf_tcb *c, const hf_tcp_env *env);
/** Completes our SYN, or in SYN-RECEIVED our SYN-ACK. */
void hf_ecn_put_syn(hf_tcb *c, const hf_tcp_env *env, hf_sending *out);
/** In SYN-SENT a SYN without ACK has come: both ends open at once. */
void hf_ecn_crossed(hf_tcb *c, const hf_tcp_env *env, const hf_segment *g);
/** In SYN-SENT the SYN-ACK has come, and the connection is established. */
void hf_ecn_answered(hf_tcb *c, const hf_tcp_env *env, const hf_segment *g, hf_effects *fx);
/** The peer's SYN-ACK has come once more. */
void hf_ecn_answered_again(hf_tcb *c, const hf_segment *g);
/**
 * In SYN-RECEIVED the peer's SYN has come once more: its mark counts, and whether it asks still.
 * True: it asks for another kind of ECN, and the connection is to be reset (RFC 9768 3.1.5).
 */
bool hf_ecn_syn_again(hf_tcb *c, const hf_tcp_env *env, const hf_segment *g);
/** Tests an option of the handshake: does it come through, and unchanged? (3.2.3.2.4) */
void hf_ecn_test_option(hf_ecn *e, const hf_tcp_options *o);
/** Notes that the option is there: with counters, or as short as can be. */
void hf_ecn_note_option(hf_ecn *e, const hf_tcp_options *o);

/** SYN-ACKs and SYNs that have gone unanswered change: true if the `tries`-th is without ECN. */
bool hf_ecn_gives_up(const hf_config *config, hf_ecn_mode mode, uint8_t tries);
/** Adds a SYN-ACK's option, all counters at their start, if it fits. */
void hf_ecn_put_first_option(hf_tcp_options *o, uint8_t octets[HF_ACC_ECN_MAX]);

/* ---- received.c: what comes is fed back ---- */

/** An acceptable segment has come. True: it is to be acknowledged at once. */
bool hf_ecn_received(hf_tcb *c, const hf_segment *g);
/** The ECN bits of an ACK that leaves now. */
uint16_t hf_ecn_ack_flags(const hf_tcb *c);
/** Sets the bits of a segment of a synchronised connection. */
void hf_ecn_put(hf_tcb *c, hf_sending *out);
/**
 * Adds the option that is due on a segment with or without text, if any and if it fits. What is
 * sent again never has it: it may be why the segment was lost (RFC 9768 3.2.3.2.2).
 */
void hf_ecn_tell(hf_tcb *c, bool has_text, hf_sending *out);
/** The same for any place, without noting that it was told: what room will it take? */
bool hf_ecn_put_option(const hf_tcb *c, bool has_text, hf_tcp_options *o,
		       uint8_t octets[HF_ACC_ECN_MAX]);
/** What was acknowledged comes again: perhaps our options are what gets ACKs lost (3.2.3.2.2). */
void hf_ecn_came_again(hf_tcb *c);
/** A pure ACK must go before any text: it has the mark of the SYN-ACK to tell of. */
bool hf_ecn_owes_pure_ack(const hf_tcb *c);

/* ---- feedback.c: what the peer feeds back ---- */

/** Where the sending side stood before an ACK. */
typedef struct hf_ecn_before {
	hf_seq una;
	uint32_t sacked, flight;
	bool is_fresh;   /**< later than all before, whatever it acknowledges */
	bool is_opening; /**< SYN-RECEIVED: it completes the handshake */
	bool has_marks;  /**< it tells of marks */
} hf_ecn_before;

/** To be noted before the ACK is processed. */
hf_ecn_before hf_ecn_before_ack(const hf_tcb *c, const hf_segment *g);
/** The ACK is acceptable, and is going to be processed. */
void hf_ecn_begin_ack(hf_tcb *c, const hf_ecn_before *before);
/** An ACK that tells of marks does not make the window grow, nor do those behind it (6.1.2). */
bool hf_ecn_holds_growth(const hf_tcb *c);
/** The ACK is processed: what does it say of marks? */
void hf_ecn_acked(hf_tcb *c, const hf_segment *g, const hf_ecn_before *before);
/** The window was reduced, for whatever reason: not again in this flight (RFC 3168 6.1.2). */
void hf_ecn_reduced(hf_tcb *c);
/** Marks a segment with new text: ECT, and CWR if it is due. */
void hf_ecn_mark_new(hf_tcb *c, hf_sending *out);
/** Must a large packet not be cut by the link? Cutting takes CWR's bit off all but the first. */
bool hf_ecn_forbids_cutting(const hf_tcb *c);

#endif
