/* SPDX-License-Identifier: BSD-2-Clause */
/* What the command says to its user: one line a trouble, and the exit code that goes with it. */
#ifndef HF_CMD_SAY_H
#define HF_CMD_SAY_H

#include "cmd/command.h"

/** Every line of hf_say_* starts with "handfast NAME: " from now on; NULL: with "handfast: ". */
void hf_say_name(const char *name);

/** Writes one line to stderr. */
void hf_say(const char *format, ...) __attribute__((format(printf, 1, 2)));

/** As hf_say, then ": " and what errno means; returns the exit code for that errno. */
hf_exit hf_say_errno(const char *format, ...) __attribute__((format(printf, 1, 2)));

/** The exit code that fits an errno value, an error of the stack, the end of a connection. */
hf_exit hf_exit_of_errno(int number);
hf_exit hf_exit_of_err(hf_err err);
hf_exit hf_exit_of_reason(hf_reason reason);

/**
 * Flushes stdout. If not all of it could be written, says so and returns the code; else returns
 * `code`.
 */
hf_exit hf_say_flush(hf_exit code);

#endif
