/* SPDX-License-Identifier: BSD-2-Clause */
/* SEGMENT ARRIVES in SYN-SENT (RFC 9293 3.10.7.3), and the SYN-ACK that crosses ours. */
#ifndef HF_TCP_ARRIVES_SYN_SENT_H
#define HF_TCP_ARRIVES_SYN_SENT_H

#include "tcp/tcb.h"

/**
 * The SYN is out, nothing has come back yet: SYN-ACK, a crossing SYN, a reset, or something wrong.
 */
void hf_arrives_syn_sent(hf_tcb *c, const hf_tcp_env *env, const hf_segment *g, hf_effects *fx);

/**
 * Both opened at once, and both have answered: in SYN-RECEIVED the peer's SYN-ACK, whose number is
 * an old one, completes the handshake (3.5, Figure 7, line 6). False: `g` is no such segment.
 */
bool hf_arrives_crossing(hf_tcb *c, const hf_tcp_env *env, const hf_segment *g, hf_effects *fx);

#endif
