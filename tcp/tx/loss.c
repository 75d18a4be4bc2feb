/* SPDX-License-Identifier: BSD-2-Clause */
/* What is lost: segments are marked, by RACK or by order of others, and taken out of flight. */
#include "tcp/tcb.h"
#include "tcp/tx/news.h"

void hf_tx_mark_lost(hf_tx *t, uint32_t i)
{
	const hf_sent *s = hf_sent_at(&t->sent, i);

	if (s->flags & HF_SENT_SACKED ||
	    (s->flags & (HF_SENT_LOST | HF_SENT_RETRANSMITTED)) == HF_SENT_LOST)
		return;
	if (s->flags & HF_SENT_RETRANSMITTED)
		t->retransmitted -= s->len;
	if (!(s->flags & HF_SENT_LOST))
		t->lost += s->len;
	hf_rate_lost(&t->rate, s);
	hf_sent_mark(&t->sent, i, (uint8_t)((s->flags & ~HF_SENT_RETRANSMITTED) | HF_SENT_LOST));
}

void hf_tx_repeat_first(hf_tcb *c)
{
	hf_tx_mark_lost(c->tx, 0);
}

void hf_tx_mtu_shrank(hf_tcb *c)
{
	for (uint32_t i = 0; c->tx && i < c->tx->sent.count; i++)
		if (hf_sent_at(&c->tx->sent, i)->len > c->snd.mss)
			hf_tx_mark_lost(c->tx, i);
}

static hf_ns reordering_window(const hf_tcb *c)
{
	const hf_tx *t = c->tx;
	bool in_recovery = t->recovery == HF_RECOVERY_FAST || t->recovery == HF_RECOVERY_LOSS;

	return hf_rack_window(&c->reordering, in_recovery, t->sacked_segments, c->rtt.min,
			      c->rtt.srtt);
}

/*
 * The timer is set for the first segment that may be lost, not for the last as RFC 8985 6.2 has
 * it: each is found at its own time, and no ACK makes us walk over all that is in flight.
 */
void hf_tx_detect(hf_tcb *c, hf_ack_news *n)
{
	hf_tx *t = c->tx;
	hf_ns window = reordering_window(c);
	uint32_t i;

	t->reorder_at = HF_NEVER;
	if (!hf_tcb_has(c, HF_TCB_SACK))
		return;
	while ((i = hf_sent_first(&t->sent, HF_SENT_BY_TIME)) < t->sent.count) {
		const hf_sent *s = hf_sent_at(&t->sent, i);
		hf_time deadline = hf_rack_deadline(&t->rack, s, window);

		if (hf_time_before(n->rack.now, deadline)) {
			t->reorder_at = deadline;
			return;
		}
		n->is_lost_again |= (s->flags & HF_SENT_RETRANSMITTED) != 0;
		n->lost += s->len;
		hf_tx_mark_lost(t, i);
	}
}

/** The peer has dropped what it had SACKed (RFC 2018 8): believe none of it. */
static void forget_sacks(hf_tx *t)
{
	for (uint32_t i = 0; i < t->sent.count; i++) {
		uint8_t flags = hf_sent_at(&t->sent, i)->flags;

		if (flags & HF_SENT_SACKED)
			hf_sent_mark(&t->sent, i, (uint8_t)(flags & ~HF_SENT_SACKED));
	}
	t->sacked = 0;
	t->sacked_segments = 0;
}

bool hf_tx_reneged(const hf_tx *t)
{
	return t->sent.count > 0 && hf_sent_at(&t->sent, 0)->flags & HF_SENT_SACKED;
}

/** What was sent a short while ago may still be answered (RFC 8985 6.3). */
static bool is_recent(const hf_tcb *c, const hf_sent *s, hf_time now, hf_ns window)
{
	return hf_time_before(now, hf_time_add(s->at, c->tx->rack.rtt + window));
}

void hf_tx_mark_all_lost(hf_tcb *c, hf_time now)
{
	hf_tx *t = c->tx;
	bool by_time = hf_tcb_has(c, HF_TCB_SACK) && !hf_tx_reneged(t);
	hf_ns window = reordering_window(c);
	uint32_t known;

	if (!by_time)
		forget_sacks(t);
	known = hf_sent_unmark_waiting(&t->sent); /* to be queued anew, in order */
	t->lost -= known;
	hf_rate_not_lost(&t->rate, known); /* they will be counted again, and are lost once */
	for (uint32_t i = 0; i < t->sent.count; i++)
		if (i == 0 || !by_time || !is_recent(c, hf_sent_at(&t->sent, i), now, window))
			hf_tx_mark_lost(t, i);
}
