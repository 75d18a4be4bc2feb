/* SPDX-License-Identifier: BSD-2-Clause */
/* epoll with deadlines in nanoseconds, alarms, signals, and descriptors that are always ready. */
/*
 * A watch may be ended by any callback while the kernel's list of ready watches is being worked
 * through, so an ended watch is only marked, and freed when the list is done. Watches that are to
 * be called without an event (always ready, or asked for by hf_watch_again) stand in a list of
 * their own; while that is not empty nothing sleeps.
 */
#include <errno.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/signalfd.h>
#include <time.h>
#include <unistd.h>

#include "io/clock.h"
#include "io/poller.h"

#define READY_AT_ONCE 64

struct hf_watch {
	hf_poller *poller;
	hf_watch *next, *previous; /* among all watches; ended: among those to be freed */
	hf_watch *next_pending;
	hf_watch_options o;
	bool is_always_ready;
	bool is_pending; /* in the list of those to be called without an event */
	bool is_asked;   /* ... because hf_watch_again said so */
	bool is_ended;
};

struct hf_poller {
	int epoll_fd;
	hf_clock_fn clock;
	void *clock_ctx;
	hf_time now;
	hf_watch *watches, *pending, *ended;
	bool is_calling;  /* ended watches are not freed */
	hf_alarm *alarms; /* by time */
	int signal_fd, signal;
	hf_watch *signal_watch;
	sigset_t old_mask;
	struct sigaction old_sigpipe;
};

static hf_time machine_clock(void *ctx)
{
	(void)ctx;
	return hf_clock_now();
}

bool hf_poller_new(hf_clock_fn clock, void *ctx, hf_poller **out, hf_io_error *error)
{
	hf_poller *p = calloc(1, sizeof(*p));

	if (!p)
		return hf_io_fail(error, ENOMEM, "no memory for the event loop");
	p->epoll_fd = epoll_create1(EPOLL_CLOEXEC);
	if (p->epoll_fd < 0) {
		free(p);
		return hf_io_fail(error, errno, "cannot make an epoll set: %s", strerror(errno));
	}
	p->clock = clock ? clock : machine_clock;
	p->clock_ctx = ctx;
	p->now = p->clock(ctx);
	p->signal_fd = -1;
	*out = p;
	return true;
}

hf_time hf_poller_now(const hf_poller *p)
{
	return p->now;
}

/* ---- Watches ---- */

static void make_pending(hf_watch *w)
{
	if (w->is_pending)
		return;
	w->is_pending = true;
	w->next_pending = w->poller->pending;
	w->poller->pending = w;
}

bool hf_watch_new(hf_poller *p, const hf_watch_options *options, hf_watch **out, hf_io_error *error)
{
	struct epoll_event event = { .events = options->events };
	hf_watch *w = calloc(1, sizeof(*w));

	if (!w)
		return hf_io_fail(error, ENOMEM, "no memory to watch a descriptor");
	event.data.ptr = w;
	if (epoll_ctl(p->epoll_fd, EPOLL_CTL_ADD, options->fd, &event) != 0) {
		if (errno != EPERM) {
			free(w);
			return hf_io_fail(error, errno, "cannot watch descriptor %d: %s",
					  options->fd, strerror(errno));
		}
		w->is_always_ready = true;
	}
	w->poller = p;
	w->o = *options;
	w->next = p->watches;
	if (p->watches)
		p->watches->previous = w;
	p->watches = w;
	if (w->is_always_ready && w->o.events & (EPOLLIN | EPOLLOUT))
		make_pending(w);
	*out = w;
	return true;
}

void hf_watch_set(hf_watch *w, uint32_t events)
{
	struct epoll_event event = { .events = events, .data.ptr = w };

	if (w->is_ended || w->o.events == events)
		return;
	w->o.events = events;
	if (w->is_always_ready) {
		if (events & (EPOLLIN | EPOLLOUT))
			make_pending(w);
		return;
	}
	/* The descriptor is in the set: nothing is left that could fail. */
	(void)epoll_ctl(w->poller->epoll_fd, EPOLL_CTL_MOD, w->o.fd, &event);
}

bool hf_watch_is_always_ready(const hf_watch *w)
{
	return w->is_always_ready;
}

void hf_watch_again(hf_watch *w)
{
	if (w->is_ended)
		return;
	w->is_asked = true;
	make_pending(w);
}

/* Ended watches leave the pending list first, so that none is freed while it stands there. */
static void free_ended(hf_poller *p)
{
	hf_watch **link = &p->pending;

	while (p->ended && *link) {
		if ((*link)->is_ended)
			*link = (*link)->next_pending;
		else
			link = &(*link)->next_pending;
	}
	while (p->ended) {
		hf_watch *w = p->ended;

		p->ended = w->next;
		free(w);
	}
}

void hf_watch_end(hf_watch *w)
{
	hf_poller *p;

	if (!w || w->is_ended)
		return;
	p = w->poller;
	if (!w->is_always_ready)
		(void)epoll_ctl(p->epoll_fd, EPOLL_CTL_DEL, w->o.fd, NULL);
	if (w->previous)
		w->previous->next = w->next;
	else
		p->watches = w->next;
	if (w->next)
		w->next->previous = w->previous;
	w->is_ended = true;
	w->next = p->ended;
	p->ended = w;
	if (!p->is_calling)
		free_ended(p);
}

/* ---- Alarms ---- */

void hf_alarm_clear(hf_poller *p, hf_alarm *a)
{
	hf_alarm **link = &p->alarms;

	if (!a->is_set)
		return;
	while (*link != a)
		link = &(*link)->next;
	*link = a->next;
	a->is_set = false;
}

