/* SPDX-License-Identifier: BSD-2-Clause */
/* What an enemy sends: floods, blind segments, forged reports, rubbish; his guests' manners. */
#include <assert.h>
#include <string.h>

#include "hostile_day.h"
#include "lab/craft.h"
#include "wire/checksum.h"

#define ROOM 2048
#define FLOOD 200
#define FAR (UINT32_C(1) << 30) /* sequence numbers: more than any window */

static uint64_t below(struct day *d, uint64_t n)
{
	return hf_lab_random_below(&d->enemy.chance, n);
}

static uint32_t any32(struct day *d)
{
	return (uint32_t)hf_lab_random_next(&d->enemy.chance);
}

static uint16_t any_port(struct day *d)
{
	return (uint16_t)(1 + below(d, 65535));
}

static void inject(struct day *d, const uint8_t *octets, size_t len)
{
	d->enemy.packets++;
	d->enemy.octets += len;
	hf_lab_send(d->enemy.node, d->enemy.link, octets, len);
}

static void send_segment(struct day *d, const hf_endpoint *from, const hf_endpoint *to, hf_tcp *t)
{
	hf_ip ip = { .src = from->addr, .dst = to->addr, .dont_fragment = true };
	uint8_t packet[ROOM];
	size_t len;

	t->src_port = from->port;
	t->dst_port = to->port;
	len = hf_lab_craft_tcp(&ip, t, packet, sizeof(packet));
	assert(len > 0);
	inject(d, packet, len);
}

static hf_endpoint server_of(struct day *d)
{
	return (hf_endpoint){ hf_lab_address(d->server, 4), SERVER_PORT };
}

/* Somebody who is not there: what is sent to him goes nowhere. */
static hf_endpoint nobody(struct day *d)
{
	uint32_t host = any32(d);

	return (hf_endpoint){ hf_addr_v4(11, (uint8_t)(host >> 16), (uint8_t)(host >> 8),
					 (uint8_t)host),
			      any_port(d) };
}

/* ---- Floods in the name of nobody ---- */

static void flood(struct day *d, uint16_t flags, bool any_port_of_the_server)
{
	hf_endpoint to = server_of(d);
	uint64_t before = d->enemy.octets;

	for (unsigned i = 0; i < FLOOD; i++) {
		hf_endpoint from = nobody(d);
		hf_tcp t = { .seq = { any32(d) }, .ack = { any32(d) }, .window = 1024 };

		t.flags = flags != 0 ? flags : (uint16_t)below(d, HF_TCP_FLAGS + 1);
		if (t.flags == HF_TCP_SYN) {
			t.options.present = HF_HAS(MSS) | HF_HAS(TIMESTAMPS) | HF_HAS(WSCALE);
			t.options.mss = (uint16_t)below(d, 1461);
			t.options.wscale = (uint8_t)below(d, 256);
			t.options.tsval = any32(d);
		}
		if (any_port_of_the_server)
			to.port = any_port(d);
		send_segment(d, &from, &to, &t);
	}
	d->enemy.spoofed_octets += d->enemy.octets - before;
}

static void floods_with_syns(struct day *d)
{
	flood(d, HF_TCP_SYN, false);
}

static void floods_with_acks(struct day *d)
{
	flood(d, HF_TCP_ACK, false);
}

static void scans_ports(struct day *d)
{
	flood(d, 0, true);
}

/* ---- Segments and reports in the name of one of two who talk ---- */

/* One direction of an ally's flow, and what its receiver knows. */
struct target {
	hf_endpoint from, to;
	hf_conn_info receiver;
};

static bool is_talking(const struct ally *a)
{
	return a->has_begun && a->out.connected && a->in.connected && !a->out.is_done &&
	       !a->in.is_done;
}

/* False: nobody talks just now. */
static bool choose_target(struct day *d, struct target *t)
{
	unsigned first = (unsigned)below(d, ALLIES), n = 0;
	bool to_server = below(d, 2) == 0;
	const hf_lab_talk *at;

	while (n < ALLIES && !is_talking(&d->ally[(first + n) % ALLIES]))
		n++;
	if (n == ALLIES)
		return false;
	at = to_server ? &d->ally[(first + n) % ALLIES].in : &d->ally[(first + n) % ALLIES].out;
	if (hf_conn_info_get(hf_lab_stack(at->app.host), at->app.conn, &t->receiver) != HF_OK)
		return false;
	t->from = t->receiver.remote;
	t->to = t->receiver.local;
	return true;
}

