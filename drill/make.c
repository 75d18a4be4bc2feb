/* SPDX-License-Identifier: BSD-2-Clause */
/* Inbound packets: from the script's words to octets. */
#include <string.h>

#include "drill/sign.h"
#include "wire/checksum.h"

#define TTL 255
#define ICMP_HEADER 8
#define UDP_HEADER 8
#define ECHO_DATA 4 /* octets of an echo's data, where the script says nothing */

typedef struct octets {
	uint8_t *at;
	size_t len;
} octets;

/* ---- Options ---- */

static bool put_stamp(const hf_drill_desk *desk, const hf_drill_packet *p, const hf_drill_option *o,
		      uint8_t *to)
{
	uint32_t echo = o->echo;
	bool is_mapped = p->tcp.flags & HF_TCP_ACK && !o->echo_as_stands;

	if (is_mapped && desk->setup->stamp_echo_is_scaled && desk->flow->has_stamps)
		echo += desk->flow->stamp_offset;
	else if (is_mapped && !hf_drill_stamp_find(desk->flow, o->echo, &echo))
		return false;
	hf_put32(to, o->number);
	hf_put32(to + 4, echo);
	return true;
}

static void put_blocks(const hf_drill_desk *desk, const hf_drill_option *o, uint8_t *to)
{
	for (unsigned i = 0; i < 2 * o->blocks; i++)
		hf_put32(to + 4 * (size_t)i,
			 hf_drill_local_out(desk->flow, false, o->sack[i / 2][i % 2]));
}

static uint8_t kind_of(const hf_drill_option *o)
{
	switch (o->kind) {
	case HF_DRILL_NOP:
		return HF_OPT_NOP;
	case HF_DRILL_EOL:
	case HF_DRILL_RAW:
		return HF_OPT_EOL;
	case HF_DRILL_MSS:
		return HF_OPT_MSS;
	case HF_DRILL_WSCALE:
		return HF_OPT_WSCALE;
	case HF_DRILL_SACK_OK:
		return HF_OPT_SACK_PERMITTED;
	case HF_DRILL_SACK:
		return HF_OPT_SACK;
	case HF_DRILL_STAMP:
		return HF_OPT_TIMESTAMPS;
	case HF_DRILL_OTHER:
		break;
	}
	return o->code;
}

/* Writes one option. False: it echoes a time stamp that the stack never sent. */
static bool put_option(const hf_drill_desk *desk, const hf_drill_packet *p,
		       const hf_drill_option *o, uint8_t *to)
{
	size_t len = hf_drill_option_len(o);

	to[0] = kind_of(o);
	if (len > 1)
		to[1] = (uint8_t)len;
	switch (o->kind) {
	case HF_DRILL_NOP:
	case HF_DRILL_EOL:
	case HF_DRILL_SACK_OK:
		break;
	case HF_DRILL_MSS:
		hf_put16(to + 2, (uint16_t)o->number);
		break;
	case HF_DRILL_WSCALE:
		to[2] = (uint8_t)o->number;
		break;
	case HF_DRILL_SACK:
		put_blocks(desk, o, to + 2);
		break;
	case HF_DRILL_STAMP:
		return put_stamp(desk, p, o, to + 2);
	case HF_DRILL_OTHER:
		memcpy(to + 2, o->octet, o->octets);
		break;
	case HF_DRILL_RAW:
		memcpy(to, o->octet, o->octets);
		break;
	}
	return true;
}

/* ---- Headers ---- */

static hf_ip ip_of(const hf_drill_desk *desk, const hf_drill_packet *p)
{
	const hf_drill_ip *said = &p->ip;
	hf_ip ip = {
		.src = desk->setup->remote,
		.dst = desk->setup->local,
		.version = desk->setup->is_v6 ? 6 : 4,
		.ttl = said->has_ttl ? said->ttl : TTL,
		.traffic_class = (uint8_t)(said->has_tos ? said->tos : said->dscp << 2),
		.flow_label = said->label,
	};

	if (said->has_options)
		ip.options = (hf_view){ said->options, said->options_len };
	if (said->ecn < HF_DRILL_ECN_UNSAID)
		ip.traffic_class = (uint8_t)((ip.traffic_class & ~3u) | said->ecn);
	return ip;
}

static octets whole(const hf_drill_desk *desk, const hf_ip *ip, size_t payload)
{
	octets o = { .len = hf_ip_header_len(ip) + payload };

	o.at = hf_arena_take(desk->arena, o.len);
	hf_ip_emit(ip, payload, o.at);
	return o;
}

