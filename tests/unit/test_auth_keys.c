/* SPDX-License-Identifier: BSD-2-Clause */
/* The list of keys: what may stand in it, whom a key is for, and extensions of sequence numbers. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "tcp/auth.h"
#include "tests/support/signing.h"

static hf_key_options plain(hf_key_kind kind, uint8_t send_id, uint8_t recv_id)
{
	return (hf_key_options){
		.size = sizeof(hf_key_options),
		.kind = kind,
		.remote = { hf_addr_v4(192, 0, 2, 2), 0 },
		.send_id = send_id,
		.recv_id = recv_id,
		.mac = &toy_mac,
		.secret = "secret",
		.secret_len = 6,
	};
}

static hf_err add(peer *p, hf_key_options o)
{
	hf_key key;

	return hf_key_add(p->stack, &o, &key);
}

static void what_makes_no_sense_is_refused(void **state)
{
	static const hf_auth_mac too_long = { "long", HF_AUTH_DIGEST_MAX + 1, NULL, NULL };
	hf_auth_mac none = toy_mac;
	peer *p = peer_new(NULL);
	hf_key_options o;

	(void)state;
	none.compute = NULL;
#define REFUSED(change)                                                                            \
	do {                                                                                       \
		o = plain(HF_KEY_AO, 1, 2);                                                        \
		change;                                                                            \
		assert_int_equal(add(p, o), HF_ERR_INVALID);                                       \
	} while (0)
	REFUSED(o.size--);
	REFUSED(o.kind = (hf_key_kind)2);
	REFUSED(o.mac = NULL);
	REFUSED(o.mac = &none);
	REFUSED(o.mac = &too_long);
	REFUSED(o.secret = NULL);
	REFUSED(o.secret_len = 0);
	REFUSED(o.secret_len = HF_KEY_SECRET_MAX + 1);
	REFUSED(o.mac_len = HF_AO_MAC_MIN - 1);
	REFUSED(o.mac_len = HF_AO_MAC_MAX + 1);
	REFUSED(o.prefix = 33);
	REFUSED(o.remote.addr = hf_addr_v4(224, 0, 0, 1));
	REFUSED(o.local.addr = hf_addr_v4(224, 0, 0, 1));
	REFUSED((o.remote.addr = (hf_addr){ { 0 } }, o.prefix = 1));
	REFUSED(o.local.addr = ((hf_addr){ { 0x20, 1, [15] = 1 } })); /* the other family */
	REFUSED((o.kind = HF_KEY_MD5, o.mac_len = 12));
#undef REFUSED
	assert_int_equal(add(p, plain(HF_KEY_AO, 1, 2)), HF_OK);
	peer_free(p);
}

static void ids_are_unique_where_keys_overlap(void **state)
{
	peer *p = peer_new(NULL);
	hf_key_options o;

	(void)state;
	assert_int_equal(add(p, plain(HF_KEY_AO, 1, 2)), HF_OK);
	assert_int_equal(add(p, plain(HF_KEY_AO, 1, 3)), HF_ERR_IN_USE);
	assert_int_equal(add(p, plain(HF_KEY_AO, 3, 2)), HF_ERR_IN_USE);
	assert_int_equal(add(p, plain(HF_KEY_AO, 2, 1)), HF_OK);
	o = plain(HF_KEY_AO, 1, 9);
	o.prefix = 24; /* a network that the first one lies in */
	assert_int_equal(add(p, o), HF_ERR_IN_USE);
	o.remote.addr = (hf_addr){ { 0 } };
	o.prefix = 0; /* everybody */
	assert_int_equal(add(p, o), HF_ERR_IN_USE);
	o.local.addr = (hf_addr){ { 0x20, 1, [15] = 1 } }; /* but not by IPv6 */
	assert_int_equal(add(p, o), HF_ERR_IN_USE);
	o = plain(HF_KEY_AO, 1, 2);
	o.remote.addr = hf_addr_v4(192, 0, 2, 3);
	assert_int_equal(add(p, o), HF_OK); /* somebody else */
	peer_free(p);
}

