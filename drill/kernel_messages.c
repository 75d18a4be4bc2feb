/* SPDX-License-Identifier: BSD-2-Clause */
/* Vectors, messages, poll and epoll on the kernel's sockets. */
#include <netinet/in.h>
#include <poll.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/uio.h>
#include <time.h>

#include <linux/errqueue.h> /* needs the one before */

#include "drill/control.h"
#include "drill/kernel_parts.h"
#include "drill/names.h"
#include "io/clock.h"

#define CONTROL_ROOM 512
#define MOST_EVENTS 64
#define MOST_MESSAGES 8

/* ---- Vectors ---- */

/*
 * An iovec whose parts lie one behind the other in k->buffer, so that all that was read can be
 * looked at in one piece.
 */
static bool make_vector(hf_kcall *k, const hf_expr *list, bool is_read, struct iovec **out)
{
	unsigned count = list != NULL ? hf_expr_count(list->first) : 0;
	struct iovec *v = hf_arena_take(k->calling.sockets->arena, (count + 1) * sizeof(*v));
	uint64_t total, len;
	uint8_t *at;

	if (!hf_call_vector_len(&k->calling, list, &total))
		return false;
	if (total > HF_KCALL_LARGEST) {
		hf_call_trouble(&k->calling, "a buffer of this length is not supported");
		return false;
	}
	at = is_read ? hf_kcall_room(k, (size_t)total) : hf_kcall_zeros(k, (size_t)total);
	*out = v;
	for (const hf_expr *e = list->first; e != NULL; e = e->next, v++) {
		if (!hf_call_element_len(&k->calling, e, &len))
			return false;
		*v = (struct iovec){ at, (size_t)len };
		at += len;
	}
	return true;
}

static bool set_vector(hf_kcall *k, bool is_read)
{
	struct iovec *v;

	if (!hf_kcall_fd(k) || !hf_kcall_int(k, 2, 0) ||
	    !make_vector(k, hf_call_arg(&k->calling, 1), is_read, &v))
		return false;
	k->job->argument[1] = hf_kcall_pointer(v);
	return true;
}

bool hf_kcall_readv(hf_kcall *k)
{
	return set_vector(k, true);
}

bool hf_kcall_writev(hf_kcall *k)
{
	return set_vector(k, false);
}

/* ---- Messages ---- */

static bool set_message(hf_kcall *k, bool is_read)
{
	const hf_expr *e = hf_call_arg(&k->calling, 1), *list = hf_expr_field(e, "msg_iov");
	struct msghdr *m = hf_arena_take(k->calling.sockets->arena, sizeof(*m));

	if (!hf_kcall_fd(k) || !hf_kcall_int(k, 2, 0) ||
	    !make_vector(k, list, is_read, &m->msg_iov))
		return false;
	m->msg_iovlen = hf_expr_count(list->first);
	k->message = m;
	k->job->argument[1] = hf_kcall_pointer(m);
	return true;
}

bool hf_kcall_recvmsg(hf_kcall *k)
{
	if (!set_message(k, true))
		return false;
	k->message->msg_control = hf_kcall_zeros(k, CONTROL_ROOM);
	k->message->msg_controllen = CONTROL_ROOM;
	return true;
}

static bool put_control(hf_kcall *k, const hf_expr *list)
{
	struct msghdr *m = k->message;
	hf_control one;
	struct cmsghdr *c;

	m->msg_control = hf_kcall_zeros(k, CONTROL_ROOM);
	m->msg_controllen = CONTROL_ROOM;
	c = CMSG_FIRSTHDR(m);
	for (const hf_expr *e = list->first; e != NULL; e = e->next) {
		int n;

		if (!hf_control_read(&k->calling, e, &one))
			return false;
		if (c == NULL) {
			hf_call_trouble(&k->calling, "these are too many control messages");
			return false;
		}
		n = (int)one.value[0];
		*c = (struct cmsghdr){ .cmsg_len = CMSG_LEN(sizeof(n)),
				       .cmsg_level = (int)one.level,
				       .cmsg_type = (int)one.type };
		memcpy(CMSG_DATA(c), &n, sizeof(n));
		c = CMSG_NXTHDR(m, c);
	}
	m->msg_controllen = hf_expr_count(list->first) * CMSG_SPACE(sizeof(int));
	return true;
}

