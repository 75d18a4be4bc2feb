/* SPDX-License-Identifier: BSD-2-Clause */
/* CUBIC (RFC 9438): cwnd follows a cubic function of the time since the last reduction. */
#include "tcp/tx/congestion.h"

/*
 * W_cubic(t) = C (t - K)^3 + W_max, with K = cbrt((W_max - cwnd) / C), C = 0.4 segments/s^3 and
 * beta = 0.7. Time is counted in 1/1024 s and windows in octets, in integers: the core has no
 * floating point library. t - K is held under 256 s, far past the point where the other limits
 * act, so that no product overflows 64 bits; -K is bounded by what it is made of.
 */
#define TIME_SHIFT 10
#define SPAN_MAX (INT64_C(1) << 18)

static uint32_t times_beta(uint32_t octets)
{
	return (uint32_t)((uint64_t)octets * 7 / 10);
}

/** The largest integer whose cube is not above `a`. */
static uint32_t cube_root(uint64_t a)
{
	uint64_t root = 0;

	for (int bit = 20; bit >= 0; bit--) {
		uint64_t next = root | UINT64_C(1) << bit;

		if (next * next * next <= a)
			root = next;
	}
	return (uint32_t)root;
}

/** RFC 9438 (2). */
static uint32_t time_to_w_max(uint32_t below, uint16_t mss)
{
	return cube_root(((uint64_t)below * 5 / 2 << (3 * TIME_SHIFT)) / mss);
}

/** RFC 9438 (1), at `t` 1/1024 s after the epoch began. */
static uint32_t w_cubic(const hf_congestion *g, int64_t t)
{
	int64_t d = t - g->cubic.k, w;

	if (d > SPAN_MAX)
		d = SPAN_MAX;
	w = d * d * d / (1 << TIME_SHIFT) * g->mss * 2 / 5 / (1 << (2 * TIME_SHIFT));
	w += g->cubic.w_max;
	if (w < g->mss) /* K was made with smaller segments */
		w = g->mss;
	return w > INT32_MAX ? INT32_MAX : (uint32_t)w;
}

static void begin_epoch(hf_congestion *g, hf_time now)
{
	hf_cubic *c = &g->cubic;

	c->epoch = now;
	c->w_est = g->cwnd;
	c->estimated = 0;
	c->remainder = 0;
	if (c->w_max < g->cwnd)
		c->w_max = g->cwnd;
	c->k = time_to_w_max(c->w_max - g->cwnd, g->mss);
}

/**
 * RFC 9438 (4): a segment each cwnd / alpha octets; alpha is 3 (1 - beta) / (1 + beta) = 9/17 until
 * Reno would have what was lost (cwnd_prior), then 1.
 */
static void grow_estimate(hf_congestion *g, uint32_t octets)
{
	hf_cubic *c = &g->cubic;
	uint64_t each = c->w_est < c->cwnd_prior ? (uint64_t)g->cwnd * 17 / 9 : g->cwnd;
	uint64_t counted = (uint64_t)c->estimated + octets;

	for (; counted >= each && c->w_est < HF_CWND_MAX; counted -= each)
		c->w_est += g->mss;
	c->estimated = (uint32_t)(counted % each);
}

/** 4.4 and 4.5: towards the target by (target - cwnd) / cwnd for each acknowledged segment. */
static void approach(hf_congestion *g, uint32_t target, uint32_t octets)
{
	uint64_t most = (uint64_t)g->cwnd + g->cwnd / 2, gain;

	if (target > most)
		target = (uint32_t)most;
	if (target < g->cwnd)
		target = g->cwnd;
	gain = (uint64_t)(target - g->cwnd) * octets + g->cubic.remainder;
	g->cubic.remainder = (uint32_t)(gain % g->cwnd);
	g->cwnd += (uint32_t)(gain / g->cwnd);
}

static void begin(hf_congestion *g)
{
	g->cubic = (hf_cubic){ .epoch = HF_NEVER, .paused = HF_NEVER };
}

/** 4.2: the time without growth for want of something to send is not part of t. */
static void skip_pause(hf_cubic *c, hf_time now)
{
	if (c->paused.ns == HF_NEVER.ns)
		return;
	c->epoch = hf_time_add(c->epoch, hf_time_diff(now, c->paused));
	c->paused = HF_NEVER;
}

