/* SPDX-License-Identifier: Apache-2.0 */
#include "case/package.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/arena.h"
#include "base/file.h"
#include "base/tar.h"
#include "case/evidence.h"
#include "case/package_page.h"
#include "share/prove.h"
#include "share/split.h"
#include "store/journal.h"
#include "store/organisation.h"
#include "json/read.h"
#include "json/write.h"

#define NAME_MAX_BYTES 100 /* of an item's name in the package */
#define MANIFEST_MAX (CASE_PACKAGE_FILES_MAX * 250u)

static const char *const folders[] = {"", "/evidence", "/custody", "/ledger"};

struct packing {
    struct db *db;
    const struct actor *actor;
    struct arena *arena;
    struct evidence_package package;
    struct evidence *items;
    size_t count;
    const char *act; /* what the custody says of it: "received", "copied" */
    const char *folder, *ledger;
    struct buf manifest; /* lines as sha256sum has them */
    struct buf custody;  /* all entries */
    int fd;              /* of the file that is written; where folder is NULL, of the archive */
    int64_t now_us;      /* of an archive's files */
};

/* ---- Files ---- */

static const char *path_of(const struct packing *packing, const char *name)
{
    return arena_printf(packing->arena, "%s/%s", packing->folder, name);
}

static struct err header_put(struct packing *packing, const char *name, uint64_t size)
{
    const struct tar_file file = {
            .name = slice_of(arena_printf(packing->arena, "package-%" PRId64 "/%s", packing->package.number, name)),
            .size = size,
            .mode = 0600,
            .time_us = packing->now_us};
    struct buf header = buf_make(4 * TAR_BLOCK);
    tar_put_header(&header, &file);
    bool written = file_write(packing->fd, buf_slice(&header));
    buf_free(&header);
    return written ? OK : err_errno(packing->arena, name);
}

static struct err zeros_put(struct packing *packing, size_t count)
{
    struct buf zeros = buf_make(TAR_END);
    tar_put_zeros(&zeros, count);
    bool written = file_write(packing->fd, buf_slice(&zeros));
    buf_free(&zeros);
    return written ? OK : err_errno(packing->arena, "package");
}

