/* SPDX-License-Identifier: Apache-2.0 */
#include "text/mustache.h"

#include <setjmp.h>
#include <stdarg.h>

#include <cmocka.h>

#include "base/arena.h"
#include "text/catalogue.h"
#include "json/check.h"
#include "json/read.h"

static struct arena *arena;

/* What a template is given in a test: its partials are members of an object, texts of the same kind. */
struct given {
    slice partials;
    const struct catalogue *catalogue;
};

static const struct template *partial(void *context, slice name)
{
    const struct given *given = context;
    struct template *made;
    slice text = json_get(given->partials, name);
    if (text.len == 0 || mustache_read("partial", json_text(text, arena), arena, &made).kind != ERR_NONE)
        return NULL;
    return made;
}

static struct err render_with(slice template, slice document, struct given given, struct buf *out)
{
    struct json_tape tape = {0};
    struct template *made;
    TRY(mustache_read("page", template, arena, &made));
    /* of a number alone nobody knows that it ends there, so a blank stands behind it */
    slice text = slice_of(arena_printf(arena, "%.*s ", (int)document.len, document.ptr));
    assert_int_equal(json_check(text, &json_limits_default, NULL).kind, ERR_NONE);
    assert_true(json_tape_read(&tape, text, JSON_TAPE_CHECKED));
    struct mustache with = {&tape, given.catalogue, partial, &given};
    struct err err = mustache_render(made, &with, arena, out);
    json_tape_free(&tape);
    return err;
}

static void assert_renders(const char *template, const char *document, const char *expected)
{
    struct buf out = buf_make(1u << 20);
    struct err err = render_with(slice_of(template), slice_of(document), (struct given){0}, &out);
    assert_string_equal(err.why == NULL ? "" : err.why, "");
    buf_byte(&out, 0);
    assert_string_equal(out.ptr, expected);
    buf_free(&out);
}

static void assert_refused(const char *template, const char *why)
{
    struct template *made;
    struct err err = mustache_read("page", slice_of(template), arena, &made);
    assert_int_equal(err.kind, ERR_INPUT);
    assert_string_equal(err.why, why);
}

static void a_value_is_escaped_for_html(void **state)
{
    (void)state;
    assert_renders("<a title=\"{{v}}\">", "{\"v\":\"&<>\\\"'/`\"}", "<a title=\"&amp;&lt;&gt;&quot;&#39;/`\">");
    assert_renders("{{v}}", "{\"v\":\"a\\u0000b\\u001b\\t\\n\\u00e9\"}",
            "a\xEF\xBF\xBD"
            "b\xEF\xBF\xBD\t\n\xC3\xA9");
    assert_renders("{{v}}", "{\"v\":\"\\u003cscript\\u003e\"}", "&lt;script&gt;");
}

static void what_would_be_written_unescaped_is_refused(void **state)
{
    (void)state;
    assert_refused("{{{v}}}", "page:1: a value cannot be written unescaped");
    assert_refused("a\nb\n {{&v}}", "page:3: a value cannot be written unescaped");
    assert_refused("{{ & v}}", "page:1: a value cannot be written unescaped");
    assert_refused("{{=<% %>=}}\n<%{v}%>", "page:2: a value cannot be written unescaped");
    assert_refused("{{#_}}Hello {{{v}}}{{/_}}", "page:1: a value cannot be written unescaped");
}

static void values_are_written_as_the_document_spells_them(void **state)
{
    (void)state;
    assert_renders("{{a}} {{b}} {{c}} {{d}} {{e}}",
            "{\"a\":1.21e3,\"b\":-0.10,\"c\":123456789012345678901,\"d\":true,\"e\":false}",
            "1.21e3 -0.10 123456789012345678901 true false");
    assert_renders("({{a}}{{b}}{{c}}{{d}})", "{\"a\":null,\"b\":{\"x\":1},\"c\":[1]}", "()");
}

static void a_section_is_for_what_is_there(void **state)
{
    (void)state;
    static const struct {
        const char *value;
        const char *expected;
    } rows[] = {
            {"null", "no"},
            {"false", "no"},
            {"\"\"", "no"},
            {"[]", "no"},
            {"true", "yes"},
            {"0", "yes"},
            {"\"0\"", "yes"},
            {"{}", "yes"},
            {"[null]", "yes"},
            {"[0,1]", "yesyes"},
            {"[[]]", "yes"},
    };
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        char document[64];
        snprintf(document, sizeof document, "{\"v\":%s}", rows[i].value);
        assert_renders("{{#v}}yes{{/v}}{{^v}}no{{/v}}", document, rows[i].expected);
    }
}

