/* SPDX-License-Identifier: Apache-2.0 */
#include "store/count.h"

#include "store/batch.h"
#include "store/organisation.h"
#include "store/schema.h"
#include "store/test_store.h"

struct call {
    struct event_count rows[3];
    size_t count;
    int64_t day, organisation;
    uint64_t forgotten;
    const uint64_t *digests;
};

static struct err add(struct work *work, void *context)
{
    const struct call *call = context;
    return store_count_add(work, call->rows, call->count);
}

static struct err hospital(struct work *work, void *context)
{
    struct organisation_put put = {.name = S("RS Contoh Melati"), .kind = S("hospital"), .sector = S("health")};
    put.relation = RELATION_CONSTITUENT;
    return store_organisation_add(work, &put, &((struct call *)context)->organisation);
}

static struct err seen_add(struct work *work, void *context)
{
    const struct call *call = context;
    const struct batch batch = {.stream = 3};
    int64_t number;
    TRY(store_batch_add(work, &batch, NULL, &number));
    return store_count_seen_add(work, 3, call->day, number, call->digests, call->count);
}

static struct err forget(struct work *work, void *context)
{
    struct call *call = context;
    return store_count_forget(work, call->day * DAY_US, &call->forgotten);
}

static void counts_add_up_by_day_whose_and_class(void **state)
{
    struct test_store *store = ready(state);
    struct call call = {.count = 3};
    struct event_count *rows;
    struct count_sum *sums;
    size_t count;
    test_ok(test_work(store, hospital, &call));
    call.rows[0] = (struct event_count){20000, call.organisation, 1, S("malicious-code/infected-system"), 5, 2, 0};
    call.rows[1] = (struct event_count){20000, call.organisation, 1, S(""), 7, 0, 0};
    call.rows[2] = (struct event_count){20001, 0, 2, S("vulnerable/vulnerable-system"), 11, 0, 4};
    test_ok(test_work(store, add, &call));
    test_ok(test_work(store, add, &call));
    test_ok(store_count_list(
            store->db, &(struct event_count){.day = 0, .class = S("")}, 30000, 10, store->arena, &rows, &count));
    assert_int_equal(count, 3);
    assert_int_equal(rows[0].events, 14);
    assert_int_equal(rows[1].hits, 4);
    assert_int_equal(rows[2].doubles, 8);
    test_ok(store_count_sum(store->db, COUNT_BY_SECTOR, 20000, 20002, store->arena, &sums, &count));
    assert_int_equal(count, 2);
    assert_true(slice_eq(sums[0].sector, S("health")));
    assert_int_equal(sums[0].events, 24);
    test_ok(store_count_sum(store->db, COUNT_BY_CLASS, 20000, 20001, store->arena, &sums, &count));
    assert_int_equal(count, 2);
    assert_true(slice_eq(sums[0].class, S("")));
    assert_int_equal(sums[0].events, 14);
    test_ok(store_count_sum(store->db, COUNT_BY_DAY, 0, 30000, store->arena, &sums, &count));
    assert_int_equal(count, 2);
    assert_int_equal(sums[1].day, 20001);
    test_ok(store_count_of(store->db, call.organisation, 20000, store->arena, &sums, &count));
    assert_int_equal(count, 2);
    assert_int_equal(sums[1].hits, 4);
    test_ok(store_count_of(store->db, call.organisation, 20001, store->arena, &sums, &count));
    assert_int_equal(count, 0);
}

/* ---- Sums, and the plain counting as their twin ---- */

#define FIRST_DAY 20700 /* 4 September 2026 */
#define DAYS 140
#define CLASSES 5
#define ORGANISATIONS 4

static const char *const classes[CLASSES] = {
        "", "fraud/phishing", "malicious-code/infected-system", "vulnerable/vulnerable-system", "availability/ddos"};

/* What a random batch counts: no two rows of the same key, as who counts hands them on. */
struct counting {
    struct event_count rows[64];
    size_t count;
    struct event_count *all; /* by day, organisation and class */
};

static struct event_count *cell(const struct counting *counting, int64_t day, size_t organisation, size_t class)
{
    return &counting->all[((size_t)(day - FIRST_DAY) * ORGANISATIONS + organisation) * CLASSES + class];
}

