/* SPDX-License-Identifier: Apache-2.0 */
#include "detect/owners.h"

#include <pthread.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <unistd.h>

#include "base/clock.h"
#include "detect/owned.h"
#include "store/asset.h"
#include "store/journal.h"

#define PAGE_ROWS 256                     /* of the journal */
#define PAGE_BYTES_MAX ((size_t)64 << 20) /* of rows that are read at once */
#define TABLE_BYTES_MAX ((size_t)4 << 30) /* of one generation, and of what it is made from */

/* A generation. */
struct owners_view {
    const struct owned_table *table;
    struct arena *arena; /* all of it */
    size_t *held;        /* by how many */
};

struct owners {
    struct owners_options options;
    struct db *db;
    struct arena *page;
    int64_t position; /* of the journal: all up to it is published */
    pthread_t thread;
    bool started;
    atomic_bool stop;
    pthread_mutex_t mutex; /* guards what follows */
    struct owners_view *now;
    struct owners_counts counts;
};

/* ---- Generations ---- */

static void view_free(const struct owners_view *view)
{
    if (view != NULL)
        arena_close(view->arena); /* the view lies in it */
}

const struct owners_view *owners_take(struct owners *owners)
{
    pthread_mutex_lock(&owners->mutex);
    struct owners_view *view = owners->now;
    ++*view->held;
    pthread_mutex_unlock(&owners->mutex);
    return view;
}

void owners_leave(struct owners *owners, const struct owners_view *view)
{
    pthread_mutex_lock(&owners->mutex);
    bool over = --*view->held == 0 && view != owners->now;
    pthread_mutex_unlock(&owners->mutex);
    if (over)
        view_free(view);
}

static void publish(struct owners *owners, struct owners_view *view, int64_t position, bool reload)
{
    pthread_mutex_lock(&owners->mutex);
    struct owners_view *before = owners->now;
    bool over = before != NULL && *before->held == 0;
    owners->now = view;
    owners->counts.assets = owned_count(view->table);
    owners->counts.position = position;
    owners->counts.generations++;
    owners->counts.reloads += reload;
    pthread_mutex_unlock(&owners->mutex);
    if (over)
        view_free(before);
}

static struct owners_view *view_new(void)
{
    struct arena *arena = arena_open("owners", ARENA_WORK, TABLE_BYTES_MAX);
    struct owners_view *view = arena_new(arena, struct owners_view, 1);
    view->arena = arena;
    view->held = arena_new(arena, size_t, 1);
    return view;
}

/* ---- What the store says ---- */

/* Rows on their way into a table. */
struct gathering {
    struct owned *rows;
    size_t count, room;
    struct arena *arena; /* keys */
};

static bool key_of(char room[OWNED_KEY_MAX], const struct asset *asset, slice *key)
{
    struct prefix prefix;
    uint64_t asn;
    switch (asset->kind) {
    case ASSET_PREFIX:
        if (!prefix_parse(asset->value, &prefix))
            return false;
        owned_key_prefix(room, &prefix, key);
        return true;
    case ASSET_ASN:
        if (!slice_u64(asset->value, UINT32_MAX, &asn))
            return false;
        owned_key_asn(room, (uint32_t)asn, key);
        return true;
    case ASSET_DOMAIN:
        return owned_key_name(room, asset->value, key);
    default: /* a site is looked for by nobody */
        return false;
    }
}

static struct err gather_room(struct gathering *gathering)
{
    if (gathering->count < gathering->room)
        return OK;
    size_t room = gathering->room == 0 ? 1024 : 2 * gathering->room;
    if (gathering->count >= OWNERS_ASSETS_MAX)
        return err_make(ERR_LIMIT, "more assets than owners are looked up among (8000000)");
    struct owned *rows = realloc(gathering->rows, room * sizeof *rows);
    if (rows == NULL)
        return err_make(ERR_SYSTEM, "no memory for the assets of all organisations");
    gathering->rows = rows;
    gathering->room = room;
    return OK;
}

static struct err gather(struct gathering *gathering, const struct asset *asset)
{
    char room[OWNED_KEY_MAX];
    slice key;
    if (!key_of(room, asset, &key))
        return OK;
    TRY(gather_room(gathering));
    gathering->rows[gathering->count++] = (struct owned){
            .key = arena_copy(gathering->arena, key),
            .from_us = asset->from_us,
            .until_us = asset->until_us == TIME_NONE ? INT64_MAX : asset->until_us,
            .organisation = asset->organisation,
            .asset = asset->number,
    };
    return arena_full(gathering->arena) ? err_make(ERR_LIMIT, "what organisations own needs more memory than 4 GiB")
                                        : OK;
}

static void gathering_end(struct gathering *gathering)
{
    free(gathering->rows);
    arena_close(gathering->arena);
}

/* ---- All of it ---- */

