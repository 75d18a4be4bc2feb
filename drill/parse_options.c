/* SPDX-License-Identifier: BSD-2-Clause */
/* The parser of TCP options. */
#include <string.h>

#include "base/octets.h"
#include "drill/parse.h"
#include "drill/sign.h"
#include "wire/tcp_options.h"

#define FAST_OPEN_EXPERIMENT 0xf989u
#define ACCURATE_EXPERIMENT 0xacc0u /* and the next one */
#define TARR_EXPERIMENT 0x00acu
#define COUNTER_MAX 0xffffffu

typedef bool reader(hf_parser *p, hf_drill_option *o);

static bool read_mss(hf_parser *p, hf_drill_option *o)
{
	uint64_t n;

	if (!hf_parse_number(p, UINT16_MAX, &n))
		return false;
	o->kind = HF_DRILL_MSS;
	o->number = (uint32_t)n;
	return true;
}

static bool read_wscale(hf_parser *p, hf_drill_option *o)
{
	uint64_t n;

	if (!hf_parse_number(p, UINT8_MAX, &n))
		return false;
	o->kind = HF_DRILL_WSCALE;
	o->number = (uint32_t)n;
	return true;
}

static bool read_block(hf_parser *p, hf_drill_option *o)
{
	uint64_t left, right;

	if (o->blocks == HF_DRILL_BLOCKS)
		return hf_parse_fail(p, "at most %d blocks fit", HF_DRILL_BLOCKS);
	if (!hf_parse_number(p, UINT32_MAX, &left) || !hf_parse_expect(p, ':') ||
	    !hf_parse_number(p, UINT32_MAX, &right))
		return false;
	o->sack[o->blocks][0] = (uint32_t)left;
	o->sack[o->blocks++][1] = (uint32_t)right;
	return true;
}

static bool read_sack(hf_parser *p, hf_drill_option *o)
{
	o->kind = HF_DRILL_SACK;
	do {
		if (!read_block(p, o))
			return false;
	} while (p->now.kind == HF_TOKEN_INTEGER);
	return true;
}

static bool read_stamp(hf_parser *p, hf_drill_option *o)
{
	uint64_t n = 0;

	o->kind = HF_DRILL_STAMP;
	if (!hf_parse_word(p, "val"))
		return hf_parse_fail(p, "'val' was expected");
	o->any_number = p->now.kind == HF_TOKEN_ELLIPSIS;
	if (o->any_number)
		hf_parse_advance(p);
	else if (!hf_parse_number(p, UINT32_MAX, &n))
		return false;
	o->number = (uint32_t)n;
	if (!hf_parse_word(p, "ecr"))
		return hf_parse_fail(p, "'ecr' was expected");
	if (!hf_parse_number(p, UINT32_MAX, &n))
		return false;
	o->echo = (uint32_t)n;
	o->echo_as_stands = hf_parse_sign(p, '!');
	return true;
}

/* `valid`, `invalid`, or the octets of the signature. */
static bool read_signature(hf_parser *p, hf_drill_option *o, size_t computed)
{
	uint8_t written[HF_DRILL_OCTETS];
	size_t len;

	if (hf_parse_word(p, "valid"))
		o->signature = HF_DRILL_VALID;
	else if (hf_parse_word(p, "invalid"))
		o->signature = HF_DRILL_INVALID;
	if (o->signature != HF_DRILL_AS_WRITTEN) {
		if (!hf_drill_can_sign())
			hf_parse_need(p, "computed signatures, which need nettle");
		o->octets += computed;
		return true;
	}
	if (!hf_parse_octets(p, written, &len))
		return false;
	if (o->octets + len > HF_DRILL_OCTETS - 2)
		return hf_parse_fail(p, "this does not fit in the options: less was expected");
	memcpy(o->octet + o->octets, written, len);
	o->octets += len;
	return true;
}