static void names_are_looked_for_from_the_inside_out(void **state)
{
    (void)state;
    assert_renders("{{#a}}{{x}}{{y}}{{#b}}{{x}}{{y}}{{z}}{{/b}}{{/a}}",
            "{\"x\":1,\"y\":2,\"z\":3,\"a\":{\"x\":4,\"b\":[{\"x\":5},{\"y\":6}]}}",
            "4252"
            "3463");
    assert_renders("{{a.b.c}}{{a.x.c}}{{#a.b}}{{c}}{{/a.b}}", "{\"x\":1,\"a\":{\"b\":{\"c\":7}}}", "77");
    assert_renders("{{n}}{{a.m}}", "{\"\\u006e\":1,\"a\":{\"\\u006d\":2}}", "12");
    assert_renders("{{#n}}{{^v}}{{.}}{{/v}}{{/n}}", "{\"n\":[\"a\",[],\"b\"]}", "ab");
}

static void a_mistake_in_a_template_has_its_place(void **state)
{
    (void)state;
    static const char *const rows[][2] = {
            {"{{a", "page:1: a tag that is not closed"},
            {"{{! a", "page:1: a tag that is not closed"},
            {"\n{{}}", "page:2: a tag without a name"},
            {"{{#}}", "page:1: a tag without a name"},
            {"{{a b}}", "page:1: not a name: a b"},
            {"{{a..b}}", "page:1: not a name: a..b"},
            {"{{.a}}", "page:1: not a name: .a"},
            {"{{a.}}", "page:1: not a name: a."},
            {"{{a\xC3\xA9}}", "page:1: not a name: a\xC3\xA9"},
            {"{{a\"}}", "page:1: not a name: a\""},
            {"{{a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a}}", "page:1: not a name: a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a"},
            {"\n{{#a}}\n{{#b}}{{/b}}", "page:2: a section that is not closed: a"},
            {"{{#a}}\n{{/b}}", "page:2: it closes what is not the innermost open section: b"},
            {"{{/b}}", "page:1: it closes what is not the innermost open section: b"},
            {"{{=<%=}}", "page:1: delimiters are set as {{=<% %>=}}"},
            {"{{=a b}}", "page:1: delimiters are set as {{=<% %>=}}"},
            {"{{=a b c=}}", "page:1: delimiters are set as {{=<% %>=}}"},
            {"{{=}}", "page:1: delimiters are set as {{=<% %>=}}"},
            {"{{|}}", "page:1: a tag without a name"},
            {"{{|a}}", "page:1: {{|}} stands once, in text that counts"},
            {"{{#_}}a", "page:1: a section that is not closed: _"},
            {"{{#_}} \n {{/_}}", "page:1: text for people that is empty"},
            {"{{#_ n}}{{|}}a{{/_}}", "page:1: text for people that is empty"},
            {"{{#_}}a{{#b}}{{/b}}{{/_}}", "page:1: text for people holds values and nothing else: b"},
            {"{{#_}}a{{>b}}{{/_}}", "page:1: text for people holds values and nothing else: b"},
            {"{{#_}}a{{|}}b{{/_}}", "page:1: {{|}} stands once, in text that counts"},
            {"{{#_ n}}a{{/_}}", "page:1: text that counts has two sides, {{|}} between them"},
            {"{{#_ n}}{{|}}{{/_}}", "page:1: text for people that is empty"},
            {"{{#_ n}}a{{|n}}b{{/_}}", "page:1: {{|}} stands once, in text that counts"},
            {"{{#_ n}}a{{|}}b{{|}}c{{/_}}", "page:1: {{|}} stands once, in text that counts"},
            {"{{=<% %>=}}<%#_%>a {{b}}<%/_%>", "page:1: text for people cannot hold {{ itself"},
    };
    for (size_t i = 0; i < COUNT_OF(rows); i++)
        assert_refused(rows[i][0], rows[i][1]);
}

/* A template of `count` sections in each other. */
static slice nested(size_t count)
{
    struct buf text = buf_make(1u << 20);
    for (size_t i = 0; i < count; i++)
        buf_put(&text, S("{{#a}}"));
    buf_put(&text, S("x"));
    for (size_t i = 0; i < count; i++)
        buf_put(&text, S("{{/a}}"));
    slice made = arena_copy(arena, buf_slice(&text));
    buf_free(&text);
    return made;
}

