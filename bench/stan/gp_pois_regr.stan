// Counts with a Gaussian process for the log of their rates.
data {
  int<lower=1> N;
  real x[N];
  int<lower=0> k[N];
}
parameters {
  real<lower=0> rho;
  real<lower=0> alpha;
  vector[N] f_tilde;
}
transformed parameters {
  vector[N] f;
  {
    matrix[N, N] covariance = cov_exp_quad(x, alpha, rho);
    for (i in 1:N) covariance[i, i] += 1e-10;
    f = cholesky_decompose(covariance) * f_tilde;
  }
}
model {
  target += gamma_lpdf(rho | 25, 4) + normal_lpdf(alpha | 0, 2) + normal_lpdf(f_tilde | 0, 1);
  target += poisson_log_lpmf(k | f);
}
