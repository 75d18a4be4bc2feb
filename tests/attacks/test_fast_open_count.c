/* SPDX-License-Identifier: BSD-2-Clause */
/* Pending Fast Open connections that end in every way: the count of them stays true. */

/*
 * Attacks (catalogue.txt):
 *	TFO queue limit goes negative
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "tests/support/crowd.h"

#define LIMIT 4u
#define STEPS 300
#define SEEDS 100

typedef struct scene {
	peer *p;
	uint64_t chance;
	uint16_t port; /* the last that was used */
	hf_conn conn[STEPS];
	unsigned held;
} scene;

static scene *start(uint64_t seed)
{
	hf_config config = peer_config(false);
	hf_listener_options o = { .size = sizeof(o), .fast_open = LIMIT };
	hf_endpoint at = { .port = PEER_HOST_PORT };
	scene *s = calloc(1, sizeof(*s));

	assert_non_null(s);
	config.fast_open = HF_FAST_OPEN_SERVER | HF_FAST_OPEN_SERVER_NO_COOKIE;
	config.syn_ack_retries = 2;
	s->p = peer_new(&config);
	s->chance = seed;
	s->port = 1000;
	assert_int_equal(hf_listener_open(s->p->stack, &at, &o, &s->p->listener), HF_OK);
	return s;
}

/* A SYN with text from another port. True: the text was taken, and the connection is pending. */
static bool open_fast(scene *s)
{
	const peer_seen *seen;

	crowd_as(s->p, ++s->port);
	PEER_SAY(s->p, .flags = SYN, .seq = 1000, .len = 10);
	do
		seen = peer_next(s->p);
	while (seen && seen->tcp.dst_port != s->port);
	return seen && seen->tcp.ack.v == 1011;
}

static void accept_some(scene *s)
{
	while (s->held < STEPS &&
	       hf_listener_accept(s->p->stack, s->p->listener, &s->conn[s->held]) == HF_OK)
		s->held++;
}

/* Ends one of those that are held, pending or not, or lets time do it. */
static void end_one(scene *s)
{
	unsigned i = s->held > 0 ? draw_below(&s->chance, s->held) : 0;
	hf_conn_info info;

	if (s->held == 0)
		return;
	info = peer_info(s->p, s->conn[i]);
	crowd_as(s->p, info.remote.port);
	switch (draw_below(&s->chance, 6)) {
	case 0:
		PEER_SAY(s->p, .flags = RST, .seq = info.rcv_nxt);
		return;
	case 1:
		PEER_SAY(s->p, .flags = ACK, .seq = info.rcv_nxt, .ack = info.iss + 1);
		return;
	case 2:
		PEER_SAY(s->p, .flags = SYN, .seq = 1000, .len = 10);
		return;
	case 3:
		peer_wait(s->p, HF_MS(draw_below(&s->chance, 4000)));
		return;
	case 4:
		hf_conn_close(s->p->stack, s->conn[i]);
		break;
	default:
		hf_conn_abort(s->p->stack, s->conn[i]);
	}
	s->conn[i] = s->conn[--s->held];
}

/* However they ended: no more than the limit at any time, and all of it is there in the end. */
static void the_limit_holds_and_comes_back(void **state)
{
	(void)state;
	for (uint64_t seed = 1; seed <= SEEDS; seed++) {
		scene *s = start(seed);
		unsigned pending = 0;

		for (unsigned i = 0; i < STEPS; i++) {
			if (draw_below(&s->chance, 2))
				open_fast(s);
			if (draw_below(&s->chance, 3))
				accept_some(s);
			end_one(s);
			assert_true(peer_stats(s->p).states[HF_SYN_RECEIVED] <=
				    LIMIT + peer_stats(s->p).half_open);
		}
		peer_wait(s->p,
			  HF_SEC(60)); /* what is pending still, and what is half open, ends */
		peer_ignore(s->p);
		assert_int_equal(peer_stats(s->p).states[HF_SYN_RECEIVED], 0);
		for (unsigned i = 0; i < LIMIT + 3; i++)
			pending += open_fast(s);
		assert_int_equal(pending, LIMIT);
		peer_free(s->p);
		free(s);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_limit_holds_and_comes_back),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
