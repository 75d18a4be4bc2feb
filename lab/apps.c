/* SPDX-License-Identifier: BSD-2-Clause */
/* Ready applications: the talker, the server, the echo. */
#include "lab/apps.h"

#include <string.h>

#define CHUNK 16384u
#define WORD 8u          /* octets */
#define RETRY HF_MS(100) /* after an error that may pass: no memory */

/* ---- Streams ---- */

/* A word of the stream: number `n` of `key` (the finaliser of splitmix64). */
static uint64_t stream_word(uint64_t key, uint64_t n)
{
	uint64_t z = key + (n + 1) * 0x9e3779b97f4a7c15;

	z = (z ^ z >> 30) * 0xbf58476d1ce4e5b9;
	z = (z ^ z >> 27) * 0x94d049bb133111eb;
	return z ^ z >> 31;
}

/* The octets of word `n` from its `first` on, the lowest first. */
static void put_word(uint8_t to[WORD], uint64_t key, uint64_t n, unsigned first)
{
	uint64_t word = stream_word(key, n) >> first * 8;

	for (unsigned i = 0; i < WORD; i++)
		to[i] = (uint8_t)(word >> i * 8);
}

/* The octets of the stream from `at` to the end of their word, `max` at most. Returns how many. */
static size_t stream_octets(uint64_t key, uint64_t at, uint8_t to[WORD], size_t max)
{
	unsigned first = at % WORD;

	put_word(to, key, at / WORD, first);
	return WORD - first < max ? WORD - first : max;
}

/* Whole words go in loops of their own: many octets are quickly made and checked. */
void hf_lab_stream(uint64_t key, uint64_t at, uint8_t *to, size_t len)
{
	uint8_t octet[WORD];
	size_t i = 0, n;

	while (i < len) {
		n = stream_octets(key, at + i, octet, len - i);
		memcpy(&to[i], octet, n);
		for (i += n; len - i >= WORD; i += WORD) {
			put_word(octet, key, (at + i) / WORD, 0);
			memcpy(&to[i], octet, WORD);
		}
	}
}

/* How many octets of whole words from `at`, where one begins, are right. */
static size_t right_words(uint64_t key, uint64_t at, const uint8_t *octets, size_t len)
{
	uint8_t word[WORD];
	size_t i = 0;

	for (; len - i >= WORD; i += WORD) {
		put_word(word, key, (at + i) / WORD, 0);
		if (memcmp(&octets[i], word, WORD) != 0)
			break;
	}
	return i;
}

size_t hf_lab_stream_check(uint64_t key, uint64_t at, const uint8_t *octets, size_t len)
{
	uint8_t octet[WORD];

	for (size_t i = 0, n; i < len; i += n) {
		if ((at + i) % WORD == 0)
			i += right_words(key, at + i, &octets[i], len - i);
		n = stream_octets(key, at + i, octet, len - i);
		if (memcmp(&octets[i], octet, n) == 0)
			continue;
		for (size_t k = 0; octets[i] == octet[k]; k++)
			i++;
		return i;
	}
	return len;
}

/* ---- The talker ---- */

static hf_stack *stack_of(const hf_lab_app *app)
{
	return hf_lab_stack(app->host);
}

static hf_time now_of(const hf_lab_app *app)
{
	return hf_lab_now(hf_lab_of(app->host));
}

static void note_error(hf_lab_talk *t, hf_err err)
{
	if (t->error == HF_OK && err != HF_OK && err != HF_ERR_AGAIN)
		t->error = err;
}

static void check(hf_lab_talk *t, const uint8_t *octets, size_t len)
{
	size_t right = hf_lab_stream_check(t->plan.receive_key, t->received, octets, len);

	if (right < len && t->wrong == 0)
		t->wrong = t->received + right + 1;
	t->received += len;
}

