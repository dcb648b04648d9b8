/* SPDX-License-Identifier: Apache-2.0 */
/* The logs of a node by name, how one goes on from another, and what is wrong with one until a person decides. */
#include <errno.h>
#include <stdio.h>
#include <sys/stat.h>

#include "base/arena.h"
#include "base/clock.h"
#include "share/book_parts.h"
#include "share/keys.h"
#include "json/write.h"

#define DETAIL_MAX 4096
#define CLOCK_TOLD S("ledger-clock")              /* fact: what is wrong with the clock, as it was told */
#define CLOCK_ACCEPTED S("ledger-clock-accepted") /* fact: heads up to this time were of a wrong clock */

static slice number_text(struct arena *arena, int64_t number)
{
    return slice_of(arena_printf(arena, "%lld", (long long)number));
}

/* Eight digits that nobody used before: what is begun again after a restore is never called the same. */
static const char *fresh_name(struct arena *arena, const char *before)
{
    uint32_t random;
    hash_random(&random, sizeof random);
    return arena_printf(arena, "%s%08x", before, random);
}

/* ---- Logs ---- */

struct err share_book_log(struct work *work, const char *kind, slice about, int64_t *number)
{
    slice node;
    TRY(share_own_node(work->db, work->arena, &node));
    const char *origin = arena_printf(work->arena, "%.*s/%s%s%.*s", (int)node.len, node.ptr, kind,
            about.len > 0 ? "/" : "", (int)about.len, about.ptr);
    const char *folder = fresh_name(work->arena, arena_printf(work->arena, "%s-", kind));
    return store_ledger_log_new(work, kind, slice_of(origin), slice_of(folder), number);
}

struct err share_book_logs(struct work *work)
{
    static const char *const kinds[] = {"private", "node"};
    for (size_t i = 0; i < COUNT_OF(kinds); i++) {
        struct ledger_log log;
        int64_t number;
        struct err err = store_ledger_log_open(work->db, kinds[i], work->arena, &log);
        if (err.kind == ERR_MISSING)
            err = share_book_log(work, kinds[i], S(""), &number);
        TRY(err);
    }
    return OK;
}

/* ---- Going on under a new origin ---- */

static struct err log_tell(struct work *work, const char *act, const struct ledger_log *log,
        const struct ledger_field *fields, size_t count, slice why)
{
    struct buf text = buf_make(DETAIL_MAX);
    struct json_writer w = json_writer(&text);
    json_write_object(&w);
    for (size_t i = 0; i < count; i++)
        json_write_key_text(&w, fields[i].name, fields[i].value);
    json_write_key_text(&w, S("reason"), why);
    json_write_end(&w);
    const char *subject = arena_printf(work->arena, "ledger/%.*s", (int)log->folder.len, log->folder.ptr);
    struct err err = store_work_news(work, act, slice_of(subject), buf_slice(&text));
    buf_free(&text);
    return err;
}

struct err share_book_renew(
        struct work *work, const struct ledger_log *log, const struct share_known *known, slice why, int64_t *number)
{
    struct arena *arena = work->arena;
    struct ledger_head head;
    TRY(store_ledger_head_get(work->db, log->number, arena, &head));
    if (head.size == 0)
        head.root = ledger_merkle_empty();
    const struct ledger_field fields[] = {
            {S("origin"), log->origin},
            {S("size"), number_text(arena, head.size)},
            {S("root"), arena_hex(arena, sha256_slice(&head.root))},
            {S("known-origin"), known->origin},
            {S("known-size"), number_text(arena, known->size)},
            {S("known-root"), arena_hex(arena, sha256_slice(&known->root))},
            {S("known-by"), known->by},
    };
    const char *heads = arena_printf(arena, "%.*s %lld; %.*s knows %lld", (int)log->origin.len, log->origin.ptr,
            (long long)head.size, (int)known->by.len, known->by.ptr, (long long)known->size);
    const char *origin = fresh_name(arena, arena_printf(arena, "%.*s/", (int)log->origin.len, log->origin.ptr));
    const char *folder = fresh_name(arena, arena_printf(arena, "%.*s-", (int)log->kind.len, log->kind.ptr));
    TRY(store_ledger_log_follow(
            work, log, slice_of(origin), slice_of(folder), slice_of(heads), fields, COUNT_OF(fields), number));
    return log_tell(work, "ledger.renewed", log, fields, COUNT_OF(fields), why);
}

/* ---- Waiting for who kept the rest ---- */

