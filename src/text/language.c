/* SPDX-License-Identifier: Apache-2.0 */
#include <pthread.h>

#include "base/arena.h"
#include "text/catalogue.h"
#include "text/embedded.h"

/* The languages of this program; those with a catalogue hold it as bytes (tools/catalogue, at build). */

#define WISHES_MAX 32 /* of an Accept-Language header that are looked at */

static const struct {
    const char *tag, *name;
    const char *also; /* how older software calls it; NULL: no other way */
    const slice *mo;
} languages[LANGUAGES] = {
        [LANGUAGE_ENGLISH] = {"en", "English"},
        [LANGUAGE_INDONESIAN] = {"id", "Bahasa Indonesia", "in", &embedded_id},
};

static struct arena *arena; /* of the process */
static struct catalogue *catalogues[LANGUAGES];

/* Ours are checked when they are built: one that cannot be read is our own mistake. */
static void catalogues_read(void)
{
    arena = arena_open("catalogues", ARENA_PROCESS, 64u << 10);
    for (size_t i = 0; i < LANGUAGES; i++)
        if (languages[i].mo != NULL && catalogue_read(*languages[i].mo, arena, &catalogues[i]).kind != ERR_NONE)
            abort();
}

const struct catalogue *catalogue_of(enum language language)
{
    static pthread_once_t once = PTHREAD_ONCE_INIT;
    pthread_once(&once, catalogues_read);
    return catalogues[language];
}

const char *language_tag(enum language language)
{
    return languages[language].tag;
}

const char *language_name(enum language language)
{
    return languages[language].name;
}

/* The language of a tag, whatever region or script it names (RFC 4647 section 3.4: "id-ID" is "id"). */
bool language_find(slice tag, enum language *language)
{
    if (tag.len == 0)
        return false;
    slice primary = slice_part(tag, 0, slice_find(tag, '-'));
    for (size_t i = 0; i < LANGUAGES; i++)
        if (slice_eq_fold(primary, slice_of(languages[i].tag)) ||
                (languages[i].also != NULL && slice_eq_fold(primary, slice_of(languages[i].also)))) {
            *language = (enum language)i;
            return true;
        }
    return false;
}

/* The weight of ";q=0.8" in thousandths (RFC 9110 section 12.4.2); what is not understood weighs nothing. */
static unsigned weight(slice parameters)
{
    static const unsigned worth[] = {100, 10, 1};
    slice q = slice_trim(parameters);
    unsigned thousandths = 0;
    if (q.len == 0)
        return 1000;
    if (q.len < 3 || byte_lower(q.ptr[0]) != 'q' || q.ptr[1] != '=' || (q.ptr[2] != '0' && q.ptr[2] != '1'))
        return 0;
    if (q.ptr[2] == '1')
        return 1000;
    for (size_t i = 4; i < q.len && i - 4 < COUNT_OF(worth) && byte_is_digit(q.ptr[i]); i++)
        thousandths += (unsigned)(q.ptr[i] - '0') * worth[i - 4];
    return thousandths;
}

enum language language_choose(slice accept)
{
    enum language chosen = LANGUAGE_ENGLISH, language;
    unsigned most = 0;
    slice wish, rest = accept;
    for (size_t i = 0; i < WISHES_MAX && slice_next(&rest, ',', &wish); i++) {
        size_t end = slice_find(wish, ';');
        unsigned weighs = weight(end < wish.len ? slice_from(wish, end + 1) : S(""));
        if (weighs > most && language_find(slice_trim(slice_part(wish, 0, end)), &language)) {
            chosen = language;
            most = weighs;
        }
    }
    return chosen;
}
