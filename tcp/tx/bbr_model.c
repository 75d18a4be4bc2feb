/* SPDX-License-Identifier: BSD-2-Clause */
/* BBRv3's model of the path: bandwidth, delay, and what losses say of both (5.5 of the draft). */
#include "tcp/tx/bbr.h"

#include "tcp/tx/pacing.h"

#define MIN_RTT_FILTER HF_SEC(10)
#define PROBE_RTT_INTERVAL HF_SEC(5)
#define EXTRA_ACKED_ROUNDS 10
#define FULL_BW_ROUNDS 3
#define OFFLOAD_QUANTA 3 /* of two segments at least: more than BBR.MinPipeCwnd */

static uint32_t larger(uint32_t a, uint32_t b)
{
	return a > b ? a : b;
}

static uint64_t larger64(uint64_t a, uint64_t b)
{
	return a > b ? a : b;
}

/** True if `a` octets delivered are no fewer than `b`, modulo 2^32. */
static bool has_reached(uint32_t a, uint32_t b)
{
	return (int32_t)(a - b) >= 0;
}

uint64_t hf_bbr_max_bw(const hf_bbr *b)
{
	return larger64(b->max_bw_filter[0], b->max_bw_filter[1]);
}

static uint32_t capped(uint64_t octets)
{
	return octets > HF_CWND_MAX ? HF_CWND_MAX : (uint32_t)octets;
}

uint32_t hf_bbr_bdp(const hf_congestion *g, uint64_t bw, uint32_t percent)
{
	const hf_bbr *b = g->bbr;
	uint64_t us = (uint64_t)b->min_rtt / 1000;

	if (b->min_rtt == 0 || bw == 0)
		return hf_congestion_initial_window(g->mss);
	if (bw > UINT64_MAX / 1000 / (us + 1))
		return HF_CWND_MAX;
	return capped((bw * us / 1000000 + bw * ((uint64_t)b->min_rtt % 1000) / HF_SEC(1)) *
		      percent / 100);
}

uint32_t hf_bbr_with_budget(const hf_congestion *g, uint32_t cap)
{
	cap = larger(cap, OFFLOAD_QUANTA * hf_pacing_quantum(g->pacing_rate, g->mss));
	if (g->bbr->state == HF_BBR_UP)
		cap += 2u * g->mss;
	return cap;
}

uint32_t hf_bbr_inflight(const hf_congestion *g, uint64_t bw)
{
	return hf_bbr_with_budget(g, hf_bbr_bdp(g, bw, 100));
}

uint32_t hf_bbr_extra_acked(const hf_bbr *b)
{
	return larger(b->extra_acked[0], b->extra_acked[1]);
}

bool hf_bbr_is_probing(const hf_bbr *b)
{
	return b->state == HF_BBR_STARTUP || b->state == HF_BBR_REFILL || b->state == HF_BBR_UP;
}

/* ---- Rounds and bandwidth ---- */

static void count_round(hf_bbr *b, const hf_rate_sample *rate)
{
	b->round_start = rate->is_valid &&
			 has_reached(rate->prior_delivered, b->next_round_delivered);
	if (!b->round_start)
		return;
	b->next_round_delivered = rate->total;
	b->round_count++;
	b->rounds_since_probe++;
}

static void learn_bw(hf_bbr *b, const hf_rate_sample *rate)
{
	count_round(b, rate);
	if (rate->rate >= hf_bbr_max_bw(b) || !rate->app_limited)
		b->max_bw_filter[0] = larger64(b->max_bw_filter[0], rate->rate);
}

void hf_bbr_advance_max_bw(hf_bbr *b)
{
	if (b->max_bw_filter[0] == 0)
		return; /* nothing was measured: the older is all there is */
	b->max_bw_filter[1] = b->max_bw_filter[0];
	b->max_bw_filter[0] = 0;
}

void hf_bbr_reset_full_bw(hf_bbr *b)
{
	b->full_bw = 0;
	b->full_bw_count = 0;
	b->full_bw_now = false;
}

void hf_bbr_check_full_bw(hf_bbr *b, const hf_congestion_ack *ack)
{
	if (b->full_bw_now || !b->round_start || ack->rate.app_limited || ack->rate.rate == 0)
		return;
	if (ack->rate.rate >= b->full_bw + b->full_bw / 4) {
		hf_bbr_reset_full_bw(b);
		b->full_bw = ack->rate.rate;
		return;
	}
	b->full_bw_count++;
	b->full_bw_now = b->full_bw_count >= FULL_BW_ROUNDS;
	if (b->full_bw_now)
		b->full_bw_reached = true;
}

/* ---- Losses ---- */

void hf_bbr_reset_signals(hf_bbr *b)
{
	b->loss_in_round = false;
	b->bw_latest = 0;
	b->inflight_latest = 0;
}

void hf_bbr_reset_shortterm(hf_bbr *b)
{
	b->bw_shortterm = HF_BBR_BW_NONE;
	b->inflight_shortterm = HF_BBR_VOLUME_NONE;
}