struct err share_book_wait(struct work *work, const struct ledger_log *log, const struct share_known *known)
{
    struct arena *arena = work->arena;
    const struct ledger_field fields[] = {
            {S("known-by"), known->by},
            {S("known-size"), number_text(arena, known->size)},
            {S("known-root"), arena_hex(arena, sha256_slice(&known->root))},
    };
    TRY(store_ledger_wait(work, log->number, known->by, known->size, &known->root));
    return log_tell(work, "ledger.waits", log, fields, COUNT_OF(fields), S("more of it was signed than is here"));
}

/* What the partner has is here by now, or is all that there is. */
static struct err answered(struct work *work, void *context)
{
    struct ledger_log *logs;
    size_t count;
    TRY(store_ledger_log_waiting(work->db, *(const int64_t *)context, work->arena, &logs, &count));
    for (size_t i = 0; i < count; i++) {
        const struct share_known known = {logs[i].origin, logs[i].waits_size, logs[i].waits_root, logs[i].waits};
        struct ledger_head head;
        int64_t number;
        TRY(store_ledger_head_get(work->db, logs[i].number, work->arena, &head));
        if (head.size >= known.size)
            TRY(store_ledger_wait(work, logs[i].number, known.by, 0, &known.root));
        else
            TRY(share_book_renew(work, &logs[i], &known, S("its partner has not kept all that was signed"), &number));
    }
    return OK;
}

struct err share_book_answered(struct db *db, int64_t partner, struct arena *arena)
{
    struct ledger_log *logs;
    size_t count;
    TRY(store_ledger_log_waiting(db, partner, arena, &logs, &count));
    return count > 0 ? store_work(db, &share_ledger_actor, arena, answered, &partner) : OK;
}

struct err share_book_waits(struct db *db, const struct ledger_log *log, struct arena *arena, slice *why)
{
    struct ledger_head head;
    TRY(store_ledger_head_get(db, log->number, arena, &head));
    const char *text = log->waits_size == 0 ? arena_printf(arena, "log %.*s waits for its tiles to be written anew",
                                                      (int)log->folder.len, log->folder.ptr)
                       : log->waits_size > head.size
                               ? arena_printf(arena,
                                         "log %.*s waits for its partner, who may have kept what is lost: %.*s knows "
                                         "%lld entries, %lld are here",
                                         (int)log->folder.len, log->folder.ptr, (int)log->waits.len, log->waits.ptr,
                                         (long long)log->waits_size, (long long)head.size)
                               : arena_printf(arena,
                                         "log %.*s waits for its partner: no high-water file says whether its %lld "
                                         "entries are all that was signed",
                                         (int)log->folder.len, log->folder.ptr, (long long)head.size);
    *why = slice_of(text);
    return OK;
}

/* ---- Alarms ---- */

bool share_is_finding(struct err err)
{
    return err.kind == ERR_CONFLICT || err.kind == ERR_INPUT || err.kind == ERR_DENIED;
}

struct alarm {
    const struct ledger_log *log; /* NULL: the clock */
    const char *why;
};

static struct err alarm_action(struct work *work, void *context)
{
    const struct alarm *alarm = context;
    slice why = slice_of(alarm->why);
    const char *subject = alarm->log == NULL ? "ledger/clock"
                                             : arena_printf(work->arena, "ledger/%.*s", (int)alarm->log->folder.len,
                                                       alarm->log->folder.ptr);
    if (alarm->log != NULL)
        TRY(store_ledger_alarm_set(work, alarm->log->number, why));
    else
        TRY(store_fact_put(work->db, CLOCK_TOLD, why));
    return store_work_news(work, "ledger.alarm", slice_of(subject), store_work_reason(work->arena, why));
}

struct err share_alarm_raise(struct db *db, const struct ledger_log *log, const char *why, struct arena *arena)
{
    struct alarm alarm = {log, arena_cstr(arena, slice_of(why))};
    return store_work(db, &share_ledger_actor, arena, alarm_action, &alarm);
}

static struct err clock_mended(struct work *work, void *context)
{
    (void)context;
    TRY(store_fact_put(work->db, CLOCK_TOLD, S("")));
    return store_work_news(work, "ledger.cleared", S("ledger/clock"), S(""));
}

struct err share_clock_check(struct db *db, struct arena *arena, bool *fine)
{
    int64_t latest, behind;
    uint64_t accepted = 0;
    slice told, text;
    TRY(store_now_us(db, &latest));
    TRY(store_fact_get(db, CLOCK_TOLD, arena, &told));
    TRY(store_fact_get(db, CLOCK_ACCEPTED, arena, &text));
    (void)slice_u64(text, INT64_MAX, &accepted);
    behind = latest - clock_now_us();
    *fine = behind <= SHARE_CLOCK_US || latest <= (int64_t)accepted;
    if (*fine)
        return told.len > 0 ? store_work(db, &share_ledger_actor, arena, clock_mended, NULL) : OK;
    if (told.len > 0)
        return OK;
    const char *why = arena_printf(arena,
            "the clock of this machine is %lld seconds behind the last head that was signed: nothing is signed or "
            "released until it is right",
            (long long)(behind / SECOND_US));
    return share_alarm_raise(db, NULL, why, arena);
}

