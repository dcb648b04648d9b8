/* SPDX-License-Identifier: Apache-2.0 */
/*
 * kentongan doctor: is the node in order, and if not, what is to be done? Each thing to look at is a row; a row says
 * one line for each thing that it found, or that all is well. Nothing is changed.
 */
#include <dirent.h>
#include <errno.h>
#include <inttypes.h>
#include <signal.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <sys/timex.h>

#include "app/command.h"
#include "app/node.h"
#include "app/options.h"
#include "app/team_key.h"
#include "app/warner.h"
#include "base/clock.h"
#include "db/db.h"
#include "desk/pgp.h"
#include "desk/roster.h"
#include "detect/remember.h"
#include "match/match.h"
#include "share/book.h"
#include "share/keys.h"
#include "store/count.h"
#include "store/evidence.h"
#include "store/feed.h"
#include "store/follower.h"
#include "store/import.h"
#include "store/inlet.h"
#include "store/mailbox.h"
#include "store/peer.h"
#include "store/stream.h"
#include "json/write.h"

#define ROW_MAX (1u << 20)
#define FREE_LEAST (UINT64_C(64) << 20) /* bytes; below it writing soon fails */
#define FREE_CALM (UINT64_C(1) << 30)
#define INODES_LEAST 1000
#define CLOCK_LEAST INT64_C(1767225600000000) /* 2026: before this program, so before any node of it */
#define CLOCK_AHEAD_US INT64_C(60000000)      /* a file may be this much later than now: clocks of file servers */
#define FILES_MAX 10000                       /* looked at in one folder */
#define FETCHED_TOLD 20                       /* of those that fail; the others are counted */
#define FETCHED_PAGE 100
#define LISTS_OLD_US (INT64_C(180) * 86400 * 1000000) /* networks change hands: a list that is older is told */
#define SILENT_US (INT64_C(86400) * 1000000)          /* a sensor that said nothing for so long is told */
#define EVENTS_SUFFIX ".events"                       /* of the pieces of input/spool.h */
#define REFUSED_SUFFIX ".refused"

enum state { WELL, WARN, FAIL };
static const char *const state_names[] = {[WELL] = "ok", [WARN] = "warn", [FAIL] = "fail"};

struct visit {
    const struct command_line *line;
    struct arena *arena;
    struct node node;
    struct db *db;    /* NULL: it cannot be asked */
    const char *what; /* the row */
    size_t told, failed;
};

/* ---- What is said ---- */

static void put_json(const struct visit *visit, enum state state, const char *why)
{
    struct buf buf = buf_make(ROW_MAX);
    struct json_writer w = json_writer(&buf);
    json_write_object(&w);
    json_write_key_text(&w, S("state"), slice_of(state_names[state]));
    json_write_key_text(&w, S("what"), slice_of(visit->what));
    json_write_key_text(&w, S("why"), slice_of(why));
    json_write_end(&w);
    printf("%.*s\n", (int)buf.len, buf.ptr);
    buf_free(&buf);
}

static void say(struct visit *visit, enum state state, const char *why)
{
    visit->told++;
    visit->failed += state == FAIL;
    if (command_flag(visit->line, "json"))
        put_json(visit, state, why);
    else
        printf("%-4s %s: %s\n", state_names[state], visit->what, why);
}

static void say_err(struct visit *visit, struct err err)
{
    say(visit, FAIL, err.why);
}

/* ---- What is looked at ---- */

static void look_at_permissions(struct visit *visit)
{
    static const struct {
        const char *name; /* "": the folder itself */
        mode_t forbidden;
        enum state state;
    } rows[] = {
            {"", 077, WARN},
            {"node.conf", 077, WARN},
            {"keys", 077, FAIL},
            {"keys/node.key", 077, FAIL},
            {"memory", 077, WARN},
            {"events", 077, WARN},
            {"evidence", 077, WARN},
            {"index", 022, WARN},
            {"ledger", 022, WARN},
    };
    size_t before = visit->told;
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        struct stat stat_of;
        const char *path =
                *rows[i].name == 0 ? visit->node.folder : node_path(&visit->node, rows[i].name, visit->arena);
        if (stat(path, &stat_of) != 0)
            say_err(visit, err_errno(visit->arena, path));
        else if ((stat_of.st_mode & rows[i].forbidden) != 0)
            say(visit, rows[i].state,
                    arena_printf(visit->arena, "others than its owner may %s %s; chmod %s %s",
                            rows[i].forbidden == 022 ? "write into" : "look into", path,
                            S_ISDIR(stat_of.st_mode) ? "700" : "600", path));
    }
    if (visit->told == before)
        say(visit, WELL, "nobody but its owner looks into the node");
}

