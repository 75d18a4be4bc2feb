/* SPDX-License-Identifier: BSD-2-Clause */
/* The error queue of a socket: times of what was sent, and ends of zero copies. */
#include "drill/control.h"
#include "drill/figures.h"
#include "drill/names.h"

/*
 * Theory of operation
 *
 * A write leaves a mark behind its last octet: what shall be told of it. Whenever something has
 * happened, marks are held against what the connection has sent and what was acknowledged, and
 * become notes in the queue, in the order in which Linux would queue them. The stack copies what
 * it is given, so that a zero copy is always told as copied; it ends when all is acknowledged.
 */

#define SENT_FLAGS                                                                                 \
	(HF_SYM_SOF_TIMESTAMPING_TX_SCHED | HF_SYM_SOF_TIMESTAMPING_TX_SOFTWARE |                  \
	 HF_SYM_SOF_TIMESTAMPING_TX_ACK)

/** Octets of a send whose fate the error queue is to tell. */
struct hf_sock_mark {
	struct hf_sock_mark *next;
	uint64_t end;      /**< octets written to the connection up to here */
	bool is_zero_copy; /**< else: times are told */
	uint32_t number;   /**< ee_data: of a zero copy, or of the last octet */
	int64_t flags;     /**< SOF_TIMESTAMPING_*: what is still to be told */
};

/** Something in the error queue. */
struct hf_sock_note {
	struct hf_sock_note *next;
	int64_t origin, code, info; /**< of its sock_extended_err */
	uint32_t data;
	bool is_cut; /**< the octets that it is about are not handed over: MSG_TRUNC */
	bool has_time;
	hf_time at;
	const hf_conn_info *figures; /**< SOF_TIMESTAMPING_OPT_STATS; NULL: not asked for */
};

/* ---- Marks ---- */

static void add_mark(const hf_calling *c, hf_sock *sock, hf_sock_mark mark)
{
	hf_sock_mark **link = &sock->marks, *m = hf_arena_take(c->sockets->arena, sizeof(*m));

	while (*link != NULL)
		link = &(*link)->next;
	*m = mark;
	m->end = sock->written;
	*link = m;
}

void hf_sock_mark_write(const hf_calling *c, hf_sock *sock, int64_t flags, int64_t stamping)
{
	int64_t asked = sock->options.stamping;
	hf_sock_mark times = { .flags = stamping >= 0 ? stamping : asked & SENT_FLAGS };

	if (flags & HF_SYM_MSG_ZEROCOPY && sock->options.zero_copy)
		add_mark(c, sock,
			 (hf_sock_mark){ .is_zero_copy = true, .number = sock->zero_copies++ });
	if (asked & HF_SYM_SOF_TIMESTAMPING_OPT_ID)
		times.number = (uint32_t)(sock->written - 1 - sock->stamps_from);
	if (times.flags != 0)
		add_mark(c, sock, times);
}

/* ---- Notes ---- */

static hf_sock_note *add_note(hf_sockets *s, hf_sock *sock)
{
	hf_sock_note **link = &sock->notes;

	while (*link != NULL)
		link = &(*link)->next;
	*link = hf_arena_take(s->arena, sizeof(**link));
	return *link;
}

static void tell_time(hf_sockets *s, hf_sock *sock, const hf_sock_mark *m, int64_t what)
{
	int64_t asked = sock->options.stamping;
	hf_sock_note *n = add_note(s, sock);
	hf_conn_info *figures;

	n->origin = HF_SYM_SO_EE_ORIGIN_TIMESTAMPING;
	n->info = what;
	n->data = m->number;
	n->has_time = asked & HF_SYM_SOF_TIMESTAMPING_SOFTWARE;
	n->at = s->world->now;
	n->is_cut = !(asked & HF_SYM_SOF_TIMESTAMPING_OPT_TSONLY);
	if (!(asked & HF_SYM_SOF_TIMESTAMPING_OPT_STATS) || !n->has_time)
		return;
	figures = hf_arena_take(s->arena, sizeof(*figures));
	*figures = hf_sock_info(s, sock);
	n->figures = figures;
	n->is_cut = true; /* the figures are what is not handed over */
}

/* One note tells of a row of zero copies: `info` is the first, `data` the last. */
static void tell_copied(hf_sockets *s, hf_sock *sock, const hf_sock_mark *m)
{
	hf_sock_note *last = sock->notes;

	while (last != NULL && last->next != NULL)
		last = last->next;
	if (last != NULL && last->origin == HF_SYM_SO_EE_ORIGIN_ZEROCOPY &&
	    last->data + 1 == m->number) {
		last->data = m->number;
		return;
	}
	last = add_note(s, sock);
	last->origin = HF_SYM_SO_EE_ORIGIN_ZEROCOPY;
	last->code = HF_SYM_SO_EE_CODE_ZEROCOPY_COPIED;
	last->info = last->data = m->number;
}

