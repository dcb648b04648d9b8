#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# Partners and sensors send events as JSON of many shapes. What is in them meets intelligence all the same.
. "${0%/*}/tap.sh"

# met FILE: the lines, formats, values and fields of hits, one road like the other.
met()
{
    "$KENTONGAN" match -i list.txt --plain -j 1 "$1" >plain 2>told
    run "$KENTONGAN" match -i list.txt -j 2 "$1"
    is "$out" "$(cat plain)" "$1: the plain road"
    met=$(printf '%s\n' "$out" |
        sed 's/{"line":\([0-9]*\).*"format":"\([^"]*\)".*"value":"\([^"]*\)","field":"\([^"]*\)".*/\1 \2 \3 \4/')
}

printf '198.51.100.66\nmelati.example\nhttp://unduh.example:8080/a\n192.0.2.64/26\n' >list.txt

cat >zeek.json <<'END'
{"ts":1763634598.5,"uid":"C1","id.orig_h":"192.0.2.1","id.orig_p":1,"id.resp_h":"198.51.100.66","id.resp_p":443,"proto":"tcp"}
{"_path":"dns","ts":"2026-11-20T10:30:00Z","uid":"C2","id.orig_h":"192.0.2.1","id.orig_p":1,"id.resp_h":"192.0.2.53","id.resp_p":53,"answers":["a.melati.example"]}
{"ts":1763634600.5,"uid":"C3","id.orig_h":"192.0.2.1","id.orig_p":1,"id.resp_h":"192.0.2.3","id.resp_p":8080,"host":"unduh.example","uri":"/a"}
END
met zeek.json
is "$met" "1 zeek 198.51.100.66 id.resp_h
2 zeek a.melati.example answers[]
3 zeek http://unduh.example:8080/a uri" "Zeek: names with dots, lists, and the port of the connection as that of the URL"

# Two logs, one behind the other, in more blocks than one.
{
    printf '#separator \\x09\n#set_separator\t,\n#fields\tts\tid.orig_h\tid.resp_h\n#types\ttime\taddr\taddr\n'
    seq 4000 | sed 's/.*/1763634598.5\t192.0.2.1\t203.0.113.1/'
    printf '1763634598.5\t192.0.2.1\t198.51.100.66\n#close\t2026\n'
    printf '#separator \\x09\n#set_separator\t,\n#fields\tts\tquery\tanswers\n#types\ttime\tstring\tvector[string]\n'
    seq 4000 | sed 's/.*/1763634598.5\tx.example\t203.0.113.7/'
    printf '1763634598.5\tx.example\t203.0.113.7,\\x6delati.example\n'
} >zeek.log
met zeek.log
is "$met" "4005 zeek-tsv 198.51.100.66 id.resp_h
8011 zeek-tsv melati.example answers[]" "Zeek as text: the columns are those of the last #fields line"
run "$KENTONGAN" decode -j 2 --stats zeek.log
like "$err" "events=8002 * malformed=0 *" "every line is an event, in every block"
sed '4009s/.*/#fields\tts\tquery/' zeek.log >lost.log
run "$KENTONGAN" decode lost.log
is "$status" 0 "columns that do not fit are no end"
like "$err" "lost.log:4011:1: malformed: 3 columns where #fields names 2*4001 of 8002 records*" "but told"

cat >n6.json <<'END'
[{"time":"2026-11-20 10:30:00","category":"cnc","source":"a.b","restriction":"public","address":[{"ip":"192.0.2.1"},{"ip":"198.51.100.66","cc":"ID"}]},{"time":"2026-11-20 10:31:00","category":"bots","source":"a.b","restriction":"public","fqdn":"melati.example"}]
END
met n6.json
is "$met" "1 n6 198.51.100.66 address[].ip
1 n6 melati.example fqdn" "n6: an array on one line is an event for each object"

