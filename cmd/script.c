/* SPDX-License-Identifier: BSD-2-Clause */
/* Two applications in a lab that speak a script. */
#include <string.h>

#include "cmd/script.h"

static hf_stack *stack_of(const hf_actor *a)
{
	return hf_lab_stack(a->app.host);
}

/* Says the rest of its own line. False: not all of it could be said yet. */
static bool speak(hf_actor *a, const char *text)
{
	size_t left = strlen(text) - a->done, sent;

	if (hf_conn_send(stack_of(a), a->app.conn, text + a->done, left, &sent) != HF_OK)
		return false;
	a->done += sent;
	return sent == left;
}

/* Hears the rest of the other's line. False: not all of it has come yet. */
static bool hear(hf_actor *a, const char *text)
{
	size_t left = strlen(text) - a->done, got;
	char octets[512];

	while (left > 0) {
		size_t most = left < sizeof(octets) ? left : sizeof(octets);

		if (hf_conn_receive(stack_of(a), a->app.conn, octets, most, &got) != HF_OK ||
		    got == 0)
			return false;
		a->is_wrong |= memcmp(octets, text + a->done, got) != 0;
		a->done += got;
		left -= got;
	}
	return true;
}

static void go_on(hf_actor *a)
{
	for (const hf_line *line; (line = &a->lines[a->at])->text; a->at++) {
		bool is_mine = line->is_servers == a->is_server;

		if (!(is_mine ? speak(a, line->text) : hear(a, line->text)))
			return;
		a->done = 0;
	}
	if (!a->has_shut)
		a->has_shut = hf_conn_shutdown(stack_of(a), a->app.conn) == HF_OK;
	if (!a->got_end) {
		char octet;
		size_t got;

		if (hf_conn_receive(stack_of(a), a->app.conn, &octet, 1, &got) != HF_OK)
			return;
		a->got_end = got == 0;
		a->is_wrong |= got > 0;
	}
}

static void on_event(hf_lab_app *app, const hf_event *event)
{
	hf_actor *a = (hf_actor *)app;

	go_on(a);
	if (!(event->bits & HF_EVENT_CLOSED))
		return;
	a->is_over = true;
	a->reason = event->reason;
	hf_conn_close(stack_of(a), app->conn);
	hf_lab_app_detach(app);
}

static const hf_lab_app_kind actor_kind = { .name = "actor", .event = on_event };

static void on_accepted(void *ctx, hf_lab_server *listener, hf_conn conn)
{
	hf_script *s = ctx;

	hf_lab_app_on_conn(&s->server.app, listener->app.host, conn);
}

hf_err hf_script_start(hf_script *s, const hf_line *lines, hf_lab_node *client, hf_lab_node *server,
		       uint16_t port)
{
	hf_endpoint at = { hf_lab_address(server, 4), port };
	hf_conn conn;
	hf_err err;

	s->client.app.kind = s->server.app.kind = &actor_kind;
	s->client.lines = s->server.lines = lines;
	s->server.is_server = true;
	s->listener.accepted = on_accepted;
	s->listener.ctx = s;
	err = hf_lab_server_open(&s->listener, server, &at, NULL);
	if (err == HF_OK)
		err = hf_conn_open(hf_lab_stack(client), &at, NULL, hf_lab_now(hf_lab_of(client)),
				   &conn);
	if (err == HF_OK) {
		hf_lab_app_on_conn(&s->client.app, client, conn);
		hf_lab_touch(client);
	}
	return err;
}

static bool is_played(const hf_actor *a)
{
	return !a->lines[a->at].text && !a->is_wrong && a->got_end && a->has_shut;
}

bool hf_script_is_played(const hf_script *s)
{
	return is_played(&s->client) && is_played(&s->server);
}