struct loading {
    struct owners *owners;
    struct gathering gathering;
    int64_t position;
};

/* One moment of the store; may run again. */
static struct err load_look(struct db *db, void *context)
{
    struct loading *loading = context;
    struct arena *page = loading->owners->page;
    size_t count = STORE_PAGE_MAX;
    loading->gathering.count = 0;
    arena_reset(loading->gathering.arena);
    TRY(store_journal_last(db, &loading->position));
    for (int64_t after = 0; count == STORE_PAGE_MAX;) {
        struct asset *rows;
        arena_reset(page);
        TRY(store_asset_list(db, 0, after, STORE_PAGE_MAX, page, &rows, &count));
        for (size_t i = 0; i < count; i++)
            TRY(gather(&loading->gathering, &rows[i]));
        after = count > 0 ? rows[count - 1].number : after;
    }
    return OK;
}

static struct err load(struct owners *owners)
{
    struct loading loading = {.owners = owners};
    struct owners_view *view = view_new();
    loading.gathering.arena = arena_open("assets", ARENA_WORK, TABLE_BYTES_MAX);
    struct err err = db_look(owners->db, load_look, &loading);
    if (err.kind == ERR_NONE)
        err = owned_make(loading.gathering.rows, loading.gathering.count, view->arena, &view->table);
    gathering_end(&loading.gathering);
    if (err.kind != ERR_NONE) {
        view_free(view);
        return err;
    }
    owners->position = loading.position;
    publish(owners, view, loading.position, true);
    return OK;
}

/* ---- What changed ---- */

struct changing {
    int64_t assets[PAGE_ROWS];
    size_t count;
    bool all; /* more than rows of the journal name */
};

/* The acts that change what is whose. */
static const struct {
    const char *act;
    bool all;
} acts[] = {
        {"asset.added", false},
        {"asset.ended", false},
        {"asset.handed", false},
        {"organisation.closed", true},
        {"organisation.imported", true},
};

static struct err row_read(struct changing *changing, const struct journal_row *row)
{
    static const char prefix[] = "asset/";
    uint64_t number;
    size_t i = 0;
    while (i < COUNT_OF(acts) && !slice_eq(row->act, slice_of(acts[i].act)))
        i++;
    if (i == COUNT_OF(acts))
        return OK;
    changing->all |= acts[i].all;
    if (acts[i].all)
        return OK;
    if (!slice_starts(row->subject, S(prefix)) ||
            !slice_u64(slice_from(row->subject, sizeof prefix - 1), INT64_MAX, &number))
        return err_make(ERR_INPUT, "a row of the journal about an asset does not name it");
    changing->assets[changing->count++] = (int64_t)number;
    return OK;
}

static int by_number(const void *left, const void *right)
{
    int64_t a = *(const int64_t *)left, b = *(const int64_t *)right;
    return a < b ? -1 : a > b;
}

static struct err changed_gather(struct owners *owners, const struct changing *changing, struct gathering *gathering)
{
    for (size_t i = 0; i < changing->count; i++) {
        struct asset asset;
        if (i > 0 && changing->assets[i] == changing->assets[i - 1])
            continue;
        struct err err = store_asset_get(owners->db, changing->assets[i], owners->page, &asset);
        if (err.kind == ERR_NONE)
            err = gather(gathering, &asset);
        if (err.kind != ERR_MISSING)
            TRY(err);
    }
    return OK;
}

/* What the store says of those assets now: a row of the journal that is read twice does no harm. */
static struct err change(struct owners *owners, struct changing *changing, int64_t position)
{
    struct gathering gathering = {.arena = arena_open("assets", ARENA_WORK, PAGE_BYTES_MAX)};
    struct owners_view *view = view_new();
    qsort(changing->assets, changing->count, sizeof changing->assets[0], by_number);
    struct err err = changed_gather(owners, changing, &gathering);
    if (err.kind == ERR_NONE) /* only this thread changes `now` */
        err = owned_change(owners->now->table, changing->assets, changing->count, gathering.rows, gathering.count,
                view->arena, &view->table);
    gathering_end(&gathering);
    if (err.kind != ERR_NONE) {
        view_free(view);
        return err;
    }
    publish(owners, view, position, false);
    return OK;
}

static struct err page_follow(struct owners *owners, size_t *count)
{
    struct changing changing = {0};
    struct journal_row *rows;
    arena_reset(owners->page);
    TRY(store_journal_list(owners->db, owners->position, PAGE_ROWS, owners->page, &rows, count));
    for (size_t i = 0; i < *count; i++)
        TRY(row_read(&changing, &rows[i]));
    if (*count == 0)
        return OK;
    int64_t position = rows[*count - 1].seq;
    if (changing.all)
        return load(owners); /* and with it, all that the journal has */
    if (changing.count > 0)
        TRY(change(owners, &changing, position));
    owners->position = position;
    return OK;
}

