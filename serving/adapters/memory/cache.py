"""A cache in the process."""

import threading
import time
from collections import OrderedDict
from collections.abc import Callable

from serving.ports.cache import SECONDS, Topic


class MemoryCache:
    """Keeps texts in a dictionary, the least recently used leaving first.

    Parameters
    ----------
    max_entries : int, default=10000
        Texts kept at most.
    clock : callable, default=time.monotonic
        Seconds, ever growing.
    """

    def __init__(self, max_entries: int = 10_000, clock: Callable[[], float] = time.monotonic) -> None:
        self._max_entries = max_entries
        self._clock = clock
        self._lock = threading.Lock()
        self._generations: dict[tuple[str, Topic], int] = {}
        self._texts: OrderedDict[tuple[str, Topic, int, str], tuple[float, str]] = OrderedDict()

    def fetch(
        self,
        shop_id: str,
        topic: Topic,
        key: str,
        make: Callable[[], str],
        worth_keeping: Callable[[str], bool] = bool,
    ) -> str:
        """Return the copy of the present generation, or make it."""
        with self._lock:
            place = (shop_id, topic, self._generations.get((shop_id, topic), 0), key)
            until, text = self._texts.get(place, (0.0, ""))
            if until > self._clock():
                self._texts.move_to_end(place)
                return text
        text = make()
        if not worth_keeping(text):
            return text
        with self._lock:
            self._texts[place] = (self._clock() + SECONDS[topic], text)
            self._texts.move_to_end(place)
            while len(self._texts) > self._max_entries:
                self._texts.popitem(last=False)
        return text

    def forget(self, shop_id: str, *topics: Topic) -> None:
        """Start a new generation; the old copies leave as the least recently used."""
        with self._lock:
            for topic in topics:
                self._generations[shop_id, topic] = self._generations.get((shop_id, topic), 0) + 1
