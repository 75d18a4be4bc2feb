/* SPDX-License-Identifier: BSD-2-Clause */
/* What each congestion control makes of a path: link use, queues, losses, sharing. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "lab/apps.h"

/*
 * Bulk transfers in virtual time from one host to another over one bottleneck. A packet of 1500
 * octets carries 1448 of text: 965 permille of the rate is all that can arrive.
 */
#define BUFFERS (UINT32_C(16) << 20)
#define FLOWS 2

/* A path, and the flows on it. */
struct scene {
	unsigned mbit, rtt_ms;
	unsigned queue;  /* in quarters of a bandwidth-delay product */
	hf_lab_ppm loss; /* random */
	unsigned seconds;
	unsigned second_begins; /* s: the second flow */
	hf_congestion_control module[FLOWS];
	int64_t most[FLOWS]; /* HF_OPTION_MAX_PACING_RATE */
};

struct flow {
	hf_lab_talk out, in;
	hf_conn_info info; /* at the end */
	uint64_t before;   /* octets that had arrived when the measured part began */
	unsigned permille; /* of the path's rate, in the measured part: the second half */
};

struct run {
	hf_lab *lab;
	hf_lab_node *from, *to;
	hf_lab_server server;
	struct flow flow[FLOWS];
	unsigned accepted;
};

static void accepted(void *ctx, hf_lab_server *server, hf_conn conn)
{
	hf_lab_talk_plan plan = { .receive_key = 1, .ending = HF_LAB_LAST, .read_chunk = 65536 };
	struct run *r = ctx;

	(void)server;
	hf_lab_talk_on(&r->flow[r->accepted++].in, r->to, conn, &plan);
}

static void build(struct run *r, const struct scene *s)
{
	hf_config config = { .mtu = 1500, .send_buffer = BUFFERS, .receive_buffer = BUFFERS };
	hf_listener_options wide = { .size = sizeof(wide), .receive_buffer = BUFFERS };
	hf_lab_path path = { .rate = (uint64_t)s->mbit * 1000000,
			     .delay = HF_MS((hf_ns)s->rtt_ms) / 2,
			     .queue_octets = s->mbit * 125 * s->rtt_ms / 4 * s->queue,
			     .loss = s->loss };

	*r = (struct run){ .lab = hf_lab_new(1) };
	hf_lab_host_add(r->lab, "from", "10.0.0.1/24", &config, &r->from);
	hf_lab_host_add(r->lab, "to", "10.0.0.2/24", &config, &r->to);
	hf_lab_link_add("wire", r->from, r->to, &path, NULL);
	r->server = (hf_lab_server){ .accepted = accepted, .ctx = r };
	assert_int_equal(hf_lab_server_open(&r->server, r->to, &(hf_endpoint){ .port = 80 }, &wide),
			 HF_OK);
}

static void open_flow(struct run *r, const struct scene *s, unsigned i)
{
	hf_lab_talk_plan plan = { .send_key = 1, .send = UINT64_MAX, .write_chunk = 65536 };
	hf_endpoint remote = { .port = 80, .addr = hf_lab_address(r->to, 4) };
	struct flow *f = &r->flow[i];
	hf_stack *stack = hf_lab_stack(r->from);

	assert_int_equal(hf_lab_talk_open(&f->out, r->from, &remote, NULL, &plan), HF_OK);
	assert_int_equal(hf_conn_set(stack, f->out.app.conn, HF_OPTION_CONGESTION, s->module[i]),
			 HF_OK);
	assert_int_equal(hf_conn_set(stack, f->out.app.conn, HF_OPTION_MAX_PACING_RATE, s->most[i]),
			 HF_OK);
}

static void measure(struct run *r, const struct scene *s)
{
	unsigned half = s->seconds / 2;

	for (unsigned i = 0; i < r->accepted; i++) {
		struct flow *f = &r->flow[i];

		assert_int_equal(hf_conn_info_get(hf_lab_stack(r->from), f->out.app.conn, &f->info),
				 HF_OK);
		assert_true(f->in.wrong == 0);
		f->permille = (unsigned)((f->in.received - f->before) * 8 /
					 ((uint64_t)s->mbit * 1000 * (s->seconds - half)));
		print_message("# %u Mbit/s, %u ms, %u/4 BDP, loss %u ppm: %s %u permille, "
			      "srtt %u us, %u sent again, %u time-outs\n",
			      s->mbit, s->rtt_ms, s->queue, (unsigned)s->loss,
			      hf_congestion_name(f->info.congestion), f->permille,
			      (unsigned)(f->info.srtt / 1000), (unsigned)f->info.retransmissions,
			      (unsigned)f->info.timeouts);
	}
}

