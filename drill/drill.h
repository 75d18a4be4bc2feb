/* SPDX-License-Identifier: BSD-2-Clause */
/* Running scripts of the packetdrill language against the stack, or against a kernel. */
#ifndef HF_DRILL_DRILL_H
#define HF_DRILL_DRILL_H

#include "drill/script.h"
#include "observe/ladder.h"

/*
 * A script is held against the stack strictly. Every packet that leaves must be expected, in its
 * order, with its flags, numbers, options, and in time; also the packets of the last moment. Time
 * is virtual: nothing waits, and the same script always ends the same way. Another target
 * (drill/target.h) may take the stack's place.
 */

/** How to run scripts. */
typedef struct hf_drill_options {
	hf_profile profile;
	const struct hf_target *target;   /**< NULL: the stack, in virtual time */
	const hf_drill_define *defines;   /**< may be NULL */
	const hf_drill_setting *settings; /**< beat those of the script; may be NULL */
	hf_ladder_style style;            /**< of the ladder in a report */
	hf_ns longest;                    /**< a script that takes longer is not run; 0: any is */
} hf_drill_options;

typedef enum hf_drill_end {
	HF_DRILL_PASSED,
	HF_DRILL_FAILED,      /**< the stack did not do what the script says */
	HF_DRILL_BROKEN,      /**< the script cannot be read, or contradicts itself */
	HF_DRILL_UNSUPPORTED, /**< the script needs what is not supported */
} hf_drill_end;

/** What came of a script. */
typedef struct hf_drill_result {
	hf_arena arena; /**< what this points to lies here */
	hf_drill_end end;
	hf_drill_at at;       /**< of what is wrong; line 0: nowhere */
	const char *text;     /**< one line: what is wrong; NULL if it passed */
	const char *expected; /**< what the script has there; NULL: nothing to be told */
	const char *actual;   /**< what came instead; NULL: nothing */
	const char *details;  /**< further lines, each closed by a line feed; may be empty */
	const char *said;     /**< what its code printed */
	const char *forgiven; /**< differences that --non_fatal allows, in lines; may be empty */
	unsigned events;      /**< that were run to their end */
	hf_ns time;           /**< virtual, from the start to the end */
} hf_drill_result;

/**
 * Notes everything that a script which was read without error would need, and sets its error if it
 * contradicts itself.
 */
void hf_drill_check(hf_drill_script *script, const hf_drill_options *options);

/**
 * Runs a script that hf_drill_check has seen. Borrows both for the call; the result is the
 * caller's, to be given back by hf_drill_result_release.
 */
hf_drill_result hf_drill_run(hf_drill_script *script, const hf_drill_options *options);
void hf_drill_result_release(hf_drill_result *r);

/** The time that a script takes from its first to its last event, as far as it says. */
hf_ns hf_drill_span(const hf_drill_script *script);

/** The word for an end ("failed"). */
const char *hf_drill_end_name(hf_drill_end end);

#endif