static void look_at_disk(struct visit *visit)
{
    struct statvfs disk;
    if (statvfs(visit->node.folder, &disk) != 0) {
        say_err(visit, err_errno(visit->arena, visit->node.folder));
        return;
    }
    uint64_t bytes = (uint64_t)disk.f_bavail * disk.f_frsize;
    enum state state = bytes < FREE_LEAST ? FAIL : bytes < FREE_CALM ? WARN : WELL;
    const char *advice = state == WELL ? "" : "; make room, or move the node to a larger disk";
    say(visit, state, arena_printf(visit->arena, "%" PRIu64 " MiB are free%s", bytes >> 20, advice));
    if (disk.f_files > 0 && disk.f_favail < INODES_LEAST)
        say(visit, WARN,
                arena_printf(visit->arena, "only %" PRIu64 " further files fit (inodes); remove some",
                        (uint64_t)disk.f_favail));
}

/* Times decide what is expired and in which order things happened. */
static void look_at_clock(struct visit *visit)
{
    struct stat stat_of;
    struct timex timex = {0};
    size_t before = visit->told;
    int64_t now_us = clock_now_us();
    if (now_us < CLOCK_LEAST)
        say(visit, FAIL, "the clock stands before 2026; set it, and let a time server (NTP) hold it");
    if (stat(visit->node.conf, &stat_of) == 0 && stat_of.st_mtim.tv_sec * INT64_C(1000000) > now_us + CLOCK_AHEAD_US)
        say(visit, FAIL, "the clock stands before the last change of node.conf; set it");
    if (adjtimex(&timex) == TIME_ERROR || (timex.status & STA_UNSYNC) != 0)
        say(visit, WARN, "no time server (NTP) holds the clock; let one, or times will drift from those of partners");
    if (visit->told == before)
        say(visit, WELL, "it runs and is held by a time server");
}

static void look_at_keys(struct visit *visit)
{
    struct key_pair pair;
    struct err err = node_key(&visit->node, visit->arena, &pair);
    if (err.kind != ERR_NONE) {
        say_err(visit, err);
        return;
    }
    key_forget(&pair);
    say(visit, WELL, "node.key can be read and belongs to node.pub");
}

/* What SQLite keeps: the database, what was written last, and who looks at that. */
static void look_at_files(struct visit *visit, const char *where)
{
    static const char *const endings[] = {"", "-wal", "-shm"};
    for (size_t i = 0; i < COUNT_OF(endings); i++) {
        struct stat stat_of;
        const char *path = arena_printf(visit->arena, "%s%s", where, endings[i]);
        if (stat(path, &stat_of) == 0 && (stat_of.st_mode & 077) != 0)
            say(visit, FAIL,
                    arena_printf(visit->arena, "others than its owner may look into %s; chmod 600 %s", path, path));
    }
}

/* As it lies there: nothing is migrated, and every page is read. */
static void look_at_database(struct visit *visit)
{
    const struct db_options options = {.where = visit->node.config.database};
    const char *looked_at = "";
    int64_t last;
    if (strstr(options.where, "://") == NULL)
        look_at_files(visit, options.where);
    struct err err = db_open(&options, visit->arena, &visit->db);
    if (err.kind != ERR_NONE) {
        say(visit, FAIL, arena_printf(visit->arena, "%s; look at [node] database, or restore a backup", err.why));
        return;
    }
    err = db_check(visit->db, true, visit->arena, &looked_at);
    if (err.kind != ERR_NONE)
        say(visit, FAIL, arena_printf(visit->arena, "%s; restore a backup", err.why));
    else if (store_journal_last(visit->db, &last).kind != ERR_NONE)
        say(visit, FAIL, "it holds no tables of a node; look at [node] database, or restore a backup");
    else {
        say(visit, WELL, arena_printf(visit->arena, "%s are sound; the journal goes to %" PRId64, looked_at, last));
        return;
    }
    db_close(visit->db);
    visit->db = NULL;
}

