/* SPDX-License-Identifier: BSD-2-Clause */
/* PRR, F-RTO, undoing and DSACK by themselves (RFC 6937, 9937, 5682, 3522, 3708, 2883). */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "tcp/rx/duplicates.h"
#include "tcp/tx/dsack.h"
#include "tcp/tx/frto.h"
#include "tcp/tx/prr.h"
#include "tcp/tx/undo.h"

/* ---- PRR ---- */

static uint32_t allowed(hf_prr *p, uint32_t delivered, uint32_t pipe, bool safe)
{
	hf_prr_ack a = { delivered, pipe, 5000, 1000, safe };

	return hf_prr_window(p, &a) - pipe;
}

static void while_too_much_is_in_flight_sends_stay_in_proportion_to_arrivals(void **state)
{
	hf_prr p;

	(void)state;
	hf_prr_begin(&p, 10000, 0);
	assert_int_equal(allowed(&p, 1000, 8000, false), 1000); /* the first leaves at once */
	hf_prr_sent(&p, 1000);
	assert_int_equal(allowed(&p, 1000, 8000, false), 0); /* 2000 of 10000: 1000 of 5000 */
	assert_int_equal(allowed(&p, 1000, 7000, false), 500);
	assert_int_equal(allowed(&p, 1000, 6000, true), 1000);
	hf_prr_sent(&p, 1000);
	assert_int_equal(allowed(&p, 3000, 6000, true), 1500);
}

static void while_too_little_is_in_flight_what_arrives_is_replaced(void **state)
{
	hf_prr p;

	(void)state;
	hf_prr_begin(&p, 10000, 0);
	assert_int_equal(allowed(&p, 1000, 2000, false), 1000); /* conservative */
	hf_prr_sent(&p, 1000);
	assert_int_equal(allowed(&p, 1000, 2000, true), 2000); /* safe: slow start */
	hf_prr_sent(&p, 2000);
	assert_int_equal(allowed(&p, 1000, 4500, true), 500); /* never past ssthresh */
	assert_int_equal(allowed(&p, 0, 5000, true), 0);
	/* What could not be sent before is made up for. */
	hf_prr_begin(&p, 10000, 0);
	hf_prr_sent(&p, 1000);
	assert_int_equal(allowed(&p, 3000, 1000, false), 3000);
	assert_int_equal(allowed(&p, 1000, 1000, false), 3000);
}

static void what_might_have_left_before_the_recovery_leaves_in_it(void **state)
{
	hf_prr p;

	(void)state;
	hf_prr_begin(&p, 3000, 4000);
	assert_int_equal(allowed(&p, 1000, 1000, false), 4000); /* 5000, but up to ssthresh only */
	hf_prr_sent(&p, 4000);
	assert_int_equal(allowed(&p, 1000, 4000, false), 1000);
	/* It does not hasten what is in proportion. */
	hf_prr_begin(&p, 10000, 4000);
	hf_prr_sent(&p, 1000);
	assert_int_equal(allowed(&p, 4000, 6000, false), 1000);
}

static void at_ssthresh_nothing_more_leaves_and_an_empty_flight_is_no_division(void **state)
{
	hf_prr p;

	(void)state;
	hf_prr_begin(&p, 10000, 0);
	hf_prr_sent(&p, 1000);
	assert_int_equal(allowed(&p, 4000, 5000, false), 0); /* neither less nor more in flight */
	assert_int_equal(allowed(&p, 0, 5001, false), 1000); /* 4000 * 5000 / 10000, less 1000 */
	hf_prr_begin(&p, 10000, 1500);
	assert_int_equal(allowed(&p, 1000, 1000, false), 2500);
	hf_prr_begin(&p, 0, 0);
	hf_prr_sent(&p, 1);
	assert_true(allowed(&p, 0, 6000, false) == 0);
}

/* ---- F-RTO ---- */

