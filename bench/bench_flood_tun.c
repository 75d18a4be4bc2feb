/* SPDX-License-Identifier: BSD-2-Clause */
/* A flood of SYNs through a device, and honest clients meanwhile: Handfast beside the kernel. */
#include <handfast/heap.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#include "callers.h"
#include "flooder.h"
#include "io/clock.h"
#include "io/loop.h"
#include "io/random.h"
#include "kernel_flows.h"
#include "rounds.h"

/*
 * In one namespace are those who ask: a thread that floods a device with SYNs (flooder.h), and 200
 * kernel sockets a second that connect, send an octet and want one back (callers.h). Behind the
 * device is a host with a listener: either Handfast, its loop in a thread, and the device is its
 * TUN; or the kernel in a second namespace, with tcp_syncookies=1, and the device is one end of a
 * veth. Both queues of half-open peers have room for 4,096. What leaves the host for the flood's
 * addresses ends in the first namespace, whose kernel knows no way for it.
 *
 * Counted, in rounds of two seconds, Handfast and the kernel in turn:
 *
 * - SYNs answered a second: what came back through the device;
 * - ns a SYN: of Handfast, the CPU time of its thread, the kernel's reading and writing of the TUN
 *   included. The kernel handles a SYN within the call that sends it; its figure is the CPU time of
 *   the flooding thread a SYN less what the same thread takes where Handfast is flooded. What the
 *   kernel leaves to ksoftirqd is not in it.
 * - clients that connected with their first SYN, and the time from connect() to the answer. A veth
 *   makes the sender wait; a TUN does not, and what its queue has no room for is gone before
 *   Handfast knows of it. So SYNs of clients are counted where they are sent and where they arrive:
 *   the difference was lost in the queue. A SYN that comes again although the one before it had
 *   arrived is Handfast's fault.
 *
 * Nothing else may run on the machine meanwhile. Two threads and the clients share its processors.
 */

#define ROUNDS 5
#define SECONDS 2.0
#define CALL_RATE 200.0
#define PATIENCE 3.5 /* seconds for two repeated SYNs, at 1 and 3 s */
#define HALF_OPEN 4096
#define QUEUE 4096 /* packets that may wait in the TUN */
#define PORT 7

#define CLIENT "10.0.0.1"
#define CLIENT_MAC "02:00:00:00:00:01"
#define SERVER "10.0.0.2"
#define SERVER_MAC "02:00:00:00:00:02"

/* Of one round. */
struct figures {
	double sent, answered; /* SYNs a second */
	double sender;         /* ns of the flooding thread a SYN sent */
	double host;           /* ns of the host a SYN answered */
	double at_first;       /* share of the clients that needed one SYN */
	double at_first_seen;  /* the same, those left aside whose SYN the queue lost */
	double median, slow;   /* ms from connect() to the answer */
};

enum { FIGURES = sizeof(struct figures) / sizeof(double) };

static hf_endpoint server_end(void)
{
	return (hf_endpoint){ hf_addr_v4(10, 0, 0, 2), PORT };
}

/* ---- Those who ask ---- */

struct asked {
	hf_flooded flood;
	hf_called called;
	hf_bench_device passed; /* the device, from the flood's begin to its end */
};

static struct asked ask(const hf_netns *ns, const char *device, double rate)
{
	hf_flood_plan flood = {
		.ns = ns, .device = device, .to_mac = { 2, 0, 0, 0, 0, 2 }, .rate = rate
	};
	hf_call_plan call = { .ns = ns,
			      .rate = CALL_RATE,
			      .calls = (unsigned)(CALL_RATE * SECONDS),
			      .patience = PATIENCE,
			      .question = "?" };
	hf_bench_device before = hf_bench_device_of(ns, device);
	struct timespec time = { .tv_sec = (time_t)SECONDS };
	hf_flooder *flooder;
	hf_callers *callers;
	struct asked a;

