/* SPDX-License-Identifier: BSD-2-Clause */
/* What counts at the ends of connections and of buffers: FINs, aborts, stray SYNs, room. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <handfast/urgent.h>

#include "tests/support/complaint.h"
#include "tests/unit/transfer.h"

/* The FIN takes a number, and is no octet. */
static void a_fin_is_not_counted_as_an_octet(void **state)
{
	(void)state;
	for (uint32_t octets = 0; octets <= 10; octets += 10) {
		hf_conn c;
		peer *p = transfer(PLAIN, &c);

		peer_app_send(p, c, 1, octets);
		peer_ignore(p);
		assert_int_equal(hf_conn_shutdown(p->stack, c), HF_OK);
		PEER_EXPECT(p, .flags = FIN | ACK, .seq = 1 + octets, .ack = 1);
		assert_int_equal(peer_info(p, c).octets_sent, octets);
		PEER_SAY(p, .flags = ACK, .seq = 1, .ack = octets + 2);
		assert_int_equal(peer_info(p, c).octets_acked, octets);
		assert_int_equal(peer_state(p, c), HF_FIN_WAIT_2);
		PEER_SAY(p, .flags = FIN | ACK, .seq = 1, .ack = octets + 2, .len = 5);
		assert_int_equal(peer_info(p, c).octets_received, 5);
		peer_free(p);
	}
}

static void a_connection_ends_once(void **state)
{
	hf_conn c;
	peer *p = transfer(PLAIN, &c);

	(void)state;
	PEER_SAY(p, .flags = RST, .seq = 1);
	assert_int_equal(peer_stats(p).ends[HF_WHY_RESET_BY_PEER], 1);
	assert_int_equal(peer_events(p), HF_EVENT_CLOSED);
	assert_int_equal(hf_conn_abort(p->stack, c), HF_OK);
	peer_expect_nothing(p);
	assert_int_equal(peer_events(p), 0);
	assert_int_equal(peer_stats(p).ends[HF_WHY_RESET_BY_PEER], 1);
	assert_int_equal(peer_stats(p).ends[HF_WHY_ABORTED_HERE], 0);
	peer_free(p);
}

/* SHLD-3 speaks of octets: where none are new, an orphan's peer is not reset. */
static void an_orphan_takes_acknowledgements_wherever_they_stand_in_the_window(void **state)
{
	hf_conn c;
	peer *p = transfer(PLAIN, &c);

	(void)state;
	assert_int_equal(hf_conn_close(p->stack, c), HF_OK);
	PEER_EXPECT(p, .flags = FIN | ACK, .seq = 1, .ack = 1);
	assert_int_equal(PEER_SAY(p, .flags = ACK, .seq = 51, .ack = 2), HF_WHY_NONE);
	peer_expect_nothing(p);
	assert_int_equal(peer_stats(p).states[HF_FIN_WAIT_2], 1);
	assert_int_equal(PEER_SAY(p, .flags = ACK, .seq = 1, .ack = 2, .len = 1),
			 HF_WHY_DATA_AFTER_CLOSE);
	peer_expect(p, RST | ACK);
	peer_free(p);
}

/* After the peer's FIN only what takes numbers is odd; acknowledgements go on. */
static void acknowledgements_after_a_fin_are_as_good_as_before(void **state)
{
	hf_conn c;
	peer *p = transfer(PLAIN, &c);

	(void)state;
	PEER_SAY(p, .flags = FIN | ACK, .seq = 1, .ack = 1);
	peer_app_send(p, c, 1, 10);
	peer_ignore(p);
	assert_int_equal(PEER_SAY(p, .flags = ACK, .seq = 2, .ack = 11), HF_WHY_NONE);
	assert_int_equal(peer_info(p, c).octets_acked, 10);
	assert_int_equal(PEER_SAY(p, .flags = ACK, .seq = 2, .ack = 11, .len = 1),
			 HF_WHY_DATA_AFTER_CLOSE);
	peer_free(p);
}

