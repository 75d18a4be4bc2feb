/* SPDX-License-Identifier: BSD-2-Clause */
/* What is known of a connection in trouble: losses, recoveries, time-outs, marks, errors. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "tests/support/complaint.h"
#include "tests/unit/transfer.h"

#define RTT HF_MS(100)

/* `segments` full segments are in flight over a path whose handshake took 100 ms. */
static peer *in_flight(uint64_t options, unsigned segments, hf_conn *c)
{
	peer *p = transfer_with(NULL, options, RTT, c);

	peer_app_send(p, *c, 1, segments * MSS);
	peer_ignore(p);
	peer_wait(p, RTT);
	peer_ignore(p);
	return p;
}

/* ---- Losses (RFC 8985, RFC 5681) ---- */

/* Of ten the first is missing, three behind it are there: it is lost, and sent again at once. */
static void marks_of_what_is_in_flight_are_counted(void **state)
{
	hf_conn c;
	peer *p = in_flight(WITH_SACK, 10, &c);
	hf_conn_info i;

	(void)state;
	PEER_SAY(p, .flags = ACK, .seq = 1, .ack = 1, .sack = { { 1 + MSS, 1 + 4 * MSS } });
	peer_collect(p);
	i = peer_info(p, c);
	assert_int_equal(i.phase, HF_PHASE_RECOVERY);
	assert_int_equal(i.sacked, 3 * MSS);
	assert_int_equal(i.sacked_segments, 3);
	assert_int_equal(i.lost, MSS);
	assert_int_equal(i.lost_segments, 1);
	assert_int_equal(i.sent_again, MSS);
	assert_int_equal(i.sent_again_segments, 1);
	assert_int_equal(i.unacked_segments, 10);
	assert_int_equal(i.in_flight, 10 * MSS);
	assert_int_equal(i.pipe, 10 * MSS - 3 * MSS); /* RFC 6675 4: the lost one is out again */
	peer_free(p);
}

static void a_repaired_loss_leaves_its_counts(void **state)
{
	hf_conn c;
	peer *p = in_flight(WITH_SACK, 10, &c);
	hf_conn_info i;

	(void)state;
	PEER_SAY(p, .flags = ACK, .seq = 1, .ack = 1, .sack = { { 1 + MSS, 1 + 4 * MSS } });
	peer_ignore(p);
	peer_wait(p, RTT);
	acknowledge(p, 1 + 10 * MSS);
	i = peer_info(p, c);
	assert_int_equal(i.phase, HF_PHASE_OPEN);
	assert_int_equal(i.lost_segments + i.sent_again_segments + i.sacked_segments, 0);
	assert_int_equal(i.retransmissions, 1);
	assert_int_equal(i.octets_retransmitted, MSS);
	assert_int_equal(i.octets_sent, 10 * MSS); /* each once */
	assert_int_equal(i.fast_recoveries, 1);
	assert_int_equal(i.timeouts_all, 0);
	assert_int_equal(i.delivered, 10 * MSS);
	peer_free(p);
}

/* RFC 5681 3.1, equation 4: half of what was in flight. */
static void a_recovery_ends_at_half_of_the_window(void **state)
{
	hf_conn c;
	peer *p = in_flight(WITH_SACK, 10, &c);

	(void)state;
	PEER_SAY(p, .flags = ACK, .seq = 1, .ack = 1, .sack = { { 1 + MSS, 1 + 4 * MSS } });
	peer_ignore(p);
	peer_wait(p, RTT);
	acknowledge(p, 1 + 10 * MSS);
	assert_int_equal(peer_info(p, c).ssthresh, 5 * MSS);
	assert_int_equal(peer_info(p, c).cwnd, 5 * MSS);
	peer_free(p);
}

/* One segment behind the missing one: not lost yet, but no longer in order. */
static void what_may_be_reordered_is_disorder(void **state)
{
	hf_conn c;
	peer *p = in_flight(WITH_SACK, 10, &c);

	(void)state;
	PEER_SAY(p, .flags = ACK, .seq = 1, .ack = 1, .sack = { { 1 + MSS, 1 + 2 * MSS } });
	assert_int_equal(peer_info(p, c).phase, HF_PHASE_DISORDER);
	assert_int_equal(peer_info(p, c).lost_segments, 0);
	assert_int_equal(peer_info(p, c).reordering, 3);
	assert_int_equal(peer_info(p, c).reorderings, 0);
	peer_free(p);
}

