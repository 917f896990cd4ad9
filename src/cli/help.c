/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What --help prints. */
#include "cli/cli.h"
#include "dilate.h"
#include <stdio.h>

void help_write(void) {
  puts("Samples densities with several separated modes, mode weights and log evidence included.\n"
       "\n"
       "usage: dilate targets [--json]           the built-in targets, and what is known of them\n"
       "       dilate sample TARGET [options]    draws, log evidence and modes of a target\n"
       "       dilate resume DIR [options]       goes on with a run from its last checkpoint\n"
       "       dilate compare DRAWS_A [DRAWS_B] [options]\n"
       "                                         distances between two files of draws, or from a target\n"
       "       dilate summary DRAWS... [--json]  the table of means, quantiles, errors, R-hat and ESS of any chains\n"
       "       dilate new NAME                   a folder with a model in C to start from\n"
       "       dilate stan MODEL.stan            a Stan program made into MODEL.so, which 'dilate sample' takes\n"
       "       dilate check TARGET [options]     what is wrong with a target's density, gradient and threads\n"
       "       dilate help | --help | --version\n"
       "\n"
       "'dilate help COMMAND' lists the options; dilate(1) is the manual.\n"
       "\n"
       "  dilate sample gmm40                    forty Gaussians, a summary on the terminal\n"
       "  dilate sample galaxies --output out    draws.csv, summary.json and report.html in the folder out");
}

void help_write_sample(void) {
  puts("usage: dilate sample TARGET [options]\n"
       "\n"
       "TARGET is a built-in target, name:option=value,... ('dilate targets' lists them), or a plug-in or a Stan model, a path to\n"
       "a shared object (it has a '/' or ends in .so).\n"
       "\n"
       "  --data FILE      the target's data\n"
       "  --output DIR     write draws.csv, summary.json and report.html into DIR (made when absent)\n"
       "  --checkpoint S   keep the state of the run in DIR, now and every S seconds (0: before every step), for 'dilate resume DIR';\n"
       "                   never: not at all (default: every 60 s, once the run has lasted so long)\n"
       "  --format LIST    of the draws, such as csv,nc (default csv): csv, stan (a file a chain, as CmdStan's), stan-one (one file),\n"
       "                   npy (chain x draw x parameter), nc (NetCDF, as ArviZ's InferenceData)\n"
       "  --method NAME    how to sample (default bridge):");
  for (size_t i = 0; dilate_method_name(i); ++i)
    printf("                     %-13s %s\n", dilate_method_name(i), dilate_method_summary(dilate_method_name(i)));
  puts("  --islands N      chains of draws, a multiple of --groups (default 4)\n"
       "  --groups N       independent explorations (default 2)\n"
       "  --draws N        draws an island, at least 16 (default 1000)\n"
       "  --effort E       0.1 to 1000: particles of the bridges and length of the exploration (default 1)\n"
       "  --target-se S    go on until the log evidence has this standard error\n"
       "  --max-seconds S, --max-evaluations N\n"
       "                   stop there, as Ctrl-C does; what there is by then is a partial result\n"
       "  --hint-points FILE, --hint-centre A,B,..., --hint-scale A,B,..., --hint-box LOW:HIGH,LOW:HIGH,...\n"
       "                   where the target may be, in unconstrained coordinates; never needed, and no harm when wrong\n"
       "\n"
       "for the methods other than bridge, where they mean something to them:\n"
       "  --steps N        Langevin steps a particle, steps of a walk, levels of diffusion-smc (default 250)\n"
       "  --centre A,B,... --scale S\n"
       "                   where the target lies, and its spread (default: found by particles that fall onto it)\n"
       "  --schedule NAME  of lambda: linear, quadratic, geometric, cosine, vp or ve\n"
       "  --step-rule RULE --step-size H --step-bound B\n"
       "                   adapted (default), fixed, lambda (proportional to it) or bounded (drift at most B)\n"
       "  --unadjusted     without the Metropolis test; not with adapted steps\n"
       "  --walk ROW       ve (default), vp or ncsn\n"
       "  --score KIND     closed, importance or langevin (default: closed where the target has it, else importance)\n"
       "  --score-samples N\n"
       "                   evaluations a Monte Carlo score is made of (default 64)\n"
       "\n"
       "  --seed N         the same seed gives the same draws (default 1)\n"
       "  --threads N      threads (default: all processors); the draws do not depend on it\n"
       "  --quiet          no summary, no progress line\n"
       "  --strict         exit status 3 when the run ends with warnings\n"
       "\n"
       "Exit status: 0 done, 1 the run failed, 2 wrong usage, 3 warnings with --strict; 128 + N ended by signal N (Ctrl-C: 130),\n"
       "after what there was was written.");
}

