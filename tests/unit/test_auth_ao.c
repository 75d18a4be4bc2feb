/* SPDX-License-Identifier: BSD-2-Clause */
/* TCP-AO on connections: what is verified, what is signed, what stays silent (RFC 5925). */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "tests/support/signing.h"

static uint64_t reason_count(const peer *p, hf_reason why)
{
	return peer_stats(p).reasons[why];
}

/* ---- Opening ---- */

static void a_passive_open_is_signed_from_the_first_segment_to_the_last(void **state)
{
	for (unsigned v6 = 0; v6 < 2; v6++) {
		hf_config config = peer_config(v6);
		signing s;
		peer *p = signing_peer(&s, &config, false);
		hf_conn c;

		peer_offer_all(p);
		c = peer_handshake_passive(p);
		assert_int_equal(PEER_SAY(p, .flags = ACK, .seq = 1, .ack = 1, .len = 500),
				 HF_WHY_NONE);
		peer_app_receive(p, c, 1, 500);
		peer_app_send(p, c, 1, 2000);
		assert_int_equal(hf_conn_set(p->stack, c, HF_OPTION_NO_DELAY, 1), HF_OK);
		peer_wait(p, HF_MS(1));
		peer_ignore(p);
		PEER_SAY(p, .flags = FIN | ACK, .seq = 501, .ack = 2001);
		hf_conn_close(p->stack, c);
		peer_wait(p, HF_MS(1));
		peer_ignore(p);
		assert_int_equal(PEER_SAY(p, .flags = ACK, .seq = 502, .ack = 2002), HF_WHY_NONE);
		assert_true(s.checked >= 4);
		assert_int_equal(s.heard_id, 84);
		assert_int_equal(s.heard_rnext, 61);
		peer_events(p);
		peer_collect(p);
		assert_int_equal(peer_stats(p).connections, 0);
		peer_free(p);
	}
	(void)state;
}

static void an_active_open_is_signed_from_the_first_segment_on(void **state)
{
	signing s;
	peer *p = signing_peer(&s, NULL, false);
	hf_conn c;

	(void)state;
	peer_offer_all(p);
	c = peer_handshake_active(p);
	assert_int_equal(s.checked, 2);
	peer_app_send(p, c, 1, 100);
	peer_expect(p, ACK);
	assert_int_equal(PEER_SAY(p, .flags = ACK, .seq = 1, .ack = 101, .len = 10), HF_WHY_NONE);
	peer_app_receive(p, c, 1, 10);
	peer_free(p);
}

/* The reset that refuses it is signed for both ISNs, and nothing derived for it is used later. */
static void a_signed_syn_ack_of_another_syn_is_refused_and_forgotten(void **state)
{
	signing s;
	peer *p = signing_peer(&s, NULL, false);
	hf_conn c = peer_open(p);
	hf_seq isn = p->isn;

	(void)state;
	peer_expect(p, SYN);
	p->isn = hf_seq_add(isn, 7777); /* of an earlier life of the peer's */
	assert_int_equal(PEER_SAY(p, .flags = SYN | ACK, .ack = 500), HF_WHY_ACK_UNACCEPTABLE);
	assert_int_equal(peer_expect(p, RST)->seq, 500);
	p->isn = isn;
	assert_int_equal(PEER_SAY(p, .flags = SYN | ACK, .ack = 1), HF_WHY_NONE);
	peer_expect(p, ACK); /* verified by the peer */
	assert_int_equal(peer_state(p, c), HF_ESTABLISHED);
	assert_int_equal(PEER_SAY(p, .flags = ACK, .seq = 1, .ack = 1, .len = 5), HF_WHY_NONE);
	peer_free(p);
}

static void crossing_syns_agree(void **state)
{
	signing s;
	peer *p = signing_peer(&s, NULL, false);
	hf_conn c = peer_open(p);

	(void)state;
	peer_expect(p, SYN);
	assert_int_equal(PEER_SAY(p, .flags = SYN), HF_WHY_NONE);
	peer_expect(p, SYN | ACK);
	assert_int_equal(PEER_SAY(p, .flags = SYN | ACK, .ack = 1), HF_WHY_NONE);
	assert_int_equal(peer_state(p, c), HF_ESTABLISHED);
	peer_ignore(p);
	assert_int_equal(PEER_SAY(p, .flags = ACK, .seq = 1, .ack = 1, .len = 5), HF_WHY_NONE);
	peer_free(p);
}