static void depth_steps_and_bytes_have_ceilings(void **state)
{
    (void)state;
    struct buf out = buf_make(64);
    struct template *made;
    assert_int_equal(render_with(nested(MUSTACHE_DEPTH_MAX), S("{\"a\":1}"), (struct given){0}, &out).kind, ERR_NONE);
    assert_true(slice_eq(buf_slice(&out), S("x")));
    struct err err = mustache_read("page", nested(MUSTACHE_DEPTH_MAX + 1), arena, &made);
    assert_string_equal(err.why, "page:1: sections nest too deeply at a");

    /* A partial that holds itself, once and twice. */
    struct given given = {.partials = S("{\"p\":\"{{>p}}\",\"q\":\"{{#n}}{{>q}}{{/n}}\"}")};
    err = render_with(S("{{>p}}"), S("{}"), given, &out);
    assert_int_equal(err.kind, ERR_LIMIT);
    assert_string_equal(err.why, "partial: more than 32 sections and partials in each other");
    err = render_with(S("{{>q}}"), S("{\"n\":[1,2,3,4,5,6,7,8]}"), given, &out);
    assert_int_equal(err.kind, ERR_LIMIT);

    static char big[MUSTACHE_BYTES_MAX + 1];
    memset(big, 'x', sizeof big);
    assert_int_equal(mustache_read("page", (slice){big, sizeof big - 1}, arena, &made).kind, ERR_NONE);
    assert_int_equal(mustache_read("page", (slice){big, sizeof big}, arena, &made).kind, ERR_INPUT);
    err = render_with((slice){big, sizeof big - 1}, S("{}"), given, &out);
    assert_int_equal(err.kind, ERR_LIMIT);
    buf_free(&out);
}

static void many_steps_without_a_byte_end(void **state)
{
    (void)state;
    struct buf out = buf_make(64), document = buf_make(1u << 20);
    buf_put(&document, S("{\"n\":[0"));
    for (size_t i = 0; i < 500; i++)
        buf_put(&document, S(",0"));
    buf_put(&document, S("]}"));
    struct err err =
            render_with(S("{{#n}}{{#n}}{{#n}}{{x}}{{/n}}{{/n}}{{/n}}"), buf_slice(&document), (struct given){0}, &out);
    assert_int_equal(err.kind, ERR_LIMIT);
    assert_string_equal(err.why, "page: more than 4194304 steps");
    buf_free(&document);
    buf_free(&out);
}

static void lines_of_a_partial_are_indented_and_values_are_not(void **state)
{
    (void)state;
    struct buf out = buf_make(1u << 10);
    struct given given = {.partials = S("{\"p\":\"<p>\\n{{#v}}\\n{{.}}\\n{{/v}}\\n  {{>q}}\\n</p>\\n\","
                                        "\"q\":\"{{! gone }}\\nq{{>r}}\\n\\n\",\"r\":\"1\\n2\"}")};
    struct err err = render_with(S("a\n  {{>p}}\nb"), S("{\"v\":[\"x\\ny\",\"z\"]}"), given, &out);
    assert_int_equal(err.kind, ERR_NONE);
    buf_byte(&out, 0);
    assert_string_equal(out.ptr, "a\n  <p>\n  x\ny\n  z\n    q1\n2\n    \n  </p>\nb");
    buf_free(&out);
}

/* The catalogue of a test, which says a few texts the other way round. */
static const struct catalogue *turned(void)
{
    /* head; rows of "" "Hello {{name}}, you have <b>{{n}}</b>", "{{n}} object\0{{n}} objects" in order */
    static const char *const texts[][2] = {
            {"", "Content-Type: text/plain; charset=UTF-8\nPlural-Forms: nplurals=1; plural=0;\n"},
            {"Hello {{name}}, you have <b>{{n}}</b>", "<b>{{n}}</b> for {{ name }}{{unknown}} {{"},
            {"{{n}} object", "{{n}} objek"},
    };
    struct buf mo = buf_make(1u << 12), bytes = buf_make(1u << 12);
    uint32_t head[7] = {0x950412de, 0, COUNT_OF(texts), 28, 28 + 8 * COUNT_OF(texts), 0, 0};
    buf_put(&mo, (slice){(const char *)head, sizeof head});
    for (size_t side = 0; side < 2; side++)
        for (size_t i = 0; i < COUNT_OF(texts); i++) {
            slice text = slice_of(texts[i][side]);
            uint32_t row[2] = {(uint32_t)text.len, (uint32_t)(28 + 16 * COUNT_OF(texts) + bytes.len)};
            buf_put(&mo, (slice){(const char *)row, sizeof row});
            buf_put(&bytes, text);
            buf_byte(&bytes, 0);
        }
    buf_put(&mo, buf_slice(&bytes));
    struct catalogue *catalogue;
    struct err err = catalogue_read(arena_copy(arena, buf_slice(&mo)), arena, &catalogue);
    assert_string_equal(err.why == NULL ? "" : err.why, "");
    buf_free(&mo);
    buf_free(&bytes);
    return catalogue;
}

