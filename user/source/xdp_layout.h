/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * Structures of another version, read by their own description (BTF): what has
 * the same name is the same, wherever it stands and however wide it is.
 */
#ifndef UNREACH_SOURCE_XDP_LAYOUT_H
#define UNREACH_SOURCE_XDP_LAYOUT_H

#include <stdbool.h>
#include <stddef.h>

struct btf;

/* Bytes of the structure, 0 where there is none of that name. */
size_t xdp_layout_size(const struct btf *layout, const char *name);
/* Does the program that is described have a map of that name? */
bool xdp_layout_has_map(const struct btf *layout, const char *name);
/*
 * Fills the structure `name` at `to` from the one at `from`: numbers and arrays
 * of them, member by member. What only one side has stays as it is.
 */
void xdp_layout_copy(const char *name, const struct btf *to_layout, void *to,
		     const struct btf *from_layout, const void *from);

#endif
