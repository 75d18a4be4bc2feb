/* SPDX-License-Identifier: BSD-2-Clause */
/* The two-ended simulation: what a seed decides. */
#include "scene.h"
#include "wire/tcp_options.h"

static uint64_t below(struct scene *s, uint64_t n)
{
	return hf_lab_random_below(&s->random, n);
}

static bool percent(struct scene *s, unsigned chance)
{
	return below(s, 100) < chance;
}

/* From 1 to `most`: each power of two is as likely as the next. */
static uint64_t log_below(struct scene *s, uint64_t most)
{
	unsigned bits = 0;
	uint64_t least, drawn;

	while (most >> bits > 1)
		bits++;
	least = UINT64_C(1) << below(s, bits + 1);
	drawn = least + below(s, least);
	return drawn < most ? drawn : most;
}

/* Loss and damage: none for three paths in ten, up to 30 % for two in ten. */
static void draw_losses(struct scene *s, hf_lab_path *path)
{
	static const hf_lab_ppm most[10] = { [3] = 20000,  [4] = 20000,  [5] = 20000, [6] = 100000,
					     [7] = 100000, [8] = 300000, [9] = 300000 };
	hf_lab_ppm loss = most[below(s, 10)];

	if (loss == 0)
		return;
	path->loss = (hf_lab_ppm)below(s, loss + 1);
	if (percent(s, 20)) {
		path->burst_start = 10000;
		path->burst_end = 300000;
		path->burst_loss = 600000;
	}
	if (percent(s, 30))
		path->corrupt = (hf_lab_ppm)below(s, 50000);
}

static void draw_path(struct scene *s, hf_lab_path *path)
{
	*path = (hf_lab_path){ .delay = (hf_ns)log_below(s, HF_MS(200)) };
	if (percent(s, 60))
		path->delay = (hf_ns)below(s, HF_MS(100));
	if (percent(s, 50))
		path->rate = 64000 + log_below(s, 1000000000);
	draw_losses(s, path);
	if (percent(s, 40))
		path->jitter = (hf_ns)below(s, (uint64_t)path->delay + 1);
	if (percent(s, 30)) {
		path->reorder = (hf_lab_ppm)below(s, 200000);
		path->reorder_delay = 1 + (hf_ns)below(s, 2 * (uint64_t)path->delay + 1);
	}
	if (percent(s, 20))
		path->duplicate = (hf_lab_ppm)below(s, 100000);
	if (path->rate != 0 && percent(s, 30))
		path->queue_packets = 5 + (uint32_t)below(s, 50);
	if (percent(s, 20))
		path->mtu = (s->only_v4 ? 576 : 1280) + (uint32_t)below(s, s->only_v4 ? 925 : 221);
}

/* So much is lost that an end may give up. */
static void note_losses(struct scene *s, const hf_lab_path *path)
{
	if (path->loss > 50000 || path->burst_start > 0 || path->corrupt > 20000 ||
	    path->queue_packets > 0)
		s->is_lossy = true;
}

static void draw_config(struct scene *s, hf_config *config, hf_listener_options *listening)
{
	*config = (hf_config){ .mtu = 1500 };
	if (percent(s, 20))
		config->mtu = (s->only_v4 ? 576 : 1280) + (uint32_t)below(s, 1000);
	config->profile = (hf_profile)below(s, 3);
	config->no_timestamps = percent(s, 20);
	config->no_sack = percent(s, 20);
	config->no_window_scaling = percent(s, 20);
	config->send_buffer = 1024 + (uint32_t)log_below(s, 256 * 1024);
	config->receive_buffer = 1024 + (uint32_t)log_below(s, 256 * 1024);
	if (percent(s, 20))
		config->offloads = HF_OFFLOAD_TX_CHECKSUM;
	if (percent(s, 10)) {
		config->offloads = HF_OFFLOAD_TX_CHECKSUM | HF_OFFLOAD_TX_TSO;
		config->gso_max = 8000;
	}
	*listening = (hf_listener_options){ .size = sizeof(*listening) };
	if (percent(s, 5)) {
		listening->backlog = 1;
		s->is_cramped = true;
	}
	if (percent(s, 5)) {
		config->max_half_open = 1;
		s->is_cramped = true;
	}
	if (percent(s, 3)) {
		config->max_time_wait = 1;
		s->is_cramped = true;
	}
}

