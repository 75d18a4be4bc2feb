/* SPDX-License-Identifier: BSD-2-Clause */
/* Fast Open in a stack, spoken to by a scripted peer (RFC 7413): text, cookies, memory, limits. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "tests/support/complaint.h"

#define CACHE 256 /* peers, at most */

static peer *peer_with(uint32_t fast_open)
{
	hf_config config = peer_config(false);

	config.fast_open = fast_open;
	return peer_new(&config);
}

static hf_tcp_options mss_and_cookie(const uint8_t *cookie, size_t len)
{
	return (hf_tcp_options){
		.present = HF_HAS(MSS) | HF_HAS(FAST_OPEN),
		.mss = 1460,
		.fast_open = { cookie, len },
	};
}

/* ---- The client ---- */

static hf_conn open_fast(peer *p)
{
	hf_conn_options o = { .size = sizeof(o), .fast_open = true };
	hf_conn c;

	assert_int_equal(hf_conn_open(p->stack, &p->self, &o, p->now, &c), HF_OK);
	p->host = peer_info(p, c).local;
	return c;
}

static void check_cookie(const peer_seen *s, const uint8_t *cookie, size_t len)
{
	const hf_tcp_options *o = &s->tcp.options;

	assert_true(o->present & HF_HAS(FAST_OPEN));
	assert_int_equal(o->fast_open.len, len);
	if (len > 0)
		assert_memory_equal(o->fast_open.at, cookie, len);
}

/* Asks for a cookie, gets it, and lets go. */
static void get_cookie(peer *p, const uint8_t *cookie, size_t len)
{
	hf_conn c = open_fast(p);

	check_cookie(peer_expect(p, SYN), NULL, 0);
	PEER_SAY(p, .flags = SYN | ACK, .ack = 1, .options = mss_and_cookie(cookie, len));
	PEER_EXPECT(p, .flags = ACK, .seq = 1, .ack = 1);
	hf_conn_abort(p->stack, c);
	peer_expect(p, RST | ACK);
}

static const uint8_t cookie8[] = { 1, 2, 3, 4, 5, 6, 7, 8 };

static void the_syn_waits_for_text_and_carries_it(void **state)
{
	peer *p = peer_with(HF_FAST_OPEN_CLIENT);
	const peer_seen *s;
	hf_conn c;

	(void)state;
	get_cookie(p, cookie8, sizeof(cookie8));
	c = open_fast(p);
	assert_int_equal(peer_info(p, c).fast_open_room, 1420);
	peer_wait(p, HF_SEC(10));
	peer_expect_nothing(p);
	peer_app_send(p, c, 1, 700);
	assert_int_equal(peer_info(p, c).fast_open_room, 0);
	s = peer_expect(p, SYN);
	check_cookie(s, cookie8, sizeof(cookie8));
	assert_int_equal(s->len, 700);
	for (uint32_t i = 0; i < s->len; i++)
		assert_int_equal(s->tcp.payload.at[i], peer_octet(1 + i));
	PEER_SAY(p, .flags = SYN | ACK, .ack = 701);
	PEER_EXPECT(p, .flags = ACK, .seq = 701, .ack = 1);
	assert_int_equal(peer_info(p, c).fast_open, HF_FAST_OPEN_ACKED);
	assert_true(peer_info(p, c).octets_acked == 700);
	assert_true(peer_events(p) & HF_EVENT_SENT_ALL);
	peer_free(p);
}

static void text_that_was_not_taken_is_sent_whole(void **state)
{
	peer *p = peer_with(HF_FAST_OPEN_CLIENT);
	const peer_seen *s;
	hf_conn c;

	(void)state;
	get_cookie(p, cookie8, sizeof(cookie8));
	c = open_fast(p);
	peer_app_send(p, c, 1, 3000);
	assert_int_equal(peer_expect(p, SYN)->len, 1420); /* the MSS less room for options */
	PEER_SAY(p, .flags = SYN | ACK, .ack = 1,
		 .options = { .present = HF_HAS(MSS), .mss = 600 });
	for (uint32_t at = 1; at < 3001; at += s->len) {
		s = peer_expect(p, ACK);
		if (s->len == 0) { /* the third message, if it goes by itself */
			s = peer_expect(p, ACK);
		}
		assert_int_equal(s->seq, at);
		assert_in_range(s->len, 1, 600);
		peer_check_text(s);
	}
	assert_int_equal(peer_info(p, c).fast_open, HF_FAST_OPEN_NOT_ACKED);
	peer_free(p);
}

