/* SPDX-License-Identifier: BSD-2-Clause */
/* Fuzz target: a stack and an application, talked to by one hostile peer. */
#include "hostile_peer.h"

#include "targets.h"

/*
 * Theory of operation
 *
 * The first octets of the input choose the settings of the stack, the rest is a list of commands:
 * the peer says a segment, an ICMP report arrives, time passes, the application does something. The
 * peer's checksums are right, and its numbers are told from what the host has said, so that most of
 * what it says lies in the window, at one of its edges, or half of the numbers away. What it says
 * in a place is always the same octet, whatever else is wrong: so the model of a stream is the
 * pattern of peer_octet, in both directions.
 *
 * After each command the invariants are looked at (scene_check); in the end everything is closed,
 * and must be gone after the last timer, with its memory.
 */

#define ANSWERS_MOST 4 /* packets without text that one packet may bring forth */
#define MEMORY_LIMIT (768u << 10)
#define SLACK (384u << 10) /* a chunk of each kind of records, tables that have grown */
#define STEPS_MOST 60000

/* ---- What is looked at ---- */

uint64_t scene_pending(struct scene *s)
{
	uint64_t sum = 0;

	for (unsigned i = 0; i < LINES; i++)
		sum += s->line[i].is_known ? s->line[i].queued : 0;
	return sum;
}

static struct line *line_of(struct scene *s, const hf_tcp *t)
{
	for (unsigned i = 0; i < LINES; i++)
		if (s->line[i].port == t->dst_port && s->line[i].host.port == t->src_port)
			return &s->line[i];
	return NULL;
}

/* What the host sends is what its application gave it, each octet in its place. */
static void check_text(const struct line *l, const peer_seen *s)
{
	hf_seq from = hf_seq_add(s->tcp.seq, s->tcp.flags & SYN ? 1 : 0);
	uint32_t place = hf_seq_span(l->iss, from) - 1;

	assert_true(l->is_known);
	assert_true(place <= l->queued && s->len <= l->queued - place);
	for (uint32_t i = 0; i < s->len; i++)
		assert_int_equal(s->tcp.payload.at[i], peer_octet(PATTERN + place + i));
}

static void note(struct line *l, const peer_seen *s)
{
	hf_seq end = hf_seq_add(s->tcp.seq, hf_tcp_seg_len(&s->tcp));

	if (s->tcp.flags & SYN) {
		l->host_isn = s->tcp.seq;
		l->host_next = end;
	}
	l->host_next = hf_seq_max(l->host_next, end);
	if (s->tcp.flags & ACK)
		l->host_ack = s->tcp.ack;
	l->last = s;
}

unsigned scene_collect(struct scene *s, uint64_t *text)
{
	const peer_seen *seen;
	unsigned bare = 0;

	while ((seen = peer_next(s->p)) != NULL) {
		struct line *l = NULL;

		if (seen->ip.protocol == HF_IPPROTO_TCP)
			l = line_of(s, &seen->tcp);
		if (l != NULL && seen->len > 0)
			check_text(l, seen);
		if (l != NULL && !(seen->tcp.flags & RST))
			note(l, seen);
		bare += seen->ip.protocol != HF_IPPROTO_TCP || seen->len == 0;
		*text += seen->ip.protocol == HF_IPPROTO_TCP ? seen->len : 0;
	}
	return bare;
}

/* Who waits for his peer's text, or for his application, may wait for ever; nobody else. */
static bool needs_timer(const hf_conn_info *info)
{
	if (info->state == HF_CLOSED)
		return false;
	if (info->in_flight > 0 || info->unsent > 0)
		return info->state != HF_TIME_WAIT && info->fast_open_room == 0;
	if (info->state == HF_SYN_SENT)
		return info->fast_open_room == 0; /* with Fast Open it may wait for text */
	return info->state == HF_SYN_RECEIVED || info->state == HF_FIN_WAIT_1 ||
	       info->state == HF_CLOSING || info->state == HF_LAST_ACK;
}

static void check_line(struct scene *s, struct line *l)
{
	hf_conn_info info = peer_info(s->p, l->conn);

	if (needs_timer(&info))
		assert_true(hf_stack_deadline(s->p->stack).ns != HF_NEVER.ns);
	assert_true(info.unread <= s->p->config.memory_limit);
	assert_true(info.unsent <= l->queued && info.in_flight <= l->queued + 2); /* SYN, FIN */
	assert_true(hf_seq_span((hf_seq){ info.snd_una }, (hf_seq){ info.snd_nxt }) <=
		    l->queued + 2);
	assert_true(info.octets_acked <= l->queued);
	assert_true(info.reason < HF_REASON_COUNT && info.refused < HF_REASON_COUNT);
	if (info.state != HF_SYN_SENT && info.state != HF_CLOSED)
		assert_int_equal(info.octets_received, l->read + info.unread);
}