static bool has(const struct counting *counting, const struct event_count *row)
{
    for (size_t i = 0; i < counting->count; i++)
        if (counting->rows[i].day == row->day && counting->rows[i].organisation == row->organisation &&
                slice_eq(counting->rows[i].class, row->class))
            return true;
    return false;
}

static void batch_draw(struct counting *counting, unsigned *seed)
{
    counting->count = 0;
    for (size_t i = 0; i < COUNT_OF(counting->rows); i++) {
        size_t class = (size_t)rand_r(seed) % CLASSES, organisation = (size_t)rand_r(seed) % ORGANISATIONS;
        const struct event_count row = {FIRST_DAY + rand_r(seed) % DAYS, (int64_t)organisation, rand_r(seed) % 3 + 1,
                slice_of(classes[class]), rand_r(seed) % 1000, rand_r(seed) % 10, rand_r(seed) % 5};
        if (has(counting, &row))
            continue;
        struct event_count *sum = cell(counting, row.day, organisation, class);
        sum->events += row.events;
        sum->hits += row.hits;
        sum->doubles += row.doubles;
        counting->rows[counting->count++] = row;
    }
}

static struct err batch_add(struct work *work, void *context)
{
    const struct counting *counting = context;
    return store_count_add(work, counting->rows, counting->count);
}

/* What the twin says of all days from `from` to `until` and, unless it is -1, of one class or organisation. */
static struct event_count plainly(
        const struct counting *counting, int64_t from, int64_t until, int organisation, int class)
{
    struct event_count sum = {0};
    for (int64_t day = from > FIRST_DAY ? from : FIRST_DAY; day < until && day < FIRST_DAY + DAYS; day++)
        for (size_t i = 0; i < ORGANISATIONS; i++)
            for (size_t j = 0; j < CLASSES; j++)
                if ((organisation < 0 || organisation == (int)i) && (class < 0 || class == (int)j)) {
                    const struct event_count *one = cell(counting, day, i, j);
                    sum.events += one->events;
                    sum.hits += one->hits;
                    sum.doubles += one->doubles;
                }
    return sum;
}

static void check_sum(const struct count_sum *sum, struct event_count plain)
{
    assert_int_equal(sum->events, plain.events);
    assert_int_equal(sum->hits, plain.hits);
    assert_int_equal(sum->doubles, plain.doubles);
}

static int class_find(slice class)
{
    for (int i = 0; i < CLASSES; i++)
        if (slice_eq(class, slice_of(classes[i])))
            return i;
    fail_msg("no such class");
    return -1;
}

static void check_span(struct test_store *store, const struct counting *counting, int64_t from, int64_t until)
{
    static const slice sectors[ORGANISATIONS] = {{"", 0}, {"one", 3}, {"two", 3}, {"three", 5}};
    struct count_sum *sums;
    size_t count;
    test_ok(store_count_sum(store->db, COUNT_BY_CLASS, from, until, store->arena, &sums, &count));
    int64_t all = 0;
    for (size_t i = 0; i < count; all += sums[i++].events)
        check_sum(&sums[i], plainly(counting, from, until, -1, class_find(sums[i].class)));
    assert_int_equal(all, plainly(counting, from, until, -1, -1).events);
    test_ok(store_count_sum(store->db, COUNT_BY_DAY, from, until, store->arena, &sums, &count));
    all = 0;
    for (size_t i = 0; i < count; all += sums[i++].events)
        check_sum(&sums[i], plainly(counting, sums[i].day, sums[i].day + 1, -1, -1));
    assert_int_equal(all, plainly(counting, from, until, -1, -1).events);
    test_ok(store_count_sum(store->db, COUNT_BY_SECTOR, from, until, store->arena, &sums, &count));
    all = 0;
    for (size_t i = 0; i < count; all += sums[i++].events)
        for (int j = 0; j < ORGANISATIONS; j++)
            if (slice_eq(sums[i].sector, sectors[j]))
                check_sum(&sums[i], plainly(counting, from, until, j, -1));
    assert_int_equal(all, plainly(counting, from, until, -1, -1).events);
}

