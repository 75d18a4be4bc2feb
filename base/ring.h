/* SPDX-License-Identifier: BSD-2-Clause */
/* A ring of octets addressed by stream position: the octet of position p lies at p mod size. */
#ifndef HF_BASE_RING_H
#define HF_BASE_RING_H

#include <stdint.h>

#include "base/mem.h"

/*
 * The owner knows which positions are filled; the ring only stores. Because a position never moves,
 * out-of-order octets are written where they belong, and the send and the receive side of a
 * connection need no other bookkeeping than sequence numbers. The size is a power of two or 0
 * (nothing allocated); positions wrap at 2^32.
 */
typedef struct hf_ring {
	uint8_t *at;
	uint32_t size; /**< octets; a power of two, or 0 */
} hf_ring;

/** A contiguous stretch of a ring, borrowed. */
typedef struct hf_span {
	uint8_t *at;
	uint32_t len;
} hf_span;

/**
 * Makes the ring hold at least `want` octets (1 to 2^31) while positions [from, from + filled) keep
 * their content. Returns false, and leaves the ring as it was, when memory is not to be had. Never
 * shrinks.
 */
bool hf_ring_reserve(hf_ring *r, hf_mem *m, uint32_t want, uint32_t from, uint32_t filled);
/** Gives the memory back; size becomes 0. */
void hf_ring_release(hf_ring *r, hf_mem *m);
/** Copies `len` (<= size) octets to position `pos`. */
void hf_ring_write(hf_ring *r, uint32_t pos, const void *from, uint32_t len);
/** Copies `len` (<= size) octets out of position `pos`. */
void hf_ring_read(const hf_ring *r, uint32_t pos, void *to, uint32_t len);
/** The stretch from `pos` that lies in one piece: at most `len` octets; empty if size is 0. */
hf_span hf_ring_span(const hf_ring *r, uint32_t pos, uint32_t len);

#endif
