"""Runs clang-tidy-19 on what changed and counts files.

    python3 tools/clang_tidy.py [--all] [--counts=FILE]

A file counts as changed if it, or a header it includes, differs from the merge base with the main
branch of the remote, else from the last tag; with neither, every file does. A file that was clean
is remembered by the hash of everything it was made from, because checking one that includes gRPC
takes 25 seconds.
"""

import argparse
import concurrent.futures
import hashlib
import os
import pathlib
import subprocess
import sys

ROOT = pathlib.Path(__file__).resolve().parents[1]
BUILD = ROOT / "build" / "release"
CACHE = ROOT / "build" / "clang-tidy"


def git(*args):
    done = subprocess.run(["git", *args], cwd=ROOT, capture_output=True, text=True, check=False)
    return done.stdout.split() if done.returncode == 0 else []


def base_commit():
    head = git("rev-parse", "HEAD")
    merge_base = git("merge-base", "HEAD", "origin/main")
    if merge_base and merge_base != head:
        return merge_base[0]
    tag = git("describe", "--tags", "--abbrev=0")
    return tag[0] if tag else None


def changed_files(everything):
    base = None if everything else base_commit()
    tracked = git("ls-files", "*.cc", "*.h", "*.inc")
    if base is None:
        return set(tracked)
    return set(git("diff", "--name-only", base)) & set(tracked)


def included_files():
    """For each of our .cc files that is built: the files of the project it is made from."""
    made_from = {}
    text = subprocess.run(["ninja", "-C", BUILD, "-t", "deps"], capture_output=True, text=True,
                          check=True).stdout
    for block in text.split("\n\n"):
        paths = [os.path.normpath(BUILD / line.strip()) for line in block.splitlines()[1:]]
        ours = [os.path.relpath(p, ROOT) for p in paths if p.startswith(str(ROOT))]
        # Ninja still remembers files that were removed since it built them.
        ours = [path for path in ours if (ROOT / path).exists()]
        if ours and ours[0].endswith(".cc") and not ours[0].startswith("build"):
            made_from[ours[0]] = ours
    return made_from


def fingerprint(files):
    digest = hashlib.sha256((ROOT / ".clang-tidy").read_bytes())
    for name in sorted(files):
        digest.update(name.encode() + b"\0" + (ROOT / name).read_bytes())
    return digest.hexdigest()


def check(source, files):
    stamp = CACHE / fingerprint(files)
    if stamp.exists():
        return source, 0, ""
    done = subprocess.run(["clang-tidy-19", "--quiet", "-p", BUILD, source], cwd=ROOT,
                          capture_output=True, text=True, check=False)
    if done.returncode == 0:
        stamp.touch()
    return source, done.returncode, done.stdout


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--all", action="store_true")
    parser.add_argument("--counts", type=pathlib.Path)
    args = parser.parse_args()
    CACHE.mkdir(parents=True, exist_ok=True)
    changed = changed_files(args.all)
    work = {source: files for source, files in included_files().items()
            if not changed.isdisjoint(files)}
    failed = 0
    with concurrent.futures.ThreadPoolExecutor(os.cpu_count()) as pool:
        for source, code, output in pool.map(lambda item: check(*item), sorted(work.items())):
            if code != 0:
                failed += 1
                print(f"-- {source}\n{output}", flush=True)
    if args.counts:
        args.counts.write_text(f"{len(work) - failed} {failed} 0\n")
    print(f"{len(work)} files checked, {failed} with findings")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
