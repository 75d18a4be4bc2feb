/* SPDX-License-Identifier: BSD-2-Clause */
/* A thread that makes system calls for the runner. */
#include "drill/kernel_helper.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/eventfd.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

#define TICK_NS 100000L /* how often a call is looked at that is expected to sleep */

enum { IDLE, WANTED, RUNNING, DONE, ENDING };

static void ring(int fd)
{
	uint64_t one = 1;

	while (write(fd, &one, sizeof(one)) < 0 && errno == EINTR)
		;
}

static void await_ring(int fd)
{
	uint64_t count;

	while (read(fd, &count, sizeof(count)) < 0 && errno == EINTR)
		;
}

/* ---- The thread ---- */

static void *help(void *ctx)
{
	hf_helper *h = ctx;

	h->id = (pid_t)syscall(SYS_gettid);
	ring(h->done);
	for (;;) {
		hf_job *j = &h->job;

		await_ring(h->wanted);
		if (atomic_load(&h->state) == ENDING)
			return NULL;
		atomic_store(&h->state, RUNNING);
		j->result = syscall(j->number, j->argument[0], j->argument[1], j->argument[2],
				    j->argument[3], j->argument[4], j->argument[5]);
		j->error = j->result == -1 ? errno : 0;
		atomic_store(&h->state, DONE);
		ring(h->done);
	}
}

static void ignore(int number)
{
	(void)number;
}

/* Without SA_RESTART: the signal ends a call that sleeps. */
static void make_interruptible(void)
{
	struct sigaction action = { .sa_handler = ignore };

	(void)sigaction(SIGUSR2, &action, NULL);
}

bool hf_helper_start(hf_helper *h, hf_io_error *error)
{
	int code;

	make_interruptible();
	h->wanted = eventfd(0, EFD_CLOEXEC);
	h->done = eventfd(0, EFD_CLOEXEC);
	atomic_store(&h->state, IDLE);
	code = h->wanted < 0 || h->done < 0 ? errno : pthread_create(&h->thread, NULL, help, h);
	if (code == 0) {
		await_ring(h->done);
		return true;
	}
	if (h->wanted >= 0)
		(void)close(h->wanted);
	if (h->done >= 0)
		(void)close(h->done);
	return hf_io_fail(error, code, "cannot start a thread: %s", strerror(code));
}

void hf_helper_stop(hf_helper *h)
{
	while (atomic_load(&h->state) == WANTED || atomic_load(&h->state) == RUNNING) {
		(void)pthread_kill(h->thread, SIGUSR2);
		(void)hf_helper_wait(h, 1, false);
	}
	atomic_store(&h->state, ENDING);
	ring(h->wanted);
	(void)pthread_join(h->thread, NULL);
	(void)close(h->wanted);
	(void)close(h->done);
}

/* ---- Jobs ---- */

void hf_helper_submit(hf_helper *h)
{
	atomic_store(&h->state, WANTED);
	ring(h->wanted);
}

bool hf_helper_take(hf_helper *h)
{
	if (atomic_load(&h->state) != DONE)
		return false;
	await_ring(h->done);
	atomic_store(&h->state, IDLE);
	return true;
}

/* Is the thread in its call, asleep? Its state stands after the name, which may hold anything. */
static bool is_asleep(const hf_helper *h)
{
	char path[64], text[512];
	const char *end;
	ssize_t got;
	int fd;

	if (atomic_load(&h->state) != RUNNING)
		return false;
	(void)snprintf(path, sizeof(path), "/proc/self/task/%d/stat", (int)h->id);
	fd = open(path, O_RDONLY | O_CLOEXEC);
	got = fd < 0 ? 0 : read(fd, text, sizeof(text) - 1);
	if (fd >= 0)
		(void)close(fd);
	text[got > 0 ? got : 0] = '\0';
	end = strrchr(text, ')');
	return end != NULL && end[1] == ' ' && end[2] == 'S' && atomic_load(&h->state) == RUNNING;
}

bool hf_helper_wait(hf_helper *h, int ms, bool may_sleep)
{
	struct pollfd p = { .fd = h->done, .events = POLLIN };
	struct timespec tick = { .tv_nsec = TICK_NS };

	if (!may_sleep)
		return poll(&p, 1, ms) > 0;
	for (long n = 0; n < ms * (1000000L / TICK_NS); n++) {
		if (ppoll(&p, 1, &tick, NULL) > 0)
			return true;
		if (is_asleep(h))
			return false;
	}
	return false;
}