/* The sixth came before the first five, which were late alone: by six segments, once. */
static void reordering_is_measured_in_segments_and_counted_once(void **state)
{
	hf_conn c;
	peer *p = in_flight(WITH_SACK, 10, &c);

	(void)state;
	PEER_SAY(p, .flags = ACK, .seq = 1, .ack = 1, .sack = { { 1 + 5 * MSS, 1 + 6 * MSS } });
	acknowledge(p, 1 + 6 * MSS);
	assert_int_equal(peer_info(p, c).reordering, 6);
	assert_int_equal(peer_info(p, c).reorderings, 1);
	peer_free(p);
}

/* RFC 2883: what was sent again came twice. */
static void what_the_peer_received_twice_is_counted(void **state)
{
	hf_conn c;
	peer *p = in_flight(WITH_SACK, 10, &c);

	(void)state;
	PEER_SAY(p, .flags = ACK, .seq = 1, .ack = 1, .sack = { { 1 + MSS, 1 + 4 * MSS } });
	peer_ignore(p);
	PEER_SAY(p, .flags = ACK, .seq = 1, .ack = 1 + 10 * MSS, .sack = { { 1, 1 + MSS } });
	assert_int_equal(peer_info(p, c).duplicates, 1);
	assert_int_equal(peer_info(p, c).spurious, 1); /* the only one: the recovery is undone */
	peer_free(p);
}

/* RFC 8985 7.2: two round trips without an answer. */
static void a_tail_loss_probe_is_counted(void **state)
{
	hf_conn c;
	peer *p = in_flight(WITH_SACK, 2, &c);

	(void)state;
	peer_wait(p, RTT + HF_MS(5));
	assert_int_equal(peer_info(p, c).tail_probes, 1);
	assert_int_equal(peer_info(p, c).timeouts_all, 0);
	peer_free(p);
}

/* ---- Time-outs (RFC 6298) ---- */

/* RTO is 300 ms after a first sample of 100 ms: the second one comes 600 ms after the first. */
static void time_outs_are_counted_and_their_row_is_timed(void **state)
{
	hf_conn c;
	peer *p = transfer_with(NULL, PLAIN, RTT, &c);
	hf_conn_info i;

	(void)state;
	peer_app_send(p, c, 1, MSS);
	ASSERT_LASTED((peer_collect(p), peer_ignore(p), peer_wait_for_output(p, HF_SEC(1))),
		      HF_MS(300));
	ASSERT_LASTED((peer_ignore(p), peer_wait_for_output(p, HF_SEC(1))), HF_MS(600));
	peer_wait(p, HF_MS(50));
	i = peer_info(p, c);
	assert_int_equal(i.timeouts, 2);
	assert_int_equal(i.timeouts_all, 2);
	assert_int_equal(i.timeout_recoveries, 1);
	assert_int_equal(i.retransmits, 2);
	assert_int_equal(i.backoff, 2);
	assert_int_equal(i.rto, HF_MS(1200));
	assert_int_equal(i.phase, HF_PHASE_LOSS);
	assert_int_equal(i.cwnd, MSS);
	assert_in_range(i.timeout_time, HF_MS(650), HF_MS(652)); /* it goes on */
	peer_free(p);
}

static void an_answer_ends_the_row(void **state)
{
	hf_conn c;
	peer *p = transfer_with(NULL, PLAIN, RTT, &c);
	hf_conn_info i;

	(void)state;
	peer_app_send(p, c, 1, MSS);
	peer_wait(p, HF_MS(350)); /* one time-out, at 300 ms */
	peer_ignore(p);
	acknowledge(p, 1 + MSS);
	peer_wait(p, HF_SEC(5));
	i = peer_info(p, c);
	assert_in_range(i.timeout_time, HF_MS(49), HF_MS(50));
	assert_int_equal(i.timeouts_all, 1);
	assert_int_equal(i.retransmits, 0);
	assert_int_equal(i.rehashes, 1);
	peer_free(p);
}

/* The SYN's time-outs count too, but are none of text's. */
static void the_syns_time_outs_count_too(void **state)
{
	peer *p = peer_new(NULL);
	hf_conn c = peer_open(p);

	(void)state;
	peer_wait(p, HF_MS(1010));
	assert_int_equal(peer_info(p, c).timeouts_all, 1);
	assert_int_equal(peer_info(p, c).timeouts, 0);
	peer_free(p);
}

