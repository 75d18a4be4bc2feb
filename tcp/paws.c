/* SPDX-License-Identifier: BSD-2-Clause */
/* Protection against wrapped sequence numbers (RFC 7323 5). */
#include "tcp/paws.h"

#define FORGET_AFTER (24 * HF_SEC(86400)) /* RFC 7323 5.5: half the clock's cycle */

static bool is_older(uint32_t a, uint32_t b)
{
	return (int32_t)(a - b) < 0;
}

hf_reason hf_paws_check(const hf_tcb *c, const hf_tcp_env *env, const hf_segment *g)
{
	if (!hf_tcb_has(c, HF_TCB_TIMESTAMPS) || g->flags & HF_TCP_RST)
		return HF_WHY_NONE;
	if (!(g->options->present & HF_HAS(TIMESTAMPS)))
		return HF_WHY_TIMESTAMP_MISSING;
	if (is_older(g->options->tsval, c->ts_recent) &&
	    hf_time_diff(env->now, c->ts_recent_at) < FORGET_AFTER)
		return HF_WHY_PAWS;
	return HF_WHY_NONE;
}

void hf_paws_note(hf_tcb *c, const hf_tcp_env *env, const hf_segment *g)
{
	if (!hf_tcb_has(c, HF_TCB_TIMESTAMPS) || g->flags & HF_TCP_RST ||
	    hf_seq_lt(c->rcv.last_ack, g->seq))
		return;
	c->ts_recent = g->options->tsval;
	c->ts_recent_at = env->now;
}
