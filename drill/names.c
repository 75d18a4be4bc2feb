/* SPDX-License-Identifier: BSD-2-Clause */
/* The symbols that scripts may use: from names to numbers and back. */
#include "drill/names.h"

#include <string.h>

typedef struct row {
	const char *name;
	int64_t number;
} row;

static const row symbols[] = {
#define X(name, number) { #name, (number) },
	HF_DRILL_SYMBOLS(X)
#undef X
		{ NULL, 0 },
};

static const row errnos[] = {
#define X(name, number) { #name, (number) },
	HF_DRILL_ERRNOS(X)
#undef X
		{ NULL, 0 },
};

static const row *find(const row *rows, const char *name, size_t len)
{
	for (; rows->name != NULL; rows++) {
		if (strlen(rows->name) == len && memcmp(rows->name, name, len) == 0)
			return rows;
	}
	return NULL;
}

bool hf_drill_symbol(const char *name, size_t len, int64_t *out)
{
	const row *r = find(symbols, name, len);

	if (r == NULL)
		r = find(errnos, name, len);
	if (r == NULL)
		return false;
	*out = r->number;
	return true;
}

int hf_drill_errno(const char *name, size_t len)
{
	const row *r = find(errnos, name, len);

	return r == NULL ? 0 : (int)r->number;
}

const char *hf_drill_errno_name(int number)
{
	for (const row *r = errnos; r->name != NULL; r++) {
		if (r->number == number)
			return r->name;
	}
	return number == 0 ? "no error" : "an unknown error";
}

hf_congestion_control hf_drill_congestion_named(const char *name)
{
	return strcmp(name, "newreno") == 0 ? HF_CONGESTION_RENO : hf_congestion_named(name);
}

hf_congestion_control hf_congestion_chosen(const hf_config *config)
{
	if (config->congestion != HF_CONGESTION_DEFAULT)
		return config->congestion;
	return config->profile == HF_PROFILE_RFC ? HF_CONGESTION_RENO : HF_CONGESTION_CUBIC;
}
