/* SPDX-License-Identifier: BSD-2-Clause */
/* Protection against wrapped sequence numbers (RFC 7323 5). */
#ifndef HF_TCP_PAWS_H
#define HF_TCP_PAWS_H

#include "tcp/tcb.h"

/** HF_WHY_NONE, HF_WHY_PAWS or HF_WHY_TIMESTAMP_MISSING; a reset always passes (RFC 7323 5.2). */
hf_reason hf_paws_check(const hf_tcb *c, const hf_tcp_env *env, const hf_segment *g);
/**
 * The handshake is done, by `g`: if that has no timestamp, somebody took ours out of the SYN or the
 * SYN-ACK, and the peer does not know of any. None are used then (RFC 7323 3.2: both SYNs must have
 * had one).
 */
void hf_paws_settle(hf_tcb *c, const hf_segment *g);
/** Notes the timestamp of an acceptable segment if it is the one to echo (RFC 7323 4.3). */
void hf_paws_note(hf_tcb *c, const hf_tcp_env *env, const hf_segment *g);

#endif
