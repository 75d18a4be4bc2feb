/* SPDX-License-Identifier: BSD-2-Clause */
/* TIME-WAIT, and ABORT in every state (RFC 9293 3.6.1, 3.10.5; RFC 1337, RFC 6191). */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "tcp/time_wait.h"
#include "tests/support/peer.h"

#define TWO_MSL HF_SEC(60) /* of the usual settings */

/* Host and peer have closed; the host waits. Both sides have used numbers up to 1, the FINs. */
static hf_conn time_wait(peer *p)
{
	hf_conn c = peer_handshake_passive(p);

	assert_int_equal(hf_conn_shutdown(p->stack, c), HF_OK);
	peer_expect(p, FIN | ACK);
	PEER_SAY(p, .flags = FIN | ACK, .seq = 1, .ack = 2);
	PEER_EXPECT(p, .flags = ACK, .seq = 2, .ack = 2);
	assert_int_equal(peer_state(p, c), HF_TIME_WAIT);
	return c;
}

static peer *time_wait_with_stamps(void)
{
	peer *p = peer_new(NULL);

	peer_offer_all(p);
	time_wait(p);
	return p;
}

static void the_fin_again_is_acknowledged_and_starts_2_msl_anew(void **state)
{
	peer *p = peer_new(NULL);

	(void)state;
	time_wait(p);
	peer_wait(p, HF_SEC(50));
	PEER_SAY(p, .flags = FIN | ACK, .seq = 1, .ack = 2);
	assert_int_equal(PEER_EXPECT(p, .flags = ACK, .seq = 2, .ack = 2)->cause,
			 HF_SENT_TIME_WAIT_ACK);
	peer_wait(p, TWO_MSL - HF_MS(1));
	assert_int_equal(peer_stats(p).time_wait, 1);
	peer_wait(p, HF_MS(2));
	assert_int_equal(peer_stats(p).time_wait, 0);
	peer_free(p);
}

static void other_segments_do_not_prolong_time_wait(void **state)
{
	peer *p = peer_new(NULL);

	(void)state;
	time_wait(p);
	peer_wait(p, HF_SEC(50));
	PEER_SAY(p, .flags = ACK, .seq = 1, .ack = 1, .len = 10);
	PEER_SAY(p, .flags = FIN | ACK, .seq = 100, .ack = 2);
	PEER_SAY(p, .flags = ACK, .seq = 2, .ack = 2);
	peer_ignore(p);
	peer_wait(p, HF_SEC(11));
	assert_int_equal(peer_stats(p).time_wait, 0);
	peer_free(p);
}

static void old_text_is_answered_by_the_last_ack_and_bare_acks_by_silence(void **state)
{
	peer *p = peer_new(NULL);

	(void)state;
	time_wait(p);
	assert_int_equal(PEER_SAY(p, .flags = ACK, .seq = 1, .ack = 1, .len = 10),
			 HF_WHY_TIME_WAIT_SEGMENT);
	PEER_EXPECT(p, .flags = ACK, .seq = 2, .ack = 2);
	PEER_SAY(p, .flags = ACK, .seq = 2, .ack = 2);
	peer_expect_nothing(p); /* or two ends in TIME-WAIT would talk for ever */
	peer_free(p);
}

static void a_reset_does_not_cut_time_wait_short(void **state)
{
	peer *p = peer_new(NULL);

	(void)state;
	time_wait(p);
	for (uint32_t seq = 0; seq < 4; seq++)
		assert_int_equal(PEER_SAY(p, .flags = RST, .seq = seq), HF_WHY_TIME_WAIT_RST);
	PEER_SAY(p, .flags = RST | ACK, .seq = 2, .ack = 2);
	PEER_SAY(p, .flags = RST | SYN, .seq = 100000);
	peer_expect_nothing(p);
	assert_int_equal(peer_stats(p).time_wait, 1);
	peer_free(p);
}

/* ---- A new connection between the same two endpoints (MAY-2, RFC 6191) ---- */

static void a_syn_with_a_higher_number_opens_anew(void **state)
{
	peer *p = peer_new(NULL);
	uint32_t last;
	hf_conn c;

	(void)state;
	c = time_wait(p);
	last = p->host_isn.v + 2;
	peer_events(p);
	hf_conn_close(p->stack, c);
	p->isn = hf_seq_add(p->isn, 3); /* the last number used, the FIN's, was 1; expected is 2 */
	assert_int_equal(PEER_SAY(p, .flags = SYN), HF_WHY_NONE);
	peer_expect(p, SYN | ACK);
	assert_true((int32_t)(p->host_isn.v - last) > 0);
	assert_int_equal(peer_stats(p).time_wait, 0);
	PEER_SAY(p, .flags = ACK, .seq = 1, .ack = 1);
	assert_int_equal(peer_state(p, peer_accept(p)), HF_ESTABLISHED);
	peer_free(p);
}

