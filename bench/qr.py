"""How fast VietQR texts are built and read, and pictures drawn, by one core: no market is started.

python -m bench.qr [--rounds 5] [--seconds 1]
"""

import argparse
import time
from collections.abc import Callable, Sequence

from bench.results import Row, median_row, show
from payments.qr import parse, vietqr
from payments.qr_picture import qr_svg


def main(argv: Sequence[str] | None = None) -> None:
    """Measures and shows."""
    parser = argparse.ArgumentParser(prog="python -m bench.qr", description=__doc__)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--seconds", type=float, default=1)
    asked = parser.parse_args(argv)
    rounds = [_round(asked.seconds) for _ in range(asked.rounds)]
    rows = [median_row(of_act) for of_act in zip(*rounds, strict=True)]
    show("qr", rows, rounds=asked.rounds, by="one core in process")


def _round(seconds: float) -> list[Row]:
    text = _built(0)
    if parse(text).amount_dong != 1000:
        raise RuntimeError("what was built is not what is read")
    acts: dict[str, Callable[[int], object]] = {
        "built": _built,
        "read": lambda _: parse(text),
        "drawn as SVG": lambda _: qr_svg(text),
    }
    return [{"texts": name, "texts/s": _rate(act, seconds)} for name, act in acts.items()]


def _built(number: int) -> str:
    return vietqr("970436", "0011004321987", amount_dong=1000 + number, purpose="D7K2M9QX4T")


def _rate(act: Callable[[int], object], seconds: float) -> float:
    began, count = time.perf_counter(), 0
    while time.perf_counter() - began < seconds:
        for _ in range(20):
            act(count)
            count += 1
    return count / (time.perf_counter() - began)


if __name__ == "__main__":
    main()
