/* SPDX-License-Identifier: BSD-2-Clause */
/* A flood of SYNs through a device, by a thread of its own. */
#include "flooder.h"

#include <arpa/inet.h>
#include <errno.h>
#include <net/if.h>
#include <netpacket/packet.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#include "rounds.h"
#include "syns.h"

#define BATCH 64
#define POOL 65536 /* SYNs, made beforehand; a multiple of BATCH */
#define ETHERTYPE_IP4 0x0800
#define NAP_NS 50000

struct hf_flooder {
	int fd;
	struct sockaddr_ll to;
	double rate;
	pthread_t thread;
	atomic_bool stop;
	hf_flooded done;
	size_t at; /* in the pool */
	struct iovec part[BATCH];
	struct mmsghdr message[BATCH];
	uint8_t pool[POOL][HF_BENCH_SYN];
};

/* Of 198.18.0.0/15. */
static hf_addr random_source(uint64_t *state)
{
	uint64_t n = hf_bench_draw(state);

	return hf_addr_v4(198, (uint8_t)(18 + (n >> 16 & 1)), (uint8_t)(n >> 8), (uint8_t)n);
}

static void open_socket(hf_flooder *f, const hf_flood_plan *plan)
{
	int home = plan->ns ? hf_bench_enter(plan->ns) : -1;

	f->fd = socket(AF_PACKET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	f->to = (struct sockaddr_ll){
		.sll_family = AF_PACKET,
		.sll_protocol = htons(ETHERTYPE_IP4),
		.sll_ifindex = (int)if_nametoindex(plan->device),
		.sll_halen = sizeof(plan->to_mac),
	};
	memcpy(f->to.sll_addr, plan->to_mac, sizeof(plan->to_mac));
	if (f->fd < 0 || f->to.sll_ifindex == 0)
		hf_bench_fail("no packet socket, or no device, for the flood");
	if (home >= 0)
		hf_bench_leave(home);
}

hf_flooder *hf_flooder_new(const hf_flood_plan *plan)
{
	hf_flooder *f = calloc(1, sizeof(*f));
	uint64_t state = UINT64_C(0x9e3779b97f4a7c15);

	if (!f)
		hf_bench_fail("no memory");
	open_socket(f, plan);
	f->rate = plan->rate;
	for (size_t i = 0; i < POOL; i++) {
		hf_addr from = random_source(&state);

		hf_bench_syn(&from, &plan->to, &state, f->pool[i]);
	}
	for (size_t i = 0; i < BATCH; i++)
		f->message[i].msg_hdr = (struct msghdr){ .msg_name = &f->to,
							 .msg_namelen = sizeof(f->to),
							 .msg_iov = &f->part[i],
							 .msg_iovlen = 1 };
	return f;
}

/* What the device throws away at once counts as sent: it went into the flood. */
static void send_batch(hf_flooder *f)
{
	unsigned at = 0;

	for (size_t i = 0; i < BATCH; i++)
		f->part[i] = (struct iovec){ f->pool[f->at + i], HF_BENCH_SYN };
	f->at = (f->at + BATCH) % POOL;
	while (at < BATCH) {
		int n = sendmmsg(f->fd, f->message + at, BATCH - at, 0);

		if (n < 0 && errno != ENOBUFS && errno != EINTR)
			hf_bench_fail("the flood cannot be sent");
		at += n > 0 ? (unsigned)n : 1;
	}
	f->done.syns += BATCH;
}

static double seconds(clockid_t clock)
{
	struct timespec t;

	clock_gettime(clock, &t);
	return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

static void *flood(void *arg)
{
	static const struct timespec nap = { .tv_nsec = NAP_NS };
	hf_flooder *f = arg;
	double began = hf_bench_clock();

	while (!f->stop) {
		double due = f->rate * (hf_bench_clock() - began);

		if (f->rate == 0 || (double)f->done.syns < due)
			send_batch(f);
		else
			nanosleep(&nap, NULL);
	}
	f->done.seconds = hf_bench_clock() - began;
	f->done.cpu = seconds(CLOCK_THREAD_CPUTIME_ID);
	return NULL;
}

void hf_flooder_start(hf_flooder *f)
{
	if (pthread_create(&f->thread, NULL, flood, f) != 0)
		hf_bench_fail("no thread");
}

hf_flooded hf_flooder_stop(hf_flooder *f)
{
	hf_flooded done;

	f->stop = true;
	pthread_join(f->thread, NULL);
	done = f->done;
	close(f->fd);
	free(f);
	return done;
}
