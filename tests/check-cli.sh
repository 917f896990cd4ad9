#!/bin/sh
# The program from outside: what it refuses (status, one clear line, nothing written), what it writes, and that neither threads nor
# being stopped spoil it.
. "${top_srcdir:-.}/tests/program.sh"

# ---- Help and lists ------------------------------------------------------------------------------------------------------
run 0 --version
shows '^dilate [0-9]*\.[0-9]*\.[0-9]*$'
run 0 --help
shows 'dilate sample TARGET'
run 0 help sample
shows '--draws N'
run 0 sample --help
shows '  dilation '
run 0 targets --help
run 0 targets
shows '^gmm40 '
shows 'options: dim=2'
shows 'log Z = 0'
shows '^digits '
# Its images come with a package: where they are not, the list says what is missing, and so does a run.
if ! grep -q '^digits *d = 64 ' stdout; then
  shows "missing: .*digits.csv.gz: .*--data"
  refuse 2 'digits.csv.gz: .*--data' sample digits --output out
fi
run 0 targets --json
shows '"name": "galaxies"'
shows '"takes_data": true'

# ---- Wrong usage ---------------------------------------------------------------------------------------------------------
refuse 2 'what to do'
refuse 2 "no command 'smaple'" smaple gauss
refuse 2 "no help on 'cooking'" help cooking
refuse 2 'takes no argument' --version now
refuse 2 "what is 'gauss'" targets gauss
refuse 2 "no option '--jsno'" targets --jsno
refuse 2 'which target' sample
refuse 2 'which target' sample --output out
refuse 2 "what is 'rings'" sample gauss rings --output out
refuse 2 "no target 'gaus'" sample gaus --output out
refuse 2 "no target ''" sample '' --output out
refuse 2 "'breadth'" sample gauss:breadth=2 --output out
refuse 2 'dim' sample gauss:dim=two --output out
refuse 2 'dim' sample gauss:dim=0 --output out
refuse 2 "no option '--mehtod'" sample gauss --mehtod bridge --output out
refuse 2 "no option '-x'" sample gauss -x --output out
refuse 2 "'--seed' wants a value" sample gauss --output out --seed
refuse 2 "'--quiet' takes no value" sample gauss --output out --quiet=yes
refuse 2 "no method 'magic'; there are bridge, langevin, geometric, dilation, convolution, walk, diffusion-smc" sample gauss --method magic --output out
refuse 2 "no format 'xls'; there are csv, stan, stan-one, npy and nc, and lists of them such as csv,npy\$" sample gauss --format csv,xls --output out
refuse 2 "no format ''; there are csv" sample gauss --format csv, --output out
refuse 2 'format says how draws are written: --output DIR says where' sample gauss --format npy
refuse 2 "takes no data file" sample gauss --data "$dilate" --output out
refuse 2 'steps means nothing to the method bridge' sample gauss --steps 10 --output out
refuse 2 'which draws' compare
refuse 2 "compare 'a.csv' with what" compare a.csv
refuse 2 "what is 'c'" compare a b c
refuse 2 'data of a target' compare a b --data file
refuse 2 "no option '--tarket'; 'dilate compare --help'" compare a b --tarket gauss
refuse 2 "seed wants a whole number" compare a b --seed x
refuse 2 "threads wants a whole number" compare a b --threads 0
refuse 2 "no help on 'cooking': dilate help .targets | sample | resume | compare" help cooking
refuse 2 'which Stan program' stan
refuse 2 "one Stan program at a time: what is 'b'" stan a b
refuse 2 "no option '--optput'; 'dilate stan --help'" stan a --optput b
refuse 2 'output wants the name of a file' stan a --output ''
refuse 1 "cannot read the Stan program 'no.stan': No such file" stan no.stan
refuse 2 'multiple of --groups' sample gauss --islands 3 --groups 2 --output out
refuse 2 'wants the name of a folder' sample gauss --output ''
for option in islands groups draws seed threads steps; do
  for number in '' x 1x 0x10 1.5 1e3 -1 +1 ' 1' '1 ' nan 99999999999999999999999; do
    refuse 2 "^dilate: --$option wants a whole number from [0-9]* to [0-9]*, not '$number'\$" sample gauss "--$option=$number" --output out
  done
