/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Any bytes as a value of every type, as a name, an id, text of several lines, and the sentence of an error: what is
 * shown is UTF-8 without control characters and without what turns the direction of writing, and no URL in it can be
 * clicked.
 */
#include "text/shown.h"

#include <unistr.h>

#include "base/arena.h"
#include "need.h"
#include "text/sentence.h"

static void look(struct buf *out, bool lines)
{
    slice text = buf_slice(out);
    fuzz_need(out->full || u8_check((const uint8_t *)text.ptr, text.len) == NULL);
    for (size_t i = 0; i < text.len; i++)
        fuzz_need((uint8_t)text.ptr[i] >= 0x20 || (lines && (text.ptr[i] == '\n' || text.ptr[i] == '\t')));
    fuzz_need(slice_find_slice(text, S("\xE2\x80\xAE")) == text.len &&
              slice_find_slice(text, S("\xE2\x81\xA7")) == text.len);
    buf_reset(out);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    slice text = {size == 0 ? "" : (const char *)data, size};
    struct buf out = buf_make(1u << 20);
    for (enum observable_type type = OBSERVABLE_NONE; type < OBSERVABLE_TYPES; type++) {
        shown_value_write(&out, type, text);
        slice shown = buf_slice(&out);
        fuzz_need(
                type != OBSERVABLE_URL || (!slice_starts(shown, S("http://")) && !slice_starts(shown, S("https://"))));
        look(&out, false);
    }
    shown_text_write(&out, text, true);
    look(&out, true);
    fuzz_need(shown_other_name_write(&out, text) || out.len == 0);
    look(&out, false);
    shown_name_is_mixed(text);
    struct arena *arena = arena_open("fuzz", ARENA_WORK, 4u << 20);
    slice said = sentence_text(catalogue_of(LANGUAGE_INDONESIAN), text, arena);
    fuzz_need(text.len == 0 || said.len > 0);
    arena_close(arena);
    buf_free(&out);
    return 0;
}
