/* SPDX-License-Identifier: BSD-2-Clause */
/* The flow tracker: from packets to connections, their two ends, and what each packet means. */
#ifndef HF_OBSERVE_FLOW_H
#define HF_OBSERVE_FLOW_H

#include <handfast/stack.h>

#include "base/ranges.h"
#include "base/siphash.h"
#include "wire/icmp.h"
#include "wire/tcp.h"

/*
 * Theory of operation ------------------- The tracker is shown packets one by one (hf_seen), with
 * the time and, where the packet passed our own stack, the stack's verdict on it. It answers each
 * with a step (hf_step): the flow it belongs to, its numbers relative to the initial ones, what
 * kind of packet it is (marks), round-trip times that it ends, and the states of both ends.
 * Everything that draws, prints or counts works on steps alone.
 *
 * States follow the diagram of RFC 9293 3.3.2, as they are once the packet has arrived: a packet
 * that is known to be lost, or that was dropped, moves only its sender. The peer's state after a
 * SYN is an exception: whether anybody listens shows only in the answer. What our own stack says of
 * its end overrides what was inferred. HF_CLOSED stands for "not known" before an end has spoken.
 *
 * What a packet that was refused as not believable (a blind reset, a forged ACK) says is reported
 * but changes nothing. Segments outside the receiver's window are treated the same.
 *
 * Memory is bounded: `max_flows` records, and the flow that was quiet for longest gives way.
 * Nothing is read but what is passed in: the same packets give the same steps.
 */

/** The two ends of a flow: the client is the one that opened it. */
typedef enum hf_side { HF_CLIENT, HF_SERVER } hf_side;

static inline hf_side hf_side_other(hf_side s)
{
	return s == HF_CLIENT ? HF_SERVER : HF_CLIENT;
}

/** Where a packet was seen. */
typedef enum hf_way {
	HF_WAY_PASSING,  /**< on its way between others: no verdict */
	HF_WAY_ARRIVING, /**< taken in by our stack: reason and state are its verdict */
	HF_WAY_LEAVING,  /**< sent by our stack: cause and state are its verdict */
} hf_way;

/** A packet as it was seen. */
typedef struct hf_seen {
	hf_time at;
	hf_view data; /**< from the link header that `link` says; borrowed */
	hf_link_kind link;
	hf_way way;
	bool trust_checksum; /**< HF_WAY_PASSING: not verified; offloads leave it unfinished */
	uint16_t gso_size; /**< payload octets of each segment it will be cut into; 0: it is one */
	hf_reason reason;
	hf_cause cause;
	hf_state state; /**< of our end, afterwards */
	/**
	 * What became of it on the way ("lost", "filtered"); NULL: it arrives, as far as is known.
	 */
	const char *lost;
} hf_seen;

/** The sighting of a packet that our own stack sent or took, with the verdict that it carries. */
hf_seen hf_seen_of(const hf_packet *p, hf_link_kind link, hf_way way, hf_time at);

/** What is remarkable about a segment. X(NAME, "word") */
#define HF_MARKS(X)                                                                                \
	X(RETRANSMITTED, "retransmitted") /* all of it was seen before */                          \
	X(OUT_OF_ORDER, "out-of-order")   /* fills a gap that others overtook */                   \
	X(GAP, "gap")                     /* what comes before it was not seen */                  \
	X(DUPLICATE_ACK, "duplicate-ack") /* RFC 5681, 2 */                                        \
	X(ZERO_WINDOW, "zero-window")     /* its sender takes no more */                           \
	X(WINDOW_UPDATE, "window-update") /* only the window is new */                             \
	X(WINDOW_PROBE, "window-probe")   /* sent into a zero window */                            \
	X(KEEPALIVE, "keepalive")       /* repeats the number before the next (RFC 9293, 3.8.4) */ \
	X(PROBE_ANSWER, "probe-answer") /* answers one of the last two */                          \
	X(ACK_UNSEEN, "ack-unseen")     /* acknowledges what was not seen */                       \
	X(OUTSIDE, "outside-window")    /* nothing that the receiver would take */                 \
	X(JOINED, "joined-late")        /* the flow's opening was not seen */

typedef enum hf_mark_bit {
#define X(name, word) HF_MARK_BIT_##name,
	HF_MARKS(X)
#undef X
		HF_MARK_COUNT
} hf_mark_bit;

#define HF_MARK(name) (1U << HF_MARK_BIT_##name)

/** The word for a mark ("duplicate-ack"). */
const char *hf_mark_name(hf_mark_bit bit);

/** One end of a flow: what it has sent and said. */
typedef struct hf_flow_end {
	hf_endpoint at;
	hf_state state;
	bool numbered;    /**< its numbers are known: isn, next and whole are good */
	bool syn, fin;    /**< it sent one */
	bool fin_arrived; /**< its FIN has reached the other end */
	bool acked;       /**< it sent an acknowledgement: `heard` is good */
	bool scaled;      /**< window scaling is agreed, and wscale known */
	uint8_t wscale;   /**< its shift count; good if has_wscale */
	bool has_wscale;
	hf_seq isn;  /**< relative number 0 (flows joined late: the first number seen, less 1) */
	hf_seq next; /**< one past the highest number it sent */
	uint64_t next_rel;     /**< the same, relative to isn, beyond 2^32 too */
	hf_seq fin_end;        /**< one past its FIN */
	hf_seq whole;          /**< all before it was seen here */
	hf_ranges beyond;      /**< text seen past `whole`; the tracker's memory */
	hf_time gap_at;        /**< when the gap at `whole` appeared */
	hf_seq heard;          /**< the highest number it acknowledged */
	uint32_t duplicates;   /**< duplicate ACKs in a row */
	uint16_t window_field; /**< of its last segment */
	uint32_t window;       /**< octets it takes past `heard` */
	bool probed;           /**< it sent a keep-alive or window probe that is not answered yet */
	bool timing;           /**< a segment of its is being timed */
	hf_seq timed;          /**< an acknowledgement from here on ends the measurement */
	hf_time timed_at;
	hf_ns rtt, min_rtt; /**< from here to the other end and back: last, least; -1: none */
	uint32_t tries;     /**< SYNs, or SYN-ACKs, sent */
	hf_time first_try, last_try;
	uint32_t first_tsval, last_tsval; /**< timestamps of these tries; 0: none */
	uint64_t octets;                  /**< text seen, every octet once */
	uint64_t octets_again;            /**< text seen once more */
	uint64_t segments;                /**< segments seen, of any kind */
	uint64_t retransmitted;           /**< of them, retransmissions */
} hf_flow_end;

