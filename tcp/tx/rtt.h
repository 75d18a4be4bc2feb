/* SPDX-License-Identifier: BSD-2-Clause */
/* Round-trip times and the retransmission time-out (RFC 6298). */
#ifndef HF_TCP_TX_RTT_H
#define HF_TCP_TX_RTT_H

#include <handfast/stack.h>

/** The estimator. All zero but `rto`: nothing measured yet. */
typedef struct hf_rtt {
	hf_ns srtt, rttvar; /**< SRTT and RTTVAR; srtt 0: no sample yet */
	hf_ns rto;          /**< RTO, not backed off */
	hf_ns min;          /**< smallest sample of the last 300 s; 0: none */
	hf_time min_at;     /**< when that was */
	uint8_t backoff;    /**< how often RTO is doubled at present */
} hf_rtt;

/** RFC 6298 (2.1): RTO is one second until a sample comes. */
void hf_rtt_init(hf_rtt *r);
/** RFC 6298 (2.2, 2.3): one sample, at least 1 ns; ends a back-off. */
void hf_rtt_sample(hf_rtt *r, const hf_config *config, hf_ns sample);
/**
 * After a time-out that was spurious: `sample` is what the time-out was too short for, and the next
 * one shall not be (RFC 4015 4).
 */
void hf_rtt_adapt(hf_rtt *r, const hf_config *config, hf_ns sample);
/** One sample for `min`, which is forgotten after 300 s. */
void hf_rtt_note_min(hf_rtt *r, hf_ns sample, hf_time now);
/** One sample for both: from `since`, when something was sent, to its answer at `now`. */
void hf_rtt_sample_since(hf_rtt *r, const hf_config *config, hf_time since, hf_time now);
/** RFC 6298 (5.7): a SYN had to be sent again and nothing is measured: three seconds. */
void hf_rtt_after_lost_syn(hf_rtt *r);
/** How long to wait for an acknowledgement now: RTO, backed off (RFC 6298 5.5), within max_rto. */
hf_ns hf_rtt_wait(const hf_rtt *r, const hf_config *config);
/** The timer ran out: the next wait is twice as long. */
void hf_rtt_back_off(hf_rtt *r);

#endif
