/* SPDX-License-Identifier: BSD-2-Clause */
/* Congestion control: one small interface, several modules behind it. */
#ifndef HF_TCP_TX_CONGESTION_H
#define HF_TCP_TX_CONGESTION_H

#include <handfast/config.h>

/*
 * The connection tells a module what happened to octets (acknowledged, lost, timed out); the module
 * answers with cwnd and ssthresh. What is lost and when to retransmit is not its business.
 */

/** What CUBIC keeps beside cwnd and ssthresh. */
typedef struct hf_cubic {
	uint32_t w_max;     /**< octets: cwnd before the last reduction */
	uint32_t w_est;     /**< octets: what Reno would have by now */
	uint32_t k;         /**< 1/1024 s: when the curve is back at w_max */
	uint32_t remainder; /**< octets acknowledged that have not made cwnd grow by one yet */
	hf_time epoch; /**< begin of this stretch of congestion avoidance; HF_NEVER: none yet */
} hf_cubic;

/** The state of any module. Octets. */
typedef struct hf_congestion {
	uint32_t cwnd, ssthresh;
	uint16_t mss;
	uint8_t module;   /**< hf_congestion_control, never the default */
	uint32_t counted; /**< Reno: octets towards the next step */
	hf_cubic cubic;
} hf_congestion;

/** What an acknowledgement tells a module. */
typedef struct hf_congestion_ack {
	uint32_t octets; /**< newly acknowledged, while cwnd was what held sending back */
	hf_time now;
	hf_ns srtt;
} hf_congestion_ack;

/** One module. Every member is there. */
typedef struct hf_congestion_module {
	const char *name;
	void (*begin)(hf_congestion *g);
	/** Congestion avoidance; slow start is the same for all. */
	void (*avoid)(hf_congestion *g, const hf_congestion_ack *ack);
	/** ssthresh after a loss with `flight` octets in flight. */
	uint32_t (*reduce)(hf_congestion *g, uint32_t flight);
} hf_congestion_module;

extern const hf_congestion_module hf_reno, hf_cubic_module;

/** IW of RFC 6928: ten segments, within its limits. */
uint32_t hf_congestion_initial_window(uint16_t mss);
/** Starts with the initial window, and the module that `config` names. */
void hf_congestion_init(hf_congestion *g, const hf_config *config, uint16_t mss);
/** The path or the options have changed the size of a segment. */
void hf_congestion_set_mss(hf_congestion *g, uint16_t mss);
void hf_congestion_acked(hf_congestion *g, const hf_congestion_ack *ack);
/** Loss was seen with `flight` octets in flight: sets ssthresh, and cwnd to it. */
void hf_congestion_lost(hf_congestion *g, uint32_t flight);
/** The retransmission timer ran out; `first`: for the first time in a row. cwnd is one segment. */
void hf_congestion_timed_out(hf_congestion *g, uint32_t flight, bool first);
/** Sending resumes after more than one RTO of silence (RFC 5681 4.1). */
void hf_congestion_restart(hf_congestion *g);

#endif
