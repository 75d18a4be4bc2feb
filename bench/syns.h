/* SPDX-License-Identifier: BSD-2-Clause */
/* The SYNs of a flood: as Linux's look, each with an address and numbers of its own. */
#ifndef HF_BENCH_SYNS_H
#define HF_BENCH_SYNS_H

#include <handfast/types.h>

#define HF_BENCH_SYN 60 /**< octets: IPv4 header, TCP header, and the options that Linux's has */

/** The next number of a sequence (xorshift64), whose state begins with anything but 0. */
uint64_t hf_bench_draw(uint64_t *state);

/** Writes a SYN from an address, and a drawn port of it, to `to`. */
void hf_bench_syn(const hf_addr *from, const hf_endpoint *to, uint64_t *state, uint8_t *packet);

#endif
