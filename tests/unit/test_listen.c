/* SPDX-License-Identifier: BSD-2-Clause */
/* Ports: who listens, who is refused, what is full, and first numbers (RFC 9293 3.10.7). */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "tests/support/peer.h"

/* ---- Nobody there (3.10.7.1) ---- */

static void a_closed_port_answers_by_the_forms_of_the_rfc(void **state)
{
	peer *p = peer_new(NULL);

	(void)state;
	/* Without ACK: <SEQ=0><ACK=SEG.SEQ+SEG.LEN><CTL=RST,ACK>. The host's number 0 is 0 here. */
	assert_int_equal(PEER_SAY(p, .flags = SYN, .seq = 7), HF_WHY_NO_LISTENER);
	PEER_EXPECT(p, .flags = RST | ACK, .seq = 0, .ack = 8);
	PEER_SAY(p, .flags = SYN | FIN, .seq = 7, .len = 100);
	PEER_EXPECT(p, .flags = RST | ACK, .seq = 0, .ack = 109);
	PEER_SAY(p, .flags = 0, .seq = 7, .len = 10);
	PEER_EXPECT(p, .flags = RST | ACK, .seq = 0, .ack = 17);
	PEER_SAY(p, .flags = FIN, .seq = 7);
	PEER_EXPECT(p, .flags = RST | ACK, .seq = 0, .ack = 8);
	/* With ACK: <SEQ=SEG.ACK><CTL=RST>. */
	assert_int_equal(PEER_SAY(p, .flags = ACK, .seq = 7, .ack = 99), HF_WHY_NO_CONNECTION);
	assert_int_equal(PEER_EXPECT(p, .flags = RST, .seq = 99)->tcp.window, 0);
	PEER_SAY(p, .flags = SYN | ACK, .seq = 7, .ack = 99, .len = 5);
	PEER_EXPECT(p, .flags = RST, .seq = 99);
	PEER_SAY(p, .flags = FIN | ACK, .seq = 7, .ack = 99);
	PEER_EXPECT(p, .flags = RST, .seq = 99);
	/* A reset is never answered. */
	for (int i = 0; i < 8; i++) {
		uint16_t flags = (uint16_t)(RST | (i & 1 ? SYN : 0) | (i & 2 ? ACK : 0) |
					    (i & 4 ? FIN : 0));

		assert_int_equal(PEER_SAY(p, .flags = flags, .seq = 7, .ack = 99),
				 HF_WHY_RST_TO_NOBODY);
	}
	peer_expect_nothing(p);
	peer_free(p);
}

static void a_host_may_be_silent_about_closed_ports(void **state)
{
	hf_config config = peer_config(false);
	peer *p;

	(void)state;
	config.silent_to_closed_ports = 1;
	p = peer_new(&config);
	assert_int_equal(PEER_SAY(p, .flags = SYN), HF_WHY_NO_LISTENER);
	PEER_SAY(p, .flags = ACK, .seq = 1, .ack = 1);
	peer_expect_nothing(p);
	peer_free(p);
}

static void a_listener_answers_an_ack_by_a_reset_and_ignores_the_rest(void **state)
{
	peer *p = peer_new(NULL);

	(void)state;
	peer_listen(p);
	assert_int_equal(PEER_SAY(p, .flags = RST), HF_WHY_RST_TO_NOBODY);
	assert_int_equal(PEER_SAY(p, .flags = RST | ACK, .ack = 5), HF_WHY_RST_TO_NOBODY);
	assert_int_equal(PEER_SAY(p, .flags = RST | SYN), HF_WHY_RST_TO_NOBODY);
	assert_int_equal(PEER_SAY(p, .flags = 0, .len = 10), HF_WHY_LISTEN_NO_SYN);
	assert_int_equal(PEER_SAY(p, .flags = FIN), HF_WHY_LISTEN_NO_SYN);
	assert_int_equal(PEER_SAY(p, .flags = SYN | FIN), HF_WHY_LISTEN_SYN_FIN);
	peer_expect_nothing(p);
	assert_int_equal(PEER_SAY(p, .flags = ACK, .seq = 3, .ack = 5), HF_WHY_LISTEN_ACK);
	PEER_EXPECT(p, .flags = RST, .seq = 5);
	assert_int_equal(PEER_SAY(p, .flags = SYN | ACK, .seq = 3, .ack = 5), HF_WHY_LISTEN_ACK);
	PEER_EXPECT(p, .flags = RST, .seq = 5);
	assert_int_equal(peer_stats(p).half_open, 0);
	peer_free(p);
}

