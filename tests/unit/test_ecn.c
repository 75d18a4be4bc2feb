/* SPDX-License-Identifier: BSD-2-Clause */
/* ECN on one connection, spoken to by a scripted peer: what it costs, and what it leaves alone. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "tests/support/peer.h"

#define ECE HF_TCP_ECE
#define CWR HF_TCP_CWR
#define AE HF_TCP_AE

static peer *peer_with(hf_ecn_policy policy)
{
	hf_config config = peer_config(false);

	config.ecn = policy;
	return peer_new(&config);
}

static hf_conn passive(peer *p, uint16_t syn, uint16_t syn_ack, uint16_t third)
{
	peer_listen(p);
	PEER_SAY(p, .flags = SYN | syn);
	peer_expect(p, (uint16_t)(SYN | ACK | syn_ack));
	PEER_SAY(p, .flags = ACK | third, .seq = 1, .ack = 1);
	return peer_accept(p);
}

static void who_does_not_speak_ecn_pays_nothing(void **state)
{
	size_t plain, classic, accurate;
	peer *p = peer_with(HF_ECN_ACCURATE);

	(void)state;
	passive(p, 0, 0, 0);
	plain = p->heap.out;
	peer_free(p);
	p = peer_with(HF_ECN_OFF);
	passive(p, 0, 0, 0);
	assert_true(p->heap.out == plain);
	peer_free(p);
	p = peer_with(HF_ECN_ACCURATE);
	passive(p, ECE | CWR, ECE, 0);
	classic = p->heap.out;
	peer_free(p);
	p = peer_with(HF_ECN_ACCURATE);
	passive(p, ECE | CWR | AE, CWR, CWR);
	accurate = p->heap.out;
	peer_free(p);
	assert_true(classic > plain && classic == accurate);
	assert_in_range(accurate - plain, 1, 80);
}

static void a_refused_request_is_forgotten(void **state)
{
	peer *p = peer_with(HF_ECN_ACCURATE);
	size_t asking;
	hf_conn c = peer_open(p);

	(void)state;
	peer_expect(p, SYN | ECE | CWR | AE);
	asking = p->heap.out;
	PEER_SAY(p, .flags = SYN | ACK, .ack = 1);
	peer_expect(p, ACK);
	assert_true(p->heap.out < asking);
	assert_int_equal(peer_info(p, c).ecn, HF_ECN_MODE_NONE);
	peer_free(p);
}

/* The peer was promised ECN: without memory the third message is dropped; a later one counts. */
static void without_memory_the_third_message_waits(void **state)
{
	(void)state;
	for (unsigned k = 1; k < 12; k++) {
		peer *p = peer_with(HF_ECN_ACCURATE);
		hf_conn c;

		peer_listen(p);
		PEER_SAY(p, .flags = SYN | ECE | CWR | AE);
		peer_expect(p, SYN | ACK | CWR);
		p->heap.refuses_in = k;
		PEER_SAY(p, .flags = ACK | CWR, .seq = 1, .ack = 1);
		p->heap.refuses_in = 0;
		if (hf_listener_accept(p->stack, p->listener, &c) != HF_OK) {
			PEER_SAY(p, .flags = ACK | CWR, .seq = 1, .ack = 1);
			c = peer_accept(p);
		}
		assert_int_equal(peer_info(p, c).ecn, HF_ECN_MODE_ACCURATE);
		peer_free(p);
	}
}

static void without_memory_an_active_open_asks_for_nothing(void **state)
{
	peer *p = peer_with(HF_ECN_REQUEST);
	hf_conn c;

	(void)state;
	hf_conn_abort(p->stack, peer_open(p)); /* what else it needs is there afterwards */
	peer_ignore(p);
	p->heap.refuses_in = 2; /* after its block */
	c = peer_open(p);
	peer_expect(p, SYN);
	assert_int_equal(peer_info(p, c).ecn, HF_ECN_MODE_NONE);
	peer_free(p);
}

static void the_application_cannot_set_marks(void **state)
{
	(void)state;
	for (int ecn = 0; ecn < 2; ecn++) {
		peer *p = peer_with(HF_ECN_ACCEPT);
		hf_conn c = ecn ? passive(p, ECE | CWR, ECE, 0) : passive(p, 0, 0, 0);

		assert_int_equal(hf_conn_set(p->stack, c, HF_OPTION_TRAFFIC_CLASS, 0xff), HF_OK);
		peer_app_send(p, c, 1, 10);
		assert_int_equal(peer_expect(p, ACK)->ip.traffic_class,
				 ecn ? 0xfc | HF_IP_ECT0 : 0xfc);
		peer_free(p);
	}
}

