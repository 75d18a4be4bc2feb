/* SPDX-License-Identifier: BSD-2-Clause */
/* One seed of the two-ended simulation: two hosts, a random path, four conversations. */
#include "two_ends.h"

#include <string.h>

#include "lab/craft.h"
#include "scene.h"
#include "wire/tcp.h"

/*
 * Theory of operation
 *
 * Everything about a seed is drawn from it first: the path, the hosts' settings, the plans of
 * both ends of each conversation. Then the lab runs until nothing is left to happen. A lab in
 * which nothing happens any more while a connection is still there has found a connection without
 * a timer; one that has not come to rest after two hours of its time, a livelock.
 *
 * The judgement asks of every end: is the way it ended explained by its plan, its peer's plan and
 * the path? A path that loses little explains no timeout; a peer that never aborted explains no
 * reset. Whoever was told that both sides closed must have every octet of the other, and the
 * other every octet of his.
 */

static hf_endpoint endpoint_of(const struct pair *p, int host, uint16_t port)
{
	return (hf_endpoint){ hf_lab_address(p->scene->host[host], p->version), port };
}

static uint16_t own_port(const struct pair *p)
{
	return (uint16_t)(CLIENT_PORT + (p - p->scene->pair));
}

/* Notes whether the numbers of this end will pass 2^32 on the way. */
static void note_wrap(struct pair *p, int host)
{
	hf_conn_info info;

	if (p->open_error[host] == HF_OK && !p->talk[host].is_done &&
	    hf_conn_info_get(hf_lab_stack(p->scene->host[host]), p->talk[host].app.conn, &info) ==
		    HF_OK)
		p->scene->wrapped += UINT32_MAX - info.iss < p->plan[host].send + 2;
}

static void open_end(struct pair *p, int host)
{
	struct scene *s = p->scene;
	hf_conn_options options = { .size = sizeof(options) };
	uint16_t port = p->opening == PASSIVE      ? SERVER_PORT :
			p->opening == SIMULTANEOUS ? own_port(p) :
						     CLOSED_PORT;
	hf_endpoint remote = endpoint_of(p, !host, port);

	options.local = endpoint_of(p, host, own_port(p));
	options.fast_open = s->is_fast;
	p->open_error[host] = hf_lab_talk_open(&p->talk[host], s->host[host], &remote, &options,
					       &p->plan[host]);
	note_wrap(p, host);
	if (p->open_error[host] == HF_OK)
		scene_options_set(s, (int)(p - s->pair), host, p->talk[host].app.conn);
}

static void open_first(void *ctx)
{
	struct pair *p = ctx;

	open_end(p, p->client);
}

static void open_second(void *ctx)
{
	struct pair *p = ctx;

	open_end(p, !p->client);
}

static void accepted(void *ctx, hf_lab_server *server, hf_conn conn)
{
	struct scene *s = ctx;
	int host = server == &s->server[1];
	hf_conn_info info;
	struct pair *p;

	if (hf_conn_info_get(hf_lab_stack(s->host[host]), conn, &info) != HF_OK)
		return;
	p = &s->pair[(info.remote.port - CLIENT_PORT) % PAIRS];
	/* An old duplicate of a SYN may open a connection once more: nobody will talk on it. */
	if (p->accepted) {
		hf_conn_abort(hf_lab_stack(s->host[host]), conn);
		return;
	}
	p->accepted = true;
	hf_lab_talk_on(&p->talk[host], s->host[host], conn, &p->plan[host]);
	scene_options_set(s, (int)(p - s->pair), host, conn);
}

static hf_err build(struct scene *s)
{
	static const char *const both[2] = { "10.0.0.1/24 fd00::1/64", "10.0.0.2/24 fd00::2/64" };
	static const char *const v4[2] = { "10.0.0.1/24", "10.0.0.2/24" };
	static const char *const names[2] = { "left", "right" };
	hf_endpoint local = { .port = SERVER_PORT };
	hf_err err = HF_OK;

	for (int i = 0; i < 2 && err == HF_OK; i++) {
		err = hf_lab_host_add(s->lab, names[i], s->only_v4 ? v4[i] : both[i], &s->config[i],
				      &s->host[i]);
		if (err != HF_OK)
			return err;
		hf_lab_coalesce(s->host[i], s->coalesce[i]);
		s->server[i] = (hf_lab_server){ .accepted = accepted,
						.ctx = s,
						.pause = s->accept_pause[i] };
		err = hf_lab_server_open(&s->server[i], s->host[i], &local, &s->listening[i]);
	}
	if (err == HF_OK)
		err = hf_lab_link_add("wire", s->host[0], s->host[1], &s->path[0], &s->link);
	if (err == HF_OK)
		hf_lab_path_set(s->link, s->host[1], &s->path[1]);
	return err;
}

/*
 * Someone on the way who cuts segments anew: a part of the text goes on, the rest is lost. What
 * is sent again then overlaps with what has arrived.
 */
static hf_lab_verdict cut(void *ctx, int from, hf_lab_packet *packet)
{
	struct scene *s = ctx;
	hf_ip ip;
	hf_tcp tcp;
	uint8_t whole[2048];
	size_t keep;

	(void)from;
	if (!hf_lab_random_chance(&s->random, s->cuts) || packet->len > sizeof(whole) ||
	    hf_ip_parse((hf_view){ packet->data, packet->len }, &ip) != HF_WHY_NONE ||
	    ip.protocol != HF_IPPROTO_TCP || hf_tcp_parse(&ip, false, &tcp) != HF_WHY_NONE ||
	    tcp.payload.len < 2)
		return HF_LAB_PASS;
	keep = 1 + (size_t)hf_lab_random_below(&s->random, tcp.payload.len - 1);
	if (hf_lab_random_chance(&s->random, 500000) || tcp.flags & HF_TCP_SYN) {
		tcp.flags &= (uint16_t) ~(HF_TCP_FIN | HF_TCP_PSH);
		tcp.payload = hf_view_first(tcp.payload, keep);
	} else {
		tcp.seq = hf_seq_add(tcp.seq, (uint32_t)(tcp.payload.len - keep));
		tcp.payload = hf_view_skip(tcp.payload, tcp.payload.len - keep);
	}
	packet->len = (uint32_t)hf_lab_craft_tcp(&ip, &tcp, whole, sizeof(whole));
	memcpy(packet->data, whole, packet->len);
	return HF_LAB_PASS;
}