/* MUST-57 */
static void tcp_to_many_is_never_answered(void **state)
{
	static const uint8_t many[][4] = {
		{ 255, 255, 255, 255 }, { 192, 0, 2, 255 }, { 224, 0, 0, 1 }, { 239, 1, 2, 3 }
	};
	peer *p = peer_new(NULL);

	(void)state;
	peer_listen(p);
	for (unsigned i = 0; i < sizeof(many) / sizeof(many[0]); i++) {
		p->host.addr = hf_addr_v4(many[i][0], many[i][1], many[i][2], many[i][3]);
		assert_int_equal(PEER_SAY(p, .flags = SYN), HF_WHY_MULTICAST_SEGMENT);
		PEER_SAY(p, .flags = ACK, .seq = 1, .ack = 1);
		PEER_SAY(p, .flags = SYN | ACK, .seq = 1, .ack = 1);
	}
	peer_expect_nothing(p);
	peer_free(p);
}

static void what_cannot_have_been_sent_by_a_host_is_dropped(void **state)
{
	static const uint8_t from[][4] = {
		{ 255, 255, 255, 255 }, { 192, 0, 2, 255 }, { 224, 0, 0, 1 }, { 192, 0, 2, 1 }
	};
	peer *p = peer_new(NULL);

	(void)state;
	peer_listen(p);
	for (unsigned i = 0; i < sizeof(from) / sizeof(from[0]); i++) {
		p->self.addr = hf_addr_v4(from[i][0], from[i][1], from[i][2], from[i][3]);
		assert_int_equal(PEER_SAY(p, .flags = SYN), HF_WHY_IP_SOURCE);
	}
	p->self.addr = hf_addr_v4(192, 0, 2, 2);
	p->host.addr = hf_addr_v4(192, 0, 2, 9);
	assert_int_equal(PEER_SAY(p, .flags = SYN), HF_WHY_IP_NOT_OURS);
	peer_expect_nothing(p);
	peer_free(p);
}

/* ---- SYN-RECEIVED of a passive open (3.10.7.4) ---- */

static peer *half_open(void)
{
	peer *p = peer_new(NULL);

	peer_listen(p);
	PEER_SAY(p, .flags = SYN);
	peer_expect(p, SYN | ACK);
	return p;
}

static void a_wrong_ack_in_syn_received_is_reset_and_the_record_stays(void **state)
{
	static const uint32_t wrong[] = { 0, 2, 1000, 0x80000001, UINT32_MAX };
	peer *p = half_open();

	(void)state;
	for (unsigned i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++) {
		assert_int_equal(PEER_SAY(p, .flags = ACK, .seq = 1, .ack = wrong[i]),
				 HF_WHY_ACK_UNACCEPTABLE);
		PEER_EXPECT(p, .flags = RST, .seq = wrong[i]);
	}
	assert_int_equal(PEER_SAY(p, .flags = 0, .seq = 1, .len = 5), HF_WHY_ACK_MISSING);
	peer_expect_nothing(p);
	assert_int_equal(peer_stats(p).half_open, 1);
	PEER_SAY(p, .flags = ACK, .seq = 1, .ack = 1);
	peer_accept(p);
	peer_free(p);
}

static void a_number_outside_the_window_of_a_half_open_record_gets_an_ack(void **state)
{
	static const uint32_t outside[] = { 0, 0x10002, 0x80000000, UINT32_MAX };
	peer *p = half_open();

	(void)state;
	for (unsigned i = 0; i < sizeof(outside) / sizeof(outside[0]); i++) {
		assert_int_equal(PEER_SAY(p, .flags = ACK, .seq = outside[i], .ack = 1),
				 HF_WHY_SEQ_OUTSIDE);
		if (i ==
		    0) /* and once in half a second: two such ends must not fight (RFC 5961 7) */
			PEER_EXPECT(p, .flags = ACK, .seq = 1, .ack = 1);
		peer_expect_nothing(p);
		/* A reset there is dropped in silence (RFC 5961 3.2). */
		assert_int_equal(PEER_SAY(p, .flags = RST, .seq = outside[i]), HF_WHY_RST_OUTSIDE);
		peer_expect_nothing(p);
	}
	peer_wait(p, HF_MS(600));
	assert_int_equal(PEER_SAY(p, .flags = ACK, .seq = 0, .ack = 1), HF_WHY_SEQ_OUTSIDE);
	PEER_EXPECT(p, .flags = ACK, .seq = 1, .ack = 1);
	assert_int_equal(peer_stats(p).half_open, 1);
	peer_free(p);
}

