// SPDX-License-Identifier: GPL-2.0
/*
 * cma record, cma report: all that the kernel tells of its areas, in a file that can be
 * looked at elsewhere. It has the kernel's files by their names, each behind a line
 *
 *	@ <offset> <length> <path>
 *
 * and is unpacked into a folder that takes the place of the system's root.
 */
#include <err.h>
#include <errno.h>
#include <ftw.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/utsname.h>
#include <unistd.h>

#include "tool.h"

#define MAGIC	"# cma-record 1"
#define END	"# end\n"

/*
 * Nothing of a record gets outside of the folder that it is unpacked in, and the name of no
 * area does something to a terminal, or needs two lines.
 */
static bool is_safe(const char *path)
{
	char plain[1024];

	snprintf(plain, sizeof(plain), "%s", path);
	make_plain(plain);
	return path[0] == '/' && !strstr(path, "/../") && !strcmp(plain, path) &&
	       (strlen(path) < 3 || strcmp(path + strlen(path) - 3, "/.."));
}

/* ---- Writing ---- */

/* All that is read from here on; what can't be read is left out. */
static char *read_all(FILE *f, size_t *len)
{
	size_t room = 0, got;
	char *text = NULL, *more;

	for (*len = 0;;) {
		if (*len == room) {
			room = room ? 2 * room : 65536;
			more = realloc(text, room);
			if (!more)
				err(1, "no memory for %zu bytes", room);
			text = more;
		}
		errno = 0;
		got = fread(text + *len, 1, room - *len, f);
		*len += got;
		if (got)
			continue;
		/* What was to come next in the log has been overwritten meanwhile. */
		if (errno != EPIPE)
			return text;
		clearerr(f);
	}
}

static void put(FILE *out, const char *path, unsigned long long offset, const char *data,
		size_t len)
{
	if (!is_safe(path))
		return;
	fprintf(out, "@ %llu %zu %s\n", offset, len, path);
	fwrite(data, 1, len, out);
	fputc('\n', out);
}

static void put_file(FILE *out, const char *path)
{
	static char buffer[16384];
	FILE *f = open_system(path);
	size_t len;
	char *text;

	if (!f)
		return;
	if (!strcmp(path, "/dev/kmsg")) {
		setvbuf(f, buffer, _IOFBF, sizeof(buffer));
		set_nonblocking(f);
	}
	text = read_all(f, &len);
	put(out, path, 0, text, len);
	free(text);
	fclose(f);
}

/* Two files take and free memory, and one holds up the area when it is read. */
static bool is_harmless(const char *name)
{
	return strcmp(name, "alloc") && strcmp(name, "free") && strcmp(name, "check");
}

static void put_dir(FILE *out, const char *path)
{
	DIR *dir = open_system_dir(path);
	struct dirent *entry;
	unsigned int nr = 0;
	char full[1024];
	struct stat st;

	while (dir && (entry = readdir(dir))) {
		if (entry->d_name[0] == '.')
			continue;
		nr++;
		snprintf(full, sizeof(full), "%s%s/%s", system_root, path, entry->d_name);
		if (stat(full, &st))
			continue;
		if (S_ISDIR(st.st_mode))
			put_dir(out, full + strlen(system_root));
		else if (is_harmless(entry->d_name))
			put_file(out, full + strlen(system_root));
	}
	/* A directory comes with what is in it. Where that is nothing, it has this. */
	snprintf(full, sizeof(full), "%s/.empty", path);
	if (dir && !nr)
		put(out, full, 0, "", 0);
	if (dir)
		closedir(dir);
}

/* As far as there are flags; a piece of an area may be more than one read gets. */
static size_t read_flags(FILE *f, char *flags, size_t len, off_t from)
{
	size_t done = 0;
	ssize_t got;

	while (done < len) {
		got = pread(fileno(f), flags + done, len - done, from + done);
		if (got <= 0)
			break;
		done += got;
	}
	return done;
}

/* Of each page of an area, and of no other */
static void put_flags(FILE *out, const struct area *area)
{
	struct piece pieces[PIECES_MAX];
	unsigned int nr = area_pieces(area, pieces, PIECES_MAX), i;
	FILE *f = open_system("/proc/kpageflags");

	for (i = 0; f && i < nr; i++) {
		off_t from = (off_t)pieces[i].base_pfn * 8;
		size_t len = pieces[i].nr_pages * 8;
		char *flags = malloc(len ?: 1);

		if (!flags)
			err(1, "no memory for the flags of %lu pages", pieces[i].nr_pages);
		len = read_flags(f, flags, len, from);
		put(out, "/proc/kpageflags", from, flags, len);
		free(flags);
	}
	if (f)
		fclose(f);
}

/* The buffers that a program has open */
struct copy {
	FILE *out;
	bool has_some;
};

static void put_buffer(const char *path, void *data)
{
	struct copy *copy = data;

	if (!is_buffer(path))
		return;
	put_file(copy->out, path);
	copy->has_some = true;
}

static void put_process(const char *pid, void *out)
{
	struct copy copy = { .out = out };
	char path[320];

	each_file_of(pid, "fdinfo", put_buffer, &copy);
	snprintf(path, sizeof(path), "/proc/%s/comm", pid);
	if (copy.has_some)
		put_file(out, path);
}

