#!/bin/bash
# Checks a tetra-collect.exe: it needs nothing but the system's own DLLs, is small, and carries version, icon and manifest.
set -euo pipefail
exe=$1
objdump=x86_64-w64-mingw32-objdump
system='advapi32 bcrypt bcryptprimitives combase crypt32 iphlpapi kernel32 kernelbase msvcrt ncrypt ntdll ole32 oleaut32
        powrprof psapi secur32 shell32 user32 userenv winhttp ws2_32'
imports=$($objdump -p "$exe" | awk '/DLL Name:/ { sub(/\.dll$/, "", $3); print tolower($3) }' | sort -u)
[ -n "$imports" ]
for dll in $imports; do
    case $dll in api-ms-win-*) continue ;; esac
    case " $(echo $system) " in *" $dll "*) ;; *) echo "$exe needs $dll.dll, which is not the system's"; exit 1 ;; esac
done
size=$(stat -c %s "$exe")
[ "$size" -lt 10000000 ] || { echo "$exe has $size bytes, 10 MB or more"; exit 1; }
for text in requireAdministrator longPathAware '>UTF-8<'; do
    grep -aq -- "$text" "$exe" || { echo "$exe lacks $text in its manifest"; exit 1; }
done
resources=$($objdump -p "$exe" | grep -A 400 'The .rsrc Resource Directory section' || true)
for id in 00000e 000010 000018; do     # group icon, version, manifest
    grep -qi "Entry: ID: 0x0*$id" <<< "$resources" || { echo "$exe lacks the resource 0x$id"; exit 1; }
done
stamp=$($objdump -p "$exe" | awk '/^Time\/Date/ && /1970/ { print "none" }')
[ "$stamp" = none ] || { echo "$exe tells when it was linked"; exit 1; }
echo "$exe: $size bytes, imports $(echo $imports)"
