/* SPDX-License-Identifier: BSD-2-Clause */
/* What went wrong outside the stack, in one line that a person can act on. */
#ifndef HF_IO_ERROR_H
#define HF_IO_ERROR_H

#include <stdbool.h>

/** Room for a line of an error, with the closing zero. */
#define HF_IO_ERROR_TEXT 256

/** A failure of the machine's side: a device, a file, a namespace. */
typedef struct hf_io_error {
	int code;                    /**< errno as it was; 0 if no system call failed */
	char text[HF_IO_ERROR_TEXT]; /**< "cannot open /dev/net/tun: Permission denied (...)" */
} hf_io_error;

/**
 * Writes the line (printf's format; cut if it is too long) and the code. `error` may be NULL.
 * Always returns false, so that a failing function ends with it.
 */
bool hf_io_fail(hf_io_error *error, int code, const char *format, ...)
	__attribute__((format(printf, 3, 4)));

#endif
