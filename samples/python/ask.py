#!/usr/bin/env python3
"""Asks the kept events one question and prints the answer as CSV.

usage: ask.py DATABASE questions/NAME.sql [zone=Asia/Kolkata]
"""

import csv
import pathlib
import sys

import duckdb

path, question, *variables = sys.argv[1:]
with duckdb.connect(path, read_only=True) as database:
    for variable in variables:
        name, value = variable.split("=", 1)
        database.execute(f"SET VARIABLE {name} = $value", {"value": value})
    database.execute(pathlib.Path(question).read_text())
    answer = csv.writer(sys.stdout, lineterminator="\n")
    answer.writerow(column[0] for column in database.description)
    answer.writerows(database.fetchall())
