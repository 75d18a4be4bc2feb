/* SPDX-License-Identifier: BSD-2-Clause */
/* The lab itself: its clock, its parcels, its taps. */
#include "lab/parts.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Under the address sanitizer a parcel's octets end where its packet's capacity does, so that a
 * stack that reads or writes one octet too many is caught although parcels are used again and
 * again. */
#ifdef __has_feature
#if __has_feature(address_sanitizer)
#define HAVE_FENCES
#endif
#endif
#if defined(__SANITIZE_ADDRESS__) || defined(HAVE_FENCES)
#include <sanitizer/asan_interface.h>
#define FENCE(at, octets) ASAN_POISON_MEMORY_REGION(at, octets)
#define UNFENCE(at, octets) ASAN_UNPOISON_MEMORY_REGION(at, octets)
#else
#define FENCE(at, octets) ((void)(at), (void)(octets))
#define UNFENCE(at, octets) ((void)(at), (void)(octets))
#endif

#define SMALLEST_PARCEL 64u

static void die_of_memory(void)
{
	fputs("lab: no memory\n", stderr);
	abort();
}

void *hf_lab_grab(size_t octets)
{
	void *at = calloc(1, octets);

	if (at == NULL)
		die_of_memory();
	return at;
}

void *hf_lab_regrab(void *at, size_t octets)
{
	at = realloc(at, octets);
	if (at == NULL)
		die_of_memory();
	return at;
}

hf_lab *hf_lab_new(uint64_t seed)
{
	hf_lab *lab = hf_lab_grab(sizeof(*lab));

	lab->seed = seed;
	return lab;
}

size_t hf_lab_free(hf_lab *lab)
{
	size_t leaked = 0;

	if (lab == NULL)
		return 0;
	while (lab->nodes != NULL) {
		hf_lab_node *node = lab->nodes;

		lab->nodes = node->next;
		leaked += node->close(node);
		free(node);
	}
	hf_lab_link_free(lab->links);
	while (lab->parcels != NULL) {
		hf_lab_parcel *parcel = lab->parcels;

		lab->parcels = parcel->all;
		UNFENCE(parcel->octets, (size_t)SMALLEST_PARCEL << parcel->size_class);
		free(parcel);
	}
	free(lab->queue.event);
	free(lab);
	return leaked;
}

hf_time hf_lab_now(const hf_lab *lab)
{
	return lab->now;
}

uint64_t hf_lab_seed(const hf_lab *lab)
{
	return lab->seed;
}

hf_lab_counts hf_lab_counted(const hf_lab *lab)
{
	return lab->counts;
}

const char *hf_lab_name(const hf_lab_node *node)
{
	return node->name;
}

hf_lab *hf_lab_of(const hf_lab_node *node)
{
	return node->lab;
}

void hf_lab_node_init(hf_lab *lab, hf_lab_node *node, const char *name, unsigned most_links)
{
	node->lab = lab;
	node->next = lab->nodes;
	lab->nodes = node;
	node->most_links = most_links;
	snprintf(node->name, sizeof(node->name), "%s", name);
}

/* ---- Events ---- */

hf_time hf_lab_next(const hf_lab *lab)
{
	return lab->queue.count > 0 ? lab->queue.event[0].at : HF_NEVER;
}

bool hf_lab_step(hf_lab *lab)
{
	hf_lab_event event;

	if (lab->queue.count == 0)
		return false;
	event = hf_lab_queue_take(&lab->queue);
	lab->now = event.at;
	lab->counts.events++;
	if (event.parcel != NULL)
		hf_lab_link_deliver(event.parcel);
	else
		event.call(event.ctx);
	return true;
}

void hf_lab_run_until(hf_lab *lab, hf_time until)
{
	while (!hf_time_before(until, hf_lab_next(lab)) && hf_lab_step(lab))
		;
	if (hf_time_before(lab->now, until))
		lab->now = until;
}

bool hf_lab_run_idle(hf_lab *lab, hf_time limit)
{
	while (!hf_time_before(limit, hf_lab_next(lab)) && hf_lab_step(lab))
		;
	return lab->queue.count == 0;
}

void hf_lab_after(hf_lab *lab, hf_ns wait, void (*call)(void *ctx), void *ctx)
{
	hf_lab_event event = { .at = hf_time_add(lab->now, wait), .call = call, .ctx = ctx };

	hf_lab_queue_add(&lab->queue, event);
}

