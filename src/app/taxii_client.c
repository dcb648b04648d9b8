/* SPDX-License-Identifier: Apache-2.0 */
#include "app/taxii_client.h"

#include <inttypes.h>

#include "app/interrupt.h"
#include "app/whole.h"
#include "base/uuid.h"
#include "form/object.h"
#include "input/input.h"
#include "taxii/pages.h"
#include "json/read.h"
#include "json/write.h"

#define ROW_MAX (1u << 20)
#define WORK_ARENA_MAX (512u << 20)

const char taxii_client_usage[] = "what? `taxii ls URL`, `taxii pull URL`, `taxii push URL [FILE...|ID...]`, or `taxii "
                                  "peer add NAME URL`, `list`, "
                                  "`show|remove|pause|resume NAME`, `run [NAME...]`";

/* ---- What verbs share ---- */

static void came(void *context, const char *what, uint64_t objects)
{
    struct telling *telling = context;
    (void)what;
    report_send(&telling->report, objects);
}

/* What an ingest tells is told per object; of a peer only the sums are. */
static void quiet_progress(void *context, const struct intel_report *report)
{
    (void)context;
    (void)report;
}

void taxii_call_open(const struct command_line *line, struct local *local, struct taxii_call *call)
{
    *call = (struct taxii_call){.line = line, .local = local, .telling = telling_begin(line)};
    call->telling.quiet = true;
    call->defaults = arena_new(line->arena, struct config, 1);
    config_defaults(".", line->arena, call->defaults);
    const struct config *config = local == NULL ? call->defaults : &local->node.config;
    call->fetch = (struct taxii_fetch){
            .http = &config->feeds,
            .keys = local == NULL ? NULL : node_path(&local->node, "keys", line->arena),
            .objects_max = config->import.objects_max,
            .watch = telling_watch(&call->telling),
            .came = came,
    };
    call->fetch.watch.progress = quiet_progress;
}

struct taxii_files taxii_call_files(const struct command_line *line)
{
    return (struct taxii_files){
            .account = command_text(line, "user"),
            .password = command_text(line, "password-file"),
            .token = command_text(line, "token-file"),
            .certificate = command_text(line, "certificate"),
            .key = command_text(line, "key"),
            .ca = command_text(line, "ca"),
    };
}

static void pulled_json(struct buf *buf, const struct taxii_pulled *pulled)
{
    struct json_writer w = json_writer(buf);
    json_write_object(&w);
    json_write_key_text(&w, S("peer"), pulled->name);
    json_write_key_u64(&w, S("collections"), pulled->collections);
    json_write_key_u64(&w, S("broken"), pulled->broken);
    json_write_key_u64(&w, S("pages"), pulled->pages);
    json_write_key_u64(&w, S("imports"), pulled->imports);
    json_write_key(&w, S("more"));
    json_write_bool(&w, pulled->more);
    json_write_key(&w, S("blurred"));
    json_write_bool(&w, pulled->blurred);
    telling_counts_json(&w, &pulled->sum);
    json_write_key_text(&w, S("why"), slice_of(pulled->why == NULL ? "" : pulled->why));
    json_write_end(&w);
}

static void pulled_text(struct buf *buf, const struct taxii_pulled *pulled)
{
    buf_printf(buf, "%.*s: ", (int)pulled->name.len, pulled->name.ptr);
    if (pulled->imports == 0)
        buf_put(buf, S("nothing new"));
    else
        telling_counts(buf, &pulled->sum);
    if (pulled->more)
        buf_put(buf, S("; there is more, which the next run brings"));
    if (pulled->blurred)
        buf_put(buf, S("; more objects share a moment than that server's pages hold: some of them may be missing"));
}

void taxii_call_pulled(struct taxii_call *call, const struct taxii_pulled *pulled)
{
    struct buf buf = buf_make(ROW_MAX);
    bool json = command_flag(call->line, "json");
    report_clear(&call->telling.report);
    if (json)
        pulled_json(&buf, pulled);
    else
        pulled_text(&buf, pulled);
    if (json || !pulled->failed || pulled->imports > 0)
        printf("%.*s\n", (int)buf.len, buf.ptr);
    if (pulled->failed)
        fprintf(stderr, "kentongan taxii: %.*s: %s\n", (int)pulled->name.len, pulled->name.ptr, pulled->why);
    call->failed += pulled->failed;
    buf_free(&buf);
}