static void a_syn_with_an_old_number_is_answered_by_the_last_ack(void **state)
{
	peer *p = peer_new(NULL);

	(void)state;
	time_wait(p);
	for (uint32_t seq = 0; seq <= 2; seq++) {
		assert_int_equal(PEER_SAY(p, .flags = SYN, .seq = seq), HF_WHY_TIME_WAIT_SEGMENT);
		PEER_EXPECT(p, .flags = ACK, .seq = 2, .ack = 2);
	}
	PEER_SAY(p, .flags = SYN, .seq = 0x80000003);
	PEER_EXPECT(p, .flags = ACK, .seq = 2, .ack = 2);
	assert_int_equal(peer_stats(p).time_wait, 1);
	assert_int_equal(peer_stats(p).half_open, 0);
	peer_free(p);
}

static void a_syn_with_a_later_timestamp_opens_anew_whatever_its_number(void **state)
{
	peer *p = time_wait_with_stamps();

	(void)state;
	p->tsval++;
	assert_int_equal(PEER_SAY(p, .flags = SYN, .seq = 0x80000000), HF_WHY_NONE);
	peer_expect(p, SYN | ACK);
	peer_free(p);
}

static void a_syn_with_an_earlier_timestamp_does_not(void **state)
{
	peer *p = time_wait_with_stamps();
	uint32_t isn = p->host_isn.v;

	(void)state;
	p->tsval--;
	assert_int_equal(PEER_SAY(p, .flags = SYN, .seq = 100000), HF_WHY_TIME_WAIT_SEGMENT);
	PEER_EXPECT(p, .flags = ACK, .seq = 2, .ack = 2);
	/* The same timestamp: the number decides. */
	p->tsval++;
	assert_int_equal(PEER_SAY(p, .flags = SYN, .seq = 1), HF_WHY_TIME_WAIT_SEGMENT);
	PEER_EXPECT(p, .flags = ACK, .seq = 2, .ack = 2);
	assert_int_equal(PEER_SAY(p, .flags = SYN, .seq = 100000), HF_WHY_NONE);
	assert_true(peer_expect(p, SYN | ACK)->tcp.seq.v != isn);
	peer_free(p);
}

/* MAY-2 asks for it: or segments of the old connection would fit into the new one. */
static void the_new_connection_begins_above_the_old_ones_last_number(void **state)
{
	enum { CHUNK = 30000, CHUNKS = 20 };
	peer *p = peer_new(NULL);
	hf_conn c = peer_handshake_passive(p);
	uint32_t last;

	(void)state;
	/* Faster than the 250,000 numbers a second by which initial numbers grow. */
	for (uint32_t i = 0; i < CHUNKS; i++) {
		peer_app_send(p, c, 1 + i * CHUNK, CHUNK);
		for (uint32_t acked = 0; acked < (i + 1) * CHUNK;) {
			const peer_seen *s = peer_expect(p, ACK);

			acked = s->seq - 1 + s->len;
			PEER_SAY(p, .flags = ACK, .seq = 1, .ack = 1 + acked);
		}
	}
	assert_int_equal(hf_conn_shutdown(p->stack, c), HF_OK);
	peer_expect(p, FIN | ACK);
	last = p->host_isn.v + CHUNK * CHUNKS + 2;
	PEER_SAY(p, .flags = FIN | ACK, .seq = 1, .ack = CHUNK * CHUNKS + 2);
	peer_expect(p, ACK);
	PEER_SAY(p, .flags = SYN, .seq = 100000);
	assert_true((int32_t)(peer_expect(p, SYN | ACK)->tcp.seq.v - last) >= 0);
	peer_free(p);
}

static void time_wait_is_kept_if_the_new_connection_cannot_begin(void **state)
{
	peer *p = peer_new(NULL);

	(void)state;
	time_wait(p);
	hf_listener_close(p->stack, p->listener);
	PEER_SAY(p, .flags = SYN, .seq = 100000);
	peer_ignore(p);
	PEER_SAY(p, .flags = FIN | ACK, .seq = 1, .ack = 2);
	PEER_EXPECT(p, .flags = ACK, .seq = 2, .ack = 2);
	peer_free(p);
}

