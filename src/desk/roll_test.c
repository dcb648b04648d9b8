/* SPDX-License-Identifier: Apache-2.0 */
#include "desk/roll.h"

#include "desk/roll_table.h"
#include "event/csv.h"
#include "share/test_share.h"
#include "store/asset.h"
#include "store/contact.h"
#include "store/service.h"
#include "store/test_organisation.h"

static const char ORGANISATIONS[] = "name,kind,sector,country,relation,state,parent,memory_days\r\n"
                                    "Dinas,ministry,health,ID,constituent,active,,\r\n"
                                    "RS Melati,hospital,health,ID,constituent,active,Dinas,60\r\n"
                                    "\"Klinik \"\"A\"\", Timur\",other,,,other,suspended,,\r\n";
static const char CONTACTS[] = "organisation,name,rank,mail,phone,languages,hours\r\n"
                               "RS Melati,Ruang siaga,1,siaga@rs-melati.example,'+62 21 5550 100,id en,always\r\n"
                               "RS Melati,Direktur,2,direktur@rs-melati.example,,id,Mon-Fri 08:00-16:00 +07:00\r\n";
static const char ASSETS[] = "organisation,kind,value,from,until,said_by\r\n"
                             "RS Melati,prefix,203.0.113.0/26,,2026-11-20T00:00:00.000000Z,'=contract 12\r\n"
                             "Dinas,prefix,203.0.113.0/26,2026-11-20T00:00:00.000000Z,,\r\n"
                             "RS Melati,asn,64500,,,''quoted\r\n"
                             "RS Melati,domain,rs-melati.example,,,\r\n"
                             "RS Melati,site,\"Gedung B, lantai 3\",,,\r\n";

static const char SUPPLIES[] = "supplier,customer,what\r\n"
                               "Dinas,RS Melati,\"blood, tests\"\r\n"
                               "\"Klinik \"\"A\"\", Timur\",RS Melati,\r\n";

static struct err import_text(struct test_store *store, const char *text, struct roll_report *report)
{
    const struct roll_file file = {"a.csv", slice_of(text)};
    return desk_roll_import(store->db, &store->actor, &file, 1, store->arena, report);
}

static struct roll_report import_all(struct test_store *store)
{
    /* The order of the files does not matter. */
    const struct roll_file files[] = {{"supplies.csv", S(SUPPLIES)}, {"assets.csv", S(ASSETS)},
            {"contacts.csv", S(CONTACTS)}, {"organisations.csv", S(ORGANISATIONS)}};
    struct roll_report report;
    struct err err = desk_roll_import(store->db, &store->actor, files, COUNT_OF(files), store->arena, &report);
    for (size_t i = 0; i < report.problem_count; i++)
        print_message("# %s:%d: %s\n", report.problems[i].file, (int)report.problems[i].line, report.problems[i].why);
    test_ok(err);
    return report;
}

static slice written(struct test_store *store, enum roll_kind kind)
{
    struct buf out = buf_make(1u << 20);
    struct roll_place place = {0};
    while (!place.end)
        test_ok(desk_roll_write(store->db, &store->actor, kind, &place, store->arena, &out));
    slice text = arena_copy(store->arena, buf_slice(&out));
    buf_free(&out);
    return text;
}

static void is_text(slice got, slice expected)
{
    if (!slice_eq(got, expected))
        fail_msg("\n%.*s\ninstead of\n%.*s", (int)got.len, got.ptr, (int)expected.len, expected.ptr);
}

static void what_comes_out_goes_in_again(void **state)
{
    struct test_store *store = ready(state);
    struct roll_report report = import_all(store);
    assert_int_equal(report.counts[ROLL_ORGANISATIONS].added, 3);
    assert_int_equal(report.counts[ROLL_CONTACTS].added, 2);
    assert_int_equal(report.counts[ROLL_ASSETS].added, 5);
    assert_int_equal(report.counts[ROLL_SUPPLIES].added, 2);
    is_text(written(store, ROLL_ORGANISATIONS), S(ORGANISATIONS));
    is_text(written(store, ROLL_CONTACTS), S(CONTACTS));
    is_text(written(store, ROLL_ASSETS), S(ASSETS));
    is_text(written(store, ROLL_SUPPLIES), S(SUPPLIES));
    report = import_all(store);
    assert_int_equal(report.counts[ROLL_ORGANISATIONS].same, 3);
    assert_int_equal(report.counts[ROLL_CONTACTS].same, 2);
    assert_int_equal(report.counts[ROLL_ASSETS].same, 5);
    assert_int_equal(report.counts[ROLL_SUPPLIES].same, 2);
    assert_int_equal(test_acts(store, "organisation.imported"), 2);
}

