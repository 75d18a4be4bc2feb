/* SPDX-License-Identifier: BSD-2-Clause */
/* Fuzz target: any packets, shown to the flow tracker, and what is drawn and written of them. */
#include "targets.h"

#include "observe/json.h"
#include "observe/ladder.h"
#include "observe/trace.h"

/*
 * The input is a list of packets: how each was seen, its length, its octets. Who reads what is
 * written must not be led astray by octets from the network: text is whole lines without control
 * characters, and JSON is JSON.
 */

#define FLOWS 3
#define JSON_MAX 16384
#define DEEPEST 8

/* ---- Is it JSON? A line is kept until it is whole ---- */

struct reader {
	const char *at;
	unsigned depth;
};

static bool read_value(struct reader *r);

static bool take(struct reader *r, char c)
{
	if (*r->at != c)
		return false;
	r->at++;
	return true;
}

static bool read_string(struct reader *r)
{
	if (!take(r, '"'))
		return false;
	for (; *r->at != '"'; r->at++) {
		if ((unsigned char)*r->at < 0x20)
			return false;
		if (*r->at != '\\')
			continue;
		r->at++;
		if (*r->at == '\0' || strchr("\"\\/bfnrtu", *r->at) == NULL)
			return false;
	}
	return take(r, '"');
}

static bool read_number(struct reader *r)
{
	size_t len = strspn(r->at, "-+.eE0123456789");

	r->at += len;
	return len > 0;
}

/* Members or elements, up to `close`. */
static bool read_list(struct reader *r, char close, bool has_names)
{
	bool is_first = true;

	r->at++;
	if (++r->depth > DEEPEST)
		return false;
	for (; !take(r, close); is_first = false) {
		if (!is_first && !take(r, ','))
			return false;
		if (has_names && !(read_string(r) && take(r, ':')))
			return false;
		if (!read_value(r))
			return false;
	}
	r->depth--;
	return true;
}

static bool read_word(struct reader *r, const char *word)
{
	if (strncmp(r->at, word, strlen(word)) != 0)
		return false;
	r->at += strlen(word);
	return true;
}

static bool read_value(struct reader *r)
{
	switch (*r->at) {
	case '{':
		return read_list(r, '}', true);
	case '[':
		return read_list(r, ']', false);
	case '"':
		return read_string(r);
	case 't':
		return read_word(r, "true");
	case 'f':
		return read_word(r, "false");
	case 'n':
		return read_word(r, "null");
	default:
		return read_number(r);
	}
}

struct line {
	char text[JSON_MAX];
	size_t len;
};

static void take_json(void *ctx, const char *text, size_t len)
{
	struct line *line = ctx;

	for (size_t i = 0; i < len; i++) {
		struct reader r = { .at = line->text };

		if (text[i] != '\n') {
			assert_true(line->len + 1 < sizeof(line->text));
			line->text[line->len++] = text[i];
			continue;
		}
		line->text[line->len] = '\0';
		assert_true(*r.at == '{' && read_value(&r) && *r.at == '\0');
		line->len = 0;
	}
}

/* ---- Is it text that a terminal may show? ---- */

static void take_text(void *ctx, const char *text, size_t len)
{
	(void)ctx;
	assert_true(len == 0 || text[len - 1] == '\n');
	for (size_t i = 0; i < len; i++)
		assert_true(text[i] == '\n' || ((unsigned char)text[i] >= 0x20 && text[i] != 0x7f));
}

/* ---- The packets ---- */

static hf_seen any_seen(hf_view *in, hf_time *now)
{
	uint8_t how = fuzz_u8(in);
	hf_seen seen = { .link = how & 1 ? HF_LINK_ETHERNET : HF_LINK_IP,
			 .way = (hf_way)((how >> 1 & 3) % 3),
			 .trust_checksum = !(how & 8) };

	now->ns += (int64_t)fuzz_u8(in) << (how >> 4) * 2;
	seen.at = *now;
	if (how & 8) {
		seen.gso_size = fuzz_u16(in);
		seen.lost = fuzz_u8(in) & 1 ? "lost" : NULL;
	}
	if (seen.way != HF_WAY_PASSING) {
		seen.reason = (hf_reason)(fuzz_u8(in) % HF_REASON_COUNT);
		seen.cause = (hf_cause)(fuzz_u8(in) % HF_CAUSE_COUNT);
		seen.state = (hf_state)(fuzz_u8(in) % HF_STATE_COUNT);
	}
	seen.data = fuzz_take(in, fuzz_u8(in));
	return seen;
}

struct watch {
	hf_tracker *tracker;
	hf_ladder *ladder;
	hf_sink text, json;
	struct line line;
};

static void show(struct watch *w, const hf_step *step)
{
	assert_true(step->flow == NULL || step->flow->slot < FLOWS);
	hf_ladder_step(w->ladder, step);
	hf_trace_step(step, (hf_time){ 0 }, &w->text);
	hf_json_step(step, &w->json);
}

static void end(struct watch *w, hf_time now)
{
	hf_step step;

	assert_true(hf_tracker_slots(w->tracker) <= FLOWS);
	for (uint32_t n = 0; n < hf_tracker_slots(w->tracker); n++) {
		const hf_flow *flow = hf_tracker_flow(w->tracker, n);
		hf_endpoint ends[2];

		if (flow == NULL)
			continue;
		ends[0] = flow->end[0].at;
		ends[1] = flow->end[1].at;
		hf_json_flow(flow, &w->json);
		if (hf_tracker_verdict(w->tracker, ends, HF_WHY_RESET_BY_PEER, now, &step))
			show(w, &step);
	}
	hf_ladder_flush(w->ladder);
	assert_int_equal(w->line.len, 0);
}

static void one_watch(hf_view input)
{
	static struct watch w;
	uint8_t style = fuzz_u8(&input);
	const hf_ladder_style how = { .unicode = style & 1, .width = style };
	const hf_sipkey key = { 1, 2 };
	hf_time now = { 0 };

	w = (struct watch){ .text = { take_text, NULL }, .json = { take_json, &w.line } };
	w.tracker = hf_tracker_new(FLOWS, &key);
	w.ladder = hf_ladder_new(FLOWS, &how, &w.text);
	assert_non_null(w.tracker);
	assert_non_null(w.ladder);
	while (input.len > 0) {
		hf_seen seen = any_seen(&input, &now);
		uint8_t *octets = fuzz_copy(seen.data);
		hf_step step;

		seen.data.at = octets;
		hf_tracker_see(w.tracker, &seen, &step);
		show(&w, &step);
		free(octets);
	}
	end(&w, now);
	hf_ladder_free(w.ladder);
	hf_tracker_free(w.tracker);
}

const fuzz_target fuzz_observe = { "observe", one_watch };
