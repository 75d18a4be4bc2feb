/* SPDX-License-Identifier: BSD-2-Clause */
/* Each function is a step of the draft, in its own terms; where ours differs, it says so. */
#include "tests/unit/bbr_draft.h"

static uint64_t most(uint64_t a, uint64_t b)
{
	return a > b ? a : b;
}

static uint64_t least(uint64_t a, uint64_t b)
{
	return a < b ? a : b;
}

/* Counts come round. */
static bool is_past(uint32_t count, uint32_t mark)
{
	return count - mark < UINT32_C(1) << 31;
}

static bool is_in_probe_bw(const draft *d)
{
	return d->state == HF_BBR_DOWN || d->state == HF_BBR_CRUISE || d->state == HF_BBR_REFILL ||
	       d->state == HF_BBR_UP;
}

static bool is_probing(const draft *d)
{
	return d->state == HF_BBR_STARTUP || d->state == HF_BBR_REFILL || d->state == HF_BBR_UP;
}

uint64_t draft_max_bw(const draft *d)
{
	return most(d->max_bw[0], d->max_bw[1]);
}

/* 5.6.4.2 BBRBDPMultiple; its time is of whole microseconds. */
static uint64_t bdp(const draft *d, uint64_t bw, unsigned percent)
{
	if (d->min_rtt == 0 || bw == 0)
		return d->initial_cwnd;
	return least(bw * (uint64_t)(d->min_rtt / 1000) / 1000000 * percent / 100, INFINITE);
}

/* BBRQuantizationBudget */
static uint64_t with_budget(const draft *d, uint64_t cap)
{
	uint64_t quantum = most(least(d->pacing_rate / 1024, 65536), 2 * d->smss);

	cap = most(most(cap, 3 * quantum), 4 * d->smss);
	return d->state == HF_BBR_UP ? cap + 2 * d->smss : cap;
}

uint64_t draft_inflight(const draft *d, uint64_t bw)
{
	return with_budget(d, bdp(d, bw, 100));
}

uint64_t draft_with_headroom(const draft *d)
{
	uint64_t bound = d->inflight_longterm, headroom = most(d->smss, bound * 15 / 100);

	if (bound == INFINITE)
		return INFINITE;
	return most(bound > headroom ? bound - headroom : 0, 4 * d->smss);
}

uint64_t draft_probe_rtt_cwnd(const draft *d)
{
	return most(bdp(d, d->bw, 50), 4 * d->smss);
}

static uint64_t target_inflight(const draft *d)
{
	return least(bdp(d, d->bw, 100), d->cwnd);
}

static void reset_full_bw(draft *d, uint64_t from)
{
	d->full_bw = from;
	d->full_bw_count = 0;
	d->full_bw_now = false;
}

static void reset_shortterm(draft *d)
{
	d->bw_shortterm = NO_BOUND;
	d->inflight_shortterm = INFINITE;
}

/* ---- 5.3.3.6 ---- */

/* What is random there is taken over (`ours`). */
static void start_down(draft *d, const hf_bbr *ours)
{
	d->loss_in_round = false;
	d->bw_latest = d->inflight_latest = 0;
	d->up_cnt = UINT32_MAX;
	d->wait = ours->probe_wait;
	d->rounds_since_probe = ours->rounds_since_probe;
	d->cycle_stamp = d->now;
	d->downs++;
	d->ack_phase = ACKS_STOPPING;
	d->next_round = d->total;
	d->state = HF_BBR_DOWN;
}

static void start_refill(draft *d)
{
	reset_shortterm(d);
	d->up_rounds = 0;
	d->up_acks = 0;
	d->ack_phase = ACKS_REFILLING;
	d->next_round = d->total;
	d->state = HF_BBR_REFILL;
}

/* Segments a round: 1, 2, 4, 8. */
static void raise_slope(draft *d)
{
	d->up_cnt = most(d->cwnd / (UINT64_C(1) << d->up_rounds), 1);
	d->up_rounds = d->up_rounds < 30 ? d->up_rounds + 1 : 30;
}

static void begin_up(draft *d, uint64_t rate)
{
	d->ack_phase = ACKS_STARTING;
	reset_full_bw(d, rate);
	d->state = HF_BBR_UP;
	raise_slope(d);
}

static bool is_time_to_probe(const draft *d)
{
	return hf_time_diff(d->now, d->cycle_stamp) > d->wait ||
	       d->rounds_since_probe >= least(target_inflight(d) / d->smss, 63);
}

