/* SPDX-License-Identifier: BSD-2-Clause */
/* ICMP and ICMPv6 as far as TCP and a polite host need them (RFC 792, 4443, 1191, 8201). */
#ifndef HF_WIRE_ICMP_H
#define HF_WIRE_ICMP_H

#include <handfast/types.h>

#include "base/octets.h"
#include "base/seq.h"
#include "wire/ip.h"

typedef enum hf_icmp_kind {
	HF_ICMP_ECHO_REQUEST,
	HF_ICMP_ECHO_REPLY,
	HF_ICMP_ERROR, /**< quotes a packet; `error` says what it means */
	HF_ICMP_REDIRECT,
	HF_ICMP_NEIGHBOUR, /**< neighbour discovery: see wire/nd.h */
	HF_ICMP_OTHER,
} hf_icmp_kind;

/** The segment that an ICMP error quotes: as much of it as is always there (RFC 5927, 4). */
typedef struct hf_icmp_quote {
	hf_addr src, dst; /**< of the quoted packet: src is us */
	uint16_t src_port, dst_port;
	hf_seq seq;
	uint8_t protocol;
} hf_icmp_quote;

typedef struct hf_icmp {
	hf_icmp_kind kind;
	uint8_t type, code; /**< as they stand */
	/** HF_ICMP_ERROR: HF_WHY_ICMP_*; HF_WHY_ICMP_SOURCE_QUENCH for a quench */
	hf_reason error;
	uint32_t mtu; /**< HF_WHY_ICMP_TOO_BIG: next-hop MTU; 0 if the router did not say */
	hf_icmp_quote quote;
	/**
	 * echo: identifier, sequence and data; neighbour discovery: the message after the checksum;
	 * borrowed
	 */
	hf_view body;
} hf_icmp;

/** Parses an ICMP (IPv4) or ICMPv6 message: length, checksum, quote. */
hf_reason hf_icmp_parse(const hf_ip *ip, hf_icmp *out);

/** Octets of an echo reply that answers a request with `body_len` octets of body. */
static inline size_t hf_icmp_echo_len(size_t body_len)
{
	return 4 + body_len;
}

/**
 * Writes the echo reply (type, code, checksum, body) that `ip` (already turned round: src is us)
 * will carry. Returns hf_icmp_echo_len(body.len).
 */
size_t hf_icmp_emit_echo_reply(const hf_ip *ip, hf_view body, uint8_t *to);

#endif