/* A URL with what the options say, or the name of a peer with what lets us in there. */
static struct err place_of(const struct taxii_call *call, const char **url, struct taxii_files *files)
{
    struct arena *arena = call->line->arena;
    struct peer peer;
    *url = call->line->files[1];
    *files = taxii_call_files(call->line);
    TRY(local_url_check(*url));
    if (strstr(*url, "://") != NULL || call->local == NULL)
        return OK;
    struct err err = taxii_peer_get(call->local->db, &call->local->actor, slice_of(*url), arena, &peer);
    if (err.kind == ERR_MISSING)
        return err_format(arena, ERR_MISSING, "%s is neither a URL nor a peer", *url);
    TRY(err);
    *url = arena_cstr(arena, peer.url);
    *files = taxii_access_of(call->fetch.keys, &peer, arena);
    return OK;
}

/* ---- ls ---- */

static void put_key_shown(struct json_writer *w, slice key, slice text)
{
    json_write_key_text(w, key, text);
}

static void collection_json(struct json_writer *w, const struct taxii_collection *collection)
{
    json_write_object(w);
    put_key_shown(w, S("id"), collection->id);
    put_key_shown(w, S("title"), collection->title);
    put_key_shown(w, S("description"), collection->description);
    put_key_shown(w, S("url"), slice_of(collection->url));
    json_write_key(w, S("can_read"));
    json_write_bool(w, collection->can_read);
    json_write_key(w, S("can_write"));
    json_write_bool(w, collection->can_write);
    json_write_end(w);
}

static void root_json(struct json_writer *w, const struct taxii_root *root)
{
    json_write_object(w);
    put_key_shown(w, S("url"), slice_of(root->url));
    put_key_shown(w, S("title"), root->title);
    put_key_shown(w, S("description"), root->description);
    json_write_key_u64(w, S("max_content_length"), root->content_max);
    put_key_shown(w, S("why"), slice_of(root->why == NULL ? "" : root->why));
    json_write_key(w, S("collections"));
    json_write_array(w);
    for (size_t i = 0; i < root->collection_count; i++)
        collection_json(w, &root->collections[i]);
    json_write_end(w);
    json_write_end(w);
}

static void site_json(struct buf *buf, const struct taxii_site *site)
{
    struct json_writer w = json_writer(buf);
    json_write_object(&w);
    put_key_shown(&w, S("title"), site->title);
    put_key_shown(&w, S("description"), site->description);
    put_key_shown(&w, S("contact"), site->contact);
    json_write_key(&w, S("roots"));
    json_write_array(&w);
    for (size_t i = 0; i < site->root_count; i++)
        root_json(&w, &site->roots[i]);
    json_write_end(&w);
    json_write_end(&w);
    buf_byte(buf, '\n');
}

static void put_shown(struct buf *buf, slice text, struct arena *arena)
{
    buf_put(buf, store_text_keep(arena, text, STORE_NAME_MAX));
}

/* A line each: root or collection, its URL, its title, what we may. */
static void site_text(struct buf *buf, const struct taxii_site *site, struct arena *arena)
{
    static const char *const rights[] = {"nothing", "read", "write", "read, write"};
    for (size_t i = 0; i < site->root_count; i++) {
        const struct taxii_root *root = &site->roots[i];
        buf_printf(buf, "root\t%s\t", http_url_shown(root->url, arena));
        put_shown(buf, root->title, arena);
        if (root->why != NULL)
            buf_printf(buf, "\t%s", root->why);
        buf_byte(buf, '\n');
        for (size_t j = 0; j < root->collection_count; j++) {
            const struct taxii_collection *collection = &root->collections[j];
            buf_printf(buf, "collection\t%s\t", http_url_shown(collection->url, arena));
            put_shown(buf, collection->title, arena);
            buf_printf(buf, "\t%s\n", rights[collection->can_read + 2 * collection->can_write]);
        }
    }
}

static struct err ls(struct taxii_call *call)
{
    struct arena *arena = call->line->arena;
    struct taxii_client client;
    struct taxii_site site;
    struct taxii_files files;
    const char *url;
    TRY(place_of(call, &url, &files));
    TRY(taxii_peer_client(&call->fetch, &files, arena, &client));
    struct err err = taxii_site_look(&client, url, arena, &site);
    http_client_close(client.options.http);
    TRY(err);
    struct buf buf = buf_make(64 * ROW_MAX);
    if (command_flag(call->line, "json"))
        site_json(&buf, &site);
    else
        site_text(&buf, &site, arena);
    err = buf_check(&buf);
    fwrite(buf.ptr, 1, buf.len, stdout);
    buf_free(&buf);
    return err;
}

