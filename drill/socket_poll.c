/* SPDX-License-Identifier: BSD-2-Clause */
/* poll and epoll: what a descriptor is ready for, and waiting until one is. */
#include <string.h>

#include "drill/names.h"
#include "drill/sockets.h"

#define ALWAYS (HF_SYM_POLLERR | HF_SYM_POLLHUP | HF_SYM_POLLNVAL)
#define READABLE (HF_SYM_POLLIN | HF_SYM_POLLRDNORM)
#define WRITABLE (HF_SYM_POLLOUT | HF_SYM_POLLWRNORM)

/* ---- Readiness, as tcp_poll() of Linux has it ---- */

static uint32_t listener_readiness(hf_sockets *s, hf_sock *sock)
{
	hf_conn conn;

	if (sock->waiting == NULL && hf_sock_take_waiting(s, sock, &conn)) {
		sock->waiting = hf_arena_take(s->arena, sizeof(*sock->waiting));
		*sock->waiting = conn;
	}
	return sock->waiting != NULL ? READABLE : 0;
}

static bool is_writable(const hf_sock *sock, const hf_conn_info *info)
{
	int64_t used = (int64_t)info->unsent + info->in_flight;

	/* Linux wakes a writer only when a third of the buffer is free again. */
	return sock->write_shut || used < hf_sock_send_room(sock) * 2 / 3;
}

/* The urgent octet that is kept apart is not to be read, but to be had. */
static uint32_t input_readiness(hf_sockets *s, const hf_sock *sock, const hf_conn_info *info)
{
	hf_conn_urgent urgent = hf_sock_urgent(s, sock);
	bool is_apart = urgent.at_mark && !sock->options.oob_inline && info->unread > 0;
	uint32_t unread = info->unread - is_apart;
	uint32_t ready = urgent.octet_waits ? HF_SYM_POLLPRI : 0;

	if (unread > 0 && unread >= sock->options.receive_low)
		ready |= READABLE;
	return ready;
}

static uint32_t conn_readiness(hf_sockets *s, const hf_sock *sock)
{
	hf_conn_info info = hf_sock_info(s, sock);
	bool no_more_in = info.peer_closed || sock->read_shut || sock->phase == HF_SOCK_ENDED;
	uint32_t ready;

	if (sock->phase == HF_SOCK_CONNECTING)
		return 0;
	ready = input_readiness(s, sock, &info);
	if (sock->phase == HF_SOCK_ENDED || (no_more_in && sock->write_shut))
		ready |= HF_SYM_POLLHUP;
	if (no_more_in)
		ready |= READABLE | HF_SYM_POLLRDHUP;
	if (sock->phase == HF_SOCK_ENDED || is_writable(sock, &info))
		ready |= WRITABLE;
	if (sock->error != 0 || sock->notes != NULL)
		ready |= HF_SYM_POLLERR;
	return ready;
}

static uint32_t readiness(hf_sockets *s, hf_sock *sock)
{
	hf_sock_look(s, sock);
	if (sock->kind != HF_SOCK_SOCKET)
		return hf_file_readiness(sock);
	if (sock->phase == HF_SOCK_LISTENING)
		return listener_readiness(s, sock);
	if (sock->phase == HF_SOCK_NEW)
		return HF_SYM_POLLHUP | WRITABLE | (sock->error != 0 ? HF_SYM_POLLERR : 0);
	return conn_readiness(s, sock);
}

/* Nothing is ready: sleeps up to `timeout` ms, for ever below 0. False: the time is up. */
static bool wait_for_more(const hf_calling *c, int64_t timeout)
{
	hf_time end = timeout < 0 ? HF_NEVER : hf_time_add(c->state->since, HF_MS(timeout));

	if (!hf_time_before(c->sockets->world->now, end))
		return false;
	c->state->wake = end;
	hf_call_sleep(c);
	return true;
}

/* ---- poll ---- */

typedef struct polled {
	int64_t fd;
	uint32_t events;
	const hf_expr *revents; /* expected; NULL: anything */
} polled;

