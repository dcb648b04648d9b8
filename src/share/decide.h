/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
/*
 * The release decision: whether one version of an object may go to one recipient now, and in which bytes. The only way
 * out of a node. Pure: what it knows is in its arguments; the same again gives the same, but for the ids of derived
 * objects. The rules are the rows of one table (decide.c): the first that denies is the answer, else the first that
 * asks; those that let pass may have said what has to be left out, and then derive.c makes another object of it.
 * doc/why/decide.md tells the order, and what this function cannot know.
 *
 * Whoever decides about many recipients reads the subject once. Nothing here is shared between threads.
 */
#include "base/clock.h"
#include "stix/marks.h"

struct arena;

#define SHARE_PARTS_MAX 64           /* granular markings that are told apart; beyond, they count for the whole */
#define SHARE_DERIVED_MAX (4u << 20) /* bytes of a derived object, and of what one is made from */

/* ---- The object ---- */

enum share_origin {
    SHARE_OURS,     /* we created it, or one of ours sent it in */
    SHARE_PARTNERS, /* it came from a partner */
    SHARE_OUTSIDE,  /* from a feed or a paper: its creator has no agreement with us */
};

/*
 * Everything about one version of one object that decisions need; slices point into its bytes or the arena. From its
 * bytes is what share_subject_read fills in; who calls it adds the rest.
 */
struct share_subject {
    slice bytes, id, type, version, spec_version, created_by;
    struct stix_marks marks;       /* of the object alone */
    const struct stix_part *parts; /* what granular markings add */
    size_t part_count;
    const slice *refs; /* ids anywhere in it but its own and those that everybody knows: each once, in order of bytes */
    size_t ref_count;
    bool sighting;    /* tells that somebody met something */
    bool identifying; /* has properties that name victims or persons (the template in subject.c) */
    bool revoked;     /* by its creator */

    /* The caller's. */
    enum share_origin origin;
    int64_t originator; /* SHARE_PARTNERS: number of the partner */
    bool hold;          /* a legal hold */
    bool exercise;      /* of an exercise, whatever its marks say */
    bool from_incident;
    bool part;           /* of an incident: its parties have it as it is, nobody else has it (store/part.h) */
    bool judged;         /* we hold it to be false, withdrawn or expired */
    enum stix_tlp least; /* under which it leaves at least: what others who tell of the same id marked it with */
    bool party;          /* an identity of ourselves or of a partner: it names no victim, and goes with every kind */
};

/* ---- The recipient ---- */

enum share_audience {
    SHARE_PARTNER,      /* an organisation with which we have an agreement */
    SHARE_CONSTITUENT,  /* one whom we serve and whom it concerns: something of theirs matched */
    SHARE_CONSTITUENTS, /* all whom we serve */
    SHARE_SECTOR,       /* the team of the sector of one whom it concerns: it hears that they do not answer */
    SHARE_STAFF,        /* a person of our own organisation */
    SHARE_PUBLIC,       /* anybody */
    SHARE_DEFENCE,      /* a block list, a DNS zone, a look-up: others see that we act */
    SHARE_CSAF_20,      /* a document whose form cannot say AMBER+STRICT, for partners */
    SHARE_AUDIENCES,
};

struct share_recipient {
    enum share_audience audience;
    int64_t number;            /* of the partner, constituent or person */
    slice node;                /* id of its identity; empty: not known */
    bool active;               /* and no key of it is revoked, nothing pauses it */
    slice country;             /* ISO 3166-1; empty: not said */
    bool discloses;            /* its law may force it to pass things on: jurisdiction profile of the agreement */
    bool exercise;             /* it is there for exercises only */
    const struct uuid *groups; /* the sharing groups of which both are members */
    size_t group_count;
};

/* ---- The agreement ---- */

enum share_onward { SHARE_ONWARD_NO, SHARE_ONWARD_ASK, SHARE_ONWARD_YES };

/* Its terms, as far as decisions go (agreement.h reads them from the document). */
struct share_terms {
    int64_t agreement; /* 0: there is none */
    int64_t generation;
    const slice *kinds; /* STIX types that may leave */
    size_t kind_count;
    enum stix_tlp highest;    /* that may leave */
    enum stix_tlp unmarked;   /* what an object without marking is taken for */
    bool sightings;           /* ours go to them */
    bool affected;            /* they may tell those of their own whom it concerns */
    enum share_onward onward; /* of what we got from them: to others */
    unsigned meant_least;     /* k of the small-number test; 0: five */
    int64_t from_us, until_us;
    bool suspended;
};

/* ---- What else is known ---- */

/*
 * Names that are looked for in texts, however many: as they are compared (folded), in order of bytes, and none that
 * begins with another, which would be found before it.
 */
struct share_names {
    const slice *names;
    size_t count;
    const uint8_t *begins; /* a bit for each two bytes with which one begins; NULL: not known */
};
/* Those of them that are not empty. */
struct share_names share_names_make(const slice *names, size_t count, struct arena *arena);

