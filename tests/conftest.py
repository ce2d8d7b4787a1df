"""Fixtures that every part shares: where the sample and the benchmark data lie."""

import os
from pathlib import Path

# Two workers share the machine; threads of their own would only wait for each other.
for name in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "NUMBA_NUM_THREADS"):
    os.environ.setdefault(name, "1")

import pytest  # noqa: E402
from hypothesis import HealthCheck, settings  # noqa: E402

settings.register_profile(
    "default", deadline=None, max_examples=50, suppress_health_check=[HealthCheck.too_slow], print_blob=True
)
settings.register_profile("thorough", parent=settings.get_profile("default"), max_examples=1000)
settings.load_profile(os.environ.get("HYPOTHESIS_PROFILE", "default"))

ROOT = Path(__file__).parent.parent


@pytest.fixture(scope="session")
def project_root() -> Path:
    """The folder of the checkout."""
    return ROOT


@pytest.fixture(scope="session")
def sample_dir() -> Path:
    """The committed sample shops."""
    return ROOT / "data" / "sample"


@pytest.fixture(scope="session")
def benchmark_data() -> Path:
    """The benchmark data beside the project; a test that asks for it skips where it is absent."""
    folder = Path(os.environ.get("SAMAAN_BENCHMARK_DATA", ROOT.parent / "shared" / "data"))
    if not folder.is_dir():
        pytest.skip(f"benchmark data is not at '{folder}'; name it with SAMAAN_BENCHMARK_DATA")
    return folder


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Tell how many tests of the app ran in a browser, and how many found none."""
    elsewhere = ("tests/web/test_files.py", "tests/web/test_pages.py")
    counts = {}
    for outcome in ("passed", "failed", "error", "skipped"):
        ids = {
            report.nodeid for report in terminalreporter.stats.get(outcome, []) if hasattr(report, "nodeid")
        }
        counts[outcome] = sum(
            1 for each in ids if each.startswith("tests/web/") and not each.startswith(elsewhere)
        )
    if any(counts.values()):
        told = ", ".join(f"{count} {outcome}" for outcome, count in counts.items())
        terminalreporter.write_line(f"browser tests: {told}")
