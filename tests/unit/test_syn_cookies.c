/* SPDX-License-Identifier: BSD-2-Clause */
/* Handshakes by SYN cookies: no record, and nothing is lost (RFC 4987 3.6). */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <string.h>

#include "tests/support/peer.h"

#define OTHER_PORT 40000 /* the peer's port whose SYN fills the table */

static peer *listening_with(hf_config *config, uint32_t backlog)
{
	hf_listener_options o = { .size = sizeof(o), .backlog = backlog };
	hf_endpoint at = { .port = PEER_HOST_PORT };
	peer *p = peer_new(config);

	assert_int_equal(hf_listener_open(p->stack, &at, &o, &p->listener), HF_OK);
	return p;
}

/* A host whose table of half-open records is full. */
static peer *under_flood(hf_config *config)
{
	peer *p;

	config->max_half_open = 1;
	p = listening_with(config, 10);
	p->self.port = OTHER_PORT;
	assert_int_equal(PEER_SAY(p, .flags = SYN), HF_WHY_NONE);
	peer_ignore(p);
	p->self.port = PEER_PORT;
	return p;
}

static peer *flooded(void)
{
	hf_config config = peer_config(false);

	return under_flood(&config);
}

static void opens_by_cookie(peer *p)
{
	assert_int_equal(PEER_SAY(p, .flags = SYN), HF_WHY_SYN_COOKIE);
}

/* Exactly these, padding left aside. */
static bool offers(const peer_seen *s, uint32_t options)
{
	return (s->tcp.options.present & ~(uint32_t)HF_HAS(NOP)) == options;
}

/* ---- What is agreed ---- */

static void all_options_survive(void **state)
{
	peer *p = flooded();
	const peer_seen *s;
	hf_conn_info info;
	hf_conn c;

	(void)state;
	peer_offer_all(p);
	opens_by_cookie(p);
	s = PEER_EXPECT(p, .flags = SYN | ACK, .seq = 0, .ack = 1);
	assert_true(offers(s, HF_HAS(MSS) | HF_HAS(SACK_PERMITTED) | HF_HAS(TIMESTAMPS) |
				      HF_HAS(WSCALE)));
	p->stamps = true;
	assert_int_equal(PEER_SAY(p, .flags = ACK, .seq = 1, .ack = 1), HF_WHY_NONE);
	c = peer_accept(p);
	info = peer_info(p, c);
	assert_int_equal(info.state, HF_ESTABLISHED);
	assert_int_equal(info.peer_mss, 1460);
	assert_int_equal(info.snd_wnd, (uint32_t)p->window << 7);
	peer_app_send(p, c, 1, 1000);
	s = PEER_EXPECT(p, .flags = ACK, .seq = 1, .ack = 1, .len = 1000);
	assert_true(s->tcp.options.present & HF_HAS(TIMESTAMPS));
	peer_check_text(s);
	PEER_SAY(p, .flags = ACK, .seq = 101, .ack = 1001, .len = 100);
	s = peer_expect(p, ACK);
	assert_true(s->tcp.options.present & HF_HAS(SACK));
	peer_free(p);
}

static void without_timestamps_no_window_is_scaled(void **state)
{
	peer *p = flooded();
	const peer_seen *s;
	hf_conn c;

	(void)state;
	peer_offer_all(p);
	p->offer.present &= ~(uint32_t)HF_HAS(TIMESTAMPS);
	opens_by_cookie(p);
	s = PEER_EXPECT(p, .flags = SYN | ACK, .seq = 0, .ack = 1);
	assert_true(offers(s, HF_HAS(MSS) | HF_HAS(SACK_PERMITTED)));
	assert_int_equal(PEER_SAY(p, .flags = ACK, .seq = 1, .ack = 1), HF_WHY_NONE);
	c = peer_accept(p);
	assert_int_equal(peer_info(p, c).snd_wnd, p->window);
	PEER_SAY(p, .flags = ACK, .seq = 101, .ack = 1, .len = 100);
	assert_true(peer_expect(p, ACK)->tcp.options.present & HF_HAS(SACK));
	peer_free(p);
}