/* Reads up to `want` octets and checks them; `*got` 0 with HF_OK: the stream has ended. */
static hf_err read_chunk(hf_lab_talk *t, size_t want, size_t *got)
{
	hf_stack *stack = stack_of(&t->app);
	uint8_t room[2048];
	const uint8_t *lent = room;
	hf_err err;

	if (t->plan.borrow) {
		err = hf_conn_peek(stack, t->app.conn, &lent, got);
		if (err == HF_OK && *got > want)
			*got = want;
	} else {
		if (want > sizeof(room))
			want = sizeof(room);
		err = hf_conn_receive(stack, t->app.conn, room, want, got);
	}
	if (err != HF_OK)
		return err;
	check(t, lent, *got);
	return t->plan.borrow && *got > 0 ? hf_conn_consume(stack, t->app.conn, *got) : HF_OK;
}

static bool may_read(const hf_lab_talk *t)
{
	return t->is_readable && !t->got_end && !hf_time_before(now_of(&t->app), t->next_read);
}

static void read_some(hf_lab_talk *t)
{
	while (may_read(t)) {
		uint32_t left = t->plan.read_chunk != 0 ? t->plan.read_chunk : CHUNK;
		size_t got = 1;
		hf_err err = HF_OK;

		while (left > 0 && got > 0 && err == HF_OK) {
			err = read_chunk(t, left, &got);
			if (err == HF_OK)
				left -= (uint32_t)got;
		}
		note_error(t, err);
		if (err != HF_OK)
			t->is_readable = false;
		t->got_end = err == HF_OK && got == 0;
		if (t->plan.read_pause > 0)
			t->next_read = hf_time_add(now_of(&t->app), t->plan.read_pause);
	}
}

/* Offers up to `want` octets of the stream. */
static hf_err write_chunk(hf_lab_talk *t, size_t want, size_t *taken)
{
	hf_stack *stack = stack_of(&t->app);
	uint8_t room[2048], *lent;
	hf_err err;

	*taken = 0;
	if (t->plan.borrow) {
		err = hf_conn_reserve(stack, t->app.conn, want, &lent, &want);
		if (err != HF_OK)
			return err;
		hf_lab_stream(t->plan.send_key, t->queued, lent, want);
		*taken = want;
		return hf_conn_commit(stack, t->app.conn, want);
	}
	if (want > sizeof(room))
		want = sizeof(room);
	hf_lab_stream(t->plan.send_key, t->queued, room, want);
	return hf_conn_send(stack, t->app.conn, room, want, taken);
}

static bool may_write(const hf_lab_talk *t)
{
	return t->is_writable && !t->is_over && t->queued < t->plan.send && !t->has_shut &&
	       (t->plan.ending != HF_LAB_ANSWER || t->got_end) &&
	       !hf_time_before(now_of(&t->app), t->next_write);
}

static void write_some(hf_lab_talk *t)
{
	while (may_write(t)) {
		uint64_t rest = t->plan.send - t->queued;
		size_t left = t->plan.write_chunk != 0 ? t->plan.write_chunk : CHUNK;
		size_t taken = 1;
		hf_err err = HF_OK;

		if (left > rest)
			left = (size_t)rest;
		while (left > 0 && taken > 0 && err == HF_OK) {
			err = write_chunk(t, left, &taken);
			if (err == HF_OK) {
				left -= taken;
				t->queued += taken;
			}
		}
		note_error(t, err);
		if (err == HF_ERR_NO_MEMORY)
			t->next_write = hf_time_add(now_of(&t->app), RETRY);
		else if (err != HF_OK || left > 0)
			t->is_writable = false; /* an event will say when there is room */
		else if (t->plan.write_pause > 0)
			t->next_write = hf_time_add(now_of(&t->app), t->plan.write_pause);
	}
}

static void finish(hf_lab_talk *t, hf_err (*how)(hf_stack *, hf_conn))
{
	t->is_done = true;
	t->ended = now_of(&t->app);
	note_error(t, how(stack_of(&t->app), t->app.conn));
	hf_lab_app_detach(&t->app);
}

static bool is_time_to_abort(const hf_lab_talk *t)
{
	const hf_lab_talk_plan *plan = &t->plan;

	if (t->is_over)
		return false;
	return (plan->abort_at != 0 && t->queued + t->received >= plan->abort_at) ||
	       (plan->abort_after != 0 &&
		hf_time_diff(now_of(&t->app), t->started) >= plan->abort_after);
}

