// A series whose variance follows its own past and that of the squared errors; flat priors.
data {
  int<lower=1> T;
  vector[T] y;
  real<lower=0> sigma1;
}
parameters {
  real mu;
  real<lower=0> alpha0;
  real<lower=0, upper=1> alpha1;
  real<lower=0, upper=1 - alpha1> beta1;
}
model {
  vector[T] v;
  v[1] = square(sigma1);
  for (t in 2:T) v[t] = alpha0 + alpha1 * square(y[t - 1] - mu) + beta1 * v[t - 1];
  target += normal_lpdf(y | mu, sqrt(v));
}
