/* SPDX-License-Identifier: BSD-2-Clause */
/* A link: two directions, each with its own queue, rate, delay and misfortunes. */
#include "lab/parts.h"

#include <stdio.h>
#include <stdlib.h>

#include "base/octets.h"
#include "lab/craft.h"
#include "wire/checksum.h"
#include "wire/ip.h"

/*
 * Theory of operation
 *
 * Nothing is stored for a packet on its way but its arrival. A direction remembers when its wire
 * is free again; a packet leaves when the one before has left, and its last bit is `len * 8 /
 * rate` later. What is left over from rounding that to nanoseconds is carried to the next packet,
 * so that a busy wire is exact over any length of time. The packets whose last bit has not left
 * yet are the queue: a ring of (when, octets) that is looked through only if the queue has a
 * limit.
 *
 * Jitter never lets a packet overtake another: its arrival is at least that of the one before. A
 * packet that is chosen for reordering is held back without moving that mark.
 */

#define CORRUPT_FROM 20              /* octets: shorter packets are left alone */
#define NS_BITS UINT64_C(8000000000) /* bits times nanoseconds in an octet second */

struct waiting {
	hf_time leaves;
	uint32_t octets;
};

struct direction {
	hf_lab_path path;
	hf_lab_random random;
	bool bad;               /* Gilbert-Elliott: in the bad state */
	hf_time free_at;        /* when the last bit of the last packet leaves */
	uint64_t carry;         /* rest of the last division, in 1/rate ns */
	hf_time bucket_full_at; /* the policer's, if nothing more comes */
	hf_time latest;         /* arrival of the last packet that was not held back */
	struct waiting *wait;
	size_t wait_first, wait_count, wait_room; /* a ring; room is a power of two */
	uint64_t wait_octets;
};

struct hf_lab_link {
	hf_lab *lab;
	hf_lab_link *next;
	hf_lab_node *end[2];
	char name[HF_LAB_NAME];
	bool down;
	struct direction direction[2]; /* [i]: away from end[i] */
	unsigned filters;
	hf_lab_filter filter[HF_LAB_FILTERS];
	void *filter_ctx[HF_LAB_FILTERS];
};

/* ---- Making ---- */

static bool node_is_full(const hf_lab_node *node)
{
	return node->links == node->most_links;
}

hf_err hf_lab_link_add(const char *name, hf_lab_node *a, hf_lab_node *b, const hf_lab_path *path,
		       hf_lab_link **out)
{
	hf_lab *lab = a->lab;
	hf_lab_link *link;

	if (a == b)
		return HF_ERR_INVALID;
	if (node_is_full(a) || node_is_full(b))
		return HF_ERR_LIMIT;
	link = hf_lab_grab(sizeof(*link));
	link->lab = lab;
	link->next = lab->links;
	lab->links = link;
	snprintf(link->name, sizeof(link->name), "%s", name);
	link->end[0] = a;
	link->end[1] = b;
	for (int i = 0; i < 2; i++) {
		char stream[HF_LAB_NAME + 24];

		snprintf(stream, sizeof(stream), "link %s %d", link->name, i);
		link->direction[i].random = hf_lab_random_of(lab->seed, stream);
		if (path != NULL)
			link->direction[i].path = *path;
		link->end[i]->link[link->end[i]->links++] = link;
	}
	if (out != NULL)
		*out = link;
	return HF_OK;
}

void hf_lab_link_free(hf_lab_link *link)
{
	while (link != NULL) {
		hf_lab_link *next = link->next;

		free(link->direction[0].wait);
		free(link->direction[1].wait);
		free(link);
		link = next;
	}
}

static int end_of(const hf_lab_link *link, const hf_lab_node *node)
{
	return link->end[1] == node;
}

void hf_lab_path_set(hf_lab_link *link, const hf_lab_node *from, const hf_lab_path *path)
{
	link->direction[end_of(link, from)].path = *path;
}

void hf_lab_link_up(hf_lab_link *link, bool up)
{
	link->down = !up;
}

const char *hf_lab_link_name(const hf_lab_link *link)
{
	return link->name;
}

hf_lab_node *hf_lab_link_end(const hf_lab_link *link, int end)
{
	return link->end[end];
}

uint32_t hf_lab_link_mtu(const hf_lab_link *link, const hf_lab_node *from)
{
	uint32_t mtu = link->direction[end_of(link, from)].path.mtu;

	return mtu != 0 ? mtu : UINT32_MAX;
}

