/* SPDX-License-Identifier: BSD-2-Clause */
/* Signed segments of others: the test vectors of RFC 9235, and MD5 as OpenSSL computes it. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "io/auth/nettle.h"
#include "tcp/auth.h"
#include "tests/unit/support.h"

/* RFC 9235 3.1: the client is the host that the vectors speak of. */
#define MASTER "testvector"

/* The TCP part of a packet, and the traffic key that signed it. */
typedef struct vector {
	const char *section;
	const char *algorithm;
	bool is_v6, omits_options, from_server;
	const char *key, *segment;
} vector;

static const vector vectors[] = {
	{ "4.1.1", "hmac-sha-1", false, false, false, "6d63ef1b02fe1509d4b1402707fd7b0416abb74f",
	  "e9d700b3fbfbab5a00000000e002ffffcac40000020405b4010303080402080a00155ab700000000"
	  "1d103d542ee437c6f8ede6d7c4d602e7" },
	{ "4.1.2", "hmac-sha-1", false, false, true, "d9e217e4834a80ca2f3fd8de2e41b8e6797fea96",
	  "00b3e9d711c14261fbfbab5be012ffff37760000020405b4010303080402080a84a50beb00155ab7"
	  "1d10543deeab0fe24c3010815116b3be" },
	{ "4.1.3", "hmac-sha-1", false, false, false, "d2e59c65ffc7b1a39347656463b70edc24a13d71",
	  "e9d700b3fbfbab5b11c14262c0180104a16200000101080a00155ac184a50beb1d103d547064cf99"
	  "8cc6c315c2c2e2bfffffffffffffffffffffffffffffffff00430104dabf00b40a0b0c0d26020601"
	  "0400010001020280000202020002024200020641040000dabf02084006006400010100" },
	{ "4.1.4", "hmac-sha-1", false, false, true, "d9e217e4834a80ca2f3fd8de2e41b8e6797fea96",
	  "00b3e9d711c14262fbfbab9ec0180100400c00000101080a84a50bf500155ac11d10543da63f0ecb"
	  "bb2e635c954deac7ffffffffffffffffffffffffffffffff00430104dac000b4ac1b1c1d26020601"
	  "0400010001020280000202020002024200020641040000dac002084006006400010100" },
	{ "4.2.1", "hmac-sha-1", false, true, false, "30eaa1560cf0be57dab5c045229fb10a423cd7ea",
	  "ff1200b3cb0efbee00000000e002ffff541f0000020405b4010303080402080a00024cce00000000"
	  "1d103d5480af3cfeb85368937b8f9ec2" },
	{ "4.2.2", "hmac-sha-1", false, true, true, "b5b2896bb3664e8176b0edc6e799524101a8307f",
	  "00b3ff12acd5b5e1cb0efbefe012ffff388e0000020405b4010303080402080a576772f300024cce"
	  "1d10543d09306f9acea63a8c68cb9a70" },
	{ "4.2.3", "hmac-sha-1", false, true, false, "f3db1793d7910ecd806c34f155ea1f00345953e3",
	  "ff1200b3cb0efbefacd5b5e2c01801046c4500000101080a00024cce576772f31d103d54710608cc"
	  "696c03a271c93aa5ffffffffffffffffffffffffffffffff00430104dabf00b40a0b0c0d26020601"
	  "0400010001020280000202020002024200020641040000dabf02084006006400010100" },
	{ "5.1.1", "aes-128-cmac", false, false, false, "f5b8b3d5f34fdbb6eb8d4ab9660e60e3",
	  "c4fa00b3787a1ddf00000000e002ffff5a0f0000020405b4010303080402080a00017ed000000000"
	  "1d103d54e477e99c8040765498e55091" },
	{ "5.1.2", "aes-128-cmac", false, false, true, "4bc7571a486f3264bbd888474066b4b1",
	  "00b3c4fafadd6de9787a1de0e012fffff3f20000020405b4010303080402080a93f4e9e800017ed0"
	  "1d10543dd6ada7bc4cdd536d1769db5f" },
	{ "5.2.1", "aes-128-cmac", false, true, false, "2cdbae1392c49449fa92c4509735d50e",
	  "da1c00b3389bed7100000000e002ffff70bf0000020405b4010303080402080a000185e100000000"
	  "1d103d54c44e60cb31f7c0b1de3d2749" },
	{ "5.2.2", "aes-128-cmac", false, true, true, "3ce67a551869506b6347b633c50a624a",
	  "00b3da1cd3844a6f389bed72e012ffffe4450000020405b4010303080402080ace459838000185e1"
	  "1d10543d3a6abb207e49b1be7136db90" },
	{ "5.2.3", "aes-128-cmac", false, true, false, "035bc400a341ffe595f59f58005006ca",
	  "da1c00b3389bed72d3844a70c0180104885100000101080a000185e1ce4598381d103d547585e9e9"
	  "d5c3ec857b96f837ffffffffffffffffffffffffffffffff00430104dabf00b40a0b0c0d26020601"
	  "0400010001020280000202020002024200020641040000dabf02084006006400010100" },
	{ "6.1.1", "hmac-sha-1", true, false, false, "625ec09d575836edc9b6428418bbf06989a361bb",
	  "f7e400b3176a833f00000000e002ffff47210000020405a0010303080402080a0041d08700000000"
	  "1d103d549033ec3d7334b64c5edd039f" },
	{ "6.1.2", "hmac-sha-1", true, false, true, "e4a37ada2a0afca8711434913fe138c771ebcb4a",
	  "00b3f7e43f51994b176a8340e012ffffbfec0000020405a0010303080402080abd33129b0041d087"
	  "1d10543df1cba346c3526163f71f1f55" },
	{ "6.2.1", "hmac-sha-1", true, true, false, "31a3faf69effae52931b7f845467315c270a4edc",
	  "c6cd00b3020c1e6900000000e002ffffa41a0000020405a0010303080402080a009db95b00000000"
	  "1d103d54885698b0530ed4d5a15f8346" },
	{ "6.2.3", "hmac-sha-1", true, true, false, "b34eed6a9396a669f1c4f4f57618f3656f52c7ab",
	  "c6cd00b3020c1e6aeba3734ec018010083e600000101080a009db9655ec99b701d103d5448bd093b"
	  "1924e001192f5bf0ffffffffffffffffffffffffffffffff00430104fde800b40101017926020601"
	  "0400010001020280000202020002024200020641040000fde802084006006400010100" },
	{ "7.1.1", "aes-128-cmac", true, false, false, "fa5a2108882d39d0c71929175ab1b7b8",
	  "f85a00b3193cccec00000000e002ffffde5d0000020405a0010303080402080a13e4ab9900000000"
	  "1d103d5459b588107481ac6dc3927040" },
	{ "7.1.3", "aes-128-cmac", true, false, false, "6174c3557abed27574dba37185f00300",
	  "f85a00b3193ccceda6744eccc0180100328000000101080a13e4aba371daabc81d103d547b6a455c"
	  "0d4f5f01835baab3ffffffffffffffffffffffffffffffff00430104fde800b40101017926020601"
	  "0400010001020280000202020002024200020641040000fde802084006006400010100" },
	{ "7.2.1", "aes-128-cmac", true, true, false, "a94f511263e4093d35dd818c13bbbf53",
	  "f28800b3b01da74a00000000e002ffff75ff0000020405a0010303080402080a14275b3b00000000"
	  "1d103d543d45b4342de8bb1530847898" },
	{ "7.2.2", "aes-128-cmac", true, true, true, "92dea5bbc78b1d9f5b2952e9cd30642a",
	  "00b3f288a6246145b01da74be012ffffa70c0000020405a0010303080402080a1782245b14275b3b"
	  "1d10543d1d01f6c87c6f93acffa9d4b5" },
};

