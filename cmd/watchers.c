/* SPDX-License-Identifier: BSD-2-Clause */
/* Shows every packet, once its verdict is known, to the observers that were asked for. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "cmd/say.h"
#include "cmd/watchers.h"
#include "io/capture.h"
#include "io/clock.h"
#include "io/random.h"
#include "observe/flow.h"
#include "observe/json.h"
#include "observe/ladder.h"
#include "observe/term.h"
#include "observe/trace.h"

#define FLOWS 4096u
#define PATIENCE HF_SEC(1) /* after which folded lines of a ladder are shown */

struct hf_watchers {
	hf_wire *wire;
	hf_tracker *tracker; /* NULL: only a capture is wanted */
	hf_ladder *ladder;
	hf_alarm ladder_alarm;
	FILE *trace, *json;
	hf_capture *capture;
	hf_time origin;
	hf_exit code; /* of the first thing that could not be written */
};

static void to_file(void *ctx, const char *text, size_t len)
{
	fwrite(text, 1, len, ctx);
}

static hf_sink sink_of(FILE *file)
{
	return (hf_sink){ to_file, file };
}

/* ---- What is shown ---- */

static void show(hf_watchers *w, const hf_step *step)
{
	hf_sink trace = sink_of(w->trace), json = sink_of(w->json);

	if (w->ladder) {
		hf_ladder_step(w->ladder, step);
		if (!w->ladder_alarm.is_set)
			hf_alarm_set(w->wire->poller, &w->ladder_alarm,
				     hf_time_add(step->at, PATIENCE));
	}
	if (w->trace)
		hf_trace_step(step, w->origin, &trace);
	if (w->json)
		hf_json_step(step, &json);
}

static void on_ladder_alarm(void *ctx, hf_time now)
{
	hf_watchers *w = ctx;

	(void)now;
	hf_ladder_flush(w->ladder);
}

static void on_packet(void *ctx, bool leaving, const hf_packet *packet, hf_time now)
{
	hf_watchers *w = ctx;
	hf_way way = leaving ? HF_WAY_LEAVING : HF_WAY_ARRIVING;
	hf_seen seen = hf_seen_of(packet, w->wire->link->kind, way, now);
	hf_step step;

	hf_tracker_see(w->tracker, &seen, &step);
	show(w, &step);
}

void hf_watchers_event(hf_watchers *w, const hf_event *event)
{
	hf_time now = hf_poller_now(w->wire->poller);
	hf_sink json = sink_of(w->json);
	hf_conn_info info;
	hf_step step;

	if (!w->tracker || !(event->bits & HF_EVENT_CLOSED) ||
	    hf_conn_info_get(w->wire->stack, event->conn, &info) != HF_OK)
		return;
	if (hf_tracker_verdict(w->tracker, (hf_endpoint[]){ info.local, info.remote },
			       event->reason, now, &step))
		show(w, &step);
	if (w->json)
		hf_json_connection(&info, now, &json);
}

static hf_exit say_unwritten(const char *name)
{
	return hf_say_errno("cannot write to %s",
			    strcmp(name, "-") == 0 ? "the standard output" : name);
}

/* Before the loop sleeps: somebody may be reading along. A reader that is gone ends the command. */
static void on_idle(void *ctx)
{
	hf_watchers *w = ctx;

	if (!w->json || w->code != HF_EXIT_OK || fflush(w->json) == 0)
		return;
	w->code = say_unwritten(w->wire->settings->json);
	hf_loop_stop(w->wire->loop);
}

static void on_capture_error(void *ctx, const hf_io_error *error)
{
	hf_watchers *w = ctx;

	hf_say("%s", error->text);
	w->code = HF_EXIT_LOCAL;
}

/* ---- Opening ---- */

static bool open_ladder(hf_watchers *w)
{
	int fd = w->wire->settings->ladder_fd;
	hf_term term = hf_term_detect(fd);
	hf_ladder_style style = { term.unicode, term.colour, term.width };
	hf_sink sink = sink_of(fd == STDOUT_FILENO ? stdout : stderr);

	w->ladder_alarm = (hf_alarm){ .fn = on_ladder_alarm, .ctx = w };
	w->ladder = hf_ladder_new(FLOWS, &style, &sink);
	return w->ladder;
}

