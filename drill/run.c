/* SPDX-License-Identifier: BSD-2-Clause */
/* The runner: event after event, on a clock that jumps to wherever something happens. */
#include "drill/session.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "drill/names.h"
#include "drill/shell_words.h"

#define FIRST_PORT 49152 /* of the peer's, for connections that it opens */

/* ---- Time ---- */

hf_time hf_session_time(const hf_session *s, hf_drill_base base, hf_ns at)
{
	return hf_time_add(base == HF_DRILL_ABSOLUTE ? s->world.start : s->base, at);
}

hf_ns hf_session_tolerance(const hf_session *s, hf_time at)
{
	hf_ns distance = hf_time_diff(at, s->base);
	double part = (double)distance * s->setup.tolerance_percent / 100;

	return part > (double)s->setup.tolerance ? (hf_ns)part : s->setup.tolerance;
}

static bool wake(hf_session *s);

/* Everything that is to happen in this moment. */
static bool settle(hf_session *s)
{
	s->target->settle(s);
	if (s->world.trouble != NULL)
		return hf_session_fail(s, NULL, "%s", s->world.trouble);
	return s->sleeper.event == NULL || wake(s);
}

bool hf_session_step(hf_session *s, hf_time until)
{
	return s->target->pass(s, until) && settle(s);
}

/* Lets time pass up to `until`: what is due happens. False: it came to a failure. */
static bool go(hf_session *s, hf_time until)
{
	while (hf_session_step(s, until))
		;
	if (hf_time_before(s->world.now, until))
		s->world.now = until;
	return !s->has_failed;
}

/* ---- Calls ---- */

static bool check_made(hf_session *s, const hf_drill_event *e, hf_sock *made)
{
	const hf_expr *wanted = e->call.result;
	int64_t fd = wanted->kind == HF_EXPR_INTEGER ? wanted->value :
						       hf_sock_free_number(&s->sockets);

	if (fd < 0)
		return hf_session_fail(s, e, "%s succeeded, but was to fail", e->call.name);
	if (!hf_sock_number(&s->sockets, made, fd))
		return hf_session_fail(s, e, "descriptor %lld is open already", (long long)fd);
	return true;
}

static const char *describe(hf_session *s, int64_t value, const char *error)
{
	return hf_arena_format(s->arena, "%lld%s%s", (long long)value, error != NULL ? " " : "",
			       error != NULL ? error : "");
}

static bool check_value(hf_session *s, const hf_drill_event *e, const hf_answer *a)
{
	const hf_drill_call *call = &e->call;
	bool is_same = a->value == call->result->value &&
		       (call->error == NULL || call->error_number == a->error);

	if (call->result->kind == HF_EXPR_ELLIPSIS || is_same)
		return true;
	return hf_session_fail(
		s, e, "%s: expected %s, got %s", call->name,
		describe(s, call->result->value, call->error),
		describe(s, a->value, a->value < 0 ? hf_drill_errno_name(a->error) : NULL));
}

static bool check_answer(hf_session *s, const hf_drill_event *e, const hf_answer *a)
{
	if (a->trouble != NULL)
		return hf_session_fail(s, e, "%s: %s", e->call.name, a->trouble);
	if (a->made != NULL ? !check_made(s, e, a->made) : !check_value(s, e, a))
		return false;
	if (a->mismatch != NULL)
		return hf_session_fail(s, e, "%s: %s", e->call.name, a->mismatch);
	return true;
}

static bool check_end(hf_session *s)
{
	const hf_sleeper *k = &s->sleeper;
	hf_ns off = hf_time_diff(s->world.now, k->end);

	if (off >= -k->tolerance && off <= k->tolerance)
		return true;
	return hf_session_fail(s, k->event, "%s was to return at %.6f s, but returned at %.6f s",
			       k->event->call.name,
			       (double)hf_time_diff(k->end, s->world.start) / 1e9,
			       (double)hf_world_elapsed(&s->world) / 1e9);
}

/* The call that slept has returned. False: not as it was to, which is not forgiven. */
static bool end_call(hf_session *s, const hf_drill_event *e, const hf_answer *a)
{
	if (check_answer(s, e, a))
		(void)check_end(s);
	s->sleeper.event = NULL;
	return !s->has_failed;
}

/* Asks the call that sleeps once more. */
static bool wake(hf_session *s)
{
	const hf_drill_event *e = s->sleeper.event;
	hf_answer a = s->target->try_call(s, &e->call, &s->sleeper.state);

	s->target->settle(s); /* asking alone may have made it look for something to send */
	return a.blocks || end_call(s, e, &a);
}

