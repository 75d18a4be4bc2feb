/* SPDX-License-Identifier: BSD-2-Clause */
/* Fuzz targets: scripts that are read, code in them that is computed, scripts that are run. */
#include "targets.h"

#include "drill/code.h"
#include "drill/mutate.h"

#define LONGEST HF_SEC(3600) /* of virtual time */

static const hf_drill_options options = { .profile = HF_PROFILE_LINUX, .longest = LONGEST };

/* Any text is a script, or there is an error in words; to a script a change may be made. */
static void one_text(hf_view input)
{
	uint8_t change = fuzz_u8(&input);
	char *text = fuzz_text(input);
	hf_drill_script *s = hf_drill_script_read("fuzz.pkt", text, NULL);
	hf_mutation m;

	if (s->error.text == NULL)
		hf_drill_check(s, &options);
	if (s->error.text != NULL)
		assert_true(*s->error.text != '\0');
	else if (hf_mutate(s, &options, change, &m))
		assert_true(*m.text != '\0');
	hf_drill_script_free(s);
	free(text);
}

const fuzz_target fuzz_drill_text = { "drill_text", one_text };

/* ---- Code ---- */

static bool find(void *ctx, const char *name, hf_datum *out)
{
	(void)ctx;
	*out = (hf_datum){ .type = HF_DATUM_INTEGER, .integer = 7 };
	return strcmp(name, "tcpi_rtt") == 0;
}

/* What cannot be read does not run to its end, and what is wrong has a place. */
static void one_code(hf_view input)
{
	char *text = fuzz_text(input);
	hf_arena arena = { 0 };
	hf_code_world world = { .arena = &arena, .find = find };
	hf_code_result read = hf_code_check(&world, text), run;

	assert_true(read.end != HF_CODE_FALSE);
	world.names = NULL;
	run = hf_code_run(&world, text);
	if (run.end == HF_CODE_DONE)
		assert_true(read.end != HF_CODE_WRONG);
	else
		assert_true(run.text != NULL && run.at.line > 0 && run.at.column > 0);
	hf_arena_release(&arena);
	free(text);
}

const fuzz_target fuzz_drill_code = { "drill_code", one_code };

/* ---- Running ---- */

/* Whatever a script does, the stack is whole afterwards. (A script may have said so itself.) */
static void one_run(hf_view input)
{
	char *text = fuzz_text(input);
	hf_drill_script *s = hf_drill_script_read("fuzz.pkt", text, NULL);
	hf_drill_result r;

	hf_drill_check(s, &options);
	r = hf_drill_run(s, &options);
	assert_int_equal(r.text == NULL, r.end == HF_DRILL_PASSED);
	if (r.text != NULL && strstr(text, "memory back") == NULL)
		assert_null(strstr(r.text, "memory back"));
	assert_true(r.time >= 0);
	hf_drill_result_release(&r);
	hf_drill_script_free(s);
	free(text);
}

const fuzz_target fuzz_drill_run = { "drill_run", one_run };
