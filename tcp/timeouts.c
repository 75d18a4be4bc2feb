/* SPDX-License-Identifier: BSD-2-Clause */
/* What happens when nothing happens: the deadlines of a connection (RFC 9293 3.10.8). */
#include "tcp/arrives.h"
#include "tcp/history.h"
#include "tcp/hs/fast_open.h"
#include "tcp/path.h"

/** The application's R2 (MUST-21). */
static hf_time user_deadline(const hf_tcb *c)
{
	if (c->settings->user_timeout_now == 0 || c->stuck_since.ns == HF_NEVER.ns)
		return HF_NEVER;
	return hf_time_add(c->stuck_since, c->settings->user_timeout_now);
}

void hf_tcp_advise(hf_tcb *c)
{
	if (!hf_settings_has(c->settings, HF_SET_USER_TIMEOUT_OPTION) || !hf_tcb_is_synchronised(c))
		return;
	hf_tcb_put(c, HF_TCB_ADVICE_DUE, true);
	hf_ack_now(c, HF_SENT_ACK);
}

void hf_tcp_note_advice(hf_tcb *c, const hf_tcp_env *env, const hf_segment *g)
{
	if (!(g->options->present & HF_HAS(USER_TIMEOUT)) || g->options->user_timeout == 0 ||
	    !hf_settings_has(c->settings, HF_SET_USER_TIMEOUT_OPTION))
		return;
	hf_settings_advised(&c->settings, env->mem, env->config,
			    hf_user_timeout_of(g->options->user_timeout));
}

