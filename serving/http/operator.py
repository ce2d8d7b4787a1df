"""What the operator reads of the models: the file that the pipelines write, for the people named in the settings."""

import json
from typing import Any

from fastapi import APIRouter, Depends

from serving.errors import Forbidden, NotFound
from serving.http.callers import TheClaims, ThePorts

_LARGEST = 20 * 1024 * 1024


def the_operator(claims: TheClaims, ports: ThePorts) -> None:
    """Refuse everybody whose e-mail address is not among SAMAAN_OPERATORS."""
    operators = {each.casefold() for each in ports.settings.operators}
    if claims.user_id.startswith("key:"):
        raise Forbidden("an API key is no operator")
    if ports.accounts.account(claims.user_id).email.casefold() not in operators:
        raise Forbidden("this page is for the operator", hint="name the person's e-mail in SAMAAN_OPERATORS")


def operator_router() -> APIRouter:
    """Make the operator's routes; they belong to no slice and are not in the shops' document."""
    routes = APIRouter(prefix="/v1/operator", include_in_schema=False)

    @routes.get("/models", dependencies=[Depends(the_operator)])
    def read_models(ports: ThePorts) -> dict[str, Any]:
        """Return what the pipelines wrote last about the models."""
        file = ports.settings.models_folder / "operator.json"
        if not file.is_file():
            raise NotFound(
                "nothing was written about the models yet", hint="run a pipeline: samaan pipeline run demand"
            )
        if file.stat().st_size > _LARGEST:
            raise NotFound("the file about the models is too large to be shown")
        found: dict[str, Any] = json.loads(file.read_bytes())
        return found

    return routes
