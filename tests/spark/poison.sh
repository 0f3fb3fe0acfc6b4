#!/usr/bin/env bash
# Poisons a folder: five bundles on which the analyzer crashes, hangs, prints garbage or prints and complains without end. The
# analyzer itself does none of this; what is written as WRAPPER does, and leaves all other bundles to it.
#
#   poison.sh FOLDER WRAPPER ANALYZER
set -euo pipefail
folder=$1 wrapper=$2 analyzer=$3
for how in crash hang garbage endless noisy; do
    printf 'PK %s' "$how" >"$folder/poison-$how.zip"
done
cat >"$wrapper" <<SCRIPT
#!/bin/sh
for last; do :; done
case \$last in
*/poison-crash.zip) kill -SEGV \$\$ ;;
*/poison-hang.zip) sleep 600 & sleep 600 ;;
*/poison-garbage.zip) echo '{"this is": ["no row' ;;
*/poison-endless.zip) exec yes ;;
*/poison-noisy.zip) exec yes >&2 ;;
*) exec '$analyzer' "\$@" ;;
esac
SCRIPT
chmod +x "$wrapper"