#define VECTORS (sizeof(vectors) / sizeof(vectors[0]))

static unsigned digit(char c)
{
	return c <= '9' ? (unsigned)(c - '0') : (unsigned)(c - 'a') + 10;
}

static size_t read_hex(const char *text, uint8_t *out)
{
	size_t n = 0;

	for (; text[2 * n]; n++)
		out[n] = (uint8_t)(digit(text[2 * n]) << 4 | digit(text[2 * n + 1]));
	return n;
}

static hf_addr end_of(const vector *v, bool server)
{
	hf_addr a6 = { { 0xfd, [15] = server ? 2 : 1 } };

	if (v->is_v6)
		return a6;
	return server ? hf_addr_v4(172, 27, 28, 29) : hf_addr_v4(10, 11, 12, 13);
}

/* The sender's view. */
static hf_flow flow_of(const vector *v, const uint8_t *segment)
{
	return (hf_flow){ end_of(v, v->from_server), end_of(v, !v->from_server), hf_get16(segment),
			  hf_get16(segment + 2) };
}

/* The first segments say the ISNs; those of text begin right after them, but for 4.1.4. */
static hf_isns isns_of(const vector *v, const uint8_t *segment)
{
	hf_seq seq = { hf_get32(segment + 4) }, ack = { hf_get32(segment + 8) };
	unsigned flags = segment[13];

	if ((flags & (HF_TCP_SYN | HF_TCP_ACK)) == HF_TCP_SYN)
		return (hf_isns){ seq, { 0 } };
	if (strcmp(v->section, "4.1.4") == 0)
		return (hf_isns){ { 0x11c14261 }, { 0xfbfbab5a } };
	return (hf_isns){ flags & HF_TCP_SYN ? seq : hf_seq_add(seq, UINT32_MAX),
			  hf_seq_add(ack, UINT32_MAX) };
}

static hf_mkt mkt_of(const vector *v)
{
	hf_mkt k = {
		.used = true,
		.omits_options = v->omits_options,
		.mac_len = 12,
		.secret_len = sizeof(MASTER) - 1,
		.mac = hf_nettle_mac(v->algorithm),
	};

	memcpy(k.secret, MASTER, k.secret_len);
	return k;
}

static void skip_without_nettle(const char *name)
{
	printf("# SKIP %s: nettle is missing\n", name);
	skip();
}

