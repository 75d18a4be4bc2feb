/* SPDX-License-Identifier: BSD-2-Clause */
/* Samples of the delivery rate, beside the draft's definition (draft-ietf-ccwg-bbr-05 4.1). */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "tcp/history.h"
#include "tcp/tx/inform.h"
#include "tests/unit/support.h"

#define LEN 1000u
#define TICK 1024 /* ns: times are multiples, so that nothing is rounded */
#define AT(n) ((hf_time){ (n)*1000 * (int64_t)TICK })

static hf_sent send_one(hf_rate *r, uint32_t seq, hf_time now, uint32_t in_flight)
{
	hf_sent s = { .seq = { seq }, .len = LEN, .at = now };

	hf_rate_sent(r, &s, in_flight);
	return s;
}

static hf_rate begun(hf_time now)
{
	hf_rate r;

	hf_rate_init(&r, 0);
	hf_rate_restart(&r, now);
	return r;
}

static void the_rate_is_what_was_delivered_over_the_longer_of_two_intervals(void **state)
{
	hf_rate r = begun(AT(0));
	hf_sent a = send_one(&r, 0, AT(0), 0), b = send_one(&r, LEN, AT(2), LEN);
	hf_rate_sample s;

	(void)state;
	hf_rate_delivered(&r, &a, LEN);
	s = hf_rate_take(&r, AT(10), 0);
	assert_true(s.is_valid);
	assert_int_equal(s.delivered, LEN);
	assert_int_equal(s.interval, AT(10).ns); /* acknowledging took longer than sending */
	assert_int_equal(s.rate, (uint64_t)LEN * HF_SEC(1) / (uint64_t)AT(10).ns);
	hf_rate_delivered(&r, &b, LEN);
	s = hf_rate_take(&r, AT(11), 0);
	assert_int_equal(s.delivered, 2 * LEN);
	assert_int_equal(s.interval, AT(11).ns);
	assert_int_equal(s.total, 2 * LEN);
}

static void sending_slower_than_acknowledgements_come_counts_sending(void **state)
{
	hf_rate r = begun(AT(0));
	hf_sent a = send_one(&r, 0, AT(0), 0), b = send_one(&r, LEN, AT(50), LEN);
	hf_rate_sample s;

	(void)state;
	b.delivered_at = a.delivered_at = (uint32_t)(AT(40).ns / TICK); /* acknowledged in a lump */
	hf_rate_delivered(&r, &a, LEN);
	hf_rate_delivered(&r, &b, LEN);
	s = hf_rate_take(&r, AT(60), 0);
	assert_int_equal(s.interval, AT(50).ns);
	assert_int_equal(s.delivered, 2 * LEN);
}

static void an_interval_shorter_than_the_shortest_round_trip_gives_no_rate(void **state)
{
	hf_rate r = begun(AT(0));
	hf_sent a = send_one(&r, 0, AT(0), 0);
	hf_rate_sample s;

	(void)state;
	hf_rate_delivered(&r, &a, LEN);
	s = hf_rate_take(&r, AT(10), AT(12).ns);
	assert_true(s.is_valid);
	assert_int_equal(s.rate, 0);
}

static void the_segment_sent_last_is_the_one_that_counts(void **state)
{
	hf_rate r = begun(AT(0));
	hf_sent a = send_one(&r, 0, AT(0), 0), b = send_one(&r, LEN, AT(1), 7 * LEN);
	hf_rate_sample s;

	(void)state;
	hf_rate_delivered(&r, &b, LEN);
	hf_rate_delivered(&r, &a, LEN);
	s = hf_rate_take(&r, AT(10), 0);
	assert_int_equal(s.tx_in_flight, 8 * LEN);
}

static void samples_are_marked_while_the_application_had_too_little(void **state)
{
	hf_rate r = begun(AT(0));
	hf_sent a, b, c;

	(void)state;
	a = send_one(&r, 0, AT(0), 0);
	assert_true(a.flags & HF_SENT_APP_LIMITED); /* nothing is known at first */
	hf_rate_delivered(&r, &a, LEN);
	assert_true(hf_rate_take(&r, AT(1), 0).app_limited);
	b = send_one(&r, LEN, AT(2), 0);
	assert_false(b.flags & HF_SENT_APP_LIMITED);
	hf_rate_app_limited(&r, LEN);
	c = send_one(&r, 2 * LEN, AT(3), LEN);
	hf_rate_delivered(&r, &b, LEN);
	assert_false(hf_rate_take(&r, AT(4), 0).app_limited);
	hf_rate_delivered(&r, &c, LEN);
	assert_true(hf_rate_take(&r, AT(5), 0).app_limited);
	assert_false(send_one(&r, 3 * LEN, AT(6), 0).flags & HF_SENT_APP_LIMITED);
}

