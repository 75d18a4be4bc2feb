/* SPDX-License-Identifier: BSD-2-Clause */
/* The loop: two stacks on a pair of links, through handshake, data, a full link and a dead one. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <errno.h>
#include <stdio.h>

#include <cmocka.h>

#include "tests/io/two_hosts.h"

static struct two_hosts t;

static int stop(void **state)
{
	(void)state;
	hosts_stop(&t);
	return 0;
}

static void start(const hf_pair_options *pair, bool is_v4)
{
	assert_true(hosts_start(&t, pair, is_v4));
}

static void open_and_carry(const hf_pair_options *pair, bool is_v4, size_t total)
{
	hf_conn at_a, at_b;

	start(pair, is_v4);
	assert_true(hosts_connect(&t, &at_a, &at_b));
	assert_int_equal(t.b.happened & HF_EVENT_CONNECTED, HF_EVENT_CONNECTED);
	assert_true(hosts_carry(&t, at_b, at_a, total));
}

static void a_connection_carries_octets_over_ipv4(void **state)
{
	const hf_pair_options plain = { 0 };

	(void)state;
	open_and_carry(&plain, true, 300000);
}

static void a_connection_carries_octets_over_ipv6(void **state)
{
	const hf_pair_options plain = { 0 };

	(void)state;
	open_and_carry(&plain, false, 300000);
}

static void super_packets_carry_octets_too(void **state)
{
	const hf_pair_options offloads = { .offloads = true };

	(void)state;
	open_and_carry(&offloads, true, 3000000);
}

static void a_link_that_is_often_full_loses_nothing(void **state)
{
	const hf_pair_options narrow = { .queue = 4608 };
	hf_conn at_a, at_b;
	hf_conn_info info;

	(void)state;
	start(&narrow, true);
	assert_true(hosts_connect(&t, &at_a, &at_b));
	assert_true(hosts_carry(&t, at_b, at_a, 300000));
	assert_int_equal(t.b.link->lost, 0);
	assert_int_equal(hf_conn_info_get(t.b.stack, at_b, &info), HF_OK);
	assert_int_equal(info.retransmissions, 0);
}

static void without_an_answer_the_clock_alone_makes_the_syn_go_out_again(void **state)
{
	const hf_pair_options plain = { 0 };
	hf_endpoint remote;
	hf_stats stats;
	hf_conn c;

	(void)state;
	start(&plain, true);
	remote = (hf_endpoint){ t.a.addr, 80 };
	assert_int_equal(hf_conn_open(t.b.stack, &remote, NULL, t.now, &c), HF_OK);
	assert_true(hf_loop_turn(t.b.loop, t.now, NULL));
	hf_stack_stats(t.b.stack, &stats);
	assert_int_equal(stats.causes[HF_SENT_SYN], 1);
	/* RFC 6298 2: the first timeout is one second. */
	t.now = hf_time_add(t.now, HF_MS(900));
	assert_true(hf_loop_turn(t.b.loop, t.now, NULL));
	hf_stack_stats(t.b.stack, &stats);
	assert_int_equal(stats.causes[HF_SENT_SYN_AGAIN], 0);
	t.now = hf_time_add(t.now, HF_MS(200));
	assert_true(hf_loop_turn(t.b.loop, t.now, NULL));
	hf_stack_stats(t.b.stack, &stats);
	assert_int_equal(stats.causes[HF_SENT_SYN_AGAIN], 1);
}

/* What an observer saw. */
struct seen {
	unsigned in, out, idle;
	hf_cause first_cause;
	hf_reason last_reason;
};

static void see(void *ctx, bool leaving, const hf_packet *packet, hf_time now)
{
	struct seen *s = ctx;

	assert_int_equal(now.ns, t.now.ns);
	assert_true(packet->len >= 40);
	if (leaving && !s->out++)
		s->first_cause = (hf_cause)packet->cause;
	if (!leaving) {
		s->in++;
		s->last_reason = (hf_reason)packet->reason;
	}
}

static void see_idle(void *ctx)
{
	((struct seen *)ctx)->idle++;
}

