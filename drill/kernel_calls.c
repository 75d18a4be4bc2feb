/* SPDX-License-Identifier: BSD-2-Clause */
/* System calls of a script, made on the kernel's sockets. */
#include <errno.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "drill/kernel_parts.h"
#include "drill/names.h"

#define LONGEST_MS 1000  /* a call that is not to sleep must be done within this */
#define WRONG_OCTET 0xa5 /* what a buffer is full of before the kernel writes there */

/* ---- What goes into a job ---- */

long hf_kcall_pointer(const void *p)
{
	return (long)(intptr_t)p;
}

int hf_kcall_live(const hf_kcall *k, int64_t fd)
{
	const hf_sock *sock = hf_sock_find(k->calling.sockets, fd);

	return sock != NULL ? sock->live : -1;
}

const hf_expr *hf_kcall_inside(const hf_expr *e)
{
	return e->kind == HF_EXPR_LIST && e->first != NULL ? e->first : e;
}

uint8_t *hf_kcall_zeros(hf_kcall *k, size_t octets)
{
	return hf_arena_take(k->calling.sockets->arena, octets + 1);
}

uint8_t *hf_kcall_room(hf_kcall *k, size_t octets)
{
	k->buffer = hf_kcall_zeros(k, octets);
	k->room = octets;
	memset(k->buffer, WRONG_OCTET, octets);
	return k->buffer;
}

static bool is_v6_socket(const hf_kcall *k)
{
	return k->sock != NULL && k->sock->domain == HF_SYM_AF_INET6;
}

const struct sockaddr *hf_kcall_address(const hf_kcall *k, const hf_addr *addr, uint16_t port,
					socklen_t *len)
{
	struct sockaddr_in6 *six = hf_arena_take(k->calling.sockets->arena, sizeof(*six));
	struct sockaddr_in *four = (struct sockaddr_in *)six;

	if (is_v6_socket(k)) {
		*six = (struct sockaddr_in6){ .sin6_family = AF_INET6, .sin6_port = htons(port) };
		memcpy(&six->sin6_addr, addr, sizeof(six->sin6_addr)); /* IPv4 is mapped in both */
		*len = sizeof(*six);
	} else {
		*four = (struct sockaddr_in){ .sin_family = AF_INET, .sin_port = htons(port) };
		memcpy(&four->sin_addr, (const uint8_t *)addr + 12, sizeof(four->sin_addr));
		*len = sizeof(*four);
	}
	return (const struct sockaddr *)six;
}

bool hf_kcall_int(hf_kcall *k, unsigned n, int64_t otherwise)
{
	int64_t value;

	if (!hf_call_int(&k->calling, n, otherwise, &value))
		return false;
	k->job->argument[n] = (long)value;
	return true;
}

bool hf_kcall_fd(hf_kcall *k)
{
	int64_t fd;

	if (!hf_call_int(&k->calling, 0, -1, &fd))
		return false;
	k->sock = hf_sock_find(k->calling.sockets, fd);
	k->job->argument[0] = hf_kcall_live(k, fd);
	return true;
}

/* ---- Making and opening ---- */

static bool prepare_socket(hf_kcall *k)
{
	const hf_drill_setup *setup = k->calling.sockets->setup;
	int64_t own = setup->is_v6 || setup->is_mapped ? HF_SYM_AF_INET6 : HF_SYM_AF_INET;

	return hf_kcall_int(k, 0, own) && hf_kcall_int(k, 1, HF_SYM_SOCK_STREAM) &&
	       hf_kcall_int(k, 2, 0);
}

hf_sock *hf_kcall_made(hf_kcall *k, long live)
{
	hf_sock *sock = hf_sock_new(k->calling.sockets);

	sock->live = (int)live;
	return sock;
}

static hf_sock *make(hf_kcall *k, int64_t domain)
{
	hf_sock *sock = hf_kcall_made(k, k->job->result);

	sock->domain = domain;
	k->calling.answer->made = sock;
	return sock;
}

static void finish_socket(hf_kcall *k)
{
	hf_sockets *s = k->calling.sockets;

	s->tested = make(k, k->job->argument[0]);
	if (setsockopt(s->tested->live, IPPROTO_TCP, TCP_CONGESTION, k->congestion,
		       (socklen_t)strlen(k->congestion)) != 0)
		hf_call_trouble(&k->calling,
				hf_arena_format(s->arena, "cannot choose congestion control %s: %s",
						k->congestion, strerror(errno)));
	if (s->setup->mss != 0 && setsockopt(s->tested->live, IPPROTO_TCP, TCP_MAXSEG,
					     &s->setup->mss, sizeof(s->setup->mss)) != 0)
		hf_call_trouble(&k->calling, "the kernel does not take this MSS");
	s->made(s->ctx);
}

