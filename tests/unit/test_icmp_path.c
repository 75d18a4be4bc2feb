/* SPDX-License-Identifier: BSD-2-Clause */
/* Reports that must wait, that grow old, and that take a back-off back (RFC 5927, 1191, 6069). */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "tests/support/complaint.h"

static const report soft4[] = { { 3, 0, HF_WHY_ICMP_NET },
				{ 3, 1, HF_WHY_ICMP_HOST },
				{ 11, 0, HF_WHY_ICMP_TTL },
				{ 12, 0, HF_WHY_ICMP_PARAMETER } };

#define COUNT(a) (sizeof(a) / sizeof((a)[0]))

/* ---- Too big, but larger ones have arrived (RFC 5927 7.2) ---- */

static const report too_big4 = { 3, 4, 0 };

/* A connection on which a full segment has arrived; another one is in flight. */
static const peer_seen *after_a_full_segment(peer *p, hf_conn c)
{
	peer_app_send(p, c, 1, 1460);
	peer_expect(p, ACK);
	PEER_SAY(p, .flags = ACK, .seq = 1, .ack = 1461);
	peer_app_send(p, c, 1461, 1460);
	return peer_expect(p, ACK);
}

static void a_report_that_contradicts_acknowledgements_waits_for_a_time_out(void **state)
{
	peer *p = peer_new(NULL);
	hf_conn c = peer_handshake_passive(p);
	const peer_seen *s = after_a_full_segment(p, c);

	(void)state;
	assert_int_equal(complain(p, too_big4, 1000, s), HF_WHY_ICMP_UNCONFIRMED);
	assert_int_equal(peer_info(p, c).pmtu, 1500);
	peer_expect_nothing(p);
	peer_wait_for_output(p, HF_SEC(2));
	s = PEER_EXPECT(p, .flags = ACK, .seq = 1461, .ack = 1, .len = 960);
	assert_int_equal(peer_info(p, c).pmtu, 1000);
	/* What arrived on the path before says nothing of this one: nobody contradicts it now. */
	assert_int_equal(complain(p, too_big4, 1000, s), HF_WHY_ICMP_TOO_BIG);
	assert_int_equal(peer_info(p, c).pmtu, 1000);
	peer_free(p);
}

static void an_acknowledgement_refutes_such_a_report(void **state)
{
	peer *p = peer_new(NULL);
	hf_conn c = peer_handshake_passive(p);
	const peer_seen *s = after_a_full_segment(p, c);

	(void)state;
	complain(p, too_big4, 1000, s);
	PEER_SAY(p, .flags = ACK, .seq = 1, .ack = 2921);
	peer_app_send(p, c, 2921, 1460);
	peer_expect(p, ACK);
	peer_wait_for_output(p, HF_SEC(2));
	PEER_EXPECT(p, .flags = ACK, .seq = 2921, .ack = 1, .len = 1460);
	assert_int_equal(peer_info(p, c).pmtu, 1500);
	peer_free(p);
}

static void a_report_of_what_is_larger_than_all_that_arrived_is_believed_at_once(void **state)
{
	peer *p = peer_new(NULL);
	hf_conn c = peer_handshake_passive(p);

	(void)state;
	peer_app_send(p, c, 1, 960);
	peer_expect(p, ACK);
	PEER_SAY(p, .flags = ACK, .seq = 1, .ack = 961);
	peer_app_send(p, c, 961, 1460);
	assert_int_equal(complain(p, too_big4, 1000, peer_expect(p, ACK)), HF_WHY_ICMP_TOO_BIG);
	assert_int_equal(peer_info(p, c).pmtu, 1000);
	peer_free(p);
}

/* ---- How long a report holds, and for whom ---- */