static void text_for_people_is_looked_up(void **state)
{
    (void)state;
    slice template = S("{{#p}}{{#_}}\n    Hello {{ name }},\n    you have <b>{{n}}</b>\n{{/_}};"
                       "{{#_ n}}{{n}} object{{|}}{{n}} objects{{/_}};{{#_}}More{{/_}}{{/p}}");
    static const struct {
        bool translated;
        const char *document, *expected;
    } rows[] = {
            {false, "{\"name\":\"<A>\",\"p\":[{\"n\":1},{\"n\":2},{\"n\":\"1\"}]}",
                    "Hello &lt;A&gt;, you have <b>1</b>;1 object;More"
                    "Hello &lt;A&gt;, you have <b>2</b>;2 objects;More"
                    "Hello &lt;A&gt;, you have <b>1</b>;1 objects;More"},
            {true, "{\"name\":\"<A>\",\"p\":[{\"n\":1},{\"n\":0}]}",
                    "<b>1</b> for &lt;A&gt; ;1 objek;More<b>0</b> for &lt;A&gt; ;0 objek;More"},
    };
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        struct buf out = buf_make(1u << 10);
        struct given given = {.catalogue = rows[i].translated ? turned() : NULL};
        assert_int_equal(render_with(template, slice_of(rows[i].document), given, &out).kind, ERR_NONE);
        buf_byte(&out, 0);
        assert_string_equal(out.ptr, rows[i].expected);
        buf_free(&out);
    }
}

static void the_texts_for_people_of_a_template_can_be_listed(void **state)
{
    (void)state;
    struct template *made;
    slice text, many;
    size_t at = 0;
    slice template = S("{{=<% %>=}}<p><%#_%> a  <%x%>\n<%! said %> b <%/_%><%#_ n%>one<%|%>more<%/_%>");
    assert_int_equal(mustache_read("page", template, arena, &made).kind, ERR_NONE);
    assert_true(mustache_words(made, &at, &text, &many));
    assert_true(slice_eq(text, S("a {{x}} b")) && many.len == 0);
    assert_true(mustache_words(made, &at, &text, &many));
    assert_true(slice_eq(text, S("one")) && slice_eq(many, S("more")));
    assert_false(mustache_words(made, &at, &text, &many));
}

/* Third-party files, where there are any: the public specification. */

/* Cases that want values unescaped, which templates here cannot: refused by design. */
static const char *const refused[] = {
        "interpolation.json: Triple Mustache",
        "interpolation.json: Ampersand",
        "interpolation.json: Triple Mustache Integer Interpolation",
        "interpolation.json: Ampersand Integer Interpolation",
        "interpolation.json: Triple Mustache Decimal Interpolation",
        "interpolation.json: Ampersand Decimal Interpolation",
        "interpolation.json: Triple Mustache Null Interpolation",
        "interpolation.json: Ampersand Null Interpolation",
        "interpolation.json: Triple Mustache Context Miss Interpolation",
        "interpolation.json: Ampersand Context Miss Interpolation",
        "interpolation.json: Dotted Names - Triple Mustache Interpolation",
        "interpolation.json: Dotted Names - Ampersand Interpolation",
        "interpolation.json: Implicit Iterators - Triple Mustache",
        "interpolation.json: Implicit Iterators - Ampersand",
        "interpolation.json: Triple Mustache - Surrounding Whitespace",
        "interpolation.json: Ampersand - Surrounding Whitespace",
        "interpolation.json: Triple Mustache - Standalone",
        "interpolation.json: Ampersand - Standalone",
        "interpolation.json: Triple Mustache With Padding",
        "interpolation.json: Ampersand With Padding",
        "sections.json: Implicit Iterator - Triple mustache",
        "sections.json: Implicit Iterator - Ampersand",
        "partials.json: Standalone Indentation",
};

