#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# Somebody has intelligence in four forms and logs in four formats, and wants to know which line met what.
. "${0%/*}/tap.sh"

# match OPTION...: with one thread, as it is easiest to follow.
match()
{
    run "$KENTONGAN" match -j 1 "$@"
}

# found EXPECTED NAME: these rows, and an exit status of 0.
found()
{
    is "$out" "$1" "$2"
    is "$status" 0 "$2: exit status 0"
}

cat >eve.json <<'END'
{"timestamp":"2026-11-20T10:00:00.000001+0700","event_type":"dns","src_ip":"192.0.2.10","src_port":40001,"dest_ip":"192.0.2.53","dest_port":53,"proto":"UDP","dns":{"type":"query","id":1,"rrname":"update.melati.example","rrtype":"A"}}
{"timestamp":"2026-11-20T03:00:01.000000Z","event_type":"dns","src_ip":"192.0.2.10","dest_ip":"192.0.2.53","dns":{"type":"query","rrname":"MELATI.example."}}
{"timestamp":"2026-11-20T03:00:02.000000Z","event_type":"dns","src_ip":"192.0.2.10","dest_ip":"192.0.2.53","dns":{"type":"query","rrname":"bukanmelati.example"}}
{"timestamp":"2026-11-20T03:00:03.000000Z","event_type":"http","src_ip":"192.0.2.10","dest_ip":"198.51.100.7","http":{"hostname":"kenanga.example","http_port":8080,"url":"/drop/stage2.bin?x=1","http_user_agent":"jarum/1.0"}}
{"timestamp":"2026-11-20T03:00:04.000000Z","event_type":"http","src_ip":"192.0.2.10","dest_ip":"192.0.2.80","http":{"hostname":"kenanga.example","http_port":8080,"url":"/dropped"}}
{"timestamp":"2026-11-20T03:00:05.000000Z","event_type":"flow","src_ip":"2001:0db8:0000:0000:0000:0000:0000:0007","dest_ip":"2001:db8:1::1"}
{"timestamp":"2026-11-20T03:00:06.000000Z","event_type":"fileinfo","src_ip":"192.0.2.10","dest_ip":"198.51.101.7","fileinfo":{"filename":"/tmp/kembang.exe","md5":"0123456789ABCDEF0123456789ABCDEF","sha256":"00112233445566778899aabbccddeeff00112233445566778899aabbccddeeff"}}
{"timestamp":"2026-11-20T03:00:07.000000Z","event_type":"tls","src_ip":"192.0.2.10","dest_ip":"192.0.2.81","tls":{"sni":"Www.Kenanga.Example","fingerprint":"00:11:22:33:44:55:66:77:88:99:aa:bb:cc:dd:ee:ff:00:11:22:33","ja3":{"hash":"ffeeddccbbaa99887766554433221100"}}}
END

# A list: the plainest form. Fangs are taken out, types are guessed or said.
cat >list.txt <<'END'
# domain: the name and all below it
melati[.]example
host	kenanga.example
198.51.100.0/24
2001:db8::7
hxxp://kenanga[.]example:8080/drop/*
0123456789abcdef0123456789abcdef
sha256	00112233445566778899AABBCCDDEEFF00112233445566778899AABBCCDDEEFF	kembang-1
ja3	ffeeddccbbaa99887766554433221100
useragent	jarum/1.0
filename	kembang.exe
END

