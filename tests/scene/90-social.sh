#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# The same false account of a bank is told by mail, form, a program and a call: four reports with a receipt each, one incident.
# The post, with whose account it was and a picture of it, becomes sealed evidence in one act; the platform is asked to take it
# down, and when the competent body demands that, its clock of four hours begins. Who only dislikes an opinion is told, in
# their language and by each way, that it is no incident. A mail is proposed to the hospital whose contact wrote it.
. "${0%/*}/tap.sh"

command -v curl >/dev/null && /usr/bin/python3 -c 'import aiosmtpd' 2>/dev/null || {
    skip "a post in social media" "curl and python3-aiosmtpd are needed"
    done_testing
}
trap 'kill "${server:-}" "${sink:-}" 2>/dev/null; rm -rf "$scene_folder"' EXIT

kt()
{
    run "$KENTONGAN" -c node "$@"
}
# eventually WANTED COMMAND...: until it says that, for ten seconds
eventually()
{
    want=$1
    shift
    for _ in $(seq 200); do
        got=$("$@" 2>/dev/null)
        [ "$got" = "$want" ] && return 0
        sleep 0.05
    done
    note "got:      $got"
    return 1
}
letters()
{
    find mails -name '*.eml' | wc -l
}
letter_to()
{
    cat "$(grep -l "^X-Envelope-To: $1" mails/*.eml | tail -n 1)"
}
# hand_over FROM SUBJECT TEXT: a mail by LMTP
hand_over()
{
    /usr/bin/python3 - "$scene_folder/lmtp" "$@" <<'PY'
import smtplib, sys
from email.message import EmailMessage
where, sender, subject, text = sys.argv[1:]
mail = EmailMessage()
mail["From"], mail["To"], mail["Subject"], mail["Message-ID"] = sender, "lapor@cert.example", subject, f"<{abs(hash(text))}@x.example>"
mail.set_content(text)
with smtplib.LMTP(where) as server:
    server.ehlo("mail.example")
    server.mail(sender)
    server.rcpt("lapor@cert.example")
    server.data(mail.as_bytes())
PY
}
# value N KEY: of a report, as JSON has it
value()
{
    "$KENTONGAN" -c node report show "$1" --json | sed -n "s/.*\"$2\":\"\{0,1\}\([^,\"]*\).*/\1/p" | head -n 1
}

