/* SPDX-License-Identifier: BSD-2-Clause */
/* TCP-AO in the long run: numbers that wrap, keys that change, ends, and ICMP (RFC 5925). */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "tcp/hs/isn.h"
#include "tests/support/signing.h"

/* ---- Sequence numbers that wrap (6.2) ---- */

static void the_peers_numbers_may_wrap(void **state)
{
	signing s;
	peer *p = signing_peer(&s, NULL, false);
	hf_conn c = peer_handshake_passive(p);
	hf_conn_auth info;

	(void)state;
	/* Its ISN is 256 below the wrap: before it, across it, and after it. */
	assert_int_equal(PEER_SAY(p, .flags = ACK, .seq = 1, .ack = 1, .len = 200), HF_WHY_NONE);
	/* After the wrap, ahead of what is missing. */
	assert_int_equal(PEER_SAY(p, .flags = ACK, .seq = 301, .ack = 1, .len = 100), HF_WHY_NONE);
	assert_int_equal(PEER_SAY(p, .flags = ACK, .seq = 201, .ack = 1, .len = 100), HF_WHY_NONE);
	peer_app_receive(p, c, 1, 400);
	assert_int_equal(hf_conn_auth_get(p->stack, c, &info), HF_OK);
	assert_int_equal(info.rcv_sne, 1);
	/* An old duplicate has the extension of its time. */
	assert_int_equal(PEER_SAY(p, .flags = ACK, .seq = 101, .ack = 1, .len = 100),
			 HF_WHY_SEQ_DUPLICATE);
	/* And a replay of it in the next cycle would not. */
	s.flaw = FLAW_SNE;
	assert_int_equal(PEER_SAY(p, .flags = ACK, .seq = 401, .ack = 1, .len = 1),
			 HF_WHY_AO_MAC_WRONG);
	peer_free(p);
}

/* A host whose ISN is just below the wrap. */
static peer *host_that_wraps_soon(signing *s)
{
	hf_config config = peer_config(false);
	hf_flow f = { config.address[0].addr, hf_addr_v4(192, 0, 2, 2), PEER_HOST_PORT, PEER_PORT };
	hf_time now = { HF_SEC(3600) };

	for (uint64_t n = 1;; n++) {
		hf_sipkey key = { n, config.secret[1] };

		if (hf_isn(&key, &f, now).v < 0xffff8000U)
			continue;
		config.secret[0] = n;
		return signing_peer(s, &config, false);
	}
}

static void our_numbers_may_wrap(void **state)
{
	signing s;
	peer *p = host_that_wraps_soon(&s);
	hf_conn c = peer_handshake_passive(p);
	const peer_seen *seen;
	hf_conn_auth info;
	uint32_t acked = 1;

	(void)state;
	assert_true(p->host_isn.v >= 0xffff8000U);
	peer_app_send(p, c, 1, 60000);
	for (unsigned i = 0; i < 100 && acked < 60001; i++) {
		peer_collect(p);
		while ((seen = peer_next(p)) != NULL)
			acked = seen->seq + seen->len;
		PEER_SAY(p, .flags = ACK, .seq = 1, .ack = acked);
	}
	assert_int_equal(acked, 60001);
	assert_int_equal(hf_conn_auth_get(p->stack, c, &info), HF_OK);
	assert_int_equal(info.snd_sne, 1);
	peer_free(p);
}

static void what_is_sent_again_has_the_extension_of_its_number(void **state)
{
	signing s;
	peer *p = host_that_wraps_soon(&s);
	hf_conn c = peer_handshake_passive(p);
	unsigned before;

	(void)state;
	peer_app_send(p, c, 1, 60000);
	peer_collect(p);
	before = s.checked;
	peer_wait(p, HF_SEC(60)); /* every retransmission is verified by the peer */
	assert_true(s.checked > before + 3);
	peer_free(p);
}

/* ---- Keys that change (6.1, 7.5) ---- */

static peer *peer_with_two_keys(signing *s)
{
	peer *p = signing_peer(s, NULL, false);

	s->key[1] = (signing_key){ 62, 85, "second", 16, true };
	s->keys = 2;
	return p;
}

