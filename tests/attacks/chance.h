/* SPDX-License-Identifier: BSD-2-Clause */
/* Are draws even? A chi-square test, in whole numbers. */
#ifndef HF_TESTS_CHANCE_H
#define HF_TESTS_CHANCE_H

#include <stdbool.h>
#include <stdint.h>

/** How often each of up to 256 values came. All zero at first. */
typedef struct chance {
	uint64_t count[256], draws;
} chance;

static inline void chance_count(chance *c, uint32_t value)
{
	c->count[value & 0xff]++;
	c->draws++;
}

/**
 * Is each of the first `values` values as likely as any other? The statistic has `values` - 1
 * degrees of freedom, as many on average and a variance of twice that: even draws are more than
 * five deviations away once in a few hundred thousand times. The draws are the same each time, so
 * that an answer, too, is. Needs five draws a value; values beyond make it false.
 */
static inline bool chance_is_even(const chance *c, uint32_t values)
{
	uint64_t squares = 0, counted = 0, degrees = values - 1, above;

	for (uint32_t i = 0; i < values; i++) {
		squares += c->count[i] * c->count[i];
		counted += c->count[i];
	}
	if (counted != c->draws || c->draws < 5 * (uint64_t)values)
		return false;
	/* The statistic, and whether it is above degrees + 5 * sqrt(2 * degrees). */
	above = squares * values / c->draws - c->draws;
	return above <= degrees || (above - degrees) * (above - degrees) <= 50 * degrees;
}

#endif
