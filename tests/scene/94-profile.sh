#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# A ministry's response team says who it is: the form is filled in field by field, what is missing is named by section, a
# key is made, and anybody reads the RFC 2350 document and security.txt, which GnuPG verifies and which a checker of its own
# finds without a fault. Whoever may not change it does not.
. "${0%/*}/tap.sh"

kt()
{
    run "$KENTONGAN" -c node "$@"
}

command -v curl >/dev/null || {
    skip "who we are" "curl is not installed"
    done_testing
}
trap 'kill "${server:-}" 2>/dev/null; wait "${server:-}" 2>/dev/null; rm -rf "$scene_folder"' EXIT

port=$(python3 -c 'import socket; s = socket.socket(); s.bind(("127.0.0.1", 0)); print(s.getsockname()[1])')
"$KENTONGAN" init node --name "Melati CERT" --listen "127.0.0.1:$port" ${KENTONGAN_POSTGRES:+--database "$KENTONGAN_POSTGRES"} >made || exit 2
sed -i 's|^\[http]$|&\nurl = https://cert.melati.example/|' node/node.conf

# ---- The form ----

kt profile check
is "$status" 2 "nothing is said yet"
like "$out" "*missing: name.en, section 2.1 of RFC 2350*missing: mission.id, section 3.1*security.txt: there is none*" \
    "what is missing is named by section"
kt profile set motto.en=x
like "$err" "*motto.en: there is no such field*" "a field that is none is refused"
kt profile set short-name=MELATI mail=nowhere
like "$err" "*mail: one plain address of mail*" "a wrong one is named"
kt profile show --json
like "$out" '*{"field":"short-name","section":"2.1","title":"Short name","needed":false,"value":""*' "and nothing of it is kept"

kt profile set address="Jalan Melati 1
Jakarta 10000" zone="Asia/Jakarta (WIB, UTC+07:00)" telephone="+62 21 5550100" mail=cert@melati.example
for field in name members hours mission constituency sponsorship authority incidents disclosure authentication triage \
    coordination resolution proactive disclaimers; do
    set -- "$@" "$field.en=$field of Melati, in English" "$field.id=$field Melati, dalam Bahasa Indonesia"
done
kt profile set "$@"
is "$status" 0 "everything is filled in"
like "$err" "*30 fields were changed*" "each field once"
kt profile text rfc2350 --language id
like "$out" "*RFC 2350 - name Melati*3.1. Pernyataan misi*mission Melati, dalam Bahasa Indonesia*7. Penafian*" \
    "the document is there, in Bahasa Indonesia"
kt doctor
like "$out" "*warn profile: what is published is not signed*profile key*" "the doctor says that it is not signed"

# ---- The key ----

kt profile key
case $err in *"without OpenPGP"*) no_pgp=yes ;; esac
if [ -z "${no_pgp:-}" ]; then
    is "$status" 0 "a key is made"
    fingerprint=$(echo "$out" | tr -d ' ')
    is "$(stat -c %a node/keys/team.pgp)" 600 "which only its owner reads"
    kt profile key
    like "$err" "*team.pgp is there already*" "another does not take its place by itself"
    kt profile check
    is "$status" 0 "nothing is missing or wrong any more"
    kt doctor
    like "$out" "*ok   profile: published on 20*, signed*" "the doctor agrees"
fi

# keys HOW...: whether a backup made like that has the secret key
keys()
{
    rm -f backup.tar
    kt backup "$@" backup.tar
    tar -tf backup.tar | grep -c '^keys/team.pgp$'
}
if [ -z "${no_pgp:-}" ]; then
    is "$(keys)" 1 "a backup has the key, with the others"
    is "$(keys --without-keys)" 0 "and one without keys has it not"
fi

# ---- Anybody ----

mkfifo ready
timeout 60 "$KENTONGAN" -c node serve >ready 2>log &
server=$!
read -r _ <ready
url=http://127.0.0.1:$port
get()
{
    curl -s -m 10 -D head "$url$1"
}
get /.well-known/security.txt >security.txt
like "$(tr 'A-Z' 'a-z' <head)" "*200 ok*content-type: text/plain; charset=utf-8*" "security.txt is plain text"
like "$(tr -d '\r' <security.txt)" "*Contact: mailto:cert@melati.example
Contact: https://cert.melati.example/report
Contact: tel:+62215550100
Expires: *Preferred-Languages: id, en
Canonical: https://cert.melati.example/.well-known/security.txt
Policy: https://cert.melati.example/rfc2350
*" "and says whom to tell, and where"
expires=$(sed -n 's/^Expires: \([^\r]*\)\r*$/\1/p' security.txt)
days=$((($(date -d "$expires" +%s) - $(date +%s)) / 86400))
[ "$days" -ge 300 ] && [ "$days" -lt 365 ]
ok $? "it expires in less than a year, and not soon ($days days)"
get /security.txt >moved
like "$(tr 'A-Z' 'a-z' <head)" "*308 *location: /.well-known/security.txt*" "the place of old leads there"
get /rfc2350/en >rfc2350.en
like "$(cat rfc2350.en)" "*https://cert.melati.example/rfc2350/id*3.2. Constituency*constituency of Melati, in English*" \
    "the document is there for anybody"
like "$(get /rfc2350/fr)" "*has not said who it is*" "in languages that we speak"
page=$(curl -s -m 10 -H 'Accept: text/html' -H 'Accept-Language: id' "$url/rfc2350")
like "$page" '*<h3>3.1. Pernyataan misi</h3>*mission Melati, dalam Bahasa Indonesia*' "and as a page, in the language of the browser"
[ "${#page}" -lt 50000 ]
ok $? "of less than 50 KB"
is "$(curl -s -m 10 -o /dev/null -w '%{http_code}' -H 'Accept: application/json' "$url/profile")" 401 "the form is for our own people"

# ---- The signature ----

if [ -n "${no_pgp:-}" ] || ! command -v gpg >/dev/null; then
    skip "GnuPG verifies the documents" "it is not installed, or the program was built without OpenPGP"
else
    mkdir -m 700 home
    export GNUPGHOME="$PWD/home"
    get /key.asc >key.asc
    gpg --batch -q --import key.asc 2>/dev/null
    for document in security.txt rfc2350.en; do
        gpg --batch --status-fd 3 --verify $document 3>said 2>/dev/null
        ok $? "GnuPG verifies $document"
        like "$(cat said)" "*VALIDSIG $fingerprint *" "by the key that was made"
    done
    sed 's/cert@melati/cert@evil/' security.txt >forged
    gpg --batch -q --verify forged 2>/dev/null
    [ $? -ne 0 ]
    ok $? "and not one that was changed"
    gpgconf --kill all
fi

# ---- Whoever changes it ----

kt profile set mission.en="We warn."
until_like "*We warn.*" get /rfc2350/en
ok $? "what changes is served"
kt profile set authority.id=
like "$err" "*withdrawn*" "a document that lacks something"
like "$(get /rfc2350/id)" "*has not said who it is*" "is not there any more"
done_testing
