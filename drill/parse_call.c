/* SPDX-License-Identifier: BSD-2-Clause */
/* The parser of system calls and of their expressions. */
#include <string.h>

#include "drill/names.h"
#include "drill/parse.h"

#define DEEPEST 16

const hf_expr *hf_expr_nth(const hf_expr *e, unsigned n)
{
	for (; e != NULL && n > 0; n--)
		e = e->next;
	return e;
}

unsigned hf_expr_count(const hf_expr *e)
{
	unsigned n = 0;

	for (; e != NULL; e = e->next)
		n++;
	return n;
}

const hf_expr *hf_expr_field(const hf_expr *e, const char *name)
{
	if (e == NULL || e->kind != HF_EXPR_STRUCT)
		return NULL;
	for (const hf_expr *f = e->first; f != NULL; f = f->next) {
		if (f->kind == HF_EXPR_FIELD && strcmp(f->text, name) == 0)
			return f->first;
	}
	return NULL;
}

/* ---- Expressions ---- */

static hf_expr *read_expr(hf_parser *p, unsigned depth);

static hf_expr *new_expr(hf_parser *p, hf_expr_kind kind)
{
	hf_expr *e = hf_arena_take(p->arena, sizeof(*e));

	e->kind = kind;
	e->at = p->now.at;
	return e;
}

/* Adjacent strings are one. The octets do not matter to any call but to names of algorithms. */
static hf_expr *read_string(hf_parser *p)
{
	hf_expr *e = new_expr(p, HF_EXPR_STRING);
	const char *text = "";

	while (p->now.kind == HF_TOKEN_STRING) {
		text = hf_arena_format(p->arena, "%s%.*s", text, (int)p->now.len, p->now.text);
		hf_parse_advance(p);
	}
	e->text = text;
	e->len = strlen(text);
	return e;
}

/* The symbol that `word` is; unknown ones are noted. */
static void resolve(hf_parser *p, hf_expr *e, const hf_token *word)
{
	if (!hf_drill_symbol(word->text, word->len, &e->value))
		hf_drill_need(p->script, word->at,
			      hf_arena_format(p->arena, "symbol %.*s", (int)word->len, word->text));
}

/* Elements up to `close`, which is used up. */
static bool read_elements(hf_parser *p, char close, hf_expr **first, unsigned depth)
{
	hf_expr **last = first;

	if (hf_parse_sign(p, close))
		return true;
	do {
		hf_expr *e = read_expr(p, depth);

		if (e == NULL)
			return false;
		*last = e;
		last = &e->next;
	} while (hf_parse_sign(p, ','));
	return hf_parse_expect(p, close);
}

static hf_expr *read_group(hf_parser *p, hf_expr_kind kind, char close, unsigned depth)
{
	hf_expr *e = new_expr(p, kind);

	hf_parse_advance(p);
	return read_elements(p, close, &e->first, depth + 1) ? e : NULL;
}

/* Hexadecimal octets, as they stand: `psk=0123abcd`. */
static hf_expr *read_octets(hf_parser *p)
{
	hf_expr *e = new_expr(p, HF_EXPR_STRING);
	uint8_t *octets = hf_arena_take(p->arena, HF_DRILL_OCTETS + 1);

	e->text = (const char *)octets;
	return hf_parse_octets(p, octets, &e->len) ? e : NULL;
}

/* What a word begins: a symbol, a function, or a field with its value. */
static hf_expr *read_word(hf_parser *p, unsigned depth)
{
	hf_expr *e = new_expr(p, HF_EXPR_INTEGER), *field;
	hf_token word = p->now;

	e->text = hf_arena_copy(p->arena, word.text, word.len);
	hf_parse_advance(p);
	if (hf_parse_sign(p, '(')) {
		e->kind = HF_EXPR_CALL;
		if (!read_elements(p, ')', &e->first, depth + 1))
			return NULL;
	}
	if (depth > 0 && hf_parse_sign(p, '=')) {
		field = hf_arena_take(p->arena, sizeof(*field));
		*field = (hf_expr){ .kind = HF_EXPR_FIELD, .at = e->at, .text = e->text };
		field->second = e->first;
		field->first = strcmp(e->text, "psk") == 0 ? read_octets(p) :
							     read_expr(p, depth + 1);
		return field->first != NULL ? field : NULL;
	}
	if (e->kind == HF_EXPR_INTEGER)
		resolve(p, e, &word);
	return e;
}