hf_time hf_tcp_due(const hf_tcb *c)
{
	hf_time due = hf_time_min(hf_time_min(c->retransmit_at, c->ack.at),
				  hf_time_min(c->idle_at, user_deadline(c)));

	if (!c->tx)
		return due;
	due = hf_time_min(due, hf_time_min(c->tx->probe_at, c->tx->reorder_at));
	return hf_time_min(due, hf_pacing_due(c));
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

/** Excessive retransmission is told as it happens (U-2). */
static void tell_trouble(hf_tcb *c, hf_effects *fx)
{
	if (hf_tcb_has(c, HF_TCB_TROUBLE_TOLD))
		return;
	hf_tcb_put(c, HF_TCB_TROUBLE_TOLD, true);
	fx->events |= HF_EVENT_TROUBLE;
	fx->doubts_path = true; /* SHLD-9: negative advice to IP */
}

/** R2. An orphan has nobody who would wait for it, and is given up sooner. */
static uint8_t most_retries(const hf_tcb *c, const hf_tcp_env *env)
{
	uint8_t most = c->settings->retries;

	if (hf_tcb_has(c, HF_TCB_ORPHAN) && most > env->config->orphan_retries)
		most = env->config->orphan_retries;
	return most;
}

/** Of Fast Open's connections the SYN-ACK is repeated as that of a half-open record is. */
static uint8_t most_syn_retries(const hf_tcb *c, const hf_tcp_env *env)
{
	uint8_t set = c->settings->syn_retries;

	if (hf_tcb_has(c, HF_TCB_PASSIVE) && set == env->config->syn_retries)
		return env->config->syn_ack_retries;
	return set;
}

/** A SYN goes again as text does, up to its own R2 (MUST-22, MUST-23, U-1). */
static void syn_unanswered(hf_tcb *c, const hf_tcp_env *env, hf_effects *fx)
{
	hf_reason why = hf_tcb_has(c, HF_TCB_PASSIVE) ? HF_WHY_HALF_OPEN_EXPIRED :
							HF_WHY_SYN_TIMEOUT;

	hf_fast_open_timed_out(c, c->syn_retransmits + 1u);
	if (c->syn_retransmits >= most_syn_retries(c, env)) {
		hf_tcb_end(c, env, fx, explain(c, why));
		return;
	}
	hf_tcb_rehash(c);
	hf_history_timed_out(c, env, c->syn_retransmits == 0);
	if (++c->syn_retransmits == c->settings->trouble_retries)
		tell_trouble(c, fx);
	hf_rtt_back_off(&c->rtt);
	if (!hf_fast_open_affords(c, 0)) { /* the peer may still repeat its SYN */
		c->retransmit_at = hf_time_add(env->now, hf_rtt_wait(&c->rtt, env->config));
		return;
	}
	hf_tcb_put(c, HF_TCB_SYN_DUE, true);
	c->retransmit_at = HF_NEVER; /* set again when the SYN has left */
}

/**
 * Nothing is in flight: the window is closed (SHLD-30), or something else holds text back. That
 * then leaves as any other, so that it proves nothing about the path if it had to wait.
 */
static void persist(hf_tcb *c)
{
	c->retransmit_at = HF_NEVER;
	if (hf_tx_unsent(c) == 0 && !hf_tcb_has(c, HF_TCB_FIN_QUEUED))
		return;
	if (c->snd.wnd == 0)
		hf_rtt_back_off(&c->rtt);
	hf_tcb_put(c, HF_TCB_PROBE_DUE, true);
}

/** A window that shrank to nothing is probed by what is in flight (MUST-35). */
static void probe_unanswered(hf_tcb *c, const hf_tcp_env *env, hf_effects *fx)
{
	if (c->retransmits >= most_retries(c, env)) {
		hf_tcb_end(c, env, fx, explain(c, HF_WHY_PROBE_TIMEOUT));
		return;
	}
	hf_path_timed_out(c, env, fx); /* nor do probes come through a black hole */
	c->retransmits++;
	hf_rtt_back_off(&c->rtt);
	c->tx->frto = HF_FRTO_OFF; /* its test waits for new text to be answered: none can leave */
	hf_tx_repeat_first(c);
	hf_tx_arm(c, env);
}

/** How long it takes until the time-out, doubled each time, has come so often. */
static hf_ns time_of_retries(const hf_tcb *c, const hf_tcp_env *env, unsigned retries)
{
	hf_rtt r = c->rtt;
	hf_ns sum = 0;

	for (r.backoff = 0; r.backoff <= retries && r.backoff < UINT8_MAX; r.backoff++)
		sum += hf_rtt_wait(&r, env->config);
	return sum;
}

/**
 * In retransmissions; or in time, if some were not counted (RFC 6069 4.2). Who has set a user
 * timeout has said for how long (MUST-21), and may wait for longer than R2 (RFC 5482 1).
 */
static bool is_r2_over(const hf_tcb *c, const hf_tcp_env *env)
{
	uint8_t most = most_retries(c, env);

	if (c->settings->user_timeout_now > 0 && !hf_tcb_has(c, HF_TCB_ORPHAN))
		return false;
	return c->retransmits >= most ||
	       (hf_tcb_has(c, HF_TCB_BACKOFF_REVERTED) &&
		hf_time_diff(env->now, c->stuck_since) >= time_of_retries(c, env, most));
}

/** R1 and R2 (MUST-20, SHLD-10, SHLD-11). */
static void data_unanswered(hf_tcb *c, const hf_tcp_env *env, hf_effects *fx)
{
	hf_fast_open_timed_out(c, c->retransmits + 1u);
	if (is_r2_over(c, env)) {
		hf_tcb_end(c, env, fx, explain(c, HF_WHY_DATA_TIMEOUT));
		return;
	}
	hf_path_timed_out(c, env, fx); /* first: cwnd will be one segment */
	hf_history_timed_out(c, env, c->retransmits == 0);
	hf_tx_timed_out(c, env);
	hf_tcb_rehash(c);
	c->count.timeouts++;
	if (++c->retransmits == c->settings->trouble_retries)
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
	return c->settings->keepalive > 0 && !hf_tcb_has(c, HF_TCB_ORPHAN) &&
	       c->state != HF_CLOSED && c->state != HF_TIME_WAIT;
}

void hf_tcp_rearm_keepalive(hf_tcb *c, const hf_tcp_env *env)
{
	if (wants_keepalive(c))
		c->idle_at = hf_time_add(env->now, c->settings->keepalive);
}

void hf_tcp_orphan_waits(hf_tcb *c, const hf_tcp_env *env)
{
	hf_ns wait = c->settings->fin_wait_2, least = 7 * hf_rtt_wait(&c->rtt, env->config) / 2;

	if (wait == 0)
		wait = env->config->fin_wait_2_timeout;
	if (wait > 0 && wait < least) /* the peer's FIN may have to be sent again */
		wait = least;
	c->idle_at = hf_time_add(env->now, wait < 0 ? 0 : wait);
}

/**
 * A call does not know the time: it may be the first thing that happens for long. What it begins is
 * reckoned from the next output on, which does.
 */
void hf_tcp_begin_silence(hf_tcb *c, const hf_tcp_env *env)
{
	hf_ns linger = c->settings->linger;

	if (!hf_tcb_has(c, HF_TCB_SILENCE_BEGINS))
		return;
	hf_tcb_put(c, HF_TCB_SILENCE_BEGINS, false);
	if (!hf_tcb_has(c, HF_TCB_ORPHAN))
		hf_tcp_rearm_keepalive(c, env);
	else if (c->state == HF_FIN_WAIT_2)
		hf_tcp_orphan_waits(c, env);
	else if (c->state != HF_CLOSED && c->state != HF_TIME_WAIT && linger > 0)
		c->idle_at = hf_time_add(env->now, linger);
}

/** Nobody holds it: FIN-WAIT-2 has lasted, or the time that close gave is over. */
static void orphan_waited(hf_tcb *c, const hf_tcp_env *env, hf_effects *fx)
{
	if (c->state == HF_FIN_WAIT_2 && c->settings->fin_wait_2 < 0)
		hf_tcp_abort(c, env, HF_WHY_ORPHAN_TIMEOUT, fx);
	else if (c->state == HF_FIN_WAIT_2)
		hf_tcb_end(c, env, fx, HF_WHY_ORPHAN_TIMEOUT);
	else if (c->settings->linger > 0)
		hf_tcp_abort(c, env, HF_WHY_LINGER_TIMEOUT, fx);
	else
		c->idle_at = HF_NEVER;
}

/** MUST-29: not one probe alone. A user timeout is asked instead of their number, as on Linux. */
static bool is_patience_over(const hf_tcb *c)
{
	const hf_settings *o = c->settings;
	hf_ns left = o->user_timeout_now - o->keepalive; /* for probes */

	if (o->user_timeout_now == 0)
		return c->probes >= o->keepalive_probes;
	return c->probes > 0 && (left <= 0 || c->probes > (left - 1) / o->keepalive_interval ||
				 c->probes == UINT16_MAX);
}

static void silence(hf_tcb *c, const hf_tcp_env *env, hf_effects *fx)
{
	if (hf_tcb_has(c, HF_TCB_ORPHAN)) {
		orphan_waited(c, env, fx);
		return;
	}
	if (hf_tx_in_flight(c) > 0 || !wants_keepalive(c)) { /* MUST-26 */
		c->idle_at = HF_NEVER;
		hf_tcp_rearm_keepalive(c, env);
		return;
	}
	if (is_patience_over(c)) { /* the peer may be there all the same: it learns of the end */
		hf_tcp_abort(c, env,
			     c->settings->user_timeout_now ? HF_WHY_USER_TIMEOUT :
							     HF_WHY_KEEPALIVE_TIMEOUT,
			     fx);
		return;
	}
	c->probes++;
	hf_tcb_put(c, HF_TCB_KEEPALIVE_DUE, true);
	c->idle_at = hf_time_add(env->now, c->settings->keepalive_interval);
}

void hf_tcp_timeouts(hf_tcb *c, const hf_tcp_env *env, hf_effects *fx)
{
	if (has_come(user_deadline(c), env)) {
		hf_tcb_end(c, env, fx, HF_WHY_USER_TIMEOUT);
		return;
	}
	(void)hf_pacing_holds(c, env); /* what it held is asked for again */
	if (has_come(c->ack.at, env))
		hf_ack_timed_out(c, env);
	if (c->tx && has_come(c->tx->reorder_at, env))
		hf_tx_reordering_over(c, env);
	if (c->tx && has_come(c->tx->probe_at, env))
		hf_tx_probe_due(c, env); /* and the time-out waits for its answer */
	if (has_come(c->retransmit_at, env))
		retransmission(c, env, fx);
	if (c->state != HF_CLOSED && has_come(c->idle_at, env))
		silence(c, env, fx);
}