static void ports_keep_keys_apart(void **state)
{
	peer *p = peer_new(NULL);
	hf_key_options o = plain(HF_KEY_AO, 1, 2);

	(void)state;
	o.local.port = 80;
	assert_int_equal(add(p, o), HF_OK);
	o.local.port = 81;
	assert_int_equal(add(p, o), HF_OK);
	o.local.port = 80;
	o.remote.port = 1000;
	assert_int_equal(add(p, o), HF_ERR_IN_USE);
	peer_free(p);
}

static void one_connection_has_one_kind(void **state)
{
	peer *p = peer_new(NULL);
	hf_key_options o = plain(HF_KEY_MD5, 0, 0);

	(void)state;
	assert_int_equal(add(p, o), HF_OK);
	assert_int_equal(add(p, o), HF_ERR_IN_USE);
	assert_int_equal(add(p, plain(HF_KEY_AO, 1, 2)), HF_ERR_IN_USE);
	o.prefix = 24; /* a wider one beside it: the longer prefix counts */
	assert_int_equal(add(p, o), HF_OK);
	o = plain(HF_KEY_AO, 1, 2);
	o.remote.addr = hf_addr_v4(198, 51, 100, 1);
	assert_int_equal(add(p, o), HF_OK);
	o = plain(HF_KEY_MD5, 0, 0);
	o.remote.addr = hf_addr_v4(198, 51, 100, 0);
	o.prefix = 24;
	assert_int_equal(add(p, o), HF_ERR_IN_USE);
	peer_free(p);
}

static void the_list_is_bounded(void **state)
{
	hf_config config = peer_config(false);
	peer *p;
	hf_key_options o;

	(void)state;
	config.max_keys = 3;
	p = peer_new(&config);
	for (uint8_t i = 0; i < 3; i++)
		assert_int_equal(add(p, plain(HF_KEY_AO, i, i)), HF_OK);
	assert_int_equal(add(p, plain(HF_KEY_AO, 3, 3)), HF_ERR_LIMIT);
	peer_free(p);
	config.max_keys = 0;
	p = peer_new(&config);
	o = plain(HF_KEY_AO, 1, 1);
	p->heap.refuses = true;
	assert_int_equal(add(p, o), HF_ERR_NO_MEMORY);
	p->heap.refuses = false;
	assert_int_equal(add(p, o), HF_OK);
	peer_free(p);
}

static void a_key_in_use_stays(void **state)
{
	signing s;
	peer *p = signing_peer(&s, NULL, false);
	hf_conn_auth info;
	hf_key second;
	hf_conn c = peer_handshake_passive(p);

	(void)state;
	hf_conn_auth_get(p->stack, c, &info);
	assert_int_equal(hf_key_remove(p->stack, info.current), HF_ERR_IN_USE);
	s.key[1] = (signing_key){ 62, 85, "second", 0, false };
	s.keys = 2;
	second = signing_share(&s, 1);
	assert_int_equal(hf_conn_auth_set(p->stack, c, second, (hf_key){ 0 }), HF_OK);
	assert_int_equal(hf_key_remove(p->stack, info.current), HF_ERR_IN_USE); /* as rnext_key */
	assert_int_equal(hf_key_remove(p->stack, second), HF_ERR_IN_USE);
	assert_int_equal(hf_conn_auth_set(p->stack, c, second, second), HF_OK);
	assert_int_equal(hf_key_remove(p->stack, info.current), HF_OK);
	assert_int_equal(hf_key_remove(p->stack, info.current), HF_ERR_STALE);
	/* What it signed is not believed any more, and what it had derived is gone. */
	assert_int_equal(PEER_SAY(p, .flags = ACK, .seq = 1, .ack = 1, .len = 1),
			 HF_WHY_AO_KEY_UNKNOWN);
	s.uses = s.asks = 1;
	assert_int_equal(PEER_SAY(p, .flags = ACK, .seq = 1, .ack = 1, .len = 1), HF_WHY_NONE);
	hf_conn_abort(p->stack, c);
	assert_int_equal(hf_key_remove(p->stack, second), HF_OK);
	peer_free(p);
}

