# SPDX-License-Identifier: Apache-2.0
# A list of TYPE, tab, VALUE as a STIX bundle. With -v simple=1 a pattern for each row that a table can answer; without,
# a thousand of the first two thousand rows that have to be evaluated: AND, LIKE, MATCHES, FOLLOWEDBY, REPEATS, WITHIN.

BEGIN {
    FS = "\t"
    network = "203.0.113.0/28"
    printf "{\"type\":\"bundle\",\"id\":\"bundle--41000000-0000-4000-8000-000000000000\",\"objects\":["
}

function equals(type, value) {
    if (type == "cidr") return "network-traffic:dst_ref.value ISSUBSET '" value "'"
    if (type == "domain") return "domain-name:value = '" value "'"
    if (type == "sha256") return "file:hashes.'SHA-256' = '" value "'"
    if (type == "url") return "url:value = '" value "'"
    return "ipv4-addr:value = '" value "'"
}

# What stands in the middle of the value, where it is text that people write patterns for.
function loose(type, value) {
    if (type == "url") return "url:value LIKE '%" substr(value, 9) "%'"
    if (type != "domain") return equals(type, value)
    if (NR % 4 < 2) return "domain-name:value LIKE '%" substr(value, 3) "'"
    gsub(/\./, "[.]", value)
    return "domain-name:value MATCHES '^[a-z0-9.-]*" substr(value, 2) "$'"
}

function put(pattern) {
    printf "%s\n{\"type\":\"indicator\",\"id\":\"indicator--41000000-0000-4000-8000-%012d\",\"pattern\":\"%s\"}",
        (count++ ? "," : ""), count, pattern
}

$2 ~ /['\\"]/ { next } # nothing that a pattern or JSON would have to escape

simple {
    put("[" equals($1, $2) "]")
    next
}

$1 == "ipv4" { network = $2 "/28" }

NR % 2 { first = equals($1, $2); first_loose = loose($1, $2) }

NR % 2 == 0 && count < 1000 {
    second = equals($1, $2)
    second_loose = loose($1, $2)
    kind = NR / 2 % 6
    if (kind == 1 && first_loose !~ /LIKE|MATCHES/) kind = 2
    if (kind == 2 && first_loose second_loose !~ /LIKE|MATCHES/) kind = 0 # a table could answer
    if (kind == 0) put("[" first "] AND [" second_loose "]")
    if (kind == 1) put("[" first_loose "]")
    if (kind == 2) put("[" second_loose " OR " first_loose "]")
    if (kind == 3) put("([" first "] FOLLOWEDBY [" second_loose "]) WITHIN 300 SECONDS")
    if (kind == 4) put("([" first_loose " OR " second "] REPEATS 2 TIMES) WITHIN 3600 SECONDS")
    if (kind == 5) put("[network-traffic:dst_ref.value ISSUBSET '" network "' AND network-traffic:dst_port IN (80, 443)]")
}

END { print "]}" }
