/* SPDX-License-Identifier: BSD-2-Clause */
/* Packets in words: flags, options, endpoints, times, sizes and rates as a person reads them. */
#ifndef HF_OBSERVE_WORDS_H
#define HF_OBSERVE_WORDS_H

#include <handfast/types.h>

#include "observe/text.h"
#include "wire/tcp.h"

/**
 * Appends the flags, ACK last ("SYN-ACK", "FIN-PSH-ACK"); reserved bits as "0x200"; "none" for
 * none.
 */
void hf_words_flags(hf_text *t, uint16_t flags);

/**
 * Appends the options in the order in which they came, padding left out: "mss 1460 sackOK ts 1234
 * ecr 0 wscale 7". SACK blocks are given relative to `sack_base` (0: absolute). Nothing for no
 * options.
 */
void hf_words_options(hf_text *t, const hf_tcp_options *o, hf_seq sack_base);

/** Appends "10.0.0.2:80" or "[fd00::2]:80". */
void hf_words_endpoint(hf_text *t, const hf_endpoint *e);

/**
 * Appends a length of time in three or four digits: "312 ns", "12.3 us", "40.1 ms", "1.02 s", "2
 * min 5 s".
 */
void hf_words_span(hf_text *t, hf_ns span);

/** Appends the time since a start, to the millisecond: "+1.023 s"; under a second "+40.123 ms". */
void hf_words_since(hf_text *t, hf_ns since);

/** Appends an amount: "1 octet", "980 octets", "1.2 MiB". */
void hf_words_octets(hf_text *t, uint64_t octets);

/** Appends the rate of `octets` in `span`: "980 Mbit/s"; "-" if `span` is not positive. */
void hf_words_rate(hf_text *t, uint64_t octets, hf_ns span);

#endif