static void a_handshake_whose_key_is_removed_falls_silent(void **state)
{
	for (unsigned md5 = 0; md5 < 2; md5++) {
		signing s = { .key = { { 61, 84, "first", 0, false } }, .keys = 1 };
		peer *p = peer_new(NULL);
		hf_key key;

		signing_begin(&s, p, md5);
		key = signing_share(&s, 0);
		peer_listen(p);
		PEER_SAY(p, .flags = SYN);
		peer_expect(p, SYN | ACK);
		assert_int_equal(hf_key_remove(p->stack, key), HF_OK);
		assert_int_equal(PEER_SAY(p, .flags = ACK, .seq = 1, .ack = 1),
				 md5 ? HF_WHY_MD5_MISSING : HF_WHY_AO_KEY_UNKNOWN);
		peer_wait(p, HF_SEC(100));
		peer_expect_nothing(p);
		assert_int_equal(peer_stats(p).half_open, 0);
		peer_free(p);
	}
	(void)state;
}

/* The peer has changed over to another key meanwhile: what is missing is ours to ask for. */
static void a_handshake_whose_rnext_key_is_removed_says_so(void **state)
{
	signing s = { .key = { { 61, 84, "first", 0, false }, { 62, 85, "second", 0, false } },
		      .keys = 2 };
	peer *p = peer_new(NULL);
	hf_key first;

	(void)state;
	signing_begin(&s, p, false);
	first = signing_share(&s, 0);
	signing_share(&s, 1);
	peer_listen(p);
	PEER_SAY(p, .flags = SYN);
	peer_expect(p, SYN | ACK);
	assert_int_equal(hf_key_remove(p->stack, first), HF_OK);
	s.uses = s.asks = 1;
	assert_int_equal(PEER_SAY(p, .flags = ACK, .seq = 1, .ack = 1), HF_WHY_AO_KEY_REMOVED);
	assert_int_equal(peer_stats(p).connections, 0);
	peer_free(p);
}

/* What signs one segment lies on the stack, and is gone with it. */
static void a_signer_is_wiped_once_it_has_signed(void **state)
{
	static const hf_traffic_key nothing = { { 0 } };
	hf_mkt key = { .mac = &toy_mac, .mac_len = 12 };
	hf_signer by = { .key = &key };
	uint8_t segment[64] = { 0 }, room[HF_AUTH_OPTION_MAX];
	hf_flow f = { .local = hf_addr_v4(10, 0, 0, 1), .remote = hf_addr_v4(10, 0, 0, 2) };
	hf_tcp tcp = { .flags = HF_TCP_ACK };
	size_t len;

	(void)state;
	memset(by.traffic.octet, 0xa5, sizeof(by.traffic.octet));
	hf_sign_reserve(&key, 0, room, &tcp.options);
	len = hf_tcp_emit(&tcp, segment);
	hf_sign(&by, &f, segment, len);
	assert_memory_equal(&by.traffic, &nothing, sizeof(nothing));
}

static void time_wait_whose_key_is_removed_falls_silent(void **state)
{
	signing s = { .key = { { 61, 84, "first", 0, false } }, .keys = 1 };
	peer *p = peer_new(NULL);
	hf_key key;
	hf_conn c;

	(void)state;
	signing_begin(&s, p, false);
	key = signing_share(&s, 0);
	c = peer_reach(p, HF_TIME_WAIT);
	hf_conn_close(p->stack, c);
	assert_int_equal(hf_key_remove(p->stack, key), HF_OK);
	assert_int_equal(PEER_SAY(p, .flags = FIN | ACK, .seq = 1, .ack = 2),
			 HF_WHY_AO_KEY_UNKNOWN);
	peer_expect_nothing(p);
	peer_wait(p, HF_SEC(61));
	assert_int_equal(peer_stats(p).time_wait, 0);
	peer_free(p);
}