void hf_lab_cancel(hf_lab *lab, void (*call)(void *ctx), const void *ctx)
{
	hf_lab_queue_forget(&lab->queue, call, ctx);
}

void hf_lab_arrange(hf_lab *lab, hf_lab_parcel *parcel, hf_time at)
{
	hf_lab_queue_add(&lab->queue, (hf_lab_event){ .at = at, .parcel = parcel });
}

/* ---- Parcels ---- */

hf_lab_parcel *hf_lab_parcel_new(hf_lab *lab, uint32_t capacity)
{
	uint8_t size_class = 0;
	hf_lab_parcel *parcel;
	size_t room;

	while ((SMALLEST_PARCEL << size_class) < capacity)
		size_class++;
	room = (size_t)SMALLEST_PARCEL << size_class;
	if (size_class >= HF_LAB_PARCEL_CLASSES)
		die_of_memory();
	parcel = lab->spare[size_class];
	if (parcel != NULL) {
		lab->spare[size_class] = parcel->next;
		UNFENCE(parcel->octets, room);
	} else {
		parcel = hf_lab_grab(sizeof(*parcel) + room);
		parcel->all = lab->parcels;
		lab->parcels = parcel;
		parcel->size_class = size_class;
	}
	FENCE(parcel->octets + capacity, room - capacity);
	parcel->packet = (hf_lab_packet){ .data = parcel->octets, .capacity = capacity };
	parcel->state = HF_CLOSED;
	parcel->next = NULL;
	return parcel;
}

hf_lab_parcel *hf_lab_parcel_of(hf_lab *lab, const void *octets, size_t len)
{
	hf_lab_parcel *parcel = hf_lab_parcel_new(lab, (uint32_t)len);

	memcpy(parcel->octets, octets, len);
	parcel->packet.len = (uint32_t)len;
	return parcel;
}

void hf_lab_parcel_free(hf_lab *lab, hf_lab_parcel *parcel)
{
	FENCE(parcel->octets, (size_t)SMALLEST_PARCEL << parcel->size_class);
	parcel->next = lab->spare[parcel->size_class];
	lab->spare[parcel->size_class] = parcel;
}

/* ---- Words ---- */

const char *hf_lab_read_prefix(const char *text, hf_host_addr *out)
{
	char word[HF_ADDR_TEXT];
	size_t len = strcspn(text, "/");
	char *end;
	unsigned long prefix;

	if (len >= sizeof(word) || text[len] != '/')
		return NULL;
	memcpy(word, text, len);
	word[len] = '\0';
	if (!hf_addr_parse(word, &out->addr))
		return NULL;
	prefix = strtoul(text + len + 1, &end, 10);
	if (end == text + len + 1 || (*end != ' ' && *end != '\0') ||
	    prefix > (hf_addr_is_v4(&out->addr) ? 32 : 128))
		return NULL;
	out->prefix = (uint8_t)prefix;
	return end;
}

/* ---- Taps ---- */

const char *hf_lab_fate_name(hf_lab_fate fate)
{
	static const char *const words[] = {
#define X(name, word) word,
		HF_LAB_FATES(X)
#undef X
	};

	return words[fate];
}

hf_err hf_lab_tap_add(hf_lab *lab, const hf_lab_link *link, hf_lab_tap tap, void *ctx)
{
	if (lab->watchers == HF_LAB_TAPS)
		return HF_ERR_LIMIT;
	lab->watcher[lab->watchers++] = (hf_lab_watcher){ link, tap, ctx };
	return HF_OK;
}

void hf_lab_show(const hf_lab_parcel *parcel, hf_lab_fate fate, hf_reason reason, hf_state state)
{
	hf_lab *lab = hf_lab_of(hf_lab_link_end(parcel->link, 0));
	hf_lab_sight sight = {
		.time = lab->now,
		.link = parcel->link,
		.from = parcel->from,
		.fate = fate,
		.packet = &parcel->packet,
		.reason = reason,
		.state = state,
	};

	for (unsigned i = 0; i < lab->watchers; i++) {
		if (lab->watcher[i].link == NULL || lab->watcher[i].link == parcel->link)
			lab->watcher[i].tap(lab->watcher[i].ctx, &sight);
	}
}
