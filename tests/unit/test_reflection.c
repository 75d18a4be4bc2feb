/* SPDX-License-Identifier: BSD-2-Clause */
/* An address that has proven nothing gets no more than three times what it sent. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "tests/support/peer.h"

/* Octets of all IP packets that have left and were not looked at yet. */
static uint32_t octets(peer *p)
{
	uint32_t sum = 0;

	for (const peer_seen *s; (s = peer_next(p)) != NULL;)
		sum += hf_ip_octets(&s->ip);
	return sum;
}

static hf_config host(bool is_v6, hf_reflection reflection)
{
	hf_config config = peer_config(is_v6);

	config.reflection = reflection;
	return config;
}

static peer *listening(const hf_config *config)
{
	peer *p = peer_new(config);

	peer_listen(p);
	return p;
}

/* What leaves for one SYN of a stranger, until its record is gone. */
static uint32_t answer_to_one_syn(peer *p, uint32_t text)
{
	uint32_t sum;

	assert_int_equal(PEER_SAY(p, .flags = SYN, .len = text), HF_WHY_NONE);
	peer_wait(p, HF_SEC(200));
	sum = octets(p);
	assert_int_equal(peer_stats(p).half_open, 0);
	return sum;
}

/* As docs/defence.md has it: SYN-ACKs by the octets of the SYN. */
static void a_syn_gets_as_many_syn_acks_as_it_has_paid_for(void **state)
{
	static const struct {
		bool is_v6, no_options, all_options;
		uint32_t text, syn, syn_ack, count;
	} rows[] = {
		{ false, true, false, 0, 40, 44, 2 },       { false, false, false, 0, 44, 44, 3 },
		{ false, false, true, 0, 60, 60, 3 },       { true, true, false, 0, 60, 64, 2 },
		{ true, false, true, 0, 80, 80, 3 },        { false, false, false, 44, 88, 44, 6 },
		{ false, false, false, 1000, 1044, 44, 6 },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		hf_config config = host(rows[i].is_v6, HF_REFLECTION_DEFAULT);
		peer *p = listening(&config);
		uint32_t sum;

		if (rows[i].no_options)
			p->offer.present = 0;
		if (rows[i].all_options)
			peer_offer_all(p);
		sum = answer_to_one_syn(p, rows[i].text);
		assert_int_equal(sum, rows[i].syn_ack * rows[i].count);
		assert_true(sum <= 3 * rows[i].syn);
		peer_free(p);
	}
}

static void where_it_is_set_so_there_is_no_bound(void **state)
{
	hf_config config = host(false, HF_REFLECTION_UNBOUNDED);
	peer *p = listening(&config);

	(void)state;
	assert_int_equal(answer_to_one_syn(p, 0), 6 * 44);
	peer_free(p);
}

static void the_bound_may_hold_under_pressure_only(void **state)
{
	hf_config config = host(false, HF_REFLECTION_PRESSED);
	peer *p;

	(void)state;
	config.max_half_open = 4;
	config.prefix_share = 100;
	p = listening(&config);
	assert_int_equal(answer_to_one_syn(p, 0), 6 * 44);
	for (uint16_t i = 0; i < 4; i++) {
		p->self.port = (uint16_t)(PEER_PORT + i);
		PEER_SAY(p, .flags = SYN);
	}
	peer_wait(p, HF_MS(6900));
	assert_int_equal(octets(p), 4 * 3 * 44);
	peer_wait(p, HF_SEC(200)); /* two are given up, the other two relieved */
	assert_int_equal(octets(p), 2 * 3 * 44);
	peer_free(p);
}

/* Each SYN that comes again pays for its answer, and for more that the timer may send. */
static void a_client_that_asks_again_is_answered_each_time(void **state)
{
	peer *p = listening(NULL);
	uint32_t sum = 0;

	(void)state;
	for (uint32_t i = 1; i <= 5; i++) {
		PEER_SAY(p, .flags = SYN);
		peer_expect(p, SYN | ACK);
		sum += 44;
		peer_wait(p, HF_SEC(2));
		sum += octets(p);
		assert_true(sum <= i * 3 * 44);
	}
	assert_int_equal(PEER_SAY(p, .flags = ACK, .seq = 1, .ack = 1), HF_WHY_NONE);
	peer_accept(p);
	peer_free(p);
}

