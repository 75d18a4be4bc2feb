/* SPDX-License-Identifier: BSD-2-Clause */
/* Socket options whose value is no number: tcp_info, cookies, IP options; and time stamps. */
#include <string.h>

#include "drill/figures.h"
#include "drill/names.h"
#include "drill/sockets.h"
#include "wire/ip_options.h"

/* ---- Strings ---- */

static int hex_of(char c)
{
	static const char digits[] = "0123456789abcdef";
	const char *at = c != '\0' ? strchr(digits, c >= 'A' && c <= 'F' ? c + 32 : c) : NULL;

	return at != NULL ? (int)(at - digits) : -1;
}

/* Up to `most` digits of base 8 or 16 at `*p`, which moves behind them. */
static uint8_t read_digits(const char **p, const char *end, int base, unsigned most)
{
	int n = 0;

	for (; most > 0 && *p < end && hex_of(**p) >= 0 && hex_of(**p) < base; most--)
		n = n * base + hex_of(*(*p)++);
	return (uint8_t)n;
}

/* What stands after a backslash at `*p`, which moves behind it. */
static uint8_t read_escape(const char **p, const char *end)
{
	static const struct {
		char letter, octet;
	} letters[] = { { 'n', '\n' }, { 't', '\t' }, { 'r', '\r' } };
	char c = **p;

	if (c >= '0' && c <= '7')
		return read_digits(p, end, 8, 3);
	++*p;
	if (c == 'x')
		return read_digits(p, end, 16, 2);
	for (size_t i = 0; i < sizeof(letters) / sizeof(letters[0]); i++) {
		if (letters[i].letter == c)
			return (uint8_t)letters[i].octet;
	}
	return (uint8_t)c;
}

hf_view hf_call_octets_of(hf_arena *arena, const hf_expr *string)
{
	uint8_t *out = hf_arena_take(arena, string->len + 1);
	const char *p = string->text, *end = p + string->len;
	size_t len = 0;

	while (p < end) {
		bool is_escape = *p == '\\' && p + 1 < end;

		p += is_escape;
		out[len++] = is_escape ? read_escape(&p, end) : (uint8_t)*p++;
	}
	return (hf_view){ out, len };
}

static void compare_octets(const hf_calling *c, const hf_expr *value, hf_view got)
{
	hf_view wanted;

	if (value->kind != HF_EXPR_STRING)
		return;
	wanted = hf_call_octets_of(c->sockets->arena, value);
	if (wanted.len != got.len || (got.len > 0 && memcmp(wanted.at, got.at, got.len) != 0))
		c->answer->mismatch = "the value: other octets were expected";
}

/* ---- SO_TIMESTAMPING ---- */

#define TX_FLAGS                                                                                   \
	(HF_SYM_SOF_TIMESTAMPING_TX_SCHED | HF_SYM_SOF_TIMESTAMPING_TX_SOFTWARE |                  \
	 HF_SYM_SOF_TIMESTAMPING_TX_ACK | HF_SYM_SOF_TIMESTAMPING_SOFTWARE)
#define OPTION_FLAGS                                                                               \
	(HF_SYM_SOF_TIMESTAMPING_OPT_ID | HF_SYM_SOF_TIMESTAMPING_OPT_ID_TCP |                     \
	 HF_SYM_SOF_TIMESTAMPING_OPT_TSONLY | HF_SYM_SOF_TIMESTAMPING_OPT_STATS)
/* There is no hardware: asking it tells nothing, as with any device of Linux's that has none. */
#define HARDWARE_FLAGS                                                                             \
	(HF_SYM_SOF_TIMESTAMPING_TX_HARDWARE | HF_SYM_SOF_TIMESTAMPING_RX_HARDWARE |               \
	 HF_SYM_SOF_TIMESTAMPING_SYS_HARDWARE | HF_SYM_SOF_TIMESTAMPING_RAW_HARDWARE)

void hf_stamping_check(hf_drill_script *script, const hf_expr *value)
{
	if (value->kind == HF_EXPR_INTEGER &&
	    value->value & ~(int64_t)(TX_FLAGS | OPTION_FLAGS | HARDWARE_FLAGS))
		hf_drill_need(script, value->at, "SO_TIMESTAMPING of what arrives");
}

void hf_call_set_stamping(const hf_calling *c, hf_sock *sock, int64_t flags)
{
	bool begins_count = flags & HF_SYM_SOF_TIMESTAMPING_OPT_ID &&
			    !(sock->options.stamping & HF_SYM_SOF_TIMESTAMPING_OPT_ID);
	bool is_open = sock->phase == HF_SOCK_CONNECTED || sock->phase == HF_SOCK_CONNECTING;

	if ((begins_count && !is_open) || (flags & HF_SYM_SOF_TIMESTAMPING_OPT_STATS &&
					   !(flags & HF_SYM_SOF_TIMESTAMPING_OPT_TSONLY))) {
		hf_call_fail(c, HF_EINVAL);
		return;
	}
	if (begins_count)
		sock->stamps_from = flags & HF_SYM_SOF_TIMESTAMPING_OPT_ID_TCP ?
					    sock->written :
					    hf_sock_info(c->sockets, sock).octets_acked;
	sock->options.stamping = flags;
	hf_call_done(c, 0);
}

/* ---- TCP_INFO ---- */

void hf_info_check(hf_drill_script *script, const hf_expr *value)
{
	hf_datum d;

	if (value->kind != HF_EXPR_STRUCT)
		return;
	for (const hf_expr *f = value->first; f != NULL; f = f->next) {
		if (f->kind != HF_EXPR_FIELD || !hf_figure_find(NULL, f->text, &d))
			hf_drill_need(
				script, f->at,
				hf_arena_format(&script->arena, "field %s of TCP_INFO",
						f->text != NULL ? f->text : "without a name"));
	}
}

