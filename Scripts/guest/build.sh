# shellcheck shell=bash
# Builds the guest: a kernel, a userland, the emulator, and an initramfs made of them. Sourced by Scripts/linux-guest.
# Each part is built once; the initramfs again whenever this folder changes.

# What the kernel gets besides what it has built in. One that a kernel lacks is passed over.
GUEST_MODULES="virtio_pci virtio_net virtio_console virtio_rng af_packet
    nvme-tcp nvme-fabrics nvme-core nvmet nvmet-tcp null_blk brd configfs ext4 xfs loop crc32c_generic crc32c-intel libcrc32c
    tls sch_netem hmac sha256_generic sha512_generic dh_generic ecdh_generic gcm ccm ghash-clmulni-intel
    aesni-intel ctr ecb seqiv"

# Debian packages, and the programs of theirs that go into the guest.
GUEST_PACKAGES="busybox-static kmod iproute2 util-linux nvme-cli fio e2fsprogs xfsprogs tcpdump keyutils ktls-utils"
GUEST_PROGRAMS="kmod ip nvme fio mkfs.ext4 e2fsck fsck.ext4 resize2fs mkfs.xfs xfs_repair blkdiscard blockdev lsblk
    tcpdump keyctl tlshd"

# QEMU 7.2, Debian 12's, corrupts its guest's memory now and then; Debian 13's does not.
QEMU_PACKAGES="qemu-system-x86 qemu-system-data qemu-system-common seabios"