/* Calls are made one after the other: a second one waits for the first, for a second at most. */
static bool await_sleeper(hf_session *s, const hf_drill_event *e)
{
	hf_time limit = hf_time_add(s->world.now, HF_SEC(1));

	while (s->sleeper.event != NULL && hf_session_step(s, limit))
		;
	if (s->sleeper.event != NULL && !s->has_failed)
		return hf_session_fail(s, e, "the call of line %u still sleeps",
				       s->sleeper.event->at.line);
	return !s->has_failed;
}

/* Makes the call of an event, now. */
static bool make_call(hf_session *s, const hf_drill_event *e)
{
	hf_sleeper k = { .event = e, .state = { .may_sleep = e->time.blocks } };
	hf_answer a;

	if (!await_sleeper(s, e))
		return false;
	k.end = hf_session_time(s, e->time.base, e->time.to);
	k.tolerance = hf_session_tolerance(s, k.end);
	a = s->target->try_call(s, &e->call, &k.state);
	if (a.blocks && !e->time.blocks)
		return hf_session_fail(s, e, "%s would sleep: a time like +0...0.1 says until when",
				       e->call.name);
	s->sleeper = k;
	if (a.blocks)
		return settle(s);
	return end_call(s, e, &a) && settle(s);
}

/* ---- Code and commands ---- */

static bool find_figure(void *ctx, const char *name, hf_datum *out)
{
	hf_session *s = ctx;

	return s->target->figure(s, name, out);
}

static bool run_code(hf_session *s, const hf_drill_event *e)
{
	hf_code_result r;

	if (s->sockets.tested == NULL)
		return hf_session_fail(s, e, "there is no socket whose figures could be looked at");
	s->code.negated = e->negated;
	r = hf_code_run(&s->code, e->text);
	s->result->said = hf_arena_format(s->arena, "%s%s", s->result->said, r.said);
	if (r.end == HF_CODE_DONE)
		return true;
	hf_session_fail(s, e, "%s%s", r.end == HF_CODE_UNKNOWN ? "not known: " : "", r.text);
	return false;
}

static bool run_command(hf_session *s, const hf_drill_event *e)
{
	const char *failure;
	hf_ns time;

	if (hf_shell_is_sleep(e->text, &time))
		return go(s, hf_time_add(s->world.now, time));
	failure = s->target->command(s, e->text);
	return failure == NULL || hf_session_fail(s, e, "%s", failure);
}

/* ---- Events ---- */

/* Sockets and packets need the target; commands may still change its settings. */
static bool start_target(hf_session *s, const hf_drill_event *e)
{
	const char *why = s->target->start(s);

	return why == NULL || hf_session_fail(s, e, "%s", why);
}

static bool come_to(hf_session *s, const hf_drill_event *e)
{
	hf_time at = hf_session_time(s, e->time.base, e->time.from);
	hf_ns tolerance = hf_session_tolerance(s, at);

	if (!go(s, at))
		return false;
	if (hf_time_diff(s->world.now, at) > tolerance)
		return hf_session_fail(s, e, "this time has passed: it is %.6f s",
				       (double)hf_world_elapsed(&s->world) / 1e9);
	return true;
}

static bool run_event(hf_session *s, const hf_drill_event *e)
{
	if (e->kind != HF_DRILL_COMMAND && !start_target(s, e))
		return false;
	if (e->is_left_out && e->time.base == HF_DRILL_ANY)
		return true;
	if (e->kind == HF_DRILL_PACKET && !e->packet.is_inbound && !e->is_left_out)
		return hf_session_outbound(s, e);
	if (!come_to(s, e))
		return false;
	if (e->is_left_out)
		return true;
	switch (e->kind) {
	case HF_DRILL_PACKET:
		return hf_session_inbound(s, e) && settle(s);
	case HF_DRILL_CALL:
		return make_call(s, e);
	case HF_DRILL_COMMAND:
		return run_command(s, e);
	case HF_DRILL_CODE:
		break;
	}
	return run_code(s, e);
}

/* The sleeper must return, and nothing may leave that no event speaks of. */
static bool finish(hf_session *s)
{
	hf_time end = hf_time_add(s->world.now, s->setup.tolerance);

	if (s->sleeper.event != NULL) {
		const hf_sleeper *k = &s->sleeper;

		if (!go(s, hf_time_add(k->end, k->tolerance)))
			return false;
		if (k->event != NULL)
			return hf_session_fail(s, k->event, "%s has not returned",
					       k->event->call.name);
	}
	return go(s, end) && hf_session_no_more(s);
}

