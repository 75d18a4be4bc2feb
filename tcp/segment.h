/* SPDX-License-Identifier: BSD-2-Clause */
/* A segment as the connection sees it: arriving, checked; and leaving, a description. */
#ifndef HF_TCP_SEGMENT_H
#define HF_TCP_SEGMENT_H

#include "wire/tcp.h"

/** One end's view of who talks to whom. */
typedef struct hf_flow {
	hf_addr local, remote;
	uint16_t local_port, remote_port;
} hf_flow;

/** An arriving segment, already checked for length, options and checksum. */
typedef struct hf_segment {
	hf_seq seq, ack; /**< SEG.SEQ, SEG.ACK */
	uint16_t flags;  /**< HF_TCP_* */
	uint16_t window; /**< as in the header; SEG.WND is this, scaled */
	uint16_t urgent; /**< the urgent pointer as it stands: SEG.UP less SEG.SEQ */
	hf_view text;    /**< its octets; borrowed */
	hf_ip_ecn ecn;   /**< the mark of the packet that it came in */
	const hf_tcp_options *options;
	const hf_ip *ip;          /**< the packet that carried it */
	const struct hf_mkt *key; /**< by which its signature was verified; NULL: not signed */
} hf_segment;

/** SEG.LEN: octets of text, with SYN and FIN counted. */
static inline uint32_t hf_segment_len(const hf_segment *g)
{
	return (uint32_t)g->text.len + !!(g->flags & HF_TCP_SYN) + !!(g->flags & HF_TCP_FIN);
}

/** A leaving segment: what to build. Its text lies in the send ring at position `seq`. */
typedef struct hf_sending {
	hf_seq seq, ack;
	uint16_t flags;
	uint16_t window; /**< as in the header */
	uint16_t urgent; /**< the same: HF_TCP_URG's pointer */
	uint32_t len;    /**< octets of text; more than `mss` only if the link cuts segments */
	uint16_t mss;    /**< octets of text a segment on the wire */
	hf_cause cause;
	bool garbage; /**< one octet of zero follows, which is not in the ring (MAY-6) */
	/** of a segment without a connection; TTL 0: the stack's */
	uint8_t ttl, traffic_class;
	bool may_fragment;            /**< the same: routers may */
	uint16_t ip_id;               /**< the same: then it has an identification (RFC 6864) */
	uint32_t flow_label;          /**< the same: IPv6 */
	const hf_source_route *route; /**< the same; NULL: none; borrowed */
	hf_ip_ecn ecn;                /**< the mark of the packet that it goes out in */
	hf_tcp_options options;
	uint8_t acc_ecn[HF_ACC_ECN_MAX]; /**< where options.acc_ecn may point */
	uint8_t cookie[18];              /**< where options.fast_open and .experiment may point */
	/** of a segment that is no connection's: how it is signed; NULL: not at all; borrowed */
	struct hf_signer *signer;
} hf_sending;

/** The next of a flow's labels; without the first, which a key has made, none can be foreseen. */
static inline uint32_t hf_label_next(uint32_t seed)
{
	seed += UINT32_C(0x9e3779b9);
	seed = (seed ^ seed >> 16) * UINT32_C(0x85ebca6b);
	seed = (seed ^ seed >> 13) * UINT32_C(0xc2b2ae35);
	return seed ^ seed >> 16;
}

/** An address that has proven nothing gets no more than so many times the octets that came. */
#define HF_REFLECTION_MOST 3u

/** A reset in answer to a segment that nobody waits for (RFC 9293, 3.10.7.1). */
typedef struct hf_reset {
	hf_seq seq, ack;
	bool has_ack;
} hf_reset;

/** The reset that answers `g`, which is none itself. */
static inline hf_reset hf_reset_for(const hf_segment *g)
{
	if (g->flags & HF_TCP_ACK)
		return (hf_reset){ .seq = g->ack };
	return (hf_reset){ .ack = hf_seq_add(g->seq, hf_segment_len(g)), .has_ack = true };
}

#endif
