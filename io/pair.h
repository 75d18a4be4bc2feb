/* SPDX-License-Identifier: BSD-2-Clause */
/* Two links joined back to back: what one sends, the other receives. */
#ifndef HF_IO_PAIR_H
#define HF_IO_PAIR_H

#include "io/error.h"
#include "io/link.h"

/** Settings; zero means the default. */
typedef struct hf_pair_options {
	hf_link_kind kind;
	uint32_t mtu;  /**< 1500 */
	bool offloads; /**< super-packets and partial checksums pass as they are */
	uint32_t
		queue; /**< octets that may wait each way, overhead counted: the system's default */
} hf_pair_options;

/**
 * Makes both ends. They keep packets whole and in order and lose none; a full end says so. The ends
 * may be used by different threads, and outlive each other: an end whose other end is closed is
 * gone for good.
 */
bool hf_pair_new(const hf_pair_options *options, hf_link **a, hf_link **b, hf_io_error *error);

#endif
