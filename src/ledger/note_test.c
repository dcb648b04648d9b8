/* SPDX-License-Identifier: Apache-2.0 */
#include "ledger/note.h"

#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <setjmp.h>

#include <cmocka.h>

#include "base/arena.h"
#include "base/clock.h"
#include "ledger/checkpoint.h"
#include "ledger/cosign.h"

static struct arena *arena;
static struct key_pair log_key, witness_key, other_key;
static struct ledger_signer log_signer, witness, other;
static struct ledger_verifier known[2];
static struct buf out;

/* The key of RFC 8032 section 7.1, test 1: its PEM is the secret in RFC 8410's frame. */
static const char known_key[] = "-----BEGIN PRIVATE KEY-----\n"
                                "MC4CAQAwBQYDK2VwBCIEIJ1hsZ3v/VpguoRK9JLsLMREScVpezJpGXA7rAMcrn9g\n"
                                "-----END PRIVATE KEY-----\n";

static int setup(void **state)
{
    (void)state;
    arena = arena_open("test", ARENA_WORK, 64u << 20);
    out = buf_make(1u << 20);
    key_new(&log_key);
    key_new(&witness_key);
    key_new(&other_key);
    log_signer = (struct ledger_signer){S("node.example/log"), LEDGER_KEY_ED25519, &log_key};
    witness = (struct ledger_signer){S("witness.example/w1"), LEDGER_KEY_COSIGNATURE, &witness_key};
    other = (struct ledger_signer){S("other.example"), LEDGER_KEY_ED25519, &other_key};
    known[0] = ledger_note_key_of(&log_signer);
    known[1] = ledger_note_key_of(&witness);
    return 0;
}

static int teardown(void **state)
{
    (void)state;
    buf_free(&out);
    arena_close(arena);
    return 0;
}

static int fresh(void **state)
{
    (void)state;
    buf_reset(&out);
    return 0;
}

/* ---- Verifier keys ---- */

/* The key id computed by hand: SHA-256 of "log.example/a", a newline, 0x01 and the public key of RFC 8032. */
static void a_verifier_key_is_spelled_as_the_text_says(void **state)
{
    (void)state;
    struct key_pair pair;
    struct ledger_verifier verifier;
    assert_true(key_parse(slice_of(known_key), &pair));
    struct ledger_signer signer = {S("log.example/a"), LEDGER_KEY_ED25519, &pair};
    verifier = ledger_note_key_of(&signer);
    ledger_note_key_write(&out, &verifier);
    assert_string_equal(
            arena_cstr(arena, buf_slice(&out)), "log.example/a+2030c444+AddamAGCsQq31Uv+08lkBzoO4XLz2qYjJa8CGmj3B1Ea");
    struct ledger_verifier read;
    assert_int_equal(ledger_note_key_parse(buf_slice(&out), arena, &read).kind, ERR_NONE);
    assert_true(read.id == verifier.id && read.type == verifier.type && slice_eq(read.name, verifier.name));
    assert_memory_equal(read.key.bytes, verifier.key.bytes, 32);
}

static void one_key_as_log_and_as_witness_has_two_ids(void **state)
{
    (void)state;
    struct ledger_signer signer = log_signer;
    signer.type = LEDGER_KEY_COSIGNATURE;
    assert_true(ledger_note_key_of(&signer).id != known[0].id);
}

