/* SPDX-License-Identifier: BSD-2-Clause */
/* The MD5 signature option on connections (RFC 2385). */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "tests/support/signing.h"

static const struct {
	flaw flaw;
	hf_reason why;
} flaws[] = {
	{ FLAW_UNSIGNED, HF_WHY_MD5_MISSING },
	{ FLAW_MAC, HF_WHY_MD5_WRONG },
	{ FLAW_TEXT, HF_WHY_MD5_WRONG },
	{ FLAW_TWICE, HF_WHY_AUTH_TWICE },
};

#define FLAWS (sizeof(flaws) / sizeof(flaws[0]))

static void a_connection_is_signed_from_the_first_segment_to_the_last(void **state)
{
	for (unsigned v6 = 0; v6 < 2; v6++) {
		hf_config config = peer_config(v6);
		signing s;
		peer *p = signing_peer(&s, &config, true);
		hf_conn_auth info;
		hf_conn c;

		peer_offer_all(p);
		c = peer_handshake_passive(p);
		assert_int_equal(PEER_SAY(p, .flags = ACK, .seq = 1, .ack = 1, .len = 500),
				 HF_WHY_NONE);
		peer_app_receive(p, c, 1, 500);
		peer_app_send(p, c, 1, 3000);
		peer_wait(p, HF_MS(1));
		peer_ignore(p);
		hf_conn_auth_get(p->stack, c, &info);
		assert_true(info.is_signed && info.kind == HF_KEY_MD5);
		hf_conn_abort(p->stack, c);
		peer_expect(p, RST | ACK);
		assert_true(s.checked >= 5);
		peer_free(p);
	}
	(void)state;
}

static void an_active_open_is_signed_too(void **state)
{
	signing s;
	peer *p = signing_peer(&s, NULL, true);
	hf_conn c = peer_handshake_active(p);

	(void)state;
	assert_int_equal(s.checked, 2);
	assert_int_equal(PEER_SAY(p, .flags = RST, .seq = 1), HF_WHY_RESET_BY_PEER);
	assert_int_equal(peer_state(p, c), HF_CLOSED);
	peer_free(p);
}

static void timestamps_give_way_and_sack_does_not(void **state)
{
	signing s;
	peer *p = signing_peer(&s, NULL, true);
	const peer_seen *seen;
	hf_conn c;

	(void)state;
	peer_open(p);
	seen = peer_expect(p, SYN);
	assert_int_equal(seen->tcp.options.present & ~HF_HAS(NOP),
			 HF_HAS(MD5) | HF_HAS(MSS) | HF_HAS(SACK_PERMITTED) | HF_HAS(WSCALE));
	p->self.port++;
	peer_listen(p);
	p->host.port = PEER_HOST_PORT;
	peer_offer_all(p);
	PEER_SAY(p, .flags = SYN);
	seen = peer_expect(p, SYN | ACK);
	assert_false(seen->tcp.options.present & HF_HAS(TIMESTAMPS));
	PEER_SAY(p, .flags = ACK, .seq = 1, .ack = 1);
	c = peer_accept(p);
	assert_true(peer_info(p, c).sack && !peer_info(p, c).timestamps);
	assert_int_equal(peer_info(p, c).snd_mss, 1440);
	for (uint32_t i = 0; i < 4; i++)
		PEER_SAY(p, .flags = ACK, .seq = 1000 * (i + 1), .ack = 1, .len = 10);
	peer_collect(p);
	while ((seen = peer_next(p)) != NULL)
		assert_in_range(seen->tcp.options.sack_count, 1, 2); /* 20 + 20 octets */
	peer_free(p);
}

