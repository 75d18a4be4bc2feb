/* SPDX-License-Identifier: BSD-2-Clause */
/* Sockets: descriptors, and the calls that make, open and close connections. */
#include "drill/sockets.h"

#include <string.h>

#include "drill/names.h"

#define FIRST_FD 3
#define KEEP_IDLE 7200

/* ---- Descriptors ---- */

hf_sock *hf_sock_find(const hf_sockets *s, int64_t fd)
{
	for (hf_sock *sock = s->open; sock != NULL; sock = sock->next) {
		if (sock->fd == fd)
			return sock;
	}
	return NULL;
}

int64_t hf_sock_free_number(const hf_sockets *s)
{
	int64_t fd = FIRST_FD;

	while (hf_sock_find(s, fd) != NULL)
		fd++;
	return fd;
}

bool hf_sock_number(hf_sockets *s, hf_sock *sock, int64_t fd)
{
	if (hf_sock_find(s, fd) != NULL)
		return false;
	sock->fd = fd;
	return true;
}

hf_sock *hf_sock_new(hf_sockets *s)
{
	hf_sock *sock = hf_arena_take(s->arena, sizeof(*sock));

	sock->fd = -1;
	sock->options.ttl = sock->options.traffic_class = -1;
	sock->options.min_ttl = sock->options.discovery = -1;
	sock->options.receive_low = 1;
	hf_sock_unset_tcp(&sock->options);
	if (s->setup->mss != 0)
		sock->options.mss = s->setup->mss;
	sock->next = s->open;
	s->open = sock;
	return sock;
}

void hf_sock_forget(hf_sockets *s, const hf_sock *gone)
{
	hf_sock **link = &s->open;

	while (*link != gone)
		link = &(*link)->next;
	*link = gone->next;
	if (s->tested == gone)
		s->tested = NULL;
	for (hf_sock *e = s->open; e != NULL; e = e->next) {
		for (hf_watch **w = &e->watches; *w != NULL;) {
			if ((*w)->sock == gone)
				*w = (*w)->next;
			else
				w = &(*w)->next;
		}
	}
}

/* ---- What became of a connection ---- */

int hf_errno_of(hf_err e)
{
	switch (e) {
	case HF_ERR_NO_MEMORY:
	case HF_ERR_LIMIT:
		return HF_ENOBUFS;
	case HF_ERR_AGAIN:
		return HF_EAGAIN;
	case HF_ERR_IN_USE:
		return HF_EADDRINUSE;
	case HF_ERR_NO_ADDRESS:
	case HF_ERR_NO_PORT:
		return HF_EADDRNOTAVAIL;
	case HF_ERR_NO_ROUTE:
		return HF_ENETUNREACH;
	case HF_ERR_NOT_CONNECTED:
		return HF_ENOTCONN;
	case HF_ERR_CLOSING:
		return HF_EPIPE;
	case HF_ERR_REFUSED:
		return HF_ECONNREFUSED;
	case HF_ERR_RESET:
		return HF_ECONNRESET;
	case HF_ERR_TIMED_OUT:
		return HF_ETIMEDOUT;
	case HF_ERR_UNREACHABLE:
		return HF_EHOSTUNREACH;
	case HF_ERR_ABORTED:
		return HF_ECONNABORTED;
	default:
		return HF_EINVAL;
	}
}

/* As Linux answers each of these: icmp_err_convert[] and tcp_reset() say which. */
static int errno_of_end(const hf_conn_info *info)
{
	switch (info->reason) {
	case HF_WHY_CLOSED_BY_BOTH:
	case HF_WHY_ABORTED_HERE:
	case HF_WHY_CLOSED_UNOPENED:
		return 0;
	case HF_WHY_RESET_BY_PEER:
		return info->peer_closed ? HF_EPIPE : HF_ECONNRESET;
	case HF_WHY_REFUSED_BY_PEER:
	case HF_WHY_ICMP_PORT:
		return HF_ECONNREFUSED;
	case HF_WHY_ICMP_NET:
		return HF_ENETUNREACH;
	case HF_WHY_ICMP_PROTOCOL:
		return HF_ENOPROTOOPT;
	case HF_WHY_ICMP_HOST:
	case HF_WHY_ICMP_ADMIN:
	case HF_WHY_ICMP_TTL:
		return HF_EHOSTUNREACH;
	case HF_WHY_ICMP_PARAMETER:
		return HF_EPROTO;
	case HF_WHY_SYN_TIMEOUT:
	case HF_WHY_HALF_OPEN_EXPIRED:
	case HF_WHY_DATA_TIMEOUT:
	case HF_WHY_USER_TIMEOUT:
	case HF_WHY_PROBE_TIMEOUT:
	case HF_WHY_KEEPALIVE_TIMEOUT:
		return HF_ETIMEDOUT;
	default:
		return HF_ECONNABORTED;
	}
}

