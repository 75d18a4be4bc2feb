/* SPDX-License-Identifier: BSD-2-Clause */
/* Memory of a connection: none while it is idle, and no octet lost when none is to be had. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "tcp/history.h"
#include "tests/unit/transfer.h"

static void an_idle_connection_holds_no_buffers(void **state)
{
	hf_conn c;
	peer *p = transfer(WITH_SACK, &c);
	size_t before = peer_stats(p).memory;

	(void)state;
	peer_app_send(p, c, 1, 5000);
	PEER_SAY(p, .flags = ACK, .seq = 2001, .ack = 1, .len = 1000);
	PEER_SAY(p, .flags = ACK, .seq = 1, .ack = 1, .len = 2000);
	assert_true(peer_stats(p).buffers >= 8000);
	peer_ignore(p);
	PEER_SAY(p, .flags = ACK, .seq = 3001, .ack = 5001);
	peer_app_receive(p, c, 1, 3000);
	assert_int_equal(peer_stats(p).buffers, 0);
	assert_int_equal(peer_stats(p).memory, before + sizeof(hf_history)); /* it stays */
	peer_free(p);
}

static void the_memory_that_is_told_is_what_the_allocator_has_given(void **state)
{
	hf_conn c;
	peer *p = peer_new(NULL);

	(void)state;
	assert_int_equal(peer_stats(p).memory, p->heap.out);
	peer_free(p);
	p = transfer(PLAIN, &c);
	peer_app_send(p, c, 1, 100);
	assert_int_equal(peer_stats(p).memory, p->heap.out);
	peer_free(p);
}

/* The application sends `len` octets from `from` on, and tries again while there is no memory. */
static void send_stubbornly(peer *p, hf_conn c, uint32_t from, uint32_t len)
{
	static uint8_t text[8192];
	size_t sent = 12345;

	peer_pattern(text, from, len);
	while (hf_conn_send(p->stack, c, text, len, &sent) == HF_ERR_NO_MEMORY)
		assert_int_equal(sent, 12345);
	assert_int_equal(sent, len);
}

/* The peer repeats its segments, out of order, until all of them are acknowledged. */
static void say_stubbornly(peer *p, hf_conn c, uint32_t from, uint32_t count)
{
	uint32_t end = from + count * 500;

	for (int tries = 0; p->isn.v + end != peer_info(p, c).rcv_nxt; tries++) {
		assert_in_range(tries, 0, 3);
		for (uint32_t i = count; i-- > 0;)
			PEER_SAY(p, .flags = ACK, .seq = from + i * 500, .ack = 1, .len = 500);
	}
	peer_app_receive(p, c, from, end - from);
}

/* Acknowledges what arrives in order until everything before `end` has been seen. */
static void hear_all(peer *p, uint32_t end)
{
	uint32_t heard = 1;
	const peer_seen *s;

	for (int tries = 0; heard < end; tries++) {
		assert_in_range(tries, 0, 40);
		while ((s = peer_next(p)) != NULL) {
			peer_check_text(s);
			if (s->len > 0 && s->seq <= heard && s->seq + s->len > heard)
				heard = s->seq + s->len;
		}
		PEER_SAY(p, .flags = ACK, .seq = 6001, .ack = heard);
		peer_wait(p, HF_SEC(1));
	}
}

static void a_refused_allocation_loses_no_octet(void **state)
{
	unsigned points = 0;

	(void)state;
	for (bool refused = true; refused; points++) {
		hf_conn c;
		peer *p = transfer(WITH_SACK, &c);

		p->heap.refuses_in = points + 1;
		send_stubbornly(p, c, 1, 5000);
		say_stubbornly(p, c, 1, 12);
		send_stubbornly(p, c, 5001, 8000);
		hear_all(p, 13001);
		assert_int_equal(peer_info(p, c).in_flight, 0);
		assert_int_equal(peer_state(p, c), HF_ESTABLISHED);
		refused = p->heap.refuses_in == 0;
		peer_free(p);
	}
	assert_in_range(points, 5, 100);
}

