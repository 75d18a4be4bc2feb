/* SPDX-License-Identifier: BSD-2-Clause */
/* The options of a script, as a table. */
#include "drill/setup.h"

#include <handfast/auth.h>

#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#define LEAST_MSS 88 /* Linux allows a socket no less, HF_OPTION_MSS and Linux no more */
#define LARGEST_MSS 32767

typedef enum kind {
	IP_VERSION,
	PORT,
	ADDRESS,
	MTU,
	MICROSECONDS,
	PERCENT,
	TICK,
	FLAG,
	TEXT,
	MSS,
	NON_FATAL,
	SCRIPTS,
	DONE,      /* the parser has seen to it */
	NO_MATTER, /* says something that virtual runs do not have */
	NEED,      /* known, but not supported */
} kind;

typedef struct row {
	const char *name;
	kind kind;
	size_t at;
} row;

static const row rows[] = {
	{ "ip_version", IP_VERSION, 0 },
	{ "bind_port", PORT, offsetof(hf_drill_setup, bind_port) },
	{ "connect_port", PORT, offsetof(hf_drill_setup, connect_port) },
	{ "local_ip", ADDRESS, offsetof(hf_drill_setup, local) },
	{ "remote_ip", ADDRESS, offsetof(hf_drill_setup, remote) },
	{ "mtu", MTU, 0 },
	{ "tolerance_usecs", MICROSECONDS, 0 },
	{ "tolerance_percent", PERCENT, 0 },
	{ "tcp_ts_tick_usecs", TICK, 0 },
	{ "tcp_ts_ecr_scaled", FLAG, offsetof(hf_drill_setup, stamp_echo_is_scaled) },
	{ "strict_segments", FLAG, offsetof(hf_drill_setup, strict_segments) },
	{ "define", DONE, 0 },
	{ "code_command", NO_MATTER, 0 },
	{ "code_format", NO_MATTER, 0 },
	{ "code_sockopt", NO_MATTER, 0 },
	{ "debug", NO_MATTER, 0 },
	{ "gateway_ip", NO_MATTER, 0 },
	{ "local_linklocal_ip", NO_MATTER, 0 },
	{ "netmask_ip", NO_MATTER, 0 },
	{ "no_cleanup", NO_MATTER, 0 },
	{ "persistent_tun_dev", NO_MATTER, 0 },
	{ "remote_linklocal_ip", NO_MATTER, 0 },
	{ "speed", NO_MATTER, 0 },
	{ "tun_dev", NO_MATTER, 0 },
	{ "verbose", NO_MATTER, 0 },
	{ "dry_run", FLAG, offsetof(hf_drill_setup, is_dry) },
	{ "init_scripts", SCRIPTS, 0 },
	{ "is_anyip", NO_MATTER, 0 }, /* the addresses are known before a packet has left */
	{ "mss", MSS, 0 },
	{ "non_fatal", NON_FATAL, 0 },
	{ "psp_udp_port", NEED, 0 },
	{ "send_omit_free", NO_MATTER, 0 },
	{ "so_filename", NEED, 0 },
	{ "so_flags", NEED, 0 },
	{ "tcp_md5_secret", TEXT, offsetof(hf_drill_setup, md5_secret) },
	{ "udp_encapsulation", NEED, 0 },
	{ "wire_client", NEED, 0 },
	{ "wire_client_dev", NEED, 0 },
	{ "wire_client_device", NEED, 0 },
	{ "wire_server", NEED, 0 },
	{ "wire_server_at", NEED, 0 },
	{ "wire_server_dev", NEED, 0 },
	{ "wire_server_device", NEED, 0 },
	{ "wire_server_ip", NEED, 0 },
	{ "wire_server_port", NEED, 0 },
};

void hf_drill_setup_init(hf_drill_setup *s)
{
	*s = (hf_drill_setup){
		.bind_port = 8080,
		.connect_port = 8080,
		.mtu = 1500,
		.tolerance = HF_US(4000),
		.tolerance_percent = 12.5,
	};
}

static bool read_number(const char *text, int64_t least, int64_t most, int64_t *out)
{
	int64_t n;

	if (text == NULL || !hf_read_integer(text, strlen(text), &n) || n < least || n > most)
		return false;
	*out = n;
	return true;
}

static bool read_ip_version(hf_drill_setup *s, const char *value)
{
	s->is_v6 = value != NULL && strcmp(value, "ipv6") == 0;
	s->is_mapped = value != NULL && strcmp(value, "ipv4-mapped-ipv6") == 0;
	return s->is_v6 || s->is_mapped || (value != NULL && strcmp(value, "ipv4") == 0);
}

