/* SPDX-License-Identifier: BSD-2-Clause */
/* getsockopt, setsockopt and ioctl on the kernel's sockets: values in the script's words. */
#include <inttypes.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/time.h>

#include "drill/kernel_parts.h"
#include "drill/names.h"

#define VALUE_ROOM 512

/* ---- Values ---- */

/** Two numbers under their names in a script. */
typedef struct pair {
	const char *first, *second;
	size_t each; /* octets of one */
} pair;

static const pair pairs[] = {
	{ "onoff", "linger", sizeof(int) },
	{ "tv_sec", "tv_usec", sizeof(long) },
};

static const pair *pair_of(const hf_expr *value)
{
	for (size_t i = 0; i < sizeof(pairs) / sizeof(pairs[0]); i++) {
		if (hf_expr_field(value, pairs[i].first) != NULL &&
		    hf_expr_field(value, pairs[i].second) != NULL)
			return &pairs[i];
	}
	return NULL;
}

static void put_number(uint8_t *to, int64_t n, size_t octets)
{
	int narrow = (int)n;
	long wide = (long)n;

	memcpy(to, octets == sizeof(int) ? (void *)&narrow : (void *)&wide, octets);
}

static int64_t get_number(const uint8_t *from, size_t octets)
{
	int narrow;
	long wide;

	memcpy(octets == sizeof(int) ? (void *)&narrow : (void *)&wide, from, octets);
	return octets == sizeof(int) ? narrow : wide;
}

/* Octets that it took; 0: it cannot be done. */
static size_t put_value(hf_arena *arena, const hf_expr *value, uint8_t *to)
{
	const pair *p = pair_of(value);
	hf_view octets;

	if (value->kind == HF_EXPR_INTEGER) {
		put_number(to, value->value, sizeof(int));
		return sizeof(int);
	}
	if (value->kind == HF_EXPR_STRING && value->len < VALUE_ROOM) {
		octets = hf_call_octets_of(arena, value);
		memcpy(to, octets.at, octets.len);
		return octets.len + 1;
	}
	if (hf_expr_field(value, "enable") != NULL) /* FreeBSD's struct; Linux has the number */
		return put_value(arena, hf_expr_field(value, "enable"), to);
	if (p == NULL)
		return 0;
	put_number(to, hf_expr_field(value, p->first)->value, p->each);
	put_number(to + p->each, hf_expr_field(value, p->second)->value, p->each);
	return 2 * p->each;
}

/* ---- setsockopt ---- */

static bool set_level(hf_kcall *k)
{
	return hf_kcall_fd(k) && hf_kcall_int(k, 1, 0) && hf_kcall_int(k, 2, 0);
}

bool hf_kcall_setsockopt(hf_kcall *k)
{
	const hf_expr *value = hf_kcall_inside(hf_call_arg(&k->calling, 3));
	uint8_t *octets = hf_kcall_zeros(k, VALUE_ROOM);
	size_t len = put_value(k->calling.sockets->arena, value, octets);

	if (!set_level(k) || !hf_kcall_int(k, 4, (int64_t)len))
		return false;
	if (len == 0) {
		hf_call_trouble(&k->calling, "a value of this kind is not known");
		return false;
	}
	/* Times are 64 bits wide today, whatever length the script has. */
	if (pair_of(value) != NULL)
		k->job->argument[4] = (long)len;
	k->job->argument[3] = hf_kcall_pointer(octets);
	return true;
}

/* ---- getsockopt ---- */

bool hf_kcall_getsockopt(hf_kcall *k)
{
	const hf_expr *len = hf_kcall_inside(hf_call_arg(&k->calling, 4));
	socklen_t *room = hf_arena_take(k->calling.sockets->arena, sizeof(*room));

	if (!set_level(k))
		return false;
	*room = VALUE_ROOM;
	if (len->kind == HF_EXPR_INTEGER && len->value >= 0 && len->value < VALUE_ROOM)
		*room = (socklen_t)len->value;
	k->buffer = hf_kcall_zeros(k, VALUE_ROOM);
	k->filled = room;
	k->job->argument[3] = hf_kcall_pointer(k->buffer);
	k->job->argument[4] = hf_kcall_pointer(room);
	return true;
}

/* The name of an algorithm ends with a zero, octets with their length. */
static void compare_text(hf_kcall *k, const hf_expr *value, size_t len)
{
	hf_arena *arena = k->calling.sockets->arena;
	hf_view wanted = hf_call_octets_of(arena, value);

	if (strcmp(value->text, (const char *)k->buffer) == 0)
		return;
	if (wanted.len == len && memcmp(wanted.at, k->buffer, len) == 0)
		return;
	k->calling.answer->mismatch = hf_arena_format(arena,
						      "the value: expected \"%s\", got \"%s\"",
						      value->text, (const char *)k->buffer);
}

static void compare_number(hf_kcall *k, const char *what, const hf_expr *wanted, int64_t got)
{
	if (wanted->kind == HF_EXPR_INTEGER && wanted->value != got)
		hf_call_mismatch(&k->calling, what, wanted->value, got);
}

/* The fields of TCP_INFO that the script names. */
static void compare_info(hf_kcall *k, const hf_expr *value, size_t len)
{
	int64_t got;

	for (const hf_expr *f = value->first; f != NULL; f = f->next) {
		if (f->kind != HF_EXPR_FIELD)
			continue;
		if (hf_kernel_info_find(k->buffer, len, f->text, &got))
			compare_number(k, f->text, f->first, got);
		else
			hf_call_trouble(&k->calling,
					hf_arena_format(k->calling.sockets->arena,
							"this kernel has no %s", f->text));
	}
}

static bool is_info(const hf_kcall *k)
{
	return k->job->argument[1] == HF_SYM_SOL_TCP && k->job->argument[2] == HF_SYM_TCP_INFO;
}

void hf_kcall_getsockopt_end(hf_kcall *k)
{
	const hf_expr *value = hf_kcall_inside(hf_call_arg(&k->calling, 3));
	const socklen_t *len = k->filled;
	const pair *p = pair_of(value);

	if (value->kind == HF_EXPR_INTEGER) {
		compare_number(k, "the value", value,
			       *len == 1 ? k->buffer[0] : get_number(k->buffer, sizeof(int)));
	} else if (value->kind == HF_EXPR_STRING) {
		compare_text(k, value, *len);
	} else if (is_info(k) && value->kind == HF_EXPR_STRUCT) {
		compare_info(k, value, *len);
	} else if (p != NULL) {
		compare_number(k, p->first, hf_expr_field(value, p->first),
			       get_number(k->buffer, p->each));
		compare_number(k, p->second, hf_expr_field(value, p->second),
			       get_number(k->buffer + p->each, p->each));
	}
}

/* ---- ioctl ---- */

bool hf_kcall_ioctl(hf_kcall *k)
{
	const hf_expr *value = hf_kcall_inside(hf_call_arg(&k->calling, 2));

	if (!hf_kcall_fd(k) || !hf_kcall_int(k, 1, 0))
		return false;
	k->buffer = hf_kcall_zeros(k, sizeof(int));
	if (value->kind == HF_EXPR_INTEGER)
		put_number(k->buffer, value->value, sizeof(int));
	k->job->argument[2] = hf_kcall_pointer(k->buffer);
	return true;
}

void hf_kcall_ioctl_end(hf_kcall *k)
{
	const hf_expr *value = hf_kcall_inside(hf_call_arg(&k->calling, 2));

	compare_number(k, "the value", value, get_number(k->buffer, sizeof(int)));
}
