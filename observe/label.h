/* SPDX-License-Identifier: BSD-2-Clause */
/* What a ladder writes on an arrow, and what it remarks below it. */
#ifndef HF_OBSERVE_LABEL_H
#define HF_OBSERVE_LABEL_H

#include "observe/flow.h"
#include "observe/text.h"

/** Appends flags, numbers, length, window, options and round trip; groups are two spaces apart. */
void hf_label_segment(hf_text *t, const hf_step *s);
/** Appends what is remarkable: marks, cause, loss, reason; nothing for a plain segment. */
void hf_label_notes(hf_text *t, const hf_step *s);
/** Appends how the flow ended, how long it took and what was carried. */
void hf_label_end(hf_text *t, const hf_step *s);

#endif
