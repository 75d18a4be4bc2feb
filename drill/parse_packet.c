/* SPDX-License-Identifier: BSD-2-Clause */
/* The parser of packets: direction, encapsulation, IP header, ports, then TCP, UDP or ICMP. */
#include <string.h>

#include "drill/parse.h"
#include "wire/tcp.h"

#define PAYLOAD_MAX 65535u

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

static bool read_len(hf_parser *p, uint32_t *out)
{
	uint64_t len;

	if (!hf_parse_expect(p, '(') || !hf_parse_number(p, PAYLOAD_MAX, &len) ||
	    !hf_parse_expect(p, ')'))
		return false;
	*out = (uint32_t)len;
	return true;
}

/* FROM:TO(LEN) */
static bool read_range(hf_parser *p, uint32_t *from, uint32_t *len)
{
	hf_drill_at at = p->now.at;
	uint64_t first, end;

	if (!hf_parse_number(p, UINT32_MAX, &first) || !hf_parse_expect(p, ':') ||
	    !hf_parse_number(p, UINT32_MAX, &end) || !read_len(p, len))
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
		return read_len(p, &packet->len);
	}
	if (!read_range(p, &packet->tcp.seq, &packet->len))
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

static void skip_through(hf_parser *p, char sign)
{
	while (p->now.kind != HF_TOKEN_END && p->now.kind != HF_TOKEN_BAD &&
	       !hf_parse_sign(p, sign))
		hf_parse_advance(p);
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
	if (hf_token_is_sign(&p->now, '[')) {
		hf_parse_need(p, "diagnostic payload of a reset");
		skip_through(p, ']');
	}
	if (hf_token_is_sign(&p->now, '/')) {
		hf_parse_need(p, "TCP over UDP");
		skip_through(p, ')');
	}
	return true;
}

/* ---- ICMP ---- */

typedef struct icmp_code {
	const char *word;
	uint8_t code;
} icmp_code;

static const icmp_code v4_unreachable[] = {
	{ "net_unreachable", 0 },
	{ "host_unreachable", 1 },
	{ "protocol_unreachable", 2 },
	{ "port_unreachable", 3 },
	{ "frag_needed", 4 },
	{ "source_route_failed", 5 },
	{ "net_unknown", 6 },
	{ "host_unknown", 7 },
	{ "source_host_isolated", 8 },
	{ "net_prohibited", 9 },
	{ "host_prohibited", 10 },
	{ "net_unreachable_for_tos", 11 },
	{ "host_unreachable_for_tos", 12 },
	{ "packet_filtered", 13 },
	{ "precedence_violation", 14 },
	{ "precedence_cutoff", 15 },
	{ NULL, 0 },
};
static const icmp_code v6_unreachable[] = {
	{ "net_unreachable", 0 },
	{ "no_route", 0 },
	{ "admin_prohibited", 1 },
	{ "not_neighbour", 2 },
	{ "address_unreachable", 3 },
	{ "port_unreachable", 4 },
	{ NULL, 0 },
};
static const icmp_code v6_exceeded[] = {
	{ "exceeded_hop_limit", 0 },
	{ "exceeded_frag_time", 1 },
	{ NULL, 0 },
};

typedef struct icmp_type {
	const char *word;
	uint8_t type;
	const icmp_code *codes; /* NULL: none by name */
} icmp_type;

static const icmp_type v4_types[] = {
	{ "echo_reply", 0, NULL },          { "unreachable", 3, v4_unreachable },
	{ "source_quench", 4, NULL },       { "redirect", 5, NULL },
	{ "echo_request", 8, NULL },        { "time_exceeded", 11, NULL },
	{ "parameter_problem", 12, NULL },  { "timestamp_request", 13, NULL },
	{ "timestamp_reply", 14, NULL },    { "information_request", 15, NULL },
	{ "information_reply", 16, NULL },  { "address_mask_request", 17, NULL },
	{ "address_mask_reply", 18, NULL }, { NULL, 0, NULL },
};
static const icmp_type v6_types[] = {
	{ "unreachable", 1, v6_unreachable },
	{ "packet_too_big", 2, NULL },
	{ "time_exceeded", 3, v6_exceeded },
	{ "parameter_problem", 4, NULL },
	{ "echo_request", 128, NULL },
	{ "echo_reply", 129, NULL },
	{ NULL, 0, NULL },
};

static bool read_icmp_code(hf_parser *p, const icmp_code *codes, hf_drill_icmp *out)
{
	for (; codes != NULL && codes->word != NULL; codes++) {
		if (hf_parse_word(p, codes->word)) {
			out->code = codes->code;
			return true;
		}
	}
	if (p->now.kind == HF_TOKEN_WORD && !hf_token_is_word(&p->now, "mtu") &&
	    !hf_token_is_word(&p->now, "id"))
		return hf_parse_fail(p, "an ICMP code was expected");
	return true;
}

