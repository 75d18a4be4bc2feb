/* SPDX-License-Identifier: BSD-2-Clause */
/* The calls that move octets: reading and writing in all their forms. */
#include <string.h>

#include "drill/names.h"
#include "drill/sockets.h"

#define CHUNK 65536u

static const uint8_t zeros[CHUNK];

/** What is asked of a read or a write. */
typedef struct request {
	hf_sock *sock;
	uint64_t len;
	int64_t flags;
	bool has_no_buffer; /**< NULL in its place */
	int64_t stamping;   /**< -1; or the times that a control message asks for */
} request;

/* ---- Both ways ---- */

/* The connection is gone: what is told first is how, then what remains true of it. */
static void tell_end(const hf_calling *c, hf_sock *sock, bool is_writing)
{
	int error = hf_sock_take_error(sock);

	if (error != 0)
		hf_call_fail(c, error);
	else if (is_writing)
		hf_call_fail(c, HF_EPIPE);
	else
		hf_call_done(c, 0);
}

/* No connection was ever begun. */
static void tell_unconnected(const hf_calling *c, hf_sock *sock, bool is_writing)
{
	bool is_bsd = c->sockets->profile == HF_PROFILE_FREEBSD;
	int error = hf_sock_take_error(sock);

	if (error == 0)
		error = is_writing && !is_bsd ? HF_EPIPE : HF_ENOTCONN;
	hf_call_fail(c, error);
}

/* The connection is up or over, so that octets can be asked for. False: answered. */
static bool is_ready_for_octets(const hf_calling *c, hf_sock *sock, bool is_writing, bool may_sleep)
{
	hf_sock_look(c->sockets, sock);
	switch (sock->phase) {
	case HF_SOCK_NEW:
	case HF_SOCK_LISTENING:
		tell_unconnected(c, sock, is_writing);
		return false;
	case HF_SOCK_CONNECTING:
		if (may_sleep)
			hf_call_sleep(c);
		else
			hf_call_fail(c, HF_EAGAIN);
		return false;
	case HF_SOCK_CONNECTED:
	case HF_SOCK_ENDED:
		break;
	}
	return true;
}

static bool may_sleep(const request *r)
{
	return !r->sock->is_nonblocking && !(r->flags & HF_SYM_MSG_DONTWAIT);
}

/* Flags that a call in this direction knows. */
static bool flags_are_known(const hf_calling *c, int64_t flags, int64_t known)
{
	if ((flags & ~known) == 0)
		return true;
	hf_call_trouble(c, "one of the flags is not supported");
	return false;
}

/* ---- Reading ---- */

hf_conn_urgent hf_sock_urgent(const hf_sockets *s, const hf_sock *sock)
{
	hf_conn_urgent u = { 0 };

	if (sock->phase >= HF_SOCK_CONNECTING)
		hf_conn_urgent_get(s->world->stack, sock->conn, &u);
	return u;
}

uint32_t hf_sock_before_mark(const hf_sockets *s, const hf_sock *sock)
{
	uint32_t unread = hf_sock_info(s, sock).unread, ahead = hf_sock_urgent(s, sock).ahead;

	return sock->options.oob_inline || ahead == 0 || ahead > unread ? unread : ahead - 1;
}

static bool are_zeros(const uint8_t *at, size_t len)
{
	return len == 0 || (at[0] == 0 && memcmp(at, at + 1, len - 1) == 0);
}

/* Takes up to `len` octets. The script sends zeros: others were never sent. */
static uint64_t take(const hf_calling *c, const request *r)
{
	uint8_t *room = hf_arena_take(c->sockets->arena, CHUNK);
	uint64_t done = 0;
	size_t got = 1;

	while (done < r->len && got > 0) {
		size_t want = r->len - done < CHUNK ? (size_t)(r->len - done) : CHUNK;

		got = 0;
		if (hf_conn_receive(c->sockets->world->stack, r->sock->conn, room, want, &got) !=
		    HF_OK)
			break;
		if (!are_zeros(room, got))
			c->answer->mismatch = "the octets received are not those that were sent";
		done += got;
		if (hf_sock_urgent(c->sockets, r->sock).at_mark)
			break;
	}
	return done;
}

/* Octets that a read waits for, if it may: SO_RCVLOWAT, MSG_WAITALL. */
static uint64_t least_of(const request *r)
{
	uint64_t low = (uint64_t)r->sock->options.receive_low;

	return r->flags & HF_SYM_MSG_WAITALL || low > r->len ? r->len : low;
}

