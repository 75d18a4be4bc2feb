/* SPDX-License-Identifier: BSD-2-Clause */
/* SEGMENT ARRIVES (RFC 9293 3.10.7.4): the numbered steps of every synchronised state. */
#include "tcp/arrives.h"
#include "tcp/history.h"

#include "tcp/arrives_syn_sent.h"
#include "tcp/ecn/ecn.h"
#include "tcp/hs/fast_open.h"
#include "tcp/paws.h"
#include "tcp/tx/inform.h"
#include "tcp/urgent.h"

/*
 * CLOSED and SYN-SENT have a function each; every other state runs the same steps. A step answers
 * GO or STOP and writes into *fx what the stack must do. Nothing of the connection is written
 * before the checks that guard it have passed: sequence number, timestamp and RST come before
 * anything else (RFC 7323 5.3, RFC 5961).
 */
typedef enum verdict { GO, STOP } verdict;

/** As long as no more is acknowledged, ISS lies behind SND.UNA in sequence arithmetic too. */
#define GHOST_SPAN (UINT32_C(1) << 30)

typedef verdict step(hf_tcb *c, const hf_tcp_env *env, const hf_segment *g, hf_effects *fx);

static verdict drop(hf_effects *fx, hf_reason why)
{
	fx->reason = why;
	return STOP;
}

static verdict reset_peer(const hf_segment *g, hf_effects *fx, hf_reason why)
{
	fx->reply_reset = !(g->flags & HF_TCP_RST);
	fx->reset = hf_reset_for(g);
	return drop(fx, why);
}

/*
 * Table 6 of 3.4, with the allowance that 3.10.7.4 makes: a segment without text at the right edge,
 * which is where a peer stands that has filled our window, still brings its ACK.
 */
static bool is_acceptable(const hf_tcb *c, const hf_segment *g)
{
	uint32_t len = hf_segment_len(g);
	hf_seq end = hf_seq_add(g->seq, len);

	if (g->flags & HF_TCP_RST) /* its number alone counts, and strictly (RFC 5961 3.2) */
		return hf_seq_eq(g->seq, c->rcv.nxt) ||
		       hf_seq_in(g->seq, c->rcv.nxt, hf_tcb_rcv_wnd(c));
	if (hf_seq_eq(g->seq, c->rcv.nxt))
		/* text beyond a closed window is cut off in step 7; its ACK counts (MUST-66) */
		return true;
	if (len == 0)
		return hf_seq_lt(c->rcv.nxt, g->seq) && hf_seq_leq(g->seq, c->rcv.right);
	return hf_seq_lt(c->rcv.nxt, end) && hf_seq_lt(g->seq, c->rcv.right);
}

static hf_reason name_unacceptable(const hf_tcb *c, const hf_segment *g)
{
	hf_seq end = hf_seq_add(g->seq, hf_segment_len(g));

	if (hf_segment_len(g) <= 1 && hf_seq_eq(g->seq, hf_seq_add(c->rcv.nxt, UINT32_MAX)) &&
	    !(g->flags & (HF_TCP_SYN | HF_TCP_FIN)))
		return HF_WHY_KEEPALIVE_PROBE;
	return hf_seq_leq(end, c->rcv.nxt) ? HF_WHY_SEQ_DUPLICATE : HF_WHY_SEQ_OUTSIDE;
}

/**
 * An ACK for a segment with text goes at once; for one without, rarely: two ends must not answer
 * each other for ever.
 */
static void answer_unacceptable(hf_tcb *c, const hf_tcp_env *env, const hf_segment *g)
{
	if (g->text.len > 0)
		hf_ecn_came_again(c);
	if (hf_tcb_is_synchronised(c) && hf_seq_lt(g->seq, c->rcv.nxt)) {
		hf_rx_note_duplicate(c, env, g);
		if (hf_segment_len(g) > 0) /* our acknowledgement came late, or not at all */
			hf_ack_quicken(c, env);
	}
	if (g->text.len > 0 || g->flags & HF_TCP_FIN)
		hf_ack_now(c, HF_SENT_DUPLICATE_ACK);
	else
		hf_ack_challenge(c, env);
}

/** The peer is there, and has to be looked for again only after the next silence. */
static void sign_of_life(hf_tcb *c, const hf_tcp_env *env)
{
	c->probes = 0;
	hf_tcp_rearm_keepalive(c, env);
}

