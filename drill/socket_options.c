/* SPDX-License-Identifier: BSD-2-Clause */
/* getsockopt, setsockopt, fcntl and ioctl. */
#include <stddef.h>
#include <string.h>

#include "drill/names.h"
#include "drill/sockets.h"

#define KEEP_IDLE 7200
#define DEFAULT_TTL 64
#define SECONDS_MAX (INT64_C(1) << 31)

typedef enum kind {
	FLAG,       /* bool of hf_sock_options */
	NUMBER,     /* int64_t of hf_sock_options */
	BUFFER,     /* the same; 0: the stack's */
	QUICK,      /* told to the connection, not kept: cannot be asked for */
	TIME,       /* {tv_sec=..., tv_usec=...}: int64_t of hf_sock_options, us */
	LINGER,     /* {onoff=..., linger=...} */
	ALGORITHM,  /* the name of the congestion control, as hf_congestion_control */
	ASKED,      /* computed; cannot be set */
	STAMPING,   /* SOF_TIMESTAMPING_* */
	INFO,       /* {tcpi_state=..., ...}; cannot be set */
	COOKIE_KEY, /* "octets" */
	IP_OPTION,  /* "octets" */
	MD5_KEY,    /* "secret": signs what the socket's peer and we say */
	AO_KEY,     /* {sndid=, rcvid=, key=}, and as wanted maclen=, alg=, omit_options= */
} kind;

typedef struct row {
	int level, option;
	kind kind;
	size_t at;
	int64_t least, most; /* NUMBER */
} row;

#define ROW(level, option, kind, field, ...)                                                       \
	{                                                                                          \
		HF_SYM_##level, HF_SYM_##option, kind, offsetof(hf_sock_options, field),           \
			__VA_ARGS__                                                                \
	}

