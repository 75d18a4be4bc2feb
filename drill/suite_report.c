/* SPDX-License-Identifier: BSD-2-Clause */
/* Reports on many scripts: as text, in the Test Anything Protocol, as JUnit XML. */
#include "drill/suite_report.h"

#include <string.h>

static bool is_good(const hf_suite_case *c)
{
	return c->result.end == HF_DRILL_PASSED && c->survivors == 0;
}

/* ---- Text ---- */

static void write_place(const hf_suite_case *c, FILE *out)
{
	fputs(c->path, out);
	if (c->result.at.line > 0)
		fprintf(out, ":%u:%u", c->result.at.line, c->result.at.column);
}

static void write_said(const hf_suite_case *c, FILE *out)
{
	if (*c->result.said != '\0')
		fprintf(out, "%s: it printed:\n%s", c->path, c->result.said);
}

static void write_text(const hf_suite_case *c, const hf_suite_options *o, FILE *out)
{
	write_said(c, out);
	fputs(c->notes, out);
	if (c->result.text == NULL || (o->task == HF_SUITE_LIST && *c->notes != '\0'))
		return;
	write_place(c, out);
	fprintf(out, ": %s\n%s", c->result.text, c->result.details);
}

static void write_summary(const hf_suite_options *o, const hf_suite_counts *n, FILE *out)
{
	fprintf(out, "%zu scripts: %zu %s, %zu failed, %zu broken, %zu unsupported\n", n->scripts,
		n->ends[HF_DRILL_PASSED], o->task == HF_SUITE_LIST ? "supported" : "passed",
		n->ends[HF_DRILL_FAILED], n->ends[HF_DRILL_BROKEN], n->ends[HF_DRILL_UNSUPPORTED]);
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

static void write_tap(const hf_suite_case *c, size_t number, FILE *out)
{
	fprintf(out, "%sok %zu - ", is_good(c) ? "" : "not ", number);
	write_name(c->path, out);
	fputc('\n', out);
	if (c->result.text != NULL) {
		fputs("# ", out);
		write_place(c, out);
		fprintf(out, ": %s\n", c->result.text);
	}
	write_diagnostic(c->result.details, out);
	write_diagnostic(c->notes, out);
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

static void write_junit(const hf_suite_case *c, FILE *out)
{
	const char *tag = c->result.end == HF_DRILL_FAILED || c->survivors > 0 ? "failure" :
										 "error";

	fputs("  <testcase classname=\"drill\" name=\"", out);
	write_escaped(c->path, out);
	fprintf(out, "\" time=\"%.6f\">", (double)c->result.time / 1e9);
	if (!is_good(c)) {
		fprintf(out, "\n    <%s type=\"%s\" message=\"", tag,
			hf_drill_end_name(c->result.end));
		write_escaped(c->result.text != NULL ? c->result.text : "a change was not noticed",
			      out);
		fputs("\">", out);
		write_escaped(c->result.details, out);
		write_escaped(c->notes, out);
		fprintf(out, "</%s>\n  ", tag);
	}
	fputs("</testcase>\n", out);
}

static void write_junit_all(const hf_suite_case *cases, const hf_suite_counts *n, FILE *out)
{
	size_t good = 0, failures = 0;

	for (size_t i = 0; i < n->scripts; i++) {
		good += is_good(&cases[i]);
		failures += cases[i].result.end == HF_DRILL_FAILED || cases[i].survivors > 0;
	}
	fprintf(out,
		"<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n"
		"<testsuite name=\"drill\" tests=\"%zu\" failures=\"%zu\" errors=\"%zu\">\n",
		n->scripts, failures, n->scripts - good - failures);
	for (size_t i = 0; i < n->scripts; i++)
		write_junit(&cases[i], out);
	fputs("</testsuite>\n", out);
}

void hf_suite_report(const hf_suite_case *cases, const hf_suite_options *o,
		     const hf_suite_counts *n, FILE *out)
{
	if (o->format == HF_SUITE_JUNIT) {
		write_junit_all(cases, n, out);
		return;
	}
	if (o->format == HF_SUITE_TAP)
		fprintf(out, "1..%zu\n", n->scripts);
	for (size_t i = 0; i < n->scripts; i++) {
		if (o->format == HF_SUITE_TAP)
			write_tap(&cases[i], i + 1, out);
		else
			write_text(&cases[i], o, out);
	}
	if (o->format == HF_SUITE_TEXT)
		write_summary(o, n, out);
}
