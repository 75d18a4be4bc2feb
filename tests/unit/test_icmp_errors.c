/* SPDX-License-Identifier: BSD-2-Clause */
/* What routers and hosts report, and what is believed (RFC 9293 3.9.2.2, 5927, 1191, 8201). */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "tests/support/complaint.h"

static const report hard4[] = { { 3, 2, HF_WHY_ICMP_PROTOCOL },
				{ 3, 3, HF_WHY_ICMP_PORT },
				{ 3, 13, HF_WHY_ICMP_ADMIN } };
static const report soft4[] = { { 3, 0, HF_WHY_ICMP_NET },
				{ 3, 1, HF_WHY_ICMP_HOST },
				{ 11, 0, HF_WHY_ICMP_TTL },
				{ 12, 0, HF_WHY_ICMP_PARAMETER } };
static const report hard6[] = { { 1, 4, HF_WHY_ICMP_PORT }, { 1, 1, HF_WHY_ICMP_ADMIN } };
static const report soft6[] = { { 1, 0, HF_WHY_ICMP_NET },
				{ 1, 3, HF_WHY_ICMP_HOST },
				{ 3, 0, HF_WHY_ICMP_TTL } };

#define COUNT(a) (sizeof(a) / sizeof((a)[0]))

static peer *new_peer(bool is_v6)
{
	hf_config config = peer_config(is_v6);

	return peer_new(&config);
}

/* ---- Before the handshake is done ---- */

static void opening(bool is_v6, report r, bool is_hard)
{
	peer *p = new_peer(is_v6);
	hf_conn c = peer_open(p);
	size_t n;

	assert_int_equal(complain(p, r, 0, peer_expect(p, SYN)), r.reason);
	if (is_hard) {
		assert_int_equal(peer_state(p, c), HF_CLOSED);
		assert_int_equal(peer_events(p), HF_EVENT_CLOSED);
		assert_int_equal(hf_conn_send(p->stack, c, "x", 1, &n),
				 r.reason == HF_WHY_ICMP_ADMIN ? HF_ERR_UNREACHABLE :
								 HF_ERR_REFUSED);
		peer_wait(p, HF_SEC(300));
		peer_expect_nothing(p);
	} else {
		assert_int_equal(peer_state(p, c), HF_SYN_SENT); /* MUST-56 */
		/* MUST-47, SHLD-25, U-2 */
		assert_int_equal(peer_events(p), HF_EVENT_TROUBLE);
		assert_int_equal(p->event.reason, r.reason);
		/* The SYN goes on; if nothing ever answers, the router's word is the reason. */
		peer_wait(p, HF_SEC(300));
		assert_int_equal(peer_ignore(p), 7);
		assert_true(peer_events(p) & HF_EVENT_CLOSED);
	}
	assert_int_equal(p->event.reason, r.reason);
	assert_int_equal(peer_info(p, c).reason, r.reason);
	peer_free(p);
}

static void a_hard_error_ends_an_opening_and_a_soft_one_explains_it(void **state)
{
	(void)state;
	for (unsigned i = 0; i < COUNT(hard4); i++)
		opening(false, hard4[i], true);
	for (unsigned i = 0; i < COUNT(soft4); i++)
		opening(false, soft4[i], false);
	for (unsigned i = 0; i < COUNT(hard6); i++)
		opening(true, hard6[i], true);
	for (unsigned i = 0; i < COUNT(soft6); i++)
		opening(true, soft6[i], false);
}

static void a_soft_error_does_not_keep_an_opening_from_success(void **state)
{
	peer *p = new_peer(false);
	hf_conn c = peer_open(p);

	(void)state;
	complain(p, soft4[1], 0, peer_expect(p, SYN));
	PEER_SAY(p, .flags = SYN | ACK, .ack = 1);
	assert_int_equal(peer_state(p, c), HF_ESTABLISHED);
	peer_free(p);
}

/* ---- After it (RFC 5927 5.2): no report ends a connection ---- */