static void what_a_line_says_is_there(void **state)
{
    struct test_store *store = ready(state);
    int64_t melati;
    struct organisation row;
    struct contact *contacts;
    struct asset *assets;
    struct service service;
    size_t count;
    (void)import_all(store);
    test_ok(store_organisation_find(store->db, S("RS Melati"), &melati));
    test_ok(store_organisation_get(store->db, melati, store->arena, &row));
    assert_int_equal(row.state, ORGANISATION_ACTIVE);
    assert_true(row.parent != 0 && slice_eq(row.sector, S("health")));
    test_ok(store_service_get(store->db, melati, store->arena, &service));
    assert_int_equal(service.memory_days, 60);
    test_ok(store_contact_of(store->db, melati, true, store->arena, &contacts, &count));
    assert_int_equal(count, 2);
    assert_true(slice_eq(contacts[0].is.phone, S("+62 21 5550 100")));
    test_ok(store_asset_list(store->db, melati, 0, 10, store->arena, &assets, &count));
    assert_int_equal(count, 4);
    assert_true(slice_eq(assets[0].said_by, S("=contract 12")) && slice_eq(assets[1].said_by, S("'quoted")));
    assert_true(slice_find_slice(written(store, ROLL_ORGANISATIONS), S("Klinik")) > 0);
}

/* A column that is not there changes nothing; an empty cell is what a new one gets. */
static void a_line_changes_what_it_names(void **state)
{
    struct test_store *store = ready(state);
    struct roll_report report;
    struct organisation row;
    int64_t melati;
    (void)import_all(store);
    test_ok(store_organisation_find(store->db, S("RS Melati"), &melati));
    test_ok(import_text(store, "sector;name\n;RS Melati\n", &report));
    assert_int_equal(report.counts[ROLL_ORGANISATIONS].changed, 1);
    test_ok(store_organisation_get(store->db, melati, store->arena, &row));
    assert_true(slice_eq(row.sector, S("")) && slice_eq(row.kind, S("hospital")) && row.parent != 0);
    test_ok(import_text(store, "name,state,parent\nRS Melati,suspended,\n", &report));
    test_ok(store_organisation_get(store->db, melati, store->arena, &row));
    assert_true(row.state == ORGANISATION_SUSPENDED && row.parent == 0);
    test_ok(import_text(store, "organisation,name,phone\nRS Melati,Direktur,112\n", &report));
    assert_int_equal(report.counts[ROLL_CONTACTS].changed, 1);
    test_ok(import_text(store, "organisation\tvalue\tuntil\nRS Melati\tAS64500\t2026-11-21\n", &report));
    assert_int_equal(report.counts[ROLL_ASSETS].changed, 1);
    assert_int_equal(import_text(store, "organisation,value,until\nRS Melati,AS64500,\n", &report).kind, ERR_INPUT);
    test_ok(import_text(store, "customer;supplier;what\nRS Melati;Dinas;beds\n", &report));
    assert_int_equal(report.counts[ROLL_SUPPLIES].changed, 1);
    test_ok(import_text(store, "customer;supplier\nRS Melati;Dinas\n", &report));
    assert_int_equal(report.counts[ROLL_SUPPLIES].same, 1);
}

static void spreadsheets_write_in_their_way(void **state)
{
    struct test_store *store = ready(state);
    struct roll_report report;
    test_ok(import_text(store,
            "\xef\xbb\xbfname;parent;\"kind\"\r\n\r\n\"RS ; Melati\";Dinas;hospital\r\nDinas;Kementerian;ministry\r\n"
            " Kementerian ;;ministry",
            &report));
    assert_int_equal(report.counts[ROLL_ORGANISATIONS].added, 3);
    int64_t number;
    test_ok(store_organisation_find(store->db, S("RS ; Melati"), &number));
    test_ok(store_organisation_find(store->db, S("Kementerian"), &number));
}

