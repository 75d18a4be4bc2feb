/* SPDX-License-Identifier: BSD-2-Clause */
/* Script files: those named, and those below directories. */
#include "drill/paths.h"

#include <dirent.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#define LARGEST (1u << 24) /* octets of a script */

static void add(hf_paths *p, const char *path)
{
	if (p->count == p->room) {
		const char **old = p->at;

		p->room = 2 * p->room + 16;
		p->at = hf_arena_take(p->arena, p->room * sizeof(*p->at));
		if (old != NULL)
			memcpy(p->at, old, p->count * sizeof(*p->at));
	}
	p->at[p->count++] = hf_arena_copy(p->arena, path, strlen(path));
}

static bool is_directory(const char *path)
{
	struct stat st;

	return stat(path, &st) == 0 && S_ISDIR(st.st_mode);
}

static bool is_script(const char *name)
{
	size_t len = strlen(name);

	return len > 4 && strcmp(name + len - 4, ".pkt") == 0;
}

static int compare(const void *a, const void *b)
{
	return strcmp(*(const char *const *)a, *(const char *const *)b);
}

static void add_below(hf_paths *p, const char *path)
{
	hf_paths here = { .arena = p->arena };
	DIR *dir = opendir(path);
	struct dirent *entry;

	if (dir == NULL) {
		add(p, path);
		return;
	}
	while ((entry = readdir(dir)) != NULL) {
		const char *name = hf_arena_format(p->arena, "%s/%s", path, entry->d_name);

		if (entry->d_name[0] != '.' && (is_script(name) || is_directory(name)))
			add(&here, name);
	}
	closedir(dir);
	if (here.count > 0)
		qsort(here.at, here.count, sizeof(*here.at), compare);
	for (size_t i = 0; i < here.count; i++)
		hf_paths_add(p, here.at[i]);
}

void hf_paths_add(hf_paths *p, const char *path)
{
	if (is_directory(path))
		add_below(p, path);
	else
		add(p, path);
}

static char *read_all(FILE *file)
{
	size_t room = 4096, len = 0, got;
	char *text = malloc(room), *larger;

	while (text != NULL && (got = fread(text + len, 1, room - len - 1, file)) > 0) {
		len += got;
		if (room - len > 1)
			continue;
		room *= 2;
		larger = room <= LARGEST ? realloc(text, room) : NULL;
		if (larger == NULL)
			free(text);
		text = larger;
	}
	if (text == NULL)
		return NULL;
	text[len] = '\0';
	if (ferror(file) || strlen(text) != len) {
		free(text);
		return NULL;
	}
	return text;
}

char *hf_paths_read(const char *path)
{
	FILE *file = fopen(path, "rb");
	char *text;

	if (file == NULL)
		return NULL;
	text = read_all(file);
	fclose(file);
	return text;
}
