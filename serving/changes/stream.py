"""The feed as server-sent events, on a server that runs on."""

import asyncio
from collections.abc import AsyncIterator

from fastapi.concurrency import run_in_threadpool

from serving.changes.schemas import ChangePage
from serving.changes.service import ChangeService

_LOOK_SECONDS = 1.0
_QUIET_SECONDS = 15.0
LONGEST_SECONDS = 300.0
"""After this the client connects again, with a token that is looked at again."""
_AT_ONCE = 500


async def events(
    service: ChangeService, shop_id: str, after: int, longest_seconds: float
) -> AsyncIterator[str]:
    """Yield each change as an event, and a comment where nothing changes for a while.

    Parameters
    ----------
    service : ChangeService
        Reads the feed.
    shop_id : str
        Whose.
    after : int
        The place after which to begin; checked by the caller.
    longest_seconds : float
        When to end, for the client to connect again; 0 ends as soon as nothing is new.
    """
    started = quiet_since = asyncio.get_running_loop().time()
    yield "retry: 2000\n\n"
    while True:
        now = asyncio.get_running_loop().time()
        if await run_in_threadpool(service.head, shop_id) > after:
            page = await run_in_threadpool(service.page, shop_id, after, _AT_ONCE)
            after, quiet_since = page.next, now
            yield _written(page)
            if page.more:
                continue
        elif now - quiet_since >= _QUIET_SECONDS:
            quiet_since = now
            yield ": nothing new\n\n"
        if now - started >= longest_seconds:
            return
        await asyncio.sleep(_LOOK_SECONDS)


def _written(page: ChangePage) -> str:
    """Write the changes of a page as events."""
    return "".join(f"id: {row.seq}\nevent: change\ndata: {row.model_dump_json()}\n\n" for row in page.rows)
