/* SPDX-License-Identifier: BSD-2-Clause */
/* ECN and Fast Open between two stacks: links that mark, and people in the middle who meddle. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <string.h>

#include "base/octets.h"
#include "lab/apps.h"
#include "wire/checksum.h"
#include "wire/tcp.h"

#define PORT 80
#define OCTETS 2000000u

/* Two hosts, one link, one conversation; both ends send. */
typedef struct world {
	hf_lab *lab;
	hf_lab_node *client, *server;
	hf_lab_link *link;
	hf_lab_server listener;
	hf_lab_talk talk[2];
	hf_conn conn[2];
	uint32_t octets;
	hf_conn_options options;
	hf_conn_info info[2]; /* of the client, of the server, shortly before the end */
	bool is_accepted;
	hf_ns took; /* until the client had all that the server said */
} world;

/* Somebody in the middle: changes packets of one direction, or both (from -1). */
typedef struct meddler {
	int from;
	void (*change)(hf_ip *ip, hf_tcp *tcp, uint8_t *packet, uint32_t len);
	bool (*drops)(const hf_ip *ip, const hf_tcp *tcp);
	uint32_t dropped;
} meddler;

static hf_lab_talk_plan plan_of(const world *w, int end)
{
	return (hf_lab_talk_plan){
		.send_key = 1 + (uint64_t)end,
		.send = w->octets,
		.receive_key = 2 - (uint64_t)end,
		.ending = end == 0 ? HF_LAB_SHUTDOWN : HF_LAB_LAST,
	};
}

static void accepted(void *ctx, hf_lab_server *server, hf_conn conn)
{
	world *w = ctx;
	hf_lab_talk_plan plan = plan_of(w, 1);

	(void)server;
	assert_false(w->is_accepted);
	w->is_accepted = true;
	w->conn[1] = conn;
	hf_lab_talk_on(&w->talk[1], w->server, conn, &plan);
}

static bool large_packets; /* the hosts' cards cut them */

static void begin(world *w, hf_ecn_policy client, hf_ecn_policy server, const hf_lab_path *path)
{
	hf_config c = { .mtu = 1500, .ecn = client }, s = { .mtu = 1500, .ecn = server };
	uint32_t offloads = large_packets ? HF_OFFLOAD_TX_CHECKSUM | HF_OFFLOAD_TX_TSO : 0;

	*w = (world){ .lab = hf_lab_new(7), .octets = OCTETS };
	w->options.size = sizeof(w->options);
	c.offloads = s.offloads = offloads;
	c.fast_open = HF_FAST_OPEN_CLIENT;
	s.fast_open = HF_FAST_OPEN_SERVER;
	assert_int_equal(hf_lab_host_add(w->lab, "client", "10.0.0.1/24", &c, &w->client), HF_OK);
	assert_int_equal(hf_lab_host_add(w->lab, "server", "10.0.0.2/24", &s, &w->server), HF_OK);
	assert_int_equal(hf_lab_link_add("wire", w->client, w->server, path, &w->link), HF_OK);
}

static void keep_info(world *w)
{
	hf_lab_node *host[2] = { w->client, w->server };

	if (w->took == 0 && w->octets > 0 && w->talk[0].received == w->octets)
		w->took = hf_time_diff(hf_lab_now(w->lab), w->talk[0].started);
	for (int i = 0; i < 2; i++) {
		hf_conn_info info;

		if (w->talk[i].app.host &&
		    hf_conn_info_get(hf_lab_stack(host[i]), w->conn[i], &info) == HF_OK &&
		    info.state != HF_CLOSED)
			w->info[i] = info;
	}
}

/* One conversation from SYN to the end, whose octets must all be right. */
static void converse(world *w)
{
	hf_endpoint remote = { hf_lab_address(w->server, 4), PORT };
	hf_lab_talk_plan plan = plan_of(w, 0);

	w->is_accepted = false;
	w->took = 0;
	w->talk[0] = w->talk[1] = (hf_lab_talk){ 0 };
	if (!w->listener.is_open) {
		hf_listener_options o = { .size = sizeof(o), .fast_open = 4 };

		w->listener.accepted = accepted;
		w->listener.ctx = w;
		assert_int_equal(hf_lab_server_open(&w->listener, w->server,
						    &(hf_endpoint){ .port = PORT }, &o),
				 HF_OK);
	}
	assert_int_equal(hf_lab_talk_open(&w->talk[0], w->client, &remote, &w->options, &plan),
			 HF_OK);
	w->conn[0] = w->talk[0].app.conn;
	while (hf_lab_step(w->lab) && !(w->talk[0].is_done && w->talk[1].is_done))
		keep_info(w);
	for (int i = 0; i < 2; i++) {
		assert_true(w->talk[i].is_done && w->talk[i].reason == HF_WHY_CLOSED_BY_BOTH);
		assert_true(w->talk[i].received == w->octets && w->talk[i].wrong == 0);
	}
}