static hf_expr *read_primary(hf_parser *p, unsigned depth)
{
	hf_expr *e;

	if (p->now.kind == HF_TOKEN_INTEGER) {
		e = new_expr(p, HF_EXPR_INTEGER);
		e->value = p->now.value;
		hf_parse_advance(p);
		return e;
	}
	if (p->now.kind == HF_TOKEN_ELLIPSIS) {
		e = new_expr(p, HF_EXPR_ELLIPSIS);
		hf_parse_advance(p);
		return e;
	}
	if (p->now.kind == HF_TOKEN_STRING)
		return read_string(p);
	if (p->now.kind == HF_TOKEN_WORD)
		return read_word(p, depth);
	if (hf_token_is_sign(&p->now, '['))
		return read_group(p, HF_EXPR_LIST, ']', depth);
	if (hf_token_is_sign(&p->now, '{'))
		return read_group(p, HF_EXPR_STRUCT, '}', depth);
	hf_parse_fail(p, "an expression was expected");
	return NULL;
}

static hf_expr *read_expr(hf_parser *p, unsigned depth)
{
	hf_expr *e, *more;

	if (depth > DEEPEST) {
		hf_parse_fail(p, "an expression less deep was expected");
		return NULL;
	}
	e = read_primary(p, depth);
	while (e != NULL && hf_token_is_sign(&p->now, '|')) {
		if (e->kind != HF_EXPR_INTEGER) {
			hf_parse_fail(p, "'|' joins numbers only");
			return NULL;
		}
		hf_parse_advance(p);
		more = read_primary(p, depth + 1);
		if (more == NULL)
			return NULL;
		if (more->kind != HF_EXPR_INTEGER) {
			hf_parse_fail_at(p, more->at, "'|' joins numbers only");
			return NULL;
		}
		e->value |= more->value;
	}
	return e;
}

/* ---- Calls ---- */

static bool read_error(hf_parser *p, hf_drill_call *out)
{
	if (p->now.kind != HF_TOKEN_WORD)
		return true;
	if (p->now.text[0] != 'E')
		return hf_parse_fail(p, "the name of an error was expected");
	out->error = hf_arena_copy(p->arena, p->now.text, p->now.len);
	out->error_number = hf_drill_errno(p->now.text, p->now.len);
	if (out->error_number == 0)
		hf_parse_need(p, "error %s", out->error);
	hf_parse_advance(p);
	return true;
}

/* Words in parentheses: for the reader only. */
static bool skip_words(hf_parser *p)
{
	unsigned depth = 0;

	while (hf_token_is_sign(&p->now, '(')) {
		do {
			if (p->now.kind == HF_TOKEN_END || p->now.kind == HF_TOKEN_BAD)
				return hf_parse_fail(p, "')' was expected");
			depth += hf_token_is_sign(&p->now, '(');
			depth -= hf_token_is_sign(&p->now, ')');
			hf_parse_advance(p);
		} while (depth > 0);
	}
	return true;
}

bool hf_parse_call(hf_parser *p, hf_drill_call *out)
{
	out->name = hf_arena_copy(p->arena, p->now.text, p->now.len);
	out->name_at = p->now.at;
	hf_parse_advance(p);
	if (!hf_parse_expect(p, '(') || !read_elements(p, ')', &out->arguments, 1) ||
	    !hf_parse_expect(p, '='))
		return false;
	out->result = read_expr(p, 0);
	if (out->result == NULL)
		return false;
	if (out->result->kind != HF_EXPR_INTEGER && out->result->kind != HF_EXPR_ELLIPSIS)
		return hf_parse_fail_at(p, out->result->at, "a number was expected");
	return read_error(p, out) && skip_words(p);
}
