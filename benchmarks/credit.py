"""Credit risk against its peers, in one run, on the same folds.

    python -m venv /tmp/peers && /tmp/peers/bin/pip install -r benchmarks/requirements-peers-credit.txt
    PYTHONPATH=. /tmp/peers/bin/python benchmarks/credit.py --data DIR --budget 120 [--out FILE]

That is the whole table in one run of bounded time: a model that takes more than the budget of CPU seconds for a fold
is stopped and reported as such, and so is one that fails. --sets, --models, --folds and --rows make it shorter.

Repeated stratified cross-validation; every model sees the same training rows and is asked about the same held-out
rows. A set with many rows can be cut to a random sample (--rows). Seconds are CPU seconds of one process, all its
threads together.
"""

import argparse
import json
import multiprocessing
import resource
import signal
import time
import warnings
from collections.abc import Callable, Iterator
from dataclasses import asdict, dataclass
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from credit_peers import PEERS
from credit_sets import find_sets

from samaan_ml.metrics import auc, brier, ece, ks, log_loss
from samaan_ml.udhaar import UdhaarRiskModel

OURS = "samaan"
SCORED_ROWS = 1_000


@dataclass
class Figures:
    """Means over the folds of one model on one set."""

    data: str
    model: str
    rows: int
    folds: int
    auc: float
    auc_std: float
    ks: float
    brier: float
    log_loss: float
    ece: float
    fit_cpu_s: float
    score_1000_ms: float


@dataclass
class Stopped:
    """A model that took too long for a fold of a set, or failed on it."""

    data: str
    model: str
    rows: int
    stopped_in_fold: int
    reason: str


Fold = tuple[list[float], np.ndarray]
"""Six figures and the held-out probabilities of one fold."""


def folds_of(y: np.ndarray, n_folds: int, repeats: int) -> Iterator[tuple[np.ndarray, np.ndarray]]:
    """Yield training and held-out rows, classes dealt evenly, a new deal each repeat."""
    for repeat in range(repeats):
        rng = np.random.default_rng(repeat)
        fold = np.empty(len(y), dtype=int)
        for label in (0, 1):
            own = rng.permutation(np.flatnonzero(y == label))
            fold[own] = np.arange(len(own)) % n_folds
        for held in range(n_folds):
            yield np.flatnonzero(fold != held), np.flatnonzero(fold == held)


def measure(
    data: str, name: str, X: pd.DataFrame, y: np.ndarray, n_folds: int, repeats: int, budget: int | None
) -> Figures | Stopped:
    """Fit and ask one model on every fold."""
    rows, probabilities = [], []
    for number, (train, held) in enumerate(folds_of(y, n_folds, repeats)):
        work = partial(one_fold, name, number, X, y, train, held)
        done = work() if budget is None else within(budget, work)
        if isinstance(done, str):
            return Stopped(data, name, len(y), number + 1, done)
        rows.append(done[0])
        probabilities.append((y[held], done[1]))
    table = np.array(rows)
    mean = table.mean(axis=0)
    # Calibration is measured on all held-out rows together: a fold alone is too few for its bins.
    all_y, all_p = (np.concatenate(each) for each in zip(*probabilities, strict=True))
    return Figures(
        data=data, model=name, rows=len(y), folds=len(rows), auc=mean[0], auc_std=table[:, 0].std(), ks=mean[1],
        brier=mean[2], log_loss=mean[3], ece=ece(all_y, all_p), fit_cpu_s=mean[4], score_1000_ms=1000 * mean[5],
    )  # fmt: skip


def one_fold(
    name: str, number: int, X: pd.DataFrame, y: np.ndarray, train: np.ndarray, held: np.ndarray
) -> Fold:
    """Fit and ask one model on one fold."""
    model: Any = UdhaarRiskModel(random_state=number) if name == OURS else PEERS[name](number)
    begun = time.process_time()
    model.fit(X.iloc[train], y[train])
    fitted = time.process_time()
    p = model.predict_proba(X.iloc[held])[:, 1]
    some = X.iloc[np.resize(held, SCORED_ROWS)]
    asked = time.process_time()
    model.predict_proba(some)
    answered = time.process_time()
    scores = [each(y[held], p) for each in (auc, ks, brier, log_loss)]
    return [*scores, fitted - begun, answered - asked], p


