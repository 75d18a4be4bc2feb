/* SPDX-License-Identifier: BSD-2-Clause */
/* Shell commands of a script: cut into words, and led to what the target has for them. */
#include "drill/shell_words.h"

#include <string.h>

#include "drill/lexer.h"

#define WORDS 32
#define PROC "/proc/sys/"
#define LARGEST_FILE (INT64_C(1) << 40)

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

/* nstat | grep NAME | grep " N ": a line must be left */
static void ask_counters(shell *sh, const words *w, const char *text)
{
	bool begins = w->count == 2 && strcmp(w->at[1], "-n") == 0;
	hf_counters all = sh->target->counters(sh->ctx, sh->arena, begins);
	hf_counted c;

	if (begins)
		return;
	if (!hf_counters_ask(sh->arena, &all, text, &c) || !c.is_known)
		need(sh, "command", text);
	else if (sh->script == NULL && !c.is_found)
		fail(sh, hf_arena_format(sh->arena, "nstat has %s", c.shown));
}

/* tcpdrop -a, tcpdrop -s STATE */
static void drop(shell *sh, const words *w, const char *text)
{
	bool all = w->count == 2 && strcmp(w->at[1], "-a") == 0;
	hf_state state = HF_CLOSED;

	if (sh->target->drop == NULL || (!all && (w->count != 3 || strcmp(w->at[1], "-s") != 0 ||
						  !find_state(w->at[2], &state))))
		need(sh, "command", text);
	else if (sh->script == NULL)
		sh->target->drop(sh->ctx, all ? NULL : &state);
}

/* ---- Files ---- */

static const char *value_of(const words *w, const char *name)
{
	size_t len = strlen(name);

	for (size_t i = 1; i < w->count; i++) {
		if (strncmp(w->at[i], name, len) == 0)
			return w->at[i] + len;
	}
	return NULL;
}

static const char *word_after(const words *w, const char *word)
{
	for (size_t i = 1; i + 1 < w->count; i++) {
		if (strcmp(w->at[i], word) == 0)
			return w->at[i + 1];
	}
	return NULL;
}

/* "7", "7k", "7M"; NULL: `otherwise`. */
static bool read_size(const char *text, int64_t otherwise, int64_t *out)
{
	size_t len = text != NULL ? strlen(text) : 0;
	int64_t unit = 1;

	*out = otherwise;
	if (text == NULL)
		return true;
	if (len > 1 && strchr("kKM", text[len - 1]) != NULL)
		unit = text[--len] == 'M' ? 1 << 20 : 1 << 10;
	if (!hf_read_integer(text, len, out) || *out < 0 || *out > LARGEST_FILE / unit)
		return false;
	*out *= unit;
	return true;
}

static bool put_file(shell *sh, const char *path, int64_t size)
{
	if (sh->script == NULL)
		sh->target->put_file(sh->ctx, path, size);
	return true;
}

/* dd if=/dev/zero of=PATH bs=N count=N */
static bool make_by_dd(shell *sh, const words *w)
{
	const char *from = value_of(w, "if="), *path = value_of(w, "of=");
	int64_t each, count;

	return from != NULL && strcmp(from, "/dev/zero") == 0 && path != NULL &&
	       value_of(w, "count=") != NULL && read_size(value_of(w, "bs="), 512, &each) &&
	       read_size(value_of(w, "count="), 0, &count) &&
	       (each == 0 || count <= LARGEST_FILE / each) && put_file(sh, path, each * count);
}

/* head -c N /dev/zero > PATH */
static bool make_by_head(shell *sh, const words *w)
{
	const char *count = word_after(w, "-c"), *path = word_after(w, ">");
	const char *from = count != NULL ? word_after(w, count) : NULL;
	int64_t size;

	return path != NULL && from != NULL && strcmp(from, "/dev/zero") == 0 &&
	       read_size(count, 0, &size) && put_file(sh, path, size);
}

/* truncate -s N PATH */
static bool make_by_truncate(shell *sh, const words *w)
{
	const char *count = word_after(w, "-s");
	const char *path = count != NULL ? word_after(w, count) : NULL;
	int64_t size;

	return path != NULL && read_size(count, 0, &size) && put_file(sh, path, size);
}

static bool remove_files(shell *sh, const words *w)
{
	for (size_t i = 1; i < w->count; i++) {
		if (w->at[i][0] != '-')
			put_file(sh, w->at[i], -1);
	}
	return true;
}

/* False: the command is about something else. */
static bool is_about_files(shell *sh, const words *w, const char *name)
{
	static const struct {
		const char *name;
		bool (*run)(shell *sh, const words *w);
	} commands[] = { { "dd", make_by_dd },
			 { "head", make_by_head },
			 { "truncate", make_by_truncate },
			 { "rm", remove_files } };

	for (size_t i = 0; i < sizeof(commands) / sizeof(commands[0]); i++) {
		if (strcmp(commands[i].name, name) == 0)
			return commands[i].run(sh, w);
	}
	return false;
}

/* ---- Commands ---- */

static bool ends_with(const char *text, const char *end)
{
	size_t n = strlen(text), m = strlen(end);

	return n >= m && strcmp(text + n - m, end) == 0;
}

/* A command's name, wherever it lies. */
static const char *name_of(const words *w)
{
	const char *slash = strrchr(w->at[0], '/');

	return slash != NULL ? slash + 1 : w->at[0];
}

static bool begins_with(const words *w, const char *a, const char *b)
{
	return strcmp(name_of(w), a) == 0 && w->count > 1 && strcmp(w->at[1], b) == 0;
}

/* A queue without room would lose what is sent: the drill has none that could. */
static bool has_no_room(const words *w)
{
	for (size_t i = 1; i + 1 < w->count; i++) {
		if (strcmp(w->at[i], "limit") == 0 && strcmp(w->at[i + 1], "0") == 0)
			return true;
	}
	return false;
}

/* What a drill does not have, so that there is nothing to be done. */
static bool is_idle(const words *w)
{
	const char *name = name_of(w);

	return strcmp(name, "true") == 0 || strcmp(name, ":") == 0 ||
	       strncmp(name, "sysctl_restore_", 15) == 0 || begins_with(w, "ip", "tcp_metrics") ||
	       (begins_with(w, "tc", "qdisc") && !has_no_room(w));
}

static bool asks_for_sockets(const char *name)
{
	return strcmp(name, "sockstat") == 0 || strcmp(name, "ss") == 0 ||
	       strcmp(name, "netstat") == 0;
}

static void run_words(shell *sh, const words *w, const char *text)
{
	const char *name = name_of(w);

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
	} else if (strcmp(name, "nstat") == 0) {
		ask_counters(sh, w, text);
	} else if (strcmp(name, "tcpdrop") == 0) {
		drop(sh, w, text);
	} else if (!is_idle(w) && !is_about_files(sh, w, name)) {
		need(sh, "command", text);
	}
}

/* `2>/dev/null`, `2>&1` */
static bool is_about_errors(const char *word)
{
	return strncmp(word, "2>", 2) == 0;
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
	while (out->count > 0 && is_about_errors(out->at[out->count - 1]))
		out->count--;
}

/* Octets of the simple command that `text` begins with; "2>&1" does not end one. */
static size_t command_len(const char *text)
{
	size_t len = strcspn(text, "\n;&#");

	while (text[len] == '&' && len > 0 && text[len - 1] == '>')
		len += 1 + strcspn(text + len + 1, "\n;&#");
	return len;
}

static void run_all(shell *sh, const char *text)
{
	while (*text != '\0') {
		size_t len = command_len(text);
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
