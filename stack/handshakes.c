/* SPDX-License-Identifier: BSD-2-Clause */
/* The SYN table: half-open records from a SYN's arrival to the last ACK of the handshake. */
#include "stack/handshakes.h"

#include "tcp/hs/isn.h"
#include "tcp/tx/build.h"

#define SYN_ACK_RETRIES_MAX 20 /* 2^20 s is long enough for anybody */

static void arm(hf_stack *s, uint32_t number)
{
	hf_half_open *h = hf_half_open_at(s, number);

	h->due = hf_time_add(s->now, hf_half_open_wait(h));
	hf_wheel_set(&s->half_open_wheel, number);
}

static const hf_settings *settings_of(const hf_stack *s, const hf_half_open *h)
{
	return hf_listen_at(s, h->listener)->settings;
}

static uint16_t announced_mss(const hf_stack *s, const hf_half_open *h)
{
	uint16_t link = hf_announced_mss(&s->config, hf_addr_is_v4(&h->remote));
	uint16_t set = settings_of(s, h)->mss;

	return set > 0 && set < link ? set : link;
}

/** Its listener's SYN_RETRIES if that was set, else the stack's. */
static uint8_t syn_ack_retries(const hf_stack *s, const hf_half_open *h)
{
	uint8_t set = settings_of(s, h)->syn_retries;

	if (set == s->config.syn_retries)
		return s->config.syn_ack_retries;
	return set < SYN_ACK_RETRIES_MAX ? set : SYN_ACK_RETRIES_MAX;
}

/** What its SYN-ACK announces: no more than its listener's connections will have (SHLD-14). */
static uint16_t syn_window(const hf_stack *s, const hf_half_open *h)
{
	const hf_settings *o = settings_of(s, h);
	uint32_t buffer = o->receive_buffer ? o->receive_buffer : s->config.receive_buffer;

	if (o->window_clamp > 0 && buffer > o->window_clamp)
		buffer = o->window_clamp;
	return hf_rx_syn_window(buffer, announced_mss(s, h));
}

uint32_t hf_pair_clock(const hf_stack *s, const hf_flow *f)
{
	return hf_tcp_clock(s->now, hf_timestamp_offset(&s->isn_key, f));
}

static const hf_routed *kept_of(const hf_stack *s, uint32_t number)
{
	return hf_routes_find(&s->routes, hf_value(HF_KIND_HALF_OPEN, number));
}

/** The listener's settings; each SYN-ACK that had to be repeated tries another IPv6 path. */
static void put_header(const hf_stack *s, const hf_half_open *h, const hf_routed *kept,
		       hf_sending *out)
{
	const hf_settings *o = settings_of(s, h);
	hf_flow f = hf_half_open_flow(s, h);

	out->ttl = o->ttl;
	out->traffic_class = kept && kept->traffic_class ? kept->traffic_class : o->traffic_class;
	out->may_fragment = o->discovery == HF_PATH_MTU_OFF;
	out->flow_label = o->flow_label >= 0 && !hf_addr_is_v4(&f.local) ?
				  (uint32_t)o->flow_label :
				  hf_answer_label(s, &f, h->retransmits);
	out->route = kept ? &kept->route : NULL;
}

uint32_t hf_syn_ack_send(hf_stack *s, const hf_half_open *h, const hf_syn_ack *what)
{
	const hf_fast_open_option *fast_open = what->fast_open;
	hf_flow f = hf_half_open_flow(s, h);
	hf_syn_offer offer = hf_half_open_offer(h);
	hf_sending out = {
		.seq = h->iss,
		.ack = hf_seq_add(h->irs, 1),
		.flags = HF_TCP_SYN | HF_TCP_ACK,
		.cause = what->cause,
	};
	hf_signer by;

	hf_answer_syn(&s->config, &offer, hf_addr_is_v4(&h->remote), &out.options);
	out.options.mss = announced_mss(s, h);
	if (hf_settings_has(settings_of(s, h), HF_SET_USER_TIMEOUT_OPTION)) {
		out.options.present |= HF_HAS(USER_TIMEOUT);
		out.options.user_timeout = hf_user_timeout_field(
			hf_settings_advice(settings_of(s, h)));
	}
	put_header(s, h, what->kept, &out);
	out.options.tsval = what->tsval;
	if (fast_open && fast_open->is_there)
		hf_fast_open_put(fast_open, &out.options, out.cookie);
	hf_half_open_put_ecn(h, &s->config, &out);
	out.window = syn_window(s, h);
	if (hf_signer_of_half_open(s, h, &out, &by))
		out.signer = &by;
	return hf_reply_segment(s, &f, &out, HF_SYN_RECEIVED);
}

