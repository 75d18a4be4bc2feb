/* SPDX-License-Identifier: BSD-2-Clause */
/* The parser of what stands before TCP: what is said of the IP header, and headers around it. */
#include <string.h>

#include "drill/parse.h"

/* ---- What is said of a header ---- */

static const struct {
	const char *word;
	uint8_t ecn;
} ecn_words[] = {
	{ "noecn", 0 },
	{ "ect1", 1 },
	{ "ect0", 2 },
	{ "ce", 3 },
	{ "ect01", HF_DRILL_ECN_ANY_ECT },
};

static const struct {
	const char *word;
	uint8_t dscp;
} dscp_words[] = {
	{ "cs0", 0 },   { "cs1", 8 },   { "cs2", 16 },  { "cs3", 24 },  { "cs4", 32 },
	{ "cs5", 40 },  { "cs6", 48 },  { "cs7", 56 },  { "af11", 10 }, { "af12", 12 },
	{ "af13", 14 }, { "af21", 18 }, { "af22", 20 }, { "af23", 22 }, { "af31", 26 },
	{ "af32", 28 }, { "af33", 30 }, { "af41", 34 }, { "af42", 36 }, { "af43", 38 },
	{ "ef", 46 },   { "le", 1 },
};

static bool read_ecn_word(hf_parser *p, bool is_inbound, hf_drill_ip *ip)
{
	for (size_t i = 0; i < sizeof(ecn_words) / sizeof(ecn_words[0]); i++) {
		if (!hf_token_is_word(&p->now, ecn_words[i].word))
			continue;
		if (ecn_words[i].ecn == HF_DRILL_ECN_ANY_ECT && is_inbound)
			return hf_parse_fail(p, "an inbound packet needs one codepoint");
		ip->ecn = ecn_words[i].ecn;
		hf_parse_advance(p);
		return true;
	}
	return hf_parse_fail(p, "something about the IP header was expected");
}

static bool read_dscp(hf_parser *p, hf_drill_ip *ip)
{
	uint64_t n;

	ip->has_dscp = true;
	if (p->now.kind == HF_TOKEN_INTEGER) {
		if (!hf_parse_number(p, 63, &n))
			return false;
		ip->dscp = (uint8_t)n;
		return true;
	}
	if (hf_parse_word(p, "voice")) { /* voice-admit */
		ip->dscp = 44;
		return hf_parse_expect(p, '-') &&
		       (hf_parse_word(p, "admit") || hf_parse_fail(p, "'admit' was expected"));
	}
	for (size_t i = 0; i < sizeof(dscp_words) / sizeof(dscp_words[0]); i++) {
		if (hf_parse_word(p, dscp_words[i].word)) {
			ip->dscp = dscp_words[i].dscp;
			return true;
		}
	}
	return hf_parse_fail(p, "a DSCP was expected");
}

static bool read_octet(hf_parser *p, bool *has, uint8_t *out)
{
	uint64_t n;

	if (!hf_parse_number(p, UINT8_MAX, &n))
		return false;
	*has = true;
	*out = (uint8_t)n;
	return true;
}

/* An address; the colon that ends the header is no part of it. */
static bool read_address(hf_parser *p, bool is_v6, hf_addr *out)
{
	hf_token t = hf_lexer_again(&p->lexer, &p->now,
				    is_v6 ? "0123456789abcdefABCDEF:." : "0123456789.");
	bool has_end = t.len > 1 && t.text[t.len - 1] == ':' && t.text[t.len - 2] != ':';

	has_end |= t.len > 2 && memcmp(t.text + t.len - 3, ":::", 3) == 0;
	if (is_v6 && has_end)
		hf_lexer_shorten(&p->lexer, &t);
	p->now = t;
	if (!hf_addr_parse(hf_arena_copy(p->arena, t.text, t.len), out) ||
	    hf_addr_is_v4(out) == is_v6)
		return hf_parse_fail(p, "an IPv%c address was expected", is_v6 ? '6' : '4');
	hf_parse_advance(p);
	return true;
}

