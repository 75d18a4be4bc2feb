/* SPDX-License-Identifier: BSD-2-Clause */
/* Draws connections as ladders, packet by packet, for people who want to see how TCP works. */
#ifndef HF_OBSERVE_LADDER_H
#define HF_OBSERVE_LADDER_H

#include "observe/flow.h"
#include "observe/text.h"

/*
 * The client stands on the left, the server on the right; an arrow is a packet, and its words begin
 * at its sender. Beside the rails stands the state of each end, whenever it is new. Times count
 * from the flow's first packet. On the first three messages the absolute numbers that are being
 * synchronised stand beside the relative ones ("seq 0 = 305419896"). A cross instead of an
 * arrowhead is a packet that was lost (short of the rail) or dropped on arrival (at the rail).
 * Every line begins with the number of its flow.
 *
 * Bulk is folded: after a few plain data segments and ACKs in a row the rest is counted, and shown
 * as one line when something else happens, when there is a pause, or once a second.
 */

#define HF_LADDER_NARROWEST 72
#define HF_LADDER_WIDEST 160

/** How to draw. */
typedef struct hf_ladder_style {
	bool unicode;   /**< lines and arrows; otherwise plain ASCII */
	bool colour;    /**< SGR sequences */
	unsigned width; /**< columns, brought within NARROWEST and WIDEST; 0: 100 */
} hf_ladder_style;

typedef struct hf_ladder hf_ladder;

/**
 * A ladder for the flows of a tracker made with `max_flows`. Copies `style` and `sink`; writes
 * whole lines only. NULL: no memory.
 */
hf_ladder *hf_ladder_new(uint32_t max_flows, const hf_ladder_style *style, const hf_sink *sink);
/** Draws a step. What belongs to no flow is left out. */
void hf_ladder_step(hf_ladder *l, const hf_step *step);
/** Shows all that is still folded: at the end, or when a person waits. */
void hf_ladder_flush(hf_ladder *l);
/** Frees it without writing anything. NULL is allowed. */
void hf_ladder_free(hf_ladder *l);

#endif
