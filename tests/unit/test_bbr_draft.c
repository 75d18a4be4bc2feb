/* SPDX-License-Identifier: BSD-2-Clause */
/* Random paths, losses and silences: BBR does what the draft's steps do, ACK by ACK. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "tests/unit/bbr_draft.h"
#include "tests/unit/support.h"

#define PATHS 3000
#define ACKS 300

typedef struct side_by_side {
	hf_congestion g;
	draft d;
	uint64_t dice;
	hf_time now;
	/* The path. */
	uint64_t rate;
	hf_ns rtt;
	uint32_t total, prior,
		floor; /* octets delivered: by now; when what is ACKed left, at least */
	enum { OPEN, IN_RECOVERY, IN_LOSS } recovery;
} side_by_side;

static uint32_t any(side_by_side *s, uint32_t n)
{
	return draw_below(&s->dice, n);
}

/* One of `n`, or one more or less than it. */
static uint64_t about(side_by_side *s, const uint64_t *of, uint32_t n)
{
	uint64_t v = of[any(s, n)];
	uint32_t more = any(s, 6);

	if (more == 0 && v > 0)
		v--;
	return more == 1 ? v + 1 : v;
}

static void begin(side_by_side *s, hf_mem *mem, uint64_t seed)
{
	static const uint16_t sizes[] = { 536, 1000, 1460, 8960 };
	hf_config config = { .congestion = HF_CONGESTION_CUBIC };
	uint16_t mss;

	*s = (side_by_side){ .dice = seed * 2654435761u, .now = { HF_SEC(1) } };
	mss = sizes[any(s, 4)];
	s->rate = UINT64_C(20000) << any(s, 16);
	s->rtt = HF_US(100) << any(s, 12);
	s->total = s->prior = s->floor = any(s, 2) ? 0u - any(s, 1000000) : any(s, 5);
	hf_congestion_init(&s->g, &config, mss);
	assert_true(hf_congestion_choose(&s->g, mem, HF_CONGESTION_BBR, (uint32_t)seed));
	draft_begin(&s->d, mss, any(s, 6) > 0, s->total);
}

/* ---- What an ACK may say: at the bounds that decide, and beside them ---- */

static hf_ns some_time(side_by_side *s)
{
	const draft *d = &s->d;
	hf_ns until[] = {
		hf_time_diff(hf_time_add(d->cycle_stamp, d->wait), s->now),
		hf_time_diff(d->done_stamp, s->now),
		hf_time_diff(hf_time_add(d->probe_min_stamp, HF_SEC(5)), s->now),
		hf_time_diff(hf_time_add(d->min_stamp, HF_SEC(10)), s->now),
		hf_time_diff(hf_time_add(d->extra_start, HF_SEC(1)), s->now),
	};
	hf_ns t = s->rtt / (1 + any(s, 8));

	if (any(s, 12) == 0)
		t = until[any(s, 5)] + any(s, 3) - 1;
	else if (any(s, 200) == 0)
		t = HF_SEC(11);
	return t > 0 ? t : any(s, 2) * s->rtt / 16;
}

static uint64_t some_rate(side_by_side *s)
{
	const draft *d = &s->d;
	uint64_t bw = draft_max_bw(d),
		 odd[] = { 0, bw, d->full_bw + d->full_bw / 4, bw / 3, 2 * bw };

	if (any(s, 8) == 0)
		return about(s, odd, any(s, 20) == 0 ? 5 : 4);
	return d->full_bw_reached || any(s, 2) ? s->rate : s->rate / 8 * (1 + any(s, 8));
}

static uint32_t some_flight(side_by_side *s)
{
	const draft *d = &s->d;
	uint64_t at[] = {
		draft_inflight(d, draft_max_bw(d)),
		draft_with_headroom(d),
		draft_probe_rtt_cwnd(d),
		d->cwnd,
		2 * d->cwnd,
	};

	return (uint32_t)about(s, at, 5);
}

static uint32_t some_volume(side_by_side *s)
{
	const draft *d = &s->d;
	uint64_t at[] = { d->inflight_longterm, d->cwnd, d->cwnd / 2, 10 * d->smss, 100 * d->smss };

	return (uint32_t)about(s, at + (d->inflight_longterm == INFINITE), 4);
}

static uint32_t some_loss(side_by_side *s, uint32_t tx_in_flight)
{
	uint64_t at[] = { tx_in_flight / 50, s->d.smss, 0, tx_in_flight / 20 };

	return (uint32_t)about(s, at, 4);
}

static hf_ns some_rtt(side_by_side *s)
{
	hf_ns odd[] = { 0, s->rtt / 2, s->d.probe_min, s->d.probe_min - HF_US(1), 2 * s->rtt };
	hf_ns t = any(s, 10) == 0 ? odd[any(s, 5)] : s->rtt + HF_US(1) * (hf_ns)any(s, 50);

	return t > 0 ? t : 0;
}

/* The count when what is acknowledged now was sent: it never falls, and mostly ends a round. */
static uint32_t some_prior(side_by_side *s, uint32_t total)
{
	const uint32_t at[] = { s->prior,        s->d.next_round,     s->d.next_round - 1,
				s->d.loss_round, s->d.loss_round - 1, total };
	uint32_t prior = at[any(s, 6)];

	if ((int32_t)(prior - s->prior) < 0)
		prior = s->prior;
	if ((int32_t)(prior - s->floor) < 0)
		prior = s->floor;
	if ((int32_t)(total - prior) < 0)
		prior = total;
	return s->prior = prior;
}

