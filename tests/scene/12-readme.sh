#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# What the README tells a newcomer to type works as it stands there: the simulated network, and the first node on it.
. "${0%/*}/tap.sh"

mkdir build
ln -s "$KENTONGAN" build/kentongan

# typed HEADING: the commands below it
typed()
{
    awk -v heading="## $1" '/^## / { on = $0 == heading } /^```/ { code = $0 == "```sh" && !code } on && code && /^build\/kentongan/' \
        "$KENTONGAN_ROOT/README.md"
}

# From there on the names of files stand for the reader's own.
typed "Five minutes to a first match" | sed '/mine\|feed/,$d' >first
typed "Five minutes to a first node" >>first
is "$(wc -l <first)" 12 "the README has the commands"
while read -r command; do
    run sh -c "$command"
    is "$status" 0 "$command" || note "$out$err"
    case $command in
    *' init '*) like "$out" "*/set-up/*" "it prints a link" ;;
    *' search '*) like "$out" "indicator--c7df442f-9a38-5a1d-a2e4-33372e17156f	*" "it finds the indicator that is judged later" ;;
    *' match -i'*) hits=$(printf '%s\n' "$out" | wc -l) ;;
    *' match '*) is "$(printf '%s\n' "$out" | wc -l)" "$hits" "a node finds what a list finds" ;;
    esac
done <first

done_testing
