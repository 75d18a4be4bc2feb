/* SPDX-License-Identifier: BSD-2-Clause */
/* What of a call is not supported, as far as its text shows. */
#include <string.h>

#include "drill/names.h"
#include "drill/sockets.h"

/* Argument `n` if it is a number. */
static const hf_expr *number(const hf_drill_call *call, unsigned n)
{
	const hf_expr *e = hf_expr_nth(call->arguments, n);

	return e != NULL && e->kind == HF_EXPR_INTEGER ? e : NULL;
}

static void need(hf_drill_script *script, const hf_expr *e, const char *format, const char *name)
{
	hf_drill_need(script, e->at, hf_arena_format(&script->arena, format, name));
}

static void check_socket(hf_drill_script *script, const hf_drill_call *call)
{
	const hf_expr *domain = number(call, 0), *type = number(call, 1),
		      *protocol = number(call, 2);

	if (domain != NULL && domain->value != HF_SYM_AF_INET && domain->value != HF_SYM_AF_INET6)
		return; /* which is an error of the call */
	if (type != NULL &&
	    (type->value & ~(HF_SYM_SOCK_NONBLOCK | HF_SYM_SOCK_CLOEXEC)) != HF_SYM_SOCK_STREAM)
		need(script, type, "socket type %s", type->text != NULL ? type->text : "");
	else if (protocol != NULL && protocol->value != 0 && protocol->value != HF_SYM_IPPROTO_TCP)
		need(script, protocol, "protocol %s", protocol->text != NULL ? protocol->text : "");
}

static void check_flags(hf_drill_script *script, const hf_drill_call *call, unsigned n,
			int64_t known)
{
	const hf_expr *flags = number(call, n);

	if (flags != NULL && flags->value & ~known)
		need(script, flags, "flags of %s", call->name);
}

static void check_read(hf_drill_script *script, const hf_drill_call *call)
{
	check_flags(script, call, 3, HF_CALL_READ_FLAGS);
}

static void check_write(hf_drill_script *script, const hf_drill_call *call)
{
	bool has_address = hf_expr_nth(call->arguments, 4) != NULL;

	check_flags(script, call, 3, HF_CALL_WRITE_FLAGS | (has_address ? HF_SYM_MSG_FASTOPEN : 0));
}

static void check_recvmsg(hf_drill_script *script, const hf_drill_call *call)
{
	check_flags(script, call, 2, HF_CALL_READ_FLAGS);
}

static void check_sendmsg(hf_drill_script *script, const hf_drill_call *call)
{
	const hf_expr *control = hf_expr_field(hf_expr_nth(call->arguments, 1), "msg_control");

	check_flags(script, call, 2, HF_CALL_WRITE_FLAGS);
	if (control == NULL || control->kind != HF_EXPR_LIST)
		return;
	for (const hf_expr *e = control->first; e != NULL; e = e->next) {
		const hf_expr *data = hf_expr_field(e, "cmsg_data");

		if (data == NULL || data->kind != HF_EXPR_INTEGER)
			need(script, e, "a control message of this form in %s", call->name);
	}
}

static void check_fcntl(hf_drill_script *script, const hf_drill_call *call)
{
	const hf_expr *e = number(call, 1);

	if (e != NULL && (e->value < HF_SYM_F_GETFD || e->value > HF_SYM_F_SETFL))
		need(script, e, "this command of %s", call->name);
}

static void check_ioctl(hf_drill_script *script, const hf_drill_call *call)
{
	static const int64_t known[] = { HF_SYM_FIONBIO, HF_SYM_SIOCINQ, HF_SYM_SIOCOUTQ,
					 HF_SYM_SIOCOUTQNSD, HF_SYM_SIOCATMARK };
	const hf_expr *e = number(call, 1);

	for (size_t i = 0; e != NULL && i < sizeof(known) / sizeof(known[0]); i++) {
		if (known[i] == e->value)
			return;
	}
	if (e != NULL)
		need(script, e, "this command of %s", call->name);
}

static void check_open(hf_drill_script *script, const hf_drill_call *call)
{
	check_flags(script, call, 1, HF_SYM_O_CLOEXEC);
}

static void check_getsockopt(hf_drill_script *script, const hf_drill_call *call)
{
	hf_sockopt_check(script, call, false);
}

static void check_setsockopt(hf_drill_script *script, const hf_drill_call *call)
{
	hf_sockopt_check(script, call, true);
}

static const struct {
	const char *name;
	void (*check)(hf_drill_script *script, const hf_drill_call *call);
} checks[] = {
	{ "socket", check_socket },         { "recv", check_read },
	{ "recvfrom", check_read },         { "send", check_write },
	{ "sendto", check_write },          { "recvmsg", check_recvmsg },
	{ "sendmsg", check_sendmsg },       { "fcntl", check_fcntl },
	{ "ioctl", check_ioctl },           { "open", check_open },
	{ "getsockopt", check_getsockopt }, { "setsockopt", check_setsockopt },
};

void hf_call_check(hf_drill_script *script, const hf_drill_call *call)
{
	if (!hf_call_check_form(script, call))
		return;
	for (size_t i = 0; i < sizeof(checks) / sizeof(checks[0]); i++) {
		if (strcmp(checks[i].name, call->name) == 0)
			checks[i].check(script, call);
	}
}
