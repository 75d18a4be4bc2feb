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
	if (s->flags & HF_SENT_LOST)
		t->lost -= s->len;
	if (s->flags & HF_SENT_RETRANSMITTED)
		t->retransmitted -= s->len;
	s->flags = (uint8_t)((s->flags & HF_SENT_TWICE) | HF_SENT_SACKED);
	t->sacked += s->len;
	note_highest(t, s->seq);
}

static uint32_t note_block(hf_tcb *c, hf_sack_block b)
{
	hf_tx *t = c->tx;
	uint32_t before = t->sacked;

	/* Below una: a duplicate report (RFC 2883) or old news. Beyond nxt: never sent. */
	if (!hf_seq_lt(b.start, b.end) || hf_seq_leq(b.end, c->snd.una) ||
	    hf_seq_lt(c->snd.nxt, b.end))
		return 0;
	for (uint32_t i = hf_sent_find(&t->sent, b.start); i < t->sent.count; i++) {
		hf_sent *s = hf_sent_at(&t->sent, i);

		if (hf_seq_lt(b.end, hf_sent_end(s)))
			break;
		if (hf_seq_leq(b.start, s->seq) && !(s->flags & HF_SENT_SACKED))
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

	if (t->highest_count == HF_DUP_THRESH) {
		edge = t->highest[HF_DUP_THRESH - 1];
		for (uint32_t i = hf_sent_find(&t->sent, t->judged); i < t->sent.count; i++) {
			hf_sent *s = hf_sent_at(&t->sent, i);

			if (!hf_seq_lt(s->seq, edge))
				break;
			hf_tx_mark_lost(t, s);
		}
		t->judged = hf_seq_max(t->judged, edge);
	}
	return t->sent.count > 0 && (hf_sent_at(&t->sent, 0)->flags & HF_SENT_LOST);
}
