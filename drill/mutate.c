/* SPDX-License-Identifier: BSD-2-Clause */
/* Changes to the expectations of a script, one at a time. */
#include "drill/mutate.h"

#include <string.h>

#include "drill/code.h"
#include "drill/figures.h"
#include "drill/names.h"
#include "drill/setup.h"
#include "wire/tcp.h"

/*
 * What is changed is what the stack is to do: packets that it must send, when, the answers of
 * calls, assertions. What the script itself does stays as it is. The number of the stack's first
 * SYN is left alone, for the script may choose it.
 */

/** A change being looked for or made. */
typedef struct change {
	hf_drill_script *script;
	hf_drill_event *event;
	const hf_drill_setup *setup;
	bool is_made; /* else: only whether it is possible counts */
} change;

typedef bool mutation(const change *c);

/* ---- Packets ---- */

static bool is_segment(const change *c)
{
	return c->event->kind == HF_DRILL_PACKET && !c->event->packet.is_inbound &&
	       c->event->packet.protocol == HF_DRILL_TCP;
}

static bool turn_flag(const change *c, uint16_t flag)
{
	if (is_segment(c) && c->is_made)
		c->event->packet.tcp.flags ^= flag;
	return is_segment(c);
}

static bool turn_fin(const change *c)
{
	return turn_flag(c, HF_TCP_FIN);
}

static bool turn_syn(const change *c)
{
	return turn_flag(c, HF_TCP_SYN);
}

static bool turn_rst(const change *c)
{
	return turn_flag(c, HF_TCP_RST);
}

static bool turn_psh(const change *c)
{
	return turn_flag(c, HF_TCP_PSH);
}

static bool turn_ack(const change *c)
{
	return turn_flag(c, HF_TCP_ACK);
}

static bool turn_ece(const change *c)
{
	return turn_flag(c, HF_TCP_ECE);
}

static bool turn_cwr(const change *c)
{
	return turn_flag(c, HF_TCP_CWR);
}

static bool turn_ae(const change *c)
{
	return turn_flag(c, HF_TCP_AE);
}

static bool turn_urg(const change *c)
{
	return turn_flag(c, HF_TCP_URG);
}

static bool change_seq(const change *c)
{
	hf_drill_tcp *t = &c->event->packet.tcp;

	if (!is_segment(c) || t->any_seq || t->flags & HF_TCP_SYN)
		return false;
	t->seq += c->is_made;
	return true;
}

static bool change_len(const change *c)
{
	if (!is_segment(c))
		return false;
	c->event->packet.len += c->is_made;
	return true;
}

static bool change_ack(const change *c)
{
	if (!is_segment(c) || !(c->event->packet.tcp.flags & HF_TCP_ACK))
		return false;
	c->event->packet.tcp.ack += c->is_made;
	return true;
}

static bool change_window(const change *c)
{
	hf_drill_tcp *t = &c->event->packet.tcp;

	if (!is_segment(c) || !t->has_window)
		return false;
	t->window = (uint16_t)(t->window + c->is_made);
	return true;
}

static bool change_urgent(const change *c)
{
	hf_drill_tcp *t = &c->event->packet.tcp;

	if (!is_segment(c))
		return false;
	t->urgent = (uint16_t)(t->urgent + c->is_made);
	return true;
}

static hf_drill_option *first_option(const change *c)
{
	return is_segment(c) ? c->event->packet.tcp.options : NULL;
}

static bool drop_option(const change *c)
{
	hf_drill_option *o = first_option(c);

	if (o != NULL && c->is_made)
		c->event->packet.tcp.options = o->next;
	return o != NULL;
}

static bool add_option(const change *c)
{
	hf_drill_option *o;

	if (!is_segment(c) || c->event->packet.tcp.any_options)
		return false;
	if (c->is_made) {
		o = hf_arena_take(&c->script->arena, sizeof(*o));
		o->kind = HF_DRILL_NOP;
		o->next = c->event->packet.tcp.options;
		c->event->packet.tcp.options = o;
	}
	return true;
}