static hf_view lies(struct day *d)
{
	static const uint8_t text[1000] = "this was never said";

	return (hf_view){ text, (size_t)(1 + below(d, sizeof(text))) };
}

static void sends_blindly(struct day *d)
{
	static const uint16_t flags[] = { HF_TCP_RST,
					  HF_TCP_RST | HF_TCP_ACK,
					  HF_TCP_SYN,
					  HF_TCP_SYN | HF_TCP_ACK,
					  HF_TCP_FIN | HF_TCP_ACK,
					  HF_TCP_ACK,
					  HF_TCP_ACK | HF_TCP_PSH | HF_TCP_URG,
					  0,
					  HF_TCP_FLAGS };
	struct target to;

	for (unsigned i = 0; i < 20 && choose_target(d, &to); i++) {
		hf_tcp t = { .seq = { any32(d) },
			     .ack = { any32(d) },
			     .window = (uint16_t)any32(d) };

		t.flags = flags[below(d, sizeof(flags) / sizeof(flags[0]))];
		t.urgent = (uint16_t)any32(d);
		if (t.flags & HF_TCP_ACK)
			t.payload = lies(d);
		send_segment(d, &to.from, &to.to, &t);
	}
}

/* In the window, though not where it begins: RFC 5961 answers by a challenge. */
static void sends_into_the_window(struct day *d)
{
	static const uint16_t flags[] = { HF_TCP_RST, HF_TCP_SYN, HF_TCP_SYN | HF_TCP_ACK };
	struct target to;

	for (unsigned i = 0; i < 20 && choose_target(d, &to); i++) {
		hf_tcp t = { .window = 1024 };

		if (to.receiver.rcv_wnd < 2)
			continue;
		t.flags = flags[below(d, 3)];
		t.seq.v = to.receiver.rcv_nxt + 1 + (uint32_t)below(d, to.receiver.rcv_wnd - 1);
		t.ack.v = any32(d);
		send_segment(d, &to.from, &to.to, &t);
	}
}

/* Text just where it is awaited, but with an acknowledgement that cannot be (RFC 5961 5.2). */
static void injects_text(struct day *d)
{
	struct target to;

	for (unsigned i = 0; i < 20 && choose_target(d, &to); i++) {
		const hf_conn_info *c = &to.receiver;
		hf_tcp t = { .seq = { c->rcv_nxt }, .window = 65535, .payload = lies(d) };
		uint32_t wrong = 1 + (uint32_t)below(d, FAR);

		t.flags = HF_TCP_ACK | (below(d, 2) ? HF_TCP_FIN : HF_TCP_PSH);
		t.ack.v = below(d, 2) ? c->snd_nxt + wrong : c->snd_una - FAR - wrong;
		if (c->timestamps) {
			t.options.present = HF_HAS(TIMESTAMPS);
			t.options.tsval = any32(d);
		}
		send_segment(d, &to.from, &to.to, &t);
	}
}

/* Reports about a segment that the receiver sent, or may have sent. */
static void forges_reports(struct day *d)
{
	static const hf_reason reasons[] = { HF_WHY_ICMP_NET,          HF_WHY_ICMP_HOST,
					     HF_WHY_ICMP_PROTOCOL,     HF_WHY_ICMP_PORT,
					     HF_WHY_ICMP_TOO_BIG,      HF_WHY_ICMP_ADMIN,
					     HF_WHY_ICMP_TTL,          HF_WHY_ICMP_PARAMETER,
					     HF_WHY_ICMP_SOURCE_QUENCH };
	uint8_t quoted[ROOM], report[HF_LAB_ICMP_MAX];
	struct target to;

	for (unsigned i = 0; i < 20 && choose_target(d, &to); i++) {
		hf_ip ip = { .src = to.to.addr, .dst = to.from.addr };
		hf_tcp t = { .src_port = to.to.port,
			     .dst_port = to.from.port,
			     .seq = { below(d, 2) ? any32(d) : to.receiver.snd_una },
			     .flags = HF_TCP_ACK,
			     .payload = lies(d) };
		hf_lab_error error = { .reason = reasons[below(d, 9)],
				       .mtu = (uint32_t)below(d, 1501) };
		size_t len = hf_lab_craft_tcp(&ip, &t, quoted, sizeof(quoted));

		len = hf_lab_craft_error(&error, quoted, len, report);
		if (len > 0)
			inject(d, report, len);
	}
}

