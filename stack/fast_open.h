/* SPDX-License-Identifier: BSD-2-Clause */
/* Fast Open in the stack (RFC 7413): cookies of peers, pauses, keys, and what listeners allow. */
#ifndef HF_STACK_FAST_OPEN_H
#define HF_STACK_FAST_OPEN_H

#include "tcp/hs/fast_open.h"

struct hf_stack;
struct hf_listen;

/** The stack's part. */
typedef struct hf_fast_opens {
	hf_sipkey key[2]; /**< of the cookies that are made, and of those made before */
	unsigned keys;
	unsigned pauses; /**< in a row */
	hf_time paused_at;
} hf_fast_opens;

/** Connections that were reset before their handshake was done go on counting for a while. */
typedef struct hf_fast_open_queue {
	uint32_t pending; /**< in SYN-RECEIVED */
	hf_time *reset;   /**< when each stops counting, oldest first; a ring of `size`, or NULL */
	uint32_t size, first, count;
} hf_fast_open_queue;

/** What is done with a SYN to a listener. */
typedef struct hf_fast_open_verdict {
	bool accepts;               /**< make the connection now, with the SYN's text */
	hf_fast_open_option answer; /**< in the SYN-ACK, if it is there */
	uint32_t credit;            /**< hf_fast_open.credit: without a cookie nothing is proven */
} hf_fast_open_verdict;

void hf_fast_opens_init(struct hf_stack *s);

/**
 * As client, before the SYN: with a cookie the SYN waits for text, without one it asks; with
 * `no_cookie` it waits all the same.
 */
void hf_fast_open_begin(struct hf_stack *s, hf_tcb *c, bool no_cookie);
hf_fast_open_verdict hf_fast_open_judge(struct hf_stack *s, uint32_t listener, const hf_flow *f,
					const hf_segment *g);
/** Makes the half-open record a connection that is accepted at once. NULL: no memory, a limit. */
hf_tcb *hf_fast_open_promote(struct hf_stack *s, uint32_t number, const hf_fast_open_verdict *v,
			     const hf_segment *g);
/** Acts on what the connection has noted. */
void hf_fast_open_apply(struct hf_stack *s, hf_tcb *c);
void hf_fast_open_queue_release(struct hf_stack *s, hf_fast_open_queue *q);

#endif
