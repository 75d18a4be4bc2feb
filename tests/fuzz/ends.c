/* SPDX-License-Identifier: BSD-2-Clause */
/* Fuzz target: two stacks, and a network that does to their packets what the input says. */
#include "targets.h"

#include "lab/apps.h"
#include "lab/craft.h"

/*
 * Theory of operation
 *
 *	left ---- middle ---- right
 *
 * The first octets of the input choose the settings of both hosts and the plans of their two
 * conversations. Each packet that then comes to the middle takes the next octets, which say what
 * becomes of it: it goes on, is lost, goes on twice, later, cut in two, or with something in its
 * header changed. When the input is used up, all goes on untouched, so that everything comes to
 * an end.
 *
 * Octets of text are never changed, so that each end may read nothing but what the other sent, in
 * its order and no more. Without changes of headers, and with few losses, both must have all of it,
 * and be told so. Whatever happened: at last both stacks are empty, without a deadline, and give
 * back all of their memory.
 */

#define ROOM 2048
#define TALKS 2
#define PORT 80
#define FEW 4                 /* losses after which nobody may give up */
#define PATIENCE HF_SEC(1200) /* after which an end aborts */
#define LIMIT HF_SEC(4 * 3600)
#define MEMORY_LIMIT (2u << 20)
#define SEND_MOST 40000

struct parcel {
	struct middle *middle;
	struct parcel *next, **at; /* of those that are held back */
	hf_lab_link *to;
	size_t len;
	uint8_t octets[];
};

struct middle {
	hf_view in;
	hf_lab *lab;
	hf_lab_node *host[2], *node;
	hf_lab_link *link[2];
	hf_lab_server server;
	hf_lab_talk talk[TALKS][2]; /* of the opener, of who accepted */
	hf_lab_talk_plan plan[TALKS][2];
	struct parcel *held;
	unsigned losses, accepted;
	bool has_changed;  /* a header: what it leads to is not explained */
	bool is_forgetful; /* the server, by cookies: a client who waits then waits in vain */
	size_t memory_most;
};

/* ---- What becomes of a packet ---- */

static void forward(struct middle *m, hf_lab_link *to, const uint8_t *octets, size_t len)
{
	if (len > 0)
		hf_lab_send(m->node, to, octets, len);
}

static void release(void *ctx)
{
	struct parcel *p = ctx;

	forward(p->middle, p->to, p->octets, p->len);
	*p->at = p->next;
	if (p->next != NULL)
		p->next->at = p->at;
	free(p);
}

static void hold(struct middle *m, hf_lab_link *to, const hf_lab_packet *packet, hf_ns time)
{
	struct parcel *p = malloc(sizeof(*p) + packet->len);

	assert_non_null(p);
	*p = (struct parcel){ .middle = m, .to = to, .len = packet->len };
	memcpy(p->octets, packet->data, packet->len);
	p->next = m->held;
	p->at = &m->held;
	if (p->next != NULL)
		p->next->at = &p->next;
	m->held = p;
	hf_lab_after(m->lab, time, release, p);
}

static void change_options(hf_view *in, hf_tcp_options *o)
{
	uint8_t which = fuzz_u8(in);
	uint32_t value = fuzz_u32(in);

	switch (which % 6) {
	case 0: /* one kind is taken out */
		o->present &= ~(UINT64_C(1) << value % HF_OPTION_BIT_COUNT);
		break;
	case 1:
		o->tsval += value;
		break;
	case 2:
		o->tsecr += value;
		break;
	case 3:
		o->mss = (uint16_t)value;
		break;
	case 4:
		o->wscale = (uint8_t)value;
		break;
	default:
		o->sack[which / 6 % HF_SACK_BLOCKS].start.v += value;
		o->sack[which / 12 % HF_SACK_BLOCKS].end.v += value >> 16;
	}
}

static void change_header(struct middle *m, hf_ip *ip, hf_tcp *t)
{
	uint8_t what = fuzz_u8(&m->in);

	switch (what % 6) {
	case 0:
		change_options(&m->in, &t->options);
		break;
	case 1:
		t->window = fuzz_u16(&m->in);
		break;
	case 2: /* an older acknowledgement, or one of what may be under way */
		t->ack = hf_seq_add(t->ack, (uint32_t)(int16_t)fuzz_u16(&m->in));
		break;
	case 3:
		t->flags = (uint16_t)(t->flags ^ HF_TCP_ECE << fuzz_u8(&m->in) % 3);
		break;
	case 4:
		ip->traffic_class = fuzz_u8(&m->in);
		break;
	default:
		t->flags |= HF_TCP_URG;
		t->urgent = fuzz_u16(&m->in);
	}
	m->has_changed = true;
}

