/* SPDX-License-Identifier: BSD-2-Clause */
/* A host: one stack on an IP link, fed and drained as hf_stack's header asks of its caller. */
#include "lab/parts.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/*
 * Theory of operation
 *
 * A turn of a host is: hand over the packets that have come, let the applications see the events,
 * take out all that is to be sent, until neither events nor packets are left; then arrange a
 * wake-up for the stack's deadline. A turn is taken when packets arrive, when a timer of an
 * application ran, when hf_lab_touch asks for it, and at the deadline, never for another cause: a
 * deadline that a stack tells too late is not papered over by a turn that happens to come along.
 *
 * Deadlines move all the time, mostly to later. The wake-up in the event queue is left where it
 * is; when it comes too early it only arranges the next.
 */

#define BURST 8             /* packets taken out of a stack in one call */
#define MOST_PACKETS 200000 /* in one turn; more can only be a loop */
#define APP_BUCKETS 256
#define SPIN_WAIT HF_US(100)

struct account {
	size_t octets;
	hf_lab_ppm failures;
	hf_lab_random random;
};

struct host {
	hf_lab_node node;
	hf_stack *stack;
	struct account account;
	hf_host_addr address[HF_HOST_ADDRS];
	hf_time wake; /* the earliest wake-up in the event queue */
	bool in_turn, turn_arranged;
	hf_ns ahead; /* of the lab's clock, by jumps */
	hf_ns coalesce;
	hf_lab_parcel *first, **last; /* arrived, not handed over yet */
	hf_lab_parcel *room[BURST];   /* what the stack writes to */
	struct hf_lab_app *apps[APP_BUCKETS];
};

/* ---- Memory ---- */

static void *account_alloc(void *ctx, size_t octets)
{
	struct account *account = ctx;
	void *at;

	if (hf_lab_random_chance(&account->random, account->failures))
		return NULL;
	at = malloc(octets);
	if (at != NULL)
		account->octets += octets;
	return at;
}

static void account_free(void *ctx, void *at, size_t octets)
{
	struct account *account = ctx;

	if (at != NULL)
		account->octets -= octets;
	free(at);
}

void hf_lab_memory_failures(hf_lab_node *host, hf_lab_ppm chance)
{
	((struct host *)host)->account.failures = chance;
}

size_t hf_lab_memory(const hf_lab_node *host)
{
	return ((const struct host *)host)->account.octets;
}

/* ---- Its clock ---- */

static hf_time stack_now(const struct host *h)
{
	return hf_time_add(h->node.lab->now, h->ahead);
}

/* By the lab's clock. */
static hf_time deadline(const struct host *h)
{
	hf_time due = hf_stack_deadline(h->stack);

	return due.ns == HF_NEVER.ns ? HF_NEVER : hf_time_add(due, -h->ahead);
}

void hf_lab_clock_jump(hf_lab_node *host, hf_ns ahead)
{
	((struct host *)host)->ahead += ahead;
	hf_lab_touch(host);
}

/* ---- Turns ---- */

static void wake_up(void *ctx);

static void arrange_wake(struct host *h)
{
	hf_lab *lab = h->node.lab;
	hf_time due = deadline(h);

	if (due.ns == HF_NEVER.ns)
		return;
	if (!hf_time_before(lab->now, due)) {
		/* Everything was asked for just now and the stack had no more: it must not be due
		 * again. */
		lab->counts.spins++;
		due = hf_time_add(lab->now, SPIN_WAIT);
	}
	if (hf_time_before(due, h->wake)) {
		h->wake = due;
		hf_lab_after(lab, hf_time_diff(due, lab->now), wake_up, h);
	}
}

static bool give_events(struct host *h)
{
	hf_event event;
	bool any = false;

	while (hf_stack_next_event(h->stack, &event)) {
		hf_lab_app_dispatch(&h->node, &event);
		any = true;
	}
	return any;
}

/* Hands over what has arrived, in bursts; the taps see it with the verdict. */
static void give_packets(struct host *h)
{
	while (h->first != NULL) {
		hf_packet packet[BURST] = { 0 };
		hf_lab_parcel *parcel = h->first;
		size_t n = 0;

		for (; n < BURST && parcel != NULL; n++, parcel = parcel->next) {
			packet[n].data = parcel->octets;
			packet[n].len = packet[n].capacity = parcel->packet.len;
		}
		hf_stack_input(h->stack, packet, n, stack_now(h));
		for (size_t i = 0; i < n; i++) {
			parcel = h->first;
			h->first = parcel->next;
			hf_lab_show(parcel, HF_LAB_ARRIVED, packet[i].reason, packet[i].state);
			hf_lab_parcel_free(h->node.lab, parcel);
		}
	}
	h->last = &h->first;
}

/* Takes out up to a burst. False: nothing was there. */
static size_t take_packets(struct host *h)
{
	hf_packet packet[BURST] = { 0 };
	size_t n;

	for (size_t i = 0; i < BURST; i++) {
		packet[i].data = h->room[i]->octets;
		packet[i].capacity = h->room[i]->packet.capacity;
	}
	n = hf_stack_output(h->stack, packet, BURST, stack_now(h));
	for (size_t i = 0; i < n; i++)
		hf_lab_card_send(&h->node, &packet[i]);
	return n;
}

