/* SPDX-License-Identifier: BSD-2-Clause */
/* The scoreboard: what SACK blocks say has arrived, once or twice (RFC 2018, 2883). */
#include "tcp/tcb.h"
#include "tcp/tx/dsack.h"
#include "tcp/tx/news.h"

/*
 * Work stays in proportion to what is new: a segment is SACKed once, and a block that is reported
 * again is passed over in a few steps, however long it is (after_sacked).
 */

static void mark_sacked(hf_tx *t, uint32_t i)
{
	hf_sent *s = hf_sent_at(&t->sent, i);

	if (s->flags & HF_SENT_LOST)
		t->lost -= s->len;
	if (s->flags & HF_SENT_RETRANSMITTED)
		t->retransmitted -= s->len;
	hf_sent_mark(
		&t->sent, i,
		(uint8_t)((s->flags & ~(HF_SENT_LOST | HF_SENT_RETRANSMITTED)) | HF_SENT_SACKED));
	s->skip = 1;
	t->sacked += s->len;
	t->sacked_segments++;
}

/**
 * The first from `i` on that is not SACKed. Each SACKed segment knows a distance to go on by; what
 * was walked is shortened, so that a block that is reported again costs next to nothing, however
 * long.
 */
static uint32_t after_sacked(hf_sent_list *l, uint32_t i)
{
	uint32_t to = i, next;

	while (to < l->count && hf_sent_at(l, to)->flags & HF_SENT_SACKED)
		to += hf_sent_at(l, to)->skip;
	for (; i < to && i < l->count; i = next) {
		next = i + hf_sent_at(l, i)->skip;
		hf_sent_at(l, i)->skip = (uint16_t)(to - i);
	}
	return to;
}

static void note_block(hf_tcb *c, hf_ack_news *n, hf_sack_block b)
{
	hf_tx *t = c->tx;

	/* Not above una: a duplicate, or a contradiction. Beyond nxt: never sent. */
	if (!hf_seq_lt(b.start, b.end) || hf_seq_leq(b.start, c->snd.una) ||
	    hf_seq_lt(c->snd.nxt, b.end))
		return;
	for (uint32_t i = after_sacked(&t->sent, hf_sent_find(&t->sent, b.start));
	     i < t->sent.count; i = after_sacked(&t->sent, i + 1)) {
		hf_sent *s = hf_sent_at(&t->sent, i);

		if (hf_seq_lt(b.end, hf_sent_end(s)))
			break;
		if (!hf_seq_leq(b.start, s->seq))
			continue;
		hf_rate_delivered(&t->rate, s, s->len);
		hf_tx_delivered(c, n, s, &n->sacked_times);
		mark_sacked(t, i);
		n->has_sacked = true;
	}
}

/** What was never sent, or so long ago that no window reaches it, was not received twice. */
static bool is_possible(const hf_tcb *c, hf_range r, hf_seq ack)
{
	return hf_seq_leq(r.end, c->snd.nxt) &&
	       hf_seq_leq(hf_seq_add(ack, 0u - c->snd.max_wnd), r.start) &&
	       hf_seq_span(r.start, c->snd.nxt) <= c->count.octets_sent + 1;
}

/**
 * Duplicates beyond the number of our retransmissions are the network's work, and say nothing of
 * our judgement (RFC 3708 4).
 */
static void note_duplicate(hf_tcb *c, hf_ack_news *n, hf_seq ack)
{
	hf_tx *t = c->tx;
	uint32_t segments;

	if (!hf_dsack_find(n->options, ack, &n->twice) || !is_possible(c, n->twice, ack))
		return;
	segments = (hf_seq_span(n->twice.start, n->twice.end) + c->snd.mss - 1u) / c->snd.mss;
	c->count.duplicates += segments;
	if (c->count.duplicates > c->count.retransmissions)
		return;
	n->has_duplicate = true;
	hf_undo_duplicate(&t->undo, n->twice);
	if (!t->tlp.is_out || !t->tlp.is_retransmission || !hf_seq_eq(t->tlp.end, n->twice.end))
		hf_rack_duplicate(&t->rack, &c->reordering, c->snd.nxt);
}

void hf_tx_note_sack(hf_tcb *c, hf_ack_news *n, hf_seq ack)
{
	if (!hf_tcb_has(c, HF_TCB_SACK) || !(n->options->present & HF_HAS(SACK)))
		return;
	note_duplicate(c, n, ack);
	for (unsigned i = n->has_duplicate; i < n->options->sack_count; i++)
		note_block(c, n, n->options->sack[i]);
}
