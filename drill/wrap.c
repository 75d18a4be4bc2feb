/* SPDX-License-Identifier: BSD-2-Clause */
/* Headers around a packet: IP in IP, GRE, MPLS, UDP around TCP; put on and taken off. */
#include <string.h>

#include "base/octets.h"
#include "drill/wire.h"

#define TTL 255
#define GRE_HEADER 4
#define UDP_HEADER 8

/* What the IP header says of its payload. */
enum { IN_IPV4 = 4, IN_IPV6 = 41, IN_GRE = 47, IN_MPLS = 137 };

/* The same in GRE's header. */
enum { TYPE_IPV4 = 0x0800, TYPE_IPV6 = 0x86dd, TYPE_MPLS = 0x8847 };

enum { GRE_SUM = 0x8000, GRE_ROUTE = 0x4000, GRE_KEY = 0x2000, GRE_SEQUENCE = 0x1000 };

/* ---- Around ---- */

static size_t gre_len(uint16_t flags)
{
	size_t words = 1;

	words += (flags & (GRE_SUM | GRE_ROUTE)) != 0;
	words += (flags & GRE_KEY) != 0;
	words += (flags & GRE_SEQUENCE) != 0;
	return 4 * words;
}

static hf_ip ip_of(const hf_drill_wrap *w)
{
	const hf_drill_ip *said = &w->ip;
	hf_ip ip = {
		.src = w->src,
		.dst = w->dst,
		.version = hf_addr_is_v4(&w->src) ? 4 : 6,
		.ttl = said->has_ttl ? said->ttl : TTL,
		.traffic_class = (uint8_t)(said->has_tos ? said->tos : said->dscp << 2),
		.flow_label = said->label,
	};

	if (said->ecn < HF_DRILL_ECN_UNSAID)
		ip.traffic_class = (uint8_t)((ip.traffic_class & ~3u) | said->ecn);
	return ip;
}

static size_t wrap_len(const hf_drill_wrap *w)
{
	hf_ip ip;

	switch (w->kind) {
	case HF_DRILL_WRAP_IP:
		ip = ip_of(w);
		return hf_ip_header_len(&ip);
	case HF_DRILL_WRAP_GRE:
		return gre_len(w->flags);
	case HF_DRILL_WRAP_MPLS:
		break;
	}
	return 4 * (size_t)w->labels;
}

/* What follows `w`, in IP's numbers (`in_gre`: in those of GRE). */
static uint16_t number_of_next(const hf_drill_wrap *w, bool is_v6, bool in_gre)
{
	const hf_drill_wrap *next = w->next;

	if (next != NULL && next->kind == HF_DRILL_WRAP_GRE)
		return IN_GRE;
	if (next != NULL && next->kind == HF_DRILL_WRAP_MPLS)
		return in_gre ? TYPE_MPLS : IN_MPLS;
	if (next != NULL)
		is_v6 = !hf_addr_is_v4(&next->src);
	if (in_gre)
		return is_v6 ? TYPE_IPV6 : TYPE_IPV4;
	return is_v6 ? IN_IPV6 : IN_IPV4;
}

static void put_gre(const hf_drill_wrap *w, uint16_t type, uint8_t *to)
{
	hf_put16(to, w->flags);
	hf_put16(to + 2, type);
	to += GRE_HEADER;
	if (w->flags & (GRE_SUM | GRE_ROUTE)) {
		hf_put16(to, w->sum);
		hf_put16(to + 2, w->offset);
		to += 4;
	}
	if (w->flags & GRE_KEY) {
		hf_put32(to, w->key);
		to += 4;
	}
	if (w->flags & GRE_SEQUENCE)
		hf_put32(to, w->sequence);
}

static void put_wrap(const hf_drill_wrap *w, bool is_v6, size_t inside, uint8_t *to)
{
	hf_ip ip;

	switch (w->kind) {
	case HF_DRILL_WRAP_IP:
		ip = ip_of(w);
		ip.protocol = (uint8_t)number_of_next(w, is_v6, false);
		hf_ip_emit(&ip, inside, to);
		break;
	case HF_DRILL_WRAP_GRE:
		put_gre(w, number_of_next(w, is_v6, true), to);
		break;
	case HF_DRILL_WRAP_MPLS:
		for (unsigned i = 0; i < w->labels; i++)
			hf_put32(to + 4 * (size_t)i, w->label[i]);
		break;
	}
}

const uint8_t *hf_drill_wrap_up(const hf_drill_desk *desk, const hf_drill_wrap *wraps,
				hf_view inside, size_t *len, const char **why)
{
	size_t around = 0, at = 0;
	uint8_t *octets;

	for (const hf_drill_wrap *w = wraps; w != NULL; w = w->next)
		around += wrap_len(w);
	*len = around + inside.len;
	if (*len > UINT16_MAX) {
		*why = "this packet is larger than 65535 octets";
		return NULL;
	}
	octets = hf_arena_take(desk->arena, *len + HF_IP_HEADER_MAX);
	for (const hf_drill_wrap *w = wraps; w != NULL; w = w->next) {
		size_t own = wrap_len(w);

		put_wrap(w, desk->setup->is_v6, *len - at - own, octets + at);
		at += own;
	}
	memcpy(octets + at, inside.at, inside.len);
	return octets;
}

/* ---- Off ---- */

/** How far a packet has been unwrapped. */
typedef struct peeling {
	hf_arena *arena;
	hf_ip ip;      /* the last IP header */
	uint16_t next; /* what it, or GRE's header, says of `rest` */
	bool in_gre;
	hf_view rest;
} peeling;

