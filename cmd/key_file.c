/* SPDX-License-Identifier: BSD-2-Clause */
/* Files of keys for signed connections: a key a line, words of the form name=value. */
#include "cmd/key_file.h"

#include <ctype.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "io/auth/nettle.h"

#define LINE_MAX_OCTETS 1024

/* ---- Values ---- */

static const char *read_number(const char *text, unsigned long most, unsigned long *out)
{
	char *end;

	if (!isdigit((unsigned char)*text))
		return "a number is missing";
	errno = 0;
	*out = strtoul(text, &end, 10);
	return *end || errno || *out > most ? "a number is wrong or too large" : NULL;
}

static const char *read_octet(const char *text, uint8_t *out)
{
	unsigned long n = 0;
	const char *why = read_number(text, UINT8_MAX, &n);

	*out = (uint8_t)n;
	return why;
}

static const char *read_port(const char *text, uint16_t *out)
{
	unsigned long n = 0;
	const char *why = read_number(text, UINT16_MAX, &n);

	*out = (uint16_t)n;
	return why;
}

typedef const char *reader(char *text, hf_key_options *out, uint8_t *secret);

static const char *read_peer(char *text, hf_key_options *out, uint8_t *secret)
{
	char *slash = strchr(text, '/');

	(void)secret;
	if (strcmp(text, "any") == 0)
		return NULL;
	if (slash)
		*slash = 0;
	if (!hf_addr_parse(text, &out->remote.addr))
		return "peer= is no address, ADDRESS/BITS or any";
	return slash ? read_octet(slash + 1, &out->prefix) : NULL;
}

static const char *read_peer_port(char *text, hf_key_options *out, uint8_t *secret)
{
	(void)secret;
	return read_port(text, &out->remote.port);
}

static const char *read_own_port(char *text, hf_key_options *out, uint8_t *secret)
{
	(void)secret;
	return read_port(text, &out->local.port);
}

static const char *read_send(char *text, hf_key_options *out, uint8_t *secret)
{
	(void)secret;
	return read_octet(text, &out->send_id);
}

static const char *read_receive(char *text, hf_key_options *out, uint8_t *secret)
{
	(void)secret;
	return read_octet(text, &out->recv_id);
}

static const char *read_algorithm(char *text, hf_key_options *out, uint8_t *secret)
{
	(void)secret;
	out->mac = strcmp(text, "md5") == 0 ? NULL : hf_nettle_mac(text);
	return out->mac ? NULL : "the algorithm is not known";
}

static const char *read_mac_len(char *text, hf_key_options *out, uint8_t *secret)
{
	(void)secret;
	return read_octet(text, &out->mac_len);
}

static const char *read_options(char *text, hf_key_options *out, uint8_t *secret)
{
	(void)secret;
	out->omit_options = strcmp(text, "omitted") == 0;
	return out->omit_options || strcmp(text, "covered") == 0 ? NULL :
								   "options= is covered or omitted";
}

static const char *read_secret(char *text, hf_key_options *out, uint8_t *secret)
{
	size_t len = strlen(text);

	if (len == 0 || len > HF_KEY_SECRET_MAX)
		return "the secret must have 1 to 80 octets";
	memcpy(secret, text, len);
	out->secret = secret;
	out->secret_len = len;
	return NULL;
}

static int digit(char c)
{
	static const char digits[] = "0123456789abcdef";
	const char *at = c ? strchr(digits, tolower((unsigned char)c)) : NULL;

	return at ? (int)(at - digits) : -1;
}

static const char *read_hex(char *text, hf_key_options *out, uint8_t *secret)
{
	size_t len = 0;

	for (; text[0]; text += 2, len++) {
		if (digit(text[0]) < 0 || digit(text[1]) < 0)
			return "secret-hex= takes pairs of hexadecimal digits";
		if (len == HF_KEY_SECRET_MAX)
			return "the secret must have 1 to 80 octets";
		secret[len] = (uint8_t)(digit(text[0]) * 16 + digit(text[1]));
	}
	out->secret = secret;
	out->secret_len = len;
	return len ? NULL : "the secret must have 1 to 80 octets";
}

static const struct {
	const char *name;
	reader *read;
	bool ao_only;
} words[] = {
	{ "peer", read_peer, false },         { "peer-port", read_peer_port, false },
	{ "port", read_own_port, false },     { "send", read_send, true },
	{ "receive", read_receive, true },    { "algorithm", read_algorithm, true },
	{ "mac-octets", read_mac_len, true }, { "options", read_options, true },
	{ "secret-hex", read_hex, false },    { "secret", read_secret, false },
};

#define WORDS (sizeof(words) / sizeof(words[0]))

/* ---- Lines ---- */

