/* SPDX-License-Identifier: BSD-2-Clause */
/* How much gets through an emulated path, beside the kernel's TCP on the same path? */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "paths.h"
#include "rounds.h"

/*
 * A cell is one kind of path. In each round three sorts of transfers go over paths of the cell with
 * the same chances: kernel to kernel, Handfast to kernel, kernel to Handfast; CUBIC at both. Where
 * chance decides, a round is the mean of many flows, each over a path and with chances of its own:
 * what few losses there are in some seconds would else say more of luck than of TCP. Flows over
 * slow paths run side by side, those over fast ones one after the other: never more than the
 * machine can carry. The ratio is that of the rounds' medians.
 *
 * Handfast paces what it sends (hf_config.pacing); the kernel's CUBIC does not, unless a queueing
 * discipline does it. --unpaced shows what that makes.
 *
 * All happens in real time, and a machine that pauses the emulation for longer than the path's
 * queue lasts is no such path: what ran then is run again, some times, and the calmest run counts.
 * That is the same for all three sorts.
 */

#define ROUNDS_MAX 15
#define FLOWS_MAX 16 /* of a sort, in a round */
#define LOAD_MAX 300 /* Mbit/s that are emulated at once, roughly */
#define PACKET 1500
#define TRIES 3

/** What is wrong with the path. */
enum trouble { SHALLOW, DEEP, LOSS_1, LOSS_3, REORDER, TROUBLES };

static const char *const trouble_name[TROUBLES] = { "queue 1/4 BDP", "queue 2 BDP", "loss 1 %",
						    "loss 3 %", "reordering" };

struct cell {
	uint8_t number;
	enum trouble trouble;
	unsigned mbit, rtt_ms;
	double goodput[HF_BENCH_PAIRS]; /* medians, Mbit/s */
	uint64_t retransmits[HF_BENCH_PAIRS], timeouts[HF_BENCH_PAIRS];
	hf_ns late[HF_BENCH_PAIRS];
};

struct settings {
	unsigned rounds;
	unsigned seconds; /* of a run, at least */
	const char *only; /* a part of the cell's name, or NULL */
	hf_choice pacing; /* Handfast's */
	bool details;
};

static void name_cell(const struct cell *c, char *to, size_t len)
{
	snprintf(to, len, "%4u Mbit/s %3u ms %s", c->mbit, c->rtt_ms, trouble_name[c->trouble]);
}

static uint32_t larger(uint64_t a, uint64_t b)
{
	return (uint32_t)(a > b ? a : b);
}

/** The queue of a path without random losses decides; the others have two BDPs. */
static hf_lab_path path_of(const struct cell *c)
{
	uint64_t bdp = (uint64_t)c->mbit * 125 * c->rtt_ms; /* octets */
	hf_lab_path path = { .rate = (uint64_t)c->mbit * 1000000,
			     .delay = HF_MS((hf_ns)c->rtt_ms) / 2,
			     .queue_octets = larger(2 * bdp, 20 * PACKET) };

	if (c->trouble == SHALLOW)
		path.queue_octets = larger(bdp / 4, 8 * PACKET);
	if (c->trouble == LOSS_1)
		path.loss = 10000;
	if (c->trouble == LOSS_3)
		path.loss = 30000;
	if (c->trouble == REORDER) {
		path.reorder = 10000;
		path.reorder_delay = HF_MS((hf_ns)c->rtt_ms) / 8;
	}
	return path;
}

static bool is_lossy(const struct cell *c)
{
	return c->trouble == LOSS_1 || c->trouble == LOSS_3;
}

/** Random loss, not the rate, limits CUBIC on all but the shortest paths: many fit side by side. */
static unsigned load_of(const struct cell *c)
{
	unsigned most = c->rtt_ms <= 10 ? 20 : 5;

	return is_lossy(c) && c->mbit > most ? most : c->mbit;
}

static unsigned flows_of(const struct cell *c)
{
	if (is_lossy(c))
		return c->rtt_ms <= 10 ? 4 : FLOWS_MAX;
	return c->trouble == REORDER && c->mbit <= 10 ? 4 : 1;
}

static int by_size(const void *a, const void *b)
{
	double x = *(const double *)a, y = *(const double *)b;

	return (x > y) - (x < y);
}

