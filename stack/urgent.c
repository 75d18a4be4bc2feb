/* SPDX-License-Identifier: BSD-2-Clause */
/* The public calls on urgent data, and FLUSH. */
#include "stack/internal.h"

#include "tcp/urgent.h"

hf_err hf_conn_send_urgent(hf_stack *s, hf_conn handle, const void *data, size_t len, size_t *sent)
{
	hf_tcb *c = hf_conn_find(s, handle);
	hf_tcp_env env = hf_stack_env(s);
	hf_err err;

	if (!c)
		return hf_conn_missing(s, handle);
	err = hf_urgent_send(c, &env, data, len, sent);
	if (err == HF_OK)
		hf_fast_open_go(c);
	hf_conn_ready(s, c);
	return err;
}

hf_err hf_conn_urgent_get(const hf_stack *s, hf_conn handle, hf_conn_urgent *out)
{
	hf_tcb room;
	const hf_tcb *c = hf_conn_look(s, handle, &room);

	if (!c)
		return HF_ERR_STALE;
	*out = hf_urgent_tell(c);
	return HF_OK;
}

hf_err hf_conn_urgent_octet(hf_stack *s, hf_conn handle, bool keep, uint8_t *octet)
{
	hf_tcb *c = hf_conn_find(s, handle);
	hf_tcp_env env = hf_stack_env(s);

	if (!c)
		return hf_conn_missing(s, handle);
	return hf_urgent_take(c, &env, !keep, octet);
}

/** MAY-14 */
hf_err hf_conn_flush(hf_stack *s, hf_conn handle, size_t *dropped)
{
	hf_tcb *c = hf_conn_find(s, handle);
	hf_tcp_env env = hf_stack_env(s);
	hf_effects fx = { 0 };
	uint32_t octets = 0;
	hf_err err;

	if (!c)
		return hf_conn_missing(s, handle);
	err = hf_tcp_flush(c, &env, &octets, &fx);
	if (err == HF_OK && dropped)
		*dropped = octets;
	hf_conn_apply(s, c, &fx);
	return err;
}