static uint64_t draw_length(struct scene *s)
{
	unsigned kind = (unsigned)below(s, 100);

	if (kind < 15)
		return 0;
	if (kind < 60)
		return below(s, 500);
	if (kind < 97 || s->path[0].loss + s->path[1].loss > 100000 ||
	    s->changed[0].loss + s->changed[1].loss > 100000)
		return below(s, 6000);
	return below(s, 300000);
}

static void draw_plan(struct scene *s, hf_lab_talk_plan *plan)
{
	*plan = (hf_lab_talk_plan){ .send = draw_length(s), .keepalive = HF_SEC(60) };
	plan->send_key = hf_lab_random_next(&s->random);
	plan->borrow = percent(s, 30);
	if (percent(s, 25))
		plan->read_pause = (hf_ns)log_below(s, HF_SEC(5));
	if (percent(s, 15)) {
		plan->write_chunk = 1 + (uint32_t)(plan->send / (1 + below(s, 16)));
		plan->write_pause = (hf_ns)log_below(s, HF_SEC(2));
	}
	if (percent(s, 4))
		plan->abort_at = 1 + below(s, 4000);
	if (percent(s, 2))
		plan->abort_after = (hf_ns)log_below(s, HF_SEC(5));
}

static void draw_endings(struct scene *s, struct pair *p)
{
	for (int i = 0; i < 2; i++)
		p->plan[i].ending = percent(s, 30) ? HF_LAB_CLOSE : HF_LAB_SHUTDOWN;
	/* Of two who both wait for the other's end neither would ever finish. */
	if (percent(s, 40))
		p->plan[p->client].ending = percent(s, 50) ? HF_LAB_ANSWER : HF_LAB_LAST;
	else if (percent(s, 50))
		p->plan[!p->client].ending = percent(s, 50) ? HF_LAB_ANSWER : HF_LAB_LAST;
	/* Who leaves everything to the stack at once must be brought to an end by its timers. */
	for (int i = 0; i < 2; i++) {
		if (p->plan[i].ending == HF_LAB_CLOSE && p->plan[i].expect == 0)
			p->plan[i].keepalive = 0;
	}
}

static void draw_pair(struct scene *s, struct pair *p)
{
	unsigned kind = (unsigned)below(s, 100);
	int client = (int)below(s, 2);

	p->scene = s;
	p->client = client;
	p->version = s->only_v4 || percent(s, 50) ? 4 : 6;
	p->opening = kind < 85 ? PASSIVE : kind < 97 ? SIMULTANEOUS : NOBODY;
	p->start[0] = p->start[1] = (hf_ns)log_below(s, HF_SEC(1));
	if (p->opening == SIMULTANEOUS)
		p->start[1] += (hf_ns)below(s, (uint64_t)s->path[0].delay + 1);
	draw_plan(s, &p->plan[0]);
	draw_plan(s, &p->plan[1]);
	for (int i = 0; i < 2; i++) {
		p->plan[i].receive_key = p->plan[!i].send_key;
		p->plan[i].expect = p->plan[!i].send;
		if (p->plan[i].read_pause > 0)
			p->plan[i].read_chunk = 1 +
						(uint32_t)(p->plan[i].expect / (1 + below(s, 16)));
	}
	draw_endings(s, p);
}

static void draw_host(struct scene *s, int i)
{
	draw_config(s, &s->config[i], &s->listening[i]);
	if (percent(s, 10))
		s->accept_pause[i] = (hf_ns)log_below(s, HF_SEC(1));
	if (percent(s, 20))
		s->coalesce[i] = HF_US(50);
	if (percent(s, 3)) {
		s->close_server[i] = (hf_ns)log_below(s, HF_SEC(2));
		s->is_cramped = true;
	}
}