void scene_check(struct scene *s)
{
	const hf_config *c = &s->p->config;
	hf_stats stats = peer_stats(s->p);

	assert_true(s->p->heap.out <= c->memory_limit && stats.memory <= s->p->heap.out);
	assert_true(stats.buffers <= stats.memory);
	assert_true(stats.connections <= c->max_connections);
	assert_true(stats.half_open <= c->max_half_open);
	assert_true(stats.time_wait <= c->max_time_wait);
	if (stats.half_open + stats.time_wait > 0)
		assert_true(hf_stack_deadline(s->p->stack).ns != HF_NEVER.ns);
	assert_true(hf_time_before(s->p->now, hf_stack_deadline(s->p->stack)));
	for (unsigned i = 0; i < LINES; i++)
		if (s->line[i].is_held)
			check_line(s, &s->line[i]);
	peer_events(s->p);
}

/* ---- What the peer says ---- */

static uint32_t any_offset(hf_view *in)
{
	static const uint32_t edges[] = { 0,          1,          UINT32_MAX, 2,
					  0x7fffffff, 0x80000000, 0x80000001, 1 << 30,
					  65535,      -65536u,    1460,       -1460u };
	uint8_t choice = fuzz_u8(in);

	if (choice < sizeof(edges) / sizeof(edges[0]))
		return edges[choice];
	if (choice < 0xc0)
		return (uint32_t)(choice - 0x60);
	return (uint32_t)(int16_t)fuzz_u16(in);
}

/* A number of the peer's stream, relative. */
static uint32_t any_seq(struct scene *s, const struct line *l)
{
	uint8_t base = fuzz_u8(&s->in) % 4;
	hf_seq from = l->host_ack;

	if (l->is_held)
		from.v = peer_info(s->p, l->conn).rcv_nxt;
	if (base == 1 && l->is_held)
		from.v += peer_info(s->p, l->conn).rcv_wnd;
	if (base == 2)
		from = s->p->isn;
	return hf_seq_span(s->p->isn, from) + (base == 3 ? 0 : any_offset(&s->in));
}

/* A number of the host's stream, relative. */
static uint32_t any_ack(struct scene *s, const struct line *l)
{
	uint8_t base = fuzz_u8(&s->in) % 4;
	hf_seq from = l->host_next;

	if (base == 1 && l->is_held)
		from.v = peer_info(s->p, l->conn).snd_una;
	if (base == 2)
		from = l->host_isn;
	return hf_seq_span(l->host_isn, from) + (base == 3 ? 0 : any_offset(&s->in));
}

static uint32_t any_len(hf_view *in)
{
	static const uint16_t lens[] = { 0, 0, 1, 2, 10, 100, 536, 1000, 1400, 1460 };
	uint8_t choice = fuzz_u8(in);

	return choice < 250 ? lens[choice % 10] : fuzz_u16(in) % 4000;
}

static void any_sack(struct scene *s, const struct line *l, peer_line *say)
{
	uint8_t blocks = fuzz_u8(&s->in) % 5;

	for (unsigned i = 0; i < blocks && i < 4; i++) {
		say->sack[i].from = any_ack(s, l);
		say->sack[i].to = say->sack[i].from + any_offset(&s->in);
	}
}

static void say_options(struct scene *s, peer_line *say)
{
	uint16_t which = fuzz_u16(&s->in);
	hf_tcp_options *o = &say->options;

	say->bare = which == 1;
	if (which < 2)
		return;
	o->present = which & 0x0200 ? HF_HAS(MSS) : 0;
	o->present |= which & 0x0400 ? HF_HAS(SACK_PERMITTED) : 0;
	o->present |= which & 0x0800 ? HF_HAS(WSCALE) : 0;
	o->present |= which & 0x1000 ? HF_HAS(TIMESTAMPS) : 0;
	o->present |= which & 0x2000 ? HF_HAS(USER_TIMEOUT) : 0;
	o->present |= which & 0x4000 ? HF_HAS(ACC_ECN_0) : 0;
	o->present |= which & 0x8000 ? HF_HAS(FAST_OPEN) : 0;
	o->mss = (uint16_t)((which & 0xff) * 8);
	o->wscale = which & 0x0f;
	o->user_timeout = which;
	if (which & 0x4000)
		o->acc_ecn = fuzz_take(&s->in, HF_ACC_ECN_MAX);
	if (which & 0x8000)
		o->fast_open = fuzz_take(&s->in, fuzz_u8(&s->in) % 17);
	if (which & 0x1000) {
		o->tsval = s->p->tsval + any_offset(&s->in);
		o->tsecr = s->p->heard_tsval + any_offset(&s->in);
	}
}

