"""Prints "passed failed skipped" of a JUnit file that ctest wrote."""

import sys
import xml.etree.ElementTree

suite = xml.etree.ElementTree.parse(sys.argv[1]).getroot()
counts = {"passed": 0, "failed": 0, "skipped": 0}
for case in suite.iter("testcase"):
    if case.find("skipped") is not None or case.get("status") in ("disabled", "notrun"):
        # ctest reports a test whose binary is missing as "notrun": that is a failure, not a skip.
        missing = case.get("name").endswith("_NOT_BUILT")
        counts["failed" if missing else "skipped"] += 1
    elif case.find("failure") is not None or case.get("status") == "fail":
        counts["failed"] += 1
    else:
        counts["passed"] += 1
print(counts["passed"], counts["failed"], counts["skipped"])
