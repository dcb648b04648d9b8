/* SPDX-License-Identifier: Apache-2.0 */
#include "detect/ingest.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/arena.h"
#include "base/clock.h"
#include "detect/taking.h"
#include "input/input.h"
#include "store/right.h"
#include "store/service.h"

#define KEEPER_BYTES_MAX ((size_t)2 << 30)
#define HALF_BYTES_MAX (16u << 20)

/* ---- Once per process ---- */

/* One key for all digests of reports of a node, drawn when the first of them asks. */
static struct err doubles_key_draw(struct db *db, void *context)
{
    static const slice name = {"reports.key", 11};
    struct arena *arena = context;
    uint64_t drawn[2];
    slice value;
    TRY(store_fact_get(db, name, arena, &value));
    if (value.len > 0)
        return OK;
    hash_random(drawn, sizeof drawn);
    return store_fact_put(db, name, arena_hex(arena, (slice){(const char *)drawn, sizeof drawn}));
}

static struct err doubles_key_get(struct ingest *ingest, struct db *db, struct arena *arena)
{
    uint64_t words[2];
    slice value;
    TRY(db_work(db, doubles_key_draw, arena));
    TRY(store_fact_get(db, S("reports.key"), arena, &value));
    if (!slice_hex(value, words, sizeof words))
        return err_make(ERR_SYSTEM, "the node's key of reports is damaged");
    ingest->doubles_key = (struct hash_key){words[0] | 1, words[1] | 1};
    return OK;
}

static struct err open_all(struct ingest *ingest, struct arena *arena)
{
    const struct ingest_options *options = &ingest->options;
    const struct follow_options follow = {.db = options->db, .path = options->index};
    const struct owners_options owners = {.db = options->db};
    struct db *db;
    TRY(store_open(&options->db, arena, &db));
    struct err err = doubles_key_get(ingest, db, arena);
    if (err.kind != ERR_NONE)
        err.why = arena_cstr(arena, slice_of(err.why));
    db_close(db);
    TRY(err);
    if (options->memory != NULL)
        TRY(remember_open(options->memory, arena, &ingest->remember));
    TRY(follow_open(&follow, arena, &ingest->follow));
    return owners_open(&owners, arena, &ingest->owners);
}

struct err ingest_open(const struct ingest_options *options, struct arena *arena, struct ingest **opened)
{
    struct ingest *ingest = calloc(1, sizeof *ingest);
    if (ingest == NULL)
        return err_make(ERR_SYSTEM, "no memory to take events in");
    ingest->options = *options;
    struct err err = open_all(ingest, arena);
    if (err.kind != ERR_NONE)
        ingest_close(ingest);
    else
        *opened = ingest;
    return err;
}

void ingest_close(struct ingest *ingest)
{
    if (ingest == NULL)
        return;
    remember_close(ingest->remember);
    owners_close(ingest->owners);
    follow_close(ingest->follow);
    free(ingest);
}

void ingest_stop(struct ingest *ingest)
{
    atomic_store(&ingest->stop, true);
}

/* ---- Which input it is, and how far it was read ---- */

static slice beginning_digest(slice beginning, struct arena *arena)
{
    struct sha256 sum = hash_sha256(beginning);
    return arena_hex(arena, slice_part(sha256_slice(&sum), 0, 16));
}

static struct err beginning_read(int fd, const char *name, struct arena *arena, slice *beginning)
{
    char *bytes = arena_take(arena, INGEST_BEGINNING);
    size_t len = 0;
    while (len < INGEST_BEGINNING) {
        ssize_t got = pread(fd, bytes + len, INGEST_BEGINNING - len, (off_t)len);
        if (got < 0 && errno == EINTR)
            continue;
        if (got < 0)
            return err_errno(arena, name);
        if (got == 0)
            break;
        len += (size_t)got;
    }
    *beginning = (slice){bytes, len};
    return OK;
}

/* The end of an input's name is the digest of so many bytes of the file that it was. */
static bool is_same(const struct stream_input *row, slice beginning, struct arena *arena)
{
    return row->beginning <= (int64_t)beginning.len &&
           slice_ends(row->input, beginning_digest(slice_part(beginning, 0, (size_t)row->beginning), arena));
}

