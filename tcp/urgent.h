/* SPDX-License-Identifier: BSD-2-Clause */
/* Urgent data: the pointers of both directions, and the mark in the stream (RFC 9293 3.8.5). */
#ifndef HF_TCP_URGENT_H
#define HF_TCP_URGENT_H

#include <handfast/urgent.h>

#include "tcp/segment.h"

struct hf_tcb;
struct hf_tcp_env;
struct hf_effects;

/** Where the last urgent octet is that was told of. */
typedef enum hf_urgent_state {
	HF_URGENT_NONE,  /**< there is none, or it was read past */
	HF_URGENT_AHEAD, /**< told of, but it has not arrived */
	HF_URGENT_HERE,  /**< in its place in the ring, unread */
	HF_URGENT_TAKEN, /**< given out on the side; its place in the stream is to be skipped */
	HF_URGENT_KEPT,  /**< the stream was read past it: it is in `octet` */
} hf_urgent_state;

/**
 * Exists while there is urgent data. A pointer is the number after the last urgent octet (MUST-62).
 * What the peer says is only compared with other numbers, never used as an index.
 */
typedef struct hf_urgent {
	hf_seq snd_up, rcv_up;
	bool sends;    /**< not all before snd_up is acknowledged */
	bool owed;     /**< the pointer moved, and no segment has told the peer yet */
	uint8_t state; /**< hf_urgent_state */
	uint8_t octet;
} hf_urgent;

/** SEND with the urgent flag (3.10.2): as hf_tcp_send, and what was queued so far is urgent. */
hf_err hf_urgent_send(struct hf_tcb *c, const struct hf_tcp_env *env, const void *data, size_t len,
		      size_t *sent);
/** Some urgent octet is unsent or unacknowledged. */
bool hf_urgent_is_sending(const struct hf_tcb *c);
/** The pointer has moved, and the text that would tell the peer may not leave. */
bool hf_urgent_is_owed(const struct hf_tcb *c);
/** Sets URG and the pointer in a segment that is about to leave, if it begins before its end. */
void hf_urgent_mark(struct hf_tcb *c, hf_sending *out);
/** SND.UNA has moved. */
void hf_urgent_acked(struct hf_tcb *c, const struct hf_tcp_env *env);
/** What follows SND.NXT was thrown away: what is left of urgent data ends there. */
void hf_urgent_flushed(struct hf_tcb *c, const struct hf_tcp_env *env);

/** Step 6 of 3.10.7.4: RCV.UP moves, the application is told. */
void hf_urgent_arrives(struct hf_tcb *c, const struct hf_tcp_env *env, const hf_segment *g,
		       struct hf_effects *fx);
/** Text has been taken: the octet at the mark may be here now. */
void hf_urgent_look(struct hf_tcb *c, struct hf_effects *fx);
/** Of `len` octets from the next one on, how many come before reading must stop at the mark. */
size_t hf_urgent_before_mark(const struct hf_tcb *c, size_t len);
/** Takes the octet at the mark out of the stream, if it is the next and is to be apart. */
void hf_urgent_step_over(struct hf_tcb *c, const struct hf_tcp_env *env);
/** The same, but only if the application has had it. */
void hf_urgent_forget_taken(struct hf_tcb *c, const struct hf_tcp_env *env);
/** The application has read on. */
void hf_urgent_read(struct hf_tcb *c, const struct hf_tcp_env *env);
/** The octet that is kept apart; `consume`: it cannot be had again. */
hf_err hf_urgent_take(struct hf_tcb *c, const struct hf_tcp_env *env, bool consume, uint8_t *octet);
/** How both directions stand. */
hf_conn_urgent hf_urgent_tell(const struct hf_tcb *c);
void hf_urgent_release(struct hf_tcb *c, const struct hf_tcp_env *env);

#endif
