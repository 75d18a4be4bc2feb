/* SPDX-License-Identifier: BSD-2-Clause */
/* Scenes on what goes over a connection: a page, a mail, a large file, a slow reader. */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "cmd/digest.h"
#include "cmd/script.h"
#include "cmd/stage.h"
#include "observe/words.h"

/* 2 % of the packets are lost, 1 % are overtaken; 40 ms each way. */
#define BAD_PATH                                                                                   \
	{                                                                                          \
		.delay = HF_MS(40), .loss = 20000, .reorder = 10000, .reorder_delay = HF_MS(5)     \
	}

#define FILE_OCTETS (UINT64_C(16) << 20)
#define STREAM 7 /* which pseudo-random stream the file is */

/* ---- A page and a mail ---- */

static hf_scene_end play_script(uint64_t seed, const hf_line *lines, uint16_t port,
				const char *what)
{
	hf_stage_plan plan = { .seed = seed, .path = BAD_PATH };
	hf_stage *stage = hf_stage_new(&plan);
	hf_script script = { 0 };
	hf_err err = hf_script_start(&script, lines, hf_stage_client(stage), hf_stage_server(stage),
				     port);
	bool is_clean;

	hf_stage_run(stage, HF_SEC(60));
	is_clean = hf_stage_free(stage);
	return hf_stage_verdict(err == HF_OK && is_clean && hf_script_is_played(&script), "%s",
				what);
}

hf_scene_end hf_scene_page(uint64_t seed)
{
	static const hf_line lines[] = {
		{ false, "GET / HTTP/1.1\r\nHost: server\r\nConnection: close\r\n\r\n" },
		{ true, "HTTP/1.1 200 OK\r\nContent-Type: text/html\r\nContent-Length: 52\r\n"
			"Connection: close\r\n\r\n"
			"<!DOCTYPE html>\n<title>Hello</title>\n<h1>Hello</h1>\n" },
		{ false, NULL },
	};

	return play_script(seed, lines, 80, "The page arrived, octet for octet.");
}

hf_scene_end hf_scene_mail(uint64_t seed)
{
	static const hf_line lines[] = {
		{ true, "220 server ESMTP\r\n" },
		{ false, "EHLO client\r\n" },
		{ true, "250 server\r\n" },
		{ false, "MAIL FROM:<ann@client>\r\n" },
		{ true, "250 OK\r\n" },
		{ false, "RCPT TO:<ben@server>\r\n" },
		{ true, "250 OK\r\n" },
		{ false, "DATA\r\n" },
		{ true, "354 End with a dot\r\n" },
		{ false, "Subject: Hello\r\n\r\nCan you read this?\r\n.\r\n" },
		{ true, "250 Queued\r\n" },
		{ false, "QUIT\r\n" },
		{ true, "221 Bye\r\n" },
		{ false, NULL },
	};

	for (const hf_line *line = lines; line->text; line++)
		printf("    %s: %.*s\n", line->is_servers ? "server" : "client",
		       (int)strcspn(line->text, "\r"), line->text);
	return play_script(seed, lines, 25,
			   "The mail was handed over, every line once and in order.");
}

/* ---- A large file ---- */

/* Reads to the end, hashes and compares. */
typedef struct sink {
	hf_lab_app app;
	hf_lab_server listener;
	hf_digest digest;
	uint64_t received;
	bool is_wrong, got_end;
} sink;

static void drink(sink *k)
{
	hf_stack *stack = hf_lab_stack(k->app.host);
	const uint8_t *octets;
	size_t len;

	while (!k->got_end && hf_conn_peek(stack, k->app.conn, &octets, &len) == HF_OK) {
		if (len == 0) {
			k->got_end = true;
			hf_conn_shutdown(stack, k->app.conn);
			return;
		}
		k->is_wrong |= hf_lab_stream_check(STREAM, k->received, octets, len) != len;
		hf_digest_add(&k->digest, octets, len);
		k->received += len;
		hf_conn_consume(stack, k->app.conn, len);
	}
}

static void on_sink_event(hf_lab_app *app, const hf_event *event)
{
	sink *k = (sink *)app;

	drink(k);
	if (!(event->bits & HF_EVENT_CLOSED))
		return;
	hf_conn_close(hf_lab_stack(app->host), app->conn);
	hf_lab_app_detach(app);
}

static const hf_lab_app_kind sink_kind = { .name = "sink", .event = on_sink_event };

static void on_sink_accepted(void *ctx, hf_lab_server *listener, hf_conn conn)
{
	sink *k = ctx;

	hf_lab_app_on_conn(&k->app, listener->app.host, conn);
}

static void digest_of_file(char *text)
{
	uint8_t octets[65536];
	hf_digest digest;

	hf_digest_start(&digest);
	for (uint64_t at = 0; at < FILE_OCTETS; at += sizeof(octets)) {
		hf_lab_stream(STREAM, at, octets, sizeof(octets));
		hf_digest_add(&digest, octets, sizeof(octets));
	}
	hf_digest_text(&digest, text);
}