static void look_at_imports(struct visit *visit)
{
    struct import_left left;
    struct err err = store_import_left(visit->db, visit->arena, &left);
    if (err.kind != ERR_NONE) {
        say_err(visit, err);
        return;
    }
    if (left.dead > 0)
        say(visit, WARN,
                arena_printf(visit->arena,
                        "%" PRIu64 " did not end before their program did; nothing of them is seen, and the next "
                        "import, or other command that changes something, ends them",
                        left.dead));
    if (left.unswept > 0)
        say(visit, WARN,
                arena_printf(visit->arena,
                        "%" PRIu64 " failed and are not cleared away yet; `kentongan retain` does it at once",
                        left.unswept));
    if (left.dead + left.unswept == 0)
        say(visit, WELL, "nothing is left of any that did not end");
}

/* Text from outside, without what moves the cursor of a terminal. */
static const char *shown(const struct visit *visit, slice text)
{
    char *copy = arena_take(visit->arena, text.len + 1);
    for (size_t i = 0; i < text.len; i++)
        copy[i] = (char)((uint8_t)text.ptr[i] < ' ' || text.ptr[i] == 0x7f ? '?' : text.ptr[i]);
    return copy;
}

static struct err say_parked(struct visit *visit, const struct follower_state *follower)
{
    struct parked *first;
    size_t count;
    TRY(store_parked_list(visit->db, follower->name, 0, 1, visit->arena, &first, &count));
    if (count > 0)
        say(visit, WARN,
                arena_printf(visit->arena,
                        "%s could not do %" PRId64 " rows of the journal, which are parked; the first is %" PRId64
                        " (%s): %s. When that is gone: `kentongan follower retry %s %" PRId64 "`",
                        shown(visit, follower->name), follower->parked, first->seq, shown(visit, first->act),
                        shown(visit, first->why), shown(visit, follower->name), first->seq));
    return OK;
}

static struct err followers_each(struct visit *visit, size_t *count)
{
    struct follower_state *rows;
    TRY(store_follower_list(visit->db, visit->arena, &rows, count));
    for (size_t i = 0; i < *count; i++)
        if (rows[i].parked > 0)
            TRY(say_parked(visit, &rows[i]));
    return OK;
}

static void look_at_followers(struct visit *visit)
{
    size_t before = visit->told, count;
    struct err err = followers_each(visit, &count);
    if (err.kind != ERR_NONE)
        say_err(visit, err);
    else if (visit->told == before)
        say(visit, WELL, "no row of the journal is parked");
}

/* Of feeds, or of peers, by name. */
struct fetched {
    uint64_t all, failing;
};

/* One that is paused is not tried, so that what it said last says nothing of today. */
static void look_at_one(
        struct visit *visit, struct fetched *fetched, slice name, bool paused, int64_t failures, slice why)
{
    fetched->all++;
    if (failures > 0 && !paused && ++fetched->failing <= FETCHED_TOLD)
        say(visit, WARN,
                arena_printf(visit->arena, "%s failed %" PRId64 " times in a row: %s", shown(visit, name), failures,
                        shown(visit, why)));
}

static struct err feeds_each(struct visit *visit, struct fetched *fetched)
{
    slice after = S("");
    for (size_t count = FETCHED_PAGE; count == FETCHED_PAGE;) {
        struct feed *rows;
        TRY(store_feed_list(visit->db, after, FETCHED_PAGE, visit->arena, &rows, &count));
        for (size_t i = 0; i < count; i++) {
            look_at_one(visit, fetched, rows[i].name, rows[i].paused, rows[i].failures, rows[i].why);
            after = rows[i].name;
        }
    }
    return OK;
}

static struct err peers_each(struct visit *visit, struct fetched *fetched)
{
    slice after = S("");
    for (size_t count = FETCHED_PAGE; count == FETCHED_PAGE;) {
        struct peer *rows;
        TRY(store_peer_list(visit->db, after, FETCHED_PAGE, visit->arena, &rows, &count));
        for (size_t i = 0; i < count; i++) {
            look_at_one(visit, fetched, rows[i].name, rows[i].paused, rows[i].failures, rows[i].why);
            after = rows[i].name;
        }
    }
    return OK;
}