static void the_peer_may_ask_for_another_key(void **state)
{
	signing s;
	peer *p = peer_with_two_keys(&s);
	hf_conn c = peer_handshake_passive(p);
	uint16_t mss = peer_info(p, c).snd_mss;
	hf_conn_auth info;

	(void)state;
	s.asks = 1;
	/* One that we do not have yet is no reason to do anything. */
	assert_int_equal(PEER_SAY(p, .flags = ACK, .seq = 1, .ack = 1, .len = 10), HF_WHY_NONE);
	peer_wait(p, HF_MS(100));
	peer_expect(p, ACK);
	assert_int_equal(s.heard_id, 84);
	signing_share(&s, 1);
	assert_int_equal(PEER_SAY(p, .flags = ACK, .seq = 11, .ack = 1, .len = 10), HF_WHY_NONE);
	peer_wait(p, HF_MS(100));
	peer_expect(p, ACK);
	assert_int_equal(s.heard_id, 85);
	assert_int_equal(s.heard_rnext, 61);
	assert_int_equal(peer_info(p, c).snd_mss, mss - 4); /* its MAC is longer */
	hf_conn_auth_get(p->stack, c, &info);
	assert_true(info.is_signed && info.kind == HF_KEY_AO);
	assert_int_equal(info.current_id, 85);
	assert_int_equal(info.peer_rnext_id, 85);
	assert_int_equal(info.peer_id, 61);
	peer_free(p);
}

static void the_host_may_ask_for_another_key(void **state)
{
	signing s;
	peer *p = peer_with_two_keys(&s);
	hf_conn c = peer_handshake_passive(p);
	hf_key second = signing_share(&s, 1);

	(void)state;
	assert_int_equal(hf_conn_auth_set(p->stack, c, (hf_key){ 0 }, second), HF_OK);
	peer_app_send(p, c, 1, 10);
	peer_expect(p, ACK);
	assert_int_equal(s.heard_id, 84);
	assert_int_equal(s.heard_rnext, 62);
	/* Both keys are believed meanwhile. */
	assert_int_equal(PEER_SAY(p, .flags = ACK, .seq = 1, .ack = 11, .len = 10), HF_WHY_NONE);
	s.uses = 1;
	assert_int_equal(PEER_SAY(p, .flags = ACK, .seq = 11, .ack = 11, .len = 10), HF_WHY_NONE);
	peer_app_receive(p, c, 1, 20);
	peer_free(p);
}

static void the_host_may_change_its_own_key(void **state)
{
	signing s;
	peer *p = peer_with_two_keys(&s);
	hf_conn c = peer_handshake_passive(p);
	hf_key second = signing_share(&s, 1);

	(void)state;
	assert_int_equal(hf_conn_auth_set(p->stack, c, second, (hf_key){ 0 }), HF_OK);
	peer_app_send(p, c, 1, 10);
	peer_expect(p, ACK);
	assert_int_equal(s.heard_id, 85);
	peer_free(p);
}

static void a_forged_wish_for_another_key_is_not_heard(void **state)
{
	signing s;
	peer *p = peer_with_two_keys(&s);
	hf_conn c = peer_handshake_passive(p);

	(void)state;
	signing_share(&s, 1);
	s.asks = 1;
	s.flaw = FLAW_MAC;
	PEER_SAY(p, .flags = ACK, .seq = 1, .ack = 1, .len = 10);
	s.flaw = FLAW_NONE;
	peer_app_send(p, c, 1, 10);
	peer_expect(p, ACK);
	assert_int_equal(s.heard_id, 84);
	peer_free(p);
}

static void an_active_open_begins_with_the_preferred_key(void **state)
{
	signing s;
	peer *p = peer_with_two_keys(&s);
	hf_key second = signing_share(&s, 1);

	(void)state;
	peer_open(p);
	peer_expect(p, SYN);
	assert_int_equal(s.heard_id, 84); /* the oldest */
	assert_int_equal(hf_key_prefer(p->stack, second), HF_OK);
	peer_open(p);
	peer_expect(p, SYN);
	assert_int_equal(s.heard_id, 85);
	assert_int_equal(s.heard_rnext, 62);
	peer_free(p);
}

static void a_passive_open_answers_with_the_key_that_the_syn_asks_for(void **state)
{
	signing s;
	peer *p = peer_with_two_keys(&s);

	(void)state;
	signing_share(&s, 1);
	s.asks = 1;
	peer_listen(p);
	PEER_SAY(p, .flags = SYN);
	peer_expect(p, SYN | ACK);
	assert_int_equal(s.heard_id, 85);
	assert_int_equal(s.heard_rnext, 61);
	assert_int_equal(PEER_SAY(p, .flags = ACK, .seq = 1, .ack = 1), HF_WHY_NONE);
	peer_free(p);
}