static bool swap_options(const change *c)
{
	hf_drill_option *a = first_option(c), *b = a != NULL ? a->next : NULL;

	while (b != NULL && a->kind == b->kind) {
		a = b;
		b = b->next;
	}
	if (b != NULL && c->is_made) {
		hf_drill_option copy = *a;

		*a = *b;
		a->next = b;
		copy.next = b->next;
		*b = copy;
	}
	return b != NULL;
}

/* The first option with a number that is compared. */
static hf_drill_option *numbered(const change *c)
{
	hf_drill_option *o = first_option(c);

	while (o != NULL && o->kind != HF_DRILL_MSS && o->kind != HF_DRILL_WSCALE)
		o = o->next;
	return o;
}

static bool change_option(const change *c)
{
	hf_drill_option *o = numbered(c);

	if (o != NULL)
		o->number += c->is_made;
	return o != NULL;
}

static hf_drill_option *of_kind(const change *c, hf_drill_option_kind kind)
{
	hf_drill_option *o = first_option(c);

	while (o != NULL && o->kind != kind)
		o = o->next;
	return o;
}

static bool change_block(const change *c)
{
	hf_drill_option *o = of_kind(c, HF_DRILL_SACK);

	if (o != NULL)
		o->sack[o->blocks - 1][1] += c->is_made;
	return o != NULL;
}

static bool change_echo(const change *c)
{
	hf_drill_option *o = of_kind(c, HF_DRILL_STAMP);

	if (o == NULL || c->setup->stamp_tick == 0)
		return false;
	o->echo += c->is_made;
	return true;
}

static bool change_ecn(const change *c)
{
	hf_drill_ip *ip = &c->event->packet.ip;

	if (!is_segment(c) || ip->ecn >= HF_DRILL_ECN_UNSAID)
		return false;
	ip->ecn ^= c->is_made;
	return true;
}

static bool change_ttl(const change *c)
{
	hf_drill_ip *ip = &c->event->packet.ip;

	if (!is_segment(c) || !ip->has_ttl)
		return false;
	ip->ttl = (uint8_t)(ip->ttl + c->is_made);
	return true;
}

static bool change_tos(const change *c)
{
	hf_drill_ip *ip = &c->event->packet.ip;

	if (!is_segment(c) || !ip->has_tos)
		return false;
	ip->tos = (uint8_t)(ip->tos + (c->is_made ? 4 : 0));
	return true;
}

static bool change_options(const change *c)
{
	hf_drill_ip *ip = &c->event->packet.ip;

	if (!is_segment(c) || !ip->has_options)
		return false;
	ip->options[ip->options_len - 1] ^= c->is_made;
	return true;
}

static bool change_to(const change *c)
{
	hf_drill_ip *ip = &c->event->packet.ip;

	if (!is_segment(c) || !ip->has_to)
		return false;
	((uint8_t *)&ip->to)[sizeof(ip->to) - 1] ^= c->is_made;
	return true;
}

static bool change_icmp(const change *c)
{
	hf_drill_packet *p = &c->event->packet;

	if (c->event->kind != HF_DRILL_PACKET || p->is_inbound || p->protocol != HF_DRILL_ICMP)
		return false;
	p->icmp.type = (uint8_t)(p->icmp.type + c->is_made);
	return true;
}

static bool drop_packet(const change *c)
{
	if (c->event->kind != HF_DRILL_PACKET || c->event->packet.is_inbound)
		return false;
	c->event->is_left_out = c->is_made;
	return true;
}

/* ---- Times ---- */

/* More than the tolerance can hide, whatever went before: at most the script's whole length. */
static hf_ns clear_of(const change *c)
{
	hf_ns span = 0;
	double part;

	for (const hf_drill_event *e = c->script->events; e != NULL; e = e->next)
		span += e->time.to;
	part = (double)span * c->setup->tolerance_percent / 100;
	return 3 * c->setup->tolerance + 2 * (hf_ns)part;
}

static bool is_timed(const change *c)
{
	const hf_drill_event *e = c->event;

	if (e->kind == HF_DRILL_PACKET)
		return !e->packet.is_inbound && e->time.base != HF_DRILL_ANY;
	return e->kind == HF_DRILL_CALL && e->time.blocks;
}

