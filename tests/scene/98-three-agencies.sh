#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# Ransomware at a hospital on the eve of a long holiday, in simulated time, on three real nodes: the hospital's own, its
# sector's team and the national team. A nurse calls; one number at once; a playbook becomes tasks for each, one of which
# waits for the clinical owner; clocks of law run in real hours and are reminded of; the police take a package of evidence
# and see nothing else; the link to the national team is cut for three hours, and nothing is lost; it ends with an account
# and the draft of a lesson. The dates are those of the Friday to come: clocks of nodes only go forward.
. "${0%/*}/nodes.sh"

if ! /usr/bin/python3 -c 'import aiosmtpd' 2>/dev/null; then
    skip "three agencies work on one case" "python3-aiosmtpd is needed for the mail server"
    done_testing
fi

friday=$(python3 -c '
import datetime
zone = datetime.timezone(datetime.timedelta(hours=7))
soon = datetime.datetime.now(zone) + datetime.timedelta(hours=6)
day = soon + datetime.timedelta(days=(4 - soon.weekday()) % 7)
known = day.replace(hour=22, minute=40, second=0, microsecond=0)
print(int((known if known > soon else known + datetime.timedelta(days=7)).timestamp()))')
# moment DAY HOUR:MINUTE: of Western Indonesia; day 0 is that Friday
moment()
{
    TZ=UTC-7 date -d "$(TZ=UTC-7 date -d "@$friday" +%Y-%m-%d) $2 $1 days" +%Y-%m-%dT%H:%M:%S+07:00
}
# utc DAY HOUR:MINUTE: the same as nodes write it
utc()
{
    date -u -d "$(moment "$1" "$2")" +%Y-%m-%dT%H:%M:%S.000000Z
}
# clocks DAY HOUR:MINUTE: all nodes are there, and go on
clocks()
{
    python3 -c '
import socket, sys
for node in sys.argv[2:]:
    at = socket.socket(socket.AF_UNIX)
    at.settimeout(5)
    at.connect(node + ".sock")
    for line in ("set " + sys.argv[1], "run"):
        at.sendall((line + "\n").encode())
        at.makefile().readline()
' "$(moment "$1" "$2")" kes nas x
}
k()
{
    at kes "$@"
}
# as NAME COMMAND...: at the sector's team, by that user
as()
{
    name=$1
    shift
    code=$(head -n 1 "$name.codes")
    sed -i 1d "$name.codes"
    run k "$@" --person "$name" --person-password password --code "$code"
}
# mails WORD [KIND]: how many mails to that address there are, all or of a kind
mails()
{
    grep -l "^X-Envelope-To:.*$1" mails/*.eml 2>/dev/null | xargs -r grep -l "^X-Kentongan-Kind: ${2:-}" | wc -l
}
# duty RULE: number of the latest of the case
duty()
{
    k duty list --incident 1 | grep "	$1	" | tail -n 1 | cut -f 1
}
# task NODE TITLE: its number there
task()
{
    at "$1" incident show 1 --json | grep -o '"tasks":.*' | grep -o '{"number":[^}]*}' | grep "\"title\":\"$2" | grep -o '"number":"\{0,1\}[0-9]*' | head -n 1 | grep -o '[0-9]*'
}

mkdir mails
mkfifo sink.orders sink.port
/usr/bin/python3 "$KENTONGAN_ROOT/tests/mail/sink.py" mails <sink.orders >sink.port 2>sink.log &
sink=$!
exec 6>sink.orders 5<sink.port
read -r smtp <&5

# ---- Three nodes ----

links_begin kes nas x
node_make kes "Tim Sektor Contoh" --exercise
node_make nas "Tim Nasional Contoh" --exercise
node_make x "RS Contoh X" --exercise
sed -i "s|^#relay =.*|relay = smtp://127.0.0.1:$smtp|; s|^#from =.*|from = siaga@sektor.example|; /^\[mail\]/,/^\[/s/^#rate =.*/rate = 1000/" kes/node.conf
k org add "Polri Contoh" --kind police --sector government --country ID >made
k org state "Polri Contoh" active --reason "memorandum 3" >made
k user add iwan --org "Polri Contoh" --role liaison --password-file password >made
k contact add "Tim Sektor Contoh" "Piket" --mail piket@sektor.example --languages "id en" >made
python3 - <<'MAKE'
with open("organisations.csv", "w") as out:
    out.write("name,kind,sector,country,relation,state\n")
    for i in range(200):
        out.write(f"RS Contoh {i},hospital,health,ID,constituent,active\n")
with open("contacts.csv", "w") as out:
    out.write("organisation,name,mail,languages\n")
    for i in range(200):
        out.write(f"RS Contoh {i},Piket,piket@rs{i}.example,id\n")
MAKE
k org import organisations.csv contacts.csv >made || note "$(cat made)"
for node in kes nas x; do
    serve "$node" --clock "$node.sock"
    codes_of "$node"
done
eval "port=\$port_kes"
python3 "$web/codes.py" "127.0.0.1:$port" "a drum beaten at night" iwan >iwan.codes || note "$(cat iwan.codes)"
shared="incident report note task event impact relationship domain-name"
# shellcheck disable=SC2086 # one word a kind
partners kes "Tim Sektor Contoh" nas "Tim Nasional Contoh" $shared
ok $? "the sector's team and the national team agreed"
# shellcheck disable=SC2086
partners kes "Tim Sektor Contoh" x "RS Contoh X" $shared
ok $? "and the hospital has a node of its own"

# ---- Friday, 22:45: the nurse calls ----

clocks 0 22:45
run k report take --channel phone --name "Suster Ani" --phone "+62 21 555 0142" --mail ani@x.example --org "RS Contoh 7" \
    --subject "Layar merah di semua komputer" --text "Semua berkas terkunci, diminta tebusan." --occurred "$(moment 0 22:15)"
like "$status:$out" "0:*1*" "six fields, and there is a number"
until_like 1 mails ani@x.example
ok $? "and a receipt"
k report open 1 --title "Ransomware di RS Contoh 7" >made
k incident set 1 severity=critical criticality=90 vital=yes personal-data=yes sector=health >made
k incident set 1 "known=$(moment 0 22:40)" >made
until_like 4 sh -c "\"$KENTONGAN\" -c kes duty list | wc -l"
ok $? "four clocks of law run at once"
is "$(k duty list --incident 1 | cut -f 2,3,5 | tr '\t' ' ' | sort)" "running $(utc 1 22:40) id-bssn-national
running $(utc 1 22:40) id-bssn-sector
running $(utc 3 22:40) id-pdp-body
running $(utc 3 22:40) id-pdp-subjects" "sector and national until Saturday 22:40, personal data until Monday 22:40"
like "$(k duty form "$(duty id-pdp-body)" --language id 2>&1)" "*TLP:AMBER*RS Contoh 7*" "with forms filled in as far as it is known"

# ---- Tasks to each ----

k playbook add "$KENTONGAN_ROOT/etc/playbooks/ransomware.json" --class malicious-code/infected-system >made
k playbook approve 1 --reason "read by the team" >made
run k playbook start 1 1
like "$status:$out" "0:playbook 1 is started in incident 1: * tasks" "a playbook is begun as tasks for people"
k incident party 1 support "RS Contoh X" --reason "the hospital's own node" >made
k incident party 1 informed "Tim Nasional Contoh" --reason "national coordination" >made
k incident party 1 liaison "Polri Contoh" --reason "their request" >made
k task add 1 "Isolate the ward" --org "RS Contoh X" --agreed-by "clinical owner" --due "$(moment 1 01:00)" >made
k task add 1 "Help with the image" --due "$(moment 1 06:00)" >made
k task add 1 "Coordinate nationally" --org "Tim Nasional Contoh" --due "$(moment 1 12:00)" >made
k task add 1 "Secure the disk" --org "Polri Contoh" --due "$(moment 1 12:00)" >made
k incident note 1 "The director is on leave" >made
k incident impact 1 procedures-postponed 4 8 --org "RS Contoh X" --basis "ward list" --confidence medium >made
k incident share 1 --reason "they work on it" >made
agreed kes
until_like "1	*	critical	*Ransomware di RS Contoh 7" at nas incident list && until_like "1	*	critical	*" at x incident list
ok $? "the national team and the hospital see the case"
until_like '[1-9]*' task x "Isolate the ward"
run at x task state "$(task x "Isolate the ward")" doing
like "$status:$err" "2:*waits for the word of clinical owner*" "no machine is cut off before its clinical owner agrees"
at x incident share 1 --reason "they help us" >made
agreed x
at nas incident share 1 --reason "we coordinate" >made
agreed nas
at x task agree "$(task x "Isolate the ward")" "dr. Ayu, by telephone" >made
at x task state "$(task x "Isolate the ward")" done --result "Twelve machines." >made
until_like '*"title":"Isolate the ward","result":"Twelve machines."*' k incident show 1 --json
ok $? "the sector's team hears that it is done"
is "$(task nas "Isolate the ward")$(task nas "Secure the disk")$(task x "Coordinate nationally")" "" "each sees its own tasks alone"
is "$(at nas export --as stix 2>/dev/null | grep -c 'director is on leave\|Suster\|555 0142\|ani@')" 0 "and nothing of who called, nor what is ours"

# ---- It came by a supplier ----

k org add "Laboratorium Contoh" --kind supplier --country ID --relation other >made
k org state "Laboratorium Contoh" active --reason "supplies the laboratories" >made
for i in 0 1 2 3 4 5 6 7 8 9 10 11; do
    k org supplies "Laboratorium Contoh" "RS Contoh $i" --what "blood tests" || note "not supplied: $i"
done
is "$(k org customers "Laboratorium Contoh" | wc -l):$(k incident show 1 | grep -c '^customer')" "12:0" "a supplier has twelve customers"
k incident party 1 supplier "Laboratorium Contoh" --reason "the attack came over its link" >made
is "$(k incident show 1 | grep '^customer' | cut -f 3 | sort -V | tr '\n' ' ')" \
    "RS Contoh 0 RS Contoh 1 RS Contoh 2 RS Contoh 3 RS Contoh 4 RS Contoh 5 RS Contoh 6 RS Contoh 8 RS Contoh 9 RS Contoh 10 RS Contoh 11 " \
    "attached to the case, its eleven other customers are listed"

# ---- The sector is alerted ----

printf 'Ransomware menyebar\n\nSeperti di RS Contoh 7: putuskan VPN.\n' >alert.txt
run k incident alert 1 alert.txt --sector health --reason "it spreads"
like "$status:$err" "2:*(template)*" "an alert that names a hospital is refused"
printf 'Ransomware menyebar\n\nPutuskan VPN pemasok; simpan log. Disconnect the VPN of suppliers.\n' >alert.txt
run k incident alert 1 alert.txt --sector health --marking TLP:AMBER --reason "it spreads"
like "$status:$err" "2:*(tlp)*" "and one that is not for all"
k incident alert 1 alert.txt --sector health --reason "it spreads" >made
before=$(date +%s)
agreed kes
until_like 200 mails "piket@rs"
ok $? "two hundred hospitals are told"
is "$(($(date +%s) - before < 60)):$(grep -l "Contoh 7" $(grep -l '^X-Envelope-To:.*piket@rs[0-68-9]' mails/*.eml | head -n 50) | wc -l)" "1:0" "within a minute, and not whose it is"

# ---- Three hours without a link ----

printf "0 cut\n1 cut\n" >&7
k incident impact 1 procedures-postponed 12 20 --basis "ward list" --confidence medium >made
k incident state 1 triaged >made && k incident state 1 open >made
k incident note 1 "The backup is good" --for parties >made
at nas incident note 1 "Two other regions are quiet" --for parties >made
at nas task state "$(task nas "Coordinate nationally")" doing >made
clocks 1 01:45
k incident note 1 "All wards are offline" --for parties --kind event >made
at nas task state "$(task nas "Coordinate nationally")" done --result "All regions asked." >made
is "$(at nas incident list | cut -f 2):$(k incident show 1 | grep -c 'regions')" "new:0" "both go on, and neither hears of the other"
echo "mend" >&7
clocks 1 02:45
until_like "1	open	*" at nas incident list && until_like "*The backup is good*" at nas incident show 1 && until_like "*All wards are offline*" at nas incident show 1
ok $? "then one has what the other did meanwhile"
until_like "*Two other regions are quiet*" k incident show 1 && until_like "*All regions asked.*" k incident show 1
ok $? "and the other, too"
until_like "*procedures-postponed	12	20*" at nas incident show 1
ok $? "with the clinical figures of this hour"

# ---- Clinical figures, every four hours ----

clocks 1 02:46
asked=$(at x task list | grep "Clinical figures")
like "$asked" "[1-9]*	to-do	$(date -u -d "$(moment 1 02:45)" +%Y-%m-%dT%H:%M):*	every 4h" "four hours after the first the hospital's node has them to tell"
at x task state "${asked%%	*}" "done" --result "procedures-postponed 9-15" >made
until_like "*procedures-postponed	9	15*" k incident show 1 && until_like "*procedures-postponed	9	15*" at nas incident show 1
ok $? "what it answers are figures at the sector's team and the national team"
until_like "*	to-do	$(date -u -d "$(moment 1 06:46)" +%Y-%m-%dT%H:%M):*Clinical figures*" at x task list
ok $? "and it is asked for the next, four hours after that"
clocks 1 06:50
k incident impact 1 procedures-postponed 3 --org "RS Contoh X" --basis "by telephone" --confidence medium >made
until_like "*	to-do	$(date -u -d "$(moment 1 10:50)" +%Y-%m-%dT%H:%M):*Clinical figures*" at x task list && until_like '*"result":"procedures-postponed 3"*' at x incident show 1 --json
ok $? "figures by telephone answer, too, and it hears what was noted"

# ---- Reminders, and Monday ----

clocks 1 10:41
until_like 2 mails piket@sektor duty
ok $? "at half of the time our people are reminded by mail"
is "$(mails piket@sektor task)" 1 "and once of the task of ours that was due"
clocks 1 16:41
until_like 4 mails piket@sektor duty
ok $? "at three quarters once more"
clocks 1 20:17
until_like 6 mails piket@sektor duty
ok $? "and at nine tenths"
for rule in id-bssn-sector id-bssn-national; do
    k duty form "$(duty $rule)" >form.txt 2>made
    k duty file "$(duty $rule)" form.txt --reference "$rule-7" >made
done
clocks 3 22:39
run k duty file "$(duty id-pdp-body)" form.txt --reference KOM-771
like "$status:$out" "0:*met*id-pdp-body*" "a minute before its end it is met"
clocks 3 22:41
run k duty file "$(duty id-pdp-subjects)" form.txt --reference SURAT-1 --reason "their addresses were encrypted, too"
like "$status:$out" "0:*late*id-pdp-subjects*" "a minute after it is late"
run k duty file "$(duty id-pdp-subjects)" form.txt --reference SURAT-1 --reason "in time after all"
like "$status:$err" "2:*ended already*" "and neither is edited"
k incident time 1 known "$(moment 0 23:40)" --reason "the log says so" >made
like "$(k incident show 1 --json)" "*\"known\":\"$(utc 0 22:40)\"*" "one person alone does not change when it was known"
agreed kes
like "$(k incident show 1)" "*time	known	$(utc 0 22:40)	$(utc 0 23:40)	*the log says so*" "two do, and both moments stay to be seen"

# ---- The police ----

printf 'the image of a disk\n' >disk.img
k evidence take 1 disk.img --what "Disk of the file server" --place "RS Contoh 7, room 4" --tool "dd 9.1" --basis "order 12" >made
k evidence hand 1 --org "Polri Contoh" --reason "their request 7" --reference "LP/7" >made
agreed kes
as iwan evidence package
like "$status:$out" "0:1	*	Polri Contoh	LP/7	*" "the police see the package of evidence"
as iwan incident show 1
like "$status:$err" "2:*" "and nothing of the case"
as iwan incident list
is "$status:$out" "2:" "nor that there is one"

# ---- The end ----

k incident set 1 assets="patient-records clinical-devices" >made
k incident state 1 contained --reason "nothing spreads" >made && k incident state 1 recovered --reason "all works" >made
k incident close 1 --reason "all is well" >made
agreed kes
until_like "1	closed	*" at nas incident list --all
ok $? "two persons close it, and the others hear of it"
until_like "*	patient-records	*	1	due	*" k risk list
ok $? "what it hit is a risk more likely than before"
is "$(k risk list | wc -l):$(k risk list --csv | grep -c ',1,"')" 2:2 "of which the table names the incident that counts"
run k incident report 1 --as csv
like "$status:$out" "0:*The backup is good*" "its timeline is a table"
run k incident report 1 --as html --language id
like "$status:$out" "0:*TLP:AMBER*RS Contoh 7*" "its account is a page for print"
run k lesson draft 1
like "$status" 0 "and a lesson is drafted"
case $(k lesson show 1 2>&1) in *"RS Contoh 7"*) ok 1 "without whose it was" ;; *) ok 0 "without whose it was" ;; esac
done_testing