static void a_shutdown_lets_the_syn_go(void **state)
{
	peer *p = peer_with(HF_FAST_OPEN_CLIENT);
	hf_conn c;

	(void)state;
	get_cookie(p, cookie8, sizeof(cookie8));
	c = open_fast(p);
	peer_expect_nothing(p);
	assert_int_equal(hf_conn_shutdown(p->stack, c), HF_OK);
	PEER_EXPECT(p, .flags = SYN);
	PEER_SAY(p, .flags = SYN | ACK, .ack = 1);
	PEER_EXPECT(p, .flags = FIN | ACK, .seq = 1, .ack = 1);
	peer_free(p);
}

static void a_waiting_connection_can_be_dropped(void **state)
{
	peer *p = peer_with(HF_FAST_OPEN_CLIENT);

	(void)state;
	get_cookie(p, cookie8, sizeof(cookie8));
	hf_conn_close(p->stack, open_fast(p));
	hf_conn_abort(p->stack, open_fast(p));
	open_fast(p); /* and one that the stack's end finds */
	peer_expect_nothing(p);
	peer_free(p);
}

static void go_to(peer *p, uint32_t n)
{
	p->self.addr = hf_addr_v4(10, 1, (uint8_t)(n >> 8), (uint8_t)n);
}

static void the_cache_is_bounded_and_keeps_the_latest(void **state)
{
	peer *p = peer_with(HF_FAST_OPEN_CLIENT);
	size_t full = 0;

	(void)state;
	for (uint32_t n = 0; n < 4 * CACHE; n++) {
		uint8_t own[4] = { 9, 9, (uint8_t)(n >> 8), (uint8_t)n };
		hf_conn c;

		go_to(p, n);
		get_cookie(p, own, sizeof(own));
		c = open_fast(p);
		peer_app_send(p, c, 1, 10);
		check_cookie(peer_expect(p, SYN), own, sizeof(own)); /* the latest is known */
		hf_conn_abort(p->stack, c);
		peer_expect_nothing(p);
		peer_events(p); /* whose connections are freed then */
		if (n == CACHE)
			full = p->heap.out;
		if (n > CACHE)
			assert_true(p->heap.out <= full);
	}
	peer_free(p);
}

static void who_is_needed_stays_in_the_cache(void **state)
{
	peer *p = peer_with(HF_FAST_OPEN_CLIENT);

	(void)state;
	go_to(p, 0);
	get_cookie(p, cookie8, sizeof(cookie8));
	for (uint32_t n = 1; n < 4 * CACHE; n++) {
		hf_conn c;

		go_to(p, n);
		get_cookie(p, cookie8, 4);
		go_to(p, 0);
		c = open_fast(p);
		assert_true(peer_info(p, c).fast_open_room > 0);
		hf_conn_abort(p->stack, c);
		peer_events(p);
	}
	peer_free(p);
}

static bool syn_waits_for_text(peer *p)
{
	hf_conn c = open_fast(p);
	bool waits;

	peer_collect(p);
	waits = peer_next(p) == NULL;
	hf_conn_abort(p->stack, c);
	peer_ignore(p);
	return waits;
}

/* RFC 7413 4.1.3.1: each failure doubles the pause; one connection is one failure. */
static void a_connection_is_suspected_once(void **state)
{
	peer *p = peer_with(HF_FAST_OPEN_CLIENT);
	hf_conn c;

	(void)state;
	get_cookie(p, cookie8, sizeof(cookie8));
	c = open_fast(p);
	peer_app_send(p, c, 1, 100);
	peer_expect(p, SYN);
	PEER_SAY(p, .flags = SYN | ACK, .ack = 1);
	for (unsigned i = 0; i < 4; i++) /* its FIN, ahead of text that is missing */
		PEER_SAY(p, .flags = FIN | ACK, .seq = 500, .ack = 101);
	hf_conn_abort(p->stack, c);
	peer_ignore(p);
	assert_false(syn_waits_for_text(p));
	peer_wait(p, HF_SEC(3600) + HF_SEC(1));
	peer_ignore(p);
	assert_true(syn_waits_for_text(p));
	peer_free(p);
}

static void switched_off_it_opens_in_the_ordinary_way(void **state)
{
	peer *p = peer_with(HF_FAST_OPEN_OFF);

	(void)state;
	open_fast(p);
	assert_false(peer_expect(p, SYN)->tcp.options.present & HF_HAS(FAST_OPEN));
	peer_free(p);
}

