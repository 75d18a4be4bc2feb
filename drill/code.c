/* SPDX-License-Identifier: BSD-2-Clause */
/* The evaluator: statements and expressions, read and computed in one pass. */
#include "drill/code_parts.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define DEEPEST 64
#define ARGUMENTS 16

/* ---- Reading ---- */

static bool is_name_start(char c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_';
}

static bool is_digit(char c)
{
	return c >= '0' && c <= '9';
}

static bool is_name(char c)
{
	return is_name_start(c) || is_digit(c);
}

/* Skips blanks, comments and joined lines. */
static void skip_blank(hf_code *c)
{
	for (;;) {
		if (*c->next == ' ' || *c->next == '\t' || *c->next == '\r' ||
		    (c->open > 0 && *c->next == '\n'))
			c->next++;
		else if (c->next[0] == '\\' && c->next[1] == '\n')
			c->next += 2;
		else if (*c->next == '#')
			c->next += strcspn(c->next, "\n");
		else
			return;
	}
}

/* Takes this sign, if it comes next. */
static bool take_sign(hf_code *c, const char *sign)
{
	skip_blank(c);
	if (strncmp(c->next, sign, strlen(sign)) != 0)
		return false;
	c->next += strlen(sign);
	return true;
}

/* Takes this word, if it comes next. */
static bool take_word(hf_code *c, const char *word)
{
	size_t len = strlen(word);

	skip_blank(c);
	if (strncmp(c->next, word, len) != 0 || is_name(c->next[len]))
		return false;
	c->next += len;
	return true;
}

static hf_drill_at place(const hf_code *c)
{
	hf_drill_at at = { 1, 1 };

	for (const char *p = c->text; p < c->next; p++) {
		at.column++;
		if (*p == '\n')
			at = (hf_drill_at){ at.line + 1, 1 };
	}
	return at;
}

bool hf_code_fault(hf_code *c, hf_code_end end, const char *format, ...)
{
	char text[400];
	va_list list;

	if (c->result.end != HF_CODE_DONE)
		return false;
	va_start(list, format);
	vsnprintf(text, sizeof(text), format, list);
	va_end(list);
	c->result.end = end;
	c->result.at = place(c);
	c->result.text = hf_arena_copy(c->world->arena, text, strlen(text));
	return false;
}

bool hf_code_counts(const hf_code *c)
{
	return c->skipped == 0 && !c->is_check;
}

/* ---- Primaries ---- */

static bool read_expr(hf_code *c, hf_datum *out);

static bool read_text(hf_code *c, hf_datum *out)
{
	char quote = *c->next;
	const char *begin = ++c->next;
	char *copy, *to;

	while (*c->next != quote) {
		if (*c->next == '\0' || *c->next == '\n')
			return hf_code_fault(c, HF_CODE_WRONG, "string without end");
		c->next += c->next[0] == '\\' && c->next[1] != '\0' ? 2 : 1;
	}
	copy = to = hf_arena_copy(c->world->arena, begin, (size_t)(c->next - begin));
	for (const char *p = begin; p < c->next; p++) {
		if (*p == '\\' && p + 1 < c->next)
			p++;
		*to++ = p > begin && p[-1] == '\\' && *p == 'n' ? '\n' : *p;
	}
	*to = '\0';
	c->next++;
	*out = hf_datum_of_text(copy);
	return true;
}

static bool read_number(hf_code *c, hf_datum *out)
{
	const char *p = c->next;
	size_t len;
	int64_t n;

	while (is_name(*p) || *p == '.' ||
	       ((*p == '-' || *p == '+') && (p[-1] == 'e' || p[-1] == 'E') && c->next[1] != 'x'))
		p++;
	len = (size_t)(p - c->next);
	if (hf_read_integer(c->next, len, &n)) {
		*out = hf_datum_of_integer(n);
	} else {
		char *end, *text = hf_arena_copy(c->world->arena, c->next, len);

		*out = hf_datum_of_real(strtod(text, &end));
		if (*end != '\0' || strpbrk(text, "xX") != NULL)
			return hf_code_fault(c, HF_CODE_WRONG, "'%s' is not a number", text);
	}
	c->next = p;
	return true;
}

