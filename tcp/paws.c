/* SPDX-License-Identifier: BSD-2-Clause */
/* Protection against wrapped sequence numbers (RFC 7323 5). */
#include "tcp/paws.h"

#include "tcp/hs/negotiate.h"

#define FORGET_AFTER (24 * HF_SEC(86400)) /* RFC 7323 5.5: half the clock's cycle */

static bool is_older(uint32_t a, uint32_t b)
{
	return (int32_t)(a - b) < 0;
}

static bool has_timestamp(const hf_segment *g)
{
	return g->options->present & HF_HAS(TIMESTAMPS);
}

/**
 * The ACK of our SYN or SYN-ACK is what shows whether the peer knows of timestamps. After Fast Open
 * it may acknowledge text too.
 */
static bool completes_handshake(const hf_tcb *c, const hf_segment *g)
{
	return c->state == HF_SYN_RECEIVED && g->flags & HF_TCP_ACK && hf_seq_lt(c->iss, g->ack) &&
	       !hf_seq_lt(c->snd.nxt, g->ack);
}

void hf_paws_settle(hf_tcb *c, const hf_segment *g)
{
	if (has_timestamp(g) || !hf_tcb_has(c, HF_TCB_TIMESTAMPS))
		return;
	hf_tcb_put(c, HF_TCB_TIMESTAMPS, false);
	hf_update_mss(c);
}

hf_reason hf_paws_check(const hf_tcb *c, const hf_tcp_env *env, const hf_segment *g)
{
	if (!hf_tcb_has(c, HF_TCB_TIMESTAMPS) || g->flags & HF_TCP_RST)
		return HF_WHY_NONE;
	if (!has_timestamp(g))
		return completes_handshake(c, g) ? HF_WHY_NONE : HF_WHY_TIMESTAMP_MISSING;
	if (is_older(g->options->tsval, c->ts_recent) &&
	    hf_time_diff(env->now, c->ts_recent_at) < FORGET_AFTER)
		return HF_WHY_PAWS;
	return HF_WHY_NONE;
}

void hf_paws_note(hf_tcb *c, const hf_tcp_env *env, const hf_segment *g)
{
	if (!hf_tcb_has(c, HF_TCB_TIMESTAMPS) || hf_seq_lt(c->rcv.last_ack, g->seq))
		return;
	c->ts_recent = g->options->tsval;
	c->ts_recent_at = env->now;
}
