/* SPDX-License-Identifier: BSD-2-Clause */
/* What each congestion control makes of a path: link use, queues, losses, sharing. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "lab/bulk.h"

/*
 * Bulk transfers in virtual time over one bottleneck (lab/bulk.h). Where chance plays a part, each
 * of several seeds has to do.
 */
#define FLOWS 2
#define BBR_SEEDS 8 /* its rate depends on when it probes: that is drawn too */
#define SEEDS 4

/* A path, and the flows on it. */
struct scene {
	unsigned mbit, rtt_ms;
	unsigned queue;   /* in quarters of a bandwidth-delay product */
	hf_lab_ppm loss;  /* random */
	unsigned policed; /* Mbit/s; `mbit` is then the wire's */
	unsigned burst;   /* octets that the policer lets pass at once */
	unsigned mark;    /* octets waiting from which on packets are marked */
	unsigned seconds;
	unsigned second_begins;              /* s: the second flow */
	hf_congestion_control module[FLOWS]; /* the second: HF_CONGESTION_DEFAULT: none */
	unsigned delay_ms[FLOWS];            /* one way, of each flow's own link */
	int64_t most[FLOWS];                 /* HF_OPTION_MAX_PACING_RATE */
	hf_config config;
	uint64_t seed; /* 0: 1 */
};

struct flow {
	hf_conn_info info; /* at the end */
	uint64_t before;   /* octets that had arrived when the measured part began */
	unsigned permille; /* of the path's rate, in the measured part: the second half */
};

struct run {
	hf_lab_bulk bulk;
	struct flow flow[FLOWS];
};

static unsigned rate_of(const struct scene *s)
{
	return s->policed != 0 ? s->policed : s->mbit;
}

static void build(struct run *r, const struct scene *s)
{
	hf_lab_path path = { .rate = (uint64_t)s->mbit * 1000000,
			     .delay = HF_MS((hf_ns)s->rtt_ms) / 2,
			     .queue_octets = s->mbit * 125 * s->rtt_ms / 4 * s->queue,
			     .police_rate = (uint64_t)s->policed * 1000000,
			     .police_burst = s->burst,
			     .mark_octets = s->mark,
			     .loss = s->loss };

	*r = (struct run){ 0 };
	hf_lab_bulk_new(&r->bulk, s->seed != 0 ? s->seed : 1, &path);
	for (unsigned i = 0; i < FLOWS && s->module[i] != HF_CONGESTION_DEFAULT; i++) {
		hf_lab_bulk_plan plan = { .module = s->module[i],
					  .begins = i == 0 ? 0 : HF_SEC((hf_ns)s->second_begins),
					  .delay = HF_MS((hf_ns)s->delay_ms[i]),
					  .max_pacing_rate = s->most[i],
					  .config = s->config };

		assert_int_equal(hf_lab_bulk_add(&r->bulk, &plan), HF_OK);
	}
}

static void measure(struct run *r, const struct scene *s)
{
	unsigned half = s->seconds / 2;

	for (unsigned i = 0; i < r->bulk.count; i++) {
		struct flow *f = &r->flow[i];

		f->info = hf_lab_bulk_info(&r->bulk, i);
		f->permille = (unsigned)((hf_lab_bulk_delivered(&r->bulk, i) - f->before) * 8 /
					 ((uint64_t)rate_of(s) * 1000 * (s->seconds - half)));
		print_message("# %u Mbit/s, %u ms, %u/4 BDP, loss %u ppm: %s %u permille, "
			      "srtt %u us, %u sent again, %u time-outs\n",
			      rate_of(s), s->rtt_ms + 2 * s->delay_ms[i], s->queue,
			      (unsigned)s->loss, hf_congestion_name(f->info.congestion),
			      f->permille, (unsigned)(f->info.srtt / 1000),
			      (unsigned)f->info.retransmissions, (unsigned)f->info.timeouts);
	}
}

/* The second half is measured. */
static void play(struct run *r, const struct scene *s)
{
	build(r, s);
	hf_lab_bulk_run(&r->bulk, HF_SEC((hf_ns)(s->seconds / 2)));
	for (unsigned i = 0; i < r->bulk.count; i++)
		r->flow[i].before = hf_lab_bulk_delivered(&r->bulk, i);
	hf_lab_bulk_run(&r->bulk, HF_SEC((hf_ns)s->seconds));
	measure(r, s);
	hf_lab_bulk_free(&r->bulk);
}

#define PLAY(r, ...) play(r, &(struct scene){ __VA_ARGS__ })

static const hf_congestion_control all[] = { HF_CONGESTION_RENO, HF_CONGESTION_CUBIC,
					     HF_CONGESTION_BBR };

