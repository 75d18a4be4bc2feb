/* SPDX-License-Identifier: BSD-2-Clause */
/* What tests of scripts share: a script is played, and its result stays until the next. */
#ifndef HF_TESTS_DRILL_PLAY_H
#define HF_TESTS_DRILL_PLAY_H

#include "drill/drill.h"

static hf_drill_options options;
static hf_drill_result result;

/* Plays a script. True: it passed. */
static inline bool play(const char *text)
{
	hf_drill_script *s = hf_drill_script_read("test.pkt", text, NULL);

	hf_drill_result_release(&result);
	hf_drill_check(s, &options);
	result = hf_drill_run(s, &options);
	hf_drill_script_free(s);
	return result.end == HF_DRILL_PASSED;
}

/* A group's end. */
static inline int stop(void **state)
{
	(void)state;
	hf_drill_result_release(&result);
	return 0;
}

#endif
