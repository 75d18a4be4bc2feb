/* SPDX-License-Identifier: BSD-2-Clause */
/* Records of one size, numbered, that never move. */
#include "stack/slab.h"

bool hf_slab_init(hf_slab *s, hf_mem *m, uint32_t record, uint32_t max)
{
	*s = (hf_slab){ .record = record, .max = max };
	s->chunk_limit = max / HF_SLAB_CHUNK + (max % HF_SLAB_CHUNK != 0);
	s->chunk = hf_mem_new(m, s->chunk_limit * sizeof(*s->chunk));
	return s->chunk;
}

void hf_slab_release(hf_slab *s, hf_mem *m)
{
	for (uint32_t i = 0; i < s->chunks; i++)
		hf_mem_free(m, s->chunk[i], (size_t)HF_SLAB_CHUNK * s->record);
	hf_mem_free(m, s->chunk, s->chunk_limit * sizeof(*s->chunk));
	*s = (hf_slab){ 0 };
}

static bool add_chunk(hf_slab *s, hf_mem *m)
{
	uint8_t *c = hf_mem_new(m, (size_t)HF_SLAB_CHUNK * s->record);

	if (c)
		s->chunk[s->chunks++] = c;
	return c;
}

uint32_t hf_slab_take(hf_slab *s, hf_mem *m)
{
	uint32_t number;

	if (s->free) {
		number = s->free - 1;
		memcpy(&s->free, hf_slab_at(s, number), sizeof(s->free));
	} else {
		if (s->fresh == s->max ||
		    (s->fresh == s->chunks * HF_SLAB_CHUNK && !add_chunk(s, m)))
			return HF_SLAB_NONE;
		number = s->fresh++;
	}
	s->used++;
	return number;
}

void hf_slab_give(hf_slab *s, uint32_t number)
{
	memcpy(hf_slab_at(s, number), &s->free, sizeof(s->free));
	s->free = number + 1;
	s->used--;
}
