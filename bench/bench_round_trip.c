/* SPDX-License-Identifier: BSD-2-Clause */
/* How long does one octet take there and back? */
#include <unistd.h>

#include "ends.h"
#include "rounds.h"

#define OURS 500000
#define KERNELS 20000

static void pass(hf_bench_ends *e, hf_stack *from, hf_conn out, hf_stack *to, hf_conn in)
{
	uint8_t octet = 42;
	size_t n;

	if (hf_conn_send(from, out, &octet, 1, &n) != HF_OK || n != 1)
		hf_bench_fail("the octet was not taken");
	octet = 0;
	while (hf_conn_receive(to, in, &octet, 1, &n) != HF_OK)
		hf_bench_turn(e);
	if (octet != 42)
		hf_bench_fail("the octet is wrong");
}

static double in_memory(void)
{
	hf_bench_ends *e = hf_bench_ends_new();
	hf_conn client, server;
	double began;

	hf_bench_connect(e, &client, &server);
	hf_conn_set(e->client, client, HF_OPTION_NO_DELAY, 1);
	hf_conn_set(e->server, server, HF_OPTION_NO_DELAY, 1);
	began = hf_bench_clock();
	for (int i = 0; i < OURS; i++) {
		pass(e, e->client, client, e->server, server);
		pass(e, e->server, server, e->client, client);
	}
	began = hf_bench_clock() - began;
	hf_bench_ends_free(e);
	return began / OURS * 1e6;
}

static void pass_kernel(int from, int to)
{
	char octet = 42;

	if (write(from, &octet, 1) != 1)
		hf_bench_fail("the octet was not taken");
	octet = 0;
	if (read(to, &octet, 1) != 1 || octet != 42)
		hf_bench_fail("the octet is wrong");
}

static double over_loopback(void)
{
	unsigned short port;
	int listener = hf_bench_listen(&port), fd[2];
	double began;

	hf_bench_kernel_pair(listener, port, fd);
	began = hf_bench_clock();
	for (int i = 0; i < KERNELS; i++) {
		pass_kernel(fd[0], fd[1]);
		pass_kernel(fd[1], fd[0]);
	}
	began = hf_bench_clock() - began;
	close(fd[0]);
	close(fd[1]);
	close(listener);
	return began / KERNELS * 1e6;
}

int main(void)
{
	hf_bench_ask(&(hf_bench_question){
		.text = "one octet there and back, both ends on one core",
		.unit = "us",
		.ours = in_memory,
		.peers = over_loopback,
		.peer = "the kernel over loopback",
	});
	return 0;
}
