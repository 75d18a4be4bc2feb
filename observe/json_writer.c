/* SPDX-License-Identifier: BSD-2-Clause */
/* One JSON object on one line, member by member. */
#include "observe/json_writer.h"

#include <inttypes.h>

#include "observe/words.h"

void hf_json_begin(hf_json_writer *w, const char *event)
{
	w->text = hf_text_in(w->line, sizeof(w->line));
	hf_text_add(&w->text, "{\"event\":\"%s\"", event);
	w->comma = true;
}

void hf_json_end(hf_json_writer *w, const hf_sink *sink)
{
	hf_text_add(&w->text, "}\n");
	hf_text_flush(&w->text, sink);
}

void hf_json_key(hf_json_writer *w, const char *key)
{
	hf_text_add(&w->text, "%s\"%s\":", w->comma ? "," : "", key);
	w->comma = true;
}

void hf_json_open(hf_json_writer *w, const char *key)
{
	hf_json_key(w, key);
	hf_text_add(&w->text, "{");
	w->comma = false;
}

void hf_json_close(hf_json_writer *w)
{
	hf_text_add(&w->text, "}");
	w->comma = true;
}

void hf_json_number(hf_json_writer *w, const char *key, int64_t value)
{
	hf_json_key(w, key);
	hf_text_add(&w->text, "%" PRId64, value);
}

void hf_json_count(hf_json_writer *w, const char *key, uint64_t value)
{
	hf_json_key(w, key);
	hf_text_add(&w->text, "%" PRIu64, value);
}

void hf_json_truth(hf_json_writer *w, const char *key, bool value)
{
	hf_json_key(w, key);
	hf_text_add(&w->text, "%s", value ? "true" : "false");
}

/* RFC 8259, 7: quote, backslash and control characters are escaped. */
void hf_json_string(hf_json_writer *w, const char *key, const char *value)
{
	hf_json_key(w, key);
	hf_text_add(&w->text, "\"");
	for (; *value; value++) {
		unsigned char c = (unsigned char)*value;
		if (c == '"' || c == '\\')
			hf_text_add(&w->text, "\\%c", c);
		else if (c < 0x20)
			hf_text_add(&w->text, "\\u%04x", c);
		else
			hf_text_add(&w->text, "%c", c);
	}
	hf_text_add(&w->text, "\"");
}

/* Nanoseconds as seconds, exactly. */
void hf_json_seconds(hf_json_writer *w, const char *key, hf_ns ns)
{
	uint64_t size = ns < 0 ? -(uint64_t)ns : (uint64_t)ns;
	hf_json_key(w, key);
	hf_text_add(&w->text, "%s%" PRIu64 ".%09" PRIu64, ns < 0 ? "-" : "", size / 1000000000,
		    size % 1000000000);
}

void hf_json_measured(hf_json_writer *w, const char *key, hf_ns ns)
{
	if (ns >= 0)
		hf_json_seconds(w, key, ns);
}

void hf_json_endpoint(hf_json_writer *w, const char *key, const hf_endpoint *e)
{
	char words[HF_ADDR_TEXT + 8];
	hf_text text = hf_text_in(words, sizeof(words));
	hf_words_endpoint(&text, e);
	hf_json_string(w, key, words);
}
