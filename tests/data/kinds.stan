// Two normal components in order, and independently of them a Cholesky factor of a correlation, a simplex and a matrix, whose priors have
// their constants: log Z is that of the mixture.
data {
  int<lower=0> N;
  real y[N];
  matrix[2, 3] shift;
  int<lower=0> M;
  matrix[M, 3] more; // which no term has: M is 0
}
transformed data {
  real noise = uniform_rng(0, 1);
}
parameters {
  ordered[2] m;
  cholesky_factor_corr[3] L;
  simplex[3] s;
  matrix[2, 3] A;
}
model {
  if (m[1] < -50) reject("the first mean is ", m[1], ", and too low");
  print("m is ", m);
  m ~ normal(0, 3);
  for (n in 1:N) target += log_mix(0.3, normal_lpdf(y[n] | m[1], 1), normal_lpdf(y[n] | m[2], 1));
  L ~ lkj_corr_cholesky(2);
  s ~ dirichlet(rep_vector(2, 3));
  to_vector(A) ~ normal(to_vector(shift), 1);
}
generated quantities {
  int side = bernoulli_rng(0.5);
}
