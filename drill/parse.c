/* SPDX-License-Identifier: BSD-2-Clause */
/* The parser: options, commands without a time, and events with theirs. */
#include "drill/parse.h"

#include <ctype.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/*
 * Theory of operation
 *
 * A parser by recursive descent with one token of look-ahead: an event ends where the next one's
 * time begins. A mistake ends the reading, with the first error noted. What is legal but not
 * supported is noted as a need, and reading goes on, so that all needs of a script can be listed.
 */

/* ---- Tokens ---- */

void hf_parse_advance(hf_parser *p)
{
	p->used = p->now.end;
	p->now = hf_lexer_next(&p->lexer);
}

bool hf_parse_sign(hf_parser *p, char sign)
{
	if (!hf_token_is_sign(&p->now, sign))
		return false;
	hf_parse_advance(p);
	return true;
}

bool hf_parse_word(hf_parser *p, const char *word)
{
	if (!hf_token_is_word(&p->now, word))
		return false;
	hf_parse_advance(p);
	return true;
}

bool hf_parse_fail_at(hf_parser *p, hf_drill_at at, const char *text)
{
	if (p->script->error.text == NULL)
		p->script->error = (hf_drill_note){ .at = at, .text = text };
	return false;
}

bool hf_parse_fail(hf_parser *p, const char *format, ...)
{
	char text[200];
	va_list list;

	if (p->now.kind == HF_TOKEN_BAD)
		return hf_parse_fail_at(p, p->now.at, p->now.text);
	va_start(list, format);
	vsnprintf(text, sizeof(text), format, list);
	va_end(list);
	if (p->now.kind == HF_TOKEN_END)
		return hf_parse_fail_at(p, p->now.at,
					hf_arena_format(p->arena, "%s, not the end", text));
	return hf_parse_fail_at(p, p->now.at,
				hf_arena_format(p->arena, "%s, not '%.*s'", text,
						(int)(p->now.end - p->now.begin), p->now.begin));
}

bool hf_parse_expect(hf_parser *p, char sign)
{
	if (hf_parse_sign(p, sign))
		return true;
	return hf_parse_fail(p, "'%c' was expected", sign);
}

bool hf_parse_number(hf_parser *p, uint64_t most, uint64_t *out)
{
	if (p->now.kind != HF_TOKEN_INTEGER)
		return hf_parse_fail(p, "a number was expected");
	if (p->now.value < 0 || (uint64_t)p->now.value > most)
		return hf_parse_fail(p, "a number up to %llu was expected",
				     (unsigned long long)most);
	*out = (uint64_t)p->now.value;
	hf_parse_advance(p);
	return true;
}

void hf_parse_need(hf_parser *p, const char *format, ...)
{
	char text[200];
	va_list list;

	va_start(list, format);
	vsnprintf(text, sizeof(text), format, list);
	va_end(list);
	hf_drill_need(p->script, p->now.at, hf_arena_copy(p->arena, text, strlen(text)));
}

bool hf_parse_octets(hf_parser *p, uint8_t *out, size_t *len)
{
	char pair[3] = { 0 };
	hf_token t = hf_lexer_again(&p->lexer, &p->now, "0123456789abcdefABCDEF");

	p->now = t;
	if (t.len % 2 != 0)
		return hf_parse_fail(p, "octets of two digits each were expected");
	if (t.len > 2 * HF_DRILL_OCTETS)
		return hf_parse_fail(p, "at most %d octets fit", HF_DRILL_OCTETS);
	for (*len = 0; 2 * *len < t.len; ++*len) {
		memcpy(pair, t.text + 2 * *len, 2);
		out[*len] = (uint8_t)strtoul(pair, NULL, 16);
	}
	hf_parse_advance(p);
	return true;
}

bool hf_parse_is_v6(const hf_parser *p)
{
	for (const hf_drill_setting *o = p->script->settings; o != NULL; o = o->next) {
		if (strcmp(o->name, "ip_version") == 0 && o->value != NULL)
			return strcmp(o->value, "ipv6") == 0;
	}
	return false;
}

/* ---- Times ---- */

static bool read_moment(hf_parser *p, hf_ns *out)
{
	bool is_number = p->now.kind == HF_TOKEN_INTEGER || p->now.kind == HF_TOKEN_FLOAT;

	if (!is_number || !hf_read_seconds(p->now.text, p->now.len, out) || *out < 0)
		return hf_parse_fail(p, "a time in seconds was expected");
	hf_parse_advance(p);
	return true;
}

