/* SPDX-License-Identifier: GPL-2.0 */
#ifndef _SHIM_LINUX_JUMP_LABEL_H
#define _SHIM_LINUX_JUMP_LABEL_H

#include "../kernel.h"

struct static_key_false {
	bool on;
};

#define DECLARE_STATIC_KEY_FALSE(name)	extern struct static_key_false name
#define static_branch_unlikely(key)	((key)->on)

#endif /* _SHIM_LINUX_JUMP_LABEL_H */
