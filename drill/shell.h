/* SPDX-License-Identifier: BSD-2-Clause */
/* What the shell commands of a script mean for the stack. */
#ifndef HF_DRILL_SHELL_H
#define HF_DRILL_SHELL_H

#include "drill/shell_counters.h"
#include "drill/sockets.h"

/* Settings must come before the first packet or socket: they make the stack what it is. */

/** Counters since they were last told to begin anew; `begins`: from now on. */
hf_counters hf_sockets_count(hf_sockets *s, hf_counters now, bool begins);

/** Notes what of a command is not supported. */
void hf_shell_check(hf_drill_script *script, const char *text, hf_drill_at at);
/** Does what a command means. NULL: done; else why it failed. */
const char *hf_shell_run(hf_sockets *s, const char *text);

#endif
