/* SPDX-License-Identifier: BSD-2-Clause */
/* Pumps: every octet, every end of a stream and every failure goes through, both ways. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

#include "bridge/pump.h"
#include "tests/io/two_hosts.h"

/* Host A has the pump; the test plays the program behind it (`app`) and the peer at host B. */
static struct two_hosts t;
static hf_bridge *bridge;
static hf_conn at_a, peer;
static int app = -1;
static unsigned endings;
static hf_pump_end end;

static bool take_event(void *ctx, const hf_event *event)
{
	return hf_bridge_event(ctx, event);
}

static void on_done(void *ctx, const hf_pump_end *how)
{
	assert_ptr_equal(ctx, &t);
	endings++;
	end = *how;
}

static int start(void **state)
{
	const hf_pair_options offloads = { .offloads = true };

	(void)state;
	endings = 0;
	memset(&end, 0, sizeof(end));
	app = -1;
	if (!hosts_start(&t, &offloads, true) ||
	    !hf_bridge_new(t.a.stack, t.a.poller, &bridge, NULL) ||
	    !hosts_connect(&t, &at_a, &peer))
		return -1;
	t.a.takes_event = take_event;
	t.a.ctx = bridge;
	return 0;
}

static int stop(void **state)
{
	(void)state;
	hf_bridge_free(bridge);
	hosts_stop(&t);
	if (app >= 0)
		(void)close(app);
	return 0;
}

static void run(hf_ns ns)
{
	assert_true(hosts_run(&t, ns));
}

static void join_socket(void)
{
	hf_pump_options o = { .conn = at_a, .done = on_done, .ctx = &t };

	assert_true(hf_pump_new_socket(bridge, &o, &app, NULL));
	assert_int_equal(fcntl(app, F_SETFL, O_NONBLOCK), 0);
	run(HF_MS(2));
}

static void join(int in, int out)
{
	const hf_pump_options o = {
		.conn = at_a, .in = in, .out = out, .done = on_done, .ctx = &t
	};
	hf_pump *p;

	assert_true(hf_pump_new(bridge, &o, &p, NULL));
}

/* Takes what the peer has received; true if its stream has ended. */
static bool peer_takes(uint8_t *to, size_t room, size_t *at)
{
	size_t n = 0;

	while (hf_conn_receive(t.b.stack, peer, to + *at, room - *at, &n) == HF_OK) {
		if (!n)
			return *at < room;
		*at += n;
	}
	return false;
}

static void peer_sends(const char *text)
{
	size_t n;

	assert_int_equal(hf_conn_send(t.b.stack, peer, text, strlen(text), &n), HF_OK);
	assert_int_equal(n, strlen(text));
	run(HF_MS(5));
}

static void assert_app_reads(const char *text)
{
	char got[64] = { 0 };

	assert_int_equal(recv(app, got, sizeof(got) - 1, 0), strlen(text));
	assert_string_equal(got, text);
}

static void assert_app_waits(void)
{
	char c;

	assert_int_equal(recv(app, &c, 1, 0), -1);
	assert_int_equal(errno, EAGAIN);
}

static void assert_app_sees_the_end(void)
{
	char c;

	assert_int_equal(recv(app, &c, 1, 0), 0);
}

#define LARGE ((size_t)3 * 1000 * 1000)
static uint8_t large[LARGE], got[LARGE + 1];

static void make_large(void)
{
	for (size_t i = 0; i < LARGE; i++)
		large[i] = stream_octet(i);
}

static void a_large_stream_from_the_program_reaches_the_peer(void **state)
{
	size_t sent = 0, at = 0;

	(void)state;
	make_large();
	join_socket();
	for (int turns = 0; at < LARGE; turns++) {
		ssize_t n = send(app, large + sent, LARGE - sent, MSG_NOSIGNAL);

		assert_true(turns < 20000);
		sent += n > 0 ? (size_t)n : 0;
		run(HF_MS(1));
		assert_false(peer_takes(got, sizeof(got), &at));
	}
	assert_int_equal(at, LARGE);
	assert_memory_equal(got, large, LARGE);
	assert_int_equal(endings, 0);
}

static void a_large_stream_from_the_peer_reaches_the_program(void **state)
{
	size_t sent = 0, at = 0, n;

	(void)state;
	make_large();
	join_socket();
	for (int turns = 0; at < LARGE; turns++) {
		ssize_t k;

		assert_true(turns < 20000);
		if (sent < LARGE &&
		    hf_conn_send(t.b.stack, peer, large + sent, LARGE - sent, &n) == HF_OK)
			sent += n;
		run(HF_MS(1));
		while ((k = recv(app, got + at, sizeof(got) - at, 0)) > 0)
			at += (size_t)k;
	}
	assert_int_equal(at, LARGE);
	assert_memory_equal(got, large, LARGE);
}

