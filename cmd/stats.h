/* SPDX-License-Identifier: BSD-2-Clause */
/* --stats: what the stack holds and has done, on stderr, when asked for and at the end. */
#ifndef HF_CMD_STATS_H
#define HF_CMD_STATS_H

#include <stdio.h>

#include <handfast/stack.h>

#include "io/poller.h"

typedef struct hf_stats_teller hf_stats_teller;

/**
 * From now on SIGUSR1 writes the counters of `stack` to stderr instead of ending the program.
 * Borrows both until hf_stats_teller_free.
 */
bool hf_stats_teller_new(const hf_stack *stack, hf_poller *poller, hf_stats_teller **out,
			 hf_io_error *error);

/** Writes the counters now. NULL is allowed. */
void hf_stats_teller_tell(const hf_stats_teller *t);

/** Lets go of the signal. NULL is allowed. */
void hf_stats_teller_free(hf_stats_teller *t);

/**
 * Writes a line `name value` for each counter: first what is held now, then what was done; reasons
 * and causes only where something was counted. The last line is "end", so that a reader knows when
 * it has all.
 */
void hf_stats_print(FILE *to, const hf_stats *stats);

#endif
