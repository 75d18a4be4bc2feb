/* SPDX-License-Identifier: BSD-2-Clause */
/* Loss recovery: when one begins, how it goes on and ends, and whether it was needed. */
#include "tcp/ecn/ecn.h"
#include "tcp/path.h"
#include "tcp/tx/news.h"

/*
 * Theory of operation
 *
 * With SACK, RACK says what is lost (RFC 8985, in place of RFC 6675's IsLost), and any loss begins
 * a fast recovery; without, three duplicate ACKs and partial ACKs do (RFC 6582). In a fast
 * recovery PRR sets cwnd. A time-out begins the other kind, which starts slowly from one segment
 * and is first suspected to be needless (F-RTO, RFC 5682).
 *
 * A recovery that turns out to be needless is undone: cwnd, ssthresh and the marks are as if it
 * had not been. Three things tell: the Eifel detection, DSACK (both in undo.h), and F-RTO.
 *
 * Where RFC 5681 4.3 has a lost retransmission reduce cwnd once more, Linux goes on with the
 * recovery as it is. So does its profile; the RFC's profile reduces again.
 */

static void begin(hf_tcb *c, hf_recovery how)
{
	c->tx->recovery = how;
	c->tx->frto = HF_FRTO_OFF;
	c->tx->tlp = (hf_tlp){ 0 };
	c->tx->probe_at = HF_NEVER;
	c->snd.recover = c->snd.nxt;
}

/** What limited transmit sent beyond cwnd does not count (RFC 5681 3.2, step 2). */
static uint32_t flight_size(const hf_tcb *c)
{
	uint32_t flight = hf_tx_in_flight(c);

	return flight < c->congestion.cwnd ? flight : c->congestion.cwnd;
}

/** RecoverFS (RFC 9937): what the ACK that brought the news has delivered is counted. */
static uint32_t recover_flight(const hf_tcb *c, const hf_ack_news *n)
{
	return hf_tx_in_flight(c) - hf_tx_departed(c) + n->delivered;
}

static void reduce(hf_tcb *c, const hf_ack_news *n)
{
	hf_undo_begin(&c->tx->undo, c->snd.una, c->tx->retransmitted);
	hf_prr_begin(&c->tx->prr, recover_flight(c, n), n->unused);
	hf_congestion_lost(&c->congestion, flight_size(c));
	hf_ecn_reduced(c);
}

static void enter_fast(hf_tcb *c, const hf_ack_news *n)
{
	reduce(c, n);
	begin(c, HF_RECOVERY_FAST);
	if (!hf_tcb_has(c, HF_TCB_SACK))
		hf_tx_repeat_first(c);
	c->count.fast_recoveries++;
}

/* ---- Undoing ---- */

static bool is_delayed(const hf_tcb *c, const hf_ack_news *n)
{
	return n->octets > 0 && hf_undo_is_delayed(&c->tx->undo, n->rack.has_echo, n->rack.echo_ms);
}

static bool may_undo(const hf_tcb *c, const hf_ack_news *n)
{
	return is_delayed(c, n) || hf_undo_is_all_duplicate(&c->tx->undo);
}

/** What was sent since keeps the back-off until a sample comes (Karn, RFC 6298 5). */
static void undo(hf_tcb *c, const hf_tcp_env *env, const hf_ack_news *n)
{
	hf_tx *t = c->tx;

	if (t->undo.of_timeout)
		hf_rtt_adapt(&c->rtt, env->config, n->longest_rtt);
	else
		c->reordering.seen = true; /* what else made it seem lost */
	t->recovery = HF_RECOVERY_NONE;
	t->frto = HF_FRTO_OFF;
	t->undo = (hf_undo){ 0 };
	t->duplicate_acks = 0;
	t->lost -= hf_sent_unmark_waiting(&t->sent);
	hf_congestion_undo(&c->congestion);
	c->count.spurious++;
}

/* ---- Going on ---- */