static hf_congestion_ack some_ack(side_by_side *s)
{
	uint32_t before = s->total, volume = some_volume(s), lost_of = some_volume(s);
	hf_congestion_ack a = {
		.now = s->now,
		.lost = any(s, 6) ? 0 : 1 + any(s, 3) * s->d.smss,
		.in_flight = some_flight(s),
		.rtt = some_rtt(s),
		.srtt = any(s, 20) ? s->rtt : 0,
		.cwnd_limited = any(s, 3) > 0,
		.in_recovery = s->recovery == IN_RECOVERY,
		.in_loss = s->recovery == IN_LOSS,
		.sack = s->d.sack,
	};

	a.delivered = any(s, 12) == 0 ? 0 : any(s, 2) + any(s, 30) * s->d.smss;
	if (a.delivered == 0 && a.lost == 0)
		a.delivered = 1;
	a.octets = a.delivered;
	s->total += a.delivered;
	a.rate = (hf_rate_sample){
		.is_valid = a.delivered > 0,
		.total = s->total,
		.tx_in_flight = volume,
		.lost = any(s, 3) ? 0 : some_loss(s, volume),
		.app_limited = any(s, 12) == 0,
		.loss = { .lost = some_loss(s, lost_of),
			  .tx_in_flight = lost_of,
			  .len = any(s, 9) ? s->d.smss : 4 * lost_of,
			  .app_limited = any(s, 6) == 0 },
	};
	if (a.rate.is_valid) {
		a.rate.prior_delivered = some_prior(s, before);
		a.rate.delivered = s->total - a.rate.prior_delivered;
		a.rate.rate = some_rate(s);
	}
	return a;
}

/* ---- Side by side ---- */

/* 5.3.3.5.2: from two to three seconds, or 62 or 63 rounds. */
static void assert_drawn(const hf_bbr *b)
{
	assert_true(b->rounds_since_probe <= 1);
	assert_true(b->probe_wait >= HF_SEC(2) && b->probe_wait < HF_SEC(3));
}

static void assert_same(const side_by_side *s)
{
	const hf_congestion *g = &s->g;
	const hf_bbr *b = g->bbr;
	const draft *d = &s->d;

	assert_int_equal(b->state, d->state);
	assert_int_equal(b->full_bw_reached, d->full_bw_reached);
	assert_int_equal(hf_bbr_max_bw(b), draft_max_bw(d));
	assert_int_equal(b->min_rtt, d->min_rtt);
	assert_int_equal(b->inflight_longterm, d->inflight_longterm);
	assert_int_equal(b->inflight_shortterm, d->inflight_shortterm);
	assert_true(b->bw_shortterm == d->bw_shortterm);
	assert_int_equal(g->cwnd, d->cwnd);
	assert_int_equal(g->pacing_rate, d->pacing_rate);
}

static void ack(side_by_side *s)
{
	hf_congestion_ack a;

	s->now = hf_time_add(s->now, some_time(s));
	a = some_ack(s);
	hf_congestion_acked(&s->g, &a);
	draft_acked(&s->d, &a, s->g.bbr);
	/* MarkConnectionAppLimited, 5.3.4.3 */
	assert_int_equal((s->g.flags & HF_CONGESTION_HOLDS_BACK) != 0,
			 s->d.state == HF_BBR_PROBE_RTT);
	if (s->recovery != OPEN && any(s, 8) == 0)
		s->recovery = OPEN;
}

/* Nothing is in flight: what is acknowledged next has been sent since. */
static void restart(side_by_side *s)
{
	hf_ns srtt = any(s, 2) ? s->rtt : 0;

	s->now = hf_time_add(s->now, some_time(s));
	s->floor = s->total;
	hf_congestion_restart(&s->g,
			      &(hf_congestion_silence){
				      .now = s->now, .idle = HF_SEC(9), .rto = 1, .srtt = srtt });
	draft_restart(&s->d, s->now, srtt, s->g.bbr);
}

static void happen(side_by_side *s)
{
	bool first = s->recovery != IN_LOSS;

	switch (any(s, 60)) {
	case 0:
		hf_congestion_lost(&s->g, s->g.cwnd);
		draft_lost(&s->d);
		s->recovery = IN_RECOVERY;
		break;
	case 1:
		hf_congestion_timed_out(&s->g, s->g.cwnd, first);
		draft_timed_out(&s->d, first);
		s->recovery = IN_LOSS;
		break;
	case 2:
		if (any(s, 3) > 0)
			break;
		hf_congestion_marked(&s->g, s->g.cwnd);
		draft_marked(&s->d);
		break;
	case 3:
		hf_congestion_undo(&s->g);
		draft_undone(&s->d);
		s->recovery = OPEN;
		break;
	case 4:
		restart(s);
		break;
	default:
		ack(s);
		break;
	}
}

static void each_ack_does_what_the_steps_of_the_draft_do(void **state)
{
	unsigned seen[HF_BBR_PROBE_RTT + 1] = { 0 }, drawn[2] = { 0 };

	(void)state;
	for (uint64_t seed = 1; seed <= PATHS; seed++) {
		struct heap heap = { 0 };
		hf_mem mem = heap_mem(&heap);
		side_by_side s;

		begin(&s, &mem, seed);
		for (int i = 0; i < ACKS; i++) {
			unsigned before = s.d.downs;

			happen(&s);
			assert_same(&s);
			if (s.d.downs > before) {
				assert_drawn(s.g.bbr);
				drawn[s.d.rounds_since_probe]++;
			}
			seen[s.d.state]++;
		}
		hf_congestion_release(&s.g, &mem);
		hf_mem_drain(&mem);
		assert_int_equal(heap.out, 0);
	}
	for (unsigned i = 0; i <= HF_BBR_PROBE_RTT; i++)
		assert_true(seen[i] > PATHS / 2);
	assert_true(drawn[0] > PATHS / 2 && drawn[1] > PATHS / 2);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(each_ack_does_what_the_steps_of_the_draft_do),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
