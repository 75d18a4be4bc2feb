/* SPDX-License-Identifier: BSD-2-Clause */
/* Short bursts in step with the retransmission timer: a flow is slowed, not starved. */

/*
 * Attacks (catalogue.txt):
 *	Low-rate shrew
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "lab/bulk.h"
#include "lab/craft.h"

#define RATE UINT64_C(10000000) /* bit/s of the bottleneck */
#define SECONDS 30
#define BURST_MS 60 /* long enough to fill the queue, and to lose a window of the flow */

typedef struct shrew {
	hf_lab_bulk bulk;
	hf_lab_node *attacker;
	hf_lab_link *link;
	hf_ns period;
	uint64_t sent; /* octets */
	hf_ns left;    /* of the burst */
} shrew;

/* 1,200 octets for a port where nobody listens, every 0.25 ms: four times the bottleneck's rate. */
static void fire(void *ctx)
{
	static const uint8_t text[1200];
	shrew *s = ctx;
	hf_ip ip = { .src = hf_addr_v4(10, 9, 9, 9),
		     .dst = hf_lab_address(s->bulk.to, 4),
		     .version = 4 };
	hf_tcp tcp = {
		.src_port = 9, .dst_port = 9, .flags = HF_TCP_RST, .payload = { text, 1200 }
	};
	uint8_t packet[1400];
	size_t len = hf_lab_craft_tcp(&ip, &tcp, packet, sizeof(packet));

	hf_lab_send(s->attacker, s->link, packet, len);
	s->sent += len;
	s->left -= HF_US(250);
	if (s->left > 0) {
		hf_lab_after(s->bulk.lab, HF_US(250), fire, s);
	} else {
		s->left = HF_MS(BURST_MS);
		hf_lab_after(s->bulk.lab, s->period - HF_MS(BURST_MS), fire, s);
	}
}

/* Permille of the bottleneck that the flow got in half a minute of bursts. */
static unsigned share(hf_ns period, uint64_t *attack)
{
	hf_lab_path path = { .rate = RATE, .delay = HF_MS(10), .queue_octets = 50000 };
	hf_lab_bulk_plan plan = { .module = HF_CONGESTION_CUBIC, .delay = HF_MS(5) };
	shrew s = { .period = period, .left = HF_MS(BURST_MS) };
	uint64_t before;
	unsigned permille;

	hf_lab_bulk_new(&s.bulk, 7, &path);
	assert_int_equal(hf_lab_bulk_add(&s.bulk, &plan), HF_OK);
	s.attacker = hf_lab_raw_add(s.bulk.lab, "shrew", NULL, NULL);
	assert_int_equal(hf_lab_link_add("lair", s.attacker, s.bulk.router, NULL, &s.link), HF_OK);
	hf_lab_bulk_run(&s.bulk, HF_SEC(5));
	if (period > 0)
		fire(&s);
	before = hf_lab_bulk_delivered(&s.bulk, 0);
	hf_lab_bulk_run(&s.bulk, HF_SEC(5 + SECONDS));
	permille = (unsigned)((hf_lab_bulk_delivered(&s.bulk, 0) - before) * 8 * 1000 /
			      (RATE * SECONDS));
	*attack = s.sent * 8 * 1000 / (RATE * SECONDS);
	assert_int_equal(hf_lab_bulk_info(&s.bulk, 0).state, HF_ESTABLISHED);
	hf_lab_bulk_free(&s.bulk);
	return permille;
}

/*
 * At the timer's own periods the flow keeps a good part of the path: a loss is found by RACK and
 * the tail probe after a round trip, and the time-out, at which the attack is aimed, is seldom
 * needed.
 */
static void bursts_at_the_timers_period_do_not_starve_a_flow(void **state)
{
	static const hf_ns periods[] = { HF_MS(200), HF_MS(230), HF_MS(400), HF_MS(500),
					 HF_SEC(1) };
	uint64_t attack;
	unsigned alone = share(0, &attack);

	(void)state;
	assert_true(alone > 850);
	for (size_t i = 0; i < sizeof(periods) / sizeof(periods[0]); i++) {
		unsigned left = share(periods[i], &attack);

		print_message(
			"# a burst every %d ms, %u permille of the rate: %u permille are left\n",
			(int)(periods[i] / HF_MS(1)), (unsigned)attack, left);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(bursts_at_the_timers_period_do_not_starve_a_flow),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
