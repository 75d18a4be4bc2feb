/* SPDX-License-Identifier: BSD-2-Clause */
/* `handfast demo`: how TCP works, scene by scene. */
#include <stdio.h>
#include <unistd.h>

#include "cmd/print.h"
#include "cmd/say.h"
#include "cmd/stage.h"
#include "observe/term.h"

typedef struct demo_settings {
	uint64_t scene; /* from 1; 0: all */
	uint64_t seed;
	bool list, no_tun;
} demo_settings;

const hf_scene hf_scenes[] = {
	{ "Three messages",
	  "To open a connection both sides must know that the other is there, and from which "
	  "number it counts its octets. SYN says \"I count from here\"; SYN-ACK says \"understood, "
	  "and I count from there\"; ACK says \"understood\". FIN ends each direction.",
	  false, hf_scene_three_messages },
	{ "A page",
	  "The same with a request and an answer in between, over a bad path: 40 ms each way, 2 % "
	  "of the packets lost, 1 % overtaken by others.",
	  false, hf_scene_page },
	{ "A mail",
	  "A mail is handed over in a dialogue: every line waits for the answer to the one before, "
	  "so the time goes to round trips, not to octets.",
	  false, hf_scene_mail },
	{ "A file of 16 MiB",
	  "Over the same bad path. What is lost is sent again, what comes out of order is put in "
	  "order, and the SHA-256 at both ends tells whether it worked.",
	  false, hf_scene_file },
	{ "A slow reader",
	  "The receiver has room for 16 KiB and reads 8 KiB every 0.9 s. The window (win) in its "
	  "segments says how much more it takes; at 0 the sender stops and only asks now and then.",
	  false, hf_scene_slow_reader },
	{ "The first message is lost",
	  "The path is cut for the first half second. Nobody tells the client; it only notices "
	  "that no answer comes.",
	  false, hf_scene_lost_syn },
	{ "The second message is lost",
	  "For half a second nothing comes back. The server has heard the client, but the client "
	  "does not know.",
	  false, hf_scene_lost_syn_ack },
	{ "A closed port",
	  "The host is there, but nothing listens on this port. It says so with a reset.", false,
	  hf_scene_closed_port },
	{ "A silent firewall",
	  "Something on the way throws the client's packets away and says nothing. The client can "
	  "only wait, longer each time, and at last give up.",
	  false, hf_scene_silent_firewall },
	{ "Real packets",
	  "Now on a TUN device in a network namespace of its own: the client is curl with this "
	  "machine's own kernel as its TCP, the server is Handfast.",
	  true, hf_scene_real },
	{ 0 },
};

static unsigned count_scenes(void)
{
	unsigned n = 0;

	while (hf_scenes[n].title)
		n++;
	return n;
}

static void list_scenes(void)
{
	for (unsigned i = 0; hf_scenes[i].title; i++)
		printf("%2u  %s%s\n", i + 1, hf_scenes[i].title,
		       hf_scenes[i].is_real ? " (needs a TUN device)" : "");
}

static hf_scene_end play(unsigned n, uint64_t seed)
{
	bool has_colour = hf_term_detect(STDOUT_FILENO).colour;

	printf("\n%s%u. %s%s\n", has_colour ? "\033[1m" : "", n + 1, hf_scenes[n].title,
	       has_colour ? "\033[0m" : "");
	hf_print_wrapped(stdout, hf_scenes[n].text, 0, 0);
	putchar('\n');
	fflush(stdout);
	return hf_scenes[n].play(seed);
}

static hf_exit demo_run(const void *settings, hf_operands operands)
{
	const demo_settings *s = settings;
	unsigned count = count_scenes(), ends[HF_SCENE_ENDS] = { 0 };

	(void)operands;
	if (s->list) {
		list_scenes();
		return HF_EXIT_OK;
	}
	if (s->scene > count) {
		hf_say("there are %u scenes (see handfast demo --list)", count);
		return HF_EXIT_USAGE;
	}
	for (unsigned i = 0; i < count && !ferror(stdout) && !ends[HF_SCENE_STOPPED]; i++) {
		if (s->scene != 0 && s->scene != i + 1)
			continue;
		if (s->no_tun && hf_scenes[i].is_real)
			ends[HF_SCENE_SKIPPED]++;
		else
			ends[play(i, s->seed)]++;
	}
	if (ends[HF_SCENE_STOPPED])
		return HF_EXIT_INTERRUPTED;
	printf("\n%u scenes as promised, %u skipped, %u failed.\n", ends[HF_SCENE_GOOD],
	       ends[HF_SCENE_SKIPPED], ends[HF_SCENE_FAILED]);
	return ends[HF_SCENE_FAILED] > 0 ? HF_EXIT_REFUSED : HF_EXIT_OK;
}

static void set_defaults(void *settings)
{
	((demo_settings *)settings)->seed = 1;
}

static const hf_cmd_option options[] = {
	{ .name = "scene",
	  .letter = 's',
	  .kind = HF_VALUE_UNSIGNED,
	  .argument = "NUMBER",
	  .help = "Show only this scene.",
	  .at = offsetof(demo_settings, scene),
	  .min = 1,
	  .max = 99 },
	{ .name = "list",
	  .letter = 'l',
	  .help = "List the scenes.",
	  .at = offsetof(demo_settings, list) },
	{ .name = "seed",
	  .kind = HF_VALUE_UNSIGNED,
	  .argument = "NUMBER",
	  .help = "Seed of all chance in the lab: the same seed shows the same (1).",
	  .at = offsetof(demo_settings, seed) },
	{ .name = "no-tun",
	  .help = "Leave out what needs a TUN device.",
	  .at = offsetof(demo_settings, no_tun) },
	{ 0 },
};

static const hf_cmd_group groups[] = { { .title = "Options", .options = options }, { 0 } };

static const char *const text[] = {
	"Shows how TCP works, scene by scene, with a ladder for each connection. The first scenes "
	"run in a lab: a network in this process, in virtual time, which takes no longer than its "
	"packets take to compute.",
	"The last scene runs on real packets: a TUN device in a network namespace of its own, made "
	"as root or, where the system allows it, as an ordinary user. Otherwise it is skipped, and "
	"says why.",
	NULL,
};

static const hf_cmd_example examples[] = {
	{ "handfast demo", "All scenes, in a few seconds." },
	{ "handfast demo --scene 7 --seed 3", "One scene, with other chances." },
	{ 0 },
};

const hf_cmd hf_cmd_demo = {
	.name = "demo",
	.operands = "",
	.summary = "show how TCP works, scene by scene",
	.text = text,
	.groups = groups,
	.examples = examples,
	.settings_size = sizeof(demo_settings),
	.set_defaults = set_defaults,
	.run = demo_run,
};
