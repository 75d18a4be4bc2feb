/* SPDX-License-Identifier: BSD-2-Clause */
/* Applications in a lab: who gets which event, and their timers. */
#include "lab/app.h"

#include "lab/parts.h"

static hf_lab_app **bucket_of(hf_lab_node *host, uint32_t slot)
{
	size_t buckets;
	hf_lab_app **apps = hf_lab_host_apps(host, &buckets);

	return &apps[slot % buckets];
}

static void attach(hf_lab_app *app, hf_lab_node *host, uint32_t slot)
{
	hf_lab_app **bucket = bucket_of(host, slot);

	app->host = host;
	app->next = *bucket;
	*bucket = app;
	app->timer = HF_NEVER;
	app->arranged = 0;
	app->attached = true;
}

void hf_lab_app_on_conn(hf_lab_app *app, hf_lab_node *host, hf_conn conn)
{
	app->conn = conn;
	app->listener = (hf_listener){ 0, 0 };
	attach(app, host, conn.slot);
	hf_lab_touch(host);
}

void hf_lab_app_on_listener(hf_lab_app *app, hf_lab_node *host, hf_listener listener)
{
	app->listener = listener;
	app->conn = (hf_conn){ 0, 0 };
	attach(app, host, listener.slot);
	hf_lab_touch(host);
}

static bool is_of_listener(const hf_lab_app *app)
{
	return app->listener.slot != 0 || app->listener.generation != 0;
}

static void timer_runs(void *ctx)
{
	hf_lab_app *app = ctx;

	app->arranged--;
	if (app->timer.ns != hf_lab_now(hf_lab_of(app->host)).ns)
		return;
	app->timer = HF_NEVER;
	hf_lab_touch(app->host);
	app->kind->timer(app);
}

void hf_lab_app_detach(hf_lab_app *app)
{
	hf_lab_app **at;

	if (!app->attached)
		return;
	at = bucket_of(app->host, is_of_listener(app) ? app->listener.slot : app->conn.slot);
	while (*at != app)
		at = &(*at)->next;
	*at = app->next;
	if (app->arranged > 0)
		hf_lab_cancel(hf_lab_of(app->host), timer_runs, app);
	app->attached = false;
}

void hf_lab_app_timer(hf_lab_app *app, hf_ns wait)
{
	hf_lab *lab = hf_lab_of(app->host);
	hf_time at = hf_time_add(hf_lab_now(lab), wait);

	if (app->timer.ns == at.ns)
		return;
	app->timer = at;
	app->arranged++;
	hf_lab_after(lab, wait, timer_runs, app);
}

static bool is_for(const hf_lab_app *app, const hf_event *event)
{
	if ((event->bits & HF_EVENT_ACCEPTABLE) != 0)
		return is_of_listener(app) && app->listener.slot == event->listener.slot &&
		       app->listener.generation == event->listener.generation;
	return !is_of_listener(app) && hf_conn_equal(app->conn, event->conn);
}

void hf_lab_app_dispatch(hf_lab_node *host, const hf_event *event)
{
	bool of_listener = (event->bits & HF_EVENT_ACCEPTABLE) != 0;
	hf_lab_app *app = *bucket_of(host, of_listener ? event->listener.slot : event->conn.slot);

	while (app != NULL && !is_for(app, event))
		app = app->next;
	if (app != NULL)
		app->kind->event(app, event);
}
