#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# Partners' tools read and write the collections of a node by TAXII 2.1, each in its own habits.
. "${0%/*}/tap.sh"

kt()
{
    run "$KENTONGAN" -c node "$@"
}

command -v curl >/dev/null || {
    skip "a node speaks TAXII" "curl is not installed"
    done_testing
}
trap 'kill "${server:-}" 2>/dev/null; rm -rf "$scene_folder"' EXIT

media='application/taxii+json;version=2.1'

# as NAME METHOD PATH CURL-OPTION...: $code, $body and $head of the answer; PATH is behind the API root
as()
{
    name=$1 method=$2 path=$3
    shift 3
    code=$(curl -s -g -m 10 --path-as-is -X "$method" -u "$name:$(cat password)" -o answer -D head -w '%{http_code}' \
        "$@" "${root%/}/$path")
    body=$(cat answer)
    head=$(tr -d '\r' <head)
}

# header NAME: its value in the last answer
header()
{
    printf '%s\n' "$head" | sed -n "s/^$1: //p"
}

# value KEY: the text of a key in the last answer
value()
{
    printf '%s' "$body" | sed -n "s/.*\"$1\":\"\\([^\"]*\\)\".*/\\1/p"
}

# ids: the numbers of the indicators in the last answer
ids()
{
    printf '%s' "$body" | grep -o '"id":"indicator--6b616c61-0000-4000-8000-[0-9]*' | sed 's/.*-0*//' | tr '\n' ' '
}

# indicators FROM TO [MODIFIED]: an envelope
indicators()
{
    awk -v from="$1" -v to="$2" -v modified="${3:-2026-01-02T00:00:00.120Z}" 'BEGIN {
        printf "{\"objects\":["
        for (i = from; i <= to; i++)
            printf "%s{\"type\":\"indicator\",\"spec_version\":\"2.1\",\"id\":\"indicator--6b616c61-0000-4000-8000-%012d\"," \
                "\"created\":\"2026-01-01T00:00:00.000Z\",\"modified\":\"%s\",\"name\":\"number %d\"," \
                "\"pattern\":\"[domain-name:value = \x27host%d.example\x27]\",\"pattern_type\":\"stix\"," \
                "\"valid_from\":\"2026-01-01T00:00:00Z\"}", i == from ? "" : ",", i, modified, i, i
        printf "]}"
    }'
}

# ---- A node, two organisations, three accounts, three collections ----

"$KENTONGAN" init node --name "Melati CERT" --listen 127.0.0.1:0 ${KENTONGAN_POSTGRES:+--database "$KENTONGAN_POSTGRES"} >made || exit 2
printf 'laut-biru-seribu-pulau' >password
chmod 600 password
kt org add "Mawar CERT" --relation partner
for who in "ayu analyst" "budi analyst" "citra liaison"; do
    # shellcheck disable=SC2086 # a name and a role
    set -- $who
    organisation="Mawar CERT"
    [ "$1" != ayu ] || organisation="Melati CERT"
    kt user add "$1" --role "$2" --organisation "$organisation" --password-file password
done
kt taxii collection add Shared --read everyone --write ayu --json
like "$status:$out" '0:{"id":"*","title":"Shared","description":"","root":"http://127.0.0.1:0/taxii2/main/","source":"taxii/Shared","grants":\[*' "a collection has an id and a root"
body=$out
shared=$(value id)
kt taxii collection add "Drop box" --write "Mawar CERT" --read ayu
box=${out%%	*}
kt taxii collection add Secret --read ayu --write ayu
secret=${out%%	*}
kt taxii collection add Shared
is "$status" 2 "a title is given once"
kt taxii collection add Other --read nobody
like "$status:$err" "2:*no user and no organisation nobody" "a grant is for somebody"