static bool is_time_to_cruise(const draft *d, const hf_congestion_ack *a)
{
	return a->in_flight <= draft_with_headroom(d) &&
	       a->in_flight <= draft_inflight(d, draft_max_bw(d));
}

static bool is_time_to_go_down(draft *d, const hf_congestion_ack *a)
{
	if (!a->cwnd_limited || d->cwnd < d->inflight_longterm)
		return d->full_bw_now;
	reset_full_bw(d, a->rate.rate);
	return false;
}

static bool is_too_high(const draft *d, uint64_t lost, uint64_t tx_in_flight)
{
	return d->sack ? lost * 100 > tx_in_flight * 2 : lost > 0;
}

static void too_high(draft *d, uint64_t inflight, bool app_limited, const hf_bbr *ours)
{
	d->probe_samples = false;
	if (!app_limited)
		d->inflight_longterm = most(inflight, target_inflight(d) * 70 / 100);
	if (d->state == HF_BBR_UP)
		start_down(d, ours);
}

/* BBRProbeInflightLongtermUpward; its counts are of segments in the draft. */
static void probe_upward(draft *d, const hf_congestion_ack *a)
{
	uint64_t steps;

	if (!a->cwnd_limited || d->cwnd < d->inflight_longterm)
		return;
	d->up_acks += a->delivered;
	steps = d->up_acks / d->up_cnt;
	d->up_acks %= d->up_cnt;
	d->inflight_longterm = least(d->inflight_longterm + steps * d->smss, INFINITE);
	if (d->round_start)
		raise_slope(d);
}

/* A sample that begins a cycle without any of its own leaves the oldest in place. */
static void end_of_probe(draft *d, bool app_limited)
{
	d->probe_samples = false;
	d->ack_phase = ACKS_NONE;
	if (!is_in_probe_bw(d) || app_limited || d->max_bw[0] == 0)
		return;
	d->max_bw[1] = d->max_bw[0];
	d->max_bw[0] = 0;
}

static void adapt_longterm(draft *d, const hf_congestion_ack *a, const hf_bbr *ours)
{
	if (d->ack_phase == ACKS_STARTING && d->round_start)
		d->ack_phase = ACKS_FEEDBACK;
	if (d->ack_phase == ACKS_STOPPING && d->round_start)
		end_of_probe(d, a->rate.app_limited);
	if (is_too_high(d, a->rate.lost, a->rate.tx_in_flight)) {
		if (d->probe_samples)
			too_high(d, a->rate.tx_in_flight, a->rate.app_limited, ours);
		return;
	}
	if (d->inflight_longterm == INFINITE)
		return;
	d->inflight_longterm = most(d->inflight_longterm, a->rate.tx_in_flight);
	if (d->state == HF_BBR_UP)
		probe_upward(d, a);
}

static void update_cycle(draft *d, const hf_congestion_ack *a, const hf_bbr *ours)
{
	bool may_probe = false;

	if (!d->full_bw_reached)
		return;
	adapt_longterm(d, a, ours);
	if (d->state == HF_BBR_DOWN || d->state == HF_BBR_CRUISE)
		may_probe = is_time_to_probe(d);
	if (may_probe) {
		start_refill(d);
	} else if (d->state == HF_BBR_DOWN && is_time_to_cruise(d, a)) {
		d->state = HF_BBR_CRUISE;
	} else if (d->state == HF_BBR_REFILL && d->round_start) {
		d->probe_samples = true;
		d->next_round = d->total;
		begin_up(d, a->rate.rate);
	} else if (d->state == HF_BBR_UP && is_time_to_go_down(d, a)) {
		start_down(d, ours);
	}
}

/* ---- 5.5: the model ---- */

static void note_loss(draft *d)
{
	if (!d->loss_in_round)
		d->loss_round = d->total;
	d->loss_in_round = true;
	d->loss_events++;
}

/* 5.5.10.2 */
static void handle_lost_packet(draft *d, const hf_congestion_ack *a, const hf_bbr *ours)
{
	uint64_t size = a->rate.loss.len, before, lost, budget, prefix = 0;

	if (a->lost == 0)
		return;
	note_loss(d);
	if (!d->probe_samples || !is_too_high(d, a->rate.loss.lost, a->rate.loss.tx_in_flight))
		return;
	before = a->rate.loss.tx_in_flight > size ? a->rate.loss.tx_in_flight - size : 0;
	size = a->rate.loss.tx_in_flight - before;
	lost = a->rate.loss.lost > size ? a->rate.loss.lost - size : 0;
	budget = before * 2 / 100;
	if (lost < budget)
		prefix = (budget - lost) * 100 / 98;
	too_high(d, before + prefix, a->rate.loss.app_limited, ours);
}