static hf_frto_verdict step(hf_frto *f, bool sack, bool advances, bool duplicate, bool original)
{
	return hf_frto_acked(f, &(hf_frto_ack){ .advances = advances,
						.is_duplicate = duplicate,
						.covers_original = original,
						.has_sack = sack,
						.may_send = true });
}

static void two_advances_after_a_timeout_show_that_it_was_spurious(void **state)
{
	hf_frto f = HF_FRTO_FIRST;

	(void)state;
	assert_int_equal(step(&f, false, true, false, true), HF_FRTO_SEND_NEW);
	assert_int_equal(f, HF_FRTO_SECOND);
	assert_int_equal(step(&f, false, false, false, false), HF_FRTO_WAIT);
	assert_int_equal(step(&f, false, true, false, true), HF_FRTO_SPURIOUS);
	assert_int_equal(f, HF_FRTO_OFF);
	assert_int_equal(step(&f, false, true, false, true), HF_FRTO_CONVENTIONAL);
}

static void a_duplicate_after_a_timeout_shows_that_it_was_needed(void **state)
{
	hf_frto f = HF_FRTO_FIRST;

	(void)state;
	assert_int_equal(step(&f, false, false, true, false), HF_FRTO_CONVENTIONAL);
	assert_int_equal(f, HF_FRTO_OFF);
	for (int sack = 0; sack < 2; sack++) {
		f = HF_FRTO_FIRST;
		assert_int_equal(step(&f, sack, true, false, false), HF_FRTO_SEND_NEW);
		assert_int_equal(step(&f, sack, false, true, false), HF_FRTO_CONVENTIONAL);
		assert_int_equal(f, HF_FRTO_OFF);
	}
}

static void without_something_new_or_with_all_acknowledged_it_is_not_tested(void **state)
{
	hf_frto_ack a = { .advances = true };
	hf_frto f = HF_FRTO_FIRST;

	(void)state;
	assert_int_equal(hf_frto_acked(&f, &a), HF_FRTO_CONVENTIONAL);
	assert_int_equal(f, HF_FRTO_OFF);
	f = HF_FRTO_FIRST;
	a.may_send = a.is_complete = true;
	assert_int_equal(hf_frto_acked(&f, &a), HF_FRTO_CONVENTIONAL);
	assert_int_equal(f, HF_FRTO_OFF);
}

static void with_sack_what_was_sent_once_and_arrives_decides_at_once(void **state)
{
	hf_frto f = HF_FRTO_FIRST;

	(void)state;
	assert_int_equal(step(&f, true, false, true, false), HF_FRTO_CONVENTIONAL);
	assert_int_equal(f, HF_FRTO_FIRST); /* 3.1 step 2: only the scoreboard is filled in */
	assert_int_equal(step(&f, true, false, true, true), HF_FRTO_SPURIOUS);
	assert_int_equal(f, HF_FRTO_OFF);
}

/* ---- Undoing ---- */

static void an_echo_from_before_the_first_repetition_proves_it_needless(void **state)
{
	hf_undo u;

	(void)state;
	hf_undo_begin(&u, (hf_seq){ 1 }, 0);
	hf_undo_repeated(&u, 1000, 2);
	hf_undo_repeated(&u, 1000, 9);
	assert_false(hf_undo_is_delayed(&u, true, 2));
	assert_true(hf_undo_is_delayed(&u, true, 1));
	assert_true(hf_undo_is_delayed(&u, true, UINT32_MAX - 5)); /* the clock comes round */
	assert_false(hf_undo_is_delayed(&u, false, 1));
	u.is_armed = false;
	assert_false(hf_undo_is_delayed(&u, true, 1));
}