static void put_segment(const hf_drill_desk *desk, const hf_drill_packet *p, size_t header,
			uint8_t *to)
{
	const hf_drill_tcp *t = &p->tcp;
	const hf_drill_flow *f = desk->flow;
	bool is_syn = t->flags & HF_TCP_SYN;

	hf_put16(to, f->remote);
	hf_put16(to + 2, f->local);
	hf_put32(to + 4, t->seq_as_stands ? t->seq : hf_drill_remote_out(f, is_syn, t->seq));
	if (t->has_ack || t->flags & HF_TCP_ACK)
		hf_put32(to + 8, hf_drill_local_out(f, is_syn, t->ack));
	hf_put16(to + 12, (uint16_t)(header / 4 << 12 | t->flags));
	hf_put16(to + 14, t->window);
	hf_put16(to + 18, t->urgent);
}

/* Fills in the signatures that the script leaves to us, once all the rest stands. */
static bool put_signatures(const hf_drill_desk *desk, const hf_drill_packet *p, uint8_t *segment,
			   size_t len)
{
	size_t at = HF_TCP_HEADER;

	for (const hf_drill_option *o = p->tcp.options; o != NULL; o = o->next) {
		hf_drill_signed what = { o, true, { segment, len } };
		uint8_t mac[HF_AO_MAC_MAX], *to = segment + at + 2 + hf_drill_sign_at(o);
		size_t room = o->octets - (o->octets > 0 ? hf_drill_sign_at(o) : 0), n;

		at += hf_drill_option_len(o);
		if (o->signature == HF_DRILL_AS_WRITTEN)
			continue;
		n = hf_drill_sign(desk, &what, mac);
		if (n == 0)
			return false;
		memcpy(to, mac, n < room ? n : room);
		if (o->signature == HF_DRILL_INVALID)
			to[0] ^= 1;
	}
	return true;
}

static void checksum(const hf_ip *ip, uint8_t *at, size_t len, size_t field)
{
	hf_sum sum = 0;

	if (ip->version == 6 || ip->protocol == HF_IPPROTO_UDP)
		sum = hf_sum_pseudo(0, &ip->src, &ip->dst, ip->protocol, (uint32_t)len);
	hf_put16(at + field, hf_sum_finish(hf_sum_octets(sum, at, len)));
}

static void put_udp(const hf_ip *ip, uint16_t src, uint16_t dst, octets datagram)
{
	hf_put16(datagram.at, src);
	hf_put16(datagram.at + 2, dst);
	hf_put16(datagram.at + 4, (uint16_t)datagram.len);
	checksum(ip, datagram.at, datagram.len, 6);
}

/* TCP over UDP: the segment as it is, its own checksum too, as a datagram. */
static octets put_in_udp(const hf_drill_desk *desk, const hf_drill_packet *p, hf_ip *ip,
			 hf_view segment)
{
	size_t at = hf_ip_header_len(ip);
	octets o;

	ip->protocol = HF_IPPROTO_UDP;
	o = whole(desk, ip, UDP_HEADER + segment.len);
	memcpy(o.at + at + UDP_HEADER, segment.at, segment.len);
	put_udp(ip, p->tcp.udp_src, p->tcp.udp_dst, (octets){ o.at + at, o.len - at });
	return o;
}

static const uint8_t *make_tcp(const hf_drill_desk *desk, const hf_drill_packet *p, size_t *len,
			       const char **why)
{
	hf_ip ip = ip_of(desk, p);
	size_t header = HF_TCP_HEADER, at = hf_ip_header_len(&ip);
	octets o;

	for (const hf_drill_option *i = p->tcp.options; i != NULL; i = i->next)
		header += hf_drill_option_len(i);
	if (at + header + p->len + (p->tcp.over_udp ? UDP_HEADER : 0) > UINT16_MAX) {
		*why = "this packet is larger than 65535 octets";
		return NULL;
	}
	ip.protocol = HF_IPPROTO_TCP;
	o = whole(desk, &ip, header + p->len);
	put_segment(desk, p, header, o.at + at);
	memcpy(o.at + at + header, p->tcp.octet, p->tcp.octets);
	header = HF_TCP_HEADER;
	for (const hf_drill_option *i = p->tcp.options; i != NULL; i = i->next) {
		if (!put_option(desk, p, i, o.at + at + header)) {
			*why = "this echoes a time stamp that the stack has not sent";
			return NULL;
		}
		header += hf_drill_option_len(i);
	}
	if (!put_signatures(desk, p, o.at + at, o.len - at)) {
		*why = "this is to be signed with a key that the script has not set";
		return NULL;
	}
	hf_tcp_checksum(&ip, o.at + at, o.len - at);
	if (p->tcp.over_udp)
		o = put_in_udp(desk, p, &ip, (hf_view){ o.at + at, o.len - at });
	*len = o.len;
	return o.at;
}