hf_conn_info hf_sock_info(const hf_sockets *s, const hf_sock *sock)
{
	hf_conn_info info = { .state = HF_CLOSED };

	if (sock->phase >= HF_SOCK_CONNECTING &&
	    hf_conn_info_get(s->world->stack, sock->conn, &info) != HF_OK)
		info = (hf_conn_info){ .state = HF_CLOSED, .reason = HF_WHY_CLOSED_BY_BOTH };
	return info;
}

void hf_sock_look(hf_sockets *s, hf_sock *sock)
{
	hf_conn_info info;

	if (sock->phase < HF_SOCK_CONNECTING)
		return;
	info = hf_sock_info(s, sock);
	if (sock->phase == HF_SOCK_CONNECTING && info.state >= HF_ESTABLISHED) {
		sock->phase = HF_SOCK_CONNECTED;
		hf_sock_apply(s, sock);
	}
	if (info.state != HF_CLOSED)
		return;
	sock->phase = HF_SOCK_ENDED;
	if (!sock->error_taken)
		sock->error = errno_of_end(&info);
	sock->error_taken = true;
}

int hf_sock_take_error(hf_sock *sock)
{
	int error = sock->error;

	sock->error = 0;
	return error;
}

unsigned hf_sockets_closed(hf_sockets *s)
{
	unsigned n = 0;

	for (hf_sock *sock = s->open; sock != NULL; sock = sock->next) {
		hf_sock_look(s, sock);
		n += sock->kind == HF_SOCK_SOCKET &&
		     (sock->phase == HF_SOCK_NEW || sock->phase == HF_SOCK_ENDED);
	}
	return n;
}

static void set(hf_sockets *s, const hf_sock *sock, hf_option option, int64_t value)
{
	hf_conn_set(s->world->stack, sock->conn, option, value);
}

void hf_sock_apply(hf_sockets *s, hf_sock *sock)
{
	const hf_sock_options *o = &sock->options;
	int64_t idle = o->keep_idle != 0 ? o->keep_idle : KEEP_IDLE;

	set(s, sock, HF_OPTION_NO_DELAY, o->no_delay);
	set(s, sock, HF_OPTION_CORK, o->cork);
	set(s, sock, HF_OPTION_KEEPALIVE, o->keepalive ? HF_SEC(idle) : 0);
	set(s, sock, HF_OPTION_URGENT_APART, !o->oob_inline);
	set(s, sock, HF_OPTION_USER_TIMEOUT, HF_MS(o->user_timeout));
	hf_sock_apply_ip(s, sock);
	hf_sock_apply_tcp(s, sock);
}

/* ---- Making ---- */

void hf_call_socket(const hf_calling *c)
{
	hf_sockets *s = c->sockets;
	int64_t domain, type, protocol,
		own = s->setup->is_v6 || s->setup->is_mapped ? HF_SYM_AF_INET6 : HF_SYM_AF_INET;
	hf_sock *sock;

	if (!hf_call_int(c, 0, own, &domain) || !hf_call_int(c, 1, HF_SYM_SOCK_STREAM, &type) ||
	    !hf_call_int(c, 2, 0, &protocol))
		return;
	if (domain != HF_SYM_AF_INET && domain != HF_SYM_AF_INET6) {
		hf_call_fail(c, HF_EAFNOSUPPORT);
		return;
	}
	if ((type & ~(HF_SYM_SOCK_NONBLOCK | HF_SYM_SOCK_CLOEXEC)) != HF_SYM_SOCK_STREAM ||
	    (protocol != 0 && protocol != HF_SYM_IPPROTO_TCP)) {
		hf_call_trouble(c, "only sockets of TCP are supported");
		return;
	}
	sock = hf_sock_new(s);
	sock->domain = domain;
	sock->is_nonblocking = type & HF_SYM_SOCK_NONBLOCK;
	sock->closes_on_exec = type & HF_SYM_SOCK_CLOEXEC;
	c->answer->made = sock;
	s->tested = sock;
	s->made(s->ctx);
}