static bool is_time_to_shut(const hf_lab_talk *t)
{
	if (t->has_shut || t->is_over || t->queued < t->plan.send || !t->connected ||
	    hf_time_before(now_of(&t->app), t->next_write))
		return false;
	return t->got_end || (t->plan.ending != HF_LAB_ANSWER && t->plan.ending != HF_LAB_LAST);
}

static void end_some(hf_lab_talk *t)
{
	if (is_time_to_abort(t)) {
		t->was_aborted = true;
		finish(t, hf_conn_abort);
		return;
	}
	if (is_time_to_shut(t)) {
		hf_err err = hf_conn_shutdown(stack_of(&t->app), t->app.conn);

		note_error(t, err);
		t->has_shut = err == HF_OK;
		t->next_write = hf_time_add(now_of(&t->app), t->has_shut ? 0 : RETRY);
	}
	if (t->plan.ending == HF_LAB_CLOSE && t->has_shut && !t->is_over &&
	    t->received == t->plan.expect) {
		t->was_closed = true;
		finish(t, hf_conn_close);
	}
}

static void arm(hf_lab_talk *t)
{
	hf_time now = now_of(&t->app), next = HF_NEVER;

	if (!t->got_end && hf_time_before(now, t->next_read))
		next = hf_time_min(next, t->next_read);
	if (!t->has_shut && hf_time_before(now, t->next_write))
		next = hf_time_min(next, t->next_write);
	if (t->plan.abort_after != 0 && !t->is_over)
		next = hf_time_min(next, hf_time_add(t->started, t->plan.abort_after));
	if (next.ns != HF_NEVER.ns)
		hf_lab_app_timer(&t->app, hf_time_diff(next, now));
}

/* Everything that can be done now. Of a connection that has ended what was received is still
 * read. */
static void talk(hf_lab_talk *t)
{
	read_some(t);
	write_some(t);
	end_some(t);
	if (t->is_done)
		return;
	if (t->is_over && (t->got_end || !hf_time_before(now_of(&t->app), t->next_read)))
		finish(t, hf_conn_close);
	else
		arm(t);
}

static void talk_event(hf_lab_app *self, const hf_event *event)
{
	hf_lab_talk *t = (hf_lab_talk *)self;

	if ((event->bits & HF_EVENT_CONNECTED) != 0)
		t->connected = true;
	if ((event->bits & HF_EVENT_READABLE) != 0)
		t->is_readable = true;
	if ((event->bits & HF_EVENT_WRITABLE) != 0)
		t->is_writable = true;
	if ((event->bits & HF_EVENT_SENT_ALL) != 0 && t->has_shut)
		t->sent_all = true;
	if ((event->bits & HF_EVENT_CLOSED) != 0) {
		t->is_over = true;
		t->reason = event->reason;
	}
	talk(t);
}

static void talk_timer(hf_lab_app *self)
{
	talk((hf_lab_talk *)self);
}

static const hf_lab_app_kind talk_kind = { "talk", talk_event, talk_timer };

static void talk_start(hf_lab_talk *t, hf_lab_node *host, hf_conn conn,
		       const hf_lab_talk_plan *plan)
{
	t->app.kind = &talk_kind;
	t->is_readable = t->is_writable = true; /* until a call says otherwise */
	t->plan = *plan;
	hf_lab_app_on_conn(&t->app, host, conn);
	t->started = t->next_read = t->next_write = now_of(&t->app);
	/* Without memory for the option nothing would end a silent connection: it is given up. */
	if (plan->keepalive > 0 &&
	    hf_conn_set(stack_of(&t->app), conn, HF_OPTION_KEEPALIVE, plan->keepalive) != HF_OK)
		t->plan.abort_after = 1;
}

/* With Fast Open the SYN may wait for text: now, or none. */
static void talk_first(hf_lab_talk *t)
{
	size_t none;

	talk(t);
	if (t->queued == 0 && !t->is_done)
		hf_conn_send(stack_of(&t->app), t->app.conn, "", 0, &none);
}