list_rows='{"line":1,"file":"eve.json","format":"eve","time":"2026-11-20T03:00:00.000001Z","type":"host","value":"update.melati.example","field":"dns.rrname","indicator":"list.txt:2","name":""}
{"line":2,"file":"eve.json","format":"eve","time":"2026-11-20T03:00:01.000000Z","type":"host","value":"MELATI.example.","field":"dns.rrname","indicator":"list.txt:2","name":""}
{"line":4,"file":"eve.json","format":"eve","time":"2026-11-20T03:00:03.000000Z","type":"ipv4","value":"198.51.100.7","field":"dest_ip","indicator":"list.txt:4","name":""}
{"line":4,"file":"eve.json","format":"eve","time":"2026-11-20T03:00:03.000000Z","type":"host","value":"kenanga.example","field":"http.hostname","indicator":"list.txt:3","name":""}
{"line":4,"file":"eve.json","format":"eve","time":"2026-11-20T03:00:03.000000Z","type":"useragent","value":"jarum/1.0","field":"http.http_user_agent","indicator":"list.txt:10","name":""}
{"line":4,"file":"eve.json","format":"eve","time":"2026-11-20T03:00:03.000000Z","type":"url","value":"http://kenanga.example:8080/drop/stage2.bin?x=1","field":"http.url","indicator":"list.txt:6","name":""}
{"line":5,"file":"eve.json","format":"eve","time":"2026-11-20T03:00:04.000000Z","type":"host","value":"kenanga.example","field":"http.hostname","indicator":"list.txt:3","name":""}
{"line":6,"file":"eve.json","format":"eve","time":"2026-11-20T03:00:05.000000Z","type":"ipv6","value":"2001:0db8:0000:0000:0000:0000:0000:0007","field":"src_ip","indicator":"list.txt:5","name":""}
{"line":7,"file":"eve.json","format":"eve","time":"2026-11-20T03:00:06.000000Z","type":"filename","value":"kembang.exe","field":"fileinfo.filename","indicator":"list.txt:11","name":""}
{"line":7,"file":"eve.json","format":"eve","time":"2026-11-20T03:00:06.000000Z","type":"md5","value":"0123456789ABCDEF0123456789ABCDEF","field":"fileinfo.md5","indicator":"list.txt:7","name":""}
{"line":7,"file":"eve.json","format":"eve","time":"2026-11-20T03:00:06.000000Z","type":"sha256","value":"00112233445566778899aabbccddeeff00112233445566778899aabbccddeeff","field":"fileinfo.sha256","indicator":"kembang-1","name":""}
{"line":8,"file":"eve.json","format":"eve","time":"2026-11-20T03:00:07.000000Z","type":"ja3","value":"ffeeddccbbaa99887766554433221100","field":"tls.ja3.hash","indicator":"list.txt:9","name":""}'

match -i list.txt eve.json
found "$list_rows" "a list on an EVE log"
is "$err" "" "there is nothing to say about it"
match -i list.txt --plain eve.json
found "$list_rows" "the plain road"

