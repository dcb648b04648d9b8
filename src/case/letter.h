/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
/*
 * Letters of a report's thread: receipts and answers, in the language of who told us, and how one that comes back is
 * known. What is said stands in one table (letter_words.c). Private to this folder, but for the names of answers.
 */
#include "case/report.h"
#include "desk/letter.h"

enum letter_language { LETTER_INDONESIAN, LETTER_ENGLISH, LETTER_CHINESE, LETTER_LANGUAGES };

struct letter_words {
    const char *name; /* "receipt", "more" ... */
    const char *text[LETTER_LANGUAGES];
};
/* NULL: there is none of that name. */
const struct letter_words *case_letter_find(slice name);
/* The name of an answer at this place from 0; NULL behind the last. */
const char *case_letter_answer(size_t at);
/* Of a tag, "zh-Hans"; Indonesian for any other. */
enum letter_language case_letter_language(slice tag);
const char *case_letter_tag(enum letter_language language); /* "zh" */

/* A letter to who told it, kept in the thread: `words`, and `text` below (each may be missing). *notice: by which it is
 * sent. */
struct case_letter {
    const struct letter_words *words;
    slice text;
    bool automatic;
};
/* All that it says, as text. */
slice case_letter_text(const struct report *row, const struct case_letter *letter, struct arena *arena);
MUST_USE struct err case_letter_send(
        struct work *work, const struct report *row, const struct case_letter *letter, int64_t *notice);

/* The report whose thread a mail belongs to: it answers it, by Message-IDs or by our reference in its subject, or is in
 * it already and came by another way, too. 0: none, or one that is full. */
MUST_USE struct err case_letter_thread(
        struct db *db, const struct mailbox_mail *mail, struct arena *arena, int64_t *report);
/* A message into the thread, with all of its bytes. */
MUST_USE struct err case_letter_keep(struct work *work, const struct thread_message *put, slice bytes, int64_t *number);
