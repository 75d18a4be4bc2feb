/* SPDX-License-Identifier: BSD-2-Clause */
/* Emulated paths in real time: the lab's links between kernels in namespaces and hosts of ours. */
#include "paths.h"

#include <limits.h>
#include <malloc.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>

#include "io/clock.h"
#include "kernel_flows.h"
#include "lab/apps.h"
#include "rounds.h"

#define CLIENT "10.81.0.1"
#define SERVER "10.82.0.1"
#define FIRST_PORT 5000
#define MTU 1500
#define BURST 32
#define QUEUE 100000                 /* packets: the path loses some, but not the way to it */
#define BUFFERS (UINT32_C(64) << 20) /* octets: as the kernel's */
#define LONGEST_SLEEP HF_MS(20)
#define MEMORY ((size_t)480 << 20) /* octets, more than the windows and queues of a flow need */
#define MEMORY_PIECES 20

enum side { CLIENT_SIDE, SERVER_SIDE, SIDES };

/** A kernel behind a TUN. */
struct kernel {
	hf_netns ns;
	hf_link *tun;
	uint8_t room[BURST][MTU];
	hf_packet packet[BURST];
};

/** One flow's parts. An end is a host of ours or a raw node that stands for a kernel. */
struct flow {
	struct world *world;
	hf_bench_flow *of;
	hf_lab_node *end[SIDES];
	hf_lab_link *link;
	hf_lab_server server;
	hf_lab_talk client, serving;
};

struct world {
	hf_lab *lab;
	hf_time origin; /* the machine's time at the lab's 0 */
	struct kernel kernel[SIDES];
	hf_kernel_flows *sockets;
	struct flow flow[HF_BENCH_FLOWS];
	size_t flows;
};

static bool is_ours(hf_bench_pair pair, enum side side)
{
	return side == CLIENT_SIDE ? pair == HF_BENCH_HANDFAST_TO_KERNEL :
				     pair == HF_BENCH_KERNEL_TO_HANDFAST;
}

/* ---- Namespaces ---- */

static bool open_kernel(struct kernel *k, enum side side, hf_io_error *error)
{
	hf_tun_options tun = { .no_offloads = true, .mtu = MTU, .queue = QUEUE };
	bool client = side == CLIENT_SIDE;

	tun.address[0].prefix = 24;
	tun.route[0].prefix = 24;
	hf_addr_parse(client ? CLIENT : SERVER, &tun.address[0].addr);
	hf_addr_parse(client ? "10.82.0.0" : "10.81.0.0", &tun.route[0].addr);
	if (!hf_netns_new(&tun, &k->ns, &k->tun, error))
		return false;
	hf_kernel_prepare(&k->ns);
	for (size_t i = 0; i < BURST; i++)
		k->packet[i] = (hf_packet){ .data = k->room[i], .capacity = MTU };
	return true;
}

static void close_kernel(struct kernel *k)
{
	hf_link_close(k->tun);
	hf_netns_free(&k->ns);
}

bool hf_bench_paths_possible(char *why, size_t len)
{
	static struct kernel k;
	hf_io_error error;

	if (!open_kernel(&k, CLIENT_SIDE, &error)) {
		snprintf(why, len, "%s", error.text);
		return false;
	}
	close_kernel(&k);
	return true;
}

/* ---- Packets between the lab and the kernels ---- */

/** The port of the server, which names the flow, or 0. */
static unsigned server_port(const hf_packet *p, enum side from)
{
	size_t header = (size_t)(p->data[0] & 15) * 4, at = header + (from == CLIENT_SIDE ? 2 : 0);

	if (p->len < header + 4 || p->data[0] >> 4 != 4 || p->data[9] != 6)
		return 0;
	return (unsigned)p->data[at] << 8 | p->data[at + 1];
}

static void from_kernel(struct world *w, enum side side)
{
	struct kernel *k = &w->kernel[side];
	int n = hf_link_receive(k->tun, k->packet, BURST);

	for (int i = 0; i < n; i++) {
		unsigned port = server_port(&k->packet[i], side), at = port - FIRST_PORT;

		if (port >= FIRST_PORT && at < w->flows)
			hf_lab_send(w->flow[at].end[side], w->flow[at].link, k->packet[i].data,
				    k->packet[i].len);
	}
}