static void a_report_is_forgotten_after_ten_minutes(void **state)
{
	peer *p = peer_new(NULL);
	hf_conn c = peer_handshake_passive(p);

	(void)state;
	peer_app_send(p, c, 1, 1460);
	complain(p, too_big4, 1000, peer_expect(p, ACK));
	peer_ignore(p);
	PEER_SAY(p, .flags = ACK, .seq = 1, .ack = 1461);
	peer_wait(p, HF_SEC(599));
	peer_app_send(p, c, 1461, 960);
	PEER_EXPECT(p, .flags = ACK, .seq = 1461, .ack = 1, .len = 960);
	PEER_SAY(p, .flags = ACK, .seq = 1, .ack = 2421);
	peer_wait(p, HF_SEC(1));
	peer_app_send(p, c, 2421, 1460); /* RFC 1191 6.3 */
	PEER_EXPECT(p, .flags = ACK, .seq = 2421, .ack = 1, .len = 1460);
	peer_free(p);
}

static void a_report_holds_for_the_next_connections_to_the_same_host(void **state)
{
	peer *p = peer_new(NULL);
	hf_conn c = peer_handshake_passive(p);
	hf_endpoint here = p->host;

	(void)state;
	peer_app_send(p, c, 1, 1460);
	complain(p, too_big4, 1000, peer_expect(p, ACK));
	peer_ignore(p);
	peer_events(p);
	p->self.port++;
	assert_int_equal(peer_info(p, peer_handshake_passive(p)).pmtu, 1000);
	p->self.port++;
	assert_int_equal(peer_info(p, peer_handshake_active(p)).pmtu, 1000);
	p->host = here;
	p->self.addr.octet[15]++; /* somebody else */
	assert_int_equal(peer_info(p, peer_handshake_passive(p)).pmtu, 1500);
	p->self.addr.octet[15]--;
	peer_wait(p, HF_SEC(601));
	peer_ignore(p);
	peer_events(p);
	p->self.port++;
	assert_int_equal(peer_info(p, peer_handshake_passive(p)).pmtu, 1500);
	peer_free(p);
}

static void packets_for_a_path_of_less_than_the_minimum_may_be_fragmented(void **state)
{
	peer *p = peer_new(NULL);
	hf_conn c = peer_handshake_passive(p);
	const peer_seen *s;

	(void)state;
	peer_app_send(p, c, 1, 1460);
	s = peer_expect(p, ACK);
	assert_true(s->ip.dont_fragment);
	complain(p, too_big4, 552, s);
	s = PEER_EXPECT(p, .flags = ACK, .seq = 1, .ack = 1, .len = 512);
	assert_true(s->ip.dont_fragment);
	complain(p, too_big4, 296, s);
	assert_int_equal(peer_info(p, c).pmtu, 552);
	peer_ignore(p);
	peer_wait_for_output(p, HF_SEC(2));
	s = PEER_EXPECT(p, .flags = ACK, .seq = 1, .ack = 1, .len = 512);
	assert_false(s->ip.dont_fragment);
	peer_free(p);
}

/* ---- Long disruptions (RFC 6069) ---- */

static void a_router_s_word_takes_the_back_off_back(void **state)
{
	(void)state;
	for (unsigned i = 0; i < COUNT(soft4); i++) {
		bool is_way = soft4[i].reason == HF_WHY_ICMP_NET ||
			      soft4[i].reason == HF_WHY_ICMP_HOST;
		peer *p = peer_new(NULL);
		hf_conn c = peer_handshake_passive(p);
		const peer_seen *s;
		hf_ns wait, doubled;

		peer_app_send(p, c, 1, 100);
		s = peer_expect(p, ACK);
		complain(p, soft4[i], 0, s); /* not in a time-out: nothing to be taken back */
		wait = peer_wait_for_output(p, HF_SEC(5));
		s = peer_expect(p, ACK);
		complain(p, soft4[i], 0, s);
		doubled = peer_wait_for_output(p, HF_SEC(5));
		if (is_way)
			assert_true(doubled < wait + wait / 4);
		else
			assert_true(doubled > wait + wait / 2);
		peer_free(p);
	}
}

