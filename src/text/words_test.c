/* SPDX-License-Identifier: Apache-2.0 */
#include <setjmp.h>
#include <stdarg.h>

#include <cmocka.h>
#include <dirent.h>

#include "base/arena.h"
#include "text/catalogue.h"
#include "text/mustache.h"

/*
 * The templates of the console as this folder reads them: every text for people in them has a translation. tools/words
 * reads them in its own way; where both do not spell a text alike, it would never be found.
 */

static slice file_read(const char *path, struct arena *arena)
{
    FILE *file = fopen(path, "rb");
    assert_non_null(file);
    char *text = arena_take(arena, MUSTACHE_BYTES_MAX + 1);
    size_t len = fread(text, 1, MUSTACHE_BYTES_MAX + 1, file);
    fclose(file);
    return (slice){text, len};
}

static void template_check(const char *path, struct arena *arena)
{
    struct template *made;
    slice text, many;
    struct err err = mustache_read(path, file_read(path, arena), arena, &made);
    if (err.kind != ERR_NONE)
        fail_msg("%s", err.why);
    for (size_t at = 0; mustache_words(made, &at, &text, &many);)
        for (size_t language = 0; language < LANGUAGES; language++) {
            const struct catalogue *catalogue = catalogue_of((enum language)language);
            if (catalogue != NULL && !catalogue_has(catalogue, text))
                fail_msg("%s: no translation to %s of: %.*s", path, language_name((enum language)language),
                        (int)text.len, text.ptr);
        }
}

static void every_text_of_a_page_is_found_in_every_catalogue(void **state)
{
    (void)state;
    const char *root = getenv("KENTONGAN_ROOT");
    struct arena *arena = arena_open("test", ARENA_WORK, 64u << 20);
    const char *folder = arena_printf(arena, "%s/src/web/page", root == NULL ? "." : root);
    DIR *pages = opendir(folder);
    size_t count = 0;
    for (struct dirent *entry; pages != NULL && (entry = readdir(pages)) != NULL;)
        if (slice_ends(slice_of(entry->d_name), S(".html"))) {
            template_check(arena_printf(arena, "%s/%s", folder, entry->d_name), arena);
            count++;
        }
    if (pages != NULL)
        closedir(pages);
    arena_close(arena);
    if (pages == NULL) {
        print_message("# there are no pages in %s\n", folder);
        skip();
    }
    assert_true(count > 0);
}

int main(void)
{
    cmocka_set_message_output(CM_OUTPUT_TAP);
    const struct CMUnitTest tests[] = {
            cmocka_unit_test(every_text_of_a_page_is_found_in_every_catalogue),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