/* ---- Ends ---- */

static void a_reset_that_the_host_sends_is_signed(void **state)
{
	signing s;
	peer *p = signing_peer(&s, NULL, false);
	hf_conn c = peer_handshake_passive(p);

	(void)state;
	hf_conn_abort(p->stack, c);
	peer_expect(p, RST | ACK);
	/* And of what comes afterwards nothing can be verified: silence (7.7). */
	assert_int_equal(PEER_SAY(p, .flags = ACK, .seq = 1, .ack = 1, .len = 10),
			 HF_WHY_AO_NO_CONNECTION);
	peer_expect_nothing(p);
	peer_free(p);
}

static void a_signed_syn_to_a_closed_port_is_refused_with_a_signature(void **state)
{
	signing s;
	peer *p = signing_peer(&s, NULL, false);

	(void)state;
	assert_int_equal(PEER_SAY(p, .flags = SYN), HF_WHY_NO_LISTENER);
	peer_expect(p, RST | ACK);
	assert_int_equal(s.checked, 1);
	s.flaw = FLAW_UNSIGNED;
	assert_int_equal(PEER_SAY(p, .flags = SYN), HF_WHY_AO_MISSING);
	peer_expect_nothing(p);
	peer_free(p);
}

static void time_wait_verifies_and_signs(void **state)
{
	signing s;
	peer *p = signing_peer(&s, NULL, false);
	hf_conn c = peer_reach(p, HF_TIME_WAIT);
	unsigned before = s.checked;

	hf_conn_close(p->stack, c);
	for (unsigned i = 0; i < AO_FLAWS; i++) {
		s.flaw = ao_flaws[i].flaw;
		assert_int_equal(PEER_SAY(p, .flags = FIN | ACK, .seq = 1, .ack = 2),
				 ao_flaws[i].why);
		peer_expect_nothing(p);
	}
	s.flaw = FLAW_NONE;
	PEER_SAY(p, .flags = FIN | ACK, .seq = 1, .ack = 2);
	PEER_EXPECT(p, .flags = ACK, .seq = 2, .ack = 2);
	assert_int_equal(s.checked, before + 1);
	/* A new connection may follow, but only a signed one. */
	s.flaw = FLAW_UNSIGNED;
	assert_int_equal(PEER_SAY(p, .flags = SYN, .seq = 70000), HF_WHY_AO_MISSING);
	s.flaw = FLAW_NONE;
	p->isn = hf_seq_add(p->isn, 70000);
	assert_int_equal(PEER_SAY(p, .flags = SYN), HF_WHY_NONE);
	peer_expect(p, SYN | ACK);
	(void)state;
	peer_free(p);
}

/* ---- ICMP (7.8) ---- */

/* "Destination unreachable" with this code, or "packet too big", about what the host has sent. */
static hf_reason say_unreachable(peer *p, uint8_t code, const peer_seen *about)
{
	hf_ip ip = { .src = p->self.addr,
		     .dst = p->host.addr,
		     .version = 4,
		     .protocol = HF_IPPROTO_ICMP,
		     .ttl = 64 };
	uint8_t packet[20 + 8 + 28] = { 0 };
	uint32_t sum = 0;

	hf_ip_emit(&ip, 36, packet);
	packet[20] = 3;
	packet[21] = code;
	hf_put16(packet + 26, code == 4 ? 576 : 0);
	memcpy(packet + 28, about->octets, 28);
	for (unsigned i = 20; i < sizeof(packet); i += 2)
		sum += hf_get16(packet + i);
	while (sum >> 16)
		sum = (sum & 0xffff) + (sum >> 16);
	hf_put16(packet + 22, (uint16_t)~sum);
	return peer_give(p, packet, sizeof(packet));
}

