/* SPDX-License-Identifier: BSD-2-Clause */
/* Accurate ECN's TCP option: which counters it carries, written and read (RFC 9768 3.2.3). */
#include "tcp/ecn/option.h"

#define COUNTER_OCTETS 3u
#define COUNTER_MASK 0xffffffu
#define KIND_AND_LENGTH 2u
#define SACKS_KEPT 2 /* loss matters more than marks */

/** The counters of the option's two kinds, in their order. */
static const uint8_t orders[2][HF_ECN_COUNTERS] = {
	{ HF_ECN_ECT0, HF_ECN_CE, HF_ECN_ECT1 },
	{ HF_ECN_ECT1, HF_ECN_CE, HF_ECN_ECT0 },
};

uint32_t hf_ecn_initial(hf_ecn_counter counter)
{
	return counter == HF_ECN_CE ? 0 : 1;
}

/** How many counters of this order must stand there so that all of `wanted` do. */
static unsigned count_needed(unsigned order, unsigned wanted)
{
	unsigned n = HF_ECN_COUNTERS;

	while (n > 0 && !(wanted & HF_ECN_BIT(orders[order][n - 1])))
		n--;
	return n;
}

/** The shorter order for what is wanted; ECT(0) first if they are alike. */
static unsigned shorter_order(unsigned wanted)
{
	return count_needed(1, wanted) < count_needed(0, wanted);
}

static bool fits(const hf_tcp_options *o, unsigned counters)
{
	return hf_tcp_options_len(o) + KIND_AND_LENGTH + counters * COUNTER_OCTETS <=
	       HF_TCP_OPTIONS_MAX;
}

static void put(const hf_ecn_report *report, unsigned wanted, hf_tcp_options *o, uint8_t *octets)
{
	unsigned order = shorter_order(wanted), n = count_needed(order, wanted);

	for (unsigned i = 0; i < n; i++) {
		uint32_t value = report->value[orders[order][i]];

		octets[i * COUNTER_OCTETS] = (uint8_t)(value >> 16);
		hf_put16(octets + i * COUNTER_OCTETS + 1, (uint16_t)value);
	}
	o->acc_ecn = (hf_view){ octets, n * COUNTER_OCTETS };
	o->present |= order == 0 ? HF_HAS(ACC_ECN_0) : HF_HAS(ACC_ECN_1);
}

static bool try(const hf_ecn_report *report, unsigned wanted, hf_tcp_options *o, uint8_t *octets)
{
	if (!fits(o, count_needed(shorter_order(wanted), wanted)))
		return false;
	put(report, wanted, o, octets);
	return true;
}

bool hf_ecn_option_put(const hf_ecn_report *report, hf_tcp_options *o,
		       uint8_t octets[HF_ACC_ECN_MAX])
{
	hf_tcp_options fewer = *o;

	if (try(report, report->changed, o, octets) || try(report, report->news, o, octets))
		return true;
	fewer.sack_count = SACKS_KEPT; /* where there were no more, it fits no better */
	if (!try(report, report->changed, &fewer, octets) &&
	    !try(report, report->news, &fewer, octets))
		return false;
	*o = fewer;
	return true;
}

bool hf_ecn_option_read(const hf_tcp_options *o, hf_ecn_counter counter, uint32_t *out)
{
	const uint8_t *order = orders[o->present & HF_HAS(ACC_ECN_1) ? 1 : 0];
	unsigned place = 0;

	if (!(o->present & (HF_HAS(ACC_ECN_0) | HF_HAS(ACC_ECN_1))))
		return false;
	while (order[place] != counter)
		place++;
	place *= COUNTER_OCTETS;
	if (o->acc_ecn.len < place + COUNTER_OCTETS)
		return false;
	*out = (uint32_t)o->acc_ecn.at[place] << 16 | hf_get16(o->acc_ecn.at + place + 1);
	return true;
}

uint32_t hf_ecn_option_step(uint32_t before, uint32_t now)
{
	uint32_t step = (now - before) & COUNTER_MASK;

	return step > COUNTER_MASK / 2 ? 0 : step;
}
