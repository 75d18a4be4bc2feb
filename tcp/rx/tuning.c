/* SPDX-License-Identifier: BSD-2-Clause */
/* How large the receive buffer and the announced window grow. */
#include "tcp/hs/negotiate.h"

/*
 * Dynamic right-sizing (Fisk and Feng, 2001), as Linux does it. A round lasts one round trip, as
 * the receiver sees it: the time that a timestamp of ours takes to come back with text, or without
 * timestamps the time in which a window is filled. What the application took in a round has arrived
 * in the round before, and the window that follows from it holds for the next: in slow start, where
 * a sender doubles its rate, that is a factor of four. The buffer gets six times what was taken
 * while rounds double, and twice if they no longer grow.
 *
 * The window that is announced grows with what arrives, two segments for each, so that it stays
 * ahead of any sender's slow start, and a peer that sends little is promised little.
 */

#define FIRST_ROUND 10u    /* segments: a sender's initial window (RFC 6928) */
#define SMALL_SEGMENT 128u /* octets: shorter ones are no reason for a larger window */
#define DEFAULT_MSS 536u
#define LEAST_MSS 88u

static uint32_t least_of(uint32_t a, uint32_t b)
{
	return a < b ? a : b;
}

void hf_rx_tuning_begin(hf_tcb *c, const hf_tcp_env *env)
{
	uint32_t window = hf_seq_span(c->rcv.nxt, c->rcv.right);
	uint32_t mss = least_of(c->snd.mss, window / 2);

	mss = least_of(mss, DEFAULT_MSS);
	c->rcv.ssthresh = window;
	c->rcv.mss = (uint16_t)(mss > LEAST_MSS ? mss : LEAST_MSS);
	c->tuning = (hf_tuning){
		.seq = c->rcv.read,
		.began = env->now,
		.space = least_of(window, FIRST_ROUND * c->snd.mss),
	};
}

/* ---- The round trip ---- */

static void by_timestamp(hf_tcb *c, const hf_tcp_env *env, const hf_tcp_options *o)
{
	uint32_t ms = (uint32_t)(env->now.ns / HF_MS(1)) - (o->tsecr - c->ts_offset);
	hf_ns sample = ms > 0 ? HF_MS((hf_ns)ms) : HF_MS(1) / 2;

	if (o->tsecr == c->tuning.echo || ms > INT32_MAX)
		return;
	c->tuning.echo = o->tsecr;
	c->tuning.rtt = c->tuning.rtt == 0 ? sample : c->tuning.rtt + (sample - c->tuning.rtt) / 8;
}

/** An upper bound, for the sender may have paused: the least of them is taken. */
static void by_turn(hf_tcb *c, const hf_tcp_env *env)
{
	hf_tuning *t = &c->tuning;
	hf_ns sample = hf_time_diff(env->now, t->turn_began);

	if (t->turn_began.ns != 0) {
		if (hf_seq_lt(c->rcv.nxt, t->turn))
			return;
		if (sample <= 0)
			sample = 1;
		if (t->rtt == 0 || sample < t->rtt)
			t->rtt = sample;
	}
	t->turn = hf_seq_max(c->rcv.right, hf_seq_add(c->rcv.nxt, 1));
	t->turn_began = env->now;
}

static void measure(hf_tcb *c, const hf_tcp_env *env, const hf_segment *g)
{
	if (!hf_tcb_has(c, HF_TCB_TIMESTAMPS))
		by_turn(c, env);
	else if (g->text.len >= c->rcv.mss && g->options->present & HF_HAS(TIMESTAMPS) &&
		 g->options->tsecr != 0)
		by_timestamp(c, env, g->options);
}

/* ---- The window ---- */

static void widen(hf_tcb *c, uint32_t len)
{
	uint32_t step = 2 * (len > c->snd.mss ? len : c->snd.mss);

	if (len >= SMALL_SEGMENT)
		c->rcv.ssthresh = least_of(c->rcv.ssthresh + step, c->rcv.buffer);
}

void hf_rx_tuning_came(hf_tcb *c, const hf_tcp_env *env, const hf_segment *g, bool in_order)
{
	if (in_order)
		measure(c, env, g);
	widen(c, (uint32_t)g->text.len);
}

/* ---- The buffer ---- */

/** Octets ahead of a gap: they wait for it, however fast the reader is. */
static uint32_t ahead(const hf_tcb *c)
{
	uint32_t n = c->rx ? c->rx->early.count : 0;

	return n > 0 ? hf_seq_span(c->rcv.nxt, hf_ranges_at(&c->rx->early, n - 1)->end) : 0;
}

static uint32_t wanted(const hf_tcb *c, uint32_t taken)
{
	uint64_t twice = 2 * (uint64_t)taken, before = c->tuning.space, want = twice;

	if (before > 0)
		want += 2 * (twice * (taken - before) / before);
	want += ahead(c);
	return want < c->rcv.buffer_max ? (uint32_t)want : c->rcv.buffer_max;
}

void hf_rx_tuning_read(hf_tcb *c, const hf_tcp_env *env)
{
	hf_tuning *t = &c->tuning;
	hf_ns rtt = t->rtt > 0 ? t->rtt : c->rtt.srtt;
	uint32_t taken = hf_seq_span(t->seq, c->rcv.read), left = hf_tcb_unread(c), want;

	if (rtt == 0 || hf_time_diff(env->now, t->began) < rtt)
		return;
	taken -= least_of(left, taken); /* who lets it pile up needs no more room */
	if (taken > t->space) {
		want = wanted(c, taken);
		t->space = taken;
		if (want > c->rcv.buffer)
			c->rcv.buffer = want;
	}
	t->seq = c->rcv.read;
	t->began = env->now;
}
