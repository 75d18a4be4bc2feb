/* SPDX-License-Identifier: BSD-2-Clause */
/* BBRv3: probes for bandwidth and delay by turns, and sends at the rate that the path delivers. */
#include "tcp/tx/bbr.h"

#include "tcp/tx/pacing.h"

/* Percent. */
#define STARTUP_PACING 277
#define DRAIN_PACING 50
#define DOWN_PACING 90
#define UP_PACING 125
#define UP_CWND 225
#define CWND_GAIN 200
#define PROBE_RTT_CWND 50 /* of what may be in flight: that bounds cwnd, whatever its gain */
#define HEADROOM 15
#define PACING_MARGIN 1

#define STARTUP_LOSS_EVENTS 6
#define DRAIN_ROUNDS 3
#define RENO_ROUNDS 63
#define UP_ROUNDS_MAX 30
#define PROBE_WAIT HF_SEC(2)
#define PROBE_WAIT_SPREAD HF_SEC(1)
#define PROBE_RTT_TIME HF_MS(200)
#define MIN_PIPE 4 /* segments */
#define FIRST_RTT HF_MS(1)

static uint32_t larger(uint32_t a, uint32_t b)
{
	return a > b ? a : b;
}

static uint32_t smaller(uint32_t a, uint32_t b)
{
	return a < b ? a : b;
}

static uint32_t percent_of(uint32_t octets, uint32_t percent)
{
	return (uint32_t)((uint64_t)octets * percent / 100);
}

static uint32_t pipe_least(const hf_congestion *g)
{
	return MIN_PIPE * (uint32_t)g->mss;
}

/** xorshift (Marsaglia, 2003): the draft asks for variety between flows, no more. */
static uint32_t draw(hf_bbr *b)
{
	b->random ^= b->random << 13;
	b->random ^= b->random >> 17;
	b->random ^= b->random << 5;
	return b->random;
}

static bool is_in_probe_bw(const hf_bbr *b)
{
	return b->state >= HF_BBR_DOWN && b->state <= HF_BBR_UP;
}

/* ---- Gains ---- */

static uint32_t pacing_gain(const hf_bbr *b)
{
	static const uint16_t gain[] = {
		[HF_BBR_STARTUP] = STARTUP_PACING,
		[HF_BBR_DRAIN] = DRAIN_PACING,
		[HF_BBR_DOWN] = DOWN_PACING,
		[HF_BBR_CRUISE] = 100,
		[HF_BBR_REFILL] = 100,
		[HF_BBR_UP] = UP_PACING,
		[HF_BBR_PROBE_RTT] = 100,
	};

	return gain[b->state];
}

static uint32_t cwnd_gain(const hf_bbr *b)
{
	return b->state == HF_BBR_UP ? UP_CWND : CWND_GAIN;
}

static uint32_t with_headroom(const hf_congestion *g)
{
	uint32_t most = g->bbr->inflight_longterm;

	if (most == HF_BBR_VOLUME_NONE)
		return most;
	return larger(most - smaller(most, larger(g->mss, percent_of(most, HEADROOM))),
		      pipe_least(g));
}

static uint32_t target_inflight(const hf_congestion *g)
{
	return smaller(hf_bbr_bdp(g, g->bbr->bw, 100), g->cwnd);
}

/* ---- Changes of state ---- */

static void start_round(hf_bbr *b, const hf_congestion_ack *ack)
{
	b->next_round_delivered = ack->rate.total;
}

static void enter_startup(hf_bbr *b)
{
	b->state = HF_BBR_STARTUP;
}

static void start_down(hf_congestion *g, const hf_congestion_ack *ack)
{
	hf_bbr *b = g->bbr;

	hf_bbr_reset_signals(b);
	b->rounds_since_probe = draw(b) & 1;
	b->probe_wait = PROBE_WAIT + (hf_ns)(draw(b) % (uint32_t)PROBE_WAIT_SPREAD);
	b->cycle_stamp = ack->now;
	b->probe_stopping = true;
	start_round(b, ack);
	b->state = HF_BBR_DOWN;
}

static void start_refill(hf_bbr *b, const hf_congestion_ack *ack)
{
	hf_bbr_reset_shortterm(b);
	b->probe_up_rounds = 0;
	b->probe_up_acks = 0;
	b->probe_stopping = false;
	start_round(b, ack);
	b->state = HF_BBR_REFILL;
}

