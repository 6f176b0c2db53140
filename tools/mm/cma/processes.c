// SPDX-License-Identifier: GPL-2.0
/*
 * The processes of /proc, and what they are called.
 */
#include <ctype.h>
#include <dirent.h>
#include <stdio.h>
#include <string.h>

#include "tool.h"

void each_process(void (*look)(const char *pid, void *data), void *data)
{
	DIR *proc = open_system_dir("/proc");
	struct dirent *entry;

	while (proc && (entry = readdir(proc)))
		if (isdigit((unsigned char)entry->d_name[0]))
			look(entry->d_name, data);
	if (proc)
		closedir(proc);
}

/* A question mark for one that has ended meanwhile */
void process_name(const char *pid, char *name, size_t size)
{
	char path[320];
	FILE *f;

	snprintf(path, sizeof(path), "/proc/%s/comm", pid);
	f = open_system(path);
	if (!f || !fgets(name, size, f))
		snprintf(name, size, "?");
	name[strcspn(name, "\n")] = '\0';
	make_plain(name);
	if (f)
		fclose(f);
}

/* Calls for each file of a directory that a process has in /proc, with its path. */
void each_file_of(const char *pid, const char *dir_name,
		  void (*look)(const char *path, void *data), void *data)
{
	struct dirent *entry;
	char path[600];
	DIR *dir;

	snprintf(path, sizeof(path), "/proc/%s/%s", pid, dir_name);
	dir = open_system_dir(path);
	while (dir && (entry = readdir(dir))) {
		if (entry->d_name[0] == '.')
			continue;
		snprintf(path, sizeof(path), "/proc/%s/%s/%s", pid, dir_name, entry->d_name);
		look(path, data);
	}
	if (dir)
		closedir(dir);
}
