/* SPDX-License-Identifier: BSD-2-Clause */
/* Shell commands of a script: nothing is run, a table says what they mean for a target. */
#ifndef HF_DRILL_SHELL_WORDS_H
#define HF_DRILL_SHELL_WORDS_H

#include <handfast/reasons.h>

#include "drill/script.h"
#include "drill/shell_counters.h"

/*
 * Understood are: settings (`sysctl NAME=VALUE`, `set_sysctls.py /proc/sys/...=VALUE`,
 * `echo VALUE > /proc/sys/...`), a script whose name ends in `defaults.sh` (it selects Linux's
 * ways), counting sockets in a state (`sockstat ... | grep -c STATE | grep N`; `ss` and `netstat`
 * likewise), counters (`nstat | grep NAME | grep " N "`), `tcpdrop -s STATE`, `sleep N` alone,
 * files of zeros (`dd if=/dev/zero of=PATH`, `truncate -s N PATH`, `head -c N /dev/zero > PATH`,
 * `rm PATH`), and commands about what a drill does not have (`tc qdisc`, `ip tcp_metrics flush`,
 * `true`). Where errors go to (`2>/dev/null`) does not matter.
 */

/** What commands mean for a target; `ctx` is handed on. */
typedef struct hf_shell_target {
	/** Can this be set at all? */
	bool (*knows)(const char *name, const char *value);
	/** Sets what is known. NULL: done; else why not. */
	const char *(*set)(void *ctx, const char *name, const char *value);
	/** Sockets in a state. */
	int64_t (*count)(void *ctx, hf_state state);
	/** What `nstat` counts, since it was last told to begin anew; `begins`: from now on. */
	hf_counters (*counters)(void *ctx, hf_arena *arena, bool begins);
	/** Drops the connections in a state, or in any (NULL). NULL in its place: it cannot. */
	void (*drop)(void *ctx, const hf_state *state);
	/** Makes a file of `size` zeros; -1: takes it away. */
	void (*put_file)(void *ctx, const char *path, int64_t size);
	/** Chooses Linux's ways. */
	void (*use_linux)(void *ctx);
} hf_shell_target;

/** Is it `sleep SECONDS` and nothing else? That is the runner's to do. */
bool hf_shell_is_sleep(const char *text, hf_ns *out);

/** Notes what of a command is not supported. */
void hf_shell_words_check(const hf_shell_target *target, hf_drill_script *script, const char *text,
			  hf_drill_at at);
/** Does what a command means. NULL: done; else why it failed. */
const char *hf_shell_words_run(const hf_shell_target *target, void *ctx, hf_arena *arena,
			       const char *text);

#endif