/* ---- pull: into a bundle ---- */

struct bundle {
    const struct taxii_call *call;
    struct arena *arena; /* of places */
    struct arena *page;
    FILE *to;
    uint64_t objects, collections;
    bool blurred;
};

static struct err bundle_put(struct bundle *bundle, const struct taxii_page *page)
{
    struct json_elements elements = json_elements(page->objects);
    for (slice element; json_element_next(&elements, &element);) {
        if (bundle->objects++ > 0)
            fputs(",\n", bundle->to);
        fwrite(element.ptr, 1, element.len, bundle->to);
    }
    came(bundle->call->fetch.watch.context, "objects", bundle->objects);
    return ferror(bundle->to) == 0 ? OK : err_errno(bundle->call->line->arena, "the bundle");
}

static struct err bundle_collection(
        struct bundle *bundle, struct taxii_client *client, const struct taxii_collection *collection)
{
    const struct taxii_place beginning = {0};
    struct taxii_pages pages = taxii_pages_open(client, collection->url, &beginning, bundle->arena);
    bundle->collections++;
    while (!pages.end) {
        struct taxii_page page;
        arena_reset(bundle->page);
        TRY(taxii_pages_next(&pages, bundle->page, &page));
        TRY(bundle_put(bundle, &page));
        if (bundle->objects > bundle->call->fetch.objects_max)
            return err_format(bundle->arena, ERR_LIMIT, "more than %" PRIu64 " objects; raise [import] objects",
                    bundle->call->fetch.objects_max);
    }
    bundle->blurred |= pages.blurred;
    return OK;
}

static struct err bundle_site(struct bundle *bundle, struct taxii_client *client, const char *url)
{
    struct taxii_site site;
    TRY(taxii_site_look(client, url, bundle->arena, &site));
    for (size_t i = 0; i < site.root_count; i++) {
        if (site.roots[i].why != NULL)
            fprintf(stderr, "%s: %s\n", http_url_shown(site.roots[i].url, bundle->arena), site.roots[i].why);
        for (size_t j = 0; j < site.roots[i].collection_count; j++)
            if (site.roots[i].collections[j].can_read)
                TRY(bundle_collection(bundle, client, &site.roots[i].collections[j]));
    }
    if (bundle->collections == 0)
        return err_format(bundle->arena, ERR_DENIED, "%s: there is no collection that we may read; `taxii ls` says why",
                http_url_shown(url, bundle->arena));
    return OK;
}

static struct err bundle_write(struct bundle *bundle, struct taxii_client *client, const char *url)
{
    struct uuid uuid = uuid_v4();
    struct buf id = buf_make(64);
    uuid_write(&id, &uuid);
    fprintf(bundle->to, "{\"type\":\"bundle\",\"id\":\"bundle--%.*s\",\"objects\":[\n", (int)id.len, id.ptr);
    buf_free(&id);
    struct err err = bundle_site(bundle, client, url);
    if (err.kind != ERR_NONE)
        err.why = arena_cstr(bundle->call->line->arena, slice_of(err.why));
    TRY(err);
    fputs("\n]}\n", bundle->to);
    return ferror(bundle->to) == 0 ? OK : err_errno(bundle->call->line->arena, "the bundle");
}

static struct err pull_bundle(struct taxii_call *call)
{
    const struct command_line *line = call->line;
    struct bundle bundle = {.call = call};
    struct taxii_client client;
    struct taxii_files files;
    struct whole output;
    const char *url;
    TRY(place_of(call, &url, &files));
    TRY(taxii_peer_client(&call->fetch, &files, line->arena, &client));
    struct err err = whole_open(line, &output);
    if (err.kind == ERR_NONE) {
        bundle.to = output.to;
        bundle.arena = arena_open("a pull", ARENA_WORK, WORK_ARENA_MAX);
        bundle.page = arena_open("a page", ARENA_WORK, 3u * TAXII_PAGE_BYTES_MAX);
        err = whole_end(&output, bundle_write(&bundle, &client, url));
        arena_close(bundle.page);
        arena_close(bundle.arena);
    }
    http_client_close(client.options.http);
    report_clear(&call->telling.report);
    TRY(err);
    fprintf(stderr, "%s: %" PRIu64 " objects of %" PRIu64 " collections%s\n", http_url_shown(url, line->arena),
            bundle.objects, bundle.collections,
            bundle.blurred ? "; more share a moment than that server's pages hold: some of them may be missing" : "");
    return OK;
}

