/* SPDX-License-Identifier: BSD-2-Clause */
/* Urgent data (RFC 9293 3.8.5, RFC 6093): a mark in the stream that travels ahead of it. */
#ifndef HANDFAST_URGENT_H
#define HANDFAST_URGENT_H

#include <handfast/stack.h>

/*
 * Urgent data is ordinary text of the stream, up to a mark, of which the peer is told as early as
 * possible, even while its window is closed. It may have any length (MUST-31). RFC 6093 6 advises
 * new applications against it; it is here for those that exist (MUST-30).
 *
 * Receiving: HF_EVENT_URGENT says that the mark is there, or has moved on (MUST-32).
 * hf_conn_receive and hf_conn_peek stop once before the last urgent octet, so that the application
 * can see the mark; the next call reads on. By default that octet is read in its place, like any
 * other (RFC 6093 3.3). With HF_OPTION_URGENT_APART it is taken out of the stream and had by
 * hf_conn_urgent_octet alone, as with Linux's sockets. There is room for one: if a new mark comes
 * before the old one was read up to, the octet of the old one is read in its place.
 */

/** How a connection stands with urgent data, in both directions. */
typedef struct hf_conn_urgent {
	/** octets queued or in flight up to the end of urgent data; 0: none is being sent */
	uint32_t unacknowledged;
	/**
	 * octets from the next one to be read to the end of urgent data (MUST-33), of which not all
	 * may have arrived; 0: none is ahead
	 */
	uint32_t ahead;
	/** the next octet to be read is the last urgent one (SIOCATMARK) */
	bool at_mark;
	/** hf_conn_urgent_octet has something to give */
	bool octet_waits;
} hf_conn_urgent;

/**
 * SEND with the urgent flag (RFC 9293 3.9.1.2): as hf_conn_send, and all that was queued up to the
 * last octet taken by this call is urgent; where urgent data has not been acknowledged yet, it
 * becomes longer. Neither Nagle's algorithm nor a cork holds it back. Errors as hf_conn_send.
 */
hf_err hf_conn_send_urgent(hf_stack *s, hf_conn c, const void *data, size_t len, size_t *sent);

/** Tells how it stands. Errors: STALE. */
hf_err hf_conn_urgent_get(const hf_stack *s, hf_conn c, hf_conn_urgent *out);

/**
 * The last urgent octet, with HF_OPTION_URGENT_APART (MSG_OOB). `keep`: it can be had again.
 * Errors: AGAIN (it has not arrived; HF_EVENT_URGENT follows), INVALID (there is no urgent data,
 * or it was had already, or the octet is in line), CLOSING (the stream ended without it), STALE.
 */
hf_err hf_conn_urgent_octet(hf_stack *s, hf_conn c, bool keep, uint8_t *octet);

/**
 * FLUSH (RFC 9293 3.9.1.7, MAY-14): throws away what is queued and was never sent, urgent or not.
 * `*dropped` (may be NULL) says how many octets. A FIN that was queued is sent all the same.
 * Errors: STALE, CLOSING, or how the connection ended.
 */
hf_err hf_conn_flush(hf_stack *s, hf_conn c, size_t *dropped);

#endif
