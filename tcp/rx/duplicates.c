/* SPDX-License-Identifier: BSD-2-Clause */
/* What was received twice, and is to be reported once (RFC 2883). */
#include "tcp/rx/duplicates.h"

static void drop_oldest(hf_duplicates *d)
{
	d->count--;
	memmove(d->range, d->range + 1, d->count * sizeof(d->range[0]));
}

void hf_duplicates_add(hf_duplicates *d, hf_range r)
{
	if (!hf_seq_lt(r.start, r.end))
		return;
	if (d->count > 0 && hf_seq_eq(d->range[d->count - 1].end, r.start)) {
		d->range[d->count - 1].end = r.end;
		return;
	}
	if (d->count == HF_DUPLICATES_MAX)
		drop_oldest(d);
	d->range[d->count++] = r;
}

bool hf_duplicates_take(hf_duplicates *d, hf_range *out)
{
	if (d->count == 0)
		return false;
	*out = d->range[0];
	drop_oldest(d);
	return true;
}
