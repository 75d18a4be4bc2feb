/* SPDX-License-Identifier: BSD-2-Clause */
/* --stats: what the stack holds and has done, on stderr, when asked for and at the end. */
#include <errno.h>
#include <inttypes.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/signalfd.h>
#include <unistd.h>

#include "cmd/stats.h"

struct hf_stats_teller {
	const hf_stack *stack;
	hf_watch *watch;
	int fd;
	sigset_t old_mask;
};

static void print_one(FILE *to, const char *group, const char *name, uint64_t value)
{
	fprintf(to, "%s%s %" PRIu64 "\n", group, name, value);
}

void hf_stats_print(FILE *to, const hf_stats *stats)
{
	const struct {
		const char *name;
		uint64_t value;
	} rows[] = {
		{ "connections", stats->connections },
		{ "half-open", stats->half_open },
		{ "time-wait", stats->time_wait },
		{ "listeners", stats->listeners },
		{ "memory-octets", stats->memory },
		{ "buffer-octets", stats->buffers },
		{ "packets-in", stats->packets_in },
		{ "packets-out", stats->packets_out },
		{ "octets-in", stats->octets_in },
		{ "octets-out", stats->octets_out },
		{ "opened-active", stats->opened_active },
		{ "opened-passive", stats->opened_passive },
		{ "accepted", stats->accepted },
	};

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
		print_one(to, "", rows[i].name, rows[i].value);
	for (unsigned i = 0; i < HF_REASON_COUNT; i++)
		if (stats->reasons[i])
			print_one(to, "reason ", hf_reason_name((hf_reason)i), stats->reasons[i]);
	for (unsigned i = 0; i < HF_CAUSE_COUNT; i++)
		if (stats->causes[i])
			print_one(to, "cause ", hf_cause_name((hf_cause)i), stats->causes[i]);
	fputs("end\n", to);
}

void hf_stats_teller_tell(const hf_stats_teller *t)
{
	hf_stats stats;

	if (!t)
		return;
	hf_stack_stats(t->stack, &stats);
	hf_stats_print(stderr, &stats);
}

static void on_signal(void *ctx, uint32_t events)
{
	const hf_stats_teller *t = ctx;
	struct signalfd_siginfo info;

	(void)events;
	while (read(t->fd, &info, sizeof(info)) == (ssize_t)sizeof(info))
		hf_stats_teller_tell(t);
}

bool hf_stats_teller_new(const hf_stack *stack, hf_poller *poller, hf_stats_teller **out,
			 hf_io_error *error)
{
	hf_watch_options watch = { .events = EPOLLIN, .fn = on_signal };
	hf_stats_teller *t = calloc(1, sizeof(*t));
	sigset_t mask;

	if (!t)
		return hf_io_fail(error, ENOMEM, "no memory for counters");
	t->stack = stack;
	sigemptyset(&mask);
	sigaddset(&mask, SIGUSR1);
	watch.ctx = t;
	watch.fd = t->fd = signalfd(-1, &mask, SFD_NONBLOCK | SFD_CLOEXEC);
	if (t->fd < 0) {
		hf_io_fail(error, errno, "cannot wait for SIGUSR1: %s", strerror(errno));
		free(t);
		return false;
	}
	if (!hf_watch_new(poller, &watch, &t->watch, error)) {
		close(t->fd);
		free(t);
		return false;
	}
	sigprocmask(SIG_BLOCK, &mask, &t->old_mask);
	*out = t;
	return true;
}

void hf_stats_teller_free(hf_stats_teller *t)
{
	if (!t)
		return;
	hf_watch_end(t->watch);
	close(t->fd);
	sigprocmask(SIG_SETMASK, &t->old_mask, NULL);
	free(t);
}