def within(budget: int, work: Callable[[], Fold]) -> Fold | str:
    """Do a piece of work in a process that the system ends when it took its CPU seconds, or tell why not."""
    context = multiprocessing.get_context("fork")
    here, there = context.Pipe(duplex=False)
    child = context.Process(target=_limited, args=(budget, work, there))
    child.start()
    there.close()
    try:
        done: Fold | str = here.recv()
    except EOFError:
        done = ""
    child.join()
    if done:
        return done
    if child.exitcode == -signal.SIGXCPU:
        return f"more than {budget} CPU s"
    return f"its process ended with {child.exitcode}, see above"


def _limited(budget: int, work: Callable[[], Fold], there: Any) -> None:
    """Work under a limit of CPU seconds, which starts at zero in each process."""
    resource.setrlimit(resource.RLIMIT_CPU, (budget, budget + 5))
    there.send(work())


def show(everybody: list[Figures | Stopped]) -> None:
    """Print one set's table, best first, and where we stand."""
    found = [each for each in everybody if isinstance(each, Figures)]
    folds = f", {found[0].folds} folds" if found else ""
    print(f"\n{everybody[0].data}: {everybody[0].rows} rows{folds}")
    heads = ("AUC", "+-", "KS", "Brier", "logloss", "ECE", "fit s", "1000 ms")
    widths = (7, 6, 6, 7, 8, 6, 8, 8)
    print(f"{'model':<12} " + " ".join(f"{head:>{width}}" for head, width in zip(heads, widths, strict=True)))
    for f in sorted(found, key=lambda each: -each.auc):
        print(
            f"{f.model:<12} {f.auc:7.4f} {f.auc_std:6.4f} {f.ks:6.4f} {f.brier:7.4f} {f.log_loss:8.4f} {f.ece:6.4f} "
            f"{f.fit_cpu_s:8.2f} {f.score_1000_ms:8.1f}"
        )
    for stopped in everybody:
        if isinstance(stopped, Stopped):
            print(f"{stopped.model:<12} stopped in fold {stopped.stopped_in_fold}: {stopped.reason}")
    peers = [f for f in found if f.model != OURS]
    ours = next((f for f in found if f.model == OURS), None)
    if peers and ours:
        gap_auc = ours.auc - max(f.auc for f in peers)
        gap_brier = ours.brier - min(f.brier for f in peers)
        print(f"against the best peer: AUC {gap_auc:+.4f}, Brier {gap_brier:+.4f}")


def main() -> None:
    """Run the models asked for on the sets asked for."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--data", type=Path, required=True, help="a folder of credit_* sets, or one set")
    parser.add_argument("--sets", help="names, by comma (default: all found)")
    parser.add_argument("--models", help=f"names, by comma, of {OURS}, {', '.join(PEERS)} (default: all)")
    parser.add_argument("--folds", type=int, default=5)
    parser.add_argument("--repeats", type=int, default=1)
    parser.add_argument("--rows", type=int, help="at most so many rows of a set, drawn at random")
    parser.add_argument(
        "--budget", type=int, help="CPU seconds a model may take for a fold (default: no limit)"
    )
    parser.add_argument("--out", type=Path, help="write the figures as JSON")
    args = parser.parse_args()
    warnings.filterwarnings("ignore")  # of the peers
    sets = find_sets(args.data)
    names = args.sets.split(",") if args.sets else list(sets)
    models = args.models.split(",") if args.models else [OURS, *PEERS]
    figures: list[Figures | Stopped] = []
    for data in names:
        X, y = sets[data]()
        if args.rows and args.rows < len(y):
            chosen = np.random.default_rng(0).permutation(len(y))[: args.rows]
            X, y = X.iloc[chosen].reset_index(drop=True), y[chosen]
        found = [measure(data, name, X, y, args.folds, args.repeats, args.budget) for name in models]
        show(found)
        figures += found
        if args.out:
            args.out.write_text(json.dumps([asdict(each) for each in figures], indent=1))


if __name__ == "__main__":
    main()
