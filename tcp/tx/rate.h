/* SPDX-License-Identifier: BSD-2-Clause */
/* Delivery rate samples: how fast octets arrive at the peer (draft-ietf-ccwg-bbr-05, 4.1). */
#ifndef HF_TCP_TX_RATE_H
#define HF_TCP_TX_RATE_H

#include <handfast/types.h>

#include "tcp/tx/sent.h"

/*
 * Each segment carries what was delivered when it was sent, and when. Its acknowledgement then
 * tells the rate over the time in between: octets delivered meanwhile, over the longer of the time
 * that they took to send and the time that they took to be acknowledged. What was sent while the
 * application had too little to send proves nothing about the path, and is marked.
 *
 * Octets are counted modulo 2^32, times in ticks of 1024 ns modulo 2^32 (73 minutes): both are
 * only ever compared over what is in flight.
 */

/** What one acknowledgement says about the path. */
typedef struct hf_rate_sample {
	uint64_t rate;            /**< octets a second; 0: it says nothing */
	uint32_t delivered;       /**< octets, over the time of the sample */
	uint32_t prior_delivered; /**< count when the segment was sent */
	uint32_t total;           /**< count now (C.delivered) */
	uint32_t lost;            /**< octets taken for lost since the segment was sent */
	uint32_t tx_in_flight;    /**< octets in flight when it was sent, itself counted */
	hf_ns interval;
	/** of the segment that was taken for lost last, if any was since the last sample */
	struct {
		uint32_t lost, tx_in_flight, len; /**< as above; its length */
		bool app_limited;
	} loss;
	bool app_limited;
	bool is_valid; /**< all but `rate` is set: some segment was acknowledged */
} hf_rate_sample;

/** What is counted on a connection. */
typedef struct hf_rate {
	uint32_t delivered;                   /**< C.delivered */
	uint32_t lost;                        /**< C.lost */
	uint32_t delivered_at, first_sent_at; /**< ticks: C.delivered_time, C.first_sent_time */
	uint32_t limited_until;               /**< C.app_limited, if is_limited */
	bool is_limited;
	/* Of the ACK that is being looked at. */
	bool is_newest_known;
	uint32_t delivered_before, lost_before;
	struct {
		uint32_t lost, tx_in_flight; /**< when it was sent */
		uint16_t len;
		bool app_limited;
	} lost_last;
	hf_sent newest; /**< the segment sent last of those that it acknowledges */
} hf_rate;

/** Counts on from `delivered`; until something is delivered, the application is the limit. */
void hf_rate_init(hf_rate *r, uint32_t delivered);
/** What leaves next finds nothing in flight: the time before says nothing about the path. */
void hf_rate_restart(hf_rate *r, hf_time now);
/** A segment leaves, first or again; `in_flight` octets are, without it. */
void hf_rate_sent(hf_rate *r, hf_sent *s, uint32_t in_flight);
/** The application has nothing more to send, and `in_flight` octets are on their way. */
void hf_rate_app_limited(hf_rate *r, uint32_t in_flight);
/** `len` octets of `s` are acknowledged or SACKed, for the first time. */
void hf_rate_delivered(hf_rate *r, const hf_sent *s, uint32_t len);
/** `s` is taken for lost. */
void hf_rate_lost(hf_rate *r, const hf_sent *s);
/** So many octets that were taken for lost do not count as such. */
void hf_rate_not_lost(hf_rate *r, uint32_t len);
/** Octets delivered, and lost, since the last hf_rate_take. */
uint32_t hf_rate_newly_delivered(const hf_rate *r);
uint32_t hf_rate_newly_lost(const hf_rate *r);
/** The sample of this ACK; the next begins. An interval under `min_rtt` proves nothing. */
hf_rate_sample hf_rate_take(hf_rate *r, hf_time now, hf_ns min_rtt);

#endif
