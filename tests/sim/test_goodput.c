/* SPDX-License-Identifier: BSD-2-Clause */
/* How much of a path a sender fills, with losses, reordering, deep and shallow queues. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdlib.h>

#include "lab/apps.h"

/*
 * One bulk transfer between two hosts, in virtual time, over paths whose every loss comes from the
 * seed: what is measured is the same on every machine. The receiver's window is wide from the
 * start, so that the sender alone decides. A packet of 1500 octets carries 1448 of text: 965
 * permille of the rate is all that can arrive.
 */
#define BUFFERS (UINT32_C(16) << 20)
#define SEEDS 6
#define LEAST_QUEUE 12000u /* octets: eight packets */

enum trouble { NO_LOSS, LOSS_1, LOSS_2, LOSS_3, REORDER };

/* A path and what has to come of it. */
struct want {
	unsigned mbit, rtt_ms;
	unsigned queue; /* in quarters of a bandwidth-delay product */
	enum trouble trouble;
	unsigned coalesce_us; /* the sender gets its packets together */
	hf_choice pacing;
	unsigned seconds;
	unsigned permille; /* of the rate, at least, on average over the seeds */
	unsigned timeouts; /* in all, at most */
	unsigned needless; /* segments sent again needlessly, in all, at most */
	unsigned seeds;    /* 0: SEEDS */
};

struct figures {
	uint64_t octets;
	unsigned timeouts, needless, recoveries;
};

struct run {
	hf_lab *lab;
	hf_lab_node *from, *to;
	hf_lab_server server;
	hf_lab_talk out, in;
};

static void accepted(void *ctx, hf_lab_server *server, hf_conn conn)
{
	hf_lab_talk_plan plan = { .receive_key = 1, .ending = HF_LAB_LAST, .read_chunk = 65536 };
	struct run *r = ctx;

	(void)server;
	hf_lab_talk_on(&r->in, r->to, conn, &plan);
}

static hf_lab_path path_of(const struct want *w)
{
	uint32_t quarter = w->mbit * 125 * w->rtt_ms / 4;
	hf_lab_path path = { .rate = (uint64_t)w->mbit * 1000000,
			     .delay = HF_MS((hf_ns)w->rtt_ms) / 2,
			     .queue_octets = w->queue * quarter < LEAST_QUEUE ?
						     LEAST_QUEUE :
						     w->queue * quarter };

	if (w->trouble == REORDER) {
		path.reorder = 10000;
		path.reorder_delay = HF_MS((hf_ns)w->rtt_ms) / 8;
	} else {
		path.loss = 10000 * (hf_lab_ppm)w->trouble;
	}
	return path;
}

static void add_figures(struct figures *f, const struct run *r)
{
	hf_conn_info info;

	assert_int_equal(hf_conn_info_get(hf_lab_stack(r->from), r->out.app.conn, &info), HF_OK);
	assert_true(r->in.wrong == 0);
	f->octets += r->in.received;
	f->timeouts += info.timeouts;
	f->needless += info.duplicates;
	f->recoveries += info.fast_recoveries;
}

static void run_once(const struct want *w, uint64_t seed, struct figures *f)
{
	hf_config config = {
		.mtu = 1500, .send_buffer = BUFFERS, .receive_buffer = BUFFERS, .pacing = w->pacing
	};
	hf_listener_options wide = { .size = sizeof(wide), .receive_buffer = BUFFERS };
	hf_lab_talk_plan plan = { .send_key = 1, .send = UINT64_MAX, .write_chunk = 65536 };
	hf_endpoint remote = { .port = 80 };
	hf_lab_path path = path_of(w);
	struct run r = { .lab = hf_lab_new(seed) };

	hf_lab_host_add(r.lab, "from", "10.0.0.1/24", &config, &r.from);
	hf_lab_host_add(r.lab, "to", "10.0.0.2/24", &config, &r.to);
	hf_lab_link_add("wire", r.from, r.to, &path, NULL);
	if (w->coalesce_us > 0)
		hf_lab_coalesce(r.from, HF_US((hf_ns)w->coalesce_us));
	r.server = (hf_lab_server){ .accepted = accepted, .ctx = &r };
	assert_int_equal(hf_lab_server_open(&r.server, r.to, &(hf_endpoint){ .port = 80 }, &wide),
			 HF_OK);
	remote.addr = hf_lab_address(r.to, 4);
	assert_int_equal(hf_lab_talk_open(&r.out, r.from, &remote, NULL, &plan), HF_OK);
	hf_lab_run_until(r.lab, (hf_time){ HF_SEC((hf_ns)w->seconds) });
	add_figures(f, &r);
	hf_lab_free(r.lab);
}

