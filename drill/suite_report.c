/* SPDX-License-Identifier: BSD-2-Clause */
/* Reports on many scripts: as text, in the Test Anything Protocol, as JUnit XML. */
#include "drill/suite_report.h"

#include <string.h>

#include "drill/target.h"

bool hf_suite_case_is_good(const hf_suite_case *c, const hf_suite_options *o)
{
	return c->result.end == HF_DRILL_PASSED && c->survivors == 0 &&
	       (o->beside == NULL || c->beside.end == HF_DRILL_PASSED);
}

const char *hf_suite_beside_word(hf_drill_end end)
{
	switch (end) {
	case HF_DRILL_PASSED:
		return "agrees";
	case HF_DRILL_FAILED:
		return "differs";
	case HF_DRILL_BROKEN:
	case HF_DRILL_UNSUPPORTED:
		break;
	}
	return "not tried";
}

/* "path:line:column: " */
static void write_place(const hf_suite_case *c, const hf_drill_result *r, FILE *out)
{
	fputs(c->path, out);
	if (r->at.line > 0)
		fprintf(out, ":%u:%u", r->at.line, r->at.column);
	fputs(": ", out);
}

static void write_beside(const hf_suite_case *c, const hf_suite_options *o, FILE *out)
{
	const hf_drill_result *r = &c->beside;

	if (o->beside == NULL)
		return;
	write_place(c, r, out);
	fprintf(out, "%s %s", o->beside->name, hf_suite_beside_word(r->end));
	fprintf(out, "%s%s\n%s", r->text != NULL ? ": " : "", r->text != NULL ? r->text : "",
		r->details);
}

/* ---- Text ---- */

/* What code prints is for whoever looks at one script, or at what went wrong. */
static void write_said(const hf_suite_case *c, const hf_suite_options *o, size_t scripts, FILE *out)
{
	if (*c->result.said != '\0' && (scripts == 1 || !hf_suite_case_is_good(c, o)))
		fprintf(out, "%s: it printed:\n%s", c->path, c->result.said);
}

static void write_text(const hf_suite_case *c, const hf_suite_options *o, size_t scripts, FILE *out)
{
	write_said(c, o, scripts, out);
	fputs(c->result.forgiven, out);
	write_beside(c, o, out);
	fputs(c->notes, out);
	if (c->result.text == NULL || (o->task == HF_SUITE_LIST && *c->notes != '\0'))
		return;
	write_place(c, &c->result, out);
	fprintf(out, "%s\n%s", c->result.text, c->result.details);
}

static void write_summary(const hf_suite_options *o, const hf_suite_counts *n, FILE *out)
{
	fprintf(out, "%zu scripts: %zu %s, %zu failed, %zu broken, %zu unsupported\n", n->scripts,
		n->ends[HF_DRILL_PASSED], o->task == HF_SUITE_LIST ? "supported" : "passed",
		n->ends[HF_DRILL_FAILED], n->ends[HF_DRILL_BROKEN], n->ends[HF_DRILL_UNSUPPORTED]);
	if (o->beside != NULL)
		fprintf(out, "%s: %zu agree, %zu differ, %zu not tried\n", o->beside->name,
			n->beside[HF_DRILL_PASSED], n->beside[HF_DRILL_FAILED],
			n->beside[HF_DRILL_BROKEN] + n->beside[HF_DRILL_UNSUPPORTED]);
	if (o->task == HF_SUITE_MUTATE)
		fprintf(out, "%zu changes: %zu noticed, %zu not\n", n->mutants,
			n->mutants - n->survivors, n->survivors);
}

/* ---- TAP ---- */

static void write_diagnostic(const char *text, FILE *out)
{
	while (*text != '\0') {
		size_t len = strcspn(text, "\n");

		fprintf(out, "# %.*s\n", (int)len, text);
		text += len + (text[len] == '\n');
	}
}

/* What stands in a test's name must not look like a directive. */
static void write_name(const char *name, FILE *out)
{
	for (; *name != '\0'; name++)
		fputc(*name == '#' ? '_' : *name, out);
}

