/* SPDX-License-Identifier: BSD-2-Clause */
/* Two hosts for tests: a stack and a loop each, on a pair of links, with the test's clock. */
#ifndef HF_TESTS_IO_TWO_HOSTS_H
#define HF_TESTS_IO_TWO_HOSTS_H

#include <handfast/heap.h>
#include <string.h>

#include "io/loop.h"
#include "io/pair.h"

#define HOST_EVENTS 64

/* One host, and what happened to it. */
struct host {
	hf_link *link;
	hf_stack *stack;
	hf_poller *poller;
	hf_loop *loop;
	hf_addr addr;
	/* Asked first about every event: true if it has dealt with it. May be NULL. */
	bool (*takes_event)(void *ctx, const hf_event *event);
	void *ctx;
	hf_event last;     /* event that nobody took */
	uint32_t happened; /* bits of all of them */
};

struct two_hosts {
	hf_time now;
	struct host a, b;
};

static inline hf_time hosts_clock(void *ctx)
{
	return ((struct two_hosts *)ctx)->now;
}

static inline void host_event(void *ctx, const hf_event *event)
{
	struct host *h = ctx;

	if (h->takes_event && h->takes_event(h->ctx, event))
		return;
	h->last = *event;
	h->happened |= event->bits;
}

static inline bool host_start(struct two_hosts *t, struct host *h, hf_addr addr)
{
	hf_config config = {
		.size = sizeof(config),
		.allocator = hf_heap(),
		.secret = { 1, 2, 3, addr.octet[15] },
		.link = h->link->kind,
		.mtu = h->link->mtu,
		.offloads = h->link->offloads,
	};
	hf_loop_options options = { .link = h->link, .on_event = host_event, .ctx = h };

	config.address[0] = (hf_host_addr){ addr, (uint8_t)(hf_addr_is_v4(&addr) ? 24 : 64) };
	h->addr = addr;
	if (hf_stack_new(&config, t->now, &h->stack) != HF_OK ||
	    !hf_poller_new(hosts_clock, t, &h->poller, NULL))
		return false;
	options.stack = h->stack;
	options.poller = h->poller;
	return hf_loop_new(&options, &h->loop, NULL);
}

/* Starts both on addresses of one family. */
static inline bool hosts_start(struct two_hosts *t, const hf_pair_options *pair, bool is_v4)
{
	hf_addr a = { { 0xfd, [15] = 1 } }, b = { { 0xfd, [15] = 2 } };

	memset(t, 0, sizeof(*t));
	t->now.ns = HF_SEC(1000);
	if (is_v4) {
		a = hf_addr_v4(10, 0, 0, 1);
		b = hf_addr_v4(10, 0, 0, 2);
	}
	return hf_pair_new(pair, &t->a.link, &t->b.link, NULL) && host_start(t, &t->a, a) &&
	       host_start(t, &t->b, b);
}

static inline void host_stop(struct host *h)
{
	hf_loop_free(h->loop);
	hf_poller_free(h->poller);
	hf_stack_free(h->stack);
	hf_link_close(h->link);
	memset(h, 0, sizeof(*h));
}

static inline void hosts_stop(struct two_hosts *t)
{
	host_stop(&t->a);
	host_stop(&t->b);
}

/* Lets `ns` of time go by in steps of a millisecond, with a turn for both in each. */
static inline bool hosts_run(struct two_hosts *t, hf_ns ns)
{
	for (hf_time end = hf_time_add(t->now, ns); hf_time_before(t->now, end);) {
		t->now = hf_time_add(t->now, HF_MS(1));
		if (!hf_loop_turn(t->a.loop, t->now, NULL) ||
		    !hf_loop_turn(t->b.loop, t->now, NULL))
			return false;
	}
	return true;
}

/* B connects to A's port 80; both ends' handles. */
static inline bool hosts_connect(struct two_hosts *t, hf_conn *at_a, hf_conn *at_b)
{
	hf_endpoint local = { .port = 80 }, remote = { t->a.addr, 80 };
	hf_listener l;

	return hf_listener_open(t->a.stack, &local, NULL, &l) == HF_OK &&
	       hf_conn_open(t->b.stack, &remote, NULL, t->now, at_b) == HF_OK &&
	       hosts_run(t, HF_MS(20)) && hf_listener_accept(t->a.stack, l, at_a) == HF_OK &&
	       hosts_run(t, HF_MS(5));
}

/* The octet at a position of a stream that tests send. */
static inline uint8_t stream_octet(size_t at)
{
	return (uint8_t)(at * 7 + at / 251);
}

/* B sends `total` octets while both loops run; false: A got a wrong one, or not all of them. */
static inline bool hosts_carry(struct two_hosts *t, hf_conn from_b, hf_conn to_a, size_t total)
{
	static uint8_t block[65536];
	size_t sent = 0, received = 0, n;

	for (int turns = 0; received < total && turns < 60000; turns++) {
		size_t want = total - sent < sizeof(block) ? total - sent : sizeof(block);

		for (size_t i = 0; i < want; i++)
			block[i] = stream_octet(sent + i);
		if (want && hf_conn_send(t->b.stack, from_b, block, want, &n) == HF_OK)
			sent += n;
		if (!hosts_run(t, HF_MS(1)))
			return false;
		while (hf_conn_receive(t->a.stack, to_a, block, sizeof(block), &n) == HF_OK && n) {
			for (size_t i = 0; i < n; i++)
				if (block[i] != stream_octet(received + i))
					return false;
			received += n;
		}
	}
	return received == total;
}

#endif
