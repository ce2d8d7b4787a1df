"""One unit of work over the stores that share a database."""

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from contextvars import ContextVar
from typing import Protocol

Undo = Callable[[], None]

_undo: ContextVar[list[Undo] | None] = ContextVar("undo", default=None)


@contextmanager
def taking_back(then: Undo | None = None, keep: tuple[type[Exception], ...] = ()) -> Iterator[None]:
    """Run what `on_failure` was given, the last first, and `then`, where the work inside fails.

    An error of the kinds in `keep` leaves everything as it is, for the write that will be repeated. An undo that
    fails raises in place of the first error, so that the work is not taken for undone.
    """
    undo: list[Undo] = []
    token = _undo.set(undo)
    try:
        yield
    except keep:
        raise
    except Exception:
        for each in reversed(undo):
            each()
        if then is not None:
            then()
        raise
    finally:
        _undo.reset(token)


def on_failure(undo: Undo) -> bool:
    """Remember how to undo what a store outside the database does; False where no unit of work is open."""
    remembered = _undo.get()
    if remembered is None:
        return False
    remembered.append(undo)
    return True


class Transactions(Protocol):
    """Opens units of work: all writes of the stores inside take place together or not at all.

    Stores outside the database (DynamoDB) take part in two ways. Every write carries ids made from the request's
    key, and a repeated write with the same ids changes nothing: a process that dies is finished by the repeated
    request. And what they did is reversed (`on_failure`) where the rest of the unit of work is refused.
    """

    def begin(self) -> AbstractContextManager[None]:
        """Open a unit of work; inside another one, join it."""
        ...

    def ping(self) -> None:
        """Reach the database once.

        Raises
        ------
        StoreUnavailable
            When it does not answer.
        """
        ...
