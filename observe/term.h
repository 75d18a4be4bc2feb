/* SPDX-License-Identifier: BSD-2-Clause */
/* What the terminal can show: colour, Unicode, how wide. */
#ifndef HF_OBSERVE_TERM_H
#define HF_OBSERVE_TERM_H

#include <stdbool.h>

/** What may be written to a terminal or file. */
typedef struct hf_term {
	bool is_terminal;
	bool unicode;   /**< line drawing and arrows in UTF-8 */
	bool colour;    /**< SGR colour sequences */
	unsigned width; /**< columns; 100 where it cannot be known */
} hf_term;

/**
 * Looks at file descriptor `fd` and the environment. Colour: on a terminal, unless NO_COLOR is set
 * and not empty or TERM is "dumb". Unicode: if the locale (LC_ALL, else LC_CTYPE, else LANG) names
 * UTF-8. Width: COLUMNS, else what the terminal says.
 */
hf_term hf_term_detect(int fd);

#endif
