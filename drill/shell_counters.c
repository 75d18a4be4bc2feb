/* SPDX-License-Identifier: BSD-2-Clause */
/* `nstat`: counters of the target as lines, and `grep` over them. */
#include <regex.h>
#include <stdio.h>
#include <string.h>

#include "drill/shell_counters.h"

#define STAGES 8

/** One command of a pipe: its words, without quotes. */
typedef struct stage {
	const char *word[16];
	unsigned words;
} stage;

/* Cuts one command up to `end` into words; quotes keep blanks together, and go. */
static void cut(hf_arena *arena, const char *text, const char *end, stage *out)
{
	char *to = hf_arena_take(arena, (size_t)(end - text) + 1), quote = '\0';
	bool in_word = false;

	for (; text < end; text++) {
		if (quote == '\0' && strchr(" \t\r", *text) != NULL) {
			*to++ = '\0';
			in_word = false;
			continue;
		}
		if (!in_word && out->words < sizeof(out->word) / sizeof(out->word[0]))
			out->word[out->words++] = to;
		in_word = true;
		if (*text == quote)
			quote = '\0';
		else if (quote == '\0' && (*text == '"' || *text == '\''))
			quote = *text;
		else
			*to++ = *text;
	}
}

/* False: more commands than have a place, or an empty one. */
static bool cut_all(hf_arena *arena, const char *text, stage *out, unsigned *count)
{
	const char *begin = text;
	char quote = '\0';

	for (*count = 0;; text++) {
		if (*text == '\0' || (*text == '|' && quote == '\0')) {
			if (*count == STAGES)
				return false;
			out[*count] = (stage){ .words = 0 };
			cut(arena, begin, text, &out[*count]);
			if (out[(*count)++].words == 0)
				return false;
			begin = text + 1;
		}
		if (*text == '\0')
			return true;
		if (*text == quote)
			quote = '\0';
		else if (quote == '\0' && (*text == '"' || *text == '\''))
			quote = *text;
	}
}

/* What `grep` is to find, with -q, -w and -E as they may be. NULL: another form of it. */
static const char *pattern_of(const stage *s, int *flags, bool *is_word)
{
	unsigned i = 1;

	*flags = REG_NOSUB;
	*is_word = false;
	if (strcmp(s->word[0], "grep") != 0)
		return NULL;
	for (; i < s->words && s->word[i][0] == '-'; i++) {
		if (strcmp(s->word[i], "-E") == 0)
			*flags |= REG_EXTENDED;
		else if (strcmp(s->word[i], "-w") == 0)
			*is_word = true;
		else if (strcmp(s->word[i], "-q") != 0)
			return NULL;
	}
	return i + 1 == s->words ? s->word[i] : NULL;
}

static bool compile(hf_arena *arena, const stage *s, regex_t *out)
{
	bool is_word;
	int flags;
	const char *pattern = pattern_of(s, &flags, &is_word);

	if (pattern != NULL && is_word)
		pattern = hf_arena_format(arena, "\\<%s\\>", pattern);
	return pattern != NULL && regcomp(out, pattern, flags) == 0;
}

static const char *line_of(hf_arena *arena, const hf_counter *c)
{
	return hf_arena_format(arena, "%-32s%-16lld0.0", c->name, (long long)c->value);
}

/* Does a counter's line pass all the greps? False in `*is_read`: one of them cannot be read. */
static bool passes(hf_arena *arena, const stage *greps, unsigned count, const char *line,
		   bool *is_read)
{
	bool all = true;
	regex_t r;

	for (unsigned i = 0; i < count; i++) {
		*is_read = compile(arena, &greps[i], &r);
		if (!*is_read)
			return false;
		all = all && regexec(&r, line, 0, NULL, 0) == 0;
		regfree(&r);
	}
	return all;
}

void hf_counters_since(hf_counters *now, const hf_counters *before)
{
	for (size_t i = 0; i < now->count; i++) {
		for (size_t k = 0; k < before->count; k++) {
			if (strcmp(now->at[i].name, before->at[k].name) == 0)
				now->at[i].value -= before->at[k].value;
		}
	}
}

bool hf_counters_ask(hf_arena *arena, const hf_counters *all, const char *text, hf_counted *out)
{
	stage s[STAGES];
	unsigned count;
	bool is_read = true;

	*out = (hf_counted){ .shown = "" };
	if (!cut_all(arena, text, s, &count) || count < 2 || s[0].words != 1)
		return false;
	for (size_t i = 0; i < all->count && is_read; i++) {
		const hf_counter *c = &all->at[i];
		const char *line = line_of(arena, c);
		bool is_named = passes(arena, s + 1, 1, line, &is_read);

		out->is_known |= is_named;
		if (is_named)
			out->shown = hf_arena_format(arena, "%s%s%s %lld", out->shown,
						     *out->shown != '\0' ? ", " : "", c->name,
						     (long long)c->value);
		if (is_read && c->value != 0)
			out->is_found |= passes(arena, s + 1, count - 1, line, &is_read);
	}
	return is_read;
}
