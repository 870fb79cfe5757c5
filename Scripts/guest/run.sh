# shellcheck shell=bash
# Boots the guest and runs one script in it. Sourced by Scripts/linux-guest after a build.
# The guest's root directory is the initramfs that build.sh made plus a second one, made here for this run, with the
# script, its arguments and the files: the kernel unpacks one after the other.

WORK= # this run's own directory

run() {
    local limit=300 output_dir='' want_input='' verbose='' files=() programs=() option
    while getopts "t:f:x:o:iv" option; do
        case $option in
            t) limit=$OPTARG ;;
            f) files+=("$OPTARG") ;;
            x) programs+=("$OPTARG") ;;
            o) output_dir=$OPTARG ;;
            i) want_input=1 ;;
            v) verbose=1 ;;
            *) usage >&2; exit 126 ;;
        esac
    done
    shift $(( OPTIND - 1 ))
    (( $# >= 1 )) || die "which script? (see --help)"
    [[ -r $1 ]] || die "there is no script $1"
    [[ -f $INITRAMFS ]] || die "the guest is not built; run: KERNEL=$KERNEL $0 build"
    exec 3<&0
    WORK=$(mktemp -d -t linux-guest.XXXXXX)
    trap clean_up EXIT
    trap 'exit 130' INT
    trap 'exit 143' TERM
    set_network
    mkdir -p "$WORK/root/job"
    add_files "${files[@]}"
    add_host_programs "${programs[@]}"
    add_script "$@"
    archive "$WORK/root" >"$WORK/run.cpio"
    cat "$INITRAMFS" "$WORK/run.cpio" >"$WORK/initramfs"
    local code=0
    boot || code=$?
    [[ -z $output_dir ]] || bring_back_files "$output_dir"
    exit "$code"
}

clean_up() {
    local child
    for child in $(jobs -p); do kill "$child" 2>/dev/null || true; done
    [[ $NET != tap ]] || ip link del "$TAP" 2>/dev/null || true
    rm -rf "$WORK"
}

# ---- what goes in

# add_files FILE[:NAME]...
add_files() {
    local entry name
    for entry; do
        name=${entry#*:}
        [[ $name != "$entry" ]] || name=$(basename "$entry")
        entry=${entry%%:*}
        [[ -e $entry ]] || die "there is no $entry"
        mkdir -p "$(dirname "$WORK/root/job/$name")"
        cp -RL "$entry" "$WORK/root/job/$name"
    done
}

# add_host_programs PROGRAM...: each runs on this machine's C library and loader, not on the guest's, so that a
# program built here runs there. The programs share one folder of libraries.
add_host_programs() {
    local program name library lib=$WORK/root/opt/host/lib
    (( $# )) || return 0
    mkdir -p "$lib" "$WORK/root/opt/host/bin" "$WORK/root/usr/local/bin"
    for program; do
        name=$(basename "$program")
        cp -L "$program" "$WORK/root/opt/host/bin/$name" || die "there is no program $program"
        while read -r library; do
            [[ -e $lib/$(basename "$library") ]] || cp -L "$library" "$lib/"
        done < <(libraries_of "$program")
        printf '#!/bin/sh\nexec /opt/host/lib/ld-linux-x86-64.so.2 --library-path /opt/host/lib %s "$@"\n' \
            "/opt/host/bin/$name" >"$WORK/root/usr/local/bin/$name"
        chmod +x "$WORK/root/usr/local/bin/$name"
    done
}

libraries_of() {
    local listing
    listing=$(ldd "$1") || die "$1 is not a program that ldd can read"
    ! grep -q 'not found' <<<"$listing" || die "a library of $1 is missing: $(grep 'not found' <<<"$listing")"
    awk '$2 == "=>" { print $3 } $1 ~ /^\// { print $1 }' <<<"$listing"
}

# add_script SCRIPT ARG...
add_script() {
    install -m 755 "$1" "$WORK/root/run.script"
    shift
    {
        echo "export HOST_IP=$HOST_IP GUEST_IP=$GUEST_IP WANT_INPUT=$want_input WANT_FILES=${output_dir:+1}"
        printf 'set --'
        (( $# == 0 )) || printf ' %q' "$@"
        echo
    } >"$WORK/root/run.env"
}

bring_back_files() {
    mkdir -p "$1"
    [[ ! -s $WORK/files.tar ]] || tar -C "$1" -xf "$WORK/files.tar"
    cp "$WORK/console" "$1/console.log"
}

# ---- the machine

set_network() {
    TAP=tap-guest
    case $NET in
        slirp)
            HOST_IP=10.0.2.2 GUEST_IP=10.0.2.15
            NETWORK=(-netdev "user,id=net0,ipv4=on,ipv6=on")
            ;;
        tap)
            HOST_IP=10.77.0.1 GUEST_IP=10.77.0.2
            ip link set lo up
            ip tuntap add dev "$TAP" mode tap vnet_hdr || die "no tap device (root is needed)"
            ip addr add "$HOST_IP/24" dev "$TAP"
            ip link set "$TAP" up
            NETWORK=(-netdev "tap,id=net0,ifname=$TAP,script=no,downscript=no")
            ;;
        none)
            HOST_IP='' GUEST_IP='' NETWORK=()
            return
            ;;
        *) die "NET is slirp, tap or none, not $NET" ;;
    esac
    NETWORK+=(-device "virtio-net-pci,netdev=net0,romfile=")
}

# The initramfs is in memory twice while the kernel unpacks it.
memory_mib() {
    echo "${MEM:-$(( 384 + 2 * ($(stat -c %s "$WORK/initramfs") >> 20) ))}"
}

# Sets QEMU to the command line of the machine.
compose_qemu() {
    local share=$POOL/usr/share
    case $ACCEL in
        tcg) QEMU=(-accel "tcg,thread=multi,tb-size=256" -cpu "max,-la57") ;;
        kvm) QEMU=(-accel kvm -cpu host) ;;
        *) die "ACCEL is tcg or kvm, not $ACCEL" ;;
    esac
    QEMU+=(-L "$share/qemu" -L "$share/seabios"
        -M "q35,usb=off,vmport=off,hpet=off" -m "$(memory_mib)" -smp "$SMP"
        -nodefaults -no-user-config -display none -no-reboot
        -kernel "$KERNEL_DIR/vmlinux" -initrd "$WORK/initramfs" -append "$(kernel_arguments)"
        -chardev "file,id=console,path=$WORK/console" -serial chardev:console
        -device virtio-serial-pci
        -chardev "file,id=control,path=$WORK/control" -device "virtserialport,nr=1,chardev=control,name=control"
        -chardev "file,id=output,path=$WORK/output" -device "virtserialport,nr=2,chardev=output,name=output"
        -chardev "file,id=files,path=$WORK/files.tar" -device "virtserialport,nr=3,chardev=files,name=files"
        -chardev "file,id=input,path=/dev/null,input-path=$WORK/input"
        -device "virtserialport,nr=4,chardev=input,name=input"
        -object "rng-random,id=rng0,filename=/dev/urandom" -device "virtio-rng-pci,rng=rng0"
        "${NETWORK[@]}")
}

