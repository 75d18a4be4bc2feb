/* SPDX-License-Identifier: BSD-2-Clause */
/* From the text of a script to tokens. */
#ifndef HF_DRILL_LEXER_H
#define HF_DRILL_LEXER_H

#include <stdbool.h>
#include <stdint.h>

#include "drill/arena.h"

/** A place in a script; both count from 1. A tab is one column. */
typedef struct hf_drill_at {
	unsigned line, column;
} hf_drill_at;

/** A word and what it stands for: `--define NAME=value`. Without `=` it stands for 1. */
typedef struct hf_drill_define {
	const char *name;  /**< up to `=` or the end */
	const char *value; /**< NULL: none was given */
	size_t name_len;
	const struct hf_drill_define *next;
} hf_drill_define;

/** The definition that `text` (borrowed; `NAME` or `NAME=value`) says, before those in `next`. */
hf_drill_define *hf_drill_define_of(hf_arena *arena, const char *text, const hf_drill_define *next);

typedef enum hf_token_kind {
	HF_TOKEN_END,
	HF_TOKEN_WORD,
	HF_TOKEN_INTEGER,  /**< also hexadecimal: `value` */
	HF_TOKEN_FLOAT,    /**< the text is kept as it stands */
	HF_TOKEN_STRING,   /**< the text between the quotes, escapes left as they are */
	HF_TOKEN_COMMAND,  /**< the text between back-quotes */
	HF_TOKEN_CODE,     /**< the text between %{ and }%, blanks cut off at both ends */
	HF_TOKEN_OPTION,   /**< --name or --name=value, from the first dash on */
	HF_TOKEN_ELLIPSIS, /**< ... */
	HF_TOKEN_SIGN,     /**< any other single character: `text[0]` */
	HF_TOKEN_BAD,      /**< cannot be read; `text` says why, closed by a zero */
} hf_token_kind;

typedef struct hf_token {
	hf_token_kind kind;
	hf_drill_at at;
	const char *text; /**< borrowed from the script, or from a define */
	size_t len;
	int64_t value;
	const char *begin, *end; /**< where it stands in the script, quotes included */
} hf_token;

/** Where reading stands. */
typedef struct hf_lexer {
	const char *text, *next; /**< closed by a zero */
	hf_drill_at at;          /**< of `next` */
	const hf_drill_define *defines;
	bool in_ifdef; /**< after an #ifdef whose name is defined */
} hf_lexer;

/** Starts at the beginning of `text`. Borrows both arguments. */
hf_lexer hf_lexer_on(const char *text, const hf_drill_define *defines);
/** Takes the next token. After the end, and after a BAD one, the same comes again. */
hf_token hf_lexer_next(hf_lexer *l);
/**
 * Takes `token`, the last one that was read, once more: as the longest run of characters out of
 * `set` that begins where it began. For what is not made of tokens: flags, addresses, raw octets.
 */
hf_token hf_lexer_again(hf_lexer *l, const hf_token *token, const char *set);
/** Gives the last character of `token`, the last one that was read, back. */
void hf_lexer_shorten(hf_lexer *l, hf_token *token);

/** Is the token this sign, or this word? */
bool hf_token_is_sign(const hf_token *t, char sign);
bool hf_token_is_word(const hf_token *t, const char *word);

/** Reads all of `text` as a decimal or hexadecimal integer, with an optional minus. */
bool hf_read_integer(const char *text, size_t len, int64_t *out);
/** Reads all of `text` as seconds, with up to nine decimal places that count, into ns. */
bool hf_read_seconds(const char *text, size_t len, int64_t *out);

#endif
