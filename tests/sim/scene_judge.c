/* SPDX-License-Identifier: BSD-2-Clause */
/* The two-ended simulation: is the way that everything ended explained? */
#include "scene.h"

#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>

bool scene_blame(two_ends_result *out, const char *format, ...)
{
	va_list args;

	va_start(args, format);
	vsnprintf(out->problem, sizeof(out->problem), format, args);
	va_end(args);
	return false;
}

static bool is_timeout(hf_reason reason)
{
	return reason == HF_WHY_SYN_TIMEOUT || reason == HF_WHY_DATA_TIMEOUT ||
	       reason == HF_WHY_PROBE_TIMEOUT || reason == HF_WHY_KEEPALIVE_TIMEOUT ||
	       reason == HF_WHY_HALF_OPEN_EXPIRED;
}

/* Did the peer finish, and forget, before its last acknowledgement got through? */
static bool may_have_been_forgotten(const struct pair *p, int host)
{
	const hf_lab_talk *t = &p->talk[host], *peer = &p->talk[!host];

	return p->scene->is_lossy && peer->reason == HF_WHY_CLOSED_BY_BOTH && t->got_end &&
	       t->has_shut && peer->received == t->queued;
}

/* Did the answer to the SYN-ACK never get through, until the half-open record expired? */
static bool may_have_expired(const struct pair *p, int host)
{
	return p->scene->is_lossy && p->opening == PASSIVE && host == p->client && !p->accepted;
}

/* May the peer have sent a reset, or have gone so that its stack answers with one? */
static bool may_be_reset(const struct pair *p, int host)
{
	const hf_lab_talk *peer = &p->talk[!host];

	return peer->was_aborted || peer->was_closed || is_timeout(peer->reason) ||
	       p->scene->is_cramped || may_have_been_forgotten(p, host) ||
	       may_have_expired(p, host);
}

static bool is_explained(const struct pair *p, int host)
{
	hf_reason reason = p->talk[host].reason;

	if (reason == HF_WHY_CLOSED_BY_BOTH || p->scene->is_starved)
		return true;
	if (is_timeout(reason))
		return p->scene->is_lossy;
	if (reason == HF_WHY_REFUSED_BY_PEER)
		return p->opening != PASSIVE || p->scene->is_cramped ||
		       (p->scene->is_fast && may_be_reset(p, host)); /* before it was open */
	if (reason == HF_WHY_RESET_BY_PEER)
		return may_be_reset(p, host);
	return false;
}

/* Who was told that both closed has all, and the peer has all of his unless it threw it away. */
static bool is_complete(const struct pair *p, int host)
{
	const hf_lab_talk *t = &p->talk[host], *peer = &p->talk[!host];

	return t->got_end && t->has_shut && t->received == p->plan[!host].send &&
	       t->queued == p->plan[host].send && peer->queued == p->plan[!host].send &&
	       (peer->was_aborted || peer->received == p->plan[host].send);
}

static bool judge_end(const struct pair *p, int host, two_ends_result *out)
{
	const hf_lab_talk *t = &p->talk[host];
	int number = (int)(p - p->scene->pair);

	out->octets += t->received;
	if (t->wrong != 0)
		return scene_blame(out, "%d on %d: octet %" PRIu64 " is wrong", number, host,
				   t->wrong - 1);
	if (t->received > p->plan[!host].send)
		return scene_blame(out, "%d on %d: %" PRIu64 " octets of %" PRIu64, number, host,
				   t->received, p->plan[!host].send);
	if (t->got_end && t->received != p->plan[!host].send)
		return scene_blame(out, "%d on %d: the stream ended after %" PRIu64 " of %" PRIu64,
				   number, host, t->received, p->plan[!host].send);
	if (!t->is_done)
		return scene_blame(out, "%d on %d: has neither ended nor a timer", number, host);
	if (t->is_over)
		out->endings[t->reason]++;
	out->aborted += t->was_aborted;
	out->closed += t->was_closed;
	if (t->is_over && !is_explained(p, host))
		return scene_blame(out, "%d on %d: ended with %s, which nothing explains", number,
				   host, hf_reason_name(t->reason));
	if (t->is_over && t->reason == HF_WHY_CLOSED_BY_BOTH && !is_complete(p, host))
		return scene_blame(out,
				   "%d on %d: clean close, but octets are missing: %" PRIu64
				   " of %" PRIu64 " received, peer %" PRIu64 " of %" PRIu64,
				   number, host, t->received, p->plan[!host].send,
				   p->talk[!host].received, p->plan[host].send);
	return true;
}

static bool judge_pair(const struct pair *p, two_ends_result *out)
{
	int number = (int)(p - p->scene->pair);

	for (int host = 0; host < 2; host++) {
		bool opens = host == p->client || p->opening == SIMULTANEOUS;

		if (opens && p->open_error[host] == HF_ERR_NO_MEMORY && p->scene->is_starved)
			continue;
		if (opens && p->open_error[host] != HF_OK)
			return scene_blame(out, "%d on %d: open: %s", number, host,
					   hf_err_name(p->open_error[host]));
		if ((opens || p->accepted) && !judge_end(p, host, out))
			return false;
	}
	return true;
}

/* Nothing may be left in a stack whose connections have all ended. */
static bool judge_stack(struct scene *s, int host, two_ends_result *out)
{
	hf_stack *stack = hf_lab_stack(s->host[host]);
	hf_stats stats;

	hf_stack_stats(stack, &stats);
	for (int i = 0; i < HF_CAUSE_COUNT; i++)
		out->causes[i] += stats.causes[i];
	if (stats.connections != 0 || stats.half_open != 0 || stats.time_wait != 0 ||
	    stats.buffers != 0)
		return scene_blame(
			out,
			"host %d: left behind: %u connections, %u half-open, %u TIME-WAIT, "
			"%zu octets of buffers",
			host, stats.connections, stats.half_open, stats.time_wait, stats.buffers);
	if (hf_stack_deadline(stack).ns != HF_NEVER.ns)
		return scene_blame(out, "host %d: a deadline without anything to wait for", host);
	return true;
}

void scene_judge(struct scene *s, bool is_idle, two_ends_result *out)
{
	hf_lab_counts counts = hf_lab_counted(s->lab);

	out->end = hf_lab_now(s->lab);
	out->counts = counts;
	if (!is_idle) {
		scene_blame(out,
			    "not at rest after %" PRId64 " s: deadlines %" PRId64 ", %" PRId64
			    " ns",
			    LIMIT / HF_SEC(1), hf_stack_deadline(hf_lab_stack(s->host[0])).ns,
			    hf_stack_deadline(hf_lab_stack(s->host[1])).ns);
		return;
	}
	if (counts.spins != 0 || counts.overruns != 0) {
		scene_blame(out,
			    "%" PRIu64 " idle turns at a due deadline, %" PRIu64 " endless turns",
			    counts.spins, counts.overruns);
		return;
	}
	if (s->set_error != HF_OK) {
		scene_blame(out, "option %d: %s", (int)s->set_wrong, hf_err_name(s->set_error));
		return;
	}
	for (int i = 0; i < PAIRS; i++) {
		if (!judge_pair(&s->pair[i], out))
			return;
	}
	for (int i = 0; i < 2; i++) {
		if (!judge_stack(s, i, out))
			return;
	}
}
