/* SPDX-License-Identifier: BSD-2-Clause */
/* ICMP and ICMPv6 messages: what they say, and which segment they quote. */

/*
 * Theory of operation. The two protocols have different numbers for the same news; each has a small
 * function from type and code to one reason, and everything else is shared. An error is only of use
 * with the first 8 octets of the transport header that it quotes. Nothing in the quote is trusted:
 * not its lengths, not its version, and an IPv6 quote whose addresses stand for IPv4 ones is
 * refused, so that nobody reaches an IPv4 connection by way of ICMPv6.
 */
#include "wire/icmp.h"

#include "base/mem.h"
#include "wire/checksum.h"

/* Octets of an ICMP header, and of transport header that a quote must have. */
enum { HEADER = 8, QUOTED_TRANSPORT = 8 };

enum { AT_CODE = 1, AT_CHECKSUM = 2, AT_BODY = 4, AT_MTU4 = 6 };

enum {
	V4_ECHO_REPLY = 0,
	V4_UNREACHABLE = 3,
	V4_SOURCE_QUENCH = 4,
	V4_REDIRECT = 5,
	V4_ECHO_REQUEST = 8,
	V4_TIME_EXCEEDED = 11,
	V4_PARAMETER = 12,
};

enum {
	V6_UNREACHABLE = 1,
	V6_TOO_BIG = 2,
	V6_TIME_EXCEEDED = 3,
	V6_PARAMETER = 4,
	V6_ECHO_REQUEST = 128,
	V6_ECHO_REPLY = 129,
	V6_SOLICITATION = 135,
	V6_ADVERTISEMENT = 136,
	V6_REDIRECT = 137,
	V6_UNKNOWN_NEXT_HEADER = 1,
};

/* RFC 792, RFC 1122 3.2.2.1, RFC 1812 5.2.7.1; by code. */
static const hf_reason v4_unreachable[] = {
	HF_WHY_ICMP_NET,      /* 0 */
	HF_WHY_ICMP_HOST,     /* 1 */
	HF_WHY_ICMP_PROTOCOL, /* 2 */
	HF_WHY_ICMP_PORT,     /* 3 */
	HF_WHY_ICMP_TOO_BIG,  /* 4: fragmentation needed */
	HF_WHY_ICMP_HOST,     /* 5: source route failed */
	HF_WHY_ICMP_NET,      /* 6: network unknown */
	HF_WHY_ICMP_HOST,     /* 7: host unknown */
	HF_WHY_ICMP_HOST,     /* 8: source host isolated */
	HF_WHY_ICMP_ADMIN,    /* 9: network prohibited */
	HF_WHY_ICMP_ADMIN,    /* 10: host prohibited */
	HF_WHY_ICMP_NET,      /* 11: network, for this type of service */
	HF_WHY_ICMP_HOST,     /* 12: host, for this type of service */
	HF_WHY_ICMP_ADMIN,    /* 13: prohibited by a filter */
	HF_WHY_ICMP_ADMIN,    /* 14: host precedence violation */
	HF_WHY_ICMP_ADMIN,    /* 15: precedence cut-off */
};

/* RFC 4443 3.1; by code. */
static const hf_reason v6_unreachable[] = {
	HF_WHY_ICMP_NET,   /* 0: no route */
	HF_WHY_ICMP_ADMIN, /* 1: prohibited */
	HF_WHY_ICMP_HOST,  /* 2: beyond the scope of the source address */
	HF_WHY_ICMP_HOST,  /* 3: address unreachable */
	HF_WHY_ICMP_PORT,  /* 4 */
	HF_WHY_ICMP_ADMIN, /* 5: source address failed a policy */
	HF_WHY_ICMP_ADMIN, /* 6: reject route */
};

#define LENGTH(array) (sizeof(array) / sizeof((array)[0]))

static void classify4(const uint8_t *at, hf_icmp *out)
{
	out->kind = HF_ICMP_ERROR;
	switch (out->type) {
	case V4_UNREACHABLE:
		if (out->code >= LENGTH(v4_unreachable)) {
			out->kind = HF_ICMP_OTHER;
			return;
		}
		out->error = v4_unreachable[out->code];
		if (out->error == HF_WHY_ICMP_TOO_BIG)
			out->mtu = hf_get16(at + AT_MTU4);
		return;
	case V4_SOURCE_QUENCH:
		out->error = HF_WHY_ICMP_SOURCE_QUENCH;
		return;
	case V4_TIME_EXCEEDED:
		out->error = HF_WHY_ICMP_TTL;
		return;
	case V4_PARAMETER:
		out->error = HF_WHY_ICMP_PARAMETER;
		return;
	case V4_REDIRECT:
		out->kind = HF_ICMP_REDIRECT;
		return;
	case V4_ECHO_REQUEST:
		out->kind = HF_ICMP_ECHO_REQUEST;
		return;
	case V4_ECHO_REPLY:
		out->kind = HF_ICMP_ECHO_REPLY;
		return;
	default:
		out->kind = HF_ICMP_OTHER;
		return;
	}
}

