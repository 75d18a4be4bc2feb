/* SPDX-License-Identifier: BSD-2-Clause */
/* Ethernet II frames, with up to two VLAN tags read. */
#ifndef HF_WIRE_ETHER_H
#define HF_WIRE_ETHER_H

#include <handfast/types.h>

#include "base/octets.h"

enum { HF_ETHERTYPE_IP4 = 0x0800, HF_ETHERTYPE_ARP = 0x0806, HF_ETHERTYPE_IP6 = 0x86dd };

#define HF_ETHER_HEADER 14

/** A 48-bit link address. */
typedef struct hf_mac {
	uint8_t octet[6];
} hf_mac;

typedef struct hf_ether {
	hf_mac dst, src;
	uint16_t type;   /**< after VLAN tags */
	uint16_t vlan;   /**< outermost VLAN id, or 0 */
	hf_view payload; /**< borrowed */
} hf_ether;

hf_reason hf_ether_parse(hf_view frame, hf_ether *out);
/** Writes the header without VLAN tag: HF_ETHER_HEADER octets. */
size_t hf_ether_emit(const hf_ether *e, uint8_t *to);

bool hf_mac_equal(const hf_mac *a, const hf_mac *b);
/** Group bit: broadcast or multicast. */
bool hf_mac_is_group(const hf_mac *a);
/** The Ethernet address that a multicast IP address maps to (RFC 1112 6.4, RFC 2464 7). */
hf_mac hf_mac_of_multicast(const hf_addr *group);

#endif
