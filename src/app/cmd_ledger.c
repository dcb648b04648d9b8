/* SPDX-License-Identifier: Apache-2.0 */
/* kentongan ledger: logs and proofs on disk, verified without a node; with -c, those of a node (ledger_node.c). */
#include <inttypes.h>

#include "app/command.h"
#include "app/ledger_node.h"
#include "app/options.h"
#include "app/person.h"
#include "base/clock.h"
#include "input/input.h"
#include "ledger/cosign.h"
#include "ledger/folder.h"
#include "ledger/line.h"
#include "ledger/opening.h"
#include "ledger/proof.h"
#include "ledger/split.h"
#include "json/write.h"

#define WORK_MAX ((size_t)256 << 20)
#define ANSWER_MAX ((size_t)32 << 20)

enum { KEYS_MAX = 64 };

/* ---- What is told: lines "name: value", or one line of JSON. All of it comes from outside, so it is quoted. ---- */

struct telling {
    bool is_json;
    struct buf out;
    struct json_writer w;
};

static struct telling *tell_begin(const struct command_line *line, struct arena *arena)
{
    struct telling *telling = arena_new(arena, struct telling, 1);
    telling->is_json = command_flag(line, "json");
    telling->out = buf_make(ANSWER_MAX);
    telling->w = json_writer(&telling->out);
    if (telling->is_json)
        json_write_object(&telling->w);
    return telling;
}

static void tell(struct telling *telling, slice name, slice text)
{
    if (telling->is_json) {
        json_write_key_text(&telling->w, name, text);
        return;
    }
    struct json_writer w = json_writer(&telling->out);
    buf_put(&telling->out, name);
    buf_put(&telling->out, S(": "));
    json_write_text(&w, text);
    buf_byte(&telling->out, '\n');
}

static void tell_number(struct telling *telling, slice name, uint64_t number)
{
    if (telling->is_json) {
        json_write_key_u64(&telling->w, name, number);
        return;
    }
    buf_put(&telling->out, name);
    buf_put(&telling->out, S(": "));
    buf_u64(&telling->out, number);
    buf_byte(&telling->out, '\n');
}

static struct err tell_end(struct telling *telling, struct arena *arena)
{
    struct buf *out = &telling->out;
    if (telling->is_json) {
        json_write_end(&telling->w);
        buf_byte(out, '\n');
    }
    struct err err = buf_check(out);
    if (err.kind == ERR_NONE && (fwrite(out->ptr, 1, out->len, stdout) != out->len || !command_written()))
        err = err_errno(arena, "standard output");
    buf_free(out);
    return err;
}

static void tell_checkpoint(struct telling *telling, const struct ledger_checkpoint *checkpoint)
{
    struct buf root = buf_make(64);
    ledger_line_put_base64(&root, sha256_slice(&checkpoint->root));
    tell(telling, S("origin"), checkpoint->origin);
    tell_number(telling, S("size"), checkpoint->size);
    tell(telling, S("root"), buf_slice(&root));
    buf_free(&root);
}

/* Who of those that we know signed, and of witnesses when. */
static void tell_signers(struct telling *telling, const struct ledger_note *note, struct arena *arena)
{
    struct buf text = buf_make(LEDGER_NOTE_MAX);
    for (size_t i = 0; i < note->count; i++) {
        const struct ledger_signature *signature = &note->signatures[i];
        if (signature->by == NULL)
            continue;
        buf_put(&text, text.len > 0 ? S(", ") : S(""));
        buf_put(&text, signature->name);
        if (signature->by->type == LEDGER_KEY_COSIGNATURE) {
            buf_put(&text, S(" at "));
            time_write(&text, ledger_cosign_time(signature->bytes));
        }
    }
    tell(telling, S("signed"), arena_copy(arena, buf_slice(&text)));
    buf_free(&text);
}

/* ---- What was typed ---- */

struct asked {
    const struct command_line *line;
    struct arena *arena;
    struct ledger_verifier keys[KEYS_MAX];
    size_t key_count;
    int status; /* 1: the answer is no */
};

static struct err keys_read(struct asked *asked)
{
    size_t at = 0;
    const char *text;
    while ((text = command_each(asked->line, "key", &at)) != NULL) {
        if (asked->key_count == KEYS_MAX)
            return err_make(ERR_LIMIT, "takes at most 64 keys");
        struct err err = ledger_note_key_parse(slice_of(text), asked->arena, &asked->keys[asked->key_count++]);
        if (err.kind != ERR_NONE)
            return err_format(asked->arena, err.kind, "--key %s: %s", text, err.why);
    }
    return OK;
}

