/* SPDX-License-Identifier: BSD-2-Clause */
/* What a ladder writes on an arrow, and what it remarks below it. */
#include "observe/label.h"

#include <inttypes.h>
#include <string.h>

#include "observe/words.h"

/* While the initial numbers are being synchronised, the absolute ones are shown beside them. */
static bool shows_absolute_ack(const hf_step *s)
{
	return (s->tcp.flags & HF_TCP_ACK) && s->ack == 1 &&
	       ((s->tcp.flags & HF_TCP_SYN) || s->opened);
}

static void add_options(hf_text *t, const hf_step *s)
{
	char words[512];
	hf_text options = hf_text_in(words, sizeof(words));
	const hf_flow_end *o = &s->flow->end[hf_side_other(s->from)];

	/*
	 * After the handshake timestamps are on every segment: only what is rare is worth a word.
	 */
	if (!(s->tcp.flags & HF_TCP_SYN) &&
	    !(s->tcp.options.present & ~(HF_HAS(TIMESTAMPS) | HF_HAS(NOP) | HF_HAS(EOL))))
		return;
	hf_words_options(&options, &s->tcp.options, o->numbered ? o->isn : (hf_seq){ 0 });
	if (options.len > 0)
		hf_text_add(t, "  %s", words);
}

void hf_label_segment(hf_text *t, const hf_step *s)
{
	size_t len = s->tcp.payload.len;
	hf_words_flags(t, s->tcp.flags);
	hf_text_add(t, "  seq %" PRId64, s->seq);
	if (s->tcp.flags & HF_TCP_SYN)
		hf_text_add(t, " = %" PRIu32, s->tcp.seq.v);
	if (s->tcp.flags & HF_TCP_ACK)
		hf_text_add(t, "  ack %" PRId64, s->ack);
	if (shows_absolute_ack(s))
		hf_text_add(t, " = %" PRIu32, s->tcp.ack.v);
	if (len > 0)
		hf_text_add(t, "  len %zu", len);
	if (s->segments > 1)
		hf_text_add(t, " in %" PRIu32 " segments", s->segments);
	if (!(s->tcp.flags & HF_TCP_RST))
		hf_text_add(t, "  win %" PRIu32, s->window);
	add_options(t, s);
	if (s->rtt > 0) { /* 0: asked and answered in one turn of this host */
		hf_text_add(t, "  rtt ");
		hf_words_span(t, s->rtt);
	}
}

/* Notes are two spaces apart, like the groups of a label. */
static void begin_note(hf_text *t)
{
	if (t->len > 0)
		hf_text_add(t, "  ");
}

static const char *cause_in_words(hf_cause cause)
{
	static const char *const words[HF_CAUSE_COUNT] = {
		[HF_SENT_SYN_AGAIN] = "retransmitted: timeout",
		[HF_SENT_SYN_ACK_AGAIN] = "retransmitted: timeout",
		[HF_SENT_TIMEOUT_RETRANSMIT] = "retransmitted: timeout",
		[HF_SENT_FAST_RETRANSMIT] = "retransmitted: fast, the peer reports a gap",
		[HF_SENT_RETRANSMIT] = "sent again: the window or the path has changed",
		[HF_SENT_TAIL_PROBE] = "tail loss probe: did the last of it arrive?",
		[HF_SENT_MTU_PROBE] = "probe: does the path carry packets of this size?",
		[HF_SENT_DELAYED_ACK] = "delayed ACK",
		[HF_SENT_WINDOW_PROBE] = "probe: is the window still closed?",
		[HF_SENT_KEEPALIVE] = "keep-alive: are you still there?",
		[HF_SENT_URGENT] = "urgent data follows, up to the pointer",
		[HF_SENT_CHALLENGE_ACK] = "challenge: is that really you?",
		[HF_SENT_ABORT] = "aborted",
		[HF_SENT_TIME_WAIT_ACK] = "answered from TIME-WAIT",
	};
	return (unsigned)cause < HF_CAUSE_COUNT ? words[cause] : NULL;
}

