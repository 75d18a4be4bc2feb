/* SPDX-License-Identifier: BSD-2-Clause */
/* A pen that writes line by line: knows its column, glyphs, their ASCII stand-ins and colours. */
#ifndef HF_OBSERVE_PEN_H
#define HF_OBSERVE_PEN_H

#include <stdbool.h>

#include "observe/text.h"

/** Glyphs: X(NAME, "UTF-8", "ASCII"); each takes one column. */
#define HF_GLYPHS(X)                                                                               \
	X(SPACE, " ", " ")                                                                         \
	X(LINE, "─", "-")                                                                          \
	X(TO_RIGHT, "▶", ">")                                                                      \
	X(TO_LEFT, "◀", "<")                                                                       \
	X(RAIL, "│", "|")                                                                          \
	X(FROM_LEFT, "├", "|")                                                                     \
	X(FROM_RIGHT, "┤", "|")                                                                    \
	X(CROSS, "✗", "X")                                                                         \
	X(DOT, "·", ".")

typedef enum hf_glyph {
#define X(name, unicode, ascii) HF_GLYPH_##name,
	HF_GLYPHS(X)
#undef X
} hf_glyph;

/** Colours: X(NAME, SGR parameters). */
#define HF_COLOURS(X)                                                                              \
	X(PLAIN, "0")                                                                              \
	X(DIM, "2")                                                                                \
	X(BOLD, "1")                                                                               \
	X(RED, "31")                                                                               \
	X(GREEN, "32")                                                                             \
	X(YELLOW, "33")                                                                            \
	X(BLUE, "34")                                                                              \
	X(MAGENTA, "35")                                                                           \
	X(CYAN, "36")

typedef enum hf_colour {
#define X(name, sgr) HF_COLOUR_##name,
	HF_COLOURS(X)
#undef X
} hf_colour;

/** One line in the making. */
typedef struct hf_pen {
	hf_sink sink;
	bool unicode, colour;
	hf_colour now;
	unsigned column;
	hf_text text;
	char line[2048]; /* 160 columns of 3 octets, and colours */
} hf_pen;

void hf_pen_init(hf_pen *p, const hf_sink *sink, bool unicode, bool colour);
/** The colour of what follows in this line. */
void hf_pen_colour(hf_pen *p, hf_colour c);
/** Writes `len` octets of ASCII text. */
void hf_pen_put(hf_pen *p, const char *text, size_t len);
/** Writes `n` of a glyph; none if `n` is not positive. */
void hf_pen_fill(hf_pen *p, hf_glyph g, int n);
/** Moves on to `column` with spaces. */
void hf_pen_to(hf_pen *p, unsigned column);
/** Ends the line, without trailing spaces, and hands it to the sink. */
void hf_pen_end(hf_pen *p);

#endif
