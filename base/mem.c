/* SPDX-License-Identifier: BSD-2-Clause */
/* Memory of the caller's: the account of what is handed out. */
#include "base/mem.h"

static bool is_within(const hf_mem *m, size_t octets)
{
	size_t most = m->limit ? m->limit : SIZE_MAX;

	return m->used <= most && octets <= most - m->used;
}

void *hf_mem_raw(hf_mem *m, size_t octets)
{
	void *at = is_within(m, octets) ? m->from.alloc(m->from.ctx, octets) : NULL;

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
	if (!at)
		return;
	m->used -= octets;
	m->from.free(m->from.ctx, at, octets);
}