static const row rows[] = {
	ROW(SOL_SOCKET, SO_REUSEADDR, FLAG, reuse_address, 0, 0),
	ROW(SOL_SOCKET, SO_REUSEPORT, FLAG, reuse_port, 0, 0),
	ROW(SOL_SOCKET, SO_KEEPALIVE, FLAG, keepalive, 0, 0),
	ROW(SOL_SOCKET, SO_OOBINLINE, FLAG, oob_inline, 0, 0),
	ROW(SOL_SOCKET, SO_LINGER, LINGER, lingers, 0, 0),
	ROW(SOL_SOCKET, SO_SNDBUF, BUFFER, send_buffer, 1, 1 << 30),
	ROW(SOL_SOCKET, SO_RCVBUF, BUFFER, receive_buffer, 1, 1 << 30),
	ROW(SOL_SOCKET, SO_RCVLOWAT, NUMBER, receive_low, 1, 1 << 30),
	ROW(SOL_SOCKET, SO_RCVTIMEO, TIME, receive_timeout, 0, 0),
	ROW(SOL_SOCKET, SO_SNDTIMEO, TIME, send_timeout, 0, 0),
	ROW(SOL_SOCKET, SO_MAX_PACING_RATE, NUMBER, max_pacing_rate, -1, UINT32_MAX),
	ROW(SOL_SOCKET, SO_ZEROCOPY, FLAG, zero_copy, 0, 0),
	ROW(SOL_SOCKET, SO_TIMESTAMPING, STAMPING, stamping, 0, 0),
	ROW(SOL_SOCKET, SO_ERROR, ASKED, lingers, 0, 0),
	ROW(SOL_SOCKET, SO_TYPE, ASKED, lingers, 0, 0),
	ROW(SOL_SOCKET, SO_DOMAIN, ASKED, lingers, 0, 0),
	ROW(SOL_SOCKET, SO_PROTOCOL, ASKED, lingers, 0, 0),
	ROW(SOL_SOCKET, SO_ACCEPTCONN, ASKED, lingers, 0, 0),
	ROW(SOL_TCP, TCP_NODELAY, FLAG, no_delay, 0, 0),
	ROW(SOL_TCP, TCP_CORK, FLAG, cork, 0, 0),
	ROW(SOL_TCP, TCP_KEEPIDLE, NUMBER, keep_idle, 1, 32767),
	ROW(SOL_TCP, TCP_USER_TIMEOUT, NUMBER, user_timeout, 0, SECONDS_MAX),
	ROW(SOL_TCP, TCP_MD5SIG, MD5_KEY, lingers, 0, 0),
	ROW(SOL_TCP, TCP_AO_ADD_KEY, AO_KEY, lingers, 0, 0),
	ROW(SOL_TCP, TCP_MAXSEG, NUMBER, mss, 88, 32767),
	ROW(SOL_TCP, TCP_KEEPINTVL, NUMBER, keep_interval, 1, 32767),
	ROW(SOL_TCP, TCP_KEEPCNT, NUMBER, keep_probes, 1, 127),
	ROW(SOL_TCP, TCP_SYNCNT, NUMBER, syn_retries, 1, 127),
	ROW(SOL_TCP, TCP_LINGER2, NUMBER, linger2, -1, 120),
	ROW(SOL_TCP, TCP_DEFER_ACCEPT, NUMBER, defer_accept, 0, 32767),
	ROW(SOL_TCP, TCP_WINDOW_CLAMP, NUMBER, window_clamp, 0, 1 << 30),
	ROW(SOL_TCP, TCP_NOTSENT_LOWAT, NUMBER, unsent_low, 0, 1 << 30),
	ROW(SOL_TCP, TCP_QUICKACK, QUICK, lingers, 0, 0),
	ROW(SOL_TCP, TCP_FASTOPEN, NUMBER, fast_open, 0, 4096),
	ROW(SOL_TCP, TCP_FASTOPEN_CONNECT, FLAG, fast_open_connect, 0, 0),
	ROW(SOL_TCP, TCP_FASTOPEN_NO_COOKIE, FLAG, no_cookie, 0, 0),
	ROW(SOL_TCP, TCP_FASTOPEN_KEY, COOKIE_KEY, lingers, 0, 0),
	ROW(SOL_TCP, TCP_INQ, FLAG, tells_unread, 0, 0),
	ROW(SOL_TCP, TCP_INFO, INFO, lingers, 0, 0),
	ROW(SOL_TCP, TCP_CONGESTION, ALGORITHM, congestion, 0, 0),
	ROW(SOL_IP, IP_TOS, NUMBER, traffic_class, 0, 255),
	ROW(SOL_IP, IP_TTL, NUMBER, ttl, 1, 255),
	ROW(SOL_IP, IP_MTU_DISCOVER, NUMBER, discovery, 0, 3),
	ROW(SOL_IP, IP_OPTIONS, IP_OPTION, lingers, 0, 0),
	ROW(SOL_IP, IP_MTU, ASKED, lingers, 0, 0),
	ROW(SOL_IP, IP_MINTTL, NUMBER, min_ttl, 0, 255),
	ROW(SOL_IPV6, IPV6_TCLASS, NUMBER, traffic_class, 0, 255),
	ROW(SOL_IPV6, IPV6_UNICAST_HOPS, NUMBER, ttl, 1, 255),
	ROW(SOL_IPV6, IPV6_MTU_DISCOVER, NUMBER, discovery, 0, 3),
	ROW(SOL_IPV6, IPV6_MTU, ASKED, lingers, 0, 0),
	ROW(SOL_IPV6, IPV6_V6ONLY, FLAG, v6_only, 0, 0),
	ROW(SOL_IPV6, IPV6_MINHOPCOUNT, NUMBER, min_ttl, 0, 255),
};

static const row *find_row(int64_t level, int64_t option)
{
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		if (rows[i].level == level && rows[i].option == option)
			return &rows[i];
	}
	return NULL;
}

static const char *name_of(const hf_expr *e)
{
	return e->kind == HF_EXPR_INTEGER && e->text != NULL ? e->text : "of a number";
}

/* `[value]` and plain `value` are both allowed. */
static const hf_expr *inside(const hf_expr *e)
{
	return e->kind == HF_EXPR_LIST && e->first != NULL ? e->first : e;
}

