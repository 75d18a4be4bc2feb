/* SPDX-License-Identifier: BSD-2-Clause */
/* The poller: watches, alarms and signals, on a clock that the test moves. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "io/poller.h"

/* What a test has: a poller, two pipes with a watch each, and what was called. */
struct bench {
	hf_poller *p;
	hf_time now;
	int pipe[2][2];
	hf_watch *watch[2];
	unsigned calls[2];
	uint32_t events[2];
	hf_watch *victim; /* ended by the next callback */
	char rung[16];    /* names of alarms, in order */
};

static struct bench b;

static hf_time bench_clock(void *ctx)
{
	return ((struct bench *)ctx)->now;
}

static void called(size_t which, uint32_t events)
{
	b.calls[which]++;
	b.events[which] = events;
	hf_watch_end(b.victim);
	b.victim = NULL;
}

static void on_first(void *ctx, uint32_t events)
{
	assert_ptr_equal(ctx, &b);
	called(0, events);
}

static void on_second(void *ctx, uint32_t events)
{
	assert_ptr_equal(ctx, &b);
	called(1, events);
}

static int set_up(void **state)
{
	(void)state;
	memset(&b, 0, sizeof(b));
	b.now = (hf_time){ 1000 };
	if (!hf_poller_new(bench_clock, &b, &b.p, NULL))
		return -1;
	for (size_t i = 0; i < 2; i++) {
		hf_watch_options o = { .events = EPOLLIN,
				       .fn = i ? on_second : on_first,
				       .ctx = &b };

		if (pipe2(b.pipe[i], O_CLOEXEC | O_NONBLOCK) != 0)
			return -1;
		o.fd = b.pipe[i][0];
		if (!hf_watch_new(b.p, &o, &b.watch[i], NULL))
			return -1;
	}
	return 0;
}

static int tear_down(void **state)
{
	(void)state;
	hf_poller_free(b.p);
	for (size_t i = 0; i < 4; i++)
		(void)close(b.pipe[i / 2][i % 2]);
	return 0;
}

/* One wait that never sleeps. */
static void turn(void)
{
	assert_true(hf_poller_wait(b.p, b.now, NULL));
}

static void feed(size_t which)
{
	assert_int_equal(write(b.pipe[which][1], "x", 1), 1);
}

static void a_watch_is_called_when_its_descriptor_is_ready_and_no_other_is(void **state)
{
	(void)state;
	turn();
	assert_int_equal(b.calls[0] + b.calls[1], 0);
	feed(1);
	turn();
	assert_int_equal(b.calls[0], 0);
	assert_int_equal(b.calls[1], 1);
	assert_int_equal(b.events[1], EPOLLIN);
}

static void a_watch_without_events_is_not_called(void **state)
{
	(void)state;
	feed(0);
	hf_watch_set(b.watch[0], 0);
	turn();
	assert_int_equal(b.calls[0], 0);
	hf_watch_set(b.watch[0], EPOLLIN);
	turn();
	assert_int_equal(b.calls[0], 1);
}

static void an_edge_is_told_once(void **state)
{
	(void)state;
	hf_watch_set(b.watch[0], EPOLLIN | EPOLLET);
	feed(0);
	turn();
	turn();
	assert_int_equal(b.calls[0], 1);
	feed(0);
	turn();
	assert_int_equal(b.calls[0], 2);
}

static void a_watch_that_a_callback_ends_is_not_called_any_more(void **state)
{
	(void)state;
	feed(0);
	feed(1);
	/* Whichever is called first ends itself; the other one goes on. */
	b.victim = b.watch[0];
	turn();
	assert_int_equal(b.calls[1], 1);
	turn();
	assert_int_equal(b.calls[1], 2);
	assert_true(b.calls[0] <= 1);
}

static void a_watch_ended_by_another_one_in_the_same_turn_stays_silent(void **state)
{
	(void)state;
	/* Both stand in the list of those to be called; the one asked last comes first. */
	hf_watch_again(b.watch[0]);
	hf_watch_again(b.watch[1]);
	b.victim = b.watch[0];
	turn();
	assert_int_equal(b.calls[1], 1);
	assert_int_equal(b.calls[0], 0);
}

static void a_call_that_was_asked_for_comes_once_and_without_sleep(void **state)
{
	(void)state;
	assert_true(hf_poller_may_sleep(b.p, HF_NEVER));
	hf_watch_again(b.watch[0]);
	hf_watch_again(b.watch[0]);
	assert_false(hf_poller_may_sleep(b.p, HF_NEVER));
	assert_true(hf_poller_wait(b.p, HF_NEVER, NULL));
	turn();
	assert_int_equal(b.calls[0], 1);
	assert_int_equal(b.events[0], 0);
}

static void a_regular_file_is_always_ready(void **state)
{
	FILE *file = tmpfile();
	hf_watch_options o = { .events = EPOLLIN, .fn = on_first, .ctx = &b };
	hf_watch *w;

	(void)state;
	assert_non_null(file);
	o.fd = fileno(file);
	assert_true(hf_watch_new(b.p, &o, &w, NULL));
	assert_true(hf_watch_is_always_ready(w));
	assert_false(hf_watch_is_always_ready(b.watch[0]));
	turn();
	turn();
	assert_int_equal(b.calls[0], 2);
	assert_int_equal(b.events[0], EPOLLIN);
	hf_watch_set(w, 0);
	turn();
	turn();
	assert_int_equal(b.calls[0], 2);
	assert_true(hf_poller_may_sleep(b.p, HF_NEVER));
	hf_watch_end(w);
	(void)fclose(file);
}

