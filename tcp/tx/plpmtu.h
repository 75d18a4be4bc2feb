/* SPDX-License-Identifier: BSD-2-Clause */
/* The search for the largest packet that a path carries (RFC 4821 7, RFC 8899 5). */
#ifndef HF_TCP_TX_PLPMTU_H
#define HF_TCP_TX_PLPMTU_H

#include <handfast/types.h>

/*
 * Theory of operation
 *
 * Packets of `low` octets get through; none larger than `high` is tried. A probe halves what lies
 * between, until that is not worth a probe any more; then `high` itself is tried, unless it is
 * known to be lost. A probe that arrives raises `low`; one that is lost three times in a row lowers
 * `high` below it, for one loss alone may be congestion's (MAX_PROBES, RFC 8899 5.1.2). When
 * nothing is left to be tried the search rests for PMTU_RAISE_TIMER, and then begins anew up to
 * `ceiling`: the path may have changed.
 *
 * What got through before the path seemed to swallow everything is tried first: then one probe
 * shows that it was a false alarm.
 *
 * Pure: sizes only. All are of whole IP packets, in octets.
 */

#define HF_PLPMTU_MAX_PROBES 3 /**< RFC 8899 5.1.2 */

typedef struct hf_plpmtu {
	uint32_t low;  /**< PLPMTU: what is used */
	uint32_t high; /**< the largest that is worth a try */
	/** MAX_PLPMTU: what link, reports and peer allow; may change */
	uint32_t ceiling;
	uint32_t favourite; /**< is tried first; 0: none */
	uint32_t probed;    /**< PROBED_SIZE: on its way; 0: none is */
	uint8_t losses;     /**< PROBE_COUNT: of this size, in a row */
	bool is_high_lost;  /**< what is just above `high` was lost, or `high` itself was tried */
	bool is_complete;   /**< nothing is left to be tried ... */
	hf_time raise_at;   /**< ... until then */
} hf_plpmtu;

/** What decides when a search is over, and when the next one begins. */
typedef struct hf_plpmtu_rules {
	uint32_t threshold; /**< octets between `low` and `high` that are worth a probe */
	hf_ns interval;     /**< PMTU_RAISE_TIMER */
} hf_plpmtu_rules;

/** A search from `low` up to `ceiling`. */
void hf_plpmtu_begin(hf_plpmtu *p, uint32_t low, uint32_t ceiling);
/** The size to be tried next, larger than `low`; 0: none, for now. */
uint32_t hf_plpmtu_next(hf_plpmtu *p, const hf_plpmtu_rules *rules, hf_time now);
/** The probe that was on its way has arrived. */
void hf_plpmtu_arrived(hf_plpmtu *p);
/** It was lost, and nothing else was. */
void hf_plpmtu_lost(hf_plpmtu *p);
/** Nothing can be said of it (RFC 4821 7.6.4). */
void hf_plpmtu_inconclusive(hf_plpmtu *p);
/** A router says that the path carries `mtu` and no more. */
void hf_plpmtu_told(hf_plpmtu *p, uint32_t mtu);
/** A limit is gone: the search may go up to `ceiling` again, from now on. */
void hf_plpmtu_raise(hf_plpmtu *p);

#endif
