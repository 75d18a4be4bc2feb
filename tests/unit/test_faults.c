/* SPDX-License-Identifier: BSD-2-Clause */
/* A dead link, a clock that jumps, listeners and keys that change in the middle of handshakes. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "tests/support/peer.h"

#define YEAR HF_SEC(31557600)

static bool is_idle(const peer *p)
{
	return hf_stack_deadline(p->stack).ns == HF_NEVER.ns;
}

/* ---- A link that drops everything ---- */

/* However far a connection has come: it ends by itself, by name, and nothing more leaves. */
static void on_a_dead_link_every_connection_ends_by_name(void **state)
{
	(void)state;
	for (int reached = HF_SYN_SENT; reached <= HF_LAST_ACK; reached++) {
		peer *p = peer_new(NULL);
		hf_conn c = peer_reach(p, (hf_state)reached);
		bool can_send = reached == HF_ESTABLISHED || reached == HF_CLOSE_WAIT;
		uint32_t bits;

		if (can_send)
			peer_app_send(p, c, 1, 5000);
		peer_wait(p, HF_SEC(4000));
		peer_ignore(p);
		bits = peer_events(p);
		if (reached == HF_FIN_WAIT_2) { /* the peer may speak as long as it likes */
			assert_int_equal(peer_state(p, c), HF_FIN_WAIT_2);
		} else {
			assert_true(bits & HF_EVENT_CLOSED);
			assert_int_equal(peer_state(p, c), HF_CLOSED);
			assert_int_not_equal(peer_info(p, c).reason, HF_WHY_NONE);
		}
		assert_true(is_idle(p));
		assert_int_equal(hf_conn_close(p->stack, c), HF_OK);
		peer_wait(p, HF_SEC(200));
		peer_ignore(p);
		assert_true(is_idle(p));
		assert_int_equal(peer_stats(p).connections, 0);
		assert_int_equal(peer_stats(p).ends[HF_WHY_NONE], 0);
		peer_free(p);
	}
}

static void half_open_peers_that_are_gone_leave_nothing(void **state)
{
	peer *p = peer_new(NULL);
	size_t memory[2];

	(void)state;
	peer_listen(p);
	for (unsigned round = 0; round < 2; round++) {
		for (uint16_t i = 0; i < 100; i++) {
			p->self.port++;
			PEER_SAY(p, .flags = SYN);
		}
		peer_wait(p, HF_SEC(100));
		peer_ignore(p);
		assert_true(is_idle(p));
		assert_int_equal(peer_stats(p).half_open, 0);
		assert_int_equal(peer_stats(p).ends[HF_WHY_HALF_OPEN_EXPIRED], 100 * (round + 1));
		memory[round] = peer_stats(p).memory;
	}
	assert_true(memory[1] <= memory[0]);
	peer_free(p);
}

/* ---- A clock that jumps ---- */

/* The next call comes only after `d`, as on a machine that slept. */
static void sleeps(peer *p, hf_ns d)
{
	p->now = hf_time_add(p->now, d);
	p->tsval += (uint32_t)(d / HF_MS(1));
}

static void after_a_year_of_sleep_whatever_was_going_on_ends(void **state)
{
	(void)state;
	for (int reached = HF_SYN_SENT; reached <= HF_TIME_WAIT; reached++) {
		for (int with_text = 0; with_text < 2; with_text++) {
			peer *p = peer_new(NULL);
			hf_conn c = peer_reach(p, (hf_state)reached);

			if (with_text && (reached == HF_ESTABLISHED || reached == HF_CLOSE_WAIT))
				peer_app_send(p, c, 1, 5000);
			sleeps(p, YEAR);
			peer_collect(p);
			for (int i = 0; i < 10; i++) {
				sleeps(p, YEAR);
				peer_collect(p);
			}
			peer_wait(p, HF_SEC(4000));
			assert_int_equal(hf_conn_close(p->stack, c), HF_OK);
			peer_wait(p, HF_SEC(4000));
			peer_events(p);
			peer_ignore(p);
			assert_true(is_idle(p));
			assert_int_equal(peer_stats(p).connections, 0);
			assert_int_equal(peer_stats(p).time_wait, 0);
			peer_free(p);
		}
	}
}

static void an_idle_connection_wakes_up_after_a_year(void **state)
{
	peer *p = peer_new(NULL);
	hf_conn c;

	(void)state;
	peer_offer_all(p);
	c = peer_handshake_passive(p);
	sleeps(p, YEAR);
	assert_int_equal(PEER_SAY(p, .flags = ACK, .seq = 1, .ack = 1, .len = 100), HF_WHY_NONE);
	peer_app_receive(p, c, 1, 100);
	peer_app_send(p, c, 1, 100);
	PEER_EXPECT(p, .flags = ACK, .seq = 1, .ack = 101, .len = 100);
	assert_int_equal(PEER_SAY(p, .flags = ACK, .seq = 101, .ack = 101), HF_WHY_NONE);
	assert_int_equal(peer_info(p, c).in_flight, 0);
	peer_free(p);
}

static void half_open_records_and_buckets_outlast_a_jump(void **state)
{
	peer *p = peer_new(NULL);

	(void)state;
	peer_listen(p);
	PEER_SAY(p, .flags = SYN);
	peer_ignore(p);
	sleeps(p, YEAR);
	/* Nobody has asked for output meanwhile, and the ACK comes first. */
	assert_int_equal(PEER_SAY(p, .flags = ACK, .seq = 1, .ack = 1), HF_WHY_NONE);
	peer_accept(p);
	p->host.port++;
	assert_int_equal(PEER_SAY(p, .flags = SYN), HF_WHY_NO_LISTENER);
	peer_ignore(p);
	peer_free(p);
}