/** An answer to a SYN. */
typedef struct syn_answer {
	hf_cause cause;
	const hf_segment *syn;
	const hf_fast_open_option *fast_open; /**< goes with it; NULL or not there: nothing */
} syn_answer;

/** `fast_open`: goes with it; NULL or not there: nothing. */
static uint32_t send_syn_ack(hf_stack *s, uint32_t number, hf_cause cause,
			     const hf_fast_open_option *fast_open)
{
	const hf_half_open *h = hf_half_open_at(s, number);
	hf_flow f = hf_half_open_flow(s, h);

	return hf_syn_ack_send(s, h,
			       &(hf_syn_ack){ .cause = cause,
					      .tsval = hf_pair_clock(s, &f),
					      .kept = kept_of(s, number),
					      .fast_open = fast_open });
}

/** Answers a SYN, and notes how many octets more it has paid for. */
static void answer_syn(hf_stack *s, uint32_t number, const syn_answer *a)
{
	uint32_t sent = send_syn_ack(s, number, a->cause, a->fast_open);

	hf_half_open_earn(hf_half_open_at(s, number), hf_ip_octets(a->syn->ip), sent);
}

/** The timer asks for it: if it is allowed to an address that has proven nothing yet. */
static void repeat_syn_ack(hf_stack *s, uint32_t number)
{
	if (hf_half_open_spend(hf_half_open_at(s, number)) || !hf_reflection_is_bounded(s))
		send_syn_ack(s, number, HF_SENT_SYN_ACK_AGAIN, NULL);
}

/** Counts half seconds: two records must not answer each other faster for ever (RFC 5961 7). */
static uint8_t half_second(hf_time now)
{
	return (uint8_t)(now.ns / HF_MS(500));
}

/** <SEQ=SND.NXT><ACK=RCV.NXT><CTL=ACK> for a record. */
static void send_ack(hf_stack *s, uint32_t number)
{
	hf_half_open *h = hf_half_open_at(s, number);
	hf_flow f = hf_half_open_flow(s, h);
	uint8_t shift = h->flags & HF_TCB_WSCALE ? hf_rx_wscale(s->config.receive_buffer) : 0;
	hf_sending out = {
		.seq = hf_seq_add(h->iss, 1),
		.ack = hf_seq_add(h->irs, 1),
		.flags = HF_TCP_ACK,
		.window = (uint16_t)(syn_window(s, h) >> shift),
		.cause = HF_SENT_CHALLENGE_ACK,
	};
	hf_signer by;

	if (hf_half_open_mode(h) == HF_ECN_MODE_ACCURATE)
		out.flags |= hf_ecn_ace_flags(HF_ECN_ACE_FIRST);
	if (h->answered == half_second(s->now))
		return;
	h->answered = half_second(s->now);
	if (h->flags & HF_TCB_TIMESTAMPS) {
		out.options.present = HF_HAS(TIMESTAMPS);
		out.options.tsval = hf_pair_clock(s, &f);
		out.options.tsecr = h->ts_recent;
	}
	put_header(s, h, kept_of(s, number), &out);
	if (hf_signer_of_half_open(s, h, &out, &by))
		out.signer = &by;
	hf_reply_segment(s, &f, &out, HF_SYN_RECEIVED);
}

void hf_half_open_release(hf_stack *s, uint32_t number)
{
	hf_wheel_clear(&s->half_open_wheel, number);
	hf_routes_forget(&s->routes, hf_value(HF_KIND_HALF_OPEN, number));
	hf_syn_table_left(s, hf_half_open_at(s, number));
	hf_slab_give(&s->half_opens, number);
}

