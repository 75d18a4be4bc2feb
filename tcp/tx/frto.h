/* SPDX-License-Identifier: BSD-2-Clause */
/* F-RTO: was the time-out needed? The answers to the next ACKs tell (RFC 5682). */
#ifndef HF_TCP_TX_FRTO_H
#define HF_TCP_TX_FRTO_H

#include <stdbool.h>
#include <stdint.h>

/*
 * Theory of operation
 *
 * After a time-out one segment is repeated. If its original was merely late, the next ACKs cover
 * what was sent before the time-out and never since; if it was lost, they do not. So before
 * anything else is repeated, new segments are sent when the first ACK comes (step 2b), and the
 * second decides (step 3). With SACK the peer says exactly what has arrived, and any segment that
 * was sent once and arrives after the time-out decides at once.
 */

/** Which step of RFC 5682 2.1 or 3.1 is next. */
typedef enum hf_frto {
	HF_FRTO_OFF,    /**< nothing is tested: conventional recovery */
	HF_FRTO_FIRST,  /**< step 2: the first ACK is awaited */
	HF_FRTO_SECOND, /**< step 3: new segments were let out, their effect is awaited */
} hf_frto;

/** What an ACK after the time-out says. */
typedef struct hf_frto_ack {
	bool advances;     /**< SND.UNA has moved */
	bool is_complete;  /**< all that was in flight at the time-out is acknowledged */
	bool is_duplicate; /**< acknowledges nothing new by number, or reports a new SACK block */
	/** covers a segment that was sent before the time-out, and only once */
	bool covers_original;
	bool has_sack; /**< SACK is in use */
	bool may_send; /**< something new is queued, and the peer's window has room */
} hf_frto_ack;

typedef enum hf_frto_verdict {
	HF_FRTO_CONVENTIONAL, /**< go on repeating what is lost */
	HF_FRTO_WAIT,         /**< repeat nothing yet */
	HF_FRTO_SEND_NEW,     /**< step 2b: repeat nothing yet, send something new */
	HF_FRTO_SPURIOUS,     /**< the time-out was not needed */
} hf_frto_verdict;

/** Takes one step. */
hf_frto_verdict hf_frto_acked(hf_frto *f, const hf_frto_ack *a);

#endif