bool hf_call_port(const hf_calling *c, unsigned n, uint16_t otherwise, uint16_t *out)
{
	const hf_expr *e = hf_call_arg(c, n), *port;

	*out = otherwise;
	if (e->kind == HF_EXPR_ELLIPSIS)
		return true;
	port = hf_expr_field(e, "sin_port");
	if (port == NULL)
		port = hf_expr_field(e, "sin6_port");
	if (port != NULL && port->kind == HF_EXPR_CALL && strcmp(port->text, "htons") == 0)
		port = port->first;
	if (port == NULL || port->kind != HF_EXPR_INTEGER || port->value < 0 ||
	    port->value > UINT16_MAX) {
		hf_call_trouble(c, "an address is '...' or has sin_port=htons(PORT)");
		return false;
	}
	*out = (uint16_t)port->value;
	return true;
}

/* Does another socket stand in the way of this port? SO_REUSEADDR lets all but listeners pass. */
static bool is_taken(const hf_sockets *s, const hf_sock *self, uint16_t port)
{
	for (const hf_sock *o = s->open; o != NULL; o = o->next) {
		bool both_reuse = o->options.reuse_address && self->options.reuse_address;

		if (o != self && o->is_bound && o->port == port &&
		    (!both_reuse || o->phase == HF_SOCK_LISTENING))
			return true;
	}
	return false;
}

void hf_call_bind(const hf_calling *c)
{
	hf_sock *sock = hf_call_sock(c);
	uint16_t port;

	if (sock == NULL || !hf_call_port(c, 1, c->sockets->setup->bind_port, &port))
		return;
	if (sock->is_bound || sock->phase != HF_SOCK_NEW) {
		hf_call_fail(c, HF_EINVAL);
	} else if (is_taken(c->sockets, sock, port)) {
		hf_call_fail(c, HF_EADDRINUSE);
	} else {
		sock->is_bound = true;
		sock->port = port;
		hf_call_done(c, 0);
	}
}

static void listen_now(const hf_calling *c, hf_sock *sock, uint32_t backlog)
{
	hf_world *w = c->sockets->world;
	hf_endpoint at = { .port = sock->port };
	/* Linux takes one more than it was told, FreeBSD half as many more. */
	hf_listener_options o = {
		.size = sizeof(o),
		.backlog = c->sockets->profile == HF_PROFILE_FREEBSD ? backlog + backlog / 2 :
								       backlog + 1,
		.send_buffer = (uint32_t)sock->options.send_buffer,
		.receive_buffer = (uint32_t)sock->options.receive_buffer,
		.fast_open = (uint32_t)sock->options.fast_open,
		.route = sock->options.route,
	};
	hf_err err = hf_listener_open(w->stack, &at, &o, &sock->listener);

	if (err != HF_OK) {
		hf_call_fail(c, hf_errno_of(err));
		return;
	}
	hf_sock_apply_listener(c->sockets, sock);
	hf_listener_endpoint(w->stack, sock->listener, &at);
	sock->port = at.port;
	sock->is_bound = true;
	sock->backlog = backlog;
	sock->phase = HF_SOCK_LISTENING;
	hf_sock_apply_tcp(c->sockets, sock);
	hf_call_done(c, 0);
}

void hf_call_listen(const hf_calling *c)
{
	hf_sock *sock = hf_call_sock(c);
	int64_t backlog;

	if (sock == NULL || !hf_call_int(c, 1, 1, &backlog))
		return;
	backlog = backlog < 1 ? 1 : backlog > 4096 ? 4096 : backlog;
	if (sock->phase == HF_SOCK_NEW)
		listen_now(c, sock, (uint32_t)backlog);
	else if (sock->phase != HF_SOCK_LISTENING)
		hf_call_fail(c, HF_EINVAL);
	else if (sock->backlog == backlog)
		hf_call_done(c, 0);
	else
		hf_call_trouble(c, "the backlog of a listener cannot be changed");
}

/* ---- Accepting ---- */

bool hf_sock_take_waiting(hf_sockets *s, hf_sock *sock, hf_conn *out)
{
	if (sock->waiting != NULL) {
		*out = *sock->waiting;
		sock->waiting = NULL;
		return true;
	}
	return hf_listener_accept(s->world->stack, sock->listener, out) == HF_OK;
}

