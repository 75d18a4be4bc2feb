/* SPDX-License-Identifier: BSD-2-Clause */
/* Small segments: Nagle's algorithm in both forms, off, corked, FIN (RFC 9293 3.7.4). */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "tests/unit/transfer.h"

static void set(peer *p, hf_conn c, hf_option option, int64_t value)
{
	assert_int_equal(hf_conn_set(p->stack, c, option, value), HF_OK);
}

static peer *with_profile(hf_profile profile, hf_conn *c)
{
	hf_config config = peer_config(false);

	config.profile = profile;
	return transfer_with(&config, PLAIN, 0, c);
}

static void small_text_leaves_at_once_when_nothing_is_in_flight(void **state)
{
	hf_conn c;
	peer *p = transfer(PLAIN, &c);

	(void)state;
	peer_app_send(p, c, 1, 1);
	EXPECT_TEXT(p, 1, 1);
	peer_free(p);
}

static void small_text_waits_for_the_small_segment_before_it(void **state)
{
	hf_conn c;
	peer *p = transfer(PLAIN, &c);

	(void)state;
	peer_app_send(p, c, 1, 10);
	EXPECT_TEXT(p, 1, 10);
	for (uint32_t at = 11; at < 111; at += 10) {
		peer_app_send(p, c, at, 10);
		peer_expect_nothing(p);
	}
	acknowledge(p, 11);
	EXPECT_TEXT(p, 11, 100); /* gathered */
	peer_expect_nothing(p);
	peer_free(p);
}

static void text_waits_only_until_it_fills_a_segment(void **state)
{
	hf_conn c;
	peer *p = transfer(PLAIN, &c);

	(void)state;
	peer_app_send(p, c, 1, 10);
	EXPECT_TEXT(p, 1, 10);
	peer_app_send(p, c, 11, MSS - 1);
	peer_expect_nothing(p);
	peer_app_send(p, c, 10 + MSS, 1);
	EXPECT_SEGMENTS(p, 11, 1);
	peer_free(p);
}

/* Minshall's form, on Linux's profile: a short end does not wait for the full ones before it. */
static void after_full_segments_a_small_one_waits_or_not_as_the_profile_says(void **state)
{
	static const hf_profile profiles[] = { HF_PROFILE_LINUX, HF_PROFILE_RFC,
					       HF_PROFILE_FREEBSD };

	(void)state;
	for (unsigned i = 0; i < 3; i++) {
		hf_conn c;
		peer *p = with_profile(profiles[i], &c);

		peer_app_send(p, c, 1, 2 * MSS + 500);
		EXPECT_TEXT(p, 1, MSS);
		EXPECT_TEXT(p, 1 + MSS, MSS);
		if (profiles[i] == HF_PROFILE_LINUX) {
			EXPECT_TEXT(p, 1 + 2 * MSS, 500);
			/* But then the next small one waits. */
			peer_app_send(p, c, 501 + 2 * MSS, 100);
			peer_expect_nothing(p);
			acknowledge(p, 1 + 2 * MSS);
			peer_expect_nothing(p);
			acknowledge(p, 501 + 2 * MSS);
			EXPECT_TEXT(p, 501 + 2 * MSS, 100);
		} else {
			peer_expect_nothing(p);
			acknowledge(p, 1 + MSS);
			peer_expect_nothing(p);
			acknowledge(p, 1 + 2 * MSS);
			EXPECT_TEXT(p, 1 + 2 * MSS, 500);
		}
		peer_free(p);
	}
}

static void with_no_delay_small_text_never_waits(void **state)
{
	hf_conn c;
	peer *p = transfer(PLAIN, &c);

	(void)state;
	peer_app_send(p, c, 1, 10);
	EXPECT_TEXT(p, 1, 10);
	peer_app_send(p, c, 11, 10);
	peer_expect_nothing(p);
	set(p, c, HF_OPTION_NO_DELAY, 1); /* MUST-17: what waits leaves */
	EXPECT_TEXT(p, 11, 10);
	peer_app_send(p, c, 21, 10);
	EXPECT_TEXT(p, 21, 10);
	set(p, c, HF_OPTION_NO_DELAY, 0);
	peer_app_send(p, c, 31, 10);
	peer_expect_nothing(p);
	peer_free(p);
}

