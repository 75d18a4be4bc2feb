/* SPDX-License-Identifier: BSD-2-Clause */
/* Each allocation refused in turn, through whole conversations: nothing is lost in silence. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <handfast/auth.h>
#include <handfast/stack.h>

#include "tests/unit/support.h"

/*
 * Two stacks, a link that loses every so many packets, and one heap that refuses once, or from
 * then on for a second. Both applications send and close. Whatever is refused: octets arrive in
 * order; who sees the regular end has all of them; every other end, and every refused call, has a
 * name; nothing is left waiting for ever; and the heap gets all back.
 */

#define TEXT 12000u       /* octets that each end sends */
#define BURST 16          /* packets */
#define PACKET 1600       /* octets */
#define TURNS 20000       /* far more than any conversation takes */
#define SPELL HF_SEC(1)   /* how long memory is refused in the second round */
#define MOST HF_SEC(5000) /* after which nothing may be left */

/* One end of the conversation. */
struct end {
	struct heap heap;
	hf_stack *stack;
	hf_listener listener;
	hf_conn conn;
	bool has_conn, is_over;
	uint32_t sent, received;
	bool got_end;     /* the regular end of the peer's stream */
	hf_err error;     /* how else it ended; HF_OK: it did not */
	hf_time refusing; /* since when memory is refused */
};

struct pair {
	struct end end[2]; /* the client, the server */
	hf_time now;
	unsigned packets, lost_each;
};

/* What a conversation is like. */
struct kind {
	const char *name;
	unsigned lost_each; /* one packet of so many is lost; 0: none */
	hf_syn_cookies cookies;
	bool fast_open, is_signed, uses_all;
};

static const struct kind kinds[] = {
	{ .name = "plain" },
	{ .name = "lossy", .lost_each = 7 },
	{ .name = "cookies", .cookies = HF_SYN_COOKIES_ALWAYS, .lost_each = 11 },
	{ .name = "fast open", .fast_open = true, .lost_each = 9 },
	{ .name = "signed", .is_signed = true, .lost_each = 9 },
	{ .name = "everything", .uses_all = true, .lost_each = 8 },
};

static uint8_t octet(int side, uint32_t n)
{
	return (uint8_t)(n * 13 + (n >> 8) * 7 + (unsigned)side * 101);
}

static void toy(const struct hf_auth_mac *mac, const hf_auth_part *key, const hf_auth_part *part,
		size_t parts, uint8_t *digest)
{
	uint32_t h = 17;

	(void)mac;
	for (size_t i = 0; i < key->len; i++)
		h = h * 31 + key->at[i];
	for (size_t i = 0; i < parts; i++)
		for (size_t k = 0; k < part[i].len; k++)
			h = h * 31 + part[i].at[k];
	for (unsigned i = 0; i < 16; i++, h = h * 31 + i)
		digest[i] = (uint8_t)(h >> 8);
}

static const hf_auth_mac toy_mac = { .name = "toy", .digest_len = 16, .compute = toy };

static hf_config config_of(struct end *e, const struct kind *k, uint8_t last)
{
	return (hf_config){
		.size = sizeof(hf_config),
		.allocator = { heap_alloc, heap_free, &e->heap },
		.secret = { 11, 22, 33, last },
		.mtu = 1500,
		.address = { { hf_addr_v4(192, 0, 2, last), 24 } },
		.syn_cookies = k->cookies,
		.fast_open = k->fast_open ? HF_FAST_OPEN_CLIENT | HF_FAST_OPEN_SERVER : 0,
		.ecn = k->uses_all ? HF_ECN_ACCURATE : HF_ECN_DEFAULT,
		.mtu_probing = k->uses_all ? HF_MTU_PROBING_ALWAYS : HF_MTU_PROBING_DEFAULT,
		.congestion = k->uses_all ? HF_CONGESTION_BBR : HF_CONGESTION_DEFAULT,
		.reflect_traffic_class = k->uses_all,
	};
}

static void add_key(struct end *e)
{
	hf_key_options o = { .size = sizeof(o),
			     .kind = HF_KEY_AO,
			     .mac = &toy_mac,
			     .secret = "secret",
			     .secret_len = 6 };
	hf_key key;

	assert_int_equal(hf_key_add(e->stack, &o, &key), HF_OK);
}

static void start(struct pair *t, const struct kind *k)
{
	hf_listener_options o = { .size = sizeof(o), .fast_open = k->fast_open ? 4 : 0 };
	hf_endpoint at = { .port = 80 };

	*t = (struct pair){ .now = { HF_SEC(1000) }, .lost_each = k->lost_each };
	for (uint8_t i = 0; i < 2; i++) {
		hf_config c = config_of(&t->end[i], k, (uint8_t)(i + 1));

		assert_int_equal(hf_stack_new(&c, t->now, &t->end[i].stack), HF_OK);
		if (k->is_signed)
			add_key(&t->end[i]);
	}
	assert_int_equal(hf_listener_open(t->end[1].stack, &at, &o, &t->end[1].listener), HF_OK);
}