/* The segment arrives; then what it brings forth is counted. */
static void arrive(struct scene *s, const peer_line *say, const raw_segment *raw)
{
	uint64_t text = 0, most = 2 * scene_pending(s);
	unsigned bare;

	if (raw != NULL)
		raw_say(s->p, *raw);
	else
		peer_say(s->p, *say);
	bare = scene_collect(s, &text);
	assert_true(bare <= ANSWERS_MOST);
	assert_true(text <= most);
}

static void say_anything(struct scene *s, bool is_raw)
{
	struct line *l = &s->line[s->at];
	uint8_t flags = fuzz_u8(&s->in);
	peer_line say = { .flags = flags & 0x3f };
	raw_segment raw = { 0 };

	if (flags & 0x80)
		say.flags |= (uint16_t)((fuzz_u8(&s->in) & 7) << 6);
	say.seq = any_seq(s, l);
	say.ack = any_ack(s, l);
	say.len = any_len(&s->in);
	say.window = fuzz_u16(&s->in);
	say.urgent = flags & URG ? fuzz_u16(&s->in) : 0;
	s->p->window = say.window;
	if (!is_raw) {
		any_sack(s, l, &say);
		say_options(s, &say);
		arrive(s, &say, NULL);
		return;
	}
	raw.flags = say.flags;
	raw.seq = say.seq;
	raw.ack = say.ack;
	raw.len = say.len % 2000;
	raw.urgent = say.urgent;
	raw.options = fuzz_take(&s->in, 4 * (size_t)(fuzz_u8(&s->in) % 11));
	raw.options.len -= raw.options.len % 4;
	arrive(s, NULL, &raw);
}

/* What a peer that means well would say now: it acknowledges everything, and has text. */
static void say_well(struct scene *s)
{
	struct line *l = &s->line[s->at];
	uint8_t how = fuzz_u8(&s->in);
	peer_line say = { .flags = ACK | (how & 1 ? PSH : 0) | (how & 2 ? FIN : 0),
			  .seq = hf_seq_span(s->p->isn, l->host_ack),
			  .ack = hf_seq_span(l->host_isn, l->host_next),
			  .len = how >> 4 ? any_len(&s->in) : 0,
			  .window = how & 4 ? 1000 : 65535 };

	if (how & 8) { /* or its SYN */
		say.flags = how & 1 ? SYN | ACK : SYN;
		say.seq = 0;
		say.len = 0;
	}
	s->p->window = say.window;
	arrive(s, &say, NULL);
}

static void report_error(struct scene *s)
{
	const peer_seen *last = s->line[s->at].last;
	report r = { .type = fuzz_u8(&s->in), .code = fuzz_u8(&s->in) };
	uint32_t rest = fuzz_u16(&s->in);
	uint64_t text = 0;

	if (last == NULL)
		return;
	complain(s->p, r, rest, last);
	assert_true(scene_collect(s, &text) <= ANSWERS_MOST);
}

static void wait_some(struct scene *s)
{
	static const hf_ns times[] = { HF_US(1),  HF_MS(1),  HF_MS(10),  HF_MS(40),  HF_MS(200),
				       HF_SEC(1), HF_SEC(3), HF_SEC(10), HF_SEC(60), HF_SEC(600) };
	hf_ns time = times[fuzz_u8(&s->in) % 10];
	uint64_t text = 0;

	if (time > s->may_wait)
		return;
	s->may_wait -= time;
	peer_wait(s->p, time);
	scene_collect(s, &text);
}

/* ---- Commands ---- */

static void choose_line(struct scene *s)
{
	struct line *l;

	s->at = fuzz_u8(&s->in) % LINES;
	l = &s->line[s->at];
	s->p->self.port = l->port;
}

static void change_peer(struct scene *s)
{
	s->p->ttl = fuzz_u8(&s->in);
	s->p->traffic_class = fuzz_u8(&s->in);
	if (fuzz_u8(&s->in) & 1)
		peer_offer_all(s->p);
}

static void listen_anew(struct scene *s)
{
	hf_endpoint at = { .port = PEER_HOST_PORT };
	hf_listener_options o = { .size = sizeof(o),
				  .backlog = fuzz_u8(&s->in) % 4,
				  .fast_open = fuzz_u8(&s->in) % 4 };

	if (s->p->listener.generation != 0)
		hf_listener_close(s->p->stack, s->p->listener);
	s->p->listener = (hf_listener){ 0 };
	(void)hf_listener_open(s->p->stack, &at, &o, &s->p->listener);
}

static void do_app(struct scene *s, uint8_t what)
{
	uint8_t how = fuzz_u8(&s->in);

	if (what == 0)
		app_open(s, how);
	else if (what == 1)
		app_accept(s);
	else if (what == 2)
		app_send(s, how, fuzz_u16(&s->in));
	else if (what == 3)
		app_receive(s, how, fuzz_u16(&s->in));
	else if (what == 4)
		app_end(s, how);
	else
		app_set(s);
}

