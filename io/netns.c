/* SPDX-License-Identifier: BSD-2-Clause */
/* A user and network namespace made by a short-lived child, and programs started in it. */
/*
 * An ordinary user may make a user namespace, is root inside it, and may therefore have a network
 * namespace with a TUN device of its own, where no privilege over the machine is needed. Entering a
 * user namespace is not to be undone, so a child does it: it makes the namespaces, the device and
 * its addresses, passes the three descriptors back over a socket and exits. The descriptors keep
 * everything alive; when they are closed, by whatever end of the process, the kernel clears up.
 *
 *     parent                       child
 *     fork            ---------->  unshare, map ids, lo up, TUN made and set up
 *     recvmsg         <----------  report + descriptors: TUN, network namespace, user namespace
 *     waitpid                      _exit
 *
 * Root needs no user namespace, and does without: some systems forbid it to everybody.
 */
#include <errno.h>
#include <fcntl.h>
#include <net/if.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include "io/netlink.h"
#include "io/netns.h"

enum { FD_TUN, FD_NET, FD_USER, FD_COUNT };

/* What the child says. */
typedef struct report {
	bool ok;
	hf_tun_traits traits;
	hf_io_error error;
} report;

/* ---- The child ---- */

static bool write_file(const char *path, const char *text, hf_io_error *error)
{
	int fd = open(path, O_WRONLY | O_CLOEXEC);
	ssize_t put = fd < 0 ? -1 : write(fd, text, strlen(text));
	int code = errno;

	if (fd >= 0)
		(void)close(fd);
	if (put < 0)
		return hf_io_fail(error, code, "cannot write %s: %s", path, strerror(code));
	return true;
}

static bool tell_no_namespace(int code, hf_io_error *error)
{
	const char *hint = "";

	if (code == EPERM || code == EACCES)
		hint = " (this system forbids user namespaces to ordinary users)";
	else if (code == ENOSPC || code == EUSERS)
		hint = " (/proc/sys/user/max_user_namespaces or max_net_namespaces is reached)";
	else if (code == EINVAL || code == ENOSYS)
		hint = " (the kernel has no user namespaces)";
	return hf_io_fail(error, code, "cannot make a network namespace: %s%s", strerror(code),
			  hint);
}

/* The user becomes root inside, and nobody else exists there (user_namespaces(7)). */
static bool map_ids(uid_t uid, gid_t gid, hf_io_error *error)
{
	char line[64];

	(void)snprintf(line, sizeof(line), "0 %u 1\n", (unsigned)uid);
	if (!write_file("/proc/self/uid_map", line, error) ||
	    !write_file("/proc/self/setgroups", "deny", error))
		return false;
	(void)snprintf(line, sizeof(line), "0 %u 1\n", (unsigned)gid);
	return write_file("/proc/self/gid_map", line, error);
}

static bool enter_new(bool *has_user, hf_io_error *error)
{
	uid_t uid = geteuid();
	gid_t gid = getegid();

	*has_user = false;
	if (unshare(CLONE_NEWNET) == 0)
		return true;
	if (unshare(CLONE_NEWUSER | CLONE_NEWNET) != 0)
		return tell_no_namespace(errno, error);
	*has_user = true;
	return map_ids(uid, gid, error);
}

static bool loopback_up(hf_io_error *error)
{
	hf_netlink n;
	bool ok;

	if (!hf_netlink_open(&n, error))
		return false;
	ok = hf_netlink_up(&n, (int)if_nametoindex("lo"), 0, 0, error);
	hf_netlink_close(&n);
	return ok;
}

bool hf_netns_enter(hf_io_error *error)
{
	bool has_user;

	return enter_new(&has_user, error) && loopback_up(error);
}

static bool child_make(const hf_tun_options *tun, int fd[FD_COUNT], report *r)
{
	bool has_user;

	if (!enter_new(&has_user, &r->error) || !loopback_up(&r->error))
		return false;
	fd[FD_NET] = open("/proc/self/ns/net", O_RDONLY | O_CLOEXEC);
	if (has_user)
		fd[FD_USER] = open("/proc/self/ns/user", O_RDONLY | O_CLOEXEC);
	if (fd[FD_NET] < 0 || (has_user && fd[FD_USER] < 0))
		return hf_io_fail(&r->error, errno, "cannot hold the namespace: %s",
				  strerror(errno));
	fd[FD_TUN] = hf_tun_make(tun, &r->traits, &r->error);
	return fd[FD_TUN] >= 0;
}

/* A report with up to FD_COUNT descriptors, in order, up to the first that is missing. */
static void child_send(int socket, const report *r, const int fd[FD_COUNT])
{
	union {
		struct cmsghdr header;
		char octet[CMSG_SPACE(FD_COUNT * sizeof(int))];
	} control = { .octet = { 0 } };
	struct iovec part = { (void *)(uintptr_t)r, sizeof(*r) };
	struct msghdr message = { .msg_iov = &part, .msg_iovlen = 1 };
	size_t count = 0;

	while (count < FD_COUNT && fd[count] >= 0)
		count++;
	if (r->ok) {
		message.msg_control = control.octet;
		message.msg_controllen = CMSG_SPACE(count * sizeof(int));
		control.header.cmsg_level = SOL_SOCKET;
		control.header.cmsg_type = SCM_RIGHTS;
		control.header.cmsg_len = CMSG_LEN(count * sizeof(int));
		memcpy(CMSG_DATA(&control.header), fd, count * sizeof(int));
	}
	(void)sendmsg(socket, &message, MSG_NOSIGNAL);
}

