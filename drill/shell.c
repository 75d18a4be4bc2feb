/* SPDX-License-Identifier: BSD-2-Clause */
/* Shell commands of a script, mapped to settings and questions. */
#include "drill/shell.h"

#include <stddef.h>
#include <string.h>

#include "drill/names.h"

#define WORDS 24
#define PROC "/proc/sys/"

/** Either a check, with `script`, or a run, with `sockets`. */
typedef struct shell {
	hf_arena *arena;
	hf_drill_script *script;
	hf_drill_at at;
	hf_sockets *sockets;
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

typedef enum kind {
	OFF_SWITCH, /* uint8_t of hf_config: 1 for a value of 0 */
	SWITCH,     /* uint8_t: 1 for any other value than 0 */
	OCTET,
	NUMBER,       /* uint32_t */
	LAST,         /* uint32_t: the last of several numbers */
	MICROSECONDS, /* hf_ns */
	MILLISECONDS,
	SECONDS,
	CONGESTION, /* the name of an algorithm */
	EXTENSIONS, /* time stamps and window scaling together */
	FIXED,      /* the stack's way cannot be changed: only `value` is accepted */
} kind;

typedef struct setting {
	const char *name;
	kind kind;
	size_t at;
	const char *value;
} setting;

#define AT(field) offsetof(hf_config, field)

static const setting settings[] = {
	{ "net.ipv4.tcp_timestamps", OFF_SWITCH, AT(no_timestamps), NULL },
	{ "net.ipv4.tcp_sack", OFF_SWITCH, AT(no_sack), NULL },
	{ "net.ipv4.tcp_window_scaling", OFF_SWITCH, AT(no_window_scaling), NULL },
	{ "net.ipv4.tcp_syn_retries", OCTET, AT(syn_retries), NULL },
	{ "net.ipv4.tcp_synack_retries", OCTET, AT(syn_ack_retries), NULL },
	{ "net.ipv4.tcp_retries2", OCTET, AT(data_retries), NULL },
	{ "net.ipv4.tcp_fin_timeout", SECONDS, AT(fin_wait_2_timeout), NULL },
	{ "net.ipv4.ip_default_ttl", OCTET, AT(ttl), NULL },
	{ "net.ipv4.tcp_rmem", LAST, AT(receive_buffer), NULL },
	{ "net.ipv4.tcp_wmem", LAST, AT(send_buffer), NULL },
	{ "net.ipv4.tcp_max_syn_backlog", NUMBER, AT(max_half_open), NULL },
	{ "net.ipv4.tcp_max_tw_buckets", NUMBER, AT(max_time_wait), NULL },
	{ "net.ipv4.tcp_rto_min_us", MICROSECONDS, AT(min_rto), NULL },
	{ "net.ipv4.tcp_rto_max_ms", MILLISECONDS, AT(max_rto), NULL },
	{ "net.ipv4.icmp_echo_ignore_all", SWITCH, AT(no_echo_reply), NULL },
	{ "net.ipv4.tcp_congestion_control", CONGESTION, 0, NULL },
	{ "net.ipv4.tcp_ecn", FIXED, 0, "0" },
	{ "net.ipv4.tcp_fastopen", FIXED, 0, "0" },
	{ "net.ipv4.tcp_syncookies", FIXED, 0, "0" },
	{ "net.ipv4.tcp_no_metrics_save", FIXED, 0, "1" },
	{ "net.ipv4.tcp_recovery", FIXED, 0, "0" },
	{ "net.ipv4.tcp_early_retrans", FIXED, 0, "0" },
	{ "net.ipv4.tcp_frto", FIXED, 0, "0" },
	{ "net.ipv4.tcp_mtu_probing", FIXED, 0, "0" },
	{ "net.inet.tcp.rfc1323", EXTENSIONS, 0, NULL },
	{ "net.inet.tcp.sack.enable", OFF_SWITCH, AT(no_sack), NULL },
	{ "net.inet.tcp.delacktime", MILLISECONDS, AT(delayed_ack), NULL },
	{ "net.inet.tcp.msl", MILLISECONDS, AT(msl), NULL },
	{ "net.inet.tcp.finwait2_timeout", MILLISECONDS, AT(fin_wait_2_timeout), NULL },
	{ "net.inet.tcp.rexmit_min", MILLISECONDS, AT(min_rto), NULL },
	{ "net.inet.tcp.blackhole", SWITCH, AT(silent_to_closed_ports), NULL },
	{ "net.inet.tcp.recvspace", NUMBER, AT(receive_buffer), NULL },
	{ "net.inet.tcp.sendspace", NUMBER, AT(send_buffer), NULL },
	{ "net.inet.ip.ttl", OCTET, AT(ttl), NULL },
	{ "net.inet.tcp.cc.algorithm", CONGESTION, 0, NULL },
	{ "net.inet.tcp.ecn.enable", FIXED, 0, "0" },
	{ "net.inet.tcp.syncookies", FIXED, 0, "0" },
};

static const setting *find_setting(const char *name)
{
	for (size_t i = 0; i < sizeof(settings) / sizeof(settings[0]); i++) {
		if (strcmp(settings[i].name, name) == 0)
			return &settings[i];
	}
	return NULL;
}

static void store_octet(hf_config *c, size_t at, int64_t n)
{
	*((uint8_t *)c + at) = (uint8_t)n;
}

static void store_time(hf_config *c, size_t at, hf_ns n)
{
	memcpy((char *)c + at, &n, sizeof(n));
}

static void store(hf_config *c, const setting *s, int64_t n)
{
	uint32_t number = (uint32_t)n;

	switch (s->kind) {
	case OFF_SWITCH:
		store_octet(c, s->at, n == 0);
		break;
	case SWITCH:
		store_octet(c, s->at, n != 0);
		break;
	case OCTET:
		store_octet(c, s->at, n);
		break;
	case NUMBER:
	case LAST:
		memcpy((char *)c + s->at, &number, sizeof(number));
		break;
	case MICROSECONDS:
		store_time(c, s->at, HF_US(n));
		break;
	case MILLISECONDS:
		store_time(c, s->at, HF_MS(n));
		break;
	case SECONDS:
		store_time(c, s->at, HF_SEC(n));
		break;
	case EXTENSIONS:
		c->no_timestamps = c->no_window_scaling = n == 0;
		break;
	case CONGESTION:
		c->congestion = (hf_congestion_control)n;
		break;
	case FIXED:
		break;
	}
}

/* To the stack's settings a zero means the default, so that these cannot be zero. */
static bool can_be_zero(kind k)
{
	return k == OFF_SWITCH || k == SWITCH || k == EXTENSIONS;
}

static bool read_value(const setting *s, const char *text, int64_t *out)
{
	const char *last = s->kind == LAST ? strrchr(text, ' ') : NULL;
	hf_congestion_control how = hf_congestion_named(text);
	int64_t most = s->kind == OCTET ? UINT8_MAX : 1 << 30;

	*out = how;
	if (s->kind == CONGESTION)
		return how != HF_CONGESTION_DEFAULT;
	text = last != NULL ? last + 1 : text;
	return hf_read_integer(text, strlen(text), out) && *out <= most &&
	       *out >= !can_be_zero(s->kind);
}

static void change(shell *sh, const char *name, const char *value)
{
	const setting *s = find_setting(name);
	int64_t n = 0;
	bool is_good = s != NULL &&
		       (s->kind == FIXED ? strcmp(s->value, value) == 0 : read_value(s, value, &n));

	if (!is_good)
		need(sh, "setting", hf_arena_format(sh->arena, "%s=%s", name, value));
	else if (sh->sockets == NULL || s->kind == FIXED)
		return;
	else if (sh->sockets->world->stack != NULL)
		fail(sh, "settings must come before the first packet or socket");
	else
		store(&sh->sockets->world->config, s, n);
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
		if (strcmp(own, name) == 0 ||
		    (i == HF_SYN_RECEIVED && strcmp(name, "SYN_RCVD") == 0))
			return true;
	}
	return false;
}

