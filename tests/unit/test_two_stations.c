/* SPDX-License-Identifier: BSD-2-Clause */
/* Two stacks on one Ethernet segment, in virtual time: from the first query to the last ACK. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include <cmocka.h>

#include "tests/unit/support.h"

#include <handfast/stack.h>

#define DELAY HF_MS(1)
#define FRAMES 256 /* on the way at once, at most */
#define OCTETS 300000U
#define PORT 80

typedef struct flying {
	hf_time at;
	int to;
	uint32_t len;
	uint8_t octets[1600];
} flying;

/* Two stacks, and the frames between them in the order of their arrival. */
typedef struct segment {
	struct heap heap;
	hf_stack *end[2];
	hf_time now;
	flying *frame;
	uint32_t first, count;
	uint32_t lose; /* bit n: the n-th frame of all is lost */
	uint32_t sent;
} segment;

/* One end's work with its connection. */
typedef struct talker {
	hf_conn conn;
	bool open, done;
	uint32_t sent, received;
} talker;

static hf_addr address(bool v6, int end)
{
	const hf_addr a6 = { { 0xfd, [15] = (uint8_t)(1 + end) } };

	return v6 ? a6 : hf_addr_v4(10, 0, 0, (uint8_t)(1 + end));
}

static segment *connect_ends(bool v6)
{
	segment *w = calloc(1, sizeof(*w));

	assert_non_null(w);
	w->frame = calloc(FRAMES, sizeof(*w->frame));
	assert_non_null(w->frame);
	for (int i = 0; i < 2; i++) {
		const hf_config config = {
			.size = sizeof(config),
			.allocator = { heap_alloc, heap_free, &w->heap },
			.secret = { 1, 2, 3, (uint64_t)(4 + i) },
			.link = HF_LINK_ETHERNET,
			.mac = { 2, 0, 0, 0, 0, (uint8_t)(1 + i) },
			.mtu = 1500,
			.address = { { address(v6, i), v6 ? 64 : 24 } },
		};

		assert_int_equal(hf_stack_new(&config, w->now, &w->end[i]), HF_OK);
	}
	return w;
}

static void disconnect_ends(segment *w)
{
	hf_stack_free(w->end[0]);
	hf_stack_free(w->end[1]);
	assert_int_equal(w->heap.out, 0);
	free(w->frame);
	free(w);
}

static void transmit(segment *w, int from)
{
	for (;;) {
		flying *f = &w->frame[(w->first + w->count) % FRAMES];
		hf_packet p = { .data = f->octets, .capacity = sizeof(f->octets) };

		assert_true(w->count < FRAMES);
		if (hf_stack_output(w->end[from], &p, 1, w->now) == 0)
			return;
		f->at = hf_time_add(w->now, DELAY);
		f->to = 1 - from;
		f->len = p.len;
		if (w->sent >= 32 || !(w->lose >> w->sent & 1))
			w->count++;
		w->sent++;
	}
}

static void receive(segment *w)
{
	while (w->count > 0 && !hf_time_before(w->now, w->frame[w->first].at)) {
		flying *f = &w->frame[w->first];
		hf_packet p = { .data = f->octets, .len = f->len };

		hf_stack_input(w->end[f->to], &p, 1, w->now);
		w->first = (w->first + 1) % FRAMES;
		w->count--;
	}
}

/* Goes to the next thing that happens. False: nothing ever will. */
static bool advance(segment *w)
{
	hf_time next = hf_time_min(hf_stack_deadline(w->end[0]), hf_stack_deadline(w->end[1]));

	if (w->count > 0)
		next = hf_time_min(next, w->frame[w->first].at);
	if (next.ns == HF_NEVER.ns)
		return false;
	if (hf_time_before(w->now, next))
		w->now = next;
	receive(w);
	transmit(w, 0);
	transmit(w, 1);
	return true;
}

static bool is_told(hf_stack *s)
{
	bool told = false;
	hf_event e;

	while (hf_stack_next_event(s, &e))
		told = true;
	return told;
}

/* Sends what fits of OCTETS octets, takes what there is, and closes when both ways are done. */
static void work(hf_stack *s, talker *k)
{
	uint8_t octets[4096];
	size_t n = 0;

	if (!k->open || k->done)
		return;
	while (k->sent < OCTETS) {
		size_t want = OCTETS - k->sent < sizeof(octets) ? OCTETS - k->sent : sizeof(octets);

		for (size_t i = 0; i < want; i++)
			octets[i] = (uint8_t)((k->sent + i) * 7 / 5);
		if (hf_conn_send(s, k->conn, octets, want, &n) != HF_OK || n == 0)
			break;
		k->sent += (uint32_t)n;
	}
	while (k->received < OCTETS &&
	       hf_conn_receive(s, k->conn, octets, sizeof(octets), &n) == HF_OK && n > 0) {
		for (size_t i = 0; i < n; i++)
			assert_int_equal(octets[i], (uint8_t)((k->received + i) * 7 / 5));
		k->received += (uint32_t)n;
	}
	if (k->sent == OCTETS && k->received == OCTETS) {
		assert_int_equal(hf_conn_close(s, k->conn), HF_OK);
		k->done = true;
	}
}

static void converse(segment *w, bool v6)
{
	const hf_endpoint to = { address(v6, 1), PORT }, any = { .port = PORT };
	talker client = { .open = true }, server = { 0 };
	hf_listener l;

	assert_int_equal(hf_listener_open(w->end[1], &any, NULL, &l), HF_OK);
	assert_int_equal(hf_conn_open(w->end[0], &to, NULL, w->now, &client.conn), HF_OK);
	while (advance(w) && !(client.done && server.done)) {
		if (!server.open)
			server.open = hf_listener_accept(w->end[1], l, &server.conn) == HF_OK;
		if (is_told(w->end[0]))
			work(w->end[0], &client);
		if (is_told(w->end[1]))
			work(w->end[1], &server);
	}
	assert_true(client.done && server.done);
	assert_int_equal(hf_listener_close(w->end[1], l), HF_OK);
	while (advance(w))
		;
}

static uint64_t queries(const segment *w, int end)
{
	hf_stats stats;

	hf_stack_stats(w->end[end], &stats);
	assert_int_equal(stats.connections, 0);
	return stats.causes[HF_SENT_NEIGHBOUR_QUERY];
}

static void two_stations_find_each_other_and_talk(void **state)
{
	(void)state;
	for (int v6 = 0; v6 < 2; v6++) {
		segment *w = connect_ends(v6);

		converse(w, v6);
		assert_int_equal(queries(w, 0), 1);
		assert_int_equal(queries(w, 1), 0); /* learnt from the question */
		disconnect_ends(w);
	}
}

/* Each of the first frames of a conversation, queries and answers among them, may be lost. */
static void any_early_loss_is_made_good(void **state)
{
	(void)state;
	for (uint32_t lose = 0; lose < 1U << 6; lose++) {
		segment *w = connect_ends(lose & 1);

		w->lose = lose;
		converse(w, lose & 1);
		disconnect_ends(w);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(two_stations_find_each_other_and_talk),
		cmocka_unit_test(any_early_loss_is_made_good),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