static bool read_end(hf_parser *p, hf_drill_time *out)
{
	if (p->now.kind == HF_TOKEN_ELLIPSIS) {
		hf_parse_advance(p);
		out->blocks = true;
	} else if (hf_parse_sign(p, '~')) {
		out->is_window = true;
		if (out->base == HF_DRILL_RELATIVE && !hf_parse_expect(p, '+'))
			return false;
	} else {
		return true;
	}
	if (!read_moment(p, &out->to))
		return false;
	if (out->to < out->from)
		return hf_parse_fail(p, "this time ends before it begins");
	return true;
}

static bool read_time(hf_parser *p, hf_drill_time *out)
{
	if (hf_parse_sign(p, '*')) {
		out->base = HF_DRILL_ANY;
		return true;
	}
	out->base = hf_parse_sign(p, '+') ? HF_DRILL_RELATIVE : HF_DRILL_ABSOLUTE;
	if (!read_moment(p, &out->from))
		return false;
	out->to = out->from;
	return read_end(p, out);
}

/* ---- Events ---- */

/* Which actions may have which times. */
static bool check_time(hf_parser *p, const hf_drill_event *e)
{
	bool is_outbound = e->kind == HF_DRILL_PACKET && !e->packet.is_inbound;

	if ((e->time.base == HF_DRILL_ANY || e->time.is_window) && !is_outbound)
		return hf_parse_fail_at(p, e->at, "only an outbound packet may have such a time");
	if (e->time.blocks && e->kind != HF_DRILL_CALL)
		return hf_parse_fail_at(p, e->at, "only a system call can block");
	return true;
}

static bool read_action(hf_parser *p, hf_drill_event *e)
{
	if (p->now.kind == HF_TOKEN_COMMAND || p->now.kind == HF_TOKEN_CODE) {
		e->kind = p->now.kind == HF_TOKEN_CODE ? HF_DRILL_CODE : HF_DRILL_COMMAND;
		e->text = hf_arena_copy(p->arena, p->now.text, p->now.len);
		e->text_at = p->now.at;
		hf_parse_advance(p);
		return true;
	}
	if (hf_token_is_sign(&p->now, '<') || hf_token_is_sign(&p->now, '>')) {
		e->kind = HF_DRILL_PACKET;
		return hf_parse_packet(p, &e->packet);
	}
	if (p->now.kind == HF_TOKEN_WORD) {
		e->kind = HF_DRILL_CALL;
		return hf_parse_call(p, &e->call);
	}
	return hf_parse_fail(p, "a packet, a system call, a command or code was expected");
}

/* The text of an event on one line, for reports. */
static const char *one_line(hf_arena *arena, const char *text, size_t len)
{
	char *line = hf_arena_take(arena, len + 1);
	size_t n = 0;

	for (size_t i = 0; i < len; i++) {
		bool is_blank = isspace((unsigned char)text[i]);

		if (!is_blank)
			line[n++] = text[i];
		else if (n > 0 && line[n - 1] != ' ')
			line[n++] = ' ';
	}
	line[n] = '\0';
	return line;
}

static bool read_event(hf_parser *p, hf_drill_event *e)
{
	const char *begin = p->now.begin;

	e->at = p->now.at;
	if (!read_time(p, &e->time) || !read_action(p, e) || !check_time(p, e))
		return false;
	e->source = one_line(p->arena, begin, (size_t)(p->used - begin));
	return true;
}

static bool begins_time(const hf_parser *p)
{
	return hf_token_is_sign(&p->now, '+') || hf_token_is_sign(&p->now, '*') ||
	       p->now.kind == HF_TOKEN_INTEGER || p->now.kind == HF_TOKEN_FLOAT;
}

static bool is_at_start(const hf_drill_event *e)
{
	return e->time.base != HF_DRILL_ANY && e->time.from == 0;
}

static bool read_events(hf_parser *p)
{
	hf_drill_event **last = &p->script->events;

	while (begins_time(p)) {
		hf_drill_event *e = hf_arena_take(p->arena, sizeof(*e));

		if (!read_event(p, e))
			return false;
		if (last == &p->script->events && !is_at_start(e))
			return hf_parse_fail_at(p, e->at, "the first event must be at time 0");
		*last = e;
		last = &e->next;
	}
	if (p->script->events == NULL)
		return hf_parse_fail(p, "an event was expected");
	return true;
}

