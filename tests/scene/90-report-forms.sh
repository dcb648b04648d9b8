#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# Somebody without an account tells us something by the form and gets a number at once; the duty officer finds it in the
# queue beside another that tells of the same, merges them, opens an incident, answers, and gets what hung on it as a file
# only. A hospital sees its own reports and nothing of others. Programs send JSON. Whatever is hostile is told why not.
. "${0%/*}/tap.sh"

kt()
{
    run "$KENTONGAN" -c node "$@"
}

command -v curl >/dev/null || {
    skip "the forms of reports" "curl is not installed"
    done_testing
}
trap 'kill "${server:-}" 2>/dev/null; rm -rf "$scene_folder"' EXIT

"$KENTONGAN" init node --name "Melati CERT" --listen 127.0.0.1:0 ${KENTONGAN_POSTGRES:+--database "$KENTONGAN_POSTGRES"} >made || exit 2
sed -i 's/^\[mail]$/&\nfrom = lapor@melati.example/' node/node.conf
(umask 077 && printf 'correct drum battery' >password)
for hospital in "RS Melur" "RSUD Kenanga"; do
    kt org add "$hospital" --relation constituent --kind hospital --sector health --country ID
    kt org state "$hospital" active --reason "the contract is signed"
done
kt user add siti --role duty-officer --password-file password
kt user add agus --role auditor --password-file password
kt user add budi --role constituent-admin --organisation "RS Melur" --password-file password
kt user add citra --role constituent-admin --organisation "RSUD Kenanga" --password-file password

mkfifo ready
timeout 120 "$KENTONGAN" -c node serve >ready 2>log &
server=$!
exec 8<ready
read -r first <&8
url=${first#listening on }
url=${url%/}

# page WHO PATH [CURL-OPTION...]: "STATUS PAGE", as the browser of that person asks
page()
{
    who=$1 path=$2
    shift 2
    curl -s -m 10 -w '\n%{http_code}' -b "jar-$who" -c "jar-$who" -H "Origin: ${origin:-$url}" -H "Accept: ${accept:-text/html}" \
        --interface "${from:-127.0.0.1}" "$@" "$url$path" >answer
    echo "$(tail -n 1 answer) $(sed '$d' answer)"
}
hidden()
{
    sed -n "s/.*name=\"$1\" value=\"\\([^\"]*\\)\".*/\\1/p" answer | head -n 1
}
# post WHO FROM TO FIELD...: a form of the page FROM
post()
{
    who=$1 to=$3
    page "$who" "$2" >/dev/null
    key=$(hidden key)
    shift 3
    for field; do
        set -- "$@" --data-urlencode "$field"
        shift
    done
    page "$who" "$to" --data-urlencode "key=$key" "$@"
}
signs_in()
{
    post "$1" /sign-in /sign-in "name=$1" "password=correct drum battery"
}
# tell [CURL-OPTION...]: somebody without an account sends the form
tell()
{
    page nobody /report "$@"
}
reference()
{
    sed -n 's/.*id="reference">\([^<]*\)<.*/\1/p' answer
}
for who in siti agus budi citra; do
    like "$(signs_in "$who")" "303 *" "$who signs in"
done

# ---- Anybody ----

like "$(page nobody /report)" '200 *Tell us about an incident*name="text"*Send the report*' "anybody gets the form"
like "$(page nobody /report -H 'Accept-Language: id')" '200 *lang="id"*Kirim laporan*' "in Bahasa Indonesia, too"
printf 'a picture of a screen' >screen.png
shown=$(tell -F 'text=Situs palsu: https://toko-login.example/masuk. Saya terlanjur transfer.' -F money=yes \
    -F 'mail=Warga@Example.org' -F 'name=Ibu Warga' -F 'file=@screen.png;type=image/png')
first=$(reference)
like "$shown" "201 *$first*Call your bank*receipt by mail*" "who sends it gets a number, and what to do about the money"
like "$first" "20??-000001-????" "the number is the first of the year"
from=127.0.0.2
like "$(tell -F 'text=Fake shop at https://toko-login.example/masuk, it asks for my PIN')" "201 *no mail*" \
    "who leaves no address is told that no mail comes"
second=$(reference)

# ---- Hostile ----

from=127.0.0.9
like "$(tell -F 'text=')" "400 *say what happened*" "a report says something"
like "$(tell -F 'text=x' -F 'mail=nobody')" '400 *name="mail"*aria-invalid="true"*no address of mail*' "an address is one"
like "$(tell -F 'text=buy now' -F 'website=https://advert.example')" "400 *leave the field*" "a field for programs stays empty"
head -c 16385 /dev/zero | tr '\0' 'a' >long
like "$(tell -F 'text=<long')" "400 *16,384 bytes*" "a text has a ceiling"
head -c 4200000 /dev/zero >large
like "$(tell -F 'text=x' -F 'file=@large')" "400 *4 MB*" "a file has one"
head -c 5000000 /dev/zero >larger
like "$(tell -F 'text=x' -F 'file=@larger')" "413 *" "and so has what is read at all"
origin=https://elsewhere.example
like "$(tell -F 'text=x')" "403 *another site*" "a page of another site sends nothing"
origin=
like "$(tell -F "text=$(printf 'a\001b')")" "400 *" "control characters are refused"
like "$(tell --form-string 'text=<script>alert(1)</script> <b>tebal</b>' --form-string 'name="><script>' \
    -F 'file=@screen.png;filename=../../<x>.html;type=text/html')" \
    "201 *" "markup is text like any other"
grep -q '<script>alert' answer
is $? 1 "and is not shown as markup"
done_testing