static void update_round(draft *d, const hf_rate_sample *r)
{
	d->round_start = r->is_valid && is_past(r->prior_delivered, d->next_round);
	if (!d->round_start)
		return;
	d->next_round = d->total;
	d->round_count++;
	d->rounds_since_probe++;
}

static void update_signals(draft *d, const hf_rate_sample *r)
{
	d->bw_latest = most(d->bw_latest, r->rate);
	d->inflight_latest = most(d->inflight_latest, r->delivered);
	d->loss_round_start = r->is_valid && is_past(r->prior_delivered, d->loss_round);
	if (d->loss_round_start)
		d->loss_round = d->total;
	update_round(d, r);
	if (r->rate >= draft_max_bw(d) || !r->app_limited)
		d->max_bw[0] = most(d->max_bw[0], r->rate);
	if (!d->loss_round_start)
		return;
	if (d->loss_in_round && !is_probing(d)) {
		uint64_t bw = d->bw_shortterm == NO_BOUND ? draft_max_bw(d) : d->bw_shortterm;
		uint64_t inflight = d->inflight_shortterm == INFINITE ? d->cwnd :
									d->inflight_shortterm;

		d->bw_shortterm = most(d->bw_latest, bw * 70 / 100);
		d->inflight_shortterm = most(d->inflight_latest, inflight * 70 / 100);
	}
	d->loss_in_round = false;
}

/* 5.5.9, over a second at most; the filter: this span of five rounds and the one before. */
static void update_aggregation(draft *d, const hf_congestion_ack *a)
{
	hf_ns interval = hf_time_diff(d->now, d->extra_start);
	uint64_t expected = d->bw * (uint64_t)(interval / 1000) / 1000000, extra;

	if (interval > HF_SEC(1) || d->extra_delivered <= expected) {
		d->extra_delivered = expected = 0;
		d->extra_start = d->now;
	}
	d->extra_delivered += a->delivered;
	extra = least(d->extra_delivered - expected, d->cwnd);
	if (d->round_count - d->extra_round >= (d->full_bw_reached ? 5 : 1)) {
		d->extra_round = d->round_count;
		d->extra[1] = d->extra[0];
		d->extra[0] = 0;
	}
	d->extra[0] = most(d->extra[0], extra);
}

/* 5.3.1.2 */
static void check_full_bw(draft *d, const hf_rate_sample *r)
{
	if (d->full_bw_now || !d->round_start || r->app_limited || r->rate == 0)
		return;
	if (r->rate >= d->full_bw + d->full_bw / 4) {
		reset_full_bw(d, r->rate);
		return;
	}
	d->full_bw_now = ++d->full_bw_count >= 3;
	d->full_bw_reached |= d->full_bw_now;
}

/* 5.3.1.3 */
static void check_startup_loss(draft *d, const hf_congestion_ack *a)
{
	bool enough = d->sack ? d->loss_round_start && d->loss_events >= 6 : a->lost > 0;

	if (!enough || !a->in_recovery || !is_too_high(d, a->rate.lost, a->rate.tx_in_flight))
		return;
	d->full_bw_reached = true;
	d->inflight_longterm = most(bdp(d, draft_max_bw(d), 100), d->inflight_latest);
}

static void check_startup_and_drain(draft *d, const hf_congestion_ack *a, const hf_bbr *ours)
{
	if (d->state == HF_BBR_STARTUP)
		check_startup_loss(d, a);
	if (d->state == HF_BBR_STARTUP && d->full_bw_reached) {
		d->state = HF_BBR_DRAIN;
		d->drain_start = d->round_count;
	}
	if (d->state == HF_BBR_DRAIN && (a->in_flight <= draft_inflight(d, draft_max_bw(d)) ||
					 d->round_count > d->drain_start + 3))
		start_down(d, ours);
}

/* ---- 5.3.4 ---- */

static void update_min_rtt(draft *d, const hf_congestion_ack *a)
{
	d->is_expired = d->probe_min > 0 && hf_time_diff(d->now, d->probe_min_stamp) > HF_SEC(5);
	if (a->rtt > 0 && (a->rtt < d->probe_min || d->probe_min == 0 || d->is_expired)) {
		d->probe_min = a->rtt;
		d->probe_min_stamp = d->now;
	}
	if (d->probe_min > 0 && (d->probe_min < d->min_rtt || d->min_rtt == 0 ||
				 hf_time_diff(d->now, d->min_stamp) > HF_SEC(10))) {
		d->min_rtt = d->probe_min;
		d->min_stamp = d->probe_min_stamp;
	}
}

