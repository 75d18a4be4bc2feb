/* SPDX-License-Identifier: BSD-2-Clause */
/* Files and pipes beside the kernel's sockets: a script's file is one in memory. */
#include <errno.h>
#include <string.h>
#include <unistd.h>

#include "drill/kernel_parts.h"
#include "drill/names.h"

/* ---- Files ---- */

bool hf_kcall_open(hf_kcall *k)
{
	const hf_expr *path = hf_call_arg(&k->calling, 0);
	int64_t flags;

	if (!hf_call_int(&k->calling, 1, HF_SYM_O_RDONLY, &flags))
		return false;
	if (path->kind != HF_EXPR_STRING || (flags & ~HF_SYM_O_CLOEXEC) != HF_SYM_O_RDONLY) {
		hf_call_trouble(&k->calling, "open takes \"a path\", and O_RDONLY");
		return false;
	}
	if (hf_sockets_file(k->calling.sockets, path->text) < 0) {
		hf_call_fail(&k->calling, HF_ENOENT);
		return false;
	}
	k->job->argument[0] = hf_kcall_pointer("drill");
	return true;
}

void hf_kcall_open_end(hf_kcall *k)
{
	const char *path = hf_call_arg(&k->calling, 0)->text;
	hf_sock *file = hf_kcall_made(k, k->job->result);

	file->kind = HF_SOCK_FILE;
	file->size = hf_sockets_file(k->calling.sockets, path);
	if (ftruncate(file->live, (off_t)file->size) != 0)
		hf_call_trouble(&k->calling,
				hf_arena_format(k->calling.sockets->arena,
						"cannot make the file: %s", strerror(errno)));
	k->calling.answer->made = file;
}

/* ---- Pipes ---- */

static const hf_expr *number_of(const hf_kcall *k, unsigned n)
{
	const hf_expr *ends = hf_call_arg(&k->calling, 0);
	const hf_expr *e = ends->kind == HF_EXPR_LIST ? hf_expr_nth(ends->first, n) : NULL;

	return e != NULL && e->kind == HF_EXPR_INTEGER ? e : NULL;
}

bool hf_kcall_pipe(hf_kcall *k)
{
	if (number_of(k, 0) == NULL || number_of(k, 1) == NULL) {
		hf_call_trouble(&k->calling, "pipe takes [NUMBER, NUMBER]");
		return false;
	}
	k->filled = hf_kcall_zeros(k, 2 * sizeof(int));
	k->job->argument[0] = hf_kcall_pointer(k->filled);
	return true;
}

void hf_kcall_pipe_end(hf_kcall *k)
{
	const int *ends = k->filled;

	for (unsigned i = 0; i < 2; i++) {
		hf_sock *end = hf_kcall_made(k, ends[i]);

		end->kind = i == 0 ? HF_SOCK_PIPE_OUT : HF_SOCK_PIPE_IN;
		if (!hf_sock_number(k->calling.sockets, end, number_of(k, i)->value))
			hf_call_trouble(&k->calling, "a descriptor of this number is open already");
	}
}

/* ---- splice and sendfile ---- */

static bool set_descriptor(hf_kcall *k, unsigned n)
{
	int64_t fd;

	if (!hf_call_int(&k->calling, n, -1, &fd))
		return false;
	k->job->argument[n] = hf_kcall_live(k, fd);
	return true;
}

/* `[N]` goes as a pointer to it, all else as NULL. */
static void set_offset(hf_kcall *k, unsigned n)
{
	const hf_expr *e = hf_call_arg(&k->calling, n);
	int64_t *offset = hf_arena_take(k->calling.sockets->arena, sizeof(*offset));

	k->job->argument[n] = 0;
	if (e->kind != HF_EXPR_LIST || e->first == NULL || e->first->kind != HF_EXPR_INTEGER)
		return;
	*offset = e->first->value;
	k->job->argument[n] = hf_kcall_pointer(offset);
}

bool hf_kcall_splice(hf_kcall *k)
{
	set_offset(k, 1);
	set_offset(k, 3);
	return set_descriptor(k, 0) && set_descriptor(k, 2) && hf_kcall_int(k, 4, 0) &&
	       hf_kcall_int(k, 5, 0);
}

bool hf_kcall_sendfile(hf_kcall *k)
{
	set_offset(k, 2);
	return set_descriptor(k, 0) && set_descriptor(k, 1) && hf_kcall_int(k, 3, 0);
}