static void end(world *w)
{
	assert_int_equal(hf_lab_free(w->lab), 0);
}

/* ---- In the middle ---- */

static void recompute(const hf_ip *ip, uint8_t *packet, uint32_t len)
{
	size_t at = (size_t)(packet[0] & 15) * 4;

	hf_put16(packet + 10, 0);
	hf_put16(packet + 10, hf_sum_finish(hf_sum_octets(0, packet, at)));
	hf_put16(packet + at + HF_TCP_CHECKSUM_AT, 0);
	hf_tcp_checksum(ip, packet + at, len - at);
}

static hf_lab_verdict meddle(void *ctx, int from, hf_lab_packet *packet)
{
	meddler *m = ctx;
	hf_ip ip;
	hf_tcp tcp;

	if ((m->from >= 0 && from != m->from) ||
	    hf_ip_parse((hf_view){ packet->data, packet->len }, &ip) != HF_WHY_NONE ||
	    hf_tcp_parse(&ip, false, &tcp) != HF_WHY_NONE)
		return HF_LAB_PASS;
	if (m->drops && m->drops(&ip, &tcp)) {
		m->dropped++;
		return HF_LAB_DROP;
	}
	if (m->change) {
		m->change(&ip, &tcp, packet->data, packet->len);
		recompute(&ip, packet->data, packet->len);
	}
	return HF_LAB_PASS;
}

static void bleach(hf_ip *ip, hf_tcp *tcp, uint8_t *packet, uint32_t len)
{
	(void)ip;
	(void)tcp;
	(void)len;
	packet[1] &= 0xfc;
}

static void mark_all_ect0(hf_ip *ip, hf_tcp *tcp, uint8_t *packet, uint32_t len)
{
	(void)ip;
	(void)tcp;
	(void)len;
	packet[1] = (uint8_t)((packet[1] & 0xfcu) | HF_IP_ECT0);
}

/* Overwrites options of one kind with NOPs. */
static void strip(hf_tcp *tcp, uint8_t *packet, uint8_t kind_a, uint8_t kind_b)
{
	hf_view raw = tcp->options.raw;
	hf_tcp_option option;

	while (hf_tcp_option_next(&raw, &option)) {
		size_t at = (size_t)(option.body.at - packet) - 2;

		if (option.kind == kind_a || option.kind == kind_b)
			memset(packet + at, HF_OPT_NOP, option.body.len + 2);
	}
}

static void strip_acc_ecn(hf_ip *ip, hf_tcp *tcp, uint8_t *packet, uint32_t len)
{
	(void)ip;
	(void)len;
	strip(tcp, packet, HF_OPT_ACC_ECN_0, HF_OPT_ACC_ECN_1);
}

static void strip_fast_open(hf_ip *ip, hf_tcp *tcp, uint8_t *packet, uint32_t len)
{
	(void)ip;
	(void)len;
	strip(tcp, packet, HF_OPT_FAST_OPEN, HF_OPT_EXPERIMENT_2);
}

static void wipe_bits(hf_ip *ip, hf_tcp *tcp, uint8_t *packet, uint32_t len)
{
	size_t at = (size_t)(packet[0] & 15) * 4;

	(void)ip;
	(void)len;
	if (tcp->flags & HF_TCP_SYN)
		return;
	packet[at + 12] &= 0xfe;
	packet[at + 13] &= 0x3f;
}

static bool is_ecn_syn(const hf_ip *ip, const hf_tcp *tcp)
{
	(void)ip;
	return tcp->flags & HF_TCP_SYN && tcp->flags & (HF_TCP_AE | HF_TCP_CWR | HF_TCP_ECE);
}

static bool has_acc_ecn(const hf_ip *ip, const hf_tcp *tcp)
{
	(void)ip;
	return tcp->options.present & (HF_HAS(ACC_ECN_0) | HF_HAS(ACC_ECN_1));
}

