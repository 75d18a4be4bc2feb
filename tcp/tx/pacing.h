/* SPDX-License-Identifier: BSD-2-Clause */
/* Pacing: a window leaves over a round trip, in small bursts, not at once. */
#ifndef HF_TCP_TX_PACING_H
#define HF_TCP_TX_PACING_H

#include <handfast/types.h>

struct hf_tcb;
struct hf_tcp_env;

/*
 * A connection with a pacing rate (of its congestion control module, or the application's most) has
 * a bucket: it may send a quantum at once and then waits until the rate has made up for it. The
 * quantum is what the rate sends in 1/1024 s, but at least two segments and at most 64 KiB: small
 * enough for the buffers on the way, large enough that timers and segmentation offload keep up at
 * any rate. A timer that comes late by up to half of that costs nothing: the next burst follows
 * so much sooner. Acknowledgements and probes are never held.
 */

/** What a connection keeps for it. */
typedef struct hf_pacing {
	hf_time next; /**< when the rate has made up for all that has left */
} hf_pacing;

/** Octets that leave at once at this rate (octets a second). */
uint32_t hf_pacing_quantum(uint64_t rate, uint16_t mss);
/** Octets a second; 0: not paced. */
uint64_t hf_pacing_rate(const struct hf_tcb *c);
/** True: nothing with text may leave before hf_pacing_due. */
bool hf_pacing_holds(struct hf_tcb *c, const struct hf_tcp_env *env);
/** When what is held may leave; HF_NEVER: nothing is. */
hf_time hf_pacing_due(const struct hf_tcb *c);
/** Of `most` octets, what one packet may carry. */
uint32_t hf_pacing_packet(const struct hf_tcb *c, uint32_t most);
/** `len` octets of text leave. */
void hf_pacing_sent(struct hf_tcb *c, const struct hf_tcp_env *env, uint32_t len);

#endif
