/* SPDX-License-Identifier: BSD-2-Clause */
/* The SYN table under floods: shares, pressure, replacement (RFC 4987 3). */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "tests/support/peer.h"

#define OTHER_PORT 81 /* where the host listens, too */

static peer *with_cookies_off(hf_config *config, uint32_t records)
{
	peer *p;

	config->max_half_open = records;
	config->syn_cookies = HF_SYN_COOKIES_OFF;
	p = peer_new(config);
	peer_listen(p);
	return p;
}

static void listen_at(peer *p, uint16_t port, hf_listener *out)
{
	hf_endpoint at = { .port = port };

	assert_int_equal(hf_listener_open(p->stack, &at, NULL, out), HF_OK);
}

/* A SYN of a host of its own in every /24, by number. */
static hf_reason syn_from(peer *p, uint32_t number)
{
	hf_reason why;

	p->self.addr = hf_addr_v4(20, (uint8_t)(number >> 8), (uint8_t)number, 1);
	why = PEER_SAY(p, .flags = SYN);
	peer_ignore(p);
	return why;
}

/* The peer says the last ACK of the handshake that was begun as `number`. */
static hf_reason completes(peer *p, uint32_t number, hf_seq isn)
{
	hf_reason why;

	p->self.addr = hf_addr_v4(20, (uint8_t)(number >> 8), (uint8_t)number, 1);
	p->host_isn = isn;
	why = PEER_SAY(p, .flags = ACK, .seq = 1, .ack = 1);
	peer_ignore(p);
	return why;
}

/* ---- Shares ---- */

static void one_prefix_has_a_quarter_and_no_more(void **state)
{
	hf_config config = peer_config(false);
	peer *p = with_cookies_off(&config, 100);

	(void)state;
	for (uint16_t i = 0; i < 40; i++) {
		p->self.addr = hf_addr_v4(20, 0, 0, (uint8_t)(i + 1));
		assert_int_equal(PEER_SAY(p, .flags = SYN),
				 i < 25 ? HF_WHY_NONE : HF_WHY_SYN_PREFIX_SHARE);
	}
	assert_int_equal(peer_ignore(p), 25);
	assert_int_equal(peer_stats(p).half_open, 25);
	assert_int_equal(peer_stats(p).reasons[HF_WHY_SYN_PREFIX_SHARE], 15);
	for (uint32_t i = 1; i <= 75; i++)
		assert_int_equal(syn_from(p, i), HF_WHY_NONE);
	peer_free(p);
}

static void a_prefix_of_ipv6_has_64_bits(void **state)
{
	hf_config config = peer_config(true);
	peer *p;

	(void)state;
	config.prefix_share = 2;
	p = with_cookies_off(&config, 100);
	for (uint8_t i = 0; i < 3; i++) {
		p->self.addr = (hf_addr){ { 0x20, 0x02, [8] = i, [15] = i } };
		assert_int_equal(PEER_SAY(p, .flags = SYN),
				 i < 2 ? HF_WHY_NONE : HF_WHY_SYN_PREFIX_SHARE);
	}
	p->self.addr.octet[7] = 1;
	assert_int_equal(PEER_SAY(p, .flags = SYN), HF_WHY_NONE);
	peer_free(p);
}

static void what_leaves_the_table_gives_its_share_back(void **state)
{
	hf_config config = peer_config(false);
	peer *p = with_cookies_off(&config, 8);

	(void)state;
	for (int way = 0; way < 4; way++) {
		p->self.port = PEER_PORT;
		assert_int_equal(PEER_SAY(p, .flags = SYN), HF_WHY_NONE);
		peer_expect(p, SYN | ACK);
		p->self.port++;
		assert_int_equal(PEER_SAY(p, .flags = SYN), HF_WHY_NONE);
		peer_ignore(p);
		p->self.port++;
		assert_int_equal(PEER_SAY(p, .flags = SYN), HF_WHY_SYN_PREFIX_SHARE);
		for (p->self.port = PEER_PORT; p->self.port < PEER_PORT + 2; p->self.port++)
			if (way == 0)
				PEER_SAY(p, .flags = RST, .seq = 1);
		if (way == 1)
			peer_wait(p, HF_SEC(64));
		if (way > 1) {
			assert_int_equal(hf_listener_close(p->stack, p->listener), HF_OK);
			peer_listen(p);
		}
		peer_ignore(p);
		assert_int_equal(peer_stats(p).half_open, 0);
	}
	peer_free(p);
}

