/* SPDX-License-Identifier: BSD-2-Clause */
/* Initial sequence numbers, timestamp offsets and ephemeral ports that outsiders cannot guess. */
#ifndef HF_TCP_HS_ISN_H
#define HF_TCP_HS_ISN_H

#include "base/siphash.h"
#include "tcp/segment.h"

#define HF_FLOW_ADDRESSES (2 * sizeof(hf_addr)) /**< octets, at most */

/**
 * Writes both addresses for a hash, the local one first; of IPv4 the four octets alone, for the
 * others are always the same. `to` has HF_FLOW_ADDRESSES octets. Returns the octets written.
 */
size_t hf_flow_addresses(const hf_flow *f, uint8_t *to);
/** ISN = M + F(flow, secret); M ticks every 4 us (RFC 6528 3, MUST-8, MUST-9, SHLD-1). */
hf_seq hf_isn(const hf_sipkey *key, const hf_flow *f, hf_time now);
/**
 * What is added to the millisecond clock for this pair of hosts (RFC 7323 5.4): hides the uptime,
 * yet never falls for a pair.
 */
uint32_t hf_timestamp_offset(const hf_sipkey *key, const hf_flow *f);
/** The hash that finds a flow in a table. */
uint32_t hf_flow_hash(const hf_sipkey *key, const hf_flow *f);
/** The first flow label of this flow, and what the later ones grow from (RFC 6437 3). */
uint32_t hf_flow_label(const hf_sipkey *key, const hf_flow *f);
/**
 * Where the search for a free local port begins, 0 to `count` - 1, for the n-th connection of the
 * stack, if it goes to this destination (RFC 6056 3). Of any `count` connections in one turn no two
 * get the same, as with RFC 6056's algorithm 3; but from what a destination sees it does not learn
 * `n`, and so not how many others were opened in between. `count`: 1 to 65,536.
 */
uint32_t hf_port_choice(const hf_sipkey *key, const hf_flow *f, uint32_t n, uint32_t count);

#endif
