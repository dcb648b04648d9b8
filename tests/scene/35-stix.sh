#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# Is this STIX, and if not, by which section? And which id does an observable have?
. "${0%/*}/tap.sh"

stamp='"created":"2026-01-01T00:00:00.000Z","modified":"2026-01-01T00:00:00.000Z"'
tool='{"type":"tool","spec_version":"2.1","id":"tool--30000000-0000-4000-8000-000000000000",'$stamp',"name":"Lesung"}'

# What the standard says must be, refuses; what it says should be, warns.
printf '%s\n' "$tool" >tool.json
run "$KENTONGAN" check tool.json
is "$status:$out$err" "0:tool.json: ok (stix)" "a tool is fine"
sed 's/"name":"Lesung"/"x_weight":7/' tool.json >nameless.json
run "$KENTONGAN" check nameless.json
is "$status" 1 "a tool without a name is refused"
is "$out" "nameless.json:1:1: name is required [STIX 2.1 section 4.18.1]
nameless.json:1:163: warning: x_weight is not of the standard; properties should be added by an extension [STIX 2.1 section 11.1]" \
    "with the section; a property that nobody defined is a warning"
sed 's/"Lesung"/"Lesung","x_weight":7/' tool.json >weight.json
run "$KENTONGAN" check --as stix weight.json
is "$status:$(printf '%s\n' "$out" | tail -n 1)" "0:weight.json: ok (stix)" "a warning alone does not refuse"
run "$KENTONGAN" check --json weight.json nameless.json
is "$status:$out" '1:{"file":"weight.json","ok":true,"kind":"stix","line":1,"column":179,"warning":"x_weight is not of the standard; properties should be added by an extension [STIX 2.1 section 11.1]"}
{"file":"weight.json","ok":true,"kind":"stix"}
{"file":"nameless.json","ok":false,"kind":"stix","line":1,"column":1,"reason":"name is required [STIX 2.1 section 4.18.1]"}
{"file":"nameless.json","ok":false,"kind":"stix","line":1,"column":163,"warning":"x_weight is not of the standard; properties should be added by an extension [STIX 2.1 section 11.1]"}' \
    "the same as JSON"

# Our own samples say what they should.
cd "$KENTONGAN_ROOT/tests/data/stix" || exit 2
run "$KENTONGAN" check --as stix valid/*
is "$status:$out$err" "0:$(printf '%s: ok (stix)\n' valid/*)" "all valid samples are valid"
run "$KENTONGAN" check --as stix invalid/*.json
is "$status:$(printf '%s\n' "$out" | grep ': ok (stix)$')" "1:" "all invalid samples are not"
is "$(printf '%s\n' "$out" | cut -d : -f 1 | uniq)" "$(printf '%s\n' invalid/*.json)" "each of them"
cd "$scene_folder" || exit 2

# A bundle of STIX 2.0 has rules of its own, wherever it says so.
old='{"type":"tool","id":"tool--30000000-0000-4000-8000-000000000000",'$stamp',"name":"Lesung","labels":["remote-access"]}'
printf '{"objects":[%s],"type":"bundle","id":"bundle--30000000-0000-4000-8000-000000000000","spec_version":"2.0"}\n' "$old" >old.json
run "$KENTONGAN" check --as stix old.json
is "$status:$out" "0:old.json: ok (stix)" "objects of STIX 2.0 have no spec_version"
sed 's/,"spec_version":"2.0"//' old.json >unsaid.json
run "$KENTONGAN" check --as stix unsaid.json
is "$status:$out" "1:unsaid.json:1:13: spec_version is required [STIX 2.1 section 3.2]" "those of STIX 2.1 do"

# A stream: a large bundle, packed and from standard input, in little memory.
{
    printf '{"type":"bundle","id":"bundle--30000000-0000-4000-8000-000000000000","objects":['
    awk -v stamp="$stamp" 'BEGIN { for (i = 0; i < 100000; i++)
        printf "{\"type\":\"tool\",\"spec_version\":\"2.1\",\"id\":\"tool--30000000-0000-4000-8000-%012x\",%s,\"name\":\"Lesung\"},\n", i, stamp }'
    printf '%s]}\n' "$tool"
} >large.json
run "$KENTONGAN" check large.json
is "$status:$out$err" "0:large.json: ok (stix)" "a bundle of 100,001 objects is fine"
gzip -1 -c large.json >large.gz
run "$KENTONGAN" check large.gz
is "$status:$out$err" "0:large.gz: ok (stix)" "packed, too"
run sh -c '"$KENTONGAN" check --as stix - <large.json'
is "$status:$out$err" "0:-: ok (stix)" "and from standard input"
case ${ASAN_OPTIONS:-}$(ldd "$KENTONGAN") in
*asan*) skip "in little memory" "a sanitizer needs more" ;;
*)
    run sh -c 'ulimit -v 262144 && "$KENTONGAN" check large.json'
    is "$status:$out$err" "0:large.json: ok (stix)" "in little memory"
    ;;
esac
sed '99999s/"name":"Lesung"/"name":7/' large.json >wrong.json
run "$KENTONGAN" check wrong.json
is "$status:$out" "1:wrong.json:99999:169: name: must be a string [STIX 2.1 section 2.15]" "a fault deep inside has its place"
head -c 5000000 large.json >cut.json
run "$KENTONGAN" check cut.json
is "$status" 1 "half a bundle is refused"
like "$out" "cut.json:*: the text ends *\[RFC 8259 section *\]" "with the place where it ends"

# Ids
run sh -c 'printf "{\"value\":\"198.51.100.3\",\"type\":\"ipv4-addr\"}" | "$KENTONGAN" id'
is "$status:$out$err" "0:ipv4-addr--28bb3599-77cd-5a82-a950-b5bc3caf07c4" "an address has the id that everybody makes"
printf '{"type":"file","hashes":{"SHA-256":"%064d","MD5":"%032d"}}' 1 2 >both.json
printf '{"type":"file","hashes":{"MD5":"%032d"}}' 2 >one.json
run "$KENTONGAN" id both.json
is "$status:$out" "0:$("$KENTONGAN" id one.json)" "one hash counts, MD5 before SHA-256"
run sh -c '"$KENTONGAN" id <tool.json'
is "$status:$out" "2:" "a tool has none"
like "$err" "*STIX 2.1 section 2.9*" "and why"
run sh -c 'printf "{\"type\":" | "$KENTONGAN" id'
is "$status:$err" "2:kentongan id: -:1:9: the text ends where a value should stand [RFC 8259 section 2]" "half an object has a place"
run "$KENTONGAN" id tool.json tool.json
is "$status" 2 "two files are too many"

done_testing
