// Log price of diamonds on 24 centred columns; the first column of X is ones.
data {
  int<lower=1> N;
  vector[N] Y;
  int<lower=2> K;
  matrix[N, K] X;
}
transformed data {
  matrix[N, K - 1] centred;
  for (k in 2:K) centred[, k - 1] = X[, k] - mean(X[, k]);
}
parameters {
  vector[K - 1] b;
  real Intercept;
  real<lower=0> sigma;
}
model {
  target += normal_lpdf(b | 0, 1) + student_t_lpdf(Intercept | 3, 8, 10);
  target += student_t_lpdf(sigma | 3, 0, 10) + log(2);
  target += normal_id_glm_lpdf(Y | centred, Intercept, b, sigma);
}