static bool read_md5(hf_parser *p, hf_drill_option *o)
{
	o->kind = HF_DRILL_OTHER;
	o->code = HF_OPT_MD5;
	return read_signature(p, o, 16);
}

static bool read_key_id(hf_parser *p, const char *word, uint8_t *out)
{
	uint64_t n;

	if (!hf_parse_word(p, word))
		return hf_parse_fail(p, "'%s' was expected", word);
	if (!hf_parse_number(p, UINT8_MAX, &n))
		return false;
	*out = (uint8_t)n;
	return true;
}

/* ao keyid N rnext N valid|invalid|HEX; `valid 16`: a MAC of another length than 12 */
static bool read_ao(hf_parser *p, hf_drill_option *o)
{
	uint64_t len = HF_AO_MAC_DEFAULT;

	o->kind = HF_DRILL_OTHER;
	o->code = HF_OPT_AUTHENTICATION;
	if (!read_key_id(p, "keyid", &o->octet[0]) || !read_key_id(p, "rnext", &o->octet[1]))
		return false;
	o->octets = 2;
	if (!read_signature(p, o, 0))
		return false;
	if (o->signature == HF_DRILL_AS_WRITTEN)
		return true;
	if (p->now.kind == HF_TOKEN_INTEGER && !hf_parse_number(p, HF_AO_MAC_MAX, &len))
		return false;
	o->octets += (size_t)len;
	return true;
}

static bool read_fast_open(hf_parser *p, hf_drill_option *o)
{
	o->kind = HF_DRILL_OTHER;
	o->code = HF_OPT_FAST_OPEN;
	return hf_parse_octets(p, o->octet, &o->octets);
}

static bool read_experiment(hf_parser *p, hf_drill_option *o, uint32_t number)
{
	uint8_t cookie[HF_DRILL_OCTETS];
	size_t len;

	if (!hf_parse_octets(p, cookie, &len))
		return false;
	if (len > HF_DRILL_OCTETS - 4)
		return hf_parse_fail(p, "this does not fit in the options: less was expected");
	o->kind = HF_DRILL_OTHER;
	o->code = HF_OPT_EXPERIMENT_2;
	hf_put16(o->octet, (uint16_t)number);
	memcpy(o->octet + 2, cookie, len);
	o->octets = len + 2;
	return true;
}

static bool read_fast_open_experiment(hf_parser *p, hf_drill_option *o)
{
	return read_experiment(p, o, FAST_OPEN_EXPERIMENT);
}

static void put_counter(hf_drill_option *o, uint64_t n)
{
	o->octet[o->octets++] = (uint8_t)(n >> 16);
	o->octet[o->octets++] = (uint8_t)(n >> 8);
	o->octet[o->octets++] = (uint8_t)n;
}

/*
 * Accurate ECN's counters (RFC 9768 3.2.3) in one of the two orders, as many as there are. False:
 * one cannot be read.
 */
static bool read_counters(hf_parser *p, hf_drill_option *o, unsigned order, const char *prefix)
{
	static const char *const orders[2][3] = { { "e0b", "ceb", "e1b" },
						  { "e1b", "ceb", "e0b" } };
	uint64_t n;

	for (unsigned i = 0; i < 3; i++) {
		if (!hf_parse_word(p, hf_arena_format(p->arena, "%s%s", prefix, orders[order][i])))
			return true;
		if (!hf_parse_number(p, COUNTER_MAX, &n))
			return false;
		put_counter(o, n);
	}
	return true;
}

/* ECN e0b N ..., ECN e1b N ...: the first counter says which of the two orders it is. */
static bool read_ecn(hf_parser *p, hf_drill_option *o)
{
	unsigned order = hf_token_is_word(&p->now, "e1b");

	o->kind = HF_DRILL_OTHER;
	o->code = order == 0 ? HF_OPT_ACC_ECN_0 : HF_OPT_ACC_ECN_1;
	if (order == 0 && !hf_token_is_word(&p->now, "e0b"))
		return hf_parse_fail(p, "'e0b' was expected");
	return read_counters(p, o, order, "");
}