static void accept_as(const hf_calling *c, int64_t flags)
{
	hf_sock *sock = hf_call_sock(c), *child;
	hf_conn conn;

	if (sock == NULL)
		return;
	if (sock->phase != HF_SOCK_LISTENING) {
		hf_call_fail(c, HF_EINVAL);
		return;
	}
	if (!hf_sock_take_waiting(c->sockets, sock, &conn)) {
		if (sock->is_nonblocking || !hf_call_sleep_up_to(c, sock->options.receive_timeout))
			hf_call_fail(c, HF_EAGAIN);
		return;
	}
	child = hf_sock_new(c->sockets);
	child->domain = sock->domain;
	child->options = sock->options;
	child->phase = HF_SOCK_CONNECTED; /* with Fast Open the handshake may go on */
	child->conn = conn;
	child->port = sock->port;
	child->is_nonblocking = flags & HF_SYM_SOCK_NONBLOCK;
	child->closes_on_exec = flags & HF_SYM_SOCK_CLOEXEC;
	hf_sock_apply(c->sockets, child);
	c->answer->made = child;
	c->sockets->tested = child;
}

void hf_call_accept(const hf_calling *c)
{
	accept_as(c, 0);
}

void hf_call_accept4(const hf_calling *c)
{
	int64_t flags;

	if (hf_call_int(c, 3, 0, &flags))
		accept_as(c, flags);
}

/* ---- Connecting ---- */

bool hf_sock_open(const hf_calling *c, hf_sock *sock, uint16_t port, bool is_fast)
{
	hf_sockets *s = c->sockets;
	hf_endpoint remote = { s->setup->remote, port };
	hf_conn_options o = {
		.size = sizeof(o),
		.local = { .port = sock->port },
		.send_buffer = (uint32_t)sock->options.send_buffer,
		.receive_buffer = (uint32_t)sock->options.receive_buffer,
		.fast_open = is_fast,
		.fast_open_no_cookie = sock->options.no_cookie,
		.route = sock->options.route,
	};
	hf_endpoint local = { s->setup->local, sock->port };
	hf_err err = hf_conn_open(s->world->stack, &remote, &o, s->world->now, &sock->conn);

	if (err != HF_OK) {
		hf_call_fail(c, hf_errno_of(err));
		return false;
	}
	sock->phase = HF_SOCK_CONNECTING;
	sock->error = 0;
	sock->error_taken = false;
	sock->read_shut = sock->write_shut = false;
	sock->written = sock->stamps_from = 0;
	sock->owes_connect = true;
	hf_sock_apply(s, sock);
	s->connected(s->ctx, &local, &remote);
	return true;
}

static void open_now(const hf_calling *c, hf_sock *sock, uint16_t port)
{
	if (!hf_sock_open(c, sock, port, sock->options.fast_open_connect))
		return;
	if (hf_sock_info(c->sockets, sock).fast_open_room > 0) { /* the first write will do it */
		sock->owes_connect = false;
		hf_call_done(c, 0);
	} else if (sock->is_nonblocking || !hf_call_sleep_up_to(c, sock->options.send_timeout)) {
		hf_call_fail(c, HF_EINPROGRESS);
	}
}

/* The socket is as new again. */
static void let_go(hf_sockets *s, hf_sock *sock)
{
	hf_conn_abort(s->world->stack, sock->conn);
	sock->phase = HF_SOCK_NEW;
	if (!sock->is_bound)
		sock->port = 0;
}

bool hf_call_is_unspecified(const hf_expr *address)
{
	const hf_expr *family = hf_expr_field(address, "sa_family");

	return (address->kind == HF_EXPR_INTEGER && address->value == HF_SYM_AF_UNSPEC) ||
	       (family != NULL && family->kind == HF_EXPR_INTEGER &&
		family->value == HF_SYM_AF_UNSPEC);
}

/* connect() on a socket that has tried before, or sleeps in it. */
static void connect_again(const hf_calling *c, hf_sock *sock)
{
	int error;

	hf_sock_look(c->sockets, sock);
	error = sock->phase == HF_SOCK_ENDED ? hf_sock_take_error(sock) : 0;
	if (sock->phase == HF_SOCK_ENDED) {
		let_go(c->sockets, sock);
		hf_call_fail(c, error != 0 ? error : HF_ECONNABORTED);
	} else if (sock->phase == HF_SOCK_CONNECTED) {
		/* That it is connected is told once. */
		if (sock->owes_connect)
			hf_call_done(c, 0);
		else
			hf_call_fail(c, HF_EISCONN);
		sock->owes_connect = false;
	} else if (c->state->is_asked_again) {
		if (!hf_call_sleep_up_to(c, sock->options.send_timeout))
			hf_call_fail(c, HF_EINPROGRESS);
	} else {
		hf_call_fail(c, HF_EALREADY);
	}
}

