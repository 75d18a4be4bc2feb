/* SPDX-License-Identifier: BSD-2-Clause */
/* HyStart++: slow start ends when round trips grow longer, before anything is lost (RFC 9406). */
#ifndef HF_TCP_TX_HYSTART_H
#define HF_TCP_TX_HYSTART_H

#include "tcp/tx/congestion.h"

/** Slow start begins: no round, no sample. */
void hf_hystart_begin(hf_hystart *h);
/**
 * An ACK in slow start. Lowers `*octets`, by which cwnd may grow, in conservative slow start. True:
 * congestion avoidance begins (cwnd is ssthresh).
 */
bool hf_hystart_acked(hf_hystart *h, const hf_congestion_ack *ack, uint32_t *octets);

#endif