static hf_scene_end judge_file(sink *k, const hf_lab_counts *counts, hf_ns span, bool is_clean)
{
	char sent[HF_DIGEST_TEXT], received[HF_DIGEST_TEXT], buffer[64];
	hf_text t = hf_text_in(buffer, sizeof(buffer));

	digest_of_file(sent);
	hf_digest_text(&k->digest, received);
	hf_words_span(&t, span);
	hf_text_add(&t, " of virtual time, ");
	hf_words_rate(&t, k->received, span);
	hf_stage_say("%" PRIu64 " packets; %" PRIu64 " were lost, %" PRIu64 " overtaken. %s.",
		     counts->packets, counts->lost, counts->reordered, buffer);
	if (sent[0]) {
		printf("SHA-256 sent:     %s\n", sent);
		printf("SHA-256 received: %s\n", received);
	}
	return hf_stage_verdict(is_clean && k->got_end && !k->is_wrong &&
					k->received == FILE_OCTETS && strcmp(sent, received) == 0,
				"%s",
				sent[0] ? "Nothing lost, doubled or out of order." :
					  "Equal, octet by octet (built without nettle: no "
					  "SHA-256).");
}

hf_scene_end hf_scene_file(uint64_t seed)
{
	hf_stage_plan plan = { .seed = seed, .path = BAD_PATH, .has_no_ladder = true };
	hf_lab_talk_plan talk_plan = { .send_key = STREAM,
				       .send = FILE_OCTETS,
				       .write_chunk = 65536 };
	sink k = { .app.kind = &sink_kind, .listener.accepted = on_sink_accepted };
	hf_stage *stage = hf_stage_new(&plan);
	hf_endpoint at = hf_stage_server_at(stage, 80);
	hf_lab_counts counts;
	hf_lab_talk client = { 0 };
	bool is_open;

	hf_digest_start(&k.digest);
	k.listener.ctx = &k;
	is_open = hf_lab_server_open(&k.listener, hf_stage_server(stage), &at, NULL) == HF_OK &&
		  hf_lab_talk_open(&client, hf_stage_client(stage), &at, NULL, &talk_plan) == HF_OK;
	hf_stage_run(stage, HF_SEC(3600));
	counts = hf_lab_counted(hf_stage_lab(stage));
	return judge_file(&k, &counts, hf_time_diff(client.ended, client.started),
			  hf_stage_free(stage) && is_open && client.sent_all);
}

/* ---- A slow reader ---- */

#define SLOW_OCTETS 32768
#define SLOW_CHUNK 8192
#define SLOW_PAUSE HF_MS(900)

/* Reads a chunk, rests, reads a chunk, whatever has arrived meanwhile. */
typedef struct slow {
	hf_lab_app app;
	hf_lab_server listener;
	uint64_t received;
	bool is_wrong, got_end;
} slow;

static void on_slow_timer(hf_lab_app *app)
{
	hf_stack *stack = hf_lab_stack(app->host);
	slow *k = (slow *)app;
	uint8_t octets[SLOW_CHUNK];
	size_t got;
	hf_err err = hf_conn_receive(stack, app->conn, octets, sizeof(octets), &got);

	if (err == HF_OK && got == 0) {
		k->got_end = true;
		hf_conn_shutdown(stack, app->conn);
		return;
	}
	if (err == HF_OK) {
		k->is_wrong |= hf_lab_stream_check(STREAM, k->received, octets, got) != got;
		k->received += got;
	}
	hf_lab_app_timer(app, SLOW_PAUSE);
}

static void on_slow_event(hf_lab_app *app, const hf_event *event)
{
	if (!(event->bits & HF_EVENT_CLOSED))
		return;
	hf_conn_close(hf_lab_stack(app->host), app->conn);
	hf_lab_app_detach(app);
}

static const hf_lab_app_kind slow_kind = { .name = "slow",
					   .event = on_slow_event,
					   .timer = on_slow_timer };

static void on_slow_accepted(void *ctx, hf_lab_server *listener, hf_conn conn)
{
	slow *k = ctx;

	hf_lab_app_on_conn(&k->app, listener->app.host, conn);
	hf_lab_app_timer(&k->app, SLOW_PAUSE);
}

hf_scene_end hf_scene_slow_reader(uint64_t seed)
{
	hf_stage_plan plan = { .seed = seed,
			       .path = { .delay = HF_MS(20) },
			       .server_buffer = 16384 };
	hf_lab_talk_plan talk_plan = { .send_key = STREAM, .send = SLOW_OCTETS };
	slow k = { .app.kind = &slow_kind, .listener.accepted = on_slow_accepted };
	hf_stage *stage = hf_stage_new(&plan);
	hf_endpoint at = hf_stage_server_at(stage, 80);
	hf_lab_talk client = { 0 };
	bool is_open, is_clean;

	k.listener.ctx = &k;
	is_open = hf_lab_server_open(&k.listener, hf_stage_server(stage), &at, NULL) == HF_OK &&
		  hf_lab_talk_open(&client, hf_stage_client(stage), &at, NULL, &talk_plan) == HF_OK;
	hf_stage_run(stage, HF_SEC(60));
	is_clean = hf_stage_free(stage);
	return hf_stage_verdict(
		is_open && is_clean && k.got_end && !k.is_wrong && k.received == SLOW_OCTETS &&
			client.sent_all,
		"The sender waited each time the window was closed; no octet was dropped.");
}
