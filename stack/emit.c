/* SPDX-License-Identifier: BSD-2-Clause */
/* From the description of a leaving segment to octets. */
#include "stack/keys.h"

size_t hf_link_header(const hf_stack *s)
{
	return s->config.link == HF_LINK_ETHERNET ? HF_ETHER_HEADER : 0;
}

static hf_ip ip_of(const hf_flow *f, uint8_t ttl, uint8_t traffic_class)
{
	return (hf_ip){
		.src = f->local, /* MUST-45 */
		.dst = f->remote,
		.version = hf_addr_is_v4(&f->local) ? 4 : 6,
		.protocol = HF_IPPROTO_TCP,
		.ttl = ttl,
		.traffic_class = traffic_class, /* SHLD-22 */
		.dont_fragment =
			true, /* RFC 1191; the identification may then be constant (MAY-4) */
	};
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

void hf_emit_segment(const hf_stack *s, const hf_tcb *c, const hf_sending *out, hf_packet *p)
{
	uint8_t class = (uint8_t)((c->traffic_class & 0xfcu) | (unsigned)out->ecn);
	hf_ip ip = ip_of(&c->flow, c->ttl, class);
	hf_tcp tcp = tcp_of(&c->flow, out);
	size_t at = hf_link_header(s) + hf_ip_header_len(&ip), header;
	uint8_t room[HF_AUTH_OPTION_MAX];
	hf_signer by;
	bool is_signed = hf_signer_of_conn(c, out, &by);

	if (is_signed)
		hf_sign_reserve(by.key, by.rnext_id, room, &tcp.options);
	header = hf_tcp_emit(&tcp, p->data + at);

	if (out->len > 0)
		hf_ring_read(&c->tx->ring, text_at(out), p->data + at + header, out->len);
	if (out->garbage)
		p->data[at + header++] = 0;
	hf_ip_emit(&ip, header + out->len, p->data + hf_link_header(s));
	p->len = (uint32_t)(at + header + out->len);
	if (is_signed)
		hf_sign(&by, &c->flow, p->data + at, p->len - at);
	finish(s, &ip, out, p, at);
	p->reason = HF_WHY_NONE;
	p->cause = (uint8_t)out->cause;
	p->state = c->state;
	p->conn = hf_conn_shown(c);
}

void hf_reply_packet(hf_stack *s, const hf_reply *r, const uint8_t *octets)
{
	if (!hf_replies_add(&s->replies, &s->mem, r, octets))
		hf_count_reason(s, HF_WHY_REPLY_QUEUE_FULL);
}

void hf_reply_segment(hf_stack *s, const hf_flow *f, const hf_sending *out, hf_state state)
{
	uint8_t octets[HF_IP_HEADER_MAX + HF_TCP_HEADER_MAX];
	hf_ip ip = ip_of(f, out->ttl ? out->ttl : s->config.ttl, out->traffic_class & 0xfcu);
	hf_tcp tcp = tcp_of(f, out);
	size_t at = hf_ip_header_len(&ip), header;
	uint8_t room[HF_AUTH_OPTION_MAX];
	hf_reply r = { .cause = (uint8_t)out->cause, .state = (uint8_t)state, .dst = f->remote };

	if (out->signer && !out->signer->key)
		return; /* its key is gone */
	if (out->signer)
		hf_sign_reserve(out->signer->key, out->signer->rnext_id, room, &tcp.options);
	header = hf_tcp_emit(&tcp, octets + at);
	r.len = (uint32_t)(at + header);
	hf_ip_emit(&ip, header, octets);
	if (out->signer)
		hf_sign(out->signer, f, octets + at, header);
	hf_tcp_checksum(&ip, octets + at, header);
	hf_reply_packet(s, &r, octets);
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

	if (hf_signer_of_conn(c, &out, &by))
		out.signer = &by;
	hf_reply_segment(s, &c->flow, &out, HF_CLOSED);
}
