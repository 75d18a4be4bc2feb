/* SPDX-License-Identifier: BSD-2-Clause */
/* What is said of a script that failed: the place, the difference, and all that passed so far. */
#include "drill/session.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#define FLOWS 64

const char *hf_drill_end_name(hf_drill_end end)
{
	switch (end) {
	case HF_DRILL_PASSED:
		return "passed";
	case HF_DRILL_FAILED:
		return "failed";
	case HF_DRILL_BROKEN:
		return "broken";
	case HF_DRILL_UNSUPPORTED:
		break;
	}
	return "unsupported";
}

void hf_drill_result_release(hf_drill_result *r)
{
	hf_arena_release(&r->arena);
}

/* What --non_fatal allows is told, but is no failure. */
static void forgive(hf_session *s, const hf_drill_event *e, const char *text, const char *details)
{
	hf_drill_at at = e != NULL ? e->at : (hf_drill_at){ 0, 0 };

	s->result->forgiven = hf_arena_format(s->arena, "%s%s:%u:%u: forgiven: %s\n%s",
					      s->result->forgiven, s->script->name, at.line,
					      at.column, text, details);
}

static bool note(hf_session *s, const hf_drill_event *e, const char *text, const char *details)
{
	if (s->has_failed)
		return false;
	s->has_failed = true;
	s->result->end = s->is_lacking ? HF_DRILL_UNSUPPORTED : HF_DRILL_FAILED;
	s->result->at = e != NULL ? e->at : (hf_drill_at){ 0, 0 };
	s->result->text = text;
	s->result->details = details;
	if (e != NULL) /* the script may go before the result */
		s->result->expected = hf_arena_copy(s->arena, e->source, strlen(e->source));
	return true;
}

bool hf_session_fail(hf_session *s, const hf_drill_event *e, const char *format, ...)
{
	bool is_call = e != NULL && e->kind == HF_DRILL_CALL;
	const char *details;
	char text[600];
	va_list list;

	va_start(list, format);
	vsnprintf(text, sizeof(text), format, list);
	va_end(list);
	details = e != NULL ? hf_arena_format(s->arena, "  script:   %s\n", e->source) : "";
	if (is_call && s->setup.forgives_calls)
		forgive(s, e, text, details);
	else
		note(s, e, hf_arena_copy(s->arena, text, strlen(text)), details);
	return false;
}

static const char *show_actual(hf_session *s, const hf_drill_wire *p)
{
	hf_drill_desk desk = {
		.arena = s->arena, .setup = &s->setup, .flows = &s->flows, .flow = p->flow
	};

	const char *text = hf_drill_show(&desk, p);
	double at = (double)hf_time_diff(p->at, s->world.start) / 1e9;

	if (s->target->is_real) /* a kernel does not say why it sends something */
		return hf_arena_format(s->arena, "%s at %.6f s", text, at);
	return hf_arena_format(s->arena, "%s at %.6f s (%s)", text, at,
			       hf_cause_name((hf_cause)p->packet.cause));
}

bool hf_session_fail_packet(hf_session *s, const hf_drill_event *e, const hf_drill_wire *actual,
			    const char *why)
{
	const char *came = actual != NULL ? show_actual(s, actual) : NULL;

	const char *details = hf_arena_format(s->arena, "  expected: %s\n  actual:   %s\n",
					      e != NULL ? e->source : "nothing",
					      came != NULL ? came : "nothing");

	if (s->setup.forgives_packets)
		forgive(s, e, why, details);
	else if (note(s, e, why, details))
		s->result->actual = came;
	return false;
}

static void append(void *ctx, const char *text, size_t len)
{
	hf_session *s = ctx;

	s->result->details = hf_arena_format(s->arena, "%s%.*s", s->result->details, (int)len,
					     text);
}

void hf_session_add_ladder(hf_session *s)
{
	static const hf_sipkey key = { 1, 2 };
	hf_sink sink = { append, s };
	hf_tracker *tracker = hf_tracker_new(FLOWS, &key);
	hf_ladder *ladder = hf_ladder_new(FLOWS, &s->options->style, &sink);
	hf_step step;

	for (const hf_drill_wire *p = s->world.first;
	     p != NULL && tracker != NULL && ladder != NULL; p = p->next) {
		hf_seen seen = hf_seen_of(&p->packet, HF_LINK_IP,
					  p->is_inbound ? HF_WAY_ARRIVING : HF_WAY_LEAVING, p->at);

		hf_tracker_see(tracker, &seen, &step);
		hf_ladder_step(ladder, &step);
	}
	if (ladder != NULL)
		hf_ladder_flush(ladder);
	hf_ladder_free(ladder);
	hf_tracker_free(tracker);
}
