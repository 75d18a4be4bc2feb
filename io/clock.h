/* SPDX-License-Identifier: BSD-2-Clause */
/* The machine's clocks: a steady one for the stack, the calendar's for captures. */
#ifndef HF_IO_CLOCK_H
#define HF_IO_CLOCK_H

#include <handfast/types.h>

/** The steady time (CLOCK_MONOTONIC): never goes back, says nothing about the calendar. */
hf_time hf_clock_now(void);

/**
 * What to add to a time of hf_clock_now to get nanoseconds since 1970 (UTC). Read it once a
 * capture.
 */
hf_ns hf_clock_wall_offset(void);

#endif
