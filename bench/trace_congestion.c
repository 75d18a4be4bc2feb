/* SPDX-License-Identifier: BSD-2-Clause */
/* What a congestion control does over time, as a table to draw; in virtual time. */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "lab/bulk.h"

/*
 * trace_congestion MODULE writes tab-separated values: a line a path, a flow and a step of time,
 * with cwnd in segments, the round trip (SRTT) in milliseconds, and what has arrived since the last
 * step in Mbit/s of text. Lines that begin with # describe the paths. The second flow of each path
 * begins half-way.
 */
#define MBIT 20
#define RTT_MS 40
#define BDP (MBIT * 125u * RTT_MS) /* octets */
#define SECONDS 30
#define STEPS_A_SECOND 10
#define FLOWS 2
#define SEGMENT 1448

/* What differs between the paths. */
static const struct scene {
	const char *name, *text;
	hf_lab_path path;
	hf_choice pacing;
} scenes[] = {
	{ "queue",
	  "a queue of one bandwidth-delay product",
	  { .rate = MBIT * UINT64_C(1000000), .queue_octets = BDP },
	  HF_CHOICE_DEFAULT },
	{ "bloated",
	  "a queue of ten bandwidth-delay products",
	  { .rate = MBIT * UINT64_C(1000000), .queue_octets = 10 * BDP },
	  HF_CHOICE_DEFAULT },
	{ "policed",
	  "a policer with a bucket of 30,000 octets; on a wire of 100 Mbit/s, paced",
	  { .rate = 5 * MBIT * UINT64_C(1000000),
	    .queue_octets = BDP,
	    .police_rate = MBIT * UINT64_C(1000000),
	    .police_burst = 30000 },
	  HF_CHOICE_ON },
};

static void show(const struct scene *s, const hf_lab_bulk *b, unsigned step, uint64_t *before)
{
	for (unsigned i = 0; i < b->count; i++) {
		hf_conn_info info = hf_lab_bulk_info(b, i);
		uint64_t now = hf_lab_bulk_delivered(b, i);

		if (info.srtt > 0)
			printf("%s\t%u\t%.1f\t%.2f\t%.2f\t%.3f\n", s->name, i + 1,
			       (double)step / STEPS_A_SECOND, (double)info.cwnd / SEGMENT,
			       (double)info.srtt / 1e6,
			       (double)(now - before[i]) * 8 * STEPS_A_SECOND / 1e6);
		before[i] = now;
	}
}

static void trace(const struct scene *s, hf_congestion_control module)
{
	hf_lab_path path = s->path;
	uint64_t before[FLOWS] = { 0 };
	hf_lab_bulk b;

	path.delay = HF_MS(RTT_MS) / 2;
	printf("# path\t%s\t%u Mbit/s, %u ms, %s\n", s->name, MBIT, RTT_MS, s->text);
	hf_lab_bulk_new(&b, 1, &path);
	for (unsigned i = 0; i < FLOWS; i++) {
		hf_lab_bulk_plan plan = { .module = module,
					  .begins = i * HF_SEC(SECONDS) / 2,
					  .config = { .pacing = s->pacing } };

		(void)hf_lab_bulk_add(&b, &plan); /* there is room for two */
	}
	for (unsigned step = 1; step <= SECONDS * STEPS_A_SECOND; step++) {
		hf_lab_bulk_run(&b, HF_SEC(step) / STEPS_A_SECOND);
		show(s, &b, step, before);
	}
	hf_lab_bulk_free(&b);
}

int main(int argc, char **argv)
{
	hf_congestion_control module = argc == 2 ? hf_congestion_named(argv[1]) :
						   HF_CONGESTION_DEFAULT;

	if (module == HF_CONGESTION_DEFAULT) {
		fprintf(stderr, "usage: trace_congestion reno|cubic|bbr\n");
		return 2;
	}
	printf("# segments of a bandwidth-delay product\t%.1f\n", (double)BDP / SEGMENT);
	printf("path\tflow\tseconds\tcwnd\tsrtt_ms\tgoodput_mbit\n");
	for (size_t i = 0; i < sizeof(scenes) / sizeof(scenes[0]); i++)
		trace(&scenes[i], module);
	return 0;
}
