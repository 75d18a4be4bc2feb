/* SPDX-License-Identifier: BSD-2-Clause */
/* Fuzz targets: files of keys, command lines, and what a web client may ask for. */
#include "targets.h"

#include <stdio.h>
#include <unistd.h>

#include "cmd/answer.h"
#include "cmd/key_file.h"
#include "cmd/options.h"
#include "tests/unit/support.h"

/* ---- Files of keys ---- */

/* What a line says is a key that a stack takes or refuses; it is never half a key. */
static void one_line(hf_stack *stack, hf_key_kind kind, const char *text)
{
	uint8_t secret[HF_KEY_SECRET_MAX];
	char *line = strdup(text);
	hf_key_options o;
	hf_key key;
	const char *why;

	assert_non_null(line);
	why = hf_key_line_read(line, kind, &o, secret);
	if (why != NULL) {
		assert_true(*why != '\0');
	} else if (o.size != 0) {
		assert_true(o.kind == kind && o.secret == secret);
		assert_true(o.secret_len >= 1 && o.secret_len <= sizeof(secret));
		if (o.mac != NULL && hf_key_add(stack, &o, &key) == HF_OK) /* built with nettle */
			assert_true(key.generation != 0);
	}
	free(line);
}

static void one_file(hf_view input)
{
	struct heap heap = { 0 };
	hf_config config = { .size = sizeof(config),
			     .allocator = { heap_alloc, heap_free, &heap },
			     .secret = { 1, 2, 3, 4 },
			     .mtu = 1500,
			     .address = { { hf_addr_v4(192, 0, 2, 1), 24 } } };
	hf_key_kind kind = fuzz_u8(&input) & 1 ? HF_KEY_AO : HF_KEY_MD5;
	char *text = fuzz_text(input), *rest = text, *line;
	hf_stack *stack;

	assert_int_equal(hf_stack_new(&config, (hf_time){ 0 }, &stack), HF_OK);
	while ((line = strsep(&rest, "\n")) != NULL)
		one_line(stack, kind, line);
	hf_stack_free(stack);
	assert_int_equal(heap.out, 0);
	free(text);
}

const fuzz_target fuzz_key_file = { "key_file", one_file };

/* ---- Command lines ---- */

#define WORDS 40

static void read_words(const hf_cmd *cmd, char **words, unsigned count)
{
	void *settings = calloc(1, cmd->settings_size + 1);
	hf_cmd_line line;

	assert_non_null(settings);
	hf_options_default(cmd, settings);
	if (!hf_options_parse(cmd, words, settings, &line)) {
		assert_true(line.complaint[0] != '\0');
		assert_non_null(memchr(line.complaint, '\0', sizeof(line.complaint)));
	} else if (!line.wants_help) {
		assert_in_range(line.operands.count, cmd->min_operands, cmd->max_operands);
		assert_true(line.operands.count <= count);
	}
	free(settings);
}

/* The first octet chooses the command; each line is a word. */
static void one_command_line(hf_view input)
{
	unsigned commands = 0, count = 0;
	uint8_t choice = fuzz_u8(&input);
	char *text = fuzz_text(input), *rest = text, *words[WORDS + 1];

	while (hf_commands[commands] != NULL)
		commands++;
	while (count < WORDS && (words[count] = strsep(&rest, "\n")) != NULL)
		count++;
	words[count] = NULL;
	if (count > 0)
		hf_cmd_guess(words[0]);
	read_words(hf_commands[choice % commands], words, count);
	free(text);
}

const fuzz_target fuzz_options = { "options", one_command_line };

/* ---- Web clients ---- */

/* The directory that is served: the public headers, of which none is empty. */
static const char *root_path(void)
{
	static char path[512];
	const char *top = getenv("HF_SOURCE_ROOT");

	snprintf(path, sizeof(path), "%s/include/handfast", top != NULL ? top : ".");
	return path;
}

/* Nothing outside the directory is opened, and nothing outside the file is sent. */
static void look_at_answer(const hf_answer *a)
{
	char link[64], path[1024];
	ssize_t len;

	assert_in_range(a->status, 200, 503);
	if (a->fd < 0)
		return;
	assert_true(a->status == 200 || a->status == 206);
	assert_true(a->offset <= a->size && a->len <= a->size - a->offset);
	snprintf(link, sizeof(link), "/proc/self/fd/%d", a->fd);
	len = readlink(link, path, sizeof(path) - 1);
	assert_true(len > 0);
	path[len] = '\0';
	assert_non_null(strstr(path, "/include/handfast/"));
	assert_null(strstr(path, ".."));
}

/* Each line is what one header says; an empty one: it is not there. */
static void one_request(hf_view input)
{
	static int root = -1;
	char *text = fuzz_text(input), *rest = text, *line[4];
	hf_request request;
	hf_answer answer;

	if (root < 0)
		root = hf_answer_root(root_path());
	if (root < 0) {
		free(text);
		return; /* an old kernel */
	}
	for (unsigned i = 0; i < 4; i++) {
		line[i] = strsep(&rest, "\n");
		if (i > 0 && line[i] != NULL && *line[i] == '\0')
			line[i] = NULL;
	}
	request = (hf_request){ line[0], line[1], line[2], line[3] };
	hf_answer_make(root, &request, &answer);
	look_at_answer(&answer);
	if (answer.location != NULL)
		assert_true(answer.location[0] != '/' || answer.location[1] != '/');
	hf_answer_free(&answer);
	free(text);
}

const fuzz_target fuzz_answer = { "answer", one_request };
