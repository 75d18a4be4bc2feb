/* SPDX-License-Identifier: BSD-2-Clause */
/* A receiver that runs out of memory while text comes: it goes on when there is some. */

/*
 * Attacks (catalogue.txt):
 *	Window never reopens after squeeze
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "lab/apps.h"

#define TEXT 400000u
#define KEY 5

typedef struct scene {
	hf_lab *lab;
	hf_lab_node *client, *server;
	hf_lab_server listener;
	hf_lab_talk from, to;
	hf_lab_talk_plan sends, reads;
} scene;

static void accepted(void *ctx, hf_lab_server *server, hf_conn conn)
{
	scene *s = ctx;

	hf_lab_talk_on(&s->to, server->app.host, conn, &s->reads);
}

static void begin(scene *s, uint64_t seed, const hf_config *config)
{
	hf_lab_path path = { .rate = 10000000, .delay = HF_MS(10) };
	hf_endpoint local = { .port = 80 }, remote;

	s->lab = hf_lab_new(seed);
	assert_int_equal(hf_lab_host_add(s->lab, "client", "10.0.0.1/24", NULL, &s->client), HF_OK);
	assert_int_equal(hf_lab_host_add(s->lab, "server", "10.0.0.2/24", config, &s->server),
			 HF_OK);
	assert_int_equal(hf_lab_link_add("wire", s->client, s->server, &path, NULL), HF_OK);
	s->listener = (hf_lab_server){ .accepted = accepted, .ctx = s };
	assert_int_equal(hf_lab_server_open(&s->listener, s->server, &local, NULL), HF_OK);
	s->sends = (hf_lab_talk_plan){ .send_key = KEY, .send = TEXT };
	s->reads = (hf_lab_talk_plan){ .receive_key = KEY };
	remote = (hf_endpoint){ hf_lab_address(s->server, 4), 80 };
	assert_int_equal(hf_lab_talk_open(&s->from, s->client, &remote, NULL, &s->sends), HF_OK);
}

/* Returns how many segments found no memory. */
static uint64_t end(scene *s)
{
	hf_stats stats;

	hf_stack_stats(hf_lab_stack(s->server), &stats);
	assert_true(s->to.got_end);
	assert_true(s->to.received == TEXT);
	assert_true(s->from.wrong == 0 && s->to.wrong == 0);
	assert_int_equal(hf_lab_free(s->lab), 0);
	return stats.reasons[HF_WHY_NO_BUFFER];
}

/* From some moment on nothing is to be had, for five seconds. */
static void the_window_opens_again_when_there_is_memory(void **state)
{
	uint64_t refused = 0;

	(void)state;
	for (unsigned k = 0; k < 40; k++) {
		scene s = { 0 };

		begin(&s, k + 1, NULL);
		s.reads.read_pause = k % 4 == 0 ? HF_MS(50) : 0;
		hf_lab_run_until(s.lab, (hf_time){ HF_MS(5 + k * 8) });
		hf_lab_memory_failures(s.server, 1000000);
		hf_lab_run_until(s.lab, (hf_time){ HF_MS(5 + k * 8) + HF_SEC(5) });
		hf_lab_memory_failures(s.server, 0);
		hf_lab_run_until(s.lab, (hf_time){ HF_SEC(400) });
		refused += end(&s);
	}
	assert_true(refused > 0); /* it did bite */
}

/* A limit on all memory that is far below the window, and a reader who pauses for a second. */
static void a_limit_below_the_window_only_slows(void **state)
{
	uint64_t refused = 0;

	(void)state;
	for (unsigned k = 0; k < 4; k++) {
		hf_config config = { .mtu = 1500, .memory_limit = (290 + 40 * k) * 1024 };
		scene s = { 0 };

		begin(&s, k + 1, &config);
		s.reads.read_pause = HF_MS(200);
		s.reads.read_chunk = 16384;
		while (!s.from.is_over && hf_lab_now(s.lab).ns < HF_SEC(3000)) {
			assert_true(hf_lab_memory(s.server) <= config.memory_limit);
			hf_lab_run_until(s.lab, hf_time_add(hf_lab_now(s.lab), HF_MS(100)));
		}
		hf_lab_run_until(s.lab, hf_time_add(hf_lab_now(s.lab), HF_SEC(100)));
		refused += end(&s);
	}
	assert_true(refused > 0); /* it did bite */
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_window_opens_again_when_there_is_memory),
		cmocka_unit_test(a_limit_below_the_window_only_slows),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