static hf_congestion_control algorithm(const hf_expr *value)
{
	value = inside(value);
	return value->kind == HF_EXPR_STRING ? hf_drill_congestion_named(value->text) :
					       HF_CONGESTION_DEFAULT;
}

static const row *row_of(const hf_calling *c, const char **why)
{
	const hf_expr *level = hf_call_arg(c, 1), *option = hf_call_arg(c, 2);

	*why = NULL;
	if (level->kind == HF_EXPR_INTEGER && option->kind == HF_EXPR_INTEGER)
		return find_row(level->value, option->value);
	*why = "level and option are numbers";
	return NULL;
}

static bool is_key(const row *r)
{
	return r->kind == MD5_KEY || r->kind == AO_KEY;
}

/* Can it not be set, or (where `is_set` is false) asked for? */
static bool is_one_way(const row *r, bool is_set)
{
	if (is_set)
		return r->kind == ASKED || r->kind == INFO;
	return is_key(r) || r->kind == QUICK;
}

/* A key that both ends have would stand for the cookie's: the stack has its own. */
static bool has_shared_key(const hf_expr *value)
{
	const hf_expr *key = hf_expr_field(value, "psk");

	for (size_t i = 0; key != NULL && i < key->len; i++) {
		if (key->text[i] != 0)
			return true;
	}
	return false;
}

void hf_sockopt_check(hf_drill_script *script, const hf_drill_call *call, bool is_set)
{
	const hf_expr *level = hf_expr_nth(call->arguments, 1);
	const hf_expr *option = hf_expr_nth(call->arguments, 2);
	const hf_expr *value = hf_expr_nth(call->arguments, 3);
	const row *r = find_row(level->value, option->value);

	if (r == NULL || is_one_way(r, is_set))
		hf_drill_need(script, option->at,
			      hf_arena_format(&script->arena, "%s %s, %s", call->name,
					      name_of(level), name_of(option)));
	else if (has_shared_key(value))
		hf_drill_need(script, value->at, "Fast Open with a pre-shared key");
	else if (r->kind == STAMPING && is_set)
		hf_stamping_check(script, inside(value));
	else if (r->kind == INFO)
		hf_info_check(script, inside(value));
	else if (r->kind == ALGORITHM && is_set && call->error == NULL &&
		 algorithm(value) == HF_CONGESTION_DEFAULT)
		hf_drill_need(script, value->at,
			      hf_arena_format(&script->arena, "congestion control '%s'",
					      inside(value)->kind == HF_EXPR_STRING ?
						      inside(value)->text :
						      "of a number"));
}

/* ---- Setting ---- */

/* A buffer's size may change whenever it is wanted to. */
static void set_buffer(const hf_calling *c, hf_sock *sock, const row *r, int64_t n)
{
	hf_stack *stack = c->sockets->world->stack;
	hf_option option = r->option == HF_SYM_SO_SNDBUF ? HF_OPTION_SEND_BUFFER :
							   HF_OPTION_RECEIVE_BUFFER;

	if (sock->phase == HF_SOCK_LISTENING)
		hf_listener_set(stack, sock->listener, option, n);
	else if (sock->phase >= HF_SOCK_CONNECTING)
		hf_conn_set(stack, sock->conn, option, n);
}

static void set_linger(const hf_calling *c, hf_sock *sock, const hf_expr *value)
{
	const hf_expr *on = hf_expr_field(value, "onoff"), *time = hf_expr_field(value, "linger");

	if (on == NULL || time == NULL) {
		hf_call_trouble(c, "SO_LINGER takes {onoff=..., linger=...}");
		return;
	}
	sock->options.lingers = on->value != 0;
	sock->options.linger = time->value;
	hf_call_done(c, 0);
}

/* Microseconds of {tv_sec=..., tv_usec=...}; -1: it is something else. */
static int64_t time_of(const hf_expr *value)
{
	const hf_expr *s = hf_expr_field(value, "tv_sec"), *us = hf_expr_field(value, "tv_usec");

	if (s == NULL || us == NULL || s->kind != HF_EXPR_INTEGER || us->kind != HF_EXPR_INTEGER ||
	    s->value < 0 || s->value > SECONDS_MAX)
		return -1;
	return s->value * 1000000 + us->value;
}

