/* SPDX-License-Identifier: BSD-2-Clause */
/* IPv6 headers and the walk over extension headers (RFC 8200). */

/*
 * Theory of operation. The fixed header is followed by a chain of extension headers, each naming
 * the next. The walk takes one header off the front of `payload` at a time and puts the name of
 * what follows into `protocol`, until that name is not an extension header. A chain is at most
 * EXTENSIONS_MAX long, which is more than any legal one (RFC 8200 4.1), so a peer cannot buy much
 * work with one packet. Authentication and encryption headers end the walk: they are protocols that
 * are not spoken here. Jumbograms (RFC 2675) are refused.
 */
#include "base/mem.h"
#include "wire/ip_versions.h"

enum { AT_PAYLOAD_LENGTH = 4, AT_NEXT = 6, AT_HOP_LIMIT = 7, AT_SRC = 8, AT_DST = 24 };

enum { HOP_BY_HOP = 0, ROUTING = 43, FRAGMENT = 44, NO_NEXT = 59, DESTINATION = 60 };

enum { EXTENSION_UNIT = 8, EXTENSIONS_MAX = 8 };

enum { OPTION_PAD1 = 0, OPTION_ACTION = 0xc0 };

/*
 * ICMPv6 that a host without an address may send: MLD reports (RFC 3590 4, RFC 3810 5.2.13), router
 * and neighbour solicitation (RFC 4861 4.1, 4.3).
 */
enum {
	MLD_REPORT = 131,
	MLD_DONE = 132,
	ROUTER_SOLICITATION = 133,
	NEIGHBOUR_SOLICITATION = 135,
	MLD2_REPORT = 143,
};

static bool is_extension(uint8_t next)
{
	return next == HOP_BY_HOP || next == ROUTING || next == FRAGMENT || next == DESTINATION;
}

/* RFC 8200 4.2: the two top bits of an option's type say what to do if it is not known. None is
 * acted on here, so 00 is skipped and everything else drops the packet. */
static hf_reason check_options(hf_view options)
{
	size_t i = 0;

	while (i < options.len) {
		const uint8_t type = options.at[i];

		if (type == OPTION_PAD1) {
			i++;
			continue;
		}
		if (options.len - i < 2 || options.len - i - 2 < options.at[i + 1])
			return HF_WHY_IP6_EXTENSION;
		if (type & OPTION_ACTION)
			return HF_WHY_IP6_EXTENSION_UNKNOWN;
		i += 2 + (size_t)options.at[i + 1];
	}
	return HF_WHY_NONE;
}

/* `header` is one whole extension header of `kind`: at least 8 octets. */
static hf_reason check_extension(uint8_t kind, hf_view header)
{
	switch (kind) {
	case ROUTING:
		/*
		 * RFC 8200 4.4: with no segments left the header is skipped; nothing is forwarded
		 * here.
		 */
		return header.at[3] == 0 ? HF_WHY_NONE : HF_WHY_IP6_EXTENSION_UNKNOWN;
	case FRAGMENT:
		/* Offset and M flag; both zero is a whole packet (RFC 6946). */
		return (hf_get16(header.at + 2) & 0xfff9) == 0 ? HF_WHY_NONE : HF_WHY_IP_FRAGMENT;
	default:
		return check_options((hf_view){ header.at + 2, header.len - 2 });
	}
}

/* Takes the extension header that stands before the rest, the `n`th, off its front. */
static hf_reason take_extension(hf_ip *ip, unsigned n)
{
	const uint8_t kind = ip->protocol;
	const hf_view rest = ip->payload;
	size_t len = EXTENSION_UNIT;
	hf_reason why;

	if (n == EXTENSIONS_MAX || rest.len < EXTENSION_UNIT)
		return HF_WHY_IP6_EXTENSION;
	if (kind == HOP_BY_HOP && n > 0)
		return HF_WHY_IP6_EXTENSION;
	if (kind != FRAGMENT)
		len += (size_t)rest.at[1] * EXTENSION_UNIT;
	if (len > rest.len)
		return HF_WHY_IP6_EXTENSION;
	/*@ split len; */
	why = check_extension(kind, (hf_view){ rest.at, len });
	if (why != HF_WHY_NONE)
		return why;
	ip->protocol = rest.at[0];
	ip->payload = (hf_view){ rest.at + len, rest.len - len };
	return HF_WHY_NONE;
}

