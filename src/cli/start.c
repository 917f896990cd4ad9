/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The program `dilate`: one process.  What was asked to end by a signal ends by it. */
#include "cli/cli.h"
#include "cli/interrupt.h"

int main(int argc, char **argv) {
  const int status = program_run("dilate", argc, argv);
  interrupt_end();
  return status;
}