static bool read_polled(const hf_calling *c, const hf_expr *e, polled *out)
{
	const hf_expr *fd = hf_expr_field(e, "fd"), *events = hf_expr_field(e, "events");

	if (fd == NULL || events == NULL || fd->kind != HF_EXPR_INTEGER ||
	    events->kind != HF_EXPR_INTEGER) {
		hf_call_trouble(c, "poll takes [{fd=N, events=..., revents=...}, ...]");
		return false;
	}
	out->fd = fd->value;
	out->events = (uint32_t)events->value;
	out->revents = hf_expr_field(e, "revents");
	return true;
}

static uint32_t poll_one(const hf_calling *c, const polled *p)
{
	hf_sock *sock = hf_sock_find(c->sockets, p->fd);

	if (p->fd < 0)
		return 0;
	if (sock == NULL)
		return HF_SYM_POLLNVAL;
	return readiness(c->sockets, sock) & (p->events | ALWAYS);
}

/* How many are ready; -1: the list cannot be read. `compares`: revents are held against it. */
static int64_t poll_all(const hf_calling *c, const hf_expr *list, bool compares)
{
	int64_t ready = 0;
	uint32_t got;
	polled p;

	for (const hf_expr *e = list->first; e != NULL; e = e->next) {
		if (!read_polled(c, e, &p))
			return -1;
		got = poll_one(c, &p);
		ready += got != 0;
		if (compares && p.revents != NULL && p.revents->kind == HF_EXPR_INTEGER &&
		    p.revents->value != got)
			hf_call_mismatch(c, "revents", p.revents->value, got);
	}
	return ready;
}

void hf_call_poll(const hf_calling *c)
{
	const hf_expr *list = hf_call_arg(c, 0);
	int64_t count, timeout, ready;

	if (!hf_call_int(c, 1, 0, &count) || !hf_call_int(c, 2, -1, &timeout))
		return;
	if (list->kind != HF_EXPR_LIST || hf_expr_count(list->first) != count) {
		hf_call_trouble(c, "poll takes a list and its length");
		return;
	}
	ready = poll_all(c, list, false);
	if (ready < 0 || (ready == 0 && wait_for_more(c, timeout)))
		return;
	hf_call_done(c, ready);
	poll_all(c, list, true);
}

/* ---- epoll ---- */

void hf_call_epoll_create(const hf_calling *c)
{
	hf_sock *sock;
	int64_t n;

	if (!hf_call_int(c, 0, 1, &n))
		return;
	if (n < 0 || (n == 0 && strcmp(c->call->name, "epoll_create") == 0)) {
		hf_call_fail(c, HF_EINVAL);
		return;
	}
	sock = hf_sock_new(c->sockets);
	sock->kind = HF_SOCK_EPOLL;
	c->answer->made = sock;
}

static hf_sock *epoll_of(const hf_calling *c)
{
	int64_t fd;
	hf_sock *sock;

	if (!hf_call_int(c, 0, -1, &fd))
		return NULL;
	sock = hf_sock_find(c->sockets, fd);
	if (sock == NULL || sock->kind != HF_SOCK_EPOLL) {
		hf_call_fail(c, sock == NULL ? HF_EBADF : HF_EINVAL);
		return NULL;
	}
	return sock;
}

static hf_watch **find_watch(hf_sock *epoll, const hf_sock *sock)
{
	hf_watch **link = &epoll->watches;

	while (*link != NULL && (*link)->sock != sock)
		link = &(*link)->next;
	return link;
}

static bool read_event(const hf_calling *c, unsigned n, hf_watch *out)
{
	const hf_expr *e = hf_call_arg(c, n), *events = hf_expr_field(e, "events");

	if (events == NULL || events->kind != HF_EXPR_INTEGER) {
		hf_call_trouble(c, "an event is {events=..., fd=N}");
		return false;
	}
	out->events = (uint32_t)events->value;
	out->data = e;
	return true;
}