static void ece_on_old_acks_does_not_count(void **state)
{
	peer *p = peer_with(HF_ECN_ACCEPT);
	hf_conn c = passive(p, ECE | CWR, ECE, 0);
	uint32_t before;

	(void)state;
	peer_app_send(p, c, 1, 2000);
	peer_ignore(p);
	PEER_SAY(p, .flags = ACK, .seq = 1, .ack = 2001);
	peer_app_send(p, c, 2001, 2000);
	peer_ignore(p);
	before = peer_info(p, c).cwnd;
	PEER_SAY(p, .flags = ACK | ECE, .seq = 1, .ack = 1001);
	assert_int_equal(peer_info(p, c).cwnd, before);
	PEER_SAY(p, .flags = ACK | ECE, .seq = 1, .ack = 4001);
	assert_true(peer_info(p, c).cwnd < before);
	peer_free(p);
}

/* What is refused has said nothing: neither an ACK of what was never sent nor one from long ago. */
static void marks_of_a_refused_ack_do_not_hold_the_window(void **state)
{
	static const uint32_t refused[] = { 90000, 0xf0000000, 1 };

	(void)state;
	for (unsigned i = 0; i < 3; i++) {
		peer *p = peer_with(HF_ECN_ACCEPT);
		hf_conn c = passive(p, ECE | CWR, ECE, 0);
		uint32_t before;

		peer_app_send(p, c, 1, 14600);
		peer_collect(p);
		PEER_SAY(p, .flags = ACK, .seq = 1, .ack = 1461);
		before = peer_info(p, c).cwnd;
		PEER_SAY(p, .flags = ACK | ECE, .seq = 1, .ack = refused[i]);
		PEER_SAY(p, .flags = ACK, .seq = 1, .ack = 2921);
		assert_int_equal(peer_info(p, c).cwnd, before + 1460);
		peer_free(p);
	}
}

/* The recovery before it may have been needless: that takes no mark back (RFC 3168 6.1.2). */
static void a_mark_stays_though_the_loss_before_it_was_none(void **state)
{
	peer *p = peer_with(HF_ECN_ACCEPT);
	uint32_t before, marked;
	hf_conn c;

	(void)state;
	p->offer.present |= HF_HAS(SACK_PERMITTED);
	p->offer.mss = 1000;
	peer_listen(p);
	PEER_SAY(p, .flags = SYN | ECE | CWR);
	peer_expect(p, SYN | ACK | ECE);
	peer_wait(p, HF_MS(50));
	PEER_SAY(p, .flags = ACK, .seq = 1, .ack = 1);
	c = peer_accept(p);
	peer_app_send(p, c, 1, 8000);
	peer_collect(p);
	peer_wait(p, HF_MS(50));
	PEER_SAY(p, .flags = ACK, .seq = 1, .ack = 1, .sack = { { 1001, 5001 } });
	peer_collect(p);
	assert_int_equal(peer_info(p, c).fast_recoveries, 1);
	assert_int_equal(peer_info(p, c).retransmissions, 1);
	peer_app_send(p, c, 8001, 4000);
	peer_collect(p);
	PEER_SAY(p, .flags = ACK, .seq = 1, .ack = 8001);
	peer_collect(p);
	peer_wait(p, HF_MS(50));
	before = peer_info(p, c).cwnd;
	PEER_SAY(p, .flags = ACK | ECE, .seq = 1, .ack = 9001);
	marked = peer_info(p, c).cwnd;
	assert_true(marked < before);
	PEER_SAY(p, .flags = ACK, .seq = 1, .ack = 10001, .sack = { { 1, 1001 } });
	assert_int_equal(peer_info(p, c).cwnd, marked);
	peer_free(p);
}

/* RFC 3168 6.1.2: as a loss would. What limited transmit sent beyond cwnd does not count. */
static void a_mark_halves_no_more_than_the_window(void **state)
{
	hf_config config = peer_config(false);
	peer *p;
	hf_conn c;

	(void)state;
	config.ecn = HF_ECN_ACCEPT;
	config.congestion = HF_CONGESTION_RENO;
	p = peer_new(&config);
	p->offer.mss = 1000;
	c = passive(p, ECE | CWR, ECE, 0);
	peer_app_send(p, c, 1, 20000);
	peer_collect(p);
	for (int i = 0; i < 2; i++) {
		PEER_SAY(p, .flags = ACK, .seq = 1, .ack = 1);
		peer_collect(p);
	}
	assert_int_equal(peer_info(p, c).in_flight, 12000);
	PEER_SAY(p, .flags = ACK | ECE, .seq = 1, .ack = 1001);
	assert_int_equal(peer_info(p, c).ssthresh, 5000);
	peer_free(p);
}