static bool is_syn_with_text(const hf_ip *ip, const hf_tcp *tcp)
{
	(void)ip;
	return tcp->flags & HF_TCP_SYN && tcp->payload.len > 0;
}

static void put_in_the_middle(world *w, meddler *m)
{
	assert_int_equal(hf_lab_filter_add(w->link, meddle, m), HF_OK);
}

/* ---- ECN ---- */

/* A narrow link whose queue marks early and is deep: nothing needs to be lost. */
static const hf_lab_path marking = { .rate = 10000000,
				     .delay = HF_MS(10),
				     .mark_octets = 30000,
				     .queue_octets = 400000 };

static void check_modes(const world *w, hf_ecn_mode mode)
{
	assert_int_equal(w->info[0].ecn, mode);
	assert_int_equal(w->info[1].ecn, mode);
}

static void marks_take_the_place_of_losses(void **state)
{
	static const struct {
		hf_ecn_policy client, server;
		hf_ecn_mode mode;
	} cases[] = {
		{ HF_ECN_REQUEST, HF_ECN_ACCEPT, HF_ECN_MODE_CLASSIC },
		{ HF_ECN_ACCURATE, HF_ECN_ACCURATE_ACCEPT, HF_ECN_MODE_ACCURATE },
		{ HF_ECN_ACCURATE, HF_ECN_ACCEPT, HF_ECN_MODE_CLASSIC },
		{ HF_ECN_REQUEST, HF_ECN_ACCURATE, HF_ECN_MODE_CLASSIC },
		{ HF_ECN_ACCURATE_CLASSIC, HF_ECN_ACCURATE, HF_ECN_MODE_CLASSIC },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		world w;

		begin(&w, cases[i].client, cases[i].server, &marking);
		converse(&w);
		check_modes(&w, cases[i].mode);
		assert_true(hf_lab_counted(w.lab).marked > 0);
		assert_true(hf_lab_counted(w.lab).queue_full == 0);
		for (int end = 0; end < 2; end++) {
			assert_int_equal(w.info[end].retransmissions, 0);
			assert_true(w.info[end].ssthresh < UINT32_C(1) << 30);
			assert_true(w.info[end].ecn_seen && w.info[end].ecn_received.ce > 0);
		}
		end(&w);
	}
}

static void without_ecn_the_queue_fills(void **state)
{
	world w;

	(void)state;
	begin(&w, HF_ECN_OFF, HF_ECN_OFF, &marking);
	converse(&w);
	check_modes(&w, HF_ECN_MODE_NONE);
	assert_true(hf_lab_counted(w.lab).marked == 0);
	end(&w);
}

static void accurate_counters_agree_at_both_ends(void **state)
{
	hf_lab_path path = { .rate = 50000000, .delay = HF_MS(5), .mark = 30000 };
	world w;

	(void)state;
	begin(&w, HF_ECN_ACCURATE, HF_ECN_ACCURATE, &path);
	converse(&w);
	check_modes(&w, HF_ECN_MODE_ACCURATE);
	for (int end = 0; end < 2; end++) {
		const hf_ecn_counts *told = &w.info[end].ecn_sent;
		const hf_ecn_counts *came = &w.info[!end].ecn_received;

		assert_true(came->ce > 10);
		assert_true(came->ce_octets + came->ect0_octets >= OCTETS * 9 / 10);
		/* What the last ACKs tell may still be on its way. */
		assert_in_range(came->ce - told->ce, 0, 2);
		assert_in_range(came->ce_octets - told->ce_octets, 0, 3000);
		assert_true(w.info[end].ecn_option_seen);
		assert_false(w.info[end].ecn_not_sending);
	}
	end(&w);
}

/*
 * A card that cuts a large packet leaves CWR on the first segment only: in Accurate ECN that bit is
 * part of a counter, and each segment must have it.
 */
static void cards_that_cut_packets_leave_the_counter_whole(void **state)
{
	large_packets = true;
	accurate_counters_agree_at_both_ends(state);
	marks_take_the_place_of_losses(state);
	large_packets = false;
}

