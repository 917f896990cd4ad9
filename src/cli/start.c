/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The program `dilate`: one process. */
#include "cli/cli.h"

int main(int argc, char **argv) {
  return program_run(argc, argv);
}
