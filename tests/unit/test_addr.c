/* SPDX-License-Identifier: BSD-2-Clause */
/* Addresses: kinds, networks, and text by RFC 4291 and RFC 5952; the C library is the witness. */
#include <arpa/inet.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include <handfast/types.h>

#include "tests/unit/support.h"

static hf_addr addr(const char *text)
{
	hf_addr a = { { 0 } };

	if (!hf_addr_parse(text, &a))
		fail_msg("not an address: %s", text);
	return a;
}

static bool is_address(const char *text)
{
	hf_addr a;

	return hf_addr_parse(text, &a);
}

static bool is_multicast(const char *text)
{
	hf_addr a = addr(text);

	return hf_addr_is_multicast(&a);
}

static bool is_link_local(const char *text)
{
	hf_addr a = addr(text);

	return hf_addr_is_link_local(&a);
}

static bool same_net(const char *a, const char *b, unsigned prefix)
{
	hf_addr x = addr(a), y = addr(b);

	return hf_addr_same_net(&x, &y, prefix);
}

static void kinds_of_address_are_told_by_their_prefix(void **state)
{
	hf_addr v4 = hf_addr_v4(192, 0, 2, 1), v6 = addr("2001:db8::1"), none = { { 0 } };
	hf_addr compatible = addr("::192.0.2.1");

	(void)state;
	assert_true(hf_addr_is_v4(&v4));
	assert_false(hf_addr_is_v4(&v6));
	assert_false(hf_addr_is_v4(&compatible));
	assert_false(hf_addr_is_v4(&none));
	assert_true(hf_addr_is_none(&none));
	assert_false(hf_addr_is_none(&v4));
	assert_true(is_multicast("224.0.0.0"));
	assert_true(is_multicast("239.255.255.255"));
	assert_false(is_multicast("223.255.255.255"));
	assert_false(is_multicast("240.0.0.0"));
	assert_true(is_multicast("ff00::"));
	assert_false(is_multicast("feff::1"));
	assert_true(is_link_local("fe80::1"));
	assert_true(is_link_local("febf:ffff::"));
	assert_false(is_link_local("fec0::"));
	assert_false(is_link_local("fe7f::"));
	assert_false(is_link_local("169.254.0.1"));
}

static void every_octet_counts_for_equality(void **state)
{
	hf_addr a = addr("2001:db8:1:2:3:4:5:6");

	(void)state;
	assert_true(hf_addr_equal(&a, &a));
	for (size_t i = 0; i < sizeof(a.octet); i++) {
		hf_addr b = a;

		b.octet[i] ^= 0x10;
		assert_false(hf_addr_equal(&a, &b));
	}
}

static void networks_are_compared_to_the_bit(void **state)
{
	(void)state;
	assert_true(same_net("192.0.2.1", "192.0.2.254", 24));
	assert_false(same_net("192.0.2.1", "192.0.3.1", 24));
	assert_true(same_net("192.0.2.1", "192.0.3.1", 23));
	assert_true(same_net("10.0.0.128", "10.0.0.255", 25));
	assert_false(same_net("10.0.0.127", "10.0.0.128", 25));
	assert_false(same_net("10.0.0.0", "10.0.0.1", 32));
	assert_true(same_net("10.0.0.0", "10.0.0.1", 31));
	assert_true(same_net("10.0.0.1", "10.0.0.1", 32));
	assert_true(same_net("10.0.0.1", "200.1.2.3", 0));
	assert_false(same_net("0.0.0.0", "128.0.0.0", 1));
	assert_true(same_net("2001:db8::", "2001:db8:ffff::", 32));
	assert_false(same_net("2001:db8::", "2001:db9::", 32));
	assert_true(same_net("2001:db8::", "2001:db9::", 31));
	assert_true(same_net("fe80::1", "fe80::1", 128));
	assert_false(same_net("fe80::0", "fe80::1", 128));
	assert_true(same_net("fe80::0", "fe80::1", 127));
}

static void the_two_families_share_no_network(void **state)
{
	(void)state;
	assert_false(same_net("10.0.0.1", "2001:db8::1", 0));
	assert_false(same_net("::", "0.0.0.0", 0));
	assert_true(same_net("::", "8000::", 0));
}

static void a_prefix_that_is_too_long_means_all_bits(void **state)
{
	(void)state;
	assert_true(same_net("10.0.0.1", "10.0.0.1", 33));
	assert_false(same_net("10.0.0.1", "10.0.0.0", 4000000000u));
	assert_true(same_net("fe80::1", "fe80::1", 129));
	assert_false(same_net("fe80::1", "fe80::", 4000000000u));
}

