/* SPDX-License-Identifier: BSD-2-Clause */
/* Settings: every field at its least and at its most, and what is refused beyond. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "tests/support/peer.h"

#define NONE INT64_MIN /* no value beyond it can be written, or none is refused */
#define RECORDS_MOST ((INT64_C(1) << 30) - 1)
#define TIME_MOST HF_SEC(INT64_C(1) << 24)

/* Zero is the default, so that the least is 1 unless a value below it is refused. */
struct field {
	const char *name;
	size_t at, size;
	int64_t least, most;
	int64_t below, above; /* refused */
};

#define F(field, ...)                                                                              \
	{                                                                                          \
		.name = #field, .at = offsetof(hf_config, field),                                  \
		.size = sizeof(((hf_config *)0)->field), __VA_ARGS__                               \
	}
#define OCTET(field) F(field, .least = 1, .most = UINT8_MAX, .below = NONE, .above = NONE)
#define SWITCH(field) F(field, .least = 0, .most = 1, .below = NONE, .above = NONE)
#define CHOICE(field, last) F(field, .least = 1, .most = (last), .below = -1, .above = (last) + 1)
#define TIME(field, top, over) F(field, .least = 1, .most = (top), .below = -1, .above = (over))

static const struct field fields[] = {
	CHOICE(congestion, HF_CONGESTION_BBR),
	F(mtu, .least = 576, .most = 65535, .below = 575, .above = 65536),
	F(gso_max, .least = 1, .most = 65000, .below = NONE, .above = 65001),
	F(memory_limit, .least = 1 << 20, .most = INT64_MAX, .below = NONE, .above = NONE),
	F(max_connections, .least = 2, .most = 1 << 20, .below = NONE, .above = RECORDS_MOST + 1),
	F(max_half_open, .least = 1, .most = 1 << 20, .below = NONE, .above = RECORDS_MOST + 1),
	F(max_time_wait, .least = 1, .most = 1 << 20, .below = NONE, .above = RECORDS_MOST + 1),
	F(max_listeners, .least = 1, .most = 1 << 20, .below = NONE, .above = NONE),
	F(max_orphans, .least = 1, .most = UINT32_MAX, .below = NONE, .above = NONE),
	F(max_keys, .least = 1, .most = 65535, .below = NONE, .above = 65536),
	F(send_buffer, .least = 1, .most = 1 << 30, .below = NONE, .above = (1 << 30) + 1),
	F(receive_buffer, .least = 1, .most = 1 << 30, .below = NONE, .above = (1 << 30) + 1),
	OCTET(ttl),
	OCTET(syn_retries),
	F(syn_ack_retries, .least = 1, .most = 20, .below = NONE, .above = 21),
	OCTET(data_retries),
	OCTET(trouble_retries),
	OCTET(orphan_retries),
	SWITCH(no_timestamps),
	SWITCH(no_sack),
	SWITCH(no_window_scaling),
	SWITCH(silent_to_closed_ports),
	SWITCH(no_echo_reply),
	SWITCH(no_idle_restart),
	SWITCH(no_ecn_fallback),
	SWITCH(drop_unexpected_auth),
	SWITCH(accept_source_route),
	SWITCH(no_flow_labels),
	SWITCH(reflect_traffic_class),
	SWITCH(no_path_mtu_discovery),
	SWITCH(urgent_names_last),
	TIME(msl, TIME_MOST, TIME_MOST + 1),
	TIME(min_rto, HF_SEC(120), HF_SEC(120) + 1),
	F(max_rto, .least = HF_MS(200), .most = TIME_MOST, .below = HF_MS(200) - 1,
	  .above = TIME_MOST + 1),
	TIME(delayed_ack, HF_MS(500) - 1, HF_MS(500)),
	TIME(fin_wait_2_timeout, INT64_MAX, NONE),
	F(first_port, .least = 1, .most = 60999, .below = NONE, .above = 61000),
	F(last_port, .least = 32768, .most = 65535, .below = 32767, .above = NONE),
	F(least_user_timeout, .least = 1, .most = HF_SEC(3600), .below = -1,
	  .above = HF_SEC(3600) + 1),
	F(most_user_timeout, .least = HF_SEC(100), .most = INT64_MAX, .below = HF_SEC(100) - 1,
	  .above = NONE),
	CHOICE(ecn, HF_ECN_ACCURATE_ACCEPT),
	CHOICE(ecn_option, HF_ECN_OPTION_PERSIST),
	F(fast_open, .least = 1, .most = 0x20f, .below = NONE, .above = 0x10),
	F(fast_open_pause, .least = -1, .most = TIME_MOST, .below = NONE, .above = TIME_MOST + 1),
	CHOICE(syn_cookies, HF_SYN_COOKIES_ALWAYS),
	CHOICE(mtu_probing, HF_MTU_PROBING_ALWAYS),
	F(base_mss, .least = 28, .most = UINT32_MAX, .below = 27, .above = NONE),
	F(mtu_probe_floor, .least = 28, .most = 1024, .below = 27, .above = 1025),
	F(mtu_probe_threshold, .least = 1, .most = 65535, .below = NONE, .above = 65536),
	TIME(mtu_probe_interval, INT64_MAX, NONE),
	F(min_pmtu, .least = 68, .most = UINT32_MAX, .below = 67, .above = NONE),
	TIME(mtu_expires, INT64_MAX, NONE),
	CHOICE(syn_replacement, HF_SYN_REPLACEMENT_RANDOM),
	F(prefix_share, .least = 1, .most = 100, .below = NONE, .above = 101),
	F(listener_share, .least = 1, .most = 100, .below = NONE, .above = 101),
	CHOICE(reflection, HF_REFLECTION_UNBOUNDED),
	CHOICE(scans, HF_SCANS_STEALTH),
	F(reset_rate, .least = 1, .most = UINT32_MAX, .below = NONE, .above = NONE),
};

