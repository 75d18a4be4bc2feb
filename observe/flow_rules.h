/* SPDX-License-Identifier: BSD-2-Clause */
/* The rules of the flow tracker, split by question; only observe/flow*.c use this. */
#ifndef HF_OBSERVE_FLOW_RULES_H
#define HF_OBSERVE_FLOW_RULES_H

#include "observe/flow.h"

/** Fixes where the relative numbers of both ends begin, as far as the segment tells. */
void hf_flow_number(hf_flow *f, hf_side from, const hf_tcp *t);

/**
 * What the numbers of the segment in `step` mean: fills seq, ack, window and marks. Changes
 * nothing.
 */
void hf_flow_classify(const hf_flow *f, hf_step *step);

/**
 * Enters the segment's numbers, window, options and counts into the flow, and measures round trips:
 * fills step->rtt. `reached`: it arrived at the other end.
 */
void hf_flow_enter(hf_flow *f, hf_step *step, bool reached);

/** Moves the states of both ends, and decides whether the flow is over. `reached` as above. */
void hf_flow_move(hf_flow *f, const hf_step *step, bool reached);

#endif