static void to_kernel(void *ctx, hf_lab_node *self, hf_lab_link *link, const hf_lab_packet *packet)
{
	struct flow *f = ctx;
	enum side side = f->end[SERVER_SIDE] == self ? SERVER_SIDE : CLIENT_SIDE;
	hf_packet p = { .data = packet->data, .len = packet->len, .capacity = packet->len };

	(void)link;
	hf_link_send(f->world->kernel[side].tun, &p, 1);
}

/* ---- Flows ---- */

static void accepted(void *ctx, hf_lab_server *server, hf_conn conn)
{
	struct flow *f = ctx;
	hf_lab_talk_plan plan = { .receive_key = HF_BENCH_STREAM,
				  .ending = HF_LAB_LAST,
				  .read_chunk = 65536 };

	(void)server;
	hf_lab_talk_on(&f->serving, f->end[SERVER_SIDE], conn, &plan);
}

static void must(hf_err err)
{
	if (err != HF_OK)
		hf_bench_fail(hf_err_text(err));
}

static void make_end(struct flow *f, enum side side)
{
	hf_config config = { .mtu = MTU,
			     .send_buffer = BUFFERS,
			     .receive_buffer = BUFFERS,
			     .pacing = f->of->pacing };
	bool client = side == CLIENT_SIDE;
	char name[HF_LAB_NAME];

	snprintf(name, sizeof(name), "%s%zu", client ? "c" : "s", (size_t)(f - f->world->flow));
	if (is_ours(f->of->pair, side))
		must(hf_lab_host_add(f->world->lab, name, client ? CLIENT "/24" : SERVER "/24",
				     &config, &f->end[side]));
	else
		f->end[side] = hf_lab_raw_add(f->world->lab, name, to_kernel, f);
}

static void open_server(struct flow *f, uint16_t port)
{
	unsigned at = (unsigned)(f - f->world->flow);

	if (is_ours(f->of->pair, SERVER_SIDE)) {
		f->server = (hf_lab_server){ .accepted = accepted, .ctx = f };
		must(hf_lab_server_open(&f->server, f->end[SERVER_SIDE],
					&(hf_endpoint){ .port = port }, NULL));
	} else {
		hf_kernel_flows_serve(f->world->sockets, &f->world->kernel[SERVER_SIDE].ns, at,
				      port);
	}
}

static void open_client(struct flow *f, uint16_t port)
{
	hf_lab_talk_plan plan = { .send_key = HF_BENCH_STREAM,
				  .send = UINT64_MAX,
				  .write_chunk = 65536 };
	hf_endpoint remote = { .port = port };

	hf_addr_parse(SERVER, &remote.addr);
	if (is_ours(f->of->pair, CLIENT_SIDE))
		must(hf_lab_talk_open(&f->client, f->end[CLIENT_SIDE], &remote, NULL, &plan));
	else
		hf_kernel_flows_call(f->world->sockets, &f->world->kernel[CLIENT_SIDE].ns, SERVER,
				     port);
}

static void make_flow(struct world *w, hf_bench_flow *of)
{
	struct flow *f = &w->flow[w->flows++];
	uint16_t port = (uint16_t)(FIRST_PORT + (f - w->flow));

	f->world = w;
	f->of = of;
	make_end(f, CLIENT_SIDE);
	make_end(f, SERVER_SIDE);
	must(hf_lab_link_add(of->name, f->end[CLIENT_SIDE], f->end[SERVER_SIDE], &of->path,
			     &f->link));
	open_server(f, port);
	open_client(f, port);
}

