#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# Mail that comes back by itself: a notice by a real relay, its answer out of a maildir and by LMTP, what is taken twice,
# what comes back undelivered, what is a report, and hostile mail; by IMAP where there is a server of it.
. "${0%/*}/node.sh"
needs "answers come in by themselves" aiosmtpd

# The server of IMAP ends with its input.
trap 'exec 7>&-; wait ${imap:-}; scene_end' EXIT
count()
{
    find "$1" -name "$2" -type f | wc -l
}
# how many notices left; letters to those who reported something do not count
notices()
{
    grep -Li '^X-Kentongan-Kind: letter' mails/*.eml 2>/dev/null | wc -l
}
# the Message-ID of the notice N that left
id_of()
{
    sed -n 's/^Message-ID: *//Ip' "$(grep -Li '^X-Kentongan-Kind: letter' mails/*.eml | sed -n "$1p")" | tr -d '\r' | head -n 1
}
# the notices, without letters
notice_list()
{
    "$KENTONGAN" -c node mail list --json | grep -v '"kind":"letter"'
}
reports()
{
    "$KENTONGAN" -c node report list --all | wc -l
}
# reply WORD ID: an answer to it
reply()
{
    printf 'From: Budi <budi@rs-melati.example>\r\nSubject: Re: lama\r\nIn-Reply-To: %s\r\n\r\n%s\r\n\r\n> yang lama\r\n' "$2" "$1"
}
# bounce ID: a report that it was not delivered (RFC 3464)
bounce()
{
    printf 'From: MAILER-DAEMON@mail.example\r\nSubject: Undelivered\r\nMIME-Version: 1.0\r\nContent-Type: multipart/report; report-type=delivery-status; boundary=b\r\n\r\n--b\r\nContent-Type: text/plain\r\n\r\nno\r\n--b\r\nContent-Type: message/delivery-status\r\n\r\nReporting-MTA: dns; mail.example\r\n\r\nFinal-Recipient: rfc822; ti@rs-melati.example\r\nAction: failed\r\nStatus: 5.1.1\r\nDiagnostic-Code: smtp; 550 5.1.1 unknown\r\n\r\n--b\r\nContent-Type: text/rfc822-headers\r\n\r\nMessage-ID: %s\r\n\r\n--b--\r\n' "$1"
}
# leave FILE NAME: as a mail server does, whole from the beginning
leave()
{
    cp "$1" "box/tmp/$2"
    mv "box/tmp/$2" "box/new/$2"
}
# hand_over FILE: by LMTP; says what the server answers
hand_over()
{
    /usr/bin/python3 - "$scene_folder/lmtp" "$1" <<'PY'
import smtplib, sys
with smtplib.LMTP(sys.argv[1]) as server:
    server.ehlo("mail.example")
    server.mail("budi@rs-melati.example")
    server.rcpt("siaga@cert.example")
    print(server.data(open(sys.argv[2], "rb").read())[0])
PY
}
state()
{
    "$KENTONGAN" -c node contact list --json | sed -n "$1s/.*\"state\":\"\([a-z]*\)\".*/\1/p"
}
warned()
{
    "$KENTONGAN" -c node warn list | sed -n "s/^$1	\([a-z-]*\)	.*/\1/p"
}

mkdir box box/new box/cur box/tmp
sink_begin

node_init "Melati CERT"
sets node relay=smtp://127.0.0.1:$smtp from=siaga@cert.example "maildir=$scene_folder/box" "lmtp=unix:$scene_folder/lmtp" every=1s
kt org add "RS Melati" --kind hospital --sector health --country ID
kt org state "RS Melati" active --reason "agreement"
kt contact add "RS Melati" "Ruang siaga" --mail siaga@rs-melati.example --languages "id en"
kt contact add "RS Melati" "Bagian TI" --mail ti@rs-melati.example --languages en
node_begin

# ---- Out of a maildir ----

kt contact ping 1
until_like 1 notices
reply terima "$(id_of 1)" >answer
leave answer 1.a
until_like verified state 1
ok $? "an answer in the maildir answers" || note "$(tail -n 3 log)"
until_like 1 count box/cur '1.a:2,S'
ok $? "and is moved and marked as seen"

echo 203.0.113.77 >list
kt import list
echo '{"timestamp":"2026-11-20T10:29:58.000000+0000","event_type":"flow","src_ip":"192.0.2.7","src_port":50000,"dest_ip":"203.0.113.77","dest_port":443,"proto":"TCP"}' >eve.json
kt ingest --stream melati --org "RS Melati" eve.json
until_like "1	drafted	*" "$KENTONGAN" -c node warn list
kt warn approve 1 --reason "it is real"
until_like 2 notices
until_like sent warned 1

