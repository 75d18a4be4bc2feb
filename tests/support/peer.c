/* SPDX-License-Identifier: BSD-2-Clause */
/* A scripted remote peer for one stack, in virtual time. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "tests/support/peer.h"

#define BURST 16 /* packets taken from the stack at once */
#define START HF_SEC(3600)
#define TSVAL_START 0xfffffff0U /* the peer's timestamps wrap soon, too */
#define WINDOW 65535
#define PACKET_MAX 65535

/* ---- Making and freeing ---- */

static hf_addr v6(uint8_t last)
{
	return (hf_addr){ { 0x20, 0x01, 0x0d, 0xb8, [15] = last } };
}

hf_config peer_config(bool is_v6)
{
	return (hf_config){
		.size = sizeof(hf_config),
		.secret = { 0x0123456789abcdef, 0xfedcba9876543210, 0x1122334455667788,
			    0x8877665544332211 },
		.mtu = 1500,
		.address = { { is_v6 ? v6(1) : hf_addr_v4(192, 0, 2, 1), is_v6 ? 64 : 24 } },
	};
}

static void *must_alloc(size_t octets)
{
	void *at = calloc(1, octets);

	assert_non_null(at);
	return at;
}

peer *peer_new(const hf_config *config)
{
	peer *p = must_alloc(sizeof(*p));
	bool is_v4;

	p->config = config ? *config : peer_config(false);
	if (p->config.congestion == HF_CONGESTION_DEFAULT)
		p->config.congestion = HF_CONGESTION_RENO; /* RFC 5681's arithmetic is asked for */
	p->config.allocator = (hf_allocator){ heap_alloc, heap_free, &p->heap };
	p->now = (hf_time){ START };
	is_v4 = hf_addr_is_v4(&p->config.address[0].addr);
	p->host = (hf_endpoint){ p->config.address[0].addr, PEER_HOST_PORT };
	p->self = (hf_endpoint){ is_v4 ? hf_addr_v4(192, 0, 2, 2) : v6(2), PEER_PORT };
	p->isn = (hf_seq){ PEER_ISN };
	p->window = WINDOW;
	p->ttl = 64;
	p->offer.present = HF_HAS(MSS);
	p->offer.mss = 1460;
	p->tsval = TSVAL_START;
	p->end = &p->first;
	p->unread = &p->first;
	p->capacity = hf_config_packet_capacity(&p->config);
	p->buffer = must_alloc(BURST * p->capacity);
	assert_int_equal(hf_stack_new(&p->config, p->now, &p->stack), HF_OK);
	return p;
}

void peer_free(peer *p)
{
	peer_seen *s, *next;
	size_t left;

	if (!p)
		return;
	hf_stack_free(p->stack);
	left = p->heap.out;
	for (s = p->first; s; s = next) {
		next = s->next;
		free(s);
	}
	free(p->buffer);
	free(p);
	assert_int_equal(left, 0);
}

void peer_offer_all(peer *p)
{
	p->offer.present |= HF_HAS(SACK_PERMITTED) | HF_HAS(TIMESTAMPS) | HF_HAS(WSCALE);
	p->offer.wscale = 7;
}

/* ---- Saying ---- */

uint8_t peer_octet(uint32_t n)
{
	return (uint8_t)(n * 7 + (n >> 8) * 3 + (n >> 16));
}

void peer_pattern(uint8_t *to, uint32_t from, size_t len)
{
	for (size_t i = 0; i < len; i++)
		to[i] = peer_octet(from + (uint32_t)i);
}

hf_reason peer_give(peer *p, const uint8_t *packet, size_t len)
{
	uint8_t *copy = must_alloc(len > 0 ? len : 1); /* not an octet more, for who reads on */

	memcpy(copy, packet, len);
	p->verdict = (hf_packet){ .data = copy, .len = (uint32_t)len, .capacity = (uint32_t)len };
	hf_stack_input(p->stack, &p->verdict, 1, p->now);
	p->verdict.data = NULL;
	free(copy);
	return (hf_reason)p->verdict.reason;
}

static void add_sack(const peer *p, const peer_line *l, hf_tcp_options *o)
{
	unsigned n = 0;

	for (; n < 4 && l->sack[n].from != l->sack[n].to; n++)
		o->sack[n] = (hf_sack_block){ hf_seq_add(p->host_isn, l->sack[n].from),
					      hf_seq_add(p->host_isn, l->sack[n].to) };
	o->sack_count = (uint8_t)n;
	if (n > 0)
		o->present |= HF_HAS(SACK);
}

