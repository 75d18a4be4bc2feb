/* SPDX-License-Identifier: BSD-2-Clause */
/* Source routes of connections, there and back (RFC 9293 3.9.2.1, RFC 1122 3.2.1.8). */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "tests/support/peer.h"
#include "wire/ip_options.h"

#define HF_ROUTES_TESTED 1024 /* as many as a stack keeps */
#define R1 hf_addr_v4(192, 0, 2, 11)
#define R2 hf_addr_v4(198, 51, 100, 12)
#define R3 hf_addr_v4(203, 0, 113, 13)

/* A loose route by way of R1 and R2 that has arrived. */
static const uint8_t by_r1_r2[] = { 1, 131, 11, 12, 192, 0, 2, 11, 198, 51, 100, 12 };
/* A strict one by way of R3. */
static const uint8_t by_r3[] = { 1, 137, 7, 8, 203, 0, 113, 13 };
/* R1 is next: it has not arrived. */
static const uint8_t unfinished[] = { 1, 131, 11, 8, 198, 51, 100, 12, 192, 0, 2, 11 };
static const uint8_t malformed[] = { 131, 7, 8, 10 };
static const uint8_t unknown[] = { 222, 4, 7, 7 };

#define OPTIONS(o) ((hf_view){ o, sizeof(o) })

static peer *new_peer(bool accepts)
{
	hf_config config = peer_config(false);

	config.accept_source_route = accepts;
	return peer_new(&config);
}

/* Left by these hops, towards the peer, with the option that says so. */
static void check_way(const peer *p, const peer_seen *s, const hf_source_route *r)
{
	uint8_t want[HF_IP4_OPTIONS_MAX];
	size_t len = hf_route_emit(r, &p->self.addr, want);

	assert_true(hf_addr_equal(&s->ip.dst, r->hops > 0 ? &r->hop[0] : &p->self.addr));
	assert_int_equal(s->ip.options.len, len);
	if (len > 0)
		assert_memory_equal(s->ip.options.at, want, len);
}

static void without_the_switch_a_routed_packet_is_dropped_by_name(void **state)
{
	peer *p = new_peer(false);

	(void)state;
	peer_listen(p);
	p->ip_options = OPTIONS(by_r1_r2);
	assert_int_equal(PEER_SAY(p, .flags = SYN), HF_WHY_IP_SOURCE_ROUTE);
	peer_expect_nothing(p);
	p->ip_options = OPTIONS(unknown); /* MUST-50 */
	assert_int_equal(PEER_SAY(p, .flags = SYN), HF_WHY_NONE);
	check_way(p, peer_expect(p, SYN | ACK), &(hf_source_route){ 0 });
	peer_free(p);
}

static void malformed_options_and_unfinished_routes_are_dropped_by_name(void **state)
{
	peer *p = new_peer(true);

	(void)state;
	peer_listen(p);
	p->ip_options = OPTIONS(malformed);
	assert_int_equal(PEER_SAY(p, .flags = SYN), HF_WHY_IP_OPTION);
	p->ip_options = OPTIONS(unfinished);
	assert_int_equal(PEER_SAY(p, .flags = SYN), HF_WHY_IP_ROUTE_UNFINISHED);
	peer_expect_nothing(p);
	peer_free(p);
}

/* MUST-53 */
static void a_passive_open_answers_on_the_way_back(void **state)
{
	const hf_source_route back = { 2, false, { R2, R1 } };
	peer *p = new_peer(true);
	hf_conn_info info;
	hf_conn c;

	(void)state;
	peer_listen(p);
	p->ip_options = OPTIONS(by_r1_r2);
	PEER_SAY(p, .flags = SYN);
	check_way(p, peer_expect(p, SYN | ACK), &back);
	peer_wait_for_output(p, HF_SEC(2)); /* again, and the same way */
	check_way(p, peer_expect(p, SYN | ACK), &back);
	p->ip_options = (hf_view){ 0 }; /* no route is no other route */
	PEER_SAY(p, .flags = ACK, .seq = 1, .ack = 1);
	c = peer_accept(p);
	info = peer_info(p, c);
	assert_int_equal(info.route.hops, 2);
	assert_true(hf_addr_equal(&info.route.hop[0], &back.hop[0]));
	/* MUST-16: the options of IP make segments smaller. */
	assert_int_equal(info.snd_mss, 1460 - 12);
	peer_app_send(p, c, 1, 3000);
	check_way(p, PEER_EXPECT(p, .flags = ACK, .seq = 1, .ack = 1, .len = 1448), &back);
	peer_ignore(p);
	PEER_SAY(p, .flags = ACK, .seq = 1, .ack = 3001, .len = 10);
	peer_wait(p, HF_MS(300));
	check_way(p, PEER_EXPECT(p, .flags = ACK, .seq = 3001, .ack = 11), &back);
	peer_free(p);
}

