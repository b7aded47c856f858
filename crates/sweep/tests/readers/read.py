"""Reads a sweep's table with pandas, polars and DuckDB, as CSV and as Parquet: `python read.py PROGRAM`.

PROGRAM is step-zero with the feature `parquet`. All six must have the same columns, types and values, NaN and infinity among
them, and those that the CSV file has as text.
"""

import csv
import math
import subprocess
import sys
import tempfile
from pathlib import Path

import duckdb
import pandas
import polars

PLAN = """
version = 1
measure = ["loss@3", "Layer 2: post std", "xi_c", "gradient_growth"]
[axes]
scheme = ["kaiming_normal(fan_in, 1)", "orthogonal"]
depth = [1, 2]
gain = [0.5, 1.0, 3.0]
activation = ["identity", "tanh"]
[fixed]
width = 8
[train]
sgd = 0.1
steps = 3
"""


def plain(value):
    """A value whose NaNs are equal."""
    return "NaN" if isinstance(value, float) and math.isnan(value) else value


def rows(columns, records):
    return [tuple(columns)] + [tuple(plain(value) for value in record) for record in records]


def read(folder):
    """Every reader's table, as a header and rows of plain values."""
    table = str(folder / "table")
    frame = pandas.read_csv(f"{table}.csv", keep_default_na=False, na_values=["NaN"])
    yield "pandas, CSV", rows(frame.columns, frame.itertuples(index=False, name=None))
    frame = pandas.read_parquet(f"{table}.parquet")
    yield "pandas, Parquet", rows(frame.columns, frame.itertuples(index=False, name=None))
    frame = polars.read_csv(f"{table}.csv")
    yield "polars, CSV", rows(frame.columns, frame.iter_rows())
    frame = polars.read_parquet(f"{table}.parquet")
    yield "polars, Parquet", rows(frame.columns, frame.iter_rows())
    for ending in ["csv", "parquet"]:
        query = duckdb.sql(f"select * from '{table}.{ending}'")
        yield f"DuckDB, {ending}", rows(query.columns, query.fetchall())


def main(program):
    with tempfile.TemporaryDirectory() as directory:
        folder = Path(directory)
        (folder / "plan.toml").write_text(PLAN)
        subprocess.run([program, "sweep", folder / "plan.toml", "--out", folder / "out"], check=True)
        with open(folder / "out" / "table.csv", newline="") as file:
            header, *records = csv.reader(file)
        kinds = [str, int, float, str, float, float, float, float]
        expected = rows(header, [[kind(text) for kind, text in zip(kinds, record)] for record in records])
        assert len(expected) == 1 + 24 and header[0] == "scheme" and expected[1][0] == "kaiming_normal(fan_in, 1)"
        numbers = [value for row in expected[1:] for value in row[4:]]
        assert "NaN" in numbers and any(value == math.inf for value in numbers), "both are in the table"
        for name, table in read(folder / "out"):
            assert table == expected, f"{name}: {[pair for pair in zip(table, expected) if pair[0] != pair[1]][:3]}"
            kinds_there = [type(value) for value in table[1]]
            assert kinds_there[:4] == [str, int, float, str], f"{name}: {kinds_there}"
            print(f"{name}: {len(table) - 1} rows of {len(header)} columns")
        # A checker that must reject: one digit less.
        spoilt = [expected[0]] + [row[:4] + (float(f"{row[4]:.6g}"),) + row[5:] for row in expected[1:]]
        assert spoilt != expected


if __name__ == "__main__":
    main(sys.argv[1])
