/* SPDX-License-Identifier: BSD-2-Clause */
/* The Internet checksum (RFC 1071), fast, and in pieces. */
#ifndef HF_WIRE_CHECKSUM_H
#define HF_WIRE_CHECKSUM_H

#include <handfast/types.h>

/*
 * A running sum is any 64-bit number whose one's complement sum is that of the 16-bit words so far,
 * in network order. Pieces after an odd-length piece are not allowed.
 */
typedef uint64_t hf_sum;

/** Adds `len` octets to the running sum. */
hf_sum hf_sum_octets(hf_sum sum, const void *octets, size_t len);
/**
 * Adds the pseudo-header of RFC 9293 3.1 (IPv4) or RFC 8200 8.1 (IPv6): addresses, protocol,
 * length.
 */
hf_sum hf_sum_pseudo(hf_sum sum, const hf_addr *src, const hf_addr *dst, uint8_t protocol,
		     uint32_t len);
/**
 * Folds to 16 bits, not complemented: what stands in the field of a partial checksum (host order).
 */
uint16_t hf_sum_fold(hf_sum sum);
/** Folds and complements: what stands in the field of a whole checksum (host order). */
static inline uint16_t hf_sum_finish(hf_sum sum)
{
	return (uint16_t)~hf_sum_fold(sum);
}

#endif
