#!/bin/sh
# report.html in a browser, from the disk: at the widths of telephones and of a desk, light and dark, by keyboard, with names that are long
# or hold markup; then pages that are spoilt on purpose, which must be found out.  Skipped where there is no Chromium.
chromium=
for name in chromium chromium-browser google-chrome; do
  if command -v "$name" >/dev/null 2>&1; then chromium=$name; break; fi
done
test -n "$chromium" || { echo "check-report: skipped: there is no Chromium"; exit 77; }

. "${top_srcdir:-.}/tests/program.sh"
cp "$source/tests/report_probe.html" probe.html

# look PAGE: what is wrong with it, a line each, into the file problems.
look() {
  rm -rf profile
  timeout 120 "$chromium" --headless --no-sandbox --disable-gpu --disable-quic --disable-dev-shm-usage --no-first-run \
    --disable-background-networking --disable-component-update --disable-sync --user-data-dir="$scratch/profile" \
    --allow-file-access-from-files --enable-logging=stderr --virtual-time-budget=60000 --window-size=1400,1000 --dump-dom \
    "file://$scratch/probe.html?page=$1" >dom 2>log || true
  sed -n '/<pre id="out">/,/<\/pre>/p' dom | sed '/pre/d; s/&lt;/</g; s/&gt;/>/g; s/&amp;/\&/g' >answer
  grep -q '^probed 5 states$' answer || { echo "the probe did not run: $(cat answer; tail -n 3 log)"; return; }
  grep -v '^probed' answer || true
  grep 'CONSOLE' log || true
}

# sound NAME ARGUMENTS...: the report of `dilate sample ARGUMENTS` has nothing wrong with it.
sound() {
  page=$1
  shift
  "$dilate" sample "$@" --quiet --output "$page.d" >stdout 2>stderr || test -s "$page.d/report.html" || complain "$page: $(cat stderr)"
  mv "$page.d/report.html" "$page.html"
  test "$(wc -c <"$page.html")" -lt 1500000 || complain "$page: $(wc -c <"$page.html") bytes"
  if command -v xmllint >/dev/null 2>&1; then xmllint --noout "$page.html" || complain "$page: not well-formed"; fi
  look "$page.html" >problems
  test ! -s problems || complain "$page: $(cat problems)"
}

# spoil EXPRESSION: a part of a sound page, by sed.
spoil() {
  cp spoilt.html before.html
  sed "$1" before.html >spoilt.html
  cmp -s before.html spoilt.html && complain "nothing was spoilt by $1"
  true
}

# found PATTERN...: what is wrong with the spoilt page has been found out, in words that match each.
found() {
  look spoilt.html >problems
  for pattern in "$@"; do
    grep -q -e "$pattern" problems || complain "not found out: $pattern, only: $(cat problems)"
  done
}

cat >awkward.c <<'END'
#include "dilate.h"
static const char *const names[] = {"<img src=\"http://localhost/x.png\" onerror=\"alert(1)\">", "</style><script>alert(2)</script>",
  "a_name_that_goes_on_and_on_without_a_space_where_it_could_be_broken_and_is_longer_than_any_page_of_a_telephone[1,2,3]",
  "\xce\xbc \xe2\x82\xac &amp; 'quoted' \"twice\""};
static int logp(size_t dim, const double *x, double *value, double *grad, void *params) {
  (void)params;
  *value = -x[0] * x[0] * x[0] * x[0] + 8 * x[0] * x[0];
  if (grad) grad[0] = -4 * x[0] * x[0] * x[0] + 16 * x[0];
  for (size_t j = 1; j < dim; j++) {
    *value -= 0.5e-10 * (x[j] - 1e6) * (x[j] - 1e6);
    if (grad) grad[j] = -1e-10 * (x[j] - 1e6);
  }
  return 0;
}
int dilate_plugin_abi(void) { return DILATE_PLUGIN_ABI; }
int dilate_plugin_open(const char *data_path, dilate_target *target, dilate_error *err) {
  (void)data_path;
  (void)err;
  target->dim = 4;
  target->logp = logp;
  target->names = names;
  return 0;
}
void dilate_plugin_close(dilate_target *target) { (void)target; }
END
$CC -std=c11 -I"$include" -O1 -fPIC -shared -o awkward.so awkward.c

sound awkward ./awkward.so --draws 200
sound one gauss:dim=1
sound forty gmm40
sound many manywell32
sound langevin gmm4 --method langevin --steps 20 --draws 200
sound partial gmm4 --max-evaluations 60000

cp awkward.html spoilt.html
spoil 's/--soft:#566171/--soft:#b0b8c0/'
spoil 's/<footer>/<footer><div style="width:1400px">wide<\/div><img alt="" src="x.png"\/>/'
spoil 's/:focus-visible{outline:3px/:focus-visible{outline:0/'
found 'contrast of text' 'page is too wide' 'no place here' 'does not show its focus' CONSOLE
cp awkward.html spoilt.html
spoil 's/<footer>/<footer><script>document.title="no"<\/script><b tabindex="4">first<\/b>/'
spoil 's/ role="img" aria-label="Rank[^"]*"//'
spoil 's/#scheme-dark:checked/#none/'
spoil 's/width:max-content;max-width:min(200px,40vw)/width:1ch/'
spoil 's/svg .tick{font-size:12px/svg .tick{font-size:40px/'
found 'no place here' 'out of order' 'without a text alternative' 'not dark' 'cut off' 'over one another' 'letter under letter' CONSOLE

test "$failures" -eq 0 || exit 1
echo "check-report: sound"
