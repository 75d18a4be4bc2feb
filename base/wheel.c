/* SPDX-License-Identifier: BSD-2-Clause */
/* A hierarchical timing wheel over records that the caller keeps and numbers. */
#include "base/wheel.h"

/*
 * A tick count is read as digits of six bits. A timer lies at the level of the highest digit in
 * which its tick differs from the wheel's, in the slot that this digit of its own tick names. So on
 * levels 0 to 4 every busy slot lies ahead of the wheel's own digit without wrapping round, and all
 * that a level holds comes before all that the next one holds: the earliest event is the first busy
 * slot of the lowest level that is not empty. The top level alone wraps round: it takes what is 1
 * to 63 of its slots ahead, and what is farther waits in the 63rd and is placed again from there.
 *
 * When time reaches a slot above level 0, its timers are placed again and come to lie lower. A slot
 * of level 0 is one tick; what is overdue when it is armed joins the tick that is firing. Time
 * steps from one busy slot to the next, so a jump of hours costs no more than the slots it passes.
 *
 * `due` is asked at every placement and once more before firing: a caller who only moves a
 * deadline further away may leave the timer where it lies.
 *
 * After Varghese and Lauck, "Hashed and Hierarchical Timing Wheels", 1987.
 */
#define DIGIT_BITS 6
#define TOP (HF_WHEEL_LEVELS - 1)
#define TOP_SHIFT (TOP * DIGIT_BITS)
#define TOP_REACH (HF_WHEEL_SLOTS - 1)
#define TICK_NS (UINT64_C(1) << HF_WHEEL_TICK_SHIFT)

/* The next slot to look at. */
struct event {
	unsigned level, slot;
	uint64_t tick;
};

/* Counted from the earliest time there is, so that times before the origin keep their order. */
static uint64_t count_ns(hf_time t)
{
	return (uint64_t)t.ns ^ UINT64_C(1) << 63;
}

static uint64_t tick_passed(hf_time now)
{
	return count_ns(now) >> HF_WHEEL_TICK_SHIFT;
}

static uint64_t tick_due(hf_time due)
{
	uint64_t ns = count_ns(due);

	return (ns >> HF_WHEEL_TICK_SHIFT) + (ns % TICK_NS != 0);
}

static hf_time time_of_tick(uint64_t tick)
{
	uint64_t ns = tick << HF_WHEEL_TICK_SHIFT;

	/* The last tick of all time begins after its end. */
	if (ns >> HF_WHEEL_TICK_SHIFT != tick)
		return (hf_time){ INT64_MAX - 1 };
	return (hf_time){ ns >> 63 ? (int64_t)(ns ^ UINT64_C(1) << 63) : (int64_t)ns + INT64_MIN };
}

static unsigned digit(uint64_t tick, unsigned level)
{
	return (unsigned)(tick >> level * DIGIT_BITS) % HF_WHEEL_SLOTS;
}

static hf_timer *timer_of(const hf_wheel *w, uint32_t number)
{
	return w->records.timer(w->records.ctx, number);
}

static hf_time due_of(const hf_wheel *w, uint32_t number)
{
	return w->records.due(w->records.ctx, number);
}

/* Where a timer for `due` lies, as hf_timer.place has it; 0 for nowhere. */
static uint32_t place_for(const hf_wheel *w, hf_time due)
{
	uint64_t tick = tick_due(due), ahead;
	unsigned level = 0;

	if (due.ns == HF_NEVER.ns)
		return 0;
	if (tick < w->tick)
		tick = w->tick;
	while (level < TOP && (tick ^ w->tick) >> (level + 1) * DIGIT_BITS)
		level++;
	ahead = (tick >> TOP_SHIFT) - (w->tick >> TOP_SHIFT);
	if (ahead > TOP_REACH)
		tick = w->tick + ((uint64_t)TOP_REACH << TOP_SHIFT);
	return level * HF_WHEEL_SLOTS + digit(tick, level) + 1;
}

