/* SPDX-License-Identifier: BSD-2-Clause */
/* Urgent data between two ends: whatever the path does, no mark is lost, late or misplaced. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "lab/apps.h"

#include <handfast/urgent.h>

#define TOTAL 200000u
#define CHUNK 4000u
#define MARKS_MAX 4096
#define STREAM 7
#define LIMIT HF_SEC(3600)
#define SEEDS 300

/*
 * The sender writes pieces of random length, one in five of them urgent, and notes where each
 * urgent one ends. The reader reads pieces of random length, slowly at times. What the stack tells
 * it of the mark, and where it lets it stop, must be ends of urgent pieces; the last one must be
 * among them (RFC 9293 3.8.5, MUST-31 to 33).
 */
typedef struct end {
	hf_lab_app app;
	struct talk *talk;
	uint64_t done; /* octets sent, or read */
	bool waits;    /* for its own timer */
	bool is_over;
	hf_reason reason;
} end;

typedef struct talk {
	uint64_t seed;
	hf_lab *lab;
	hf_lab_random random;
	hf_lab_server server;
	end sender, reader;
	uint64_t marks[MARKS_MAX]; /* octets before the end of each urgent piece */
	unsigned count;
	uint64_t told, stopped; /* the last mark that the reader heard of, and stopped before */
	unsigned stops;
	bool is_apart;
	uint64_t apart; /* octets that were not in the stream */
} talk;

static hf_stack *stack_of(const end *e)
{
	return hf_lab_stack(e->app.host);
}

static bool is_mark(const talk *t, uint64_t at)
{
	for (unsigned i = t->count; i-- > 0;)
		if (t->marks[i] == at)
			return true;
	return false;
}

static void blame(const talk *t, const char *what)
{
	print_error("seed %llu: %s (read %llu, told %llu, stopped %llu)\n",
		    (unsigned long long)t->seed, what, (unsigned long long)t->reader.done,
		    (unsigned long long)t->told, (unsigned long long)t->stopped);
	assert_true(false);
}

static void end_closed(end *e, const hf_event *event)
{
	e->is_over = true;
	e->reason = event->reason;
	hf_conn_close(stack_of(e), e->app.conn);
	hf_lab_app_detach(&e->app);
}

/* ---- Sending ---- */

static void write_some(end *e)
{
	talk *t = e->talk;
	uint8_t octets[CHUNK];
	hf_err err = HF_OK;

	while (err == HF_OK && e->done < TOTAL) {
		uint64_t len = 1 + hf_lab_random_below(&t->random, CHUNK);
		bool urgent = hf_lab_random_below(&t->random, 5) == 0 && t->count < MARKS_MAX;
		size_t sent = 0;

		len = len < TOTAL - e->done ? len : TOTAL - e->done;
		hf_lab_stream(STREAM, e->done, octets, (size_t)len);
		err = urgent ? hf_conn_send_urgent(stack_of(e), e->app.conn, octets, (size_t)len,
						   &sent) :
			       hf_conn_send(stack_of(e), e->app.conn, octets, (size_t)len, &sent);
		e->done += sent;
		if (urgent && sent > 0)
			t->marks[t->count++] = e->done;
		if (hf_lab_random_below(&t->random, 4) == 0) { /* and goes on a little later */
			hf_lab_app_timer(&e->app,
					 1 + (hf_ns)hf_lab_random_below(&t->random, HF_MS(200)));
			return;
		}
	}
	if (e->done == TOTAL)
		hf_conn_shutdown(stack_of(e), e->app.conn);
}

static void sender_event(hf_lab_app *self, const hf_event *event)
{
	end *e = (end *)self;

	if (event->bits & HF_EVENT_CLOSED)
		end_closed(e, event);
	else if (event->bits & (HF_EVENT_CONNECTED | HF_EVENT_WRITABLE))
		write_some(e);
}

static void sender_timer(hf_lab_app *self)
{
	write_some((end *)self);
}

/* ---- Reading ---- */

/* What is told of the mark must be the end of an urgent piece, and may never go back. */
static void look(end *e)
{
	talk *t = e->talk;
	hf_conn_urgent u;

	if (hf_conn_urgent_get(stack_of(e), e->app.conn, &u) != HF_OK || u.ahead == 0)
		return;
	if (!is_mark(t, e->done + u.ahead) || e->done + u.ahead < t->told)
		blame(t, "a mark where none was set");
	t->told = e->done + u.ahead;
	if (u.at_mark && t->stopped != t->told) {
		t->stopped = t->told;
		t->stops++;
	}
}

/* Where the octet is kept apart, the stream goes on behind it. */
static void take_apart(end *e)
{
	talk *t = e->talk;
	uint8_t octet, right;

	if (!t->is_apart || t->told != e->done + 1)
		return;
	hf_lab_stream(STREAM, e->done, &right, 1);
	if (hf_conn_urgent_octet(stack_of(e), e->app.conn, false, &octet) != HF_OK)
		return;
	if (octet != right)
		blame(t, "another octet than the urgent one");
	e->done++;
	t->apart++;
}

static void read_some(end *e)
{
	talk *t = e->talk;
	uint8_t octets[CHUNK];
	size_t got = 1;

	while (got > 0 && !e->is_over) {
		size_t len = 1 + (size_t)hf_lab_random_below(&t->random, CHUNK);

		look(e);
		take_apart(e);
		if (hf_conn_receive(stack_of(e), e->app.conn, octets, len, &got) != HF_OK)
			return;
		if (hf_lab_stream_check(STREAM, e->done, octets, got) < got)
			blame(t, "a wrong octet");
		e->done += got;
		if (got > 0 && hf_lab_random_below(&t->random, 3) == 0) {
			look(e);
			e->waits = true;
			hf_lab_app_timer(&e->app,
					 1 + (hf_ns)hf_lab_random_below(&t->random, HF_MS(150)));
			return;
		}
	}
	hf_conn_shutdown(stack_of(e), e->app.conn);
}

