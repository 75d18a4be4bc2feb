/* SPDX-License-Identifier: BSD-2-Clause */
/* Octets in order and ahead of gaps: text goes straight to its place in the ring. */
#include "tcp/history.h"
#include "tcp/tcb.h"

#define FIRST_RING 4096
#define MOST_GAPS 8192 /* ranges ahead of gaps: every other segment of a window of 24 MB */

static bool need(hf_tcb *c, const hf_tcp_env *env)
{
	if (c->rx)
		return true;
	c->rx = hf_mem_new(env->mem, sizeof(*c->rx));
	if (c->rx) {
		c->rx->early = hf_ranges_of(env->mem, MOST_GAPS);
		c->rx->pushed = c->rcv.read;
	}
	return c->rx;
}

/** Octets from the reader's place to the end of what is stored. */
static uint32_t stored(const hf_tcb *c)
{
	const hf_ranges *early = &c->rx->early;
	hf_seq end = early->count ? hf_ranges_at(early, early->count - 1)->end : c->rcv.nxt;

	return hf_seq_span(c->rcv.read, end);
}

/** Octets that are here already stay as they came first, whatever a later segment says. */
static void write_new(hf_rx *r, hf_seq seq, hf_view text)
{
	hf_seq at = seq, end = hf_seq_add(seq, (uint32_t)text.len);

	for (uint32_t i = hf_ranges_find(&r->early, seq); hf_seq_lt(at, end); i++) {
		bool more = i < r->early.count;
		hf_seq stop = more ? hf_seq_min(hf_ranges_at(&r->early, i)->start, end) : end;

		if (hf_seq_lt(at, stop))
			hf_ring_write(&r->ring, at.v, text.at + hf_seq_span(seq, at),
				      hf_seq_span(at, stop));
		if (!more)
			break;
		at = hf_seq_max(at, hf_ranges_at(&r->early, i)->end);
	}
}

static bool store(hf_tcb *c, const hf_tcp_env *env, hf_seq seq, hf_view text)
{
	uint32_t want = hf_seq_span(c->rcv.read, seq) + (uint32_t)text.len;

	if (want < FIRST_RING)
		want = FIRST_RING;
	if (!need(c, env) ||
	    !hf_ring_reserve(&c->rx->ring, env->mem, want, c->rcv.read.v, stored(c)))
		return false;
	write_new(c->rx, seq, text);
	return true;
}

/** Of each range one number is enough: the newest. `seq` is within one of the early ranges. */
static void note_recent(hf_rx *r, hf_seq seq)
{
	const hf_range *in = hf_ranges_at(&r->early, hf_ranges_find(&r->early, seq));
	uint32_t i = 0;

	while (i < r->recent_count && i < 2 &&
	       !hf_seq_in(r->recent[i], in->start, hf_seq_span(in->start, in->end)))
		i++;
	if (i == r->recent_count)
		r->recent_count++;
	for (; i > 0; i--)
		r->recent[i] = r->recent[i - 1];
	r->recent[0] = seq;
}

/** Kept for later (SHLD-31), and answered with what is missing (MAY-13). */
static void take_early(hf_tcb *c, hf_seq seq, uint32_t len, hf_effects *fx)
{
	if (hf_ranges_add(&c->rx->early, (hf_range){ seq, hf_seq_add(seq, len) }) < 0)
		fx->reason = HF_WHY_OUT_OF_ORDER_LIMIT;
	else
		note_recent(c->rx, seq);
	if (c->history)
		c->history->early++;
	hf_ack_size(c, len);
	hf_ack_now(c, HF_SENT_DUPLICATE_ACK);
}

static void take_in_order(hf_tcb *c, const hf_tcp_env *env, uint32_t len, hf_effects *fx)
{
	hf_ranges *early = &c->rx->early;
	bool had_gap = early->count > 0;
	hf_seq before = c->rcv.nxt;

	c->rcv.nxt = hf_seq_add(before, len);
	while (early->count > 0 && hf_seq_leq(hf_ranges_at(early, 0)->start, c->rcv.nxt)) {
		c->rcv.nxt = hf_seq_max(c->rcv.nxt, hf_ranges_at(early, 0)->end);
		hf_ranges_cut(early, c->rcv.nxt);
	}
	c->count.octets_received += hf_seq_span(before, c->rcv.nxt);
	if (hf_rx_is_worth_reading(c))
		fx->events |= HF_EVENT_READABLE;
	if (!had_gap) {
		hf_ack_text(c, env, len);
		return;
	}
	hf_ack_came(c, env, len);
	c->ack.now = 0; /* duplicates owed so far would repeat the new number: one will do */
	hf_ack_now(c, HF_SENT_ACK); /* RFC 5681 4.2: filling a gap is acknowledged at once */
}

/** The first stretch of the segment that is here already: in order, or ahead of a gap. */
static hf_range here_already(const hf_tcb *c, const hf_segment *g)
{
	hf_seq end = hf_seq_add(g->seq, (uint32_t)g->text.len);
	const hf_ranges *early = c->rx ? &c->rx->early : NULL;
	uint32_t i;

	if (hf_seq_lt(g->seq, c->rcv.nxt))
		return (hf_range){ g->seq, hf_seq_min(end, c->rcv.nxt) };
	if (early && (i = hf_ranges_find(early, g->seq)) < early->count) {
		const hf_range *r = hf_ranges_at(early, i);

		return (hf_range){ hf_seq_max(r->start, g->seq), hf_seq_min(r->end, end) };
	}
	return (hf_range){ end, end };
}

