/* SPDX-License-Identifier: Apache-2.0 */
#include "taxii/site.h"

#include "base/arena.h"
#include "json/read.h"

struct looking {
    struct taxii_client *client;
    struct arena *arena;
    struct taxii_site *site;
};

static slice text_get(const struct looking *looking, slice object, const char *key)
{
    return json_text(json_get(object, slice_of(key)), looking->arena);
}

static const char *below(const struct looking *looking, const char *url, slice part)
{
    return arena_printf(looking->arena, "%s%.*s/", url, (int)part.len, part.ptr);
}

/* A URL without its last part: of a collection its list, of a list its root. */
static const char *above(const struct looking *looking, const char *url)
{
    size_t len = strlen(url) - 1;
    while (len > 0 && url[len - 1] != '/')
        len--;
    return arena_cstr(looking->arena, (slice){url, len});
}

/* An id is a UUID by the standard (section 5.2); what could lead elsewhere in a URL is none in any case. */
static bool id_is_plain(slice id)
{
    bool plain = id.len > 0 && id.len <= 128 && !slice_eq(id, S(".")) && !slice_eq(id, S(".."));
    for (size_t i = 0; i < id.len; i++)
        plain &= byte_is_digit(id.ptr[i]) || (byte_lower(id.ptr[i]) >= 'a' && byte_lower(id.ptr[i]) <= 'z') ||
                 id.ptr[i] == '-' || id.ptr[i] == '_' || id.ptr[i] == '.';
    return plain;
}

static struct taxii_collection collection_of(const struct looking *looking, const char *root, slice json)
{
    struct taxii_collection collection = {
            .id = text_get(looking, json, "id"),
            .title = text_get(looking, json, "title"),
            .description = text_get(looking, json, "description"),
            .root = root,
            .can_read = json_kind(json_get(json, S("can_read"))) == JSON_TRUE,
            .can_write = json_kind(json_get(json, S("can_write"))) == JSON_TRUE,
    };
    if (id_is_plain(collection.id))
        collection.url = below(looking, arena_printf(looking->arena, "%scollections/", root), collection.id);
    return collection;
}

static struct err collections_read(const struct looking *looking, struct taxii_root *root, slice list)
{
    struct json_elements elements = json_elements(list);
    root->collections = arena_new(looking->arena, struct taxii_collection, TAXII_COLLECTIONS_MAX);
    for (slice element; json_element_next(&elements, &element);) {
        struct taxii_collection collection = collection_of(looking, root->url, element);
        if (root->collection_count == TAXII_COLLECTIONS_MAX)
            return err_format(looking->arena, ERR_LIMIT, "%s has more than %d collections",
                    http_url_shown(root->url, looking->arena), TAXII_COLLECTIONS_MAX);
        if (collection.url != NULL)
            root->collections[root->collection_count++] = collection;
        else
            root->why = "a collection has no id that could stand in a URL; it is left out";
    }
    return OK;
}

static struct err collections_get(const struct looking *looking, struct taxii_root *root)
{
    slice json;
    TRY(taxii_client_get(looking->client, below(looking, root->url, S("collections")), looking->arena, &json));
    return collections_read(looking, root, json_get(json, S("collections")));
}

static void root_read(const struct looking *looking, struct taxii_root *root, slice json)
{
    int64_t most = 0;
    root->title = text_get(looking, json, "title");
    root->description = text_get(looking, json, "description");
    if (json_i64(json_get(json, S("max_content_length")), &most) && most > 0)
        root->content_max = (uint64_t)most;
}

static struct taxii_root *root_add(const struct looking *looking, const char *url)
{
    struct taxii_site *site = looking->site;
    struct taxii_root *root = &site->roots[site->root_count++];
    *root = (struct taxii_root){.url = url, .title = S(""), .description = S("")};
    return root;
}

/* What stops all of it; anything else is a root's own trouble. */
static bool is_ours(struct err err)
{
    return err.kind == ERR_CONFLICT || err.kind == ERR_SYSTEM;
}

/* Some servers answer for the collections of a root and not for the root. */
static struct err root_look(const struct looking *looking, struct taxii_root *root)
{
    slice json;
    struct err err = taxii_client_get(looking->client, root->url, looking->arena, &json);
    if (is_ours(err))
        return err;
    if (err.kind == ERR_NONE)
        root_read(looking, root, json);
    err = collections_get(looking, root);
    root->why = err.kind == ERR_NONE ? root->why : err.why;
    return is_ours(err) ? err : OK;
}

/* ---- Discovery ---- */

/* Behind a proxy that ends TLS a server takes itself to be reached without: then only the path is meant. */
static const char *own_origin(const struct looking *looking, const char *base, const char *url)
{
    size_t scheme = strcspn(url, ":"), host = strcspn(url + scheme + 3, "/:"), path;
    const char *there = url + scheme + 3;
    bool down = strncasecmp(base, "https:", 6) == 0 && strncasecmp(url, "http:", 5) == 0;
    if (!down || strncasecmp(base + 8, there, host) != 0 || strchr("/:", base[8 + host]) == NULL)
        return url;
    path = strcspn(there, "/");
    return http_url_join(
            looking->client->options.http, base, *(there + path) == 0 ? "/" : there + path, looking->arena);
}