/*
 * What follows counts from when an event was done; but in a burst of packets of the script's from
 * when it was to be, so that what real time costs does not add up.
 */
static hf_time base_after(const hf_session *s, const hf_drill_event *e)
{
	const hf_drill_event *next = e->next;
	bool is_burst = e->kind == HF_DRILL_PACKET && e->packet.is_inbound && next != NULL &&
			next->kind == HF_DRILL_PACKET && next->packet.is_inbound;

	return is_burst ? hf_session_time(s, e->time.base, e->time.from) : s->world.now;
}

static void run_events(hf_session *s)
{
	for (const hf_drill_event *e = s->script->events; e != NULL; e = e->next) {
		(void)run_event(s, e); /* a difference may be forgiven */
		if (s->has_failed)
			return;
		s->base = base_after(s, e);
		s->result->events++;
	}
	finish(s);
}

/* ---- Sessions ---- */

static void on_left(void *ctx, hf_drill_wire *p)
{
	hf_session *s = ctx;

	hf_drill_flow_left(&s->flows, p);
}

static void on_socket(void *ctx)
{
	hf_session *s = ctx;

	hf_drill_flow_leave(&s->flows);
}

static void on_connect(void *ctx, const hf_endpoint *local, const hf_endpoint *remote)
{
	hf_session *s = ctx;

	hf_drill_flow_begin(&s->flows, local, remote);
}

static bool read_setup(hf_session *s, hf_drill_note *why)
{
	s->target = s->options->target != NULL ? s->options->target : &hf_target_stack;
	hf_drill_setup_init(&s->setup);
	if (!hf_drill_setup_apply(&s->setup, s->script, s->script->settings, why) ||
	    !hf_drill_setup_apply(&s->setup, s->script, s->options->settings, why))
		return false;
	if (s->setup.tolerance < s->target->slack)
		s->setup.tolerance = s->target->slack;
	if (hf_drill_setup_finish(&s->setup))
		return true;
	*why = (hf_drill_note){ .text = "the addresses are not of the script's IP version" };
	return false;
}

static void begin(hf_session *s)
{
	hf_config *config;

	hf_world_init(&s->world, s->arena);
	s->world.left = on_left;
	s->world.ctx = s;
	config = &s->world.config;
	config->mtu = s->setup.mtu;
	config->profile = s->options->profile;
	config->address[0] = (hf_host_addr){ s->setup.local, s->setup.is_v6 ? 64 : 24 };
	s->flows = (hf_drill_flows){ .arena = s->arena, .next_port = FIRST_PORT };
	s->sockets = (hf_sockets){ .arena = s->arena,
				   .world = &s->world,
				   .setup = &s->setup,
				   .profile = s->options->profile,
				   .made = on_socket,
				   .connected = on_connect,
				   .ctx = s };
	s->code = (hf_code_world){ .arena = s->arena, .find = find_figure, .ctx = s };
	s->result->said = s->result->forgiven = "";
}

/* What the script says of times counts from here. */
static void start_clock(hf_session *s)
{
	s->world.start = s->world.now = s->base = s->target->now(s);
}

static void run_untimed(hf_session *s, const char *text, hf_drill_at at)
{
	hf_drill_event e = { .kind = HF_DRILL_COMMAND, .at = at, .text = text, .source = text };

	if (text != NULL && !s->has_failed)
		run_command(s, &e);
}

/* What --init_scripts names: the next one's name, of all that are left in `*rest`. NULL: none. */
static const char *next_script(hf_arena *arena, const char **rest)
{
	size_t len;

	if (*rest == NULL)
		return NULL;
	*rest += strspn(*rest, ", ");
	len = strcspn(*rest, ",");
	*rest += len;
	return len > 0 ? hf_arena_copy(arena, *rest - len, len) : NULL;
}

static void run_in(hf_session *s)
{
	const char *rest = s->setup.init_scripts, *name;

	while ((name = next_script(s->arena, &rest)) != NULL)
		run_untimed(s, name, s->setup.init_scripts_at);
	run_untimed(s, s->script->init, s->script->init_at);
	start_clock(s);
	if (!s->has_failed)
		run_events(s);
	run_untimed(s, s->script->cleanup, s->script->cleanup_at);
	s->result->time = hf_world_elapsed(&s->world);
	if (s->has_failed)
		hf_session_add_ladder(s);
}