static void leave(hf_tcb *c, const hf_tcp_env *env, const hf_ack_news *n)
{
	hf_recovery was = c->tx->recovery;

	hf_rack_recovered(&c->reordering);
	if (may_undo(c, n)) {
		undo(c, env, n);
		return;
	}
	c->tx->recovery = HF_RECOVERY_NONE;
	c->tx->frto = HF_FRTO_OFF;
	c->tx->duplicate_acks = 0;
	if (was != HF_RECOVERY_LOSS && !hf_congestion_owns_window(&c->congestion))
		c->congestion.cwnd = c->congestion.ssthresh;
	if (c->tx->lost > 0)
		enter_fast(c, n); /* sent since it began: a window of its own */
}

/** Three duplicates, or with SACK any loss that RACK has seen. */
static bool loss_is_seen(const hf_tcb *c, const hf_ack_news *n)
{
	if (hf_tcb_has(c, HF_TCB_SACK))
		return n->lost > 0;
	/* RFC 6582 3.2 step 2: at `recover` itself they may answer what was repeated needlessly. */
	return c->tx->duplicate_acks >= HF_DUP_THRESH && hf_seq_lt(c->snd.recover, c->snd.una);
}

static void in_order(hf_tcb *c, const hf_tcp_env *env, hf_ack_news *n)
{
	if (hf_undo_is_all_duplicate(&c->tx->undo))
		undo(c, env, n);
	if (n->octets > 0) {
		c->tx->duplicate_acks = 0;
		if (c->tx->recovery == HF_RECOVERY_NONE) /* kept near: never to seem ahead */
			c->snd.recover = hf_seq_max(c->snd.recover,
						    hf_seq_add(c->snd.una, UINT32_MAX));
	}
	hf_tx_detect(c, n);
	if (loss_is_seen(c, n) && !hf_path_probe_lost(c, n))
		enter_fast(c, n);
}

/** Without SACK a partial ACK says that the next segment is missing too (RFC 6582 3.2, step 3). */
static void partial(hf_tcb *c, const hf_ack_news *n)
{
	uint32_t told = n->octets / c->snd.mss;

	if (hf_tcb_has(c, HF_TCB_SACK) || n->octets == 0)
		return;
	c->tx->duplicate_acks -= told < c->tx->duplicate_acks ? told : c->tx->duplicate_acks;
	hf_tx_repeat_first(c);
}

static void in_fast(hf_tcb *c, const hf_tcp_env *env, hf_ack_news *n)
{
	bool delayed = is_delayed(c, n);

	/* The hole was filled by what had only been late: what else is missing may be late too. */
	if (delayed && c->tx->retransmitted > 0)
		return;
	if (delayed || hf_undo_is_all_duplicate(&c->tx->undo)) {
		undo(c, env, n);
		in_order(c, env, n);
		return;
	}
	partial(c, n);
	hf_tx_detect(c, n);
	if (n->is_lost_again && env->config->profile == HF_PROFILE_RFC)
		reduce(c, n);
}

static bool may_send_new(const hf_tcb *c)
{
	return hf_tx_unsent(c) > 0 && hf_tx_in_flight(c) < c->snd.wnd;
}

static hf_frto_verdict test_timeout(hf_tcb *c, const hf_ack_news *n)
{
	return hf_frto_acked(&c->tx->frto,
			     &(hf_frto_ack){
				     .advances = n->octets > 0,
				     .is_duplicate = n->is_duplicate || n->has_sacked,
				     .covers_original = n->covers_original,
				     .has_sack = hf_tcb_has(c, HF_TCB_SACK),
				     .is_complete = hf_seq_leq(c->snd.recover, c->snd.una),
				     .may_send = may_send_new(c),
			     });
}

static void in_loss(hf_tcb *c, const hf_tcp_env *env, hf_ack_news *n)
{
	if (may_undo(c, n) || test_timeout(c, n) == HF_FRTO_SPURIOUS) {
		undo(c, env, n);
		in_order(c, env, n);
		return;
	}
	if (hf_seq_leq(c->snd.recover, c->snd.una)) {
		leave(c, env, n);
		if (c->tx->recovery == HF_RECOVERY_NONE)
			in_order(c, env, n);
		return;
	}
	hf_tx_detect(c, n);
	if (n->is_lost_again) /* that is new congestion */
		enter_fast(c, n);
}