static bool read_nop(hf_parser *p, hf_drill_option *o)
{
	(void)p;
	o->kind = HF_DRILL_NOP;
	return true;
}

static bool read_eol(hf_parser *p, hf_drill_option *o)
{
	(void)p;
	o->kind = HF_DRILL_EOL;
	return true;
}

static bool read_sack_ok(hf_parser *p, hf_drill_option *o)
{
	(void)p;
	o->kind = HF_DRILL_SACK_OK;
	return true;
}

static const struct {
	const char *word;
	reader *read;
} option_words[] = {
	{ "nop", read_nop },        { "eol", read_eol },
	{ "mss", read_mss },        { "wscale", read_wscale },
	{ "sackOK", read_sack_ok }, { "sack", read_sack },
	{ "TS", read_stamp },       { "md5", read_md5 },
	{ "FO", read_fast_open },   { "FOEXP", read_fast_open_experiment },
	{ "ECN", read_ecn },        { "ao", read_ao },
};

/* AccECN0, AccECN1: with the counters' names of the other dialect. False: it is neither. */
static bool is_accurate(hf_parser *p, unsigned *order)
{
	*order = hf_token_is_word(&p->now, "AccECN1");
	return hf_parse_word(p, "AccECN0") || hf_parse_word(p, "AccECN1");
}

static bool read_accurate(hf_parser *p, hf_drill_option *o, unsigned order)
{
	o->kind = HF_DRILL_OTHER;
	o->code = order == 0 ? HF_OPT_ACC_ECN_0 : HF_OPT_ACC_ECN_1;
	if (!read_counters(p, o, order, "e"))
		return false;
	return p->now.kind != HF_TOKEN_WORD ||
	       hf_parse_fail(p, "counters in this option's order were expected");
}

/* exp-AccECN0, exp-AccECN1: the same behind the numbers of the time before RFC 9768. */
static bool read_accurate_experiment(hf_parser *p, hf_drill_option *o, unsigned order)
{
	o->kind = HF_DRILL_OTHER;
	o->code = HF_OPT_EXPERIMENT_2;
	hf_put16(o->octet, (uint16_t)(ACCURATE_EXPERIMENT + order));
	o->octets = 2;
	return read_counters(p, o, order, "e");
}

/* exp-tarr [N]: the rate of acknowledgements that is asked for, or that it may be asked for. */
static bool read_tarr(hf_parser *p, hf_drill_option *o)
{
	uint64_t n;

	o->kind = HF_DRILL_OTHER;
	o->code = HF_OPT_EXPERIMENT_2;
	hf_put16(o->octet, TARR_EXPERIMENT);
	o->octets = 2;
	if (p->now.kind != HF_TOKEN_INTEGER)
		return true;
	if (!hf_parse_number(p, 127, &n))
		return false;
	o->octet[o->octets++] = (uint8_t)(n << 1);
	return true;
}

/* gen-KIND [HEX] */
static bool read_generic(hf_parser *p, hf_drill_option *o)
{
	uint64_t kind;

	if (p->now.kind != HF_TOKEN_INTEGER || p->now.value >= 0)
		return hf_parse_fail(p, "gen-KIND was expected");
	kind = (uint64_t)-p->now.value; /* the dash was read as a sign */
	if (kind > UINT8_MAX)
		return hf_parse_fail(p, "an option kind up to 255 was expected");
	hf_parse_advance(p);
	o->kind = HF_DRILL_OTHER;
	o->code = (uint8_t)kind;
	return hf_parse_octets(p, o->octet, &o->octets);
}

