/* SPDX-License-Identifier: BSD-2-Clause */
/* The rows of a ladder: where everything stands on a line. */
#include "observe/rows.h"

#include <string.h>

enum {
	TIME_AT = 3,
	STATE_AT = 15,
	STATE_WIDTH = 12,
	LEFT_RAIL_AT = STATE_AT + STATE_WIDTH + 1,
	RIGHT_MARGIN = 1 + STATE_WIDTH,
	HEAD = 2,     /* the point of an arrow and the line before it */
	TAIL = 2,     /* the line where an arrow begins */
	PADDING = 2,  /* the spaces around its words */
	SHORT_OF = 3, /* how far from the rail a lost packet's arrow ends */
};

static unsigned right_rail_at(const hf_rows *r)
{
	return r->width - RIGHT_MARGIN - 1;
}

/* Columns between the rails. */
static unsigned inner(const hf_rows *r)
{
	return right_rail_at(r) - LEFT_RAIL_AT - 1;
}

/* ---- Pieces of a line ---- */

static void put(hf_pen *p, const char *text)
{
	hf_pen_put(p, text, strlen(text));
}

static void put_tag(hf_pen *p, uint64_t flow)
{
	static const hf_colour palette[] = { HF_COLOUR_CYAN, HF_COLOUR_MAGENTA, HF_COLOUR_BLUE,
					     HF_COLOUR_GREEN, HF_COLOUR_YELLOW };
	char tag[8];
	hf_text text = hf_text_in(tag, sizeof(tag));
	hf_text_add(&text, "%2u", (unsigned)(flow % 100));
	hf_pen_colour(p, palette[flow % (sizeof(palette) / sizeof(palette[0]))]);
	put(p, tag);
	hf_pen_colour(p, HF_COLOUR_PLAIN);
}

/* In ms while that is readable: numbers of one unit compare at a glance. */
static void put_time(hf_pen *p, hf_ns since)
{
	char word[32];
	hf_text text = hf_text_in(word, sizeof(word));
	if (since < HF_SEC(10))
		hf_text_add(&text, "%8.3f ms", (double)since / 1e6);
	else
		hf_text_add(&text, "%9.3f s", (double)since / 1e9);
	hf_pen_to(p, TIME_AT);
	hf_pen_colour(p, HF_COLOUR_DIM);
	put(p, word);
	hf_pen_colour(p, HF_COLOUR_PLAIN);
}

static void put_client_state(hf_pen *p, const hf_step *s)
{
	if (!s->changed[HF_CLIENT])
		return;
	const char *name = hf_state_name(s->flow->end[HF_CLIENT].state);
	hf_pen_to(p, STATE_AT + STATE_WIDTH - (unsigned)strlen(name));
	hf_pen_colour(p, HF_COLOUR_BOLD);
	put(p, name);
	hf_pen_colour(p, HF_COLOUR_PLAIN);
}

static void put_server_state(hf_pen *p, const hf_step *s)
{
	if (!s->changed[HF_SERVER])
		return;
	hf_pen_fill(p, HF_GLYPH_SPACE, 1);
	hf_pen_colour(p, HF_COLOUR_BOLD);
	put(p, hf_state_name(s->flow->end[HF_SERVER].state));
}

static void put_rail(const hf_rows *r, hf_pen *p, hf_side side, hf_glyph g)
{
	hf_pen_colour(p, HF_COLOUR_PLAIN);
	hf_pen_to(p, side == HF_CLIENT ? LEFT_RAIL_AT : right_rail_at(r));
	hf_pen_fill(p, g, 1);
}

/*
 * How much of `text` fits into `room`: up to the last gap between groups (two spaces), else between
 * words, else whatever fits. `*skip` says how many octets to step over, the gap included.
 */
static size_t line_break(const char *text, size_t room, size_t *skip)
{
	size_t len = strlen(text), group = 0, word = 0;
	*skip = len;
	if (len <= room)
		return len;
	for (size_t i = 1; i <= room; i++) {
		if (text[i] != ' ' || text[i - 1] == ' ')
			continue;
		if (text[i + 1] == ' ')
			group = i;
		/* A number stays with the word before it. */
		if (text[i + 1] < '0' || text[i + 1] > '9')
			word = i;
	}
	size_t cut = group ? group : word ? word : room;
	*skip = cut + strspn(text + cut, " ");
	return cut;
}

/* ---- Arrows ---- */

