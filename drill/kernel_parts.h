/* SPDX-License-Identifier: BSD-2-Clause */
/* What the parts of the kernel target share. */
#ifndef HF_DRILL_KERNEL_PARTS_H
#define HF_DRILL_KERNEL_PARTS_H

#include <sys/socket.h>

#include "drill/kernel.h"
#include "drill/kernel_helper.h"
#include "drill/session.h"
#include "io/link.h"

/** A system call on its way to the kernel and back. */
typedef struct hf_kcall {
	hf_calling calling; /**< `state` and `answer` are of the present try */
	hf_job *job;
	const char *congestion; /**< that a new socket gets */
	hf_sock *sock;          /**< whom argument 0 names; NULL: nobody */
	uint8_t *buffer;        /**< octets that are read */
	size_t room;
	struct msghdr *message;
	void *filled; /**< what else the kernel fills in */
} hf_kcall;

/** What the target keeps for a session. */
typedef struct hf_kernel {
	int home; /**< the namespace that the thread came from */
	hf_link *link;
	const char *congestion; /**< the algorithm that sockets get */
	hf_helper helper;
	hf_kcall call; /**< the last one, which may sleep */
} hf_kernel;

#define HF_KCALL_LARGEST (1 << 26) /**< octets of a buffer */

/** Fills in the job. False: the call cannot be made; the answer says why. */
typedef bool hf_kcall_prepare(hf_kcall *k);
/** Looks at what the kernel answered. */
typedef void hf_kcall_finish(hf_kcall *k);

/** Tries the call of an event, or asks the one that sleeps. */
hf_answer hf_kernel_call(hf_session *s, const hf_drill_call *call, hf_call_state *state);
void hf_kernel_check_call(hf_drill_script *script, const hf_drill_call *call);

hf_kcall_prepare hf_kcall_setsockopt, hf_kcall_getsockopt, hf_kcall_ioctl;
hf_kcall_finish hf_kcall_getsockopt_end, hf_kcall_ioctl_end;
hf_kcall_prepare hf_kcall_sendmsg, hf_kcall_recvmsg, hf_kcall_readv, hf_kcall_writev;
hf_kcall_finish hf_kcall_recvmsg_end, hf_kcall_read_end;
hf_kcall_prepare hf_kcall_open, hf_kcall_pipe, hf_kcall_splice, hf_kcall_sendfile;
hf_kcall_finish hf_kcall_open_end, hf_kcall_pipe_end;
hf_kcall_prepare hf_kcall_poll, hf_kcall_epoll_ctl, hf_kcall_epoll_wait;
hf_kcall_finish hf_kcall_poll_end, hf_kcall_epoll_wait_end;

/** A descriptor of the kernel's becomes one of the script's, whose number is chosen later. */
hf_sock *hf_kcall_made(hf_kcall *k, long live);
/** Looks a figure up in the `len` octets that TCP_INFO returned. False: it is not there. */
bool hf_kernel_info_find(const uint8_t *info, size_t len, const char *name, int64_t *out);

/** A connection is opened from the call's socket to `port`, unless it has one. */
void hf_kcall_opens(hf_kcall *k, uint16_t port);
/** Argument 0, a descriptor; one that is not open goes as -1. */
bool hf_kcall_fd(hf_kcall *k);
/** An integer argument that goes as it is; `otherwise` for `...`. */
bool hf_kcall_int(hf_kcall *k, unsigned n, int64_t otherwise);
/** An argument for the job. */
long hf_kcall_pointer(const void *p);
/** The kernel's descriptor for one of the script's; -1: there is none. */
int hf_kcall_live(const hf_kcall *k, int64_t fd);
/** The first of a list, or the expression itself. */
const hf_expr *hf_kcall_inside(const hf_expr *e);
/** Octets that the kernel can fill, none of which is 0 before. */
uint8_t *hf_kcall_room(hf_kcall *k, size_t octets);
/** Octets that are 0. */
uint8_t *hf_kcall_zeros(hf_kcall *k, size_t octets);
/** The address of the script's side, at `port`, as a socket of `domain` wants it. */
const struct sockaddr *hf_kcall_address(const hf_kcall *k, const hf_addr *addr, uint16_t port,
					socklen_t *len);

/** Writes a setting below /proc/sys. NULL: done; else why not. */
const char *hf_kernel_set(hf_arena *a, const char *name, const char *value);
const char *hf_kernel_command(hf_session *s, const char *text);
void hf_kernel_check_command(hf_drill_script *script, const char *text, hf_drill_at at);

bool hf_kernel_figure(hf_session *s, const char *name, hf_datum *out);
bool hf_kernel_knows_figure(const char *name);

#endif
