#!/bin/sh
# A new user's path: the line that the manual gives, run as it stands there, by the program of the build tree, or by an installed one
# where DILATE_BINDIR says so.  Then what `dilate new` refuses.
. "${top_srcdir:-.}/tests/program.sh"

# What the manual must say, and all that it takes.
path='dilate new mymodel && cd mymodel && make && dilate sample ./mymodel.so'

PATH=$bin:$PATH
export PATH
# The user's make is no part of ours.
unset MAKEFLAGS MFLAGS MAKELEVEL MAKEOVERRIDES CFLAGS CPPFLAGS 2>/dev/null || :

# ---- The path --------------------------------------------------------------------------------------------------------------
section=$(awk '/^## /{ inside = /Plug-ins: a model of your own/ } inside' "$source/doc/manual.md")
printed=$(echo "$section" | awk '/^```/ { inside = !inside; n++; next } inside && n == 1')
test "$printed" = "$path" || complain "the first lines of code in the manual's section on plug-ins are '$printed', and not '$path'"

if (eval "$printed") >printed 2>complaints; then
  cat printed
else
  cat printed complaints
  complain "the path ends with a failure"
fi
test ! -s complaints || complain "the path complains: $(cat complaints)"
test "$(ls mymodel | tr '\n' ' ')" = 'Makefile data.csv mymodel.c mymodel.so ' || complain "the folder holds $(ls mymodel)"
grep -q '^log evidence  *-[0-9.]* +- [0-9.]*$' printed || complain 'there is no log evidence'
# The data are made of background 1, height 8, rate 0.6 and sigma 0.3: each within three posterior standard deviations.
awk 'BEGIN { made["background"] = 1; made["height"] = 8; made["rate"] = 0.6; made["sigma"] = 0.3 }
  $1 in made { n++; if ($2 - made[$1] > 3 * $4 || made[$1] - $2 > 3 * $4) bad = 1 }
  END { exit bad || n != 4 }' printed || complain 'the parameters are not those that the data were made of'
dilate check ./mymodel/mymodel.so --data mymodel/data.csv >printed || complain "the model to start from does not pass its check: $(cat printed)"
grep -q '0 findings' printed || complain "the check says $(cat printed)"
if grep -q '@[A-Z]*@' mymodel/*.c mymodel/Makefile mymodel/data.csv; then complain 'a mark was not replaced'; fi
if grep -q 'libtool' "$bin/dilate"; then
  grep -q "^HEADERS = $source/include$" mymodel/Makefile || echo "check-new: the headers are $(grep '^HEADERS' mymodel/Makefile)"
fi
# A wrong gradient in it is found: that by the rate.
sed 's/by_rate -= residual/by_rate += residual/' mymodel/mymodel.c >wrong.c
mkdir wrong
cp wrong.c wrong/mymodel.c
cp mymodel/Makefile mymodel/data.csv wrong
(cd wrong && make -s)
status=0
(cd wrong && dilate check ./mymodel.so) >printed || status=$?
test $status -eq 1 || complain "status $status of the check of a wrong gradient"
grep -q '^gradient: the derivative by x\[3\] (moves rate) is ' printed || complain "a wrong gradient: $(cat printed)"

# So is a NaN.
sed 's/^    const double decayed/    if (rate > 0.7) sum = sqrt(-rate);\n&/' mymodel/mymodel.c >wrong/mymodel.c
(cd wrong && make -s)
status=0
(cd wrong && dilate check ./mymodel.so) >printed || status=$?
test $status -eq 1 || complain "status $status of the check of a NaN"
grep -q '^density: the log-density is NaN, ' printed || complain "a NaN: $(cat printed)"

# A program in a folder with a blank in its name, and its header beside it.
program=$bin/dilate
test ! -x "$bin/.libs/dilate" || program=$bin/.libs/dilate
mkdir -p 'a b/bin' 'a b/include' blank
cp "$program" 'a b/bin/dilate'
cp "$source/include/dilate.h" 'a b/include'
(cd blank && LD_LIBRARY_PATH="$bin/.libs:$bin/../lib:${LD_LIBRARY_PATH-}" "$scratch/a b/bin/dilate" new mine >printed) ||
  complain 'dilate new fails in a folder with a blank in its name'
grep -q "^HEADERS = $scratch/a b/include$" blank/mine/Makefile || complain "the headers are $(grep '^HEADERS' blank/mine/Makefile)"
(cd blank/mine && make -s) || complain 'make does not find a header in a folder with a blank in its name'
test -f blank/mine/mine.so || complain 'there is no mine.so'

# ---- Data ------------------------------------------------------------------------------------------------------------------
printf '0,1\n1,2,3\n' >long
printf '0,1\n1,nan\n' >broken
: >empty
refuse 1 "plug-in ./mymodel/mymodel.so: long, line 2: not two numbers" sample ./mymodel/mymodel.so --data long --output draws
refuse 1 'broken, line 2: a number is not finite' sample ./mymodel/mymodel.so --data broken --output draws
refuse 1 'empty, line 1: no data' sample ./mymodel/mymodel.so --data empty --output draws
refuse 1 'cannot read the data in data.csv: No such file.*--data FILE' sample ./mymodel/mymodel.so --output draws

# ---- What is refused -------------------------------------------------------------------------------------------------------
refuse 2 'which name' new
refuse 2 "what is 'two'" new one two
refuse 2 "no option '--force'; 'dilate new --help'" new one --force
for name in '' 1st a-b a/b ./a ../a 'a b' a.c "$(printf 'a\nb')" é aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa; do
  refuse 2 'is no name for a model: letters, digits and _' new "$name"
done
ln -s nowhere link
for name in mymodel long link; do refuse 1 "there is a '$name' already" new $name; done
if test "$(id -u)" -ne 0; then
  mkdir locked
  chmod a-w locked
  cd locked
  refuse 1 "cannot make the folder 'mine': Permission denied" new mine
  cd ..
fi
# Where nobody can make a folder, root neither.
if test -d /sys/kernel; then
  cd /sys/kernel
  refuse 1 "cannot make the folder 'mine': " new mine
  cd "$scratch"
fi
# A file that cannot be written in full: nothing of the folder is left.
mkdir narrow
cd narrow
status=0
(trap '' XFSZ; ulimit -f 1; exec dilate new mine) >"$out" 2>"$err" || status=$?
test $status -eq 1 || complain "status $status where files cannot be written"
grep -q "^dilate: cannot write '.mine.[0-9]*.tmp/mine.c': File too large" "$err" || complain "says '$(cat "$err")' where files cannot be written"
test -z "$(ls -A)" || complain "leaves $(ls -A) where files cannot be written"
cd ..

test $failures -eq 0