static hf_colour colour_of(const hf_step *s)
{
	const uint32_t trouble = HF_MARK(RETRANSMITTED) | HF_MARK(GAP) | HF_MARK(OUT_OF_ORDER) |
				 HF_MARK(DUPLICATE_ACK) | HF_MARK(ZERO_WINDOW) |
				 HF_MARK(ACK_UNSEEN);
	if (s->lost || hf_reason_is_drop(s->reason) || (s->marks & HF_MARK(OUTSIDE)))
		return HF_COLOUR_RED;
	if (s->kind == HF_STEP_ICMP || (s->tcp.flags & HF_TCP_RST))
		return HF_COLOUR_RED;
	if (s->marks & trouble)
		return HF_COLOUR_YELLOW;
	if (s->tcp.flags & HF_TCP_SYN)
		return HF_COLOUR_GREEN;
	if (s->tcp.flags & HF_TCP_FIN)
		return HF_COLOUR_MAGENTA;
	return s->tcp.payload.len > 0 ? HF_COLOUR_CYAN : HF_COLOUR_PLAIN;
}

static void put_head(hf_pen *p, hf_side to, hf_reach reach)
{
	bool crossed = reach == HF_REACH_RAIL || reach == HF_REACH_LOST;
	int short_of = reach == HF_REACH_LOST ? SHORT_OF : 0;
	if (to == HF_SERVER) {
		hf_pen_fill(p, HF_GLYPH_LINE, 1);
		hf_pen_fill(p, crossed ? HF_GLYPH_CROSS : HF_GLYPH_TO_RIGHT, 1);
		hf_pen_fill(p, HF_GLYPH_SPACE, short_of);
	} else {
		hf_pen_fill(p, HF_GLYPH_SPACE, short_of);
		hf_pen_fill(p, crossed ? HF_GLYPH_CROSS : HF_GLYPH_TO_LEFT, 1);
		hf_pen_fill(p, HF_GLYPH_LINE, 1);
	}
}

/* Columns for the words of an arrow. */
static unsigned room_for_words(const hf_rows *r, hf_reach reach)
{
	return inner(r) - HEAD - TAIL - PADDING - (reach == HF_REACH_LOST ? SHORT_OF : 0);
}

static void put_words(hf_pen *p, const char *words, size_t len)
{
	hf_pen_fill(p, HF_GLYPH_SPACE, 1);
	hf_pen_put(p, words, len);
	hf_pen_fill(p, HF_GLYPH_SPACE, 1);
}

/*
 * Between the rails: an arrow with `len` octets of words, which fit. The words stand at its sender.
 */
static void put_arrow(hf_rows *r, hf_side from, hf_reach reach, const char *words, size_t len)
{
	hf_pen *p = &r->pen;
	int rest = (int)room_for_words(r, reach) - (int)len;
	bool midway = reach == HF_REACH_MIDWAY;
	hf_glyph tail = midway ? HF_GLYPH_SPACE : HF_GLYPH_LINE;

	if (from == HF_CLIENT) {
		hf_pen_fill(p, tail, midway ? TAIL + rest : TAIL);
		put_words(p, words, len);
		hf_pen_fill(p, HF_GLYPH_LINE, midway ? 0 : rest);
		put_head(p, HF_SERVER, reach);
	} else {
		put_head(p, HF_CLIENT, reach);
		hf_pen_fill(p, HF_GLYPH_LINE, midway ? 0 : rest);
		put_words(p, words, len);
		hf_pen_fill(p, tail, midway ? TAIL + rest : TAIL);
	}
}

/* Words below an arrow, under where its own words stand. */
static void put_below(hf_rows *r, uint64_t flow, hf_side from, hf_colour colour, const char *words)
{
	hf_pen *p = &r->pen;
	unsigned room = inner(r) - TAIL - PADDING;
	for (size_t skip = 0; *words; words += skip) {
		size_t len = line_break(words, room, &skip);
		put_tag(p, flow);
		put_rail(r, p, HF_CLIENT, HF_GLYPH_RAIL);
		hf_pen_colour(p, colour);
		if (from == HF_CLIENT)
			hf_pen_fill(p, HF_GLYPH_SPACE, TAIL + 1);
		else
			hf_pen_to(p, right_rail_at(r) - TAIL - 1 - (unsigned)len);
		hf_pen_put(p, words, len);
		put_rail(r, p, HF_SERVER, HF_GLYPH_RAIL);
		hf_pen_end(p);
	}
}

