/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Any bytes: json_check() with duplicate keys allowed and simdjson's DOM parser say the same, JSON or not.
 *
 * Lawful differences, which are left out:
 *   - a number beyond double: JSON to us (its range is the reader's affair, RFC 8259 section 6), refused by simdjson;
 *   - deeper than JSON_DEPTH_MAX: our ceiling, simdjson has another.
 */
#include <cstdlib>
#include <simdjson.h>

/* Our headers are C: they have compound literals, and what memchr() finds needs no cast. */
#pragma GCC diagnostic ignored "-Wpedantic"
#define memchr(text, byte, count) static_cast<const char *>(memchr(text, byte, count))

extern "C" {
#include "json/check.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);
}

static const size_t bytes_max = 64 * 1024;

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static simdjson::dom::parser parser;
    if (size > bytes_max)
        return 0;
    slice text = {reinterpret_cast<const char *>(data), size};
    struct json_limits limits = json_limits_default;
    limits.duplicates_allowed = true;
    struct err err = json_check(text, &limits, nullptr);
    simdjson::error_code other = parser.parse(simdjson::padded_string(text.ptr, size)).error();
    if (err.kind == ERR_LIMIT || (err.kind == ERR_NONE && other == simdjson::NUMBER_ERROR))
        return 0;
    if ((err.kind == ERR_NONE) != (other == simdjson::SUCCESS)) {
        fprintf(stderr, "check: %s; simdjson: %s\n", err.why == nullptr ? "JSON" : err.why, error_message(other));
        abort();
    }
    return 0;
}
