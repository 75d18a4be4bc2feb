/* SPDX-License-Identifier: BSD-2-Clause */
/* One stack among many peers of one kind, in memory and in virtual time. */
#include "hostile.h"

#include <handfast/heap.h>
#include <stdlib.h>
#include <string.h>

#include "lab/apps.h"
#include "rounds.h"
#include "syns.h"
#include "wire/tcp.h"

#define PORT 7

static uint8_t text[HF_HOSTILE_ANSWER]; /* what is sent, over and over */

static hf_endpoint host_end(void)
{
	return (hf_endpoint){ hf_addr_v4(10, 0, 0, 2), PORT };
}

static void flush(hf_hostile *f);

/* ---- What peers say ---- */

static void say(hf_hostile *f, uint32_t who, hf_tcp *tcp)
{
	hf_hostile_peer *p = &f->peer[who];
	hf_packet *to = &f->in[f->waiting++];
	hf_ip ip = { .src = hf_addr_v4(198, 18, (uint8_t)(who >> 8), (uint8_t)who),
		     .dst = host_end().addr,
		     .version = 4,
		     .protocol = HF_IPPROTO_TCP,
		     .ttl = 64 };
	size_t at, header, len = tcp->payload.len;

	tcp->src_port = 40000;
	tcp->dst_port = PORT;
	tcp->seq.v = p->ours;
	tcp->options.present |= HF_HAS(TIMESTAMPS);
	tcp->options.tsval = 1 + f->step * (1000 / HF_HOSTILE_STEPS);
	tcp->options.tsecr = p->stamp;
	header = hf_tcp_header_len(tcp);
	at = hf_ip_emit(&ip, header + len, to->data);
	hf_tcp_emit(tcp, to->data + at);
	if (len > 0)
		memcpy(to->data + at + header, tcp->payload.at, len);
	hf_tcp_checksum(&ip, to->data + at, header + len);
	to->len = (uint32_t)(at + header + len);
	p->ours += hf_tcp_seg_len(tcp);
	if (f->waiting == HF_HOSTILE_BURST)
		flush(f);
}

static void say_syn(hf_hostile *f, uint32_t who)
{
	hf_hostile_peer *p = &f->peer[who];
	hf_tcp syn = { .flags = HF_TCP_SYN,
		       .window = p->is_client ? HF_HOSTILE_WAITING : f->kind->window,
		       .options = { .present = HF_HAS(MSS) | HF_HAS(SACK_PERMITTED),
				    .mss = p->is_client ? 1460 : f->kind->mss } };

	p->ours = 1000 * who;
	say(f, who, &syn);
}

static uint16_t window_of(const hf_hostile *f, const hf_hostile_peer *p)
{
	uint32_t taken = p->got;

	if (p->is_client)
		return HF_HOSTILE_WAITING;
	if (f->kind->takes == 0)
		return f->kind->window;
	return (uint16_t)(taken < f->kind->takes ? f->kind->takes - taken : 0);
}

static void say_ack(hf_hostile *f, uint32_t who, uint32_t ack)
{
	hf_hostile_peer *p = &f->peer[who];
	hf_tcp tcp = { .flags = HF_TCP_ACK, .ack = { ack }, .window = window_of(f, p) };

	p->acked = ack;
	if (p->has_end && !p->has_closed && ack == p->next) { /* a client, who has all */
		p->has_closed = true;
		tcp.flags |= HF_TCP_FIN;
	}
	say(f, who, &tcp);
}

/* The last ACK of the handshake, with what it has to ask. */
static void say_question(hf_hostile *f, uint32_t who)
{
	static const uint8_t question[10] = { 0 };
	hf_hostile_peer *p = &f->peer[who];
	hf_tcp tcp = { .flags = HF_TCP_ACK, .ack = { p->next }, .window = window_of(f, p) };

	p->has_asked = true;
	if (p->is_client || f->kind->asks)
		tcp.payload = (hf_view){ question, sizeof(question) };
	say(f, who, &tcp);
}