static void link_timer(hf_wheel *w, uint32_t number, uint32_t place)
{
	hf_timer *t = timer_of(w, number);
	unsigned level, slot;

	*t = (hf_timer){ 0, 0, place };
	if (place == 0)
		return;
	level = (place - 1) / HF_WHEEL_SLOTS;
	slot = (place - 1) % HF_WHEEL_SLOTS;
	t->next = w->head[level][slot];
	if (t->next)
		timer_of(w, t->next - 1)->prev = number + 1;
	w->head[level][slot] = number + 1;
	w->busy[level] |= UINT64_C(1) << slot;
}

static void unlink_timer(hf_wheel *w, hf_timer *t)
{
	unsigned level, slot;

	if (t->place == 0)
		return;
	level = (t->place - 1) / HF_WHEEL_SLOTS;
	slot = (t->place - 1) % HF_WHEEL_SLOTS;
	if (t->next)
		timer_of(w, t->next - 1)->prev = t->prev;
	if (t->prev)
		timer_of(w, t->prev - 1)->next = t->next;
	else
		w->head[level][slot] = t->next;
	if (!w->head[level][slot])
		w->busy[level] &= ~(UINT64_C(1) << slot);
	*t = (hf_timer){ 0, 0, 0 };
}

void hf_wheel_init(hf_wheel *w, const hf_wheel_records *records, hf_time now)
{
	*w = (hf_wheel){ .records = *records, .tick = tick_passed(now) };
}

void hf_wheel_set(hf_wheel *w, uint32_t number)
{
	hf_timer *t = timer_of(w, number);
	uint32_t place = place_for(w, due_of(w, number));

	if (t->place == place)
		return;
	unlink_timer(w, t);
	link_timer(w, number, place);
}

void hf_wheel_clear(hf_wheel *w, uint32_t number)
{
	unlink_timer(w, timer_of(w, number));
}

/* Counts from the top: to count trailing zeros is a library call on machines such as s390x. */
static unsigned lowest_bit(uint64_t bits)
{
	return 63u - (unsigned)__builtin_clzll(bits & (0 - bits));
}

/* Finds the earliest busy slot and the tick at which it begins. */
static bool next_event(const hf_wheel *w, struct event *e)
{
	unsigned level = 0, own;
	uint64_t busy;

	while (level < HF_WHEEL_LEVELS && !w->busy[level])
		level++;
	if (level == HF_WHEEL_LEVELS)
		return false;
	busy = w->busy[level];
	own = digit(w->tick, level);
	/* Turned so that bit n says: n slots ahead. Only the top level wraps round. */
	if (own)
		busy = busy >> own | busy << (HF_WHEEL_SLOTS - own);
	e->level = level;
	e->tick = ((w->tick >> level * DIGIT_BITS) + lowest_bit(busy)) << level * DIGIT_BITS;
	e->slot = digit(e->tick, level);
	return true;
}

/* Places every timer of a slot anew. */
static void spread(hf_wheel *w, unsigned level, unsigned slot)
{
	uint32_t next = w->head[level][slot];

	w->head[level][slot] = 0;
	w->busy[level] &= ~(UINT64_C(1) << slot);
	while (next) {
		uint32_t number = next - 1;

		next = timer_of(w, number)->next;
		link_timer(w, number, place_for(w, due_of(w, number)));
	}
}

uint32_t hf_wheel_expire(hf_wheel *w, hf_time now)
{
	uint64_t passed = tick_passed(now);
	struct event e;

	while (next_event(w, &e) && e.tick <= passed) {
		uint32_t number;

		w->tick = e.tick;
		if (e.level > 0) {
			spread(w, e.level, e.slot);
			continue;
		}
		number = w->head[0][e.slot] - 1;
		unlink_timer(w, timer_of(w, number));
		if (tick_due(due_of(w, number)) <= w->tick)
			return number;
		link_timer(w, number, place_for(w, due_of(w, number)));
	}
	if (w->tick < passed)
		w->tick = passed;
	return HF_TIMER_NONE;
}

hf_time hf_wheel_deadline(const hf_wheel *w)
{
	struct event e;

	return next_event(w, &e) ? time_of_tick(e.tick) : HF_NEVER;
}
