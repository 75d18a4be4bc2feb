/* SPDX-License-Identifier: BSD-2-Clause */
/* Shell commands of a script: cut into words, and led to what the target has for them. */
#include "drill/shell_words.h"

#include <string.h>

#include "drill/lexer.h"

#define WORDS 32
#define PROC "/proc/sys/"

/** Either a check, with `script`, or a run, with `ctx`. */
typedef struct shell {
	const hf_shell_target *target;
	hf_arena *arena;
	hf_drill_script *script;
	hf_drill_at at;
	void *ctx;
	const char *failure;
} shell;

typedef struct words {
	const char *at[WORDS];
	size_t count;
} words;

static void fail(shell *sh, const char *text)
{
	if (sh->failure == NULL)
		sh->failure = text;
}

static void need(shell *sh, const char *what, const char *name)
{
	const char *text = hf_arena_format(sh->arena, "%s %s", what, name);

	if (sh->script != NULL)
		hf_drill_need(sh->script, sh->at, text);
	else
		fail(sh, hf_arena_format(sh->arena, "%s is not supported", text));
}

/* ---- Settings ---- */

static void change(shell *sh, const char *name, const char *value)
{
	const char *why;

	if (sh->script != NULL) {
		if (!sh->target->knows(name, value))
			need(sh, "setting", hf_arena_format(sh->arena, "%s=%s", name, value));
		return;
	}
	/* A kernel's namespace may lack what the machine has: that is for the target to say. */
	why = sh->target->set(sh->ctx, name, value);
	if (why != NULL)
		fail(sh, why);
}

/* NAME=VALUE, where NAME may be a path below /proc/sys. */
static void change_word(shell *sh, const char *word)
{
	char *name = hf_arena_copy(sh->arena, word, strlen(word)), *equals = strchr(name, '=');

	if (equals == NULL) {
		need(sh, "command sysctl", word);
		return;
	}
	*equals = '\0';
	if (strncmp(name, PROC, strlen(PROC)) == 0) {
		name += strlen(PROC);
		for (char *p = name; *p != '\0'; p++)
			*p = *p == '/' ? '.' : *p;
	}
	change(sh, name, equals + 1);
}

static void change_words(shell *sh, const words *w)
{
	for (size_t i = 1; i < w->count; i++) {
		if (w->at[i][0] != '-')
			change_word(sh, w->at[i]);
	}
}

/* ---- Questions ---- */

static bool find_state(const char *name, hf_state *out)
{
	for (int i = 0; i < HF_STATE_COUNT; i++) {
		char own[32] = { 0 };

		strncpy(own, hf_state_name((hf_state)i), sizeof(own) - 1);
		for (char *p = own; *p != '\0'; p++)
			*p = *p == '-' ? '_' : *p;
		*out = (hf_state)i;
		if (strcmp(own, name) == 0 || strcmp(hf_state_name((hf_state)i), name) == 0 ||
		    (i == HF_SYN_RECEIVED && strcmp(name, "SYN_RCVD") == 0))
			return true;
	}
	return false;
}

/* sockstat ... | grep -c STATE | grep N */
static void ask(shell *sh, const words *w, const char *text)
{
	hf_state state = HF_CLOSED;
	int64_t wanted = -1, got;
	bool has_state = false;

	for (size_t i = 1; i + 1 < w->count; i++) {
		if (strcmp(w->at[i], "-c") == 0)
			has_state = find_state(w->at[i + 1], &state);
		else if (strcmp(w->at[i], "grep") == 0 &&
			 !hf_read_integer(w->at[i + 1], strlen(w->at[i + 1]), &wanted))
			wanted = -1;
	}
	if (!has_state || wanted < 0) {
		need(sh, "command", text);
		return;
	}
	if (sh->script != NULL)
		return;
	got = sh->target->count(sh->ctx, state);
	if (got != wanted)
		fail(sh, hf_arena_format(sh->arena, "sockets in %s: expected %lld, got %lld",
					 hf_state_name(state), (long long)wanted, (long long)got));
}

