/* SPDX-License-Identifier: BSD-2-Clause */
/* JSON Lines: an object a packet, and one a flow when it is over; see docs/json.md. */
#include "observe/json.h"

#include <inttypes.h>

#include "observe/words.h"

/*
 * The records are small and their shape is fixed, so they are written directly. Every string is a
 * word of ours, a number or an address, except how a packet was lost, which the caller supplies:
 * all go through add_string.
 */
typedef struct writer {
	hf_text text;
	bool comma; /* a member stands before the next one */
	char line[4096];
} writer;

static void begin(writer *w, const char *event)
{
	w->text = hf_text_in(w->line, sizeof(w->line));
	hf_text_add(&w->text, "{\"event\":\"%s\"", event);
	w->comma = true;
}

static void end(writer *w, const hf_sink *sink)
{
	hf_text_add(&w->text, "}\n");
	hf_text_flush(&w->text, sink);
}

static void add_key(writer *w, const char *key)
{
	hf_text_add(&w->text, "%s\"%s\":", w->comma ? "," : "", key);
	w->comma = true;
}

static void open_object(writer *w, const char *key)
{
	add_key(w, key);
	hf_text_add(&w->text, "{");
	w->comma = false;
}

static void close_object(writer *w)
{
	hf_text_add(&w->text, "}");
	w->comma = true;
}

static void add_number(writer *w, const char *key, int64_t value)
{
	add_key(w, key);
	hf_text_add(&w->text, "%" PRId64, value);
}

static void add_count(writer *w, const char *key, uint64_t value)
{
	add_key(w, key);
	hf_text_add(&w->text, "%" PRIu64, value);
}

static void add_truth(writer *w, const char *key, bool value)
{
	add_key(w, key);
	hf_text_add(&w->text, "%s", value ? "true" : "false");
}

/* RFC 8259, 7: quote, backslash and control characters are escaped. */
static void add_string(writer *w, const char *key, const char *value)
{
	add_key(w, key);
	hf_text_add(&w->text, "\"");
	for (; *value; value++) {
		unsigned char c = (unsigned char)*value;
		if (c == '"' || c == '\\')
			hf_text_add(&w->text, "\\%c", c);
		else if (c < 0x20)
			hf_text_add(&w->text, "\\u%04x", c);
		else
			hf_text_add(&w->text, "%c", c);
	}
	hf_text_add(&w->text, "\"");
}

/* Nanoseconds as seconds, exactly. */
static void add_seconds(writer *w, const char *key, hf_ns ns)
{
	uint64_t size = ns < 0 ? -(uint64_t)ns : (uint64_t)ns;
	add_key(w, key);
	hf_text_add(&w->text, "%s%" PRIu64 ".%09" PRIu64, ns < 0 ? "-" : "", size / 1000000000,
		    size % 1000000000);
}

static void add_measured(writer *w, const char *key, hf_ns ns)
{
	if (ns >= 0)
		add_seconds(w, key, ns);
}

static void add_endpoint(writer *w, const char *key, const hf_endpoint *e)
{
	char words[HF_ADDR_TEXT + 8];
	hf_text text = hf_text_in(words, sizeof(words));
	hf_words_endpoint(&text, e);
	add_string(w, key, words);
}

static void add_sack(writer *w, const hf_tcp_options *o)
{
	add_key(w, "sack");
	for (unsigned i = 0; i < o->sack_count && i < HF_SACK_BLOCKS; i++)
		hf_text_add(&w->text, "%s[%" PRIu32 ",%" PRIu32 "]", i ? "," : "[",
			    o->sack[i].start.v, o->sack[i].end.v);
	hf_text_add(&w->text, o->sack_count ? "]" : "[]");
}

static void add_options(writer *w, const hf_tcp_options *o)
{
	char words[512];
	hf_text text = hf_text_in(words, sizeof(words));
	hf_words_options(&text, o, (hf_seq){ 0 });
	if (text.len == 0)
		return;
	open_object(w, "options");
	if (o->present & HF_HAS(MSS))
		add_count(w, "mss", o->mss);
	if (o->present & HF_HAS(SACK_PERMITTED))
		add_truth(w, "sack_permitted", true);
	if (o->present & HF_HAS(TIMESTAMPS)) {
		add_count(w, "tsval", o->tsval);
		add_count(w, "tsecr", o->tsecr);
	}
	if (o->present & HF_HAS(WSCALE))
		add_count(w, "wscale", o->wscale);
	if (o->present & HF_HAS(SACK))
		add_sack(w, o);
	add_string(w, "text", words);
	close_object(w);
}

static void add_states(writer *w, const hf_flow *f)
{
	open_object(w, "state");
	add_string(w, "client", hf_state_name(f->end[HF_CLIENT].state));
	add_string(w, "server", hf_state_name(f->end[HF_SERVER].state));
	close_object(w);
}

static void add_marks(writer *w, const hf_step *s)
{
	const char *before = "[";
	add_key(w, "marks");
	for (unsigned bit = 0; bit < HF_MARK_COUNT; bit++) {
		if (!(s->marks & 1U << bit))
			continue;
		hf_text_add(&w->text, "%s\"%s\"", before, hf_mark_name((hf_mark_bit)bit));
		before = ",";
	}
	hf_text_add(&w->text, s->marks ? "]" : "[]");
}