static void set_time(const hf_calling *c, hf_sock *sock, const row *r, const hf_expr *value)
{
	int64_t us = time_of(value);

	if (us < 0) {
		hf_call_trouble(c, "this option takes {tv_sec=..., tv_usec=...}");
		return;
	}
	*(int64_t *)((char *)&sock->options + r->at) = us;
	hf_call_done(c, 0);
}

static bool set_number(const hf_calling *c, hf_sock *sock, const row *r, int64_t n)
{
	char *field = (char *)&sock->options + r->at;

	if (r->kind == FLAG) {
		*(bool *)field = n != 0;
		return true;
	}
	if (r->kind == QUICK) {
		if (sock->phase >= HF_SOCK_CONNECTING)
			hf_conn_set(c->sockets->world->stack, sock->conn, HF_OPTION_QUICK_ACK,
				    n != 0);
		return true;
	}
	if (n < r->least || n > r->most) {
		hf_call_fail(c, HF_EINVAL);
		return false;
	}
	*(int64_t *)field = n;
	if (r->kind == BUFFER)
		set_buffer(c, sock, r, n);
	return true;
}

/* What is set is in force at once, and with accept for the connections of a listener. */
static void set_done(const hf_calling *c, hf_sock *sock)
{
	if (sock->phase >= HF_SOCK_CONNECTING)
		hf_sock_apply(c->sockets, sock);
	if (sock->phase == HF_SOCK_LISTENING) {
		hf_sock_apply_listener(c->sockets, sock);
		hf_sock_apply_tcp(c->sockets, sock);
	}
	hf_call_done(c, 0);
}

static void set_algorithm(const hf_calling *c, hf_sock *sock, const hf_expr *value)
{
	hf_congestion_control module = algorithm(value);

	if (module == HF_CONGESTION_DEFAULT) {
		hf_call_fail(c, HF_ENOENT);
		return;
	}
	sock->options.congestion = module;
	set_done(c, sock);
}

/* FreeBSD's {enable=1, psk=...} of TCP_FASTOPEN says the same as the number. */
static const hf_expr *number_in(const hf_expr *value)
{
	const hf_expr *on = hf_expr_field(value, "enable");

	return on != NULL ? on : value;
}

/* Is the value something else than a number or the name of an algorithm? */
static bool is_struct(const row *r)
{
	return is_key(r) || r->kind == COOKIE_KEY || r->kind == IP_OPTION || r->kind == LINGER ||
	       r->kind == TIME;
}

static void set_struct(const hf_calling *c, hf_sock *sock, const row *r, const hf_expr *value)
{
	if (is_key(r))
		hf_call_set_key(c, sock, value);
	else if (r->kind == COOKIE_KEY)
		hf_call_set_cookie_key(c, value);
	else if (r->kind == IP_OPTION)
		hf_call_set_ip_options(c, sock, value);
	else if (r->kind == LINGER)
		set_linger(c, sock, value);
	else
		set_time(c, sock, r, value);
}

void hf_call_setsockopt(const hf_calling *c)
{
	hf_sock *sock = hf_call_sock(c);
	const hf_expr *value;
	const char *why;
	const row *r;

	if (sock == NULL)
		return;
	r = row_of(c, &why);
	value = number_in(inside(hf_call_arg(c, 3)));
	if (r == NULL || r->kind == ASKED || r->kind == INFO) {
		hf_call_trouble(c, why != NULL ? why : "this option cannot be set");
	} else if (is_struct(r)) {
		set_struct(c, sock, r, value);
	} else if (r->kind == ALGORITHM) {
		set_algorithm(c, sock, value);
	} else if (value->kind != HF_EXPR_INTEGER) {
		hf_call_trouble(c, "the value of this option is a number");
	} else if (r->kind == STAMPING) {
		hf_call_set_stamping(c, sock, value->value);
	} else if (set_number(c, sock, r, value->value)) {
		set_done(c, sock);
	}
}

/* ---- Getting ---- */