cat >idea.json <<'END'
[
  {
    "Format": "IDEA0", "ID": "1", "DetectTime": "2026-11-20T10:30:00Z", "Category": ["Recon.Scanning"],
    "Source": [ { "IP4": ["192.0.2.60-192.0.2.70"] } ]
  },
  { "Format": "IDEA0", "torn": [
  {
    "Format": "IDEA0", "ID": "2", "DetectTime": "2026-11-20T10:31:00Z", "Category": ["Test"],
    "Source": [ { "Hostname": ["b.melati.example"] } ]
  }
]
END
met idea.json
is "$met" "2 idea 192.0.2.64 Source[].IP4[]
7 idea b.melati.example Source[].Hostname[]" "IDEA: over many lines; a range is met by what is in it"
like "$(cat told)" "*idea.json:6:*malformed*1 of 3 records*" "a torn object hides no other"

cat >intelmq.json <<'END'
{"feed.name":"a","time.source":"2026-11-20T10:30:00+00:00","classification.type":"phishing","source.url":"https://masuk.melati.example/x"}
{"feed":{"name":"a"},"time":{"source":"2026-11-20T10:30:00+00:00"},"classification":{"type":"scanner"},"source":{"ip":"198.51.100.66"}}
END
met intelmq.json
is "$met" "1 intelmq masuk.melati.example source.url
2 intelmq 198.51.100.66 source.ip" "IntelMQ: flat and nested"

# Health data: who, and about whom, is told as keyed hashes and in no other way.
cat >fhir.json <<'END'
{
  "resourceType": "Bundle",
  "entry": [
    {"fullUrl": "urn:uuid:1", "resource": {"resourceType": "AuditEvent", "recorded": "2026-11-20T10:30:00Z",
      "type": {"code": "rest"}, "subtype": [{"code": "read"}], "action": "R",
      "text": {"div": "<div>Budi Contoh</div>"},
      "agent": [
        {"type": {"coding": [{"code": "110153"}]}, "who": {"display": "Ani Contoh"}, "network": {"address": "198.51.100.66"}},
        {"who": {"reference": "Device/d"}, "network": {"address": "https://x.melati.example/Patient/rahasia-7", "type": "5"}}],
      "entity": [{"what": {"reference": "Patient/rahasia-7"}, "name": "Budi Contoh", "query": "UmFoYXNpYQ=="}]}},
    {"resource": {"resourceType": "Patient", "id": "rahasia-7", "name": [{"text": "Budi Contoh"}]}}
  ]
}
END
met fhir.json
is "$met" "4 fhir 198.51.100.66 agent[].network.address
4 fhir x.melati.example agent[].network.address" "FHIR: the machines of an event in a Bundle"
like "$(cat told)" "*fhir.json:11:*a resource that is no AuditEvent*" "other resources are counted, not read"
run "$KENTONGAN" decode fhir.json
one=$out
like "$one" '*"extra":{"action":"R",*"patients":\["*"\]*"withheld":\["text"\]}}' "what may be told is, and what is withheld is named"
printf '%s%s' "$out$err" "$(cat plain told)" | grep -Eq 'rahasia|Budi|Ani|UmFoYXNpYQ'
is $? 1 "no name, no number, no query"
run "$KENTONGAN" decode fhir.json
[ "$out" != "$one" ]
ok $? "hashes of two runs cannot be compared"
printf 'a key that is long enough\n' >key
run "$KENTONGAN" decode --secret key fhir.json
one=$out
tr -d '\n' <fhir.json >flat.json
run "$KENTONGAN" decode --secret key flat.json fhir.json
is "$(printf '%s\n' "$out" | sed 's/"line":[0-9]*/"line":4/')" "$one
$one" "with a key they can, however the event is written"
printf 'short\n' >key
run "$KENTONGAN" decode --secret key fhir.json
is "$status" 2 "a key that could be guessed is an error"
like "$err" "*key: a secret has at least 16 bytes" "which says so"

# A pipe may bring the first object in pieces.
{
    sed 2q fhir.json
    sleep 1
    sed 1,2d fhir.json
} | "$KENTONGAN" decode 2>/dev/null >piped
like "$(cat piped)" '{"line":4,"format":"fhir",*' "an object that comes in pieces is recognised when it is there"
run "$KENTONGAN" check zeek.json zeek.log n6.json intelmq.json
is "$out" "zeek.json: ok (zeek)
zeek.log: ok (zeek-tsv)
n6.json: ok (n6)
intelmq.json: ok (intelmq)" "check knows them too"
run "$KENTONGAN" check --as idea idea.json
like "$out" "idea.json:*:*: *" "and says where one is broken"

done_testing