static void a_program_that_does_not_read_stops_the_peer(void **state)
{
	size_t sent = 0, n, at = 0;
	hf_conn_info info;
	hf_err e;

	(void)state;
	make_large();
	join_socket();
	for (int i = 0; i < 400; i++) {
		do {
			n = 0;
			e = hf_conn_send(t.b.stack, peer, large, LARGE, &n);
			sent += n;
		} while (e == HF_OK && n);
		run(HF_MS(5));
	}
	/* Nothing moves any more: the window is closed, and the rest waits at the peer. */
	assert_int_equal(hf_conn_info_get(t.b.stack, peer, &info), HF_OK);
	assert_true(info.unsent > 0);
	assert_true(sent < 100 * LARGE);
	/* As soon as the program reads, it goes on to the last octet. */
	for (int i = 0; at < sent; i++) {
		ssize_t k;

		assert_true(i < 20000);
		while ((k = recv(app, got, sizeof(got), 0)) > 0)
			at += (size_t)k;
		run(HF_MS(5));
	}
	assert_int_equal(at, sent);
}

static void a_peer_that_does_not_read_stops_the_program(void **state)
{
	size_t sent = 0, at = 0, sum = 0;
	ssize_t n;

	(void)state;
	make_large();
	join_socket();
	for (int i = 0; i < 400; i++) {
		while ((n = send(app, large, LARGE, MSG_NOSIGNAL)) > 0)
			sent += (size_t)n;
		assert_int_equal(errno, EAGAIN);
		run(HF_MS(5));
	}
	assert_int_equal(send(app, large, 1, MSG_NOSIGNAL), -1);
	assert_true(sent < 100 * LARGE);
	for (int i = 0; sum < sent; i++) {
		assert_true(i < 20000);
		at = 0;
		(void)peer_takes(got, sizeof(got), &at);
		sum += at;
		run(HF_MS(5));
	}
	assert_int_equal(sum, sent);
}

static void the_peers_fin_is_the_programs_end_of_file_and_it_may_still_send(void **state)
{
	size_t at = 0;

	(void)state;
	join_socket();
	peer_sends("last words");
	assert_int_equal(hf_conn_shutdown(t.b.stack, peer), HF_OK);
	run(HF_MS(10));
	assert_app_reads("last words");
	assert_app_sees_the_end();
	assert_int_equal(send(app, "reply", 5, MSG_NOSIGNAL), 5);
	run(HF_MS(10));
	assert_false(peer_takes(got, sizeof(got), &at));
	assert_int_equal(at, 5);
	assert_memory_equal(got, "reply", 5);
	assert_int_equal(endings, 0);
}

static void the_programs_shutdown_is_a_fin_and_it_may_still_receive(void **state)
{
	size_t at = 0;

	(void)state;
	join_socket();
	assert_int_equal(send(app, "question", 8, MSG_NOSIGNAL), 8);
	assert_int_equal(shutdown(app, SHUT_WR), 0);
	run(HF_MS(10));
	assert_true(peer_takes(got, sizeof(got), &at));
	assert_int_equal(at, 8);
	peer_sends("answer");
	assert_app_reads("answer");
	assert_app_waits();
	assert_int_equal(endings, 0);
}

static void when_both_sides_have_closed_the_pump_ends_and_counts(void **state)
{
	hf_conn_info info;

	(void)state;
	join_socket();
	assert_int_equal(send(app, "four", 4, MSG_NOSIGNAL), 4);
	assert_int_equal(shutdown(app, SHUT_WR), 0);
	peer_sends("seven..");
	assert_int_equal(hf_conn_shutdown(t.b.stack, peer), HF_OK);
	run(HF_MS(50));
	assert_int_equal(endings, 1);
	assert_int_equal(end.reason, HF_WHY_CLOSED_BY_BOTH);
	assert_int_equal(end.fd_error, 0);
	assert_int_equal(end.sent, 4);
	assert_int_equal(end.received, 7);
	assert_int_equal(hf_bridge_count(bridge), 0);
	assert_int_equal(hf_conn_info_get(t.a.stack, at_a, &info), HF_ERR_STALE);
	assert_app_reads("seven..");
	assert_app_sees_the_end();
}

