/* SPDX-License-Identifier: BSD-2-Clause */
/* Proportional rate reduction: how much may leave with each ACK of a recovery (RFC 6937, 9937). */
#ifndef HF_TCP_TX_PRR_H
#define HF_TCP_TX_PRR_H

#include <stdbool.h>
#include <stdint.h>

/** The account of one recovery. Octets. */
typedef struct hf_prr {
	uint32_t flight;    /**< RecoverFS */
	uint32_t delivered; /**< prr_delivered */
	uint32_t out;       /**< prr_out */
	uint32_t credit;    /**< what cwnd let out before the recovery, and had not left yet */
} hf_prr;

/** What one ACK of the recovery says. Octets. */
typedef struct hf_prr_ack {
	uint32_t delivered; /**< DeliveredData */
	uint32_t pipe;      /**< in flight, after this ACK */
	uint32_t ssthresh;
	uint16_t mss;
	bool is_safe; /**< SafeACK: SND.UNA has moved, and nothing more was found to be lost */
} hf_prr_ack;

/**
 * A recovery begins, with `flight` octets in flight before the ACK that shows the loss. `credit`
 * octets might have been sent before it: ACKs that come in one burst are all processed before
 * anything leaves, and what they delivered has not been replaced. It may leave in the recovery.
 */
void hf_prr_begin(hf_prr *p, uint32_t flight, uint32_t credit);
/** Something was sent, new or again. */
void hf_prr_sent(hf_prr *p, uint32_t octets);
/** cwnd after this ACK: pipe and what may be sent now. */
uint32_t hf_prr_window(hf_prr *p, const hf_prr_ack *a);

#endif
