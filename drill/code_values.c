/* SPDX-License-Identifier: BSD-2-Clause */
/* The values of the evaluator: arithmetic as Python's, comparison, functions, formatting. */
#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "drill/code_parts.h"

hf_datum hf_datum_of_integer(int64_t n)
{
	return (hf_datum){ .type = HF_DATUM_INTEGER, .integer = n, .text = "" };
}

hf_datum hf_datum_of_real(double n)
{
	return (hf_datum){ .type = HF_DATUM_REAL, .real = n, .text = "" };
}

hf_datum hf_datum_of_text(const char *text)
{
	return (hf_datum){ .type = HF_DATUM_TEXT, .text = text };
}

bool hf_datum_is_true(const hf_datum *v)
{
	switch (v->type) {
	case HF_DATUM_NONE:
		return false;
	case HF_DATUM_INTEGER:
		return v->integer != 0;
	case HF_DATUM_REAL:
		return v->real < 0 || v->real > 0;
	case HF_DATUM_TEXT:
		return *v->text != '\0';
	case HF_DATUM_TUPLE:
		return v->items > 0;
	}
	return false;
}

static bool is_number(const hf_datum *v)
{
	return v->type == HF_DATUM_INTEGER || v->type == HF_DATUM_REAL;
}

static double real_of(const hf_datum *v)
{
	return v->type == HF_DATUM_REAL ? v->real : (double)v->integer;
}

const char *hf_datum_show(hf_arena *a, const hf_datum *v)
{
	const char *text = "(";

	switch (v->type) {
	case HF_DATUM_NONE:
		return "None";
	case HF_DATUM_INTEGER:
		return hf_arena_format(a, "%" PRId64, v->integer);
	case HF_DATUM_REAL:
		return hf_arena_format(a, "%.12g", v->real);
	case HF_DATUM_TEXT:
		return v->text;
	case HF_DATUM_TUPLE:
		break;
	}
	for (size_t i = 0; i < v->items; i++)
		text = hf_arena_format(a, "%s%s%s", text, i > 0 ? ", " : "",
				       hf_datum_show(a, &v->item[i]));
	return hf_arena_format(a, "%s)", text);
}

int hf_datum_compare(const hf_datum *a, const hf_datum *b)
{
	int order;

	if (a->type == HF_DATUM_INTEGER && b->type == HF_DATUM_INTEGER)
		return (a->integer > b->integer) - (a->integer < b->integer);
	if (is_number(a) && is_number(b))
		return (real_of(a) > real_of(b)) - (real_of(a) < real_of(b));
	if (a->type == HF_DATUM_NONE && b->type == HF_DATUM_NONE)
		return 0;
	if (a->type != HF_DATUM_TEXT || b->type != HF_DATUM_TEXT)
		return 2;
	order = strcmp(a->text, b->text);
	return (order > 0) - (order < 0);
}

/* ---- Arithmetic ---- */

static bool too_large(hf_code *c)
{
	if (!hf_code_counts(c))
		return true;
	return hf_code_fault(c, HF_CODE_WRONG, "the result does not fit in 64 bits");
}

static bool by_zero(hf_code *c)
{
	return !hf_code_counts(c) || hf_code_fault(c, HF_CODE_WRONG, "division by zero");
}

static bool raise_to(hf_code *c, int64_t power, int64_t *a)
{
	int64_t base = *a, result = 1;

	for (; power > 0; power--) {
		if (__builtin_mul_overflow(result, base, &result))
			return too_large(c);
		if (result == 0 || (result == 1 && base == 1))
			break;
	}
	*a = result;
	return true;
}

/* Python rounds towards minus infinity. */
static int64_t floor_divide(int64_t a, int64_t b)
{
	int64_t q = a / b;

	return q - (a % b != 0 && (a < 0) != (b < 0));
}

/* What is left over has the divisor's sign. */
static int64_t floor_rest(int64_t a, int64_t b)
{
	int64_t rest = a % b;

	return rest != 0 && (rest < 0) != (b < 0) ? rest + b : rest;
}

static bool shift(hf_code *c, bool is_left, int64_t by, int64_t *a)
{
	if (by < 0 || by > 62)
		return too_large(c);
	if (!is_left) {
		*a = floor_divide(*a, INT64_C(1) << by);
		return true;
	}
	return !__builtin_mul_overflow(*a, INT64_C(1) << by, a) || too_large(c);
}

