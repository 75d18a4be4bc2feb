/* SPDX-License-Identifier: BSD-2-Clause */
/* Draws connections as ladders, packet by packet, for people who want to see how TCP works. */
#include "observe/ladder.h"

#include <inttypes.h>
#include <stdlib.h>

#include "observe/label.h"
#include "observe/rows.h"
#include "observe/words.h"

#define DEFAULT_WIDTH 100

/* Plain segments in a row that are still drawn one by one. */
#define DRAWN_SINGLY 4
/* A pause after which segments are drawn one by one again. */
#define PAUSE HF_MS(200)
/* Longest time that one folded line speaks of. */
#define FOLD_SPAN HF_SEC(1)
/* The duplicate ACK that is news: it sets off fast retransmit (RFC 5681, 3.2). */
#define NEWSWORTHY_DUPLICATE 3
/* Gaps, retransmissions and losses of one flow's data that are drawn; further ones are counted. */
#define TROUBLES_DRAWN 12

/* What is folded of one flow. */
typedef struct fold {
	uint64_t flow;     /* its id; 0: nothing was drawn in this slot */
	hf_time start;     /* of the flow */
	unsigned troubles; /* of the flow, drawn so far */
	unsigned singly;   /* plain segments drawn since the last remarkable one */
	uint64_t count;    /* packets folded */
	/* By side: segments with text, segments without, octets of text. */
	uint64_t data[2], acks[2], octets[2];
	uint64_t again, lost; /* of the folded packets: retransmitted, lost on the way */
	hf_time first, last;  /* of the folded packets; `last` also of drawn ones */
	hf_step only;         /* the first folded packet, drawn after all if it stays alone */
} fold;

struct hf_ladder {
	hf_rows rows;
	uint32_t max_flows;
	bool started; /* something was drawn */
	fold *folds;  /* by slot */
};

hf_ladder *hf_ladder_new(uint32_t max_flows, const hf_ladder_style *style, const hf_sink *sink)
{
	hf_ladder *l = calloc(1, sizeof(*l));
	fold *folds = calloc(max_flows, sizeof(*folds));
	if (!l || !folds) {
		free(l);
		free(folds);
		return NULL;
	}
	unsigned width = style->width ? style->width : DEFAULT_WIDTH;
	width = width < HF_LADDER_NARROWEST ? HF_LADDER_NARROWEST : width;
	l->rows.width = width > HF_LADDER_WIDEST ? HF_LADDER_WIDEST : width;
	l->max_flows = max_flows;
	l->folds = folds;
	hf_pen_init(&l->rows.pen, sink, style->unicode, style->colour);
	return l;
}

void hf_ladder_free(hf_ladder *l)
{
	if (!l)
		return;
	free(l->folds);
	free(l);
}

/* ---- Drawing one step ---- */

static hf_reach reach_of(const hf_step *s)
{
	if (s->lost)
		return HF_REACH_LOST;
	return hf_reason_is_drop(s->reason) ? HF_REACH_RAIL : HF_REACH_FAR;
}

static void draw_segment(hf_ladder *l, const fold *fd, const hf_step *s)
{
	char words[1024];
	hf_text text = hf_text_in(words, sizeof(words));
	hf_label_segment(&text, s);
	hf_rows_arrow(&l->rows, s, fd->start, reach_of(s), words);
	text = hf_text_in(words, sizeof(words));
	hf_label_notes(&text, s);
	hf_rows_note(&l->rows, s, words);
}

static void draw_icmp(hf_ladder *l, const fold *fd, const hf_step *s)
{
	char words[256], addr[HF_ADDR_TEXT];
	hf_text text = hf_text_in(words, sizeof(words));
	hf_text_add(&text, "ICMP %s  from %s", hf_reason_name(s->icmp.error),
		    hf_addr_format(&s->ip.src, addr));
	if (s->icmp.error == HF_WHY_ICMP_TOO_BIG)
		hf_text_add(&text, "  mtu %" PRIu32, s->icmp.mtu);
	hf_rows_arrow(&l->rows, s, fd->start, HF_REACH_MIDWAY, words);
}

