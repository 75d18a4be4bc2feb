/* SPDX-License-Identifier: BSD-2-Clause */
/* `handfast help`, and the help of every command, printed from the tables. */
#include <string.h>

#include "cmd/help.h"
#include "cmd/print.h"
#include "cmd/say.h"

#define COLUMN 26 /* where the help sentences of options start */

typedef struct help_settings {
	bool man, bash;
} help_settings;

static void print_option(FILE *to, const hf_cmd_option *o)
{
	const char *argument = o->argument ? o->argument : "";
	const char *open = !o->argument ? "" : o->kind == HF_VALUE_OPTIONAL ? "[=" : "=";
	const char *close = o->kind == HF_VALUE_OPTIONAL ? "]" : "";
	int at = o->letter ? fprintf(to, "  -%c, --%s", o->letter, o->name) :
			     fprintf(to, "      --%s", o->name);

	at += fprintf(to, "%s%s%s", open, argument, close);
	if (at > COLUMN - 2)
		fprintf(to, "\n%*s", COLUMN, "");
	else
		fprintf(to, "%*s", COLUMN - at, "");
	hf_print_wrapped(to, o->help, COLUMN, COLUMN);
}

static void print_examples(FILE *to, const hf_cmd_example *examples)
{
	fputs("\nExamples:\n", to);
	for (; examples->line; examples++) {
		fprintf(to, "  %s\n      ", examples->line);
		hf_print_wrapped(to, examples->text, 6, 6);
	}
}

void hf_help_command(FILE *to, const hf_cmd *cmd)
{
	bool has_options = cmd->groups && cmd->groups->title;

	fprintf(to, "Usage: handfast %s%s%s%s\n", cmd->name, has_options ? " [OPTION]..." : "",
		*cmd->operands ? " " : "", cmd->operands);
	for (size_t i = 0; cmd->text[i]; i++) {
		fputc('\n', to);
		hf_print_wrapped(to, cmd->text[i], 0, 0);
	}
	for (const hf_cmd_group *g = cmd->groups; g && g->title; g++) {
		fprintf(to, "\n%s:\n", g->title);
		for (const hf_cmd_option *o = g->options; o->name; o++)
			print_option(to, o);
	}
	if (cmd->examples)
		print_examples(to, cmd->examples);
}

void hf_help_overview(FILE *to)
{
	fputs("Usage: handfast COMMAND [OPTION]... [ARGUMENT]...\n\n"
	      "TCP in user space: a host of its own on this machine, whose handshakes can be "
	      "read.\n\nCommands:\n",
	      to);
	for (size_t i = 0; hf_commands[i]; i++)
		fprintf(to, "  %-10s %s\n", hf_commands[i]->name, hf_commands[i]->summary);
	fputs("\n`handfast COMMAND --help` says more on each.\n", to);
}

static hf_exit help_run(const void *settings, hf_operands operands)
{
	const help_settings *s = settings;
	const hf_cmd *cmd;

	if (s->man)
		hf_help_man(stdout);
	else if (s->bash)
		hf_help_bash(stdout);
	if (s->man || s->bash)
		return HF_EXIT_OK;
	if (operands.count == 0) {
		hf_help_overview(stdout);
		return HF_EXIT_OK;
	}
	cmd = hf_cmd_find(operands.at[0]);
	if (!cmd) {
		hf_say("there is no command '%s' (see handfast help)", operands.at[0]);
		return HF_EXIT_USAGE;
	}
	hf_help_command(stdout, cmd);
	return HF_EXIT_OK;
}

static const hf_cmd_option options[] = {
	{ .name = "man",
	  .help = "Print the manual page handfast(1) as roff.",
	  .at = offsetof(help_settings, man) },
	{ .name = "bash",
	  .help = "Print a completion script for bash.",
	  .at = offsetof(help_settings, bash) },
	{ 0 },
};

static const hf_cmd_group groups[] = { { .title = "Options", .options = options }, { 0 } };

static const char *const text[] = {
	"Lists the commands, or says all about one. The manual page and the completion script are "
	"made from the same tables.",
	NULL,
};

static const hf_cmd_example examples[] = {
	{ "handfast help serve", "All about serving files." },
	{ "handfast help --man | man -l -", "Read the manual page without installing it." },
	{ "source <(handfast help --bash)", "Complete commands and options in this shell." },
	{ 0 },
};

const hf_cmd hf_cmd_help = {
	.name = "help",
	.operands = "[COMMAND]",
	.max_operands = 1,
	.summary = "list the commands, or say all about one",
	.text = text,
	.groups = groups,
	.examples = examples,
	.settings_size = sizeof(help_settings),
	.run = help_run,
};
