/* SPDX-License-Identifier: BSD-2-Clause */
/* The parser of ICMP messages, both versions': type, code, MTU, and what is quoted. */
#include <string.h>

#include "drill/parse.h"

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

static const icmp_code v4_exceeded[] = {
	{ "ttl_exceeded_in_transit", 0 },
	{ "frag_reass_exceeded", 1 },
	{ NULL, 0 },
};

static const icmp_code v6_problem[] = {
	{ "header_field", 0 },
	{ "unknown_next_header", 1 },
	{ "unknown_option", 2 },
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
	{ "echo_request", 8, NULL },        { "time_exceeded", 11, v4_exceeded },
	{ "parameter_problem", 12, NULL },  { "timestamp_request", 13, NULL },
	{ "timestamp_reply", 14, NULL },    { "information_request", 15, NULL },
	{ "information_reply", 16, NULL },  { "address_mask_request", 17, NULL },
	{ "address_mask_reply", 18, NULL }, { NULL, 0, NULL },
};
static const icmp_type v6_types[] = {
	{ "unreachable", 1, v6_unreachable },
	{ "packet_too_big", 2, NULL },
	{ "time_exceeded", 3, v6_exceeded },
	{ "parameter_problem", 4, v6_problem },
	{ "echo_request", 128, NULL },
	{ "echo_reply", 129, NULL },
	{ NULL, 0, NULL },
};

/* `type_N` or `code_N`: what has no name, or shall not have one here. */
static bool read_numbered(hf_parser *p, const char *prefix, uint8_t *out)
{
	size_t len = strlen(prefix);
	int64_t n;

	if (p->now.kind != HF_TOKEN_WORD || p->now.len <= len ||
	    memcmp(p->now.text, prefix, len) != 0 ||
	    !hf_read_integer(p->now.text + len, p->now.len - len, &n) || n < 0 || n > UINT8_MAX)
		return false;
	*out = (uint8_t)n;
	hf_parse_advance(p);
	return true;
}

static bool read_icmp_code(hf_parser *p, const icmp_code *codes, hf_drill_icmp *out)
{
	for (; codes != NULL && codes->word != NULL; codes++) {
		if (hf_parse_word(p, codes->word)) {
			out->code = codes->code;
			return true;
		}
	}
	if (read_numbered(p, "code_", &out->code))
		return true;
	if (p->now.kind == HF_TOKEN_WORD && !hf_token_is_word(&p->now, "mtu") &&
	    !hf_token_is_word(&p->now, "id"))
		return hf_parse_fail(p, "an ICMP code was expected");
	return true;
}

static bool read_icmp_type(hf_parser *p, bool is_v6, hf_drill_icmp *out)
{
	const icmp_type *types = is_v6 ? v6_types : v4_types;

	out->word = "";
	if (read_numbered(p, "type_", &out->type))
		return read_icmp_code(p, NULL, out);
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
		is_done = hf_parse_len(p, &out->len);
	} else if (hf_parse_word(p, "raw")) {
		out->quote = HF_DRILL_QUOTE_RAW;
		is_done = hf_parse_len(p, &out->len);
	} else if (hf_token_is_word(&p->now, "sctp")) {
		hf_parse_need(p, "SCTP");
		hf_parse_skip(p, ')');
		is_done = true;
	} else {
		out->quote = HF_DRILL_QUOTE_TCP;
		is_done = hf_parse_range(p, &out->seq, &out->len);
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
bool hf_parse_icmp(hf_parser *p, hf_drill_packet *packet)
{
	bool is_v6 = hf_parse_is_v6(p);
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
	/* Without a quote an error is about the SYN: what is quoted has the initial number. */
	if (packet->is_inbound && is_icmp_error(icmp, is_v6))
		icmp->quote = HF_DRILL_QUOTE_TCP;
	return read_quote(p, icmp);
}