/* `list`: the command that names all of them. */
static void look_at_fetched(
        struct visit *visit, struct err (*each)(struct visit *visit, struct fetched *fetched), const char *list)
{
    struct fetched fetched = {0};
    struct err err = each(visit, &fetched);
    if (err.kind != ERR_NONE)
        say_err(visit, err);
    else if (fetched.failing == 0)
        say(visit, WELL, arena_printf(visit->arena, "all %" PRIu64 " go well", fetched.all));
    else if (fetched.failing > FETCHED_TOLD)
        say(visit, WARN,
                arena_printf(visit->arena, "%" PRIu64 " more fail; `kentongan %s` names them",
                        fetched.failing - FETCHED_TOLD, list));
}

static void look_at_feeds(struct visit *visit)
{
    look_at_fetched(visit, feeds_each, "feed list");
}

static void look_at_peers(struct visit *visit)
{
    look_at_fetched(visit, peers_each, "taxii peer list");
}

/* ---- Streams of events ---- */

struct waiting {
    uint64_t bytes, pieces, refused;
};

static struct waiting look_at_spool(const struct visit *visit, const struct stream *stream)
{
    struct waiting waiting = {0};
    struct stat about;
    const char *path =
            node_path(&visit->node, arena_printf(visit->arena, "events/%" PRId64, stream->number), visit->arena);
    DIR *folder = opendir(path);
    if (folder == NULL)
        return waiting; /* nothing came in by itself yet */
    size_t count = 0;
    for (const struct dirent *entry; count < FILES_MAX && (entry = readdir(folder)) != NULL; count++) {
        bool waits = slice_ends(slice_of(entry->d_name), S(EVENTS_SUFFIX));
        waiting.refused += slice_ends(slice_of(entry->d_name), S(REFUSED_SUFFIX));
        if (!waits || fstatat(dirfd(folder), entry->d_name, &about, 0) != 0)
            continue;
        waiting.pieces++;
        waiting.bytes += (uint64_t)about.st_size;
    }
    closedir(folder);
    return waiting;
}

static void look_at_stream(struct visit *visit, const struct stream *stream, bool has_inlet)
{
    const char *name = shown(visit, stream->name);
    const struct waiting waiting = look_at_spool(visit, stream);
    if (stream->shed > 0)
        say(visit, WARN,
                arena_printf(visit->arena,
                        "%" PRId64 " events of %s were let go since more came than could be taken; have its sensor "
                        "send less, or give [ingest] spool more room",
                        stream->shed, name));
    if (waiting.bytes > visit->node.config.ingest.queue_bytes)
        say(visit, WARN,
                arena_printf(visit->arena, "%" PRIu64 " MiB of %s wait in %" PRIu64 " files to be taken in",
                        waiting.bytes >> 20, name, waiting.pieces));
    if (waiting.refused > 0)
        say(visit, WARN,
                arena_printf(visit->arena,
                        "%" PRIu64 " pieces of %s could not be read and lie in events/%" PRId64 " as *" REFUSED_SUFFIX
                        "; look at its format, and take them in with `kentongan ingest`",
                        waiting.refused, name, stream->number));
    int64_t silent_us = clock_now_us() - (stream->last_us == TIME_NONE ? stream->added_us : stream->last_us);
    if (has_inlet && silent_us > SILENT_US)
        say(visit, WARN,
                arena_printf(visit->arena, "nothing came of %s for %" PRId64 " days; is its sensor well?", name,
                        silent_us / SILENT_US));
}

static struct err streams_each(struct visit *visit, uint64_t *all)
{
    struct inlet *inlets;
    struct stream *rows;
    size_t inlet_count, count = 1;
    TRY(store_inlet_list(visit->db, visit->arena, &inlets, &inlet_count));
    for (int64_t after = 0; count > 0; after = count > 0 ? rows[count - 1].number : after) {
        TRY(store_stream_list(visit->db, after, STORE_PAGE_MAX, visit->arena, &rows, &count));
        *all += count;
        for (size_t i = 0; i < count; i++) {
            bool has_inlet = false;
            for (size_t k = 0; k < inlet_count; k++)
                has_inlet |= inlets[k].stream == rows[i].number;
            look_at_stream(visit, &rows[i], has_inlet);
        }
    }
    return OK;
}

static void look_at_streams(struct visit *visit)
{
    size_t before = visit->told;
    uint64_t all = 0;
    struct err err = streams_each(visit, &all);
    if (err.kind != ERR_NONE)
        say_err(visit, err);
    else if (visit->told == before)
        say(visit, WELL, arena_printf(visit->arena, "all %" PRIu64 " are taken in as they come", all));
}

