/* SPDX-License-Identifier: BSD-2-Clause */
/* Shell commands of a script: nothing is run, a table says what they mean for the stack. */
#ifndef HF_DRILL_SHELL_H
#define HF_DRILL_SHELL_H

#include "drill/sockets.h"

/*
 * Understood are: settings (`sysctl NAME=VALUE`, `set_sysctls.py /proc/sys/...=VALUE`,
 * `echo VALUE > /proc/sys/...`), a script whose name ends in `defaults.sh` (it selects the Linux
 * profile), counting sockets in a state (`sockstat ... | grep -c STATE | grep N`), and commands
 * about what a virtual run does not have (`tc qdisc`, `ip tcp_metrics flush`, `true`). Settings
 * must come before the first packet or socket.
 */

/** Notes what of a command is not supported. */
void hf_shell_check(hf_drill_script *script, const char *text, hf_drill_at at);
/** Does what a command means. NULL: done; else why it failed. */
const char *hf_shell_run(hf_sockets *s, const char *text);

#endif
