/* SPDX-License-Identifier: BSD-2-Clause */
/* RACK and the tail loss probe by themselves (RFC 8985 6 and 7). */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "tcp/tx/rack.h"
#include "tcp/tx/tlp.h"

#define AT(ms) ((hf_time){ HF_MS(ms) })
#define NEVER_IF(t) ((t).ns == HF_NEVER.ns)

/* The n-th segment of 1000 octets, sent at `ms`. */
static hf_sent segment(uint32_t n, int64_t ms, uint8_t flags)
{
	return (hf_sent){ .seq = { n * 1000 }, .len = 1000, .flags = flags, .at = AT(ms) };
}

/* An ACK at `ms` covers the segments given. */
static void covers(hf_rack *r, hf_reordering *o, int64_t ms, const hf_sent *s, unsigned count)
{
	hf_rack_ack a = { .now = AT(ms), .min_rtt = HF_MS(40), .mss = 1000 };

	for (unsigned i = 0; i < count; i++)
		hf_rack_delivered(r, o, &a, &s[i]);
	hf_rack_advance(r, a.now);
}

static void what_was_sent_before_what_arrived_is_lost_after_the_window(void **state)
{
	hf_reordering o = { 0 };
	hf_rack r;
	hf_sent earlier = segment(0, 10, 0), same = segment(1, 20, 0), newest = segment(2, 20, 0),
		later = segment(3, 20, 0);

	(void)state;
	hf_rack_init(&r, (hf_seq){ 0 });
	assert_true(NEVER_IF(hf_rack_deadline(&r, &earlier, 0))); /* nothing has arrived */
	covers(&r, &o, 70, &newest, 1);
	assert_int_equal(r.rtt, HF_MS(50));
	assert_int_equal(hf_rack_deadline(&r, &earlier, HF_MS(10)).ns, HF_MS(70));
	/* Of two that were sent at one time the lower was sent first. */
	assert_int_equal(hf_rack_deadline(&r, &same, HF_MS(10)).ns, HF_MS(80));
	assert_true(NEVER_IF(hf_rack_deadline(&r, &newest, 0)));
	assert_true(NEVER_IF(hf_rack_deadline(&r, &later, 0)));
}

static void a_repetition_moves_the_clock_only_if_it_can_have_arrived(void **state)
{
	hf_rack_ack a = { .now = AT(130), .min_rtt = HF_MS(40), .mss = 1000 };
	hf_sent again = segment(0, 100, HF_SENT_RETRANSMITTED | HF_SENT_TWICE);
	hf_sent tail = segment(5, 20, 0);
	hf_reordering o = { 0 };
	hf_rack r;

	(void)state;
	/* 30 ms after it was sent: less than any round trip. */
	hf_rack_init(&r, (hf_seq){ 0 });
	hf_rack_delivered(&r, &o, &a, &again);
	hf_rack_advance(&r, a.now);
	assert_false(r.is_known);
	/* The echo is older than it. */
	a.now = AT(150);
	a.has_echo = true;
	a.echo_ms = 99;
	hf_rack_delivered(&r, &o, &a, &again);
	hf_rack_advance(&r, a.now);
	assert_false(r.is_known);
	a.echo_ms = 100;
	hf_rack_delivered(&r, &o, &a, &again);
	hf_rack_advance(&r, a.now);
	assert_true(r.is_known);
	assert_int_equal(hf_rack_deadline(&r, &tail, 0).ns, HF_MS(70));
}

static void the_rtt_is_that_of_what_was_sent_last_in_whatever_order_it_is_told(void **state)
{
	for (int order = 0; order < 2; order++) {
		hf_sent s[] = { segment(order ? 4 : 1, order ? 30 : 10, 0),
				segment(order ? 1 : 4, order ? 10 : 30, 0) };
		hf_reordering o = { 0 };
		hf_rack r;

		hf_rack_init(&r, (hf_seq){ 0 });
		covers(&r, &o, 90, s, 2);
		assert_int_equal(r.rtt, HF_MS(60));
		assert_int_equal(r.sent_at.ns, HF_MS(30));
		assert_int_equal(r.fack.v, 5000);
		assert_false(o.seen); /* one ACK told of both */
	}
	(void)state;
}

static void what_arrives_late_without_a_repetition_was_reordered(void **state)
{
	hf_sent high = segment(6, 20, 0), repeated = segment(2, 20, HF_SENT_TWICE),
		late = segment(3, 20, 0);
	hf_reordering o = { 0 };
	hf_rack r;

	(void)state;
	hf_rack_init(&r, (hf_seq){ 0 });
	covers(&r, &o, 70, &high, 1);
	covers(&r, &o, 71, &repeated, 1);
	assert_false(o.seen);
	covers(&r, &o, 72, &late, 1);
	assert_true(o.seen);
	assert_int_equal(o.degree, 4);
	assert_int_equal(o.counted, 1);
}

