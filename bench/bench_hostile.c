/* SPDX-License-Identifier: BSD-2-Clause */
/* Peers that mean harm once they are connected: what does each cost, beside one that does not? */
#include <stdio.h>

#include "hostile.h"
#include "rounds.h"

/*
 * One stack, a listener, and an application that keeps 16 KiB waiting to be sent to whoever has
 * asked for something. 100, 1,000 or 10,000 peers of one kind (`kinds`) connect, in memory, with
 * real packets, and go on for some seconds of virtual time, in steps of 0.1 s. A peer keeps no more
 * than three numbers, and answers each packet when its time has come. Meanwhile 20 clients
 * among them fetch 64 KiB each, and every octet of it is checked.
 *
 * Counted, for each kind and number of them:
 *
 * - octets of memory a peer: what the stack has allocated, tables and buffers included;
 * - ns of the stack's and the application's time a peer and second, and a packet, in or out: the
 *   median of three. Making the peers' packets is left aside.
 *
 * Beside each stands the well-behaved kind that holds or takes as much. At the end each peer must
 * be where its attack is to bring it, or the figures are of something else, and the program fails.
 */

#define ROUNDS 3
#define SETTLE 4u     /* seconds before anything is counted */
#define PATIENCE 200u /* steps */

/* ---- The kinds ---- */

static bool is_idle(const hf_conn_info *i)
{
	return i->unsent + i->in_flight == 0;
}

static bool has_read(const hf_conn_info *i)
{
	return i->octets_acked > 4 * HF_HOSTILE_WAITING && i->unsent + i->in_flight > 0;
}

static bool has_read_nothing(const hf_conn_info *i)
{
	return i->snd_wnd == 0 && i->octets_acked <= 1 &&
	       i->unsent + i->in_flight >= HF_HOSTILE_WAITING;
}

static bool is_shut(const hf_conn_info *i)
{
	return i->snd_wnd == 0 && i->octets_acked > 1000 &&
	       i->unsent + i->in_flight >= HF_HOSTILE_WAITING;
}

static bool has_read_little(const hf_conn_info *i)
{
	return i->octets_acked > 500 && i->octets_acked < HF_HOSTILE_WAITING && i->unsent > 0;
}

static bool has_small_segments(const hf_conn_info *i)
{
	return i->snd_mss <= 36 && i->octets_acked > 2000 && i->unsent + i->in_flight > 0;
}

static bool is_told_of_loss(const hf_conn_info *i)
{
	return i->retransmissions > 0 && i->octets_acked > 1000;
}

enum { IDLE, READING, ATTACKS };

static const hf_hostile_kind kinds[] = {
	[IDLE] = { .name = "clients that say nothing",
		   .mss = 1460,
		   .window = HF_HOSTILE_WAITING,
		   .seconds = 4,
		   .is_there = is_idle },
	[READING] = { .name = "clients that read 32 KiB a second",
		      .asks = true,
		      .mss = 1460,
		      .window = HF_HOSTILE_WAITING,
		      .seconds = 4,
		      .is_there = has_read },
	{ .name = "sockstress: the window is closed from the first ACK on",
	  .asks = true,
	  .mss = 1460,
	  .seconds = 4,
	  .beside = READING,
	  .is_there = has_read_nothing },
	{ .name = "zero-window holders: 4 KiB are taken, then no more",
	  .asks = true,
	  .mss = 1460,
	  .window = HF_HOSTILE_WAITING,
	  .takes = 4096,
	  .seconds = 4,
	  .beside = READING,
	  .is_there = is_shut },
	{ .name = "slow readers: a window of 128 octets, twice a second",
	  .asks = true,
	  .mss = 1460,
	  .window = 128,
	  .seconds = 4,
	  .beside = READING,
	  .is_there = has_read_little },
	{ .name = "an MSS of 1: 36 octets a segment",
	  .asks = true,
	  .mss = 1,
	  .window = 2048,
	  .seconds = 2,
	  .beside = READING,
	  .is_there = has_small_segments },
	{ .name = "SACK storm: 60 blocks anywhere in 20 ACKs a second",
	  .asks = true,
	  .mss = 1460,
	  .window = HF_HOSTILE_WAITING,
	  .storm = 2,
	  .seconds = 2,
	  .beside = READING,
	  .is_there = is_told_of_loss },
};

