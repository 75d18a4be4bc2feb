/* SPDX-License-Identifier: BSD-2-Clause */
/* The kernel's TCP as a target: its namespace, its packets, its clock. */
#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <poll.h>
#include <sched.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "drill/kernel_parts.h"
#include "io/clock.h"
#include "io/netns.h"
#include "io/tun.h"

#define SLACK HF_MS(25)     /* what a machine that does other things too may be late */
#define PATIENCE HF_SEC(30) /* for a packet that may come at any time */
#define MOST_MS 1000        /* for an address to be usable */
#define HERE "/proc/thread-self/ns/net"

/* ---- Making ---- */

/* What a namespace may take over from the machine, as the kernel's own documents have it. */
static const struct {
	const char *name, *value;
} fresh[] = {
	{ "net.ipv4.conf.all.rp_filter", "0" },
	{ "net.ipv4.conf.default.rp_filter", "0" },
	{ "net.ipv4.tcp_rmem", "4096 131072 6291456" },
	{ "net.ipv4.tcp_wmem", "4096 16384 4194304" },
	{ "net.ipv4.tcp_no_metrics_save", "1" },
	{ "net.ipv6.conf.default.router_solicitations", "0" },
};

static const char *set_fresh(hf_arena *arena)
{
	const char *why = NULL;

	for (size_t i = 0; why == NULL && i < sizeof(fresh) / sizeof(fresh[0]); i++)
		why = hf_kernel_set(arena, fresh[i].name, fresh[i].value);
	return why;
}

static uint8_t whole(const hf_addr *a)
{
	return hf_addr_is_v4(a) ? 32 : 128;
}

/* The routers of a source route are all behind the device, as everything is. */
#define EVERYTHING ((hf_host_addr){ hf_addr_v4(0, 0, 0, 0), 0 })

static bool open_link(hf_session *s, hf_kernel *k, hf_io_error *error)
{
	const hf_drill_setup *setup = &s->setup;
	hf_tun_options o = {
		.name = "tun%d",
		.no_offloads = true,
		.mtu = setup->mtu,
		.address[0] = { setup->local, whole(&setup->local) },
		.route[0] = { setup->remote, whole(&setup->remote) },
	};

	if (!setup->is_v6)
		o.route[1] = EVERYTHING;
	return hf_tun_open(&o, &k->link, error);
}

/*
 * An IPv6 address cannot be used in the moment in which it was added: the kernel has work to do
 * first. A socket that can be bound to it says when.
 */
static void await_address(const hf_addr *addr)
{
	struct sockaddr_in6 at = { .sin6_family = AF_INET6 };
	int fd = socket(AF_INET6, SOCK_DGRAM | SOCK_CLOEXEC, 0);

	memcpy(&at.sin6_addr, addr, sizeof(at.sin6_addr));
	for (int ms = 0; ms < MOST_MS && bind(fd, (struct sockaddr *)&at, sizeof(at)) != 0; ms++)
		(void)poll(NULL, 0, 1);
	if (fd >= 0)
		(void)close(fd);
}

/* In the namespace; what was made is undone by leave(). */
static const char *furnish(hf_session *s, hf_kernel *k)
{
	const char *why = set_fresh(s->arena);
	hf_io_error error;

	if (why != NULL)
		return why;
	if (!open_link(s, k, &error) || !hf_helper_start(&k->helper, &error)) {
		hf_link_close(k->link);
		return hf_arena_format(s->arena, "%s", error.text);
	}
	if (s->setup.is_v6)
		await_address(&s->setup.local);
	s->world.room = hf_arena_take(s->arena, k->link->capacity);
	return NULL;
}

static void leave(hf_kernel *k)
{
	if (setns(k->home, CLONE_NEWNET) != 0)
		abort(); /* in the wrong namespace nothing that follows would mean what it says */
	(void)close(k->home);
}

