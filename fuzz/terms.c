/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Any bytes as terms of an agreement and as terms of reference of a group, or two of them with an empty line between:
 * reading ends; what is read is canonical and the same when it is read again; a draft of it is itself with another
 * version; and each narrows to itself, two that narrow both ways allow the same.
 */
#include "share/terms.h"
#include "need.h"
#include "share/charter.h"

#include "base/arena.h"

/* ---- Agreements ---- */

static bool read_terms(slice text, struct arena *arena, struct share_document *document)
{
    struct share_document again, drafted;
    slice draft;
    if (share_document_read(text, arena, document).kind != ERR_NONE)
        return false;
    fuzz_need(share_document_read(document->text, arena, &again).kind == ERR_NONE);
    fuzz_need(slice_eq(again.text, document->text) && share_terms_narrow(document, &again));
    fuzz_need(document->terms.until_us > document->terms.from_us && document->terms.kind_count > 0);
    fuzz_need(share_terms_draft(document->text, document->parties, document->version, arena, &draft).kind == ERR_NONE);
    fuzz_need(slice_eq(draft, document->text));
    if (share_terms_draft(document->text, document->parties, 7, arena, &draft).kind == ERR_NONE) {
        fuzz_need(share_document_read(draft, arena, &drafted).kind == ERR_NONE && drafted.version == 7);
        fuzz_need(share_terms_narrow(document, &drafted) && share_terms_narrow(&drafted, document));
    }
    return true;
}

static void two_terms(slice first, slice second, struct arena *arena)
{
    struct share_document one, other;
    if (!read_terms(first, arena, &one) || !read_terms(second, arena, &other))
        return;
    if (share_terms_narrow(&one, &other) && share_terms_narrow(&other, &one))
        fuzz_need(one.terms.highest == other.terms.highest && one.terms.kind_count == other.terms.kind_count &&
                  one.terms.until_us == other.terms.until_us && one.terms.onward == other.terms.onward);
}

/* ---- Groups ---- */

static bool read_charter(slice text, struct arena *arena, struct share_charter *charter)
{
    struct share_charter again;
    slice draft;
    if (share_charter_read(text, arena, charter).kind != ERR_NONE)
        return false;
    fuzz_need(share_charter_read(charter->text, arena, &again).kind == ERR_NONE);
    fuzz_need(slice_eq(again.text, charter->text));
    fuzz_need(charter->dissolved || share_charter_narrow(charter, &again));
    fuzz_need(charter->member_count >= 2 && charter->yes * 2 > charter->of);
    fuzz_need(share_charter_draft(charter->text, charter->version, arena, &draft).kind == ERR_NONE);
    fuzz_need(slice_eq(draft, charter->text));
    struct share_motion motion = {.id = S("a"), .to = *charter};
    fuzz_need(!share_motion_tally(&motion, NULL).carried && !share_motion_tally(&motion, charter).carried);
    return true;
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t count);

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t count)
{
    slice text = {(const char *)bytes, count};
    struct arena *arena = arena_open("fuzz", ARENA_WORK, 256u << 20);
    size_t between = slice_find_slice(text, S("\n\n"));
    struct share_document document;
    struct share_charter charter;
    read_terms(text, arena, &document);
    read_charter(text, arena, &charter);
    if (between < text.len)
        two_terms(slice_part(text, 0, between), slice_from(text, between + 2), arena);
    arena_close(arena);
    return 0;
}
