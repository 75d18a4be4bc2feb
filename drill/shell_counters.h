/* SPDX-License-Identifier: BSD-2-Clause */
/* `nstat`: counters of the target as lines, and `grep` over them. */
#ifndef HF_DRILL_SHELL_COUNTERS_H
#define HF_DRILL_SHELL_COUNTERS_H

#include <stdbool.h>
#include <stdint.h>

#include "drill/arena.h"

/** A counter under Linux's name ("TcpExtTCPKeepAlive"). */
typedef struct hf_counter {
	const char *name;
	int64_t value;
} hf_counter;

/** All that a target has. */
typedef struct hf_counters {
	hf_counter *at;
	size_t count;
} hf_counters;

/** Takes off what they were before. */
void hf_counters_since(hf_counters *now, const hf_counters *before);

/** What came of `nstat | grep ...`. */
typedef struct hf_counted {
	bool is_known;     /**< the first grep finds a counter, be it 0 */
	bool is_found;     /**< a line is left in the end; counters of 0 have none */
	const char *shown; /**< the counters that the first grep finds */
} hf_counted;

/** Runs such a pipe. False: it is of another form. */
bool hf_counters_ask(hf_arena *arena, const hf_counters *all, const char *text, hf_counted *out);

#endif
