/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * The model as metrics. Not one of the subjects that can be asked for by name:
 * every local user may read it, so it holds counts and names of interfaces, but
 * no address, neither ours nor anybody's.
 */
#ifndef UNREACH_VIEW_METRICS_H
#define UNREACH_VIEW_METRICS_H

#include "view/view.h"

/*
 * Appends the whole document in Prometheus' own text format or, where
 * `openmetrics`, in OpenMetrics 1.0.0. Reads tables and, once more, the
 * counters; the model is a live one. 0 or -errno; then `out` is not whole.
 */
int view_metrics(struct buf *out, const struct model *model, bool openmetrics);

#endif
