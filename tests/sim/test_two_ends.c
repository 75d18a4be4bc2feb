/* SPDX-License-Identifier: BSD-2-Clause */
/* Two ends and bad paths: 100,000 conversations, every octet checked, every end explained. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "two_ends.h"

/*
 * Usage: test_two_ends [--from SEED] [--to SEED] [--seed SEED]
 * --seed runs that one with its whole trace on the standard output: this is how a failure is
 * replayed. With HF_SIM_TIMES=n in the environment every range of seeds is n times as long.
 */

#define STANDARD_SEEDS 25000 /* of PAIRS conversations: 100,000 */
#define TAIL 60              /* lines of trace shown of a failure */
#define TRACED_SEEDS 300

static uint64_t first_seed = 1, last_seed = STANDARD_SEEDS;

/* ---- The end of a failing trace ---- */

static char tail[TAIL][HF_LAB_LINE];
static uint64_t tail_lines;

static void keep_line(void *ctx, const char *line)
{
	(void)ctx;
	snprintf(tail[tail_lines++ % TAIL], HF_LAB_LINE, "%s", line);
}

static void print_line(void *ctx, const char *line)
{
	(void)ctx;
	puts(line);
}

static void show_failure(uint64_t seed)
{
	two_ends_result result;

	tail_lines = 0;
	two_ends_run(seed, true, keep_line, &result);
	for (uint64_t i = tail_lines < TAIL ? 0 : tail_lines - TAIL; i < tail_lines; i++)
		print_message("# %s\n", tail[i % TAIL]);
	print_message("# seed %" PRIu64 ": %s\n# the whole of it: test_two_ends --seed %" PRIu64
		      "\n",
		      seed, result.problem, seed);
}

/* ---- Tests ---- */

static void add_up(two_ends_result *sum, const two_ends_result *one)
{
	sum->counts.packets += one->counts.packets;
	sum->counts.lost += one->counts.lost;
	sum->counts.queue_full += one->counts.queue_full;
	sum->counts.too_big += one->counts.too_big;
	sum->counts.duplicated += one->counts.duplicated;
	sum->counts.reordered += one->counts.reordered;
	sum->counts.corrupted += one->counts.corrupted;
	sum->octets += one->octets;
	sum->wrapped += one->wrapped;
	sum->aborted += one->aborted;
	sum->closed += one->closed;
	for (int i = 0; i < HF_REASON_COUNT; i++)
		sum->endings[i] += one->endings[i];
	for (int i = 0; i < HF_CAUSE_COUNT; i++)
		sum->causes[i] += one->causes[i];
}

static void report(const two_ends_result *sum)
{
	const hf_lab_counts *c = &sum->counts;

	print_message("# %" PRIu64 " conversations, %" PRIu64 " octets checked, %" PRIu64
		      " packets: %" PRIu64 " lost, %" PRIu64 " queue-full, %" PRIu64
		      " too-big, %" PRIu64 " duplicated, %" PRIu64 " reordered, %" PRIu64
		      " damaged\n",
		      (last_seed - first_seed + 1) * PAIRS, sum->octets, c->packets, c->lost,
		      c->queue_full, c->too_big, c->duplicated, c->reordered, c->corrupted);
	print_message("# %" PRIu64 " sequence numbers passed 2^32\n# sent:", sum->wrapped);
	for (int i = 0; i < HF_CAUSE_COUNT; i++) {
		if (sum->causes[i] != 0)
			print_message(" %" PRIu64 " %s", sum->causes[i],
				      hf_cause_name((hf_cause)i));
	}
	print_message("\n# ended: %" PRIu64 " aborted, %" PRIu64 " given up", sum->aborted,
		      sum->closed);
	for (int i = 0; i < HF_REASON_COUNT; i++) {
		if (sum->endings[i] != 0)
			print_message(", %" PRIu64 " %s", sum->endings[i],
				      hf_reason_name((hf_reason)i));
	}
	print_message("\n");
}

static void every_octet_arrives_and_every_end_is_explained(void **state)
{
	two_ends_result sum = { .hash = 0 };
	int failures = 0;

	(void)state;
	for (uint64_t seed = first_seed; seed <= last_seed && failures < 3; seed++) {
		two_ends_result one;

		two_ends_run(seed, false, NULL, &one);
		if (one.problem[0] != '\0') {
			show_failure(seed);
			failures++;
		}
		add_up(&sum, &one);
	}
	report(&sum);
	assert_int_equal(failures, 0);
	if (last_seed - first_seed >= 1000)
		assert_true(sum.wrapped > 100);
}

static void the_same_seed_gives_the_same_trace(void **state)
{
	uint64_t last = first_seed + TRACED_SEEDS - 1, before = 0;

	(void)state;
	for (uint64_t seed = first_seed; seed <= last && seed <= last_seed; seed++) {
		two_ends_result one, two;

		two_ends_run(seed, true, NULL, &one);
		two_ends_run(seed, true, NULL, &two);
		if (one.hash != two.hash)
			print_message("# seed %" PRIu64 " differs from itself\n", seed);
		assert_true(one.hash == two.hash);
		assert_true(one.hash != before);
		before = one.hash;
	}
}

/* ---- The command line ---- */

static uint64_t number(const char *text)
{
	char *end;
	uint64_t value = text != NULL ? strtoull(text, &end, 10) : 0;

	if (text == NULL || *end != '\0' || value == 0) {
		fputs("usage: test_two_ends [--from SEED] [--to SEED] [--seed SEED]\n", stderr);
		exit(2);
	}
	return value;
}

static int replay(uint64_t seed)
{
	two_ends_result result;

	two_ends_run(seed, true, print_line, &result);
	printf("seed %" PRIu64 ": %s\n", seed, result.problem[0] ? result.problem : "all is well");
	return result.problem[0] != '\0';
}

int main(int argc, char **argv)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_octet_arrives_and_every_end_is_explained),
		cmocka_unit_test(the_same_seed_gives_the_same_trace),
	};

	for (int i = 1; i < argc; i += 2) {
		uint64_t value = number(i + 1 < argc ? argv[i + 1] : NULL);

		if (strcmp(argv[i], "--seed") == 0)
			return replay(value);
		else if (strcmp(argv[i], "--from") == 0)
			first_seed = value;
		else if (strcmp(argv[i], "--to") == 0)
			last_seed = value;
		else
			number(NULL);
	}
	if (getenv("HF_SIM_TIMES") != NULL) {
		uint64_t times = number(getenv("HF_SIM_TIMES"));

		first_seed = (first_seed - 1) * times + 1;
		last_seed *= times;
	}
	return cmocka_run_group_tests(tests, NULL, NULL);
}