/** inflight_longterm grows by one segment in the first round trip, then by 2, 4, 8 ... */
static void raise_slope(hf_congestion *g)
{
	hf_bbr *b = g->bbr;
	uint64_t growth = (uint64_t)g->mss << b->probe_up_rounds;

	if (b->probe_up_rounds < UP_ROUNDS_MAX)
		b->probe_up_rounds++;
	b->probe_up_cnt = larger((uint32_t)((uint64_t)g->cwnd * g->mss / growth), 1);
}

/** `rate` was delivered last; 0: what comes next tells. */
static void start_up(hf_congestion *g, uint64_t rate)
{
	hf_bbr *b = g->bbr;

	hf_bbr_reset_full_bw(b);
	b->full_bw = rate;
	b->probe_samples = true;
	b->probe_stopping = false;
	b->state = HF_BBR_UP;
	raise_slope(g);
}

/* ---- Startup and Drain ---- */

static void check_startup_loss(hf_congestion *g, const hf_congestion_ack *ack)
{
	hf_bbr *b = g->bbr;
	bool is_heavy = ack->sack ? b->loss_round_start && b->loss_events >= STARTUP_LOSS_EVENTS :
				    ack->lost > 0;

	if (b->state != HF_BBR_STARTUP || !ack->in_recovery || !is_heavy ||
	    !hf_bbr_is_inflight_too_high(ack))
		return;
	b->full_bw_reached = true;
	b->inflight_longterm = larger(hf_bbr_bdp(g, hf_bbr_max_bw(b), 100), b->inflight_latest);
}

static void check_startup_and_drain(hf_congestion *g, const hf_congestion_ack *ack)
{
	hf_bbr *b = g->bbr;

	check_startup_loss(g, ack);
	if (b->state == HF_BBR_STARTUP && b->full_bw_reached) {
		b->state = HF_BBR_DRAIN;
		b->drain_start_round = b->round_count;
	}
	if (b->state == HF_BBR_DRAIN && (ack->in_flight <= hf_bbr_inflight(g, hf_bbr_max_bw(b)) ||
					 b->round_count - b->drain_start_round > DRAIN_ROUNDS))
		start_down(g, ack);
}

/* ---- ProbeBW ---- */

static bool is_time_to_probe(const hf_congestion *g, const hf_congestion_ack *ack)
{
	const hf_bbr *b = g->bbr;
	uint32_t rounds = smaller(target_inflight(g) / g->mss, RENO_ROUNDS);

	return hf_time_diff(ack->now, b->cycle_stamp) > b->probe_wait ||
	       b->rounds_since_probe >= rounds;
}

static bool is_time_to_cruise(const hf_congestion *g, const hf_congestion_ack *ack)
{
	return ack->in_flight <= with_headroom(g) &&
	       ack->in_flight <= hf_bbr_inflight(g, hf_bbr_max_bw(g->bbr));
}

static bool is_time_to_go_down(const hf_congestion *g, const hf_congestion_ack *ack)
{
	hf_bbr *b = g->bbr;

	if (ack->cwnd_limited && g->cwnd >= b->inflight_longterm) {
		hf_bbr_reset_full_bw(b); /* it is inflight_longterm that limits */
		b->full_bw = ack->rate.rate;
		return false;
	}
	return b->full_bw_now;
}

static void raise_longterm(hf_congestion *g, const hf_congestion_ack *ack)
{
	hf_bbr *b = g->bbr;
	uint32_t steps;

	if (!ack->cwnd_limited || g->cwnd < b->inflight_longterm)
		return;
	b->probe_up_acks += ack->delivered;
	steps = b->probe_up_acks / b->probe_up_cnt;
	b->probe_up_acks %= b->probe_up_cnt;
	b->inflight_longterm = smaller(b->inflight_longterm + steps * g->mss, HF_CWND_MAX);
	if (b->round_start)
		raise_slope(g);
}

/** A probe went too far: what is in flight is bounded, and the probe ends. */
static void too_high(hf_congestion *g, const hf_congestion_ack *ack, uint32_t inflight)
{
	hf_bbr *b = g->bbr;

	b->probe_samples = false;
	if (!ack->rate.app_limited)
		b->inflight_longterm = larger(inflight,
					      percent_of(target_inflight(g), HF_BBR_BETA));
	if (b->state == HF_BBR_UP)
		start_down(g, ack);
}