void hf_call_connect(const hf_calling *c)
{
	hf_sock *sock = hf_call_sock(c);
	uint16_t port;

	if (sock == NULL)
		return;
	if (hf_call_is_unspecified(hf_call_arg(c, 1))) {
		if (sock->phase >= HF_SOCK_CONNECTING)
			let_go(c->sockets, sock);
		hf_call_done(c, 0);
		return;
	}
	if (!hf_call_port(c, 1, c->sockets->setup->connect_port, &port))
		return;
	if (sock->phase == HF_SOCK_LISTENING)
		hf_call_fail(c, HF_EISCONN);
	else if (sock->phase == HF_SOCK_NEW)
		open_now(c, sock, port);
	else
		connect_again(c, sock);
}

/* ---- Closing ---- */

static void close_listener(hf_sockets *s, hf_sock *sock)
{
	if (sock->waiting != NULL)
		hf_conn_abort(s->world->stack, *sock->waiting);
	hf_listener_close(s->world->stack, sock->listener);
}

/*
 * SO_LINGER: close() sleeps until the FIN is acknowledged, or the time is over; what is left then
 * is sent all the same. Octets that nobody has read end the connection at once.
 */
static bool lingers_on(const hf_calling *c, hf_sock *sock)
{
	hf_conn_info info = hf_sock_info(c->sockets, sock);

	if (!sock->options.lingers || sock->options.linger <= 0 ||
	    sock->phase != HF_SOCK_CONNECTED || info.unread > 0)
		return false;
	if (!c->state->is_asked_again)
		hf_conn_shutdown(c->sockets->world->stack, sock->conn);
	info = hf_sock_info(c->sockets, sock);
	if (info.state != HF_FIN_WAIT_1 && info.state != HF_CLOSING && info.state != HF_LAST_ACK)
		return false;
	return hf_call_sleep_up_to(c, sock->options.linger * 1000000);
}

void hf_call_close(const hf_calling *c)
{
	hf_sock *sock = hf_call_sock(c);
	hf_sockets *s = c->sockets;

	if (sock == NULL)
		return;
	if (lingers_on(c, sock))
		return;
	if (sock->phase == HF_SOCK_LISTENING)
		close_listener(s, sock);
	else if (sock->phase >= HF_SOCK_CONNECTING && sock->options.lingers &&
		 sock->options.linger == 0)
		hf_conn_abort(s->world->stack, sock->conn);
	else if (sock->phase >= HF_SOCK_CONNECTING)
		hf_conn_close(s->world->stack, sock->conn);
	hf_sock_forget(s, sock);
	hf_call_done(c, 0);
}

void hf_call_shutdown(const hf_calling *c)
{
	hf_sock *sock = hf_call_sock(c);
	int64_t how;

	if (sock == NULL || !hf_call_int(c, 1, HF_SYM_SHUT_RDWR, &how))
		return;
	hf_sock_look(c->sockets, sock);
	if (how < HF_SYM_SHUT_RD || how > HF_SYM_SHUT_RDWR) {
		hf_call_fail(c, HF_EINVAL);
	} else if (sock->phase == HF_SOCK_NEW || sock->phase == HF_SOCK_ENDED) {
		hf_call_fail(c, HF_ENOTCONN);
	} else if (sock->phase == HF_SOCK_LISTENING) {
		/* Linux: the end of listening; writing alone makes no difference to a listener. */
		if (how != HF_SYM_SHUT_WR) {
			close_listener(c->sockets, sock);
			sock->phase = HF_SOCK_NEW;
		}
		hf_call_done(c, 0);
	} else if (sock->phase == HF_SOCK_CONNECTING) {
		let_go(c->sockets, sock);
		sock->error = HF_ECONNRESET;
		hf_call_done(c, 0);
	} else {
		sock->read_shut |= how != HF_SYM_SHUT_WR;
		sock->write_shut |= how != HF_SYM_SHUT_RD;
		if (how != HF_SYM_SHUT_RD)
			hf_conn_shutdown(c->sockets->world->stack, sock->conn);
		hf_call_done(c, 0);
	}
}