static void a_loss_is_told_with_what_was_in_flight_when_it_was_sent(void **state)
{
	hf_rate r = begun(AT(0));
	hf_sent a = send_one(&r, 0, AT(0), 0), b = send_one(&r, LEN, AT(1), LEN);
	hf_rate_sample s;

	(void)state;
	hf_rate_lost(&r, &a);
	hf_rate_delivered(&r, &b, LEN);
	assert_int_equal(hf_rate_newly_lost(&r), LEN);
	assert_int_equal(hf_rate_newly_delivered(&r), LEN);
	s = hf_rate_take(&r, AT(9), 0);
	assert_int_equal(s.lost, LEN);
	assert_int_equal(s.loss.lost, LEN);
	assert_int_equal(s.loss.tx_in_flight, LEN);
	assert_int_equal(s.loss.len, LEN);
	assert_int_equal(hf_rate_newly_lost(&r), 0);
}

static void losses_taken_back_never_make_a_negative_number(void **state)
{
	hf_rate r = begun(AT(0));
	hf_sent a = send_one(&r, 0, AT(0), 0), b;

	(void)state;
	hf_rate_lost(&r, &a);
	b = send_one(&r, LEN, AT(1), 0);
	(void)hf_rate_take(&r, AT(2), 0);
	hf_rate_not_lost(&r, LEN);
	assert_int_equal(hf_rate_newly_lost(&r), 0);
	hf_rate_delivered(&r, &b, LEN);
	assert_int_equal(hf_rate_take(&r, AT(3), 0).lost, 0);
}

/* An ACK that delivers nothing is no sample, whatever was the newest before. */
static void without_a_delivery_there_is_no_sample(void **state)
{
	hf_rate r = begun(AT(0));
	hf_sent a = send_one(&r, 0, AT(0), 0);
	hf_rate_sample s;

	(void)state;
	hf_rate_delivered(&r, &a, LEN);
	assert_true(hf_rate_take(&r, AT(10), 0).is_valid);
	s = hf_rate_take(&r, AT(20), 0);
	assert_false(s.is_valid);
	assert_int_equal(s.rate, 0);
	assert_int_equal(s.total, LEN);
}

/* While the module holds back on purpose, samples say as little of the path as an idle sender's. */
static void what_the_module_holds_back_counts_as_limited(void **state)
{
	hf_config config = { .profile = HF_PROFILE_LINUX };
	struct heap heap = { 0 };
	hf_mem mem = heap_mem(&heap);
	hf_tcp_env env = { .config = &config, .mem = &mem };

	(void)state;
	for (int holds = 0; holds < 2; holds++) {
		hf_tcb c = { 0 };

		assert_true(hf_tx_need(&c, &env));
		hf_congestion_init(&c.congestion, &config, LEN);
		if (holds)
			c.congestion.flags |= HF_CONGESTION_HOLDS_BACK;
		c.tx->rate.is_limited = false;
		hf_tx_inform(&c, &env, &(hf_tx_told){ 0 });
		assert_int_equal(c.tx->rate.is_limited, holds);
		hf_tx_release(&c, &env);
		hf_history_release(&c, &env);
	}
	hf_mem_drain(&mem);
	assert_int_equal(heap.out, 0);
}

/* No time is no rate, however short the path. */
static void what_is_delivered_at_once_has_no_rate(void **state)
{
	hf_rate r = begun(AT(1));
	hf_sent a = send_one(&r, 0, AT(1), 0);
	hf_rate_sample s;

	(void)state;
	hf_rate_delivered(&r, &a, LEN);
	s = hf_rate_take(&r, AT(1), 0);
	assert_true(s.is_valid);
	assert_int_equal(s.delivered, LEN);
	assert_int_equal(s.rate, 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_rate_is_what_was_delivered_over_the_longer_of_two_intervals),
		cmocka_unit_test(sending_slower_than_acknowledgements_come_counts_sending),
		cmocka_unit_test(an_interval_shorter_than_the_shortest_round_trip_gives_no_rate),
		cmocka_unit_test(the_segment_sent_last_is_the_one_that_counts),
		cmocka_unit_test(samples_are_marked_while_the_application_had_too_little),
		cmocka_unit_test(a_loss_is_told_with_what_was_in_flight_when_it_was_sent),
		cmocka_unit_test(losses_taken_back_never_make_a_negative_number),
		cmocka_unit_test(without_a_delivery_there_is_no_sample),
		cmocka_unit_test(what_is_delivered_at_once_has_no_rate),
		cmocka_unit_test(what_the_module_holds_back_counts_as_limited),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
