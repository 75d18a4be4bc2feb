/* SPDX-License-Identifier: BSD-2-Clause */
/* Lines of key files: what they say, and what is complained about. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "cmd/key_file.h"
#include "io/auth/nettle.h"

static hf_key_options read_line(const char *text, hf_key_kind kind, uint8_t *secret,
				const char **why)
{
	hf_key_options o;
	char line[512];

	strcpy(line, text);
	*why = hf_key_line_read(line, kind, &o, secret);
	return o;
}

static void a_line_says_all_that_a_key_has(void **state)
{
	uint8_t secret[HF_KEY_SECRET_MAX];
	const char *why;
	hf_key_options o;
	hf_addr net = hf_addr_v4(192, 0, 2, 0);

	(void)state;
	if (!hf_nettle_mac_at(0))
		skip();
	o = read_line("peer=192.0.2.0/24 peer-port=5 port=179 send=7 receive=255\tmac-octets=16 "
		      "algorithm=aes-128-cmac options=omitted secret=a=b\n",
		      HF_KEY_AO, secret, &why);
	assert_null(why);
	assert_int_equal(o.size, sizeof(o));
	assert_true(hf_addr_equal(&o.remote.addr, &net));
	assert_int_equal(o.prefix, 24);
	assert_int_equal(o.remote.port, 5);
	assert_int_equal(o.local.port, 179);
	assert_int_equal(o.send_id, 7);
	assert_int_equal(o.recv_id, 255);
	assert_int_equal(o.mac_len, 16);
	assert_true(o.omit_options);
	assert_string_equal(o.mac->name, "aes-128-cmac");
	assert_int_equal(o.secret_len, 3);
	assert_memory_equal(o.secret, "a=b", 3);
	o = read_line("peer=any secret-hex=00fF10", HF_KEY_MD5, secret, &why);
	assert_null(why);
	assert_true(hf_addr_is_none(&o.remote.addr));
	assert_string_equal(o.mac->name, "md5");
	assert_int_equal(o.secret_len, 3);
	assert_memory_equal(o.secret, "\0\xff\x10", 3);
	o = read_line("peer=2001:db8::/32 send=1 receive=1 secret=x", HF_KEY_AO, secret, &why);
	assert_null(why);
	assert_string_equal(o.mac->name, "hmac-sha-1");
}

static void empty_lines_and_comments_say_nothing(void **state)
{
	static const char *const lines[] = { "", "\n", "  \t\r\n", "# peer=any\n", "  # x" };
	uint8_t secret[HF_KEY_SECRET_MAX];
	const char *why;

	(void)state;
	for (unsigned i = 0; i < sizeof(lines) / sizeof(lines[0]); i++) {
		assert_int_equal(read_line(lines[i], HF_KEY_AO, secret, &why).size, 0);
		assert_null(why);
	}
}

static void nonsense_is_named(void **state)
{
	static const struct {
		const char *line, *why;
	} bad[] = {
		{ "peer", "name=value" },
		{ "peers=any", "not known" },
		{ "peer=10.0.0.256", "no address" },
		{ "peer=10.0.0.0/x", "number" },
		{ "peer=10.0.0.0/300", "number" },
		{ "peer=any peer=any", "twice" },
		{ "peer=any send=256", "number" },
		{ "peer=any send=-1", "number" },
		{ "peer=any port=65536", "number" },
		{ "peer=any options=none", "covered or omitted" },
		{ "peer=any algorithm=md5", "algorithm" },
		{ "peer=any secret=", "1 to 80" },
		{ "peer=any secret-hex=", "1 to 80" },
		{ "peer=any secret-hex=0", "pairs" },
		{ "peer=any secret-hex=0g", "pairs" },
		{ "peer=any send=1 receive=1", "secret" },
		{ "peer=any secret=x secret-hex=00 send=1 receive=1", "one of" },
		{ "peer=any secret=x send=1", "receive= are missing" },
		{ "secret=x send=1 receive=1", "peer= is missing" },
	};
	uint8_t secret[HF_KEY_SECRET_MAX];
	const char *why;

	(void)state;
	for (unsigned i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		read_line(bad[i].line, HF_KEY_AO, secret, &why);
		if (!why || !strstr(why, bad[i].why))
			fail_msg("%s: %s", bad[i].line, why ? why : "was read");
	}
	read_line("peer=any send=1 secret=x", HF_KEY_MD5, secret, &why);
	assert_non_null(strstr(why, "TCP-AO keys only"));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_line_says_all_that_a_key_has),
		cmocka_unit_test(empty_lines_and_comments_say_nothing),
		cmocka_unit_test(nonsense_is_named),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