static void every_module_fills_a_path_with_a_queue_of_one_bdp(void **state)
{
	struct run r;

	(void)state;
	for (unsigned i = 0; i < 3; i++) {
		PLAY(&r, .mbit = 20, .rtt_ms = 40, .queue = 4, .seconds = 20, .module = { all[i] });
		assert_int_equal(r.flow[0].info.congestion, all[i]);
		assert_in_range(r.flow[0].permille, 930, 966);
		assert_int_equal(r.flow[0].info.timeouts, 0);
	}
}

static void bbr_keeps_a_bloated_buffer_short_and_the_others_fill_it(void **state)
{
	struct run r;

	(void)state;
	for (unsigned i = 0; i < 3; i++) {
		PLAY(&r, .mbit = 20, .rtt_ms = 40, .queue = 40, .seconds = 20,
		     .module = { all[i] });
		assert_in_range(r.flow[0].permille, 930, 966);
		if (all[i] == HF_CONGESTION_BBR)
			assert_true(r.flow[0].info.srtt < HF_MS(80));
		else
			assert_true(r.flow[0].info.srtt > HF_MS(100));
	}
}

static void two_flows_of_bbr_keep_a_bloated_buffer_short_too(void **state)
{
	struct run r;

	(void)state;
	PLAY(&r, .mbit = 20, .rtt_ms = 40, .queue = 40, .seconds = 60, .second_begins = 5,
	     .module = { HF_CONGESTION_BBR, HF_CONGESTION_BBR });
	assert_in_range(r.flow[0].permille + r.flow[1].permille, 920, 966);
	assert_true(r.flow[0].permille < 3 * r.flow[1].permille);
	assert_true(r.flow[1].permille < 3 * r.flow[0].permille);
	for (unsigned i = 0; i < 2; i++)
		assert_true(r.flow[i].info.srtt < HF_MS(120)); /* full it would be 440 */
}

/*
 * RFC 9406 1: slow start overshoots by as much as path and queue hold, since the window doubles
 * until the loss is known; conservative slow start grows by a quarter in the same time.
 */
static void hystart_spares_most_of_what_slow_start_would_lose(void **state)
{
	hf_choice choice[] = { HF_CHOICE_ON, HF_CHOICE_OFF };
	uint32_t again[2];
	struct run r;

	(void)state;
	for (unsigned i = 0; i < 2; i++) {
		PLAY(&r, .mbit = 20, .rtt_ms = 80, .queue = 4, .seconds = 2,
		     .module = { HF_CONGESTION_CUBIC }, .config = { .hystart = choice[i] });
		again[i] = r.flow[0].info.retransmissions;
		assert_true(r.flow[0].permille > 900);
	}
	assert_true(again[0] * 3 < again[1]);
	assert_true(again[1] > 133); /* segments of a bandwidth-delay product */
}

static void one_percent_of_random_loss_does_not_stop_bbr(void **state)
{
	struct run r, c;
	unsigned sum = 0;

	(void)state;
	PLAY(&r, .mbit = 20, .rtt_ms = 40, .queue = 4, .loss = 10000, .seconds = 20,
	     .module = { HF_CONGESTION_BBR });
	assert_in_range(r.flow[0].permille, 800, 966);
	/*
	 * Over longer times: where chance takes more than 2 % of a round trip, bandwidth and flight
	 * are bounded at beta, seven tenths, and lower if it does so again, and it takes a probe or
	 * some to get over that. That is chance in each run, but not in their mean.
	 */
	for (uint64_t seed = 1; seed <= BBR_SEEDS; seed++) {
		PLAY(&r, .mbit = 20, .rtt_ms = 40, .queue = 4, .loss = 10000, .seconds = 60,
		     .module = { HF_CONGESTION_BBR }, .seed = seed);
		PLAY(&c, .mbit = 20, .rtt_ms = 40, .queue = 4, .loss = 10000, .seconds = 60,
		     .module = { HF_CONGESTION_CUBIC }, .seed = seed);
		assert_in_range(r.flow[0].permille, 965 * 6 / 10, 966);
		assert_true(r.flow[0].permille > 3 * c.flow[0].permille);
		sum += r.flow[0].permille;
	}
	assert_true(sum > BBR_SEEDS * 740u);
}

/*
 * Mathis et al.: Reno sends MSS / RTT * sqrt(3 / 2p) with random loss p, which is 12.2 segments a
 * round trip at 1 %, 177 permille here; recoveries, which the equation leaves out, take a round
 * trip of some nine. CUBIC does so where its Reno-friendly region is (RFC 9438 4.3).
 */
static void random_loss_holds_reno_and_cubic_to_the_equation(void **state)
{
	struct run r;

	(void)state;
	for (unsigned i = 0; i < 2; i++) {
		for (uint64_t seed = 1; seed <= SEEDS; seed++) {
			PLAY(&r, .mbit = 20, .rtt_ms = 40, .queue = 4, .loss = 10000, .seconds = 40,
			     .module = { all[i] }, .seed = seed);
			assert_in_range(r.flow[0].permille, 177 * 2 / 3, 177 * 4 / 3);
		}
	}
}