done
refuse 2 'not .15.' sample gauss --draws 15 --output out
for option in islands groups threads steps; do refuse 2 "not '0'" sample gauss --$option 0 --output out; done
for option in max-seconds effort target-se; do
  for number in '' x 1x 0x10 -1 0 ' 1' nan inf 1e999; do
    refuse 2 "^dilate: --$option wants a .*number .*, not '$number'\$" sample gauss "--$option=$number" --output out
  done
done
refuse 2 "not '0'" sample gauss --max-evaluations 0 --output out
refuse 2 'effort means nothing to the method langevin' sample gauss --method langevin --effort 2 --output out
refuse 2 '^dilate: --hint-centre wants 10 finite numbers' sample gauss --hint-centre 1,2 --output out
refuse 2 '^dilate: --hint-scale wants positive' sample gauss:dim=2 --hint-scale 1,-2 --output out
refuse 2 '^dilate: --hint-box wants 2 times' sample gauss:dim=2 --hint-box 0:1,1:0 --output out

# ---- What cannot be read or written --------------------------------------------------------------------------------------
: >file
printf 'one\ntwo\n' >words
refuse 1 "data file '/no/such/file': No such file" sample galaxies --data /no/such/file --output out
refuse 1 "it is a folder" sample galaxies --data / --output out
refuse 1 'words' sample galaxies --data words --output out
printf '1,2\n' >pair
refuse 1 'pair: 2 columns where digits needs 64 pixels and a label' sample digits --data pair --output out
rm pair
refuse 1 "points of '/no/such/file': No such file" sample gauss:dim=2 --hint-points /no/such/file --output out
refuse 1 "points of 'words': line 2 is not 2 finite numbers" sample gauss:dim=2 --hint-points words --output out
refuse 1 "plug-in './no.so': No such file" sample ./no.so --output out
refuse 1 "plug-in 'no.so': No such file" sample no.so --output out
refuse 1 "file" sample ./file --output out
refuse 1 "folder 'file': Not a directory" sample gauss --output file
refuse 1 "folder 'file/out': Not a directory" sample gauss --output file/out
refuse 1 "folder '/dev/null/out': Not a directory" sample gauss --output /dev/null/out
if test "$(id -u)" -ne 0; then
  mkdir locked
  chmod a-w locked
  refuse 1 "cannot write into 'locked': Permission denied" sample gauss --output locked
  refuse 1 "folder 'locked/out': Permission denied" sample gauss --output locked/out
fi
if test -w /dev/full; then
  status=0
  "$dilate" targets >/dev/full 2>stderr || status=$?
  test "$status" -eq 1 || complain "status $status on a full disk"
  holds stderr 'cannot write to standard output'
fi

# Without R nothing is translated.
mkdir tools
for tool in /bin/* /usr/bin/*; do
  case $tool in */Rscript) ;; *) ln -sf "$tool" tools ;; esac
done
echo 'parameters { real m; } model { m ~ normal(0, 1); }' >model.stan
(PATH=$scratch/tools refuse 1 'there is no Rscript: on Debian, apt-get install r-cran-rstan' stan model.stan; exit $failures) || complain 'without R'
rm -r tools model.stan

# ---- What a run shows and writes -----------------------------------------------------------------------------------------
run 0 sample gauss:dim=2,cond=4 --draws 100 --threads 1 --output deep/er/one/
shows '^target *gauss:dim=2'
shows '^method *bridge, seed 1$'
shows '^log evidence *[-0-9.]* +- [0-9.]*$'
shows '^x\[2\] '
shows '^truth '
test ! -s stderr || complain "progress where there is no terminal: $(cat stderr)"
test "$(ls -A deep/er/one | tr '\n' ' ')" = 'draws.csv report.html summary.json ' || complain "the folder holds $(ls -A deep/er/one)"
test "$(head -n 1 deep/er/one/draws.csv)" = 'lp__,chain__,mode__,x[1],x[2]' || complain 'the header of draws.csv'
awk -F, 'NR > 1 && (NF != 5 || $2 != int((NR - 2) / 100) + 1 || $3 !~ /^[0-9]+$/ || $1 + 0 != $1 || $4 + 0 != $4) { bad = 1 }
  END { exit bad || NR != 401 }' deep/er/one/draws.csv || complain 'the rows of draws.csv'
