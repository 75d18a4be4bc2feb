/* SPDX-License-Identifier: BSD-2-Clause */
/* SEGMENT ARRIVES in SYN-SENT (RFC 9293 3.10.7.3), and the SYN-ACK that crosses ours. */
#include "tcp/arrives_syn_sent.h"

#include "tcp/arrives.h"
#include "tcp/ecn/ecn.h"
#include "tcp/hs/fast_open.h"
#include "tcp/hs/negotiate.h"
#include "tcp/paws.h"
#include "tcp/urgent.h"

static bool has_timestamp(const hf_segment *g)
{
	return g->options->present & HF_HAS(TIMESTAMPS);
}

/** SND.UNA < SEG.ACK <= SND.NXT, and an echoed timestamp that we did send (RFC 7323 3.2). */
static bool acks_our_syn(const hf_tcb *c, const hf_tcp_env *env, const hf_segment *g)
{
	uint32_t now = (uint32_t)(env->now.ns / HF_MS(1)) + c->ts_offset;
	bool echo_counts = has_timestamp(g) && !env->config->no_timestamps;
	bool echo_is_ours = !echo_counts || g->options->tsecr == 0 ||
			    (int32_t)(now - g->options->tsecr) >= 0;

	return hf_seq_lt(c->iss, g->ack) && hf_seq_leq(g->ack, c->snd.nxt) && echo_is_ours;
}

/** The window of a SYN is never scaled (RFC 7323 2.2). */
static void note_window(hf_tcb *c, const hf_segment *g)
{
	c->snd.wnd = g->window;
	c->snd.max_wnd = g->window;
	c->snd.wl1 = g->seq;
}

static void note_peer_syn(hf_tcb *c, const hf_tcp_env *env, const hf_segment *g)
{
	hf_syn_offer offer = hf_read_syn(env->config, g, hf_addr_is_v4(&c->flow.remote));
	uint32_t announced = hf_tcb_rcv_wnd(c);

	c->irs = g->seq;
	c->rcv.nxt = hf_seq_add(g->seq, 1);
	c->rcv.read = c->rcv.nxt;
	c->rcv.last_ack = c->rcv.nxt;
	c->rcv.right = hf_seq_add(c->rcv.nxt, announced);
	hf_agree(c, env, &offer);
	hf_tcp_note_advice(c, env, g);
	note_window(c, g);
}

/** What of the SYN's text the SYN-ACK acknowledges, and what it does not. */
static void take_fast_open(hf_tcb *c, const hf_tcp_env *env, const hf_segment *g, hf_effects *fx)
{
	hf_fast_open_answered(c, g);
	if (hf_seq_lt(c->snd.una, g->ack))
		hf_tx_acked(c, env, g, true, fx);
	hf_fast_open_opened(c, env);
}

/**
 * The peer's SYN-ACK says that it has heard us: one that crosses our own as well as one that
 * answers.
 */
static void complete(hf_tcb *c, const hf_tcp_env *env, const hf_segment *g, hf_effects *fx)
{
	hf_segment rest = *g; /* without its SYN: the text begins one number later */
	bool answers = c->state == HF_SYN_SENT;

	rest.seq = hf_seq_add(g->seq, 1);
	rest.flags &= (uint16_t)~HF_TCP_SYN;
	c->snd.una = hf_seq_add(c->iss, 1);
	if (c->state == HF_SYN_SENT && c->syn_retransmits == 0) /* else the SYN went twice */
		hf_rtt_sample_since(&c->rtt, env->config, c->sent_at, env->now);
	hf_tcp_established(c, env, fx);
	if (answers)
		hf_ecn_answered(c, env, g, fx);
	if (c->fast_open)
		take_fast_open(c, env, g, fx);
	hf_ack_now(c, HF_SENT_ACK);       /* rides on text that waits (U-4) */
	hf_urgent_arrives(c, env, g, fx); /* the pointer counts from SEG.SEQ, the SYN (3.1) */
	hf_tcp_text_and_fin(c, env, &rest, fx);
}

void hf_arrives_syn_sent(hf_tcb *c, const hf_tcp_env *env, const hf_segment *g, hf_effects *fx)
{
	bool acks = g->flags & HF_TCP_ACK && acks_our_syn(c, env, g);

	if (g->flags & HF_TCP_ACK && !acks) {
		fx->reason = HF_WHY_ACK_UNACCEPTABLE;
		fx->reply_reset = !(g->flags & HF_TCP_RST);
		fx->reset = hf_reset_for(g);
	} else if (g->flags & HF_TCP_RST) { /* U-3: RCV.NXT is not known yet */
		fx->reason = acks ? HF_WHY_REFUSED_BY_PEER : HF_WHY_RST_UNACCEPTABLE;
		if (acks)
			hf_tcb_end(c, env, fx, HF_WHY_REFUSED_BY_PEER);
	} else if (!(g->flags & HF_TCP_SYN)) {
		fx->reason = HF_WHY_SYN_SENT_NEITHER;
	} else {
		note_peer_syn(c, env, g);
		if (acks) {
			complete(c, env, g, fx);
		} else { /* both opened at once (MUST-10): our SYN goes again, now with ACK */
			hf_tcb_set_state(c, HF_SYN_RECEIVED);
			hf_ecn_crossed(c, env, g);
			hf_tcb_put(c, HF_TCB_SYN_DUE, true);
			c->retransmit_at = HF_NEVER;
		}
	}
}

bool hf_arrives_crossing(hf_tcb *c, const hf_tcp_env *env, const hf_segment *g, hf_effects *fx)
{
	bool is_syn_ack = (g->flags & (HF_TCP_SYN | HF_TCP_ACK | HF_TCP_RST)) ==
			  (HF_TCP_SYN | HF_TCP_ACK);

	if (!is_syn_ack || hf_tcb_has(c, HF_TCB_PASSIVE) || !hf_seq_eq(g->seq, c->irs) ||
	    !acks_our_syn(c, env, g) || hf_paws_check(c, env, g) != HF_WHY_NONE)
		return false;
	hf_paws_settle(c, g);
	hf_paws_note(c, env, g);
	note_window(c, g);
	complete(c, env, g, fx);
	return true;
}
