/* SPDX-License-Identifier: BSD-2-Clause */
/* Ethernet II frames (IEEE 802.3), with up to two VLAN tags (IEEE 802.1Q). */
#include "wire/ether.h"

#include "base/mem.h"

enum { MAC = 6, AT_SRC = 6, AT_TYPE = 12 };

enum { TAG = 4, TAGS_MAX = 2, VLAN_ID = 0x0fff };

enum { ETHERTYPE_CUSTOMER_TAG = 0x8100, ETHERTYPE_SERVICE_TAG = 0x88a8 };

static bool is_tag(uint16_t type)
{
	return type == ETHERTYPE_CUSTOMER_TAG || type == ETHERTYPE_SERVICE_TAG;
}

hf_reason hf_ether_parse(hf_view frame, hf_ether *out)
{
	memset(out, 0, sizeof(*out));
	if (frame.len < HF_ETHER_HEADER)
		return HF_WHY_LINK_SHORT;
	memcpy(out->dst.octet, frame.at, MAC);
	memcpy(out->src.octet, frame.at + AT_SRC, MAC);
	out->type = hf_get16(frame.at + AT_TYPE);
	out->payload = (hf_view){ frame.at + HF_ETHER_HEADER, frame.len - HF_ETHER_HEADER };

	for (unsigned n = 0; n < TAGS_MAX && is_tag(out->type); n++) {
		const hf_view tag = out->payload;

		if (tag.len < TAG)
			return HF_WHY_LINK_SHORT;
		if (n == 0)
			out->vlan = hf_get16(tag.at) & VLAN_ID;
		out->type = hf_get16(tag.at + 2);
		out->payload = (hf_view){ tag.at + TAG, tag.len - TAG };
	}
	return HF_WHY_NONE;
}

size_t hf_ether_emit(const hf_ether *e, uint8_t *to)
{
	memcpy(to, e->dst.octet, MAC);
	memcpy(to + AT_SRC, e->src.octet, MAC);
	hf_put16(to + AT_TYPE, e->type);
	return HF_ETHER_HEADER;
}

bool hf_mac_equal(const hf_mac *a, const hf_mac *b)
{
	return memcmp(a->octet, b->octet, MAC) == 0;
}

bool hf_mac_is_group(const hf_mac *a)
{
	return (a->octet[0] & 1) != 0;
}

hf_mac hf_mac_of_multicast(const hf_addr *group)
{
	const uint8_t *const low = group->octet + 12;

	if (hf_addr_is_v4(group))
		return (hf_mac){ { 0x01, 0x00, 0x5e, low[1] & 0x7f, low[2], low[3] } };
	return (hf_mac){ { 0x33, 0x33, low[0], low[1], low[2], low[3] } };
}