/* RFC 9293 3.8.4: probes of a silent peer. */
static void probes_of_a_silent_peer_are_counted(void **state)
{
	hf_conn c;
	peer *p = transfer(PLAIN, &c);

	(void)state;
	assert_int_equal(hf_conn_set(p->stack, c, HF_OPTION_KEEPALIVE, HF_SEC(10)), HF_OK);
	assert_int_equal(hf_conn_set(p->stack, c, HF_OPTION_KEEPALIVE_INTERVAL, HF_SEC(2)), HF_OK);
	peer_wait(p, HF_SEC(13));
	assert_int_equal(peer_info(p, c).probes, 2);
	peer_free(p);
}

/* ---- Errors (RFC 5927) ---- */

/* What a router said is the reason while nothing moves, and the last word of ICMP ever after. */
static void what_icmp_reported_last_is_kept(void **state)
{
	hf_conn c;
	peer *p = transfer(PLAIN, &c);
	const peer_seen *s;

	(void)state;
	peer_app_send(p, c, 1, 100);
	s = peer_expect(p, ACK);
	assert_int_equal(complain(p, (report){ 3, 1, HF_WHY_ICMP_HOST }, 0, s), HF_WHY_ICMP_HOST);
	assert_int_equal(peer_info(p, c).reason, HF_WHY_ICMP_HOST);
	assert_int_equal(peer_info(p, c).icmp, HF_WHY_ICMP_HOST);
	acknowledge(p, 101);
	assert_int_equal(peer_info(p, c).reason, HF_WHY_NONE);
	assert_int_equal(peer_info(p, c).icmp, HF_WHY_ICMP_HOST);
	peer_free(p);
}

/* ---- Marks (RFC 3168, RFC 9768) ---- */

static peer *accurate(hf_conn *c, const hf_tcp_options *options)
{
	hf_config config = peer_config(false);
	peer *p;

	config.ecn = HF_ECN_ACCURATE;
	p = peer_new(&config);
	*c = peer_open(p);
	p->host_isn = peer_expect(p, SYN | HF_TCP_ECE | HF_TCP_CWR | HF_TCP_AE)->tcp.seq;
	/* ACE 010: our SYN came without a mark (Table 2). */
	PEER_SAY(p, .flags = SYN | ACK | HF_TCP_CWR, .ack = 1, .options = *options);
	peer_ignore(p);
	assert_int_equal(peer_state(p, *c), HF_ESTABLISHED);
	return p;
}

static void the_option_that_came_is_told(void **state)
{
	static const uint8_t counters[] = { 0, 0, 1, 0, 0, 0, 0, 0, 1 }, zeroed[9];
	static const struct {
		const uint8_t *octets;
		uint8_t len;
		hf_ecn_option_seen seen;
		uint8_t failures;
	} cases[] = {
		{ counters, 9, HF_ECN_OPTION_SEEN_COUNTERS, 0 },
		{ counters, 0, HF_ECN_OPTION_SEEN_EMPTY, 0 },
		{ zeroed, 9, HF_ECN_OPTION_SEEN_ZEROED, HF_ECN_FAILS_OPTION_IN },
	};

	(void)state;
	for (unsigned n = 0; n < sizeof(cases) / sizeof(cases[0]); n++) {
		hf_tcp_options o = { .present = HF_HAS(MSS) | HF_HAS(ACC_ECN_0), .mss = MSS };
		hf_conn_info i;
		hf_conn c;
		peer *p;

		o.acc_ecn = (hf_view){ cases[n].octets, cases[n].len };
		p = accurate(&c, &o);
		i = peer_info(p, c);
		assert_int_equal(i.ecn, HF_ECN_MODE_ACCURATE);
		assert_int_equal(i.ecn_option_seen, cases[n].seen);
		assert_int_equal(i.ecn_failures, cases[n].failures);
		peer_free(p);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(marks_of_what_is_in_flight_are_counted),
		cmocka_unit_test(a_repaired_loss_leaves_its_counts),
		cmocka_unit_test(a_recovery_ends_at_half_of_the_window),
		cmocka_unit_test(what_may_be_reordered_is_disorder),
		cmocka_unit_test(reordering_is_measured_in_segments_and_counted_once),
		cmocka_unit_test(what_the_peer_received_twice_is_counted),
		cmocka_unit_test(a_tail_loss_probe_is_counted),
		cmocka_unit_test(time_outs_are_counted_and_their_row_is_timed),
		cmocka_unit_test(an_answer_ends_the_row),
		cmocka_unit_test(the_syns_time_outs_count_too),
		cmocka_unit_test(probes_of_a_silent_peer_are_counted),
		cmocka_unit_test(what_icmp_reported_last_is_kept),
		cmocka_unit_test(the_option_that_came_is_told),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
