/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A form is filled in; what comes of it is read as anybody would, by our checker and by GnuPG, where that is installed.
 */
#include "desk/profile.h"

#include <unistd.h>

#include "desk/pgp.h"
#include "desk/publish.h"
#include "desk/security_text.h"
#include "desk/test_desk.h"
#include "store/journal.h"

#define URL "https://node.example/"

static struct err set_one(struct test_store *store, const char *name, const char *value)
{
    const struct profile_typed typed = {slice_of(name), slice_of(value)};
    size_t changed;
    return desk_profile_set(store->db, &store->actor, &typed, 1, store->arena, &changed);
}

/* Everything that is needed in that language. */
static void fill(struct test_store *store, const char *language)
{
    struct profile_typed typed[64];
    size_t count = 0, changed;
    for (const struct profile_field *field = profile_fields; field->name != NULL; field++) {
        slice name = slice_of(field->each ? arena_printf(store->arena, "%s.%s", field->name, language) : field->name);
        slice value = field->kind == PROFILE_MAIL ? S("cert@melati.example")
                      : field->kind == PROFILE_PHONE
                              ? S("+62 (21) 555-0100")
                              : slice_of(arena_printf(store->arena, "%s in %s", field->name, language));
        if (field->needed)
            typed[count++] = (struct profile_typed){name, value};
    }
    test_ok(desk_profile_set(store->db, &store->actor, typed, count, store->arena, &changed));
    assert_true(changed > 0);
}

static struct published publish(struct test_store *store, const char *key)
{
    const struct publishing publishing = {URL, key};
    struct published published = {0};
    test_ok(desk_publish(store->db, &store->actor, &publishing, store->arena, &published));
    return published;
}

static slice document(struct test_store *store, const char *name)
{
    struct profile_document read;
    struct err err = store_profile_document_get(store->db, slice_of(name), store->arena, &read);
    return err.kind == ERR_MISSING ? S("") : read.text;
}

static bool holds(slice text, const char *part)
{
    return slice_find_slice(text, slice_of(part)) < text.len;
}

static int64_t at(const char *text)
{
    int64_t us;
    assert_true(time_parse_strict(slice_of(text), &us));
    clock_set(us);
    return us;
}

static void what_is_wrong_is_named_and_nothing_is_kept(void **state)
{
    struct test_store *store = ready(state);
    const struct {
        const char *name, *value, *why;
    } cases[] = {
            {"motto.en", "x", "motto.en: there is no such field"},
            {"mission", "x", "mission: say in which language"},
            {"mission.fr", "x", "mission.fr: say in which language"},
            {"mission.en-GB", "x", "mission.en-GB: say in which language"},
            {"mail.en", "x", "mail.en: it is the same in all languages"},
            {"mail", "cert at melati", "mail: one plain address"},
            {"telephone", "call us", "telephone: a number"},
            {"policy-url", "http://melati.example/", "policy-url: a page, from https://"},
            {"policy-url", "https://melati.example/\"x", "policy-url: a page, from https://"},
            {"name.en", "two\nlines", "name.en: "},
            {"mission.en", "a\x01", "mission.en: "},
    };
    struct profile_value *rows;
    size_t count, changed;
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        const struct profile_typed typed[] = {
                {S("short-name"), S("MELATI")}, {slice_of(cases[i].name), slice_of(cases[i].value)}};
        struct err err = desk_profile_set(store->db, &store->actor, typed, 2, store->arena, &changed);
        assert_int_equal(err.kind, ERR_INPUT);
        if (!slice_starts(slice_of(err.why), slice_of(cases[i].why)))
            fail_msg("%s: %s", cases[i].why, err.why);
    }
    test_ok(store_profile_list(store->db, store->arena, &rows, &count));
    assert_int_equal(count, 0);
    store->actor = (struct actor){.name = S("ayu"), .roles = 1u << ROLE_ANALYST, .how = ACTOR_SECOND_FACTOR};
    assert_int_equal(set_one(store, "mail", "cert@melati.example").kind, ERR_DENIED);
}

