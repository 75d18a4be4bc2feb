/* SPDX-License-Identifier: BSD-2-Clause */
/* From the description of a leaving segment to octets. */
#include "stack/keys.h"

#include "tcp/hs/isn.h"
#include "tcp/path.h"
#include "wire/ip_options.h"

#define DSCP 0xfcu /* of a traffic class; the rest is ECN's */
#define FLOW_LABEL_MAX 0xfffffu

size_t hf_link_header(const hf_stack *s)
{
	return s->config.link == HF_LINK_ETHERNET ? HF_ETHER_HEADER : 0;
}

uint32_t hf_conn_label(const hf_tcb *c)
{
	int64_t set = c->settings->flow_label;

	if (hf_addr_is_v4(&c->flow.local))
		return 0;
	return set >= 0 ? (uint32_t)set : c->label_seed & FLOW_LABEL_MAX;
}

uint32_t hf_answer_label(const hf_stack *s, const hf_flow *f, unsigned rehashes)
{
	uint32_t seed;

	if (s->config.no_flow_labels || hf_addr_is_v4(&f->local))
		return 0;
	seed = hf_flow_label(&s->isn_key, f);
	while (rehashes-- > 0)
		seed = hf_label_next(seed);
	return seed & FLOW_LABEL_MAX;
}

static const hf_addr *first_hop(const hf_source_route *route, const hf_addr *dst)
{
	return route && route->hops > 0 ? &route->hop[0] : dst;
}

static const hf_source_route *conn_route(const hf_stack *s, const hf_tcb *c)
{
	return c->ip_options > 0 ? hf_routes_of(&s->routes, hf_value(HF_KIND_CONN, c->slot)) : NULL;
}

const hf_addr *hf_conn_hop(const hf_stack *s, const hf_tcb *c)
{
	return first_hop(conn_route(s, c), &c->flow.remote);
}

/** Two IP headers, and room for the options that the first one refers to. */
typedef struct heading {
	hf_ip ip;
	/** what the TCP checksum covers: the last destination, not the first hop (3.1) */
	hf_ip end;
	uint8_t options[HF_IP4_OPTIONS_MAX];
} heading;

static void put_heading(const hf_flow *f, const hf_sending *out, heading *h)
{
	h->end = (hf_ip){
		.src = f->local, /* MUST-45 */
		.dst = f->remote,
		.version = hf_addr_is_v4(&f->local) ? 4 : 6,
		.protocol = HF_IPPROTO_TCP,
		.ttl = out->ttl,
		.traffic_class = out->traffic_class, /* SHLD-22 */
		.flow_label = out->flow_label,
		/* RFC 1191; the identification may then be constant (MAY-4) */
		.dont_fragment = !out->may_fragment,
		.id = out->may_fragment ? out->ip_id : 0,
	};
	h->ip = h->end;
	if (!out->route)
		return;
	h->ip.dst = *first_hop(out->route, &f->remote);
	h->ip.options = (hf_view){ h->options, hf_route_emit(out->route, &f->remote, h->options) };
}

/** What the connection's packets have in their IP header. */
static void as_conn(const hf_stack *s, const hf_tcb *c, hf_sending *out)
{
	out->ttl = c->ttl;
	out->traffic_class = (uint8_t)((c->traffic_class & DSCP) | (unsigned)out->ecn);
	out->may_fragment = c->settings->discovery == HF_PATH_MTU_OFF ||
			    (c->path && c->path->may_fragment);
	out->ip_id = (uint16_t)(c->hash + c->count.segments_sent);
	out->flow_label = hf_conn_label(c);
	out->route = conn_route(s, c);
}

static hf_tcp tcp_of(const hf_flow *f, const hf_sending *out)
{
	return (hf_tcp){
		.src_port = f->local_port,
		.dst_port = f->remote_port,
		.seq = out->seq,
		.ack = out->ack,
		.flags = out->flags,
		.window = out->window,
		.urgent = out->urgent,
		.options = out->options,
	};
}

/** The checksum, whole or left to the link, and how the link is to cut the packet. */
static void finish(const hf_stack *s, const hf_ip *ip, const hf_sending *out, hf_packet *p,
		   size_t at)
{
	uint8_t *segment = p->data + at;
	size_t len = p->len - at;

	p->flags = 0;
	p->gso_size = out->len > out->mss ? out->mss : 0;
	if (!(s->config.offloads & HF_OFFLOAD_TX_CHECKSUM)) {
		hf_tcp_checksum(ip, segment, len);
		return;
	}
	hf_tcp_checksum_partial(ip, segment, len);
	p->flags = HF_PACKET_CSUM_PARTIAL;
	p->csum_start = (uint16_t)at;
	p->csum_offset = HF_TCP_CHECKSUM_AT;
}