static void without_memory_it_opens_in_the_ordinary_way(void **state)
{
	(void)state;
	for (unsigned k = 1; k < 12; k++) {
		peer *p = peer_with(HF_FAST_OPEN_CLIENT);
		hf_conn_options o = { .size = sizeof(o), .fast_open = true };
		hf_conn c;

		hf_conn_abort(p->stack, peer_handshake_active(p));
		peer_ignore(p);
		p->heap.refuses_in = k;
		if (hf_conn_open(p->stack, &p->self, &o, p->now, &c) == HF_OK) {
			p->host = peer_info(p, c).local;
			peer_expect(p, SYN);
			PEER_SAY(p, .flags = SYN | ACK, .ack = 1,
				 .options = mss_and_cookie(cookie8, sizeof(cookie8)));
			PEER_EXPECT(p, .flags = ACK, .seq = 1, .ack = 1);
		}
		p->heap.refuses_in = 0;
		peer_free(p);
	}
}

/* ---- The server ---- */

static void listen_fast(peer *p, uint32_t limit)
{
	hf_endpoint local = { .port = PEER_HOST_PORT };
	hf_listener_options o = { .size = sizeof(o), .fast_open = limit };

	assert_int_equal(hf_listener_open(p->stack, &local, &o, &p->listener), HF_OK);
	p->host.port = PEER_HOST_PORT;
}

/* The cookie that the host gives this peer; the half-open record is reset. */
static void ask_cookie(peer *p, uint8_t cookie[8])
{
	const peer_seen *s;

	PEER_SAY(p, .flags = SYN, .options = mss_and_cookie(NULL, 0));
	s = peer_expect(p, SYN | ACK);
	assert_int_equal(s->tcp.options.fast_open.len, 8);
	memcpy(cookie, s->tcp.options.fast_open.at, 8);
	PEER_SAY(p, .flags = RST, .seq = 1);
}

static void text_in_the_syn_is_delivered_at_once(void **state)
{
	peer *p = peer_with(HF_FAST_OPEN_SERVER);
	uint8_t cookie[8];
	hf_conn c;

	(void)state;
	listen_fast(p, 10);
	ask_cookie(p, cookie);
	PEER_SAY(p, .flags = SYN, .len = 300, .options = mss_and_cookie(cookie, 8));
	PEER_EXPECT(p, .flags = SYN | ACK, .ack = 301);
	assert_true(peer_events(p) & HF_EVENT_ACCEPTABLE);
	c = peer_accept(p);
	assert_int_equal(peer_state(p, c), HF_SYN_RECEIVED);
	assert_int_equal(peer_info(p, c).fast_open, HF_FAST_OPEN_ACCEPTED);
	assert_true(peer_events(p) & HF_EVENT_READABLE);
	peer_app_receive(p, c, 1, 300);
	peer_app_send(p, c, 1, 50);
	peer_check_text(PEER_EXPECT(p, .flags = ACK, .seq = 1, .ack = 301, .len = 50));
	PEER_SAY(p, .flags = ACK, .seq = 301, .ack = 51);
	assert_int_equal(peer_state(p, c), HF_ESTABLISHED);
	assert_true(peer_events(p) & HF_EVENT_CONNECTED);
	assert_true(peer_stats(p).opened_passive == 1 && peer_stats(p).accepted == 1);
	peer_free(p);
}

static void it_waits_only_once_to_be_accepted(void **state)
{
	peer *p = peer_with(HF_FAST_OPEN_SERVER);
	uint8_t cookie[8];
	hf_conn c;

	(void)state;
	listen_fast(p, 10);
	ask_cookie(p, cookie);
	PEER_SAY(p, .flags = SYN, .len = 300, .options = mss_and_cookie(cookie, 8));
	peer_expect(p, SYN | ACK);
	PEER_SAY(p, .flags = ACK, .seq = 301, .ack = 1);
	c = peer_accept(p);
	assert_int_equal(peer_state(p, c), HF_ESTABLISHED);
	assert_int_equal(hf_listener_accept(p->stack, p->listener, &c), HF_ERR_AGAIN);
	peer_free(p);
}

static void cookies_outlive_one_change_of_the_key(void **state)
{
	const uint64_t keys[2][2] = { { 5, 6 }, { 7, 8 } }, zero[2] = { 0, 0 };
	peer *p = peer_with(HF_FAST_OPEN_SERVER);
	uint8_t cookie[8];

	(void)state;
	listen_fast(p, 10);
	ask_cookie(p, cookie);
	assert_int_equal(hf_stack_fast_open_key(p->stack, zero), HF_ERR_BAD_SECRET);
	for (int i = 0; i < 2; i++) {
		const peer_seen *s;

		assert_int_equal(hf_stack_fast_open_key(p->stack, keys[i]), HF_OK);
		p->self.port++;
		PEER_SAY(p, .flags = SYN, .len = 10, .options = mss_and_cookie(cookie, 8));
		s = peer_expect(p, SYN | ACK);
		assert_int_equal(s->ack, i == 0 ? 11 : 1);
		assert_int_equal(s->tcp.options.fast_open.len, 8); /* a fresh one */
	}
	peer_free(p);
}