static void keys_of_connections_are_checked(void **state)
{
	signing s;
	peer *p = signing_peer(&s, NULL, false);
	hf_conn c = peer_handshake_passive(p);
	hf_key_options o = plain(HF_KEY_AO, 9, 9);
	hf_key other, gone = { 77, 1 }, none = { 0 };
	hf_conn_auth info;

	(void)state;
	o.remote.addr = hf_addr_v4(198, 51, 100, 1);
	assert_int_equal(hf_key_add(p->stack, &o, &other), HF_OK);
	assert_int_equal(hf_conn_auth_set(p->stack, c, other, none), HF_ERR_INVALID);
	assert_int_equal(hf_conn_auth_set(p->stack, c, none, other), HF_ERR_INVALID);
	assert_int_equal(hf_conn_auth_set(p->stack, c, gone, none), HF_ERR_STALE);
	assert_int_equal(hf_conn_auth_set(p->stack, c, none, none), HF_OK);
	hf_conn_abort(p->stack, c);
	assert_int_equal(hf_conn_auth_set(p->stack, c, none, none), HF_ERR_STALE);
	assert_int_equal(hf_conn_auth_get(p->stack, c, &info), HF_ERR_STALE);
	peer_free(p);
}

static void only_ao_keys_are_preferred(void **state)
{
	peer *p = peer_new(NULL);
	hf_key_options o = plain(HF_KEY_MD5, 0, 0);
	hf_key key;

	(void)state;
	assert_int_equal(hf_key_add(p->stack, &o, &key), HF_OK);
	assert_int_equal(hf_key_prefer(p->stack, key), HF_ERR_INVALID);
	assert_int_equal(hf_key_remove(p->stack, key), HF_OK);
	assert_int_equal(hf_key_prefer(p->stack, key), HF_ERR_STALE);
	peer_free(p);
}

static void without_memory_nothing_is_left_half_signed(void **state)
{
	signing s;
	peer *p = signing_peer(&s, NULL, false);
	hf_conn c;

	(void)state;
	peer_open(p); /* so that chunks are there */
	peer_expect(p, SYN);
	p->heap.refuses = true;
	assert_int_equal(hf_conn_open(p->stack, &p->self, NULL, p->now, &c), HF_ERR_NO_MEMORY);
	p->heap.refuses = false;
	assert_int_equal(hf_conn_open(p->stack, &p->self, NULL, p->now, &c), HF_OK);
	peer_free(p);
}

/* ---- Extensions of sequence numbers ---- */

static void extensions_follow_numbers_around_the_circle(void **state)
{
	uint64_t seed = 5, place = 0xfffffff0U;
	hf_sne s = { .at = { (uint32_t)place } };

	(void)state;
	for (unsigned i = 0; i < 100000; i++) {
		uint64_t near = place + draw_below(&seed, 0x7fffffff);
		uint64_t back = draw_below(&seed, 0x7fffffff);

		assert_int_equal(hf_sne_of(&s, (hf_seq){ (uint32_t)near }), near >> 32);
		if (back <= place)
			assert_int_equal(hf_sne_of(&s, (hf_seq){ (uint32_t)(place - back) }),
					 (place - back) >> 32);
		place += draw_below(&seed, 0x40000000);
		hf_sne_advance(&s, (hf_seq){ (uint32_t)place });
		assert_int_equal(s.high, place >> 32);
		/* What lies behind moves nothing. */
		hf_sne_advance(&s, (hf_seq){ (uint32_t)(place - 1000) });
		assert_int_equal(s.at.v, (uint32_t)place);
	}
	assert_true(place >> 32 > 10000);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_makes_no_sense_is_refused),
		cmocka_unit_test(ids_are_unique_where_keys_overlap),
		cmocka_unit_test(ports_keep_keys_apart),
		cmocka_unit_test(one_connection_has_one_kind),
		cmocka_unit_test(the_list_is_bounded),
		cmocka_unit_test(a_key_in_use_stays),
		cmocka_unit_test(a_handshake_whose_key_is_removed_falls_silent),
		cmocka_unit_test(a_handshake_whose_rnext_key_is_removed_says_so),
		cmocka_unit_test(a_signer_is_wiped_once_it_has_signed),
		cmocka_unit_test(time_wait_whose_key_is_removed_falls_silent),
		cmocka_unit_test(keys_of_connections_are_checked),
		cmocka_unit_test(only_ao_keys_are_preferred),
		cmocka_unit_test(without_memory_nothing_is_left_half_signed),
		cmocka_unit_test(extensions_follow_numbers_around_the_circle),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
