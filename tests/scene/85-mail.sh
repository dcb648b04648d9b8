#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# Mail to a contact, by a real relay: what arrives, what looking at its link does (nothing), what pressing the button
# does, what a word in a reply does, and what happens when a mailbox is not there.
. "${0%/*}/tap.sh"

if ! /usr/bin/python3 -c 'import aiosmtpd' 2>/dev/null; then
    skip "a contact is asked and answers" "python3-aiosmtpd is needed for the mail server"
    done_testing
fi

trap 'kill "${server:-}" "${sink:-}" 2>/dev/null; rm -rf "$scene_folder"' EXIT
kt()
{
    run "$KENTONGAN" -c node "$@"
}
# eventually PATTERN COMMAND...: until what it says is like that, for half a minute
eventually()
{
    want=$1
    shift
    for _ in $(seq 600); do
        got=$("$@" 2>/dev/null)
        case $got in
        $want) return 0 ;;
        esac
        sleep 0.05
    done
    note "got:      $got"
    return 1
}
mails()
{
    find mails -name '*.eml' | wc -l
}
# read_mail N: its text, as a mail program shows it
read_mail()
{
    /usr/bin/python3 - "mails/000$1.eml" <<'PY'
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

mkdir mails
mkfifo orders port ready
/usr/bin/python3 "$KENTONGAN_ROOT/tests/mail/sink.py" mails <orders >port 2>sink.log &
sink=$!
exec 6>orders 5<port
read -r smtp <&5

"$KENTONGAN" init node --name "Melati CERT" --listen 127.0.0.1:0 ${KENTONGAN_POSTGRES:+--database "$KENTONGAN_POSTGRES"} >made || exit 2
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
timeout 60 "$KENTONGAN" -c node serve >ready 2>log &
server=$!
read -r _ <ready

# ---- Asked ----

kt contact ping 1
is "$status:$out" "0:contact 1: notice 1" "a contact is asked whether it is read"
eventually 1 mails
ok $? "the mail arrives" || note "$(tail -n 3 log)"
read_mail 1 >text
like "$(cat text)" "to: siaga@rs-melati.example
subject: [[]TLP:GREEN] Apakah surat kami sampai? [[]*]*Are we reaching you?*" "in its language first, English behind it, marked and with a reference"
like "$(cat text)" "*+62 21 5550 100*" "with the number to call"
eventually "*	sent	*" "$KENTONGAN" -c node mail list
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
eventually 2 mails
ok $? "another one is asked"
id=$(read_mail 2 | sed -n 's/^id: //p')
reply "Terima kasih atas surelnya" >answer
run "$KENTONGAN" -c node mail take <answer
like "$status:$out:$(state 2)" "1:*a person has to read*:unverified" "thanks that a program may have written answer nothing"
reply terima. >answer
run "$KENTONGAN" -c node mail take <answer
is "$status:$out:$(state 2)" "0:notice 2: acknowledged:verified" "the word alone does"
printf 'From: a@b.example\r\nSubject: lain\r\n\r\nTERIMA\r\n' >answer
run "$KENTONGAN" -c node mail take <answer
like "$status:$out" "1:*no notice of ours*" "a mail about something else is left for a person"

# ---- A mailbox that is not there ----

echo "rcpt ti@ 550 5.1.1 no such mailbox" >mails/faults
kt contact ping 2
eventually "*	failed	*no such mailbox*" "$KENTONGAN" -c node mail list
ok $? "what is refused for good has failed, with the relay's words"
is "$(state 2)" stale "and its contact is stale"
echo "drop" >mails/faults
kt contact ping 1
eventually 3 mails
eventually "4	waiting	*" "$KENTONGAN" -c node mail list
like "$("$KENTONGAN" -c node mail list --json | head -n 1)" '*"attempts":1,"uncertain":1,*' "of what was taken without an answer nobody knows, and it waits to go again"
kill -TERM "$server"
wait "$server"
is "$?" 0 "the server ends"
done_testing
