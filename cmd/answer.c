/* SPDX-License-Identifier: BSD-2-Clause */
/* Answers of the file server: files, ranges of files, "not modified", redirections, errors. */
#include <ctype.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/openat2.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

#include "cmd/answer.h"

#define HTTP_DATE "%a, %d %b %Y %H:%M:%S GMT"

/*
 * Opens a path that stays beneath `root`. Never blocks on a FIFO, never becomes a terminal's owner.
 */
static int open_beneath(int root, const char *path)
{
	struct open_how how = {
		.flags = O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY,
		.resolve = RESOLVE_BENEATH | RESOLVE_NO_MAGICLINKS,
	};

	while (*path == '/')
		path++;
	return (int)syscall(SYS_openat2, root, *path ? path : ".", &how, sizeof(how));
}

int hf_answer_root(const char *directory)
{
	int root = open(directory, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	int probe, number;

	if (root < 0)
		return -1;
	probe = open_beneath(root, ".");
	if (probe >= 0) {
		close(probe);
		return root;
	}
	number = errno;
	close(root);
	errno = number;
	return -1;
}

static void set_text(hf_answer *a, unsigned status, const char *text)
{
	a->status = status;
	a->type = "text/plain; charset=utf-8";
	a->body = strdup(text);
	a->len = a->body ? strlen(text) : 0;
}

static void set_error(hf_answer *a, int number)
{
	switch (number) {
	case EACCES:
	case EPERM:
		set_text(a, 403, "403: this file may not be read\n");
		break;
	case EMFILE:
	case ENFILE:
	case ENOMEM:
		set_text(a, 503, "503: too many open files\n");
		break;
	default:
		/* A path that leads out of the directory is not told from one that is not there. */
		set_text(a, 404, "404: no such file\n");
		break;
	}
}

/* Reads decimal digits; false when there is none or they say more than 63 bits. */
static bool read_number(const char **at, uint64_t *out)
{
	uint64_t value = 0;

	if (!isdigit((unsigned char)**at))
		return false;
	for (; isdigit((unsigned char)**at); (*at)++) {
		if (value > (uint64_t)INT64_MAX / 10 - 1)
			return false;
		value = value * 10 + (uint64_t)(**at - '0');
	}
	*out = value;
	return true;
}

/* What a Range header asks for. */
typedef enum range_kind { RANGE_WHOLE, RANGE_PART, RANGE_IMPOSSIBLE } range_kind;

/* "-500": the last 500 octets. */
static range_kind read_suffix(const char *text, uint64_t size, uint64_t *first, uint64_t *len)
{
	uint64_t last;

	if (!read_number(&text, &last) || *text != 0)
		return RANGE_WHOLE;
	if (last == 0 || size == 0)
		return RANGE_IMPOSSIBLE;
	*len = last < size ? last : size;
	*first = size - *len;
	return RANGE_PART;
}

/*
 * Reads one range of octets (RFC 9110 14.1.2). Several, or what is not understood, means the whole
 * file.
 */
static range_kind read_range(const char *text, uint64_t size, uint64_t *first, uint64_t *len)
{
	uint64_t from, to = UINT64_MAX;

	if (strncasecmp(text, "bytes=", 6) != 0)
		return RANGE_WHOLE;
	text += 6;
	if (*text == '-')
		return read_suffix(text + 1, size, first, len);
	if (!read_number(&text, &from) || *text++ != '-')
		return RANGE_WHOLE;
	if (*text != 0 && (!read_number(&text, &to) || *text != 0 || to < from))
		return RANGE_WHOLE;
	if (from >= size)
		return RANGE_IMPOSSIBLE;
	*first = from;
	*len = (to < size ? to : size - 1) - from + 1;
	return RANGE_PART;
}

static bool is_unchanged(const hf_request *r, time_t modified)
{
	struct tm tm = { 0 };
	const char *end;

	if (!r->if_modified_since)
		return false;
	end = strptime(r->if_modified_since, HTTP_DATE, &tm);
	return end && *end == 0 && modified <= timegm(&tm);
}

static void set_file(hf_answer *a, const hf_request *r, int fd, const struct stat *st)
{
	struct tm tm;
	range_kind kind = RANGE_WHOLE;

	a->status = 200;
	a->size = a->len = (uint64_t)st->st_size;
	a->type = hf_media_type(r->path);
	if (gmtime_r(&st->st_mtime, &tm))
		strftime(a->modified, sizeof(a->modified), HTTP_DATE, &tm);
	if (is_unchanged(r, st->st_mtime)) {
		a->status = 304;
		a->len = 0;
		close(fd);
		return;
	}
	/* If-Range that names another version: the parts would not fit together. */
	if (r->range && (!r->if_range || strcmp(r->if_range, a->modified) == 0))
		kind = read_range(r->range, a->size, &a->offset, &a->len);
	if (kind == RANGE_IMPOSSIBLE) {
		close(fd);
		set_text(a, 416, "416: the file is shorter than that\n");
		return;
	}
	if (kind == RANGE_PART)
		a->status = 206;
	a->fd = fd;
}

static void set_listing(hf_answer *a, const hf_request *r, int fd)
{
	size_t len = 0;

	a->body = hf_listing_make(fd, r->path, &len);
	a->len = len;
	a->status = 200;
	a->type = "text/html; charset=utf-8";
	if (!a->body)
		set_text(a, 503, "503: no memory for the list\n");
}

static void set_redirection(hf_answer *a, const char *path)
{
	char *escaped = hf_path_escape(path);

	/* Two slashes would name another host. */
	while (escaped && escaped[0] == '/' && escaped[1] == '/')
		memmove(escaped, escaped + 1, strlen(escaped));
	if (!escaped || asprintf(&a->location, "%s/", escaped) < 0) {
		a->location = NULL;
		set_text(a, 503, "503: no memory\n");
	} else {
		set_text(a, 301, "301: it is a directory\n");
	}
	free(escaped);
}

static void set_directory(hf_answer *a, int root, const hf_request *r, int fd)
{
	hf_request index = *r;
	struct stat st;
	char *path;
	int file;

	if (r->path[0] == 0 || r->path[strlen(r->path) - 1] != '/') {
		set_redirection(a, r->path);
		return;
	}
	if (asprintf(&path, "%sindex.html", r->path) < 0) {
		set_error(a, ENOMEM);
		return;
	}
	file = open_beneath(root, path);
	index.path = path;
	if (file >= 0 && fstat(file, &st) == 0 && S_ISREG(st.st_mode)) {
		set_file(a, &index, file, &st);
	} else {
		if (file >= 0)
			close(file);
		set_listing(a, r, fd);
	}
	free(path);
}

void hf_answer_make(int root, const hf_request *request, hf_answer *out)
{
	struct stat st;
	int fd;

	*out = (hf_answer){ .fd = -1 };
	fd = open_beneath(root, request->path);
	if (fd < 0 || fstat(fd, &st) != 0) {
		set_error(out, errno);
	} else if (S_ISDIR(st.st_mode)) {
		set_directory(out, root, request, fd);
	} else if (S_ISREG(st.st_mode)) {
		set_file(out, request, fd, &st);
		return;
	} else {
		set_text(out, 403, "403: neither a file nor a directory\n");
	}
	if (fd >= 0)
		close(fd);
}

void hf_answer_free(hf_answer *a)
{
	if (a->fd >= 0)
		close(a->fd);
	free(a->body);
	free(a->location);
	*a = (hf_answer){ .fd = -1 };
}