/* Where what is wrong is found, and in which words. */
static const struct {
    const char *text;
    uint64_t line;
    unsigned column;
    const char *why;
} wrong[] = {
        {"", 1, 0, "does not name the columns"},
        {"a,b\n1,2\n", 1, 0, "does not name the columns"},
        {"name,colour\nx,red\n", 1, 2, "\"colour\" is no column of organisations"},
        {"name,name\nx,y\n", 1, 2, "twice"},
        {"name,kind\nx\n", 2, 0, "1 cells, but 2 columns"},
        {"name,kind\nx,other,z\n", 2, 0, "more cells"},
        {"name,kind\n\"x,other\n", 2, 1, "no end"},
        {"name,kind\nRS Baru,pub\n", 2, 0, "\"pub\""},
        {"name,country\nRS Baru,Indonesia\n", 2, 0, "two capital letters"},
        {"name,relation\nRS Baru,partner\n", 2, 2, "constituent or other"},
        {"name,state\nRS Melati,closed\n", 2, 2, "one by one"},
        {"name,parent\nRS Baru,Nirwana\n", 2, 2, "no organisation \"Nirwana\""},
        {"name,parent\nRS Melati,RS Melati\n", 2, 0, "above itself"},
        {"name,memory_days\nRS Melati,1000\n", 2, 2, "no number up to 400"},
        {"name\nRS Lama\n", 2, 1, "is called \"RS Melati\" today"},
        {"name\n\x01\n", 2, 1, "control character"},
        {"organisation,name,mail\nRS Melati,x,a@b\n", 2, 3, "no mail address"},
        {"organisation,name,mail\nNirwana,x,a@b.example\n", 2, 1, "no organisation"},
        {"organisation,name,mail\nRS Melati,,a@b.example\n", 2, 2, "empty"},
        {"organisation,name\nRS Melati,x\n", 2, 0, "needs a mail address"},
        {"organisation,name,rank,phone\nRS Melati,x,11,112\n", 2, 3, "up to 9"},
        {"organisation,name,hours,phone\nRS Melati,x,office,112\n", 2, 3, "hours"},
        {"organisation,value\nRS Melati,203.0.113.9/26\n", 2, 2, "bits behind its length"},
        {"organisation,value\nRS Melati,localhost\n", 2, 2, "one label"},
        {"organisation,value,kind\nRS Melati,x.example,name\n", 2, 3, "not \"name\""},
        {"organisation,value,from\nRS Melati,x.example,yesterday\n", 2, 3, "no moment"},
        {"organisation,value,from,until\nRS Melati,x.example,2026-11-21,2026-11-20\n", 2, 0, "before it begins"},
        {"organisation,value\nRS Melati,x.example\nRS Kenanga,x.example\n", 3, 0, "owned by RS Melati"},
};

static struct err rename_it(struct work *work, void *context)
{
    return store_organisation_rename(work, *(const int64_t *)context, S("RS Melati"), work->now_us + 1);
}

static void a_problem_is_told_and_nothing_is_stored(void **state)
{
    struct test_store *store = ready(state);
    int64_t melati = test_constituent(store, "RS Lama");
    struct roll_report report;
    struct asset *assets;
    size_t count;
    int64_t found;
    test_ok(test_work(store, rename_it, &melati));
    (void)test_constituent(store, "RS Kenanga");
    for (size_t i = 0; i < COUNT_OF(wrong); i++) {
        struct err err = import_text(store, wrong[i].text, &report);
        const struct roll_problem *first = &report.problems[0];
        if (err.kind != ERR_INPUT || report.problem_count != 1)
            fail_msg("%s: %s, %zu problems", wrong[i].text, err_name(err.kind), report.problem_count);
        if (first->line != wrong[i].line || first->column != wrong[i].column ||
                strstr(first->why, wrong[i].why) == NULL)
            fail_msg("%s: %d:%u: %s", wrong[i].text, (int)first->line, first->column, first->why);
    }
    /* The good lines beside them neither. */
    assert_int_equal(store_organisation_find(store->db, S("RS Baru"), &found).kind, ERR_MISSING);
    test_ok(store_asset_list(store->db, 0, 0, 10, store->arena, &assets, &count));
    assert_int_equal(count, 0);
    assert_int_equal(test_acts(store, "organisation.imported"), 0);
}

