/* SPDX-License-Identifier: BSD-2-Clause */
/* The kernel's TCP as a target: a namespace, a TUN, real sockets and real time. */
#ifndef HF_DRILL_KERNEL_H
#define HF_DRILL_KERNEL_H

#include "drill/target.h"
#include "io/error.h"

/*
 * Theory of operation
 *
 * Each script has a network namespace of its own, made when it begins and gone when it ends, with a
 * TUN that has the script's addresses. Packets of the script are written to the TUN, what the
 * kernel sends is read from it. Calls are made on real sockets by a helper thread, so that one can
 * sleep while the script goes on. Settings are written to /proc/sys inside the namespace; a setting
 * of FreeBSD's is translated where Linux has the same thing. A fresh namespace takes some settings
 * over from the machine: they get the values that the kernel documents as its own.
 *
 * Several threads may run scripts at the same time: a namespace belongs to a thread.
 */
extern const hf_target hf_target_kernel;

/**
 * Must be called once, before there are other threads: finds out whether namespaces and TUN devices
 * can be had. An ordinary user enters a user namespace for good. False: `error` says what is
 * missing.
 */
bool hf_kernel_prepare(hf_io_error *error);

#endif