static void write_tap(const hf_suite_case *c, size_t number, const hf_suite_options *o, FILE *out)
{
	fprintf(out, "%sok %zu - ", hf_suite_case_is_good(c, o) ? "" : "not ", number);
	write_name(c->path, out);
	fputc('\n', out);
	if (c->result.text != NULL) {
		fputs("# ", out);
		write_place(c, &c->result, out);
		fprintf(out, "%s\n", c->result.text);
	}
	write_diagnostic(c->result.details, out);
	write_diagnostic(c->notes, out);
	write_diagnostic(c->result.forgiven, out);
	if (o->beside != NULL && c->beside.text != NULL) {
		fprintf(out, "# %s %s: ", o->beside->name, hf_suite_beside_word(c->beside.end));
		write_place(c, &c->beside, out);
		fprintf(out, "%s\n", c->beside.text);
		write_diagnostic(c->beside.details, out);
	}
}

/* ---- JUnit ---- */

/* XML 1.0 has no place for most control characters. */
static void write_escaped(const char *text, FILE *out)
{
	for (; *text != '\0'; text++) {
		switch (*text) {
		case '<':
			fputs("&lt;", out);
			break;
		case '>':
			fputs("&gt;", out);
			break;
		case '&':
			fputs("&amp;", out);
			break;
		case '"':
			fputs("&quot;", out);
			break;
		default:
			fputc((unsigned char)*text < ' ' && *text != '\n' && *text != '\t' ? '?' :
											     *text,
			      out);
		}
	}
}

static bool is_failure(const hf_suite_case *c)
{
	return c->result.end == HF_DRILL_FAILED || c->survivors > 0 ||
	       (c->result.end == HF_DRILL_PASSED && c->beside.end == HF_DRILL_FAILED);
}

static void write_junit(const hf_suite_case *c, const hf_suite_options *o, FILE *out)
{
	const char *tag = is_failure(c) ? "failure" : "error";
	const hf_drill_result *r = c->result.end == HF_DRILL_PASSED ? &c->beside : &c->result;

	fputs("  <testcase classname=\"drill\" name=\"", out);
	write_escaped(c->path, out);
	fprintf(out, "\" time=\"%.6f\">", (double)c->result.time / 1e9);
	if (!hf_suite_case_is_good(c, o)) {
		fprintf(out, "\n    <%s type=\"%s\" message=\"", tag, hf_drill_end_name(r->end));
		write_escaped(r->text != NULL ? r->text : "a change was not noticed", out);
		fputs("\">", out);
		write_escaped(r->details, out);
		write_escaped(c->notes, out);
		fprintf(out, "</%s>\n  ", tag);
	}
	fputs("</testcase>\n", out);
}

static void write_junit_all(const hf_suite_case *cases, const hf_suite_options *o,
			    const hf_suite_counts *n, FILE *out)
{
	size_t good = 0, failures = 0;

	for (size_t i = 0; i < n->scripts; i++) {
		good += hf_suite_case_is_good(&cases[i], o);
		failures += is_failure(&cases[i]);
	}
	fprintf(out,
		"<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n"
		"<testsuite name=\"drill\" tests=\"%zu\" failures=\"%zu\" errors=\"%zu\">\n",
		n->scripts, failures, n->scripts - good - failures);
	for (size_t i = 0; i < n->scripts; i++)
		write_junit(&cases[i], o, out);
	fputs("</testsuite>\n", out);
}

void hf_suite_report(const hf_suite_case *cases, const hf_suite_options *o,
		     const hf_suite_counts *n, FILE *out)
{
	if (o->format == HF_SUITE_JUNIT) {
		write_junit_all(cases, o, n, out);
		return;
	}
	if (o->format == HF_SUITE_TAP)
		fprintf(out, "1..%zu\n", n->scripts);
	for (size_t i = 0; i < n->scripts; i++) {
		if (o->format == HF_SUITE_JSON)
			hf_suite_write_json(&cases[i], o, out);
		else if (o->format == HF_SUITE_TAP)
			write_tap(&cases[i], i + 1, o, out);
		else
			write_text(&cases[i], o, n->scripts, out);
	}
	if (o->format == HF_SUITE_TEXT)
		write_summary(o, n, out);
}