static void command(struct scene *s)
{
	const struct line *l = &s->line[s->at];
	uint8_t what = fuzz_u8(&s->in) % 16;
	uint64_t text = 0;

	s->p->self.port = l->port;
	s->p->host = l->host;
	s->p->host_isn = l->host_isn;
	if (what < 3)
		say_well(s);
	else if (what < 5)
		say_anything(s, false);
	else if (what == 5)
		say_anything(s, true);
	else if (what == 6)
		report_error(s);
	else if (what == 7)
		wait_some(s);
	else if (what == 8)
		choose_line(s);
	else if (what == 9 && fuzz_u8(&s->in) & 1)
		listen_anew(s);
	else if (what == 9)
		change_peer(s);
	else
		do_app(s, what - 10);
	scene_collect(s, &text);
	scene_check(s);
}

/* ---- The beginning and the end ---- */

static hf_config any_config(hf_view *in)
{
	uint8_t a = fuzz_u8(in), b = fuzz_u8(in), c = fuzz_u8(in);
	hf_config config = peer_config(a & 1);

	config.profile = (hf_profile)((a >> 1) % 3);
	config.congestion = (hf_congestion_control)((a >> 3) % 4);
	config.pacing = a & 0x20 ? HF_CHOICE_ON : HF_CHOICE_OFF;
	config.no_timestamps = a >> 6 & 1;
	config.no_sack = a >> 7;
	config.ecn = (hf_ecn_policy)((b & 7) % 7);
	config.ecn_option = (hf_ecn_option)(b >> 3 & 3);
	config.syn_cookies = (hf_syn_cookies)(b >> 5 & 3);
	config.mtu_probing = (hf_mtu_probing)((b >> 7) * 3);
	config.fast_open = c & 1 ? HF_FAST_OPEN_CLIENT | HF_FAST_OPEN_SERVER : 0;
	config.fast_open |= c & 2 ? HF_FAST_OPEN_SERVER_NO_COOKIE : 0;
	config.no_window_scaling = c >> 2 & 1;
	config.reflection = (hf_reflection)(c >> 3 & 3);
	config.send_buffer = 4096u << (c >> 5 & 3);
	config.receive_buffer = 4096u << (c >> 7) * 4;
	config.memory_limit = MEMORY_LIMIT;
	config.max_connections = 6;
	config.max_half_open = 3;
	config.max_time_wait = 2;
	config.max_orphans = 3;
	config.prefix_share = 100;
	return config;
}

static void begin(struct scene *s)
{
	static const uint32_t isns[] = { PEER_ISN, 0, 0x7fffff00, 0x80000000 };
	hf_config config = any_config(&s->in);
	uint8_t choice = fuzz_u8(&s->in);

	if (choice & 4) /* what a few buffers need goes beyond it */
		config.memory_limit /= 2;
	s->p = peer_new(&config);
	s->p->isn.v = isns[choice % 4];
	peer_offer_all(s->p);
	for (unsigned i = 0; i < LINES; i++) {
		s->line[i].port = (uint16_t)(PEER_PORT + i);
		s->line[i].host = s->p->host;
		s->line[i].host_ack = hf_seq_add(s->p->isn, 1);
	}
	peer_listen(s->p);
	s->empty = s->p->heap.out;
	s->may_wait = HF_SEC(7200);
}

/* Everything is closed; the peer falls silent. After the last timer nothing is left. */
static void finish(struct scene *s)
{
	uint64_t text = 0;
	hf_stats stats;

	for (unsigned i = 0; i < LINES; i++)
		app_drop(s, &s->line[i]);
	if (s->p->listener.generation != 0)
		hf_listener_close(s->p->stack, s->p->listener);
	peer_events(s->p);
	scene_collect(s, &text);
	for (unsigned i = 0; hf_stack_deadline(s->p->stack).ns != HF_NEVER.ns; i++) {
		assert_true(i < STEPS_MOST);
		peer_wait_until(s->p, hf_stack_deadline(s->p->stack));
		scene_collect(s, &text);
		peer_events(s->p);
	}
	stats = peer_stats(s->p);
	assert_int_equal(stats.connections + stats.half_open + stats.time_wait, 0);
	assert_int_equal(stats.buffers, 0);
	assert_in_range(stats.memory, 0, s->empty + SLACK);
	peer_free(s->p);
}

static void one_peer(hf_view input)
{
	struct scene s = { .in = input };

	begin(&s);
	while (s.in.len > 0)
		command(&s);
	finish(&s);
}

const fuzz_target fuzz_peer = { "peer", one_peer };
