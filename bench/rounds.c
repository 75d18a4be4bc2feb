/* SPDX-License-Identifier: BSD-2-Clause */
/* One question, two contenders, interleaved rounds: medians, spread, and the ratio first. */
#include "rounds.h"

#include <stdio.h>
#include <stdlib.h>
#include <time.h>

double hf_bench_clock(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

_Noreturn void hf_bench_fail(const char *what)
{
	fprintf(stderr, "benchmark failed: %s\n", what);
	exit(1);
}

static int by_size(const void *a, const void *b)
{
	double x = *(const double *)a, y = *(const double *)b;

	return (x > y) - (x < y);
}

typedef struct result {
	double median, least, most;
} result;

static result judge(double *figures)
{
	qsort(figures, HF_BENCH_ROUNDS, sizeof(*figures), by_size);
	return (result){ figures[HF_BENCH_ROUNDS / 2], figures[0], figures[HF_BENCH_ROUNDS - 1] };
}

void hf_bench_ask(const hf_bench_question *q)
{
	double ours[HF_BENCH_ROUNDS], peers[HF_BENCH_ROUNDS], ratio;
	result o, p;

	q->ours();
	q->peers();
	for (int i = 0; i < HF_BENCH_ROUNDS; i++) {
		ours[i] = q->ours();
		peers[i] = q->peers();
	}
	o = judge(ours);
	p = judge(peers);
	ratio = q->more_is_better ? o.median / p.median : p.median / o.median;
	printf("%7.2f x  %s\n", ratio, q->text);
	printf("           Handfast %.4g %s (%.4g to %.4g), %s %.4g %s (%.4g to %.4g); "
	       "medians of %d\n",
	       o.median, q->unit, o.least, o.most, q->peer, p.median, q->unit, p.least, p.most,
	       HF_BENCH_ROUNDS);
	fflush(stdout);
}
