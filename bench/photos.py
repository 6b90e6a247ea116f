"""What photos cost: 12-megapixel phone pictures a second on one core, and the peak memory of the process.

python -m bench.photos [--seconds 5] [--rounds 3]

Every kind is measured in a process of its own. `1 core`: one thread, by the time that the processor spent on it, so
that other work on the machine does not count. `peak` is the largest resident memory of the whole process, the
interpreter and our own modules included.
"""

import argparse
import json
import os
import platform
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from PIL import Image

from kit.pictures import variants
from kit.settings import ROOT
from vendors.services.photos import SIDES_PX

PHONE_PX = (4032, 3024)
FOLDER = ROOT / "var" / "bench"
KINDS: dict[str, Callable[[Image.Image, Path], None]] = {
    "jpeg": lambda picture, path: picture.save(path, "JPEG", quality=90),
    "jpeg progressive": lambda picture, path: picture.save(path, "JPEG", quality=90, progressive=True),
    "heic": lambda picture, path: picture.save(path, "HEIF", quality=50),
    "avif": lambda picture, path: picture.save(path, "AVIF", quality=60, speed=9),
    "webp": lambda picture, path: picture.save(path, "WEBP", quality=80, method=1),
    "jpeg as sent": lambda picture, path: picture.resize((1600, 1200)).save(path, "JPEG", quality=85),
}


def main(argv: Sequence[str] | None = None) -> None:
    """Makes the pictures, measures each kind in processes of its own, shows the table, writes var/bench/photos.json."""
    asked = _parser().parse_args(argv)
    if asked.only:
        print(json.dumps(_measured(Path(asked.only), asked.seconds, asked.threads)))
        return
    with tempfile.TemporaryDirectory() as folder:
        picture = phone_picture()
        rows = []
        for name, save in KINDS.items():
            path = Path(folder) / name.replace(" ", "_")
            save(picture, path)
            rows.append(_row(name, path, asked.seconds, asked.rounds))
    _show(rows, asked.rounds)


def phone_picture() -> Image.Image:
    """12 megapixels of soft shapes under fine grain, about as hard to compress as a market stall by daylight."""
    bands = []
    for seed in range(3):
        coarse = Image.effect_noise((63 + seed, 47), 110).resize(PHONE_PX, Image.Resampling.BICUBIC)
        middle = Image.effect_noise((504 + seed, 378), 90).resize(PHONE_PX, Image.Resampling.BICUBIC)
        fine = Image.effect_noise((2016 + seed, 1512), 60).resize(PHONE_PX, Image.Resampling.BICUBIC)
        bands.append(Image.blend(Image.blend(coarse, middle, 0.3), fine, 0.12))
    return Image.merge("RGB", bands)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m bench.photos", description=__doc__)
    parser.add_argument("--seconds", type=float, default=5)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--only", help=argparse.SUPPRESS)
    parser.add_argument("--threads", type=int, default=1, help=argparse.SUPPRESS)
    return parser


def _row(name: str, path: Path, seconds: float, rounds: int) -> dict[str, float | str]:
    alone = [_apart(path, seconds, 1) for _ in range(rounds)]
    two = [_apart(path, seconds, 2) for _ in range(rounds)]
    return {
        "kind": name,
        "kB in": round(path.stat().st_size / 1000),
        "kB out": alone[0]["kept_kb"],
        "a second, 1 core": round(statistics.median(one["a_core_second"] for one in alone), 2),
        "peak MB": max(one["peak_mb"] for one in alone),
        "peak MB, 2 threads": max(one["peak_mb"] for one in two),
    }


def _apart(path: Path, seconds: float, threads: int) -> dict[str, float]:
    """One measurement in a fresh process, so that its peak is its own."""
    command = [sys.executable, "-m", "bench.photos", "--only", str(path)]
    command += ["--seconds", str(seconds), "--threads", str(threads)]
    told = subprocess.run(command, cwd=ROOT, check=True, capture_output=True, text=True).stdout  # noqa: S603
    found: dict[str, float] = json.loads(told)
    return found


def _measured(path: Path, seconds: float, threads: int) -> dict[str, float]:
    raw, began, spent = path.read_bytes(), time.monotonic(), time.process_time()

    def work(_: int) -> int:
        count = 0
        while time.monotonic() - began < seconds:
            variants(raw, SIDES_PX)
            count += 1
        return count

    with ThreadPoolExecutor(threads) as pool:
        count = sum(pool.map(work, range(threads)))
    kept = variants(raw, SIDES_PX)
    return {
        "a_core_second": (count + 1) / (time.process_time() - spent),
        "peak_mb": round(_peak_bytes() / 1e6),
        "kept_kb": round((sum(map(len, kept.files.values())) + len(kept.blur)) / 1000),
    }


def _peak_bytes() -> int:
    """The largest resident memory of this process since it began; ru_maxrss would be that of who started it, too."""
    status = Path("/proc/self/status").read_text()
    return int(status.split("VmHWM:")[1].split()[0]) * 1024


def _show(rows: Sequence[dict[str, float | str]], rounds: int) -> None:
    kept = {"bench": "photos", "cores": os.cpu_count(), "python": platform.python_version(), "rounds": rounds}
    FOLDER.mkdir(parents=True, exist_ok=True)
    (FOLDER / "photos.json").write_text(
        json.dumps({**kept, "rows": rows}, ensure_ascii=False, indent=1) + "\n"
    )
    print(f"photos of {PHONE_PX[0]} × {PHONE_PX[1]}: medians of {rounds} rounds, {os.cpu_count()} cores")
    print(" | ".join(rows[0]))
    for row in rows:
        print(" | ".join(str(value) for value in row.values()))


if __name__ == "__main__":
    main()
