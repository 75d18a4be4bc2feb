/* SPDX-License-Identifier: BSD-2-Clause */
/* The pair of links: packets pass whole and in order; a full queue says so. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <errno.h>
#include <poll.h>
#include <string.h>

#include <cmocka.h>

#include "io/pair.h"

#define ROOM 65600

struct pair {
	hf_link *a, *b;
};

static int make_pair(void **state)
{
	static struct pair p;
	const hf_pair_options options = { .offloads = true };

	p = (struct pair){ 0 };
	*state = &p;
	return hf_pair_new(&options, &p.a, &p.b, NULL) ? 0 : -1;
}

static int free_pair(void **state)
{
	struct pair *p = *state;

	hf_link_close(p->a);
	hf_link_close(p->b);
	return 0;
}

static short ready(const hf_link *l)
{
	struct pollfd p = { .fd = l->fd, .events = POLLIN | POLLOUT };

	assert_true(poll(&p, 1, 0) >= 0);
	return p.revents;
}

static void nothing_waits_at_first(void **state)
{
	struct pair *p = *state;
	uint8_t data[64];
	hf_packet packet = { .data = data, .capacity = sizeof(data) };

	assert_int_equal(hf_link_receive(p->a, &packet, 1), 0);
	assert_int_equal(ready(p->a), POLLOUT);
}

static void packets_arrive_whole_and_in_order_at_the_other_end_alone(void **state)
{
	struct pair *p = *state;
	uint8_t one[] = { 1, 2, 3 }, two[] = { 4 }, in[3][ROOM];
	const hf_packet out[] = { { .data = one, .len = 3 }, { .data = two, .len = 1 } };
	hf_packet got[3];

	for (size_t i = 0; i < 3; i++)
		got[i] = (hf_packet){ .data = in[i], .capacity = ROOM, .reason = 9, .state = 9 };
	assert_int_equal(hf_link_send(p->a, out, 2), 2);
	assert_int_equal(hf_link_receive(p->a, got, 3), 0);
	assert_int_equal(ready(p->b) & POLLIN, POLLIN);
	assert_int_equal(hf_link_receive(p->b, got, 3), 2);
	assert_int_equal(got[0].len, 3);
	assert_memory_equal(got[0].data, one, 3);
	assert_int_equal(got[1].len, 1);
	assert_memory_equal(got[1].data, two, 1);
	assert_int_equal(got[0].reason, 0);
	assert_int_equal(got[0].state, 0);
	assert_int_equal(got[0].capacity, ROOM);
}

static void what_a_burst_does_not_take_waits_for_the_next(void **state)
{
	struct pair *p = *state;
	uint8_t octet[] = { 7 }, in[ROOM];
	const hf_packet out[] = { { .data = octet, .len = 1 }, { .data = octet, .len = 1 } };
	hf_packet got = { .data = in, .capacity = ROOM };

	assert_int_equal(hf_link_send(p->b, out, 2), 2);
	assert_int_equal(hf_link_receive(p->a, &got, 1), 1);
	assert_int_equal(hf_link_receive(p->a, &got, 1), 1);
	assert_int_equal(hf_link_receive(p->a, &got, 1), 0);
}

static void offload_marks_of_a_super_packet_survive(void **state)
{
	static uint8_t large[65535], in[ROOM];
	struct pair *p = *state;
	const hf_packet out = { .data = large,
				.len = sizeof(large),
				.gso_size = 1448,
				.csum_start = 40,
				.csum_offset = 16,
				.flags = HF_PACKET_CSUM_PARTIAL };
	hf_packet got = { .data = in, .capacity = ROOM };

	memset(large, 0x5a, sizeof(large));
	assert_true(p->a->capacity >= sizeof(large));
	assert_int_equal(hf_link_send(p->a, &out, 1), 1);
	assert_int_equal(hf_link_receive(p->b, &got, 1), 1);
	assert_int_equal(got.len, sizeof(large));
	assert_int_equal(got.gso_size, 1448);
	assert_int_equal(got.csum_start, 40);
	assert_int_equal(got.csum_offset, 16);
	assert_int_equal(got.flags, HF_PACKET_CSUM_PARTIAL);
	assert_memory_equal(got.data, large, sizeof(large));
}

static void a_full_queue_takes_no_more_until_the_other_end_has_read(void **state)
{
	static uint8_t data[1500], in[ROOM];
	struct pair *p = *state;
	const hf_packet out = { .data = data, .len = sizeof(data) };
	hf_packet got = { .data = in, .capacity = ROOM };
	size_t sent = 0, received = 0;

	while (hf_link_send(p->a, &out, 1) == 1)
		assert_true(++sent < 100000);
	assert_int_equal(ready(p->a) & POLLOUT, 0);
	assert_true(ready(p->b) & POLLOUT);
	while (hf_link_receive(p->b, &got, 1) == 1)
		received++;
	assert_int_equal(received, sent);
	assert_int_equal(p->a->lost, 0);
	assert_int_equal(ready(p->a) & POLLOUT, POLLOUT);
	assert_int_equal(hf_link_send(p->a, &out, 1), 1);
}

static void an_end_whose_other_end_is_closed_is_gone(void **state)
{
	struct pair *p = *state;
	uint8_t octet[] = { 1 }, in[ROOM];
	const hf_packet out = { .data = octet, .len = 1 };
	hf_packet got = { .data = in, .capacity = ROOM };

	hf_link_close(p->b);
	p->b = NULL;
	assert_int_equal(hf_link_send(p->a, &out, 1), -EPIPE);
	assert_int_equal(hf_link_receive(p->a, &got, 1), -EPIPE);
}

int main(void)
{
#define CASE(name) cmocka_unit_test_setup_teardown(name, make_pair, free_pair)
	const struct CMUnitTest tests[] = {
		CASE(nothing_waits_at_first),
		CASE(packets_arrive_whole_and_in_order_at_the_other_end_alone),
		CASE(what_a_burst_does_not_take_waits_for_the_next),
		CASE(offload_marks_of_a_super_packet_survive),
		CASE(a_full_queue_takes_no_more_until_the_other_end_has_read),
		CASE(an_end_whose_other_end_is_closed_is_gone),
	};
#undef CASE

	return cmocka_run_group_tests_name("pair", tests, NULL, NULL);
}
