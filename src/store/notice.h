/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
/*
 * Notices: one message to one contact by one channel, kept byte for byte before it leaves, and every attempt to send
 * it. An attempt is durable before the first byte of the message leaves (store_notice_begin, in a work of its own), and
 * its end is another work: of one that has no end nobody knows whether it was taken, and the message is sent again as
 * it is, under the same reference. So none is lost, and two come only in that window, and then recognisably.
 *
 *     waiting -> begun -> sent -> delivered
 *        ^         |        \---> bounced
 *        \---------+--> failed
 */
#include "base/clock.h"
#include "store/work.h"

#define NOTICE_BYTES_MAX (8u << 20)        /* of a message, with what is attached */
#define NOTICE_WARNINGS_MAX 1000           /* that one tells of */
#define NOTICE_ANSWER_MAX 1000             /* bytes of the other side's words that are kept */
enum { NOTICE_REFERENCE_CHARACTERS = 26 }; /* 128 random bits in base 32 */

enum notice_channel { NOTICE_MAIL, NOTICE_WEBHOOK, NOTICE_CHANNELS };

enum notice_kind {
    NOTICE_OF_WARNING,
    NOTICE_OF_DIGEST,
    NOTICE_OF_REMINDER,
    NOTICE_OF_ESCALATION,
    NOTICE_OF_SECTOR,   /* tells the team of a sector that nobody answers: of another's warnings */
    NOTICE_OF_SETTLING, /* tells it that this is over */
    NOTICE_OF_CORRECTION,
    NOTICE_OF_CONTACT,   /* asks whether it is still read */
    NOTICE_OF_EMERGENCY, /* to our own people: what the machine did without a second person */
    NOTICE_OF_DUTY,      /* to our own people: a clock of law runs out */
    NOTICE_OF_TASK,      /* to who is to do it: a task is due */
    NOTICE_OF_LETTER,    /* to an address: an answer to what was reported (desk/letter.h) */
    NOTICE_KINDS,
};

enum notice_state {
    NOTICE_WAITING,
    NOTICE_BEGUN, /* an attempt was begun: nobody knows yet whether it was taken */
    NOTICE_SENT,
    NOTICE_DELIVERED,
    NOTICE_BOUNCED,
    NOTICE_FAILED,
    NOTICE_STATES,
};

enum notice_outcome {
    NOTICE_TAKEN,
    NOTICE_REFUSED,   /* and so it would be again */
    NOTICE_DEFERRED,  /* not now */
    NOTICE_UNCERTAIN, /* its end was lost */
    NOTICE_OUTCOMES,
};

struct notice_put {
    int64_t organisation, contact; /* 0: none, but an address */
    slice address;                 /* of a letter, or of one of our own people; or empty */
    enum notice_channel channel;
    enum notice_kind kind;
    slice language;  /* tag of its first part: "id" */
    slice reference; /* store_notice_reference */
    slice message;
    int64_t next_us; /* not before */
    const int64_t *warnings;
    size_t warning_count;
};

struct notice {
    int64_t number, organisation, contact; /* 0: none, of a letter */
    slice address;                         /* of a letter; or empty */
    enum notice_channel channel;
    enum notice_kind kind;
    enum notice_state state;
    slice language, reference;
    int64_t bytes;     /* of its message */
    int64_t uncertain; /* attempts of which nobody knows how they ended */
    int64_t attempts;
    int64_t next_us; /* not before */
    int64_t made_us;
    int64_t sent_us, answered_us; /* TIME_NONE: not yet */
    slice why;                    /* the last failure or bounce */
};

struct notice_attempt {
    int64_t attempt;
    int64_t begun_us, ended_us; /* TIME_NONE: nobody knows */
    enum notice_outcome outcome;
    slice answer; /* the other side's words */
};

/* A new one, in the arena: upper case letters and digits. */
slice store_notice_reference(struct arena *arena);
MUST_USE struct err store_notice_add(struct work *work, const struct notice_put *put, int64_t *number);

/* ---- Sending: whoever sends takes turns ---- */

/* Whether any is due: reads only, for who asks often. */
MUST_USE struct err store_notice_due(struct db *db, enum notice_channel channel, int64_t now_us, bool *due);
/* Of notices with these numbers, before anybody sends them: attempts that were left without an end are uncertain, and
 * their notices due again. */
