/* SPDX-License-Identifier: BSD-2-Clause */
/* A web site on the wire: libmicrohttpd speaks HTTP, Handfast is the TCP below it. */
/*
 * Theory of operation
 * -------------------
 * A connection that the stack has accepted is joined by a pump with one end of a socket pair; the
 * other end is given to libmicrohttpd, which takes it for a connection that somebody else has
 * accepted. The library runs in our thread: its epoll descriptor is one more descriptor of our
 * loop, its timeout one more alarm.
 */
#include <stdlib.h>

#include "cmd/http.h"
#include "cmd/say.h"
#include "cmd/site.h"

struct hf_site {
	hf_wire *wire;
	hf_listener listener;
	hf_http *http;
};

static void on_event(void *ctx, const hf_event *event)
{
	hf_site *s = ctx;
	hf_io_error error;
	hf_conn conn;

	if (!(event->bits & HF_EVENT_ACCEPTABLE))
		return;
	while (hf_listener_accept(s->wire->stack, s->listener, &conn) == HF_OK) {
		hf_pump_options options = { .conn = conn };
		hf_conn_info info = { 0 };
		int other;

		hf_conn_info_get(s->wire->stack, conn, &info);
		if (hf_pump_new_socket(s->wire->bridge, &options, &other, &error)) {
			hf_http_add(s->http, other, &info.remote);
			continue;
		}
		hf_say("a client is turned away: %s", error.text);
		hf_conn_abort(s->wire->stack, conn);
	}
}

hf_exit hf_site_new(hf_wire *wire, int root, uint16_t port, hf_site **out)
{
	hf_listener_options options = hf_wire_listening(wire->settings);
	hf_endpoint local = { .port = port };
	hf_site *s = calloc(1, sizeof(*s));
	hf_io_error error;
	hf_err err;

	if (!s) {
		hf_say("no memory for the server");
		return HF_EXIT_LOCAL;
	}
	s->wire = wire;
	err = hf_listener_open(wire->stack, &local, &options, &s->listener);
	if (err != HF_OK)
		hf_say("cannot listen on port %u: %s", port, hf_err_text(err));
	else if (!hf_http_new(root, wire->poller, wire->settings->quiet, &s->http, &error))
		hf_say("%s", error.text);
	if (!s->http) {
		hf_site_free(s);
		return HF_EXIT_LOCAL;
	}
	wire->on_event = on_event;
	wire->ctx = s;
	*out = s;
	return HF_EXIT_OK;
}

void hf_site_free(hf_site *s)
{
	if (!s)
		return;
	s->wire->on_event = NULL;
	hf_http_free(s->http);
	free(s);
}

uint64_t hf_site_requests(const hf_site *s)
{
	return hf_http_requests(s->http);
}