static void draw_title(hf_ladder *l, const hf_flow *f)
{
	char client[HF_ADDR_TEXT + 8], server[HF_ADDR_TEXT + 8];
	hf_text c = hf_text_in(client, sizeof(client)), s = hf_text_in(server, sizeof(server));
	hf_words_endpoint(&c, &f->end[HF_CLIENT].at);
	hf_words_endpoint(&s, &f->end[HF_SERVER].at);
	if (l->started)
		hf_rows_gap(&l->rows);
	l->started = true;
	hf_rows_title(&l->rows, f->id, client, server);
}

static void draw_end(hf_ladder *l, const fold *fd, const hf_step *s)
{
	char words[512];
	hf_text text = hf_text_in(words, sizeof(words));
	hf_label_end(&text, s);
	hf_rows_plain(&l->rows, fd->flow, hf_time_diff(s->at, fd->start), words);
}

/* ---- Folding ---- */

static bool cause_is_plain(hf_cause cause)
{
	return cause == HF_SENT_NONE || cause == HF_SENT_DATA || cause == HF_SENT_ACK ||
	       cause == HF_SENT_DELAYED_ACK || cause == HF_SENT_WINDOW_UPDATE ||
	       cause == HF_SENT_DUPLICATE_ACK;
}

/* Of the kind that bulk consists of: data and ACKs that change no state. */
static bool is_bulk(const hf_step *s)
{
	return s->kind == HF_STEP_SEGMENT && s->reason == HF_WHY_NONE && !s->first && !s->opened &&
	       !s->ended && !s->changed[0] && !s->changed[1] &&
	       (s->tcp.flags & ~(HF_TCP_PSH | HF_TCP_ACK)) == 0;
}

/* Bulk of which one packet is like the next. */
static bool is_plain(const hf_step *s)
{
	uint32_t marks = s->marks & ~HF_MARK(WINDOW_UPDATE);
	if (s->duplicates != NEWSWORTHY_DUPLICATE)
		marks &= ~HF_MARK(DUPLICATE_ACK);
	return marks == 0 && !s->lost && cause_is_plain(s->cause);
}

/* Bulk as a bad path makes it: interesting at first, but not for ever. */
static bool is_trouble(const hf_step *s)
{
	const uint32_t troubles = HF_MARK(WINDOW_UPDATE) | HF_MARK(RETRANSMITTED) |
				  HF_MARK(OUT_OF_ORDER) | HF_MARK(GAP) | HF_MARK(DUPLICATE_ACK);
	return (s->marks & ~troubles) == 0;
}

/* May the step be folded? Counts the troubles that may not. */
static bool is_foldable(fold *fd, const hf_step *s)
{
	if (!is_bulk(s))
		return false;
	if (is_plain(s))
		return true;
	return is_trouble(s) && fd->troubles++ >= TROUBLES_DRAWN;
}

static void add_way(hf_text *t, const fold *fd, hf_side from)
{
	const char *who = from == HF_CLIENT ? "client" : "server";
	const char *between = "";
	if (fd->data[from] == 0 && fd->acks[from] == 0)
		return;
	hf_text_add(t, "  %s: ", who);
	if (fd->data[from] > 0) {
		hf_text_add(t, "%" PRIu64 " segment%s, ", fd->data[from],
			    fd->data[from] == 1 ? "" : "s");
		hf_words_octets(t, fd->octets[from]);
		between = ", ";
	}
	if (fd->acks[from] > 0)
		hf_text_add(t, "%s%" PRIu64 " ACK%s", between, fd->acks[from],
			    fd->acks[from] == 1 ? "" : "s");
}

