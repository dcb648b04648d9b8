/* SPDX-License-Identifier: Apache-2.0 */
#include "app/archive.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/arena.h"

#define TIME INT64_C(1795000000000000)

static struct arena *arena;

static int set_up(void **state)
{
    (void)state;
    arena = arena_open("test", ARENA_WORK, 512u << 20);
    return 0;
}

static int tear_down(void **state)
{
    (void)state;
    arena_close(arena);
    return 0;
}

/* ---- An archive in memory, right or wrong ---- */

struct piece {
    const char *name, *content;
};

static const struct piece good[] = {
        {"database", "SQLite format 3"}, {"keys/node.key", "a key"}, {"node.conf", "[node]\nname = Melati\n"}};

static struct archive about(const struct piece *pieces, size_t count)
{
    struct archive archive = {.version = S("0.1.0"), .node = S("Melati CERT"), .time_us = TIME};
    archive.members = arena_new(arena, struct archive_member, count);
    archive.count = count;
    for (size_t i = 0; i < count; i++) {
        slice content = slice_of(pieces[i].content);
        archive.members[i] = (struct archive_member){slice_of(pieces[i].name), content.len, hash_sha256(content)};
        archive.keys |= slice_starts(slice_of(pieces[i].name), S("keys/"));
    }
    return archive;
}

static void put_member(struct buf *out, const char *name, slice content)
{
    tar_put_header(out, &(struct tar_file){slice_of(name), content.len, 0600, TIME});
    buf_put(out, content);
    tar_put_zeros(out, tar_pad(content.len));
}

static void put_pieces(struct buf *out, slice manifest, const struct piece *pieces, size_t count)
{
    put_member(out, "MANIFEST", manifest);
    for (size_t i = 0; i < count; i++)
        put_member(out, pieces[i].name, slice_of(pieces[i].content));
    tar_put_zeros(out, TAR_END);
}

static struct buf whole(const struct piece *pieces, size_t count)
{
    struct buf out = buf_make(1u << 20), manifest = buf_make(1u << 20);
    struct archive archive = about(pieces, count);
    archive_manifest_write(&manifest, &archive);
    put_pieces(&out, buf_slice(&manifest), pieces, count);
    buf_free(&manifest);
    assert_int_equal(buf_check(&out).kind, ERR_NONE);
    return out;
}

/* ---- Reading it ---- */

struct seen {
    slice rest;
    struct buf text; /* "NAME=CONTENT;" */
    size_t begun, ended;
};

/* In pieces of odd sizes, as a pipe may give them. */
static struct err give(void *context, char *to, size_t room, size_t *got)
{
    struct seen *seen = context;
    size_t bytes = seen->rest.len < 1000 ? seen->rest.len : 1000;
    *got = bytes < room ? bytes : room;
    memcpy(to, seen->rest.ptr, *got);
    seen->rest = slice_from(seen->rest, *got);
    return OK;
}

static struct err on_begin(void *context, const struct archive *archive)
{
    (void)context;
    assert_true(archive->count > 0);
    return OK;
}

static struct err on_member(void *context, const struct archive_member *member)
{
    struct seen *seen = context;
    seen->begun++;
    buf_put(&seen->text, member->name);
    buf_byte(&seen->text, '=');
    return OK;
}

static struct err on_bytes(void *context, slice bytes)
{
    buf_put(&((struct seen *)context)->text, bytes);
    return OK;
}

static struct err on_end(void *context)
{
    struct seen *seen = context;
    seen->ended++;
    buf_byte(&seen->text, ';');
    return OK;
}

static struct err read_text(slice text, struct seen *seen, struct archive *archive)
{
    *seen = (struct seen){.rest = text, .text = buf_make(1u << 20)};
    const struct archive_source source = {seen, give};
    const struct archive_sink sink = {seen, on_begin, on_member, on_bytes, on_end};
    return archive_read("a.tar", &source, &sink, arena, archive);
}

static void assert_refused(slice text, enum err_kind kind, const char *why)
{
    struct seen seen;
    struct archive archive;
    struct err err = read_text(text, &seen, &archive);
    buf_free(&seen.text);
    if (err.kind != kind || strstr(err.why, why) == NULL)
        fail_msg("got: %s: %s; expected: %s", err_name(err.kind), err.why == NULL ? "" : err.why, why);
}