/* Tells what is due of one mark. True: nothing is left of it. */
static bool look_at(hf_sockets *s, hf_sock *sock, hf_sock_mark *m, const hf_conn_info *info)
{
	static const struct {
		int64_t flag, what;
		bool is_of_ack;
	} times[] = {
		{ HF_SYM_SOF_TIMESTAMPING_TX_SCHED, HF_SYM_SCM_TSTAMP_SCHED, false },
		{ HF_SYM_SOF_TIMESTAMPING_TX_SOFTWARE, HF_SYM_SCM_TSTAMP_SND, false },
		{ HF_SYM_SOF_TIMESTAMPING_TX_ACK, HF_SYM_SCM_TSTAMP_ACK, true },
	};
	bool is_over = sock->phase == HF_SOCK_ENDED;

	if (m->is_zero_copy && (is_over || info->octets_acked >= m->end)) {
		tell_copied(s, sock, m);
		return true;
	}
	for (size_t i = 0; i < sizeof(times) / sizeof(times[0]); i++) {
		uint64_t so_far = times[i].is_of_ack ? info->octets_acked : info->octets_sent;

		if (!(m->flags & times[i].flag) || so_far < m->end)
			continue;
		m->flags &= ~times[i].flag;
		tell_time(s, sock, m, times[i].what);
	}
	return !m->is_zero_copy && m->flags == 0;
}

void hf_sockets_watch(hf_sockets *s)
{
	for (hf_sock *sock = s->open; sock != NULL; sock = sock->next) {
		hf_conn_info info;

		if (sock->marks == NULL)
			continue;
		hf_sock_look(s, sock);
		info = hf_sock_info(s, sock);
		for (hf_sock_mark **m = &sock->marks; *m != NULL;) {
			if (look_at(s, sock, *m, &info))
				*m = (*m)->next;
			else
				m = &(*m)->next;
		}
	}
}

/* ---- Reading ---- */

static size_t messages_of(const hf_calling *c, const hf_sock *sock, const hf_sock_note *n,
			  hf_control *out)
{
	bool is_v6 = sock->domain == HF_SYM_AF_INET6; /* also where packets are IPv4 */
	hf_control_error e = {
		.origin = n->origin, .code = n->code, .info = n->info, .data = n->data
	};
	size_t count = 0;
	const char *name;

	if (n->has_time)
		out[count++] = (hf_control){ .level = HF_SYM_SOL_SOCKET,
					     .type = HF_SYM_SCM_TIMESTAMPING,
					     .has_time = true,
					     .time = hf_time_diff(n->at,
								  c->sockets->world->start) };
	if (n->figures != NULL) {
		hf_control *m = &out[count++];

		*m = (hf_control){ .level = HF_SYM_SOL_SOCKET,
				   .type = HF_SYM_SCM_TIMESTAMPING_OPT_STATS };
		for (unsigned i = 1; (name = hf_control_attribute(i)) != NULL; i++) {
			const char *figure = hf_control_figure(name);
			hf_datum value;

			if (figure != NULL && hf_figure_find(n->figures, figure, &value))
				hf_control_add(m, name, value.integer);
		}
	}
	if (n->origin == HF_SYM_SO_EE_ORIGIN_TIMESTAMPING)
		e.error = HF_ENOMSG;
	out[count] = (hf_control){ .level = is_v6 ? HF_SYM_SOL_IPV6 : HF_SYM_SOL_IP,
				   .type = is_v6 ? HF_SYM_IPV6_RECVERR : HF_SYM_IP_RECVERR };
	hf_control_set_error(&out[count++], &e);
	return count;
}

static bool wants_octets(const hf_calling *c)
{
	const hf_expr *v = hf_expr_field(hf_call_arg(c, 1), "msg_iov");
	uint64_t len = 0;

	return v != NULL && hf_call_vector_len(c, v, &len) && len > 0;
}

void hf_call_read_errors(const hf_calling *c, hf_sock *sock)
{
	const hf_expr *flags = hf_expr_field(hf_call_arg(c, 1), "msg_flags");
	hf_control messages[4];
	int64_t told;
	hf_sock_note *n = sock->notes;

	if (n == NULL) {
		hf_call_fail(c, HF_EAGAIN);
		return;
	}
	if (n->is_cut && wants_octets(c)) {
		hf_call_trouble(c, "the octets of a packet are not handed over with its time");
		return;
	}
	sock->notes = n->next;
	told = HF_SYM_MSG_ERRQUEUE | (n->is_cut ? HF_SYM_MSG_TRUNC : 0);
	hf_call_done(c, 0);
	if (flags != NULL && flags->kind == HF_EXPR_INTEGER && flags->value != told)
		hf_call_mismatch(c, "msg_flags", flags->value, told);
	hf_control_compare(c, messages, messages_of(c, sock, n, messages));
}

/* TCP_INQ: octets that are left to be read; 1 if that is only the end. */
void hf_call_compare_control(const hf_calling *c, const hf_sock *sock)
{
	hf_control inq = { .level = HF_SYM_SOL_TCP, .type = HF_SYM_TCP_CM_INQ };
	hf_conn_info info = hf_sock_info(c->sockets, sock);

	hf_control_add(&inq, NULL, info.unread > 0 ? info.unread : info.peer_closed);
	hf_control_compare(c, &inq, sock->options.tells_unread);
}

/* ---- Sending ---- */

bool hf_call_take_control(const hf_calling *c, int64_t *stamping)
{
	const hf_expr *list = hf_expr_field(hf_call_arg(c, 1), "msg_control");
	hf_control m;

	*stamping = -1;
	if (list == NULL || list->kind != HF_EXPR_LIST)
		return true;
	for (const hf_expr *e = list->first; e != NULL; e = e->next) {
		if (!hf_control_read(c, e, &m))
			return false;
		if (m.level != HF_SYM_SOL_SOCKET) /* Linux passes it over */
			continue;
		if (m.type != HF_SYM_SO_TIMESTAMPING || m.value[0] & ~(int64_t)SENT_FLAGS) {
			hf_call_fail(c, HF_EINVAL);
			return false;
		}
		*stamping = m.value[0];
	}
	return true;
}
