/* SPDX-License-Identifier: BSD-2-Clause */
/* Packets that left the stack, in the script's words. */
#include <string.h>

#include "drill/wire.h"
#include "observe/text.h"

#define LINE 1024

/* ---- Options ---- */

static void read_blocks(const hf_drill_desk *desk, const uint8_t *at, hf_drill_option *out)
{
	for (unsigned i = 0; i < 2 * out->blocks; i++)
		out->sack[i / 2][i % 2] = hf_drill_remote_in(desk->flow, false,
							     hf_get32(at + 4 * (size_t)i));
}

static void read_stamp(const hf_drill_desk *desk, const uint8_t *at, hf_drill_option *out)
{
	out->kind = HF_DRILL_STAMP;
	out->number = hf_get32(at);
	if (desk->flow->has_stamps)
		out->number -= desk->flow->stamp_offset;
	out->echo = hf_get32(at + 4);
}

static void read_other(hf_view body, uint8_t code, hf_drill_option *out)
{
	out->kind = HF_DRILL_OTHER;
	out->code = code;
	out->octets = body.len;
	memcpy(out->octet, body.at, body.len);
}

static void read_body(const hf_drill_desk *desk, uint8_t code, hf_view body, hf_drill_option *out)
{
	if (code == HF_OPT_MSS && body.len == 2) {
		out->kind = HF_DRILL_MSS;
		out->number = hf_get16(body.at);
	} else if (code == HF_OPT_WSCALE && body.len == 1) {
		out->kind = HF_DRILL_WSCALE;
		out->number = body.at[0];
	} else if (code == HF_OPT_SACK_PERMITTED && body.len == 0) {
		out->kind = HF_DRILL_SACK_OK;
	} else if (code == HF_OPT_SACK && body.len > 0 && body.len % 8 == 0 &&
		   body.len <= 8 * HF_DRILL_BLOCKS) {
		out->kind = HF_DRILL_SACK;
		out->blocks = (unsigned)(body.len / 8);
		read_blocks(desk, body.at, out);
	} else if (code == HF_OPT_TIMESTAMPS && body.len == 8) {
		read_stamp(desk, body.at, out);
	} else {
		read_other(body, code, out);
	}
}

bool hf_drill_read_option(const hf_drill_desk *desk, hf_view *raw, hf_drill_option *out)
{
	size_t len;

	*out = (hf_drill_option){ .kind = HF_DRILL_NOP };
	if (raw->len == 0)
		return false;
	if (raw->at[0] == HF_OPT_EOL || raw->at[0] == HF_OPT_NOP) {
		out->kind = raw->at[0] == HF_OPT_EOL ? HF_DRILL_EOL : HF_DRILL_NOP;
		*raw = hf_view_skip(*raw, 1);
		return true;
	}
	len = raw->len > 1 ? raw->at[1] : 0;
	if (len < 2 || len > raw->len) { /* never to be sent: shown as it stands */
		out->kind = HF_DRILL_RAW;
		out->octets = raw->len;
		memcpy(out->octet, raw->at, raw->len);
		raw->len = 0;
		return true;
	}
	read_body(desk, raw->at[0], (hf_view){ raw->at + 2, len - 2 }, out);
	*raw = hf_view_skip(*raw, len);
	return true;
}

static void add_octets(hf_text *t, const hf_drill_option *o)
{
	for (size_t i = 0; i < o->octets; i++)
		hf_text_add(t, "%02x", o->octet[i]);
}

static void add_signature(hf_text *t, const hf_drill_option *o)
{
	const char *word = o->signature == HF_DRILL_VALID ? "valid" : "invalid";

	if (o->code == HF_OPT_MD5)
		hf_text_add(t, "md5 %s", word);
	else
		hf_text_add(t, "ao keyid %u rnext %u %s", o->octet[0], o->octet[1], word);
}

static void add_option(hf_text *t, const hf_drill_option *o)
{
	switch (o->kind) {
	case HF_DRILL_NOP:
		hf_text_add(t, "nop");
		break;
	case HF_DRILL_EOL:
		hf_text_add(t, "eol");
		break;
	case HF_DRILL_MSS:
		hf_text_add(t, "mss %u", o->number);
		break;
	case HF_DRILL_WSCALE:
		hf_text_add(t, "wscale %u", o->number);
		break;
	case HF_DRILL_SACK_OK:
		hf_text_add(t, "sackOK");
		break;
	case HF_DRILL_SACK:
		hf_text_add(t, "sack");
		for (unsigned i = 0; i < o->blocks; i++)
			hf_text_add(t, " %u:%u", o->sack[i][0], o->sack[i][1]);
		break;
	case HF_DRILL_STAMP:
		hf_text_add(t, "TS val %u ecr %u", o->number, o->echo);
		break;
	case HF_DRILL_OTHER:
		if (o->signature != HF_DRILL_AS_WRITTEN) {
			add_signature(t, o);
			break;
		}
		hf_text_add(t, "gen-%u ", o->code);
		add_octets(t, o);
		break;
	case HF_DRILL_RAW:
		add_octets(t, o);
		break;
	}
}