/* An id in the object that the recipient has neither sent nor been sent. */
struct share_unknown {
    slice id;
    slice alias; /* of the derived object under which it has it; empty: it does not */
};

struct share_facts {
    int64_t now_us;
    const struct share_terms *originators; /* the agreement with who it came from; NULL: ours, outside, or ended */
    bool consent;                          /* of the originator, on file, for this recipient */
    bool named;                            /* SHARE_STAFF: the originator or we named this person */
    bool standing;  /* a rule that two persons agreed to covers it, or they agreed to this very object */
    bool encrypted; /* on the way */
    bool first;     /* nothing of this type ever went to this partner */
    bool held;      /* the recipient has an earlier version of it, or of what was derived from it */
    bool party;     /* of a part: the recipient has to do with that incident today, and the part is for it */
    unsigned meant; /* constituents that the sighting could be about; UINT_MAX: it is about nobody in particular */
    slice sector;   /* of at least as many constituents as the test asks for; what a sighting is widened to; or empty */
    const struct share_unknown *unknown;
    size_t unknown_count;
    const slice *sources; /* names, domains, keys by which the source is known, where IEP forbids to name it */
    size_t source_count;
    const struct share_names *victims; /* who never is told in a derived object; NULL: nobody */
    slice alias_secret; /* of which ids of derived objects are made (alias.h); empty: they are drawn at random */
    slice derived_id;   /* the one that the recipient has for this object; empty: none, a new one is made */
    int64_t derived_created_us; /* its `created`; of no meaning without derived_id */
    slice producer;             /* id of the identity under which derived objects are ours */
};

/* ---- The answer ---- */

enum share_answer { SHARE_DENY, SHARE_ASK, SHARE_ALLOW };
/* Who may be asked: also with SHARE_DENY, where consent would change it. */
enum share_asked { SHARE_ASK_NOBODY, SHARE_ASK_CONSENT, SHARE_ASK_TWO };

/* What has to be left out, as bits. */
enum share_strip {
    SHARE_STRIP_PARTS = 1,       /* parts that are marked stricter than the recipient may have */
    SHARE_STRIP_SOURCE = 2,      /* who it is from */
    SHARE_STRIP_IDENTIFYING = 4, /* properties of the template, and texts with a victim's name */
    SHARE_STRIP_REFERENCES = 8,  /* ids that the recipient does not know */
    SHARE_STRIP_MOMENTS = 16,    /* exact times and counts of a sighting */
    SHARE_STRIP_PLACE = 32,      /* of a sighting all but what was met, roughly when, and the sector */
    SHARE_STRIP_ID = 64,         /* the recipient knows it by another id already */
};

struct share_decision {
    enum share_answer answer;
    enum share_asked asked;
    const char *rule;  /* name of its row, "originator"; "allowed" if none objects */
    const char *why;   /* a sentence for our own people */
    enum stix_tlp tlp; /* under which it leaves: never looser than any part of it */
    int64_t until_us;  /* the permission ends: agreement, IEP; INT64_MAX: no end */
    int64_t again_us;  /* an embargo ends, a policy or an agreement begins: decide anew then; INT64_MAX: nothing does */
    unsigned stripped; /* enum share_strip */
    /* SHARE_ALLOW: what leaves. */
    bool derived; /* another object than ours, with an id of its own */
    slice id, version, bytes;
};

/*
 * The facts of an object from its bytes: JSON that passed json_check(); `definitions`: the marking definitions that are
 * known. It is from outside (SHARE_OUTSIDE) until the caller says more. ERR_INPUT if it is no STIX object.
 */
MUST_USE struct err share_subject_read(
        slice bytes, const struct stix_definitions *definitions, struct arena *arena, struct share_subject *subject);

/*
 * The decision; bytes of a derived object are in the arena. ERR_LIMIT if the arena is full: it has to have room for
 * four times the object, and 64 MiB for deriving (SHARE_DERIVED_MAX).
 */
MUST_USE struct err share_decide(const struct share_subject *subject, const struct share_recipient *recipient,
        const struct share_terms *terms, const struct share_facts *facts, struct arena *arena,
        struct share_decision *decision);

/*
 * What its marks come to. No marking is not CLEAR: it is what was agreed with who it came from or, of ours, with who
 * gets it; outside of agreements AMBER. `agreed`: those terms, or NULL.
 */
enum stix_tlp share_tlp_of(const struct share_subject *subject, const struct share_terms *agreed);

/* Names of the rules in their order, up to a NULL: for pages and tests. */
extern const char *const share_rules[];
/* The sentence of a rule; NULL: there is none of this name. For translation. */
const char *share_rule_why(slice name);

/*
 * The relationship that says what a derived object was made from, for who was given both: created by `producer`, marked
 * with the TLP, with an id of its own. Everybody else must not have it.
 */
MUST_USE struct err share_derived_from(slice id, slice derived, slice parent, slice producer, enum stix_tlp tlp,
        int64_t now_us, struct arena *arena, slice *bytes);