void hf_alarm_set(hf_poller *p, hf_alarm *a, hf_time at)
{
	hf_alarm **link = &p->alarms;

	hf_alarm_clear(p, a);
	while (*link && !hf_time_before(at, (*link)->at))
		link = &(*link)->next;
	a->at = at;
	a->next = *link;
	a->is_set = true;
	*link = a;
}

/* An alarm that is set again for a time that has come waits for the next turn. */
static void ring_alarms(hf_poller *p)
{
	size_t due = 0;

	for (const hf_alarm *a = p->alarms; a && !hf_time_before(p->now, a->at); a = a->next)
		due++;
	for (; due && p->alarms && !hf_time_before(p->now, p->alarms->at); due--) {
		hf_alarm *a = p->alarms;

		hf_alarm_clear(p, a);
		a->fn(a->ctx, p->now);
	}
}

/* ---- Signals ---- */

static void on_signal(void *ctx, uint32_t events)
{
	struct signalfd_siginfo info;
	hf_poller *p = ctx;

	(void)events;
	while (read(p->signal_fd, &info, sizeof(info)) == (ssize_t)sizeof(info))
		p->signal = (int)info.ssi_signo;
}

bool hf_poller_take_signals(hf_poller *p, hf_io_error *error)
{
	struct sigaction ignore = { .sa_handler = SIG_IGN };
	hf_watch_options o = { .events = EPOLLIN, .fn = on_signal, .ctx = p };
	sigset_t mask;
	int fd;

	(void)sigemptyset(&mask);
	(void)sigaddset(&mask, SIGINT);
	(void)sigaddset(&mask, SIGTERM);
	fd = signalfd(-1, &mask, SFD_NONBLOCK | SFD_CLOEXEC);
	if (fd < 0)
		return hf_io_fail(error, errno, "cannot wait for signals: %s", strerror(errno));
	o.fd = fd;
	if (!hf_watch_new(p, &o, &p->signal_watch, error)) {
		(void)close(fd);
		return false;
	}
	p->signal_fd = fd;
	(void)pthread_sigmask(SIG_BLOCK, &mask, &p->old_mask);
	(void)sigaction(SIGPIPE, &ignore, &p->old_sigpipe);
	return true;
}

int hf_poller_signal(const hf_poller *p)
{
	return p->signal;
}

void hf_poller_free(hf_poller *p)
{
	if (!p)
		return;
	while (p->watches)
		hf_watch_end(p->watches);
	if (p->signal_fd >= 0) {
		(void)close(p->signal_fd);
		(void)sigaction(SIGPIPE, &p->old_sigpipe, NULL);
		(void)pthread_sigmask(SIG_SETMASK, &p->old_mask, NULL);
	}
	(void)close(p->epoll_fd);
	free(p);
}

/* ---- Waiting ---- */

static hf_time deadline(const hf_poller *p, hf_time until)
{
	if (p->pending)
		return p->now;
	return p->alarms ? hf_time_min(until, p->alarms->at) : until;
}

bool hf_poller_may_sleep(const hf_poller *p, hf_time until)
{
	return hf_time_before(p->now, deadline(p, until));
}

/* Milliseconds, rounded up: for kernels before 5.11. */
static int wait_coarse(const hf_poller *p, struct epoll_event *events, const struct timespec *t)
{
	int64_t ms = t ? ((int64_t)t->tv_sec * 1000 + (t->tv_nsec + 999999) / 1000000) : -1;

	return epoll_wait(p->epoll_fd, events, READY_AT_ONCE, ms > INT32_MAX ? INT32_MAX : (int)ms);
}

static int wait_ready(const hf_poller *p, struct epoll_event *events, hf_time until)
{
	struct timespec t = { 0 }, *timeout = &t;
	hf_ns left = 0;
	int n;

	/* Work since the last reading has taken time of its own. */
	if (hf_time_before(p->now, until))
		left = hf_time_diff(until, p->clock(p->clock_ctx));
	if (left > 0) {
		t.tv_sec = (time_t)(left / HF_SEC(1));
		t.tv_nsec = (long)(left % HF_SEC(1));
	}
	if (until.ns == HF_NEVER.ns)
		timeout = NULL;
	n = epoll_pwait2(p->epoll_fd, events, READY_AT_ONCE, timeout, NULL);
	if (n < 0 && errno == ENOSYS)
		n = wait_coarse(p, events, timeout);
	return n;
}

static void call_pending(hf_poller *p)
{
	hf_watch *w = p->pending, *next;

	p->pending = NULL;
	for (; w; w = next) {
		uint32_t ready = w->is_always_ready ? w->o.events & (EPOLLIN | EPOLLOUT) : 0;

		next = w->next_pending;
		w->is_pending = false;
		if (w->is_ended || (!ready && !w->is_asked))
			continue;
		w->is_asked = false;
		/* Edge-triggered: told once. Otherwise: for as long as it is asked for. */
		if (ready && !(w->o.events & EPOLLET))
			make_pending(w);
		w->o.fn(w->o.ctx, ready);
	}
}

bool hf_poller_wait(hf_poller *p, hf_time until, hf_io_error *error)
{
	struct epoll_event events[READY_AT_ONCE];
	int n = wait_ready(p, events, deadline(p, until));

	if (n < 0 && errno != EINTR)
		return hf_io_fail(error, errno, "cannot wait for events: %s", strerror(errno));
	p->now = p->clock(p->clock_ctx);
	p->is_calling = true;
	for (int i = 0; i < n; i++) {
		hf_watch *w = events[i].data.ptr;

		if (!w->is_ended)
			w->o.fn(w->o.ctx, events[i].events);
	}
	call_pending(p);
	ring_alarms(p);
	p->is_calling = false;
	free_ended(p);
	return true;
}
