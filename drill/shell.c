/* SPDX-License-Identifier: BSD-2-Clause */
/* What the shell commands of a script mean for the stack: a table of settings, and counts. */
#include "drill/shell.h"

#include <stddef.h>
#include <stdio.h>
#include <string.h>

#include "drill/names.h"
#include "drill/shell_words.h"

/* What `defaults.sh` lets a receive buffer grow to: its scripts expect a window scale of 8. */
#define DEFAULTS_BUFFER (15u << 20)

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
	CHOICE,     /* an enum whose first word is the default; at most `value` */
	FAST_OPEN,  /* Linux's bits, 0 for none */
	KEY,        /* of Fast Open's cookies: four numbers of eight hexadecimal digits */
	PAUSE,      /* seconds, 0 for never */
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
	{ "net.ipv4.tcp_slow_start_after_idle", OFF_SWITCH, AT(no_idle_restart), NULL },
	{ "net.ipv4.tcp_syn_retries", OCTET, AT(syn_retries), NULL },
	{ "net.ipv4.tcp_synack_retries", OCTET, AT(syn_ack_retries), NULL },
	{ "net.ipv4.tcp_retries2", OCTET, AT(data_retries), NULL },
	{ "net.ipv4.tcp_stdurg", SWITCH, AT(urgent_names_last), NULL },
	{ "net.ipv4.tcp_orphan_retries", OCTET, AT(orphan_retries), NULL },
	{ "net.ipv4.tcp_max_orphans", NUMBER, AT(max_orphans), NULL },
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
	{ "net.ipv4.tcp_ecn", CHOICE, AT(ecn), "5" },
	{ "net.ipv4.tcp_ecn_option", CHOICE, AT(ecn_option), "3" },
	{ "net.ipv4.tcp_ecn_fallback", OFF_SWITCH, AT(no_ecn_fallback), NULL },
	{ "net.ipv4.tcp_fastopen", FAST_OPEN, 0, NULL },
	{ "net.ipv4.tcp_fastopen_key", KEY, 0, NULL },
	{ "net.ipv4.tcp_fastopen_blackhole_timeout_sec", PAUSE, 0, NULL },
	{ "net.ipv4.tcp_syncookies", CHOICE, AT(syn_cookies), "2" },
	{ "net.ipv4.tcp_no_metrics_save", FIXED, 0, "1" },
	{ "net.ipv4.tcp_recovery", FIXED, 0, "0" },
	{ "net.ipv4.tcp_early_retrans", FIXED, 0, "0" },
	{ "net.ipv4.tcp_frto", FIXED, 0, "0" },
	{ "net.ipv4.tcp_mtu_probing", CHOICE, AT(mtu_probing), "2" },
	{ "net.ipv4.tcp_base_mss", NUMBER, AT(base_mss), NULL },
	{ "net.ipv4.tcp_mtu_probe_floor", NUMBER, AT(mtu_probe_floor), NULL },
	{ "net.ipv4.tcp_probe_threshold", NUMBER, AT(mtu_probe_threshold), NULL },
	{ "net.ipv4.tcp_probe_interval", SECONDS, AT(mtu_probe_interval), NULL },
	{ "net.ipv4.conf.all.accept_source_route", SWITCH, AT(accept_source_route), NULL },
	{ "net.ipv4.ip_no_pmtu_disc", SWITCH, AT(no_path_mtu_discovery), NULL },
	{ "net.ipv4.route.min_pmtu", NUMBER, AT(min_pmtu), NULL },
	{ "net.ipv4.route.mtu_expires", SECONDS, AT(mtu_expires), NULL },
	{ "net.ipv6.route.mtu_expires", SECONDS, AT(mtu_expires), NULL },
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
	{ "net.inet.tcp.ecn.enable", CHOICE, AT(ecn), "3" },
	{ "net.inet.tcp.syncookies", CHOICE, AT(syn_cookies), "1" },
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
	case FAST_OPEN:
		c->fast_open = n == 0 ? (uint32_t)HF_FAST_OPEN_OFF : number;
		break;
	case PAUSE:
		c->fast_open_pause = n == 0 ? -1 : HF_SEC(n);
		break;
	case KEY:
		break;
	case CHOICE:
		number++;
		memcpy((char *)c + s->at, &number, sizeof(number));
		break;
	case FIXED:
		break;
	}
}

/* To the stack's settings a zero means the default, so that these cannot be zero. */
static bool can_be_zero(kind k)
{
	return k == OFF_SWITCH || k == SWITCH || k == EXTENSIONS || k == CHOICE || k == FAST_OPEN ||
	       k == PAUSE;
}

/* "a1a1a1a1-b2b2b2b2-c3c3c3c3-d4d4d4d4", as Linux reads it. */
static bool read_key(const char *text, uint64_t key[2])
{
	unsigned part[4];
	int end = 0;

	if (sscanf(text, "%8x-%8x-%8x-%8x%n", &part[0], &part[1], &part[2], &part[3], &end) != 4 ||
	    text[end] != '\0')
		return false;
	key[0] = part[0] | (uint64_t)part[1] << 32;
	key[1] = part[2] | (uint64_t)part[3] << 32;
	return true;
}

/* The one setting that may change while the stack runs: cookies are to outlive that. */
static const char *change_key(hf_world *w, const char *value)
{
	uint64_t key[2];

	if (!read_key(value, key))
		return "a key is four numbers of eight hexadecimal digits";
	if (w->stack == NULL)
		memcpy(w->config.fast_open_key, key, sizeof(key));
	else if (hf_stack_fast_open_key(w->stack, key) != HF_OK)
		return "a key must not be zero";
	return NULL;
}