static struct err key_wanted(const struct asked *asked)
{
    return asked->key_count > 0 ? OK : err_make(ERR_INPUT, "whose signature counts? --key VKEY says it");
}

static struct err number_read(const struct asked *asked, const char *text, uint64_t *number)
{
    if (ledger_line_number(slice_of(text), number))
        return OK;
    return err_format(asked->arena, ERR_INPUT, "%s is no number of an entry", text);
}

static struct err file_read(const struct asked *asked, const char *file, size_t bytes_max, slice *text)
{
    struct input_text read;
    TRY(input_text(file, bytes_max, asked->arena, &read));
    *text = arena_copy(asked->arena, read.text);
    input_text_free(&read);
    return OK;
}

/* A checkpoint from a file, signed by one of the keys if there are any. */
static struct err checkpoint_read(
        const struct asked *asked, const char *file, slice *bytes, struct ledger_checkpoint *checkpoint)
{
    struct ledger_note note;
    TRY(file_read(asked, file, LEDGER_NOTE_MAX, bytes));
    struct err err = ledger_note_parse(*bytes, asked->arena, &note);
    if (err.kind == ERR_NONE)
        err = ledger_checkpoint_parse(note.text, asked->arena, checkpoint);
    if (err.kind == ERR_NONE && asked->key_count > 0)
        err = ledger_checkpoint_open(*bytes, asked->keys, asked->key_count, asked->arena, checkpoint, NULL);
    return err.kind == ERR_NONE ? OK : err_format(asked->arena, err.kind, "%s: %s", file, err.why);
}

/* What is wrong with a log or a proof is an answer; what keeps us from looking is an error. */
static bool is_answer(struct err err)
{
    return err.kind == ERR_DENIED || err.kind == ERR_INPUT;
}

/* ---- Verbs ---- */

struct verifying {
    struct ledger_folder_check check;
    struct arena *scratch; /* of one entry */
};

/* An entry of ours says for which place of which log it was made; those of other logs are any bytes. */
static struct err entry_belongs(void *context, uint64_t index, slice bytes, struct arena *arena)
{
    const struct verifying *verifying = context;
    struct ledger_entry entry;
    arena_reset(verifying->scratch);
    if (!slice_starts(bytes, S("kentongan-entry/")))
        return OK;
    struct err err = ledger_entry_parse(bytes, verifying->scratch, &entry);
    if (err.kind != ERR_NONE)
        return err_format(arena, err.kind, "entry %" PRIu64 ": %s", index, err.why);
    return ledger_entry_belongs(&entry, verifying->check.checkpoint.origin, index, arena);
}

static struct err folder_verify(const char *path, struct verifying *verifying, struct arena *arena)
{
    struct ledger_folder *folder;
    TRY(ledger_folder_open(path, LEDGER_FOLDER_READ, arena, &folder));
    verifying->scratch = arena_open("entry", ARENA_WORK, 1u << 20);
    struct err err = ledger_folder_verify(folder, &verifying->check, arena);
    arena_close(verifying->scratch);
    ledger_folder_close(folder);
    return err;
}

static struct err tell_verdict(const struct asked *asked, const struct ledger_folder_check *check, struct err err)
{
    struct telling *telling = tell_begin(asked->line, asked->arena);
    tell(telling, S("log"), slice_of(asked->line->files[1]));
    if (check->checkpoint.origin.len > 0)
        tell_checkpoint(telling, &check->checkpoint);
    tell(telling, S("signature"), asked->key_count > 0 ? S("asked for") : S("not asked for: no --key"));
    if (check->since != NULL)
        tell_number(telling, S("since"), check->since->size);
    tell(telling, S("verdict"), err.kind == ERR_NONE ? S("whole") : S("not what was logged"));
    if (err.kind != ERR_NONE)
        tell(telling, S("why"), slice_of(err.why));
    if (check->first_bad != LEDGER_NO_ENTRY)
        tell_number(telling, S("first-bad-entry"), check->first_bad);
    return tell_end(telling, asked->arena);
}