void help_write_resume(void) {
  puts("usage: dilate resume DIR [options]\n"
       "\n"
       "Goes on with a run of 'dilate sample ... --output DIR' that was killed or stopped, from its last checkpoint, DIR/checkpoint, or\n"
       "the one before it, DIR/checkpoint.1, where the last is damaged.  Draws and files are those that the run would have come to by\n"
       "itself, bit for bit, but for the seconds.  A run that is complete has no checkpoint any more.\n"
       "\n"
       "  --threads N      threads (default: all processors); the draws do not depend on it\n"
       "  --max-seconds S, --max-evaluations N\n"
       "                   of the whole run, in the place of those that it had\n"
       "  --quiet          no summary, no progress line\n"
       "\n"
       "Exit status: as that of 'dilate sample'; 1 where there is no checkpoint that can be used, with the reason.");
}

void help_write_compare(void) {
  puts("usage: dilate compare DRAWS_A [DRAWS_B] [options]\n"
       "\n"
       "DRAWS is a CSV file with a header of names, or a folder that 'dilate sample' wrote.  Columns are matched by name; names that end\n"
       "in __ are no parameters.\n"
       "\n"
       "  --target TARGET  a target ('dilate targets' lists the built-in ones): adds each sample's kernel Stein discrepancy, the\n"
       "                   total variation of its mode weights where they are known, and, where the target has exact draws,\n"
       "                   what every distance is between two exact samples.  Then DRAWS_B may be left out: exact draws stand in\n"
       "  --data FILE      the target's data\n"
       "  --json           the same as JSON\n"
       "  --seed N         of the directions and the exact draws (default 1)\n"
       "  --threads N      threads (default: all processors); the numbers do not depend on it\n"
       "\n"
       "Exit status: 0 done, whatever the distances; 1 a file cannot be read or does not fit; 2 wrong usage.");
}

void help_write_summary(void) {
  puts(
      "usage: dilate summary DRAWS... [--json]\n"
      "\n"
      "Shows mean, standard error, sd, quantiles, R-hat and ESS of every parameter, and what is to be doubted.  DRAWS are the files of "
      "the\n"
      "chains of one sampler, as Stan writes them (CSV with a header of names; comments and saved warm-up are passed over, theta.1 is "
      "shown\n"
      "as theta[1]); a file with several chains in a column chain__; or the folder of a run of 'dilate sample'.\n"
      "\n"
      "Errors come from the order of the draws, as R's package posterior has them, but those of our own runs, whose draws stand in random\n"
      "order, from the summary.json beside them.\n"
      "\n"
      "  --json           the same as JSON, with the errors of sd and quantiles, and Pareto k of the tails\n"
      "\n"
      "Exit status: 0 done, whatever there is to doubt; 1 a file cannot be read or does not fit; 2 wrong usage.");
}

void help_write_stan(void) {
  puts("usage: dilate stan MODEL.stan [--output FILE]\n"
       "\n"
       "Makes a Stan program (language version 2.21) into a shared object, MODEL.so in the current folder:\n"
       "\n"
       "  dilate stan schools.stan && dilate sample ./schools.so --data schools.json\n"
       "\n"
       "Data are JSON, as CmdStan reads them.  R's rstan translates, and a C++ compiler compiles; on Debian,\n"
       "apt-get install r-cran-rstan g++ libjansson-dev brings what is needed.\n"
       "\n"
       "  --output FILE    where to write the shared object\n"
       "\n"
       "The environment's CXX is the compiler, CXXFLAGS its optimisation (default -O2).\n"
       "\n"
       "Exit status: 0 done; 1 the program is wrong, or something is missing; 2 wrong usage.");
}

void help_write_new(void) {
  puts("usage: dilate new NAME\n"
       "\n"
       "Makes the folder NAME in the current one, with\n"
       "\n"
       "  NAME.c           a model to start from: data from a file, named parameters with constraints, a log-density with its gradient\n"
       "  Makefile         makes NAME.so of it, which 'dilate check' and 'dilate sample' take\n"
       "  data.csv         its data\n"
       "\n"
       "NAME has letters, digits and _.\n"
       "\n"
       "Exit status: 0 done; 1 there is such a folder, or it cannot be made; 2 wrong usage.");
}

void help_write_check(void) {
  puts("usage: dilate check TARGET [options]\n"
       "\n"
       "Compares gradients with differences of the log-density, and batches with single points; looks for what is NaN, infinite or not "
       "set;\n"
       "and evaluates the same points from several threads at once.  One line for each finding.\n"
       "\n"
       "  --data FILE      the target's data\n"
       "  --points N       points at which gradients are compared (default 100)\n"
       "  --threads N      threads that evaluate at once (default: all processors, and at least 4)\n"
       "  --seed N         of the points (default 1)\n"
       "  --json           the same as JSON\n"
       "\n"
       "Exit status: 0 nothing was found; 1 something was, or the check could not be done; 2 wrong usage.");
}

void help_write_targets(void) {
  puts("usage: dilate targets [--json]\n"
       "\n"
       "Lists the built-in targets: name, default dimension, options with their defaults, and what is known of the target.");
}
