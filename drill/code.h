/* SPDX-License-Identifier: BSD-2-Clause */
/* The part of Python that scripts use in %{ }%, evaluated by ourselves. */
#ifndef HF_DRILL_CODE_H
#define HF_DRILL_CODE_H

#include "drill/arena.h"
#include "drill/lexer.h"

/*
 * Statements, parted by line ends or `;`: `assert e`, `assert e, message`, `print(...)`,
 * `name = e`, `pass`, a bare expression. Expressions: integers, floats, strings, True, False,
 * None, names, tuples in parentheses, lists (which are tuples), `a if c else b`, `or and not`,
 * comparison chains with `in`, `not in`, `is` and `is not`, `| ^ & << >> + - * / // % **`, `%`
 * formatting, and abs, min, max, int, float, round, len, str. Numbers are 64 bits wide; what
 * does not fit is an error.
 */

typedef enum hf_datum_type {
	HF_DATUM_NONE,
	HF_DATUM_INTEGER,
	HF_DATUM_REAL,
	HF_DATUM_TEXT,
	HF_DATUM_TUPLE
} hf_datum_type;

typedef struct hf_datum {
	hf_datum_type type;
	int64_t integer;
	double real;
	const char *text;
	struct hf_datum *item; /**< HF_DATUM_TUPLE: `items` of them */
	size_t items;
} hf_datum;

/** Names that were given a value by code; later ones hide earlier ones. */
typedef struct hf_code_name {
	struct hf_code_name *next;
	const char *name;
	hf_datum value;
} hf_code_name;

/** What code is run with. */
typedef struct hf_code_world {
	hf_arena *arena;
	hf_code_name *names; /**< shared by all the code of a script */
	/** The value of a name that code has not set. False: it is not known. */
	bool (*find)(void *ctx, const char *name, hf_datum *out);
	void *ctx;
	unsigned negated; /**< the assertion, counted from 1, that is to fail; 0: none */
} hf_code_world;

typedef enum hf_code_end {
	HF_CODE_DONE,
	HF_CODE_FALSE,   /**< an assertion does not hold */
	HF_CODE_UNKNOWN, /**< a name, function or statement that is not known */
	HF_CODE_WRONG,   /**< it cannot be read, or cannot be computed */
} hf_code_end;

/** How code ended. */
typedef struct hf_code_result {
	hf_code_end end;
	hf_drill_at at;      /**< in the code: both count from 1 */
	const char *text;    /**< in the arena; NULL when done */
	const char *said;    /**< what was printed; may be empty */
	unsigned assertions; /**< that were read */
} hf_code_result;

/** Runs code to its end or the first thing that is wrong. */
hf_code_result hf_code_run(hf_code_world *world, const char *text);
/**
 * Reads code without believing its values: no assertion fails and nothing is computed wrongly, but
 * what cannot be read or is not known is found.
 */
hf_code_result hf_code_check(hf_code_world *world, const char *text);

#endif