/** MUST-26: text that was sent again because our answer to it was lost is such a sign, too. */
static void note_last_text_again(hf_tcb *c, const hf_tcp_env *env, const hf_segment *g)
{
	if (g->text.len > 0 && hf_seq_eq(hf_seq_add(g->seq, hf_segment_len(g)), c->rcv.nxt))
		sign_of_life(c, env);
}

static bool is_peers_syn_again(const hf_tcb *c, const hf_segment *g)
{
	return c->state == HF_SYN_RECEIVED && hf_seq_eq(g->seq, c->irs) &&
	       (g->flags & (HF_TCP_SYN | HF_TCP_ACK | HF_TCP_RST)) == HF_TCP_SYN;
}

/** In SYN-RECEIVED: our SYN-ACK was lost. */
static verdict syn_again(hf_tcb *c, const hf_tcp_env *env, const hf_segment *g, hf_effects *fx)
{
	if (hf_ecn_syn_again(c, env, g)) {
		reset_peer(g, fx, HF_WHY_ECN_CONFLICT);
		hf_tcb_end(c, env, fx, HF_WHY_ECN_CONFLICT);
		return STOP;
	}
	hf_fast_open_earn(c, g);
	hf_tcb_put(c, HF_TCB_SYN_DUE, true);
	return drop(fx, HF_WHY_SYN_DUPLICATE);
}

static verdict step1_sequence(hf_tcb *c, const hf_tcp_env *env, const hf_segment *g, hf_effects *fx)
{
	hf_reason stale = hf_paws_check(c, env, g);

	if (stale == HF_WHY_PAWS)
		answer_unacceptable(c, env, g);
	if (stale != HF_WHY_NONE)
		return drop(fx, stale);
	if (is_peers_syn_again(c, g))
		return syn_again(c, env, g, fx);
	if (is_acceptable(c, g))
		return GO;
	if (g->flags & HF_TCP_RST)
		return drop(fx, HF_WHY_RST_OUTSIDE);
	if (g->flags & HF_TCP_SYN &&
	    hf_tcb_is_synchronised(c)) { /* RFC 5961 4.2: wherever it lies */
		hf_ack_challenge(c, env);
		if (!hf_seq_eq(g->seq, c->irs))
			return drop(fx, HF_WHY_SYN_CHALLENGED);
		hf_ecn_answered_again(c, g);
		return drop(fx, HF_WHY_SYN_DUPLICATE);
	}
	note_last_text_again(c, env, g);
	answer_unacceptable(c, env, g);
	return drop(fx, name_unacceptable(c, g));
}

/** What text a reset carries does not matter (SHLD-2); at RCV.NXT it counts (U-5). */
static verdict step2_reset(hf_tcb *c, const hf_tcp_env *env, const hf_segment *g, hf_effects *fx)
{
	if (!(g->flags & HF_TCP_RST))
		return GO;
	if (!hf_seq_eq(g->seq, c->rcv.nxt)) { /* RFC 5961 3.2, U-6 */
		hf_ack_challenge(c, env);
		hf_fast_open_suspect(c);
		return drop(fx, HF_WHY_RST_CHALLENGED);
	}
	fx->reason = c->state == HF_SYN_RECEIVED && !hf_tcb_has(c, HF_TCB_PASSIVE) ?
			     HF_WHY_REFUSED_BY_PEER :
			     HF_WHY_RESET_BY_PEER;
	hf_tcb_end(c, env, fx, fx->reason);
	return STOP;
}

/* Step 3, security and precedence, is gone (RFC 9293 appendix A.1). */

static verdict step4_syn(hf_tcb *c, const hf_tcp_env *env, const hf_segment *g, hf_effects *fx)
{
	if (!(g->flags & HF_TCP_SYN))
		return GO;
	hf_ack_challenge(c, env); /* RFC 5961 4.2, U-7 */
	return drop(fx, HF_WHY_SYN_CHALLENGED);
}

/**
 * SND.WL2 need not be kept: it was SND.UNA when it was noted, and older acknowledgements do not
 * come here.
 */
