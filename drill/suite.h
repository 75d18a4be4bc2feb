/* SPDX-License-Identifier: BSD-2-Clause */
/* Many scripts: found, run side by side, and reported as text, TAP, JUnit XML or JSON Lines. */
#ifndef HF_DRILL_SUITE_H
#define HF_DRILL_SUITE_H

#include <stdio.h>

#include "drill/drill.h"

typedef enum hf_suite_format {
	HF_SUITE_TEXT,
	HF_SUITE_TAP,
	HF_SUITE_JUNIT,
	HF_SUITE_JSON, /**< an object a script, each on a line of its own */
} hf_suite_format;

/** What is done with each script. */
typedef enum hf_suite_task {
	HF_SUITE_RUN,
	HF_SUITE_MUTATE, /**< run, and then with one expectation changed at a time */
	HF_SUITE_LIST,   /**< only list what it would need that is not supported */
} hf_suite_task;

typedef struct hf_suite_options {
	hf_drill_options drill;
	hf_suite_task task;
	hf_suite_format format;
	/** HF_SUITE_RUN: what each script is also run against, to see where it differs; or NULL. */
	const struct hf_target *beside;
	hf_ns longest; /**< scripts that take longer are not run there; 0: any is */
	unsigned jobs; /**< scripts that run at the same time; 0: 1 */
} hf_suite_options;

/** What came of them. */
typedef struct hf_suite_counts {
	size_t scripts;
	size_t ends[4];            /**< by hf_drill_end */
	size_t unread;             /**< files that could not be read */
	size_t beside[4];          /**< ends of those that were run there */
	size_t mutants, survivors; /**< HF_SUITE_MUTATE: changes, and those nobody noticed */
} hf_suite_counts;

/**
 * Runs the scripts in `paths` (files; or directories, with all *.pkt below them, sorted) and
 * writes the report to `out`. Files that cannot be read are reported as broken.
 */
hf_suite_counts hf_suite_run(const char *const *paths, size_t count,
			     const hf_suite_options *options, FILE *out);

/** Everything went as it is to go: also that there was at least one script. */
bool hf_suite_is_good(const hf_suite_counts *c);

#endif
