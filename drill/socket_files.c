/* SPDX-License-Identifier: BSD-2-Clause */
/* Files of zeros and pipes, and the calls that move octets between them and sockets. */
#include <string.h>

#include "drill/names.h"
#include "drill/sockets.h"

#define PIPE_ROOM 65536u

/** A file of a script's, made by its commands: as long as it was made, and all zeros. */
struct hf_drill_file {
	struct hf_drill_file *next;
	const char *path;
	int64_t size; /**< -1: removed */
};

/** What a pipe holds, of both its ends. */
struct hf_drill_pipe {
	uint64_t octets;
	unsigned writers, readers;
};

/* ---- Files ---- */

static hf_drill_file *find_file(const hf_sockets *s, const char *path)
{
	hf_drill_file *f = s->files;

	while (f != NULL && strcmp(f->path, path) != 0)
		f = f->next;
	return f;
}

void hf_sockets_put_file(hf_sockets *s, const char *path, int64_t size)
{
	hf_drill_file *f = find_file(s, path);

	if (f == NULL) {
		f = hf_arena_take(s->arena, sizeof(*f));
		f->path = hf_arena_copy(s->arena, path, strlen(path));
		f->next = s->files;
		s->files = f;
	}
	f->size = size;
}

int64_t hf_sockets_file(const hf_sockets *s, const char *path)
{
	const hf_drill_file *f = find_file(s, path);

	return f != NULL ? f->size : -1;
}

void hf_call_open(const hf_calling *c)
{
	const hf_expr *path = hf_call_arg(c, 0);
	int64_t flags, size;
	hf_sock *file;

	if (!hf_call_int(c, 1, HF_SYM_O_RDONLY, &flags))
		return;
	if (path->kind != HF_EXPR_STRING || (flags & ~HF_SYM_O_CLOEXEC) != HF_SYM_O_RDONLY) {
		hf_call_trouble(c, "open takes \"a path\", and O_RDONLY");
		return;
	}
	size = hf_sockets_file(c->sockets, path->text);
	if (size < 0) {
		hf_call_fail(c, HF_ENOENT);
		return;
	}
	file = hf_sock_new(c->sockets);
	file->kind = HF_SOCK_FILE;
	file->closes_on_exec = flags & HF_SYM_O_CLOEXEC;
	file->size = size;
	c->answer->made = file;
}

/* ---- Pipes ---- */

static hf_sock *add_end(const hf_calling *c, hf_sock_kind kind, hf_drill_pipe *pipe)
{
	hf_sock *end = hf_sock_new(c->sockets);

	end->kind = kind;
	end->pipe = pipe;
	return end;
}

void hf_call_pipe(const hf_calling *c)
{
	const hf_expr *ends = hf_call_arg(c, 0);
	const hf_expr *out = ends->kind == HF_EXPR_LIST ? ends->first : NULL;
	const hf_expr *in = hf_expr_nth(out, 1);
	hf_drill_pipe *pipe;

	if (in == NULL || out->kind != HF_EXPR_INTEGER || in->kind != HF_EXPR_INTEGER) {
		hf_call_trouble(c, "pipe takes [NUMBER, NUMBER]");
		return;
	}
	if (out->value == in->value || hf_sock_find(c->sockets, out->value) != NULL ||
	    hf_sock_find(c->sockets, in->value) != NULL) {
		hf_call_trouble(c, "a descriptor of this number is open already");
		return;
	}
	pipe = hf_arena_take(c->sockets->arena, sizeof(*pipe));
	*pipe = (hf_drill_pipe){ .writers = 1, .readers = 1 };
	hf_sock_number(c->sockets, add_end(c, HF_SOCK_PIPE_OUT, pipe), out->value);
	hf_sock_number(c->sockets, add_end(c, HF_SOCK_PIPE_IN, pipe), in->value);
	hf_call_done(c, 0);
}

uint32_t hf_file_readiness(const hf_sock *sock)
{
	switch (sock->kind) {
	case HF_SOCK_SOCKET:
	case HF_SOCK_EPOLL:
		break;
	case HF_SOCK_FILE:
		return HF_SYM_POLLIN | HF_SYM_POLLRDNORM | HF_SYM_POLLOUT | HF_SYM_POLLWRNORM;
	case HF_SOCK_PIPE_OUT:
		return (sock->pipe->octets > 0 ? HF_SYM_POLLIN | HF_SYM_POLLRDNORM : 0u) |
		       (sock->pipe->writers == 0 ? (uint32_t)HF_SYM_POLLHUP : 0u);
	case HF_SOCK_PIPE_IN:
		return (sock->pipe->octets < PIPE_ROOM ? HF_SYM_POLLOUT | HF_SYM_POLLWRNORM : 0u) |
		       (sock->pipe->readers == 0 ? (uint32_t)HF_SYM_POLLERR : 0u);
	}
	return 0;
}