/* The text is parted: one of both halves goes on, the FIN with the second alone. */
static void cut(hf_view *in, hf_tcp *t)
{
	uint8_t where = fuzz_u8(in);
	size_t keep = t->payload.len * (where >> 1) / 128;

	if (t->flags & (HF_TCP_SYN | HF_TCP_URG))
		return;
	if (where & 1) {
		t->flags &= (uint16_t) ~(HF_TCP_FIN | HF_TCP_PSH);
		t->payload = hf_view_first(t->payload, keep);
	} else {
		t->seq = hf_seq_add(t->seq, (uint32_t)keep);
		t->payload = hf_view_skip(t->payload, keep);
	}
}

/* The packet goes on with something else in it. */
static void alter(struct middle *m, hf_lab_link *to, const hf_lab_packet *packet, bool is_cut)
{
	uint8_t whole[ROOM];
	hf_ip ip;
	hf_tcp t;

	if (hf_ip_parse((hf_view){ packet->data, packet->len }, &ip) != HF_WHY_NONE ||
	    ip.protocol != HF_IPPROTO_TCP || hf_tcp_parse(&ip, false, &t) != HF_WHY_NONE) {
		forward(m, to, packet->data, packet->len);
		return;
	}
	if (is_cut)
		cut(&m->in, &t);
	else
		change_header(m, &ip, &t);
	m->losses += is_cut;
	forward(m, to, whole, hf_lab_craft_tcp(&ip, &t, whole, sizeof(whole)));
}

static void passes(void *ctx, hf_lab_node *self, hf_lab_link *link, const hf_lab_packet *packet)
{
	struct middle *m = ctx;
	hf_lab_link *to = link == m->link[0] ? m->link[1] : m->link[0];
	uint8_t fate = fuzz_u8(&m->in);

	(void)self;
	switch (fate % 16) {
	case 1:
	case 2:
		m->losses++;
		break;
	case 3:
		forward(m, to, packet->data, packet->len);
		forward(m, to, packet->data, packet->len);
		break;
	case 4: /* overtaken */
		hold(m, to, packet, HF_MS(1) << fate / 16);
		m->losses += fate / 16 > 7;
		break;
	case 5: /* once now, once much later */
		forward(m, to, packet->data, packet->len);
		hold(m, to, packet, HF_MS(100) << fate / 16);
		break;
	case 6:
		alter(m, to, packet, true);
		break;
	case 7:
		alter(m, to, packet, false);
		break;
	default:
		forward(m, to, packet->data, packet->len);
	}
	for (unsigned i = 0; i < 2; i++) {
		size_t held = hf_lab_memory(m->host[i]);

		m->memory_most = held > m->memory_most ? held : m->memory_most;
	}
}

/* ---- The conversations ---- */

static void accepted(void *ctx, hf_lab_server *server, hf_conn conn)
{
	struct middle *m = ctx;
	hf_conn_info info;

	(void)server;
	assert_int_equal(hf_conn_info_get(hf_lab_stack(m->host[1]), conn, &info), HF_OK);
	for (unsigned i = 0; i < TALKS; i++) {
		hf_conn_info other;
		const hf_lab_talk *opener = &m->talk[i][0];

		if (m->talk[i][1].app.kind != NULL || opener->app.kind == NULL || opener->is_done ||
		    hf_conn_info_get(hf_lab_stack(m->host[0]), opener->app.conn, &other) != HF_OK ||
		    other.local.port != info.remote.port)
			continue;
		m->accepted++;
		hf_lab_talk_on(&m->talk[i][1], m->host[1], conn, &m->plan[i][1]);
		return;
	}
	hf_conn_abort(hf_lab_stack(m->host[1]), conn); /* an old SYN: nobody talks on it */
}

static hf_config any_config(hf_view *in)
{
	uint8_t a = fuzz_u8(in), b = fuzz_u8(in), c = fuzz_u8(in);
	hf_config config = { .mtu = a & 1 ? 1280 : 1500, .memory_limit = MEMORY_LIMIT };

	config.profile = (hf_profile)((a >> 1 & 3) % 3);
	config.congestion = (hf_congestion_control)(a >> 3 & 3);
	config.no_timestamps = a >> 5 & 1;
	config.no_sack = a >> 6 & 1;
	config.no_window_scaling = a >> 7;
	config.ecn = (hf_ecn_policy)((b & 7) % 7);
	config.syn_cookies = b & 8 ? HF_SYN_COOKIES_ALWAYS : HF_SYN_COOKIES_DEFAULT;
	config.fast_open = b & 16 ? HF_FAST_OPEN_CLIENT | HF_FAST_OPEN_SERVER |
					    HF_FAST_OPEN_SERVER_NO_COOKIE :
				    0;
	config.pacing = b & 32 ? HF_CHOICE_ON : HF_CHOICE_OFF;
	config.mtu_probing = b & 64 ? HF_MTU_PROBING_ALWAYS : HF_MTU_PROBING_OFF;
	config.send_buffer = 2048u << (c & 7);
	config.receive_buffer = 2048u << (c >> 3 & 7);
	return config;
}

