/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
/*
 * For tests of this folder: indicators for addresses, and three events that they may meet.
 */
#include <fcntl.h>
#include <unistd.h>

#include "sift/sift.h"
#include "store/test_store.h"

static const char FIRST[] = "2026-11-20T10:00:00", SECOND[] = "2026-11-20T11:00:00", THIRD[] = "2026-11-20T12:00:00";

#define ID "indicator--6b616c61-0000-4000-8000-00000000000"

static inline void tell_nothing(void *context, const char *file, uint64_t line, uint64_t column, const char *why)
{
    (void)context, (void)file, (void)line, (void)column, (void)why;
}

/* An indicator for one address, or with a pattern of any kind. */
static inline struct object_put indicator(
        struct test_store *store, const char *id, const char *version, const char *pattern)
{
    const char *revoked = pattern == NULL ? ",\"revoked\":true" : "";
    const char *json = arena_printf(store->arena,
            "{\"type\":\"indicator\",\"spec_version\":\"2.1\",\"id\":\"%s\",\"created\":\"2026-11-20T10:00:00Z\","
            "\"modified\":\"%sZ\",\"pattern_type\":\"stix\",\"valid_from\":\"2026-11-20T10:00:00Z\",\"name\":\"%s\","
            "\"pattern\":\"%s\"%s}",
            id, version, version, pattern == NULL ? "[ipv4-addr:value = '192.0.2.1']" : pattern, revoked);
    struct object_put put = test_object(id, version, json);
    put.revoked = pattern == NULL;
    return put;
}

#define ADDRESS(last) "[ipv4-addr:value = '192.0.2." last "']"
#define EVALUATED(port) "[network-traffic:dst_port = " port " AND network-traffic:src_ref.value LIKE '192.0.2.%']"

static const char events[] = "{\"timestamp\":\"2026-11-20T12:00:00+0000\",\"event_type\":\"flow\",\"src_ip\":\"192.0.2."
                             "1\",\"dest_port\":22}\n"
                             "{\"timestamp\":\"2026-11-20T12:00:01+0000\",\"event_type\":\"flow\",\"src_ip\":\"192.0.2."
                             "2\",\"dest_port\":80}\n"
                             "{\"timestamp\":\"2026-11-20T12:00:02+0000\",\"event_type\":\"flow\",\"src_ip\":\"192.0.2."
                             "3\",\"dest_port\":443}\n";

/* The lines of the events that are met, as digits: "13" are the first and the third. */
static inline const char *met_by(struct test_store *store, struct live *live)
{
    char input[96], output[96];
    struct sift_totals totals = {0};
    snprintf(input, sizeof input, "%s/events", store->base->folder);
    snprintf(output, sizeof output, "%s/rows", store->base->folder);
    int fd = open(input, O_WRONLY | O_CREAT | O_TRUNC, 0600);
    assert_int_equal(write(fd, events, sizeof events - 1), sizeof events - 1);
    close(fd);
    struct sift_job job = {.live = live, .threads = 1, .malformed = tell_nothing};
    job.output = open(output, O_RDWR | O_CREAT | O_TRUNC, 0600);
    test_ok(sift_watch_open(NULL, NULL, &job.watch));
    test_ok(sift_run(&job, input, store->arena, &totals));
    sift_watch_close(job.watch);
    char *rows = arena_take(store->arena, 65536), *lines = arena_take(store->arena, 64);
    assert_true(pread(job.output, rows, 65535, 0) >= 0);
    close(job.output);
    size_t count = 0;
    for (const char *at = rows; (at = strstr(at, "{\"line\":")) != NULL && count < 63; at++)
        lines[count++] = at[8];
    return lines;
}