static void a_program_that_closes_altogether_has_its_last_octets_delivered(void **state)
{
	size_t at = 0;

	(void)state;
	join_socket();
	assert_int_equal(send(app, "goodbye", 7, MSG_NOSIGNAL), 7);
	(void)close(app);
	app = -1;
	run(HF_MS(10));
	assert_true(peer_takes(got, sizeof(got), &at));
	assert_int_equal(at, 7);
	assert_int_equal(endings, 1);
	assert_int_equal(end.reason, HF_WHY_NONE);
	assert_int_equal(end.sent, 7);
}

static void a_program_that_closes_with_octets_unread_resets_the_peer(void **state)
{
	(void)state;
	join_socket();
	peer_sends("never read");
	(void)close(app);
	app = -1;
	run(HF_MS(10));
	assert_int_equal(endings, 1);
	assert_int_equal(end.reason, HF_WHY_ABORTED_UNREAD);
	assert_true(t.b.happened & HF_EVENT_CLOSED);
	assert_int_equal(t.b.last.reason, HF_WHY_RESET_BY_PEER);
}

/* Closes the program's end at the worst moment: octets for it have just arrived. */
static bool close_then_take_event(void *ctx, const hf_event *event)
{
	if (app >= 0)
		(void)close(app);
	app = -1;
	return hf_bridge_event(ctx, event);
}

static void a_program_that_closes_while_octets_arrive_is_no_failed_write(void **state)
{
	(void)state;
	join_socket();
	t.a.takes_event = close_then_take_event;
	peer_sends("too late");
	run(HF_MS(10));
	assert_int_equal(app, -1);
	assert_int_equal(endings, 1);
	assert_int_equal(end.fd_error, 0);
	assert_int_equal(end.received, 0);
	assert_int_equal(t.b.last.reason, HF_WHY_RESET_BY_PEER);
}

static void a_reset_ends_the_programs_stream_and_is_told(void **state)
{
	(void)state;
	join_socket();
	assert_int_equal(hf_conn_abort(t.b.stack, peer), HF_OK);
	run(HF_MS(10));
	assert_int_equal(endings, 1);
	assert_int_equal(end.reason, HF_WHY_RESET_BY_PEER);
	assert_app_sees_the_end();
	assert_int_equal(send(app, "x", 1, MSG_NOSIGNAL), -1);
	assert_int_equal(errno, EPIPE);
}

static void a_refused_connection_ends_the_pump_with_its_reason(void **state)
{
	const hf_endpoint remote = { t.b.addr, 9 };

	(void)state;
	assert_int_equal(hf_conn_open(t.a.stack, &remote, NULL, t.now, &at_a), HF_OK);
	join_socket();
	assert_int_equal(send(app, "x", 1, MSG_NOSIGNAL) <= 1, 1);
	run(HF_MS(10));
	assert_int_equal(endings, 1);
	assert_int_equal(end.reason, HF_WHY_REFUSED_BY_PEER);
	assert_int_equal(end.received, 0);
}

static int open_dev(const char *path, int flags)
{
	int fd = open(path, flags | O_CLOEXEC);

	assert_true(fd >= 0);
	return fd;
}

static void regular_files_are_sent_and_written_whole(void **state)
{
	FILE *from = tmpfile(), *to = tmpfile();
	size_t at = 0;
	int copy;

	(void)state;
	assert_true(from && to);
	make_large();
	assert_int_equal(fwrite(large, 1, 500000, from), 500000);
	rewind(from);
	copy = dup(fileno(to));
	join(dup(fileno(from)), dup(fileno(to)));
	peer_sends("into the file");
	for (int i = 0; i < 2000 && !peer_takes(got, sizeof(got), &at); i++)
		run(HF_MS(1));
	assert_int_equal(at, 500000);
	assert_memory_equal(got, large, at);
	assert_int_equal(hf_conn_shutdown(t.b.stack, peer), HF_OK);
	run(HF_MS(50));
	assert_int_equal(endings, 1);
	assert_int_equal(end.reason, HF_WHY_CLOSED_BY_BOTH);
	assert_int_equal(pread(copy, got, 100, 0), 13);
	assert_memory_equal(got, "into the file", 13);
	(void)close(copy);
	(void)fclose(from);
	(void)fclose(to);
}

