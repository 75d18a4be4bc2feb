/* SPDX-License-Identifier: BSD-2-Clause */
/* Blind attacks on a connection, and old duplicates: RFC 5961, and PAWS (RFC 7323 5). */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "tcp/arrives.h"
#include "tests/support/peer.h"

#define WINDOW 64240 /* what the host announces on these connections: whole segments of 1460 */

static hf_conn established(peer **p)
{
	hf_conn c;

	*p = peer_new(NULL);
	c = peer_handshake_passive(*p);
	assert_int_equal(peer_info(*p, c).rcv_wnd, WINDOW);
	return c;
}

/* ---- Resets (RFC 5961 3.2) ---- */

static void the_exact_reset_ends_the_connection(void **state)
{
	peer *p;
	hf_conn c = established(&p);
	char octet;
	size_t n;

	(void)state;
	assert_int_equal(PEER_SAY(p, .flags = RST, .seq = 1), HF_WHY_RESET_BY_PEER);
	peer_expect_nothing(p);
	assert_int_equal(peer_state(p, c), HF_CLOSED);
	assert_int_equal(peer_events(p), HF_EVENT_CLOSED);
	assert_int_equal(p->event.reason, HF_WHY_RESET_BY_PEER);
	assert_int_equal(hf_conn_receive(p->stack, c, &octet, 1, &n), HF_ERR_RESET);
	assert_int_equal(hf_conn_send(p->stack, c, "x", 1, &n), HF_ERR_RESET);
	assert_int_equal(hf_conn_shutdown(p->stack, c), HF_ERR_RESET);
	assert_int_equal(hf_conn_close(p->stack, c), HF_OK);
	peer_collect(p);
	assert_int_equal(peer_stats(p).connections, 0);
	peer_free(p);
}

static void the_ack_of_a_reset_does_not_matter(void **state)
{
	peer *p;
	hf_conn c = established(&p);

	(void)state;
	PEER_SAY(p, .flags = RST | ACK, .seq = 1, .ack = 0x80000000);
	assert_int_equal(peer_state(p, c), HF_CLOSED);
	peer_free(p);
}

static void a_reset_in_the_window_is_challenged(void **state)
{
	static const uint32_t in[] = { 2, 1000, WINDOW };
	peer *p;
	hf_conn c = established(&p);

	(void)state;
	for (unsigned i = 0; i < sizeof(in) / sizeof(in[0]); i++) {
		peer_wait(p, HF_SEC(5));
		assert_int_equal(PEER_SAY(p, .flags = RST, .seq = in[i]), HF_WHY_RST_CHALLENGED);
		assert_int_equal(PEER_EXPECT(p, .flags = ACK, .seq = 1, .ack = 1)->cause,
				 HF_SENT_CHALLENGE_ACK);
	}
	assert_int_equal(peer_state(p, c), HF_ESTABLISHED);
	/* A peer that meant it answers the challenge with the exact number. */
	PEER_SAY(p, .flags = RST, .seq = 1);
	assert_int_equal(peer_state(p, c), HF_CLOSED);
	peer_free(p);
}

static void a_reset_outside_the_window_is_dropped_in_silence(void **state)
{
	static const uint32_t outside[] = { 0, UINT32_MAX, 0x80000001, WINDOW + 1, WINDOW + 2 };
	peer *p;
	hf_conn c = established(&p);

	(void)state;
	for (unsigned i = 0; i < sizeof(outside) / sizeof(outside[0]); i++) {
		peer_wait(p, HF_SEC(5));
		assert_int_equal(PEER_SAY(p, .flags = RST, .seq = outside[i]), HF_WHY_RST_OUTSIDE);
		peer_expect_nothing(p);
	}
	/* Its text may reach into the window: only its number counts. */
	assert_int_equal(PEER_SAY(p, .flags = RST, .seq = 0, .len = 20), HF_WHY_RST_OUTSIDE);
	peer_expect_nothing(p);
	assert_int_equal(peer_state(p, c), HF_ESTABLISHED);
	peer_free(p);
}

