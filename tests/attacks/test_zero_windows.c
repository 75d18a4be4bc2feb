/* SPDX-License-Identifier: BSD-2-Clause */
/* Peers that acknowledge everything and let nothing out: bounded memory, few probes, an end. */

/*
 * Attacks (catalogue.txt):
 *	sockstress
 *	Persist for ever after close
 *	Retransmit storm on window retraction
 *	Slowloris (application holds)
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "tests/support/crowd.h"

#define CROWD 500u
#define REQUEST 10u
#define ANSWER 1000u
#define HELD 4096 /* octets that a connection with an answer of 1000 may cost */
#define IDLE 2048 /* octets that one with nothing to send or to read may */

/* CROWD connections, accepted and answered; the last ACK of each closes the window. */
static peer *held(hf_conn *conns, uint32_t answer)
{
	hf_config config = peer_config(false);
	peer *p;

	config.max_connections = CROWD + 1;
	p = peer_new(&config);
	peer_listen(p);
	for (unsigned i = 0; i < CROWD; i++) {
		uint8_t text[ANSWER] = { 0 };
		size_t n;

		p->window = 0;
		assert_true(crowd_open(p, (uint16_t)(10000 + i), REQUEST));
		conns[i] = peer_accept(p);
		assert_int_equal(hf_conn_receive(p->stack, conns[i], text, REQUEST, &n), HF_OK);
		if (answer > 0)
			assert_int_equal(hf_conn_send(p->stack, conns[i], text, answer, &n), HF_OK);
	}
	crowd_answer(p);
	peer_events(p);
	return p;
}

static void somebody_else_is_still_served(peer *p)
{
	hf_conn c;

	p->window = 65535;
	assert_true(crowd_open(p, 9999, REQUEST));
	c = peer_accept(p);
	peer_app_send(p, c, 1, ANSWER);
	while (peer_info(p, c).in_flight + peer_info(p, c).unsent > 0) {
		assert_true(crowd_answer(p) > 0);
	}
	hf_conn_abort(p->stack, c);
	peer_ignore(p);
}

/* CVE-2008-4609. The application bounds how long it waits, and pays little until then. */
static void zero_windows_cost_little_and_end(void **state)
{
	static hf_conn conns[CROWD];
	peer *p = held(conns, ANSWER);
	uint64_t sent;

	(void)state;
	assert_true(p->heap.out <= CROWD * HELD);
	somebody_else_is_still_served(p);
	p->window = 0;
	for (unsigned i = 0; i < CROWD; i++)
		assert_int_equal(
			hf_conn_set(p->stack, conns[i], HF_OPTION_USER_TIMEOUT, HF_SEC(30)), HF_OK);
	sent = peer_stats(p).packets_out;
	for (unsigned s = 0; s < 31; s++) {
		peer_wait(p, HF_SEC(1));
		crowd_answer(p); /* every probe, as if it would read some day */
	}
	assert_int_equal(peer_stats(p).ends[HF_WHY_USER_TIMEOUT], CROWD);
	assert_true(peer_stats(p).packets_out - sent <= CROWD * 10);
	for (unsigned i = 0; i < CROWD; i++)
		assert_int_equal(hf_conn_close(p->stack, conns[i]), HF_OK);
	peer_events(p);
	peer_ignore(p);
	assert_int_equal(peer_stats(p).connections, 0);
	peer_free(p);
}

/* The same attackers when they do not even answer: R2 ends it. */
static void zero_windows_that_fall_silent_end(void **state)
{
	static hf_conn conns[CROWD];
	peer *p = held(conns, ANSWER);

	(void)state;
	peer_wait(p, HF_SEC(3600));
	assert_int_equal(peer_stats(p).ends[HF_WHY_PROBE_TIMEOUT], CROWD);
	peer_ignore(p);
	peer_free(p);
}

