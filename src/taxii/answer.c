/* SPDX-License-Identifier: Apache-2.0 */
#include "taxii/answer.h"

#include <time.h>

#include "base/arena.h"
#include "json/check.h"
#include "json/read.h"

#define SAID_MAX 300       /* bytes of a server's own reason that are told */
#define FAILURES_MAX 10000 /* of one status */
#define OVERFLOW_MAX (UINT64_C(1) << 48)

struct err taxii_answer_check(const char *url, const struct http_answer *answer, slice text, struct arena *arena)
{
    size_t offset = 0, line, column;
    /* Of doubled names only those of one object are harmed; whoever takes the objects in refuses it. */
    struct json_limits limits = json_limits_default;
    limits.duplicates_allowed = true;
    struct err err = json_check(text, &limits, &offset);
    if (err.kind == ERR_NONE && json_kind(slice_trim(text)) == JSON_OBJECT)
        return OK;
    json_place(text, offset, &line, &column);
    return err_format(arena, ERR_REMOTE, "%s: what answers there is no TAXII, but %s (line %zu, column %zu: %s)",
            http_url_shown(url, arena), *answer->type == 0 ? "nobody says what" : answer->type, line, column,
            err.kind == ERR_NONE ? "no object" : err.why);
}

/* The error resource of section 3.6.1 in a page, without what could harm a terminal; "" if it is none. */
const char *taxii_answer_reason(slice page, struct arena *arena)
{
    struct buf text = buf_make(SAID_MAX);
    static const char *const keys[] = {"title", "description"};
    for (size_t i = 0; json_check(page, &json_limits_default, NULL).kind == ERR_NONE && i < COUNT_OF(keys); i++) {
        slice value = json_text(json_get(page, slice_of(keys[i])), arena);
        if (value.len > 0 && text.len > 0)
            buf_put(&text, S(": "));
        for (size_t at = 0; at < value.len && text.len < SAID_MAX; at++)
            buf_byte(&text, (unsigned char)value.ptr[at] < ' ' || value.ptr[at] == 0x7F ? ' ' : value.ptr[at]);
    }
    const char *copy = text.len == 0 ? "" : arena_printf(arena, "; it says: %.*s", (int)text.len, text.ptr);
    buf_free(&text);
    return copy;
}

/* ---- Pages ---- */

/* What a server says that is no time ("undefined", the date of another language) is as if it said nothing. */
static slice time_of(const char *text, struct arena *arena)
{
    int64_t us;
    return time_parse_strict(slice_of(text), &us) ? arena_copy(arena, slice_of(text)) : S("");
}

static uint64_t elements_count(slice array)
{
    struct json_elements elements = json_elements(array);
    uint64_t count = 0;
    for (slice element; json_element_next(&elements, &element);)
        count++;
    return count;
}

/* "Sun, 06 Nov 1994 08:49:37 GMT" (RFC 9110 section 5.6.7). */
static int64_t date_of(const char *text)
{
    struct tm tm = {0};
    const char *end = strptime(text, "%a, %d %b %Y %H:%M:%S", &tm);
    return end == NULL ? TIME_NONE : (int64_t)timegm(&tm) * 1000000;
}

/* A place that is too long to keep, or no line of text, is as if there were none: dates lead on, too. */
static slice next_of(slice json, struct arena *arena)
{
    slice next = json_kind(json) == JSON_NUMBER ? json : json_text(json, arena);
    bool plain = next.len <= TAXII_NEXT_MAX;
    for (size_t i = 0; plain && i < next.len; i++)
        plain = (unsigned char)next.ptr[i] >= ' ' && next.ptr[i] != 0x7F;
    return plain ? next : S("");
}

struct err taxii_answer_page(slice json, const struct http_answer *answer, struct arena *arena, struct taxii_page *page)
{
    struct json_members members = json_members(json);
    slice key, value;
    *page = (struct taxii_page){.last = time_of(answer->added_last, arena), .now_us = date_of(answer->date)};
    while (json_member_next(&members, &key, &value)) {
        if (json_key_is(key, S("objects")))
            page->objects = value;
        else if (json_key_is(key, S("more")))
            page->more = json_kind(value) == JSON_TRUE;
        else if (json_key_is(key, S("next")))
            page->next = next_of(value, arena);
    }
    if (page->objects.len > 0 && json_kind(page->objects) != JSON_ARRAY)
        return err_make(ERR_REMOTE, "\"objects\" of a page is no list [TAXII 2.1 section 3.7]");
    page->count = elements_count(page->objects);
    return OK;
}

/* ---- Statuses (section 4.4) ---- */

static uint64_t number_of(slice json)
{
    int64_t number = 0;
    return json_i64(json, &number) && number > 0 && (uint64_t)number < OVERFLOW_MAX ? (uint64_t)number : 0;
}

static void failures_read(slice array, struct arena *arena, struct taxii_status *status)
{
    struct json_elements elements = json_elements(array);
    uint64_t count = elements_count(array);
    status->failures = arena_new(arena, struct taxii_failure, (count < FAILURES_MAX ? count : FAILURES_MAX) + 1);
    for (slice element; status->failure_count < FAILURES_MAX && json_element_next(&elements, &element);)
        status->failures[status->failure_count++] = (struct taxii_failure){
                .id = json_text(json_get(element, S("id")), arena),
                .version = json_text(json_get(element, S("version")), arena),
                .message = json_text(json_get(element, S("message")), arena),
        };
}

struct err taxii_answer_status(slice json, const char *url, struct arena *arena, struct taxii_status *status)
{
    slice word = json_text(json_get(json, S("status")), arena);
    *status = (struct taxii_status){
            .id = json_text(json_get(json, S("id")), arena),
            .complete = slice_eq(word, S("complete")),
            .total = number_of(json_get(json, S("total_count"))),
            .success = number_of(json_get(json, S("success_count"))),
            .pending = number_of(json_get(json, S("pending_count"))),
    };
    failures_read(json_get(json, S("failures")), arena, status);
    if (status->complete || slice_eq(word, S("pending")))
        return OK;
    return err_format(arena, ERR_REMOTE,
            "%s: what answers is no status: neither complete nor pending [TAXII 2.1 section 4.4.1]",
            http_url_shown(url, arena));
}
