/* SPDX-License-Identifier: BSD-2-Clause */
/* Connections driven into every state and left there: bounded, timed, gone in the end. */

/*
 * Attacks (catalogue.txt):
 *	Session timer bug
 *	Naptha
 *	LAST-ACK stuck
 *	TIME-WAIT exhaustion / port exhaustion
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "tests/support/crowd.h"

#define PORTS 10u
#define EACH 50u /* connections in each state */

/*
 * Without a timer may be who waits for his peer's text, or for his own application; and who was in
 * TIME-WAIT until a new SYN took its place.
 */
static bool may_wait_for_ever(const peer *p, hf_conn c)
{
	hf_state s = peer_state(p, c);

	return s == HF_ESTABLISHED || s == HF_CLOSE_WAIT || s == HF_FIN_WAIT_2 || s == HF_CLOSED ||
	       (s == HF_TIME_WAIT && peer_stats(p).time_wait == 0);
}

static void say_anything(peer *p, uint64_t *chance)
{
	static const uint32_t near[] = { 0, 1, 2, 3, 100, 0xffffffff, 0x80000000 };

	p->window = (uint16_t)(draw_below(chance, 3) * 30000);
	PEER_SAY(p, .flags = (uint16_t)draw_below(chance, 64) & (uint16_t)~RST,
		 .seq = near[draw_below(chance, 7)], .ack = near[draw_below(chance, 7)],
		 .len = draw_below(chance, 3), .urgent = (uint16_t)draw_below(chance, 9));
}

/* After every segment, whatever it was, a state that must end has a deadline. */
static void no_segment_stops_the_timer(void **state)
{
	(void)state;
	for (uint64_t seed = 1; seed <= 300; seed++) {
		for (unsigned s = HF_SYN_SENT; s < HF_STATE_COUNT; s++) {
			peer *p = peer_new(NULL);
			hf_conn c = peer_reach(p, (hf_state)s);
			uint64_t chance = seed * 16 + s;

			for (unsigned i = 0; i < 10; i++) {
				say_anything(p, &chance);
				peer_ignore(p);
				if (!may_wait_for_ever(p, c))
					assert_true(hf_stack_deadline(p->stack).ns != HF_NEVER.ns);
			}
			hf_conn_close(p->stack, c); /* now nothing may last */
			hf_listener_close(p->stack, p->listener);
			peer_events(p);
			peer_wait(p, HF_SEC(3600));
			peer_ignore(p);
			assert_int_equal(peer_stats(p).connections, 0);
			assert_int_equal(peer_stats(p).time_wait, 0);
			assert_true(hf_stack_deadline(p->stack).ns == HF_NEVER.ns);
			peer_free(p);
		}
	}
}

/* Drives one more connection into a state; its peer is silent from then on. */
static void drive(peer *p, hf_state to, uint16_t port, hf_conn *out)
{
	const peer_seen *s = NULL;
	bool peer_first = to == HF_CLOSE_WAIT || to == HF_LAST_ACK;

	assert_true(crowd_open(p, port, 0));
	*out = peer_accept(p);
	p->host_isn = (hf_seq){ peer_info(p, *out).iss };
	if (peer_first)
		PEER_SAY(p, .flags = FIN | ACK, .seq = 1001, .ack = 1);
	if (to > HF_ESTABLISHED && to != HF_CLOSE_WAIT) {
		assert_int_equal(hf_conn_shutdown(p->stack, *out), HF_OK);
		while ((s = peer_next(p)) != NULL && !(s->tcp.flags & FIN))
			;
		assert_non_null(s);
	}
	p->isn = (hf_seq){ 0 };
	p->host_isn = (hf_seq){ peer_info(p, *out).iss };
	if (to == HF_FIN_WAIT_2 || to == HF_TIME_WAIT)
		PEER_SAY(p, .flags = ACK, .seq = 1001, .ack = 2);
	if (to == HF_CLOSING)
		PEER_SAY(p, .flags = FIN | ACK, .seq = 1001, .ack = 1);
	if (to == HF_TIME_WAIT)
		PEER_SAY(p, .flags = FIN | ACK, .seq = 1001, .ack = 2);
	assert_int_equal(peer_state(p, *out), to);
}