static void a_descriptor_that_is_not_open_is_refused_by_number(void **state)
{
	hf_watch_options o = { .fd = 4096, .events = EPOLLIN, .fn = on_first };
	hf_io_error error = { 0 };
	hf_watch *w = NULL;

	(void)state;
	assert_false(hf_watch_new(b.p, &o, &w, &error));
	assert_null(w);
	assert_int_equal(error.code, EBADF);
	assert_non_null(strstr(error.text, "4096"));
}

static void ring(void *ctx, hf_time now)
{
	size_t n = strlen(b.rung);

	assert_int_equal(now.ns, b.now.ns);
	b.rung[n] = *(const char *)ctx;
}

static hf_alarm again_alarm;

static void ring_and_set_again(void *ctx, hf_time now)
{
	ring(ctx, now);
	hf_alarm_set(b.p, &again_alarm, now);
}

static void alarms_ring_in_the_order_of_their_times_and_never_early(void **state)
{
	hf_alarm one = { .fn = ring, .ctx = "1" }, two = { .fn = ring, .ctx = "2" },
		 three = { .fn = ring, .ctx = "3" };

	(void)state;
	hf_alarm_set(b.p, &two, (hf_time){ 1200 });
	hf_alarm_set(b.p, &three, (hf_time){ 1300 });
	hf_alarm_set(b.p, &one, (hf_time){ 1100 });
	assert_true(hf_poller_may_sleep(b.p, HF_NEVER));
	b.now.ns = 1099;
	turn();
	assert_string_equal(b.rung, "");
	b.now.ns = 1100;
	turn();
	assert_string_equal(b.rung, "1");
	b.now.ns = 5000;
	turn();
	assert_string_equal(b.rung, "123");
	turn();
	assert_string_equal(b.rung, "123");
}

static void an_alarm_can_be_moved_and_cleared(void **state)
{
	hf_alarm one = { .fn = ring, .ctx = "1" }, two = { .fn = ring, .ctx = "2" };

	(void)state;
	hf_alarm_set(b.p, &one, (hf_time){ 1100 });
	hf_alarm_set(b.p, &two, (hf_time){ 1200 });
	hf_alarm_set(b.p, &one, (hf_time){ 1300 });
	b.now.ns = 1250;
	turn();
	assert_string_equal(b.rung, "2");
	hf_alarm_clear(b.p, &one);
	hf_alarm_clear(b.p, &one);
	b.now.ns = 2000;
	turn();
	assert_string_equal(b.rung, "2");
}

static void an_alarm_that_sets_itself_for_now_rings_once_a_turn(void **state)
{
	(void)state;
	again_alarm = (hf_alarm){ .fn = ring_and_set_again, .ctx = "a" };
	hf_alarm_set(b.p, &again_alarm, b.now);
	assert_false(hf_poller_may_sleep(b.p, HF_NEVER));
	turn();
	assert_string_equal(b.rung, "a");
	turn();
	assert_string_equal(b.rung, "aa");
	hf_alarm_clear(b.p, &again_alarm);
}

static void the_time_is_read_once_a_turn(void **state)
{
	(void)state;
	assert_int_equal(hf_poller_now(b.p).ns, 1000);
	b.now.ns = 1500;
	assert_int_equal(hf_poller_now(b.p).ns, 1000);
	turn();
	assert_int_equal(hf_poller_now(b.p).ns, 1500);
}

static void a_signal_is_told_and_does_not_end_the_program(void **state)
{
	sigset_t before, after;

	(void)state;
	(void)pthread_sigmask(SIG_SETMASK, NULL, &before);
	assert_true(hf_poller_take_signals(b.p, NULL));
	turn();
	assert_int_equal(hf_poller_signal(b.p), 0);
	assert_int_equal(raise(SIGTERM), 0);
	assert_true(hf_poller_wait(b.p, HF_NEVER, NULL));
	assert_int_equal(hf_poller_signal(b.p), SIGTERM);
	/* With SIGPIPE ignored, a reader that has gone is an error like any other. */
	(void)close(b.pipe[0][0]);
	assert_int_equal(write(b.pipe[0][1], "x", 1), -1);
	assert_int_equal(errno, EPIPE);
	hf_poller_free(b.p);
	b.p = NULL;
	(void)pthread_sigmask(SIG_SETMASK, NULL, &after);
	assert_int_equal(sigismember(&after, SIGTERM), sigismember(&before, SIGTERM));
}

int main(void)
{
#define CASE(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)
	const struct CMUnitTest tests[] = {
		CASE(a_watch_is_called_when_its_descriptor_is_ready_and_no_other_is),
		CASE(a_watch_without_events_is_not_called),
		CASE(an_edge_is_told_once),
		CASE(a_watch_that_a_callback_ends_is_not_called_any_more),
		CASE(a_watch_ended_by_another_one_in_the_same_turn_stays_silent),
		CASE(a_call_that_was_asked_for_comes_once_and_without_sleep),
		CASE(a_regular_file_is_always_ready),
		CASE(a_descriptor_that_is_not_open_is_refused_by_number),
		CASE(alarms_ring_in_the_order_of_their_times_and_never_early),
		CASE(an_alarm_can_be_moved_and_cleared),
		CASE(an_alarm_that_sets_itself_for_now_rings_once_a_turn),
		CASE(the_time_is_read_once_a_turn),
		CASE(a_signal_is_told_and_does_not_end_the_program),
	};
#undef CASE

	return cmocka_run_group_tests_name("poller", tests, NULL, NULL);
}