static int64_t asked(const hf_calling *c, hf_sock *sock, int option)
{
	switch (option) {
	case HF_SYM_SO_ERROR:
		hf_sock_look(c->sockets, sock);
		return hf_sock_take_error(sock);
	case HF_SYM_SO_TYPE:
		return HF_SYM_SOCK_STREAM;
	case HF_SYM_SO_DOMAIN:
		return sock->domain;
	case HF_SYM_SO_PROTOCOL:
		return HF_SYM_IPPROTO_TCP;
	case HF_SYM_IP_MTU:
	case HF_SYM_IPV6_MTU:
		return hf_sock_info(c->sockets, sock).pmtu;
	case HF_SYM_SO_ACCEPTCONN:
		return sock->phase == HF_SOCK_LISTENING;
	default:
		return 0;
	}
}

/* What the stack does by itself, for a number that nobody set. */
static int64_t unset(const hf_calling *c, const row *r)
{
	const hf_config *config = &c->sockets->world->config;

	if (r->at == offsetof(hf_sock_options, discovery))
		return config->no_path_mtu_discovery ? HF_SYM_IP_PMTUDISC_DONT :
						       HF_SYM_IP_PMTUDISC_WANT;
	if (r->at == offsetof(hf_sock_options, ttl))
		return config->ttl != 0 ? config->ttl : DEFAULT_TTL;
	if (r->at == offsetof(hf_sock_options, keep_idle))
		return KEEP_IDLE;
	return hf_sock_tcp_default(c->sockets, r->at);
}

static int64_t get_number(const hf_calling *c, hf_sock *sock, const row *r)
{
	const char *field = (const char *)&sock->options + r->at;
	int64_t n;

	if (r->option == HF_SYM_TCP_MAXSEG && r->level == HF_SYM_SOL_TCP &&
	    sock->phase >= HF_SOCK_CONNECTING)
		return hf_sock_info(c->sockets, sock).snd_mss;
	if (r->kind == ASKED)
		return asked(c, sock, r->option);
	if (r->kind == FLAG)
		return *(const bool *)field;
	n = *(const int64_t *)field;
	if (r->kind == BUFFER) /* Linux counts its own needs in: twice as much */
		return c->sockets->profile == HF_PROFILE_LINUX ? 2 * n : n;
	return n < r->least ? unset(c, r) : n;
}

static void compare_linger(const hf_calling *c, const hf_sock *sock, const hf_expr *value)
{
	const hf_expr *on = hf_expr_field(value, "onoff"), *time = hf_expr_field(value, "linger");

	if (on != NULL && on->value != sock->options.lingers)
		hf_call_mismatch(c, "onoff", on->value, sock->options.lingers);
	else if (time != NULL && time->value != sock->options.linger)
		hf_call_mismatch(c, "linger", time->value, sock->options.linger);
}

static void compare_algorithm(const hf_calling *c, hf_sock *sock, const hf_expr *value)
{
	hf_congestion_control module = hf_sock_info(c->sockets, sock).congestion;

	if (module == HF_CONGESTION_DEFAULT && sock->options.congestion != HF_SOCK_UNSET)
		module = (hf_congestion_control)sock->options.congestion;
	if (module == HF_CONGESTION_DEFAULT)
		module = hf_congestion_chosen(&c->sockets->world->config);
	if (value->kind == HF_EXPR_STRING && algorithm(value) != module)
		c->answer->mismatch = hf_arena_format(c->sockets->arena,
						      "the value: expected \"%s\", got \"%s\"",
						      value->text, hf_congestion_name(module));
}

static void compare_value(const hf_calling *c, hf_sock *sock, const row *r, const hf_expr *value)
{
	int64_t n;

	if (r->kind == INFO) {
		hf_call_get_info(c, sock, value);
	} else if (r->kind == COOKIE_KEY) {
		hf_call_get_cookie_key(c, value);
	} else if (r->kind == IP_OPTION) {
		hf_call_get_ip_options(c, sock, value);
	} else if (r->kind == LINGER) {
		compare_linger(c, sock, value);
	} else if (r->kind == TIME) {
		n = *(const int64_t *)((const char *)&sock->options + r->at);
		if (value->kind != HF_EXPR_ELLIPSIS && time_of(value) != n)
			hf_call_mismatch(c, "microseconds", time_of(value), n);
	} else if (r->kind == ALGORITHM) {
		compare_algorithm(c, sock, value);
	} else {
		n = get_number(c, sock, r);
		if (value->kind == HF_EXPR_INTEGER && value->value != n)
			hf_call_mismatch(c, "the value", value->value, n);
	}
}

