/* SPDX-License-Identifier: BSD-2-Clause */
/* What all congestion control shares: slow start, the floors, silence, time-outs, undoing. */
#include "tcp/tx/congestion.h"

#include "tcp/tx/bbr.h"
#include "tcp/tx/hystart.h"

#define INITIAL_SEGMENTS 10
#define INITIAL_OCTETS 14600

static uint32_t larger(uint32_t a, uint32_t b)
{
	return a > b ? a : b;
}

static uint32_t smaller(uint32_t a, uint32_t b)
{
	return a < b ? a : b;
}

/** MAY-18. */
static const hf_congestion_module *module_of(const hf_congestion *g)
{
	static const hf_congestion_module *const modules[] = {
		[HF_CONGESTION_RENO] = &hf_reno,
		[HF_CONGESTION_CUBIC] = &hf_cubic_module,
		[HF_CONGESTION_BBR] = &hf_bbr_module,
	};

	return modules[g->module];
}

static bool has(const hf_congestion *g, uint8_t flag)
{
	return g->flags & flag;
}

uint32_t hf_congestion_initial_window(uint16_t mss)
{
	return smaller(INITIAL_SEGMENTS * (uint32_t)mss, larger(2 * (uint32_t)mss, INITIAL_OCTETS));
}

/* ---- Making ---- */

static uint8_t flags_of(const hf_config *config)
{
	bool is_strict = config->profile == HF_PROFILE_RFC;
	bool may_hystart = config->hystart == HF_CHOICE_DEFAULT ? !is_strict :
								  config->hystart == HF_CHOICE_ON;
	unsigned flags = 0;

	if (is_strict)
		flags |= HF_CONGESTION_STRICT;
	if (may_hystart)
		flags |= HF_CONGESTION_MAY_HYSTART;
	if (config->no_idle_restart)
		flags |= HF_CONGESTION_NO_DECAY;
	return (uint8_t)flags;
}

/** The module's state is made anew: with HyStart++ while nothing is known of the path. */
static void begin(hf_congestion *g)
{
	g->flags &= (uint8_t)~HF_CONGESTION_HYSTART;
	if (g->module != HF_CONGESTION_BBR && g->ssthresh == HF_CWND_MAX &&
	    has(g, HF_CONGESTION_MAY_HYSTART)) {
		g->flags |= HF_CONGESTION_HYSTART;
		hf_hystart_begin(&g->hystart);
		return;
	}
	module_of(g)->begin(g);
}

static void leave_hystart(hf_congestion *g)
{
	if (!has(g, HF_CONGESTION_HYSTART))
		return;
	g->flags &= (uint8_t)~HF_CONGESTION_HYSTART;
	module_of(g)->begin(g);
}

void hf_congestion_init(hf_congestion *g, const hf_config *config, uint16_t mss)
{
	*g = (hf_congestion){
		.cwnd = hf_congestion_initial_window(mss),
		.ssthresh = HF_CWND_MAX,
		.mss = mss,
		.module = config->congestion == HF_CONGESTION_RENO ? HF_CONGESTION_RENO :
								     HF_CONGESTION_CUBIC,
		.flags = flags_of(config),
	};
	begin(g);
}

bool hf_congestion_choose(hf_congestion *g, hf_mem *mem, hf_congestion_control module,
			  uint32_t seed)
{
	hf_bbr *bbr = NULL;

	if (module <= HF_CONGESTION_DEFAULT || module > HF_CONGESTION_BBR)
		return false;
	if (g->module == module)
		return true;
	if (module == HF_CONGESTION_BBR) {
		bbr = hf_mem_new(mem, sizeof(*bbr));
		if (!bbr)
			return false;
		hf_bbr_init(bbr, seed);
	}
	hf_congestion_release(g, mem);
	g->module = (uint8_t)module;
	g->prior.cwnd = 0;
	g->pacing_rate = 0;
	if (bbr)
		g->bbr = bbr;
	begin(g);
	return true;
}

void hf_congestion_release(hf_congestion *g, hf_mem *mem)
{
	if (g->module != HF_CONGESTION_BBR)
		return;
	hf_mem_free(mem, g->bbr, sizeof(*g->bbr));
	g->flags &= (uint8_t)~HF_CONGESTION_HOLDS_BACK;
	g->module = HF_CONGESTION_CUBIC;
}

void hf_congestion_set_mss(hf_congestion *g, uint16_t mss)
{
	g->mss = mss;
}

void hf_congestion_set_pacing(hf_congestion *g, bool on)
{
	g->flags = (uint8_t)(on ? g->flags | HF_CONGESTION_PACED : g->flags & ~HF_CONGESTION_PACED);
	if (!on && g->module != HF_CONGESTION_BBR)
		g->pacing_rate = 0;
}

bool hf_congestion_owns_window(const hf_congestion *g)
{
	return module_of(g)->model != NULL;
}

/* ---- Acknowledgements ---- */

/**
 * Slow start counts every acknowledged octet, however few ACKs carried it: dividing ACKs gains a
 * receiver nothing, and receivers that answer a whole burst with one ACK lose nothing (RFC 3465
 * without its limit, as Linux does). To the letter of RFC 5681 (2) an ACK counts for one segment.
 */
static uint32_t countable(const hf_congestion *g, const hf_congestion_ack *ack)
{
	return has(g, HF_CONGESTION_STRICT) ? smaller(ack->octets, g->mss) : ack->octets;
}

/** Grows by what is acknowledged, up to ssthresh; returns what is left of it beyond. */
static uint32_t slow_start(hf_congestion *g, const hf_congestion_ack *ack)
{
	uint32_t octets = countable(g, ack), step;

	if (has(g, HF_CONGESTION_HYSTART) && hf_hystart_acked(&g->hystart, ack, &octets)) {
		g->ssthresh = g->cwnd;
		leave_hystart(g);
		return octets;
	}
	step = smaller(octets, g->ssthresh - g->cwnd);
	g->cwnd += step;
	return has(g, HF_CONGESTION_HYSTART) ? 0 : octets - step;
}