# STIX: the standard's domain-name is that name alone, unlike a domain in a list.
cat >bundle.json <<'END'
{"type":"bundle","id":"bundle--20000000-0000-4000-8000-000000000000","objects":[
{"type":"indicator","spec_version":"2.1","id":"indicator--20000000-0000-4000-8000-000000000001","created":"2026-01-01T00:00:00Z","modified":"2026-01-01T00:00:00Z","name":"Melati","pattern":"[domain-name:value = 'melati.example']","pattern_type":"stix","valid_from":"2026-01-01T00:00:00Z"},
{"type":"indicator","spec_version":"2.1","id":"indicator--20000000-0000-4000-8000-000000000002","created":"2026-01-01T00:00:00Z","modified":"2026-01-01T00:00:00Z","pattern":"[ipv4-addr:value ISSUBSET '198.51.100.0/24'] OR [ipv6-addr:value = '2001:db8:1::1']","pattern_type":"stix","valid_from":"2026-01-01T00:00:00Z"},
{"type":"indicator","spec_version":"2.1","id":"indicator--20000000-0000-4000-8000-000000000003","created":"2026-01-01T00:00:00Z","modified":"2026-01-01T00:00:00Z","name":"The \"second\" stage","pattern":"[url:value = 'http://kenanga.example:8080/drop/stage2.bin?x=1']","pattern_type":"stix","valid_from":"2026-01-01T00:00:00Z"},
{"type":"indicator","spec_version":"2.1","id":"indicator--20000000-0000-4000-8000-000000000004","created":"2026-01-01T00:00:00Z","modified":"2026-01-01T00:00:00Z","pattern":"[file:hashes.'SHA-256' IN ('ffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff', '00112233445566778899aabbccddeeff00112233445566778899aabbccddeeff')]","pattern_type":"stix","valid_from":"2026-01-01T00:00:00Z"},
{"type":"indicator","spec_version":"2.1","id":"indicator--20000000-0000-4000-8000-000000000005","created":"2026-01-01T00:00:00Z","modified":"2026-01-01T00:00:00Z","pattern":"[domain-name:value = 'kenanga.example' AND domain-name:x_a = '192.0.2.10']","pattern_type":"stix","valid_from":"2026-01-01T00:00:00Z"},
{"type":"malware","spec_version":"2.1","id":"malware--20000000-0000-4000-8000-000000000006","created":"2026-01-01T00:00:00Z","modified":"2026-01-01T00:00:00Z","name":"Kembang","is_family":false}]}
END
match -i bundle.json eve.json
found '{"line":2,"file":"eve.json","format":"eve","time":"2026-11-20T03:00:01.000000Z","type":"host","value":"MELATI.example.","field":"dns.rrname","indicator":"indicator--20000000-0000-4000-8000-000000000001","name":"Melati"}
{"line":4,"file":"eve.json","format":"eve","time":"2026-11-20T03:00:03.000000Z","type":"ipv4","value":"198.51.100.7","field":"dest_ip","indicator":"indicator--20000000-0000-4000-8000-000000000002","name":""}
{"line":4,"file":"eve.json","format":"eve","time":"2026-11-20T03:00:03.000000Z","type":"url","value":"http://kenanga.example:8080/drop/stage2.bin?x=1","field":"http.url","indicator":"indicator--20000000-0000-4000-8000-000000000003","name":"The \"second\" stage"}
{"line":6,"file":"eve.json","format":"eve","time":"2026-11-20T03:00:05.000000Z","type":"ipv6","value":"2001:db8:1::1","field":"dest_ip","indicator":"indicator--20000000-0000-4000-8000-000000000002","name":""}
{"line":7,"file":"eve.json","format":"eve","time":"2026-11-20T03:00:06.000000Z","type":"sha256","value":"00112233445566778899aabbccddeeff00112233445566778899aabbccddeeff","field":"fileinfo.sha256","indicator":"indicator--20000000-0000-4000-8000-000000000004","name":""}' \
    "a STIX bundle on an EVE log"
like "$err" "*bundle.json: not used: 1 x *x_a*" "a pattern on what no event has is named"

# MISP: a domain is a domain, a hostname is a hostname, and what is not for detection is left alone.
cat >event.json <<'END'
{"Event":{"info":"Drill in November","uuid":"20000000-0000-4000-8000-000000000100","Attribute":[
{"type":"domain","category":"Network activity","to_ids":true,"uuid":"20000000-0000-4000-8000-000000000101","timestamp":"1767225600","value":"melati.example","comment":"flower"},
{"type":"hostname","category":"Network activity","to_ids":true,"uuid":"20000000-0000-4000-8000-000000000102","timestamp":"1767225600","value":"kenanga.example"},
{"type":"ip-dst|port","category":"Network activity","to_ids":true,"uuid":"20000000-0000-4000-8000-000000000103","timestamp":"1767225600","value":"198.51.100.7|443"},
{"type":"ip-src","category":"Network activity","to_ids":false,"uuid":"20000000-0000-4000-8000-000000000104","timestamp":"1767225600","value":"192.0.2.10"},
{"type":"filename|md5","category":"Payload delivery","to_ids":true,"uuid":"20000000-0000-4000-8000-000000000105","timestamp":"1767225600","value":"lain.exe|0123456789abcdef0123456789abcdef"}]}}
END
match -i event.json eve.json
found '{"line":1,"file":"eve.json","format":"eve","time":"2026-11-20T03:00:00.000001Z","type":"host","value":"update.melati.example","field":"dns.rrname","indicator":"20000000-0000-4000-8000-000000000101","name":"Drill in November"}
{"line":2,"file":"eve.json","format":"eve","time":"2026-11-20T03:00:01.000000Z","type":"host","value":"MELATI.example.","field":"dns.rrname","indicator":"20000000-0000-4000-8000-000000000101","name":"Drill in November"}
{"line":4,"file":"eve.json","format":"eve","time":"2026-11-20T03:00:03.000000Z","type":"ipv4","value":"198.51.100.7","field":"dest_ip","indicator":"20000000-0000-4000-8000-000000000103","name":"Drill in November"}
{"line":4,"file":"eve.json","format":"eve","time":"2026-11-20T03:00:03.000000Z","type":"host","value":"kenanga.example","field":"http.hostname","indicator":"20000000-0000-4000-8000-000000000102","name":"Drill in November"}
{"line":5,"file":"eve.json","format":"eve","time":"2026-11-20T03:00:04.000000Z","type":"host","value":"kenanga.example","field":"http.hostname","indicator":"20000000-0000-4000-8000-000000000102","name":"Drill in November"}
{"line":7,"file":"eve.json","format":"eve","time":"2026-11-20T03:00:06.000000Z","type":"md5","value":"0123456789ABCDEF0123456789ABCDEF","field":"fileinfo.md5","indicator":"20000000-0000-4000-8000-000000000105","name":"Drill in November"}' \
    "a MISP event on an EVE log"
