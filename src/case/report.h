/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
/*
 * The verbs of reports. Whatever somebody tells us, and whichever way, ends in case_report_take: a number and a receipt
 * at once, the original kept byte for byte, values found, a class and what may be the same proposed. A person of ours
 * then has it, links it to an incident or opens one, answers, merges, closes.
 *
 * Who told us stands in report_person, in the messages of the thread and in what is sent there, and nowhere else: where
 * the text or the subject has their name or address, the report has a mark in its place. Rows of the journal have the
 * subject "report/42".
 */
#include "case/incident.h"
#include "mailbox/mail.h"
#include "store/report.h"
#include "store/thread.h"

#define CASE_REPORT_SUBJECT "report"
#define CASE_REPORT_RECEIPTS_DAY 10 /* receipts to one address in a day; further reports of it are taken without */
#define CASE_REPORT_LATE_US (4 * HOUR_US) /* that one waits in the queue before it is late */

struct plan_classes;

/* The rules by which a class is proposed (plan/classify.h), for the process; NULL: none is. They outlive all reports.
 */
void case_report_rules(const struct plan_classes *given);

struct case_report_put {
    enum report_channel channel;
    slice language;       /* tag: "id", "en", "zh"; empty: id */
    int64_t organisation; /* on whose behalf, of those we know; 0: nobody's */
    struct report_person person;
    slice subject, text; /* not both empty, but of mail */
    slice class;         /* as a person of ours says; empty: it is proposed */
    enum severity severity;
    slice flags;                     /* words between blanks: exercise, restricted, and plan_class_flag */
    int64_t occurred_us;             /* TIME_NONE: not said */
    struct report_post post;         /* that it is about; without a text: none */
    slice bytes;                     /* the original; empty: the text is it */
    const struct mailbox_mail *mail; /* as which `bytes` are read: a mail, or what carries files; NULL: neither */
};
struct case_report_taken {
    int64_t report;
    slice reference;     /* "2026-000042-K7QX" */
    bool again;          /* of mail: it was taken before, and nothing changed */
    bool threaded;       /* of mail: it belongs to the thread of a report that is there */
    const char *receipt; /* why no mail says that it came; NULL: one does */
    slice advice;        /* an opinion, which is no incident: what they are told instead; empty: it is none */
};
/* A file that hangs on what was told otherwise than by mail: `bytes` and `mail` of `put` are made of it and the text.
 */
struct case_report_capture {
    slice name, type, bytes; /* type: of MIME; or empty */
};
MUST_USE struct err case_report_attach(
        struct case_report_put *put, const struct case_report_capture *capture, struct arena *arena);
/* VERB_REPORT, for the organisation. ERR_INPUT names the field that is wrong. */
MUST_USE struct err case_report_take(
        struct work *work, const struct case_report_put *put, struct case_report_taken *taken);
/*
 * A mail that nobody else knew what to do with, whole: into the thread that it answers, or as a new report. Exactly
 * once, however often it comes. `notice`: that it answers (desk/answer.h), 0: none; the report is of whoever got that,
 * and closed if a program answered. Acts as a part of the node.
 */
MUST_USE struct err case_report_mail(
        struct db *db, slice bytes, int64_t notice, struct arena *arena, struct case_report_taken *taken);
/* What a node knows itself: a warning with what was met, or a row of it (store/met.h), as its officer says. The report
 * is of the constituent; its contact gets the receipt. VERB_WORK_INCIDENTS. */
MUST_USE struct err case_report_warning(
        struct work *work, int64_t warning, slice text, struct case_report_taken *taken);
MUST_USE struct err case_report_event(struct work *work, int64_t met, slice text, struct case_report_taken *taken);

/* ---- Who sees what ---- */

/* CASE_ALL with VERB_READ_REPORTS for the node; CASE_PART for who acts for the organisation that told it: its own words
 * and what became of it. Of one that is restricted only who holds it and auditors see anything. */
MUST_USE struct err case_report_sees(
        const struct actor *actor, const struct report *row, struct arena *arena, enum case_sight *sight);
/* The same for lists of those that read all of them. */
struct report_sight case_report_sight(const struct actor *actor);

/*
 * What somebody thinks is no incident: a report of that, in which rules find nothing else and to which nobody gave a
 * class, is closed with advice in the moment in which it is taken, and opens again when they write back. It belongs to
 * no incident before a person says of which class it is.
 */
bool case_report_is_opinion(const struct report *row);
/* The advice, in the language of the report. */
slice case_report_advice(const struct report *row);