bool hf_kcall_sendmsg(hf_kcall *k)
{
	const hf_expr *control = hf_expr_field(hf_call_arg(&k->calling, 1), "msg_control");
	const hf_drill_setup *setup = k->calling.sockets->setup;
	socklen_t len;

	if (!set_message(k, false))
		return false;
	if (k->job->argument[2] & MSG_FASTOPEN) {
		k->message->msg_name = (void *)(uintptr_t)hf_kcall_address(
			k, &setup->remote, setup->connect_port, &len);
		k->message->msg_namelen = len;
		hf_kcall_opens(k, setup->connect_port);
	}
	return control == NULL || control->kind != HF_EXPR_LIST || put_control(k, control);
}

static void compare_field(hf_kcall *k, const hf_expr *e, const char *name, int64_t got)
{
	const hf_expr *wanted = hf_expr_field(e, name);

	if (wanted != NULL && wanted->kind == HF_EXPR_INTEGER && wanted->value != got)
		hf_call_mismatch(&k->calling, name, wanted->value, got);
}

/* The kernel tells times of day: what the script's clock showed then. */
static hf_ns script_time(const hf_kcall *k, const struct timespec *t)
{
	struct timespec day;
	hf_time now = hf_clock_now();
	hf_ns ago;

	(void)clock_gettime(CLOCK_REALTIME, &day);
	ago = HF_SEC(day.tv_sec - t->tv_sec) + (day.tv_nsec - t->tv_nsec);
	return hf_time_diff(now, k->calling.sockets->world->start) - ago;
}

static void read_error(const struct cmsghdr *c, hf_control *out)
{
	struct sock_extended_err e;

	memcpy(&e, CMSG_DATA(c), sizeof(e));
	hf_control_set_error(out, &(hf_control_error){ .error = e.ee_errno,
						       .origin = e.ee_origin,
						       .type = e.ee_type,
						       .code = e.ee_code,
						       .info = e.ee_info,
						       .data = e.ee_data });
}

/* Attributes of netlink's form: length and number, two octets each, then the value. */
static void read_figures(const struct cmsghdr *c, hf_control *out)
{
	const uint8_t *at = CMSG_DATA(c);
	size_t left = c->cmsg_len - CMSG_LEN(0);
	uint16_t head[2];

	while (left >= sizeof(head)) {
		int64_t value = 0;
		size_t octets, step;

		memcpy(head, at, sizeof(head));
		if (head[0] < sizeof(head) || head[0] > left)
			return;
		octets = head[0] - sizeof(head);
		memcpy(&value, at + sizeof(head), octets < sizeof(value) ? octets : sizeof(value));
		if (hf_control_attribute(head[1]) != NULL)
			hf_control_add(out, hf_control_attribute(head[1]), value);
		step = (head[0] + 3u) / 4 * 4;
		step = step < left ? step : left;
		at += step;
		left -= step;
	}
}

static void read_control(const hf_kcall *k, const struct cmsghdr *c, hf_control *out)
{
	bool is_socket = c->cmsg_level == SOL_SOCKET;
	struct timespec time;
	int n = 0;

	*out = (hf_control){ .level = c->cmsg_level, .type = c->cmsg_type };
	if (is_socket && c->cmsg_type == HF_SYM_SCM_TIMESTAMPING) {
		memcpy(&time, CMSG_DATA(c), sizeof(time)); /* the first of three: software's */
		out->has_time = true;
		out->time = script_time(k, &time);
	} else if (is_socket && c->cmsg_type == HF_SYM_SCM_TIMESTAMPING_OPT_STATS) {
		read_figures(c, out);
	} else if (c->cmsg_len >= CMSG_LEN(sizeof(struct sock_extended_err)) &&
		   ((c->cmsg_level == SOL_IP && c->cmsg_type == HF_SYM_IP_RECVERR) ||
		    (c->cmsg_level == SOL_IPV6 && c->cmsg_type == HF_SYM_IPV6_RECVERR))) {
		read_error(c, out);
	} else {
		memcpy(&n, CMSG_DATA(c), sizeof(n));
		hf_control_add(out, NULL, n);
	}
}

static void compare_control(hf_kcall *k)
{
	hf_control messages[MOST_MESSAGES];
	size_t n = 0;

	for (struct cmsghdr *c = CMSG_FIRSTHDR(k->message); c != NULL && n < MOST_MESSAGES;
	     c = CMSG_NXTHDR(k->message, c))
		read_control(k, c, &messages[n++]);
	hf_control_compare(&k->calling, messages, n);
}