like "$err" "*event.json: not used: 1 x attribute without to_ids*" "what is not for detection is named"

cat >table.csv <<'END'
type,value,id,comment
domain,melati.example,t-1,"flower, white"
sha1,00112233445566778899aabbccddeeff00112233,t-2,certificate
END
match -i table.csv eve.json
found '{"line":1,"file":"eve.json","format":"eve","time":"2026-11-20T03:00:00.000001Z","type":"host","value":"update.melati.example","field":"dns.rrname","indicator":"t-1","name":"flower, white"}
{"line":2,"file":"eve.json","format":"eve","time":"2026-11-20T03:00:01.000000Z","type":"host","value":"MELATI.example.","field":"dns.rrname","indicator":"t-1","name":"flower, white"}
{"line":8,"file":"eve.json","format":"eve","time":"2026-11-20T03:00:07.000000Z","type":"sha1","value":"00:11:22:33:44:55:66:77:88:99:aa:bb:cc:dd:ee:ff:00:11:22:33","field":"tls.fingerprint","indicator":"t-2","name":"certificate"}' \
    "a table on an EVE log"

# The other formats of events.
cat >log.csv <<'END'
timestamp,src_ip,hostname,url,md5,comment
2026-11-20T03:00:00Z,192.0.2.10,update.melati.example,,,
2026-11-20 03:00:01,198.51.100.9,,http://kenanga.example:8080/drop/a,,"a, ""b""
two lines"
2026-11-20T03:00:02Z,192.0.2.11,,,0123456789abcdef0123456789abcdef,none
END
match -i list.txt log.csv
found '{"line":2,"file":"log.csv","format":"csv","time":"2026-11-20T03:00:00.000000Z","type":"host","value":"update.melati.example","field":"hostname","indicator":"list.txt:2","name":""}
{"line":3,"file":"log.csv","format":"csv","time":"2026-11-20T03:00:01.000000Z","type":"ipv4","value":"198.51.100.9","field":"src_ip","indicator":"list.txt:4","name":""}
{"line":3,"file":"log.csv","format":"csv","time":"2026-11-20T03:00:01.000000Z","type":"url","value":"http://kenanga.example:8080/drop/a","field":"url","indicator":"list.txt:6","name":""}
{"line":3,"file":"log.csv","format":"csv","time":"2026-11-20T03:00:01.000000Z","type":"host","value":"kenanga.example","field":"url","indicator":"list.txt:3","name":""}
{"line":5,"file":"log.csv","format":"csv","time":"2026-11-20T03:00:02.000000Z","type":"md5","value":"0123456789abcdef0123456789abcdef","field":"md5","indicator":"list.txt:7","name":""}' \
    "a list on a CSV log"
csv_rows=$out
match -i list.txt --plain log.csv
is "$out" "$csv_rows" "the plain road on a CSV log"

printf 'timestamp\tdest_ip\thost name\n2026-11-20T03:00:00Z\t198.51.100.9\tx.example\n2026-11-20T03:00:01Z\t192.0.2.1\tmelati.example\n' >log.tsv
sed 's/host name/fqdn/' log.tsv >named.tsv
match -i list.txt named.tsv
found '{"line":2,"file":"named.tsv","format":"csv","time":"2026-11-20T03:00:00.000000Z","type":"ipv4","value":"198.51.100.9","field":"dest_ip","indicator":"list.txt:4","name":""}
{"line":3,"file":"named.tsv","format":"csv","time":"2026-11-20T03:00:01.000000Z","type":"host","value":"melati.example","field":"fqdn","indicator":"list.txt:2","name":""}' \
    "a list on a TSV log"
