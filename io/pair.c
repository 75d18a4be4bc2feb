/* SPDX-License-Identifier: BSD-2-Clause */
/* A pair of links over a pair of local sockets, whose memory is the queue. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/uio.h>
#include <unistd.h>

#include "io/pair.h"

#define MTU_DEFAULT 1500
#define SUPER_CAPACITY 65600
#define ETHER_ROOM 18 /* header and one tag */

/* Goes before every packet: what a link says of it beside its octets. */
typedef struct note {
	uint16_t gso_size, csum_start, csum_offset;
	uint8_t flags, zero;
} note;

static int receive_one(hf_link *link, hf_packet *p)
{
	note about;
	struct iovec part[2] = { { &about, sizeof(about) }, { p->data, p->capacity } };
	ssize_t got;

	do
		got = readv(link->fd, part, 2);
	while (got < 0 && errno == EINTR);
	if (got < 0)
		return errno == EAGAIN ? 0 : -errno;
	if ((size_t)got < sizeof(about))
		return -EPIPE;
	*p = (hf_packet){
		.data = p->data,
		.capacity = p->capacity,
		.len = (uint32_t)((size_t)got - sizeof(about)),
		.gso_size = about.gso_size,
		.csum_start = about.csum_start,
		.csum_offset = about.csum_offset,
		.flags = about.flags,
	};
	return 1;
}

static int pair_receive(hf_link *link, hf_packet *packets, size_t n)
{
	size_t done = 0;
	int got = 1;

	while (done < n && (got = receive_one(link, &packets[done])) > 0)
		done++;
	return done ? (int)done : got;
}

static int send_one(hf_link *link, const hf_packet *p)
{
	note about = { .gso_size = p->gso_size,
		       .csum_start = p->csum_start,
		       .csum_offset = p->csum_offset,
		       .flags = p->flags };
	struct iovec part[2] = { { &about, sizeof(about) }, { p->data, p->len } };
	struct msghdr message = { .msg_iov = part, .msg_iovlen = 2 };
	ssize_t put;

	do
		put = sendmsg(link->fd, &message, MSG_NOSIGNAL);
	while (put < 0 && errno == EINTR);
	if (put >= 0)
		return 1;
	if (errno == EAGAIN)
		return 0;
	if (errno == EPIPE || errno == ECONNRESET)
		return -errno;
	link->lost++;
	return 1;
}

static int pair_send(hf_link *link, const hf_packet *packets, size_t n)
{
	size_t done = 0;
	int put = 1;

	while (done < n && (put = send_one(link, &packets[done])) > 0)
		done++;
	return done ? (int)done : put;
}

static void pair_close(hf_link *link)
{
	(void)close(link->fd);
	free(link);
}

static const hf_link_ops pair_ops = { pair_receive, pair_send, pair_close };

static hf_link *make_end(const hf_pair_options *o, int fd, char letter)
{
	uint32_t mtu = o->mtu ? o->mtu : MTU_DEFAULT;
	hf_link *link = calloc(1, sizeof(*link));

	if (!link)
		return NULL;
	*link = (hf_link){
		.ops = &pair_ops,
		.name = { 'p', 'a', 'i', 'r', '-', letter },
		.kind = o->kind,
		.mtu = mtu,
		.offloads = o->offloads ? HF_OFFLOAD_TX_CHECKSUM | HF_OFFLOAD_TX_TSO : 0,
		.capacity = o->offloads ? SUPER_CAPACITY : mtu + ETHER_ROOM,
		.fd = fd,
	};
	return link;
}

bool hf_pair_new(const hf_pair_options *options, hf_link **a, hf_link **b, hf_io_error *error)
{
	int queue = options->queue > INT32_MAX / 2 ? INT32_MAX / 2 : (int)options->queue;
	hf_link *first, *second;
	int fd[2];

	if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_NONBLOCK | SOCK_CLOEXEC, 0, fd) != 0)
		return hf_io_fail(error, errno, "cannot make a pair of links: %s", strerror(errno));
	for (int i = 0; queue && i < 2; i++)
		(void)setsockopt(fd[i], SOL_SOCKET, SO_SNDBUF, &queue, sizeof(queue));
	first = make_end(options, fd[0], 'a');
	second = make_end(options, fd[1], 'b');
	if (!first || !second) {
		free(first);
		free(second);
		(void)close(fd[0]);
		(void)close(fd[1]);
		return hf_io_fail(error, ENOMEM, "no memory for a pair of links");
	}
	*a = first;
	*b = second;
	return true;
}
