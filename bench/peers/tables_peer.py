"""Opens runs and their exports as other programs do. One JSON request a line on stdin, one answer a line on stdout."""

import json
import sqlite3
import sys
import time


def parquet(request):
    """What pandas and DuckDB make of the same file."""
    import duckdb
    import pandas

    file = request["file"]
    frame = pandas.read_parquet(file)
    scored = frame[frame.status == "scored"]
    by_pandas = {
        "rows": len(frame),
        "tokens": int(frame.tokens.map(len).sum()),
        "curve": int(frame.curve.dropna().map(len).sum()),
        "attempts": int(frame.attempts.dropna().map(len).sum()),
        "lastStart": int(scored.attempts.map(lambda each: each[-1]["start"]).sum()),
        "seeds": int(frame.seed.sum()),
        "firstScore": float(scored.first_score.sum()),
        "latents": sorted(int(latent) for latent in frame.latent.dropna().unique()),
    }
    row = duckdb.execute(
        "SELECT count(*), sum(len(tokens)), sum(len(curve)), sum(len(attempts)), "
        "sum(CASE WHEN status = 'scored' THEN attempts[len(attempts)].start END), sum(seed), "
        "sum(first_score), list(DISTINCT latent ORDER BY latent) FILTER (latent IS NOT NULL) FROM read_parquet(?)",
        [file],
    ).fetchone()
    by_duckdb = dict(zip(by_pandas, [*map(int, row[:6]), row[6], row[7]]))
    receipt = duckdb.execute(
        "SELECT receipt->>'$.meanDose', mean_dose FROM read_parquet(?) WHERE mean_dose IS NOT NULL LIMIT 1", [file]
    ).fetchone()
    by_duckdb["receipt"] = receipt is None or float(receipt[0]) == receipt[1]
    return {"pandas": by_pandas, "duckdb": by_duckdb}


def inspect(request):
    """A log as Inspect's own reader opens it."""
    from inspect_ai.log import read_eval_log

    began = time.perf_counter()
    log = read_eval_log(request["file"])
    seconds = time.perf_counter() - began
    scores = [sample.scores["countersteer"].value for sample in log.samples if sample.scores]
    return {
        "seconds": seconds,
        "samples": len(log.samples),
        "errors": sum(sample.error is not None for sample in log.samples),
        "scored": len(scores),
        "esr": sum(score["esr"] for score in scores),
        "firstScore": sum(score["first_score"] for score in scores),
        "stated": {name: metric.value for name, metric in log.results.scores[0].metrics.items()},
        "texts": sum(len(sample.output.completion) for sample in log.samples),
    }


def inspect_frame(request):
    """The same as a data frame, one row a sample."""
    from inspect_ai.analysis import samples_df

    frame = samples_df(request["file"], quiet=True)
    return {"samples": len(frame), "arms": sorted(frame.metadata_arm.unique())}


def sql(request):
    """A query on a new connection, all rows read; by Python's SQLite."""
    began = time.perf_counter()
    connection = sqlite3.connect(f"file:{request['file']}?mode=ro", uri=True)
    rows = [connection.execute(query).fetchall() for query in request["queries"]]
    seconds = time.perf_counter() - began
    connection.close()
    return {"seconds": seconds, "rows": sum(map(len, rows)), "sqlite": sqlite3.sqlite_version}


OPERATIONS = {"parquet": parquet, "inspect": inspect, "inspectFrame": inspect_frame, "sql": sql}

for line in sys.stdin:
    try:
        asked = json.loads(line)
        answer = {"ok": True, **OPERATIONS[asked["op"]](asked)}
    except Exception as error:  # the other side reports it
        answer = {"ok": False, "error": f"{type(error).__name__}: {error}"}
    print(json.dumps(answer), flush=True)