static void a_reset_ends_a_half_open_record_only_with_the_exact_number(void **state)
{
	peer *p = half_open();

	(void)state;
	assert_int_equal(PEER_SAY(p, .flags = RST, .seq = 2), HF_WHY_RST_CHALLENGED);
	PEER_EXPECT(p, .flags = ACK, .seq = 1, .ack = 1);
	assert_int_equal(peer_stats(p).half_open, 1);
	assert_int_equal(PEER_SAY(p, .flags = RST, .seq = 1), HF_WHY_RESET_BY_PEER);
	peer_expect_nothing(p);
	assert_int_equal(peer_stats(p).half_open, 0);
	/* Back in LISTEN: the application was told nothing, and the next SYN is as good as any. */
	assert_int_equal(peer_events(p), 0);
	PEER_SAY(p, .flags = SYN);
	PEER_EXPECT(p, .flags = SYN | ACK, .ack = 1);
	peer_free(p);
}

static void a_new_syn_in_the_window_returns_a_half_open_record_to_listen(void **state)
{
	peer *p = half_open();

	(void)state;
	PEER_SAY(p, .flags = SYN, .seq = 5);
	assert_int_equal(peer_stats(p).half_open, 0);
	peer_ignore(p);
	PEER_SAY(p, .flags = SYN, .seq = 5);
	PEER_EXPECT(p, .flags = SYN | ACK, .ack = 6);
	peer_free(p);
}

/* ---- Limits are named, and nothing is lost by them ---- */

static peer *listening_with(hf_config *config, uint32_t backlog)
{
	hf_listener_options o = { .size = sizeof(o), .backlog = backlog };
	hf_endpoint at = { .port = PEER_HOST_PORT };
	peer *p = peer_new(config);

	assert_int_equal(hf_listener_open(p->stack, &at, &o, &p->listener), HF_OK);
	return p;
}

static void a_full_accept_queue_is_named_and_the_handshake_completes_later(void **state)
{
	hf_config config = peer_config(false);
	peer *p = listening_with(&config, 1);
	hf_seq isn[2];

	(void)state;
	for (uint16_t i = 0; i < 2; i++) {
		p->self.port = (uint16_t)(PEER_PORT + i);
		PEER_SAY(p, .flags = SYN);
		isn[i] = peer_expect(p, SYN | ACK)->tcp.seq;
	}
	p->self.port = PEER_PORT;
	p->host_isn = isn[0];
	assert_int_equal(PEER_SAY(p, .flags = ACK, .seq = 1, .ack = 1), HF_WHY_NONE);
	p->self.port = PEER_PORT + 1;
	p->host_isn = isn[1];
	assert_int_equal(PEER_SAY(p, .flags = ACK, .seq = 1, .ack = 1), HF_WHY_ACCEPT_QUEUE_FULL);
	/* A new SYN is not even begun with. */
	p->self.port = PEER_PORT + 2;
	assert_int_equal(PEER_SAY(p, .flags = SYN), HF_WHY_ACCEPT_QUEUE_FULL);
	peer_expect_nothing(p);
	assert_int_equal(peer_stats(p).reasons[HF_WHY_ACCEPT_QUEUE_FULL], 2);
	peer_accept(p);
	/* The SYN-ACK goes again; its answer now finds room. */
	p->self.port = PEER_PORT + 1;
	peer_wait_for_output(p, HF_SEC(2));
	assert_int_equal(peer_expect(p, SYN | ACK)->tcp.seq.v, isn[1].v);
	assert_int_equal(PEER_SAY(p, .flags = ACK, .seq = 1, .ack = 1), HF_WHY_NONE);
	peer_accept(p);
	peer_free(p);
}