void hf_kcall_recvmsg_end(hf_kcall *k)
{
	const hf_expr *e = hf_call_arg(&k->calling, 1);

	/* What comes from the error queue is what was sent: zeros as well. */
	hf_kcall_read_end(k);
	compare_field(k, e, "msg_flags", k->message->msg_flags & ~HF_SYM_MSG_NOSIGNAL);
	compare_control(k);
}

/* ---- poll ---- */

static const struct timespec *timeout_of(hf_kcall *k, int64_t ms)
{
	struct timespec *t = hf_arena_take(k->calling.sockets->arena, sizeof(*t));

	*t = (struct timespec){ .tv_sec = (time_t)(ms / 1000),
				.tv_nsec = (long)(ms % 1000 * 1000000) };
	return ms < 0 ? NULL : t;
}

static int64_t field(const hf_expr *e, const char *name)
{
	const hf_expr *value = hf_expr_field(e, name);

	return value != NULL && value->kind == HF_EXPR_INTEGER ? value->value : 0;
}

bool hf_kcall_poll(hf_kcall *k)
{
	const hf_expr *list = hf_call_arg(&k->calling, 0);
	struct pollfd *p;
	int64_t timeout;
	size_t n = 0;

	if (!hf_kcall_int(k, 1, 0) || !hf_call_int(&k->calling, 2, -1, &timeout))
		return false;
	if (list->kind != HF_EXPR_LIST || hf_expr_count(list->first) != k->job->argument[1]) {
		hf_call_trouble(&k->calling, "poll takes a list and its length");
		return false;
	}
	k->filled = p = hf_arena_take(k->calling.sockets->arena,
				      (hf_expr_count(list->first) + 1) * sizeof(*p));
	for (const hf_expr *e = list->first; e != NULL; e = e->next, n++)
		p[n] = (struct pollfd){ .fd = hf_kcall_live(k, field(e, "fd")),
					.events = (short)field(e, "events") };
	k->job->argument[0] = hf_kcall_pointer(p);
	k->job->argument[2] = hf_kcall_pointer(timeout_of(k, timeout));
	return true;
}

void hf_kcall_poll_end(hf_kcall *k)
{
	const hf_expr *list = hf_call_arg(&k->calling, 0);
	const struct pollfd *p = k->filled;

	for (const hf_expr *e = list->first; e != NULL; e = e->next, p++)
		compare_field(k, e, "revents", p->revents);
}

/* ---- epoll ---- */

static const char *const data_names[] = { "fd", "ptr", "u32", "u64" };

#define DATA_NAMES (sizeof(data_names) / sizeof(data_names[0]))

bool hf_kcall_epoll_ctl(hf_kcall *k)
{
	const hf_expr *e = hf_call_arg(&k->calling, 3);
	struct epoll_event *event = hf_arena_take(k->calling.sockets->arena, sizeof(*event));
	int64_t fd;

	if (!hf_kcall_fd(k) || !hf_kcall_int(k, 1, 0) || !hf_call_int(&k->calling, 2, -1, &fd))
		return false;
	event->events = (uint32_t)field(e, "events");
	for (size_t i = 0; i < DATA_NAMES; i++)
		event->data.u64 |= (uint64_t)field(e, data_names[i]);
	k->job->argument[2] = hf_kcall_live(k, fd);
	k->job->argument[3] = hf_kcall_pointer(event);
	return true;
}

bool hf_kcall_epoll_wait(hf_kcall *k)
{
	if (!hf_kcall_fd(k) || !hf_kcall_int(k, 2, 1) || !hf_kcall_int(k, 3, -1))
		return false;
	if (k->job->argument[2] > MOST_EVENTS)
		k->job->argument[2] = MOST_EVENTS;
	k->filled = hf_arena_take(k->calling.sockets->arena,
				  MOST_EVENTS * sizeof(struct epoll_event));
	k->job->argument[1] = hf_kcall_pointer(k->filled);
	return true;
}

void hf_kcall_epoll_wait_end(hf_kcall *k)
{
	const hf_expr *e = hf_call_arg(&k->calling, 1);
	const struct epoll_event *first = k->filled;

	if (k->job->result == 0)
		return;
	compare_field(k, e, "events", first->events);
	for (size_t i = 0; i < DATA_NAMES; i++)
		compare_field(k, e, data_names[i], (int64_t)first->data.u64);
}