static void all_problems_are_counted(void **state)
{
    struct test_store *store = ready(state);
    struct roll_report report;
    struct buf text = buf_make(1u << 20);
    buf_put(&text, S("name,kind\n"));
    for (int i = 0; i < 150; i++)
        buf_printf(&text, "RS %d,pub\n", i);
    buf_byte(&text, '\0');
    assert_int_equal(import_text(store, text.ptr, &report).kind, ERR_INPUT);
    assert_int_equal(report.refused, 150);
    assert_int_equal(report.problem_count, ROLL_PROBLEMS_MAX);
    buf_free(&text);
}

static void who_may_not_do_it_alone_does_nothing(void **state)
{
    struct test_store *store = ready(state);
    struct actor analyst = test_person(store, "ayu", ROLE_ANALYST), manager = test_person(store, "budi", ROLE_MANAGER);
    struct actor officer = test_person(store, "citra", ROLE_DUTY_OFFICER);
    const struct roll_file organisations = {"o.csv", S("name\nRS Melati\n")};
    const struct roll_file contacts = {"c.csv", S("organisation,name,phone\nRS Melati,x,112\n")};
    struct roll_report report;
    struct roll_place place = {0};
    struct buf out = buf_make(1u << 20);
    test_refused(desk_roll_import(store->db, &analyst, &organisations, 1, store->arena, &report), ERR_DENIED, "ayu");
    test_refused(desk_roll_import(store->db, &manager, &organisations, 1, store->arena, &report), ERR_DENIED, "alone");
    (void)test_constituent(store, "RS Melati");
    test_ok(desk_roll_import(store->db, &officer, &contacts, 1, store->arena, &report));
    analyst.roles = UINT32_C(1) << ROLE_SYSADMIN;
    test_refused(desk_roll_write(store->db, &analyst, ROLL_CONTACTS, &place, store->arena, &out), ERR_DENIED, "ayu");
    assert_int_equal(out.len, 0);
    buf_free(&out);
}

/* Whatever a cell holds is read as it was written, and no spreadsheet takes it for a formula. */
static void cells_come_back(void **state)
{
    static const char bytes[] = "=+-@'\"ab;,|\t x";
    uint64_t seed = (uint64_t)clock_steady_us();
    struct arena *arena = arena_open("test of cells", ARENA_WORK, 16u << 20);
    (void)state;
    for (int i = 0; i < 20000; i++) {
        char text[8];
        struct buf out = buf_make(256);
        struct csv_cell cell;
        size_t len = 0, most = i % 8;
        for (; len < most; len++) {
            seed = seed * UINT64_C(6364136223846793005) + UINT64_C(1442695040888963407);
            text[len] = bytes[(seed >> 33) % (sizeof bytes - 1)];
        }
        slice plain = slice_trim((slice){text, len}); /* blanks around are no part of a name */
        roll_cell_write(&out, true, plain);
        bool quoted = out.len > 0 && out.ptr[0] == '"';
        assert_true(plain.len == 0 || strchr("=+-@\t", out.ptr[quoted]) == NULL);
        struct csv_cells cells = csv_cells_begin(buf_slice(&out), ',');
        assert_true(csv_cells_next(&cells, &cell));
        slice back = roll_cell_read(csv_cell_text(&cell, arena));
        if (!slice_eq(back, plain) || csv_cells_next(&cells, &cell))
            fail_msg("%.*s became %.*s by %.*s", (int)plain.len, plain.ptr, (int)back.len, back.ptr, (int)out.len,
                    out.ptr);
        buf_free(&out);
    }
    arena_close(arena);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
            TEST_ON_BOTH(what_comes_out_goes_in_again, set_up, tear_down),
            TEST_ON_BOTH(what_a_line_says_is_there, set_up, tear_down),
            TEST_ON_BOTH(a_line_changes_what_it_names, set_up, tear_down),
            TEST_ON_BOTH(spreadsheets_write_in_their_way, set_up, tear_down),
            TEST_ON_BOTH(a_problem_is_told_and_nothing_is_stored, set_up, tear_down),
            TEST_ON_BOTH(all_problems_are_counted, set_up, tear_down),
            TEST_ON_BOTH(who_may_not_do_it_alone_does_nothing, set_up, tear_down),
            cmocka_unit_test(cells_come_back),
    };
    cmocka_set_message_output(CM_OUTPUT_TAP);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