static void control(const hf_calling *c, hf_sock *epoll, hf_sock *sock, int64_t what)
{
	hf_watch **link = find_watch(epoll, sock), *w = *link, event = { .sock = sock };

	if (what != HF_SYM_EPOLL_CTL_DEL && !read_event(c, 3, &event))
		return;
	if (what == HF_SYM_EPOLL_CTL_ADD && w != NULL) {
		hf_call_fail(c, HF_EEXIST);
		return;
	}
	if (what != HF_SYM_EPOLL_CTL_ADD && w == NULL) {
		hf_call_fail(c, HF_ENOENT);
		return;
	}
	if (what == HF_SYM_EPOLL_CTL_DEL) {
		*link = w->next;
	} else {
		if (w == NULL)
			w = *link = hf_arena_take(c->sockets->arena, sizeof(*w));
		event.next = w->next;
		*w = event;
	}
	hf_call_done(c, 0);
}

void hf_call_epoll_ctl(const hf_calling *c)
{
	hf_sock *epoll = epoll_of(c), *sock;
	int64_t what, fd;

	if (epoll == NULL || !hf_call_int(c, 1, 0, &what) || !hf_call_int(c, 2, -1, &fd))
		return;
	sock = hf_sock_find(c->sockets, fd);
	if (sock == NULL)
		hf_call_fail(c, HF_EBADF);
	else if (sock->kind == HF_SOCK_EPOLL || what < HF_SYM_EPOLL_CTL_ADD ||
		 what > HF_SYM_EPOLL_CTL_MOD)
		hf_call_fail(c, HF_EINVAL);
	else
		control(c, epoll, sock, what);
}

/* EPOLLET: only what has begun since it was told last, or what octets that came since are for. */
static uint32_t edge(const hf_calling *c, hf_watch *w, uint32_t got)
{
	uint64_t received = hf_sock_info(c->sockets, w->sock).octets_received;
	uint32_t fresh = got & ~w->told;

	if (received != w->received)
		fresh |= got & READABLE;
	w->told &= got;
	return fresh != 0 ? got : 0;
}

static uint32_t watch_ready(const hf_calling *c, hf_watch *w)
{
	uint32_t got;

	if (w->is_off)
		return 0;
	got = readiness(c->sockets, w->sock) & (w->events | ALWAYS);
	return w->events & (uint32_t)HF_SYM_EPOLLET ? edge(c, w, got) : got;
}

static void note_told(const hf_calling *c, hf_watch *w, uint32_t got)
{
	w->is_off = w->events & HF_SYM_EPOLLONESHOT;
	w->told = got;
	w->received = hf_sock_info(c->sockets, w->sock).octets_received;
}

/* Does the script expect this event first? */
static void compare_event(const hf_calling *c, const hf_watch *w, uint32_t got)
{
	static const char *const fields[] = { "fd", "ptr", "u32", "u64" };
	const hf_expr *e = hf_call_arg(c, 1), *events = hf_expr_field(e, "events"), *x, *y;

	if (events != NULL && events->kind == HF_EXPR_INTEGER && events->value != got)
		hf_call_mismatch(c, "events", events->value, got);
	for (size_t i = 0; i < sizeof(fields) / sizeof(fields[0]); i++) {
		x = hf_expr_field(e, fields[i]);
		y = hf_expr_field(w->data, fields[i]);
		if (x != NULL && x->kind == HF_EXPR_INTEGER && (y == NULL || y->value != x->value))
			hf_call_mismatch(c, fields[i], x->value, y != NULL ? y->value : 0);
	}
}

void hf_call_epoll_wait(const hf_calling *c)
{
	hf_sock *epoll = epoll_of(c);
	int64_t most, timeout, n = 0;
	uint32_t got;

	if (epoll == NULL || !hf_call_int(c, 2, 1, &most) || !hf_call_int(c, 3, -1, &timeout))
		return;
	if (most <= 0) {
		hf_call_fail(c, HF_EINVAL);
		return;
	}
	for (hf_watch *w = epoll->watches; w != NULL && n < most; w = w->next) {
		got = watch_ready(c, w);
		if (got == 0)
			continue;
		if (n++ == 0)
			compare_event(c, w, got);
		note_told(c, w, got);
	}
	if (n > 0 || !wait_for_more(c, timeout))
		hf_call_done(c, n);
}
