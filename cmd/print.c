/* SPDX-License-Identifier: BSD-2-Clause */
/* Wrapping of paragraphs. */
#include <string.h>

#include "cmd/print.h"

#define WIDTH 80

void hf_print_wrapped(FILE *to, const char *text, int indent, int at)
{
	const char *gap = "";

	while (*text) {
		int len = (int)strcspn(text, " ");
		int gap_len = (int)strlen(gap);

		if (at + gap_len + len > WIDTH && at > indent) {
			fprintf(to, "\n%*s", indent, "");
			at = indent;
			gap_len = 0;
		}
		fprintf(to, "%s%.*s", gap_len > 0 ? gap : "", len, text);
		at += gap_len + len;
		gap = " ";
		text += len;
		text += strspn(text, " ");
	}
	fputc('\n', to);
}