static void an_active_open_does_not_reuse_a_pair_in_time_wait(void **state)
{
	peer *p = peer_new(NULL);
	hf_conn_options o = { .size = sizeof(o) };
	hf_conn c;

	(void)state;
	time_wait(p);
	o.local = p->host;
	assert_int_equal(hf_conn_open(p->stack, &p->self, &o, p->now, &c), HF_ERR_IN_USE);
	peer_wait(p, HF_SEC(61));
	assert_int_equal(hf_conn_open(p->stack, &p->self, &o, p->now, &c), HF_OK);
	peer_free(p);
}

/*
 * RFC 6191 2: with timestamps on both, they decide, and the number where they are alike. If only
 * the new connection has them, what is old lacks them. Where none are agreed on, numbers decide.
 */
static void a_syn_is_new_by_its_timestamp_or_by_its_number(void **state)
{
	static const struct {
		bool had_stamps, has_stamp;
		uint32_t tsval, seq;
		bool is_new, is_new_without;
	} rows[] = {
		{ true, true, 1001, 4999, true, false },   { true, true, 1001, 5001, true, true },
		{ true, true, 1000, 4999, false, false },  { true, true, 1000, 5000, false, false },
		{ true, true, 1000, 5001, true, true },    { true, true, 999, 5001, false, true },
		{ true, false, 1001, 5000, false, false }, { true, false, 0, 5001, true, true },
		{ false, true, 1001, 4999, true, false },  { false, true, 999, 5001, true, true },
		{ false, false, 0, 5000, false, false },   { false, false, 0, 5001, true, true },
	};

	(void)state;
	for (unsigned i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		hf_time_wait w = { .rcv_nxt = { 5000 }, .ts_recent = 1000 };
		hf_tcp_options o = { .tsval = rows[i].tsval };
		hf_segment g = { .seq = { rows[i].seq }, .flags = SYN, .options = &o };
		hf_reason why;

		w.flags = rows[i].had_stamps ? HF_TIME_WAIT_TIMESTAMPS : 0;
		o.present = rows[i].has_stamp ? HF_HAS(TIMESTAMPS) : 0;
		assert_int_equal(hf_time_wait_arrives(&w, &g, true, &why),
				 rows[i].is_new ? HF_TIME_WAIT_REOPEN : HF_TIME_WAIT_ACK);
		assert_int_equal(hf_time_wait_arrives(&w, &g, false, &why),
				 rows[i].is_new_without ? HF_TIME_WAIT_REOPEN : HF_TIME_WAIT_ACK);
	}
}

/* ---- Around it ---- */

static void timestamps_go_on_in_time_wait(void **state)
{
	peer *p = time_wait_with_stamps();
	const peer_seen *s;
	uint32_t before = p->heard_tsval;

	(void)state;
	peer_wait(p, HF_MS(1500));
	PEER_SAY(p, .flags = FIN | ACK, .seq = 1, .ack = 2);
	s = PEER_EXPECT(p, .flags = ACK, .seq = 2, .ack = 2);
	assert_true(s->tcp.options.present & HF_HAS(TIMESTAMPS));
	assert_int_equal(s->tcp.options.tsval - before, 1500);
	peer_free(p);
}

static void a_full_time_wait_table_is_named_and_the_close_still_done(void **state)
{
	hf_config config = peer_config(false);
	peer *p;

	(void)state;
	config.max_time_wait = 1;
	p = peer_new(&config);
	time_wait(p);
	p->self.port++;
	time_wait(p); /* its last ACK was sent all the same */
	assert_int_equal(peer_stats(p).reasons[HF_WHY_TIME_WAIT_FULL], 1);
	assert_int_equal(peer_stats(p).time_wait, 1);
	peer_free(p);
}

static void the_end_is_told_once_even_with_keep_alive(void **state)
{
	peer *p = peer_new(NULL);
	hf_conn c = peer_handshake_passive(p);

	(void)state;
	assert_int_equal(hf_conn_set(p->stack, c, HF_OPTION_KEEPALIVE, HF_SEC(10)), HF_OK);
	hf_conn_shutdown(p->stack, c);
	peer_expect(p, FIN | ACK);
	PEER_SAY(p, .flags = FIN | ACK, .seq = 1, .ack = 2);
	peer_expect(p, ACK);
	assert_true(peer_events(p) & HF_EVENT_CLOSED);
	peer_wait(p, HF_SEC(3600));
	peer_expect_nothing(p);
	assert_int_equal(peer_events(p), 0);
	assert_int_equal(peer_info(p, c).reason, HF_WHY_CLOSED_BY_BOTH);
	peer_free(p);
}

