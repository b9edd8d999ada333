"""Runs Python tests and counts each one.

    python3 -m tests.run [--counts=FILE] FILE...    the tests of these files
"""

import argparse
import importlib.util
import pathlib
import sys
import unittest


def load(path):
    """Returns the tests of one file, or one failing test that says why it could not be read."""
    spec = importlib.util.spec_from_file_location(path.stem, path)
    module = importlib.util.module_from_spec(spec)
    sys.modules[path.stem] = module
    try:
        spec.loader.exec_module(module)
    except Exception as error:  # pylint: disable=broad-except
        def fail(error=error):
            raise error
        return unittest.FunctionTestCase(fail, description=str(path))
    return unittest.defaultTestLoader.loadTestsFromModule(module)


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--counts", type=pathlib.Path)
    parser.add_argument("files", nargs="+", type=pathlib.Path)
    args = parser.parse_args()
    suite = unittest.TestSuite(load(path) for path in args.files)
    result = unittest.TextTestRunner(stream=sys.stdout, verbosity=1).run(suite)
    # A test with several failing subtests is one failed test.
    failed = len({id(getattr(test, "test_case", test))
                  for test, _ in result.failures + result.errors})
    failed += len(result.unexpectedSuccesses)
    skipped = len(result.skipped)
    if args.counts:
        args.counts.write_text(
            f"{max(0, result.testsRun - failed - skipped)} {failed} {skipped}\n")
    return 0 if result.wasSuccessful() else 1


if __name__ == "__main__":
    sys.exit(main())
