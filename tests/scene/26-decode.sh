#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# An expected hit is missing. What does the program understand of that line?
. "${0%/*}/tap.sh"

# decoded EXPECTED NAME: after `run`; the plain road and two threads say the same.
decoded()
{
    is "$out" "$1" "$2"
    is "$status:$err" "0:" "$2: without a word"
}

cat >eve.json <<'END'
{"timestamp":"2026-11-20T10:29:58.960622+0700","flow_id":42,"event_type":"alert","src_ip":"192.0.2.10","src_port":40001,"dest_ip":"198.51.100.7","dest_port":443,"proto":"TCP","host":"sensor-1","alert":{"action":"allowed","signature_id":9000001,"signature":"Drill","category":"Misc activity","severity":3},"http":{"hostname":"kenanga.example","url":"/a"}}
{"timestamp":"2026-11-20T03:30:00Z","event_type":"lontar","src_ip":"192.0.2.11","lontar":{"leaf":[1,2.50,"x"],"deep":{"a":null}}}
{"event_type":"stats","stats":{"uptime":7}}
END
run "$KENTONGAN" decode eve.json
decoded '{"line":1,"format":"eve","time":"2026-11-20T03:29:58.960622Z","source":{"address":"192.0.2.10","port":40001},"destination":{"address":"198.51.100.7","port":443},"class":{"taxonomy":"suricata","type":"Misc activity","identifier":"9000001"},"sensor":"sensor-1","observables":[{"type":"ipv4","value":"192.0.2.10","field":"src_ip"},{"type":"ipv4","value":"198.51.100.7","field":"dest_ip"},{"type":"host","value":"kenanga.example","field":"http.hostname"},{"type":"url","value":"http://kenanga.example/a","field":"http.url"}],"extra":{"flow_id":42,"event_type":"alert","proto":"TCP","alert":{"action":"allowed","signature_id":9000001,"signature":"Drill","category":"Misc activity","severity":3},"http":{"hostname":"kenanga.example","url":"/a"}}}
{"line":2,"format":"eve","time":"2026-11-20T03:30:00.000000Z","source":{"address":"192.0.2.11"},"observables":[{"type":"ipv4","value":"192.0.2.11","field":"src_ip"}],"extra":{"event_type":"lontar","lontar":{"leaf":[1,2.50,"x"],"deep":{"a":null}}}}
{"line":3,"format":"eve","extra":{"event_type":"stats","stats":{"uptime":7}}}' \
    "EVE; types of events that nobody knows are kept, byte for byte"
rows=$out
run "$KENTONGAN" decode --plain -j 2 eve.json
is "$out" "$rows" "the plain road"
run sh -c '"$KENTONGAN" decode <eve.json'
is "$out" "$rows" "standard input"
run "$KENTONGAN" decode -o rows.json eve.json
is "$out$(cat rows.json)" "$rows" "into a file"

printf 'timestamp,src_ip,src_port,dst_ip,classification_type,hostname,weight,note\n2026-11-20T03:00:00Z,192.0.2.10,40001,198.51.100.7,phishing,melati.example,7,"a ""b"",\nc"\n2026-11-20T03:00:01Z,2001:db8::7,,,,,,\n' >log.csv
run "$KENTONGAN" decode log.csv
decoded '{"line":2,"format":"csv","time":"2026-11-20T03:00:00.000000Z","source":{"address":"192.0.2.10","port":40001},"destination":{"address":"198.51.100.7"},"class":{"type":"phishing"},"observables":[{"type":"ipv4","value":"192.0.2.10","field":"src_ip"},{"type":"ipv4","value":"198.51.100.7","field":"dst_ip"},{"type":"host","value":"melati.example","field":"hostname"}],"extra":{"weight":"7","note":"a \"b\",\nc"}}
{"line":4,"format":"csv","time":"2026-11-20T03:00:01.000000Z","source":{"address":"2001:db8::7"},"observables":[{"type":"ipv6","value":"2001:db8::7","field":"src_ip"}]}' \
    "CSV"

for separator in '\t' ';' '|'; do
    printf 'timestamp,dest_ip,fqdn\n2026-11-20T03:00:00Z,198.51.100.7,melati.example\n' | tr , "$separator" >other.csv
    run "$KENTONGAN" decode other.csv
    decoded '{"line":2,"format":"csv","time":"2026-11-20T03:00:00.000000Z","destination":{"address":"198.51.100.7"},"observables":[{"type":"ipv4","value":"198.51.100.7","field":"dest_ip"},{"type":"host","value":"melati.example","field":"fqdn"}]}' \
        "columns separated by $separator"
done

