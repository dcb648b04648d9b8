#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# One fraud, told four times: a citizen's mail by LMTP, a call, the public form, and a warning of ours. Four numbers and
# four receipts by a real relay, one incident. An answer goes out and comes back into its thread, a holiday answer makes
# no loop, a file leaves quarantine when somebody says why, and who told it stands apart and is forgotten.
. "${0%/*}/node.sh"
needs "four reports of one fraud" aiosmtpd curl

letters()
{
    find mails -name '*.eml' | wc -l
}
# letter_to ADDRESS: the last one that went there
letter_to()
{
    grep -l "^X-Envelope-To: $1" mails/*.eml | tail -n 1
}
# field NAME FILE
field()
{
    sed -n "s/^$1: *//Ip" "$2" | tr -d '\r' | head -n 1
}
# hand_over FILE: by LMTP; says what the server answers
hand_over()
{
    /usr/bin/python3 - "$scene_folder/lmtp" "$1" <<'PY'
import smtplib, sys
with smtplib.LMTP(sys.argv[1]) as server:
    server.ehlo("mail.example")
    server.mail("ani@warga.example")
    server.rcpt("lapor@cert.example")
    print(server.data(open(sys.argv[2], "rb").read())[0])
PY
}
# value N KEY: of a report, as JSON has it
value()
{
    "$KENTONGAN" -c node report show "$1" --json | sed -n "s/.*\"$2\":\"\{0,1\}\([^,\"]*\).*/\1/p" | head -n 1
}

sink_begin
node_init "CERT Contoh"
sets node relay=smtp://127.0.0.1:$smtp from=lapor@cert.example "lmtp=unix:$scene_folder/lmtp"
kt org add "RS Melati" --kind hospital --sector health --country ID
kt org state "RS Melati" active --reason "agreement"
kt contact add "RS Melati" "Ruang siaga" --mail siaga@rs-melati.example --languages "id en"
echo 203.0.113.77 >list
kt import list
echo '{"timestamp":"2026-11-20T10:29:58.000000+0000","event_type":"flow","src_ip":"192.0.2.7","src_port":50000,"dest_ip":"203.0.113.77","dest_port":443,"proto":"TCP"}' >eve.json
kt ingest --stream melati --org "RS Melati" eve.json
node_begin
until_like "1	drafted	*" "$KENTONGAN" -c node warn list

# ---- Told four times ----

cat >mail <<'END'
From: Ani Wijaya <ani@warga.example>
To: lapor@cert.example
Subject: Fwd: Paket Anda tertahan
Message-ID: <satu@warga.example>
MIME-Version: 1.0
Content-Type: multipart/mixed; boundary=b

--b
Content-Type: text/plain; charset=utf-8

Yth. tim, saya menerima pesan ini dan sudah membayar. Alamatnya http://paket.example/bayar
di server 203.0.113.77. Salam, Ani Wijaya
--b
Content-Type: application/x-dosexec
Content-Disposition: attachment; filename="bayar.exe"
Content-Transfer-Encoding: base64

TVqQAAM=
--b--
END
is "$(hand_over mail)" 250 "a citizen's mail is taken"
kt report take --name "Pak Joko" --mail joko@toko.example --phone "021 000 111" --subject "Someone uses our name" \
    --language en --text "Customers are sent to hxxp://paket[.]example/bayar, says Pak Joko"
like "$status:$out" "0:2	acknowledged	phone	*" "a call is written down, and has a number"
like "$(curl -s -m 10 -w '%{http_code}' -F 'text=Saya ditipu lewat http://paket.example/bayar' -F mail=citra@warga.example "$url/report")" \
    "*2026-000003-*201" "the form of the public gives a number at once"
kt report promote --warning 1 --text "the server of the fraud"
like "$status:$out" "0:4	acknowledged	warning	*" "a warning of ours is promoted"

until_like 4 letters
ok $? "each gets a receipt by mail" || note "$(tail -n 3 log)"
numbers=
for to in ani@warga.example joko@toko.example citra@warga.example siaga@rs-melati.example; do
    numbers="$numbers $(field Subject "$(letter_to "$to")" | sed -n 's/^\[KTG 2026-00000\([0-9]\)-[A-Z2-7]\{4\}\].*/\1/p')"
done
is "$numbers" " 1 2 3 4" "with its own number"
like "$(cat "$(letter_to joko@toko.example)")" "*Auto-Submitted: auto-replied*We have received your report*" "in their language"
is "$(for n in 1 2 3 4; do [ "$(value $n received)" = "$(value $n receipt)" ] || echo "$n"; done)" "" \
    "written in the moment in which it was told"