/* A connection whose peer's packets came by R1 and R2. */
static peer *reached_by_r1_r2(hf_conn *c)
{
	peer *p = new_peer(true);

	p->ip_options = OPTIONS(by_r1_r2);
	*c = peer_handshake_passive(p);
	return p;
}

static void every_last_segment_takes_the_way_back(void **state)
{
	const hf_source_route back = { 2, false, { R2, R1 } };
	hf_conn c;
	peer *p = reached_by_r1_r2(&c);

	(void)state;
	hf_conn_shutdown(p->stack, c);
	check_way(p, PEER_EXPECT(p, .flags = FIN | ACK, .seq = 1, .ack = 1), &back);
	p->ip_options = (hf_view){ 0 };
	PEER_SAY(p, .flags = FIN | ACK, .seq = 1, .ack = 2);
	check_way(p, PEER_EXPECT(p, .flags = ACK, .seq = 2, .ack = 2), &back);
	assert_int_equal(peer_state(p, c), HF_TIME_WAIT);
	PEER_SAY(p, .flags = FIN | ACK, .seq = 1, .ack = 2);
	check_way(p, PEER_EXPECT(p, .flags = ACK, .seq = 2, .ack = 2), &back);
	peer_free(p);
}

static void a_reset_takes_the_way_back(void **state)
{
	const hf_source_route back = { 2, false, { R2, R1 } };
	hf_conn c;
	peer *p = reached_by_r1_r2(&c);

	(void)state;
	hf_conn_abort(p->stack, c);
	check_way(p, peer_expect(p, RST | ACK), &back);
	peer_free(p);
}

static void a_later_route_replaces_the_earlier(void **state)
{
	const hf_source_route first = { 2, false, { R2, R1 } }, second = { 1, true, { R3 } };
	hf_conn c;
	peer *p = reached_by_r1_r2(&c);

	(void)state;
	peer_app_send(p, c, 1, 10);
	check_way(p, peer_expect(p, ACK), &first);
	p->ip_options = OPTIONS(by_r3); /* SHLD-24 */
	assert_int_equal(PEER_SAY(p, .flags = ACK, .seq = 1, .ack = 11), HF_WHY_NONE);
	peer_app_send(p, c, 11, 10);
	check_way(p, peer_expect(p, ACK), &second);
	assert_int_equal(peer_info(p, c).snd_mss, 1460 - 8);
	peer_free(p);
}

static void a_segment_that_is_not_taken_turns_no_way(void **state)
{
	const hf_source_route first = { 2, false, { R2, R1 } };
	hf_conn c;
	peer *p = reached_by_r1_r2(&c);

	(void)state;
	p->ip_options = OPTIONS(by_r3);
	assert_int_equal(PEER_SAY(p, .flags = ACK, .seq = 200000, .ack = 1), HF_WHY_SEQ_OUTSIDE);
	peer_ignore(p);
	assert_int_equal(PEER_SAY(p, .flags = ACK, .seq = 1, .ack = 70000), HF_WHY_ACK_UNSENT);
	peer_ignore(p);
	peer_app_send(p, c, 1, 10);
	check_way(p, peer_expect(p, ACK), &first);
	peer_free(p);
}

static hf_conn open_by(peer *p, const hf_source_route *route)
{
	hf_conn_options o = { .size = sizeof(o), .route = route };
	hf_conn c = { 0 };

	assert_int_equal(hf_conn_open(p->stack, &p->self, &o, p->now, &c), HF_OK);
	p->host = peer_info(p, c).local;
	return c;
}

static void an_active_open_takes_the_applications_route_whatever_arrives(void **state)
{
	const hf_source_route route = { 3, false, { R3, R2, R1 } };
	peer *p = new_peer(true);
	hf_conn c = open_by(p, &route);

	(void)state;
	check_way(p, peer_expect(p, SYN), &route); /* MUST-51 */
	p->ip_options = OPTIONS(by_r1_r2);
	PEER_SAY(p, .flags = SYN | ACK, .ack = 1);
	check_way(p, PEER_EXPECT(p, .flags = ACK, .seq = 1, .ack = 1), &route); /* MUST-52 */
	assert_int_equal(peer_info(p, c).snd_mss, 1460 - 16);
	peer_app_send(p, c, 1, 10);
	check_way(p, peer_expect(p, ACK), &route);
	peer_free(p);
}