static struct err pull(struct taxii_call *call)
{
    struct taxii_pulled pulled;
    struct taxii_files files;
    const char *url;
    if (call->local == NULL)
        return pull_bundle(call);
    if (command_text(call->line, "output") != NULL)
        return err_make(ERR_INPUT, "-o writes a bundle; with a node (-c) what is pulled goes into that");
    TRY(place_of(call, &url, &files));
    TRY(taxii_peer_pull(call->local->db, &call->local->actor, &call->fetch, &files, url, call->line->arena, &pulled));
    taxii_call_pulled(call, &pulled);
    return OK;
}

/* ---- push ---- */

static void told_refused(void *context, slice id, slice why)
{
    struct telling *telling = context;
    if (++telling->refused > TELLING_MOST)
        return;
    report_clear(&telling->report);
    fprintf(stderr, "not taken: %.*s: %.*s\n", (int)id.len, id.ptr, (int)why.len, why.ptr);
}

static struct err push_of(struct taxii_call *call, struct taxii_push *push, struct taxii_files *files)
{
    const struct command_line *line = call->line;
    const char *type = command_text(line, "type"), *source = command_text(line, "source");
    const char *since = command_text(line, "since");
    *push = (struct taxii_push){.type = slice_of(type == NULL ? "" : type),
            .source = slice_of(source == NULL ? "" : source),
            .since_us = TIME_NONE,
            .all_versions = command_flag(line, "all-versions"),
            .refused = told_refused};
    if (since != NULL && !time_parse(slice_of(since), &push->since_us))
        return err_format(line->arena, ERR_INPUT, "--since takes a time as 2026-11-20T10:00:00Z, not %s", since);
    return place_of(call, &push->url, files);
}

static struct err push_object(void *context, const struct form_object *object)
{
    return taxii_push_object(context, object->bytes, object->id, object->version);
}

struct file_reading {
    struct taxii_call *call;
    struct taxii_pushing *pushing;
    const char *name;
};

static struct err file_object(void *context, const struct form_object *object)
{
    const struct file_reading *reading = context;
    return push_object(reading->pushing, object);
}

static struct err file_refused(void *context, uint64_t line, uint64_t column, const char *why, slice original)
{
    struct file_reading *reading = context;
    (void)original;
    report_clear(&reading->call->telling.report);
    fprintf(stderr, "%s:%" PRIu64 ":%" PRIu64 ": not sent: %s\n", reading->name, line, column, why);
    reading->call->failed++;
    return OK;
}

static void file_dropped(void *context, const char *what, uint64_t count)
{
    const struct file_reading *reading = context;
    report_clear(&reading->call->telling.report);
    fprintf(stderr, "%s: left behind: %" PRIu64 " x %s\n", reading->name, count, what);
}

static struct err file_read(void *context, char *to, size_t room, size_t *got)
{
    return input_read(context, to, room, got);
}

static struct err push_file(struct file_reading *reading, struct arena *arena)
{
    const struct form_object_sink sink = {
            .context = reading, .object = file_object, .refused = file_refused, .dropped = file_dropped};
    const struct form_object_options options = {.name = slice_of(reading->name), .now_us = clock_now_us()};
    struct input *input;
    const char *form;
    TRY(input_open(reading->name, arena, &input));
    const struct stix_stream stream = {input, file_read};
    struct err err = form_objects_read(&stream, &options, arena, &sink, &form);
    input_close(input);
    return err;
}

static struct err push_files(struct taxii_call *call, struct taxii_pushing *pushing)
{
    static const char *const standard_input[] = {"-"};
    const struct command_line *line = call->line;
    const char *const *files = line->file_count > 2 ? line->files + 2 : standard_input;
    size_t count = line->file_count > 2 ? line->file_count - 2 : 1;
    for (size_t i = 0; i < count; i++)
        TRY(push_file(&(struct file_reading){call, pushing, files[i]}, line->arena));
    return taxii_push_end(pushing);
}

static struct err push_without_node(struct taxii_call *call, const struct taxii_push *push,
        const struct taxii_files *files, struct taxii_pushed *pushed)
{
    struct taxii_pushing *pushing;
    if (push->type.len + push->source.len > 0 || push->since_us != TIME_NONE || push->all_versions)
        return err_make(ERR_INPUT,
                "--type, --source, --since and --all-versions choose among the objects of a node; name one with -c");
    TRY(taxii_push_open(&call->fetch, files, push, pushed, &pushing, call->line->arena));
    struct err err = push_files(call, pushing);
    if (err.kind != ERR_NONE)
        err.why = arena_cstr(call->line->arena, slice_of(err.why));
    taxii_push_close(pushing);
    return err;
}

