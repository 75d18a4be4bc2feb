/* SPDX-License-Identifier: BSD-2-Clause */
/* The transmission control block: everything that one connection knows (RFC 9293, 3.3.1). */
#ifndef HF_TCP_TCB_H
#define HF_TCP_TCB_H

#include <handfast/stack.h>

#include "tcp/auth.h"
#include "tcp/rx/receive.h"
#include "tcp/segment.h"
#include "tcp/settings.h"
#include "tcp/tx/congestion.h"
#include "tcp/tx/pacing.h"
#include "tcp/tx/rtt.h"
#include "tcp/tx/transmit.h"

/*
 * Field names are the RFC's where it has one. What only a talking connection needs (buffers, the
 * list of sent segments, gaps) hangs off `tx` and `rx` and exists only while it holds something.
 *
 * Deadlines: each is the time of one thing that will happen if nothing else does. The connection's
 * single timer on the wheel is armed for the earliest (hf_tcp_due); tcp/timeouts.c does what is
 * due.
 */

/** What the connections of a stack share: settings, memory, the time of the present call. */
typedef struct hf_tcp_env {
	const hf_config *config; /**< with every default filled in */
	hf_mem *mem;
	hf_time now;
} hf_tcp_env;

/** Bits of hf_tcb.flags. */
enum {
	HF_TCB_PASSIVE = 0x1, /**< came from LISTEN (MUST-11) */
	HF_TCB_SACK = 0x2,    /**< agreed options */
	HF_TCB_TIMESTAMPS = 0x4,
	HF_TCB_WSCALE = 0x8,
	HF_TCB_NO_DELAY = 0x10, /**< Nagle off */
	HF_TCB_CORK = 0x20,
	HF_TCB_ORPHAN = 0x40,      /**< the application has let go */
	HF_TCB_SYN_DUE = 0x80,     /**< a SYN or SYN-ACK is to be sent */
	HF_TCB_FIN_QUEUED = 0x100, /**< the application has closed its side */
	HF_TCB_FIN_SENT = 0x200,
	HF_TCB_PEER_FIN = 0x400,  /**< a FIN has arrived, perhaps ahead of missing octets */
	HF_TCB_PROBE_DUE = 0x800, /**< the persist timer has run out */
	HF_TCB_KEEPALIVE_DUE = 0x1000,
	HF_TCB_WANT_WRITABLE = 0x2000, /**< a send took less than it was given */
	HF_TCB_CWND_LIMITED = 0x4000,  /**< the last round was held back by cwnd alone */
	HF_TCB_TROUBLE_TOLD = 0x8000,
	HF_TCB_WANT_SENT_ALL = 0x10000, /**< something was sent since the last HF_EVENT_SENT_ALL */
	HF_TCB_ATTACHED = 0x20000,      /**< in the stack's table of flows */
	HF_TCB_READY =
		0x80000, /**< in the stack's queue of those that may have something to send */
	HF_TCB_EVENT_QUEUED = 0x100000,
	HF_TCB_ADVICE_DUE = 0x200000, /**< the next segment tells our user timeout (RFC 5482) */
	HF_TCB_BACKOFF_REVERTED = 0x400000, /**< since the last progress (RFC 6069) */
	HF_TCB_PACED_OUT = 0x800000,       /**< the pacing rate holds text back until pacing.next */
	HF_TCB_MORE = 0x1000000,           /**< the last SEND had no PUSH: more follows (MAY-15) */
	HF_TCB_SILENCE_BEGINS = 0x2000000, /**< idle_at is to be set once the time is known */
};

/** Bits of hf_ack_owed.flags. */
enum {
	/** text goes both ways in turn: an acknowledgement waits for our answer */
	HF_ACK_INTERACTIVE = 1,
	HF_ACK_PUSHED = 2, /**< a segment shorter than most is not acknowledged */
	HF_ACK_PUSHED_TWICE = 4,
};

/** Which acknowledgement is owed. */
typedef struct hf_ack_owed {
	uint8_t now;         /**< segments to be acknowledged at once; 0: none */
	uint8_t quick;       /**< how many more are acknowledged without delay */
	uint8_t cause;       /**< hf_cause of the one to be sent at once */
	uint8_t flags;       /**< HF_ACK_* */
	uint32_t delay;      /**< us: Linux's ATO; 0: no text has come yet */
	hf_time at;          /**< when a delayed one must go; HF_NEVER: none waits */
	hf_time received_at; /**< when text last came in order */
} hf_ack_owed;

