/* SPDX-License-Identifier: BSD-2-Clause */
/* A half-open record has one owner: its SYN again, its timer and its last ACK in every order. */

/*
 * Attacks (catalogue.txt):
 *	SYN with IP options races request object
 *	Half-open timer use after free
 *	SYN while listening frees twice
 *	Inexact RST kills SYN-RECEIVED
 *
 * There is one thread, so that a race is an order of calls. For each of the peer's ports there is
 * one record, one connection or nothing at any time; the allocator of the tests, and the sanitizer,
 * see memory that is used after it was given back.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "tests/support/peer.h"

#define PORTS 6
#define STEPS 400
#define SEEDS 200

typedef struct scene {
	peer *p;
	uint64_t chance;
	hf_seq iss[PORTS]; /* of the last SYN-ACK to each port */
	bool answered[PORTS];
} scene;

/* IPv4 options that stand beside a SYN: a route that has been travelled, a time stamp, NOPs. */
static const uint8_t route[] = { 1, 131, 7, 8, 198, 51, 100, 7 };
static const uint8_t stamp[] = { 68, 8, 9, 0, 1, 2, 3, 4 };
static const uint8_t nops[] = { 1, 1, 1, 1 };
static const hf_view ip_options[] = {
	{ NULL, 0 },
	{ route, sizeof(route) },
	{ stamp, sizeof(stamp) },
	{ nops, sizeof(nops) },
};

static scene start(uint64_t seed)
{
	hf_config config = peer_config(false);
	scene s = { .chance = seed };

	config.accept_source_route = 1;
	config.syn_ack_retries = 2;
	s.p = peer_new(&config);
	s.p->offer.present |= HF_HAS(SACK_PERMITTED);
	peer_listen(s.p);
	return s;
}

static void look(scene *s)
{
	const peer_seen *seen;

	while ((seen = peer_next(s->p)) != NULL) {
		unsigned port = seen->tcp.dst_port - PEER_PORT;

		assert_true(port < PORTS);
		/* What it carries of IP's options is a route back, or nothing. */
		assert_true(seen->ip.options.len == 0 || seen->ip.options.at[1] == 131);
		if (seen->tcp.flags & SYN) {
			s->iss[port] = seen->tcp.seq;
			s->answered[port] = true;
		}
	}
}

static void step(scene *s)
{
	unsigned port = draw_below(&s->chance, PORTS);
	peer *p = s->p;

	p->self.port = (uint16_t)(PEER_PORT + port);
	p->ip_options = ip_options[draw_below(&s->chance, 4)];
	p->host_isn = s->iss[port];
	switch (draw_below(&s->chance, 8)) {
	case 0:
	case 1:
	case 2:
		PEER_SAY(p, .flags = SYN);
		break;
	case 3:
		PEER_SAY(p, .flags = ACK, .seq = 1, .ack = 1);
		break;
	case 4:
		PEER_SAY(p, .flags = ACK, .seq = 1, .ack = 1, .len = 10);
		break;
	case 5:
		PEER_SAY(p, .flags = RST, .seq = draw_below(&s->chance, 3));
		break;
	case 6: { /* to the very moment at which a timer is due, before it runs */
		hf_time due = hf_stack_deadline(p->stack);

		if (hf_time_before(p->now, due) && due.ns != HF_NEVER.ns)
			p->now = due;
		break;
	}
	default:
		peer_wait(p, HF_MS(draw_below(&s->chance, 3000)));
	}
	if (draw_below(&s->chance, 3) > 0)
		look(s);
}

static void end_some(scene *s)
{
	hf_conn c;

	if (draw_below(&s->chance, 8) > 0)
		return;
	if (hf_listener_accept(s->p->stack, s->p->listener, &c) == HF_OK)
		hf_conn_abort(s->p->stack, c);
}

static void check(const scene *s)
{
	hf_stats stats = peer_stats(s->p);

	uint32_t alive = 0;

	for (unsigned i = HF_SYN_SENT; i < HF_STATE_COUNT; i++)
		alive += stats.states[i];
	assert_true(alive <= PORTS);
	assert_int_equal(stats.half_open, stats.states[HF_SYN_RECEIVED]);
}

static void every_order_leaves_one_owner(void **state)
{
	(void)state;
	for (uint64_t seed = 1; seed <= SEEDS; seed++) {
		scene s = start(seed);

		for (unsigned i = 0; i < STEPS; i++) {
			step(&s);
			end_some(&s);
			check(&s);
		}
		if (seed % 2 == 0)
			hf_listener_close(s.p->stack, s.p->listener);
		look(&s);
		peer_free(s.p); /* fails if a record or its route was lost */
	}
}

/* The record goes by time-out in the same moment in which its last ACK comes, before and after. */
static void the_last_ack_meets_the_last_timer(void **state)
{
	(void)state;
	for (unsigned first = 0; first < 2; first++) {
		scene s = start(1);
		hf_conn c;

		s.p->ip_options = ip_options[1];
		PEER_SAY(s.p, .flags = SYN);
		peer_ignore(s.p);
		while (peer_stats(s.p).half_open == 1) {
			hf_time due = hf_stack_deadline(s.p->stack);

			assert_true(due.ns != HF_NEVER.ns);
			s.p->now = due;
			if (first == 1 && peer_stats(s.p).causes[HF_SENT_SYN_ACK_AGAIN] == 2)
				PEER_SAY(s.p, .flags = ACK, .seq = 1, .ack = 1);
			peer_ignore(s.p);
		}
		PEER_SAY(s.p, .flags = ACK, .seq = 1, .ack = 1);
		assert_int_equal(hf_listener_accept(s.p->stack, s.p->listener, &c),
				 first == 1 ? HF_OK : HF_ERR_AGAIN);
		assert_int_equal(peer_stats(s.p).half_open, 0);
		assert_int_equal(peer_stats(s.p).connections, first);
		peer_ignore(s.p);
		peer_free(s.p);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_order_leaves_one_owner),
		cmocka_unit_test(the_last_ack_meets_the_last_timer),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
