/* SPDX-License-Identifier: BSD-2-Clause */
/* What the shell commands of a script mean for the kernel: settings and counts. */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "drill/kernel_parts.h"
#include "drill/shell.h"
#include "drill/shell_words.h"

#define PATH_ROOM 256

/* ---- Settings ---- */

/* What Linux calls a setting of FreeBSD's that both have, with the same values. */
static const struct {
	const char *freebsd, *native[2];
} same[] = {
	{ "net.inet.tcp.rfc1323", { "net.ipv4.tcp_timestamps", "net.ipv4.tcp_window_scaling" } },
	{ "net.inet.tcp.sack.enable", { "net.ipv4.tcp_sack", NULL } },
	{ "net.inet.tcp.ecn.enable", { "net.ipv4.tcp_ecn", NULL } },
	{ "net.inet.tcp.syncookies", { "net.ipv4.tcp_syncookies", NULL } },
	{ "net.inet.ip.ttl", { "net.ipv4.ip_default_ttl", NULL } },
};

/* The names under which the kernel knows a setting. */
static void names_of(const char *name, const char *out[2])
{
	out[0] = name;
	out[1] = NULL;
	for (size_t i = 0; i < sizeof(same) / sizeof(same[0]); i++) {
		if (strcmp(same[i].freebsd, name) == 0)
			memcpy(out, same[i].native, sizeof(same[i].native));
	}
}

static bool path_of(const char *name, char path[PATH_ROOM])
{
	int len = snprintf(path, PATH_ROOM, "/proc/sys/%s", name);

	if (len < 0 || len >= PATH_ROOM || strstr(name, "..") != NULL)
		return false;
	for (char *p = path + strlen("/proc/sys/"); *p != '\0'; p++)
		*p = *p == '.' ? '/' : *p;
	return true;
}

const char *hf_kernel_set(hf_arena *a, const char *name, const char *value)
{
	char path[PATH_ROOM];
	ssize_t put = -1;
	int fd = path_of(name, path) ? open(path, O_WRONLY | O_CLOEXEC) : -1;
	int code;

	if (fd >= 0)
		put = write(fd, value, strlen(value));
	code = errno;
	if (fd >= 0)
		(void)close(fd);
	return put >= 0 ?
		       NULL :
		       hf_arena_format(a, "cannot set %s to %s: %s", name, value, strerror(code));
}

/*
 * A namespace may not choose every algorithm as its default; a socket may, so that each gets what
 * was set.
 */
static bool is_congestion(const char *name)
{
	return strcmp(name, "net.ipv4.tcp_congestion_control") == 0 ||
	       strcmp(name, "net.inet.tcp.cc.algorithm") == 0;
}

/*
 * Only what belongs to a namespace is set: anything else would change the machine. Under net.core
 * that cannot be told apart.
 */
static bool knows(const char *name, const char *value)
{
	const char *names[2];
	char path[PATH_ROOM];

	(void)value;
	if (is_congestion(name))
		return true;
	names_of(name, names);
	return (strncmp(names[0], "net.ipv4.", 9) == 0 || strncmp(names[0], "net.ipv6.", 9) == 0) &&
	       path_of(names[0], path) && access(path, F_OK) == 0;
}

static const char *set(void *ctx, const char *name, const char *value)
{
	hf_session *s = ctx;
	hf_kernel *k = s->target_ctx;
	const char *names[2], *why;

	if (is_congestion(name)) {
		k->congestion = strcmp(value, "newreno") == 0 ?
					"reno" :
					hf_arena_copy(s->arena, value, strlen(value));
		return NULL;
	}
	names_of(name, names);
	why = hf_kernel_set(s->arena, names[0], value);
	if (why == NULL && names[1] != NULL)
		why = hf_kernel_set(s->arena, names[1], value);
	s->is_lacking |= why != NULL; /* a value that this kernel does not know */
	return why;
}

/* ---- Counts ---- */

