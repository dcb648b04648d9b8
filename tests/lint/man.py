#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Each command has a man page, and its options there are those of `kentongan help COMMAND`; kentongan(1) has those that
stand before the command."""
import os
import re
import shutil
import subprocess
import sys

import tree

# "  -i, --intel FILE  Read ..." as help prints it, and "*-i*, *--intel* _FILE_" as the pages have it.
HELP_OPTION = re.compile(r"^  (?:-(\w), |    )--([\w-]+)(?: ([A-Z]\S*))?  ", re.M)
PAGE_OPTION = re.compile(r"^(?:\*-(\w)\*, )?\*--([\w-]+)\*(?: _([^_]+)_)?$", re.M)
HELP_COMMAND = re.compile(r"^  ([a-z][\w-]*)  ", re.M)


def run(*command):
    return subprocess.run(command, stdout=subprocess.PIPE, check=True, text=True).stdout


def spelled(option):
    letter, name, argument = option
    return (f"-{letter}, " if letter else "") + f"--{name}" + (f" {argument}" if argument else "")


def compare(page, pages_options, help_options):
    complaints = [f"{page}: {option} is not an option of the program" for option in pages_options - help_options]
    return complaints + [f"{page}: {option} is missing" for option in help_options - pages_options]


def broken(root, page):
    """What scdoc says of a page, where scdoc is installed."""
    if not shutil.which("scdoc"):
        return []
    scdoc = subprocess.run(["scdoc"], input=tree.text(root, page), capture_output=True, check=False, text=True)
    return [] if scdoc.returncode == 0 else [f"{page}: {scdoc.stderr.strip()}"]


def main(root, program):
    complaints = []
    usage = run(program, "help")
    commands = HELP_COMMAND.findall(usage)
    pages = [f"doc/man/kentongan-{command}.1.scd" for command in commands]
    for command, page in zip(commands, pages):
        if not os.path.exists(os.path.join(root, page)):
            complaints.append(f"{page}: is missing")
            continue
        help_options = {spelled(option) for option in HELP_OPTION.findall(run(program, "help", command))}
        page_options = {spelled(option) for option in PAGE_OPTION.findall(tree.text(root, page))}
        complaints += compare(page, page_options, help_options) + broken(root, page)
    first = "doc/man/kentongan.1.scd"
    known = tree.text(root, first)
    complaints += compare(first, {spelled(option) for option in PAGE_OPTION.findall(known)},
                          {spelled(option) for option in HELP_OPTION.findall(usage)})
    complaints += [f"{first}: does not name *kentongan-{command}*(1)" for command in commands
                   if f"*kentongan-{command}*(1)" not in known]
    complaints += [f"{page}: there is no such command" for page in tree.files(root, ".scd", under="doc/man")
                   if page not in pages and page != first]
    complaints += broken(root, first)
    if not commands:
        complaints.append("`kentongan help` lists no commands")
    tree.end(sorted(complaints))


main(sys.argv[1], sys.argv[2])
