/* SPDX-License-Identifier: BSD-2-Clause */
/* Whole packets made by hand: segments, resets and ICMP errors. */
#include "lab/craft.h"

#include <string.h>

#include "wire/checksum.h"

#define ICMP_HEADER 8
#define ICMP4_MAX 576

size_t hf_lab_craft_tcp(const hf_ip *ip, const hf_tcp *tcp, uint8_t *to, size_t capacity)
{
	hf_ip outer = *ip;
	size_t ip_len, tcp_len = hf_tcp_header_len(tcp) + tcp->payload.len;

	outer.version = hf_addr_is_v4(&ip->src) ? 4 : 6;
	outer.protocol = HF_IPPROTO_TCP;
	outer.ttl = ip->ttl != 0 ? ip->ttl : 64;
	ip_len = hf_ip_header_len(&outer);
	if (ip_len + tcp_len > capacity)
		return 0;
	hf_ip_emit(&outer, tcp_len, to);
	hf_tcp_emit(tcp, to + ip_len);
	if (tcp->payload.len > 0)
		memcpy(to + ip_len + hf_tcp_header_len(tcp), tcp->payload.at, tcp->payload.len);
	hf_tcp_checksum(&outer, to + ip_len, tcp_len);
	return ip_len + tcp_len;
}

size_t hf_lab_craft_reset(const uint8_t *packet, size_t len, uint8_t *to)
{
	hf_ip ip, back;
	hf_tcp in, out = { 0 };

	if (hf_ip_parse((hf_view){ packet, len }, &ip) != HF_WHY_NONE ||
	    ip.protocol != HF_IPPROTO_TCP || hf_tcp_parse(&ip, true, &in) != HF_WHY_NONE ||
	    (in.flags & HF_TCP_RST) != 0)
		return 0;
	back = (hf_ip){ .src = ip.dst, .dst = ip.src };
	out.src_port = in.dst_port;
	out.dst_port = in.src_port;
	if ((in.flags & HF_TCP_ACK) != 0) {
		out.flags = HF_TCP_RST;
		out.seq = in.ack;
	} else {
		out.flags = HF_TCP_RST | HF_TCP_ACK;
		out.ack = hf_seq_add(in.seq, hf_tcp_seg_len(&in));
	}
	return hf_lab_craft_tcp(&back, &out, to, HF_IP_HEADER_MAX + HF_TCP_HEADER);
}

struct message {
	hf_reason reason;
	uint8_t type4, code4, type6, code6;
};

/* RFC 792, RFC 1812 5.2.7.1; RFC 4443 3. */
static const struct message messages[] = {
	{ HF_WHY_ICMP_NET, 3, 0, 1, 0 },           { HF_WHY_ICMP_HOST, 3, 1, 1, 3 },
	{ HF_WHY_ICMP_PROTOCOL, 3, 2, 4, 1 },      { HF_WHY_ICMP_PORT, 3, 3, 1, 4 },
	{ HF_WHY_ICMP_TOO_BIG, 3, 4, 2, 0 },       { HF_WHY_ICMP_ADMIN, 3, 13, 1, 1 },
	{ HF_WHY_ICMP_TTL, 11, 0, 3, 0 },          { HF_WHY_ICMP_PARAMETER, 12, 0, 4, 0 },
	{ HF_WHY_ICMP_SOURCE_QUENCH, 4, 0, 0, 0 },
};

static const struct message *message_of(hf_reason reason)
{
	for (size_t i = 0; i < sizeof(messages) / sizeof(messages[0]); i++) {
		if (messages[i].reason == reason)
			return &messages[i];
	}
	return NULL;
}

/* May an error be sent about this packet? Also finds its addresses. */
static bool may_be_answered(const uint8_t *packet, size_t len, hf_addr *src, hf_addr *dst)
{
	bool is_v4 = len >= HF_IP4_HEADER && packet[0] >> 4 == 4;
	size_t header = (packet[0] & 15) * 4u;

	if (is_v4) {
		*src = hf_addr_v4(packet[12], packet[13], packet[14], packet[15]);
		*dst = hf_addr_v4(packet[16], packet[17], packet[18], packet[19]);
		if ((hf_get16(packet + 6) & 0x1fff) != 0)
			return false;
		if (packet[9] == HF_IPPROTO_ICMP && len > header && packet[header] != 8)
			return false;
	} else {
		if (len < HF_IP6_HEADER || packet[0] >> 4 != 6)
			return false;
		memcpy(src->octet, packet + 8, 16);
		memcpy(dst->octet, packet + 24, 16);
		if (packet[6] == HF_IPPROTO_ICMP6 && len > HF_IP6_HEADER && packet[40] < 128)
			return false;
	}
	return !hf_addr_is_none(src) && !hf_addr_is_multicast(src) && !hf_addr_is_multicast(dst);
}

/* Who says what to whom about the packet. NULL: nothing may be said. */
static const struct message *choose_message(const hf_lab_error *what, hf_view packet, hf_ip *ip)
{
	const struct message *message = message_of(what->reason);
	hf_addr dst;
	bool is_v4;

	if (message == NULL || !may_be_answered(packet.at, packet.len, &ip->dst, &dst))
		return NULL;
	ip->src = hf_addr_is_none(&what->from) ? dst : what->from;
	is_v4 = hf_addr_is_v4(&ip->dst);
	if (is_v4 != hf_addr_is_v4(&ip->src) || (!is_v4 && message->type6 == 0))
		return NULL;
	ip->version = is_v4 ? 4 : 6;
	ip->protocol = is_v4 ? HF_IPPROTO_ICMP : HF_IPPROTO_ICMP6;
	ip->ttl = 64;
	return message;
}

size_t hf_lab_craft_error(const hf_lab_error *what, const uint8_t *packet, size_t len, uint8_t *to)
{
	hf_ip ip = { .ttl = 0 };
	const struct message *message = choose_message(what, (hf_view){ packet, len }, &ip);
	size_t header, most;
	uint8_t *icmp;
	hf_sum sum = 0;

	if (message == NULL)
		return 0;
	header = hf_ip_header_len(&ip);
	most = (ip.version == 4 ? ICMP4_MAX : HF_LAB_ICMP_MAX) - header - ICMP_HEADER;
	if (len > most)
		len = most;
	hf_ip_emit(&ip, ICMP_HEADER + len, to);
	icmp = to + header;
	icmp[0] = ip.version == 4 ? message->type4 : message->type6;
	icmp[1] = ip.version == 4 ? message->code4 : message->code6;
	hf_put16(icmp + 2, 0);
	hf_put32(icmp + 4, what->reason == HF_WHY_ICMP_TOO_BIG ? what->mtu : 0);
	memcpy(icmp + ICMP_HEADER, packet, len);
	if (ip.version == 6)
		sum = hf_sum_pseudo(0, &ip.src, &ip.dst, HF_IPPROTO_ICMP6,
				    (uint32_t)(ICMP_HEADER + len));
	hf_put16(icmp + 2, hf_sum_finish(hf_sum_octets(sum, icmp, ICMP_HEADER + len)));
	return header + ICMP_HEADER + len;
}