static struct err push_with_node(
        struct taxii_call *call, struct taxii_push *push, const struct taxii_files *files, struct taxii_pushed *pushed)
{
    const struct command_line *line = call->line;
    slice *ids = arena_new(line->arena, slice, line->file_count);
    push->id_count = line->file_count - 2;
    for (size_t i = 0; i < push->id_count; i++)
        ids[i] = slice_of(line->files[i + 2]);
    push->ids = ids;
    return taxii_push_node(call->local->db, &call->local->actor, &call->fetch, files, push, line->arena, pushed);
}

static void put_pushed(struct taxii_call *call, const char *url, const struct taxii_pushed *pushed)
{
    struct buf buf = buf_make(ROW_MAX);
    report_clear(&call->telling.report);
    if (command_flag(call->line, "json")) {
        struct json_writer w = json_writer(&buf);
        json_write_object(&w);
        json_write_key_text(&w, S("url"), slice_of(http_url_shown(url, call->line->arena)));
        json_write_key_text(&w, S("title"), pushed->title);
        json_write_key_u64(&w, S("envelopes"), pushed->envelopes);
        json_write_key_u64(&w, S("sent"), pushed->sent);
        json_write_key_u64(&w, S("refused"), pushed->refused);
        json_write_key_u64(&w, S("left_out"), pushed->left_out);
        json_write_end(&w);
    } else {
        buf_printf(&buf, "%s: %" PRIu64 " objects sent, %" PRIu64 " of them not taken",
                http_url_shown(url, call->line->arena), pushed->sent, pushed->refused);
        if (pushed->left_out > 0)
            buf_printf(&buf, "; %" PRIu64 " false positive, withdrawn or expired, as we hold, stay here",
                    pushed->left_out);
    }
    printf("%.*s\n", (int)buf.len, buf.ptr);
    if (call->telling.refused > TELLING_MOST)
        fprintf(stderr, "%" PRIu64 " more were not taken%s\n", call->telling.refused - TELLING_MOST,
                call->local == NULL ? "" : "; the node keeps which, and why");
    buf_free(&buf);
}

static struct err push(struct taxii_call *call)
{
    struct taxii_pushed pushed;
    struct taxii_push asked;
    struct taxii_files files;
    TRY(push_of(call, &asked, &files));
    struct err err = call->local == NULL ? push_without_node(call, &asked, &files, &pushed)
                                         : push_with_node(call, &asked, &files, &pushed);
    call->telling.report.drawn_us = 0;
    TRY(err);
    put_pushed(call, asked.url, &pushed);
    call->failed += pushed.refused;
    return OK;
}

/* ---- The table ---- */

static const struct {
    const char *name;
    size_t least, most; /* words, itself included */
    struct err (*run)(struct taxii_call *call);
    bool node; /* takes one */
} verbs[] = {
        {"ls", 2, 2, ls, false},
        {"pull", 2, 2, pull, false},
        {"push", 2, SIZE_MAX, push, false},
        {"peer", 2, SIZE_MAX, taxii_peer_verb, true},
};

bool taxii_client_is(const char *verb)
{
    for (size_t i = 0; i < COUNT_OF(verbs); i++)
        if (strcmp(verbs[i].name, verb) == 0)
            return true;
    return false;
}

static struct err run(const struct command_line *line, size_t row, uint64_t *failed)
{
    struct local local, *open = NULL;
    struct taxii_call call;
    if (line->file_count < verbs[row].least || line->file_count > verbs[row].most)
        return err_make(ERR_INPUT, taxii_client_usage);
    if (verbs[row].node || command_text(line, "config") != NULL) {
        TRY(local_open_to_change(line, &local));
        open = &local;
    }
    taxii_call_open(line, open, &call);
    struct err err = verbs[row].run(&call);
    report_clear(&call.telling.report);
    if (open != NULL)
        local_close(open);
    *failed = call.failed;
    return err;
}

int taxii_client_run(const struct command_line *line)
{
    uint64_t failed = 0;
    struct err err = err_make(ERR_INPUT, taxii_client_usage);
    for (size_t i = 0; line->file_count > 0 && i < COUNT_OF(verbs); i++)
        if (strcmp(verbs[i].name, line->files[0]) == 0)
            err = run(line, i, &failed);
    if (err.kind == ERR_NONE && !command_written())
        err = err_errno(line->arena, "standard output");
    if (err.kind != ERR_NONE)
        return command_fail(line, err);
    return failed > 0 ? 1 : 0;
}