static void a_full_syn_table_is_named_and_frees_itself(void **state)
{
	hf_config config = peer_config(false);
	peer *p;

	(void)state;
	config.max_half_open = 3;
	config.prefix_share = 100;
	config.syn_cookies = HF_SYN_COOKIES_OFF;
	config.syn_replacement = HF_SYN_REPLACEMENT_NONE;
	p = listening_with(&config, 10);
	for (uint16_t i = 0; i < 4; i++) {
		p->self.port = (uint16_t)(PEER_PORT + i);
		assert_int_equal(PEER_SAY(p, .flags = SYN),
				 i < 3 ? HF_WHY_NONE : HF_WHY_SYN_TABLE_FULL);
	}
	assert_int_equal(peer_ignore(p), 3);
	assert_int_equal(peer_stats(p).half_open, 3);
	peer_wait(p, HF_SEC(64));
	peer_ignore(p);
	assert_int_equal(peer_stats(p).half_open, 0);
	assert_int_equal(PEER_SAY(p, .flags = SYN), HF_WHY_NONE);
	PEER_EXPECT(p, .flags = SYN | ACK, .ack = 1);
	peer_free(p);
}

static void the_limit_on_connections_is_named_and_spares_the_record(void **state)
{
	hf_config config = peer_config(false);
	hf_conn first, second;
	peer *p;

	(void)state;
	config.max_connections = 1;
	p = listening_with(&config, 10);
	first = peer_handshake_passive(p);
	p->self.port++;
	PEER_SAY(p, .flags = SYN);
	peer_expect(p, SYN | ACK);
	assert_int_equal(PEER_SAY(p, .flags = ACK, .seq = 1, .ack = 1), HF_WHY_CONNECTIONS_FULL);
	assert_int_equal(hf_conn_open(p->stack, &p->self, NULL, p->now, &second), HF_ERR_LIMIT);
	assert_int_equal(hf_conn_abort(p->stack, first), HF_OK);
	peer_expect(p, RST | ACK);
	assert_int_equal(PEER_SAY(p, .flags = ACK, .seq = 1, .ack = 1), HF_WHY_NONE);
	peer_accept(p);
	peer_free(p);
}

static void a_half_open_peer_costs_no_more_than_64_octets(void **state)
{
	hf_config config = peer_config(false);
	size_t before;
	peer *p;

	(void)state;
	config.prefix_share = 100;
	p = peer_new(&config);
	peer_listen(p);
	p->self.port = 1;
	PEER_SAY(p, .flags = SYN);
	peer_ignore(p);
	before = peer_stats(p).memory;
	for (uint16_t port = 2; port <= 4096; port++) {
		p->self.port = port;
		assert_int_equal(PEER_SAY(p, .flags = SYN), HF_WHY_NONE);
		peer_ignore(p);
	}
	/* 64 for the record, at most 16 for its place in the table of flows. */
	assert_true(peer_stats(p).memory - before <= 4095 * (64 + 16));
	peer_free(p);
}

/* ---- Calls ---- */

static void a_listener_that_closes_forgets_its_half_open_and_resets_its_unaccepted(void **state)
{
	peer *p = half_open();
	hf_seq half = p->host_isn;

	(void)state;
	p->self.port++;
	PEER_SAY(p, .flags = SYN);
	peer_expect(p, SYN | ACK);
	PEER_SAY(p, .flags = ACK, .seq = 1, .ack = 1);
	assert_int_equal(hf_listener_close(p->stack, p->listener), HF_OK);
	PEER_EXPECT(p, .flags = RST | ACK, .seq = 1, .ack = 1);
	assert_int_equal(peer_stats(p).ends[HF_WHY_LISTENER_CLOSED], 1);
	assert_int_equal(peer_stats(p).half_open, 0);
	assert_int_equal(peer_events(p), 0);
	p->self.port = PEER_PORT;
	p->host_isn = half;
	assert_int_equal(PEER_SAY(p, .flags = ACK, .seq = 1, .ack = 1), HF_WHY_NO_CONNECTION);
	PEER_EXPECT(p, .flags = RST, .seq = 1);
	peer_wait(p, HF_SEC(100));
	peer_expect_nothing(p);
	assert_int_equal(peer_stats(p).connections, 0);
	peer_free(p);
}

static void a_reset_before_accept_is_told_after_it(void **state)
{
	peer *p = half_open();
	hf_conn c;

	(void)state;
	PEER_SAY(p, .flags = ACK, .seq = 1, .ack = 1, .len = 5);
	peer_expect(p, ACK);
	PEER_SAY(p, .flags = RST, .seq = 6);
	assert_int_equal(peer_events(p), HF_EVENT_ACCEPTABLE);
	c = peer_accept(p);
	assert_true(peer_events(p) & HF_EVENT_CLOSED);
	assert_int_equal(p->event.reason, HF_WHY_RESET_BY_PEER);
	assert_int_equal(peer_state(p, c), HF_CLOSED);
	peer_free(p);
}