static bool find_name(hf_code *c, const char *name, hf_datum *out)
{
	for (const hf_code_name *n = c->world->names; n != NULL; n = n->next) {
		if (strcmp(n->name, name) == 0) {
			*out = n->value;
			return true;
		}
	}
	return c->world->find(c->world->ctx, name, out);
}

static void note_used(hf_code *c, const char *name, const hf_datum *v)
{
	c->used = hf_arena_format(c->world->arena, "%s%s%s = %s", c->used, *c->used ? ", " : "",
				  name, hf_datum_show(c->world->arena, v));
}

static bool read_elements(hf_code *c, const char *close, hf_datum *out, bool *is_single)
{
	hf_datum item[ARGUMENTS];
	size_t n = 0;
	bool comma = false;

	c->open++;
	while (!take_sign(c, close)) {
		if (n > 0 && !comma)
			return hf_code_fault(c, HF_CODE_WRONG, "'%s' was expected", close);
		if (n == ARGUMENTS)
			return hf_code_fault(c, HF_CODE_WRONG, "too many elements");
		if (!read_expr(c, &item[n++]))
			return false;
		comma = take_sign(c, ",");
	}
	c->open--;
	*is_single = n == 1 && !comma;
	*out = (hf_datum){ .type = HF_DATUM_TUPLE, .items = n };
	out->item = hf_arena_take(c->world->arena, (n + 1) * sizeof(item[0]));
	memcpy(out->item, item, n * sizeof(item[0]));
	return true;
}

static bool read_constant(hf_code *c, hf_datum *out)
{
	*out = hf_datum_of_integer(0);
	if (take_word(c, "True"))
		out->integer = 1;
	else if (take_word(c, "None"))
		out->type = HF_DATUM_NONE;
	else if (!take_word(c, "False"))
		return false;
	return true;
}

static bool read_name(hf_code *c, hf_datum *out)
{
	const char *p = c->next;
	bool is_single;
	char *name;

	while (is_name(*p))
		p++;
	name = hf_arena_copy(c->world->arena, c->next, (size_t)(p - c->next));
	if (*p == '(') {
		c->next = p + 1;
		return read_elements(c, ")", out, &is_single) && hf_code_function(c, name, out);
	}
	if (!find_name(c, name, out))
		return hf_code_fault(c, HF_CODE_UNKNOWN, "name %s", name);
	c->next = p;
	note_used(c, name, out);
	return true;
}

static bool read_primary(hf_code *c, hf_datum *out)
{
	bool is_single;

	skip_blank(c);
	if (take_sign(c, "(")) {
		if (!read_elements(c, ")", out, &is_single))
			return false;
		if (is_single)
			*out = out->item[0];
		return true;
	}
	if (take_sign(c, "["))
		return read_elements(c, "]", out, &is_single);
	if (*c->next == '"' || *c->next == '\'')
		return read_text(c, out);
	if (is_digit(*c->next) || (*c->next == '.' && is_digit(c->next[1])))
		return read_number(c, out);
	if (read_constant(c, out))
		return true;
	if (is_name_start(*c->next))
		return read_name(c, out);
	return hf_code_fault(c, HF_CODE_WRONG, "an expression was expected");
}

/* ---- Operators ---- */

static bool read_unary(hf_code *c, hf_datum *out)
{
	hf_datum zero = hf_datum_of_integer(0), all = hf_datum_of_integer(-1);
	hf_datum right;

	if (++c->depth > DEEPEST)
		return hf_code_fault(c, HF_CODE_WRONG, "too deep");
	if (take_sign(c, "-")) {
		if (!read_unary(c, &right) || !hf_code_compute(c, "-", &right, &zero))
			return false;
		*out = zero;
	} else if (take_sign(c, "~")) {
		if (!read_unary(c, &right) || !hf_code_compute(c, "^", &right, &all))
			return false;
		*out = all;
	} else {
		take_sign(c, "+");
		if (!read_primary(c, out))
			return false;
		if (take_sign(c, "**") &&
		    (!read_unary(c, &right) || !hf_code_compute(c, "**", &right, out)))
			return false;
	}
	c->depth--;
	return true;
}

/* Loosest first; a sign that another begins with comes after it. */
static const char *const levels[][5] = {
	{ "|" }, { "^" }, { "&" }, { "<<", ">>" }, { "+", "-" }, { "//", "*", "/", "%" },
};

