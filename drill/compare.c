/* SPDX-License-Identifier: BSD-2-Clause */
/* Comparing what left the stack with what the script expects: the first difference is named. */
#include <stdlib.h>
#include <string.h>

#include "drill/sign.h"

#define ICMP_HEADER 8

/** A segment, perhaps put together from several. */
typedef struct segment {
	const hf_ip *ip;
	const hf_addr *to; /* whom its header names */
	hf_tcp tcp;        /* sequence number and CWR of the first part, PSH and FIN of the last */
	uint32_t len;
} segment;

typedef struct sides {
	const hf_drill_desk *desk;
	const hf_drill_packet *expected;
	const segment *actual;
} sides;

static const char *field(hf_arena *arena, const char *what, uint32_t expected, uint32_t actual)
{
	if (expected == actual)
		return NULL;
	return hf_arena_format(arena, "%s: expected %u, got %u", what, expected, actual);
}

static const char *differ(const sides *s, const char *what, uint32_t expected, uint32_t actual)
{
	return field(s->desk->arena, what, expected, actual);
}

/* ---- Putting together ---- */

static hf_drill_wire *next_of(const hf_drill_wire *p)
{
	for (hf_drill_wire *n = p->next; n != NULL; n = n->next) {
		if (n->flow == p->flow && !n->is_inbound && !n->is_matched)
			return n;
	}
	return NULL;
}

/* Do two parts agree in all but sequence number, PSH, FIN and CWR? */
static bool are_alike(const hf_drill_wire *a, const hf_drill_wire *b)
{
	const uint16_t free_flags = HF_TCP_PSH | HF_TCP_FIN | HF_TCP_CWR;
	const hf_tcp *x = &a->tcp, *y = &b->tcp;

	return ((x->flags ^ y->flags) & ~free_flags) == 0 && hf_seq_eq(x->ack, y->ack) &&
	       x->window == y->window && x->urgent == y->urgent &&
	       x->options.raw.len == y->options.raw.len &&
	       memcmp(x->options.raw.at, y->options.raw.at, x->options.raw.len) == 0 &&
	       a->ip.traffic_class == b->ip.traffic_class && a->ip.ttl == b->ip.ttl;
}

static bool may_follow(const hf_drill_wire *a, const hf_drill_wire *b, size_t part_len)
{
	return are_alike(a, b) && a->tcp.payload.len == part_len && b->tcp.payload.len > 0 &&
	       b->tcp.payload.len <= part_len &&
	       hf_seq_eq(b->tcp.seq, hf_seq_add(a->tcp.seq, (uint32_t)a->tcp.payload.len));
}

static void gather(const hf_drill_desk *desk, uint32_t wanted, hf_drill_wire *first,
		   hf_drill_verdict *v, segment *out)
{
	hf_drill_wire *last = first, *next;

	*out = (segment){ .ip = &first->ip,
			  .to = &first->to,
			  .tcp = first->tcp,
			  .len = (uint32_t)first->tcp.payload.len };
	v->part[v->parts++] = first;
	while (out->len > 0 && out->len < wanted && !desk->setup->strict_segments &&
	       v->parts < HF_DRILL_PARTS) {
		next = next_of(last);
		if (next == NULL) {
			v->more = true;
			return;
		}
		if (!may_follow(last, next, first->tcp.payload.len))
			return;
		out->len += (uint32_t)next->tcp.payload.len;
		out->tcp.flags = (uint16_t)((next->tcp.flags & ~HF_TCP_CWR) |
					    (first->tcp.flags & HF_TCP_CWR));
		v->part[v->parts++] = next;
		last = next;
	}
}

/* ---- The IP header ---- */

static const char *compare_ecn(hf_arena *arena, uint8_t wanted, uint8_t ecn)
{
	if (wanted == HF_DRILL_ECN_UNSAID)
		return NULL;
	if (wanted == HF_DRILL_ECN_ANY_ECT)
		return ecn == 1 || ecn == 2 ? NULL : field(arena, "ECN codepoint", 2, ecn);
	return field(arena, "ECN codepoint", wanted, ecn);
}