static struct err file_open(struct packing *packing, const char *name, uint64_t size)
{
    if (packing->folder == NULL)
        return header_put(packing, name, size);
    packing->fd = open(path_of(packing, name), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
    return packing->fd < 0 ? err_errno(packing->arena, path_of(packing, name)) : OK;
}

/* `err` is what came of writing. */
static struct err file_close(struct packing *packing, const char *name, uint64_t size, struct err err)
{
    if (packing->folder == NULL)
        return err.kind == ERR_NONE ? zeros_put(packing, tar_pad(size)) : err;
    if (err.kind == ERR_NONE && fsync(packing->fd) != 0)
        err = err_errno(packing->arena, path_of(packing, name));
    if (close(packing->fd) != 0 && err.kind == ERR_NONE)
        err = err_errno(packing->arena, path_of(packing, name));
    return err;
}

static struct err piece_put(void *context, slice piece)
{
    const struct packing *packing = context;
    return file_write(packing->fd, piece) ? OK : err_errno(packing->arena, "package");
}

static void manifest_put(struct packing *packing, const char *name, slice digest)
{
    buf_hex(&packing->manifest, digest);
    buf_printf(&packing->manifest, "  %s\n", name);
}

static struct err text_put(struct packing *packing, const char *name, slice text)
{
    struct sha256 digest = hash_sha256(text);
    TRY(file_open(packing, name, text.len));
    manifest_put(packing, name, sha256_slice(&digest));
    return file_close(packing, name, text.len, piece_put(packing, text));
}

/* What was written is taken away: a package is whole or not there. The manifest names all but three. */
static void give_up(struct packing *packing)
{
    slice lines = buf_slice(&packing->manifest), line;
    while (lines.len > 0 && slice_next(&lines, '\n', &line))
        unlink(path_of(packing, arena_cstr(packing->arena, slice_from(line, 66))));
    unlink(path_of(packing, "MANIFEST"));
    unlink(path_of(packing, "MANIFEST.sig"));
    for (size_t i = COUNT_OF(folders); i > 0; i--)
        rmdir(arena_printf(packing->arena, "%s%s", packing->folder, folders[i - 1]));
}

/* ---- What is in it ---- */

/* Letters, digits, dots, dashes: a name that no shell and no file system takes for anything else. */
static const char *item_name(const struct evidence *row, struct arena *arena)
{
    char name[NAME_MAX_BYTES + 1];
    size_t len = 0;
    for (; len < row->name.len && len < NAME_MAX_BYTES; len++) {
        char c = row->name.ptr[len];
        bool plain = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '.' || c == '_';
        name[len] = plain ? c : '-';
    }
    name[len] = '\0';
    return arena_printf(arena, "evidence/%06" PRId64 "-%s", row->number, name);
}

static struct err item_put(struct packing *packing, const struct evidence *row)
{
    const struct evidence_sink sink = {packing, piece_put};
    const char *name = item_name(row, packing->arena);
    TRY(file_open(packing, name, (uint64_t)row->bytes));
    manifest_put(packing, name, row->digest);
    return file_close(packing, name, (uint64_t)row->bytes, case_evidence_bytes(row, &sink, packing->arena));
}

static struct err pub_put(struct packing *packing, const char *name, slice bytes)
{
    struct key_public key = {0};
    struct buf pem = buf_make(KEY_PEM_MAX);
    if (bytes.len == sizeof key)
        memcpy(&key, bytes.ptr, sizeof key);
    key_public_write(&pem, &key);
    struct err err = text_put(packing, name, buf_slice(&pem));
    buf_free(&pem);
    return err;
}

static struct err entry_put(struct packing *packing, const struct custody *row)
{
    const char *name = arena_printf(packing->arena, "custody/%06" PRId64 "-%04" PRId64, row->evidence, row->step);
    TRY(text_put(packing, arena_printf(packing->arena, "%s.json", name), row->entry));
    TRY(text_put(packing, arena_printf(packing->arena, "%s.sig", name), row->signature));
    TRY(pub_put(packing, arena_printf(packing->arena, "%s.pub", name), row->key));
    if (row->other_key.len > 0) {
        TRY(text_put(packing, arena_printf(packing->arena, "%s.taker.sig", name), row->other_signature));
        TRY(pub_put(packing, arena_printf(packing->arena, "%s.taker.pub", name), row->other_key));
    }
    buf_put(&packing->custody, row->entry);
    return buf_check(&packing->custody);
}

/* The entry of a row of the journal, if it stands under a signed head. */
static struct err proof_put(
        struct packing *packing, const struct ledger_log *log, const struct journal_row *row, int64_t number)
{
    slice step = json_text(json_get(row->detail, S("step")), packing->arena), text;
    uint64_t read;
    if (row->seq < log->first || !slice_u64(step, INT64_MAX, &read))
        return OK;
    struct err err = share_prove(packing->db, log, row->seq - log->first, packing->ledger, packing->arena, &text);
    if (err.kind != ERR_NONE)
        return err.kind == ERR_MISSING || err.kind == ERR_CONFLICT ? OK : err;
    return text_put(
            packing, arena_printf(packing->arena, "ledger/%06" PRId64 "-%04" PRIu64 ".proof", number, read), text);
}

static struct err proofs_put(struct packing *packing, int64_t number)
{
    slice subject = slice_of(arena_printf(packing->arena, CASE_EVIDENCE_SUBJECT "/%" PRId64, number));
    struct ledger_log log;
    struct journal_row *rows;
    int64_t before = INT64_MAX;
    size_t count;
    struct err err = store_ledger_log_open(packing->db, "private", packing->arena, &log);
    if (err.kind != ERR_NONE)
        return err.kind == ERR_MISSING ? OK : err;
    do {
        TRY(store_journal_about(packing->db, subject, before, STORE_PAGE_MAX, packing->arena, &rows, &count));
        for (size_t i = 0; i < count; i++) {
            TRY(proof_put(packing, &log, &rows[i], number));
            before = rows[i].seq;
        }
    } while (count == STORE_PAGE_MAX);
    return OK;
}

/* Whose signature counts under the heads in the proofs. */
static struct err log_keys_put(struct packing *packing)
{
    struct ledger_log log;
    struct ledger_verifier keys[SHARE_LOG_KEYS_MAX];
    struct buf text = buf_make(SHARE_LOG_KEYS_MAX * STORE_NAME_MAX * 2);
    size_t count = 0;
    struct err err = store_ledger_log_open(packing->db, "private", packing->arena, &log);
    if (err.kind != ERR_NONE)
        return err.kind == ERR_MISSING ? OK : err;
    TRY(share_log_keys(packing->db, 0, log.origin, packing->arena, keys, &count));
    for (size_t i = 0; i < count; i++) {
        ledger_note_key_write(&text, &keys[i]);
        buf_byte(&text, '\n');
    }
    err = buf_check(&text);
    if (err.kind == ERR_NONE)
        err = text_put(packing, "ledger/vkeys", buf_slice(&text));
    buf_free(&text);
    return err;
}

static struct err about_put(struct packing *packing)
{
    struct organisation whose, whom;
    struct buf text = buf_make(4 * STORE_TEXT_MAX);
    struct json_writer w = json_writer(&text);
    int64_t own;
    TRY(store_organisation_own(packing->db, &own));
    TRY(store_organisation_get(packing->db, own, packing->arena, &whose));
    TRY(store_organisation_get(packing->db, packing->package.organisation, packing->arena, &whom));
    json_write_object(&w);
    json_write_key_u64(&w, S("package"), (uint64_t)packing->package.number);
    json_write_key_u64(&w, S("incident"), (uint64_t)packing->package.incident);
    json_write_key_text(&w, S("from"), whose.name);
    json_write_key_text(&w, S("to"), whom.name);
    json_write_key_text(&w, S("their_reference"), packing->package.their_reference);
    json_write_key(&w, S("handed_over"));
    json_write_time(&w, packing->package.made_us);
    json_write_end(&w);
    buf_byte(&text, '\n');
    struct err err = text_put(packing, "about.json", buf_slice(&text));
    buf_free(&text);
    return err;
}

/* Signed last: it speaks of everything else. */
static struct err manifest_sign(struct packing *packing)
{
    struct key_pair pair;
    uint8_t signature[KEY_SIGNATURE_BYTES];
    TRY(case_evidence_key(packing->arena, &pair));
    struct err err = pub_put(packing, "node.pub", (slice){(const char *)pair.public.bytes, sizeof pair.public.bytes});
    if (err.kind == ERR_NONE)
        err = buf_check(&packing->manifest);
    slice manifest = arena_copy(packing->arena, buf_slice(&packing->manifest));
    key_sign(&pair, manifest, signature);
    key_forget(&pair);
    TRY(err);
    TRY(text_put(packing, "MANIFEST", manifest));
    return text_put(packing, "MANIFEST.sig", (slice){(const char *)signature, sizeof signature});
}

static struct err fill(struct packing *packing)
{
    struct custody *rows;
    size_t count;
    for (size_t i = 1; packing->folder != NULL && i < COUNT_OF(folders); i++)
        if (mkdir(arena_printf(packing->arena, "%s%s", packing->folder, folders[i]), 0700) != 0)
            return err_errno(packing->arena, packing->folder);
    for (size_t i = 0; i < packing->count; i++) {
        TRY(item_put(packing, &packing->items[i]));
        TRY(store_custody_list(packing->db, packing->items[i].number, packing->arena, &rows, &count));
        for (size_t step = 0; step < count; step++)
            TRY(entry_put(packing, &rows[step]));
        TRY(proofs_put(packing, packing->items[i].number));
    }
    TRY(log_keys_put(packing));
    TRY(text_put(packing, "custody.jsonl", buf_slice(&packing->custody)));
    TRY(text_put(packing, "HOWTO.en", slice_of(case_package_en)));
    TRY(text_put(packing, "HOWTO.id", slice_of(case_package_id)));
    TRY(about_put(packing));
    return manifest_sign(packing);
}

/* ---- Who may ---- */

/* Of who works here: those of incidents that they see. */
static struct err package_seen(
        struct db *db, const struct actor *actor, const struct evidence_package *package, struct arena *arena)
{
    struct err err = case_evidence_seen(db, actor, package->incident, arena);
    return err.kind == ERR_MISSING ? err_make(ERR_MISSING, "there is no such package") : err;
}

static struct err may_take(struct packing *packing)
{
    const struct actor *actor = packing->actor;
    struct err err =
            store_right_check(actor, VERB_RECEIVE_EVIDENCE, packing->package.organisation, packing->arena, NULL);
    packing->act = "received";
    if (err.kind == ERR_NONE)
        return OK;
    packing->act = "copied";
    err = store_right_check(actor, VERB_TAKE_EVIDENCE, 0, packing->arena, NULL);
    if (err.kind == ERR_DENIED)
        return err_make(ERR_MISSING, "there is no such package");
    TRY(err);
    return package_seen(packing->db, actor, &packing->package, packing->arena);
}

static struct err taking_do(struct work *work, void *context)
{
    struct packing *packing = context;
    slice why = slice_of(arena_printf(work->arena, "package %" PRId64, packing->package.number));
    for (size_t i = 0; i < packing->count; i++) {
        TRY(store_evidence_keep(work, packing->items[i].number, &packing->items[i]));
        TRY(case_custody_add(work, &(struct case_step){packing->act, work->actor->name, why, &packing->items[i]}));
    }
    return slice_eq(slice_of(packing->act), S("received")) ? store_package_take(work, packing->package.number) : OK;
}

static struct err archive_all(struct packing *packing)
{
    packing->now_us = clock_now_us();
    TRY(store_work(packing->db, packing->actor, packing->arena, taking_do, packing));
    TRY(fill(packing));
    return zeros_put(packing, TAR_END);
}

static struct err write_all(struct packing *packing)
{
    if (packing->folder == NULL)
        return archive_all(packing);
    if (mkdir(packing->folder, 0700) != 0)
        return errno == EEXIST ? err_format(packing->arena, ERR_CONFLICT,
                                         "%s is there already: a package goes into a new folder", packing->folder)
                               : err_errno(packing->arena, packing->folder);
    struct err err = store_work(packing->db, packing->actor, packing->arena, taking_do, packing);
    if (err.kind == ERR_NONE)
        err = fill(packing);
    if (err.kind != ERR_NONE)
        give_up(packing);
    return err;
}

static struct err package_put(struct packing *packing, int64_t number)
{
    TRY(store_package_get(packing->db, number, packing->arena, &packing->package));
    TRY(may_take(packing));
    TRY(store_package_items(packing->db, number, packing->arena, &packing->items, &packing->count));
    for (size_t i = 0; i < packing->count; i++)
        TRY(case_evidence_bytes(&packing->items[i], NULL, packing->arena));
    packing->manifest = buf_make(MANIFEST_MAX);
    packing->custody = buf_make(MANIFEST_MAX);
    struct err err = write_all(packing);
    buf_free(&packing->manifest);
    buf_free(&packing->custody);
    return err;
}

struct err case_package_write(struct db *db, const struct actor *actor, int64_t number, const char *folder,
        const char *ledger, struct arena *arena)
{
    struct packing packing = {.db = db, .actor = actor, .arena = arena, .folder = folder, .ledger = ledger};
    return package_put(&packing, number);
}

struct err case_package_tar(
        struct db *db, const struct actor *actor, int64_t number, int file, const char *ledger, struct arena *arena)
{
    struct packing packing = {.db = db, .actor = actor, .arena = arena, .fd = file, .ledger = ledger};
    return package_put(&packing, number);
}

/* A page of those that they see; on and on, so that a short one is the last. */
static struct err seen_list(struct db *db, const struct actor *actor, int64_t after, struct arena *arena,
        struct evidence_package **rows, size_t *row_count)
{
    struct evidence_package *page, *kept = arena_new(arena, struct evidence_package, STORE_PAGE_MAX);
    size_t count = STORE_PAGE_MAX, got = 0;
    while (count == STORE_PAGE_MAX && got < STORE_PAGE_MAX) {
        TRY(store_package_list(db, 0, after, STORE_PAGE_MAX, arena, &page, &count));
        for (size_t i = 0; i < count && got < STORE_PAGE_MAX; i++) {
            struct err err = package_seen(db, actor, &page[i], arena);
            after = page[i].number;
            if (err.kind == ERR_NONE)
                kept[got++] = page[i];
            else if (err.kind != ERR_MISSING)
                return err;
        }
    }
    *rows = kept;
    *row_count = got;
    return OK;
}

struct err case_package_list(struct db *db, const struct actor *actor, int64_t after, struct arena *arena,
        struct evidence_package **rows, size_t *row_count)
{
    struct err err = store_right_check(actor, VERB_RECEIVE_EVIDENCE, actor->organisation, arena, NULL);
    if (err.kind == ERR_NONE)
        return store_package_list(db, actor->organisation, after, STORE_PAGE_MAX, arena, rows, row_count);
    TRY(store_right_check(actor, VERB_VERIFY_EVIDENCE, 0, arena, NULL));
    return seen_list(db, actor, after, arena, rows, row_count);
}