/* ---- Rubbish ---- */

static size_t any_segment(struct day *d, hf_ip *ip, uint8_t *packet)
{
	hf_endpoint to = server_of(d), from = nobody(d);
	hf_tcp t = { .src_port = from.port,
		     .dst_port = to.port,
		     .seq = { any32(d) },
		     .ack = { any32(d) },
		     .flags = (uint16_t)below(d, HF_TCP_FLAGS + 1),
		     .window = 1024 };
	uint8_t text[HF_TCP_OPTIONS_MAX];

	for (size_t i = 0; i < sizeof(text); i++)
		text[i] = (uint8_t)any32(d);
	t.payload = (hf_view){ text, sizeof(text) };
	*ip = (hf_ip){ .src = from.addr, .dst = to.addr };
	return hf_lab_craft_tcp(ip, &t, packet, ROOM);
}

/* Random octets stand where options are: checksums are right. */
static void sends_odd_options(struct day *d)
{
	uint8_t packet[ROOM], *tcp = packet + HF_IP4_HEADER;
	hf_ip ip;

	for (unsigned i = 0; i < 50; i++) {
		size_t len = any_segment(d, &ip, packet);

		tcp[12] = (uint8_t)(tcp[12] | 15 << 4);
		tcp[13] = (uint8_t)(below(d, 2) ? HF_TCP_SYN : tcp[13]);
		if (below(d, 2)) /* a length that is often nearly right */
			tcp[HF_TCP_HEADER + 1] = (uint8_t)below(d, 12);
		hf_put16(tcp + HF_TCP_CHECKSUM_AT, 0);
		hf_tcp_checksum(&ip, tcp, len - HF_IP4_HEADER);
		inject(d, packet, len);
	}
}

static void mend_header(uint8_t *packet)
{
	hf_put16(packet + 10, 0);
	hf_put16(packet + 10, hf_sum_finish(hf_sum_octets(0, packet, HF_IP4_HEADER)));
}

/* Lengths that contradict each other, fragments, cut packets. */
static void sends_odd_headers(struct day *d)
{
	uint8_t packet[ROOM];
	hf_ip ip;

	for (unsigned i = 0; i < 50; i++) {
		size_t len = any_segment(d, &ip, packet);

		packet[HF_IP4_HEADER + 12] = (uint8_t)any32(d);
		packet[below(d, 12)] = (uint8_t)any32(d);
		hf_put16(packet + 6, (uint16_t)any32(d));
		mend_header(packet);
		inject(d, packet, (size_t)(1 + below(d, len)));
	}
}

/* From the server to itself, from an ally to himself (LAND). */
static void lands(struct day *d)
{
	hf_endpoint self = server_of(d);
	struct target to;

	for (unsigned i = 0; i < 10; i++) {
		hf_tcp t = { .seq = { any32(d) }, .flags = HF_TCP_SYN, .window = 1024 };

		if (i % 2 == 1 && choose_target(d, &to))
			self = to.to;
		send_segment(d, &self, &self, &t);
	}
}

/* ---- Guests who behave badly ---- */

enum manner {
	ZERO_WINDOW, /* asks, and never takes the answer */
	TINY_WINDOW,
	TINY_SEGMENTS,
	SACKS_RUBBISH,
	ACKS_AHEAD,
	LEAVES_HOLES,
	URGENT_RUBBISH,
	SILENT,
	RESETS,
	MANNERS,
};

static void opens_connections(struct day *d)
{
	struct enemy *e = &d->enemy;
	hf_endpoint to = server_of(d);

	for (unsigned i = 0; i < 10; i++) {
		hf_endpoint from = { hf_addr_v4(198, 51, 100, (uint8_t)(1 + below(d, 200))),
				     e->next_port++ };
		hf_tcp t = { .seq = { any32(d) }, .flags = HF_TCP_SYN, .window = 65535 };

		e->manner[from.port] = (uint8_t)below(d, MANNERS);
		t.options.present = HF_HAS(MSS) | HF_HAS(SACK_PERMITTED);
		t.options.mss = e->manner[from.port] == TINY_SEGMENTS ? (uint16_t)below(d, 80) :
									1460;
		send_segment(d, &from, &to, &t);
	}
}

