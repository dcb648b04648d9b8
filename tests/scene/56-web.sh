#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# The console as a browser meets it: a link gives the first password, the door opens for who has it and for nobody else,
# pages are documents, too, a form without its key does nothing, and what is shown stays within rights.
. "${0%/*}/tap.sh"

for tool in curl python3; do
    command -v $tool >/dev/null || {
        skip "the console is served" "$tool is not installed"
        done_testing
    }
done

"$KENTONGAN" init node --name "Melati CERT" --listen 127.0.0.1:0 >made || exit 2
administrator=$(sed -n 's|.*/set-up/\([A-Za-z0-9_-]*\).*|\1|p' made)
analyst=$("$KENTONGAN" -c node user add budi --role analyst | sed -n 's|.*/set-up/\([A-Za-z0-9_-]*\).*|\1|p')
mkfifo ready
"$KENTONGAN" -c node serve >ready 2>log &
server=$!
trap 'kill "$server" 2>/dev/null; rm -rf "$scene_folder"' EXIT
exec 8<ready
read -r first <&8
url=${first#listening on }
url=${url%/}

# page JAR PATH CURL-OPTION...: the status in $status, headers in $head, the body in $out.
page()
{
    jar=$1 path=$2
    shift 2
    status=$(curl -s -m 10 -b "$jar" -c "$jar" -D head -o body -w '%{http_code}' -H "Accept: text/html" -H "Origin: ${origin:-$url}" "$@" "$url$path")
    head=$(tr -d '\r' <head)
    out=$(cat body)
}

# json JAR PATH: the document of a page
json()
{
    out=$(curl -s -m 10 -b "$1" -H "Accept: application/json" "$url$2")
}

# The key of the forms on the page that was asked for last.
key()
{
    sed -n 's/.*name="key" value="\([0-9a-f]*\)".*/\1/p' body | head -n 1
}

password='empat kata yang baik'

# ---- The door ----

page none /users
is "$status" 303 "who is not signed in is led to the door"
like "$head" "*Location: /sign-in[?]next=/users*" "and will be led back"
page none /sign-in
like "$status:$out" "200:*<form method=\"post\" action=\"/sign-in\"*" "the door is a plain form"
like "$head" "*Content-Security-Policy: default-src 'none';*script-src 'self';*" "under a policy without anything inline"
case $out in *style=* | *"<script>"* | *onclick=*) ok 1 "nothing inline is in it" ;; *) ok 0 "nothing inline is in it" ;; esac
page none /sign-in --data-urlencode name=budi --data-urlencode "password=$password"
like "$status:$out" "401:*value=\"budi\"*" "before there is a password none opens, and the name stays in the form"
page none "/set-up/$administrator$analyst"
like "$status:$out" "401:*Ask an administrator for a new one*" "a link that was not made says what to do"

# ---- The first password ----

page budi "/set-up/$analyst"
like "$status:$out" "200:*budi*autocomplete=\"new-password\"*" "the link asks for a password"
page budi "/set-up/$analyst" --data-urlencode password=pendek --data-urlencode again=pendek
like "$status:$out" "400:*aria-invalid=\"true\"*" "one that is too short is refused beside its field"
origin=https://evil.example
page budi "/set-up/$analyst" --data-urlencode "password=$password" --data-urlencode "again=$password"
origin=
is "$status" 403 "a page of somebody else cannot use the link"
page budi "/set-up/$analyst" --data-urlencode "password=$password" --data-urlencode "again=$password"
like "$status:$head" "303:*Set-Cookie: session=*HttpOnly*Location: /*" "a good one opens a session"
page none "/set-up/$analyst"
is "$status" 401 "the link works once"
page administrator "/set-up/$administrator" --data-urlencode "password=$password" --data-urlencode "again=$password"
is "$status" 303 "so does that of the administrator"

# ---- Pages ----

page budi /
like "$status:$out" "200:*href=\"/intelligence\"*<h1>*" "the start shows the way around"
page administrator /
case $out in *'href="/intelligence"'*) ok 1 "an administrator is shown no intelligence" ;; *) ok 0 "an administrator is shown no intelligence" ;; esac
json budi /account
like "$out" '{"title":"Your account","name":"budi",*}' "a page is a document, too"
json administrator /users
like "$out" '*"name":"budi"*"second_factor":false*' "who looks after users sees who has no second factor"
page none /
css=$(curl -s "$url/sign-in" -H "Accept: text/html" | sed -n 's/.*rel="stylesheet" href="\([^"]*\)".*/\1/p')
page none "$css" -H "Accept-Encoding: gzip"
like "$status:$head" "200:*Cache-Control: public, max-age=31536000, immutable*" "the style sheet may be kept for ever"
like "$head" "*Content-Encoding: gzip*" "and comes packed"
for path in / /account /users /organisations /about /api; do
    page administrator $path
    bytes=$(($(wc -c <body) + $(gzip -9 <"$KENTONGAN_ROOT/src/web/static/kentongan.css" | wc -c) + $(gzip -9 <"$KENTONGAN_ROOT/src/web/static/kentongan.js" | wc -c)))
    [ "$status" = 200 ] && [ "$bytes" -le 51200 ]
    ok $? "$path is there, and no more than 50 KB with all it needs" || note "$status, $bytes bytes"
done

# ---- Forms ----

page budi /account --data-urlencode language=id
is "$status" 403 "a form without its key does nothing"
page budi /account
page budi /account --data-urlencode "key=$(key)" --data-urlencode language=id --data-urlencode zone=Asia/Jakarta
like "$status:$head" "303:*Location: /account[?]done=saved*" "with it, it is done"
page budi /account
like "$out" '*<html lang="id">*WIB*' "and the pages speak the language and the zone"
page budi /account/tokens --data-urlencode "key=$(key)" --data-urlencode "name=<b>sensor</b>" --data-urlencode scope=read
like "$status:$out" '201:*kt_*&lt;b&gt;sensor&lt;/b&gt;*' "a token is shown where it was made, and its name is text"
token=$(sed -n 's/.*\(kt_[A-Za-z0-9_-]*\).*/\1/p' body | head -n 1)
is "$(curl -s -o body -w '%{http_code}' -H "Authorization: Bearer $token" "$url/organisations"):$(head -c 9 body)" '200:{"title":' "a script reads by it what budi sees"
is "$(curl -s -o body -w '%{http_code}' -H "Authorization: Bearer $token" "$url/account")" 403 "but not the account"
page budi /users --data-urlencode "key=$(key)" --data-urlencode name=mallory --data-urlencode role=sysadmin
is "$status" 403 "an analyst adds no users"
page budi /account
page budi /sign-out --data-urlencode "key=$(key)"
like "$status:$head" "303:*Set-Cookie: session=;*Max-Age=0*" "signing out takes the cookie away"
page budi /account
is "$status" 303 "and the session is over"
page budi /sign-in --data-urlencode name=budi --data-urlencode "password=$password" --data-urlencode next=//evil.example/
like "$status:$head" "303:*
Location: /
*" "the door leads nowhere else"

kill -TERM "$server"
wait "$server"
is $? 0 "the server ends in good order"
done_testing