/* ---- Tests ---- */

static void what_was_written_is_read(void **state)
{
    (void)state;
    struct buf out = whole(good, COUNT_OF(good));
    struct seen seen;
    struct archive archive;
    assert_int_equal(read_text(buf_slice(&out), &seen, &archive).kind, ERR_NONE);
    assert_true(slice_eq(buf_slice(&seen.text),
            S("database=SQLite format 3;keys/node.key=a key;node.conf=[node]\nname = Melati\n;")));
    assert_true(slice_eq(archive.node, S("Melati CERT")) && slice_eq(archive.version, S("0.1.0")));
    assert_true(archive.keys && archive.time_us == TIME && archive.engine == DB_SQLITE);
    buf_free(&seen.text);
    buf_free(&out);
}

static void one_that_ends_early_is_refused_wherever_it_ends(void **state)
{
    (void)state;
    struct buf out = whole(good, COUNT_OF(good));
    for (size_t len = 0; len < out.len; len++) {
        struct seen seen;
        struct archive archive;
        arena_reset(arena);
        struct err err = read_text(slice_part(buf_slice(&out), 0, len), &seen, &archive);
        assert_int_equal(err.kind, ERR_INPUT);
        assert_non_null(strstr(err.why, "ends here, before its end"));
        buf_free(&seen.text);
    }
    buf_free(&out);
}

static void one_with_a_changed_bit_is_refused_wherever_it_is(void **state)
{
    (void)state;
    static const char flips[] = {1, (char)0x80};
    struct buf out = whole(good, COUNT_OF(good));
    for (size_t at = 0; at < out.len; at++)
        for (size_t i = 0; i < COUNT_OF(flips); i++) {
            struct seen seen;
            struct archive archive;
            out.ptr[at] = (char)(out.ptr[at] ^ flips[i]);
            arena_reset(arena);
            struct err err = read_text(buf_slice(&out), &seen, &archive);
            if (err.kind == ERR_NONE)
                fail_msg("byte %zu", at);
            buf_free(&seen.text);
            out.ptr[at] = (char)(out.ptr[at] ^ flips[i]);
        }
    buf_free(&out);
}

static void what_stands_behind_the_end_is_refused(void **state)
{
    (void)state;
    struct buf out = whole(good, COUNT_OF(good));
    buf_byte(&out, '\0');
    assert_refused(buf_slice(&out), ERR_INPUT, "something follows behind its end");
    buf_free(&out);
}

static void what_is_no_backup_is_refused(void **state)
{
    (void)state;
    struct buf out = buf_make(1u << 20);
    assert_refused(S(""), ERR_INPUT, "byte 0 (MANIFEST): the archive ends here");
    for (size_t i = 0; i < 100; i++)
        buf_put(&out, S("Selamat pagi. "));
    assert_refused(buf_slice(&out), ERR_INPUT, "no header of a tar archive");
    buf_reset(&out);
    put_member(&out, "node.conf", S("[node]\n"));
    assert_refused(buf_slice(&out), ERR_INPUT, "its first member is no MANIFEST");
    buf_reset(&out);
    tar_put_zeros(&out, TAR_END);
    assert_refused(buf_slice(&out), ERR_INPUT, "it ends before all members came");
    buf_reset(&out);
    tar_put_header(&out, &(struct tar_file){S("MANIFEST"), UINT64_C(1) << 50, 0600, TIME});
    assert_refused(buf_slice(&out), ERR_LIMIT, "larger than any that a backup writes");
    buf_free(&out);
}