static struct err verify(struct asked *asked)
{
    const char *path = asked->line->files[1], *since = command_text(asked->line, "since");
    struct ledger_checkpoint older;
    struct verifying verifying = {.check = {asked->keys, asked->key_count, .first_bad = LEDGER_NO_ENTRY}};
    struct ledger_folder_check *check = &verifying.check;
    struct err err = OK;
    slice bytes;
    check->each = entry_belongs;
    check->context = &verifying;
    if (since != NULL) {
        TRY(checkpoint_read(asked, since, &bytes, &older));
        check->since = &older;
    }
    /* Who signed comes first: a checkpoint of somebody else says nothing of the tiles. */
    if (asked->key_count > 0)
        err = checkpoint_read(asked, arena_printf(asked->arena, "%s/checkpoint", path), &bytes, &check->checkpoint);
    if (err.kind == ERR_NONE)
        err = folder_verify(path, &verifying, asked->arena);
    if (err.kind != ERR_NONE && !is_answer(err))
        return err;
    asked->status = err.kind == ERR_NONE ? 0 : 1;
    return tell_verdict(asked, check, err);
}

/* Text that we made is printed as it is; what another program logged could be anything. */
static void tell_entry(struct telling *telling, slice bytes, struct arena *arena)
{
    struct ledger_entry entry;
    struct buf text = buf_make(LEDGER_ENTRY_MAX * 2);
    if (ledger_entry_parse(bytes, arena, &entry).kind != ERR_NONE) {
        ledger_line_put_base64(&text, bytes);
        tell(telling, S("base64"), buf_slice(&text));
    } else {
        tell(telling, S("origin"), entry.origin);
        tell_number(telling, S("sequence"), entry.sequence);
    }
    for (size_t i = 0; text.len == 0 && i < entry.count; i++) {
        struct buf digest = buf_make(64);
        ledger_line_put_base64(&digest, sha256_slice(&entry.fields[i].digest));
        tell(telling, entry.fields[i].name, buf_slice(&digest));
        buf_free(&digest);
    }
    buf_free(&text);
}

static struct err show_log(struct asked *asked, struct ledger_folder *folder)
{
    struct ledger_note note;
    struct ledger_checkpoint checkpoint;
    TRY(ledger_note_parse(ledger_folder_note(folder), asked->arena, &note));
    TRY(ledger_checkpoint_parse(note.text, asked->arena, &checkpoint));
    if (asked->key_count > 0)
        TRY(ledger_note_verify(&note, asked->keys, asked->key_count, asked->arena));
    struct telling *telling = tell_begin(asked->line, asked->arena);
    tell_checkpoint(telling, &checkpoint);
    if (asked->key_count > 0)
        tell_signers(telling, &note, asked->arena);
    return tell_end(telling, asked->arena);
}

static struct err show_entry(struct asked *asked, struct ledger_folder *folder)
{
    uint64_t index;
    slice bytes;
    TRY(number_read(asked, asked->line->files[2], &index));
    TRY(ledger_folder_entry(folder, index, asked->arena, &bytes));
    struct telling *telling = tell_begin(asked->line, asked->arena);
    tell_entry(telling, bytes, asked->arena);
    return tell_end(telling, asked->arena);
}

/* The proof of an entry of ours carries the entry: who has it needs nothing else to verify it. */
static struct err prove_entry(struct asked *asked, struct ledger_folder *folder)
{
    struct ledger_proof *proof = arena_new(asked->arena, struct ledger_proof, 1);
    struct ledger_hashes hashes = ledger_folder_hashes(folder);
    struct ledger_entry entry;
    struct buf out = buf_make(LEDGER_PROOF_MAX), opening = buf_make(LEDGER_PROOF_EXTRA_MAX);
    slice bytes;
    TRY(number_read(asked, asked->line->files[2], &proof->index));
    TRY(ledger_folder_entry(folder, proof->index, asked->arena, &bytes));
    TRY(ledger_merkle_include(&hashes, proof->index, ledger_folder_size(folder), &proof->path));
    proof->checkpoint = ledger_folder_note(folder);
    if (ledger_entry_parse(bytes, asked->arena, &entry).kind == ERR_NONE)
        ledger_opening_write(&opening, bytes, NULL, 0);
    proof->extra = buf_slice(&opening);
    ledger_proof_write(&out, proof);
    struct err err = buf_check(&out);
    if (err.kind == ERR_NONE && (fwrite(out.ptr, 1, out.len, stdout) != out.len || !command_written()))
        err = err_errno(asked->arena, "standard output");
    buf_free(&opening);
    buf_free(&out);
    return err;
}

static struct err with_folder(
        struct asked *asked, const char *path, struct err (*act)(struct asked *asked, struct ledger_folder *folder))
{
    struct ledger_folder *folder;
    TRY(ledger_folder_open(path, LEDGER_FOLDER_READ, asked->arena, &folder));
    struct err err = act(asked, folder);
    ledger_folder_close(folder);
    return err;
}