static void check(const struct want *w)
{
	struct figures f = { 0 };
	unsigned seeds = w->seeds > 0 ? w->seeds : SEEDS;
	uint64_t permille;

	for (uint64_t seed = 1; seed <= seeds; seed++)
		run_once(w, seed, &f);
	permille = f.octets * 8 / seeds / ((uint64_t)w->mbit * 1000 * w->seconds);
	print_message("# %u Mbit/s, %u ms, %u/4 BDP, trouble %d: %u permille of the rate, "
		      "%u recoveries, %u time-outs, %u segments sent needlessly\n",
		      w->mbit, w->rtt_ms, w->queue, w->trouble, (unsigned)permille, f.recoveries,
		      f.timeouts, f.needless);
	assert_true(permille >= w->permille);
	assert_true(f.timeouts <= w->timeouts);
	assert_true(f.needless <= w->needless);
}

#define CHECK(...) check(&(struct want){ __VA_ARGS__ })

static void a_shallow_queue_overflows_and_the_path_stays_busy(void **state)
{
	(void)state;
	CHECK(.mbit = 10, .rtt_ms = 10, .queue = 1, .seconds = 4, .permille = 955);
	CHECK(.mbit = 10, .rtt_ms = 50, .queue = 1, .seconds = 4, .permille = 810);
	CHECK(.mbit = 100, .rtt_ms = 50, .queue = 1, .seconds = 4, .permille = 855);
}

static void a_deep_queue_overflows_and_the_path_stays_busy(void **state)
{
	(void)state;
	CHECK(.mbit = 10, .rtt_ms = 10, .queue = 10, .seconds = 4, .permille = 957);
	CHECK(.mbit = 10, .rtt_ms = 50, .queue = 8, .seconds = 4, .permille = 925);
	CHECK(.mbit = 100, .rtt_ms = 50, .queue = 8, .seconds = 4, .permille = 885);
}

static void random_losses_are_repaired_without_time_outs(void **state)
{
	(void)state;
	CHECK(.mbit = 100, .rtt_ms = 10, .queue = 8, .trouble = LOSS_1, .seconds = 10,
	      .permille = 130);
	CHECK(.mbit = 10, .rtt_ms = 10, .queue = 8, .trouble = LOSS_1, .seconds = 10,
	      .permille = 850);
	CHECK(.mbit = 100, .rtt_ms = 50, .queue = 8, .trouble = LOSS_1, .seconds = 20,
	      .permille = 28);
}

static void of_many_random_losses_hardly_one_takes_a_time_out(void **state)
{
	(void)state;
	/*
	 * Out of six and of thirteen thousand: of windows of two and three segments all ACKs were
	 * lost and then the probe or its answer, or what was repeated was lost again and nothing
	 * sent after it told. That is chance: any six seeds have three to eleven time-outs at
	 * the higher rate, so more are asked.
	 */
	CHECK(.mbit = 100, .rtt_ms = 10, .queue = 8, .trouble = LOSS_2, .seconds = 20, .seeds = 24,
	      .permille = 82, .timeouts = 12, .needless = 12);
	CHECK(.mbit = 100, .rtt_ms = 10, .queue = 8, .trouble = LOSS_3, .seconds = 20, .seeds = 48,
	      .permille = 60, .timeouts = 60, .needless = 50);
}

static void acknowledgements_in_bursts_do_not_stop_a_recovery(void **state)
{
	(void)state;
	CHECK(.mbit = 100, .rtt_ms = 1, .queue = 8, .trouble = LOSS_2, .coalesce_us = 200,
	      .seconds = 2, .permille = 500, .timeouts = 3, .needless = 6);
	CHECK(.mbit = 1000, .rtt_ms = 1, .queue = 8, .trouble = LOSS_2, .coalesce_us = 1000,
	      .seconds = 3, .permille = 38, .timeouts = 3, .needless = 6);
}

static void reordering_is_not_taken_for_loss(void **state)
{
	(void)state;
	/* What needs learning costs a segment or two; what overflows is lost besides. */
	CHECK(.mbit = 10, .rtt_ms = 50, .queue = 8, .trouble = REORDER, .seconds = 4,
	      .permille = 920, .needless = 2 * SEEDS);
	CHECK(.mbit = 100, .rtt_ms = 10, .queue = 8, .trouble = REORDER, .seconds = 4,
	      .permille = 945, .needless = 2 * SEEDS);
}

/*
 * Pacing may hold a needless repetition back until it is seen to be needless: that recovery is
 * undone too. And slow start must not overflow the queue: losses among what is reordered go on, as
 * repetitions make PAWS refuse what comes late.
 */
static void a_needless_recovery_that_repeats_nothing_costs_nothing(void **state)
{
	(void)state;
	CHECK(.mbit = 200, .rtt_ms = 50, .queue = 8, .trouble = REORDER, .pacing = HF_CHOICE_ON,
	      .seconds = 4, .permille = 865, .needless = 2 * SEEDS);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_shallow_queue_overflows_and_the_path_stays_busy),
		cmocka_unit_test(a_deep_queue_overflows_and_the_path_stays_busy),
		cmocka_unit_test(random_losses_are_repaired_without_time_outs),
		cmocka_unit_test(of_many_random_losses_hardly_one_takes_a_time_out),
		cmocka_unit_test(acknowledgements_in_bursts_do_not_stop_a_recovery),
		cmocka_unit_test(reordering_is_not_taken_for_loss),
		cmocka_unit_test(a_needless_recovery_that_repeats_nothing_costs_nothing),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
