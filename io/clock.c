/* SPDX-License-Identifier: BSD-2-Clause */
/* CLOCK_MONOTONIC and CLOCK_REALTIME as nanoseconds. */
#include <stdlib.h>
#include <time.h>

#include "io/clock.h"

static int64_t clock_ns(clockid_t id)
{
	struct timespec t;

	/* Both clocks exist on every Linux; a machine without them cannot run timers at all. */
	if (clock_gettime(id, &t) != 0)
		abort();
	return HF_SEC(t.tv_sec) + t.tv_nsec;
}

hf_time hf_clock_now(void)
{
	return (hf_time){ clock_ns(CLOCK_MONOTONIC) };
}

hf_ns hf_clock_wall_offset(void)
{
	int64_t wall = clock_ns(CLOCK_REALTIME);

	return wall - clock_ns(CLOCK_MONOTONIC);
}