for key in target dim method seed version isa complete islands groups draws log_z log_z_se log_z_df evaluations seconds modes modes_countable \
  unseen_mass parameters warnings truth; do
  holds deep/er/one/summary.json "^  \"$key\": "
done
holds deep/er/one/summary.json '"target": "gauss:dim=2,cond=4"'
for key in log_density gradient weight weight_se mean name mcse sd q5 q50 q95 rhat ess_bulk ess_tail modes_found mode_tv; do
  holds deep/er/one/summary.json "\"$key\": "
done
if command -v python3 >python; then python3 -m json.tool deep/er/one/summary.json >python || complain 'summary.json is not JSON'; fi
holds deep/er/one/report.html '^<!DOCTYPE html>'
holds deep/er/one/report.html '</html>$'
if grep -q -i -E '<script|https?://|<link|@import|nan|inf[^o]' deep/er/one/report.html; then complain 'report.html needs others, or shows NaN'; fi

# ---- Threads and seeds: the same bits, and other ones ----------------------------------------------------------------------
run 0 sample gauss:dim=2,cond=4 --draws 100 --threads 2 --output two --quiet
test ! -s stdout && test ! -s stderr || complain 'prints although it is quiet'
cmp deep/er/one/draws.csv two/draws.csv || complain 'the draws depend on the threads'
run 0 sample gauss:dim=2,cond=4 --draws 100 --seed 2 --output two --quiet
if cmp -s deep/er/one/draws.csv two/draws.csv; then complain 'the draws do not depend on the seed, or the older file was kept'; fi
holds two/summary.json '"seed": 2'

# ---- Formats -------------------------------------------------------------------------------------------------------------
run 0 sample gauss:dim=2,cond=4 --draws 100 --islands 3 --groups 1 --output formats --quiet --format csv,stan,stan-one,npy
test "$(ls -A formats | tr '\n' ' ')" = 'draws.csv draws.npy draws_1.csv draws_2.csv draws_3.csv draws_stan.csv report.html summary.json ' ||
  complain "the folder holds $(ls -A formats)"
run 0 sample gauss:dim=2,cond=4 --draws 100 --islands 2 --groups 1 --output formats --quiet --format stan
test "$(ls -A formats | tr '\n' ' ')" = 'draws_1.csv draws_2.csv report.html summary.json ' || complain "an earlier run's draws: $(ls -A formats)"
holds formats/draws_2.csv '^#     num_samples = 100$'
grep -v '^#' formats/draws_2.csv | awk -F, 'NF != 9 || (NR > 1 && $1 != -$7) { bad = 1 } END { exit bad || NR != 101 }' ||
  complain 'the rows of draws_2.csv'
run 0 sample gauss:dim=2,cond=4 --draws 100 --output stan --quiet --format stan-one
run 0 compare deep/er/one stan/draws_stan.csv
shows '^sliced W2  *0$'
# A file that cannot take its name: an earlier run's stay as they are.
cp formats/draws_1.csv kept
mkdir formats/draws.npy
run 1 sample gauss:dim=2,cond=4 --draws 100 --seed 2 --output formats --quiet --format stan,npy
holds stderr "^dilate: cannot write 'formats/draws.npy': it is a folder\$"
cmp kept formats/draws_1.csv || complain 'a run that failed replaced a file'
rmdir formats/draws.npy
# So it is where the disk takes no more: here files of at most 160 blocks.
run 0 sample gauss:dim=2 --draws 16 --method langevin --output full --quiet
cp -r full kept.full
status=0
(
  trap '' XFSZ
  ulimit -f 160
  "$dilate" sample gauss:dim=2 --draws 4000 --steps 10 --method langevin --output full --quiet --format stan,npy 2>stderr
) || status=$?
test "$status" -eq 1 || complain "status $status on a full disk"
holds stderr "^dilate: cannot write 'full/draws_1.csv': File too large: raise the limit (ulimit -f), or name another place\$"
diff -r full kept.full || complain 'a full disk spoils an earlier run'
if "$dilate" sample gauss:dim=2 --draws 16 --method langevin --output netcdf --quiet --format nc 2>stderr; then
  test "$(head -c 4 netcdf/draws.nc | tail -c 3)" = HDF || complain 'draws.nc is not NetCDF-4'
else
  refuse 1 '^dilate: this build writes no NetCDF: install .*libnetcdf-dev' sample gauss:dim=2 --output out --format csv,nc
fi