/* Three blocks anywhere in what is in flight, or where nothing is any more. */
static void say_sacks(hf_hostile *f, uint32_t who)
{
	hf_hostile_peer *p = &f->peer[who];
	uint32_t flight = p->next - p->acked;
	hf_tcp tcp = { .flags = HF_TCP_ACK, .ack = { p->acked }, .window = window_of(f, p) };

	tcp.options.present = HF_HAS(SACK);
	tcp.options.sack_count = 3;
	for (unsigned i = 0; i < 3; i++) {
		uint32_t n = (uint32_t)(hf_bench_draw(&f->chance));
		uint32_t from = flight > 1 ? p->acked + n % flight : p->acked - 1000 + n % 500;

		tcp.options.sack[i] = (hf_sack_block){ { from }, { from + 1 + (n >> 16) % 6000 } };
	}
	say(f, who, &tcp);
}

/* ---- The host ---- */

static uint32_t who_is(const hf_addr *a)
{
	return (uint32_t)a->octet[14] << 8 | a->octet[15];
}

/* Gives the stack as much as it takes; a client gets its answer and then the end. */
static void write_some(hf_hostile *f, hf_conn c)
{
	uint32_t *unsent = &f->unsent[c.slot];
	size_t n;

	if (*unsent == 0) {
		while (hf_conn_send(f->stack, c, text, HF_HOSTILE_WAITING, &n) == HF_OK)
			;
		return;
	}
	if (*unsent <= HF_HOSTILE_ANSWER &&
	    hf_conn_send(f->stack, c, text + HF_HOSTILE_ANSWER - *unsent, *unsent, &n) == HF_OK)
		*unsent -= (uint32_t)n;
	if (*unsent == 0) {
		*unsent = UINT32_MAX; /* nothing more */
		hf_conn_shutdown(f->stack, c);
	}
}

static void accept_all(hf_hostile *f)
{
	hf_conn_info info;
	hf_conn c;

	while (hf_listener_accept(f->stack, f->listener, &c) == HF_OK) {
		uint32_t who;

		hf_conn_info_get(f->stack, c, &info);
		who = who_is(&info.remote.addr);
		f->conn[who] = c;
		f->unsent[c.slot] = f->peer[who].is_client ? HF_HOSTILE_ANSWER : 0;
	}
}

static void serve(hf_hostile *f)
{
	uint8_t question[64];
	hf_event e;
	size_t n;

	while (hf_stack_next_event(f->stack, &e)) {
		if (e.bits & HF_EVENT_ACCEPTABLE)
			accept_all(f);
		if (e.bits & (HF_EVENT_PEER_CLOSED | HF_EVENT_CLOSED))
			hf_conn_close(f->stack, e.conn);
		else if (e.bits & HF_EVENT_WRITABLE ||
			 (e.bits & HF_EVENT_READABLE &&
			  hf_conn_receive(f->stack, e.conn, question, sizeof(question), &n) ==
				  HF_OK))
			write_some(f, e.conn);
	}
}

static void flush(hf_hostile *f)
{
	double began = hf_bench_clock();

	hf_stack_input(f->stack, f->in, f->waiting, f->now);
	serve(f);
	f->took += hf_bench_clock() - began;
	f->packets += f->waiting;
	f->waiting = 0;
}

static size_t let_out(hf_hostile *f)
{
	double began = hf_bench_clock();
	size_t n = hf_stack_output(f->stack, f->out, HF_HOSTILE_BURST, f->now);

	serve(f);
	f->took += hf_bench_clock() - began;
	f->packets += n;
	return n;
}

/* ---- What peers hear ---- */

static void check_text(hf_hostile_peer *p, uint32_t from, hf_view octets)
{
	uint32_t at = p->got + (from - p->next);

	if (from != p->next || at + octets.len > HF_HOSTILE_ANSWER ||
	    memcmp(text + at, octets.at, octets.len) != 0)
		hf_bench_fail("a client among the attackers got a wrong octet");
}

static void reply_later(hf_hostile *f, uint32_t who)
{
	if (f->end - f->first == HF_HOSTILE_LATER)
		hf_bench_fail("too many replies are under way");
	f->later[f->end++ % HF_HOSTILE_LATER] = (hf_hostile_reply){ who, f->step + HF_HOSTILE_DELAY,
								    f->peer[who].next };
}

/* Text that is awaited is taken, as far as the window let it come. */
static void take_text(hf_hostile *f, hf_hostile_peer *p, const hf_tcp *tcp)
{
	uint32_t len = (uint32_t)tcp->payload.len, most = window_of(f, p);

	if (tcp->seq.v != p->next)
		return;
	if (p->is_client)
		check_text(p, tcp->seq.v, tcp->payload);
	len = len < most ? len : most;
	p->has_end = tcp->flags & HF_TCP_FIN;
	p->next += len + p->has_end;
	p->got += len;
}

