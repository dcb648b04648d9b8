/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
/*
 * What is said to people, in their language: a compiled catalogue (.mo of GNU gettext) read by ourselves, since libc
 * can only switch for a whole process. English is the text in the source itself; a text without translation stays
 * English. Catalogues are part of the program, made once and never changed: any thread.
 *
 * The translations lie in po/, one file a language; tools/words gathers the texts: those of templates (mustache.h), and
 * of C sources what stands in W("...") or W_COUNT("...", "..."). A test says which are missing.
 */
#include "base/err.h"

struct catalogue;

enum language { LANGUAGE_ENGLISH, LANGUAGE_INDONESIAN, LANGUAGES };

#define CATALOGUE_BYTES_MAX (4u << 20)
#define CATALOGUE_TEXTS_MAX 65536

/* Marks a text for people, where it is written; whoever shows it asks for its translation: ask_text(ask, W("Saved")).
 */
#define W(text) S(text)
/* For where only a constant will do: {"name", W_C("Name")}. */
#define W_C(text) text
/* Both sides of a text that counts, for catalogue_count: W_COUNT("%s day", "%s days"). */
#define W_COUNT(one, many) S(one), S(many)
#define W_COUNT_C(one, many) one, many

/* ERR_INPUT if the bytes are no catalogue, or one with a plural rule that we do not have. `mo` outlives it. */
MUST_USE struct err catalogue_read(slice mo, struct arena *arena, struct catalogue **catalogue);
/* The translation, or the text itself. `catalogue` may be NULL. */
slice catalogue_text(const struct catalogue *catalogue, slice text);
/* Whether it has a translation of this text, or of this first side of a text that counts. */
bool catalogue_has(const struct catalogue *catalogue, slice text);
/* Its texts one after the other, in the order of bytes; begin with *at = 0; false at the end. */
bool catalogue_next(const struct catalogue *catalogue, size_t *at, slice *text, slice *translation);
/* For `count` things; NULL is English. */
slice catalogue_count(const struct catalogue *catalogue, slice one, slice many, uint64_t count);

/* Of a language of this program: NULL for English. */
const struct catalogue *catalogue_of(enum language language);
const char *language_tag(enum language language);  /* "id" (RFC 5646) */
const char *language_name(enum language language); /* "Bahasa Indonesia" */
bool language_find(slice tag, enum language *language);
/* What an Accept-Language header wants most of what we have (RFC 9110 section 12.5.4); English if it is nothing. */
enum language language_choose(slice accept);