MUST_USE struct err store_notice_recover(struct work *work, int64_t from, int64_t to, uint64_t *count);
/* The one that is due and has waited longest, of contacts that nothing is being sent to; ERR_MISSING. */
MUST_USE struct err store_notice_next(struct work *work, enum notice_channel channel, struct notice *notice);
/* Not now. */
MUST_USE struct err store_notice_postpone(struct work *work, int64_t number, int64_t next_us);
/* All that waits for its contact by its channel: not before. */
MUST_USE struct err store_notice_rest(struct work *work, const struct notice *notice, int64_t until_us);
/* Begins its next attempt. ERR_CONFLICT if it does not wait. */
MUST_USE struct err store_notice_begin(struct work *work, int64_t number);
struct notice_end {
    enum notice_outcome outcome;
    slice answer;
    enum notice_state state; /* NOTICE_WAITING: it is tried again at next_us; NOTICE_SENT, NOTICE_FAILED */
    int64_t next_us;
};
/* Ends the attempt that was begun. ERR_CONFLICT if none is. */
MUST_USE struct err store_notice_end(struct work *work, int64_t number, const struct notice_end *end);
/* Notices that were sent since to whom this one goes, and all that were by a channel: what rate limits go by. */
MUST_USE struct err store_notice_sent_since(
        struct db *db, const struct notice *notice, int64_t since_us, int64_t *count);
MUST_USE struct err store_notice_all_since(
        struct db *db, enum notice_channel channel, int64_t since_us, int64_t *count);

/* Letters to an address that were made since. */
MUST_USE struct err store_notice_letters_since(struct db *db, slice address, int64_t since_us, int64_t *count);
/* What a letter says and to whom it goes is removed; it is not sent any more. */
MUST_USE struct err store_notice_forget(struct work *work, int64_t number);

/* ---- What became of it ---- */

/* It came back, or it was said that it was delivered (state). One that came back stays so. */
MUST_USE struct err store_notice_heard(struct work *work, int64_t number, enum notice_state state, slice why);
/* The first answer; later ones change nothing. */
MUST_USE struct err store_notice_answered(struct work *work, int64_t number);

/* ---- Reading ---- */

MUST_USE struct err store_notice_get(struct db *db, int64_t number, struct arena *arena, struct notice *notice);
/* By its reference, in either case. ERR_MISSING. */
MUST_USE struct err store_notice_find(struct db *db, slice reference, struct arena *arena, struct notice *notice);
MUST_USE struct err store_notice_message(struct db *db, int64_t number, struct arena *arena, slice *message);
/* Numbers of the warnings that it tells of. */
MUST_USE struct err store_notice_warnings(
        struct db *db, int64_t number, struct arena *arena, int64_t **warnings, size_t *count);
MUST_USE struct err store_notice_attempts(
        struct db *db, int64_t number, struct arena *arena, struct notice_attempt **rows, size_t *row_count);
/* How many warnings that it tells of are open, and nobody answered them. */
MUST_USE struct err store_notice_unanswered(struct db *db, int64_t number, int64_t *count);
/* Newest first, before that number (INT64_MAX: from the end); of one organisation or (0) of all. */
MUST_USE struct err store_notice_latest(struct db *db, int64_t organisation, int64_t before, size_t count,
        struct arena *arena, struct notice **rows, size_t *row_count);
/* What a notice tells of is what this warning is about, too. */
MUST_USE struct err store_notice_also(struct work *work, int64_t number, int64_t warning);
/* Those that tell of a warning, in their order. */
MUST_USE struct err store_notice_of_warning(struct db *db, int64_t warning, int64_t after, size_t count,
        struct arena *arena, struct notice **rows, size_t *row_count);

/* Whether it tells of warnings of another than who gets it: no answer to it counts as one of theirs. */
static inline bool store_notice_of_another(enum notice_kind kind)
{
    return kind == NOTICE_OF_SECTOR || kind == NOTICE_OF_SETTLING;
}

const char *store_notice_channel_name(enum notice_channel channel); /* "mail" */
const char *store_notice_kind_name(enum notice_kind kind);          /* "warning" */
const char *store_notice_state_name(enum notice_state state);       /* "waiting" */
const char *store_notice_outcome_name(enum notice_outcome outcome); /* "taken" */