#define LEVELS (sizeof(levels) / sizeof(levels[0]))

static bool read_level(hf_code *c, size_t level, hf_datum *out)
{
	hf_datum right;
	unsigned i;

	if (level == LEVELS)
		return read_unary(c, out);
	if (!read_level(c, level + 1, out))
		return false;
	for (;;) {
		for (i = 0; levels[level][i] != NULL; i++) {
			if (take_sign(c, levels[level][i]))
				break;
		}
		if (levels[level][i] == NULL)
			return true;
		if (!read_level(c, level + 1, &right) ||
		    !hf_code_compute(c, levels[level][i], &right, out))
			return false;
	}
}

static bool holds(const char *sign, int order)
{
	switch (sign[0]) {
	case '=':
		return order == 0;
	case '!':
		return order != 0;
	case '<':
		return order < 0 || (sign[1] == '=' && order == 0);
	default:
		return order == 1 || (sign[1] == '=' && order == 0);
	}
}

/* `a in b`: among the elements, or part of the text. */
static bool is_in(hf_code *c, const hf_datum *a, const hf_datum *b)
{
	if (a->type == HF_DATUM_TEXT && b->type == HF_DATUM_TEXT)
		return strstr(b->text, a->text) != NULL;
	if (b->type != HF_DATUM_TUPLE && hf_code_counts(c))
		hf_code_fault(c, HF_CODE_WRONG, "'in' is for tuples, lists and strings");
	for (size_t i = 0; b->type == HF_DATUM_TUPLE && i < b->items; i++) {
		if (hf_datum_compare(a, &b->item[i]) == 0)
			return true;
	}
	return false;
}

/* The words that compare: `in`, `not in`, `is`, `is not`. */
static const char *read_word_comparison(hf_code *c)
{
	const char *here = c->next;

	if (take_word(c, "in"))
		return "in";
	if (take_word(c, "not")) {
		if (take_word(c, "in"))
			return "not in";
		c->next = here;
		return NULL;
	}
	if (take_word(c, "is"))
		return take_word(c, "not") ? "!=" : "==";
	return NULL;
}

static const char *read_comparison(hf_code *c)
{
	static const char *const signs[] = { "==", "!=", "<=", ">=", "<", ">" };

	for (size_t i = 0; i < sizeof(signs) / sizeof(signs[0]); i++) {
		if (take_sign(c, signs[i]))
			return signs[i];
	}
	return read_word_comparison(c);
}

/* One link of a chain. False: a fault. */
static bool compare(hf_code *c, const char *sign, const hf_datum *left, const hf_datum *right,
		    bool *out)
{
	int order;

	if (sign[0] == 'i' || sign[0] == 'n') {
		*out = is_in(c, left, right) == (sign[0] == 'i');
		return c->result.end == HF_CODE_DONE;
	}
	order = hf_datum_compare(left, right);
	if (order == 2 && sign[0] != '=' && sign[0] != '!' && hf_code_counts(c))
		return hf_code_fault(c, HF_CODE_WRONG, "these cannot be compared");
	*out = holds(sign, order);
	return true;
}

static bool read_chain(hf_code *c, hf_datum *out)
{
	hf_datum left, right;
	const char *sign;
	bool all = true;

	if (!read_level(c, 0, out))
		return false;
	left = *out;
	while ((sign = read_comparison(c)) != NULL) {
		bool is_true = false;

		if (!read_level(c, 0, &right) || !compare(c, sign, &left, &right, &is_true))
			return false;
		all = all && is_true;
		*out = hf_datum_of_integer(all);
		left = right;
	}
	return true;
}

static bool read_not(hf_code *c, hf_datum *out)
{
	if (!take_word(c, "not"))
		return read_chain(c, out);
	if (++c->depth > DEEPEST)
		return hf_code_fault(c, HF_CODE_WRONG, "too deep");
	if (!read_not(c, out))
		return false;
	c->depth--;
	*out = hf_datum_of_integer(!hf_datum_is_true(out));
	return true;
}

/* What comes after a value that decides is read, but does not count. */
static bool read_and(hf_code *c, hf_datum *out)
{
	hf_datum right;

	if (!read_not(c, out))
		return false;
	while (take_word(c, "and")) {
		bool decided = !hf_datum_is_true(out);

		c->skipped += decided;
		if (!read_not(c, &right))
			return false;
		c->skipped -= decided;
		if (!decided)
			*out = right;
	}
	return true;
}

