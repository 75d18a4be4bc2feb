/* SPDX-License-Identifier: BSD-2-Clause */
/* The rows of a ladder: where everything stands on a line. */
#ifndef HF_OBSERVE_ROWS_H
#define HF_OBSERVE_ROWS_H

#include "observe/flow.h"
#include "observe/pen.h"

/*
 * The columns: 2 for the flow's number, 11 for the time, 12 for the client's state, each with a
 * space after it; the left rail; the arrows; the right rail, a space, and 12 for the server's
 * state.
 */
typedef struct hf_rows {
	hf_pen pen;
	unsigned width; /**< columns of a whole line: 72 or more */
} hf_rows;

/** How far an arrow goes. */
typedef enum hf_reach {
	HF_REACH_FAR,    /**< to the other end */
	HF_REACH_RAIL,   /**< to the other end, which drops it */
	HF_REACH_LOST,   /**< it ends on the way */
	HF_REACH_MIDWAY, /**< to the other end, but from somewhere between */
} hf_reach;

/**
 * The arrow of a step, with its states; words that do not fit go on below it. `since`: the flow's
 * start.
 */
void hf_rows_arrow(hf_rows *r, const hf_step *s, hf_time since, hf_reach reach, const char *words);
/** A remark below an arrow, on its sender's side, in its colour; nothing for an empty one. */
void hf_rows_note(hf_rows *r, const hf_step *s, const char *words);
/** Words in the middle between the rails, with dots around them: something left out. */
void hf_rows_folded(hf_rows *r, uint64_t flow, hf_ns since, const char *words);
/** The names of both ends, at the start of a flow. */
void hf_rows_title(hf_rows *r, uint64_t flow, const char *client, const char *server);
/** Words without rails, on as many lines as they need. */
void hf_rows_plain(hf_rows *r, uint64_t flow, hf_ns since, const char *words);
/** An empty line. */
void hf_rows_gap(hf_rows *r);

#endif