	flood.to = call.to = server_end();
	flooder = hf_flooder_new(&flood);
	hf_flooder_start(flooder);
	callers = hf_callers_start(&call);
	nanosleep(&time, NULL);
	a.flood = hf_flooder_stop(flooder);
	a.passed = hf_bench_device_of(ns, device);
	a.passed.received -= before.received;
	a.passed.sent -= before.sent;
	a.passed.dropped -= before.dropped;
	a.called = hf_callers_wait(callers);
	return a;
}

static struct figures figures_of(const struct asked *a)
{
	double calls = a->called.calls;

	if (a->called.answered < a->called.calls)
		hf_bench_fail("a client has no answer, though the flood is over");
	return (struct figures){
		.sent = (double)a->flood.syns / a->flood.seconds,
		.answered = (double)a->passed.received / a->flood.seconds,
		.sender = a->flood.cpu / (double)a->flood.syns * 1e9,
		.at_first = a->called.at_first / calls,
		.at_first_seen = a->called.at_first / calls,
		.median = a->called.median * 1e3,
		.slow = a->called.slow * 1e3,
	};
}

/* ---- Handfast ---- */

struct ours {
	hf_netns ns;
	hf_link *tun;
	hf_stack *stack;
	hf_listener listener;
	hf_poller *poller;
	hf_loop *loop;
	pthread_t thread;
	atomic_bool stop;
	double cpu;
	uint64_t seen, again; /* SYNs of clients that arrived; of those, the repeated ones */
	bool has_come[65536]; /* a SYN from this port */
};

static void on_event(void *ctx, const hf_event *e)
{
	struct ours *o = ctx;
	hf_conn c;
	char octet;
	size_t n;

	if (e->bits & HF_EVENT_ACCEPTABLE)
		while (hf_listener_accept(o->stack, o->listener, &c) == HF_OK)
			;
	if (e->bits & HF_EVENT_READABLE &&
	    hf_conn_receive(o->stack, e->conn, &octet, 1, &n) == HF_OK && n == 1)
		hf_conn_send(o->stack, e->conn, &octet, 1, &n);
	if (e->bits & (HF_EVENT_PEER_CLOSED | HF_EVENT_CLOSED))
		hf_conn_close(o->stack, e->conn);
}

/* Looks for the SYNs of clients: from 10.0.0.1, without ACK. */
static void on_packet(void *ctx, bool leaving, const hf_packet *p, hf_time now)
{
	static const uint8_t client[4] = { 10, 0, 0, 1 };
	struct ours *o = ctx;
	unsigned port;

	(void)now;
	if (leaving || p->len < 40 || memcmp(p->data + 12, client, 4) != 0 || p->data[33] != 0x02)
		return;
	port = (unsigned)p->data[20] << 8 | p->data[21];
	o->seen++;
	o->again += o->has_come[port];
	o->has_come[port] = true;
}

static bool open_tun(struct ours *o, hf_io_error *error)
{
	hf_tun_options tun = { .name = "flooded", .queue = QUEUE };

	hf_addr_parse(CLIENT, &tun.address[0].addr);
	tun.address[0].prefix = 24;
	return hf_netns_new(&tun, &o->ns, &o->tun, error);
}

static void open_stack(struct ours *o)
{
	hf_config config = {
		.size = sizeof(config),
		.allocator = hf_heap(),
		.link = o->tun->kind,
		.mtu = o->tun->mtu,
		.offloads = o->tun->offloads,
		.max_half_open = HALF_OPEN,
		.address = { { server_end().addr, 24 } },
	};
	hf_loop_options options = { .link = o->tun, .on_event = on_event, .ctx = o };
	hf_observer observer = { .packet = on_packet, .ctx = o };
	hf_endpoint at = server_end();
	hf_io_error error;

	if (!hf_random_secret(config.secret, &error) ||
	    !hf_poller_new(NULL, NULL, &o->poller, &error))
		hf_bench_fail(error.text);
	if (hf_stack_new(&config, hf_clock_now(), &o->stack) != HF_OK ||
	    hf_listener_open(o->stack, &at, NULL, &o->listener) != HF_OK)
		hf_bench_fail("no stack, or no listener");
	options.stack = o->stack;
	options.poller = o->poller;
	if (!hf_loop_new(&options, &o->loop, &error))
		hf_bench_fail(error.text);
	hf_loop_observe(o->loop, &observer);
}

