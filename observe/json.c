/* SPDX-License-Identifier: BSD-2-Clause */
/* JSON Lines: an object a packet, and one a flow when it is over; see docs/json.md. */
#include "observe/json.h"

#include <inttypes.h>

#include "observe/json_writer.h"
#include "observe/words.h"

static void add_sack(hf_json_writer *w, const hf_tcp_options *o)
{
	hf_json_key(w, "sack");
	for (unsigned i = 0; i < o->sack_count && i < HF_SACK_BLOCKS; i++)
		hf_text_add(&w->text, "%s[%" PRIu32 ",%" PRIu32 "]", i ? "," : "[",
			    o->sack[i].start.v, o->sack[i].end.v);
	hf_text_add(&w->text, o->sack_count ? "]" : "[]");
}

static void add_options(hf_json_writer *w, const hf_tcp_options *o)
{
	char words[512];
	hf_text text = hf_text_in(words, sizeof(words));
	hf_words_options(&text, o, (hf_seq){ 0 });
	if (text.len == 0)
		return;
	hf_json_open(w, "options");
	if (o->present & HF_HAS(MSS))
		hf_json_count(w, "mss", o->mss);
	if (o->present & HF_HAS(SACK_PERMITTED))
		hf_json_truth(w, "sack_permitted", true);
	if (o->present & HF_HAS(TIMESTAMPS)) {
		hf_json_count(w, "tsval", o->tsval);
		hf_json_count(w, "tsecr", o->tsecr);
	}
	if (o->present & HF_HAS(WSCALE))
		hf_json_count(w, "wscale", o->wscale);
	if (o->present & HF_HAS(SACK))
		add_sack(w, o);
	hf_json_string(w, "text", words);
	hf_json_close(w);
}

static void add_states(hf_json_writer *w, const hf_flow *f)
{
	hf_json_open(w, "state");
	hf_json_string(w, "client", hf_state_name(f->end[HF_CLIENT].state));
	hf_json_string(w, "server", hf_state_name(f->end[HF_SERVER].state));
	hf_json_close(w);
}

static void add_marks(hf_json_writer *w, const hf_step *s)
{
	const char *before = "[";
	hf_json_key(w, "marks");
	for (unsigned bit = 0; bit < HF_MARK_COUNT; bit++) {
		if (!(s->marks & 1U << bit))
			continue;
		hf_text_add(&w->text, "%s\"%s\"", before, hf_mark_name((hf_mark_bit)bit));
		before = ",";
	}
	hf_text_add(&w->text, s->marks ? "]" : "[]");
}

static void add_segment(hf_json_writer *w, const hf_step *s)
{
	char flags[64];
	hf_text text = hf_text_in(flags, sizeof(flags));
	hf_endpoint src = { s->ip.src, s->tcp.src_port }, dst = { s->ip.dst, s->tcp.dst_port };

	hf_words_flags(&text, s->tcp.flags);
	hf_json_string(w, "dir", s->from == HF_CLIENT ? "to-server" : "to-client");
	hf_json_endpoint(w, "src", &src);
	hf_json_endpoint(w, "dst", &dst);
	hf_json_count(w, "ttl", s->ip.ttl);
	hf_json_string(w, "flags", flags);
	hf_json_count(w, "seq", s->tcp.seq.v);
	hf_json_number(w, "seq_rel", s->seq);
	if (s->tcp.flags & HF_TCP_ACK) {
		hf_json_count(w, "ack", s->tcp.ack.v);
		hf_json_number(w, "ack_rel", s->ack);
	}
	hf_json_count(w, "len", s->tcp.payload.len);
	hf_json_count(w, "segments", s->segments);
	hf_json_count(w, "win", s->window);
	add_options(w, &s->tcp.options);
	add_marks(w, s);
	hf_json_measured(w, "rtt", s->rtt);
}

