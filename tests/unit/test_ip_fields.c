/* SPDX-License-Identifier: BSD-2-Clause */
/* What IP headers of segments say: class, hop limit, flow label; and what arriving ones must. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "tests/support/peer.h"

#define AF41 (34 << 2)
#define EF (46 << 2)

static peer *new_peer(bool is_v6)
{
	hf_config config = peer_config(is_v6);

	return peer_new(&config);
}

/* Listens with these options. */
typedef struct setting {
	hf_option option;
	int64_t value;
} setting;

static void listen_with(peer *p, const setting *settings, unsigned n)
{
	peer_listen(p);
	for (unsigned i = 0; i < n; i++)
		assert_int_equal(hf_listener_set(p->stack, p->listener, settings[i].option,
						 settings[i].value),
				 HF_OK);
}

static void set(peer *p, hf_conn c, hf_option option, int64_t value)
{
	assert_int_equal(hf_conn_set(p->stack, c, option, value), HF_OK);
}

/* MUST-48, SHLD-21, SHLD-22: at any time, and IP is told unchanged. */
static void a_class_that_changes_reaches_ip_at_once(void **state)
{
	(void)state;
	for (int is_v6 = 0; is_v6 < 2; is_v6++) {
		peer *p = new_peer(is_v6);
		hf_conn c = peer_handshake_passive(p);

		set(p, c, HF_OPTION_NO_DELAY, 1);
		set(p, c, HF_OPTION_TRAFFIC_CLASS, EF);
		peer_app_send(p, c, 1, 10);
		assert_int_equal(peer_expect(p, ACK)->ip.traffic_class & ~3, EF);
		set(p, c, HF_OPTION_TRAFFIC_CLASS, AF41);
		peer_app_send(p, c, 11, 10);
		assert_int_equal(peer_expect(p, ACK)->ip.traffic_class & ~3, AF41);
		assert_int_equal(peer_info(p, c).traffic_class, AF41);
		peer_wait_for_output(p, HF_SEC(2)); /* a retransmission has the class of now */
		assert_int_equal(peer_expect(p, ACK)->ip.traffic_class & ~3, AF41);
		peer_free(p);
	}
}

static void an_opening_has_its_class_and_hop_limit_from_the_start(void **state)
{
	(void)state;
	for (int is_v6 = 0; is_v6 < 2; is_v6++) {
		peer *p = new_peer(is_v6);
		const peer_seen *s;
		hf_conn c;

		assert_int_equal(hf_conn_open(p->stack, &p->self, NULL, p->now, &c), HF_OK);
		set(p, c, HF_OPTION_TTL, 7);
		set(p, c, HF_OPTION_TRAFFIC_CLASS, EF);
		s = peer_expect(p, SYN);
		assert_int_equal(s->ip.ttl, 7);
		assert_int_equal(s->ip.traffic_class & ~3, EF);
		peer_free(p);
	}
}

static void a_listeners_class_and_hop_limit_are_its_connections(void **state)
{
	peer *p = new_peer(false);
	const peer_seen *s;
	hf_conn c;

	(void)state;
	listen_with(p, (const setting[]){ { HF_OPTION_TTL, 9 }, { HF_OPTION_TRAFFIC_CLASS, AF41 } },
		    2);
	PEER_SAY(p, .flags = SYN);
	s = peer_expect(p, SYN | ACK);
	assert_int_equal(s->ip.ttl, 9);
	assert_int_equal(s->ip.traffic_class & ~3, AF41);
	PEER_SAY(p, .flags = ACK, .seq = 1, .ack = 1);
	c = peer_accept(p);
	peer_app_send(p, c, 1, 10);
	s = peer_expect(p, ACK);
	assert_int_equal(s->ip.ttl, 9);
	assert_int_equal(s->ip.traffic_class & ~3, AF41);
	peer_free(p);
}