static void a_send_that_finds_no_memory_keeps_none(void **state)
{
	hf_conn c;
	peer *p = transfer(PLAIN, &c);
	size_t before = peer_stats(p).memory, sent = 99;

	(void)state;
	for (unsigned i = 1; i <= 2; i++) {
		p->heap.refuses_in = i;
		assert_int_equal(hf_conn_send(p->stack, c, "x", 1, &sent), HF_ERR_NO_MEMORY);
		assert_int_equal(sent, 99);
		assert_int_equal(peer_stats(p).memory, before);
	}
	peer_app_send(p, c, 1, 1);
	EXPECT_TEXT(p, 1, 1);
	peer_free(p);
}

static void without_memory_the_peer_is_told_nothing_that_is_not_true(void **state)
{
	hf_conn c;
	peer *p = transfer(PLAIN, &c);

	(void)state;
	p->heap.refuses = true;
	assert_int_equal(PEER_SAY(p, .flags = ACK, .seq = 1, .ack = 1, .len = 100),
			 HF_WHY_NO_BUFFER);
	peer_wait(p, HF_SEC(1));
	for (const peer_seen *s; (s = peer_next(p)) != NULL;)
		assert_int_equal(s->ack, 1);
	assert_int_equal(PEER_SAY(p, .flags = ACK | FIN, .seq = 1, .ack = 1, .len = 100),
			 HF_WHY_NO_BUFFER);
	assert_int_equal(peer_events(p), 0);
	p->heap.refuses = false;
	PEER_SAY(p, .flags = ACK, .seq = 1, .ack = 1, .len = 100);
	peer_app_receive(p, c, 1, 100);
	peer_free(p);
}

/* The peer answers a segment that left, while nothing more is to be had from the allocator. */
static void what_has_left_is_acknowledged_without_any_memory(void **state)
{
	unsigned points = 0, answered = 0;

	(void)state;
	for (bool refused = true; refused; points++) {
		size_t sent;
		hf_conn c;
		peer *p = transfer(WITH_SACK, &c);

		p->heap.for_good = true;
		p->heap.refuses_in = points + 1;
		(void)hf_conn_send(p->stack, c, "text", 4, &sent);
		peer_collect(p);
		refused = p->heap.refuses_in == 0;
		if (peer_info(p, c).in_flight > 0) {
			PEER_SAY(p, .flags = ACK, .seq = 1, .ack = 5);
			assert_int_equal(peer_info(p, c).in_flight, 0);
			answered++;
		}
		p->heap.refuses = p->heap.for_good = false;
		peer_free(p);
	}
	assert_in_range(points, 4, 20);
	assert_in_range(answered, 2, points); /* without its history, and with all */
}

/* A whole segment does not wait for the cork, but it may have to wait for memory. */
static void a_corked_segment_that_found_no_memory_is_tried_again(void **state)
{
	uint8_t text[MSS];
	size_t sent;
	hf_conn c;
	peer *p = transfer(PLAIN, &c);

	(void)state;
	assert_int_equal(hf_conn_set(p->stack, c, HF_OPTION_CORK, 1), HF_OK);
	peer_pattern(text, 1, MSS);
	assert_int_equal(hf_conn_send(p->stack, c, text, MSS, &sent), HF_OK);
	p->heap.refuses = true; /* for the list of what was sent */
	peer_expect_nothing(p);
	p->heap.refuses = false;
	peer_wait_for_output(p, HF_SEC(2));
	EXPECT_TEXT(p, 1, MSS);
	peer_free(p);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(an_idle_connection_holds_no_buffers),
		cmocka_unit_test(the_memory_that_is_told_is_what_the_allocator_has_given),
		cmocka_unit_test(a_refused_allocation_loses_no_octet),
		cmocka_unit_test(a_send_that_finds_no_memory_keeps_none),
		cmocka_unit_test(without_memory_the_peer_is_told_nothing_that_is_not_true),
		cmocka_unit_test(what_has_left_is_acknowledged_without_any_memory),
		cmocka_unit_test(a_corked_segment_that_found_no_memory_is_tried_again),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