static void an_active_open_without_a_route_takes_none_from_the_peer(void **state)
{
	peer *p = new_peer(true);
	hf_conn c = open_by(p, NULL);

	(void)state;
	peer_expect(p, SYN);
	p->ip_options = OPTIONS(by_r1_r2);
	PEER_SAY(p, .flags = SYN | ACK, .ack = 1);
	check_way(p, peer_expect(p, ACK), &(hf_source_route){ 0 });
	assert_int_equal(peer_info(p, c).snd_mss, 1460);
	peer_free(p);
}

static void a_listeners_route_comes_before_the_peers(void **state)
{
	const hf_source_route route = { 1, true, { R3 } };
	const hf_endpoint at = { .port = PEER_HOST_PORT };
	hf_listener_options o = { .size = sizeof(o), .route = &route };
	peer *p = new_peer(true);
	hf_conn c;

	(void)state;
	assert_int_equal(hf_listener_open(p->stack, &at, &o, &p->listener), HF_OK);
	p->ip_options = OPTIONS(by_r1_r2);
	PEER_SAY(p, .flags = SYN);
	check_way(p, peer_expect(p, SYN | ACK), &route);
	PEER_SAY(p, .flags = ACK, .seq = 1, .ack = 1, .len = 5);
	c = peer_accept(p);
	peer_wait(p, HF_MS(100));
	check_way(p, peer_expect(p, ACK), &route);
	assert_int_equal(peer_info(p, c).snd_mss, 1460 - 8);
	peer_free(p);
}

static void nine_hops_fit_and_no_more(void **state)
{
	hf_source_route route = { HF_ROUTE_HOPS, false, { R1, R2, R3, R1, R2, R3, R1, R2, R3 } };
	hf_conn_options o = { .size = sizeof(o), .route = &route };
	peer *p = new_peer(false);
	hf_conn c = open_by(p, &route);
	hf_conn none;

	(void)state;
	check_way(p, peer_expect(p, SYN), &route);
	PEER_SAY(p, .flags = SYN | ACK, .ack = 1);
	peer_expect(p, ACK);
	assert_int_equal(peer_info(p, c).snd_mss, 1460 - 40);
	peer_app_send(p, c, 1, 5000);
	PEER_EXPECT(p, .flags = ACK, .seq = 1, .ack = 1, .len = 1420);
	route.hops = HF_ROUTE_HOPS + 1;
	assert_int_equal(hf_conn_open(p->stack, &p->self, &o, p->now, &none), HF_ERR_INVALID);
	route.hops = 1;
	route.hop[0] = hf_addr_v4(224, 0, 0, 1);
	assert_int_equal(hf_conn_open(p->stack, &p->self, &o, p->now, &none), HF_ERR_INVALID);
	route.hop[0].octet[10] = 0; /* an IPv6 address */
	assert_int_equal(hf_conn_open(p->stack, &p->self, &o, p->now, &none), HF_ERR_INVALID);
	peer_free(p);
}

static void routes_have_their_limit_and_are_given_back(void **state)
{
	const hf_source_route route = { 1, false, { R1 } };
	hf_conn_options o = { .size = sizeof(o), .route = &route };
	peer *p = new_peer(false);
	hf_conn c[HF_ROUTES_TESTED + 1];

	(void)state;
	for (unsigned i = 0; i < HF_ROUTES_TESTED; i++)
		assert_int_equal(hf_conn_open(p->stack, &p->self, &o, p->now, &c[i]), HF_OK);
	assert_int_equal(hf_conn_open(p->stack, &p->self, &o, p->now, &c[HF_ROUTES_TESTED]),
			 HF_ERR_NO_MEMORY);
	assert_int_equal(peer_stats(p).connections, HF_ROUTES_TESTED);
	for (unsigned i = 0; i < HF_ROUTES_TESTED; i++)
		hf_conn_abort(p->stack, c[i]);
	peer_ignore(p);
	assert_int_equal(hf_conn_open(p->stack, &p->self, &o, p->now, &c[0]), HF_OK);
	peer_free(p);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(without_the_switch_a_routed_packet_is_dropped_by_name),
		cmocka_unit_test(malformed_options_and_unfinished_routes_are_dropped_by_name),
		cmocka_unit_test(a_passive_open_answers_on_the_way_back),
		cmocka_unit_test(every_last_segment_takes_the_way_back),
		cmocka_unit_test(a_reset_takes_the_way_back),
		cmocka_unit_test(a_later_route_replaces_the_earlier),
		cmocka_unit_test(a_segment_that_is_not_taken_turns_no_way),
		cmocka_unit_test(an_active_open_takes_the_applications_route_whatever_arrives),
		cmocka_unit_test(an_active_open_without_a_route_takes_none_from_the_peer),
		cmocka_unit_test(a_listeners_route_comes_before_the_peers),
		cmocka_unit_test(nine_hops_fit_and_no_more),
		cmocka_unit_test(routes_have_their_limit_and_are_given_back),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