/* What has come is taken as it comes. True: it is not enough, and the call sleeps on. */
static bool takes_more(const hf_calling *c, const request *r, bool is_over)
{
	request rest = *r;

	rest.len -= c->state->done;
	c->state->done += take(c, &rest);
	if (c->state->done > 0 && hf_sock_urgent(c->sockets, r->sock).at_mark)
		return false;
	return c->state->done < least_of(r) && !is_over && may_sleep(r) &&
	       hf_call_sleep_up_to(c, r->sock->options.receive_timeout);
}

/* The urgent octet alone, where it is kept apart, is nothing to be read. */
static uint32_t readable(const hf_calling *c, const hf_sock *sock, const hf_conn_info *info)
{
	bool is_apart = !sock->options.oob_inline && hf_sock_urgent(c->sockets, sock).at_mark;

	return info->unread - (is_apart && info->unread > 0);
}

static void peek(const hf_calling *c, const request *r, uint32_t unread)
{
	uint32_t ahead = hf_sock_urgent(c->sockets, r->sock).ahead;

	if (ahead > 1 && ahead - 1 < unread)
		unread = ahead - 1;
	hf_call_done(c, unread < r->len ? unread : (int64_t)r->len);
}

/* As tcp_recv_urg() of Linux has it: it never sleeps. */
static void read_urgent(const hf_calling *c, const request *r)
{
	uint8_t octet;
	hf_err err = hf_conn_urgent_octet(c->sockets->world->stack, r->sock->conn,
					  r->flags & HF_SYM_MSG_PEEK, &octet);

	if (err == HF_ERR_CLOSING)
		hf_call_done(c, 0);
	else if (err != HF_OK)
		hf_call_fail(c, hf_errno_of(err));
	else
		hf_call_done(c, r->len > 0);
}

static void read_now(const hf_calling *c, const request *r)
{
	hf_conn_info info = hf_sock_info(c->sockets, r->sock);
	uint32_t unread = readable(c, r->sock, &info);
	bool is_over = info.peer_closed || r->sock->read_shut || r->sock->phase == HF_SOCK_ENDED;

	if (unread > 0 && r->has_no_buffer)
		hf_call_fail(c, HF_EFAULT);
	else if (unread > 0 && r->flags & HF_SYM_MSG_PEEK)
		peek(c, r, unread);
	else if (unread > 0 || c->state->done > 0) {
		if (!takes_more(c, r, is_over))
			hf_call_done(c, (int64_t)c->state->done);
	} else if (info.peer_closed || r->sock->read_shut)
		hf_call_done(c, 0);
	else if (r->sock->phase == HF_SOCK_ENDED)
		tell_end(c, r->sock, false);
	else if (!may_sleep(r) || !hf_call_sleep_up_to(c, r->sock->options.receive_timeout))
		hf_call_fail(c, HF_EAGAIN);
}

static void read_as(const hf_calling *c, const request *r)
{
	if (!flags_are_known(c, r->flags, HF_CALL_READ_FLAGS))
		return;
	if (r->flags & HF_SYM_MSG_ERRQUEUE) {
		hf_call_read_errors(c, r->sock);
		return;
	}
	if (!is_ready_for_octets(c, r->sock, false, may_sleep(r)))
		return;
	if (r->flags & HF_SYM_MSG_OOB)
		read_urgent(c, r);
	else
		read_now(c, r);
}

static bool is_null(const hf_expr *buffer)
{
	return buffer->kind == HF_EXPR_INTEGER && buffer->value == 0;
}

/* Socket, length and, at `flags_at` (0: there are none), flags. */
static bool plain_request(const hf_calling *c, unsigned flags_at, request *out)
{
	int64_t len;

	*out = (request){ .sock = hf_call_sock(c), .stamping = -1 };
	if (out->sock == NULL || !hf_call_int(c, 2, 0, &len) ||
	    (flags_at > 0 && !hf_call_int(c, flags_at, 0, &out->flags)))
		return false;
	if (len < 0) {
		hf_call_fail(c, HF_EINVAL);
		return false;
	}
	out->len = (uint64_t)len;
	out->has_no_buffer = len > 0 && is_null(hf_call_arg(c, 1));
	return true;
}

void hf_call_read_octets(const hf_calling *c, hf_sock *sock, uint64_t len, int64_t flags)
{
	request r = { .sock = sock, .len = len, .flags = flags, .stamping = -1 };
	hf_conn_info info = hf_sock_info(c->sockets, sock);

	/* Before the urgent octet that is kept apart splice ends, where a read would wait. */
	if (info.unread > 0 && readable(c, sock, &info) == 0)
		hf_call_done(c, 0);
	else
		read_as(c, &r);
}

