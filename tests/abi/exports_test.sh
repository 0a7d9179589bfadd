#!/bin/sh
# exports_test.sh LIBRARY HEADER: the library exports exactly the functions that the header names.
set -eu
exported=$("${NM:-nm}" -D --defined-only "$1" | awk '$2 != "A" { sub(/@.*/, "", $3); print $3 }' | sort -u)
named=$(grep -o 'tn_[a-z_]*(' "$2" | tr -d '(' | sort -u)
if [ "$exported" != "$named" ]; then
  echo "exported:" && echo "$exported"
  echo "named:" && echo "$named"
  exit 1
fi
