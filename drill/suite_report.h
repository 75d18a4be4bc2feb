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
	const char *notes; /**< further lines: what it needs, what was not noticed */
	size_t mutants, survivors;
} hf_suite_case;

/** Writes the report on `counts->scripts` cases. */
void hf_suite_report(const hf_suite_case *cases, const hf_suite_options *options,
		     const hf_suite_counts *counts, FILE *out);

#endif