static void take_down(void *ctx)
{
	hf_lab_link_up(((struct scene *)ctx)->link, false);
}

static void take_up(void *ctx)
{
	hf_lab_link_up(((struct scene *)ctx)->link, true);
}

static void change_path(void *ctx)
{
	struct scene *s = ctx;

	for (int i = 0; i < 2; i++)
		hf_lab_path_set(s->link, s->host[i], &s->changed[i]);
}

static void jump(void *ctx)
{
	struct scene *s = ctx;

	for (int i = 0; i < 2; i++)
		if (s->jump[i] > 0)
			hf_lab_clock_jump(s->host[i], s->jump[i]);
}

static void close_server(void *ctx)
{
	hf_lab_server_close(ctx);
}

static void start(struct scene *s)
{
	for (int i = 0; i < PAIRS; i++) {
		struct pair *p = &s->pair[i];

		hf_lab_after(s->lab, p->start[0], open_first, p);
		if (p->opening == SIMULTANEOUS)
			hf_lab_after(s->lab, p->start[1], open_second, p);
	}
	for (int i = 0; i < 2; i++) {
		if (s->close_server[i] > 0)
			hf_lab_after(s->lab, s->close_server[i], close_server, &s->server[i]);
		hf_lab_memory_failures(s->host[i], s->memory_failures);
	}
	if (s->cuts > 0)
		hf_lab_filter_add(s->link, cut, s);
	scene_middlebox_add(s);
	if (s->change_at > 0)
		hf_lab_after(s->lab, s->change_at, change_path, s);
	if (s->jump_at > 0)
		hf_lab_after(s->lab, s->jump_at, jump, s);
	if (s->down_at > 0)
		hf_lab_after(s->lab, s->down_at, take_down, s);
	if (s->up_at > 0)
		hf_lab_after(s->lab, s->up_at, take_up, s);
}

/* ---- Numbers that wrap ---- */

struct first_syn {
	hf_time time;
	uint32_t seq, tsval;
	bool seen;
};

static void note_syn(void *ctx, const hf_lab_sight *sight)
{
	struct first_syn *syn = ctx;
	hf_ip ip;
	hf_tcp tcp;

	if (syn->seen ||
	    hf_ip_parse((hf_view){ sight->packet->data, sight->packet->len }, &ip) != HF_WHY_NONE ||
	    ip.protocol != HF_IPPROTO_TCP || hf_tcp_parse(&ip, true, &tcp) != HF_WHY_NONE)
		return;
	*syn = (struct first_syn){ sight->time, tcp.seq.v, tcp.options.tsval, true };
}

/*
 * When the lab's clock is to start, so that the numbers of the first conversation pass 2^32 where
 * the seed says. Sequence numbers and timestamps count the time from an offset that only depends
 * on the secret and the addresses: a first SYN in a lab of its own, at time 0, tells it.
 */
static hf_time find_origin(struct scene *s)
{
	struct first_syn syn = { .seen = false };
	struct pair *p = &s->pair[0];
	uint32_t ahead;
	hf_ns tick = s->wrap == WRAP_SEQ ? HF_US(4) : HF_MS(1), origin;

	s->lab = hf_lab_new(s->seed);
	if (build(s) == HF_OK && hf_lab_tap_add(s->lab, s->link, note_syn, &syn) == HF_OK) {
		open_first(p);
		hf_lab_run_until(s->lab, (hf_time){ 0 });
	}
	hf_lab_free(s->lab);
	p->talk[p->client] = (hf_lab_talk){ .received = 0 };
	s->wrapped = 0;
	ahead = 0 - s->wrap_before - (s->wrap == WRAP_SEQ ? syn.seq : syn.tsval);
	origin = ahead * tick - p->start[0];
	return (hf_time){ origin > 0 ? origin : 0 };
}

void two_ends_run(uint64_t seed, bool traced, hf_lab_line sink, two_ends_result *out)
{
	struct scene s = { .seed = seed };
	hf_time origin = { 0 };
	hf_lab_trace *trace = NULL;
	hf_err err;
	size_t leaked;

	*out = (two_ends_result){ .hash = 0 };
	scene_draw(&s);
	if (s.wrap != WRAP_NONE)
		origin = find_origin(&s);
	s.lab = hf_lab_new(s.seed);
	hf_lab_run_until(s.lab, origin);
	err = build(&s);
	if (err != HF_OK) {
		scene_blame(out, "cannot build the lab: %s", hf_err_name(err));
	} else {
		if (traced)
			trace = hf_lab_trace_new(s.lab, sink, NULL);
		start(&s);
		scene_judge(&s, hf_lab_run_idle(s.lab, hf_time_add(origin, LIMIT)), out);
	}
	out->wrapped = s.wrapped;
	leaked = hf_lab_free(s.lab);
	if (leaked != 0 && out->problem[0] == '\0')
		scene_blame(out, "%zu octets never given back", leaked);
	if (trace != NULL)
		out->hash = hf_lab_trace_hash(trace);
	hf_lab_trace_free(trace);
}
