/* SPDX-License-Identifier: BSD-2-Clause */
/* The manual page handfast(1), printed as roff from the tables of commands and options. */
#include <ctype.h>
#include <string.h>

#include "cmd/help.h"

/* Prints text so that roff takes every character as itself. */
static void print_text(FILE *to, const char *text)
{
	if (*text == '.' || *text == '\'')
		fputs("\\&", to);
	for (; *text; text++) {
		if (*text == '-')
			fputs("\\-", to);
		else if (*text == '\\')
			fputs("\\e", to);
		else
			fputc(*text, to);
	}
}

static void print_line(FILE *to, const char *text)
{
	print_text(to, text);
	fputc('\n', to);
}

/* A section's or a group's heading, in capitals as manual pages have them. */
static void print_section(FILE *to, const char *title)
{
	fputs(".SH ", to);
	for (; *title; title++)
		fputc(toupper((unsigned char)*title), to);
	fputc('\n', to);
}

static void print_entry(FILE *to, const char *term, const char *text)
{
	fputs(".TP\n.B ", to);
	print_line(to, term);
	print_line(to, text);
}

static void print_option(FILE *to, const hf_cmd_option *o)
{
	bool is_optional = o->kind == HF_VALUE_OPTIONAL;

	fputs(".TP\n", to);
	if (o->letter)
		fprintf(to, "\\fB\\-%c\\fR, ", o->letter);
	fputs("\\fB\\-\\-", to);
	print_text(to, o->name);
	fputs("\\fR", to);
	if (o->argument) {
		fputs(is_optional ? "[=\\fI" : "=\\fI", to);
		print_text(to, o->argument);
		fputs(is_optional ? "\\fR]" : "\\fR", to);
	}
	fputc('\n', to);
	print_line(to, o->help);
}

static void print_options(FILE *to, const hf_cmd_group *g)
{
	for (const hf_cmd_option *o = g->options; o->name; o++)
		print_option(to, o);
}

static void print_command(FILE *to, const hf_cmd *cmd)
{
	fputs(".SS handfast ", to);
	fputs(cmd->name, to);
	if (cmd->groups && cmd->groups->title)
		fputs(" [OPTION]...", to);
	fprintf(to, "%s%s\n", *cmd->operands ? " " : "", cmd->operands);
	for (size_t i = 0; cmd->text[i]; i++) {
		if (i > 0)
			fputs(".PP\n", to);
		print_line(to, cmd->text[i]);
	}
	for (const hf_cmd_group *g = cmd->groups; g && g->title; g++) {
		if (!g->is_shared) {
			print_options(to, g);
			continue;
		}
		fputs(".PP\nTakes also the ", to);
		for (const char *p = g->title; *p; p++)
			fputc(tolower((unsigned char)*p), to);
		fputs(" below.\n", to);
	}
}

/* Each table that several commands share is printed at its first user. */
static void print_shared(FILE *to)
{
	const hf_cmd_option *done[8];
	size_t count = 0;

	for (size_t i = 0; hf_commands[i]; i++) {
		for (const hf_cmd_group *g = hf_commands[i]->groups; g && g->title; g++) {
			size_t k = 0;

			while (k < count && done[k] != g->options)
				k++;
			if (!g->is_shared || k < count || count == sizeof(done) / sizeof(done[0]))
				continue;
			done[count++] = g->options;
			print_section(to, g->title);
			print_options(to, g);
		}
	}
}

static void print_examples(FILE *to)
{
	print_section(to, "Examples");
	for (size_t i = 0; hf_commands[i]; i++) {
		for (const hf_cmd_example *e = hf_commands[i]->examples; e && e->line; e++)
			print_entry(to, e->line, e->text);
	}
}

static void print_exits(FILE *to)
{
	static const struct {
		const char *code, *text;
	} exits[] = {
#define X(name, number, text) { #number, text },
		HF_EXITS(X)
#undef X
	};

	print_section(to, "Exit status");
	for (size_t i = 0; i < sizeof(exits) / sizeof(exits[0]); i++)
		print_entry(to, exits[i].code, exits[i].text);
}

static void print_surroundings(FILE *to)
{
	static const struct {
		const char *name, *text;
	} environment[] = {
#define X(word, sentence) { word, sentence },
		HF_ENVIRONMENT(X)
	}, files[] = {
		HF_FILES(X)
#undef X
	};

	print_section(to, "Environment");
	for (size_t i = 0; i < sizeof(environment) / sizeof(environment[0]); i++)
		print_entry(to, environment[i].name, environment[i].text);
	print_section(to, "Files");
	for (size_t i = 0; i < sizeof(files) / sizeof(files[0]); i++)
		print_entry(to, files[i].name, files[i].text);
}

void hf_help_man(FILE *to)
{
	fputs(".TH HANDFAST 1 \"\" \"Handfast " HF_VERSION "\" \"User Commands\"\n", to);
	print_section(to, "Name");
	fputs("handfast \\- TCP in user space, with handshakes that can be read\n", to);
	print_section(to, "Synopsis");
	for (size_t i = 0; hf_commands[i]; i++) {
		const hf_cmd *cmd = hf_commands[i];

		fprintf(to, "%s.B handfast %s\n", i > 0 ? ".br\n" : "", cmd->name);
		if (cmd->groups && cmd->groups->title)
			fputs("[OPTION]...\n", to);
		if (*cmd->operands)
			fprintf(to, "%s\n", cmd->operands);
	}
	print_section(to, "Description");
	fputs("Handfast is a TCP in user space. On the wire it is a host of its own, with its own\n"
	      "addresses, behind a TUN device of this machine; the kernel sees it as a neighbour.\n"
	      "Options may be written \\-\\-name=value, \\-\\-name value or \\-n value; flags of\n"
	      "one letter may be joined; \\-\\- ends the options. Every command has \\-\\-help.\n",
	      to);
	print_section(to, "Commands");
	for (size_t i = 0; hf_commands[i]; i++)
		print_command(to, hf_commands[i]);
	print_shared(to);
	print_exits(to);
	print_surroundings(to);
	print_examples(to);
}
