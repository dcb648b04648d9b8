/* SPDX-License-Identifier: Apache-2.0 */
#include "web/subject.h"

#include <inttypes.h>

#include "web/outside.h"

/* Pages of what is numbered. */
static const struct {
    const char *prefix, *path;
} pages[] = {
        {"agreement/", "/agreements/"},
        {"approval/", "/approvals/"},
        {"ask/", "/asks#ask-"},
        {"duty/", "/duties/"},
        {"evidence/", "/evidence/"},
        {"import/", "/imports/"},
        {"incident/", "/incidents/"},
        {"lesson/", "/lessons/"},
        {"organisation/", "/organisations/"},
        {"partner/", "/partners/"},
        {"report/", "/reports/"},
        {"request/", "/asks#request-"},
        {"risk/", "/risks/"},
        {"stream/", "/streams/"},
        {"takedown/", "/takedowns/"},
        {"task/", "/tasks/"},
        {"warning/", "/warnings/"},
};

static bool numbered(struct buf *path, slice subject)
{
    for (size_t i = 0; i < COUNT_OF(pages); i++) {
        slice prefix = slice_of(pages[i].prefix);
        uint64_t number;
        if (slice_starts(subject, prefix) && slice_u64(slice_from(subject, prefix.len), INT64_MAX, &number)) {
            buf_printf(path, "%s%" PRIu64, pages[i].path, number);
            return true;
        }
    }
    return false;
}

void subject_path(struct ask *ask, slice subject)
{
    struct buf path = buf_make(8 * STORE_NAME_MAX + 64);
    if (!numbered(&path, subject) && slice_find_slice(subject, S("--")) < subject.len) {
        buf_put(&path, S("/object"));
        outside_query(&path, S("id"), subject);
    }
    json_write_key(&ask->json, S("path"));
    if (path.len > 0 && !path.full)
        json_write_text(&ask->json, buf_slice(&path));
    else
        json_write_null(&ask->json);
    buf_free(&path);
}