static _Noreturn void child_main(int socket, const hf_tun_options *tun)
{
	int fd[FD_COUNT] = { -1, -1, -1 };
	report r = { 0 };

	r.ok = child_make(tun, fd, &r);
	child_send(socket, &r, fd);
	_exit(0);
}

/* ---- The parent ---- */

static bool parent_receive(int socket, report *r, int fd[FD_COUNT])
{
	union {
		struct cmsghdr header;
		char octet[CMSG_SPACE(FD_COUNT * sizeof(int))];
	} control;
	struct iovec part = { r, sizeof(*r) };
	struct msghdr message = { .msg_iov = &part,
				  .msg_iovlen = 1,
				  .msg_control = control.octet,
				  .msg_controllen = sizeof(control.octet) };
	struct cmsghdr *c;
	ssize_t got;

	do
		got = recvmsg(socket, &message, MSG_CMSG_CLOEXEC);
	while (got < 0 && errno == EINTR);
	if (got != (ssize_t)sizeof(*r))
		return hf_io_fail(&r->error, got < 0 ? errno : 0,
				  "cannot make a network namespace: the helper process died");
	c = CMSG_FIRSTHDR(&message);
	if (c && c->cmsg_type == SCM_RIGHTS)
		memcpy(fd, CMSG_DATA(c), c->cmsg_len - CMSG_LEN(0));
	return r->ok;
}

static void close_all(const int *fd, size_t n)
{
	for (size_t i = 0; i < n; i++)
		if (fd[i] >= 0)
			(void)close(fd[i]);
}

static void reap(pid_t pid)
{
	while (waitpid(pid, NULL, 0) < 0 && errno == EINTR)
		;
}

bool hf_netns_new(const hf_tun_options *tun, hf_netns *out, hf_link **link, hf_io_error *error)
{
	int fd[FD_COUNT] = { -1, -1, -1 }, pair[2];
	report r = { 0 };
	pid_t pid;
	bool ok;

	if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, pair) != 0)
		return hf_io_fail(error, errno, "cannot make a socket: %s", strerror(errno));
	pid = fork();
	if (pid < 0) {
		(void)hf_io_fail(error, errno, "cannot start a process: %s", strerror(errno));
		close_all(pair, 2);
		return false;
	}
	if (pid == 0)
		child_main(pair[1], tun);
	(void)close(pair[1]);
	ok = parent_receive(pair[0], &r, fd);
	(void)close(pair[0]);
	reap(pid);
	if (!ok) {
		close_all(fd, FD_COUNT);
		return hf_io_fail(error, r.error.code, "%s", r.error.text);
	}
	if (!hf_tun_adopt(fd[FD_TUN], &r.traits, link, error)) {
		close_all(fd + FD_NET, FD_COUNT - FD_NET);
		return false;
	}
	*out = (hf_netns){ .net_fd = fd[FD_NET], .user_fd = fd[FD_USER] };
	return true;
}

void hf_netns_free(hf_netns *ns)
{
	close_all(&ns->net_fd, 1);
	close_all(&ns->user_fd, 1);
	*ns = (hf_netns){ .net_fd = -1, .user_fd = -1 };
}

/* ---- Programs inside ---- */

static bool place_stdio(const int stdio[3])
{
	int copy[3];

	/*
	 * First out of the way of 0, 1 and 2, so that no copy overwrites one that is still to be
	 * made.
	 */
	for (int i = 0; i < 3; i++)
		if ((copy[i] = fcntl(stdio[i] < 0 ? i : stdio[i], F_DUPFD_CLOEXEC, 3)) < 0)
			return false;
	for (int i = 0; i < 3; i++)
		if (dup2(copy[i], i) < 0)
			return false;
	return true;
}

/* Returns only on failure, with the errno. */
static int program_main(const hf_netns *ns, char *const argv[], const int stdio[3], pid_t parent)
{
	sigset_t none;

	if (ns->user_fd >= 0 && setns(ns->user_fd, CLONE_NEWUSER) != 0)
		return errno;
	if (setns(ns->net_fd, CLONE_NEWNET) != 0 || !place_stdio(stdio))
		return errno;
	/* Entering a user namespace clears this setting, so it comes after. */
	if (prctl(PR_SET_PDEATHSIG, SIGKILL) != 0)
		return errno;
	if (getppid() != parent)
		_exit(0);
	(void)sigemptyset(&none);
	(void)sigprocmask(SIG_SETMASK, &none, NULL);
	(void)signal(SIGPIPE, SIG_DFL);
	(void)execvp(argv[0], argv);
	return errno;
}

bool hf_netns_spawn(const hf_netns *ns, char *const argv[], const int stdio[3], pid_t *pid,
		    hf_io_error *error)
{
	pid_t parent = getpid(), child;
	int told = 0, pipe_fd[2];
	ssize_t got;

	/* The write end closes by itself when the program starts: no message is good news. */
	if (pipe2(pipe_fd, O_CLOEXEC) != 0)
		return hf_io_fail(error, errno, "cannot make a pipe: %s", strerror(errno));
	child = fork();
	if (child == 0) {
		told = program_main(ns, argv, stdio, parent);
		got = write(pipe_fd[1], &told, sizeof(told));
		_exit(got == (ssize_t)sizeof(told) ? 127 : 126);
	}
	if (child < 0)
		told = errno;
	(void)close(pipe_fd[1]);
	do
		got = child < 0 ? 0 : read(pipe_fd[0], &told, sizeof(told));
	while (got < 0 && errno == EINTR);
	(void)close(pipe_fd[0]);
	if (told) {
		if (child > 0)
			reap(child);
		return hf_io_fail(error, told, "cannot start %s: %s", argv[0], strerror(told));
	}
	*pid = child;
	return true;
}