/* Its ACK was good, but the queue is full: the address is the peer's, and the bound is off. */
static void who_has_acknowledged_is_bounded_no_more(void **state)
{
	hf_listener_options o = { .size = sizeof(o), .backlog = 1 };
	hf_endpoint at = { .port = PEER_HOST_PORT };
	peer *p = peer_new(NULL);
	hf_seq isn;

	(void)state;
	assert_int_equal(hf_listener_open(p->stack, &at, &o, &p->listener), HF_OK);
	PEER_SAY(p, .flags = SYN);
	isn = peer_expect(p, SYN | ACK)->tcp.seq;
	p->self.port++;
	PEER_SAY(p, .flags = SYN);
	peer_expect(p, SYN | ACK);
	PEER_SAY(p, .flags = ACK, .seq = 1, .ack = 1);
	p->self.port--;
	p->host_isn = isn;
	assert_int_equal(PEER_SAY(p, .flags = ACK, .seq = 1, .ack = 1), HF_WHY_ACCEPT_QUEUE_FULL);
	peer_wait(p, HF_SEC(64));
	assert_int_equal(octets(p), 5 * 44);
	peer_free(p);
}

/* A cookie is sent once for each SYN. */
static void cookies_are_within_the_bound(void **state)
{
	hf_config config = host(false, HF_REFLECTION_DEFAULT);
	peer *p;

	(void)state;
	config.syn_cookies = HF_SYN_COOKIES_ALWAYS;
	p = listening(&config);
	p->offer.present = 0;
	assert_int_equal(PEER_SAY(p, .flags = SYN), HF_WHY_SYN_COOKIE);
	peer_wait(p, HF_SEC(200));
	assert_int_equal(octets(p), 44);
	peer_free(p);
}

/* Nor does any other segment to any port cost more than three times its octets. */
static void no_segment_of_a_stranger_is_answered_by_more(void **state)
{
	(void)state;
	for (uint16_t flags = 0; flags < 64; flags++) {
		for (int port = 0; port < 2; port++) {
			peer *p = listening(NULL);

			p->host.port = (uint16_t)(PEER_HOST_PORT + port);
			p->offer.present = 0;
			PEER_SAY(p, .flags = flags, .seq = 1, .ack = 1);
			peer_wait(p, HF_SEC(200));
			assert_true(octets(p) <= 3 * 40);
			peer_free(p);
		}
	}
}

/* ---- Fast Open ---- */

static peer *taking_text(hf_config *config)
{
	hf_listener_options o = { .size = sizeof(o), .fast_open = 4 };
	hf_endpoint at = { .port = PEER_HOST_PORT };
	peer *p;

	config->fast_open = HF_FAST_OPEN_SERVER | HF_FAST_OPEN_SERVER_NO_COOKIE;
	p = peer_new(config);
	assert_int_equal(hf_listener_open(p->stack, &at, &o, &p->listener), HF_OK);
	return p;
}

static void fast_opens_answer_without_a_cookie_is_bounded(void **state)
{
	static const uint32_t lengths[] = { 1, 100, 500, 1400 };

	(void)state;
	for (unsigned i = 0; i < sizeof(lengths) / sizeof(lengths[0]); i++) {
		hf_config config = host(false, HF_REFLECTION_DEFAULT);
		peer *p = taking_text(&config);
		hf_conn c;

		assert_int_equal(PEER_SAY(p, .flags = SYN, .len = lengths[i]), HF_WHY_NONE);
		c = peer_accept(p);
		peer_app_send(p, c, 1, 20000);
		peer_wait(p, HF_SEC(100));
		assert_int_equal(hf_conn_abort(p->stack, c), HF_OK);
		assert_true(octets(p) <= 3 * (44 + lengths[i]));
		peer_free(p);
	}
}

static void once_it_has_proven_itself_the_rest_follows(void **state)
{
	hf_config config = host(false, HF_REFLECTION_DEFAULT);
	peer *p = taking_text(&config);
	hf_conn c;

	(void)state;
	PEER_SAY(p, .flags = SYN, .len = 100);
	c = peer_accept(p);
	peer_app_send(p, c, 1, 2920);
	PEER_EXPECT(p, .flags = SYN | ACK, .ack = 101);
	peer_expect_nothing(p);
	PEER_SAY(p, .flags = ACK, .seq = 101, .ack = 1);
	PEER_EXPECT(p, .flags = ACK, .seq = 1, .ack = 101, .len = 1460);
	PEER_EXPECT(p, .flags = ACK, .seq = 1461, .ack = 101, .len = 1460);
	peer_free(p);
}

