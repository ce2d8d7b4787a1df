"""Everything that a route names in its signature: ports, caller, page, write and facts."""

from serving.http.callers import Owner, TheCaller, TheClaims, ThePorts, Writer, anonymous, ports_of
from serving.http.paging import ThePage
from serving.http.writes import TheFacts, TheWrite

__all__ = [
    "Owner",
    "TheCaller",
    "TheClaims",
    "TheFacts",
    "ThePage",
    "ThePorts",
    "TheWrite",
    "Writer",
    "anonymous",
    "ports_of",
]
