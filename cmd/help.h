/* SPDX-License-Identifier: BSD-2-Clause */
/* What is printed from the tables of options: help, the manual page, shell completion. */
#ifndef HF_CMD_HELP_H
#define HF_CMD_HELP_H

#include <stdio.h>

#include "cmd/command.h"

/** The list of commands. */
void hf_help_overview(FILE *to);
/** All about one command. */
void hf_help_command(FILE *to, const hf_cmd *cmd);
/** The manual page handfast(1), in roff with the man macros. */
void hf_help_man(FILE *to);
/** A completion script for bash. */
void hf_help_bash(FILE *to);

/** Environment variables that the command looks at. X("NAME", "what it does") */
#define HF_ENVIRONMENT(X)                                                                          \
	X("NO_COLOR", "If set and not empty, nothing is coloured.")                                \
	X("TERM", "If \"dumb\" or unset, nothing is coloured.")                                    \
	X("LC_ALL, LC_CTYPE, LANG",                                                                \
	  "If they name a UTF-8 locale, ladders are drawn with Unicode arrows, else with ASCII.")

/** Files that the command touches. X("NAME", "what it is") */
#define HF_FILES(X)                                                                                \
	X("/dev/net/tun",                                                                          \
	  "The kernel's TUN driver. Commands on the wire open it; they need root, "                \
	  "CAP_NET_ADMIN, or a network namespace of their own.")                                   \
	X("/run/netns/NAME", "The network namespace that --netns NAME means.")                     \
	X("FILE.part-XXXXXX",                                                                      \
	  "A download on its way; renamed to FILE when it is complete, removed "                   \
	  "when it fails.")

#endif
