/* SPDX-License-Identifier: BSD-2-Clause */
/* The loop: bursts from the link, events to the application, bursts to the link. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "io/loop.h"

/*
 * Packets that are handled together. Where packets may be large fewer are taken, so that a burst
 * stays in the processor's caches between the device and the connection's buffer.
 */
#define BURST_MOST 64
#define BURST_LEAST 8
#define BURST_OCTETS ((size_t)512 * 1024)

/*
 * Bursts that may leave before arriving packets are looked at again, and rounds of events and
 * output.
 */
#define OUTPUT_BURSTS 16
#define ROUNDS 8

struct hf_loop {
	hf_loop_options o;
	hf_observer observer[HF_LOOP_OBSERVERS];
	size_t observers;
	hf_watch *watch;
	bool is_stopped;
	bool is_readable; /* the link may have packets */
	bool is_full;     /* the link takes no more: out[out_sent, out_count) waits */
	bool is_busy;     /* work is left for the next turn */
	int dead;         /* errno of the link's end */
	size_t burst;
	size_t out_sent, out_count;
	hf_packet in[BURST_MOST], out[BURST_MOST];
	uint8_t *memory; /* of all packets: `in`, then `out` */
};

/* ---- Making ---- */

static void on_link(void *ctx, uint32_t events)
{
	hf_loop *l = ctx;

	if (events & (EPOLLIN | EPOLLERR | EPOLLHUP))
		l->is_readable = true;
	if (events & (EPOLLOUT | EPOLLERR | EPOLLHUP) && l->is_full) {
		l->is_full = false;
		hf_watch_set(l->watch, EPOLLIN);
	}
}

static size_t burst_size(size_t capacity)
{
	size_t n = BURST_OCTETS / capacity;

	if (n > BURST_MOST)
		return BURST_MOST;
	return n < BURST_LEAST ? BURST_LEAST : n;
}

static bool make_packets(hf_loop *l, hf_io_error *error)
{
	uint32_t capacity = l->o.link->capacity;
	size_t n = burst_size(capacity);

	l->memory = malloc(2 * n * capacity);
	if (!l->memory)
		return hf_io_fail(error, ENOMEM, "no memory for packets");
	for (size_t i = 0; i < n; i++) {
		l->in[i] = (hf_packet){ .data = l->memory + i * capacity, .capacity = capacity };
		l->out[i] = (hf_packet){ .data = l->memory + (n + i) * capacity,
					 .capacity = capacity };
	}
	l->burst = n;
	return true;
}

bool hf_loop_new(const hf_loop_options *options, hf_loop **out, hf_io_error *error)
{
	hf_watch_options watch = { .fd = options->link->fd, .events = EPOLLIN, .fn = on_link };
	hf_loop *l = calloc(1, sizeof(*l));

	if (!l)
		return hf_io_fail(error, ENOMEM, "no memory for the event loop");
	l->o = *options;
	watch.ctx = l;
	if (!make_packets(l, error) || !hf_watch_new(options->poller, &watch, &l->watch, error)) {
		hf_loop_free(l);
		return false;
	}
	*out = l;
	return true;
}

void hf_loop_free(hf_loop *l)
{
	if (!l)
		return;
	hf_watch_end(l->watch);
	free(l->memory);
	free(l);
}

bool hf_loop_observe(hf_loop *l, const hf_observer *observer)
{
	if (l->observers == HF_LOOP_OBSERVERS)
		return false;
	l->observer[l->observers++] = *observer;
	return true;
}

void hf_loop_stop(hf_loop *l)
{
	l->is_stopped = true;
}

/* ---- One turn ---- */

static void show(const hf_loop *l, bool leaving, const hf_packet *packets, size_t n)
{
	hf_time now = hf_poller_now(l->o.poller);

	for (size_t i = 0; i < n; i++)
		for (size_t k = 0; k < l->observers; k++)
			l->observer[k].packet(l->observer[k].ctx, leaving, &packets[i], now);
}

static void idle(const hf_loop *l)
{
	for (size_t k = 0; k < l->observers; k++)
		if (l->observer[k].idle)
			l->observer[k].idle(l->observer[k].ctx);
}

/* One burst. A burst that is full means that more may wait: the next turn does not sleep. */
static void take_in(hf_loop *l)
{
	int n;

	if (!l->is_readable)
		return;
	n = hf_link_receive(l->o.link, l->in, l->burst);
	if (n < 0) {
		l->dead = -n;
		return;
	}
	l->is_readable = (size_t)n == l->burst;
	if (!n)
		return;
	hf_stack_input(l->o.stack, l->in, (size_t)n, hf_poller_now(l->o.poller));
	show(l, false, l->in, (size_t)n);
}

/* Sends what waits. False: the link is full, or gone. */
static bool send_waiting(hf_loop *l)
{
	size_t left = l->out_count - l->out_sent;
	int n;

	if (l->is_full)
		return false;
	if (!left)
		return true;
	n = hf_link_send(l->o.link, l->out + l->out_sent, left);
	if (n < 0) {
		l->dead = -n;
		return false;
	}
	l->out_sent += (size_t)n;
	if ((size_t)n == left)
		return true;
	l->is_full = true;
	hf_watch_set(l->watch, EPOLLIN | EPOLLOUT);
	return false;
}

/* Sends what is due, as long as the link takes it. */
static void let_out(hf_loop *l)
{
	for (int i = 0; i < OUTPUT_BURSTS; i++) {
		if (!send_waiting(l))
			return;
		l->out_sent = 0;
		l->out_count = hf_stack_output(l->o.stack, l->out, l->burst,
					       hf_poller_now(l->o.poller));
		if (!l->out_count)
			return;
		show(l, true, l->out, l->out_count);
	}
	l->is_busy = true;
}

static bool hand_out_events(hf_loop *l)
{
	bool any = false;
	hf_event event;

	while (hf_stack_next_event(l->o.stack, &event)) {
		any = true;
		if (l->o.on_event)
			l->o.on_event(l->o.ctx, &event);
	}
	return any;
}

/* Events first, so that an answer travels with the acknowledgement of the question. */
static void settle(hf_loop *l)
{
	(void)hand_out_events(l);
	for (int i = 0; i < ROUNDS; i++) {
		let_out(l);
		if (l->dead || !hand_out_events(l))
			return;
	}
	l->is_busy = true;
}

/* While the link is full the stack's deadline cannot be met, and is not waited for. */
static hf_time wake_at(const hf_loop *l, hf_time until)
{
	if (l->is_busy || l->is_readable)
		return hf_poller_now(l->o.poller);
	return l->is_full ? until : hf_time_min(until, hf_stack_deadline(l->o.stack));
}

bool hf_loop_turn(hf_loop *l, hf_time until, hf_io_error *error)
{
	hf_time wake = wake_at(l, until);

	if (hf_poller_may_sleep(l->o.poller, wake))
		idle(l);
	if (!hf_poller_wait(l->o.poller, wake, error))
		return false;
	l->is_busy = false;
	take_in(l);
	if (!l->dead)
		settle(l);
	if (l->dead)
		return hf_io_fail(error, l->dead, "link %s is gone: %s", l->o.link->name,
				  strerror(l->dead));
	return true;
}

bool hf_loop_run(hf_loop *l, hf_io_error *error)
{
	l->is_stopped = false;
	while (!l->is_stopped && !hf_poller_signal(l->o.poller))
		if (!hf_loop_turn(l, HF_NEVER, error))
			return false;
	return true;
}
