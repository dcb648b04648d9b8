#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# build.sh GO OUTPUT SOURCE: the verifier from the library that Debian packages; without network, and without leaving a cache.
set -eu
cache=$(mktemp -d)
trap 'rm -rf "$cache"' EXIT
GO111MODULE=off GOPATH=/usr/share/gocode GOFLAGS= GOCACHE=$cache GOTOOLCHAIN=local CGO_ENABLED=0 "$1" build -o "$2" "$3"
