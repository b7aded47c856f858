"""The tables of docs/zoo.md, from the CSV file of `rates`."""

import csv
import pathlib

BEGIN, END = "<!-- python zoo/run.py page -->\n", "<!-- end -->"


def renew(page, rates):
    """Writes the tables between the markers of the page."""
    page = pathlib.Path(page)
    before, rest = page.read_text().split(BEGIN)
    _, after = rest.split(END, 1)
    with open(rates, newline="") as file:
        rows = list(csv.DictReader(file))
    page.write_text(before + BEGIN + tables(rows) + END + after)


def tables(rows):
    """Totals, then healthy models, then faults."""
    healthy = [row for row in rows if not row["fault"]]
    planted = [row for row in rows if row["fault"] and row["misses"]]
    alike = [row for row in rows if row["fault"] and not row["misses"]]
    return "\n".join([_totals(healthy + alike, planted), "", _healthy(healthy, alike), "", _faults(planted), ""])


def _totals(healthy, planted):
    count = lambda rows, column: sum(int(row[column]) for row in rows)
    kinds = [
        ("misses", "missed"),
        ("wrong first verdict", "with another first verdict"),
        ("wrong location", "at a wrong place"),
    ]
    found = ", ".join(f"{count(planted, column)} {text}" for column, text in kinds)
    return (
        f"Healthy: {count(healthy, 'seeds')} recordings, {count(healthy, 'false alarms')} false alarms. Faults: "
        f"{len(planted)} at {count(planted, 'seeds')} seeds together, of which {found}. Advice was followed "
        f"{count(planted, 'advised')} times, and failed or made the network worse {count(planted, 'worse')} times."
    )


def _healthy(healthy, alike):
    """False alarms of seeds, by model and pass."""
    by_model = {}
    for row in healthy:
        by_model.setdefault(row["model"], {})[row["pass"]] = f"{row['false alarms']} of {row['seeds']}"
    lines = ["| healthy model | train | eval | train, bf16 |", "|---|---|---|---|"]
    passes = ("train", "eval", "train bf16")
    lines += [f"| {model} | {' | '.join(cells.get(p, '') for p in passes)} |" for model, cells in by_model.items()]
    lines += [f"| {row['model']}: {row['fault']} | {row['false alarms']} of {row['seeds']} | | |" for row in alike]
    return "\n".join(lines)


def _faults(planted):
    heads = "fault|model|seeds|missed|other first|wrong place|loss|trained|trained, healthy|findings|worse"
    lines = [f"|{heads}|", "|" + "---|" * 11]
    for row in planted:
        change = lambda before: (
            f"{row[before]} → {row[before + ' advised']}" if row[before + " advised"] else row[before]
        )
        cells = [row[c] for c in ("fault", "model", "seeds", "misses", "wrong first verdict", "wrong location")]
        cells += [change("loss"), change("trained"), row["trained healthy"], change("findings"), row["worse"]]
        lines.append(f"| {' | '.join(cells)} |")
    return "\n".join(lines)
