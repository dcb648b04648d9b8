/* SPDX-License-Identifier: Apache-2.0 */
#include "app/sharing.h"

#include <errno.h>

#include "app/whole.h"
#include "base/clock.h"
#include "share/post.h"
#include "share/sign.h"
#include "json/write.h"

#define LINES_MAX ((size_t)64 << 20) /* bytes of a file of statements */
#define ROW_MAX (64u << 10)

static void tell_emergency(int64_t number)
{
    fprintf(stderr,
            "kentongan: done without a second person; everybody who could have agreed is told, until one of them has "
            "seen approval %lld\n",
            (long long)number);
}

void sharing_tell(const struct command_line *line, const struct share_proposal *proposal)
{
    if (proposal->done && proposal->number != 0)
        tell_emergency(proposal->number);
    if (proposal->done)
        return;
    if (command_flag(line, "json"))
        printf("{\"approval\":%lld}\n", (long long)proposal->number);
    else
        printf("it waits for a second person: `approval show %lld`\n", (long long)proposal->number);
}

struct err sharing_who(const struct command_line *line, struct local *local, const char *act, slice subject,
        slice detail, struct actor *actor, slice *reason)
{
    bool second;
    *reason = S("");
    *actor = local->actor;
    actor->emergency = command_flag(line, "emergency");
    if (actor->emergency && local->person != NULL)
        return err_make(ERR_INPUT, "an emergency is the machine's: leave out --person, or --emergency");
    TRY(share_needs_second(local->db, &local->actor, act, subject, detail, line->arena, &second));
    return second ? sharing_reason(line, reason) : OK;
}

struct err sharing_do(const struct command_line *line, struct local *local, const char *act, slice subject,
        slice detail, struct share_proposal *proposal)
{
    struct actor actor;
    slice reason;
    TRY(sharing_who(line, local, act, subject, detail, &actor, &reason));
    TRY(share_propose(local->db, &actor, act, subject, detail, reason, line->arena, proposal));
    sharing_tell(line, proposal);
    return OK;
}

struct err sharing_reason(const struct command_line *line, slice *reason)
{
    const char *text = command_text(line, "reason");
    if (text == NULL)
        return err_make(ERR_INPUT, "why? --reason says it to the second person, and to whoever asks later");
    *reason = slice_of(text);
    return OK;
}

struct err sharing_sign(const struct command_line *line, struct local *local)
{
    struct share_keys keys;
    size_t count;
    TRY(share_keys_open(local->db, node_path(&local->node, "keys", line->arena), clock_now_us(), line->arena, &keys));
    struct err err = share_sign(local->db, &local->actor, &keys, line->arena, &count);
    share_keys_forget(&keys);
    return err;
}

/* ---- By hand ---- */

static struct err write_all(struct local *local, int64_t partner, FILE *to)
{
    struct arena *arena = arena_open("statements", ARENA_WORK, LINES_MAX);
    struct err err = OK;
    size_t count = 1;
    for (int64_t after = 0; err.kind == ERR_NONE && count > 0;) {
        struct outgoing_statement *rows;
        arena_reset(arena);
        err = store_statement_list(local->db, partner, after, 100, arena, &rows, &count);
        for (size_t i = 0; err.kind == ERR_NONE && i < count; i++) {
            after = rows[i].number;
            if (rows[i].sent_us == TIME_NONE && rows[i].refused.len == 0)
                fprintf(to, "%.*s\n", (int)rows[i].statement.len, rows[i].statement.ptr);
        }
    }
    if (err.kind != ERR_NONE)
        err.why = arena_cstr(local->arena, slice_of(err.why));
    arena_close(arena);
    return err;
}

struct err sharing_export(const struct command_line *line, struct local *local, int64_t partner)
{
    struct whole whole;
    TRY(store_right_check(&local->actor, VERB_CHANGE_PARTNERS, 0, line->arena, NULL));
    TRY(sharing_sign(line, local));
    TRY(whole_open(line, &whole));
    return whole_end(&whole, write_all(local, partner, whole.to));
}

static struct err lines_read(const char *name, struct arena *arena, slice *text)
{
    FILE *from = strcmp(name, "-") == 0 ? stdin : fopen(name, "re");
    struct buf buf = buf_make(LINES_MAX);
    if (from == NULL)
        return err_errno(arena, name);
    for (size_t got = 1; got > 0 && buf_reserve(&buf, 65536);) {
        got = fread(buf.ptr + buf.len, 1, 65536, from);
        buf.len += got;
    }
    struct err err = ferror(from) != 0 ? err_errno(arena, name) : buf_check(&buf);
    if (from != stdin)
        fclose(from);
    *text = arena_copy(arena, buf_slice(&buf));
    buf_free(&buf);
    return err;
}

static const char *const answers[] = {
        [SHARE_TAKEN] = "taken", [SHARE_AGAIN] = "taken before", [SHARE_REFUSED] = "refused"};

static void show(const struct command_line *line, const struct share_mail *mail)
{
    struct buf buf = buf_make(ROW_MAX);
    struct json_writer w = json_writer(&buf);
    if (command_flag(line, "json")) {
        json_write_object(&w);
        json_write_key_text(&w, S("type"), mail->type);
        json_write_key_text(&w, S("id"), mail->id);
        json_write_key_text(&w, S("answer"), slice_of(answers[mail->answered]));
        json_write_key_text(&w, S("why"), mail->why);
        json_write_end(&w);
    } else {
        buf_printf(&buf, "%.*s\t%s%s%.*s", (int)mail->type.len, mail->type.ptr, answers[mail->answered],
                mail->why.len > 0 ? ": " : "", (int)mail->why.len, mail->why.ptr);
    }
    printf("%.*s\n", (int)buf.len, buf.ptr);
    buf_free(&buf);
}

/* What nobody here could have said is refused in the words that are for our own people. */
static struct err take(const struct command_line *line, struct local *local, slice text, bool *refused)
{
    struct share_mail mail;
    struct err err = share_post_take(local->db, text, line->arena, &mail);
    if (err.kind == ERR_AUTH || err.kind == ERR_DENIED || err.kind == ERR_CONFLICT || err.kind == ERR_INPUT) {
        mail.answered = SHARE_REFUSED;
        mail.why = mail.why.len > 0 ? mail.why : slice_of(err.why);
        err = OK;
    }
    TRY(err);
    *refused |= mail.answered == SHARE_REFUSED;
    show(line, &mail);
    return OK;
}

struct err sharing_import(const struct command_line *line, struct local *local, const char *file)
{
    slice text, row;
    bool refused = false;
    TRY(store_right_check(&local->actor, VERB_CHANGE_PARTNERS, 0, line->arena, NULL));
    TRY(lines_read(file, line->arena, &text));
    while (text.len > 0 && slice_next(&text, '\n', &row))
        if (slice_trim(row).len > 0)
            TRY(take(line, local, slice_trim(row), &refused));
    return refused ? err_make(ERR_CONFLICT, "not all of it was taken") : OK;
}