static bool options_agree(const hf_drill_ip *expected, const hf_ip *actual)
{
	return actual->options.len == expected->options_len &&
	       memcmp(actual->options.at, expected->options, expected->options_len) == 0;
}

const char *hf_drill_compare_ip(hf_arena *arena, const hf_drill_ip *expected, const hf_ip *actual)
{
	const char *difference = compare_ecn(arena, expected->ecn, actual->traffic_class & 3);

	if (difference == NULL && expected->has_tos)
		difference = field(arena, "TOS", expected->tos, actual->traffic_class);
	if (difference == NULL && expected->has_dscp)
		difference = field(arena, "DSCP", expected->dscp, actual->traffic_class >> 2);
	if (difference == NULL && expected->has_ttl)
		difference = field(arena, "TTL", expected->ttl, actual->ttl);
	if (difference == NULL && expected->has_options && !options_agree(expected, actual))
		difference = "IP options: not those that were expected";
	return difference;
}

static const char *compare_label(const sides *s, uint32_t live)
{
	const hf_drill_flow *f = s->desk->flow;

	if (!s->expected->ip.has_label || f == NULL || !f->has_label)
		return NULL;
	if ((s->expected->ip.label == f->script_label) != (live == f->live_label))
		return "flow label: not the same, or not another, as the script has it";
	return NULL;
}

static const char *compare_ip(const sides *s)
{
	const char *difference = hf_drill_compare_ip(s->desk->arena, &s->expected->ip,
						     s->actual->ip);

	if (difference == NULL && s->expected->ip.has_to &&
	    !hf_addr_equal(&s->expected->ip.to, s->actual->to))
		difference = "destination in the IP header: another was expected";
	return difference != NULL ? difference : compare_label(s, s->actual->ip->flow_label);
}

/* ---- Options ---- */

/* Is the stack's time stamp what the script has, give or take the tolerance? */
static bool stamp_agrees(const sides *s, const hf_drill_option *expected,
			 const hf_drill_option *actual)
{
	uint32_t tick = s->desk->setup->stamp_tick;
	int64_t off = (int32_t)(actual->number - expected->number);
	bool is_first = !s->desk->flow->has_stamps;

	if (tick == 0)
		return true;
	if (actual->echo != expected->echo)
		return false;
	return expected->any_number || is_first ||
	       llabs(off) * tick * 1000 <= s->desk->setup->tolerance;
}

static bool signature_agrees(const sides *s, const hf_drill_option *expected,
			     const hf_drill_option *actual)
{
	hf_drill_signed what = { expected, false, s->actual->ip->payload };
	size_t at = hf_drill_sign_at(expected);
	uint8_t mac[HF_AO_MAC_MAX];
	size_t n = hf_drill_sign(s->desk, &what, mac);
	bool is_right;

	if (n == 0 || actual->octets != at + n || expected->octets != actual->octets ||
	    memcmp(expected->octet, actual->octet, at) != 0)
		return false;
	is_right = memcmp(actual->octet + at, mac, n) == 0;
	return is_right == (expected->signature == HF_DRILL_VALID);
}

static bool option_agrees(const sides *s, const hf_drill_option *expected,
			  const hf_drill_option *actual)
{
	if (expected->kind != actual->kind)
		return false;
	switch (expected->kind) {
	case HF_DRILL_NOP:
	case HF_DRILL_EOL:
	case HF_DRILL_SACK_OK:
		return true;
	case HF_DRILL_MSS:
	case HF_DRILL_WSCALE:
		return expected->number == actual->number;
	case HF_DRILL_SACK:
		return expected->blocks == actual->blocks &&
		       memcmp(expected->sack, actual->sack, sizeof(actual->sack)) == 0;
	case HF_DRILL_STAMP:
		return stamp_agrees(s, expected, actual);
	case HF_DRILL_OTHER:
	case HF_DRILL_RAW:
		break;
	}
	if (expected->signature != HF_DRILL_AS_WRITTEN)
		return expected->code == actual->code && signature_agrees(s, expected, actual);
	return expected->code == actual->code && expected->octets == actual->octets &&
	       memcmp(expected->octet, actual->octet, actual->octets) == 0;
}