#define BASE "base"
#define BESIDE BASE ".tmp-" /* and the process that writes it, until it takes the place of the base */

static void look_at_base(struct visit *visit)
{
    struct match_index *index;
    const char *path = node_path(&visit->node, "index/" BASE, visit->arena);
    struct err err = match_open(path, visit->arena, &index);
    if (err.kind == ERR_NONE)
        match_close(index);
    else
        say(visit, FAIL, arena_printf(visit->arena, "%s; remove it, it is made anew", err.why));
}

/* What a program wrote beside the base and did not live to put in its place. */
static void look_beside(struct visit *visit, const char *folder, slice name)
{
    uint64_t process;
    if (!slice_starts(name, S(BESIDE)) || !slice_u64(slice_from(name, strlen(BESIDE)), INT32_MAX, &process))
        return;
    if (kill((pid_t)process, 0) == 0 || errno != ESRCH)
        return;
    say(visit, WARN,
            arena_printf(visit->arena, "%s/" BESIDE "%" PRIu64 " is what a program left that died; remove it", folder,
                    process));
}

static void look_at_index(struct visit *visit)
{
    const char *path = node_path(&visit->node, "index", visit->arena);
    size_t before = visit->told;
    bool any = false;
    DIR *folder = opendir(path);
    if (folder == NULL) {
        say_err(visit, err_errno(visit->arena, path));
        return;
    }
    size_t count = 0;
    for (const struct dirent *entry; count < FILES_MAX && (entry = readdir(folder)) != NULL; count++) {
        any |= strcmp(entry->d_name, BASE) == 0;
        look_beside(visit, path, slice_of(entry->d_name));
    }
    closedir(folder);
    if (any)
        look_at_base(visit);
    if (visit->told == before)
        say(visit, WELL, any ? "it can be opened" : "none is there yet; it is made when it is first needed");
}

/* ---- The keys by which partners know us, and we them ---- */

static const char *moment(const struct visit *visit, int64_t us)
{
    struct buf text = buf_make(64);
    time_write(&text, us);
    const char *shown = arena_cstr(visit->arena, buf_slice(&text));
    buf_free(&text);
    return shown;
}

static const char *day(const struct visit *visit, int64_t us)
{
    return arena_cstr(visit->arena, slice_part(slice_of(moment(visit, us)), 0, strlen("2027-01-15")));
}

/* The key for a purpose that ends last, or that there is none. */
static struct err look_at_purpose(
        struct visit *visit, const struct node_key *rows, size_t count, const char *purpose, const char *whose)
{
    int64_t until_us = TIME_NONE, now_us = clock_now_us();
    for (size_t i = 0; i < count; i++)
        if (slice_eq(rows[i].purpose, slice_of(purpose)) && rows[i].until_us > until_us &&
                share_key_good(&rows[i], now_us, visit->arena).kind == ERR_NONE)
            until_us = rows[i].until_us;
    if (until_us == TIME_NONE)
        say(visit, WARN, arena_printf(visit->arena, "%s no %s key that is good", whose, purpose));
    else if (until_us - now_us < SHARE_KEY_WARN_US)
        say(visit, WARN,
                arena_printf(visit->arena, "%s a %s key that ends on %s; rotate it (kentongan-partner(1))", whose,
                        purpose, day(visit, until_us)));
    return OK;
}

static struct err look_at_keys_of(struct visit *visit, int64_t partner, const char *whose)
{
    static const char *const purposes[] = {"identity", "log", "witness", "message"};
    struct node_key *rows;
    size_t count;
    TRY(store_node_key_list(visit->db, partner, visit->arena, &rows, &count));
    for (size_t i = 0; i < COUNT_OF(purposes); i++)
        TRY(look_at_purpose(visit, rows, count, purposes[i], whose));
    return OK;
}

static struct err partners_each(struct visit *visit)
{
    int64_t after = 0;
    for (size_t count = FETCHED_PAGE; count == FETCHED_PAGE;) {
        struct partner *rows;
        TRY(store_partner_list(visit->db, after, FETCHED_PAGE, clock_now_us(), visit->arena, &rows, &count));
        for (size_t i = 0; i < count; i++) {
            after = rows[i].number;
            if (rows[i].kind == PARTNER_NODE && rows[i].state == PARTNER_ACTIVE)
                TRY(look_at_keys_of(
                        visit, after, arena_printf(visit->arena, "the partner %s has", shown(visit, rows[i].name))));
        }
    }
    return OK;
}

