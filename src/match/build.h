/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
/*
 * Building an index. Indicators are added one by one (copied), then finished into an image in memory or in a file; the
 * file is written beside its place and renamed, so that a reader never sees half of one.
 */
#include "base/hash.h"
#include "match/match.h"

#define MATCH_INDICATORS_MAX 1000000000u

struct match_builder;

struct match_builder *match_builder_open(struct hash_key key);
void match_builder_close(struct match_builder *builder);
/* Following indicators come from this file. */
MUST_USE struct err match_build_source(struct match_builder *builder, slice file_name);
/*
 * ERR_INPUT with a literal reason if the value cannot be of its type (nothing is added), ERR_LIMIT beyond
 * MATCH_INDICATORS_MAX. Revoked ones are refused by assertion: whoever loads leaves them out.
 */
MUST_USE struct err match_build_add(struct match_builder *builder, const struct indicator *indicator);
/*
 * A pattern (match_pattern), whose number comes back; and a value that is a hint of the pattern of that number. Errors
 * are those of match_build_add.
 */
MUST_USE struct err match_build_pattern(
        struct match_builder *builder, const struct indicator *pattern, uint32_t *number);
MUST_USE struct err match_build_hint(struct match_builder *builder, const struct indicator *hint, uint32_t pattern);
/* How far in the journal of a node what is added reaches (match_position). */
void match_build_position(struct match_builder *builder, uint64_t position);
uint64_t match_build_count(const struct match_builder *builder); /* indicators, patterns among them */
/* The index in memory; the builder is empty afterwards. */
MUST_USE struct err match_build_open(struct match_builder *builder, struct match_index **index);
/* An index of the bytes of a compiled one, which are copied. ERR_INPUT with a literal reason if they are none. */
MUST_USE struct err match_build_copy(slice bytes, struct match_index **index);
/*
 * Whether an index may take this place: ERR_CONFLICT if something other than a regular file is there, such as a device,
 * a folder or a symbolic link. For asking before the work begins; match_build_write asks again.
 */
MUST_USE struct err match_build_place(const char *path, struct arena *arena);
/* The index as a file, complete and on disk when this returns OK. */
MUST_USE struct err match_build_write(struct match_builder *builder, const char *path, struct arena *arena);