/* exp-FO [HEX], exp-tarr [N], exp-AccECN0 ..., exp-AccECN1 ..., exp-EXID [HEX] */
static bool read_exp(hf_parser *p, hf_drill_option *o)
{
	uint8_t number[HF_DRILL_OCTETS];
	unsigned order;
	size_t len;

	if (hf_parse_sign(p, '-')) {
		if (is_accurate(p, &order))
			return read_accurate_experiment(p, o, order);
		if (hf_parse_word(p, "tarr"))
			return read_tarr(p, o);
		if (hf_parse_word(p, "FO"))
			return read_experiment(p, o, FAST_OPEN_EXPERIMENT);
		if (p->now.kind == HF_TOKEN_WORD && hf_parse_octets(p, number, &len) && len == 2)
			return read_experiment(p, o, hf_get16(number));
	} else if (p->now.kind == HF_TOKEN_INTEGER && p->now.value < 0 && p->now.value >= -9999) {
		int64_t n = -p->now.value; /* four decimal digits, which are hexadecimal ones */
		uint32_t exid = (uint32_t)(n / 1000 * 4096 + n / 100 % 10 * 256 + n / 10 % 10 * 16 +
					   n % 10);

		hf_parse_advance(p);
		return read_experiment(p, o, exid);
	}
	return hf_parse_fail(p, "exp-FO or exp- and four hexadecimal digits were expected");
}

/* An option that is nothing but octets. */
static bool read_raw(hf_parser *p, hf_drill_option *o)
{
	o->kind = HF_DRILL_RAW;
	if (!hf_parse_octets(p, o->octet, &o->octets))
		return false;
	return o->octets > 0 || hf_parse_fail(p, "a TCP option was expected");
}

static bool read_option(hf_parser *p, hf_drill_option *o)
{
	unsigned order;

	for (size_t i = 0; i < sizeof(option_words) / sizeof(option_words[0]); i++) {
		if (hf_parse_word(p, option_words[i].word))
			return option_words[i].read(p, o);
	}
	if (is_accurate(p, &order))
		return read_accurate(p, o, order);
	if (hf_parse_word(p, "gen"))
		return read_generic(p, o);
	if (hf_parse_word(p, "exp"))
		return read_exp(p, o);
	return read_raw(p, o);
}

size_t hf_drill_option_len(const hf_drill_option *o)
{
	switch (o->kind) {
	case HF_DRILL_NOP:
	case HF_DRILL_EOL:
		return 1;
	case HF_DRILL_MSS:
		return 4;
	case HF_DRILL_WSCALE:
		return 3;
	case HF_DRILL_SACK_OK:
		return 2;
	case HF_DRILL_SACK:
		return 2 + 8 * (size_t)o->blocks;
	case HF_DRILL_STAMP:
		return 10;
	case HF_DRILL_OTHER:
		return 2 + o->octets;
	case HF_DRILL_RAW:
		break;
	}
	return o->octets;
}

static bool check_room(hf_parser *p, hf_drill_at at, const hf_drill_option *o)
{
	size_t len = 0;

	for (; o != NULL; o = o->next)
		len += hf_drill_option_len(o);
	if (len > HF_DRILL_OCTETS)
		return hf_parse_fail_at(p, at, "the options do not fit in 40 octets");
	if (len % 4 != 0)
		return hf_parse_fail_at(p, at, "the options do not fill words of 4 octets");
	return true;
}

bool hf_parse_options(hf_parser *p, hf_drill_packet *packet)
{
	hf_drill_option **last = &packet->tcp.options;
	hf_drill_at at = p->now.at;

	hf_parse_advance(p);
	if (p->now.kind == HF_TOKEN_ELLIPSIS) {
		if (packet->is_inbound)
			return hf_parse_fail(p, "an inbound packet needs its options");
		packet->tcp.any_options = true;
		hf_parse_advance(p);
		return hf_parse_expect(p, '>');
	}
	do {
		hf_drill_option *o = hf_arena_take(p->arena, sizeof(*o));

		if (!read_option(p, o))
			return false;
		*last = o;
		last = &o->next;
	} while (hf_parse_sign(p, ','));
	return hf_parse_expect(p, '>') && check_room(p, at, packet->tcp.options);
}
