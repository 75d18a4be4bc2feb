/* SPDX-License-Identifier: BSD-2-Clause */
/* What the two IP versions give to wire/ip.c; nobody else includes this. */
#ifndef HF_WIRE_IP_VERSIONS_H
#define HF_WIRE_IP_VERSIONS_H

#include "wire/ip.h"

/** As hf_ip_parse, for a packet of at least one octet whose version is 4; `*out` is all zero. */
hf_reason hf_ip4_parse(hf_view packet, hf_ip *out);
/** As hf_ip_emit, for version 4. */
size_t hf_ip4_emit(const hf_ip *ip, size_t payload_len, uint8_t *to);

/** As hf_ip_parse, for a packet of at least one octet whose version is 6; `*out` is all zero. */
hf_reason hf_ip6_parse(hf_view packet, hf_ip *out);
/** As hf_ip_emit, for version 6. */
size_t hf_ip6_emit(const hf_ip *ip, size_t payload_len, uint8_t *to);

#endif
