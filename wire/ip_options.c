/* SPDX-License-Identifier: BSD-2-Clause */
/* IPv4 options (RFC 791 3.1, RFC 1122 3.2.1.8). */

/*
 * Theory of operation. A source route is carried in two places: the address to visit next stands in
 * the header's destination field, those to visit later in the option. Each router puts its own
 * address where it took the next one from. What arrives therefore lists the routers passed, and
 * what leaves lists all but the first router, with the destination at the end.
 */
#include "wire/ip_options.h"

#include "base/mem.h"

enum { END = 0, NO_OPERATION = 1, LOOSE_ROUTE = 131, STRICT_ROUTE = 137 };

/* Octets before the addresses of a route; the least pointer, which counts from 1. */
enum { ROUTE_HEADER = 3, FIRST_POINTER = 4, ADDRESS = 4 };

/** RFC 1122 3.2.1.3: neither a group nor nobody can be a router. */
static bool is_router(const uint8_t *at)
{
	return at[0] != 0 && at[0] != 127 && at[0] < 224;
}

/** `option` is the whole of it; its length is at least 2. */
static hf_reason read_route(hf_view option, hf_ip4_options *out)
{
	size_t addresses, octets;

	if (out->has_route || option.len < ROUTE_HEADER)
		return HF_WHY_IP_OPTION;
	octets = option.len - ROUTE_HEADER;
	if (octets % ADDRESS != 0 || option.at[2] < FIRST_POINTER || option.at[2] % ADDRESS != 0)
		return HF_WHY_IP_OPTION;
	out->has_route = true;
	out->is_complete = option.at[2] > option.len;
	out->travel.is_strict = option.at[0] == STRICT_ROUTE;
	addresses = octets / ADDRESS;
	for (size_t i = 0; i < addresses && i < HF_ROUTE_HOPS; i++) {
		const uint8_t *at = option.at + ROUTE_HEADER + i * ADDRESS;

		if (!is_router(at))
			return HF_WHY_IP_OPTION;
		out->travel.hop[i] = hf_addr_v4(at[0], at[1], at[2], at[3]);
		out->travel.hops++;
	}
	return HF_WHY_NONE;
}

hf_reason hf_ip4_options_parse(hf_view options, hf_ip4_options *out)
{
	size_t i = 0;

	memset(out, 0, sizeof(*out));
	while (i < options.len && options.at[i] != END) {
		const uint8_t type = options.at[i];
		size_t len;

		if (type == NO_OPERATION) {
			i++;
			continue;
		}
		/*@ split i; */
		len = options.len - i < 2 ? 0 : options.at[i + 1];
		if (len < 2 || len > options.len - i)
			return HF_WHY_IP_OPTION;
		if ((type == LOOSE_ROUTE || type == STRICT_ROUTE) &&
		    read_route((hf_view){ options.at + i, len }, out) != HF_WHY_NONE)
			return HF_WHY_IP_OPTION;
		i += len;
	}
	return HF_WHY_NONE;
}

void hf_route_reverse(const hf_source_route *travel, const hf_addr *sender, hf_source_route *back)
{
	uint8_t first = travel->hops > 0 && hf_addr_equal(&travel->hop[0], sender);

	memset(back, 0, sizeof(*back));
	back->is_strict = travel->is_strict;
	for (uint8_t i = travel->hops; i > first; i--)
		back->hop[back->hops++] = travel->hop[i - 1];
}

size_t hf_route_len(const hf_source_route *r)
{
	/* Three octets and the addresses, which one octet of no operation aligns. */
	return r->hops == 0 ? 0 : (size_t)ADDRESS * (r->hops + 1u);
}

size_t hf_route_emit(const hf_source_route *r, const hf_addr *dst, uint8_t *to)
{
	uint8_t *at = to + 1 + ROUTE_HEADER;

	if (r->hops == 0)
		return 0;
	to[0] = NO_OPERATION;
	to[1] = r->is_strict ? STRICT_ROUTE : LOOSE_ROUTE;
	to[2] = (uint8_t)(ROUTE_HEADER + ADDRESS * r->hops);
	to[3] = FIRST_POINTER;
	for (uint8_t i = 1; i < r->hops; i++, at += ADDRESS)
		memcpy(at, r->hop[i].octet + 12, ADDRESS);
	memcpy(at, dst->octet + 12, ADDRESS);
	return hf_route_len(r);
}