static int64_t ticks(hf_ns t)
{
	return (t << TIME_SHIFT) / HF_SEC(1);
}

/**
 * Where neither a reduction nor a queue has shown a maximum: at least a twentieth in a round trip,
 * for slow start may have ended too early. So does Linux, but for the queue.
 */
static uint32_t search(const hf_congestion *g, const hf_congestion_ack *ack, uint32_t target)
{
	uint32_t least = g->cwnd + g->cwnd / 20;

	if (g->cubic.cwnd_prior > 0 || g->flags & HF_CONGESTION_STRICT || target > least ||
	    hf_congestion_shows_queue(ack->srtt, ack->min_rtt))
		return target;
	return least;
}

static void grow(hf_congestion *g, const hf_congestion_ack *ack, uint32_t octets)
{
	hf_cubic *c = &g->cubic;
	hf_ns t = hf_time_diff(ack->now, c->epoch);
	uint32_t target = g->cwnd;

	grow_estimate(g, octets);
	if (w_cubic(g, ticks(t)) >= c->w_est)
		target = w_cubic(g, ticks(t + ack->srtt));
	else if (c->w_est > g->cwnd) /* 4.3: the Reno-friendly region */
		g->cwnd = c->w_est;
	approach(g, search(g, ack, target), octets);
}

static void avoid(hf_congestion *g, const hf_congestion_ack *ack, uint32_t octets)
{
	hf_cubic *c = &g->cubic;

	if (c->epoch.ns == HF_NEVER.ns)
		begin_epoch(g, ack->now);
	skip_pause(c, ack->now);
	grow(g, ack, octets);
}

/**
 * 4.6 and 4.7: fast convergence leaves room to a newcomer. What is kept is seven tenths of cwnd,
 * which is all in use since it grows only then; to the letter, of what is in flight.
 */
static uint32_t reduce(hf_congestion *g, uint32_t flight)
{
	hf_cubic *c = &g->cubic;

	c->prior.w_max = c->w_max;
	c->prior.w_est = c->w_est;
	c->prior.k = c->k;
	c->prior.cwnd_prior = c->cwnd_prior;
	c->prior.epoch = c->epoch;
	c->epoch = c->paused = HF_NEVER;
	c->cwnd_prior = g->cwnd;
	c->w_max = g->cwnd < c->w_max ? (uint32_t)((uint64_t)g->cwnd * 17 / 20) : g->cwnd;
	return times_beta(g->flags & HF_CONGESTION_STRICT ? flight : g->cwnd);
}

/** 4.8: what follows starts from the window that slow start reaches. */
static void timed_out(hf_congestion *g, uint32_t flight)
{
	(void)flight;
	g->cubic.w_max = 0;
	g->cubic.epoch = g->cubic.paused = HF_NEVER; /* one in a row reduces nothing */
}

/** 4.9: as if the last reduction had not been. */
static void undo(hf_congestion *g)
{
	hf_cubic *c = &g->cubic;

	c->w_max = c->prior.w_max;
	c->w_est = c->prior.w_est;
	c->k = c->prior.k;
	c->cwnd_prior = c->prior.cwnd_prior;
	c->epoch = c->prior.epoch;
	c->paused = HF_NEVER; /* it was of the epoch that is undone */
}

static void pause(hf_congestion *g, hf_time now)
{
	hf_cubic *c = &g->cubic;

	if (c->paused.ns != HF_NEVER.ns || c->epoch.ns == HF_NEVER.ns)
		return;
	c->paused = now;
	g->flags &= (uint8_t)~HF_CONGESTION_SILENT;
}

/** An application that has too little to send goes on having it, silent or not. */
static void silent(hf_congestion *g, hf_time now)
{
	if (g->cubic.paused.ns != HF_NEVER.ns)
		return;
	pause(g, now);
	g->flags |= HF_CONGESTION_SILENT;
}

/** A silence ends when something leaves, want of use only with an ACK that finds cwnd full. */
static void resume(hf_congestion *g, hf_time now, hf_ns srtt)
{
	(void)srtt;
	if (g->flags & HF_CONGESTION_SILENT)
		skip_pause(&g->cubic, now);
}

const hf_congestion_module hf_cubic_module = {
	.name = "cubic",
	.begin = begin,
	.avoid = avoid,
	.reduce = reduce,
	.undo = undo,
	.pause = pause,
	.silent = silent,
	.resume = resume,
	.timed_out = timed_out,
};
