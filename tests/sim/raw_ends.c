/* SPDX-License-Identifier: BSD-2-Clause */
/* Two raw ends and a link between them, for tests of the network itself. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <string.h>

#include "raw_ends.h"

struct got at_a, at_b;

void take(void *ctx, hf_lab_node *self, hf_lab_link *link, const hf_lab_packet *packet)
{
	struct got *got = ctx;

	(void)link;
	got->last = hf_lab_now(hf_lab_of(self));
	got->len = packet->len;
	assert_true(packet->len <= sizeof(got->octets));
	memcpy(got->octets, packet->data, packet->len);
	if (got->count < GOT_MOST && packet->len >= 4)
		got->number[got->count] = hf_get32(packet->data);
	got->count++;
}

struct ends ends_new(uint64_t seed, const hf_lab_path *path)
{
	struct ends p = { .lab = hf_lab_new(seed) };

	memset(&at_a, 0, sizeof(at_a));
	memset(&at_b, 0, sizeof(at_b));
	p.a = hf_lab_raw_add(p.lab, "a", take, &at_a);
	p.b = hf_lab_raw_add(p.lab, "b", take, &at_b);
	assert_int_equal(hf_lab_link_add("wire", p.a, p.b, path, &p.link), HF_OK);
	return p;
}

void ends_send(struct ends *p, uint32_t number, size_t len)
{
	uint8_t octets[2048] = { 0 };

	hf_put32(octets, number);
	hf_lab_send(p->a, p->link, octets, len);
}

void ends_finish(struct ends *p)
{
	assert_true(hf_lab_run_idle(p->lab, (hf_time){ HF_SEC(1000000) }));
	assert_int_equal(hf_lab_free(p->lab), 0);
}

size_t make_packet(int version, uint8_t *to, size_t text)
{
	static const uint8_t zeros[2000];
	hf_ip ip = { .src = hf_addr_v4(10, 0, 0, 1),
		     .dst = hf_addr_v4(10, 0, 0, 2),
		     .dont_fragment = true };
	hf_tcp tcp = { .src_port = 1000,
		       .dst_port = 80,
		       .seq = { 7000 },
		       .flags = HF_TCP_SYN,
		       .payload = { zeros, text } };

	if (version == 6) {
		assert_true(hf_addr_parse("fd00::1", &ip.src));
		assert_true(hf_addr_parse("fd00::2", &ip.dst));
	}
	return hf_lab_craft_tcp(&ip, &tcp, to, 2048);
}

bool is_whole(const struct got *got)
{
	hf_ip ip;
	hf_tcp tcp;

	return hf_ip_parse((hf_view){ got->octets, got->len }, &ip) == HF_WHY_NONE &&
	       ip.protocol == HF_IPPROTO_TCP && hf_tcp_parse(&ip, false, &tcp) == HF_WHY_NONE;
}
