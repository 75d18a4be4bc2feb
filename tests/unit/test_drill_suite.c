/* SPDX-License-Identifier: BSD-2-Clause */
/* Suites of drills: finding them, running them side by side, reports in TAP and JUnit. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "drill/suite.h"

static const char good[] = "0 close(3) = -1 EBADF\n";
static const char bad[] = "0 close(3) = 0\n";
static const char broken[] = "0 <\n";
static const char needy[] = "0 vmsplice(3) = 0\n+0 tee(3) = 0\n";

static char dir[] = "/tmp/handfast-drill-XXXXXX";
static char report[8192];

static void put(const char *name, const char *text)
{
	FILE *file = fopen(name, "w");

	assert_non_null(file);
	fputs(text, file);
	assert_int_equal(fclose(file), 0);
}

/* good.pkt, sub/bad.pkt, sub/broken.pkt, z_needy.pkt, and a file that is no script. */
static int start(void **state)
{
	(void)state;
	if (mkdtemp(dir) == NULL || chdir(dir) != 0 || mkdir("all", 0700) != 0 ||
	    mkdir("all/sub", 0700) != 0)
		return -1;
	put("all/good.pkt", good);
	put("all/sub/bad.pkt", bad);
	put("all/sub/broken.pkt", broken);
	put("all/z_needy.pkt", needy);
	put("all/readme.txt", "no script");
	put("none", "");
	return 0;
}

static int stop(void **state)
{
	static const char *const names[] = { "all/good.pkt",       "all/sub/bad.pkt",
					     "all/sub/broken.pkt", "all/z_needy.pkt",
					     "all/readme.txt",     "none" };

	(void)state;
	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++)
		unlink(names[i]);
	rmdir("all/sub");
	rmdir("all");
	return chdir("/") == 0 ? rmdir(dir) : -1;
}

static hf_suite_counts run(const hf_suite_options *options, const char *path)
{
	FILE *out = fmemopen(report, sizeof(report), "w");
	hf_suite_counts n;

	assert_non_null(out);
	memset(report, 0, sizeof(report));
	n = hf_suite_run(&path, 1, options, out);
	fclose(out);
	return n;
}

static void directories_are_walked_in_order(void **state)
{
	hf_suite_options options = { .format = HF_SUITE_TAP };
	hf_suite_counts n = run(&options, "all");

	(void)state;
	assert_int_equal(n.scripts, 4);
	assert_int_equal(n.ends[HF_DRILL_PASSED], 1);
	assert_int_equal(n.ends[HF_DRILL_FAILED], 1);
	assert_int_equal(n.ends[HF_DRILL_BROKEN], 1);
	assert_int_equal(n.ends[HF_DRILL_UNSUPPORTED], 1);
	assert_false(hf_suite_is_good(&n));
	assert_string_equal(report, "1..4\n"
				    "ok 1 - all/good.pkt\n"
				    "not ok 2 - all/sub/bad.pkt\n"
				    "# all/sub/bad.pkt:1:1: close: expected 0, got -1 EBADF\n"
				    "#   script:   0 close(3) = 0\n"
				    "not ok 3 - all/sub/broken.pkt\n"
				    "# all/sub/broken.pkt:2:1: flags were expected, not the end\n"
				    "not ok 4 - all/z_needy.pkt\n"
				    "# all/z_needy.pkt:1:3: not supported: system call vmsplice\n");
}

static void jobs_change_nothing_in_the_report(void **state)
{
	hf_suite_options options = { .format = HF_SUITE_TAP };
	char once[8192];

	(void)state;
	run(&options, "all");
	memcpy(once, report, sizeof(once));
	options.jobs = 4;
	run(&options, "all");
	assert_string_equal(report, once);
}

static void needs_are_listed(void **state)
{
	hf_suite_options options = { .task = HF_SUITE_LIST };

	(void)state;
	run(&options, "all/z_needy.pkt");
	assert_string_equal(report, "all/z_needy.pkt:1:3: system call vmsplice\n"
				    "all/z_needy.pkt:2:4: system call tee\n"
				    "1 scripts: 0 supported, 0 failed, 0 broken, 1 unsupported\n");
}

static void junit_is_well_formed(void **state)
{
	hf_suite_options options = { .format = HF_SUITE_JUNIT };

	(void)state;
	run(&options, "all");
	assert_non_null(strstr(report, "<testsuite name=\"drill\" tests=\"4\" failures=\"1\" "
				       "errors=\"2\">\n"));
	assert_non_null(strstr(report, "<testcase classname=\"drill\" name=\"all/good.pkt\" "
				       "time=\"0.004000\"></testcase>\n"));
	assert_non_null(strstr(report, "<failure type=\"failed\" message=\"close: expected 0, got "
				       "-1 EBADF\">"));
	assert_non_null(strstr(report, "</testsuite>\n"));
}

