/* SPDX-License-Identifier: BSD-2-Clause */
/* IPv4 options: which are there, and source routes to and from a plain struct (RFC 791 3.1). */
#ifndef HF_WIRE_IP_OPTIONS_H
#define HF_WIRE_IP_OPTIONS_H

#include <handfast/types.h>

#include "base/octets.h"

#define HF_IP4_OPTIONS_MAX 40 /**< octets */

/** What the options of an arriving packet say, as far as it matters here. */
typedef struct hf_ip4_options {
	bool has_route;         /**< LSRR or SSRR */
	bool is_complete;       /**< the pointer is past the end: the packet has arrived */
	hf_source_route travel; /**< the routers that it came by, as recorded */
} hf_ip4_options;

/**
 * Walks over the options of an IPv4 header. What is not known is skipped (RFC 1122 3.2.1.8, RFC
 * 9293 MUST-50); HF_WHY_IP_OPTION: a length that cannot be, a source route that is malformed, or
 * two of them.
 */
hf_reason hf_ip4_options_parse(hf_view options, hf_ip4_options *out);

/**
 * The way back along `travel` (RFC 1122 3.2.1.8): the same routers in reverse order. `sender`, the
 * packet's source, is left out if it had recorded itself.
 */
void hf_route_reverse(const hf_source_route *travel, const hf_addr *sender, hf_source_route *back);

/** Octets of IPv4 options that carry this route: a multiple of 4; 0 for no route. */
size_t hf_route_len(const hf_source_route *r);
/** Writes them: all but the first hop, then `dst`. Returns hf_route_len(r). */
size_t hf_route_emit(const hf_source_route *r, const hf_addr *dst, uint8_t *to);

#endif