/* ---- Policers: what is too much is lost, and nothing waits ---- */

static void paced_any_module_makes_use_of_a_policed_link(void **state)
{
	static const unsigned least[] = { 700, 700, 850 };
	struct run r;

	(void)state;
	for (unsigned i = 0; i < 3; i++) {
		PLAY(&r, .mbit = 100, .rtt_ms = 40, .queue = 4, .policed = 20, .burst = 30000,
		     .seconds = 30, .module = { all[i] }, .config = { .pacing = HF_CHOICE_ON });
		assert_in_range(r.flow[0].permille, least[i], 970);
		assert_true(r.flow[0].info.srtt < HF_MS(42)); /* there is no queue */
		assert_int_equal(r.flow[0].info.timeouts, 0);
		/* BBR's threshold is 2 % of a round trip's octets; it probes beyond. */
		assert_true(r.flow[0].info.octets_retransmitted * 100 <
			    3 * r.flow[0].info.octets_sent);
	}
}

/*
 * Unpaced, a window that left at the wire's rate stays together, for nothing spreads it: of w
 * octets w (1 - 20 / 100) have to fit into the bucket. That is 25 segments of the path's 67, or
 * five.
 */
static void without_pacing_a_policer_passes_what_its_bucket_holds(void **state)
{
	static const struct {
		unsigned burst, least;
	} rows[] = { { 30000, 965 * 25 / 67 * 7 / 10 }, { 6000, 965 * 5 / 67 / 2 } };
	struct run r;

	(void)state;
	for (unsigned i = 0; i < 2; i++) {
		for (unsigned k = 0; k < 2; k++) {
			PLAY(&r, .mbit = 100, .rtt_ms = 40, .queue = 4, .policed = 20,
			     .burst = rows[k].burst, .seconds = 30, .module = { all[i] });
			assert_in_range(r.flow[0].permille, rows[k].least, 970);
		}
	}
}

static void a_tiny_bucket_does_not_stop_bbr(void **state)
{
	struct run r;

	(void)state;
	PLAY(&r, .mbit = 100, .rtt_ms = 40, .queue = 4, .policed = 20, .burst = 6000, .seconds = 30,
	     .module = { HF_CONGESTION_BBR });
	assert_in_range(r.flow[0].permille, 700, 970);
}

/* ---- Marks ---- */

static void marks_keep_the_queue_short_without_a_loss(void **state)
{
	struct run r;

	(void)state;
	for (unsigned i = 0; i < 3; i++) {
		PLAY(&r, .mbit = 20, .rtt_ms = 40, .queue = 40, .mark = 50000, .seconds = 20,
		     .module = { all[i] }, .config = { .ecn = HF_ECN_REQUEST });
		assert_in_range(r.flow[0].permille, 850, 966);
		assert_true(r.flow[0].info.srtt < HF_MS(65)); /* 50000 octets take 20 ms */
		assert_int_equal(r.flow[0].info.retransmissions, 0);
		assert_true(r.flow[0].info.ecn_sent.ce > 0);
	}
}

/* ---- After a loss ---- */

/*
 * Takes the path away for `gap` in the tenth second. Returns how long after it is back a second
 * begins in which at least `permille` of the rate arrive: at most 20 s are tried.
 */
static hf_ns recovery(const struct scene *s, hf_ns gap, unsigned permille)
{
	hf_ns now = HF_SEC(10), back, step = HF_MS(50);
	uint64_t mark[20 + 1] = { 0 }, want = (uint64_t)s->mbit * 125 * permille;
	unsigned n = 0;
	struct run r;

	build(&r, s);
	hf_lab_bulk_run(&r.bulk, now);
	hf_lab_link_up(r.bulk.bottleneck, false);
	hf_lab_bulk_run(&r.bulk, now + gap);
	hf_lab_link_up(r.bulk.bottleneck, true);
	back = now = now + gap;
	for (mark[0] = hf_lab_bulk_delivered(&r.bulk, 0); now < back + HF_SEC(20);) {
		now += step;
		hf_lab_bulk_run(&r.bulk, now);
		mark[++n % 21] = hf_lab_bulk_delivered(&r.bulk, 0);
		if (n >= 20 && mark[n % 21] - mark[(n + 1) % 21] >= want)
			break;
	}
	print_message("# %s, gone for %u ms: %u permille again from %u ms on\n",
		      hf_congestion_name(s->module[0]), (unsigned)(gap / HF_MS(1)), permille,
		      (unsigned)((now - back - HF_SEC(1)) / HF_MS(1)));
	hf_lab_bulk_free(&r.bulk);
	return now - back - HF_SEC(1);
}

