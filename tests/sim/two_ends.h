/* SPDX-License-Identifier: BSD-2-Clause */
/* One seed of the two-ended simulation. */
#ifndef HF_TESTS_SIM_TWO_ENDS_H
#define HF_TESTS_SIM_TWO_ENDS_H

#include "lab/apps.h"
#include "lab/trace.h"

#define PAIRS 4 /**< conversations a seed */

/** What one seed came to. */
typedef struct two_ends_result {
	char problem[256]; /**< empty: all was well */
	uint64_t hash;     /**< of the trace, if one was asked for */
	hf_time end;       /**< virtual time of the last event */
	hf_lab_counts counts;
	uint64_t octets;                   /**< received and checked */
	uint64_t causes[HF_CAUSE_COUNT];   /**< why packets were sent */
	uint64_t endings[HF_REASON_COUNT]; /**< how the ends that were told learnt it */
	uint64_t wrapped;                  /**< ends whose sequence numbers were to pass 2^32 */
	uint64_t aborted, closed;          /**< ends that gave up the handle */
} two_ends_result;

/** Runs a seed. `traced`: with a trace into `sink` (may be NULL), whose hash is in the result. */
void two_ends_run(uint64_t seed, bool traced, hf_lab_line sink, two_ends_result *out);

#endif
