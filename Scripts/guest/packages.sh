# shellcheck shell=bash
# Takes Debian packages apart without installing them. Sourced by Scripts/linux-guest. apt works here with lists,
# configuration and package status of its own under $CACHE/apt, so that the machine's are neither used nor changed.

# The mirror, without its /debian: the one that this machine's apt is set up with, else Debian's own.
find_mirror() {
    [[ -z $MIRROR ]] || return 0
    # shellcheck disable=SC2016
    MIRROR=$(apt-get indextargets --format '$(REPO_URI)' 2>/dev/null | sed -n 's#/debian/$##p' | head -n 1)
    [[ -n $MIRROR ]] || MIRROR=http://deb.debian.org
}

# prepare_apt SUITE: an apt that knows this suite only, and has nothing installed.
prepare_apt() {
    local suite=$1 dir=$CACHE/apt/$1
    [[ ! -f $dir/ready ]] || return 0
    find_mirror
    say "reading the package lists of Debian $suite from $MIRROR"
    mkdir -p "$dir/lists/partial" "$dir/cache/archives/partial"
    : >"$dir/status"
    echo "deb [signed-by=/usr/share/keyrings/debian-archive-keyring.gpg] $MIRROR/debian $suite main" >"$dir/sources"
    cat >"$dir/apt.conf" <<CONF
Dir::State "$dir";
Dir::State::Lists "$dir/lists";
Dir::State::status "$dir/status";
Dir::Cache "$dir/cache";
Dir::Etc::SourceList "$dir/sources";
Dir::Etc::SourceParts "/dev/null";
Dir::Etc::Preferences "/dev/null";
Dir::Etc::PreferencesParts "/dev/null";
APT::Sandbox::User "root";
APT::Install-Recommends "false";
Acquire::Languages "none";
Acquire::Retries "3";
Debug::NoLocking "true";
CONF
    APT_CONFIG=$dir/apt.conf apt-get -qq update >&2 || die "cannot read the package lists of $suite from $MIRROR"
    touch "$dir/ready"
}

# with_apt SUITE COMMAND...
with_apt() {
    local suite=$1
    shift
    APT_CONFIG=$CACHE/apt/$suite/apt.conf "$@"
}

# with_dependencies SUITE PACKAGE...: the names of the packages and of all that they depend on.
with_dependencies() {
    local suite=$1
    shift
    with_apt "$suite" apt-get -s -qq install "$@" | awk '$1 == "Inst" { print $2 }' | sort -u
}

# fetch SUITE PACKAGE...: downloads exactly these, and prints where the files are.
fetch() {
    local suite=$1 dir=$CACHE/packages/$1
    shift
    mkdir -p "$dir"
    (cd "$dir" && with_apt "$suite" apt-get -qq download "$@" >&2) || die "cannot download from $suite: $*"
    with_apt "$suite" apt-get -qq download --print-uris "$@" | awk -v dir="$dir" '{ print dir "/" $2 }'
}

# unpack DIR FILE...: /bin, /sbin and /lib are links into /usr already, and stay links.
unpack() {
    local dir=$1 file name
    shift
    mkdir -p "$dir"/usr/{bin,sbin,lib,lib64}
    for name in bin sbin lib lib64; do ln -sfn "usr/$name" "$dir/$name"; done
    for file; do
        dpkg-deb --fsys-tarfile "$file" | tar -x --keep-directory-symlink -C "$dir" \
            --exclude='./usr/share/doc/*' --exclude='./usr/share/man/*' --exclude='./usr/share/locale/*'
    done
}