static void update_send_window(hf_tcb *c, const hf_segment *g)
{
	uint32_t wnd = (uint32_t)g->window << c->snd.wscale;
	bool opens = c->snd.wnd == 0 && wnd > 0;

	if (hf_seq_lt(g->seq, c->snd.wl1))
		return;
	c->snd.wnd = wnd;
	c->snd.wl1 = g->seq;
	if (wnd > c->snd.max_wnd)
		c->snd.max_wnd = wnd;
	if (!opens || !c->tx)
		return;
	c->rtt.backoff = 0;
	if (hf_tx_in_flight(c) == 0)
		c->retransmit_at = HF_NEVER; /* the persist timer */
	else if (hf_seq_eq(g->ack, c->snd.una))
		hf_tx_repeat_first(c); /* the probe was not taken */
}

static void our_fin_acked(hf_tcb *c, const hf_tcp_env *env, hf_effects *fx)
{
	switch ((hf_state)c->state) {
	case HF_FIN_WAIT_1:
		hf_tcb_set_state(c, HF_FIN_WAIT_2);
		if (hf_tcb_has(c, HF_TCB_ORPHAN))
			hf_tcp_orphan_waits(c, env);
		break;
	case HF_CLOSING:
		hf_tcb_set_state(c, HF_TIME_WAIT);
		break;
	case HF_LAST_ACK:
		hf_tcb_end(c, env, fx, HF_WHY_CLOSED_BY_BOTH);
		break;
	case HF_CLOSED:
	case HF_LISTEN:
	case HF_SYN_SENT:
	case HF_SYN_RECEIVED:
	case HF_ESTABLISHED:
	case HF_FIN_WAIT_2:
	case HF_CLOSE_WAIT:
	case HF_TIME_WAIT:
	case HF_STATE_COUNT:
		break;
	}
}

/**
 * RFC 5961 5.2 (U-8, MAY-12): SND.UNA - MAX.SND.WND <= SEG.ACK <= SND.NXT, and nothing from before
 * the SYN.
 */
static hf_reason name_bad_ack(const hf_tcb *c, const hf_segment *g)
{
	if (hf_seq_lt(c->snd.nxt, g->ack))
		return HF_WHY_ACK_UNSENT;
	if (hf_seq_lt(g->ack, hf_seq_add(c->snd.una, 0u - c->snd.max_wnd)) ||
	    (c->count.octets_acked < GHOST_SPAN && hf_seq_leq(g->ack, c->iss)))
		return HF_WHY_ACK_TOO_OLD;
	return HF_WHY_NONE;
}

/** With Fast Open text may have left after the SYN-ACK. */
static hf_time syn_sent_at(const hf_tcb *c)
{
	return c->fast_open ? c->fast_open->syn_at : c->sent_at;
}

/** It is known when the SYN-ACK went, and that it went once. */
static bool is_timed(const hf_tcb *c)
{
	return c->syn_retransmits == 0 && hf_tcb_has(c, HF_TCB_PASSIVE) &&
	       syn_sent_at(c).ns != HF_NEVER.ns;
}

static verdict ack_in_syn_received(hf_tcb *c, const hf_tcp_env *env, const hf_segment *g,
				   hf_effects *fx)
{
	if (!hf_seq_lt(c->iss, g->ack) || hf_seq_lt(c->snd.nxt, g->ack))
		return reset_peer(g, fx, HF_WHY_ACK_UNACCEPTABLE);
	c->snd.wl1 = g->seq; /* the window is taken below, as that of any ACK */
	c->snd.una = hf_seq_add(c->iss, 1);
	hf_paws_settle(c, g);
	if (is_timed(c))
		hf_rtt_sample_since(&c->rtt, env->config, syn_sent_at(c), env->now);
	hf_tcp_established(c, env, fx);
	return GO;
}

