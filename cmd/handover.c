/* SPDX-License-Identifier: BSD-2-Clause */
/* Waits on a local name for our own process, and joins what comes with a connection. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/un.h>
#include <unistd.h>

#include "cmd/handover.h"

struct hf_handover {
	hf_wire *wire;
	hf_pump_options options;
	hf_watch *watch; /* NULL: handed over */
	int listener;
};

static bool is_ours(int fd)
{
	struct ucred peer;
	socklen_t len = sizeof(peer);

	return getsockopt(fd, SOL_SOCKET, SO_PEERCRED, &peer, &len) == 0 && peer.pid == getpid();
}

static void on_ready(void *ctx, uint32_t events)
{
	hf_handover *h = ctx;
	int fd = accept4(h->listener, NULL, NULL, SOCK_CLOEXEC | SOCK_NONBLOCK);
	hf_pump *pump;

	(void)events;
	if (fd < 0)
		return;
	if (!is_ours(fd)) {
		close(fd);
		return;
	}
	hf_watch_end(h->watch);
	h->watch = NULL;
	h->options.in = h->options.out = fd;
	if (hf_pump_new(h->wire->bridge, &h->options, &pump, NULL))
		return;
	/* The library sees the end of the stream at once. */
	close(fd);
	hf_conn_abort(h->wire->stack, h->options.conn);
}

/* A listener with an abstract name of the kernel's choice: five digits (unix(7), "autobind"). */
static int make_listener(hf_local_name *name)
{
	int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	struct sockaddr_un any = { .sun_family = AF_UNIX };

	name->len = sizeof(name->addr);
	if (fd >= 0 && bind(fd, (const struct sockaddr *)&any, sizeof(any.sun_family)) == 0 &&
	    listen(fd, 4) == 0 && getsockname(fd, &name->addr, &name->len) == 0 &&
	    name->len <= sizeof(name->addr))
		return fd;
	if (fd >= 0)
		close(fd);
	return -1;
}

bool hf_handover_new(hf_wire *w, const hf_pump_options *options, hf_local_name *name,
		     hf_handover **out, hf_io_error *error)
{
	hf_watch_options watch = { .events = EPOLLIN, .fn = on_ready };
	hf_handover *h = calloc(1, sizeof(*h));
	int fd = h ? make_listener(name) : -1;

	if (fd < 0) {
		free(h);
		return hf_io_fail(error, errno, "cannot make a local socket: %s", strerror(errno));
	}
	*h = (hf_handover){ .wire = w, .options = *options, .listener = fd };
	watch.fd = fd;
	watch.ctx = h;
	if (!hf_watch_new(w->poller, &watch, &h->watch, error)) {
		close(fd);
		free(h);
		return false;
	}
	*out = h;
	return true;
}

void hf_handover_free(hf_handover *h)
{
	if (!h)
		return;
	if (h->watch)
		hf_conn_abort(h->wire->stack, h->options.conn);
	hf_watch_end(h->watch);
	close(h->listener);
	free(h);
}
