/* SPDX-License-Identifier: BSD-2-Clause */
/* A capture tap: packets with their verdicts into a pcapng file. */
/*
 * Blocks gather in memory and go to the file when there are many, when the loop is about to sleep,
 * and at the end. When the file takes no more (a full disk, a reader gone away), the rest is given
 * up: the file is cut back to its last whole block, so that what there is can be read, and the
 * owner is told once.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/octets.h"
#include "io/capture.h"
#include "io/pcapng.h"
#include "wire/checksum.h"

#define BUFFER ((size_t)256 * 1024) /* holds any one packet with its comment */
#define COMMENT_ROOM 256
#define PACKET_LONGEST ((size_t)128 * 1024)

struct hf_capture {
	hf_capture_options options;
	char *path;
	int fd;
	bool is_broken;
	bool is_ours; /* a file that this capture began: it may be cut */
	hf_io_error error;
	off_t whole; /* octets of whole blocks in the file */
	size_t used; /* octets in the buffer: whole blocks */
	uint8_t buffer[BUFFER];
};

/* ---- The file ---- */

/* The octets of whole blocks among the first `n` of the buffer. */
static size_t whole_blocks(const hf_capture *c, size_t n)
{
	size_t at = 0;

	while (at + 8 <= n) {
		const uint8_t *l = c->buffer + at + 4;
		size_t len = (size_t)l[0] | (size_t)l[1] << 8 | (size_t)l[2] << 16 |
			     (size_t)l[3] << 24;

		if (len > n - at)
			break;
		at += len;
	}
	return at;
}

static void give_up(hf_capture *c, int code, size_t written)
{
	off_t good = c->whole + (off_t)whole_blocks(c, written);

	c->is_broken = true;
	c->used = 0;
	(void)hf_io_fail(&c->error, code, "cannot write %s: %s: the capture has stopped", c->path,
			 strerror(code));
	/* Fails on a pipe, where there is nothing to mend. */
	if (c->is_ours && ftruncate(c->fd, good) == 0)
		c->whole = good;
	if (c->options.on_error)
		c->options.on_error(c->options.ctx, &c->error);
}

void hf_capture_flush(hf_capture *c)
{
	size_t done = 0;

	while (done < c->used) {
		ssize_t put = write(c->fd, c->buffer + done, c->used - done);

		if (put < 0 && errno == EINTR)
			continue;
		if (put <= 0) {
			give_up(c, put < 0 ? errno : EIO, done);
			return;
		}
		done += (size_t)put;
	}
	c->whole += (off_t)c->used;
	c->used = 0;
}

static uint8_t *room_for(hf_capture *c, size_t len)
{
	if (c->used + len > BUFFER)
		hf_capture_flush(c);
	return c->buffer + c->used;
}

static void write_head(hf_capture *c)
{
	uint16_t type = c->options.kind == HF_LINK_IP ? HF_LINKTYPE_RAW : HF_LINKTYPE_ETHERNET;

	c->used = hf_pcapng_section(c->buffer, BUFFER, "handfast");
	c->used += hf_pcapng_interface(c->buffer + c->used, BUFFER - c->used, type,
				       c->options.link_name);
	hf_capture_flush(c);
}

bool hf_capture_open(const hf_capture_options *options, hf_capture **out, hf_io_error *error)
{
	bool to_stdout = strcmp(options->path, "-") == 0;
	hf_capture *c = malloc(sizeof(*c));

	if (!c)
		return hf_io_fail(error, ENOMEM, "no memory for a capture");
	memset(c, 0, offsetof(hf_capture, buffer));
	c->options = *options;
	c->is_ours = !to_stdout;
	c->path = strdup(to_stdout ? "standard output" : options->path);
	c->fd = to_stdout ? fcntl(STDOUT_FILENO, F_DUPFD_CLOEXEC, 3) :
			    open(options->path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0666);
	if (c->fd < 0 || !c->path) {
		(void)hf_io_fail(error, errno, "cannot open %s: %s", options->path,
				 strerror(errno));
		(void)hf_capture_close(c, NULL);
		return false;
	}
	c->options.on_error = NULL; /* what goes wrong now is this call's answer */
	write_head(c);
	c->options = *options;
	c->options.path = c->path;
	c->options.link_name = NULL;
	if (c->is_broken) {
		(void)hf_capture_close(c, error);
		return false;
	}
	*out = c;
	return true;
}