/* CVE-2009-1926: nobody holds them any more, and the peers say "not yet" for an hour. */
static void what_nobody_holds_ends_however_well_it_is_answered(void **state)
{
	static hf_conn conns[CROWD];
	peer *p = held(conns, ANSWER);

	(void)state;
	for (unsigned i = 0; i < CROWD; i++)
		assert_int_equal(hf_conn_close(p->stack, conns[i]), HF_OK);
	assert_int_equal(peer_stats(p).orphans, CROWD);
	for (unsigned s = 0; s < 3600 && peer_stats(p).connections > 0; s++) {
		peer_wait(p, HF_SEC(1));
		crowd_answer(p);
	}
	assert_int_equal(peer_stats(p).connections, 0);
	assert_true(p->now.ns < HF_SEC(3600 + 1000)); /* the peer's clock starts at one hour */
	peer_free(p);
}

/* CVE-2024-41007: the window goes to zero under text in flight, again and again. */
static void a_window_taken_back_makes_no_storm(void **state)
{
	hf_conn c;
	peer *p = peer_new(NULL);
	unsigned most = 0;

	(void)state;
	c = peer_handshake_passive(p);
	assert_int_equal(hf_conn_set(p->stack, c, HF_OPTION_USER_TIMEOUT, HF_SEC(60)), HF_OK);
	peer_app_send(p, c, 1, 5000);
	peer_ignore(p);
	for (unsigned s = 0; peer_state(p, c) == HF_ESTABLISHED; s++) {
		unsigned n = 0;

		assert_true(s < 62);
		p->window = 0;
		/* For 1 s, in which a storm would be hundreds. */
		for (unsigned tick = 0; tick < 100 && peer_state(p, c) == HF_ESTABLISHED; tick++) {
			PEER_SAY(p, .flags = ACK, .seq = 1, .ack = 1);
			peer_wait(p, HF_MS(10));
			n += peer_ignore(p);
		}
		most = n > most ? n : most;
	}
	assert_int_equal(peer_info(p, c).reason, HF_WHY_USER_TIMEOUT);
	assert_true(most <= 5); /* RTO is 200 ms at least, and doubles */
	peer_free(p);
}

/* CWE-400: an octet every five seconds. An idle connection costs its record and no buffer. */
static void slow_talkers_cost_no_buffer(void **state)
{
	static hf_conn conns[CROWD];
	peer *p = held(conns, 0);

	(void)state;
	assert_true(p->heap.out <= CROWD * IDLE);
	assert_int_equal(peer_stats(p).buffers, 0);
	for (unsigned round = 1; round <= 3; round++) {
		p->window = 65535;
		for (unsigned i = 0; i < CROWD; i++) {
			uint8_t octet;
			size_t n;

			crowd_as(p, (uint16_t)(10000 + i));
			p->host_isn = (hf_seq){ peer_info(p, conns[i]).snd_nxt };
			PEER_SAY(p, .flags = ACK, .seq = 1000 + REQUEST + round, .ack = 0,
				 .len = 1);
			assert_int_equal(hf_conn_receive(p->stack, conns[i], &octet, 1, &n), HF_OK);
		}
		peer_wait(p, HF_SEC(5));
		peer_ignore(p);
		assert_int_equal(peer_stats(p).buffers, 0);
		assert_true(p->heap.out <= CROWD * IDLE);
	}
	for (unsigned i = 0; i < CROWD; i++)
		assert_int_equal(hf_conn_set(p->stack, conns[i], HF_OPTION_KEEPALIVE, HF_SEC(10)),
				 HF_OK);
	peer_wait(p, HF_SEC(10 + 10 * 75)); /* and those who are gone are found out */
	assert_int_equal(peer_stats(p).ends[HF_WHY_KEEPALIVE_TIMEOUT], CROWD);
	peer_ignore(p);
	peer_free(p);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(zero_windows_cost_little_and_end),
		cmocka_unit_test(zero_windows_that_fall_silent_end),
		cmocka_unit_test(what_nobody_holds_ends_however_well_it_is_answered),
		cmocka_unit_test(a_window_taken_back_makes_no_storm),
		cmocka_unit_test(slow_talkers_cost_no_buffer),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