static void *serve_ours(void *arg)
{
	struct ours *o = arg;
	struct timespec t;
	hf_io_error error;

	while (!o->stop)
		if (!hf_loop_turn(o->loop, hf_time_add(hf_clock_now(), HF_MS(10)), &error))
			hf_bench_fail(error.text);
	clock_gettime(CLOCK_THREAD_CPUTIME_ID, &t);
	o->cpu = (double)t.tv_sec + (double)t.tv_nsec / 1e9;
	return NULL;
}

static void close_ours(struct ours *o)
{
	hf_loop_free(o->loop);
	hf_poller_free(o->poller);
	hf_stack_free(o->stack);
	hf_link_close(o->tun);
	hf_netns_free(&o->ns);
	free(o);
}

static struct figures flood_ours(double rate)
{
	struct ours *o = calloc(1, sizeof(*o));
	struct figures f;
	hf_io_error error;
	struct asked a;

	if (!o || !open_tun(o, &error))
		hf_bench_fail("no TUN");
	open_stack(o);
	if (pthread_create(&o->thread, NULL, serve_ours, o) != 0)
		hf_bench_fail("no thread");
	a = ask(&o->ns, o->tun->name, rate);
	o->stop = true;
	pthread_join(o->thread, NULL);
	f = figures_of(&a);
	f.host = o->cpu / (double)a.passed.received * 1e9;
	if (o->seen < a.called.calls || o->seen > a.called.syns)
		hf_bench_fail("the SYNs of clients were miscounted");
	f.at_first_seen = 1 - (double)o->again / a.called.calls;
	close_ours(o);
	return f;
}

/* ---- The kernel ---- */

struct kernel {
	hf_netns outside, host;
	int listener, epoll;
	pthread_t thread;
	atomic_bool stop;
};

static void empty_namespace(hf_netns *ns)
{
	hf_tun_options tun = { .no_offloads = true };
	hf_io_error error;
	hf_link *link;

	if (!hf_netns_new(&tun, ns, &link, &error))
		hf_bench_fail(error.text);
	hf_link_close(link);
}

static void must(const hf_netns *ns, const char *line)
{
	if (!hf_bench_shell(ns, line))
		hf_bench_fail(line);
}

static void open_kernel(struct kernel *k)
{
	char line[256];

	empty_namespace(&k->outside);
	empty_namespace(&k->host);
	snprintf(line, sizeof(line),
		 "ip link add flooded address " CLIENT_MAC
		 " type veth peer name host address " SERVER_MAC " netns /proc/%d/fd/%d",
		 (int)getpid(), k->host.net_fd);
	must(&k->outside, line);
	must(&k->outside, "ip link set flooded up && ip address add " CLIENT "/24 dev flooded && "
			  "ip neigh add " SERVER " lladdr " SERVER_MAC " dev flooded");
	must(&k->host, "ip link set host up && ip address add " SERVER "/24 dev host && "
		       "ip neigh add " CLIENT " lladdr " CLIENT_MAC " dev host && "
		       "ip route add " HF_FLOOD_SOURCES " via " CLIENT);
	hf_kernel_set(&k->host, "tcp_syncookies", "1");
	hf_kernel_set(&k->host, "tcp_max_syn_backlog", "4096");
	k->listener = hf_kernel_listen(&k->host, PORT, HALF_OPEN);
}

static void accept_all(const struct kernel *k)
{
	int fd;

	while ((fd = accept4(k->listener, NULL, NULL, SOCK_NONBLOCK | SOCK_CLOEXEC)) >= 0) {
		struct epoll_event event = { .events = EPOLLIN, .data = { .fd = fd } };

		if (epoll_ctl(k->epoll, EPOLL_CTL_ADD, fd, &event) != 0)
			hf_bench_fail("epoll refuses a socket");
	}
}

static void answer(int fd)
{
	char octet;

	if (read(fd, &octet, 1) != 1 || write(fd, &octet, 1) != 1)
		close(fd);
}