/* The kernel's numbers, in the order of hf_state. */
static int number_of(hf_state state)
{
	static const int numbers[HF_STATE_COUNT] = {
		[HF_CLOSED] = 7,       [HF_LISTEN] = 10,     [HF_SYN_SENT] = 2,
		[HF_SYN_RECEIVED] = 3, [HF_ESTABLISHED] = 1, [HF_FIN_WAIT_1] = 4,
		[HF_FIN_WAIT_2] = 5,   [HF_CLOSE_WAIT] = 8,  [HF_CLOSING] = 11,
		[HF_LAST_ACK] = 9,     [HF_TIME_WAIT] = 6,
	};

	return numbers[state];
}

/* Each line is: number, local address, remote address, state, and more. */
static int64_t count_in(const char *path, int state)
{
	FILE *file = fopen(path, "r");
	char line[512];
	unsigned got;
	int64_t n = 0;

	while (file != NULL && fgets(line, sizeof(line), file) != NULL) {
		if (sscanf(line, " %*u: %*s %*s %x", &got) == 1)
			n += got == (unsigned)state;
	}
	if (file != NULL)
		(void)fclose(file);
	return n;
}

static int64_t count(void *ctx, hf_state state)
{
	int number = number_of(state);

	(void)ctx;
	return count_in("/proc/thread-self/net/tcp", number) +
	       count_in("/proc/thread-self/net/tcp6", number);
}

/* ---- Counters ---- */

#define FIELDS 512
#define COUNTS_ROOM 16384

/* Two lines belong together: "TcpExt: NAME NAME ..." and "TcpExt: N N ...". */
static void add_counters(hf_arena *arena, char *names, char *values, hf_counters *out)
{
	char *name_at, *value_at;
	char *prefix = strtok_r(names, ": \n", &name_at), *name, *value;

	(void)strtok_r(values, ": \n", &value_at);
	while ((name = strtok_r(NULL, " \n", &name_at)) != NULL &&
	       (value = strtok_r(NULL, " \n", &value_at)) != NULL && out->count < FIELDS)
		out->at[out->count++] = (hf_counter){ hf_arena_format(arena, "%s%s", prefix, name),
						      strtoll(value, NULL, 10) };
}

static void read_counters(hf_arena *arena, const char *path, hf_counters *out)
{
	char *names = hf_arena_take(arena, COUNTS_ROOM),
	     *values = hf_arena_take(arena, COUNTS_ROOM);
	FILE *file = fopen(path, "r");

	while (file != NULL && fgets(names, COUNTS_ROOM, file) != NULL &&
	       fgets(values, COUNTS_ROOM, file) != NULL)
		add_counters(arena, names, values, out);
	if (file != NULL)
		(void)fclose(file);
}

static hf_counters counters(void *ctx, hf_arena *arena, bool begins)
{
	hf_session *s = ctx;
	hf_counters c = { hf_arena_take(arena, FIELDS * sizeof(hf_counter)), 0 };

	read_counters(arena, "/proc/thread-self/net/snmp", &c);
	read_counters(arena, "/proc/thread-self/net/netstat", &c);
	return s != NULL ? hf_sockets_count(&s->sockets, c, begins) : c;
}

static void put_file(void *ctx, const char *path, int64_t size)
{
	hf_session *s = ctx;

	hf_sockets_put_file(&s->sockets, path, size);
}

/* The buffers that the scripts expect which call `defaults.sh`: a window scale of 8. */
static void use_linux(void *ctx)
{
	hf_session *s = ctx;

	(void)hf_kernel_set(s->arena, "net.ipv4.tcp_rmem", "4096 540000 15728640");
	(void)hf_kernel_set(s->arena, "net.ipv4.tcp_wmem", "4096 262144 4194304");
}

/* ---- Commands ---- */

static const hf_shell_target kernel = { knows, set, count, counters, NULL, put_file, use_linux };

void hf_kernel_check_command(hf_drill_script *script, const char *text, hf_drill_at at)
{
	hf_shell_words_check(&kernel, script, text, at);
}

const char *hf_kernel_command(hf_session *s, const char *text)
{
	return hf_shell_words_run(&kernel, s, s->arena, text);
}