static void hear(hf_hostile *f, const hf_packet *packet)
{
	hf_hostile_peer *p;
	uint32_t who;
	hf_tcp tcp;
	hf_ip ip;

	if (hf_ip_parse((hf_view){ packet->data, packet->len }, &ip) != HF_WHY_NONE ||
	    hf_tcp_parse(&ip, true, &tcp) != HF_WHY_NONE || tcp.flags & HF_TCP_RST)
		hf_bench_fail("the stack sends what it should not");
	who = who_is(&ip.dst);
	p = &f->peer[who];
	p->stamp = tcp.options.tsval;
	if (tcp.flags & HF_TCP_SYN) {
		p->next = tcp.seq.v + 1;
		p->acked = p->next;
		reply_later(f, who);
	} else if (hf_tcp_seg_len(&tcp) > 0 || tcp.seq.v != p->next) {
		take_text(f, p, &tcp);
		reply_later(f, who);
	}
}

/* ---- Time ---- */

static void step(hf_hostile *f)
{
	size_t n;

	f->step++;
	f->now = hf_time_add(f->now, HF_SEC(1) / HF_HOSTILE_STEPS);
	while (f->first != f->end && f->later[f->first % HF_HOSTILE_LATER].due <= f->step) {
		hf_hostile_reply r = f->later[f->first++ % HF_HOSTILE_LATER];

		if (f->peer[r.who].has_asked)
			say_ack(f, r.who, r.ack);
		else
			say_question(f, r.who);
	}
	for (uint32_t i = 0; i < f->count; i++)
		for (unsigned k = 0; f->peer[i].has_asked && k < f->kind->storm; k++)
			say_sacks(f, i);
	do {
		flush(f);
		n = let_out(f);
		for (size_t i = 0; i < n; i++)
			hear(f, &f->out[i]);
	} while (n > 0 || f->waiting > 0);
}

void hf_hostile_steps(hf_hostile *f, unsigned n)
{
	while (n-- > 0)
		step(f);
}

void hf_hostile_connect(hf_hostile *f, uint32_t from, uint32_t to)
{
	for (uint32_t i = from; i < to; i++) {
		say_syn(f, i);
		if ((i - from) % HF_HOSTILE_AT_ONCE == HF_HOSTILE_AT_ONCE - 1)
			step(f);
	}
	step(f);
}

hf_hostile *hf_hostile_new(const hf_hostile_kind *kind, unsigned count)
{
	hf_config config = {
		.size = sizeof(config),
		.allocator = hf_heap(),
		.secret = { 0x243f6a8885a308d3, 0x13198a2e03707344, 0xa4093822299f31d0, 7 },
		.mtu = 1500,
		.send_buffer = HF_HOSTILE_WAITING,
		.address = { { host_end().addr, 24 } },
	};
	hf_hostile *f = calloc(1, sizeof(*f));
	hf_endpoint at = host_end();

	if (!f || hf_stack_new(&config, (hf_time){ HF_SEC(1000) }, &f->stack) != HF_OK ||
	    hf_listener_open(f->stack, &at, NULL, &f->listener) != HF_OK)
		hf_bench_fail("no memory, no stack, or no listener");
	hf_lab_stream(1, 0, text, sizeof(text));
	f->chance = 1;
	f->kind = kind;
	f->count = count;
	f->now.ns = HF_SEC(1000);
	for (unsigned i = 0; i < HF_HOSTILE_CLIENTS; i++)
		f->peer[count + i].is_client = true;
	for (unsigned i = 0; i < HF_HOSTILE_BURST; i++) {
		f->in[i] = (hf_packet){ .data = f->in_room[i], .capacity = HF_HOSTILE_PACKET };
		f->out[i] = (hf_packet){ .data = f->out_room[i], .capacity = HF_HOSTILE_PACKET };
	}
	return f;
}

void hf_hostile_free(hf_hostile *f)
{
	hf_stack_free(f->stack);
	free(f);
}

bool hf_hostile_clients_are_done(const hf_hostile *f)
{
	for (unsigned i = f->count; i < f->count + HF_HOSTILE_CLIENTS; i++)
		if (!f->peer[i].has_end || f->peer[i].got != HF_HOSTILE_ANSWER)
			return false;
	return true;
}