static void wrong_verifier_keys_are_refused_with_a_reason(void **state)
{
    (void)state;
    static const struct {
        const char *vkey, *why;
    } rows[] = {
            {"", "NAME+HASH+BASE64"},
            {"log.example/a", "NAME+HASH+BASE64"},
            {"log.example/a+2030c444", "NAME+HASH+BASE64"},
            {"+2030c444+AddamAGCsQq31Uv+08lkBzoO4XLz2qYjJa8CGmj3B1Ea", "name of a key"},
            {"log example+2030c444+AddamAGCsQq31Uv+08lkBzoO4XLz2qYjJa8CGmj3B1Ea", "name of a key"},
            {"log\xc2\xa0"
             "example+2030c444+AddamAGCsQq31Uv+08lkBzoO4XLz2qYjJa8CGmj3B1Ea",
                    "name of a key"},
            {"log.example/b+2030c444+AddamAGCsQq31Uv+08lkBzoO4XLz2qYjJa8CGmj3B1Ea", "hash in the verifier key"},
            {"log.example/a+2030C444+AddamAGCsQq31Uv+08lkBzoO4XLz2qYjJa8CGmj3B1Ea", "8 hexadecimal digits"},
            {"log.example/a+02030c444+AddamAGCsQq31Uv+08lkBzoO4XLz2qYjJa8CGmj3B1Ea", "8 hexadecimal digits"},
            {"log.example/a+2030c444+", "8 hexadecimal digits"},
            {"log.example/a+2030c444+A!==", "8 hexadecimal digits"},
            {"log.example/a+00000000+Ag==", "type 0x02 (unknown)"},
            {"log.example/a+00000000+Bg==", "type 0x06 (ML-DSA-44)"},
            {"log.example/a+2030c444+AQ==", "has 32 bytes, not 0"},
    };
    struct ledger_verifier verifier;
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        struct err err = ledger_note_key_parse(slice_of(rows[i].vkey), arena, &verifier);
        assert_int_equal(err.kind, ERR_INPUT);
        if (strstr(err.why, rows[i].why) == NULL)
            fail_msg("%s: %s", rows[i].vkey, err.why);
    }
}

/* ---- Notes ---- */

static slice signed_by(const struct ledger_signer *const *signers, size_t count, slice text)
{
    buf_reset(&out);
    ledger_note_begin(&out, text);
    for (size_t i = 0; i < count; i++)
        ledger_note_sign(&out, text, signers[i], 1800000000 * SECOND_US);
    return buf_slice(&out);
}

static void what_was_signed_verifies_and_names_who_signed(void **state)
{
    (void)state;
    struct ledger_note note;
    slice text = S("a text\n\nwith an empty line\n");
    const struct ledger_signer *signers[] = {&other, &log_signer, &witness};
    slice bytes = signed_by(signers, 3, text);
    assert_int_equal(ledger_note_parse(bytes, arena, &note).kind, ERR_NONE);
    assert_true(slice_eq(note.text, text));
    assert_int_equal(note.count, 3);
    assert_int_equal(ledger_note_verify(&note, known, 2, arena).kind, ERR_NONE);
    assert_null(note.signatures[0].by);
    assert_ptr_equal(note.signatures[1].by, &known[0]);
    assert_ptr_equal(note.signatures[2].by, &known[1]);
    assert_true(ledger_cosign_time(note.signatures[2].bytes) == 1800000000 * SECOND_US);
}

static void a_bad_signature_of_a_known_key_voids_the_note(void **state)
{
    (void)state;
    struct ledger_note note;
    const struct ledger_signer *signers[] = {&log_signer, &witness};
    slice bytes = signed_by(signers, 2, S("text\n"));
    for (int which = 0; which < 2; which++) {
        assert_int_equal(ledger_note_parse(bytes, arena, &note).kind, ERR_NONE);
        const char *at = note.signatures[which].bytes.ptr;
        char *copy = arena_take(arena, note.signatures[which].bytes.len);
        memcpy(copy, at, note.signatures[which].bytes.len);
        copy[note.signatures[which].bytes.len - 1] ^= 1;
        note.signatures[which].bytes.ptr = copy;
        struct err err = ledger_note_verify(&note, known, 2, arena);
        assert_int_equal(err.kind, ERR_DENIED);
        assert_non_null(strstr(err.why, which == 0 ? "node.example/log" : "witness.example/w1"));
        note.signatures[which].bytes.len--;
        assert_int_equal(ledger_note_verify(&note, known, 2, arena).kind, ERR_DENIED);
    }
}

static void another_text_does_not_verify(void **state)
{
    (void)state;
    struct ledger_note note;
    const struct ledger_signer *signers[] = {&log_signer};
    slice bytes = signed_by(signers, 1, S("text\n"));
    assert_int_equal(ledger_note_parse(bytes, arena, &note).kind, ERR_NONE);
    note.text = S("Text\n");
    assert_int_equal(ledger_note_verify(&note, known, 2, arena).kind, ERR_DENIED);
}

