/* SPDX-License-Identifier: BSD-2-Clause */
/* Memory of the caller's: the account of what is handed out, and blocks kept for reuse. */
#include "base/mem.h"

#define SMALLEST_CLASS 12 /* 4 KiB */

/** The class whose blocks have exactly this size, or -1. */
static int class_of(size_t octets)
{
	for (int i = 0; i < HF_MEM_CLASSES; i++)
		if (octets == (size_t)1 << (SMALLEST_CLASS + i))
			return i;
	return -1;
}

static void *take_cached(hf_mem *m, int class, size_t octets)
{
	void *at = class < 0 ? NULL : m->cache[class];

	if (!at)
		return NULL;
	memcpy(&m->cache[class], at, sizeof(m->cache[class]));
	m->cached -= octets;
	return at;
}

static bool is_within(const hf_mem *m, size_t octets)
{
	size_t most = m->limit ? m->limit : SIZE_MAX, held = m->used + m->cached;

	return held <= most && octets <= most - held;
}

static void *take_fresh(hf_mem *m, size_t octets)
{
	void *at;

	if (!is_within(m, octets))
		hf_mem_drain(m);
	if (!is_within(m, octets))
		return NULL;
	at = m->from.alloc(m->from.ctx, octets);
	if (at || m->cached == 0)
		return at;
	hf_mem_drain(m);
	return m->from.alloc(m->from.ctx, octets);
}

void *hf_mem_raw(hf_mem *m, size_t octets)
{
	void *at = take_cached(m, class_of(octets), octets);

	if (!at)
		at = take_fresh(m, octets);
	if (at)
		m->used += octets;
	return at;
}

void *hf_mem_new(hf_mem *m, size_t octets)
{
	void *at = hf_mem_raw(m, octets);

	if (at)
		memset(at, 0, octets);
	return at;
}

void hf_mem_free(hf_mem *m, void *at, size_t octets)
{
	int class = class_of(octets);

	if (!at)
		return;
	m->used -= octets;
	if (class < 0 || m->cached + octets > HF_MEM_CACHE) {
		m->from.free(m->from.ctx, at, octets);
		return;
	}
	memcpy(at, &m->cache[class], sizeof(m->cache[class]));
	m->cache[class] = at;
	m->cached += octets;
}

void hf_mem_drain(hf_mem *m)
{
	for (int i = 0; i < HF_MEM_CLASSES; i++) {
		size_t octets = (size_t)1 << (SMALLEST_CLASS + i);
		void *at;

		while ((at = take_cached(m, i, octets)) != NULL)
			m->from.free(m->from.ctx, at, octets);
	}
}