/* Members that lead anywhere but into the node, or are none of its parts. */
static void names_that_lead_elsewhere_are_refused(void **state)
{
    (void)state;
    static const char *const names[] = {"../node.conf", "/etc/passwd", "keys/../../x", "keys//x", "keys/./x", "keys/",
            "keys", "evidence", "./node.conf", "lock", "node.db", "index/base", "memory/a b", "memory/a\\b",
            "memory/caf\xc3\xa9", "memory/\x1b[2J", "database/x", "node.conf/x",
            "ledger/a/b/c/d/e/f/g/h/i/j/k/l/m/n/o/p", "Database"};
    for (size_t i = 0; i < COUNT_OF(names); i++) {
        struct piece pieces[] = {good[0], good[1], {names[i], "x"}, good[2]};
        struct archive archive = about(pieces, COUNT_OF(pieces)), read;
        struct buf manifest = buf_make(1u << 20);
        archive_order(&archive);
        archive_manifest_write(&manifest, &archive);
        struct err err = archive_manifest_read(buf_slice(&manifest), arena, &read);
        assert_non_null(archive_name_wrong(slice_of(names[i])));
        if (err.kind != ERR_INPUT || strstr(err.why, "a member is refused: ") == NULL)
            fail_msg("%s: %s", names[i], err.why);
        buf_free(&manifest);
    }
    assert_null(archive_name_wrong(S("evidence/ab/0123456789abcdef")));
    assert_null(archive_name_wrong(S("ledger/tile/0/x001/234.p/7")));
}

static void members_that_the_manifest_does_not_name_are_refused(void **state)
{
    (void)state;
    static const struct piece more[] = {{"database", "SQLite format 3"}, {"keys/node.key", "a key"},
            {"node.conf", "[node]\nname = Melati\n"}, {"memory/x", "x"}},
                              doubled[] = {{"database", "SQLite format 3"}, {"keys/node.key", "a key"},
                                      {"keys/node.key", "a key"}, {"node.conf", "[node]\nname = Melati\n"}},
                              other[] = {{"database", "SQLite format 3"}, {"keys/node.pub", "a key"},
                                      {"node.conf", "[node]\nname = Melati\n"}},
                              longer[] = {{"database", "SQLite format 3, and more"}, {"keys/node.key", "a key"},
                                      {"node.conf", "[node]\nname = Melati\n"}},
                              changed[] = {{"database", "SQLite format 4"}, {"keys/node.key", "a key"},
                                      {"node.conf", "[node]\nname = Melati\n"}};
    static const struct {
        const struct piece *pieces;
        size_t count;
        const char *why;
    } rows[] = {
            {more, 4, "(its end): a member stands here that its MANIFEST does not name"},
            {doubled, 4, "(node.conf): another member stands here"},
            {other, 3, "(keys/node.key): another member stands here"},
            {longer, 3, "(database): its MANIFEST says another size"},
            {changed, 3, "(database): it is damaged: its SHA-256"},
            {good, 2, "(node.conf): it ends before all members came"},
    };
    struct buf manifest = buf_make(1u << 20);
    struct archive archive = about(good, COUNT_OF(good));
    archive_manifest_write(&manifest, &archive);
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        struct buf out = buf_make(1u << 20);
        put_pieces(&out, buf_slice(&manifest), rows[i].pieces, rows[i].count);
        assert_refused(buf_slice(&out), ERR_INPUT, rows[i].why);
        buf_free(&out);
    }
    buf_free(&manifest);
}

/* Above 8 GiB a size stands in an extension; here the file behind it is far shorter. */
static void a_size_in_an_extension_is_held_against_the_manifest(void **state)
{
    (void)state;
    static const uint64_t sizes[] = {TAR_SIZE_PLAIN + 1, TAR_SIZE_PLAIN + 2};
    static const char *const whys[] = {
            "(database): the archive ends here", "(database): its MANIFEST says another size"};
    struct archive archive = about(good, COUNT_OF(good));
    struct buf manifest = buf_make(1u << 20);
    archive.members[0].size = TAR_SIZE_PLAIN + 1;
    archive_manifest_write(&manifest, &archive);
    for (size_t i = 0; i < COUNT_OF(sizes); i++) {
        struct buf out = buf_make(1u << 20);
        put_member(&out, "MANIFEST", buf_slice(&manifest));
        tar_put_header(&out, &(struct tar_file){S("database"), sizes[i], 0600, TIME});
        buf_put(&out, S("SQLite"));
        assert_refused(buf_slice(&out), ERR_INPUT, whys[i]);
        buf_reset(&out);
        put_member(&out, "MANIFEST", buf_slice(&manifest));
        tar_put_header(&out, &(struct tar_file){S("database"), sizes[i], 0600, TIME});
        out.len -= TAR_BLOCK; /* an extension behind an extension */
        tar_put_header(&out, &(struct tar_file){S("database"), sizes[i], 0600, TIME});
        assert_refused(buf_slice(&out), ERR_INPUT, "an extension of pax that no backup writes");
        buf_free(&out);
    }
    buf_free(&manifest);
}

