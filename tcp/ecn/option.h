/* SPDX-License-Identifier: BSD-2-Clause */
/* Accurate ECN's TCP option: which counters it carries, written and read (RFC 9768 3.2.3). */
#ifndef HF_TCP_ECN_OPTION_H
#define HF_TCP_ECN_OPTION_H

#include "wire/tcp_options.h"

/** The counters of octets, by the mark of the packets that brought them. */
typedef enum hf_ecn_counter {
	HF_ECN_ECT0,
	HF_ECN_CE,
	HF_ECN_ECT1,
	HF_ECN_COUNTERS,
} hf_ecn_counter;

#define HF_ECN_BIT(counter) (1u << (counter))
#define HF_ECN_ALL 7u /**< the bits of all three */

/** Where a counter starts, so that zero can only be mangled (RFC 9768 3.2.1). */
uint32_t hf_ecn_initial(hf_ecn_counter counter);

/** What the option tells of, and how urgently. */
typedef struct hf_ecn_report {
	uint32_t value[HF_ECN_COUNTERS]; /**< the lowest 24 bits count */
	unsigned changed;                /**< HF_ECN_BIT: ever; they are told if there is room */
	unsigned news; /**< HF_ECN_BIT: since they were told; without them, none */
} hf_ecn_report;

/**
 * Adds the shortest option that says it to `o`, which has its other options already; `octets`
 * holds its body. SACK keeps two blocks, more only if both fit (3.2.3.3). False: no room.
 */
bool hf_ecn_option_put(const hf_ecn_report *report, hf_tcp_options *o,
		       uint8_t octets[HF_ACC_ECN_MAX]);
/**
 * The option's counter, as it stands. False: there is no option, or it leaves this counter out.
 * What is left over after whole counters is padding (3.2.3).
 */
bool hf_ecn_option_read(const hf_tcp_options *o, hf_ecn_counter counter, uint32_t *out);
/**
 * How far a 24-bit counter has moved; an ACK that came too late would take it back: 0.
 */
uint32_t hf_ecn_option_step(uint32_t before, uint32_t now);

#endif
