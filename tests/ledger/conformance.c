/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The ledger against what others wrote (../shared/conformance, which is no part of the project): proofs that have to
 * verify and proofs that must not, a real log with its checkpoints, Ed25519 signatures that break those who are
 * careless. Where the data is not, a test says so.
 */
#include "ledger/test_folder.h"

#include "ledger/line.h"
#include "json/check.h"
#include "json/read.h"

static const char *data_at(const char *name)
{
    const char *data = getenv("KENTONGAN_CONFORMANCE"), *root = getenv("KENTONGAN_ROOT");
    return data != NULL ? arena_printf(test.arena, "%s/%s", data, name)
                        : arena_printf(test.arena, "%s/../shared/conformance/%s", root == NULL ? "." : root, name);
}

/* An empty slice if there is none; a test that skip() ended counts as failed. */
static slice data_read(const char *name)
{
    const char *path = data_at(name);
    FILE *file = fopen(path, "rb");
    if (file == NULL) {
        print_message("# skipped: no conformance data at %s\n", path);
        return (slice){NULL, 0};
    }
    char *bytes;
    size_t room;
    FILE *memory = open_memstream(&bytes, &room);
    for (int c = getc(file); c != EOF; c = getc(file))
        putc(c, memory);
    fclose(memory);
    fclose(file);
    slice text = arena_copy(test.arena, (slice){bytes, room});
    free(bytes);
    return text;
}

/* ---- Proofs (transparency-dev/merkle) ---- */

static bool (*verifies)(slice vector);
static size_t judged[2]; /* that have to verify, and that must not */

static int judge(const char *path, const struct stat *about, int kind, struct FTW *place)
{
    (void)about;
    (void)place;
    const char *base = data_at("");
    if (kind != FTW_F || !slice_ends(slice_of(path), S(".json")))
        return 0;
    slice vector = data_read(path + strlen(base));
    assert_int_equal(json_check(vector, &json_limits_default, NULL).kind, ERR_NONE);
    bool is_wrong = json_kind(json_get(vector, S("wantErr"))) == JSON_TRUE;
    if (verifies(vector) == is_wrong)
        fail_msg("%s: %s", path, is_wrong ? "was taken" : "was refused");
    judged[is_wrong]++;
    return 0;
}

/* Every vector below the folder. */
static void judge_all(const char *name)
{
    judged[0] = judged[1] = 0;
    if (nftw(data_at(name), judge, 16, FTW_PHYS) != 0)
        print_message("# skipped: no conformance data at %s\n", data_at(name));
    else
        assert_true(judged[0] > 0 && judged[1] > 20);
    print_message("# %zu verify, %zu must not\n", judged[0], judged[1]);
}

/* A hash that is none is refused where it is read, in every form that has hashes. */
static bool hash_of(slice vector, slice name, struct sha256 *hash)
{
    return ledger_line_hash(json_text(json_get(vector, name), test.arena), hash);
}

static bool path_of(slice vector, struct ledger_path *path)
{
    struct json_elements elements = json_elements(json_get(vector, S("proof")));
    slice value;
    for (path->count = 0; json_element_next(&elements, &value); path->count++)
        if (path->count == LEDGER_PATH_MAX ||
                !ledger_line_hash(json_text(value, test.arena), &path->hashes[path->count]))
            return false;
    return true;
}

static bool number_of(slice vector, slice name, uint64_t *number)
{
    return slice_u64(json_get(vector, name), UINT64_MAX, number);
}

static bool consistency_verifies(slice vector)
{
    uint64_t old, size;
    struct sha256 old_root, root;
    struct ledger_path path;
    return number_of(vector, S("size1"), &old) && number_of(vector, S("size2"), &size) &&
           hash_of(vector, S("root1"), &old_root) && hash_of(vector, S("root2"), &root) && path_of(vector, &path) &&
           ledger_merkle_extends(old, &old_root, size, &root, &path);
}

static bool inclusion_verifies(slice vector)
{
    uint64_t index, size;
    struct sha256 leaf, root;
    struct ledger_path path;
    return number_of(vector, S("leafIdx"), &index) && number_of(vector, S("treeSize"), &size) &&
           hash_of(vector, S("leafHash"), &leaf) && hash_of(vector, S("root"), &root) && path_of(vector, &path) &&
           ledger_merkle_included(&leaf, index, size, &path, &root);
}

static void consistency_proofs_of_others(void **state)
{
    (void)state;
    verifies = consistency_verifies;
    judge_all("tlog/merkle/consistency");
}

static void inclusion_proofs_of_others(void **state)
{
    (void)state;
    verifies = inclusion_verifies;
    judge_all("tlog/merkle/inclusion");
}

/* ---- A real log (transparency-dev/tessera): 15 entries, a checkpoint after each ---- */

enum { ENTRIES = 15 };