static void accurate_counters_survive_lost_acks(void **state)
{
	hf_lab_path path = { .rate = 50000000, .delay = HF_MS(5), .mark = 30000, .loss = 20000 };
	world w;

	(void)state;
	begin(&w, HF_ECN_ACCURATE, HF_ECN_ACCURATE, &path);
	converse(&w);
	check_modes(&w, HF_ECN_MODE_ACCURATE);
	for (int end = 0; end < 2; end++) {
		/* With the option nothing is ever guessed too high for long. */
		assert_true(w.info[end].ecn_sent.ce <= w.info[!end].ecn_received.ce + 8);
		assert_true(w.info[end].ecn_sent.ce + 8 >= w.info[!end].ecn_received.ce);
	}
	end(&w);
}

/* ---- ECN and meddlers ---- */

static void a_bleached_path_loses_as_without_ecn(void **state)
{
	hf_lab_path path = { .rate = 10000000, .delay = HF_MS(10), .queue_octets = 30000 };
	hf_ecn_policy policies[] = { HF_ECN_REQUEST, HF_ECN_ACCURATE };

	(void)state;
	for (int i = 0; i < 2; i++) {
		meddler m = { .from = -1, .change = bleach };
		world w;

		begin(&w, policies[i], policies[i], &path);
		put_in_the_middle(&w, &m);
		converse(&w);
		assert_false(w.info[0].ecn_seen);
		assert_true(w.info[0].ecn_received.ce == 0);
		end(&w);
	}
}

/* Both ends speak Accurate ECN over a path that marks, past someone who knows better. */
static void converse_past(world *w, meddler *m)
{
	begin(w, HF_ECN_ACCURATE, HF_ECN_ACCURATE, &marking);
	put_in_the_middle(w, m);
	converse(w);
	check_modes(w, HF_ECN_MODE_ACCURATE);
}

static void a_path_that_marks_everything_is_found_out(void **state)
{
	meddler m = { .from = -1, .change = mark_all_ect0 };
	world w;

	(void)state;
	converse_past(&w, &m);
	assert_true(w.info[0].ecn_not_sending && w.info[1].ecn_not_sending);
	end(&w);
}

static void a_stripped_option_leaves_the_counter_of_packets(void **state)
{
	meddler m = { .from = -1, .change = strip_acc_ecn };
	world w;

	(void)state;
	converse_past(&w, &m);
	for (int end = 0; end < 2; end++) {
		assert_false(w.info[end].ecn_option_seen);
		assert_true(w.info[end].ecn_sent.ce > 0 && w.info[end].ecn_sent.ce_octets == 0);
		assert_int_equal(w.info[end].retransmissions, 0);
	}
	end(&w);
}

static void wiped_feedback_is_found_out(void **state)
{
	meddler m = { .from = -1, .change = wipe_bits };
	world w;

	(void)state;
	converse_past(&w, &m);
	assert_true(w.info[0].ecn_not_sending && w.info[1].ecn_not_sending);
	end(&w);
}

static void a_firewall_that_drops_ecn_syns_only_delays(void **state)
{
	static const struct {
		hf_ecn_policy policy;
		uint32_t dropped;
	} cases[] = { { HF_ECN_REQUEST, 1 }, { HF_ECN_ACCURATE, 2 } };

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		meddler m = { .from = 0, .drops = is_ecn_syn };
		world w;

		begin(&w, cases[i].policy, cases[i].policy, &marking);
		put_in_the_middle(&w, &m);
		converse(&w);
		check_modes(&w, HF_ECN_MODE_NONE);
		assert_int_equal(m.dropped, cases[i].dropped);
		end(&w);
	}
}

static void a_firewall_that_drops_the_option_only_delays(void **state)
{
	meddler m = { .from = 1, .drops = has_acc_ecn };
	world w;

	(void)state;
	begin(&w, HF_ECN_ACCURATE, HF_ECN_ACCURATE, &marking);
	w.octets = 0; /* the server's ACKs of text would have the option again and again */
	put_in_the_middle(&w, &m);
	converse(&w);
	check_modes(&w, HF_ECN_MODE_ACCURATE);
	assert_int_equal(m.dropped, 1);
	end(&w);
}

/* ---- Fast Open ---- */

static const hf_lab_path slow = { .delay = HF_MS(50) };

/* The first conversation may get a cookie, the second use it; how long does the second take? */
static hf_ns second_takes(world *w)
{
	w->octets = 1000;
	converse(w);
	hf_lab_run_until(w->lab, hf_time_add(hf_lab_now(w->lab), HF_SEC(100)));
	converse(w);
	return w->took;
}