struct err owners_follow(struct owners *owners)
{
    for (size_t count = PAGE_ROWS; count == PAGE_ROWS;)
        TRY(page_follow(owners, &count));
    return OK;
}

static void tell(struct owners *owners, struct err err)
{
    pthread_mutex_lock(&owners->mutex);
    owners->counts.position = owners->position;
    owners->counts.failures += err.kind != ERR_NONE;
    snprintf(owners->counts.why, sizeof owners->counts.why, "%s", err.kind == ERR_NONE ? "" : err.why);
    pthread_mutex_unlock(&owners->mutex);
}

static void *owners_main(void *context)
{
    struct owners *owners = context;
    while (!atomic_load(&owners->stop)) {
        bool news = false;
        struct err err = store_journal_wait(owners->db, OWNERS_WAIT_MS, &news);
        if (err.kind == ERR_NONE && news)
            err = owners_follow(owners);
        if (err.kind != ERR_NONE || news)
            tell(owners, err);
        if (err.kind != ERR_NONE)
            usleep(OWNERS_AGAIN_US);
    }
    return NULL;
}

/* ---- Opening ---- */

static struct err open_all(struct owners *owners, struct arena *arena)
{
    TRY(store_open(&owners->options.db, arena, &owners->db));
    TRY(load(owners));
    if (owners->options.by_hand)
        return OK;
    owners->started = pthread_create(&owners->thread, NULL, owners_main, owners) == 0;
    return owners->started ? OK : err_make(ERR_SYSTEM, "no thread to follow the journal");
}

struct err owners_open(const struct owners_options *options, struct arena *arena, struct owners **opened)
{
    struct owners *owners = calloc(1, sizeof *owners);
    if (owners == NULL)
        return err_make(ERR_SYSTEM, "no memory to know who owns what");
    owners->options = *options;
    owners->page = arena_open("page of assets", ARENA_WORK, PAGE_BYTES_MAX);
    pthread_mutex_init(&owners->mutex, NULL);
    struct err err = open_all(owners, arena);
    if (err.kind == ERR_NONE) {
        *opened = owners;
        return OK;
    }
    err.why = arena_cstr(arena, slice_of(err.why));
    owners_close(owners);
    return err;
}

void owners_close(struct owners *owners)
{
    if (owners == NULL)
        return;
    atomic_store(&owners->stop, true);
    if (owners->started)
        pthread_join(owners->thread, NULL);
    view_free(owners->now);
    db_close(owners->db);
    arena_close(owners->page);
    pthread_mutex_destroy(&owners->mutex);
    free(owners);
}

struct owners_counts owners_counts(struct owners *owners)
{
    pthread_mutex_lock(&owners->mutex);
    struct owners_counts counts = owners->counts;
    pthread_mutex_unlock(&owners->mutex);
    return counts;
}

/* ---- Asking ---- */

static struct owned_found find(const struct owners_view *view, slice probe, int64_t time_us)
{
    return owned_find(view->table, probe, time_us == TIME_NONE ? clock_now_us() : time_us);
}

static struct owned_found of_address(const struct owners_view *view, const struct ip *ip, int64_t time_us)
{
    char room[OWNED_KEY_MAX];
    slice probe;
    const struct prefix whole = {*ip, ip->family == 4 ? 32 : 128};
    owned_key_prefix(room, &whole, &probe);
    return find(view, probe, time_us);
}

static struct owned_found of_name(const struct owners_view *view, slice host, int64_t time_us)
{
    char room[OWNED_KEY_MAX];
    slice probe;
    return owned_key_name(room, host, &probe) ? find(view, probe, time_us) : (struct owned_found){0};
}

static struct owned_found of_asn(const struct owners_view *view, uint32_t asn, int64_t time_us)
{
    char room[OWNED_KEY_MAX];
    slice probe;
    owned_key_asn(room, asn, &probe);
    return find(view, probe, time_us);
}

int64_t owners_of_address(const struct owners_view *view, const struct ip *ip, int64_t time_us)
{
    return of_address(view, ip, time_us).organisation;
}

int64_t owners_of_name(const struct owners_view *view, slice host, int64_t time_us)
{
    return of_name(view, host, time_us).organisation;
}

int64_t owners_of_asn(const struct owners_view *view, uint32_t asn, int64_t time_us)
{
    return of_asn(view, asn, time_us).organisation;
}

int64_t owners_asset_of_address(const struct owners_view *view, const struct ip *ip, int64_t time_us)
{
    return of_address(view, ip, time_us).asset;
}

int64_t owners_asset_of_name(const struct owners_view *view, slice host, int64_t time_us)
{
    return of_name(view, host, time_us).asset;
}

int64_t owners_asset_of_asn(const struct owners_view *view, uint32_t asn, int64_t time_us)
{
    return of_asn(view, asn, time_us).asset;
}