printf '[2026-11-20 10:29:58,123] mail from ani@melati.example about 192.0.2.7\nnothing\n' >log.txt
run "$KENTONGAN" decode log.txt
decoded '{"line":1,"format":"lines","time":"2026-11-20T10:29:58.123000Z","observables":[{"type":"email","value":"ani@melati.example","field":"line"},{"type":"ipv4","value":"192.0.2.7","field":"line"}],"extra":{"line":"[2026-11-20 10:29:58,123] mail from ani@melati.example about 192.0.2.7"}}
{"line":2,"format":"lines","extra":{"line":"nothing"}}' \
    "plain text"

run "$KENTONGAN" decode eve.json log.txt
is "$(printf '%s\n' "$out" | sed 's/"time.*//; s/,"extra.*//')" '{"line":1,"format":"eve",
{"line":2,"format":"eve",
{"line":3,"format":"eve"
{"line":1,"format":"lines",
{"line":2,"format":"lines"' "several files, each by itself"

# A format that is said is not guessed.
run "$KENTONGAN" decode -f lines eve.json
like "$out" '{"line":1,"format":"lines",*' "EVE as plain text, if somebody wants it"
run "$KENTONGAN" decode -f eev eve.json
is "$status" 2 "a format that is not known is an error"

# Columns with names of one's own.
printf 'wann;wer;was;gewicht\n2026-11-20T03:00:00Z;192.0.2.10;melati.example;7\n' >own.csv
run "$KENTONGAN" decode -f csv own.csv
is "$status" 2 "without a map they mean nothing"
like "$err" "kentongan decode: *mapping file*" "the message asks for one"
printf '# what is what\nwann = time\nwer = source\nwas = host\n' >own.map
run "$KENTONGAN" decode -f csv --map own.map own.csv
decoded '{"line":2,"format":"csv","time":"2026-11-20T03:00:00.000000Z","source":{"address":"192.0.2.10"},"observables":[{"type":"ipv4","value":"192.0.2.10","field":"wer"},{"type":"host","value":"melati.example","field":"was"}],"extra":{"gewicht":"7"}}' \
    "with one they do"
for bad in 'wann = zeit|*bad.map:1:*zeit*' 'fehlt = time|*bad.map:1:*fehlt*' 'wann|*bad.map:1:*wann*'; do
    printf '# first\n%s\n' "${bad%%|*}" | tail -n 1 >bad.map
    run "$KENTONGAN" decode -f csv --map bad.map own.csv
    is "$status" 2 "a bad map is an error: ${bad%%|*}"
    like "$err" "${bad#*|}" "told with its line"
done

# Ten are told, the rest is counted.
{
    head -n 1 eve.json
    for i in $(seq 25); do echo "{\"number\":$i,}"; done
    tail -n 1 eve.json
} >bad.json
run "$KENTONGAN" decode -f eve bad.json
is "$status" 0 "bad lines do not change the exit status"
is "$(printf '%s\n' "$out" | sed 's/,"format.*//' | tr '\n' ' ')" '{"line":1 {"line":27 ' "the good ones are there"
is "$(printf '%s\n' "$err" | head -n 1)" "bad.json:2:13: malformed: a key must stand here, between double quotes [RFC 8259 section 4]" \
    "the first by place and reason"
is "$(printf '%s\n' "$err" | grep -c '^bad.json:[0-9]*:[0-9]*: malformed: .')" 10 "ten of them"
is "$(printf '%s\n' "$err" | tail -n 1)" "kentongan decode: 25 of 27 records were malformed and left out" "and the count"
told=$err
rows=$out
run "$KENTONGAN" decode -f eve --plain -j 2 bad.json
is "$out$err" "$rows$told" "the plain road tells the same"
printf 'timestamp,hostname\n2026-11-20T03:00:00Z,a.example\n2026-11-20T03:00:00Z,"b".example\n' >bad.csv
run "$KENTONGAN" decode bad.csv
is "$(printf '%s\n' "$err" | sed 's/malformed: .*/malformed/')" "bad.csv:3:25: malformed
kentongan decode: 1 of 2 records were malformed and left out" "in CSV as well"

sed -n 2,26p bad.json >only-bad.json
run "$KENTONGAN" decode -f eve only-bad.json
is "$status" 0 "even if all lines are bad"
run "$KENTONGAN" decode -f eve /dev/null
is "$status:$out$err" "0:" "nothing to decode is no error"
run "$KENTONGAN" decode nowhere.json
is "$status" 2 "a log that is not there is one"
like "$err" "kentongan decode: nowhere.json: *" "which is named"

run "$KENTONGAN" decode --stats eve.json
like "$err" "events=3 bytes=$(wc -c <eve.json) * malformed=0 *" "figures, if asked for"

done_testing
