/* SPDX-License-Identifier: GPL-2.0 */
/* Nobody traces here. */
#include "../../engine.h"

#define trace_cma_claim(...)			((void)0)
#define trace_cma_commit(...)			((void)0)
#define trace_cma_abort(...)			((void)0)
#define trace_cma_retire(...)			((void)0)
#define trace_cma_park(...)			((void)0)
#define trace_cma_serve(...)			((void)0)
#define trace_cma_keep(...)			((void)0)
#define trace_cma_withdraw(...)			((void)0)
#define trace_cma_alloc_busy_retry(...)		((void)0)
#define trace_cma_alloc_blocked(...)		((void)0)
