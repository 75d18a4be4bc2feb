/* SPDX-License-Identifier: BSD-2-Clause */
/* The evaluator of %{ }%: Python's values, chains and mistakes. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <string.h>

#include "drill/code.h"

static hf_arena arena;
static hf_code_world world;

static bool find(void *ctx, const char *name, hf_datum *out)
{
	(void)ctx;
	*out = (hf_datum){ .type = HF_DATUM_INTEGER, .integer = 10, .text = "" };
	return strcmp(name, "ten") == 0;
}

static int start(void **state)
{
	(void)state;
	world = (hf_code_world){ .arena = &arena, .find = find };
	return 0;
}

static int stop(void **state)
{
	(void)state;
	hf_arena_release(&arena);
	return 0;
}

/* Asserts that an expression holds. */
static bool holds(const char *expression)
{
	const char *text = hf_arena_format(&arena, "assert %s", expression);

	return hf_code_run(&world, text).end == HF_CODE_DONE;
}

static hf_code_end end_of(const char *text)
{
	return hf_code_run(&world, text).end;
}

static void arithmetic_is_python_s(void **state)
{
	(void)state;
	assert_true(holds("1 + 2 * 3 == 7"));
	assert_true(holds("(1 + 2) * 3 == 9"));
	assert_true(holds("7 / 2 == 3.5"));
	assert_true(holds("7 // 2 == 3"));
	assert_true(holds("-7 // 2 == -4"));
	assert_true(holds("-7 % 3 == 2"));
	assert_true(holds("7 % -3 == -2"));
	assert_true(holds("2 ** 10 == 1024"));
	assert_true(holds("-2 ** 2 == -4"));
	assert_true(holds("1 << 4 == 16"));
	assert_true(holds("6 & 3 == 2"));
	assert_true(holds("6 | 1 == 7"));
	assert_true(holds("6 ^ 3 == 5"));
	assert_true(holds("~5 == -6"));
	assert_true(holds("0x10 == 16"));
	assert_true(holds("1.5 + 1 == 2.5"));
	assert_true(holds("1e-3 == 0.001"));
	assert_false(holds("1 + 1 == 3"));
}

static void comparisons_chain(void **state)
{
	(void)state;
	assert_true(holds("1 < 2 < 3"));
	assert_false(holds("1 < 3 < 2"));
	assert_true(holds("1 <= 1 != 2 >= 2 > 1"));
	assert_false(holds("3 > 3"));
	assert_true(holds("3 >= 3"));
	assert_false(holds("3 < 3"));
	assert_true(holds("'a' < 'b'"));
	assert_false(holds("'a' == 1"));
	assert_true(holds("'a' != 1"));
}

static void logic_stops_where_it_is_decided(void **state)
{
	(void)state;
	assert_true(holds("1 or 1 / 0"));
	assert_false(holds("0 and 1 / 0"));
	assert_true(holds("not 0 and not (1 and 0)"));
	assert_true(holds("(0 or 5) == 5"));
	assert_true(holds("True and not False and not None"));
	assert_int_equal(end_of("assert 0 or 1 / 0"), HF_CODE_WRONG);
}

static void names_come_from_outside_or_from_the_code(void **state)
{
	(void)state;
	assert_true(holds("ten == 10"));
	assert_int_equal(end_of("x = ten + 1; y = x * 2\nassert y == 22"), HF_CODE_DONE);
	assert_true(holds("x == 11"));
	assert_int_equal(end_of("x = 5\nassert x == 5"), HF_CODE_DONE);
	assert_int_equal(end_of("assert eleven"), HF_CODE_UNKNOWN);
}

static void a_failed_assertion_says_what_was_seen(void **state)
{
	hf_code_result r = hf_code_run(&world, "\n assert ten == 11, 'was %d' % ten");

	(void)state;
	assert_int_equal(r.end, HF_CODE_FALSE);
	assert_string_equal(r.text, "ten == 11 does not hold (ten = 10, ten = 10): was 10");
	assert_int_equal(r.at.line, 2);
}

static void statements_are_parted_and_joined(void **state)
{
	(void)state;
	assert_int_equal(end_of("# nothing\n\n;; pass # more\nassert 1, \\\n 'x'\n"), HF_CODE_DONE);
	assert_int_equal(end_of("assert (1 ==\n 1)"), HF_CODE_DONE);
	assert_int_equal(end_of("assert 1 assert 2"), HF_CODE_WRONG);
	assert_int_equal(end_of("assert 1 ==\n 1"), HF_CODE_WRONG);
	assert_int_equal(end_of("for x in y: pass"), HF_CODE_UNKNOWN);
	assert_int_equal(end_of("assert"), HF_CODE_WRONG);
	assert_int_equal(end_of("assert ("), HF_CODE_WRONG);
	assert_int_equal(end_of("assert 'abc"), HF_CODE_WRONG);
}

