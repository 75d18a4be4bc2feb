/* SPDX-License-Identifier: BSD-2-Clause */
/* Slow start and congestion avoidance by octet counting (RFC 5681, RFC 3465). */
#include "tcp/tx/congestion.h"

#define INITIAL_SEGMENTS 10
#define INITIAL_OCTETS 14600
#define CWND_MAX (UINT32_C(1) << 30)

static uint32_t larger(uint32_t a, uint32_t b)
{
	return a > b ? a : b;
}

static uint32_t smaller(uint32_t a, uint32_t b)
{
	return a < b ? a : b;
}

uint32_t hf_congestion_initial_window(uint16_t mss)
{
	return smaller(INITIAL_SEGMENTS * (uint32_t)mss, larger(2 * (uint32_t)mss, INITIAL_OCTETS));
}

void hf_congestion_init(hf_congestion *g, uint16_t mss)
{
	*g = (hf_congestion){ .cwnd = hf_congestion_initial_window(mss), .ssthresh = CWND_MAX };
}

/*
 * Every acknowledged octet counts, however few ACKs carried it: dividing ACKs gains a receiver
 * nothing, and receivers that answer a whole burst with one ACK lose nothing (RFC 3465, with its
 * limit L left to the burst limits of the sender, as Linux does).
 */
void hf_congestion_acked(hf_congestion *g, uint16_t mss, uint32_t octets)
{
	if (g->cwnd < g->ssthresh) {
		g->cwnd = smaller(g->cwnd + octets, CWND_MAX);
		return;
	}
	g->counted += octets;
	while (g->counted >= g->cwnd) {
		g->counted -= g->cwnd;
		g->cwnd = smaller(g->cwnd + mss, CWND_MAX);
	}
}

void hf_congestion_lost(hf_congestion *g, uint16_t mss, uint32_t flight)
{
	g->ssthresh = larger(flight / 2, 2 * (uint32_t)mss);
	g->cwnd = g->ssthresh;
	g->counted = 0;
}

void hf_congestion_timed_out(hf_congestion *g, uint16_t mss, uint32_t flight, bool first)
{
	if (first)
		g->ssthresh = larger(flight / 2, 2 * (uint32_t)mss);
	g->cwnd = mss;
	g->counted = 0;
}

void hf_congestion_restart(hf_congestion *g, uint16_t mss)
{
	g->cwnd = smaller(g->cwnd, hf_congestion_initial_window(mss));
	g->counted = 0;
}