static bool read_or(hf_code *c, hf_datum *out)
{
	hf_datum right;

	if (!read_and(c, out))
		return false;
	while (take_word(c, "or")) {
		bool decided = hf_datum_is_true(out);

		c->skipped += decided;
		if (!read_and(c, &right))
			return false;
		c->skipped -= decided;
		if (!decided)
			*out = right;
	}
	return true;
}

/* `a if condition else b`: a comes first, and is read before it is known whether it counts. */
static bool read_choice(hf_code *c, hf_datum *out)
{
	hf_datum condition, otherwise;
	bool decided;

	if (!take_word(c, "if"))
		return true;
	if (!read_or(c, &condition))
		return false;
	if (!take_word(c, "else"))
		return hf_code_fault(c, HF_CODE_WRONG, "'else' was expected");
	decided = hf_datum_is_true(&condition);
	c->skipped += decided;
	if (!read_expr(c, &otherwise))
		return false;
	c->skipped -= decided;
	if (!decided)
		*out = otherwise;
	return true;
}

static bool read_expr(hf_code *c, hf_datum *out)
{
	if (++c->depth > DEEPEST)
		return hf_code_fault(c, HF_CODE_WRONG, "too deep");
	if (!read_or(c, out) || !read_choice(c, out))
		return false;
	c->depth--;
	return true;
}

/* ---- Statements ---- */

static bool run_assert(hf_code *c)
{
	hf_datum v, message = hf_datum_of_text("");
	const char *begin, *why;
	int len;

	skip_blank(c);
	begin = c->next;
	c->used = "";
	if (!read_expr(c, &v))
		return false;
	len = (int)(c->next - begin);
	if (take_sign(c, ",") && !read_expr(c, &message))
		return false;
	c->result.assertions++;
	if (!hf_code_counts(c) ||
	    hf_datum_is_true(&v) == (c->result.assertions != c->world->negated))
		return true;
	why = hf_datum_show(c->world->arena, &message);
	c->next = begin;
	return hf_code_fault(c, HF_CODE_FALSE, "%.*s does not hold%s%s%s%s%s", len, begin,
			     *c->used ? " (" : "", c->used, *c->used ? ")" : "", *why ? ": " : "",
			     why);
}

static bool run_assignment(hf_code *c, const char *name, size_t len)
{
	hf_code_name *n = hf_arena_take(c->world->arena, sizeof(*n));

	if (!read_expr(c, &n->value))
		return false;
	n->name = hf_arena_copy(c->world->arena, name, len);
	n->next = c->world->names;
	c->world->names = n;
	return true;
}

static bool run_statement(hf_code *c)
{
	const char *begin;
	size_t len = 0;
	hf_datum v;

	if (take_word(c, "assert"))
		return run_assert(c);
	if (take_word(c, "pass"))
		return true;
	skip_blank(c);
	begin = c->next;
	if (is_name_start(*begin)) {
		while (is_name(begin[len]))
			len++;
		c->next += len;
		if (take_sign(c, "=") && *c->next != '=')
			return run_assignment(c, begin, len);
		c->next = begin;
	}
	return read_expr(c, &v);
}

static void run_all(hf_code *c)
{
	for (;;) {
		do
			skip_blank(c);
		while (take_sign(c, ";") || take_sign(c, "\n"));
		if (*c->next == '\0')
			return;
		if (!run_statement(c))
			return;
		skip_blank(c);
		if (*c->next != '\0' && *c->next != ';' && *c->next != '\n') {
			hf_code_fault(c, HF_CODE_WRONG, "the end of the statement was expected");
			return;
		}
	}
}

static hf_code_result run(hf_code_world *world, const char *text, bool is_check)
{
	hf_code c = { .world = world,
		      .text = text,
		      .next = text,
		      .is_check = is_check,
		      .used = "",
		      .result = { .said = "" } };

	run_all(&c);
	return c.result;
}

hf_code_result hf_code_run(hf_code_world *world, const char *text)
{
	return run(world, text, false);
}

hf_code_result hf_code_check(hf_code_world *world, const char *text)
{
	return run(world, text, true);
}
