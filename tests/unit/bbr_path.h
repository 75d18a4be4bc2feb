/* SPDX-License-Identifier: BSD-2-Clause */
/* A connection with BBR, and a path that delivers as each test says, a round trip at a time. */
#ifndef HF_TESTS_BBR_PATH_H
#define HF_TESTS_BBR_PATH_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "tcp/tx/bbr.h"

#define MSS 1000u

#define RTT HF_MS(40)
#define RATE UINT64_C(2500000) /* octets a second */
#define BDP (100 * MSS)        /* RATE * RTT */

struct path {
	hf_bbr b;
	hf_congestion g;
	hf_time now;
	uint32_t total; /* C.delivered */
};

/* What one ACK says; what is not set is taken from the path. */
struct says {
	uint64_t rate;
	uint32_t in_flight, tx_in_flight, lost; /* the last: octets, told by this ACK */
	hf_ns rtt, after;                       /* since the last ACK: a round trip, if 0 */
	uint32_t delivered;
	bool app_limited, cwnd_limited, same_round, in_recovery;
};

/* At the beginning of Startup. */
static inline struct path *path_new(void)
{
	static struct path p;

	p = (struct path){ .now = { HF_SEC(1) } };
	p.g = (hf_congestion){
		.cwnd = 10 * MSS,
		.ssthresh = HF_CWND_MAX,
		.mss = MSS,
		.module = HF_CONGESTION_BBR,
		.bbr = &p.b,
	};
	hf_bbr_init(&p.b, 7);
	hf_bbr_module.begin(&p.g);
	return &p;
}

static inline void says(struct path *p, struct says s)
{
	uint32_t delivered = s.delivered > 0 ? s.delivered : 10 * MSS;
	hf_congestion_ack ack = {
		.octets = delivered,
		.delivered = delivered,
		.lost = s.lost,
		.in_flight = s.in_flight,
		.rtt = s.rtt > 0 ? s.rtt : RTT,
		.srtt = RTT,
		.min_rtt = RTT,
		.cwnd_limited = s.cwnd_limited,
		.in_recovery = s.in_recovery,
		.sack = true,
		.rate = { .is_valid = true,
			  .rate = s.rate,
			  .delivered = delivered,
			  .prior_delivered = s.same_round ? p->b.next_round_delivered - 1 :
							    p->total,
			  .lost = s.lost,
			  .tx_in_flight = s.tx_in_flight > 0 ? s.tx_in_flight : BDP,
			  .app_limited = s.app_limited },
	};

	p->now = hf_time_add(p->now, s.after > 0 ? s.after : RTT);
	p->total += delivered;
	ack.now = p->now;
	ack.rate.total = p->total;
	ack.rate.loss.lost = s.lost;
	ack.rate.loss.tx_in_flight = ack.rate.tx_in_flight;
	ack.rate.loss.len = s.lost > 0 ? MSS : 0;
	ack.rate.loss.app_limited = s.app_limited;
	hf_bbr_module.model(&p->g, &ack);
}

#define SAYS(p, ...) says(p, (struct says){ __VA_ARGS__ })

/* Percent of `rate` that a gain and the margin of 1 % (5.6.2) make. */
static inline uint64_t paced(uint64_t rate, uint32_t gain)
{
	return rate * gain / 100 * 99 / 100;
}

/* Rounds without growth: the pipe is full, and the queue had three rounds to drain. */
static inline struct path *in_down(void)
{
	struct path *p = path_new();

	for (int i = 0; i < 8; i++)
		SAYS(p, .rate = RATE, .in_flight = 2 * BDP);
	assert_int_equal(p->b.state, HF_BBR_DOWN);
	return p;
}

static inline struct path *in_cruise(void)
{
	struct path *p = in_down();

	SAYS(p, .rate = RATE, .in_flight = BDP);
	assert_int_equal(p->b.state, HF_BBR_CRUISE);
	return p;
}

/* 5.3.3.8: the time to probe has come. */
static inline struct path *in_refill(void)
{
	struct path *p = in_cruise();

	SAYS(p, .rate = RATE, .in_flight = BDP, .after = p->b.probe_wait);
	assert_int_equal(p->b.state, HF_BBR_REFILL);
	return p;
}

static inline struct path *in_up(void)
{
	struct path *p = in_refill();

	SAYS(p, .rate = RATE, .in_flight = BDP);
	assert_int_equal(p->b.state, HF_BBR_UP);
	return p;
}

#endif
