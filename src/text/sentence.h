/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
/*
 * Sentences of folders that know no languages: why something failed. They arrive whole, with names and numbers in them;
 * po/sentences lists them as they stand in their sources, and one that was printed is recognised by what stands between
 * its conversions. In a translation each conversion, in the same order, takes what stood in its place; %S looks that up
 * as well, whole or the texts of several words in it.
 *
 *     too many attempts failed; come again in %lld seconds
 *     terlalu banyak percobaan gagal; coba lagi dalam %lld detik
 */
#include "text/catalogue.h"

#define SENTENCE_PARTS_MAX 8 /* conversions of a sentence */

/* In the language of the catalogue (NULL: English), or as it is. What is new lies in the arena. */
slice sentence_text(const struct catalogue *catalogue, slice sentence, struct arena *arena);