void hf_half_open_remove(hf_stack *s, uint32_t number)
{
	hf_flow f = hf_half_open_flow(s, hf_half_open_at(s, number));

	hf_table_remove(&s->flows, hf_flow_hash(&s->table_key, &f),
			hf_value(HF_KIND_HALF_OPEN, number));
	hf_half_open_release(s, number);
}

static bool belongs_to(const hf_stack *s, uint32_t number, uint32_t listener)
{
	const hf_half_open *h = hf_half_open_at(s, number);
	hf_flow f = hf_half_open_flow(s, h);
	uint32_t value = hf_flows_find(s, &f, hf_flow_hash(&s->table_key, &f));

	/* Free records keep old content: only what the table names is alive. */
	return h->listener == listener && value == hf_value(HF_KIND_HALF_OPEN, number);
}

void hf_half_open_remove_all(hf_stack *s, uint32_t listener)
{
	for (uint32_t i = 0; i < s->half_opens.fresh; i++) {
		if (!belongs_to(s, i, listener))
			continue;
		hf_half_open_remove(s, i);
		s->ends[HF_WHY_LISTENER_CLOSED]++;
	}
}

bool hf_half_open_defers(const hf_stack *s, const hf_half_open *h)
{
	return (HF_SEC(1) << h->retransmits) - HF_SEC(1) < settings_of(s, h)->defer_accept;
}

void hf_half_open_timeout(hf_stack *s, uint32_t number)
{
	hf_half_open *h = hf_half_open_at(s, number);

	if (h->retransmits >= hf_syn_table_retries(s, h, syn_ack_retries(s, h))) {
		hf_half_open_remove(s, number);
		s->ends[HF_WHY_HALF_OPEN_EXPIRED]++;
		return;
	}
	h->retransmits++;
	/* If acknowledged, it goes again for a last ACK, when the time for text is over. */
	if (!(h->flags & HF_HALF_OPEN_ACKED) || !hf_half_open_defers(s, h))
		repeat_syn_ack(s, number);
	arm(s, number);
}

static uint32_t take_record(hf_stack *s, const hf_flow *f)
{
	uint32_t number = hf_slab_take(&s->half_opens, &s->mem);

	if (number == HF_SLAB_NONE)
		return HF_SLAB_NONE;
	if (!hf_table_add(&s->flows, &s->mem, hf_flow_hash(&s->table_key, f),
			  hf_value(HF_KIND_HALF_OPEN, number))) {
		hf_slab_give(&s->half_opens, number);
		return HF_SLAB_NONE;
	}
	return number;
}

/** The listener's route, or the way back of the SYN (MUST-52, MUST-53); its class if wanted. */
static void note_ip(hf_stack *s, uint32_t number, const hf_ip *ip)
{
	uint32_t owner = hf_value(HF_KIND_HALF_OPEN, number);
	const hf_listen *l = hf_listen_at(s, hf_half_open_at(s, number)->listener);

	if (l->route.hops > 0 && ip->version == 4)
		hf_routes_set(&s->routes, &s->mem, owner, &l->route, HF_ROUTE_GIVEN);
	else
		hf_hear_route(s, owner, ip);
	if (s->config.reflect_traffic_class && ip->traffic_class & ~HF_IP_ECN_MASK)
		hf_routes_set_header(&s->routes, &s->mem, owner, 0,
				     (uint8_t)(ip->traffic_class & ~HF_IP_ECN_MASK));
}

hf_half_open hf_half_open_of(const hf_stack *s, const hf_flow *f, const hf_segment *g,
			     uint32_t listener)
{
	hf_syn_offer offer = hf_read_syn(&s->config, g, hf_addr_is_v4(&f->remote));
	hf_half_open h = {
		.remote = f->remote,
		.irs = g->seq,
		.ts_recent = offer.tsval,
		.listener = listener,
		.remote_port = f->remote_port,
		.peer_mss = offer.mss,
		.place = (uint8_t)hf_host_addr_index(s, &f->local),
		.wscale = offer.wscale,
		.flags = offer.flags,
		.answered = (uint8_t)(half_second(s->now) - 1),
	};

	hf_half_open_enter(&h, &s->config, g);
	return h;
}