/* Up to the highest that was delivered: what ends there was not overtaken. */
static void the_degree_is_the_widest_that_was_seen(void **state)
{
	static const struct {
		uint32_t end, fack;
		uint16_t degree; /* of this segment alone */
	} rows[] = {
		{ 2000, 2000, 0 },     { 1000, 1001, 2 },     { 1000, 2000, 2 },
		{ 1000, 2001, 3 },     { 1000, 5000, 5 },     { 1000, 299001, 300 },
		{ 1000, 300000, 300 }, { 1000, 300001, 300 }, { 1000, 900000, 300 },
		{ 0, 1000, 2 },
	};
	hf_rack_ack a = { .now = AT(9), .mss = 1000 };

	(void)state;
	for (unsigned i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
		for (uint16_t before = 0; before < 500; before += 4) {
			hf_sent s = { .seq = { rows[i].end - 1000 }, .len = 1000, .at = AT(1) };
			hf_reordering o = { .degree = before };
			hf_rack r;

			hf_rack_init(&r, (hf_seq){ rows[i].fack });
			hf_rack_delivered(&r, &o, &a, &s);
			assert_int_equal(o.seen, rows[i].degree > 0);
			assert_int_equal(o.counted, rows[i].degree > 0);
			assert_int_equal(o.degree,
					 before > rows[i].degree ? before : rows[i].degree);
		}
}

/* RACK_update: the clock stands at what was sent last, and never goes back. */
static void what_was_sent_earlier_gives_a_round_trip_and_leaves_the_clock(void **state)
{
	hf_sent newest = segment(4, 30, 0), earlier = segment(1, 10, 0),
		with_it = segment(3, 30, 0), last = segment(5, 30, 0);
	hf_reordering o = { 0 };
	hf_rack r;

	(void)state;
	hf_rack_init(&r, (hf_seq){ 0 });
	covers(&r, &o, 90, &newest, 1);
	covers(&r, &o, 95, &earlier, 1);
	assert_int_equal(r.sent_at.ns, HF_MS(30));
	assert_int_equal(r.end.v, 5000);
	assert_int_equal(r.rtt, HF_MS(85));
	covers(&r, &o, 96, &with_it, 1);
	assert_int_equal(r.end.v, 5000);
	assert_int_equal(r.rtt, HF_MS(66));
	covers(&r, &o, 99, NULL, 0); /* of what was told before nothing is left */
	assert_int_equal(r.rtt, HF_MS(66));
	covers(&r, &o, 100, &last, 1);
	assert_int_equal(r.end.v, 6000);
	assert_int_equal(r.rtt, HF_MS(70));
	/* Of each ACK by itself: what came with one does not hide what comes with the next. */
	covers(&r, &o, 110, &earlier, 1);
	assert_int_equal(r.rtt, HF_MS(100));
}

/* RFC 8985 6.2 step 4: RACK.reo_wnd_persist counts from the last DSACK on. */
static void recoveries_without_a_duplicate_before_count_for_nothing(void **state)
{
	hf_reordering o = { 0 };
	hf_rack r;

	(void)state;
	hf_rack_init(&r, (hf_seq){ 0 });
	for (int i = 0; i < 300; i++)
		hf_rack_recovered(&o);
	hf_rack_duplicate(&r, &o, (hf_seq){ 5000 });
	for (int i = 1; i < 16; i++)
		hf_rack_recovered(&o);
	assert_int_equal(o.extra, 1);
	r.in_dsack_round = false;
	hf_rack_duplicate(&r, &o, (hf_seq){ 5000 });
	for (int i = 1; i < 16; i++)
		hf_rack_recovered(&o);
	assert_int_equal(o.extra, 2);
	hf_rack_recovered(&o);
	assert_int_equal(o.extra, 0);
	o.extra = 1; /* which nothing here makes it: it is not touched any more */
	for (int i = 0; i < 600; i++)
		hf_rack_recovered(&o);
	assert_int_equal(o.extra, 1);
}

static void the_window_is_a_quarter_of_the_smallest_rtt_or_nothing(void **state)
{
	hf_reordering o = { 0 };

	(void)state;
	assert_int_equal(hf_rack_window(&o, false, 2, HF_MS(40), HF_MS(50)), HF_MS(10));
	assert_int_equal(hf_rack_window(&o, false, 3, HF_MS(40), HF_MS(50)), 0);
	assert_int_equal(hf_rack_window(&o, true, 0, HF_MS(40), HF_MS(50)), 0);
	o.seen = true;
	assert_int_equal(hf_rack_window(&o, true, 9, HF_MS(40), HF_MS(50)), HF_MS(10));
	o.extra = 3;
	assert_int_equal(hf_rack_window(&o, true, 9, HF_MS(40), HF_MS(50)), HF_MS(40));
	o.extra = 4;
	assert_int_equal(hf_rack_window(&o, true, 9, HF_MS(40), HF_MS(50)), HF_MS(50));
	o.extra = UINT8_MAX;
	assert_int_equal(hf_rack_window(&o, true, 9, HF_MS(40), HF_MS(50)), HF_MS(50));
}

static void duplicates_widen_it_and_sixteen_recoveries_narrow_it(void **state)
{
	hf_reordering o = { 0 };
	hf_rack r;

	(void)state;
	hf_rack_init(&r, (hf_seq){ 0 });
	hf_rack_duplicate(&r, &o, (hf_seq){ 5000 });
	hf_rack_duplicate(&r, &o, (hf_seq){ 6000 }); /* in the same round trip */
	assert_int_equal(o.extra, 1);
	hf_rack_round(&r, (hf_seq){ 4999 });
	hf_rack_duplicate(&r, &o, (hf_seq){ 6000 });
	assert_int_equal(o.extra, 1);
	hf_rack_round(&r, (hf_seq){ 5000 });
	hf_rack_duplicate(&r, &o, (hf_seq){ 9000 });
	assert_int_equal(o.extra, 2);
	for (int i = 1; i < 16; i++)
		hf_rack_recovered(&o);
	assert_int_equal(o.extra, 2);
	hf_rack_recovered(&o);
	assert_int_equal(o.extra, 0);
	hf_rack_recovered(&o); /* nothing left to forget */
	assert_int_equal(o.extra, 0);
	o.extra = UINT8_MAX;
	r.in_dsack_round = false;
	hf_rack_duplicate(&r, &o, (hf_seq){ 9000 });
	assert_int_equal(o.extra, UINT8_MAX);
}

/* ---- TLP ---- */

static void the_probe_waits_two_round_trips_and_perhaps_the_delayed_ack(void **state)
{
	(void)state;
	assert_int_equal(hf_tlp_timeout(HF_MS(30), false), HF_MS(60));
	assert_int_equal(hf_tlp_timeout(HF_MS(30), true), HF_MS(260));
	assert_int_equal(hf_tlp_timeout(0, false), HF_SEC(1));
	assert_int_equal(hf_tlp_timeout(0, true), HF_SEC(1));
}

static void what_answers_a_probe_says_whether_something_was_lost(void **state)
{
	static const struct {
		bool again;
		uint32_t ack;
		bool told, bare;
		hf_tlp_verdict verdict;
	} rows[] = {
		{ false, 999, false, false, HF_TLP_WAITS },
		{ false, 1000, false, false, HF_TLP_ANSWERED },
		{ false, 1001, false, false, HF_TLP_ANSWERED },
		{ true, 999, true, true, HF_TLP_WAITS },
		{ true, 1000, false, false, HF_TLP_WAITS },
		{ true, 1000, true, false, HF_TLP_ANSWERED },
		{ true, 1000, false, true, HF_TLP_ANSWERED },
		{ true, 1001, false, false, HF_TLP_REPAIRED },
		{ true, 1001, true, false, HF_TLP_ANSWERED },
	};

	(void)state;
	for (unsigned i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		hf_tlp t = { .is_due = true };
		hf_tlp_ack a = { { rows[i].ack }, rows[i].told, rows[i].bare };

		assert_int_equal(hf_tlp_acked(&t, &a), HF_TLP_WAITS); /* none is out */
		hf_tlp_sent(&t, (hf_seq){ 1000 }, rows[i].again);
		assert_false(t.is_due);
		assert_int_equal(hf_tlp_acked(&t, &a), rows[i].verdict);
		assert_true(t.is_out == (rows[i].verdict == HF_TLP_WAITS));
	}
}

/* RFC 8985 6.2 step 2: RACK.segment is the one sent last of all that have arrived. */
static void what_was_sent_earlier_and_arrives_later_does_not_take_the_clock_back(void **state)
{
	hf_sent first = segment(0, 10, 0), between = segment(1, 20, 0), last = segment(2, 30, 0);
	hf_reordering o = { 0 };
	hf_rack r;

	(void)state;
	hf_rack_init(&r, (hf_seq){ 0 });
	covers(&r, &o, 80, &last, 1);
	covers(&r, &o, 85, &first, 1);
	assert_int_equal(r.rtt, HF_MS(75)); /* the newest sample is that of what arrived now */
	assert_int_equal(hf_rack_deadline(&r, &between, 0).ns, HF_MS(20 + 75));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_was_sent_before_what_arrived_is_lost_after_the_window),
		cmocka_unit_test(a_repetition_moves_the_clock_only_if_it_can_have_arrived),
		cmocka_unit_test(
			the_rtt_is_that_of_what_was_sent_last_in_whatever_order_it_is_told),
		cmocka_unit_test(what_arrives_late_without_a_repetition_was_reordered),
		cmocka_unit_test(the_degree_is_the_widest_that_was_seen),
		cmocka_unit_test(what_was_sent_earlier_gives_a_round_trip_and_leaves_the_clock),
		cmocka_unit_test(recoveries_without_a_duplicate_before_count_for_nothing),
		cmocka_unit_test(the_window_is_a_quarter_of_the_smallest_rtt_or_nothing),
		cmocka_unit_test(duplicates_widen_it_and_sixteen_recoveries_narrow_it),
		cmocka_unit_test(the_probe_waits_two_round_trips_and_perhaps_the_delayed_ack),
		cmocka_unit_test(what_answers_a_probe_says_whether_something_was_lost),
		cmocka_unit_test(
			what_was_sent_earlier_and_arrives_later_does_not_take_the_clock_back),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
