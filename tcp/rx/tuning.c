/* SPDX-License-Identifier: BSD-2-Clause */
/* How large the receive buffer and the announced window grow. */
#include "tcp/hs/negotiate.h"

/*
 * Dynamic right-sizing (Fisk and Feng, 2001), as Linux does it. A round lasts one round trip, as
 * the receiver sees it: the time that a timestamp of ours takes to come back with text. What the
 * application took in a round has arrived in the round before, and the window that follows from it
 * holds for the next: in slow start, where a sender doubles its rate, that is a factor of four. The
 * buffer gets six times what was taken while rounds double, and twice if they no longer grow.
 *
 * Without timestamps there is the time in which a window is filled, a turn: at least a round trip.
 * Linux takes the shortest turn that ever was, and does not see queues grow: the window then holds
 * a sender back that fills them. Here the shortest says how long a round is, and the last one how
 * long a round trip may be by now.
 *
 * The window that is announced grows with what arrives, two segments for each, so that it stays
 * ahead of any sender's slow start, and a peer that sends little is promised little.
 */

#define FIRST_ROUND 10u    /* segments: a sender's initial window (RFC 6928) */
#define SMALL_SEGMENT 128u /* octets: shorter ones are no reason for a larger window */
#define DEFAULT_MSS 536u
#define LEAST_MSS 88u
#define QUEUES 4 /* as long as the path at rest: a round trip with its queues full, at most */

static uint32_t least_of(uint32_t a, uint32_t b)
{
	return a < b ? a : b;
}

static hf_ns us(uint32_t n)
{
	return (hf_ns)n * HF_US(1);
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
		.space = least_of(window, FIRST_ROUND * hf_announced_text(c, env->config)),
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

/**
 * An upper bound, for the sender may have paused, or the window be more than it needs. The
 * shortest, or what our own sending has measured, is the path's alone; the last is that of its
 * queues besides, as far as that can be true.
 */
static void turned(hf_tcb *c, hf_ns turn)
{
	hf_tuning *t = &c->tuning;
	hf_ns least = t->least > 0 ? us(t->least) : turn;

	if (c->rtt.min > 0 && c->rtt.min < least)
		least = c->rtt.min;
	if (turn < least)
		least = turn;
	if (least < HF_US(1))
		least = HF_US(1);
	t->least = least < us(UINT32_MAX) ? (uint32_t)(least / HF_US(1)) : UINT32_MAX;
	t->rtt = turn < QUEUES * us(t->least) ? turn : QUEUES * us(t->least);
	if (t->rtt < us(t->least))
		t->rtt = us(t->least);
}

static void by_turn(hf_tcb *c, const hf_tcp_env *env)
{
	hf_tuning *t = &c->tuning;

	if (t->turn_began.ns != 0) {
		if (hf_seq_lt(c->rcv.nxt, t->turn))
			return;
		turned(c, hf_time_diff(env->now, t->turn_began));
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

/** Without SACK duplicates must look alike, or they are none (RFC 5681 2). */
static bool may_grow(const hf_tcb *c, bool in_order)
{
	return in_order || hf_tcb_has(c, HF_TCB_SACK);
}

static void widen(hf_tcb *c, uint32_t len)
{
	uint32_t step = 2 * (len > c->snd.mss ? len : c->snd.mss);

	if (len >= SMALL_SEGMENT)
		c->rcv.ssthresh = least_of(c->rcv.ssthresh + step, c->rcv.buffer);
}

/* ---- The buffer ---- */

/** Octets ahead of a gap: they wait for it, however fast the reader is. */
static uint32_t ahead(const hf_tcb *c)
{
	uint32_t n = c->rx ? c->rx->early.count : 0;

	return n > 0 ? hf_seq_span(c->rcv.nxt, hf_ranges_at(&c->rx->early, n - 1)->end) : 0;
}

static void grow(hf_tcb *c, uint64_t want)
{
	if (want > c->rcv.buffer_max)
		want = c->rcv.buffer_max;
	if (want > c->rcv.buffer)
		c->rcv.buffer = (uint32_t)want;
}

/** The space is never 0: each SYN announces some window. */
static uint64_t wanted(const hf_tcb *c, uint32_t taken)
{
	uint64_t twice = 2 * (uint64_t)taken, before = c->tuning.space;

	return twice + 2 * (twice * (taken - before) / before) + ahead(c);
}

/**
 * What waits behind a gap takes nothing from the window: as long as new text comes, its answers
 * tell the sender what else is lost, what it sent again for one. Nobody can read meanwhile.
 */
static void make_room(hf_tcb *c)
{
	grow(c, 2 * (uint64_t)c->tuning.space + ahead(c));
}

void hf_rx_tuning_came(hf_tcb *c, const hf_tcp_env *env, const hf_segment *g, bool in_order)
{
	if (in_order)
		measure(c, env, g);
	if (!may_grow(c, in_order))
		return;
	if (!in_order)
		make_room(c);
	widen(c, (uint32_t)g->text.len);
}

/**
 * How long a round is. Without timestamps it is as short as the path allows, so that none comes too
 * late for a sender that doubles, and what is taken in it counts for all of a round trip.
 */
static hf_ns round_of(const hf_tcb *c)
{
	if (!hf_tcb_has(c, HF_TCB_TIMESTAMPS) && c->tuning.least > 0)
		return us(c->tuning.least);
	return c->tuning.rtt > 0 ? c->tuning.rtt : c->rtt.srtt;
}

/** With its queues; a turn that lasts longer than the last one did says so already. */
static hf_ns round_trip(const hf_tcb *c, const hf_tcp_env *env, hf_ns round)
{
	hf_ns trip = c->tuning.rtt, running = hf_time_diff(env->now, c->tuning.turn_began);

	if (hf_tcb_has(c, HF_TCB_TIMESTAMPS) || c->tuning.turn_began.ns == 0)
		return round;
	if (trip < running)
		trip = running;
	return trip < QUEUES * round ? trip : QUEUES * round;
}

/** What was taken in `spent`: how much is that in a round trip? */
static uint32_t in_round_trip(uint32_t taken, hf_ns spent, hf_ns trip)
{
	uint64_t n = trip > spent ? (uint64_t)taken * (uint64_t)trip / (uint64_t)spent : taken;

	return n < INT32_MAX ? (uint32_t)n : INT32_MAX;
}

void hf_rx_tuning_read(hf_tcb *c, const hf_tcp_env *env)
{
	hf_tuning *t = &c->tuning;
	hf_ns round = round_of(c), spent = hf_time_diff(env->now, t->began);
	uint32_t taken = hf_seq_span(t->seq, c->rcv.read), left = hf_tcb_unread(c);

	if (round == 0 || spent < round)
		return;
	taken -= least_of(left, taken); /* who lets it pile up needs no more room */
	taken = in_round_trip(taken, spent, round_trip(c, env, round));
	if (taken > t->space) {
		grow(c, wanted(c, taken));
		t->space = taken;
	}
	t->seq = c->rcv.read;
	t->began = env->now;
}
