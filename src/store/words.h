/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
/*
 * What a word is, for what is searched and for what it is searched with: one function for both, so that they agree. A
 * word is letters and digits of any script in lower case; . - _ stand inside it (198.51.100.7, evil.example,
 * CVE-2024-3094), everything else ends it. An IPv6 address is one word in its shortest spelling; an ideograph or kana
 * is a word by itself, since such scripts have no blanks. No word holds anything that an engine reads as syntax.
 *
 * Private to this folder; pure.
 */
#include "base/buf.h"

struct arena;

struct word_sink {
    void *context;
    /* A word. `part`: of the whole word before it: the domain above a name, a piece between hyphens. */
    void (*word)(void *context, slice word, bool part);
};

/* Cuts text; defanged spelling is undone and characters are in normal form C first. */
void words_cut(slice text, struct arena *arena, const struct word_sink *sink);