/** Where its text lies in the ring: a SYN has a number of its own before it. */
static uint32_t text_at(const hf_sending *out)
{
	return out->flags & HF_TCP_SYN ? out->seq.v + 1 : out->seq.v;
}

void hf_emit_segment(const hf_stack *s, const hf_tcb *c, const hf_sending *sending, hf_packet *p)
{
	hf_sending out = *sending;
	hf_tcp tcp = tcp_of(&c->flow, sending);
	uint8_t room[HF_AUTH_OPTION_MAX];
	hf_signer by;
	bool is_signed = hf_signer_of_conn(c, sending, &by);
	size_t at, header;
	heading h;

	as_conn(s, c, &out);
	put_heading(&c->flow, &out, &h);
	at = hf_link_header(s) + hf_ip_header_len(&h.ip);
	if (is_signed)
		hf_sign_reserve(by.key, by.rnext_id, room, &tcp.options);
	header = hf_tcp_emit(&tcp, p->data + at);

	if (out.len > 0)
		hf_ring_read(&c->tx->ring, text_at(&out), p->data + at + header, out.len);
	if (out.garbage)
		p->data[at + header++] = 0;
	hf_ip_emit(&h.ip, header + out.len, p->data + hf_link_header(s));
	p->len = (uint32_t)(at + header + out.len);
	if (is_signed)
		hf_sign(&by, &c->flow, p->data + at, p->len - at);
	finish(s, &h.end, &out, p, at);
	p->reason = HF_WHY_NONE;
	p->cause = (uint8_t)out.cause;
	p->state = c->state;
	p->conn = hf_conn_shown(c);
}

void hf_reply_packet(hf_stack *s, const hf_reply *r, const uint8_t *octets)
{
	if (!hf_replies_add(&s->replies, &s->mem, r, octets))
		hf_count_reason(s, HF_WHY_REPLY_QUEUE_FULL);
}

uint32_t hf_reply_segment(hf_stack *s, const hf_flow *f, const hf_sending *sending, hf_state state)
{
	uint8_t octets[HF_IP_HEADER_MAX + HF_TCP_HEADER_MAX];
	hf_sending out = *sending;
	hf_tcp tcp = tcp_of(f, sending);
	uint8_t room[HF_AUTH_OPTION_MAX];
	hf_reply r = { .cause = (uint8_t)out.cause, .state = (uint8_t)state };
	size_t at, header;
	heading h;

	if (out.signer && !out.signer->key)
		return 0; /* its key is gone */
	out.ttl = out.ttl ? out.ttl : s->config.ttl;
	out.traffic_class &= DSCP;
	if (out.ip_id == 0)
		out.ip_id = (uint16_t)(out.seq.v ^ out.seq.v >> 16);
	put_heading(f, &out, &h);
	at = hf_ip_header_len(&h.ip);
	if (out.signer)
		hf_sign_reserve(out.signer->key, out.signer->rnext_id, room, &tcp.options);
	header = hf_tcp_emit(&tcp, octets + at);
	r.len = (uint32_t)(at + header);
	r.dst = h.ip.dst;
	hf_ip_emit(&h.ip, header, octets);
	if (out.signer)
		hf_sign(out.signer, f, octets + at, header);
	hf_tcp_checksum(&h.end, octets + at, header);
	hf_reply_packet(s, &r, octets);
	return r.len;
}

hf_sending hf_reset_sending(const hf_reset *r, hf_cause cause)
{
	return (hf_sending){
		.seq = r->seq,
		.ack = r->ack,
		.flags = r->has_ack ? HF_TCP_RST | HF_TCP_ACK : HF_TCP_RST,
		.cause = cause,
	};
}

void hf_reply_reset(hf_stack *s, const hf_tcb *c, const hf_reset *r, hf_cause cause)
{
	hf_sending out = hf_reset_sending(r, cause);
	hf_signer by;

	as_conn(s, c, &out);
	if (hf_signer_of_conn(c, &out, &by))
		out.signer = &by;
	hf_reply_segment(s, &c->flow, &out, HF_CLOSED);
}