static void sack_rubbish(struct day *d, hf_tcp *t)
{
	t->options.present |= HF_HAS(SACK);
	t->options.sack_count = HF_SACK_BLOCKS;
	for (unsigned i = 0; i < HF_SACK_BLOCKS; i++) {
		t->options.sack[i].start = hf_seq_add(t->ack, (uint32_t)below(d, 20000));
		t->options.sack[i].end = below(d, 4) ? hf_seq_add(t->options.sack[i].start,
								  (uint32_t)below(d, 3000)) :
						       (hf_seq){ any32(d) };
	}
}

/* What this guest says to a segment of the server's; nothing to a bare ACK. */
static void behave(struct day *d, const hf_endpoint *self, const hf_endpoint *peer,
		   const hf_tcp *in)
{
	enum manner manner = (enum manner)d->enemy.manner[self->port];
	hf_tcp t = { .seq = in->ack,
		     .ack = hf_seq_add(in->seq, hf_tcp_seg_len(in)),
		     .flags = HF_TCP_ACK,
		     .window = 65535 };

	if (manner == ZERO_WINDOW)
		t.window = 0;
	if (manner == TINY_WINDOW)
		t.window = (uint16_t)below(d, 3);
	if (manner == SACKS_RUBBISH)
		sack_rubbish(d, &t);
	if (manner == ACKS_AHEAD)
		t.ack = hf_seq_add(t.ack, (uint32_t)below(d, 100000));
	if (manner == RESETS && below(d, 3) == 0)
		t.flags = HF_TCP_RST;
	if (manner == URGENT_RUBBISH || in->flags & HF_TCP_SYN)
		t.payload = lies(d);
	if (manner == URGENT_RUBBISH) {
		t.flags |= HF_TCP_URG;
		t.urgent = (uint16_t)any32(d);
	}
	send_segment(d, self, peer, &t);
	for (unsigned i = 0; manner == LEAVES_HOLES && i < 100; i++) {
		t.seq = hf_seq_add(in->ack, 2 * i + 1);
		t.payload = (hf_view){ lies(d).at, 1 };
		send_segment(d, self, peer, &t);
	}
}

static void enemy_receives(void *ctx, hf_lab_node *self, hf_lab_link *link,
			   const hf_lab_packet *packet)
{
	struct day *d = ctx;
	hf_ip ip;
	hf_tcp t;
	hf_endpoint here, there;

	(void)self;
	(void)link;
	if (hf_ip_parse((hf_view){ packet->data, packet->len }, &ip) != HF_WHY_NONE ||
	    ip.protocol != HF_IPPROTO_TCP || hf_tcp_parse(&ip, true, &t) != HF_WHY_NONE)
		return;
	here = (hf_endpoint){ ip.dst, t.dst_port };
	there = (hf_endpoint){ ip.src, t.src_port };
	if (hf_tcp_seg_len(&t) > 0 && (t.flags & HF_TCP_RST) == 0 &&
	    d->enemy.manner[here.port] != SILENT)
		behave(d, &here, &there, &t);
}

/* ---- The day's plan ---- */

void enemy_new(struct day *d, uint64_t seed)
{
	struct enemy *e = &d->enemy;
	hf_err err;

	e->chance = hf_lab_random_of(seed, "enemy");
	e->next_port = 1024;
	e->node = hf_lab_raw_add(d->lab, "enemy", enemy_receives, d);
	err = hf_lab_link_add("enemy", e->node, d->router, NULL, &e->link);
	assert(err == HF_OK);
	err = hf_lab_route_add(d->router, ENEMY_NET, e->link);
	assert(err == HF_OK);
	(void)err;
}

void enemy_attacks(struct day *d)
{
	static void (*const attacks[])(struct day *) = {
		floods_with_syns,      floods_with_acks,
		scans_ports,           sends_blindly,
		sends_into_the_window, injects_text,
		forges_reports,        sends_odd_options,
		sends_odd_headers,     lands,
		opens_connections,
	};

	d->enemy.attacks++;
	attacks[below(d, sizeof(attacks) / sizeof(attacks[0]))](d);
}