static void grow(hf_congestion *g, const hf_congestion_ack *ack)
{
	uint32_t octets = ack->octets;

	if (g->cwnd < g->ssthresh)
		octets = slow_start(g, ack);
	if (octets > 0)
		module_of(g)->avoid(g, ack, octets);
	g->cwnd = smaller(g->cwnd, HF_CWND_MAX);
}

/** As Linux: twice cwnd in a round trip while cwnd may double in it, 1.2 times later. */
static void pace(hf_congestion *g, const hf_congestion_ack *ack)
{
	uint32_t window = larger(g->cwnd, ack->in_flight);
	uint32_t percent = g->cwnd < g->ssthresh / 2 ? 200 : 120;

	if (has(g, HF_CONGESTION_PACED) && ack->srtt > 0)
		g->pacing_rate = (uint64_t)window * percent * (HF_SEC(1) / 100) /
				 (uint64_t)ack->srtt;
}

void hf_congestion_acked(hf_congestion *g, const hf_congestion_ack *ack)
{
	const hf_congestion_module *m = module_of(g);

	if (m->model) {
		m->model(g, ack);
		return;
	}
	if (!ack->in_recovery && ack->octets > 0) {
		if (ack->cwnd_limited)
			grow(g, ack);
		else if (m->pause && !has(g, HF_CONGESTION_HYSTART))
			m->pause(g, ack->now);
	}
	if (m->silent && ack->una.v == ack->nxt.v && !has(g, HF_CONGESTION_HYSTART))
		m->silent(g, ack->now);
	pace(g, ack);
}

/* ---- Loss ---- */

static void reduce(hf_congestion *g, uint32_t flight)
{
	const hf_congestion_module *m = module_of(g);

	g->prior.cwnd = g->cwnd;
	g->prior.ssthresh = g->ssthresh;
	leave_hystart(g);
	g->ssthresh = larger(m->reduce(g, flight), 2 * (uint32_t)g->mss);
	if (!m->model)
		g->cwnd = g->ssthresh;
}

void hf_congestion_lost(hf_congestion *g, uint32_t flight)
{
	reduce(g, flight);
}

void hf_congestion_marked(hf_congestion *g, uint32_t flight)
{
	const hf_congestion_module *m = module_of(g);

	reduce(g, flight);
	if (m->marked)
		m->marked(g);
}

void hf_congestion_timed_out(hf_congestion *g, uint32_t flight, bool first)
{
	const hf_congestion_module *m = module_of(g);

	if (first)
		reduce(g, flight);
	g->cwnd = g->mss;
	if (m->timed_out)
		m->timed_out(g, flight);
}

void hf_congestion_undo(hf_congestion *g)
{
	const hf_congestion_module *m = module_of(g);

	if (g->prior.cwnd == 0)
		return;
	g->cwnd = larger(g->cwnd, g->prior.cwnd);
	g->ssthresh = larger(g->ssthresh, g->prior.ssthresh);
	g->prior.cwnd = 0;
	if (m->undo)
		m->undo(g);
	if (!m->model && g->ssthresh == HF_CWND_MAX)
		begin(g); /* back in the first slow start */
}

/* ---- Silence ---- */

/** What ssthresh remembers of a window that is given up though nothing was lost. */
static void remember_window(hf_congestion *g)
{
	g->ssthresh = larger(g->ssthresh, g->cwnd / 2 + g->cwnd / 4);
}

/** Half of cwnd for each RTO of silence, down to the restart window (RFC 2861 3.1). */
static void decay(hf_congestion *g, hf_ns idle, hf_ns rto)
{
	uint32_t restart = smaller(hf_congestion_initial_window(g->mss), g->cwnd);

	remember_window(g);
	for (hf_ns left = idle - rto; left > 0 && g->cwnd > restart; left -= rto)
		g->cwnd /= 2;
	g->cwnd = larger(g->cwnd, restart);
}

void hf_congestion_restart(hf_congestion *g, const hf_congestion_silence *silence)
{
	const hf_congestion_module *m = module_of(g);

	if (m->resume && !has(g, HF_CONGESTION_HYSTART))
		m->resume(g, silence->now, silence->srtt);
	if (m->model || silence->idle <= silence->rto || has(g, HF_CONGESTION_NO_DECAY))
		return;
	g->used = 0;
	g->used_at = silence->now;
	if (!has(g, HF_CONGESTION_STRICT)) {
		decay(g, silence->idle, silence->rto);
		return;
	}
	g->cwnd = smaller(g->cwnd, hf_congestion_initial_window(g->mss));
	begin(g);
}

/** RFC 2861 3.2: a window that was not used for an RTO is half-way given up. */
static void shrink_to_use(hf_congestion *g)
{
	uint32_t used = larger(g->used, hf_congestion_initial_window(g->mss));

	if (used >= g->cwnd)
		return;
	remember_window(g);
	g->cwnd = g->cwnd / 2 + used / 2;
}

void hf_congestion_validate(hf_congestion *g, const hf_congestion_use *use)
{
	if (use->limited) {
		g->used = 0;
		g->used_at = use->now;
		return;
	}
	g->used = larger(g->used, use->flight);
	if (has(g, HF_CONGESTION_STRICT | HF_CONGESTION_NO_DECAY) || module_of(g)->model ||
	    hf_time_diff(use->now, g->used_at) < use->rto)
		return;
	if (use->open)
		shrink_to_use(g);
	g->used = 0;
	g->used_at = use->now;
}