static void no_error_ends_an_established_connection(void **state)
{
	(void)state;
	for (unsigned i = 0; i < COUNT(hard4) + COUNT(soft4); i++) {
		report r = i < COUNT(hard4) ? hard4[i] : soft4[i - COUNT(hard4)];
		peer *p = new_peer(false);
		hf_conn c = peer_handshake_passive(p);

		peer_app_send(p, c, 1, 100);
		assert_int_equal(complain(p, r, 0, peer_expect(p, ACK)), r.reason);
		assert_int_equal(peer_state(p, c), HF_ESTABLISHED);
		assert_int_equal(peer_events(p), HF_EVENT_TROUBLE);
		assert_int_equal(p->event.reason, r.reason);
		PEER_SAY(p, .flags = ACK, .seq = 1, .ack = 101);
		assert_int_equal(peer_state(p, c), HF_ESTABLISHED);
		peer_free(p);
	}
}

/* SHLD-20 */
static void soft_errors_may_be_declined(void **state)
{
	peer *p = new_peer(false);
	hf_conn c = peer_handshake_passive(p);
	const peer_seen *s;

	(void)state;
	peer_app_send(p, c, 1, 100);
	s = peer_expect(p, ACK);
	assert_int_equal(hf_conn_set(p->stack, c, HF_OPTION_NO_SOFT_ERRORS, 1), HF_OK);
	complain(p, soft4[0], 0, s);
	assert_int_equal(peer_events(p), 0);
	assert_int_equal(hf_conn_set(p->stack, c, HF_OPTION_NO_SOFT_ERRORS, 0), HF_OK);
	complain(p, soft4[0], 0, s);
	assert_int_equal(peer_events(p), HF_EVENT_TROUBLE);
	peer_free(p);
}

static void an_error_of_long_ago_does_not_explain_a_later_silence(void **state)
{
	hf_config config = peer_config(false);
	hf_conn c;
	peer *p;

	(void)state;
	config.data_retries = 3;
	p = peer_new(&config);
	c = peer_handshake_passive(p);
	peer_app_send(p, c, 1, 100);
	complain(p, soft4[1], 0, peer_expect(p, ACK));
	PEER_SAY(p, .flags = ACK, .seq = 1, .ack = 101); /* the way is open again */
	peer_app_send(p, c, 101, 100);
	peer_wait(p, HF_SEC(100));
	peer_events(p);
	assert_int_equal(p->event.reason, HF_WHY_DATA_TIMEOUT);
	peer_free(p);
}

/* ---- What a report must quote (RFC 5927 4) ---- */

static void a_quote_of_what_is_not_in_flight_is_not_believed(void **state)
{
	peer *p = new_peer(false);
	hf_conn c = peer_handshake_passive(p);
	const peer_seen *s;
	hf_addr here = p->host.addr;

	(void)state;
	peer_app_send(p, c, 1, 100);
	s = peer_expect(p, ACK);
	PEER_SAY(p, .flags = ACK, .seq = 1, .ack = 101);
	assert_int_equal(complain(p, soft4[0], 0, s), HF_WHY_ICMP_QUOTE_SEQ); /* before SND.UNA */
	PEER_SAY(p, .flags = ACK, .seq = 1, .ack = 101, .len = 1);
	s = PEER_EXPECT(p, .flags = ACK, .seq = 101, .ack = 2);
	assert_int_equal(complain(p, soft4[0], 0, s), HF_WHY_ICMP_QUOTE_SEQ); /* at SND.NXT */
	assert_int_equal(peer_events(p) & HF_EVENT_TROUBLE, 0);
	p->host.addr = hf_addr_v4(192, 0, 2, 7);
	assert_int_equal(complain(p, soft4[0], 0, s), HF_WHY_IP_NOT_OURS);
	p->host.addr = here;
	peer_free(p);
}

static void a_quote_of_nobodys_segment_is_named(void **state)
{
	peer *p = new_peer(false);
	peer_seen *s;

	(void)state;
	peer_open(p);
	s = (peer_seen *)(uintptr_t)peer_expect(p, SYN);
	s->octets[HF_IP4_HEADER + 3]++; /* another port */
	assert_int_equal(complain(p, hard4[1], 0, s), HF_WHY_ICMP_QUOTE);
	s->octets[HF_IP4_HEADER + 3]--;
	s->octets[9] = HF_IPPROTO_UDP;
	assert_int_equal(complain(p, hard4[1], 0, s), HF_WHY_ICMP_QUOTE);
	s->octets[9] = HF_IPPROTO_TCP;
	assert_int_equal(complain(p, hard4[1], 0, s), HF_WHY_ICMP_PORT);
	peer_free(p);
}

