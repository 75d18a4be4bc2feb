/* SPDX-License-Identifier: BSD-2-Clause */
/* Tail loss probe: what asks for an answer when the last segments got none (RFC 8985 7). */
#ifndef HF_TCP_TX_TLP_H
#define HF_TCP_TX_TLP_H

#include <handfast/types.h>

#include "base/seq.h"

/** The receiver may wait this long before it acknowledges a lone segment: TLP.max_ack_delay. */
#define HF_TLP_MAX_ACK_DELAY HF_MS(200)

/** The probe, of which there is one at a time. All zero: none. */
typedef struct hf_tlp {
	hf_seq end;             /**< TLP.end_seq, while is_out */
	bool is_due;            /**< one is to be sent now */
	bool is_out;            /**< one was sent, and its answer has not come */
	bool is_retransmission; /**< TLP.is_retrans */
} hf_tlp;

/** What an acknowledgement makes of the probe that is out. */
typedef enum hf_tlp_verdict {
	HF_TLP_WAITS,    /**< there is none, or this is not its answer */
	HF_TLP_ANSWERED, /**< nothing had been lost, or RACK will see it */
	HF_TLP_REPAIRED, /**< it was the last segment that was lost: congestion, though mended */
} hf_tlp_verdict;

/** An acknowledgement, as far as it matters here. */
typedef struct hf_tlp_ack {
	hf_seq ack;
	bool duplicate_told; /**< a DSACK names octets that end where the probe ends */
	bool is_bare;        /**< acknowledges nothing new, carries nothing, reports no block */
} hf_tlp_ack;

/** PTO (7.2), before it is cut at the retransmission time-out. `srtt` 0: nothing is measured. */
hf_ns hf_tlp_timeout(hf_ns srtt, bool one_in_flight);
/** A probe has left (7.3); `nxt` is SND.NXT after it. */
void hf_tlp_sent(hf_tlp *t, hf_seq nxt, bool is_retransmission);
/** Judges one ACK (7.4), and ends the probe if it is answered. */
hf_tlp_verdict hf_tlp_acked(hf_tlp *t, const hf_tlp_ack *a);

#endif