static bool open_tracker(hf_watchers *w)
{
	hf_observer observer = { .packet = on_packet, .idle = on_idle, .ctx = w };
	uint64_t secret[4];
	hf_io_error error;

	if (!hf_random_secret(secret, &error))
		return false;
	w->tracker = hf_tracker_new(FLOWS, &(hf_sipkey){ secret[0], secret[1] });
	return w->tracker && hf_loop_observe(w->wire->loop, &observer);
}

static hf_exit open_json(hf_watchers *w, const char *name)
{
	w->json = strcmp(name, "-") == 0 ? stdout : fopen(name, "we");
	return w->json ? HF_EXIT_OK : hf_say_errno("cannot write to %s", name);
}

static hf_exit open_capture(hf_watchers *w, const char *name)
{
	hf_capture_options options = {
		.path = name,
		.link_name = w->wire->link->name,
		.kind = w->wire->link->kind,
		.wall_offset = hf_clock_wall_offset(),
		.on_error = on_capture_error,
		.ctx = w,
	};
	hf_observer observer;
	hf_io_error error;

	if (!hf_capture_open(&options, &w->capture, &error)) {
		hf_say("%s", error.text);
		return hf_exit_of_errno(error.code);
	}
	observer = hf_capture_observer(w->capture);
	hf_loop_observe(w->wire->loop, &observer);
	return HF_EXIT_OK;
}

static hf_exit open_all(hf_watchers *w, const hf_wire_settings *s)
{
	hf_exit code = HF_EXIT_OK;

	w->trace = s->trace ? stderr : NULL;
	if (s->json)
		code = open_json(w, s->json);
	if (code == HF_EXIT_OK && s->pcap)
		code = open_capture(w, s->pcap);
	if (code != HF_EXIT_OK)
		return code;
	if ((s->ladder && !open_ladder(w)) ||
	    ((w->ladder || w->trace || w->json) && !open_tracker(w))) {
		hf_say("no memory for watching");
		return HF_EXIT_LOCAL;
	}
	return HF_EXIT_OK;
}

hf_exit hf_watchers_new(hf_wire *wire, hf_watchers **out)
{
	hf_watchers *w = calloc(1, sizeof(*w));
	hf_exit code;

	if (!w) {
		hf_say("no memory for watching");
		return HF_EXIT_LOCAL;
	}
	w->wire = wire;
	w->origin = hf_clock_now();
	code = open_all(w, wire->settings);
	if (code == HF_EXIT_OK)
		*out = w;
	else
		hf_watchers_free(w);
	return code;
}

/* ---- Closing ---- */

static void close_json(hf_watchers *w)
{
	hf_sink sink = sink_of(w->json);
	const char *name = w->wire->settings->json;

	for (uint32_t n = 0; w->tracker && n < hf_tracker_slots(w->tracker); n++) {
		const hf_flow *flow = hf_tracker_flow(w->tracker, n);

		if (flow && flow->over == HF_WHY_NONE)
			hf_json_flow(flow, &sink);
	}
	/* The standard output is checked when the command ends. */
	if (w->json != stdout && fclose(w->json) != 0 && w->code == HF_EXIT_OK)
		w->code = say_unwritten(name);
}

hf_exit hf_watchers_free(hf_watchers *w)
{
	hf_io_error error;
	hf_exit code;

	if (!w)
		return HF_EXIT_OK;
	if (w->ladder) {
		hf_alarm_clear(w->wire->poller, &w->ladder_alarm);
		hf_ladder_flush(w->ladder);
	}
	if (w->json)
		close_json(w);
	if (!hf_capture_close(w->capture, &error) && w->code == HF_EXIT_OK) {
		hf_say("%s", error.text);
		w->code = HF_EXIT_LOCAL;
	}
	hf_ladder_free(w->ladder);
	hf_tracker_free(w->tracker);
	code = w->code;
	free(w);
	return code;
}