# ---- By LMTP ----

reply ack "$(id_of 2)" >answer
is "$(hand_over answer)" 250 "an answer by LMTP is taken"
is "$(warned 1)" acknowledged "and when it is acknowledged, so is the warning"
answered=$(notice_list)
is "$(hand_over answer)" 250 "the same mail is taken again"
leave answer 2.a
until_like 1 count box/cur '2.a:2,S'
is "$(notice_list)" "$answered" "and changes nothing, whichever way it comes"

# ---- Undelivered, and for a person ----

kt contact ping 2
until_like 3 notices
bounce "$(id_of 3)" >answer
leave answer 3.a
until_like stale state 2
ok $? "what came back makes its contact stale" || note "$(tail -n 3 log)"
reply "apa maksudnya?" "<lain@rs-melati.example>" >question
leave question 4.a
until_like 1 count box/cur '4.a:2,S'
ok $? "what answers nothing is taken as well"
is "$(reports)" 1 "as a report"
is "$(hand_over question)" 250 "and by LMTP once more"
is "$(reports)" 1 "which is the same"
"$KENTONGAN" -c node report original 1 1 -o came --reason "is it whole?"
/usr/bin/python3 -c 'import sys; sys.exit(open("question", "rb").read().rstrip() != open("came", "rb").read().rstrip())'
ok $? "it is kept as it came"

# ---- Hostile ----

for mail in "$KENTONGAN_ROOT"/tests/data/mail/*.eml; do
    leave "$mail" "5.${mail##*/}"
done
ln -s /etc/hostname box/new/6.link
until_like 0 count box/new '*'
ok $? "hostile mail is all looked at"
is "$(count box/cur '5.*:2,F'):$(count box/cur '5.*:2,S')" "0:$(find "$KENTONGAN_ROOT/tests/data/mail" -name '*.eml' | wc -l)" "and taken"
is "$(($(reports) - 1))" "$(find "$KENTONGAN_ROOT/tests/data/mail" -name '*.eml' | wc -l)" "each as a report"
is "$(state 1):$(state 2):$(warned 1)" "verified:stale:acknowledged" "and changes nothing"

# ---- Killed between taking and moving ----

kt contact ping 1
until_like 4 notices
reply terima "$(id_of 4)" >answer
leave answer 7.a
until_like 1 count box/cur '7.a:2,S'
answered=$(notice_list)
# shellcheck disable=SC2046
kill -KILL $(cat "/proc/$server/task/$server/children") # not the timeout around it
wait "$server" 2>/dev/null
mv box/cur/7.a:2,S box/new/7.a # as it would be had the kill come before the move
node_begin
until_like 1 count box/cur '7.a:2,S'
ok $? "a mail that was taken and not moved is taken once more"
is "$(notice_list)" "$answered" "and nothing is double"
kt doctor
like "$out" "*mailboxes: lmtp was looked at *mailboxes: maildir was looked at *" "doctor says when each was looked at"

# ---- By IMAP ----

kill -TERM "$server"
wait "$server"
is "$?" 0 "the server ends"
imap_port=$(/usr/bin/python3 -c 'import socket; s = socket.socket(); s.bind(("127.0.0.1", 0)); print(s.getsockname()[1])')
mkdir post
mkfifo up hold
chmod 755 "$scene_folder"
sh "$KENTONGAN_ROOT/tests/mail/imap.sh" "$scene_folder/post" "$imap_port" <hold >up 2>imap.log &
imap=$!
exec 7>hold
said=
read -r said <up || true
if [ "$said" = up ]; then
    (umask 077 && echo rahasia >password)
    sed -i "s|^#imap =.*|imap = imap://127.0.0.1:$imap_port|; s|^every =.*|every = 1s|" node/node.conf
    sed -i "/^\[mailbox\]/,\$ { s|^#user =.*|user = kentongan|; s|^#password-file =.*|password-file = $scene_folder/password|; }" node/node.conf
    node_begin
    kt contact ping 1
    until_like 5 notices
    reply terima "$(id_of 5)" >post/mail/tmp/8.a
    chmod 644 post/mail/tmp/8.a
    mv post/mail/tmp/8.a post/mail/new/8.a
    until_like '*"answered":"2*' sh -c '"$KENTONGAN" -c node mail list --json | grep -v letter | head -n 1'
    ok $? "an answer on a server of IMAP answers" || note "$(tail -n 3 log)"
    kt doctor
    like "$out" "*mailboxes: imap was looked at *1 mails were taken*" "doctor knows of it"
    kill -TERM "$server"
    wait "$server"
else
    skip "an answer on a server of IMAP answers" "dovecot-imapd is needed"
fi
done_testing
