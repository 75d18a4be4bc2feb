/* SPDX-License-Identifier: BSD-2-Clause */
/* SYN cookies (RFC 4987 3.6): a handshake that needs no record until its last ACK. */
#ifndef HF_TCP_HS_SYN_COOKIE_H
#define HF_TCP_HS_SYN_COOKIE_H

#include "base/siphash.h"
#include "tcp/hs/half_open.h"

/*
 * Theory of operation
 *
 * What a half-open record would keep goes into the SYN-ACK, and comes back in the last ACK: in its
 * initial sequence number (32 bits) and, if the peer has timestamps, in the lowest octet of the
 * timestamp. docs/cookies.md has the format, with vectors, for programs that make or check the same
 * cookies, and the arithmetic of guessing one.
 *
 *      31  30..28   27   26..0
 *     +---+-------+----+-----------------------+     the timestamp's lowest octet:
 *     | T |  MSS  |SACK|  MAC                  |     window scale 7..4, IP-ECN of the
 *     +---+-------+----+-----------------------+     SYN 3..2, ECN's mode 1..0
 *
 * T is the lowest bit of the period, 64 s long, in which the SYN came. The MAC is SipHash-2-4 of
 * the flow, the peer's initial sequence number, the period in full and all that is kept. A cookie
 * is good in its period and in the next.
 */

#define HF_SYN_COOKIE_PERIOD HF_SEC(64)

/** The keys: the one that signs, and the one before it, which is honoured still. */
typedef struct hf_syn_cookie_keys {
	hf_sipkey key[2];
	unsigned count; /**< 1 or 2 */
} hf_syn_cookie_keys;

/** A cookie, as it stands in the SYN-ACK. */
typedef struct hf_syn_cookie {
	hf_seq iss;
	uint32_t tsval; /**< with timestamps: never ahead of the clock, at most 255 ms behind it */
} hf_syn_cookie;

/** The time, as cookies and as timestamps for this pair of hosts count it. */
typedef struct hf_syn_cookie_time {
	uint32_t period; /**< in full, of 64 s */
	uint32_t clock;  /**< ms */
} hf_syn_cookie_time;

/** The period that a time belongs to. */
static inline uint32_t hf_syn_cookie_period(hf_time now)
{
	return (uint32_t)(now.ns / HF_SYN_COOKIE_PERIOD);
}

/**
 * Leaves in `h` only what a cookie can keep, so that the SYN-ACK promises no more: the MSS rounded
 * down to one of eight; without timestamps neither window scale nor ECN.
 */
void hf_syn_cookie_reduce(hf_half_open *h);

/** The cookie for a record that hf_syn_cookie_reduce has seen, under the newest key. */
hf_syn_cookie hf_syn_cookie_make(const hf_syn_cookie_keys *keys, const hf_flow *f,
				 const hf_half_open *h, hf_syn_cookie_time now);

/**
 * Does this segment acknowledge a cookie? True: `h` is what the record would be; its listener and
 * local address are the caller's to fill in. A keep-alive probe is taken as well as the last ACK:
 * it comes if that was lost and the peer has nothing to say. Its number is h->irs.
 */
bool hf_syn_cookie_check(const hf_syn_cookie_keys *keys, const hf_flow *f, const hf_segment *g,
			 hf_syn_cookie_time now, hf_half_open *h);

#endif