static const uint8_t *make_udp(const hf_drill_desk *desk, const hf_drill_packet *p, size_t *len)
{
	hf_ip ip = ip_of(desk, p);
	size_t at = hf_ip_header_len(&ip);
	octets o;

	ip.protocol = HF_IPPROTO_UDP;
	o = whole(desk, &ip, UDP_HEADER + p->len);
	put_udp(&ip, p->has_ports ? p->src_port : desk->setup->connect_port,
		p->has_ports ? p->dst_port : desk->setup->bind_port,
		(octets){ o.at + at, o.len - at });
	*len = o.len;
	return o.at;
}

/* ---- ICMP ---- */

static size_t quoted_len(const hf_drill_icmp *icmp)
{
	switch (icmp->quote) {
	case HF_DRILL_QUOTE_NONE:
		return 0;
	case HF_DRILL_QUOTE_TCP:
		return HF_TCP_HEADER;
	case HF_DRILL_QUOTE_UDP:
		return UDP_HEADER;
	case HF_DRILL_QUOTE_RAW:
		break;
	}
	return icmp->len;
}

/* The packet of the stack's that an error is about: as much as a router would give back. */
static void put_quote(const hf_drill_desk *desk, const hf_drill_icmp *icmp, uint8_t *to)
{
	hf_ip ip = {
		.src = desk->setup->local,
		.dst = desk->setup->remote,
		.version = desk->setup->is_v6 ? 6 : 4,
		.ttl = 64,
		.protocol = icmp->quote == HF_DRILL_QUOTE_UDP ? HF_IPPROTO_UDP : HF_IPPROTO_TCP,
	};
	size_t header = hf_ip_header_len(&ip), quoted = quoted_len(icmp);
	bool is_raw = icmp->quote == HF_DRILL_QUOTE_RAW;

	hf_ip_emit(&ip, is_raw ? quoted : quoted + icmp->len, to);
	to += header;
	if (is_raw)
		return;
	hf_put16(to, desk->flow != NULL ? desk->flow->local : desk->setup->bind_port);
	hf_put16(to + 2, desk->flow != NULL ? desk->flow->remote : desk->setup->connect_port);
	if (icmp->quote == HF_DRILL_QUOTE_UDP) {
		hf_put16(to + 4, (uint16_t)(UDP_HEADER + icmp->len));
	} else if (desk->flow != NULL) {
		hf_put32(to + 4, hf_drill_local_out(desk->flow, false, icmp->seq));
		to[12] = HF_TCP_HEADER / 4 << 4;
	}
}

static const uint8_t *make_icmp(const hf_drill_desk *desk, const hf_drill_packet *p, size_t *len)
{
	const hf_drill_icmp *icmp = &p->icmp;
	hf_ip ip = ip_of(desk, p);
	size_t at = hf_ip_header_len(&ip), body = ECHO_DATA;
	octets o;

	if (icmp->quote != HF_DRILL_QUOTE_NONE)
		body = at + quoted_len(icmp);
	ip.protocol = ip.version == 6 ? HF_IPPROTO_ICMP6 : HF_IPPROTO_ICMP;
	o = whole(desk, &ip, ICMP_HEADER + body);
	o.at[at] = icmp->type;
	o.at[at + 1] = icmp->code;
	if (icmp->has_mtu && ip.version == 6)
		hf_put32(o.at + at + 4, icmp->mtu);
	else if (icmp->has_mtu)
		hf_put16(o.at + at + 6, (uint16_t)icmp->mtu);
	else if (icmp->has_id)
		hf_put16(o.at + at + 4, icmp->id);
	if (icmp->quote != HF_DRILL_QUOTE_NONE)
		put_quote(desk, icmp, o.at + at + ICMP_HEADER);
	checksum(&ip, o.at + at, o.len - at, 2);
	*len = o.len;
	return o.at;
}

static const uint8_t *make_inner(const hf_drill_desk *desk, const hf_drill_packet *packet,
				 size_t *len, const char **why)
{
	switch (packet->protocol) {
	case HF_DRILL_TCP:
		return make_tcp(desk, packet, len, why);
	case HF_DRILL_UDP:
		return make_udp(desk, packet, len);
	case HF_DRILL_ICMP:
		break;
	}
	return make_icmp(desk, packet, len);
}

const uint8_t *hf_drill_make(const hf_drill_desk *desk, const hf_drill_packet *packet, size_t *len,
			     const char **why)
{
	const uint8_t *at = make_inner(desk, packet, len, why);

	if (at == NULL || packet->wraps == NULL)
		return at;
	return hf_drill_wrap_up(desk, packet->wraps, (hf_view){ at, *len }, len, why);
}
