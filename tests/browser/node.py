# SPDX-License-Identifier: Apache-2.0
"""A node of its own for a test, served on a free port of 127.0.0.1, with the people that the test wants."""
import json
import os
import re
import subprocess
import tempfile
import urllib.parse


class Node:
    def __init__(self, program):
        self.program = program
        self.home = tempfile.TemporaryDirectory()
        self.folder = os.path.join(self.home.name, "node")
        made = self.run("init", self.folder, "--name", "Melati CERT", "--listen", "127.0.0.1:0", config=False)
        self.configure("mail", "from = jaga@melati.example")  # it waits: there is no relay
        self.set_up = urllib.parse.urlsplit(re.search(r"^set-up +(\S+)", made, re.M).group(1)).path
        self.log = open(os.path.join(self.home.name, "log"), "wb")
        self.server = subprocess.Popen([program, "-c", self.folder, "serve"], stdout=subprocess.PIPE, stderr=self.log)
        first = self.server.stdout.readline().decode()
        self.address = re.match(r"listening on (\S+)", first).group(1)

    def run(self, *arguments, config=True):
        command = [self.program, *(["-c", self.folder] if config else []), *arguments]
        return subprocess.run(command, check=True, capture_output=True, text=True, timeout=60).stdout

    def configure(self, section, line):
        path = os.path.join(self.folder, "node.conf")
        with open(path, encoding="utf-8") as config:
            text = config.read()
        with open(path, "w", encoding="utf-8") as config:
            config.write(text.replace(f"[{section}]\n", f"[{section}]\n{line}\n", 1))

    def write(self, name, text):
        path = os.path.join(self.home.name, name)
        with open(path, "w", encoding="utf-8") as file:
            file.write(text)
        return path

    def invite(self, name, *roles, organisation=None):
        """Adds somebody; the path of the link by which they choose a password."""
        options = [word for role in roles for word in ("--role", role)]
        options += ["--organisation", organisation] if organisation else []
        added = json.loads(self.run("user", "add", name, *options, "--json"))
        return urllib.parse.urlsplit(added["link"]).path

    def stop(self):
        """How it ended, and the last that it said if that was not when it was told to."""
        early = self.server.poll()
        self.server.terminate()
        status = self.server.wait(20)
        self.log.close()
        if early is not None or status != 0:
            with open(self.log.name, encoding="utf-8", errors="replace") as log:
                print("".join(f"# {line}" for line in log.readlines()[-10:]), end="")
            return status or 1
        self.home.cleanup()
        return status
