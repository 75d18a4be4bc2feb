/* SPDX-License-Identifier: BSD-2-Clause */
/* The stack as a target: in this process, on a clock that jumps to wherever something happens. */
#include "drill/figures.h"
#include "drill/session.h"
#include "drill/shell.h"

#define LONGEST HF_SEC(86400) /* a day costs nothing */

static bool knows_figure(const char *name)
{
	hf_datum value;

	return hf_figure_find(NULL, name, &value);
}

static const char *open_world(hf_session *s)
{
	(void)s; /* the stack is made once its settings are known */
	return NULL;
}

static const char *start(hf_session *s)
{
	hf_err err = hf_world_start(&s->world);

	if (err == HF_OK)
		return NULL;
	return hf_arena_format(s->arena, "the stack cannot be set up like this: %s",
			       hf_err_text(err));
}

static const char *stop(hf_session *s)
{
	return hf_world_stop(&s->world) ? NULL : "the stack did not give all its memory back";
}

static hf_time now(const hf_session *s)
{
	return s->world.now;
}

static void input(hf_session *s, const uint8_t *octets, size_t len)
{
	hf_world_input(&s->world, octets, len);
}

static void settle(hf_session *s)
{
	hf_world_settle(&s->world);
	hf_sockets_watch(&s->sockets);
}

static bool pass(hf_session *s, hf_time until)
{
	hf_time due = hf_world_due(&s->world);

	if (s->sleeper.event != NULL)
		due = hf_time_min(due, s->sleeper.state.wake);
	if (hf_time_before(until, due) || due.ns == HF_NEVER.ns)
		return false;
	if (hf_time_before(s->world.now, due))
		s->world.now = due;
	return true;
}

static hf_answer try_call(hf_session *s, const hf_drill_call *call, hf_call_state *state)
{
	return hf_call_try(&s->sockets, call, state);
}

static bool figure(hf_session *s, const char *name, hf_datum *out)
{
	hf_sock *sock = s->sockets.tested;
	hf_conn_info info = { .state = HF_CLOSED };

	if (sock->phase == HF_SOCK_LISTENING) {
		info.state = HF_LISTEN;
	} else if (sock->phase != HF_SOCK_NEW) {
		hf_stack_input(s->world.stack, NULL, 0, s->world.now); /* tells the time */
		info = hf_sock_info(&s->sockets, sock);
	}
	return hf_figure_find(&info, name, out);
}

static const char *command(hf_session *s, const char *text)
{
	return hf_shell_run(&s->sockets, text);
}

const hf_target hf_target_stack = {
	.name = "Handfast",
	.key = "handfast",
	.patience = LONGEST,
	.check_call = hf_call_check,
	.check_command = hf_shell_check,
	.knows_figure = knows_figure,
	.open = open_world,
	.start = start,
	.close = stop,
	.now = now,
	.input = input,
	.settle = settle,
	.pass = pass,
	.try_call = try_call,
	.figure = figure,
	.command = command,
};