hf_err hf_lab_filter_add(hf_lab_link *link, hf_lab_filter filter, void *ctx)
{
	if (link->filters == HF_LAB_FILTERS)
		return HF_ERR_LIMIT;
	link->filter[link->filters] = filter;
	link->filter_ctx[link->filters++] = ctx;
	return HF_OK;
}

/* ---- The queue before the wire ---- */

static void wait_forget(struct direction *d, hf_time now)
{
	while (d->wait_count > 0 && !hf_time_before(now, d->wait[d->wait_first].leaves)) {
		d->wait_octets -= d->wait[d->wait_first].octets;
		d->wait_first = (d->wait_first + 1) & (d->wait_room - 1);
		d->wait_count--;
	}
}

static void wait_add(struct direction *d, hf_time leaves, uint32_t octets)
{
	if (d->wait_count == d->wait_room) {
		size_t room = d->wait_room ? 2 * d->wait_room : 16;
		struct waiting *wait = hf_lab_grab(room * sizeof(*wait));

		for (size_t i = 0; i < d->wait_count; i++)
			wait[i] = d->wait[(d->wait_first + i) & (d->wait_room - 1)];
		free(d->wait);
		d->wait = wait;
		d->wait_first = 0;
		d->wait_room = room;
	}
	d->wait[(d->wait_first + d->wait_count++) & (d->wait_room - 1)] = (struct waiting){
		leaves, octets
	};
	d->wait_octets += octets;
}

static bool queue_has_limit(const hf_lab_path *path)
{
	return path->queue_octets != 0 || path->queue_packets != 0 || path->mark_octets != 0;
}

/* Does so much wait that the queue wants to say so? */
static bool queue_is_long(const struct direction *d, uint32_t octets)
{
	return d->path.mark_octets != 0 && d->wait_octets + octets >= d->path.mark_octets;
}

static bool queue_is_full(struct direction *d, uint32_t octets, hf_time now)
{
	if (!queue_has_limit(&d->path))
		return false;
	wait_forget(d, now);
	return (d->path.queue_packets != 0 && d->wait_count >= d->path.queue_packets) ||
	       (d->path.queue_octets != 0 && d->wait_octets + octets > d->path.queue_octets);
}

/*
 * The policer's bucket is kept as the time when it will be full: each packet that passes puts that
 * off by the time that its octets take to flow in. It passes if the bucket is never emptier than
 * empty by that.
 */
static bool is_policed(struct direction *d, uint32_t octets, hf_time now)
{
	uint64_t rate = d->path.police_rate;
	hf_time full_at = d->bucket_full_at;

	if (rate == 0)
		return false;
	if (hf_time_before(full_at, now))
		full_at = now;
	full_at = hf_time_add(full_at, (hf_ns)(octets * NS_BITS / rate));
	if (hf_time_diff(full_at, now) > (hf_ns)(d->path.police_burst * NS_BITS / rate))
		return true;
	d->bucket_full_at = full_at;
	return false;
}

/* When the last bit of a packet that is sent now has left. */
static hf_time leaving_time(struct direction *d, uint32_t octets, hf_time now)
{
	uint64_t bits;

	if (d->path.rate == 0)
		return now;
	if (!hf_time_before(now, d->free_at)) {
		d->free_at = now;
		d->carry = 0;
	}
	bits = octets * NS_BITS + d->carry;
	d->free_at = hf_time_add(d->free_at, (hf_ns)(bits / d->path.rate));
	d->carry = bits % d->path.rate;
	if (queue_has_limit(&d->path))
		wait_add(d, d->free_at, octets);
	return d->free_at;
}

/* ---- Misfortunes ---- */

static bool is_lost(struct direction *d)
{
	const hf_lab_path *path = &d->path;

	if (path->burst_start != 0 || d->bad) {
		if (hf_lab_random_chance(&d->random, d->bad ? path->burst_end : path->burst_start))
			d->bad = !d->bad;
	}
	return hf_lab_random_chance(&d->random, d->bad ? path->burst_loss : path->loss);
}