static void note_cause(hf_text *t, const hf_step *s)
{
	const char *words = cause_in_words(s->cause);
	if (words)
		hf_text_add(t, "%s", words);
	else if (s->marks & HF_MARK(RETRANSMITTED))
		hf_text_add(t, "retransmitted");
	const hf_flow_end *e = &s->flow->end[s->from];
	if ((s->marks & HF_MARK(RETRANSMITTED)) && (s->tcp.flags & HF_TCP_SYN)) {
		hf_text_add(t, " (try %" PRIu32 ", ", e->tries);
		hf_words_span(t, hf_time_diff(s->at, e->first_try));
		hf_text_add(t, " after the first)");
	}
}

static void note_marks(hf_text *t, const hf_step *s)
{
	static const char *const words[HF_MARK_COUNT] = {
		[HF_MARK_BIT_OUT_OF_ORDER] = "out of order: overtaken on the way",
		[HF_MARK_BIT_GAP] = "something before it is missing",
		[HF_MARK_BIT_ZERO_WINDOW] = "window closed: send no more",
		[HF_MARK_BIT_WINDOW_UPDATE] = "window update",
		[HF_MARK_BIT_WINDOW_PROBE] = "window probe",
		[HF_MARK_BIT_KEEPALIVE] = "keep-alive",
		[HF_MARK_BIT_PROBE_ANSWER] = "answers the probe",
		[HF_MARK_BIT_ACK_UNSEEN] = "acknowledges what was not seen here",
		[HF_MARK_BIT_OUTSIDE] = "outside the receiver's window",
		[HF_MARK_BIT_JOINED] = "joined in the middle",
	};
	uint32_t marks = s->marks;
	/* A stack that says why it sent the probe has said all. */
	if (cause_in_words(s->cause))
		marks &= ~(HF_MARK(WINDOW_PROBE) | HF_MARK(KEEPALIVE));
	for (unsigned bit = 0; bit < HF_MARK_COUNT; bit++) {
		if (!(marks & 1U << bit) || !words[bit])
			continue;
		begin_note(t);
		hf_text_add(t, "%s", words[bit]);
	}
	if (marks & HF_MARK(DUPLICATE_ACK)) {
		begin_note(t);
		hf_text_add(t, "duplicate ACK #%" PRIu32, s->duplicates);
	}
}

/* Which of several SYNs was answered, where the echoed timestamp tells. */
static void note_answered_try(hf_text *t, const hf_step *s)
{
	const hf_flow *f = s->flow;
	bool is_answer = s->from == HF_SERVER && (s->tcp.flags & HF_TCP_SYN) &&
			 f->end[HF_SERVER].tries == 1 && f->end[HF_CLIENT].tries > 1;
	if (!is_answer || f->answered_try == 0)
		return;
	begin_note(t);
	hf_text_add(t, "answers SYN %" PRIu32, f->answered_try);
}

void hf_label_notes(hf_text *t, const hf_step *s)
{
	note_cause(t, s);
	note_marks(t, s);
	note_answered_try(t, s);
	if (s->lost) {
		begin_note(t);
		bool plainly = strcmp(s->lost, "lost") == 0;
		hf_text_add(t, plainly ? "%s on the way" : "lost on the way: %s", s->lost);
	}
	if (s->reason != HF_WHY_NONE) {
		begin_note(t);
		hf_text_add(t, hf_reason_is_drop(s->reason) ? "dropped: %s (%s)" : "%s: %s",
			    hf_reason_name(s->reason), hf_reason_text(s->reason));
	}
}

static void add_sent(hf_text *t, const char *who, const hf_flow_end *e)
{
	hf_text_add(t, "  %s sent ", who);
	hf_words_octets(t, e->octets);
	if (e->retransmitted > 0)
		hf_text_add(t, " (%" PRIu64 " retransmitted)", e->retransmitted);
}

void hf_label_end(hf_text *t, const hf_step *s)
{
	const hf_flow *f = s->flow;
	hf_text_add(t, "%s: %s", hf_reason_name(f->over), hf_reason_text(f->over));
	hf_text_add(t, "  after ");
	hf_words_span(t, hf_time_diff(s->at, f->first));
	add_sent(t, "client", &f->end[HF_CLIENT]);
	add_sent(t, "server", &f->end[HF_SERVER]);
	if (f->end[HF_CLIENT].min_rtt >= 0 && f->end[HF_SERVER].min_rtt >= 0) {
		hf_text_add(t, "  rtt ");
		hf_words_span(t, f->end[HF_CLIENT].min_rtt + f->end[HF_SERVER].min_rtt);
	}
}