static bool make_later(const change *c)
{
	hf_drill_time *t = &c->event->time;
	hf_ns by = t->to - t->from + clear_of(c);

	if (!is_timed(c))
		return false;
	if (c->is_made) {
		t->from += t->blocks ? 0 : by;
		t->to += by;
	}
	return true;
}

static bool make_earlier(const change *c)
{
	hf_drill_time *t = &c->event->time;
	hf_ns by = (t->blocks ? 0 : t->to - t->from) + clear_of(c);

	if (!is_timed(c) || (t->blocks ? t->to - t->from : t->from) < by)
		return false;
	if (c->is_made) {
		t->from -= t->blocks ? 0 : by;
		t->to -= by;
	}
	return true;
}

/* ---- Calls and code ---- */

static bool makes_descriptor(const hf_drill_call *call)
{
	static const char *const names[] = { "socket", "accept", "accept4", "epoll_create",
					     "epoll_create1" };

	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		if (strcmp(names[i], call->name) == 0)
			return call->result->value >= 0;
	}
	return false;
}

static bool change_result(const change *c)
{
	hf_drill_call *call = &c->event->call;

	if (c->event->kind != HF_DRILL_CALL || call->result->kind != HF_EXPR_INTEGER ||
	    makes_descriptor(call))
		return false;
	call->result->value += c->is_made;
	return true;
}

static bool change_error(const change *c)
{
	hf_drill_call *call = &c->event->call;

	if (c->event->kind != HF_DRILL_CALL || call->error == NULL)
		return false;
	if (c->is_made)
		call->error_number = call->error_number == HF_EFAULT ? HF_EINTR : HF_EFAULT;
	return true;
}

/* The first number or string in it: in a list, in a struct's first field. */
static const hf_expr *innermost(const hf_expr *e)
{
	while (e != NULL && e->kind != HF_EXPR_INTEGER && e->kind != HF_EXPR_STRING)
		e = e->kind == HF_EXPR_LIST || e->kind == HF_EXPR_STRUCT ||
				    e->kind == HF_EXPR_FIELD ?
			    e->first :
			    NULL;
	return e;
}

/* What a call is to fill in. */
static const hf_expr *filled_in(const hf_drill_call *call)
{
	const hf_expr *e = NULL;

	if (strcmp(call->name, "getsockopt") == 0)
		e = hf_expr_nth(call->arguments, 3);
	else if (strcmp(call->name, "ioctl") == 0 &&
		 hf_expr_nth(call->arguments, 1)->value != HF_SYM_FIONBIO)
		e = hf_expr_nth(call->arguments, 2);
	else if (strcmp(call->name, "epoll_wait") == 0 && call->result->value > 0)
		e = hf_expr_field(hf_expr_nth(call->arguments, 1), "events");
	else if (strcmp(call->name, "poll") == 0)
		e = hf_expr_field(call->arguments->first, "revents");
	else if (strcmp(call->name, "recvmsg") == 0)
		e = hf_expr_field(hf_expr_nth(call->arguments, 1), "msg_flags");
	return innermost(e);
}

/* The script is this run's own. */
static bool change_value(const change *c, const hf_expr *found)
{
	hf_expr *e = (hf_expr *)(uintptr_t)found;
	char *text;

	if (e == NULL || (e->kind == HF_EXPR_STRING && e->len == 0))
		return false;
	if (!c->is_made)
		return true;
	if (e->kind == HF_EXPR_INTEGER) {
		e->value++;
		return true;
	}
	text = hf_arena_copy(&c->script->arena, e->text, e->len);
	text[e->len - 1] ^= 1;
	e->text = text;
	return true;
}

/* Does the call tell something besides its result? */
static bool is_answered(const change *c)
{
	return c->event->kind == HF_DRILL_CALL && c->event->call.result->value >= 0;
}

static bool change_filled_in(const change *c)
{
	return is_answered(c) && change_value(c, filled_in(&c->event->call));
}

