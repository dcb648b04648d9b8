/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
/* For tests of this folder: pages of intelligence over a store of their own. */
#include "base/clock.h"
#include "intel/test_intel.h"
#include "web/test_page.h"
#include "json/check.h"

/* 21 November 2026, noon */
#define TEST_NOON INT64_C(1795262400000000)
#define TEST_ANALYST (1u << ROLE_ANALYST)
#define TEST_PAGE_BYTES_MAX (50u << 10) /* a page may have */

static inline struct test_page *test_intel_page(
        struct test_store *store, uint32_t roles, enum http_method method, const char *path)
{
    struct test_page *page = test_page(store->arena, method, path);
    page->ask.db = store->db;
    page->gate.options.db = (struct db_options){.where = store->base->where};
    test_page_as(page, roles);
    return page;
}

/* The page of a function: `path` may have a query (unescaped), `part` is what stood for {number}. */
static inline struct test_page *test_intel_get(struct test_store *store, uint32_t roles, const char *name,
        struct err (*answer)(struct ask *ask), const char *query, const char *part, bool html)
{
    struct test_page *page = test_intel_page(store, roles, HTTP_GET, "/page");
    struct http_field *fields = arena_new(store->arena, struct http_field, 16);
    const struct route route = {.name = name, .face = &web_face, .answer = answer};
    slice rest = slice_of(query), field;
    while (rest.len > 0 && slice_next(&rest, '&', &field)) {
        size_t at = slice_find(field, '=');
        fields[page->ask.query_count++] =
                (struct http_field){.name = slice_part(field, 0, at), .value = slice_from(field, at + 1)};
    }
    page->ask.query = fields;
    page->ask.parts[0] = slice_of(part);
    page->ask.wants_json = !html;
    test_page_run(page, &route);
    if (!html)
        assert_int_equal(json_check(page->answer, &json_limits_default, NULL).kind, ERR_NONE);
    return page;
}

static inline slice test_member(const struct test_page *page, const char *key)
{
    return json_get(page->answer, slice_of(key));
}

static inline size_t test_length(slice array)
{
    struct json_elements elements = json_elements(array);
    size_t count = 0;
    slice element;
    while (json_element_next(&elements, &element))
        count++;
    return count;
}

/* The texts of one member of each row: "a b c". */
static inline const char *test_column(struct test_store *store, slice rows, const char *key)
{
    struct json_elements elements = json_elements(rows);
    const char *column = "";
    slice element;
    while (json_element_next(&elements, &element)) {
        slice value = json_get(element, slice_of(key));
        value = json_kind(value) == JSON_STRING ? json_text(value, store->arena) : value;
        column =
                arena_printf(store->arena, "%s%s%.*s", column, column[0] == '\0' ? "" : " ", (int)value.len, value.ptr);
    }
    return column;
}

/* tests/data/web/NAME, taken in from a source. */
static inline void test_take_file(struct test_store *store, const char *source, const char *name)
{
    const char *root = getenv("KENTONGAN_ROOT");
    char *text = arena_take(store->arena, 1u << 20);
    FILE *file = fopen(arena_printf(store->arena, "%s/tests/data/web/%s", root == NULL ? "." : root, name), "r");
    assert_non_null(file);
    assert_true(fread(text, 1, (1u << 20) - 1, file) > 0);
    fclose(file);
    test_take(store, source, text);
}
