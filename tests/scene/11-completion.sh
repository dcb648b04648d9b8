#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# The Tab key knows the commands and their options. Scripts come from the program, so they cannot fall behind it.
. "${0%/*}/tap.sh"

for shell in bash zsh fish; do
    run "$KENTONGAN" completion $shell
    is "$status" 0 "there is completion for $shell"
    like "$out" "*simulate*" "the commands are in it"
    like "$out" "*intel*" "the options are in it"
    printf '%s\n' "$out" >completion.$shell
    if command -v $shell >/dev/null; then
        run $shell -n completion.$shell
        is "$err" "" "$shell can read it"
    else
        skip "$shell can read it" "$shell is not installed"
    fi
done

# Completes the last word of a command line in bash.
complete_line()
{
    COMP_WORDS=("$@")
    COMP_CWORD=$(($# - 1))
    _kentongan
}
. ./completion.bash

complete_line kentongan mat
is "${COMPREPLY[*]}" "match" "the beginning of a command is completed"
complete_line kentongan help sim
is "${COMPREPLY[*]}" "simulate" "behind help as well"
complete_line kentongan match --int
is "${COMPREPLY[*]}" "--intel" "the beginning of an option is completed"
complete_line kentongan -c node.conf mat
is "${COMPREPLY[*]}" "match" "a node before the command is passed over"
complete_line kentongan -c node.conf match --int
is "${COMPREPLY[*]}" "--intel" "for the options as well"
complete_line kentongan --conf
is "${COMPREPLY[*]}" "--config" "what may stand before the command is completed"
complete_line kentongan -c no
is "${COMPREPLY[*]}" "" "the node's name is left to the shell"
complete_line kentongan match file
is "${COMPREPLY[*]}" "" "file names are left to the shell"

run "$KENTONGAN" completion
is "$status" 2 "a shell has to be named"
run "$KENTONGAN" completion tcsh
is "$err" "kentongan completion: no such shell: tcsh (bash, zsh and fish are known)" "an unknown shell is named"

done_testing