# ---- Warnings ------------------------------------------------------------------------------------------------------------
run 0 sample himmelblau --method dilation --draws 100 --steps 60 --islands 1 --output basins
shows '^warning: '
shows '^log evidence *not estimated'
shows '4 of 4 known modes found'
holds basins/summary.json '"log_z": null'
holds basins/report.html 'read before use'
run 3 sample --strict --quiet himmelblau --method dilation --draws 100 --steps 60 --islands 1
run 0 sample narrow3 --method dilation --draws 100 --steps 60 --islands 1 --output missed
shows '[12] of 3 known modes found'
holds missed/summary.json '"modes_found": [12],*$'

# ---- Budgets and hints -----------------------------------------------------------------------------------------------------
run 0 sample gauss:dim=2 --method langevin --draws 100 --steps 1000 --max-evaluations 5000 --output cut
shows 'warning: a budget, max_evaluations (5000), ended the run'
holds cut/summary.json '"complete": false'
test "$(wc -l <cut/draws.csv)" -eq 401 || complain 'the draws of a run that a budget ended'
run 3 sample gauss:dim=2 --method langevin --draws 100 --steps 1000 --max-evaluations 5000 --strict --quiet
refuse 1 'no draws: a budget, max_seconds (1e-06), ended the run in group 1' sample gauss:dim=2 --max-seconds 1e-6 --output out
printf 'x,y\n# the middle\n0, 0\n1 -1\n' >points
run 0 sample gauss:dim=2 --draws 100 --hint-points points --hint-centre 0.5,0.5 --hint-scale 1,2 --hint-box -1:1,-2:2 --effort 0.5 \
  --target-se 0.05
shows '^log evidence '

# ---- Comparing draws -------------------------------------------------------------------------------------------------------
run 0 compare --help
shows '--target TARGET'
run 0 help compare
shows 'usage: dilate compare'
run 0 compare deep/er/one deep/er/one/draws.csv
for distance in 'sliced W2' 'Sinkhorn W2' 'MMD' 'energy distance' 'sliced KS'; do shows "^$distance  *0\$"; done
shows '^x.2.  *0  *1  *0$'
shows 'deep/er/one/draws.csv: 400 draws of 2 parameters'
if grep -q 'exact' stdout; then complain 'a floor without a target'; fi
run 0 compare deep/er/one two --threads 1
mv stdout threads1
run 0 compare deep/er/one two --threads 2
cmp threads1 stdout || complain 'distances depend on the threads'
if grep -q '^sliced W2  *0$' stdout; then complain 'different draws are at no distance'; fi
run 0 compare deep/er/one --target gauss:dim=2,cond=4
shows '400 exact draws$'
for distance in 'sliced W2' 'Sinkhorn W2' 'MMD' 'energy distance' 'sliced KS' 'KSD of A' 'KSD of B'; do
  shows "^$distance  *[0-9.e-]*  *[0-9.e-]* +- [0-9.e-]*\$"
done
if grep -q 'mode weights' stdout; then complain 'mode weights of a target without components'; fi
run 0 compare basins two --target himmelblau
shows '^mode weights of B '
# Wrong on purpose: every distance is several times what exact draws have among each other.
sed '2,$s/,[^,]*$/,0/' deep/er/one/draws.csv >wrong.csv
run 0 compare wrong.csv --target gauss:dim=2,cond=4
awk '/^(sliced W2|Sinkhorn W2|MMD|energy distance|sliced KS|KSD of A) / { n++; for (i = 1; $i !~ /^[0-9]/ && $i !~ /\+-/; i++);
  if ($i < 1.5 * $(i + 1)) bad = 1 } END { exit bad || n != 6 }' stdout || complain "wrong draws are as near as exact ones: $(cat stdout)"