static void a_syn_with_a_flaw_makes_nothing_and_hears_nothing(void **state)
{
	for (unsigned i = 0; i < AO_FLAWS; i++) {
		signing s;
		peer *p = signing_peer(&s, NULL, false);

		peer_listen(p);
		p->host_isn.v = 12345; /* for FLAW_SYN_KEY: an ISN that the host never had */
		s.flaw = ao_flaws[i].flaw;
		assert_int_equal(PEER_SAY(p, .flags = SYN), ao_flaws[i].why);
		assert_int_equal(reason_count(p, ao_flaws[i].why), 1);
		assert_int_equal(peer_stats(p).half_open, 0);
		peer_expect_nothing(p);
		s.flaw = FLAW_NONE;
		assert_int_equal(PEER_SAY(p, .flags = SYN), HF_WHY_NONE);
		peer_expect(p, SYN | ACK);
		peer_free(p);
	}
	(void)state;
}

static void a_key_that_nobody_has_opens_nothing(void **state)
{
	signing s;
	peer *p = signing_peer(&s, NULL, false);

	(void)state;
	s.key[1] = (signing_key){ 62, 85, "second", 0, false };
	s.keys = 2;
	s.uses = 1;
	peer_listen(p);
	assert_int_equal(PEER_SAY(p, .flags = SYN), HF_WHY_AO_KEY_UNKNOWN);
	peer_expect_nothing(p);
	peer_free(p);
}

static void a_syn_ack_with_a_flaw_is_not_heard(void **state)
{
	for (unsigned i = 0; i < AO_FLAWS; i++) {
		signing s;
		peer *p = signing_peer(&s, NULL, false);
		hf_conn c = peer_open(p);

		peer_expect(p, SYN);
		s.flaw = ao_flaws[i].flaw;
		assert_int_equal(PEER_SAY(p, .flags = SYN | ACK, .ack = 1), ao_flaws[i].why);
		assert_int_equal(PEER_SAY(p, .flags = RST | ACK, .ack = 1), ao_flaws[i].why);
		assert_int_equal(peer_state(p, c), HF_SYN_SENT);
		peer_expect_nothing(p);
		s.flaw = FLAW_NONE;
		assert_int_equal(PEER_SAY(p, .flags = SYN | ACK, .ack = 1), HF_WHY_NONE);
		assert_int_equal(peer_state(p, c), HF_ESTABLISHED);
		peer_free(p);
	}
	(void)state;
}

static void a_refusal_that_is_signed_refuses(void **state)
{
	signing s;
	peer *p = signing_peer(&s, NULL, false);
	hf_conn c = peer_open(p);

	(void)state;
	peer_expect(p, SYN);
	p->isn = (hf_seq){ 0 }; /* a peer that has no connection has no ISN */
	assert_int_equal(PEER_SAY(p, .flags = RST | ACK, .ack = 1), HF_WHY_REFUSED_BY_PEER);
	assert_int_equal(peer_state(p, c), HF_CLOSED);
	peer_free(p);
}

static void a_half_open_record_believes_no_flaw(void **state)
{
	static const uint16_t flags[] = { ACK, RST, SYN | ACK, RST | ACK, FIN | ACK };

	for (unsigned i = 0; i < AO_FLAWS; i++) {
		signing s;
		peer *p = signing_peer(&s, NULL, false);

		peer_listen(p);
		PEER_SAY(p, .flags = SYN);
		peer_expect(p, SYN | ACK);
		s.flaw = ao_flaws[i].flaw;
		for (unsigned k = 0; k < sizeof(flags) / sizeof(flags[0]); k++)
			assert_int_equal(PEER_SAY(p, .flags = flags[k], .seq = 1, .ack = 1),
					 ao_flaws[i].why);
		assert_int_equal(peer_stats(p).half_open, 1);
		peer_expect_nothing(p);
		s.flaw = FLAW_NONE;
		assert_int_equal(PEER_SAY(p, .flags = ACK, .seq = 1, .ack = 1), HF_WHY_NONE);
		peer_accept(p);
		peer_free(p);
	}
	(void)state;
}

static void what_a_half_open_record_answers_is_signed(void **state)
{
	signing s;
	peer *p = signing_peer(&s, NULL, false);
	unsigned before;

	(void)state;
	peer_listen(p);
	PEER_SAY(p, .flags = SYN);
	peer_expect(p, SYN | ACK);
	before = s.checked;
	PEER_SAY(p, .flags = SYN); /* again */
	peer_expect(p, SYN | ACK);
	PEER_SAY(p, .flags = ACK, .seq = 100000, .ack = 1); /* outside the window */
	peer_expect(p, ACK);
	PEER_SAY(p, .flags = ACK, .seq = 1, .ack = 77); /* not what we sent */
	peer_expect(p, RST);
	peer_wait(p, HF_SEC(5));
	peer_expect(p, SYN | ACK); /* by the timer */
	assert_true(s.checked >= before + 4);
	peer_free(p);
}