static bool divide(hf_code *c, const char *sign, int64_t b, hf_datum *a)
{
	if (b == 0)
		return by_zero(c);
	if (a->integer == INT64_MIN && b == -1)
		return too_large(c);
	if (strcmp(sign, "/") == 0)
		*a = hf_datum_of_real((double)a->integer / (double)b);
	else if (strcmp(sign, "//") == 0)
		a->integer = floor_divide(a->integer, b);
	else
		a->integer = floor_rest(a->integer, b);
	return true;
}

static bool compute_integers(hf_code *c, const char *sign, int64_t b, hf_datum *a)
{
	if (strcmp(sign, "**") == 0 && b >= 0)
		return raise_to(c, b, &a->integer);
	switch (sign[0]) {
	case '|':
		a->integer |= b;
		return true;
	case '^':
		a->integer ^= b;
		return true;
	case '&':
		a->integer &= b;
		return true;
	case '<':
	case '>':
		return shift(c, sign[0] == '<', b, &a->integer);
	case '+':
		return !__builtin_add_overflow(a->integer, b, &a->integer) || too_large(c);
	case '-':
		return !__builtin_sub_overflow(a->integer, b, &a->integer) || too_large(c);
	case '*':
		return sign[1] == '\0' ?
			       !__builtin_mul_overflow(a->integer, b, &a->integer) || too_large(c) :
			       hf_code_fault(c, HF_CODE_UNKNOWN, "power below zero");
	default:
		return divide(c, sign, b, a);
	}
}

static bool compute_reals(hf_code *c, const char *sign, double b, hf_datum *a)
{
	double x = real_of(a);
	bool divides = sign[0] == '/' || sign[0] == '%';

	if (divides && !(b < 0 || b > 0))
		return by_zero(c);
	if (strcmp(sign, "+") == 0)
		*a = hf_datum_of_real(x + b);
	else if (strcmp(sign, "-") == 0)
		*a = hf_datum_of_real(x - b);
	else if (strcmp(sign, "*") == 0)
		*a = hf_datum_of_real(x * b);
	else if (strcmp(sign, "/") == 0)
		*a = hf_datum_of_real(x / b);
	else if (strcmp(sign, "//") == 0)
		*a = hf_datum_of_real(floor(x / b));
	else if (strcmp(sign, "%") == 0)
		*a = hf_datum_of_real(x - floor(x / b) * b);
	else if (strcmp(sign, "**") == 0)
		*a = hf_datum_of_real(pow(x, b));
	else
		return hf_code_fault(c, HF_CODE_WRONG, "'%s' is for integers", sign);
	return true;
}

/* ---- Formatting ---- */

static bool fits(const hf_datum *v)
{
	return v->type != HF_DATUM_REAL || fabs(v->real) < 9e18;
}

static const char *show_integer(hf_arena *a, const hf_datum *v)
{
	int64_t n = v->type != HF_DATUM_REAL ? v->integer : fits(v) ? (int64_t)v->real : 0;

	return hf_arena_format(a, "%" PRId64, n);
}

static const char *show_as(hf_arena *a, char how, const hf_datum *v)
{
	switch (how) {
	case 'd':
	case 'i':
	case 'u':
		return show_integer(a, v);
	case 'x':
		return hf_arena_format(a, "%" PRIx64, (uint64_t)v->integer);
	case 'f':
		return hf_arena_format(a, "%f", real_of(v));
	case 's':
	case 'r':
	case 'g':
		return hf_datum_show(a, v);
	default:
		return NULL;
	}
}

static bool format(hf_code *c, const hf_datum *with, hf_datum *a)
{
	const hf_datum *item = with->type == HF_DATUM_TUPLE ? with->item : with;
	size_t items = with->type == HF_DATUM_TUPLE ? with->items : 1, n = 0;
	hf_arena *arena = c->world->arena;
	const char *text = "", *part;

	for (const char *p = a->text; *p != '\0'; p++) {
		if (*p != '%') {
			text = hf_arena_format(arena, "%s%c", text, *p);
			continue;
		}
		p++;
		if (*p == '%') {
			text = hf_arena_format(arena, "%s%%", text);
			continue;
		}
		if (n == items)
			return hf_code_fault(c, HF_CODE_WRONG, "too few values to format");
		if (!fits(&item[n]) && (*p == 'd' || *p == 'i' || *p == 'u') && hf_code_counts(c))
			return too_large(c);
		part = show_as(arena, *p, &item[n++]);
		if (part == NULL)
			return hf_code_fault(c, HF_CODE_UNKNOWN, "format %%%c",
					     *p != '\0' ? *p : ' ');
		text = hf_arena_format(arena, "%s%s", text, part);
	}
	if (n < items)
		return hf_code_fault(c, HF_CODE_WRONG, "too many values to format");
	*a = hf_datum_of_text(text);
	return true;
}