static void a_handshake_that_is_done_gives_its_share_back(void **state)
{
	hf_config config = peer_config(false);
	peer *p = with_cookies_off(&config, 4);

	(void)state;
	for (int i = 0; i < 10; i++) {
		p->self.port++;
		peer_handshake_passive(p);
	}
	assert_int_equal(peer_stats(p).reasons[HF_WHY_SYN_PREFIX_SHARE], 0);
	peer_free(p);
}

static void beside_others_a_listener_has_three_quarters(void **state)
{
	hf_config config = peer_config(false);
	peer *p = with_cookies_off(&config, 100);
	hf_listener other;

	(void)state;
	for (uint32_t i = 0; i < 75; i++)
		assert_int_equal(syn_from(p, i), HF_WHY_NONE);
	listen_at(p, OTHER_PORT, &other);
	assert_int_equal(syn_from(p, 75), HF_WHY_SYN_LISTENER_SHARE);
	p->host.port = OTHER_PORT;
	for (uint32_t i = 0; i < 24; i++)
		assert_int_equal(syn_from(p, i), HF_WHY_NONE);
	assert_int_equal(hf_listener_close(p->stack, other), HF_OK);
	p->host.port = PEER_HOST_PORT;
	for (uint32_t i = 75; i < 100; i++)
		assert_int_equal(syn_from(p, i), HF_WHY_NONE);
	peer_free(p);
}

static void over_its_share_a_prefix_is_answered_by_cookies(void **state)
{
	hf_config config = peer_config(false);
	peer *p;

	(void)state;
	config.max_half_open = 4;
	p = peer_new(&config);
	peer_listen(p);
	assert_int_equal(PEER_SAY(p, .flags = SYN), HF_WHY_NONE);
	peer_ignore(p);
	p->self.port++;
	assert_int_equal(PEER_SAY(p, .flags = SYN), HF_WHY_SYN_COOKIE);
	PEER_EXPECT(p, .flags = SYN | ACK, .ack = 1);
	assert_int_equal(PEER_SAY(p, .flags = ACK, .seq = 1, .ack = 1), HF_WHY_NONE);
	peer_accept(p);
	peer_free(p);
}

/* ---- Pressure ---- */

static void under_pressure_who_does_not_answer_is_given_up_sooner(void **state)
{
	hf_config config = peer_config(false);
	peer *p = with_cookies_off(&config, 100);

	(void)state;
	for (uint32_t i = 0; i < 50; i++)
		syn_from(p, i);
	peer_wait(p, HF_SEC(8));
	assert_int_equal(peer_stats(p).half_open, 50);
	syn_from(p, 50); /* more than half */
	peer_wait(p, HF_SEC(6));
	assert_int_equal(peer_stats(p).half_open, 51);
	peer_wait(p, HF_SEC(2)); /* one is due after 15 s, and that relieves the table */
	assert_int_equal(peer_stats(p).half_open, 50);
	peer_ignore(p);
	peer_wait(p, HF_SEC(64));
	assert_int_equal(peer_stats(p).half_open, 0);
	peer_free(p);
}

/* ---- Replacement ---- */

static void the_oldest_makes_way(void **state)
{
	hf_config config = peer_config(false);
	peer *p = with_cookies_off(&config, 10);
	hf_seq isn[30];

	(void)state;
	for (uint32_t i = 0; i < 30; i++) {
		assert_int_equal(syn_from(p, i), HF_WHY_NONE);
		isn[i] = p->host_isn;
		peer_wait(p, HF_MS(1));
		assert_int_equal(peer_stats(p).half_open, i < 10 ? i + 1 : 10);
	}
	assert_int_equal(peer_stats(p).ends[HF_WHY_HALF_OPEN_REPLACED], 20);
	assert_int_equal(completes(p, 19, isn[19]), HF_WHY_LISTEN_ACK);
	for (uint32_t i = 20; i < 30; i++)
		assert_int_equal(completes(p, i, isn[i]), HF_WHY_NONE);
	peer_free(p);
}