/* ---- The network ---- */

static bool is_lost(struct pair *t)
{
	t->packets++;
	return t->lost_each > 0 && t->packets % t->lost_each == t->lost_each / 2;
}

static bool carry(struct pair *t, int from)
{
	static uint8_t room[BURST][PACKET];
	hf_packet burst[BURST];
	size_t n, kept = 0;

	for (size_t i = 0; i < BURST; i++)
		burst[i] = (hf_packet){ .data = room[i], .capacity = PACKET };
	n = hf_stack_output(t->end[from].stack, burst, BURST, t->now);
	for (size_t i = 0; i < n; i++)
		if (!is_lost(t))
			burst[kept++] = burst[i];
	hf_stack_input(t->end[1 - from].stack, burst, kept, t->now);
	return n > 0;
}

/* ---- The applications ---- */

static void accept_one(struct end *e)
{
	hf_conn c;

	if (hf_listener_accept(e->stack, e->listener, &c) != HF_OK)
		return;
	if (e->has_conn) { /* a second try of the client's */
		assert_int_equal(hf_conn_abort(e->stack, c), HF_OK);
		return;
	}
	e->conn = c;
	e->has_conn = true;
}

static bool may_try_again(hf_err err)
{
	return err == HF_ERR_AGAIN || err == HF_ERR_NO_MEMORY;
}

static void send_some(struct end *e, int side)
{
	uint8_t text[1000];
	size_t n = 0;
	hf_err err;

	for (uint32_t i = 0; i < sizeof(text); i++)
		text[i] = octet(side, e->sent + i);
	err = hf_conn_send(e->stack, e->conn, text, sizeof(text), &n);
	if (err == HF_OK)
		e->sent += (uint32_t)n;
	else if (!may_try_again(err))
		e->error = err;
}

static void receive_some(struct end *e, int side)
{
	uint8_t text[3000];
	size_t n = 0;
	hf_err err;

	while ((err = hf_conn_receive(e->stack, e->conn, text, sizeof(text), &n)) == HF_OK &&
	       n > 0) {
		for (uint32_t i = 0; i < n; i++)
			assert_int_equal(text[i], octet(1 - side, e->received + i));
		e->received += (uint32_t)n;
	}
	if (err == HF_OK)
		e->got_end = true;
	else if (!may_try_again(err))
		e->error = err;
}

static void act(struct pair *t, int side)
{
	struct end *e = &t->end[side];
	hf_event event;

	while (hf_stack_next_event(e->stack, &event))
		if (event.bits & HF_EVENT_CLOSED)
			assert_int_not_equal(event.reason, HF_WHY_NONE);
	if (side == 1)
		accept_one(e);
	if (!e->has_conn || e->is_over)
		return;
	if (e->sent < TEXT)
		send_some(e, side);
	else if (e->error == HF_OK)
		(void)hf_conn_shutdown(e->stack, e->conn);
	if (!e->got_end && e->error == HF_OK)
		receive_some(e, side);
	if (e->error != HF_OK || (e->got_end && e->sent >= TEXT)) {
		assert_int_equal(hf_conn_close(e->stack, e->conn), HF_OK);
		e->is_over = true;
	}
}

static void open_one(struct pair *t, const struct kind *k)
{
	hf_endpoint to = { hf_addr_v4(192, 0, 2, 2), 80 };
	hf_conn_options o = { .size = sizeof(o), .fast_open = k->fast_open };
	struct end *e = &t->end[0];
	hf_err err = hf_conn_open(e->stack, &to, &o, t->now, &e->conn);

	e->has_conn = err == HF_OK;
	if (err != HF_OK)
		assert_int_equal(err, HF_ERR_NO_MEMORY);
}

/* To where something is due, and not without end. False: nothing ever will be. */
static bool advance(struct pair *t)
{
	hf_time due = hf_time_min(hf_stack_deadline(t->end[0].stack),
				  hf_stack_deadline(t->end[1].stack));

	/* An application whose call was refused asks again. */
	due = hf_time_min(due, hf_time_add(t->now, HF_SEC(10)));
	if (hf_time_before(t->now, due))
		t->now = due;
	for (int i = 0; i < 2; i++) {
		struct end *e = &t->end[i];

		if (!e->heap.refuses)
			continue;
		if (e->refusing.ns == 0)
			e->refusing = t->now;
		else if (hf_time_diff(t->now, e->refusing) >= SPELL)
			e->heap.refuses = e->heap.for_good = false;
	}
	return hf_time_before(t->now, (hf_time){ HF_SEC(1000) + MOST });
}

static bool is_quiet(const struct pair *t)
{
	return hf_stack_deadline(t->end[0].stack).ns == HF_NEVER.ns &&
	       hf_stack_deadline(t->end[1].stack).ns == HF_NEVER.ns &&
	       (!t->end[0].has_conn || t->end[0].is_over) &&
	       (!t->end[1].has_conn || t->end[1].is_over);
}