static void a_cookie_saves_a_round_trip(void **state)
{
	world w;

	(void)state;
	for (uint8_t fast = 0; fast < 2; fast++) {
		begin(&w, HF_ECN_DEFAULT, HF_ECN_DEFAULT, &slow);
		w.options.fast_open = fast;
		assert_int_equal(second_takes(&w), fast ? HF_MS(100) : HF_MS(200));
		assert_int_equal(w.info[0].fast_open,
				 fast ? HF_FAST_OPEN_ACKED : HF_FAST_OPEN_NONE);
		assert_int_equal(w.info[1].fast_open,
				 fast ? HF_FAST_OPEN_ACCEPTED : HF_FAST_OPEN_NONE);
		end(&w);
	}
}

static void a_stripped_cookie_costs_nothing(void **state)
{
	meddler m = { .from = 1, .change = strip_fast_open };
	world w;

	(void)state;
	begin(&w, HF_ECN_DEFAULT, HF_ECN_DEFAULT, &slow);
	put_in_the_middle(&w, &m);
	w.options.fast_open = true;
	second_takes(&w);
	assert_int_equal(w.info[0].fast_open, HF_FAST_OPEN_NO_COOKIE);
	assert_int_equal(w.info[0].retransmissions, 0);
	end(&w);
}

static void a_request_stripped_on_the_way_there_costs_nothing(void **state)
{
	meddler m = { .from = 0, .change = strip_fast_open };
	world w;

	(void)state;
	begin(&w, HF_ECN_DEFAULT, HF_ECN_DEFAULT, &slow);
	put_in_the_middle(&w, &m);
	w.options.fast_open = true;
	second_takes(&w);
	assert_int_equal(w.info[1].fast_open, HF_FAST_OPEN_NONE);
	end(&w);
}

static void syns_with_text_that_vanish_cost_a_second_each_and_then_stop(void **state)
{
	meddler m = { .from = 0, .drops = is_syn_with_text };
	world w;

	(void)state;
	begin(&w, HF_ECN_DEFAULT, HF_ECN_DEFAULT, &slow);
	put_in_the_middle(&w, &m);
	w.options.fast_open = true;
	assert_true(second_takes(&w) >= HF_SEC(1));
	assert_int_equal(w.info[0].fast_open, HF_FAST_OPEN_SYN_RETRANSMITTED);
	for (int i = 0; i < 5; i++)
		converse(&w);
	assert_int_equal(m.dropped, 2);
	end(&w);
}

static void many_conversations_with_loss_end_well(void **state)
{
	hf_lab_path path = { .rate = 20000000, .delay = HF_MS(5), .loss = 50000, .mark = 20000 };
	hf_ecn_policy policies[] = { HF_ECN_REQUEST, HF_ECN_ACCURATE };

	(void)state;
	for (int i = 0; i < 2; i++) {
		world w;

		begin(&w, policies[i], policies[i], &path);
		w.options.fast_open = true;
		w.octets = 5000;
		for (int k = 0; k < 60; k++)
			converse(&w);
		end(&w);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(marks_take_the_place_of_losses),
		cmocka_unit_test(without_ecn_the_queue_fills),
		cmocka_unit_test(accurate_counters_agree_at_both_ends),
		cmocka_unit_test(cards_that_cut_packets_leave_the_counter_whole),
		cmocka_unit_test(accurate_counters_survive_lost_acks),
		cmocka_unit_test(a_bleached_path_loses_as_without_ecn),
		cmocka_unit_test(a_path_that_marks_everything_is_found_out),
		cmocka_unit_test(a_stripped_option_leaves_the_counter_of_packets),
		cmocka_unit_test(wiped_feedback_is_found_out),
		cmocka_unit_test(a_firewall_that_drops_ecn_syns_only_delays),
		cmocka_unit_test(a_firewall_that_drops_the_option_only_delays),
		cmocka_unit_test(a_cookie_saves_a_round_trip),
		cmocka_unit_test(a_stripped_cookie_costs_nothing),
		cmocka_unit_test(a_request_stripped_on_the_way_there_costs_nothing),
		cmocka_unit_test(syns_with_text_that_vanish_cost_a_second_each_and_then_stop),
		cmocka_unit_test(many_conversations_with_loss_end_well),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