/* ---- Triage: VERB_WORK_INCIDENTS ---- */

/* `person`: number of a user of ours; 0: nobody. */
MUST_USE struct err case_report_assign(struct work *work, int64_t report, int64_t person);
/* As a person says. */
MUST_USE struct err case_report_classify(struct work *work, int64_t report, slice class, enum severity severity);
/* It belongs to that incident, with those that were merged with it and what was found in them; 0: to none. */
MUST_USE struct err case_report_link(struct work *work, int64_t report, int64_t incident);
/* A new incident for it: subject, class, severity, times, and as its victim who told it. */
MUST_USE struct err case_report_open(struct work *work, int64_t report, slice title, int64_t *incident);
/* They tell of the same: both are kept, `report` out of the queue. */
MUST_USE struct err case_report_merge(struct work *work, int64_t report, int64_t into, slice why);
/* They do not, whatever was proposed. */
MUST_USE struct err case_report_differs(struct work *work, int64_t report, int64_t other);
MUST_USE struct err case_report_close(struct work *work, int64_t report, slice why);

/* ---- Answers ---- */

/* The sentences of `answer` (case/letter.h; empty: none) in their language, and `text` below; into their thread.
 * *notice: by which it is sent. ERR_MISSING if nobody knows where to. VERB_WORK_INCIDENTS. */
MUST_USE struct err case_report_answer(struct work *work, int64_t report, slice answer, slice text, int64_t *notice);

/* What the letter would say, for who is about to send it. */
MUST_USE struct err case_report_answer_show(
        const struct report *row, slice answer, slice text, struct arena *arena, slice *shown);

/* ---- What hung on it ---- */

/* The bytes of a file, for a download only: who took it and why is told. `message`, `part`: of struct thread_file.
 * VERB_WORK_INCIDENTS. */
MUST_USE struct err case_report_file(struct work *work, int64_t report, int64_t message, int64_t part, slice why,
        struct buf *out, struct thread_file *file);
/* A message as it came, or as we sent it. VERB_WORK_INCIDENTS. */
MUST_USE struct err case_report_original(
        struct work *work, int64_t report, int64_t message, slice why, struct buf *out);

/*
 * A file of it, or with part 0 the letter itself, sealed as evidence of its incident: with its digest, where the post
 * stood, whose it was, and when the capture was taken, or came. `basis`: in law. VERB_WORK_INCIDENTS and
 * VERB_TAKE_EVIDENCE; ERR_CONFLICT while it belongs to no incident.
 */
struct case_report_part {
    int64_t report, message, part;
};
MUST_USE struct err case_report_secure(struct db *db, const struct actor *actor, const struct case_report_part *part,
        slice basis, struct arena *arena, int64_t *evidence);

/* ---- Who may have told it ---- */

struct case_report_teller {
    int64_t organisation; /* 0: nobody is proposed */
    bool by_domain;       /* by the domain of the sender alone; else by the address */
};
/* Of a mail without an organisation: whose contact has the sender's address or, alone among all, its domain. An address
 * can be made up: a person decides. For who sees all of the report. */
MUST_USE struct err case_report_teller_find(
        struct db *db, const struct report *row, struct arena *arena, struct case_report_teller *teller);
/* That organisation told it (0: the one that is proposed), and sees it from now on. ERR_CONFLICT if it is known who
 * did, ERR_INPUT if nobody is proposed. VERB_WORK_INCIDENTS. */
MUST_USE struct err case_report_told_by(struct work *work, int64_t report, int64_t organisation);

/* ---- Forgetting ---- */

/* Who told it: name and addresses, the originals that hold them, and wherever they stand in a text. What was told, the
 * values and the digests stay. VERB_WORK_INCIDENTS. */
MUST_USE struct err case_report_forget(struct work *work, int64_t report, slice why);

/* ---- The end of a shift ---- */

struct case_handover {
    int64_t since_us, until_us;
    slice text;                                    /* for people: what came, what waits, what is late, what is due */
    int64_t received, waiting, late, mine, duties; /* mine: those that went to who takes over */
    slice next;                                    /* who is on call next, by the roster; empty: nobody */
};
/* Since when the last one was written; eight hours if there is none. */
MUST_USE struct err case_report_shift(struct db *db, int64_t now_us, struct arena *arena, int64_t *since_us);
/* The note for who takes over; `to`: number of a user, who gets what the actor has (0: nobody); `note`: in own words.
 */
MUST_USE struct err case_report_handover(
        struct work *work, int64_t since_us, int64_t to, slice note, struct case_handover *handover);
