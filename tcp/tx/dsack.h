/* SPDX-License-Identifier: BSD-2-Clause */
/* Duplicate SACK: the peer says that it received something twice (RFC 2883). */
#ifndef HF_TCP_TX_DSACK_H
#define HF_TCP_TX_DSACK_H

#include "base/ranges.h"
#include "wire/tcp_options.h"

/**
 * The first block names a duplicate if it lies below SEG.ACK, or within the second block (RFC 2883
 * 5). True: it does, and `*out` is what came twice.
 */
bool hf_dsack_find(const hf_tcp_options *o, hf_seq ack, hf_range *out);

#endif
