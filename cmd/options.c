/* SPDX-License-Identifier: BSD-2-Clause */
/* The one parser of command lines: every command's tables of options go through it. */
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "cmd/options.h"

/* An option that was found, and the group that says where its table's fields lie. */
typedef struct found {
	const hf_cmd_option *option;
	const hf_cmd_group *group;
} found;

typedef struct parser {
	const hf_cmd *cmd;
	char **next; /* the argument to be read next */
	void *settings;
	hf_cmd_line *line;
} parser;

__attribute__((format(printf, 2, 3))) static bool complain(parser *p, const char *format, ...)
{
	va_list list;

	va_start(list, format);
	vsnprintf(p->line->complaint, sizeof(p->line->complaint), format, list);
	va_end(list);
	return false;
}

static bool is_it(const hf_cmd_option *o, const char *name, size_t len, char letter)
{
	if (name)
		return strlen(o->name) == len && memcmp(o->name, name, len) == 0;
	return o->letter == letter;
}

/* Looks an option up by the first `len` octets of `name`, or by letter when `name` is NULL. */
static bool find(const parser *p, const char *name, size_t len, char letter, found *out)
{
	for (const hf_cmd_group *g = p->cmd->groups; g && g->title; g++) {
		for (const hf_cmd_option *o = g->options; o->name; o++) {
			if (is_it(o, name, len, letter)) {
				*out = (found){ o, g };
				return true;
			}
		}
	}
	return false;
}

static bool store(parser *p, found f, const char *value, const char *written)
{
	char *to = (char *)p->settings + f.group->at + f.option->at;
	const char *why;

	if (f.option->kind == HF_VALUE_FLAG) {
		memcpy(to, &(bool){ true }, sizeof(bool));
		return true;
	}
	if (!hf_value_read(f.option, value, to, &why))
		return complain(p, "%s: '%s' %s", written, value, why);
	return true;
}

/* The value of an option that must have one: what is glued to it, else the next argument. */
static const char *take_value(parser *p, const char *glued)
{
	return glued ? glued : *p->next ? *p->next++ : NULL;
}

static const char *nearest_option(const parser *p, const char *name, size_t len)
{
	const char *best = NULL;
	unsigned least = 3;
	char word[64];

	if (len >= sizeof(word))
		return NULL;
	memcpy(word, name, len);
	word[len] = 0;
	for (const hf_cmd_group *g = p->cmd->groups; g && g->title; g++) {
		for (const hf_cmd_option *o = g->options; o->name; o++) {
			unsigned distance = hf_word_distance(word, o->name);

			if (distance < least && distance < strlen(o->name) / 2 + 1) {
				least = distance;
				best = o->name;
			}
		}
	}
	return best;
}

static bool parse_long(parser *p, const char *arg)
{
	const char *name = arg + 2, *equals = strchr(name, '=');
	size_t len = equals ? (size_t)(equals - name) : strlen(name);
	const char *value = equals ? equals + 1 : NULL;
	char written[80];
	found f;

	snprintf(written, sizeof(written), "--%.*s", (int)len, name);
	if (strcmp(arg, "--help") == 0) {
		p->line->wants_help = true;
		return true;
	}
	if (!find(p, name, len, 0, &f)) {
		const char *guess = nearest_option(p, name, len);

		return guess ? complain(p, "unknown option '%s'; did you mean '--%s'?", written,
					guess) :
			       complain(p, "unknown option '%s'", written);
	}
	if (f.option->kind == HF_VALUE_FLAG && value)
		return complain(p, "%s takes no value", written);
	if (f.option->kind == HF_VALUE_OPTIONAL && !value)
		value = "-";
	else if (f.option->kind != HF_VALUE_FLAG)
		value = take_value(p, value);
	if (f.option->kind != HF_VALUE_FLAG && !value)
		return complain(p, "%s needs a value: %s", written, f.option->argument);
	return store(p, f, value, written);
}

static bool parse_letters(parser *p, const char *arg)
{
	for (const char *at = arg + 1; *at != 0; at++) {
		const char written[3] = { '-', *at, 0 };
		const char *value;
		found f;

		if (*at == 'h') {
			p->line->wants_help = true;
			continue;
		}
		if (!find(p, NULL, 0, *at, &f))
			return complain(p, "unknown option '%s'", written);
		if (f.option->kind == HF_VALUE_FLAG) {
			store(p, f, NULL, written);
			continue;
		}
		value = take_value(p, at[1] != 0 ? at + 1 : NULL);
		if (!value)
			return complain(p, "%s needs a value: %s", written, f.option->argument);
		return store(p, f, value, written);
	}
	return true;
}

static bool parse_one(parser *p, const char *arg, bool *only_operands)
{
	if (strcmp(arg, "--") == 0) {
		*only_operands = true;
		return true;
	}
	return arg[1] == '-' ? parse_long(p, arg) : parse_letters(p, arg);
}

bool hf_options_parse(const hf_cmd *cmd, char **args, void *settings, hf_cmd_line *line)
{
	parser p = { cmd, args, settings, line };
	bool only_operands = false;

	*line = (hf_cmd_line){ .operands = { args, 0 } };
	while (*p.next) {
		char *arg = *p.next++;

		/* A dash alone is an operand: by custom, the standard input or output. */
		if (only_operands || arg[0] != '-' || arg[1] == 0)
			line->operands.at[line->operands.count++] = arg;
		else if (!parse_one(&p, arg, &only_operands))
			return false;
	}
	if (line->wants_help)
		return true;
	if (line->operands.count < cmd->min_operands)
		return complain(&p, "%s", cmd->missing);
	if (line->operands.count > cmd->max_operands)
		return complain(&p, "'%s' is one argument too many",
				line->operands.at[cmd->max_operands]);
	return true;
}

void hf_options_default(const hf_cmd *cmd, void *settings)
{
	if (cmd->set_defaults)
		cmd->set_defaults(settings);
}