hf_err hf_lab_talk_open(hf_lab_talk *t, hf_lab_node *host, const hf_endpoint *remote,
			const hf_conn_options *options, const hf_lab_talk_plan *plan)
{
	hf_conn conn;
	hf_err err = hf_conn_open(hf_lab_stack(host), remote, options, hf_lab_now(hf_lab_of(host)),
				  &conn);

	if (err == HF_OK) {
		talk_start(t, host, conn, plan);
		if (options != NULL && options->fast_open)
			talk_first(t);
		else
			arm(t);
	}
	return err;
}

void hf_lab_talk_on(hf_lab_talk *t, hf_lab_node *host, hf_conn conn, const hf_lab_talk_plan *plan)
{
	talk_start(t, host, conn, plan);
	t->connected = true;
	talk(t);
}

/* ---- The server ---- */

static void accept_some(hf_lab_server *server)
{
	hf_conn conn;

	while (server->is_open &&
	       hf_listener_accept(stack_of(&server->app), server->app.listener, &conn) == HF_OK) {
		server->count++;
		server->accepted(server->ctx, server, conn);
		if (server->pause > 0) {
			hf_lab_app_timer(&server->app, server->pause);
			return;
		}
	}
}

static void server_event(hf_lab_app *self, const hf_event *event)
{
	(void)event;
	if (self->timer.ns == HF_NEVER.ns)
		accept_some((hf_lab_server *)self);
}

static void server_timer(hf_lab_app *self)
{
	accept_some((hf_lab_server *)self);
}

static const hf_lab_app_kind server_kind = { "server", server_event, server_timer };

hf_err hf_lab_server_open(hf_lab_server *server, hf_lab_node *host, const hf_endpoint *local,
			  const hf_listener_options *options)
{
	hf_listener listener;
	hf_err err = hf_listener_open(hf_lab_stack(host), local, options, &listener);

	if (err == HF_OK) {
		server->app.kind = &server_kind;
		server->is_open = true;
		hf_lab_app_on_listener(&server->app, host, listener);
	}
	return err;
}

void hf_lab_server_close(hf_lab_server *server)
{
	if (!server->is_open)
		return;
	server->is_open = false;
	hf_listener_close(stack_of(&server->app), server->app.listener);
	hf_lab_touch(server->app.host);
	hf_lab_app_detach(&server->app);
}

/* ---- Echo ---- */

static hf_err echo_send(hf_lab_echo *e)
{
	while (e->held_from < e->held_to) {
		size_t taken = 0;
		hf_err err = hf_conn_send(stack_of(&e->app), e->app.conn, e->held + e->held_from,
					  e->held_to - e->held_from, &taken);

		if (err != HF_OK)
			return err;
		e->held_from += (uint32_t)taken;
		e->echoed += taken;
	}
	return HF_OK;
}

static hf_err echo_receive(hf_lab_echo *e)
{
	size_t got;
	hf_err err = hf_conn_receive(stack_of(&e->app), e->app.conn, e->held, sizeof(e->held),
				     &got);

	if (err != HF_OK)
		return err;
	e->held_from = 0;
	e->held_to = (uint32_t)got;
	e->got_end = got == 0;
	return e->got_end ? hf_conn_shutdown(stack_of(&e->app), e->app.conn) : HF_OK;
}

static void echo_event(hf_lab_app *self, const hf_event *event)
{
	hf_lab_echo *e = (hf_lab_echo *)self;
	hf_err err = HF_OK;

	if ((event->bits & HF_EVENT_CLOSED) != 0) {
		e->reason = event->reason;
		e->is_done = true;
		hf_conn_close(stack_of(self), self->conn);
		hf_lab_app_detach(self);
		return;
	}
	while (err == HF_OK && !e->got_end) {
		err = echo_send(e);
		if (err == HF_OK)
			err = echo_receive(e);
	}
}

static const hf_lab_app_kind echo_kind = { "echo", echo_event, NULL };

void hf_lab_echo_on(hf_lab_echo *echo, hf_lab_node *host, hf_conn conn)
{
	const hf_event nothing = { 0 };

	echo->app.kind = &echo_kind;
	hf_lab_app_on_conn(&echo->app, host, conn);
	echo_event(&echo->app, &nothing);
}
