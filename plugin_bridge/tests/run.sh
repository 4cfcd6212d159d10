#!/usr/bin/env bash
# Builds and runs the C++ tests four times: plain, then under the sanitizers of addresses and
# undefined behaviour, of threads, and of real time. The plugin and a small host are built along;
# tests/hosts plays them with an engine. The fuzz targets are built last, for tests/fuzz.
set -euo pipefail
cd "$(dirname "$0")/../.."

build() {
  local name=$1
  shift
  cmake -S . -B "build/$name" -DRTGEN_BUILD_PYTHON=OFF -DRTGEN_BUILD_PLUGIN=ON \
    -DRTGEN_PLUGIN_UI=OFF -DCMAKE_BUILD_TYPE=RelWithDebInfo "$@" >/dev/null
  cmake --build "build/$name" --parallel 2 >/dev/null
}

check() {
  build "$@" -DRTGEN_BUILD_TESTS=ON
  ctest --test-dir "build/$1" --output-on-failure
}

check plain
check asan -DRTGEN_ASAN=ON
check tsan -DRTGEN_TSAN=ON
CXX=clang++-22 RTSAN_OPTIONS=symbolize=0 check rtsan -DRTGEN_RTSAN=ON
CXX=clang++-22 build fuzz -DRTGEN_FUZZ=ON
