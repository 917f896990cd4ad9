# SPDX-License-Identifier: GPL-3.0-or-later
# What R's package posterior says of draws: the values that our diagnostics are held to.
#
#   Rscript tests/posterior_values.R draws FOLDER    writes the draws: posterior's examples, and awkward ones
#   Rscript tests/posterior_values.R stan FOLDER     writes other draws: chains.csv, and the same as four chains of CmdStan with warm-up
#   Rscript tests/posterior_values.R values FILE...  prints, for each file of draws, one line a parameter
#
# Files of draws have the columns chain__ and then the parameters.  Pareto k is made of the parts that posterior (from 1.5) and loo have in
# common, loo's fit of the generalised Pareto law.
suppressMessages(library(posterior))

measures <- c("mean", "sd", "q5", "q50", "q95", "rhat", "ess_bulk", "ess_tail", "mcse", "mcse_sd", "mcse_q5", "mcse_q50", "mcse_q95",
              "pareto_k")

tail_k <- function(x) {
  n <- length(x)
  count <- if (n > 225) ceiling(3 * sqrt(n)) else floor(n / 5)
  x <- sort(x)
  if (count < 5 || x[n] == x[n - count + 1]) return(NA_real_)
  k <- loo:::gpdfit(x[(n - count + 1):n] - x[n - count], sort_x = FALSE)$k
  if (is.finite(k)) k else NA_real_
}

# x: one row an iteration, one column a chain.
measure <- function(x) {
  if (any(!is.finite(x))) return(setNames(rep(NA_real_, length(measures)), measures))
  quantiles <- quantile(x, c(0.05, 0.5, 0.95), names = FALSE)
  errors <- suppressWarnings(if (max(x) > min(x)) mcse_quantile(x, c(0.05, 0.5, 0.95), names = FALSE) else rep(NA_real_, 3))
  suppressWarnings(setNames(c(mean(x), sd(x), quantiles, rhat(x), ess_bulk(x), ess_tail(x), mcse_mean(x), mcse_sd(x), errors,
                              if (max(x) > min(x)) max(tail_k(as.vector(x)), tail_k(-as.vector(x))) else NA_real_), measures))
}

print_values <- function(file) {
  draws <- read.csv(file, check.names = FALSE, colClasses = "numeric", na.strings = character())
  chain <- draws[["chain__"]]
  for (name in setdiff(names(draws), "chain__")) {
    x <- sapply(split(draws[[name]], chain), identity)
    cat(basename(file), gsub(",", ";", name), trimws(formatC(measure(x), digits = 17, format = "g")), sep = ",")
    cat("\n")
  }
}

write_draws <- function(draws, file) {
  table <- do.call(rbind, lapply(seq_len(nchains(draws)), function(c)
    cbind(chain__ = c, matrix(as.vector(draws[, c, ]), nrow = niterations(draws), dimnames = list(NULL, variables(draws))))))
  names <- ifelse(grepl(",", colnames(table)), paste0('"', colnames(table), '"'), colnames(table))
  rows <- apply(table, 1, function(row) paste(formatC(row, digits = 17, format = "g", width = 1), collapse = ","))
  writeLines(c(paste(names, collapse = ","), gsub("NA", "nan", rows)), file)
}

# Four chains of an odd number of draws: ties, two values, chains that are stuck or drift, draws better and worse than independent ones, a
# heavy tail, and what has no answer.
awkward <- function(n = 99, seed = 20210721) {
  set.seed(seed)
  series <- function(phi) sapply(1:4, function(c) as.vector(arima.sim(list(ar = phi), n)))
  x <- array(NA_real_, c(n, 4, 12), list(NULL, NULL, c("ties", "two", "stuck", "drift", "antithetic", "slow", "cauchy", "scaled", "apart",
                                                       "wide", "constant", "broken")))
  x[, , "ties"] <- round(2 * series(0.5)) / 2
  x[, , "two"] <- series(0.3) > 0.4
  x[, , "stuck"] <- cbind(series(0.2)[, 1:3], 1)
  x[, , "drift"] <- series(0.2) + 0.03 * seq_len(n)
  x[, , "antithetic"] <- series(-0.9)
  x[, , "slow"] <- series(0.97)
  x[, , "cauchy"] <- rcauchy(4 * n)
  x[, , "scaled"] <- 100 + 1e-3 * series(0.4)
  x[, , "apart"] <- sweep(series(0.1), 2, c(0, 0, 3, 3), "+")
  x[, , "wide"] <- sweep(series(0.1), 2, c(1, 1, 1, 5), "*")
  x[, , "constant"] <- 3
  x[, , "broken"] <- series(0)
  x[7, 2, "broken"] <- NA
  as_draws_array(x)
}

# As CmdStan writes them, with every second draw of 41 iterations of warm-up, which are nowhere near the others.
write_stan <- function(draws, folder) {
  names <- gsub("[", ".", gsub("]", "", gsub(",", ".", variables(draws), fixed = TRUE), fixed = TRUE), fixed = TRUE)
  for (c in seq_len(nchains(draws))) {
    rows <- matrix(as.vector(draws[, c, ]), nrow = niterations(draws))
    rows <- rbind(matrix(1e6, 21, ncol(rows)), rows)
    lines <- apply(cbind(-1, 0.9, rows), 1, function(row) paste(trimws(formatC(row, digits = 17, format = "g")), collapse = ","))
    writeLines(c("# stan_version_major = 2", "# method = sample (Default)", "#   sample", "#     num_samples = 1000 (Default)",
                 "#     num_warmup = 41", "#     save_warmup = 1", "#     thin = 2", "# id = 1 (Default)",
                 paste(c("lp__", "accept_stat__", names), collapse = ","), lines[1:21], "# Adaptation terminated", lines[-(1:21)], "# ",
                 "#  Elapsed Time: 0.1 seconds (Warm-up)"), file.path(folder, sprintf("stan_%d.csv", c)))
  }
}

arguments <- commandArgs(TRUE)
if (arguments[1] == "draws") {
  write_draws(example_draws("eight_schools"), file.path(arguments[2], "posterior_eight_schools.csv"))
  write_draws(example_draws("multi_normal"), file.path(arguments[2], "posterior_multi_normal.csv"))
  write_draws(awkward(), file.path(arguments[2], "posterior_awkward.csv"))
  write_draws(subset_draws(awkward(), iteration = 1:50, chain = 2), file.path(arguments[2], "posterior_one_chain.csv"))
  write_draws(subset_draws(awkward(), iteration = 1:9), file.path(arguments[2], "posterior_short.csv"))
} else if (arguments[1] == "stan") {
  draws <- awkward(200, 3)
  draws <- draws[, , setdiff(variables(draws), "broken")]
  variables(draws) <- c("mu", "tau", paste0("theta[", 1:3, "]"), paste0("Sigma[", 1:2, ",", 2:1, "]"), variables(draws)[8:11])
  write_draws(draws, file.path(arguments[2], "chains.csv"))
  write_stan(draws, arguments[2])
} else {
  cat("file,name", measures, sep = ",")
  cat("\n")
  for (file in arguments[-1]) print_values(file)
}