static void save_cwnd(draft *d)
{
	bool keep = d->in_recovery || d->state == HF_BBR_PROBE_RTT;

	d->prior_cwnd = keep ? most(d->prior_cwnd, d->cwnd) : d->cwnd;
}

static void restore_cwnd(draft *d)
{
	d->cwnd = most(d->cwnd, d->prior_cwnd);
}

static void check_probe_rtt_done(draft *d, const hf_bbr *ours)
{
	if (d->done_stamp.ns == 0 || !hf_time_before(d->done_stamp, d->now))
		return;
	d->probe_min_stamp = d->now;
	restore_cwnd(d);
	reset_shortterm(d);
	d->state = HF_BBR_STARTUP;
	if (d->full_bw_reached) {
		start_down(d, ours);
		d->state = HF_BBR_CRUISE;
	}
}

static void check_probe_rtt(draft *d, const hf_congestion_ack *a, const hf_bbr *ours)
{
	if (d->state != HF_BBR_PROBE_RTT && d->is_expired && !d->idle_restart) {
		save_cwnd(d);
		d->state = HF_BBR_PROBE_RTT;
		d->done_stamp.ns = 0;
		d->ack_phase = ACKS_STOPPING;
		d->next_round = d->total;
	}
	if (d->state == HF_BBR_PROBE_RTT && d->done_stamp.ns == 0) {
		if (a->in_flight <= draft_probe_rtt_cwnd(d)) {
			d->done_stamp = hf_time_add(d->now, HF_MS(200));
			d->is_round_done = false;
			d->next_round = d->total;
		}
	} else if (d->state == HF_BBR_PROBE_RTT) {
		d->is_round_done |= d->round_start;
		if (d->is_round_done)
			check_probe_rtt_done(d, ours);
	}
	if (a->delivered > 0)
		d->idle_restart = false;
}

/* ---- 5.6 ---- */

static const struct {
	unsigned pacing, cwnd; /* percent */
} gains[] = {
	[HF_BBR_STARTUP] = { 277, 200 },  [HF_BBR_DRAIN] = { 50, 200 },
	[HF_BBR_DOWN] = { 90, 200 },      [HF_BBR_CRUISE] = { 100, 200 },
	[HF_BBR_REFILL] = { 100, 200 },   [HF_BBR_UP] = { 125, 225 },
	[HF_BBR_PROBE_RTT] = { 100, 50 },
};

/* BBRSetPacingRateWithGain, with a margin of 1 %: of whole hundreds, so that nothing overflows. */
static void set_pacing_rate(draft *d, unsigned percent)
{
	uint64_t rate = d->bw / 100 * percent / 100 * 99;

	if (rate > 0 && (d->full_bw_reached || rate > d->pacing_rate))
		d->pacing_rate = rate;
}

/* The column of volume caps in the table of 5.6.1. */
static uint64_t volume_cap(const draft *d)
{
	switch (d->state) {
	case HF_BBR_STARTUP:
	case HF_BBR_DRAIN:
		return INFINITE;
	case HF_BBR_DOWN:
	case HF_BBR_REFILL:
	case HF_BBR_UP:
		return d->inflight_longterm;
	case HF_BBR_CRUISE:
	case HF_BBR_PROBE_RTT:
		break;
	}
	return draft_with_headroom(d);
}

static void set_cwnd(draft *d, uint32_t newly_acked)
{
	uint64_t extra = most(d->extra[0], d->extra[1]);
	uint64_t max_inflight = with_budget(d, bdp(d, d->bw, gains[d->state].cwnd) + extra);

	if (d->full_bw_reached)
		d->cwnd = least(d->cwnd + newly_acked, max_inflight);
	else if (d->cwnd < max_inflight || d->since_begin < d->initial_cwnd)
		d->cwnd += newly_acked;
	d->cwnd = most(d->cwnd, 4 * d->smss);
	if (d->state == HF_BBR_PROBE_RTT)
		d->cwnd = least(d->cwnd, draft_probe_rtt_cwnd(d));
	d->cwnd = least(d->cwnd, most(least(volume_cap(d), d->inflight_shortterm), 4 * d->smss));
}

/* ---- 5.2 ---- */

/* BBRInitPacingRate: once, as soon as a round trip is known. */
static void see_rtt(draft *d, hf_ns srtt)
{
	if (d->knows_rtt || srtt == 0)
		return;
	d->knows_rtt = true;
	d->pacing_rate = (uint64_t)d->initial_cwnd * 277 * (HF_SEC(1) / 100) / (uint64_t)srtt;
}

