"""Pages of lists: the limit and the cursor of a request."""

import base64
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Annotated

from fastapi import Depends, Query

from serving.errors import (
    InvalidInput,
)
from serving.http.fields import AnswerRow, PageOf
from serving.ports.page import Page


@dataclass(frozen=True, slots=True)
class PageQuery:
    """Which page of a list is asked for."""

    limit: int
    after: str | None

    def answer(self, page: Page[object], rows: Iterable[AnswerRow]) -> PageOf[AnswerRow]:
        """Put rows and the next cursor together."""
        cursor = (
            None
            if page.after is None
            else base64.urlsafe_b64encode(page.after.encode()).rstrip(b"=").decode()
        )
        return PageOf[AnswerRow].model_construct(rows=list(rows), next_cursor=cursor)


async def page_query(
    limit: Annotated[int, Query(ge=1, le=200)] = 50,
    cursor: Annotated[
        str | None, Query(max_length=300, description="`next_cursor` of the page before.")
    ] = None,
) -> PageQuery:
    """Read limit and cursor."""
    if cursor is None:
        return PageQuery(limit, None)
    try:
        after = base64.b64decode(cursor + "=" * (-len(cursor) % 4), altchars=b"-_", validate=True).decode()
    except ValueError:
        after = ""
    if not after or not after.isprintable():
        raise InvalidInput(
            "the cursor is not one of ours", field="cursor", hint="use 'next_cursor' as it was given"
        )
    return PageQuery(limit, after)


ThePage = Annotated[PageQuery, Depends(page_query)]