struct err share_clock_alarm(struct db *db, struct arena *arena, slice *alarm)
{
    return store_fact_get(db, CLOCK_TOLD, arena, alarm);
}

struct err share_book_alarm(struct db *db, struct arena *arena, slice *alarm)
{
    struct ledger_log *logs;
    size_t count;
    TRY(share_clock_alarm(db, arena, alarm));
    for (int64_t after = 0; alarm->len == 0; after = logs[count - 1].number) {
        TRY(store_ledger_log_list(db, after, STORE_PAGE_MAX, arena, &logs, &count));
        for (size_t i = 0; i < count && alarm->len == 0; i++)
            if (logs[i].open)
                *alarm = logs[i].alarm;
        if (count == 0)
            return OK;
    }
    return OK;
}

/* ---- What a person decides ---- */

struct err share_ledger_clear(struct work *work, slice subject, slice detail)
{
    struct ledger_log log;
    slice folder;
    if (!slice_starts(subject, S("ledger/")))
        return err_make(ERR_INPUT, "an alarm is of \"ledger/LOG\" or \"ledger/clock\"");
    folder = slice_from(subject, 7);
    if (slice_eq(folder, S("clock"))) {
        int64_t latest;
        TRY(store_now_us(work->db, &latest));
        TRY(store_fact_put(work->db, CLOCK_TOLD, S("")));
        TRY(store_fact_put(work->db, CLOCK_ACCEPTED, number_text(work->arena, latest)));
    } else {
        TRY(store_ledger_log_find(work->db, folder, work->arena, &log));
        if (log.alarm.len == 0)
            return err_make(ERR_CONFLICT, "nothing is wrong with that log");
        TRY(store_ledger_alarm_set(work, log.number, S("")));
        TRY(store_ledger_checked(work, log.number, LEDGER_UNCHECKED));
    }
    return store_work_news(work, "ledger.cleared", subject, detail);
}

struct err share_ledger_renew(struct work *work, slice subject, slice detail)
{
    struct ledger_log log;
    slice reason;
    int64_t number;
    if (!slice_starts(subject, S("ledger/")))
        return err_make(ERR_INPUT, "what goes on under a new origin is \"ledger/LOG\"");
    TRY(share_body_text(detail, "reason", STORE_TEXT_MAX, work->arena, &reason));
    TRY(store_ledger_log_find(work->db, slice_from(subject, 7), work->arena, &log));
    if (log.waits.len == 0)
        return err_make(ERR_CONFLICT, "that log waits for nobody");
    const struct share_known known = {log.origin, log.waits_size, log.waits_root, log.waits};
    return share_book_renew(work, &log, &known, reason, &number);
}

struct err share_ledger_erase(struct work *work, slice subject, slice detail)
{
    struct ledger_log log;
    slice rest = subject, word, folder, seq, field, reason;
    uint64_t number;
    if (!slice_next(&rest, '/', &word) || !slice_next(&rest, '/', &folder) || !slice_next(&rest, '/', &seq) ||
            !slice_eq(word, S("ledger")) || !slice_u64(seq, INT64_MAX, &number))
        return err_make(ERR_INPUT, "what is erased is of \"ledger/LOG/ENTRY\"");
    TRY(share_body_text(detail, "field", LEDGER_FIELD_NAME_MAX, work->arena, &field));
    TRY(share_body_text(detail, "reason", STORE_TEXT_MAX, work->arena, &reason));
    TRY(store_ledger_log_find(work->db, folder, work->arena, &log));
    return store_ledger_erase(work, log.number, (int64_t)number, field, reason);
}

struct err share_book_rebuild(struct share_book *book, struct db *db, int64_t log, struct arena *arena)
{
    struct ledger_log of;
    struct ledger_head head;
    struct shelf *shelf;
    TRY(store_ledger_log_get(db, log, arena, &of));
    TRY(store_ledger_head_get(db, log, arena, &head));
    share_shelf_forget(book, log);
    const char *path = arena_printf(arena, "%s/%.*s", book->options.folder, (int)of.folder.len, of.folder.ptr);
    const char *aside = arena_printf(arena, "%s.%lld", path, (long long)clock_now_us());
    if (rename(path, aside) != 0 && errno != ENOENT)
        return err_errno(arena, path);
    TRY(share_shelf_open(book, &of, arena, &shelf));
    return share_shelf_settle(book, db, &of, &head, shelf, arena);
}
