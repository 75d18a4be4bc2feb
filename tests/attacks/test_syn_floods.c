/* SPDX-License-Identifier: BSD-2-Clause */
/* Floods of SYNs and ACKs from invented addresses: bounded memory, answers, and service. */

/*
 * Attacks (catalogue.txt):
 *	SYN flood
 *	ACK flood against cookies
 *	SYN cookie brute force
 *	Cookie mode loses options
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "tests/support/crowd.h"

#define FLOOD 40000u
#define RECORDS 256u
#define CLIENTS 50u

/* Half-open records of 64 octets in chunks, a slot for each, and answers that wait for the link. */
#define MOST_MEMORY (RECORDS * 128u + 300000u)

static peer *listening(void)
{
	hf_config config = peer_config(false);
	peer *p;

	config.max_half_open = RECORDS;
	config.prefix_share = 100; /* the table is filled by few prefixes */
	p = peer_new(&config);
	peer_listen(p);
	return p;
}

static hf_addr invented(uint32_t n)
{
	return hf_addr_v4(198, (uint8_t)(18 + (n >> 16) % 2), (uint8_t)(n >> 8), (uint8_t)n);
}

/* One SYN, from an address that will never answer. */
static void flood_with_a_syn(peer *p, uint32_t n)
{
	hf_addr self = p->self.addr;
	const peer_seen *s;

	while ((s = peer_next(p)) != NULL) /* the first records' SYN-ACKs go again, and end */
		assert_true(s->cause == HF_SENT_SYN_ACK_AGAIN);
	p->self.addr = invented(n);
	crowd_as(p, (uint16_t)(1024 + n % 60000));
	PEER_SAY(p, .flags = SYN, .seq = n * 2654435761u);
	p->self.addr = self;
	s = peer_next(p);
	assert_true(s && s->tcp.flags == (SYN | ACK) && s->len == 0);
	peer_expect_nothing(p);
}

static void get_served(peer *p, uint16_t port)
{
	hf_conn c;
	uint8_t text[32];
	size_t n;

	assert_true(crowd_open(p, port, 20));
	c = peer_accept(p);
	assert_int_equal(hf_conn_receive(p->stack, c, text, sizeof(text), &n), HF_OK);
	assert_int_equal(n, 20);
	assert_int_equal(peer_info(p, c).state, HF_ESTABLISHED);
	hf_conn_abort(p->stack, c);
	peer_events(p);
	peer_ignore(p);
}

/* 10,000 SYNs a second for four seconds; 50 clients come meanwhile, and all are served at once. */
static void a_flood_of_syns_locks_nobody_out(void **state)
{
	peer *p = listening();
	hf_stats stats;

	(void)state;
	for (uint32_t n = 0; n < FLOOD; n++) {
		flood_with_a_syn(p, n);
		if (n % (FLOOD / CLIENTS) == 0)
			get_served(p, (uint16_t)(61100 + n / (FLOOD / CLIENTS)));
		peer_wait(p, HF_US(100));
		assert_true(p->heap.out <= MOST_MEMORY);
	}
	stats = peer_stats(p);
	assert_true(stats.half_open <= RECORDS);
	assert_int_equal(stats.accepted, CLIENTS);
	assert_true(stats.reasons[HF_WHY_SYN_COOKIE] >= FLOOD - 2 * RECORDS);
	/* Each SYN has one answer, and those that have a record six. */
	assert_true(stats.packets_out <= FLOOD + 5 * RECORDS + 4 * CLIENTS);
	peer_wait(p, HF_SEC(120));
	peer_ignore(p);
	assert_int_equal(peer_stats(p).half_open, 0);
	peer_free(p);
}