static const struct field *const end = fields + sizeof(fields) / sizeof(fields[0]);

static void put(hf_config *c, const struct field *f, int64_t value)
{
	union {
		uint8_t octet;
		uint16_t two;
		uint32_t four;
		int64_t eight;
	} u = { .eight = value };

	if (f->size == 1)
		u.octet = (uint8_t)value;
	else if (f->size == 2)
		u.two = (uint16_t)value;
	else if (f->size == 4)
		u.four = (uint32_t)value;
	memcpy((char *)c + f->at, &u, f->size);
}

static void expect_refused(const hf_config *config, hf_err want)
{
	struct heap heap = { 0 };
	hf_config c = *config;
	hf_stack *s = NULL;

	c.allocator = (hf_allocator){ heap_alloc, heap_free, &heap };
	assert_int_equal(hf_stack_new(&c, (hf_time){ 0 }, &s), want);
	assert_null(s);
	assert_int_equal(heap.out, 0);
}

static void what_lies_beyond_a_limit_is_refused(void **state)
{
	(void)state;
	for (const struct field *f = fields; f < end; f++) {
		const int64_t beyond[2] = { f->below, f->above };

		for (int i = 0; i < 2; i++) {
			hf_config c = peer_config(false);

			if (beyond[i] == NONE)
				continue;
			put(&c, f, beyond[i]);
			expect_refused(&c, HF_ERR_INVALID);
		}
	}
}

/* A handshake, some octets each way, both close: with whatever windows and sizes there are. */
static void converse(peer *p)
{
	uint8_t text[300] = { 0 };
	size_t n = 0;
	hf_conn c;

	if (p->config.scans != HF_SCANS_STEALTH)
		PEER_SAY(p, .flags = ACK, .seq = 1, .ack = 1); /* to nobody */
	peer_listen(p);
	peer_ignore(p);
	PEER_SAY(p, .flags = SYN);
	peer_expect(p, SYN | ACK);
	assert_int_equal(PEER_SAY(p, .flags = ACK, .seq = 1, .ack = 1), HF_WHY_NONE);
	c = peer_accept(p);
	assert_int_equal(hf_conn_send(p->stack, c, text, sizeof(text), &n), HF_OK);
	assert_in_range(n, 1, sizeof(text));
	peer_wait(p, HF_MS(1));
	PEER_SAY(p, .flags = ACK, .seq = 1, .ack = 1 + (uint32_t)n, .len = 1);
	assert_int_equal(hf_conn_receive(p->stack, c, text, sizeof(text), &n), HF_OK);
	assert_int_equal(n, 1);
	peer_wait(p, HF_SEC(600));
	peer_ignore(p);
	assert_int_equal(hf_conn_close(p->stack, c), HF_OK);
	peer_wait(p, HF_MS(1));
	PEER_SAY(p, .flags = RST, .seq = 2);
	peer_events(p);
	peer_ignore(p);
	assert_int_equal(peer_stats(p).connections, 0);
}

static void every_field_works_at_its_least_and_at_its_most(void **state)
{
	(void)state;
	for (const struct field *f = fields; f < end; f++) {
		const int64_t value[2] = { f->least, f->most };

		for (int i = 0; i < 2; i++) {
			hf_config c = peer_config(false);
			peer *p;

			put(&c, f, value[i]);
			p = peer_new(&c);
			converse(p);
			peer_free(p);
		}
	}
}

/* ---- What has no default ---- */

static void two_words_of_the_secret_may_not_be_zero(void **state)
{
	(void)state;
	for (unsigned zero = 0; zero < 16; zero++) {
		hf_config c = peer_config(false);
		unsigned zeros = 0;

		for (unsigned i = 0; i < 4; i++)
			if (zero >> i & 1) {
				c.secret[i] = 0;
				zeros++;
			}
		if (zeros >= 2)
			expect_refused(&c, HF_ERR_BAD_SECRET);
		else
			peer_free(peer_new(&c));
	}
}

static void size_allocator_and_address_must_be_there(void **state)
{
	hf_config c = peer_config(false);
	hf_stack *s = NULL;

	(void)state;
	assert_int_equal(hf_stack_new(&c, (hf_time){ 0 }, &s), HF_ERR_INVALID); /* no allocator */
	c.size--;
	expect_refused(&c, HF_ERR_INVALID);
	c.size = 0;
	expect_refused(&c, HF_ERR_INVALID);
	c = peer_config(false);
	c.address[0].addr = (hf_addr){ { 0 } };
	expect_refused(&c, HF_ERR_INVALID);
	c.address[0].addr = hf_addr_v4(224, 0, 0, 1);
	expect_refused(&c, HF_ERR_INVALID);
	c = peer_config(false);
	c.address[0].prefix = 33;
	expect_refused(&c, HF_ERR_INVALID);
	c = peer_config(true);
	c.mtu = 1279;
	expect_refused(&c, HF_ERR_INVALID);
	assert_null(s);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_lies_beyond_a_limit_is_refused),
		cmocka_unit_test(every_field_works_at_its_least_and_at_its_most),
		cmocka_unit_test(two_words_of_the_secret_may_not_be_zero),
		cmocka_unit_test(size_allocator_and_address_must_be_there),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
