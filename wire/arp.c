/* SPDX-License-Identifier: BSD-2-Clause */
/* ARP packets (RFC 826) for the one pair of protocols that is spoken: IPv4 over Ethernet. */
#include "wire/arp.h"

#include "base/mem.h"

enum { HARDWARE_ETHERNET = 1, MAC = 6, IP4 = 4 };

enum {
	AT_HARDWARE = 0,
	AT_PROTOCOL = 2,
	AT_HARDWARE_LEN = 4,
	AT_PROTOCOL_LEN = 5,
	AT_OP = 6,
	AT_SENDER_MAC = 8,
	AT_SENDER = 14,
	AT_TARGET_MAC = 18,
	AT_TARGET = 24,
};

static hf_addr read_addr(const uint8_t *at)
{
	return hf_addr_v4(at[0], at[1], at[2], at[3]);
}

static bool is_ip4_over_ethernet(const uint8_t *at)
{
	return hf_get16(at + AT_HARDWARE) == HARDWARE_ETHERNET &&
	       hf_get16(at + AT_PROTOCOL) == HF_ETHERTYPE_IP4 && at[AT_HARDWARE_LEN] == MAC &&
	       at[AT_PROTOCOL_LEN] == IP4;
}

hf_reason hf_arp_parse(hf_view packet, hf_arp *out)
{
	const uint8_t *const at = packet.at;

	memset(out, 0, sizeof(*out));
	if (packet.len < HF_ARP_LEN || !is_ip4_over_ethernet(at))
		return HF_WHY_ARP_MALFORMED;
	out->op = hf_get16(at + AT_OP);
	memcpy(out->sender_mac.octet, at + AT_SENDER_MAC, MAC);
	memcpy(out->target_mac.octet, at + AT_TARGET_MAC, MAC);
	out->sender = read_addr(at + AT_SENDER);
	out->target = read_addr(at + AT_TARGET);

	if (out->op != HF_ARP_REQUEST && out->op != HF_ARP_REPLY)
		return HF_WHY_ARP_MALFORMED;
	/*
	 * RFC 1812 3.3.2: nobody's own address is a group address. 0.0.0.0 may ask (RFC 5227
	 * 2.1.1).
	 */
	if (hf_mac_is_group(&out->sender_mac) || hf_addr_is_multicast(&out->sender) ||
	    hf_get32(at + AT_SENDER) == UINT32_MAX)
		return HF_WHY_ARP_MALFORMED;
	return HF_WHY_NONE;
}

size_t hf_arp_emit(const hf_arp *a, uint8_t *to)
{
	hf_put16(to + AT_HARDWARE, HARDWARE_ETHERNET);
	hf_put16(to + AT_PROTOCOL, HF_ETHERTYPE_IP4);
	to[AT_HARDWARE_LEN] = MAC;
	to[AT_PROTOCOL_LEN] = IP4;
	hf_put16(to + AT_OP, a->op);
	memcpy(to + AT_SENDER_MAC, a->sender_mac.octet, MAC);
	memcpy(to + AT_SENDER, a->sender.octet + 12, IP4);
	memcpy(to + AT_TARGET_MAC, a->target_mac.octet, MAC);
	memcpy(to + AT_TARGET, a->target.octet + 12, IP4);
	return HF_ARP_LEN;
}