void hf_call_read(const hf_calling *c)
{
	request r;

	if (plain_request(c, 0, &r))
		read_as(c, &r);
}

void hf_call_recv(const hf_calling *c)
{
	request r;

	if (plain_request(c, 3, &r))
		read_as(c, &r);
}

/* ---- Vectors ---- */

bool hf_call_element_len(const hf_calling *c, const hf_expr *e, uint64_t *len)
{
	const hf_expr *n = hf_expr_field(e, "iov_len");

	if (n == NULL && e->kind == HF_EXPR_STRUCT)
		n = hf_expr_nth(e->first, 1);
	if (n == NULL || n->kind != HF_EXPR_INTEGER || n->value < 0) {
		hf_call_trouble(c, "an element of a vector is {..., LENGTH}");
		return false;
	}
	*len = (uint64_t)n->value;
	return true;
}

bool hf_call_vector_len(const hf_calling *c, const hf_expr *list, uint64_t *len)
{
	uint64_t one;

	*len = 0;
	if (list == NULL || list->kind != HF_EXPR_LIST) {
		hf_call_trouble(c, "a vector is [{..., LENGTH}, ...]");
		return false;
	}
	for (const hf_expr *e = list->first; e != NULL; e = e->next) {
		if (!hf_call_element_len(c, e, &one))
			return false;
		*len += one;
	}
	return true;
}

static bool vector_request(const hf_calling *c, request *out)
{
	*out = (request){ .sock = hf_call_sock(c), .stamping = -1 };
	return out->sock != NULL && hf_call_vector_len(c, hf_call_arg(c, 1), &out->len);
}

static bool message_request(const hf_calling *c, request *out)
{
	const hf_expr *message = hf_call_arg(c, 1);

	*out = (request){ .sock = hf_call_sock(c), .stamping = -1 };
	if (out->sock == NULL)
		return false;
	return hf_call_vector_len(c, hf_expr_field(message, "msg_iov"), &out->len) &&
	       hf_call_int(c, 2, 0, &out->flags);
}

void hf_call_readv(const hf_calling *c)
{
	request r;

	if (vector_request(c, &r))
		read_as(c, &r);
}

void hf_call_recvmsg(const hf_calling *c)
{
	const hf_expr *flags;
	request r;

	if (!message_request(c, &r))
		return;
	read_as(c, &r);
	flags = hf_expr_field(hf_call_arg(c, 1), "msg_flags");
	if (c->answer->blocks || c->answer->value < 0 || r.flags & HF_SYM_MSG_ERRQUEUE)
		return;
	if (flags != NULL && flags->kind == HF_EXPR_INTEGER && flags->value != 0)
		hf_call_mismatch(c, "msg_flags", flags->value, 0);
	hf_call_compare_control(c, r.sock);
}

/* ---- Writing ---- */

int64_t hf_sock_send_room(const hf_sock *sock)
{
	return sock->options.send_buffer != 0 ? sock->options.send_buffer : INT64_C(4) << 20;
}

typedef hf_err send_call(hf_stack *s, hf_conn c, const void *data, size_t len, size_t *sent);

static send_call *sending(int64_t flags)
{
	if (flags & HF_SYM_MSG_OOB)
		return hf_conn_send_urgent;
	return flags & HF_SYM_MSG_MORE ? hf_conn_send_more : hf_conn_send;
}

/* Hands over octets from state->done on, as many as are taken. */
static hf_err hand_over(const hf_calling *c, const request *r)
{
	while (c->state->done < r->len) {
		uint64_t left = r->len - c->state->done;
		size_t sent = 0;
		size_t len = left < CHUNK ? (size_t)left : CHUNK;
		hf_stack *stack = c->sockets->world->stack;
		hf_err err = sending(r->flags)(stack, r->sock->conn, zeros, len, &sent);

		if (err != HF_OK)
			return err;
		c->state->done += sent;
		r->sock->written += sent;
	}
	return HF_OK;
}

static void tell_written(const hf_calling *c, const request *r)
{
	if (c->state->done > 0)
		hf_sock_mark_write(c, r->sock, r->flags, r->stamping);
	hf_call_done(c, (int64_t)c->state->done);
}

