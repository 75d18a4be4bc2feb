/* SPDX-License-Identifier: BSD-2-Clause */
/* The part of cmocka's interface that the tests use, for machines whose cross compiler has none. */
#ifndef HF_TESTS_CMOCKA_SMALL_H
#define HF_TESTS_CMOCKA_SMALL_H

/*
 * One header, no library. As in cmocka, a failed assertion or skip() jumps out of the test; the
 * report is TAP. The caller includes stdarg.h, stddef.h, setjmp.h and stdint.h first, as cmocka
 * asks.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

typedef void (*CMUnitTestFunction)(void **state);
typedef int (*CMFixtureFunction)(void **state);

struct CMUnitTest {
	const char *name;
	CMUnitTestFunction test_func;
	CMFixtureFunction setup_func, teardown_func;
	void *initial_state;
};

#define cmocka_unit_test(f)                                                                        \
	{                                                                                          \
#f, f, NULL, NULL, NULL                                                            \
	}
#define cmocka_unit_test_setup(f, setup)                                                           \
	{                                                                                          \
#f, f, setup, NULL, NULL                                                           \
	}
#define cmocka_unit_test_teardown(f, teardown)                                                     \
	{                                                                                          \
#f, f, NULL, teardown, NULL                                                        \
	}
#define cmocka_unit_test_setup_teardown(f, setup, teardown)                                        \
	{                                                                                          \
#f, f, setup, teardown, NULL                                                       \
	}
#define cmocka_unit_test_prestate(f, state)                                                        \
	{                                                                                          \
#f, f, NULL, NULL, state                                                           \
	}
#define cmocka_unit_test_prestate_setup_teardown(f, setup, teardown, state)                        \
	{                                                                                          \
#f, f, setup, teardown, state                                                      \
	}

#define print_message(...) ((void)printf(__VA_ARGS__))
#define print_error(...) ((void)printf(__VA_ARGS__))

enum cmocka_small_end { CMOCKA_SMALL_FAILED = 1, CMOCKA_SMALL_SKIPPED };

/* Where a failed or skipped test lands. Weak: the files of a test program share it. */
__attribute__((weak)) jmp_buf cmocka_small_landing;

static inline void cmocka_small_fail(const char *file, int line)
{
	printf("# %s:%d: failed\n", file, line);
	longjmp(cmocka_small_landing, CMOCKA_SMALL_FAILED);
}

static inline void cmocka_small_check(int holds, const char *text, const char *file, int line)
{
	if (holds)
		return;
	printf("# %s\n", text);
	cmocka_small_fail(file, line);
}

static inline void cmocka_small_equal(uintmax_t a, uintmax_t b, int equal, const char *place)
{
	if ((a == b) == equal)
		return;
	printf("# %s: %#jx %s %#jx\n", place, a, equal ? "!=" : "==", b);
	longjmp(cmocka_small_landing, CMOCKA_SMALL_FAILED);
}

static inline void cmocka_small_range(uintmax_t v, uintmax_t low, uintmax_t high, int in,
				      const char *place)
{
	if ((v >= low && v <= high) == in)
		return;
	printf("# %s: %ju, range %ju to %ju\n", place, v, low, high);
	longjmp(cmocka_small_landing, CMOCKA_SMALL_FAILED);
}

static inline void cmocka_small_memory(const void *a, const void *b, size_t n, int equal,
				       const char *place)
{
	const unsigned char *x = a, *y = b;

	if ((memcmp(a, b, n) == 0) == equal)
		return;
	for (size_t i = 0; i < n; i++) {
		if (x[i] != y[i])
			printf("# octet %zu: 0x%02x != 0x%02x\n", i, x[i], y[i]);
	}
	printf("# %s\n", place);
	longjmp(cmocka_small_landing, CMOCKA_SMALL_FAILED);
}

static inline void cmocka_small_string(const char *a, const char *b, int equal, const char *place)
{
	if ((strcmp(a, b) == 0) == equal)
		return;
	printf("# %s: \"%s\" %s \"%s\"\n", place, a, equal ? "!=" : "==", b);
	longjmp(cmocka_small_landing, CMOCKA_SMALL_FAILED);
}

#define CMOCKA_SMALL_TEXT(x) #x
#define CMOCKA_SMALL_LINE(x) CMOCKA_SMALL_TEXT(x)
#define CMOCKA_SMALL_PLACE __FILE__ ":" CMOCKA_SMALL_LINE(__LINE__)

