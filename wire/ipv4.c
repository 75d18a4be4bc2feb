/* SPDX-License-Identifier: BSD-2-Clause */
/* IPv4 headers (RFC 791, RFC 1122 3.2.1). */
#include "base/mem.h"
#include "wire/checksum.h"
#include "wire/ip_versions.h"

enum {
	AT_TRAFFIC_CLASS = 1,
	AT_TOTAL_LENGTH = 2,
	AT_ID = 4,
	AT_FRAGMENT = 6,
	AT_TTL = 8,
	AT_PROTOCOL = 9,
	AT_CHECKSUM = 10,
	AT_SRC = 12,
	AT_DST = 16,
};

enum { DONT_FRAGMENT = 0x4000, MORE_FRAGMENTS = 0x2000, FRAGMENT_OFFSET = 0x1fff };

static hf_addr read_addr(const uint8_t *at)
{
	return hf_addr_v4(at[0], at[1], at[2], at[3]);
}

/* MUST-63, RFC 1122 3.2.1.3: neither "this network", nor a group, nor everybody can be a sender. */
static bool is_sender(const uint8_t *at)
{
	const bool is_this_network = at[0] == 0;
	const bool is_group = at[0] >= 224 && at[0] <= 239;
	const bool is_broadcast = hf_get32(at) == UINT32_MAX;

	return !is_this_network && !is_group && !is_broadcast;
}

hf_reason hf_ip4_parse(hf_view packet, hf_ip *out)
{
	const uint8_t *const at = packet.at;
	size_t header, total;
	uint16_t fragment;

	if (packet.len < HF_IP4_HEADER)
		return HF_WHY_IP_SHORT;
	out->src = read_addr(at + AT_SRC);
	out->dst = read_addr(at + AT_DST);
	out->protocol = at[AT_PROTOCOL];
	out->ttl = at[AT_TTL];
	out->traffic_class = at[AT_TRAFFIC_CLASS];
	out->id = hf_get16(at + AT_ID);
	fragment = hf_get16(at + AT_FRAGMENT);
	out->dont_fragment = (fragment & DONT_FRAGMENT) != 0;

	header = (size_t)(at[0] & 0x0f) * 4;
	/*@ split header; */
	total = hf_get16(at + AT_TOTAL_LENGTH);
	if (header < HF_IP4_HEADER)
		return HF_WHY_IP_HEADER_LENGTH;
	if (total > packet.len)
		return HF_WHY_IP_LENGTH;
	if (header > total)
		return HF_WHY_IP_HEADER_LENGTH;
	out->options = (hf_view){ at + HF_IP4_HEADER, header - HF_IP4_HEADER }; /* MUST-50 */
	out->payload = (hf_view){ at + header, total - header };

	if (hf_sum_finish(hf_sum_octets(0, at, header)) != 0)
		return HF_WHY_IP_CHECKSUM;
	if (!is_sender(at + AT_SRC))
		return HF_WHY_IP_SOURCE;
	if (fragment & (MORE_FRAGMENTS | FRAGMENT_OFFSET))
		return HF_WHY_IP_FRAGMENT;
	return HF_WHY_NONE;
}

size_t hf_ip4_emit(const hf_ip *ip, size_t payload_len, uint8_t *to)
{
	const size_t header = HF_IP4_HEADER + ip->options.len;

	to[0] = (uint8_t)(4 << 4 | header / 4);
	to[AT_TRAFFIC_CLASS] = ip->traffic_class;
	hf_put16(to + AT_TOTAL_LENGTH, (uint16_t)(header + payload_len));
	hf_put16(to + AT_ID, ip->id);
	hf_put16(to + AT_FRAGMENT, ip->dont_fragment ? DONT_FRAGMENT : 0);
	to[AT_TTL] = ip->ttl;
	to[AT_PROTOCOL] = ip->protocol;
	hf_put16(to + AT_CHECKSUM, 0);
	memcpy(to + AT_SRC, ip->src.octet + 12, 4);
	memcpy(to + AT_DST, ip->dst.octet + 12, 4);
	if (ip->options.len > 0)
		memcpy(to + HF_IP4_HEADER, ip->options.at, ip->options.len);
	hf_put16(to + AT_CHECKSUM, hf_sum_finish(hf_sum_octets(0, to, header)));
	return header;
}
