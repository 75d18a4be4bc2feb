/* SPDX-License-Identifier: BSD-2-Clause */
/* Reports on scripts as JSON Lines: an object a script. */
#include "drill/suite_report.h"
#include "drill/target.h"

static void write_text(const char *text, FILE *out)
{
	fputc('"', out);
	for (; *text != '\0'; text++) {
		unsigned char c = (unsigned char)*text;

		if (c == '"' || c == '\\')
			fprintf(out, "\\%c", c);
		else if (c < ' ')
			fprintf(out, "\\u%04x", c);
		else
			fputc(c, out);
	}
	fputc('"', out);
}

/* What is not known is left out. */
static void write_member(const char *name, const char *text, FILE *out)
{
	if (text == NULL)
		return;
	fprintf(out, ",\"%s\":", name);
	write_text(text, out);
}

static void write_result(const hf_drill_result *r, const char *word, FILE *out)
{
	fprintf(out, "{\"end\":\"%s\"", word);
	if (r->at.line > 0)
		fprintf(out, ",\"line\":%u,\"column\":%u", r->at.line, r->at.column);
	write_member("text", r->text, out);
	write_member("expected", r->expected, out);
	write_member("actual", r->actual, out);
	write_member("forgiven", *r->forgiven != '\0' ? r->forgiven : NULL, out);
	fprintf(out, ",\"time\":%.6f}", (double)r->time / 1e9);
}

void hf_suite_write_json(const hf_suite_case *c, const hf_suite_options *o, FILE *out)
{
	fputs("{\"script\":", out);
	write_text(c->path, out);
	fputs(",\"handfast\":", out);
	write_result(&c->result, hf_drill_end_name(c->result.end), out);
	if (o->beside != NULL) {
		fprintf(out, ",\"%s\":", o->beside->key);
		write_result(&c->beside, hf_suite_beside_word(c->beside.end), out);
	}
	if (o->task == HF_SUITE_MUTATE)
		fprintf(out, ",\"changes\":%zu,\"unnoticed\":%zu", c->mutants, c->survivors);
	fputs("}\n", out);
}
