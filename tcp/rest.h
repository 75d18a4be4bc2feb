/* SPDX-License-Identifier: BSD-2-Clause */
/* A connection at rest, in few octets: its block packed, and made again. */
#ifndef HF_TCP_REST_H
#define HF_TCP_REST_H

#include "tcp/tcb.h"

/*
 * Most connections do nothing most of the time. One that has nothing queued, unread, in flight or
 * owed holds no buffers; its block is nearly three times as large as what it says, for most of that
 * follows from a few of its numbers: SND.NXT is SND.UNA, deadlines are off, times are near each
 * other. So the block is packed as what differs from such a forecast. Nothing is lost: the block
 * that is unpacked is the same, whatever the forecast was worth.
 */

/** True if nothing is going on, and nothing was for a while before `now`. */
bool hf_tcb_rests(const hf_tcb *c, hf_time now);
/** Octets of the packed block at `to`; 0: more than `room`. */
size_t hf_tcb_pack(const hf_tcb *c, uint8_t *to, size_t room);
/**
 * The block that was packed at `from`, of `len` octets. The caller has filled in what it keeps
 * beside them: the flow, slot, and generation.
 */
void hf_tcb_unpack(const uint8_t *from, size_t len, hf_tcb *c);

#endif