static hf_lab_talk_plan any_plan(hf_view *in, uint64_t send_key, uint64_t receive_key)
{
	uint8_t how = fuzz_u8(in);
	hf_lab_talk_plan plan = { .send_key = send_key,
				  .receive_key = receive_key,
				  .send = fuzz_u16(in) % SEND_MOST,
				  .abort_after = PATIENCE,
				  .borrow = how & 1 };

	plan.ending = how & 2 ? HF_LAB_LAST : HF_LAB_SHUTDOWN;
	plan.read_pause = how & 4 ? HF_MS(50) : 0;
	plan.write_pause = how & 8 ? HF_MS(20) : 0;
	plan.write_chunk = how & 16 ? 700 : 0;
	return plan;
}

static void open_one(struct middle *m, unsigned n, bool is_v6)
{
	hf_endpoint to = { hf_lab_address(m->host[1], is_v6 ? 6 : 4), PORT };
	hf_conn_options o = { .size = sizeof(o) };

	m->plan[n][0] = any_plan(&m->in, 2 * n + 1, 2 * n + 2);
	m->plan[n][1] = any_plan(&m->in, 2 * n + 2, 2 * n + 1);
	m->plan[n][1].ending = HF_LAB_SHUTDOWN; /* two who wait for each other would do so */
	o.fast_open = fuzz_u8(&m->in) & 1;
	assert_int_equal(hf_lab_talk_open(&m->talk[n][0], m->host[0], &to, &o, &m->plan[n][0]),
			 HF_OK);
}

static void build(struct middle *m)
{
	static const char *const names[2] = { "left", "right" };
	static const char *const addresses[2] = { "10.0.0.1/24 fd00::1/64",
						  "10.0.0.2/24 fd00::2/64" };
	const hf_lab_path path = { .delay = HF_MS(1) << (fuzz_u8(&m->in) & 7) };
	const hf_listener_options listening = { .size = sizeof(listening), .fast_open = 4 };
	hf_endpoint at = { .port = PORT };

	m->lab = hf_lab_new(1);
	m->node = hf_lab_raw_add(m->lab, "middle", passes, m);
	for (int i = 0; i < 2; i++) {
		hf_config config = any_config(&m->in);

		m->is_forgetful |= config.syn_cookies == HF_SYN_COOKIES_ALWAYS;
		assert_int_equal(
			hf_lab_host_add(m->lab, names[i], addresses[i], &config, &m->host[i]),
			HF_OK);
		assert_int_equal(hf_lab_link_add(names[i], m->host[i], m->node, &path, &m->link[i]),
				 HF_OK);
	}
	m->server = (hf_lab_server){ .accepted = accepted, .ctx = m };
	assert_int_equal(hf_lab_server_open(&m->server, m->host[1], &at, &listening), HF_OK);
}

/* ---- The judgement ---- */

static void judge_end(const struct middle *m, unsigned n, unsigned end)
{
	const hf_lab_talk *t = &m->talk[n][end], *other = &m->talk[n][!end];

	if (t->app.kind == NULL)
		return; /* never accepted */
	assert_int_equal(t->wrong, 0);
	assert_true(t->received <= other->queued);
	assert_true(t->is_done);
	if (t->got_end)
		assert_int_equal(t->received, m->plan[n][!end].send);
	if (m->has_changed)
		return;
	if (t->is_over && t->reason == HF_WHY_CLOSED_BY_BOTH)
		assert_true(other->was_aborted || other->received == m->plan[n][end].send);
	if (m->losses > FEW || m->is_forgetful)
		return;
	assert_false(t->was_aborted);
	assert_int_equal(t->reason, HF_WHY_CLOSED_BY_BOTH);
	assert_int_equal(t->received, m->plan[n][!end].send);
}

static void judge(struct middle *m, bool is_idle)
{
	hf_lab_counts counts = hf_lab_counted(m->lab);

	assert_true(is_idle);
	assert_int_equal(counts.spins + counts.overruns, 0);
	assert_true(m->memory_most <= MEMORY_LIMIT);
	for (unsigned n = 0; n < TALKS; n++)
		for (unsigned end = 0; end < 2; end++)
			judge_end(m, n, end);
	for (unsigned i = 0; i < 2; i++) {
		hf_stats stats;

		hf_stack_stats(hf_lab_stack(m->host[i]), &stats);
		assert_int_equal(stats.connections + stats.half_open + stats.time_wait, 0);
		assert_int_equal(stats.buffers, 0);
		assert_true(hf_stack_deadline(hf_lab_stack(m->host[i])).ns == HF_NEVER.ns);
	}
}

static void one_network(hf_view input)
{
	static struct middle m;
	uint8_t versions = fuzz_u8(&input);
	bool is_idle;

	m = (struct middle){ .in = input };
	build(&m);
	for (unsigned n = 0; n < TALKS; n++)
		open_one(&m, n, versions >> n & 1);
	is_idle = hf_lab_run_idle(m.lab, (hf_time){ LIMIT });
	judge(&m, is_idle);
	assert_null(m.held);
	assert_int_equal(hf_lab_free(m.lab), 0);
}

const fuzz_target fuzz_ends = { "ends", one_network };
