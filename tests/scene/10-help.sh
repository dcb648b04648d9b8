#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# Someone meets the program for the first time, and mistypes.
. "${0%/*}/tap.sh"

run "$KENTONGAN" help
is "$status" 0 "help succeeds"
like "$out" "Usage: kentongan \[-c CONF\] COMMAND*" "help begins with the usage"
like "$out" "*
  match *" "help lists the commands"
is "$err" "" "help that was asked for is not an error"
commands=$out

run "$KENTONGAN" --help
is "$out" "$commands" "--help is the same"

run "$KENTONGAN"
is "$out" "$commands" "no command at all is the same"

run "$KENTONGAN" help match
is "$status" 0 "help for a command succeeds"
like "$out" "Usage: kentongan match *" "it begins with the command's usage"
like "$out" "*
  -i, --intel FILE *" "it lists the options"

for command in $(printf '%s\n' "$commands" | sed -n 's/^  \([a-z][a-z]*\)  .*/\1/p'); do
    run "$KENTONGAN" help "$command"
    like "$out" "Usage: kentongan $command*" "there is help for $command"
done

run "$KENTONGAN" help macth
is "$status" 2 "help for an unknown command is an error"
is "$err" "kentongan help: no such command: macth" "which names it"

run "$KENTONGAN" version
is "$status" 0 "version succeeds"
like "$out" "kentongan [0-9]*.[0-9]*.[0-9]*" "version says name and number"
version=$out

run "$KENTONGAN" --version
is "$out" "$version" "--version is the same"

run "$KENTONGAN" -c node.conf version
is "$status" 2 "a node for a command that needs none is an error"
is "$err" "kentongan version: it needs no node: leave --config out" "which says so"

run "$KENTONGAN" -x version
is "$status" 2 "an unknown option before the command is an error"
is "$err" "kentongan: -x is no option; see \`kentongan help\`" "which names it"

run "$KENTONGAN" --config
is "$err" "kentongan: --config wants a value; see \`kentongan help\`" "an option before the command wants its value"

run "$KENTONGAN" macth
is "$status" 2 "an unknown command is an error"
like "$err" "*macth*" "the message names it"
is "$out" "" "nothing is written to standard output"

run "$KENTONGAN" match --intell list.txt
is "$status" 2 "an unknown option is an error"
like "$err" "kentongan match: *--intell*" "the message names command and option"

run "$KENTONGAN" match --intel
is "$status" 2 "an option without its argument is an error"
like "$err" "kentongan match: *--intel*" "the message names command and option"

run "$KENTONGAN" match --help
is "$status:$out" "0:$("$KENTONGAN" help match)" "the habit of other programs works, too"

if [ -w /dev/full ]; then
    run sh -c '"$KENTONGAN" help >/dev/full'
    is "$status" 2 "output that cannot be written is an error"
    like "$err" "kentongan help: *No space left on device*" "which says why"
else
    skip "output that cannot be written is an error" "there is no /dev/full"
fi

done_testing