static struct err sectors_make(struct work *work, void *context)
{
    static const char *const sectors[] = {"one", "two", "three"};
    (void)context;
    for (size_t i = 0; i < COUNT_OF(sectors); i++) {
        int64_t number;
        struct organisation_put put = {.name = slice_of(sectors[i]), .kind = S("hospital")};
        put.sector = slice_of(sectors[i]);
        put.relation = RELATION_CONSTITUENT;
        TRY(store_organisation_add(work, &put, &number));
        assert_int_equal(number, i + 1);
    }
    return OK;
}

static void sums_are_those_of_the_plain_counting(void **state)
{
    struct test_store *store = ready(state);
    struct counting counting = {.all = arena_new(store->arena, struct event_count, DAYS * ORGANISATIONS * CLASSES)};
    unsigned seed = (unsigned)time(NULL);
    print_message("# seed %u\n", seed);
    test_ok(test_work(store, sectors_make, NULL));
    for (size_t i = 0; i < 12; i++) {
        batch_draw(&counting, &seed);
        test_ok(test_work(store, batch_add, &counting));
        int64_t from = FIRST_DAY - 5 + rand_r(&seed) % DAYS;
        check_span(store, &counting, from, from + rand_r(&seed) % DAYS);
    }
    check_span(store, &counting, 0, 30000);
    check_span(store, &counting, FIRST_DAY, FIRST_DAY);
    check_span(store, &counting, time_month_begins(time_month_of(20780)), time_month_begins(time_month_of(20780) + 1));
    int64_t wrong;
    test_ok(store_count_check(store->db, &wrong));
    assert_int_equal(wrong, 0);
}

static struct err meddle(struct work *work, void *context)
{
    (void)context;
    TRY(db_run(work->db, "UPDATE class_sum SET hits = hits + 1 WHERE day = 20001", NULL, 0, NULL));
    TRY(db_run(work->db, "UPDATE organisation_sum SET events = 1 WHERE organisation = 7", NULL, 0, NULL));
    TRY(db_run(work->db, "INSERT INTO organisation_sum VALUES (3, 7, 1, 1, 1)", NULL, 0, NULL));
    return db_run(work->db, "DELETE FROM class_sum WHERE day = 20000 AND class = ''", NULL, 0, NULL);
}

static struct err rebuild(struct work *work, void *context)
{
    (void)context;
    return store_count_rebuild(work);
}

static void sums_that_are_wrong_are_found_and_made_anew(void **state)
{
    struct test_store *store = ready(state);
    struct call call = {.count = 3};
    struct count_sum *sums;
    size_t count;
    int64_t wrong;
    test_ok(store_count_check(store->db, &wrong));
    assert_int_equal(wrong, 0);
    call.rows[0] = (struct event_count){20000, 7, 1, S("fraud/phishing"), 5, 2, 0};
    call.rows[1] = (struct event_count){20000, 7, 1, S(""), 6, 0, 0};
    call.rows[2] = (struct event_count){20001, 8, 1, S(""), 11, 0, 4};
    test_ok(test_work(store, add, &call));
    test_ok(test_work(store, meddle, NULL));
    test_ok(store_count_check(store->db, &wrong));
    assert_int_equal(wrong, 4);
    test_ok(test_work(store, rebuild, NULL));
    test_ok(store_count_check(store->db, &wrong));
    assert_int_equal(wrong, 0);
    test_ok(store_count_sum(store->db, COUNT_BY_CLASS, 0, 30000, store->arena, &sums, &count));
    assert_int_equal(count, 2);
    assert_int_equal(sums[0].events, 17);
    assert_int_equal(sums[0].doubles, 4);
}

/* ---- A node from before there were sums ---- */

#define BEFORE_SUMS 17 /* migrations */

static int set_up_before_sums(void **state)
{
    int status = test_database_make(state);
    test_store = (struct test_store){.base = *state};
    *state = &test_store;
    if (status != 0 || test_store.base->where == NULL)
        return status;
    const struct db_options options = {.where = test_store.base->where, .create = true};
    test_store.arena = arena_open("test of a migration", ARENA_WORK, 64u << 20);
    test_store.actor = (struct actor){.name = S("local"), .how = ACTOR_MACHINE, .roles = 1u << ROLE_LOCAL};
    test_ok(db_open(&options, test_store.arena, &test_store.db));
    test_ok(db_migrate(test_store.db, store_schema, BEFORE_SUMS, test_store.arena));
    return 0;
}

