/* SPDX-License-Identifier: BSD-2-Clause */
/* Non-blocking reads and writes that leave a shared open file as it is. */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#include "bridge/stream_fd.h"

static int open_again(int fd, int flags)
{
	char path[32];

	(void)snprintf(path, sizeof(path), "/proc/self/fd/%d", fd);
	return open(path, flags | O_NONBLOCK | O_CLOEXEC | O_NOCTTY);
}

hf_stream_fd hf_stream_fd_open(int fd, int flags)
{
	hf_stream_fd s = { .fd = fd, .io_fd = fd };
	struct stat about;
	int own, old;

	if (fstat(fd, &about) != 0)
		return s;
	s.is_socket = S_ISSOCK(about.st_mode);
	if (!S_ISFIFO(about.st_mode) && !(S_ISCHR(about.st_mode) && isatty(fd)))
		return s;
	own = open_again(fd, flags);
	if (own >= 0) {
		s.io_fd = own;
		return s;
	}
	old = fcntl(fd, F_GETFL);
	s.put_back = old >= 0 && !(old & O_NONBLOCK) && fcntl(fd, F_SETFL, old | O_NONBLOCK) == 0;
	return s;
}

ssize_t hf_stream_fd_read(const hf_stream_fd *s, void *to, size_t len)
{
	ssize_t got;

	do {
		if (s->is_socket)
			got = recv(s->io_fd, to, len, MSG_DONTWAIT);
		else
			got = read(s->io_fd, to, len);
	} while (got < 0 && errno == EINTR);
	return got;
}

ssize_t hf_stream_fd_write(const hf_stream_fd *s, const void *from, size_t len)
{
	ssize_t put;

	do {
		if (s->is_socket)
			put = send(s->io_fd, from, len, MSG_DONTWAIT | MSG_NOSIGNAL);
		else
			put = write(s->io_fd, from, len);
	} while (put < 0 && errno == EINTR);
	return put;
}

void hf_stream_fd_release(hf_stream_fd *s)
{
	int flags;

	if (s->io_fd != s->fd)
		(void)close(s->io_fd);
	s->io_fd = s->fd;
	flags = s->put_back ? fcntl(s->fd, F_GETFL) : -1;
	if (flags >= 0)
		(void)fcntl(s->fd, F_SETFL, flags & ~O_NONBLOCK);
	s->put_back = false;
}