static bool set_address(hf_kcall *k, const hf_addr *addr, uint16_t otherwise, uint16_t *port)
{
	socklen_t len;

	if (!hf_call_port(&k->calling, 1, otherwise, port))
		return false;
	k->job->argument[1] = hf_kcall_pointer(hf_kcall_address(k, addr, *port, &len));
	k->job->argument[2] = (long)len;
	return true;
}

static bool prepare_bind(hf_kcall *k)
{
	const hf_drill_setup *setup = k->calling.sockets->setup;
	uint16_t port;

	return hf_kcall_fd(k) && set_address(k, &setup->local, setup->bind_port, &port);
}

static void learn_port(hf_sock *sock)
{
	struct sockaddr_in6 at = { 0 };
	socklen_t len = sizeof(at);

	/* The port stands at the same place in both kinds of address. */
	if (sock != NULL && getsockname(sock->live, (struct sockaddr *)&at, &len) == 0)
		sock->port = ntohs(at.sin6_port);
}

static void finish_bind(hf_kcall *k)
{
	k->sock->is_bound = true;
	learn_port(k->sock);
}

static bool prepare_listen(hf_kcall *k)
{
	return hf_kcall_fd(k) && hf_kcall_int(k, 1, 1);
}

static void finish_listen(hf_kcall *k)
{
	finish_bind(k);
	k->sock->phase = HF_SOCK_LISTENING;
}

static bool prepare_accept(hf_kcall *k)
{
	k->job->argument[1] = k->job->argument[2] = k->job->argument[3] = 0;
	return hf_kcall_fd(k) && (hf_call_arg(&k->calling, 3) == NULL || hf_kcall_int(k, 3, 0));
}

static void finish_accept(hf_kcall *k)
{
	hf_sock *child = make(k, k->sock->domain);

	child->phase = HF_SOCK_CONNECTED;
	child->port = k->sock->port;
	k->calling.sockets->tested = child;
}

/* Will this connect() send a SYN? */
static bool is_unopened(const hf_sock *sock)
{
	struct tcp_info info = { .tcpi_state = TCP_CLOSE };
	socklen_t len = sizeof(info);

	return sock != NULL && getsockopt(sock->live, IPPROTO_TCP, TCP_INFO, &info, &len) == 0 &&
	       info.tcpi_state == TCP_CLOSE;
}

void hf_kcall_opens(hf_kcall *k, uint16_t port)
{
	hf_sockets *s = k->calling.sockets;
	hf_endpoint remote = { s->setup->remote, port }, local = { s->setup->local, 0 };

	if (!is_unopened(k->sock))
		return;
	local.port = k->sock->port;
	s->connected(s->ctx, &local, &remote);
}

static bool prepare_connect(hf_kcall *k)
{
	static const struct sockaddr none = { .sa_family = AF_UNSPEC };
	const hf_drill_setup *setup = k->calling.sockets->setup;
	uint16_t port;

	if (!hf_kcall_fd(k))
		return false;
	if (hf_call_is_unspecified(hf_call_arg(&k->calling, 1))) {
		k->job->argument[1] = hf_kcall_pointer(&none);
		k->job->argument[2] = sizeof(none);
		return true;
	}
	if (!set_address(k, &setup->remote, setup->connect_port, &port))
		return false;
	hf_kcall_opens(k, port);
	return true;
}

/* ---- Closing ---- */

static void finish_close(hf_kcall *k)
{
	hf_sock_forget(k->calling.sockets, k->sock);
}

static bool prepare_shutdown(hf_kcall *k)
{
	return hf_kcall_fd(k) && hf_kcall_int(k, 1, HF_SYM_SHUT_RDWR);
}

static bool prepare_fcntl(hf_kcall *k)
{
	return hf_kcall_fd(k) && hf_kcall_int(k, 1, 0) &&
	       (hf_call_arg(&k->calling, 2) == NULL || hf_kcall_int(k, 2, 0));
}

/* ---- Octets ---- */

