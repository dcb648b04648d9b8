#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# What a hostile client sends to a TAXII server gets the documented answer, leaves nothing behind, and disturbs nobody.
. "${0%/*}/tap.sh"

command -v curl >/dev/null || {
    skip "a hostile client is answered" "curl is not installed"
    done_testing
}
trap 'kill "${server:-}" 2>/dev/null; rm -rf "$scene_folder"' EXIT

media='application/taxii+json;version=2.1'

# ask METHOD PATH CURL-OPTION...: $code and $body of the answer to $who
ask()
{
    method=$1 path=$2
    shift 2
    code=$(curl -s -g -m 10 --path-as-is -X "$method" -u "$who:$(cat password)" -o answer -w '%{http_code}' "$@" "$root$path")
    body=$(cat answer)
}

# send TEXT: posts it to the collection
send()
{
    printf '%s' "$1" >sent
    ask POST "collections/$id/objects/" -H "Content-Type: $media" --data-binary @sent
}

"$KENTONGAN" init node --name "Melati CERT" --listen 127.0.0.1:0 ${KENTONGAN_POSTGRES:+--database "$KENTONGAN_POSTGRES"} >made || exit 2
sed 's/^\[taxii\]$/[taxii]\ncontent = 256KiB/' node/node.conf >conf
cat conf >node/node.conf
printf 'laut-biru-seribu-pulau' >password
chmod 600 password
for who in ayu budi; do
    run "$KENTONGAN" -c node user add $who --role analyst --password-file password
done
run "$KENTONGAN" -c node taxii collection add "<b>'; DROP TABLE collection; --</b>" --read ayu --write ayu
is "$status" 0 "a title may hold anything"
id=${out%%	*}
mkfifo ready
"$KENTONGAN" -c node serve >ready 2>log &
server=$!
read -r first <ready
root=${first#listening on }taxii2/main/
who=ayu

# ---- Bodies ----

deep=$(awk 'BEGIN { for (i = 0; i < 50000; i++) printf "["; }')
for body in '' '{' '[]' '{"objects":[]}' '{"objects":[{}' "{\"objects\":[$deep" 'null' '{"objects":"x"}' '{"objects":[1],"objects":[2]}'; do
    send "$body"
    is "$code" 422 "no envelope: $(printf '%.30s' "$body")"
done
printf '\377\376{"objects":[1]}' >sent
ask POST "collections/$id/objects/" -H "Content-Type: $media" --data-binary @sent
is "$code" 422 "what is not UTF-8 is no JSON"
awk 'BEGIN { printf "{\"objects\":[\""; for (i = 0; i < 300000; i++) printf "x"; printf "\"]}" }' >sent
ask POST "collections/$id/objects/" -H "Content-Type: $media" --data-binary @sent
is "$code" 413 "an envelope has a largest size"
for type in '' application/json text/html "application/taxii+json;version=9" "$media, text/html" text/plain; do
    printf '{"objects":[1]}' >sent
    ask POST "collections/$id/objects/" -H "Content-Type: $type" --data-binary @sent
    is "$code" 415 "a type that is none of ours: $type"
done
send '{"objects":[null,true,7,"x",[],{},{"id":7},{"id":"\u0000","type":"\u0000"},{"type":"indicator","id":"indicator--<script>alert(1)</script>"}]}'
like "$code:$body" '202:*"total_count":9,"success_count":0,"failure_count":9,*' "objects that are none are told one by one"
is "$(printf '%s' "$body" | grep -c '"id":7')" 0 "as text"
ask GET "collections/$id/objects/"
is "$code:$body" "200:{}" "nothing of all that was stored"

# ---- Words of other languages in every field ----

hostile="');DROP TABLE object;--<script>alert(1)</script>{{x}}\${x}%s%n../../"
send "{\"objects\":[{\"type\":\"indicator\",\"spec_version\":\"2.1\",\"id\":\"indicator--6b616c61-0000-4000-8000-000000000001\",\"created\":\"2026-01-01T00:00:00.000Z\",\"modified\":\"2026-01-01T00:00:00.000Z\",\"name\":\"$hostile\",\"description\":\"$hostile\",\"indicator_types\":[\"$hostile\"],\"pattern\":\"[domain-name:value = 'a.example']\",\"pattern_type\":\"stix\",\"valid_from\":\"2026-01-01T00:00:00Z\",\"labels\":[\"$hostile\"]}]}"
like "$code:$body" '202:*"success_count":1*' "text is text"
ask GET "collections/$id/objects/"
is "$(printf '%s' "$body" | grep -c -F "\"name\":\"$hostile\"")" 1 "and comes back as it was"
for field in 'match[id]' 'match[type]' 'match[version]' 'match[spec_version]' added_after limit next; do
    for value in "%27%29%3BDROP+TABLE+object%3B--" "%3Cscript%3E" "%00" "%FF" "$(printf 'x%.0s' $(seq 500))"; do
        ask GET "collections/$id/objects/?$field=$value"
        case $code:$body in
        200:{} | 400:*'"http_status":"400"'*) ;;
        *) is "$code:$body" "" "$field=$value is answered" ;;
        esac
    done
done
ask GET "collections/$id/objects/"
is "$(printf '%s' "$body" | grep -o '"id"' | wc -l)" 1 "queries of all kinds changed nothing"

# ---- Paths and ids ----

who=budi
ask GET "collections/$id/objects/"
answer="$code:$body"
for guess in "$(echo "$id" | tr '0123456789' '1234567890')" 1 0 -1 "%27%20OR%201%3D1--"; do
    ask GET "collections/$guess/objects/"
    is "$code:$body" "$answer" "a guessed id is answered as one that is another's: $guess"
done
like "$answer" "404:*" "which is: not found"
who=ayu
for path in "collections/%00/" "collections/$id%00/" "collections/$id/objects/../" "../main/collections/$id/" "collections//$id/" "collections/$id/objects//" "status/%2e%2e/"; do
    ask GET "$path"
    case $code in
    400 | 404) ok 0 "a path that leads nowhere: $path" ;;
    *) is "$code" 404 "a path that leads nowhere: $path" ;;
    esac
done
for method in PUT PATCH DELETE OPTIONS TRACE; do
    ask $method "collections/$id/objects/"
    case $code in
    400 | 405 | 501) ok 0 "a method that is none: $method" ;;
    *) is "$code" 405 "a method that is none: $method" ;;
    esac
done
ask GET "collections/$id/objects/"
is "$code:$(printf '%s' "$body" | grep -o '"id"' | wc -l)" "200:1" "service to others goes on"
kill -TERM "$server"
wait "$server"
is "$?" 0 "the node ends when it is told to"
done_testing
