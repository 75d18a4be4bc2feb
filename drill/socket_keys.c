/* SPDX-License-Identifier: BSD-2-Clause */
/* setsockopt of keys for signed connections: TCP_MD5SIG and TCP_AO_ADD_KEY. */
#include "drill/names.h"
#include "drill/sign.h"
#include "drill/sockets.h"
#include "io/auth/nettle.h"

static int64_t number(const hf_expr *value, const char *name, int64_t otherwise)
{
	const hf_expr *e = hf_expr_field(value, name);

	return e != NULL && e->kind == HF_EXPR_INTEGER ? e->value : otherwise;
}

/* False: `value` is not what the option takes. */
static bool read_key(const hf_expr *value, hf_key_options *out)
{
	const hf_expr *secret = value, *algorithm;

	if (value->kind == HF_EXPR_STRUCT) {
		secret = hf_expr_field(value, "key");
		algorithm = hf_expr_field(value, "alg");
		out->send_id = (uint8_t)number(value, "sndid", 0);
		out->recv_id = (uint8_t)number(value, "rcvid", 0);
		out->mac_len = (uint8_t)number(value, "maclen", 0);
		out->omit_options = number(value, "omit_options", 0) != 0;
		out->accept_icmp = number(value, "accept_icmp", 0) != 0;
		out->mac = hf_nettle_mac(algorithm && algorithm->text ? algorithm->text :
									"hmac-sha-1");
	} else {
		out->kind = HF_KEY_MD5;
		out->mac = hf_nettle_mac("md5");
	}
	if (secret == NULL || secret->kind != HF_EXPR_STRING)
		return false;
	out->secret = secret->text;
	out->secret_len = secret->len;
	return true;
}

/* Linux's set_current and set_rnext. */
static void use(const hf_calling *c, hf_sock *sock, const hf_expr *value, hf_key key)
{
	static const hf_key none = { 0 };
	hf_stack *stack = c->sockets->world->stack;
	bool current = number(value, "set_current", 0) != 0, rnext = number(value, "set_rnext", 0);

	if (sock->phase < HF_SOCK_CONNECTING && (current || rnext))
		hf_key_prefer(stack, key);
	else if (current || rnext)
		hf_conn_auth_set(stack, sock->conn, current ? key : none, rnext ? key : none);
}

void hf_call_set_key(const hf_calling *c, hf_sock *sock, const hf_expr *value)
{
	hf_key_options o = { .size = sizeof(o), .remote = { c->sockets->setup->remote, 0 } };
	hf_key key;

	if (!read_key(value, &o)) {
		hf_call_trouble(c, "a key is \"secret\", or {sndid=..., rcvid=..., key=\"...\"}");
		return;
	}
	if (hf_drill_key_add(c->sockets->world, &o, &key) != HF_OK) {
		hf_call_fail(c, HF_EINVAL);
		return;
	}
	if (value->kind == HF_EXPR_STRUCT)
		use(c, sock, value, key);
	hf_call_done(c, 0);
}
