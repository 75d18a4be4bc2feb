/* SPDX-License-Identifier: BSD-2-Clause */
/* The completion script for bash, printed from the tables of commands and options. */
#include <string.h>

#include "cmd/help.h"

static bool names_file(const hf_cmd_option *o)
{
	return o->argument && (strcmp(o->argument, "FILE") == 0 || strcmp(o->argument, "DIR") == 0);
}

/* Which options of a command a list is about. */
typedef enum choice { ALL, WITH_FILE, WITH_OTHER_VALUE } choice;

static bool is_chosen(const hf_cmd_option *o, choice c)
{
	switch (c) {
	case ALL:
		return true;
	case WITH_FILE:
		return names_file(o) && o->kind != HF_VALUE_OPTIONAL;
	case WITH_OTHER_VALUE:
		return o->argument && !names_file(o) && o->kind != HF_VALUE_OPTIONAL;
	}
	return false;
}

/* Prints the chosen options, each preceded by a blank. */
static void print_options(FILE *to, const hf_cmd *cmd, choice c)
{
	for (const hf_cmd_group *g = cmd->groups; g && g->title; g++) {
		for (const hf_cmd_option *o = g->options; o->name; o++) {
			if (!is_chosen(o, c))
				continue;
			fprintf(to, " --%s", o->name);
			if (o->letter && c != ALL)
				fprintf(to, " -%c", o->letter);
		}
	}
}

static void print_command(FILE *to, const hf_cmd *cmd)
{
	const char *operand = strstr(cmd->operands, "DIR")     ? "directory" :
			      strstr(cmd->operands, "COMMAND") ? "command" :
								 "";

	fprintf(to, "\t%s)\n\t\toptions='--help", cmd->name);
	print_options(to, cmd, ALL);
	fputs("'\n\t\tfiles=' ", to);
	print_options(to, cmd, WITH_FILE);
	fputs(" '\n\t\tvalues=' ", to);
	print_options(to, cmd, WITH_OTHER_VALUE);
	fprintf(to, " '\n\t\toperand='%s' ;;\n", operand);
}

void hf_help_bash(FILE *to)
{
	fputs("# Completion of handfast for bash.\n"
	      "_handfast()\n{\n"
	      "\tlocal current=${COMP_WORDS[COMP_CWORD]} previous=${COMP_WORDS[COMP_CWORD-1]}\n"
	      "\tlocal options files values operand commands='",
	      to);
	for (size_t i = 0; hf_commands[i]; i++)
		fprintf(to, "%s%s", i > 0 ? " " : "", hf_commands[i]->name);
	fputs("'\n\n\tCOMPREPLY=()\n"
	      "\tif ((COMP_CWORD == 1)); then\n"
	      "\t\tmapfile -t COMPREPLY < \\\n"
	      "\t\t\t<(compgen -W \"$commands --help --version\" -- \"$current\")\n"
	      "\t\treturn\n\tfi\n"
	      "\tcase ${COMP_WORDS[1]} in\n",
	      to);
	for (size_t i = 0; hf_commands[i]; i++)
		print_command(to, hf_commands[i]);
	fputs("\t*) return ;;\n\tesac\n"
	      "\tif [[ $files == *\" $previous \"* ]]; then\n"
	      "\t\tcompopt -o filenames\n"
	      "\t\tmapfile -t COMPREPLY < <(compgen -f -- \"$current\")\n"
	      "\telif [[ $values == *\" $previous \"* ]]; then\n"
	      "\t\treturn\n"
	      "\telif [[ $current == -* ]]; then\n"
	      "\t\tmapfile -t COMPREPLY < <(compgen -W \"$options\" -- \"$current\")\n"
	      "\telif [[ $operand == directory ]]; then\n"
	      "\t\tcompopt -o filenames\n"
	      "\t\tmapfile -t COMPREPLY < <(compgen -d -- \"$current\")\n"
	      "\telif [[ $operand == command ]]; then\n"
	      "\t\tmapfile -t COMPREPLY < <(compgen -W \"$commands\" -- \"$current\")\n"
	      "\tfi\n}\n"
	      "complete -F _handfast handfast\n",
	      to);
}