echo 'host name = host' >columns.map
match -i list.txt --map columns.map -f csv log.tsv
found '{"line":2,"file":"log.tsv","format":"csv","time":"2026-11-20T03:00:00.000000Z","type":"ipv4","value":"198.51.100.9","field":"dest_ip","indicator":"list.txt:4","name":""}
{"line":3,"file":"log.tsv","format":"csv","time":"2026-11-20T03:00:01.000000Z","type":"host","value":"melati.example","field":"host name","indicator":"list.txt:2","name":""}' \
    "a column that a map gives a meaning"

cat >log.txt <<'END'
2026-11-20T03:00:00Z gate denied 192.0.2.10:40001 -> 198.51.100.7:443
ticket 7: user saw hxxp://kenanga[.]example:8080/drop/x, and mail from update[.]melati[.]example
nothing here: 198.51.101.7, bukanmelati.example, melati.example.test
2026-11-20 03:00:03 address [2001:db8::7] hash 0123456789ABCDEF0123456789ABCDEF.
END
match -i list.txt log.txt
found '{"line":1,"file":"log.txt","format":"lines","time":"2026-11-20T03:00:00.000000Z","type":"ipv4","value":"198.51.100.7","field":"line","indicator":"list.txt:4","name":""}
{"line":2,"file":"log.txt","format":"lines","time":null,"type":"url","value":"http://kenanga.example:8080/drop/x","field":"line","indicator":"list.txt:6","name":""}
{"line":2,"file":"log.txt","format":"lines","time":null,"type":"host","value":"kenanga.example","field":"line","indicator":"list.txt:3","name":""}
{"line":2,"file":"log.txt","format":"lines","time":null,"type":"host","value":"update.melati.example","field":"line","indicator":"list.txt:2","name":""}
{"line":4,"file":"log.txt","format":"lines","time":"2026-11-20T03:00:03.000000Z","type":"ipv6","value":"2001:db8::7","field":"line","indicator":"list.txt:5","name":""}
{"line":4,"file":"log.txt","format":"lines","time":"2026-11-20T03:00:03.000000Z","type":"md5","value":"0123456789ABCDEF0123456789ABCDEF","field":"line","indicator":"list.txt:7","name":""}' \
    "a list on plain text, fangs and all"

# Where a URL ends, and where a name does.
cat >urls.txt <<'END'
http://mawar.example/a/*
http://mawar.example/exact
https://user@MAWAR.example:443/Tls#part
END
cat >urls.csv <<'END'
timestamp,url
2026-11-20T03:00:00Z,http://mawar.example/a/
2026-11-20T03:00:00Z,http://mawar.example/a/b/c?d=e
2026-11-20T03:00:00Z,http://mawar.example/ab
2026-11-20T03:00:00Z,http://mawar.example/exact
2026-11-20T03:00:00Z,http://mawar.example/exact/below
2026-11-20T03:00:00Z,http://mawar.example/EXACT
2026-11-20T03:00:00Z,https://mawar.example/Tls
2026-11-20T03:00:00Z,http://mawar.example:8080/exact
2026-11-20T03:00:00Z,http://sub.mawar.example/exact
END
match -i urls.txt urls.csv
is "$(printf '%s\n' "$out" | sed 's/.*"line":\([0-9]*\).*"value":"\([^"]*\)".*"indicator":"\([^"]*\)".*/\1 \2 \3/')" \
    "2 http://mawar.example/a/ urls.txt:1
3 http://mawar.example/a/b/c?d=e urls.txt:1
5 http://mawar.example/exact urls.txt:2
8 https://mawar.example/Tls urls.txt:3" "a URL meets itself, and with a star all below it"

