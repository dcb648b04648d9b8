/* SPDX-License-Identifier: Apache-2.0 */
#include "text/sentence.h"

#include "base/arena.h"
#include "base/buf.h"

#define SENTENCE_BYTES_MAX 8192
#define PART_BYTES_MAX 512 /* of what is looked for texts in itself */
#define TEXT_BYTES_MAX 64  /* of such a text */

/* What stands in front of the next conversion, and its letter; false: there is none, and `before` is all. */
static bool conversion_next(slice *rest, slice *before, char *letter)
{
    size_t at = slice_find(*rest, '%'), end = at;
    while (end < rest->len && memchr("diouxXscS", rest->ptr[end], 9) == NULL)
        end++;
    *before = slice_part(*rest, 0, end == rest->len ? end : at);
    *letter = end == rest->len ? 0 : rest->ptr[end];
    *rest = slice_from(*rest, end == rest->len ? end : end + 1);
    return *letter != 0;
}

/* Whether a sentence was printed by this format; then what stood in place of each conversion. */
static bool is_printed_by(slice format, slice sentence, slice parts[SENTENCE_PARTS_MAX], size_t *count)
{
    slice before;
    char letter;
    *count = 0;
    bool more = conversion_next(&format, &before, &letter);
    if (!more || !slice_starts(sentence, before))
        return false;
    sentence = slice_from(sentence, before.len);
    while (more && *count < SENTENCE_PARTS_MAX) {
        more = conversion_next(&format, &before, &letter);
        /* of the last piece the end counts, where it may occur more than once */
        size_t len = more ? slice_find_slice(sentence, before) : sentence.len - before.len;
        if (!more && !slice_ends(sentence, before))
            return false;
        if (more && len == sentence.len && before.len > 0)
            return false;
        parts[(*count)++] = slice_part(sentence, 0, len);
        sentence = slice_from(sentence, len + before.len);
    }
    return !more;
}

static bool is_inside_word(slice text, size_t at)
{
    return at > 0 && at < text.len && text.ptr[at - 1] != ' ' && text.ptr[at] != ' ' && text.ptr[at] != ',';
}

/* The longest text of several words that stands there; 0: there is none. */
static size_t words_at(const struct catalogue *catalogue, slice part, size_t at)
{
    size_t len = part.len - at < TEXT_BYTES_MAX ? part.len - at : TEXT_BYTES_MAX;
    for (; len > 0 && !is_inside_word(part, at); len--) {
        slice words = slice_part(part, at, at + len);
        if (!is_inside_word(part, at + len) && slice_find(words, ' ') < len && catalogue_has(catalogue, words))
            return len;
    }
    return 0;
}

/* A part that is a text, or is put together from texts of several words and what is none. */
static void part_write(const struct catalogue *catalogue, slice part, struct buf *out)
{
    size_t at = 0;
    if (catalogue_has(catalogue, part) || part.len > PART_BYTES_MAX) {
        buf_put(out, catalogue_text(catalogue, part));
        return;
    }
    while (at < part.len) {
        size_t len = words_at(catalogue, part, at);
        if (len == 0)
            buf_byte(out, part.ptr[at++]);
        else
            buf_put(out, catalogue_text(catalogue, slice_part(part, at, at + len)));
        at += len;
    }
}

static slice printed(
        const struct catalogue *catalogue, slice format, const slice *parts, size_t count, struct arena *arena)
{
    struct buf out = buf_make(SENTENCE_BYTES_MAX);
    slice before;
    char letter;
    size_t part = 0;
    while (conversion_next(&format, &before, &letter)) {
        buf_put(&out, before);
        slice stood = part < count ? parts[part++] : S("");
        if (letter == 'S')
            part_write(catalogue, stood, &out);
        else
            buf_put(&out, stood);
    }
    buf_put(&out, before);
    slice text = out.full ? S("") : arena_copy(arena, buf_slice(&out));
    buf_free(&out);
    return text;
}

slice sentence_text(const struct catalogue *catalogue, slice sentence, struct arena *arena)
{
    slice parts[SENTENCE_PARTS_MAX], format, translation;
    size_t count;
    if (catalogue == NULL || sentence.len == 0 || sentence.len > SENTENCE_BYTES_MAX)
        return sentence;
    if (catalogue_has(catalogue, sentence))
        return catalogue_text(catalogue, sentence);
    for (size_t at = 0; catalogue_next(catalogue, &at, &format, &translation);)
        if (translation.len > 0 && slice_find(format, '%') < format.len &&
                is_printed_by(format, sentence, parts, &count)) {
            slice text = printed(catalogue, translation, parts, count, arena);
            return text.len == 0 ? sentence : text;
        }
    return sentence;
}