/** One connection, or an attempt at one. */
typedef struct hf_flow {
	uint64_t id;           /**< counts from 1, in order of appearance */
	hf_flow_end end[2];    /**< by hf_side */
	hf_time first, last;   /**< its first and last packet */
	bool joined;           /**< the opening was not seen: who is the client is a guess */
	bool established;      /**< the handshake was completed */
	bool simultaneous;     /**< both ends sent a SYN */
	hf_ns rtt_syn;         /**< SYN to SYN-ACK, as seen here; -1: not measured */
	hf_ns rtt_syn_ack;     /**< SYN-ACK to its ACK, as seen here; -1: not measured */
	uint32_t answered_try; /**< which SYN the SYN-ACK answers; 0: cannot be told */
	hf_reason over;        /**< how it ended; HF_WHY_NONE: it has not */
	hf_side over_by;       /**< resets: who sent it */
	uint32_t slot;         /**< its place in the table: below max_flows */
	uint32_t newer, older; /**< neighbours in order of use: slot, or HF_SLOT_FREE */
	uint32_t hash;
} hf_flow;

/** What a packet turned out to be. */
typedef enum hf_step_kind {
	HF_STEP_OTHER,   /**< not TCP; or too broken to belong to a flow: `fault` */
	HF_STEP_SEGMENT, /**< a segment of `flow` */
	HF_STEP_BAD,     /**< a segment that names `flow` but cannot be used: `reason` */
	HF_STEP_ICMP,    /**< an ICMP error about `flow`, in `icmp` */
	HF_STEP_VERDICT, /**< no packet: our stack says that `flow` ended, with `reason` */
} hf_step_kind;

/** One packet, understood. Good until the next call on the tracker. */
typedef struct hf_step {
	hf_step_kind kind;
	hf_time at;
	hf_way way;
	hf_side from;        /**< who sent it; for HF_STEP_ICMP: whose packet it is about */
	const hf_flow *flow; /**< NULL: none. As it is after this step */
	hf_ip ip;            /**< version 0: no IP packet */
	hf_tcp tcp;          /**< segments, also bad ones */
	hf_icmp icmp;
	hf_reason reason; /**< the stack's, or what parsing found wrong */
	hf_cause cause;
	hf_state state;         /**< the stack's, of our end; HF_CLOSED: it has none */
	const char *lost;       /**< as in hf_seen */
	uint32_t segments;      /**< that it will be cut into; 1 without offload */
	uint32_t marks;         /**< HF_MARK(...) bits */
	uint32_t duplicates;    /**< HF_MARK(DUPLICATE_ACK): the how-manieth in a row */
	int64_t seq, ack;       /**< relative to the sender's and the other's initial number */
	uint32_t window;        /**< octets: scaled, where that is known */
	hf_ns rtt;              /**< a round trip that this segment ends; -1: none */
	bool first;             /**< the flow begins with it */
	bool opened;            /**< it completes the handshake */
	bool ended;             /**< the flow ends with it: flow->over */
	bool changed[2];        /**< the state of this end is new */
	const hf_flow *evicted; /**< a flow that gave way to this one; NULL: none */
} hf_step;

typedef struct hf_tracker hf_tracker;

/**
 * A tracker of at most `max_flows` (1 to 2^24) flows. `key` is random, from outside, where peers
 * are not trusted: it keeps them from piling up in the table. NULL: no memory.
 */
hf_tracker *hf_tracker_new(uint32_t max_flows, const hf_sipkey *key);
/** Frees it. NULL is allowed. */
void hf_tracker_free(hf_tracker *t);

/** Shows it a packet; `*out` says what it is. The views in `*out` borrow from `seen->data`. */
void hf_tracker_see(hf_tracker *t, const hf_seen *seen, hf_step *out);

/**
 * Tells it that our stack has ended the flow between the endpoints `ends`, in any order (an
 * HF_EVENT_CLOSED). False: no such flow, or it was over already; nothing changed.
 */
bool hf_tracker_verdict(hf_tracker *t, const hf_endpoint ends[2], hf_reason reason, hf_time at,
			hf_step *out);

/** The flow in slot `n`, or NULL: walks over all flows for n from 0 below hf_tracker_slots. */
const hf_flow *hf_tracker_flow(const hf_tracker *t, uint32_t n);
/** Slots that were ever in use. */
uint32_t hf_tracker_slots(const hf_tracker *t);

/**
 * True if a packet with this reason was not taken at all; false for HF_WHY_NONE and for ways to
 * end.
 */
bool hf_reason_is_drop(hf_reason r);

/** `seq` relative to the initial number of `e`; below 0 if it comes before it. */
int64_t hf_flow_relative(const hf_flow_end *e, hf_seq seq);

#endif