/* ---- Commands ---- */

static bool ends_with(const char *text, const char *end)
{
	size_t n = strlen(text), m = strlen(end);

	return n >= m && strcmp(text + n - m, end) == 0;
}

static bool begins_with(const words *w, const char *a, const char *b)
{
	return strcmp(w->at[0], a) == 0 && w->count > 1 && strcmp(w->at[1], b) == 0;
}

/* What a drill does not have, so that there is nothing to be done. */
static bool is_idle(const words *w)
{
	return strcmp(w->at[0], "true") == 0 || begins_with(w, "tc", "qdisc") ||
	       begins_with(w, "ip", "tcp_metrics") || begins_with(w, "nstat", "-n");
}

static bool asks_for_sockets(const char *name)
{
	return strcmp(name, "sockstat") == 0 || strcmp(name, "ss") == 0 ||
	       strcmp(name, "netstat") == 0;
}

static void run_words(shell *sh, const words *w, const char *text)
{
	const char *name = w->at[0];

	if (ends_with(name, "defaults.sh")) {
		if (sh->script == NULL)
			sh->target->use_linux(sh->ctx);
	} else if (strcmp(name, "sysctl") == 0 || ends_with(name, "set_sysctls.py")) {
		change_words(sh, w);
	} else if (strcmp(name, "echo") == 0 && w->count == 4 && strcmp(w->at[2], ">") == 0 &&
		   strncmp(w->at[3], PROC, strlen(PROC)) == 0) {
		change_word(sh, hf_arena_format(sh->arena, "%s=%s", w->at[3], w->at[1]));
	} else if (asks_for_sockets(name)) {
		ask(sh, w, text);
	} else if (!is_idle(w)) {
		need(sh, "command", text);
	}
}

/* Cuts one simple command (or a pipe of them) into words; quotes keep blanks together. */
static void split(shell *sh, const char *text, size_t len, words *out)
{
	char *copy = hf_arena_copy(sh->arena, text, len), *to = copy, quote = '\0';
	bool in_word = false;

	out->count = 0;
	for (const char *p = text; p < text + len; p++) {
		if (quote == '\0' && strchr(" \t\r|", *p) != NULL) {
			in_word = false;
			*to++ = '\0';
			continue;
		}
		if (!in_word && out->count < WORDS)
			out->at[out->count++] = to;
		in_word = true;
		if (*p == quote)
			quote = '\0';
		else if (quote == '\0' && (*p == '"' || *p == '\''))
			quote = *p;
		else
			*to++ = *p;
	}
	*to = '\0';
}

static void run_all(shell *sh, const char *text)
{
	while (*text != '\0') {
		size_t len = strcspn(text, "\n;&#");
		words w;

		split(sh, text, len, &w);
		if (w.count > 0)
			run_words(sh, &w, hf_arena_copy(sh->arena, text, len));
		text += len;
		if (*text == '#')
			text += strcspn(text, "\n");
		text += strspn(text, "\n;&");
	}
}

bool hf_shell_is_sleep(const char *text, hf_ns *out)
{
	size_t len;

	text += strspn(text, " \t\n");
	if (strncmp(text, "sleep ", 6) != 0)
		return false;
	text += 6 + strspn(text + 6, " \t");
	len = strcspn(text, " \t\n");
	return hf_read_seconds(text, len, out) && *out >= 0 &&
	       text[len + strspn(text + len, " \t\n")] == '\0';
}

void hf_shell_words_check(const hf_shell_target *target, hf_drill_script *script, const char *text,
			  hf_drill_at at)
{
	shell sh = { .target = target, .arena = &script->arena, .script = script, .at = at };
	hf_ns time;

	if (!hf_shell_is_sleep(text, &time))
		run_all(&sh, text);
}

const char *hf_shell_words_run(const hf_shell_target *target, void *ctx, hf_arena *arena,
			       const char *text)
{
	shell sh = { .target = target, .arena = arena, .ctx = ctx };

	run_all(&sh, text);
	return sh.failure;
}
