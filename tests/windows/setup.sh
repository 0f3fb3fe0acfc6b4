#!/bin/bash
# Makes `cargo build` and `cargo test --target x86_64-pc-windows-gnu` work on Debian, with tests under Wine. A second
# run on the same machine takes about a second. Leaves everything under $WINX; writes $WINX/env.sh to source.
#
# Rust's std for the target is taken where it is found first: the toolchain (rustup target add x86_64-pc-windows-gnu),
# sources of std beside this script or in ../shared/windows (library-VERSION.tar.xz), the toolchain's rust-src, rustup,
# Debian's rust-src. Exit status 3: it is nowhere to be had, and nothing was changed.
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)
: "${WINX:=${XDG_CACHE_HOME:-$HOME/.cache}/winx}" "${TARGETS:=x86_64-pc-windows-gnu}"
RV=$(rustc -V | cut -d' ' -f2)
STD=$WINX/std-$RV
mkdir -p "$WINX"
say() { printf '[windows %4ds] %s\n' "$SECONDS" "$*"; }
export DEBIAN_FRONTEND=noninteractive
as_root=; [ "$(id -u)" = 0 ] || as_root=sudo
APT="$as_root apt-get -o DPkg::Lock::Timeout=600 -qq"

at_hand() { # -> $WINX/src-$RV/library
    local d=$WINX/src-$RV
    [ -d "$d/library" ] && return
    local kept
    for kept in "$here/library-$RV.tar.xz" "$here/../../../shared/windows/library-$RV.tar.xz"; do
        if [ -f "$kept" ]; then mkdir -p "$d"; tar -C "$d" -xJf "$kept"; return; fi
    done
    if [ -d "$(rustc --print sysroot)/lib/rustlib/src/rust/library" ]; then
        mkdir -p "$d"; cp -r "$(rustc --print sysroot)/lib/rustlib/src/rust/library" "$d/library"; return
    fi
    return 1
}

by_debian() { # -> $WINX/src-$RV/library
    local d=$WINX/src-$RV a=$WINX/apt v mirror
    command -v apt-get > /dev/null || return 1
    mkdir -p "$d" "$a"/{etc/apt.conf.d,etc/preferences.d,etc/sources.list.d,var/lib/apt/lists/partial,var/cache/apt/archives/partial,dl}
    : > "$a/status"
    mirror=$(apt-get indextargets --format '$(REPO_URI)' 'Created-By: Packages' | grep -v security | head -n 1)   # the mirror this machine already uses
    cat > "$a/etc/sources.list.d/bpo.sources" <<S
Types: deb
URIs: $mirror
Suites: trixie-backports
Components: main
Architectures: amd64
Signed-By: /usr/share/keyrings/debian-archive-keyring.gpg
S
    cat > "$a/apt.conf" <<S
Dir::Etc "$a/etc"; Dir::Etc::Parts "apt.conf.d"; Dir::Etc::SourceParts "sources.list.d"; Dir::Etc::SourceList "none";
Dir::State "$a/var/lib/apt"; Dir::State::status "$a/status"; Dir::Cache "$a/var/cache/apt";
Acquire::Languages "none"; APT::Sandbox::User "root";
S
    APT_CONFIG=$a/apt.conf apt-get update -qq || return 1
    v=$(APT_CONFIG=$a/apt.conf apt-cache madison rust-src | awk -v r="$RV+" 'index($3,r)==1{print $3;exit}')
    [ -n "$v" ] || { rm -rf "$d"; return 1; }
    ( cd "$a/dl" && APT_CONFIG=$a/apt.conf apt-get download -qq "rust-src=$v" ) || return 1
    dpkg-deb --fsys-tarfile "$a"/dl/rust-src_*.deb | tar -x -C "$d" --strip-components=4 --wildcards './usr/src/rustc-*/library'
    rm -f "$a"/dl/*.deb
}

has_std() { ls "$(rustc --print sysroot)/lib/rustlib/$1/lib/"libstd-*.rlib > /dev/null 2>&1; }

build_std() {
    local t
    for t in $TARGETS; do
        if has_std "$t"; then continue; fi
        [ -e "$STD/$t.done" ] && continue
        say "std $RV for $t: building"
        "$here/mkstd.sh" "$t" "$STD" "$WINX/src-$RV/library" > "$WINX/mkstd-$t.log" 2>&1 || { tail -20 "$WINX/mkstd-$t.log"; return 1; }
        touch "$STD/$t.done"
        say "std $RV for $t: done"
    done
}

# By rustup, where it is there and reaches its server; sources at hand are faster, and asked of first.
by_rustup() { command -v rustup > /dev/null && timeout 120 rustup target add "$1" > "$WINX/rustup.log" 2>&1 && has_std "$1"; }

for t in $TARGETS; do
    has_std "$t" || [ -e "$STD/$t.done" ] || at_hand || by_rustup "$t" || by_debian || {
        say "no std of Rust $RV for $t, and no sources of it: rustup target add $t, or rustup component add rust-src"; exit 3; }
done
build_std & pid_std=$!

if ! [ -x /usr/bin/x86_64-w64-mingw32-gcc ] || ! [ -x /usr/lib/wine/wine64 ]; then
    say "apt: installing mingw-w64 and wine64"
    { $APT update && $APT install -y --no-install-recommends gcc-mingw-w64-x86-64-posix wine64; } > "$WINX/apt.log" 2>&1 || {
        tail -3 "$WINX/apt.log"; say "gcc-mingw-w64-x86-64-posix and wine64 cannot be installed"; wait $pid_std || true; exit 3; }
    say "apt: done"
fi

export WINEPREFIX=$WINX/prefix WINEDEBUG=-all WINEDLLOVERRIDES='mscoree,mshtml=;winemenubuilder.exe=d'
W=/usr/lib/wine/wine64 WS=/usr/lib/wine/wineserver64
if [ ! -e "$WINEPREFIX/.done" ]; then
    $W wineboot -i > /dev/null 2>&1; $WS -w
    x86_64-w64-mingw32-gcc -O2 -s -shared -o "$WINEPREFIX/drive_c/windows/system32/bcryptprimitives.dll" "$here/bcryptprimitives.c" -ladvapi32
    $W winecfg -v win10; $WS -w
    # The packet monitor is there since build 19041.
    $W reg add 'HKLM\Software\Microsoft\Windows NT\CurrentVersion' /v CurrentBuildNumber /d 19045 /f > /dev/null 2>&1; $WS -w
    touch "$WINEPREFIX/.done"
    say "wine prefix: done"
fi
cat > "$WINX/wine-run" <<S
#!/bin/sh
export WINEPREFIX='$WINEPREFIX' WINEDEBUG="\${WINEDEBUG:--all}" WINEDLLOVERRIDES='$WINEDLLOVERRIDES'
exec $W "\$@"
S
chmod +x "$WINX/wine-run"
{ echo "export WINEPREFIX='$WINEPREFIX' WINEDEBUG=-all WINEDLLOVERRIDES='$WINEDLLOVERRIDES'"
  for t in $TARGETS; do u=${t//-/_}; u=${u^^}
    flags=
    has_std "$t" || flags=--sysroot=$STD
    echo "export CARGO_TARGET_${u}_RUSTFLAGS='$flags' CARGO_TARGET_${u}_LINKER=x86_64-w64-mingw32-gcc CARGO_TARGET_${u}_RUNNER='$WINX/wine-run'"
  done; } > "$WINX/env.sh"
wait $pid_std
say "ready: . $WINX/env.sh"
