/* SPDX-License-Identifier: Apache-2.0 */
#include "plan/classify.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "base/arena.h"
#include "base/buf.h"

static struct arena *arena;

static int set_up(void **state)
{
    (void)state;
    arena = arena_open("test", ARENA_WORK, 16u << 20);
    return 0;
}

static int tear_down(void **state)
{
    (void)state;
    arena_close(arena);
    return 0;
}

#define HEAD "[file]\nversion = 1\nsource = made up\n"

static struct plan_classes rules_of(const char *text)
{
    struct plan_classes classes;
    struct err err =
            plan_classes_read("a.conf", slice_of(arena_printf(arena, HEAD "%s", text)), NULL, NULL, arena, &classes);
    if (err.kind != ERR_NONE)
        fail_msg("%s", err.why);
    return classes;
}

static struct plan_proposal proposed(const struct plan_classes *classes, const char *text)
{
    const struct plan_told told = {.subject = S(""), .text = slice_of(text)};
    return plan_classify(classes, &told, arena);
}

static void is(slice got, const char *wanted, const char *text)
{
    if (!slice_eq(got, slice_of(wanted)))
        fail_msg("\"%.*s\" instead of \"%s\" for: %s", (int)got.len, got.ptr, wanted, text);
}

/* The rules that come with the program, read by hand for what people write. */
static void what_people_write_has_its_class(void **state)
{
    static const struct {
        const char *text, *class, *rule, *severity, *flags;
    } rows[] = {
            {"Akun Anda akan diblokir. Klik tautan ini untuk verifikasi akun: hxxps://toko-login[.]example",
                    "fraud/phishing", "phishing", "medium", ""},
            {"Dear customer, your mailbox is full. Verify  your\r\nACCOUNT now.", "fraud/phishing", "phishing",
                    "medium", ""},
            {"尊敬的用户，您的账户将被冻结，请点击链接验证账户", "fraud/phishing", "phishing", "medium", ""},
            {"Saya terlanjur transfer 2 juta ke penipu lewat situs palsu itu", "fraud/phishing", "phishing", "high",
                    "money-lost"},
            {"I already paid them through that fake shop", "fraud/masquerade", "impostor", "high", "money-lost"},
            {"我在这个假网站上已经转账三千元", "fraud/phishing", "phishing", "high", "money-lost"},
            {"Please see the attached invoice and enable macros.", "malicious-code/malware-distribution",
                    "malware-sent", "medium", ""},
            {"Undangan pernikahan digital, kata pengirim: undangan.apk", "malicious-code/malware-distribution",
                    "malware-sent", "medium", ""},
            {"All your files have been encrypted. Pay the ransom within 72 hours.",
                    "information-content-security/unauthorised-information-modification", "ransomware", "high",
                    "ransomware"},
            {"Rekam medis pasien tidak bisa diakses, semua file dienkripsi",
                    "information-content-security/unauthorised-information-modification", "ransomware", "critical",
                    "clinical ransomware"},
            {"Halaman depan diubah, website kami diretas",
                    "information-content-security/unauthorised-information-modification", "defacement", "medium",
                    "defacement"},
            {"Data pelanggan kami bocor dan dijual di forum", "information-content-security/data-leak", "data-sold",
                    "high", "personal-data"},
            {"Is this phishing? \"Special offer: 50 % discount, free shipping! Unsubscribe\"", "abusive-content/spam",
                    "advert", "info", "advert"},
            {"Diskon 50 persen, beli sekarang! Berhenti berlangganan di sini", "abusive-content/spam", "advert", "info",
                    "advert"},
            {"限时特价，包邮，立即购买", "abusive-content/spam", "advert", "info", "advert"},
            {"Special offer! Limited offer! Verify your account to get the coupon code", "fraud/phishing", "phishing",
                    "medium", ""},
            {"I found a vulnerability (SQL injection) in the portal of the ministry", "vulnerable/vulnerable-system",
                    "weakness", "medium", ""},
            {"I do not like this opinion about the harbour", "", "", "info", "opinion"},
            {"Our server is flooded with traffic since noon", "availability/ddos", "flood", "medium", ""},
            {"Somebody signed in as me, my account was hacked", "intrusions/unprivileged-account-compromise",
                    "account-taken", "medium", ""},
            {"Selamat pagi, jam berapa kantor buka?", "", "", "", ""},
    };
    struct plan_classes classes;
    (void)state;
    struct err err = plan_classes_shipped(arena, &classes);
    if (err.kind != ERR_NONE)
        fail_msg("%s", err.why);
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        struct plan_proposal got = proposed(&classes, rows[i].text);
        is(got.class, rows[i].class, rows[i].text);
        is(got.class_rule, rows[i].rule, rows[i].text);
        is(got.severity, rows[i].severity, rows[i].text);
        is(got.flags, rows[i].flags, rows[i].text);
    }
}