/* A name or an id alone is not the key (signed-note, Signatures). */
static void unknown_keys_are_ignored_and_alone_are_not_enough(void **state)
{
    (void)state;
    struct ledger_note note;
    struct ledger_signer namesake = other, second;
    namesake.name = log_signer.name;
    second = log_signer;
    second.name = S("node.example/log2");
    const struct ledger_signer *signers[] = {&namesake, &second, &log_signer};
    slice bytes = signed_by(signers, 3, S("text\n"));
    assert_int_equal(ledger_note_parse(bytes, arena, &note).kind, ERR_NONE);
    assert_int_equal(ledger_note_verify(&note, known, 2, arena).kind, ERR_NONE);
    bytes = signed_by(signers, 2, S("text\n"));
    assert_int_equal(ledger_note_parse(bytes, arena, &note).kind, ERR_NONE);
    struct err err = ledger_note_verify(&note, known, 2, arena);
    assert_int_equal(err.kind, ERR_DENIED);
    assert_string_equal(err.why, "no key that we know signed the note");
    assert_int_equal(ledger_note_verify(&note, NULL, 0, arena).kind, ERR_DENIED);
}

/* A signature of ML-DSA-44 (type 0x06) is 2428 bytes behind its id; nobody here can read it, and it harms nobody. */
static void signatures_of_kinds_to_come_are_ignored(void **state)
{
    (void)state;
    struct ledger_note note;
    const struct ledger_signer *signers[] = {&log_signer};
    signed_by(signers, 1, S("text\n"));
    buf_put(&out, S("\xe2\x80\x94 node.example/log "));
    for (int i = 0; i < (4 + 8 + 2420) / 3; i++)
        buf_put(&out, S("AAAA"));
    buf_put(&out, S("AAA=\n"));
    assert_int_equal(ledger_note_parse(buf_slice(&out), arena, &note).kind, ERR_NONE);
    assert_int_equal(note.count, 2);
    assert_int_equal(ledger_note_verify(&note, known, 2, arena).kind, ERR_NONE);
}

#define LINE "\xe2\x80\x94 a.example AAAAAAA=\n"

static void what_is_no_note_is_refused_with_a_reason(void **state)
{
    (void)state;
    const struct {
        slice note;
        const char *why;
    } rows[] = {
            {{"", 0}, "no empty line"},
            {S("text\n" LINE), "no empty line"},
            {S("text\n\n"), "no signature"},
            {S("text\n\n\xe2\x80\x94 a.example AAAAAAA="), "no signature, or no newline"},
            {S("text\n\n- a.example AAAAAAA=\n"), "signature 1 of the note does not begin with an em dash"},
            {S("text\n\n" LINE "more\n"), "signature 2 of the note does not begin"},
            {S("text\n\n\xe2\x80\x94  AAAAAAA=\n"), "has no name of a key"},
            {S("text\n\n\xe2\x80\x94 a+b AAAAAAA=\n"), "has no name of a key"},
            {S("text\n\n\xe2\x80\x94 a.example\n"), "has no signature in base64"},
            {S("text\n\n\xe2\x80\x94 a.example AAAAAAA\n"), "has no signature in base64"},
            {S("text\n\n\xe2\x80\x94 a.example AAAAAAB=\n"), "has no signature in base64"},
            {S("text\n\n\xe2\x80\x94 a.example AAAA-_A=\n"), "has no signature in base64"},
            {S("text\n\n\xe2\x80\x94 a.example AAAA\xe2\x80\x94"
               "A\n"),
                    "has no signature in base64"},
            {S("text\n\n\xe2\x80\x94 a.example AAAAAA==\n"), "has no signature in base64"}, /* an id alone */
            {S("text\n\n\xe2\x80\x94 a.example AAAAAAA= \n"), "has no signature in base64"},
            {S("te\txt\n\n" LINE), "without control characters"},
            {S("te\rxt\n\n" LINE), "without control characters"},
            {S("te\0xt\n\n" LINE), "without control characters"},
            {S("te\xffxt\n\n" LINE), "without control characters"},
            {S("te\xed\xa0\x80xt\n\n" LINE), "without control characters"},
    };
    struct ledger_note note;
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        struct err err = ledger_note_parse(rows[i].note, arena, &note);
        assert_int_equal(err.kind, ERR_INPUT);
        if (strstr(err.why, rows[i].why) == NULL)
            fail_msg("%zu: %s", i, err.why);
    }
    assert_int_equal(ledger_note_parse(S("text\n\n" LINE LINE), arena, &note).kind, ERR_NONE);
}

