/* SPDX-License-Identifier: BSD-2-Clause */
/* A pen that writes line by line: knows its column, glyphs, their ASCII stand-ins and colours. */
#include "observe/pen.h"

void hf_pen_init(hf_pen *p, const hf_sink *sink, bool unicode, bool colour)
{
	p->sink = *sink;
	p->unicode = unicode;
	p->colour = colour;
	p->now = HF_COLOUR_PLAIN;
	p->column = 0;
	p->text = hf_text_in(p->line, sizeof(p->line));
}

void hf_pen_colour(hf_pen *p, hf_colour c)
{
	static const char *const sgr[] = {
#define X(name, sgr) sgr,
		HF_COLOURS(X)
#undef X
	};
	if (!p->colour || c == p->now)
		return;
	/* From one attribute to another there may be leftovers (bold): reset first. */
	if (c == HF_COLOUR_PLAIN)
		hf_text_add(&p->text, "\033[0m");
	else
		hf_text_add(&p->text, "\033[0;%sm", sgr[c]);
	p->now = c;
}

void hf_pen_put(hf_pen *p, const char *text, size_t len)
{
	hf_text_add(&p->text, "%.*s", (int)len, text);
	p->column += (unsigned)len;
}

void hf_pen_fill(hf_pen *p, hf_glyph g, int n)
{
	static const struct {
		const char *unicode, *ascii;
	} glyphs[] = {
#define X(name, unicode, ascii) { unicode, ascii },
		HF_GLYPHS(X)
#undef X
	};
	for (; n > 0; n--) {
		hf_text_add(&p->text, "%s", p->unicode ? glyphs[g].unicode : glyphs[g].ascii);
		p->column++;
	}
}

void hf_pen_to(hf_pen *p, unsigned column)
{
	hf_pen_fill(p, HF_GLYPH_SPACE, (int)column - (int)p->column);
}

void hf_pen_end(hf_pen *p)
{
	hf_pen_colour(p, HF_COLOUR_PLAIN);
	while (p->text.len > 0 && p->line[p->text.len - 1] == ' ')
		p->text.len--;
	hf_text_add(&p->text, "\n");
	hf_text_flush(&p->text, &p->sink);
	p->column = 0;
}
