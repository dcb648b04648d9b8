#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# Is this file what it claims to be, and if not, where and by which rule?
. "${0%/*}/tap.sh"

# fine FILE ANSWER [OPTION...]
fine()
{
    fine_file=$1
    fine_kind=$2
    shift 2
    run "$KENTONGAN" check "$@" "$fine_file"
    is "$status:$out$err" "0:$fine_file: ok ($fine_kind)" "$fine_file is $fine_kind"
}

# wrong FILE PATTERN [OPTION...]: what is wrong, as a pattern.
wrong()
{
    wrong_file=$1
    wrong_pattern=$2
    shift 2
    run "$KENTONGAN" check "$@" "$wrong_file"
    is "$status:$err" "1:" "$wrong_file is refused"
    like "$out" "$wrong_pattern" "$wrong_file: where and why"
}

# JSON
printf '{"a":[1,-0.5e+3,true,null,"\\u00e9\\ud83e\\udd41"]}\n' >good.json
fine good.json json
fine good.json json --as json
for json in '1' '"x"' '[]' ' { } ' '"é"'; do
    printf '%s' "$json" >value.json
    fine value.json json --as json
done
while IFS='|' read -r place section json; do
    printf "$json" >bad.json
    wrong bad.json "bad.json:$place: *\\[RFC 8259 section $section\\]" --as json
done <<'END'
1:2|4|{,}
1:8|4|{"a":1,}
2:3|3|[1,\n  tru]
1:7|6|{"a": 01}
3:3|4|{"a":1,\n\n  "a":2}
1:2|7|"\\q"
1:3|7|"a\nb"
1:2|8.2|"\\ud800"
1:3|8.1|"a\377"
1:4|2|[1]x
1:1|2|
END
printf '{"a":"\t"}' >bad.json
wrong bad.json "bad.json:1:7: *\\[RFC 8259 section 7\\]"

# STIX
cat >good-bundle.json <<'END'
{"type":"bundle","id":"bundle--27000000-0000-4000-8000-000000000000","objects":[
{"type":"indicator","spec_version":"2.1","id":"indicator--27000000-0000-4000-8000-000000000001","created":"2026-01-01T00:00:00.000Z","modified":"2026-01-01T00:00:00.000Z","name":"Melati","description":"From a drill","pattern":"[domain-name:value = 'melati.example' AND domain-name:x_a = '192.0.2.1']","pattern_type":"stix","valid_from":"2026-01-01T00:00:00Z"},
{"type":"malware","spec_version":"2.1","id":"malware--27000000-0000-4000-8000-000000000002","created":"2026-01-01T00:00:00.000Z","modified":"2026-01-01T00:00:00.000Z","name":"Kembang","is_family":false}
]}
END
fine good-bundle.json stix
fine good-bundle.json json --as json
sed "s/ = 'melati/ == 'melati/; s/\"valid_from\":\"2026-01-01T00:00:00Z\"/\"valid_from\":\"never\"/" good-bundle.json >never.json
wrong never.json "never.json:2:*"
sed "s/192.0.2.1'\\]/192.0.2.1'/" good-bundle.json >pattern.json
wrong pattern.json "pattern.json:2:*: *pattern*column 72*9.5*"
sed 's/"2026-01-01T00:00:00Z"}/"yesterday"}/' good-bundle.json >when.json
wrong when.json "when.json:2:*: *valid_from*\\[STIX 2.1 section *\\]"
sed 's/"type":"malware",//' good-bundle.json >typeless.json
wrong typeless.json "typeless.json:3:1: *type*\\[STIX 2.1 section 3.2\\]"
head -c 100 good-bundle.json >cut.json
wrong cut.json "cut.json:2:20: the text ends inside *\\[RFC 8259 section *\\]" --as stix
wrong good.json "good.json:1:1: *\\[STIX 2.1 section 8*\\]" --as stix

# MISP
cat >good-event.json <<'END'
{"Event":{"info":"Drill","Attribute":[
{"type":"ip-dst","category":"Network activity","to_ids":true,"uuid":"27000000-0000-4000-8000-000000000003","timestamp":"1767225600","value":"192.0.2.2"},
{"type":"comment","category":"Other","to_ids":false,"uuid":"27000000-0000-4000-8000-000000000004","timestamp":"1767225600","value":"nothing to look for"}]}}
END
fine good-event.json misp
sed 's/192.0.2.2/999.0.2.2/' good-event.json >address.json
wrong address.json "address.json:2:141: *"
printf '{"name":"Drill","type":"cidr","matching_attributes":["ip-dst"],"list":["192.0.2.0/24"]}\n' >warning.json
fine warning.json misp
wrong good.json "good.json:1:1: *MISP*" --as misp

