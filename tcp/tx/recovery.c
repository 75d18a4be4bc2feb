/* SPDX-License-Identifier: BSD-2-Clause */
/* Loss recovery: fast recovery (RFC 5681, 6582, 6675), and recovery after a time-out. */
#include "tcp/ecn/ecn.h"

static void begin(hf_tcb *c, hf_recovery how)
{
	c->tx->recovery = how;
	c->snd.recover = c->snd.nxt;
	c->tx->holes_from = c->snd.una;
	c->tx->rescued = false;
}

static void mark_first_lost(hf_tx *t)
{
	if (t->sent.count > 0)
		hf_tx_mark_lost(t, hf_sent_at(&t->sent, 0));
}

static void enter_fast(hf_tcb *c)
{
	uint32_t flight = hf_tx_in_flight(c);

	/* What limited transmit sent beyond cwnd does not count (RFC 5681 3.2, step 2). */
	if (flight > c->congestion.cwnd)
		flight = c->congestion.cwnd;
	begin(c, HF_RECOVERY_FAST);
	mark_first_lost(c->tx);
	hf_congestion_lost(&c->congestion, flight);
	hf_ecn_reduced(c);
	c->count.fast_recoveries++;
}

static void leave(hf_tcb *c)
{
	c->tx->recovery = HF_RECOVERY_NONE;
	c->tx->duplicate_acks = 0;
}

/** Three duplicates, or their equal in SACK blocks (RFC 6675 5, step (1) and (2)). */
static bool loss_is_seen(const hf_tcb *c, bool first_is_lost)
{
	if (hf_tcb_has(c, HF_TCB_SACK))
		return first_is_lost ||
		       (c->tx->duplicate_acks >= HF_DUP_THRESH && c->tx->sacked > 0);
	/* RFC 6582 3.2 step 2: at `recover` itself they may answer what was repeated needlessly. */
	return c->tx->duplicate_acks >= HF_DUP_THRESH && hf_seq_lt(c->snd.recover, c->snd.una);
}

/** Without SACK a partial ACK says that the next segment is missing too (RFC 6582 3.2, step 3). */
static void go_on(hf_tcb *c, uint32_t octets)
{
	if (!hf_tcb_has(c, HF_TCB_SACK) && octets > 0 && c->tx->recovery == HF_RECOVERY_FAST) {
		uint32_t told = octets / c->snd.mss;

		c->tx->duplicate_acks -= told < c->tx->duplicate_acks ? told :
									c->tx->duplicate_acks;
		mark_first_lost(c->tx);
	}
}

void hf_tx_recover(hf_tcb *c, uint32_t octets)
{
	hf_tx *t = c->tx;
	bool first_is_lost;

	if (t->recovery != HF_RECOVERY_NONE && hf_seq_leq(c->snd.recover, c->snd.una))
		leave(c);
	first_is_lost = hf_tx_judge(c);
	if (t->recovery == HF_RECOVERY_NONE) {
		if (octets > 0) {
			t->duplicate_acks = 0;
			/* Kept near, so that it never seems to lie ahead. */
			c->snd.recover = hf_seq_max(c->snd.recover,
						    hf_seq_add(c->snd.una, UINT32_MAX));
		}
		if (loss_is_seen(c, first_is_lost))
			enter_fast(c);
		return;
	}
	go_on(c, octets);
}

/** The peer has dropped what it had SACKed (RFC 2018 8): believe none of it. */
static void forget_sacks(hf_tx *t)
{
	for (uint32_t i = 0; i < t->sent.count; i++)
		hf_sent_at(&t->sent, i)->flags &= (uint8_t)~HF_SENT_SACKED;
	t->sacked = 0;
	t->highest_count = 0;
}

static void take_out_of_flight(hf_tx *t, hf_sent *s)
{
	if (s->flags & HF_SENT_RETRANSMITTED) {
		s->flags &= (uint8_t)~HF_SENT_RETRANSMITTED;
		t->retransmitted -= s->len;
	}
	hf_tx_mark_lost(t, s);
}

void hf_tx_repeat_first(hf_tcb *c)
{
	if (c->tx->sent.count == 0)
		return;
	take_out_of_flight(c->tx, hf_sent_at(&c->tx->sent, 0));
	c->tx->retransmit_from = c->snd.una;
}

void hf_tx_mtu_shrank(hf_tcb *c)
{
	for (uint32_t i = 0; c->tx && i < c->tx->sent.count; i++) {
		hf_sent *s = hf_sent_at(&c->tx->sent, i);

		if (s->len > c->snd.mss && !(s->flags & HF_SENT_SACKED))
			take_out_of_flight(c->tx, s);
	}
	if (c->tx)
		c->tx->retransmit_from = c->snd.una;
}

void hf_tx_timed_out(hf_tcb *c)
{
	hf_tx *t = c->tx;
	bool first = c->retransmits == 0;
	uint32_t flight = hf_tx_in_flight(c);

	if (t->sent.count > 0 && hf_sent_at(&t->sent, 0)->flags & HF_SENT_SACKED)
		forget_sacks(t);
	for (uint32_t i = 0; i < t->sent.count; i++)
		take_out_of_flight(t, hf_sent_at(&t->sent, i));
	t->duplicate_acks = 0;
	t->judged = c->snd.nxt;
	t->retransmit_from = c->snd.una;
	begin(c, HF_RECOVERY_LOSS);
	hf_congestion_timed_out(&c->congestion, flight, first);
	hf_ecn_reduced(c);
}