static void observers_see_every_packet_with_its_verdict(void **state)
{
	const hf_pair_options plain = { 0 };
	struct seen a = { 0 }, b = { 0 };
	const hf_observer of_a = { .packet = see, .ctx = &a };
	const hf_observer of_b = { .packet = see, .idle = see_idle, .ctx = &b };
	hf_endpoint remote;
	hf_conn c;

	(void)state;
	start(&plain, true);
	assert_true(hf_loop_observe(t.a.loop, &of_a));
	assert_true(hf_loop_observe(t.b.loop, &of_b));
	/* Nobody listens: a SYN and its reset. */
	remote = (hf_endpoint){ t.a.addr, 81 };
	assert_int_equal(hf_conn_open(t.b.stack, &remote, NULL, t.now, &c), HF_OK);
	assert_true(hosts_run(&t, HF_MS(10)));
	assert_int_equal(b.out, 1);
	assert_int_equal(b.first_cause, HF_SENT_SYN);
	assert_int_equal(a.in, 1);
	assert_int_equal(a.last_reason, HF_WHY_NO_LISTENER);
	assert_int_equal(a.first_cause, HF_SENT_RST);
	assert_int_equal(b.in, 1);
	assert_int_equal(t.b.last.reason, HF_WHY_REFUSED_BY_PEER);
	assert_true(t.b.happened & HF_EVENT_CLOSED);
}

static void an_observer_is_told_before_the_loop_sleeps_and_only_then(void **state)
{
	const hf_pair_options plain = { 0 };
	struct seen b = { 0 };
	const hf_observer of_b = { .packet = see, .idle = see_idle, .ctx = &b };

	(void)state;
	start(&plain, true);
	assert_true(hf_loop_observe(t.b.loop, &of_b));
	assert_true(hf_loop_turn(t.b.loop, t.now, NULL));
	assert_int_equal(b.idle, 0);
	assert_true(hf_loop_turn(t.b.loop, hf_time_add(t.now, 1), NULL));
	assert_int_equal(b.idle, 1);
}

static void what_is_due_is_sent_before_the_loop_sleeps(void **state)
{
	const hf_pair_options plain = { 0 };
	struct seen b = { 0 };
	const hf_observer of_b = { .packet = see, .idle = see_idle, .ctx = &b };
	hf_endpoint remote;
	hf_conn c;

	(void)state;
	start(&plain, true);
	assert_true(hf_loop_observe(t.b.loop, &of_b));
	remote = (hf_endpoint){ t.a.addr, 80 };
	assert_int_equal(hf_conn_open(t.b.stack, &remote, NULL, t.now, &c), HF_OK);
	assert_true(hf_loop_turn(t.b.loop, HF_NEVER, NULL));
	assert_int_equal(b.idle, 0);
	assert_int_equal(b.out, 1);
}

/* A device on top of B's, which counts how often it is asked to send. */
static const hf_link_ops *below;
static unsigned sends;

static int count_and_send(hf_link *link, const hf_packet *packets, size_t n)
{
	sends++;
	return below->send(link, packets, n);
}

static void a_loop_whose_link_is_full_sleeps_until_it_takes_more(void **state)
{
	const hf_pair_options narrow = { .queue = 4608 };
	static const uint8_t data[100000];
	struct seen b = { 0 };
	const hf_observer of_b = { .packet = see, .idle = see_idle, .ctx = &b };
	hf_link_ops counting;
	hf_conn at_a, at_b;
	size_t n;

	(void)state;
	start(&narrow, true);
	assert_true(hosts_connect(&t, &at_a, &at_b));
	assert_true(hf_loop_observe(t.b.loop, &of_b));
	below = t.b.link->ops;
	counting = *below;
	counting.send = count_and_send;
	t.b.link->ops = &counting;
	sends = 0;
	assert_int_equal(hf_conn_send(t.b.stack, at_b, data, sizeof(data), &n), HF_OK);
	assert_true(hf_loop_turn(t.b.loop, t.now, NULL));
	assert_int_equal(b.idle, 0);
	assert_int_equal(sends, 1);
	/* Nobody reads at the other end; the stack has more to say. */
	assert_true(hf_loop_turn(t.b.loop, hf_time_add(t.now, 1), NULL));
	assert_int_equal(b.idle, 1);
	assert_int_equal(sends, 1);
	assert_true(hf_loop_turn(t.a.loop, t.now, NULL));
	assert_true(hf_loop_turn(t.b.loop, HF_NEVER, NULL));
	assert_true(sends > 1);
	t.b.link->ops = below;
}