/* Takes out everything. False: there seems to be no end of it. */
static bool take_all(struct host *h)
{
	size_t sent = 0, n;

	while ((n = take_packets(h)) > 0) {
		sent += n;
		if (sent > MOST_PACKETS) {
			h->node.lab->counts.overruns++;
			return false;
		}
	}
	return true;
}

static void turn(struct host *h)
{
	h->in_turn = true;
	give_packets(h);
	give_events(h);
	/* Output runs timers, which may raise events, which may lead to output. */
	while (take_all(h) && give_events(h))
		;
	h->in_turn = false;
	arrange_wake(h);
}

static void wake_up(void *ctx)
{
	struct host *h = ctx;

	if (h->wake.ns != h->node.lab->now.ns)
		return;
	h->wake = HF_NEVER;
	if (hf_time_before(h->node.lab->now, deadline(h)))
		arrange_wake(h);
	else
		turn(h);
}

static void arranged_turn(void *ctx)
{
	struct host *h = ctx;

	h->turn_arranged = false;
	turn(h);
}

static void arrange_turn(struct host *h, hf_ns wait)
{
	if (h->turn_arranged)
		return;
	h->turn_arranged = true;
	hf_lab_after(h->node.lab, wait, arranged_turn, h);
}

static void host_arrive(hf_lab_node *self, hf_lab_parcel *parcel)
{
	struct host *h = (struct host *)self;

	parcel->next = NULL;
	*h->last = parcel;
	h->last = &parcel->next;
	if (h->coalesce > 0)
		arrange_turn(h, h->coalesce);
	else
		turn(h);
}

void hf_lab_touch(hf_lab_node *host)
{
	struct host *h = (struct host *)host;

	if (!h->in_turn)
		arrange_turn(h, 0);
}

void hf_lab_coalesce(hf_lab_node *host, hf_ns wait)
{
	((struct host *)host)->coalesce = wait;
}

/* ---- Making ---- */

static size_t host_close(hf_lab_node *self)
{
	struct host *h = (struct host *)self;

	hf_stack_free(h->stack);
	return h->account.octets;
}

static bool read_addresses(struct host *h, const char *text)
{
	size_t n = 0;

	while (*text != '\0') {
		if (n == HF_HOST_ADDRS)
			return false;
		text = hf_lab_read_prefix(text, &h->address[n++]);
		if (text == NULL)
			return false;
		text += strspn(text, " ");
	}
	return n > 0;
}

static hf_err start_stack(struct host *h, const char *stream, const hf_config *config)
{
	hf_config own = { .mtu = 1500 };
	size_t capacity;
	hf_err err;

	if (config != NULL)
		own = *config;
	own.size = sizeof(own);
	own.allocator = (hf_allocator){ account_alloc, account_free, &h->account };
	own.link = HF_LINK_IP;
	h->account.random = hf_lab_random_of(h->node.lab->seed, stream);
	for (int i = 0; i < 4; i++)
		own.secret[i] = hf_lab_random_next(&h->account.random);
	memcpy(own.address, h->address, sizeof(own.address));
	err = hf_stack_new(&own, h->node.lab->now, &h->stack);
	if (err != HF_OK)
		return err;
	capacity = hf_config_packet_capacity(&own);
	for (size_t i = 0; i < BURST; i++)
		h->room[i] = hf_lab_parcel_new(h->node.lab, (uint32_t)capacity);
	return HF_OK;
}

hf_err hf_lab_host_add(hf_lab *lab, const char *name, const char *addresses,
		       const hf_config *config, hf_lab_node **out)
{
	struct host *h = hf_lab_grab(sizeof(*h));
	char stream[HF_LAB_NAME + 8];
	hf_err err = HF_ERR_INVALID;

	h->node.lab = lab;
	h->node.arrive = host_arrive;
	h->node.close = host_close;
	h->wake = HF_NEVER;
	h->last = &h->first;
	snprintf(stream, sizeof(stream), "host %.*s", HF_LAB_NAME - 1, name);
	if (read_addresses(h, addresses))
		err = start_stack(h, stream, config);
	if (err != HF_OK) {
		free(h);
		return err;
	}
	hf_lab_node_init(lab, &h->node, name, 1);
	*out = &h->node;
	return HF_OK;
}

hf_stack *hf_lab_stack(hf_lab_node *host)
{
	return ((struct host *)host)->stack;
}

hf_addr hf_lab_address(const hf_lab_node *host, int version)
{
	const struct host *h = (const struct host *)host;

	for (size_t i = 0; i < HF_HOST_ADDRS && !hf_addr_is_none(&h->address[i].addr); i++) {
		if (hf_addr_is_v4(&h->address[i].addr) == (version == 4))
			return h->address[i].addr;
	}
	return (hf_addr){ { 0 } };
}

struct hf_lab_app **hf_lab_host_apps(hf_lab_node *host, size_t *buckets)
{
	*buckets = APP_BUCKETS;
	return ((struct host *)host)->apps;
}