/* MAY-9 */
static void what_arrives_is_told(void **state)
{
	(void)state;
	for (int is_v6 = 0; is_v6 < 2; is_v6++) {
		peer *p = new_peer(is_v6);
		hf_conn c = peer_handshake_passive(p);

		p->traffic_class = AF41;
		p->ttl = 200;
		PEER_SAY(p, .flags = ACK, .seq = 1, .ack = 1, .len = 10);
		assert_int_equal(peer_info(p, c).received_traffic_class, AF41);
		assert_int_equal(peer_info(p, c).received_ttl, 200);
		p->traffic_class = EF; /* what is not taken says nothing */
		PEER_SAY(p, .flags = ACK, .seq = 90000, .ack = 1, .len = 10);
		assert_int_equal(peer_info(p, c).received_traffic_class, AF41);
		peer_free(p);
	}
}

static void the_syn_s_class_is_reflected_where_that_is_wanted(void **state)
{
	(void)state;
	for (int reflect = 0; reflect < 2; reflect++) {
		hf_config config = peer_config(false);
		peer *p;
		hf_conn c;
		int want = reflect ? AF41 : 0;

		config.reflect_traffic_class = (uint8_t)reflect;
		p = peer_new(&config);
		peer_listen(p);
		p->traffic_class = AF41 | 2;
		PEER_SAY(p, .flags = SYN);
		assert_int_equal(peer_expect(p, SYN | ACK)->ip.traffic_class & ~3, want);
		PEER_SAY(p, .flags = ACK, .seq = 1, .ack = 1);
		c = peer_accept(p);
		set(p, c, HF_OPTION_NO_DELAY, 1); /* another option changes nothing of it */
		peer_app_send(p, c, 1, 10);
		assert_int_equal(peer_expect(p, ACK)->ip.traffic_class & ~3, want);
		peer_free(p);
	}
}

static void a_reset_of_nobodys_segment_has_that_segments_class_without_its_marks(void **state)
{
	(void)state;
	for (int is_v6 = 0; is_v6 < 2; is_v6++) {
		peer *p = new_peer(is_v6);
		const peer_seen *s;

		p->traffic_class = AF41 | 3;
		PEER_SAY(p, .flags = SYN);
		s = peer_expect(p, RST | ACK);
		assert_int_equal(s->ip.traffic_class, AF41);
		assert_int_equal(s->ip.ttl, 64);
		peer_free(p);
	}
}

static void time_wait_answers_as_the_connection_did(void **state)
{
	peer *p = new_peer(false);
	hf_conn c = peer_handshake_passive(p);
	const peer_seen *s;

	(void)state;
	set(p, c, HF_OPTION_TRAFFIC_CLASS, AF41);
	set(p, c, HF_OPTION_TTL, 5);
	hf_conn_shutdown(p->stack, c);
	peer_expect(p, FIN | ACK);
	for (int i = 0; i < 2; i++) { /* the connection itself, and its record */
		PEER_SAY(p, .flags = FIN | ACK, .seq = 1, .ack = 2);
		s = peer_expect(p, ACK);
		assert_int_equal(s->ip.ttl, 5);
		assert_int_equal(s->ip.traffic_class, AF41);
	}
	peer_free(p);
}

/* ---- GTSM (RFC 5082) ---- */

static void what_comes_from_too_far_away_is_dropped_by_name(void **state)
{
	(void)state;
	for (int is_v6 = 0; is_v6 < 2; is_v6++) {
		peer *p = new_peer(is_v6);
		hf_conn c = peer_handshake_passive(p);

		set(p, c, HF_OPTION_MIN_TTL, 255);
		p->ttl = 254;
		assert_int_equal(PEER_SAY(p, .flags = RST, .seq = 1), HF_WHY_IP_TTL);
		assert_int_equal(PEER_SAY(p, .flags = ACK, .seq = 1, .ack = 1, .len = 9),
				 HF_WHY_IP_TTL);
		peer_expect_nothing(p);
		assert_int_equal(peer_state(p, c), HF_ESTABLISHED);
		p->ttl = 255;
		assert_int_equal(PEER_SAY(p, .flags = ACK, .seq = 1, .ack = 1, .len = 9),
				 HF_WHY_NONE);
		peer_app_receive(p, c, 1, 9);
		peer_free(p);
	}
}