static struct err file_find(struct taking *taking, int fd, const struct stat *stat_of, struct arena *arena)
{
    struct stream_input *rows, *now = &taking->move.now;
    size_t count;
    slice beginning;
    slice place = slice_of(
            arena_printf(arena, "%llu:%llu", (unsigned long long)stat_of->st_dev, (unsigned long long)stat_of->st_ino));
    TRY(beginning_read(fd, taking->input->name, arena, &beginning));
    TRY(store_stream_input_at(taking->db, taking->stream.number, place, arena, &rows, &count));
    now->size = stat_of->st_size;
    for (size_t i = 0; i < count; i++)
        if (is_same(&rows[i], beginning, arena)) {
            int64_t size = now->size;
            taking->totals->known = rows[i].done && rows[i].size == size;
            *now = rows[i];
            now->size = size;
            taking->move.bytes_before = rows[i].bytes;
            return OK;
        }
    now->place = place;
    now->beginning = (int64_t)beginning.len;
    now->input = slice_of(arena_printf(arena, "%.*s:%zu:%.*s", (int)place.len, place.ptr, beginning.len, 32,
            beginning_digest(beginning, arena).ptr));
    return OK;
}

static struct err named_find(struct taking *taking, slice id, struct arena *arena)
{
    struct stream_input row;
    TRY(store_text_check(arena, "id of the input", id, STORE_NAME_MAX));
    taking->move.now.input = id;
    struct err err = store_stream_input_get(taking->db, taking->stream.number, id, arena, &row);
    if (err.kind == ERR_MISSING)
        return OK;
    TRY(err);
    taking->totals->known = row.done;
    taking->move.now = row;
    taking->move.bytes_before = row.bytes;
    return OK;
}

/* What is no file and has no name cannot be gone on with. */
static struct err position_find(struct taking *taking, int fd, struct arena *arena)
{
    struct stat stat_of;
    taking->move = (struct batch_move){.bytes_before = -1};
    taking->move.now = (struct stream_input){
            .stream = taking->stream.number, .input = S(""), .place = S(""), .name = slice_of(taking->input->name)};
    taking->moves = true;
    if (taking->input->id.len > 0)
        TRY(named_find(taking, taking->input->id, arena));
    else if (fstat(fd, &stat_of) == 0 && S_ISREG(stat_of.st_mode))
        TRY(file_find(taking, fd, &stat_of, arena));
    else
        taking->moves = false;
    taking->move.now.stream = taking->stream.number;
    taking->move.now.name = slice_of(taking->input->name);
    return OK;
}

/* ---- A run ---- */

static void halves_open(struct taking *taking)
{
    uint64_t from = taking->move.bytes_before > 0 ? (uint64_t)taking->move.bytes_before : 0;
    for (size_t i = 0; i < COUNT_OF(taking->halves); i++) {
        taking->halves[i].fold = fold_open();
        taking->halves[i].arena = arena_open("half of a batch", ARENA_WORK, HALF_BYTES_MAX);
        taking->halves[i].bytes = from;
    }
}

static void halves_close(struct taking *taking)
{
    for (size_t i = 0; i < COUNT_OF(taking->halves); i++) {
        struct half *half = &taking->halves[i];
        fold_close(half->fold);
        if (half->arena != NULL)
            arena_close(half->arena);
        doubles_drop(&half->doubles);
        for (unsigned j = 0; j < taking->workers; j++)
            memory_gather_close(half->gathers[j]);
    }
}

/* An input that had nothing new: that it was read to its end is worth a batch once. */
static void end_mark(struct taking *taking)
{
    struct half *half = &taking->halves[taking->current];
    bool kept_done = taking->move.bytes_before >= 0 && taking->move.now.done;
    if (half->since_us == 0 && taking->complete && taking->moves && !kept_done && !taking->input->follows) {
        half->since_us = clock_steady_us();
        half_go_on(half, &taking->halves[!taking->current]);
    }
}

static void totals_take(struct ingest_totals *to, const struct sift_totals *sift)
{
    to->events += sift->events;
    to->bytes += sift->bytes;
    to->malformed += sift->malformed;
    to->hits += sift->hits;
    to->suppressed += sift->suppressed;
}

static struct err run_sift(struct taking *taking, struct input *input, struct arena *arena)
{
    const struct ingest *ingest = taking->ingest;
    struct sift_taker taker = taking_taker_of(taking);
    struct sift_totals totals = {0};
    const char *format =
            taking->input->format != NULL ? taking->input->format : arena_cstr(arena, taking->stream.format);
    struct sift_job job = {
            .live = follow_live(ingest->follow),
            .allow = ingest->options.allow,
            .format = strcmp(format, "auto") == 0 ? NULL : format,
            .threads = ingest->options.threads,
            .output = -1,
            .taker = &taker,
    };
    uint64_t from = taking->move.bytes_before > 0 ? (uint64_t)taking->move.bytes_before : 0;
    TRY(sift_watch_open(NULL, NULL, &job.watch));
    struct err err = sift_take(&job, input, taking->input->name, from, arena, &totals);
    sift_watch_close(job.watch);
    totals_take(taking->totals, &totals);
    taking->totals->passed += from;
    return err;
}

