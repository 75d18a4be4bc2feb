/* SPDX-License-Identifier: BSD-2-Clause */
/* What the numbers, windows and times of an observed segment mean for its flow. */
#include "observe/flow_rules.h"

/*
 * Without a round trip to compare with, what fills a gap this soon was overtaken, not sent again.
 */
#define REORDERING HF_MS(3)

int64_t hf_flow_relative(const hf_flow_end *e, hf_seq seq)
{
	return (int64_t)e->next_rel + hf_seq_diff(seq, e->next);
}

static void number(hf_flow_end *e, hf_seq isn, uint32_t sent)
{
	e->numbered = true;
	e->isn = isn;
	e->next = e->whole = hf_seq_add(isn, sent);
	e->next_rel = sent;
	e->beyond.count = 0;
}

void hf_flow_number(hf_flow *f, hf_side from, const hf_tcp *t)
{
	hf_flow_end *e = &f->end[from];
	hf_flow_end *o = &f->end[hf_side_other(from)];
	if (t->flags & HF_TCP_RST)
		return;
	/*
	 * A server without state may answer a repeated SYN with another initial number (RFC 4987,
	 * 3.6).
	 */
	bool renumbers = e->numbered && !f->established && !hf_seq_eq(e->isn, t->seq);
	if ((t->flags & HF_TCP_SYN) && (!e->numbered || renumbers)) {
		number(e, t->seq, 0);
		o->acked = false;
	} else if (!e->numbered) {
		number(e, hf_seq_add(t->seq, UINT32_MAX), 1);
	}
	if (!o->numbered && (t->flags & HF_TCP_ACK))
		number(o, hf_seq_add(t->ack, UINT32_MAX), 1);
}

/* Was the text from `start` to `end` seen before? Nothing but a FIN has none. */
static bool was_seen(const hf_flow_end *e, hf_seq start, hf_seq end)
{
	if (hf_seq_eq(start, end))
		return e->fin;
	return hf_seq_leq(end, e->whole) ||
	       hf_ranges_contain(&e->beyond, (hf_range){ hf_seq_max(start, e->whole), end });
}

/* The least time between sending and a retransmission that an acknowledgement caused. */
static hf_ns round_trip(const hf_flow *f)
{
	return f->rtt_syn >= 0 && f->rtt_syn_ack >= 0 ? f->rtt_syn + f->rtt_syn_ack : REORDERING;
}

static bool is_probe(const hf_flow_end *e, const hf_flow_end *o, const hf_tcp *t)
{
	uint32_t len = (uint32_t)t->payload.len;
	if (!o->acked || len > 1 || (t->flags & (HF_TCP_SYN | HF_TCP_FIN | HF_TCP_RST)) || e->fin)
		return false;
	/* One number that was acknowledged already; a window probe may also be the next octet. */
	return hf_seq_eq(hf_seq_add(t->seq, 1), o->heard) ||
	       (o->window == 0 && len == 1 && hf_seq_eq(t->seq, o->heard));
}

static uint32_t marks_of_text(const hf_flow *f, const hf_step *s)
{
	const hf_flow_end *e = &f->end[s->from];
	hf_seq end = hf_seq_add(s->tcp.seq, hf_tcp_seg_len(&s->tcp));

	if (s->tcp.flags & HF_TCP_SYN) {
		/* In a simultaneous open the first SYN-ACK is news, though its SYN is not. */
		bool first_answer = (s->tcp.flags & HF_TCP_ACK) && !e->acked;
		bool news = !e->syn || (f->simultaneous && first_answer);
		return news ? 0 : HF_MARK(RETRANSMITTED);
	}
	if (hf_seq_lt(e->next, s->tcp.seq))
		return HF_MARK(GAP);
	if (hf_seq_lt(e->next, end))
		return 0;
	hf_seq text_end = hf_seq_add(s->tcp.seq, (uint32_t)s->tcp.payload.len);
	/* What our own stack sends was not overtaken yet. */
	if (s->way == HF_WAY_LEAVING || was_seen(e, s->tcp.seq, text_end) ||
	    hf_time_diff(s->at, e->gap_at) >= round_trip(f))
		return HF_MARK(RETRANSMITTED);
	return HF_MARK(OUT_OF_ORDER);
}

/* RFC 5681, 2: the definition of a duplicate acknowledgement; with SACK the window may move. */
static uint32_t marks_of_repeated_ack(const hf_flow_end *e, const hf_flow_end *o, const hf_tcp *t)
{
	if (o->probed)
		return HF_MARK(PROBE_ANSWER);
	bool same_window = t->window == e->window_field;
	bool outstanding = hf_seq_lt(e->heard, o->next);
	if (outstanding && (same_window || (t->options.present & HF_HAS(SACK))))
		return HF_MARK(DUPLICATE_ACK);
	return same_window ? 0 : HF_MARK(WINDOW_UPDATE);
}

