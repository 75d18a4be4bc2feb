/* SPDX-License-Identifier: BSD-2-Clause */
/* Stream descriptors: never blocking, and never changed for the others that hold them. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

#include "bridge/stream_fd.h"

static bool is_nonblocking(int fd)
{
	return fcntl(fd, F_GETFL) & O_NONBLOCK;
}

static void an_empty_pipe_says_again_and_stays_blocking_for_others(void **state)
{
	hf_stream_fd s;
	int fd[2];
	char c;

	(void)state;
	assert_int_equal(pipe(fd), 0);
	s = hf_stream_fd_open(fd[0], O_RDONLY);
	assert_false(s.is_socket);
	assert_int_equal(hf_stream_fd_read(&s, &c, 1), -1);
	assert_int_equal(errno, EAGAIN);
	assert_false(is_nonblocking(fd[0]));
	assert_int_equal(write(fd[1], "x", 1), 1);
	assert_int_equal(hf_stream_fd_read(&s, &c, 1), 1);
	(void)close(fd[1]);
	assert_int_equal(hf_stream_fd_read(&s, &c, 1), 0);
	hf_stream_fd_release(&s);
	assert_true(fcntl(fd[0], F_GETFD) >= 0);
	(void)close(fd[0]);
}

static void a_full_pipe_says_again_and_stays_blocking_for_others(void **state)
{
	static const char block[4096];
	hf_stream_fd s;
	int fd[2];

	(void)state;
	assert_int_equal(pipe(fd), 0);
	s = hf_stream_fd_open(fd[1], O_WRONLY);
	while (hf_stream_fd_write(&s, block, sizeof(block)) > 0)
		;
	assert_int_equal(errno, EAGAIN);
	assert_false(is_nonblocking(fd[1]));
	hf_stream_fd_release(&s);
	(void)close(fd[0]);
	(void)close(fd[1]);
}

static void a_pipe_that_cannot_be_opened_again_gets_its_flag_back(void **state)
{
	char directory[] = "/tmp/handfast-test-XXXXXX", path[64];
	int reader, writer;
	hf_stream_fd s;

	(void)state;
	/* Without a reader a named pipe cannot be opened for writing (fifo(7)). */
	assert_non_null(mkdtemp(directory));
	(void)snprintf(path, sizeof(path), "%s/fifo", directory);
	assert_int_equal(mkfifo(path, 0600), 0);
	reader = open(path, O_RDONLY | O_NONBLOCK);
	writer = open(path, O_WRONLY);
	assert_true(reader >= 0 && writer >= 0);
	(void)close(reader);
	s = hf_stream_fd_open(writer, O_WRONLY);
	assert_int_equal(s.io_fd, writer);
	assert_true(is_nonblocking(writer));
	hf_stream_fd_release(&s);
	assert_false(is_nonblocking(writer));
	(void)close(writer);
	assert_int_equal(unlink(path), 0);
	assert_int_equal(rmdir(directory), 0);
}

static void a_socket_is_not_changed_and_does_not_block(void **state)
{
	hf_stream_fd s;
	int fd[2];
	char c;

	(void)state;
	assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM, 0, fd), 0);
	s = hf_stream_fd_open(fd[0], O_RDONLY);
	assert_true(s.is_socket);
	assert_int_equal(hf_stream_fd_read(&s, &c, 1), -1);
	assert_int_equal(errno, EAGAIN);
	assert_false(is_nonblocking(fd[0]));
	(void)close(fd[1]);
	/* No SIGPIPE: the test would not survive it. */
	assert_int_equal(hf_stream_fd_write(&s, "x", 1), -1);
	assert_int_equal(errno, EPIPE);
	hf_stream_fd_release(&s);
	(void)close(fd[0]);
}

static void a_regular_file_keeps_its_position(void **state)
{
	char text[8] = { 0 };
	FILE *file = tmpfile();
	hf_stream_fd s;
	int fd;

	(void)state;
	assert_non_null(file);
	fd = fileno(file);
	assert_int_equal(write(fd, "abc", 3), 3);
	s = hf_stream_fd_open(fd, O_WRONLY);
	assert_int_equal(hf_stream_fd_write(&s, "def", 3), 3);
	hf_stream_fd_release(&s);
	assert_int_equal(pread(fd, text, 7, 0), 6);
	assert_string_equal(text, "abcdef");
	(void)fclose(file);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(an_empty_pipe_says_again_and_stays_blocking_for_others),
		cmocka_unit_test(a_full_pipe_says_again_and_stays_blocking_for_others),
		cmocka_unit_test(a_pipe_that_cannot_be_opened_again_gets_its_flag_back),
		cmocka_unit_test(a_socket_is_not_changed_and_does_not_block),
		cmocka_unit_test(a_regular_file_keeps_its_position),
	};

	return cmocka_run_group_tests_name("stream_fd", tests, NULL, NULL);
}