static hf_tcp_options options_of(const peer *p, const peer_line *l)
{
	hf_tcp_options o = { 0 };

	if (l->bare)
		return o;
	if (l->options.present)
		o = l->options;
	else if (l->flags & SYN)
		o = p->offer;
	else if (p->stamps)
		o.present = HF_HAS(TIMESTAMPS);
	if (!(l->options.present & HF_HAS(TIMESTAMPS))) {
		o.tsval = p->tsval;
		o.tsecr = l->flags & ACK ? p->heard_tsval : 0;
	}
	add_sack(p, l, &o);
	return o;
}

static hf_tcp tcp_of(const peer *p, const peer_line *l)
{
	return (hf_tcp){
		.src_port = p->self.port,
		.dst_port = p->host.port,
		.seq = hf_seq_add(p->isn, l->seq),
		.ack = l->flags & ACK ? hf_seq_add(p->host_isn, l->ack) : (hf_seq){ 0 },
		.flags = l->flags,
		.window = l->window ? l->window : p->window,
		.urgent = l->urgent,
		.options = options_of(p, l),
	};
}

hf_reason peer_say(peer *p, peer_line l)
{
	hf_tcp tcp = tcp_of(p, &l);
	bool is_v4 = hf_addr_is_v4(&p->self.addr);
	hf_ip ip = { .src = p->self.addr,
		     .dst = p->host.addr,
		     .version = is_v4 ? 4 : 6,
		     .protocol = HF_IPPROTO_TCP,
		     .ttl = p->ttl,
		     .traffic_class = p->traffic_class,
		     .options = p->ip_options,
		     .dont_fragment = true };
	size_t at = hf_ip_header_len(&ip), header;
	uint8_t *packet;
	hf_reason why;

	if (p->signature)
		p->signature->reserve(p, &tcp);
	header = hf_tcp_header_len(&tcp);
	assert_true(at + header + l.len <= PACKET_MAX);
	packet = must_alloc(at + header + l.len);
	hf_ip_emit(&ip, header + l.len, packet);
	hf_tcp_emit(&tcp, packet + at);
	if (l.text)
		memcpy(packet + at + header, l.text, l.len);
	else
		peer_pattern(packet + at + header, l.seq + !!(l.flags & SYN), l.len);
	if (p->signature)
		p->signature->sign(p, &ip, packet + at, header + l.len);
	hf_tcp_checksum(&ip, packet + at, header + l.len);
	why = peer_give(p, packet, at + header + l.len);
	free(packet);
	return why;
}

/* ---- Looking ---- */

static void read_segment(peer *p, peer_seen *s)
{
	hf_ip end = s->ip; /* the checksum covers the last destination, not the first hop */

	if (end.options.len > 0)
		end.dst = p->self.addr;
	assert_int_equal(hf_tcp_parse(&end, false, &s->tcp), HF_WHY_NONE);
	if (s->tcp.flags & SYN)
		p->host_isn = s->tcp.seq;
	s->seq = hf_seq_span(p->host_isn, s->tcp.seq);
	s->ack = s->tcp.flags & ACK ? hf_seq_span(p->isn, s->tcp.ack) : s->tcp.ack.v;
	s->len = (uint32_t)s->tcp.payload.len;
	if (p->signature && p->signature->check)
		p->signature->check(p, s);
	if (!(s->tcp.options.present & HF_HAS(TIMESTAMPS)))
		return;
	p->heard_tsval = s->tcp.options.tsval;
	if (s->tcp.flags & SYN)
		p->stamps = p->offer.present & HF_HAS(TIMESTAMPS);
}

static void keep(peer *p, const hf_packet *k)
{
	peer_seen *s = must_alloc(sizeof(*s) + k->len);

	memcpy(s->octets, k->data, k->len);
	s->at = p->now;
	s->piece = k->gso_size;
	s->cause = (hf_cause)k->cause;
	s->state = (hf_state)k->state;
	*p->end = s;
	p->end = &s->next;
	assert_true((k->gso_size > 0 ? k->gso_size : k->len) <= p->config.mtu);
	assert_int_equal(hf_ip_parse((hf_view){ s->octets, k->len }, &s->ip), HF_WHY_NONE);
	if (s->ip.protocol == HF_IPPROTO_TCP)
		read_segment(p, s);
}

