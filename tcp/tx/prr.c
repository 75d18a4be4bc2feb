/* SPDX-License-Identifier: BSD-2-Clause */
/* Proportional rate reduction: how much may leave with each ACK of a recovery (RFC 6937, 9937). */
#include "tcp/tx/prr.h"

void hf_prr_begin(hf_prr *p, uint32_t flight, uint32_t credit)
{
	*p = (hf_prr){ .flight = flight > 0 ? flight : 1, .credit = credit };
}

void hf_prr_sent(hf_prr *p, uint32_t octets)
{
	p->out += octets;
}

static uint32_t less(uint64_t a, uint32_t b)
{
	return a > b ? (uint32_t)(a - b) : 0;
}

/** Too much is in flight: for what arrives, less leaves, so that it ends at ssthresh. */
static uint32_t proportional(const hf_prr *p, const hf_prr_ack *a)
{
	uint64_t share = (uint64_t)p->delivered * a->ssthresh + p->flight - 1;

	return less(share / p->flight, p->out);
}

/**
 * Too little is in flight: what arrives is replaced (conservative), and while ACKs show that the
 * repair goes well, a segment more each time, as in slow start.
 */
static uint32_t grow(const hf_prr *p, const hf_prr_ack *a)
{
	uint32_t count = less((uint64_t)p->delivered + p->credit, p->out);
	uint32_t most = a->ssthresh - a->pipe;

	if (count < a->delivered)
		count = a->delivered;
	if (a->is_safe)
		count += a->mss;
	return count < most ? count : most;
}

uint32_t hf_prr_window(hf_prr *p, const hf_prr_ack *a)
{
	uint32_t count;

	p->delivered += a->delivered;
	count = a->pipe > a->ssthresh ? proportional(p, a) : grow(p, a);
	if (p->out == 0 && count < a->mss) /* the recovery's first segment leaves at once */
		count = a->mss;
	return a->pipe + count;
}
