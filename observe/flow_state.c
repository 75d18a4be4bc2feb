/* SPDX-License-Identifier: BSD-2-Clause */
/* The states of both ends of an observed flow, by the diagram of RFC 9293 3.3.2. */
#include "observe/flow_rules.h"

/*
 * The sender's state follows from what it sends, the receiver's from what reaches it. Each function
 * below is one arrow, or a few that share their condition, of the diagram.
 */

static bool syn_is_acked(const hf_flow_end *e, const hf_tcp *t)
{
	return e->syn && (t->flags & HF_TCP_ACK) && hf_seq_lt(e->isn, t->ack) &&
	       hf_seq_leq(t->ack, e->next);
}

static bool fin_is_acked(const hf_flow_end *e, const hf_tcp *t)
{
	return e->fin && (t->flags & HF_TCP_ACK) && hf_seq_leq(e->fin_end, t->ack);
}

static void sender_opens(hf_flow_end *e, const hf_tcp *t)
{
	if (!(t->flags & HF_TCP_ACK)) {
		if (e->state == HF_CLOSED)
			e->state = HF_SYN_SENT;
	} else if (e->state == HF_CLOSED || e->state == HF_SYN_SENT) {
		e->state = HF_SYN_RECEIVED;
	}
}

static void sender_closes(hf_flow_end *e)
{
	if (e->state == HF_SYN_RECEIVED || e->state == HF_ESTABLISHED)
		e->state = HF_FIN_WAIT_1;
	else if (e->state == HF_CLOSE_WAIT)
		e->state = HF_LAST_ACK;
}

static void sender_moves(hf_flow *f, hf_side from, const hf_tcp *t)
{
	hf_flow_end *e = &f->end[from];
	if (t->flags & HF_TCP_SYN) {
		sender_opens(e, t);
		return;
	}
	/* Its ACK of a SYN-ACK that was not seen here, or the middle of a flow joined late. */
	bool shows_established = e->state == HF_SYN_SENT || (e->state == HF_CLOSED && f->joined);
	if (shows_established && (t->flags & HF_TCP_ACK) && f->over == HF_WHY_NONE)
		e->state = HF_ESTABLISHED;
	if (t->flags & HF_TCP_FIN)
		sender_closes(e);
}

static void receiver_gets_syn(hf_flow_end *e, const hf_tcp *t)
{
	if (e->state != HF_SYN_SENT)
		return;
	if (!(t->flags & HF_TCP_ACK))
		e->state = HF_SYN_RECEIVED;
	else if (syn_is_acked(e, t))
		e->state = HF_ESTABLISHED;
}

static void receiver_gets_ack(hf_flow_end *e, const hf_tcp *t)
{
	if (e->state == HF_SYN_RECEIVED && syn_is_acked(e, t))
		e->state = HF_ESTABLISHED;
	if (!fin_is_acked(e, t))
		return;
	if (e->state == HF_FIN_WAIT_1)
		e->state = HF_FIN_WAIT_2;
	else if (e->state == HF_CLOSING)
		e->state = HF_TIME_WAIT;
	else if (e->state == HF_LAST_ACK)
		e->state = HF_CLOSED;
}

static void receiver_gets_fin(hf_flow_end *e)
{
	if (e->state == HF_SYN_RECEIVED || e->state == HF_ESTABLISHED)
		e->state = HF_CLOSE_WAIT;
	else if (e->state == HF_FIN_WAIT_1)
		e->state = HF_CLOSING;
	else if (e->state == HF_FIN_WAIT_2)
		e->state = HF_TIME_WAIT;
}

static void receiver_moves(hf_flow *f, hf_side from, const hf_tcp *t)
{
	const hf_flow_end *sender = &f->end[from];
	hf_flow_end *e = &f->end[hf_side_other(from)];

	if (t->flags & HF_TCP_SYN)
		receiver_gets_syn(e, t);
	if (t->flags & HF_TCP_ACK)
		receiver_gets_ack(e, t);
	/* A FIN counts once everything before it is there, which may be later than its arrival. */
	if (sender->fin_arrived && hf_seq_leq(sender->fin_end, hf_seq_add(sender->whole, 1)))
		receiver_gets_fin(e);
}

/*
 * RFC 9293 3.5.3, RFC 5961 3.2: in SYN-SENT it must acknowledge the SYN, later it must lie in the
 * window.
 */
static bool reset_is_believable(const hf_flow *f, const hf_step *s)
{
	const hf_flow_end *to = &f->end[hf_side_other(s->from)];
	if (to->state == HF_SYN_SENT)
		return syn_is_acked(to, &s->tcp);
	if (!to->acked)
		return true;
	return hf_seq_eq(s->tcp.seq, to->heard) || hf_seq_in(s->tcp.seq, to->heard, to->window) ||
	       hf_seq_eq(s->tcp.seq, f->end[s->from].next);
}

static void get_reset(hf_flow *f, const hf_step *s, bool reached)
{
	hf_flow_end *to = &f->end[hf_side_other(s->from)];
	if (!reset_is_believable(f, s))
		return;
	bool refused = to->state == HF_SYN_SENT;
	f->end[s->from].state = HF_CLOSED;
	if (!reached)
		return;
	to->state = HF_CLOSED;
	if (f->over == HF_WHY_NONE) {
		bool aborted = s->cause == HF_SENT_ABORT;
		f->over = aborted ? HF_WHY_ABORTED_HERE :
			  refused ? HF_WHY_REFUSED_BY_PEER :
				    HF_WHY_RESET_BY_PEER;
		f->over_by = s->from;
	}
}

static void take_verdict(hf_flow *f, const hf_step *s)
{
	if (s->way == HF_WAY_PASSING || s->state == HF_CLOSED)
		return;
	hf_side ours = s->way == HF_WAY_LEAVING ? s->from : hf_side_other(s->from);
	f->end[ours].state = s->state;
}

static bool both_have_closed(const hf_flow *f)
{
	for (int i = 0; i < 2; i++) {
		const hf_flow_end *e = &f->end[i];
		if (!e->fin || (e->state != HF_CLOSED && e->state != HF_TIME_WAIT))
			return false;
	}
	return true;
}

void hf_flow_move(hf_flow *f, const hf_step *s, bool reached)
{
	if (s->tcp.flags & HF_TCP_RST) {
		get_reset(f, s, reached);
	} else {
		sender_moves(f, s->from, &s->tcp);
		if (reached)
			receiver_moves(f, s->from, &s->tcp);
	}
	take_verdict(f, s);
	if (f->over == HF_WHY_NONE && both_have_closed(f))
		f->over = HF_WHY_CLOSED_BY_BOTH;
}
