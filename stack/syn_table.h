/* SPDX-License-Identifier: BSD-2-Clause */
/* What the stack counts so that floods stay within bounds. */
#ifndef HF_STACK_SYN_TABLE_H
#define HF_STACK_SYN_TABLE_H

#include <stdint.h>

#define HF_SYN_ROWS 2
#define HF_SYN_PLACES 512u
#define HF_RESET_BUCKETS 64

/** What the SYN table knows of its records besides them (syn_table.c). */
typedef struct hf_syn_table {
	/** records by prefix of the peer; each prefix has one place a row */
	uint32_t prefixes[HF_SYN_ROWS][HF_SYN_PLACES];
	uint32_t hand;  /**< the number from which the oldest record is looked for */
	uint64_t drawn; /**< records ever replaced at random */
} hf_syn_table;

#endif
