#!/usr/bin/env bash
# Runs the job on local[2] as CI does: bundles that crash, hang, print garbage or print without end; a driver that is killed
# in mid-run; a resume; a second try of what failed; a copy and a new name. Every bundle must have one row after each.
#
#   local.sh PYTHON ANALYZER [COUNT]        PYTHON: one that has the packages of requirements.txt
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)
python=$1 analyzer=$(realpath "$2") count=${3:-40}
work=$(mktemp -d)
driver=
finish() {
    [ -z "$driver" ] || kill -KILL -- "-$driver" 2>/dev/null || true
    rm -rf "$work"
}
trap finish EXIT
export SPARK_LOCAL_IP=127.0.0.1 PYSPARK_PYTHON=$python

"$python" "$here/mix.py" "$work/cases" "$count" --no-hang
"$here/poison.sh" "$work/cases" "$work/analyzer" "$analyzer"
all=$((count + 5))

job() {
    "$(dirname "$python")/spark-submit" --master 'local[2]' --conf spark.ui.enabled=false --conf spark.log.level=ERROR \
        --driver-memory 1g "$here/cases.py" --cases "$work/cases" --out "$work/out" --analyzer "$work/analyzer" \
        --time 10 --chunk 16 --bins 4 "$@" </dev/null
}
check() { "$python" "$here/check.py" "$work/out" "$@" crashed=2 timeout=1 output=2; }

echo "-- a driver that is killed when a chunk is done"
touch "$work/log"
set -m
job >"$work/log" 2>"$work/noise" &
driver=$!
set +m
until grep -q '^16 of ' "$work/log"; do
    kill -0 "$driver" 2>/dev/null || { cat "$work/log" "$work/noise"; exit 1; }
    sleep 0.2
done
kill -KILL -- "-$driver"
wait "$driver" || true
driver=
grep ' of ' "$work/log" | tail -1

echo "-- resumed"
job 2>"$work/noise" | tee "$work/log" || { cat "$work/noise"; exit 1; }
kept=$(sed -n "s/^$all bundles, \([0-9]*\) in .*/\1/p" "$work/log")
[ "$kept" -ge 16 ] && [ "$kept" -lt "$all" ] || { echo "kept $kept, not between 16 and $all"; exit 1; }
check "$all"

echo "-- what failed, once more: more answers, no more rows"
job --retry-failed 2>"$work/noise" | tee "$work/log" || { cat "$work/noise"; exit 1; }
check "$all" | tee "$work/answers"
answers=$(sed -n 's/^\([0-9]*\) answers.*/\1/p' "$work/answers")

echo "-- nothing left to do"
job 2>"$work/noise" | tee "$work/log" || { cat "$work/noise"; exit 1; }
grep -q "^$all bundles, $all in " "$work/log"

echo "-- a copy and a new name: two keys more, nothing to analyse"
good=$(find "$work/cases" -name 'case-00001.zip')
cp "$good" "$work/cases/copy.zip"
mv "$good" "$work/cases/renamed.zip"
job 2>"$work/noise" | tee "$work/log" || { cat "$work/noise"; exit 1; }
grep -q "^2 of 2 done, 0 analysed" "$work/log"
check $((all + 2)) answers="$answers"
