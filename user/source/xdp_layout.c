// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* Walks two BTF types side by side. Bit fields and unions have no part in our layouts. */
#include "source/xdp_layout.h"

#include <stdint.h>
#include <string.h>

#include <bpf/btf.h>

/* A value and its type. */
struct place {
	const struct btf *btf;
	__u32 id;
	char *at;
};

static const struct btf_type *type_of(struct place *p)
{
	p->id = (__u32)btf__resolve_type(p->btf, p->id);
	return btf__type_by_id(p->btf, p->id);
}

static void copy(struct place to, struct place from);

static uint64_t number_at(const char *at, size_t size)
{
	uint64_t wide;
	uint32_t word;
	uint16_t half;

	switch (size) {
	case 8:
		memcpy(&wide, at, size);
		return wide;
	case 4:
		memcpy(&word, at, size);
		return word;
	case 2:
		memcpy(&half, at, size);
		return half;
	default:
		return (uint8_t)*at;
	}
}

static void put_number(char *at, size_t size, uint64_t number)
{
	uint32_t word = (uint32_t)number;
	uint16_t half = (uint16_t)number;

	switch (size) {
	case 8:
		memcpy(at, &number, size);
		break;
	case 4:
		memcpy(at, &word, size);
		break;
	case 2:
		memcpy(at, &half, size);
		break;
	default:
		*at = (char)number;
	}
}

/* As many elements as both have. */
static void copy_array(struct place to, const struct btf_type *t, struct place from,
		       const struct btf_type *f)
{
	const struct btf_array *ours = btf_array(t), *theirs = btf_array(f);
	__s64 step = btf__resolve_size(to.btf, ours->type);
	__s64 stride = btf__resolve_size(from.btf, theirs->type);

	for (__u32 i = 0; i < ours->nelems && i < theirs->nelems; i++)
		copy((struct place){ to.btf, ours->type, to.at + i * step },
		     (struct place){ from.btf, theirs->type, from.at + i * stride });
}

/* Where a member stands, by its name; no `at` where there is none. */
static struct place member(struct place p, const struct btf_type *t, const char *name)
{
	const struct btf_member *m = btf_members(t);

	for (__u16 i = 0; i < btf_vlen(t); i++)
		if (strcmp(btf__name_by_offset(p.btf, m[i].name_off), name) == 0)
			return (struct place){ p.btf, m[i].type,
					       p.at + btf_member_bit_offset(t, i) / 8 };
	return (struct place){};
}

static void copy_struct(struct place to, const struct btf_type *t, struct place from,
			const struct btf_type *f)
{
	const struct btf_member *m = btf_members(t);

	for (__u16 i = 0; i < btf_vlen(t); i++) {
		const char *name = btf__name_by_offset(to.btf, m[i].name_off);
		struct place theirs = member(from, f, name);

		if (theirs.at)
			copy(member(to, t, name), theirs);
	}
}

static void copy(struct place to, struct place from)
{
	const struct btf_type *t = type_of(&to), *f = type_of(&from);

	if (!t || !f || btf_kind(t) != btf_kind(f))
		return;
	if (btf_is_struct(t))
		copy_struct(to, t, from, f);
	else if (btf_is_array(t))
		copy_array(to, t, from, f);
	else if (btf_is_int(t) || btf_is_any_enum(t))
		put_number(to.at, t->size, number_at(from.at, f->size));
}

size_t xdp_layout_size(const struct btf *layout, const char *name)
{
	__s32 id = btf__find_by_name_kind(layout, name, BTF_KIND_STRUCT);

	return id < 0 ? 0 : (size_t)btf__resolve_size(layout, (__u32)id);
}

void xdp_layout_copy(const char *name, const struct btf *to_layout, void *to,
		     const struct btf *from_layout, const void *from)
{
	__s32 ours = btf__find_by_name_kind(to_layout, name, BTF_KIND_STRUCT);
	__s32 theirs = btf__find_by_name_kind(from_layout, name, BTF_KIND_STRUCT);

	if (ours >= 0 && theirs >= 0)
		copy((struct place){ to_layout, (__u32)ours, to },
		     (struct place){ from_layout, (__u32)theirs, (char *)from });
}

bool xdp_layout_has_map(const struct btf *layout, const char *name)
{
	__s32 id = btf__find_by_name_kind(layout, ".maps", BTF_KIND_DATASEC);
	const struct btf_type *maps = id < 0 ? NULL : btf__type_by_id(layout, (__u32)id);

	for (__u16 i = 0; maps && i < btf_vlen(maps); i++) {
		const struct btf_type *map =
			btf__type_by_id(layout, btf_var_secinfos(maps)[i].type);

		if (strcmp(name, btf__name_by_offset(layout, map->name_off)) == 0)
			return true;
	}
	return false;
}
