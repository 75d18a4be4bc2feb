/* SPDX-License-Identifier: BSD-2-Clause */
/* A lab as text: one line a sighting, and a hash over all of them. */
#include "lab/trace.h"

#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "lab/parts.h"
#include "wire/icmp.h"
#include "wire/ip.h"
#include "wire/tcp.h"

#define FLOWS 512 /* directions remembered; one that is forgotten starts again at 0 */
#define FNV_START UINT64_C(0xcbf29ce484222325)
#define FNV_PRIME UINT64_C(0x100000001b3)

/* One direction of a connection: which number counts as 0. */
struct flow {
	hf_endpoint from, to;
	hf_seq base;
	bool used;
};

struct hf_lab_trace {
	hf_lab_line sink;
	void *ctx;
	uint64_t hash;
	struct flow flow[FLOWS];
};

/* A line in the making. */
struct text {
	char at[HF_LAB_LINE];
	size_t len;
};

__attribute__((format(printf, 2, 3))) static void put(struct text *text, const char *format, ...)
{
	va_list args;
	int n;

	va_start(args, format);
	n = vsnprintf(text->at + text->len, sizeof(text->at) - text->len, format, args);
	va_end(args);
	if (n > 0)
		text->len += (size_t)n;
	if (text->len >= sizeof(text->at))
		text->len = sizeof(text->at) - 1;
}

static uint64_t fnv(uint64_t hash, const void *octets, size_t len)
{
	const uint8_t *p = octets;

	for (size_t i = 0; i < len; i++)
		hash = (hash ^ p[i]) * FNV_PRIME;
	return hash;
}

/* ---- Relative sequence numbers ---- */

static bool endpoint_equal(const hf_endpoint *a, const hf_endpoint *b)
{
	return a->port == b->port && hf_addr_equal(&a->addr, &b->addr);
}

static struct flow *flow_at(hf_lab_trace *trace, const hf_endpoint *from, const hf_endpoint *to)
{
	uint64_t hash = fnv(FNV_START, &from->addr, sizeof(from->addr));
	uint8_t ports[4];

	hf_put16(ports, from->port);
	hf_put16(ports + 2, to->port);
	hash = fnv(hash, &to->addr, sizeof(to->addr));
	hash = fnv(hash, ports, sizeof(ports));
	return &trace->flow[hash % FLOWS];
}

static bool flow_is(const struct flow *flow, const hf_endpoint *from, const hf_endpoint *to)
{
	return flow->used && endpoint_equal(&flow->from, from) && endpoint_equal(&flow->to, to);
}

/* The number as counted from the start of its direction. A SYN, or the first segment seen, is the
 * start. */
static uint32_t relative_seq(hf_lab_trace *trace, const hf_endpoint *from, const hf_endpoint *to,
			     const hf_tcp *tcp)
{
	struct flow *flow = flow_at(trace, from, to);

	if (!flow_is(flow, from, to) || (tcp->flags & HF_TCP_SYN) != 0)
		*flow = (struct flow){ *from, *to, tcp->seq, true };
	return tcp->seq.v - flow->base.v;
}

static uint32_t relative_ack(hf_lab_trace *trace, const hf_endpoint *from, const hf_endpoint *to,
			     const hf_tcp *tcp)
{
	const struct flow *flow = flow_at(trace, to, from);

	return flow_is(flow, to, from) ? tcp->ack.v - flow->base.v : tcp->ack.v;
}

/* ---- The parts of a line ---- */

static void put_flags(struct text *text, uint16_t flags)
{
	static const char letters[] = "FSRPAUEWe";

	put(text, " [");
	for (unsigned i = 0; letters[i] != '\0'; i++) {
		if ((flags >> i & 1) != 0)
			put(text, "%c", letters[i]);
	}
	put(text, "]");
}

static void put_option_value(struct text *text, const hf_tcp_option *option)
{
	const uint8_t *body = option->body.at;

	switch (option->kind) {
	case HF_OPT_MSS:
		put(text, " %u", hf_get16(body));
		break;
	case HF_OPT_WSCALE:
		put(text, " %u", body[0]);
		break;
	case HF_OPT_TIMESTAMPS:
		put(text, " %" PRIu32 " %" PRIu32, hf_get32(body), hf_get32(body + 4));
		break;
	default:
		break;
	}
}

static void put_options(struct text *text, const hf_tcp *tcp, uint32_t sack_base)
{
	hf_view raw = tcp->options.raw;
	hf_tcp_option option;
	char before = '<';

	while (hf_tcp_option_next(&raw, &option)) {
		const char *word = hf_tcp_option_name(option.kind);

		if (word == NULL)
			put(text, "%s%c%u", before == '<' ? " " : "", before, option.kind);
		else
			put(text, "%s%c%s", before == '<' ? " " : "", before, word);
		put_option_value(text, &option);
		for (size_t i = 0; option.kind == HF_OPT_SACK && i + 8 <= option.body.len; i += 8)
			put(text, " %" PRIu32 "-%" PRIu32, hf_get32(option.body.at + i) - sack_base,
			    hf_get32(option.body.at + i + 4) - sack_base);
		before = ',';
	}
	if (before == ',')
		put(text, ">");
}