void hf_bbr_note_loss(hf_bbr *b, uint32_t total)
{
	if (!b->loss_in_round)
		b->loss_round_delivered = total;
	b->loss_in_round = true;
	if (b->loss_events < UINT8_MAX)
		b->loss_events++;
}

bool hf_bbr_is_inflight_too_high(const hf_congestion_ack *ack)
{
	const hf_rate_sample *r = &ack->rate;

	if (!ack->sack)
		return r->lost > 0;
	return (uint64_t)r->lost * 100 > (uint64_t)r->tx_in_flight * HF_BBR_LOSS_THRESH;
}

static void learn_latest(hf_bbr *b, const hf_rate_sample *rate)
{
	b->loss_round_start = false;
	b->bw_latest = larger64(b->bw_latest, rate->rate);
	b->inflight_latest = larger(b->inflight_latest, rate->delivered);
	if (rate->is_valid && has_reached(rate->prior_delivered, b->loss_round_delivered)) {
		b->loss_round_delivered = rate->total;
		b->loss_round_start = true;
	}
}

/** Once in a round trip with losses: towards what is delivered now, by no more than beta. */
static void lower_bounds(hf_congestion *g)
{
	hf_bbr *b = g->bbr;

	if (hf_bbr_is_probing(b) || !b->loss_in_round)
		return;
	if (b->bw_shortterm == HF_BBR_BW_NONE)
		b->bw_shortterm = hf_bbr_max_bw(b);
	if (b->inflight_shortterm == HF_BBR_VOLUME_NONE)
		b->inflight_shortterm = g->cwnd;
	b->bw_shortterm = larger64(b->bw_latest, b->bw_shortterm * HF_BBR_BETA / 100);
	b->inflight_shortterm = larger(
		b->inflight_latest,
		(uint32_t)((uint64_t)b->inflight_shortterm * HF_BBR_BETA / 100));
}

/* ---- Lumps of acknowledgements ---- */

static void keep_extra(hf_bbr *b, uint32_t extra)
{
	uint32_t rounds = b->full_bw_reached ? EXTRA_ACKED_ROUNDS / 2 : 1;

	if (b->round_count - b->extra_acked_round >= rounds) {
		b->extra_acked_round = b->round_count;
		b->extra_acked[1] = b->extra_acked[0];
		b->extra_acked[0] = 0;
	}
	b->extra_acked[0] = larger(b->extra_acked[0], extra);
}

static void learn_extra_acked(hf_congestion *g, const hf_congestion_ack *ack)
{
	hf_bbr *b = g->bbr;
	hf_ns interval = hf_time_diff(ack->now, b->extra_acked_start);
	uint64_t expected = b->bw * ((uint64_t)interval / 1000) / 1000000, extra;

	if (interval > HF_SEC(1) || b->extra_acked_delivered <= expected) {
		b->extra_acked_delivered = 0;
		b->extra_acked_start = ack->now;
		expected = 0;
	}
	b->extra_acked_delivered += ack->delivered;
	extra = b->extra_acked_delivered - expected;
	if (extra > g->cwnd)
		extra = g->cwnd;
	keep_extra(b, (uint32_t)extra);
}

void hf_bbr_learn(hf_congestion *g, const hf_congestion_ack *ack)
{
	hf_bbr *b = g->bbr;

	learn_latest(b, &ack->rate);
	learn_bw(b, &ack->rate);
	if (b->loss_round_start) {
		lower_bounds(g);
		b->loss_in_round = false;
	}
	learn_extra_acked(g, ack);
}

void hf_bbr_advance(hf_bbr *b, const hf_congestion_ack *ack)
{
	uint64_t max_bw = hf_bbr_max_bw(b);

	if (b->loss_round_start) {
		b->bw_latest = ack->rate.rate;
		b->inflight_latest = ack->rate.delivered;
		b->loss_events = 0;
	}
	b->bw = max_bw < b->bw_shortterm ? max_bw : b->bw_shortterm;
}

/* ---- Delay ---- */

void hf_bbr_learn_min_rtt(hf_bbr *b, const hf_congestion_ack *ack)
{
	b->probe_rtt_expired = b->probe_rtt_min_delay > 0 &&
			       hf_time_diff(ack->now, b->probe_rtt_min_stamp) > PROBE_RTT_INTERVAL;
	if (ack->rtt > 0 && (b->probe_rtt_min_delay == 0 || b->probe_rtt_expired ||
			     ack->rtt < b->probe_rtt_min_delay)) {
		b->probe_rtt_min_delay = ack->rtt;
		b->probe_rtt_min_stamp = ack->now;
	}
	if (b->min_rtt == 0 || b->probe_rtt_min_delay < b->min_rtt ||
	    hf_time_diff(ack->now, b->min_rtt_stamp) > MIN_RTT_FILTER) {
		b->min_rtt = b->probe_rtt_min_delay;
		b->min_rtt_stamp = b->probe_rtt_min_stamp;
	}
}
