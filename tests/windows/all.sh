#!/usr/bin/env bash
# Builds tetra-collect.exe, checks it, and runs its tests under Wine; installs what it needs. Exit status 3: that cannot be had.
set -euo pipefail
cd "$(dirname "$0")/../.."
tests/windows/setup.sh
windows=x86_64-pc-windows-gnu
. "${WINX:-${XDG_CACHE_HOME:-$HOME/.cache}/winx}/env.sh"
cargo build --release --target $windows -p tetra-collect
tests/windows/check.sh "${CARGO_TARGET_DIR:-target}/$windows/release/tetra-collect.exe"
wineserver=/usr/lib/wine/wineserver64
# It fails where one runs already.
setsid $wineserver -p >/dev/null 2>&1 || true
trap '$wineserver -k || true' EXIT
# What Wine starts beside the first program keeps its outputs open: they must not be the ones of the tests.
"$CARGO_TARGET_X86_64_PC_WINDOWS_GNU_RUNNER" wineboot >/dev/null 2>&1
# Not the examples in the documents: rustdoc does not know where the standard library for Windows was put.
cargo test --target $windows -p tetra-collect --lib --bins
# Wine's processes load the root certificates one after the other, behind a semaphore (crypt32_root_semaphore) that one
# that is killed meanwhile never releases: all others would wait for ever. So the one that is killed at any moment is alone.
anywhen=ends::killed_at_any_moment_it_leaves_what_can_be_sealed
cargo test --target $windows -p tetra-endpoint-tests -- --exact $anywhen
# These wait for processes most of the time.
RUST_TEST_THREADS=6 cargo test --target $windows -p tetra-endpoint-tests -- --skip $anywhen
