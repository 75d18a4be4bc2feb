/* SPDX-License-Identifier: BSD-2-Clause */
/* What congestion control is told: by acknowledgements, and by how sending stopped. */
#include "tcp/tx/inform.h"
#include "tcp/history.h"

#include "tcp/ecn/ecn.h"

/*
 * A window is only worth growing while it is what holds sending back. As in Linux that is decided
 * a round trip at a time: at the moment when the most was in flight, was cwnd full? In slow start
 * half of it is enough, since cwnd doubles before the answer is in.
 */
static bool is_cwnd_limited(const hf_tcb *c)
{
	const hf_congestion *g = &c->congestion;

	if (hf_ecn_holds_growth(c))
		return false;
	if (hf_tcb_has(c, HF_TCB_CWND_LIMITED))
		return true;
	return g->cwnd < g->ssthresh && g->cwnd < 2 * c->tx->most_in_flight;
}

/** Of the segment sent last: what was retransmitted tells nothing (Karn). */
static hf_ns newest_rtt(const hf_tx *t, const hf_tcp_env *env)
{
	hf_ns rtt;

	if (!t->rate.is_newest_known || t->rate.newest.flags & HF_SENT_TWICE)
		return 0;
	rtt = hf_time_diff(env->now, t->rate.newest.at);
	return rtt > 0 ? rtt : 1;
}

/** Without memory for the module, with CUBIC. */
void hf_tx_begin_congestion_control(hf_tcb *c, const hf_tcp_env *env)
{
	hf_congestion *g = &c->congestion;

	hf_congestion_release(g, env->mem);
	hf_congestion_init(g, env->config, c->snd.mss);
	hf_congestion_set_pacing(g, hf_settings_has(c->settings, HF_SET_PACING));
	(void)hf_congestion_choose(g, env->mem, hf_tx_congestion_module(c, env), c->iss.v);
}

hf_congestion_control hf_tx_congestion_module(const hf_tcb *c, const hf_tcp_env *env)
{
	hf_congestion_control module = (hf_congestion_control)c->settings->congestion;

	return module == HF_CONGESTION_DEFAULT ? env->config->congestion : module;
}

void hf_tx_inform(hf_tcb *c, const hf_tcp_env *env, const hf_tx_told *told)
{
	hf_tx *t = c->tx;
	hf_congestion_ack ack = {
		.now = env->now,
		.octets = told->octets,
		.delivered = hf_rate_newly_delivered(&t->rate),
		.lost = hf_rate_newly_lost(&t->rate),
		.in_flight = hf_tx_pipe(c),
		.una = c->snd.una,
		.nxt = c->snd.nxt,
		.rtt = newest_rtt(t, env),
		.srtt = c->rtt.srtt,
		.min_rtt = c->rtt.min,
		.rate = hf_rate_take(&t->rate, env->now, c->rtt.min),
		.cwnd_limited = is_cwnd_limited(c),
		.in_recovery = told->in_recovery || t->recovery == HF_RECOVERY_FAST,
		.in_loss = t->recovery == HF_RECOVERY_LOSS,
		.sack = hf_tcb_has(c, HF_TCB_SACK),
	};

	hf_history_rate(c, env, &ack.rate);
	if (ack.delivered > 0 || ack.lost > 0)
		hf_congestion_acked(&c->congestion, &ack);
	if (c->congestion.flags & HF_CONGESTION_HOLDS_BACK)
		hf_rate_app_limited(&t->rate, ack.in_flight);
}

void hf_tx_inform_marked(hf_tcb *c)
{
	if (c->tx)
		c->tx->undo = (hf_undo){ 0 }; /* what was before must not come back past a mark */
}

static bool is_full(const hf_tcb *c)
{
	return hf_tx_pipe(c) + c->snd.mss > c->congestion.cwnd;
}

static void note_use(hf_tcb *c, bool limited)
{
	uint32_t flight = hf_tx_in_flight(c);
	hf_tx *t = c->tx;

	if (hf_seq_leq(t->use_known_to, c->snd.una) || limited ||
	    (!hf_tcb_has(c, HF_TCB_CWND_LIMITED) && flight > t->most_in_flight)) {
		hf_tcb_put(c, HF_TCB_CWND_LIMITED, limited);
		t->most_in_flight = flight;
		t->use_known_to = c->snd.nxt;
	}
}

/** Only what has left in one go, taken together, shows whether the window is used. */
static void validate(hf_tcb *c, const hf_tcp_env *env, bool limited)
{
	hf_congestion_validate(&c->congestion,
			       &(hf_congestion_use){ .now = env->now,
						     .flight = hf_tx_in_flight(c),
						     .rto = hf_rtt_wait(&c->rtt, env->config),
						     .limited = limited,
						     .open = c->tx->recovery == HF_RECOVERY_NONE });
}

void hf_tx_note_sent(hf_tcb *c, const hf_tcp_env *env)
{
	note_use(c, is_full(c));
	c->tx->has_left = true;
	hf_history_limit(c, env, HF_LIMIT_BUSY);
}

void hf_tx_note_held(hf_tcb *c, const hf_tcp_env *env)
{
	if (c->tx->has_left)
		validate(c, env, is_full(c));
	c->tx->has_left = false;
}

void hf_tx_note_stopped(hf_tcb *c, const hf_tcp_env *env)
{
	hf_tx *t = c->tx;
	uint32_t pipe = hf_tx_pipe(c);

	hf_history_judge(c, env);
	hf_tx_note_held(c, env);
	if (hf_tx_unsent(c) > 0) {
		if (is_full(c))
			note_use(c, true);
		return;
	}
	if (pipe < c->congestion.cwnd && t->lost <= t->retransmitted)
		hf_rate_app_limited(&t->rate, pipe);
}

void hf_tx_note_restart(hf_tcb *c, const hf_tcp_env *env)
{
	hf_time since = c->sent_at;

	if (hf_tx_in_flight(c) > 0)
		return;
	if (hf_time_before(since, c->congestion.used_at))
		since = c->congestion.used_at; /* asked before, and could not send */
	hf_congestion_restart(&c->congestion,
			      &(hf_congestion_silence){ .now = env->now,
							.idle = hf_time_diff(env->now, since),
							.rto = hf_rtt_wait(&c->rtt, env->config),
							.srtt = c->rtt.srtt });
}
