/* SPDX-License-Identifier: BSD-2-Clause */
/* A congestion window on its own, and what is acknowledged of it. */
#ifndef HF_TESTS_WINDOW_H
#define HF_TESTS_WINDOW_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "tcp/tx/congestion.h"

#define MSS 1460

#define RTT HF_MS(100)

static inline hf_congestion start(hf_congestion_control module)
{
	hf_config config = { .congestion = module };
	hf_congestion g;

	hf_congestion_init(&g, &config, MSS);
	return g;
}

/* `octets` are acknowledged while cwnd is what holds sending back, and so many left in flight. */
static inline void ack_of(hf_congestion *g, uint32_t octets, uint32_t left, hf_time now, hf_ns srtt)
{
	hf_congestion_acked(g, &(hf_congestion_ack){ .octets = octets,
						     .delivered = octets,
						     .nxt = { left },
						     .now = now,
						     .srtt = srtt,
						     .cwnd_limited = true });
}

static inline void ack(hf_congestion *g, uint32_t octets, hf_time now, hf_ns srtt)
{
	ack_of(g, octets, g->cwnd, now, srtt);
}

/* Sending goes on after so long without; RTO is one second. */
static inline void restart(hf_congestion *g, hf_time now, hf_ns idle)
{
	hf_congestion_restart(
		g, &(hf_congestion_silence){ .now = now, .idle = idle, .rto = HF_SEC(1) });
}

/* One round trip: every octet of cwnd is acknowledged, two segments by each ACK. */
static inline hf_time round_trip(hf_congestion *g, hf_time now)
{
	uint32_t left = g->cwnd;

	while (left > 0) {
		uint32_t octets = left < 2 * MSS ? left : 2 * MSS;

		ack(g, octets, now, RTT);
		left -= octets;
	}
	return hf_time_add(now, RTT);
}

/* The real root of x^3 = a, by Newton's steps: the tests have no mathematics library everywhere. */
static inline double root3(double a)
{
	double x = a > 1 ? a : 1;

	for (int i = 0; i < 200; i++)
		x -= (x * x * x - a) / (3 * x * x);
	return x;
}

/* The curve at `t` after the epoch began, from `w_max` and cwnd then: segments (1), (2). */
static inline double w_cubic(double t, double w_max, double cwnd)
{
	double k = root3((w_max - cwnd) / 0.4);

	return 0.4 * (t - k) * (t - k) * (t - k) + w_max;
}

static inline bool is_about(const hf_congestion *g, double segments)
{
	double cwnd = (double)g->cwnd / MSS;

	return cwnd > segments - 0.02 && cwnd < segments + 0.02;
}

#endif
