/* SPDX-License-Identifier: BSD-2-Clause */
/* A progress bar with rate and time left, on stderr when that is a terminal. */
#ifndef HF_CMD_PROGRESS_H
#define HF_CMD_PROGRESS_H

#include <handfast/types.h>

#include "observe/text.h"

typedef struct hf_progress {
	bool is_on;
	hf_time start, drawn;
} hf_progress;

/** Starts the bar; it stays off when `is_wanted` is false or stderr is no terminal. */
void hf_progress_start(hf_progress *p, bool is_wanted, hf_time now);
/** `done` of `total` octets (0: not known). Draws at most ten times a second. */
void hf_progress_show(hf_progress *p, uint64_t done, uint64_t total, hf_time now);
/** Clears the line: what comes next is something else. */
void hf_progress_clear(hf_progress *p);

/** Writes the line into `t`, `width` columns at most: what hf_progress_show draws. */
void hf_progress_line(hf_text *t, uint64_t done, uint64_t total, hf_ns elapsed, unsigned width);

#endif
