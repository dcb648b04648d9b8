/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
/*
 * Answers to notices: a button behind the link of a mail, a word in a reply, or a report that it did not arrive. All of
 * them end in desk_answer (desk/life.h), or say that a contact is read, or is not. Whoever has the reference or the
 * link got the notice: both are 128 random bits, and neither does anything but answer. Looking at a link changes
 * nothing.
 */
#include "base/hash.h"
#include "desk/life.h"
#include "store/button.h"
#include "store/notice.h"

/* ---- Buttons ---- */

/* What the page behind a link shows. */
struct desk_button {
    struct button is;
    struct notice notice; /* of a warning's button */
    slice organisation, contact;
    slice reference, marking;
    const char *called; /* the class of its first warning, as a text for people; NULL: none */
    size_t warnings;
};
/* ERR_MISSING: there is no such link, or not any more. */
MUST_USE struct err desk_button_look(struct db *db, slice secret, struct arena *arena, struct desk_button *button);
/*
 * `answer`: "acknowledged", "not-mine", "done" (desk_answer_name); of a contact "acknowledged". ERR_INPUT for any other
 * word. Acts as a part of the node.
 */
MUST_USE struct err desk_button_press(struct db *db, slice secret, slice answer, struct arena *arena);

/* ---- Mail that came back ---- */

enum desk_taken_as {
    DESK_MAIL_NOTHING, /* it answers nothing of ours, or not with a word that we know */
    DESK_MAIL_ANSWER,
    DESK_MAIL_BOUNCE,    /* the notice came back */
    DESK_MAIL_DELIVERED, /* a report says that it arrived */
    DESK_MAIL_DELAYED,   /* a report says that it has not arrived yet */
};
struct desk_taken {
    enum desk_taken_as as;
    int64_t notice;  /* 0: none of ours */
    const char *why; /* in words */
};
/*
 * The same mail again changes nothing more. DESK_MAIL_NOTHING: nothing was changed, and somebody else is to take it
 * (case/report.h), though it may name a notice of ours.
 */
MUST_USE struct err desk_mail_take(struct db *db, slice message, struct arena *arena, struct desk_taken *taken);