static void reader_event(hf_lab_app *self, const hf_event *event)
{
	end *e = (end *)self;

	look(e);
	if (event->bits & HF_EVENT_CLOSED)
		end_closed(e, event);
	else if (!e->waits)
		read_some(e);
}

static void reader_timer(hf_lab_app *self)
{
	end *e = (end *)self;

	e->waits = false;
	read_some(e);
}

static const hf_lab_app_kind sender_kind = { "sender", sender_event, sender_timer };
static const hf_lab_app_kind reader_kind = { "reader", reader_event, reader_timer };

static void accepted(void *ctx, hf_lab_server *server, hf_conn conn)
{
	talk *t = ctx;

	t->reader = (end){ .app.kind = &reader_kind, .talk = t };
	hf_conn_set(hf_lab_stack(server->app.host), conn, HF_OPTION_URGENT_APART, t->is_apart);
	hf_lab_app_on_conn(&t->reader.app, server->app.host, conn);
	reader_event(&t->reader.app, &(hf_event){ 0 });
}

/* ---- A seed ---- */

static hf_config config_of(talk *t)
{
	return (hf_config){
		.mtu = 1500,
		.receive_buffer = 4000u + (uint32_t)hf_lab_random_below(&t->random, 60000),
		/* less than an urgent pointer can reach over */
		.send_buffer = 8000u + (uint32_t)hf_lab_random_below(&t->random, 50000),
		.no_timestamps = hf_lab_random_below(&t->random, 2) == 0,
		.no_sack = hf_lab_random_below(&t->random, 3) == 0,
		.ecn = hf_lab_random_below(&t->random, 2) ? HF_ECN_REQUEST : HF_ECN_ACCURATE,
	};
}

static void run(uint64_t seed, bool is_apart, talk *t)
{
	hf_lab_path path;
	hf_endpoint local = { .port = 80 }, remote;
	hf_lab_node *host[2];
	hf_config config;

	*t = (talk){ .seed = seed, .is_apart = is_apart };
	t->random = hf_lab_random_of(seed, "urgent");
	t->lab = hf_lab_new(seed);
	path = (hf_lab_path){
		.delay = (hf_ns)hf_lab_random_below(&t->random, HF_MS(60)),
		.rate = 2000000 + hf_lab_random_below(&t->random, 50000000),
		.loss = (hf_lab_ppm)hf_lab_random_below(&t->random, 60000),
		.reorder = (hf_lab_ppm)hf_lab_random_below(&t->random, 60000),
		.reorder_delay = HF_MS(20),
		.duplicate = (hf_lab_ppm)hf_lab_random_below(&t->random, 30000),
		.mark = (hf_lab_ppm)hf_lab_random_below(&t->random, 30000),
	};
	config = config_of(t);
	assert_int_equal(hf_lab_host_add(t->lab, "sender", "10.0.0.1/24", &config, &host[0]),
			 HF_OK);
	config = config_of(t);
	assert_int_equal(hf_lab_host_add(t->lab, "reader", "10.0.0.2/24", &config, &host[1]),
			 HF_OK);
	assert_int_equal(hf_lab_link_add("wire", host[0], host[1], &path, NULL), HF_OK);
	t->server = (hf_lab_server){ .accepted = accepted, .ctx = t };
	assert_int_equal(hf_lab_server_open(&t->server, host[1], &local, NULL), HF_OK);
	remote = (hf_endpoint){ hf_lab_address(host[1], 4), 80 };
	t->sender = (end){ .app.kind = &sender_kind, .talk = t };
	assert_int_equal(hf_conn_open(hf_lab_stack(host[0]), &remote, NULL, hf_lab_now(t->lab),
				      &t->sender.app.conn),
			 HF_OK);
	hf_lab_app_on_conn(&t->sender.app, host[0], t->sender.app.conn);
	hf_lab_touch(host[0]);
	hf_lab_run_until(t->lab, (hf_time){ LIMIT });
}

static void judge(talk *t)
{
	if (t->reader.done != TOTAL || t->sender.done != TOTAL)
		blame(t, "the stream did not arrive");
	if (t->sender.reason != HF_WHY_CLOSED_BY_BOTH || t->reader.reason != HF_WHY_CLOSED_BY_BOTH)
		blame(t, "the connection did not end as it should");
	if (t->count > 0 && t->told != t->marks[t->count - 1])
		blame(t, "the last mark was not told");
	if (t->count > 0 && t->stopped != t->marks[t->count - 1])
		blame(t, "the last mark was read over");
	hf_lab_server_close(&t->server);
	if (hf_lab_free(t->lab) != 0)
		blame(t, "memory was lost");
}

static void seeds(bool is_apart)
{
	static talk t;
	uint64_t stops = 0, apart = 0;

	for (uint64_t seed = 1; seed <= SEEDS; seed++) {
		run(seed, is_apart, &t);
		judge(&t);
		stops += t.stops;
		apart += t.apart;
	}
	assert_true(stops > 2 * SEEDS);
	if (is_apart)
		assert_true(apart > SEEDS);
	else
		assert_int_equal(apart, 0);
}

static void in_line_each_mark_is_where_it_was_set(void **state)
{
	(void)state;
	seeds(false);
}

static void kept_apart_the_octet_is_the_urgent_one(void **state)
{
	(void)state;
	seeds(true);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(in_line_each_mark_is_where_it_was_set),
		cmocka_unit_test(kept_apart_the_octet_is_the_urgent_one),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