static void a_phrase_is_whole_words(void **state)
{
    static const struct {
        const char *phrase, *text;
        bool there;
    } rows[] = {
            {"ransom", "the ransomware", false},
            {"ransom", "the ransom.", true},
            {"ransom*", "the ransomware", true},
            {"ware", "ransomware", false},
            {"*ware", "ransomware", true},
            {"ransom", "ransomware, that is: ransom", true},
            {"verify your account", "VERIFY\n\n  your\taccount!", true},
            {"verify your account", "verify your accounts", false},
            {"verify your account", "verify\xC2\xA0your\xE2\x80\x8B account", true},
            {"verify your account", "ver\xC2\xADify your account", true},
            {"verify your account", "\xEF\xBC\xB6\xEF\xBD\x85rify your account", true},
            {"i don't like", "I don\xE2\x80\x99t like", true},
            {"钓鱼", "这是钓\n鱼网站", true},
            {"钓鱼", "这是钓。鱼", false},
            {"ddos攻击", "遭到DDoS攻击", true},
            {"xss", "", false},
            {"aa", "aaaaaaaaaaaaaaaa", false},
    };
    (void)state;
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        struct plan_classes classes =
                rules_of(arena_printf(arena, "[class a]\nen = %s\nflags = advert\nseverity = low\n", rows[i].phrase));
        is(proposed(&classes, rows[i].text).severity, rows[i].there ? "low" : "", rows[i].text);
    }
}

static void the_first_class_counts_and_the_gravest_severity(void **state)
{
    struct plan_classes classes =
            rules_of("[class a]\nen = drum\nclass = fraud/phishing\nseverity = low\nflags = advert\n"
                     "[class b]\nen = drum\nflags = clinical advert\n"
                     "[class late]\nen = drum\nclass = other/other\nseverity = critical\nflags = opinion\n"
                     "[class c]\nen = drum\nseverity = high\n"
                     "[class d]\nen = drum\nseverity = medium\n"
                     "[class e]\nen = bell\nseverity = critical\nflags = opinion\n");
    (void)state;
    struct plan_proposal got = proposed(&classes, "a drum");
    is(got.class, "fraud/phishing", "class");
    is(got.class_rule, "a", "its rule");
    is(got.severity, "high", "severity");
    is(got.severity_rule, "c", "its rule");
    is(got.flags, "advert clinical", "flags");
}

static void least_with_without_link_and_file_narrow(void **state)
{
    static const struct {
        const char *rule, *text;
        bool link, file, fits;
    } rows[] = {
            {"least = 2\n", "drum drum drum", false, false, false},
            {"least = 2\n", "drum and bell", false, false, true},
            {"with = goat; cow\n", "drum", false, false, false},
            {"with = goat; cow\n", "drum of a cow", false, false, true},
            {"without = goat; cow\n", "drum of a cow", false, false, false},
            {"without = goat; cow\n", "drum", false, false, true},
            {"link = yes\n", "drum", false, true, false},
            {"link = yes\n", "drum", true, false, true},
            {"file = yes\n", "drum", true, false, false},
            {"file = yes\n", "drum", false, true, true},
    };
    (void)state;
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        struct plan_classes classes =
                rules_of(arena_printf(arena, "[class a]\nen = drum\nid = bell\nseverity = low\n%s", rows[i].rule));
        const struct plan_told told = {.subject = S(""), slice_of(rows[i].text), rows[i].link, rows[i].file};
        is(plan_classify(&classes, &told, arena).severity, rows[i].fits ? "low" : "", rows[i].rule);
    }
}

static void the_subject_counts_and_no_more_than_the_ceiling(void **state)
{
    struct plan_classes classes = rules_of("[class a]\nen = drum\nseverity = low\n");
    struct plan_told told = {.subject = S("Drum"), .text = S("bell")};
    char *far = arena_take(arena, PLAN_CLASS_TEXT_MAX + 4);
    (void)state;
    is(plan_classify(&classes, &told, arena).severity, "low", "subject");
    memset(far, ' ', PLAN_CLASS_TEXT_MAX);
    memcpy(far + PLAN_CLASS_TEXT_MAX, "drum", 4);
    told = (struct plan_told){.subject = S("a"), .text = {far, PLAN_CLASS_TEXT_MAX + 4}};
    is(plan_classify(&classes, &told, arena).severity, "", "beyond");
    told.text = slice_from(told.text, 4);
    is(plan_classify(&classes, &told, arena).severity, "low", "before");
}

static void an_own_rule_goes_first_and_takes_a_place(void **state)
{
    struct plan_classes shipped = rules_of("[class a]\nen = drum\nclass = fraud/phishing\n"
                                           "[class b]\nen = bell\nclass = other/other\n");
    struct plan_classes own = rules_of("[class mine]\nen = bell\nclass = availability/dos\n"
                                       "[class a]\nen = horn\nclass = fraud/masquerade\n");
    (void)state;
    struct plan_classes all = plan_classes_merge(&own, &shipped, arena);
    assert_int_equal(all.count, 3);
    is(proposed(&all, "a bell").class_rule, "mine", "own first");
    is(proposed(&all, "a drum").class, "", "the own one of that name has no drum");
    is(proposed(&all, "a horn").class, "fraud/masquerade", "own");
}