static struct ledger_verifier its_key;
static struct ledger_checkpoint its_checkpoints[ENTRIES + 1];

/* A copy that ends at a checkpoint, and what is needed to verify it; false without data. */
static bool real_log(unsigned size)
{
    static const char *const folders[] = {"", "tile", "tile/0", "tile/0/000.p", "tile/entries", "tile/entries/000.p"};
    slice vkey = data_read("tlog/tessera-log.vkey");
    if (vkey.len == 0)
        return false;
    test_fine(ledger_note_key_parse(slice_trim(vkey), test.arena, &its_key));
    nftw(test.path, test_forget, 16, FTW_DEPTH | FTW_PHYS);
    for (size_t i = 0; i < COUNT_OF(folders); i++)
        assert_int_equal(mkdir(test_file(folders[i]), 0755), 0);
    for (unsigned i = 0; i <= ENTRIES; i++) {
        slice note = data_read(arena_printf(test.arena, "tlog/tessera-log/checkpoint.%u", i));
        test_fine(ledger_checkpoint_open(note, &its_key, 1, test.arena, &its_checkpoints[i], NULL));
        assert_int_equal(its_checkpoints[i].size, i);
        if (i == size)
            test_write("checkpoint", note);
        for (size_t k = 3; i > 0 && i <= size && k < COUNT_OF(folders); k += 2) {
            const char *name = arena_printf(test.arena, "%s/%u", folders[k], i);
            test_write(name, data_read(arena_printf(test.arena, "tlog/tessera-log/%s", name)));
        }
    }
    return true;
}

static struct err real_verify(const struct ledger_checkpoint *since, struct ledger_folder_check *check)
{
    struct ledger_folder *folder;
    *check = (struct ledger_folder_check){.known = &its_key, .known_count = 1, .since = since};
    TRY(ledger_folder_open(test.path, LEDGER_FOLDER_READ, test.arena, &folder));
    struct err err = ledger_folder_verify(folder, check, test.arena);
    ledger_folder_close(folder);
    return err;
}

static void a_real_log_verifies_from_each_checkpoint_to_each(void **state)
{
    (void)state;
    struct ledger_folder_check check;
    for (unsigned size = 0; size <= ENTRIES; size++) {
        if (!real_log(size))
            return;
        for (unsigned old = 0; old <= size; old++)
            test_fine(real_verify(&its_checkpoints[old], &check));
        for (unsigned later = size + 1; later <= ENTRIES; later++)
            test_fails(real_verify(&its_checkpoints[later], &check), ERR_DENIED, "the log went back");
    }
}

static void its_proofs_lead_to_its_signed_roots(void **state)
{
    (void)state;
    struct ledger_folder *folder;
    static struct ledger_path path;
    if (!real_log(ENTRIES))
        return;
    test_fine(ledger_folder_open(test.path, LEDGER_FOLDER_READ, test.arena, &folder));
    struct ledger_hashes hashes = ledger_folder_hashes(folder);
    for (unsigned size = 1; size <= ENTRIES; size++)
        for (unsigned i = 0; i < size; i++) {
            slice entry;
            test_fine(ledger_folder_entry(folder, i, test.arena, &entry));
            struct sha256 leaf = ledger_merkle_leaf(entry);
            test_fine(ledger_merkle_include(&hashes, i, size, &path));
            assert_true(ledger_merkle_included(&leaf, i, size, &path, &its_checkpoints[size].root));
            test_fine(ledger_merkle_extend(&hashes, i + 1, size, &path));
            assert_true(ledger_merkle_extends(
                    i + 1, &its_checkpoints[i + 1].root, size, &its_checkpoints[size].root, &path));
        }
    ledger_folder_close(folder);
}

static void a_real_log_goes_on_in_our_hands(void **state)
{
    (void)state;
    struct ledger_folder *folder;
    struct ledger_folder_check check;
    if (!real_log(ENTRIES))
        return;
    test_fine(ledger_folder_open(test.path, LEDGER_FOLDER_APPEND, test.arena, &folder));
    test_fine(ledger_folder_append(folder, ENTRIES, test_entries(0, 300), 300, test.arena));
    struct buf note = buf_make(4096);
    struct ledger_checkpoint checkpoint = its_checkpoints[ENTRIES];
    checkpoint.size = ledger_folder_size(folder);
    checkpoint.root = ledger_folder_root(folder);
    ledger_checkpoint_sign(&note, &checkpoint, &test.signer, 1, TEST_TIME_US);
    test_fine(ledger_folder_publish(folder, buf_slice(&note), test.arena));
    buf_free(&note);
    ledger_folder_close(folder);
    its_key = test.verifier;
    for (unsigned i = 0; i <= ENTRIES; i++)
        test_fine(real_verify(&its_checkpoints[i], &check));
}

