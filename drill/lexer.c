/* SPDX-License-Identifier: BSD-2-Clause */
/* From the text of a script to tokens: the longest match wins. */
#include "drill/lexer.h"

#include <ctype.h>
#include <string.h>

#define SECOND INT64_C(1000000000)

/* The locale must not decide what a word is. */
static bool is_word(char c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
	       c == '_';
}

static bool is_digit(char c)
{
	return c >= '0' && c <= '9';
}

bool hf_token_is_sign(const hf_token *t, char sign)
{
	return t->kind == HF_TOKEN_SIGN && t->text[0] == sign;
}

bool hf_token_is_word(const hf_token *t, const char *word)
{
	return t->kind == HF_TOKEN_WORD && t->len == strlen(word) &&
	       memcmp(t->text, word, t->len) == 0;
}

static int digit_of(char c)
{
	if (is_digit(c))
		return c - '0';
	if (c >= 'a' && c <= 'f')
		return c - 'a' + 10;
	if (c >= 'A' && c <= 'F')
		return c - 'A' + 10;
	return 99;
}

bool hf_read_integer(const char *text, size_t len, int64_t *out)
{
	bool is_negative = len > 0 && text[0] == '-', is_hex;
	uint64_t value = 0, base;
	size_t i = is_negative;

	is_hex = len > i + 2 && text[i] == '0' && (text[i + 1] == 'x' || text[i + 1] == 'X');
	base = is_hex ? 16 : 10;
	i += is_hex ? 2 : 0;
	if (i >= len)
		return false;
	for (; i < len; i++) {
		uint64_t digit = (uint64_t)digit_of(text[i]);

		if (digit >= base || value > ((uint64_t)INT64_MAX - digit) / base)
			return false;
		value = value * base + digit;
	}
	*out = is_negative ? -(int64_t)value : (int64_t)value;
	return true;
}

bool hf_read_seconds(const char *text, size_t len, int64_t *out)
{
	bool is_negative = len > 0 && text[0] == '-', any = false;
	int64_t value = 0, place = SECOND / 10;
	size_t i = is_negative;

	for (; i < len && is_digit(text[i]); i++, any = true) {
		if (value > INT64_MAX / SECOND / 100)
			return false;
		value = value * 10 + (text[i] - '0');
	}
	value *= SECOND;
	if (i < len && text[i] == '.') {
		for (i++; i < len && is_digit(text[i]); i++, any = true) {
			value += place * (text[i] - '0');
			place /= 10;
		}
	}
	if (i != len || !any)
		return false;
	*out = is_negative ? -value : value;
	return true;
}

hf_lexer hf_lexer_on(const char *text, const hf_drill_define *defines)
{
	return (hf_lexer){ .text = text, .next = text, .at = { 1, 1 }, .defines = defines };
}

static void skip(hf_lexer *l, size_t n)
{
	for (; n > 0; n--, l->next++) {
		if (*l->next == '\n') {
			l->at.line++;
			l->at.column = 1;
		} else {
			l->at.column++;
		}
	}
}

static bool starts(const hf_lexer *l, const char *with)
{
	return strncmp(l->next, with, strlen(with)) == 0;
}

static hf_token token(const hf_lexer *l, hf_token_kind kind, size_t len)
{
	return (hf_token){ .kind = kind,
			   .at = l->at,
			   .text = l->next,
			   .len = len,
			   .begin = l->next,
			   .end = l->next + len };
}

static hf_token bad(const hf_lexer *l, const char *why)
{
	hf_token t = token(l, HF_TOKEN_BAD, 0);

	t.text = why;
	t.len = strlen(why);
	return t;
}

static const hf_drill_define *find_define(const hf_lexer *l, const char *name, size_t len)
{
	for (const hf_drill_define *d = l->defines; d != NULL; d = d->next) {
		if (d->name_len == len && memcmp(d->name, name, len) == 0)
			return d;
	}
	return NULL;
}