static void converse(struct pair *t, const struct kind *k)
{
	open_one(t, k);
	for (int turn = 0; turn < TURNS && !is_quiet(t); turn++) {
		bool moved;

		act(t, 0);
		act(t, 1);
		moved = carry(t, 0);
		moved |= carry(t, 1);
		if (!moved && !advance(t))
			break;
	}
	assert_true(is_quiet(t));
}

/* Every octet is there, or somebody was told why not. */
static void judge(const struct pair *t)
{
	for (int i = 0; i < 2; i++) {
		const struct end *e = &t->end[i], *other = &t->end[1 - i];
		hf_stats stats;

		hf_stack_stats(e->stack, &stats);
		assert_int_equal(stats.connections, 0);
		assert_int_equal(stats.half_open, 0);
		assert_int_equal(stats.ends[HF_WHY_NONE], 0);
		if (e->got_end)
			assert_int_equal(e->received, other->sent);
		else if (e->has_conn)
			assert_int_not_equal(e->error, HF_OK);
	}
}

static void stop(struct pair *t)
{
	for (int i = 0; i < 2; i++) {
		hf_stack_free(t->end[i].stack);
		assert_int_equal(t->end[i].heap.out, 0);
	}
}

/* Refuses the n-th allocation of one end, and what follows for a second. False: it has no n-th. */
static bool refuse(const struct kind *k, int side, unsigned n, bool for_a_while)
{
	bool was_refused;
	struct pair t;

	start(&t, k);
	t.end[side].heap.refuses_in = n;
	t.end[side].heap.for_good = for_a_while;
	converse(&t, k);
	was_refused = n > 0 && t.end[side].heap.refuses_in == 0;
	judge(&t);
	if (n == 0)
		for (int i = 0; i < 2; i++)
			assert_true(t.end[i].got_end && t.end[i].received == TEXT);
	t.end[side].heap.refuses_in = 0;
	t.end[side].heap.refuses = false;
	stop(&t);
	return was_refused;
}

static void with_memory_every_conversation_is_whole(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(kinds) / sizeof(kinds[0]); i++)
		refuse(&kinds[i], 0, 0, false);
}

static void each_refusal_in_turn(bool for_a_while)
{
	for (size_t i = 0; i < sizeof(kinds) / sizeof(kinds[0]); i++)
		for (int side = 0; side < 2; side++)
			for (unsigned n = 1; refuse(&kinds[i], side, n, for_a_while); n++)
				assert_true(n < 2000);
}

static void an_allocation_that_is_refused_loses_nothing_in_silence(void **state)
{
	(void)state;
	each_refusal_in_turn(false);
}

static void nor_does_a_second_without_memory(void **state)
{
	(void)state;
	each_refusal_in_turn(true);
}

/* A stack whose n-th allocation is refused is not made, and keeps nothing. */
static void a_stack_that_cannot_be_made_keeps_nothing(void **state)
{
	hf_err err = HF_ERR_NO_MEMORY;

	(void)state;
	for (unsigned n = 1; err != HF_OK; n++) {
		struct end e = { .heap.refuses_in = n };
		hf_config c = config_of(&e, &kinds[0], 1);

		err = hf_stack_new(&c, (hf_time){ 0 }, &e.stack);
		assert_true(err == HF_OK || (err == HF_ERR_NO_MEMORY && !e.stack));
		hf_stack_free(e.stack);
		assert_int_equal(e.heap.out, 0);
		assert_true(n < 100);
	}
}

/* Listeners and keys, too: the call says so, and a second try does it. */
static void calls_that_are_refused_change_nothing(void **state)
{
	hf_err err = HF_ERR_NO_MEMORY;

	(void)state;
	for (unsigned n = 1; err != HF_OK; n++) {
		hf_listener_options o = { .size = sizeof(o), .receive_buffer = 5000 };
		hf_endpoint at = { .port = 80 };
		struct end e = { .error = HF_OK };
		hf_config c = config_of(&e, &kinds[0], 1);
		hf_stats before, after;

		assert_int_equal(hf_stack_new(&c, (hf_time){ 0 }, &e.stack), HF_OK);
		hf_stack_stats(e.stack, &before);
		e.heap.refuses_in = n;
		err = hf_listener_open(e.stack, &at, &o, &e.listener);
		e.heap.refuses_in = 0;
		hf_stack_stats(e.stack, &after);
		if (err != HF_OK) {
			assert_int_equal(err, HF_ERR_NO_MEMORY);
			assert_int_equal(after.listeners, before.listeners);
			assert_int_equal(hf_listener_open(e.stack, &at, &o, &e.listener), HF_OK);
		}
		add_key(&e);
		hf_stack_free(e.stack);
		assert_int_equal(e.heap.out, 0);
		assert_true(n < 100);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(with_memory_every_conversation_is_whole),
		cmocka_unit_test(an_allocation_that_is_refused_loses_nothing_in_silence),
		cmocka_unit_test(nor_does_a_second_without_memory),
		cmocka_unit_test(a_stack_that_cannot_be_made_keeps_nothing),
		cmocka_unit_test(calls_that_are_refused_change_nothing),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
