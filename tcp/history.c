/* SPDX-License-Identifier: BSD-2-Clause */
/* What a connection remembers of its past for hf_conn_info alone. */
#include "tcp/history.h"

hf_history *hf_history_of(hf_tcb *c, const hf_tcp_env *env)
{
	if (c->history)
		return c->history;
	c->history = hf_mem_new(env->mem, sizeof(*c->history));
	if (c->history)
		c->history->timed_out_at = HF_NEVER;
	return c->history;
}

void hf_history_release(hf_tcb *c, const hf_tcp_env *env)
{
	hf_mem_free(env->mem, c->history, c->history ? sizeof(*c->history) : 0);
	c->history = NULL;
}

void hf_history_arrived(hf_tcb *c, const hf_tcp_env *env, const hf_segment *g)
{
	hf_history *h = g->text.len > 0 ? hf_history_of(c, env) : c->history;

	if (!h)
		return;
	h->text_in += g->text.len > 0;
	if (g->flags & HF_TCP_ACK)
		h->ack_at = env->now;
}

void hf_history_refused(hf_tcb *c, const hf_tcp_env *env, hf_reason why)
{
	hf_history *h = hf_history_of(c, env);

	if (!h)
		return;
	h->refused = (uint8_t)why;
	h->refused_at = env->now;
	h->refusals++;
}

void hf_history_left(hf_tcb *c, const hf_tcp_env *env, uint32_t n)
{
	hf_history *h = hf_history_of(c, env);

	if (h)
		h->text_out += n;
}

void hf_history_limit(hf_tcb *c, const hf_tcp_env *env, hf_limit limit)
{
	hf_history *h = limit == HF_LIMIT_NONE ? c->history : hf_history_of(c, env);

	if (!h || h->limit == limit)
		return;
	h->limited[h->limit] += hf_time_diff(env->now, h->limit_since);
	h->limit = (uint8_t)limit;
	h->limit_since = env->now;
}

void hf_history_judge(hf_tcb *c, const hf_tcp_env *env)
{
	uint32_t flight = hf_tx_in_flight(c), unsent = hf_tx_unsent(c);
	uint32_t next = unsent < c->snd.mss ? unsent : c->snd.mss;
	hf_limit limit = HF_LIMIT_BUSY;

	if (flight == 0 && unsent == 0)
		limit = HF_LIMIT_NONE;
	else if (unsent == 0 && hf_tcb_has(c, HF_TCB_WANT_WRITABLE))
		limit = HF_LIMIT_BUFFER;
	else if (unsent > 0 && flight + next > c->snd.wnd &&
		 hf_tx_pipe(c) + next <= c->congestion.cwnd)
		limit = HF_LIMIT_WINDOW;
	hf_history_limit(c, env, limit);
}

void hf_history_timed_out(hf_tcb *c, const hf_tcp_env *env, bool first)
{
	hf_history *h = hf_history_of(c, env);

	if (!h)
		return;
	h->timeouts++;
	if (!first)
		return;
	h->timeout_recoveries++;
	h->timed_out_at = env->now;
}

void hf_history_progress(hf_tcb *c, const hf_tcp_env *env)
{
	hf_history *h = c->history;

	if (!h || h->timed_out_at.ns == HF_NEVER.ns)
		return;
	h->timeout_time += hf_time_diff(env->now, h->timed_out_at);
	h->timed_out_at = HF_NEVER;
}

/** What the application held back proves only that at least so much is possible. */
void hf_history_rate(hf_tcb *c, const hf_tcp_env *env, const hf_rate_sample *sample)
{
	hf_history *h = sample->rate > 0 ? hf_history_of(c, env) : NULL;

	if (!h || (sample->app_limited && sample->rate < h->rate))
		return;
	h->rate = sample->rate;
	h->rate_app_limited = sample->app_limited;
}

hf_ns hf_history_timeout_time(const hf_history *h, hf_time now)
{
	bool goes_on = h->timed_out_at.ns != HF_NEVER.ns;

	return h->timeout_time + (goes_on ? hf_time_diff(now, h->timed_out_at) : 0);
}

hf_ns hf_history_spent(const hf_history *h, hf_limit limit, hf_time now)
{
	hf_ns running = h->limit == limit ? hf_time_diff(now, h->limit_since) : 0;

	return h->limited[limit] + running;
}
