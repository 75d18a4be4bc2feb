/* SPDX-License-Identifier: BSD-2-Clause */
/* When to acknowledge: at once, or after a short wait (RFC 9293 3.8.6.3, RFC 5681 4.2). */
#include "tcp/tcb.h"

#define CHALLENGE_GAP HF_MS(500)

void hf_ack_now(hf_tcb *c, hf_cause cause)
{
	/* Several duplicates are each owed: a sender without SACK counts them (RFC 5681 3.2). */
	if (c->ack.now < UINT8_MAX && (c->ack.now == 0 || cause == HF_SENT_DUPLICATE_ACK))
		c->ack.now++;
	c->ack.cause = (uint8_t)cause;
}

/** An ACK waits for company (SHLD-18), but less than half a second (MUST-40). */
void hf_ack_text(hf_tcb *c, const hf_tcp_env *env, uint32_t len)
{
	if (c->ack.quick > 0) {
		c->ack.quick--;
		hf_ack_now(c, HF_SENT_ACK);
		return;
	}
	c->ack.octets += len;
	if (c->ack.octets >= 2u * c->rcv.mss) { /* SHLD-19 */
		hf_ack_now(c, HF_SENT_ACK);
		return;
	}
	c->ack.at = hf_time_min(c->ack.at, hf_time_add(env->now, env->config->delayed_ack));
}

void hf_ack_sent(hf_tcb *c)
{
	/* What came twice is reported by an ACK of its own, never by what the link may cut. */
	c->ack.now = c->rx && c->rx->duplicates.count > 0;
	c->ack.octets = 0;
	c->ack.at = HF_NEVER;
	c->rcv.last_ack = c->rcv.nxt;
}

void hf_ack_challenge(hf_tcb *c, const hf_tcp_env *env)
{
	if (hf_time_before(env->now, c->challenge_at))
		return;
	c->challenge_at = hf_time_add(env->now, CHALLENGE_GAP);
	hf_ack_now(c, HF_SENT_CHALLENGE_ACK);
}
