/* SPDX-License-Identifier: BSD-2-Clause */
/* Scripts with one expectation changed: each must fail, or the interpreter overlooks something. */
#ifndef HF_DRILL_MUTATE_H
#define HF_DRILL_MUTATE_H

#include "drill/drill.h"

/** A change to a script. */
typedef struct hf_mutation {
	hf_drill_at at;
	const char *text; /**< what was changed ("window") */
} hf_mutation;

/**
 * Applies the `n`th change, counted from 0, to a script that was just read and checked. False: it
 * has fewer; nothing was changed.
 */
bool hf_mutate(hf_drill_script *script, const hf_drill_options *options, size_t n,
	       hf_mutation *out);

#endif
