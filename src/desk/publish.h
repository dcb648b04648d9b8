/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
/*
 * What anybody may read of us: the RFC 2350 document in each language, and security.txt (RFC 9116). They are made of
 * the profile when it changes, and again each month, so that `Expires` is always less than a year ahead and never near;
 * signed with the team's OpenPGP key (RFC 4880 section 7), where there is one. A document that lacks something is not
 * there at all.
 */
#include "desk/profile.h"
#include "store/follower.h"

#define PUBLISH_SECURITY "security.txt"
#define PUBLISH_KEY "key.asc"             /* the public one that verifies the others */
#define PUBLISH_EXPIRES_US (330 * DAY_US) /* from the day on which it was made */
#define PUBLISH_AGAIN_US (30 * DAY_US)

struct publishing {
    const char *url;      /* of the node, with "/" at the end */
    const char *key_file; /* of the secret key; NULL: nothing is signed */
};

struct published {
    size_t made, dropped; /* documents that are another now, or not there any more */
    const char *why;      /* they are not signed although there is a key; NULL: that went well */
};

/* Makes what is not as it should be; there is nothing to do most of the time. Whoever acts needs no right: it follows
 * from what was typed. */
MUST_USE struct err desk_publish(struct db *db, const struct actor *actor, const struct publishing *publishing,
        struct arena *arena, struct published *published);

/* Goes past what changes the profile: when it took a step, there is something to publish. */
struct follower desk_publish_follower(void);

/* "rfc2350.en". */
const char *desk_publish_name(enum language language);

/* A section of the document as it reads in a language: for the page and the text alike. */
struct publish_section {
    slice number, title, text; /* text: empty for a heading */
    bool heading;
};
/* Of the profile, the address of the node and the fingerprint (empty: no key), up to *count. */
MUST_USE struct err desk_publish_sections(const struct profile_value *rows, size_t count, enum language language,
        const char *url, slice fingerprint, struct arena *arena, struct publish_section **sections,
        size_t *section_count);