static void a_report_that_comes_late_makes_up_for_it(void **state)
{
	peer *p = peer_new(NULL);
	hf_conn c = peer_handshake_passive(p);
	const peer_seen *s;
	hf_ns wait;

	(void)state;
	peer_app_send(p, c, 1, 100);
	peer_expect(p, ACK);
	wait = peer_wait_for_output(p, HF_SEC(5));
	s = peer_expect(p, ACK);
	peer_wait(p, wait + wait / 2); /* the time-out that is not doubled is over already */
	peer_expect_nothing(p);
	complain(p, soft4[1], 0, s);
	peer_wait(p, HF_MS(2));
	PEER_EXPECT(p, .flags = ACK, .seq = 1, .ack = 1, .len = 100);
	peer_free(p);
}

/* R2 is in time then: otherwise routers that answer quickly would end what they report of. */
static void reports_neither_shorten_nor_prolong_the_life_of_a_connection(void **state)
{
	hf_ns lives[2];

	(void)state;
	for (unsigned told = 0; told < 2; told++) {
		hf_config config = peer_config(false);
		peer *p;
		hf_conn c;
		hf_time start;

		config.data_retries = 6;
		p = peer_new(&config);
		c = peer_handshake_passive(p);
		start = p->now;
		peer_app_send(p, c, 1, 100);
		while (peer_state(p, c) == HF_ESTABLISHED) {
			const peer_seen *s = peer_next(p);

			if (!s)
				peer_wait(p, HF_MS(50));
			else if (told)
				complain(p, soft4[1], 0, s);
			assert_true(hf_time_diff(p->now, start) < HF_SEC(500));
		}
		lives[told] = hf_time_diff(p->now, start);
		peer_free(p);
	}
	assert_true(lives[1] >= lives[0] - HF_SEC(2) && lives[1] <= lives[0] + HF_SEC(5));
}

static void what_was_remembered_of_a_path_is_forgotten_in_a_long_connection_too(void **state)
{
	peer *p = peer_new(NULL);
	hf_conn c = peer_handshake_passive(p);

	(void)state;
	peer_app_send(p, c, 1, 1460);
	complain(p, too_big4, 1000, peer_expect(p, ACK));
	peer_ignore(p);
	p->self.port++;
	c = peer_handshake_passive(p);
	peer_app_send(p, c, 1, 960);
	PEER_EXPECT(p, .flags = ACK, .seq = 1, .ack = 1, .len = 960);
	PEER_SAY(p, .flags = ACK, .seq = 1, .ack = 961);
	peer_wait(p, HF_SEC(601));
	peer_ignore(p);
	peer_app_send(p, c, 961, 1460);
	PEER_EXPECT(p, .flags = ACK, .seq = 961, .ack = 1, .len = 1460);
	peer_free(p);
}

/* Without memory to remember until when, it is believed all the same. */
static void without_memory_a_report_is_believed_for_good(void **state)
{
	peer *p = peer_new(NULL);
	hf_conn c = peer_handshake_passive(p);
	const peer_seen *s;

	(void)state;
	peer_app_send(p, c, 1, 2920);
	s = peer_expect(p, ACK);
	peer_ignore(p);
	p->heap.refuses = true;
	complain(p, too_big4, 1000, s);
	assert_int_equal(peer_info(p, c).pmtu, 1000);
	p->heap.refuses = false;
	PEER_EXPECT(p, .flags = ACK, .seq = 1, .ack = 1, .len = 960);
	peer_free(p);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_report_that_contradicts_acknowledgements_waits_for_a_time_out),
		cmocka_unit_test(an_acknowledgement_refutes_such_a_report),
		cmocka_unit_test(
			a_report_of_what_is_larger_than_all_that_arrived_is_believed_at_once),
		cmocka_unit_test(a_report_is_forgotten_after_ten_minutes),
		cmocka_unit_test(a_report_holds_for_the_next_connections_to_the_same_host),
		cmocka_unit_test(packets_for_a_path_of_less_than_the_minimum_may_be_fragmented),
		cmocka_unit_test(a_router_s_word_takes_the_back_off_back),
		cmocka_unit_test(a_report_that_comes_late_makes_up_for_it),
		cmocka_unit_test(reports_neither_shorten_nor_prolong_the_life_of_a_connection),
		cmocka_unit_test(without_memory_a_report_is_believed_for_good),
		cmocka_unit_test(
			what_was_remembered_of_a_path_is_forgotten_in_a_long_connection_too),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