static void what_its_syn_has_paid_for_leaves_early(void **state)
{
	hf_config config = host(false, HF_REFLECTION_DEFAULT);
	peer *p = taking_text(&config);
	hf_conn c;

	(void)state;
	PEER_SAY(p, .flags = SYN, .len = 1400);
	c = peer_accept(p);
	peer_app_send(p, c, 1, 2920);
	PEER_EXPECT(p, .flags = SYN | ACK, .ack = 1401);
	PEER_EXPECT(p, .flags = ACK, .seq = 1, .ack = 1401, .len = 1460);
	PEER_EXPECT(p, .flags = ACK, .seq = 1461, .ack = 1401, .len = 1460);
	peer_app_send(p, c, 2921, 1460);
	peer_expect_nothing(p);
	peer_free(p);
}

/* ---- Whatever a stranger says ---- */

#define SEEDS 200
#define STEPS 60

/* Octets of the IP packet that says this. */
static uint32_t said(peer *p, peer_line line)
{
	hf_tcp t = { .options = line.flags & SYN ? p->offer : (hf_tcp_options){ 0 } };

	peer_say(p, line);
	return (uint32_t)(HF_IP4_HEADER + hf_tcp_header_len(&t)) + line.len;
}

/* A segment that acknowledges nothing of ours, to a port that listens or does not. */
static uint32_t say_something(peer *p, uint64_t *chance)
{
	static const uint16_t flags[] = { SYN,       SYN, SYN,       SYN, ACK,       0,
					  SYN | ACK, FIN, FIN | ACK, URG, SYN | FIN, RST };
	peer_line line = {
		.flags = flags[draw_below(chance, sizeof(flags) / sizeof(flags[0]))],
		.seq = draw_below(chance, 3),
		.ack = 0x1000000 + draw_below(chance, 0x1000000),
		.len = draw_below(chance, 2) ? 0 : draw_below(chance, 1000),
	};

	if (line.flags == SYN && draw_below(chance, 4) > 0)
		line.seq = 0; /* the same once more */
	if (line.flags == RST && line.seq == 1)
		line.seq = 2;
	p->host.port = (uint16_t)(PEER_HOST_PORT + (draw_below(chance, 5) == 0));
	p->self.port = (uint16_t)(PEER_PORT + draw_below(chance, 2));
	return said(p, line);
}

static void use_what_is_open(peer *p)
{
	hf_conn c;

	if (hf_listener_accept(p->stack, p->listener, &c) == HF_OK)
		peer_app_send(p, c, 1, 10000);
}

static void whatever_a_stranger_says_he_gets_no_more_than_three_times_that(void **state)
{
	(void)state;
	for (uint64_t seed = 1; seed <= SEEDS; seed++) {
		hf_config config = host(false, HF_REFLECTION_DEFAULT);
		uint64_t chance = seed * 7919;
		uint32_t in = 0, out = 0;
		bool takes_text = seed % 2;
		peer *p;

		if (seed % 5 == 0)
			config.max_half_open = 1;
		p = takes_text ? taking_text(&config) : listening(&config);
		if (seed % 3 == 0)
			peer_offer_all(p);
		for (unsigned i = 0; i < STEPS; i++) {
			in += say_something(p, &chance);
			use_what_is_open(p);
			peer_wait(p, HF_MS(draw_below(&chance, 3000)));
			out += octets(p);
			assert_true(out <= 3 * in);
		}
		peer_wait(p, HF_SEC(400));
		out += octets(p);
		assert_true(out <= 3 * in);
		peer_free(p);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_syn_gets_as_many_syn_acks_as_it_has_paid_for),
		cmocka_unit_test(where_it_is_set_so_there_is_no_bound),
		cmocka_unit_test(the_bound_may_hold_under_pressure_only),
		cmocka_unit_test(a_client_that_asks_again_is_answered_each_time),
		cmocka_unit_test(who_has_acknowledged_is_bounded_no_more),
		cmocka_unit_test(cookies_are_within_the_bound),
		cmocka_unit_test(no_segment_of_a_stranger_is_answered_by_more),
		cmocka_unit_test(fast_opens_answer_without_a_cookie_is_bounded),
		cmocka_unit_test(once_it_has_proven_itself_the_rest_follows),
		cmocka_unit_test(what_its_syn_has_paid_for_leaves_early),
		cmocka_unit_test(whatever_a_stranger_says_he_gets_no_more_than_three_times_that),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
