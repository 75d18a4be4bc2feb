/* SPDX-License-Identifier: BSD-2-Clause */
/* The table of system calls: from a name in a script to what it does. */
#include <inttypes.h>
#include <string.h>

#include "drill/names.h"
#include "drill/sockets.h"

typedef struct row {
	const char *name;
	hf_call_function *run;
	unsigned least, most; /* arguments */
} row;

static const row rows[] = {
	{ "socket", hf_call_socket, 3, 3 },
	{ "bind", hf_call_bind, 3, 3 },
	{ "listen", hf_call_listen, 2, 2 },
	{ "accept", hf_call_accept, 3, 3 },
	{ "accept4", hf_call_accept4, 4, 4 },
	{ "connect", hf_call_connect, 3, 3 },
	{ "read", hf_call_read, 3, 3 },
	{ "readv", hf_call_readv, 3, 3 },
	{ "recv", hf_call_recv, 4, 4 },
	{ "recvfrom", hf_call_recv, 6, 6 },
	{ "recvmsg", hf_call_recvmsg, 3, 3 },
	{ "write", hf_call_write, 3, 3 },
	{ "writev", hf_call_writev, 3, 3 },
	{ "send", hf_call_send, 4, 4 },
	{ "sendto", hf_call_send, 6, 6 },
	{ "sendmsg", hf_call_sendmsg, 3, 3 },
	{ "close", hf_call_close, 1, 1 },
	{ "shutdown", hf_call_shutdown, 2, 2 },
	{ "getsockopt", hf_call_getsockopt, 5, 5 },
	{ "setsockopt", hf_call_setsockopt, 5, 5 },
	{ "fcntl", hf_call_fcntl, 2, 3 },
	{ "ioctl", hf_call_ioctl, 3, 3 },
	{ "open", hf_call_open, 2, 3 },
	{ "pipe", hf_call_pipe, 1, 1 },
	{ "splice", hf_call_splice, 6, 6 },
	{ "sendfile", hf_call_sendfile, 4, 4 },
	{ "poll", hf_call_poll, 3, 3 },
	{ "epoll_create", hf_call_epoll_create, 1, 1 },
	{ "epoll_create1", hf_call_epoll_create, 1, 1 },
	{ "epoll_ctl", hf_call_epoll_ctl, 4, 4 },
	{ "epoll_wait", hf_call_epoll_wait, 4, 4 },
};

static const row *find_row(const char *name)
{
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		if (strcmp(rows[i].name, name) == 0)
			return &rows[i];
	}
	return NULL;
}

bool hf_call_check_form(hf_drill_script *script, const hf_drill_call *call)
{
	const row *r = find_row(call->name);
	unsigned n = hf_expr_count(call->arguments);

	if (r == NULL) {
		hf_drill_need(script, call->name_at,
			      hf_arena_format(&script->arena, "system call %s", call->name));
		return false;
	}
	if (n >= r->least && n <= r->most)
		return true;
	if (script->error.text == NULL)
		script->error = (hf_drill_note){
			.at = call->name_at,
			.text = hf_arena_format(&script->arena, "%s takes %u arguments, not %u",
						r->name, r->most, n),
		};
	return false;
}

hf_answer hf_call_try(hf_sockets *s, const hf_drill_call *call, hf_call_state *state)
{
	const row *r = find_row(call->name);
	hf_answer answer = { .value = -1 };
	hf_calling c = { s, call, state, &answer };

	if (!state->is_asked_again)
		state->since = s->world->now;
	state->wake = HF_NEVER;
	if (!hf_call_on_file(&c))
		r->run(&c);
	state->is_asked_again = true;
	return answer;
}

/* ---- Arguments ---- */

const hf_expr *hf_call_arg(const hf_calling *c, unsigned n)
{
	return hf_expr_nth(c->call->arguments, n);
}

bool hf_call_int(const hf_calling *c, unsigned n, int64_t otherwise, int64_t *out)
{
	const hf_expr *e = hf_call_arg(c, n);

	if (e->kind == HF_EXPR_ELLIPSIS) {
		*out = otherwise;
		return true;
	}
	if (e->kind != HF_EXPR_INTEGER) {
		hf_call_trouble(c, hf_arena_format(c->sockets->arena,
						   "argument %u is to be a number", n + 1));
		return false;
	}
	*out = e->value;
	return true;
}

hf_sock *hf_call_sock(const hf_calling *c)
{
	hf_sock *sock;
	int64_t fd;

	if (!hf_call_int(c, 0, -1, &fd))
		return NULL;
	sock = hf_sock_find(c->sockets, fd);
	if (sock == NULL)
		hf_call_fail(c, HF_EBADF);
	else if (sock->kind == HF_SOCK_SOCKET || strcmp(c->call->name, "close") == 0)
		return sock;
	else
		hf_call_fail(c, HF_ENOTSOCK);
	return NULL;
}

/* ---- Answers ---- */

void hf_call_done(const hf_calling *c, int64_t value)
{
	c->answer->value = value;
}

void hf_call_fail(const hf_calling *c, int error)
{
	c->answer->value = -1;
	c->answer->error = error;
}

void hf_call_sleep(const hf_calling *c)
{
	c->answer->blocks = true;
}

bool hf_call_sleep_up_to(const hf_calling *c, int64_t us)
{
	hf_time end = us == 0 ? HF_NEVER : hf_time_add(c->state->since, HF_US(us));

	if (!hf_time_before(c->sockets->world->now, end))
		return false;
	c->state->wake = end;
	hf_call_sleep(c);
	return true;
}

void hf_call_trouble(const hf_calling *c, const char *text)
{
	if (c->answer->trouble == NULL)
		c->answer->trouble = text;
}

void hf_call_mismatch(const hf_calling *c, const char *what, int64_t expected, int64_t actual)
{
	if (c->answer->mismatch == NULL)
		c->answer->mismatch = hf_arena_format(c->sockets->arena,
						      "%s: expected %" PRId64 ", got %" PRId64,
						      what, expected, actual);
}
