"""The maps of a city's areas: their cells as GeoJSON, made once at the import and packed by gzip."""

from __future__ import annotations

import asyncio
import json
import zlib
from collections.abc import AsyncIterator, Awaitable, Iterable, Iterator, Sequence
from hashlib import sha256
from uuid import UUID

import shapely
from solidary.platform.database import UnitOfWork
from sqlalchemy import Text, cast, select
from sqlalchemy.dialects.postgresql import insert

from planning.territory.cities.models import Cell, CellMap

CELLS_AT_ONCE = 1000
GZIP = 31
"""zlib's window size for a gzip member, whose header has no time: equal cells make equal bytes."""
LEVEL = 1
"""Figures with many digits pack hardly better at more, and take three times as long."""
PART_BYTES = 64 * 1024

HEAD, TAIL = b'{"type":"FeatureCollection","features":[', b"]}"
EMPTY = HEAD + TAIL


async def make_maps(unit: UnitOfWork, city: str, areas: Iterable[str]) -> None:
    """Make the maps of a city's areas from their cells."""
    for area in areas:
        packer = _Packer(area)
        cells = await unit.session.stream(
            select(Cell.id, Cell.dataset, Cell.geometry, cast(Cell.indicators, Text))
            .where(Cell.city == city, Cell.area == area)
            .order_by(Cell.id)
            .execution_options(yield_per=CELLS_AT_ONCE)
        )
        packing: Awaitable[None] | None = None
        async for batch in cells.partitions():
            # The next cells are read while these are packed.
            if packing is not None:
                await packing
            added = [(row[0], row[1], row[2], row[3]) for row in batch]
            packing = asyncio.create_task(asyncio.to_thread(packer.add, added))
        if packing is not None:
            await packing
        body = packer.finish()
        etag = sha256(body).hexdigest()[:32]
        made = insert(CellMap).values(city=city, area=area, etag=etag, body=body)
        await unit.session.execute(
            made.on_conflict_do_update(
                index_elements=["city", "area"],
                set_={"etag": made.excluded.etag, "body": made.excluded.body},
            )
        )


class _Packer:
    """A map that is packed while its cells are read."""

    def __init__(self, area: str) -> None:
        self._area = json.dumps(area)
        self._compressor = zlib.compressobj(LEVEL, wbits=GZIP)
        self._parts = [self._compressor.compress(HEAD)]
        self._separator = ""

    def add(self, cells: Sequence[tuple[str, UUID, bytes, str]]) -> None:
        """Add cells: id, dataset, shape as WKB, and indicators as JSON."""
        shapes = shapely.to_geojson(shapely.from_wkb([geometry for _, _, geometry, _ in cells]))
        features = [
            f'{{"type":"Feature","id":{json.dumps(id_)},"properties":{{"area":{self._area},'
            f'"dataset":"{dataset}","indicators":{indicators}}},"geometry":{shape}}}'
            for (id_, dataset, _, indicators), shape in zip(cells, shapes, strict=True)
        ]
        self._parts.append(self._compressor.compress((self._separator + ",".join(features)).encode()))
        self._separator = ","

    def finish(self) -> bytes:
        """Return the packed map."""
        self._parts += [self._compressor.compress(TAIL), self._compressor.flush()]
        return b"".join(self._parts)


async def send(parts: Iterable[bytes]) -> AsyncIterator[bytes]:
    """Yield a map as it is packed."""
    for part in parts:
        yield part


def unpack(parts: Iterable[bytes]) -> Iterator[bytes]:
    """Yield a map as plain JSON, in parts of at most PART_BYTES."""
    decompressor = zlib.decompressobj(GZIP)
    for packed in parts:
        rest = packed
        while part := decompressor.decompress(rest, PART_BYTES):
            yield part
            rest = decompressor.unconsumed_tail