/** 5.5.10.2: at which volume in flight did the losses pass the threshold? */
static uint32_t inflight_at_loss(const hf_rate_sample *r)
{
	uint32_t size = smaller(r->loss.len, r->loss.tx_in_flight);
	uint32_t before = r->loss.tx_in_flight - size;
	uint32_t lost = r->loss.lost - smaller(r->loss.lost, size);
	uint32_t budget = percent_of(before, HF_BBR_LOSS_THRESH);

	budget -= smaller(budget, lost);
	return before + (uint32_t)((uint64_t)budget * 100 / (100 - HF_BBR_LOSS_THRESH));
}

static void handle_losses(hf_congestion *g, const hf_congestion_ack *ack)
{
	hf_congestion_ack lost = *ack;

	if (ack->lost == 0)
		return;
	hf_bbr_note_loss(g->bbr, ack->rate.total);
	if (!g->bbr->probe_samples)
		return;
	lost.rate.lost = ack->rate.loss.lost;
	lost.rate.tx_in_flight = ack->rate.loss.tx_in_flight;
	lost.rate.app_limited = ack->rate.loss.app_limited;
	if (hf_bbr_is_inflight_too_high(&lost))
		too_high(g, &lost, inflight_at_loss(&ack->rate));
}

static void adapt_longterm(hf_congestion *g, const hf_congestion_ack *ack)
{
	hf_bbr *b = g->bbr;

	if (b->probe_stopping && b->round_start) {
		b->probe_samples = false;
		b->probe_stopping = false;
		if (is_in_probe_bw(b) && !ack->rate.app_limited)
			hf_bbr_advance_max_bw(b);
	}
	if (hf_bbr_is_inflight_too_high(ack)) {
		if (b->probe_samples)
			too_high(g, ack, ack->rate.tx_in_flight);
		return;
	}
	b->inflight_longterm = larger(b->inflight_longterm, ack->rate.tx_in_flight);
	if (b->state == HF_BBR_UP)
		raise_longterm(g, ack);
}

static void cycle(hf_congestion *g, const hf_congestion_ack *ack)
{
	hf_bbr *b = g->bbr;

	if (!b->full_bw_reached)
		return;
	adapt_longterm(g, ack);
	if ((b->state == HF_BBR_DOWN || b->state == HF_BBR_CRUISE) && is_time_to_probe(g, ack)) {
		start_refill(b, ack);
	} else if (b->state == HF_BBR_DOWN && is_time_to_cruise(g, ack)) {
		b->state = HF_BBR_CRUISE;
	} else if (b->state == HF_BBR_REFILL && b->round_start) {
		start_up(g, ack->rate.rate); /* a round begins */
	} else if (b->state == HF_BBR_UP && is_time_to_go_down(g, ack)) {
		start_down(g, ack);
	}
}

/* ---- ProbeRTT ---- */

static void save_cwnd(hf_congestion *g)
{
	hf_bbr *b = g->bbr;

	b->prior_cwnd = b->in_recovery || b->state == HF_BBR_PROBE_RTT ?
				larger(b->prior_cwnd, g->cwnd) :
				g->cwnd;
}

static void restore_cwnd(hf_congestion *g)
{
	g->cwnd = larger(g->cwnd, g->bbr->prior_cwnd);
}

static uint32_t probe_rtt_cwnd(const hf_congestion *g)
{
	return larger(hf_bbr_bdp(g, g->bbr->bw, PROBE_RTT_CWND), pipe_least(g));
}

static void check_probe_rtt_done(hf_congestion *g, const hf_congestion_ack *ack)
{
	hf_bbr *b = g->bbr;

	if (b->probe_rtt_done_stamp.ns == HF_NEVER.ns ||
	    !hf_time_before(b->probe_rtt_done_stamp, ack->now))
		return;
	b->probe_rtt_min_stamp = ack->now;
	restore_cwnd(g);
	hf_bbr_reset_shortterm(b);
	if (b->full_bw_reached) {
		start_down(g, ack);
		b->state = HF_BBR_CRUISE;
	} else {
		enter_startup(b);
	}
}