static const char *open_kernel(hf_session *s)
{
	hf_kernel *k = hf_arena_take(s->arena, sizeof(*k));
	hf_io_error error;
	const char *why;

	s->target_ctx = k;
	k->congestion = "cubic";
	k->home = open(HERE, O_RDONLY | O_CLOEXEC);
	if (k->home < 0)
		return hf_arena_format(s->arena, "cannot open %s: %s", HERE, strerror(errno));
	if (!hf_netns_enter(&error)) {
		(void)close(k->home);
		return hf_arena_format(s->arena, "%s", error.text);
	}
	why = furnish(s, k);
	if (why != NULL)
		leave(k);
	return why;
}

static const char *start(hf_session *s)
{
	(void)s; /* it is running */
	return NULL;
}

static const char *close_kernel(hf_session *s)
{
	hf_kernel *k = s->target_ctx;

	hf_helper_stop(&k->helper);
	for (const hf_sock *sock = s->sockets.open; sock != NULL; sock = sock->next)
		(void)close(sock->live);
	hf_link_close(k->link);
	leave(k);
	return NULL;
}

bool hf_kernel_prepare(hf_io_error *error)
{
	int home = open(HERE, O_RDONLY | O_CLOEXEC);
	hf_tun_options o = { .name = "tun%d", .no_offloads = true };
	hf_link *link;
	bool is_good = hf_netns_enter(error) && hf_tun_open(&o, &link, error);

	if (is_good)
		hf_link_close(link);
	/* An ordinary user has no way back, and needs none. */
	if (home >= 0) {
		(void)setns(home, CLONE_NEWNET);
		(void)close(home);
	}
	return is_good;
}

/* ---- Time and packets ---- */

static hf_time now(const hf_session *s)
{
	(void)s;
	return hf_clock_now();
}

static void input(hf_session *s, const uint8_t *octets, size_t len)
{
	const hf_kernel *k = s->target_ctx;
	hf_drill_wire *p;

	s->world.now = hf_clock_now();
	p = hf_world_note_in(&s->world, octets, len);
	if (hf_link_send(k->link, &p->packet, 1) != 1)
		s->world.trouble = "the TUN did not take the packet";
}

/* The kernel has more to say than the script asks: multicast, neighbours. */
static bool is_for_script(const hf_session *s, const hf_packet *p)
{
	hf_addr to;
	hf_ip ip;

	if (hf_ip_parse((hf_view){ p->data, p->len }, &ip) != HF_WHY_NONE)
		return true;
	to = hf_world_destination(&ip);
	return hf_addr_equal(&to, &s->setup.remote);
}

static void settle(hf_session *s)
{
	const hf_kernel *k = s->target_ctx;
	hf_packet p = { .data = s->world.room, .capacity = k->link->capacity };

	s->world.now = hf_clock_now();
	while (hf_link_receive(k->link, &p, 1) == 1) {
		if (is_for_script(s, &p))
			hf_world_note_out(&s->world, &p);
		s->world.now = hf_clock_now();
	}
}

static bool pass(hf_session *s, hf_time until)
{
	const hf_kernel *k = s->target_ctx;
	struct pollfd p[2] = { { .fd = k->link->fd, .events = POLLIN },
			       { .fd = k->helper.done, .events = POLLIN } };
	hf_ns left = hf_time_diff(until, hf_clock_now());
	struct timespec time;
	int ready;

	left = left < 0 ? 0 : left;
	time = (struct timespec){ .tv_sec = (time_t)(left / HF_SEC(1)),
				  .tv_nsec = (long)(left % HF_SEC(1)) };
	ready = ppoll(p, s->sleeper.event != NULL ? 2 : 1, &time, NULL);
	s->world.now = hf_clock_now();
	return ready > 0;
}

const hf_target hf_target_kernel = {
	.name = "Linux",
	.key = "linux",
	.is_real = true,
	.slack = SLACK,
	.patience = PATIENCE,
	.check_call = hf_kernel_check_call,
	.check_command = hf_kernel_check_command,
	.knows_figure = hf_kernel_knows_figure,
	.open = open_kernel,
	.start = start,
	.close = close_kernel,
	.now = now,
	.input = input,
	.settle = settle,
	.pass = pass,
	.try_call = hf_kernel_call,
	.figure = hf_kernel_figure,
	.command = hf_kernel_command,
};