static verdict step5_ack(hf_tcb *c, const hf_tcp_env *env, const hf_segment *g, hf_effects *fx)
{
	hf_reason bad;
	uint32_t wnd_before = c->snd.wnd;
	uint8_t backoff;
	hf_ecn_before before = hf_ecn_before_ack(c, g);
	bool opens = c->state == HF_SYN_RECEIVED; /* the third message is no duplicate */

	if (!(g->flags & HF_TCP_ACK))
		return drop(fx, HF_WHY_ACK_MISSING);
	if (c->state == HF_SYN_RECEIVED && ack_in_syn_received(c, env, g, fx) == STOP)
		return STOP;
	bad = name_bad_ack(c, g);
	if (bad != HF_WHY_NONE) {
		hf_ack_challenge(c, env);
		return drop(fx, bad);
	}
	hf_tcp_note_advice(c, env, g);
	hf_paws_note(c, env, g); /* only now: a forged segment must not set the clock */
	sign_of_life(c, env);
	if (hf_seq_lt(g->ack, c->snd.una)) { /* an old duplicate: its number says nothing new, */
		hf_tx_acked(c, env, g, true, fx); /* its blocks may, */
		return GO;                        /* and its text */
	}
	update_send_window(c, g);
	if (c->snd.wnd == 0 && !hf_tcb_has(c, HF_TCB_ORPHAN))
		c->retransmits = 0; /* MUST-37, SHLD-17: the peer lives */
	backoff = c->rtt.backoff;
	hf_ecn_begin_ack(c, &before);
	hf_tx_acked(c, env, g, opens || c->snd.wnd != wnd_before, fx);
	if (c->snd.wnd == 0 && wnd_before == 0)
		c->rtt.backoff = backoff; /* SHLD-30, though the probe's octet was taken */
	hf_ecn_acked(c, g, &before);
	hf_urgent_acked(c, env);
	if (opens)
		hf_fast_open_opened(c, env);
	if (hf_tcb_has(c, HF_TCB_FIN_SENT) && hf_seq_eq(c->snd.una, c->snd.nxt))
		our_fin_acked(c, env, fx);
	return c->state == HF_CLOSED ? STOP : GO;
}

/** Whatever the window is (MUST-66), and before the text, which it may concern. */
static verdict step6_urgent(hf_tcb *c, const hf_tcp_env *env, const hf_segment *g, hf_effects *fx)
{
	hf_urgent_arrives(c, env, g, fx);
	return GO;
}

static verdict step7_text_and_8_fin(hf_tcb *c, const hf_tcp_env *env, const hf_segment *g,
				    hf_effects *fx)
{
	bool at_once = hf_ecn_received(c, g);

	hf_tcp_text_and_fin(c, env, g, fx);
	if (at_once && c->ack.now == 0 && c->state != HF_CLOSED)
		hf_ack_now(c, HF_SENT_ACK);
	return GO;
}

void hf_tcp_established(hf_tcb *c, const hf_tcp_env *env, hf_effects *fx)
{
	hf_tcb_set_state(c, HF_ESTABLISHED);
	if (hf_tcb_has(c, HF_TCB_FIN_QUEUED)) /* closed before it was open */
		hf_tcb_set_state(c, HF_FIN_WAIT_1);
	c->retransmit_at = HF_NEVER;
	c->reason = HF_WHY_NONE;
	c->stuck_since = HF_NEVER;
	hf_tcb_put(c, HF_TCB_TROUBLE_TOLD | HF_TCB_BACKOFF_REVERTED, false);
	hf_rx_tuning_begin(c, env);
	hf_history_progress(c, env);
	hf_tx_begin_congestion_control(c, env);
	if (c->syn_retransmits > 1)
		c->congestion.cwnd = c->snd.mss;
	if (c->syn_retransmits > 0 && c->rtt.srtt == 0)
		hf_rtt_after_lost_syn(&c->rtt);
	hf_tcp_rearm_keepalive(c, env);
	hf_tcp_advise(c);
	fx->events |= HF_EVENT_CONNECTED;
}

void hf_tcp_arrives(hf_tcb *c, const hf_tcp_env *env, const hf_segment *g, hf_effects *fx)
{
	static step *const steps[] = { step1_sequence, step2_reset,  step4_syn,
				       step5_ack,      step6_urgent, step7_text_and_8_fin };

	c->count.segments_received++;
	hf_history_arrived(c, env, g);
	if (c->state == HF_CLOSED) {
		reset_peer(g, fx, HF_WHY_CLOSED_STATE);
		return;
	}
	if (c->state == HF_SYN_SENT) {
		hf_arrives_syn_sent(c, env, g, fx);
		return;
	}
	if (c->state == HF_SYN_RECEIVED && hf_arrives_crossing(c, env, g, fx))
		return;
	for (unsigned i = 0; i < sizeof(steps) / sizeof(steps[0]); i++)
		if (steps[i](c, env, g, fx) == STOP)
			return;
}
