/* SPDX-License-Identifier: BSD-2-Clause */
/* Paragraphs for people: words broken at 80 columns. */
#ifndef HF_CMD_PRINT_H
#define HF_CMD_PRINT_H

#include <stdio.h>

/**
 * Prints `text` and a line feed; lines after the first are indented. `at` is the cursor's column
 * now.
 */
void hf_print_wrapped(FILE *to, const char *text, int indent, int at);

#endif
