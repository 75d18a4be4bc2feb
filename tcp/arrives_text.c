/* SPDX-License-Identifier: BSD-2-Clause */
/* SEGMENT ARRIVES, steps 7 and 8 (RFC 9293 3.10.7.4): text and FIN; and what ICMP reports. */
#include "tcp/arrives.h"
#include "tcp/hs/fast_open.h"
#include "tcp/hs/negotiate.h"
#include "tcp/urgent.h"

static bool takes_text(const hf_tcb *c)
{
	return c->state == HF_ESTABLISHED || c->state == HF_FIN_WAIT_1 || c->state == HF_FIN_WAIT_2;
}

/** SHLD-3: octets for an application that has gone are a loss, and the peer must know. */
static void refuse_text(hf_tcb *c, const hf_tcp_env *env, hf_effects *fx)
{
	fx->reply_reset = true;
	fx->reset = hf_tx_reset(c);
	fx->reason = HF_WHY_DATA_AFTER_CLOSE;
	hf_tcb_end(c, env, fx, HF_WHY_DATA_AFTER_CLOSE);
}

static bool brings_new_text(const hf_tcb *c, const hf_segment *g)
{
	return g->text.len > 0 && hf_seq_lt(c->rcv.nxt, hf_seq_add(g->seq, (uint32_t)g->text.len));
}

/** A FIN inside the window is remembered, even ahead of missing octets. */
static void note_fin(hf_tcb *c, const hf_segment *g, hf_effects *fx)
{
	hf_seq at = hf_seq_add(g->seq, (uint32_t)g->text.len);

	if (!(g->flags & HF_TCP_FIN) || hf_seq_lt(at, c->rcv.nxt))
		return;
	if (!hf_seq_lt(at, c->rcv.right)) { /* takes a number that the window does not have */
		fx->reason = HF_WHY_SEQ_ZERO_WINDOW;
		hf_ack_now(c, HF_SENT_ACK);
		return;
	}
	if (!hf_tcb_has(c, HF_TCB_PEER_FIN) || hf_seq_lt(at, c->rcv.fin))
		c->rcv.fin = at; /* of two that contradict each other the earlier counts */
	hf_tcb_put(c, HF_TCB_PEER_FIN, true);
	if (!hf_seq_eq(at, c->rcv.nxt))
		hf_fast_open_suspect(c);
	if (!hf_seq_eq(at, c->rcv.nxt) && g->text.len == 0) /* text has its own ACK already */
		hf_ack_now(c, HF_SENT_DUPLICATE_ACK);
}

static void peer_has_closed(hf_tcb *c, hf_effects *fx)
{
	c->rcv.nxt = hf_seq_add(c->rcv.nxt, 1);
	if (c->rx)
		hf_ranges_release(&c->rx->early); /* nothing comes after a FIN */
	hf_ack_now(c, HF_SENT_ACK);
	fx->events |= HF_EVENT_PEER_CLOSED | HF_EVENT_READABLE;
	switch ((hf_state)c->state) {
	case HF_ESTABLISHED:
		hf_tcb_set_state(c, HF_CLOSE_WAIT);
		break;
	case HF_FIN_WAIT_1:
		hf_tcb_set_state(c, HF_CLOSING);
		break;
	case HF_FIN_WAIT_2:
		hf_tcb_set_state(c, HF_TIME_WAIT);
		break;
	case HF_CLOSED:
	case HF_LISTEN:
	case HF_SYN_SENT:
	case HF_SYN_RECEIVED:
	case HF_CLOSE_WAIT:
	case HF_CLOSING:
	case HF_LAST_ACK:
	case HF_TIME_WAIT:
	case HF_STATE_COUNT:
		break;
	}
}

void hf_tcp_text_and_fin(hf_tcb *c, const hf_tcp_env *env, const hf_segment *g, hf_effects *fx)
{
	if (!takes_text(c)) {
		if (hf_segment_len(g) > 0)
			fx->reason = HF_WHY_DATA_AFTER_CLOSE; /* after the peer's own FIN */
		return;
	}
	if (hf_tcb_has(c, HF_TCB_ORPHAN) && brings_new_text(c, g)) {
		refuse_text(c, env, fx);
		return;
	}
	hf_rx_take(c, env, g, fx);
	hf_urgent_look(c, fx);
	if (hf_tcb_has(c, HF_TCB_PEER_FIN) && hf_seq_lt(c->rcv.fin, c->rcv.nxt))
		hf_tcb_put(c, HF_TCB_PEER_FIN, false); /* text went past: it was not the peer's */
	note_fin(c, g, fx);
	if (hf_tcb_has(c, HF_TCB_PEER_FIN) && hf_seq_eq(c->rcv.nxt, c->rcv.fin))
		peer_has_closed(c, fx);
}
