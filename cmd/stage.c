/* SPDX-License-Identifier: BSD-2-Clause */
/* Setting and striking the stage of the demo, and what is said beside it. */
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "cmd/print.h"
#include "cmd/stage.h"
#include "observe/ladder.h"
#include "observe/term.h"

#define FLOWS 64u

struct hf_stage {
	hf_stage_plan plan;
	hf_lab *lab;
	hf_lab_node *client, *server;
	hf_lab_link *wire;
	hf_tracker *tracker;
	hf_ladder *ladder;
};

static void to_stdout(void *ctx, const char *text, size_t len)
{
	(void)ctx;
	fwrite(text, 1, len, stdout);
}

/* Is this sighting one that the ladder shows, and as what? False: it is not. */
static bool choose(const hf_stage *s, const hf_lab_sight *sight, hf_seen *seen)
{
	bool is_clients = sight->from == 0;

	switch (sight->fate) {
	case HF_LAB_SENT:
		seen->way = HF_WAY_LEAVING;
		seen->cause = (hf_cause)sight->packet->cause;
		seen->state = sight->state;
		return is_clients && !s->plan.shows_filtered;
	case HF_LAB_ARRIVED:
		seen->way = HF_WAY_ARRIVING;
		seen->reason = sight->reason;
		seen->state = sight->state;
		return !is_clients;
	case HF_LAB_FILTERED:
		seen->lost = "filtered";
		return is_clients && s->plan.shows_filtered;
	case HF_LAB_LOST:
	case HF_LAB_QUEUE_FULL:
	case HF_LAB_POLICED:
	case HF_LAB_TOO_BIG:
		seen->lost = hf_lab_fate_name(sight->fate);
		return true;
	case HF_LAB_REJECTED:
	case HF_LAB_DUPLICATED:
	case HF_LAB_FATE_COUNT:
		break;
	}
	return false;
}

static void on_sight(void *ctx, const hf_lab_sight *sight)
{
	hf_stage *s = ctx;
	hf_seen seen = { .at = sight->time,
			 .data = { sight->packet->data, sight->packet->len },
			 .link = HF_LINK_IP };
	hf_step step;

	if (!choose(s, sight, &seen))
		return;
	hf_tracker_see(s->tracker, &seen, &step);
	hf_ladder_step(s->ladder, &step);
}

static void must(bool is_so)
{
	if (is_so)
		return;
	fputs("handfast demo: no memory\n", stderr);
	exit(HF_EXIT_LOCAL);
}

static void set_ladder(hf_stage *s)
{
	hf_term term = hf_term_detect(STDOUT_FILENO);
	hf_ladder_style style = { term.unicode, term.colour, term.width };
	hf_sink sink = { to_stdout, NULL };
	hf_sipkey key = { s->plan.seed, 1 };

	s->tracker = hf_tracker_new(FLOWS, &key);
	s->ladder = hf_ladder_new(FLOWS, &style, &sink);
	must(s->tracker && s->ladder && hf_lab_tap_add(s->lab, NULL, on_sight, s) == HF_OK);
}

hf_stage *hf_stage_new(const hf_stage_plan *plan)
{
	hf_stage *s = calloc(1, sizeof(*s));
	hf_config config = { .mtu = 1500, .receive_buffer = plan->server_buffer };

	must(s);
	s->plan = *plan;
	s->lab = hf_lab_new(plan->seed);
	must(hf_lab_host_add(s->lab, "client", "10.0.0.1/24 fd00::1/64", NULL, &s->client) ==
	     HF_OK);
	must(hf_lab_host_add(s->lab, "server", "10.0.0.2/24 fd00::2/64", &config, &s->server) ==
	     HF_OK);
	must(hf_lab_link_add("wire", s->client, s->server, &plan->path, &s->wire) == HF_OK);
	if (!plan->has_no_ladder)
		set_ladder(s);
	return s;
}

hf_lab *hf_stage_lab(hf_stage *s)
{
	return s->lab;
}

hf_lab_node *hf_stage_client(hf_stage *s)
{
	return s->client;
}

hf_lab_node *hf_stage_server(hf_stage *s)
{
	return s->server;
}

hf_lab_link *hf_stage_wire(hf_stage *s)
{
	return s->wire;
}

hf_endpoint hf_stage_server_at(hf_stage *s, uint16_t port)
{
	return (hf_endpoint){ hf_lab_address(s->server, 4), port };
}

void hf_stage_run(hf_stage *s, hf_ns until)
{
	hf_lab_run_until(s->lab, (hf_time){ until });
	if (s->ladder)
		hf_ladder_flush(s->ladder);
}

bool hf_stage_free(hf_stage *s)
{
	bool is_clean = hf_lab_free(s->lab) == 0;

	hf_ladder_free(s->ladder);
	hf_tracker_free(s->tracker);
	free(s);
	return is_clean;
}

void hf_stage_say(const char *format, ...)
{
	char line[1024];
	va_list list;

	va_start(list, format);
	vsnprintf(line, sizeof(line), format, list);
	va_end(list);
	hf_print_wrapped(stdout, line, 0, 0);
	fflush(stdout);
}

hf_scene_end hf_stage_verdict(bool good, const char *format, ...)
{
	hf_term term = hf_term_detect(STDOUT_FILENO);
	const char *mark = good ? (term.unicode ? "\u2714" : "OK:") :
				  (term.unicode ? "\u2718" : "FAILED:");
	char line[1024];
	va_list list;

	va_start(list, format);
	vsnprintf(line, sizeof(line), format, list);
	va_end(list);
	printf("%s%s%s ", term.colour ? (good ? "\033[32m" : "\033[31m") : "", mark,
	       term.colour ? "\033[0m" : "");
	hf_print_wrapped(stdout, line, 2, 2);
	fflush(stdout);
	return good ? HF_SCENE_GOOD : HF_SCENE_FAILED;
}
