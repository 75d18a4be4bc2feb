/* SPDX-License-Identifier: BSD-2-Clause */
/* The lexer of the drill: the longest match, the traps of the language, defines. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdio.h>
#include <string.h>

#include "drill/lexer.h"

/* Every token as a letter for its kind and its text: "w:ack i:1". */
static const char *tokens_with(const char *text, const hf_drill_define *defines)
{
	static const char letters[] = "$wifscko~.!";
	static char line[400];
	hf_lexer l = hf_lexer_on(text, defines);
	size_t len = 0;
	hf_token t;

	line[0] = '\0';
	do {
		t = hf_lexer_next(&l);
		if (t.kind == HF_TOKEN_END)
			break;
		len += (size_t)snprintf(line + len, sizeof(line) - len, "%s%c:%.*s",
					len > 0 ? " " : "", letters[t.kind], (int)t.len, t.text);
	} while (t.kind != HF_TOKEN_BAD && len < sizeof(line));
	return line;
}

static const char *tokens(const char *text)
{
	return tokens_with(text, NULL);
}

static void words_and_numbers_take_the_longest_match(void **state)
{
	(void)state;
	assert_string_equal(tokens("sackOK 12 0x1F 12ab _a9"), "w:sackOK i:12 i:0x1F w:12ab w:_a9");
	assert_string_equal(tokens("-1 -12.5 .25 0.1"), "i:-1 f:-12.5 f:.25 f:0.1");
	assert_string_equal(tokens("1. x"), "i:1 .:. w:x");
}

static void hexadecimal_has_its_value(void **state)
{
	hf_lexer l = hf_lexer_on("0x802 -7", NULL);

	(void)state;
	assert_int_equal(hf_lexer_next(&l).value, 0x802);
	assert_true(hf_lexer_next(&l).value == -7);
}

static void a_sequence_range_is_no_address(void **state)
{
	(void)state;
	assert_string_equal(tokens("1:1(0)"), "i:1 .:: i:1 .:( i:0 .:)");
}

static void times_with_ellipses_are_cut_right(void **state)
{
	(void)state;
	assert_string_equal(tokens("+.01...0.02"), ".:+ f:.01 ~:... f:0.02");
	assert_string_equal(tokens("+0...10"), ".:+ i:0 ~:... i:10");
	assert_string_equal(tokens("+.1~+.2"), ".:+ f:.1 .:~ .:+ f:.2");
}

static void flags_with_a_counter_can_be_read_again(void **state)
{
	hf_lexer l = hf_lexer_on("P.5 1", NULL);
	hf_token t = hf_lexer_next(&l), again;

	(void)state;
	assert_int_equal(t.kind, HF_TOKEN_WORD);
	assert_int_equal(t.len, 1);
	again = hf_lexer_again(&l, &t, "P.5");
	assert_int_equal(again.len, 3);
	assert_int_equal(hf_lexer_next(&l).value, 1);
}

static void comments_and_blanks_are_left_out(void **state)
{
	(void)state;
	assert_string_equal(tokens("a // b\n/* c\n d */ e /**/f"), "w:a w:e w:f");
	assert_string_equal(tokens("a /* b"), "w:a !:comment without end");
}

static void quoted_things_are_whole(void **state)
{
	(void)state;
	assert_string_equal(tokens("\"a \\\" b\" `ls; pwd` %{ x = 1\n }%"),
			    "s:a \\\" b c:ls; pwd k:x = 1");
	assert_string_equal(tokens("\"abc"), "!:string without end");
	assert_string_equal(tokens("`abc"), "!:command without end");
	assert_string_equal(tokens("%{ abc"), "!:code without end");
}

static void options_keep_their_value(void **state)
{
	(void)state;
	assert_string_equal(tokens("--mtu=1500 --define=A=\"x y\" 0"),
			    "o:--mtu=1500 o:--define=A=\"x y\" i:0");
}

