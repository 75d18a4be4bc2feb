/* SPDX-License-Identifier: BSD-2-Clause */
/* Pumps: octets between connections and descriptors, with flow control and ends of streams. */
/*
 * Descriptors are watched edge-triggered: a pump remembers what it may do (can_read, can_write)
 * until a call says "not now", so that a busy pump costs no calls beside reading and writing.
 * Whatever happens, on either side, leads to run(), which moves what can be moved and then looks
 * whether all is over. A pump does a bounded amount of work at a time and then lets others go
 * first. It marks nothing as urgent (SHLD-13) and leaves the Diffserv field alone (SHLD-23).
 */
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "bridge/pump.h"
#include "bridge/stream_fd.h"

/* Octets to read at once: the room that is asked for grows and shrinks with what comes. */
#define READ_LEAST ((size_t)4 * 1024)
#define READ_MOST ((size_t)128 * 1024)
#define RETRY HF_MS(10) /* when the stack has no memory: nothing tells when it has some again */
#define TURN_OCTETS ((size_t)256 * 1024) /* each way, before others have their turn */

struct hf_bridge {
	hf_stack *stack;
	hf_poller *poller;
	hf_pump **by_slot; /* of the connection; NULL: none */
	size_t slots, count;
	hf_alarm retry; /* for pumps that the stack had no memory for */
};

struct hf_pump {
	hf_bridge *bridge;
	hf_pump_options o;
	hf_stream_fd in, out;
	hf_watch *in_watch, *out_watch; /* the second is NULL if one descriptor is both */
	size_t read_size;
	bool can_read, can_write; /* as far as is known */
	bool in_ended;            /* end of file was read */
	bool fin_due;             /* ... and the connection does not know yet */
	bool out_ended;           /* the peer's end of stream was passed on */
	bool owner_gone;          /* the socket's other end is closed as a whole */
	bool conn_ended;
	hf_pump_end end;
};

static void on_retry(void *ctx, hf_time now);

/* ---- The bridge ---- */

bool hf_bridge_new(hf_stack *stack, hf_poller *poller, hf_bridge **out, hf_io_error *error)
{
	hf_bridge *b = calloc(1, sizeof(*b));

	if (!b)
		return hf_io_fail(error, ENOMEM, "no memory for a bridge");
	b->stack = stack;
	b->poller = poller;
	b->retry = (hf_alarm){ .fn = on_retry, .ctx = b };
	*out = b;
	return true;
}

void hf_bridge_free(hf_bridge *b)
{
	if (!b)
		return;
	for (size_t i = 0; i < b->slots; i++)
		if (b->by_slot[i])
			hf_pump_abort(b->by_slot[i]);
	hf_alarm_clear(b->poller, &b->retry);
	free(b->by_slot);
	free(b);
}

size_t hf_bridge_count(const hf_bridge *b)
{
	return b->count;
}

static bool make_slot(hf_bridge *b, size_t slot)
{
	size_t slots = b->slots ? b->slots : 16;
	hf_pump **more;

	if (slot < b->slots)
		return true;
	while (slots <= slot)
		slots *= 2;
	more = realloc(b->by_slot, slots * sizeof(*more));
	if (!more)
		return false;
	memset(more + b->slots, 0, (slots - b->slots) * sizeof(*more));
	b->by_slot = more;
	b->slots = slots;
	return true;
}

/* ---- The end ---- */

/*
 * Closes the descriptors. A local socket with octets of its owner's still unread tells the owner of
 * the loss by itself (ECONNRESET).
 */
static void let_go(hf_pump *p)
{
	p->bridge->by_slot[p->o.conn.slot] = NULL;
	p->bridge->count--;
	hf_watch_end(p->in_watch);
	hf_watch_end(p->out_watch);
	hf_stream_fd_release(&p->in);
	hf_stream_fd_release(&p->out);
	(void)close(p->o.in);
	if (p->o.out != p->o.in && p->o.out >= 0)
		(void)close(p->o.out);
}

static void finish(hf_pump *p)
{
	let_go(p);
	if (p->o.done)
		p->o.done(p->o.ctx, &p->end);
	free(p);
}

void hf_pump_abort(hf_pump *p)
{
	(void)hf_conn_abort(p->bridge->stack, p->o.conn);
	let_go(p);
	free(p);
}

static void fail(hf_pump *p, int code, bool at_in)
{
	p->end.fd_error = code;
	p->end.at_in = at_in;
}

/* A call said that the connection is over; its event may still be on the way. */
static void note_conn_end(hf_pump *p)
{
	hf_conn_info info;

	if (p->conn_ended)
		return;
	p->conn_ended = true;
	if (hf_conn_info_get(p->bridge->stack, p->o.conn, &info) == HF_OK)
		p->end.reason = info.reason;
}