/* What comes before anything was repeated is the original, with timestamps or without. */
static void an_answer_to_no_repetition_proves_it_needless(void **state)
{
	hf_undo u = { 0 };

	(void)state;
	assert_false(hf_undo_is_delayed(&u, false, 0)); /* no recovery at all */
	hf_undo_begin(&u, (hf_seq){ 1 }, 0);
	assert_true(hf_undo_is_delayed(&u, false, 0));
	hf_undo_begin(&u, (hf_seq){ 1 }, 1000); /* what was repeated before may be the answer */
	assert_false(hf_undo_is_delayed(&u, true, 0));
	hf_undo_repeated(&u, 1000, 2);
	assert_false(hf_undo_is_delayed(&u, false, 0));
}

static void duplicates_of_all_that_was_repeated_prove_it_needless(void **state)
{
	hf_undo u;

	(void)state;
	hf_undo_begin(&u, (hf_seq){ 1 }, 0);
	hf_undo_repeated(&u, 1000, 2);
	hf_undo_repeated(&u, 1000, 2);
	hf_undo_duplicate(&u, (hf_range){ { 1 }, { 1001 } });
	assert_false(hf_undo_is_all_duplicate(&u));
	hf_undo_duplicate(&u, (hf_range){ { 0u - 1000 }, { 1 } }); /* of an earlier recovery */
	assert_false(hf_undo_is_all_duplicate(&u));
	hf_undo_duplicate(&u, (hf_range){ { 1001 }, { 2001 } });
	assert_true(hf_undo_is_all_duplicate(&u));
	hf_undo_repeated(&u, 1000, 3);
	assert_false(hf_undo_is_all_duplicate(&u));
	/* What was repeated before the recovery began counts too. */
	hf_undo_begin(&u, (hf_seq){ 1 }, 1000);
	hf_undo_repeated(&u, 1000, 2);
	hf_undo_duplicate(&u, (hf_range){ { 1 }, { 1001 } });
	assert_false(hf_undo_is_all_duplicate(&u));
	hf_undo_duplicate(&u, (hf_range){ { 1 }, { 5001 } });
	assert_true(hf_undo_is_all_duplicate(&u));
}

/* ---- DSACK ---- */

static void a_first_block_below_the_ack_or_inside_the_second_names_a_duplicate(void **state)
{
	static const struct {
		hf_sack_block block[2];
		bool is_duplicate;
	} rows[] = {
		{ { { { 1000 }, { 2000 } } }, true },
		{ { { { 4000 }, { 5000 } } }, true }, /* up to the ACK itself */
		{ { { { 4000 }, { 5001 } } }, false },
		{ { { { 7000 }, { 8000 } } }, false },
		{ { { { 2000 }, { 1000 } } }, false },
		{ { { { 2000 }, { 2000 } } }, false },
		{ { { { 7000 }, { 8000 } }, { { 6000 }, { 9000 } } }, true },
		{ { { { 7000 }, { 8000 } }, { { 7000 }, { 8000 } } }, true },
		{ { { { 7000 }, { 8000 } }, { { 7001 }, { 9000 } } }, false },
		{ { { { 7000 }, { 8000 } }, { { 6000 }, { 7999 } } }, false },
		{ { { { 7000 }, { 8000 } }, { { 9000 }, { 9500 } } }, false },
	};
	hf_tcp_options none = { 0 };
	hf_range r = { { 7 }, { 8 } };

	(void)state;
	assert_false(hf_dsack_find(&none, (hf_seq){ 5000 }, &r));
	for (unsigned i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		hf_tcp_options o = { .present = HF_HAS(SACK) };

		o.sack[0] = rows[i].block[0];
		o.sack[1] = rows[i].block[1];
		o.sack_count = rows[i].block[1].end.v > 0 ? 2 : 1;
		r = (hf_range){ { 7 }, { 8 } };
		assert_int_equal(hf_dsack_find(&o, (hf_seq){ 5000 }, &r), rows[i].is_duplicate);
		assert_int_equal(r.start.v, rows[i].is_duplicate ? o.sack[0].start.v : 7);
		assert_int_equal(r.end.v, rows[i].is_duplicate ? o.sack[0].end.v : 8);
	}
}

