/* SPDX-License-Identifier: BSD-2-Clause */
/* Floods a listener with SYNs and calls it meanwhile; for tests/net/flood.sh. */
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "callers.h"
#include "flooder.h"
#include "rounds.h"

#define MOST_RATE 1e6 /* SYNs a second */
#define LONGEST 60.0  /* seconds */
#define PATIENCE 10.0 /* seconds for repeated SYNs, after the flood */

/* The calls are as many as are given, spread over the time of the flood. */
int main(int argc, char **argv)
{
	hf_flood_plan flood = { .device = argv[1] };
	hf_call_plan call = { .patience = PATIENCE, .question = "GET / HTTP/1.0\r\n\r\n" };
	hf_bench_device before, after;
	double seconds;
	hf_flooder *flooder;
	hf_callers *callers;
	hf_flooded flooded;
	hf_called called;

	if (argc != 7 || !hf_addr_parse(argv[2], &flood.to.addr)) {
		fprintf(stderr, "usage: flood_and_call DEVICE ADDRESS PORT RATE SECONDS CALLS\n");
		return 64;
	}
	flood.to.port = (uint16_t)atoi(argv[3]);
	flood.rate = atof(argv[4]);
	seconds = atof(argv[5]);
	call.calls = (unsigned)atoi(argv[6]);
	if (!(flood.rate > 0 && flood.rate <= MOST_RATE && seconds > 0 && seconds <= LONGEST) ||
	    call.calls == 0 || call.calls > HF_CALLS_MOST)
		hf_bench_fail("a number is out of its bounds");
	call.to = flood.to;
	call.rate = call.calls / seconds;
	before = hf_bench_device_here(flood.device);
	flooder = hf_flooder_new(&flood);
	hf_flooder_start(flooder);
	callers = hf_callers_start(&call);
	usleep((useconds_t)(seconds * 1e6));
	flooded = hf_flooder_stop(flooder);
	after = hf_bench_device_here(flood.device);
	called = hf_callers_wait(callers);
	printf("syns %llu\nlost-in-queue %llu\ncalls %u\nanswered %u\nat-first %u\n",
	       (unsigned long long)flooded.syns,
	       (unsigned long long)(after.dropped - before.dropped), called.calls, called.answered,
	       called.at_first);
	printf("milliseconds %.3f\n", called.median * 1e3);
	return 0;
}