/* Once a key of a certificate is certified, partners take no other. */
static struct err look_at_tls(struct visit *visit)
{
    const char *file = visit->node.config.tls.certificate, *pins = NULL;
    struct certificate certificate;
    struct node_key row;
    TRY(share_tls_pins(visit->db, 0, clock_now_us(), visit->arena, &pins));
    if (file == NULL || pins == NULL)
        return OK;
    TRY(certificate_read(file, visit->arena, &certificate));
    struct key_public key;
    memcpy(key.bytes, certificate.key.bytes, sizeof key.bytes);
    struct err err = store_node_key_get(visit->db, 0, S("tls"), &key, visit->arena, &row);
    if (err.kind == ERR_NONE)
        err = share_key_good(&row, clock_now_us(), visit->arena);
    if (err.kind == ERR_MISSING || err.kind == ERR_AUTH)
        say(visit, WARN,
                arena_printf(visit->arena,
                        "partners do not take the key of %s, as it is not certified; `kentongan partner key tls %s`",
                        file, file));
    return err.kind == ERR_MISSING || err.kind == ERR_AUTH ? OK : err;
}

/* What certifies all else is needed a few times a year, and lost for good where others read it. */
static void look_for_identity(struct visit *visit)
{
    static const char *const names[] = {"keys/identity.key", "keys/identity.revocation"};
    for (size_t i = 0; i < COUNT_OF(names); i++) {
        struct stat stat_of;
        const char *path = node_path(&visit->node, names[i], visit->arena);
        if (stat(path, &stat_of) == 0)
            say(visit, WARN, arena_printf(visit->arena, "%s lies on this machine; move it to a safe", path));
    }
}

static void look_at_sharing(struct visit *visit)
{
    struct share_keys keys = {0};
    size_t before = visit->told;
    struct err err = share_keys_open(
            visit->db, node_path(&visit->node, "keys", visit->arena), clock_now_us(), visit->arena, &keys);
    share_keys_forget(&keys);
    if (err.kind != ERR_NONE)
        say(visit, err.kind == ERR_MISSING ? WARN : FAIL, err.why);
    else
        err = look_at_keys_of(visit, 0, "the node has");
    if (err.kind == ERR_NONE)
        err = look_at_tls(visit);
    if (err.kind == ERR_NONE)
        err = partners_each(visit);
    if (err.kind != ERR_NONE && visit->told == before)
        say_err(visit, err);
    look_for_identity(visit);
    if (visit->told == before)
        say(visit, WELL, "keys of the node and its partners are good for a month at least");
}

static struct err say_waits(struct visit *visit, const struct ledger_log *log)
{
    slice why;
    TRY(share_book_waits(visit->db, log, visit->arena, &why));
    say(visit, WARN,
            arena_printf(visit->arena,
                    "%s; nothing is released under it until the partner's node answers, or two persons let it go on "
                    "under a new origin: `kentongan ledger renew`",
                    shown(visit, why)));
    return OK;
}

static struct err logs_each(struct visit *visit)
{
    struct ledger_log *rows;
    size_t count = 1;
    for (int64_t after = 0; count > 0;) {
        TRY(store_ledger_log_list(visit->db, after, FETCHED_PAGE, visit->arena, &rows, &count));
        for (size_t i = 0; i < count; i++) {
            after = rows[i].number;
            if (rows[i].open && rows[i].waits.len > 0)
                TRY(say_waits(visit, &rows[i]));
            if (rows[i].open && rows[i].alarm.len > 0)
                say(visit, FAIL,
                        arena_printf(visit->arena,
                                "%s; nothing under that log is signed or served. Look at what it was, mend it, and "
                                "have "
                                "two persons say so: `kentongan ledger clear`",
                                shown(visit, rows[i].alarm)));
        }
    }
    return OK;
}

