/* SPDX-License-Identifier: BSD-2-Clause */
/* Octets on the wire: a bounded view to read from, and loads and stores in network order. */
#ifndef HF_BASE_OCTETS_H
#define HF_BASE_OCTETS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/** Octets of somebody else's, borrowed. */
typedef struct hf_view {
	const uint8_t *at;
	size_t len;
} hf_view;

/** The view without its first `n` octets; empty when there are fewer. */
static inline hf_view hf_view_skip(hf_view v, size_t n)
{
	return n >= v.len ? (hf_view){ v.at + v.len, 0 } : (hf_view){ v.at + n, v.len - n };
}

/** The first `n` octets of the view, or all of it when there are fewer. */
static inline hf_view hf_view_first(hf_view v, size_t n)
{
	return n >= v.len ? v : (hf_view){ v.at, n };
}

static inline uint16_t hf_get16(const uint8_t *p)
{
	return (uint16_t)((unsigned)p[0] << 8 | p[1]);
}

static inline uint32_t hf_get32(const uint8_t *p)
{
	return (uint32_t)p[0] << 24 | (uint32_t)p[1] << 16 | (uint32_t)p[2] << 8 | p[3];
}

static inline void hf_put16(uint8_t *p, uint16_t v)
{
	p[0] = (uint8_t)(v >> 8);
	p[1] = (uint8_t)v;
}

static inline void hf_put32(uint8_t *p, uint32_t v)
{
	hf_put16(p, (uint16_t)(v >> 16));
	hf_put16(p + 2, (uint16_t)v);
}

#endif
