"""Series of several channels as sets of one each: OUT/NAME-CHANNEL.ts of each .ts or .ts.xz file.

    python3 adapt_series.py OUT FILE...
"""

import lzma
import os
import sys

out, *files = sys.argv[1:]
for path in files:
    with lzma.open(path, "rt") if path.endswith(".xz") else open(path) as opened:
        lines = [line.strip() for line in opened]
    begin = lines.index("@data")
    rows = [line.split(":") for line in lines[begin + 1 :] if line]
    labels = next(line for line in lines[:begin] if line.lower().startswith("@classlabel"))
    name = os.path.basename(path).split(".")[0]
    for channel in range(len(rows[0]) - 1):
        with open(os.path.join(out, f"{name}-{channel + 1}.ts"), "w") as file:
            file.write(f"@problemName {name}\n@timeStamps false\n@univariate true\n{labels}\n@data\n")
            file.writelines(f"{row[channel]}:{row[-1]}\n" for row in rows)
