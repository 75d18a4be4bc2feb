/* SPDX-License-Identifier: BSD-2-Clause */
/* The flow tracker: finds or makes the record of each packet's flow and lets the rules judge it. */
#include "observe/flow.h"

#include <handfast/heap.h>
#include <stdlib.h>
#include <string.h>

#include "base/table.h"
#include "observe/flow_rules.h"
#include "wire/ether.h"

#define MOST_RANGES 1024 /* of text ahead of a gap, for each end of a flow */

/*
 * The records are an array of max_flows, allocated once (pages that are never used cost nothing),
 * with a hash table from the pair of endpoints to the slot, and a list in order of use. A pair of
 * ports that is used again after its flow ended gets a new record in the same slot.
 */
struct hf_tracker {
	hf_mem mem;
	hf_table by_ends;
	hf_sipkey key;
	hf_flow *flow;
	uint32_t max_flows;
	uint32_t used;           /* slots that were ever in use */
	uint32_t newest, oldest; /* by last use; HF_SLOT_FREE: none */
	uint64_t flows;          /* ids given */
	hf_flow evicted;
};

/* Both ends in an order that does not depend on the direction, as hashed octets. */
typedef struct flow_key {
	uint8_t octet[36];
} flow_key;

typedef struct key_match {
	const hf_tracker *tracker;
	const hf_endpoint *a, *b;
} key_match;

const char *hf_mark_name(hf_mark_bit bit)
{
	static const char *const names[] = {
#define X(name, word) word,
		HF_MARKS(X)
#undef X
	};
	return (unsigned)bit < HF_MARK_COUNT ? names[bit] : "";
}

bool hf_reason_is_drop(hf_reason r)
{
	return r != HF_WHY_NONE && r < HF_WHY_CLOSED_BY_BOTH;
}

hf_tracker *hf_tracker_new(uint32_t max_flows, const hf_sipkey *key)
{
	hf_tracker *t = calloc(1, sizeof(*t));
	hf_flow *flow = calloc(max_flows, sizeof(*flow));
	if (!t || !flow) {
		free(t);
		free(flow);
		return NULL;
	}
	t->mem.from = (hf_allocator)hf_heap();
	t->key = *key;
	t->flow = flow;
	t->max_flows = max_flows;
	t->newest = t->oldest = HF_SLOT_FREE;
	return t;
}

static void forget_text(hf_flow *f)
{
	for (int i = 0; i < 2; i++)
		hf_ranges_release(&f->end[i].beyond);
}

void hf_tracker_free(hf_tracker *t)
{
	if (!t)
		return;
	for (uint32_t i = 0; i < t->used; i++)
		forget_text(&t->flow[i]);
	hf_table_release(&t->by_ends, &t->mem);
	hf_mem_drain(&t->mem);
	free(t->flow);
	free(t);
}

const hf_flow *hf_tracker_flow(const hf_tracker *t, uint32_t n)
{
	return n < t->used ? &t->flow[n] : NULL;
}

uint32_t hf_tracker_slots(const hf_tracker *t)
{
	return t->used;
}

hf_seen hf_seen_of(const hf_packet *p, hf_link_kind link, hf_way way, hf_time at)
{
	return (hf_seen){
		.at = at,
		.data = { p->data, p->len },
		.link = link,
		.way = way,
		.gso_size = p->gso_size,
		.reason = (hf_reason)p->reason,
		.cause = (hf_cause)p->cause,
		.state = (hf_state)p->state,
	};
}

/* ---- Finding the record ---- */

static bool endpoint_equal(const hf_endpoint *a, const hf_endpoint *b)
{
	return a->port == b->port && hf_addr_equal(&a->addr, &b->addr);
}

static void put_endpoint(uint8_t *to, const hf_endpoint *e)
{
	memcpy(to, e->addr.octet, 16);
	hf_put16(to + 16, e->port);
}

static uint32_t hash_of(const hf_tracker *t, const hf_endpoint *a, const hf_endpoint *b)
{
	flow_key key, turned;
	put_endpoint(key.octet, a);
	put_endpoint(key.octet + 18, b);
	put_endpoint(turned.octet, b);
	put_endpoint(turned.octet + 18, a);
	bool in_order = memcmp(key.octet, turned.octet, sizeof(key.octet)) <= 0;
	return (uint32_t)hf_siphash(&t->key, in_order ? key.octet : turned.octet,
				    sizeof(key.octet));
}

static bool has_ends(const void *ctx, uint32_t slot)
{
	const key_match *m = ctx;
	const hf_flow_end *end = m->tracker->flow[slot].end;
	return (endpoint_equal(&end[0].at, m->a) && endpoint_equal(&end[1].at, m->b)) ||
	       (endpoint_equal(&end[0].at, m->b) && endpoint_equal(&end[1].at, m->a));
}

static hf_flow *find(const hf_tracker *t, const hf_endpoint *a, const hf_endpoint *b)
{
	key_match match = { t, a, b };
	uint32_t slot = hf_table_find(&t->by_ends, hash_of(t, a, b), has_ends, &match);
	return slot == HF_SLOT_FREE ? NULL : &t->flow[slot];
}

