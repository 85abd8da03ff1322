"""Everything that `make bench` runs, in order, at two sizes."""

from __future__ import annotations

from dataclasses import dataclass

QUICK, FULL = "quick", "full"
SIZES = (QUICK, FULL)
PEERS = "--peers potato pearmut doccano label-studio appraise"


@dataclass(frozen=True)
class Benchmark:
    """A run of a module: `name` is what ONLY takes, the options are those of each size.

    minutes : the limits in minutes, quick and full; a round that takes longer has failed
    rounds : how often it is run, quick and full, where it measures everything once
    """

    name: str
    module: str
    title: str
    quick: str = ""
    full: str = ""
    minutes: tuple[int, int] = (10, 60)
    rounds: tuple[int, int] = (1, 1)

    def options(self, size: str) -> list[str]:
        return (self.full if size == FULL else self.quick).split()

    def command(self, size: str) -> str:
        return " ".join(["python -m", f"benchmarks.{self.module}", *self.options(size)])

    def times(self, size: str) -> int:
        """Rounds."""
        return self.rounds[size == FULL]

    def limit(self, size: str) -> int:
        """Seconds for each round."""
        return 60 * self.minutes[size == FULL]


LIST = (
    Benchmark(
        "annotate_loop",
        "annotate_loop",
        "The annotators' loop under load",
        quick="--annotators 50 100 --think 0 20 --seconds 15 --repeat 3 --kill 1",
        full="--annotators 1 10 50 100 500 --think 0 20 --database sqlite postgres "
        "--seconds 30 --repeat 3 --kill 3",
        minutes=(30, 360),
    ),
    Benchmark(
        "peers",
        "annotate_loop",
        "Other platforms in the same run",
        quick=f"--annotators 50 --think 0 {PEERS} --seconds 15 --repeat 3 --kill 0",
        full=f"--annotators 50 100 --think 0 20 --database sqlite postgres {PEERS} --install "
        "--seconds 30 --repeat 3 --kill 3",
        minutes=(45, 360),
    ),
    Benchmark(
        "soak",
        "annotate_loop",
        "Memory under load over time",
        quick="--annotators --soak 1",
        full="--annotators --database sqlite postgres --soak 60",
        minutes=(10, 180),
    ),
    Benchmark(
        "scale",
        "scale",
        "Costs as a site grows",
        quick="--outputs 1000 10000 --ratings 50000",
        minutes=(15, 240),
        rounds=(3, 1),
    ),
    Benchmark(
        "handing",
        "handing",
        "Handing out work",
        quick="--outputs 1000 10000",
        minutes=(10, 60),
    ),
    Benchmark(
        "loading",
        "loading",
        "Loading files",
        quick="--outputs 1000 100000",
        minutes=(10, 60),
    ),
    Benchmark(
        "backup",
        "backup",
        "Backup, restore, move",
        quick="--ratings 10000 50000 --naive-up-to 50000",
        minutes=(10, 120),
    ),
    Benchmark(
        "faults",
        "faults",
        "What is lost when a part of the site dies",
        quick="--drill web worker database admins --database sqlite",
        minutes=(15, 240),
    ),
    Benchmark("fuzz", "fuzz", "Mutated files", quick="--files 500", minutes=(10, 120)),
    Benchmark("agreement", "agreement", "Krippendorff's alpha", quick="--quick"),
    Benchmark(
        "meta_evaluation", "meta_evaluation", "Meta-evaluation", quick="--segments 200"
    ),
    Benchmark("text_metrics", "text_metrics", "BLEU and chrF", quick="--sentences 2000"),
    Benchmark("leakage", "leakage", "Duplicates and leaks", quick="--lines 4000"),
    Benchmark("generation", "generation", "Generation with adapters"),
    Benchmark("report", "report", "A whole report", quick="--systems 8 --segments 400"),
    Benchmark("explorer", "explorer", "The explorer's page", quick="--segments 1000"),
    Benchmark("packages", "packages", "Packages of a report", quick="--segments 50 500"),
)  # fmt: skip


def chosen(only: str) -> list[Benchmark]:
    """Those that a list of names with commas names, or all.

    Raises
    ------
    ValueError
        A name is in no list.
    """
    names = [name.strip() for name in only.split(",") if name.strip()]
    known = {benchmark.name: benchmark for benchmark in LIST}
    if wrong := [name for name in names if name not in known]:
        raise ValueError(f"no benchmark {', '.join(wrong)}; write {', '.join(known)}")
    return [known[name] for name in names] or list(LIST)