static void draw_wrap(struct scene *s)
{
	if (percent(s, 25)) {
		s->wrap = WRAP_SEQ;
		s->wrap_before = (uint32_t)below(s, s->pair[0].plan[s->pair[0].client].send + 3);
	} else if (percent(s, 10)) {
		s->wrap = WRAP_TIMESTAMP;
		s->wrap_before = (uint32_t)below(s, 1000);
	}
}

/* Half of the scenes go through all combinations, whatever else is drawn. */
static void draw_options(struct scene *s)
{
	unsigned combination = (unsigned)(s->seed % COMBINATIONS);

	if (percent(s, 50))
		return;
	for (int i = 0; i < 2; i++, combination >>= 3) {
		s->config[i].no_timestamps = combination & 1;
		s->config[i].no_sack = combination >> 1 & 1;
		s->config[i].no_window_scaling = combination >> 2 & 1;
	}
}

static void draw_middlebox(struct scene *s)
{
	static const uint64_t kinds[] = {
		HF_HAS(MSS),        HF_HAS(WSCALE),    HF_HAS(SACK_PERMITTED),
		HF_HAS(TIMESTAMPS), HF_HAS(FAST_OPEN), UINT64_MAX
	};
	struct middlebox *m = &s->middlebox;

	for (int end = 0; end < 2; end++)
		for (size_t i = 0; i < sizeof(kinds) / sizeof(kinds[0]); i++)
			if (percent(s, 15))
				m->strips[end] |= kinds[i];
	m->strips_sack = percent(s, 20);
	m->bleaches = percent(s, 20);
	if (percent(s, 20))
		m->clamps_mss = (uint16_t)(40 + below(s, 1400));
	if (percent(s, 30)) {
		m->closes = (hf_lab_ppm)below(s, 300000);
		m->shrinks = (uint8_t)below(s, 8);
		m->games_end = (hf_time){ (hf_ns)log_below(s, HF_SEC(20)) };
	}
}

/* Slower or faster, shorter or longer; or the same, but for smaller packets only. */
static void draw_change(struct scene *s)
{
	bool smaller = percent(s, 50);
	uint32_t mtu = s->only_v4 ? 600 : 1280;

	s->change_at = (hf_ns)log_below(s, HF_SEC(3));
	for (int i = 0; i < 2; i++) {
		if (smaller) {
			s->changed[i] = s->path[i];
			s->changed[i].mtu = mtu;
		} else {
			draw_path(s, &s->changed[i]);
			note_losses(s, &s->changed[i]);
		}
	}
}

static void draw_jump(struct scene *s)
{
	s->jump_at = (hf_ns)log_below(s, HF_SEC(3));
	for (int i = 0; i < 2; i++)
		s->jump[i] = percent(s, 50) ? (hf_ns)log_below(s, HF_SEC(3600)) : 0;
	/* What the other end still waits for may be given up here, and forgotten. */
	s->is_lossy = true;
}

/*
 * What the ends say of ECN, and queues that mark: from a stream of their own, so that all else that
 * a seed decides stays as it is. Fast Open's text may arrive twice, by design: not where packets
 * are doubled, or ends are counted.
 */
static void draw_extensions(struct scene *s)
{
	hf_lab_random r = hf_lab_random_of(s->seed, "extensions");
	bool is_fast = hf_lab_random_chance(&r, 400000);

	for (int i = 0; i < 2; i++) {
		s->config[i].ecn = (hf_ecn_policy)hf_lab_random_below(&r, 7);
		s->config[i].ecn_option = (hf_ecn_option)hf_lab_random_below(&r, 5);
		if (hf_lab_random_chance(&r, 300000))
			s->path[i].mark = (hf_lab_ppm)hf_lab_random_below(&r, 40000);
		if (hf_lab_random_chance(&r, 300000))
			s->path[i].mark_octets = 1 + (uint32_t)hf_lab_random_below(&r, 30000);
		is_fast &= s->path[i].duplicate == 0 && s->changed[i].duplicate == 0;
	}
	for (int i = 0; i < 2 && is_fast; i++) {
		s->config[i].fast_open = HF_FAST_OPEN_CLIENT | HF_FAST_OPEN_SERVER;
		s->listening[i].fast_open = 1 + (uint32_t)hf_lab_random_below(&r, 4);
		s->is_fast = true;
	}
}

