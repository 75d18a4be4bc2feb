/* SPDX-License-Identifier: BSD-2-Clause */
/* SYN cookies in the stack: when SYNs get them, and connections that begin with one. */
#include "stack/handshakes.h"

/*
 * Theory of operation
 *
 * A SYN that gets no record is answered by a cookie, and the listener remembers until when an
 * answer to it may come. Only so long does an ACK of no known connection cost a hash; and only so
 * long does one that is not good go without the reset that it is owed otherwise: it may be text
 * that has overtaken the text before it, whose sender would be gone.
 *
 * The SYN-ACK is not repeated. A client that misses it repeats its SYN; one whose last ACK was lost
 * completes the handshake by its first text, or by a keep-alive probe if it has nothing to say.
 *
 * What a cookie cannot keep gets none: a signed SYN, one with IP options, one that follows an
 * earlier connection in TIME-WAIT, whose numbers the cookie might run into. Fast Open's cookie in a
 * SYN is not looked at.
 */

void hf_syn_cookies_init(hf_stack *s)
{
	static const char first[] = "syn cookie 1", second[] = "syn cookie 2";
	hf_sipkey key = { s->config.syn_cookie_key[0], s->config.syn_cookie_key[1] };

	if (key.k0 == 0 && key.k1 == 0) {
		key.k0 = hf_siphash(&s->isn_key, first, sizeof(first));
		key.k1 = hf_siphash(&s->table_key, second, sizeof(second));
	}
	s->syn_cookie_keys = (hf_syn_cookie_keys){ .key = { key }, .count = 1 };
}

hf_err hf_stack_syn_cookie_key(hf_stack *s, const uint64_t key[2])
{
	hf_syn_cookie_keys *k = &s->syn_cookie_keys;

	if (key[0] == 0 && key[1] == 0)
		return HF_ERR_BAD_SECRET;
	k->key[1] = k->key[0];
	k->key[0] = (hf_sipkey){ key[0], key[1] };
	k->count = 2;
	return HF_OK;
}

static hf_syn_cookie_time cookie_time(const hf_stack *s, const hf_flow *f)
{
	return (hf_syn_cookie_time){
		.period = hf_syn_cookie_period(s->now),
		.clock = hf_pair_clock(s, f),
	};
}

bool hf_syn_cookie_can_keep(const hf_stack *s, const hf_segment *g)
{
	return s->config.syn_cookies != HF_SYN_COOKIES_OFF && !g->key && g->ip->options.len == 0;
}

hf_reason hf_syn_cookie_answer(hf_stack *s, uint32_t listener, const hf_flow *f,
			       const hf_segment *g)
{
	hf_half_open h = hf_half_open_of(s, f, g, listener);
	hf_syn_cookie cookie;

	hf_syn_cookie_reduce(&h);
	cookie = hf_syn_cookie_make(&s->syn_cookie_keys, f, &h, cookie_time(s, f));
	h.iss = cookie.iss;
	hf_listen_at(s, listener)->syn_cookie_until = hf_time_add(s->now, 2 * HF_SYN_COOKIE_PERIOD);
	hf_syn_ack_send(s, &h, &(hf_syn_ack){ .cause = HF_SENT_SYN_ACK, .tsval = cookie.tsval });
	return HF_WHY_SYN_COOKIE;
}

bool hf_syn_cookie_is_awaited(const hf_stack *s, uint32_t listener)
{
	return hf_time_before(s->now, hf_listen_at(s, listener)->syn_cookie_until);
}

static hf_reason begin(hf_stack *s, const hf_half_open *h, const hf_segment *g, hf_packet *p)
{
	hf_tcb *c = hf_conn_create_of(s, h);
	hf_segment last = *g;

	if (!c)
		return hf_conn_why_none(s);
	if (hf_seq_eq(g->seq,
		      h->irs)) { /* a keep-alive probe: the last ACK, and an answer is due */
		last.seq = hf_seq_add(h->irs, 1);
		last.text = (hf_view){ 0 };
		hf_ack_now(c, HF_SENT_ACK);
	}
	return hf_conn_arrives(s, c, &last, p);
}

hf_reason hf_syn_cookie_arrives(hf_stack *s, uint32_t listener, const hf_flow *f,
				const hf_segment *g, hf_packet *p)
{
	const hf_listen *l = hf_listen_at(s, listener);
	hf_half_open h;

	if (g->ip->ttl < l->settings->min_ttl)
		return HF_WHY_IP_TTL;
	if (!hf_syn_cookie_check(&s->syn_cookie_keys, f, g, cookie_time(s, f), &h))
		return HF_WHY_SYN_COOKIE_WRONG;
	h.listener = listener;
	h.due = HF_NEVER; /* nobody knows when the SYN-ACK went */
	h.place = (uint8_t)hf_host_addr_index(s, &f->local);
	if (hf_segment_len(g) == 0 && hf_half_open_defers(s, &h))
		return HF_WHY_ACCEPT_DEFERRED; /* the text, when it comes, has the cookie too */
	if (l->accept_count >= l->backlog)
		return HF_WHY_ACCEPT_QUEUE_FULL;
	return begin(s, &h, g, p);
}
