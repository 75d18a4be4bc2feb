/* SPDX-License-Identifier: BSD-2-Clause */
/* A ring of octets addressed by stream position: growth, and copies that cross the end. */
#include "base/ring.h"

#define SIZE_MOST (UINT32_C(1) << 31)

bool hf_ring_reserve(hf_ring *r, hf_mem *m, uint32_t want, uint32_t from, uint32_t filled)
{
	hf_ring larger = { NULL, r->size ? r->size : 1 };

	if (want <= r->size)
		return true;
	if (want > SIZE_MOST)
		return false;
	while (larger.size < want)
		larger.size <<= 1;
	larger.at = hf_mem_raw(m, larger.size);
	if (!larger.at)
		return false;
	while (filled > 0) {
		hf_span piece = hf_ring_span(r, from, filled);

		if (piece.len == 0)
			break;
		hf_ring_write(&larger, from, piece.at, piece.len);
		from += piece.len;
		filled -= piece.len;
	}
	hf_ring_release(r, m);
	*r = larger;
	return true;
}

void hf_ring_release(hf_ring *r, hf_mem *m)
{
	hf_mem_free(m, r->at, r->size);
	*r = (hf_ring){ NULL, 0 };
}

void hf_ring_write(hf_ring *r, uint32_t pos, const void *from, uint32_t len)
{
	hf_span first = hf_ring_span(r, pos, len);

	if (first.len == 0)
		return;
	memcpy(first.at, from, first.len);
	if (len > first.len)
		memcpy(r->at, (const uint8_t *)from + first.len, len - first.len);
}

void hf_ring_read(const hf_ring *r, uint32_t pos, void *to, uint32_t len)
{
	hf_span first = hf_ring_span(r, pos, len);

	if (first.len == 0)
		return;
	memcpy(to, first.at, first.len);
	if (len > first.len)
		memcpy((uint8_t *)to + first.len, r->at, len - first.len);
}

hf_span hf_ring_span(const hf_ring *r, uint32_t pos, uint32_t len)
{
	uint32_t offset, to_end;

	if (r->size == 0)
		return (hf_span){ NULL, 0 };
	offset = pos & (r->size - 1);
	to_end = r->size - offset;
	return (hf_span){ r->at + offset, len < to_end ? len : to_end };
}
