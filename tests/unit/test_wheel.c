/* SPDX-License-Identifier: BSD-2-Clause */
/* The timing wheel, against a plain list of deadlines. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/wheel.h"
#include "tests/unit/support.h"

#define RECORDS 200u
#define TICK (INT64_C(1) << HF_WHEEL_TICK_SHIFT)
#define DAY (HF_SEC(86400))

struct record {
	hf_timer timer;
	hf_time due;
	int64_t armed_at; /* ns, rounded down to a tick */
	bool armed;
};

struct fixture {
	hf_wheel wheel;
	struct record record[RECORDS];
	uint32_t asked; /* how often `due` was called */
};

static hf_timer *timer_at(void *ctx, uint32_t number)
{
	struct fixture *f = ctx;

	assert_true(number < RECORDS);
	return &f->record[number].timer;
}

static hf_time due_at(void *ctx, uint32_t number)
{
	struct fixture *f = ctx;

	f->asked++;
	return f->record[number].due;
}

static void start(struct fixture *f, int64_t now)
{
	const hf_wheel_records records = { timer_at, due_at, f };

	memset(f, 0, sizeof(*f));
	hf_wheel_init(&f->wheel, &records, (hf_time){ now });
}

static void arm(struct fixture *f, uint32_t number, int64_t due)
{
	f->record[number].due = (hf_time){ due };
	f->record[number].armed = due != HF_NEVER.ns;
	hf_wheel_set(&f->wheel, number);
}

static void disarm(struct fixture *f, uint32_t number)
{
	f->record[number].armed = false;
	hf_wheel_clear(&f->wheel, number);
}

static uint32_t expire(struct fixture *f, int64_t now)
{
	return hf_wheel_expire(&f->wheel, (hf_time){ now });
}

/* A point in time, rounded up to a tick. */
static int64_t up(int64_t ns)
{
	return ns % TICK == 0 ? ns : ns - ((ns % TICK) + TICK) % TICK + TICK;
}

static void a_timer_fires_at_its_tick_and_not_before(void **state)
{
	static const int64_t due[] = { 1,
				       TICK - 1,
				       TICK,
				       TICK + 1,
				       63 * TICK,
				       64 * TICK,
				       64 * TICK + 1,
				       65 * TICK,
				       HF_MS(200),
				       HF_SEC(1),
				       HF_SEC(75),
				       HF_SEC(7200),
				       DAY,
				       51 * DAY,
				       60 * DAY,
				       4096 * TICK - 1,
				       4096 * TICK,
				       (TICK << 30) - 1,
				       TICK << 30,
				       (TICK << 36) - 1,
				       (TICK << 36) + 1 };
	struct fixture f;

	(void)state;
	for (size_t i = 0; i < sizeof(due) / sizeof(due[0]); i++) {
		start(&f, 0);
		arm(&f, 7, due[i]);
		assert_int_equal(expire(&f, up(due[i]) - 1), HF_TIMER_NONE);
		assert_int_equal(expire(&f, up(due[i])), 7);
		assert_int_equal(expire(&f, up(due[i])), HF_TIMER_NONE);
		assert_int_equal(hf_wheel_deadline(&f.wheel).ns, HF_NEVER.ns);
	}
}

static void the_origin_of_time_is_of_no_matter(void **state)
{
	static const int64_t origin[] = {
		INT64_MIN, -HF_SEC(3),       -TICK - 1,        -1,
		0,         (TICK << 36) - 5, (TICK << 42) - 1, INT64_MAX - 10 * DAY
	};
	struct fixture f;

	(void)state;
	for (size_t i = 0; i < sizeof(origin) / sizeof(origin[0]); i++) {
		int64_t due = origin[i] + HF_SEC(5);

		start(&f, origin[i]);
		arm(&f, 3, due);
		arm(&f, 4, origin[i] + 9 * DAY);
		assert_int_equal(expire(&f, due - 1), HF_TIMER_NONE);
		assert_int_equal(expire(&f, due + TICK), 3);
		assert_int_equal(expire(&f, origin[i] + 9 * DAY - 1), HF_TIMER_NONE);
		assert_int_equal(expire(&f, origin[i] + 9 * DAY + TICK), 4);
	}
}