/* Skips to `end`, which must come. False: it does not. */
static bool skip_past(hf_lexer *l, const char *end)
{
	const char *at = strstr(l->next, end);

	if (at == NULL)
		return false;
	skip(l, (size_t)(at - l->next) + strlen(end));
	return true;
}

/* An #ifdef or #endif. NULL: done; else what is wrong. */
static const char *preprocess(hf_lexer *l)
{
	hf_lexer here = *l;
	size_t len = 0;

	if (starts(l, "#endif") && !is_word(l->next[6])) {
		if (!l->in_ifdef)
			return "#endif without #ifdef";
		l->in_ifdef = false;
		skip(l, 6);
		return NULL;
	}
	if (!starts(l, "#ifdef") || is_word(l->next[6]))
		return "only #ifdef and #endif are known";
	if (l->in_ifdef)
		return "#ifdef inside #ifdef";
	skip(l, 6);
	skip(l, strspn(l->next, " \t"));
	while (is_word(l->next[len]))
		len++;
	if (len == 0) {
		*l = here;
		return "#ifdef without a name";
	}
	if (find_define(l, l->next, len) != NULL) {
		l->in_ifdef = true;
		skip(l, len);
		return NULL;
	}
	if (!skip_past(l, "#endif")) {
		*l = here;
		return "#ifdef without #endif";
	}
	return NULL;
}

/* Skips what stands between tokens. NULL: done; else what is wrong. */
static const char *skip_blank(hf_lexer *l)
{
	for (;;) {
		const char *wrong = NULL;

		if (isspace((unsigned char)*l->next)) {
			skip(l, 1);
		} else if (starts(l, "//")) {
			skip(l, strcspn(l->next, "\n"));
		} else if (starts(l, "/*")) {
			hf_lexer here = *l;

			skip(l, 2);
			if (!skip_past(l, "*/")) {
				*l = here;
				return "comment without end";
			}
		} else if (*l->next == '#') {
			wrong = preprocess(l);
		} else {
			return NULL;
		}
		if (wrong != NULL)
			return wrong;
	}
}

static hf_token read_string(hf_lexer *l)
{
	size_t len = 1;
	hf_token t;

	while (l->next[len] != '"') {
		if (l->next[len] == '\\' && l->next[len + 1] != '\0')
			len++;
		if (l->next[len] == '\0')
			return bad(l, "string without end");
		len++;
	}
	t = token(l, HF_TOKEN_STRING, len + 1);
	t.text++;
	t.len = len - 1;
	skip(l, len + 1);
	return t;
}

static hf_token read_command(hf_lexer *l)
{
	const char *end = strchr(l->next + 1, '`');
	hf_token t;

	if (end == NULL)
		return bad(l, "command without end");
	t = token(l, HF_TOKEN_COMMAND, (size_t)(end - l->next) + 1);
	t.text++;
	t.len -= 2;
	skip(l, t.len + 2);
	return t;
}

static hf_token read_code(hf_lexer *l)
{
	const char *end = strstr(l->next, "}%");
	hf_token t;

	if (end == NULL)
		return bad(l, "code without end");
	t = token(l, HF_TOKEN_CODE, (size_t)(end - l->next) + 2);
	skip(l, t.len);
	t.text += 2;
	t.len -= 4;
	while (t.len > 0 && isspace((unsigned char)t.text[0])) {
		t.text++;
		t.len--;
	}
	while (t.len > 0 && isspace((unsigned char)t.text[t.len - 1]))
		t.len--;
	return t;
}

static hf_token read_option(hf_lexer *l)
{
	size_t len = strcspn(l->next, " \t\r\n\"`");
	char quote = l->next[len];
	hf_token t;

	/* A value may be a string or a command, with blanks. */
	if (quote == '"' || quote == '`') {
		const char *end = strchr(l->next + len + 1, quote);

		if (end == NULL)
			return bad(l, quote == '"' ? "string without end" : "command without end");
		len = (size_t)(end - l->next) + 1;
	}
	t = token(l, HF_TOKEN_OPTION, len);
	skip(l, len);
	return t;
}

