/* SPDX-License-Identifier: BSD-2-Clause */
/* What do a half-open, an idle and a closed peer cost? Counted, not timed. */
#include <stdio.h>

#include "ends.h"
#include "rounds.h"
#include "stack/internal.h"
#include "tcp/hs/half_open.h"
#include "tcp/time_wait.h"

#define HELD 10000

static size_t memory(const hf_stack *s)
{
	hf_stats stats;

	hf_stack_stats(s, &stats);
	return stats.memory;
}

int main(void)
{
	hf_bench_ends *e = hf_bench_ends_new();
	size_t before = memory(e->server);
	hf_stats stats;

	for (int i = 0; i < HELD; i++) {
		hf_conn client, server;

		hf_bench_connect(e, &client, &server);
		e->now = hf_time_add(e->now, HF_MS(10)); /* those of the last second are awake */
	}
	hf_stack_stats(e->server, &stats);
	if (stats.connections != HELD || stats.buffers != 0)
		hf_bench_fail("the connections are not held, or not idle");
	printf("octets: half-open record %zu, TIME-WAIT record %zu, a connection's place %zu, its "
	       "block while it is awake %zu; each of %d idle connections, tables included, %.0f\n",
	       sizeof(hf_half_open), sizeof(hf_time_wait), sizeof(hf_place), sizeof(hf_tcb), HELD,
	       (double)(stats.memory - before) / HELD);
	hf_bench_ends_free(e);
	return 0;
}