static void quick_acks_are_on_or_off(void **state)
{
	hf_conn c;
	peer *p = transfer(PLAIN, &c);

	(void)state;
	for (int64_t value = -1; value <= 2; value++)
		assert_int_equal(hf_conn_set(p->stack, c, HF_OPTION_QUICK_ACK, value),
				 value == 0 || value == 1 ? HF_OK : HF_ERR_INVALID);
	peer_free(p);
}

/* RFC 5961 4.2; only the SYN that has opened the connection is no suspicious one. */
static void a_stray_syn_is_told_from_the_first_one_again(void **state)
{
	hf_conn c;
	peer *p = transfer(PLAIN, &c);

	(void)state;
	assert_int_equal(PEER_SAY(p, .flags = SYN, .seq = 0), HF_WHY_SYN_DUPLICATE);
	assert_int_equal(PEER_SAY(p, .flags = SYN, .seq = UINT32_MAX), HF_WHY_SYN_CHALLENGED);
	assert_int_equal(PEER_SAY(p, .flags = SYN, .seq = 10000000), HF_WHY_SYN_CHALLENGED);
	peer_ignore(p);
	peer_free(p);
}

/* A connection that is open has got over what was reported while it opened (RFC 1122 4.2.3.9). */
static void what_was_reported_while_it_opened_is_forgotten_then(void **state)
{
	static const report no_host = { 3, 1, HF_WHY_ICMP_HOST };
	peer *p = peer_new(NULL);
	hf_conn c = peer_open(p);

	(void)state;
	complain(p, no_host, 0, peer_expect(p, SYN));
	assert_int_equal(peer_info(p, c).reason, HF_WHY_ICMP_HOST);
	PEER_SAY(p, .flags = SYN | ACK, .ack = 1);
	assert_int_equal(peer_info(p, c).reason, HF_WHY_NONE);
	peer_free(p);
}

/* The window that a SYN-ACK announces is the one that counts, whatever segment size was set. */
static void what_the_syn_ack_announces_is_the_window(void **state)
{
	static const uint16_t sizes[] = { 0, 1000, 700, 9000 };

	(void)state;
	for (unsigned i = 0; i < 4; i++) {
		peer *p = peer_new(NULL);
		uint16_t window;

		peer_listen(p);
		assert_int_equal(hf_listener_set(p->stack, p->listener, HF_OPTION_MSS, sizes[i]),
				 HF_OK);
		PEER_SAY(p, .flags = SYN);
		window = peer_expect(p, SYN | ACK)->tcp.window;
		PEER_SAY(p, .flags = ACK, .seq = 1, .ack = 1);
		assert_int_equal(peer_info(p, peer_accept(p)).rcv_wnd, window);
		peer_free(p);
	}
}

/* RFC 7323 2.2: without a scale no window is larger than the field, and no buffer need be. */
static void without_a_scale_the_buffer_is_no_larger_than_a_window(void **state)
{
	(void)state;
	for (int scaled = 0; scaled < 2; scaled++) {
		hf_config config = peer_config(false);
		hf_conn c;
		peer *p;

		config.receive_buffer = 200000;
		p = transfer_with(&config, scaled ? WITH_SCALE : PLAIN, 0, &c);
		assert_int_equal(peer_info(p, c).rcv_buffer > 65535, scaled);
		peer_free(p);
	}
}

/* A quarter of the buffer is free: that is worth a call. */
static void room_is_told_of_when_a_quarter_of_the_buffer_is_free(void **state)
{
	enum { BUFFER = 40000 };
	int64_t buffer;
	size_t sent;
	static uint8_t text[2 * BUFFER];
	hf_conn c;
	peer *p = transfer(PLAIN, &c);

	(void)state;
	assert_int_equal(hf_conn_set(p->stack, c, HF_OPTION_SEND_BUFFER, BUFFER), HF_OK);
	assert_int_equal(hf_conn_get(p->stack, c, HF_OPTION_SEND_BUFFER, &buffer), HF_OK);
	assert_int_equal(buffer, BUFFER);
	assert_int_equal(hf_conn_send(p->stack, c, text, sizeof(text), &sent), HF_OK);
	assert_int_equal(sent, BUFFER);
	peer_ignore(p);
	peer_events(p);
	PEER_SAY(p, .flags = ACK, .seq = 1, .ack = 1 + BUFFER / 4 - 1);
	assert_int_equal(peer_events(p) & HF_EVENT_WRITABLE, 0);
	PEER_SAY(p, .flags = ACK, .seq = 1, .ack = 1 + BUFFER / 4);
	assert_int_equal(peer_events(p) & HF_EVENT_WRITABLE, HF_EVENT_WRITABLE);
	peer_free(p);
}

