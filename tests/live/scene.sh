#!/bin/sh
# One failing download, captured and collected by the real programs. Runs in a network and a mount namespace of its own,
# where it is root: its addresses, its name server and its capture are nobody else's.
#
#     scene.sh SCENE LEVEL FOLDER        the programs in $COLLECT and $PEERS
set -eu
scene=$1 level=$2 folder=$3

# The endpoint, and behind `lo` everything it reaches; behind `world` is another namespace, in which nobody answers.
ip link set lo mtu 1500 up
unshare -n sh -c 'until ip link set beyond up 2>/dev/null; do sleep 0.1; done; exec sleep 600' &
beyond=$!
trap 'kill "$beyond"' EXIT
while [ "$(readlink "/proc/$beyond/ns/net")" = "$(readlink /proc/self/ns/net)" ]; do sleep 0.1; done
ip link add world type veth peer name beyond netns "$beyond"
ip link set world up
ip address add 192.168.205.138/24 dev world
ip neighbour add 192.168.205.1 lladdr 00:1b:54:aa:00:01 dev world
for peer in 10.10.0.53 10.20.0.8 192.111.4.21; do
    ip address add "$peer/32" dev lo
    ip route replace table local local "$peer" dev lo src 192.168.205.138
done
ip route add default via 192.168.205.1
printf 'nameserver 10.10.0.53\noptions timeout:1 attempts:2\n' >"$folder/resolv.conf"
mount --bind "$folder/resolv.conf" /etc/resolv.conf

# The connector: its files, and a program whose log talks while it is asked to.
version=$folder/AMP/8.1.7.21417
mkdir -p "$version" "$folder/AMP/tetra/plugins" "$folder/state"
echo '<config><agent/></config>' >"$folder/AMP/local.xml"
printf '<Signature><Object><config>%s</config></Object></Signature>\n' \
    '<proxy><server>proxy.corp.example</server><port>3128</port></proxy>' >"$folder/AMP/policy.xml"
: >"$version/sfc.exe.log"
printf '#!/bin/sh\n[ "$2" = stop ] || echo "(1, +0 ms) Nov 23 09:00:00 [1]: debug" >>"%s/sfc.exe.log"\n' "$version" >"$version/sfc"
chmod +x "$version/sfc"

"$PEERS" servers "$scene" >"$folder/peers" &
peers=$!
trap 'kill "$peers" "$beyond"' EXIT
tries=0
until grep -q ready "$folder/peers"; do
    tries=$((tries + 1))
    [ "$tries" -lt 100 ]
    sleep 0.1
done

"$COLLECT" --install "$folder/AMP" --state "$folder/state" --output "$folder/bundle.zip" --redact "$level" --yes --no-probes \
    --until-attempt --interval 60s --patience 0.3 --lang en &
collect=$!

# The connector tries an update by itself, once the capture runs.
until ls "$folder/bundle.collecting/files/network/"capture-* >/dev/null 2>&1; do
    kill -0 "$collect"
    sleep 0.1
done
sleep 1
url=https://tetra-defs.amp.cisco.com/av64bit/Plugins/emalware.gzip
case $scene in
    dns) curl -sS -o /dev/null "$url" || true ;;
    proxy) curl -sS -o /dev/null --proxy http://proxy.corp.example:3128 "$url" || true ;;
    interrupt) curl -sS -k -o /dev/null "$url" || true ;;
    revocation) "$PEERS" updater ;;
esac >&2

wait "$collect"