static uint32_t marks_of_ack(const hf_flow_end *e, const hf_flow_end *o, const hf_tcp *t)
{
	uint32_t marks = 0;
	if (!(t->flags & HF_TCP_ACK) || (t->flags & HF_TCP_RST))
		return 0;
	if (o->numbered && hf_seq_lt(o->next, t->ack))
		marks |= HF_MARK(ACK_UNSEEN);
	if (hf_tcp_seg_len(t) == 0 && e->acked && hf_seq_eq(t->ack, e->heard))
		marks |= marks_of_repeated_ack(e, o, t);
	return marks;
}

static bool is_outside(const hf_flow *f, const hf_flow_end *o, const hf_tcp *t)
{
	if (!o->acked || (t->flags & (HF_TCP_SYN | HF_TCP_RST)))
		return false;
	/* A flow joined late has a window of unknown scale: then the largest one counts. */
	uint32_t window = f->joined ? (uint32_t)o->window_field << 14 : o->window;
	return hf_seq_lt(hf_seq_add(o->heard, window), t->seq);
}

static uint32_t window_of(const hf_flow_end *e, const hf_tcp *t)
{
	bool scaled = e->scaled && !(t->flags & HF_TCP_SYN);
	unsigned shift = e->wscale > 14 ? 14 : e->wscale; /* RFC 7323, 2.3 */
	return scaled ? (uint32_t)t->window << shift : t->window;
}

void hf_flow_classify(const hf_flow *f, hf_step *s)
{
	const hf_flow_end *e = &f->end[s->from];
	const hf_flow_end *o = &f->end[hf_side_other(s->from)];
	const hf_tcp *t = &s->tcp;

	s->seq = e->numbered ? hf_flow_relative(e, t->seq) : 0;
	s->ack = o->numbered ? hf_flow_relative(o, t->ack) : 0;
	s->window = window_of(e, t);
	if (is_outside(f, o, t)) {
		s->marks |= HF_MARK(OUTSIDE);
		return;
	}
	if (is_probe(e, o, t))
		s->marks |= o->window == 0 ? HF_MARK(WINDOW_PROBE) : HF_MARK(KEEPALIVE);
	else if (hf_tcp_seg_len(t) > 0 && !(t->flags & HF_TCP_RST))
		s->marks |= marks_of_text(f, s);
	if (!(s->marks & (HF_MARK(WINDOW_PROBE) | HF_MARK(KEEPALIVE))))
		s->marks |= marks_of_ack(e, o, t);
	if (s->marks & HF_MARK(DUPLICATE_ACK))
		s->duplicates = e->duplicates + 1;
	if (t->window == 0 && !(t->flags & HF_TCP_RST))
		s->marks |= HF_MARK(ZERO_WINDOW);
}

static void enter_syn(hf_flow *f, const hf_step *s)
{
	hf_flow_end *e = &f->end[s->from];
	hf_flow_end *o = &f->end[hf_side_other(s->from)];
	const hf_tcp_options *options = &s->tcp.options;
	uint32_t tsval = options->present & HF_HAS(TIMESTAMPS) ? options->tsval : 0;

	if (e->tries++ == 0) {
		e->first_try = s->at;
		e->first_tsval = tsval;
	}
	e->last_try = s->at;
	e->last_tsval = tsval;
	e->syn = true;
	e->whole = hf_seq_max(e->whole, hf_seq_add(e->isn, 1));
	e->has_wscale = options->present & HF_HAS(WSCALE);
	e->wscale = options->wscale;
	e->scaled = o->scaled = e->has_wscale && o->has_wscale;
	e->window_field = s->tcp.window;
	e->window = s->window;
	f->simultaneous = f->simultaneous || (s->from == HF_SERVER && e->syn && o->syn &&
					      !(s->tcp.flags & HF_TCP_ACK));
}

static uint64_t numbers_seen(const hf_flow_end *e)
{
	return (uint64_t)hf_flow_relative(e, e->whole) + hf_ranges_octets(&e->beyond);
}

/* `whole` has moved, or a range that may touch it was added. */
static void absorb(hf_flow_end *e)
{
	hf_ranges_cut(&e->beyond, e->whole);
	if (e->beyond.count > 0 && hf_seq_eq(hf_ranges_at(&e->beyond, 0)->start, e->whole)) {
		e->whole = hf_ranges_at(&e->beyond, 0)->end;
		hf_ranges_cut(&e->beyond, e->whole);
	}
}

/* Counts text once, whatever order it comes in. */
static void enter_text(hf_flow_end *e, hf_seq start, uint32_t len)
{
	hf_seq end = hf_seq_add(start, len);
	uint64_t before = numbers_seen(e);
	uint64_t fresh = hf_seq_lt(e->next, end) ? hf_seq_span(hf_seq_max(start, e->next), end) : 0;

	if (hf_seq_lt(e->whole, end)) {
		hf_seq from = hf_seq_max(start, e->whole);
		if (hf_ranges_add(&e->beyond, (hf_range){ from, end }) >= 0) {
			absorb(e);
			fresh = numbers_seen(e) - before;
		}
	} else {
		fresh = 0;
	}
	e->octets += fresh;
	e->octets_again += len - fresh;
}

