/* SPDX-License-Identifier: BSD-2-Clause */
/* BBRv3's state: a model of the path, and where its probing stands (draft-ietf-ccwg-bbr-05). */
#ifndef HF_TCP_TX_BBR_H
#define HF_TCP_TX_BBR_H

#include "tcp/tx/congestion.h"

/*
 * Names are the draft's; rates in octets a second, volumes in octets, gains in percent. What is
 * random there comes from a generator that the connection's initial sequence number seeds.
 * bbr_model.c learns from acknowledgements, bbr.c decides on states and the window.
 */

#define HF_BBR_BW_NONE UINT64_MAX      /**< bw_shortterm: infinite */
#define HF_BBR_VOLUME_NONE HF_CWND_MAX /**< inflight_shortterm, inflight_longterm: infinite */
#define HF_BBR_LOSS_THRESH 2           /**< percent of a round trip's octets */
#define HF_BBR_BETA 70                 /**< percent */

typedef enum hf_bbr_state {
	HF_BBR_STARTUP,
	HF_BBR_DRAIN,
	HF_BBR_DOWN,
	HF_BBR_CRUISE,
	HF_BBR_REFILL,
	HF_BBR_UP,
	HF_BBR_PROBE_RTT,
} hf_bbr_state;

typedef struct hf_bbr {
	/* The model. */
	uint64_t max_bw_filter[2]; /**< the best of this probing cycle, and of the one before */
	uint64_t bw, bw_latest, bw_shortterm;
	uint32_t inflight_latest, inflight_shortterm, inflight_longterm;
	hf_ns min_rtt, probe_rtt_min_delay; /**< 0: none yet */
	hf_time min_rtt_stamp, probe_rtt_min_stamp;
	uint32_t extra_acked[2]; /**< the most of this span of rounds, and of the one before */
	uint32_t extra_acked_round, extra_acked_delivered;
	hf_time extra_acked_start;
	/* Rounds. */
	uint32_t round_count, next_round_delivered, loss_round_delivered, rounds_since_probe;
	uint32_t drain_start_round;
	/* The full-pipe estimator. */
	uint64_t full_bw;
	uint8_t full_bw_count;
	bool full_bw_now, full_bw_reached;
	/* The states. */
	uint8_t state; /**< hf_bbr_state */
	bool round_start, loss_round_start, loss_in_round;
	bool probe_samples;  /**< this probe for bandwidth has not been answered yet */
	bool probe_stopping; /**< it is over, and its last round is being acknowledged */
	bool idle_restart, probe_rtt_expired, probe_rtt_round_done;
	bool in_recovery, is_new, has_seen_rtt;
	uint8_t loss_events; /**< ACKs that told of a loss in this round */
	uint8_t probe_up_rounds;
	uint32_t probe_up_cnt, probe_up_acks;
	hf_time cycle_stamp, probe_rtt_done_stamp; /**< HF_NEVER: not set */
	hf_ns probe_wait;
	uint32_t prior_cwnd, delivered; /**< delivered: octets since the beginning, saturating */
	uint32_t random;
	/* Before the last recovery, in case that it was spurious. */
	struct {
		uint64_t bw_shortterm;
		uint32_t inflight_shortterm, inflight_longterm;
		uint8_t state;
	} undo;
} hf_bbr;

extern const hf_congestion_module hf_bbr_module;

/** All is unknown; the first window is paced out by what `g` knows. */
void hf_bbr_init(hf_bbr *b, uint32_t seed);

/* ---- bbr_model.c ---- */

uint64_t hf_bbr_max_bw(const hf_bbr *b);
/** `percent` of the bandwidth-delay product; the initial window while nothing is measured. */
uint32_t hf_bbr_bdp(const hf_congestion *g, uint64_t bw, uint32_t percent);
/** `cap`, with room for segmentation, and for what a probe sends beyond it. */
uint32_t hf_bbr_with_budget(const hf_congestion *g, uint32_t cap);
/** The bandwidth-delay product with that. */
uint32_t hf_bbr_inflight(const hf_congestion *g, uint64_t bw);
uint32_t hf_bbr_extra_acked(const hf_bbr *b);
bool hf_bbr_is_probing(const hf_bbr *b);
/** Each ACK, before the states: rounds, bandwidth, losses, lumps of acknowledgements. */
void hf_bbr_learn(hf_congestion *g, const hf_congestion_ack *ack);
/** Each ACK, after the states. */
void hf_bbr_advance(hf_bbr *b, const hf_congestion_ack *ack);
/** The shortest round trips; sets probe_rtt_expired. */
void hf_bbr_learn_min_rtt(hf_bbr *b, const hf_congestion_ack *ack);
/** The loss of this sample was more than the path should bear. */
bool hf_bbr_is_inflight_too_high(const hf_congestion_ack *ack);
void hf_bbr_reset_signals(hf_bbr *b);
void hf_bbr_reset_shortterm(hf_bbr *b);
void hf_bbr_reset_full_bw(hf_bbr *b);
void hf_bbr_check_full_bw(hf_bbr *b, const hf_congestion_ack *ack);
/** A new cycle of probing: the oldest maximum is forgotten. */
void hf_bbr_advance_max_bw(hf_bbr *b);
/** A loss or mark in this round. */
void hf_bbr_note_loss(hf_bbr *b, uint32_t total);

#endif
