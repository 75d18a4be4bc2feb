/* SPDX-License-Identifier: BSD-2-Clause */
/* What a peer or an application may say to the letter, and no sane one would. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "tests/support/peer.h"

/* A loose route by way of nine routers that has arrived: as long as IPv4's options can be. */
static void nine_routers(uint8_t option[40])
{
	option[0] = 1;
	option[1] = 131;
	option[2] = 39;
	option[3] = 40;
	for (uint8_t i = 0; i < 9; i++)
		memcpy(option + 4 + 4 * i, (uint8_t[]){ 198, 51, 100, (uint8_t)(i + 1) }, 4);
}

/* The smallest MSS that is believed, and all options of IP and TCP: something must be left. */
static void a_small_mss_behind_a_long_route_leaves_room_for_text(void **state)
{
	hf_config config = peer_config(false);
	uint8_t route[40];
	peer *p;
	hf_conn c;

	(void)state;
	config.accept_source_route = 1;
	p = peer_new(&config);
	nine_routers(route);
	p->ip_options = (hf_view){ route, sizeof(route) };
	peer_offer_all(p);
	p->offer.mss = 1;
	c = peer_handshake_passive(p);
	assert_in_range(peer_info(p, c).snd_mss, 8, 48);
	PEER_SAY(p, .flags = ACK, .seq = 100, .ack = 1, .len = 10); /* SACK takes its part too */
	PEER_SAY(p, .flags = ACK, .seq = 200, .ack = 1, .len = 10);
	PEER_SAY(p, .flags = ACK, .seq = 300, .ack = 1, .len = 10);
	peer_ignore(p);
	peer_app_send(p, c, 1, 200);
	assert_in_range(peer_expect(p, ACK)->len, 1, 48);
	peer_free(p);
}

/* As far behind RCV.NXT as ahead of it: text that was never held is no block for SACK to repeat. */
static void text_half_the_numbers_away_is_only_a_duplicate(void **state)
{
	(void)state;
	for (unsigned held = 0; held < 2; held++) {
		hf_config config = peer_config(false);
		peer *p = peer_new(&config);

		peer_offer_all(p);
		(void)peer_handshake_passive(p);
		if (held) {
			PEER_SAY(p, .flags = ACK, .seq = 101, .ack = 1, .len = 10);
			assert_int_equal(peer_expect(p, ACK)->tcp.options.sack_count, 1);
		}
		for (unsigned times = 0; times < 3; times++) {
			const peer_seen *answer;

			PEER_SAY(p, .flags = ACK, .seq = 0x80000001, .ack = 1, .len = 10);
			answer = peer_expect(p, ACK);
			assert_int_equal(answer->ack, 1);
			assert_int_equal(answer->tcp.options.sack_count, 1 + held);
		}
		peer_free(p);
	}
}

/* RFC 1122 3.2.1.3 (g), RFC 4291 2.5.3: loopback addresses never come from a link. */
static void loopback_addresses_do_not_come_from_a_link(void **state)
{
	(void)state;
	for (unsigned v6 = 0; v6 < 2; v6++) {
		hf_config config = peer_config(v6);
		peer *p = peer_new(&config);

		peer_listen(p);
		p->self.addr = v6 ? (hf_addr){ { [15] = 1 } } : hf_addr_v4(127, 1, 2, 3);
		assert_int_equal(PEER_SAY(p, .flags = SYN), HF_WHY_IP_SOURCE);
		peer_expect_nothing(p);
		peer_free(p);
	}
}

/* Without SACK a duplicate ACK tells of a segment that arrived: of no more than were sent. */
static void duplicates_without_end_let_nothing_more_out(void **state)
{
	peer *p = peer_new(NULL);
	hf_conn c = peer_handshake_passive(p);
	hf_conn_info info;

	(void)state;
	p->window = 65535;
	peer_app_send(p, c, 1, 60000);
	peer_collect(p);
	for (unsigned i = 0; i < 500; i++) {
		PEER_SAY(p, .flags = ACK, .seq = 1, .ack = 1);
		peer_collect(p);
	}
	info = peer_info(p, c);
	assert_int_equal(info.phase, HF_PHASE_RECOVERY);
	assert_true(info.delivered <= info.in_flight);
	peer_free(p);
}

/* Whatever an option may be set to can be reckoned with. */
static void the_longest_times_are_times(void **state)
{
	peer *p = peer_new(NULL);
	hf_conn c = peer_handshake_passive(p);

	(void)state;
	assert_int_equal(hf_conn_set(p->stack, c, HF_OPTION_KEEPALIVE, HF_SEC(1)), HF_OK);
	assert_int_equal(hf_conn_set(p->stack, c, HF_OPTION_KEEPALIVE_INTERVAL, INT64_MAX / 2),
			 HF_OK);
	assert_int_equal(hf_conn_set(p->stack, c, HF_OPTION_USER_TIMEOUT, INT64_MAX), HF_OK);
	peer_wait(p, HF_SEC(2));
	peer_expect(p, ACK);
	assert_int_equal(hf_conn_set(p->stack, c, HF_OPTION_KEEPALIVE, HF_SEC(2)), HF_OK);
	peer_wait(p, HF_SEC(2));
	assert_int_equal(peer_state(p, c), HF_ESTABLISHED);
	assert_int_equal(hf_conn_set(p->stack, c, HF_OPTION_USER_TIMEOUT, HF_SEC(3)), HF_OK);
	assert_int_equal(hf_conn_set(p->stack, c, HF_OPTION_KEEPALIVE, HF_SEC(1)), HF_OK);
	peer_wait(p, HF_SEC(2));
	assert_int_equal(peer_state(p, c), HF_CLOSED);
	peer_free(p);
}

static void times_that_cannot_be_doubled_are_refused(void **state)
{
	hf_config config = peer_config(false);
	hf_ns *const field[] = { &config.msl, &config.max_rto, &config.fast_open_pause };
	struct heap heap = { 0 };
	hf_stack *s;

	(void)state;
	config.allocator = (hf_allocator){ heap_alloc, heap_free, &heap };
	for (unsigned i = 0; i < sizeof(field) / sizeof(field[0]); i++) {
		*field[i] = INT64_MAX;
		assert_int_equal(hf_stack_new(&config, (hf_time){ 0 }, &s), HF_ERR_INVALID);
		*field[i] = 0;
	}
	assert_true(heap.out == 0);
}

static void a_listeners_wrong_options_are_named(void **state)
{
	static const hf_listener_options wrong[] = {
		{ .size = sizeof(wrong[0]), .send_buffer = UINT32_MAX },
		{ .size = sizeof(wrong[0]), .receive_buffer = UINT32_MAX },
		{ .size = sizeof(wrong[0]), .fast_open = 4097 },
	};
	peer *p = peer_new(NULL);

	(void)state;
	for (unsigned i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++) {
		hf_endpoint at = { .port = 99 };
		hf_listener l;

		assert_int_equal(hf_listener_open(p->stack, &at, &wrong[i], &l), HF_ERR_INVALID);
	}
	peer_free(p);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_small_mss_behind_a_long_route_leaves_room_for_text),
		cmocka_unit_test(text_half_the_numbers_away_is_only_a_duplicate),
		cmocka_unit_test(loopback_addresses_do_not_come_from_a_link),
		cmocka_unit_test(duplicates_without_end_let_nothing_more_out),
		cmocka_unit_test(the_longest_times_are_times),
		cmocka_unit_test(times_that_cannot_be_doubled_are_refused),
		cmocka_unit_test(a_listeners_wrong_options_are_named),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
