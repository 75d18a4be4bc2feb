/* SPDX-License-Identifier: BSD-2-Clause */
/* IPv6 neighbour solicitations and advertisements (RFC 4861 4.3, 4.4, 7.1). */
#include "wire/nd.h"

#include "base/mem.h"
#include "wire/checksum.h"

/* In hf_icmp.body, which begins after the checksum. */
enum { AT_TARGET = 4, AT_OPTIONS = 20 };

/* In the whole message. */
enum { MESSAGE_CHECKSUM = 2, MESSAGE_FLAGS = 4, MESSAGE_TARGET = 8, MESSAGE_OPTIONS = 24 };

enum { FLAG_ROUTER = 0x80, FLAG_SOLICITED = 0x40, FLAG_OVERRIDE = 0x20 };

enum { OPTION_SOURCE_MAC = 1, OPTION_TARGET_MAC = 2, OPTION_UNIT = 8 };

enum { HOP_LIMIT = 255 };

static uint8_t mac_option_of(uint8_t type)
{
	return type == HF_ND_SOLICIT ? OPTION_SOURCE_MAC : OPTION_TARGET_MAC;
}

/* Every option has a length above zero and ends inside the message; those not known are skipped. */
static hf_reason read_options(hf_view options, hf_nd *out)
{
	size_t i = 0;

	while (i < options.len) {
		size_t len;

		if (options.len - i < OPTION_UNIT)
			return HF_WHY_ND_MALFORMED;
		len = (size_t)options.at[i + 1] * OPTION_UNIT;
		if (len == 0 || len > options.len - i)
			return HF_WHY_ND_MALFORMED;
		if (options.at[i] == mac_option_of(out->type)) {
			/* RFC 2464 6: one unit for Ethernet. */
			if (len != OPTION_UNIT)
				return HF_WHY_ND_MALFORMED;
			memcpy(out->mac.octet, options.at + i + 2, sizeof(out->mac.octet));
			out->has_mac = true;
		}
		i += len;
	}
	return HF_WHY_NONE;
}

/*
 * The target becomes an entry of the neighbour table, in which ::ffff:a.b.c.d is an IPv4 neighbour
 * and :: is none: only a true IPv6 unicast address may come in.
 */
static bool is_target_possible(const hf_addr *a)
{
	return !hf_addr_is_multicast(a) && !hf_addr_is_v4(a) && !hf_addr_is_none(a);
}

/* RFC 4861 7.1.1: without a source address it is duplicate address detection. */
static bool is_solicitation_valid(const hf_ip *ip, const hf_nd *nd)
{
	const hf_addr group = hf_nd_solicited_node(&ip->dst);

	if (!hf_addr_is_none(&ip->src))
		return true;
	return hf_addr_equal(&group, &ip->dst) && !nd->has_mac;
}

hf_reason hf_nd_parse(const hf_ip *ip, const hf_icmp *icmp, hf_nd *out)
{
	const hf_view body = icmp->body;
	hf_reason why;

	memset(out, 0, sizeof(*out));
	out->type = icmp->type;
	if (ip->ttl != HOP_LIMIT)
		return HF_WHY_ND_HOP_LIMIT;
	if (icmp->type != HF_ND_SOLICIT && icmp->type != HF_ND_ADVERTISE)
		return HF_WHY_ND_MALFORMED;
	if (icmp->code != 0 || body.len < AT_OPTIONS)
		return HF_WHY_ND_MALFORMED;
	memcpy(out->target.octet, body.at + AT_TARGET, sizeof(out->target.octet));
	if (!is_target_possible(&out->target))
		return HF_WHY_ND_MALFORMED;
	why = read_options((hf_view){ body.at + AT_OPTIONS, body.len - AT_OPTIONS }, out);
	if (why != HF_WHY_NONE)
		return why;
	if (out->has_mac && hf_mac_is_group(&out->mac))
		return HF_WHY_ND_MALFORMED;

	if (out->type == HF_ND_SOLICIT)
		return is_solicitation_valid(ip, out) ? HF_WHY_NONE : HF_WHY_ND_MALFORMED;
	out->router = (body.at[0] & FLAG_ROUTER) != 0;
	out->solicited = (body.at[0] & FLAG_SOLICITED) != 0;
	out->override = (body.at[0] & FLAG_OVERRIDE) != 0;
	/* RFC 4861 7.1.2: an answer to somebody goes to that somebody. */
	if (out->solicited && hf_addr_is_multicast(&ip->dst))
		return HF_WHY_ND_MALFORMED;
	return HF_WHY_NONE;
}

static uint8_t flags_of(const hf_nd *nd)
{
	unsigned flags = 0;

	if (nd->router)
		flags |= FLAG_ROUTER;
	if (nd->solicited)
		flags |= FLAG_SOLICITED;
	if (nd->override)
		flags |= FLAG_OVERRIDE;
	return (uint8_t)flags;
}

size_t hf_nd_emit(const hf_ip *ip, const hf_nd *nd, uint8_t *to)
{
	size_t len = MESSAGE_OPTIONS;
	hf_sum sum;

	memset(to, 0, MESSAGE_OPTIONS);
	to[0] = nd->type;
	if (nd->type == HF_ND_ADVERTISE)
		to[MESSAGE_FLAGS] = flags_of(nd);
	memcpy(to + MESSAGE_TARGET, nd->target.octet, sizeof(nd->target.octet));
	if (nd->has_mac) {
		to[MESSAGE_OPTIONS] = mac_option_of(nd->type);
		to[MESSAGE_OPTIONS + 1] = 1;
		memcpy(to + MESSAGE_OPTIONS + 2, nd->mac.octet, sizeof(nd->mac.octet));
		len = HF_ND_LEN;
	}
	sum = hf_sum_pseudo(0, &ip->src, &ip->dst, HF_IPPROTO_ICMP6, (uint32_t)len);
	hf_put16(to + MESSAGE_CHECKSUM, hf_sum_finish(hf_sum_octets(sum, to, len)));
	return len;
}

hf_addr hf_nd_solicited_node(const hf_addr *a)
{
	return (hf_addr){ { 0xff, 0x02, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0x01, 0xff, a->octet[13],
			    a->octet[14], a->octet[15] } };
}
