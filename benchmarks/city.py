"""The import of a city and its maps by API and worker, beside the same rows by bare COPY and the same map by json.

A city has thirty figures a cell. The largest is imported a second time, over what is there. While the largest map is
read again and again, another route of the API is read beside it.
"""

from __future__ import annotations

import gzip
import json
import os
import random
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from statistics import median
from typing import Any

import httpx
import psutil
import psycopg
import shapely
from solidary.platform.identity import Duty
from solidary_testing.tokens import Tokens

from benchmarks import BenchmarkResult, Claim
from benchmarks._servers import processes, servers, wait_until
from benchmarks._service import Serving, growth, percentile, serve

SIZES = (2_000, 8_000, 50_000)
FIGURES, READS, OTHERS = 30, 10, 300
READER = """
import sys, time
from urllib.request import Request, urlopen
while True:
    with urlopen(Request(sys.argv[1], headers={"Accept-Encoding": "gzip"})) as answer:
        while answer.read(1 << 20):
            pass
    time.sleep(0.2)
"""
"""A caller that reads a map again and again, at most five times a second."""
AREA = "PA990101"
STEP = 0.001


def measure() -> BenchmarkResult:
    """Measure imports and maps over SIZES, in seconds and MiB."""
    imports: dict[int, float] = {}
    maps: dict[int, float] = {}
    rows: list[dict[str, object]] = []
    with (
        servers() as run,
        serve(run, "planning", jobs=True) as serving,
        tempfile.TemporaryDirectory() as folder,
    ):
        headers = Tokens(run).of("unhabitat", Duty.PLANNER)
        for size in SIZES:
            file = Path(folder) / f"{size}.json"
            _write(file, size)
            imports[size] = _import(serving, headers, file)
            copied = _copy(serving.database.admin, file)
            maps[size], packed = _read(serving.url, size)
            made = _make(serving.database.admin, size)
            rows += [
                _row(size, "import: API and worker", imports[size]),
                _row(size, "import: bare COPY of the same rows", copied),
                _row(size, f"map: API, packed to {packed / 2**20:.1f} MiB", maps[size]),
                _row(size, "map: bare SQL, json and gzip", made),
            ]
        again = _import(serving, headers, file)
        rows.append(_row(max(SIZES), "import over itself", again))
        peak = serving.jobs.peak_mib
        left = sum(psutil.Process(each.pid).memory_info().rss for each in serving.jobs.running) / 2**20
        unchanged, usual, beside = _read_beside(serving.url, max(SIZES))
        rows += [
            _row(max(SIZES), "map that has not changed (304)", unchanged),
            _row(max(SIZES), "another route, p95", usual),
            _row(max(SIZES), "another route while maps are read, p95", beside),
        ]
    largest = max(SIZES)
    claims = [
        Claim("seconds for the import of 50,000 cells", max(imports[largest], again), 10, at_least=False),
        Claim("MiB of the worker at its peak", peak, 300, at_least=False),
        Claim("MiB of the worker afterwards", left, 200, at_least=False),
        Claim("seconds for a map of 8,000 cells", maps[8_000], 0.3, at_least=False),
        Claim("seconds for a map of 50,000 cells", maps[largest], 0.3, at_least=False),
        Claim("p95 of another route while maps are read / without", beside / usual, 2, at_least=False),
        Claim("exponent of growth, import", growth(imports), 1.1, at_least=False),
        Claim("exponent of growth, map", growth(maps), 1.1, at_least=False),
        Claim("import / bare COPY, at 50,000", imports[largest] / copied, 6, at_least=False),
        Claim("times the speed of SQL, json and gzip, at 50,000", made / maps[largest], 5),
    ]
    return BenchmarkResult(rows, claims)


def _row(cells: int, task: str, seconds: float) -> dict[str, object]:
    return {"cells": cells, "task": task, "seconds": seconds}


