/* SPDX-License-Identifier: BSD-2-Clause */
/* JSON Lines: an object a packet, and one a flow when it is over; see docs/json.md. */
#ifndef HF_OBSERVE_JSON_H
#define HF_OBSERVE_JSON_H

#include "observe/flow.h"
#include "observe/text.h"

/** Writes the record of a step: a "packet", and after the flow's last one its "flow" record. */
void hf_json_step(const hf_step *step, const hf_sink *sink);
/** Writes the record of a flow: at the end, for those that are not over. */
void hf_json_flow(const hf_flow *flow, const hf_sink *sink);
/** Writes the record of a connection of our own stack: all that it knows of it at `now`. */
void hf_json_connection(const hf_conn_info *info, hf_time now, const hf_sink *sink);

#endif
