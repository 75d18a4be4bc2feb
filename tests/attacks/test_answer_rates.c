/* SPDX-License-Identifier: BSD-2-Clause */
/* Segments that must be answered, without end: each connection has a rate of its own. */

/*
 * Attacks (catalogue.txt):
 *	Keep-alive storm by bad ACK number
 *	Rate limiter without per-socket limit
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "tests/support/crowd.h"

#define SECONDS 20u
#define RATE 2u /* answers a second, on one connection */

static const peer_line provocations[] = {
	{ .flags = ACK, .seq = 1, .ack = 1000000 },           /* what was never sent */
	{ .flags = ACK, .seq = 1, .ack = 0x80000001 },        /* what was never sent, or long ago */
	{ .flags = ACK, .seq = 1, .ack = 1000000, .len = 1 }, /* CVE-2005-1184 */
	{ .flags = ACK, .seq = 200000, .ack = 1 },
	{ .flags = RST, .seq = 100 },
	{ .flags = SYN, .seq = 1 },
	{ .flags = SYN | ACK, .seq = 1, .ack = 1 },
	{ .flags = ACK, .seq = 0, .ack = 1 }, /* a keep-alive probe */
};

/* 1,000 a second of one kind: never two answers for one, and two a second in the end. */
static void each_kind_is_answered_twice_a_second(void **state)
{
	(void)state;
	for (size_t k = 0; k < sizeof(provocations) / sizeof(provocations[0]); k++) {
		peer *p = peer_new(NULL);
		hf_conn c = peer_handshake_passive(p);
		unsigned answers = 0;

		for (unsigned n = 0; n < SECONDS * 1000; n++) {
			unsigned before = answers;

			peer_say(p, provocations[k]);
			answers += peer_ignore(p);
			assert_true(answers <= before + 1);
			peer_wait(p, HF_MS(1));
		}
		answers += peer_ignore(p);
		assert_in_range(answers, 1, SECONDS * RATE + 1);
		assert_int_equal(peer_state(p, c), HF_ESTABLISHED);
		peer_free(p);
	}
}

/*
 * Text outside the window, and a FIN there, may be the peer's answer to an ACK that was lost: each
 * is answered, by an ACK that is no larger than itself.
 */
static void text_outside_the_window_is_answered_once(void **state)
{
	static const peer_line outside[] = {
		{ .flags = ACK, .seq = 0x80000000, .ack = 1, .len = 1 },
		{ .flags = FIN | ACK, .seq = 200000, .ack = 1 },
	};

	(void)state;
	for (unsigned n = 0; n < 2; n++) {
		peer *p = peer_new(NULL);

		peer_handshake_passive(p);
		for (unsigned i = 0; i < 1000; i++) {
			peer_say(p, outside[n % 2]);
			assert_int_equal(PEER_EXPECT(p, .flags = ACK, .seq = 1, .ack = 1)
						 ->tcp.options.present,
					 0);
			peer_expect_nothing(p);
		}
		peer_free(p);
	}
}

/* All kinds together are no more than one of them. */
static void all_kinds_together_are_answered_no_oftener(void **state)
{
	size_t kinds = sizeof(provocations) / sizeof(provocations[0]);
	peer *p = peer_new(NULL);
	hf_conn c = peer_handshake_passive(p);
	unsigned answers = 0;

	(void)state;
	for (unsigned n = 0; n < SECONDS * 1000; n++) {
		peer_say(p, provocations[n % kinds]);
		answers += peer_ignore(p);
		peer_wait(p, HF_MS(1));
	}
	assert_in_range(answers, 1, 2 * SECONDS * RATE + 2);
	assert_int_equal(peer_state(p, c), HF_ESTABLISHED);
	peer_free(p);
}

/* RFC 5961 7, CVE-2016-5696: what is answered on one connection takes nothing from another. */
static void no_connection_uses_up_anothers_answers(void **state)
{
	peer *p = peer_new(NULL);
	unsigned heard = 0;
	hf_seq iss[2];

	(void)state;
	peer_listen(p);
	for (unsigned i = 0; i < 2; i++) {
		assert_true(crowd_open(p, (uint16_t)(5000 + i), 0));
		iss[i] = (hf_seq){ peer_info(p, peer_accept(p)).iss };
	}
	for (unsigned n = 0; n < 10000; n++) {
		unsigned other = n % 100 == 99;
		const peer_seen *s;

		crowd_as(p, (uint16_t)(5000 + other));
		p->host_isn = iss[other];
		PEER_SAY(p, .flags = RST, .seq = 1100 + n % 50);
		while ((s = peer_next(p)) != NULL) {
			assert_int_equal(s->cause, HF_SENT_CHALLENGE_ACK);
			heard += s->tcp.dst_port == 5001;
		}
		peer_wait(p, HF_MS(10)); /* the other one gets a reset a second: all are answered */
	}
	assert_int_equal(heard, 100);
	peer_free(p);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(each_kind_is_answered_twice_a_second),
		cmocka_unit_test(text_outside_the_window_is_answered_once),
		cmocka_unit_test(all_kinds_together_are_answered_no_oftener),
		cmocka_unit_test(no_connection_uses_up_anothers_answers),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