/* Octets of a number at the start of `p`: 0: none. */
static size_t number_len(const char *p, bool *is_float)
{
	size_t len = *p == '-', digits;

	while (is_digit(p[len]))
		len++;
	digits = len - (*p == '-');
	*is_float = p[len] == '.' && is_digit(p[len + 1]);
	if (*is_float) {
		for (len++; is_digit(p[len]); len++)
			;
		return len;
	}
	return digits > 0 ? len : 0;
}

/* What a defined word stands for, in the word's place. */
static hf_token substitute(hf_token word, const hf_drill_define *d)
{
	const char *value = d->value != NULL ? d->value : "1";
	size_t len = strlen(value);

	word.text = value;
	word.len = len;
	if (hf_read_integer(value, len, &word.value)) {
		word.kind = HF_TOKEN_INTEGER;
	} else if (len >= 2 && value[0] == '"' && value[len - 1] == '"') {
		word.kind = HF_TOKEN_STRING;
		word.text++;
		word.len -= 2;
	} else if (len >= 2 && value[0] == '`' && value[len - 1] == '`') {
		word.kind = HF_TOKEN_COMMAND;
		word.text++;
		word.len -= 2;
	}
	return word;
}

static hf_token read_word_or_number(hf_lexer *l)
{
	size_t word = 0, number;
	const hf_drill_define *d;
	bool is_float;
	hf_token t;

	while (is_word(l->next[word]))
		word++;
	number = number_len(l->next, &is_float);
	if (number >= word && number > 0) {
		t = token(l, is_float ? HF_TOKEN_FLOAT : HF_TOKEN_INTEGER, number);
		if (!is_float && !hf_read_integer(t.text, t.len, &t.value))
			return bad(l, "number too large");
		skip(l, number);
		return t;
	}
	t = token(l, HF_TOKEN_WORD, word);
	d = find_define(l, t.text, t.len);
	skip(l, word);
	if (d != NULL)
		return substitute(t, d);
	if (t.len > 2 && hf_read_integer(t.text, t.len, &t.value))
		t.kind = HF_TOKEN_INTEGER; /* hexadecimal */
	return t;
}

static bool begins_number(const char *p)
{
	bool is_float;

	return number_len(p, &is_float) > 0;
}

hf_token hf_lexer_next(hf_lexer *l)
{
	const char *wrong = skip_blank(l);
	char c = *l->next;
	hf_token t;

	if (wrong != NULL)
		return bad(l, wrong);
	if (c == '\0')
		return l->in_ifdef ? bad(l, "#ifdef without #endif") : token(l, HF_TOKEN_END, 0);
	if (starts(l, "--") && is_word(l->next[2]))
		return read_option(l);
	if (starts(l, "%{"))
		return read_code(l);
	if (c == '"')
		return read_string(l);
	if (c == '`')
		return read_command(l);
	if (starts(l, "...")) {
		t = token(l, HF_TOKEN_ELLIPSIS, 3);
		skip(l, 3);
		return t;
	}
	if (is_word(c) || begins_number(l->next))
		return read_word_or_number(l);
	t = token(l, HF_TOKEN_SIGN, 1);
	skip(l, 1);
	return t;
}

hf_token hf_lexer_again(hf_lexer *l, const hf_token *last, const char *set)
{
	hf_token t;

	l->next = last->begin;
	l->at = last->at;
	t = token(l, HF_TOKEN_WORD, strspn(l->next, set));
	skip(l, t.len);
	return t;
}

void hf_lexer_shorten(hf_lexer *l, hf_token *token)
{
	token->len--;
	token->end--;
	l->next--;
	l->at.column--;
}