static int64_t count_sockets(hf_sockets *s, hf_state state)
{
	hf_stats stats = { 0 };

	if (state == HF_CLOSED)
		return hf_sockets_closed(s);
	if (s->world->stack != NULL)
		hf_stack_stats(s->world->stack, &stats);
	return state == HF_LISTEN ? stats.listeners : stats.states[state];
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
	if (sh->sockets == NULL)
		return;
	got = count_sockets(sh->sockets, state);
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

static void run_words(shell *sh, const words *w, const char *text)
{
	const char *name = w->at[0];

	if (ends_with(name, "defaults.sh")) {
		if (sh->sockets != NULL)
			sh->sockets->profile = sh->sockets->world->config
						       .profile = HF_PROFILE_LINUX;
	} else if (strcmp(name, "sysctl") == 0 || ends_with(name, "set_sysctls.py")) {
		change_words(sh, w);
	} else if (strcmp(name, "echo") == 0 && w->count == 4 && strcmp(w->at[2], ">") == 0 &&
		   strncmp(w->at[3], PROC, strlen(PROC)) == 0) {
		change_word(sh, hf_arena_format(sh->arena, "%s=%s", w->at[3], w->at[1]));
	} else if (strcmp(name, "sockstat") == 0) {
		ask(sh, w, text);
	} else if (strcmp(name, "true") != 0 && !begins_with(w, "tc", "qdisc") &&
		   !begins_with(w, "ip", "tcp_metrics")) {
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

void hf_shell_check(hf_drill_script *script, const char *text, hf_drill_at at)
{
	shell sh = { .arena = &script->arena, .script = script, .at = at };

	run_all(&sh, text);
}

const char *hf_shell_run(hf_sockets *s, const char *text)
{
	shell sh = { .arena = s->arena, .sockets = s };

	run_all(&sh, text);
	return sh.failure;
}
