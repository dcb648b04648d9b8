/* SPDX-License-Identifier: Apache-2.0 */
/* What node.conf may say: the one table that is read, printed, and held against kentongan.conf(5). */
#include "app/config.h"

#define SECOND UINT64_C(1000)
#define MINUTE (60 * SECOND)
#define HOUR (60 * MINUTE)
#define DAY (24 * HOUR)
#define KIB (UINT64_C(1) << 10)
#define TIB (UINT64_C(1) << 40)

#define AT(member) offsetof(struct config, member)

const struct config_row config_rows[] = {
        {"node", "name", CONFIG_TEXT, 1, 200, NULL, AT(name),
                "The organisation that runs this node, as its partners know it"},
        {"node", "listen", CONFIG_LISTEN, 0, 0, "127.0.0.1:8443", AT(listen),
                "Where people and partners reach the node"},
        {"node", "database", CONFIG_DATABASE, 1, 1000, "node.db", AT(database),
                "A file of SQLite, or a PostgreSQL as postgresql://USER:PASSWORD@HOST/NAME"},

        {"retention", "originals", CONFIG_DURATION, 0, 36500 * DAY, "0", AT(retention.originals_ms),
                "How long the texts of imports are kept as they came; 0: for ever"},
        {"retention", "refused", CONFIG_DURATION, 0, 36500 * DAY, "0", AT(retention.refused_ms),
                "How long parts of imports that were refused are kept; 0: for ever"},
        {"retention", "undone", CONFIG_DURATION, 0, 36500 * DAY, "0", AT(retention.undone_ms),
                "How long what undone imports brought is kept; 0: for ever"},
        {"retention", "journal", CONFIG_DURATION, 0, 36500 * DAY, "0", AT(retention.details_ms),
                "How long the journal keeps details of its rows; 0: for ever"},
        {"retention", "links", CONFIG_DURATION, 0, 36500 * DAY, "0", AT(retention.links_ms),
                "How long one-time links are kept after they expired; 0: for ever"},
        {"retention", "sessions", CONFIG_DURATION, 0, 36500 * DAY, "90d", AT(retention.sessions_ms),
                "How long sessions and tokens are kept after they ended; 0: for ever"},

        {"people", "rest", CONFIG_DURATION, 5 * MINUTE, 365 * DAY, "12h", AT(people.rest_ms),
                "How long a session may rest before its user has to sign in again"},
        {"people", "session", CONFIG_DURATION, 5 * MINUTE, 365 * DAY, "7d", AT(people.session_ms),
                "How long a session holds at the most"},

        {"import", "bytes", CONFIG_BYTES, KIB, 16 * TIB, "64GiB", AT(import.bytes_max),
                "The largest file of intelligence, unpacked"},
        {"import", "objects", CONFIG_NUMBER, 1, UINT64_C(1000000000), "5000000", AT(import.objects_max),
                "The most objects in one file of intelligence"},

        {"feeds", "proxy", CONFIG_PROXY, 1, 1000, "", AT(feeds.proxy),
                "The proxy to the outside, as http://HOST:PORT or socks5h://HOST:PORT"},
        {"feeds", "ca", CONFIG_PATH, 1, 1000, "", AT(feeds.ca_file),
                "A file of certificates (PEM) to trust instead of those of the system"},
        {"feeds", "plain-http", CONFIG_TRUTH, 0, 0, "yes", AT(feeds.plain_http),
                "Whether feeds may come by http, which anybody on the way can change"},
        {"feeds", "connect-timeout", CONFIG_DURATION, SECOND, 5 * MINUTE, "10s", AT(feeds.connect_ms),
                "How long a connection may take to stand"},
        {"feeds", "idle-timeout", CONFIG_DURATION, SECOND, HOUR, "30s", AT(feeds.idle_ms),
                "How long a feed may say nothing"},
        {"feeds", "timeout", CONFIG_DURATION, SECOND, DAY, "30min", AT(feeds.total_ms),
                "How long the whole of a feed may take"},
        {"feeds", "bytes", CONFIG_BYTES, KIB, TIB, "1GiB", AT(feeds.bytes_max), "The largest feed, unpacked"},
        {"feeds", "redirects", CONFIG_NUMBER, 0, 20, "5", AT(feeds.redirects_max),
                "How many redirects in a row are followed"},
};

const size_t config_row_count = COUNT_OF(config_rows);
