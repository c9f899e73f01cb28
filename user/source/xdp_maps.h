/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* The skeleton and its maps in our order. */
#ifndef UNREACH_SOURCE_XDP_MAPS_H
#define UNREACH_SOURCE_XDP_MAPS_H

#include "source/xdp_internal.h"
#include "unreach.skel.h"

static inline void xdp_skeleton_maps(struct unreach_bpf *skel, struct bpf_map *maps[XDP_MAPS])
{
	maps[MAP_COUNTERS] = skel->maps.counters;
	maps[MAP_SOURCES] = skel->maps.sources;
	maps[MAP_TARGETS] = skel->maps.targets;
	maps[MAP_SENDERS] = skel->maps.senders;
	maps[MAP_HOST_TAGS] = skel->maps.host_tags;
	maps[MAP_PATHS] = skel->maps.paths;
	maps[MAP_HEADS] = skel->maps.heads;
	maps[MAP_ADVERTS] = skel->maps.adverts;
	maps[MAP_CELLS] = skel->maps.cells;
	maps[MAP_ADMISSION] = skel->maps.admission;
	maps[MAP_BUDGET] = skel->maps.budget;
	maps[MAP_SETTLING] = skel->maps.settling;
	maps[MAP_INSTANCE] = skel->maps.instance;
	maps[MAP_ACKS] = skel->maps.acks;
	maps[MAP_RINGS] = skel->maps.rings;
	maps[MAP_WORKSPACE] = skel->maps.workspace;
	maps[MAP_FLOWS] = skel->maps.flows;
	maps[MAP_PEERS] = skel->maps.peers;
	maps[MAP_FLOW_STATS] = skel->maps.flow_stats;
	maps[MAP_FLOW_COMMON] = skel->maps.flow_common;
	maps[MAP_FLOW_CELLS] = skel->maps.flow_cells;
	maps[MAP_FLOW_ADMISSION] = skel->maps.flow_admission;
}

#endif