/* Socket and length, and flags where there are any. */
static bool set_plain(hf_kcall *k, size_t *len)
{
	if (!hf_kcall_fd(k) || !hf_kcall_int(k, 2, 0) ||
	    (hf_call_arg(&k->calling, 3) != NULL && !hf_kcall_int(k, 3, 0)))
		return false;
	*len = (size_t)k->job->argument[2];
	if (k->job->argument[2] >= 0 && k->job->argument[2] <= HF_KCALL_LARGEST)
		return true;
	hf_call_trouble(&k->calling, "a buffer of this length is not supported");
	return false;
}

/* NULL in place of a buffer goes as it is. */
static bool has_buffer(const hf_kcall *k)
{
	const hf_expr *buffer = hf_call_arg(&k->calling, 1);

	return buffer->kind != HF_EXPR_INTEGER || buffer->value != 0;
}

static bool prepare_read(hf_kcall *k)
{
	size_t len;

	if (!set_plain(k, &len))
		return false;
	if (has_buffer(k))
		k->job->argument[1] = hf_kcall_pointer(hf_kcall_room(k, len));
	k->job->argument[4] = k->job->argument[5] = 0;
	return true;
}

void hf_kcall_read_end(hf_kcall *k)
{
	size_t got = (size_t)k->job->result;
	const uint8_t *at = k->buffer;

	if (k->job->argument[3] & MSG_TRUNC) /* nothing was handed over */
		return;
	got = got < k->room ? got : k->room;
	if (got > 0 && (at[0] != 0 || memcmp(at, at + 1, got - 1) != 0))
		k->calling.answer->mismatch = "the octets received are not those that were sent";
}

static bool prepare_write(hf_kcall *k)
{
	size_t len;

	if (!set_plain(k, &len))
		return false;
	if (has_buffer(k))
		k->job->argument[1] = hf_kcall_pointer(hf_kcall_zeros(k, len));
	return true;
}

/* sendto: an address that the script leaves to us is the peer's. */
static bool prepare_sendto(hf_kcall *k)
{
	const hf_drill_setup *setup = k->calling.sockets->setup;
	const hf_expr *to = hf_call_arg(&k->calling, 4);
	socklen_t len = 0;

	k->job->argument[4] = k->job->argument[5] = 0;
	if (!prepare_write(k))
		return false;
	if (to == NULL || to->kind != HF_EXPR_ELLIPSIS)
		return true;
	k->job->argument[4] = hf_kcall_pointer(
		hf_kcall_address(k, &setup->remote, setup->connect_port, &len));
	k->job->argument[5] = (long)len;
	if (k->job->argument[3] & MSG_FASTOPEN)
		hf_kcall_opens(k, setup->connect_port);
	return true;
}

/* ---- epoll ---- */

static bool prepare_epoll_create(hf_kcall *k)
{
	if (!hf_kcall_int(k, 0, 1))
		return false;
	if (strcmp(k->calling.call->name, "epoll_create") == 0)
		k->job->argument[0] = k->job->argument[0] > 0 ? 0 : -1;
	return true;
}

static void finish_epoll_create(hf_kcall *k)
{
	make(k, 0)->kind = HF_SOCK_EPOLL;
}

/* ---- The table ---- */

typedef struct row {
	const char *name;
	long number;
	hf_kcall_prepare *prepare;
	hf_kcall_finish *finish; /* of a call that succeeded; NULL: nothing is to be looked at */
} row;

