/* SPDX-License-Identifier: BSD-2-Clause */
/* A network of an ordinary user's own: a namespace with a TUN, and programs run inside. */
#ifndef HF_IO_NETNS_H
#define HF_IO_NETNS_H

#include <sys/types.h>

#include "io/tun.h"

/**
 * A network namespace (and, for an ordinary user, the user namespace that owns it). It lives as
 * long as these descriptors or a program inside; when they are gone the kernel removes all of it.
 */
typedef struct hf_netns {
	int user_fd; /**< -1: no user namespace was needed */
	int net_fd;
} hf_netns;

/**
 * Puts the calling thread into a new network namespace, whose loopback is up; for an ordinary user,
 * who may not have other threads then, the whole process also into a new user namespace. There is
 * no way back from the latter. The namespace goes away with the last thread or socket in it.
 */
bool hf_netns_enter(hf_io_error *error);

/**
 * Makes the namespace, brings its loopback up, opens a TUN in it as `tun` says (`tun->netns` must
 * be NULL), and returns the link, which works from outside. On failure nothing is left behind, and
 * `error` names what the machine forbids.
 */
bool hf_netns_new(const hf_tun_options *tun, hf_netns *out, hf_link **link, hf_io_error *error);

/**
 * Starts `argv[0]` (looked up in PATH) inside. `stdio` holds the descriptors that become its 0, 1
 * and 2; -1: as ours. It gets SIGKILL if this program dies first. The caller waits for `*pid`. A
 * program that cannot be started is told here, not by an exit status.
 */
bool hf_netns_spawn(const hf_netns *ns, char *const argv[], const int stdio[3], pid_t *pid,
		    hf_io_error *error);

/** Lets go of the namespace. */
void hf_netns_free(hf_netns *ns);

#endif