static const char *read_word(char *word, hf_key_kind kind, hf_key_options *out, uint8_t *secret,
			     unsigned *seen)
{
	char *value = strchr(word, '=');

	if (!value)
		return "name=value was expected";
	*value++ = 0;
	for (unsigned i = 0; i < WORDS; i++) {
		if (strcmp(word, words[i].name) != 0)
			continue;
		if (words[i].ao_only && kind == HF_KEY_MD5)
			return "this word is for TCP-AO keys only";
		if (*seen & 1u << i)
			return "a word stands twice";
		*seen |= 1u << i;
		return words[i].read(value, out, secret);
	}
	return "a word is not known";
}

static bool has_seen(unsigned seen, const char *name)
{
	for (unsigned i = 0; i < WORDS; i++)
		if (strcmp(words[i].name, name) == 0)
			return seen & 1u << i;
	return false;
}

static const char *find_missing(unsigned seen, hf_key_kind kind)
{
	if (!has_seen(seen, "peer"))
		return "peer= is missing";
	if (has_seen(seen, "secret") == has_seen(seen, "secret-hex"))
		return "one of secret= and secret-hex= is needed";
	if (kind == HF_KEY_AO && (!has_seen(seen, "send") || !has_seen(seen, "receive")))
		return "send= and receive= are missing";
	return NULL;
}

const char *hf_key_line_read(char *line, hf_key_kind kind, hf_key_options *out, uint8_t *secret)
{
	char *state = NULL, *word = strtok_r(line, " \t\r\n", &state);
	const char *why = NULL;
	unsigned seen = 0;

	*out = (hf_key_options){ .kind = kind };
	if (!word || *word == '#')
		return NULL;
	out->size = sizeof(*out);
	out->mac = hf_nettle_mac(kind == HF_KEY_MD5 ? "md5" : "hmac-sha-1");
	for (; word && !why; word = strtok_r(NULL, " \t\r\n", &state))
		why = read_word(word, kind, out, secret, &seen);
	if (!why)
		why = find_missing(seen, kind);
	return why;
}

/* ---- Files ---- */

typedef struct source {
	const char *path;
	hf_key_kind kind;
	hf_stack *stack;
	char *complaint;
} source;

static bool complain(const source *f, unsigned line, const char *why)
{
	if (line > 0)
		snprintf(f->complaint, HF_KEY_COMPLAINT, "%s, line %u: %s", f->path, line, why);
	else
		snprintf(f->complaint, HF_KEY_COMPLAINT, "%s: %s", f->path, why);
	return false;
}

static const char *add(const source *f, const hf_key_options *o)
{
	hf_key key;
	hf_err err = hf_key_add(f->stack, o, &key);

	if (err == HF_ERR_IN_USE)
		return "another key for the same connections has this ID, or is of the other kind";
	return err == HF_OK ? NULL : hf_err_text(err);
}

static bool load_lines(const source *f, FILE *in)
{
	char line[LINE_MAX_OCTETS];
	uint8_t secret[HF_KEY_SECRET_MAX];
	const char *why = NULL;
	hf_key_options o;
	unsigned n = 0, keys = 0;

	while (!why && fgets(line, sizeof(line), in)) {
		n++;
		why = strchr(line, '\n') || feof(in) ? hf_key_line_read(line, f->kind, &o, secret) :
						       "the line is too long";
		if (!why && o.size) {
			why = add(f, &o);
			keys++;
		}
	}
	explicit_bzero(line, sizeof(line));
	explicit_bzero(secret, sizeof(secret));
	if (why)
		return complain(f, n, why);
	return keys > 0 || complain(f, 0, "there is no key in it");
}

/* Secrets that others can read are none. */
static const char *check_rights(FILE *in)
{
	struct stat st;

	if (fstat(fileno(in), &st) != 0)
		return strerror(errno);
	return S_ISREG(st.st_mode) && st.st_mode & (S_IRWXG | S_IRWXO) ?
		       "others may read or write it (chmod 600)" :
		       NULL;
}

static bool load(const source *f)
{
	const char *why;
	bool done;
	FILE *in;

	if (!hf_nettle_mac_at(0))
		return complain(f, 0, "this handfast was built without nettle: it has no keys");
	in = fopen(f->path, "re");
	if (!in)
		return complain(f, 0, strerror(errno));
	setvbuf(in, NULL, _IONBF, 0); /* no copy of a secret stays in a buffer */
	why = check_rights(in);
	done = why ? complain(f, 0, why) : load_lines(f, in);
	fclose(in);
	return done;
}

bool hf_key_files_load(const hf_key_files *files, hf_stack *s, char *complaint)
{
	source ao = { files->ao, HF_KEY_AO, s, complaint };
	source md5 = { files->md5, HF_KEY_MD5, s, complaint };

	return (!files->ao || load(&ao)) && (!files->md5 || load(&md5));
}