/* True if the call is to be made again: after an event, or after a while. */
static bool is_for_later(hf_pump *p, hf_err e)
{
	hf_bridge *b = p->bridge;

	if (e == HF_ERR_NO_MEMORY && !b->retry.is_set)
		hf_alarm_set(b->poller, &b->retry, hf_time_add(hf_poller_now(b->poller), RETRY));
	return e == HF_ERR_AGAIN || e == HF_ERR_NOT_CONNECTED || e == HF_ERR_NO_MEMORY;
}

/* ---- From the descriptor to the connection ---- */

static void read_failed(hf_pump *p, int code)
{
	/* A local socket says ECONNRESET when its other end was closed with octets unread. */
	if (code == EAGAIN)
		p->can_read = false;
	else if (code == ECONNRESET && p->in.is_socket)
		p->end.reason = HF_WHY_ABORTED_UNREAD;
	else
		fail(p, code, true);
}

/* Where the ring wraps less is lent than was asked for: filled to the brim counts as well. */
static void fit_read_size(hf_pump *p, size_t got, size_t lent)
{
	if (got >= lent && p->read_size < READ_MOST)
		p->read_size *= 2;
	else if (got < p->read_size / 4 && p->read_size > READ_LEAST)
		p->read_size /= 2;
}

/* Returns the octets moved; 0: nothing more for now. */
static size_t read_once(hf_pump *p)
{
	hf_stack *s = p->bridge->stack;
	uint8_t *room;
	ssize_t got;
	size_t len;
	hf_err e;

	e = hf_conn_reserve(s, p->o.conn, p->read_size, &room, &len);
	if (e != HF_OK) {
		if (!is_for_later(p, e))
			note_conn_end(p);
		return 0;
	}
	got = hf_stream_fd_read(&p->in, room, len);
	if (got > 0) {
		(void)hf_conn_commit(s, p->o.conn, (size_t)got);
		p->end.sent += (uint64_t)got;
		fit_read_size(p, (size_t)got, len);
		return (size_t)got;
	}
	if (got < 0) {
		read_failed(p, errno);
		return 0;
	}
	p->in_ended = true;
	p->fin_due = true;
	return 0;
}

static bool is_failing(const hf_pump *p)
{
	return p->end.fd_error || p->end.reason == HF_WHY_ABORTED_UNREAD;
}

/* True: there is more to do. */
static bool move_in(hf_pump *p)
{
	size_t moved = 0, n = 1;

	while (p->can_read && !p->in_ended && n && moved < TURN_OCTETS)
		moved += n = read_once(p);
	if (p->fin_due) {
		hf_err e = hf_conn_shutdown(p->bridge->stack, p->o.conn);

		p->fin_due = is_for_later(p, e);
	}
	return moved >= TURN_OCTETS;
}

/* ---- From the connection to the descriptor ---- */

/* A pipe's reader sees the end only when it is closed; a socket stays for the other way. */
static void end_out(hf_pump *p)
{
	p->out_ended = true;
	if (p->out.is_socket) {
		(void)shutdown(p->o.out, SHUT_WR);
		return;
	}
	hf_watch_end(p->out_watch);
	p->out_watch = NULL;
	hf_stream_fd_release(&p->out);
	(void)close(p->o.out);
	p->o.out = -1;
}

static void write_failed(hf_pump *p, int code)
{
	if (code == EAGAIN)
		p->can_write = false;
	else if ((code == EPIPE || code == ECONNRESET) && p->o.in == p->o.out)
		p->owner_gone = true; /* what it wrote before is still sent */
	else
		fail(p, code, false);
}

/* Returns the octets moved; 0: nothing more for now. */
static size_t write_once(hf_pump *p)
{
	hf_stack *s = p->bridge->stack;
	const uint8_t *data;
	ssize_t put;
	size_t len;
	hf_err e;

	e = hf_conn_peek(s, p->o.conn, &data, &len);
	if (e != HF_OK && is_for_later(p, e))
		return 0;
	if (e != HF_OK)
		note_conn_end(p);
	if (e != HF_OK || !len) {
		end_out(p);
		return 0;
	}
	put = hf_stream_fd_write(&p->out, data, len);
	if (put < 0) {
		write_failed(p, errno);
		return 0;
	}
	(void)hf_conn_consume(s, p->o.conn, (size_t)put);
	p->end.received += (uint64_t)put;
	return (size_t)put;
}

static bool move_out(hf_pump *p)
{
	size_t moved = 0, n = 1;

	while (p->can_write && !p->out_ended && !p->owner_gone && n && moved < TURN_OCTETS)
		moved += n = write_once(p);
	return moved >= TURN_OCTETS;
}

/* ---- Together ---- */

/* A connection that had ended before the pump was there has told somebody else. */
static bool conn_is_over(hf_pump *p)
{
	hf_conn_info info;

	if (!p->conn_ended && p->out_ended &&
	    hf_conn_info_get(p->bridge->stack, p->o.conn, &info) == HF_OK &&
	    (info.state == HF_CLOSED || info.state == HF_TIME_WAIT))
		note_conn_end(p);
	return p->conn_ended;
}