static void a_mistake_has_its_place(void **state)
{
    static const struct {
        const char *text, *why;
    } rows[] = {
            {HEAD "[class a]\nclass = fraud/phishing\n", "a.conf:4:1: it has fewer phrases"},
            {HEAD "[class a]\nen = drum\nleast = 2\nclass = fraud/phishing\n", "a.conf:4:1: it has fewer phrases"},
            {HEAD "[class a]\nen = drum; Drum\nleast = 2\nclass = fraud/phishing\n",
                    "a.conf:4:1: it has fewer phrases"},
            {HEAD "[class a]\nen = drum\n", "a.conf:4:1: it proposes nothing"},
            {HEAD "[class a]\nen = drum\nclass = phishing\n", "a.conf:6:9: class: a taxonomy/type of RSIT"},
            {HEAD "[class a]\nen = drum\nclass = availability/phishing\n", "a.conf:6:9: class: a taxonomy/type"},
            {HEAD "[class a]\nen = drum\nseverity = bad\n", "a.conf:6:12: severity: info, low"},
            {HEAD "[class a]\nen = drum\nflags = drums\n", "a.conf:6:9: flags: money-lost"},
            {HEAD "[class a]\nen = drum;;bell\n", "a.conf:5:6: en: phrases of 2 to 100 bytes"},
            {HEAD "[class a]\nen = *\n", "a.conf:5:6: en: phrases of 2 to 100 bytes"},
            {HEAD "[class a]\nen = dr*um\n", "a.conf:5:6: en: a star stands at"},
            {HEAD "[class a]\nen = drum\nleast = 21\n", "a.conf:6:9: least: a whole number from 1 to 20"},
            {HEAD "[class a]\nen = drum\nlink = maybe\n", "a.conf:6:8: link: yes or no"},
            {HEAD "[class a]\nregex = .*\n", "a.conf:5:1: a class has no field \"regex\""},
            {HEAD "[responsible a]\n", "a.conf:4:1: a section is [file] or [class NAME]"},
    };
    (void)state;
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        struct plan_classes classes;
        struct err err = plan_classes_read("a.conf", slice_of(rows[i].text), NULL, NULL, arena, &classes);
        assert_int_equal(err.kind, ERR_INPUT);
        if (strstr(err.why, rows[i].why) == NULL)
            fail_msg("%s", err.why);
    }
}

/* So many words in one rule, in one file, that each mail would be searched for long. */
static void phrases_have_a_ceiling(void **state)
{
    struct buf text = buf_make(1u << 20);
    struct plan_classes classes;
    (void)state;
    buf_put(&text, S(HEAD));
    for (size_t i = 0; i <= PLAN_CLASS_PHRASES_MAX; i++)
        buf_printf(&text, i % 100 == 0 ? "\n[class a%zu]\nseverity = low\nen = word %zu" : ";a%zu%zu", i, i);
    struct err err = plan_classes_read("a.conf", buf_slice(&text), NULL, NULL, arena, &classes);
    assert_int_equal(err.kind, ERR_LIMIT);
    assert_string_equal(err.why, "a.conf: it has 4001 phrases; 4000 are the most");
    buf_reset(&text);
    buf_put(&text, S(HEAD "[class a]\nseverity = low\nen = word"));
    for (size_t i = 0; i < 500; i++)
        buf_printf(&text, ";a%zu", i);
    err = plan_classes_read("a.conf", buf_slice(&text), NULL, NULL, arena, &classes);
    assert_int_equal(err.kind, ERR_INPUT);
    assert_non_null(strstr(err.why, "a.conf:6:6: en: a rule has 500 phrases at the most"));
    buf_free(&text);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
            cmocka_unit_test_setup_teardown(what_people_write_has_its_class, set_up, tear_down),
            cmocka_unit_test_setup_teardown(a_phrase_is_whole_words, set_up, tear_down),
            cmocka_unit_test_setup_teardown(the_first_class_counts_and_the_gravest_severity, set_up, tear_down),
            cmocka_unit_test_setup_teardown(least_with_without_link_and_file_narrow, set_up, tear_down),
            cmocka_unit_test_setup_teardown(the_subject_counts_and_no_more_than_the_ceiling, set_up, tear_down),
            cmocka_unit_test_setup_teardown(an_own_rule_goes_first_and_takes_a_place, set_up, tear_down),
            cmocka_unit_test_setup_teardown(a_mistake_has_its_place, set_up, tear_down),
            cmocka_unit_test_setup_teardown(phrases_have_a_ceiling, set_up, tear_down),
    };
    cmocka_set_message_output(CM_OUTPUT_TAP);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