static void a_size_in_between_is_rounded_down(void **state)
{
	peer *p = flooded();
	hf_conn c;

	(void)state;
	p->offer.mss = 1399;
	opens_by_cookie(p);
	PEER_EXPECT(p, .flags = SYN | ACK, .seq = 0, .ack = 1);
	PEER_SAY(p, .flags = ACK, .seq = 1, .ack = 1);
	c = peer_accept(p);
	peer_app_send(p, c, 1, 1361);
	PEER_EXPECT(p, .flags = ACK, .seq = 1, .ack = 1, .len = 1360);
	peer_free(p);
}

/* When the SYN-ACK went is not known, so that the last ACK measures nothing. */
static void there_is_no_round_trip_time_yet(void **state)
{
	peer *p = flooded();
	hf_conn c;

	(void)state;
	opens_by_cookie(p);
	peer_ignore(p);
	peer_wait(p, HF_MS(30));
	PEER_SAY(p, .flags = ACK, .seq = 1, .ack = 1);
	c = peer_accept(p);
	assert_int_equal(peer_info(p, c).srtt, 0);
	assert_int_equal(peer_info(p, c).min_rtt, 0);
	assert_int_equal(peer_info(p, c).rto, HF_SEC(1));
	assert_int_equal(peer_info(p, c).cwnd, 10 * 1460);
	peer_free(p);
}

/* ---- Nothing is kept, nothing is lost ---- */

static void no_memory_is_taken_before_the_last_ack(void **state)
{
	peer *p = flooded();
	hf_stats before = peer_stats(p), after;

	(void)state;
	for (uint16_t i = 0; i < 1000; i++) {
		p->self.port = (uint16_t)(PEER_PORT + i);
		opens_by_cookie(p);
		peer_ignore(p);
	}
	after = peer_stats(p);
	assert_int_equal(after.memory, before.memory);
	assert_int_equal(after.half_open, 1);
	assert_int_equal(after.reasons[HF_WHY_SYN_COOKIE], 1000);
	peer_free(p);
}

/* The bare ACK was lost, and so was some text: what overtakes it is not answered by a reset. */
static void text_completes_the_handshake_whatever_comes_first(void **state)
{
	peer *p = flooded();
	hf_conn c;

	(void)state;
	opens_by_cookie(p);
	peer_ignore(p);
	assert_int_equal(PEER_SAY(p, .flags = ACK, .seq = 101, .ack = 1, .len = 100),
			 HF_WHY_SYN_COOKIE_WRONG);
	peer_expect_nothing(p);
	assert_int_equal(PEER_SAY(p, .flags = ACK, .seq = 1, .ack = 1, .len = 100), HF_WHY_NONE);
	c = peer_accept(p);
	PEER_EXPECT(p, .flags = ACK, .seq = 1, .ack = 101);
	PEER_SAY(p, .flags = ACK, .seq = 101, .ack = 1, .len = 100);
	peer_app_receive(p, c, 1, 200);
	peer_free(p);
}

static void text_and_fin_may_come_with_the_last_ack(void **state)
{
	peer *p = flooded();
	hf_conn c;

	(void)state;
	opens_by_cookie(p);
	peer_ignore(p);
	assert_int_equal(PEER_SAY(p, .flags = ACK | FIN, .seq = 1, .ack = 1, .len = 10),
			 HF_WHY_NONE);
	c = peer_accept(p);
	assert_int_equal(peer_state(p, c), HF_CLOSE_WAIT);
	peer_app_receive(p, c, 1, 10);
	PEER_EXPECT(p, .flags = ACK, .seq = 1, .ack = 12);
	peer_free(p);
}

static void a_keepalive_probe_completes_it_too(void **state)
{
	peer *p = flooded();
	hf_seq isn;
	hf_conn c;

	(void)state;
	opens_by_cookie(p);
	isn = peer_expect(p, SYN | ACK)->tcp.seq;
	peer_wait(p, HF_SEC(60));
	peer_ignore(p);
	p->host_isn = isn; /* the record's SYN-ACK has gone again */
	assert_int_equal(PEER_SAY(p, .flags = ACK, .seq = 0, .ack = 1, .len = 1), HF_WHY_NONE);
	PEER_EXPECT(p, .flags = ACK, .seq = 1, .ack = 1);
	c = peer_accept(p);
	assert_int_equal(peer_state(p, c), HF_ESTABLISHED);
	PEER_SAY(p, .flags = ACK, .seq = 1, .ack = 1, .len = 10);
	peer_app_receive(p, c, 1, 10);
	peer_free(p);
}

