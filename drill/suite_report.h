/* SPDX-License-Identifier: BSD-2-Clause */
/* Reports on many scripts. */
#ifndef HF_DRILL_SUITE_REPORT_H
#define HF_DRILL_SUITE_REPORT_H

#include "drill/suite.h"

/** A script and what came of it. */
typedef struct hf_suite_case {
	const char *path;
	char *text; /**< of the file, from malloc; NULL: it could not be read */
	bool is_unread;
	hf_drill_result result;
	hf_drill_result beside; /**< where there is a target beside the stack */
	const char *notes;      /**< further lines: what it needs, what was not noticed */
	size_t mutants, survivors;
} hf_suite_case;

/** Everything about it is as it is to be. */
bool hf_suite_case_is_good(const hf_suite_case *c, const hf_suite_options *options);
/** The word for what a target beside the stack did. */
const char *hf_suite_beside_word(hf_drill_end end);

/** Writes a case as a line of JSON. */
void hf_suite_write_json(const hf_suite_case *c, const hf_suite_options *options, FILE *out);

/** Writes the report on `counts->scripts` cases. */
void hf_suite_report(const hf_suite_case *cases, const hf_suite_options *options,
		     const hf_suite_counts *counts, FILE *out);

#endif
