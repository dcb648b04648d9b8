/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
/*
 * What the forms share: where in the text we are, working memory for one item, re-fanging, the words for types, and the
 * way to the sink. Private to this folder. A form opens a reader, reads, and closes it; one thread.
 */
#include "base/arena.h"
#include "base/clock.h"
#include "form/form.h"
#include "json/read.h"

#define FORM_ITEM_MAX (32u << 20)  /* bytes of one object or attribute: all that we decode of it fits the work arena */
#define FORM_LABEL_MAX 4096        /* bytes of a name or comment; a longer one is no label */
#define FORM_WORK_MAX (256u << 20) /* bytes of the work arena: an item, and a pattern taken apart to its ceiling */

struct form_reader {
    slice text;
    const struct form_sink *sink;
    struct arena *messages; /* the caller's: why the whole text is refused */
    struct arena *work;     /* emptied after each item */
    struct buf plain;       /* the value that was re-fanged last */
    const char *item;       /* where the item at hand begins, */
    uint64_t line;          /* on this line, */
    const char *line_start; /* which begins here */
};

/* A byte order mark before the text is no part of it: places count from behind it. */
struct form_reader form_reader_open(slice text, struct arena *messages, const struct form_sink *sink);
void form_reader_close(struct form_reader *reader);

/*
 * Begins the next item: everything of the last is forgotten. Items come in the order of the text. False, and a problem
 * told, if it is longer than we take.
 */
bool form_reader_item(struct form_reader *reader, slice item);
/* The place of something in the item at hand. */
struct form_place form_reader_place(const struct form_reader *reader, const char *at);

void form_reader_problem(struct form_reader *reader, const char *at, const char *why);
/* Says where, and gives `err` back: the answer of a form that refuses the whole text because of what stands there. */
MUST_USE struct err form_reader_refuse(const struct form_reader *reader, size_t offset, struct err err);
/* Skipped by the name WHAT NAME; of the name, which comes from outside, what is printable and not long. */
void form_reader_skip(struct form_reader *reader, const char *what, slice name);
/*
 * Hands on. That the value cannot be of its type becomes a problem at that place; every other answer ends the reading.
 * The indicator's line is filled in.
 */
MUST_USE struct err form_reader_give(struct form_reader *reader, struct indicator *indicator, struct form_place place);
/* The same for a pattern. The sink has to want them. */
MUST_USE struct err form_reader_give_pattern(
        struct form_reader *reader, struct indicator *pattern, struct form_place place);

/*
 * Checks JSON and takes it: one document, or one a line (NDJSON). An ERR_INPUT of `take` says that a document is not of
 * this form, before any item began: it refuses the whole text or, of many lines, is a problem of that line.
 */
typedef struct err form_take(struct form_reader *reader, slice document);
MUST_USE struct err form_reader_json(struct form_reader *reader, form_take *take);
/* The text of a string of the item at hand; empty if it is none. */
slice form_reader_text(struct form_reader *reader, slice string);
/* The same for what people read; empty if it is too long. */
slice form_reader_label(struct form_reader *reader, slice string);
/* Whether a file of JSON begins with an object that has this key near its beginning; for form.recognise. */
bool form_head_key(slice head, slice quoted_key);

/* The value without its fangs; a slice of the reader's own buffer, if there were any. */
slice form_reader_refang(struct form_reader *reader, slice value);

#define FORM_WORD_MAX 32 /* bytes of the longest word we know for a type or a column */
/* A word as our tables spell it: small letters, hyphens for blanks and underscores; empty if longer than any. */
slice form_word(slice word, char spelt[FORM_WORD_MAX]);

enum form_guess { GUESS_NOTHING, GUESS_ADDRESS, GUESS_HASH };

/* A type in the words of lists and tables: ours, and those that other tools write ("ip-dst", "FileHash-SHA256"). */
struct form_type {
    enum observable_type type;
    enum form_guess guess; /* the word leaves it to the value: "ip", "hash"; `type` is then OBSERVABLE_NONE */
    slice name;            /* OBSERVABLE_OTHER: part of the word */
};

/* False if the word cannot be a type. */
bool form_type_find(slice word, struct form_type *found);
/* The type of a value under that word; OBSERVABLE_NONE if it can be none. */
enum observable_type form_type_of(const struct form_type *found, slice value);
/* Without the byte order mark that some programs put before UTF-8. */
slice form_without_mark(slice text);
/* Whether values of this type are ever written with fangs. */
bool form_type_refangs(enum observable_type type);
/* ipv4, ipv6 or, with a slash, cidr: by the looks alone. */
enum observable_type form_address_type(slice value);
