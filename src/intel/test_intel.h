/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
/* For tests of this folder: texts taken in, and what is seen of them. */
#include "intel/ingest.h"
#include "store/journal.h"
#include "store/test_store.h"

#define TEST_CREATOR "identity--6b616c61-0000-4000-8000-0000000000aa"

/* A STIX indicator of this UUID's last digits and version, for a domain. */
static inline const char *test_indicator(struct arena *arena, int number, const char *modified, const char *domain)
{
    return arena_printf(arena,
            "{\"type\":\"indicator\",\"spec_version\":\"2.1\",\"id\":\"indicator--6b616c61-0000-4000-8000-%012d\","
            "\"created_by_ref\":\"" TEST_CREATOR "\",\"created\":\"2026-01-01T00:00:00.000Z\",\"modified\":\"%s\","
            "\"indicator_types\":[\"malicious-activity\"],\"name\":\"%s\","
            "\"pattern\":\"[domain-name:value = '%s']\",\"pattern_type\":\"stix\","
            "\"valid_from\":\"2026-01-01T00:00:00Z\"}",
            number, modified, domain, domain);
}

static inline slice test_id(struct arena *arena, int number)
{
    return slice_of(arena_printf(arena, "indicator--6b616c61-0000-4000-8000-%012d", number));
}

static inline struct intel_ingest test_ingest(const char *source)
{
    return (struct intel_ingest){.source = slice_of(source), .kind = S("file"), .name = S("text")};
}

static inline struct intel_report test_take(struct test_store *store, const char *source, const char *text)
{
    struct intel_ingest ingest = test_ingest(source);
    struct intel_report report;
    test_ok(intel_ingest_text(store->db, &store->actor, &ingest, slice_of(text), store->arena, &report));
    return report;
}

static inline struct object *test_seen(struct test_store *store, struct object_filter filter, size_t *count)
{
    struct object *rows;
    test_ok(store_object_list(store->db, &filter, 0, STORE_PAGE_MAX, store->arena, &rows, count));
    return rows;
}

static inline size_t test_seen_count(struct test_store *store)
{
    size_t count;
    test_seen(store, (struct object_filter){.all_versions = true}, &count);
    return count;
}

static inline struct journal_row *test_news(struct test_store *store, size_t *count)
{
    struct journal_row *rows;
    test_ok(store_journal_latest(store->db, INT64_MAX, STORE_PAGE_MAX, store->arena, &rows, count));
    return rows;
}

/* The latest row of the journal. */
static inline struct journal_row test_latest(struct test_store *store)
{
    size_t count;
    struct journal_row *rows = test_news(store, &count);
    assert_true(count > 0);
    return rows[0];
}
