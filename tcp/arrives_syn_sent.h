/* SPDX-License-Identifier: BSD-2-Clause */
/* SEGMENT ARRIVES in SYN-SENT (RFC 9293 3.10.7.3). */
#ifndef HF_TCP_ARRIVES_SYN_SENT_H
#define HF_TCP_ARRIVES_SYN_SENT_H

#include "tcp/tcb.h"

/**
 * The SYN is out, nothing has come back yet: SYN-ACK, a crossing SYN, a reset, or something wrong.
 */
void hf_arrives_syn_sent(hf_tcb *c, const hf_tcp_env *env, const hf_segment *g, hf_effects *fx);

#endif
