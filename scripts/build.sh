# Sourced by ./run and ./test: the one list of Debian packages, and how to install them and build a preset.
# Everything here talks on stderr; stdout belongs to what is started afterwards.

root=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)

packages_to_run=(clang-19 lld-19 g++ cmake ninja-build ccache pkg-config libboost-json1.81-dev libsqlite3-dev
                 libsodium-dev libssl-dev libre2-dev libtomlplusplus-dev libexpat1-dev libgit2-dev libstemmer-dev
                 libutf8proc-dev libedit-dev wordnet-base)
packages_to_test=("${packages_to_run[@]}" libclang-rt-19-dev clang-format-19 clang-tidy-19 doctest-dev libxapian-dev git python3 zsh fish)

# The compiler cache lies outside the clone and is shared by clones: paths in it are relative to the clone.
export HOME="${HOME:-$(eval echo "~$(id -un)")}"
export CCACHE_DIR="${CCACHE_DIR:-${XDG_CACHE_HOME:-$HOME/.cache}/ccache}" CCACHE_BASEDIR="$root" CCACHE_NOHASHDIR=1
export CCACHE_SLOPPINESS=pch_defines,time_macros CCACHE_PCH_EXTSUM=1  # see cmake/precompiled.cmake

say() { printf '%s\n' "$*" >&2; }

# Installs those of the named Debian packages that are missing.
need() {
  command -v dpkg-query >/dev/null || { say "not a Debian system: have these yourself: $*"; return 0; }
  local missing=() installed as=()
  installed=$(dpkg-query -W -f '${Package} ${Status}\n' "$@" 2>/dev/null) || true
  for package in "$@"; do
    grep -qxF "$package install ok installed" <<<"$installed" || missing+=("$package")
  done
  [ ${#missing[@]} -gt 0 ] || return 0
  if [ "$(id -u)" != 0 ]; then
    local quiet=(-n)
    [ ! -t 0 ] || quiet=()
    if ! command -v sudo >/dev/null || ! sudo "${quiet[@]}" true; then
      say "these packages are missing and only root can install them:"
      say "  apt-get install --no-install-recommends ${missing[*]}"
      return 1
    fi
    as=(sudo "${quiet[@]}")
  fi
  say "installing ${missing[*]}"
  "${as[@]}" apt-get update -qq >&2 &&
    "${as[@]}" env DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends "${missing[@]}" \
      </dev/null >&2 ||
    { say "could not install: ${missing[*]}"; return 1; }
}

# Other people's clients that tests run and servers that we are measured beside, from npm, in build/npm: anew when the list of them has changed.
clients() {
  local from="$root/tests/mcp" to="$root/build/npm" log
  ! cmp -s "$from/package-lock.json" "$to/.installed" || return 0
  command -v npm >/dev/null || need npm || return 1
  mkdir -p "$to"
  cp "$from/package.json" "$from/package-lock.json" "$to"
  log=$(cd "$to" && npm ci --ignore-scripts --no-audit --no-fund 2>&1) || { say "$log"; return 1; }
  cp "$from/package-lock.json" "$to/.installed"
}

# build <preset> [target...]: configures when that is not done yet or the presets changed, then builds.
build() {
  local preset=$1 directory="$root/build/$1" log fresh=() quiet=()
  shift
  if [ ! -e "$directory/.configured" ] || [ "$root/CMakePresets.json" -nt "$directory/.configured" ] ||
    ! grep -qxF "CMAKE_HOME_DIRECTORY:INTERNAL=$root" "$directory/CMakeCache.txt"; then
    [ ! -e "$directory/CMakeCache.txt" ] || fresh=(--fresh)
    log=$(cd "$root" && cmake --preset "$preset" "${fresh[@]}" 2>&1) || { say "$log"; return 1; }
    touch "$directory/.configured"
  fi
  [ -t 2 ] || quiet=(--quiet)
  ninja -C "$directory" "${quiet[@]}" "$@" >&2
}
