/* SPDX-License-Identifier: BSD-2-Clause */
/* Long fat paths: neither the window nor the send buffer is what holds a transfer back. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdlib.h>

#include "lab/apps.h"

#define MBIT UINT64_C(1000000)
#define LOOKS 8       /* in a round trip */
#define FREE_ROUNDS 3 /* round trips after the handshake in which anything may be the limit */
#define BUFFERS (UINT32_C(64) << 20)

/* A transfer that is looked at from its sender's side, again and again. */
struct transfer {
	hf_lab *lab;
	hf_lab_node *client, *server;
	hf_lab_talk from, to;
	hf_lab_talk_plan sends, reads;
	hf_lab_server listener;
	uint32_t looks, window_bound, buffer_bound, cwnd;
};

static void accepted(void *ctx, hf_lab_server *server, hf_conn conn)
{
	struct transfer *t = ctx;

	hf_lab_talk_on(&t->to, server->app.host, conn, &t->reads);
}

static void begin(struct transfer *t, const hf_lab_path *path, const hf_config *config)
{
	hf_endpoint local = { .port = 80 }, remote;

	t->lab = hf_lab_new(11);
	assert_int_equal(hf_lab_host_add(t->lab, "client", "10.0.0.1/24", config, &t->client),
			 HF_OK);
	assert_int_equal(hf_lab_host_add(t->lab, "server", "10.0.0.2/24", config, &t->server),
			 HF_OK);
	assert_int_equal(hf_lab_link_add("wire", t->client, t->server, path, NULL), HF_OK);
	t->listener = (hf_lab_server){ .accepted = accepted, .ctx = t };
	assert_int_equal(hf_lab_server_open(&t->listener, t->server, &local, NULL), HF_OK);
	t->sends = (hf_lab_talk_plan){ .send_key = 3, .send = UINT64_C(1) << 40 };
	t->reads.receive_key = 3;
	remote = (hf_endpoint){ hf_lab_address(t->server, 4), 80 };
	assert_int_equal(hf_lab_talk_open(&t->from, t->client, &remote, NULL, &t->sends), HF_OK);
}

/* What would let one segment more leave, if it were larger? */
static void look(struct transfer *t)
{
	hf_conn_info i;

	assert_int_equal(hf_conn_info_get(hf_lab_stack(t->client), t->from.app.conn, &i), HF_OK);
	t->looks++;
	t->cwnd = i.cwnd;
	if (i.pipe + i.snd_mss > i.cwnd)
		return;
	if (i.unsent >= i.snd_mss && i.in_flight + i.snd_mss > i.snd_wnd)
		t->window_bound++;
	else if (i.unsent < i.snd_mss)
		t->buffer_bound++;
}

static void run(struct transfer *t, hf_ns rtt, unsigned rounds)
{
	hf_time at = { rtt * (1 + FREE_ROUNDS) };

	hf_lab_run_until(t->lab, at);
	for (unsigned n = 0; n < rounds * LOOKS; n++) {
		at = hf_time_add(at, rtt / LOOKS);
		hf_lab_run_until(t->lab, at);
		look(t);
	}
	assert_int_equal(t->from.wrong + t->to.wrong, 0);
	(void)hf_lab_free(t->lab);
}

/* Slow start until the path is full several times over, and what follows. */
static void fill(uint64_t rate, hf_ns rtt, unsigned rounds, bool stamps)
{
	uint32_t bdp = (uint32_t)(rate / 8 * (uint64_t)(rtt / HF_MS(1)) / 1000);
	hf_lab_path path = { .rate = rate, .delay = rtt / 2, .queue_octets = 2 * bdp };
	hf_config config = { .mtu = 1500,
			     .send_buffer = BUFFERS,
			     .receive_buffer = BUFFERS,
			     .hystart = HF_CHOICE_OFF,
			     .no_timestamps = !stamps };
	struct transfer t = { 0 };

	begin(&t, &path, &config);
	run(&t, rtt, rounds);
	assert_int_equal(t.window_bound, 0);
	assert_int_equal(t.buffer_bound, 0);
	assert_true(t.cwnd > bdp);
}

static void no_window_limits_100_mbit_200_ms(void **state)
{
	(void)state;
	fill(100 * MBIT, HF_MS(200), 14, true);
}

static void no_window_limits_1000_mbit_50_ms(void **state)
{
	(void)state;
	fill(1000 * MBIT, HF_MS(50), 14, true);
}

/* The round trip must be told from how the window fills, queues' part of it too. */
static void no_window_limits_without_time_stamps(void **state)
{
	(void)state;
	fill(100 * MBIT, HF_MS(200), 14, false);
	fill(1000 * MBIT, HF_MS(50), 14, false);
	fill(100 * MBIT, HF_MS(50), 20, false);
	fill(100 * MBIT, HF_MS(10), 40, false);
	fill(10 * MBIT, HF_MS(50), 40, false);
	fill(10 * MBIT, HF_MS(10), 40, false);
	fill(1 * MBIT, HF_MS(50), 40, false);
}

/* Who reads at a steady 1 Mbit/s gets a window for that, and not all the memory that there is. */
static void read_slowly(bool stamps)
{
	hf_lab_path path = { .rate = 100 * MBIT, .delay = HF_MS(10) };
	hf_config config = { .mtu = 1500,
			     .send_buffer = BUFFERS,
			     .receive_buffer = BUFFERS,
			     .no_timestamps = !stamps };
	struct transfer t = { .reads = { .read_chunk = 1250, .read_pause = HF_MS(10) } };
	size_t most = 0;

	begin(&t, &path, &config);
	for (int i = 1; i <= 100; i++) {
		hf_lab_run_until(t.lab, (hf_time){ i * HF_MS(50) });
		if (hf_lab_memory(t.server) > most)
			most = hf_lab_memory(t.server);
	}
	assert_true(t.to.received > 100 * 1250);
	assert_true(most < 600 * 1024);
	(void)hf_lab_free(t.lab);
}

static void a_slow_reader_gets_no_large_buffer(void **state)
{
	(void)state;
	read_slowly(true);
	read_slowly(false);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(no_window_limits_100_mbit_200_ms),
		cmocka_unit_test(no_window_limits_1000_mbit_50_ms),
		cmocka_unit_test(no_window_limits_without_time_stamps),
		cmocka_unit_test(a_slow_reader_gets_no_large_buffer),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
