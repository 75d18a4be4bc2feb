/* SPDX-License-Identifier: BSD-2-Clause */
/* Reno's congestion avoidance by octet counting (RFC 5681 3.1, RFC 3465). */
#include "tcp/tx/congestion.h"

static void begin(hf_congestion *g)
{
	g->counted = 0;
}

static void avoid(hf_congestion *g, const hf_congestion_ack *ack, uint32_t octets)
{
	(void)ack;
	g->counted += octets;
	while (g->counted >= g->cwnd) {
		g->counted -= g->cwnd;
		g->cwnd += g->mss;
	}
}

/** RFC 5681 equation (4), without its floor. */
static uint32_t reduce(hf_congestion *g, uint32_t flight)
{
	g->counted = 0;
	return flight / 2;
}

const hf_congestion_module hf_reno = {
	.name = "reno",
	.begin = begin,
	.avoid = avoid,
	.reduce = reduce,
};
