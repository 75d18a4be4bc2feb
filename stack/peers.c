/* SPDX-License-Identifier: BSD-2-Clause */
/* What is remembered of peers from one connection to the next. Bounded. */
#include "stack/internal.h"

#define LOSSES_BEARABLE 1 /* in a row */
#define PAUSE HF_SEC(60)  /* doubled by each */
#define DOUBLINGS_MAX 6

/** The first of the places that a peer may have. */
static hf_peer *places_of(const hf_stack *s, const hf_addr *remote)
{
	uint64_t hash = hf_siphash(&s->table_key, remote, sizeof(*remote));
	size_t sets = HF_PEERS / HF_PEER_WAYS;

	return &s->peers.at[hash % sets * HF_PEER_WAYS];
}

hf_peer *hf_peer_find(hf_stack *s, const hf_addr *remote)
{
	hf_peer *p;

	if (!s->peers.at)
		return NULL;
	p = places_of(s, remote);
	for (unsigned i = 0; i < HF_PEER_WAYS; i++) {
		if (!hf_addr_equal(&p[i].remote, remote))
			continue;
		p[i].used = ++s->peers.uses;
		return &p[i];
	}
	return NULL;
}

hf_peer *hf_peer_need(hf_stack *s, const hf_addr *remote)
{
	hf_peer *p = hf_peer_find(s, remote), *oldest;

	if (p)
		return p;
	if (!s->peers.at)
		s->peers.at = hf_mem_new(&s->mem, HF_PEERS * sizeof(*s->peers.at));
	if (!s->peers.at)
		return NULL;
	p = places_of(s, remote);
	oldest = p;
	for (unsigned i = 1; i < HF_PEER_WAYS; i++)
		if (p[i].used < oldest->used)
			oldest = &p[i];
	*oldest = (hf_peer){ .remote = *remote, .used = ++s->peers.uses };
	return oldest;
}

void hf_peers_release(hf_stack *s)
{
	hf_mem_free(&s->mem, s->peers.at, HF_PEERS * sizeof(*s->peers.at));
	s->peers.at = NULL;
}

void hf_peer_note(const hf_stack *s, bool lost, uint8_t *losses, hf_time *at)
{
	if (!lost) {
		*losses = 0;
		return;
	}
	if (*losses < UINT8_MAX)
		++*losses;
	*at = s->now;
}

bool hf_peer_is_spared(const hf_stack *s, uint8_t losses, hf_time at)
{
	unsigned doublings = losses < DOUBLINGS_MAX ? losses : DOUBLINGS_MAX;

	return losses > LOSSES_BEARABLE &&
	       hf_time_before(s->now, hf_time_add(at, PAUSE << doublings));
}

bool hf_peer_takes_ecn(hf_stack *s, const hf_addr *remote)
{
	const hf_peer *p = hf_peer_find(s, remote);

	return !p || !hf_peer_is_spared(s, p->ecn_losses, p->ecn_lost_at);
}

void hf_peer_note_ecn(hf_stack *s, const hf_addr *remote, bool lost)
{
	hf_peer *p = lost ? hf_peer_need(s, remote) : hf_peer_find(s, remote);

	if (p)
		hf_peer_note(s, lost, &p->ecn_losses, &p->ecn_lost_at);
}

void hf_peer_note_mtu(hf_stack *s, const hf_addr *remote, uint32_t mtu)
{
	bool is_small = mtu < s->config.mtu;
	hf_peer *p = is_small ? hf_peer_need(s, remote) : hf_peer_find(s, remote);

	if (!p)
		return;
	p->mtu = is_small ? mtu : 0;
	p->mtu_until = hf_time_add(s->now, s->config.mtu_expires);
}