static void a_connection_that_times_out_is_told_in_the_same_turn(void **state)
{
	const hf_pair_options plain = { .queue = 1 << 20 };
	hf_endpoint remote;
	hf_conn_info info;
	hf_conn c;

	(void)state;
	start(&plain, true);
	remote = (hf_endpoint){ t.a.addr, 80 };
	assert_int_equal(hf_conn_open(t.b.stack, &remote, NULL, t.now, &c), HF_OK);
	for (int i = 0; i < 100; i++) {
		assert_true(hf_loop_turn(t.b.loop, t.now, NULL));
		assert_int_equal(hf_conn_info_get(t.b.stack, c, &info), HF_OK);
		if (info.state == HF_CLOSED)
			break;
		t.now = hf_stack_deadline(t.b.stack);
	}
	assert_int_equal(info.state, HF_CLOSED);
	assert_true(t.b.happened & HF_EVENT_CLOSED);
	assert_int_equal(t.b.last.reason, HF_WHY_SYN_TIMEOUT);
}

static void there_is_a_limit_to_observers(void **state)
{
	const hf_pair_options plain = { 0 };
	const hf_observer o = { .packet = see };

	(void)state;
	start(&plain, true);
	for (int i = 0; i < HF_LOOP_OBSERVERS; i++)
		assert_true(hf_loop_observe(t.a.loop, &o));
	assert_false(hf_loop_observe(t.a.loop, &o));
}

static void a_dead_link_is_named(void **state)
{
	const hf_pair_options plain = { 0 };
	hf_io_error error;

	(void)state;
	start(&plain, true);
	hf_link_close(t.a.link);
	t.a.link = NULL;
	assert_false(hf_loop_run(t.b.loop, &error));
	assert_int_equal(error.code, EPIPE);
	assert_string_equal(error.text, "link pair-b is gone: Broken pipe");
	/* The loop of the other one watches a descriptor that is closed. */
	hf_loop_free(t.a.loop);
	t.a.loop = NULL;
}

static void stop_the_loop(void *ctx, hf_time now)
{
	(void)now;
	hf_loop_stop(ctx);
}

static void a_loop_runs_until_it_is_stopped(void **state)
{
	const hf_pair_options plain = { 0 };
	hf_alarm alarm = { .fn = stop_the_loop };

	(void)state;
	start(&plain, true);
	alarm.ctx = t.a.loop;
	hf_alarm_set(t.a.poller, &alarm, t.now);
	assert_true(hf_loop_run(t.a.loop, NULL));
}

int main(void)
{
#define CASE(name) cmocka_unit_test_teardown(name, stop)
	const struct CMUnitTest tests[] = {
		CASE(a_connection_carries_octets_over_ipv4),
		CASE(a_connection_carries_octets_over_ipv6),
		CASE(super_packets_carry_octets_too),
		CASE(a_link_that_is_often_full_loses_nothing),
		CASE(without_an_answer_the_clock_alone_makes_the_syn_go_out_again),
		CASE(observers_see_every_packet_with_its_verdict),
		CASE(an_observer_is_told_before_the_loop_sleeps_and_only_then),
		CASE(what_is_due_is_sent_before_the_loop_sleeps),
		CASE(a_loop_whose_link_is_full_sleeps_until_it_takes_more),
		CASE(a_connection_that_times_out_is_told_in_the_same_turn),
		CASE(there_is_a_limit_to_observers),
		CASE(a_dead_link_is_named),
		CASE(a_loop_runs_until_it_is_stopped),
	};
#undef CASE

	return cmocka_run_group_tests_name("loop", tests, NULL, NULL);
}
