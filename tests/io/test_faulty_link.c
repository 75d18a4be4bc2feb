/* SPDX-License-Identifier: BSD-2-Clause */
/* The loop on links that take less than they are given, refuse, lose, or die. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <errno.h>

#include <cmocka.h>

#include "tests/io/two_hosts.h"

#define TOTAL 200000u

/* A device on top of another, which passes the calls on as badly as is asked for. */
struct faulty {
	hf_link link;
	hf_link *below;
	size_t most;          /* packets that one call takes */
	unsigned refuse_each; /* each so many calls it takes nothing; 0: never */
	unsigned drop_each;   /* each so many packets are swallowed; 1: all, 0: none */
	unsigned dies_after;  /* calls to send; 0: never */
	unsigned calls, packets;
};

static struct two_hosts t;

static int faulty_receive(hf_link *link, hf_packet *packets, size_t n)
{
	return hf_link_receive(((struct faulty *)link)->below, packets, n);
}

static int faulty_send(hf_link *link, const hf_packet *packets, size_t n)
{
	struct faulty *f = (struct faulty *)link;
	size_t taken = 0;

	f->calls++;
	if (f->dies_after > 0 && f->calls > f->dies_after)
		return -EIO;
	if (f->refuse_each > 0 && f->calls % f->refuse_each == 0)
		return 0;
	while (taken < n && taken < f->most) {
		bool drops = f->drop_each > 0 && ++f->packets % f->drop_each == 0;

		if (!drops && hf_link_send(f->below, &packets[taken], 1) != 1)
			break;
		taken++;
	}
	return (int)taken;
}

static void faulty_close(hf_link *link)
{
	hf_link_close(((struct faulty *)link)->below);
	free(link);
}

static hf_link *on_top(hf_link *below, const struct faulty *how)
{
	static const hf_link_ops ops = { faulty_receive, faulty_send, faulty_close };
	struct faulty *f = malloc(sizeof(*f));

	assert_non_null(f);
	*f = *how;
	f->link = *below;
	f->link.ops = &ops;
	f->below = below;
	return &f->link;
}

static void start(const struct faulty *how)
{
	const hf_pair_options plain = { 0 };

	memset(&t, 0, sizeof(t));
	t.now.ns = HF_SEC(1000);
	assert_true(hf_pair_new(&plain, &t.a.link, &t.b.link, NULL));
	t.a.link = on_top(t.a.link, how);
	t.b.link = on_top(t.b.link, how);
	assert_true(host_start(&t, &t.a, hf_addr_v4(10, 0, 0, 1)));
	assert_true(host_start(&t, &t.b, hf_addr_v4(10, 0, 0, 2)));
}

static int stop(void **state)
{
	(void)state;
	hosts_stop(&t);
	return 0;
}

static void connect_and_carry(const struct faulty *how)
{
	hf_endpoint local = { .port = 80 }, remote;
	hf_conn at_a, at_b;
	hf_listener l;

	start(how);
	remote = (hf_endpoint){ t.a.addr, 80 };
	assert_int_equal(hf_listener_open(t.a.stack, &local, NULL, &l), HF_OK);
	assert_int_equal(hf_conn_open(t.b.stack, &remote, NULL, t.now, &at_b), HF_OK);
	for (int i = 0; hf_listener_accept(t.a.stack, l, &at_a) != HF_OK; i++) {
		assert_true(i < 10000);
		assert_true(hosts_run(&t, HF_MS(10)));
	}
	assert_true(hosts_carry(&t, at_b, at_a, TOTAL));
}

static void a_link_that_takes_one_packet_at_a_time_loses_nothing(void **state)
{
	const struct faulty how = { .most = 1 };

	(void)state;
	connect_and_carry(&how);
}

static void a_link_that_refuses_now_and_then_loses_nothing(void **state)
{
	const struct faulty how = { .most = 5, .refuse_each = 2 };

	(void)state;
	connect_and_carry(&how);
}

static void what_a_link_swallows_is_sent_again(void **state)
{
	const struct faulty how = { .most = 3, .refuse_each = 3, .drop_each = 17 };

	(void)state;
	connect_and_carry(&how);
}

static void on_a_link_that_swallows_all_an_open_ends_by_name(void **state)
{
	const struct faulty how = { .most = 64, .drop_each = 1 };
	hf_endpoint remote;
	hf_conn c;

	(void)state;
	start(&how);
	remote = (hf_endpoint){ t.a.addr, 80 };
	assert_int_equal(hf_conn_open(t.b.stack, &remote, NULL, t.now, &c), HF_OK);
	assert_true(hosts_run(&t, HF_SEC(260)));
	assert_true(t.b.happened & HF_EVENT_CLOSED);
	assert_int_equal(t.b.last.reason, HF_WHY_SYN_TIMEOUT);
	assert_int_equal(hf_conn_close(t.b.stack, c), HF_OK);
}

static void a_link_that_dies_while_sending_ends_the_loop_by_name(void **state)
{
	const struct faulty how = { .most = 64, .dies_after = 1 };
	hf_endpoint remote;
	hf_io_error error = { 0 };
	bool alive = true;
	hf_conn c;

	(void)state;
	start(&how);
	remote = (hf_endpoint){ t.a.addr, 80 };
	assert_int_equal(hf_conn_open(t.b.stack, &remote, NULL, t.now, &c), HF_OK);
	for (int i = 0; alive && i < 10; i++) {
		t.now = hf_time_add(t.now, HF_SEC(1));
		alive = hf_loop_turn(t.b.loop, t.now, &error);
	}
	assert_false(alive);
	assert_int_equal(error.code, EIO);
}

#define CASE(name) cmocka_unit_test_teardown(name, stop)

int main(void)
{
	const struct CMUnitTest tests[] = {
		CASE(a_link_that_takes_one_packet_at_a_time_loses_nothing),
		CASE(a_link_that_refuses_now_and_then_loses_nothing),
		CASE(what_a_link_swallows_is_sent_again),
		CASE(on_a_link_that_swallows_all_an_open_ends_by_name),
		CASE(a_link_that_dies_while_sending_ends_the_loop_by_name),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
