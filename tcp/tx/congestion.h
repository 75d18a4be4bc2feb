/* SPDX-License-Identifier: BSD-2-Clause */
/* Congestion control: one small interface, several modules behind it. */
#ifndef HF_TCP_TX_CONGESTION_H
#define HF_TCP_TX_CONGESTION_H

#include <handfast/config.h>

#include "base/mem.h"
#include "base/seq.h"
#include "tcp/tx/rate.h"

/*
 * The connection tells a module what happened (acknowledged, lost, timed out, marked, undone,
 * silent); the module answers with cwnd, ssthresh and a pacing rate. What is lost and when to
 * retransmit is not its business. Modules of the first kind (Reno, CUBIC) answer to events with a
 * window, and leave the window in a recovery to PRR; those of the second kind (BBR) keep a model
 * of the path and own the window at all times.
 *
 * Beside cwnd, ssthresh and what all share, a module has its own state in a union; what does not
 * fit there hangs off a pointer.
 */

/** cwnd never exceeds this; as ssthresh it means: arbitrarily high (RFC 5681 3.1). */
#define HF_CWND_MAX (UINT32_C(1) << 30)

/** What CUBIC keeps beside cwnd and ssthresh (RFC 9438 4.1). */
typedef struct hf_cubic {
	uint32_t w_max;      /**< octets: cwnd before the last reduction */
	uint32_t w_est;      /**< octets: what Reno would have by now */
	uint32_t k;          /**< 1/1024 s: when the curve is back at w_max */
	uint32_t cwnd_prior; /**< octets: cwnd at the last reduction, 0: there was none */
	uint32_t remainder;  /**< octets acknowledged that have not made cwnd grow by one yet */
	uint32_t estimated;  /**< octets acknowledged towards the next step of w_est */
	hf_time epoch;  /**< begin of this stretch of congestion avoidance; HF_NEVER: none yet */
	hf_time paused; /**< since when cwnd was not the limit; HF_NEVER: it is */
	struct {
		uint32_t w_max, w_est, k, cwnd_prior;
		hf_time epoch;
	} prior; /**< before the last reduction, in case that it was spurious (4.9) */
} hf_cubic;

/** What HyStart++ keeps during slow start (RFC 9406 4.1). */
typedef struct hf_hystart {
	hf_seq window_end;
	uint8_t samples;    /**< rttSampleCount */
	uint8_t css_rounds; /**< rounds in conservative slow start */
	bool is_css, has_begun;
	uint32_t remainder;          /**< octets that CSS_GROWTH_DIVISOR left over */
	uint8_t long_samples;        /**< in a row, far from the shortest; N_RTT_SAMPLE at most */
	hf_time long_since;          /**< when the first of them came */
	hf_ns last_min, current_min; /**< lastRoundMinRTT, currentRoundMinRTT; HF_NEVER.ns: none */
	hf_ns baseline;              /**< cssBaselineMinRtt, while is_css */
} hf_hystart;

struct hf_bbr;

/** Bits of hf_congestion.flags. */
enum {
	HF_CONGESTION_HYSTART = 1,  /**< the union holds `hystart`: the first slow start goes on */
	HF_CONGESTION_PACED = 2,    /**< Reno and CUBIC give a pacing rate too */
	HF_CONGESTION_STRICT = 4,   /**< RFC 5681 to the letter, where Linux differs */
	HF_CONGESTION_NO_DECAY = 8, /**< silence costs nothing */
	HF_CONGESTION_MAY_HYSTART = 16,
	HF_CONGESTION_HOLDS_BACK =
		32,                /**< the module sends less than it could: samples prove little */
	HF_CONGESTION_SILENT = 64, /**< CUBIC's pause is that nothing is in flight, and no other */
};

/** The state of any module. Octets. */
typedef struct hf_congestion {
	uint32_t cwnd, ssthresh;
	uint16_t mss;
	uint8_t module; /**< hf_congestion_control, never the default */
	uint8_t flags;  /**< HF_CONGESTION_* */
	struct {
		uint32_t cwnd, ssthresh; /**< before the last reduction; cwnd 0: nothing to undo */
	} prior;
	uint32_t used;        /**< most that was in flight while cwnd was not the limit */
	hf_time used_at;      /**< since when `used` counts */
	uint64_t pacing_rate; /**< octets a second; 0: not paced */
	union {
		hf_hystart hystart;
		uint32_t counted; /**< Reno: octets towards the next step */
		hf_cubic cubic;
		struct hf_bbr *bbr; /**< allocated */
	};
} hf_congestion;

/** What an acknowledgement that acknowledges anything new tells a module. */
typedef struct hf_congestion_ack {
	hf_time now;
	uint32_t octets;    /**< newly acknowledged by SEG.ACK, as far as they may count */
	uint32_t delivered; /**< newly acknowledged or SACKed */
	uint32_t lost;      /**< newly taken for lost */
	uint32_t in_flight; /**< RFC 6675's pipe, after this ACK */
	hf_seq una, nxt;    /**< SND.UNA after this ACK, SND.NXT */
	hf_ns rtt;          /**< a sample; 0: none */
	hf_ns srtt, min_rtt;
	hf_rate_sample rate;
	bool cwnd_limited; /**< cwnd was what held sending back, when this was in flight */
	bool in_recovery;  /**< fast recovery: PRR governs the window */
	bool in_loss;      /**< recovery after a time-out */
	bool sack;         /**< the peer sends SACK */
} hf_congestion_ack;