/* Nothing is left to be moved for anybody who is still there. */
static bool is_over(hf_pump *p)
{
	if (conn_is_over(p))
		return p->out_ended || p->owner_gone;
	return p->owner_gone && p->in_ended && !p->fin_due;
}

static void run(hf_pump *p)
{
	bool more = move_in(p);

	more |= move_out(p);
	if (is_failing(p)) {
		(void)hf_conn_abort(p->bridge->stack, p->o.conn);
		if (p->end.fd_error)
			p->end.reason = HF_WHY_ABORTED_HERE;
		finish(p);
	} else if (is_over(p)) {
		(void)hf_conn_close(p->bridge->stack, p->o.conn);
		finish(p);
	} else if (more) {
		hf_watch_again(p->in_watch);
	}
}

static void on_retry(void *ctx, hf_time now)
{
	hf_bridge *b = ctx;

	(void)now;
	for (size_t i = 0; i < b->slots; i++)
		if (b->by_slot[i])
			run(b->by_slot[i]);
}

static void on_in(void *ctx, uint32_t events)
{
	hf_pump *p = ctx;

	if (events & (EPOLLIN | EPOLLRDHUP | EPOLLHUP | EPOLLERR))
		p->can_read = true;
	run(p);
}

static void on_out(void *ctx, uint32_t events)
{
	hf_pump *p = ctx;

	if (events & (EPOLLOUT | EPOLLHUP | EPOLLERR))
		p->can_write = true;
	run(p);
}

static void on_both(void *ctx, uint32_t events)
{
	hf_pump *p = ctx;

	if (events & EPOLLHUP && !p->out_ended)
		p->owner_gone = true;
	if (events & (EPOLLOUT | EPOLLHUP | EPOLLERR))
		p->can_write = true;
	on_in(p, events);
}

bool hf_bridge_event(hf_bridge *b, const hf_event *event)
{
	hf_pump *p = event->conn.slot < b->slots ? b->by_slot[event->conn.slot] : NULL;

	if (!p || !hf_conn_equal(p->o.conn, event->conn))
		return false;
	if (event->bits & HF_EVENT_CLOSED) {
		p->conn_ended = true;
		p->end.reason = event->reason;
	}
	run(p);
	return true;
}

void hf_pump_progress(const hf_pump *p, uint64_t *sent, uint64_t *received)
{
	*sent = p->end.sent;
	*received = p->end.received;
}

static bool start_watches(hf_pump *p, hf_io_error *error)
{
	hf_poller *poller = p->bridge->poller;
	hf_watch_options in = { .fd = p->in.io_fd, .fn = on_in, .ctx = p };
	hf_watch_options out = { .fd = p->out.io_fd, .fn = on_out, .ctx = p };

	in.events = EPOLLIN | EPOLLRDHUP | EPOLLET;
	out.events = EPOLLOUT | EPOLLET;
	if (p->o.in == p->o.out) {
		in.events |= EPOLLOUT;
		in.fn = on_both;
		return hf_watch_new(poller, &in, &p->in_watch, error);
	}
	return hf_watch_new(poller, &in, &p->in_watch, error) &&
	       hf_watch_new(poller, &out, &p->out_watch, error);
}

bool hf_pump_new(hf_bridge *b, const hf_pump_options *options, hf_pump **out, hf_io_error *error)
{
	hf_pump *p = calloc(1, sizeof(*p));

	if (!p || !make_slot(b, options->conn.slot)) {
		free(p);
		return hf_io_fail(error, ENOMEM, "no memory for a pump");
	}
	p->bridge = b;
	p->o = *options;
	p->read_size = READ_LEAST;
	p->in = hf_stream_fd_open(options->in, O_RDONLY);
	p->out = hf_stream_fd_open(options->out, O_WRONLY);
	if (!start_watches(p, error)) {
		hf_watch_end(p->in_watch);
		hf_stream_fd_release(&p->in);
		hf_stream_fd_release(&p->out);
		free(p);
		return false;
	}
	/*
	 * A pipe whose writer has gone before this opening of it gives no event, but does give its
	 * end.
	 */
	p->can_read = !p->in.is_socket;
	p->can_write = true;
	b->by_slot[options->conn.slot] = p;
	b->count++;
	/* What the connection has already, or what ended it already, will give no event again. */
	hf_watch_again(p->in_watch);
	*out = p;
	return true;
}

bool hf_pump_new_socket(hf_bridge *b, hf_pump_options *options, int *other, hf_io_error *error)
{
	hf_pump *p;
	int fd[2];

	if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, fd) != 0)
		return hf_io_fail(error, errno, "cannot make a socket: %s", strerror(errno));
	options->in = options->out = fd[0];
	if (!hf_pump_new(b, options, &p, error)) {
		(void)close(fd[0]);
		(void)close(fd[1]);
		return false;
	}
	*other = fd[1];
	return true;
}