def _cells(size: int) -> Iterator[dict[str, Any]]:
    """Yield the cells of a city in one area, always the same."""
    chance = random.Random(size)
    for number in range(size):
        west, south = round(-80 + number % 250 * STEP, 6), round(8 + number // 250 * STEP, 6)
        east, north = round(west + STEP, 6), round(south + STEP, 6)
        yield {
            "type": "Feature",
            "id": f"c{number:06d}",
            "properties": {
                "area": AREA,
                "indicators": {f"indicator_{each:02d}": chance.random() * 100 for each in range(FIGURES)},
            },
            "geometry": {
                "type": "Polygon",
                "coordinates": [[[west, south], [east, south], [east, north], [west, north], [west, south]]],
            },
        }


def _write(file: Path, size: int) -> None:
    head = {
        "code": f"city-{size}",
        "name": "Ciudad inventada",
        "pcode": "PA9901",
        "dataset": {"title": "t", "publisher": "p", "licence": "none", "period": "2026", "synthetic": True},
        "areas": {"features": [{"properties": {"pcode": AREA, "name": "Barrio"}}]},
    }
    with file.open("w") as out:
        out.write(json.dumps(head)[:-1] + ', "cells": {"features": [')
        for number, cell in enumerate(_cells(size)):
            out.write(("," if number else "") + json.dumps(cell))
        out.write("]}}")


def _import(serving: Serving, headers: dict[str, str], file: Path) -> float:
    """Return the seconds from the request to the end of the work."""
    start = time.perf_counter()
    with httpx.Client(base_url=serving.url, headers=headers, timeout=120) as client:
        asked = client.post(
            "/cities/import", content=file.read_bytes(), headers={"Content-Type": "application/json"}
        ).raise_for_status()

        def is_done() -> bool:
            work = client.get(asked.headers["location"]).raise_for_status().json()
            assert work["state"] != "failed", work
            return bool(work["state"] == "done")

        wait_until(is_done)
    return time.perf_counter() - start


def _copy(admin_url: str, file: Path) -> float:
    """Return the seconds in which the rows are read by json and copied into a table with the same index."""
    start = time.perf_counter()
    with psycopg.connect(admin_url) as admin:
        admin.execute(
            "CREATE TEMP TABLE bare (city text, id text, area text, geometry bytea, indicators jsonb, "
            "PRIMARY KEY (city, id))"
        )
        cells = json.loads(file.read_text())["cells"]["features"]
        with admin.cursor().copy("COPY bare FROM STDIN") as copy:
            for cell in cells:
                shape = shapely.to_wkb(shapely.from_geojson(json.dumps(cell["geometry"])))
                indicators = json.dumps(cell["properties"]["indicators"])
                copy.write_row(("x", cell["id"], AREA, shape, indicators))
    return time.perf_counter() - start


def _read(url: str, size: int) -> tuple[float, int]:
    """Return the median of the seconds for a map as it is sent, and its bytes."""
    seconds, sent = [], 0
    with httpx.Client(timeout=120) as client:
        for _ in range(READS):
            start = time.perf_counter()
            request = client.build_request("GET", f"{url}/cities/city-{size}/cells", params={"area": AREA})
            answer = client.send(request, stream=True)
            sent = sum(map(len, answer.iter_raw()))
            answer.close()
            seconds.append(time.perf_counter() - start)
    return median(seconds), sent


def _make(admin_url: str, size: int) -> float:
    """Return the seconds in which a map is made from its rows."""
    start = time.perf_counter()
    with psycopg.connect(admin_url) as admin:
        found = admin.execute(
            "SELECT id, geometry, indicators FROM published.cell WHERE city = %s ORDER BY id",
            [f"city-{size}"],
        )
        features = [
            {
                "type": "Feature",
                "id": id_,
                "properties": {"area": AREA, "indicators": indicators},
                "geometry": json.loads(shapely.to_geojson(shapely.from_wkb(shape))),
            }
            for id_, shape, indicators in found
        ]
    gzip.compress(json.dumps({"type": "FeatureCollection", "features": features}).encode(), 4)
    return time.perf_counter() - start


def _read_beside(url: str, size: int) -> tuple[float, float, float]:
    """Return the median seconds of a 304, and the p95 of another route without and while a caller reads whole maps.

    The caller is a process of its own, whose work delays nothing but the machine.
    """
    where, query = f"{url}/cities/city-{size}/cells", {"area": AREA}
    with httpx.Client(timeout=120) as client, processes() as reader:

        def p95(requests: int) -> float:
            seconds = []
            for _ in range(requests):
                start = time.perf_counter()
                client.get(f"{url}/cities").raise_for_status()
                seconds.append(time.perf_counter() - start)
                time.sleep(0.01)
            return percentile(seconds, 0.95)

        p95(OTHERS)  # until all is warm
        usual = p95(OTHERS)
        reader.start([sys.executable, "-c", READER, f"{where}?area={AREA}"], {"PATH": os.environ["PATH"]})
        beside = p95(OTHERS)
        reader.check()
        tag = client.get(where, params=query).headers["etag"]
        unchanged = []
        for _ in range(READS):
            start = time.perf_counter()
            answer = client.get(where, params=query, headers={"If-None-Match": tag})
            assert answer.status_code == 304
            unchanged.append(time.perf_counter() - start)
    return median(unchanged), usual, beside