static void a_listener_may_require_signatures(void **state)
{
	hf_listener_options o = { .size = sizeof(o), .require_auth = 1 };
	hf_endpoint at = { .port = PEER_HOST_PORT };
	peer *p = peer_new(NULL);
	signing s = { .key = { { 61, 84, "first", 0, false } }, .keys = 1 };

	(void)state;
	assert_int_equal(hf_listener_open(p->stack, &at, &o, &p->listener), HF_OK);
	assert_int_equal(PEER_SAY(p, .flags = SYN), HF_WHY_AUTH_REQUIRED);
	peer_expect_nothing(p);
	signing_begin(&s, p, false);
	signing_share(&s, 0);
	assert_int_equal(PEER_SAY(p, .flags = SYN), HF_WHY_NONE);
	peer_expect(p, SYN | ACK);
	peer_free(p);
}

static void a_connection_may_require_signatures(void **state)
{
	hf_conn_options o = { .size = sizeof(o), .require_auth = 1 };
	peer *p = peer_new(NULL);
	signing s = { .key = { { 61, 84, "first", 0, false } }, .keys = 1 };
	hf_conn c;

	(void)state;
	assert_int_equal(hf_conn_open(p->stack, &p->self, &o, p->now, &c), HF_ERR_NO_KEY);
	peer_expect_nothing(p);
	signing_begin(&s, p, false);
	signing_share(&s, 0);
	assert_int_equal(hf_conn_open(p->stack, &p->self, &o, p->now, &c), HF_OK);
	peer_expect(p, SYN);
	peer_free(p);
}

/* ---- Established ---- */

static void no_flaw_reaches_an_established_connection(void **state)
{
	static const uint16_t flags[] = { ACK, RST, SYN, FIN | ACK, SYN | ACK };

	for (unsigned i = 0; i < AO_FLAWS; i++) {
		signing s;
		peer *p = signing_peer(&s, NULL, false);
		hf_conn c = peer_handshake_passive(p);
		uint32_t received = peer_info(p, c).segments_received;

		s.flaw = ao_flaws[i].flaw;
		for (unsigned k = 0; k < sizeof(flags) / sizeof(flags[0]); k++)
			assert_int_equal(PEER_SAY(p, .flags = flags[k], .seq = 1, .ack = 1,
						  .len = flags[k] == ACK ? 100 : 0),
					 ao_flaws[i].why);
		assert_int_equal(reason_count(p, ao_flaws[i].why), 5);
		peer_expect_nothing(p);
		assert_int_equal(peer_state(p, c), HF_ESTABLISHED);
		assert_int_equal(peer_info(p, c).segments_received, received);
		assert_int_equal(peer_info(p, c).unread, 0);
		s.flaw = FLAW_NONE;
		assert_int_equal(PEER_SAY(p, .flags = ACK, .seq = 1, .ack = 1, .len = 100),
				 HF_WHY_NONE);
		peer_app_receive(p, c, 1, 100);
		peer_free(p);
	}
	(void)state;
}

static void the_signature_is_looked_at_before_the_numbers(void **state)
{
	signing s;
	peer *p = signing_peer(&s, NULL, false);
	hf_conn c = peer_handshake_passive(p);

	(void)state;
	s.flaw = FLAW_MAC;
	/* Far outside the window: unsigned it would have been answered (RFC 9293 3.10.7.4). */
	assert_int_equal(PEER_SAY(p, .flags = ACK, .seq = 0x40000000, .ack = 1, .len = 10),
			 HF_WHY_AO_MAC_WRONG);
	assert_int_equal(PEER_SAY(p, .flags = ACK, .seq = 1, .ack = 0x40000000),
			 HF_WHY_AO_MAC_WRONG);
	peer_expect_nothing(p);
	assert_int_equal(peer_state(p, c), HF_ESTABLISHED);
	peer_free(p);
}

static void the_options_count_unless_the_key_omits_them(void **state)
{
	for (unsigned omits = 0; omits < 2; omits++) {
		signing s = { .key = { { 61, 84, "first", 0, omits } }, .keys = 1 };
		peer *p = peer_new(NULL);

		signing_begin(&s, p, false);
		signing_share(&s, 0);
		peer_offer_all(p);
		peer_handshake_passive(p);
		s.flaw = FLAW_OPTION;
		assert_int_equal(PEER_SAY(p, .flags = ACK, .seq = 1, .ack = 1, .len = 1),
				 omits ? HF_WHY_NONE : HF_WHY_AO_MAC_WRONG);
		peer_free(p);
	}
	(void)state;
}

