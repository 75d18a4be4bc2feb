/* SPDX-License-Identifier: BSD-2-Clause */
/* Congestion control: one small interface, one module behind it (RFC 5681). */
#ifndef HF_TCP_TX_CONGESTION_H
#define HF_TCP_TX_CONGESTION_H

#include <handfast/types.h>

/** What every module keeps. Octets. */
typedef struct hf_congestion {
	uint32_t cwnd, ssthresh;
	uint32_t counted; /**< octets acknowledged towards the next step of congestion avoidance */
} hf_congestion;

/** IW of RFC 6928: ten segments, within its limits. */
uint32_t hf_congestion_initial_window(uint16_t mss);
/** Starts with the initial window. */
void hf_congestion_init(hf_congestion *g, uint16_t mss);
/** `octets` were newly acknowledged outside of recovery, while cwnd was what held sending back. */
void hf_congestion_acked(hf_congestion *g, uint16_t mss, uint32_t octets);
/** Loss was seen with `flight` octets in flight: RFC 5681 equation (4), then cwnd = ssthresh. */
void hf_congestion_lost(hf_congestion *g, uint16_t mss, uint32_t flight);
/**
 * The retransmission timer ran out; `first`: for the first time in a row. cwnd becomes one segment.
 */
void hf_congestion_timed_out(hf_congestion *g, uint16_t mss, uint32_t flight, bool first);
/** Sending resumes after more than one RTO of silence (RFC 5681 4.1). */
void hf_congestion_restart(hf_congestion *g, uint16_t mss);

#endif
