/* SPDX-License-Identifier: BSD-2-Clause */
/* The progress bar of transfers. */
#include <stdio.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include "cmd/progress.h"
#include "observe/words.h"

/* With a bar of this length the line fits a terminal of that width. */
#define BAR_LONG 30
#define WIDTH_LONG 96
#define BAR_SHORT 10
#define WIDTH_SHORT 76
#define LINE_MAX_COLUMNS 120

static unsigned terminal_width(void)
{
	struct winsize size;

	if (ioctl(STDERR_FILENO, TIOCGWINSZ, &size) != 0 || size.ws_col == 0)
		return 80;
	return size.ws_col > LINE_MAX_COLUMNS ? LINE_MAX_COLUMNS : size.ws_col;
}

void hf_progress_start(hf_progress *p, bool is_wanted, hf_time now)
{
	*p = (hf_progress){ .is_on = is_wanted && isatty(STDERR_FILENO),
			    .start = now,
			    .drawn = now };
}

static void add_bar(hf_text *t, uint64_t done, uint64_t total, unsigned columns)
{
	/* Megaoctets for huge files, so that the product stays within 64 bits. */
	unsigned shift = total >> 40 ? 20 : 0;
	unsigned filled = (unsigned)((done >> shift) * columns / (total >> shift));

	hf_text_add(t, " [");
	for (unsigned i = 0; i < columns; i++)
		hf_text_add(t, "%c", i < filled ? '#' : '.');
	hf_text_add(t, "]");
}

static void add_time_left(hf_text *t, double seconds)
{
	unsigned left = seconds < 359999 ? (unsigned)(seconds + 0.5) : 359999;

	if (left >= 3600)
		hf_text_add(t, "  %u:%02u:%02u left", left / 3600, left / 60 % 60, left % 60);
	else
		hf_text_add(t, "  %u:%02u left", left / 60, left % 60);
}

void hf_progress_line(hf_text *t, uint64_t done, uint64_t total, hf_ns elapsed, unsigned width)
{
	if (done > total)
		total = 0;
	if (total > 0) {
		hf_text_add(t, "%3u %%", (unsigned)((double)done * 100 / (double)total));
		if (width >= WIDTH_SHORT)
			add_bar(t, done, total, width >= WIDTH_LONG ? BAR_LONG : BAR_SHORT);
		hf_text_add(t, "  ");
	}
	hf_words_octets(t, done);
	if (total > 0) {
		hf_text_add(t, " of ");
		hf_words_octets(t, total);
	}
	hf_text_add(t, "  ");
	hf_words_rate(t, done, elapsed);
	if (total > done && done > 0)
		add_time_left(t, (double)elapsed / 1e9 * (double)(total - done) / (double)done);
}

void hf_progress_show(hf_progress *p, uint64_t done, uint64_t total, hf_time now)
{
	char buffer[LINE_MAX_COLUMNS + 1];
	unsigned width = terminal_width();
	hf_text t = hf_text_in(buffer, width < sizeof(buffer) ? width : sizeof(buffer));

	if (!p->is_on || (hf_time_diff(now, p->drawn) < HF_MS(100) && done != total))
		return;
	p->drawn = now;
	hf_progress_line(&t, done, total, hf_time_diff(now, p->start), width);
	fprintf(stderr, "\r%s\033[K", buffer);
	fflush(stderr);
}

void hf_progress_clear(hf_progress *p)
{
	if (p->is_on && p->drawn.ns != p->start.ns)
		fputs("\r\033[K", stderr);
}