static void what_changes_is_told_once(void **state)
{
    struct test_store *store = ready(state);
    struct journal_row *rows;
    int64_t before = INT64_MAX;
    size_t count;
    bool end;
    test_ok(set_one(store, "mission.en", "  We warn.\r\nWe help.\n "));
    test_ok(set_one(store, "mission.en", "We warn.\nWe help."));
    test_ok(set_one(store, "mission.en", ""));
    test_ok(store_journal_chosen(
            store->db, S(""), S("profile.changed"), &before, 10, store->arena, &rows, &count, &end));
    assert_int_equal(count, 2);
    assert_true(holds(rows[1].detail, "\"value\":\"We warn.\\nWe help.\""));
}

static void a_document_appears_when_nothing_is_missing(void **state)
{
    struct test_store *store = ready(state);
    struct profile_value *rows;
    const struct profile_field *field;
    size_t count;
    assert_int_equal(publish(store, NULL).made, 0);
    fill(store, "id");
    assert_int_equal(publish(store, NULL).made, 2); /* security.txt, and one language */
    assert_int_equal(document(store, "rfc2350.en").len, 0);
    slice text = document(store, "rfc2350.id");
    assert_true(holds(text, "RFC 2350 - name in id\n") && holds(text, "\n3.1. Pernyataan misi\n\n   mission in id\n"));
    assert_true(holds(text, "2.5. ") && holds(text, URL "rfc2350/id") && holds(text, "5.1.3. "));
    assert_false(holds(text, URL "rfc2350/en"));
    test_ok(store_profile_list(store->db, store->arena, &rows, &count));
    field = desk_profile_missing(rows, count, LANGUAGE_ENGLISH, NULL);
    assert_string_equal(field->name, "name");
    assert_null(desk_profile_missing(rows, count, LANGUAGE_INDONESIAN, NULL));
    test_ok(set_one(store, "authority.id", ""));
    struct published published = publish(store, NULL);
    assert_true(published.dropped == 1 && published.made == 1); /* security.txt prefers no language any more */
    assert_int_equal(document(store, "rfc2350.id").len, 0);
}

static void security_txt_is_made_again_before_it_expires(void **state)
{
    struct test_store *store = ready(state);
    struct security_fault *faults;
    size_t count;
    at("2026-11-22T09:00:00Z");
    fill(store, "en");
    assert_int_equal(publish(store, NULL).made, 2);
    slice text = document(store, PUBLISH_SECURITY);
    assert_true(
            holds(text, "Contact: mailto:cert@melati.example\nContact: " URL "report\nContact: tel:+62215550100\n"));
    assert_true(holds(text, "Expires: 2027-10-18T00:00:00Z\n") && holds(text, "Preferred-Languages: en\n"));
    assert_true(holds(text, "Canonical: " URL ".well-known/security.txt\nPolicy: " URL "rfc2350\n"));
    assert_false(holds(text, "Encryption"));
    int64_t now = at("2026-12-21T09:00:00Z");
    assert_int_equal(publish(store, NULL).made, 0);
    now = at("2026-12-23T09:00:00Z");
    assert_int_equal(publish(store, NULL).made, 2);
    text = document(store, PUBLISH_SECURITY);
    assert_true(holds(text, "Expires: 2027-11-18T00:00:00Z\n"));
    test_ok(desk_security_check(text, S(URL ".well-known/security.txt"), now, store->arena, &faults, &count));
    assert_int_equal(count, 0);
    test_ok(set_one(store, "policy-url", "https://melati.example/policy"));
    assert_int_equal(publish(store, NULL).made, 2); /* the other one tells when it was changed */
    assert_true(holds(document(store, PUBLISH_SECURITY), "Policy: https://melati.example/policy\n"));
}