static void add_segment(writer *w, const hf_step *s)
{
	char flags[64];
	hf_text text = hf_text_in(flags, sizeof(flags));
	hf_endpoint src = { s->ip.src, s->tcp.src_port }, dst = { s->ip.dst, s->tcp.dst_port };

	hf_words_flags(&text, s->tcp.flags);
	add_string(w, "dir", s->from == HF_CLIENT ? "to-server" : "to-client");
	add_endpoint(w, "src", &src);
	add_endpoint(w, "dst", &dst);
	add_count(w, "ttl", s->ip.ttl);
	add_string(w, "flags", flags);
	add_count(w, "seq", s->tcp.seq.v);
	add_number(w, "seq_rel", s->seq);
	if (s->tcp.flags & HF_TCP_ACK) {
		add_count(w, "ack", s->tcp.ack.v);
		add_number(w, "ack_rel", s->ack);
	}
	add_count(w, "len", s->tcp.payload.len);
	add_count(w, "segments", s->segments);
	add_count(w, "win", s->window);
	add_options(w, &s->tcp.options);
	add_marks(w, s);
	add_measured(w, "rtt", s->rtt);
}

static void add_icmp(writer *w, const hf_step *s)
{
	char addr[HF_ADDR_TEXT];
	add_string(w, "from", hf_addr_format(&s->ip.src, addr));
	add_string(w, "icmp", hf_reason_name(s->icmp.error));
	add_count(w, "type", s->icmp.type);
	add_count(w, "code", s->icmp.code);
	if (s->icmp.error == HF_WHY_ICMP_TOO_BIG)
		add_count(w, "mtu", s->icmp.mtu);
}

static void add_other(writer *w, const hf_step *s)
{
	char addr[HF_ADDR_TEXT];
	if (s->ip.version == 0)
		return;
	add_string(w, "src", hf_addr_format(&s->ip.src, addr));
	add_string(w, "dst", hf_addr_format(&s->ip.dst, addr));
	add_count(w, "protocol", s->ip.protocol);
}

static const char *event_name(hf_step_kind kind)
{
	switch (kind) {
	case HF_STEP_SEGMENT:
	case HF_STEP_BAD:
		return "packet";
	case HF_STEP_ICMP:
		return "icmp";
	case HF_STEP_VERDICT:
		return "verdict";
	case HF_STEP_OTHER:
		return "other";
	}
	return "";
}

static void write_step(const hf_step *s, const hf_sink *sink)
{
	static const char *const ways[] = { "passing", "in", "out" };
	writer w;
	begin(&w, event_name(s->kind));
	add_seconds(&w, "t", s->at.ns);
	if (s->flow)
		add_count(&w, "flow", s->flow->id);
	if (s->kind != HF_STEP_VERDICT)
		add_string(&w, "way", ways[s->way]);
	if (s->kind == HF_STEP_SEGMENT || s->kind == HF_STEP_BAD)
		add_segment(&w, s);
	else if (s->kind == HF_STEP_ICMP)
		add_icmp(&w, s);
	else if (s->kind == HF_STEP_OTHER)
		add_other(&w, s);
	if (s->reason != HF_WHY_NONE)
		add_string(&w, "reason", hf_reason_name(s->reason));
	if (s->cause != HF_SENT_NONE)
		add_string(&w, "cause", hf_cause_name(s->cause));
	if (s->lost)
		add_string(&w, "lost", s->lost);
	if (s->flow)
		add_states(&w, s->flow);
	end(&w, sink);
}

static void add_end(writer *w, const char *key, const hf_flow_end *e)
{
	open_object(w, key);
	add_endpoint(w, "addr", &e->at);
	add_string(w, "state", hf_state_name(e->state));
	if (e->syn)
		add_count(w, "isn", e->isn.v);
	add_count(w, "tries", e->tries);
	add_count(w, "octets", e->octets);
	add_count(w, "octets_again", e->octets_again);
	add_count(w, "segments", e->segments);
	add_count(w, "retransmitted", e->retransmitted);
	add_measured(w, "rtt", e->rtt);
	add_measured(w, "rtt_min", e->min_rtt);
	close_object(w);
}

void hf_json_flow(const hf_flow *f, const hf_sink *sink)
{
	writer w;
	begin(&w, "flow");
	add_seconds(&w, "t", f->last.ns);
	add_count(&w, "flow", f->id);
	add_seconds(&w, "start", f->first.ns);
	add_truth(&w, "established", f->established);
	add_truth(&w, "joined_late", f->joined);
	add_truth(&w, "simultaneous", f->simultaneous);
	add_string(&w, "end", hf_reason_name(f->over));
	if (f->over == HF_WHY_RESET_BY_PEER || f->over == HF_WHY_REFUSED_BY_PEER)
		add_string(&w, "end_by", f->over_by == HF_CLIENT ? "client" : "server");
	if (f->answered_try > 0)
		add_count(&w, "answered_try", f->answered_try);
	add_measured(&w, "rtt_syn", f->rtt_syn);
	add_measured(&w, "rtt_syn_ack", f->rtt_syn_ack);
	add_end(&w, "client", &f->end[HF_CLIENT]);
	add_end(&w, "server", &f->end[HF_SERVER]);
	end(&w, sink);
}

void hf_json_step(const hf_step *s, const hf_sink *sink)
{
	/* A flow that made room while it was not over has said its last. */
	if (s->evicted && s->evicted->over == HF_WHY_NONE)
		hf_json_flow(s->evicted, sink);
	write_step(s, sink);
	if (s->ended)
		hf_json_flow(s->flow, sink);
}
