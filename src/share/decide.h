/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
/*
 * The release decision: whether one version of an object may go to one recipient now, and in which bytes. The only way
 * out of a node. Pure: what it knows is in its arguments; the same again gives the same, but for the ids of derived
 * objects. The rules are the rows of one table (decide.c), asked in its order: the first that denies or asks is the
 * answer, and those that let pass may have said what has to be stripped.
 *
 * Whoever decides about many recipients reads the subject once. Nothing here is shared between threads.
 */
#include "base/clock.h"
#include "stix/marks.h"

struct arena;

/* ---- The object ---- */

enum share_origin {
    SHARE_OURS,     /* we created it, or one of ours sent it in */
    SHARE_PARTNERS, /* it came from a partner */
    SHARE_OUTSIDE,  /* from a feed or a paper: its creator has no agreement with us */
};

/* Everything about one version of one object that decisions need; slices point into its bytes or the arena. */
struct share_subject {
    slice bytes, id, type, version, spec_version, created_by;
    enum share_origin origin;
    int64_t originator;     /* SHARE_PARTNERS: number of the partner */
    struct stix_marks marks; /* of the object and all its parts: TLP, PAP, IEP, unknown definitions */
    bool raised;            /* a granular marking is stricter than the object's own */
    slice group;            /* UUID of the sharing group that it is meant for; empty: none named */
    slice residency;        /* the country it may not leave, ISO 3166-1; empty: none */
    int64_t embargo_us;     /* not before; TIME_NONE: no embargo */
    bool hold;              /* a legal hold */
    bool exercise;          /* of an exercise */
    bool identifying;       /* has properties that name victims or persons (the template's) */
    bool sighting;          /* tells that somebody met something */
    bool from_incident;
    bool revoked;           /* by its creator */
    bool judged;            /* we hold it to be false, withdrawn or expired */
};

/* ---- The recipient ---- */

enum share_audience {
    SHARE_PARTNER,      /* an organisation with which we have an agreement */
    SHARE_CONSTITUENT,  /* one whom we serve and whom it concerns: something of theirs matched */
    SHARE_CONSTITUENTS, /* all whom we serve */
    SHARE_STAFF,        /* a person of our own organisation */
    SHARE_PUBLIC,       /* anybody */
    SHARE_DEFENCE,      /* a block list, a DNS zone, a look-up: others see that we act */
    SHARE_CSAF_20,      /* a document whose form cannot say AMBER+STRICT, for partners */
    SHARE_AUDIENCES,
};

struct share_recipient {
    enum share_audience audience;
    int64_t number;          /* of the partner, constituent or person */
    bool active;             /* and no key of it is revoked, nothing pauses it */
    slice country;           /* ISO 3166-1; empty: not said */
    bool discloses;          /* its law may force it to pass things on: jurisdiction profile of the agreement */
    bool exercise;           /* it is there for exercises only */
    const slice *groups;     /* UUIDs of the sharing groups of which both are members */
    size_t group_count;
};

/* ---- The agreement ---- */

enum share_onward { SHARE_ONWARD_NO, SHARE_ONWARD_ASK, SHARE_ONWARD_YES };

/* Its terms, as far as decisions go (agreement.h reads them from the document). */
struct share_terms {
    int64_t agreement;       /* 0: there is none */
    int64_t generation;
    const slice *kinds;      /* STIX types that may leave */
    size_t kind_count;
    enum stix_tlp highest;   /* that may leave */
    enum stix_tlp unmarked;  /* what an object without marking is taken for */
    bool sightings;          /* ours go to them */
    bool affected;           /* they may tell those of their own whom it concerns */
    enum share_onward onward; /* of what we got from them: to others */
    unsigned meant_least;    /* k of the small-number test; 0: five */
    int64_t from_us, until_us;
    bool suspended;
};

/* ---- What else is known ---- */

struct share_facts {
    int64_t now_us;
    const struct share_terms *originators; /* the agreement with who it came from; NULL: ours or outside */
    bool consent;              /* of the originator, on file, for this recipient */
    bool named;                /* SHARE_STAFF: the originator or we named this person */
    bool standing;             /* a rule that two persons agreed to covers it, or they agreed to this very object */
    bool encrypted;            /* on the way */
    unsigned meant;            /* constituents that the sighting could be about; UINT_MAX: it is about nobody in particular */
    slice sector;              /* of those; what a sighting is widened to; empty: it cannot be */
    const slice *unknown_refs; /* ids in it that the recipient has neither sent nor been sent */
    size_t unknown_ref_count;
    slice derived_id;          /* the one that the recipient has for this object; empty: a new random one is drawn */
    slice producer;            /* id of the identity under which derived objects are ours */
};

/* ---- The answer ---- */

enum share_answer { SHARE_DENY, SHARE_ASK, SHARE_ALLOW };
/* Who is asked. */
enum share_asked { SHARE_ASK_NOBODY, SHARE_ASK_CONSENT, SHARE_ASK_TWO };

struct share_decision {
    enum share_answer answer;
    enum share_asked asked;
    const char *rule;        /* name of its row, "originator" */
    const char *why;         /* a sentence for our own people */
    enum stix_tlp tlp;       /* under which it leaves: never looser than any part of it */
    int64_t until_us;        /* the permission ends: agreement, IEP */
    /* SHARE_ALLOW: what leaves. */
    bool derived;            /* another object than ours, with an id of its own */
    slice id, version, bytes;
};

/*
 * The facts of an object from its bytes: JSON that passed json_check(); `definitions`: the marking definitions that are
 * known. Who calls it fills in what is not in the bytes (origin, hold, judged ...). ERR_INPUT if it is no STIX object.
 */
MUST_USE struct err share_subject_read(
        slice bytes, const struct stix_definitions *definitions, struct arena *arena, struct share_subject *subject);

/* The decision; bytes of a derived object are in the arena. ERR_LIMIT if the arena is full. */
MUST_USE struct err share_decide(const struct share_subject *subject, const struct share_recipient *recipient,
        const struct share_terms *terms, const struct share_facts *facts, struct arena *arena,
        struct share_decision *decision);

/* Names of the rules in their order, up to a NULL: for pages and tests. */
extern const char *const share_rules[];
