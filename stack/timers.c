/* SPDX-License-Identifier: BSD-2-Clause */
/* The wheels: connections, half-open records, TIME-WAIT records, neighbours. */
#include "stack/internal.h"

static hf_timer *conn_timer(void *ctx, uint32_t number)
{
	return &hf_place_at(ctx, number)->timer;
}

static hf_time conn_due(void *ctx, uint32_t number)
{
	return hf_place_at(ctx, number)->due;
}

static hf_timer *half_open_timer(void *ctx, uint32_t number)
{
	return &hf_half_open_at(ctx, number)->timer;
}

static hf_time half_open_due(void *ctx, uint32_t number)
{
	return hf_half_open_at(ctx, number)->due;
}

static hf_timer *time_wait_timer(void *ctx, uint32_t number)
{
	return &hf_time_wait_at(ctx, number)->timer;
}

static hf_time time_wait_due(void *ctx, uint32_t number)
{
	return hf_time_wait_at(ctx, number)->due;
}

static hf_timer *neighbour_timer(void *ctx, uint32_t number)
{
	return &hf_neighbour_at(ctx, number)->timer;
}

static hf_time neighbour_due(void *ctx, uint32_t number)
{
	return hf_neighbour_at(ctx, number)->due;
}

void hf_stack_init_wheels(hf_stack *s)
{
	hf_wheel_records conns = { conn_timer, conn_due, s };
	hf_wheel_records half_opens = { half_open_timer, half_open_due, s };
	hf_wheel_records time_waits = { time_wait_timer, time_wait_due, s };
	hf_wheel_records neighbours = { neighbour_timer, neighbour_due, s };

	hf_wheel_init(&s->conn_wheel, &conns, s->now);
	hf_wheel_init(&s->half_open_wheel, &half_opens, s->now);
	hf_wheel_init(&s->time_wait_wheel, &time_waits, s->now);
	hf_wheel_init(&s->neighbours.wheel, &neighbours, s->now);
}

static void conn_timeout(hf_stack *s, uint32_t number)
{
	hf_tcp_env env = hf_stack_env(s);
	hf_place *p = hf_place_at(s, number);
	hf_tcb *c = hf_conn_wake(s, number);
	hf_effects fx = { 0 };

	if (!c) { /* there is no memory: it is tried again */
		p->due = hf_time_add(s->now, HF_SEC(1));
		hf_wheel_set(&s->conn_wheel, number);
		return;
	}
	p->due = HF_NEVER;
	hf_tcp_timeouts(c, &env, &fx);
	hf_conn_apply(s, c, &fx);
}

void hf_stack_timers(hf_stack *s, hf_time now)
{
	uint32_t number;

	while ((number = hf_wheel_expire(&s->conn_wheel, now)) != HF_TIMER_NONE)
		conn_timeout(s, number);
	while ((number = hf_wheel_expire(&s->half_open_wheel, now)) != HF_TIMER_NONE)
		hf_half_open_timeout(s, number);
	while ((number = hf_wheel_expire(&s->time_wait_wheel, now)) != HF_TIMER_NONE)
		hf_time_wait_remove(s, number);
	if (s->config.link == HF_LINK_IP)
		return;
	while ((number = hf_wheel_expire(&s->neighbours.wheel, now)) != HF_TIMER_NONE)
		hf_neighbour_timeout(s, number);
}
