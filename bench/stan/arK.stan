// Autoregression of order K.
data {
  int<lower=1> K;
  int<lower=K + 1> T;
  vector[T] y;
}
parameters {
  real alpha;
  vector[K] beta;
  real<lower=0> sigma;
}
model {
  vector[T - K] expected = rep_vector(alpha, T - K);
  for (k in 1:K) expected += beta[k] * segment(y, K + 1 - k, T - K);
  target += normal_lpdf(alpha | 0, 10) + normal_lpdf(beta | 0, 10) + cauchy_lpdf(sigma | 0, 2.5);
  target += normal_lpdf(tail(y, T - K) | expected, sigma);
}
