#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# Mail to a contact, by a real relay: what arrives, what looking at its link does (nothing), what pressing the button
# does, what a word in a reply does, whom a warning reaches that nobody answers, and what happens when a mailbox is not
# there.
# KENTONGAN_BROWSER=1: the button is pressed in a real browser, too, in both languages, without a mouse and without scripts.
. "${0%/*}/node.sh"
needs "a contact is asked and answers" aiosmtpd

# notices that left, in their order; letters to those who reported something are none
notices()
{
    grep -Li '^X-Kentongan-Kind: letter' mails/*.eml 2>/dev/null
}
mails()
{
    notices | wc -l
}
# read_mail N: its text, as a mail program shows it
read_mail()
{
    /usr/bin/python3 - "$(notices | sed -n "$1p")" <<'PY'
import email, email.policy, sys
mail = email.message_from_binary_file(open(sys.argv[1], "rb"), policy=email.policy.default)
print("to:", mail["X-Envelope-To"])
print("subject:", mail["Subject"])
print("id:", mail["Message-ID"])
print(mail.get_body(("plain",)).get_content())
PY
}
# reply WORD: an answer to the mail of $id
reply()
{
    printf 'From: Budi <budi@rs-melati.example>\r\nSubject: Re: Apakah\r\nIn-Reply-To: %s\r\n\r\n%s\r\n\r\n> yang lama\r\n' "$id" "$1"
}
state()
{
    "$KENTONGAN" -c node contact list --json | sed -n "$1s/.*\"state\":\"\([a-z]*\)\".*/\1/p"
}

sink_begin

node_init "Melati CERT"
listen=$(/usr/bin/python3 -c 'import socket; s = socket.socket(); s.bind(("127.0.0.1", 0)); print(s.getsockname()[1])')
sed -i "s|^listen = .*|listen = 127.0.0.1:$listen|; s|^#relay =.*|relay = smtp://127.0.0.1:$smtp|; s|^#phone =.*|phone = +62 21 5550 100|" node/node.conf
cp node/node.conf conf
sed -i 's|^#from =.*|from = siaga@cert.example>, all@example.org|' node/node.conf
kt contact list
like "$status:$err" "2:*[[]mail] from*not one plain address*" "an address that is two is refused, with the key to look at"
sed 's|^#from =.*|from = siaga@cert.example|' conf >node/node.conf
kt org add "RS Melati" --kind hospital --sector health --country ID
kt org state "RS Melati" active --reason "agreement"
kt contact add "RS Melati" "Ruang siaga" --mail siaga@rs-melati.example --languages "id en"
kt contact add "RS Melati" "Bagian TI" --mail ti@rs-melati.example --languages en
node_begin

# ---- Asked ----

kt contact ping 1
is "$status:$out" "0:contact 1: notice 1" "a contact is asked whether it is read"
until_like 1 mails
ok $? "the mail arrives" || note "$(tail -n 3 log)"
read_mail 1 >text
like "$(cat text)" "to: siaga@rs-melati.example
subject: [[]TLP:GREEN] Apakah surel kami sampai? [[]*]*Are we reaching you?*" "in its language first, English behind it, marked and with a reference"
like "$(cat text)" "*+62 21 5550 100*" "with the number to call"
until_like "*	sent	*" "$KENTONGAN" -c node mail list
ok $? "it is known to be sent"
"$KENTONGAN" -c node mail show 1 >shown
tail -n +3 mails/0001.eml | cmp -s - shown
ok $? "what was kept is what left, byte for byte"

# ---- Looked at, and pressed ----

link=$(grep -o "http://127.0.0.1:$listen/w/[a-z0-9]*" text | head -n 1)
curl -s -m 10 "$link" >page
curl -s -m 10 -I "$link" >/dev/null
curl -s -m 10 -X POST "$link" -o /dev/null -w '%{http_code}' >blind
curl -s -m 10 -d "answer=acknowledged" "$link" -o /dev/null -w ' %{http_code}' >>blind
token=$(sed -n 's/.*name="token" value="\([0-9a-f]*\)".*/\1/p' page)
curl -s -m 10 -d "token=$token&answer=nothing" "$link" -o /dev/null -w ' %{http_code}' >>blind
is "$(cat blind):$(state 1)" "400 400 400:unverified" "neither a look, nor a blind POST, nor the first button that a program finds answers"
ok "$([ "$(wc -c <page)" -lt 50000 ]; echo $?)" "the page is small ($(wc -c <page) bytes)"
curl -s -m 10 -H "Accept-Language: id" "$link" >page.id
like "$(cat page.id)" "*Apakah kotak surat ini dibaca?*RS Melati*" "it says whose it is, in both languages"
curl -s -m 10 -d "token=$token&answer=acknowledged" "$link" >pressed
like "$(cat pressed):$(state 1)" "*Your answer has reached us*:verified" "the button answers"
curl -s -m 10 "${link}x" -o /dev/null -w '%{http_code}' >wrong
is "$(cat wrong)" 404 "another link is none"

