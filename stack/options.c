/* SPDX-License-Identifier: BSD-2-Clause */
/* The public calls on options, of connections and of listeners. */
#include "stack/internal.h"

hf_err hf_conn_set(hf_stack *s, hf_conn handle, hf_option option, int64_t value)
{
	hf_tcb *c = hf_conn_find(s, handle);
	hf_tcp_env env = hf_stack_env(s);
	hf_err err;

	if (!c)
		return hf_conn_missing(s, handle);
	err = hf_tcp_set(c, &env, option, value);
	hf_conn_rearm(s, c);
	hf_conn_ready(s, c);
	return err;
}

hf_err hf_conn_get(const hf_stack *s, hf_conn handle, hf_option option, int64_t *value)
{
	hf_tcb room;
	const hf_tcb *c = hf_conn_look(s, handle, &room);

	if (!c)
		return HF_ERR_STALE;
	return hf_settings_get(c->settings, option, value) ? HF_OK : HF_ERR_INVALID;
}

hf_err hf_listener_set(hf_stack *s, hf_listener handle, hf_option option, int64_t value)
{
	hf_listen *l = hf_listener_of(s, handle);

	return l ? hf_settings_set(&l->settings, &s->mem, option, value) : HF_ERR_STALE;
}

hf_err hf_listener_get(const hf_stack *s, hf_listener handle, hf_option option, int64_t *value)
{
	const hf_listen *l = hf_listener_of(s, handle);

	if (!l)
		return HF_ERR_STALE;
	return hf_settings_get(l->settings, option, value) ? HF_OK : HF_ERR_INVALID;
}