static bool is_below_base(const hf_lab_path *path)
{
	return path->mtu > 0 && path->mtu < 1100;
}

/* Black holes: what is too big vanishes, and nobody says so. From a stream of their own, too. */
static void draw_silence(struct scene *s)
{
	hf_lab_random r = hf_lab_random_of(s->seed, "silence");
	hf_lab_ppm chance = hf_lab_random_chance(&r, 300000) ? 800000 : 0;

	for (int i = 0; i < 2; i++) {
		s->path[i].mtu_silent = hf_lab_random_chance(&r, chance);
		s->changed[i].mtu_silent = s->path[i].mtu_silent;
		/* What is smaller than the base takes long enough for an end to give up. */
		if (s->path[i].mtu_silent &&
		    (is_below_base(&s->path[i]) || is_below_base(&s->changed[i])))
			s->is_lossy = true;
		s->config[i].mtu_probing = HF_MTU_PROBING_BLACK_HOLE;
		if (hf_lab_random_chance(&r, 300000))
			s->config[i].mtu_probing = HF_MTU_PROBING_ALWAYS;
		else if (chance == 0 && hf_lab_random_chance(&r, 300000))
			s->config[i].mtu_probing = HF_MTU_PROBING_OFF;
	}
}

static bool sends_much(const struct scene *s)
{
	for (int i = 0; i < PAIRS; i++)
		if (s->pair[i].plan[0].send > 6000 || s->pair[i].plan[1].send > 6000)
			return true;
	return false;
}

/* From a stream of their own: what is said in place of what the ends have said. */
static void draw_alterations(struct scene *s)
{
	hf_lab_random r = hf_lab_random_of(s->seed, "alterations");
	struct middlebox *m = &s->middlebox;

	if (hf_lab_random_chance(&r, 100000))
		m->moves_sack = (uint32_t)hf_lab_random_next(&r);
	/* Who takes a window for a larger one loses most of what he sends: that takes long. */
	for (int end = 0; end < 2 && !sends_much(s); end++)
		if (hf_lab_random_chance(&r, 50000))
			m->scales[end] = 1 + (uint8_t)hf_lab_random_below(&r, 15);
}

void scene_draw(struct scene *s)
{
	s->random = hf_lab_random_of(s->seed, "two ends");
	s->only_v4 = percent(s, 30);
	for (int i = 0; i < 2; i++) {
		draw_path(s, &s->path[i]);
		draw_host(s, i);
		note_losses(s, &s->path[i]);
	}
	if (percent(s, 10))
		draw_change(s);
	for (int i = 0; i < PAIRS; i++)
		draw_pair(s, &s->pair[i]);
	draw_wrap(s);
	if (percent(s, 15))
		s->cuts = (hf_lab_ppm)below(s, 200000);
	if (percent(s, 4)) {
		s->down_at = (hf_ns)log_below(s, HF_SEC(3));
		if (percent(s, 70))
			s->up_at = s->down_at + (hf_ns)log_below(s, HF_SEC(2000));
		s->is_lossy = true;
	}
	if (percent(s, 3)) {
		s->memory_failures = (hf_lab_ppm)below(s, 50000);
		s->is_starved = true;
	}
	draw_options(s);
	if (percent(s, 25))
		draw_middlebox(s);
	if (percent(s, 5))
		draw_jump(s);
	draw_extensions(s);
	draw_silence(s);
	draw_alterations(s);
	scene_options_draw(s);
}
