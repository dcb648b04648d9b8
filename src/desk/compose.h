/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
/*
 * What a notice says, from what is known: gathered once (desk/notice.c), written as text in each language, as CSV and
 * as JSON. Whatever comes from events is hostile: it is written so that nothing in it is seen as something else
 * (text/shown.h), and neither an id of an indicator nor whose it is appears anywhere. Private to this folder.
 */
#include "desk/life.h"
#include "desk/notice.h"
#include "store/approval.h"
#include "store/contact.h"
#include "store/met.h"
#include "store/organisation.h"
#include "store/warning.h"
#include "text/catalogue.h"

#define COMPOSE_FILE_MAX (2u << 20) /* bytes of CSV or JSON, after which rows are counted only */
#define COMPOSE_DETAILS_MAX 10000   /* rows of a notice */

/* A warning with what was seen. */
struct compose_warning {
    struct warning is;
    struct met_detail *seen;
    size_t seen_count;
    /* Of what the memory found, which keeps no address of theirs: when it was. TIME_NONE: it found nothing. */
    int64_t past_from_us, past_until_us;
    /* Where others are told of it. */
    slice reference;  /* of the notice by which those whom it concerns were told */
    int64_t first_us; /* when that was made */
    bool is_for_all;  /* its marking lets the whole community know what it is of */
};

struct compose {
    const struct desk_notice_options *options;
    struct organisation organisation;
    struct organisation about; /* whose warnings they are; number 0: of who is told */
    struct contact contact;
    enum notice_kind kind;
    slice reference, link; /* link: empty: there is none */
    slice marking;
    const char *fingerprint; /* of the OpenPGP key that signs; NULL: it is not signed */
    enum severity severity;  /* the worst */
    int64_t due_us;          /* TIME_NONE: none */
    int64_t now_us;
    struct compose_warning *warnings;
    size_t warning_count;
    const struct approval *emergency; /* of that kind: what was done */
    const struct notice_duty *duty;   /* of that kind */
    const struct notice_task *task;   /* likewise */
    const char *unsigned_why;         /* why it could not be signed; NULL: it could, or was not to be */
    uint64_t left_out;                /* rows that are in no file, for their number */
};

/* Words with which an answer by mail begins, for all languages. */
extern const struct compose_reply {
    const char *word, *english;
    const char *means; /* a text for people */
    enum desk_answer answer;
} compose_replies[];
extern const size_t compose_reply_count;

/* What this node says of itself; NULL: nothing was said yet (desk_notice_open). */
const struct desk_notice_options *desk_notice_options(void);

void compose_subject(struct buf *out, const struct compose *compose, enum language language);
void compose_text(struct buf *out, const struct compose *compose, enum language language);
/* Each counts what it leaves out in *left_out. */
void compose_csv(struct buf *out, const struct compose *compose, uint64_t *left_out);
/* `answer`: also where to answer, and the text. */
void compose_json(struct buf *out, const struct compose *compose, bool answer, uint64_t *left_out);