bool hf_code_compute(hf_code *c, const char *sign, const hf_datum *b, hf_datum *a)
{
	if (a->type == HF_DATUM_TEXT && strcmp(sign, "%") == 0)
		return format(c, b, a);
	if (a->type == HF_DATUM_TEXT && b->type == HF_DATUM_TEXT && strcmp(sign, "+") == 0) {
		*a = hf_datum_of_text(hf_arena_format(c->world->arena, "%s%s", a->text, b->text));
		return true;
	}
	if (!is_number(a) || !is_number(b))
		return hf_code_fault(c, HF_CODE_WRONG, "'%s' is for numbers", sign);
	if (a->type == HF_DATUM_INTEGER && b->type == HF_DATUM_INTEGER)
		return compute_integers(c, sign, b->integer, a);
	return compute_reals(c, sign, real_of(b), a);
}

/* ---- Functions ---- */

static bool extreme(hf_code *c, bool is_max, hf_datum *a)
{
	hf_datum best = a->item[0];

	for (size_t i = 1; i < a->items; i++) {
		int order = hf_datum_compare(&a->item[i], &best);

		if (order == 2)
			return hf_code_fault(c, HF_CODE_WRONG, "these cannot be compared");
		if (is_max ? order > 0 : order < 0)
			best = a->item[i];
	}
	*a = best;
	return true;
}

static bool of_number(hf_code *c, const char *name, hf_datum *a)
{
	hf_datum v = a->item[0];

	if (a->items != 1 || !is_number(&v))
		return hf_code_fault(c, HF_CODE_WRONG, "%s takes one number", name);
	if (strcmp(name, "abs") == 0 && v.type == HF_DATUM_INTEGER && v.integer == INT64_MIN)
		return too_large(c);
	if (strcmp(name, "abs") == 0)
		*a = v.type == HF_DATUM_REAL ? hf_datum_of_real(fabs(v.real)) :
		     v.integer < 0           ? hf_datum_of_integer(-v.integer) :
					       v;
	else if (strcmp(name, "float") == 0)
		*a = hf_datum_of_real(real_of(&v));
	else if (v.type == HF_DATUM_INTEGER)
		*a = v;
	else if (!fits(&v))
		return too_large(c);
	else /* Python rounds halves to the even neighbour, as rint does */
		*a = hf_datum_of_integer(
			(int64_t)(strcmp(name, "round") == 0 ? rint(v.real) : trunc(v.real)));
	return true;
}

static bool print(hf_code *c, hf_datum *a)
{
	hf_arena *arena = c->world->arena;

	for (size_t i = 0; hf_code_counts(c) && i < a->items; i++)
		c->result.said = hf_arena_format(arena, "%s%s%s", c->result.said, i > 0 ? " " : "",
						 hf_datum_show(arena, &a->item[i]));
	if (hf_code_counts(c))
		c->result.said = hf_arena_format(arena, "%s\n", c->result.said);
	*a = (hf_datum){ .type = HF_DATUM_NONE, .text = "" };
	return true;
}

static bool length(hf_code *c, hf_datum *a)
{
	hf_datum v = a->item[0];

	if (v.type != HF_DATUM_TEXT && v.type != HF_DATUM_TUPLE && hf_code_counts(c))
		return hf_code_fault(c, HF_CODE_WRONG, "len is for tuples, lists and strings");
	*a = hf_datum_of_integer(v.type == HF_DATUM_TEXT ? (int64_t)strlen(v.text) :
							   (int64_t)v.items);
	return true;
}

bool hf_code_function(hf_code *c, const char *name, hf_datum *a)
{
	static const char *const numeric[] = { "abs", "int", "float", "round" };

	if (strcmp(name, "print") == 0)
		return print(c, a);
	for (size_t i = 0; i < sizeof(numeric) / sizeof(numeric[0]); i++) {
		if (strcmp(name, numeric[i]) == 0)
			return of_number(c, name, a);
	}
	if (strcmp(name, "min") == 0 || strcmp(name, "max") == 0)
		return a->items > 0 ? extreme(c, name[1] == 'a', a) :
				      hf_code_fault(c, HF_CODE_WRONG, "%s of nothing", name);
	if (strcmp(name, "len") == 0 && a->items == 1)
		return length(c, a);
	if (strcmp(name, "str") == 0 && a->items == 1) {
		*a = hf_datum_of_text(hf_datum_show(c->world->arena, &a->item[0]));
		return true;
	}
	return hf_code_fault(c, HF_CODE_UNKNOWN, "function %s", name);
}