static void a_port_listens_once_for_an_address_and_once_for_any(void **state)
{
	peer *p = peer_new(NULL);
	hf_endpoint any = { .port = 80 }, exact = p->host, foreign = p->self;
	hf_listener first, second, other;
	hf_conn c;

	(void)state;
	assert_int_equal(hf_listener_open(p->stack, &any, NULL, &first), HF_OK);
	assert_int_equal(hf_listener_open(p->stack, &any, NULL, &other), HF_ERR_IN_USE);
	assert_int_equal(hf_listener_open(p->stack, &exact, NULL, &second), HF_OK);
	assert_int_equal(hf_listener_open(p->stack, &exact, NULL, &other), HF_ERR_IN_USE);
	assert_int_equal(hf_listener_open(p->stack, &foreign, NULL, &other), HF_ERR_NO_ADDRESS);
	/* The exact one is the one that is meant. */
	p->listener = second;
	peer_handshake_passive(p);
	assert_int_equal(hf_listener_accept(p->stack, first, &c), HF_ERR_AGAIN);
	assert_int_equal(hf_listener_close(p->stack, second), HF_OK);
	assert_int_equal(hf_listener_open(p->stack, &exact, NULL, &second), HF_OK);
	peer_free(p);
}

static void handles_of_what_is_gone_are_stale(void **state)
{
	peer *p = peer_new(NULL);
	hf_conn c = peer_handshake_passive(p), next;
	hf_listener l = p->listener;
	hf_conn_info info;
	size_t n;

	(void)state;
	assert_int_equal(hf_conn_abort(p->stack, c), HF_OK);
	peer_ignore(p);
	p->self.port++;
	next = peer_handshake_passive(p); /* takes the same place */
	assert_int_equal(hf_conn_send(p->stack, c, "x", 1, &n), HF_ERR_STALE);
	assert_int_equal(hf_conn_receive(p->stack, c, &info, 1, &n), HF_ERR_STALE);
	assert_int_equal(hf_conn_shutdown(p->stack, c), HF_ERR_STALE);
	assert_int_equal(hf_conn_close(p->stack, c), HF_ERR_STALE);
	assert_int_equal(hf_conn_abort(p->stack, c), HF_ERR_STALE);
	assert_int_equal(hf_conn_set(p->stack, c, HF_OPTION_TTL, 1), HF_ERR_STALE);
	assert_int_equal(hf_conn_info_get(p->stack, c, &info), HF_ERR_STALE);
	assert_int_equal(hf_conn_info_get(p->stack, (hf_conn){ 0 }, &info), HF_ERR_STALE);
	assert_int_equal(peer_state(p, next), HF_ESTABLISHED);
	assert_int_equal(hf_listener_close(p->stack, l), HF_OK);
	assert_int_equal(hf_listener_close(p->stack, l), HF_ERR_STALE);
	assert_int_equal(hf_listener_accept(p->stack, l, &next), HF_ERR_STALE);
	assert_int_equal(hf_listener_endpoint(p->stack, (hf_listener){ 0 }, &p->host),
			 HF_ERR_STALE);
	peer_free(p);
}

static void open_refuses_what_cannot_be(void **state)
{
	peer *p = peer_new(NULL);
	hf_conn_options here = { .size = sizeof(here), .local = { p->host.addr, 5000 } };
	hf_endpoint to = p->self;
	hf_conn c;

	(void)state;
	to.port = 0;
	assert_int_equal(hf_conn_open(p->stack, &to, NULL, p->now, &c), HF_ERR_INVALID);
	to = (hf_endpoint){ hf_addr_v4(224, 0, 0, 1), 80 }; /* MUST-46 */
	assert_int_equal(hf_conn_open(p->stack, &to, NULL, p->now, &c), HF_ERR_INVALID);
	to.addr = hf_addr_v4(192, 0, 2, 255);
	assert_int_equal(hf_conn_open(p->stack, &to, NULL, p->now, &c), HF_ERR_INVALID);
	to.addr = hf_addr_v4(0, 0, 0, 0);
	assert_int_equal(hf_conn_open(p->stack, &to, NULL, p->now, &c), HF_ERR_INVALID);
	to.addr = (hf_addr){ { 0x20, 0x01 } };
	assert_int_equal(hf_conn_open(p->stack, &to, NULL, p->now, &c), HF_ERR_NO_ROUTE);
	assert_int_equal(hf_conn_open(p->stack, &p->self, &here, p->now, &c), HF_OK);
	assert_int_equal(hf_conn_open(p->stack, &p->self, &here, p->now, &c), HF_ERR_IN_USE);
	here.local = (hf_endpoint){ p->self.addr, 5001 };
	assert_int_equal(hf_conn_open(p->stack, &p->self, &here, p->now, &c), HF_ERR_NO_ADDRESS);
	peer_free(p);
}

