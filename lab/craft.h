/* SPDX-License-Identifier: BSD-2-Clause */
/* Whole packets made by hand: segments, resets and ICMP errors. */
#ifndef HF_LAB_CRAFT_H
#define HF_LAB_CRAFT_H

#include "wire/ip.h"
#include "wire/tcp.h"

#define HF_LAB_ICMP_MAX 1280 /**< octets of the largest ICMP error (RFC 4443 2.4 c); IPv4: 576 */

/**
 * Writes the IP packet with the segment `tcp`, its payload and its checksums; version, protocol
 * and zero TTL (64) are set by the way. Returns its octets; 0: `capacity` is too small.
 */
size_t hf_lab_craft_tcp(const hf_ip *ip, const hf_tcp *tcp, uint8_t *to, size_t capacity);

/**
 * Writes the reset that the receiver of `packet` would send if nobody listened (RFC 9293
 * 3.10.7.1): at most 60 octets. Returns them; 0: it is no TCP segment, or a reset itself.
 */
size_t hf_lab_craft_reset(const uint8_t *packet, size_t len, uint8_t *to);

/** An ICMP error to be made. */
typedef struct hf_lab_error {
	hf_addr from;     /**< who says it; none: the packet's destination */
	hf_reason reason; /**< one of HF_WHY_ICMP_* */
	uint32_t mtu;     /**< HF_WHY_ICMP_TOO_BIG: of the next hop, octets */
} hf_lab_error;

/**
 * Writes the ICMP or ICMPv6 error about `packet`, as much of it quoted as the RFCs allow, to
 * `to`, which has HF_LAB_ICMP_MAX octets. Returns its octets; 0: nothing may be said about such a
 * packet (an ICMP error, a later fragment, a sender that is no single host: RFC 1122 3.2.2), the
 * reason has no message, or `from` is of the other family.
 */
size_t hf_lab_craft_error(const hf_lab_error *what, const uint8_t *packet, size_t len, uint8_t *to);

#endif
