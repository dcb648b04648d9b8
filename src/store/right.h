/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
/*
 * Rights: which role may do what, as one table of verbs and roles (right.c). Every verb asks here before it touches
 * anything; nothing else decides. Several roles of one actor: the widest of their answers holds.
 */
#include "base/err.h"
#include "store/actor.h"

/* The rows of right.c, in its order. */
enum verb {
    VERB_READ_OBJECTS,
    VERB_IMPORT,
    VERB_IMPORT_UNDO,
    VERB_TAG,
    VERB_JUDGE, /* false positive, expired, withdrawn */
    VERB_EXPORT,
    VERB_MATCH, /* elsewhere: the compiled index and its changes */
    VERB_READ_FEEDS,
    VERB_CHANGE_FEEDS,
    VERB_READ_ORGANISATIONS,
    VERB_CHANGE_ORGANISATIONS,
    VERB_READ_USERS,
    VERB_CHANGE_USERS,
    VERB_OWN_ACCOUNT, /* password, second factor, sessions, tokens of whoever acts */
    VERB_READ_ACCESS, /* sessions and tokens of others */
    VERB_STOP_USERS,  /* lock them, end their sessions, revoke their tokens */
    VERB_READ_JOURNAL,
    VERB_MEND_FOLLOWERS, /* parked rows: again, or dismissed */
    VERB_RETAIN,
    VERB_BACKUP,
    VERB_RESTORE,
    VERB_CONFIGURE,
    VERB_DOCTOR,
    VERB_READ_COLLECTIONS,
    VERB_CHANGE_COLLECTIONS, /* and who may read and write them */
    VERB_READ_SHARING,       /* partners, agreements, groups, what was given and received */
    VERB_CHANGE_PARTNERS,    /* introduce, confirm a fingerprint, change addresses */
    VERB_STOP_SHARING,       /* suspend or end a partner or an agreement, pause, recall: what only narrows */
    VERB_AGREE,              /* sign agreements, vote, accept terms of groups */
    VERB_RELEASE,            /* let something leave: answer asks, standing rules, by hand */
    VERB_PREVIEW,            /* see what would leave and why the rest stays */
    VERB_READ_LEDGER,        /* the private log */
    VERB_CHANGE_KEYS,        /* of the node */
    VERB_MEND_LEDGER,        /* let a log go on after an alarm, erase a field for good */
    VERB_READ_EVENTS,        /* what those we serve met; their contacts, assets, warnings */
    VERB_CHANGE_CONTACTS,    /* whom to tell there */
    VERB_CHANGE_ASSETS,      /* what is whose, and what was agreed to be done for them */
    VERB_SEND_EVENTS,        /* for a stream of that organisation */
    VERB_HUNT,               /* in what is remembered */
    VERB_WARN,               /* approve, hold, withdraw a warning */
    VERB_WARNING_RULES,      /* what goes out by itself */
    VERB_ANSWER_WARNINGS,    /* for whoever was warned */
    VERB_REPORT,             /* tell us something; of their own organisation: as it */
    VERB_READ_REPORTS,       /* what was told us, and by whom */
    VERB_READ_INCIDENTS,     /* and tasks, duties, timelines, playbooks */
    VERB_WORK_INCIDENTS,     /* triage, link, classify for the first time, contain, close what is not critical */
    VERB_CASE_FACTS,         /* change known-at, close what is critical, classify anew */
    VERB_TASKS,              /* do those of an organisation */
    VERB_FILE_DUTIES,        /* tell the authority, and say that it was told */
    VERB_WAIVE_DUTIES,
    VERB_PLAYBOOKS,        /* take in, approve, retire */
    VERB_SHARE_INCIDENTS,  /* offer parts of one to a party; release asks once more */
    VERB_TAKE_EVIDENCE,    /* acquire, seal, look at */
    VERB_HAND_EVIDENCE,    /* over to somebody, in a package */
    VERB_KEEP_EVIDENCE,    /* hold, destroy */
    VERB_RECEIVE_EVIDENCE, /* the package for the own organisation, and nothing else */
    VERB_VERIFY_EVIDENCE,  /* custody and digests, not the content */
    VERB_TAKEDOWN,         /* approve a request, give up */
    VERB_LESSONS,          /* share one; writing it is work on incidents */
    VERB_READ_FIGURES,     /* of reports, incidents, duties, and risks: counts, nobody's name */
    VERB_RISKS,            /* add, treat, review, close one; accept one that is not grave */
    VERB_ACCEPT_RISKS,     /* that are grave */
    VERB_CHANGE_PROFILE,   /* who we are, as anybody reads it */
    VERB_READ_ROSTER,      /* who is on call, and by which number */
    VERB_CHANGE_ROSTER,    /* plan it; who has a shift may give it away without */
    VERBS,
};

enum right {
    RIGHT_NO,
    RIGHT_OWN,    /* for the actor's own organisation only */
    RIGHT_SECOND, /* when a second person agrees */
    RIGHT_YES,
};

/*
 * Whether the actor may, with something of that organisation (0: of no one in particular, the node's).
 * ERR_AUTH: nobody knows who it is. ERR_DENIED, with a sentence that says who may.
 * *second: it may, if a second person agrees; who asks has to see to that. NULL: then that is ERR_DENIED, too.
 */
MUST_USE struct err store_right_check(
        const struct actor *actor, enum verb verb, int64_t organisation, struct arena *arena, bool *second);
/* Whether the machine has to wait for another person here, who could agree (actor.others). */
bool store_right_waits(const struct actor *actor, enum verb verb);
/* Whether what has these flags (words between blanks) is restricted: then only who has it, auditors and the machine see
 * anything of it, whatever else they may. */
bool store_restricted(slice flags);
bool store_restricted_seen(const struct actor *actor, slice flags, int64_t holder);
/* The cell of the table, for who shows it. */
enum right store_right_of(enum verb verb, enum role role);
const char *store_verb_name(enum verb verb); /* "read objects" */
/* Whether the actor, who may change users of that organisation, may give these roles: a constituent's admin gives no
 * role but its own, and nobody gives ROLE_LOCAL. Otherwise as store_right_check of VERB_CHANGE_USERS. */
MUST_USE struct err store_right_give(
        const struct actor *actor, uint32_t roles, int64_t organisation, struct arena *arena, bool *second);
