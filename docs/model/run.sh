#!/usr/bin/env bash
# Checks one configuration of money.pml and prints one line about it.
#   docs/model/run.sh 'MACROS' [cycle]     e.g. '-DNT=2 -DNA=2 -DNE=1 -DK=1'
# cycle: looks for a cycle in the state graph instead of a violated assertion.
# Exit code 0: the search was complete and found nothing; 1: it found something; 2: it is not known
# (not complete in LIMIT seconds, 290, or MEMORY MiB, 6000). STEPS=FILE gets the steps of a finding.
# QUICK=1 suits small configurations: compiling takes longer than searching them.
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)
macros=$1
mode=${2:-safety}
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
cp "$here/money.pml" .

# shellcheck disable=SC2086 # macros are several words
spin $macros -a money.pml >spin.out 2>&1 || { cat spin.out && exit 2; }
if [[ $mode == cycle ]]; then
  compile=(-DNP)
  run=(-l)
else
  compile=(-DSAFETY)
  run=()
fi
if [[ -n ${QUICK:-} ]]; then
  compile+=(-O0)
  run+=(-w20)
else
  compile+=(-O2)
  run+=(-w24)
fi
gcc -w -DCOLLAPSE -DMEMLIM="${MEMORY:-6000}" "${compile[@]}" -o pan pan.c 2>gcc.out ||
  { cat gcc.out && exit 2; }
status=0
timeout "${LIMIT:-290}" ./pan "${run[@]}" -m4000 >pan.out 2>&1 || status=$?

number() { sed -n "s/^[[:space:]]*\([0-9.e+]*\)[[:space:]]*$1.*/\1/p" pan.out | tail -n 1; }
states=$(number 'states, stored')
memory=$(number 'total actual memory usage')
seconds=$(sed -n 's/^pan: elapsed time \([0-9.e+]*\) seconds/\1/p' pan.out | head -n 1)
finding=$(grep -m 1 -E '^pan:.*(violated|non-progress|invalid end)' pan.out || true)
if [[ -n $finding ]]; then
  verdict="found: ${finding#pan:*: }"
  code=1
elif [[ $status == 0 ]] && grep -q 'errors: 0$' pan.out &&
  ! grep -qE 'max search depth too small|search was not completed' pan.out; then
  verdict=holds
  code=0
else
  verdict="not complete (exit code $status)"
  code=2
fi
echo "$verdict; ${states:-?} states, ${memory:-?} MiB, ${seconds:-?} s; $macros $mode"
if [[ -s money.pml.trail && -n ${STEPS:-} ]]; then
  # One line a step, without the bookkeeping of the check.
  # shellcheck disable=SC2086
  spin $macros -t -p money.pml | grep -E '^ *[0-9]+:.*\[' |
    grep -vE '\[(ii|kk|fl|cf|held) =|assert|sub-sequence|\[(IF|DO|\(1\)|else|\.?\(?goto)' |
    grep -vE '\[\(+!?\(*(ii|kk)' >"$STEPS" || true
fi
exit "$code"