/* The control messages that a recvmsg is to bring; NULL: it says nothing of them. */
static const hf_expr *control_of(const change *c)
{
	const hf_drill_call *call = &c->event->call;
	const hf_expr *list = NULL;

	if (is_answered(c) && strcmp(call->name, "recvmsg") == 0)
		list = hf_expr_field(hf_expr_nth(call->arguments, 1), "msg_control");
	return list != NULL && list->kind == HF_EXPR_LIST ? list->first : NULL;
}

/* Of the last one: the first number that stands for its data. */
static bool change_control(const change *c)
{
	const hf_expr *e = control_of(c);

	while (e != NULL && e->next != NULL)
		e = e->next;
	return change_value(c, innermost(hf_expr_field(e, "cmsg_data")));
}

/* Of the first one, if there are more. */
static bool change_first_control(const change *c)
{
	const hf_expr *e = control_of(c);

	return e != NULL && e->next != NULL &&
	       change_value(c, innermost(hf_expr_field(e, "cmsg_data")));
}

static bool change_control_type(const change *c)
{
	return change_value(c, innermost(hf_expr_field(control_of(c), "cmsg_type")));
}

static bool find_anything(void *ctx, const char *name, hf_datum *out)
{
	(void)ctx;
	(void)name;
	*out = (hf_datum){ .type = HF_DATUM_INTEGER, .text = "" };
	return true;
}

static unsigned assertions(const change *c)
{
	hf_code_world world = { .arena = &c->script->arena, .find = find_anything };

	return hf_code_check(&world, c->event->text).assertions;
}

/* ---- All of them ---- */

static const struct {
	const char *text;
	mutation *apply;
} mutations[] = {
	{ "FIN", turn_fin },
	{ "SYN", turn_syn },
	{ "RST", turn_rst },
	{ "PSH", turn_psh },
	{ "ACK", turn_ack },
	{ "ECE", turn_ece },
	{ "CWR", turn_cwr },
	{ "AE", turn_ae },
	{ "URG", turn_urg },
	{ "sequence number", change_seq },
	{ "length", change_len },
	{ "acknowledgement", change_ack },
	{ "window", change_window },
	{ "urgent pointer", change_urgent },
	{ "an option less", drop_option },
	{ "an option more", add_option },
	{ "order of options", swap_options },
	{ "value of an option", change_option },
	{ "SACK block", change_block },
	{ "echoed time stamp", change_echo },
	{ "ECN", change_ecn },
	{ "TTL", change_ttl },
	{ "TOS", change_tos },
	{ "IP options", change_options },
	{ "destination in the IP header", change_to },
	{ "ICMP type", change_icmp },
	{ "the packet left out", drop_packet },
	{ "later", make_later },
	{ "earlier", make_earlier },
	{ "result", change_result },
	{ "error", change_error },
	{ "value filled in", change_filled_in },
	{ "control message", change_control },
	{ "first control message", change_first_control },
	{ "type of a control message", change_control_type },
};

/* Finds the change that `*n` counts down to. */
static bool try_event(change *c, size_t *n, hf_mutation *out)
{
	out->at = c->event->at;
	for (size_t i = 0; i < sizeof(mutations) / sizeof(mutations[0]); i++) {
		c->is_made = false;
		if (!mutations[i].apply(c) || (*n)-- > 0)
			continue;
		c->is_made = true;
		mutations[i].apply(c);
		out->text = mutations[i].text;
		return true;
	}
	for (unsigned i = 1; c->event->kind == HF_DRILL_CODE && i <= assertions(c); i++) {
		if ((*n)-- > 0)
			continue;
		c->event->negated = i;
		out->text = "assertion";
		return true;
	}
	return false;
}

bool hf_mutate(hf_drill_script *script, const hf_drill_options *options, size_t n, hf_mutation *out)
{
	hf_drill_setup setup;
	hf_drill_note why;
	change c = { .script = script, .setup = &setup };

	hf_drill_setup_init(&setup);
	if (!hf_drill_setup_apply(&setup, script, script->settings, &why) ||
	    !hf_drill_setup_apply(&setup, script, options->settings, &why))
		return false;
	for (c.event = script->events; c.event != NULL; c.event = c.event->next) {
		if (try_event(&c, &n, out))
			return true;
	}
	return false;
}
