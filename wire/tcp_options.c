/* SPDX-License-Identifier: BSD-2-Clause */
/* TCP options: walking over them, reading them into a struct, writing them in Linux's order. */

/*
 * Theory of operation. Reading: hf_tcp_option_next steps from option to option and is the only
 * place that looks at lengths; what it hands out lies inside the area. A table from kind to row
 * says which lengths a kind allows, so that the code that stores a value never needs to check
 * again.
 *
 * Writing: an option begins at a chosen place within its 32-bit word, reached with NOPs. Timestamps
 * and SACK begin at the third octet, so that their numbers are aligned; a window scale begins at
 * the second. This one rule gives Linux's layouts: mss, sackOK and TS side by side, nop and wscale;
 * nop, nop, TS in later segments; nop, nop, sackOK if there are no timestamps.
 */
#include "wire/tcp_options.h"

#include "base/mem.h"

struct row {
	uint8_t kind, shortest, longest;
	const char *word;
};

static const struct row rows[HF_OPTION_BIT_COUNT] = {
#define X(name, kind, shortest, longest, word) { kind, shortest, longest, word },
	HF_TCP_OPTION_KINDS(X)
#undef X
};

/* The row of a kind plus 1; 0: not assigned. */
static const uint8_t row_of_kind[256] = {
#define X(name, kind, shortest, longest, word) [kind] = HF_HAS_BIT_##name + 1,
	HF_TCP_OPTION_KINDS(X)
#undef X
};

_Static_assert(HF_OPTION_BIT_COUNT < 64, "a bit for each kind in hf_tcp_options.present");

bool hf_tcp_option_next(hf_view *raw, hf_tcp_option *out)
{
	size_t len;

	if (raw->len == 0 || raw->at[0] == HF_OPT_EOL) /* MUST-4 */
		return false;
	out->kind = raw->at[0];
	if (out->kind == HF_OPT_NOP) { /* these two alone have no length (MUST-68) */
		len = 1;
		out->body = (hf_view){ raw->at + 1, 0 };
	} else {
		if (raw->len < 2)
			return false;
		len = raw->at[1];
		if (len < 2 || len > raw->len)
			return false;
		out->body = (hf_view){ raw->at + 2, len - 2 };
	}
	/*@ split len; */
	*raw = (hf_view){ raw->at + len, raw->len - len };
	return true;
}

const char *hf_tcp_option_name(uint8_t kind)
{
	const uint8_t row = row_of_kind[kind];

	return row == 0 ? NULL : rows[row - 1].word;
}

/* Is `body_len` octets a length that this kind may have? */
static bool is_length_allowed(uint8_t kind, size_t body_len)
{
	const uint8_t row = row_of_kind[kind];
	const size_t len = body_len + 2;

	if (row == 0 || len < rows[row - 1].shortest || len > rows[row - 1].longest)
		return false;
	if (kind == HF_OPT_SACK)
		return body_len % 8 == 0;
	/* RFC 7413 4.1.1: a cookie has 4 to 16 octets, an even number. */
	if (kind == HF_OPT_FAST_OPEN)
		return body_len == 0 || (body_len >= 4 && body_len % 2 == 0);
	return true;
}

static void store_sack(hf_view body, hf_tcp_options *out)
{
	out->sack_count = 0;
	for (size_t i = 0; i < HF_SACK_BLOCKS && (i + 1) * 8 <= body.len; i++) {
		out->sack[i].start.v = hf_get32(body.at + i * 8);
		out->sack[i].end.v = hf_get32(body.at + i * 8 + 4);
		out->sack_count++;
	}
}

/* The option has a length that its kind allows. */
static void store_option(const hf_tcp_option *option, hf_tcp_options *out)
{
	const hf_view body = option->body;

	switch (option->kind) {
	case HF_OPT_MSS: /* MUST-14 */
		out->mss = hf_get16(body.at);
		break;
	case HF_OPT_WSCALE:
		out->wscale = body.at[0];
		break;
	case HF_OPT_SACK:
		store_sack(body, out);
		break;
	case HF_OPT_TIMESTAMPS:
		out->tsval = hf_get32(body.at);
		out->tsecr = hf_get32(body.at + 4);
		break;
	case HF_OPT_USER_TIMEOUT:
		out->user_timeout = hf_get16(body.at);
		break;
	case HF_OPT_FAST_OPEN:
		out->fast_open = body;
		break;
	case HF_OPT_MD5:
		out->md5 = body;
		break;
	case HF_OPT_AUTHENTICATION:
		out->ao = body;
		break;
	case HF_OPT_EXPERIMENT_2:
		out->experiment = body;
		break;
	case HF_OPT_ACC_ECN_0:
	case HF_OPT_ACC_ECN_1:
		out->acc_ecn = body;
		out->present &= ~(HF_HAS(ACC_ECN_0) | HF_HAS(ACC_ECN_1));
		break;
	default:
		break;
	}
	out->present |= UINT64_C(1) << (row_of_kind[option->kind] - 1);
}

static void take_option(const hf_tcp_option *option, hf_tcp_options *out)
{
	if (option->kind == HF_OPT_NOP)
		out->present |= HF_HAS(NOP);
	else if (is_length_allowed(option->kind, option->body.len))
		store_option(option, out);
}

/** Of any segment, with SYN or without (MUST-5). */
hf_reason hf_tcp_options_parse(hf_view raw, hf_tcp_options *out)
{
	hf_tcp_option option;

	memset(out, 0, sizeof(*out));
	out->raw = raw;
	while (hf_tcp_option_next(&raw, &option))
		take_option(&option, out);
	if (raw.len == 0)
		return HF_WHY_NONE;
	if (raw.at[0] != HF_OPT_EOL)
		return HF_WHY_TCP_OPTION; /* MUST-7 */
	out->present |= HF_HAS(EOL);
	return HF_WHY_NONE;
}

