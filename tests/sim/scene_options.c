/* SPDX-License-Identifier: BSD-2-Clause */
/* The two-ended simulation: settings of connections, at their opening and while they last. */
#include "scene.h"

/*
 * What an application may set at any time, it sets at any time: each end of a conversation makes
 * up to SETTINGS changes, at once when it has its connection or later, perhaps of one that is
 * closing or over by then. None of them may stop a conversation, or lose an octet.
 */

/* From `least` to `most`, or one time in four what `off` says. */
struct range {
	hf_option option;
	int64_t least, most, off;
};

static const struct range ranges[] = {
	{ HF_OPTION_NO_DELAY, 0, 1, 0 },
	{ HF_OPTION_CORK, 0, 1, 0 },
	{ HF_OPTION_QUICK_ACK, 0, 1, 1 },
	{ HF_OPTION_KEEPALIVE_OCTET, 0, 1, 0 },
	{ HF_OPTION_NO_SOFT_ERRORS, 0, 1, 0 },
	{ HF_OPTION_URGENT_APART, 0, 1, 0 },
	{ HF_OPTION_USER_TIMEOUT_OPTION, 0, 1, 0 },
	{ HF_OPTION_TRAFFIC_CLASS, 0, 255, 0 },
	{ HF_OPTION_TTL, 1, 255, 64 },
	{ HF_OPTION_FLOW_LABEL, 0, 0xfffff, -1 },
	{ HF_OPTION_MSS, 88, 1400, 0 },
	{ HF_OPTION_WINDOW_CLAMP, 256, 65536, 0 },
	{ HF_OPTION_RECEIVE_BUFFER, 256, 65536, 0 },
	{ HF_OPTION_SEND_BUFFER, 256, 65536, 0 },
	{ HF_OPTION_RECEIVE_LOW, 1, 5000, 0 },
	{ HF_OPTION_UNSENT_LOW, 100, 10000, 0 },
	{ HF_OPTION_CONGESTION, HF_CONGESTION_RENO, HF_CONGESTION_BBR, HF_CONGESTION_DEFAULT },
	{ HF_OPTION_PACING, 0, 1, 0 },
	{ HF_OPTION_MAX_PACING_RATE, 20000, 10000000, 0 },
};

static void draw_setting(hf_lab_random *r, struct setting *set)
{
	const struct range *of;

	of = &ranges[hf_lab_random_below(r, sizeof(ranges) / sizeof(ranges[0]))];
	set->is_drawn = true;
	set->option = of->option;
	set->value = of->least +
		     (int64_t)hf_lab_random_below(r, (uint64_t)(of->most - of->least) + 1);
	if (hf_lab_random_chance(r, 250000))
		set->value = of->off;
	if (hf_lab_random_chance(r, 500000))
		set->at = 1 + (hf_ns)hf_lab_random_below(r, HF_SEC(3));
}

void scene_options_draw(struct scene *s)
{
	hf_lab_random r = hf_lab_random_of(s->seed, "settings");

	for (int i = 0; i < 2; i++) {
		s->config[i].congestion = (hf_congestion_control)hf_lab_random_below(&r, 4);
		s->config[i].hystart = (hf_choice)hf_lab_random_below(&r, 3);
		s->config[i].pacing = (hf_choice)hf_lab_random_below(&r, 3);
		s->config[i].no_idle_restart = hf_lab_random_chance(&r, 300000);
	}
	if (hf_lab_random_chance(&r, 500000))
		return;
	for (int n = 0; n < PAIRS; n++)
		for (int i = 0; i < 2; i++)
			for (int k = 0; k < SETTINGS; k++)
				if (hf_lab_random_chance(&r, 500000))
					draw_setting(&r, &s->pair[n].set[i][k]);
}

/* An end that is gone, or without memory, need not take it. */
static bool may_fail(const struct scene *s, hf_err err)
{
	return err == HF_ERR_STALE || (err == HF_ERR_NO_MEMORY && s->is_starved);
}

static void apply(void *ctx)
{
	struct setting *set = ctx;
	struct scene *s = set->scene;
	hf_err err = hf_conn_set(hf_lab_stack(s->host[set->host]), set->conn, set->option,
				 set->value);

	if (err != HF_OK && !may_fail(s, err) && s->set_error == HF_OK) {
		s->set_error = err;
		s->set_wrong = set->option;
	}
	hf_lab_touch(s->host[set->host]);
}

void scene_options_set(struct scene *s, int pair, int host, hf_conn conn)
{
	for (int k = 0; k < SETTINGS; k++) {
		struct setting *set = &s->pair[pair].set[host][k];

		if (!set->is_drawn)
			continue;
		set->scene = s;
		set->host = host;
		set->conn = conn;
		if (set->at == 0)
			apply(set);
		else
			hf_lab_after(s->lab, set->at, apply, set);
	}
}
