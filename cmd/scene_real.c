/* SPDX-License-Identifier: BSD-2-Clause */
/* The scene on real packets: the kernel's curl against Handfast on a TUN. */
#include "cmd/stage.h"

#ifdef HF_HAVE_MICROHTTPD

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "cmd/answer.h"
#include "cmd/digest.h"
#include "cmd/site.h"
#include "io/netns.h"
#include "lab/apps.h"

#define FILE_OCTETS ((size_t)16 << 20)
#define STREAM 11
#define PAGE "Hello from a TCP in user space.\n"

typedef struct real {
	char directory[64];
	int root; /* -1: not open */
	hf_netns netns;
	hf_wire wire;
	hf_site *site;
	/* The program that is running. */
	hf_watch *watch;
	int output;
	bool has_ended;
	hf_digest digest;
	uint64_t received;
	bool is_wrong;
} real;

/* ---- What is served ---- */

static bool write_file(int root, const char *name, const void *octets, size_t len)
{
	int fd = openat(root, name, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
	size_t done = 0;

	while (fd >= 0 && done < len) {
		ssize_t n = write(fd, (const char *)octets + done, len - done);

		if (n <= 0)
			break;
		done += (size_t)n;
	}
	return fd >= 0 && close(fd) == 0 && done == len;
}

/* Makes the directory with a page and the file whose octets are known. */
static bool make_directory(real *r, char *digest)
{
	const char *base = getenv("TMPDIR");
	uint8_t *octets = malloc(FILE_OCTETS);
	hf_digest d;
	bool is_made;

	snprintf(r->directory, sizeof(r->directory), "%s/handfast-XXXXXX",
		 base && strlen(base) < 40 ? base : "/tmp");
	is_made = octets && mkdtemp(r->directory);
	if (!is_made)
		r->directory[0] = 0;
	r->root = is_made ? hf_answer_root(r->directory) : -1;
	is_made = r->root >= 0 && write_file(r->root, "hello.txt", PAGE, strlen(PAGE));
	if (is_made) {
		hf_lab_stream(STREAM, 0, octets, FILE_OCTETS);
		hf_digest_start(&d);
		hf_digest_add(&d, octets, FILE_OCTETS);
		hf_digest_text(&d, digest);
		is_made = write_file(r->root, "file", octets, FILE_OCTETS);
	}
	free(octets);
	return is_made;
}

static void remove_directory(real *r)
{
	if (r->root >= 0) {
		unlinkat(r->root, "hello.txt", 0);
		unlinkat(r->root, "file", 0);
		close(r->root);
	}
	if (r->directory[0])
		rmdir(r->directory);
}

/* ---- Running curl ---- */

static void take(real *r, const char *octets, size_t len)
{
	size_t good = hf_lab_stream_check(STREAM, r->received, (const uint8_t *)octets, len);

	r->is_wrong |= good != len;
	hf_digest_add(&r->digest, octets, len);
	/* The page is short enough to be shown; the file is not. */
	if (r->received + len <= strlen(PAGE))
		fwrite(octets, 1, len, stdout);
	r->received += len;
}

static void on_output(void *ctx, uint32_t events)
{
	real *r = ctx;
	char octets[65536];
	ssize_t n;

	(void)events;
	while ((n = read(r->output, octets, sizeof(octets))) > 0)
		take(r, octets, (size_t)n);
	if (n == 0 || (errno != EAGAIN && errno != EINTR)) {
		r->has_ended = true;
		hf_loop_stop(r->wire.loop);
	}
}

/* Runs the loop until the program has closed its output; returns its exit status, or -1. */
static int attend(real *r, pid_t pid)
{
	hf_watch_options watch = { .fd = r->output, .events = EPOLLIN, .fn = on_output, .ctx = r };
	int status;

	r->has_ended = false;
	r->received = 0;
	r->is_wrong = false;
	hf_digest_start(&r->digest);
	if (hf_watch_new(r->wire.poller, &watch, &r->watch, NULL))
		(void)hf_wire_run(&r->wire);
	hf_watch_end(r->watch);
	if (!r->has_ended)
		kill(pid, SIGKILL);
	while (waitpid(pid, &status, 0) < 0 && errno == EINTR)
		;
	return r->has_ended && WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}

static int run_curl(real *r, const char *url)
{
	char *const args[] = { "curl",       "-q", "-sS",       "--noproxy", "*",
			       "--max-time", "20", (char *)url, NULL };
	hf_io_error error;
	int ends[2], code;
	pid_t pid;

	printf("$ curl %s\n", url);
	fflush(stdout);
	if (pipe2(ends, O_CLOEXEC) != 0)
		return -1;
	fcntl(ends[0], F_SETFL, O_NONBLOCK);
	r->output = ends[0];
	if (!hf_netns_spawn(&r->netns, args, (const int[]){ -1, ends[1], -1 }, &pid, &error)) {
		hf_stage_say("%s", error.text);
		close(ends[1]);
		code = -1;
	} else {
		close(ends[1]);
		code = attend(r, pid);
		/* So that the ladder is drawn to its end. */
		hf_wire_drain(&r->wire);
	}
	close(ends[0]);
	return code;
}

/* ---- The scene ---- */

static hf_scene_end show_page(real *r)
{
	int code = run_curl(r, "http://10.77.0.2/hello.txt");

	return hf_stage_verdict(code == 0 && r->received == strlen(PAGE),
				"The kernel's TCP and Handfast understand each other over IPv4.");
}

static hf_scene_end show_file(real *r, const char *sent)
{
	char received[HF_DIGEST_TEXT];
	int code = run_curl(r, "http://[fd77::2]/file");

	hf_digest_text(&r->digest, received);
	if (sent[0]) {
		printf("SHA-256 sent:     %s\n", sent);
		printf("SHA-256 received: %s\n", received);
	}
	return hf_stage_verdict(code == 0 && !r->is_wrong && r->received == FILE_OCTETS &&
					strcmp(sent, received) == 0,
				"16 MiB over IPv6, nothing lost, doubled or out of order.");
}

static hf_scene_end play(real *r, const char *digest)
{
	hf_scene_end page = HF_SCENE_FAILED, file = HF_SCENE_FAILED;

	if (hf_site_new(&r->wire, r->root, 80, &r->site) != HF_EXIT_OK)
		return HF_SCENE_FAILED;
	page = show_page(r);
	if (!hf_wire_is_interrupted(&r->wire)) {
		putchar('\n');
		file = show_file(r, digest);
	}
	hf_site_free(r->site);
	return page == HF_SCENE_GOOD ? file : page;
}

static hf_scene_end skip(const char *why)
{
	hf_stage_say("Skipped: %s.", why);
	return HF_SCENE_SKIPPED;
}

hf_scene_end hf_scene_real(uint64_t seed)
{
	hf_wire_settings settings = { 0 };
	real r = { .root = -1 };
	hf_scene_end end = HF_SCENE_FAILED;
	char digest[HF_DIGEST_TEXT] = "";
	hf_host_addrs ours;
	hf_tun_options tun;
	hf_io_error error;
	hf_link *link;

	/* The kernel is no part of the lab: chance here is real. */
	(void)seed;
	hf_wire_default(&settings);
	settings.ladder = settings.quiet = true;
	settings.ladder_fd = STDOUT_FILENO;
	hf_wire_addresses(&settings, &ours);
	hf_wire_tun_options(&settings, &ours, &tun);
	if (!hf_netns_new(&tun, &r.netns, &link, &error))
		return skip(error.text);
	/*
	 * First the wire, which takes the signals: then nothing is left behind whenever one comes.
	 */
	if (hf_wire_open_link(&settings, link, &r.wire) == HF_EXIT_OK) {
		if (make_directory(&r, digest))
			end = play(&r, digest);
		else
			hf_stage_say("Cannot write 16 MiB to a temporary directory: %s.",
				     strerror(errno));
		if (hf_wire_is_interrupted(&r.wire))
			end = HF_SCENE_STOPPED;
		hf_wire_close(&r.wire, HF_EXIT_OK);
	}
	hf_netns_free(&r.netns);
	remove_directory(&r);
	return end;
}

#else

hf_scene_end hf_scene_real(uint64_t seed)
{
	(void)seed;
	hf_stage_say("Skipped: built without libmicrohttpd.");
	return HF_SCENE_SKIPPED;
}

#endif
