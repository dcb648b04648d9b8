#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""codes.py HOST:PORT PASSWORD NAME: signs in, sets up a second factor, and prints its recovery codes, one a line: for
scenes in which a person has to be known for sure on the command line."""
import json
import sys

import forms


class Person(forms.Browser):
    def ask(self, method, target, body=b"", kind="application/x-www-form-urlencoded", accept="text/html"):
        confirms = target == "/account/second-factor/confirm"
        answer = super().ask(method, target, body, kind, "application/json" if confirms else accept)
        if confirms and answer[0] == 200:
            print("\n".join(json.loads(answer[2])["codes"]["list"]))
        return answer


Person(sys.argv[1]).sign_in(sys.argv[3], sys.argv[2])