mkfifo ready
"$KENTONGAN" -c node serve >ready 2>log &
server=$!
read -r first <ready
root=${first#listening on }taxii2/main/

# ---- From discovery on ----

root=${root%main/}
as budi GET "" -H "Accept: $media"
is "$code:$(header Content-Type)" "200:$media" "discovery answers"
root=$(printf '%s' "$body" | sed 's/.*"api_roots":\["\([^"]*\)".*/\1/')
like "$root" "http://127.0.0.1:*/taxii2/main/" "with an API root that is reached as it stands there"
code=$(curl -s -o answer -D head -w '%{http_code}' -H "Accept: $media" "${root}collections/")
head=$(tr -d '\r' <head)
is "$code" 401 "who does not say who it is, is asked"
like "$(header WWW-Authenticate)" "Basic*Bearer*" "in both ways"
as budi GET ""
like "$code:$body" '200:*"max_content_length":104857600*' "the root says how much it takes"
as budi GET collections/
like "$body" '*"title":"Shared","can_read":true,"can_write":false*"title":"Drop box","can_read":false,"can_write":true*' "an account sees what it was granted"
is "$(printf '%s' "$body" | grep -c "$secret")" 0 "and nothing else"
as ayu GET collections
is "$code:$(header Content-Type)" "404:$media" "without its final slash a URL is none"

# ---- Adding ----

indicators 1 50 >envelope.json
as ayu POST "collections/$shared/objects/" -H "Content-Type: $media" -H "Accept: $media" --data-binary @envelope.json
like "$code:$body" '202:*"status":"complete"*"total_count":50,"success_count":50,*"failure_count":0,"pending_count":0}' "objects are added"
status_id=$(printf '%s' "$body" | sed 's/^{"id":"\([^"]*\)".*/\1/')
answer=$body
as ayu GET "status/$status_id/"
is "$code:$body" "200:$answer" "and their status stays to be read"
as budi GET "status/$status_id/"
is "$code" 404 "by who added them"
as ayu POST "collections/$shared/objects/" -H "Content-Type: application/stix+json;version=2.1" --data-binary @envelope.json
like "$code:$body" '202:*"success_count":50,*"failure_count":0*' "the same again is a success; a connector of OpenCTI calls it STIX"
as ayu POST "collections/$shared/objects/" -H "Content-Type: application/json" --data-binary @envelope.json
is "$code" 415 "other types are not taken"
as budi POST "collections/$shared/objects/" -H "Content-Type: $media" --data-binary @envelope.json
is "$code" 403 "nor from who may only read"
kt search host7.example
like "$status:$out" "0:indicator--*7*taxii/Shared*number 7" "what was added is the node's intelligence"

# ---- Reading, as clients do ----

# taxii2-client: next until there is no more
as budi GET "collections/$shared/objects/?limit=20" -H "Accept: $media"
all=$(ids)
like "$(header X-TAXII-Date-Added-First)$(header X-TAXII-Date-Added-Last)" "????-??-??T??:??:??.??????Z????-??-??T??:??:??.??????Z" "dates have six digits"
while [ "$(printf '%s' "$body" | grep -c '"more":true')" -gt 0 ]; do
    as budi GET "collections/$shared/objects/?limit=20&next=$(value next)" -H "Accept: $media"
    all="$all$(ids)"
done
is "$all" "$(seq 50 | tr '\n' ' ')" "taxii2-client: all of it by next, once"

# OpenCTI: a list in Accept, next and added_after together, times cut to milliseconds
after=2020-01-01T00:00:00.000Z next='' all=''
for _ in $(seq 10); do
    as budi GET "collections/$shared/objects/?limit=20&added_after=$after${next:+&next=$next}" -H "Accept: application/json, */*"
    all="$all$(ids)"
    next=$(value next)
    last=$(header X-TAXII-Date-Added-Last)
    [ -n "$last" ] || break
    after=${last%???Z}Z
done
is "$code:$all" "200:$(seq 50 | tr '\n' ' ')" "OpenCTI: all of it, once, and an end"
is "$body" "{}" "which is an empty object"

# minemeld: the time of the newest object as added_after
as budi GET "collections/$shared/objects/?added_after=2026-01-02T00:00:00.120000Z" -H "Accept: */*"
is "$(ids)" "$(seq 50 | tr '\n' ' ')" "minemeld: modified is no time of adding, and nothing is lost"

# attack-workbench: manifests, and single objects by id and version
as budi GET "collections/$shared/manifest/?match%5Btype%5D=indicator&limit=1" -H "Accept: $media"
like "$body" '{"objects":\[{"id":"indicator--*1","date_added":"*","version":"2026-01-02T00:00:00.120Z","media_type":"application/stix+json;version=2.1"}\],"more":true*' "attack-workbench: a manifest says what there is"
indicators 7 7 2026-02-02T00:00:00.000Z >newer.json
as ayu POST "collections/$shared/objects/" -H "Content-Type: $media" --data-binary @newer.json
one=indicator--6b616c61-0000-4000-8000-000000000007
as budi GET "collections/$shared/objects/$one/versions/"
is "$body" '{"versions":["2026-01-02T00:00:00.120Z","2026-02-02T00:00:00.000Z"],"more":false}' "versions of an object"
as budi GET "collections/$shared/objects/$one/?match[version]=all"
is "$(ids)" "7 7 " "brackets as they are"
as budi GET "collections/$shared/objects/?match[id]=$one&match[version]=first"
like "$body" '*"modified":"2026-01-02T00:00:00.120Z"*"more":false}' "or one version of one object"

# ---- The drop box, deleting, undoing ----

indicators 60 61 >box.json
as budi POST "collections/$box/objects/" -H "Content-Type: $media" --data-binary @box.json
is "$code" 202 "a drop box takes from a partner who has no right to import"
as budi GET "collections/$box/objects/"
is "$code" 403 "and gives nothing back"
as ayu GET "collections/$box/objects/"
is "$(ids)" "60 61 " "but to whom it was granted"
as budi GET "collections/$secret/objects/"
answer="$code:$body"
as budi GET "collections/6b616c61-0000-4000-8000-000000000000/objects/"
is "$code:$body" "$answer" "what is not granted is as if it were not there"
as budi DELETE "collections/$shared/objects/$one/"
is "$code" 403 "who may not write may not delete"
as ayu DELETE "collections/$shared/objects/$one/?match[version]=2026-02-02T00:00:00.000Z"
as budi GET "collections/$shared/objects/$one/"
like "$code:$body" '200:*"modified":"2026-01-02T00:00:00.120Z"*' "without its last version an object is what it was before"
as ayu DELETE "collections/$shared/objects/$one/"
is "$code:$body" "200:" "an object is deleted"
as budi GET "collections/$shared/objects/$one/"
is "$code" 404 "and is not found"
kt import --undo 1 --reason "a mistake"
as budi GET "collections/$shared/objects/?limit=1"
like "$code:$body" '200:*"more":true*' "what two posts brought stays when one is undone"
kt import --undo 2 --reason "a mistake"
as budi GET "collections/$shared/objects/"
is "$code:$body" "200:{}" "what is undone is served no more"
kt taxii collection revoke Shared --read everyone
as budi GET collections/
is "$(printf '%s' "$body" | grep -c "$shared")" 0 "a grant that is taken back holds at once"
kt taxii collection remove Shared
as ayu GET "collections/$shared/"
is "$code" 404 "a collection that is removed is gone"

kill -TERM "$server"
wait "$server"
is "$?" 0 "the node ends when it is told to"
done_testing