static void what_is_overdue_when_armed_fires_at_once(void **state)
{
	struct fixture f;

	(void)state;
	start(&f, 0);
	assert_int_equal(expire(&f, 1000 * TICK), HF_TIMER_NONE);
	arm(&f, 1, 1000 * TICK);
	assert_true(hf_wheel_deadline(&f.wheel).ns <= 1000 * TICK);
	assert_int_equal(expire(&f, 1000 * TICK), 1);
	arm(&f, 1, 5);
	assert_int_equal(expire(&f, 1000 * TICK), 1);
	arm(&f, 1, INT64_MIN);
	assert_int_equal(expire(&f, 1000 * TICK), 1);
	assert_int_equal(expire(&f, 1000 * TICK), HF_TIMER_NONE);
}

static void earlier_ticks_fire_first(void **state)
{
	static const int64_t due[] = { HF_SEC(9), 3 * TICK, DAY, 2 * TICK, HF_MS(40), 70 * TICK };
	struct fixture f;
	int64_t last = 0;

	(void)state;
	start(&f, 0);
	for (uint32_t i = 0; i < 6; i++)
		arm(&f, i, due[i]);
	for (uint32_t i = 0; i < 6; i++) {
		uint32_t n = expire(&f, 2 * DAY);

		assert_true(n < 6);
		assert_true(due[n] > last);
		last = due[n];
	}
	assert_int_equal(expire(&f, 2 * DAY), HF_TIMER_NONE);
}

static void never_disarms(void **state)
{
	struct fixture f;

	(void)state;
	start(&f, 0);
	arm(&f, 1, HF_SEC(1));
	arm(&f, 1, HF_NEVER.ns);
	assert_int_equal(hf_wheel_deadline(&f.wheel).ns, HF_NEVER.ns);
	assert_int_equal(expire(&f, DAY), HF_TIMER_NONE);
	disarm(&f, 1);
	disarm(&f, 2);
	assert_int_equal(f.record[1].timer.place, 0);
}

static void a_deadline_that_moved_away_is_seen_without_a_call(void **state)
{
	struct fixture f;

	(void)state;
	start(&f, 0);
	arm(&f, 1, 5 * TICK);
	arm(&f, 2, HF_SEC(10));
	arm(&f, 3, HF_SEC(10));
	f.record[1].due.ns = 9 * TICK;
	f.record[2].due.ns = HF_SEC(20);
	f.record[3].due = HF_NEVER;
	assert_int_equal(expire(&f, 9 * TICK - 1), HF_TIMER_NONE);
	assert_int_equal(expire(&f, 9 * TICK), 1);
	assert_int_equal(expire(&f, HF_SEC(20) - 1), HF_TIMER_NONE);
	assert_int_equal(expire(&f, HF_SEC(21)), 2);
	assert_int_equal(hf_wheel_deadline(&f.wheel).ns, HF_NEVER.ns);
}

static void a_jump_of_days_costs_a_few_slots(void **state)
{
	struct fixture f;

	(void)state;
	start(&f, 12345);
	arm(&f, 1, 40 * DAY);
	f.asked = 0;
	assert_int_equal(expire(&f, 40 * DAY + TICK), 1);
	/* At most once a level, and once before firing. */
	assert_true(f.asked <= HF_WHEEL_LEVELS + 1);
}

static void an_idle_wheel_keeps_up_with_time(void **state)
{
	struct fixture f;

	(void)state;
	start(&f, 0);
	assert_int_equal(expire(&f, 64000 * TICK), HF_TIMER_NONE);
	arm(&f, 1, 64005 * TICK);
	/* A timer of the nearest ticks is named exactly: nothing is left to move down. */
	assert_int_equal(hf_wheel_deadline(&f.wheel).ns, 64005 * TICK);
}

static void time_that_goes_back_is_ignored(void **state)
{
	struct fixture f;

	(void)state;
	start(&f, 1000 * TICK);
	arm(&f, 1, 1001 * TICK);
	assert_int_equal(expire(&f, 10 * TICK), HF_TIMER_NONE);
	assert_int_equal(hf_wheel_deadline(&f.wheel).ns, 1001 * TICK);
	arm(&f, 2, 5 * TICK);
	assert_int_equal(expire(&f, 10 * TICK), HF_TIMER_NONE);
	assert_int_equal(expire(&f, 1000 * TICK), 2);
	assert_int_equal(expire(&f, 1001 * TICK), 1);
}