is "$(hand_over mail):$("$KENTONGAN" -c node report list --all | wc -l)" "250:4" "the same mail again is no other report"

# ---- One incident ----

kt report show 4
like "$out" "*alike	1	proposed	ipv4*" "what has a value in common is proposed as the same"
kt report show 3
like "$out" "*alike	?	proposed	url*" "whichever way it came"
kt report open 1 --title "Penipuan paket"
like "$status:$out" "0:1	linked	mail	*	1	*" "an incident is opened for the first"
for n in 2 3 4; do
    kt report merge $n 1 --reason "the same fraud"
done
kt report list --incident 1
is "$(echo "$out" | wc -l):$("$KENTONGAN" -c node incident list | wc -l)" "4:1" "four reports, one incident"
kt report list
is "$out" "" "nothing waits any more"
kt incident show 1
like "$out" "*observable*hxxp://paket[[].]example/bayar*incident.report*" "which has what was found in them, and tells of them"

# ---- The thread ----

kt report answer 1 --answer more --text "Lewat bank mana Anda membayar?"
like "$status:$out" "0:1	linked	*" "an answer is sent"
until_like 5 letters
answer=$(letter_to ani@warga.example)
like "$(cat "$answer")" "*References: <satu@warga.example>*In-Reply-To: <*" "into their thread"
printf 'From: Ani Wijaya <ani@warga.example>\r\nSubject: Re: apa saja\r\nIn-Reply-To: %s\r\n\r\nBank Contoh\r\n' "$(field Message-ID "$answer")" >reply
is "$(hand_over reply):$("$KENTONGAN" -c node report list --all | wc -l)" "250:4" "what is written back is no new report"
kt report show 1
like "$out" "*Bank Contoh*" "but stands in the thread"
printf 'From: Pak Joko <joko@toko.example>\r\nSubject: away\r\nAuto-Submitted: auto-replied\r\nIn-Reply-To: %s\r\n\r\nI am on holiday\r\n' \
    "$(field Message-ID "$(letter_to joko@toko.example)")" >away
is "$(hand_over away)" 250 "a holiday answer is taken"
printf 'From: robot@toko.example\r\nSubject: ticket 7 opened\r\nPrecedence: bulk\r\n\r\nthank you\r\n' >robot
is "$(hand_over robot)" 250 "and what a program writes"
kt report answer 3 --answer done
until_like 6 letters
is "$(letters):$("$KENTONGAN" -c node report list --all | wc -l)" "6:5" "neither is answered"

# ---- What hung on it ----

part=$("$KENTONGAN" -c node report show 1 | sed -n 's/^attachment	1	\([0-9]*\)	bayar.exe	.*/\1/p')
kt report attachment 1 1 "$part" -o taken --reason "for the sandbox"
is "$status:$(od -An -tx1 taken | tr -d ' \n')" "0:4d5a900003" "a file is taken out of quarantine by who says why"
kt report attachment 1 1 "$part" -o taken --reason "again"
like "$status:$err" "2:*taken*" "never over a file that is there"

# ---- Who told it ----

kt incident show 1 --json
case "$out$(cat log)" in *warga.example* | *Wijaya* | *Joko*) false ;; esac
ok $? "neither the incident nor the log knows who told it"
if [ -z "${KENTONGAN_POSTGRES:-}" ]; then
    cat >dump.py <<'PY'
import sqlite3, sys
base = sqlite3.connect("file:node/node.db?mode=ro", uri=True)
names = [row[0] for row in base.execute("SELECT name FROM sqlite_master WHERE type = 'table'")]
for name in sorted(set(names) - set(sys.argv[1:])):
    for row in base.execute(f'SELECT * FROM "{name}"'):
        text = b" ".join(cell if isinstance(cell, bytes) else str(cell).encode() for cell in row)
        for value in (b"warga.example", b"Wijaya", b"Joko", b"021 000 111", b"toko.example"):
            if value in text:
                print(name, value.decode())
PY
    is "$(/usr/bin/python3 dump.py report_person letter notice)" "" "nor does any table but the three that may"
fi
kt report forget 1 --reason "asked for"
is "$status" 0 "who told it is forgotten"
kt report show 1
case $out in *warga.example* | *Wijaya*) false ;; *paket*) ;; *) false ;; esac
ok $? "and what was told is not"
kt report promote --event 1
like "$status:$out" "0:6	acknowledged	event	*" "what was met can be promoted by itself, too"
kt report handover
like "$status:$out" "0:*Waiting, the longest first:*ticket 7 opened*Received 6, waiting 2, late 0*" "the shift ends with what waits"
node_end
is "$?" 0 "the server ends in order"
done_testing
