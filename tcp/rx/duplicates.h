/* SPDX-License-Identifier: BSD-2-Clause */
/* What was received twice, and is to be reported once (RFC 2883). */
#ifndef HF_TCP_RX_DUPLICATES_H
#define HF_TCP_RX_DUPLICATES_H

#include "base/ranges.h"

/** Reports that may wait at a time; of more in one burst the oldest are not made. */
#define HF_DUPLICATES_MAX 4

/** A queue of reports, oldest first. All zero: none. */
typedef struct hf_duplicates {
	uint32_t count;
	hf_range range[HF_DUPLICATES_MAX];
} hf_duplicates;

/** Another duplicate; what goes on where the newest one ends is told with it. Empty: none. */
void hf_duplicates_add(hf_duplicates *d, hf_range r);
/** Takes the oldest. False: there is none. */
bool hf_duplicates_take(hf_duplicates *d, hf_range *out);

#endif