/* Octets as they stand may be several options, or half of one. */
static bool take_raw(const hf_drill_option *expected, hf_view *raw)
{
	if (raw->len < expected->octets || memcmp(raw->at, expected->octet, expected->octets) != 0)
		return false;
	*raw = hf_view_skip(*raw, expected->octets);
	return true;
}

static const char *compare_options(const sides *s)
{
	hf_view raw = s->actual->tcp.options.raw;
	hf_arena *arena = s->desk->arena;
	hf_drill_option got;
	unsigned n = 1;

	if (s->expected->tcp.any_options)
		return NULL;
	for (const hf_drill_option *o = s->expected->tcp.options; o != NULL; o = o->next, n++) {
		if (o->kind == HF_DRILL_RAW && take_raw(o, &raw))
			continue;
		if (!hf_drill_read_option(s->desk, &raw, &got))
			return hf_arena_format(arena, "option %u: expected %s, got none", n,
					       hf_drill_show_option(arena, o));
		if (!option_agrees(s, o, &got))
			return hf_arena_format(arena, "option %u: expected %s, got %s", n,
					       hf_drill_show_option(arena, o),
					       hf_drill_show_option(arena, &got));
	}
	if (hf_drill_read_option(s->desk, &raw, &got))
		return hf_arena_format(arena, "option %u: expected none, got %s", n,
				       hf_drill_show_option(arena, &got));
	return NULL;
}

/* ---- Segments ---- */

static const char *compare_flags(const sides *s)
{
	hf_arena *arena = s->desk->arena;

	if (s->expected->tcp.flags == s->actual->tcp.flags)
		return NULL;
	return hf_arena_format(arena, "flags: expected %s, got %s",
			       hf_drill_show_flags(arena, s->expected->tcp.flags),
			       hf_drill_show_flags(arena, s->actual->tcp.flags));
}

static const char *compare_seq(const sides *s)
{
	const hf_drill_tcp *t = &s->expected->tcp;
	const hf_drill_flow *f = s->desk->flow;
	uint32_t live = s->actual->tcp.seq.v;
	bool is_syn = t->flags & HF_TCP_SYN;

	if (t->any_seq || (is_syn && !f->knows_script))
		return NULL;
	if (t->seq_as_stands)
		return differ(s, "sequence number", t->seq, live);
	return differ(s, "sequence number", t->seq, hf_drill_local_in(f, is_syn, live));
}

static const char *compare_ack(const sides *s)
{
	const hf_drill_tcp *t = &s->expected->tcp;
	uint32_t live = s->actual->tcp.ack.v;

	if (t->flags & HF_TCP_ACK)
		live = hf_drill_remote_in(s->desk->flow, t->flags & HF_TCP_SYN, live);
	return differ(s, "acknowledgement", t->ack, live);
}

static bool is_zero(const hf_drill_verdict *v)
{
	for (size_t i = 0; i < v->parts; i++) {
		const hf_view *text = &v->part[i]->tcp.payload;

		for (size_t k = 0; k < text->len; k++) {
			if (text->at[k] != 0)
				return false;
		}
	}
	return true;
}

static const char *compare_tcp(const sides *s, const hf_drill_verdict *v)
{
	const hf_drill_tcp *t = &s->expected->tcp;
	const char *difference = compare_flags(s);

	if (difference == NULL)
		difference = compare_seq(s);
	if (difference == NULL)
		difference = differ(s, "octets of payload", s->expected->len, s->actual->len);
	if (difference == NULL)
		difference = compare_ack(s);
	if (difference == NULL && t->has_window)
		difference = differ(s, "window", t->window, s->actual->tcp.window);
	if (difference == NULL)
		difference = differ(s, "urgent pointer", t->urgent, s->actual->tcp.urgent);
	if (difference == NULL)
		difference = compare_options(s);
	if (difference == NULL)
		difference = compare_ip(s);
	if (difference == NULL && t->octets == 0 && !is_zero(v))
		difference = "payload: it is not what was written";
	if (difference == NULL && t->octets > 0 &&
	    memcmp(s->actual->tcp.payload.at, t->octet, t->octets) != 0)
		difference = "payload: another diagnosis was expected";
	return difference;
}

