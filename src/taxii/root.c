/* SPDX-License-Identifier: Apache-2.0 */
/* What a server and its API root are (TAXII 2.1 section 4), and which collections there are (sections 5.1, 5.2). */
#include "gate/gate.h"
#include "taxii/options.h"
#include "taxii/rows.h"

#define ABOUT_BYTES_MAX 65536
#define LIST_BYTES_MAX (64u << 20)
#define LIST_MAX 10000 /* collections that one account is told of */

/* Where the client itself reached us, which may be another name than the node's own; behind a proxy by TLS. */
static const char *base_url(const struct ask *ask)
{
    const struct node_parts *parts = ask->gate->options.parts;
    slice host = http_header(ask->request, S("host"), NULL);
    if (host.len == 0)
        return parts->url;
    bool tls = ask->request->tls || parts->secure;
    return arena_printf(ask->arena, "http%s://%.*s/", tls ? "s" : "", (int)host.len, host.ptr);
}

static slice title_of(const struct ask *ask)
{
    const char *title = taxii_options_of(ask)->title;
    return slice_of(title == NULL || *title == '\0' ? ask->gate->options.parts->name : title);
}

struct err taxii_discovery(struct ask *ask)
{
    TRY(taxii_begin(ask, false));
    const char *contact = taxii_options_of(ask)->contact;
    slice root = slice_of(taxii_root_url(base_url(ask), ask->arena));
    struct json_writer w = taxii_reply(ask, 200, ABOUT_BYTES_MAX);
    json_write_object(&w);
    json_write_key_text(&w, S("title"), title_of(ask));
    if (contact != NULL && *contact != '\0')
        json_write_key_text(&w, S("contact"), slice_of(contact));
    json_write_key_text(&w, S("default"), root);
    json_write_key(&w, S("api_roots"));
    json_write_array(&w);
    json_write_text(&w, root);
    json_write_end(&w);
    json_write_end(&w);
    return buf_check(&ask->reply->body);
}

struct err taxii_root(struct ask *ask)
{
    TRY(taxii_begin(ask, true));
    struct json_writer w = taxii_reply(ask, 200, ABOUT_BYTES_MAX);
    json_write_object(&w);
    json_write_key_text(&w, S("title"), title_of(ask));
    json_write_key(&w, S("versions"));
    json_write_array(&w);
    json_write_text(&w, S(TAXII_MEDIA_TYPE));
    json_write_end(&w);
    json_write_key_u64(&w, S("max_content_length"), taxii_content_max(ask));
    json_write_end(&w);
    return buf_check(&ask->reply->body);
}

/* ---- Collections ---- */

static void collection_write(struct json_writer *w, const struct taxii_kind *kind, const struct collection *row)
{
    json_write_object(w);
    json_write_key_text(w, S("id"), row->id);
    json_write_key_text(w, S("title"), row->title);
    if (row->description.len > 0)
        json_write_key_text(w, S("description"), row->description);
    json_write_key(w, S("can_read"));
    json_write_bool(w, row->can_read);
    json_write_key(w, S("can_write"));
    json_write_bool(w, row->can_write && kind->takes);
    json_write_key(w, S("media_types"));
    json_write_array(w);
    json_write_text(w, S("application/stix+json;version=2.1"));
    json_write_text(w, S("application/stix+json;version=2.0"));
    json_write_end(w);
    json_write_end(w);
}

static struct err kind_write(struct ask *ask, struct json_writer *w, const struct taxii_kind *kind, size_t *told)
{
    struct collection *rows;
    int64_t after = 0;
    for (size_t got = STORE_PAGE_MAX; got == STORE_PAGE_MAX && *told < LIST_MAX;) {
        TRY(kind->list(ask, after, STORE_PAGE_MAX, &rows, &got));
        for (size_t i = 0; i < got; i++) {
            if ((*told)++ == 0) { /* section 5.1.1: without collections the key is not there */
                json_write_key(w, S("collections"));
                json_write_array(w);
            }
            collection_write(w, kind, &rows[i]);
            after = rows[i].number;
        }
    }
    return OK;
}

struct err taxii_collections(struct ask *ask)
{
    size_t told = 0;
    TRY(taxii_begin(ask, true));
    struct json_writer w = taxii_reply(ask, 200, LIST_BYTES_MAX);
    json_write_object(&w);
    for (size_t i = 0; taxii_kinds[i] != NULL; i++)
        TRY(kind_write(ask, &w, taxii_kinds[i], &told));
    if (told > 0)
        json_write_end(&w);
    json_write_end(&w);
    return buf_check(&ask->reply->body);
}

struct err taxii_collection_one(struct ask *ask)
{
    struct taxii_view view;
    TRY(taxii_begin(ask, true));
    TRY(taxii_view_find(ask, ask->parts[1], &view));
    struct json_writer w = taxii_reply(ask, 200, ABOUT_BYTES_MAX);
    collection_write(&w, view.kind, &view.collection);
    return buf_check(&ask->reply->body);
}