# Exit status, as grep has it.
echo absent.example >absent.txt
match -i absent.txt eve.json
is "$status" 1 "no hits: exit status 1"
is "$out$err" "" "and silence"
match eve.json
is "$status" 2 "no intelligence: exit status 2"
match -i nowhere.txt eve.json
is "$status" 2 "intelligence that is not there: exit status 2"
like "$err" "kentongan match: *nowhere.txt*No such file*" "which is named"
match -i list.txt nowhere.json
is "$status" 2 "events that are not there: exit status 2"
like "$err" "kentongan match: *nowhere.json*No such file*" "which are named"
match -i list.txt nowhere.json eve.json
is "$status:$out" "2:$list_rows" "the others are read all the same"
match -i list.txt -f evil eve.json
is "$status" 2 "a format that nobody knows: exit status 2"
like "$err" "*evil*eve*csv*lines*" "the message names those we know"
match -i list.txt --map nowhere.map log.csv
is "$status" 2 "a map that is not there: exit status 2"

# Several of everything.
match -i absent.txt -i table.csv -i list.txt eve.json
is "$(printf '%s\n' "$out" | sed -n 's/.*"line":2,.*"indicator":"\([^"]*\)".*/\1/p' | sort)" "list.txt:2
t-1" "an event that two lists meet makes two rows"
match -i table.csv -i table.csv eve.json
is "$(printf '%s\n' "$out" | wc -l)" 3 "the same indicator twice makes one row"

match -i list.txt eve.json log.csv log.txt
is "$(printf '%s\n' "$out" | sed 's/.*"file":"\([^"]*\)","format":"\([^"]*\)".*/\1 \2/' | uniq -c | sed 's/^ *//')" \
    "12 eve.json eve
5 log.csv csv
6 log.txt lines" "several files, each in its own format, in the order given"

run sh -c '"$KENTONGAN" match -i list.txt <eve.json'
is "$out" "$(printf '%s\n' "$list_rows" | sed 's/"file":"eve.json"/"file":"-"/')" "no file: standard input"
stdin_rows=$out
run sh -c 'cat eve.json | "$KENTONGAN" match -i list.txt -'
is "$out" "$stdin_rows" "a dash is standard input"
run sh -c 'echo "{broken" | "$KENTONGAN" match -f eve -i list.txt'
like "$err" "(standard input):1:2: malformed: *" "of which people are told in words"
run sh -c 'cat list.txt | "$KENTONGAN" match -i - eve.json'
is "$(printf '%s\n' "$out" | wc -l)" 12 "intelligence may come through a pipe"
mkfifo pipe
timeout 10 sh -c "cat list.txt >pipe" &
match -i pipe eve.json
is "$(printf '%s\n' "$out" | sed 's/"pipe:/"list.txt:/')" "$list_rows" "and through one that has a name"

match -i list.txt -o hits.json eve.json
is "$out" "" "with -o nothing is written to standard output"
is "$(cat hits.json)" "$list_rows" "but to the file"
match -i absent.txt -o hits.json eve.json
is "$status:$(cat hits.json)" "1:" "which is begun anew"
match -i list.txt -o nowhere/hits.json eve.json
is "$status" 2 "a file that cannot be written: exit status 2"
like "$err" "*nowhere/hits.json*" "which is named"

# Many blocks, many threads: the order is that of the events.
"$KENTONGAN" simulate --seed 20 --events 60000 --hits 0.05 --intel many.txt -o many.json
"$KENTONGAN" match -i many.txt -j 1 many.json >one
"$KENTONGAN" match -i many.txt -j 8 many.json >eight
"$KENTONGAN" match -i many.txt -j 3 --plain many.json >plain
cmp -s one eight
ok $? "eight threads write what one writes"
cmp -s one plain
ok $? "and the plain road does"
sed 's/{"line":\([0-9]*\),.*/\1/' one >lines
sort -n -c lines
ok $? "in the order of the events"
[ "$(wc -l <one)" -ge 3000 ]
ok $? "and it was much"
run sh -c 'cat many.json | "$KENTONGAN" match -i many.txt -j 8 | sed "s/\"file\":\"-\"/\"file\":\"many.json\"/" | cmp - one'
is "$status" 0 "through a pipe as from a file"

match -i list.txt --stats eve.json
like "$err" "events=8 bytes=$(wc -c <eve.json) hits=12 malformed=0 suppressed=0 invalid=0 strict=* indicators=10 memory=*" \
    "figures, if asked for"

done_testing