# CSV and list
printf 'type,value\ndomain,melati.example\nipv4,192.0.2.1\n' >good.csv
fine good.csv csv
printf 'type,value\ndomain,melati.example\nipv4,melati\nipv4\n"a\n' >bad.csv
wrong bad.csv "bad.csv:3:6: *
bad.csv:4:1: *\\[RFC 4180 section 2\\]
bad.csv:5:1: *\\[RFC 4180 section 2\\]"
printf '# names\nmelati.example\n192.0.2.0/24\n0.0.0.0 kenanga.example\nmutex\tGlobal\\kembang\n' >good.txt
fine good.txt list
printf 'melati.example\nnot a value\nmd5\tabc\n' >bad.txt
wrong bad.txt "bad.txt:2:4: *
bad.txt:3:5: *"
for i in $(seq 150); do echo "no $i"; done >many.txt
run "$KENTONGAN" check --as list many.txt
is "$(printf '%s\n' "$out" | wc -l) $(printf '%s\n' "$out" | tail -n 1)" "101 many.txt: and 50 more" "a hundred are told, the rest is counted"

# Events
printf '{"timestamp":"2026-11-20T03:00:00Z","event_type":"dns","dns":{"rrname":"melati.example"}}\n{"timestamp":"2026-11-20T03:00:00Z","event_type":"dns","dns":{}}\n' >good.eve
fine good.eve eve
sed 's/{}}/{}/' good.eve >bad.eve
wrong bad.eve "bad.eve:2:*: *\\[RFC 8259 section 4\\]"
sed 's/$/,/' good.eve >comma.eve
wrong comma.eve "comma.eve:1:*: *\\[RFC 8259 section 2\\]
comma.eve:2:*: *\\[RFC 8259 section 2\\]" --as eve
printf 'any text at all\n' >text.txt
fine text.txt lines --as lines
printf 'text\000\n' >nul.txt
wrong nul.txt "nul.txt:1:5: *" --as lines

# Index
"$KENTONGAN" compile -i good.txt -o good.idx 2>told
fine good.idx index
fine good.idx index --as index
head -c 200 good.idx >cut.idx
run "$KENTONGAN" check cut.idx
is "$status" 1 "half an index is refused"
like "$out" "cut.idx:1:1: *" "by its place"
wrong good.txt "good.txt:1:1: not a compiled index" --as index

# Packed files and standard input
gzip -c good-bundle.json >packed.gz
fine packed.gz stix
run sh -c '"$KENTONGAN" check - <good.json'
is "$status:$out" "0:-: ok (json)" "a dash is standard input"

# As JSON, for scripts
run "$KENTONGAN" check --json good.csv bad.csv cut.json
is "$(printf '%s\n' "$out" | sed 's/"reason":"[^"]*"/"reason":"?"/')" '{"file":"good.csv","ok":true,"kind":"csv"}
{"file":"bad.csv","ok":false,"kind":"csv","line":3,"column":6,"reason":"?"}
{"file":"bad.csv","ok":false,"kind":"csv","line":4,"column":1,"reason":"?"}
{"file":"bad.csv","ok":false,"kind":"csv","line":5,"column":1,"reason":"?"}
{"file":"cut.json","ok":false,"kind":"stix","line":2,"column":20,"reason":"?"}' "one line of JSON for each complaint"
is "$status" 1 "one bad file among good ones: refused"
run "$KENTONGAN" check --json many.txt --as list
printf '%s\n' "$out" >rows
run python3 -c 'import json; print(sum(not json.loads(row)["ok"] for row in open("rows")))'
like "$out:$err" "10[01]:" "all of it is JSON, even if there is much"

# Exit status
run "$KENTONGAN" check good.json good.csv
is "$status:$out" "0:good.json: ok (json)
good.csv: ok (csv)" "all fine: 0"
run "$KENTONGAN" check nowhere.json good.json
is "$status:$out" "2:good.json: ok (json)" "one that is not there: 2, and the others are checked"
like "$err" "kentongan check: nowhere.json: *" "it is named"
run "$KENTONGAN" check bad.csv nowhere.json
is "$status" 2 "worse than refused"
run "$KENTONGAN" check
is "$status" 2 "no file: 2"
run "$KENTONGAN" check --as yaml good.json
is "$status" 2 "a kind that nobody knows: 2"
like "$err" "kentongan check: *yaml*json, stix, misp, csv, list, text, index, pattern,*: eve, *, lines*" "with those we know"
: >empty
run "$KENTONGAN" check empty
is "$status" 1 "an empty file is nothing that we know"
like "$out" "empty:1:1: *--as*" "unless somebody says what it should be"

done_testing
