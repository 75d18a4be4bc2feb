/* SPDX-License-Identifier: BSD-2-Clause */
/* What all congestion control shares: the initial window, slow start, the floors, the time-out. */
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

static const hf_congestion_module *module_of(const hf_congestion *g)
{
	return g->module == HF_CONGESTION_CUBIC ? &hf_cubic_module : &hf_reno;
}

uint32_t hf_congestion_initial_window(uint16_t mss)
{
	return smaller(INITIAL_SEGMENTS * (uint32_t)mss, larger(2 * (uint32_t)mss, INITIAL_OCTETS));
}

void hf_congestion_init(hf_congestion *g, const hf_config *config, uint16_t mss)
{
	*g = (hf_congestion){
		.cwnd = hf_congestion_initial_window(mss),
		.ssthresh = CWND_MAX,
		.mss = mss,
		.module = (uint8_t)config->congestion,
	};
	module_of(g)->begin(g);
}

void hf_congestion_set_mss(hf_congestion *g, uint16_t mss)
{
	g->mss = mss;
}

/*
 * Slow start counts every acknowledged octet, however few ACKs carried it: dividing ACKs gains a
 * receiver nothing, and receivers that answer a whole burst with one ACK lose nothing (RFC 3465
 * without its limit, as Linux does).
 */
void hf_congestion_acked(hf_congestion *g, const hf_congestion_ack *ack)
{
	hf_congestion_ack rest = *ack;

	if (g->cwnd < g->ssthresh) { /* up to ssthresh, and what is left beyond it */
		uint32_t step = smaller(ack->octets, g->ssthresh - g->cwnd);

		g->cwnd += step;
		rest.octets -= step;
	}
	if (rest.octets > 0)
		module_of(g)->avoid(g, &rest);
	g->cwnd = smaller(g->cwnd, CWND_MAX);
}

void hf_congestion_lost(hf_congestion *g, uint32_t flight)
{
	g->ssthresh = larger(module_of(g)->reduce(g, flight), 2 * (uint32_t)g->mss);
	g->cwnd = g->ssthresh;
}

void hf_congestion_timed_out(hf_congestion *g, uint32_t flight, bool first)
{
	if (first)
		hf_congestion_lost(g, flight);
	g->cwnd = g->mss;
}

void hf_congestion_restart(hf_congestion *g)
{
	g->cwnd = smaller(g->cwnd, hf_congestion_initial_window(g->mss));
	module_of(g)->begin(g);
}
