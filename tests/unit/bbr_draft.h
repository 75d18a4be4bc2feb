/* SPDX-License-Identifier: BSD-2-Clause */
/* The steps of BBRv3's draft, written once more beside the code (draft-ietf-ccwg-bbr-05 5). */
#ifndef HF_TESTS_BBR_DRAFT_H
#define HF_TESTS_BBR_DRAFT_H

#include "tcp/tx/bbr.h"

/*
 * Volumes in octets, rates in octets a second, all rounded down. What is random in the draft is
 * taken over from the connection beside it (`ours`).
 */

#define INFINITE HF_CWND_MAX
#define NO_BOUND UINT64_MAX

/* Its BBR, and of its C what is needed. */
typedef struct draft {
	bool sack, in_recovery, app_limited;
	uint32_t smss, initial_cwnd, total; /* C.delivered, and where it began: */
	uint64_t since_begin, cwnd, pacing_rate;
	hf_bbr_state state;
	enum { ACKS_NONE, ACKS_STARTING, ACKS_FEEDBACK, ACKS_STOPPING, ACKS_REFILLING } ack_phase;
	unsigned downs; /* how often ProbeBW_DOWN has begun */
	uint64_t bw, max_bw[2], bw_latest, bw_shortterm, full_bw;
	uint64_t inflight_latest, inflight_shortterm, inflight_longterm, prior_cwnd;
	unsigned full_bw_count, loss_events, up_rounds, rounds_since_probe;
	bool full_bw_now, full_bw_reached, round_start, loss_round_start, loss_in_round;
	bool probe_samples, idle_restart, is_expired, is_round_done, knows_rtt;
	uint32_t next_round, loss_round, round_count, drain_start;
	uint64_t up_cnt, up_acks, extra_delivered, extra[2];
	uint32_t extra_round;
	hf_time now, extra_start, min_stamp, probe_min_stamp, cycle_stamp, done_stamp;
	hf_ns min_rtt, probe_min, wait;
	struct {
		hf_bbr_state state;
		uint64_t bw_shortterm, inflight_shortterm, inflight_longterm, cwnd;
	} undo;
} draft;

void draft_begin(draft *d, uint32_t smss, bool sack, uint32_t total);
void draft_acked(draft *d, const hf_congestion_ack *a, const hf_bbr *ours);
/* A recovery begins. */
void draft_lost(draft *d);
void draft_timed_out(draft *d, bool first);
/* ECN is beyond the draft: a mark is a loss, and one at which a probe ends. */
void draft_marked(draft *d);
void draft_undone(draft *d);
void draft_restart(draft *d, hf_time now, hf_ns srtt, const hf_bbr *ours);
/* What fits into the headroom, or is left in flight to probe the round trip. */
uint64_t draft_inflight(const draft *d, uint64_t bw);
uint64_t draft_with_headroom(const draft *d);
uint64_t draft_probe_rtt_cwnd(const draft *d);
uint64_t draft_max_bw(const draft *d);

#endif
