#!/usr/bin/env bash
# Makes the pictures of the README from the case that the project started from. Needs chromium; pngquant makes them small.
set -euo pipefail

cd "$(dirname "${BASH_SOURCE[0]}")/.."
case=fixtures/ha-reset-mid-rekey/input
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

cargo build --quiet -p esxray-cli
esxray="${CARGO_TARGET_DIR:-target}/debug/esxray"

# A report of a failure ends with 1.
report() { "$esxray" diagnose --lang en "$@" "$case" || [ $? -eq 1 ]; }

# shoot PAGE WIDTH HEIGHT NAME
shoot() {
  chromium --headless --no-sandbox --disable-gpu --hide-scrollbars --user-data-dir="$work/profile" \
    --window-size="$2,$3" --virtual-time-budget=2000 --screenshot="$work/$4.png" "file://$1" >/dev/null 2>&1
  if command -v pngquant >/dev/null; then pngquant --force --strip --quality 60-95 --output "$work/$4.png" "$work/$4.png"; fi
  cp "$work/$4.png" "docs/images/$4.png"
  printf '%7d  docs/images/%s.png\n' "$(stat -c %s "docs/images/$4.png")" "$4"
}

report --format html >"$work/light.html"
sed 's/id="scheme-auto" checked="checked"/id="scheme-auto"/; s/id="scheme-dark"/& checked="checked"/' "$work/light.html" >"$work/dark.html"
# A frame as wide as a phone: a window of the browser may not be that narrow.
printf '<!DOCTYPE html><body style="margin:0"><iframe src="light.html" style="border:0;width:400px;height:1500px"></iframe>' >"$work/phone.html"

# The part of the page from the chain of causes on.
printf '<!DOCTYPE html><body style="margin:0"><iframe src="light.html" style="border:0;width:1280px;height:9000px;margin-top:-1665px"></iframe>' >"$work/chain.html"

shoot "$work/light.html" 1280 1500 report-light
shoot "$work/chain.html" 1280 1480 report-chain
shoot "$work/dark.html" 1280 1500 report-dark
shoot "$work/phone.html" 400 1500 report-phone

# The terminal's colours as the classes of a page.
terminal() {
  printf '<!DOCTYPE html><meta charset="utf-8"><style>body{margin:0;background:#14161a;color:#d9dde3}
    pre{margin:0;padding:22px 26px;font:14px/1.38 "DejaVu Sans Mono",monospace}.c1{font-weight:700;color:#fff}.c2{color:#8b94a1}
    .c1-31{font-weight:700;color:#ff7b72}.c33{color:#e3b341}.c32{color:#7ee2a0}.c36{color:#76d9e6}</style><pre>'
  sed -e 's/&/\&amp;/g; s/</\&lt;/g; s/>/\&gt;/g' -e 's/\x1b\[1;31m/<span class="c1-31">/g' -e 's/\x1b\[0m/<\/span>/g' \
    -e 's/\x1b\[\([0-9]*\)m/<span class="c\1">/g'
}
report --color always --width 80 | head -n 62 | terminal >"$work/terminal.html"
shoot "$work/terminal.html" 730 1246 terminal
