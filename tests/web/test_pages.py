"""How the app's files are served: types, policy, caching, the screens' addresses, and an app that was not built."""

from pathlib import Path

import pytest
from fastapi import FastAPI
from starlette.testclient import TestClient

from serving.http.pages import pages_router


@pytest.fixture
def built(tmp_path: Path) -> Path:
    """A folder as the build leaves it."""
    (tmp_path / "assets").mkdir()
    (tmp_path / "index.html").write_text("<!doctype html><title>Samaan Sathi</title>" + " " * 600)
    (tmp_path / "assets" / "main-abc123.js").write_text("export const one = 1;" * 60)
    (tmp_path / "sw.js").write_text("self.x = 1;")
    (tmp_path / "manifest.webmanifest").write_text("{}")
    (tmp_path.parent / "secret.txt").write_text("not for the web")
    return tmp_path


@pytest.fixture
def client(built: Path) -> TestClient:
    """A front that serves nothing but pages."""
    app = FastAPI()
    app.include_router(pages_router(built))
    return TestClient(app, follow_redirects=False)


@pytest.mark.parametrize(
    "path", ["/app/", "/app/bill", "/app/khata/0199-abc", "/app/goods/sugar/edit", "/app/models"]
)
def test_every_screens_address_is_answered_with_the_page(client: TestClient, path: str) -> None:
    answer = client.get(path)
    assert answer.status_code == 200
    assert answer.headers["content-type"].startswith("text/html")
    assert "default-src 'none'" in answer.headers["content-security-policy"]
    assert "'unsafe-inline'" not in answer.headers["content-security-policy"]
    assert answer.headers["cache-control"] == "no-cache"


def test_hashed_files_are_kept_for_a_year_and_packed(client: TestClient) -> None:
    answer = client.get("/app/assets/main-abc123.js", headers={"accept-encoding": "gzip"})
    assert answer.headers["cache-control"] == "public, max-age=31536000, immutable"
    assert answer.headers["content-encoding"] == "gzip"
    assert answer.headers["content-type"].startswith("text/javascript")
    assert answer.text == "export const one = 1;" * 60


def test_a_file_that_did_not_change_is_not_sent_again(client: TestClient) -> None:
    etag = client.get("/app/sw.js").headers["etag"]
    assert client.get("/app/sw.js", headers={"if-none-match": etag}).status_code == 304


@pytest.mark.parametrize(
    "path",
    [
        "/app/assets/gone-1.js",
        "/app/../secret.txt",
        "/app/%2e%2e/secret.txt",
        "/app/..%2fsecret.txt",
        "/app/x.js",
    ],
)
def test_what_is_no_built_file_is_never_served(client: TestClient, path: str) -> None:
    answer = client.get(path)
    assert answer.status_code == 404
    assert "not for the web" not in answer.text


def test_an_app_that_was_not_built_says_what_is_missing_in_one_line(tmp_path: Path) -> None:
    app = FastAPI()
    app.include_router(pages_router(tmp_path))
    answer = TestClient(app).get("/app/")
    assert answer.status_code == 503
    assert "make web" in answer.text
    assert "\n" not in answer.text


def test_the_front_leads_browsers_to_the_app_and_programs_to_the_documentation(client: TestClient) -> None:
    assert client.get("/", headers={"accept": "text/html,*/*"}).headers["location"] == "/app/"
    assert client.get("/", headers={"accept": "application/json"}).json()["docs"] == "/docs"