#define assert_true(c) cmocka_small_check(!!(c), #c, __FILE__, __LINE__)
#define assert_false(c) cmocka_small_check(!(c), "not: " #c, __FILE__, __LINE__)
#define assert_null(p) cmocka_small_check((p) == NULL, #p " is not NULL", __FILE__, __LINE__)
#define assert_non_null(p) cmocka_small_check((p) != NULL, #p " is NULL", __FILE__, __LINE__)
#define assert_ptr_equal(a, b)                                                                     \
	cmocka_small_equal((uintptr_t)(a), (uintptr_t)(b), 1, CMOCKA_SMALL_PLACE)
#define assert_ptr_not_equal(a, b)                                                                 \
	cmocka_small_equal((uintptr_t)(a), (uintptr_t)(b), 0, CMOCKA_SMALL_PLACE)
#define assert_int_equal(a, b)                                                                     \
	cmocka_small_equal((uintmax_t)(a), (uintmax_t)(b), 1, CMOCKA_SMALL_PLACE)
#define assert_int_not_equal(a, b)                                                                 \
	cmocka_small_equal((uintmax_t)(a), (uintmax_t)(b), 0, CMOCKA_SMALL_PLACE)
#define assert_in_range(v, low, high)                                                              \
	cmocka_small_range((uintmax_t)(v), (uintmax_t)(low), (uintmax_t)(high), 1,                 \
			   CMOCKA_SMALL_PLACE)
#define assert_not_in_range(v, low, high)                                                          \
	cmocka_small_range((uintmax_t)(v), (uintmax_t)(low), (uintmax_t)(high), 0,                 \
			   CMOCKA_SMALL_PLACE)
#define assert_memory_equal(a, b, n) cmocka_small_memory(a, b, n, 1, CMOCKA_SMALL_PLACE)
#define assert_memory_not_equal(a, b, n) cmocka_small_memory(a, b, n, 0, CMOCKA_SMALL_PLACE)
#define assert_string_equal(a, b) cmocka_small_string(a, b, 1, CMOCKA_SMALL_PLACE)
#define assert_string_not_equal(a, b) cmocka_small_string(a, b, 0, CMOCKA_SMALL_PLACE)
#define fail() cmocka_small_fail(__FILE__, __LINE__)
#define fail_msg(...) (printf("# " __VA_ARGS__), putchar('\n'), fail())
#define skip() longjmp(cmocka_small_landing, CMOCKA_SMALL_SKIPPED)

/* Runs one test; 0, or how it ended otherwise. */
static inline int cmocka_small_run(const struct CMUnitTest *t, void *group_state)
{
	static void *state;
	static int end;

	state = t->initial_state ? t->initial_state : group_state;
	end = setjmp(cmocka_small_landing);
	if (end == 0) {
		if (t->setup_func && t->setup_func(&state) != 0) {
			puts("# the set-up failed");
			return CMOCKA_SMALL_FAILED;
		}
		t->test_func(&state);
	}
	if (t->teardown_func && t->teardown_func(&state) != 0) {
		puts("# the tear-down failed");
		return CMOCKA_SMALL_FAILED;
	}
	return end;
}

static inline int cmocka_small_group(const struct CMUnitTest *tests, size_t count,
				     CMFixtureFunction setup, CMFixtureFunction teardown)
{
	void *state = NULL;
	int failed = 0;

	printf("1..%zu\n", count);
	if (setup && setup(&state) != 0) {
		puts("Bail out! the group's set-up failed");
		return (int)count;
	}
	for (size_t i = 0; i < count; i++) {
		int end = cmocka_small_run(&tests[i], state);

		failed += end == CMOCKA_SMALL_FAILED;
		printf("%sok %zu - %s%s\n", end == CMOCKA_SMALL_FAILED ? "not " : "", i + 1,
		       tests[i].name, end == CMOCKA_SMALL_SKIPPED ? " # SKIP" : "");
		fflush(stdout);
	}
	if (teardown && teardown(&state) != 0) {
		puts("not ok - the group's tear-down");
		failed++;
	}
	return failed;
}

#define cmocka_run_group_tests(tests, setup, teardown)                                             \
	cmocka_small_group(tests, sizeof(tests) / sizeof((tests)[0]), setup, teardown)
#define cmocka_run_group_tests_name(name, tests, setup, teardown)                                  \
	(printf("# %s\n", name), cmocka_run_group_tests(tests, setup, teardown))

#endif
