/* SPDX-License-Identifier: BSD-2-Clause */
/* Packets in words: flags, options, endpoints, times, sizes and rates as a person reads them. */
#include "observe/words.h"

#include <inttypes.h>

void hf_words_flags(hf_text *t, uint16_t flags)
{
	static const struct {
		uint16_t bit;
		const char *word;
	} names[] = {
		{ HF_TCP_SYN, "SYN" }, { HF_TCP_FIN, "FIN" }, { HF_TCP_RST, "RST" },
		{ HF_TCP_PSH, "PSH" }, { HF_TCP_URG, "URG" }, { HF_TCP_ECE, "ECE" },
		{ HF_TCP_CWR, "CWR" }, { HF_TCP_AE, "AE" },   { HF_TCP_ACK, "ACK" },
	};
	const char *between = "";
	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		if (!(flags & names[i].bit))
			continue;
		hf_text_add(t, "%s%s", between, names[i].word);
		between = "-";
		flags &= (uint16_t)~names[i].bit;
	}
	if (flags)
		hf_text_add(t, "%s0x%x", between, (unsigned)flags);
	else if (!*between)
		hf_text_add(t, "none");
}

static void add_sack(hf_text *t, hf_view body, hf_seq base)
{
	hf_text_add(t, "sack");
	for (; body.len >= 8; body = hf_view_skip(body, 8))
		hf_text_add(t, " %" PRIu32 "-%" PRIu32, hf_get32(body.at) - base.v,
			    hf_get32(body.at + 4) - base.v);
}

static void add_user_timeout(hf_text *t, uint16_t field)
{
	hf_text_add(t, "user-timeout %u %s", field & 0x7fffU, field & 0x8000U ? "min" : "s");
}

/* Options without words of their own: the name, and how much they carry. */
static void add_other(hf_text *t, uint8_t kind, size_t len)
{
	const char *name = hf_tcp_option_name(kind);
	if (name)
		hf_text_add(t, "%s", name);
	else
		hf_text_add(t, "option %u", (unsigned)kind);
	if (len > 0)
		hf_text_add(t, " (%zu octet%s)", len, len == 1 ? "" : "s");
}

static void add_option(hf_text *t, const hf_tcp_option *o, hf_seq sack_base)
{
	const uint8_t *body = o->body.at;
	size_t len = o->body.len;

	if (o->kind == HF_OPT_MSS && len == 2)
		hf_text_add(t, "mss %u", (unsigned)hf_get16(body));
	else if (o->kind == HF_OPT_WSCALE && len == 1)
		hf_text_add(t, "wscale %u", (unsigned)body[0]);
	else if (o->kind == HF_OPT_TIMESTAMPS && len == 8)
		hf_text_add(t, "ts %" PRIu32 " ecr %" PRIu32, hf_get32(body), hf_get32(body + 4));
	else if (o->kind == HF_OPT_SACK && len >= 8)
		add_sack(t, o->body, sack_base);
	else if (o->kind == HF_OPT_USER_TIMEOUT && len == 2)
		add_user_timeout(t, hf_get16(body));
	else if (o->kind == HF_OPT_FAST_OPEN && len == 0)
		hf_text_add(t, "fast-open request");
	else
		add_other(t, o->kind, len);
}

void hf_words_options(hf_text *t, const hf_tcp_options *o, hf_seq sack_base)
{
	hf_view rest = o->raw;
	hf_tcp_option option;
	const char *between = "";
	while (hf_tcp_option_next(&rest, &option)) {
		if (option.kind == HF_OPT_NOP || option.kind == HF_OPT_EOL)
			continue;
		hf_text_add(t, "%s", between);
		add_option(t, &option, sack_base);
		between = " ";
	}
}

void hf_words_endpoint(hf_text *t, const hf_endpoint *e)
{
	char addr[HF_ADDR_TEXT];
	hf_text_add(t, hf_addr_is_v4(&e->addr) ? "%s:%u" : "[%s]:%u",
		    hf_addr_format(&e->addr, addr), (unsigned)e->port);
}

/* Three digits or more: "1.02", "40.1", "312". The limits are where rounding would add a digit. */
static void add_three_digits(hf_text *t, double value)
{
	volatile double stored = value; /* as a double, whatever wider a register holds */
	double v = stored;
	int decimals = v < 9.995 ? 2 : v < 99.95 ? 1 : 0;

	hf_text_add(t, "%.*f", decimals, v);
}

void hf_words_span(hf_text *t, hf_ns span)
{
	if (span < 0) {
		hf_text_add(t, "-");
		span = span == INT64_MIN ? INT64_MAX : -span;
	}
	double value = (double)span;
	if (span < HF_US(1)) {
		hf_text_add(t, "%" PRId64 " ns", span);
	} else if (value < 999.5e3) {
		add_three_digits(t, value / 1e3);
		hf_text_add(t, " us");
	} else if (value < 999.5e6) {
		add_three_digits(t, value / 1e6);
		hf_text_add(t, " ms");
	} else if (value < 59.95e9) {
		add_three_digits(t, value / 1e9);
		hf_text_add(t, " s");
	} else {
		int64_t seconds = span / HF_SEC(1) + (span % HF_SEC(1) >= HF_MS(500));
		if (seconds >= 3600)
			hf_text_add(t, "%" PRId64 " h %" PRId64 " min", seconds / 3600,
				    seconds / 60 % 60);
		else
			hf_text_add(t, "%" PRId64 " min %" PRId64 " s", seconds / 60, seconds % 60);
	}
}

void hf_words_since(hf_text *t, hf_ns since)
{
	double value = (double)since;
	if (value < 1e9 && value > -1e9)
		hf_text_add(t, "%+.3f ms", value / 1e6);
	else
		hf_text_add(t, "%+.3f s", value / 1e9);
}

void hf_words_octets(hf_text *t, uint64_t octets)
{
	static const char units[] = "KMGTPE";
	if (octets < 1024) {
		hf_text_add(t, "%u octet%s", (unsigned)octets, octets == 1 ? "" : "s");
		return;
	}
	double value = (double)octets / 1024;
	size_t unit = 0;
	while (value >= 1023.5 && units[unit + 1]) {
		value /= 1024;
		unit++;
	}
	hf_text_add(t, "%.*f %ciB", value < 99.95 ? 1 : 0, value, units[unit]);
}

void hf_words_rate(hf_text *t, uint64_t octets, hf_ns span)
{
	static const char *const units[] = { "bit/s", "kbit/s", "Mbit/s", "Gbit/s", "Tbit/s" };
	if (span <= 0) {
		hf_text_add(t, "-");
		return;
	}
	double value = (double)octets * 8e9 / (double)span;
	size_t unit = 0;
	while (value >= 999.5 && unit + 1 < sizeof(units) / sizeof(units[0])) {
		value /= 1000;
		unit++;
	}
	add_three_digits(t, value);
	hf_text_add(t, " %s", units[unit]);
}