#define HF_CONGESTION_QUEUE_LEAST HF_MS(8) /**< less may be jitter */

/** A round trip longer than the shortest (0: not known) by a quarter: the path holds no more. */
static inline bool hf_congestion_shows_queue(hf_ns rtt, hf_ns min_rtt)
{
	hf_ns more = min_rtt / 4;

	if (more < HF_CONGESTION_QUEUE_LEAST)
		more = HF_CONGESTION_QUEUE_LEAST;
	return min_rtt > 0 && rtt > min_rtt + more;
}

/** One module. A member that is NULL has nothing to do. */
typedef struct hf_congestion_module {
	const char *name;
	/** Forgets all that was learnt: congestion avoidance begins. */
	void (*begin)(hf_congestion *g);
	/** Congestion avoidance with `octets` of what `ack` tells; slow start is common to all. */
	void (*avoid)(hf_congestion *g, const hf_congestion_ack *ack, uint32_t octets);
	/** ssthresh after a loss or a mark with `flight` octets in flight. */
	uint32_t (*reduce)(hf_congestion *g, uint32_t flight);
	/** The last reduction was spurious: module state only. */
	void (*undo)(hf_congestion *g);
	/** An ACK came while cwnd was not the limit: nothing grows. */
	void (*pause)(hf_congestion *g, hf_time now);
	/** An ACK has left nothing in flight. */
	void (*silent)(hf_congestion *g, hf_time now);
	/** Sending begins or goes on, with nothing in flight. `srtt`: 0: not known yet. */
	void (*resume)(hf_congestion *g, hf_time now, hf_ns srtt);
	/** Owns the window: is told of every ACK instead of slow start and `avoid`. */
	void (*model)(hf_congestion *g, const hf_congestion_ack *ack);
	/** A time-out; after `reduce`, if it is the first in a row. */
	void (*timed_out)(hf_congestion *g, uint32_t flight);
	/** ECN: after `reduce`, what a mark means more than a loss. */
	void (*marked)(hf_congestion *g);
} hf_congestion_module;

extern const hf_congestion_module hf_reno, hf_cubic_module, hf_bbr_module;

/** IW of RFC 6928: ten segments, within its limits. */
uint32_t hf_congestion_initial_window(uint16_t mss);
/**
 * Starts with the initial window, and the module that `config` names if it needs no memory
 * (hf_congestion_choose), else CUBIC.
 */
void hf_congestion_init(hf_congestion *g, const hf_config *config, uint16_t mss);
/**
 * Changes the module, at any time; cwnd and ssthresh stay. `seed` makes what is random different
 * from one connection to the next. False, and nothing changed: no memory, or no such module.
 */
bool hf_congestion_choose(hf_congestion *g, hf_mem *mem, hf_congestion_control module,
			  uint32_t seed);
/** Gives back what the module has allocated. */
void hf_congestion_release(hf_congestion *g, hf_mem *mem);
/** The path or the options have changed the size of a segment. */
void hf_congestion_set_mss(hf_congestion *g, uint16_t mss);
/** Reno and CUBIC give a pacing rate too, or no more. */
void hf_congestion_set_pacing(hf_congestion *g, bool on);
/** True: in a recovery too the module sets cwnd; false: PRR does (RFC 6937). */
bool hf_congestion_owns_window(const hf_congestion *g);

/** An acknowledgement; in a fast recovery the window modules do nothing. */
void hf_congestion_acked(hf_congestion *g, const hf_congestion_ack *ack);
/**
 * A loss was seen, with `flight` octets in flight, and a recovery begins: remembers what there
 * was, sets ssthresh, and cwnd to it (unless the module owns the window).
 */
void hf_congestion_lost(hf_congestion *g, uint32_t flight);
/** ECN: a congestion mark was echoed, once in a round trip (RFC 3168 6.1.2). As a loss. */
void hf_congestion_marked(hf_congestion *g, uint32_t flight);
/** The retransmission timer ran out; `first`: for the first time in a row. cwnd is one segment. */
void hf_congestion_timed_out(hf_congestion *g, uint32_t flight, bool first);
/** The last loss, mark or time-out was none: what was before it is restored (RFC 9438 4.9). */
void hf_congestion_undo(hf_congestion *g);
/** A silence that ends. */
typedef struct hf_congestion_silence {
	hf_time now;
	hf_ns idle;      /**< without sending */
	hf_ns rto, srtt; /**< as they are; srtt 0: not known yet */
} hf_congestion_silence;

/** Sending goes on with nothing in flight (RFC 5681 4.1; RFC 2861 as Linux has it). */
void hf_congestion_restart(hf_congestion *g, const hf_congestion_silence *silence);
/** How much of the window is used, when something has left. */
typedef struct hf_congestion_use {
	hf_time now;
	uint32_t flight; /**< octets */
	hf_ns rto;
	bool limited; /**< cwnd is full */
	bool open;    /**< no recovery goes on */
} hf_congestion_use;

/** Congestion window validation (RFC 2861 as Linux has it). */
void hf_congestion_validate(hf_congestion *g, const hf_congestion_use *use);

#endif