static const row rows[] = {
	{ "socket", SYS_socket, prepare_socket, finish_socket },
	{ "bind", SYS_bind, prepare_bind, finish_bind },
	{ "listen", SYS_listen, prepare_listen, finish_listen },
	{ "accept", SYS_accept4, prepare_accept, finish_accept },
	{ "accept4", SYS_accept4, prepare_accept, finish_accept },
	{ "connect", SYS_connect, prepare_connect, NULL },
	{ "read", SYS_read, prepare_read, hf_kcall_read_end },
	{ "recv", SYS_recvfrom, prepare_read, hf_kcall_read_end },
	{ "recvfrom", SYS_recvfrom, prepare_read, hf_kcall_read_end },
	{ "readv", SYS_readv, hf_kcall_readv, hf_kcall_read_end },
	{ "recvmsg", SYS_recvmsg, hf_kcall_recvmsg, hf_kcall_recvmsg_end },
	{ "write", SYS_write, prepare_write, NULL },
	{ "send", SYS_sendto, prepare_sendto, NULL },
	{ "sendto", SYS_sendto, prepare_sendto, NULL },
	{ "writev", SYS_writev, hf_kcall_writev, NULL },
	{ "sendmsg", SYS_sendmsg, hf_kcall_sendmsg, NULL },
	{ "close", SYS_close, hf_kcall_fd, finish_close },
	{ "shutdown", SYS_shutdown, prepare_shutdown, NULL },
	{ "getsockopt", SYS_getsockopt, hf_kcall_getsockopt, hf_kcall_getsockopt_end },
	{ "setsockopt", SYS_setsockopt, hf_kcall_setsockopt, NULL },
	{ "fcntl", SYS_fcntl, prepare_fcntl, NULL },
	{ "ioctl", SYS_ioctl, hf_kcall_ioctl, hf_kcall_ioctl_end },
	{ "open", SYS_memfd_create, hf_kcall_open, hf_kcall_open_end },
	{ "pipe", SYS_pipe2, hf_kcall_pipe, hf_kcall_pipe_end },
	{ "splice", SYS_splice, hf_kcall_splice, NULL },
	{ "sendfile", SYS_sendfile, hf_kcall_sendfile, NULL },
	{ "poll", SYS_ppoll, hf_kcall_poll, hf_kcall_poll_end },
	{ "epoll_create", SYS_epoll_create1, prepare_epoll_create, finish_epoll_create },
	{ "epoll_create1", SYS_epoll_create1, prepare_epoll_create, finish_epoll_create },
	{ "epoll_ctl", SYS_epoll_ctl, hf_kcall_epoll_ctl, NULL },
	{ "epoll_wait", SYS_epoll_pwait, hf_kcall_epoll_wait, hf_kcall_epoll_wait_end },
};

static const row *find_row(const char *name)
{
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		if (strcmp(rows[i].name, name) == 0)
			return &rows[i];
	}
	return NULL;
}

/* Keys of signatures are set by structs of the kernel's own, which have other fields. */
static const hf_expr *key_of(const hf_drill_call *call)
{
	const hf_expr *level = hf_expr_nth(call->arguments, 1), *option;

	if (strcmp(call->name, "setsockopt") != 0 || level->value != HF_SYM_SOL_TCP)
		return NULL;
	option = hf_expr_nth(call->arguments, 2);
	return option->value == HF_SYM_TCP_AO_ADD_KEY || option->value == HF_SYM_TCP_MD5SIG ?
		       option :
		       NULL;
}

void hf_kernel_check_call(hf_drill_script *script, const hf_drill_call *call)
{
	const hf_expr *key;

	if (!hf_call_check_form(script, call))
		return;
	if (find_row(call->name) == NULL)
		hf_drill_need(script, call->name_at,
			      hf_arena_format(&script->arena, "system call %s", call->name));
	key = key_of(call);
	if (key != NULL)
		hf_drill_need(script, key->at,
			      hf_arena_format(&script->arena, "setsockopt %s", key->text));
}

/* ---- There and back ---- */

static void finish(hf_kcall *k)
{
	const row *r = find_row(k->calling.call->name);

	if (k->job->result < 0) {
		hf_call_fail(&k->calling, k->job->error);
		return;
	}
	hf_call_done(&k->calling, k->job->result);
	if (r->finish != NULL)
		r->finish(k);
}

/* False: the call was answered without the kernel. */
static bool begin(hf_kernel *k, const row *r)
{
	k->helper.job = (hf_job){ .number = r->number };
	if (!r->prepare(&k->call))
		return false;
	hf_helper_submit(&k->helper);
	(void)hf_helper_wait(&k->helper, LONGEST_MS, k->call.calling.state->may_sleep);
	return true;
}

hf_answer hf_kernel_call(hf_session *s, const hf_drill_call *call, hf_call_state *state)
{
	hf_kernel *k = s->target_ctx;
	hf_answer answer = { .value = -1 };
	hf_calling calling = { &s->sockets, call, state, &answer };

	if (!state->is_asked_again)
		k->call = (hf_kcall){ .job = &k->helper.job, .congestion = k->congestion };
	k->call.calling = calling;
	if (!state->is_asked_again && !begin(k, find_row(call->name)))
		return answer;
	state->is_asked_again = true;
	state->wake = HF_NEVER;
	if (hf_helper_take(&k->helper))
		finish(&k->call);
	else
		answer.blocks = true;
	return answer;
}