static void a_reset_meets_a_closed_window_too(void **state)
{
	hf_config config = peer_config(false);
	uint32_t next = 1, window;
	hf_conn c;
	peer *p;

	(void)state;
	config.receive_buffer = 4096;
	p = peer_new(&config);
	c = peer_handshake_passive(p);
	while ((window = peer_info(p, c).rcv_wnd) > 0) {
		PEER_SAY(p, .flags = ACK, .seq = next, .ack = 1, .len = window);
		peer_ignore(p);
		next += window;
	}
	assert_int_equal(PEER_SAY(p, .flags = RST, .seq = next + 1), HF_WHY_RST_OUTSIDE);
	assert_int_equal(PEER_SAY(p, .flags = RST, .seq = next), HF_WHY_RESET_BY_PEER);
	assert_int_equal(peer_state(p, c), HF_CLOSED);
	peer_app_receive(p, c, 1, next - 1); /* what had arrived is not lost */
	peer_free(p);
}

/* ---- SYNs (RFC 5961 4.2) ---- */

static void a_syn_is_challenged_wherever_it_lies(void **state)
{
	static const uint32_t at[] = { 0, 1, 2, 1000, WINDOW, WINDOW + 1, 0x80000001, UINT32_MAX };
	peer *p;
	hf_conn c = established(&p);

	(void)state;
	for (unsigned i = 0; i < 2 * sizeof(at) / sizeof(at[0]); i++) {
		peer_wait(p, HF_SEC(5));
		PEER_SAY(p, .flags = (uint16_t)(i & 1 ? SYN | ACK : SYN), .seq = at[i / 2],
			 .ack = 1);
		assert_int_equal(p->verdict.reason,
				 at[i / 2] == 0 ? HF_WHY_SYN_DUPLICATE : HF_WHY_SYN_CHALLENGED);
		PEER_EXPECT(p, .flags = ACK, .seq = 1, .ack = 1);
		peer_expect_nothing(p);
	}
	assert_int_equal(peer_state(p, c), HF_ESTABLISHED);
	assert_int_equal(peer_events(p), 0);
	peer_free(p);
}

/* 3.5.1, figure 9: the peer crashed, forgot, and opens again. */
static void a_half_open_connection_is_found_and_cleared(void **state)
{
	peer *p;
	hf_conn c = established(&p);

	(void)state;
	PEER_SAY(p, .flags = SYN, .seq = 300000);
	PEER_EXPECT(p, .flags = ACK, .seq = 1, .ack = 1);
	PEER_SAY(p, .flags = RST, .seq = 1); /* its answer, by 3.10.7.3: <SEQ=SEG.ACK> */
	assert_int_equal(peer_state(p, c), HF_CLOSED);
	peer_wait(p, HF_SEC(1));
	p->isn = hf_seq_add(p->isn, 300000);
	PEER_SAY(p, .flags = SYN);
	PEER_EXPECT(p, .flags = SYN | ACK, .ack = 1);
	peer_free(p);
}

/* The same from the other side: ours is the SYN, theirs the old connection's ACK. */
static void an_old_connections_ack_in_syn_sent_is_reset_and_the_opening_goes_on(void **state)
{
	static const uint32_t wrong[] = { 0, 2, 5000, 0x80000001 };
	peer *p = peer_new(NULL);
	hf_conn c = peer_open(p);

	(void)state;
	peer_expect(p, SYN);
	for (unsigned i = 0; i < 2 * sizeof(wrong) / sizeof(wrong[0]); i++) {
		uint16_t flags = i & 1 ? SYN | ACK : ACK;

		assert_int_equal(PEER_SAY(p, .flags = flags, .seq = 77, .ack = wrong[i / 2]),
				 HF_WHY_ACK_UNACCEPTABLE);
		PEER_EXPECT(p, .flags = RST, .seq = wrong[i / 2]);
		assert_int_equal(peer_state(p, c), HF_SYN_SENT);
	}
	peer_wait_for_output(p, HF_SEC(2));
	peer_expect(p, SYN);
	PEER_SAY(p, .flags = SYN | ACK, .ack = 1);
	assert_int_equal(peer_state(p, c), HF_ESTABLISHED);
	peer_free(p);
}