static void handle_probe_rtt(hf_congestion *g, const hf_congestion_ack *ack)
{
	hf_bbr *b = g->bbr;

	if (b->probe_rtt_done_stamp.ns == HF_NEVER.ns) {
		if (ack->in_flight > probe_rtt_cwnd(g))
			return;
		b->probe_rtt_done_stamp = hf_time_add(ack->now, PROBE_RTT_TIME);
		b->probe_rtt_round_done = false;
		start_round(b, ack);
		return;
	}
	if (b->round_start)
		b->probe_rtt_round_done = true;
	if (b->probe_rtt_round_done)
		check_probe_rtt_done(g, ack);
}

static void check_probe_rtt(hf_congestion *g, const hf_congestion_ack *ack)
{
	hf_bbr *b = g->bbr;

	if (b->state != HF_BBR_PROBE_RTT && b->probe_rtt_expired && !b->idle_restart) {
		save_cwnd(g);
		b->state = HF_BBR_PROBE_RTT;
		b->probe_rtt_done_stamp = HF_NEVER;
		b->probe_stopping = true;
		start_round(b, ack);
	}
	if (b->state == HF_BBR_PROBE_RTT)
		handle_probe_rtt(g, ack);
	if (ack->delivered > 0)
		b->idle_restart = false;
	/* What is delivered at so low a rate must not count for what the path can do. */
	g->flags &= (uint8_t)~HF_CONGESTION_HOLDS_BACK;
	if (b->state == HF_BBR_PROBE_RTT)
		g->flags |= HF_CONGESTION_HOLDS_BACK;
}

/* ---- The answers ---- */

static void set_pacing_rate(hf_congestion *g, uint32_t gain)
{
	hf_bbr *b = g->bbr;
	uint64_t rate = b->bw / 100 * gain / 100 * (100 - PACING_MARGIN);

	if (rate == 0 || !b->full_bw_reached) /* it only rises */
		rate = rate > g->pacing_rate ? rate : g->pacing_rate;
	g->pacing_rate = rate;
}

static uint32_t cap_of_model(const hf_congestion *g)
{
	const hf_bbr *b = g->bbr;
	uint32_t cap = HF_CWND_MAX;

	if (b->state == HF_BBR_PROBE_RTT || b->state == HF_BBR_CRUISE)
		cap = with_headroom(g);
	else if (is_in_probe_bw(b))
		cap = b->inflight_longterm;
	return larger(smaller(cap, b->inflight_shortterm), pipe_least(g));
}

static void set_cwnd(hf_congestion *g, const hf_congestion_ack *ack)
{
	hf_bbr *b = g->bbr;
	uint32_t most = hf_bbr_with_budget(g, hf_bbr_bdp(g, b->bw, cwnd_gain(b)) +
						      hf_bbr_extra_acked(b));

	if (b->full_bw_reached)
		g->cwnd = smaller(g->cwnd + ack->delivered, most);
	else if (g->cwnd < most || b->delivered < hf_congestion_initial_window(g->mss))
		g->cwnd += ack->delivered;
	g->cwnd = smaller(larger(g->cwnd, pipe_least(g)), HF_CWND_MAX);
	if (b->state == HF_BBR_PROBE_RTT)
		g->cwnd = smaller(g->cwnd, probe_rtt_cwnd(g));
	g->cwnd = smaller(g->cwnd, cap_of_model(g));
}

/** 5.6.2: the first window is spread over the round trip, as far as that is known. */
static void first_rate(hf_congestion *g, hf_ns srtt)
{
	uint64_t window = hf_congestion_initial_window(g->mss);

	g->pacing_rate = window * STARTUP_PACING * (HF_SEC(1) / 100) / (uint64_t)srtt;
}

static void see_rtt(hf_congestion *g, hf_ns srtt)
{
	if (g->bbr->has_seen_rtt || srtt == 0)
		return;
	g->bbr->has_seen_rtt = true;
	first_rate(g, srtt);
}

static void start(hf_bbr *b, const hf_congestion_ack *ack)
{
	b->is_new = false;
	b->next_round_delivered = b->loss_round_delivered = ack->rate.total - ack->delivered;
}

