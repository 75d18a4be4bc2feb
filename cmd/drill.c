/* SPDX-License-Identifier: BSD-2-Clause */
/* `handfast drill`: holds scripts of the packetdrill language against the stack. */
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "cmd/command.h"
#include "cmd/say.h"
#include "drill/kernel.h"
#include "drill/suite.h"
#include "observe/term.h"

typedef struct drill_settings {
	const char *profile;
	hf_strings defines, options;
	bool mutate, list_unsupported, tap, junit, json, tun;
	hf_ns longest;
	uint64_t jobs;
} drill_settings;

static bool read_profile(const char *name, hf_profile *out)
{
	static const struct {
		const char *name;
		hf_profile profile;
	} profiles[] = { { "linux", HF_PROFILE_LINUX },
			 { "freebsd", HF_PROFILE_FREEBSD },
			 { "rfc", HF_PROFILE_RFC } };

	for (size_t i = 0; i < sizeof(profiles) / sizeof(profiles[0]); i++) {
		if (strcmp(profiles[i].name, name) == 0) {
			*out = profiles[i].profile;
			return true;
		}
	}
	hf_say("--profile: '%s' is not linux, freebsd or rfc", name);
	return false;
}

static void read_defines(const hf_strings *list, hf_arena *arena, hf_drill_options *out)
{
	for (unsigned i = 0; i < list->count; i++)
		out->defines = hf_drill_define_of(arena, list->at[i], out->defines);
}

/* `NAME=VALUE` as a script would have it after two dashes. */
static void read_options(const hf_strings *list, hf_arena *arena, hf_drill_options *out)
{
	for (unsigned i = list->count; i > 0; i--) {
		const char *text = list->at[i - 1];
		hf_drill_setting *o = hf_arena_take(arena, sizeof(*o));
		char *name = hf_arena_copy(arena, text, strlen(text)), *equals = strchr(name, '=');

		if (equals) {
			*equals = 0;
			o->value = equals + 1;
		}
		o->name = name;
		o->next = (hf_drill_setting *)out->settings;
		out->settings = o;
	}
}

static hf_exit exit_of(const hf_suite_counts *n)
{
	if (hf_suite_is_good(n))
		return HF_EXIT_OK;
	if (n->scripts == 0)
		hf_say("there is no script (*.pkt) in what was named");
	return n->scripts == 0 || n->unread == n->scripts ? HF_EXIT_LOCAL : HF_EXIT_REFUSED;
}

/* Options that exclude each other. */
static bool are_compatible(const drill_settings *s)
{
	if (s->tap + s->junit + s->json > 1)
		hf_say("--tap, --junit and --json exclude each other");
	else if (s->mutate + s->list_unsupported + s->tun > 1)
		hf_say("--mutate, --list-unsupported and --tun exclude each other");
	else
		return true;
	return false;
}

static hf_suite_format format_of(const drill_settings *s)
{
	if (s->json)
		return HF_SUITE_JSON;
	if (s->junit)
		return HF_SUITE_JUNIT;
	return s->tap ? HF_SUITE_TAP : HF_SUITE_TEXT;
}

/* Nothing else runs yet: an ordinary user's process may still enter a namespace. */
static bool prepare_kernel(void)
{
	hf_io_error error;

	if (hf_kernel_prepare(&error))
		return true;
	hf_say("--tun: %s", error.text);
	return false;
}

static hf_exit drill_run(const void *settings, hf_operands operands)
{
	const drill_settings *s = settings;
	hf_term term = hf_term_detect(STDOUT_FILENO);
	hf_suite_options options = {
		.task = s->list_unsupported ? HF_SUITE_LIST :
			s->mutate           ? HF_SUITE_MUTATE :
					      HF_SUITE_RUN,
		.format = format_of(s),
		.beside = s->tun ? &hf_target_kernel : NULL,
		.longest = s->longest,
		.jobs = (unsigned)s->jobs,
	};
	hf_arena arena = { NULL };
	hf_suite_counts counts;

	if (!are_compatible(s) || !read_profile(s->profile, &options.drill.profile))
		return HF_EXIT_USAGE;
	if (s->tun && !prepare_kernel())
		return HF_EXIT_LOCAL;
	if (options.format == HF_SUITE_TEXT)
		options.drill.style = (hf_ladder_style){ term.unicode, term.colour, term.width };
	read_defines(&s->defines, &arena, &options.drill);
	read_options(&s->options, &arena, &options.drill);
	counts = hf_suite_run((const char *const *)operands.at, operands.count, &options, stdout);
	hf_arena_release(&arena);
	return exit_of(&counts);
}

