/* SPDX-License-Identifier: BSD-2-Clause */
/* Secrets from the kernel's random number generator. */
#ifndef HF_IO_RANDOM_H
#define HF_IO_RANDOM_H

#include <stdint.h>

#include "io/error.h"

/**
 * Fills hf_config.secret. Waits for the kernel's generator if the machine has only just started. On
 * failure returns false and leaves `secret` as it was: there is no weaker secret to fall back on.
 */
bool hf_random_secret(uint64_t secret[4], hf_io_error *error);

#endif
