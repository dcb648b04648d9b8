#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# Is this STIX pattern true of what was observed, and by which observations?
. "${0%/*}/tap.sh"

cat >observed.json <<'END'
{"type":"bundle","id":"bundle--30000000-0000-4000-8000-000000000000","objects":[
{"type":"observed-data","id":"observed-data--1","first_observed":"2026-01-01T10:00:00Z","last_observed":"2026-01-01T10:00:00Z","number_observed":1,"object_refs":["file--1"]},
{"type":"observed-data","id":"observed-data--2","first_observed":"2026-01-01T10:00:30Z","last_observed":"2026-01-01T10:00:30Z","number_observed":2,"object_refs":["network-traffic--1","ipv4-addr--1"]},
{"type":"file","id":"file--1","name":"melati.exe"},
{"type":"network-traffic","id":"network-traffic--1","dst_ref":"ipv4-addr--1","dst_port":443},
{"type":"ipv4-addr","id":"ipv4-addr--1","value":"192.0.2.1"}]}
END

# asks STATUS ANSWER PATTERN NAME
asks()
{
    run "$KENTONGAN" pattern "$3" observed.json
    is "$status:$out$err" "$1:$2" "$4"
}

asks 0 'match: "observed-data--1"' "[file:name = 'melati.exe']" "one observation"
asks 1 'no match' "[file:name = 'kenanga.exe']" "none"
asks 0 'match: "observed-data--1", "observed-data--2"' \
    "([file:name LIKE 'melati%'] FOLLOWEDBY [network-traffic:dst_ref.value ISSUBSET '192.0.2.0/24']) WITHIN 30 SECONDS" \
    "one after another, within half a minute"
asks 1 'no match' "[ipv4-addr:value LIKE '%'] FOLLOWEDBY [file:name LIKE '%']" "not the other way round"
asks 0 'match: "observed-data--2"' "[ipv4-addr:value LIKE '%'] REPEATS 2 TIMES" "what was seen twice is two observations"
asks 1 'no match' "[ipv4-addr:value LIKE '%'] REPEATS 3 TIMES" "and not three"

run "$KENTONGAN" pattern "[file:name = ]" observed.json
is "$status:$out:$err" "2::kentongan pattern: pattern:1:14: a constant is wanted here that the operator can take [STIX 2.1 section 9.6.1]" \
    "what is no pattern is an error with its place and section"
run "$KENTONGAN" pattern "[file:name = 'a'
  AND url:value = 'b']" observed.json
like "$status:$err" "2:kentongan pattern: pattern:2:3: *\\[STIX 2.1 section 9.5\\]" "lines count"

# Wrappings
sed -n 's/,$//;2p' observed.json >one.json
run "$KENTONGAN" pattern "[EXISTS file:name]" one.json
is "$status:$out" "1:no match" "an observation alone names objects that are not there"
printf '[%s,{"type":"observed-data","first_observed":"2026-01-01T10:00:00Z","last_observed":"2026-01-01T10:00:00Z","number_observed":1,"objects":{"0":{"type":"mutex","name":"kembang"}}}]' "$(cat observed.json)" >array.json
run "$KENTONGAN" pattern "[mutex:name = 'kembang'] AND [file:name LIKE '%']" array.json
is "$status:$out" '0:match: "observed-data--1", "observation 3"' "an array of bundles and observed data, with objects of its own"
run sh -c '"$KENTONGAN" pattern "[file:name LIKE '"'%'"']" <observed.json'
is "$status" 0 "without a file, standard input"
gzip -c observed.json >packed.gz
run "$KENTONGAN" pattern --json "[file:name LIKE '%']" packed.gz
like "$status:$out" '0:{"match":true,"observations":\["observed-data--1"\],"observed":2,"steps":[1-9]*}' "as JSON, from a packed file"

# What cannot be read
printf '{"type":"bundle",' >cut.json
run "$KENTONGAN" pattern "[file:name = 'a']" cut.json
like "$status:$err" "2:kentongan pattern: cut.json:1:* \\[RFC 8259 section *\\]" "what is no JSON is an error with its place"
sed 's/"number_observed":2/"number_observed":0/' observed.json >zero.json
run "$KENTONGAN" pattern "[file:name = 'a']" zero.json
like "$status:$err" "2:kentongan pattern: zero.json:3:*number_observed*\\[STIX 2.1 section 4.14\\]" "an observation has a number"
sed 's/"last_observed":"2026-01-01T10:00:30Z"/"last_observed":"2026-01-01T10:00:29Z"/' observed.json >order.json
run "$KENTONGAN" pattern "[file:name = 'a']" order.json
like "$status:$err" "2:kentongan pattern: order.json:3:*last_observed*" "and ends after it begins"
run "$KENTONGAN" pattern "[file:name = 'a']" nowhere.json
like "$status:$err" "2:kentongan pattern: nowhere.json*" "a file that is not there is an error"
run "$KENTONGAN" pattern
like "$status:$err" "2:*PATTERN*" "a pattern is wanted"

# What would take too long
python3 -c 'import json
rows = [{"type": "observed-data", "first_observed": f"2026-01-01T10:{i // 60:02}:{i % 60:02}Z", "last_observed": f"2026-01-01T10:{i // 60:02}:{i % 60:02}Z", "number_observed": 1, "objects": {"0": {"type": "file", "name": "a" * 40}}} for i in range(600)]
json.dump(rows, open("many.json", "w"))'
run timeout 20 "$KENTONGAN" pattern "(([file:name LIKE '%'] AND [file:size = 1 OR file:name LIKE 'a%']) WITHIN 1 SECONDS REPEATS 90 TIMES) WITHIN 130 SECONDS" many.json
like "$status:$err" "2:*20000000 steps*" "too many ways to combine observations: an error after so many steps"
run timeout 20 "$KENTONGAN" pattern "[file:name MATCHES '^(\\\\w+)+[!?]\$']" many.json
like "$status:$err" "2:*steps*" "a regular expression without end: the same"
run "$KENTONGAN" pattern --steps 100 "[file:name LIKE 'b%']" many.json
like "$status:$err" "2:*100 steps; --steps gives more" "the number of steps can be said"
run "$KENTONGAN" pattern --steps 0 "[file:name LIKE 'b%']" many.json
like "$status:$err" "2:*--steps*" "but not nothing"

# Many patterns in a file
printf "# of a drill\n[file:name = 'a']\n\n  [file:name = ]\n[file:hashes.MD5 = 'f00']\n" >patterns.txt
run "$KENTONGAN" check --as pattern patterns.txt
is "$status:$out" "1:patterns.txt:4:16: a constant is wanted here that the operator can take [STIX 2.1 section 9.6.1]
patterns.txt:5:20: no hash of this kind has this length or these digits [STIX 2.1 section 2.7]" "check reads a pattern on each line"
run sh -c 'head -n 3 patterns.txt | "$KENTONGAN" check --as pattern -'
is "$status:$out" "0:-: ok (pattern)" "and says when all is well"

done_testing
