/* SPDX-License-Identifier: BSD-2-Clause */
/* A hierarchical timing wheel over records that the caller keeps and numbers. */
#ifndef HF_BASE_WHEEL_H
#define HF_BASE_WHEEL_H

#include <handfast/types.h>

/*
 * Time is cut into ticks of 2^16 ns (65.536 us). Six levels of 64 slots each reach 52 days. A timer
 * lies in the level whose slot width fits its distance and moves down as its time comes near. A
 * timer is never early: it fires at the first call at or after its tick, which is the deadline
 * rounded up. What is armed for a time that has passed fires at the next call. Records are named by
 * 32-bit numbers, so that a timer takes 12 octets inside its record; a callback tells where the
 * timer of record n lies.
 */
#define HF_WHEEL_TICK_SHIFT 16
#define HF_WHEEL_LEVELS 6
#define HF_WHEEL_SLOTS 64

#define HF_TIMER_NONE UINT32_MAX

/** Lives inside the caller's record; all zero means idle. */
typedef struct hf_timer {
	uint32_t next, prev; /**< neighbours in the slot: number + 1, or 0 */
	uint32_t place;      /**< where it lies: level and slot + 1; 0 when idle */
} hf_timer;

typedef struct hf_wheel hf_wheel;

/** Where the timer of record `number` lies, and when it is due. */
typedef struct hf_wheel_records {
	hf_timer *(*timer)(void *ctx, uint32_t number);
	hf_time (*due)(void *ctx, uint32_t number);
	void *ctx;
} hf_wheel_records;

struct hf_wheel {
	hf_wheel_records records;
	uint64_t tick;                                  /**< every tick before this one has fired */
	uint64_t busy[HF_WHEEL_LEVELS];                 /**< a bit a slot that is not empty */
	uint32_t head[HF_WHEEL_LEVELS][HF_WHEEL_SLOTS]; /**< number + 1, or 0 */
};

/** Starts empty, at `now`. */
void hf_wheel_init(hf_wheel *w, const hf_wheel_records *records, hf_time now);
/**
 * Arms the timer of `number` for what records.due says now; moves it if it was armed. HF_NEVER
 * disarms. A deadline that only moves away needs no call: `due` is asked again before the timer
 * fires.
 */
void hf_wheel_set(hf_wheel *w, uint32_t number);
/** Disarms; harmless when idle. */
void hf_wheel_clear(hf_wheel *w, uint32_t number);
/**
 * The next record whose time has come (`due` <= now), disarmed; HF_TIMER_NONE when there is no
 * more. Call until HF_TIMER_NONE. Records may be armed and disarmed between calls. Earlier ticks
 * come first; within one tick there is no order. A `now` before that of the last call is harmless.
 */
uint32_t hf_wheel_expire(hf_wheel *w, hf_time now);
/**
 * A time by which hf_wheel_expire must be called: never later than the tick of the earliest timer,
 * sometimes before it. HF_NEVER if none. Right after hf_wheel_expire(now) ran dry, always later
 * than `now`.
 */
hf_time hf_wheel_deadline(const hf_wheel *w);

#endif
