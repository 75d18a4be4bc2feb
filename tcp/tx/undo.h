/* SPDX-License-Identifier: BSD-2-Clause */
/* Was a recovery needed? What proves that it was not (RFC 3522, RFC 4015, RFC 3708). */
#ifndef HF_TCP_TX_UNDO_H
#define HF_TCP_TX_UNDO_H

#include "base/ranges.h"

/*
 * Theory of operation
 *
 * A recovery was spurious if the original of what was repeated had arrived. Three things prove it:
 * an ACK of it comes before anything was repeated (pacing may hold that back); it echoes a
 * timestamp from before the first repetition (Eifel detection, RFC 3522); or the peer reports every
 * octet that was repeated as a duplicate (DSACK, RFC 3708).
 */

/** The account of one recovery. All zero: nothing to undo. */
typedef struct hf_undo {
	hf_seq marker;         /**< SND.UNA when it began */
	uint32_t outstanding;  /**< octets repeated that were not reported as duplicates */
	uint32_t first_ms;     /**< our clock at the first repetition, ms modulo 2^32 */
	bool is_armed;         /**< a recovery has begun that may turn out spurious */
	bool has_repeated;     /**< something was repeated since */
	bool is_all_duplicate; /**< something was, and all of it was reported as duplicate */
	bool of_timeout;       /**< the recovery after a time-out; the owner's to set */
} hf_undo;

/** A recovery begins; `outstanding` octets that were repeated before it may still be reported. */
void hf_undo_begin(hf_undo *u, hf_seq una, uint32_t outstanding);
/** `octets` are sent again at `now_ms`. */
void hf_undo_repeated(hf_undo *u, uint32_t octets, uint32_t now_ms);
/** The peer has received `r` twice. */
void hf_undo_duplicate(hf_undo *u, hf_range r);
/** The ACK, which acknowledges something new, came or was sent before anything was repeated. */
bool hf_undo_is_delayed(const hf_undo *u, bool has_echo, uint32_t echo_ms);
/** DSACK: all that was repeated had arrived before. */
bool hf_undo_is_all_duplicate(const hf_undo *u);

#endif