static void enter_sent(hf_flow *f, hf_step *s, bool reached)
{
	hf_flow_end *e = &f->end[s->from];
	const hf_tcp *t = &s->tcp;
	hf_seq text = hf_seq_add(t->seq, !!(t->flags & HF_TCP_SYN));
	hf_seq end = hf_seq_add(t->seq, hf_tcp_seg_len(t));

	if (t->flags & HF_TCP_SYN)
		enter_syn(f, s);
	if (s->marks & HF_MARK(GAP))
		e->gap_at = s->at;
	if (s->marks & (HF_MARK(KEEPALIVE) | HF_MARK(WINDOW_PROBE)))
		e->probed = true;
	if (t->payload.len > 0 && !(s->marks & HF_MARK(KEEPALIVE)))
		enter_text(e, text, (uint32_t)t->payload.len);
	if (t->flags & HF_TCP_FIN) {
		e->fin = true;
		e->fin_end = end;
		e->fin_arrived = e->fin_arrived || reached;
	}
	if (s->marks & HF_MARK(RETRANSMITTED)) {
		e->retransmitted++;
		e->timing = false; /* Karn: which of the two is acknowledged cannot be told */
	}
	if (!hf_seq_lt(e->next, end))
		return;
	if (!e->timing && !(t->flags & HF_TCP_SYN)) {
		e->timing = true;
		e->timed = end;
		e->timed_at = s->at;
	}
	e->next_rel += hf_seq_span(e->next, end);
	e->next = end;
}

static void record_rtt(hf_flow_end *e, hf_step *s, hf_ns rtt)
{
	e->rtt = s->rtt = rtt;
	if (e->min_rtt < 0 || rtt < e->min_rtt)
		e->min_rtt = rtt;
}

/* SYN to SYN-ACK. After a retransmission only the echoed timestamp tells which SYN was answered. */
static void measure_syn(hf_flow *f, hf_step *s)
{
	hf_flow_end *client = &f->end[HF_CLIENT];
	const hf_tcp_options *options = &s->tcp.options;
	bool echoed = (options->present & HF_HAS(TIMESTAMPS)) && client->first_tsval != 0;

	if (client->tries == 1)
		f->answered_try = 1;
	else if (echoed && client->first_tsval != client->last_tsval)
		f->answered_try = options->tsecr == client->first_tsval ? 1 :
				  options->tsecr == client->last_tsval  ? client->tries :
									  0;
	if (f->answered_try == 0)
		return;
	hf_time sent = f->answered_try == 1 ? client->first_try : client->last_try;
	f->rtt_syn = hf_time_diff(s->at, sent);
	record_rtt(client, s, f->rtt_syn);
}

static void measure(hf_flow *f, hf_step *s)
{
	hf_flow_end *client = &f->end[HF_CLIENT];
	hf_flow_end *server = &f->end[HF_SERVER];
	hf_flow_end *o = &f->end[hf_side_other(s->from)];
	bool syn = s->tcp.flags & HF_TCP_SYN;

	if (o->timing && hf_seq_leq(o->timed, s->tcp.ack)) {
		o->timing = false;
		record_rtt(o, s, hf_time_diff(s->at, o->timed_at));
	}
	if (f->established || f->simultaneous || !client->syn || !server->syn)
		return;
	if (s->from == HF_SERVER && syn && server->tries == 1) {
		measure_syn(f, s);
	} else if (s->from == HF_CLIENT && !syn && server->tries == 1 && f->rtt_syn_ack < 0) {
		f->rtt_syn_ack = hf_time_diff(s->at, server->last_try);
		record_rtt(server, s, f->rtt_syn_ack);
	}
}

static void enter_ack(hf_flow *f, hf_step *s)
{
	hf_flow_end *e = &f->end[s->from];
	hf_flow_end *o = &f->end[hf_side_other(s->from)];
	const hf_tcp *t = &s->tcp;

	if (s->marks & HF_MARK(ACK_UNSEEN)) {
		/* RFC 9293 3.10.7.3: a SYN-ACK for another number answers somebody else. */
		if (t->flags & HF_TCP_SYN)
			return;
		o->next_rel += hf_seq_span(o->next, t->ack);
		o->next = t->ack;
		o->timing = false;
	}
	measure(f, s);
	if (hf_seq_lt(o->whole, t->ack)) {
		o->whole = t->ack;
		absorb(o);
	}
	o->probed = false;
	if (e->acked && hf_seq_lt(t->ack, e->heard))
		return;
	e->duplicates = s->duplicates;
	e->acked = true;
	e->heard = t->ack;
	e->window_field = t->window;
	e->window = s->window;
}

void hf_flow_enter(hf_flow *f, hf_step *s, bool reached)
{
	f->end[s->from].segments += s->segments;
	if (s->tcp.flags & HF_TCP_RST)
		return;
	enter_sent(f, s, reached);
	if (reached && (s->tcp.flags & HF_TCP_ACK))
		enter_ack(f, s);
}
