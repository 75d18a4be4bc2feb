/* SPDX-License-Identifier: BSD-2-Clause */
/* Two ends brought out of step by forgeries: their answers to each other are few. */

/*
 * Attacks (catalogue.txt):
 *	ACK storm / desynchronised war
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "lab/apps.h"
#include "lab/craft.h"

#define MINUTE HF_SEC(60)

typedef struct war {
	hf_lab *lab;
	hf_lab_node *host[2];
	hf_lab_server listener;
	hf_lab_talk talk[2]; /* idle: each would close after the other */
	hf_lab_talk_plan plan;
} war;

static void accepted(void *ctx, hf_lab_server *server, hf_conn conn)
{
	war *w = ctx;

	hf_lab_talk_on(&w->talk[1], server->app.host, conn, &w->plan);
}

static void begin(war *w, hf_ns delay)
{
	hf_lab_path path = { .delay = delay };
	hf_endpoint local = { .port = 80 }, remote;
	hf_config config = { .mtu = 1500, .no_timestamps = 1 }; /* they would make it harder */

	*w = (war){ .lab = hf_lab_new(1), .plan.ending = HF_LAB_LAST };
	assert_int_equal(hf_lab_host_add(w->lab, "a", "10.0.0.1/24", &config, &w->host[0]), HF_OK);
	assert_int_equal(hf_lab_host_add(w->lab, "b", "10.0.0.2/24", &config, &w->host[1]), HF_OK);
	assert_int_equal(hf_lab_link_add("wire", w->host[0], w->host[1], &path, NULL), HF_OK);
	w->listener = (hf_lab_server){ .accepted = accepted, .ctx = w };
	assert_int_equal(hf_lab_server_open(&w->listener, w->host[1], &local, NULL), HF_OK);
	remote = (hf_endpoint){ hf_lab_address(w->host[1], 4), 80 };
	assert_int_equal(hf_lab_talk_open(&w->talk[0], w->host[0], &remote, NULL, &w->plan), HF_OK);
	hf_lab_run_until(w->lab, (hf_time){ HF_SEC(30) });
	assert_true(w->talk[0].connected && w->talk[1].app.attached);
}

static hf_conn_info info_of(const war *w, int end)
{
	hf_conn_info info = { 0 };

	assert_int_equal(hf_conn_info_get(hf_lab_stack(w->host[end]), w->talk[end].app.conn, &info),
			 HF_OK);
	return info;
}

/* Forges a segment from the other end to `end`, whose number is `ahead` of the right one. */
static void forge(war *w, int end, uint32_t ahead, size_t len)
{
	static const uint8_t text[100];
	hf_conn_info to = info_of(w, end), from = info_of(w, !end);
	hf_ip ip = { .src = from.local.addr, .dst = to.local.addr, .version = 4, .ttl = 64 };
	hf_tcp tcp = { .src_port = from.local.port,
		       .dst_port = to.local.port,
		       .seq = { to.rcv_nxt + ahead },
		       .ack = { to.snd_nxt },
		       .flags = HF_TCP_ACK,
		       .window = 1000,
		       .payload = { text, len } };
	uint8_t packet[200];
	hf_packet p = { .data = packet };

	p.len = (uint32_t)hf_lab_craft_tcp(&ip, &tcp, packet, sizeof(packet));
	hf_stack_input(hf_lab_stack(w->host[end]), &p, 1, hf_lab_now(w->lab));
	hf_lab_touch(w->host[end]);
}

static uint64_t packets_in(war *w, hf_ns d)
{
	uint64_t before = hf_lab_counted(w->lab).packets;

	hf_lab_run_until(w->lab, hf_time_add(hf_lab_now(w->lab), d));
	return hf_lab_counted(w->lab).packets - before;
}

static const hf_ns delays[] = { 0, HF_MS(1), HF_MS(100), HF_MS(700) };

static void one_segment_outside_each_window_is_soon_forgotten(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(delays) / sizeof(delays[0]); i++) {
		war w;

		begin(&w, delays[i]);
		forge(&w, 0, 0x80000000, 10);
		forge(&w, 1, 0x80000000, 10);
		assert_in_range(packets_in(&w, MINUTE), 2, 4);
		assert_int_equal(packets_in(&w, MINUTE), 0);
		assert_int_equal(info_of(&w, 0).state, HF_ESTABLISHED);
		assert_int_equal(hf_lab_free(w.lab), 0);
	}
}

/*
 * Each has got ten octets that the other never sent: every ACK acknowledges too much, and RFC 9293
 * wants it answered. Both answer at most twice a second, so that it ends at once unless a packet
 * takes longer than that to arrive; then it goes on at that rate.
 */
static void ends_that_are_out_of_step_speak_seldom(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(delays) / sizeof(delays[0]); i++) {
		uint64_t first, second;
		war w;

		begin(&w, delays[i]);
		forge(&w, 0, 0, 10);
		forge(&w, 1, 0, 10);
		assert_true(info_of(&w, 0).rcv_nxt != info_of(&w, 1).snd_nxt);
		first = packets_in(&w, MINUTE);
		second = packets_in(&w, MINUTE);
		if (delays[i] < HF_MS(500)) {
			assert_true(first <= 6);
			assert_int_equal(second, 0);
		}
		assert_true(first <= 240 && second <= 240);
		assert_int_equal(hf_lab_free(w.lab), 0);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(one_segment_outside_each_window_is_soon_forgotten),
		cmocka_unit_test(ends_that_are_out_of_step_speak_seldom),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