static void a_burst_of_losses_is_repaired_within_a_second(void **state)
{
	(void)state;
	for (unsigned i = 0; i < 3; i++) {
		struct scene s = { .mbit = 20, .rtt_ms = 40, .queue = 4, .module = { all[i] } };

		assert_true(recovery(&s, HF_MS(15), 800) <= HF_SEC(1));
	}
}

/* RFC 6298 5.5: the last time-out is at most as long again as the path was gone. */
static void an_outage_is_over_for_every_module_within_seconds(void **state)
{
	(void)state;
	for (unsigned i = 0; i < 3; i++) {
		struct scene s = { .mbit = 20, .rtt_ms = 40, .queue = 4, .module = { all[i] } };

		assert_true(recovery(&s, HF_MS(500), 800) <= HF_SEC(1));
		assert_true(recovery(&s, HF_SEC(3), 800) <= HF_SEC(2));
	}
}

/* ---- Sharing ---- */

static void two_flows_of_one_module_share_a_path(void **state)
{
	struct run r;

	(void)state;
	for (unsigned i = 0; i < 3; i++) {
		PLAY(&r, .mbit = 20, .rtt_ms = 40, .queue = 4, .seconds = 60, .second_begins = 5,
		     .module = { all[i], all[i] });
		assert_in_range(r.flow[0].permille + r.flow[1].permille, 920, 966);
		assert_true(r.flow[0].permille < 3 * r.flow[1].permille);
		assert_true(r.flow[1].permille < 3 * r.flow[0].permille);
	}
}

static void flows_of_different_modules_starve_each_other_nowhere(void **state)
{
	struct run r;

	(void)state;
	for (unsigned i = 0; i < 3; i++) {
		PLAY(&r, .mbit = 20, .rtt_ms = 40, .queue = 4, .seconds = 60, .second_begins = 5,
		     .module = { all[i], all[(i + 1) % 3] });
		assert_in_range(r.flow[0].permille + r.flow[1].permille, 920, 966);
		assert_true(r.flow[0].permille > 100);
		assert_true(r.flow[1].permille > 100);
	}
}

/* A flow with four times the round trip beside one of the same module. */
static void a_longer_round_trip_starves_nobody(void **state)
{
	struct run r;

	(void)state;
	for (unsigned i = 0; i < 3; i++) {
		PLAY(&r, .mbit = 20, .rtt_ms = 20, .queue = 8, .seconds = 60,
		     .module = { all[i], all[i] }, .delay_ms = { 0, 30 });
		assert_in_range(r.flow[0].permille + r.flow[1].permille, 900, 966);
		assert_true(r.flow[0].permille > 50);
		assert_true(r.flow[1].permille > 50);
	}
}

static void an_application_limits_the_rate_of_any_module(void **state)
{
	struct run r;

	(void)state;
	for (unsigned i = 0; i < 3; i++) {
		PLAY(&r, .mbit = 20, .rtt_ms = 40, .queue = 4, .seconds = 10, .module = { all[i] },
		     .most = { 625000 }); /* a quarter */
		assert_in_range(r.flow[0].permille, 240, 250);
		assert_int_equal(r.flow[0].info.retransmissions, 0);
		assert_true(r.flow[0].info.srtt < HF_MS(47)); /* and no queue */
		assert_true(r.flow[0].info.pacing_rate <= 625000);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_module_fills_a_path_with_a_queue_of_one_bdp),
		cmocka_unit_test(bbr_keeps_a_bloated_buffer_short_and_the_others_fill_it),
		cmocka_unit_test(two_flows_of_bbr_keep_a_bloated_buffer_short_too),
		cmocka_unit_test(hystart_spares_most_of_what_slow_start_would_lose),
		cmocka_unit_test(one_percent_of_random_loss_does_not_stop_bbr),
		cmocka_unit_test(random_loss_holds_reno_and_cubic_to_the_equation),
		cmocka_unit_test(paced_any_module_makes_use_of_a_policed_link),
		cmocka_unit_test(without_pacing_a_policer_passes_what_its_bucket_holds),
		cmocka_unit_test(a_tiny_bucket_does_not_stop_bbr),
		cmocka_unit_test(marks_keep_the_queue_short_without_a_loss),
		cmocka_unit_test(a_burst_of_losses_is_repaired_within_a_second),
		cmocka_unit_test(an_outage_is_over_for_every_module_within_seconds),
		cmocka_unit_test(two_flows_of_one_module_share_a_path),
		cmocka_unit_test(flows_of_different_modules_starve_each_other_nowhere),
		cmocka_unit_test(a_longer_round_trip_starves_nobody),
		cmocka_unit_test(an_application_limits_the_rate_of_any_module),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