static void every_length_of_mac_works_and_leaves_its_room(void **state)
{
	(void)state;
	for (uint8_t len = HF_AO_MAC_MIN; len <= HF_AO_MAC_MAX; len++) {
		signing s = { .key = { { 1, 2, "first", len, false } }, .keys = 1 };
		peer *p = peer_new(NULL);
		const peer_seen *seen;
		hf_conn c;

		signing_begin(&s, p, false);
		signing_share(&s, 0);
		peer_offer_all(p);
		c = peer_handshake_passive(p);
		assert_true(peer_info(p, c).timestamps && peer_info(p, c).window_scaling);
		peer_app_send(p, c, 1, 4000);
		seen = peer_expect(p, ACK);
		/* Full-sized segments fill the MTU exactly. */
		assert_int_equal(seen->ip.payload.len, 1480);
		assert_int_equal(seen->len, peer_info(p, c).snd_mss);
		peer_free(p);
	}
}

static void a_syn_has_room_for_all_options_beside_the_longest_mac(void **state)
{
	signing s = { .key = { { 1, 2, "first", HF_AO_MAC_MAX, false } }, .keys = 1 };
	peer *p = peer_new(NULL);
	const peer_seen *seen;

	(void)state;
	signing_begin(&s, p, false);
	signing_share(&s, 0);
	peer_open(p);
	seen = peer_expect(p, SYN);
	assert_int_equal(seen->tcp.options.present & ~HF_HAS(NOP),
			 HF_HAS(AUTHENTICATION) | HF_HAS(MSS) | HF_HAS(SACK_PERMITTED) |
				 HF_HAS(TIMESTAMPS) | HF_HAS(WSCALE));
	assert_int_equal(seen->tcp.options.raw.len, 40);
	peer_free(p);
}

static void sack_blocks_give_way_to_the_signature(void **state)
{
	signing s;
	peer *p = signing_peer(&s, NULL, false);
	const peer_seen *seen;

	(void)state;
	peer_offer_all(p);
	peer_handshake_passive(p);
	for (uint32_t i = 0; i < 4; i++)
		PEER_SAY(p, .flags = ACK, .seq = 1000 * (i + 1), .ack = 1, .len = 10);
	peer_collect(p);
	while ((seen = peer_next(p)) != NULL)
		assert_int_equal(seen->tcp.options.sack_count, 1); /* 16 + 12 + 12 octets */
	peer_free(p);
}

static void a_link_that_cuts_segments_gets_one_at_a_time(void **state)
{
	hf_config config = peer_config(false);
	signing s;
	const peer_seen *seen;
	hf_conn c;
	peer *p;

	(void)state;
	config.offloads = HF_OFFLOAD_TX_TSO;
	p = signing_peer(&s, &config, false);
	c = peer_handshake_passive(p);
	peer_app_send(p, c, 1, 8000);
	peer_collect(p);
	while ((seen = peer_next(p)) != NULL)
		assert_true(seen->len <= 1460 - 16);
	peer_free(p);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_passive_open_is_signed_from_the_first_segment_to_the_last),
		cmocka_unit_test(an_active_open_is_signed_from_the_first_segment_on),
		cmocka_unit_test(a_signed_syn_ack_of_another_syn_is_refused_and_forgotten),
		cmocka_unit_test(crossing_syns_agree),
		cmocka_unit_test(a_syn_with_a_flaw_makes_nothing_and_hears_nothing),
		cmocka_unit_test(a_key_that_nobody_has_opens_nothing),
		cmocka_unit_test(a_syn_ack_with_a_flaw_is_not_heard),
		cmocka_unit_test(a_refusal_that_is_signed_refuses),
		cmocka_unit_test(a_half_open_record_believes_no_flaw),
		cmocka_unit_test(what_a_half_open_record_answers_is_signed),
		cmocka_unit_test(a_listener_may_require_signatures),
		cmocka_unit_test(a_connection_may_require_signatures),
		cmocka_unit_test(no_flaw_reaches_an_established_connection),
		cmocka_unit_test(the_signature_is_looked_at_before_the_numbers),
		cmocka_unit_test(the_options_count_unless_the_key_omits_them),
		cmocka_unit_test(every_length_of_mac_works_and_leaves_its_room),
		cmocka_unit_test(a_syn_has_room_for_all_options_beside_the_longest_mac),
		cmocka_unit_test(sack_blocks_give_way_to_the_signature),
		cmocka_unit_test(a_link_that_cuts_segments_gets_one_at_a_time),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
