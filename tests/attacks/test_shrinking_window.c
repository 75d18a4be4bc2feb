/* SPDX-License-Identifier: BSD-2-Clause */
/* A peer that takes its window back and sends beyond ours: no number goes below zero. */

/*
 * Attacks (catalogue.txt):
 *	Sequence arithmetic panic when peer shrinks window
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "tests/support/peer.h"

#define TEXT 30000u
#define ROUNDS 300

typedef struct scene {
	peer *p;
	hf_conn c;
	uint64_t chance;
	uint32_t got;           /* of the host's stream, in order: the next number */
	uint32_t said;          /* of the peer's stream: the next number */
	uint8_t here[TEXT + 2]; /* of the host's stream: what came */
} scene;

/* The host sends nothing beyond the furthest edge, but an octet to probe; and only its own text. */
static void look(scene *s)
{
	const peer_seen *seen;

	while ((seen = peer_next(s->p)) != NULL) {
		assert_true(seen->seq >= 1 && seen->seq + seen->len <= TEXT + 1);
		peer_check_text(seen);
		memset(s->here + seen->seq, 1, seen->len);
	}
	while (s->got <= TEXT && s->here[s->got])
		s->got++;
}

/* Any window, at random: mostly smaller than what is in flight. Text of ours, often beyond. */
static void say(scene *s)
{
	static const uint32_t jump[] = {
		0, 0, 1, 65535, 100000, 0x7fffffff, 0x80000000, 0xffffffff
	};
	uint32_t ack = s->got - draw_below(&s->chance, s->got < 3000 ? s->got : 3000);
	uint32_t window = draw_below(&s->chance, 3) ? draw_below(&s->chance, 3000) : 65535;
	uint32_t len = draw_below(&s->chance, 50), seq = s->said + jump[draw_below(&s->chance, 8)];

	s->p->window = (uint16_t)(window == 0 ? 1 : window);
	if (draw_below(&s->chance, 4) == 0)
		s->p->window = 0; /* the line's 0 means this */
	PEER_SAY(s->p, .flags = ACK, .seq = seq, .ack = ack, .len = len);
	if (seq == s->said) {
		uint8_t octets[64];
		size_t got;

		if (hf_conn_receive(s->p->stack, s->c, octets, sizeof(octets), &got) == HF_OK)
			s->said += (uint32_t)got;
	}
}

static void check(const scene *s)
{
	hf_conn_info info = peer_info(s->p, s->c);

	assert_int_equal(info.state, HF_ESTABLISHED);
	assert_true(info.in_flight + info.unsent <= TEXT);
	assert_true(info.rto <= HF_SEC(120));
	assert_true(hf_seq_leq((hf_seq){ info.snd_una }, (hf_seq){ info.snd_nxt }));
}

static void converse(uint64_t seed)
{
	scene *s = calloc(1, sizeof(*s));

	assert_non_null(s);
	*s = (scene){ .p = peer_new(NULL), .chance = seed, .got = 1, .said = 1 };
	s->c = peer_handshake_passive(s->p);
	peer_app_send(s->p, s->c, 1, TEXT);
	for (unsigned round = 0; round < ROUNDS; round++) {
		look(s);
		say(s);
		check(s);
		peer_wait(s->p, HF_MS(draw_below(&s->chance, 300)));
	}
	s->p->window = 65535; /* then it behaves, and all comes */
	for (unsigned round = 0; s->got <= TEXT; round++) {
		assert_true(round < 1000);
		PEER_SAY(s->p, .flags = ACK, .seq = peer_info(s->p, s->c).rcv_nxt - s->p->isn.v,
			 .ack = s->got);
		peer_wait(s->p, HF_MS(300));
		look(s);
	}
	peer_ignore(s->p);
	peer_free(s->p);
	free(s);
}

static void no_window_breaks_the_stream(void **state)
{
	(void)state;
	for (uint64_t seed = 1; seed <= 100; seed++)
		converse(seed);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(no_window_breaks_the_stream),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