static void a_quote_of_a_segment_from_another_address_of_ours_is_not_believed(void **state)
{
	hf_config config = peer_config(false);
	const peer_seen *s;
	hf_conn c;
	peer *p;

	(void)state;
	config.address[1] = (hf_host_addr){ hf_addr_v4(198, 51, 100, 1), 24 };
	p = peer_new(&config);
	c = peer_open(p);
	s = peer_expect(p, SYN);
	p->host.addr = config.address[1].addr;
	assert_int_equal(complain(p, hard4[1], 0, s), HF_WHY_ICMP_QUOTE);
	assert_int_equal(peer_state(p, c), HF_SYN_SENT);
	peer_free(p);
}

/* SHLD-26; what is quoted must be the SYN-ACK. */
static void a_hard_error_about_a_syn_ack_ends_the_half_open_record(void **state)
{
	(void)state;
	for (unsigned i = 0; i < COUNT(hard4) + COUNT(soft4); i++) {
		bool is_hard = i < COUNT(hard4);
		report r = is_hard ? hard4[i] : soft4[i - COUNT(hard4)];
		peer *p = peer_new(NULL);
		peer_seen *s;

		peer_listen(p);
		PEER_SAY(p, .flags = SYN);
		s = (peer_seen *)(uintptr_t)peer_expect(p, SYN | ACK);
		s->octets[HF_IP4_HEADER + 7]++; /* another sequence number */
		assert_int_equal(complain(p, r, 0, s), HF_WHY_ICMP_QUOTE_SEQ);
		s->octets[HF_IP4_HEADER + 7]--;
		assert_int_equal(peer_stats(p).states[HF_SYN_RECEIVED], 1);
		assert_int_equal(complain(p, r, 0, s), r.reason);
		assert_int_equal(peer_stats(p).states[HF_SYN_RECEIVED], !is_hard);
		assert_int_equal(peer_stats(p).ends[r.reason], is_hard);
		PEER_SAY(p, .flags = ACK, .seq = 1, .ack = 1);
		if (is_hard)
			peer_expect(p, RST);
		else
			peer_accept(p);
		peer_free(p);
	}
}

/* There is nothing left that could be ended. */
static void no_error_ends_time_wait(void **state)
{
	peer *p = peer_new(NULL);
	hf_conn c = peer_handshake_passive(p);
	const peer_seen *s;

	(void)state;
	assert_int_equal(hf_conn_shutdown(p->stack, c), HF_OK);
	peer_expect(p, FIN | ACK);
	PEER_SAY(p, .flags = FIN | ACK, .seq = 1, .ack = 2);
	s = peer_expect(p, ACK);
	for (unsigned i = 0; i < COUNT(hard4); i++)
		assert_int_equal(complain(p, hard4[i], 0, s), hard4[i].reason);
	assert_int_equal(peer_stats(p).states[HF_TIME_WAIT], 1);
	((peer_seen *)(uintptr_t)s)->octets[HF_IP4_HEADER + 7]--;
	assert_int_equal(complain(p, hard4[0], 0, s), HF_WHY_ICMP_QUOTE_SEQ);
	peer_free(p);
}

static void source_quench_is_ignored(void **state)
{
	peer *p = new_peer(false);
	hf_conn c = peer_handshake_passive(p);
	hf_conn_info before;

	(void)state;
	peer_app_send(p, c, 1, 100);
	before = peer_info(p, c);
	assert_int_equal(complain(p, (report){ 4, 0, 0 }, 0, peer_expect(p, ACK)),
			 HF_WHY_ICMP_SOURCE_QUENCH); /* MUST-55 */
	assert_int_equal(peer_info(p, c).cwnd, before.cwnd);
	assert_int_equal(peer_events(p), 0);
	peer_expect_nothing(p);
	peer_free(p);
}

/* ---- Too big (RFC 1191, RFC 8201) ---- */

