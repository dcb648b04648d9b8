/* SPDX-License-Identifier: Apache-2.0 */
#include "event/zeek.h"

#include "event/document.h"
#include "event/fields.h"
#include "json/check.h"
#include "json/write.h"

/*
 * Zeek as JSON, one object a line. A name with dots is one key ("id.orig_h"), not a path. Which log a line is of stands
 * in `_path`, if at all (only the streaming package writes it), so one table serves all logs: a field of the same name
 * means nearly the same in each, and where it does not the wider meaning is taken (`name` is a file in smb_files and
 * the name of an oddity in weird, which equals no file). Left out is what can never be the value of an indicator and
 * what says nothing without its neighbour.
 */

#define TAXONOMY "zeek"

const struct event_field zeek_fields[] = {
        /* every log of a connection: conn, and the start of most others */
        {"ts", ROLE_TIME},
        {"\"id.orig_h\"", ROLE_SOURCE_ADDRESS, VALUE_ADDRESS},
        {"\"id.orig_p\"", ROLE_SOURCE_PORT},
        {"\"id.resp_h\"", ROLE_DESTINATION_ADDRESS, VALUE_ADDRESS},
        {"\"id.resp_p\"", ROLE_DESTINATION_URL_PORT},
        {"proto", ROLE_TRANSPORT},
        {"orig_l2_addr", ROLE_NONE, VALUE_OTHER, "mac-addr"},
        {"resp_l2_addr", ROLE_NONE, VALUE_OTHER, "mac-addr"},

        /* notice: what says what it takes itself for; also src and dst of traceroute */
        {"note", ROLE_CLASS_TYPE, VALUE_NONE, TAXONOMY},
        {"msg", ROLE_TEXT},
        {"sub", ROLE_TEXT},
        {"src", ROLE_SOURCE_ADDRESS, VALUE_ADDRESS},
        {"dst", ROLE_DESTINATION_ADDRESS, VALUE_ADDRESS},
        {"file_desc", ROLE_TEXT},
        {"peer_descr", ROLE_SENSOR},

        /* signatures */
        {"src_addr", ROLE_SOURCE_ADDRESS, VALUE_ADDRESS},
        {"src_port", ROLE_SOURCE_PORT},
        {"dst_addr", ROLE_DESTINATION_ADDRESS, VALUE_ADDRESS},
        {"dst_port", ROLE_DESTINATION_PORT},
        {"sig_id", ROLE_CLASS_IDENTIFIER, VALUE_NONE, TAXONOMY},
        {"event_msg", ROLE_TEXT},
        {"sub_msg", ROLE_TEXT},

        /* intel: an indicator of any kind */
        {"\"seen.indicator\"", ROLE_TEXT},
        {"\"seen.host\"", ROLE_NONE, VALUE_ADDRESS},
        {"\"seen.node\"", ROLE_SENSOR},

        /* weird, reporter, stats: the node that wrote it; also addl, a text of any kind */
        {"peer", ROLE_SENSOR},
        {"addl", ROLE_TEXT},

        /* dns */
        {"query", ROLE_NONE, VALUE_NAME},
        {"answers[]", ROLE_NONE, VALUE_ADDRESS_NAME},

        /* http, websocket; host is also that of software, known_hosts and known_certs, user_agent also of smtp and sip
         */
        {"host", ROLE_URL_HOST, VALUE_NAME},
        {"uri", ROLE_URL_PATH},
        {"referrer", ROLE_NONE, VALUE_URL},
        {"origin", ROLE_NONE, VALUE_URL},
        {"user_agent", ROLE_NONE, VALUE_USERAGENT},
        {"username", ROLE_NONE, VALUE_OTHER, "user-account"},
        {"proxied[]", ROLE_TEXT},
        {"orig_filenames[]", ROLE_NONE, VALUE_FILENAME},
        {"resp_filenames[]", ROLE_NONE, VALUE_FILENAME},

        /* ssl, quic; subject is also that of known_certs and of a mail */
        {"server_name", ROLE_NONE, VALUE_NAME},
        {"subject", ROLE_TEXT},
        {"issuer", ROLE_TEXT},
        {"client_subject", ROLE_TEXT},
        {"client_issuer", ROLE_TEXT},
        {"issuer_subject", ROLE_TEXT},
        {"cert_chain_fps[]", ROLE_NONE, VALUE_HASH},
        {"client_cert_chain_fps[]", ROLE_NONE, VALUE_HASH},
        {"ja3", ROLE_NONE, VALUE_JA3},
        {"ja3s", ROLE_NONE, VALUE_JA3},
        {"ja4", ROLE_NONE, VALUE_OTHER, "ja4"},

        /* x509 */
        {"fingerprint", ROLE_NONE, VALUE_HASH},
        {"\"certificate.subject\"", ROLE_TEXT},
        {"\"certificate.issuer\"", ROLE_TEXT},
        {"\"certificate.cn\"", ROLE_NONE, VALUE_NAME},
        {"\"san.dns\"[]", ROLE_NONE, VALUE_NAME},
        {"\"san.uri\"[]", ROLE_NONE, VALUE_URL},
        {"\"san.email\"[]", ROLE_NONE, VALUE_EMAIL},
        {"\"san.ip\"[]", ROLE_NONE, VALUE_ADDRESS},

        /* ocsp */
        {"issuerNameHash", ROLE_NONE, VALUE_HASH},
        {"issuerKeyHash", ROLE_NONE, VALUE_HASH},

        /* files */
        {"tx_hosts[]", ROLE_NONE, VALUE_ADDRESS},
        {"rx_hosts[]", ROLE_NONE, VALUE_ADDRESS},
        {"filename", ROLE_NONE, VALUE_FILENAME},
        {"md5", ROLE_NONE, VALUE_MD5},
        {"sha1", ROLE_NONE, VALUE_SHA1},
        {"sha256", ROLE_NONE, VALUE_SHA256},

        /* smtp; path is also that of smb */
        {"helo", ROLE_NONE, VALUE_NAME},
        {"mailfrom", ROLE_NONE, VALUE_EMAIL},
        {"rcptto[]", ROLE_NONE, VALUE_EMAIL},
        {"from", ROLE_TEXT},
        {"to[]", ROLE_TEXT},
        {"cc[]", ROLE_TEXT},
        {"reply_to", ROLE_TEXT},
        {"x_originating_ip", ROLE_NONE, VALUE_ADDRESS},
        {"first_received", ROLE_TEXT},
        {"second_received", ROLE_TEXT},
        {"path[]", ROLE_NONE, VALUE_ADDRESS},

        /* smb_files, smb_mapping, dce_rpc */
        {"path", ROLE_NONE, VALUE_FILENAME},
        {"name", ROLE_NONE, VALUE_FILENAME},
        {"prev_name", ROLE_NONE, VALUE_FILENAME},
        {"share", ROLE_NONE, VALUE_FILENAME},
        {"named_pipe", ROLE_NONE, VALUE_FILENAME},

        /* ftp; arg is also that of mysql, user also that of socks, irc, mysql */
        {"user", ROLE_NONE, VALUE_OTHER, "user-account"},
        {"arg", ROLE_TEXT},
        {"\"data_channel.orig_h\"", ROLE_NONE, VALUE_ADDRESS},
        {"\"data_channel.resp_h\"", ROLE_NONE, VALUE_ADDRESS},

        /* ssh */
        {"host_key", ROLE_NONE, VALUE_MD5},
        {"hassh", ROLE_NONE, VALUE_OTHER, "hassh"},
        {"hasshServer", ROLE_NONE, VALUE_OTHER, "hassh"},

        /* kerberos, ntlm, radius, ldap */
        {"client_cert_subject", ROLE_TEXT},
        {"server_cert_subject", ROLE_TEXT},
        {"hostname", ROLE_NONE, VALUE_NAME},
        {"domainname", ROLE_NONE, VALUE_NAME},
        {"server_nb_computer_name", ROLE_NONE, VALUE_NAME},
        {"server_dns_computer_name", ROLE_NONE, VALUE_NAME},
        {"server_tree_name", ROLE_NONE, VALUE_NAME},
        {"framed_addr", ROLE_NONE, VALUE_ADDRESS},
        {"remote_ip", ROLE_NONE, VALUE_ADDRESS},
        {"tunnel_client", ROLE_TEXT},

        /* rdp, rfb */
        {"cookie", ROLE_NONE, VALUE_OTHER, "user-account"},
        {"client_name", ROLE_NONE, VALUE_NAME},
        {"desktop_name", ROLE_NONE, VALUE_NAME},

        /* sip */
        {"request_from", ROLE_TEXT},
        {"request_to", ROLE_TEXT},
        {"response_from", ROLE_TEXT},
        {"response_to", ROLE_TEXT},

        /* socks */
        {"\"request.host\"", ROLE_NONE, VALUE_ADDRESS},
        {"\"request.name\"", ROLE_NONE, VALUE_NAME},
        {"\"bound.host\"", ROLE_NONE, VALUE_ADDRESS},
        {"\"bound.name\"", ROLE_NONE, VALUE_NAME},

        /* dhcp; mac is also that of radius */
        {"client_addr", ROLE_NONE, VALUE_ADDRESS},
        {"server_addr", ROLE_NONE, VALUE_ADDRESS},
        {"requested_addr", ROLE_NONE, VALUE_ADDRESS},
        {"assigned_addr", ROLE_NONE, VALUE_ADDRESS},
        {"assigned_ip", ROLE_NONE, VALUE_ADDRESS},
        {"mac", ROLE_NONE, VALUE_OTHER, "mac-addr"},
        {"host_name", ROLE_NONE, VALUE_NAME},
        {"client_fqdn", ROLE_NONE, VALUE_NAME},
        {"domain", ROLE_NONE, VALUE_NAME},

        /* syslog, reporter, and what others say in a text */
        {"message", ROLE_TEXT},
        {"url", ROLE_NONE, VALUE_URL},
        {"dcc_file_name", ROLE_NONE, VALUE_FILENAME},
};

