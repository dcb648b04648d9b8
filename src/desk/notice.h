/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
/*
 * A notice is how a warning is heard: what was seen, why it matters, what to do now and by when, how to answer, in the
 * languages of who is told, with what was seen attached as CSV and JSON. It is composed here, whole, in the work that
 * decides that it goes out, and stored byte for byte; desk/send.h sends it.
 *
 * Neither its address, its Message-ID nor its link holds anything of the indicator: only random bits.
 */
#include "store/notice.h"

/* What a node says of itself in its notices; from the section mail of the configuration. Lives as long as the program.
 */
struct desk_notice_options {
    const char *name;    /* of the sender, "CERT Contoh" */
    const char *from;    /* its address */
    const char *reply;   /* where answers go; NULL: to `from` */
    const char *url;     /* how the node is reached, with "/" at the end; NULL: notices have no button */
    const char *phone;   /* that is answered at any hour; NULL: not told */
    const char *genuine; /* how to check that a notice is genuine, in words; NULL: not told */
    const char *pgp_key; /* file of the secret OpenPGP key; NULL: not signed */
};
/* For the process, before the first notice is made. */
void desk_notice_open(const struct desk_notice_options *given);

struct approval;

/* A clock of law of which our own people are reminded (case/duty.h). */
struct notice_duty {
    int64_t number, incident, per_cent;
    slice title, title_other, recipient, recipient_other; /* "other": in the second language; or empty */
    slice whose;                                          /* name of who has to tell; empty: not all may know */
    slice marking;                                        /* of the incident */
};

/* A task that is due (case/round.h). */
struct notice_task {
    int64_t number, incident;
    slice title;   /* empty: not all may know */
    slice marking; /* of the incident */
};

struct notice_make {
    int64_t organisation;
    int64_t about;       /* whose warnings they are, where it is told of another's; 0: its own */
    int64_t contact;     /* 0: the first that can be told, verified ones before others */
    slice name, address; /* instead of a contact: of our own people, by mail alone (store/roster.h); or empty */
    enum notice_kind kind;
    const int64_t *warnings;
    size_t warning_count;
    int64_t due_us;  /* until when they are to have done something; TIME_NONE: as each warning has it */
    int64_t next_us; /* not sent before; 0: at once */
    const struct approval *emergency; /* of that kind: what was done */
    const struct notice_duty *duty;   /* of that kind */
    const struct notice_task *task;   /* likewise */
};

/*
 * Stores a notice for each channel by which the contact is reached (mail, webhook), and the buttons in it; *number: of
 * the first. ERR_MISSING if nobody there can be told. Marks nothing on the warnings; tells the journal "notice.made".
 */
MUST_USE struct err desk_notice_make(struct work *work, const struct notice_make *make, int64_t *number);
/* The same by mail to each of our own people who is on call now, but where one of our contacts is read there anyway. */
MUST_USE struct err desk_notice_on_call(struct work *work, const struct notice_make *make);
/* The mail that asks a contact whether it is still read (kind contact), with its button; marks it as asked. */
MUST_USE struct err desk_contact_ask(struct work *work, int64_t contact, int64_t *number);
