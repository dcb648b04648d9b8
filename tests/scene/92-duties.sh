#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# Clocks of law, in simulated time: a hospital is hit on Friday evening before a long holiday. Its clocks begin at once and
# run in real hours; our people are reminded by mail; a minute before its end a report is met, a minute after it late, and
# neither is edited; when it was known is changed by two persons, and both clocks stay to be seen; an organisation's own
# rules stand in the place of ours, and a broken one is refused with its place.
. "${0%/*}/node.sh"
needs "clocks of law run" aiosmtpd

# clocks INCIDENT: state, until when and rule of each
clocks()
{
    k duty list --incident "$1" | cut -f 2,3,5 | tr '\t' ' '
}
running()
{
    k duty list | wc -l
}
# duty RULE: number of the latest of incident 1
duty()
{
    k duty list --incident 1 | grep "	$1	" | tail -n 1 | cut -f 1
}

sink_begin
node_init "Tim Contoh" --exercise
sets node relay=smtp://127.0.0.1:$smtp from=siaga@cert.example
k user add wati --role coordinator --password-file password >made || exit 2
k contact add "Tim Contoh" "Piket" --mail piket@cert.example --languages "id en" >made
k org add "RS Melati" --kind hospital --sector health --country ID >made
k org state "RS Melati" active --reason "agreement 12" >made
node_begin --clock clock.sock
enrol wati

# ---- Friday evening ----

clock "set 2026-11-20T22:45:00+07:00"
k incident open "Ransomware di RS Melati" --class malicious-code/infected-system --severity critical \
    --criticality 90 --vital --personal-data >made
k incident party 1 victim "RS Melati" --reason "they called" >made
is "$(running)" 0 "no clock runs before it is told when it was known"
k incident set 1 known=2026-11-20T22:40:00+07:00 >made
until_like 4 running
ok $? "then four run at once"
is "$(clocks 1 | sort)" "running 2026-11-21T15:40:00.000000Z id-bssn-national
running 2026-11-21T15:40:00.000000Z id-bssn-sector
running 2026-11-23T15:40:00.000000Z id-pdp-body
running 2026-11-23T15:40:00.000000Z id-pdp-subjects" "sector and national until Saturday 22:40, personal data until Monday 22:40"
run k duty form "$(duty id-pdp-body)" --language id
like "$out:$err" "*Memberi tahu lembaga pelindungan data pribadi*TLP:AMBER*RS Melati*harus diisi*:*fields are to be filled in*" "a form is filled in as far as it is known"
like "$(k duty form "$(duty id-pdp-body)" --json)" '*"name":"data","heading":"Data concerned","text":"","blank":true*' "and the same as JSON"

# ---- Reminders ----

clock "set 2026-11-21T10:40:00+07:00"
until_like 2 mails
ok $? "at half of the time our people are reminded by mail"
like "$(/usr/bin/python3 -c '
import email, email.policy, sys
mail = email.message_from_binary_file(open("mails/0001.eml", "rb"), policy=email.policy.default)
print(mail["X-Envelope-To"], mail["Subject"])
print(mail.get_body(("plain",)).get_content())')" "*piket@cert.example*TLP:AMBER*RS Melati*50 %*21*22:40*" "with what, who, whom and until when"
clock "set 2026-11-21T16:40:00+07:00"
until_like 4 mails
ok $? "at three quarters once more"
clock "set 2026-11-21T20:16:00+07:00"
until_like 6 mails
ok $? "and at nine tenths"

# ---- Filing ----

k duty form "$(duty id-bssn-sector)" >form.txt 2>made
run k duty file "$(duty id-bssn-sector)" form.txt --reference SEK-7
like "$status:$out" "0:*met*id-bssn-sector*" "what is filed in time is met"
clock "set 2026-11-23T22:39:00+07:00"
run k duty file "$(duty id-pdp-body)" form.txt --reference KOM-771
like "$status:$out" "0:*met*id-pdp-body*" "a minute before its end, too"
clock "set 2026-11-23T22:41:00+07:00"
run k duty file "$(duty id-pdp-subjects)" form.txt --reference SURAT-1
like "$status:$err" "2:*it is late: say why*" "a minute after it is late, and wants a reason"
run k duty file "$(duty id-pdp-subjects)" form.txt --reference SURAT-1 --reason "their addresses were encrypted, too"
like "$status:$out" "0:*late*id-pdp-subjects*" "and stays late"
run k duty file "$(duty id-pdp-subjects)" form.txt --reference SURAT-1 --reason "in time after all"
like "$status:$err" "2:*ended already: it stays as it is*" "nobody edits what is late"
run k duty file "$(duty id-pdp-body)" form.txt --reference KOM-772
like "$status:$err" "2:*ended already*" "nor what is met"
like "$(k duty show "$(duty id-pdp-subjects)")" "*late*SURAT-1*their addresses were encrypted*duty id-pdp-subjects*filed*RS Melati*" "the reason, the rule and what was filed stay to be seen"

k duty show "$(duty id-pdp-body)" -o filed.txt
cmp filed.txt form.txt
ok $? "byte for byte"

# ---- Another moment ----

k incident time 1 known 2026-11-20T23:40:00+07:00 --reason "the log says so" >made
like "$(clocks 1 | sort)" "*overdue 2026-11-21T15:40*id-bssn-national*" "one person alone moves no clock"
second node codes.wati wati
until_like 5 sh -c '"$KENTONGAN" -c node duty list --incident 1 | wc -l'
ok $? "two do"
is "$(clocks 1 | sort | grep national)" "overdue 2026-11-21T16:40:00.000000Z id-bssn-national
replaced 2026-11-21T15:40:00.000000Z id-bssn-national" "and both stay to be seen"
k duty waive "$(duty id-bssn-national)" --reason "told by telephone, the team says" >made
like "$(clocks 1)" "*overdue*id-bssn-national*" "one person does not waive"
second node codes.wati wati
like "$(clocks 1)" "*waived*id-bssn-national*" "two do that, too"
like "$(k incident show 1)" "*incident.time*" "the incident tells of it"

# ---- Rules of one's own ----

node_end
mkdir node/duties
cat >node/duties/own.conf <<'RULES'
[file]
version = 2026-12
source = an agreement with the ministry

[duty id-bssn-national]
title = Tell the national team
source = agreement
seen = 2026-11-20
from = 2024-01-01
countries = id
vital = yes
start = known
hours = 6
recipient = the national team
content = reporter
RULES
like "$(k duty rules)" "id-bssn-national	in force	6 h	known	the national team*" "a rule of one's own stands before the shipped one"
is "$(k duty rules | grep -c id-bssn-national)" 1 "and in its place"
sed -i 's/^hours = 6/hours = six/' node/duties/own.conf
run k duty rules
like "$status:$err" "2:*own.conf:13:9: hours: a whole number*" "a broken one is refused with its place"
run timeout 20 "$KENTONGAN" -c node serve --clock clock.sock
like "$status:$err" "2:*own.conf:13:9:*" "and the node is not served with it"
done_testing