void peer_collect(peer *p)
{
	hf_packet burst[BURST];
	size_t n;

	do {
		for (size_t i = 0; i < BURST; i++)
			burst[i] = (hf_packet){ .data = p->buffer + i * p->capacity,
						.capacity = (uint32_t)p->capacity };
		n = hf_stack_output(p->stack, burst, BURST, p->now);
		for (size_t i = 0; i < n; i++)
			keep(p, &burst[i]);
	} while (n == BURST);
}

const peer_seen *peer_next(peer *p)
{
	const peer_seen *s;

	peer_collect(p);
	s = *p->unread;
	if (s)
		p->unread = &(*p->unread)->next;
	return s;
}

unsigned peer_ignore(peer *p)
{
	unsigned n = 0;

	while (peer_next(p))
		n++;
	return n;
}

static void describe(const peer_seen *s)
{
	if (!s) {
		print_error("  nothing left the host\n");
		return;
	}
	print_error("  what left: protocol %u, flags %#x, seq %u, ack %u, len %u, cause %s\n",
		    (unsigned)s->ip.protocol, (unsigned)s->tcp.flags, (unsigned)s->seq,
		    (unsigned)s->ack, (unsigned)s->len, hf_cause_name(s->cause));
}

const peer_seen *peer_expect_at(peer *p, uint16_t flags, const char *file, int line)
{
	const peer_seen *s = peer_next(p);

	if (s && s->ip.protocol == HF_IPPROTO_TCP && (s->tcp.flags & ~PSH) == (flags & ~PSH))
		return s;
	print_error("%s:%d: flags %#x were expected\n", file, line, (unsigned)flags);
	describe(s);
	fail();
	return s;
}

const peer_seen *peer_expect_numbers_at(peer *p, peer_line want, const char *file, int line)
{
	const peer_seen *s = peer_expect_at(p, want.flags, file, line);

	if (s->seq == want.seq && s->ack == want.ack && s->len == want.len)
		return s;
	print_error("%s:%d: seq %u, ack %u, len %u were expected\n", file, line, (unsigned)want.seq,
		    (unsigned)want.ack, (unsigned)want.len);
	describe(s);
	fail();
	return s;
}

void peer_expect_nothing_at(peer *p, const char *file, int line)
{
	const peer_seen *s = peer_next(p);

	if (!s)
		return;
	print_error("%s:%d: nothing was expected\n", file, line);
	describe(s);
	fail();
}

void peer_check_text(const peer_seen *s)
{
	for (uint32_t i = 0; i < s->len; i++)
		assert_int_equal(s->tcp.payload.at[i], peer_octet(s->seq + i));
}

/* ---- Time ---- */

static void pass(peer *p, hf_time t)
{
	int64_t ms = t.ns / HF_MS(1) - p->now.ns / HF_MS(1);

	p->tsval += (uint32_t)ms;
	p->now = t;
}

/* To the next moment at which the stack wants to be asked, at most to `t`. */
static void step_towards(peer *p, hf_time t)
{
	hf_time due = hf_stack_deadline(p->stack);

	assert_true(hf_time_before(p->now, due)); /* or else it has output that it does not give */
	pass(p, hf_time_min(due, t));
	peer_collect(p);
}

void peer_wait_until(peer *p, hf_time t)
{
	peer_collect(p);
	while (hf_time_before(p->now, t))
		step_towards(p, t);
}

void peer_wait(peer *p, hf_ns d)
{
	peer_wait_until(p, hf_time_add(p->now, d));
}

hf_ns peer_wait_for_output(peer *p, hf_ns most)
{
	hf_time began = p->now, last = hf_time_add(p->now, most);

	peer_collect(p);
	while (!*p->unread && hf_time_before(p->now, last))
		step_towards(p, last);
	assert_non_null(*p->unread);
	return hf_time_diff((*p->unread)->at, began);
}

/* ---- The host's side ---- */

uint32_t peer_events(peer *p)
{
	uint32_t bits = 0;

	while (hf_stack_next_event(p->stack, &p->event))
		bits |= p->event.bits;
	return bits;
}

void peer_listen(peer *p)
{
	hf_endpoint at = { .port = PEER_HOST_PORT };

	assert_int_equal(hf_listener_open(p->stack, &at, NULL, &p->listener), HF_OK);
}