bool hf_capture_close(hf_capture *c, hf_io_error *error)
{
	bool ok;

	if (!c)
		return true;
	if (c->fd >= 0) {
		hf_capture_flush(c);
		c->is_ours = false; /* once closed, it is out of reach */
		if (close(c->fd) != 0 && !c->is_broken)
			give_up(c, errno, 0);
	}
	ok = !c->is_broken;
	if (!ok && error)
		*error = c->error;
	free(c->path);
	free(c);
	return ok;
}

/* ---- Packets ---- */

/* "seq-outside: outside the receive window (RFC 9293 3.10.7.4); ESTABLISHED". */
static const char *verdict(bool leaving, const hf_packet *p, char text[COMMENT_ROOM])
{
	hf_reason reason = (hf_reason)p->reason;
	const char *state = hf_state_name((hf_state)p->state);
	bool has_state = p->state != HF_CLOSED;
	bool has_reason = !leaving && reason != HF_WHY_NONE;
	bool has_cause = leaving && p->cause != HF_SENT_NONE;

	if (has_reason)
		(void)snprintf(text, COMMENT_ROOM, "%s: %s (%s)%s%s", hf_reason_name(reason),
			       hf_reason_text(reason),
			       *hf_reason_section(reason) ? hf_reason_section(reason) : "Handfast",
			       has_state ? "; " : "", has_state ? state : "");
	else if (has_cause)
		(void)snprintf(text, COMMENT_ROOM, "%s%s%s", hf_cause_name((hf_cause)p->cause),
			       has_state ? "; " : "", has_state ? state : "");
	else if (has_state)
		(void)snprintf(text, COMMENT_ROOM, "%s", state);
	else
		return NULL;
	return text;
}

/* The checksum that whoever took the packet over would have put in. */
static void complete_checksum(const hf_packet *p, uint8_t *copy)
{
	uint32_t field = (uint32_t)p->csum_start + p->csum_offset;

	if (!(p->flags & HF_PACKET_CSUM_PARTIAL) || field + 2 > p->len)
		return;
	hf_put16(copy + field,
		 hf_sum_finish(hf_sum_octets(0, copy + p->csum_start, p->len - p->csum_start)));
}

/* Octets from the start of an enhanced packet block to the packet's own. */
#define PACKET_AT 28

void hf_capture_packet(hf_capture *c, bool leaving, const hf_packet *packet, hf_time now)
{
	char text[COMMENT_ROOM];
	hf_pcapng_packet p = {
		.data = packet->data,
		.len = packet->len,
		.time = (uint64_t)(now.ns + c->options.wall_offset),
		.leaving = leaving,
	};
	uint8_t *at;

	if (c->is_broken || packet->len > PACKET_LONGEST)
		return;
	p.comment = verdict(leaving, packet, text);
	at = room_for(c, hf_pcapng_packet_len(&p));
	if (c->is_broken)
		return;
	c->used += hf_pcapng_put_packet(at, BUFFER - c->used, &p);
	complete_checksum(packet, at + PACKET_AT);
}

static void observe_packet(void *ctx, bool leaving, const hf_packet *packet, hf_time now)
{
	hf_capture_packet(ctx, leaving, packet, now);
}

static void observe_idle(void *ctx)
{
	hf_capture_flush(ctx);
}

hf_observer hf_capture_observer(hf_capture *c)
{
	return (hf_observer){ .packet = observe_packet, .idle = observe_idle, .ctx = c };
}