kernel_arguments() {
    echo "console=ttyS0 panic=-1 oops=panic quiet loglevel=4 mitigations=off nokaslr tsc=reliable no_timer_check" \
        "net.ifnames=0 audit=0 apparmor=0 selinux=0 cryptomgr.notests random.trust_cpu=1 $APPEND"
}

# ---- booting: under load an emulated boot can get stuck before it reaches the script; then it is started again

boot() {
    local try deadline=$(( SECONDS + limit )) qemu=0 reader='' code
    mkfifo "$WORK/output" "$WORK/input"
    exec 4<>"$WORK/input" # held open, so that the guest never sees an end of it
    if [[ -n $want_input ]]; then
        cat <&3 >&4 3<&- 4<&- &
    fi
    compose_qemu
    for (( try = 1; try <= BOOT_TRIES; try++ )); do
        start_machine
        if wait_for_boot; then
            wait "$qemu" || true
            end_output
            code=$(sed -n 's/^exit //p' "$WORK/control")
            [[ -z $code ]] || return "$code"
            break
        fi
        stop_machine
        (( SECONDS < deadline )) || break
        say "boot $try did not reach the script; the console's last line: $(tail -n 1 "$WORK/console")"
    done
    report_death
}

start_machine() {
    : >"$WORK/control"
    : >"$WORK/console"
    # The output goes through a pipe and a reader of ours: given our own standard output, QEMU would block on it.
    cat <"$WORK/output" &
    reader=$!
    if [[ -n $verbose ]]; then
        tail -n +1 -f "$WORK/console" >&2 &
    fi
    QEMU_MODULE_DIR=$POOL/usr/lib/x86_64-linux-gnu/qemu timeout -k 5 "$(( deadline > SECONDS ? deadline - SECONDS : 1 ))" \
        "$POOL/usr/lib64/ld-linux-x86-64.so.2" --library-path "$(pool_libraries)" \
        "$POOL/usr/bin/qemu-system-x86_64" "${QEMU[@]}" </dev/null 3<&- 4<&- 2>"$WORK/qemu.err" &
    qemu=$!
}

wait_for_boot() {
    local until=$(( SECONDS + BOOT_SECONDS ))
    until grep -q '^boot' "$WORK/control"; do
        kill -0 "$qemu" 2>/dev/null || return 1
        (( SECONDS < until && SECONDS < deadline )) || return 1
        sleep 0.1
    done
}

stop_machine() {
    kill "$qemu" 2>/dev/null || true
    wait "$qemu" || true
    end_output
}

# The reader ends when the last writer closes; if QEMU never opened the pipe, this opening and closing ends it.
end_output() {
    : <>"$WORK/output"
    wait "$reader" || true
}

report_death() {
    grep -v '^$' "$WORK/qemu.err" | tail -n 5 >&2 || true
    say "the end of the guest's console:"
    tail -n 25 "$WORK/console" >&2
    if (( SECONDS >= deadline )); then
        say "not finished within $limit s"
        return 124
    fi
    say "the guest died without an exit code"
    return 125
}