static void addresses_are_written_as_rfc_5952_says(void **state)
{
	static const char *const row[][2] = {
		/* 4.1: no leading zeros; 4.3: small letters. */
		{ "2001:0db8::0001", "2001:db8::1" },
		{ "2001:DB8::ABCD:EF01", "2001:db8::abcd:ef01" },
		{ "1000:100:10:1:f000:f00:f0:f", "1000:100:10:1:f000:f00:f0:f" },
		/* 4.2.1: as short as possible; 4.2.2: never one group only. */
		{ "2001:db8:0:0:0:0:2:1", "2001:db8::2:1" },
		{ "2001:db8:0:1:1:1:1:1", "2001:db8:0:1:1:1:1:1" },
		{ "0:1:1:1:1:1:1:1", "0:1:1:1:1:1:1:1" },
		{ "1:1:1:1:1:1:1::", "1:1:1:1:1:1:1:0" },
		/* 4.2.3: the longest run; the first of equals. */
		{ "2001:0:0:1:0:0:0:1", "2001:0:0:1::1" },
		{ "2001:db8:0:0:1:0:0:1", "2001:db8::1:0:0:1" },
		{ "0:0:1:1:1:1:0:0", "::1:1:1:1:0:0" },
		/* At either end, and nothing but zeros. */
		{ "0:0:0:0:0:0:0:1", "::1" },
		{ "1:0:0:0:0:0:0:0", "1::" },
		{ "1:1:1:1:1:1:0:0", "1:1:1:1:1:1::" },
		{ "0:0:0:0:0:0:0:0", "::" },
		/* 5: IPv4 inside. */
		{ "::ffff:c000:201", "192.0.2.1" },
		{ "0:0:0:0:0:FFFF:255.255.255.255", "255.255.255.255" },
		{ "0.0.0.0", "0.0.0.0" },
		{ "1.20.100.200", "1.20.100.200" },
		{ "9.10.99.101", "9.10.99.101" },
	};
	char text[HF_ADDR_TEXT];

	(void)state;
	for (size_t i = 0; i < sizeof(row) / sizeof(row[0]); i++) {
		hf_addr a = addr(row[i][0]);

		assert_ptr_equal(hf_addr_format(&a, text), text);
		assert_string_equal(text, row[i][1]);
	}
}

static void the_longest_text_fits(void **state)
{
	char text[HF_ADDR_TEXT];
	hf_addr a;

	(void)state;
	memset(&a, 0xff, sizeof(a));
	assert_string_equal(hf_addr_format(&a, text), "ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff");
	assert_true(is_address("ffff:ffff:ffff:ffff:ffff:ffff:255.255.255.255"));
}

static const char *const not_addresses[] = {
	"",
	" ",
	":",
	":::",
	"::1 ",
	" ::1",
	"1",
	"1.2.3",
	"1.2.3.4.",
	".1.2.3.4",
	"1..2.3",
	"1.2.3.4.5",
	"256.1.1.1",
	"1.2.3.256",
	"1.2.3.1000",
	"01.2.3.4",
	"1.2.3.04",
	"1.2.3.00",
	"1.2.3.-4",
	"1.2.3.+4",
	"0x1.2.3.4",
	"1.2.3.4 ",
	"1.2.3.a",
	"1:2:3:4:5:6:7",
	"1:2:3:4:5:6:7:8:9",
	"1:2:3:4:5:6:7:8:0:2:3:4:5:6:7:8",
	"1:2:3:4:5:6:7:",
	":1:2:3:4:5:6:7",
	"1:2:3:4:5:6:7:8:",
	"1::2::3",
	"1:::2",
	"::1:",
	":1::",
	"12345::",
	"::12345",
	"::g",
	"::1%eth0",
	"[::1]",
	"::1/64",
	"1:2:3:4:5:6:7:8::",
	"::1:2:3:4:5:6:7:8",
	"1:2:3:4::5:6:7:8",
	"1.2.3.4::",
	"::1.2.3.4:5",
	"::1.2.3",
	"::1.2.3.4.5",
	"::1.2.3.256",
	"1:2:3:4:5:6:7:1.2.3.4",
	"1:2:3:4:5:1.2.3.4",
	"1:2:3:4:5:6::1.2.3.4",
	"::1:2:3:4:5:6:1.2.3.4",
	"::ffff:01.2.3.4",
	"1::1.2.3.4:",
};

