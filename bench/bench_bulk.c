/* SPDX-License-Identifier: BSD-2-Clause */
/* How many octets go from one end to the other in a second? */
#include <fcntl.h>
#include <string.h>
#include <unistd.h>

#include "ends.h"
#include "rounds.h"

#define TOTAL ((uint64_t)256 << 20)
#define PIECE 65536

static uint8_t sent[PIECE], got[PIECE];

/**
 * The stream repeats one piece of pseudo-random octets, so that each octet's place can be checked.
 */
static void make_piece(void)
{
	uint32_t x = 1;

	for (size_t i = 0; i < PIECE; i++) {
		x = x * 1664525 + 1013904223;
		sent[i] = (uint8_t)(x >> 24);
	}
}

static void check(const uint8_t *octets, size_t len, uint64_t at)
{
	while (len > 0) {
		size_t from = at % PIECE, n = len < PIECE - from ? len : PIECE - from;

		if (memcmp(octets, sent + from, n) != 0)
			hf_bench_fail("an octet is wrong");
		octets += n;
		len -= n;
		at += n;
	}
}

static uint64_t send_some(hf_bench_ends *e, hf_conn c, uint64_t at)
{
	size_t n = 0, from = at % PIECE, most = PIECE - from;

	if (at + most > TOTAL)
		most = (size_t)(TOTAL - at);
	if (most > 0 && hf_conn_send(e->client, c, sent + from, most, &n) != HF_OK)
		n = 0;
	return n;
}

static uint64_t receive_all(hf_bench_ends *e, hf_conn c, uint64_t at)
{
	uint64_t began = at;
	size_t n;

	while (hf_conn_receive(e->server, c, got, PIECE, &n) == HF_OK && n > 0) {
		check(got, n, at);
		at += n;
	}
	return at - began;
}

static double in_memory(void)
{
	hf_bench_ends *e = hf_bench_ends_new();
	hf_conn client, server;
	uint64_t out = 0, in = 0;
	double began;

	hf_bench_connect(e, &client, &server);
	began = hf_bench_clock();
	while (in < TOTAL) {
		uint64_t before = in + out;

		out += send_some(e, client, out);
		if (hf_bench_turn(e) == 0 && in + out == before)
			e->now = hf_time_add(e->now, HF_MS(1));
		in += receive_all(e, server, in);
	}
	began = hf_bench_clock() - began;
	hf_bench_ends_free(e);
	return (double)TOTAL * 8 / began / 1e9;
}

static double over_loopback(void)
{
	unsigned short port;
	int listener = hf_bench_listen(&port), fd[2];
	uint64_t out = 0, in = 0;
	double began;

	hf_bench_kernel_pair(listener, port, fd);
	fcntl(fd[0], F_SETFL, O_NONBLOCK);
	fcntl(fd[1], F_SETFL, O_NONBLOCK);
	began = hf_bench_clock();
	while (in < TOTAL) {
		size_t from = out % PIECE;
		ssize_t n = out < TOTAL ? write(fd[0], sent + from, PIECE - from) : 0;

		out += n > 0 ? (uint64_t)n : 0;
		while ((n = read(fd[1], got, PIECE)) > 0) {
			check(got, (size_t)n, in);
			in += (uint64_t)n;
		}
	}
	began = hf_bench_clock() - began;
	close(fd[0]);
	close(fd[1]);
	close(listener);
	return (double)TOTAL * 8 / began / 1e9;
}

int main(void)
{
	make_piece();
	hf_bench_ask(&(hf_bench_question){
		.text = "256 MiB one way, every octet checked; both ends on one core; "
			"Handfast in 1,460-octet segments with checksums, the kernel as it likes",
		.unit = "Gbit/s",
		.more_is_better = 1,
		.ours = in_memory,
		.peers = over_loopback,
		.peer = "the kernel over loopback",
	});
	return 0;
}