static void too_big(bool is_v6, uint32_t mtu, uint32_t used)
{
	peer *p = new_peer(is_v6);
	hf_conn c = peer_handshake_passive(p);
	uint32_t headers = is_v6 ? 60 : 40, full = 1500 - headers, done = 1, cwnd;
	report r = is_v6 ? (report){ 2, 0, 0 } : (report){ 3, 4, 0 };
	const peer_seen *s;

	peer_app_send(p, c, 1, full);
	s = PEER_EXPECT(p, .flags = ACK, .seq = 1, .ack = 1, .len = full);
	cwnd = peer_info(p, c).cwnd;
	assert_int_equal(complain(p, r, mtu, s), HF_WHY_ICMP_TOO_BIG);
	assert_int_equal(peer_info(p, c).pmtu, used);
	/* At once, without waiting for a time-out, and without taking it for congestion. */
	while ((s = peer_next(p)) != NULL) {
		assert_int_equal(s->seq, done);
		assert_true(s->len + headers <= used);
		peer_check_text(s);
		done += s->len;
	}
	assert_int_equal(done, 1 + full);
	assert_true(peer_info(p, c).cwnd >= cwnd);
	/* New text keeps to it. */
	PEER_SAY(p, .flags = ACK, .seq = 1, .ack = done);
	peer_app_send(p, c, done, 3000);
	PEER_EXPECT(p, .flags = ACK, .seq = done, .ack = 1, .len = used - headers);
	peer_free(p);
}

static void a_smaller_path_is_used_at_once(void **state)
{
	(void)state;
	too_big(false, 1000, 1000);
	too_big(true, 1300, 1300);
}

static void a_router_that_does_not_say_gets_the_next_plateau(void **state)
{
	(void)state;
	too_big(false, 0, 1492);
}

static void no_report_makes_segments_tiny_or_larger(void **state)
{
	(void)state;
	too_big(false, 68, 552);
	too_big(false, 1, 552);
}

static void a_report_of_a_larger_path_changes_nothing(void **state)
{
	peer *p = new_peer(false);
	hf_conn c = peer_handshake_passive(p);

	(void)state;
	peer_app_send(p, c, 1, 1460);
	complain(p, (report){ 3, 4, 0 }, 9000, peer_expect(p, ACK));
	assert_int_equal(peer_info(p, c).pmtu, 1500);
	assert_int_equal(peer_info(p, c).snd_mss, 1460);
	peer_expect_nothing(p);
	peer_free(p);
}

/* RFC 8201 4: such a message is discarded. */
static void ipv6_paths_carry_1280_octets_whatever_is_reported(void **state)
{
	const uint32_t told[] = { 1, 500, 1279 };

	(void)state;
	for (unsigned i = 0; i < COUNT(told); i++) {
		peer *p = new_peer(true);
		hf_conn c = peer_handshake_passive(p);

		peer_app_send(p, c, 1, 1440);
		assert_int_equal(complain(p, (report){ 2, 0, 0 }, told[i], peer_expect(p, ACK)),
				 HF_WHY_ICMP_MTU);
		assert_int_equal(peer_info(p, c).pmtu, 1500);
		peer_expect_nothing(p);
		peer_free(p);
	}
}

static void where_discovery_is_off_no_report_changes_anything(void **state)
{
	const int64_t kinds[] = { HF_PATH_MTU_OFF, HF_PATH_MTU_PROBE };

	(void)state;
	for (unsigned i = 0; i < COUNT(kinds); i++) {
		peer *p = new_peer(false);
		hf_conn c = peer_handshake_passive(p);
		const peer_seen *s;

		assert_int_equal(hf_conn_set(p->stack, c, HF_OPTION_PATH_MTU_DISCOVERY, kinds[i]),
				 HF_OK);
		peer_app_send(p, c, 1, 1460);
		s = peer_expect(p, ACK);
		assert_int_equal(s->ip.dont_fragment, kinds[i] == HF_PATH_MTU_PROBE);
		complain(p, (report){ 3, 4, 0 }, 700, s);
		assert_int_equal(peer_info(p, c).pmtu, 1500);
		peer_expect_nothing(p);
		peer_free(p);
	}
}

static void a_smaller_path_is_known_before_the_handshake_ends(void **state)
{
	peer *p = new_peer(false);
	hf_conn c = peer_open(p);

	(void)state;
	peer_app_send(p, c, 1, 3000);
	complain(p, (report){ 3, 4, 0 }, 700, peer_expect(p, SYN));
	assert_int_equal(peer_state(p, c), HF_SYN_SENT);
	PEER_SAY(p, .flags = SYN | ACK, .ack = 1);
	PEER_EXPECT(p, .flags = ACK, .seq = 1, .ack = 1, .len = 660);
	peer_free(p);
}