enum { KINDS = sizeof(kinds) / sizeof(kinds[0]) };

static const unsigned counts[] = { 100, 1000, HF_HOSTILE_MOST };

enum { COUNTS = sizeof(counts) / sizeof(counts[0]) };

/* ---- The figures ---- */

/* Of one peer. */
struct cost {
	double octets, second, packet; /* memory; ns a second and a packet */
};

static size_t memory(const hf_hostile *f)
{
	hf_stats stats;

	hf_stack_stats(f->stack, &stats);
	return stats.memory;
}

static void check(const hf_hostile *f)
{
	for (unsigned i = 0; i < f->count; i++) {
		hf_conn_info info;

		if (hf_conn_info_get(f->stack, f->conn[i], &info) != HF_OK ||
		    info.state != HF_ESTABLISHED || !f->kind->is_there(&info)) {
			fprintf(stderr, "%s\n", f->kind->name);
			hf_bench_fail("a peer is not where it was to be");
		}
	}
}

static struct cost suffer(const hf_hostile_kind *kind, unsigned count)
{
	hf_hostile *f = hf_hostile_new(kind, count);
	size_t before = memory(f), most;
	struct cost c;

	hf_hostile_connect(f, 0, count);
	hf_hostile_steps(f, SETTLE * HF_HOSTILE_STEPS);
	most = memory(f);
	f->took = 0;
	f->packets = 0;
	hf_hostile_connect(f, count, count + HF_HOSTILE_CLIENTS);
	hf_hostile_steps(f, kind->seconds * HF_HOSTILE_STEPS - 1);
	most = memory(f) > most ? memory(f) : most;
	c = (struct cost){ (double)(most - before) / count, f->took / kind->seconds / count * 1e9,
			   f->took / (double)f->packets * 1e9 };
	for (unsigned i = 0; i < PATIENCE && !hf_hostile_clients_are_done(f); i++)
		hf_hostile_steps(f, 1);
	if (!hf_hostile_clients_are_done(f))
		hf_bench_fail("a client among the attackers did not get its answer");
	check(f);
	hf_hostile_free(f);
	return c;
}

static double middle(double a, double b, double c)
{
	double least = a < b ? a : b, most = a < b ? b : a;

	return c < least ? least : c > most ? most : c;
}

static struct cost median(const struct cost *r)
{
	return (struct cost){ middle(r[0].octets, r[1].octets, r[2].octets),
			      middle(r[0].second, r[1].second, r[2].second),
			      middle(r[0].packet, r[1].packet, r[2].packet) };
}

static void show(const hf_hostile_kind *k, const struct cost *c)
{
	printf("           %s:", k->name);
	for (unsigned n = 0; n < COUNTS; n++)
		printf("%s %u: %.0f octets, %.0f ns a second, %.0f ns a packet", n > 0 ? ";" : "",
		       counts[n], c[n].octets, c[n].second, c[n].packet);
	printf("\n");
}

int main(void)
{
	static struct cost rounds[KINDS][COUNTS][ROUNDS], cost[KINDS][COUNTS];

	for (unsigned r = 0; r < ROUNDS; r++)
		for (unsigned n = 0; n < COUNTS; n++)
			for (unsigned k = 0; k < KINDS; k++)
				rounds[k][n][r] = suffer(&kinds[k], counts[n]);
	for (unsigned k = 0; k < KINDS; k++)
		for (unsigned n = 0; n < COUNTS; n++)
			cost[k][n] = median(rounds[k][n]);
	for (unsigned k = ATTACKS; k < KINDS; k++) {
		const struct cost *one = &cost[k][COUNTS - 1];
		const struct cost *other = &cost[kinds[k].beside][COUNTS - 1];

		printf("%7.2f x  %u hostile peers beside as many %s: memory; %.2f x: time a "
		       "second; "
		       "%.2f x: time a packet\n",
		       other->octets / one->octets, HF_HOSTILE_MOST, kinds[kinds[k].beside].name,
		       other->second / one->second, other->packet / one->packet);
		show(&kinds[k], cost[k]);
	}
	show(&kinds[READING], cost[READING]);
	show(&kinds[IDLE], cost[IDLE]);
	fflush(stdout);
	return 0;
}