static bool read_percent(hf_drill_setup *s, const char *value)
{
	int64_t billionths;

	if (value == NULL || !hf_read_seconds(value, strlen(value), &billionths) || billionths < 0)
		return false;
	s->tolerance_percent = (double)billionths / 1e9;
	return true;
}

static bool read_flag(const char *value, bool *out)
{
	int64_t n = 1;

	if (value != NULL && !read_number(value, 0, 1, &n))
		return false;
	*out = n != 0;
	return true;
}

static bool read_text(const char *value, const char **out)
{
	*out = value;
	return value != NULL && *value != 0 && strlen(value) <= HF_KEY_SECRET_MAX;
}

/* "packet", "syscall", or both */
static bool read_non_fatal(hf_drill_setup *s, const char *value)
{
	size_t len;

	for (; value != NULL && *value != '\0'; value += len + strspn(value + len, ", ")) {
		len = strcspn(value, ", ");
		if (len == 6 && memcmp(value, "packet", len) == 0)
			s->forgives_packets = true;
		else if (len == 7 && memcmp(value, "syscall", len) == 0)
			s->forgives_calls = true;
		else
			return false;
	}
	return s->forgives_packets || s->forgives_calls;
}

static bool read_scripts(hf_drill_setup *s, const hf_drill_setting *o)
{
	s->init_scripts = o->value;
	s->init_scripts_at = o->at;
	return o->value != NULL && *o->value != '\0';
}

static bool read_mss(hf_drill_setup *s, const char *value)
{
	int64_t n;

	if (!read_number(value, LEAST_MSS, LARGEST_MSS, &n))
		return false;
	s->mss = (uint32_t)n;
	return true;
}

static bool read_number_row(hf_drill_setup *s, const row *r, const char *value)
{
	int64_t n;

	if (!read_number(value, r->kind == PORT, r->kind == PORT ? UINT16_MAX : 1000000000, &n))
		return false;
	if (r->kind == PORT) {
		uint16_t port = (uint16_t)n;

		memcpy((char *)s + r->at, &port, sizeof(port));
	} else if (r->kind == MTU) {
		s->mtu = (uint32_t)n;
	} else if (r->kind == TICK) {
		s->stamp_tick = (uint32_t)n;
	} else {
		s->tolerance = HF_US(n);
	}
	return true;
}

static bool read_row(hf_drill_setup *s, hf_drill_script *script, const row *r,
		     const hf_drill_setting *o)
{
	switch (r->kind) {
	case IP_VERSION:
		return read_ip_version(s, o->value);
	case ADDRESS:
		return o->value != NULL && hf_addr_parse(o->value, (hf_addr *)((char *)s + r->at));
	case PORT:
	case MTU:
	case MICROSECONDS:
	case TICK:
		return read_number_row(s, r, o->value);
	case PERCENT:
		return read_percent(s, o->value);
	case FLAG:
		return read_flag(o->value, (bool *)((char *)s + r->at));
	case TEXT:
		return read_text(o->value, (const char **)((char *)s + r->at));
	case MSS:
		return read_mss(s, o->value);
	case NON_FATAL:
		return read_non_fatal(s, o->value);
	case SCRIPTS:
		return read_scripts(s, o);
	case NEED:
		hf_drill_need(script, o->at,
			      hf_arena_format(&script->arena, "option --%s", o->name));
		return true;
	case DONE:
	case NO_MATTER:
		break;
	}
	return true;
}

static const row *find_row(const char *name)
{
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		if (strcmp(rows[i].name, name) == 0)
			return &rows[i];
	}
	return NULL;
}

bool hf_drill_setup_apply(hf_drill_setup *s, hf_drill_script *script, const hf_drill_setting *o,
			  hf_drill_note *why)
{
	for (; o != NULL; o = o->next) {
		const row *r = find_row(o->name);

		if (r != NULL && read_row(s, script, r, o))
			continue;
		why->at = o->at;
		why->text = r == NULL ? hf_arena_format(&script->arena, "unknown option --%s",
							o->name) :
					hf_arena_format(&script->arena,
							"option --%s has a wrong value", o->name);
		return false;
	}
	return true;
}

static void choose(hf_addr *a, const char *text)
{
	if (hf_addr_is_none(a))
		hf_addr_parse(text, a);
}

bool hf_drill_setup_finish(hf_drill_setup *s)
{
	choose(&s->local, s->is_v6 ? "fd3d:0a0b:17d6::1" : "192.168.0.1");
	choose(&s->remote, s->is_v6 ? "fd3d:fa7b:d17d::1" : "192.0.2.1");
	return hf_addr_is_v4(&s->local) == !s->is_v6 && hf_addr_is_v4(&s->remote) == !s->is_v6;
}
