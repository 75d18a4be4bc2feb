/* SPDX-License-Identifier: BSD-2-Clause */
/* Runs drills where the command is not built: TAP, one case a script. */
#include <stdlib.h>
#include <string.h>

#include "drill/suite.h"

/* `--mutate` first: every expectation is changed, one at a time, and the script must then fail. */
int main(int count, char **args)
{
	/* Time is virtual: nothing has to be forgiven but what the script itself asks for. */
	static const hf_drill_setting tight[] = {
		{ .next = (hf_drill_setting *)&tight[1],
		  .name = "tolerance_usecs",
		  .value = "1000" },
		{ .name = "tolerance_percent", .value = "0" },
	};
	hf_suite_options options = {
		.drill = { .settings = tight },
		.format = HF_SUITE_TAP,
		.jobs = 2,
	};
	hf_suite_counts counts;
	int first = 1;

	if (count > 1 && strcmp(args[1], "--mutate") == 0) {
		options.task = HF_SUITE_MUTATE;
		first = 2;
	}
	counts = hf_suite_run((const char *const *)args + first, (size_t)(count - first), &options,
			      stdout);
	return hf_suite_is_good(&counts) ? EXIT_SUCCESS : EXIT_FAILURE;
}