/* Who was told of room, by what was dropped, is not told again by what is acknowledged. */
static void room_is_told_of_once(void **state)
{
	enum { BUFFER = 40000 };
	size_t sent, dropped;
	static uint8_t text[2 * BUFFER];
	hf_conn c;
	peer *p = transfer(PLAIN, &c);

	(void)state;
	assert_int_equal(hf_conn_set(p->stack, c, HF_OPTION_SEND_BUFFER, BUFFER), HF_OK);
	assert_int_equal(hf_conn_send(p->stack, c, text, sizeof(text), &sent), HF_OK);
	peer_ignore(p);
	peer_events(p);
	assert_int_equal(hf_conn_flush(p->stack, c, &dropped), HF_OK);
	assert_int_equal(peer_events(p), HF_EVENT_WRITABLE);
	PEER_SAY(p, .flags = ACK, .seq = 1, .ack = 1 + IW / 2);
	assert_int_equal(peer_events(p), 0);
	peer_free(p);
}

/* RFC 6298 2.1: without a sample, and without a SYN that was lost, the time-out is a second. */
static void crossing_syns_give_no_sample_and_no_doubt(void **state)
{
	peer *p = peer_new(NULL);
	hf_conn c = peer_open(p);

	(void)state;
	peer_expect(p, SYN);
	PEER_SAY(p, .flags = SYN);
	peer_expect(p, SYN | ACK);
	PEER_SAY(p, .flags = ACK, .seq = 1, .ack = 1);
	assert_int_equal(peer_state(p, c), HF_ESTABLISHED);
	assert_int_equal(peer_info(p, c).rto, HF_SEC(1));
	peer_free(p);
}

/* What exactly fits into the peer's window is not held back by it, but by Nagle here. */
static void the_peer_s_window_is_the_limit_only_where_it_holds_back(void **state)
{
	(void)state;
	for (uint32_t less = 0; less <= 1; less++) {
		hf_conn c;
		peer *p = transfer(PLAIN, &c);

		p->window = (uint16_t)(20 - less);
		acknowledge(p, 1);
		peer_app_send(p, c, 1, 10);
		EXPECT_TEXT(p, 1, 10);
		peer_app_send(p, c, 11, 10);
		peer_expect_nothing(p);
		peer_wait(p, HF_MS(50));
		assert_int_equal(peer_info(p, c).window_limited, less * HF_MS(50));
		peer_free(p);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_fin_is_not_counted_as_an_octet),
		cmocka_unit_test(a_connection_ends_once),
		cmocka_unit_test(
			an_orphan_takes_acknowledgements_wherever_they_stand_in_the_window),
		cmocka_unit_test(acknowledgements_after_a_fin_are_as_good_as_before),
		cmocka_unit_test(quick_acks_are_on_or_off),
		cmocka_unit_test(a_stray_syn_is_told_from_the_first_one_again),
		cmocka_unit_test(what_was_reported_while_it_opened_is_forgotten_then),
		cmocka_unit_test(what_the_syn_ack_announces_is_the_window),
		cmocka_unit_test(without_a_scale_the_buffer_is_no_larger_than_a_window),
		cmocka_unit_test(room_is_told_of_when_a_quarter_of_the_buffer_is_free),
		cmocka_unit_test(room_is_told_of_once),
		cmocka_unit_test(crossing_syns_give_no_sample_and_no_doubt),
		cmocka_unit_test(the_peer_s_window_is_the_limit_only_where_it_holds_back),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
