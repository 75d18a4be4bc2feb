/* SPDX-License-Identifier: BSD-2-Clause */
/* Honest clients at a bounded rate: the kernel's sockets, each with one question. */
#ifndef HF_BENCH_CALLERS_H
#define HF_BENCH_CALLERS_H

#include <handfast/types.h>

#include "namespaces.h"

/*
 * A caller connects, asks, waits for the first octet of an answer, and ends with a reset. Calls
 * begin at even distances, whatever becomes of those before. After the last there is time for SYNs
 * to be repeated, until all have their answer or nobody waits any longer.
 */

#define HF_CALLS_MOST 10000

typedef struct hf_call_plan {
	const hf_netns *ns; /**< NULL: where the caller is */
	hf_endpoint to;     /**< IPv4 */
	double rate;        /**< calls a second */
	unsigned calls;     /**< at most HF_CALLS_MOST */
	double patience;    /**< seconds after the last call */
	const char *question;
} hf_call_plan;

typedef struct hf_callers hf_callers;

/** Copies `plan`; the calls begin. */
hf_callers *hf_callers_start(const hf_call_plan *plan);

/** What became of them. Times in seconds. */
typedef struct hf_called {
	unsigned calls, answered;
	unsigned at_first;   /**< connected without a second SYN */
	uint64_t syns;       /**< sent, of those that connected; one of each other */
	double median, slow; /**< from connect() to the answer; slow: 99 of 100 were faster */
} hf_called;

/** Waits until all calls have ended, and frees them. */
hf_called hf_callers_wait(hf_callers *c);

#endif
