// SPDX-License-Identifier: Apache-2.0
//
// peer_simdjson FILE: the plain extraction that kentongan's match rate is held against. Reads a file of EVE lines in
// blocks and takes out with simdjson On-Demand, by key and chosen by event_type, the values that kentongan's EVE table
// wants of these events: strings unescaped, no look-up, no output but a count, the sum of lengths and a checksum. Keys
// that the simulated events never hold are not asked for, which is in simdjson's favour. One thread.
//
// peer_simdjson --bundle FILE: the same for a STIX bundle of indicators; what `kentongan check --as stix` is held
// against, which also checks every value.
#include <cstdint>
#include <cstdio>
#include <cstring>
#include <string_view>
#include <vector>

#include <fcntl.h>
#include <simdjson.h>
#include <unistd.h>

using namespace simdjson;

namespace
{

constexpr size_t BLOCK = 1 << 20;

struct tally {
    uint64_t events = 0, fields = 0, bytes = 0, checksum = 0;

    void add(std::string_view text)
    {
        fields++;
        bytes += text.size();
        if (!text.empty())
            checksum = checksum * 31 + static_cast<unsigned char>(text[0]) + static_cast<unsigned char>(text.back());
    }
};

template <class Object> void take(tally &sum, Object &object, const char *key)
{
    std::string_view text;
    if (object[key].get_string().get(text) == SUCCESS)
        sum.add(text);
}

template <class Object> void take_number(tally &sum, Object &object, const char *key)
{
    uint64_t number;
    if (object[key].get_uint64().get(number) == SUCCESS) {
        sum.fields++;
        sum.checksum += number;
    }
}

template <class Object> bool enter(Object &object, const char *key, ondemand::object &inner)
{
    return object[key].get_object().get(inner) == SUCCESS;
}

void take_strings(tally &sum, ondemand::object &object, const char *key)
{
    ondemand::array array;
    if (object[key].get_array().get(array) != SUCCESS)
        return;
    for (auto element : array) {
        std::string_view text;
        if (element.get_string().get(text) == SUCCESS)
            sum.add(text);
    }
}

void take_records(tally &sum, ondemand::object &object, const char *key, bool data)
{
    ondemand::array array;
    if (object[key].get_array().get(array) != SUCCESS)
        return;
    for (auto element : array) {
        ondemand::object record;
        if (element.get_object().get(record) != SUCCESS)
            continue;
        take(sum, record, "rrname");
        if (data)
            take(sum, record, "rdata");
    }
}

void take_dns(tally &sum, ondemand::object &dns)
{
    take(sum, dns, "rrname");
    take_records(sum, dns, "answers", true);
    ondemand::object grouped;
    if (!enter(dns, "grouped", grouped))
        return;
    take_strings(sum, grouped, "CNAME");
    take_strings(sum, grouped, "A");
}

void take_tls(tally &sum, ondemand::object &tls)
{
    ondemand::object inner;
    take(sum, tls, "subject");
    take(sum, tls, "fingerprint");
    take(sum, tls, "sni");
    if (enter(tls, "ja3", inner))
        take(sum, inner, "hash");
    if (enter(tls, "ja3s", inner))
        take(sum, inner, "hash");
}

void take_http(tally &sum, ondemand::object &http)
{
    take(sum, http, "hostname");
    take(sum, http, "url");
    take(sum, http, "http_user_agent");
    take(sum, http, "http_refer");
}

void take_file(tally &sum, ondemand::object &file)
{
    take(sum, file, "filename");
    take(sum, file, "md5");
    take(sum, file, "sha1");
    take(sum, file, "sha256");
}

template <class Document> void take_alert(tally &sum, Document &event)
{
    ondemand::object inner;
    if (enter(event, "alert", inner)) {
        take_number(sum, inner, "signature_id");
        take(sum, inner, "category");
    }
    if (enter(event, "http", inner))
        take_http(sum, inner);
    else if (enter(event, "dns", inner))
        take_records(sum, inner, "query", false);
}

template <class Document> void take_event(tally &sum, Document &event)
{
    std::string_view type;
    take(sum, event, "timestamp");
    if (event["event_type"].get_string().get(type) != SUCCESS)
        return;
    take(sum, event, "src_ip");
    take_number(sum, event, "src_port");
    take(sum, event, "dest_ip");
    take_number(sum, event, "dest_port");
    ondemand::object inner;
    if (type == "alert")
        take_alert(sum, event);
    else if (type == "dns" && enter(event, "dns", inner))
        take_dns(sum, inner);
    else if (type == "tls" && enter(event, "tls", inner))
        take_tls(sum, inner);
    else if ((type == "http" || type == "fileinfo") && enter(event, "http", inner))
        take_http(sum, inner);
    if (type == "fileinfo" && enter(event, "fileinfo", inner))
        take_file(sum, inner);
    take(sum, event, "host");
    sum.events++;
}

bool take_block(tally &sum, ondemand::parser &parser, const char *block, size_t bytes)
{
    ondemand::document_stream stream;
    if (parser.iterate_many(block, bytes, BLOCK + SIMDJSON_PADDING).get(stream) != SUCCESS)
        return false;
    for (auto document : stream) {
        ondemand::document_reference event;
        if (std::move(document).get(event) != SUCCESS)
            return false;
        take_event(sum, event);
    }
    return true;
}

bool take_file(tally &sum, int fd)
{
    std::vector<char> buffer(BLOCK + SIMDJSON_PADDING);
    ondemand::parser parser;
    size_t held = 0;
    ssize_t got;
    while ((got = read(fd, buffer.data() + held, BLOCK - held)) > 0) {
        held += static_cast<size_t>(got);
        const void *last = memrchr(buffer.data(), '\n', held);
        if (last == nullptr)
            return false;
        size_t whole = static_cast<size_t>(static_cast<const char *>(last) - buffer.data()) + 1;
        if (!take_block(sum, parser, buffer.data(), whole))
            return false;
        memmove(buffer.data(), buffer.data() + whole, held - whole);
        held -= whole;
    }
    return got == 0 && held == 0;
}

/* The values that a validator has to look at, by key; the whole file in memory, as On-Demand wants it. */
bool take_bundle(tally &sum, const char *path)
{
    padded_string json;
    ondemand::parser parser;
    ondemand::document bundle;
    ondemand::array objects;
    if (padded_string::load(path).get(json) != SUCCESS || parser.iterate(json).get(bundle) != SUCCESS ||
            bundle["objects"].get_array().get(objects) != SUCCESS)
        return false;
    static const char *const keys[] = {
            "type", "spec_version", "id", "created_by_ref", "created", "modified", "name", "description"};
    for (auto element : objects) {
        ondemand::object object;
        if (element.get_object().get(object) != SUCCESS)
            return false;
        for (const char *key : keys)
            take(sum, object, key);
        take_strings(sum, object, "indicator_types");
        take(sum, object, "pattern");
        take(sum, object, "pattern_type");
        take(sum, object, "valid_from");
        take_strings(sum, object, "labels");
        take_number(sum, object, "confidence");
        take_strings(sum, object, "object_marking_refs");
        sum.events++;
    }
    return true;
}

} // namespace

int main(int argc, char **argv)
{
    if (argc == 2 && strcmp(argv[1], "--version") == 0)
        return puts(SIMDJSON_STRINGIFY(SIMDJSON_VERSION)) < 0;
    tally sum;
    bool bundle = argc == 3 && strcmp(argv[1], "--bundle") == 0;
    int fd = argc == 2 ? open(argv[1], O_RDONLY | O_CLOEXEC) : -1;
    if (bundle ? !take_bundle(sum, argv[2]) : fd < 0 || !take_file(sum, fd)) {
        fprintf(stderr, "peer_simdjson: cannot read the file as lines of JSON, or as a bundle\n");
        return 2;
    }
    printf("events=%llu fields=%llu bytes=%llu checksum=%016llx\n", static_cast<unsigned long long>(sum.events),
            static_cast<unsigned long long>(sum.fields), static_cast<unsigned long long>(sum.bytes),
            static_cast<unsigned long long>(sum.checksum));
    return 0;
}
