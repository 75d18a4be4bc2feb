/* SPDX-License-Identifier: BSD-2-Clause */
/* Many scripts, run side by side. */
#include "drill/suite.h"

#include <pthread.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>

#include "drill/mutate.h"
#include "drill/paths.h"
#include "drill/suite_report.h"

#define TRIES 3 /* in real time */

/** What the workers share. */
typedef struct work {
	const hf_suite_options *options;
	hf_suite_case *cases;
	size_t count;
	atomic_size_t next;
} work;

static hf_drill_script *read_script(const hf_suite_case *c, const hf_suite_options *o)
{
	hf_drill_script *s = hf_drill_script_read(c->path, c->text, o->drill.defines);

	hf_drill_check(s, &o->drill);
	return s;
}

/* One change: does the script fail now? */
static bool try_mutant(hf_suite_case *c, const hf_suite_options *o, size_t n)
{
	hf_drill_script *s = read_script(c, o);
	hf_mutation m;
	bool exists = hf_mutate(s, &o->drill, n, &m);
	hf_drill_result r;

	if (exists) {
		r = hf_drill_run(s, &o->drill);
		c->mutants++;
		if (r.end == HF_DRILL_PASSED && strcmp(r.forgiven, c->result.forgiven) == 0) {
			c->survivors++;
			c->notes = hf_arena_format(&c->result.arena,
						   "%s%s:%u:%u: %s: the change "
						   "was not noticed\n",
						   c->notes, c->path, m.at.line, m.at.column,
						   m.text);
		}
		hf_drill_result_release(&r);
	}
	hf_drill_script_free(s);
	return exists;
}

static void list_needs(hf_suite_case *c, const hf_drill_script *s)
{
	c->result.end = s->error.text != NULL ? HF_DRILL_BROKEN :
			s->needs != NULL      ? HF_DRILL_UNSUPPORTED :
						HF_DRILL_PASSED;
	for (const hf_drill_note *n = s->needs; n != NULL; n = n->next)
		c->notes = hf_arena_format(&c->result.arena, "%s%s:%u:%u: %s\n", c->notes, c->path,
					   n->at.line, n->at.column, n->text);
	if (s->error.text == NULL)
		return;
	c->result.at = s->error.at;
	c->result.text = hf_arena_copy(&c->result.arena, s->error.text, strlen(s->error.text));
}

/*
 * Real time is never quite what was asked for, so that a failure is tried again. What differs every
 * time is a difference.
 */
static void run_beside(hf_suite_case *c, const hf_suite_options *o)
{
	hf_drill_options drill = o->drill;
	hf_drill_script *s;

	drill.target = o->beside;
	drill.longest = o->longest;
	s = hf_drill_script_read(c->path, c->text, drill.defines);
	hf_drill_check(s, &drill);
	c->beside = hf_drill_run(s, &drill);
	for (unsigned n = 1; n < TRIES && c->beside.end == HF_DRILL_FAILED; n++) {
		hf_drill_result_release(&c->beside);
		c->beside = hf_drill_run(s, &drill);
	}
	hf_drill_script_free(s);
}

static void run_case(hf_suite_case *c, const hf_suite_options *o)
{
	hf_drill_script *s;

	c->notes = "";
	c->result = (hf_drill_result){
		.end = HF_DRILL_BROKEN, .details = "", .said = "", .forgiven = ""
	};
	c->beside = c->result;
	c->text = hf_paths_read(c->path);
	if (c->text == NULL) {
		c->is_unread = true;
		c->result.text = "the file cannot be read";
		return;
	}
	s = read_script(c, o);
	if (o->task == HF_SUITE_LIST)
		list_needs(c, s);
	else
		c->result = hf_drill_run(s, &o->drill);
	hf_drill_script_free(s);
	if (o->beside != NULL)
		run_beside(c, o);
	if (o->task != HF_SUITE_MUTATE || c->result.end != HF_DRILL_PASSED)
		return;
	for (size_t n = 0; try_mutant(c, o, n); n++)
		;
}

static void *work_on(void *ctx)
{
	work *w = ctx;
	size_t i;

	while ((i = atomic_fetch_add(&w->next, 1)) < w->count)
		run_case(&w->cases[i], w->options);
	return NULL;
}

static void run_all(work *w)
{
	unsigned helpers = w->options->jobs > 1 ? w->options->jobs - 1 : 0, started = 0;
	pthread_t *thread = calloc(helpers + 1, sizeof(*thread));

	while (thread != NULL && started < helpers && started + 1 < w->count &&
	       pthread_create(&thread[started], NULL, work_on, w) == 0)
		started++;
	work_on(w);
	while (started > 0)
		pthread_join(thread[--started], NULL);
	free(thread);
}

static hf_suite_counts count(const work *w)
{
	hf_suite_counts n = { .scripts = w->count };

	for (size_t i = 0; i < w->count; i++) {
		n.ends[w->cases[i].result.end]++;
		n.beside[w->cases[i].beside.end] += w->options->beside != NULL;
		n.unread += w->cases[i].is_unread;
		n.mutants += w->cases[i].mutants;
		n.survivors += w->cases[i].survivors;
	}
	return n;
}

hf_suite_counts hf_suite_run(const char *const *paths, size_t n, const hf_suite_options *options,
			     FILE *out)
{
	hf_arena arena = { NULL };
	hf_paths found = { .arena = &arena };
	work w = { .options = options };
	hf_suite_counts counts;

	for (size_t i = 0; i < n; i++)
		hf_paths_add(&found, paths[i]);
	w.count = found.count;
	w.cases = hf_arena_take(&arena, (found.count + 1) * sizeof(*w.cases));
	for (size_t i = 0; i < found.count; i++)
		w.cases[i].path = found.at[i];
	run_all(&w);
	counts = count(&w);
	hf_suite_report(w.cases, options, &counts, out);
	for (size_t i = 0; i < w.count; i++) {
		hf_drill_result_release(&w.cases[i].result);
		hf_drill_result_release(&w.cases[i].beside);
		free(w.cases[i].text);
	}
	hf_arena_release(&arena);
	return counts;
}

bool hf_suite_is_good(const hf_suite_counts *c)
{
	size_t beside = c->beside[HF_DRILL_FAILED] + c->beside[HF_DRILL_BROKEN] +
			c->beside[HF_DRILL_UNSUPPORTED];

	return c->scripts > 0 && c->ends[HF_DRILL_PASSED] == c->scripts && c->survivors == 0 &&
	       beside == 0;
}