/* ---- Scripts ---- */

hf_drill_define *hf_drill_define_of(hf_arena *arena, const char *text, const hf_drill_define *next)
{
	hf_drill_define *d = hf_arena_take(arena, sizeof(*d));
	const char *equals = strchr(text, '=');

	d->name = text;
	d->name_len = equals != NULL ? (size_t)(equals - text) : strlen(text);
	d->value = equals != NULL ? equals + 1 : NULL;
	d->next = next;
	return d;
}

/* The command line's definitions come first: they beat the script's. */
static void define(hf_parser *p, const char *text)
{
	hf_drill_define *d = hf_drill_define_of(p->arena, text, NULL);
	const hf_drill_define **last = &p->lexer.defines;
	hf_drill_define *copy;

	while (*last != NULL) {
		copy = hf_arena_take(p->arena, sizeof(*copy));
		*copy = **last;
		*last = copy;
		last = &copy->next;
	}
	*last = d;
}

static void read_settings(hf_parser *p)
{
	hf_drill_setting **last = &p->script->settings;

	while (p->now.kind == HF_TOKEN_OPTION) {
		hf_drill_setting *o = hf_arena_take(p->arena, sizeof(*o));
		char *text = hf_arena_copy(p->arena, p->now.text + 2, p->now.len - 2);
		char *equals = strchr(text, '=');

		o->at = p->now.at;
		o->name = text;
		if (equals != NULL) {
			size_t len = strlen(equals + 1);

			*equals = '\0';
			o->value = equals + 1;
			if (len >= 2 && equals[1] == '"' && equals[len] == '"') {
				equals[len] = '\0';
				o->value++;
			}
		}
		*last = o;
		last = &o->next;
		if (strcmp(o->name, "define") == 0 && o->value != NULL)
			define(p, o->value);
		hf_parse_advance(p);
	}
}

static const char *read_untimed(hf_parser *p, hf_drill_at *at)
{
	const char *text;

	if (p->now.kind != HF_TOKEN_COMMAND)
		return NULL;
	*at = p->now.at;
	text = hf_arena_copy(p->arena, p->now.text, p->now.len);
	hf_parse_advance(p);
	return text;
}

static void read_script(hf_parser *p)
{
	hf_drill_script *s = p->script;

	hf_parse_advance(p);
	read_settings(p);
	s->init = read_untimed(p, &s->init_at);
	if (!read_events(p))
		return;
	s->cleanup = read_untimed(p, &s->cleanup_at);
	if (p->now.kind != HF_TOKEN_END)
		hf_parse_fail(p, "an event was expected");
}

hf_drill_script *hf_drill_script_read(const char *name, const char *text,
				      const hf_drill_define *defines)
{
	hf_arena arena = { NULL };
	hf_drill_script *s = hf_arena_take(&arena, sizeof(*s));
	hf_parser p = { .script = s, .arena = &s->arena };

	s->arena = arena;
	s->name = hf_arena_copy(&s->arena, name, strlen(name));
	p.lexer = hf_lexer_on(hf_arena_copy(&s->arena, text, strlen(text)), defines);
	p.used = p.lexer.text;
	read_script(&p);
	return s;
}

void hf_drill_script_free(hf_drill_script *s)
{
	hf_arena arena;

	if (s == NULL)
		return;
	arena = s->arena; /* the script itself lies in it */
	hf_arena_release(&arena);
}

static bool comes_after(hf_drill_at a, hf_drill_at b)
{
	return a.line > b.line || (a.line == b.line && a.column > b.column);
}

void hf_drill_need(hf_drill_script *s, hf_drill_at at, const char *text)
{
	hf_drill_note **link = &s->needs;
	hf_drill_note *note;

	while (*link != NULL && !comes_after((*link)->at, at)) {
		if (!comes_after(at, (*link)->at) && strcmp((*link)->text, text) == 0)
			return;
		link = &(*link)->next;
	}
	note = hf_arena_take(&s->arena, sizeof(*note));
	*note = (hf_drill_note){ .next = *link, .at = at, .text = text };
	*link = note;
}