/* The area that is being written. */
struct writer {
	uint8_t *to;
	size_t len; /* octets written */
};

static bool has(const hf_tcp_options *o, uint64_t bit)
{
	return (o->present & bit) != 0;
}

/* NOPs that bring the next octet to place `phase` of its 32-bit word. */
static size_t nops_before(const struct writer *w, size_t phase)
{
	return (phase + 4 - w->len % 4) % 4;
}

/*
 * Writes kind and length at place `phase` of a word and gives the body to fill in, or NULL if the
 * option does not fit any more.
 */
static uint8_t *add_option(struct writer *w, size_t phase, uint8_t kind, size_t body_len)
{
	const size_t nops = nops_before(w, phase);
	uint8_t *at;

	if (body_len > HF_TCP_OPTIONS_MAX || w->len + nops + 2 + body_len > HF_TCP_OPTIONS_MAX)
		return NULL;
	memset(w->to + w->len, HF_OPT_NOP, nops);
	at = w->to + w->len + nops;
	at[0] = kind;
	at[1] = (uint8_t)(2 + body_len);
	w->len += nops + 2 + body_len;
	return at + 2;
}

static void add_view(struct writer *w, size_t phase, uint8_t kind, hf_view body)
{
	uint8_t *at;

	if (!is_length_allowed(kind, body.len))
		return;
	at = add_option(w, phase, kind, body.len);
	if (at && body.len > 0)
		memcpy(at, body.at, body.len);
}

static void add_16(struct writer *w, uint8_t kind, uint16_t value)
{
	uint8_t *const at = add_option(w, 0, kind, 2);

	if (at)
		hf_put16(at, value);
}

static void add_sack_permitted_and_timestamps(struct writer *w, const hf_tcp_options *o)
{
	uint8_t *at;

	/* With timestamps, it takes the place of the two NOPs before them. */
	if (has(o, HF_HAS(SACK_PERMITTED)))
		add_option(w, has(o, HF_HAS(TIMESTAMPS)) ? 0 : 2, HF_OPT_SACK_PERMITTED, 0);
	if (!has(o, HF_HAS(TIMESTAMPS)))
		return;
	at = add_option(w, 2, HF_OPT_TIMESTAMPS, 8);
	if (at) {
		hf_put32(at, o->tsval);
		hf_put32(at + 4, o->tsecr);
	}
}

static void add_window_scale(struct writer *w, uint8_t shift)
{
	uint8_t *const at = add_option(w, 1, HF_OPT_WSCALE, 1);

	if (at)
		at[0] = shift;
}

static void add_sack(struct writer *w, const hf_tcp_options *o)
{
	const size_t before = w->len + nops_before(w, 2) + 2;
	size_t count = o->sack_count < HF_SACK_BLOCKS ? o->sack_count : HF_SACK_BLOCKS;
	uint8_t *at;

	while (count > 0 && before + count * 8 > HF_TCP_OPTIONS_MAX)
		count--;
	if (count == 0)
		return;
	at = add_option(w, 2, HF_OPT_SACK, count * 8);
	for (size_t i = 0; at && i < count; i++) {
		hf_put32(at + i * 8, o->sack[i].start.v);
		hf_put32(at + i * 8 + 4, o->sack[i].end.v);
	}
}

/* The counters may stand anywhere: they are read octet by octet. */
static void add_acc_ecn(struct writer *w, const hf_tcp_options *o)
{
	if (has(o, HF_HAS(ACC_ECN_0)))
		add_view(w, w->len % 4, HF_OPT_ACC_ECN_0, o->acc_ecn);
	else if (has(o, HF_HAS(ACC_ECN_1)))
		add_view(w, w->len % 4, HF_OPT_ACC_ECN_1, o->acc_ecn);
}

size_t hf_tcp_options_emit(const hf_tcp_options *o, uint8_t *to)
{
	struct writer w = { to, 0 };

	/*
	 * Authentication first: a segment that lacks it is worthless to the peer, whatever else
	 * fits.
	 */
	if (has(o, HF_HAS(MD5)))
		add_view(&w, 2, HF_OPT_MD5, o->md5);
	if (has(o, HF_HAS(AUTHENTICATION)))
		add_view(&w, 0, HF_OPT_AUTHENTICATION, o->ao);
	if (has(o, HF_HAS(MSS)))
		add_16(&w, HF_OPT_MSS, o->mss);
	add_sack_permitted_and_timestamps(&w, o);
	if (has(o, HF_HAS(WSCALE)))
		add_window_scale(&w, o->wscale);
	if (has(o, HF_HAS(SACK)))
		add_sack(&w, o);
	if (has(o, HF_HAS(USER_TIMEOUT)))
		add_16(&w, HF_OPT_USER_TIMEOUT, o->user_timeout);
	if (has(o, HF_HAS(FAST_OPEN)))
		add_view(&w, 0, HF_OPT_FAST_OPEN, o->fast_open);
	if (has(o, HF_HAS(EXPERIMENT_2)))
		add_view(&w, 0, HF_OPT_EXPERIMENT_2, o->experiment);
	add_acc_ecn(&w, o);
	while (w.len % 4 != 0)
		to[w.len++] = HF_OPT_EOL;
	return w.len;
}

size_t hf_tcp_options_len(const hf_tcp_options *o)
{
	uint8_t scratch[HF_TCP_OPTIONS_MAX];

	return o->present == 0 ? 0 : hf_tcp_options_emit(o, scratch);
}