static void ephemeral_ports_run_out_by_name(void **state)
{
	hf_config config = peer_config(false);
	hf_endpoint other;
	hf_conn c;
	peer *p;

	(void)state;
	config.first_port = 40000;
	config.last_port = 40002;
	p = peer_new(&config);
	other = (hf_endpoint){ p->self.addr, 81 };
	for (int i = 0; i < 3; i++)
		assert_in_range((peer_open(p), p->host.port), 40000, 40002);
	assert_int_equal(hf_conn_open(p->stack, &p->self, NULL, p->now, &c), HF_ERR_NO_PORT);
	assert_int_equal(hf_conn_open(p->stack, &other, NULL, p->now, &c), HF_OK);
	peer_free(p);
}

/* ---- Initial sequence numbers (3.4.1, RFC 6528) ---- */

static uint32_t isn_for(peer *p, uint16_t port)
{
	uint32_t isn;

	p->self.port = port;
	PEER_SAY(p, .flags = SYN);
	isn = peer_expect(p, SYN | ACK)->tcp.seq.v;
	PEER_SAY(p, .flags = RST, .seq = 1);
	return isn;
}

/* MUST-8, MUST-9, SHLD-1 */
static void initial_numbers_differ_by_flow_and_secret_and_tick_every_4_us(void **state)
{
	hf_config config = peer_config(false);
	peer *p = peer_new(NULL), *q;
	uint32_t a, b, c;

	(void)state;
	config.secret[0]++;
	q = peer_new(&config);
	peer_listen(p);
	peer_listen(q);
	a = isn_for(p, 1000);
	assert_int_equal(isn_for(p, 1000), a); /* no time has passed */
	b = isn_for(p, 1001);
	c = isn_for(q, 1000);
	assert_true(a - b > 100000 && b - a > 100000);
	assert_true(a - c > 100000 && c - a > 100000);
	peer_wait(p, HF_US(400));
	assert_int_equal(isn_for(p, 1000) - a, 100); /* MUST-8 */
	peer_wait(p, HF_SEC(1));
	assert_int_equal(isn_for(p, 1001) - b, 250100);
	peer_free(p);
	peer_free(q);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_closed_port_answers_by_the_forms_of_the_rfc),
		cmocka_unit_test(a_host_may_be_silent_about_closed_ports),
		cmocka_unit_test(a_listener_answers_an_ack_by_a_reset_and_ignores_the_rest),
		cmocka_unit_test(tcp_to_many_is_never_answered),
		cmocka_unit_test(what_cannot_have_been_sent_by_a_host_is_dropped),
		cmocka_unit_test(a_wrong_ack_in_syn_received_is_reset_and_the_record_stays),
		cmocka_unit_test(a_number_outside_the_window_of_a_half_open_record_gets_an_ack),
		cmocka_unit_test(a_reset_ends_a_half_open_record_only_with_the_exact_number),
		cmocka_unit_test(a_new_syn_in_the_window_returns_a_half_open_record_to_listen),
		cmocka_unit_test(a_full_accept_queue_is_named_and_the_handshake_completes_later),
		cmocka_unit_test(a_full_syn_table_is_named_and_frees_itself),
		cmocka_unit_test(the_limit_on_connections_is_named_and_spares_the_record),
		cmocka_unit_test(a_half_open_peer_costs_no_more_than_64_octets),
		cmocka_unit_test(
			a_listener_that_closes_forgets_its_half_open_and_resets_its_unaccepted),
		cmocka_unit_test(a_reset_before_accept_is_told_after_it),
		cmocka_unit_test(a_port_listens_once_for_an_address_and_once_for_any),
		cmocka_unit_test(handles_of_what_is_gone_are_stale),
		cmocka_unit_test(open_refuses_what_cannot_be),
		cmocka_unit_test(ephemeral_ports_run_out_by_name),
		cmocka_unit_test(initial_numbers_differ_by_flow_and_secret_and_tick_every_4_us),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