/* A manifest with another line in the place of one, and a digest that is right. */
static void put_changed(struct buf *out, const char *from, const char *to)
{
    struct buf manifest = buf_make(1u << 20);
    struct archive archive = about(good, COUNT_OF(good));
    archive_manifest_write(&manifest, &archive);
    slice text = buf_slice(&manifest), at = slice_of(from);
    size_t place = slice_find_slice(text, at), end = slice_find_slice(text, S("digest "));
    assert_true(place < end);
    buf_put(out, slice_part(text, 0, place));
    buf_put(out, slice_of(to));
    buf_put(out, slice_part(text, place + at.len, end));
    struct sha256 digest = hash_sha256(buf_slice(out));
    buf_put(out, S("digest "));
    buf_hex(out, (slice){(const char *)digest.bytes, sizeof digest.bytes});
    buf_byte(out, '\n');
    buf_free(&manifest);
}

static void a_manifest_that_says_otherwise_is_refused(void **state)
{
    (void)state;
    static const struct {
        const char *from, *to;
        enum err_kind kind;
        const char *why;
    } rows[] = {
            {"kentongan archive 1", "kentongan archive 2", ERR_CONFLICT,
                    "it is of format 2, and this kentongan knows up to 1; restore it with 0.1.0 or later"},
            {"kentongan archive 1", "kentongan archive 0", ERR_INPUT, "line 1 of its MANIFEST"},
            {"kentongan archive 1", "kentongan archive one", ERR_INPUT, "line 1 of its MANIFEST"},
            {"version 0.1.0", "version 0.\x1b[2J", ERR_INPUT, "line 2 of its MANIFEST: the version"},
            {"node Melati", "node \x1b[2J", ERR_INPUT, "line 3 of its MANIFEST: the name"},
            {"node Melati CERT\n", "", ERR_INPUT, "line 3 of its MANIFEST: it does not say `node`"},
            {"time 2026", "time 26", ERR_INPUT, "line 4 of its MANIFEST: the time"},
            {"engine sqlite", "engine steam", ERR_INPUT, "the engine is neither"},
            {"keys yes", "keys no", ERR_INPUT, "it says of keys otherwise"},
            {"keys yes", "keys maybe", ERR_INPUT, "the keys are neither"},
            {" 15 database", " 15 evidence/x", ERR_INPUT, "it names no database"},
            {" 5 keys/", " 9223372036854775807 keys/", ERR_INPUT, "larger than any disk"},
            {" 5 keys/", " -5 keys/", ERR_INPUT, "it is no `member SHA256 SIZE NAME`"},
            {" 5 keys/node.key", " 5 database", ERR_INPUT, "doubled or out of order"},
            {" 5 keys/node.key", " 5 node.conf", ERR_INPUT, "doubled or out of order"},
            {"member ", "folder ", ERR_INPUT, "it is no `member SHA256 SIZE NAME`"},
    };
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        struct buf text = buf_make(1u << 20), out = buf_make(1u << 20);
        put_changed(&text, rows[i].from, rows[i].to);
        put_pieces(&out, buf_slice(&text), good, COUNT_OF(good));
        assert_refused(buf_slice(&out), rows[i].kind, rows[i].why);
        buf_free(&text);
        buf_free(&out);
    }
}

