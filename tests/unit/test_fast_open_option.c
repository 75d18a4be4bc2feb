/* SPDX-License-Identifier: BSD-2-Clause */
/* Fast Open's cookies and the two kinds of option that carry them (RFC 7413 4.1). */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <string.h>

#include "tcp/hs/fast_open.h"

static const hf_sipkey key = { 0xb2b2b2b2a1a1a1a1, 0xd4d4d4d4c3c3c3c3 };

static hf_addr address(const char *text)
{
	hf_addr a;

	assert_true(hf_addr_parse(text, &a));
	return a;
}

/* What Linux's kernel gives for these addresses and its key a1a1a1a1-b2b2b2b2-c3c3c3c3-d4d4d4d4. */
static void cookies_are_linuxs(void **state)
{
	static const uint8_t v4[] = { 0x30, 0x21, 0xb9, 0xd8, 0x89, 0x01, 0x7e, 0xeb };
	static const uint8_t v6[] = { 0xc1, 0xd1, 0xe9, 0x74, 0x2a, 0x47, 0xa9, 0xbc };
	hf_addr client = address("192.0.2.1"), server = address("192.168.0.1");
	hf_cookie c = hf_cookie_make(&key, &client, &server);

	(void)state;
	assert_int_equal(c.len, 8);
	assert_memory_equal(c.octet, v4, 8);
	client = address("fd3d:fa7b:d17d::1");
	server = address("fd3d:0a0b:17d6::1");
	c = hf_cookie_make(&key, &client, &server);
	assert_memory_equal(c.octet, v6, 8);
}

static void each_pair_and_key_has_its_own(void **state)
{
	hf_addr a = address("192.0.2.1"), b = address("192.0.2.2");
	hf_sipkey other = { key.k0 + 1, key.k1 };
	hf_cookie ab = hf_cookie_make(&key, &a, &b), ba = hf_cookie_make(&key, &b, &a);
	hf_cookie aa = hf_cookie_make(&key, &a, &a), of_other = hf_cookie_make(&other, &a, &b);
	hf_cookie same = hf_cookie_make(&key, &a, &b), shorter = ab;

	(void)state;
	assert_true(hf_cookie_equal(&ab, &same));
	assert_false(hf_cookie_equal(&ab, &ba));
	assert_false(hf_cookie_equal(&ab, &aa));
	assert_false(hf_cookie_equal(&ab, &of_other));
	shorter.len = 4;
	assert_false(hf_cookie_equal(&ab, &shorter));
}

static hf_fast_open_option read(uint8_t *wire, size_t len)
{
	hf_tcp_options o;

	while (len % 4 != 0)
		wire[len++] = HF_OPT_NOP;
	assert_int_equal(hf_tcp_options_parse((hf_view){ wire, len }, &o), HF_WHY_NONE);
	return hf_fast_open_read(&o);
}

/* RFC 7413 4.1.1: none, or 4 to 16 octets, an even number. */
static void only_lengths_of_cookies_are_read(void **state)
{
	(void)state;
	for (uint8_t len = 0; len <= 20; len++)
		for (int experimental = 0; experimental < 2; experimental++) {
			uint8_t wire[40] = { HF_OPT_FAST_OPEN, (uint8_t)(2 + len) };
			uint8_t *cookie = wire + 2;
			hf_fast_open_option o;

			if (experimental) {
				wire[0] = HF_OPT_EXPERIMENT_2;
				wire[1] = (uint8_t)(4 + len);
				hf_put16(wire + 2, 0xf989);
				cookie += 2;
			}
			memset(cookie, 0x5a, len);
			o = read(wire, (size_t)(cookie - wire) + len);
			assert_int_equal(o.is_there,
					 len == 0 || (len >= 4 && len <= 16 && len % 2 == 0));
			if (!o.is_there)
				continue;
			assert_int_equal(o.is_experimental, experimental);
			assert_int_equal(o.cookie.len, len);
			assert_memory_equal(o.cookie.octet, cookie, len);
		}
}

static void another_experiment_is_none(void **state)
{
	uint8_t other[40] = { HF_OPT_EXPERIMENT_2, 4, 0xf9, 0x88 };
	uint8_t first_kind[40] = { HF_OPT_EXPERIMENT_1, 4, 0xf9, 0x89 };

	(void)state;
	assert_false(read(other, 4).is_there);
	assert_false(read(first_kind, 4).is_there);
}

static void what_is_put_is_read_again(void **state)
{
	(void)state;
	for (uint8_t len = 0; len <= 16; len = (uint8_t)(len + (len == 0 ? 4 : 2)))
		for (int experimental = 0; experimental < 2; experimental++) {
			hf_fast_open_option o = { .is_there = true,
						  .is_experimental = experimental,
						  .cookie.len = len };
			uint8_t room[HF_COOKIE_MAX + 2], wire[HF_TCP_OPTIONS_MAX];
			hf_tcp_options out = { .present = HF_HAS(MSS), .mss = 1460 };
			hf_fast_open_option back;

			for (uint8_t i = 0; i < len; i++)
				o.cookie.octet[i] = (uint8_t)(i + 1);
			hf_fast_open_put(&o, &out, room);
			back = read(wire, hf_tcp_options_emit(&out, wire));
			assert_true(back.is_there);
			assert_int_equal(back.is_experimental, experimental);
			assert_true(hf_cookie_equal(&back.cookie, &o.cookie));
		}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(cookies_are_linuxs),
		cmocka_unit_test(each_pair_and_key_has_its_own),
		cmocka_unit_test(only_lengths_of_cookies_are_read),
		cmocka_unit_test(another_experiment_is_none),
		cmocka_unit_test(what_is_put_is_read_again),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