/* The workers are in this thread and those of the sift; the keeper has its own until all is kept. */
static struct err run(struct taking *taking, struct input *input, struct arena *arena)
{
    halves_open(taking);
    if (pthread_create(&taking->keeper, NULL, taking_keep, taking) != 0) {
        halves_close(taking);
        return err_make(ERR_SYSTEM, "no thread to keep what comes in");
    }
    struct err err = run_sift(taking, input, arena);
    pthread_mutex_lock(&taking->mutex);
    taking->complete = err.kind == ERR_NONE;
    while (taking->keeping && taking->err.kind == ERR_NONE)
        pthread_cond_wait(&taking->room, &taking->mutex);
    end_mark(taking);
    taking->ending = true;
    pthread_cond_signal(&taking->wake);
    pthread_mutex_unlock(&taking->mutex);
    pthread_join(taking->keeper, NULL);
    halves_close(taking);
    if (taking->err.kind != ERR_NONE)
        return err_format(arena, taking->err.kind, "%s", taking->why);
    return taking->stopped ? OK : err;
}

static struct err fd_open(const struct ingest_input *input, struct arena *arena, int *fd)
{
    *fd = input->path == NULL             ? input->fd
          : strcmp(input->path, "-") == 0 ? fcntl(STDIN_FILENO, F_DUPFD_CLOEXEC, 3)
                                          : open(input->path, O_RDONLY | O_CLOEXEC | O_NOCTTY);
    return *fd < 0 ? err_errno(arena, input->name) : OK;
}

static struct err take(struct taking *taking, int fd, struct arena *arena)
{
    struct input *input;
    struct err err = position_find(taking, fd, arena);
    if (err.kind != ERR_NONE || taking->totals->known) {
        close(fd);
        return err;
    }
    TRY(input_open_fd(fd, taking->input->name, arena, &input));
    err = run(taking, input, arena);
    input_close(input);
    return err;
}

static struct err stream_open(struct taking *taking, struct arena *arena)
{
    const struct ingest *ingest = taking->ingest;
    int64_t days = 0;
    TRY(store_stream_get(taking->db, taking->input->stream, arena, &taking->stream));
    TRY(store_right_check(&ingest->options.actor, VERB_SEND_EVENTS, taking->stream.organisation, arena, NULL));
    if (taking->stream.organisation != 0)
        TRY(store_service_days(taking->db, taking->stream.organisation, clock_now_us(), &days));
    taking->remembers = days > 0 && ingest->remember != NULL;
    taking->remembered_from = clock_now_us() / DAY_US - days + 1;
    if (taking->stream.organisation != 0)
        return OK;
    TRY(store_open(&ingest->options.db, arena, &taking->doubles_db));
    taking->doubles = doubles_open(taking->doubles_db, taking->stream.number);
    return OK;
}

struct err detect_ingest(
        struct ingest *ingest, const struct ingest_input *input, struct arena *arena, struct ingest_totals *totals)
{
    struct taking *taking = arena_new(arena, struct taking, 1);
    int fd;
    *taking = (struct taking){.ingest = ingest, .input = input, .totals = totals};
    totals->known = false;
    TRY(fd_open(input, arena, &fd));
    pthread_mutex_init(&taking->mutex, NULL);
    pthread_cond_init(&taking->wake, NULL);
    pthread_cond_init(&taking->room, NULL);
    taking->arena = arena_open("what is kept of a batch", ARENA_WORK, KEEPER_BYTES_MAX);
    struct err err = store_open(&ingest->options.db, arena, &taking->db);
    if (err.kind == ERR_NONE)
        err = stream_open(taking, arena);
    if (err.kind == ERR_NONE)
        err = take(taking, fd, arena);
    else
        close(fd);
    if (err.kind != ERR_NONE)
        err.why = arena_cstr(arena, slice_of(err.why));
    doubles_close(taking->doubles);
    db_close(taking->doubles_db);
    db_close(taking->db);
    arena_close(taking->arena);
    pthread_cond_destroy(&taking->room);
    pthread_cond_destroy(&taking->wake);
    pthread_mutex_destroy(&taking->mutex);
    return err;
}