static void a_note_has_its_ceilings(void **state)
{
    (void)state;
    struct ledger_note note;
    buf_put(&out, S("text\n\n"));
    for (int i = 0; i < LEDGER_NOTE_SIGNATURES_MAX; i++)
        buf_put(&out, S(LINE));
    assert_int_equal(ledger_note_parse(buf_slice(&out), arena, &note).kind, ERR_NONE);
    buf_put(&out, S(LINE));
    assert_int_equal(ledger_note_parse(buf_slice(&out), arena, &note).kind, ERR_LIMIT);
    buf_reset(&out);
    for (int i = 0; i < LEDGER_NOTE_MAX; i++)
        buf_byte(&out, 'a');
    buf_put(&out, S("\n\n" LINE));
    assert_int_equal(ledger_note_parse(buf_slice(&out), arena, &note).kind, ERR_LIMIT);
}

/* ---- Checkpoints ---- */

#define ROOT "47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU="

static void what_is_no_checkpoint_is_refused_with_its_line(void **state)
{
    (void)state;
    static const struct {
        const char *text, *why;
    } rows[] = {
            {"", "line 1"},
            {"\n0\n" ROOT "\n", "line 1"},
            {"a.example", "line 1"},
            {"a.example\n", "line 2"},
            {"a.example\n\n" ROOT "\n", "line 2"},
            {"a.example\n00\n" ROOT "\n", "line 2"},
            {"a.example\n01\n" ROOT "\n", "line 2"},
            {"a.example\n-1\n" ROOT "\n", "line 2"},
            {"a.example\n+1\n" ROOT "\n", "line 2"},
            {"a.example\n1 \n" ROOT "\n", "line 2"},
            {"a.example\n9223372036854775808\n" ROOT "\n", "line 2"},
            {"a.example\n1\n", "line 3"},
            {"a.example\n1\n" ROOT, "line 3"},
            {"a.example\n1\nAAAA\n", "line 3"},
            {"a.example\n1\n47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFV=\n", "line 3"},
            {"a.example\n1\nkbZWZ5K/JnE\xe2\x80\x94mNk6k62J5hGJ+vsFDA695ItOWUveM=\n", "line 3"},
            {"a.example\n1\n" ROOT "\n\n", "extension"},
            {"a.example\n1\n" ROOT "\nx\n\ny\n", "extension"},
            {"a.example\n1\n" ROOT "\nx", "extension"},
            {"a\tb\n1\n" ROOT "\n", "control characters"},
    };
    struct ledger_checkpoint checkpoint;
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        struct err err = ledger_checkpoint_parse(slice_of(rows[i].text), arena, &checkpoint);
        assert_int_equal(err.kind, ERR_INPUT);
        if (strstr(err.why, rows[i].why) == NULL)
            fail_msg("%zu: %s", i, err.why);
    }
}

static void a_checkpoint_is_written_as_it_was_parsed(void **state)
{
    (void)state;
    static const char *const texts[] = {"a.example\n0\n" ROOT "\n",
            "an origin with spaces\n9223372036854775807\n" ROOT "\n", "a.example\n10\n" ROOT "\nmore\nand more\n"};
    struct ledger_checkpoint checkpoint;
    for (size_t i = 0; i < COUNT_OF(texts); i++) {
        buf_reset(&out);
        assert_int_equal(ledger_checkpoint_parse(slice_of(texts[i]), arena, &checkpoint).kind, ERR_NONE);
        ledger_checkpoint_write(&out, &checkpoint);
        assert_true(slice_eq(buf_slice(&out), slice_of(texts[i])));
    }
}