mkdir mails
mkfifo orders port ready
/usr/bin/python3 "$KENTONGAN_ROOT/tests/mail/sink.py" mails <orders >port 2>sink.log &
sink=$!
exec 6>orders 5<port
read -r smtp <&5
"$KENTONGAN" init node --name "CERT Contoh" --listen 127.0.0.1:0 ${KENTONGAN_POSTGRES:+--database "$KENTONGAN_POSTGRES"} >made || exit 2
sed -i "s|^#relay =.*|relay = smtp://127.0.0.1:$smtp|; s|^#from =.*|from = lapor@cert.example|; s|^#lmtp =.*|lmtp = unix:$scene_folder/lmtp|" node/node.conf
printf '[file]\nversion = 1\nsource = us\n[takedown social]\nrecipient = platform\nname = Social\ndomains = social.example\naddress = abuse@social.example\nlanguage = id\n' >node/takedown.conf
(umask 077 && printf 'correct drum battery' >password)
kt org add "RS Melati" --kind hospital --sector health --country ID
kt org state "RS Melati" active --reason "agreement"
kt contact add "RS Melati" "Ruang siaga" --mail siaga@rs-melati.example --languages "id en"
kt org add Social --relation other --kind platform --country ID
kt user add siti --role duty-officer --password-file password
token=$("$KENTONGAN" -c node token add api --for siti --scope "read write" --json | sed -n 's/.*"token":"\([^"]*\)".*/\1/p')
timeout --foreground 100 "$KENTONGAN" -c node serve >ready 2>log &
server=$!
exec 8<ready
read -r first <&8
url=${first#listening on }
url=${url%/}
api()
{
    curl -s -m 10 -w '%{http_code}' -H "Authorization: Bearer $token" -H 'Content-Type: application/json' -d "$1" "$url/reports"
}

# form PATH FIELD...: as the console sends it; the status, then the answer
form()
{
    to=$1
    shift
    for field; do
        set -- "$@" --data-urlencode "$field"
        shift
    done
    curl -s -m 10 -o answer -D head -w '%{http_code} ' -H "Authorization: Bearer $token" "$@" "$url$to"
    cat answer head
}

# ---- The same by four ways ----

post=https://social.example/@bank_contoh_resmi/7
printf 'a picture of a screen' >screen.png
hand_over ani@warga.example "Akun palsu" "Ada akun palsu bank kami: $post"
shown=$(curl -s -m 10 -w '%{http_code}' -H 'Accept-Language: id' -F "text=Akun palsu Bank Contoh" -F "url=hxxps://social[.]example/@bank_contoh_resmi/7" \
    --form-string account=@bank_contoh_resmi -F platform=Social -F captured=2026-11-20T09:30 -F 'file=@screen.png;type=image/png' -F mail=citra@warga.example "$url/report")
like "$shown" "*id=\"reference\"*201" "the form of the public takes a post with a picture of it"
like "$(api "{\"text\":\"Fake account of our bank\",\"url\":\"$post\",\"account\":\"@bank_contoh_resmi\",\"mail\":\"dewi@warga.example\",\"language\":\"en\"}")" \
    '*"refused":false*201' "so does JSON"
kt report take --text "Akun palsu bank, kata Pak Joko" --url "$post" --account @bank_contoh_resmi --platform Medsosku --mail joko@warga.example --capture screen.png
like "$status:$out" "0:?	acknowledged	phone	*" "and a call"
eventually 4 letters
ok $? "each of the four has a receipt by mail" || note "$(tail -n 3 log)"
eventually 4 sh -c "'$KENTONGAN' -c node report list --all | wc -l"
is "$(for n in 1 2 3 4; do [ "$(value $n received)" = "$(value $n receipt)" ] || echo "$n"; done)" "" "written in the moment in which it was told"
kt report open 1 --title "Akun palsu Bank Contoh"
for n in 2 3 4; do
    kt report merge $n 1 --reason "the same account"
done
is "$("$KENTONGAN" -c node report list --incident 1 | wc -l):$("$KENTONGAN" -c node incident list | wc -l)" "4:1" "four reports, one incident"

# ---- Evidence, request, clock ----

is "$("$KENTONGAN" -c node report list --search Medsosku | wc -l)" 1 "a post is found by its platform"
form=$("$KENTONGAN" -c node report list --all | sed -n 's/^\([0-9]*\)	[^	]*	form	.*/\1/p')
kt report show "$form"
like "$out" "*post	hxxps://social*@bank_contoh_resmi	Social	2026-11-20T*" "the report has the post"
set -- $("$KENTONGAN" -c node report show "$form" | sed -n 's/^attachment	\([0-9]*\)	\([0-9]*\)	screen.png	.*/\1 \2/p')
kt report evidence "$form" "$1" "$2" --reason "UU ITE, the bank asked for it"
is "$status:$out" "0:1" "a capture becomes evidence in one act"
kt evidence show 1
like "$out" "*$(sha256sum <screen.png | cut -d ' ' -f 1)*" "with the digest of the picture"
kt takedown add 1
kt takedown list 1
like "$status:$out" "0:1	*social*" "the page is one to be taken down"
kt takedown draft 1
kt takedown show 1
like "$out" "*platform*abuse@social.example*" "and the platform is the one to ask"
kt incident party 1 support Social --reason "its platform"
kt duty begin 1 id-takedown-urgent --org "RS Melati"
like "$status:$err" "2:*RS Melati is no party*" "a clock of a platform is of none but a platform"
like "$(form /incidents/1/duty rule=id-takedown organisation=Social at=2026-11-20T08:00)" "[23]*" "the console begins the one of a day"
kt duty begin 1 id-takedown-urgent --org Social --at 2026-11-20T08:00:00Z
like "$status:$out" "0:?	overdue	2026-11-20T12:00:00.000000Z	Social	id-takedown-urgent	*" "four hours from when it was demanded"

# ---- An opinion ----

while read -r language words; do
    hand_over "$language@warga.example" "Opini $language" "$words"
done <<'END'
id Saya tidak suka pendapat orang ini
en I dislike this opinion
zh 我不喜欢这个观点
END
eventually 7 letters
decoded()
{
    letter_to "$1" | /usr/bin/python3 -c 'import email, sys; from email import policy; print(email.message_from_file(sys.stdin, policy=policy.default).get_body(("plain",)).get_content())'
}
like "$(decoded id@warga.example)" "*bukan insiden*" "by mail it is refused with advice, in Bahasa Indonesia"
like "$(decoded en@warga.example)" "*are no incidents*" "in English"
like "$(decoded zh@warga.example)" "*不属于网络安全事件*" "and Chinese"
like "$(curl -s -m 10 -w '%{http_code}' -H 'Accept-Language: en' -F "text=I dislike this opinion" "$url/report")" "*This is no incident*ask nobody to remove*201" "the form says so"
like "$(api '{"text":"我不喜欢这个观点","language":"zh"}')" '*"refused":true,"advice":"*不属于*201' "and so does JSON"
kt report take --text "Saya tidak suka pendapat orang ini"
like "$status:$out$err" "0:*	closed	*bukan insiden*" "and who takes a call reads it out"
last=$(echo "$out" | cut -f 1)
kt report open "$last"
like "$status:$err" "*what somebody thinks is no incident*" "it becomes no incident"
kt report link "$last" 1
like "$status:$err" "*what somebody thinks is no incident*" "nor a part of one"
is "$("$KENTONGAN" -c node report list)" "" "and nothing of it waits"

# ---- Whose mail it is ----

hand_over siaga@rs-melati.example "Bantuan" "Server kami aneh"
hand_over siaga@elsewhere.example "Bantuan lain" "Server kami aneh sekali"
eventually 9 letters
kt report list --search Bantuan
known=$(echo "$out" | grep 'Bantuan$' | cut -f 1) other=$(echo "$out" | grep 'Bantuan lain$' | cut -f 1)
kt report show "$known"
like "$out" "*perhaps-of	RS Melati	address*" "a mail of a contact is proposed to its organisation"
kt report show "$other"
case $out in *perhaps-of*) false ;; esac
ok $? "another is not"
like "$(curl -s -m 10 -H "Authorization: Bearer $token" "$url/reports")" '*"teller":{"name":"RS Melati",*"teller":null*' "the queue has it"
like "$(form "/reports/$known" act=told-by)" "[23]*" "one act accepts it"
case $(value "$known" organisation) in [1-9]*) ;; *) false ;; esac
ok $? "and it is theirs"
kt report show "$known"
case $out in *perhaps-of*) false ;; esac
ok $? "and nothing is proposed any more"
kill "$server"
wait "$server"
is "$?" 0 "the server ends in order"
done_testing