void hf_rows_arrow(hf_rows *r, const hf_step *s, hf_time since, hf_reach reach, const char *words)
{
	hf_pen *p = &r->pen;
	hf_side from = s->kind == HF_STEP_ICMP ? hf_side_other(s->from) : s->from;
	bool joins = reach != HF_REACH_MIDWAY;
	size_t skip, len = line_break(words, room_for_words(r, reach), &skip);

	put_tag(p, s->flow->id);
	put_time(p, hf_time_diff(s->at, since));
	put_client_state(p, s);
	put_rail(r, p, HF_CLIENT, joins && from == HF_CLIENT ? HF_GLYPH_FROM_LEFT : HF_GLYPH_RAIL);
	hf_pen_colour(p, colour_of(s));
	put_arrow(r, from, reach, words, len);
	put_rail(r, p, HF_SERVER, joins && from == HF_SERVER ? HF_GLYPH_FROM_RIGHT : HF_GLYPH_RAIL);
	put_server_state(p, s);
	hf_pen_end(p);
	put_below(r, s->flow->id, from, HF_COLOUR_DIM, words + skip);
}

void hf_rows_note(hf_rows *r, const hf_step *s, const char *words)
{
	put_below(r, s->flow->id, s->from, colour_of(s), words);
}

/* ---- The other rows ---- */

void hf_rows_folded(hf_rows *r, uint64_t flow, hf_ns since, const char *words)
{
	enum { DOTS = 3 };
	hf_pen *p = &r->pen;
	unsigned room = inner(r) - 2 * DOTS - PADDING;
	bool first = true;
	for (size_t skip = 0; *words; words += skip) {
		size_t len = line_break(words, room, &skip);
		put_tag(p, flow);
		if (first)
			put_time(p, since);
		first = false;
		put_rail(r, p, HF_CLIENT, HF_GLYPH_RAIL);
		hf_pen_colour(p, HF_COLOUR_DIM);
		hf_pen_to(p, LEFT_RAIL_AT + 1 + (inner(r) - (unsigned)len) / 2 - DOTS - 1);
		hf_pen_fill(p, HF_GLYPH_DOT, DOTS);
		put_words(p, words, len);
		hf_pen_fill(p, HF_GLYPH_DOT, DOTS);
		put_rail(r, p, HF_SERVER, HF_GLYPH_RAIL);
		hf_pen_end(p);
	}
}

static void put_end_name(hf_pen *p, const char *role, const char *name)
{
	hf_pen_colour(p, HF_COLOUR_DIM);
	put(p, role);
	hf_pen_colour(p, HF_COLOUR_BOLD);
	put(p, name);
	hf_pen_colour(p, HF_COLOUR_PLAIN);
}

void hf_rows_title(hf_rows *r, uint64_t flow, const char *client, const char *server)
{
	static const char client_role[] = "client ", server_role[] = "server ";
	hf_pen *p = &r->pen;
	unsigned right = (unsigned)(strlen(server_role) + strlen(server));

	put_tag(p, flow);
	hf_pen_to(p, TIME_AT);
	put_end_name(p, client_role, client);
	if (p->column + 3 + right <= r->width) {
		int line = (int)(r->width - p->column - right) - 2;
		hf_pen_fill(p, HF_GLYPH_SPACE, 1);
		hf_pen_colour(p, HF_COLOUR_DIM);
		hf_pen_fill(p, HF_GLYPH_LINE, line);
		hf_pen_fill(p, HF_GLYPH_SPACE, 1);
	} else {
		hf_pen_end(p);
		put_tag(p, flow);
		hf_pen_to(p, right < r->width - TIME_AT ? r->width - right : TIME_AT);
	}
	put_end_name(p, server_role, server);
	hf_pen_end(p);
}

void hf_rows_plain(hf_rows *r, uint64_t flow, hf_ns since, const char *words)
{
	hf_pen *p = &r->pen;
	bool first = true;
	for (size_t skip = 0; *words; words += skip) {
		size_t len = line_break(words, r->width - STATE_AT, &skip);
		put_tag(p, flow);
		if (first)
			put_time(p, since);
		first = false;
		hf_pen_to(p, STATE_AT);
		hf_pen_put(p, words, len);
		hf_pen_end(p);
	}
}

void hf_rows_gap(hf_rows *r)
{
	hf_pen_end(&r->pen);
}
