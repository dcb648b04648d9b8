/* SPDX-License-Identifier: Apache-2.0 */
/* kentongan asset: what is whose, and since when. */
#include "app/constituent.h"
#include "app/options.h"
#include "base/clock.h"
#include "desk/asset.h"
#include "detect/owners.h"
#include "store/right.h"

/* ---- What is shown ---- */

static struct err show(
        const struct command_line *line, struct local *local, const struct asset *row, struct arena *arena)
{
    slice name;
    TRY(constituent_name(local, row->organisation, arena, &name));
    const struct constituent_column columns[] = {
            {"kind", slice_of(store_asset_kind_name(row->kind))},
            {"value", row->value},
            {"organisation", name},
            {"from", row->from_us == ASSET_EVER ? S("") : constituent_time(arena, row->from_us)},
            {"until", constituent_time(arena, row->until_us)},
            {"said_by", row->said_by},
    };
    constituent_show(line, row->number, columns, COUNT_OF(columns));
    return OK;
}

static struct err show_number(const struct command_line *line, struct local *local, int64_t number)
{
    struct asset row;
    TRY(store_asset_get(local->db, number, line->arena, &row));
    return show(line, local, &row, line->arena);
}

/* ---- Verbs ---- */

static struct err kind_of(const struct command_line *line, const char *value, enum asset_kind *kind)
{
    const char *text = command_text(line, "kind");
    *kind = desk_asset_guess(slice_of(value));
    if (text == NULL || store_asset_kind_find(slice_of(text), kind))
        return OK;
    return err_format(line->arena, ERR_INPUT, "--kind is prefix, asn, domain or site, not %s", text);
}

static struct err add(const struct command_line *line, struct local *local)
{
    struct asset_put put = {.value = slice_of(line->files[2]), .said_by = constituent_text(line, "said-by", "")};
    int64_t number;
    TRY(constituent_named(line, local, line->files[1], &put.organisation));
    TRY(kind_of(line, line->files[2], &put.kind));
    TRY(constituent_moment(line, "from", ASSET_EVER, &put.from_us));
    TRY(constituent_moment(line, "until", TIME_NONE, &put.until_us));
    TRY(desk_asset_add(local->db, &local->actor, &put, line->arena, &number));
    return show_number(line, local, number);
}

static struct err list_page(
        const struct command_line *line, struct local *local, struct arena *arena, int64_t *after, size_t *count)
{
    struct asset *rows;
    int64_t organisation;
    TRY(constituent_named(line, local, line->file_count > 1 ? line->files[1] : NULL, &organisation));
    TRY(store_right_check(&local->actor, VERB_READ_EVENTS, organisation, line->arena, NULL));
    TRY(store_asset_list(local->db, organisation, *after, STORE_PAGE_MAX, arena, &rows, count));
    for (size_t i = 0; i < *count; i++) {
        TRY(show(line, local, &rows[i], arena));
        *after = rows[i].number;
    }
    return OK;
}

static struct err list(const struct command_line *line, struct local *local)
{
    return local_pages(line, local, list_page);
}

static struct err end(const struct command_line *line, struct local *local)
{
    int64_t number, until_us;
    TRY(constituent_number(line, line->files[1], &number));
    TRY(constituent_moment(line, "at", clock_now_us(), &until_us));
    slice reason = constituent_text(line, "reason", "");
    TRY(desk_asset_end(local->db, &local->actor, number, until_us, reason, line->arena));
    return show_number(line, local, number);
}

static struct err hand_over(const struct command_line *line, struct local *local)
{
    int64_t number, organisation, from_us, fresh;
    TRY(constituent_number(line, line->files[1], &number));
    TRY(constituent_named(line, local, line->files[2], &organisation));
    TRY(constituent_moment(line, "at", clock_now_us(), &from_us));
    slice said_by = constituent_text(line, "said-by", "");
    TRY(desk_asset_hand(local->db, &local->actor, number, organisation, from_us, said_by, line->arena, &fresh));
    TRY(show_number(line, local, number));
    return show_number(line, local, fresh);
}

/* As an event finds it (detect/owners.h). */
static int64_t look_up(const struct owners_view *view, slice text, int64_t at_us)
{
    struct prefix prefix;
    uint64_t asn;
    switch (desk_asset_guess(text)) {
    case ASSET_PREFIX: /* of a prefix, whose its first address is */
        return prefix_parse(text, &prefix) ? owners_asset_of_address(view, &prefix.ip, at_us) : 0;
    case ASSET_ASN:
        return slice_u64(slice_from(text, 2), UINT32_MAX, &asn) ? owners_asset_of_asn(view, (uint32_t)asn, at_us) : 0;
    default:
        return owners_asset_of_name(view, text, at_us);
    }
}

static struct err find(const struct command_line *line, struct local *local, bool *found)
{
    const struct owners_options options = {.db = {.where = local->node.config.database}, .by_hand = true};
    struct owners *owners;
    int64_t at_us;
    TRY(store_right_check(&local->actor, VERB_READ_EVENTS, 0, line->arena, NULL));
    TRY(constituent_moment(line, "at", clock_now_us(), &at_us));
    TRY(owners_open(&options, line->arena, &owners));
    const struct owners_view *view = owners_take(owners);
    int64_t number = look_up(view, slice_of(line->files[1]), at_us);
    owners_leave(owners, view);
    owners_close(owners);
    *found = number != 0;
    return *found ? show_number(line, local, number) : OK;
}

/* Nobody's is an answer, and no error. */
static int find_run(const struct command_line *line)
{
    struct local local;
    bool found = false;
    struct err err = local_open(line, &local);
    if (err.kind == ERR_NONE) {
        err = find(line, &local, &found);
        local_close(&local);
    }
    if (err.kind == ERR_NONE && !command_written())
        err = err_errno(line->arena, "standard output");
    return err.kind != ERR_NONE ? command_fail(line, err) : found ? 0 : 1;
}

static const struct local_verb verbs[] = {
        {"add", 3, add},
        {"list", 1, list, 1},
        {"end", 2, end},
        {"hand-over", 3, hand_over},
};

static int asset(struct command_line *line)
{
    if (line->file_count == 2 && strcmp(line->files[0], "find") == 0)
        return find_run(line);
    return local_run(line, verbs, COUNT_OF(verbs),
            "what? `asset add ORGANISATION VALUE`, `asset list [ORGANISATION]`, `asset find ADDRESS|NAME|AS`, `asset "
            "hand-over NUMBER ORGANISATION` or `asset end NUMBER`");
}

static const struct option_row options[] = {
        OPTION_CONFIG,
        {0, "kind", "WORD", "add: prefix, asn, domain or site (default: what it looks like; a site has to be said)"},
        {0, "from", "TIME", "add: since when it is theirs (default: ever)"},
        {0, "until", "TIME", "add: until when (default: no end)"},
        {0, "at", "TIME", "find: whose it was then; end, hand-over: from when on (default: now)"},
        {0, "said-by", "TEXT", "add, hand-over: who says so, as \"contract 12\""},
        {0, "reason", "TEXT", "end: why, for the journal"},
        OPTION_JSON,
};

const struct command command_asset = {
        .name = "asset",
        .arguments = "add ORGANISATION VALUE|list [ORGANISATION]|find VALUE|hand-over N ORGANISATION|end N",
        .about = "Say what is whose: prefixes, AS numbers, domains and sites, from a time until another",
        .options = options,
        .option_count = COUNT_OF(options),
        .run = asset,
};