static void look_at_ledger(struct visit *visit)
{
    size_t before = visit->told;
    slice clock;
    struct err err = share_clock_alarm(visit->db, visit->arena, &clock);
    if (err.kind == ERR_NONE && clock.len > 0)
        say(visit, FAIL, shown(visit, clock));
    if (err.kind == ERR_NONE)
        err = logs_each(visit);
    if (err.kind != ERR_NONE)
        say_err(visit, err);
    if (visit->told == before)
        say(visit, WELL, "no log has an alarm or waits; `kentongan ledger verify` reads them all");
}

/* Opens every run of the memory, which checks its header, its length and which one it is. */
static void look_at_memory(struct visit *visit)
{
    struct remember *remember = NULL;
    struct remember_view view = {0};
    struct err err = remember_open(node_path(&visit->node, "memory", visit->arena), visit->arena, &remember);
    if (err.kind == ERR_NONE)
        err = remember_take(remember, visit->db, visit->arena, &view);
    if (err.kind != ERR_NONE)
        say_err(visit, err);
    else if (view.broken > 0)
        say(visit, FAIL,
                arena_printf(visit->arena, "%zu of %zu runs cannot be read: %s", view.broken, view.broken + view.count,
                        view.why));
    else
        say(visit, WELL,
                arena_printf(visit->arena, "%zu runs with %" PRIu64 " entries are there", view.count, view.entries));
    if (err.kind == ERR_NONE)
        remember_leave(remember, &view);
    remember_close(remember);
}

/* Adds up all counts, as whoever made them did when they came. */
static void look_at_sums(struct visit *visit)
{
    int64_t wrong;
    struct err err = store_count_check(visit->db, &wrong);
    if (err.kind != ERR_NONE)
        say_err(visit, err);
    else if (wrong > 0)
        say(visit, FAIL,
                arena_printf(visit->arena,
                        "%" PRId64 " sums of events are not those of the counts; `kentongan stats rebuild` makes them "
                        "anew",
                        wrong));
    else
        say(visit, WELL, "sums of events are those of the counts");
}

/* Where answers to notices come in: when each was looked at last, and what went wrong then. */
static void look_at_mailboxes(struct visit *visit)
{
    struct mailbox_state *rows;
    size_t count;
    struct err err = store_mailbox_list(visit->db, visit->arena, &rows, &count);
    if (err.kind != ERR_NONE)
        say_err(visit, err);
    else if (count == 0)
        say(visit, WELL, "none was looked at yet ([mailbox])");
    for (size_t i = 0; err.kind == ERR_NONE && i < count; i++)
        say(visit, rows[i].why.len > 0 ? WARN : WELL,
                arena_printf(visit->arena, "%s was looked at %s, %" PRId64 " mails were taken of it%s%s",
                        shown(visit, rows[i].name), moment(visit, rows[i].looked_us), rows[i].taken,
                        rows[i].why.len > 0 ? "; the last look failed: " : "", shown(visit, rows[i].why)));
}

/* Two persons destroy it; nothing does so by itself. */
static void look_at_evidence(struct visit *visit)
{
    int64_t count;
    struct err err = store_evidence_past(visit->db, clock_now_us(), &count);
    if (err.kind != ERR_NONE)
        say_err(visit, err);
    else if (count == 0)
        say(visit, WELL, "none is past the time until which it is kept");
    else
        say(visit, WARN,
                arena_printf(visit->arena,
                        "%" PRId64
                        " are past the time until which they are kept: `kentongan evidence list` says which, "
                        "`kentongan evidence destroy` proposes to destroy one",
                        count));
}

/* Values that make no warning by themselves: how many, and how old what says so is. */
static void look_at_lists(struct visit *visit)
{
    struct lists *lists = NULL;
    struct lists_about about = {.changed_us = TIME_NONE};
    struct err err = warner_lists(&visit->node.config, visit->arena, &lists);
    if (err.kind == ERR_NONE)
        lists_tell(lists, &about);
    lists_close(lists);
    if (err.kind != ERR_NONE)
        say_err(visit, err);
    else if (about.files == 0)
        say(visit, WELL, "there are none: every value that is met may make a warning ([warning] lists)");
    else
        say(visit, clock_now_us() - about.changed_us > LISTS_OLD_US ? WARN : WELL,
                arena_printf(visit->arena, "%" PRIu64 " values in %zu file%s, the newest of %s", about.values,
                        about.files, about.files == 1 ? "" : "s", day(visit, about.changed_us)));
}

