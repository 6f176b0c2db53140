// SPDX-License-Identifier: GPL-2.0
/*
 * Files of real areas, for the tests that read and write them.
 */
#include <linux/err.h>
#include <linux/file.h>
#include <linux/fs.h>
#include <linux/mman.h>
#include <linux/mount.h>
#include <linux/sizes.h>
#include <linux/string.h>
#include <linux/uaccess.h>

#include "files.h"

#define BUFFER_SIZE	SZ_16K

/**
 * struct files - where a test's files are, and room for what is in them
 * @mount: the file system
 * @dir: path of the directory of all areas
 * @user: buffer of the program
 * @text: copy of what was read last
 */
struct files {
	struct vfsmount *mount;
	const char *dir;
	char __user *user;
	char *text;
};

int cma_open_files(struct kunit *test, const char *type, const char *dir)
{
	struct files *files = kunit_kzalloc(test, sizeof(*files), GFP_KERNEL);
	unsigned long user;

	KUNIT_ASSERT_NOT_NULL(test, files);
	test->priv = files;
	files->dir = dir;
	files->text = kunit_kzalloc(test, BUFFER_SIZE + 1, GFP_KERNEL);
	KUNIT_ASSERT_NOT_NULL(test, files->text);
	user = kunit_vm_mmap(test, NULL, 0, BUFFER_SIZE, PROT_READ | PROT_WRITE,
			     MAP_ANONYMOUS | MAP_PRIVATE, 0);
	KUNIT_ASSERT_NE(test, user, 0);
	KUNIT_ASSERT_LT(test, user, TASK_SIZE);
	files->user = (char __user *)user;
	files->mount = kern_mount(get_fs_type(type));
	KUNIT_ASSERT_FALSE(test, IS_ERR(files->mount));
	return 0;
}

void cma_close_files(struct kunit *test)
{
	struct files *files = test->priv;

	if (files && !IS_ERR_OR_NULL(files->mount))
		kern_unmount(files->mount);
}

static struct file *open_file(struct kunit *test, const char *area,
			      const char *name, int flags)
{
	struct files *files = test->priv;
	struct file *file;
	char path[160];

	snprintf(path, sizeof(path), "%s/%s/%s", files->dir, area, name);
	file = file_open_root_mnt(files->mount, path, flags, 0);
	KUNIT_ASSERT_FALSE_MSG(test, IS_ERR(file), "%s: error %ld", path,
			       PTR_ERR(file));
	return file;
}

/* The whole of a file; valid until the next one is read. */
const char *cma_text_of(struct kunit *test, const char *area, const char *name)
{
	struct file *file = open_file(test, area, name, O_RDONLY);
	struct files *files = test->priv;
	size_t size = 0;
	loff_t pos = 0;
	ssize_t got;

	do {
		got = vfs_read(file, files->user + size, BUFFER_SIZE - size,
			       &pos);
		if (got > 0)
			size += got;
	} while (got > 0 && size < BUFFER_SIZE);
	fput(file);

	KUNIT_EXPECT_EQ_MSG(test, got, 0, "%s", name);
	KUNIT_ASSERT_EQ(test, 0,
			copy_from_user(files->text, files->user, size));
	files->text[size] = '\0';
	return files->text;
}

u64 cma_number_in(struct kunit *test, const char *area, const char *name)
{
	const char *text = cma_text_of(test, area, name);
	u64 number = 0;

	KUNIT_EXPECT_EQ_MSG(test, kstrtoull(text, 0, &number), 0,
			    "%s: \"%s\"", name, text);
	return number;
}

/* Write like echo: 0, or the error. */
int cma_put_in(struct kunit *test, const char *area, const char *name,
	       const char *text)
{
	struct file *file = open_file(test, area, name, O_WRONLY);
	struct files *files = test->priv;
	size_t size = strlen(text);
	ssize_t got = -EFAULT;
	loff_t pos = 0;

	if (!copy_to_user(files->user, text, size))
		got = vfs_write(file, files->user, size, &pos);
	fput(file);
	return got == size ? 0 : got;
}
