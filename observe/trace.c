/* SPDX-License-Identifier: BSD-2-Clause */
/* One terse line of text a packet. */
#include "observe/trace.h"

#include <inttypes.h>

#include "observe/words.h"

static void add_time(hf_text *t, hf_ns since)
{
	hf_text_add(t, "%.6f", (double)since / 1e9);
}

static void add_way(hf_text *t, hf_way way)
{
	static const char *const words[] = { "", " in", " out" };
	hf_text_add(t, "%s", words[way]);
}

static void add_ends(hf_text *t, const hf_endpoint *from, const hf_endpoint *to)
{
	hf_text_add(t, " ");
	hf_words_endpoint(t, from);
	hf_text_add(t, " > ");
	hf_words_endpoint(t, to);
}

static void add_segment(hf_text *t, const hf_step *s)
{
	const hf_tcp *tcp = &s->tcp;
	hf_endpoint src = { s->ip.src, tcp->src_port }, dst = { s->ip.dst, tcp->dst_port };
	add_ends(t, &src, &dst);
	hf_text_add(t, " ");
	hf_words_flags(t, tcp->flags);
	hf_text_add(t, " seq %" PRIu32, tcp->seq.v);
	if (tcp->flags & HF_TCP_ACK)
		hf_text_add(t, " ack %" PRIu32, tcp->ack.v);
	hf_text_add(t, " win %" PRIu32 " len %zu", s->window, tcp->payload.len);
	if (tcp->options.raw.len > 0) {
		hf_text_add(t, " <");
		hf_words_options(t, &tcp->options, (hf_seq){ 0 });
		hf_text_add(t, ">");
	}
}

static void add_other(hf_text *t, const hf_step *s)
{
	char src[HF_ADDR_TEXT], dst[HF_ADDR_TEXT];
	if (s->ip.version == 0) {
		hf_text_add(t, " not IP");
		return;
	}
	hf_text_add(t, " %s > %s protocol %u len %zu", hf_addr_format(&s->ip.src, src),
		    hf_addr_format(&s->ip.dst, dst), (unsigned)s->ip.protocol, s->ip.payload.len);
	if (s->kind == HF_STEP_ICMP)
		hf_text_add(t, " %s", hf_reason_name(s->icmp.error));
}

static void add_remarks(hf_text *t, const hf_step *s)
{
	for (unsigned bit = 0; bit < HF_MARK_COUNT; bit++)
		if (s->marks & 1U << bit)
			hf_text_add(t, " %s", hf_mark_name((hf_mark_bit)bit));
	if (s->cause != HF_SENT_NONE)
		hf_text_add(t, " cause %s", hf_cause_name(s->cause));
	if (s->reason != HF_WHY_NONE)
		hf_text_add(t, " reason %s", hf_reason_name(s->reason));
	if (s->lost)
		hf_text_add(t, " lost %s", s->lost);
	if (s->way != HF_WAY_PASSING && s->state != HF_CLOSED)
		hf_text_add(t, " state %s", hf_state_name(s->state));
}

void hf_trace_step(const hf_step *s, hf_time origin, const hf_sink *sink)
{
	char line[1024];
	hf_text t = hf_text_in(line, sizeof(line) - 1); /* room for the end of the line, always */
	add_time(&t, hf_time_diff(s->at, origin));
	add_way(&t, s->way);
	if (s->kind == HF_STEP_SEGMENT || s->kind == HF_STEP_BAD) {
		add_segment(&t, s);
	} else if (s->kind == HF_STEP_VERDICT) {
		add_ends(&t, &s->flow->end[HF_CLIENT].at, &s->flow->end[HF_SERVER].at);
		hf_text_add(&t, " ended");
	} else {
		add_other(&t, s);
	}
	add_remarks(&t, s);
	t.capacity++;
	hf_text_add(&t, "\n");
	hf_text_flush(&t, sink);
}
