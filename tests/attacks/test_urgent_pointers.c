/* SPDX-License-Identifier: BSD-2-Clause */
/* Urgent pointers of every kind: the stream and the mark are those of a model. */

/*
 * Attacks (catalogue.txt):
 *	URGENT/11: urgent pointer 0
 *	URGENT/11: urgent state confusion (AO option)
 *	URGENT/11: urgent race
 *	AMNESIA:33 urgent pointer write
 *	INFRA:HALT urgent panic
 *
 * What is read lands in a block of exactly the size that was asked for. The model knows two
 * numbers: how much of the stream was read, and where the furthest mark is.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <handfast/urgent.h>

#include "tests/support/raw.h"

/* A malformed TCP-AO option, too short and one octet behind the header's end. */
static const uint8_t broken_ao[2][4] = { { 29, 3, 1, 1 }, { 1, 1, 29, 5 } };

typedef struct model {
	peer *p;
	hf_conn c;
	uint64_t chance;
	uint32_t came, read; /* the numbers after the last octet that came in order, and was read */
	uint32_t up;         /* the number after the furthest mark; 0: none yet */
} model;

static model start(uint64_t seed)
{
	model m = { .p = peer_new(NULL), .chance = seed, .came = 1, .read = 1 };

	m.c = peer_handshake_passive(m.p);
	return m;
}

static uint32_t pick_pointer(model *m, uint32_t len)
{
	switch (draw_below(&m->chance, 6)) {
	case 0:
		return 0;
	case 1:
		return 1;
	case 2:
		return 65535;
	case 3:
		return len;
	case 4:
		return len + 1;
	}
	return draw_below(&m->chance, 65536);
}

/* A segment in order, of 0 to 299 octets, urgent somehow. */
static void segment(model *m)
{
	uint32_t len = draw_below(&m->chance, 300), urgent = pick_pointer(m, len);
	bool marked = draw_below(&m->chance, 4) > 0;

	PEER_SAY(m->p, .flags = (uint16_t)(ACK | (marked ? URG : 0)), .seq = m->came, .ack = 1,
		 .len = len, .urgent = (uint16_t)urgent);
	if (marked && m->came + urgent > m->read && m->came + urgent > m->up)
		m->up = m->came + urgent;
	m->came += len;
}

/* Reading stops once before the last urgent octet, and never gives more than came. */
static void read_some(model *m)
{
	size_t want = 1 + draw_below(&m->chance, 400), got = 0;
	uint32_t most = m->came - m->read;
	uint8_t *to = malloc(want);
	hf_err err;

	assert_non_null(to);
	if (m->up > m->read + 1 && m->up - 1 - m->read < most)
		most = m->up - 1 - m->read;
	err = hf_conn_receive(m->p->stack, m->c, to, want, &got);
	assert_int_equal(err, m->came > m->read ? HF_OK : HF_ERR_AGAIN);
	assert_int_equal(got, most < want ? most : want);
	for (size_t i = 0; i < got; i++)
		assert_int_equal(to[i], peer_octet(m->read + (uint32_t)i));
	m->read += (uint32_t)got;
	free(to);
}

static void check_mark(model *m)
{
	hf_conn_urgent u;

	assert_int_equal(hf_conn_urgent_get(m->p->stack, m->c, &u), HF_OK);
	assert_int_equal(u.ahead, m->up > m->read ? m->up - m->read : 0);
	assert_true(u.ahead <= m->came - m->read + 65535); /* RFC 9293 3.1: 16 bits */
}

static void reads_between_urgent_segments_give_the_models_stream(void **state)
{
	(void)state;
	for (uint64_t seed = 1; seed <= 200; seed++) {
		model m = start(seed);

		for (unsigned i = 0; i < 100; i++) {
			if (draw_below(&m.chance, 2) == 0 && m.came - m.read < 60000)
				segment(&m);
			else
				read_some(&m);
			check_mark(&m);
		}
		peer_ignore(m.p);
		peer_free(m.p);
	}
}

/* MUST-7: such a segment is dropped whole; its mark must not outlive it. */
static void a_mark_beside_a_broken_ao_option_leaves_nothing(void **state)
{
	(void)state;
	for (unsigned i = 0; i < 2; i++) {
		for (uint32_t urgent = 0; urgent < 65536; urgent += 257) {
			hf_conn_urgent u;
			peer *p = peer_new(NULL);
			hf_conn c = peer_handshake_passive(p);
			bool readable = i == 0; /* a short MAC is a length, if no AO that we know */
			hf_reason why = RAW_SAY(p, .flags = ACK | URG, .seq = 1, .ack = 1,
						.len = 10, .options = { broken_ao[i], 4 },
						.urgent = (uint16_t)urgent);

			assert_int_equal(hf_conn_urgent_get(p->stack, c, &u), HF_OK);
			if (readable) {
				assert_int_equal(why, HF_WHY_NONE);
				assert_int_equal(u.ahead, urgent);
				peer_app_receive(p, c, 1,
						 urgent > 1 && urgent - 1 < 10 ? urgent - 1 : 10);
			} else {
				assert_int_equal(why, HF_WHY_TCP_OPTION);
				assert_int_equal(u.ahead, 0);
				assert_false(peer_events(p) &
					     (HF_EVENT_URGENT | HF_EVENT_READABLE));
			}
			peer_ignore(p);
			peer_free(p);
		}
	}
}

/* Out of order, before the window and behind it: nothing asserts, nothing is taken twice. */
static void marks_anywhere_in_number_space_harm_nothing(void **state)
{
	static const uint32_t seqs[] = { 0,          1,          2,         11,         1000,
					 65535,      65536,      70000,     0x7fffffff, 0x80000000,
					 0x80000001, 0xffff0000, 0xffffffff };

	(void)state;
	for (size_t i = 0; i < sizeof(seqs) / sizeof(seqs[0]); i++) {
		for (uint32_t urgent = 0; urgent < 65536; urgent += 1 + urgent) {
			peer *p = peer_new(NULL);
			hf_conn c = peer_handshake_passive(p);
			uint8_t octets[200];
			size_t got = 0, all = 0;

			PEER_SAY(p, .flags = ACK | URG, .seq = seqs[i], .ack = 1, .len = 10,
				 .urgent = (uint16_t)urgent);
			PEER_SAY(p, .flags = ACK, .seq = 1, .ack = 1, .len = 100);
			while (hf_conn_receive(p->stack, c, octets, sizeof(octets), &got) ==
			       HF_OK) {
				for (size_t k = 0; k < got; k++)
					assert_int_equal(octets[k],
							 peer_octet((uint32_t)(1 + all + k)));
				all += got;
			}
			assert_int_equal(all, 100);
			assert_int_equal(peer_state(p, c), HF_ESTABLISHED);
			peer_ignore(p);
			peer_free(p);
		}
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(reads_between_urgent_segments_give_the_models_stream),
		cmocka_unit_test(a_mark_beside_a_broken_ao_option_leaves_nothing),
		cmocka_unit_test(marks_anywhere_in_number_space_harm_nothing),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
