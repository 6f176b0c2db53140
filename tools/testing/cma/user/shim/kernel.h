/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The few things of the kernel that the pure files of the allocator use, for
 * user space. The headers in linux/ next to this one all lead here, so that
 * those compile as they are, without a kernel tree.
 */
#ifndef CMA_USER_SHIM_KERNEL_H
#define CMA_USER_SHIM_KERNEL_H

#include <assert.h>
#include <errno.h>
#include <limits.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/types.h>

typedef uint8_t u8;
typedef uint16_t u16;
typedef uint32_t u32;
typedef uint64_t u64;
typedef int8_t s8;
typedef int16_t s16;
typedef int32_t s32;
typedef int64_t s64;
#ifndef phys_addr_t
#define phys_addr_t		uint64_t
#endif
#define PHYS_ADDR_MAX		(~(phys_addr_t)0)

#define U32_MAX			(~(u32)0)

#define BITS_PER_LONG		(__SIZEOF_LONG__ * 8)

#define __init
#define __rcu
#define __must_hold(...)
#define __initdata

#define likely(x)		__builtin_expect(!!(x), 1)
#define unlikely(x)		__builtin_expect(!!(x), 0)

#define SHIM_NO_EXPORT(sym)	struct shim_no_export_##sym
#define EXPORT_SYMBOL_GPL	SHIM_NO_EXPORT

#define ARRAY_SIZE(a)		(sizeof(a) / sizeof(*(a)))
#define DIV_ROUND_UP(n, d) \
	({ __auto_type d_ = (d); ((n) + d_ - 1) / d_; })

/* For powers of two; the result is as wide as @x. */
#define ALIGN_DOWN(x, a) \
	({ __auto_type x_ = (x); x_ & -(__typeof__(x_))(a); })
#define ALIGN(x, a) \
	({ __typeof__(x) a_ = (a); ALIGN_DOWN((x) + a_ - 1, a_); })
#define IS_ALIGNED(x, a)	(((x) & ((__typeof__(x))(a) - 1)) == 0)
#define round_up		ALIGN
#define round_down		ALIGN_DOWN

#define min(x, y) \
	({ __auto_type l_ = (x); __auto_type r_ = (y); l_ < r_ ? l_ : r_; })
#define max(x, y) \
	({ __auto_type l_ = (x); __auto_type r_ = (y); l_ > r_ ? l_ : r_; })
#define min_t(type, x, y)	min((type)(x), (type)(y))
#define max_t(type, x, y)	max((type)(x), (type)(y))

#define check_add_overflow	__builtin_add_overflow
#define check_sub_overflow	__builtin_sub_overflow
#define check_mul_overflow	__builtin_mul_overflow

#define SZ_512			0x200
#define SZ_1K			0x400
#define SZ_4K			0x1000
#define SZ_64K			0x10000
#define SZ_1M			0x100000
#define SZ_2M			0x200000
#define SZ_4M			0x400000
#define SZ_1G			0x40000000
#define SZ_4G			0x100000000ULL

/*
 * A warning ends the program unless the test provokes it; then it is counted.
 * Other than in the kernel every one of them shows, not just the first.
 */
extern bool shim_warnings_expected;
extern unsigned long shim_warnings;

static inline bool shim_warn(bool bad, const char *what, const char *file,
			     int line)
{
	if (!bad)
		return false;
	shim_warnings++;
	if (!shim_warnings_expected) {
		fprintf(stderr, "%s:%d: warning: %s\n", file, line, what);
		abort();
	}
	return true;
}

#define WARN_ON(cond)		shim_warn(cond, #cond, __FILE__, __LINE__)
#define WARN_ON_ONCE(cond)	WARN_ON(cond)
#define VM_WARN_ON_ONCE(cond)	((void)WARN_ON(cond))

#endif