static const char *const specifications[] = {"comments.json", "delimiters.json", "interpolation.json", "inverted.json",
        "partials.json", "sections.json", "~inheritance.json"};

struct tally {
    size_t cases, passed, refused;
};

static bool is_refused(const char *name)
{
    for (size_t i = 0; i < COUNT_OF(refused); i++)
        if (strcmp(name, refused[i]) == 0)
            return true;
    return false;
}

/* A template or one of its partials asks for something unescaped. */
static bool wants_unescaped(slice template, slice partials)
{
    return slice_find_slice(template, S("{{{")) < template.len || slice_find_slice(template, S("{{&")) < template.len ||
           slice_find_slice(partials, S("{{{")) < partials.len || slice_find_slice(partials, S("{{&")) < partials.len;
}

static void case_run(const char *file, slice test, struct tally *tally)
{
    slice name = json_text(json_get(test, S("name")), arena);
    slice template = json_text(json_get(test, S("template")), arena);
    slice expected = json_text(json_get(test, S("expected")), arena);
    struct given given = {.partials = json_get(test, S("partials"))};
    const char *label = arena_printf(arena, "%s: %.*s", file, (int)name.len, name.ptr);
    struct buf out = buf_make(1u << 20);
    struct err err = render_with(template, json_get(test, S("data")), given, &out);
    bool same = err.kind == ERR_NONE && slice_eq(buf_slice(&out), expected);
    if (is_refused(label)) {
        assert_true(wants_unescaped(template, given.partials));
        assert_false(same);
        tally->refused++;
    } else if (!same)
        fail_msg("%s: %s %.*s", label, err.why == NULL ? "renders" : err.why, (int)out.len, out.ptr);
    else
        tally->passed++;
    tally->cases++;
    buf_free(&out);
}

static void file_run(const char *folder, const char *file, struct tally *tally)
{
    static char text[1 << 20];
    FILE *stream = fopen(arena_printf(arena, "%s/%s", folder, file), "rb");
    if (stream == NULL)
        return;
    slice whole = {text, fread(text, 1, sizeof text, stream)}, test;
    fclose(stream);
    assert_int_equal(json_check(whole, &json_limits_default, NULL).kind, ERR_NONE);
    struct json_elements tests = json_elements(json_get(whole, S("tests")));
    while (json_element_next(&tests, &test))
        case_run(file, test, tally);
}

static void the_public_specification_holds(void **state)
{
    (void)state;
    const char *base = getenv("KENTONGAN_CONFORMANCE"), *root = getenv("KENTONGAN_ROOT");
    const char *folder = arena_printf(arena, "%s%s/mustache",
            base != NULL   ? base
            : root != NULL ? root
                           : ".",
            base != NULL ? "" : "/../shared/conformance");
    struct tally tally = {0};
    for (size_t i = 0; i < COUNT_OF(specifications); i++)
        file_run(folder, specifications[i], &tally);
    if (tally.cases == 0) {
        print_message("# no third-party test data %s\n", folder);
        skip();
    }
    print_message("# %zu cases: %zu as specified, %zu refused by design\n", tally.cases, tally.passed, tally.refused);
    assert_int_equal(tally.refused, COUNT_OF(refused));
}

static int open_arena(void **state)
{
    (void)state;
    arena = arena_open("test", ARENA_WORK, 256u << 20);
    return 0;
}

static int close_arena(void **state)
{
    (void)state;
    arena_close(arena);
    return 0;
}

int main(void)
{
    cmocka_set_message_output(CM_OUTPUT_TAP);
    const struct CMUnitTest tests[] = {
            cmocka_unit_test(a_value_is_escaped_for_html),
            cmocka_unit_test(what_would_be_written_unescaped_is_refused),
            cmocka_unit_test(values_are_written_as_the_document_spells_them),
            cmocka_unit_test(a_section_is_for_what_is_there),
            cmocka_unit_test(names_are_looked_for_from_the_inside_out),
            cmocka_unit_test(a_mistake_in_a_template_has_its_place),
            cmocka_unit_test(depth_steps_and_bytes_have_ceilings),
            cmocka_unit_test(many_steps_without_a_byte_end),
            cmocka_unit_test(lines_of_a_partial_are_indented_and_values_are_not),
            cmocka_unit_test(text_for_people_is_looked_up),
            cmocka_unit_test(the_texts_for_people_of_a_template_can_be_listed),
            cmocka_unit_test(the_public_specification_holds),
    };
    return cmocka_run_group_tests(tests, open_arena, close_arena);
}