static void run(hf_session *s)
{
	const char *why;

	begin(s);
	why = s->target->open(s);
	if (why != NULL) {
		hf_session_fail(s, NULL, "%s", why);
		return;
	}
	run_in(s);
	why = s->target->close(s);
	if (why != NULL)
		hf_session_fail(s, NULL, "%s", why);
}

hf_ns hf_drill_span(const hf_drill_script *script)
{
	hf_ns span = 0, to;

	for (const hf_drill_event *e = script->events; e != NULL; e = e->next) {
		to = e->time.blocks ? e->time.from : e->time.to;
		if (e->time.base == HF_DRILL_RELATIVE)
			span += to;
		else if (e->time.base == HF_DRILL_ABSOLUTE)
			span = to;
	}
	return span;
}

static void refuse(hf_drill_result *r, hf_drill_end end, const hf_drill_note *note)
{
	r->end = end;
	r->at = note->at;
	r->text = hf_arena_copy(&r->arena, note->text, strlen(note->text));
}

hf_drill_result hf_drill_run(hf_drill_script *script, const hf_drill_options *options)
{
	hf_drill_result r = { .end = HF_DRILL_PASSED, .details = "", .said = "", .forgiven = "" };
	hf_session s = { .script = script, .options = options, .result = &r, .arena = &r.arena };
	hf_drill_note why = script->error;

	if (why.text != NULL || !read_setup(&s, &why)) {
		refuse(&r, HF_DRILL_BROKEN, &why);
		return r;
	}
	if (script->needs != NULL) {
		refuse(&r, HF_DRILL_UNSUPPORTED, script->needs);
		r.text = hf_arena_format(&r.arena, "not supported: %s", r.text);
		return r;
	}
	if (options->longest != 0 && hf_drill_span(script) > options->longest) {
		r.end = HF_DRILL_UNSUPPORTED;
		r.text = hf_arena_format(&r.arena, "not tried: it takes %.0f s",
					 (double)hf_drill_span(script) / 1e9);
		return r;
	}
	if (!s.setup.is_dry)
		run(&s);
	return r;
}

/* ---- Checking ---- */

/** Code is checked with every figure being 1; names that are none are noted. */
typedef struct checking {
	const hf_target *target;
	hf_drill_script *script;
	hf_drill_at at;
} checking;

static bool note_figure(void *ctx, const char *name, hf_datum *out)
{
	checking *c = ctx;

	if (!c->target->knows_figure(name))
		hf_drill_need(c->script, c->at,
			      hf_arena_format(&c->script->arena, "name %s in code", name));
	*out = (hf_datum){ .type = HF_DATUM_INTEGER, .integer = 1, .text = "" };
	return true;
}

static void check_code(hf_code_world *world, checking *c, const hf_drill_event *e)
{
	hf_code_result r;
	hf_drill_note note = { .at = e->text_at };

	c->at = e->text_at;
	r = hf_code_check(world, e->text);
	if (r.end == HF_CODE_DONE)
		return;
	note.text = hf_arena_format(&c->script->arena, "in code, line %u, column %u: %s", r.at.line,
				    r.at.column, r.text);
	if (r.end == HF_CODE_UNKNOWN)
		hf_drill_need(c->script, note.at, note.text);
	else if (c->script->error.text == NULL)
		c->script->error = note;
}

void hf_drill_check(hf_drill_script *script, const hf_drill_options *options)
{
	checking c = { .script = script };
	hf_code_world world = { .arena = &script->arena, .find = note_figure, .ctx = &c };
	hf_session s = { .script = script, .options = options };
	const char *rest, *name;
	hf_drill_note why;

	if (script->error.text != NULL)
		return;
	if (!read_setup(&s, &why))
		script->error = why;
	c.target = s.target;
	for (rest = s.setup.init_scripts; (name = next_script(&script->arena, &rest)) != NULL;)
		s.target->check_command(script, name, s.setup.init_scripts_at);
	if (script->init != NULL)
		s.target->check_command(script, script->init, script->init_at);
	for (const hf_drill_event *e = script->events; e != NULL; e = e->next) {
		if (e->kind == HF_DRILL_CALL)
			s.target->check_call(script, &e->call);
		else if (e->kind == HF_DRILL_COMMAND)
			s.target->check_command(script, e->text, e->text_at);
		else if (e->kind == HF_DRILL_CODE)
			check_code(&world, &c, e);
	}
	if (script->cleanup != NULL)
		s.target->check_command(script, script->cleanup, script->cleanup_at);
}
