"""Forecasts of other programs on the last windows of each series, to stand beside ours: "OWA (seconds)" on one line.

Of the Python environment of tools/peers.txt, on one thread:
    RECUR=build/release/cli/recur build/peers/bin/python tools/forecast_peers.py METHOD FILE RUN HORIZON WINDOWS [OPTIONS]

METHOD: AutoETS or Theta (statsforecast), LSTM or DeepAR (neuralforecast); each with its defaults but for season and horizon.
FILE: all of the series, the windows too (.tsf, a row per series, or a table). RUN says the season, and RUN/test.json is what
`recur evaluate RUN FILE --backtest WINDOWS --json` wrote: OWA is relative to its naive 2, and its seasonal naive must come
out here as well, which shows that both mean the same windows and metrics. OPTIONS: --value-columns NAME; others are ignored.
"""

import gzip
import json
import os
import subprocess
import sys
import time
import warnings

import numpy as np
import pandas as pd


def opened(path):
    return gzip.open(path, "rt") if path.endswith(".gz") else open(path)


def read(path, column):
    """Series by name, with NaN where a value is missing."""
    number = lambda text: np.nan if text.strip() in ("", "?", "NA") else float(text)
    if path.endswith(".tsf"):
        lines = opened(path).read().split("@data")[1].strip().split("\n")
        return {str(i): np.array([number(v) for v in line.split(":")[-1].split(",")]) for i, line in enumerate(lines)}
    if path.endswith(".gz"):
        rows = [line.strip().split(",") for line in opened(path)]
        return {row[0]: np.array([number(v) for v in row[1:] if v]) for row in rows}
    table = pd.read_csv(path)
    return {"series": table[column or table.columns[1]].to_numpy(float)}


def filled(values):
    """The last known value where one is missing, as the windows of the program are filled."""
    return pd.Series(values).ffill().bfill().to_numpy()


def metrics(series, forecasts, horizon, windows, season):
    """sMAPE in percent and MASE, each the mean over the windows of all series; forecasts: name -> [windows, horizon]."""
    smape, mase = [], []
    for name, values in series.items():
        end = len(values) - horizon * windows
        past = values[:end]
        scale = np.nanmean(np.abs(past[season:] - past[:-season]))
        for w in range(windows):
            actual, said = values[end + w * horizon :][:horizon], forecasts[name][w]
            known = ~np.isnan(actual)
            if not known.any():
                continue
            actual, said = actual[known], said[known]
            total = np.abs(actual) + np.abs(said)
            smape.append(200 * np.mean(np.where(total > 0, np.abs(actual - said) / np.maximum(total, 1e-300), 0)))
            if scale > 0:
                mase.append(np.mean(np.abs(actual - said)) / scale)
    return np.mean(smape), np.mean(mase)


def seasonal_naive(series, horizon, windows, season):
    forecasts = {}
    for name, values in series.items():
        known = filled(values)
        ends = [len(known) - horizon * (windows - w) for w in range(windows)]
        forecasts[name] = [np.array([known[end - season + h % season] for h in range(horizon)]) for end in ends]
    return forecasts


def cross_validated(method, series, horizon, windows, season):
    frame = pd.concat([pd.DataFrame({"unique_id": n, "ds": np.arange(len(v)), "y": filled(v)}) for n, v in series.items()])
    if method in ("AutoETS", "Theta"):
        from statsforecast import StatsForecast
        from statsforecast.models import AutoETS, Theta

        model = StatsForecast([{"AutoETS": AutoETS, "Theta": Theta}[method](season_length=season)], freq=1, n_jobs=1)
        said = model.cross_validation(df=frame, h=horizon, n_windows=windows, step_size=horizon)
    else:
        import torch
        from neuralforecast import NeuralForecast
        from neuralforecast.models import DeepAR, LSTM

        torch.set_num_threads(1)
        quiet = dict(accelerator="cpu", enable_progress_bar=False, enable_model_summary=False, logger=False)
        model = {"LSTM": LSTM, "DeepAR": DeepAR}[method](h=horizon, input_size=-1, random_seed=1, **quiet)
        said = NeuralForecast([model], freq=1).cross_validation(df=frame, n_windows=windows, step_size=horizon)
    column = next(c for c in (f"{method}-median", method) if c in said.columns)
    ordered = said.reset_index().sort_values(["unique_id", "cutoff", "ds"])
    return {name: part[column].to_numpy().reshape(windows, horizon) for name, part in ordered.groupby("unique_id")}


def main():
    warnings.filterwarnings("ignore")
    method, path, run, horizon, windows, *options = sys.argv[1:]
    horizon, windows = int(horizon), int(windows)
    column = options[options.index("--value-columns") + 1] if "--value-columns" in options else None
    told = subprocess.run([os.environ["RECUR"], "inspect", run, "--json"], capture_output=True, text=True, check=True)
    season = json.loads(told.stdout)["options"]["season"]
    evaluation = os.path.join(run, "test.json")
    rows = {row[0]: row for row in json.load(open(evaluation))["methods"]["rows"]}
    series = read(path, column)
    naive = metrics(series, seasonal_naive(series, horizon, windows, season), horizon, windows, season)
    if not np.allclose(naive, rows["seasonal naive"][1:3], rtol=1e-3):
        sys.exit(f"seasonal naive has sMAPE and MASE {naive} here, {rows['seasonal naive'][1:3]} in {evaluation}")
    begun = time.time()
    smape, mase = metrics(series, cross_validated(method, series, horizon, windows, season), horizon, windows, season)
    naive2 = rows["naive 2"]
    print(f"{(smape / naive2[1] + mase / naive2[2]) / 2:.3f} ({time.time() - begun:.0f})")


main()
