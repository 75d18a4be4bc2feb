/* SPDX-License-Identifier: BSD-2-Clause */
/* Gives a fuzz target the inputs of its corpus, one after the other, without libFuzzer. */
#include "fuzz.h"

#include <dirent.h>
#include <stdio.h>
#include <sys/stat.h>

#define LONGEST (1 << 20) /* octets of an input */

static const fuzz_target *target;
static char **paths;
static int path_count;
static unsigned inputs;

static void give(const char *path)
{
	FILE *file = fopen(path, "rb");
	uint8_t *octets = malloc(LONGEST), *exact;
	size_t len;

	assert_non_null(file);
	assert_non_null(octets);
	len = fread(octets, 1, LONGEST, file);
	fclose(file);
	print_message("# %s\n", path); /* of a failure, the last one is to blame */
	exact = fuzz_copy((hf_view){ octets, len });
	free(octets);
	target->one((hf_view){ exact, len });
	free(exact);
	inputs++;
}

static void give_all(const char *directory)
{
	struct dirent **entry;
	int count = scandir(directory, &entry, NULL, alphasort);

	assert_true(count >= 0);
	for (int i = 0; i < count; i++) {
		char path[1024];

		snprintf(path, sizeof(path), "%s/%s", directory, entry[i]->d_name);
		if (entry[i]->d_name[0] != '.')
			give(path);
		free(entry[i]);
	}
	free(entry);
}

static void nothing_in_the_corpus_breaks_it(void **state)
{
	(void)state;
	for (int i = 0; i < path_count; i++) {
		struct stat st;

		assert_int_equal(stat(paths[i], &st), 0);
		if (S_ISDIR(st.st_mode))
			give_all(paths[i]);
		else
			give(paths[i]);
	}
	assert_true(inputs > 0);
}

/* Nothing was ever made for these. */
static void no_octets_and_one_octet_are_taken(void **state)
{
	static const uint8_t octets[] = { 0, 1, 0x45, 0x60, 0x7f, 0xff };

	(void)state;
	target->one((hf_view){ octets, 0 });
	for (size_t i = 0; i < sizeof(octets); i++)
		target->one((hf_view){ octets + i, 1 });
}

int main(int count, char **args)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(nothing_in_the_corpus_breaks_it),
		cmocka_unit_test(no_octets_and_one_octet_are_taken),
	};

	target = count > 2 ? fuzz_find(args[1]) : NULL;
	if (target == NULL) {
		fputs("usage: fuzz TARGET FILE-OR-DIRECTORY...\n", stderr);
		return 2;
	}
	paths = args + 2;
	path_count = count - 2;
	return cmocka_run_group_tests(tests, NULL, NULL);
}