/* ---- ABORT (3.10.5): a reset where the peer still waits for something, silence elsewhere ---- */

static void abort_and_check(peer *p, hf_conn c, bool tells, uint32_t seq, uint32_t ack)
{
	size_t n;

	assert_int_equal(hf_conn_abort(p->stack, c), HF_OK);
	if (tells)
		PEER_EXPECT(p, .flags = RST | ACK, .seq = seq, .ack = ack);
	peer_expect_nothing(p);
	assert_int_equal(hf_conn_send(p->stack, c, "x", 1, &n), HF_ERR_STALE);
	peer_events(p);
	peer_wait(p, HF_SEC(1000));
	peer_expect_nothing(p);
	assert_int_equal(peer_stats(p).connections, 0);
	peer_free(p);
}

static void aborting_an_opening_tells_only_a_peer_that_has_answered(void **state)
{
	peer *p = peer_new(NULL);
	hf_conn c = peer_open(p);

	(void)state;
	peer_expect(p, SYN);
	abort_and_check(p, c, false, 0, 0);

	p = peer_new(NULL);
	c = peer_open(p);
	peer_expect(p, SYN);
	PEER_SAY(p, .flags = SYN);
	peer_expect(p, SYN | ACK);
	abort_and_check(p, c, true, 1, 1);
}

static void aborting_an_established_connection_drops_all_and_resets(void **state)
{
	peer *p = peer_new(NULL);
	hf_conn c = peer_handshake_passive(p);

	(void)state;
	PEER_SAY(p, .flags = ACK, .seq = 1, .ack = 1, .len = 30);
	peer_app_send(p, c, 1, 100);
	peer_expect(p, ACK);
	peer_app_send(p, c, 101, 60000); /* stays queued in part */
	peer_ignore(p);
	abort_and_check(p, c, true, peer_info(p, c).snd_nxt - p->host_isn.v, 31);
}

static void aborting_while_closing_resets_until_both_fins_are_known(void **state)
{
	(void)state;
	for (int s = HF_FIN_WAIT_1; s <= HF_TIME_WAIT; s++) {
		bool ours = s != HF_CLOSE_WAIT, theirs = s > HF_FIN_WAIT_2;
		peer *p = peer_new(NULL);
		hf_conn c = peer_reach(p, (hf_state)s);

		abort_and_check(p, c, s <= HF_CLOSE_WAIT, ours ? 2 : 1, theirs ? 2 : 1);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_fin_again_is_acknowledged_and_starts_2_msl_anew),
		cmocka_unit_test(other_segments_do_not_prolong_time_wait),
		cmocka_unit_test(old_text_is_answered_by_the_last_ack_and_bare_acks_by_silence),
		cmocka_unit_test(a_reset_does_not_cut_time_wait_short),
		cmocka_unit_test(a_syn_with_a_higher_number_opens_anew),
		cmocka_unit_test(a_syn_with_an_old_number_is_answered_by_the_last_ack),
		cmocka_unit_test(a_syn_with_a_later_timestamp_opens_anew_whatever_its_number),
		cmocka_unit_test(a_syn_with_an_earlier_timestamp_does_not),
		cmocka_unit_test(the_new_connection_begins_above_the_old_ones_last_number),
		cmocka_unit_test(time_wait_is_kept_if_the_new_connection_cannot_begin),
		cmocka_unit_test(an_active_open_does_not_reuse_a_pair_in_time_wait),
		cmocka_unit_test(a_syn_is_new_by_its_timestamp_or_by_its_number),
		cmocka_unit_test(timestamps_go_on_in_time_wait),
		cmocka_unit_test(a_full_time_wait_table_is_named_and_the_close_still_done),
		cmocka_unit_test(the_end_is_told_once_even_with_keep_alive),
		cmocka_unit_test(aborting_an_opening_tells_only_a_peer_that_has_answered),
		cmocka_unit_test(aborting_an_established_connection_drops_all_and_resets),
		cmocka_unit_test(aborting_while_closing_resets_until_both_fins_are_known),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