static hf_reason walk_extensions(hf_ip *ip)
{
	for (unsigned n = 0; is_extension(ip->protocol); n++) {
		const hf_reason why = take_extension(ip, n);

		if (why != HF_WHY_NONE)
			return why;
	}
	return ip->protocol == NO_NEXT ? HF_WHY_IP6_NO_NEXT : HF_WHY_NONE;
}

static bool may_lack_source(const hf_ip *ip)
{
	if (ip->protocol != HF_IPPROTO_ICMP6 || ip->payload.len == 0)
		return false;
	switch (ip->payload.at[0]) {
	case MLD_REPORT:
	case MLD_DONE:
	case ROUTER_SOLICITATION:
	case NEIGHBOUR_SOLICITATION:
	case MLD2_REPORT:
		return true;
	default:
		return false;
	}
}

/* ::ffff:a.b.c.d and :: mean "IPv4" and "no address" above this layer, so that neither may come in
 * from the wire as an IPv6 address (RFC 4291 2.5.2, 2.7; RFC 4942 2.2). */
static hf_reason check_addresses(const hf_ip *ip)
{
	if (hf_addr_is_multicast(&ip->src) || hf_addr_is_v4(&ip->src))
		return HF_WHY_IP_SOURCE;
	if (hf_addr_is_v4(&ip->dst) || hf_addr_is_none(&ip->dst))
		return HF_WHY_IP_NOT_OURS;
	return HF_WHY_NONE;
}

hf_reason hf_ip6_parse(hf_view packet, hf_ip *out)
{
	const uint8_t *const at = packet.at;
	size_t len;
	hf_reason why;

	if (packet.len < HF_IP6_HEADER)
		return HF_WHY_IP_SHORT;
	memcpy(out->src.octet, at + AT_SRC, sizeof(out->src.octet));
	memcpy(out->dst.octet, at + AT_DST, sizeof(out->dst.octet));
	out->protocol = at[AT_NEXT];
	out->ttl = at[AT_HOP_LIMIT];
	out->traffic_class = (uint8_t)(hf_get16(at) >> 4);
	out->flow_label = hf_get32(at) & 0xfffff;

	len = hf_get16(at + AT_PAYLOAD_LENGTH);
	if (len > packet.len - HF_IP6_HEADER)
		return HF_WHY_IP_LENGTH;
	out->payload = (hf_view){ at + HF_IP6_HEADER, len };
	why = check_addresses(out);
	if (why != HF_WHY_NONE)
		return why;
	/* RFC 2675 3: this is what a jumbogram looks like. */
	if (len == 0 && out->protocol == HOP_BY_HOP)
		return HF_WHY_IP6_EXTENSION_UNKNOWN;
	why = walk_extensions(out);
	if (why != HF_WHY_NONE)
		return why;
	if (hf_addr_is_none(&out->src) && !may_lack_source(out))
		return HF_WHY_IP_SOURCE;
	return HF_WHY_NONE;
}

size_t hf_ip6_emit(const hf_ip *ip, size_t payload_len, uint8_t *to)
{
	hf_put32(to, (uint32_t)6 << 28 | (uint32_t)ip->traffic_class << 20 |
			     (ip->flow_label & 0xfffff));
	hf_put16(to + AT_PAYLOAD_LENGTH, (uint16_t)payload_len);
	to[AT_NEXT] = ip->protocol;
	to[AT_HOP_LIMIT] = ip->ttl;
	memcpy(to + AT_SRC, ip->src.octet, sizeof(ip->src.octet));
	memcpy(to + AT_DST, ip->dst.octet, sizeof(ip->dst.octet));
	return HF_IP6_HEADER;
}
