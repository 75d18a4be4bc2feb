/* SPDX-License-Identifier: BSD-2-Clause */
/* The names and sentences of errors, reasons, causes and states, from their lists. */
#include <handfast/config.h>
#include <handfast/types.h>

/*
 * The rows are arrays of characters, not pointers, so that the tables need no relocation and stay
 * read-only data in a shared library too. A word that does not fit its column does not compile.
 */
#define NAME_ROOM 28
#define SECTION_ROOM 24
#define TEXT_ROOM 68

#define FITS(s, room) _Static_assert(sizeof(s) <= (room), "no room for: " s)
#define COUNT_OF(a) (sizeof(a) / sizeof((a)[0]))

#define X(name, word, text)                                                                        \
	FITS(word, NAME_ROOM);                                                                     \
	FITS(text, TEXT_ROOM);
HF_ERRORS(X)
#undef X
#define X(name, word, section, text)                                                               \
	FITS(word, NAME_ROOM);                                                                     \
	FITS(section, SECTION_ROOM);                                                               \
	FITS(text, TEXT_ROOM);
HF_REASONS(X)
#undef X
#define X(name, word) FITS(word, NAME_ROOM);
HF_CAUSES(X)
HF_STATES(X)
#undef X

static const struct {
	char name[NAME_ROOM];
	char text[TEXT_ROOM];
} errors[] = {
#define X(name, word, text) [HF_ERR_##name] = { word, text },
	HF_ERRORS(X)
#undef X
};

static const struct {
	char name[NAME_ROOM];
	char section[SECTION_ROOM];
	char text[TEXT_ROOM];
} reasons[] = {
#define X(name, word, section, text) [HF_WHY_##name] = { word, section, text },
	HF_REASONS(X)
#undef X
};

static const char causes[][NAME_ROOM] = {
#define X(name, word) [HF_SENT_##name] = word,
	HF_CAUSES(X)
#undef X
};

static const char states[][NAME_ROOM] = {
#define X(name, word) [HF_##name] = word,
	HF_STATES(X)
#undef X
};

_Static_assert(COUNT_OF(errors) == HF_ERR_COUNT, "every error has its row");
_Static_assert(COUNT_OF(reasons) == HF_REASON_COUNT, "every reason has its row");
_Static_assert(COUNT_OF(causes) == HF_CAUSE_COUNT, "every cause has its row");
_Static_assert(COUNT_OF(states) == HF_STATE_COUNT, "every state has its row");

/* What a number outside its list is called. */
static const char unknown[] = "unknown";

const char *hf_err_name(hf_err e)
{
	return (size_t)e < COUNT_OF(errors) ? errors[e].name : unknown;
}

const char *hf_err_text(hf_err e)
{
	return (size_t)e < COUNT_OF(errors) ? errors[e].text : unknown;
}

const char *hf_reason_name(hf_reason r)
{
	return (size_t)r < COUNT_OF(reasons) ? reasons[r].name : unknown;
}

const char *hf_reason_section(hf_reason r)
{
	return (size_t)r < COUNT_OF(reasons) ? reasons[r].section : "";
}

const char *hf_reason_text(hf_reason r)
{
	return (size_t)r < COUNT_OF(reasons) ? reasons[r].text : unknown;
}

const char *hf_cause_name(hf_cause c)
{
	return (size_t)c < COUNT_OF(causes) ? causes[c] : unknown;
}

const char *hf_state_name(hf_state s)
{
	return (size_t)s < COUNT_OF(states) ? states[s] : unknown;
}

static const char modules[][NAME_ROOM] = {
	[HF_CONGESTION_DEFAULT] = "default",
	[HF_CONGESTION_RENO] = "reno",
	[HF_CONGESTION_CUBIC] = "cubic",
	[HF_CONGESTION_BBR] = "bbr",
};

const char *hf_congestion_name(hf_congestion_control module)
{
	return (unsigned)module < COUNT_OF(modules) ? modules[module] : modules[0];
}

static bool is_equal(const char *a, const char *b)
{
	while (*a && *a == *b) {
		a++;
		b++;
	}
	return *a == *b;
}

hf_congestion_control hf_congestion_named(const char *name)
{
	for (unsigned i = HF_CONGESTION_DEFAULT + 1; i < COUNT_OF(modules); i++)
		if (is_equal(name, modules[i]))
			return (hf_congestion_control)i;
	return HF_CONGESTION_DEFAULT;
}
