/* SPDX-License-Identifier: BSD-2-Clause */
/* Network namespaces, as the benchmarks use them: entered, told things, asked what passed. */
#include "namespaces.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <sched.h>
#include <stdio.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "rounds.h"

int hf_bench_enter(const hf_netns *ns)
{
	int home = open("/proc/thread-self/ns/net", O_RDONLY | O_CLOEXEC);

	if (home < 0 || setns(ns->net_fd, CLONE_NEWNET) != 0)
		hf_bench_fail("cannot enter a network namespace");
	return home;
}

void hf_bench_leave(int home)
{
	if (setns(home, CLONE_NEWNET) != 0)
		hf_bench_fail("cannot leave a network namespace");
	close(home);
}

void hf_kernel_set(const hf_netns *ns, const char *name, const char *value)
{
	int home = hf_bench_enter(ns), fd;
	char path[128];

	snprintf(path, sizeof(path), "/proc/sys/net/ipv4/%s", name);
	fd = open(path, O_WRONLY | O_CLOEXEC);
	if (fd < 0 || write(fd, value, strlen(value)) < 0) {
		fprintf(stderr, "%s: %s\n", path, strerror(errno));
		hf_bench_fail("the kernel does not take a setting");
	}
	close(fd);
	hf_bench_leave(home);
}

bool hf_bench_shell(const hf_netns *ns, const char *line)
{
	char shell[] = "/bin/sh", option[] = "-c", text[512];
	char *argv[] = { shell, option, text, NULL };
	const int stdio[3] = { -1, -1, -1 };
	hf_io_error error;
	int status = 0;
	pid_t pid;

	snprintf(text, sizeof(text), "%s", line);
	if (!hf_netns_spawn(ns, argv, stdio, &pid, &error))
		hf_bench_fail(error.text);
	while (waitpid(pid, &status, 0) < 0 && errno == EINTR)
		;
	return WIFEXITED(status) && WEXITSTATUS(status) == 0;
}

/* A row of /proc/net/dev: eight counters of what came, eight of what went. */
static bool read_row(const char *row, const char *name, hf_bench_device *out)
{
	size_t len = strlen(name);

	row += strspn(row, " ");
	if (strncmp(row, name, len) != 0 || row[len] != ':')
		return false;
	return sscanf(row + len + 1,
		      "%*u %" SCNu64 " %*u %*u %*u %*u %*u %*u %*u %" SCNu64 " %*u %" SCNu64,
		      &out->received, &out->sent, &out->dropped) == 3;
}

hf_bench_device hf_bench_device_here(const char *name)
{
	FILE *f = fopen("/proc/thread-self/net/dev", "re");
	hf_bench_device device;
	bool found = false;
	char row[512];

	while (f && !found && fgets(row, sizeof(row), f))
		found = read_row(row, name, &device);
	if (!found)
		hf_bench_fail("a device is not there");
	fclose(f);
	return device;
}

hf_bench_device hf_bench_device_of(const hf_netns *ns, const char *name)
{
	int home = hf_bench_enter(ns);
	hf_bench_device device = hf_bench_device_here(name);

	hf_bench_leave(home);
	return device;
}
