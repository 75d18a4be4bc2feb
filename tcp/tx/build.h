/* SPDX-License-Identifier: BSD-2-Clause */
/* Describing a leaving segment: acknowledgement, window and options of the moment. */
#ifndef HF_TCP_TX_BUILD_H
#define HF_TCP_TX_BUILD_H

#include "tcp/tcb.h"

/** Our timestamp clock: milliseconds, with this connection's offset (RFC 7323 5.4). */
static inline uint32_t hf_tcp_clock(hf_time now, uint32_t offset)
{
	return (uint32_t)(now.ns / HF_MS(1)) + offset;
}

/** Fills in a segment of a synchronised connection, with ACK; nothing is owed afterwards. */
void hf_build_segment(hf_tcb *c, const hf_tcp_env *env, hf_cause cause, hf_sending *out);
/** Fills in the SYN, with the text that it may carry, or in SYN-RECEIVED the SYN-ACK. */
void hf_build_syn(hf_tcb *c, const hf_tcp_env *env, hf_sending *out);
/** Adds our user timeout to a segment without text. */
void hf_build_advice(hf_tcb *c, hf_tcp_options *o);
/** Octets of text that fit into one segment beside the options of the moment. */
uint16_t hf_build_mss(const hf_tcb *c);
/** The same for new text, which may have an option of ECN's besides. */
uint16_t hf_build_new_mss(const hf_tcb *c);

#endif
