/* SPDX-License-Identifier: BSD-2-Clause */
/* Honest clients at a bounded rate: the kernel's sockets, each with one question. */
#include "callers.h"

#include <arpa/inet.h>
#include <errno.h>
#include <netinet/tcp.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

#include "rounds.h"

#define EVENTS 64
#define NEVER 1e9 /* seconds: longer than any call */

struct call {
	int fd; /* -1: not begun, or ended */
	bool connected;
	unsigned syns;
	double began, took;
};

struct hf_callers {
	hf_call_plan plan;
	struct sockaddr_in to;
	pthread_t thread;
	int epoll;
	unsigned begun, open;
	struct call call[HF_CALLS_MOST];
};

/* ---- A call ---- */

static void watch(hf_callers *s, unsigned i, int what, uint32_t events)
{
	struct epoll_event event = { .events = events, .data = { .u32 = i } };

	if (epoll_ctl(s->epoll, what, s->call[i].fd, &event) != 0)
		hf_bench_fail("epoll refuses a socket");
}

static void begin(hf_callers *s, unsigned i)
{
	struct call *c = &s->call[i];

	c->fd = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
	c->syns = 1;
	c->began = hf_bench_clock();
	c->took = NEVER;
	if (c->fd < 0 ||
	    (connect(c->fd, (struct sockaddr *)&s->to, sizeof(s->to)) != 0 && errno != EINPROGRESS))
		hf_bench_fail("a client cannot connect");
	s->open++;
	watch(s, i, EPOLL_CTL_ADD, EPOLLOUT);
}

static void end(hf_callers *s, struct call *c)
{
	struct linger reset = { .l_onoff = 1 };

	setsockopt(c->fd, SOL_SOCKET, SO_LINGER, &reset, sizeof(reset));
	close(c->fd);
	c->fd = -1;
	s->open--;
}

/* The handshake is done: how many SYNs did it take? */
static void ask(hf_callers *s, unsigned i)
{
	struct call *c = &s->call[i];
	struct tcp_info info = { 0 };
	socklen_t len = sizeof(info);

	getsockopt(c->fd, IPPROTO_TCP, TCP_INFO, &info, &len);
	len = (socklen_t)strlen(s->plan.question);
	if (info.tcpi_state != TCP_ESTABLISHED ||
	    write(c->fd, s->plan.question, len) != (ssize_t)len) {
		end(s, c);
		return;
	}
	c->connected = true;
	c->syns = 1 + info.tcpi_total_retrans;
	watch(s, i, EPOLL_CTL_MOD, EPOLLIN);
}

static void go_on(hf_callers *s, unsigned i)
{
	struct call *c = &s->call[i];
	char octet;

	if (!c->connected) {
		ask(s, i);
		return;
	}
	if (read(c->fd, &octet, 1) == 1)
		c->took = hf_bench_clock() - c->began;
	end(s, c);
}

/* ---- All of them ---- */

static void *run(void *arg)
{
	hf_callers *s = arg;
	struct epoll_event event[EVENTS];
	double began, now, last;

	if (s->plan.ns)
		close(hf_bench_enter(s->plan.ns)); /* the thread ends there */
	began = now = hf_bench_clock();
	last = began + s->plan.calls / s->plan.rate + s->plan.patience;
	while (now < last && (s->begun < s->plan.calls || s->open > 0)) {
		int n;

		while (s->begun < s->plan.calls && began + s->begun / s->plan.rate <= now)
			begin(s, s->begun++);
		n = epoll_wait(s->epoll, event, EVENTS, 1);
		for (int i = 0; i < n; i++)
			go_on(s, event[i].data.u32);
		now = hf_bench_clock();
	}
	return NULL;
}

hf_callers *hf_callers_start(const hf_call_plan *plan)
{
	hf_callers *s = calloc(1, sizeof(*s));

	if (!s || plan->calls > HF_CALLS_MOST)
		hf_bench_fail("no memory, or too many calls");
	s->plan = *plan;
	s->to = (struct sockaddr_in){ .sin_family = AF_INET, .sin_port = htons(plan->to.port) };
	memcpy(&s->to.sin_addr, plan->to.addr.octet + 12, 4);
	s->epoll = epoll_create1(EPOLL_CLOEXEC);
	if (s->epoll < 0 || pthread_create(&s->thread, NULL, run, s) != 0)
		hf_bench_fail("no epoll, or no thread");
	return s;
}

static int by_time(const void *a, const void *b)
{
	double x = ((const struct call *)a)->took, y = ((const struct call *)b)->took;

	return (x > y) - (x < y);
}

hf_called hf_callers_wait(hf_callers *s)
{
	unsigned n = s->plan.calls;
	hf_called all = { .calls = n };

	pthread_join(s->thread, NULL);
	for (unsigned i = 0; i < n; i++) {
		struct call *c = &s->call[i];

		all.syns += c->syns;
		all.answered += c->took < NEVER;
		all.at_first += c->connected && c->syns == 1;
		if (c->fd >= 0)
			end(s, c);
	}
	qsort(s->call, n, sizeof(s->call[0]), by_time);
	all.median = s->call[n / 2].took;
	all.slow = s->call[n - 1 - n / 100].took;
	close(s->epoll);
	free(s);
	return all;
}
