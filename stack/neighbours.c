/* SPDX-License-Identifier: BSD-2-Clause */
/* The neighbour table: link addresses asked for, learnt, confirmed and forgotten (RFC 4861 7). */
#include "stack/internal.h"

/*
 * ARP and neighbour discovery differ in their messages (frames.c) and share the states of RFC 4861
 * 7.3:
 *
 *	INCOMPLETE --answer--> REACHABLE --30 s--> STALE --use--> DELAY --5 s--> PROBE
 *	INCOMPLETE --3 queries--> FAILED --1 s--> gone		PROBE --3 queries--> gone
 *
 * A connection waits in its next hop's queue, still marked as ready, and moves back to the stack's
 * queue with all the others when the answer comes, or does not. While the hop is FAILED its
 * segments count as sent and lost, so that its own timers decide how often it tries and when it
 * gives up. Of the packets that belong to no connection, the latest is kept for each neighbour
 * (RFC 1122 2.3.2.2); what was dropped comes again if it matters.
 *
 * Who may change what: an entry begins because we have something to send, or because a neighbour
 * asks for us. Only ARP and ND change a link address; a frame with TCP in it at most confirms the
 * one that is there. An answer counts as a confirmation only while we are asking: what comes
 * unasked makes the entry STALE at most, and a query of our own checks it before long.
 *
 * The table is bounded. Spoofed senders can fill it with addresses that never answer; these make
 * room first. A neighbour that connections wait for is never evicted.
 */
#define QUERIES 3 /* RFC 4861 10: MAX_MULTICAST_SOLICIT, MAX_UNICAST_SOLICIT */
#define QUERY_INTERVAL HF_SEC(1)
#define REACHABLE_TIME HF_SEC(30)
#define DELAY_TIME HF_SEC(5)
#define KEPT_MAX (UINT32_C(1) << 18) /* octets of packets that wait, at most */

static uint32_t hash_of(const hf_stack *s, const hf_addr *addr)
{
	return (uint32_t)hf_siphash(&s->table_key, addr->octet, sizeof(addr->octet));
}

static bool has_mac(const hf_neighbour *e)
{
	return e->state != HF_NEIGHBOUR_INCOMPLETE && e->state != HF_NEIGHBOUR_FAILED;
}

typedef struct sought {
	const hf_stack *stack;
	const hf_addr *addr;
} sought;

static bool is_sought(const void *ctx, uint32_t number)
{
	const sought *k = ctx;

	return hf_addr_equal(&hf_neighbour_at(k->stack, number)->addr, k->addr);
}

static hf_neighbour *find(const hf_stack *s, const hf_addr *addr)
{
	sought k = { s, addr };
	uint32_t number = hf_table_find(&s->neighbours.table, hash_of(s, addr), is_sought, &k);
	hf_neighbour *e;

	if (number == HF_SLOT_FREE)
		return NULL;
	e = hf_neighbour_at(s, number);
	/* Nothing else happens when a confirmation grows old, so no timer is kept for it. */
	if (e->state == HF_NEIGHBOUR_REACHABLE && !hf_time_before(s->now, e->due))
		e->state = HF_NEIGHBOUR_STALE;
	return e;
}

static void unlink_entry(hf_stack *s, const hf_neighbour *e)
{
	hf_queue *q = &s->neighbours.rank[e->rank];

	if (e->prev)
		hf_neighbour_at(s, e->prev - 1)->next = e->next;
	else
		q->first = e->next;
	if (e->next)
		hf_neighbour_at(s, e->next - 1)->prev = e->prev;
	else
		q->last = e->prev;
}

static void link_last(hf_stack *s, hf_neighbour *e)
{
	hf_queue *q;

	if (has_mac(e))
		e->rank = HF_RANK_PROVEN;
	else
		e->rank = e->waiting.first ? HF_RANK_WANTED : HF_RANK_UNPROVEN;
	q = &s->neighbours.rank[e->rank];
	e->next = 0;
	e->prev = q->last;
	if (q->last)
		hf_neighbour_at(s, q->last - 1)->next = e->number + 1;
	else
		q->first = e->number + 1;
	q->last = e->number + 1;
}

/** The last to be evicted among its equals. */
static void touch(hf_stack *s, hf_neighbour *e)
{
	unlink_entry(s, e);
	link_last(s, e);
}

static void enter(hf_stack *s, hf_neighbour *e, hf_neighbour_state state, hf_ns wait)
{
	e->state = (uint8_t)state;
	e->due = hf_time_add(s->now, wait);
	if (state == HF_NEIGHBOUR_REACHABLE || state == HF_NEIGHBOUR_STALE)
		hf_wheel_clear(&s->neighbours.wheel, e->number);
	else
		hf_wheel_set(&s->neighbours.wheel, e->number);
	touch(s, e);
}