hf_conn peer_accept(peer *p)
{
	hf_conn c = { 0 };

	assert_int_equal(hf_listener_accept(p->stack, p->listener, &c), HF_OK);
	return c;
}

hf_conn peer_open(peer *p)
{
	hf_conn c = { 0 };
	hf_conn_info info;

	assert_int_equal(hf_conn_open(p->stack, &p->self, NULL, p->now, &c), HF_OK);
	info = peer_info(p, c);
	p->host = info.local;
	return c;
}

hf_conn peer_handshake_passive(peer *p)
{
	hf_conn c;

	if (p->listener.generation == 0)
		peer_listen(p);
	assert_int_equal(PEER_SAY(p, .flags = SYN), HF_WHY_NONE);
	PEER_EXPECT(p, .flags = SYN | ACK, .ack = 1);
	assert_int_equal(PEER_SAY(p, .flags = ACK, .seq = 1, .ack = 1), HF_WHY_NONE);
	c = peer_accept(p);
	peer_expect_nothing(p);
	peer_events(p);
	return c;
}

hf_conn peer_handshake_active(peer *p)
{
	hf_conn c = peer_open(p);

	peer_expect(p, SYN);
	assert_int_equal(PEER_SAY(p, .flags = SYN | ACK, .ack = 1), HF_WHY_NONE);
	PEER_EXPECT(p, .flags = ACK, .seq = 1, .ack = 1);
	peer_events(p);
	return c;
}

static hf_conn reach_opening(peer *p, hf_state state)
{
	hf_conn c = peer_open(p);

	peer_expect(p, SYN);
	if (state == HF_SYN_RECEIVED) {
		PEER_SAY(p, .flags = SYN);
		peer_expect(p, SYN | ACK);
	}
	return c;
}

static void peer_closes(peer *p, uint32_t ack)
{
	PEER_SAY(p, .flags = FIN | ACK, .seq = 1, .ack = ack);
	peer_expect(p, ACK);
}

static void host_closes(peer *p, hf_conn c)
{
	assert_int_equal(hf_conn_shutdown(p->stack, c), HF_OK);
	peer_expect(p, FIN | ACK);
}

hf_conn peer_reach(peer *p, hf_state state)
{
	bool opening = state == HF_SYN_SENT || state == HF_SYN_RECEIVED;
	bool peer_first = state == HF_CLOSE_WAIT || state == HF_LAST_ACK;
	bool host_too = state > HF_ESTABLISHED && state != HF_CLOSE_WAIT;
	bool peer_too = state == HF_CLOSING || state == HF_TIME_WAIT;
	hf_conn c = opening ? reach_opening(p, state) : peer_handshake_passive(p);

	if (peer_first)
		peer_closes(p, 1);
	if (host_too)
		host_closes(p, c);
	if (state == HF_FIN_WAIT_2)
		PEER_SAY(p, .flags = ACK, .seq = 1, .ack = 2);
	if (peer_too)
		peer_closes(p, state == HF_CLOSING ? 1 : 2);
	if (state == HF_CLOSED)
		PEER_SAY(p, .flags = RST, .seq = 1);
	assert_int_equal(peer_state(p, c), state);
	peer_expect_nothing(p);
	return c;
}

hf_conn_info peer_info(const peer *p, hf_conn c)
{
	hf_conn_info info = { 0 };

	assert_int_equal(hf_conn_info_get(p->stack, c, &info), HF_OK);
	return info;
}

hf_state peer_state(const peer *p, hf_conn c)
{
	return peer_info(p, c).state;
}

hf_stats peer_stats(const peer *p)
{
	hf_stats stats;

	hf_stack_stats(p->stack, &stats);
	return stats;
}

void peer_app_send(peer *p, hf_conn c, uint32_t from, uint32_t len)
{
	uint8_t *text = must_alloc(len + 1);
	size_t sent = 0;

	peer_pattern(text, from, len);
	assert_int_equal(hf_conn_send(p->stack, c, text, len, &sent), HF_OK);
	assert_int_equal(sent, len);
	free(text);
}

void peer_app_receive(peer *p, hf_conn c, uint32_t from, uint32_t len)
{
	uint8_t *text = must_alloc(len + 1);
	size_t got = 0;

	assert_int_equal(hf_conn_receive(p->stack, c, text, len + 1, &got), HF_OK);
	assert_int_equal(got, len);
	for (uint32_t i = 0; i < len; i++)
		assert_int_equal(text[i], peer_octet(from + i));
	free(text);
}