static bool read_icmp_type(hf_parser *p, bool is_v6, hf_drill_icmp *out)
{
	const icmp_type *types = is_v6 ? v6_types : v4_types;

	for (; types->word != NULL; types++) {
		if (!hf_parse_word(p, types->word))
			continue;
		out->word = types->word;
		out->type = types->type;
		return read_icmp_code(p, types->codes, out);
	}
	return hf_parse_fail(p, "an ICMP type was expected");
}

static bool read_quote(hf_parser *p, hf_drill_icmp *out)
{
	bool is_done;

	if (!hf_parse_sign(p, '['))
		return true;
	if (hf_parse_word(p, "udp")) {
		out->quote = HF_DRILL_QUOTE_UDP;
		is_done = read_len(p, &out->len);
	} else if (hf_parse_word(p, "raw")) {
		out->quote = HF_DRILL_QUOTE_RAW;
		is_done = read_len(p, &out->len);
	} else if (hf_token_is_word(&p->now, "sctp")) {
		hf_parse_need(p, "SCTP");
		skip_through(p, ')');
		is_done = true;
	} else {
		out->quote = HF_DRILL_QUOTE_TCP;
		is_done = read_range(p, &out->seq, &out->len);
	}
	return is_done && hf_parse_expect(p, ']');
}

static bool allows_mtu(const hf_drill_icmp *icmp, bool is_v6)
{
	return is_v6 ? icmp->type == 2 : icmp->type == 3 && icmp->code == 4;
}

static bool is_icmp_error(const hf_drill_icmp *icmp, bool is_v6)
{
	return is_v6 ? icmp->type < 128 :
		       (icmp->type >= 3 && icmp->type <= 5) || icmp->type == 11 || icmp->type == 12;
}

/* What follows the word "icmp". */
static bool read_icmp(hf_parser *p, bool is_v6, hf_drill_packet *packet)
{
	hf_drill_icmp *icmp = &packet->icmp;
	uint64_t n;

	packet->protocol = HF_DRILL_ICMP;
	if (!read_icmp_type(p, is_v6, icmp))
		return false;
	if (hf_token_is_word(&p->now, "mtu")) {
		if (!allows_mtu(icmp, is_v6))
			return hf_parse_fail(p, "this message has no MTU: the quote was expected");
		hf_parse_advance(p);
		if (!hf_parse_number(p, is_v6 ? UINT32_MAX : UINT16_MAX, &n))
			return false;
		icmp->has_mtu = true;
		icmp->mtu = (uint32_t)n;
	}
	if (hf_parse_word(p, "id")) {
		if (!hf_parse_number(p, UINT16_MAX, &n))
			return false;
		icmp->has_id = true;
		icmp->id = (uint16_t)n;
	}
	if (packet->is_inbound && is_icmp_error(icmp, is_v6) && !hf_token_is_sign(&p->now, '['))
		hf_parse_need(p, "an ICMP error that quotes nothing");
	return read_quote(p, icmp);
}

/* ---- Packets ---- */

/* Encapsulation: told apart, and named as not supported. */
static bool read_prefixes(hf_parser *p)
{
	static const char *const words[] = { "ipv4", "ipv6", "gre", "mpls" };

	for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++) {
		if (!hf_token_is_word(&p->now, words[i]))
			continue;
		hf_parse_need(p, "encapsulation '%s'", words[i]);
		/* The address of an IPv6 header has colons; the one that ends it has a blank. */
		do {
			skip_through(p, ':');
			if (p->now.kind == HF_TOKEN_END || p->now.kind == HF_TOKEN_BAD)
				return hf_parse_fail(p, "':' was expected");
		} while (p->used == p->now.begin);
		return read_prefixes(p);
	}
	return true;
}

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

static bool is_v6_script(const hf_parser *p)
{
	for (const hf_drill_setting *o = p->script->settings; o != NULL; o = o->next) {
		if (strcmp(o->name, "ip_version") == 0 && o->value != NULL)
			return strcmp(o->value, "ipv6") == 0;
	}
	return false;
}

bool hf_parse_packet(hf_parser *p, hf_drill_packet *out)
{
	*out = (hf_drill_packet){ .is_inbound = hf_token_is_sign(&p->now, '<') };
	out->ip.ecn = HF_DRILL_ECN_UNSAID;
	hf_parse_advance(p);
	if (!read_prefixes(p) || !hf_parse_ip_info(p, out))
		return false;
	if (hf_parse_word(p, "icmp"))
		return read_icmp(p, is_v6_script(p), out);
	if (hf_parse_word(p, "udp")) {
		out->protocol = HF_DRILL_UDP;
		return read_ports(p, out) && read_len(p, &out->len);
	}
	if (hf_token_is_word(&p->now, "sctp")) {
		hf_parse_need(p, "SCTP");
		return hf_parse_fail(p, "SCTP is not supported: a TCP, UDP or ICMP packet");
	}
	return read_ports(p, out) && read_tcp(p, out);
}
