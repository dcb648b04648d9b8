/* SPDX-License-Identifier: Apache-2.0 */
/* kentongan profile: who we are, as anybody may read it. */
#include "app/options.h"
#include "app/person.h"
#include "app/team_key.h"
#include "app/typed.h"
#include "base/clock.h"
#include "desk/pgp.h"
#include "desk/security_text.h"
#include "input/input.h"
#include "store/right.h"
#include "text/shown.h"
#include "json/write.h"

#define ROW_MAX (64u << 10)
#define MANY 100
#define KEY_MAX (256u << 10)

/* ---- What there is ---- */

static slice key_of(const struct profile_field *field, enum language language, struct arena *arena)
{
    return field->each ? slice_of(arena_printf(arena, "%s.%s", field->name, language_tag(language)))
                       : slice_of(field->name);
}

static void field_line(struct buf *buf, const struct profile_field *field, slice key, slice value)
{
    buf_printf(buf, "%-16s %-24.*s ", field->section, (int)key.len, key.ptr);
    shown_text_write(buf, value.len > 0 ? value : field->needed ? S("(missing)") : S("-"), true);
}

static void field_json(struct buf *buf, const struct profile_field *field, slice key, const struct profile_value *row)
{
    struct json_writer w = json_writer(buf);
    json_write_object(&w);
    json_write_key_text(&w, S("field"), key);
    json_write_key_text(&w, S("section"), slice_of(field->section));
    json_write_key_text(&w, S("title"), slice_of(field->title));
    json_write_key(&w, S("needed"));
    json_write_bool(&w, field->needed);
    json_write_key_text(&w, S("value"), row == NULL ? S("") : row->value);
    json_write_key(&w, S("changed"));
    json_write_time(&w, row == NULL ? TIME_NONE : row->changed_us);
    json_write_key_text(&w, S("actor"), row == NULL ? S("") : row->actor);
    json_write_end(&w);
}

static struct err field_show(const struct command_line *line, const struct profile_field *field, enum language language,
        const struct profile_value *row)
{
    struct buf buf = buf_make(ROW_MAX);
    slice key = key_of(field, language, line->arena);
    if (command_flag(line, "json"))
        field_json(&buf, field, key, row);
    else
        field_line(&buf, field, key, row == NULL ? S("") : row->value);
    struct err err = buf_check(&buf);
    printf("%.*s\n", (int)buf.len, buf.ptr);
    buf_free(&buf);
    return err;
}

static struct err show(const struct command_line *line, struct local *local)
{
    struct profile_value *rows;
    size_t count;
    TRY(store_right_check(&local->actor, VERB_READ_ORGANISATIONS, 0, line->arena, NULL));
    TRY(store_profile_list(local->db, line->arena, &rows, &count));
    for (const struct profile_field *field = profile_fields; field->name != NULL; field++)
        for (enum language language = 0; language < (field->each ? LANGUAGES : 1); language++)
            TRY(field_show(line, field, language, desk_profile_row(rows, count, field, language)));
    return OK;
}

/* ---- What changes ---- */

/* What follows from it is there when the command ends, whether the node runs or not. */
static struct err publish(const struct command_line *line, struct local *local)
{
    struct publishing publishing;
    struct published published = {0};
    const struct config *config = &local->node.config;
    const struct actor actor = {
            .organisation = local->actor.organisation, .name = S("@profile"), .how = ACTOR_FOLLOWER};
    TRY(team_publishing(config, node_url(config, line->arena), line->arena, &publishing));
    TRY(desk_publish(local->db, &actor, &publishing, line->arena, &published));
    if (published.why != NULL)
        fprintf(stderr, "what is published is not signed: %s\n", published.why);
    fprintf(stderr, "%zu documents were made, %zu withdrawn\n", published.made, published.dropped);
    return OK;
}

static struct err set(const struct command_line *line, struct local *local)
{
    struct profile_typed typed[MANY];
    size_t count = line->file_count - 1, changed;
    for (size_t i = 0; i < count; i++) {
        slice text = slice_of(line->files[i + 1]);
        size_t sign = slice_find(text, '=');
        if (sign == text.len)
            return err_format(
                    line->arena, ERR_INPUT, "%s: write FIELD=VALUE, as mission.en=\"We warn.\"", line->files[i + 1]);
        typed[i] = (struct profile_typed){slice_part(text, 0, sign), slice_from(text, sign + 1)};
    }
    TRY(desk_profile_set(local->db, &local->actor, typed, count, line->arena, &changed));
    fprintf(stderr, "%zu fields were changed\n", changed);
    return publish(line, local);
}

/* ---- What is wrong ---- */

static size_t missing_say(const struct profile_value *rows, size_t count)
{
    size_t said = 0;
    for (enum language language = 0; language < LANGUAGES; language++)
        for (const struct profile_field *field = NULL;
                (field = desk_profile_missing(rows, count, language, field)) != NULL;)
            if (field->each || language == 0) {
                printf("missing: %s%s%s, section %s of RFC 2350: %s\n", field->name, field->each ? "." : "",
                        field->each ? language_tag(language) : "", field->section, field->title);
                said++;
            }
    return said;
}

