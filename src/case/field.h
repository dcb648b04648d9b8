/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
/*
 * The fields of an incident that people set, and what may stand in them: one table (field.c). Private to this folder.
 */
#include "store/involved.h"

/* ERR_INPUT names the field that is wrong, and what may stand there. */
MUST_USE struct err case_field_check(const struct incident *row, struct arena *arena);
/* Sets one by its name in *row; ERR_CONFLICT where that takes two persons. */
MUST_USE struct err case_field_set(struct work *work, struct incident *row, slice field, slice value);
/* A class of RSIT as taxonomy/type, or empty. */
MUST_USE struct err case_class_check(slice class, struct arena *arena);
/* A TLP label. */
MUST_USE struct err case_marking_check(slice marking, struct arena *arena);
/* Classes of assets, words between blanks, each once. */
slice case_assets_join(slice assets, slice more, struct arena *arena);
/* The spelling in which a value is kept: of names, hashes and addresses of mail the one that is compared. */
struct observable;
slice case_spelled(const struct observable *seen, struct arena *arena);

/* A kind that everybody counts alike, with amounts that can be; money with its currency and basis. */
MUST_USE struct err case_impact_check(const struct impact *put, struct arena *arena);
/* As it stands, told to the journal. */
MUST_USE struct err case_impact_keep(struct work *work, int64_t incident, const struct impact *put, int64_t *number);

/* A new id, "incident--...", in the arena. */
slice case_identity(const char *type, struct arena *arena);
