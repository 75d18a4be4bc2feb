/* SPDX-License-Identifier: BSD-2-Clause */
/* ARP for IPv4 over Ethernet (RFC 826). */
#ifndef HF_WIRE_ARP_H
#define HF_WIRE_ARP_H

#include "wire/ether.h"

enum { HF_ARP_REQUEST = 1, HF_ARP_REPLY = 2 };

#define HF_ARP_LEN 28

typedef struct hf_arp {
	uint16_t op;
	hf_mac sender_mac, target_mac;
	hf_addr sender, target;
} hf_arp;

hf_reason hf_arp_parse(hf_view packet, hf_arp *out);
/** Writes HF_ARP_LEN octets. */
size_t hf_arp_emit(const hf_arp *a, uint8_t *to);

#endif