static void in_syn_sent_only_a_reset_that_acknowledges_our_syn_refuses(void **state)
{
	peer *p = peer_new(NULL);
	hf_conn c = peer_open(p);
	size_t n;

	(void)state;
	peer_expect(p, SYN);
	assert_int_equal(PEER_SAY(p, .flags = RST, .seq = 5), HF_WHY_RST_UNACCEPTABLE);
	assert_int_equal(PEER_SAY(p, .flags = RST | SYN, .seq = 5), HF_WHY_RST_UNACCEPTABLE);
	assert_int_equal(PEER_SAY(p, .flags = RST | ACK, .ack = 0), HF_WHY_ACK_UNACCEPTABLE);
	assert_int_equal(PEER_SAY(p, .flags = RST | ACK, .ack = 2), HF_WHY_ACK_UNACCEPTABLE);
	assert_int_equal(PEER_SAY(p, .flags = ACK, .ack = 1), HF_WHY_SYN_SENT_NEITHER);
	assert_int_equal(PEER_SAY(p, .flags = FIN, .ack = 1), HF_WHY_SYN_SENT_NEITHER);
	peer_expect_nothing(p);
	assert_int_equal(peer_state(p, c), HF_SYN_SENT);
	assert_int_equal(PEER_SAY(p, .flags = RST | ACK, .ack = 1), HF_WHY_REFUSED_BY_PEER);
	assert_int_equal(peer_state(p, c), HF_CLOSED);
	assert_int_equal(peer_events(p), HF_EVENT_CLOSED);
	assert_int_equal(p->event.reason, HF_WHY_REFUSED_BY_PEER);
	assert_int_equal(hf_conn_send(p->stack, c, "x", 1, &n), HF_ERR_REFUSED);
	peer_wait(p, HF_SEC(300));
	peer_expect_nothing(p);
	peer_free(p);
}

/* ---- How often (RFC 5961 7) ---- */

static void challenges_are_rare_however_many_ask(void **state)
{
	peer *p;
	unsigned n;

	(void)state;
	established(&p);
	for (int i = 0; i < 1000; i++) {
		PEER_SAY(p, .flags = RST, .seq = 100);
		PEER_SAY(p, .flags = SYN, .seq = 200);
		PEER_SAY(p, .flags = ACK, .seq = 1, .ack = 100000);
		peer_wait(p, HF_MS(5));
	}
	n = peer_ignore(p);
	assert_in_range(n, 5, 11); /* "10 in any 5 seconds" */
	peer_free(p);
}

/* ---- Text and ACKs (RFC 5961 5.2, RFC 9293 3.10.7.4) ---- */

static void only_acks_in_their_range_let_text_in(void **state)
{
	peer *p;
	hf_conn c = established(&p);
	uint32_t una = 3001, wnd = 2000;

	(void)state;
	peer_app_send(p, c, 1, 4000);
	peer_ignore(p);
	p->window = (uint16_t)wnd;
	PEER_SAY(p, .flags = ACK, .seq = 1, .ack = 1);
	p->window = 1000;
	PEER_SAY(p, .flags = ACK, .seq = 1, .ack = una);
	peer_ignore(p);
	/* MAX.SND.WND is the 65,535 of the handshake. */
	assert_int_equal(PEER_SAY(p, .flags = ACK, .seq = 1, .ack = una - 65536, .len = 9),
			 HF_WHY_ACK_TOO_OLD);
	PEER_EXPECT(p, .flags = ACK, .seq = 4001, .ack = 1);
	peer_wait(p, HF_MS(600));
	peer_ignore(p);
	assert_int_equal(PEER_SAY(p, .flags = ACK, .seq = 1, .ack = 4002, .len = 9),
			 HF_WHY_ACK_UNSENT);
	PEER_EXPECT(p, .flags = ACK, .seq = 4001, .ack = 1);
	assert_int_equal(peer_info(p, c).unread, 0);
	/* Within MAX.SND.WND, but from before the SYN: no peer of ours can have heard that. */
	peer_wait(p, HF_MS(600));
	peer_ignore(p);
	assert_int_equal(PEER_SAY(p, .flags = ACK, .seq = 1, .ack = 0, .len = 9),
			 HF_WHY_ACK_TOO_OLD);
	PEER_EXPECT(p, .flags = ACK, .seq = 4001, .ack = 1);
	assert_int_equal(PEER_SAY(p, .flags = ACK, .seq = 1, .ack = 1, .len = 9), HF_WHY_NONE);
	assert_int_equal(PEER_SAY(p, .flags = ACK, .seq = 10, .ack = 4001, .len = 9), HF_WHY_NONE);
	peer_app_receive(p, c, 1, 18);
	peer_free(p);
}

