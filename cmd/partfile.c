/* SPDX-License-Identifier: BSD-2-Clause */
/* A file under a provisional name until it is complete. */
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "cmd/partfile.h"

/* mkostemp makes files for the owner alone; a download has what the umask allows. */
static bool set_mode(int fd)
{
	mode_t mask = umask(0);

	umask(mask);
	return fchmod(fd, 0666 & ~mask) == 0;
}

bool hf_partfile_open(hf_partfile *p, const char *path)
{
	struct stat st;

	*p = (hf_partfile){ .fd = STDOUT_FILENO };
	if (!path || strcmp(path, "-") == 0)
		return true;
	p->path = path;
	if (stat(path, &st) == 0 && !S_ISREG(st.st_mode)) {
		p->fd = open(path, O_WRONLY | O_CLOEXEC);
		return p->fd >= 0;
	}
	if (asprintf(&p->part, "%s.part-XXXXXX", path) < 0) {
		*p = (hf_partfile){ .fd = -1 };
		errno = ENOMEM;
		return false;
	}
	p->fd = mkostemp(p->part, O_CLOEXEC);
	if (p->fd >= 0 && set_mode(p->fd))
		return true;
	if (p->fd < 0) {
		free(p->part);
		p->part = NULL;
	}
	hf_partfile_discard(p);
	return false;
}

bool hf_partfile_write(hf_partfile *p, const void *data, size_t len)
{
	const char *at = data;

	while (len > 0) {
		ssize_t n = write(p->fd, at, len);

		if (n >= 0) {
			at += n;
			len -= (size_t)n;
		} else if (errno == EAGAIN) {
			struct pollfd ready = { .fd = p->fd, .events = POLLOUT };

			poll(&ready, 1, -1);
		} else if (errno != EINTR) {
			return false;
		}
	}
	return true;
}

bool hf_partfile_commit(hf_partfile *p)
{
	int fd = p->fd;

	p->fd = -1;
	if (!p->path)
		return true;
	if (close(fd) != 0 || (p->part && rename(p->part, p->path) != 0)) {
		hf_partfile_discard(p);
		return false;
	}
	free(p->part);
	p->part = NULL;
	return true;
}

void hf_partfile_discard(hf_partfile *p)
{
	int number = errno;

	if (p->fd >= 0 && p->path)
		close(p->fd);
	if (p->part)
		unlink(p->part);
	free(p->part);
	*p = (hf_partfile){ .fd = -1 };
	errno = number;
}
