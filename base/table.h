/* SPDX-License-Identifier: BSD-2-Clause */
/* A hash table from a keyed 32-bit hash to a 32-bit value, which grows a little at a time. */
#ifndef HF_BASE_TABLE_H
#define HF_BASE_TABLE_H

#include "base/mem.h"

/*
 * Open addressing, linear probing, deletion by shifting back (no tombstones). A slot is the whole
 * hash and the value, 8 octets, so that moving a slot to the larger half never looks at a key.
 * While growing there are two arrays; each insertion clears or moves a few slots, so no call pauses
 * for long. Keys live with the caller, who compares them; hashes come from SipHash with a secret
 * key, so that nobody outside can pile up one probe sequence.
 */
typedef struct hf_slot {
	uint32_t hash;
	uint32_t value; /**< HF_SLOT_FREE: nothing here */
} hf_slot;

#define HF_SLOT_FREE UINT32_MAX

typedef struct hf_table_part {
	hf_slot *slot;
	uint32_t size;  /**< slots; a power of two, or 0 */
	uint32_t count; /**< slots in use */
} hf_table_part;

typedef struct hf_table {
	hf_table_part now, old; /**< `old` is being emptied into `now` */
	hf_table_part next;     /**< what `now` will be, while being cleared */
	uint32_t moved;         /**< slots of `old` already looked at */
	uint32_t cleared;       /**< slots of `next` already cleared */
} hf_table;

/** Does `value` carry the key that is looked for? */
typedef bool (*hf_table_equal)(const void *ctx, uint32_t value);

/** The value under `hash` for which `equal` says yes, or HF_SLOT_FREE. */
uint32_t hf_table_find(const hf_table *t, uint32_t hash, hf_table_equal equal, const void *ctx);
/**
 * Adds a value (not HF_SLOT_FREE; not there yet). False if memory is not to be had; the values are
 * then as before.
 */
bool hf_table_add(hf_table *t, hf_mem *m, uint32_t hash, uint32_t value);
/** Removes exactly this pair. False if it was not there. */
bool hf_table_remove(hf_table *t, uint32_t hash, uint32_t value);
/** Replaces the value of a pair by another (not HF_SLOT_FREE). False if the pair was not there. */
bool hf_table_replace(hf_table *t, uint32_t hash, uint32_t value, uint32_t by);
/** Fetches the cache line where a look-up of `hash` will begin. */
void hf_table_prefetch(const hf_table *t, uint32_t hash);
/** Values in the table. */
uint32_t hf_table_count(const hf_table *t);
/** Gives all memory back. */
void hf_table_release(hf_table *t, hf_mem *m);

#endif
