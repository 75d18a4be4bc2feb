/* SPDX-License-Identifier: BSD-2-Clause */
/* SYN cookies (RFC 4987 3.6): made for a SYN, read back from the last ACK. */
#include "tcp/hs/syn_cookie.h"

#include "tcp/hs/isn.h"

/* What the MAC covers after the addresses: ports, the peer's ISN, the period, what is kept. */
#define REST (2 + 2 + 4 + 4 + 2)

#define PERIOD_BIT 31
#define DATA_SHIFT 27 /* MSS and SACK, below them the MAC */
#define MAC_MASK ((UINT32_C(1) << DATA_SHIFT) - 1)
#define NO_WSCALE 15
#define OCTET UINT32_C(0xff)

/** 48 is the least that is taken, 536 and 1220 the defaults; the rest is common on paths. */
static const uint16_t mss_table[8] = { 48, 536, 1220, 1360, 1400, 1440, 1460, 8960 };

/** What is kept: four bits in the sequence number, eight in the timestamp if there is one. */
struct kept {
	uint8_t in_seq, in_stamp;
	bool has_stamp;
};

static uint8_t mss_index(uint16_t mss)
{
	uint8_t i = 7;

	while (i > 0 && mss_table[i] > mss)
		i--;
	return i;
}

static uint32_t mac(const hf_sipkey *key, const hf_flow *f, hf_seq irs, uint32_t period,
		    struct kept kept)
{
	uint8_t octets[HF_FLOW_ADDRESSES + REST], *at = octets + hf_flow_addresses(f, octets);

	hf_put16(at, f->local_port);
	hf_put16(at + 2, f->remote_port);
	hf_put32(at + 4, irs.v);
	hf_put32(at + 8, period);
	at[12] = (uint8_t)(kept.in_seq | kept.has_stamp << 4);
	at[13] = kept.in_stamp;
	return (uint32_t)hf_siphash(key, octets, (size_t)(at + REST - octets)) & MAC_MASK;
}

static bool has_stamp(const hf_half_open *h)
{
	return h->flags & HF_TCB_TIMESTAMPS;
}

void hf_syn_cookie_reduce(hf_half_open *h)
{
	h->peer_mss = mss_table[mss_index(h->peer_mss)];
	if (has_stamp(h))
		return;
	h->wscale = 0;
	h->flags &= HF_TCB_SACK;
}

static struct kept keep(const hf_half_open *h)
{
	unsigned wscale = h->flags & HF_TCB_WSCALE ? h->wscale : NO_WSCALE;
	unsigned in_stamp = wscale << 4 | (unsigned)h->flags >> 4;

	return (struct kept){
		.in_seq = (uint8_t)(mss_index(h->peer_mss) << 1 | !!(h->flags & HF_TCB_SACK)),
		.in_stamp = (uint8_t)(has_stamp(h) ? in_stamp : 0),
		.has_stamp = has_stamp(h),
	};
}

/** The kept octet in place of the clock's lowest; a timestamp must not be ahead of later ones. */
static uint32_t stamp(uint32_t clock, uint8_t octet)
{
	uint32_t value = (clock & ~OCTET) | octet;

	return (int32_t)(clock - value) < 0 ? value - OCTET - 1 : value;
}

hf_syn_cookie hf_syn_cookie_make(const hf_syn_cookie_keys *keys, const hf_flow *f,
				 const hf_half_open *h, hf_syn_cookie_time now)
{
	struct kept kept = keep(h);
	uint32_t iss = now.period << PERIOD_BIT | (uint32_t)kept.in_seq << DATA_SHIFT |
		       mac(&keys->key[0], f, h->irs, now.period, kept);

	return (hf_syn_cookie){ .iss = { iss }, .tsval = stamp(now.clock, kept.in_stamp) };
}

/** The last period with that lowest bit. */
static uint32_t period_of(hf_seq cookie, uint32_t period)
{
	return period - ((period ^ cookie.v >> PERIOD_BIT) & 1);
}

static bool is_genuine(const hf_syn_cookie_keys *keys, const hf_flow *f, const hf_half_open *h,
		       uint32_t period, struct kept kept)
{
	for (unsigned i = 0; i < keys->count; i++)
		if (mac(&keys->key[i], f, h->irs, period, kept) == (h->iss.v & MAC_MASK))
			return true;
	return false;
}

/** What it echoes was sent within the last two periods. */
static bool is_timely(const hf_segment *g, uint32_t clock)
{
	return clock - g->options->tsecr < 2 * (uint32_t)(HF_SYN_COOKIE_PERIOD / HF_MS(1)) + OCTET;
}

static void unpack(hf_half_open *h, struct kept kept)
{
	uint8_t wscale = kept.in_stamp >> 4;

	h->peer_mss = mss_table[kept.in_seq >> 1];
	h->flags = kept.in_seq & 1 ? HF_TCB_SACK : 0;
	if (!kept.has_stamp)
		return;
	h->flags |= (uint8_t)(HF_TCB_TIMESTAMPS | kept.in_stamp << 4);
	if (wscale == NO_WSCALE)
		return;
	h->flags |= HF_TCB_WSCALE;
	h->wscale = wscale;
}

bool hf_syn_cookie_check(const hf_syn_cookie_keys *keys, const hf_flow *f, const hf_segment *g,
			 hf_syn_cookie_time now, hf_half_open *h)
{
	bool has_stamp = g->options->present & HF_HAS(TIMESTAMPS);
	bool may_be_probe = g->text.len <= 1 && !(g->flags & HF_TCP_FIN);
	uint32_t period;
	struct kept kept;

	if ((g->flags & (HF_TCP_ACK | HF_TCP_SYN | HF_TCP_RST)) != HF_TCP_ACK)
		return false;
	*h = (hf_half_open){ .remote = f->remote,
			     .remote_port = f->remote_port,
			     .iss = hf_seq_add(g->ack, UINT32_MAX),
			     .irs = hf_seq_add(g->seq, UINT32_MAX),
			     .ts_recent = has_stamp ? g->options->tsval : 0 };
	kept = (struct kept){ .in_seq = h->iss.v >> DATA_SHIFT & 15,
			      .in_stamp = has_stamp ? (uint8_t)g->options->tsecr : 0,
			      .has_stamp = has_stamp };
	period = period_of(h->iss, now.period);
	if (has_stamp && !is_timely(g, now.clock))
		return false;
	if (!is_genuine(keys, f, h, period, kept)) {
		h->irs = g->seq;
		if (!may_be_probe || !is_genuine(keys, f, h, period, kept))
			return false;
	}
	unpack(h, kept);
	return true;
}
