/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Any bytes as what a TAXII server answers: a first line as the date of the last object, the rest as a page and as a
 * status. What passes the check becomes both without a step beyond it, and within what is promised of them.
 */
#include "taxii/answer.h"
#include "base/arena.h"
#include "json/read.h"

static void check(bool holds)
{
    if (!holds)
        abort();
}

static void check_page(slice json, const struct http_answer *answer, struct arena *arena)
{
    struct taxii_page page;
    uint64_t count = 0;
    int64_t us;
    if (taxii_answer_page(json, answer, arena, &page).kind != ERR_NONE)
        return;
    struct json_elements elements = json_elements(page.objects);
    for (slice element; json_element_next(&elements, &element);)
        count += element.len > 0;
    check(count == page.count);
    check(page.next.len <= TAXII_NEXT_MAX);
    check(page.last.len == 0 || time_parse_strict(page.last, &us));
    for (size_t i = 0; i < page.next.len; i++)
        check((unsigned char)page.next.ptr[i] >= ' ');
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    slice rest = {size == 0 ? "" : (const char *)data, size}, line = {0};
    struct arena *arena = arena_open("fuzz", ARENA_WORK, 64u << 20);
    struct taxii_status status;
    slice_next(&rest, '\n', &line);
    const char *date = arena_cstr(arena, line);
    const struct http_answer answer = {.status = 200, .type = "", .date = date, .added_last = date};
    const char *reason = taxii_answer_reason(rest, arena);
    for (size_t i = 0; reason[i] != 0; i++)
        check((unsigned char)reason[i] >= ' ' && reason[i] != 0x7F);
    slice json = slice_trim(rest);
    if (rest.ptr != NULL && taxii_answer_check("https://taxii.example/", &answer, json, arena).kind == ERR_NONE) {
        check_page(json, &answer, arena);
        if (taxii_answer_status(json, "https://taxii.example/", arena, &status).kind == ERR_NONE)
            for (size_t i = 0; i < status.failure_count; i++)
                check(status.failures[i].id.len <= size);
    }
    arena_close(arena);
    return 0;
}