static struct err security_say(const struct command_line *line, struct local *local, size_t *said)
{
    struct profile_document document;
    struct security_fault *faults;
    size_t count;
    const char *url =
            arena_printf(line->arena, "%s.well-known/security.txt", node_url(&local->node.config, line->arena));
    struct err err = store_profile_document_get(local->db, S(PUBLISH_SECURITY), line->arena, &document);
    if (err.kind == ERR_MISSING) {
        printf("security.txt: there is none before mail is said\n");
        ++*said;
        return OK;
    }
    TRY(err);
    TRY(desk_security_check(document.text, slice_of(url), clock_now_us(), line->arena, &faults, &count));
    for (size_t i = 0; i < count; i++)
        printf("security.txt:%zu: %s [%s]\n", faults[i].line, faults[i].why, faults[i].section);
    if (document.fingerprint.len == 0) {
        printf("security.txt: it is not signed: `kentongan profile key` makes a key\n");
        ++*said;
    }
    *said += count;
    return OK;
}

static struct err check(const struct command_line *line, struct local *local)
{
    struct profile_value *rows;
    size_t count, said;
    TRY(store_right_check(&local->actor, VERB_READ_ORGANISATIONS, 0, line->arena, NULL));
    TRY(store_profile_list(local->db, line->arena, &rows, &count));
    said = missing_say(rows, count);
    TRY(security_say(line, local, &said));
    return said == 0 ? OK
                     : err_format(line->arena, ERR_CONFLICT,
                               "%zu things are missing or wrong: no document says more "
                               "than its profile",
                               said);
}

/* ---- What anybody reads ---- */

static struct err document_name(const struct command_line *line, const char **name)
{
    enum language language = LANGUAGE_ENGLISH;
    slice word = slice_of(line->files[1]), tag = typed_or(line, "language", "en");
    if (slice_eq(word, S(PUBLISH_SECURITY))) {
        *name = PUBLISH_SECURITY;
        return OK;
    }
    if (!slice_eq(word, S("rfc2350")))
        return err_make(ERR_INPUT, "which text? rfc2350 or security.txt");
    if (!language_find(tag, &language))
        return err_make(ERR_INPUT, "--language is en or id");
    *name = desk_publish_name(language);
    return OK;
}

static struct err text(const struct command_line *line, struct local *local)
{
    struct profile_document document;
    const char *name;
    TRY(document_name(line, &name));
    struct err err = store_profile_document_get(local->db, slice_of(name), line->arena, &document);
    if (err.kind == ERR_MISSING)
        return err_make(ERR_MISSING, "it is not there before nothing is missing: `kentongan profile check`");
    TRY(err);
    return fwrite(document.text.ptr, 1, document.text.len, stdout) == document.text.len
                   ? OK
                   : err_errno(line->arena, "standard output");
}

/* ---- The key ---- */

/* "CERT Melati <cert@melati.example>", as the profile has it. */
static struct err key_name(const struct command_line *line, struct local *local, const char **name)
{
    struct profile_value *rows;
    size_t count;
    TRY(store_profile_list(local->db, line->arena, &rows, &count));
    slice team = desk_profile_value(rows, count, desk_profile_field(S("name")), LANGUAGE_ENGLISH);
    slice mail = desk_profile_value(rows, count, desk_profile_field(S("mail")), LANGUAGE_ENGLISH);
    if (team.len == 0 || mail.len == 0)
        return err_make(ERR_INPUT, "a key has a name: say `profile set name.en=... mail=...` first");
    *name = arena_printf(line->arena, "%.*s <%.*s>", (int)team.len, team.ptr, (int)mail.len, mail.ptr);
    return OK;
}

static struct err key_read_file(const struct command_line *line, slice *secret)
{
    struct input_text read;
    TRY(input_text(line->files[1], KEY_MAX, line->arena, &read));
    *secret = arena_copy(line->arena, read.text);
    input_text_free(&read);
    return arena_check(line->arena);
}

static struct err key(const struct command_line *line, struct local *local)
{
    const char *name, *file = NULL, *fingerprint = "";
    slice secret;
    TRY(store_right_check(&local->actor, VERB_CHANGE_PROFILE, 0, line->arena, NULL));
    if (line->file_count > 1) {
        TRY(desk_pgp_fingerprint(line->files[1], line->arena, &fingerprint)); /* it can be used, or that is told */
        TRY(key_read_file(line, &secret));
    } else {
        TRY(key_name(line, local, &name));
        TRY(desk_pgp_make(name, line->arena, &secret));
    }
    TRY(team_key_keep(&local->node.config, secret, line->arena, &file));
    TRY(desk_pgp_fingerprint(file, line->arena, &fingerprint));
    printf("%s\n", fingerprint);
    return publish(line, local);
}

/* ---- The command ---- */

static const struct local_verb verbs[] = {
        {"show", 1, show, 0},
        {"set", 2, set, MANY - 1},
        {"check", 1, check, 0},
        {"text", 2, text, 0},
        {"key", 1, key, 1},
};

static int profile(struct command_line *line)
{
    return local_run(line, verbs, COUNT_OF(verbs),
            "what? `profile show`, `profile set FIELD=VALUE...`, `profile check`, `profile text rfc2350|security.txt` "
            "or `profile key [FILE]`");
}

static const struct option_row options[] = {
        OPTION_CONFIG,
        OPTION_PERSON,
        {0, "language", "TAG", "text rfc2350: in this language, en (default) or id"},
        OPTION_JSON,
};

const struct command command_profile = {
        .name = "profile",
        .arguments = "show, set FIELD=VALUE..., check, text rfc2350|security.txt, key [FILE]",
        .about = "Say who we are: RFC 2350, security.txt, and the key that signs them",
        .options = options,
        .option_count = COUNT_OF(options),
        .run = profile,
};