/* to A: whom the header names */
static bool read_to(hf_parser *p, bool is_inbound, hf_drill_ip *ip)
{
	if (is_inbound)
		return hf_parse_fail(p, "what comes in is for this host: no address was expected");
	ip->has_to = true;
	return read_address(p, hf_parse_is_v6(p), &ip->to);
}

/* options HEX: IPv4's, as they stand */
static bool read_ip_options(hf_parser *p, hf_drill_ip *ip)
{
	if (!hf_parse_octets(p, ip->options, &ip->options_len))
		return false;
	if (ip->options_len == 0 || ip->options_len % 4 != 0)
		return hf_parse_fail(p, "IP options fill words of 4 octets: others were expected");
	ip->has_options = true;
	return true;
}

static bool read_ip_item(hf_parser *p, bool is_inbound, hf_drill_ip *ip)
{
	uint64_t n;

	if (hf_parse_word(p, "tos") || hf_parse_word(p, "class"))
		return read_octet(p, &ip->has_tos, &ip->tos);
	if (hf_parse_word(p, "ttl") || hf_parse_word(p, "hlim"))
		return read_octet(p, &ip->has_ttl, &ip->ttl);
	if (hf_parse_word(p, "dscp"))
		return read_dscp(p, ip);
	if (hf_parse_word(p, "flowlabel")) {
		if (!hf_parse_number(p, 0xfffff, &n))
			return false;
		ip->has_label = true;
		ip->label = (uint32_t)n;
		return true;
	}
	if (hf_parse_word(p, "options"))
		return read_ip_options(p, ip);
	if (hf_parse_word(p, "to"))
		return read_to(p, is_inbound, ip);
	hf_parse_word(p, "ecn");
	return read_ecn_word(p, is_inbound, ip);
}

bool hf_parse_ip_info(hf_parser *p, bool is_inbound, hf_drill_ip *ip)
{
	char close = hf_token_is_sign(&p->now, '[') ? ']' : ')';

	if (!hf_parse_sign(p, '[') && !hf_parse_sign(p, '('))
		return true;
	do {
		if (!read_ip_item(p, is_inbound, ip))
			return false;
	} while (hf_parse_sign(p, ','));
	return hf_parse_expect(p, close);
}

/* ---- Headers around ---- */

/* ipv4 [items] A > B */
static bool read_ip_wrap(hf_parser *p, hf_drill_packet *packet, hf_drill_wrap *w)
{
	bool is_v6 = hf_token_is_word(&p->now, "ipv6");

	hf_parse_advance(p);
	w->kind = HF_DRILL_WRAP_IP;
	w->ip.ecn = HF_DRILL_ECN_UNSAID;
	return hf_parse_ip_info(p, packet->is_inbound, &w->ip) && read_address(p, is_v6, &w->src) &&
	       hf_parse_expect(p, '>') && read_address(p, is_v6, &w->dst);
}

enum { GRE_SUM = 0x8000, GRE_KEY = 0x2000, GRE_SEQUENCE = 0x1000 };

static bool read_gre_field(hf_parser *p, hf_drill_wrap *w, bool *has_flags)
{
	static const struct {
		const char *word;
		uint16_t flag;
		uint64_t most;
	} fields[] = { { "flags", 0, UINT16_MAX },
		       { "sum", GRE_SUM, UINT16_MAX },
		       { "off", GRE_SUM, UINT16_MAX },
		       { "key", GRE_KEY, UINT32_MAX },
		       { "seq", GRE_SEQUENCE, UINT32_MAX } };
	uint64_t n = 0;
	size_t i = 0;

	while (i < sizeof(fields) / sizeof(fields[0]) && !hf_parse_word(p, fields[i].word))
		i++;
	if (i == sizeof(fields) / sizeof(fields[0]))
		return hf_parse_fail(p, "flags, sum, off, key or seq was expected");
	if (!hf_parse_number(p, fields[i].most, &n))
		return false;
	if (i == 0) {
		*has_flags = true;
		w->flags = (uint16_t)n;
	} else if (!*has_flags) { /* a field that is there says so */
		w->flags |= fields[i].flag;
	}
	w->sum = i == 1 ? (uint16_t)n : w->sum;
	w->offset = i == 2 ? (uint16_t)n : w->offset;
	w->key = i == 3 ? (uint32_t)n : w->key;
	w->sequence = i == 4 ? (uint32_t)n : w->sequence;
	return true;
}

