/* SPDX-License-Identifier: BSD-2-Clause */
/* Who looks on while a command is on the wire: ladder, trace, JSON lines, capture. */
#ifndef HF_CMD_WATCHERS_H
#define HF_CMD_WATCHERS_H

#include "cmd/wire.h"

/** Adds to the wire's loop the watchers that its settings ask for. What fails is said on stderr. */
hf_exit hf_watchers_new(hf_wire *w, hf_watchers **out);
/** To be called with each event before anybody acts on it: how connections end is shown too. */
void hf_watchers_event(hf_watchers *w, const hf_event *event);
/**
 * Flushes and frees them. Returns an exit code: HF_EXIT_OK, or what could not be written (said).
 * NULL is allowed.
 */
hf_exit hf_watchers_free(hf_watchers *w);

#endif
