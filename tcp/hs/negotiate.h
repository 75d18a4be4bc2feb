/* SPDX-License-Identifier: BSD-2-Clause */
/* What the two SYNs agree on: segment size, window scale, timestamps, SACK. */
#ifndef HF_TCP_HS_NEGOTIATE_H
#define HF_TCP_HS_NEGOTIATE_H

#include "tcp/tcb.h"

/** What one SYN said, in few octets: the part of it that a half-open record keeps. */
typedef struct hf_syn_offer {
	uint16_t mss;   /**< the option, or the default of the IP version */
	uint8_t wscale; /**< 14 at most */
	/** HF_TCB_SACK, HF_TCB_TIMESTAMPS, HF_TCB_WSCALE: what both sides now want */
	uint8_t flags;
	uint32_t tsval;
} hf_syn_offer;

/** Reads the peer's SYN; only what `config` lets us agree to is in the flags. */
hf_syn_offer hf_read_syn(const hf_config *config, const hf_segment *g, bool is_v4);
/** Options of the SYN-ACK that answers such a SYN. */
void hf_answer_syn(const hf_config *config, const hf_syn_offer *peer, bool is_v4,
		   hf_tcp_options *out);
/** Options of a connection's own SYN, or of its SYN-ACK when it has seen the peer's SYN. */
void hf_offer_syn(const hf_tcb *c, const hf_tcp_env *env, hf_tcp_options *out);
/** Adopts what was agreed. */
void hf_agree(hf_tcb *c, const hf_tcp_env *env, const hf_syn_offer *peer);
/** The MSS that we announce: what one unfragmented packet of the link carries (MUST-67). */
uint16_t hf_announced_mss(const hf_config *config, bool is_v4);
/** Octets of text that the peer's segments may have, as we have announced it. */
uint16_t hf_announced_text(const hf_tcb *c, const hf_config *config);
/**
 * Octets of options in a segment that has those in `o` besides what every segment of the connection
 * has: timestamps and a signature.
 */
size_t hf_options_room(const hf_tcb *c, hf_tcp_options *o);
/** Octets of the IP and TCP headers without options. */
uint32_t hf_packet_headers(const hf_tcb *c);
/** Octets of a packet that are not text: headers, and the options that every segment has. */
uint32_t hf_packet_overhead(const hf_tcb *c);
/** From now on this key signs what is sent: RFC 5925's current_key. */
void hf_auth_use(hf_tcb *c, hf_mkt *key);
/** Sets SND.MSS from the peer's MSS, the path and the options of every segment (MUST-16). */
void hf_update_mss(hf_tcb *c);

#endif