/* The second half is measured. Numbers of flows that have begun follow from `module`. */
static void play(struct run *r, const struct scene *s)
{
	build(r, s);
	open_flow(r, s, 0);
	if (s->module[1] != HF_CONGESTION_DEFAULT) {
		hf_lab_run_until(r->lab, (hf_time){ HF_SEC((hf_ns)s->second_begins) });
		open_flow(r, s, 1);
	}
	hf_lab_run_until(r->lab, (hf_time){ HF_SEC((hf_ns)(s->seconds / 2)) });
	for (unsigned i = 0; i < FLOWS; i++)
		r->flow[i].before = r->flow[i].in.received;
	hf_lab_run_until(r->lab, (hf_time){ HF_SEC((hf_ns)s->seconds) });
	measure(r, s);
	hf_lab_free(r->lab);
}

#define PLAY(r, ...) play(r, &(struct scene){ __VA_ARGS__ })

static const hf_congestion_control all[] = { HF_CONGESTION_RENO, HF_CONGESTION_CUBIC,
					     HF_CONGESTION_BBR };

static void every_module_fills_a_path_with_a_queue_of_one_bdp(void **state)
{
	struct run r;

	(void)state;
	for (unsigned i = 0; i < 3; i++) {
		PLAY(&r, .mbit = 20, .rtt_ms = 40, .queue = 4, .seconds = 20, .module = { all[i] });
		assert_int_equal(r.flow[0].info.congestion, all[i]);
		assert_in_range(r.flow[0].permille, 930, 966);
		assert_int_equal(r.flow[0].info.timeouts, 0);
	}
}

static void bbr_keeps_a_bloated_buffer_short_and_the_others_fill_it(void **state)
{
	struct run r;

	(void)state;
	for (unsigned i = 0; i < 3; i++) {
		PLAY(&r, .mbit = 20, .rtt_ms = 40, .queue = 40, .seconds = 20,
		     .module = { all[i] });
		assert_in_range(r.flow[0].permille, 930, 966);
		if (all[i] == HF_CONGESTION_BBR)
			assert_true(r.flow[0].info.srtt < HF_MS(80));
		else
			assert_true(r.flow[0].info.srtt > HF_MS(100));
	}
}

static void one_percent_of_random_loss_does_not_stop_bbr(void **state)
{
	struct run r, c;

	(void)state;
	PLAY(&r, .mbit = 20, .rtt_ms = 40, .queue = 4, .loss = 10000, .seconds = 20,
	     .module = { HF_CONGESTION_BBR });
	PLAY(&c, .mbit = 20, .rtt_ms = 40, .queue = 4, .loss = 10000, .seconds = 20,
	     .module = { HF_CONGESTION_CUBIC });
	assert_in_range(r.flow[0].permille, 800, 966);
	assert_true(r.flow[0].permille > 2 * c.flow[0].permille);
}

static void two_flows_of_one_module_share_a_path(void **state)
{
	struct run r;

	(void)state;
	for (unsigned i = 0; i < 3; i++) {
		PLAY(&r, .mbit = 20, .rtt_ms = 40, .queue = 4, .seconds = 60, .second_begins = 5,
		     .module = { all[i], all[i] });
		assert_in_range(r.flow[0].permille + r.flow[1].permille, 920, 966);
		assert_true(r.flow[0].permille < 3 * r.flow[1].permille);
		assert_true(r.flow[1].permille < 3 * r.flow[0].permille);
	}
}

static void flows_of_different_modules_starve_each_other_nowhere(void **state)
{
	struct run r;

	(void)state;
	for (unsigned i = 0; i < 3; i++) {
		PLAY(&r, .mbit = 20, .rtt_ms = 40, .queue = 4, .seconds = 60, .second_begins = 5,
		     .module = { all[i], all[(i + 1) % 3] });
		assert_in_range(r.flow[0].permille + r.flow[1].permille, 920, 966);
		assert_true(r.flow[0].permille > 100);
		assert_true(r.flow[1].permille > 100);
	}
}

static void an_application_limits_the_rate_of_any_module(void **state)
{
	struct run r;

	(void)state;
	for (unsigned i = 0; i < 3; i++) {
		PLAY(&r, .mbit = 20, .rtt_ms = 40, .queue = 4, .seconds = 10, .module = { all[i] },
		     .most = { 625000 }); /* a quarter */
		assert_in_range(r.flow[0].permille, 240, 250);
		assert_int_equal(r.flow[0].info.retransmissions, 0);
		assert_true(r.flow[0].info.srtt < HF_MS(47)); /* and no queue */
		assert_true(r.flow[0].info.pacing_rate <= 625000);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_module_fills_a_path_with_a_queue_of_one_bdp),
		cmocka_unit_test(bbr_keeps_a_bloated_buffer_short_and_the_others_fill_it),
		cmocka_unit_test(one_percent_of_random_loss_does_not_stop_bbr),
		cmocka_unit_test(two_flows_of_one_module_share_a_path),
		cmocka_unit_test(flows_of_different_modules_starve_each_other_nowhere),
		cmocka_unit_test(an_application_limits_the_rate_of_any_module),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