static void without_ack_nothing_is_taken(void **state)
{
	peer *p;
	hf_conn c = established(&p);

	(void)state;
	assert_int_equal(PEER_SAY(p, .flags = 0, .seq = 1, .len = 10), HF_WHY_ACK_MISSING);
	assert_int_equal(PEER_SAY(p, .flags = FIN, .seq = 1, .len = 10), HF_WHY_ACK_MISSING);
	peer_expect_nothing(p);
	assert_int_equal(peer_info(p, c).unread, 0);
	assert_int_equal(peer_state(p, c), HF_ESTABLISHED);
	peer_free(p);
}

static void text_outside_the_window_is_answered_at_once_by_an_ack(void **state)
{
	static const uint32_t outside[] = { 0x80000000, WINDOW + 1, UINT32_MAX - 20 };
	peer *p;
	hf_conn c = established(&p);

	(void)state;
	for (unsigned i = 0; i < sizeof(outside) / sizeof(outside[0]); i++) {
		PEER_SAY(p, .flags = ACK, .seq = outside[i], .ack = 1, .len = 10);
		PEER_EXPECT(p, .flags = ACK, .seq = 1, .ack = 1);
	}
	assert_int_equal(peer_info(p, c).unread, 0);
	/* The last number that is inside. */
	PEER_SAY(p, .flags = ACK, .seq = WINDOW, .ack = 1, .len = 10);
	assert_int_equal(p->verdict.reason, HF_WHY_NONE);
	peer_free(p);
}

/* A peer that has filled the window, with some of it lost, stands at its edge (3.10.7.4, first). */
static void a_bare_ack_at_the_edge_of_the_window_counts(void **state)
{
	peer *p;
	hf_conn c = established(&p);

	(void)state;
	peer_app_send(p, c, 1, 100);
	peer_expect(p, ACK);
	assert_int_equal(PEER_SAY(p, .flags = ACK, .seq = WINDOW + 2, .ack = 101),
			 HF_WHY_SEQ_OUTSIDE);
	assert_int_equal(peer_info(p, c).in_flight, 100);
	assert_int_equal(PEER_SAY(p, .flags = ACK, .seq = WINDOW + 1, .ack = 101), HF_WHY_NONE);
	assert_int_equal(peer_info(p, c).in_flight, 0);
	peer_free(p);
}

/* ---- PAWS (RFC 7323 5) ---- */

static hf_conn with_stamps(peer **p)
{
	hf_conn c;

	*p = peer_new(NULL);
	peer_offer_all(*p);
	c = peer_handshake_passive(*p);
	peer_wait(*p, HF_SEC(1));
	PEER_SAY(*p, .flags = ACK, .seq = 1, .ack = 1, .len = 10);
	assert_int_equal(peer_expect(*p, ACK)->tcp.options.tsecr, (*p)->tsval);
	return c;
}

static void an_older_timestamp_is_dropped_with_an_ack(void **state)
{
	peer *p;
	hf_conn c = with_stamps(&p);
	uint32_t recent = p->tsval;

	(void)state;
	p->tsval = recent - 1;
	assert_int_equal(PEER_SAY(p, .flags = ACK, .seq = 11, .ack = 1, .len = 10), HF_WHY_PAWS);
	assert_int_equal(PEER_EXPECT(p, .flags = ACK, .seq = 1, .ack = 11)->tcp.options.tsecr,
			 recent);
	p->tsval = recent - 0x7fffffff;
	assert_int_equal(PEER_SAY(p, .flags = ACK, .seq = 11, .ack = 1, .len = 10), HF_WHY_PAWS);
	peer_expect(p, ACK);
	assert_int_equal(peer_info(p, c).unread, 10);
	p->tsval = recent;
	assert_int_equal(PEER_SAY(p, .flags = ACK, .seq = 11, .ack = 1, .len = 10), HF_WHY_NONE);
	assert_int_equal(peer_info(p, c).unread, 20);
	peer_free(p);
}

