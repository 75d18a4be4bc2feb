/* SPDX-License-Identifier: BSD-2-Clause */
/* The search for the largest packet that a path carries (RFC 4821 7, RFC 8899 5). */
#include "tcp/tx/plpmtu.h"

void hf_plpmtu_begin(hf_plpmtu *p, uint32_t low, uint32_t ceiling)
{
	*p = (hf_plpmtu){ .low = low, .high = ceiling, .ceiling = ceiling };
}

static uint32_t candidate(const hf_plpmtu *p, uint32_t threshold)
{
	if (p->high <= p->low)
		return 0;
	if (p->favourite > p->low && p->favourite <= p->high)
		return p->favourite;
	if (p->high - p->low >= threshold && p->high - p->low > 1)
		return p->low + (p->high - p->low) / 2;
	if (threshold <= 1)
		return p->high;
	return p->is_high_lost ? 0 : p->high;
}

uint32_t hf_plpmtu_next(hf_plpmtu *p, const hf_plpmtu_rules *rules, hf_time now)
{
	uint32_t size = candidate(p, rules->threshold);

	if (size > 0)
		return size;
	if (!p->is_complete) {
		p->is_complete = true;
		p->raise_at = hf_time_add(now, rules->interval);
	}
	if (hf_time_before(now, p->raise_at))
		return 0;
	hf_plpmtu_raise(p);
	return candidate(p, rules->threshold);
}

void hf_plpmtu_arrived(hf_plpmtu *p)
{
	/* It had fewer options than there was room for: there is no telling the rest. */
	if (p->probed <= p->low)
		p->high = p->low;
	else
		p->low = p->probed;
	p->probed = 0;
	p->losses = 0;
}

void hf_plpmtu_lost(hf_plpmtu *p)
{
	uint32_t size = p->probed;

	p->probed = 0;
	if (++p->losses < HF_PLPMTU_MAX_PROBES)
		return;
	p->losses = 0;
	p->high = size - 1;
	p->is_high_lost = true;
}

void hf_plpmtu_inconclusive(hf_plpmtu *p)
{
	p->probed = 0;
}

void hf_plpmtu_told(hf_plpmtu *p, uint32_t mtu)
{
	if (mtu > p->high)
		return;
	p->losses = 0;
	p->high = mtu;
	p->favourite = mtu; /* even if it was lost before */
	if (p->low > mtu)
		p->low = mtu;
}

void hf_plpmtu_raise(hf_plpmtu *p)
{
	p->losses = 0;
	p->high = p->ceiling;
	p->is_high_lost = false;
	p->is_complete = false;
}