static void write_now(const hf_calling *c, const request *r)
{
	bool sleeps = may_sleep(r);
	hf_err err;

	err = hand_over(c, r);
	if (err == HF_ERR_AGAIN && sleeps && hf_call_sleep_up_to(c, r->sock->options.send_timeout))
		return;
	if (err == HF_OK || c->state->done > 0)
		tell_written(c, r);
	else
		hf_call_fail(c, hf_errno_of(err));
}

/* TCP_FASTOPEN_CONNECT: connect() has begun nothing; the first write does. */
static bool writes_first(const hf_calling *c, const request *r)
{
	return r->sock->phase == HF_SOCK_CONNECTING &&
	       hf_sock_info(c->sockets, r->sock).fast_open_room > 0;
}

static void write_first(const hf_calling *c, const request *r)
{
	hand_over(c, r);
	if (may_sleep(r))
		hf_call_sleep(c);
	else
		tell_written(c, r);
}

static void write_as(const hf_calling *c, const request *r)
{
	if (!flags_are_known(c, r->flags, HF_CALL_WRITE_FLAGS))
		return;
	if (writes_first(c, r)) {
		if (r->has_no_buffer)
			hf_call_fail(c, HF_EFAULT);
		else
			write_first(c, r);
		return;
	}
	if (!is_ready_for_octets(c, r->sock, true, may_sleep(r)))
		return;
	if (r->sock->phase == HF_SOCK_ENDED)
		tell_end(c, r->sock, true);
	else if (r->sock->write_shut)
		hf_call_fail(c, HF_EPIPE);
	else if (r->has_no_buffer)
		hf_call_fail(c, HF_EFAULT);
	else
		write_now(c, r);
}

void hf_call_write_octets(const hf_calling *c, hf_sock *sock, uint64_t len, int64_t flags)
{
	request r = { .sock = sock, .len = len, .flags = flags, .stamping = -1 };

	write_as(c, &r);
}

void hf_call_write(const hf_calling *c)
{
	request r;

	if (plain_request(c, 0, &r))
		write_as(c, &r);
}

/*
 * sendto() with MSG_FASTOPEN begins to connect. With a cookie its octets are taken at once;
 * without, they wait for the handshake, or for the script to ask again.
 */
static bool is_fast_open_on(const hf_config *config)
{
	return config->fast_open == 0 || config->fast_open & HF_FAST_OPEN_CLIENT;
}

static void send_fast(const hf_calling *c, request *r)
{
	uint32_t room;
	uint16_t port;

	if (!is_fast_open_on(&c->sockets->world->config)) {
		hf_call_fail(c, HF_EOPNOTSUPP);
		return;
	}
	if (!hf_call_port(c, 4, c->sockets->setup->connect_port, &port) ||
	    !hf_sock_open(c, r->sock, port, true))
		return;
	room = hf_sock_info(c->sockets, r->sock).fast_open_room;
	if (room > 0) {
		size_t none;

		if (!may_sleep(r) && r->len > room)
			r->len = room; /* Linux takes what the SYN carries, if it may not sleep */

		if (r->len == 0)
			hf_conn_send(c->sockets->world->stack, r->sock->conn, zeros, 0, &none);
		hand_over(c, r);
	}
	if (may_sleep(r))
		hf_call_sleep(c);
	else if (c->state->done > 0)
		tell_written(c, r);
	else
		hf_call_fail(c, HF_EINPROGRESS);
}

void hf_call_send(const hf_calling *c)
{
	request r;

	if (!plain_request(c, 3, &r))
		return;
	if (r.flags & HF_SYM_MSG_FASTOPEN && hf_expr_nth(c->call->arguments, 4) != NULL) {
		r.flags &= ~HF_SYM_MSG_FASTOPEN;
		if (r.sock->phase == HF_SOCK_NEW && r.has_no_buffer) {
			hf_call_fail(c, HF_EFAULT);
			return;
		}
		if (r.sock->phase == HF_SOCK_NEW) {
			send_fast(c, &r);
			return;
		}
		hf_sock_look(c->sockets, r.sock);
		if (r.sock->phase == HF_SOCK_CONNECTING && !c->state->is_asked_again) {
			hf_call_fail(c, HF_EALREADY);
			return;
		}
	}
	write_as(c, &r);
}

void hf_call_writev(const hf_calling *c)
{
	request r;

	if (vector_request(c, &r))
		write_as(c, &r);
}

void hf_call_sendmsg(const hf_calling *c)
{
	request r;

	if (message_request(c, &r) && hf_call_take_control(c, &r.stamping))
		write_as(c, &r);
}