static void after_24_days_of_silence_any_timestamp_will_do(void **state)
{
	peer *p;
	hf_conn c = with_stamps(&p);
	uint32_t recent = p->tsval;
	hf_time heard = p->now;

	(void)state;
	peer_wait_until(p, hf_time_add(heard, 24 * HF_SEC(86400) - HF_SEC(1)));
	p->tsval = recent - 5;
	assert_int_equal(PEER_SAY(p, .flags = ACK, .seq = 11, .ack = 1, .len = 10), HF_WHY_PAWS);
	peer_wait_until(p, hf_time_add(heard, 24 * HF_SEC(86400) + HF_SEC(1)));
	p->tsval = recent - 5;
	assert_int_equal(PEER_SAY(p, .flags = ACK, .seq = 11, .ack = 1, .len = 10), HF_WHY_NONE);
	assert_int_equal(peer_info(p, c).unread, 20);
	peer_free(p);
}

/* RFC 7323 5.5 counts from when TS.Recent was last noted, not from the handshake. */
static void the_24_days_begin_anew_with_each_timestamp_that_is_noted(void **state)
{
	peer *p;
	hf_conn c = with_stamps(&p);
	hf_time heard = p->now;
	uint32_t recent;

	(void)state;
	peer_wait_until(p, hf_time_add(heard, 20 * HF_SEC(86400)));
	assert_int_equal(PEER_SAY(p, .flags = ACK, .seq = 11, .ack = 1, .len = 10), HF_WHY_NONE);
	recent = p->tsval;
	peer_wait_until(p, hf_time_add(heard, 44 * HF_SEC(86400) - 1));
	p->tsval = recent - 5;
	assert_int_equal(PEER_SAY(p, .flags = ACK, .seq = 21, .ack = 1, .len = 10), HF_WHY_PAWS);
	assert_int_equal(peer_info(p, c).unread, 20);
	peer_wait_until(p, hf_time_add(heard, 44 * HF_SEC(86400)));
	p->tsval = recent - 5;
	assert_int_equal(PEER_SAY(p, .flags = ACK, .seq = 21, .ack = 1, .len = 10), HF_WHY_NONE);
	peer_free(p);
}

/* The room of an option that is not sent is the text's (RFC 6691 2). */
static void without_the_timestamps_that_were_agreed_on_segments_are_longer(void **state)
{
	(void)state;
	for (int crossing = 0; crossing < 2; crossing++) {
		peer *p = peer_new(NULL);
		hf_conn c;

		peer_offer_all(p);
		if (crossing) {
			c = peer_open(p);
			peer_expect(p, SYN);
		} else {
			peer_listen(p);
		}
		PEER_SAY(p, .flags = SYN);
		assert_true(peer_expect(p, SYN | ACK)->tcp.options.present & HF_HAS(TIMESTAMPS));
		PEER_SAY(p, .flags = ACK, .seq = 1, .ack = 1, .bare = true);
		if (!crossing)
			c = peer_accept(p);
		assert_int_equal(peer_info(p, c).snd_mss, 1460);
		peer_app_send(p, c, 1, 2 * 1460);
		PEER_EXPECT(p, .flags = ACK, .seq = 1, .ack = 1, .len = 1460);
		PEER_EXPECT(p, .flags = ACK, .seq = 1461, .ack = 1, .len = 1460);
		peer_free(p);
	}
}

static void a_missing_timestamp_is_dropped_in_silence(void **state)
{
	peer *p;
	hf_conn c = with_stamps(&p);

	(void)state;
	assert_int_equal(PEER_SAY(p, .flags = ACK, .seq = 11, .ack = 1, .len = 10, .bare = true),
			 HF_WHY_TIMESTAMP_MISSING);
	peer_expect_nothing(p);
	assert_int_equal(peer_info(p, c).unread, 10);
	peer_free(p);
}

static void a_reset_needs_no_timestamp_and_may_have_an_old_one(void **state)
{
	(void)state;
	for (int bare = 0; bare < 2; bare++) {
		peer *p;
		hf_conn c = with_stamps(&p);

		p->tsval -= 100000;
		assert_int_equal(PEER_SAY(p, .flags = RST, .seq = 11, .bare = bare),
				 HF_WHY_RESET_BY_PEER);
		assert_int_equal(peer_state(p, c), HF_CLOSED);
		peer_free(p);
	}
}