static void draw_fold(hf_ladder *l, const fold *fd)
{
	char words[256];
	hf_text text = hf_text_in(words, sizeof(words));
	hf_ns span = hf_time_diff(fd->last, fd->first);
	add_way(&text, fd, HF_CLIENT);
	add_way(&text, fd, HF_SERVER);
	if (fd->again > 0)
		hf_text_add(&text, "  %" PRIu64 " retransmitted", fd->again);
	if (fd->lost > 0)
		hf_text_add(&text, "  %" PRIu64 " lost", fd->lost);
	if (span > 0) {
		hf_text_add(&text, "  in ");
		hf_words_span(&text, span);
	}
	uint64_t octets = fd->octets[HF_CLIENT] + fd->octets[HF_SERVER];
	if (octets > 0 && span > 0) {
		hf_text_add(&text, "  ");
		hf_words_rate(&text, octets, span);
	}
	hf_rows_folded(&l->rows, fd->flow, hf_time_diff(fd->first, fd->start), words + 2);
}

/* Shows what is folded and starts over; `singly` segments count as drawn already. */
static void unfold(hf_ladder *l, fold *fd, unsigned singly)
{
	if (fd->count == 1 && fd->only.flow->id == fd->flow)
		draw_segment(l, fd, &fd->only);
	else if (fd->count > 0)
		draw_fold(l, fd);
	*fd = (fold){ .flow = fd->flow,
		      .start = fd->start,
		      .troubles = fd->troubles,
		      .singly = singly,
		      .last = fd->last };
}

static void add_to_fold(fold *fd, const hf_step *s)
{
	if (fd->count++ == 0) {
		fd->first = s->at;
		fd->only = *s;
		fd->only.tcp.options.raw = (hf_view){ NULL, 0 }; /* borrowed: gone by then */
	}
	if (s->tcp.payload.len > 0)
		fd->data[s->from] += s->segments;
	else
		fd->acks[s->from]++;
	fd->octets[s->from] += s->tcp.payload.len;
	fd->again += (s->marks & HF_MARK(RETRANSMITTED)) != 0;
	fd->lost += s->lost != NULL;
}

/* True if the step went into a fold and is not to be drawn. */
static bool fold_step(hf_ladder *l, fold *fd, const hf_step *s)
{
	hf_ns since_last = hf_time_diff(s->at, fd->last);
	bool foldable = is_foldable(fd, s);
	/* Amid bulk a trouble does not start the drawing of single segments again. */
	bool restart = !is_bulk(s) || since_last >= PAUSE;

	if (!foldable || restart)
		unfold(l, fd, restart ? 0 : fd->singly);
	else if (fd->count > 0 && hf_time_diff(s->at, fd->first) >= FOLD_SPAN)
		unfold(l, fd, DRAWN_SINGLY);
	fd->last = s->at;
	if (!foldable || fd->singly < DRAWN_SINGLY) {
		fd->singly += foldable;
		return false;
	}
	add_to_fold(fd, s);
	return true;
}

/* ---- The calls ---- */

void hf_ladder_step(hf_ladder *l, const hf_step *s)
{
	if (!s->flow || s->flow->slot >= l->max_flows)
		return;
	fold *fd = &l->folds[s->flow->slot];
	if (fd->flow != s->flow->id) {
		unfold(l, fd, 0);
		*fd = (fold){ .flow = s->flow->id, .start = s->flow->first, .last = s->at };
		draw_title(l, s->flow);
	}
	if (fold_step(l, fd, s))
		return;
	if (s->kind == HF_STEP_ICMP)
		draw_icmp(l, fd, s);
	else if (s->kind != HF_STEP_VERDICT)
		draw_segment(l, fd, s);
	if (s->ended)
		draw_end(l, fd, s);
}

void hf_ladder_flush(hf_ladder *l)
{
	for (uint32_t i = 0; i < l->max_flows; i++)
		unfold(l, &l->folds[i], l->folds[i].singly);
}
