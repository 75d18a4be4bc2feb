/* SPDX-License-Identifier: BSD-2-Clause */
/* Scenes on how a connection opens, or does not. */
#include <stdio.h>

#include "cmd/stage.h"
#include "lab/apps.h"
#include "observe/words.h"

#define PORT 80
#define DELAY HF_MS(20) /* each way */

/* An opening: a client that connects and closes, and perhaps a server that does likewise. */
typedef struct opening {
	hf_stage *stage;
	hf_lab_server listener;
	hf_lab_talk client, server;
	hf_err err;
} opening;

static void on_accepted(void *ctx, hf_lab_server *listener, hf_conn conn)
{
	opening *o = ctx;
	hf_lab_talk_plan plan = { .ending = HF_LAB_SHUTDOWN };

	hf_lab_talk_on(&o->server, listener->app.host, conn, &plan);
}

/* Starts both ends; the server only if somebody is to listen. */
static void start(opening *o, uint64_t seed, bool has_listener, bool shows_filtered)
{
	hf_stage_plan plan = { .seed = seed,
			       .path = { .delay = DELAY },
			       .shows_filtered = shows_filtered };
	hf_endpoint at;

	*o = (opening){ .stage = hf_stage_new(&plan) };
	o->listener.accepted = on_accepted;
	o->listener.ctx = o;
	at = hf_stage_server_at(o->stage, PORT);
	if (has_listener)
		o->err = hf_lab_server_open(&o->listener, hf_stage_server(o->stage), &at, NULL);
	if (o->err == HF_OK)
		o->err = hf_lab_talk_open(&o->client, hf_stage_client(o->stage), &at, NULL,
					  &(hf_lab_talk_plan){ .ending = HF_LAB_ANSWER });
}

static hf_scene_end end(opening *o, bool good, const char *what)
{
	bool is_clean = hf_stage_free(o->stage);

	return hf_stage_verdict(good && is_clean && o->err == HF_OK, "%s", what);
}

hf_scene_end hf_scene_three_messages(uint64_t seed)
{
	hf_conn_info info = { 0 };
	hf_stage *s;
	opening o;

	start(&o, seed, true, false);
	s = o.stage;
	/* The third message has left by now; the client's own end has not been answered yet. */
	hf_lab_run_until(hf_stage_lab(s), (hf_time){ 2 * DELAY + HF_MS(1) });
	if (o.err == HF_OK)
		o.err = hf_conn_info_get(hf_lab_stack(hf_stage_client(s)), o.client.app.conn,
					 &info);
	hf_stage_run(s, HF_SEC(5));
	hf_stage_say(
		"The client began to count at %u, the server at %u. Each told the other, and each "
		"was told that it was understood: the acknowledgement is the number that is "
		"expected next, one more.",
		info.iss, info.irs);
	return end(&o,
		   o.client.connected && o.server.sent_all &&
			   o.client.reason == HF_WHY_CLOSED_BY_BOTH,
		   "Opened by three messages, closed by both sides.");
}

/* The lost one is known by the time the first answer is there. */
static hf_scene_end tell_delay(opening *o, const char *what)
{
	char buffer[160], since[24];
	hf_text t = hf_text_in(since, sizeof(since));
	bool good = o->client.got_end && o->client.reason == HF_WHY_CLOSED_BY_BOTH;

	hf_words_span(&t, hf_time_diff(o->client.ended, o->client.started));
	snprintf(buffer, sizeof(buffer), "%s, all of it took %s instead of %d ms.", what, since,
		 (int)(4 * DELAY / HF_MS(1)));
	return end(o, good, buffer);
}

static void plug_in(void *ctx)
{
	hf_lab_link_up(ctx, true);
}

hf_scene_end hf_scene_lost_syn(uint64_t seed)
{
	opening o;
	hf_lab_link *wire;

	start(&o, seed, true, false);
	wire = hf_stage_wire(o.stage);
	hf_lab_link_up(wire, false);
	hf_lab_after(hf_stage_lab(o.stage), HF_MS(500), plug_in, wire);
	hf_stage_run(o.stage, HF_SEC(10));
	return tell_delay(&o,
			  "The client asked again when one second had passed without an answer");
}

static void heal(void *ctx)
{
	opening *o = ctx;
	hf_lab_path path = { .delay = DELAY };

	hf_lab_path_set(hf_stage_wire(o->stage), hf_stage_server(o->stage), &path);
}

hf_scene_end hf_scene_lost_syn_ack(uint64_t seed)
{
	hf_lab_path broken = { .delay = DELAY, .loss = 1000000 };
	opening o;

	start(&o, seed, true, false);
	hf_lab_path_set(hf_stage_wire(o.stage), hf_stage_server(o.stage), &broken);
	hf_lab_after(hf_stage_lab(o.stage), HF_MS(500), heal, &o);
	hf_stage_run(o.stage, HF_SEC(10));
	return tell_delay(
		&o, "Both have a timer; whoever runs out first repeats, and nothing opens twice");
}

hf_scene_end hf_scene_closed_port(uint64_t seed)
{
	opening o;

	start(&o, seed, false, false);
	hf_stage_run(o.stage, HF_SEC(5));
	hf_stage_say("The verdict of the client's stack: %s (%s).", hf_reason_name(o.client.reason),
		     hf_reason_text(o.client.reason));
	return end(&o, o.client.is_over && o.client.reason == HF_WHY_REFUSED_BY_PEER,
		   "Refused after one round trip: the host is there, the service is not.");
}

static hf_lab_verdict drop(void *ctx, int from, hf_lab_packet *packet)
{
	(void)ctx;
	(void)packet;
	return from == 0 ? HF_LAB_DROP : HF_LAB_PASS;
}

hf_scene_end hf_scene_silent_firewall(uint64_t seed)
{
	char text[32];
	hf_text t = hf_text_in(text, sizeof(text));
	opening o;

	start(&o, seed, true, true);
	if (hf_lab_filter_add(hf_stage_wire(o.stage), drop, NULL) != HF_OK)
		o.err = HF_ERR_LIMIT;
	hf_stage_run(o.stage, HF_SEC(400));
	hf_words_span(&t, hf_time_diff(o.client.ended, o.client.started));
	hf_stage_say(
		"The verdict of the client's stack: %s (%s), after %s. Each wait is twice as long "
		"as the one before.",
		hf_reason_name(o.client.reason), hf_reason_text(o.client.reason), text);
	return end(&o, o.client.is_over && o.client.reason == HF_WHY_SYN_TIMEOUT,
		   "No answer at all: a firewall, a dead host or a broken path; a reset would have "
		   "said more.");
}