void hf_call_get_info(const hf_calling *c, const hf_sock *sock, const hf_expr *value)
{
	hf_conn_info info = hf_sock_info(c->sockets, sock);
	hf_datum d;

	if (sock->phase == HF_SOCK_LISTENING)
		info.state = HF_LISTEN;
	if (value->kind != HF_EXPR_STRUCT)
		return;
	for (const hf_expr *f = value->first; f != NULL; f = f->next) {
		if (f->kind == HF_EXPR_FIELD && f->first->kind == HF_EXPR_INTEGER &&
		    hf_figure_find(&info, f->text, &d) && d.integer != f->first->value)
			hf_call_mismatch(c, f->text, f->first->value, d.integer);
	}
}

/* ---- TCP_FASTOPEN_KEY ---- */

#define KEY ((size_t)16)

static uint64_t little_endian(const uint8_t *at)
{
	uint64_t n = 0;

	for (unsigned i = 8; i > 0; i--)
		n = n << 8 | at[i - 1];
	return n;
}

/* One key, or the one in use and the one before it: the stack wants the older one first. */
void hf_call_set_cookie_key(const hf_calling *c, const hf_expr *value)
{
	hf_view octets = { NULL, 0 };

	if (value->kind == HF_EXPR_STRING)
		octets = hf_call_octets_of(c->sockets->arena, value);
	if (octets.len != KEY && octets.len != 2 * KEY) {
		hf_call_fail(c, HF_EINVAL);
		return;
	}
	for (size_t at = octets.len; at > 0; at -= KEY) {
		const uint8_t *one = octets.at + at - KEY;
		const uint64_t key[2] = { little_endian(one), little_endian(one + 8) };

		if (hf_stack_fast_open_key(c->sockets->world->stack, key) != HF_OK) {
			hf_call_fail(c, HF_EINVAL);
			return;
		}
	}
	c->sockets->cookie_key = octets;
	hf_call_done(c, 0);
}

void hf_call_get_cookie_key(const hf_calling *c, const hf_expr *value)
{
	if (c->sockets->cookie_key.len == 0)
		hf_call_trouble(c, "a key that was not set is not known");
	else
		compare_octets(c, value, c->sockets->cookie_key);
}

/* ---- IP_OPTIONS ---- */

#define HOP ((size_t)4)
#define ROUTE_HEADER ((size_t)3)
enum { OPTION_END = 0, OPTION_NOP = 1, LOOSE_ROUTE = 131, STRICT_ROUTE = 137 };

static bool is_route(hf_view o)
{
	size_t len = o.len > 1 ? o.at[1] : 0;

	return len >= ROUTE_HEADER + HOP && len <= o.len &&
	       (o.at[0] == LOOSE_ROUTE || o.at[0] == STRICT_ROUTE) && o.at[2] == HOP &&
	       (len - ROUTE_HEADER) % HOP == 0 && (len - ROUTE_HEADER) / HOP <= HF_ROUTE_HOPS;
}

/* A source route as Linux takes it: all the hops, the pointer on the first. */
static bool read_route(hf_view o, hf_source_route *out)
{
	size_t len;

	while (o.len > 0 && o.at[0] == OPTION_NOP)
		o = hf_view_skip(o, 1);
	if (!is_route(o))
		return false;
	len = o.at[1];
	out->is_strict = o.at[0] == STRICT_ROUTE;
	for (size_t at = ROUTE_HEADER; at < len; at += HOP)
		out->hop[out->hops++] = hf_addr_v4(o.at[at], o.at[at + 1], o.at[at + 2],
						   o.at[at + 3]);
	for (o = hf_view_skip(o, len); o.len > 0; o = hf_view_skip(o, 1)) {
		if (o.at[0] != OPTION_END && o.at[0] != OPTION_NOP)
			return false;
	}
	return true;
}

void hf_call_set_ip_options(const hf_calling *c, hf_sock *sock, const hf_expr *value)
{
	hf_source_route *route = hf_arena_take(c->sockets->arena, sizeof(*route));

	if (sock->phase != HF_SOCK_NEW) {
		hf_call_trouble(c, "IP options come before connect or listen");
		return;
	}
	if (value->kind != HF_EXPR_STRING ||
	    !read_route(hf_call_octets_of(c->sockets->arena, value), route)) {
		hf_call_trouble(c, "of IP's options only a source route can be sent");
		return;
	}
	sock->options.route = route;
	hf_call_done(c, 0);
}

void hf_call_get_ip_options(const hf_calling *c, const hf_sock *sock, const hf_expr *value)
{
	hf_source_route r = hf_sock_info(c->sockets, sock).route;
	uint8_t octets[HF_IP4_OPTIONS_MAX] = { 0 };
	size_t len;

	if (sock->phase < HF_SOCK_CONNECTING)
		r = sock->options.route != NULL ? *sock->options.route : (hf_source_route){ 0 };
	len = r.hops > 0 ? ROUTE_HEADER + HOP * r.hops : 0;
	octets[0] = OPTION_NOP; /* as it is sent: so it ends with a word */
	octets[1] = r.is_strict ? STRICT_ROUTE : LOOSE_ROUTE;
	octets[2] = (uint8_t)len;
	octets[3] = HOP;
	for (size_t i = 0; i < r.hops; i++)
		memcpy(octets + 1 + ROUTE_HEADER + HOP * i, (const uint8_t *)&r.hop[i] + 12, HOP);
	compare_octets(c, value, (hf_view){ octets, len > 0 ? len + 1 : 0 });
}