static void every_state_is_bounded_and_ends(void **state)
{
	static hf_conn conns[HF_STATE_COUNT * EACH];
	hf_config config = peer_config(false);
	unsigned count = 0;
	hf_stats stats;
	size_t empty;
	peer *p;

	(void)state;
	config.max_connections = HF_STATE_COUNT * EACH;
	config.max_half_open = EACH;
	config.prefix_share = 100;
	config.max_time_wait = EACH;
	p = peer_new(&config);
	peer_listen(p);
	empty = p->heap.out;
	for (unsigned s = HF_ESTABLISHED; s < HF_STATE_COUNT; s++)
		for (unsigned i = 0; i < EACH; i++, count++)
			drive(p, (hf_state)s, (uint16_t)(10000 + count), &conns[count]);
	for (unsigned i = 0; i < EACH; i++) {
		crowd_as(p, (uint16_t)(9000 + i));
		PEER_SAY(p, .flags = SYN, .seq = 5);
	}
	stats = peer_stats(p);
	for (unsigned s = HF_SYN_RECEIVED; s < HF_STATE_COUNT; s++)
		assert_int_equal(stats.states[s], EACH);
	assert_true(p->heap.out - empty <= count * 2048); /* nothing is queued: no buffers */
	for (unsigned i = 0; i < count; i++)
		assert_int_equal(hf_conn_close(p->stack, conns[i]), HF_OK);
	peer_events(p);
	peer_wait(p, HF_SEC(600));
	peer_ignore(p);
	stats = peer_stats(p);
	assert_int_equal(stats.connections + stats.half_open + stats.time_wait, 0);
	assert_true(hf_stack_deadline(p->stack).ns == HF_NEVER.ns);
	peer_free(p);
}

/* A loop of connections to one peer, who closes last, with few local ports. */
static hf_err connect_and_close(peer *p)
{
	hf_conn c;
	const peer_seen *s;
	hf_err err = hf_conn_open(p->stack, &p->self, NULL, p->now, &c);

	if (err != HF_OK)
		return err;
	p->host = peer_info(p, c).local;
	peer_expect(p, SYN);
	PEER_SAY(p, .flags = SYN | ACK, .ack = 1);
	peer_expect(p, ACK);
	hf_conn_close(p->stack, c);
	s = peer_expect(p, FIN | ACK);
	PEER_SAY(p, .flags = FIN | ACK, .seq = 1, .ack = s->seq + 1);
	peer_expect(p, ACK);
	peer_events(p);
	return HF_OK;
}

static void ports_in_time_wait_run_out_cleanly_and_come_back(void **state)
{
	for (unsigned stamps = 0; stamps < 2; stamps++) {
		hf_config config = peer_config(false);
		peer *p;
		size_t memory;

		(void)state;
		config.first_port = 40000;
		config.last_port = 40000 + PORTS - 1;
		config.no_timestamps = !stamps;
		p = peer_new(&config);
		p->offer.present |= stamps ? HF_HAS(TIMESTAMPS) : 0;
		for (unsigned i = 0; i < PORTS; i++)
			assert_int_equal(connect_and_close(p), HF_OK);
		memory = p->heap.out;
		for (unsigned i = 0; i < 1000; i++)
			assert_int_equal(connect_and_close(p), HF_ERR_NO_PORT);
		assert_int_equal(p->heap.out, memory);
		assert_int_equal(peer_stats(p).time_wait, PORTS);
		p->self.port++; /* another port of the peer's is another matter */
		assert_int_equal(connect_and_close(p), HF_OK);
		p->self.port--;
		peer_wait(p, HF_SEC(61));
		for (unsigned i = 0; i < PORTS; i++)
			assert_int_equal(connect_and_close(p), HF_OK);
		peer_ignore(p);
		peer_free(p);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(no_segment_stops_the_timer),
		cmocka_unit_test(every_state_is_bounded_and_ends),
		cmocka_unit_test(ports_in_time_wait_run_out_cleanly_and_come_back),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