static void nothing_to_run_is_not_good(void **state)
{
	hf_suite_options options = { .format = HF_SUITE_TEXT };
	hf_suite_counts n;

	(void)state;
	n = run(&options, "all/sub/missing.pkt");
	assert_int_equal(n.unread, 1);
	assert_string_equal(report, "all/sub/missing.pkt: the file cannot be read\n"
				    "1 scripts: 0 passed, 0 failed, 1 broken, 0 unsupported\n");
	n = run(&options, "none");
	assert_false(hf_suite_is_good(&n));
}

static void changes_are_made_and_noticed(void **state)
{
	hf_suite_options options = { .task = HF_SUITE_MUTATE };
	hf_suite_counts n = run(&options, "all/good.pkt");

	(void)state;
	assert_int_equal(n.mutants, 2); /* the result and the error */
	assert_int_equal(n.survivors, 0);
	assert_string_equal(report, "1 scripts: 1 passed, 0 failed, 0 broken, 0 unsupported\n"
				    "2 changes: 2 noticed, 0 not\n");
}

static void a_change_that_nobody_notices_is_reported(void **state)
{
	hf_suite_options options = { .task = HF_SUITE_MUTATE };
	hf_suite_counts n;

	(void)state;
	/* A window so wide that being later or earlier does not matter cannot be told apart. */
	put("none", "0 socket(..., SOCK_STREAM|SOCK_NONBLOCK, 0) = 3\n"
		    "0 %{ assert 1 == 1 }%\n"
		    "0 close(3) = 0\n");
	n = run(&options, "none");
	assert_int_equal(n.mutants, 2); /* the assertion and the result of close */
	assert_int_equal(n.survivors, 0);
	assert_true(hf_suite_is_good(&n));
}

/* What code prints is for whoever runs that script alone. */
static void what_code_prints_does_not_disturb_a_report_on_many(void **state)
{
	hf_suite_options options = { .format = HF_SUITE_TEXT };

	(void)state;
	put("all/good.pkt", "0 socket(..., SOCK_STREAM, 0) = 3\n0 %{ print('here') }%\n"
			    "0 close(3) = 0\n");
	run(&options, "all/good.pkt");
	assert_string_equal(report, "all/good.pkt: it printed:\nhere\n"
				    "1 scripts: 1 passed, 0 failed, 0 broken, 0 unsupported\n");
	run(&options, "all");
	assert_null(strstr(report, "here"));
	put("all/good.pkt", good);
}

static void what_is_forgiven_is_reported(void **state)
{
	hf_suite_options options = { .format = HF_SUITE_TEXT };
	hf_suite_counts n;

	(void)state;
	put("none", "--non_fatal=syscall\n0 close(3) = 0\n");
	n = run(&options, "none");
	assert_true(hf_suite_is_good(&n));
	assert_string_equal(report, "none:2:1: forgiven: close: expected 0, got -1 EBADF\n"
				    "  script:   0 close(3) = 0\n"
				    "1 scripts: 1 passed, 0 failed, 0 broken, 0 unsupported\n");
	options.format = HF_SUITE_JSON;
	run(&options, "none");
	assert_non_null(strstr(report, "\"forgiven\":\"none:2:1: forgiven: close: expected 0, "));
	options.format = HF_SUITE_TAP;
	run(&options, "none");
	assert_non_null(strstr(report, "ok 1 - none\n# none:2:1: forgiven: close: "));
	/* A change is noticed by what is forgiven then. */
	options.task = HF_SUITE_MUTATE;
	n = run(&options, "none");
	assert_int_equal(n.mutants, 1);
	assert_int_equal(n.survivors, 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(directories_are_walked_in_order),
		cmocka_unit_test(jobs_change_nothing_in_the_report),
		cmocka_unit_test(needs_are_listed),
		cmocka_unit_test(junit_is_well_formed),
		cmocka_unit_test(nothing_to_run_is_not_good),
		cmocka_unit_test(changes_are_made_and_noticed),
		cmocka_unit_test(a_change_that_nobody_notices_is_reported),
		cmocka_unit_test(what_code_prints_does_not_disturb_a_report_on_many),
		cmocka_unit_test(what_is_forgiven_is_reported),
	};

	return cmocka_run_group_tests(tests, start, stop);
}
