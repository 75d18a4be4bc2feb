/* SPDX-License-Identifier: BSD-2-Clause */
/* How long does a handshake take, with the reset that ends it? */
#include <sys/socket.h>
#include <unistd.h>

#include "ends.h"
#include "rounds.h"

#define OURS 100000
#define KERNELS 5000

static double in_memory(void)
{
	hf_bench_ends *e = hf_bench_ends_new();
	double began = hf_bench_clock(), took;
	hf_stats stats;

	for (int i = 0; i < OURS; i++) {
		hf_conn client, server;

		hf_bench_connect(e, &client, &server);
		hf_conn_abort(e->client, client);
		hf_bench_settle(e);
		hf_conn_close(e->server, server);
		hf_bench_settle(e);
	}
	took = hf_bench_clock() - began;
	hf_stack_stats(e->server, &stats);
	if (stats.accepted != OURS || stats.reasons[HF_WHY_RESET_BY_PEER] < OURS)
		hf_bench_fail("not every handshake was completed and reset");
	hf_bench_ends_free(e);
	return took / OURS * 1e6;
}

static double over_loopback(void)
{
	struct linger reset = { 1, 0 };
	unsigned short port;
	int listener = hf_bench_listen(&port);
	double began = hf_bench_clock();

	for (int i = 0; i < KERNELS; i++) {
		int fd[2];

		hf_bench_kernel_pair(listener, port, fd);
		setsockopt(fd[0], SOL_SOCKET, SO_LINGER, &reset, sizeof(reset));
		close(fd[0]);
		close(fd[1]);
	}
	close(listener);
	return (hf_bench_clock() - began) / KERNELS * 1e6;
}

int main(void)
{
	hf_bench_ask(&(hf_bench_question){
		.text = "three-way handshake, accept, reset, close; both ends on one core; "
			"100,000 one after another",
		.unit = "us",
		.ours = in_memory,
		.peers = over_loopback,
		.peer = "the kernel over loopback",
	});
	return 0;
}