static void a_listener_hears_only_its_neighbours(void **state)
{
	peer *p = new_peer(false);
	hf_conn c;

	(void)state;
	listen_with(p, (const setting[]){ { HF_OPTION_TTL, 255 }, { HF_OPTION_MIN_TTL, 255 } }, 2);
	p->ttl = 254;
	assert_int_equal(PEER_SAY(p, .flags = SYN), HF_WHY_IP_TTL);
	peer_expect_nothing(p);
	p->ttl = 255;
	PEER_SAY(p, .flags = SYN);
	assert_int_equal(peer_expect(p, SYN | ACK)->ip.ttl, 255);
	p->ttl = 254; /* nor does anybody else end or complete the handshake */
	assert_int_equal(PEER_SAY(p, .flags = RST, .seq = 1), HF_WHY_IP_TTL);
	assert_int_equal(PEER_SAY(p, .flags = ACK, .seq = 1, .ack = 1), HF_WHY_IP_TTL);
	p->ttl = 255;
	PEER_SAY(p, .flags = ACK, .seq = 1, .ack = 1);
	c = peer_accept(p);
	p->ttl = 254; /* and the connection has inherited it */
	assert_int_equal(PEER_SAY(p, .flags = RST, .seq = 1), HF_WHY_IP_TTL);
	assert_int_equal(peer_state(p, c), HF_ESTABLISHED);
	peer_free(p);
}

static void an_opening_hears_only_its_neighbours(void **state)
{
	peer *p = new_peer(false);
	hf_conn c;

	(void)state;
	assert_int_equal(hf_conn_open(p->stack, &p->self, NULL, p->now, &c), HF_OK);
	set(p, c, HF_OPTION_MIN_TTL, 255);
	p->host = peer_info(p, c).local;
	peer_expect(p, SYN);
	assert_int_equal(PEER_SAY(p, .flags = RST | ACK, .ack = 1), HF_WHY_IP_TTL);
	assert_int_equal(peer_state(p, c), HF_SYN_SENT);
	p->ttl = 255;
	PEER_SAY(p, .flags = SYN | ACK, .ack = 1);
	assert_int_equal(peer_state(p, c), HF_ESTABLISHED);
	peer_free(p);
}

/* ---- Flow labels (RFC 6437) ---- */

static void one_label_a_connection_another_for_another(void **state)
{
	peer *p = new_peer(true);
	hf_conn c = peer_handshake_passive(p);
	uint32_t label, other;

	(void)state;
	peer_app_send(p, c, 1, 10);
	label = peer_expect(p, ACK)->ip.flow_label;
	assert_int_not_equal(label, 0);
	assert_int_equal(peer_info(p, c).flow_label, label);
	PEER_SAY(p, .flags = ACK, .seq = 1, .ack = 11, .len = 1);
	peer_wait(p, HF_MS(300));
	assert_int_equal(peer_expect(p, ACK)->ip.flow_label, label);
	p->self.port++;
	PEER_SAY(p, .flags = SYN);
	other = peer_expect(p, SYN | ACK)->ip.flow_label;
	assert_int_not_equal(other, label);
	PEER_SAY(p, .flags = ACK, .seq = 1, .ack = 1);
	c = peer_accept(p); /* the record's and the connection's are one */
	assert_int_equal(peer_info(p, c).flow_label, other);
	peer_free(p);
}

static void a_time_out_tries_another_label(void **state)
{
	peer *p = new_peer(true);
	hf_conn c = peer_handshake_passive(p);
	uint32_t label, again;

	(void)state;
	peer_app_send(p, c, 1, 10);
	label = peer_expect(p, ACK)->ip.flow_label;
	peer_wait_for_output(p, HF_SEC(2));
	again = peer_expect(p, ACK)->ip.flow_label;
	assert_int_not_equal(again, label);
	assert_int_equal(peer_info(p, c).rehashes, 1);
	peer_free(p);

	p = new_peer(true);
	peer_open(p);
	label = peer_expect(p, SYN)->ip.flow_label;
	peer_wait_for_output(p, HF_SEC(2));
	assert_int_not_equal(peer_expect(p, SYN)->ip.flow_label, label);
	peer_free(p);

	p = new_peer(true);
	peer_listen(p);
	PEER_SAY(p, .flags = SYN);
	label = peer_expect(p, SYN | ACK)->ip.flow_label;
	peer_wait_for_output(p, HF_SEC(2));
	assert_int_not_equal(peer_expect(p, SYN | ACK)->ip.flow_label, label);
	peer_free(p);
}

