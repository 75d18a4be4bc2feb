/* SPDX-License-Identifier: BSD-2-Clause */
/* The one parser of command lines, and the readers of single values that it uses. */
#ifndef HF_CMD_OPTIONS_H
#define HF_CMD_OPTIONS_H

#include "cmd/command.h"

/** Room for a complaint about a command line. */
#define HF_COMPLAINT_ROOM 256

/** What a command line said. */
typedef struct hf_cmd_line {
	hf_operands operands;
	bool wants_help;                   /**< --help or -h was there: nothing else matters */
	char complaint[HF_COMPLAINT_ROOM]; /**< set when parsing failed */
} hf_cmd_line;

/**
 * Reads `args` (NULL at the end; without the program's and the command's name) into `settings`,
 * which the caller has set to the defaults. Understands --name=value, --name value, -n value,
 * -nvalue, clustered flags and `--`; operands may stand anywhere and are moved to the front of
 * `args`. Borrows `args` for as long as the settings are used. On failure returns false with a
 * complaint that names the culprit.
 */
bool hf_options_parse(const hf_cmd *cmd, char **args, void *settings, hf_cmd_line *line);

/** Writes the default of every setting into zeroed `settings`. */
void hf_options_default(const hf_cmd *cmd, void *settings);

/**
 * Reads the text of one value into the C type of option->kind at `to`. On failure returns false,
 * writes what is wrong ("is not a number") to `*why`, and leaves `*to` as it was.
 */
bool hf_value_read(const hf_cmd_option *option, const char *text, void *to, const char **why);

/**
 * Edits (insert, drop, replace, swap neighbours) that lead from one word to the other; 99 for long
 * ones.
 */
unsigned hf_word_distance(const char *a, const char *b);

#endif