/* What a client agreed on with a host under flood is what both ends use. */
static void both_ends_of_a_cookie_agree(void **state)
{
	peer *p = listening();

	(void)state;
	for (uint32_t n = 0; n < 2 * RECORDS; n++)
		flood_with_a_syn(p, n);
	for (unsigned offer = 0; offer < 8; offer++) {
		hf_conn_info info;
		const peer_seen *s;
		hf_conn c;

		crowd_as(p, (uint16_t)(62000 + offer));
		p->offer.present = HF_HAS(MSS) | (offer & 1 ? HF_HAS(SACK_PERMITTED) : 0) |
				   (offer & 2 ? HF_HAS(TIMESTAMPS) : 0) |
				   (offer & 4 ? HF_HAS(WSCALE) : 0);
		p->offer.wscale = 9;
		assert_int_equal(PEER_SAY(p, .flags = SYN, .seq = 1000), HF_WHY_SYN_COOKIE);
		do
			s = peer_next(p);
		while (s && s->tcp.dst_port != p->self.port);
		assert_non_null(s);
		p->stamps = s->tcp.options.present & HF_HAS(TIMESTAMPS);
		assert_int_equal(crowd_reply(p, s, ACK, 0), HF_WHY_NONE);
		c = peer_accept(p);
		info = peer_info(p, c);
		assert_int_equal(info.sack, (s->tcp.options.present & HF_HAS(SACK_PERMITTED)) != 0);
		assert_int_equal(info.timestamps, p->stamps);
		assert_int_equal(info.window_scaling,
				 (s->tcp.options.present & HF_HAS(WSCALE)) != 0);
		assert_int_equal(info.snd_wscale, info.window_scaling ? 9 : 0);
		assert_true((s->tcp.options.present & ~p->offer.present & ~(uint64_t)HF_HAS(NOP)) ==
			    0);
		hf_conn_abort(p->stack, c);
		peer_events(p);
		p->stamps = false;
		p->offer.present = HF_HAS(MSS);
		peer_ignore(p);
	}
	peer_free(p);
}

/* Forged ACKs while cookies are given out: no state, and at most one reset without text each. */
static void a_flood_of_acks_opens_nothing(void **state)
{
	peer *p = listening();
	uint64_t chance = 11;
	size_t memory;

	(void)state;
	for (uint32_t n = 0; n < 2 * RECORDS; n++)
		flood_with_a_syn(p, n);
	memory = p->heap.out;
	for (uint32_t n = 0; n < FLOOD; n++) {
		hf_addr self = p->self.addr;
		const peer_seen *s;

		p->self.addr = invented(100000 + n);
		crowd_as(p, 5000);
		assert_int_equal(PEER_SAY(p, .flags = ACK, .seq = draw(&chance),
					  .ack = draw(&chance), .len = n % 3),
				 HF_WHY_SYN_COOKIE_WRONG);
		p->self.addr = self;
		s = peer_next(p);
		assert_true(!s || s->tcp.flags == RST);
		peer_expect_nothing(p);
	}
	assert_true(p->heap.out <= memory);
	assert_int_equal(peer_stats(p).connections, 0);
	peer_free(p);
}

/* A cookie is worth nothing to a host that gives none out: it is not even computed. */
static void cookies_are_good_only_while_they_are_given(void **state)
{
	peer *flooded = listening(), *quiet = listening(); /* of the same secret and time */
	const peer_seen *s;

	(void)state;
	for (uint32_t n = 0; n < 2 * RECORDS; n++)
		flood_with_a_syn(flooded, n);
	crowd_as(flooded, 5000);
	assert_int_equal(PEER_SAY(flooded, .flags = SYN, .seq = 1000), HF_WHY_SYN_COOKIE);
	do
		s = peer_next(flooded);
	while (s && s->tcp.dst_port != 5000);
	assert_non_null(s);
	assert_int_equal(crowd_reply(quiet, s, ACK, 0), HF_WHY_LISTEN_ACK);
	peer_ignore(quiet);
	peer_wait(flooded, HF_SEC(129));
	peer_ignore(flooded);
	assert_int_not_equal(crowd_reply(flooded, s, ACK, 0), HF_WHY_NONE);
	assert_int_equal(peer_stats(flooded).connections, 0);
	peer_ignore(flooded);
	peer_free(flooded);
	peer_free(quiet);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_flood_of_syns_locks_nobody_out),
		cmocka_unit_test(both_ends_of_a_cookie_agree),
		cmocka_unit_test(a_flood_of_acks_opens_nothing),
		cmocka_unit_test(cookies_are_good_only_while_they_are_given),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
