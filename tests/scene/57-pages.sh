#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# An analyst at the console: a MISP event is pasted and looked at before it is kept, found again, tagged, revoked, and
# all of that is taken back; each page is the same for a script.
. "${0%/*}/tap.sh"

kt()
{
    run "$KENTONGAN" -c node "$@"
}

command -v curl >/dev/null || {
    skip "the pages of intelligence" "curl is not installed"
    done_testing
}
trap 'kill "${server:-}" 2>/dev/null; rm -rf "$scene_folder"' EXIT

"$KENTONGAN" init node --name "Melati CERT" --listen 127.0.0.1:0 ${KENTONGAN_POSTGRES:+--database "$KENTONGAN_POSTGRES"} >made || exit 2
(umask 077 && printf 'correct drum battery' >password)
for who in "ayu coordinator" "budi sysadmin" "citra manager"; do
    kt user add "${who% *}" --role "${who#* }" --password-file password
done
mkfifo ready
"$KENTONGAN" -c node serve >ready 2>log &
server=$!
exec 8<ready
read -r first <&8
url=${first#listening on }
url=${url%/}

# json WHO METHOD PATH [FIELD...]: "STATUS DOCUMENT", as a script asks
json()
{
    who=$1 method=$2 path=$3
    shift 3
    for field; do
        set -- "$@" -F "$field"
        shift
    done
    curl -s -m 10 -w '\n%{http_code}' -u "$who:correct drum battery" -H 'Accept: application/json' -X "$method" "$@" \
        "$url$path" >answer
    echo "$(tail -n 1 answer) $(sed '$d' answer)"
}

# page PATH [CURL-OPTION...]: "STATUS PAGE", as a browser asks
page()
{
    path=$1
    shift
    curl -s -m 10 -w '\n%{http_code}' -b cookies -c cookies -H "Origin: $url" -H 'Accept: text/html' "$@" "$url$path" >answer
    echo "$(tail -n 1 answer) $(sed '$d' answer)"
}
# hidden NAME: the value of a hidden field of the last page
hidden()
{
    sed -n "s/.*name=\"$1\" value=\"\\([^\"]*\\)\".*/\\1/p" answer | head -n 1
}

# ---- In a browser: import in two steps ----

event=$KENTONGAN_ROOT/tests/data/form/misp-event.json
page /sign-in >/dev/null
like "$(page /sign-in --data-urlencode "key=$(hidden key)" -d name=ayu --data-urlencode "password=correct drum battery")" "303 *" "a coordinator signs in"
like "$(page /import)" '200 *name="text"*name="file"*' "there is a form to paste into"
key=$(hidden key)
like "$(page /import -F text=x)" "403 *" "a form without its key is refused"
shown=$(page /import -F "key=$key" -F "file=@$event" -F source=Kenanga)
like "$shown" "200 *Nothing is kept yet*192[[].]0[[].]2[[].]1*" "what was understood is shown, defanged"
waiting=$(hidden waiting)
like "$(json ayu GET /intelligence)" '200 *"rows":[[]]*' "and nothing is kept"
like "$(page /import/take -F "key=$key" -F "waiting=$waiting" -F source=Kenanga)" "303 *" "then it is taken in"
like "$(page /imports/1)" "200 *done*Refused*line 21*" "its page says what it refused, and where"
like "$(page /import/take -F "key=$key" -F "waiting=$waiting" -F source=Kenanga)" "404 *no longer here*" "a text is taken in once"
is "$(ls node/waiting | wc -l | tr -d ' ')" 0 "and does not stay"

# ---- As a script: find, tag, revoke, undo ----

found=$(json ayu GET "/intelligence?q=192.0.2.1&type=indicator")
like "$found" '200 *"value":"192[[].]0[[].]2[[].]1"*' "it is found by a value"
number=$(printf '%s' "$found" | sed 's/.*"rows":\[{"number":\([0-9]*\).*/\1/')
like "$(json ayu GET "/objects/$number")" '200 *"type":"indicator"*"source":{"number":1,"name":"Kenanga"}*' "its page is a document"
like "$(page "/objects/$number")" "200 *192[[].]0[[].]2[[].]1*" "and a page"
like "$(json ayu POST /intelligence/act act=tag "pick=$number" tag=owl)" '200 *"confirmed":false*' "an act is shown first"
like "$(json ayu POST /intelligence/act act=tag "pick=$number" tag=owl confirm=yes)" '200 *"done":true*"undo":{"name":"untag"*' "and done when it is confirmed"
like "$(json ayu GET "/intelligence?tag=owl")" "200 *\"number\":$number,*" "what is tagged is found by its tag"
like "$(json ayu POST /intelligence/act act=revoke "pick=$number" "reason=our own scanner" confirm=yes)" '200 *"done":true*' "it is revoked"
like "$(json ayu GET "/intelligence?state=withdrawn")" "200 *\"number\":$number,*" "and is found as such"
like "$(json ayu POST /intelligence/export "pick=$number" kind=csv)" '200 *"left_out":[[]{"what":"withdrawn here","count":1}]*' "it does not go out, which is told"
like "$(json ayu POST /intelligence/act act=unrevoke "pick=$number" "reason=a mistake" confirm=yes)" '200 *"done":true*' "that is taken back"
like "$(json ayu POST /intelligence/act act=untag "pick=$number" tag=owl confirm=yes)" '200 *"done":true*' "the tag, too"
like "$(json ayu GET "/intelligence?tag=owl")" '200 *"rows":[[]]*"empty":true*' "and nothing is left of it"
like "$(json ayu GET "/objects/$number")" '200 *"judgements":[[]{"kind":"withdrawn"*"holds":false*"reason":"our own scanner"*"undone_reason":"a mistake"*' "but its history"
like "$(json ayu GET "/journal?act=intel.judged")" '200 *"actor":"ayu","act":"intel.judged"*' "the journal says who"
curl -s -m 10 -u "ayu:correct drum battery" "$url/objects/$number/download" >object
run "$KENTONGAN" check object
like "$status:$out" "0:*object: ok (stix)*" "what is downloaded is the object"
like "$(json ayu POST /imports/1/undo "reason=the wrong event")" "303 *" "the import is undone"
like "$(json ayu GET /intelligence)" '200 *"rows":[[]]*' "and nothing of it is seen"

# ---- Feeds and sources ----

like "$(json ayu POST /feeds "location=http://127.0.0.1:9/list.txt" name=odd every=60)" "303 *" "a feed is added"
like "$(json ayu GET /feeds)" '200 *"name":"odd"*' "and listed"
like "$(json ayu POST /feeds/change name=odd act=pause)" "303 *" "paused"
like "$(json budi GET /feeds)" '200 *"state":"paused"*' "which a sysadmin sees"
like "$(json ayu GET /sources)" '200 *"name":"Kenanga"*' "sources are listed"

# ---- Who may not ----

for path in /intelligence /objects/1 /objects/1/download /import /imports /sources; do
    like "$(json budi GET $path)" "40[34] *" "a sysadmin sees no content: $path"
done
like "$(json citra POST /intelligence/act act=tag pick=1 tag=owl confirm=yes)" "403 *" "a manager changes nothing"
like "$(curl -s -m 10 -o /dev/null -w '%{http_code}' -H 'Accept: application/json' "$url/intelligence")" 401 "a stranger learns nothing"
kill -TERM "$server"
wait "$server"
is $? 0 "the server ends in order"
done_testing