/* ---- When ---- */

static void before_and_long_after_a_flood_an_ack_is_reset(void **state)
{
	peer *p = flooded();

	(void)state;
	assert_int_equal(PEER_SAY(p, .flags = ACK, .seq = 1, .ack = 77), HF_WHY_LISTEN_ACK);
	PEER_EXPECT(p, .flags = RST, .seq = 77);
	opens_by_cookie(p);
	peer_ignore(p);
	assert_int_equal(PEER_SAY(p, .flags = ACK, .seq = 1, .ack = 77), HF_WHY_SYN_COOKIE_WRONG);
	peer_expect_nothing(p);
	peer_wait(p, HF_SEC(127));
	peer_ignore(p);
	assert_int_equal(PEER_SAY(p, .flags = ACK, .seq = 1, .ack = 77), HF_WHY_SYN_COOKIE_WRONG);
	peer_wait(p, HF_SEC(1));
	assert_int_equal(PEER_SAY(p, .flags = ACK, .seq = 1, .ack = 77), HF_WHY_LISTEN_ACK);
	PEER_EXPECT(p, .flags = RST, .seq = 77);
	peer_free(p);
}

static void always_means_no_record_ever(void **state)
{
	hf_config config = peer_config(false);
	peer *p;

	(void)state;
	config.syn_cookies = HF_SYN_COOKIES_ALWAYS;
	p = listening_with(&config, 10);
	opens_by_cookie(p);
	peer_ignore(p);
	assert_int_equal(peer_stats(p).half_open, 0);
	PEER_SAY(p, .flags = ACK, .seq = 1, .ack = 1);
	peer_accept(p);
	peer_free(p);
}

static void off_means_that_the_syn_is_dropped(void **state)
{
	hf_config config = peer_config(false);
	peer *p;

	(void)state;
	config.syn_cookies = HF_SYN_COOKIES_OFF;
	config.syn_replacement = HF_SYN_REPLACEMENT_NONE;
	p = under_flood(&config);
	assert_int_equal(PEER_SAY(p, .flags = SYN), HF_WHY_SYN_TABLE_FULL);
	peer_expect_nothing(p);
	peer_free(p);
}

static void a_full_accept_queue_is_named_and_can_be_tried_again(void **state)
{
	hf_config config = peer_config(false);
	peer *p;
	hf_seq isn;

	(void)state;
	config.syn_cookies = HF_SYN_COOKIES_ALWAYS;
	p = listening_with(&config, 1);
	opens_by_cookie(p);
	isn = peer_expect(p, SYN | ACK)->tcp.seq;
	p->self.port = OTHER_PORT;
	opens_by_cookie(p);
	peer_ignore(p);
	PEER_SAY(p, .flags = ACK, .seq = 1, .ack = 1);
	p->self.port = PEER_PORT;
	p->host_isn = isn;
	assert_int_equal(PEER_SAY(p, .flags = ACK, .seq = 1, .ack = 1), HF_WHY_ACCEPT_QUEUE_FULL);
	peer_expect_nothing(p);
	peer_accept(p);
	assert_int_equal(PEER_SAY(p, .flags = ACK, .seq = 1, .ack = 1, .len = 5), HF_WHY_NONE);
	peer_accept(p);
	peer_free(p);
}

static void a_listener_that_waits_for_text_waits_without_a_record(void **state)
{
	hf_config config = peer_config(false);
	hf_conn c;
	peer *p;

	(void)state;
	config.syn_cookies = HF_SYN_COOKIES_ALWAYS;
	p = listening_with(&config, 1);
	assert_int_equal(hf_listener_set(p->stack, p->listener, HF_OPTION_DEFER_ACCEPT, HF_SEC(5)),
			 HF_OK);
	opens_by_cookie(p);
	peer_ignore(p);
	assert_int_equal(PEER_SAY(p, .flags = ACK, .seq = 1, .ack = 1), HF_WHY_ACCEPT_DEFERRED);
	assert_int_equal(peer_stats(p).connections, 0);
	assert_int_equal(PEER_SAY(p, .flags = ACK, .seq = 1, .ack = 1, .len = 5), HF_WHY_NONE);
	c = peer_accept(p);
	peer_app_receive(p, c, 1, 5);
	peer_free(p);
}

