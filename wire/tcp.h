/* SPDX-License-Identifier: BSD-2-Clause */
/* TCP segments to and from a plain struct (RFC 9293, 3.1). */
#ifndef HF_WIRE_TCP_H
#define HF_WIRE_TCP_H

#include <handfast/types.h>

#include "base/octets.h"
#include "base/seq.h"
#include "wire/ip.h"
#include "wire/tcp_options.h"

/** The control bits, with their places in octets 12 and 13. AE is Accurate ECN's (RFC 9768). */
enum {
	HF_TCP_FIN = 0x001,
	HF_TCP_SYN = 0x002,
	HF_TCP_RST = 0x004,
	HF_TCP_PSH = 0x008,
	HF_TCP_ACK = 0x010,
	HF_TCP_URG = 0x020,
	HF_TCP_ECE = 0x040,
	HF_TCP_CWR = 0x080,
	HF_TCP_AE = 0x100,
	HF_TCP_FLAGS = 0xfff, /**< all twelve: three are reserved */
};

#define HF_TCP_HEADER 20     /**< octets without options */
#define HF_TCP_HEADER_MAX 60 /**< octets with all the options that fit */

/** One segment, host order. */
typedef struct hf_tcp {
	uint16_t src_port, dst_port;
	hf_seq seq, ack;
	uint16_t flags;  /**< HF_TCP_* */
	uint16_t window; /**< as it stands in the header: not scaled */
	uint16_t urgent; /**< urgent pointer, as it stands */
	hf_tcp_options options;
	hf_view payload; /**< the octets of text; borrowed */
} hf_tcp;

/** SEG.LEN: octets of text, with SYN and FIN counted (RFC 9293, 3.4). */
static inline uint32_t hf_tcp_seg_len(const hf_tcp *t)
{
	return (uint32_t)t->payload.len + !!(t->flags & HF_TCP_SYN) + !!(t->flags & HF_TCP_FIN);
}

/**
 * Parses the segment that `ip` carries: data offset, options, ports, checksum (unless
 * `checksum_is_good`: the link has verified it, or it never left this machine). Returns HF_WHY_NONE
 * or the reason. Header fields are set as far as they could be read, for reports.
 */
hf_reason hf_tcp_parse(const hf_ip *ip, bool checksum_is_good, hf_tcp *out);

/** Octets of header that hf_tcp_emit writes, options and padding counted. */
size_t hf_tcp_header_len(const hf_tcp *t);

/**
 * Writes the header with its options to `to`, which has HF_TCP_HEADER_MAX octets; the checksum
 * field is zero; the payload is not written. Returns the octets written: a multiple of 4.
 */
size_t hf_tcp_emit(const hf_tcp *t, uint8_t *to);

/** Fills in the checksum of the whole segment of `len` octets at `segment` (MUST-2). */
void hf_tcp_checksum(const hf_ip *ip, uint8_t *segment, size_t len);

/**
 * Leaves the checksum to the link: puts the folded pseudo-header sum where the link expects it.
 * `len`: octets of header and payload.
 */
void hf_tcp_checksum_partial(const hf_ip *ip, uint8_t *segment, size_t len);

/** Where the checksum field lies in a TCP header. */
#define HF_TCP_CHECKSUM_AT 16

#endif
