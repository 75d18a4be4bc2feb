/* SPDX-License-Identifier: BSD-2-Clause */
/* Both ends of a conversation, for the benchmarks: two stacks in memory, two kernel sockets. */
#include "ends.h"

#include <arpa/inet.h>
#include <handfast/heap.h>
#include <netinet/tcp.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <unistd.h>

#include "rounds.h"

#define BURST 64
#define PACKET 1600

static uint8_t room[BURST][PACKET];
static hf_packet packets[BURST];

static hf_stack *host(uint8_t last)
{
	hf_config config = {
		.size = sizeof(config),
		.allocator = hf_heap(),
		.secret = { 0x243f6a8885a308d3, 0x13198a2e03707344, 0xa4093822299f31d0, last },
		.mtu = 1500,
		.msl = HF_MS(1),
		.address = { { hf_addr_v4(10, 0, 0, last), 24 } },
	};
	hf_stack *s;

	if (hf_stack_new(&config, (hf_time){ 0 }, &s) != HF_OK)
		hf_bench_fail("no stack");
	return s;
}

hf_bench_ends *hf_bench_ends_new(void)
{
	hf_bench_ends *e = calloc(1, sizeof(*e));

	if (!e)
		hf_bench_fail("no memory");
	for (size_t i = 0; i < BURST; i++)
		packets[i] = (hf_packet){ .data = room[i], .capacity = PACKET };
	e->client = host(1);
	e->server = host(2);
	e->at = (hf_endpoint){ hf_addr_v4(10, 0, 0, 2), HF_BENCH_PORT };
	if (hf_listener_open(e->server, &e->at, NULL, &e->listener) != HF_OK)
		hf_bench_fail("no listener");
	return e;
}

void hf_bench_ends_free(hf_bench_ends *e)
{
	hf_stack_free(e->client);
	hf_stack_free(e->server);
	free(e);
}

static size_t carry(hf_bench_ends *e, hf_stack *from, hf_stack *to)
{
	size_t n = hf_stack_output(from, packets, BURST, e->now);

	if (n > 0)
		hf_stack_input(to, packets, n, e->now);
	e->packets += n;
	return n;
}

size_t hf_bench_turn(hf_bench_ends *e)
{
	e->now = hf_time_add(e->now, HF_US(1));
	return carry(e, e->client, e->server) + carry(e, e->server, e->client);
}

void hf_bench_settle(hf_bench_ends *e)
{
	while (hf_bench_turn(e) > 0)
		;
}

static void forget_events(hf_stack *s)
{
	hf_event event;

	while (hf_stack_next_event(s, &event))
		;
}

void hf_bench_connect(hf_bench_ends *e, hf_conn *client, hf_conn *server)
{
	if (hf_conn_open(e->client, &e->at, NULL, e->now, client) != HF_OK)
		hf_bench_fail("no connection");
	hf_bench_settle(e);
	if (hf_listener_accept(e->server, e->listener, server) != HF_OK)
		hf_bench_fail("nothing to accept");
	forget_events(e->client);
	forget_events(e->server);
}

int hf_bench_listen(unsigned short *port)
{
	struct sockaddr_in a = { .sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
	socklen_t len = sizeof(a);
	int fd = socket(AF_INET, SOCK_STREAM, 0);

	if (fd < 0 || bind(fd, (struct sockaddr *)&a, len) < 0 || listen(fd, 1024) < 0 ||
	    getsockname(fd, (struct sockaddr *)&a, &len) < 0)
		hf_bench_fail("the kernel gives no listener on loopback");
	*port = a.sin_port;
	return fd;
}

void hf_bench_kernel_pair(int listener, unsigned short port, int fd[2])
{
	struct sockaddr_in a = { .sin_family = AF_INET,
				 .sin_port = port,
				 .sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
	int on = 1;

	fd[0] = socket(AF_INET, SOCK_STREAM, 0);
	if (fd[0] < 0 || connect(fd[0], (struct sockaddr *)&a, sizeof(a)) < 0)
		hf_bench_fail("the kernel does not connect over loopback");
	fd[1] = accept(listener, NULL, NULL);
	if (fd[1] < 0)
		hf_bench_fail("the kernel does not accept");
	setsockopt(fd[0], IPPROTO_TCP, TCP_NODELAY, &on, sizeof(on));
	setsockopt(fd[1], IPPROTO_TCP, TCP_NODELAY, &on, sizeof(on));
}
