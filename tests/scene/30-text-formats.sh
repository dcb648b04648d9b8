#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# A firewall sends CEF, a server its access log, a relay syslog with counted octets, Shadowserver its daily reports, a
# constituent only a summary of what it met. One command looks for an indicator in all of them.
. "${0%/*}/tap.sh"

export ASAN_OPTIONS="exitcode=99:$ASAN_OPTIONS" UBSAN_OPTIONS="exitcode=99:$UBSAN_OPTIONS"

printf 'melati.example\n198.51.100.7\n' >list.txt

echo 'Nov 20 10:29:58 gapura CEF:0|Penjaga|Gapura|4.2|7|Ditolak|5|rt=1795170598123 src=192.0.2.10 dst=198.51.100.7 request=http://melati.example/a?b=c msg=no\=pair here' >cef.log
echo '192.0.2.11 - - [20/Nov/2026:10:29:58 +0700] "GET / HTTP/1.1" 200 1 "http://melati.example/" "Drill/1.0"' >access.log
printf 'timestamp,severity,ip,port,dst_ip\n2026-11-20 10:29:58,high,192.0.2.12,23,198.51.100.7\n' >2026-11-20-scan6_telnet-klinik-id.csv
printf '[{"timestamp":"2026-11-20 10:29:58","src_ip":"192.0.2.13","dst_ip":"198.51.100.7","infection":"lontar"},{"timestamp":"2026-11-20 10:29:59","src_ip":"192.0.2.14","dst_ip":"198.51.100.8","infection":"lontar"}]\n' >2026-11-20-event4_sinkhole-klinik-id.json
printf 'type,value,first,last,count,constituent\ndomain,melati[.]example,2026-11-01,2026-11-20,3,RS Kenanga\n' >summary.csv
# message TEXT: behind its count of octets.
message()
{
    printf '%d %s' "$(printf '%s' "$1" | wc -c)" "$1"
}
{
    message '<13>1 2026-11-20T10:29:58Z gapura - - - - query melati.example'
    message '<13>1 2026-11-20T10:29:59Z gapura - - - - two
lines, 198.51.100.7'
    echo '<13>1 2026-11-20T10:30:00Z gapura - - - - and a line: 198.51.100.7'
    message '<13>1 2026-11-20T10:30:01Z gapura - - - - the last: melati.example'
} >relay.log

files="cef.log access.log 2026-11-20-scan6_telnet-klinik-id.csv 2026-11-20-event4_sinkhole-klinik-id.json summary.csv relay.log"
run "$KENTONGAN" match -i list.txt $files
is "$status:$err" "0:" "each file is known by its looks or its name"
is "$(printf '%s\n' "$out" | sed 's/.*"line":\([0-9]*\).*"format":"\([a-z]*\)","time":"\([^"]*\)","type":"\([a-z0-9]*\)".*"field":"\([a-z_]*\)".*/\2 \1 \3 \4 \5/')" \
    "cef 1 2026-11-20T10:29:58.123000Z ipv4 dst
cef 1 2026-11-20T10:29:58.123000Z host request
weblog 1 2026-11-20T03:29:58.000000Z host referrer
shadowserver 2 2026-11-20T10:29:58.000000Z ipv4 dst_ip
shadowserver 1 2026-11-20T10:29:58.000000Z ipv4 dst_ip
summary 2 2026-11-20T00:00:00.000000Z host value
syslog 1 2026-11-20T10:29:58.000000Z host message
syslog 1 2026-11-20T10:29:59.000000Z ipv4 message
syslog 2 2026-11-20T10:30:00.000000Z ipv4 message
syslog 3 2026-11-20T10:30:01.000000Z host message" "and what is looked for is found in all of them"
rows=$out
run "$KENTONGAN" match --plain -j 2 -i list.txt $files
is "$out" "$rows" "the plain road"

run "$KENTONGAN" decode 2026-11-20-scan6_telnet-klinik-id.csv
is "$out" '{"line":2,"format":"shadowserver","time":"2026-11-20T10:29:58.000000Z","source":{"address":"192.0.2.12","port":23},"destination":{"address":"198.51.100.7"},"class":{"taxonomy":"vulnerable","type":"vulnerable-system","identifier":"open-telnet"},"observables":[{"type":"ipv4","value":"192.0.2.12","field":"ip"},{"type":"ipv4","value":"198.51.100.7","field":"dst_ip"}],"extra":{"severity":"high"}}' \
    "the class of a report is that of its type, which its name says"
run sh -c '"$KENTONGAN" decode <2026-11-20-scan6_telnet-klinik-id.csv'
like "$out" '{"line":2,"format":"csv",*' "without the name it is a table like others"
run "$KENTONGAN" decode -f shadowserver cef.log
is "$status" 2 "and cannot be a report"
like "$err" "kentongan decode: *no type of report that we know*" "which is said"

# A stream without a single newline, of more messages than one block holds.
{
    for i in $(seq 100); do message "<13>1 2026-11-20T10:29:58Z gapura - - - - message $i"; done
    message '<13>1 2026-11-20T10:29:59Z gapura - - - - melati.example'
} >hundred
cat hundred hundred hundred hundred hundred hundred hundred hundred hundred hundred >thousand
for i in 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16 17 18 19 20; do cat thousand; done >stream
run "$KENTONGAN" match --stats -i list.txt stream
like "$err" "*events=20200 *hits=200 *malformed=0 *" "messages that no newline parts"
rows=$out
run "$KENTONGAN" match --plain -j 1 -i list.txt stream
is "$out" "$rows" "the plain road finds the same there"
head -c 1000 stream >cut
run "$KENTONGAN" decode cut
like "$err" "cut:1:*malformed: the octet count says *section 3.4.1]*1 of * records were malformed*" "a message cut off is told"

# What is wrong is told with its place.
printf 'CEF:0|Penjaga|Gapura\n<13>Nov 20 10:29:58 a CEF:0|v|p|1|id|name|5|src=192.0.2.1\n' >bad.cef
run "$KENTONGAN" decode -f cef bad.cef
is "$status:$err" "0:bad.cef:1:1: malformed: 3 columns of a header that has 7
kentongan decode: 1 of 2 records were malformed and left out" "CEF"
run "$KENTONGAN" check bad.cef
is "$out" "bad.cef:1:1: 3 columns of a header that has 7" "check says the same"
printf '<13>1 2026-11-20T10:29:58Z gapura - - - [a x="]"]\n<13>1 - - - - - -\n' >bad.syslog
run "$KENTONGAN" check bad.syslog
is "$out" "bad.syslog:1:47: a parameter's value has no end [RFC 5424 section 6.3.3]" "syslog names the section"
run "$KENTONGAN" check --as weblog access.log
is "$status:$out" "0:access.log: ok (weblog)" "an access log is fine"
run "$KENTONGAN" check 2026-11-20-event4_sinkhole-klinik-id.json
is "$status:$out" "0:2026-11-20-event4_sinkhole-klinik-id.json: ok (shadowserver)" "so is a report"
printf 'type,value,first,last,count,constituent\nipv4,198.51.100.300,,,,\n' >bad.csv
run "$KENTONGAN" check bad.csv
like "$out" "bad.csv:2:6: column 2 (value): *" "a summary with a value that is none is not"

done_testing