void hf_rx_note_duplicate(hf_tcb *c, const hf_tcp_env *env, const hf_segment *g)
{
	hf_range r;

	if (g->text.len == 0 || !hf_tcb_has(c, HF_TCB_SACK))
		return;
	r = here_already(c, g);
	if (!hf_seq_lt(r.start, r.end) || !need(c, env))
		return;
	hf_duplicates_add(&c->rx->duplicates, r);
	if (!hf_seq_lt(g->seq, c->rcv.nxt))
		note_recent(c->rx, r.start); /* its block is to be the second (RFC 2883 4) */
	hf_ack_now(c, HF_SENT_DUPLICATE_ACK);
}

void hf_rx_take(hf_tcb *c, const hf_tcp_env *env, const hf_segment *g, hf_effects *fx)
{
	hf_seq start = hf_seq_max(g->seq, c->rcv.nxt);
	hf_seq end = hf_seq_min(hf_seq_add(g->seq, (uint32_t)g->text.len), c->rcv.right);
	hf_view text;

	if (g->text.len == 0)
		return;
	hf_rx_note_duplicate(c, env, g);
	if (!hf_seq_lt(start, hf_seq_add(g->seq, (uint32_t)g->text.len)))
		return;               /* all of it is here already */
	if (!hf_seq_lt(start, end)) { /* a probe of the closed window */
		fx->reason = HF_WHY_SEQ_ZERO_WINDOW;
		hf_ack_now(c, HF_SENT_ACK);
		return;
	}
	text = (hf_view){ g->text.at + hf_seq_span(g->seq, start), hf_seq_span(start, end) };
	if (!store(c, env, start, text)) {
		fx->reason = HF_WHY_NO_BUFFER;
		return;
	}
	if (g->flags & HF_TCP_PSH)
		c->rx->pushed = hf_seq_max(c->rx->pushed, end);
	hf_rx_tuning_came(c, env, g, hf_seq_eq(start, c->rcv.nxt));
	if (hf_seq_eq(start, c->rcv.nxt))
		take_in_order(c, env, (uint32_t)text.len, fx);
	else
		take_early(c, start, (uint32_t)text.len, fx);
}

static void release_if_empty(hf_tcb *c, const hf_tcp_env *env)
{
	if (hf_tcb_unread(c) == 0 && c->rx->early.count == 0 && c->rx->duplicates.count == 0)
		hf_rx_release(c, env);
}

bool hf_rx_report_duplicate(hf_tcb *c, const hf_tcp_env *env, hf_tcp_options *o)
{
	unsigned count = o->present & HF_HAS(SACK) ? o->sack_count : 0;
	bool more;
	hf_range r;

	if (!c->rx || !hf_duplicates_take(&c->rx->duplicates, &r))
		return false;
	if (count == HF_SACK_BLOCKS)
		count--;
	for (unsigned i = count; i > 0; i--)
		o->sack[i] = o->sack[i - 1];
	o->sack[0] = (hf_sack_block){ r.start, r.end };
	o->sack_count = (uint8_t)(count + 1);
	o->present |= HF_HAS(SACK);
	more = c->rx->duplicates.count > 0;
	release_if_empty(c, env);
	return more;
}

uint32_t hf_rx_read(hf_tcb *c, const hf_tcp_env *env, void *to, size_t len)
{
	uint32_t n = hf_tcb_unread(c);

	if (n > len)
		n = (uint32_t)len;
	if (n == 0)
		return 0;
	if (to)
		hf_ring_read(&c->rx->ring, c->rcv.read.v, to, n);
	c->rcv.read = hf_seq_add(c->rcv.read, n);
	c->rx->pushed = hf_seq_max(c->rx->pushed, c->rcv.read);
	release_if_empty(c, env);
	hf_rx_tuning_read(c, env);
	hf_rx_opened(c);
	hf_ack_read(c);
	return n;
}

uint32_t hf_rx_pushed(const hf_tcb *c)
{
	uint32_t unread = hf_tcb_unread(c), pushed;

	if (unread == 0)
		return 0;
	pushed = hf_seq_span(c->rcv.read, c->rx->pushed);
	return pushed < unread ? pushed : unread;
}

void hf_rx_release(hf_tcb *c, const hf_tcp_env *env)
{
	if (!c->rx)
		return;
	hf_ring_release(&c->rx->ring, env->mem);
	hf_ranges_release(&c->rx->early);
	hf_mem_free(env->mem, c->rx, sizeof(*c->rx));
	c->rx = NULL;
}

static bool reported(const hf_tcp_options *o, hf_seq seq)
{
	for (unsigned i = 0; i < o->sack_count; i++)
		if (hf_seq_leq(o->sack[i].start, seq) && hf_seq_lt(seq, o->sack[i].end))
			return true;
	return false;
}

static void report(hf_tcp_options *o, const hf_range *r)
{
	if (o->sack_count < HF_SACK_BLOCKS && !reported(o, r->start))
		o->sack[o->sack_count++] = (hf_sack_block){ r->start, r->end };
}

void hf_rx_sack(const hf_tcb *c, hf_tcp_options *o)
{
	const hf_rx *r = c->rx;

	if (!r || r->early.count == 0 || !hf_tcb_has(c, HF_TCB_SACK))
		return;
	o->sack_count = 0;
	for (unsigned k = 0; k < r->recent_count; k++) {
		uint32_t i = hf_ranges_find(&r->early, r->recent[k]);

		if (i < r->early.count &&
		    hf_seq_leq(hf_ranges_at(&r->early, i)->start, r->recent[k]))
			report(o, hf_ranges_at(&r->early, i));
	}
	for (unsigned i = 0; i < r->early.count && o->sack_count < HF_SACK_BLOCKS; i++)
		report(o, hf_ranges_at(&r->early, i));
	o->present |= HF_HAS(SACK);
}
