/* SPDX-License-Identifier: BSD-2-Clause */
/* Setting an option of a connection, and what follows from it at once. */
#include "tcp/arrives.h"
#include "tcp/hs/negotiate.h"
#include "tcp/tx/inform.h"

#define FIRST_RECEIVE_BUFFER 65536u

void hf_tcp_adopt(hf_tcb *c)
{
	const hf_settings *o = c->settings;

	c->ttl = o->ttl;                     /* MUST-49 */
	c->traffic_class = o->traffic_class; /* MUST-48, SHLD-21 */
	hf_tcb_put(c, HF_TCB_NO_DELAY, hf_settings_has(o, HF_SET_NO_DELAY));
	hf_tcb_put(c, HF_TCB_CORK, hf_settings_has(o, HF_SET_CORK));
}

void hf_tcp_adopt_buffers(hf_tcb *c, const hf_config *config)
{
	const hf_settings *o = c->settings;
	uint32_t most = o->receive_buffer ? o->receive_buffer : config->receive_buffer;

	c->snd.buffer = o->send_buffer ? o->send_buffer : config->send_buffer;
	c->rcv.buffer_max = most;
	if (o->receive_buffer > 0)
		c->rcv.buffer = most;
	else if (c->rcv.buffer == 0)
		c->rcv.buffer = most < FIRST_RECEIVE_BUFFER ? most : FIRST_RECEIVE_BUFFER;
}

/** A silence that is under way counts: it began `before` ahead of the deadline (MUST-27). */
static void change_keepalive(hf_tcb *c, hf_ns before)
{
	hf_ns idle = c->settings->keepalive;

	if (idle == before || hf_tcb_has(c, HF_TCB_ORPHAN))
		return; /* an orphan's deadline is of another kind */
	if (idle > 0 && c->probes == 0 && c->idle_at.ns != HF_NEVER.ns) {
		c->idle_at = hf_time_add(hf_time_add(c->idle_at, -before), idle);
		return;
	}
	c->idle_at = HF_NEVER;
	hf_tcb_put(c, HF_TCB_SILENCE_BEGINS, true);
}

/** What of an option cannot wait until it is asked for next. */
static void follow(hf_tcb *c, const hf_tcp_env *env, hf_option option)
{
	switch (option) {
	case HF_OPTION_SEND_BUFFER:
	case HF_OPTION_RECEIVE_BUFFER:
		hf_tcp_adopt_buffers(c, env->config);
		break;
	case HF_OPTION_USER_TIMEOUT:
	case HF_OPTION_USER_TIMEOUT_OPTION:
		hf_tcp_advise(c);
		break;
	case HF_OPTION_PACING:
		hf_congestion_set_pacing(&c->congestion,
					 hf_settings_has(c->settings, HF_SET_PACING));
		break;
	case HF_OPTION_MSS:
		hf_update_mss(c);
		break;
	default:
		break;
	}
}

/** Before the handshake is done it is only noted: there is no window yet. */
static bool change_congestion_control(hf_tcb *c, const hf_tcp_env *env)
{
	return c->congestion.module == HF_CONGESTION_DEFAULT ||
	       hf_congestion_choose(&c->congestion, env->mem, hf_tx_congestion_module(c, env),
				    c->iss.v);
}

hf_err hf_tcp_set(hf_tcb *c, const hf_tcp_env *env, hf_option option, int64_t value)
{
	uint8_t module = c->settings->congestion;
	hf_ns keepalive = c->settings->keepalive;
	hf_err err;

	if (option == HF_OPTION_DEFER_ACCEPT)
		return HF_ERR_INVALID;
	if (option == HF_OPTION_QUICK_ACK) {
		if (value != 0 && value != 1)
			return HF_ERR_INVALID;
		hf_ack_set_quick(c, value);
		return HF_OK;
	}
	err = hf_settings_set(&c->settings, env->mem, option, value);
	if (err != HF_OK)
		return err;
	if (option == HF_OPTION_CONGESTION && !change_congestion_control(c, env)) {
		c->settings->congestion = module; /* the block is ours alone by now */
		return HF_ERR_NO_MEMORY;
	}
	hf_tcp_adopt(c);
	if (option == HF_OPTION_KEEPALIVE)
		change_keepalive(c, keepalive);
	follow(c, env, option);
	return HF_OK;
}