static void each_duplicate_is_reported_once_in_its_order(void **state)
{
	hf_duplicates d = { 0 };
	hf_range r;

	(void)state;
	assert_false(hf_duplicates_take(&d, &r));
	hf_duplicates_add(&d, (hf_range){ { 5 }, { 5 } });
	assert_int_equal(d.count, 0);
	for (uint32_t i = 1; i <= HF_DUPLICATES_MAX + 1; i++) /* one too many: the oldest goes */
		hf_duplicates_add(&d, (hf_range){ { i * 100 }, { i * 100 + 10 } });
	hf_duplicates_add(&d, (hf_range){ { 510 }, { 520 } }); /* goes on where the newest ends */
	for (uint32_t i = 2; i <= HF_DUPLICATES_MAX + 1; i++) {
		assert_true(hf_duplicates_take(&d, &r));
		assert_int_equal(r.start.v, i * 100);
		assert_int_equal(r.end.v, i <= HF_DUPLICATES_MAX ? i * 100 + 10 : 520);
	}
	assert_false(hf_duplicates_take(&d, &r));
}

/* RFC 5682 2.1 step 2 speaks of the first ACK that advances, or is a duplicate. */
static void an_ack_that_says_nothing_leaves_the_test_of_a_timeout_open(void **state)
{
	hf_frto f = HF_FRTO_FIRST;
	hf_frto_ack nothing = { .may_send = true };
	hf_frto_ack advance = { .advances = true, .may_send = true };

	(void)state;
	assert_int_equal(hf_frto_acked(&f, &nothing), HF_FRTO_CONVENTIONAL);
	assert_int_equal(hf_frto_acked(&f, &advance), HF_FRTO_SEND_NEW);
}

/* RFC 2883 4: the second block counts only if there is one. */
static void what_lies_behind_the_last_block_is_no_block(void **state)
{
	hf_tcp_options o = {
		.present = HF_HAS(SACK),
		.sack_count = 1,
		.sack = { { { 5000 }, { 6000 } }, { { 4000 }, { 7000 } } },
	};
	hf_range twice;

	(void)state;
	assert_false(hf_dsack_find(&o, (hf_seq){ 1000 }, &twice));
	o.sack_count = 2;
	assert_true(hf_dsack_find(&o, (hf_seq){ 1000 }, &twice));
	o.sack_count = 0;
	assert_false(hf_dsack_find(&o, (hf_seq){ 9000 }, &twice));
	o.sack_count = 1;
	o.present = 0;
	assert_false(hf_dsack_find(&o, (hf_seq){ 9000 }, &twice));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(while_too_much_is_in_flight_sends_stay_in_proportion_to_arrivals),
		cmocka_unit_test(while_too_little_is_in_flight_what_arrives_is_replaced),
		cmocka_unit_test(what_might_have_left_before_the_recovery_leaves_in_it),
		cmocka_unit_test(
			at_ssthresh_nothing_more_leaves_and_an_empty_flight_is_no_division),
		cmocka_unit_test(two_advances_after_a_timeout_show_that_it_was_spurious),
		cmocka_unit_test(a_duplicate_after_a_timeout_shows_that_it_was_needed),
		cmocka_unit_test(without_something_new_or_with_all_acknowledged_it_is_not_tested),
		cmocka_unit_test(with_sack_what_was_sent_once_and_arrives_decides_at_once),
		cmocka_unit_test(an_echo_from_before_the_first_repetition_proves_it_needless),
		cmocka_unit_test(an_answer_to_no_repetition_proves_it_needless),
		cmocka_unit_test(duplicates_of_all_that_was_repeated_prove_it_needless),
		cmocka_unit_test(
			a_first_block_below_the_ack_or_inside_the_second_names_a_duplicate),
		cmocka_unit_test(each_duplicate_is_reported_once_in_its_order),
		cmocka_unit_test(an_ack_that_says_nothing_leaves_the_test_of_a_timeout_open),
		cmocka_unit_test(what_lies_behind_the_last_block_is_no_block),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