static void bits_are_only_believed_where_they_were_agreed(void **state)
{
	(void)state;
	for (unsigned bits = 0; bits < 8; bits++) {
		peer *p = peer_with(HF_ECN_ACCURATE);
		uint16_t flags = (uint16_t)(ACK | (bits & 1 ? ECE : 0) | (bits & 2 ? CWR : 0) |
					    (bits & 4 ? AE : 0));
		hf_conn c = passive(p, 0, 0, 0);
		uint32_t before = peer_info(p, c).cwnd;

		peer_app_send(p, c, 1, 1000);
		peer_expect(p, ACK);
		PEER_SAY(p, .flags = flags, .seq = 1, .ack = 1001, .len = 100);
		assert_true(peer_info(p, c).cwnd >= before);
		peer_expect(p, ACK);
		peer_free(p);
	}
}

static void settings_out_of_range_are_refused(void **state)
{
	hf_config config = peer_config(false);
	struct heap heap = { 0 };
	hf_stack *s;

	(void)state;
	config.allocator = (hf_allocator){ heap_alloc, heap_free, &heap };
	config.ecn = (hf_ecn_policy)(HF_ECN_ACCURATE_ACCEPT + 1);
	assert_int_equal(hf_stack_new(&config, (hf_time){ 0 }, &s), HF_ERR_INVALID);
	config.ecn = HF_ECN_OFF;
	config.ecn_option = (hf_ecn_option)(HF_ECN_OPTION_PERSIST + 1);
	assert_int_equal(hf_stack_new(&config, (hf_time){ 0 }, &s), HF_ERR_INVALID);
	assert_true(heap.out == 0);
}

/* CWR stands in ACE too, and a link that cuts would take it out of all pieces but the first. */
static void a_link_cuts_unless_ace_has_cwr_in_it(void **state)
{
	hf_config config = peer_config(false);
	hf_conn c;
	peer *p;

	(void)state;
	config.ecn = HF_ECN_ACCURATE;
	config.offloads = HF_OFFLOAD_TX_TSO;
	p = peer_new(&config);
	c = passive(p, ECE | CWR | AE, CWR, CWR);
	peer_app_send(p, c, 1, 4380);
	assert_int_equal(peer_expect(p, ACK | AE | ECE)->len, 4380); /* ACE: 5 */
	p->traffic_class = HF_IP_CE;
	PEER_SAY(p, .flags = ACK | AE | ECE, .seq = 1, .ack = 4381, .len = 10);
	peer_app_send(p, c, 4381, 2920);
	for (int i = 0; i < 2; i++) /* ACE: 6 */
		assert_in_range(peer_expect(p, ACK | AE | CWR)->len, 1400, 1460);
	peer_free(p);
}

/* Only new text carries the option (RFC 9768 3.2.3.3): what goes again needs no room for it. */
static void a_repetition_leaves_no_room_for_counters(void **state)
{
	peer *p = peer_with(HF_ECN_ACCURATE);
	uint32_t second, end = 1;
	const peer_seen *s;
	hf_conn c;

	(void)state;
	p->offer.present |= HF_HAS(SACK_PERMITTED);
	p->offer.mss = 1000;
	c = passive(p, ECE | CWR | AE, CWR, CWR);
	peer_app_send(p, c, 1, 6000);
	second = end = 1 + peer_expect(p, ACK | AE | ECE)->len;
	for (int i = 0; i < 5; i++)
		end += peer_expect(p, ACK | AE | ECE)->len;
	PEER_SAY(p, .flags = ACK | AE | ECE, .seq = 1, .ack = second);
	peer_ignore(p);
	p->traffic_class = HF_IP_ECT0;
	PEER_SAY(p, .flags = ACK | AE | ECE, .seq = 101, .ack = second, .len = 100,
		 .sack = { { second + 1000, end } });
	s = peer_expect(p, ACK | AE | ECE);
	assert_int_equal(s->seq, second);
	assert_int_equal(s->len, 1000 - 12); /* room for a block alone */
	peer_free(p);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(who_does_not_speak_ecn_pays_nothing),
		cmocka_unit_test(a_refused_request_is_forgotten),
		cmocka_unit_test(without_memory_the_third_message_waits),
		cmocka_unit_test(without_memory_an_active_open_asks_for_nothing),
		cmocka_unit_test(the_application_cannot_set_marks),
		cmocka_unit_test(ece_on_old_acks_does_not_count),
		cmocka_unit_test(marks_of_a_refused_ack_do_not_hold_the_window),
		cmocka_unit_test(a_mark_stays_though_the_loss_before_it_was_none),
		cmocka_unit_test(a_mark_halves_no_more_than_the_window),
		cmocka_unit_test(bits_are_only_believed_where_they_were_agreed),
		cmocka_unit_test(settings_out_of_range_are_refused),
		cmocka_unit_test(a_link_cuts_unless_ace_has_cwr_in_it),
		cmocka_unit_test(a_repetition_leaves_no_room_for_counters),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