/* Every byte of both tiles, two entries in another order, an older state with the newer checkpoint. */
static void whatever_is_changed_in_a_real_log_is_found(void **state)
{
    (void)state;
    static const char *const tiles[] = {"tile/0/000.p/15", "tile/entries/000.p/15"};
    struct ledger_folder_check check;
    if (!real_log(ENTRIES))
        return;
    for (size_t i = 0; i < COUNT_OF(tiles); i++) {
        test_read(tiles[i]);
        for (size_t at = 0, len = test.file.len; at < len; at++) {
            test_flip(tiles[i], at);
            assert_true(real_verify(NULL, &check).kind != ERR_NONE);
            test_flip(tiles[i], at);
        }
    }
    test_fine(real_verify(NULL, &check));
    struct buf bundle = buf_make(1u << 16);
    slice entries[ENTRIES], rest;
    test_read(tiles[1]);
    rest = buf_slice(&test.file);
    for (unsigned i = 0; i < ENTRIES; i++)
        assert_true(ledger_tile_next_entry(&rest, &entries[i]));
    for (unsigned i = 0; i < ENTRIES; i++)
        ledger_tile_put_entry(&bundle, entries[i == 3 ? 4 : i == 4 ? 3 : i]);
    test_write(tiles[1], buf_slice(&bundle));
    buf_free(&bundle);
    test_fails(real_verify(NULL, &check), ERR_INPUT, "entry 3 is not the one");
    assert_true(real_log(ENTRIES - 1));
    test_write("checkpoint", data_read("tlog/tessera-log/checkpoint.15"));
    test_fails(real_verify(NULL, &check), ERR_INPUT, "tile/0/000.p/15: is not there");
}

/* ---- The example of the text itself (C2SP signed-note, Verifier keys, Example) ---- */

/* What stands behind the words, up to the next of these. */
static slice between(slice text, slice words, slice end)
{
    text = slice_from(text, slice_find_slice(text, words));
    assert_true(text.len > words.len);
    text = slice_from(text, words.len);
    return slice_part(text, 0, slice_find_slice(text, end));
}

static void the_example_of_the_text(void **state)
{
    (void)state;
    struct ledger_verifier key;
    struct ledger_note note;
    slice text = data_read("tlog/specs/signed-note.md");
    if (text.len == 0)
        return;
    text = slice_from(text, slice_find_slice(text, S("The following verifier key")));
    slice vkey = slice_trim(between(text, S("verifier key\n"), S("verifies"))),
          bytes = between(text, S("```\n"), S("```"));
    test_fine(ledger_note_key_parse(vkey, test.arena, &key));
    test_fine(ledger_note_parse(bytes, test.arena, &note));
    test_fine(ledger_note_verify(&note, &key, 1, test.arena));
    assert_true(slice_eq(note.text, S("This is an example message.\n")));
}

/* ---- Ed25519 (C2SP/wycheproof) ---- */

static slice unhex(slice text)
{
    char *bytes = arena_take(test.arena, text.len / 2 + 1);
    for (size_t i = 0; i + 1 < text.len; i += 2)
        bytes[i / 2] = (char)(byte_hex(text.ptr[i]) << 4 | byte_hex(text.ptr[i + 1]));
    return (slice){bytes, text.len / 2};
}

static void signatures_that_break_the_careless(void **state)
{
    (void)state;
    slice rest = data_read("crypto/ed25519-wycheproof-a.jsonl"), line;
    size_t count = 0;
    while (ledger_line_next(&rest, &line)) {
        struct key_public key;
        slice public = unhex(json_text(json_get(line, S("pk")), test.arena)),
              message = unhex(json_text(json_get(line, S("msg")), test.arena)),
              signature = unhex(json_text(json_get(line, S("sig")), test.arena));
        assert_int_equal(public.len, sizeof key.bytes);
        memcpy(key.bytes, public.ptr, sizeof key.bytes);
        bool is_valid = slice_eq(json_text(json_get(line, S("result")), test.arena), S("valid"));
        if (key_verify(&key, message, signature) != is_valid)
            fail_msg("line %zu: %.*s", count + 1, (int)line.len, line.ptr);
        count++;
    }
    assert_true(count == 0 || count > 50);
}

int main(void)
{
    cmocka_set_message_output(CM_OUTPUT_TAP);
#define TEST(name) cmocka_unit_test_setup_teardown(name, test_open, test_close)
    static const struct CMUnitTest tests[] = {
            TEST(consistency_proofs_of_others),
            TEST(inclusion_proofs_of_others),
            TEST(a_real_log_verifies_from_each_checkpoint_to_each),
            TEST(its_proofs_lead_to_its_signed_roots),
            TEST(a_real_log_goes_on_in_our_hands),
            TEST(whatever_is_changed_in_a_real_log_is_found),
            TEST(the_example_of_the_text),
            TEST(signatures_that_break_the_careless),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