/* Congestion is told by a mark. False: the packet is not ECN-capable. */
static bool mark(hf_lab_packet *packet, hf_lab_counts *counts)
{
	uint8_t *p = packet->data;
	bool is_v4 = p[0] >> 4 == 4;
	unsigned shift = is_v4 ? 0 : 4; /* of the two bits in octet 1 */
	uint16_t before = hf_get16(p);
	hf_sum sum;

	if (packet->len < CORRUPT_FROM || (p[1] >> shift & HF_IP_ECN_MASK) == HF_IP_NOT_ECT)
		return false;
	p[1] |= (uint8_t)(HF_IP_CE << shift);
	if (is_v4) { /* the checksum changes by the same difference (RFC 1624) */
		sum = (uint16_t)~hf_get16(p + 10) + (uint32_t)(uint16_t)~before + hf_get16(p);
		hf_put16(p + 10, hf_sum_finish(sum));
	}
	counts->marked++;
	return true;
}

/* Early notification: by a mark, or where that is impossible by chance only, by loss. */
static bool is_lost_early(struct direction *d, hf_lab_packet *packet, bool is_long,
			  hf_lab_counts *counts)
{
	bool by_chance = hf_lab_random_chance(&d->random, d->path.mark);

	return (is_long || by_chance) && !mark(packet, counts) && by_chance;
}

/*
 * Changes one octet, which every checksum over it notices: the difference is less than 65535 in
 * one 16-bit word. IPv6 leaves its first four octets and the hop limit to no checksum: those stay
 * as they are.
 */
static void corrupt(struct direction *d, hf_lab_packet *packet)
{
	uint32_t at;

	if (packet->len < CORRUPT_FROM)
		return;
	if (packet->data[0] >> 4 == 6) {
		at = 4 + (uint32_t)hf_lab_random_below(&d->random, packet->len - 4);
		if (at == 7)
			at = 4;
	} else {
		at = (uint32_t)hf_lab_random_below(&d->random, packet->len);
	}
	packet->data[at] ^= (uint8_t)(1 + hf_lab_random_below(&d->random, 255));
	packet->corrupted = true;
}

static hf_time arrival_time(struct direction *d, hf_time leaves, hf_lab_counts *counts)
{
	hf_time at = hf_time_add(leaves, d->path.delay);

	if (d->path.jitter > 0)
		at = hf_time_add(
			at, (hf_ns)hf_lab_random_below(&d->random, (uint64_t)d->path.jitter + 1));
	if (hf_time_before(at, d->latest))
		at = d->latest;
	if (hf_lab_random_chance(&d->random, d->path.reorder)) {
		counts->reordered++;
		return hf_time_add(at, 1 + (hf_ns)hf_lab_random_below(
						   &d->random, (uint64_t)d->path.reorder_delay));
	}
	d->latest = at;
	return at;
}

/* ---- Sending ---- */

/* What the near end of the link has to say to the sender of `parcel`: no wire lies between. */
static void answer_at_once(hf_lab_link *link, const hf_lab_parcel *parcel, const uint8_t *octets,
			   size_t len)
{
	hf_lab_parcel *answer = hf_lab_parcel_of(link->lab, octets, len);

	answer->link = link;
	answer->from = !parcel->from;
	answer->packet.number = parcel->packet.number;
	answer->packet.cause = HF_SENT_ICMP_ERROR;
	hf_lab_arrange(link->lab, answer, link->lab->now);
}

static void refuse_too_big(hf_lab_link *link, hf_lab_parcel *parcel)
{
	static const hf_addr nearby[] = {
		{ { 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff, 192, 0, 2, 1 } },
		{ { 0x20, 0x01, 0x0d, 0xb8, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1 } }
	};
	const hf_lab_path *path = &link->direction[parcel->from].path;

	link->lab->counts.too_big++;
	hf_lab_show(parcel, HF_LAB_TOO_BIG, HF_WHY_NONE, parcel->state);
	if (!path->mtu_silent) {
		hf_lab_error what = { .from = nearby[parcel->packet.data[0] >> 4 == 6],
				      .reason = HF_WHY_ICMP_TOO_BIG,
				      .mtu = path->mtu };
		uint8_t room[HF_LAB_ICMP_MAX];
		size_t len = hf_lab_craft_error(&what, parcel->packet.data, parcel->packet.len,
						room);

		if (len != 0)
			answer_at_once(link, parcel, room, len);
	}
	hf_lab_parcel_free(link->lab, parcel);
}

static void fail(hf_lab_parcel *parcel, hf_lab_fate fate, uint64_t *count)
{
	++*count;
	hf_lab_show(parcel, fate, HF_WHY_NONE, parcel->state);
	hf_lab_parcel_free(parcel->link->lab, parcel);
}

