/* SPDX-License-Identifier: BSD-2-Clause */
/* Connections at rest take little room, and are as if they had never rested. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "stack/internal.h"
#include "tests/unit/support.h"

/*
 * Two stacks, a client and a server, with many connections between them. What goes to rest is seen
 * by the memory that the stack gives back; nothing else may show it.
 */

#define MANY 2560
#define BURST 16
#define PACKET 1600
#define IDLE 256 /* octets of an idle connection, tables included */

struct end {
	struct heap heap;
	hf_stack *stack;
	hf_listener listener;
	hf_conn conn[MANY + 1];
};

struct pair {
	struct end client, server;
	hf_time now;
};

static hf_stack *make(struct end *e, uint8_t last, hf_time now)
{
	hf_config c = {
		.size = sizeof(c),
		.allocator = { heap_alloc, heap_free, &e->heap },
		.secret = { 5, 6, 7, last },
		.mtu = 1500,
		.address = { { hf_addr_v4(192, 0, 2, last), 24 } },
		.max_connections = 10000,
	};

	assert_int_equal(hf_stack_new(&c, now, &e->stack), HF_OK);
	return e->stack;
}

static void start(struct pair *t)
{
	hf_listener_options o = { .size = sizeof(o) };
	hf_endpoint at = { .port = 80 };

	*t = (struct pair){ .now = { HF_SEC(100000) } };
	make(&t->client, 1, t->now);
	make(&t->server, 2, t->now);
	assert_int_equal(hf_listener_open(t->server.stack, &at, &o, &t->server.listener), HF_OK);
}

static void finish(struct pair *t)
{
	hf_stack_free(t->client.stack);
	hf_stack_free(t->server.stack);
	assert_int_equal(t->client.heap.out + t->server.heap.out, 0);
}

static bool carry(struct pair *t, struct end *from, struct end *to)
{
	static uint8_t room[BURST][PACKET];
	hf_packet burst[BURST];
	size_t n;

	for (size_t i = 0; i < BURST; i++)
		burst[i] = (hf_packet){ .data = room[i], .capacity = PACKET };
	n = hf_stack_output(from->stack, burst, BURST, t->now);
	hf_stack_input(to->stack, burst, n, t->now);
	return n > 0;
}

static void settle(struct pair *t)
{
	hf_event event;

	for (bool moved = true; moved; t->now.ns += HF_US(100)) {
		moved = carry(t, &t->client, &t->server);
		moved = carry(t, &t->server, &t->client) || moved;
	}
	while (hf_stack_next_event(t->client.stack, &event) ||
	       hf_stack_next_event(t->server.stack, &event))
		;
}

static void connect_one(struct pair *t, unsigned i)
{
	hf_endpoint to = { hf_addr_v4(192, 0, 2, 2), 80 };

	assert_int_equal(hf_conn_open(t->client.stack, &to, NULL, t->now, &t->client.conn[i]),
			 HF_OK);
	settle(t);
	assert_int_equal(
		hf_listener_accept(t->server.stack, t->server.listener, &t->server.conn[i]), HF_OK);
}

/* `len` octets one way, all read. */
static void say(struct pair *t, struct end *from, struct end *to, unsigned i, size_t len)
{
	uint8_t text[6000] = { 0 }, got[sizeof(text)];
	size_t n, sum = 0;

	for (size_t k = 0; k < len; k++)
		text[k] = (uint8_t)(k * 7 + i);
	assert_int_equal(hf_conn_send(from->stack, from->conn[i], text, len, &n), HF_OK);
	assert_int_equal(n, len);
	settle(t);
	while (sum < len) {
		assert_int_equal(hf_conn_receive(to->stack, to->conn[i], got + sum, len - sum, &n),
				 HF_OK);
		sum += n;
		settle(t);
	}
	assert_memory_equal(text, got, len);
}

static void pass(struct pair *t, hf_ns time)
{
	hf_time until = hf_time_add(t->now, time);

	for (;;) {
		hf_time due = hf_time_min(hf_stack_deadline(t->client.stack),
					  hf_stack_deadline(t->server.stack));

		if (hf_time_before(until, due))
			break;
		if (hf_time_before(t->now, due))
			t->now = due;
		settle(t);
	}
	t->now = until;
}