/** How much the application takes in a round trip, as the receiver sees it (tcp/rx/tuning.c). */
typedef struct hf_tuning {
	hf_seq seq;     /**< the measuring round began when this was the next to be read ... */
	hf_time began;  /**< ... at this time */
	uint32_t space; /**< octets: the most that was read in a round so far */
	union {
		uint32_t echo;  /**< the timestamp that gave the last sample */
		uint32_t least; /**< without timestamps: us, the shortest turn; 0: none */
	};
	hf_ns rtt;   /**< 0: not known */
	hf_seq turn; /**< without timestamps: when this arrives, the window has turned */
	hf_time turn_began;
} hf_tuning;

typedef struct hf_tcb {
	hf_flow flow;
	uint32_t flags; /**< HF_TCB_* */
	uint8_t state;  /**< hf_state; stored by hf_tcb_set_state alone */
	/** hf_reason: how it ended; before that, a soft error since the last progress */
	uint8_t reason;
	uint8_t ttl, traffic_class;
	uint8_t counted; /**< the state under which the stack's statistics hold it */
	bool orphan_counted;
	uint8_t rcv_ttl, rcv_traffic_class; /**< of the segment that was taken last */
	uint8_t ip_options;    /**< octets of IPv4 options in every packet: a source route */
	uint16_t rehashes;     /**< how often the flow label was changed to find another path */
	uint32_t label_seed;   /**< of the IPv6 flow label, if it is not set (RFC 6437) */
	hf_settings *settings; /**< what options set; shared */

	struct {
		hf_seq una, nxt;  /**< SND.UNA, SND.NXT */
		hf_seq wl1;       /**< SND.WL1 */
		hf_seq end;       /**< after the last octet that the application gave */
		hf_seq small_end; /**< after the last segment sent that was not full-sized */
		hf_seq recover;   /**< RFC 6582's recover, RFC 6675's RecoveryPoint */
		uint32_t wnd;     /**< SND.WND, octets (REC-1) */
		uint32_t max_wnd; /**< MAX.SND.WND (RFC 5961 5.2) */
		uint32_t buffer;  /**< most octets kept for sending */
		uint16_t mss; /**< octets of text a segment: peer's MSS and path, less options */
		uint16_t peer_mss;  /**< what the peer's MSS option said, or the default */
		uint16_t acked_len; /**< the longest segment that has arrived, as of this path */
		uint8_t wscale;     /**< shift of windows that arrive */
	} snd;
	struct {
		hf_seq nxt;      /**< RCV.NXT */
		hf_seq right;    /**< right edge of the window last announced */
		hf_seq read;     /**< the first octet that the application has not taken */
		hf_seq last_ack; /**< Last.ACK.sent (RFC 7323 4.3) */
		hf_seq fin;      /**< HF_TCB_PEER_FIN: the FIN's own number */
		uint32_t buffer; /**< most octets kept, now; grows up to buffer_max */
		uint32_t buffer_max;
		uint32_t ssthresh; /**< octets: no larger window is announced for now */
		uint16_t mss;      /**< estimate of the peer's: what "full-sized" means */
		uint16_t last_len; /**< octets of the last segment that was shorter */
		uint8_t wscale;    /**< shift of windows that leave */
	} rcv;
	hf_seq iss, irs;

	uint32_t ts_recent;   /**< TS.Recent */
	uint32_t ts_offset;   /**< our timestamps are the clock's ms plus this */
	hf_time ts_recent_at; /**< when it was noted (RFC 7323 5.5) */

	hf_rtt rtt;
	hf_reordering reordering; /**< what RACK has learnt of the path */
	hf_congestion congestion;
	hf_pacing pacing;
	hf_ack_owed ack;
	uint32_t pmtu; /**< octets of the largest packet that is sent */

	hf_time retransmit_at; /**< retransmission or persist; HF_NEVER: off */
	hf_time idle_at;       /**< keep-alive, or the end of an orphan's FIN-WAIT-2 */
	hf_time sent_at;       /**< when text was last sent (idle restart) */
	hf_time stuck_since;   /**< oldest unanswered transmission (user timeout); HF_NEVER: none */
	hf_time challenge_at;  /**< no further rate-limited ACK before this */
	uint8_t retransmits;   /**< timeouts in a row */
	uint8_t syn_retransmits;
	uint16_t probes; /**< keep-alive probes unanswered */
	uint8_t cause;   /**< hf_cause: why the last packet left */
	uint8_t icmp;    /**< hf_reason: what ICMP reported last */

	hf_tx *tx;                      /**< NULL while nothing is queued or in flight */
	hf_rx *rx;                      /**< NULL while nothing is unread and there is no gap */
	struct hf_ecn *ecn;             /**< NULL: neither asked for nor agreed to */
	struct hf_fast_open *fast_open; /**< NULL: not tried */
	hf_auth *auth;                  /**< NULL: its segments are not signed */
	struct hf_history *history;     /**< NULL: nothing that it counts has happened */
	struct hf_path *path;           /**< NULL: the path is taken to be as its link */
	struct hf_urgent *urgent;       /**< NULL: there is no urgent data */
	hf_tuning tuning;

	struct {
		uint64_t octets_sent, octets_acked, octets_received, octets_retransmitted;
		uint32_t segments_sent, segments_received, retransmissions, timeouts,
			fast_recoveries;
		uint64_t delivered;  /**< octets known to have arrived, in any order */
		uint32_t duplicates; /**< segments that the peer reported as such (DSACK) */
		uint32_t spurious;   /**< recoveries undone */
		uint32_t probes;     /**< tail loss probes */
	} count;

	/* The stack's: where the connection stands in its queues. */
	uint32_t slot, generation;
	uint32_t listener; /**< slot + 1 while it waits to be accepted; 0 otherwise */
	uint32_t next_ready, next_event, next_accept; /**< slot + 1, or 0 */
	uint32_t next_awake, prev_awake;              /**< the same */
	uint32_t events;                              /**< HF_EVENT_* not pulled yet */
	uint32_t hash;                                /**< of the flow */
} hf_tcb;

