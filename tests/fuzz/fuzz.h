/* SPDX-License-Identifier: BSD-2-Clause */
/* What the fuzz targets share: how they are named, and how octets become choices. */
#ifndef HF_TESTS_FUZZ_FUZZ_H
#define HF_TESTS_FUZZ_FUZZ_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdlib.h>
#include <string.h>

#include <handfast/types.h>

#include "base/octets.h"

/*
 * A target is a function that is given octets, any at all, and asserts what must hold whatever they
 * are. Each file in this directory has one or two; targets.c lists them. libFuzzer looks for octets
 * for them (fuzzer.c); every other build gives them those of the corpus (replay.c).
 */

typedef struct fuzz_target {
	const char *name;
	void (*one)(hf_view input);
} fuzz_target;

/* All of them; ends with a row whose name is NULL. */
extern const fuzz_target *const fuzz_targets[];
/* The target of this name, or NULL. */
const fuzz_target *fuzz_find(const char *name);

/* ---- Octets as choices: what is not there any more reads as zero ---- */

static inline uint8_t fuzz_u8(hf_view *in)
{
	uint8_t value = in->len > 0 ? in->at[0] : 0;

	*in = hf_view_skip(*in, 1);
	return value;
}

static inline uint16_t fuzz_u16(hf_view *in)
{
	unsigned high = fuzz_u8(in);

	return (uint16_t)(high << 8 | fuzz_u8(in));
}

static inline uint32_t fuzz_u32(hf_view *in)
{
	uint32_t high = fuzz_u16(in);

	return high << 16 | fuzz_u16(in);
}

static inline uint64_t fuzz_u64(hf_view *in)
{
	uint64_t high = fuzz_u32(in);

	return high << 32 | fuzz_u32(in);
}

/* Up to `most` octets. */
static inline hf_view fuzz_take(hf_view *in, size_t most)
{
	hf_view taken = hf_view_first(*in, most);

	*in = hf_view_skip(*in, most);
	return taken;
}

/* ---- What may be changed, or read to its last octet and no further ---- */

/* A copy, not an octet longer; the caller frees it. */
static inline uint8_t *fuzz_copy(hf_view of)
{
	uint8_t *at = malloc(of.len > 0 ? of.len : 1);

	assert_non_null(at);
	if (of.len > 0)
		memcpy(at, of.at, of.len);
	return at;
}

/* The octets up to the first zero, as a text; the caller frees it. */
static inline char *fuzz_text(hf_view of)
{
	const void *zero = of.len > 0 ? memchr(of.at, 0, of.len) : NULL;
	size_t len = zero != NULL ? (size_t)((const uint8_t *)zero - of.at) : of.len;
	char *at = malloc(len + 1);

	assert_non_null(at);
	if (len > 0)
		memcpy(at, of.at, len);
	at[len] = '\0';
	return at;
}

/* ---- What holds of every parser ---- */

/* What is handed out lies in what was given. */
static inline void fuzz_is_inside(hf_view part, hf_view whole)
{
	if (part.len == 0)
		return;
	assert_true(part.at >= whole.at);
	assert_true(part.at + part.len <= whole.at + whole.len);
}

static inline void fuzz_is_same(hf_view a, hf_view b)
{
	assert_int_equal(a.len, b.len);
	if (a.len > 0)
		assert_memory_equal(a.at, b.at, a.len);
}

#endif