static void unlink_flow(hf_tracker *t, const hf_flow *f)
{
	*(f->newer == HF_SLOT_FREE ? &t->newest : &t->flow[f->newer].older) = f->older;
	*(f->older == HF_SLOT_FREE ? &t->oldest : &t->flow[f->older].newer) = f->newer;
}

static void link_newest(hf_tracker *t, hf_flow *f)
{
	f->newer = HF_SLOT_FREE;
	f->older = t->newest;
	*(t->newest == HF_SLOT_FREE ? &t->oldest : &t->flow[t->newest].newer) = f->slot;
	t->newest = f->slot;
}

/*
 * A free slot: unused, or that of the flow that was quiet for longest, which `step` then reports.
 */
static uint32_t take_slot(hf_tracker *t, hf_step *step)
{
	if (t->used < t->max_flows)
		return t->used++;
	hf_flow *victim = &t->flow[t->oldest];
	forget_text(victim);
	t->evicted = *victim;
	step->evicted = &t->evicted;
	unlink_flow(t, victim);
	(void)hf_table_remove(&t->by_ends, victim->hash, victim->slot);
	return victim->slot;
}

/*
 * Who opened it? A SYN comes from the client, a SYN-ACK from the server; otherwise the lower
 * port is taken for the server's.
 */
static bool sender_is_client(const hf_tcp *tcp)
{
	if (tcp->flags & HF_TCP_SYN)
		return !(tcp->flags & HF_TCP_ACK);
	return tcp->src_port >= tcp->dst_port;
}

static void start_flow(hf_tracker *t, hf_flow *f, const hf_tcp *tcp, const hf_endpoint *src,
		       const hf_endpoint *dst)
{
	uint32_t slot = f->slot, hash = f->hash;
	bool from_client = sender_is_client(tcp);
	forget_text(f);
	memset(f, 0, sizeof(*f));
	f->slot = slot;
	f->hash = hash;
	f->id = ++t->flows;
	f->end[HF_CLIENT].at = from_client ? *src : *dst;
	f->end[HF_SERVER].at = from_client ? *dst : *src;
	f->joined = !(tcp->flags & HF_TCP_SYN);
	f->rtt_syn = f->rtt_syn_ack = -1;
	for (int i = 0; i < 2; i++) {
		f->end[i].rtt = f->end[i].min_rtt = -1;
		f->end[i].beyond = hf_ranges_of(&t->mem, MOST_RANGES);
	}
}

static hf_flow *make(hf_tracker *t, hf_step *step, const hf_endpoint *src, const hf_endpoint *dst)
{
	uint32_t slot = take_slot(t, step);
	hf_flow *f = &t->flow[slot];
	f->slot = slot;
	f->hash = hash_of(t, src, dst);
	start_flow(t, f, &step->tcp, src, dst);
	link_newest(t, f);
	/* Without memory for the table the flow is followed for this packet only. */
	(void)hf_table_add(&t->by_ends, &t->mem, f->hash, slot);
	return f;
}

/* A SYN with another number opens a new flow where the old one is over, or was only an attempt. */
static bool begins_anew(const hf_flow *f, hf_side from, const hf_tcp *tcp)
{
	const hf_flow_end *e = &f->end[from];
	if (!(tcp->flags & HF_TCP_SYN) || (tcp->flags & HF_TCP_ACK))
		return false;
	if (e->syn && hf_seq_eq(e->isn, tcp->seq))
		return false;
	return f->over != HF_WHY_NONE || (e->syn && e->state == HF_SYN_SENT);
}

/* ---- Judging a segment ---- */

/* Drops after which the sender's word still counts: the segment was honest, but not wanted. */
static bool is_believed(hf_reason reason)
{
	if (!hf_reason_is_drop(reason) || reason < HF_WHY_SEQ_DUPLICATE)
		return true;
	static const hf_reason honest[] = {
		HF_WHY_SEQ_DUPLICATE, HF_WHY_SEQ_ZERO_WINDOW,    HF_WHY_KEEPALIVE_PROBE,
		HF_WHY_SYN_DUPLICATE, HF_WHY_OUT_OF_ORDER_LIMIT, HF_WHY_DATA_AFTER_CLOSE,
		HF_WHY_CLOSED_STATE,
	};
	for (size_t i = 0; i < sizeof(honest) / sizeof(honest[0]); i++)
		if (reason == honest[i])
			return true;
	return false;
}

static bool is_open(const hf_flow *f)
{
	for (int i = 0; i < 2; i++)
		if (f->end[i].state < HF_ESTABLISHED)
			return false;
	return f->end[HF_CLIENT].syn && f->end[HF_SERVER].syn;
}