static void model(hf_congestion *g, const hf_congestion_ack *ack)
{
	hf_bbr *b = g->bbr;

	if (b->is_new)
		start(b, ack);
	see_rtt(g, ack->srtt);
	if (b->in_recovery && !ack->in_recovery && !ack->in_loss)
		restore_cwnd(g);
	b->in_recovery = ack->in_recovery || ack->in_loss;
	b->delivered += smaller(ack->delivered, UINT32_MAX - b->delivered);
	handle_losses(g, ack);
	hf_bbr_learn(g, ack);
	hf_bbr_check_full_bw(b, ack);
	check_startup_and_drain(g, ack);
	cycle(g, ack);
	hf_bbr_learn_min_rtt(b, ack);
	check_probe_rtt(g, ack);
	hf_bbr_advance(b, ack);
	set_pacing_rate(g, pacing_gain(b));
	set_cwnd(g, ack);
}

/* ---- Events ---- */

void hf_bbr_init(hf_bbr *b, uint32_t seed)
{
	*b = (hf_bbr){
		.random = seed | 1, /* never zero */
		.is_new = true,
		.state = HF_BBR_STARTUP,
		.inflight_longterm = HF_BBR_VOLUME_NONE,
		.probe_rtt_done_stamp = HF_NEVER,
	};
	hf_bbr_reset_shortterm(b);
}

static void begin(hf_congestion *g)
{
	first_rate(g, FIRST_RTT);
}

/** A recovery begins: what is known now is kept, in case that it was needless. */
static uint32_t reduce(hf_congestion *g, uint32_t flight)
{
	hf_bbr *b = g->bbr;

	(void)flight;
	save_cwnd(g);
	b->in_recovery = true;
	b->undo.state = b->state;
	b->undo.bw_shortterm = b->bw_shortterm;
	b->undo.inflight_shortterm = b->inflight_shortterm;
	b->undo.inflight_longterm = b->inflight_longterm;
	return g->ssthresh;
}

/** 5.5.11.2: what the losses ended goes on. */
static void undo(hf_congestion *g)
{
	hf_bbr *b = g->bbr;

	b->loss_in_round = false;
	hf_bbr_reset_full_bw(b);
	if (b->bw_shortterm < b->undo.bw_shortterm)
		b->bw_shortterm = b->undo.bw_shortterm;
	b->inflight_shortterm = larger(b->inflight_shortterm, b->undo.inflight_shortterm);
	b->inflight_longterm = larger(b->inflight_longterm, b->undo.inflight_longterm);
	if (b->state == HF_BBR_PROBE_RTT || b->state == b->undo.state)
		return;
	if (b->undo.state == HF_BBR_STARTUP) {
		b->full_bw_reached = false;
		enter_startup(b);
	} else if (b->undo.state == HF_BBR_UP) {
		start_up(g, 0); /* and its samples count again */
	}
}

/**
 * ECN is beyond the draft; RFC 3168 asks for an answer as to a loss: what is in flight is bounded
 * at beta while probing, and at the end of the round otherwise.
 */
static void marked(hf_congestion *g)
{
	hf_bbr *b = g->bbr;

	hf_bbr_note_loss(b, b->next_round_delivered);
	if (b->state == HF_BBR_STARTUP) {
		b->full_bw_reached = true;
		b->inflight_longterm = larger(hf_bbr_bdp(g, hf_bbr_max_bw(b), 100),
					      percent_of(g->cwnd, HF_BBR_BETA));
	} else if (hf_bbr_is_probing(b)) {
		b->probe_samples = false;
		b->inflight_longterm = percent_of(target_inflight(g), HF_BBR_BETA);
	}
}

static void resume(hf_congestion *g, hf_time now, hf_ns srtt)
{
	hf_bbr *b = g->bbr;

	see_rtt(g, srtt);
	b->idle_restart = true;
	b->extra_acked_delivered = 0;
	if (is_in_probe_bw(b))
		set_pacing_rate(g, 100);
	else if (b->state == HF_BBR_PROBE_RTT)
		check_probe_rtt_done(
			g,
			&(hf_congestion_ack){ .now = now, .rate.total = b->next_round_delivered });
}

const hf_congestion_module hf_bbr_module = {
	.name = "bbr",
	.begin = begin,
	.reduce = reduce,
	.undo = undo,
	.resume = resume,
	.model = model,
	.marked = marked,
};
