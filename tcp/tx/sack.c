/* SPDX-License-Identifier: BSD-2-Clause */
/* The scoreboard: what SACK blocks say has arrived, and what is lost (RFC 2018, RFC 6675). */
#include "tcp/tcb.h"

/*
 * Work stays in proportion to what is new. A segment is SACKed once, judged once, and marked once:
 * `judged` is the edge below which every segment has been looked at, and it only moves up. IsLost
 * of RFC 6675 asks for DupThresh SACKed segments above: so everything below the DupThresh-th
 * highest SACKed segment is lost, and those few are kept sorted in `highest`.
 */

void hf_tx_mark_lost(hf_tx *t, hf_sent *s)
{
	if (s->flags & (HF_SENT_SACKED | HF_SENT_LOST))
		return;
	s->flags |= HF_SENT_LOST;
	t->lost += s->len;
	hf_rate_lost(&t->rate, s->len);
	if (hf_seq_lt(s->seq, t->retransmit_from))
		t->retransmit_from = s->seq;
}

static void note_highest(hf_tx *t, hf_seq seq)
{
	uint32_t i = t->highest_count < HF_DUP_THRESH ? t->highest_count++ : HF_DUP_THRESH;

	for (; i > 0 && hf_seq_lt(t->highest[i - 1], seq); i--)
		if (i < HF_DUP_THRESH)
			t->highest[i] = t->highest[i - 1];
	if (i < HF_DUP_THRESH)
		t->highest[i] = seq;
}

static void mark_sacked(hf_tx *t, hf_sent *s)
{
	hf_rate_delivered(&t->rate, s, s->len);
	if (s->flags & HF_SENT_LOST)
		t->lost -= s->len;
	if (s->flags & HF_SENT_RETRANSMITTED)
		t->retransmitted -= s->len;
	s->flags = (uint8_t)((s->flags & HF_SENT_TWICE) | HF_SENT_SACKED);
	s->skip = 1;
	t->sacked += s->len;
	note_highest(t, s->seq);
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

static uint32_t note_block(hf_tcb *c, hf_sack_block b)
{
	hf_tx *t = c->tx;
	uint32_t before = t->sacked;

	/*
	 * Not above una: a duplicate report (RFC 2883), or a contradiction. Beyond nxt: never sent.
	 */
	if (!hf_seq_lt(b.start, b.end) || hf_seq_leq(b.start, c->snd.una) ||
	    hf_seq_lt(c->snd.nxt, b.end))
		return 0;
	for (uint32_t i = after_sacked(&t->sent, hf_sent_find(&t->sent, b.start));
	     i < t->sent.count; i = after_sacked(&t->sent, i + 1)) {
		hf_sent *s = hf_sent_at(&t->sent, i);

		if (hf_seq_lt(b.end, hf_sent_end(s)))
			break;
		if (hf_seq_leq(b.start, s->seq))
			mark_sacked(t, s);
	}
	return t->sacked - before;
}

uint32_t hf_tx_note_sack(hf_tcb *c, const hf_tcp_options *o)
{
	uint32_t newly = 0;

	if (!hf_tcb_has(c, HF_TCB_SACK) || !(o->present & HF_HAS(SACK)))
		return 0;
	for (unsigned i = 0; i < o->sack_count; i++)
		newly += note_block(c, o->sack[i]);
	return newly;
}

bool hf_tx_judge(hf_tcb *c)
{
	hf_tx *t = c->tx;
	hf_seq edge;

	if (t->highest_count < HF_DUP_THRESH)
		return false;
	edge = t->highest[HF_DUP_THRESH - 1];
	for (uint32_t i = hf_sent_find(&t->sent, t->judged); i < t->sent.count; i++) {
		hf_sent *s = hf_sent_at(&t->sent, i);

		if (!hf_seq_lt(s->seq, edge))
			break;
		hf_tx_mark_lost(t, s);
	}
	t->judged = hf_seq_max(t->judged, edge);
	return t->sent.count > 0 && hf_seq_lt(hf_sent_at(&t->sent, 0)->seq, edge);
}