static void duplicate(hf_lab_link *link, const hf_lab_parcel *parcel, hf_time leaves)
{
	struct direction *d = &link->direction[parcel->from];
	hf_lab_parcel *copy = hf_lab_parcel_of(link->lab, parcel->octets, parcel->packet.len);

	copy->packet.number = parcel->packet.number;
	copy->packet.cause = parcel->packet.cause;
	copy->packet.corrupted = parcel->packet.corrupted;
	copy->link = link;
	copy->from = parcel->from;
	copy->state = parcel->state;
	link->lab->counts.duplicated++;
	hf_lab_show(copy, HF_LAB_DUPLICATED, HF_WHY_NONE, copy->state);
	hf_lab_arrange(link->lab, copy, arrival_time(d, leaves, &link->lab->counts));
}

void hf_lab_link_send(hf_lab_link *link, const hf_lab_node *from, hf_lab_parcel *parcel)
{
	int end = end_of(link, from);
	struct direction *d = &link->direction[end];
	hf_lab_counts *counts = &link->lab->counts;
	bool is_long;
	hf_time leaves;

	parcel->link = link;
	parcel->from = end;
	counts->packets++;
	if (parcel->packet.number == 0)
		parcel->packet.number = counts->packets;
	if (parcel->packet.len > hf_lab_link_mtu(link, from)) {
		refuse_too_big(link, parcel);
		return;
	}
	if (is_policed(d, parcel->packet.len, link->lab->now)) {
		fail(parcel, HF_LAB_POLICED, &counts->policed);
		return;
	}
	if (queue_is_full(d, parcel->packet.len, link->lab->now)) {
		fail(parcel, HF_LAB_QUEUE_FULL, &counts->queue_full);
		return;
	}
	is_long = queue_is_long(d, parcel->packet.len);
	leaves = leaving_time(d, parcel->packet.len, link->lab->now);
	if (link->down || is_lost(d) || is_lost_early(d, &parcel->packet, is_long, counts)) {
		fail(parcel, HF_LAB_LOST, &counts->lost);
		return;
	}
	hf_lab_show(parcel, HF_LAB_SENT, HF_WHY_NONE, parcel->state);
	if (hf_lab_random_chance(&d->random, d->path.corrupt)) {
		corrupt(d, &parcel->packet);
		counts->corrupted++;
	}
	hf_lab_arrange(link->lab, parcel, arrival_time(d, leaves, counts));
	if (hf_lab_random_chance(&d->random, d->path.duplicate))
		duplicate(link, parcel, leaves);
}

/* ---- Arriving ---- */

static void reject(hf_lab_link *link, const hf_lab_parcel *parcel, hf_lab_verdict verdict)
{
	const hf_lab_packet *packet = &parcel->packet;
	hf_lab_node *guard = link->end[!parcel->from];
	uint8_t room[HF_LAB_ICMP_MAX];
	hf_lab_error what = { .reason = HF_WHY_ICMP_ADMIN }; /* from: the destination */
	size_t len = verdict == HF_LAB_REJECT_RST ?
			     hf_lab_craft_reset(packet->data, packet->len, room) :
			     hf_lab_craft_error(&what, packet->data, packet->len, room);

	if (len != 0)
		hf_lab_send(guard, link, room, len);
}

static hf_lab_verdict judge(const hf_lab_link *link, hf_lab_parcel *parcel)
{
	hf_lab_verdict verdict = HF_LAB_PASS;

	for (unsigned i = 0; i < link->filters && verdict == HF_LAB_PASS; i++)
		verdict = link->filter[i](link->filter_ctx[i], parcel->from, &parcel->packet);
	return verdict;
}

void hf_lab_link_deliver(hf_lab_parcel *parcel)
{
	hf_lab_link *link = parcel->link;
	hf_lab_node *to = link->end[!parcel->from];
	hf_lab_verdict verdict = judge(link, parcel);

	switch (verdict) {
	case HF_LAB_PASS:
		link->lab->counts.arrived++;
		to->arrive(to, parcel);
		return;
	case HF_LAB_DROP:
		fail(parcel, HF_LAB_FILTERED, &link->lab->counts.filtered);
		return;
	case HF_LAB_REJECT_RST:
	case HF_LAB_REJECT_ICMP:
		reject(link, parcel, verdict);
		fail(parcel, HF_LAB_REJECTED, &link->lab->counts.filtered);
		return;
	}
}
