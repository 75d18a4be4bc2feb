/* SPDX-License-Identifier: BSD-2-Clause */
/* The kernel's ends of flows over emulated paths: sockets in namespaces, served by one thread. */
#include "kernel_flows.h"

#include <arpa/inet.h>
#include <errno.h>
#include <linux/tcp.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

#include "lab/apps.h"
#include "paths.h"
#include "rounds.h"

#define PIECE 65536
#define WAIT_MS 20
#define TURNS 4 /* pieces that one socket may take before the next has its turn */

enum role { LISTENER, RECEIVER, SENDER };

struct end {
	enum role role;
	int fd;
	unsigned flow;
	uint16_t port;
	uint64_t at; /* octets sent, or received */
};

/** The kernel's figures, with the first of those that came after the header's (Linux 6.7). */
struct figures {
	struct tcp_info info;
	uint32_t rcv_wnd, rehash;
	uint16_t total_rto, rest[59];
};

struct hf_kernel_flows {
	int epoll;
	pthread_t thread;
	atomic_bool stop;
	unsigned count;
	struct end end[3 * HF_BENCH_FLOWS];
	_Atomic uint64_t received[HF_BENCH_FLOWS];
};

/* ---- Namespaces ---- */

void hf_kernel_prepare(const hf_netns *ns)
{
	hf_kernel_set(ns, "tcp_no_metrics_save", "1");
	hf_kernel_set(ns, "tcp_rmem", "4096 131072 67108864");
	hf_kernel_set(ns, "tcp_wmem", "4096 65536 67108864");
}

static int socket_in(const hf_netns *ns)
{
	int home = hf_bench_enter(ns);
	int fd = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);

	hf_bench_leave(home);
	if (fd < 0)
		hf_bench_fail("the kernel gives no socket");
	if (setsockopt(fd, IPPROTO_TCP, TCP_CONGESTION, "cubic", strlen("cubic")) != 0)
		hf_bench_fail("the kernel has no CUBIC");
	return fd;
}

/* ---- The set ---- */

hf_kernel_flows *hf_kernel_flows_new(void)
{
	hf_kernel_flows *k = calloc(1, sizeof(*k));

	if (!k)
		hf_bench_fail("no memory");
	k->epoll = epoll_create1(EPOLL_CLOEXEC);
	if (k->epoll < 0)
		hf_bench_fail("the kernel gives no epoll");
	return k;
}

static void add(hf_kernel_flows *k, struct end e)
{
	struct epoll_event event = { .events = e.role == SENDER ? EPOLLOUT : EPOLLIN };

	event.data.u32 = k->count;
	k->end[k->count++] = e;
	if (epoll_ctl(k->epoll, EPOLL_CTL_ADD, e.fd, &event) != 0)
		hf_bench_fail("epoll refuses a socket");
}

int hf_kernel_listen(const hf_netns *ns, uint16_t port, int backlog)
{
	struct sockaddr_in a = { .sin_family = AF_INET, .sin_port = htons(port) };
	int fd = socket_in(ns), on = 1;

	setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof(on));
	if (bind(fd, (struct sockaddr *)&a, sizeof(a)) != 0 || listen(fd, backlog) != 0)
		hf_bench_fail("the kernel does not listen");
	return fd;
}

void hf_kernel_flows_serve(hf_kernel_flows *k, const hf_netns *ns, unsigned flow, uint16_t port)
{
	int fd = hf_kernel_listen(ns, port, 1);

	add(k, (struct end){ .role = LISTENER, .fd = fd, .flow = flow, .port = port });
}

void hf_kernel_flows_call(hf_kernel_flows *k, const hf_netns *ns, const char *host, uint16_t port)
{
	struct sockaddr_in a = { .sin_family = AF_INET, .sin_port = htons(port) };
	int fd = socket_in(ns);

	inet_pton(AF_INET, host, &a.sin_addr);
	if (connect(fd, (struct sockaddr *)&a, sizeof(a)) != 0 && errno != EINPROGRESS)
		hf_bench_fail("the kernel does not connect");
	add(k, (struct end){ .role = SENDER, .fd = fd, .port = port });
}

/* ---- The thread ---- */

static void accept_one(hf_kernel_flows *k, const struct end *e)
{
	int fd = accept4(e->fd, NULL, NULL, SOCK_NONBLOCK | SOCK_CLOEXEC);

	if (fd >= 0)
		add(k, (struct end){ .role = RECEIVER, .fd = fd, .flow = e->flow });
}

static void receive_some(hf_kernel_flows *k, struct end *e, uint8_t *room)
{
	ssize_t n;

	for (int i = 0; i < TURNS && (n = read(e->fd, room, PIECE)) > 0; i++) {
		if (hf_lab_stream_check(HF_BENCH_STREAM, e->at, room, (size_t)n) != (size_t)n)
			hf_bench_fail("an octet is wrong");
		e->at += (uint64_t)n;
		k->received[e->flow] = e->at;
	}
}

static void send_some(struct end *e, uint8_t *room)
{
	ssize_t n = PIECE;

	for (int i = 0; i < TURNS && n == PIECE; i++) {
		hf_lab_stream(HF_BENCH_STREAM, e->at, room, PIECE);
		n = write(e->fd, room, PIECE);
		if (n < 0 && errno != EAGAIN && errno != EINTR)
			hf_bench_fail("a connection of the kernel's has ended");
		e->at += n > 0 ? (uint64_t)n : 0;
	}
}

static void *serve(void *arg)
{
	static _Thread_local uint8_t room[PIECE];
	hf_kernel_flows *k = arg;
	struct epoll_event event[16];

	while (!k->stop) {
		int n = epoll_wait(k->epoll, event, 16, WAIT_MS);

		for (int i = 0; i < n; i++) {
			struct end *e = &k->end[event[i].data.u32];

			if (e->role == LISTENER)
				accept_one(k, e);
			else if (e->role == RECEIVER)
				receive_some(k, e, room);
			else
				send_some(e, room);
		}
	}
	return NULL;
}

void hf_kernel_flows_start(hf_kernel_flows *k)
{
	if (pthread_create(&k->thread, NULL, serve, k) != 0)
		hf_bench_fail("no thread");
}

uint64_t hf_kernel_flows_received(const hf_kernel_flows *k, unsigned flow)
{
	return k->received[flow];
}

void hf_kernel_flows_figures(const hf_kernel_flows *k, uint16_t port, uint64_t *retransmits,
			     uint64_t *timeouts)
{
	for (unsigned i = 0; i < k->count; i++) {
		const struct end *e = &k->end[i];
		struct figures f = { 0 };
		socklen_t len = sizeof(f);

		if (e->role != SENDER || e->port != port)
			continue;
		getsockopt(e->fd, IPPROTO_TCP, TCP_INFO, &f, &len);
		*retransmits = f.info.tcpi_total_retrans;
		*timeouts = f.total_rto;
	}
}

void hf_kernel_flows_free(hf_kernel_flows *k)
{
	struct linger reset = { .l_onoff = 1 };

	k->stop = true;
	pthread_join(k->thread, NULL);
	for (unsigned i = 0; i < k->count; i++) {
		setsockopt(k->end[i].fd, SOL_SOCKET, SO_LINGER, &reset, sizeof(reset));
		close(k->end[i].fd);
	}
	close(k->epoll);
	free(k);
}