static void more_members_than_the_ceiling_are_refused(void **state)
{
    (void)state;
    struct archive archive = about(good, COUNT_OF(good)), read;
    struct archive_member *members = arena_new(arena, struct archive_member, ARCHIVE_MEMBERS_MAX + 1);
    struct buf manifest = buf_make(ARCHIVE_MANIFEST_MAX);
    for (size_t i = 0; i <= ARCHIVE_MEMBERS_MAX; i++)
        members[i].name = slice_of(arena_printf(arena, "memory/%07zu", i));
    archive.members = members;
    archive.count = ARCHIVE_MEMBERS_MAX + 1;
    archive_manifest_write(&manifest, &archive);
    struct err err = archive_manifest_read(buf_slice(&manifest), arena, &read);
    assert_int_equal(err.kind, ERR_INPUT);
    assert_non_null(strstr(err.why, "more than 500000 members"));
    buf_free(&manifest);
}

/* What the writer writes from files is what this test writes by hand, packed or not. */
static void the_writer_writes_what_the_manifest_says(void **state)
{
    (void)state;
    struct archive archive = about(good, COUNT_OF(good));
    struct buf expected = whole(good, COUNT_OF(good));
    struct archive_writer *writer;
    struct sha256 digest;
    uint64_t bytes;
    FILE *to = tmpfile();
    assert_int_equal(archive_write_begin(fileno(to), "a.tar", false, &archive, arena, &writer).kind, ERR_NONE);
    for (size_t i = 0; i < COUNT_OF(good); i++) {
        FILE *from = tmpfile();
        fprintf(from, "%s and what was appended meanwhile", good[i].content);
        rewind(from);
        assert_int_equal(archive_write_member(writer, &archive.members[i], fileno(from), good[i].name).kind, ERR_NONE);
        fclose(from);
    }
    assert_int_equal(archive_write_end(writer, &digest, &bytes).kind, ERR_NONE);
    archive_write_close(writer);
    char *got = arena_take(arena, (size_t)bytes);
    assert_int_equal(bytes, expected.len);
    assert_int_equal(pread(fileno(to), got, (size_t)bytes, 0), (ssize_t)bytes);
    assert_memory_equal(got, expected.ptr, expected.len);
    struct sha256 wanted = hash_sha256(buf_slice(&expected));
    assert_memory_equal(&digest, &wanted, sizeof digest);
    fclose(to);
    buf_free(&expected);
}

static void a_file_that_changed_meanwhile_is_a_conflict(void **state)
{
    (void)state;
    static const char *const now[] = {"SQLite format 4", "SQLite", ""};
    struct archive archive = about(good, COUNT_OF(good));
    for (size_t i = 0; i < COUNT_OF(now); i++) {
        FILE *to = tmpfile(), *from = tmpfile();
        struct archive_writer *writer;
        fputs(now[i], from);
        rewind(from);
        assert_int_equal(archive_write_begin(fileno(to), "a.tar", true, &archive, arena, &writer).kind, ERR_NONE);
        struct err err = archive_write_member(writer, &archive.members[0], fileno(from), "node.db");
        assert_int_equal(err.kind, ERR_CONFLICT);
        assert_string_equal(err.why, "node.db changed while it was read");
        archive_write_close(writer);
        fclose(to);
        fclose(from);
    }
}

int main(void)
{
    cmocka_set_message_output(CM_OUTPUT_TAP);
    static const struct CMUnitTest tests[] = {
            cmocka_unit_test(what_was_written_is_read),
            cmocka_unit_test(one_that_ends_early_is_refused_wherever_it_ends),
            cmocka_unit_test(one_with_a_changed_bit_is_refused_wherever_it_is),
            cmocka_unit_test(what_stands_behind_the_end_is_refused),
            cmocka_unit_test(what_is_no_backup_is_refused),
            cmocka_unit_test(names_that_lead_elsewhere_are_refused),
            cmocka_unit_test(members_that_the_manifest_does_not_name_are_refused),
            cmocka_unit_test(a_size_in_an_extension_is_held_against_the_manifest),
            cmocka_unit_test(a_manifest_that_says_otherwise_is_refused),
            cmocka_unit_test(more_members_than_the_ceiling_are_refused),
            cmocka_unit_test(the_writer_writes_what_the_manifest_says),
            cmocka_unit_test(a_file_that_changed_meanwhile_is_a_conflict),
    };
    return cmocka_run_group_tests(tests, set_up, tear_down);
}