static double median(double *figures, unsigned n)
{
	qsort(figures, n, sizeof(*figures), by_size);
	return n % 2 ? figures[n / 2] : (figures[n / 2 - 1] + figures[n / 2]) / 2;
}

/** The flows of all rounds and sorts; those of a round run at the same time, or nearly so. */
static size_t prepare(const struct cell *c, const struct settings *s, hf_bench_flow *flow)
{
	size_t n = 0;

	for (unsigned i = 0; i < s->rounds * flows_of(c); i++) {
		for (int pair = 0; pair < HF_BENCH_PAIRS; pair++) {
			hf_bench_flow *f = &flow[n++];

			*f = (hf_bench_flow){ .pair = (hf_bench_pair)pair,
					      .path = path_of(c),
					      .pacing = s->pacing };
			snprintf(f->name, sizeof(f->name), "%u-%u", c->number, (uint16_t)i);
		}
	}
	return n;
}

/** Flows of one step: as often as it takes for the emulation to keep up, within reason. */
static void run_calmly(const struct cell *c, hf_bench_flow *flow, size_t n, hf_ns length)
{
	static hf_bench_flow again[HF_BENCH_FLOWS];

	hf_bench_paths_run(flow, n, length);
	for (unsigned i = 1; i < TRIES && flow->late > HF_MS((hf_ns)c->rtt_ms) / 4; i++) {
		memcpy(again, flow, n * sizeof(*flow));
		hf_bench_paths_run(again, n, length);
		if (again->late < flow->late)
			memcpy(flow, again, n * sizeof(*flow));
	}
}

static void run_flows(const struct cell *c, hf_bench_flow *flow, size_t total, unsigned seconds)
{
	size_t step = LOAD_MAX / load_of(c);

	if (step < 1)
		step = 1;
	if (step > HF_BENCH_FLOWS)
		step = HF_BENCH_FLOWS;
	step -= step > HF_BENCH_PAIRS ? step % HF_BENCH_PAIRS :
					0; /* all sorts meet the same load */
	for (size_t at = 0; at < total; at += step) {
		size_t n = total - at < step ? total - at : step;

		run_calmly(c, &flow[at], n, HF_SEC((hf_ns)seconds));
	}
}

static void run_cell(struct cell *c, const struct settings *s)
{
	static hf_bench_flow flow[ROUNDS_MAX * FLOWS_MAX * HF_BENCH_PAIRS];
	unsigned seconds = c->rtt_ms >= 200 ? 2 * s->seconds : s->seconds, flows = flows_of(c);
	double figure[HF_BENCH_PAIRS][ROUNDS_MAX] = { 0 };
	size_t total = prepare(c, s, flow);

	run_flows(c, flow, total, seconds);
	for (size_t i = 0; i < total; i++) {
		const hf_bench_flow *f = &flow[i];

		figure[f->pair][i / HF_BENCH_PAIRS / flows] += (double)f->received * 8 / seconds /
							       1e6 / flows;
		c->retransmits[f->pair] += f->retransmits;
		c->timeouts[f->pair] += f->timeouts;
		if (f->late > c->late[f->pair])
			c->late[f->pair] = f->late;
	}
	for (int pair = 0; pair < HF_BENCH_PAIRS; pair++)
		c->goodput[pair] = median(figure[pair], s->rounds);
	if (c->goodput[HF_BENCH_KERNEL_TO_KERNEL] <= 0)
		hf_bench_fail("nothing got through between the kernels");
}

static double ratio(const struct cell *c, hf_bench_pair pair)
{
	return c->goodput[pair] / c->goodput[HF_BENCH_KERNEL_TO_KERNEL];
}

static void show_details(const struct cell *c)
{
	static const char *const name[] = { "kernel", "Handfast", "kernel to Handfast" };

	printf("               ");
	for (int pair = 0; pair < HF_BENCH_PAIRS; pair++)
		printf(" %s: sent again %llu (time-outs %llu), late by %.1f ms%s", name[pair],
		       (unsigned long long)c->retransmits[pair],
		       (unsigned long long)c->timeouts[pair], (double)c->late[pair] / 1e6,
		       pair + 1 < HF_BENCH_PAIRS ? ";" : "\n");
}

