/* SPDX-License-Identifier: BSD-2-Clause */
/* The dialler: opens, waits for the handshake or its end, and goes on to the next address. */
#include "cmd/dial.h"
#include "cmd/say.h"
#include "io/clock.h"

static const hf_endpoint *current(const hf_dial *d)
{
	return &d->peers.at[d->next - 1];
}

static void say_failure(const hf_dial *d, const char *why)
{
	char text[HF_ENDPOINT_TEXT];

	hf_say("cannot connect to %s: %s", hf_endpoint_format(current(d), text), why);
}

static void on_alarm(void *ctx, hf_time now);

/* Opens to the next address that the stack accepts at all. False: there is none left. */
static bool open_next(hf_dial *d)
{
	hf_time now = hf_clock_now();

	while (d->next < d->peers.count) {
		const hf_endpoint *peer = &d->peers.at[d->next++];
		hf_err err = hf_conn_open(d->wire->stack, peer, NULL, now, &d->conn);

		if (err == HF_OK) {
			d->is_open = true;
			d->alarm = (hf_alarm){ .fn = on_alarm, .ctx = d };
			if (d->timeout > 0)
				hf_alarm_set(d->wire->poller, &d->alarm,
					     hf_time_add(now, d->timeout));
			return true;
		}
		say_failure(d, hf_err_text(err));
		d->code = hf_exit_of_err(err);
	}
	return false;
}

static void go_on(hf_dial *d)
{
	if (!open_next(d))
		d->done(d->ctx, d->code, (hf_conn){ 0 });
}

static void on_alarm(void *ctx, hf_time now)
{
	hf_dial *d = ctx;

	(void)now;
	say_failure(d, "no answer within the time that was given");
	d->code = HF_EXIT_SILENT;
	d->is_open = false;
	hf_conn_abort(d->wire->stack, d->conn);
	go_on(d);
}

void hf_dial_start(hf_dial *d)
{
	go_on(d);
}

bool hf_dial_event(hf_dial *d, const hf_event *event)
{
	if (!d->is_open || !hf_conn_equal(event->conn, d->conn))
		return false;
	if (event->bits & HF_EVENT_CONNECTED) {
		d->is_open = false;
		hf_alarm_clear(d->wire->poller, &d->alarm);
		d->done(d->ctx, HF_EXIT_OK, d->conn);
	} else if (event->bits & HF_EVENT_CLOSED) {
		d->is_open = false;
		hf_alarm_clear(d->wire->poller, &d->alarm);
		hf_conn_close(d->wire->stack, d->conn);
		say_failure(d, hf_reason_text(event->reason));
		d->code = hf_exit_of_reason(event->reason);
		go_on(d);
	} else if (event->bits & HF_EVENT_TROUBLE && d->wire->settings->verbose) {
		hf_say("trouble: %s", hf_reason_text(event->reason));
	}
	return true;
}

void hf_dial_stop(hf_dial *d)
{
	if (!d->is_open)
		return;
	d->is_open = false;
	hf_alarm_clear(d->wire->poller, &d->alarm);
	hf_conn_abort(d->wire->stack, d->conn);
}