static void classify6(const uint8_t *at, hf_icmp *out)
{
	out->kind = HF_ICMP_ERROR;
	switch (out->type) {
	case V6_UNREACHABLE:
		if (out->code >= LENGTH(v6_unreachable))
			out->kind = HF_ICMP_OTHER;
		else
			out->error = v6_unreachable[out->code];
		return;
	case V6_TOO_BIG:
		out->error = HF_WHY_ICMP_TOO_BIG;
		out->mtu = hf_get32(at + AT_BODY);
		return;
	case V6_TIME_EXCEEDED:
		out->error = HF_WHY_ICMP_TTL;
		return;
	case V6_PARAMETER:
		out->error = out->code == V6_UNKNOWN_NEXT_HEADER ? HF_WHY_ICMP_PROTOCOL :
								   HF_WHY_ICMP_PARAMETER;
		return;
	case V6_ECHO_REQUEST:
		out->kind = HF_ICMP_ECHO_REQUEST;
		return;
	case V6_ECHO_REPLY:
		out->kind = HF_ICMP_ECHO_REPLY;
		return;
	case V6_REDIRECT:
		out->kind = HF_ICMP_REDIRECT;
		return;
	case V6_SOLICITATION:
	case V6_ADVERTISEMENT:
		out->kind = HF_ICMP_NEIGHBOUR;
		return;
	default:
		out->kind = HF_ICMP_OTHER;
		return;
	}
}

static void read_transport(const uint8_t *at, hf_icmp_quote *out)
{
	out->src_port = hf_get16(at);
	out->dst_port = hf_get16(at + 2);
	out->seq.v = hf_get32(at + 4);
}

static hf_reason read_quote4(hf_view quote, hf_icmp_quote *out)
{
	const uint8_t *const at = quote.at;
	size_t header;

	if (quote.len < HF_IP4_HEADER + QUOTED_TRANSPORT)
		return HF_WHY_ICMP_SHORT;
	header = (size_t)(at[0] & 0x0f) * 4;
	if (at[0] >> 4 != 4 || header < HF_IP4_HEADER)
		return HF_WHY_ICMP_QUOTE;
	if (quote.len < header + QUOTED_TRANSPORT)
		return HF_WHY_ICMP_SHORT;
	/* Only the first fragment has the transport header. */
	if (hf_get16(at + 6) & 0x1fff)
		return HF_WHY_ICMP_QUOTE;
	out->protocol = at[9];
	out->src = hf_addr_v4(at[12], at[13], at[14], at[15]);
	out->dst = hf_addr_v4(at[16], at[17], at[18], at[19]);
	read_transport(at + header, out);
	return HF_WHY_NONE;
}

/* No extension header is walked: what this host sends over TCP has none. */
static hf_reason read_quote6(hf_view quote, hf_icmp_quote *out)
{
	const uint8_t *const at = quote.at;

	if (quote.len < HF_IP6_HEADER + QUOTED_TRANSPORT)
		return HF_WHY_ICMP_SHORT;
	if (at[0] >> 4 != 6)
		return HF_WHY_ICMP_QUOTE;
	out->protocol = at[6];
	memcpy(out->src.octet, at + 8, sizeof(out->src.octet));
	memcpy(out->dst.octet, at + 24, sizeof(out->dst.octet));
	if (hf_addr_is_v4(&out->src) || hf_addr_is_v4(&out->dst))
		return HF_WHY_ICMP_QUOTE;
	read_transport(at + HF_IP6_HEADER, out);
	return HF_WHY_NONE;
}

/* The sum over a whole message; only ICMPv6 covers a pseudo-header (RFC 4443 2.3). */
static hf_sum message_sum(const hf_ip *ip, const uint8_t *message, size_t len)
{
	hf_sum sum = 0;

	if (ip->version == 6)
		sum = hf_sum_pseudo(sum, &ip->src, &ip->dst, HF_IPPROTO_ICMP6, (uint32_t)len);
	return hf_sum_octets(sum, message, len);
}

hf_reason hf_icmp_parse(const hf_ip *ip, hf_icmp *out)
{
	const hf_view message = ip->payload;
	hf_view quote;

	memset(out, 0, sizeof(*out));
	out->kind = HF_ICMP_OTHER;
	if (ip->protocol != (ip->version == 4 ? HF_IPPROTO_ICMP : HF_IPPROTO_ICMP6))
		return HF_WHY_IP_PROTOCOL;
	if (message.len < HEADER)
		return HF_WHY_ICMP_SHORT;
	out->type = message.at[0];
	out->code = message.at[AT_CODE];
	out->body = (hf_view){ message.at + AT_BODY, message.len - AT_BODY };
	if (hf_sum_finish(message_sum(ip, message.at, message.len)) != 0)
		return HF_WHY_ICMP_CHECKSUM;

	if (ip->version == 4)
		classify4(message.at, out);
	else
		classify6(message.at, out);
	if (out->kind != HF_ICMP_ERROR)
		return HF_WHY_NONE;
	quote = (hf_view){ message.at + HEADER, message.len - HEADER };
	return ip->version == 4 ? read_quote4(quote, &out->quote) : read_quote6(quote, &out->quote);
}

size_t hf_icmp_emit_echo_reply(const hf_ip *ip, hf_view body, uint8_t *to)
{
	const size_t len = hf_icmp_echo_len(body.len);

	to[0] = ip->version == 4 ? V4_ECHO_REPLY : V6_ECHO_REPLY;
	to[AT_CODE] = 0;
	hf_put16(to + AT_CHECKSUM, 0);
	if (body.len > 0)
		memcpy(to + AT_BODY, body.at, body.len);
	hf_put16(to + AT_CHECKSUM, hf_sum_finish(message_sum(ip, to, len)));
	return len;
}