static void judge(hf_flow *f, hf_step *s)
{
	hf_state before[2] = { f->end[0].state, f->end[1].state };
	hf_reason over = f->over;
	bool reached = !s->lost && !hf_reason_is_drop(s->reason);

	f->last = s->at;
	if (s->first) {
		f->first = s->at;
		s->marks |= f->joined ? HF_MARK(JOINED) : 0;
	}
	bool believed = is_believed(s->reason);
	if (believed)
		hf_flow_number(f, s->from, &s->tcp);
	hf_flow_classify(f, s);
	if (believed && !(s->marks & HF_MARK(OUTSIDE))) {
		hf_flow_enter(f, s, reached);
		hf_flow_move(f, s, reached);
	}
	if (!f->established && is_open(f))
		f->established = s->opened = true;
	s->ended = over == HF_WHY_NONE && f->over != HF_WHY_NONE;
	for (int i = 0; i < 2; i++)
		s->changed[i] = before[i] != f->end[i].state;
}

static void see_segment(hf_tracker *t, hf_step *s)
{
	hf_endpoint src = { s->ip.src, s->tcp.src_port }, dst = { s->ip.dst, s->tcp.dst_port };
	hf_flow *f = find(t, &src, &dst);
	bool broken = s->reason != HF_WHY_NONE && s->reason <= HF_WHY_TCP_PORT;

	if (!f && broken)
		return;
	if (!f) {
		f = make(t, s, &src, &dst);
		s->first = true;
	} else {
		unlink_flow(t, f);
		link_newest(t, f);
	}
	s->from = endpoint_equal(&f->end[HF_CLIENT].at, &src) ? HF_CLIENT : HF_SERVER;
	s->flow = f;
	if (broken) {
		s->kind = HF_STEP_BAD;
		hf_flow_classify(f, s);
		s->marks = 0;
		return;
	}
	if (!s->first && begins_anew(f, s->from, &s->tcp)) {
		t->evicted = *f;
		s->evicted = &t->evicted;
		uint32_t newer = f->newer, older = f->older;
		start_flow(t, f, &s->tcp, &src, &dst);
		f->newer = newer;
		f->older = older;
		s->first = true;
		s->from = HF_CLIENT;
	}
	s->kind = HF_STEP_SEGMENT;
	judge(f, s);
}

static void see_icmp(hf_tracker *t, hf_step *s)
{
	if (hf_icmp_parse(&s->ip, &s->icmp) != HF_WHY_NONE || s->icmp.kind != HF_ICMP_ERROR)
		return;
	const hf_icmp_quote *q = &s->icmp.quote;
	hf_endpoint src = { q->src, q->src_port }, dst = { q->dst, q->dst_port };
	hf_flow *f = q->protocol == HF_IPPROTO_TCP ? find(t, &src, &dst) : NULL;
	if (!f)
		return;
	s->kind = HF_STEP_ICMP;
	s->flow = f;
	s->from = endpoint_equal(&f->end[HF_CLIENT].at, &src) ? HF_CLIENT : HF_SERVER;
	f->last = s->at;
}

/* The IP packet inside; empty if there is none. */
static hf_view unwrap(const hf_seen *seen)
{
	hf_ether ether;
	if (seen->link == HF_LINK_IP)
		return seen->data;
	bool is_ip = hf_ether_parse(seen->data, &ether) == HF_WHY_NONE &&
		     (ether.type == HF_ETHERTYPE_IP4 || ether.type == HF_ETHERTYPE_IP6);
	return is_ip ? ether.payload : (hf_view){ seen->data.at, 0 };
}

void hf_tracker_see(hf_tracker *t, const hf_seen *seen, hf_step *out)
{
	hf_view packet = unwrap(seen);
	bool trusted = seen->way != HF_WAY_PASSING || seen->trust_checksum;

	*out = (hf_step){ .kind = HF_STEP_OTHER,
			  .at = seen->at,
			  .way = seen->way,
			  .reason = seen->reason,
			  .cause = seen->cause,
			  .state = seen->state,
			  .lost = seen->lost,
			  .segments = 1,
			  .rtt = -1 };
	if (packet.len == 0)
		return;
	hf_reason fault = hf_ip_parse(packet, &out->ip);
	if (fault == HF_WHY_NONE && out->ip.protocol == HF_IPPROTO_TCP) {
		fault = hf_tcp_parse(&out->ip, trusted, &out->tcp);
		size_t text = out->tcp.payload.len;
		if (seen->gso_size > 0 && text > seen->gso_size)
			out->segments = (uint32_t)((text + seen->gso_size - 1) / seen->gso_size);
	}
	if (out->reason == HF_WHY_NONE)
		out->reason = fault;
	bool readable = fault == HF_WHY_NONE || fault == HF_WHY_TCP_CHECKSUM;
	if (readable && out->ip.protocol == HF_IPPROTO_TCP)
		see_segment(t, out);
	else if (out->ip.protocol == HF_IPPROTO_ICMP || out->ip.protocol == HF_IPPROTO_ICMP6)
		see_icmp(t, out);
}

bool hf_tracker_verdict(hf_tracker *t, const hf_endpoint ends[2], hf_reason reason, hf_time at,
			hf_step *out)
{
	hf_flow *f = find(t, &ends[0], &ends[1]);
	if (!f || f->over != HF_WHY_NONE)
		return false;
	f->over = reason;
	f->last = at;
	*out = (hf_step){ .kind = HF_STEP_VERDICT,
			  .at = at,
			  .reason = reason,
			  .flow = f,
			  .segments = 1,
			  .rtt = -1,
			  .ended = true };
	return true;
}
