/* SPDX-License-Identifier: BSD-2-Clause */
/* The file server's answers: paths, ranges, conditions; and files that appear when complete. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "cmd/answer.h"
#include "cmd/partfile.h"

/* Sunday, 6 November 1994, 08:49:37 UTC: the example of RFC 9110, 5.6.7. */
#define THEN 784111777
#define THEN_TEXT "Sun, 06 Nov 1994 08:49:37 GMT"

static char directory[] = "/tmp/handfast-test-XXXXXX";
static int root;
static hf_answer answer;

static void write_file(const char *name, const char *text)
{
	const struct timespec times[2] = { { .tv_sec = THEN }, { .tv_sec = THEN } };
	int fd = openat(root, name, O_WRONLY | O_CREAT | O_TRUNC, 0600);

	assert_true(fd >= 0);
	assert_int_equal(write(fd, text, strlen(text)), (ssize_t)strlen(text));
	assert_int_equal(futimens(fd, times), 0);
	close(fd);
}

static int set_up(void **state)
{
	(void)state;
	if (!mkdtemp(directory))
		return -1;
	root = hf_answer_root(directory);
	if (root < 0)
		return -1;
	write_file("ten.txt", "0123456789");
	write_file("empty", "");
	mkdirat(root, "sub", 0700);
	mkdirat(root, "with index", 0700);
	write_file("sub/a<b>.png", "x");
	write_file("with index/index.html", "<p>");
	return symlinkat("/etc/passwd", root, "out") || symlinkat("ten.txt", root, "in") ||
	       symlinkat("..", root, "up") || mkfifoat(root, "pipe", 0600);
}

static int tear_down(void **state)
{
	static const char *const names[] = {
		"ten.txt", "empty", "sub/a<b>.png",          "out", "in",
		"up",      "pipe",  "with index/index.html", "done"
	};

	(void)state;
	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++)
		unlinkat(root, names[i], 0);
	unlinkat(root, "sub", AT_REMOVEDIR);
	unlinkat(root, "with index", AT_REMOVEDIR);
	close(root);
	return rmdir(directory);
}

static void ask(hf_request request)
{
	hf_answer_free(&answer);
	hf_answer_make(root, &request, &answer);
}

static void ask_range(const char *range)
{
	ask((hf_request){ .path = "/ten.txt", .range = range });
}

static int free_answer(void **state)
{
	(void)state;
	hf_answer_free(&answer);
	return 0;
}

static void a_file_is_answered_whole_with_type_and_date(void **state)
{
	char octets[16] = "";

	(void)state;
	ask((hf_request){ .path = "/ten.txt" });
	assert_int_equal(answer.status, 200);
	assert_int_equal(answer.len, 10);
	assert_string_equal(answer.type, "text/plain; charset=utf-8");
	assert_string_equal(answer.modified, THEN_TEXT);
	assert_int_equal(read(answer.fd, octets, sizeof(octets)), 10);
	assert_string_equal(octets, "0123456789");
}

static void nothing_outside_the_directory_is_opened(void **state)
{
	static const char *const paths[] = {
		"/../etc/passwd", "/sub/../../etc/passwd", "/out", "/up/",
		"//etc/passwd",   "/up/up/etc/passwd",     "/..",  "/sub/../.."
	};

	(void)state;
	for (size_t i = 0; i < sizeof(paths) / sizeof(paths[0]); i++) {
		ask((hf_request){ .path = paths[i] });
		assert_int_equal(answer.status, 404);
		assert_int_equal(answer.fd, -1);
	}
}

static void links_that_stay_inside_are_followed(void **state)
{
	(void)state;
	ask((hf_request){ .path = "/in" });
	assert_int_equal(answer.status, 200);
	assert_int_equal(answer.len, 10);
	ask((hf_request){ .path = "/sub/../ten.txt" });
	assert_int_equal(answer.status, 200);
}

static void what_is_no_file_is_forbidden_without_blocking(void **state)
{
	(void)state;
	ask((hf_request){ .path = "/pipe" });
	assert_int_equal(answer.status, 403);
	assert_int_equal(answer.fd, -1);
}

