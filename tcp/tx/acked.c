/* SPDX-License-Identifier: BSD-2-Clause */
/* What an acknowledgement tells the sending side (RFC 9293 3.10.7.4 step 5, RFC 6298, RFC 5681). */
#include "tcp/tx/inform.h"

/** What one acknowledgement covered. */
typedef struct covered {
	uint32_t octets;
	hf_time sent_at;    /**< of the oldest segment that was not SACKed before */
	bool retransmitted; /**< some of it was sent twice: its time proves nothing (Karn) */
	bool timed;
} covered;

static void forget_marks(hf_tx *t, const hf_sent *s, uint16_t len)
{
	if (s->flags & HF_SENT_SACKED)
		t->sacked -= len;
	if (s->flags & HF_SENT_LOST)
		t->lost -= len;
	if (s->flags & HF_SENT_RETRANSMITTED)
		t->retransmitted -= len;
}

static void note_time(covered *k, const hf_sent *s)
{
	if (s->flags & HF_SENT_TWICE)
		k->retransmitted = true;
	if (!k->timed && !(s->flags & HF_SENT_SACKED)) {
		k->timed = true;
		k->sent_at = s->at;
	}
}

/** Takes what lies before `ack` off the list. */
static covered take_acked(hf_tcb *c, hf_seq ack)
{
	hf_tx *t = c->tx;
	covered k = { .octets = hf_seq_span(c->snd.una, ack) };

	while (t->sent.count > 0) {
		hf_sent *s = hf_sent_at(&t->sent, 0);
		uint32_t part;

		if (!hf_seq_lt(s->seq, ack))
			break;
		note_time(&k, s);
		part = hf_seq_span(s->seq, ack);
		if (!(s->flags & HF_SENT_SACKED))
			hf_rate_delivered(&t->rate, s, part < s->len ? part : s->len);
		if (part < s->len) {
			forget_marks(t, s, (uint16_t)part);
			s->seq = ack;
			s->len = (uint16_t)(s->len - part);
			break;
		}
		forget_marks(t, s, s->len);
		hf_sent_drop_first(&t->sent);
	}
	c->snd.una = ack;
	c->snd.small_end = hf_seq_max(c->snd.small_end, ack); /* kept near: numbers come round */
	t->judged = hf_seq_max(t->judged, ack);
	t->retransmit_from = hf_seq_max(t->retransmit_from, ack);
	while (t->highest_count > 0 && hf_seq_lt(t->highest[t->highest_count - 1], ack))
		t->highest_count--;
	return k;
}

/** RFC 7323 4.3: a timestamp tells the RTT even of a retransmission. */
static hf_ns echoed(const hf_tcb *c, const hf_tcp_env *env, const hf_tcp_options *o)
{
	uint32_t now = (uint32_t)(env->now.ns / HF_MS(1)) + c->ts_offset;
	uint32_t ms = now - o->tsecr;

	hf_ns oldest = hf_time_diff(env->now, c->stuck_since);

	if (!hf_tcb_has(c, HF_TCB_TIMESTAMPS) || !(o->present & HF_HAS(TIMESTAMPS)) ||
	    o->tsecr == 0 || HF_MS((hf_ns)ms) > oldest + HF_MS(1))
		return 0; /* it echoes nothing that waits */
	return ms == 0 ? HF_MS(1) / 2 : HF_MS((hf_ns)ms);
}

static void sample_rtt(hf_tcb *c, const hf_tcp_env *env, const covered *k, const hf_tcp_options *o)
{
	hf_ns sample = 0;

	if (k->timed && !k->retransmitted)
		hf_rtt_sample_since(&c->rtt, env->config, k->sent_at, env->now);
	else
		sample = echoed(c, env, o);
	if (sample > 0)
		hf_rtt_sample(&c->rtt, env->config, sample);
}

static bool fin_acked(const hf_tcb *c)
{
	return hf_tcb_has(c, HF_TCB_FIN_SENT) && hf_seq_eq(c->snd.una, c->snd.nxt);
}

/** After a time-out one ACK may cover much that had arrived long before: RFC 3465 2.3, L = 1. */
static uint32_t countable(const hf_tcb *c, uint32_t octets)
{
	bool after_timeout = c->tx->recovery == HF_RECOVERY_LOSS;

	return after_timeout && octets > c->snd.mss ? c->snd.mss : octets;
}

static void progress(hf_tcb *c, const hf_tcp_env *env, const covered *k, const hf_segment *g)
{
	sample_rtt(c, env, k, g->options);
	c->retransmits = 0;
	c->reason = HF_WHY_NONE; /* whatever was reported, the way is open */
	c->stuck_since = hf_tx_in_flight(c) > 0 ? env->now : HF_NEVER;
	c->count.octets_acked += k->octets - fin_acked(c);
	hf_tcb_put(c, HF_TCB_TROUBLE_TOLD, false);
	hf_tx_arm(c, env); /* RFC 6298 (5.2), (5.3) */
}

/** Everything sent is acknowledged and nothing waits: the buffers are given back. */
static void settle(hf_tcb *c, const hf_tcp_env *env, hf_effects *fx)
{
	if (hf_tx_in_flight(c) > 0 || hf_tx_unsent(c) > 0)
		return;
	if (hf_tcb_has(c, HF_TCB_WANT_SENT_ALL)) {
		hf_tcb_put(c, HF_TCB_WANT_SENT_ALL, false);
		fx->events |= HF_EVENT_SENT_ALL;
	}
	if (!hf_tcb_has(c, HF_TCB_FIN_QUEUED) || hf_tcb_has(c, HF_TCB_FIN_SENT))
		hf_tx_release(c, env);
}

/**
 * RFC 5681 2: nothing new, nothing else, while something is outstanding; an answer to a probe is
 * none.
 */
static bool is_duplicate(const hf_tcb *c, const hf_segment *g, bool window_changed)
{
	return hf_seq_eq(g->ack, c->snd.una) && hf_segment_len(g) == 0 && !window_changed &&
	       hf_tx_in_flight(c) > 0 && c->snd.wnd > 0;
}

/** No more duplicates than segments after the missing one can be true. */
static void note_duplicate(hf_tx *t)
{
	if (t->duplicate_acks + 1 < t->sent.count)
		t->duplicate_acks++;
}

void hf_tx_acked(hf_tcb *c, const hf_tcp_env *env, const hf_segment *g, bool window_changed,
		 hf_effects *fx)
{
	bool duplicate = is_duplicate(c, g, window_changed);
	uint32_t newly_sacked;
	hf_tx_told told;
	covered k = { 0 };

	if (!c->tx)
		return;
	newly_sacked = hf_tx_note_sack(c, g->options);
	if (hf_seq_lt(c->snd.una, g->ack)) {
		k = take_acked(c, g->ack);
		progress(c, env, &k, g);
	} else if (newly_sacked > 0 || (duplicate && !hf_tcb_has(c, HF_TCB_SACK))) {
		note_duplicate(c->tx); /* RFC 6675 2: with SACK, only if it tells something new */
	}
	told = (hf_tx_told){ countable(c, k.octets), c->tx->recovery == HF_RECOVERY_FAST };
	hf_tx_recover(c, k.octets);
	hf_tx_inform(c, env, &told);
	if (hf_tcb_has(c, HF_TCB_WANT_WRITABLE) && hf_tx_is_room_worthwhile(c)) {
		hf_tcb_put(c, HF_TCB_WANT_WRITABLE, false);
		fx->events |= HF_EVENT_WRITABLE;
	}
	settle(c, env, fx);
}
