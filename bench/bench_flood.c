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
#include "syns.h"

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
#define SECOND (OURS / 2) /* that many SYNs are a second of the stack's time */

static uint8_t room[BURST][HF_BENCH_SYN], out_room[BURST][128];
static hf_packet burst[BURST], out[BURST];
static uint64_t random_state;

/* Not one of the hosts that take part, nor what no packet can come from. */
static hf_addr random_source(void)
{
	uint32_t a;

	do
		a = (uint32_t)(hf_bench_draw(&random_state) >> 32);
	while (a >> 24 == 0 || a >> 24 == 10 || a >> 24 == 127 || a >> 28 >= 14);
	return hf_addr_v4((uint8_t)(a >> 24), (uint8_t)(a >> 16), (uint8_t)(a >> 8), (uint8_t)a);
}

static void make_burst(void)
{
	const hf_endpoint to = { hf_addr_v4(10, 0, 0, 2), HF_BENCH_PORT };

	for (size_t i = 0; i < BURST; i++) {
		hf_addr from = random_source();

		hf_bench_syn(&from, &to, &random_state, room[i]);
		burst[i] = (hf_packet){ .data = room[i],
					.len = HF_BENCH_SYN,
					.capacity = HF_BENCH_SYN };
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

	make_burst();
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

		make_burst();
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