static void ranges_name_first_and_last_octet(void **state)
{
	static const struct {
		const char *range;
		uint64_t offset, len;
	} good[] = {
		{ "bytes=0-0", 0, 1 },  { "bytes=3-5", 3, 3 },  { "bytes=9-", 9, 1 },
		{ "bytes=0-9", 0, 10 }, { "bytes=8-99", 8, 2 }, { "bytes=-1", 9, 1 },
		{ "bytes=-10", 0, 10 }, { "bytes=-99", 0, 10 }, { "BYTES=2-3", 2, 2 },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(good) / sizeof(good[0]); i++) {
		ask_range(good[i].range);
		assert_int_equal(answer.status, 206);
		assert_int_equal(answer.offset, good[i].offset);
		assert_int_equal(answer.len, good[i].len);
		assert_int_equal(answer.size, 10);
	}
}

static void ranges_past_the_end_cannot_be_satisfied(void **state)
{
	static const char *const ranges[] = { "bytes=10-", "bytes=10-12", "bytes=-0" };

	(void)state;
	for (size_t i = 0; i < sizeof(ranges) / sizeof(ranges[0]); i++) {
		ask_range(ranges[i]);
		assert_int_equal(answer.status, 416);
		assert_int_equal(answer.size, 10);
	}
	ask((hf_request){ .path = "/empty", .range = "bytes=0-" });
	assert_int_equal(answer.status, 416);
}

static void ranges_that_are_not_understood_mean_the_whole_file(void **state)
{
	static const char *const ranges[] = { "bytes=5-3",     "bytes=a-b",
					      "bytes=1-2,4-5", "bytes=",
					      "octets=1-2",    "bytes=1",
					      "bytes=-",       "bytes=1-2x",
					      "bytes=- 1",     "bytes=99999999999999999999-" };

	(void)state;
	for (size_t i = 0; i < sizeof(ranges) / sizeof(ranges[0]); i++) {
		ask_range(ranges[i]);
		assert_int_equal(answer.status, 200);
		assert_int_equal(answer.len, 10);
	}
}

static void a_range_of_another_version_means_the_whole_file(void **state)
{
	hf_request request = { .path = "/ten.txt", .range = "bytes=1-2", .if_range = THEN_TEXT };

	(void)state;
	ask(request);
	assert_int_equal(answer.status, 206);
	request.if_range = "Sun, 06 Nov 1994 08:49:38 GMT";
	ask(request);
	assert_int_equal(answer.status, 200);
}

static void an_unchanged_file_is_not_sent_again(void **state)
{
	hf_request request = { .path = "/ten.txt", .if_modified_since = THEN_TEXT };

	(void)state;
	ask(request);
	assert_int_equal(answer.status, 304);
	assert_int_equal(answer.fd, -1);
	request.if_modified_since = "Sun, 06 Nov 1994 08:49:38 GMT";
	ask(request);
	assert_int_equal(answer.status, 304);
	request.if_modified_since = "Sun, 06 Nov 1994 08:49:36 GMT";
	ask(request);
	assert_int_equal(answer.status, 200);
	request.if_modified_since = "yesterday";
	ask(request);
	assert_int_equal(answer.status, 200);
}

static void a_directory_is_listed_with_names_escaped(void **state)
{
	(void)state;
	ask((hf_request){ .path = "/sub/" });
	assert_int_equal(answer.status, 200);
	assert_non_null(strstr(answer.body, "<a href=\"./a%3Cb%3E.png\">a&lt;b&gt;.png</a>"));
	assert_non_null(strstr(answer.body, ">../</a>"));
	assert_null(strstr(answer.body, "a<b>"));
	ask((hf_request){ .path = "/" });
	assert_int_equal(answer.status, 200);
	assert_null(strstr(answer.body, ">../</a>"));
}

