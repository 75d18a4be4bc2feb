/* SPDX-License-Identifier: BSD-2-Clause */
/* HyStart++ (RFC 9406), with the constants that its section 4.3 recommends, and one more. */
#include "tcp/tx/hystart.h"

/*
 * L, the limit on what one ACK counts for, is infinite in all cases: 4.3 recommends 8 without
 * pacing, but receivers that coalesce acknowledge 44 segments at once, and slow start has been
 * without a limit here and in Linux for long.
 *
 * Conservative slow start is there to tell jitter from a queue. In its five rounds the window grows
 * threefold, and overflows a queue of two bandwidth-delay products. So, beyond the RFC, slow start
 * ends when for a quarter of a round trip all samples show a queue: no jitter. (Linux ends it at
 * an eighth more than the shortest, by its older HyStart.)
 */
#define MIN_RTT_THRESH HF_MS(4)
#define MAX_RTT_THRESH HF_MS(16)
#define MIN_RTT_DIVISOR 8
#define N_RTT_SAMPLE 8
#define CSS_GROWTH_DIVISOR 4
#define CSS_ROUNDS 5

#define NO_RTT INT64_MAX

void hf_hystart_begin(hf_hystart *h)
{
	*h = (hf_hystart){ .last_min = NO_RTT, .current_min = NO_RTT };
}

static void begin_round(hf_hystart *h, hf_seq window_end)
{
	h->has_begun = true;
	h->window_end = window_end;
	h->last_min = h->current_min;
	h->current_min = NO_RTT;
	h->samples = 0;
}

static void take_sample(hf_hystart *h, hf_ns rtt)
{
	if (rtt == 0)
		return;
	if (rtt < h->current_min)
		h->current_min = rtt;
	if (h->samples < UINT8_MAX)
		h->samples++;
}

static hf_ns rtt_threshold(const hf_hystart *h)
{
	hf_ns part = h->last_min / MIN_RTT_DIVISOR;

	if (part < MIN_RTT_THRESH)
		part = MIN_RTT_THRESH;
	return part > MAX_RTT_THRESH ? MAX_RTT_THRESH : part;
}

/** Slow start, until a round is longer than the last; conservative, until that proves wrong. */
static void judge(hf_hystart *h)
{
	if (h->samples < N_RTT_SAMPLE)
		return;
	if (h->is_css) {
		h->is_css = h->current_min >= h->baseline;
	} else if (h->last_min != NO_RTT && h->current_min >= h->last_min + rtt_threshold(h)) {
		h->baseline = h->current_min;
		h->is_css = true;
		h->css_rounds = 0;
	}
}

/** Have all samples shown one for a quarter of a round trip? */
static bool is_queue(hf_hystart *h, const hf_congestion_ack *ack)
{
	if (ack->rtt == 0)
		return false;
	if (!hf_congestion_shows_queue(ack->rtt, ack->min_rtt)) {
		h->long_samples = 0;
		return false;
	}
	if (h->long_samples == 0)
		h->long_since = ack->now;
	if (h->long_samples < N_RTT_SAMPLE)
		h->long_samples++;
	return h->long_samples == N_RTT_SAMPLE &&
	       hf_time_diff(ack->now, h->long_since) >= ack->min_rtt / 4;
}

bool hf_hystart_acked(hf_hystart *h, const hf_congestion_ack *ack, uint32_t *octets)
{
	if (!h->has_begun || hf_seq_leq(h->window_end, ack->una)) {
		if (h->is_css && ++h->css_rounds >= CSS_ROUNDS)
			return true;
		begin_round(h, ack->nxt);
	}
	take_sample(h, ack->rtt);
	judge(h);
	if (is_queue(h, ack))
		return true;
	if (h->is_css) {
		h->remainder += *octets;
		*octets = h->remainder / CSS_GROWTH_DIVISOR;
		h->remainder %= CSS_GROWTH_DIVISOR;
	}
	return false;
}
