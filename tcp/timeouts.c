/* SPDX-License-Identifier: BSD-2-Clause */
/* What happens when nothing happens: the deadlines of a connection (RFC 9293 3.10.8). */
#include "tcp/arrives.h"

#define R1 3 /* SHLD-10 */
#define KEEPALIVE_PROBES 9
#define KEEPALIVE_INTERVAL HF_SEC(75)

static hf_time user_deadline(const hf_tcb *c)
{
	if (c->user_timeout == 0 || c->stuck_since.ns == HF_NEVER.ns)
		return HF_NEVER;
	return hf_time_add(c->stuck_since, c->user_timeout);
}

hf_time hf_tcp_due(const hf_tcb *c)
{
	return hf_time_min(hf_time_min(c->retransmit_at, c->ack.at),
			   hf_time_min(c->idle_at, user_deadline(c)));
}

static bool has_come(hf_time t, const hf_tcp_env *env)
{
	return !hf_time_before(env->now, t);
}

/** An ICMP soft error on the way explains the silence better than the silence itself. */
static hf_reason explain(const hf_tcb *c, hf_reason otherwise)
{
	return c->reason != HF_WHY_NONE ? (hf_reason)c->reason : otherwise;
}

static void tell_trouble(hf_tcb *c, hf_effects *fx)
{
	if (hf_tcb_has(c, HF_TCB_TROUBLE_TOLD))
		return;
	hf_tcb_put(c, HF_TCB_TROUBLE_TOLD, true);
	fx->events |= HF_EVENT_TROUBLE;
}

static void syn_unanswered(hf_tcb *c, const hf_tcp_env *env, hf_effects *fx)
{
	if (c->syn_retransmits >= env->config->syn_retries) {
		hf_tcb_end(c, env, fx, explain(c, HF_WHY_SYN_TIMEOUT));
		return;
	}
	if (++c->syn_retransmits == R1)
		tell_trouble(c, fx);
	hf_rtt_back_off(&c->rtt);
	hf_tcb_put(c, HF_TCB_SYN_DUE, true);
	c->retransmit_at = HF_NEVER; /* set again when the SYN has left */
}

/** Nothing is in flight: the window is closed, or something else holds text back. */
static void persist(hf_tcb *c)
{
	c->retransmit_at = HF_NEVER;
	if (hf_tx_unsent(c) == 0 && !hf_tcb_has(c, HF_TCB_FIN_QUEUED))
		return;
	hf_rtt_back_off(&c->rtt);
	hf_tcb_put(c, HF_TCB_PROBE_DUE, true);
}

static void probe_unanswered(hf_tcb *c, const hf_tcp_env *env, hf_effects *fx)
{
	if (c->retransmits++ >= env->config->data_retries) {
		hf_tcb_end(c, env, fx, explain(c, HF_WHY_PROBE_TIMEOUT));
		return;
	}
	hf_rtt_back_off(&c->rtt);
	hf_tx_repeat_first(c);
	hf_tx_arm(c, env);
}

static void data_unanswered(hf_tcb *c, const hf_tcp_env *env, hf_effects *fx)
{
	if (c->retransmits >= env->config->data_retries) { /* R2 */
		hf_tcb_end(c, env, fx, explain(c, HF_WHY_DATA_TIMEOUT));
		return;
	}
	hf_tx_timed_out(c);
	c->count.timeouts++;
	if (++c->retransmits == R1)
		tell_trouble(c, fx);
	hf_rtt_back_off(&c->rtt);
	hf_tx_arm(c, env);
}

static void retransmission(hf_tcb *c, const hf_tcp_env *env, hf_effects *fx)
{
	if (!hf_tcb_is_synchronised(c))
		syn_unanswered(c, env, fx);
	else if (hf_tx_in_flight(c) == 0)
		persist(c);
	else if (c->snd.wnd == 0)
		probe_unanswered(c, env, fx);
	else
		data_unanswered(c, env, fx);
}

/** An orphan has its own end, and what has ended needs none. */
static bool wants_keepalive(const hf_tcb *c)
{
	return c->keepalive > 0 && !hf_tcb_has(c, HF_TCB_ORPHAN) && c->state != HF_CLOSED &&
	       c->state != HF_TIME_WAIT;
}

void hf_tcp_rearm_keepalive(hf_tcb *c, const hf_tcp_env *env)
{
	if (wants_keepalive(c))
		c->idle_at = hf_time_add(env->now, c->keepalive);
}

static void silence(hf_tcb *c, const hf_tcp_env *env, hf_effects *fx)
{
	if (hf_tcb_has(c, HF_TCB_ORPHAN) && c->state == HF_FIN_WAIT_2) {
		hf_tcb_end(c, env, fx, HF_WHY_ORPHAN_TIMEOUT);
		return;
	}
	if (hf_tx_in_flight(c) > 0 || !wants_keepalive(c)) { /* MUST-26 */
		c->idle_at = HF_NEVER;
		hf_tcp_rearm_keepalive(c, env);
		return;
	}
	if (c->probes++ >= KEEPALIVE_PROBES) { /* MUST-29 */
		hf_tcb_end(c, env, fx, HF_WHY_KEEPALIVE_TIMEOUT);
		return;
	}
	hf_tcb_put(c, HF_TCB_KEEPALIVE_DUE, true);
	c->idle_at = hf_time_add(env->now, KEEPALIVE_INTERVAL);
}

void hf_tcp_timeouts(hf_tcb *c, const hf_tcp_env *env, hf_effects *fx)
{
	if (has_come(user_deadline(c), env)) {
		hf_tcb_end(c, env, fx, HF_WHY_USER_TIMEOUT);
		return;
	}
	if (has_come(c->ack.at, env)) {
		c->ack.at = HF_NEVER;
		hf_ack_now(c, HF_SENT_DELAYED_ACK);
	}
	if (has_come(c->retransmit_at, env))
		retransmission(c, env, fx);
	if (c->state != HF_CLOSED && has_come(c->idle_at, env))
		silence(c, env, fx);
}
