/* SPDX-License-Identifier: BSD-2-Clause */
/* The two-ended simulation: someone on the way who knows better than the two ends. */
#include <string.h>

#include "lab/craft.h"
#include "scene.h"
#include "wire/tcp.h"

/*
 * He does what is met in the Internet: takes options out of SYNs (of both ends, or of one, so that
 * they disagree about what was agreed), takes SACK blocks out, clamps the MSS, bleaches ECN. He
 * says other things than the ends did: another window scale, SACK blocks of other numbers. And for
 * a while he plays with windows: closes them, or makes them smaller than they were.
 */

static void play_with_window(struct scene *s, hf_tcp *tcp)
{
	const struct middlebox *m = &s->middlebox;

	if (!hf_time_before(hf_lab_now(s->lab), m->games_end))
		return;
	if (hf_lab_random_chance(&s->random, m->closes))
		tcp->window = 0;
	else if (hf_lab_random_chance(&s->random, 250000))
		tcp->window = (uint16_t)(tcp->window >> m->shrinks);
}

static void bleach(hf_ip *ip, hf_tcp *tcp)
{
	ip->traffic_class &= 0xfc;
	if (tcp->flags & HF_TCP_SYN)
		tcp->flags &= (uint16_t) ~(HF_TCP_ECE | HF_TCP_CWR | HF_TCP_AE);
}

static void alter_syn(const struct middlebox *m, int from, hf_tcp *tcp)
{
	tcp->options.present &= ~m->strips[from];
	if (m->clamps_mss && tcp->options.mss > m->clamps_mss)
		tcp->options.mss = m->clamps_mss;
	if (m->scales[from] > 0)
		tcp->options.wscale = (uint8_t)(m->scales[from] - 1);
}

static void alter_sack(const struct middlebox *m, hf_tcp_options *o)
{
	if (m->strips_sack)
		o->present &= ~HF_HAS(SACK);
	for (unsigned i = 0; i < o->sack_count; i++) {
		o->sack[i].start = hf_seq_add(o->sack[i].start, m->moves_sack);
		o->sack[i].end = hf_seq_add(o->sack[i].end, m->moves_sack);
	}
}

static hf_lab_verdict alter(void *ctx, int from, hf_lab_packet *packet)
{
	struct scene *s = ctx;
	const struct middlebox *m = &s->middlebox;
	uint8_t whole[2048];
	hf_ip ip;
	hf_tcp tcp;

	if (packet->len > sizeof(whole) || packet->corrupted ||
	    hf_ip_parse((hf_view){ packet->data, packet->len }, &ip) != HF_WHY_NONE ||
	    ip.protocol != HF_IPPROTO_TCP || hf_tcp_parse(&ip, false, &tcp) != HF_WHY_NONE)
		return HF_LAB_PASS;
	if (m->bleaches)
		bleach(&ip, &tcp);
	if (tcp.flags & HF_TCP_SYN) {
		alter_syn(m, from, &tcp);
	} else {
		alter_sack(m, &tcp.options);
		play_with_window(s, &tcp);
	}
	packet->len = (uint32_t)hf_lab_craft_tcp(&ip, &tcp, whole, sizeof(whole));
	memcpy(packet->data, whole, packet->len);
	return HF_LAB_PASS;
}

void scene_middlebox_add(struct scene *s)
{
	static const struct middlebox none;

	if (memcmp(&s->middlebox, &none, sizeof(none)) != 0)
		hf_lab_filter_add(s->link, alter, s);
}
