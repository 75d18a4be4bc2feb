/* SPDX-License-Identifier: BSD-2-Clause */
/* The parser of packets: direction, encapsulation, IP header, ports, then TCP or UDP. */
#include <string.h>

#include "drill/parse.h"
#include "wire/tcp.h"

#define PAYLOAD_MAX 65535u

/* Of a reset's diagnosis: what it begins with, and the keys of its map. */
enum { DIAGNOSIS_COOKIE = 12345, DIAGNOSIS_CODE = 1, DIAGNOSIS_PEN = 2 };

/* ---- Flags ---- */

static const struct {
	char letter;
	uint16_t bits;
} flag_letters[] = {
	{ 'F', HF_TCP_FIN }, { 'S', HF_TCP_SYN }, { 'R', HF_TCP_RST },
	{ 'P', HF_TCP_PSH }, { '.', HF_TCP_ACK }, { 'U', HF_TCP_URG },
	{ 'E', HF_TCP_ECE }, { 'W', HF_TCP_CWR }, { 'A', HF_TCP_AE },
};

static uint16_t flag_of(char letter)
{
	for (size_t i = 0; i < sizeof(flag_letters) / sizeof(flag_letters[0]); i++) {
		if (flag_letters[i].letter == letter)
			return flag_letters[i].bits;
	}
	return 0;
}

/* Accurate ECN's counter, as AE, CWR and ECE. */
static uint16_t counter_bits(char digit)
{
	unsigned n = (unsigned)(digit - '0');

	return (uint16_t)((n & 4 ? HF_TCP_AE : 0) | (n & 2 ? HF_TCP_CWR : 0) |
			  (n & 1 ? HF_TCP_ECE : 0));
}

static bool read_flags(hf_parser *p, uint16_t *out)
{
	const uint16_t ecn = HF_TCP_ECE | HF_TCP_CWR | HF_TCP_AE;
	hf_token t = hf_lexer_again(&p->lexer, &p->now, "FSRPEWAU.01234567-");
	bool has_digit = false;
	uint16_t flags = 0;

	if (t.len == 0)
		return hf_parse_fail(p, "flags were expected");
	p->now = t;
	for (size_t i = 0; i < t.len; i++) {
		uint16_t bit = flag_of(t.text[i]);
		bool is_digit = t.text[i] >= '0' && t.text[i] <= '7';

		if (t.text[i] == '-' && t.len > 1)
			return hf_parse_fail(p, "'-' stands for no flags at all");
		if ((has_digit && bit & ecn) || (is_digit && !has_digit && flags & ecn))
			return hf_parse_fail(p, "a counter stands instead of E, W and A");
		if (flags & bit || (is_digit && has_digit))
			return hf_parse_fail(p, "each flag may be there once");
		has_digit |= is_digit;
		flags |= is_digit ? counter_bits(t.text[i]) : bit;
	}
	*out = flags;
	hf_parse_advance(p);
	return true;
}

/* ---- Sequence numbers ---- */

bool hf_parse_len(hf_parser *p, uint32_t *out)
{
	uint64_t len;

	if (!hf_parse_expect(p, '(') || !hf_parse_number(p, PAYLOAD_MAX, &len) ||
	    !hf_parse_expect(p, ')'))
		return false;
	*out = (uint32_t)len;
	return true;
}

/* FROM:TO(LEN) */
bool hf_parse_range(hf_parser *p, uint32_t *from, uint32_t *len)
{
	hf_drill_at at = p->now.at;
	uint64_t first, end;

	if (!hf_parse_number(p, UINT32_MAX, &first) || !hf_parse_expect(p, ':') ||
	    !hf_parse_number(p, UINT32_MAX, &end) || !hf_parse_len(p, len))
		return false;
	if ((uint32_t)end != (uint32_t)(first + *len))
		return hf_parse_fail_at(p, at, "the range does not have this length");
	*from = (uint32_t)first;
	return true;
}

static bool read_seq(hf_parser *p, hf_drill_packet *packet)
{
	if (p->now.kind == HF_TOKEN_ELLIPSIS) {
		if (packet->is_inbound)
			return hf_parse_fail(p, "an inbound packet needs a sequence number");
		hf_parse_advance(p);
		packet->tcp.any_seq = true;
		return hf_parse_len(p, &packet->len);
	}
	if (!hf_parse_range(p, &packet->tcp.seq, &packet->len))
		return false;
	packet->tcp.seq_as_stands = hf_parse_sign(p, '!');
	return true;
}

/* ---- TCP ---- */

static bool read_numbers(hf_parser *p, hf_drill_tcp *t)
{
	uint64_t n;

	if (hf_parse_word(p, "ack")) {
		if (!hf_parse_number(p, UINT32_MAX, &n))
			return false;
		t->has_ack = true;
		t->ack = (uint32_t)n;
	}
	if (hf_parse_word(p, "win")) {
		if (!hf_parse_number(p, UINT16_MAX, &n))
			return false;
		t->has_window = true;
		t->window = (uint16_t)n;
	}
	if (hf_parse_word(p, "urg")) {
		if (!hf_parse_number(p, UINT16_MAX, &n))
			return false;
		t->has_urgent = true;
		t->urgent = (uint16_t)n;
	}
	return true;
}