static void functions_take_what_python_s_take(void **state)
{
	(void)state;
	assert_true(holds("abs(-3) == 3 and abs(-2.5) == 2.5"));
	assert_true(holds("min(3, 1, 2) == 1 and max(3, 1, 2) == 3"));
	assert_true(holds("int(2.9) == 2 and int(-2.9) == -2"));
	assert_true(holds("round(2.5) == 2 and round(3.5) == 4"));
	assert_true(holds("float(3) == 3.0 and str(3) == '3'"));
	assert_int_equal(end_of("assert sqrt(4) == 2"), HF_CODE_UNKNOWN);
	assert_int_equal(end_of("assert min()"), HF_CODE_WRONG);
}

static void printing_and_formatting(void **state)
{
	hf_code_result r = hf_code_run(&world,
				       "print('a', 1, 2.5); print('%d%% of %s' % (5, 'x'))");

	(void)state;
	assert_int_equal(r.end, HF_CODE_DONE);
	assert_string_equal(r.said, "a 1 2.5\n5% of x\n");
	assert_int_equal(end_of("print('%d' % (1, 2))"), HF_CODE_WRONG);
	assert_int_equal(end_of("print('%d %d' % 1)"), HF_CODE_WRONG);
}

static void what_does_not_fit_is_an_error(void **state)
{
	(void)state;
	assert_int_equal(end_of("x = 9223372036854775807 + 1"), HF_CODE_WRONG);
	assert_int_equal(end_of("x = 2 ** 63"), HF_CODE_WRONG);
	assert_int_equal(end_of("x = 1 << 63"), HF_CODE_WRONG);
	assert_int_equal(end_of("x = 3037000500 * 3037000500"), HF_CODE_WRONG);
	assert_int_equal(end_of("x = 1 // 0"), HF_CODE_WRONG);
	assert_int_equal(end_of("x = 1 % 0.0"), HF_CODE_WRONG);
	assert_int_equal(end_of("x = 'a' - 1"), HF_CODE_WRONG);
	assert_int_equal(end_of("x = abs(-9223372036854775807 - 1)"), HF_CODE_WRONG);
	assert_int_equal(end_of("x = '%d' % 1e19"), HF_CODE_WRONG);
	assert_int_equal(end_of("x = '%i' % -4e23"), HF_CODE_WRONG);
	assert_int_equal(hf_code_check(&world, "x = '%d' % 1e19").end, HF_CODE_DONE);
	assert_int_equal(end_of("assert (-9223372036854775807 - 1) % 3 == 1"), HF_CODE_DONE);
	assert_int_equal(end_of("assert (-9223372036854775807 - 1) % -3 == -2"), HF_CODE_DONE);
}

static void nesting_is_bounded(void **state)
{
	char text[300] = "assert ";

	(void)state;
	memset(text + 7, '(', 200);
	assert_int_equal(end_of(text), HF_CODE_WRONG);
	memset(text + 7, '-', 200);
	assert_int_equal(end_of(text), HF_CODE_WRONG);
}

static void a_check_believes_no_values(void **state)
{
	hf_code_result r = hf_code_check(&world, "assert ten == 11\nassert 1 / 0\nx = 2 ** 99");

	(void)state;
	assert_int_equal(r.end, HF_CODE_DONE);
	assert_int_equal(r.assertions, 2);
	assert_int_equal(hf_code_check(&world, "assert eleven").end, HF_CODE_UNKNOWN);
	assert_int_equal(hf_code_check(&world, "assert 1 +").end, HF_CODE_WRONG);
}

static void a_negated_assertion_fails_when_it_holds(void **state)
{
	(void)state;
	world.negated = 2;
	assert_int_equal(end_of("assert 1\nassert 1"), HF_CODE_FALSE);
	assert_int_equal(end_of("assert 1\nassert 0"), HF_CODE_DONE);
	assert_int_equal(end_of("assert 1"), HF_CODE_DONE);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup(arithmetic_is_python_s, start),
		cmocka_unit_test_setup(comparisons_chain, start),
		cmocka_unit_test_setup(logic_stops_where_it_is_decided, start),
		cmocka_unit_test_setup(names_come_from_outside_or_from_the_code, start),
		cmocka_unit_test_setup(a_failed_assertion_says_what_was_seen, start),
		cmocka_unit_test_setup(statements_are_parted_and_joined, start),
		cmocka_unit_test_setup(functions_take_what_python_s_take, start),
		cmocka_unit_test_setup(printing_and_formatting, start),
		cmocka_unit_test_setup(what_does_not_fit_is_an_error, start),
		cmocka_unit_test_setup(nesting_is_bounded, start),
		cmocka_unit_test_setup(a_check_believes_no_values, start),
		cmocka_unit_test_setup(a_negated_assertion_fails_when_it_holds, start),
	};

	return cmocka_run_group_tests(tests, NULL, stop);
}
