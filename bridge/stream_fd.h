/* SPDX-License-Identifier: BSD-2-Clause */
/* Reading and writing any stream descriptor without blocking: sockets, pipes, terminals, files. */
#ifndef HF_BRIDGE_STREAM_FD_H
#define HF_BRIDGE_STREAM_FD_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

/*
 * O_NONBLOCK belongs to the open file, which a terminal or a pipe shares with other programs (the
 * shell, for one). So a socket is asked call by call (MSG_DONTWAIT); a pipe or terminal is opened
 * once more through /proc, which gives an open file of its own; where that is refused, the flag is
 * set and put back at the end. Regular files never block, and keep their position, which a second
 * opening would not have.
 */
typedef struct hf_stream_fd {
	int fd;    /**< as it was given; the caller's */
	int io_fd; /**< to read, write and poll: `fd` or an opening of its own */
	bool is_socket;
	bool put_back; /**< O_NONBLOCK was set on what others may share */
} hf_stream_fd;

/** Prepares `fd` for `flags`: O_RDONLY or O_WRONLY (a socket: either). */
hf_stream_fd hf_stream_fd_open(int fd, int flags);
/** As read(2): -1 with EAGAIN when nothing is there; never EINTR. */
ssize_t hf_stream_fd_read(const hf_stream_fd *s, void *to, size_t len);
/** As write(2), without SIGPIPE on sockets: -1 with EAGAIN when no room is; never EINTR. */
ssize_t hf_stream_fd_write(const hf_stream_fd *s, const void *from, size_t len);
/** Puts everything back. `fd` stays open. */
void hf_stream_fd_release(hf_stream_fd *s);

#endif