void draft_begin(draft *d, uint32_t smss, bool sack, uint32_t total)
{
	*d = (draft){
		.smss = smss,
		.sack = sack,
		.total = total,
		.next_round = total,
		.loss_round = total,
		.inflight_longterm = INFINITE,
	};
	d->initial_cwnd = hf_congestion_initial_window((uint16_t)smss);
	d->cwnd = d->initial_cwnd;
	d->pacing_rate = (uint64_t)d->initial_cwnd * 2770; /* in 1 ms */
	reset_shortterm(d);
}

void draft_acked(draft *d, const hf_congestion_ack *a, const hf_bbr *ours)
{
	bool first = d->now.ns == 0;

	d->now = a->now;
	d->total = a->rate.total;
	d->since_begin += a->delivered;
	if (first)
		d->extra_start = d->min_stamp = d->probe_min_stamp = d->now;
	see_rtt(d, a->srtt);
	if (d->in_recovery && !a->in_recovery && !a->in_loss)
		restore_cwnd(d);
	d->in_recovery = a->in_recovery || a->in_loss;
	handle_lost_packet(d, a, ours);
	update_signals(d, &a->rate);
	update_aggregation(d, a);
	check_full_bw(d, &a->rate);
	check_startup_and_drain(d, a, ours);
	update_cycle(d, a, ours);
	update_min_rtt(d, a);
	check_probe_rtt(d, a, ours);
	if (d->loss_round_start) {
		d->bw_latest = a->rate.rate;
		d->inflight_latest = a->rate.delivered;
		d->loss_events = 0;
	}
	d->bw = least(draft_max_bw(d), d->bw_shortterm);
	set_pacing_rate(d, gains[d->state].pacing);
	set_cwnd(d, a->delivered);
}

/* BBROnEnterFastRecovery; what any module gives back is kept beside it. */
void draft_lost(draft *d)
{
	save_cwnd(d);
	d->in_recovery = true;
	d->undo.state = d->state;
	d->undo.bw_shortterm = d->bw_shortterm;
	d->undo.inflight_shortterm = d->inflight_shortterm;
	d->undo.inflight_longterm = d->inflight_longterm;
	d->undo.cwnd = d->cwnd;
}

void draft_timed_out(draft *d, bool first)
{
	if (first)
		draft_lost(d);
	d->cwnd = d->smss;
}

void draft_marked(draft *d)
{
	draft_lost(d);
	if (!d->loss_in_round)
		d->loss_round = d->next_round;
	d->loss_in_round = true;
	d->loss_events++;
	if (d->state == HF_BBR_STARTUP) {
		d->full_bw_reached = true;
		d->inflight_longterm = most(bdp(d, draft_max_bw(d), 100), d->cwnd * 70 / 100);
	} else if (is_probing(d)) {
		d->probe_samples = false;
		d->inflight_longterm = target_inflight(d) * 70 / 100;
	}
}

/* 5.5.11.2; a probe that goes on is judged by its samples again, and the round goes on too. */
void draft_undone(draft *d)
{
	if (d->undo.cwnd == 0)
		return;
	d->cwnd = most(d->cwnd, d->undo.cwnd);
	d->undo.cwnd = 0;
	d->loss_in_round = false;
	reset_full_bw(d, 0);
	d->bw_shortterm = most(d->bw_shortterm, d->undo.bw_shortterm);
	d->inflight_shortterm = most(d->inflight_shortterm, d->undo.inflight_shortterm);
	d->inflight_longterm = most(d->inflight_longterm, d->undo.inflight_longterm);
	if (d->state == HF_BBR_PROBE_RTT || d->state == d->undo.state)
		return;
	if (d->undo.state == HF_BBR_STARTUP) {
		d->state = HF_BBR_STARTUP;
		d->full_bw_reached = false;
	} else if (d->undo.state == HF_BBR_UP) {
		d->probe_samples = true;
		begin_up(d, 0);
	}
}

/* 5.4.1 */
void draft_restart(draft *d, hf_time now, hf_ns srtt, const hf_bbr *ours)
{
	see_rtt(d, srtt);
	d->idle_restart = true;
	d->extra_start = now;
	d->extra_delivered = 0;
	if (is_in_probe_bw(d))
		set_pacing_rate(d, 100);
	else if (d->state == HF_BBR_PROBE_RTT) {
		d->now = now;
		check_probe_rtt_done(d, ours);
	}
}