static void add_icmp(hf_json_writer *w, const hf_step *s)
{
	char addr[HF_ADDR_TEXT];
	hf_json_string(w, "from", hf_addr_format(&s->ip.src, addr));
	hf_json_string(w, "icmp", hf_reason_name(s->icmp.error));
	hf_json_count(w, "type", s->icmp.type);
	hf_json_count(w, "code", s->icmp.code);
	if (s->icmp.error == HF_WHY_ICMP_TOO_BIG)
		hf_json_count(w, "mtu", s->icmp.mtu);
}

static void add_other(hf_json_writer *w, const hf_step *s)
{
	char addr[HF_ADDR_TEXT];
	if (s->ip.version == 0)
		return;
	hf_json_string(w, "src", hf_addr_format(&s->ip.src, addr));
	hf_json_string(w, "dst", hf_addr_format(&s->ip.dst, addr));
	hf_json_count(w, "protocol", s->ip.protocol);
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
	hf_json_writer w;
	hf_json_begin(&w, event_name(s->kind));
	hf_json_seconds(&w, "t", s->at.ns);
	if (s->flow)
		hf_json_count(&w, "flow", s->flow->id);
	if (s->kind != HF_STEP_VERDICT)
		hf_json_string(&w, "way", ways[s->way]);
	if (s->kind == HF_STEP_SEGMENT || s->kind == HF_STEP_BAD)
		add_segment(&w, s);
	else if (s->kind == HF_STEP_ICMP)
		add_icmp(&w, s);
	else if (s->kind == HF_STEP_OTHER)
		add_other(&w, s);
	if (s->reason != HF_WHY_NONE)
		hf_json_string(&w, "reason", hf_reason_name(s->reason));
	if (s->cause != HF_SENT_NONE)
		hf_json_string(&w, "cause", hf_cause_name(s->cause));
	if (s->lost)
		hf_json_string(&w, "lost", s->lost);
	if (s->flow)
		add_states(&w, s->flow);
	hf_json_end(&w, sink);
}

static void add_end(hf_json_writer *w, const char *key, const hf_flow_end *e)
{
	hf_json_open(w, key);
	hf_json_endpoint(w, "addr", &e->at);
	hf_json_string(w, "state", hf_state_name(e->state));
	if (e->syn)
		hf_json_count(w, "isn", e->isn.v);
	hf_json_count(w, "tries", e->tries);
	hf_json_count(w, "octets", e->octets);
	hf_json_count(w, "octets_again", e->octets_again);
	hf_json_count(w, "segments", e->segments);
	hf_json_count(w, "retransmitted", e->retransmitted);
	hf_json_measured(w, "rtt", e->rtt);
	hf_json_measured(w, "rtt_min", e->min_rtt);
	hf_json_close(w);
}

void hf_json_flow(const hf_flow *f, const hf_sink *sink)
{
	hf_json_writer w;
	hf_json_begin(&w, "flow");
	hf_json_seconds(&w, "t", f->last.ns);
	hf_json_count(&w, "flow", f->id);
	hf_json_seconds(&w, "start", f->first.ns);
	hf_json_truth(&w, "established", f->established);
	hf_json_truth(&w, "joined_late", f->joined);
	hf_json_truth(&w, "simultaneous", f->simultaneous);
	hf_json_string(&w, "end", hf_reason_name(f->over));
	if (f->over == HF_WHY_RESET_BY_PEER || f->over == HF_WHY_REFUSED_BY_PEER)
		hf_json_string(&w, "end_by", f->over_by == HF_CLIENT ? "client" : "server");
	if (f->answered_try > 0)
		hf_json_count(&w, "answered_try", f->answered_try);
	hf_json_measured(&w, "rtt_syn", f->rtt_syn);
	hf_json_measured(&w, "rtt_syn_ack", f->rtt_syn_ack);
	add_end(&w, "client", &f->end[HF_CLIENT]);
	add_end(&w, "server", &f->end[HF_SERVER]);
	hf_json_end(&w, sink);
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