/* ---- Octets ---- */

static bool may_wait(const hf_calling *c, const hf_sock *end, int64_t flags)
{
	if (!end->is_nonblocking && !(flags & HF_SYM_SPLICE_F_NONBLOCK)) {
		hf_call_sleep(c);
		return true;
	}
	hf_call_fail(c, HF_EAGAIN);
	return false;
}

/* Octets that a pipe has for a reader. False: answered. */
static bool has_octets(const hf_calling *c, const hf_sock *out, int64_t flags)
{
	if (out->pipe->octets > 0)
		return true;
	if (out->pipe->writers == 0)
		hf_call_done(c, 0);
	else
		(void)may_wait(c, out, flags);
	return false;
}

/* Room that it has for a writer. False: answered. */
static bool has_room(const hf_calling *c, const hf_sock *in, int64_t flags)
{
	if (in->pipe->readers == 0)
		hf_call_fail(c, HF_EPIPE);
	else if (in->pipe->octets < PIPE_ROOM)
		return true;
	else
		(void)may_wait(c, in, flags);
	return false;
}

static uint64_t least(uint64_t a, uint64_t b)
{
	return a < b ? a : b;
}

/* From a file's position on, which moves on. */
static uint64_t take_file(hf_sock *file, uint64_t len)
{
	uint64_t left = file->position < file->size ? (uint64_t)(file->size - file->position) : 0;

	len = least(len, left);
	file->position += (int64_t)len;
	return len;
}

static void read_end(const hf_calling *c, hf_sock *sock, uint64_t len)
{
	if (sock->kind == HF_SOCK_FILE) {
		hf_call_done(c, (int64_t)take_file(sock, len));
	} else if (sock->kind == HF_SOCK_PIPE_IN) {
		hf_call_fail(c, HF_EBADF);
	} else if (has_octets(c, sock, 0)) {
		len = least(len, sock->pipe->octets);
		sock->pipe->octets -= len;
		hf_call_done(c, (int64_t)len);
	}
}

static void write_end(const hf_calling *c, hf_sock *sock, uint64_t len)
{
	if (sock->kind != HF_SOCK_PIPE_IN) {
		hf_call_fail(c, HF_EBADF);
	} else if (has_room(c, sock, 0)) {
		len = least(len, PIPE_ROOM - sock->pipe->octets);
		sock->pipe->octets += len;
		hf_call_done(c, (int64_t)len);
	}
}

static void close_end(const hf_calling *c, hf_sock *sock)
{
	if (sock->kind == HF_SOCK_PIPE_OUT)
		sock->pipe->readers--;
	else if (sock->kind == HF_SOCK_PIPE_IN)
		sock->pipe->writers--;
	hf_sock_forget(c->sockets, sock);
	hf_call_done(c, 0);
}

static hf_sock *file_of(const hf_calling *c)
{
	const hf_expr *fd = hf_call_arg(c, 0);
	hf_sock *sock = fd->kind == HF_EXPR_INTEGER ? hf_sock_find(c->sockets, fd->value) : NULL;

	return sock != NULL && sock->kind >= HF_SOCK_FILE ? sock : NULL;
}

bool hf_call_on_file(const hf_calling *c)
{
	const char *name = c->call->name;
	bool reads = strcmp(name, "read") == 0;
	hf_sock *sock;
	int64_t len;

	if (!reads && strcmp(name, "write") != 0 && strcmp(name, "close") != 0)
		return false;
	sock = file_of(c);
	if (sock == NULL)
		return false;
	if (strcmp(name, "close") == 0)
		close_end(c, sock);
	else if (!hf_call_int(c, 2, 0, &len))
		return true;
	else if (len < 0)
		hf_call_fail(c, HF_EINVAL);
	else if (reads)
		read_end(c, sock, (uint64_t)len);
	else
		write_end(c, sock, (uint64_t)len);
	return true;
}

/* ---- splice and sendfile ---- */

/** Of a splice: from where to where. */
typedef struct way {
	hf_sock *from, *to;
	uint64_t len;
	int64_t flags;
} way;

