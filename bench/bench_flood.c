/* SPDX-License-Identifier: BSD-2-Clause */
/* A flood of SYNs: what does each cost, and is everybody else served? */
#include <arpa/inet.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "ends.h"
#include "kernel_flows.h"
#include "rounds.h"

/*
 * SYNs come from random addresses and ports; nobody there answers. Ours: ten million of them into
 * one stack, bursts of 64, and every ten thousand a real client, whose handshake must be done with
 * the first SYN that it sends. The kernel: as many as fit into the time, written to a TUN device,
 * which the kernel handles before the write returns; it gives cookies, as we do. What is counted is
 * the time from a SYN's arrival to its SYN-ACK, ready to leave.
 */

#define BURST 64
#define OURS 10000000
#define KERNELS 200000
#define HANDSHAKES 1000
#define SYN_LEN 60        /* IPv4 header, TCP header, and the options that Linux's SYN has */
#define SECOND (OURS / 2) /* that many SYNs are a second of the stack's time */

static uint8_t room[BURST][SYN_LEN], out_room[BURST][128];
static hf_packet burst[BURST], out[BURST];
static uint64_t random_state;

static uint64_t draw(void)
{
	random_state ^= random_state << 13;
	random_state ^= random_state >> 7;
	random_state ^= random_state << 17;
	return random_state;
}

/* Not one of the hosts that take part, nor what no packet can come from. */
static uint32_t random_source(void)
{
	uint32_t a;

	do
		a = (uint32_t)(draw() >> 32);
	while (a >> 24 == 0 || a >> 24 == 10 || a >> 24 == 127 || a >> 28 >= 14);
	return a;
}

static void sum(uint8_t *field, const uint8_t *from, size_t len, uint32_t with)
{
	uint32_t s = with;

	for (size_t i = 0; i < len; i += 2)
		s += (uint32_t)from[i] << 8 | from[i + 1];
	s = (s & 0xffff) + (s >> 16);
	s = (s & 0xffff) + (s >> 16);
	field[0] = (uint8_t)(~s >> 8);
	field[1] = (uint8_t)~s;
}

/* To 10.0.0.2, port `port`: MSS 1460, SACK, timestamps, window scale 7. */
static void make_syn(uint8_t *p, uint16_t port)
{
	static const uint8_t options[20] = { 2, 4, 5, 0xb4, 4, 2, 8, 10, 0, 0,
					     0, 0, 0, 0,    0, 0, 1, 3,  3, 7 };
	uint32_t from = htonl(random_source()), to = htonl(0x0a000002);
	uint64_t numbers = draw();
	uint32_t pseudo = 6 + SYN_LEN - 20;

	memset(p, 0, SYN_LEN);
	p[0] = 0x45;
	p[3] = SYN_LEN;
	p[8] = 64;
	p[9] = 6;
	memcpy(p + 12, &from, 4);
	memcpy(p + 16, &to, 4);
	sum(p + 10, p, 20, 0);
	memcpy(p + 20, &numbers, 2);
	p[20] |= 0x80;
	p[22] = (uint8_t)(port >> 8);
	p[23] = (uint8_t)port;
	memcpy(p + 24, (uint8_t *)&numbers + 2, 4);
	p[32] = 10 << 4;
	p[33] = 2;
	p[34] = 0xfa;
	memcpy(p + 40, options, sizeof(options));
	memcpy(p + 48, &numbers, 4); /* the timestamp */
	for (int i = 12; i < 20; i += 2)
		pseudo += (uint32_t)p[i] << 8 | p[i + 1];
	sum(p + 36, p + 20, SYN_LEN - 20, pseudo);
}

static void make_burst(uint16_t port)
{
	for (size_t i = 0; i < BURST; i++) {
		make_syn(room[i], port);
		burst[i] = (hf_packet){ .data = room[i], .len = SYN_LEN, .capacity = SYN_LEN };
		out[i] = (hf_packet){ .data = out_room[i], .capacity = sizeof(out_room[i]) };
	}
}

/* ---- Ours ---- */

/* What is for the client goes there, the rest into the void. Returns how many packets left. */
static size_t let_out(hf_bench_ends *e)
{
	static const uint8_t client[4] = { 10, 0, 0, 1 };
	size_t n = hf_stack_output(e->server, out, BURST, e->now);

	for (size_t i = 0; i < n; i++)
		if (memcmp(out[i].data + 16, client, 4) == 0)
			hf_stack_input(e->client, &out[i], 1, e->now);
	return n;
}

static double flood_burst(hf_bench_ends *e)
{
	double began;

	make_burst(HF_BENCH_PORT);
	e->now = hf_time_add(e->now, HF_SEC(1) * BURST / SECOND);
	began = hf_bench_clock();
	hf_stack_input(e->server, burst, BURST, e->now);
	while (let_out(e) == BURST)
		;
	return hf_bench_clock() - began;
}