static void hard_icmp_errors_are_not_believed(void **state)
{
	for (unsigned accepts = 0; accepts < 2; accepts++) {
		signing s = { .key = { { 61, 84, "first", 0, false } }, .keys = 1 };
		peer *p = peer_new(NULL);
		hf_key_options o;
		hf_key key;
		hf_conn c;

		signing_begin(&s, p, false);
		o = signing_options(&s, 0);
		o.accept_icmp = accepts;
		assert_int_equal(hf_key_add(p->stack, &o, &key), HF_OK);
		c = peer_handshake_passive(p);
		peer_app_send(p, c, 1, 1000);
		peer_collect(p);
		for (uint8_t code = 2; code <= 4; code++) {
			hf_reason why = say_unreachable(p, code, *p->unread);

			assert_int_equal(why == HF_WHY_ICMP_SIGNED, !accepts);
		}
		assert_int_equal(peer_info(p, c).pmtu, accepts ? 576 : 1500);
		/* No route to the host: soft, and told as ever. */
		assert_int_not_equal(say_unreachable(p, 1, *p->unread), HF_WHY_ICMP_SIGNED);
		peer_free(p);
	}
	(void)state;
}

/* ---- Where no key is ---- */

static void a_signature_without_a_key_is_one_more_unknown_option(void **state)
{
	for (unsigned drops = 0; drops < 2; drops++) {
		for (unsigned md5 = 0; md5 < 2; md5++) {
			hf_config config = peer_config(false);
			signing s = { .key = { { 61, 84, "first", 0, false } }, .keys = 1 };
			hf_reason why = md5 ? HF_WHY_MD5_UNEXPECTED : HF_WHY_AO_UNEXPECTED;
			peer_signature deaf;
			peer *p;

			config.drop_unexpected_auth = (uint8_t)drops;
			p = peer_new(&config);
			peer_listen(p);
			signing_begin(&s, p, md5);
			deaf = *p->signature;
			deaf.check = NULL;
			p->signature = &deaf;
			assert_int_equal(PEER_SAY(p, .flags = SYN), drops ? why : HF_WHY_NONE);
			peer_free(p);
		}
	}
	(void)state;
}

static void a_key_for_others_does_not_matter(void **state)
{
	peer *p = peer_new(NULL);
	signing s = { .p = p, .key = { { 61, 84, "first", 0, false } }, .keys = 1 };
	hf_key_options o = signing_options(&s, 0);
	hf_key key;

	(void)state;
	o.remote.addr = hf_addr_v4(198, 51, 100, 0);
	o.prefix = 24;
	assert_int_equal(hf_key_add(p->stack, &o, &key), HF_OK);
	peer_handshake_passive(p); /* unsigned */
	peer_free(p);
}

static void a_connection_stays_as_it_was_opened(void **state)
{
	peer *p = peer_new(NULL);
	hf_conn c = peer_handshake_passive(p);
	signing s = { .p = p, .key = { { 61, 84, "first", 0, false } }, .keys = 1 };
	hf_conn_auth info;

	(void)state;
	signing_share(&s, 0);
	assert_int_equal(PEER_SAY(p, .flags = ACK, .seq = 1, .ack = 1, .len = 10), HF_WHY_NONE);
	assert_int_equal(hf_conn_auth_get(p->stack, c, &info), HF_OK);
	assert_false(info.is_signed);
	/* Another one must be signed. */
	p->self.port++;
	assert_int_equal(PEER_SAY(p, .flags = SYN), HF_WHY_AO_MISSING);
	peer_free(p);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_peers_numbers_may_wrap),
		cmocka_unit_test(our_numbers_may_wrap),
		cmocka_unit_test(what_is_sent_again_has_the_extension_of_its_number),
		cmocka_unit_test(the_peer_may_ask_for_another_key),
		cmocka_unit_test(the_host_may_ask_for_another_key),
		cmocka_unit_test(the_host_may_change_its_own_key),
		cmocka_unit_test(a_forged_wish_for_another_key_is_not_heard),
		cmocka_unit_test(an_active_open_begins_with_the_preferred_key),
		cmocka_unit_test(a_passive_open_answers_with_the_key_that_the_syn_asks_for),
		cmocka_unit_test(a_reset_that_the_host_sends_is_signed),
		cmocka_unit_test(a_signed_syn_to_a_closed_port_is_refused_with_a_signature),
		cmocka_unit_test(time_wait_verifies_and_signs),
		cmocka_unit_test(hard_icmp_errors_are_not_believed),
		cmocka_unit_test(a_signature_without_a_key_is_one_more_unknown_option),
		cmocka_unit_test(a_key_for_others_does_not_matter),
		cmocka_unit_test(a_connection_stays_as_it_was_opened),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