static void a_checkpoint_needs_the_log_itself(void **state)
{
    (void)state;
    struct ledger_checkpoint checkpoint = {S("node.example/log"), 7, {{1, 2, 3}}, {NULL, 0}}, read;
    struct ledger_note note;
    const struct ledger_signer both[] = {log_signer, witness};
    ledger_checkpoint_sign(&out, &checkpoint, both, 2, 1800000000 * SECOND_US);
    assert_int_equal(ledger_checkpoint_open(buf_slice(&out), known, 2, arena, &read, &note).kind, ERR_NONE);
    assert_true(read.size == 7 && ledger_hash_eq(&read.root, &checkpoint.root) && slice_eq(read.origin, both[0].name));
    assert_int_equal(note.count, 2);
    assert_int_equal(ledger_checkpoint_open(buf_slice(&out), known, 1, arena, &read, NULL).kind, ERR_NONE);
    struct err err = ledger_checkpoint_open(buf_slice(&out), known + 1, 1, arena, &read, NULL);
    assert_int_equal(err.kind, ERR_DENIED);
    assert_string_equal(err.why, "witnesses signed the checkpoint, but no key of a log that we know");
}

/* The time is signed: with another one the signature is worth nothing (tlog-cosignature, Format). */
static void the_time_of_a_cosignature_counts(void **state)
{
    (void)state;
    uint8_t signature[LEDGER_COSIGNATURE_BYTES];
    slice bytes = {(const char *)signature, sizeof signature}, text = S("a.example\n0\n" ROOT "\n");
    ledger_cosign_make(&witness_key, text, 1679315147 * SECOND_US + 999999, signature);
    assert_true(ledger_cosign_time(bytes) == 1679315147 * SECOND_US);
    assert_true(ledger_cosign_verify(&witness_key.public, text, bytes));
    assert_false(ledger_cosign_verify(&witness_key.public, S("a.example\n1\n" ROOT "\n"), bytes));
    assert_false(ledger_cosign_verify(&log_key.public, text, bytes));
    assert_false(ledger_cosign_verify(&witness_key.public, text, slice_part(bytes, 0, bytes.len - 1)));
    signature[7] ^= 1;
    assert_false(ledger_cosign_verify(&witness_key.public, text, bytes));
    signature[7] ^= 1;
    signature[0] = 0x80; /* beyond 2^63 - 1 */
    assert_false(ledger_cosign_verify(&witness_key.public, text, bytes));
    /* What is signed, to the byte. */
    ledger_cosign_make(&witness_key, text, 1679315147 * SECOND_US, signature);
    slice message = slice_of(arena_printf(arena, "cosignature/v1\ntime 1679315147\n%s", text.ptr));
    assert_true(key_verify(&witness_key.public, message, slice_from(bytes, 8)));
}

int main(void)
{
    cmocka_set_message_output(CM_OUTPUT_TAP);
    static const struct CMUnitTest tests[] = {
            cmocka_unit_test_setup(a_verifier_key_is_spelled_as_the_text_says, fresh),
            cmocka_unit_test_setup(one_key_as_log_and_as_witness_has_two_ids, fresh),
            cmocka_unit_test_setup(wrong_verifier_keys_are_refused_with_a_reason, fresh),
            cmocka_unit_test_setup(what_was_signed_verifies_and_names_who_signed, fresh),
            cmocka_unit_test_setup(a_bad_signature_of_a_known_key_voids_the_note, fresh),
            cmocka_unit_test_setup(another_text_does_not_verify, fresh),
            cmocka_unit_test_setup(unknown_keys_are_ignored_and_alone_are_not_enough, fresh),
            cmocka_unit_test_setup(signatures_of_kinds_to_come_are_ignored, fresh),
            cmocka_unit_test_setup(what_is_no_note_is_refused_with_a_reason, fresh),
            cmocka_unit_test_setup(a_note_has_its_ceilings, fresh),
            cmocka_unit_test_setup(what_is_no_checkpoint_is_refused_with_its_line, fresh),
            cmocka_unit_test_setup(a_checkpoint_is_written_as_it_was_parsed, fresh),
            cmocka_unit_test_setup(a_checkpoint_needs_the_log_itself, fresh),
            cmocka_unit_test_setup(the_time_of_a_cosignature_counts, fresh),
    };
    return cmocka_run_group_tests(tests, setup, teardown);
}