# ---- A word in a reply ----

kt contact ping 2
until_like 2 mails
ok $? "another one is asked"
id=$(read_mail 2 | sed -n 's/^id: //p')
reply "Terima kasih atas surelnya" >answer
run "$KENTONGAN" -c node mail take <answer
like "$status:$out:$(state 2)" "0:report 1: KTG *:unverified" "thanks that a program may have written answer nothing, and are a report"
reply terima. >answer
run "$KENTONGAN" -c node mail take <answer
is "$status:$out:$(state 2)" "0:notice 2: acknowledged:verified" "the word alone does"
printf 'From: a@b.example\r\nSubject: lain\r\n\r\nTERIMA\r\n' >answer
run "$KENTONGAN" -c node mail take <answer
like "$status:$out" "0:report 2: KTG *" "a mail about something else is a report"

# ---- A warning that nobody answers ----

kt user add ayu --role manager --password-file password
enrol ayu
kt org add "TTIS Kesehatan" --kind team --sector health --country ID
kt org state "TTIS Kesehatan" active --reason "decree 4"
kt contact add "TTIS Kesehatan" Jaga --mail jaga@ttis.example --languages "id en"
kt org team "RS Melati" --sector health --reason "decree 4"
like "$status:$err" "2:*no team or ministry*" "a hospital is no team of a sector"
kt org team "TTIS Kesehatan" --sector health --reason "decree 4"
like "$status:$out" "0:it waits for a second person: *" "two persons name the team of a sector"
second node codes.ayu
kt org show "TTIS Kesehatan" --json
like "$out" '*"team_of":"health"*' "then it is"
echo 203.0.113.77 >list
kt import list
echo '{"timestamp":"2026-11-20T10:29:58.000000+0000","event_type":"flow","src_ip":"192.0.2.7","src_port":50000,"dest_ip":"203.0.113.77","dest_port":443,"proto":"TCP"}' >eve.json
kt ingest --stream melati --org "RS Melati" eve.json
until_like "1	drafted	*" "$KENTONGAN" -c node warn list
kt warn approve 1 --reason "it is real"
until_like "1	sent	*" "$KENTONGAN" -c node warn list
kt warn remind 1
kt warn remind 1
kt warn remind 1
until_like 6 mails
read_mail 6 >text
like "$(cat text)" "to: jaga@ttis.example
subject: [[]TLP:AMBER] Peringatan belum dijawab [[]*RS Melati*No answer to a warning*RS Melati*" "after two reminders the team of its sector gets a mail"
is "$(grep -cE '203[.]0|192[.]0|203\[|infected|terinfeksi|/w/' text)" 0 "which tells neither what was seen nor of which class, and has no button"
like "$(cat text)" "*$(read_mail 3 | sed -n 's/^id: <\(.*\)@.*/\1/p')*" "but the reference of the mail that nobody answered"
kt warn show 1
like "$out" "*the second contact is told*the team of their sector is told*" "its life says so"
kt warn remind 1
"$KENTONGAN" -c node warn list --unanswered >list
is "$(cut -f 1 list)" 1 "then it is on the list of who is on duty"
kt warn answer 1 done --reason "they called"
until_like 7 mails
like "$(read_mail 7)" "to: jaga@ttis.example
subject: [[]TLP:AMBER] Selesai: peringatan yang belum dijawab [[]*" "and the team hears when it is settled"

# ---- In a real browser ----

if [ -n "${KENTONGAN_BROWSER:-}" ] && command -v chromium chromedriver >/dev/null && /usr/bin/python3 -c 'import selenium' 2>/dev/null; then
    answer="/usr/bin/python3 $KENTONGAN_ROOT/tests/browser/answer.py"
    export TMPDIR="$scene_folder" PYTHONDONTWRITEBYTECODE=1
    run $answer "$link" acknowledged id keys plain
    like "$status:$out" "0:*Terima kasih. Jawaban Anda sudah kami terima.*" "by keyboard alone and without scripts, in Bahasa Indonesia" || note "$err"
    run $answer "$link" acknowledged en mouse scripts
    like "$status:$out" "0:*Thank you. Your answer has reached us.*" "by mouse, in English" || note "$err"
fi

# ---- A mailbox that is not there ----

echo "rcpt ti@ 550 5.1.1 no such mailbox" >mails/faults
kt contact ping 2
until_like "*	failed	*no such mailbox*" "$KENTONGAN" -c node mail list
ok $? "what is refused for good has failed, with the relay's words"
is "$(state 2)" stale "and its contact is stale"
echo "drop" >mails/faults
kt contact ping 1
until_like 8 mails
until_like "*[0-9]	waiting	*" "$KENTONGAN" -c node mail list
like "$("$KENTONGAN" -c node mail list --json | head -n 1)" '*"attempts":1,"uncertain":1,*' "of what was taken without an answer nobody knows, and it waits to go again"
kill -TERM "$server"
wait "$server"
is "$?" 0 "the server ends"
done_testing
