/* SPDX-License-Identifier: BSD-2-Clause */
/* IPv4 and IPv6 headers to and from one plain struct: above this, the versions are one code. */
#ifndef HF_WIRE_IP_H
#define HF_WIRE_IP_H

#include <handfast/types.h>

#include "base/octets.h"

enum { HF_IPPROTO_ICMP = 1, HF_IPPROTO_TCP = 6, HF_IPPROTO_UDP = 17, HF_IPPROTO_ICMP6 = 58 };

/** What the network may tell by the lowest two bits of the traffic class (RFC 3168 5). */
typedef enum hf_ip_ecn {
	HF_IP_NOT_ECT = 0, /**< the transport does not understand marks */
	HF_IP_ECT1 = 1,
	HF_IP_ECT0 = 2, /**< it does */
	HF_IP_CE = 3,   /**< congestion was experienced on the way */
} hf_ip_ecn;

#define HF_IP_ECN_MASK 3 /**< of the traffic class */

#define HF_IP4_HEADER 20 /**< octets without options */
#define HF_IP6_HEADER 40

/** The largest IP header that the library writes: IPv4 with 40 octets of options. */
#define HF_IP_HEADER_MAX 60

/** One IP packet, host order. */
typedef struct hf_ip {
	hf_addr src, dst;
	uint8_t version;       /**< 4 or 6 */
	uint8_t protocol;      /**< of the payload: after IPv6 extension headers */
	uint8_t ttl;           /**< hop limit */
	uint8_t traffic_class; /**< DSCP (6 bits) and ECN (2 bits) */
	bool dont_fragment;    /**< IPv4 */
	uint16_t id;           /**< IPv4 identification */
	uint32_t flow_label;   /**< IPv6, 20 bits */
	/** IPv4 options as they came, or as they leave (a multiple of 4 octets); borrowed */
	hf_view options;
	/** what follows the headers, cut to the length that IP says; borrowed */
	hf_view payload;
} hf_ip;

/**
 * Parses the IP packet that starts at `packet` (RFC 791, RFC 8200): version, header length, total
 * length against the octets that are there (octets past the IP length are link padding and cut
 * off), IPv4 header checksum, fragments, IPv6 extension headers. Fragments and what cannot be
 * walked are refused by name. Source and destination are parsed even if the packet is refused for a
 * later fault. Returns HF_WHY_NONE, or the reason; `*out` is then only good for reports.
 */
hf_reason hf_ip_parse(hf_view packet, hf_ip *out);

/** Octets of header that hf_ip_emit writes: 20 and the options, or 40. */
size_t hf_ip_header_len(const hf_ip *ip);

/** Octets of an arrived packet, IPv6 extension headers left aside. */
static inline uint32_t hf_ip_octets(const hf_ip *ip)
{
	return (uint32_t)(hf_ip_header_len(ip) + ip->payload.len);
}

/**
 * Writes the header of `ip` with `payload_len` octets to follow (IPv4: with options, header
 * checksum filled in). `to` has HF_IP_HEADER_MAX octets. Returns the octets written.
 */
size_t hf_ip_emit(const hf_ip *ip, size_t payload_len, uint8_t *to);

#endif