static void a_fin_takes_along_what_waits(void **state)
{
	hf_conn c;
	peer *p = transfer(PLAIN, &c);

	(void)state;
	peer_app_send(p, c, 1, 10);
	EXPECT_TEXT(p, 1, 10);
	peer_app_send(p, c, 11, 10);
	peer_expect_nothing(p);
	assert_int_equal(hf_conn_shutdown(p->stack, c), HF_OK);
	peer_check_text(PEER_EXPECT(p, .flags = FIN | ACK, .seq = 11, .ack = 1, .len = 10));
	peer_free(p);
}

static void a_cork_holds_small_text_back_until_it_is_pulled(void **state)
{
	hf_conn c;
	peer *p = transfer(PLAIN, &c);

	(void)state;
	set(p, c, HF_OPTION_CORK, 1);
	set(p, c, HF_OPTION_NO_DELAY, 1); /* the cork is stronger */
	peer_app_send(p, c, 1, 10);
	peer_wait(p, HF_MS(150));
	peer_expect_nothing(p);
	peer_app_send(p, c, 11, MSS);
	EXPECT_SEGMENTS(p, 1, 1);
	acknowledge(p, 1 + MSS);
	peer_wait(p, HF_MS(150));
	peer_expect_nothing(p);
	set(p, c, HF_OPTION_CORK, 0);
	EXPECT_TEXT(p, 1 + MSS, 10);
	peer_free(p);
}

/* MUST-60: it is no probe of the window, and its own time-out is an ordinary one. */
static void a_cork_holds_no_longer_than_one_time_out(void **state)
{
	const peer_seen *s;
	hf_ns rto;
	hf_conn c;
	peer *p = transfer(PLAIN, &c);

	(void)state;
	set(p, c, HF_OPTION_CORK, 1);
	rto = peer_info(p, c).rto;
	peer_app_send(p, c, 1, 10);
	peer_expect_nothing(p);
	ASSERT_LASTED(peer_wait_for_output(p, HF_SEC(60)), rto);
	s = PEER_EXPECT(p, .flags = PSH | ACK, .seq = 1, .ack = 1, .len = 10);
	assert_int_equal(s->cause, HF_SENT_DATA);
	assert_int_equal(peer_info(p, c).backoff, 0);
	ASSERT_LASTED(peer_wait_for_output(p, HF_SEC(60)), rto);
	PEER_EXPECT(p, .flags = PSH | ACK, .seq = 1, .ack = 1, .len = 10);
	peer_free(p);
}

static void a_fin_pulls_the_cork(void **state)
{
	hf_conn c;
	peer *p = transfer(PLAIN, &c);

	(void)state;
	set(p, c, HF_OPTION_CORK, 1);
	peer_app_send(p, c, 1, 10);
	peer_expect_nothing(p);
	assert_int_equal(hf_conn_shutdown(p->stack, c), HF_OK);
	peer_check_text(PEER_EXPECT(p, .flags = FIN | ACK, .seq = 1, .ack = 1, .len = 10));
	peer_free(p);
}

static void corked_text_before_a_closed_window_is_probed_for(void **state)
{
	hf_conn c;
	peer *p = transfer(PLAIN, &c);

	(void)state;
	set(p, c, HF_OPTION_CORK, 1);
	p->window = 0;
	acknowledge(p, 1);
	peer_app_send(p, c, 1, 2 * MSS);
	peer_wait_for_output(p, HF_SEC(1));
	EXPECT_TEXT(p, 1, 1);
	peer_free(p);
}

static size_t send_more(peer *p, hf_conn c, uint32_t at, uint32_t len)
{
	uint8_t text[2 * MSS];
	size_t sent;

	peer_pattern(text, at, len);
	assert_int_equal(hf_conn_send_more(p->stack, c, text, len, &sent), HF_OK);
	return sent;
}

