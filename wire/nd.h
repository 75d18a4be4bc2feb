/* SPDX-License-Identifier: BSD-2-Clause */
/* IPv6 neighbour discovery: solicitations and advertisements (RFC 4861). */
#ifndef HF_WIRE_ND_H
#define HF_WIRE_ND_H

#include "wire/ether.h"
#include "wire/icmp.h"

enum { HF_ND_SOLICIT = 135, HF_ND_ADVERTISE = 136 };

#define HF_ND_LEN 32 /**< octets of a message with one link-layer address option */

typedef struct hf_nd {
	uint8_t type; /**< HF_ND_SOLICIT or HF_ND_ADVERTISE */
	hf_addr target;
	bool solicited, override, router; /**< flags of an advertisement */
	bool has_mac;
	hf_mac mac; /**< source (solicitation) or target (advertisement) link-layer address */
} hf_nd;

/** Parses and validates (RFC 4861 7.1.1, 7.1.2): hop limit 255, code 0, lengths, options. */
hf_reason hf_nd_parse(const hf_ip *ip, const hf_icmp *icmp, hf_nd *out);
/** Writes a message with its checksum: HF_ND_LEN octets, or 24 without a link-layer address. */
size_t hf_nd_emit(const hf_ip *ip, const hf_nd *nd, uint8_t *to);
/** The solicited-node group of an address: ff02::1:ffxx:xxxx. */
hf_addr hf_nd_solicited_node(const hf_addr *a);

#endif