static void an_applications_label_stays(void **state)
{
	peer *p = new_peer(true);
	hf_conn c = peer_handshake_passive(p);

	(void)state;
	set(p, c, HF_OPTION_FLOW_LABEL, 0x12345);
	peer_app_send(p, c, 1, 10);
	assert_int_equal(peer_expect(p, ACK)->ip.flow_label, 0x12345);
	peer_wait_for_output(p, HF_SEC(2));
	assert_int_equal(peer_expect(p, ACK)->ip.flow_label, 0x12345);
	assert_int_equal(hf_conn_set(p->stack, c, HF_OPTION_FLOW_LABEL, 0x100000), HF_ERR_INVALID);
	assert_int_equal(hf_conn_set(p->stack, c, HF_OPTION_FLOW_LABEL, -2), HF_ERR_INVALID);
	peer_free(p);
}

static void without_labels_all_are_zero(void **state)
{
	hf_config config = peer_config(true);
	hf_conn c;
	peer *p;

	(void)state;
	config.no_flow_labels = 1;
	p = peer_new(&config);
	peer_listen(p);
	PEER_SAY(p, .flags = SYN);
	assert_int_equal(peer_expect(p, SYN | ACK)->ip.flow_label, 0);
	PEER_SAY(p, .flags = ACK, .seq = 1, .ack = 1);
	c = peer_accept(p);
	peer_app_send(p, c, 1, 10);
	assert_int_equal(peer_expect(p, ACK)->ip.flow_label, 0);
	peer_wait_for_output(p, HF_SEC(2));
	assert_int_equal(peer_expect(p, ACK)->ip.flow_label, 0);
	peer_free(p);
}

/* ---- Fragmentation ---- */

static void without_path_mtu_discovery_routers_may_fragment(void **state)
{
	hf_config config = peer_config(false);
	const peer_seen *s;
	uint16_t id;
	hf_conn c;
	peer *p;

	(void)state;
	config.no_path_mtu_discovery = 1;
	p = peer_new(&config);
	peer_listen(p);
	PEER_SAY(p, .flags = SYN);
	assert_false(peer_expect(p, SYN | ACK)->ip.dont_fragment);
	PEER_SAY(p, .flags = ACK, .seq = 1, .ack = 1);
	c = peer_accept(p);
	set(p, c, HF_OPTION_NO_DELAY, 1);
	peer_app_send(p, c, 1, 2000);
	s = peer_expect(p, ACK);
	assert_false(s->ip.dont_fragment);
	id = s->ip.id;
	assert_int_not_equal(peer_expect(p, ACK)->ip.id, id); /* RFC 6864 4.1 */
	set(p, c, HF_OPTION_PATH_MTU_DISCOVERY, HF_PATH_MTU_WANT);
	peer_app_send(p, c, 2001, 10);
	assert_true(peer_expect(p, ACK)->ip.dont_fragment);
	assert_int_equal(hf_conn_set(p->stack, c, HF_OPTION_PATH_MTU_DISCOVERY, 3), HF_ERR_INVALID);
	peer_free(p);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_class_that_changes_reaches_ip_at_once),
		cmocka_unit_test(an_opening_has_its_class_and_hop_limit_from_the_start),
		cmocka_unit_test(a_listeners_class_and_hop_limit_are_its_connections),
		cmocka_unit_test(what_arrives_is_told),
		cmocka_unit_test(the_syn_s_class_is_reflected_where_that_is_wanted),
		cmocka_unit_test(
			a_reset_of_nobodys_segment_has_that_segments_class_without_its_marks),
		cmocka_unit_test(time_wait_answers_as_the_connection_did),
		cmocka_unit_test(what_comes_from_too_far_away_is_dropped_by_name),
		cmocka_unit_test(a_listener_hears_only_its_neighbours),
		cmocka_unit_test(an_opening_hears_only_its_neighbours),
		cmocka_unit_test(one_label_a_connection_another_for_another),
		cmocka_unit_test(a_time_out_tries_another_label),
		cmocka_unit_test(an_applications_label_stays),
		cmocka_unit_test(without_labels_all_are_zero),
		cmocka_unit_test(without_path_mtu_discovery_routers_may_fragment),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