/* Opened once more, a named pipe without a writer gives no event (fifo(7)). */
static void a_pipe_whose_writer_went_before_is_at_its_end(void **state)
{
	char directory[] = "/tmp/handfast-test-XXXXXX", path[64];
	int reader, writer;
	size_t at = 0;

	(void)state;
	assert_non_null(mkdtemp(directory));
	(void)snprintf(path, sizeof(path), "%s/fifo", directory);
	assert_int_equal(mkfifo(path, 0600), 0);
	reader = open(path, O_RDONLY | O_NONBLOCK | O_CLOEXEC);
	writer = open(path, O_WRONLY | O_CLOEXEC);
	assert_true(reader >= 0 && writer >= 0);
	(void)close(writer);
	join(reader, open_dev("/dev/null", O_WRONLY));
	run(HF_MS(10));
	assert_true(peer_takes(got, sizeof(got), &at));
	assert_int_equal(at, 0);
	assert_int_equal(unlink(path), 0);
	assert_int_equal(rmdir(directory), 0);
}

static void a_pipe_whose_reader_has_gone_aborts_the_connection(void **state)
{
	int in[2], out[2];

	(void)state;
	assert_int_equal(pipe2(in, O_CLOEXEC), 0);
	assert_int_equal(pipe2(out, O_CLOEXEC), 0);
	join(in[0], out[1]);
	run(HF_MS(5));
	assert_int_equal(endings, 0);
	(void)close(out[0]);
	peer_sends("to nobody");
	assert_int_equal(endings, 1);
	assert_int_equal(end.reason, HF_WHY_ABORTED_HERE);
	assert_int_equal(end.fd_error, EPIPE);
	assert_false(end.at_in);
	run(HF_MS(5));
	assert_int_equal(t.b.last.reason, HF_WHY_RESET_BY_PEER);
	(void)close(in[1]);
}

static void a_full_disk_aborts_the_connection_and_is_named(void **state)
{
	int in[2];

	(void)state;
	assert_int_equal(pipe2(in, O_CLOEXEC), 0);
	join(in[0], open_dev("/dev/full", O_WRONLY));
	peer_sends("too much");
	assert_int_equal(endings, 1);
	assert_int_equal(end.fd_error, ENOSPC);
	(void)close(in[1]);
}

static void freeing_the_bridge_aborts_what_is_left(void **state)
{
	(void)state;
	join_socket();
	assert_int_equal(hf_bridge_count(bridge), 1);
	hf_bridge_free(bridge);
	bridge = NULL;
	t.a.takes_event = NULL;
	run(HF_MS(10));
	assert_int_equal(endings, 0);
	assert_int_equal(t.b.last.reason, HF_WHY_RESET_BY_PEER);
	assert_app_sees_the_end();
}

static void events_of_other_connections_are_left_to_the_caller(void **state)
{
	const hf_event other = { .bits = HF_EVENT_CLOSED, .conn = { 12345, 1 } };
	hf_event stale = { .bits = HF_EVENT_CLOSED, .conn = at_a };

	(void)state;
	join_socket();
	stale.conn.generation++;
	assert_false(hf_bridge_event(bridge, &other));
	assert_false(hf_bridge_event(bridge, &stale));
	assert_int_equal(endings, 0);
}

int main(void)
{
#define CASE(name) cmocka_unit_test_setup_teardown(name, start, stop)
	const struct CMUnitTest tests[] = {
		CASE(a_large_stream_from_the_program_reaches_the_peer),
		CASE(a_large_stream_from_the_peer_reaches_the_program),
		CASE(a_program_that_does_not_read_stops_the_peer),
		CASE(a_peer_that_does_not_read_stops_the_program),
		CASE(the_peers_fin_is_the_programs_end_of_file_and_it_may_still_send),
		CASE(the_programs_shutdown_is_a_fin_and_it_may_still_receive),
		CASE(when_both_sides_have_closed_the_pump_ends_and_counts),
		CASE(a_program_that_closes_altogether_has_its_last_octets_delivered),
		CASE(a_program_that_closes_with_octets_unread_resets_the_peer),
		CASE(a_program_that_closes_while_octets_arrive_is_no_failed_write),
		CASE(a_reset_ends_the_programs_stream_and_is_told),
		CASE(a_refused_connection_ends_the_pump_with_its_reason),
		CASE(regular_files_are_sent_and_written_whole),
		CASE(a_pipe_whose_writer_went_before_is_at_its_end),
		CASE(a_pipe_whose_reader_has_gone_aborts_the_connection),
		CASE(a_full_disk_aborts_the_connection_and_is_named),
		CASE(freeing_the_bridge_aborts_what_is_left),
		CASE(events_of_other_connections_are_left_to_the_caller),
	};
#undef CASE

	(void)signal(SIGPIPE, SIG_IGN);
	return cmocka_run_group_tests_name("pump", tests, NULL, NULL);
}
