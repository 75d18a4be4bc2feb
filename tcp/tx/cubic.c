/* SPDX-License-Identifier: BSD-2-Clause */
/* CUBIC (RFC 9438): cwnd follows a cubic function of the time since the last reduction. */
#include "tcp/tx/congestion.h"

/*
 * W_cubic(t) = C (t - K)^3 + W_max, with K = cbrt((W_max - cwnd) / C), C = 0.4 segments/s^3 and
 * beta = 0.7. Time is counted in 1/1024 s and windows in octets, in integers: the core has no
 * floating point library. |t - K| is held under 256 s, far past the point where the other limits
 * act, so that no product overflows 64 bits.
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
	if (d < -SPAN_MAX)
		d = -SPAN_MAX;
	w = d * d * d / (1 << TIME_SHIFT) * g->mss * 2 / 5 / (1 << (2 * TIME_SHIFT));
	w += g->cubic.w_max;
	if (w < g->mss)
		return g->mss;
	return w > INT32_MAX ? INT32_MAX : (uint32_t)w;
}

static void begin_epoch(hf_congestion *g, hf_time now)
{
	hf_cubic *c = &g->cubic;

	c->epoch = now;
	c->w_est = g->cwnd;
	c->remainder = 0;
	if (c->w_max < g->cwnd)
		c->w_max = g->cwnd;
	c->k = time_to_w_max(c->w_max - g->cwnd, g->mss);
}

/**
 * RFC 9438 (4): alpha is 3 (1 - beta) / (1 + beta) = 9/17 until Reno would have what was lost, then
 * 1.
 */
static void grow_estimate(hf_congestion *g, uint32_t octets)
{
	hf_cubic *c = &g->cubic;
	uint64_t step = (uint64_t)octets * g->mss / g->cwnd;

	c->w_est += (uint32_t)(c->w_est < c->w_max ? step * 9 / 17 : step);
}

/** 4.4 and 4.5: towards the target by (target - cwnd) / cwnd for each acknowledged segment. */
static void approach(hf_congestion *g, uint32_t target, uint32_t octets)
{
	uint64_t most = (uint64_t)g->cwnd + g->cwnd / 2, gain;

	if (target > most)
		target = (uint32_t)most;
	if (target <= g->cwnd)
		return;
	gain = (uint64_t)(target - g->cwnd) * octets + g->cubic.remainder;
	g->cubic.remainder = (uint32_t)(gain % g->cwnd);
	g->cwnd += (uint32_t)(gain / g->cwnd);
}

static void begin(hf_congestion *g)
{
	g->cubic = (hf_cubic){ .epoch = HF_NEVER };
}

static void avoid(hf_congestion *g, const hf_congestion_ack *ack)
{
	int64_t t;

	if (g->cubic.epoch.ns == HF_NEVER.ns)
		begin_epoch(g, ack->now);
	t = hf_time_diff(ack->now, g->cubic.epoch);
	grow_estimate(g, ack->octets);
	if (w_cubic(g, (t << TIME_SHIFT) / HF_SEC(1)) <
	    g->cubic.w_est) { /* 4.3: the Reno-friendly region */
		if (g->cubic.w_est > g->cwnd)
			g->cwnd = g->cubic.w_est;
		return;
	}
	approach(g, w_cubic(g, ((t + ack->srtt) << TIME_SHIFT) / HF_SEC(1)), ack->octets);
}

/** 4.6 and 4.7: fast convergence leaves room to a newcomer. */
static uint32_t reduce(hf_congestion *g, uint32_t flight)
{
	hf_cubic *c = &g->cubic;

	c->epoch = HF_NEVER;
	c->w_max = g->cwnd < c->w_max ? (uint32_t)((uint64_t)g->cwnd * 17 / 20) : g->cwnd;
	return times_beta(flight);
}

const hf_congestion_module hf_cubic_module = { "cubic", begin, avoid, reduce };
