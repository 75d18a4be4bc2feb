/* SPDX-License-Identifier: BSD-2-Clause */
/* Applications in a lab: what runs on a host, on a connection or a listener. */
#ifndef HF_LAB_APP_H
#define HF_LAB_APP_H

#include "lab/lab.h"

/*
 * An application is a struct of the user's with an hf_lab_app as its first member. The lab calls
 * it when its connection or listener has an event and when its timer runs, always between the
 * stack's own calls: it may call the stack as it likes, and what comes of it leaves in the same
 * moment. Ready ones are in lab/apps.h.
 */
typedef struct hf_lab_app hf_lab_app;

/** What kind of application it is. */
typedef struct hf_lab_app_kind {
	const char *name;
	void (*event)(hf_lab_app *self, const hf_event *event);
	void (*timer)(hf_lab_app *self); /**< may be NULL if no timer is set */
} hf_lab_app_kind;

/** All zero but `kind` before it is attached; the lab looks after the rest. Owned by the user. */
struct hf_lab_app {
	const hf_lab_app_kind *kind;
	hf_lab_node *host;
	hf_conn conn;
	hf_listener listener;
	hf_lab_app *next;
	hf_time timer;     /**< when the timer runs */
	unsigned arranged; /**< calls in the lab's queue */
	bool attached;
};

/** Attaches `app` (borrowed until it is detached, or the lab freed) to a connection. */
void hf_lab_app_on_conn(hf_lab_app *app, hf_lab_node *host, hf_conn conn);
/** Attaches `app` (borrowed likewise) to a listener. */
void hf_lab_app_on_listener(hf_lab_app *app, hf_lab_node *host, hf_listener listener);
/** Ends the borrowing: no event and no timer comes any more. Harmless if it is not attached. */
void hf_lab_app_detach(hf_lab_app *app);
/** Runs the timer of an attached `app` after `wait`; replaces what was set. */
void hf_lab_app_timer(hf_lab_app *app, hf_ns wait);

#endif