/** MAY-2: a connection that follows another begins above all that was used there. */
static hf_seq initial_number(const hf_stack *s, const hf_flow *f, const hf_seq *used)
{
	hf_seq iss = hf_isn(&s->isn_key, f, s->now);

	return used ? hf_seq_max(iss, hf_seq_add(*used, 1)) : iss;
}

/** What is kept of a SYN. HF_SLAB_NONE: no room. */
static uint32_t note_syn(hf_stack *s, const hf_syn *syn)
{
	const hf_segment *g = syn->segment;
	uint32_t number = take_record(s, syn->flow);
	hf_half_open *h;

	if (number == HF_SLAB_NONE)
		return number;
	h = hf_half_open_at(s, number);
	*h = hf_half_open_of(s, syn->flow, g, syn->listener);
	hf_syn_table_entered(s, h);
	h->iss = initial_number(s, syn->flow, syn->used);
	hf_auth_note(s, syn->flow, g, h);
	note_ip(s, number, g->ip);
	arm(s, number);
	return number;
}

static hf_reason begin(hf_stack *s, const hf_syn *syn, uint32_t number, hf_packet *p)
{
	const hf_segment *g = syn->segment;
	hf_fast_open_verdict v = hf_fast_open_judge(s, syn->listener, syn->flow, g);
	hf_tcb *c = v.accepts ? hf_fast_open_promote(s, number, &v, g) : NULL;

	if (c) {
		p->state = c->state;
		p->conn = hf_conn_shown(c);
	} else {
		answer_syn(s, number, &(syn_answer){ HF_SENT_SYN_ACK, g, &v.answer });
	}
	return HF_WHY_NONE;
}

/** 3.10.7.2, third: a SYN to a listener; with a record, else by a cookie. */
static hf_reason arrives_syn(hf_stack *s, const hf_syn *syn, hf_packet *p)
{
	const hf_listen *l = hf_listen_at(s, syn->listener);
	const hf_segment *g = syn->segment;
	hf_reason why;

	if (g->ip->ttl < l->settings->min_ttl)
		return HF_WHY_IP_TTL;
	if (l->require_auth && !g->key)
		return HF_WHY_AUTH_REQUIRED;
	if (l->accept_count >= l->backlog)
		return HF_WHY_ACCEPT_QUEUE_FULL;
	p->state = HF_SYN_RECEIVED;
	why = hf_syn_table_admit(s, syn);
	if (why == HF_WHY_NONE) {
		uint32_t number = note_syn(s, syn);

		if (number != HF_SLAB_NONE)
			return begin(s, syn, number, p);
		why = HF_WHY_SYN_TABLE_FULL;
	}
	return !syn->used && hf_syn_cookie_can_keep(s, g) ?
		       hf_syn_cookie_answer(s, syn->listener, syn->flow, g) :
		       why;
}

hf_reason hf_arrives_listen(hf_stack *s, const hf_flow *f, const hf_segment *g, const hf_seq *used,
			    hf_packet *p)
{
	hf_endpoint local = { f->local, f->local_port };
	uint32_t listener = hf_listener_find(s, &local);

	if (g->flags & HF_TCP_RST)
		return HF_WHY_RST_TO_NOBODY;
	if (listener == HF_SLAB_NONE)
		return hf_refuse(s, f, g,
				 (g->flags & (HF_TCP_SYN | HF_TCP_ACK)) == HF_TCP_SYN ?
					 HF_WHY_NO_LISTENER :
					 HF_WHY_NO_CONNECTION);
	if (g->flags & HF_TCP_ACK)
		return hf_syn_cookie_is_awaited(s, listener) ?
			       hf_syn_cookie_arrives(s, listener, f, g, p) :
			       hf_refuse(s, f, g, HF_WHY_LISTEN_ACK);
	if (!(g->flags & HF_TCP_SYN))
		return HF_WHY_LISTEN_NO_SYN;
	if (g->flags & HF_TCP_FIN)
		return HF_WHY_LISTEN_SYN_FIN;
	return arrives_syn(s, &(hf_syn){ listener, f, g, used }, p);
}