/** The probe has repaired a loss: what a recovery does to cwnd is done at once (RFC 8985 7.4.2). */
static void probe_answered(hf_tcb *c, const hf_ack_news *n)
{
	hf_tx *t = c->tx;
	hf_tlp_ack a = {
		.ack = c->snd.una,
		.duplicate_told = n->has_duplicate && hf_seq_eq(n->twice.end, t->tlp.end),
		.is_bare = n->is_duplicate && !n->has_sacked,
	};

	if (hf_tlp_acked(&t->tlp, &a) != HF_TLP_REPAIRED || t->recovery != HF_RECOVERY_NONE)
		return;
	t->undo = (hf_undo){ 0 };
	hf_congestion_lost(&c->congestion, flight_size(c));
	hf_ecn_reduced(c);
}

void hf_tx_recover(hf_tcb *c, const hf_tcp_env *env, hf_ack_news *n)
{
	hf_tx *t = c->tx;

	hf_rack_round(&t->rack, c->snd.una);
	probe_answered(c, n);
	if (t->recovery == HF_RECOVERY_FAST && hf_seq_leq(c->snd.recover, c->snd.una))
		leave(c, env, n);
	switch (t->recovery) {
	case HF_RECOVERY_NONE:
		in_order(c, env, n);
		break;
	case HF_RECOVERY_FAST:
		in_fast(c, env, n);
		break;
	case HF_RECOVERY_LOSS:
		in_loss(c, env, n);
		break;
	}
}

void hf_tx_reduce(hf_tcb *c, const hf_ack_news *n)
{
	bool begins = n->before != HF_RECOVERY_FAST;
	hf_prr_ack a = {
		.delivered = n->delivered,
		.pipe = hf_tx_pipe(c),
		.ssthresh = c->congestion.ssthresh,
		.mss = c->snd.mss,
		.is_safe = n->octets > 0 && n->lost == 0,
	};

	if (c->tx->recovery != HF_RECOVERY_FAST || (n->delivered == 0 && !begins) ||
	    hf_congestion_owns_window(&c->congestion))
		return;
	c->congestion.cwnd = hf_prr_window(&c->tx->prr, &a);
}

void hf_tx_reordering_over(hf_tcb *c, const hf_tcp_env *env)
{
	hf_tx *t = c->tx;
	hf_ack_news n = { .rack = { .now = env->now }, .before = t->recovery };

	hf_tx_detect(c, &n);
	if (n.lost == 0 || (t->recovery == HF_RECOVERY_NONE && hf_path_probe_lost(c, &n)))
		return;
	if (t->recovery == HF_RECOVERY_NONE)
		enter_fast(c, &n);
	hf_tx_reduce(c, &n);
}

/* ---- Time-outs ---- */

/** A recovery has reduced already for what is lost of this window, unless the RFC counts. */
static bool reduces_again(const hf_tcb *c, const hf_tcp_env *env)
{
	return c->retransmits == 0 &&
	       (c->tx->recovery != HF_RECOVERY_FAST || env->config->profile == HF_PROFILE_RFC);
}

void hf_tx_timed_out(hf_tcb *c, const hf_tcp_env *env)
{
	hf_tx *t = c->tx;
	bool first = reduces_again(c, env);
	/* RFC 5682 2.1 step 1: not while a recovery's repetitions are on their way. */
	bool tests = t->recovery == HF_RECOVERY_NONE || c->retransmits > 0;
	uint32_t flight = hf_tx_in_flight(c);

	if (first)
		hf_undo_begin(&t->undo, c->snd.una, t->retransmitted);
	t->undo.of_timeout |= first;
	hf_tx_mark_all_lost(c, env->now);
	t->duplicate_acks = 0;
	t->reorder_at = HF_NEVER;
	begin(c, HF_RECOVERY_LOSS);
	t->frto = tests ? HF_FRTO_FIRST : HF_FRTO_OFF;
	hf_congestion_timed_out(&c->congestion, flight, first);
	hf_ecn_reduced(c);
	if (env->config->profile != HF_PROFILE_RFC && !hf_congestion_owns_window(&c->congestion))
		c->congestion.cwnd += hf_tx_pipe(c); /* what was left in flight */
}