void hf_call_getsockopt(const hf_calling *c)
{
	hf_sock *sock = hf_call_sock(c);
	const row *r;
	const char *why;

	if (sock == NULL)
		return;
	r = row_of(c, &why);
	if (r == NULL || r->kind == QUICK) {
		hf_call_trouble(c, why != NULL ? why : "this option is not supported");
		return;
	}
	if (r->kind == BUFFER && *(const int64_t *)((const char *)&sock->options + r->at) == 0) {
		hf_call_trouble(c, "the size of a buffer that was not set is not known");
		return;
	}
	hf_call_done(c, 0);
	compare_value(c, sock, r, inside(hf_call_arg(c, 3)));
}

/* ---- fcntl and ioctl ---- */

void hf_call_fcntl(const hf_calling *c)
{
	hf_sock *sock = hf_call_sock(c);
	int64_t command, value = 0;

	if (sock == NULL || !hf_call_int(c, 1, 0, &command) ||
	    (hf_call_arg(c, 2) != NULL && !hf_call_int(c, 2, 0, &value)))
		return;
	switch (command) {
	case HF_SYM_F_GETFL:
		hf_call_done(c, HF_SYM_O_RDWR | (sock->is_nonblocking ? HF_SYM_O_NONBLOCK : 0));
		return;
	case HF_SYM_F_SETFL:
		sock->is_nonblocking = value & HF_SYM_O_NONBLOCK;
		hf_call_done(c, 0);
		return;
	case HF_SYM_F_GETFD:
		hf_call_done(c, sock->closes_on_exec);
		return;
	case HF_SYM_F_SETFD:
		sock->closes_on_exec = value & HF_SYM_FD_CLOEXEC;
		hf_call_done(c, 0);
		return;
	default:
		hf_call_trouble(c, "this command of fcntl is not supported");
	}
}

static bool asks(int64_t command)
{
	return command == HF_SYM_SIOCATMARK || command == HF_SYM_SIOCINQ ||
	       command == HF_SYM_SIOCOUTQ || command == HF_SYM_SIOCOUTQNSD;
}

static int64_t answer_to(hf_sockets *s, const hf_sock *sock, int64_t command)
{
	hf_conn_info info = hf_sock_info(s, sock);

	switch (command) {
	case HF_SYM_SIOCATMARK:
		return hf_sock_urgent(s, sock).at_mark;
	case HF_SYM_SIOCINQ:
		return hf_sock_before_mark(s, sock);
	case HF_SYM_SIOCOUTQNSD:
		return info.unsent;
	default: /* SIOCOUTQ */
		return (int64_t)info.unsent + info.in_flight;
	}
}

void hf_call_ioctl(const hf_calling *c)
{
	hf_sock *sock = hf_call_sock(c);
	const hf_expr *value;
	int64_t command, n;

	if (sock == NULL || !hf_call_int(c, 1, 0, &command))
		return;
	value = inside(hf_call_arg(c, 2));
	if (command == HF_SYM_FIONBIO && value->kind == HF_EXPR_INTEGER) {
		sock->is_nonblocking = value->value != 0;
		hf_call_done(c, 0);
		return;
	}
	if (!asks(command)) {
		hf_call_trouble(c, "this command of ioctl is not supported");
		return;
	}
	if (sock->phase == HF_SOCK_LISTENING) {
		hf_call_fail(c, HF_EINVAL);
		return;
	}
	n = answer_to(c->sockets, sock, command);
	hf_call_done(c, 0);
	if (value->kind == HF_EXPR_INTEGER && value->value != n)
		hf_call_mismatch(c, "the value", value->value, n);
}