hf_reason hf_conn_why_none(const hf_stack *s)
{
	return s->places.slab.used == s->config.max_connections ? HF_WHY_CONNECTIONS_FULL :
								  HF_WHY_NO_BUFFER;
}

static hf_reason promote(hf_stack *s, uint32_t number, const hf_segment *g, hf_packet *p)
{
	hf_half_open *h = hf_half_open_at(s, number);
	const hf_listen *l = hf_listen_at(s, h->listener);
	hf_tcb *c;

	hf_half_open_prove(h);
	if (!(g->options->present & HF_HAS(TIMESTAMPS)))
		h->flags &= (uint8_t)~HF_TCB_TIMESTAMPS; /* the peer has never heard of ours */
	if (hf_segment_len(g) == 0 && hf_half_open_defers(s, h)) {
		h->flags |= HF_HALF_OPEN_ACKED;
		return HF_WHY_ACCEPT_DEFERRED;
	}
	if (l->accept_count >= l->backlog)
		return HF_WHY_ACCEPT_QUEUE_FULL;
	if (!hf_auth_has_keys(s, h))
		return HF_WHY_AO_KEY_REMOVED;
	c = hf_conn_create_from(s, number);
	return c ? hf_conn_arrives(s, c, g, p) : hf_conn_why_none(s);
}

/**
 * The timer starts over, or a second answer would follow at once; but only so often: records end.
 */
static void answer_again(hf_stack *s, uint32_t number, const hf_segment *g)
{
	hf_half_open *h = hf_half_open_at(s, number);
	bool is_timed = h->retransmits < syn_ack_retries(s, h);

	hf_half_open_again(h, g);
	h->retransmits = (uint8_t)(h->retransmits + is_timed);
	answer_syn(s, number, &(syn_answer){ HF_SENT_SYN_ACK_AGAIN, g, NULL });
	if (is_timed)
		arm(s, number);
}

static void send_reset(hf_stack *s, uint32_t number, const hf_segment *g)
{
	const hf_half_open *h = hf_half_open_at(s, number);
	hf_flow f = hf_half_open_flow(s, h);
	hf_reset r = hf_reset_for(g);
	hf_sending out = hf_reset_sending(&r, HF_SENT_RST);
	hf_signer by;

	put_header(s, h, kept_of(s, number), &out);
	if (hf_signer_of_half_open(s, h, &out, &by))
		out.signer = &by;
	hf_reply_segment(s, &f, &out, HF_CLOSED);
}

hf_reason hf_arrives_half_open(hf_stack *s, uint32_t number, const hf_segment *g, hf_packet *p)
{
	hf_half_open *h = hf_half_open_at(s, number);
	hf_half_open_rules rules = { syn_window(s, h), hf_ecn_accepts(s->config.ecn) };
	hf_reason why;

	p->state = HF_SYN_RECEIVED;
	if (g->ip->ttl < settings_of(s, h)->min_ttl)
		return HF_WHY_IP_TTL;
	switch (hf_half_open_arrives(h, &rules, g, &why)) {
	case HF_HALF_OPEN_DROP:
		break;
	case HF_HALF_OPEN_SYN_ACK:
		answer_again(s, number, g);
		break;
	case HF_HALF_OPEN_ACK:
		send_ack(s, number);
		break;
	case HF_HALF_OPEN_RESET:
		send_reset(s, number, g);
		break;
	case HF_HALF_OPEN_REFUSE:
		send_reset(s, number, g);
		p->state = HF_LISTEN;
		hf_half_open_remove(s, number);
		break;
	case HF_HALF_OPEN_FORGET:
		p->state = HF_LISTEN;
		hf_half_open_remove(s, number);
		break;
	case HF_HALF_OPEN_PROMOTE:
		return promote(s, number, g, p);
	}
	return why;
}