static void note_result(struct flow *f)
{
	uint16_t port = (uint16_t)(FIRST_PORT + (f - f->world->flow));
	hf_bench_flow *of = f->of;
	hf_conn_info info;

	if (f->serving.wrong || f->client.error != HF_OK)
		hf_bench_fail("an octet is wrong, or a connection of ours has ended");
	of->received = is_ours(of->pair, SERVER_SIDE) ?
			       f->serving.received :
			       hf_kernel_flows_received(f->world->sockets, port - FIRST_PORT);
	if (!is_ours(of->pair, CLIENT_SIDE)) {
		hf_kernel_flows_figures(f->world->sockets, port, &of->retransmits, &of->timeouts);
		return;
	}
	must(hf_conn_info_get(hf_lab_stack(f->end[CLIENT_SIDE]), f->client.app.conn, &info));
	of->retransmits = info.retransmissions;
	of->timeouts = info.timeouts;
}

/* ---- Time ---- */

static hf_time lab_time(const struct world *w)
{
	return (hf_time){ hf_time_diff(hf_clock_now(), w->origin) };
}

/** Until a kernel has a packet or the lab's next event comes. */
static void wait_for_something(struct world *w)
{
	struct pollfd fd[SIDES] = { { w->kernel[0].tun->fd, POLLIN, 0 },
				    { w->kernel[1].tun->fd, POLLIN, 0 } };
	hf_ns wait = hf_time_diff(hf_lab_next(w->lab), lab_time(w));
	struct timespec t;

	if (wait > LONGEST_SLEEP)
		wait = LONGEST_SLEEP;
	if (wait < 0)
		wait = 0;
	t = (struct timespec){ .tv_nsec = (long)wait };
	ppoll(fd, SIDES, &t, NULL);
}

/** Returns how late an event was at most. */
static hf_ns run(struct world *w, hf_ns length)
{
	hf_time end = { length };
	hf_ns late, most = 0;

	prctl(PR_SET_TIMERSLACK, 1UL);
	while (hf_time_before(lab_time(w), end)) {
		late = hf_time_diff(lab_time(w), hf_lab_next(w->lab));
		most = late > most ? late : most;
		hf_lab_run_until(w->lab, lab_time(w));
		for (int side = 0; side < SIDES; side++)
			from_kernel(w, (enum side)side);
		hf_lab_run_until(w->lab, lab_time(w));
		wait_for_something(w);
	}
	return most;
}

/**
 * Memory that a process has for the first time, the machine may have to find first: that would stop
 * the emulation whenever a window grows. So it is taken here, and never given back. Not before the
 * namespaces are there: making them forks, after which each page is to be found once more.
 */
static void take_memory(void)
{
	static void *piece[MEMORY_PIECES];

	mallopt(M_MMAP_MAX, 0);
	mallopt(M_TRIM_THRESHOLD, INT_MAX);
	for (size_t i = 0; i < MEMORY_PIECES; i++) {
		piece[i] = malloc(MEMORY / MEMORY_PIECES);
		if (!piece[i])
			hf_bench_fail("no memory for the windows and queues");
		memset(piece[i], 1, MEMORY / MEMORY_PIECES);
	}
	for (size_t i = 0; i < MEMORY_PIECES; i++)
		free(piece[i]);
}

void hf_bench_paths_run(hf_bench_flow *flows, size_t n, hf_ns length)
{
	struct world *w = calloc(1, sizeof(*w));
	hf_io_error error;
	hf_ns late;

	if (!w || n > HF_BENCH_FLOWS)
		hf_bench_fail("no memory for so many flows");
	w->lab = hf_lab_new(1);
	w->sockets = hf_kernel_flows_new();
	for (int side = 0; side < SIDES; side++)
		if (!open_kernel(&w->kernel[side], (enum side)side, &error))
			hf_bench_fail(error.text);
	take_memory();
	w->origin = hf_clock_now();
	for (size_t i = 0; i < n; i++)
		make_flow(w, &flows[i]);
	hf_kernel_flows_start(w->sockets);
	late = run(w, length);
	for (size_t i = 0; i < n; i++) {
		note_result(&w->flow[i]);
		flows[i].late = late;
	}
	hf_kernel_flows_free(w->sockets);
	hf_lab_free(w->lab);
	for (int side = 0; side < SIDES; side++)
		close_kernel(&w->kernel[side]);
	free(w);
}