/* Days around the ends of all months of some years, leap years and none, and what was put aside. */
static struct err old_counts_add(struct db *db, void *context)
{
    static const char ADD[] = "INSERT INTO event_count VALUES ($1, $2, 1, '', $3, 1, 0)";
    static const char BAD[] =
            "INSERT INTO quarantined (batch, place, input, why, record) VALUES (1, $1, 'eve.json', 'no JSON', $2)";
    static char text[1024];
    (void)context;
    for (int64_t month = 1999 * 12; month < 2005 * 12; month++)
        for (int64_t day = time_month_begins(month) - 1; day <= time_month_begins(month); day++) {
            const struct db_value values[] = {db_i64(day), db_i64(day % 3), db_i64(day)};
            TRY(db_run(db, ADD, values, COUNT_OF(values), NULL));
        }
    for (int64_t place = 0; place < 2; place++) {
        const struct db_value values[] = {db_i64(place), db_bytes((slice){text, place == 0 ? 7 : sizeof text})};
        TRY(db_run(db, BAD, values, COUNT_OF(values), NULL));
    }
    return OK;
}

static void a_node_from_before_has_the_sums_of_its_counts(void **state)
{
    static const char BYTES[] = "SELECT CAST(SUM(bytes) AS BIGINT) FROM quarantined";
    struct test_store *store = ready(state);
    struct count_sum *sums;
    size_t count;
    int64_t wrong, bytes;
    test_ok(db_work(store->db, old_counts_add, NULL));
    test_ok(db_migrate(store->db, store_schema, store_schema_count, store->arena));
    test_ok(store_count_check(store->db, &wrong));
    assert_int_equal(wrong, 0);
    test_ok(store_count_sum(store->db, COUNT_BY_DAY, 0, 30000, store->arena, &sums, &count));
    assert_int_equal(count, 2 * 6 * 12);
    test_ok(db_one(store->db, BYTES, NULL, 0, 0, &bytes));
    assert_int_equal(bytes, 7); /* whether the other one went on is not known */
}

static struct err sum_up(void *context, const uint64_t *digests, size_t count)
{
    for (size_t i = 0; i < count; i++)
        *(uint64_t *)context += digests[i];
    return OK;
}

static void what_came_on_a_day_is_known_until_it_is_forgotten(void **state)
{
    struct test_store *store = ready(state);
    const uint64_t digests[] = {1, 10, 100};
    uint64_t sum = 0;
    for (int64_t day = 5; day < 8; day++) {
        struct call call = {.day = day, .digests = digests, .count = (size_t)(day - 4)};
        clock_set(day * DAY_US);
        test_ok(test_work(store, seen_add, &call));
    }
    test_ok(store_count_seen(store->db, 3, 6, sum_up, &sum));
    assert_int_equal(sum, 11);
    struct call call = {.day = 7};
    test_ok(test_work(store, forget, &call));
    assert_int_equal(call.forgotten, 2);
    sum = 0;
    test_ok(store_count_seen(store->db, 3, 6, sum_up, &sum));
    assert_int_equal(sum, 0);
    test_ok(store_count_seen(store->db, 3, 7, sum_up, &sum));
    assert_int_equal(sum, 111);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
            TEST_ON_BOTH(counts_add_up_by_day_whose_and_class, set_up, tear_down),
            TEST_ON_BOTH(sums_are_those_of_the_plain_counting, set_up, tear_down),
            TEST_ON_BOTH(sums_that_are_wrong_are_found_and_made_anew, set_up, tear_down),
            TEST_ON_BOTH(a_node_from_before_has_the_sums_of_its_counts, set_up_before_sums, tear_down),
            TEST_ON_BOTH(what_came_on_a_day_is_known_until_it_is_forgotten, set_up, tear_down),
    };
    cmocka_set_message_output(CM_OUTPUT_TAP);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
