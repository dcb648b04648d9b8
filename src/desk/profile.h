/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
/*
 * Who we are: the fields of RFC 2350 (its appendix D is their order) and of security.txt (RFC 9116), as one table, and
 * the verb that changes them. What is made of them for anybody to read is desk/publish.h. Rows of the journal have the
 * subject "profile/0".
 */
#include "store/profile.h"
#include "text/catalogue.h"

enum profile_kind { PROFILE_LINE, PROFILE_PROSE, PROFILE_MAIL, PROFILE_PHONE, PROFILE_URL };

struct profile_field {
    const char *name;    /* "mission" */
    const char *section; /* of RFC 2350; of RFC 9116 with that before it */
    const char *title;   /* in English; catalogues have it */
    const char *about;   /* for who fills it in */
    enum profile_kind kind;
    bool each;   /* reads differently in each language */
    bool needed; /* without it there is no document */
};
/* In the order of the sections, up to one without name. */
extern const struct profile_field profile_fields[];
const struct profile_field *desk_profile_field(slice name); /* NULL: there is no such field */

/* What was typed: "mission.id", "mail". */
struct profile_typed {
    slice name, value; /* an empty value takes it away */
};
/* All of them or none; *changed: how many are another now. VERB_CHANGE_PROFILE; ERR_INPUT begins with the name of the
 * field. */
MUST_USE struct err desk_profile_set(struct db *db, const struct actor *actor, const struct profile_typed *typed,
        size_t count, struct arena *arena, size_t *changed);

/* The value in a language, or where a field has none in it, in the other; empty: there is none. */
slice desk_profile_value(
        const struct profile_value *rows, size_t count, const struct profile_field *field, enum language language);
/* Just that row; NULL: nobody filled it in. */
const struct profile_value *desk_profile_row(
        const struct profile_value *rows, size_t count, const struct profile_field *field, enum language language);
/* The next field that is needed in that language and was not filled in; begin with NULL; NULL at the end. */
const struct profile_field *desk_profile_missing(
        const struct profile_value *rows, size_t count, enum language language, const struct profile_field *after);