static void forget_kept(hf_neighbours *t, hf_mem *m, hf_neighbour *e)
{
	if (!e->octets)
		return;
	hf_mem_free(m, e->octets, e->kept.len);
	t->kept -= e->kept.len;
	e->octets = NULL;
}

static void drop_kept(hf_stack *s, hf_neighbour *e)
{
	if (e->octets)
		hf_count_reason(s, HF_WHY_NEIGHBOUR);
	forget_kept(&s->neighbours, &s->mem, e);
}

/** Nobody waits for it. */
static void remove_entry(hf_stack *s, hf_neighbour *e)
{
	drop_kept(s, e);
	unlink_entry(s, e);
	hf_wheel_clear(&s->neighbours.wheel, e->number);
	hf_table_remove(&s->neighbours.table, hash_of(s, &e->addr), e->number);
	hf_slab_give(&s->neighbours.slab, e->number);
}

static bool evict(hf_stack *s)
{
	for (int rank = HF_RANK_UNPROVEN; rank < HF_RANK_WANTED; rank++) {
		const hf_queue *q = &s->neighbours.rank[rank];

		if (!q->first)
			continue;
		remove_entry(s, hf_neighbour_at(s, q->first - 1));
		return true;
	}
	return false;
}

/** A new entry, INCOMPLETE. NULL: the whole table is waited for, or there is no memory. */
static hf_neighbour *create(hf_stack *s, const hf_addr *addr)
{
	hf_neighbours *t = &s->neighbours;
	uint32_t number = hf_slab_take(&t->slab, &s->mem);
	hf_neighbour *e;

	if (number == HF_SLAB_NONE && evict(s))
		number = hf_slab_take(&t->slab, &s->mem);
	if (number == HF_SLAB_NONE)
		return NULL;
	e = hf_neighbour_at(s, number);
	*e = (hf_neighbour){ .number = number, .addr = *addr, .due = HF_NEVER };
	if (!hf_table_add(&t->table, &s->mem, hash_of(s, addr), number)) {
		hf_slab_give(&t->slab, number);
		return NULL;
	}
	link_last(s, e);
	return e;
}

static void ask(hf_stack *s, hf_neighbour *e, hf_neighbour_state state)
{
	e->queries++;
	enter(s, e, state, QUERY_INTERVAL);
	hf_neighbour_query(s, e);
}

static void confirm(hf_stack *s, hf_neighbour *e)
{
	enter(s, e, HF_NEIGHBOUR_REACHABLE, REACHABLE_TIME);
}

static void learn(hf_stack *s, hf_neighbour *e, const hf_mac *mac, bool confirmed)
{
	e->mac = *mac;
	hf_ready_push_all(s, &e->waiting);
	if (confirmed)
		confirm(s, e);
	else
		enter(s, e, HF_NEIGHBOUR_STALE, 0);
	if (e->octets)
		hf_reply_packet(s, &e->kept, e->octets);
	forget_kept(&s->neighbours, &s->mem, e);
}

hf_hop hf_hop_find(hf_stack *s, const hf_addr *dst)
{
	const hf_addr *at = hf_route_hop(s, dst);
	hf_hop hop = { .state = HF_HOP_LOST };
	hf_neighbour *e;

	if (!at)
		return hop;
	if (hf_addr_is_multicast(at))
		return (hf_hop){ .state = HF_HOP_KNOWN, .mac = hf_mac_of_multicast(at) };
	e = find(s, at);
	if (!e) {
		e = create(s, at);
		if (e)
			ask(s, e, HF_NEIGHBOUR_INCOMPLETE);
	}
	if (!e || e->state == HF_NEIGHBOUR_FAILED)
		return hop;
	hop.state = has_mac(e) ? HF_HOP_KNOWN : HF_HOP_ASKED;
	hop.mac = e->mac;
	hop.neighbour = e;
	return hop;
}

void hf_hop_used(hf_stack *s, const hf_hop *hop)
{
	hf_neighbour *e = hop->neighbour;

	if (!e)
		return;
	if (e->state == HF_NEIGHBOUR_STALE) {
		e->queries = 0;
		enter(s, e, HF_NEIGHBOUR_DELAY, DELAY_TIME);
	} else {
		touch(s, e);
	}
}

void hf_hop_await(hf_stack *s, const hf_hop *hop, hf_tcb *c)
{
	hf_ready_push(s, &hop->neighbour->waiting, c);
	touch(s, hop->neighbour);
}

