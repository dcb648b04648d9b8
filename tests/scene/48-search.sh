#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# What does the node know of this? And our own word on what others said.
. "${0%/*}/tap.sh"

kt()
{
    run "$KENTONGAN" -c node "$@"
}

"$KENTONGAN" init node --name "Melati CERT" ${KENTONGAN_POSTGRES:+--database "$KENTONGAN_POSTGRES"} >made || exit 2
cat >bundle.json <<'END'
{"type":"bundle","id":"bundle--6b616c61-0000-4000-8000-000000000000","objects":[
{"type":"malware","spec_version":"2.1","id":"malware--6b616c61-0000-4000-8000-000000000001","created":"2026-01-01T00:00:00.000Z","modified":"2026-01-01T00:00:00.000Z","is_family":true,"name":"Kenanga","aliases":["Ylang"],"description":"A loader that asks node7.evil.example for more."},
{"type":"indicator","spec_version":"2.1","id":"indicator--6b616c61-0000-4000-8000-000000000002","created":"2026-01-01T00:00:00.000Z","modified":"2026-01-01T00:00:00.000Z","name":"Its server","labels":["loader-c2"],"pattern":"[domain-name:value = 'node7.evil.example'] OR [ipv4-addr:value = '198.51.100.7']","pattern_type":"stix","valid_from":"2026-01-01T00:00:00Z"}]}
END
indicator=indicator--6b616c61-0000-4000-8000-000000000002
malware=malware--6b616c61-0000-4000-8000-000000000001
kt import --source peer bundle.json
is "$status" 0 "there is something to be found"

# finds WORDS... : IDS
finds()
{
    expected=$1
    shift
    kt search "$@"
    is "$(printf '%s\n' "$out" | cut -f 1 | sort | tr '\n' ' ')" "$expected " "search $*"
}
both=$(printf '%s\n' "$indicator" "$malware" | sort | tr '\n' ' ')
finds "$malware" kenanga
finds "$malware" YLANG
finds "$malware" loader asks
finds "$malware" '"asks node7.evil.example"'
finds "" '"node7.evil.example asks"'
finds "$indicator" 198.51.100.7
finds "" 198.51.100
finds "$indicator" loader-c2
finds "${both% }" node7.evil.example
finds "${both% }" 'node7[.]evil[.]example'
finds "${both% }" evil.example
finds "$malware" 'kenan*'
finds "$indicator" "$indicator"
finds "${both% }" evil.example --limit 10
finds "$malware" evil.example --type malware
kt search --json kenanga
like "$status:$out" "0:{\"id\":\"$malware\",\"source\":\"peer\",\"arrived\":\"*Z\",\"revoked\":false,\"judged\":\[\],\"object\":{\"type\":\"malware\",*" "JSON has the object"
kt search nothing-of-the-kind
is "$status:$out:$err" "1::" "nothing found is 1"
kt search
is "$status" 2 "no word is an error"
kt search '*'
is "$status" 2 "nor is an asterisk one"
for hostile in "' OR 1=1 --" '") OR name:*' '<script>alert(1)</script>' 'NEAR(evil example)' '{}()^:-"'; do
    kt search "$hostile"
    [ "$status" -eq 1 ] || { [ "$status" -eq 2 ] && [ -n "$err" ]; }
    ok $? "syntax of others is text: $hostile"
done

# ---- Our own word ----

kt indicator false-positive $indicator
is "$status:$err" "2:kentongan indicator: why? --reason says it to whoever asks later" "a judgement wants a reason"
kt indicator false-positive $indicator --reason "our own scanner"
is "$status:$out" "0:$indicator: false positive (of 1 source)" "what is harmless is judged so"
kt search 198.51.100.7
is "$out" "$indicator	peer	Its server	false-positive" "search shows it"
kt export --as csv
is "$status:$err" "1:left out: 1 x object malware
left out: 1 x false positive, as we hold" "and it is not given out"
kt indicator false-positive $indicator --reason "once more"
is "$status:$err" "2:kentongan indicator: it is held to be so already" "twice is once"
kt indicator false-positive $indicator --undo --reason "it was not our scanner"
is "$status:$out" "0:$indicator: no longer held to be a false positive (of 1 source)" "it is taken back"
kt export --as csv
like "$out" "*198.51.100.7,$indicator*" "and given out again"
kt indicator expire $indicator --at 2026-06-01T00:00:00Z --reason "gone since June"
is "$status" 0 "it expires"
kt export --as nft
is "$status" 1 "and is not blocked any more"
kt search 198.51.100.7
is "$out" "$indicator	peer	Its server	expired" "search shows that, too"
kt indicator expire $indicator --undo --reason "back"
kt indicator expire $indicator --at 2999-01-01T00:00:00Z --reason "rented until then"
is "$status:$out" "0:$indicator: will expire (of 1 source)" "it may lie ahead"
kt search 198.51.100.7
is "$out" "$indicator	peer	Its server	expires 2999-01-01T00:00:00.000000Z" "which search does not show as if it were so"
kt search 198.51.100.7 --json
like "$out" '*"judged":\["expired"\],"expires":"2999-01-01T00:00:00.000000Z","object":*' "nor as JSON"
kt export --as csv
like "$out" "*198.51.100.7,$indicator*" "until then it is given out"
kt indicator expire $indicator --undo --reason "back"
kt indicator revoke $indicator --reason "wrong from the beginning"
is "$status:$out" "0:$indicator: withdrawn here (of 1 source)" "what others said is withdrawn here"
kt indicator revoke $indicator --undo --reason "right after all"
is "$status:$out" "0:$indicator: no longer withdrawn (of 1 source)" "and is not any more"
kt indicator tag $indicator melati-wave
is "$status:$out" "0:$indicator: tagged (of 1 source)" "it gets a tag"
kt indicator show $indicator
like "$out" '{"id":"indicator--*","source":"peer",*"newest":true,"revoked":false,"tags":\["melati-wave"\]}
*"judged":"false-positive",*"reason":"our own scanner","undone":"*","undone_by":"local/*","undone_reason":"it was not our scanner"*' "all of that is kept"
kt indicator tag $indicator melati-wave --undo
is "$status:$out" "0:$indicator: tag removed (of 1 source)" "the tag goes again"
kt indicator expire indicator--00000000-0000-4000-8000-000000000000 --reason x
is "$status:$err" "2:kentongan indicator: indicator--00000000-0000-4000-8000-000000000000: no source has it" "what nobody said cannot be judged"

done_testing