/** How a SYN with ECN's bits went. */
typedef enum hf_ecn_outcome {
	HF_ECN_OUTCOME_NONE,
	HF_ECN_OUTCOME_ANSWERED,
	HF_ECN_OUTCOME_LOST, /**< only one without them was answered */
} hf_ecn_outcome;

/**
 * What one segment, call or time-out makes the stack do. Written by the connection, applied once.
 */
typedef struct hf_effects {
	hf_reason reason; /**< why the segment was not simply taken */
	uint32_t events;  /**< HF_EVENT_* */
	bool reply_reset; /**< `reset` goes out */
	bool doubts_path; /**< R1: the next hop is to be asked whether it is there (SHLD-9) */
	hf_reset reset;
	uint32_t path_mtu; /**< what the path was found to carry; 0: nothing new */
	hf_ecn_outcome ecn;
} hf_effects;

/** The only place that stores a state: checks that RFC 9293's diagram has the transition. */
void hf_tcb_set_state(hf_tcb *c, hf_state to);

/** True if RFC 9293's Figure 5, the reset rules or the calls lead from one state to the other. */
bool hf_state_may_follow(hf_state from, hf_state to);

/**
 * Ends the connection: CLOSED, all deadlines off, octets to send dropped, HF_EVENT_CLOSED with the
 * reason.
 */
void hf_tcb_end(hf_tcb *c, const hf_tcp_env *env, hf_effects *fx, hf_reason why);

static inline bool hf_tcb_has(const hf_tcb *c, uint32_t flag)
{
	return c->flags & flag;
}

static inline void hf_tcb_put(hf_tcb *c, uint32_t flag, bool on)
{
	c->flags = on ? c->flags | flag : c->flags & ~flag;
}

/** Both SYNs are acknowledged: RFC 9293's "synchronized" states. */
static inline bool hf_tcb_is_synchronised(const hf_tcb *c)
{
	return c->state >= HF_ESTABLISHED;
}

/** The path seems to be broken: another flow label may lead around, as Linux does. */
static inline void hf_tcb_rehash(hf_tcb *c)
{
	c->label_seed = hf_label_next(c->label_seed);
	c->rehashes++;
}

/** RCV.WND as the peer knows it. */
static inline uint32_t hf_tcb_rcv_wnd(const hf_tcb *c)
{
	return hf_seq_span(c->rcv.nxt, c->rcv.right);
}

/** Octets in order that the application has not taken. */
static inline uint32_t hf_tcb_unread(const hf_tcb *c)
{
	uint32_t n = hf_seq_span(c->rcv.read, c->rcv.nxt);
	bool fin_counted = hf_tcb_has(c, HF_TCB_PEER_FIN) && hf_seq_lt(c->rcv.fin, c->rcv.nxt);

	return n - fin_counted;
}

/** True once every octet up to the peer's FIN is here. */
static inline bool hf_tcb_peer_closed(const hf_tcb *c)
{
	return hf_tcb_has(c, HF_TCB_PEER_FIN) && hf_seq_lt(c->rcv.fin, c->rcv.nxt);
}

#endif