static void without_memory_a_server_does_without(void **state)
{
	(void)state;
	for (unsigned k = 1; k < 25; k++) {
		peer *p = peer_with(HF_FAST_OPEN_SERVER);
		uint8_t cookie[8];

		listen_fast(p, 10);
		ask_cookie(p, cookie);
		p->heap.refuses_in = k;
		PEER_SAY(p, .flags = SYN, .len = 300, .options = mss_and_cookie(cookie, 8));
		p->heap.refuses_in = 0;
		peer_ignore(p);
		PEER_SAY(p, .flags = ACK, .seq = 1, .ack = 1, .len = 300);
		peer_ignore(p);
		peer_free(p);
	}
}

/* The stack asks for cookies: one connection and one listener do not. */
static void one_may_do_without_cookies(void **state)
{
	peer *p = peer_with(HF_FAST_OPEN_CLIENT | HF_FAST_OPEN_SERVER);
	hf_conn_options o = { .size = sizeof(o), .fast_open = true, .fast_open_no_cookie = 1 };
	int64_t value;
	size_t sent;
	hf_conn c;

	(void)state;
	assert_int_equal(hf_conn_open(p->stack, &p->self, &o, p->now, &c), HF_OK);
	p->host = peer_info(p, c).local;
	peer_expect_nothing(p);
	assert_int_equal(hf_conn_send(p->stack, c, "text", 4, &sent), HF_OK);
	assert_false(PEER_EXPECT(p, .flags = SYN, .len = 4)->tcp.options.present &
		     HF_HAS(FAST_OPEN));
	hf_conn_abort(p->stack, c);
	peer_ignore(p);
	peer_free(p);

	p = peer_with(HF_FAST_OPEN_SERVER);
	listen_fast(p, 10);
	PEER_SAY(p, .flags = SYN, .len = 4);
	PEER_EXPECT(p, .flags = SYN | ACK, .ack = 1);
	PEER_SAY(p, .flags = RST, .seq = 1);
	assert_int_equal(hf_listener_set(p->stack, p->listener, HF_OPTION_FAST_OPEN_NO_COOKIE, 1),
			 HF_OK);
	assert_int_equal(
		hf_listener_get(p->stack, p->listener, HF_OPTION_FAST_OPEN_NO_COOKIE, &value),
		HF_OK);
	assert_int_equal(value, 1);
	PEER_SAY(p, .flags = SYN, .len = 4);
	PEER_EXPECT(p, .flags = SYN | ACK, .ack = 5);
	peer_ignore(p);
	peer_free(p);
}

static void limits_and_settings_are_checked(void **state)
{
	peer *p = peer_with(HF_FAST_OPEN_SERVER);
	hf_config config = peer_config(false);
	int64_t value;
	hf_stack *s;

	(void)state;
	listen_fast(p, 4096);
	assert_int_equal(hf_listener_get(p->stack, p->listener, HF_OPTION_FAST_OPEN, &value),
			 HF_OK);
	assert_true(value == 4096);
	assert_int_equal(hf_listener_set(p->stack, p->listener, HF_OPTION_FAST_OPEN, 4097),
			 HF_ERR_INVALID);
	assert_int_equal(hf_listener_set(p->stack, p->listener, HF_OPTION_FAST_OPEN, -1),
			 HF_ERR_INVALID);
	config.allocator = p->config.allocator;
	config.fast_open = 0x10;
	assert_int_equal(hf_stack_new(&config, p->now, &s), HF_ERR_INVALID);
	peer_free(p);
}