const char *hf_drill_show_option(hf_arena *arena, const hf_drill_option *o)
{
	char line[200];
	hf_text t = hf_text_in(line, sizeof(line));

	add_option(&t, o);
	return hf_arena_copy(arena, line, t.len);
}

/* ---- Packets ---- */

const char *hf_drill_show_flags(hf_arena *arena, uint16_t flags)
{
	static const struct {
		uint16_t bit;
		char letter;
	} letters[] = {
		{ HF_TCP_FIN, 'F' }, { HF_TCP_SYN, 'S' }, { HF_TCP_RST, 'R' },
		{ HF_TCP_PSH, 'P' }, { HF_TCP_ECE, 'E' }, { HF_TCP_CWR, 'W' },
		{ HF_TCP_AE, 'A' },  { HF_TCP_URG, 'U' }, { HF_TCP_ACK, '.' },
	};
	char text[sizeof(letters) / sizeof(letters[0]) + 1];
	size_t n = 0;

	for (size_t i = 0; i < sizeof(letters) / sizeof(letters[0]); i++) {
		if (flags & letters[i].bit)
			text[n++] = letters[i].letter;
	}
	if (n == 0)
		text[n++] = '-';
	return hf_arena_copy(arena, text, n);
}

static void add_options(hf_text *t, const hf_drill_desk *desk, const hf_tcp *tcp)
{
	hf_view raw = tcp->options.raw;
	hf_drill_option o;
	const char *before = " <";

	while (hf_drill_read_option(desk, &raw, &o)) {
		hf_text_add(t, "%s", before);
		add_option(t, &o);
		before = ",";
	}
	if (tcp->options.raw.len > 0)
		hf_text_add(t, ">");
}

static void add_tcp(hf_text *t, const hf_drill_desk *desk, const hf_drill_wire *p)
{
	const hf_tcp *tcp = &p->tcp;
	bool is_syn = tcp->flags & HF_TCP_SYN;
	uint32_t seq = hf_drill_local_in(desk->flow, is_syn, tcp->seq.v);
	uint32_t len = (uint32_t)tcp->payload.len;

	hf_text_add(t, "%s %u:%u(%u)", hf_drill_show_flags(desk->arena, tcp->flags), seq, seq + len,
		    len);
	if (tcp->flags & HF_TCP_ACK)
		hf_text_add(t, " ack %u", hf_drill_remote_in(desk->flow, is_syn, tcp->ack.v));
	hf_text_add(t, " win %u", tcp->window);
	if (tcp->flags & HF_TCP_URG)
		hf_text_add(t, " urg %u", tcp->urgent);
	add_options(t, desk, tcp);
}

const char *hf_drill_show(const hf_drill_desk *desk, const hf_drill_wire *p)
{
	hf_drill_flow unknown = { .local = 0 };
	hf_drill_desk own = *desk;
	char line[LINE];
	hf_text t = hf_text_in(line, sizeof(line));

	own.flow = p->flow != NULL ? p->flow : &unknown;
	hf_text_add(&t, "> ");
	if (p->ip.version == 0) {
		hf_text_add(&t, "a broken packet of %u octets", p->packet.len);
	} else if (p->ip.protocol == HF_IPPROTO_TCP) {
		if (p->flow == NULL || p->flow != desk->flows->tested)
			hf_text_add(&t, "%u > %u ", p->tcp.src_port, p->tcp.dst_port);
		add_tcp(&t, &own, p);
	} else if (p->ip.protocol == HF_IPPROTO_UDP) {
		hf_text_add(&t, "udp (%zu)", p->ip.payload.len);
	} else if (p->ip.protocol != HF_IPPROTO_ICMP && p->ip.protocol != HF_IPPROTO_ICMP6) {
		hf_text_add(&t, "IP protocol %u (%zu octets)", p->ip.protocol, p->ip.payload.len);
	} else {
		hf_text_add(&t, "icmp type %u code %u (%zu octets)", p->ip.payload.at[0],
			    p->ip.payload.at[1], p->ip.payload.len);
	}
	return hf_arena_copy(desk->arena, line, t.len);
}