static void put_endpoints(struct text *text, const hf_endpoint *from, const hf_endpoint *to)
{
	char a[HF_ADDR_TEXT], b[HF_ADDR_TEXT];

	put(text, " %s:%u > %s:%u", hf_addr_format(&from->addr, a), from->port,
	    hf_addr_format(&to->addr, b), to->port);
}

static void put_segment(hf_lab_trace *trace, struct text *text, const hf_ip *ip, const hf_tcp *tcp)
{
	hf_endpoint from = { ip->src, tcp->src_port }, to = { ip->dst, tcp->dst_port };
	const struct flow *back = flow_at(trace, &to, &from);
	uint32_t sack_base = flow_is(back, &to, &from) ? back->base.v : 0;

	put_endpoints(text, &from, &to);
	put_flags(text, tcp->flags);
	put(text, " seq %" PRIu32, relative_seq(trace, &from, &to, tcp));
	if ((tcp->flags & HF_TCP_ACK) != 0)
		put(text, " ack %" PRIu32, relative_ack(trace, &from, &to, tcp));
	put(text, " win %u len %zu", tcp->window, tcp->payload.len);
	put_options(text, tcp, sack_base);
}

static void put_other(struct text *text, const hf_ip *ip)
{
	char a[HF_ADDR_TEXT], b[HF_ADDR_TEXT];
	hf_icmp icmp;

	put(text, " %s > %s", hf_addr_format(&ip->src, a), hf_addr_format(&ip->dst, b));
	if ((ip->protocol != HF_IPPROTO_ICMP && ip->protocol != HF_IPPROTO_ICMP6) ||
	    hf_icmp_parse(ip, &icmp) != HF_WHY_NONE) {
		put(text, " protocol %u len %zu", ip->protocol, ip->payload.len);
		return;
	}
	put(text, " icmp %u/%u", icmp.type, icmp.code);
	if (icmp.kind == HF_ICMP_ERROR)
		put(text, " %s mtu %" PRIu32 " about %u > %u", hf_reason_name(icmp.error), icmp.mtu,
		    icmp.quote.src_port, icmp.quote.dst_port);
}

static void put_packet(hf_lab_trace *trace, struct text *text, const hf_lab_packet *packet)
{
	hf_ip ip;
	hf_tcp tcp;
	hf_reason reason = hf_ip_parse((hf_view){ packet->data, packet->len }, &ip);

	if (reason == HF_WHY_NONE && ip.protocol == HF_IPPROTO_TCP) {
		reason = hf_tcp_parse(&ip, packet->corrupted, &tcp);
		if (reason == HF_WHY_NONE)
			put_segment(trace, text, &ip, &tcp);
	} else if (reason == HF_WHY_NONE) {
		put_other(text, &ip);
	}
	if (reason != HF_WHY_NONE)
		put(text, " unreadable: %s", hf_reason_name(reason));
	if (packet->corrupted)
		put(text, " damaged");
}

static void show(void *ctx, const hf_lab_sight *sight)
{
	hf_lab_trace *trace = ctx;
	struct text text = { .len = 0 };
	const char *far = hf_lab_name(hf_lab_link_end(sight->link, !sight->from));

	put(&text, "%" PRId64 ".%09" PRId64 " %s>%s %s #%" PRIu64, sight->time.ns / HF_SEC(1),
	    sight->time.ns % HF_SEC(1), hf_lab_link_name(sight->link), far,
	    hf_lab_fate_name(sight->fate), sight->packet->number);
	put_packet(trace, &text, sight->packet);
	if (sight->fate == HF_LAB_ARRIVED)
		put(&text, " %s", hf_reason_name(sight->reason));
	else
		put(&text, " %s", hf_cause_name((hf_cause)sight->packet->cause));
	put(&text, " %s", hf_state_name(sight->state));
	if (trace->sink != NULL)
		trace->sink(trace->ctx, text.at);
	trace->hash = fnv(fnv(trace->hash, text.at, text.len), "\n", 1);
}

hf_lab_trace *hf_lab_trace_new(hf_lab *lab, hf_lab_line sink, void *ctx)
{
	hf_lab_trace *trace = hf_lab_grab(sizeof(*trace));

	trace->sink = sink;
	trace->ctx = ctx;
	trace->hash = FNV_START;
	if (hf_lab_tap_add(lab, NULL, show, trace) != HF_OK) {
		free(trace);
		return NULL;
	}
	return trace;
}

uint64_t hf_lab_trace_hash(const hf_lab_trace *trace)
{
	return trace->hash;
}

void hf_lab_trace_free(hf_lab_trace *trace)
{
	free(trace);
}
