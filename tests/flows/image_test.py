"""The image installs every library that the binaries load."""

import functools
import pathlib
import re
import subprocess
import unittest

from tests.cluster.cluster import ROOT, default_build_dir


def output(*command):
    return subprocess.run(command, capture_output=True, text=True, check=True).stdout


def closure(packages):
    """Returns these packages and all that they depend on, as installed on this machine."""
    listing = output("dpkg-query", "-W", "-f=${Package}\t${Depends}, ${Pre-Depends}\n")
    depends = dict(line.split("\t", 1) for line in listing.splitlines())
    found, queue = set(), list(packages)
    while queue:
        package = queue.pop()
        if package in found or package not in depends:
            continue
        found.add(package)
        queue += re.findall(r"(?:^|[,|])\s*([a-z0-9.+-]+)", depends[package])
    return found


def libraries(binary):
    """Returns the real paths of the shared libraries that `binary` loads."""
    paths = re.findall(r"=> (/\S+)", output("ldd", binary))
    return {str(pathlib.Path(path).resolve()) for path in paths}


@functools.cache
def package_of(library):
    """Returns a library's package; dpkg knows some by their path before /usr was merged."""
    for path in (library, library.removeprefix("/usr")):
        done = subprocess.run(["dpkg", "-S", path], capture_output=True, text=True, check=False)
        if done.returncode == 0:
            return done.stdout.split(":")[0]
    return None


class ImageTest(unittest.TestCase):
    def test_runtime_packages(self):
        text = (ROOT / "deploy/docker/Dockerfile").read_text()
        runtime = text[text.index(" AS runtime"):]
        runtime = runtime[:runtime.index("COPY policy")]
        installed = closure(re.findall(r"\blib[a-z0-9.+-]+", runtime) + ["libc6", "libstdc++6"])
        binaries = [default_build_dir() / "bin" / name for name in (
            "gongji-relation", "gongji-wallet", "gongji-limits", "gongji-settlement", "gongji")]
        for binary in binaries:
            for library in sorted(libraries(binary)):
                self.assertIn(package_of(library), installed, f"{binary.name} loads {library}")


if __name__ == "__main__":
    unittest.main()