void hf_hop_keep(hf_stack *s, const hf_hop *hop, const hf_reply *r)
{
	hf_neighbours *t = &s->neighbours;
	hf_neighbour *e = hop->neighbour;
	uint8_t *octets = NULL;

	if (e && t->kept + r->len <= KEPT_MAX)
		octets = hf_mem_raw(&s->mem, r->len);
	if (!octets) {
		hf_replies_drop(&s->replies, &s->mem, r);
		hf_count_reason(s, HF_WHY_NEIGHBOUR);
		return;
	}
	drop_kept(s, e);
	hf_replies_take(&s->replies, &s->mem, r, octets);
	t->kept += r->len;
	e->kept = *r;
	e->octets = octets;
	touch(s, e);
}

/** Only those that packets may be handed to have entries. */
static bool may_be_neighbour(const hf_stack *s, const hf_addr *addr)
{
	const hf_addr *hop = hf_route_hop(s, addr);

	return hop && hf_addr_equal(hop, addr) && !hf_is_broadcast(s, addr);
}

static bool is_ours(const hf_stack *s, const hf_claim *k)
{
	return !k->has_mac || memcmp(k->mac.octet, s->config.mac, sizeof(s->config.mac)) == 0;
}

/** RFC 4861 7.2.5 for an entry with a link address. */
static void update(hf_stack *s, hf_neighbour *e, const hf_claim *k)
{
	bool asked = e->state == HF_NEIGHBOUR_PROBE;
	bool same = !k->has_mac || hf_mac_equal(&k->mac, &e->mac);

	if (!same && !k->override) {
		if (e->state == HF_NEIGHBOUR_REACHABLE)
			enter(s, e, HF_NEIGHBOUR_STALE, 0);
		return;
	}
	if (!same)
		e->mac = k->mac;
	if (k->solicited && asked)
		confirm(s, e);
	else if (!same)
		enter(s, e, HF_NEIGHBOUR_STALE, 0);
}

hf_reason hf_neighbour_claim(hf_stack *s, const hf_claim *k)
{
	hf_neighbour *e;

	if (hf_host_addr_index(s, &k->addr) >= 0)
		return is_ours(s, k) ? HF_WHY_NEIGHBOUR_UNASKED : HF_WHY_DUPLICATE_ADDRESS;
	e = find(s, &k->addr);
	if (!e && k->creates && may_be_neighbour(s, &k->addr))
		e = create(s, &k->addr);
	if (!e)
		return HF_WHY_NEIGHBOUR_UNASKED;
	if (has_mac(e))
		update(s, e, k);
	else if (k->has_mac)
		learn(s, e, &k->mac, k->solicited);
	else
		return HF_WHY_ND_MALFORMED;
	return HF_WHY_NONE;
}

void hf_neighbour_confirm(hf_stack *s, const hf_addr *remote, const hf_mac *mac)
{
	const hf_addr *at = hf_route_hop(s, remote);
	hf_neighbour *e = at ? find(s, at) : NULL;

	if (e && has_mac(e) && hf_mac_equal(&e->mac, mac))
		confirm(s, e);
}

void hf_neighbour_doubt(hf_stack *s, const hf_addr *remote)
{
	const hf_addr *at = hf_route_hop(s, remote);
	hf_neighbour *e = at ? find(s, at) : NULL;

	if (!e || !has_mac(e) || e->state == HF_NEIGHBOUR_PROBE)
		return;
	e->queries = 0;
	ask(s, e, HF_NEIGHBOUR_PROBE);
}

static void fail(hf_stack *s, hf_neighbour *e)
{
	drop_kept(s, e);
	hf_ready_push_all(s, &e->waiting);
	enter(s, e, HF_NEIGHBOUR_FAILED, QUERY_INTERVAL);
}

void hf_neighbour_timeout(hf_stack *s, uint32_t number)
{
	hf_neighbour *e = hf_neighbour_at(s, number);

	switch ((hf_neighbour_state)e->state) {
	case HF_NEIGHBOUR_INCOMPLETE:
		if (e->queries < QUERIES)
			ask(s, e, HF_NEIGHBOUR_INCOMPLETE);
		else
			fail(s, e);
		break;
	case HF_NEIGHBOUR_DELAY:
		ask(s, e, HF_NEIGHBOUR_PROBE);
		break;
	case HF_NEIGHBOUR_PROBE:
		if (e->queries < QUERIES)
			ask(s, e, HF_NEIGHBOUR_PROBE);
		else
			remove_entry(s, e);
		break;
	case HF_NEIGHBOUR_FAILED:
		remove_entry(s, e);
		break;
	case HF_NEIGHBOUR_REACHABLE:
	case HF_NEIGHBOUR_STALE:
		break;
	}
}

void hf_neighbours_release(hf_neighbours *t, hf_mem *m)
{
	for (uint32_t i = 0; i < t->slab.fresh; i++)
		forget_kept(t, m, hf_slab_at(&t->slab, i));
	hf_table_release(&t->table, m);
	hf_slab_release(&t->slab, m);
}