static void *serve_kernels(void *arg)
{
	struct kernel *k = arg;
	struct epoll_event event[64];

	while (!k->stop) {
		int n = epoll_wait(k->epoll, event, 64, 10);

		for (int i = 0; i < n; i++) {
			if (event[i].data.fd == k->listener)
				accept_all(k);
			else
				answer(event[i].data.fd);
		}
	}
	return NULL;
}

/* `sender`: ns a SYN that sending alone takes. */
static struct figures flood_kernel(double rate, double sender)
{
	struct kernel k = { 0 };
	struct epoll_event event = { .events = EPOLLIN };
	struct figures f;
	struct asked a;

	open_kernel(&k);
	k.epoll = epoll_create1(EPOLL_CLOEXEC);
	event.data.fd = k.listener;
	if (k.epoll < 0 || epoll_ctl(k.epoll, EPOLL_CTL_ADD, k.listener, &event) != 0 ||
	    pthread_create(&k.thread, NULL, serve_kernels, &k) != 0)
		hf_bench_fail("no epoll, or no thread");
	a = ask(&k.outside, "flooded", rate);
	k.stop = true;
	pthread_join(k.thread, NULL);
	f = figures_of(&a);
	f.host = f.sender - sender;
	close(k.epoll);
	close(k.listener);
	hf_netns_free(&k.host);
	hf_netns_free(&k.outside);
	return f;
}

/* ---- The figures ---- */

static int by_size(const void *a, const void *b)
{
	double x = *(const double *)a, y = *(const double *)b;

	return (x > y) - (x < y);
}

/* Each figure's own median. */
static struct figures medians(const struct figures *rounds)
{
	double figure[FIGURES][ROUNDS], median[FIGURES];
	struct figures f;

	for (unsigned r = 0; r < ROUNDS; r++) {
		double of_round[FIGURES];

		memcpy(of_round, &rounds[r], sizeof(of_round));
		for (unsigned i = 0; i < FIGURES; i++)
			figure[i][r] = of_round[i];
	}
	for (unsigned i = 0; i < FIGURES; i++) {
		qsort(figure[i], ROUNDS, sizeof(double), by_size);
		median[i] = figure[i][ROUNDS / 2];
	}
	memcpy(&f, median, sizeof(f));
	return f;
}

static void show(const char *who, const struct figures *f)
{
	printf("           %s: of %.0f SYNs a second %.0f answered, %.0f ns each; clients at the "
	       "first SYN %.2f %%, answered after %.3g ms (99 of 100: %.3g ms)\n",
	       who, f->sent, f->answered, f->host, f->at_first * 100, f->median, f->slow);
}

static void compare(const char *what, double rate)
{
	struct figures ours[ROUNDS], kernels[ROUNDS], o, k;

	for (int i = 0; i < ROUNDS; i++) {
		ours[i] = flood_ours(rate);
		kernels[i] = flood_kernel(rate, ours[i].sender);
	}
	o = medians(ours);
	k = medians(kernels);
	printf("%7.2f x  %s; SYNs answered a second, and %.2f x: ns a SYN\n",
	       o.answered / k.answered, what, k.host / o.host);
	show("Handfast", &o);
	printf("           Handfast: at the first SYN of those whose SYN the TUN's queue did not "
	       "lose: %.2f %%\n",
	       o.at_first_seen * 100);
	show("the kernel", &k);
	printf("           medians of %d\n", ROUNDS);
	fflush(stdout);
}

int main(void)
{
	struct ours o = { 0 };
	hf_io_error error;

	if (geteuid() != 0) {
		printf("a flood of SYNs over a TUN: skipped, packet sockets need root\n");
		return 0;
	}
	if (!open_tun(&o, &error)) {
		printf("a flood of SYNs over a TUN: skipped, %s\n", error.text);
		return 0;
	}
	hf_link_close(o.tun);
	hf_netns_free(&o.ns);
	compare("100,000 SYNs a second over a TUN, 200 clients a second meanwhile", 100000);
	compare("SYNs over a TUN as fast as a thread sends them, 200 clients a second meanwhile",
		0);
	return 0;
}