/* MAY-15: without PUSH only full segments leave, with it all that waits. */
static void text_that_is_not_pushed_waits_for_text_that_is(void **state)
{
	size_t none;
	hf_conn c;
	peer *p = transfer(PLAIN, &c);

	(void)state;
	send_more(p, c, 1, MSS + 10);
	EXPECT_SEGMENTS(p, 1, 1);
	acknowledge(p, 1 + MSS);
	peer_wait(p, HF_MS(150));
	peer_expect_nothing(p);
	peer_app_send(p, c, 11 + MSS, 5);
	EXPECT_TEXT(p, 1 + MSS, 15);
	acknowledge(p, 16 + MSS);
	send_more(p, c, 16 + MSS, 20);
	peer_expect_nothing(p);
	assert_int_equal(hf_conn_send(p->stack, c, "", 0, &none), HF_OK);
	EXPECT_TEXT(p, 16 + MSS, 20);
	peer_free(p);
}

static void a_commit_pushes(void **state)
{
	uint8_t *room;
	size_t len;
	hf_conn c;
	peer *p = transfer(PLAIN, &c);

	(void)state;
	send_more(p, c, 1, 10);
	assert_int_equal(hf_conn_reserve(p->stack, c, 1, &room, &len), HF_OK);
	peer_pattern(room, 11, 1);
	peer_expect_nothing(p);
	assert_int_equal(hf_conn_commit(p->stack, c, 1), HF_OK);
	EXPECT_TEXT(p, 1, 11);
	peer_free(p);
}

/* No more can come: what is held back would stay for ever (MUST-60). */
static void a_full_buffer_holds_nothing_back(void **state)
{
	hf_config config = peer_config(false);
	hf_conn c;
	peer *p;

	(void)state;
	config.send_buffer = 500;
	p = transfer_with(&config, PLAIN, 0, &c);
	set(p, c, HF_OPTION_CORK, 1);
	peer_app_send(p, c, 1, 400);
	peer_expect_nothing(p);
	peer_app_send(p, c, 401, 100);
	EXPECT_TEXT(p, 1, 500);
	acknowledge(p, 501);
	set(p, c, HF_OPTION_CORK, 0);
	assert_int_equal(send_more(p, c, 501, 600), 500);
	EXPECT_TEXT(p, 501, 500);
	peer_free(p);
}

static void a_switch_takes_only_0_and_1(void **state)
{
	hf_conn c;
	peer *p = transfer(PLAIN, &c);

	(void)state;
	assert_int_equal(hf_conn_set(p->stack, c, HF_OPTION_NO_DELAY, 2), HF_ERR_INVALID);
	assert_int_equal(hf_conn_set(p->stack, c, HF_OPTION_CORK, -1), HF_ERR_INVALID);
	peer_free(p);
}

/* The cork goes on to hold what the window held back before, until the timer of that is over. */
static void a_window_that_opens_leaves_the_cork_in(void **state)
{
	hf_conn c;
	peer *p = transfer(PLAIN, &c);

	(void)state;
	set(p, c, HF_OPTION_CORK, 1);
	p->window = 0;
	acknowledge(p, 1);
	peer_app_send(p, c, 1, 100);
	peer_expect_nothing(p);
	p->window = 10000;
	acknowledge(p, 1);
	peer_wait(p, HF_MS(150));
	peer_expect_nothing(p);
	set(p, c, HF_OPTION_CORK, 0);
	EXPECT_TEXT(p, 1, 100);
	peer_free(p);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(small_text_leaves_at_once_when_nothing_is_in_flight),
		cmocka_unit_test(small_text_waits_for_the_small_segment_before_it),
		cmocka_unit_test(text_waits_only_until_it_fills_a_segment),
		cmocka_unit_test(after_full_segments_a_small_one_waits_or_not_as_the_profile_says),
		cmocka_unit_test(with_no_delay_small_text_never_waits),
		cmocka_unit_test(a_fin_takes_along_what_waits),
		cmocka_unit_test(a_cork_holds_small_text_back_until_it_is_pulled),
		cmocka_unit_test(a_cork_holds_no_longer_than_one_time_out),
		cmocka_unit_test(a_fin_pulls_the_cork),
		cmocka_unit_test(corked_text_before_a_closed_window_is_probed_for),
		cmocka_unit_test(text_that_is_not_pushed_waits_for_text_that_is),
		cmocka_unit_test(a_commit_pushes),
		cmocka_unit_test(a_full_buffer_holds_nothing_back),
		cmocka_unit_test(a_switch_takes_only_0_and_1),
		cmocka_unit_test(a_window_that_opens_leaves_the_cork_in),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
