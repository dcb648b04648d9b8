#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Whether the time of an answer tells what is denied from what does not exist.

stopwatch.py ask HOST:PORT TOKEN-FILE COLLECTION FORBIDDEN-FILE TRIES SEED
    asks, in an order drawn anew each time, for a forbidden id and for two that do not exist, and says how long each
    took, in nanoseconds: denied, missing, missing
stopwatch.py forget FOLDER
    has the system forget what it holds of the files there
stopwatch.py compare NAME FILE
    the median difference of denied and missing with its 99 % bootstrap interval, beside that of missing and missing (an
    A/A run), whose farther end is the margin; status 1 if the first interval lies beyond the margin. Beside it, for both,
    the p of Wilcoxon's signed ranks: how often differences as one-sided come about where both are alike
"""
import http.client
import math
import os
import random
import sys
import time

RESAMPLES = 10000
FORMS = ["objects/%s/", "objects/?match[id]=%s", "objects/%s/versions/", "manifest/?match[id]=%s"]


def beside(forbidden, step):
    """An id of nothing, from the same place among all ids."""
    return f"{forbidden[:-4]}{int(forbidden[-4:]) + step:04d}"


def ask(where, token, box, forbidden, tries, seed):
    with open(token, encoding="ascii") as file:
        heads = {"Authorization": "Bearer " + file.read().strip(), "Accept": "application/taxii+json;version=2.1"}
    with open(forbidden, encoding="ascii") as file:
        ids = file.read().split()
    draw = random.Random(int(seed))
    connection = http.client.HTTPConnection(where, timeout=20)
    connection.connect()
    draw.shuffle(ids)
    for n in range(int(tries)):
        one = ids[n % len(ids)]
        form = draw.choice(FORMS)
        took = {}
        for step in draw.sample((0, 100, 200), 3):
            target = f"/taxii2/main/collections/{box}/" + form.replace("%s", beside(one, step))
            began = time.perf_counter_ns()
            connection.request("GET", target, headers=heads)
            connection.getresponse().read()
            took[step] = time.perf_counter_ns() - began
        print(took[0], took[100], took[200])


def forget(folder):
    for path, _, names in os.walk(folder):
        for name in names:
            if not os.path.isfile(os.path.join(path, name)):
                continue
            with open(os.path.join(path, name), "rb") as file:
                os.fsync(file.fileno())
                os.posix_fadvise(file.fileno(), 0, 0, os.POSIX_FADV_DONTNEED)


def interval(values):
    """Median and 99 % interval in microseconds. The median of a resample of n sorted values is the one at n times the
    middle order statistic of n uniform numbers, which is distributed as a beta: no resample has to be drawn."""
    values = sorted(values)
    count = len(values)
    middle = (count + 1) // 2
    medians = sorted(values[int(count * random.betavariate(middle, count + 1 - middle))] for _ in range(RESAMPLES))
    ends = medians[RESAMPLES // 200], medians[RESAMPLES - 1 - RESAMPLES // 200]
    return [value / 1000 for value in (values[count // 2], *ends)]


def signed_ranks(values):
    """The sum of signed ranks of n differences is normal about 0 with the sum of the squared ranks, from a dozen on."""
    ranked = sorted((value for value in values if value != 0), key=abs)
    total = sum(rank if value > 0 else -rank for rank, value in enumerate(ranked, 1))
    spread = math.sqrt(sum(rank * rank for rank in range(1, len(ranked) + 1)))
    return math.erfc(abs(total) / spread / math.sqrt(2)) if ranked else 1.0


def compare(name, path):
    with open(path, encoding="ascii") as file:
        rows = [[int(word) for word in line.split()] for line in file]
    differences = [one - two for one, two, _ in rows], [three - two for _, two, three in rows]
    denied, missing = (interval(values) for values in differences)
    margin = max(abs(missing[1]), abs(missing[2]))
    apart = denied[1] > margin or denied[2] < -margin
    print(f"{name}: {len(rows)} tries of about {sorted(row[1] for row in rows)[len(rows) // 2] / 1000:.0f} us; "
        f"denied - missing {denied[0]:+.2f} us [{denied[1]:+.2f}, {denied[2]:+.2f}], "
        f"missing - missing {missing[0]:+.2f} us [{missing[1]:+.2f}, {missing[2]:+.2f}], "
        f"p {signed_ranks(differences[0]):.2f} beside {signed_ranks(differences[1]):.2f}: "
        f"{'told apart' if apart else 'not told apart'}")
    return 1 if apart else 0


if __name__ == "__main__":
    sys.exit({"ask": ask, "forget": forget, "compare": compare}[sys.argv[1]](*sys.argv[2:]))