/* ---- Keys ---- */

static void keys_change_in_the_middle_of_handshakes(void **state)
{
	static const uint64_t none[2], second[2] = { 2, 2 }, third[2] = { 3, 3 };
	peer *p = flooded();

	(void)state;
	assert_int_equal(hf_stack_syn_cookie_key(p->stack, none), HF_ERR_BAD_SECRET);
	opens_by_cookie(p);
	peer_ignore(p);
	assert_int_equal(hf_stack_syn_cookie_key(p->stack, second), HF_OK);
	assert_int_equal(PEER_SAY(p, .flags = ACK, .seq = 1, .ack = 1), HF_WHY_NONE);
	peer_accept(p);
	p->self.port++;
	opens_by_cookie(p);
	peer_ignore(p);
	assert_int_equal(hf_stack_syn_cookie_key(p->stack, third), HF_OK);
	assert_int_equal(hf_stack_syn_cookie_key(p->stack, second), HF_OK);
	assert_int_equal(hf_stack_syn_cookie_key(p->stack, third), HF_OK);
	assert_int_equal(PEER_SAY(p, .flags = ACK, .seq = 1, .ack = 1), HF_WHY_NONE);
	p->self.port++;
	opens_by_cookie(p);
	peer_ignore(p);
	assert_int_equal(hf_stack_syn_cookie_key(p->stack, (uint64_t[2]){ 4, 4 }), HF_OK);
	assert_int_equal(hf_stack_syn_cookie_key(p->stack, (uint64_t[2]){ 5, 5 }), HF_OK);
	assert_int_equal(PEER_SAY(p, .flags = ACK, .seq = 1, .ack = 1), HF_WHY_SYN_COOKIE_WRONG);
	peer_free(p);
}

/* Two machines behind one address: the second completes what the first has begun. */
static void who_has_the_key_and_the_time_completes_the_handshake(void **state)
{
	hf_config config = peer_config(false);
	peer *p, *q;

	(void)state;
	config.syn_cookies = HF_SYN_COOKIES_ALWAYS;
	config.syn_cookie_key[0] = 17;
	p = listening_with(&config, 10);
	peer_offer_all(p);
	opens_by_cookie(p);
	peer_ignore(p);
	q = listening_with(&config, 10);
	q->self.port++;
	opens_by_cookie(q); /* it has clients of its own */
	peer_ignore(q);
	q->self.port--;
	q->stamps = true;
	q->host_isn = p->host_isn;
	q->heard_tsval = p->heard_tsval;
	assert_int_equal(PEER_SAY(q, .flags = ACK, .seq = 1, .ack = 1), HF_WHY_NONE);
	peer_free(p);
	peer_free(q);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(all_options_survive),
		cmocka_unit_test(without_timestamps_no_window_is_scaled),
		cmocka_unit_test(a_size_in_between_is_rounded_down),
		cmocka_unit_test(there_is_no_round_trip_time_yet),
		cmocka_unit_test(no_memory_is_taken_before_the_last_ack),
		cmocka_unit_test(text_completes_the_handshake_whatever_comes_first),
		cmocka_unit_test(text_and_fin_may_come_with_the_last_ack),
		cmocka_unit_test(a_keepalive_probe_completes_it_too),
		cmocka_unit_test(before_and_long_after_a_flood_an_ack_is_reset),
		cmocka_unit_test(always_means_no_record_ever),
		cmocka_unit_test(off_means_that_the_syn_is_dropped),
		cmocka_unit_test(a_full_accept_queue_is_named_and_can_be_tried_again),
		cmocka_unit_test(a_listener_that_waits_for_text_waits_without_a_record),
		cmocka_unit_test(keys_change_in_the_middle_of_handshakes),
		cmocka_unit_test(who_has_the_key_and_the_time_completes_the_handshake),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