run 0 compare deep/er/one two --target gauss:dim=2,cond=4 --json
shows '"sinkhorn_w2": {'
shows '"floor_replicates": 5'
if command -v python3 >python; then python3 -m json.tool stdout >python || complain 'the comparison is not JSON'; fi
awk -F, 'BEGIN { OFS = "," } { print $5, $4 }' two/draws.csv >turned.csv
run 0 compare deep/er/one two
mv stdout straight
run 0 compare deep/er/one turned.csv
tail -n +3 straight >rest1
tail -n +3 stdout >rest2
cmp rest1 rest2 || complain 'the order of columns matters'
sed '1s/x.1./y/' two/draws.csv >renamed.csv
refuse 1 "the parameter 'x\[1\]' of 'deep/er/one/draws.csv' is missing in 'renamed.csv'" compare deep/er/one renamed.csv
refuse 1 "the parameter 'x\[1\]' of the target 'gauss:dim=2' is missing in 'renamed.csv'" compare renamed.csv --target gauss:dim=2
sed '1s/x.1./y/;1s/x.2./z/' two/draws.csv >strange.csv
run 0 compare strange.csv --target gauss:dim=2
shows 'columns are taken in their order'
sed '3s/,[^,]*$/,nan/' two/draws.csv >broken.csv
refuse 1 "'broken.csv', line 3: the column 'x\[2\]' is nan" compare broken.csv two
refuse 1 "cannot read the draws '/no/such/file': No such file" compare two /no/such/file
refuse 1 "'gauss:dim=3' has 3 parameters, and 'two/draws.csv' has 2" compare two --target gauss:dim=3
refuse 2 'unconstrained coordinates, which the draws do not hold' compare two two --target eight_schools
awk 'BEGIN { for (i = 1; i <= 64; ++i) printf "s%d%s", i, i < 64 ? "," : "\n"; for (i = 1; i <= 128; ++i) printf "%d%s", i % 7, i % 64 ? "," : "\n" }' >field.csv
refuse 2 "'phi4' has no exact draws: name another file" compare field.csv --target phi4
run 0 compare field.csv field.csv --target phi4
shows '^KSD of A  *[0-9.e-]*$'
refuse 2 "no target 'gaus'" compare two --target gaus
printf 'x,y\n1,2\n1,2\n1,2\n' >same.csv
run 0 compare same.csv same.csv
shows '^MMD  *-  half of the pairs of draws coincide'
shows '^energy distance  *0$'

# ---- Summaries -------------------------------------------------------------------------------------------------------------
run 0 summary --help
shows 'usage: dilate summary'
run 0 help summary
shows '--json'
refuse 2 'which draws' summary
refuse 2 "no option '--jason'; 'dilate summary --help'" summary a.csv --jason
run 0 summary two
shows 'two/draws.csv: '
shows 'of the run (method bridge), from two/summary.json'
shows '^x.2. '
mv stdout folder
run 0 summary two/draws.csv
cmp folder stdout || complain 'a folder and its draws.csv have different summaries'
run 0 summary two --json
shows '"errors_from": "two/summary.json"'
if command -v python3 >python; then
  python3 - <<'END' || complain 'the summary is not that of the run'
import json
run, shown = json.load(open("two/summary.json")), json.load(open("stdout"))
assert shown["parameters"] == run["parameters"] and shown["warnings"] == run["warnings"]
END
fi
mkdir away
cp two/draws.csv away
run 0 summary away
shows 'by the order of the draws'
shows '^lp__ '
shows 'warning: .away/draws.csv. is of dilate sample, and the summary.json'
refuse 1 'are not of one run' summary two deep/er/one
refuse 1 'are not of one run' summary two away
refuse 1 'is named twice' summary two two
head -n 11 two/draws.csv >two/part.csv
refuse 1 'name all of one run.s files once' summary two/part.csv
rm two/part.csv
run 0 sample gauss:dim=2,cond=4 --draws 100 --format stan --output chains --quiet
run 0 summary chains
shows 'chains/draws_1.csv: 4 chains of 100, 4 files'
shows 'from chains/summary.json'
mv stdout folder
run 0 summary chains/draws_*.csv
cmp folder stdout || complain 'a folder and its chains have different summaries'
refuse 1 '100 draws were read from .chains/draws_2.csv., and .*/summary.json. beside it is of a run of 400' summary chains/draws_2.csv
for chain in 1 2; do
  { echo '# num_warmup = 1'; echo '# save_warmup = 1'; echo 'lp__,theta.1,Sigma.1.2'; echo '0,1e9,1e9'; echo '# Adaptation terminated'
    awk -v c=$chain 'BEGIN { for (i = 0; i < 500; ++i) print -i ",", (i * 7919 * c) % 503 "," (i * 104729) % 509 }'; echo '# done'; } >chain$chain.csv
