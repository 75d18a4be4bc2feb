/* SPDX-License-Identifier: BSD-2-Clause */
/* Ready-made packets that wait for the link: answers that belong to no connection. Bounded. */
#ifndef HF_STACK_REPLIES_H
#define HF_STACK_REPLIES_H

#include <handfast/stack.h>

#include "base/ring.h"

#define HF_REPLIES_OCTETS (UINT32_C(1) << 18) /**< octets that may wait, at most */

/** What is known of a waiting packet. */
typedef struct hf_reply {
	uint32_t len; /**< octets of the IP packet, or of the whole frame if `framed` */
	uint8_t cause, state;
	bool framed; /**< carries its link header already */
	hf_conn conn;
	hf_addr dst;
} hf_reply;

typedef struct hf_replies {
	hf_ring ring;
	uint32_t first, end; /**< positions in the ring */
} hf_replies;

/** Appends. False: full, or no memory. */
bool hf_replies_add(hf_replies *q, hf_mem *m, const hf_reply *r, const uint8_t *octets);
/** The oldest, left in place. False: there is none. */
bool hf_replies_first(const hf_replies *q, hf_reply *out);
/** Takes the oldest out and copies its octets to `to`. */
void hf_replies_take(hf_replies *q, hf_mem *m, const hf_reply *r, uint8_t *to);
/** Forgets the oldest. */
void hf_replies_drop(hf_replies *q, hf_mem *m, const hf_reply *r);
void hf_replies_release(hf_replies *q, hf_mem *m);

#endif