static void write_file(const char *path, slice bytes)
{
    FILE *file = fopen(path, "w");
    assert_non_null(file);
    assert_int_equal(fwrite(bytes.ptr, 1, bytes.len, file), bytes.len);
    fclose(file);
}

/* GnuPG is asked in a home of its own: 0 if it verified. */
static int gpg_verify(struct test_store *store, slice text)
{
    static const char ASK[] =
            "cd %s && rm -rf g && mkdir -m 700 g && GNUPGHOME=%s/g gpg --batch -q --import public.asc "
            "2>/dev/null && GNUPGHOME=%s/g gpg --batch -q --verify text.asc 2>/dev/null; status=$?; "
            "GNUPGHOME=%s/g gpgconf --kill all; rm -rf g; exit $status";
    const char *folder = store->base->folder;
    write_file(arena_printf(store->arena, "%s/text.asc", folder), text);
    return system(arena_printf(store->arena, ASK, folder, folder, folder, folder)); /* our own folder */
}

static void documents_are_signed_by_the_key_of_the_team(void **state)
{
    struct test_store *store = ready(state);
    const char *key = arena_printf(store->arena, "%s/team.pgp", store->base->folder);
    slice secret, certificate;
    struct err err = desk_pgp_make("CERT Melati <cert@melati.example>", store->arena, &secret);
    if (err.kind == ERR_INPUT)
        skip(); /* built without OpenPGP */
    test_ok(err);
    write_file(key, secret);
    test_ok(desk_pgp_public(key, store->arena, &certificate));
    assert_true(holds(certificate, "BEGIN PGP PUBLIC KEY BLOCK") && !holds(certificate, "PRIVATE"));
    write_file(arena_printf(store->arena, "%s/public.asc", store->base->folder), certificate);
    fill(store, "en");
    test_ok(set_one(store, "mission.en", "- We warn.\nFrom here on."));
    struct published published = publish(store, key);
    assert_true(published.made == 2 && published.why == NULL);
    assert_int_equal(publish(store, key).made, 0);
    assert_true(holds(document(store, PUBLISH_SECURITY), "Encryption: " URL "key.asc\r\n"));
    if (system("command -v gpg >/dev/null") == 0) {
        const char *names[] = {PUBLISH_SECURITY, "rfc2350.en"};
        for (size_t i = 0; i < COUNT_OF(names); i++) {
            slice text = document(store, names[i]);
            assert_int_equal(gpg_verify(store, text), 0);
            char *forged = (char *)(uintptr_t)arena_copy(store->arena, text).ptr;
            forged[slice_find_slice(text, S("Contact"))] = 'k';
            assert_int_not_equal(gpg_verify(store, (slice){forged, text.len}), 0);
        }
    }
    write_file(key, S("no key"));
    assert_true(slice_eq(document(store, PUBLISH_KEY), certificate));
    published = publish(store, key);
    assert_true(published.made == 2 && published.dropped == 1 && published.why != NULL);
    assert_false(holds(document(store, PUBLISH_SECURITY), "PGP"));
}

int main(void)
{
    /* What does not depend on the database is tried on one. */
    const struct CMUnitTest tests[] = {
            TEST_ON(DB_SQLITE, "what_is_wrong_is_named_and_nothing_is_kept", what_is_wrong_is_named_and_nothing_is_kept,
                    set_up, tear_down),
            TEST_ON(DB_SQLITE, "what_changes_is_told_once", what_changes_is_told_once, set_up, tear_down),
            TEST_ON_BOTH(a_document_appears_when_nothing_is_missing, set_up, tear_down),
            TEST_ON_BOTH(security_txt_is_made_again_before_it_expires, set_up, tear_down),
            TEST_ON(DB_SQLITE, "documents_are_signed_by_the_key_of_the_team",
                    documents_are_signed_by_the_key_of_the_team, set_up, tear_down),
    };
    cmocka_set_message_output(CM_OUTPUT_TAP);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