const size_t zeek_field_count = COUNT_OF(zeek_fields);

#define LINES_LOOKED_AT 8 /* a rotated log may begin in the middle of a line */

/* What stands beside the time in a log of a connection, and in those of none. */
static const char *const sure_keys[] = {"_path", "id.orig_h"};
static const char *const likely_keys[] = {"uid", "fuid", "uids", "conn_uids", "certificate.version", "note", "peer",
        "tx_hosts", "host_key", "software_type"};

static bool has_any(slice object, bool whole, const char *const *keys, size_t count)
{
    for (size_t i = 0; i < count; i++)
        if (event_document_has(object, whole, slice_of(keys[i])))
            return true;
    return false;
}

static int sureness(slice line)
{
    bool whole = event_json_is(line);
    if (!slice_starts(line, S("{")) || !event_document_has(line, whole, S("ts")) ||
            event_document_has(line, whole, S("event_type")))
        return 0;
    if (has_any(line, whole, sure_keys, COUNT_OF(sure_keys)))
        return 100;
    return has_any(line, whole, likely_keys, COUNT_OF(likely_keys)) ? 80 : 0;
}

static int recognise(slice head)
{
    slice rest = head, line;
    for (int i = 0; i < LINES_LOOKED_AT && slice_next(&rest, '\n', &line); i++) {
        int sure = sureness(line);
        if (sure > 0)
            return i == 0 ? sure : sure - 5;
    }
    return 0;
}

static struct err zeek_open(
        struct event_reader *reader, slice head, const struct event_options *options, struct arena *arena)
{
    (void)head, (void)options;
    return event_json_open(reader, zeek_fields, zeek_field_count, arena);
}

static void write_icmp(slice record, slice from, slice name, struct json_writer *w)
{
    slice number = json_get(record, from);
    if (json_kind(number) != JSON_NUMBER)
        return;
    json_write_key(w, name);
    json_write_raw(w, number);
}

static void zeek_extra(const struct event_reader *reader, slice record, struct arena *arena, struct json_writer *w)
{
    event_json_extra(reader, record, arena, w);
    if (!slice_eq(json_text(json_get(record, S("proto")), arena), S("icmp")))
        return;
    write_icmp(record, S("id.orig_p"), ZEEK_ICMP_TYPE, w);
    write_icmp(record, S("id.resp_p"), ZEEK_ICMP_CODE, w);
}

const struct event_format event_zeek = {
        .name = "zeek",
        .about = "Zeek logs as JSON, one object a line",
        .records_are_lines = true,
        .recognise = recognise,
        .open = zeek_open,
        .record = event_line_record,
        .pick = event_json_pick,
        .extra = zeek_extra,
};
