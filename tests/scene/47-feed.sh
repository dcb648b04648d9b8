#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# Intelligence that is fetched again and again: what is new comes in, what fails is told, and all of it by way of the
# configured proxy and certificates.
. "${0%/*}/tap.sh"

kt()
{
    run "$KENTONGAN" -c node "$@"
}

command -v python3 >/dev/null && command -v openssl >/dev/null || {
    skip "feeds by http" "python3 or openssl is not installed"
    done_testing
}
mkdir web web/feed web/feed/misp
mkfifo hold ready
python3 "$KENTONGAN_ROOT/tests/web/server.py" "$PWD/web" <hold >ready 2>server.err &
exec 9>hold
while read -r name port && [ "$name" != ready ]; do
    eval "port_$name=$port"
done <ready
# shellcheck disable=SC2154
http=http://127.0.0.1:$port_http/feed https=https://127.0.0.1:$port_https/feed

"$KENTONGAN" init node --name "Melati CERT" ${KENTONGAN_POSTGRES:+--database "$KENTONGAN_POSTGRES"} >made || exit 2

# asked: what was asked of the server since it was last looked at
asked()
{
    cat web/asked 2>/dev/null
    rm -f web/asked
}

# ---- A list ----

printf '192.0.2.7\nevil.example\n' >web/feed/list.txt
kt feed add "$http/list.txt" --name list --every 1h --expire
like "$status:$out:$err" "0:list	$http/list.txt	new	next *Z:" "a feed is added"
kt feed add "$http/list.txt" --name list
is "$status:$err" "2:kentongan feed: there is a feed \"list\" already" "a name is taken once"
kt feed run
is "$status:$out:$err" "0:list: 2 objects read as list: 2 new:" "what is due is fetched"
is "$(asked)" "200 list.txt" "from the server"
kt feed run
is "$status:$out:$(asked)" "0::" "what is not due is not"
kt feed run list
is "$status:$out:$(asked)" "0:list: unchanged:304 list.txt" "what did not change is not sent again"
printf '192.0.2.7\nworse.example\n' >web/feed/list.txt
kt feed run list
is "$status:$out" "0:list: 2 objects read as list: 1 new, 1 there already; 1 expired, 0 are back" "what is new comes, what vanished expires"
kt search evil.example
like "$out" "indicator--*	feed/list	evil.example	expired" "which search shows"
printf '192.0.2.7\nworse.example\nevil.example\n' | gzip -c >web/feed/list.txt
kt feed run list
is "$status:$out" "0:list: 3 objects read as list: 3 there already; 0 expired, 1 are back" "and it is back, packed this time"

# ---- Failures ----

rm web/feed/list.txt
kt feed run list
is "$status:$out" "1:" "a list that is not there is a failure"
like "$err" "kentongan feed: list: $http/list.txt*404*" "with what the server said"
kt feed list
like "$out" "list	$http/list.txt	failing	next *Z	*404*" "the list of feeds says so"
kt feed add "http://127.0.0.1:$port_http/status/403" --name guarded
kt feed run guarded
like "$status:$err" "1:kentongan feed: guarded: *403*" "one that we may not have is a failure of that feed"
kt feed remove guarded
printf '<html>moved</html>\n' >web/feed/list.txt
kt feed run list
like "$status:$err" "1:kentongan feed: list: nothing in it can be used: line 1, column *" "a page for people is no list"
kt search evil.example
is "$status:$(printf '%s\n' "$out" | cut -f 4)" "0:" "what was there stays"
kt feed run nobody
is "$status:$err" "2:kentongan feed: there is no feed nobody" "a feed that nobody added"
for wrong in ftp://feeds.example/list file:///etc/passwd /no/such/file; do
    kt feed add "$wrong" --name wrong
    [ "$status" -eq 2 ] && [ -n "$err" ]
    ok $? "$wrong is no feed"
done
kt feed add "$http/list.txt" --name often --every 1s
like "$status:$err" "2:*60 seconds*" "nobody is asked all the time"
kt feed add "http://melur:geheim@127.0.0.1:$port_http/feed/secret.txt" --name secret
printf '203.0.113.9\n' >web/feed/secret.txt
kt feed run secret
kt feed list
case $out$err in *geheim*) leaked=1 ;; *) leaked=0 ;; esac
is $leaked 0 "a password is not shown"
"$KENTONGAN" -c node import --list >told
grep -q geheim told
is $? 1 "nor kept with what came"

# ---- A folder of MISP ----

