# shellcheck shell=bash
# What bin/run, bin/test and bin/check share. Source it; it sets `root` and goes there.

root=$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd -P)
# shellcheck disable=SC2034  # read by those who source this
program=$(basename "$0")
cd "$root" || exit 1

swift_minimum=6.2
tzdata_minimum=2026c
# shellcheck disable=SC2034
server="$root/.build/release/cyberconfiance"

say() { printf '%s\n' "$program: $*"; }
complain() { printf '%s\n' "$program: $*" >&2; }
stop() { complain "$@"; exit 1; }

# debian-12, ubuntu-24.04 …
system_name() {
    # shellcheck disable=SC1091
    (. /etc/os-release 2>/dev/null && printf '%s-%s\n' "${ID:-unknown}" "${VERSION_ID:-unknown}")
}

# The packages of the named groups on this system, one a line; those of Debian 12 where the system isn't in the table.
packages_of() {
    local column=3
    case $(system_name) in
        debian-13) column=4 ;;
        ubuntu-24.04) column=5 ;;
    esac
    awk -v groups=" $* " -v column=$column '
        /^#/ || NF == 0 { next }
        index(groups, " " $1 " ") && $column != "-" && !seen[$column]++ { print $column }
    ' "$root/bin/lib/packages"
}

missing_packages() {
    local name
    packages_of "$@" | while read -r name; do
        [ "$(dpkg-query -W -f='${db:Status-Status}' "$name" 2>/dev/null)" = installed ] || printf '%s\n' "$name"
    done
}

# Runs as root, or prints nothing and fails where that needs a password.
as_root() {
    if [ "$(id -u)" = 0 ]; then
        "$@"
    elif command -v sudo >/dev/null && sudo -n true 2>/dev/null; then
        sudo -n "$@"
    else
        return 126
    fi
}

may_install() {
    [ "${INSTALL:-yes}" = yes ] && command -v apt-get >/dev/null && as_root true
}

apt_updated=no
apt() {
    if [ "$apt_updated" = no ]; then
        say "apt-get update"
        as_root env DEBIAN_FRONTEND=noninteractive apt-get -q -o Acquire::Retries=3 update </dev/null ||
            complain "apt-get update failed; trying with the lists at hand"
        apt_updated=yes
    fi
    as_root env DEBIAN_FRONTEND=noninteractive apt-get -q -y -o Acquire::Retries=3 "$@" </dev/null
}

# ensure_packages PURPOSE GROUP…: installs what is missing after saying which, or prints the line to type and stops.
ensure_packages() {
    local purpose=$1 missing
    shift
    if ! command -v dpkg-query >/dev/null; then
        complain "this system has no Debian packages. Needed $purpose, by their Debian 12 names:"
        packages_of "$@" | paste -sd' ' | sed 's/^/  /' >&2
        complain "going on as if they were installed"
        return
    fi
    missing=$(missing_packages "$@" | paste -sd' ')
    [ -n "$missing" ] || return 0
    case $(system_name) in
        debian-12) ;;
        debian-13 | ubuntu-24.04) say "$(system_name): the package names for this system are untried" ;;
        *) complain "$(system_name) is not in bin/lib/packages; these are Debian 12's names" ;;
    esac
    say "packages missing $purpose: $missing"
    if ! may_install; then
        complain "may not install them. Type this, then start again:"
        printf '\n  sudo apt-get update && sudo apt-get install %s\n\n' "$missing" >&2
        exit 1
    fi
    # shellcheck disable=SC2086  # one word a package
    apt install --no-install-recommends $missing || stop "apt-get could not install: $missing"
}

# Whether $1 is the same version as $2 or a later one.
at_least() { [ "$(printf '%s\n%s\n' "$2" "$1" | sort -V | head -n 1)" = "$2" ]; }

ensure_swift() {
    local version
    if ! command -v swift >/dev/null; then
        complain "Swift $swift_minimum or later is needed and not found in PATH."
        complain "Get it from https://swift.org/install/linux (swiftly, or the tarball for $(system_name)),"
        complain "see that 'swift --version' answers, then start again."
        exit 1
    fi
    ensure_packages "for the Swift toolchain" swift
    version=$(swift --version 2>&1 | sed -n 's/.*Swift version \([0-9][0-9.]*\).*/\1/p' | head -n 1)
    [ -n "$version" ] || stop "'swift --version' does not answer with a version; mend the toolchain first"
    at_least "$version" "$swift_minimum" ||
        stop "Swift $version is too old: $swift_minimum or later is needed (https://swift.org/install/linux)"
}

tzdata_version() { sed -n '1s/^# version \([0-9]*[a-z]*\).*/\1/p' /usr/share/zoneinfo/tzdata.zi 2>/dev/null; }

# Morocco changed its clock for good in 2026; older data is an hour off. The server then uses the country profile's own
# rule, so this warns and goes on.
ensure_time_zones() {
    local version
    version=$(tzdata_version)
    [ -n "$version" ] && at_least "$version" "$tzdata_minimum" && return
    say "time zone data ${version:-of unknown version}: $tzdata_minimum or later is wanted"
    # Once a day: where the system has nothing newer, a start must not wait for apt each time.
    if [ -n "$(find .build/tzdata-tried -mmin -1440 2>/dev/null)" ]; then
        :
    elif may_install; then
        mkdir -p .build && touch .build/tzdata-tried
        apt install --no-install-recommends tzdata || complain "could not bring tzdata up to date"
    else
        complain "bring it up to date with: sudo apt-get update && sudo apt-get install tzdata"
    fi
    version=$(tzdata_version)
    if [ -z "$version" ] || ! at_least "$version" "$tzdata_minimum"; then
        complain "time zone data is still older than $tzdata_minimum: the country profile's rule is used instead"
    fi
}

# with_progress WHAT COMMAND…: the command, and a line a minute so that a long silence is not taken for a hang.
with_progress() {
    local what=$1 started=$SECONDS ticker code
    shift
    (
        while sleep 60 >/dev/null 2>&1; do
            printf '%s: %s, %d min so far\n' "$program" "$what" $(((SECONDS - started) / 60))
        done
    ) &
    ticker=$!
    code=0
    "$@" || code=$?
    kill "$ticker" 2>/dev/null || true
    wait "$ticker" 2>/dev/null || true
    return "$code"
}
