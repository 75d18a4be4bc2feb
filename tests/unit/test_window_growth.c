/* SPDX-License-Identifier: BSD-2-Clause */
/* How large the announced window and the receive buffer grow, and for what (RFC 9293 3.8.6). */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "tests/unit/transfer.h"

/* The largest window that the host announces for segments of `len`, which are read at once. */
static uint32_t largest_window_for(uint32_t len)
{
	uint32_t at = 1, largest = 0;
	hf_conn c;
	peer *p = transfer(WITH_SCALE, &c);

	for (int i = 0; i < 400; i++, at += len) {
		PEER_SAY(p, .flags = ACK, .seq = at, .ack = 1, .len = len);
		peer_app_receive(p, c, at, len);
		peer_wait(p, HF_MS(40));
		for (const peer_seen *s; (s = peer_next(p)) != NULL;)
			if ((uint32_t)s->tcp.window << 7 > largest)
				largest = (uint32_t)s->tcp.window << 7;
	}
	peer_free(p);
	return largest;
}

/* Small segments cost far more memory than text: they are no reason to promise more. */
static void the_window_grows_with_what_arrives_unless_it_is_small(void **state)
{
	(void)state;
	assert_in_range(largest_window_for(127), 64240 - 127, 64240 + 127);
	assert_in_range(largest_window_for(128), 65536 - 127, 65536 + 127); /* the buffer */
}

/* A receive buffer that was set is there from the start: nothing has to be learned first. */
static void a_set_receive_buffer_is_as_large_from_the_start(void **state)
{
	peer *p = peer_new(NULL);
	uint32_t end = 2, room;
	hf_conn c;

	(void)state;
	peer_listen(p);
	assert_int_equal(hf_listener_set(p->stack, p->listener, HF_OPTION_RECEIVE_BUFFER, 200000),
			 HF_OK);
	p->offer.present |= WITH_SCALE;
	p->offer.wscale = 7;
	c = peer_handshake_passive(p);
	PEER_SAY(p, .flags = ACK, .seq = 1, .ack = 1, .len = 1);
	while ((room = peer_info(p, c).rcv_wnd) > 0) {
		PEER_SAY(p, .flags = ACK, .seq = end, .ack = 1, .len = room < 1460 ? room : 1460);
		end += room < 1460 ? room : 1460;
		peer_wait(p, HF_SEC(1)); /* past any delay */
		peer_ignore(p);
	}
	/* A segment of slack, and what rounding the scaled window adds. */
	assert_in_range(end, 200000 - 1460, 200000 + 200000 / 4);
	peer_free(p);
}

/* In one round trip `len` octets arrive and are read; of them `ahead` after a gap of 1000. */
static void one_round(peer *p, hf_conn c, uint32_t from, uint32_t len, uint32_t ahead)
{
	peer_wait(p, HF_MS(20));
	for (uint32_t at = 0; at < ahead; at += 1000)
		PEER_SAY(p, .flags = ACK, .seq = from + len + 1000 + at, .ack = 1, .len = 1000);
	for (uint32_t at = 0; at < len; at += 1000)
		PEER_SAY(p, .flags = ACK, .seq = from + at, .ack = 1, .len = 1000);
	assert_int_equal(hf_conn_consume(p->stack, c, len), HF_OK);
	peer_ignore(p);
}

/*
 * Dynamic right-sizing: twice what is taken in a round trip, and as much again for what the next
 * two will bring if they grow as this one did: six times for one that doubles an initial window.
 */
static void the_buffer_follows_what_is_read_in_a_round_trip(void **state)
{
	static const struct {
		uint32_t taken, ahead, buffer;
	} cases[] = {
		{ 20000, 0, 120000 }, { 16000, 0, 70400 }, { 20000, 4000, 125000 },
		{ 15000, 0, 65536 },  { 5000, 0, 65536 },
	};

	hf_config config = peer_config(false);

	(void)state;
	config.mtu = 1040; /* an initial window is ten of the segments that we have announced */
	for (unsigned i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		hf_conn c;
		peer *p = transfer_with(&config, WITH_SCALE, HF_MS(10), &c);

		one_round(p, c, 1, cases[i].taken, cases[i].ahead);
		assert_int_equal(peer_info(p, c).rcv_buffer, cases[i].buffer);
		assert_int_equal(peer_info(p, c).rcv_space,
				 cases[i].taken > 10000 ? cases[i].taken : 10000);
		if (cases[i].ahead == 0) { /* as much again shows nothing new */
			one_round(p, c, 1 + cases[i].taken, cases[i].taken, 0);
			assert_int_equal(peer_info(p, c).rcv_buffer, cases[i].buffer);
		}
		peer_free(p);
	}
}

/* Who lets text pile up needs no more room for it. */
static void what_is_not_read_does_not_make_the_buffer_grow(void **state)
{
	hf_conn c;
	peer *p = transfer_with(NULL, WITH_SCALE, HF_MS(10), &c);

	(void)state;
	peer_wait(p, HF_MS(20));
	for (uint32_t at = 1; at < 40000; at += 1000)
		PEER_SAY(p, .flags = ACK, .seq = at, .ack = 1, .len = 1000);
	assert_int_equal(hf_conn_consume(p->stack, c, 20000), HF_OK);
	assert_int_equal(peer_info(p, c).rcv_buffer, 65536);
	peer_free(p);
}

/* Ten large segments are more than half of the first buffer, but only what is read counts. */
static void large_segments_alone_do_not_make_the_buffer_grow(void **state)
{
	hf_config config = peer_config(false);
	hf_conn c;
	peer *p;

	(void)state;
	config.mtu = 9000;
	p = peer_new(&config);
	p->offer.present |= WITH_SCALE;
	p->offer.wscale = 7;
	p->offer.mss = 8960;
	c = peer_handshake_passive(p);
	PEER_SAY(p, .flags = ACK, .seq = 1, .ack = 1, .len = 8960);
	assert_int_equal(peer_info(p, c).rcv_buffer, 65536);
	peer_free(p);
}

/* A window that is clamped ends there, however large the buffer and however fast the reader. */
static void a_clamped_window_is_never_larger(void **state)
{
	uint32_t at = 1, largest = 0;
	hf_conn c;
	peer *p = transfer(WITH_SCALE, &c);

	(void)state;
	assert_int_equal(hf_conn_set(p->stack, c, HF_OPTION_WINDOW_CLAMP, 5000), HF_OK);
	for (int i = 0; i < 200; i++, at += 1000) {
		PEER_SAY(p, .flags = ACK, .seq = at, .ack = 1, .len = 1000);
		assert_int_equal(hf_conn_consume(p->stack, c, 1000), HF_OK);
		peer_wait(p, HF_MS(1));
		for (const peer_seen *s; (s = peer_next(p)) != NULL;)
			if (i >= 100) /* what was promised before does not shrink */
				largest = s->tcp.window > largest ? s->tcp.window : largest;
	}
	assert_in_range(largest << 7, 5000 - MSS, 5000 + 127);
	peer_free(p);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_window_grows_with_what_arrives_unless_it_is_small),
		cmocka_unit_test(a_set_receive_buffer_is_as_large_from_the_start),
		cmocka_unit_test(the_buffer_follows_what_is_read_in_a_round_trip),
		cmocka_unit_test(what_is_not_read_does_not_make_the_buffer_grow),
		cmocka_unit_test(large_segments_alone_do_not_make_the_buffer_grow),
		cmocka_unit_test(a_clamped_window_is_never_larger),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