static const char *differ(const peeling *p, const char *what, uint32_t expected, uint32_t actual)
{
	if (expected == actual)
		return NULL;
	return hf_arena_format(p->arena, "%s: expected %u, got %u", what, expected, actual);
}

static const char *peel_ip(peeling *p, const hf_drill_wrap *w)
{
	const char *difference;

	if (hf_ip_parse(p->rest, &p->ip) != HF_WHY_NONE)
		return "the header around it is not IP's";
	if (!hf_addr_equal(&p->ip.src, &w->src))
		return "source address of the header around it: another was expected";
	if (!hf_addr_equal(&p->ip.dst, &w->dst))
		return "destination address of the header around it: another was expected";
	difference = hf_drill_compare_ip(p->arena, &w->ip, &p->ip);
	p->next = p->ip.protocol;
	p->in_gre = false;
	p->rest = p->ip.payload;
	return difference;
}

static const char *compare_gre(const peeling *p, const hf_drill_wrap *w, const uint8_t *at)
{
	const char *difference = NULL;

	if (w->flags & (GRE_SUM | GRE_ROUTE)) {
		difference = differ(p, "GRE checksum", w->sum, hf_get16(at));
		if (difference == NULL)
			difference = differ(p, "GRE offset", w->offset, hf_get16(at + 2));
		at += 4;
	}
	if (w->flags & GRE_KEY) {
		if (difference == NULL)
			difference = differ(p, "GRE key", w->key, hf_get32(at));
		at += 4;
	}
	if (difference == NULL && w->flags & GRE_SEQUENCE)
		difference = differ(p, "GRE sequence number", w->sequence, hf_get32(at));
	return difference;
}

static const char *peel_gre(peeling *p, const hf_drill_wrap *w)
{
	const char *difference;

	if (p->rest.len < GRE_HEADER)
		return "GRE's header is cut off";
	difference = differ(p, "GRE flags", w->flags, hf_get16(p->rest.at));
	if (difference != NULL)
		return difference;
	if (p->rest.len < gre_len(w->flags))
		return "GRE's header is cut off";
	difference = compare_gre(p, w, p->rest.at + GRE_HEADER);
	p->next = hf_get16(p->rest.at + 2);
	p->in_gre = true;
	p->rest = hf_view_skip(p->rest, gre_len(w->flags));
	return difference;
}

static const char *peel_mpls(peeling *p, const hf_drill_wrap *w)
{
	if (p->rest.len < wrap_len(w))
		return "MPLS's labels are cut off";
	for (unsigned i = 0; i < w->labels; i++) {
		if (hf_get32(p->rest.at + 4 * (size_t)i) != w->label[i])
			return "MPLS label: another was expected";
	}
	p->rest = hf_view_skip(p->rest, wrap_len(w));
	return NULL;
}

static const char *peel(peeling *p, const hf_drill_wrap *w, bool is_v6)
{
	const char *difference = NULL;

	switch (w->kind) {
	case HF_DRILL_WRAP_IP:
		difference = peel_ip(p, w);
		break;
	case HF_DRILL_WRAP_GRE:
		difference = peel_gre(p, w);
		break;
	case HF_DRILL_WRAP_MPLS:
		return peel_mpls(p, w); /* does not say what follows */
	}
	if (difference != NULL)
		return difference;
	return differ(p, "protocol inside", number_of_next(w, is_v6, p->in_gre), p->next);
}

static const char *peel_udp(peeling *p, const hf_drill_tcp *t)
{
	const char *difference = differ(p, "IP protocol", HF_IPPROTO_UDP, p->ip.protocol);

	if (difference != NULL)
		return difference;
	if (p->ip.payload.len < UDP_HEADER)
		return "UDP's header is cut off";
	difference = differ(p, "UDP source port", t->udp_src, hf_get16(p->ip.payload.at));
	if (difference == NULL)
		difference = differ(p, "UDP destination port", t->udp_dst,
				    hf_get16(p->ip.payload.at + 2));
	p->ip.payload = hf_view_skip(p->ip.payload, UDP_HEADER);
	p->ip.protocol = HF_IPPROTO_TCP;
	return difference;
}

hf_drill_wire *hf_drill_unwrap(const hf_drill_desk *desk, const hf_drill_packet *expected,
			       const hf_drill_wire *actual, const char **difference)
{
	peeling p = { .arena = desk->arena,
		      .ip = actual->ip,
		      .rest = { actual->packet.data, actual->packet.len } };
	hf_drill_wire *inside = hf_arena_take(desk->arena, sizeof(*inside));

	*difference = NULL;
	for (const hf_drill_wrap *w = expected->wraps; w != NULL && *difference == NULL;
	     w = w->next)
		*difference = peel(&p, w, desk->setup->is_v6);
	if (*difference == NULL && hf_ip_parse(p.rest, &p.ip) != HF_WHY_NONE)
		*difference = "what is inside is not IP";
	if (*difference == NULL && expected->tcp.over_udp)
		*difference = peel_udp(&p, &expected->tcp);
	if (*difference != NULL)
		return NULL;
	*inside = *actual;
	inside->next = NULL;
	inside->ip = p.ip;
	inside->to = p.ip.dst;
	if (p.ip.protocol == HF_IPPROTO_TCP &&
	    hf_tcp_parse(&p.ip, false, &inside->tcp) != HF_WHY_NONE)
		*difference = "the segment inside is broken";
	hf_drill_flow_left(desk->flows, inside);
	return *difference == NULL ? inside : NULL;
}
