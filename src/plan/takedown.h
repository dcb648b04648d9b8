/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
/*
 * Whom to ask to take a page down, as a rule file ("[takedown NAME]"), and in which words: a letter to them for each
 * language, and one to whom such pages imitate. Its first line is the subject, and {words} in it stand for what is
 * known of the page. Whoever answers for a page's name or address fits; of several all do, each in its own language.
 *
 * Pure; any thread. Everything lies in the arena.
 */
#include "base/buf.h"
#include "base/ip.h"
#include "plan/file.h"

#define PLAN_LETTER_FILE_MAX (16u << 10) /* bytes of a letter with its {words} */
#define PLAN_LETTER_MAX (768u << 10)     /* and written out */

enum plan_recipient { PLAN_HOST, PLAN_REGISTRAR, PLAN_REGISTRY, PLAN_PLATFORM, PLAN_RECIPIENTS };

struct plan_takedown {
    slice name;
    enum plan_recipient recipient;
    slice title;             /* in words */
    slice *domains;          /* at and below which it answers for pages */
    struct prefix *networks; /* and in which for addresses */
    size_t domain_count, network_count;
    slice address;  /* of mail, or the https URL of a form */
    slice language; /* one of plan_letter_language */
};

struct plan_takedowns {
    slice version;
    struct plan_takedown *rows;
    size_t count;
};

/* The one that comes with the program, etc/takedown.conf. */
MUST_USE struct err plan_takedown_shipped(struct arena *arena, struct plan_takedowns *table);
/* A file by its name, as plan_read. */
MUST_USE struct err plan_takedown_read(
        const char *name, slice text, plan_say *say, void *context, struct arena *arena, struct plan_takedowns *table);
/* Those of `own` come before those of the same name in `shipped`. */
struct plan_takedowns plan_takedown_merge(
        const struct plan_takedowns *own, const struct plan_takedowns *shipped, struct arena *arena);
/* Whether it answers for pages of that host, a name in lower case or an address. */
bool plan_takedown_fits(const struct plan_takedown *row, slice host);
/* Whether a text is an address of mail, or the https URL of a form. */
bool plan_takedown_address_is(slice address, bool *form);

/* ---- Letters ---- */

/* The tag of the language at this place from 0, "en"; NULL behind the last. */
const char *plan_letter_language(size_t at);

enum plan_letter_to { PLAN_TO_RECIPIENT, PLAN_TO_IMITATED, PLAN_LETTER_TOS };
/* "takedown/en.txt", "takedown/imitated-en.txt". */
const char *plan_letter_file(enum plan_letter_to to, slice language, struct arena *arena);

struct plan_letter {
    slice subject, text; /* with their {words} */
};
struct plan_letter_fact {
    const char *word;
    slice text;
};
/* Of a file by its name; ERR_INPUT as NAME:LINE:COLUMN for a {word} that there is not, or no subject. */
MUST_USE struct err plan_letter_read(const char *name, slice text, struct arena *arena, struct plan_letter *letter);
/* The one that comes with the program. ERR_INPUT for a language that has none. */
MUST_USE struct err plan_letter_shipped(
        enum plan_letter_to to, slice language, struct arena *arena, struct plan_letter *letter);
/* Writes a text of a letter out; a word without a fact is written as "-". */
void plan_letter_write(slice text, const struct plan_letter_fact *facts, size_t count, struct buf *out);
/* What a recipient is called in that language, "registrar"; an unknown language is English. */
const char *plan_recipient_text(enum plan_recipient recipient, slice language);
