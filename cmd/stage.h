/* SPDX-License-Identifier: BSD-2-Clause */
/* The stage of the demo: a client and a server in a lab, a wire between them, a ladder. */
#ifndef HF_CMD_STAGE_H
#define HF_CMD_STAGE_H

#include "cmd/command.h"
#include "lab/lab.h"

/*
 * The ladder shows what the client sees: its own packets as they leave, the server's as they
 * arrive, and the lost ones of both when they were lost. So the times between a question and its
 * answer are the client's.
 */
typedef struct hf_stage hf_stage;

/** How a scene went. */
typedef enum hf_scene_end {
	HF_SCENE_GOOD,
	HF_SCENE_SKIPPED, /**< said why */
	HF_SCENE_FAILED,  /**< what was promised did not happen; said what */
	HF_SCENE_STOPPED, /**< by a signal */
	HF_SCENE_ENDS
} hf_scene_end;

/** One scene. */
typedef struct hf_scene {
	const char *title;
	const char *text; /**< what is to be seen, in plain words */
	bool is_real;     /**< on a TUN device; else in the lab */
	hf_scene_end (*play)(uint64_t seed);
} hf_scene;

/** The scenes in order; ends with a row whose title is NULL. */
extern const hf_scene hf_scenes[];

hf_scene_end hf_scene_three_messages(uint64_t seed);
hf_scene_end hf_scene_page(uint64_t seed);
hf_scene_end hf_scene_mail(uint64_t seed);
hf_scene_end hf_scene_file(uint64_t seed);
hf_scene_end hf_scene_slow_reader(uint64_t seed);
hf_scene_end hf_scene_lost_syn(uint64_t seed);
hf_scene_end hf_scene_lost_syn_ack(uint64_t seed);
hf_scene_end hf_scene_closed_port(uint64_t seed);
hf_scene_end hf_scene_silent_firewall(uint64_t seed);
hf_scene_end hf_scene_real(uint64_t seed);

/** How the stage is to be set. */
typedef struct hf_stage_plan {
	uint64_t seed;
	hf_lab_path path; /**< of the wire, both ways */
	bool has_no_ladder;
	bool shows_filtered;    /**< draws the client's packets when a filter drops them */
	uint32_t server_buffer; /**< receive buffer of the server, octets; 0: the default */
} hf_stage_plan;

/** Sets the stage. Never NULL: a demo without memory ends the process, as the lab does. */
hf_stage *hf_stage_new(const hf_stage_plan *plan);
hf_lab *hf_stage_lab(hf_stage *s);
hf_lab_node *hf_stage_client(hf_stage *s);
hf_lab_node *hf_stage_server(hf_stage *s);
hf_lab_link *hf_stage_wire(hf_stage *s);
/** The server's endpoint with this port, IPv4. */
hf_endpoint hf_stage_server_at(hf_stage *s, uint16_t port);
/** Lets virtual time pass, up to `until` after the start. */
void hf_stage_run(hf_stage *s, hf_ns until);
/** Draws what is folded, and strikes the stage. True if both stacks gave all their memory back. */
bool hf_stage_free(hf_stage *s);

/** Prints a paragraph, wrapped. */
void hf_stage_say(const char *format, ...) __attribute__((format(printf, 1, 2)));
/**
 * Prints the outcome in one line with a mark, and returns `good` as HF_SCENE_GOOD or
 * HF_SCENE_FAILED.
 */
hf_scene_end hf_stage_verdict(bool good, const char *format, ...)
	__attribute__((format(printf, 2, 3)));

#endif