/* gre [field N, ...] */
static bool read_gre(hf_parser *p, hf_drill_packet *packet, hf_drill_wrap *w)
{
	bool has_flags = false;

	(void)packet;
	hf_parse_advance(p);
	w->kind = HF_DRILL_WRAP_GRE;
	hf_parse_sign(p, ',');
	while (!hf_token_is_sign(&p->now, ':')) {
		if (!read_gre_field(p, w, &has_flags))
			return false;
		if (!hf_token_is_sign(&p->now, ':') && !hf_parse_expect(p, ','))
			return false;
	}
	return true;
}

static bool read_mpls_number(hf_parser *p, const char *word, uint64_t most, uint64_t *out)
{
	if (!hf_parse_word(p, word))
		return hf_parse_fail(p, "'%s' was expected", word);
	return hf_parse_number(p, most, out);
}

/* label N, tc N, [S], ttl N) */
static bool read_label(hf_parser *p, uint32_t *out)
{
	uint64_t label, class, ttl;
	bool is_last;

	if (!read_mpls_number(p, "label", 0xfffff, &label) || !hf_parse_expect(p, ',') ||
	    !read_mpls_number(p, "tc", 7, &class) || !hf_parse_expect(p, ','))
		return false;
	is_last = hf_parse_sign(p, '[');
	if (is_last && !hf_parse_word(p, "S"))
		return hf_parse_fail(p, "'S' was expected");
	if (is_last && (!hf_parse_expect(p, ']') || !hf_parse_expect(p, ',')))
		return false;
	if (!read_mpls_number(p, "ttl", UINT8_MAX, &ttl) || !hf_parse_expect(p, ')'))
		return false;
	*out = (uint32_t)(label << 12 | class << 9 | (uint64_t)is_last << 8 | ttl);
	return true;
}

static bool read_mpls(hf_parser *p, hf_drill_packet *packet, hf_drill_wrap *w)
{
	(void)packet;
	hf_parse_advance(p);
	w->kind = HF_DRILL_WRAP_MPLS;
	if (!hf_token_is_sign(&p->now, '('))
		return hf_parse_fail(p, "'(' was expected");
	while (hf_parse_sign(p, '(')) {
		if (w->labels == HF_DRILL_LABELS)
			return hf_parse_fail(p, "at most %d labels fit", HF_DRILL_LABELS);
		if (!read_label(p, &w->label[w->labels++]))
			return false;
	}
	return true;
}

/* What stands on the wire says what follows it, if these stand in this order. */
static bool may_follow(const hf_drill_wrap *before, hf_drill_wrap_kind kind)
{
	if (kind == HF_DRILL_WRAP_IP)
		return true;
	if (before == NULL)
		return false;
	return before->kind == HF_DRILL_WRAP_IP ||
	       (before->kind == HF_DRILL_WRAP_GRE && kind == HF_DRILL_WRAP_MPLS);
}

bool hf_parse_wraps(hf_parser *p, hf_drill_packet *packet)
{
	static const struct {
		const char *word;
		bool (*read)(hf_parser *p, hf_drill_packet *packet, hf_drill_wrap *w);
	} kinds[] = { { "ipv4", read_ip_wrap },
		      { "ipv6", read_ip_wrap },
		      { "gre", read_gre },
		      { "mpls", read_mpls } };
	hf_drill_wrap **link = &packet->wraps, *before = NULL, *w;
	size_t i;

	for (;; before = w, link = &w->next) {
		hf_drill_at at = p->now.at;

		for (i = 0; i < sizeof(kinds) / sizeof(kinds[0]); i++) {
			if (hf_token_is_word(&p->now, kinds[i].word))
				break;
		}
		if (i == sizeof(kinds) / sizeof(kinds[0]))
			return true;
		w = hf_arena_take(p->arena, sizeof(*w));
		if (!kinds[i].read(p, packet, w) || !hf_parse_expect(p, ':'))
			return false;
		if (!may_follow(before, w->kind))
			return hf_parse_fail_at(p, at, "this header cannot stand here");
		*link = w;
	}
}
