/* SPDX-License-Identifier: BSD-2-Clause */
/* One question, two contenders, interleaved rounds: medians, spread, and the ratio first. */
#ifndef HF_BENCH_ROUNDS_H
#define HF_BENCH_ROUNDS_H

#define HF_BENCH_ROUNDS 7

/**
 * Does the work once, checks that it was really done, and returns the figure. Ends the program if
 * not.
 */
typedef double hf_bench_run(void);

/** A question to two contenders. */
typedef struct hf_bench_question {
	const char *text; /**< the workload, and what is counted */
	const char *unit; /**< of the figure: less is better for times, more for rates */
	int more_is_better;
	hf_bench_run *ours, *peers;
	const char *peer;
} hf_bench_question;

/** Asks: one round of each unseen, then HF_BENCH_ROUNDS of each in turn. Prints one line. */
void hf_bench_ask(const hf_bench_question *q);

/** Seconds of a clock that only goes forward. */
double hf_bench_clock(void);

/** Says what went wrong, and ends the program. */
_Noreturn void hf_bench_fail(const char *what);

#endif