static hf_sock *end_of(const hf_calling *c, unsigned n)
{
	hf_sock *sock;
	int64_t fd;

	if (!hf_call_int(c, n, -1, &fd))
		return NULL;
	sock = hf_sock_find(c->sockets, fd);
	if (sock == NULL)
		hf_call_fail(c, HF_EBADF);
	return sock;
}

static bool read_way(const hf_calling *c, way *w)
{
	int64_t len;

	w->from = end_of(c, 0);
	w->to = w->from != NULL ? end_of(c, 2) : NULL;
	if (w->to == NULL || !hf_call_int(c, 4, 0, &len) || !hf_call_int(c, 5, 0, &w->flags))
		return false;
	w->len = len > 0 ? (uint64_t)len : 0;
	return true;
}

/* `[N]`: from there on, and the file's own position stays. */
static int64_t offset_of(const hf_calling *c, unsigned n)
{
	const hf_expr *e = hf_call_arg(c, n);

	return e->kind == HF_EXPR_LIST && e->first != NULL && e->first->kind == HF_EXPR_INTEGER ?
		       e->first->value :
		       -1;
}

/* SPLICE_F_NONBLOCK is about pipes alone: a socket sleeps as it is set to. */
static int64_t message_flags(int64_t flags)
{
	return flags & HF_SYM_SPLICE_F_MORE ? HF_SYM_MSG_MORE : 0;
}

static void splice_in(const hf_calling *c, const way *w)
{
	int64_t own = w->from->position, offset = offset_of(c, 1);
	uint64_t len;

	if (!has_room(c, w->to, w->flags))
		return;
	len = least(w->len, PIPE_ROOM - w->to->pipe->octets);
	if (w->from->kind == HF_SOCK_SOCKET) {
		hf_call_read_octets(c, w->from, len, message_flags(w->flags));
	} else if (w->from->kind == HF_SOCK_FILE) {
		w->from->position = offset >= 0 ? offset : own;
		hf_call_done(c, (int64_t)take_file(w->from, len));
		w->from->position = offset >= 0 ? own : w->from->position;
	} else {
		hf_call_fail(c, HF_EINVAL);
	}
	if (!c->answer->blocks && c->answer->value > 0)
		w->to->pipe->octets += (uint64_t)c->answer->value;
}

static void splice_out(const hf_calling *c, const way *w)
{
	hf_drill_pipe *from = w->from->pipe;

	if (w->to->kind == HF_SOCK_PIPE_IN) {
		if (!has_octets(c, w->from, w->flags) || !has_room(c, w->to, w->flags))
			return;
		hf_call_done(c, (int64_t)least(least(w->len, from->octets),
					       PIPE_ROOM - w->to->pipe->octets));
		w->to->pipe->octets += (uint64_t)c->answer->value;
	} else if (w->to->kind != HF_SOCK_SOCKET) {
		hf_call_fail(c, HF_EINVAL);
	} else if (has_octets(c, w->from, w->flags)) {
		hf_call_write_octets(c, w->to, least(w->len, from->octets),
				     message_flags(w->flags));
	}
	if (!c->answer->blocks && c->answer->value > 0)
		from->octets -= (uint64_t)c->answer->value;
}

void hf_call_splice(const hf_calling *c)
{
	way w;

	if (!read_way(c, &w))
		return;
	if (w.from->kind == HF_SOCK_PIPE_OUT)
		splice_out(c, &w);
	else if (w.to->kind == HF_SOCK_PIPE_IN)
		splice_in(c, &w);
	else
		hf_call_fail(c, HF_EINVAL);
}

void hf_call_sendfile(const hf_calling *c)
{
	hf_sock *out = end_of(c, 0), *in = out != NULL ? end_of(c, 1) : NULL;
	int64_t len, own, offset;
	uint64_t left;

	if (in == NULL || !hf_call_int(c, 3, 0, &len))
		return;
	if (in->kind != HF_SOCK_FILE || out->kind != HF_SOCK_SOCKET || len < 0) {
		hf_call_fail(c, HF_EINVAL);
		return;
	}
	own = in->position;
	offset = offset_of(c, 2);
	in->position = offset >= 0 ? offset : own;
	left = take_file(in, (uint64_t)len);
	in->position = own;
	if (left == 0)
		hf_call_done(c, 0);
	else
		hf_call_write_octets(c, out, left, 0);
	if (!c->answer->blocks && c->answer->value > 0 && offset < 0)
		in->position += c->answer->value;
}
