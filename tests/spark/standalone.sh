#!/usr/bin/env bash
# Runs the job on a standalone master with two workers, kills one of them with all its processes while it analyses a bundle,
# asserts that it did and that master and driver saw it, and holds the result: one row per bundle.
#
#   standalone.sh PYTHON ANALYZER [COUNT]        PYTHON: one that has the packages of requirements.txt
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)
python=$1 analyzer=$(realpath "$2") count=${3:-200}
bin=$(dirname "$python")
port=${PORT:-17077}
work=$(mktemp -d)
groups=()
finish() {
    status=$?
    for group in "${groups[@]}"; do kill -KILL -- "-$group" 2>/dev/null || true; done
    [ "$status" = 0 ] || tail -n 40 "$work"/*.log
    rm -rf "$work"
    exit "$status"
}
trap finish EXIT
export SPARK_LOCAL_IP=127.0.0.1 PYSPARK_PYTHON=$python SPARK_WORKER_DIR=$work/workers

"$python" "$here/mix.py" "$work/cases" "$count" --no-hang
"$here/poison.sh" "$work/cases" "$work/analyzer" "$analyzer"
all=$((count + 5))

# Starts a process in a session of its own, so that it can be killed with all that it started.
start() {
    setsid "${@:2}" >"$work/$1.log" 2>&1 </dev/null &
    groups+=($!)
}
# Waits up to two minutes for a line in a log.
await() {
    for _ in $(seq 600); do
        ! grep -q "$2" "$work/$1.log" || return 0
        sleep 0.2
    done
    echo "no \`$2\` in the log of $1"
    return 1
}
below() {
    for child in $(pgrep -P "$1"); do
        echo "$child"
        below "$child"
    done
}
analyses() { below "$1" | xargs -r ps -o args= -p 2>/dev/null | grep -q ' batch row '; }

class=org.apache.spark.deploy
start master "$bin/spark-class" $class.master.Master --host 127.0.0.1 --port "$port" --webui-port $((port + 1))
await master "I have been elected leader"
for number in 1 2; do
    start "worker-$number" "$bin/spark-class" $class.worker.Worker --host 127.0.0.1 --cores 1 --memory 1g \
        --webui-port $((port + 1 + number)) "spark://127.0.0.1:$port"
    await "worker-$number" "Successfully registered with master"
done
victim=${groups[1]}

touch "$work/driver.log"
start driver "$bin/spark-submit" --master "spark://127.0.0.1:$port" --conf spark.ui.enabled=false --driver-memory 1g \
    --executor-memory 512m "$here/cases.py" --cases "$work/cases" --out "$work/out" --analyzer "$work/analyzer" \
    --time 20 --chunk $((count / 2)) --bins 8
driver=${groups[3]}
await driver " of $all done"
# Now in the second chunk: the moment that the first worker is at a bundle. It is over in some hundredths of a second.
killed=
for _ in $(seq 3000); do
    if analyses "$victim"; then
        kill -KILL -- "-$victim"
        killed=1
        break
    fi
    kill -0 "$driver"
    sleep 0.02
done
[ -n "$killed" ] || { echo "the worker never was at work"; exit 1; }
echo "killed worker 1 at work, $(grep -c ' of .* done' "$work/driver.log") chunk(s) being done"
wait "$driver" || { echo "the job failed"; exit 1; }
if kill -0 "$victim" 2>/dev/null; then
    echo "the worker lives"
    exit 1
fi
grep -q "Removing worker" "$work/master.log" || { echo "the master has not missed the worker"; exit 1; }
grep "Lost executor" "$work/driver.log" | head -1
grep -q "Lost executor" "$work/driver.log" || { echo "the driver has not missed the worker"; exit 1; }
grep ' of .* done' "$work/driver.log"
"$python" "$here/check.py" "$work/out" "$all" crashed=2 timeout=1 output=2
