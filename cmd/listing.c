/* SPDX-License-Identifier: BSD-2-Clause */
/* The page that lists a directory. */
#include <dirent.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "cmd/answer.h"
#include "observe/words.h"

static bool is_plain(unsigned char c)
{
	return (c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') ||
	       (c && strchr("-._~/", c));
}

char *hf_path_escape(const char *path)
{
	char *out = malloc(strlen(path) * 3 + 1), *to = out;

	if (!out)
		return NULL;
	for (; *path; path++) {
		if (is_plain((unsigned char)*path))
			*to++ = *path;
		else
			to += sprintf(to, "%%%02X", (unsigned char)*path);
	}
	*to = 0;
	return out;
}

static void print_html(FILE *to, const char *text)
{
	for (; *text; text++) {
		switch (*text) {
		case '&':
			fputs("&amp;", to);
			break;
		case '<':
			fputs("&lt;", to);
			break;
		case '>':
			fputs("&gt;", to);
			break;
		case '"':
			fputs("&quot;", to);
			break;
		default:
			fputc(*text, to);
			break;
		}
	}
}

static void print_entry(FILE *to, int fd, const char *name)
{
	char *href = hf_path_escape(name);
	char buffer[32];
	hf_text size = hf_text_in(buffer, sizeof(buffer));
	struct stat st;
	bool is_dir;

	if (href && fstatat(fd, name, &st, 0) == 0) {
		is_dir = S_ISDIR(st.st_mode);
		if (!is_dir)
			hf_words_octets(&size, (uint64_t)st.st_size);
		/* "./" keeps a name with a colon from being read as a scheme. */
		fprintf(to, "<tr><td><a href=\"./%s%s\">", href, is_dir ? "/" : "");
		print_html(to, name);
		fprintf(to, "%s</a></td><td>%s</td></tr>\n", is_dir ? "/" : "", buffer);
	}
	free(href);
}

/* The names in the directory, sorted. The descriptor stays the caller's. */
static int read_names(int fd, struct dirent ***names)
{
	char path[40];

	snprintf(path, sizeof(path), "/proc/self/fd/%d", fd);
	return scandir(path, names, NULL, alphasort);
}

char *hf_listing_make(int fd, const char *title, size_t *len)
{
	struct dirent **names = NULL;
	int count = read_names(fd, &names);
	char *page = NULL;
	FILE *to = count < 0 ? NULL : open_memstream(&page, len);

	if (to) {
		fputs("<!DOCTYPE html>\n<meta charset=\"utf-8\">\n<title>", to);
		print_html(to, title);
		fputs("</title>\n<h1>", to);
		print_html(to, title);
		fputs("</h1>\n<table>\n", to);
	}
	for (int i = 0; i < count; i++) {
		const char *name = names[i]->d_name;

		if (to && strcmp(name, ".") != 0 && (strcmp(name, "..") != 0 || title[1] != 0))
			print_entry(to, fd, name);
		free(names[i]);
	}
	free(names);
	if (!to)
		return NULL;
	fputs("</table>\n", to);
	if (fclose(to) == 0)
		return page;
	free(page);
	return NULL;
}