static bool is_listed(const struct looking *looking, const char *url)
{
    for (size_t i = 0; i < looking->site->root_count; i++)
        if (strcmp(looking->site->roots[i].url, url) == 0)
            return true;
    return false;
}

static struct err root_listed(const struct looking *looking, const char *base, slice reference)
{
    struct arena *arena = looking->arena;
    struct http_client *http = looking->client->options.http;
    const char *url = http_url_join(http, base, arena_cstr(arena, reference), arena), *whole;
    if (looking->site->root_count == TAXII_ROOTS_MAX)
        return err_format(
                arena, ERR_LIMIT, "%s names more than %d API roots", http_url_shown(base, arena), TAXII_ROOTS_MAX);
    if (url != NULL && strstr(url, "://") != NULL)
        url = own_origin(looking, base, url);
    if (url == NULL || taxii_client_url(url, arena, &whole).kind != ERR_NONE) {
        root_add(looking, arena_cstr(arena, reference))->why = "it is no URL [TAXII 2.1 section 4.1.1]";
        return OK;
    }
    if (is_listed(looking, whole))
        return OK;
    struct taxii_root *root = root_add(looking, whole);
    if (http_url_same_origin(http, base, whole, arena))
        return root_look(looking, root);
    root->elsewhere = true;
    root->why = "it is on another host, for which these credentials are not; ask for it by its own URL";
    return OK;
}

static struct err discovery_read(const struct looking *looking, const char *url, slice json)
{
    struct json_elements elements = json_elements(json_get(json, S("api_roots")));
    looking->site->title = text_get(looking, json, "title");
    looking->site->description = text_get(looking, json, "description");
    looking->site->contact = text_get(looking, json, "contact");
    for (slice element; json_element_next(&elements, &element);)
        TRY(root_listed(looking, url, json_text(element, looking->arena)));
    return OK;
}

/* ---- What a URL is ---- */

static struct err read_root(const struct looking *looking, const char *url, slice json)
{
    struct taxii_root *root = root_add(looking, url);
    root_read(looking, root, json);
    return collections_get(looking, root);
}

/* What a root says of itself matters to who sends: how much at once. */
static struct err root_about(const struct looking *looking, struct taxii_root *root)
{
    slice about;
    struct err err = taxii_client_get(looking->client, root->url, looking->arena, &about);
    if (err.kind == ERR_NONE)
        root_read(looking, root, about);
    return is_ours(err) ? err : OK;
}

static struct err read_collections(const struct looking *looking, const char *url, slice json)
{
    struct taxii_root *root = root_add(looking, above(looking, url));
    TRY(root_about(looking, root));
    return collections_read(looking, root, json_get(json, S("collections")));
}

static struct err read_collection(const struct looking *looking, const char *url, slice json)
{
    struct taxii_root *root = root_add(looking, above(looking, above(looking, url)));
    TRY(root_about(looking, root));
    root->collections = arena_new(looking->arena, struct taxii_collection, 1);
    root->collections[0] = collection_of(looking, root->url, json);
    root->collections[0].url = url; /* it may go by its alias, section 5.2 */
    root->collection_count = 1;
    return OK;
}

/* The first member that is there says which resource it is. */
static const struct {
    slice member;
    struct err (*read)(const struct looking *looking, const char *url, slice json);
} resources[] = {
        {{"api_roots", 9}, discovery_read},
        {{"collections", 11}, read_collections},
        {{"can_read", 8}, read_collection},
        {{"can_write", 9}, read_collection},
        {{"max_content_length", 18}, read_root},
        {{"versions", 8}, read_root},
};

/* Whoever names only the host means its discovery, which is at one place (section 4.1). What lies in a collection is
 * asked for by the collection. */
static const char *starting_at(const struct looking *looking, const char *url)
{
    static const char *const ends[] = {"/objects/", "/manifest/"};
    size_t host = strcspn(url, ":") + 3;
    for (size_t i = 0; i < COUNT_OF(ends); i++)
        if (slice_ends(slice_of(url), slice_of(ends[i])))
            return above(looking, url);
    return url[host + strcspn(url + host, "/") + 1] == 0 ? arena_printf(looking->arena, "%staxii2/", url) : url;
}

struct err taxii_site_look(struct taxii_client *client, const char *url, struct arena *arena, struct taxii_site *site)
{
    const char *whole;
    slice json;
    *site = (struct taxii_site){.title = S(""), .description = S(""), .contact = S("")};
    site->roots = arena_new(arena, struct taxii_root, TAXII_ROOTS_MAX);
    const struct looking looking = {client, arena, site};
    TRY(taxii_client_url(url, arena, &whole));
    whole = starting_at(&looking, whole);
    TRY(taxii_client_get(client, whole, arena, &json));
    for (size_t i = 0; i < COUNT_OF(resources); i++)
        if (json_get(json, resources[i].member).len > 0)
            return resources[i].read(&looking, whole, json);
    if (slice_ends(slice_of(whole), S("/collections/"))) /* an empty list may be left out (section 5.1) */
        return read_collections(&looking, whole, json);
    return discovery_read(&looking, whole, json);
}