static size_t memory(const struct end *e)
{
	hf_stats stats;

	hf_stack_stats(e->stack, &stats);
	return stats.memory;
}

/* All of the connections but the last few are idle, and others come: they go to rest. */
static void have_many(struct pair *t, bool with_talk)
{
	for (unsigned i = 0; i < MANY; i++) {
		connect_one(t, i);
		if (with_talk) {
			say(t, &t->client, &t->server, i, 100);
			say(t, &t->server, &t->client, i, 5000);
		}
		t->now.ns += HF_MS(50);
	}
}

static unsigned resting(const hf_stack *s)
{
	return s->places.slab.used - s->places.awake_count;
}

static void an_idle_connection_has_few_octets(void **state)
{
	(void)state;
	for (unsigned talk = 0; talk < 2; talk++) {
		struct pair t;
		size_t before;

		start(&t);
		before = memory(&t.server);
		have_many(&t, talk);
		assert_in_range(resting(t.server.stack), MANY - 150, MANY);
		if (!talk) /* that remembers what went, in another block */
			assert_in_range((memory(&t.server) - before) / MANY, 100, IDLE);
		finish(&t);
	}
}

static size_t packed_octets(const struct end *e)
{
	uint8_t packed[sizeof(hf_tcb)];

	return hf_tcb_pack(hf_conn_find(e->stack, e->conn[0]), packed, sizeof(packed));
}

/* The forecast is worth something: so few octets differ from it that each of its parts counts. */
static void most_of_a_block_is_foretold(void **state)
{
	struct pair t;

	(void)state;
	start(&t);
	connect_one(&t, 0);
	pass(&t, HF_SEC(2));
	assert_in_range(packed_octets(&t.server), 50, 116);
	assert_in_range(packed_octets(&t.client), 50, 100);
	finish(&t);
}

static void what_has_rested_is_as_before(void **state)
{
	struct pair t;
	hf_conn_info before, after;

	(void)state;
	start(&t);
	have_many(&t, true);
	assert_true(resting(t.server.stack) > 0);
	for (unsigned i = 0; i < MANY; i += 7) {
		assert_int_equal(hf_conn_info_get(t.server.stack, t.server.conn[i], &before),
				 HF_OK);
		assert_non_null(hf_conn_find(t.server.stack, t.server.conn[i]));
		assert_int_equal(hf_conn_info_get(t.server.stack, t.server.conn[i], &after), HF_OK);
		assert_memory_equal(&before, &after, sizeof(before));
		assert_int_equal(before.state, HF_ESTABLISHED);
		assert_int_equal(before.octets_sent, 5000);
		assert_int_equal(before.octets_received, 100);
	}
	for (unsigned i = 0; i < MANY; i++) {
		say(&t, &t.client, &t.server, i, 3000);
		say(&t, &t.server, &t.client, i, 3000);
	}
	finish(&t);
}

/* Nothing of a block is lost, in whatever state it is, given the room. */
static void any_block_can_be_packed(void **state)
{
	struct pair t;
	uint8_t packed[sizeof(hf_tcb) * 2];
	uint64_t seed = 17;

	(void)state;
	start(&t);
	have_many(&t, true);
	for (unsigned turn = 0; turn < 2000; turn++) {
		unsigned i = draw_below(&seed, MANY);
		hf_tcb *c = hf_conn_find(t.server.stack, t.server.conn[i]), again;
		size_t len, n;

		assert_non_null(c);
		again = (hf_tcb){ .flow = c->flow, .slot = c->slot, .generation = c->generation };
		len = hf_tcb_pack(c, packed, sizeof(packed));
		assert_in_range(len, 1, sizeof(packed));
		for (size_t room = 0; room < len; room++)
			assert_int_equal(hf_tcb_pack(c, packed, room), 0);
		assert_int_equal(hf_tcb_pack(c, packed, len), len);
		hf_tcb_unpack(packed, len, &again);
		assert_memory_equal(&again, c, sizeof(again));
		(void)hf_conn_send(t.client.stack, t.client.conn[i], packed, draw_below(&seed, 900),
				   &n);
		carry(&t, &t.client, &t.server);
		t.now.ns += draw_below(&seed, 5000000);
		if (turn % 3 == 0)
			carry(&t, &t.server, &t.client);
	}
	finish(&t);
}