static struct err show(struct asked *asked)
{
    return with_folder(asked, asked->line->files[1], asked->line->file_count == 3 ? show_entry : show_log);
}

static struct err prove(struct asked *asked)
{
    return with_folder(asked, asked->line->files[1], prove_entry);
}

/* ---- Proofs ---- */

/* No, and why: on standard error, since nothing was found. */
static struct err refuse(struct asked *asked, struct err err)
{
    if (!is_answer(err))
        return err;
    fprintf(stderr, "kentongan ledger: %s\n", err.why);
    asked->status = 1;
    return OK;
}

static struct err split_check(struct asked *asked, slice text)
{
    struct ledger_split *split = arena_new(asked->arena, struct ledger_split, 1);
    struct err err = ledger_split_parse(text, asked->arena, split);
    for (size_t i = 0; err.kind == ERR_NONE && i < asked->key_count; i++) {
        struct err one = ledger_split_verify(split, &asked->keys[i], asked->arena);
        if (one.kind == ERR_NONE) {
            struct telling *telling = tell_begin(asked->line, asked->arena);
            tell(telling, S("convicts"), asked->keys[i].name);
            return tell_end(telling, asked->arena);
        }
        err = i + 1 == asked->key_count ? one : err;
    }
    return refuse(asked, err);
}

/* The leaf, from our opening or from the bytes of an entry that --entry names. */
static struct err leaf_of(
        struct asked *asked, const struct ledger_proof *proof, struct ledger_opening *opening, struct sha256 *leaf)
{
    const char *file = command_text(asked->line, "entry");
    slice bytes;
    if (file != NULL) {
        TRY(file_read(asked, file, LEDGER_ENTRY_MAX, &bytes));
    } else {
        if (proof->extra.len == 0)
            return err_make(ERR_INPUT, "does not carry its entry: --entry FILE says what it is");
        TRY(ledger_opening_parse(proof->extra, asked->arena, opening));
        bytes = opening->bytes;
    }
    *leaf = ledger_merkle_leaf(bytes);
    return OK;
}

static struct err inclusion_check(struct asked *asked, slice text)
{
    struct ledger_proof *proof = arena_new(asked->arena, struct ledger_proof, 1);
    struct ledger_opening opening = {.count = 0};
    struct ledger_checkpoint checkpoint = {.size = 0};
    struct ledger_note note;
    struct sha256 leaf;
    struct err err = ledger_proof_parse(text, asked->arena, proof);
    if (err.kind == ERR_NONE)
        err = leaf_of(asked, proof, &opening, &leaf);
    if (err.kind == ERR_NONE)
        err = ledger_proof_verify(proof, &leaf, asked->keys, asked->key_count, asked->arena, &checkpoint, &note);
    if (err.kind == ERR_NONE && opening.bytes.len > 0)
        err = ledger_entry_belongs(&opening.entry, checkpoint.origin, proof->index, asked->arena);
    if (err.kind != ERR_NONE)
        return refuse(asked, err);
    struct telling *telling = tell_begin(asked->line, asked->arena);
    tell_number(telling, S("entry"), proof->index);
    tell_checkpoint(telling, &checkpoint);
    tell_signers(telling, &note, asked->arena);
    for (size_t i = 0; i < opening.count; i++)
        tell(telling,
                slice_of(arena_printf(
                        asked->arena, "field %.*s", (int)opening.fields[i].name.len, opening.fields[i].name.ptr)),
                opening.fields[i].value);
    return tell_end(telling, asked->arena);
}

static struct err check_proof(struct asked *asked)
{
    slice text;
    TRY(key_wanted(asked));
    TRY(file_read(asked, asked->line->files[1], LEDGER_PROOF_MAX, &text));
    return slice_starts(text, S("kentongan-split/")) ? split_check(asked, text) : inclusion_check(asked, text);
}

/* ---- Split views ---- */

/* Makes the path from the tiles of the larger of two checkpoints. */
static struct err split_path(struct asked *asked, struct ledger_split *split, const struct ledger_checkpoint *older,
        const struct ledger_checkpoint *newer)
{
    struct ledger_folder *folder;
    struct sha256 root = {{0}};
    if (older->size == newer->size || older->size == 0)
        return OK;
    if (asked->line->file_count < 4)
        return err_make(ERR_INPUT, "the checkpoints have two sizes: a folder with the log of the larger one says more");
    TRY(ledger_folder_open(asked->line->files[3], LEDGER_FOLDER_READ, asked->arena, &folder));
    struct ledger_hashes hashes = ledger_folder_hashes(folder);
    struct err err = OK;
    if (ledger_folder_size(folder) >= newer->size)
        err = ledger_merkle_root_at(&hashes, newer->size, &root);
    if (err.kind == ERR_NONE && !ledger_hash_eq(&root, &newer->root))
        err = err_format(asked->arena, ERR_INPUT, "%s: does not lead to the larger checkpoint", asked->line->files[3]);
    if (err.kind == ERR_NONE)
        err = ledger_merkle_prefix(&hashes, older->size, newer->size, &split->path);
    ledger_folder_close(folder);
    return err;
}