static void what_was_repeated_most_often_makes_way_first(void **state)
{
	hf_config config = peer_config(false);
	peer *p = with_cookies_off(&config, 4);
	hf_seq isn[5];

	(void)state;
	for (uint32_t i = 0; i < 3; i++) {
		syn_from(p, i);
		isn[i] = p->host_isn;
	}
	syn_from(p, 3);
	isn[3] = p->host_isn;
	/* The peer asks again, so that its record is repeated more often than the older ones. */
	syn_from(p, 2);
	peer_wait(p, HF_MS(500));
	assert_int_equal(syn_from(p, 4), HF_WHY_NONE);
	isn[4] = p->host_isn;
	assert_int_equal(completes(p, 2, isn[2]), HF_WHY_LISTEN_ACK);
	for (uint32_t i = 0; i < 5; i++)
		if (i != 2)
			assert_int_equal(completes(p, i, isn[i]), HF_WHY_NONE);
	peer_free(p);
}

/* Whoever it is, one goes for each that comes; and not always the same. */
static void any_makes_way_at_random(void **state)
{
	hf_config config = peer_config(false);
	unsigned alive = 0;
	hf_seq isn[20];
	peer *p;

	(void)state;
	config.syn_replacement = HF_SYN_REPLACEMENT_RANDOM;
	p = with_cookies_off(&config, 10);
	for (uint32_t i = 0; i < 20; i++) {
		assert_int_equal(syn_from(p, i), HF_WHY_NONE);
		isn[i] = p->host_isn;
	}
	assert_int_equal(peer_stats(p).half_open, 10);
	assert_int_equal(peer_stats(p).ends[HF_WHY_HALF_OPEN_REPLACED], 10);
	for (uint32_t i = 0; i < 20; i++)
		alive += completes(p, i, isn[i]) == HF_WHY_NONE && i < 10;
	assert_in_range(alive, 1, 9);
	peer_free(p);
}

static void none_makes_way_where_it_is_set_so(void **state)
{
	hf_config config = peer_config(false);
	peer *p;

	(void)state;
	config.syn_replacement = HF_SYN_REPLACEMENT_NONE;
	p = with_cookies_off(&config, 3);
	for (uint32_t i = 0; i < 5; i++)
		assert_int_equal(syn_from(p, i), i < 3 ? HF_WHY_NONE : HF_WHY_SYN_TABLE_FULL);
	assert_int_equal(peer_stats(p).ends[HF_WHY_HALF_OPEN_REPLACED], 0);
	peer_free(p);
}

static void with_cookies_none_makes_way_for_a_flood(void **state)
{
	hf_config config = peer_config(false);
	hf_seq isn;
	peer *p;

	(void)state;
	config.max_half_open = 8;
	p = peer_new(&config);
	peer_listen(p);
	syn_from(p, 0);
	isn = p->host_isn;
	for (uint32_t i = 1; i < 1000; i++)
		assert_int_equal(syn_from(p, i), i < 8 ? HF_WHY_NONE : HF_WHY_SYN_COOKIE);
	assert_int_equal(completes(p, 0, isn), HF_WHY_NONE);
	peer_free(p);
}

/* A flood that fills the table over and over: who answers within its turn is served. */
static void in_a_flood_without_cookies_who_answers_at_once_is_served(void **state)
{
	hf_config config = peer_config(false);
	peer *p = with_cookies_off(&config, 256);
	uint32_t next = 100;

	(void)state;
	for (uint32_t client = 0; client < 50; client++) {
		hf_seq isn;

		assert_int_equal(syn_from(p, client), HF_WHY_NONE);
		isn = p->host_isn;
		for (uint32_t i = 0; i < 240; i++) {
			peer_wait(p, HF_US(1));
			syn_from(p, next++);
		}
		assert_int_equal(completes(p, client, isn), HF_WHY_NONE);
		peer_accept(p);
	}
	peer_free(p);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(one_prefix_has_a_quarter_and_no_more),
		cmocka_unit_test(a_prefix_of_ipv6_has_64_bits),
		cmocka_unit_test(what_leaves_the_table_gives_its_share_back),
		cmocka_unit_test(a_handshake_that_is_done_gives_its_share_back),
		cmocka_unit_test(beside_others_a_listener_has_three_quarters),
		cmocka_unit_test(over_its_share_a_prefix_is_answered_by_cookies),
		cmocka_unit_test(under_pressure_who_does_not_answer_is_given_up_sooner),
		cmocka_unit_test(the_oldest_makes_way),
		cmocka_unit_test(what_was_repeated_most_often_makes_way_first),
		cmocka_unit_test(any_makes_way_at_random),
		cmocka_unit_test(none_makes_way_where_it_is_set_so),
		cmocka_unit_test(with_cookies_none_makes_way_for_a_flood),
		cmocka_unit_test(in_a_flood_without_cookies_who_answers_at_once_is_served),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