static void nothing_with_a_flaw_is_believed(void **state)
{
	for (unsigned i = 0; i < FLAWS; i++) {
		signing s;
		peer *p = signing_peer(&s, NULL, true);
		hf_conn c;

		peer_listen(p);
		s.flaw = flaws[i].flaw;
		assert_int_equal(PEER_SAY(p, .flags = SYN), flaws[i].why);
		peer_expect_nothing(p);
		s.flaw = FLAW_NONE;
		PEER_SAY(p, .flags = SYN);
		peer_expect(p, SYN | ACK);
		s.flaw = flaws[i].flaw;
		assert_int_equal(PEER_SAY(p, .flags = ACK, .seq = 1, .ack = 1), flaws[i].why);
		assert_int_equal(PEER_SAY(p, .flags = RST, .seq = 1), flaws[i].why);
		assert_int_equal(peer_stats(p).half_open, 1);
		s.flaw = FLAW_NONE;
		PEER_SAY(p, .flags = ACK, .seq = 1, .ack = 1);
		c = peer_accept(p);
		s.flaw = flaws[i].flaw;
		assert_int_equal(PEER_SAY(p, .flags = ACK, .seq = 1, .ack = 1, .len = 9),
				 flaws[i].why);
		assert_int_equal(PEER_SAY(p, .flags = RST, .seq = 1), flaws[i].why);
		assert_int_equal(peer_state(p, c), HF_ESTABLISHED);
		peer_expect_nothing(p);
		peer_free(p);
	}
	(void)state;
}

static void time_wait_verifies_and_signs(void **state)
{
	signing s;
	peer *p = signing_peer(&s, NULL, true);
	hf_conn c = peer_reach(p, HF_TIME_WAIT);
	unsigned before = s.checked;

	(void)state;
	hf_conn_close(p->stack, c);
	s.flaw = FLAW_MAC;
	assert_int_equal(PEER_SAY(p, .flags = FIN | ACK, .seq = 1, .ack = 2), HF_WHY_MD5_WRONG);
	peer_expect_nothing(p);
	s.flaw = FLAW_NONE;
	PEER_SAY(p, .flags = FIN | ACK, .seq = 1, .ack = 2);
	PEER_EXPECT(p, .flags = ACK, .seq = 2, .ack = 2);
	assert_int_equal(s.checked, before + 1);
	peer_free(p);
}

static void a_segment_of_nobody_is_verified_and_reset_with_a_signature(void **state)
{
	signing s;
	peer *p = signing_peer(&s, NULL, true);

	(void)state;
	assert_int_equal(PEER_SAY(p, .flags = ACK, .seq = 1, .ack = 1), HF_WHY_NO_CONNECTION);
	peer_expect(p, RST);
	assert_int_equal(PEER_SAY(p, .flags = SYN), HF_WHY_NO_LISTENER);
	peer_expect(p, RST | ACK);
	assert_int_equal(s.checked, 2);
	s.flaw = FLAW_UNSIGNED;
	assert_int_equal(PEER_SAY(p, .flags = ACK, .seq = 1, .ack = 1), HF_WHY_MD5_MISSING);
	peer_expect_nothing(p);
	peer_free(p);
}

static void the_longest_prefix_has_the_key(void **state)
{
	signing s = { .key = { { 0, 0, "narrow", 0, false } }, .keys = 1 };
	peer *p = peer_new(NULL);
	hf_key_options wide;
	hf_key key;

	(void)state;
	signing_begin(&s, p, true);
	wide = signing_options(&s, 0);
	wide.prefix = 24;
	wide.secret = "wide";
	wide.secret_len = 4;
	assert_int_equal(hf_key_add(p->stack, &wide, &key), HF_OK);
	signing_share(&s, 0);
	peer_handshake_passive(p);
	assert_true(s.checked > 0);
	peer_free(p);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_connection_is_signed_from_the_first_segment_to_the_last),
		cmocka_unit_test(an_active_open_is_signed_too),
		cmocka_unit_test(timestamps_give_way_and_sack_does_not),
		cmocka_unit_test(nothing_with_a_flaw_is_believed),
		cmocka_unit_test(time_wait_verifies_and_signs),
		cmocka_unit_test(a_segment_of_nobody_is_verified_and_reset_with_a_signature),
		cmocka_unit_test(the_longest_prefix_has_the_key),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