static bool read_value(const setting *s, const char *text, int64_t *out)
{
	const char *last = s->kind == LAST ? strrchr(text, ' ') : NULL;
	hf_congestion_control how = hf_drill_congestion_named(text);
	int64_t most = s->kind == OCTET  ? UINT8_MAX :
		       s->kind == CHOICE ? s->value[0] - '0' :
					   1 << 30;

	*out = how;
	if (s->kind == CONGESTION)
		return how != HF_CONGESTION_DEFAULT;
	text = last != NULL ? last + 1 : text;
	return hf_read_integer(text, strlen(text), out) && *out <= most &&
	       *out >= !can_be_zero(s->kind);
}

static bool knows(const char *name, const char *value)
{
	const setting *s = find_setting(name);
	int64_t n;

	uint64_t key[2];

	if (s == NULL)
		return false;
	if (s->kind == KEY)
		return read_key(value, key);
	return s->kind == FIXED ? strcmp(s->value, value) == 0 : read_value(s, value, &n);
}

static const char *set(void *ctx, const char *name, const char *value)
{
	hf_world *w = ((hf_sockets *)ctx)->world;
	const setting *s = find_setting(name);
	int64_t n;

	if (s->kind == FIXED)
		return NULL;
	if (s->kind == KEY)
		return change_key(w, value);
	if (w->stack != NULL)
		return "settings must come before the first packet or socket";
	read_value(s, value, &n);
	store(&w->config, s, n);
	return NULL;
}

/* ---- Questions ---- */

static int64_t count(void *ctx, hf_state state)
{
	hf_sockets *s = ctx;
	hf_stats stats = { 0 };

	if (state == HF_CLOSED)
		return hf_sockets_closed(s);
	if (s->world->stack != NULL)
		hf_stack_stats(s->world->stack, &stats);
	return state == HF_LISTEN ? stats.listeners : stats.states[state];
}

hf_counters hf_sockets_count(hf_sockets *s, hf_counters now, bool begins)
{
	size_t octets = now.count * sizeof(*now.at);
	hf_counters since = { hf_arena_take(s->arena, octets + 1), now.count };

	memcpy(since.at, now.at, octets);
	if (s->before != NULL)
		hf_counters_since(&since, s->before);
	if (begins) {
		s->before = hf_arena_take(s->arena, sizeof(*s->before));
		*s->before = now;
	}
	return since;
}

/* What the stack counts as Linux does. */
static hf_counters counters(void *ctx, hf_arena *arena, bool begins)
{
	hf_sockets *s = ctx;
	hf_stats t = { 0 };
	const hf_counter own[] = {
		{ "TcpActiveOpens", 0 },      { "TcpPassiveOpens", 0 },
		{ "TcpInCsumErrors", 0 },     { "TcpExtTCPKeepAlive", 0 },
		{ "TcpExtTCPLossProbes", 0 }, { "TcpExtTCPWinProbe", 0 },
		{ "TcpExtPAWSEstab", 0 },     { "TcpExtListenOverflows", 0 },
	};
	hf_counters c = { hf_arena_take(arena, sizeof(own)), sizeof(own) / sizeof(own[0]) };

	memcpy(c.at, own, sizeof(own));
	if (s == NULL)
		return c;
	if (s->world->stack != NULL)
		hf_stack_stats(s->world->stack, &t);
	c.at[0].value = (int64_t)t.opened_active;
	c.at[1].value = (int64_t)t.opened_passive;
	c.at[2].value = (int64_t)t.reasons[HF_WHY_TCP_CHECKSUM];
	c.at[3].value = (int64_t)t.causes[HF_SENT_KEEPALIVE];
	c.at[4].value = (int64_t)t.causes[HF_SENT_TAIL_PROBE];
	c.at[5].value = (int64_t)t.causes[HF_SENT_WINDOW_PROBE];
	c.at[6].value = (int64_t)t.reasons[HF_WHY_PAWS];
	c.at[7].value = (int64_t)t.reasons[HF_WHY_ACCEPT_QUEUE_FULL];
	return hf_sockets_count(s, c, begins);
}

static void drop(void *ctx, const hf_state *state)
{
	hf_sockets *s = ctx;

	for (hf_sock *sock = s->open; sock != NULL; sock = sock->next) {
		hf_conn_info info = hf_sock_info(s, sock);

		if (sock->phase >= HF_SOCK_CONNECTING && info.state != HF_CLOSED &&
		    (state == NULL || info.state == *state))
			hf_conn_abort(s->world->stack, sock->conn);
	}
	if (s->world->stack != NULL && (state == NULL || *state == HF_TIME_WAIT))
		hf_world_drop_time_waits(s->world);
}

static void put_file(void *ctx, const char *path, int64_t size)
{
	hf_sockets_put_file(ctx, path, size);
}

static void use_linux(void *ctx)
{
	hf_sockets *s = ctx;
	hf_config *config = &s->world->config;

	s->profile = config->profile = HF_PROFILE_LINUX;
	if (config->receive_buffer == 0)
		config->receive_buffer = DEFAULTS_BUFFER;
	if (config->mtu_probing == HF_MTU_PROBING_DEFAULT)
		config->mtu_probing = HF_MTU_PROBING_OFF;
}

/* ---- Commands ---- */

static const hf_shell_target stack = { knows, set, count, counters, drop, put_file, use_linux };

void hf_shell_check(hf_drill_script *script, const char *text, hf_drill_at at)
{
	hf_shell_words_check(&stack, script, text, at);
}

const char *hf_shell_run(hf_sockets *s, const char *text)
{
	return hf_shell_words_run(&stack, s, s->arena, text);
}