static void the_vectors_of_rfc_9235_hold(void **state)
{
	(void)state;
	if (!hf_nettle_mac_at(0))
		skip_without_nettle("the_vectors_of_rfc_9235_hold");
	for (unsigned i = 0; i < VECTORS; i++) {
		const vector *v = &vectors[i];
		uint8_t segment[256], right[HF_AUTH_DIGEST_MAX];
		size_t len = read_hex(v->segment, segment), key_len = read_hex(v->key, right);
		hf_flow f = flow_of(v, segment);
		hf_flow back = { f.remote, f.local, f.remote_port, f.local_port };
		hf_mkt k = mkt_of(v);
		hf_traffic_key sent, received;
		hf_auth_input in = { .key = &k,
				     .traffic = &sent,
				     .src = &f.local,
				     .dst = &f.remote,
				     .segment = { segment, len } };
		size_t mac;

		assert_int_equal(k.mac->digest_len, key_len);
		hf_traffic_key_send(&k, &f, isns_of(v, segment), &sent);
		hf_traffic_key_receive(&k, &back, isns_of(v, segment), &received);
		if (memcmp(sent.octet, right, key_len) != 0)
			fail_msg("traffic key of %s", v->section);
		assert_memory_equal(received.octet, right, key_len);
		mac = segment[12] == 0xe0 ? 20 + 24 : 20 + 16; /* behind the other options */
		assert_int_equal(segment[mac - 4], HF_OPT_AUTHENTICATION);
		if (!hf_auth_matches(&in, segment + mac))
			fail_msg("MAC of %s", v->section);
		segment[7] ^= 1;
		assert_false(hf_auth_matches(&in, segment + mac));
	}
}

/* What is derived is kept, and goes with its key. */
static void what_was_derived_is_wiped_when_its_key_is_forgotten(void **state)
{
	static const hf_traffic_key nothing;
	struct heap heap = { 0 };
	hf_mem mem = heap_mem(&heap);
	uint8_t segment[256];
	const hf_traffic_key *key;
	hf_flow f;
	hf_mkt k;
	hf_auth *a;

	(void)state;
	if (!hf_nettle_mac_at(0))
		skip_without_nettle("what_was_derived_is_wiped_when_its_key_is_forgotten");
	read_hex(vectors[0].segment, segment);
	f = flow_of(&vectors[0], segment);
	k = mkt_of(&vectors[0]);
	a = hf_auth_new(&mem, &k, (hf_seq){ 1 });
	hf_auth_set_irs(a, (hf_seq){ 2 });
	key = hf_auth_send_key(a, &f, &k);
	assert_memory_not_equal(key, &nothing, sizeof(nothing));
	assert_ptr_equal(hf_auth_send_key(a, &f, &k), key);
	hf_auth_forget(a, &k);
	assert_memory_equal(key, &nothing, sizeof(nothing));
	hf_auth_free(&mem, a);
	hf_mem_drain(&mem);
}

/* What `openssl dgst -md5` says of pseudo-header, header without checksum, text and secret. */
static void md5_signs_as_openssl_computes_it(void **state)
{
	static const uint8_t right[16] = { 0xf7, 0xc0, 0xfb, 0xef, 0x7e, 0x9e, 0xf9, 0xf0,
					   0x9b, 0x84, 0x73, 0xad, 0x03, 0xc0, 0xbe, 0x7a };
	uint8_t segment[44] = { 0x04, 0x00, 0x00, 0xb3, 0,    0,    0, 1, 0, 0, 0,  2,
				0xa0, 0x18, 0x10, 0x00, 0xab, 0xcd, 0, 0, 1, 1, 19, 18 };
	hf_addr src = hf_addr_v4(10, 0, 0, 1), dst = hf_addr_v4(10, 0, 0, 2);
	hf_mkt k = { .used = true, .is_md5 = true, .mac_len = 16, .secret_len = 6 };
	hf_auth_input in = { .key = &k, .src = &src, .dst = &dst, .segment = { segment, 44 } };

	(void)state;
	k.mac = hf_nettle_mac("md5");
	if (!k.mac)
		skip_without_nettle("md5_signs_as_openssl_computes_it");
	memcpy(k.secret, "secret", 6);
	memcpy(segment + 40, "text", 4);
	assert_true(hf_auth_matches(&in, right));
	k.secret[0]++;
	assert_false(hf_auth_matches(&in, right));
}

static void the_algorithms_have_names(void **state)
{
	(void)state;
	assert_null(hf_nettle_mac("rot13"));
	assert_null(hf_nettle_mac_at(100));
	for (unsigned i = 0; hf_nettle_mac_at(i); i++)
		assert_ptr_equal(hf_nettle_mac(hf_nettle_mac_at(i)->name), hf_nettle_mac_at(i));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_vectors_of_rfc_9235_hold),
		cmocka_unit_test(what_was_derived_is_wiped_when_its_key_is_forgotten),
		cmocka_unit_test(md5_signs_as_openssl_computes_it),
		cmocka_unit_test(the_algorithms_have_names),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
