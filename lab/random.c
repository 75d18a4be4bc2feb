/* SPDX-License-Identifier: BSD-2-Clause */
/* Chance from a seed: xoshiro256** (Blackman and Vigna, 2018), seeded by splitmix64. */
#include "lab/lab.h"

static uint64_t splitmix(uint64_t *state)
{
	uint64_t z = *state += 0x9e3779b97f4a7c15;

	z = (z ^ z >> 30) * 0xbf58476d1ce4e5b9;
	z = (z ^ z >> 27) * 0x94d049bb133111eb;
	return z ^ z >> 31;
}

hf_lab_random hf_lab_random_of(uint64_t seed, const char *name)
{
	hf_lab_random r;
	uint64_t state = seed;

	for (; *name != '\0'; name++)
		state = splitmix(&state) + (uint8_t)*name;
	for (int i = 0; i < 4; i++)
		r.s[i] = splitmix(&state);
	return r;
}

static uint64_t rotate(uint64_t x, int k)
{
	return x << k | x >> (64 - k);
}

uint64_t hf_lab_random_next(hf_lab_random *r)
{
	uint64_t result = rotate(r->s[1] * 5, 7) * 9;
	uint64_t t = r->s[1] << 17;

	r->s[2] ^= r->s[0];
	r->s[3] ^= r->s[1];
	r->s[1] ^= r->s[2];
	r->s[0] ^= r->s[3];
	r->s[2] ^= t;
	r->s[3] = rotate(r->s[3], 45);
	return result;
}

uint64_t hf_lab_random_below(hf_lab_random *r, uint64_t n)
{
	/* The bias of the remainder is below n / 2^64: nothing here could ever show it. */
	return n == 0 ? 0 : hf_lab_random_next(r) % n;
}

bool hf_lab_random_chance(hf_lab_random *r, hf_lab_ppm chance)
{
	return chance != 0 && hf_lab_random_below(r, 1000000) < chance;
}