static void places_count_lines_and_columns(void **state)
{
	hf_lexer l = hf_lexer_on("a\n  bb c", NULL);
	hf_token t;

	(void)state;
	hf_lexer_next(&l);
	t = hf_lexer_next(&l);
	assert_int_equal(t.at.line, 2);
	assert_int_equal(t.at.column, 3);
	t = hf_lexer_next(&l);
	assert_int_equal(t.at.column, 6);
}

static void defines_replace_whole_words(void **state)
{
	hf_arena arena = { NULL };
	hf_drill_define *d = hf_drill_define_of(&arena, "N=5", NULL);

	(void)state;
	d = hf_drill_define_of(&arena, "S=\"str\"", d);
	d = hf_drill_define_of(&arena, "C=`ls`", d);
	d = hf_drill_define_of(&arena, "W=word", d);
	d = hf_drill_define_of(&arena, "BARE", d);
	assert_string_equal(tokens_with("N NN S C W BARE", d), "i:5 w:NN s:str c:ls w:word i:1");
	hf_arena_release(&arena);
}

static void ifdef_leaves_out_what_is_not_defined(void **state)
{
	hf_arena arena = { NULL };
	hf_drill_define *d = hf_drill_define_of(&arena, "FreeBSD", NULL);

	(void)state;
	assert_string_equal(tokens_with("a\n#ifdef FreeBSD\nb\n#endif\nc", d), "w:a w:b w:c");
	assert_string_equal(tokens_with("a\n#ifdef STANDARD\nb\n#endif\nc", d), "w:a w:c");
	assert_string_equal(tokens("#ifdef X\na"), "!:#ifdef without #endif");
	assert_string_equal(tokens("#endif"), "!:#endif without #ifdef");
	assert_string_equal(tokens_with("#ifdef FreeBSD a #ifdef FreeBSD", d),
			    "w:a !:#ifdef inside #ifdef");
	assert_string_equal(tokens("#else"), "!:only #ifdef and #endif are known");
	hf_arena_release(&arena);
}

static void seconds_are_exact(void **state)
{
	int64_t ns;

	(void)state;
	assert_true(hf_read_seconds("0.000001", 8, &ns));
	assert_int_equal(ns, 1000);
	assert_true(hf_read_seconds("12.5", 4, &ns));
	assert_true(ns == INT64_C(12500000000));
	assert_true(hf_read_seconds(".25", 3, &ns));
	assert_int_equal(ns, 250000000);
	assert_false(hf_read_seconds(".", 1, &ns));
	assert_false(hf_read_seconds("1x", 2, &ns));
	assert_false(hf_read_seconds("99999999999999999999", 20, &ns));
}

static void numbers_that_do_not_fit_are_refused(void **state)
{
	int64_t n;

	(void)state;
	assert_true(hf_read_integer("9223372036854775807", 19, &n));
	assert_true(n == INT64_MAX);
	assert_false(hf_read_integer("9223372036854775808", 19, &n));
	assert_string_equal(tokens("9223372036854775808"), "!:number too large");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(words_and_numbers_take_the_longest_match),
		cmocka_unit_test(hexadecimal_has_its_value),
		cmocka_unit_test(a_sequence_range_is_no_address),
		cmocka_unit_test(times_with_ellipses_are_cut_right),
		cmocka_unit_test(flags_with_a_counter_can_be_read_again),
		cmocka_unit_test(comments_and_blanks_are_left_out),
		cmocka_unit_test(quoted_things_are_whole),
		cmocka_unit_test(options_keep_their_value),
		cmocka_unit_test(places_count_lines_and_columns),
		cmocka_unit_test(defines_replace_whole_words),
		cmocka_unit_test(ifdef_leaves_out_what_is_not_defined),
		cmocka_unit_test(seconds_are_exact),
		cmocka_unit_test(numbers_that_do_not_fit_are_refused),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
