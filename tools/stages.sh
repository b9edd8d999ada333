# shellcheck shell=bash
# Stages of tools/test and tools/check: each runs, is counted, and never stops the ones after it.
# Source it from the project root, call stages, end with `close_stages`.

passed=0
failed=0
skipped=0
failures=()
times=()
results=build/results
mkdir -p "$results"

# count PASSED FAILED SKIPPED NAME: adds to the totals.
count() {
  passed=$((passed + $1))
  failed=$((failed + $2))
  skipped=$((skipped + $3))
  if [[ $2 -gt 0 ]]; then
    failures+=("$4")
  fi
}

# stage NAME COMMAND...: one check, which passes or fails.
stage() {
  local name=$1 begin=$SECONDS
  shift
  echo "== $name"
  if "$@"; then
    count 1 0 0 "$name"
  else
    count 0 1 0 "$name"
    echo "FAILED: $name"
  fi
  echo "== $name: $((SECONDS - begin)) s"
  times+=("$(printf '%5d s  %s' "$((SECONDS - begin))" "$name")")
}

# counted_stage NAME FILE COMMAND...: a run of many tests that writes "passed failed skipped" to
# FILE. One that ends with an error and counted no failure is a failure itself.
counted_stage() {
  local name=$1 file=$2 begin=$SECONDS status=0 counts
  shift 2
  echo "== $name"
  rm -f "$file"
  "$@" || status=$?
  counts=(0 0 0)
  if [[ -s $file ]]; then
    read -r -a counts <"$file"
  elif [[ $status -eq 0 ]]; then
    status=1
  fi
  if [[ $status -ne 0 && ${counts[1]} -eq 0 ]]; then
    counts[1]=1
  fi
  count "${counts[@]}" "$name"
  echo "== $name: ${counts[*]} (passed failed skipped), $((SECONDS - begin)) s"
  times+=("$(printf '%5d s  %s' "$((SECONDS - begin))" "$name")")
}

# build_stage PRESET: builds; when that fails there is nothing left to test with this preset.
build_stage() {
  local before=$failed
  stage "build $1" tools/build "$1"
  [[ $failed -eq $before ]]
}

# _run_ctest PRESET NAME [COMMAND...]: ctest, started by a command that changes its surroundings;
# the results are called NAME.
_run_ctest() {
  local preset=$1 name=$2 report=$PWD/$results/$2.xml status=0
  rm -f "$report"
  "${@:3}" ctest --preset "$preset" --output-on-failure --output-junit "$report" -j "$(nproc)" \
    >"$results/$name.log" 2>&1 || status=$?
  if [[ $status -ne 0 ]]; then
    grep -v -E '^ *Start +[0-9]+:| Passed +[0-9.]+ sec$' "$results/$name.log" || true
  fi
  /usr/bin/python3 tools/count_junit.py "$report" >"$results/$name.count" || status=1
  return "$status"
}

# ctest_stage PRESET: every gtest case of that build, one by one.
ctest_stage() {
  counted_stage "unit tests ($1)" "$results/ctest-$1.count" _run_ctest "$1" "ctest-$1"
}

# Runs a command as if it were started at MOMENT in ZONE; clocks go on from there. The moments are
# in the past, because gRPC waits for moments of the kernel's clock, which libfaketime leaves alone:
# one that seems to be ahead would last until then, one that is over only costs a look at the clock.
_at() {
  local moment=$1 zone=$2 back
  shift 2
  back=$(($(TZ=$zone date -d "$moment" +%s) - $(date +%s)))
  env LD_PRELOAD=/usr/lib/x86_64-linux-gnu/faketime/libfaketimeMT.so.1 FAKETIME="$back" \
    FAKETIME_DONT_FAKE_MONOTONIC=1 TZ="$zone" "$@"
}

# Where the library is missing, the loader says so and goes on with the real time.
_clock_says() {
  local told
  told=$(_at "$1" "$2" date '+%F %H:%M' 2>&1)
  if [[ $told != "${1%:*}" ]]; then
    echo "it says: $told"
    return 1
  fi
}

# ctest_at_stage MOMENT ZONE: the unit tests at another time and place. The services themselves are
# linked with jemalloc, which asks for the time before libfaketime is ready, and hang.
ctest_at_stage() {
  local before=$failed name=ctest-at-${1// /-}
  stage "the clock at $1, $2" _clock_says "$1" "$2"
  if [[ $failed -gt $before ]]; then
    return
  fi
  counted_stage "unit tests at $1, $2" "$results/$name.count" \
    _run_ctest release "$name" _at "$1" "$2"
}

# python_stage NAME FILE...: test files in Python, each test counted.
python_stage() {
  local name=$1
  shift
  counted_stage "$name" "$results/python.count" \
    /usr/bin/python3 -m tests.run --counts="$results/python.count" "$@"
}

_run_seeds() {
  local preset=$1 first=$2 count=$3 output=$results/simulator-$1.out status=0
  "build/$preset/bin/gongji-simulator" --first_seed="$first" --seeds="$count" --hashes \
    >"$output" 2>&1 || status=$?
  if [[ $status -ne 0 ]]; then
    grep -v -E '^seed [0-9]+ hash ' "$output" | tail -n 100
  fi
  return "$status"
}

# Every 100th seed once more, in a process of its own, must have the same trace.
_hashes_repeat() {
  local preset=$1 first=$2 count=$3 seed line
  for ((seed = (first + 99) / 100 * 100; seed < first + count; seed += 100)); do
    line=$("build/$preset/bin/gongji-simulator" --seed="$seed" --hashes | grep '^seed ')
    if ! grep -qxF "$line" "$results/simulator-$preset.out"; then
      echo "a second process gives another trace: $line"
      return 1
    fi
  done
}

# simulator_stage PRESET FIRST COUNT: seeds of the whole cluster in one thread.
simulator_stage() {
  stage "simulator, seeds $2 to $(($2 + $3 - 1)) ($1)" _run_seeds "$@"
  stage "simulator, every 100th seed repeats ($1)" _hashes_repeat "$@"
}

_play_examples() {
  "build/$1/bin/gongji-example-simulator" --seeds="$2" examples/*.jsonl
}

# examples_stage PRESET SEEDS: every example on the simulated cluster, under faults.
examples_stage() {
  stage "examples on the simulated cluster, $2 seeds each ($1)" _play_examples "$@"
}

# The time of each stage and the verdict; its last line is the only one a machine needs to read.
close_stages() {
  local name
  printf '%s\n' ${times[@]+"${times[@]}"}
  for name in ${failures[@]+"${failures[@]}"}; do
    echo "failed: $name"
  done
  echo "$passed passed, $failed failed, $skipped skipped"
  [[ $failed -eq 0 && $passed -gt 0 ]]
}