/* ---- ICMP ---- */

static const char *compare_icmp(const sides *s, const hf_drill_wire *p)
{
	const hf_drill_icmp *wanted = &s->expected->icmp;
	const uint8_t *at = p->ip.payload.at;
	const char *difference;

	if (p->ip.payload.len < ICMP_HEADER)
		return "an ICMP message shorter than its header";
	difference = differ(s, "ICMP type", wanted->type, at[0]);
	if (difference == NULL)
		difference = differ(s, "ICMP code", wanted->code, at[1]);
	if (difference == NULL && wanted->has_id)
		difference = differ(s, "identifier", wanted->id, hf_get16(at + 4));
	if (difference == NULL && wanted->has_mtu)
		difference = differ(s, "MTU", wanted->mtu,
				    p->ip.version == 6 ? hf_get32(at + 4) : hf_get16(at + 6));
	return difference != NULL ? difference : compare_ip(s);
}

static uint8_t protocol_of(const hf_drill_packet *p, bool is_v6)
{
	if (p->protocol == HF_DRILL_TCP)
		return HF_IPPROTO_TCP;
	if (p->protocol == HF_DRILL_UDP)
		return HF_IPPROTO_UDP;
	return is_v6 ? HF_IPPROTO_ICMP6 : HF_IPPROTO_ICMP;
}

static hf_drill_verdict compare_inside(const hf_drill_desk *desk, const hf_drill_packet *expected,
				       hf_drill_wire *actual)
{
	hf_drill_verdict v = { .inside = actual };
	segment all = { .ip = &actual->ip, .to = &actual->to };
	sides s = { desk, expected, &all };

	v.difference = differ(&s, "IP protocol", protocol_of(expected, desk->setup->is_v6),
			      actual->ip.protocol);
	if (v.difference != NULL || expected->protocol == HF_DRILL_UDP) {
		v.part[v.parts++] = actual;
		return v;
	}
	if (expected->protocol == HF_DRILL_ICMP) {
		v.part[v.parts++] = actual;
		v.difference = compare_icmp(&s, actual);
		return v;
	}
	gather(desk, expected->len, actual, &v, &all);
	v.difference = compare_tcp(&s, &v);
	return v;
}

hf_drill_verdict hf_drill_compare(const hf_drill_desk *desk, const hf_drill_packet *expected,
				  hf_drill_wire *actual)
{
	hf_drill_verdict v = { .part = { actual }, .parts = 1 };
	hf_drill_wire *inside;

	if (expected->wraps == NULL && !expected->tcp.over_udp)
		return compare_inside(desk, expected, actual);
	inside = hf_drill_unwrap(desk, expected, actual, &v.difference);
	if (inside == NULL)
		return v;
	v = compare_inside(desk, expected, inside);
	v.more = false; /* what is inside of several is never one */
	v.part[0] = actual;
	v.parts = 1;
	return v;
}

void hf_drill_learn(const hf_drill_desk *desk, const hf_drill_packet *expected,
		    const hf_drill_wire *actual)
{
	hf_drill_flow *f = desk->flow;

	if (expected->ip.has_label && !f->has_label) {
		f->has_label = true;
		f->script_label = expected->ip.label;
		f->live_label = actual->ip.flow_label;
	}
	if (expected->protocol != HF_DRILL_TCP)
		return;
	if (expected->tcp.flags & HF_TCP_SYN && !f->knows_script) {
		f->knows_script = true;
		f->local_script_isn = expected->tcp.seq;
	}
	for (const hf_drill_option *o = expected->tcp.options; o != NULL; o = o->next) {
		if (o->kind == HF_DRILL_STAMP && !o->any_number)
			hf_drill_stamp_note(desk->flows, f, o->number, actual->tcp.options.tsval);
	}
}
