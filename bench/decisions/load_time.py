#!/usr/bin/python3
"""Time of commands from exec to exit, run in turn.   usage: load_time.py RUNS COMMAND...  (quote each)

Medians of wall time and of processor time (user + system), which other work on the machine disturbs less.
"""
import os
import shlex
import statistics
import sys
import time

commands = [shlex.split(c) for c in sys.argv[2:]]
wall, cpu = [[] for _ in commands], [[] for _ in commands]
for run in range(int(sys.argv[1]) + 1):
    for i, command in enumerate(commands):
        start = time.perf_counter()
        _, status, usage = os.wait4(os.posix_spawnp(command[0], command, os.environ), 0)
        if os.waitstatus_to_exitcode(status) != 0:
            sys.exit("failed: " + " ".join(command))
        if run > 0:  # the first fills the page cache
            wall[i].append(time.perf_counter() - start)
            cpu[i].append(usage.ru_utime + usage.ru_stime)
for command, w, c in zip(commands, wall, cpu):
    print("%8.2f ms wall (least %.2f), %8.2f ms processor  %s" %
          (statistics.median(w) * 1e3, min(w) * 1e3, statistics.median(c) * 1e3, " ".join(command)))