static void show(const struct cell *c, const struct settings *s)
{
	char name[64];

	name_cell(c, name, sizeof(name));
	printf("%6.2f %6.2f   %-36s %8.2f %8.2f %8.2f\n", ratio(c, HF_BENCH_HANDFAST_TO_KERNEL),
	       ratio(c, HF_BENCH_KERNEL_TO_HANDFAST), name, c->goodput[HF_BENCH_HANDFAST_TO_KERNEL],
	       c->goodput[HF_BENCH_KERNEL_TO_HANDFAST], c->goodput[HF_BENCH_KERNEL_TO_KERNEL]);
	if (s->details)
		show_details(c);
	fflush(stdout);
}

struct totals {
	double sends, receives, least;
	unsigned cells;
};

static void add(struct totals *t, const struct cell *c)
{
	double sends = ratio(c, HF_BENCH_HANDFAST_TO_KERNEL);
	double receives = ratio(c, HF_BENCH_KERNEL_TO_HANDFAST);

	t->sends += sends;
	t->receives += receives;
	if (t->cells == 0 || sends < t->least)
		t->least = sends;
	if (receives < t->least)
		t->least = receives;
	t->cells++;
}

static void run_all(const struct settings *s)
{
	static const unsigned rates[] = { 10, 100, 1000 }, rtts[] = { 10, 50, 200 };
	struct totals t = { 0 };

	for (int trouble = 0; trouble < TROUBLES; trouble++) {
		for (size_t i = 0; i < 9; i++) {
			struct cell c = { .number = (uint8_t)(9 * (size_t)trouble + i),
					  .trouble = (enum trouble)trouble,
					  .mbit = rates[i / 3],
					  .rtt_ms = rtts[i % 3] };
			char name[64];

			name_cell(&c, name, sizeof(name));
			if (s->only && !strstr(name, s->only))
				continue;
			run_cell(&c, s);
			show(&c, s);
			add(&t, &c);
		}
	}
	if (t.cells > 0)
		printf("%6.2f %6.2f   mean of %u cells; the least %.2f\n", t.sends / t.cells,
		       t.receives / t.cells, t.cells, t.least);
}

static bool read_settings(int argc, char **argv, struct settings *s)
{
	for (int i = 1; i < argc; i++) {
		if (strcmp(argv[i], "--details") == 0)
			s->details = true;
		else if (strcmp(argv[i], "--unpaced") == 0)
			s->pacing = HF_CHOICE_OFF;
		else if (strcmp(argv[i], "--rounds") == 0 && i + 1 < argc)
			s->rounds = (unsigned)strtoul(argv[++i], NULL, 10);
		else if (strcmp(argv[i], "--seconds") == 0 && i + 1 < argc)
			s->seconds = (unsigned)strtoul(argv[++i], NULL, 10);
		else if (strcmp(argv[i], "--only") == 0 && i + 1 < argc)
			s->only = argv[++i];
		else
			return false;
	}
	return s->rounds >= 1 && s->rounds <= ROUNDS_MAX && s->seconds >= 1;
}

int main(int argc, char **argv)
{
	struct settings s = { .rounds = 5, .seconds = 6, .pacing = HF_CHOICE_ON };
	char why[200];

	if (!read_settings(argc, argv, &s)) {
		fprintf(stderr,
			"usage: %s [--rounds N] [--seconds N] [--only PART] [--unpaced] "
			"[--details]\n",
			argv[0]);
		return 2;
	}
	if (!hf_bench_paths_possible(why, sizeof(why))) {
		printf("goodput over emulated paths: skipped, %s\n", why);
		return 0;
	}
	printf("Goodput over emulated paths, both ends CUBIC, Handfast%s paced, in real time;\n"
	       "octets received and checked in %u s (%u s at 200 ms), medians of %u rounds\n"
	       "  of the kernel's     path (Mbit/s, round trip)     "
	       "       Handfast Handfast   kernel\n"
	       " sends  rec.                                        "
	       "         sends    rec. to kernel\n",
	       s.pacing == HF_CHOICE_ON ? "" : " not", s.seconds, 2 * s.seconds, s.rounds);
	run_all(&s);
	return 0;
}