/* An earlier time counts as the latest one seen: nothing is due sooner, nothing is sent twice. */
static void a_clock_that_goes_back_stands_still(void **state)
{
	hf_conn c;
	peer *p = peer_new(NULL);
	hf_time due, before;

	(void)state;
	c = peer_handshake_passive(p);
	peer_app_send(p, c, 1, 100);
	PEER_EXPECT(p, .flags = ACK, .seq = 1, .ack = 1, .len = 100);
	due = hf_stack_deadline(p->stack);
	before = p->now;
	p->now = (hf_time){ 0 };
	PEER_SAY(p, .flags = ACK, .seq = 1, .ack = 1);
	peer_expect_nothing(p);
	assert_int_equal(hf_stack_deadline(p->stack).ns, due.ns);
	p->now = (hf_time){ INT64_MIN };
	peer_expect_nothing(p);
	p->now = before;
	peer_wait(p, HF_SEC(2));
	PEER_EXPECT(p, .flags = ACK, .seq = 1, .ack = 1, .len = 100);
	peer_free(p);
}

/* ---- In the middle of a handshake ---- */

static void a_listener_that_closes_takes_its_cookies_with_it(void **state)
{
	hf_config config = peer_config(false);
	peer *p;

	(void)state;
	config.syn_cookies = HF_SYN_COOKIES_ALWAYS;
	p = peer_new(&config);
	peer_listen(p);
	assert_int_equal(PEER_SAY(p, .flags = SYN), HF_WHY_SYN_COOKIE);
	peer_ignore(p);
	assert_int_equal(hf_listener_close(p->stack, p->listener), HF_OK);
	assert_int_equal(PEER_SAY(p, .flags = ACK, .seq = 1, .ack = 1), HF_WHY_NO_CONNECTION);
	PEER_EXPECT(p, .flags = RST, .seq = 1);
	/* Another on the same port has given out none: it knows nothing of them. */
	peer_listen(p);
	assert_int_equal(PEER_SAY(p, .flags = ACK, .seq = 1, .ack = 1), HF_WHY_LISTEN_ACK);
	PEER_EXPECT(p, .flags = RST, .seq = 1);
	assert_int_equal(peer_stats(p).connections, 0);
	peer_free(p);
}

static void a_listener_that_closes_early_lets_fast_open_end(void **state)
{
	hf_config config = peer_config(false);
	hf_listener_options o = { .size = sizeof(o), .fast_open = 4 };
	hf_endpoint at = { .port = PEER_HOST_PORT };
	peer *p;

	(void)state;
	config.fast_open = HF_FAST_OPEN_SERVER | HF_FAST_OPEN_SERVER_NO_COOKIE;
	p = peer_new(&config);
	assert_int_equal(hf_listener_open(p->stack, &at, &o, &p->listener), HF_OK);
	PEER_SAY(p, .flags = SYN, .len = 100);
	peer_expect(p, SYN | ACK);
	assert_int_equal(hf_listener_close(p->stack, p->listener), HF_OK);
	peer_expect(p, RST | ACK);
	assert_int_equal(PEER_SAY(p, .flags = ACK, .seq = 101, .ack = 1), HF_WHY_NO_CONNECTION);
	peer_ignore(p);
	peer_wait(p, HF_SEC(100));
	assert_int_equal(peer_stats(p).connections, 0);
	assert_int_equal(peer_stats(p).ends[HF_WHY_ABORTED_HERE], 1);
	assert_true(is_idle(p));
	peer_free(p);
}

/* Full, and cookies always: the SYN is refused by name, not answered by a cookie. */
static void a_full_accept_queue_gives_no_cookies(void **state)
{
	hf_config config = peer_config(false);
	hf_listener_options o = { .size = sizeof(o), .backlog = 1 };
	hf_endpoint at = { .port = PEER_HOST_PORT };
	peer *p;

	(void)state;
	config.syn_cookies = HF_SYN_COOKIES_ALWAYS;
	p = peer_new(&config);
	assert_int_equal(hf_listener_open(p->stack, &at, &o, &p->listener), HF_OK);
	PEER_SAY(p, .flags = SYN);
	peer_ignore(p);
	PEER_SAY(p, .flags = ACK, .seq = 1, .ack = 1);
	p->self.port++;
	assert_int_equal(PEER_SAY(p, .flags = SYN), HF_WHY_ACCEPT_QUEUE_FULL);
	peer_expect_nothing(p);
	assert_int_equal(peer_stats(p).reasons[HF_WHY_ACCEPT_QUEUE_FULL], 1);
	peer_accept(p);
	assert_int_equal(PEER_SAY(p, .flags = SYN), HF_WHY_SYN_COOKIE);
	peer_free(p);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(on_a_dead_link_every_connection_ends_by_name),
		cmocka_unit_test(half_open_peers_that_are_gone_leave_nothing),
		cmocka_unit_test(after_a_year_of_sleep_whatever_was_going_on_ends),
		cmocka_unit_test(an_idle_connection_wakes_up_after_a_year),
		cmocka_unit_test(half_open_records_and_buckets_outlast_a_jump),
		cmocka_unit_test(a_clock_that_goes_back_stands_still),
		cmocka_unit_test(a_listener_that_closes_takes_its_cookies_with_it),
		cmocka_unit_test(a_listener_that_closes_early_lets_fast_open_end),
		cmocka_unit_test(a_full_accept_queue_gives_no_cookies),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
