/* SPDX-License-Identifier: BSD-2-Clause */
/* What outsiders cannot guess, and what each of it depends on (RFC 6528, 7323 5.4, 6056, 6437). */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "tcp/hs/isn.h"

static const hf_sipkey key = { 1, 2 }, other_key = { 1, 3 };

static hf_flow flow(void)
{
	return (hf_flow){ hf_addr_v4(192, 0, 2, 1), hf_addr_v4(192, 0, 2, 2), 80, 50000 };
}

static uint32_t isn(const hf_sipkey *k, const hf_flow *f)
{
	return hf_isn(k, f, (hf_time){ 0 }).v;
}

static uint32_t port(const hf_sipkey *k, const hf_flow *f)
{
	return hf_port_choice(k, f, 7, 65536);
}

/* Everything of the flow counts but what is named: a local port that is to be chosen, or a pair. */
static void each_number_depends_on_its_part_of_the_flow_and_on_the_secret(void **state)
{
	static const struct {
		uint32_t (*of)(const hf_sipkey *k, const hf_flow *f);
		bool by_local_port, by_remote_port;
	} rows[] = {
		{ isn, true, true },
		{ hf_flow_hash, true, true },
		{ hf_flow_label, true, true },
		{ port, false, true },                 /* RFC 6056 3: for a destination */
		{ hf_timestamp_offset, false, false }, /* RFC 7323 5.4: for a pair of hosts */
	};

	(void)state;
	for (unsigned i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		hf_flow f = flow(), local = f, remote = f, from = f, to = f;
		uint32_t n = rows[i].of(&key, &f);

		from.local.octet[15]++;
		to.remote.octet[15]++;
		local.local_port++;
		remote.remote_port++;
		assert_int_equal(rows[i].of(&key, &f), n);
		assert_int_not_equal(rows[i].of(&other_key, &f), n);
		assert_int_not_equal(rows[i].of(&key, &from), n);
		assert_int_not_equal(rows[i].of(&key, &to), n);
		assert_int_equal(rows[i].of(&key, &local) != n, rows[i].by_local_port);
		assert_int_equal(rows[i].of(&key, &remote) != n, rows[i].by_remote_port);
		for (unsigned k = 0; k < i; k++) /* one says nothing of another */
			assert_int_not_equal(rows[k].of(&key, &f), n);
	}
}

/* RFC 6528 3: M ticks every 4 us. */
static void initial_numbers_grow_every_four_microseconds(void **state)
{
	hf_flow f = flow();
	uint32_t first = isn(&key, &f);

	(void)state;
	assert_int_equal(hf_isn(&key, &f, (hf_time){ HF_US(4) - 1 }).v, first);
	assert_int_equal(hf_isn(&key, &f, (hf_time){ HF_US(4) }).v, first + 1);
	assert_int_equal(hf_isn(&key, &f, (hf_time){ HF_SEC(1) }).v, first + 250000);
	assert_int_equal(hf_isn(&key, &f, (hf_time){ HF_US(4) << 32 }).v, first);
}

/* RFC 6056 3.2: no port comes again before all others have, however few there are. */
static void each_port_is_chosen_once_a_turn(void **state)
{
	static const uint32_t counts[] = { 1, 2, 3, 4, 5, 17, 1000, 28232, 65535 };
	hf_flow f = flow();

	(void)state;
	for (unsigned i = 0; i < sizeof(counts) / sizeof(counts[0]); i++) {
		for (uint32_t turn = 0; turn < 2; turn++) {
			uint8_t chosen[65536] = { 0 };

			for (uint32_t n = 0; n < counts[i]; n++) {
				uint32_t x = hf_port_choice(&key, &f, turn * counts[i] + n,
							    counts[i]);

				assert_true(x < counts[i]);
				assert_int_equal(chosen[x]++, 0);
			}
		}
	}
}

/* The next turn has another order. */
static void turns_differ(void **state)
{
	hf_flow f = flow();
	unsigned same = 0;

	(void)state;
	for (uint32_t n = 0; n < 1000; n++)
		same += hf_port_choice(&key, &f, n, 1000) ==
			hf_port_choice(&key, &f, 1000 + n, 1000);
	assert_true(same < 10); /* by chance: one */
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(each_number_depends_on_its_part_of_the_flow_and_on_the_secret),
		cmocka_unit_test(initial_numbers_grow_every_four_microseconds),
		cmocka_unit_test(each_port_is_chosen_once_a_turn),
		cmocka_unit_test(turns_differ),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