/* Whether what we say of ourselves is there, and signed. */
static void look_at_profile(struct visit *visit)
{
    struct profile_document document;
    const char *file = NULL, *fingerprint;
    struct err key = team_key_file(&visit->node.config, visit->arena, &file);
    struct err err = store_profile_document_get(visit->db, S(PUBLISH_SECURITY), visit->arena, &document);
    if (key.kind == ERR_NONE && file != NULL)
        key = desk_pgp_fingerprint(file, visit->arena, &fingerprint);
    if (err.kind == ERR_MISSING)
        say(visit, WELL, "nobody can read yet who this team is: `kentongan profile check` says what is missing");
    else if (err.kind != ERR_NONE)
        say_err(visit, err);
    else if (key.kind != ERR_NONE)
        say(visit, FAIL, arena_printf(visit->arena, "what is published is not signed: %s", key.why));
    else if (file == NULL)
        say(visit, WARN, "what is published is not signed: `kentongan profile key` makes a key");
    else
        say(visit, WELL, arena_printf(visit->arena, "published on %s, signed", day(visit, document.made_us)));
}

/* Who is on call in the three days to come. */
static void look_at_roster(struct visit *visit)
{
    struct roster_now now;
    struct err err = desk_roster_now(visit->db, clock_now_us(), visit->arena, &now);
    if (err.kind != ERR_NONE)
        say_err(visit, err);
    else if (!now.kept)
        say(visit, WELL, "none is kept (`kentongan roster`)");
    else if (now.gap.until_us != 0)
        say(visit, WARN,
                arena_printf(visit->arena, "nobody is on call from %s to %s: `kentongan roster set`",
                        moment(visit, now.gap.from_us), moment(visit, now.gap.until_us)));
    else
        say(visit, WELL, "somebody is on call at every moment of the next 72 hours");
}

static const struct {
    const char *what;
    void (*look)(struct visit *visit);
    bool asks; /* the database */
} looks[] = {
        {"permissions", look_at_permissions, false},
        {"disk", look_at_disk, false},
        {"clock", look_at_clock, false},
        {"keys", look_at_keys, false},
        {"database", look_at_database, false},
        {"imports", look_at_imports, true},
        {"followers", look_at_followers, true},
        {"feeds", look_at_feeds, true},
        {"peers", look_at_peers, true},
        {"streams", look_at_streams, true},
        {"sums", look_at_sums, true},
        {"index", look_at_index, false},
        {"sharing", look_at_sharing, true},
        {"ledger", look_at_ledger, true},
        {"memory", look_at_memory, true},
        {"mailboxes", look_at_mailboxes, true},
        {"evidence", look_at_evidence, true},
        {"lists", look_at_lists, false},
        {"profile", look_at_profile, true},
        {"roster", look_at_roster, true},
};

/* Without a configuration there is nothing to look at. */
static bool look_at_config(struct visit *visit, const char *named)
{
    visit->what = "config";
    struct err err = node_open(named, visit->arena, &visit->node);
    if (err.kind != ERR_NONE)
        say_err(visit, err);
    else
        say(visit, WELL, arena_printf(visit->arena, "%s has no mistakes", visit->node.conf));
    return err.kind == ERR_NONE;
}

static int doctor(struct command_line *line)
{
    struct visit visit = {.line = line, .arena = line->arena};
    const char *named = command_text(line, "config"), *conf;
    if (line->file_count > 0)
        return command_fail(line, err_make(ERR_INPUT, "takes no files; the node is named by -c CONF"));
    struct err err = node_conf(named, line->arena, &conf);
    if (err.kind != ERR_NONE)
        return command_fail(line, err);
    if (look_at_config(&visit, named)) {
        for (size_t i = 0; i < COUNT_OF(looks); i++) {
            visit.what = looks[i].what;
            if (!looks[i].asks || visit.db != NULL)
                looks[i].look(&visit);
        }
        db_close(visit.db);
        node_close(&visit.node);
    }
    if (!command_written())
        return command_fail(line, err_errno(line->arena, "standard output"));
    return visit.failed == 0 ? 0 : 1;
}

static const struct option_row options[] = {OPTION_CONFIG, OPTION_JSON};

const struct command command_doctor = {
        .name = "doctor",
        .arguments = "",
        .about = "Say whether a node is in order, and what to do where it is not",
        .options = options,
        .option_count = COUNT_OF(options),
        .run = doctor,
};
