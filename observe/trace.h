/* SPDX-License-Identifier: BSD-2-Clause */
/* One terse line of text a packet. */
#ifndef HF_OBSERVE_TRACE_H
#define HF_OBSERVE_TRACE_H

#include "observe/flow.h"
#include "observe/text.h"

/**
 * Writes a line for a step: time in seconds since `origin`, way, endpoints, flags, numbers as they
 * stand on the wire, options, and what is remarkable. Packets that are not TCP get a line too.
 */
void hf_trace_step(const hf_step *step, hf_time origin, const hf_sink *sink);

#endif