static void a_connection_at_rest_keeps_its_timer(void **state)
{
	struct pair t;
	hf_conn_info info;

	(void)state;
	start(&t);
	connect_one(&t, 0);
	assert_int_equal(
		hf_conn_set(t.server.stack, t.server.conn[0], HF_OPTION_KEEPALIVE, HF_SEC(7200)),
		HF_OK);
	settle(&t);
	pass(&t, HF_SEC(5));
	for (unsigned i = 1; i < 4; i++)
		connect_one(&t, i);
	assert_int_equal(hf_place_at(t.server.stack, t.server.conn[0].slot)->use, HF_PLACE_AT_REST);
	pass(&t, HF_SEC(7300));
	assert_int_equal(hf_conn_info_get(t.server.stack, t.server.conn[0], &info), HF_OK);
	assert_int_equal(info.cause, HF_SENT_KEEPALIVE);
	assert_int_equal(info.state, HF_ESTABLISHED);
	finish(&t);
}

static void without_memory_to_wake_nothing_is_lost(void **state)
{
	struct pair t;
	uint8_t octets[10];
	size_t n;

	(void)state;
	start(&t);
	have_many(&t, false);
	assert_int_equal(hf_place_at(t.server.stack, t.server.conn[0].slot)->use, HF_PLACE_AT_REST);
	t.server.heap.refuses = true;
	assert_int_equal(hf_conn_send(t.server.stack, t.server.conn[0], "x", 1, &n),
			 HF_ERR_NO_MEMORY);
	assert_int_equal(hf_conn_close(t.server.stack, t.server.conn[0]), HF_ERR_NO_MEMORY);
	assert_int_equal(hf_conn_send(t.client.stack, t.client.conn[0], "hello", 5, &n), HF_OK);
	settle(&t);
	t.server.heap.refuses = false;
	pass(&t, HF_SEC(3));
	assert_int_equal(
		hf_conn_receive(t.server.stack, t.server.conn[0], octets, sizeof(octets), &n),
		HF_OK);
	assert_int_equal(n, 5);
	assert_memory_equal(octets, "hello", 5);
	finish(&t);
}

/* A peer's FIN, a call to close, a listener for the same place: each finds the one at rest. */
static void a_connection_at_rest_ends_like_any_other(void **state)
{
	hf_listener_options o = { .size = sizeof(o), .exclusive = true };
	hf_endpoint local = { hf_addr_v4(192, 0, 2, 1), 0 };
	hf_conn_info info;
	hf_listener l;
	struct pair t;

	(void)state;
	start(&t);
	have_many(&t, true);
	assert_int_equal(hf_conn_info_get(t.client.stack, t.client.conn[3], &info), HF_OK);
	local.port = info.local.port;
	assert_int_equal(hf_listener_open(t.client.stack, &local, &o, &l), HF_ERR_IN_USE);
	for (unsigned i = 0; i < 100; i++) {
		assert_int_equal(hf_conn_close(t.client.stack, t.client.conn[i]), HF_OK);
		settle(&t);
		assert_int_equal(hf_conn_info_get(t.server.stack, t.server.conn[i], &info), HF_OK);
		assert_int_equal(info.state, HF_CLOSE_WAIT);
		assert_int_equal(hf_conn_close(t.server.stack, t.server.conn[i]), HF_OK);
		settle(&t);
		assert_int_equal(hf_conn_info_get(t.server.stack, t.server.conn[i], &info),
				 HF_ERR_STALE);
	}
	finish(&t);
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(an_idle_connection_has_few_octets),
		cmocka_unit_test(most_of_a_block_is_foretold),
		cmocka_unit_test(what_has_rested_is_as_before),
		cmocka_unit_test(any_block_can_be_packed),
		cmocka_unit_test(a_connection_at_rest_keeps_its_timer),
		cmocka_unit_test(without_memory_to_wake_nothing_is_lost),
		cmocka_unit_test(a_connection_at_rest_ends_like_any_other),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
