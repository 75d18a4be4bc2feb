/* SPDX-License-Identifier: BSD-2-Clause */
/* The receive window: how far its right edge may move. */
#include "tcp/tcb.h"

#define WSCALE_MAX 14
#define WINDOW_FIELD_MAX 65535u

uint8_t hf_rx_wscale(uint32_t buffer)
{
	uint8_t shift = 0;

	while (shift < WSCALE_MAX && (buffer >> shift) > WINDOW_FIELD_MAX)
		shift++;
	return shift;
}

/** No larger window is announced, however large the buffer is. */
static uint32_t largest(const hf_tcb *c)
{
	uint32_t clamp = c->settings->window_clamp, most = WINDOW_FIELD_MAX << c->rcv.wscale;

	if (most > c->rcv.ssthresh)
		most = c->rcv.ssthresh;
	return clamp > 0 && most > clamp ? clamp : most;
}

/**
 * RFC 9293 3.8.6.2.2, MUST-39: an edge moves by a segment or half the buffer, or not at all; where
 * the window is kept smaller than the buffer, half of what it may be.
 */
static uint32_t worthwhile(const hf_tcb *c)
{
	uint32_t most = largest(c), half = (c->rcv.buffer < most ? c->rcv.buffer : most) / 2;

	return half < c->snd.mss ? half : c->snd.mss;
}

/**
 * Room that could be announced; none while nobody reads (MAY-8), nor, as on Linux, while only a
 * sixteenth of the buffer is free. Gaps' memory is inside it.
 */
static uint32_t room(const hf_tcb *c)
{
	uint32_t unread = hf_tcb_unread(c), most = largest(c);
	uint32_t free_octets = unread >= c->rcv.buffer ? 0 : c->rcv.buffer - unread;

	if (free_octets < c->rcv.buffer / 16 || free_octets < worthwhile(c))
		return 0;
	return free_octets > most ? most : free_octets;
}

/**
 * The field that names `window`. Rounded up, for cutting off would move the edge left (SHLD-14);
 * but many small segments would so push the edge on for ever. Past a quarter of the buffer it is
 * rounded down, and the peer sees what RFC 7323 2.4 warns it of.
 */
static uint32_t scaled(const hf_tcb *c, uint32_t window)
{
	uint32_t unit = 1u << c->rcv.wscale, promised = hf_tcb_unread(c) + window;
	bool too_far = promised > c->rcv.buffer + c->rcv.buffer / 4;

	return (too_far ? window : window + unit - 1) >> c->rcv.wscale;
}

uint16_t hf_rx_announce(hf_tcb *c)
{
	uint32_t window = hf_tcb_rcv_wnd(c), could = room(c);
	uint32_t field;

	if (could >= window + worthwhile(c))
		window = could;
	field = scaled(c, window);
	if (field > WINDOW_FIELD_MAX)
		field = WINDOW_FIELD_MAX;
	c->rcv.right = hf_seq_max(c->rcv.right, hf_seq_add(c->rcv.nxt, field << c->rcv.wscale));
	return (uint16_t)field;
}

uint16_t hf_rx_syn_window(uint32_t buffer, uint16_t mss)
{
	uint32_t window = buffer < WINDOW_FIELD_MAX ? buffer : WINDOW_FIELD_MAX;
	uint32_t whole = window - window % mss;

	return (uint16_t)(whole > 0 ? whole : window);
}

uint16_t hf_rx_announce_syn(hf_tcb *c, uint16_t mss)
{
	uint16_t window = hf_rx_syn_window(c->rcv.buffer_max, mss);

	c->rcv.right = hf_seq_add(c->rcv.nxt, window);
	return window;
}

bool hf_rx_is_worth_reading(const hf_tcb *c)
{
	return hf_tcb_unread(c) >= c->settings->receive_low || hf_tcb_rcv_wnd(c) <= c->rcv.mss;
}

void hf_rx_opened(hf_tcb *c)
{
	uint32_t window, could;

	if (!hf_tcb_is_synchronised(c) || hf_tcb_peer_closed(c))
		return;
	window = hf_tcb_rcv_wnd(c);
	could = room(c);
	if (could > 0 && could / 2 >= window && could >= window + worthwhile(c))
		hf_ack_now(c, HF_SENT_WINDOW_UPDATE);
}