static void what_is_no_address_is_refused(void **state)
{
	hf_addr before = addr("2001:db8::7"), a = before;
	uint8_t witness[16];

	(void)state;
	for (size_t i = 0; i < sizeof(not_addresses) / sizeof(not_addresses[0]); i++) {
		if (hf_addr_parse(not_addresses[i], &a))
			fail_msg("taken for an address: \"%s\"", not_addresses[i]);
		assert_true(hf_addr_equal(&a, &before));
		/* The witness agrees, or the row is wrong. */
		assert_int_equal(inet_pton(AF_INET, not_addresses[i], witness), 0);
		assert_int_equal(inet_pton(AF_INET6, not_addresses[i], witness), 0);
	}
}

static void every_legal_form_is_read(void **state)
{
	static const char *const text[] = {
		"::",
		"::1",
		"1::",
		"1:2:3:4:5:6:7:8",
		"1:2:3:4:5:6:7::",
		"::2:3:4:5:6:7:8",
		"1:2:3::5:6:7:8",
		"::1.2.3.4",
		"::ffff:0:1.2.3.4",
		"1:2:3:4:5:6:1.2.3.4",
		"64:ff9b::1.2.3.4",
		"1:2:3:4:5::1.2.3.4",
		"1::1.2.3.4",
		"0001:0002::",
		"aBcD::EfAb",
		"0:0:0:0:0:0:0:0",
		"::10.100.200.255",
		"fe80::1:2:3",
	};
	uint8_t witness[16];

	(void)state;
	for (size_t i = 0; i < sizeof(text) / sizeof(text[0]); i++) {
		hf_addr a = addr(text[i]);

		assert_int_equal(inet_pton(AF_INET6, text[i], witness), 1);
		assert_memory_equal(a.octet, witness, sizeof(witness));
	}
}

/* Text of characters that occur in addresses, so that much of it nearly is one. */
static void random_text_is_read_as_the_c_library_reads_it(void **state)
{
	static const char letters[] = "::::..0123456789abcFF";
	uint64_t seed = UINT64_C(0x3f84d5b5b5470917);
	uint32_t legal = 0;

	(void)state;
	for (int round = 0; round < 300000; round++) {
		uint32_t len = draw_below(&seed, 20);
		uint8_t witness[16] = { 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff };
		char text[24];
		bool expected;
		hf_addr a;

		for (uint32_t i = 0; i < len; i++)
			text[i] = letters[draw_below(&seed, sizeof(letters) - 1)];
		text[len] = '\0';
		expected = inet_pton(AF_INET, text, witness + 12) == 1 ||
			   inet_pton(AF_INET6, text, witness) == 1;
		if (hf_addr_parse(text, &a) != expected)
			fail_msg("\"%s\" is %san address", text, expected ? "" : "not ");
		if (expected)
			assert_memory_equal(a.octet, witness, sizeof(witness));
		legal += expected;
	}
	assert_true(legal > 1000);
}

static void what_is_written_is_read_back_and_is_the_shortest(void **state)
{
	uint64_t seed = UINT64_C(0x9216d5d98979fb1b);

	(void)state;
	for (int round = 0; round < 100000; round++) {
		char text[HF_ADDR_TEXT], witness[INET6_ADDRSTRLEN];
		hf_addr a = { { 0 } }, back;

		for (size_t i = 0; i < 16; i++)
			a.octet[i] = draw_below(&seed, 5) ? 0 : (uint8_t)draw(&seed);
		/* Where the C library writes a dotted quad, RFC 5952 need not. */
		a.octet[0] |= 1;
		hf_addr_format(&a, text);
		assert_true(hf_addr_parse(text, &back));
		assert_true(hf_addr_equal(&a, &back));
		assert_string_equal(text, inet_ntop(AF_INET6, a.octet, witness, sizeof(witness)));
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(kinds_of_address_are_told_by_their_prefix),
		cmocka_unit_test(every_octet_counts_for_equality),
		cmocka_unit_test(networks_are_compared_to_the_bit),
		cmocka_unit_test(the_two_families_share_no_network),
		cmocka_unit_test(a_prefix_that_is_too_long_means_all_bits),
		cmocka_unit_test(addresses_are_written_as_rfc_5952_says),
		cmocka_unit_test(the_longest_text_fits),
		cmocka_unit_test(what_is_no_address_is_refused),
		cmocka_unit_test(every_legal_form_is_read),
		cmocka_unit_test(random_text_is_read_as_the_c_library_reads_it),
		cmocka_unit_test(what_is_written_is_read_back_and_is_the_shortest),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