static struct err split(struct asked *asked)
{
    struct ledger_split *split = arena_new(asked->arena, struct ledger_split, 1);
    struct ledger_checkpoint older, newer;
    TRY(key_wanted(asked));
    if (asked->key_count > 1)
        return err_make(ERR_INPUT, "one key signed both, or nothing is proved: takes one --key");
    struct err err = checkpoint_read(asked, asked->line->files[1], &split->older, &older);
    if (err.kind == ERR_NONE)
        err = checkpoint_read(asked, asked->line->files[2], &split->newer, &newer);
    if (err.kind != ERR_NONE)
        return err.kind == ERR_DENIED ? refuse(asked, err) : err;
    if (older.size > newer.size) {
        struct ledger_checkpoint larger = older;
        slice bytes = split->older;
        older = newer;
        newer = larger;
        split->older = split->newer;
        split->newer = bytes;
    }
    TRY(split_path(asked, split, &older, &newer));
    err = ledger_split_verify(split, &asked->keys[0], asked->arena);
    if (err.kind != ERR_NONE)
        return refuse(asked, err);
    struct buf out = buf_make(LEDGER_SPLIT_MAX);
    ledger_split_write(&out, split);
    err = buf_check(&out);
    if (err.kind == ERR_NONE && (fwrite(out.ptr, 1, out.len, stdout) != out.len || !command_written()))
        err = err_errno(asked->arena, "standard output");
    buf_free(&out);
    return err;
}

static const struct ledger_verb {
    const char *name;
    size_t least, most; /* words, itself included */
    const char *usage;
    struct err (*run)(struct asked *asked);
} verbs[] = {
        {"verify", 2, 2, "verify DIR", verify},
        {"show", 2, 3, "show DIR [SEQ]", show},
        {"prove", 3, 3, "prove DIR SEQ", prove},
        {"check-proof", 2, 2, "check-proof FILE --key VKEY", check_proof},
        {"split", 3, 4, "split CHECKPOINT CHECKPOINT [DIR] --key VKEY", split},
};

static struct err run(struct asked *asked)
{
    const struct command_line *line = asked->line;
    TRY(keys_read(asked));
    for (size_t i = 0; line->file_count > 0 && i < COUNT_OF(verbs); i++) {
        if (strcmp(verbs[i].name, line->files[0]) != 0)
            continue;
        if (line->file_count >= verbs[i].least && line->file_count <= verbs[i].most)
            return verbs[i].run(asked);
        return err_format(asked->arena, ERR_INPUT, "`kentongan ledger %s`", verbs[i].usage);
    }
    return err_make(ERR_INPUT, "takes verify, show, prove, check-proof or split, and what it is for");
}

static int ledger(struct command_line *line)
{
    if (command_text(line, "config") != NULL)
        return ledger_node(line);
    struct asked *asked = arena_new(line->arena, struct asked, 1);
    asked->line = line;
    asked->arena = arena_open("ledger", ARENA_WORK, WORK_MAX);
    struct err err = run(asked);
    int status = err.kind == ERR_NONE ? asked->status : command_fail(line, err);
    arena_close(asked->arena);
    return status;
}

static const struct option_row options[] = {
        OPTION_CONFIG,
        {0, "reason", "TEXT", "Why, for the journal: of clear, renew, erase and forgive"},
        OPTION_PERSON,
        {0, "key", "VKEY", "Key of a log or a witness, as NAME+HASH+BASE64; may be repeated"},
        {0, "since", "FILE", "An older checkpoint that the log has to be consistent with"},
        {0, "entry", "FILE", "The bytes of the entry, for a proof that does not carry it"},
        OPTION_JSON,
};

const struct command command_ledger = {
        .name = "ledger",
        .arguments = "VERB WHAT...",
        .about = "Verify logs and proofs: verify, show, prove, check-proof, split",
        .options = options,
        .option_count = COUNT_OF(options),
        .run = ledger,
};
