/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
/*
 * The inside of decisions, for subject.c, decide.c, derive.c and their tests: the table of rules, and what is looked
 * for in the strings of an object.
 */
#include "share/decide.h"

/* ---- Rules ---- */

enum share_verdict {
    SHARE_PASS,
    SHARE_NO,
    SHARE_NO_BUT_CONSENT, /* no, which consent of the originator would change */
    SHARE_CONSENT,        /* the originator is asked */
    SHARE_TWO,            /* two persons are asked */
};

/* What the rules are asked about, and what they leave to those behind them. */
struct share_case {
    const struct share_subject *subject;
    const struct share_recipient *recipient;
    const struct share_terms *terms;
    const struct share_facts *facts;
    struct arena *arena;
    const struct stix_marks *marks; /* of the object, or of it and one of its parts; its TLP is never none */
    unsigned strip;                 /* enum share_strip, so far */
    uint64_t parts;                 /* a bit for each part that has to be left out */
    bool widened;                   /* consent takes it further than its TLP does */
};

struct share_rule {
    const char *name, *why;
    unsigned audiences; /* a bit each; for others the rule says nothing */
    bool marked;        /* asks what the object is marked with: asked of each part, too */
    enum share_verdict (*ask)(struct share_case *about);
};

extern const struct share_rule share_rule_table[];
extern const size_t share_rule_count;

/* share_decide by other rules: for tests that take one out. */
MUST_USE struct err share_decide_by(
        const struct share_rule *rules, size_t count, const struct share_case *asked, struct share_decision *decision);

/*
 * Makes the object that leaves instead (derive.c): *why is NULL, or why nothing that says anything is left. Fills in
 * id, version, bytes and TLP of the decision.
 */
MUST_USE struct err share_derive(const struct share_case *about, struct share_decision *decision, const char **why);

/* ---- Strings of an object ---- */

/* Over all strings of JSON that was checked, keys too: the bytes between the quotes. */
struct share_strings {
    const char *at, *end;
};
struct share_strings share_strings(slice json);
bool share_string_next(struct share_strings *walk, slice *raw);

/* Over the ids in a text, by their grammar (STIX 2.1 section 2.9), and over UUIDs alone. */
bool share_id_next(slice text, size_t *at, slice *id);
bool share_uuid_next(slice text, size_t *at, struct uuid *uuid);

/* Whether a string of it holds one of the names; NULL: no names. */
bool share_names_in(slice json, const struct share_names *names, struct arena *arena);

/* The redaction template: whether this property of this type names victims or persons. */
bool share_template_has(slice type, slice property);