build() {
    require_tools
    mkdir -p "$CACHE"
    exec 8>"$CACHE/.lock"
    flock 8
    [[ -f $KERNEL_DIR/ready ]] || build_kernel
    [[ -f $POOL/ready ]] || build_userland
    rm -rf "$CACHE/packages"
    local stamp
    stamp=$(cat "$HERE"/guest/* | sha256sum)
    if [[ ! -f $INITRAMFS || $(cat "$INITRAMFS.stamp" 2>/dev/null) != "$stamp" ]]; then
        build_initramfs
        echo "$stamp" >"$INITRAMFS.stamp"
    fi
}

require_tools() {
    local tool
    for tool in apt-get dpkg-deb python3 readelf xz lz4 zstd flock; do
        command -v "$tool" >/dev/null || die "$tool is missing; run $HERE/install-packages test build"
    done
}

# ---- kernel

kernel_suite() {
    case $KERNEL in
        6.12) echo trixie ;;
        6.1) echo bookworm ;;
    esac
}

build_kernel() {
    local suite package files
    suite=$(kernel_suite)
    prepare_apt "$suite"
    # The meta package depends on the image proper.
    package=$(with_apt "$suite" apt-cache depends linux-image-cloud-amd64 \
        | awk '$1 == "Depends:" && $2 ~ /^linux-image-[0-9]/ { print $2; exit }')
    [[ -n $package ]] || die "no kernel in Debian $suite"
    say "downloading $package"
    mapfile -t files < <(fetch "$suite" "$package")
    (( ${#files[@]} )) || die "the kernel's package did not come"
    rm -rf "$KERNEL_DIR"
    unpack "$KERNEL_DIR" "${files[@]}"
    find "$KERNEL_DIR/usr/lib/modules" -name '*.ko.xz' -print0 | xargs -0r -n 64 -P 2 xz -d
    find "$KERNEL_DIR/usr/lib/modules" -name '*.ko.zst' -print0 | xargs -0r -n 64 -P 2 zstd -q --rm -d
    # QEMU starts a plain vmlinux directly (PVH): an emulated processor takes long to unpack a compressed one.
    python3 "$HERE/guest/extract-vmlinux.py" "$KERNEL_DIR"/boot/vmlinuz-* "$KERNEL_DIR/vmlinux"
    touch "$KERNEL_DIR/ready"
}

kernel_release() {
    basename "$KERNEL_DIR"/usr/lib/modules/*
}

# ---- userland and emulator

build_userland() {
    local names files
    prepare_apt trixie
    # shellcheck disable=SC2086
    mapfile -t names < <(with_dependencies trixie $GUEST_PACKAGES $QEMU_PACKAGES)
    say "downloading ${#names[@]} packages: nvme-cli, fio, file system tools, QEMU, and what they need"
    mapfile -t files < <(fetch trixie "${names[@]}")
    (( ${#files[@]} >= ${#names[@]} )) || die "not all packages came"
    rm -rf "$POOL"
    unpack "$POOL" "${files[@]}"
    touch "$POOL/ready"
}

# in_pool PROGRAM ARGS...: runs a program of the pool with the pool's libraries, whatever this machine has.
# $0 can be given in POOL_NAME: kmod goes by its name.
in_pool() {
    local program=$POOL/usr/bin/$1
    shift
    "$POOL/usr/lib64/ld-linux-x86-64.so.2" --library-path "$(pool_libraries)" \
        --argv0 "${POOL_NAME:-$program}" "$program" "$@"
}

pool_libraries() {
    local libraries=$POOL/usr/lib/x86_64-linux-gnu
    echo "$libraries:$libraries/pulseaudio:$POOL/usr/lib"
}

# ---- initramfs

build_initramfs() {
    say "building the guest's initramfs"
    rm -rf "$ROOT"
    mkdir -p "$ROOT"/{proc,sys,dev,tmp,run,out,job,root,mnt,etc/nvme,opt,var} "$ROOT"/usr/{bin,sbin,lib,lib64}
    local name
    for name in bin sbin lib lib64; do ln -s "usr/$name" "$ROOT/$name"; done
    ln -s /run "$ROOT/var/run"
    add_modules
    add_programs
    add_etc
    install -m 755 "$HERE/guest/init" "$ROOT/init"
    archive "$ROOT" >"$INITRAMFS.new"
    mv "$INITRAMFS.new" "$INITRAMFS"
    say "Linux $(kernel_release), $(( $(stat -c %s "$INITRAMFS") >> 20 )) MiB; $CACHE holds $(du -sm "$CACHE" | cut -f1) MiB"
}

add_modules() {
    local release
    release=$(kernel_release)
    POOL_NAME=depmod in_pool kmod -b "$KERNEL_DIR" "$release" 2>/dev/null || die "depmod failed"
    # shellcheck disable=SC2086
    python3 "$HERE/guest/collect-modules.py" "$KERNEL_DIR/usr/lib/modules/$release" \
        "$ROOT/usr/lib/modules/$release" $GUEST_MODULES
    POOL_NAME=depmod in_pool kmod -b "$ROOT" "$release"
}

add_programs() {
    local name
    # shellcheck disable=SC2086
    python3 "$HERE/guest/collect-programs.py" "$POOL" "$ROOT" $GUEST_PROGRAMS
    for name in modprobe insmod rmmod lsmod depmod; do ln -sf ../bin/kmod "$ROOT/usr/sbin/$name"; done
    cp -L "$POOL/usr/bin/busybox" "$ROOT/usr/bin/busybox"
    "$ROOT/usr/bin/busybox" --list | while read -r name; do
        [[ -e $ROOT/usr/bin/$name || -L $ROOT/usr/sbin/$name || -e $ROOT/usr/sbin/$name ]] \
            || ln -s busybox "$ROOT/usr/bin/$name"
    done
}

add_etc() {
    echo 'root:x:0:0:root:/root:/bin/sh' >"$ROOT/etc/passwd"
    echo 'tcpdump:x:0:0::/:/bin/false' >>"$ROOT/etc/passwd"
    echo 'root:x:0:' >"$ROOT/etc/group"
    echo '127.0.0.1 localhost' >"$ROOT/etc/hosts"
    echo 'passwd: files' >"$ROOT/etc/nsswitch.conf"
    ln -s /proc/mounts "$ROOT/etc/mtab"
    # The same host each time: a gateway can be told to let it in.
    echo 'nqn.2014-08.org.nvmexpress:uuid:5d6a1a5e-6f1b-4f62-8c6f-9d0f6c4f6a01' >"$ROOT/etc/nvme/hostnqn"
    echo '5d6a1a5e-6f1b-4f62-8c6f-9d0f6c4f6a01' >"$ROOT/etc/nvme/hostid"
}