void hf_parse_skip(hf_parser *p, char sign)
{
	while (p->now.kind != HF_TOKEN_END && p->now.kind != HF_TOKEN_BAD &&
	       !hf_parse_sign(p, sign))
		hf_parse_advance(p);
}

/* An unsigned integer of CBOR's, or with `major` 5 how many pairs follow (RFC 8949 3). */
static void put_cbor(hf_drill_tcp *t, unsigned major, uint64_t n)
{
	unsigned width = n < 24 ? 0 : n <= UINT8_MAX ? 1 : n <= UINT16_MAX ? 2 : 4;
	static const uint8_t told[] = { 0, 24, 25, 0, 26 };

	t->octet[t->octets++] = (uint8_t)(major << 5 | (width == 0 ? (unsigned)n : told[width]));
	while (width-- > 0)
		t->octet[t->octets++] = (uint8_t)(n >> 8 * width);
}

static bool read_pair(hf_parser *p, const char *word, uint64_t *out)
{
	if (!hf_parse_word(p, word))
		return hf_parse_fail(p, "'%s' was expected", word);
	return hf_parse_number(p, UINT32_MAX, out);
}

/* [code N] or [code N, pen N]: draft-ietf-tcpm-rst-diagnostic-payload has how it looks. */
static bool read_diagnosis(hf_parser *p, hf_drill_packet *packet)
{
	hf_drill_tcp *t = &packet->tcp;
	hf_drill_at at = p->now.at;
	uint64_t code, pen;
	bool has_pen;

	if (!(t->flags & HF_TCP_RST))
		return hf_parse_fail_at(p, at, "only a reset has a diagnosis");
	if (!read_pair(p, "code", &code))
		return false;
	has_pen = hf_parse_sign(p, ',');
	if (has_pen && !read_pair(p, "pen", &pen))
		return false;
	put_cbor(t, 0, DIAGNOSIS_COOKIE);
	put_cbor(t, 5, has_pen ? 2 : 1);
	put_cbor(t, 0, DIAGNOSIS_CODE);
	put_cbor(t, 0, code);
	if (has_pen) {
		put_cbor(t, 0, DIAGNOSIS_PEN);
		put_cbor(t, 0, pen);
	}
	if (packet->len != 0 && packet->len != t->octets)
		return hf_parse_fail_at(p, at,
					hf_arena_format(p->arena,
							"this diagnosis takes %zu octets, not %u",
							t->octets, packet->len));
	packet->len = (uint32_t)t->octets;
	return hf_parse_expect(p, ']');
}

/* /udp(SRC > DST) */
static bool read_udp(hf_parser *p, hf_drill_tcp *t)
{
	uint64_t src, dst;

	if (!hf_parse_word(p, "udp"))
		return hf_parse_fail(p, "'udp' was expected");
	if (!hf_parse_expect(p, '(') || !hf_parse_number(p, UINT16_MAX, &src) ||
	    !hf_parse_expect(p, '>') || !hf_parse_number(p, UINT16_MAX, &dst) ||
	    !hf_parse_expect(p, ')'))
		return false;
	t->over_udp = true;
	t->udp_src = (uint16_t)src;
	t->udp_dst = (uint16_t)dst;
	return true;
}

static bool read_tcp(hf_parser *p, hf_drill_packet *packet)
{
	packet->protocol = HF_DRILL_TCP;
	if (!read_flags(p, &packet->tcp.flags) || !read_seq(p, packet) ||
	    !read_numbers(p, &packet->tcp))
		return false;
	if (packet->is_inbound && !packet->tcp.has_window)
		return hf_parse_fail(p, "an inbound packet needs a window ('win N')");
	if (hf_token_is_sign(&p->now, '<') && !hf_parse_options(p, packet))
		return false;
	if (hf_parse_sign(p, '[') && !read_diagnosis(p, packet))
		return false;
	return !hf_parse_sign(p, '/') || read_udp(p, &packet->tcp);
}

/* ---- Packets ---- */

static bool read_ports(hf_parser *p, hf_drill_packet *packet)
{
	uint64_t src, dst;

	if (p->now.kind != HF_TOKEN_INTEGER)
		return true;
	if (!hf_parse_number(p, UINT16_MAX, &src) || !hf_parse_expect(p, '>') ||
	    !hf_parse_number(p, UINT16_MAX, &dst))
		return false;
	packet->has_ports = true;
	packet->src_port = (uint16_t)src;
	packet->dst_port = (uint16_t)dst;
	return true;
}

bool hf_parse_packet(hf_parser *p, hf_drill_packet *out)
{
	*out = (hf_drill_packet){ .is_inbound = hf_token_is_sign(&p->now, '<') };
	out->ip.ecn = HF_DRILL_ECN_UNSAID;
	hf_parse_advance(p);
	if (!hf_parse_wraps(p, out) || !hf_parse_ip_info(p, out->is_inbound, &out->ip))
		return false;
	if (hf_parse_word(p, "icmp"))
		return hf_parse_icmp(p, out);
	if (hf_parse_word(p, "udp")) {
		out->protocol = HF_DRILL_UDP;
		return read_ports(p, out) && hf_parse_len(p, &out->len);
	}
	if (hf_token_is_word(&p->now, "sctp")) {
		hf_parse_need(p, "SCTP");
		return hf_parse_fail(p, "SCTP is not supported: a TCP, UDP or ICMP packet");
	}
	return read_ports(p, out) && read_tcp(p, out);
}
