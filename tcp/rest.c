/* SPDX-License-Identifier: BSD-2-Clause */
/* Packs the block of a connection at rest: a forecast, and what differs from it. */
#include "tcp/rest.h"

#define WORDS (sizeof(hf_tcb) / sizeof(uint32_t))
#define REST_AFTER HF_SEC(1) /* without text either way */

/*
 * A packed block is its anchors, and for each word that differs from the forecast one octet that
 * says how many words before it do not and how many octets the difference takes, and those octets,
 * the lowest first. A longer way to the next word is gone in steps with no octets.
 */
#define OCTETS_BITS 3
#define STEP_MAX ((1u << (8 - OCTETS_BITS)) - 1)

_Static_assert(sizeof(hf_tcb) % sizeof(uint32_t) == 0, "a block is a number of whole words");

/** What the forecast is made from. */
struct anchors {
	hf_settings *settings;
	hf_time at; /**< when text last came or went */
	hf_seq una; /**< SND.UNA */
	hf_seq nxt; /**< RCV.NXT */
};

bool hf_tcb_rests(const hf_tcb *c, hf_time now)
{
	const uint32_t busy = HF_TCB_SYN_DUE | HF_TCB_PROBE_DUE | HF_TCB_KEEPALIVE_DUE |
			      HF_TCB_READY | HF_TCB_EVENT_QUEUED;

	return c->state == HF_ESTABLISHED && !(c->flags & busy) && !c->tx && !c->rx && !c->auth &&
	       c->listener == 0 && c->events == 0 && c->ack.now == 0 &&
	       hf_seq_eq(c->snd.una, c->snd.end) && c->retransmit_at.ns == HF_NEVER.ns &&
	       c->ack.at.ns == HF_NEVER.ns && now.ns - c->sent_at.ns >= REST_AFTER &&
	       now.ns - c->ack.received_at.ns >= REST_AFTER;
}

/** As most ends of most connections over Ethernet have it; where one has not, it is packed. */
static void foretell_usual(hf_tcb *c)
{
	c->flags = HF_TCB_PASSIVE | HF_TCB_ATTACHED | HF_TCB_SACK | HF_TCB_TIMESTAMPS |
		   HF_TCB_WSCALE;
	c->state = c->counted = HF_ESTABLISHED;
	c->ttl = c->rcv_ttl = 64;
	c->pmtu = 1500;
	c->snd.peer_mss = 1460;
	c->snd.mss = c->congestion.mss = 1448;
	c->snd.wscale = c->rcv.wscale = 7;
	c->snd.wnd = c->snd.max_wnd = c->rcv.buffer = UINT32_C(64) << 10;
	c->snd.buffer = UINT32_C(4) << 20;
	c->rcv.buffer_max = UINT32_C(6) << 20;
	c->rcv.mss = 536;
	c->congestion.module = HF_CONGESTION_CUBIC;
	c->congestion.cwnd = c->tuning.space = 10 * 1448;
	c->congestion.ssthresh = HF_CWND_MAX;
	c->congestion.hystart.last_min = c->congestion.hystart.current_min = HF_NEVER.ns;
}

static void foretell_numbers(const struct anchors *a, hf_tcb *c)
{
	c->snd.una = c->snd.nxt = c->snd.end = c->snd.small_end = c->iss = a->una;
	c->snd.recover = hf_seq_add(a->una, UINT32_MAX);
	c->rcv.nxt = c->rcv.read = c->rcv.last_ack = c->snd.wl1 = c->tuning.seq = c->irs = a->nxt;
	c->rcv.right = hf_seq_add(a->nxt, c->rcv.buffer);
}

static void foretell_times(const struct anchors *a, hf_tcb *c)
{
	c->retransmit_at = c->idle_at = c->stuck_since = c->ack.at = HF_NEVER;
	c->sent_at = c->ack.received_at = c->ts_recent_at = c->tuning.began = a->at;
	c->rtt.min_at = c->congestion.used_at = a->at;
	c->rtt.rto = HF_MS(200);
}

static void foretell(const struct anchors *a, hf_tcb *c)
{
	hf_flow flow = c->flow;
	uint32_t slot = c->slot, generation = c->generation;

	memset(c, 0, sizeof(*c));
	c->flow = flow;
	c->slot = slot;
	c->generation = generation;
	c->settings = a->settings;
	foretell_usual(c);
	foretell_numbers(a, c);
	foretell_times(a, c);
}

static uint32_t word_of(const hf_tcb *c, size_t i)
{
	uint32_t word;

	memcpy(&word, (const uint8_t *)c + i * sizeof(word), sizeof(word));
	return word;
}

/** How many octets hold it, as a number with a sign. */
static unsigned octets_of(uint32_t difference)
{
	uint32_t size = difference ^ (0 - (difference >> 31)); /* as large, without the sign */

	return size < 0x80 ? 1 : size < 0x8000 ? 2 : size < 0x800000 ? 3 : 4;
}

/** Where the next goes, or NULL: no room. */
static uint8_t *put(uint8_t *to, const uint8_t *end, unsigned step, uint32_t difference)
{
	unsigned octets = octets_of(difference);

	for (; step > STEP_MAX; step -= STEP_MAX) {
		if (to == end)
			return NULL;
		*to++ = STEP_MAX << OCTETS_BITS;
	}
	if ((size_t)(end - to) < 1 + octets)
		return NULL;
	*to++ = (uint8_t)(step << OCTETS_BITS | octets);
	for (unsigned k = 0; k < octets; k++)
		*to++ = (uint8_t)(difference >> 8 * k);
	return to;
}

size_t hf_tcb_pack(const hf_tcb *c, uint8_t *to, size_t room)
{
	struct anchors a = { c->settings, c->sent_at, c->snd.una, c->rcv.nxt };
	uint8_t *at = to + sizeof(a), *end = to + room;
	hf_tcb guess = *c;
	size_t from = 0;

	if (room < sizeof(a))
		return 0;
	memcpy(to, &a, sizeof(a));
	foretell(&a, &guess);
	for (size_t i = 0; i < WORDS; i++) {
		uint32_t difference = word_of(c, i) - word_of(&guess, i);

		if (difference == 0)
			continue;
		at = put(at, end, (unsigned)(i - from), difference);
		if (!at)
			return 0;
		from = i + 1;
	}
	return (size_t)(at - to);
}

/** The `octets` at `from`, the lowest first, as a number with a sign. */
static uint32_t signed_at(const uint8_t *from, unsigned octets)
{
	uint32_t n = from[octets - 1] & 0x80 ? UINT32_MAX : 0;

	for (unsigned k = octets; k > 0; k--)
		n = n << 8 | from[k - 1];
	return n;
}

void hf_tcb_unpack(const uint8_t *from, size_t len, hf_tcb *c)
{
	const uint8_t *end = from + len;
	struct anchors a;
	size_t i = 0;

	memcpy(&a, from, sizeof(a));
	foretell(&a, c);
	for (from += sizeof(a); from < end;) {
		unsigned octets = *from & ((1u << OCTETS_BITS) - 1);
		uint32_t word;

		i += *from++ >> OCTETS_BITS;
		if (octets == 0)
			continue;
		word = word_of(c, i) + signed_at(from, octets);
		memcpy((uint8_t *)c + i++ * sizeof(word), &word, sizeof(word));
		from += octets;
	}
}