# event LAST TIMESTAMP VALUE
event()
{
    printf '{"Event":{"uuid":"6b616c61-0000-4000-8000-00000000000%s","info":"event %s","date":"2026-01-01","timestamp":"%s","published":true,"threat_level_id":"1","analysis":"2","Orgc":{"name":"Kenanga CERT","uuid":"6b616c61-0000-4000-8000-0000000000ff"},"Attribute":[{"uuid":"6b616c61-0000-4000-8000-0000000001f%s","type":"domain","category":"Network activity","to_ids":true,"timestamp":"%s","value":"%s"}]}}' \
        "$1" "$1" "$2" "$1" "$2" "$3" >"web/feed/misp/6b616c61-0000-4000-8000-00000000000$1.json"
}
manifest()
{
    printf '{"6b616c61-0000-4000-8000-00000000000a":{"timestamp":"%s"},"6b616c61-0000-4000-8000-00000000000b":{"timestamp":"%s"},"6b616c61-0000-4000-8000-00000000000c":{"timestamp":"%s"}}' \
        "$@" >web/feed/misp/manifest.json
}
event a 1767225600 alpha.example
event b 1767225600 beta.example
printf '{"Event":{' >web/feed/misp/6b616c61-0000-4000-8000-00000000000c.json
manifest 1767225600 1767225600 1767225600
rm -f web/asked
kt feed add "$http/misp/" --as misp --name misp
kt feed run misp
like "$status:$out" "1:misp: * objects read as misp: * new*; 1 events could not be read, the first: 6b616c61-0000-4000-8000-00000000000c.json: *" "one broken event does not keep the others out"
is "$(asked | wc -l)" 4 "the manifest and three events were asked for"
kt search alpha.example
is "$status" 0 "the good ones are there"
kt feed run misp
like "$status:$(asked | tr '\n' ' ')" "0:[23]0[04] misp/manifest.json " "nothing is read again that did not change, not the broken one either"
event b 1767229999 gamma.example
manifest 1767225600 1767229999 1767225600
kt feed run misp
like "$status:$(asked | tr '\n' ' ')" "0:200 misp/manifest.json 200 misp/6b616c61-0000-4000-8000-00000000000b.json " "only what is new by its timestamp is read"
kt search gamma.example
is "$status" 0 "and is there"

# ---- A path, and every form ----

mkdir local
printf 'type,value\nsha256,e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855\n' >local/table.csv
kt feed add local/table.csv --as csv --every 1d
like "$status:$out" "0:table.csv	$PWD/local/table.csv	*" "a path is kept whole, and names the feed"
cp "$KENTONGAN_ROOT/tests/data/form/objects/"*.stix.json local/bundle.json 2>/dev/null ||
    printf '{"type":"malware","spec_version":"2.1","id":"malware--6b616c61-0000-4000-8000-000000000001","created":"2026-01-01T00:00:00.000Z","modified":"2026-01-01T00:00:00.000Z","is_family":false,"name":"Melati"}' >local/bundle.json
kt feed add "$PWD/local/bundle.json"
kt feed run --json
like "$status:$out" '0:*{"feed":"table.csv","unchanged":false,"imports":1,*"form":"csv",*"new":1,*}*' "feeds that are due are told as JSON"
like "$out" '*{"feed":"bundle.json","unchanged":false,"imports":1,*"form":"stix",*' "all of them"

# ---- Certificates and the proxy ----

printf '192.0.2.9\n' >web/feed/safe.txt
kt feed add "$https/safe.txt" --name safe
kt feed run safe
like "$status:$err" "1:kentongan feed: safe: *certificate*" "a certificate of nobody we trust is refused"
# conf KEY VALUE: into the section of feeds
conf()
{
    sed "/^\[feeds\]\$/a $1 = $2" node/node.conf >conf.new && cat conf.new >node/node.conf
}
conf ca "$PWD/web/ca.pem"
kt feed run safe
like "$status:$out$err" "0:safe: 1 objects read as list: 1 new*" "with the configured authority it is not"
# shellcheck disable=SC2154
conf proxy "http://127.0.0.1:$port_proxy"
kt feed add "https://drum.test:$port_https/feed/safe.txt" --name far
kt feed run far
like "$status:$out$err" "0:far: 1 objects read as list: 1 new*" "a name that only the proxy knows is fetched through it"
kt feed add "$https/safe.txt" --name near --direct
kt feed run near
like "$status:$out$err" "0:near: 1 objects read as list: 1 new*" "and what is near without it"
kt feed run safe
is "$status" 1 "which the proxy would not do"
conf plain-http no
kt feed add "$http/list.txt" --name plain --direct
kt feed run plain
like "$status:$err" "1:kentongan feed: plain: *https only*" "http can be forbidden"

# ---- Pausing, removing ----

kt feed pause misp
kt feed show misp
like "$out" "misp	$http/misp/	paused	*" "a feed is paused"
kt feed resume misp
kt feed show misp --json
like "$out" '{"name":"misp","location":"*","form":"misp","every_ms":3600000,"direct":false,"paused":false,*' "and resumed"
kt feed remove misp
kt feed show misp
is "$status" 2 "it is removed"
kt search gamma.example
is "$status" 0 "what came from it stays"

exec 9>&-
wait
done_testing