static void a_directory_without_its_slash_is_redirected_on_this_host(void **state)
{
	(void)state;
	ask((hf_request){ .path = "/sub" });
	assert_int_equal(answer.status, 301);
	assert_string_equal(answer.location, "/sub/");
	ask((hf_request){ .path = "/with index" });
	assert_string_equal(answer.location, "/with%20index/");
	ask((hf_request){ .path = "///sub" });
	assert_string_equal(answer.location, "/sub/");
}

static void an_index_page_stands_for_its_directory(void **state)
{
	(void)state;
	ask((hf_request){ .path = "/with index/" });
	assert_int_equal(answer.status, 200);
	assert_int_equal(answer.len, 3);
	assert_string_equal(answer.type, "text/html; charset=utf-8");
}

static void types_go_by_the_last_extension_in_any_case(void **state)
{
	(void)state;
	assert_string_equal(hf_media_type("/a.tar.gz"), "application/gzip");
	assert_string_equal(hf_media_type("/A.PNG"), "image/png");
	assert_string_equal(hf_media_type("/a.d/file"), "application/octet-stream");
	assert_string_equal(hf_media_type("/a."), "application/octet-stream");
}

static void a_download_has_its_name_only_when_it_is_complete(void **state)
{
	char path[80];
	hf_partfile file;

	(void)state;
	snprintf(path, sizeof(path), "%s/done", directory);
	assert_true(hf_partfile_open(&file, path));
	assert_true(hf_partfile_write(&file, "abc", 3));
	assert_int_not_equal(access(path, F_OK), 0);
	assert_int_equal(access(file.part, F_OK), 0);
	assert_true(hf_partfile_commit(&file));
	assert_int_equal(access(path, F_OK), 0);
	hf_partfile_discard(&file);
	assert_int_equal(access(path, F_OK), 0);
}

static void a_broken_download_leaves_nothing(void **state)
{
	char path[80], part[96];
	hf_partfile file;

	(void)state;
	snprintf(path, sizeof(path), "%s/broken", directory);
	assert_true(hf_partfile_open(&file, path));
	assert_true(strlen(file.part) < sizeof(part));
	strcpy(part, file.part);
	hf_partfile_discard(&file);
	assert_int_not_equal(access(part, F_OK), 0);
	assert_int_not_equal(access(path, F_OK), 0);
}

static void a_full_disk_fails_the_write(void **state)
{
	hf_partfile file;

	(void)state;
	assert_true(hf_partfile_open(&file, "/dev/full"));
	assert_false(hf_partfile_write(&file, "abc", 3));
	hf_partfile_discard(&file);
	assert_int_equal(access("/dev/full", F_OK), 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_teardown(a_file_is_answered_whole_with_type_and_date, free_answer),
		cmocka_unit_test_teardown(nothing_outside_the_directory_is_opened, free_answer),
		cmocka_unit_test_teardown(links_that_stay_inside_are_followed, free_answer),
		cmocka_unit_test_teardown(what_is_no_file_is_forbidden_without_blocking,
					  free_answer),
		cmocka_unit_test_teardown(ranges_name_first_and_last_octet, free_answer),
		cmocka_unit_test_teardown(ranges_past_the_end_cannot_be_satisfied, free_answer),
		cmocka_unit_test_teardown(ranges_that_are_not_understood_mean_the_whole_file,
					  free_answer),
		cmocka_unit_test_teardown(a_range_of_another_version_means_the_whole_file,
					  free_answer),
		cmocka_unit_test_teardown(an_unchanged_file_is_not_sent_again, free_answer),
		cmocka_unit_test_teardown(a_directory_is_listed_with_names_escaped, free_answer),
		cmocka_unit_test_teardown(a_directory_without_its_slash_is_redirected_on_this_host,
					  free_answer),
		cmocka_unit_test_teardown(an_index_page_stands_for_its_directory, free_answer),
		cmocka_unit_test(types_go_by_the_last_extension_in_any_case),
		cmocka_unit_test(a_download_has_its_name_only_when_it_is_complete),
		cmocka_unit_test(a_broken_download_leaves_nothing),
		cmocka_unit_test(a_full_disk_fails_the_write),
	};

	answer.fd = -1;
	return cmocka_run_group_tests_name("answer", tests, set_up, tear_down);
}
