/* SPDX-License-Identifier: BSD-2-Clause */
/* What the parts of the evaluator share. */
#ifndef HF_DRILL_CODE_PARTS_H
#define HF_DRILL_CODE_PARTS_H

#include "drill/code.h"

/** Where evaluation stands. */
typedef struct hf_code {
	hf_code_world *world;
	const char *text, *next;
	unsigned open;    /**< parentheses: inside them a line end is a blank */
	unsigned skipped; /**< not 0: what is read does not count */
	unsigned depth;
	bool is_check;
	const char *used; /**< "name = value" of every name that an assertion looked at */
	hf_code_result result;
} hf_code;

/** Notes the first fault. Returns false. */
bool hf_code_fault(hf_code *c, hf_code_end end, const char *format, ...)
	__attribute__((format(printf, 3, 4)));
/** Does the result of a computation count? */
bool hf_code_counts(const hf_code *c);

hf_datum hf_datum_of_integer(int64_t n);
hf_datum hf_datum_of_real(double n);
hf_datum hf_datum_of_text(const char *text);
bool hf_datum_is_true(const hf_datum *v);
/** The value as print would show it, in the arena. */
const char *hf_datum_show(hf_arena *a, const hf_datum *v);
/** a OP b for the signs of arithmetic. */
bool hf_code_compute(hf_code *c, const char *sign, const hf_datum *b, hf_datum *a);
/** -1, 0, 1; 2: they cannot be compared. */
int hf_datum_compare(const hf_datum *a, const hf_datum *b);
/** name(arguments): `a` is the tuple of arguments and becomes the result. */
bool hf_code_function(hf_code *c, const char *name, hf_datum *a);

#endif