static void set_defaults(void *settings)
{
	drill_settings *s = settings;

	s->profile = "linux";
	s->jobs = 1;
	s->longest = HF_SEC(60);
}

static const hf_cmd_option options[] = {
	{ .name = "profile",
	  .letter = 'p',
	  .kind = HF_VALUE_STRING,
	  .argument = "NAME",
	  .help = "Where the RFCs leave a choice: linux, freebsd or rfc (linux).",
	  .at = offsetof(drill_settings, profile) },
	{ .name = "define",
	  .letter = 'D',
	  .kind = HF_VALUE_STRINGS,
	  .argument = "SYM[=VALUE]",
	  .help = "What a word in the scripts stands for; may be given again. #ifdef asks for it.",
	  .at = offsetof(drill_settings, defines) },
	{ .name = "option",
	  .letter = 'o',
	  .kind = HF_VALUE_STRINGS,
	  .argument = "NAME[=VALUE]",
	  .help = "An option of the language, like tolerance_usecs=1000; beats the script's own; "
		  "may be given again.",
	  .at = offsetof(drill_settings, options) },
	{ .name = "mutate",
	  .letter = 'm',
	  .help = "Also change one expectation at a time: the script must then fail.",
	  .at = offsetof(drill_settings, mutate) },
	{ .name = "list-unsupported",
	  .help = "Run nothing: list what the scripts would need that is not supported.",
	  .at = offsetof(drill_settings, list_unsupported) },
	{ .name = "tun",
	  .letter = 't',
	  .help = "Also run each script against the kernel's TCP, in real time and a network "
		  "namespace of its own, and say where it differs.",
	  .at = offsetof(drill_settings, tun) },
	{ .name = "longest",
	  .kind = HF_VALUE_DURATION,
	  .argument = "TIME",
	  .help = "With --tun: leave out scripts that take longer than this (60s); 0 leaves out "
		  "none.",
	  .at = offsetof(drill_settings, longest),
	  .max = UINT64_C(86400000000000) },
	{ .name = "jobs",
	  .letter = 'j',
	  .kind = HF_VALUE_UNSIGNED,
	  .argument = "NUMBER",
	  .help = "Scripts that run at the same time (1).",
	  .at = offsetof(drill_settings, jobs),
	  .min = 1,
	  .max = 256 },
	{ .name = "tap",
	  .help = "Report in the Test Anything Protocol.",
	  .at = offsetof(drill_settings, tap) },
	{ .name = "junit",
	  .help = "Report as JUnit XML; times are the scripts' own.",
	  .at = offsetof(drill_settings, junit) },
	{ .name = "json",
	  .help = "Report as JSON Lines: an object a script.",
	  .at = offsetof(drill_settings, json) },
	{ 0 },
};

static const hf_cmd_group groups[] = { { .title = "Options", .options = options }, { 0 } };

static const char *const text[] = {
	"Runs scripts of the packetdrill language against Handfast's TCP. A script says which "
	"packets arrive and which calls are made, and when, and which packets must leave. It is "
	"held strictly: a packet too many, another order of options, another window or time is a "
	"failure, reported with the line, what was expected, what came, and the ladder so far.",
	"Time is virtual: a script of minutes takes milliseconds, needs no rights and always ends "
	"the same way. Shell commands are not run: those that set or count something are mapped to "
	"the stack's settings and figures.",
	"With --tun the same script is also run against the kernel's TCP, through a TUN in a "
	"namespace that exists for this script alone. It needs root, or a system that lets ordinary "
	"users have namespaces. Times may be 25 ms off then, and a script that differs is tried "
	"three times.",
	"What the language has and this command has not is an error that names line and column, "
	"never skipped.",
	NULL,
};

static const hf_cmd_example examples[] = {
	{ "handfast drill tests/drill", "All scripts below a directory." },
	{ "handfast drill --mutate -j4 handshake.pkt",
	  "Also show that each expectation of the script counts." },
	{ "handfast drill --tun -j8 tests/drill", "Where does Linux do something else?" },
	{ 0 },
};

const hf_cmd hf_cmd_drill = {
	.name = "drill",
	.operands = "FILE...",
	.min_operands = 1,
	.max_operands = 100000,
	.missing = "FILE is missing: which script, or directory of scripts, is to be run?",
	.summary = "hold packetdrill scripts against the stack",
	.text = text,
	.groups = groups,
	.examples = examples,
	.settings_size = sizeof(drill_settings),
	.set_defaults = set_defaults,
	.run = drill_run,
};