static void put_header(FILE *out)
{
	struct utsname system;

	uname(&system);
	fprintf(out, MAGIC " page_size=%ld word_bits=%u bytes=%s release=%s machine=%s\n",
		machine.page_size, machine.word_bits, machine.is_big_endian ? "big" : "little",
		system.release, system.machine);
}

int make_record(char **names, const struct options *options)
{
	struct area areas[AREAS_MAX];
	char *none = NULL;
	unsigned int nr, i;
	FILE *out;

	if (!names[0] || names[1])
		errx(2, "record takes the name of one file to write");
	nr = areas_find(areas, &none);
	/* Where memory lies, and the log, aren't everybody's business. */
	umask(077);
	out = fopen(names[0], "we");
	if (!out)
		err(1, "%s", names[0]);
	put_header(out);
	put_dir(out, SYSFS);
	put_dir(out, DEBUGFS);
	for (i = 0; i < nr; i++)
		put_flags(out, &areas[i]);
	each_process(put_process, out);
	put_file(out, "/proc/meminfo");
	put_file(out, "/proc/cmdline");
	put_file(out, "/dev/kmsg");
	fputs(END, out);
	if (fflush(out) || ferror(out) || fclose(out))
		err(1, "%s", names[0]);
	if (geteuid())
		warnx("%s lacks what is told to root only", names[0]);
	return 0;
}

/* ---- Reading ---- */

static char folder[512];

static int remove_one(const char *path, const struct stat *st, int flag, struct FTW *walk)
{
	return remove(path);
}

static void remove_folder(void)
{
	nftw(folder, remove_one, 16, FTW_DEPTH | FTW_PHYS);
}

/* Whatever ends the program waits until the folder is gone. */
static void make_folder(void)
{
	const char *where = getenv("TMPDIR");
	sigset_t signals;

	sigemptyset(&signals);
	sigaddset(&signals, SIGHUP);
	sigaddset(&signals, SIGINT);
	sigaddset(&signals, SIGTERM);
	sigprocmask(SIG_BLOCK, &signals, NULL);
	signal(SIGPIPE, SIG_IGN);
	snprintf(folder, sizeof(folder), "%s/cma-report.XXXXXX",
		 where && *where ? where : "/tmp");
	if (!mkdtemp(folder))
		err(1, "%s", folder);
	atexit(remove_folder);
}

static void make_dirs(char *path)
{
	char *slash;

	for (slash = strchr(path + 1, '/'); slash; slash = strchr(slash + 1, '/')) {
		*slash = '\0';
		if (mkdir(path, 0700) && errno != EEXIST)
			err(1, "%s", path);
		*slash = '/';
	}
}

static void unpack_one(FILE *in, const char *path, unsigned long long offset, size_t len)
{
	char *data = malloc(len ?: 1);
	char full[1600];
	FILE *out;

	if (!data)
		err(1, "no memory for the %zu bytes of %s", len, path);
	if (fread(data, 1, len, in) != len || fgetc(in) != '\n')
		errx(1, "the record ends within %s", path);
	snprintf(full, sizeof(full), "%s%s", folder, path);
	make_dirs(full);
	/* What several areas have a part of is one file. */
	out = fopen(full, "r+e");
	if (!out)
		out = fopen(full, "we");
	if (!out || fseeko(out, offset, SEEK_SET) || fwrite(data, 1, len, out) != len ||
	    fclose(out))
		err(1, "%s", full);
	free(data);
}

static void read_header(FILE *in, const char *name)
{
	char line[256], bytes[8], release[128];
	long *size = &machine.page_size;

	if (!fgets(line, sizeof(line), in) ||
	    sscanf(line, MAGIC " page_size=%ld word_bits=%u bytes=%7s release=%127[^\n]", size,
		   &machine.word_bits, bytes, release) != 4 ||
	    *size < 1024 || *size & (*size - 1))
		errx(1, "%s is no record of this command", name);
	machine.is_big_endian = !strcmp(bytes, "big");
	make_plain(release);
	printf("kernel %s\n", release);
}

static void unpack(FILE *in, const char *name)
{
	char line[1200] = "", path[1024];
	unsigned long long offset;
	size_t len;

	while (fgets(line, sizeof(line), in) && strcmp(line, END)) {
		if (sscanf(line, "@ %llu %zu %1023[^\n]", &offset, &len, path) != 3 ||
		    !is_safe(path))
			errx(1, "%s has a line that is none of a record", name);
		unpack_one(in, path, offset, len);
	}
	if (strcmp(line, END))
		errx(1, "%s isn't complete", name);
}

static int report(const struct options *options)
{
	struct area areas[AREAS_MAX];
	char *none = NULL;
	unsigned int nr = areas_find(areas, &none);
	FILE *flags = open_system("/proc/kpageflags");

	printf("\n");
	show_status(areas, nr, options);
	printf("\n");
	show_why(areas, nr, options);
	printf("\n");
	show_advice(areas, nr, options);
	printf("\n");
	show_who(areas, nr, options);
	if (!flags)
		return 0;
	fclose(flags);
	printf("\n");
	return show_map(areas, nr, options);
}

int show_record(char **names, const struct options *options)
{
	FILE *in;

	if (!names[0] || names[1])
		errx(2, "report takes the name of one file, which \"cma record\" has written");
	in = fopen(names[0], "re");
	if (!in)
		err(1, "%s", names[0]);
	read_header(in, names[0]);
	make_folder();
	unpack(in, names[0]);
	fclose(in);
	system_root = folder;
	return report(options);
}