/* A client whose handshake takes one burst of the flood for each of its messages. */
static double serve_one(hf_bench_ends *e)
{
	hf_conn client, server;
	hf_conn_info info;
	double took = 0;
	hf_event event;

	if (hf_conn_open(e->client, &e->at, NULL, e->now, &client) != HF_OK)
		hf_bench_fail("no connection");
	for (int i = 0; i < 2; i++) { /* the SYN, and the last ACK */
		hf_packet one = { .data = out_room[0], .capacity = sizeof(out_room[0]) };

		if (hf_stack_output(e->client, &one, 1, e->now) == 1)
			hf_stack_input(e->server, &one, 1, e->now);
		took += flood_burst(e);
	}
	if (hf_conn_info_get(e->client, client, &info) != HF_OK || info.retransmissions > 0 ||
	    info.state != HF_ESTABLISHED ||
	    hf_listener_accept(e->server, e->listener, &server) != HF_OK)
		hf_bench_fail("a client was not served at its first try");
	hf_conn_abort(e->client, client);
	hf_conn_abort(e->server, server);
	while (hf_stack_next_event(e->client, &event) || hf_stack_next_event(e->server, &event))
		;
	while (hf_stack_output(e->client, out, BURST, e->now) > 0)
		;
	return took;
}

/* The table fills up, what follows gets cookies. */
static size_t fill(hf_bench_ends *e)
{
	hf_stats stats;

	do {
		flood_burst(e);
		hf_stack_stats(e->server, &stats);
	} while (stats.reasons[HF_WHY_SYN_COOKIE] == 0);
	serve_one(e);
	hf_stack_stats(e->server, &stats);
	return stats.memory;
}

static double in_memory(void)
{
	hf_bench_ends *e = hf_bench_ends_new();
	size_t memory = fill(e);
	unsigned bursts = OURS / BURST / HANDSHAKES;
	double took = 0;
	hf_stats stats;

	for (int i = 0; i < HANDSHAKES; i++) {
		for (unsigned k = 2; k < bursts; k++)
			took += flood_burst(e);
		took += serve_one(e);
	}
	hf_stack_stats(e->server, &stats);
	if (stats.reasons[HF_WHY_SYN_COOKIE] < (uint64_t)bursts * BURST * HANDSHAKES ||
	    stats.memory > memory)
		hf_bench_fail("not every SYN was answered, or memory has grown");
	hf_bench_ends_free(e);
	return took / ((double)bursts * BURST * HANDSHAKES) * 1e9;
}

/* ---- The kernel ---- */

struct kernel {
	hf_netns ns;
	hf_link *tun;
	int listener;
};

static void open_kernel(struct kernel *k)
{
	hf_tun_options tun = { .no_offloads = true };
	hf_io_error error;

	hf_addr_parse("10.0.0.2", &tun.address[0].addr);
	tun.address[0].prefix = 24;
	hf_addr_parse("0.0.0.0", &tun.route[0].addr);
	hf_addr_parse("128.0.0.0", &tun.route[1].addr);
	tun.route[0].prefix = tun.route[1].prefix = 1;
	if (!hf_netns_new(&tun, &k->ns, &k->tun, &error))
		hf_bench_fail(error.text);
	hf_kernel_set(&k->ns, "tcp_syncookies", "2");
	k->listener = hf_kernel_listen(&k->ns, HF_BENCH_PORT, 4096);
}

static unsigned answers(struct kernel *k)
{
	unsigned count = 0;
	int n;

	do {
		n = hf_link_receive(k->tun, out, BURST);
		for (int i = 0; i < n; i++)
			count += out[i].len >= 40 && out[i].data[33] == 0x12;
	} while (n == BURST);
	return count;
}

static double over_tun(void)
{
	struct kernel k;
	double took = 0;
	unsigned answered = 0;

	open_kernel(&k);
	for (int i = 0; i < KERNELS / BURST; i++) {
		double began;

		make_burst(HF_BENCH_PORT);
		began = hf_bench_clock();
		if (hf_link_send(k.tun, burst, BURST) != BURST)
			hf_bench_fail("the kernel takes no packets");
		took += hf_bench_clock() - began;
		answered += answers(&k);
	}
	close(k.listener);
	hf_link_close(k.tun);
	hf_netns_free(&k.ns);
	if (answered < KERNELS / BURST * BURST / 100 * 99)
		hf_bench_fail("the kernel did not answer");
	return took / (KERNELS / BURST * BURST) * 1e9;
}

static bool can_have_a_kernel(hf_io_error *error)
{
	hf_tun_options tun = { .no_offloads = true };
	hf_netns ns;
	hf_link *link;

	if (!hf_netns_new(&tun, &ns, &link, error))
		return false;
	hf_link_close(link);
	hf_netns_free(&ns);
	return true;
}

int main(void)
{
	hf_io_error error;

	random_state = UINT64_C(0x9e3779b97f4a7c15);
	if (!can_have_a_kernel(&error)) {
		printf("a flood of SYNs: skipped, %s\n", error.text);
		return 0;
	}
	hf_bench_ask(&(hf_bench_question){
		.text = "a flood of SYNs from random addresses: 10,000,000 with 1,000 handshakes "
			"among them, all done at the first try;\n           a SYN, answered by a "
			"cookie",
		.unit = "ns",
		.ours = in_memory,
		.peers = over_tun,
		.peer = "the kernel with cookies, through a TUN",
	});
	return 0;
}
