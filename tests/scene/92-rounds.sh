#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# Clinical figures every four hours, in simulated time: the first figure asks whom it hits for more; who is to answer is
# told by mail when it is due, once, also after a night without the node; the answer becomes figures and the next is asked
# four hours later, until all works again. A task of anybody's comes again likewise.
. "${0%/*}/tap.sh"

if ! /usr/bin/python3 -c 'import aiosmtpd' 2>/dev/null; then
    skip "clinical figures are asked for" "python3-aiosmtpd is needed for the mail server"
    done_testing
fi

trap 'kill "${server:-}" "${sink:-}" 2>/dev/null; rm -rf "$scene_folder"' EXIT

k()
{
    "$KENTONGAN" -c node "$@"
}
clock()
{
    python3 -c '
import socket, sys
at = socket.socket(socket.AF_UNIX)
at.settimeout(5)
at.connect("clock.sock")
at.sendall((sys.argv[1] + "\n").encode())
at.makefile().readline()
' "set 2026-11-$1:00+07:00"
}
begin()
{
    rm -f ready
    mkfifo ready
    timeout --foreground 60 "$KENTONGAN" -c node serve --clock clock.sock >ready 2>>log &
    server=$!
    read -r first <ready
}
end()
{
    kill "$server" && wait "$server"
    server=
}
# mails WORD: how many that tell of a task went to that address
mails()
{
    grep -l "^X-Envelope-To:.*$1" mails/*.eml 2>/dev/null | xargs -r grep -l "^X-Kentongan-Kind: task" | wc -l
}
# asked: state, until when, whose and title of what asks for figures, the latest last
asked()
{
    k incident show 1 | grep "^task	.*Clinical figures" | cut -f 3,4,5
}
figures()
{
    k incident show 1 | grep '^impact' | cut -f 2,3,4
}

mkdir mails
mkfifo orders port_of
/usr/bin/python3 "$KENTONGAN_ROOT/tests/mail/sink.py" mails <orders >port_of 2>sink.log &
sink=$!
exec 6>orders 5<port_of
read -r smtp <&5
"$KENTONGAN" init node --exercise --name "Tim Contoh" --listen 127.0.0.1:0 >made || exit 2
sed -i "s|^#relay =.*|relay = smtp://127.0.0.1:$smtp|; s|^#from =.*|from = siaga@cert.example|" node/node.conf
printf 'a long drum battery\n' >password
chmod 600 password
k user add siti --role duty-officer --password-file password >made || exit 2
k contact add "Tim Contoh" "Piket" --mail piket@cert.example --languages "id en" >made
k org add "RS Melati" --kind hospital --sector health --country ID >made
k org state "RS Melati" active --reason "agreement 12" >made
k contact add "RS Melati" "Ruang siaga" --mail siaga@melati.example --languages "id" >made
k roster person siti --mail siti@pribadi.example >made
begin

# ---- Figures ----

clock "20T22:45"
k incident open "Ransomware di RS Melati" --class malicious-code/infected-system --severity critical >made
k incident party 1 victim "RS Melati" --reason "they called" >made
k incident impact 1 devices 40 --basis "their count" >made
is "$(asked)" "" "machines alone ask for nothing"
k incident impact 1 patients-diverted 12 --basis "ward list" >made
is "$(asked)" "to-do	2026-11-20T19:45:00.000000Z	RS Melati" "the first figure asks the hospital for more in four hours"
like "$(k task list --org "RS Melati")" "*Clinical figures / Angka klinis*every 4h" "and the list says how often"
clock "21T02:44"
k task add 1 "Look at the backup" --to siti --due 2026-11-21T02:50:00+07:00 >made
is "$(mails melati)" 0 "nobody is told before it is due"
clock "21T02:46"
until_like 1 mails melati
ok $? "when it is due its contact is told by mail"
mail=$(grep -l "^X-Envelope-To:.*melati" mails/*.eml)
like "$(cat "$mail")" "*[[]TLP:AMBER]*Clinical figures*" "with the marking and what it is"
run k task state 1 "done" --result "patients-diverted many"
like "$status:$err" "2:*line 1: patients-diverted is followed by a whole number*" "what begins like a figure is one"
k task state 1 "done" --result "patients-diverted 14
procedures-postponed 4-8
The laboratory is back." >made
is "$(figures)" "devices	40	40
patients-diverted	12	12
patients-diverted	14	14
procedures-postponed	4	8" "the answer becomes figures beside those before"
is "$(asked | tail -n 1 | cut -f 1,2)" "to-do	2026-11-20T23:46:00.000000Z" "and the next is due four hours after it"

# ---- A night without the node ----

end
k task list >made
begin
clock "21T08:00"
until_like 2 mails melati && until_like 1 mails siti@pribadi
ok $? "what fell due meanwhile is told at once"
is "$(mails piket)" 0 "a person by their own address, and not the desk"
k incident impact 1 patients-diverted 3 --basis "by telephone" >made
k incident impact 1 patients-harmed 0 --basis "by telephone" >made
is "$(asked)" "done	2026-11-20T19:45:00.000000Z	RS Melati
done	2026-11-20T23:46:00.000000Z	RS Melati
to-do	2026-11-21T05:00:00.000000Z	RS Melati" "figures that somebody else tells answer, too, and are one answer"
like "$(k incident show 1)" "*patients-diverted 3*patients-harmed 0*" "which says both"
like "$(k incident report 1 --as csv)" "*patients-diverted, low: 12*patients-diverted, low: 14*patients-diverted, low: 3,*" "the account has how it went, figure by figure"
k task state 2 "done" --result "The backup is good." >made

# ---- It ends ----

for state in triaged open contained recovered; do
    k incident state 1 "$state" --reason "so it is" >made
done
k task state 4 "done" --result "patients-diverted 0" >made
is "$(asked | grep -c to-do):$(figures | tail -n 1)" "0:patients-diverted	0	0" "the last figures end it once all works again"
is "$(mails melati):$(mails siti@pribadi)" "2:1" "each was told once"
end
done_testing