done
run 0 summary chain1.csv chain2.csv
shows 'chain1.csv: 2 chains of 500, 2 files'
shows '^theta.1. '
shows '^Sigma.1,2. '
if grep -q 'e+08' stdout; then complain 'draws of warm-up were counted'; fi
run 0 summary chain1.csv
shows 'warning: there is one chain'
sed '9s/,[^,]*$//' chain1.csv >ragged.csv
refuse 1 "'ragged.csv', line 9: it has 2 cells, and the header has 3" summary chain1.csv ragged.csv
sed '9s/,[^,]*$/,none/' chain1.csv >words.csv
refuse 1 "'words.csv', line 9: 'none' of the column 'Sigma.1.2' is not a number" summary words.csv
for hole in nan NA; do
  sed "9s/,[^,]*\$/,$hole/" chain1.csv >holes.csv
  run 0 summary holes.csv
  shows 'warning: 1 of the 500 values of Sigma.1,2. are not finite'
done
sed 's/theta/phi/' chain1.csv >other.csv
refuse 1 "the parameter 'theta.1.' of 'chain1.csv' is missing in 'other.csv'" summary chain1.csv other.csv
head -n 90 chain1.csv >short.csv
refuse 1 "chains must be equally long: chain 1 of 'short.csv' has 85 draws, and the first of 'chain1.csv' has 500" summary chain1.csv short.csv
: >empty.csv
refuse 1 "'empty.csv' is empty" summary empty.csv
head -n 3 chain1.csv >names.csv
refuse 1 "'names.csv' has names and no draws" summary names.csv
refuse 1 "cannot read the draws 'nothing.csv': No such file" summary nothing.csv
printf 'lp__,chain__\n1,2\n' >bare.csv
refuse 1 "'bare.csv': no column is a parameter" summary bare.csv
cp two/draws.csv away
echo '{' >away/summary.json
refuse 1 "'away/summary.json', line " summary away

# ---- Plug-ins, and names that need care --------------------------------------------------------------------------------------
cat >plugin.c <<'END'
#include <dilate.h>
#include <stdio.h>

static const char *const names[] = {"a,b", "say \"<x>\" & y"};

static int normal(size_t dim, const double *x, double *logp, double *grad, void *params) {
  (void)params;
  *logp = 0;
  for (size_t j = 0; j < dim; ++j) {
    *logp -= x[j] * x[j] / 2;
    if (grad) grad[j] = -x[j];
  }
  return 0;
}

int dilate_plugin_abi(void) { return DILATE_PLUGIN_ABI; }

int dilate_plugin_open(const char *data_path, dilate_target *target, dilate_error *err) {
  if (data_path) {
    err->status = DILATE_EINVAL;
    snprintf(err->message, sizeof err->message, "this model\nneeds no data");
    return DILATE_EINVAL;
  }
  target->dim = 2;
  target->logp = normal;
  target->names = names;
  return 0;
}

void dilate_plugin_close(dilate_target *target) { (void)target; }
END
if $CC -shared -fPIC -I"$include" -o plugin.so plugin.c; then
  run 0 sample ./plugin.so --method langevin --draws 16 --output named
  test "$(head -n 1 named/draws.csv)" = 'lp__,chain__,mode__,"a,b","say ""<x>"" & y"' || complain 'the names in draws.csv'
  holds named/report.html 'say &quot;&lt;x&gt;&quot; &amp; y'
  holds named/summary.json '"name": "say \\"<x>\\" & y"'
  if grep -q '"truth"' named/summary.json; then complain 'knows the truth of a plug-in'; fi
  refuse 1 'needs no data' sample ./plugin.so --data file --output out
else
  complain 'the plug-in does not compile'
fi

# ---- Ctrl-C ------------------------------------------------------------------------------------------------------------------
"$dilate" sample gmm40 --method langevin --draws 100 --steps 100000000 --output stopped >stdout 2>stderr &
child=$!
await stopped
sleep 0.3
kill -INT $child || complain 'the run ended before Ctrl-C'
status=0
wait $child || status=$?
test "$status" -eq 130 || complain "status $status after Ctrl-C"
holds stderr "^dilate: stopped by Ctrl-C"
if test -d stopped; then
  holds stderr "kept in 'stopped': 4 islands of 100 draws"
  holds stopped/summary.json '"complete": false'
  test "$(wc -l <stopped/draws.csv)" -eq 401 || complain 'the draws that were kept'
fi

test $failures -eq 0