/* RFC 7323 4.3: only a segment at or before the last ACK sent moves TS.Recent. */
static void a_segment_ahead_of_a_gap_does_not_move_the_echo(void **state)
{
	peer *p;
	uint32_t recent;

	(void)state;
	with_stamps(&p);
	recent = p->tsval;
	peer_wait(p, HF_MS(100));
	PEER_SAY(p, .flags = ACK, .seq = 111, .ack = 1, .len = 10);
	assert_int_equal(peer_expect(p, ACK)->tcp.options.tsecr, recent);
	/* Nor does one that is not acceptable. */
	PEER_SAY(p, .flags = ACK, .seq = 0x80000000, .ack = 1, .len = 10);
	assert_int_equal(peer_expect(p, ACK)->tcp.options.tsecr, recent);
	PEER_SAY(p, .flags = ACK, .seq = 11, .ack = 1, .len = 100);
	assert_int_equal(peer_expect(p, ACK)->tcp.options.tsecr, p->tsval);
	peer_free(p);
}

/* RFC 9293 3.10.7.1: what comes for a closed connection is answered as the peer can believe it. */
static void what_is_closed_answers_with_a_reset(void **state)
{
	static const hf_tcp_options none;
	static const struct {
		hf_segment g;
		bool is_answered;
		hf_reset want;
	} cases[] = {
		{ { .flags = ACK, .seq = { 7 }, .ack = { 9 } }, true, { .seq = { 9 } } },
		{ { .flags = SYN, .seq = { 7 } }, true, { .ack = { 8 }, .has_ack = true } },
		{ { .flags = RST, .seq = { 7 } }, false, { .ack = { 7 }, .has_ack = true } },
	};
	hf_config config = peer_config(false);
	hf_tcp_env env = { .config = &config };

	(void)state;
	for (unsigned i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		hf_tcb c = { .state = HF_CLOSED };
		hf_segment g = cases[i].g;
		hf_effects fx = { 0 };

		g.options = &none;
		hf_tcp_arrives(&c, &env, &g, &fx);
		assert_int_equal(fx.reason, HF_WHY_CLOSED_STATE);
		assert_int_equal(fx.reply_reset, cases[i].is_answered);
		assert_int_equal(fx.reset.has_ack, cases[i].want.has_ack);
		if (fx.reset.has_ack)
			assert_int_equal(fx.reset.ack.v, cases[i].want.ack.v);
		else
			assert_int_equal(fx.reset.seq.v, cases[i].want.seq.v);
		assert_int_equal(c.state, HF_CLOSED);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_exact_reset_ends_the_connection),
		cmocka_unit_test(the_ack_of_a_reset_does_not_matter),
		cmocka_unit_test(a_reset_in_the_window_is_challenged),
		cmocka_unit_test(a_reset_outside_the_window_is_dropped_in_silence),
		cmocka_unit_test(a_reset_meets_a_closed_window_too),
		cmocka_unit_test(a_syn_is_challenged_wherever_it_lies),
		cmocka_unit_test(a_half_open_connection_is_found_and_cleared),
		cmocka_unit_test(
			an_old_connections_ack_in_syn_sent_is_reset_and_the_opening_goes_on),
		cmocka_unit_test(in_syn_sent_only_a_reset_that_acknowledges_our_syn_refuses),
		cmocka_unit_test(challenges_are_rare_however_many_ask),
		cmocka_unit_test(only_acks_in_their_range_let_text_in),
		cmocka_unit_test(without_ack_nothing_is_taken),
		cmocka_unit_test(text_outside_the_window_is_answered_at_once_by_an_ack),
		cmocka_unit_test(a_bare_ack_at_the_edge_of_the_window_counts),
		cmocka_unit_test(an_older_timestamp_is_dropped_with_an_ack),
		cmocka_unit_test(after_24_days_of_silence_any_timestamp_will_do),
		cmocka_unit_test(the_24_days_begin_anew_with_each_timestamp_that_is_noted),
		cmocka_unit_test(without_the_timestamps_that_were_agreed_on_segments_are_longer),
		cmocka_unit_test(a_missing_timestamp_is_dropped_in_silence),
		cmocka_unit_test(a_reset_needs_no_timestamp_and_may_have_an_old_one),
		cmocka_unit_test(a_segment_ahead_of_a_gap_does_not_move_the_echo),
		cmocka_unit_test(what_is_closed_answers_with_a_reset),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