/* Following the wheel's own deadlines leads to every timer, in few steps, and never late. */
static void its_deadlines_lead_to_the_timer(void **state)
{
	uint64_t seed = UINT64_C(0xbe5466cf34e90c6c);
	struct fixture f;

	(void)state;
	for (int round = 0; round < 3000; round++) {
		int64_t now = (int64_t)draw(&seed) << draw_below(&seed, 20);
		int64_t due = now + ((int64_t)draw(&seed) << draw_below(&seed, 20)), next;
		int steps = 0;

		start(&f, now);
		arm(&f, 0, due);
		do {
			next = hf_wheel_deadline(&f.wheel).ns;
			assert_true(next >= now && next <= up(due));
			now = next;
			steps++;
		} while (expire(&f, now) == HF_TIMER_NONE);
		assert_int_equal(now, up(due));
		assert_true(steps <= HF_WHEEL_LEVELS + 1);
	}
}

/* The earliest armed record of the list, or HF_NEVER. */
static int64_t earliest(const struct fixture *f)
{
	int64_t first = HF_NEVER.ns;

	for (uint32_t i = 0; i < RECORDS; i++) {
		if (f->record[i].armed && f->record[i].due.ns < first)
			first = f->record[i].due.ns;
	}
	return first;
}

static int64_t draw_span(uint64_t *seed)
{
	/* From nanoseconds to beyond the reach of the wheel. */
	return (int64_t)((uint64_t)draw(seed) << draw_below(seed, 22)) >> draw_below(seed, 32);
}

static void arm_at(struct fixture *f, uint32_t number, int64_t now, int64_t after)
{
	f->record[number].armed_at = up(now - TICK + 1);
	arm(f, number, now + after);
}

static void change_some(struct fixture *f, uint64_t *seed, int64_t now)
{
	for (uint32_t n = draw_below(seed, 20); n > 0; n--) {
		uint32_t i = draw_below(seed, RECORDS);

		if (draw_below(seed, 4) == 0)
			disarm(f, i);
		else
			arm_at(f, i, now, draw_span(seed) - (draw_below(seed, 8) ? 0 : HF_MS(1)));
		if (f->record[i].armed && draw_below(seed, 8) == 0)
			f->record[i].due.ns += draw_span(seed);
	}
}

static void expire_and_check(struct fixture *f, uint64_t *seed, int64_t now)
{
	int64_t last = INT64_MIN, tick;
	uint32_t n;

	while ((n = expire(f, now)) != HF_TIMER_NONE) {
		assert_true(f->record[n].armed);
		assert_true(f->record[n].due.ns <= now);
		tick = up(f->record[n].due.ns);
		/* What was overdue when it was armed fires with the tick of its arming. */
		tick = tick < f->record[n].armed_at ? f->record[n].armed_at : tick;
		assert_true(tick >= last);
		last = tick;
		f->record[n].armed = false;
		assert_int_equal(f->record[n].timer.place, 0);
		if (draw_below(seed, 4) == 0)
			arm_at(f, n, now, 1 + draw_span(seed));
	}
}

static void the_wheel_is_like_a_list_of_deadlines(void **state)
{
	uint64_t seed = UINT64_C(0xc0ac29b7c97c50dd);
	struct fixture f;
	int64_t now = -HF_SEC(100);

	(void)state;
	start(&f, now);
	for (int round = 0; round < 30000; round++) {
		int64_t first;

		change_some(&f, &seed, now);
		first = earliest(&f);
		assert_true(first == HF_NEVER.ns ||
			    hf_wheel_deadline(&f.wheel).ns <= up(first < now ? now : first));
		now += draw_below(&seed, 3) ? draw_span(&seed) >> 12 : draw_span(&seed) >> 3;
		expire_and_check(&f, &seed, now);
		/* All that is left has its tick still to come, and so has the deadline. */
		assert_true(earliest(&f) == HF_NEVER.ns || up(earliest(&f)) > now);
		assert_true(hf_wheel_deadline(&f.wheel).ns > now);
	}
	/* Longer than the wheel reaches, several times over. */
	assert_true(now > 200 * DAY);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_timer_fires_at_its_tick_and_not_before),
		cmocka_unit_test(the_origin_of_time_is_of_no_matter),
		cmocka_unit_test(what_is_overdue_when_armed_fires_at_once),
		cmocka_unit_test(earlier_ticks_fire_first),
		cmocka_unit_test(never_disarms),
		cmocka_unit_test(a_deadline_that_moved_away_is_seen_without_a_call),
		cmocka_unit_test(a_jump_of_days_costs_a_few_slots),
		cmocka_unit_test(an_idle_wheel_keeps_up_with_time),
		cmocka_unit_test(time_that_goes_back_is_ignored),
		cmocka_unit_test(its_deadlines_lead_to_the_timer),
		cmocka_unit_test(the_wheel_is_like_a_list_of_deadlines),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