/* ---- Pings ---- */

static void ping(peer *p, size_t len, bool is_answered)
{
	bool is_v4 = hf_addr_is_v4(&p->host.addr);
	uint8_t message[1900] = { is_v4 ? 8 : 128, 0, 0, 0, 0x12, 0x34, 0, 1 };
	const peer_seen *s;

	peer_pattern(message + 8, 0, len - 8);
	give_message(p, p->self.addr, message, len);
	s = peer_next(p);
	assert_int_equal(!!s, is_answered);
	if (!s)
		return;
	assert_int_equal(s->cause, HF_SENT_ECHO_REPLY);
	assert_true(hf_addr_equal(&s->ip.dst, &p->self.addr));
	assert_true(hf_addr_equal(&s->ip.src, &p->host.addr));
	assert_int_equal(s->ip.payload.len, len);
	assert_int_equal(s->ip.payload.at[0], is_v4 ? 0 : 129);
	assert_memory_equal(s->ip.payload.at + 4, message + 4, len - 4);
}

static void a_ping_is_answered_with_what_it_brought(void **state)
{
	(void)state;
	for (int is_v6 = 0; is_v6 < 2; is_v6++) {
		peer *p = new_peer(is_v6);

		ping(p, 8, true);
		ping(p, 9, true);
		ping(p, 64, true);
		ping(p, is_v6 ? 1460 : 1480, true);
		ping(p, is_v6 ? 1461 : 1481, false); /* more than the link carries */
		peer_free(p);
	}
}

static void pings_may_be_left_unanswered(void **state)
{
	hf_config config = peer_config(false);
	peer *p;

	(void)state;
	config.no_echo_reply = 1;
	p = peer_new(&config);
	ping(p, 64, false);
	peer_free(p);
}

static void a_flood_of_pings_fills_the_queue_and_no_more(void **state)
{
	uint8_t message[1480] = { 8 };
	peer *p = new_peer(false);
	unsigned n;

	(void)state;
	for (int i = 0; i < 1000; i++)
		give_message(p, p->self.addr, message, sizeof(message));
	assert_true(peer_stats(p).memory < 2 << 20);
	assert_true(peer_stats(p).reasons[HF_WHY_REPLY_QUEUE_FULL] > 0);
	n = peer_ignore(p);
	assert_int_equal(n + peer_stats(p).reasons[HF_WHY_REPLY_QUEUE_FULL], 1000);
	ping(p, 64, true);
	peer_free(p);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_hard_error_ends_an_opening_and_a_soft_one_explains_it),
		cmocka_unit_test(a_soft_error_does_not_keep_an_opening_from_success),
		cmocka_unit_test(no_error_ends_an_established_connection),
		cmocka_unit_test(soft_errors_may_be_declined),
		cmocka_unit_test(an_error_of_long_ago_does_not_explain_a_later_silence),
		cmocka_unit_test(a_quote_of_what_is_not_in_flight_is_not_believed),
		cmocka_unit_test(a_quote_of_nobodys_segment_is_named),
		cmocka_unit_test(a_quote_of_a_segment_from_another_address_of_ours_is_not_believed),
		cmocka_unit_test(a_hard_error_about_a_syn_ack_ends_the_half_open_record),
		cmocka_unit_test(no_error_ends_time_wait),
		cmocka_unit_test(source_quench_is_ignored),
		cmocka_unit_test(a_smaller_path_is_used_at_once),
		cmocka_unit_test(a_router_that_does_not_say_gets_the_next_plateau),
		cmocka_unit_test(no_report_makes_segments_tiny_or_larger),
		cmocka_unit_test(a_report_of_a_larger_path_changes_nothing),
		cmocka_unit_test(ipv6_paths_carry_1280_octets_whatever_is_reported),
		cmocka_unit_test(where_discovery_is_off_no_report_changes_anything),
		cmocka_unit_test(a_smaller_path_is_known_before_the_handshake_ends),
		cmocka_unit_test(a_ping_is_answered_with_what_it_brought),
		cmocka_unit_test(pings_may_be_left_unanswered),
		cmocka_unit_test(a_flood_of_pings_fills_the_queue_and_no_more),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
