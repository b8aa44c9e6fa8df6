# Functions shared by the commands in scripts/. Sourced, never run.
# shellcheck shell=bash

set -euo pipefail

ROOT=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
export HOME="${HOME:-/root}"
export LC_ALL=C.UTF-8
JOBS=${JOBS:-$(nproc)}
# Another clone of the same sources finds in the cache what the first one compiled.
export CCACHE_BASEDIR=$ROOT CCACHE_NOHASHDIR=1

if [[ -t 1 && -z "${NO_COLOR:-}" && "${TERM:-dumb}" != dumb ]]; then
  BOLD=$'\e[1m' DIM=$'\e[2m' RED=$'\e[31m' GREEN=$'\e[32m' RESET=$'\e[0m'
else
  BOLD='' DIM='' RED='' GREEN='' RESET=''
fi

say()  { printf '%s\n' "$*"; }
step() { printf '\n%s==> %s%s\n' "$BOLD" "$*" "$RESET"; }
die()  { printf '%s%s: %s%s\n' "$RED" "$(basename "$0")" "$*" "$RESET" >&2; exit 1; }

# The comment block at the head of a script is its help text.
usage() { sed -n '2,/^[^#]/{/^#/s/^# \{0,1\}//p}' "$0"; }

human_seconds() {
  local s=$1
  if (( s < 60 )); then printf '%d s' "$s"; else printf '%d min %02d s' $((s / 60)) $((s % 60)); fi
}

# --- How long each part took -----------------------------------------------------------------
PART_NAMES=() PART_SECONDS=() PART_RESULTS=()

# timed NAME COMMAND...: runs the command, remembers how long it took, returns its status.
timed() {
  local name=$1 from=$SECONDS status=0
  shift
  "$@" || status=$?
  PART_NAMES+=("$name")
  PART_SECONDS+=($((SECONDS - from)))
  PART_RESULTS+=("$status")
  return "$status"
}

print_parts() {
  local i total=0 note
  printf '\n%sHow long each part took%s\n' "$BOLD" "$RESET"
  for i in "${!PART_NAMES[@]}"; do
    note=''
    [[ ${PART_RESULTS[$i]} == 0 ]] || note="  ${RED}FAILED${RESET}"
    printf '  %-28s %14s%s\n' "${PART_NAMES[$i]}" "$(human_seconds "${PART_SECONDS[$i]}")" "$note"
    total=$((total + PART_SECONDS[i]))
  done
  printf '  %-28s %14s\n' together "$(human_seconds "$total")"
}

# --- Packages --------------------------------------------------------------------------------
# missing_packages GROUP...: prints "package<TAB>why" for each package that is not installed.
missing_packages() {
  local group package why wanted=" $* " installed
  installed=" $(dpkg-query -W -f='${db:Status-Status} ${Package}\n' 2>/dev/null |
    sed -n 's/^installed //p' | tr '\n' ' ') "
  while read -r group package why; do
    [[ -z "$group" || "$group" == \#* || "$wanted" != *" $group "* ]] && continue
    [[ "$installed" == *" $package "* ]] || printf '%s\t%s\n' "$package" "$why"
  done < "$ROOT/scripts/packages.txt"
}

# install_packages GROUP...: installs what is missing of these groups, once, saying what and why.
install_packages() {
  command -v dpkg-query > /dev/null && command -v apt-get > /dev/null ||
    { say "This is not Debian: scripts/packages.txt lists what is needed. Going on without."; return 0; }
  local missing
  missing=$(missing_packages "$@")
  [[ -n "$missing" ]] || return 0
  local root=()
  if [[ $(id -u) != 0 ]]; then
    command -v sudo > /dev/null || die "packages are missing and this is neither root nor has sudo; as root: scripts/setup $*"
    root=(sudo)
  fi
  step "Installing Debian packages (once)"
  awk -F'\t' '{printf "  %-26s %s\n", $1, $2}' <<< "$missing"
  local packages try
  mapfile -t packages < <(cut -f1 <<< "$missing")
  local apt=("${root[@]}" env DEBIAN_FRONTEND=noninteractive apt-get -q -y
    -o Acquire::Retries=5 -o DPkg::Lock::Timeout=600 -o Dpkg::Use-Pty=0)
  local log
  log=$(mktemp)
  for try in 1 2 3; do
    if { "${apt[@]}" update && "${apt[@]}" install --no-install-recommends "${packages[@]}"; } > "$log" 2>&1; then
      rm -f "$log"
      return 0
    fi
    say "  attempt $try did not succeed:"
    grep -E '^(E|W|Err)' "$log" | sed 's/^/    /' | tail -5
    sleep $((try * 5))
  done
  tail -40 "$log" >&2
  rm -f "$log"
  die "these packages could not be installed: ${packages[*]}"
}

# --- Build -----------------------------------------------------------------------------------
# configure PRESET [ARGUMENT...]: only when there is something to configure; Ninja runs CMake again
# by itself when a CMake file changes.
configure() {
  local preset=$1 cache="$ROOT/build/$1/CMakeCache.txt" log
  shift
  if [[ -f "$ROOT/build/$preset/build.ninja" && "$cache" -nt "$ROOT/CMakePresets.json" && $# == 0 ]]; then
    return 0
  fi
  step "Configuring ($preset)"
  log=$(mktemp)
  if ! (cd "$ROOT" && cmake --preset "$preset" "$@") > "$log" 2>&1; then
    cat "$log" >&2
    rm -f "$log"
    return 1
  fi
  touch "$cache"
  # What a person has to know: what was left out, and warnings.
  grep -E '^-- dragoman:|^CMake Warning|left out|not found' "$log" | sed 's/^/  /' || true
  rm -f "$log"
}

# On a terminal Ninja shows its own moving line; elsewhere every twentieth part is a line, so a log
# stays readable; warnings and errors always show.
show_progress() {
  if [[ -t 1 ]]; then
    cat
  else
    awk '
      match($0, /^\[[0-9]+\/[0-9]+/) {
        split(substr($0, 2, RLENGTH - 1), n, "/")
        part = int(20 * n[1] / n[2])
        if (part != shown || n[1] == n[2]) { print; fflush(); shown = part }
        next
      }
      { print; fflush() }'
  fi
}

# build PRESET [TARGET...]: goes on after a failure, so that one run names every broken file.
build() {
  local preset=$1
  shift
  step "Building ($preset, $JOBS jobs)"
  local command=(ninja -C "$ROOT/build/$preset" -j "$JOBS" -k 0 "$@")
  export NINJA_STATUS='[%f/%t, %e s] '
  if [[ -t 1 ]]; then "${command[@]}"; else "${command[@]}" 2>&1 | show_progress; fi
}
