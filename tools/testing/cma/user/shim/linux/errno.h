/* SPDX-License-Identifier: GPL-2.0 */
/* The C library's <errno.h> comes here too, and wants the numbers. */
#include_next <linux/errno.h>