/* A window that the SYN's text has filled is no measure of what is read in a round trip. */
static void text_that_fills_the_window_at_once_is_survived(void **state)
{
	hf_config config = peer_config(false);
	uint8_t cookie[8];
	hf_conn c;
	peer *p;

	(void)state;
	config.fast_open = HF_FAST_OPEN_SERVER;
	config.receive_buffer = 1000;
	p = peer_new(&config);
	listen_fast(p, 10);
	ask_cookie(p, cookie);
	PEER_SAY(p, .flags = SYN, .len = 1000, .options = mss_and_cookie(cookie, 8));
	peer_expect(p, SYN | ACK);
	peer_wait(p, HF_MS(10));
	PEER_SAY(p, .flags = ACK, .seq = 1001, .ack = 1);
	c = peer_accept(p);
	peer_app_receive(p, c, 1, 1000);
	peer_wait(p, HF_SEC(1));
	PEER_SAY(p, .flags = ACK, .seq = 1001, .ack = 1, .len = 900);
	peer_app_receive(p, c, 1001, 900);
	assert_int_equal(peer_info(p, c).rcv_buffer, 1000);
	peer_free(p);
}

/* A report that the SYN was too big does not give it its tries back. */
static void a_report_of_a_syn_does_not_prolong_its_life(void **state)
{
	peer *p = peer_with(HF_FAST_OPEN_CLIENT);
	unsigned syns = 0;
	const peer_seen *s;
	hf_conn c;

	(void)state;
	get_cookie(p, cookie8, 8);
	p->host.port = 0;
	c = open_fast(p);
	assert_int_equal(hf_conn_set(p->stack, c, HF_OPTION_SYN_RETRIES, 2), HF_OK);
	peer_app_send(p, c, 1, 1000);
	s = peer_expect(p, SYN);
	assert_int_equal(s->len, 1000);
	for (int i = 0; i < 2; i++) {
		peer_wait_for_output(p, HF_SEC(9));
		peer_expect(p, SYN);
	}
	complain(p, (report){ 3, 4, 0 }, 600, s);
	peer_wait(p, HF_SEC(60));
	while ((s = peer_next(p)) != NULL)
		syns += (s->tcp.flags & SYN) != 0;
	assert_true(syns <= 1);
	assert_int_equal(peer_state(p, c), HF_CLOSED);
	peer_free(p);
}

/* There is no text whose packet could be the one that did not fit: the time-out sends it again. */
static void a_report_about_a_syn_without_text_sends_it_no_sooner(void **state)
{
	peer *p = peer_with(HF_FAST_OPEN_CLIENT);

	(void)state;
	open_fast(p);
	complain(p, (report){ 3, 4, 0 }, 600, peer_expect(p, SYN));
	peer_expect_nothing(p);
	assert_true(peer_wait_for_output(p, HF_SEC(2)) >= HF_SEC(1) - HF_MS(1));
	peer_expect(p, SYN);
	peer_free(p);
}

/* RFC 7413 4.2.1: the SYN's text fits into a packet of the path, with room for options. */
static void a_syn_s_text_fits_the_path(void **state)
{
	static const uint32_t mtus[] = { 1500, 600 };

	(void)state;
	for (unsigned i = 0; i < 2; i++) {
		hf_config config = peer_config(false);
		peer *p;

		config.fast_open = HF_FAST_OPEN_CLIENT;
		config.mtu = mtus[i];
		p = peer_new(&config);
		get_cookie(p, cookie8, sizeof(cookie8));
		assert_int_equal(peer_info(p, open_fast(p)).fast_open_room, mtus[i] - 40 - 40);
		peer_free(p);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_syn_waits_for_text_and_carries_it),
		cmocka_unit_test(text_that_was_not_taken_is_sent_whole),
		cmocka_unit_test(a_shutdown_lets_the_syn_go),
		cmocka_unit_test(a_waiting_connection_can_be_dropped),
		cmocka_unit_test(the_cache_is_bounded_and_keeps_the_latest),
		cmocka_unit_test(who_is_needed_stays_in_the_cache),
		cmocka_unit_test(a_connection_is_suspected_once),
		cmocka_unit_test(switched_off_it_opens_in_the_ordinary_way),
		cmocka_unit_test(without_memory_it_opens_in_the_ordinary_way),
		cmocka_unit_test(text_in_the_syn_is_delivered_at_once),
		cmocka_unit_test(it_waits_only_once_to_be_accepted),
		cmocka_unit_test(cookies_outlive_one_change_of_the_key),
		cmocka_unit_test(without_memory_a_server_does_without),
		cmocka_unit_test(one_may_do_without_cookies),
		cmocka_unit_test(limits_and_settings_are_checked),
		cmocka_unit_test(text_that_fills_the_window_at_once_is_survived),
		cmocka_unit_test(a_report_of_a_syn_does_not_prolong_its_life),
		cmocka_unit_test(a_report_about_a_syn_without_text_sends_it_no_sooner),
		cmocka_unit_test(a_syn_s_text_fits_the_path),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
