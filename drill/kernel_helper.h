/* SPDX-License-Identifier: BSD-2-Clause */
/* A thread that makes system calls for the runner, which must not sleep in one itself. */
#ifndef HF_DRILL_KERNEL_HELPER_H
#define HF_DRILL_KERNEL_HELPER_H

#include <pthread.h>
#include <stdatomic.h>
#include <sys/types.h>

#include "io/error.h"

/** One system call. What its arguments point to must last until it is done. */
typedef struct hf_job {
	long number;
	long argument[6];
	long result;
	int error; /**< if the result is -1 */
} hf_job;

typedef struct hf_helper {
	pthread_t thread;
	pid_t id;
	int wanted, done; /**< event descriptors; `done` is readable once the job is done */
	atomic_int state;
	hf_job job;
} hf_helper;

/** Starts the thread, in the network namespace of the caller. */
bool hf_helper_start(hf_helper *h, hf_io_error *error);
/** Interrupts the call, if there is one, and ends the thread. */
void hf_helper_stop(hf_helper *h);

/** Hands over `h->job`. The one before must have been taken. */
void hf_helper_submit(hf_helper *h);
/** Waits up to `ms`, or (if `may_sleep`) until the call sleeps. True: it is done. */
bool hf_helper_wait(hf_helper *h, int ms, bool may_sleep);
/** Takes a job that is done: the result is in `h->job`. False: it is not done yet. */
bool hf_helper_take(hf_helper *h);

#endif
